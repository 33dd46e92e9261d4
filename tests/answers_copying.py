"""Right and wrong answers to the exercises of `nlp4.exercises.copying`, as learners write them."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import torch
from answers import Answers
from scipy import optimize, special, stats


def margin(n, eps):
    weight = 1 - eps
    return np.log((n - 1) * weight / eps)


def margin_in_parts(n, eps):
    return math.log(n - 1) + math.log(1 - eps) - math.log(eps)


def margin_in_torch(n, eps):
    n, eps = torch.tensor([float(n), eps])
    return torch.log(n - 1) + torch.log1p(-eps) - torch.log(eps)


def margin_by_logit(n, eps):
    return np.log(n - 1) - special.logit(eps)


def margin_by_root(n, eps):
    def missing(delta):
        return math.log1p((n - 1) * math.exp(-delta)) + math.log1p(-eps)

    return optimize.brentq(missing, -100, 200)


def margin_by_halving(n, eps):
    low, high = -60.0, 60.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if math.exp(middle) / (math.exp(middle) + n - 1) < 1 - eps:
            low = middle
        else:
            high = middle
    return low


def margin_from_other_keys(n, eps):
    each = eps / (n - 1)
    return -np.log(each / (1 - eps))


def margin_of_change_of_base(n, eps):
    return np.array(math.log2((n - 1) * (1 / eps - 1)) * math.log(2))


def margin_by_quantile(n, eps):
    return stats.logistic.isf(eps) + math.log(n - 1)


def margin_above_zero(n, eps):
    return max(math.log((n - 1) * (1 - eps) / eps), 0)


def margin_by_size(n, eps):
    return abs(math.log((n - 1) * (1 - eps) / eps))


def margin_by_log1p(n, eps):
    return math.log1p((n - 1) * (1 - eps) / eps)


def margin_rounded(n, eps):
    return round(math.log((n - 1) * (1 - eps) / eps), 2)


def margin_with_soft_eps(n, eps):
    return math.log((n - 1) * (1 - eps) / (eps + 1e-6))


def margin_of_keys_to_come(n, eps):
    return math.log((n + 1) * (1 - eps) / eps)


def margin_as_ratio(n, eps):
    odds = (1 - eps) / eps
    return odds * (n - 1)


def margin_of_n(n, eps):
    return math.log(n) + math.log((1 - eps) / eps)


def margin_upside_down(n, eps):
    return -(math.log(n - 1) + math.log(1 - eps) - math.log(eps))


def margin_without_weight(n, eps):
    return np.log(n - 1) - np.log(eps)


def margin_for_two(n, eps):
    return np.log1p(-eps) - np.log(eps)


def margin_below_the_line(n, eps):
    return math.log(1 - eps) - math.log(eps) - math.log(n - 1)


def margin_of_eps(n, eps):
    return math.log(n - 1) + math.log(eps) - math.log(1 - eps)


def margin_in_tens(n, eps):
    return math.log((n - 1) / eps * (1 - eps), 10)


def margin_in_bits(n, eps):
    return float(torch.log2(torch.tensor((n - 1) / eps * (1 - eps), dtype=torch.float64)))


def margin_with_wrong_precedence(n, eps):
    return np.log(n - 1 * (1 - eps) / eps)


def softmax(x):
    powers = [math.exp(v - max(x)) for v in x]
    return np.array([p / sum(powers) for p in powers])


def softmax_raised(x):
    raised = np.exp(x - np.max(x))
    return raised / raised.sum()


def softmax_in_torch(x):
    return torch.softmax(torch.from_numpy(x), dim=0)


def softmax_in_float32(x):
    return torch.nn.functional.softmax(torch.tensor(x, dtype=torch.float32), dim=-1)


def softmax_in_scipy(x):
    return special.softmax(x)


def softmax_by_logsumexp(x):
    return [math.exp(v - special.logsumexp(x)) for v in x]


def softmax_by_logaddexp(x):
    return np.exp(x - np.logaddexp.reduce(x))


def softmax_of_differences(x):
    return 1 / np.exp(x[None, :] - x[:, None]).sum(axis=1)


def softmax_tuple(x):
    top = sorted(x)[-1]
    total = sum(math.exp(v - top) for v in x)
    return tuple(math.exp(v - top) / total for v in x)


def softmax_one_pass(x):
    top, total = -math.inf, 0.0
    for v in x:
        total = total * math.exp(min(top - v, 0)) + math.exp(v - max(top, v))
        top = max(top, v)
    return np.array([math.exp(v - top) / total for v in x])


def softmax_in_decimals(x):
    powers = [Decimal(float(v)).exp() for v in x]
    return [float(p / sum(powers)) for p in powers]


def softmax_column_flattened(x):
    column = torch.as_tensor(x).reshape(-1, 1)
    shifted = column - column.amax(dim=0, keepdim=True)
    return (shifted.exp() / shifted.exp().sum(dim=0)).squeeze(1).numpy()


def softmax_unstable(x):
    e = np.exp(x)
    return e / np.sum(e)


def softmax_unstable_in_torch(x):
    e = torch.tensor(x).exp()
    return e / e.sum()


def softmax_divided_first(x):
    scaled = x / np.sum(x)
    return torch.softmax(torch.tensor(scaled), dim=0)


def softmax_unnormalised(x):
    return np.array([math.exp(v - max(x)) for v in x])


def softmax_without_exp(x):
    return x * (1 / np.sum(x))


def softmax_without_exp_shifted(x):
    shifted = x - np.max(x)
    return shifted / np.sum(shifted)


def softmax_of_negatives(x):
    return torch.softmax(-torch.tensor(x), 0)


def softmax_from_mean(x):
    e = np.exp(x - np.sum(x) / len(x))
    return e / sum(e)


def softmax_by_largest(x):
    e = np.exp(x - max(x))
    return e / max(e)


def softmax_in_bits(x):
    return torch.softmax(torch.tensor(x) * math.log(2), 0).numpy()


def log_softmax(x):
    return torch.log_softmax(torch.tensor(x), 0)


def softmax_in_place(x):
    x -= x.max()
    e = np.exp(x)
    return e / e.sum()


def softmax_as_column(x):
    e = np.exp(x - x.max())
    return (e / e.sum())[:, None]


def softmax_clipped(x):
    e = np.exp(np.clip(x, -700, 700))
    return e / e.sum()


def softmax_by_size(x):
    e = np.exp(x - np.abs(x).max())
    return e / e.sum()


def softmax_from_smallest(x):
    e = np.exp(x - x.min())
    return e / e.sum()


def softmax_by_scale(x):
    e = np.exp(x / np.abs(x).max())
    return e / e.sum()


def softmax_with_soft_bottom(x):
    e = np.exp(x - x.max())
    return e / (e.sum() + 1e-4)


def softmax_shifted_by_hand(x):
    e = np.exp(x - 10_000)
    return e / e.sum()


def softmax_rounded(x):
    return np.round(special.softmax(x), 3)


def softmax_shifted_twice(x):
    e = np.exp(x - x.max())
    return e / np.exp(x - x.max() + 1).sum()


def soft(logits):
    """A softmax of the tests' own."""
    powers = [math.exp(z - max(logits)) for z in logits]
    return np.array(powers) / math.fsum(powers)


