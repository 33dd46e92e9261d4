"""Right and wrong answers to the exercises of `nlp4.exercises.copying`, as learners write them."""

from __future__ import annotations

import math

import numpy as np
import torch
from answers import Answers


def margin(n, eps):
    weight = 1 - eps
    return np.log((n - 1) * weight / eps)


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


def soft(logits):
    """A softmax of the tests' own."""
    powers = [math.exp(z - max(logits)) for z in logits]
    return np.array(powers) / math.fsum(powers)


def attend(keys, values, query):
    total = 0.0
    for weight, value in zip(soft(keys @ query), values, strict=True):
        total = total + weight * value
    return total


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


def margin_of(n, weight):
    return math.log((n - 1) * weight / (1 - weight))


def copying_query(keys, j, weight):
    logits = np.zeros(len(keys))
    logits[j] = margin_of(len(keys), weight)
    return np.linalg.lstsq(keys, logits, rcond=None)[0]


def copying_query_shifted(keys, j, weight):
    return margin_of(len(keys), weight) * keys[j] + 7.0 * keys.sum(axis=0)


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


def pair_weights(n, gap):
    small = math.exp(-gap)
    whole = 1 + 1 + (n - 2) * small
    return 1 / whole, small / whole


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


def pair_as_list(n, gap):
    return list(pair_weights(n, gap))


def pair_first_alone(n, gap):
    return pair_weights(n, gap)[0]


def average_of(keys, chosen, gap):
    query = np.zeros(keys.shape[1])
    for i in chosen:
        query += gap * keys[i]
    return query


def average_shifted(keys, chosen, gap):
    return average_of(keys, chosen, gap) - 3.0 * keys.sum(axis=0)


def average_by_mean(keys, chosen, gap):
    return average_of(keys, chosen, gap) / len(chosen)


def average_without_gap(keys, chosen, gap):
    return average_of(keys, chosen, 1.0)


def average_along_rows(keys, chosen, gap):
    return np.array([gap * keys[i].sum() for i in chosen])


def average_of_all(keys, chosen, gap):
    return gap * np.ones(len(keys)) @ keys


def average_of_first(keys, chosen, gap):
    return gap * keys[min(chosen)]


def average_of_columns(keys, chosen, gap):
    return gap * sum(keys[:, i] for i in chosen)


ANSWERS = {
    "softmax": Answers(
        softmax,
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
        ),
    ),
    "attend": Answers(
        attend,
        (
            (attend_to_keys, "you averaged the keys, not the values"),
            (attend_weights, "these are the weights"),
            (attend_without_softmax, "through the softmax first"),
            (attend_scaled, "do not divide by sqrt(d)"),
            (attend_hard, "the value of the best key alone"),
            (attend_evenly, "the plain mean of the values"),
            (attend_unstably, "use your softmax that subtracts the maximum"),
            (attend_as_row, "you return shape (1, 4) where (4,) is expected"),
        ),
    ),
    "margin": Answers(
        margin,
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
        ),
    ),
    "copying_query": Answers(
        copying_query,
        (
            (query_is_key, "the key itself is too short a query"),
            (query_of_weight, "takes the eps that is left over"),
            (query_scaled_by_weight, "the length is the margin"),
            (query_by_ratio, "this is a ratio, not a margin"),
            (query_of_columns, "a key is a row"),
            (query_turned, "this query avoids key j"),
            (query_without_others, "you left out the n - 1 other keys"),
        ),
    ),
    "pair_weights": Answers(
        pair_weights,
        (
            (pair_with_n, "there are n - 2 other keys, not n"),
            (pair_unstable, "too large for a float"),
            (pair_overflowing, "too large for a float"),
            (pair_together, "return one key's share each"),
            (pair_of_one, "count both in the denominator"),
            (pair_turned, "the order is turned round"),
            (pair_as_list, "you return a list where a tuple is expected"),
            (pair_first_alone, "you return a number where a tuple is expected"),
        ),
    ),
    "average_of": Answers(
        average_of,
        (
            (average_by_mean, "you took the mean of the keys"),
            (average_without_gap, "the gap is missing"),
            (average_along_rows, "you summed along the wrong axis"),
            (average_of_all, "you summed all keys"),
            (average_of_first, "you used the first of the chosen keys alone"),
            (average_of_columns, "a key is a row"),
        ),
    ),
}
# Other ways to write them, each by another method than the exercise's own.
ALSO_RIGHT = (("copying_query", copying_query_shifted), ("average_of", average_shifted))