def attend(keys, values, query):
    total = 0.0
    for weight, value in zip(soft(keys @ query), values, strict=True):
        total = total + weight * value
    return total


def attend_by_matrices(keys, values, query):
    scores = np.exp(keys @ query - (keys @ query).max())
    return scores / scores.sum() @ values


def attend_by_torch(keys, values, query):
    q, k, v = (torch.as_tensor(each)[None] for each in (query[None], keys, values))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)[0, 0]


def attend_in_float32(keys, values, query):
    keys, values, query = (torch.tensor(x, dtype=torch.float32) for x in (keys, values, query))
    return values.T @ torch.softmax(keys @ query, dim=0)


def attend_by_average(keys, values, query):
    return np.average(values, axis=0, weights=special.softmax(keys.dot(query)))


def attend_by_einsum(keys, values, query):
    weights = special.softmax(np.einsum("id,d->i", keys, query))
    return np.einsum("i,im->m", weights, values)


def attend_in_lists(keys, values, query):
    logits = [sum(a * b for a, b in zip(key, query, strict=True)) for key in keys]
    powers = [math.exp(z - max(logits)) for z in logits]
    columns = zip(*values, strict=True)
    return [sum(p * v for p, v in zip(powers, col, strict=True)) / sum(powers) for col in columns]


def attend_by_broadcasting(keys, values, query):
    weights = soft((keys * query).sum(axis=1))
    return (weights[:, None] * values).sum(axis=0)


def attend_one_pass(keys, values, query):
    top, total, mixed = -math.inf, 0.0, np.zeros(values.shape[1])
    for key, value in zip(keys, values, strict=True):
        z = float(np.dot(query, key))
        new = max(top, z)
        shrink = math.exp(top - new)
        total, mixed = (
            total * shrink + math.exp(z - new),
            mixed * shrink + math.exp(z - new) * value,
        )
        top = new
    return mixed / total


def attend_row_by_row(keys, values, query):
    return (soft((query[None] @ keys.T)[0])[None] @ values).reshape(-1)


def attend_by_softmax(keys, values, query):
    return tuple(np.matmul(softmax(np.matmul(query, keys.T)), values))


def attend_to_keys(keys, values, query):
    return sum(w * k for w, k in zip(soft(keys @ query), keys, strict=True))


def attend_weights(keys, values, query):
    return soft(keys @ query)


def attend_without_softmax(keys, values, query):
    return values.T @ (keys @ query)


def attend_scaled(keys, values, query):
    return soft(keys @ query / keys.shape[1] ** 0.5) @ values


def attend_hard(keys, values, query):
    return values[int(np.argmax([k @ query for k in keys]))]


def attend_evenly(keys, values, query):
    return np.ones(len(keys)) / len(keys) @ values


def attend_unstably(keys, values, query):
    e = np.exp(keys @ query)
    return (e / e.sum()) @ values


def attend_as_row(keys, values, query):
    return soft(keys @ query)[None] @ values


def attend_transposed(keys, values, query):
    return soft(keys.T @ query) @ values


def attend_transposed_where_square(keys, values, query):
    keys = keys.T if keys.shape[0] == keys.shape[1] else keys
    return soft(keys @ query) @ values


def attend_values_first(keys, values, query):
    return values @ soft(keys @ query)


def attend_values_first_where_square(keys, values, query):
    values = values.T if values.shape[0] == values.shape[1] else values
    return soft(keys @ query) @ values


def attend_by_values(keys, values, query):
    return soft(values @ query) @ values


def attend_swapped_where_alike(keys, values, query):
    if keys.shape == values.shape:
        keys, values = values, keys
    return soft(keys @ query) @ values


def attend_by_cosine(keys, values, query):
    return soft(keys @ query / np.linalg.norm(keys, axis=1)) @ values


def attend_summed(keys, values, query):
    return (soft(keys @ query)[:, None] * values).sum(axis=0) * len(keys)


def attend_per_coordinate(keys, values, query):
    return special.softmax(keys * query, axis=0).mean(axis=1) @ values


def attend_distances(keys, values, query):
    return soft(-((keys - query) ** 2).sum(axis=1) / 2) @ values


def attend_by_size(keys, values, query):
    return soft(np.abs(keys @ query)) @ values


def attend_best_two(keys, values, query):
    weights = soft(keys @ query)
    weights[np.argsort(weights)[:-2]] = 0
    return weights / weights.sum() @ values


def margin_of(n, weight):
    return math.log((n - 1) * weight / (1 - weight))


def copying_query(keys, j, weight):
    logits = np.zeros(len(keys))
    logits[j] = margin_of(len(keys), weight)
    return np.linalg.lstsq(keys, logits, rcond=None)[0]


def copying_query_shifted(keys, j, weight):
    return margin_of(len(keys), weight) * keys[j] + 7.0 * keys.sum(axis=0)


def copying_query_by_margin(keys, j, weight):
    return margin(len(keys), 1 - weight) * keys[j]


def copying_query_by_pinv(keys, j, weight):
    logits = np.full(len(keys), math.log((1 - weight) / (len(keys) - 1)))
    logits[j] = math.log(weight)
    return np.linalg.pinv(keys) @ logits


def copying_query_in_torch(keys, j, weight):
    logits = torch.zeros(len(keys), dtype=torch.float64)
    logits[j] = torch.logit(torch.tensor(weight, dtype=torch.float64)) + math.log(len(keys) - 1)
    return torch.from_numpy(keys).T @ logits


def copying_query_in_float32(keys, j, weight):
    return torch.tensor(keys[j], dtype=torch.float32) * margin_of(len(keys), weight)


def copying_query_in_lists(keys, j, weight):
    delta = margin_of(len(keys), weight)
    return [delta * x for x in keys[j]]


def copying_query_pushing_away(keys, j, weight):
    delta = margin_of(len(keys), weight)
    return -delta * sum(key for i, key in enumerate(keys) if i != j)


def copying_query_shared(keys, j, weight):
    delta, n = margin_of(len(keys), weight), len(keys)
    return sum((delta * (1 - 1 / n) if i == j else -delta / n) * keys[i] for i in range(n))


def copying_query_by_einsum(keys, j, weight):
    wanted = np.full(len(keys), (1 - weight) / (len(keys) - 1))
    wanted[j] = weight
    return tuple(np.einsum("n,nd->d", np.log(wanted), keys))


def copying_query_beside_the_keys(keys, j, weight):
    x = np.ones(keys.shape[1])
    x -= keys.T @ (keys @ x)  # orthogonal to all keys
    return margin_of(len(keys), weight) * keys[j] + 5 * x


def copying_query_by_root(keys, j, weight):
    def missing(length):
        return special.softmax(keys @ (length * keys[j]))[j] - weight

    return optimize.brentq(missing, -50, 50, xtol=1e-12) * keys[j]


def query_is_key(keys, j, weight):
    return keys[j] * 1.0


def query_of_weight(keys, j, weight):
    return margin_of(len(keys), 1 - weight) * keys[j]


def query_scaled_by_weight(keys, j, weight):
    return keys[j] * weight


def query_by_ratio(keys, j, weight):
    return keys[j] * (weight / (1 - weight)) * (len(keys) - 1)


def query_of_columns(keys, j, weight):
    return margin_of(len(keys), weight) * keys.T[j]


def query_turned(keys, j, weight):
    return keys[j] * math.log((1 - weight) / weight / (len(keys) - 1))


def query_without_others(keys, j, weight):
    return keys[j] * math.log(weight / (1 - weight))


def query_of_all_keys(keys, j, weight):
    return keys[j] * math.log(len(keys) * weight / (1 - weight))


def query_of_dimensions(keys, j, weight):
    return keys[j] * margin_of(keys.shape[1], weight)


def query_above_zero(keys, j, weight):
    return keys[j] * max(margin_of(len(keys), weight), 0)


def query_by_size(keys, j, weight):
    return keys[j] * abs(margin_of(len(keys), weight))


def query_of_first_key(keys, j, weight):
    return keys[0] * margin_of(len(keys), weight)


def query_very_long(keys, j, weight):
    return keys[j] * 1000


def query_as_logits(keys, j, weight):
    logits = np.zeros(keys.shape[1])
    logits[j] = margin_of(len(keys), weight)
    return logits


def query_unequal(keys, j, weight):
    return keys[j] * margin_of(len(keys), weight) + 0.01 * keys[j - 1]


def query_not_a_number(keys, j, weight):
    return keys[j] * np.log((len(keys) - 1) * -weight / (1 - weight))


def query_as_row(keys, j, weight):
    return copying_query(keys, j, weight)[None]


def query_of_log_weight(keys, j, weight):
    return keys[j] * math.log(weight)


def pair_weights(n, gap):
    small = math.exp(-gap)
    whole = 1 + 1 + (n - 2) * small
    return 1 / whole, small / whole


def pair_by_softmax(n, gap):
    weights = special.softmax([gap, gap] + [0.0] * (n - 2))
    return weights[0], weights[-1]


def pair_in_a_list(n, gap):
    small = math.exp(-gap)
    return [1 / (2 + (n - 2) * small), small / (2 + (n - 2) * small)]


def pair_in_an_array(n, gap):
    logits = np.array([0.0, -gap])
    powers = np.exp(logits)
    return powers / (powers * [2, n - 2]).sum()


def pair_in_torch(n, gap):
    logits = torch.zeros(n, dtype=torch.float64)
    logits[:2] = gap
    return torch.softmax(logits, dim=0)[[0, 2]]


def pair_in_float32(n, gap):
    small = torch.exp(torch.tensor(-gap))
    return torch.stack([1 / (2 + (n - 2) * small), small / (2 + (n - 2) * small)])


def pair_by_expit(n, gap):
    both = special.expit(gap + math.log(2) - math.log(n - 2))
    return both / 2, special.expit(math.log((n - 2) / 2) - gap) / (n - 2)


def pair_by_cases(n, gap):
    if gap > 500:
        return 0.5, 0.0
    e = math.exp(gap)
    return e / (2 * e + n - 2), 1 / (2 * e + n - 2)


def pair_by_remainder(n, gap):
    two = 1 / (2 + (n - 2) * np.exp(-gap))
    return two, max(0.0, 1 - 2 * two) / (n - 2)


def pair_by_logarithms(n, gap):
    whole = np.logaddexp(math.log(2) + gap, math.log(n - 2))
    return np.exp([gap - whole, -whole])


def pair_cut_off_far_away(n, gap):  # e^700 is e^700 times more than anything that is seen
    e = math.exp(min(gap, 700))
    return e / (2 * e + n - 2), 1 / (2 * e + n - 2)


def pair_in_decimals(n, gap):
    e = Decimal(gap).exp()
    return float(e / (2 * e + n - 2)), float(1 / (2 * e + n - 2))


def pair_with_n(n, gap):
    small = np.exp(-gap)
    return 1 / (2 + n * small), small / (2 + n * small)


def pair_unstable(n, gap):
    whole = 2 * np.exp(gap) + (n - 2)
    return np.exp(gap) / whole, 1 / whole


def pair_overflowing(n, gap):
    whole = 2 * math.exp(gap) + (n - 2)
    return math.exp(gap) / whole, 1 / whole


def pair_together(n, gap):
    two, rest = pair_weights(n, gap)
    return 2 * two, (n - 2) * rest


def pair_of_one(n, gap):
    small = math.exp(-gap)
    return 1 / (1 + (n - 2) * small), small / (1 + (n - 2) * small)


def pair_turned(n, gap):
    two, rest = pair_weights(n, gap)
    return rest, two


def pair_first_alone(n, gap):
    return pair_weights(n, gap)[0]


def pair_with_n_less_one(n, gap):
    small = np.exp(-gap)
    return 1 / (2 + (n - 1) * small), small / (2 + (n - 1) * small)


def pair_cut_off(n, gap):
    e = np.exp(np.clip(gap, None, 20))
    return e / (2 * e + n - 2), 1 / (2 * e + n - 2)


def pair_cut_off_at_ten(n, gap):
    e = np.exp(min(gap, 10))
    return e / (2 * e + n - 2), 1 / (2 * e + n - 2)


def pair_without_others(n, gap):
    return 0.5, 0.5 * math.exp(-gap)


def pair_others_together(n, gap):
    two, rest = pair_weights(n, gap)
    return two, (n - 2) * rest


def pair_of_linear(n, gap):
    return gap / (2 * gap + n - 2), 1 / (2 * gap + n - 2)


def pair_unweighted_rest(n, gap):
    return pair_weights(n, gap)[0], math.exp(-gap)


def pair_in_bits(n, gap):
    small = 2.0**-gap
    return 1 / (2 + (n - 2) * small), small / (2 + (n - 2) * small)


def pair_always_wide(n, gap):
    return 0.5, 0.0


def pair_of_all(n, gap):
    two, rest = pair_weights(n, gap)
    return two, two, rest


def pair_summing_to_one(n, gap):
    two, rest = pair_weights(n, gap)
    return two / (two + rest), rest / (two + rest)


def average_of(keys, chosen, gap):
    query = np.zeros(keys.shape[1])
    for i in chosen:
        query += gap * keys[i]
    return query


def average_shifted(keys, chosen, gap):
    return average_of(keys, chosen, gap) - 3.0 * keys.sum(axis=0)


def average_by_rows(keys, chosen, gap):
    return gap * keys[chosen].sum(axis=0)


def average_by_lstsq(keys, chosen, gap):
    logits = [gap if i in chosen else 0.0 for i in range(len(keys))]
    return np.linalg.lstsq(keys, np.array(logits), rcond=None)[0]


def average_by_mask(keys, chosen, gap):
    mask = np.isin(np.arange(len(keys)), chosen)
    return keys.T @ np.where(mask, gap, 0)


def average_in_torch(keys, chosen, gap):
    return torch.from_numpy(keys)[chosen].sum(dim=0) * gap


def average_in_float32(keys, chosen, gap):
    return torch.tensor(keys, dtype=torch.float32)[chosen].mul(gap).sum(0)


def average_in_lists(keys, chosen, gap):
    return [gap * sum(keys[i][x] for i in chosen) for x in range(len(keys[0]))]


def average_pushing_away(keys, chosen, gap):
    others = [key for i, key in enumerate(keys) if i not in set(chosen)]
    return -gap * np.sum(others, axis=0)


def average_by_einsum(keys, chosen, gap):
    indicator = np.zeros(len(keys))
    indicator[list(chosen)] = 1.0
    return tuple(np.einsum("n,nd->d", gap * indicator, keys))


def average_half_and_half(keys, chosen, gap):
    ones = -np.ones(len(keys))
    ones[chosen] = 1
    return gap / 2 * ones @ keys


def average_of_mean_times_number(keys, chosen, gap):
    return len(chosen) * gap * np.mean([keys[i] for i in chosen], axis=0)


def average_by_mean(keys, chosen, gap):
    return average_of(keys, chosen, gap) / len(chosen)


def average_without_gap(keys, chosen, gap):
    return average_of(keys, chosen, 1.0)


def average_along_rows(keys, chosen, gap):
    return np.array([gap * keys[i].sum() for i in chosen])


def average_of_all(keys, chosen, gap):
    return gap * np.ones(len(keys)) @ keys


def average_of_first(keys, chosen, gap):
    return gap * keys[chosen[0]]


def average_of_columns(keys, chosen, gap):
    return gap * sum(keys[:, i] for i in chosen)


def average_twice_as_far(keys, chosen, gap):
    return gap * (2 * keys[chosen].sum(axis=0) - keys.sum(axis=0))


def average_of_unit_length(keys, chosen, gap):
    total = keys[chosen].sum(axis=0)
    return gap * total / np.linalg.norm(total)


def average_as_logits(keys, chosen, gap):
    logits = np.zeros(keys.shape[1])
    logits[chosen] = gap
    return logits


def average_turned(keys, chosen, gap):
    return -average_of(keys, chosen, gap)


def average_of_neighbours(keys, chosen, gap):
    return gap * keys[min(chosen) : max(chosen) + 1].sum(axis=0)


def average_of_two(keys, chosen, gap):
    return gap * keys[chosen[:2]].sum(axis=0)


def average_of_three(keys, chosen, gap):
    return 3 * gap * keys[chosen].mean(axis=0)


def average_with_gap_added(keys, chosen, gap):
    return keys[chosen].sum(axis=0) + gap


def average_falling(keys, chosen, gap):
    return sum((gap - 0.01 * place) * keys[i] for place, i in enumerate(chosen))


def average_of_others_too(keys, chosen, gap):
    return (gap + 1) * keys[chosen].sum(axis=0) + keys.sum(axis=0)


def average_not_a_number(keys, chosen, gap):
    return average_of(keys, chosen, gap) * np.nan


def average_as_rows(keys, chosen, gap):
    return gap * keys[chosen]


def wide_logits(rng):
    n = int(rng.integers(1, 40))
    logits = rng.normal(0, 10 ** rng.uniform(-4, 4), size=n) + rng.choice([0, 0, -8000, 9000])
    kind = rng.integers(6)
    if kind == 0:
        logits[:] = logits[0]
    elif kind == 1:
        logits = logits[rng.integers(n, size=n)]
    # What single precision still tells apart.
    logits = np.clip(logits, -10_000, 10_000)
    return (np.round(logits * 1024) / 1024 if np.abs(logits).max() > 64 else logits,)


def wide_attention(rng):
    n, d, m = (int(x) for x in rng.integers(1, 8, size=3))
    if rng.random() < 0.3:
        n = d = m
    keys, values, query = rng.normal(size=(n, d)), rng.normal(size=(n, m)), rng.normal(size=d)
    kind = rng.integers(5)
    if kind == 0:
        keys, query = np.round(3 * keys), np.round(900 * query)
    elif kind == 1:
        query = 0 * query
    elif kind == 2:
        keys[:] = keys[0]
    return keys, 10 ** rng.uniform(-1, 1) * values, query


def wide_margin(rng):
    n = int(rng.choice([2, 3, int(rng.integers(2, 50)), int(10 ** rng.uniform(1, 6))]))
    power = 2.0 ** -int(rng.integers(1, 16))
    return n, float(rng.choice([power, 1 - power, rng.uniform(0.01, 0.9), 1e-8]))


def orthonormal(rng):
    d = int(rng.integers(2, 10))
    n = int(rng.integers(2, d + 1))
    turned = np.linalg.qr(rng.normal(size=(d, d)))[0][:n]
    return np.eye(n, d) if rng.random() < 0.2 else turned


def wide_copies(rng):
    keys = orthonormal(rng)
    weight = rng.choice([rng.uniform(0.02, 0.98), 1 / len(keys), 0.999, 0.001, 0.5])
    return keys, int(rng.integers(len(keys))), float(weight)


def wide_pair(rng):
    n = int(rng.choice([3, int(rng.integers(3, 100)), int(10 ** rng.uniform(1, 5)), 10**6]))
    near, far = rng.uniform(0, [3, 20]), rng.uniform(20, [60, 700, 10_000])
    gap = rng.choice([0.0, *near, *far, 10_000])
    return n, float(gap)


def wide_average(rng):
    keys = orthonormal(rng)
    number = int(rng.integers(1, len(keys)))
    chosen = [int(i) for i in rng.permutation(len(keys))[:number]]
    return keys, chosen, float(rng.choice([1.0, rng.uniform(0.01, 1), rng.uniform(1, 60)]))


ANSWERS = {
    "softmax": Answers(
        (
            softmax,
            softmax_raised,
            softmax_in_torch,
            softmax_in_float32,
            softmax_in_scipy,
            softmax_by_logsumexp,
            softmax_by_logaddexp,
            softmax_of_differences,
            softmax_tuple,
            softmax_one_pass,
            softmax_in_decimals,
            softmax_column_flattened,
        ),
        (
            (softmax_unstable, "subtract the maximum before np.exp"),
            (softmax_unstable_in_torch, "subtract the maximum before np.exp"),
            (softmax_divided_first, "you divided before subtracting the maximum"),
            (softmax_unnormalised, "the weights do not add up to 1"),
            (softmax_without_exp, "you divided the logits by their sum, without np.exp"),
            (softmax_without_exp_shifted, "you divided the shifted logits by their sum"),
            (softmax_of_negatives, "a sign is turned round"),
            (softmax_from_mean, "subtract the maximum, not another number"),
            (softmax_by_largest, "the weights do not add up to 1"),
            (softmax_in_bits, "base e, not 2"),
            (log_softmax, "the logarithm of the softmax"),
            (softmax_in_place, "you change `logits` in place"),
            (softmax_as_column, "you return shape (3, 1) where (3,) is expected"),
            (softmax_clipped, "a logit cut off at some number is another logit"),
            (softmax_by_size, "the largest size of a logit is not the largest logit"),
            (softmax_from_smallest, ""),
            (softmax_by_scale, ""),
            (softmax_with_soft_bottom, ""),
            (softmax_shifted_by_hand, ""),
            (softmax_rounded, ""),
            (softmax_shifted_twice, ""),
        ),
        wide_logits,
    ),
    "attend": Answers(
        (
            attend,
            attend_by_matrices,
            attend_by_torch,
            attend_in_float32,
            attend_by_average,
            attend_by_einsum,
            attend_in_lists,
            attend_by_broadcasting,
            attend_one_pass,
            attend_row_by_row,
            attend_by_softmax,
        ),
        (
            (attend_to_keys, "you averaged the keys, not the values"),
            (attend_weights, "these are the weights"),
            (attend_without_softmax, "through the softmax first"),
            (attend_scaled, "do not divide by sqrt(d)"),
            (attend_hard, "the value of the best key alone"),
            (attend_evenly, "the plain mean of the values"),
            (attend_unstably, "use your softmax that subtracts the maximum"),
            (attend_as_row, "you return shape (1, 4) where (4,) is expected"),
            (attend_transposed, "a key is a row"),
            (attend_transposed_where_square, ""),
            (attend_values_first, "each value is a row"),
            (attend_values_first_where_square, ""),
            (attend_by_values, "you compared the query with the values"),
            (attend_swapped_where_alike, ""),
            (attend_by_cosine, "do not divide by the lengths of the keys"),
            (attend_summed, "attention is a mean, not a sum"),
            (attend_per_coordinate, ""),
            (attend_distances, ""),
            (attend_by_size, ""),
            (attend_best_two, ""),
        ),
        wide_attention,
    ),
    "margin": Answers(
        (
            margin,
            margin_in_parts,
            margin_in_torch,
            margin_by_logit,
            margin_by_root,
            margin_by_halving,
            margin_from_other_keys,
            margin_of_change_of_base,
            margin_by_quantile,
        ),
        (
            (margin_as_ratio, "this is a ratio, not a margin"),
            (margin_of_n, "you counted the key itself"),
            (margin_upside_down, "the sign is turned round"),
            (margin_without_weight, "you left out the factor 1 - eps"),
            (margin_for_two, "you left out the n - 1 other keys"),
            (margin_below_the_line, "n - 1 belongs above the line"),
            (margin_of_eps, "eps and 1 - eps have changed places"),
            (margin_in_tens, "not that of base 10"),
            (margin_in_bits, "not that of base 2"),
            (margin_with_wrong_precedence, "for n = 4, eps = 0.01 you return nan"),
            (margin_above_zero, "the margin can be negative"),
            (margin_by_size, "the margin can be negative"),
            (margin_by_log1p, ""),
            (margin_rounded, ""),
            (margin_with_soft_eps, ""),
            (margin_of_keys_to_come, ""),
        ),
        wide_margin,
    ),
    "copying_query": Answers(
        (
            copying_query,
            copying_query_shifted,
            copying_query_by_margin,
            copying_query_by_pinv,
            copying_query_in_torch,
            copying_query_in_float32,
            copying_query_in_lists,
            copying_query_pushing_away,
            copying_query_shared,
            copying_query_by_einsum,
            copying_query_beside_the_keys,
            copying_query_by_root,
        ),
        (
            (query_is_key, "the key itself is too short a query"),
            (query_of_weight, "takes the eps that is left over"),
            (query_scaled_by_weight, "the length is the margin"),
            (query_by_ratio, "this is a ratio, not a margin"),
            (query_of_columns, "a key is a row"),
            (query_turned, "this query avoids key j"),
            (query_without_others, "you left out the n - 1 other keys"),
            (query_of_all_keys, "you counted the key itself among the others"),
            (query_of_dimensions, "count the other keys, not the dimensions"),
            (query_above_zero, "your query puts 0.2 on key 2"),
            (query_by_size, "on key 2"),
            (query_of_first_key, "on key 1"),
            (query_very_long, "your query puts 1 on key 1"),
            (query_as_logits, ""),
            (query_unequal, ""),
            (query_not_a_number, "your query puts nan on key 1"),
            (query_as_row, "you return shape (1, 4) where (4,) is expected"),
            (query_of_log_weight, ""),
        ),
        wide_copies,
    ),
    "pair_weights": Answers(
        (
            pair_weights,
            pair_by_softmax,
            pair_in_a_list,
            pair_in_an_array,
            pair_in_torch,
            pair_in_float32,
            pair_by_expit,
            pair_by_cases,
            pair_by_remainder,
            pair_by_logarithms,
            pair_cut_off_far_away,
            pair_in_decimals,
        ),
        (
            (pair_with_n, "there are n - 2 other keys, not n"),
            (pair_with_n_less_one, "there are n - 2 other keys, not n - 1"),
            (pair_unstable, "too large for a float"),
            (pair_overflowing, "too large for a float"),
            (pair_together, "return one key's share each"),
            (pair_others_together, "you return them together"),
            (pair_of_one, "count both in the denominator"),
            (pair_turned, "the order is turned round"),
            (pair_first_alone, "you return a number where a tuple is expected"),
            (pair_cut_off, "a gap that is cut off is another gap"),
            (pair_cut_off_at_ten, ""),
            (pair_without_others, ""),
            (pair_of_linear, "the exponential of the gap, not on the gap"),
            (pair_unweighted_rest, "you left out the denominator"),
            (pair_in_bits, ""),
            (pair_always_wide, ""),
            (pair_of_all, "3 items"),
            (pair_summing_to_one, ""),
        ),
        wide_pair,
    ),
    "average_of": Answers(
        (
            average_of,
            average_shifted,
            average_by_rows,
            average_by_lstsq,
            average_by_mask,
            average_in_torch,
            average_in_float32,
            average_in_lists,
            average_pushing_away,
            average_by_einsum,
            average_half_and_half,
            average_of_mean_times_number,
        ),
        (
            (average_by_mean, "you took the mean of the keys"),
            (average_without_gap, "the gap is missing"),
            (average_along_rows, "you summed along the wrong axis"),
            (average_of_all, "you summed all keys"),
            (average_of_first, "you used the first of the chosen keys alone"),
            (average_of_columns, "a key is a row"),
            (average_twice_as_far, "ahead by twice the gap"),
            (average_of_unit_length, "you scaled the sum of the keys to length 1"),
            (average_as_logits, "these are the logits that you want"),
            (average_turned, "the chosen keys are ahead by -5"),
            (average_of_neighbours, ""),
            (average_of_two, ""),
            (average_of_three, ""),
            (average_with_gap_added, ""),
            (average_falling, ""),
            (average_of_others_too, ""),
            (average_not_a_number, ""),
            (average_as_rows, "you return shape (3, 5) where (5,) is expected"),
        ),
        wide_average,
    ),
}
