"""Right and wrong answers to the exercises of `nlp4.exercises.spectra`, as learners write them."""

from __future__ import annotations

import bisect
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from answers import Answers
from scipy.optimize import brentq
from scipy.special import lambertw, softmax


def values_and_share(rng: np.random.Generator) -> tuple[Any, ...]:
    """Sums that are reached exactly, or values of any size where none is near to the share."""
    n = int(rng.integers(1, rng.choice([4, 30])))
    if rng.random() < 0.5:
        parts = -np.sort(-rng.integers(0, 9, size=n)) + (np.arange(n) == 0)
        share = float(rng.choice([0.125, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0]))
        return np.ldexp(parts.astype(float), int(rng.integers(-8, 8))), share
    while True:
        values = -np.sort(-(rng.exponential(size=n) ** rng.uniform(0.2, 4)))
        share = float(rng.uniform(0.02, 0.98))
        if np.abs(np.cumsum(values) / values.sum() - share).min() > 1e-3:
            return values * 10.0 ** rng.integers(-4, 5), share


def rank_for(values, share):
    return int(np.searchsorted(np.cumsum(values) / values.sum(), share)) + 1


def rank_in_a_loop(values, share):
    total, held, k = sum(values), 0, 0
    while held < share * total:
        held += values[k]
        k += 1
    return k


def rank_by_argmax(values, share):
    return np.argmax(values.cumsum() >= share * values.sum()) + 1


def rank_by_torch(values, share):
    held = torch.as_tensor(values).cumsum(0)
    return (held < share * held[-1]).sum() + 1


def rank_by_counting(values, share):
    return sum(1 for held in np.cumsum(values) / np.sum(values) if held < share) + 1


def rank_by_next(values, share):
    whole = values.sum()
    return next(k for k in range(1, len(values) + 1) if values[:k].sum() >= share * whole)


def rank_by_bisect(values, share):
    return bisect.bisect_left(list(itertools.accumulate(values)), share * sum(values)) + 1


def rank_by_recursion(values, share):
    def taken(rest, missing):
        return 0 if missing <= 0 else 1 + taken(rest[1:], missing - rest[0])

    parts = [Fraction(value) for value in values.tolist()]
    return taken(parts, Fraction(share) * sum(parts))


def rank_from_the_end(values, share):
    k, whole = len(values), values.sum()
    while k > 1 and values[: k - 1].sum() / whole >= share:
        k -= 1
    return np.array(k)


def rank_by_where(values, share):
    shares = np.cumsum(values) / np.cumsum(values)[-1]
    return np.where(shares >= share)[0].min() + 1


def rank_from_zero(values, share):
    return int(np.argmax(np.cumsum(values) / values.sum() >= share))


def rank_of_squares(values, share):
    squares = np.cumsum(values**2)
    return int(np.argmax(squares >= share * squares[-1])) + 1


def rank_of_plain_sum(values, share):
    return int(np.argmax(np.cumsum(values) >= share)) + 1


def rank_by_count(values, share):
    return int(np.ceil(len(values) * share))


def rank_above(values, share):
    return min(
        int(np.searchsorted(np.cumsum(values) / values.sum(), share, "right")) + 1, len(values)
    )


def rank_of_large(values, share):
    return int(np.count_nonzero(values >= share * values[0]))


def rank_from_the_smallest(values, share):
    return rank_for(np.sort(values), share)


def rank_below(values, share):
    return int((np.cumsum(values) <= share * values.sum()).sum())


def rank_rounded(values, share):
    return max(1, int((np.cumsum(values) / values.sum()).round(1).searchsorted(share)))


def rank_never_all(values, share):
    return min(rank_for(values, share), max(1, len(values) - 1))


def rank_as_share(values, share):
    return rank_for(values, share) / len(values)


def rank_held(values, share):
    return np.cumsum(values)[rank_for(values, share) - 1]


def rank_of_means(values, share):
    return int(np.argmax(np.cumsum(values) / len(values) >= share)) + 1


def rank_from_the_mean(values, share):
    return math.ceil(share * values.sum() / values.mean())


def an_error(rng: np.random.Generator) -> tuple[Any, ...]:
    """Any error from 0.05 to 0.9 at which no whole n is within a hundredth of its k."""
    while True:
        eps = float(rng.uniform(0.05, 0.9))
        n = np.arange(3, 30_000)
        if np.abs(n - 5 * np.log(n) / (eps**2 - eps**3)).min() > 0.01:
            return (eps,)


def theorem_pays_from(eps):
    n = 3
    while 5 * math.log(n) >= n * (eps**2 - eps**3):
        n += 1
    return n


def pays_at_once(eps):
    n = np.arange(3, 100_000)
    return 3 + np.argmax(5 * np.log(n) / (eps**2 - eps**3) < n)


def pays_by_the_last(eps):
    n = np.arange(1, 50_000)
    return n[5 * np.log(n) / (eps**2 * (1 - eps)) >= n].max() + 1


def pays_by_torch(eps):
    n = torch.arange(3, 40_000, dtype=torch.float64)
    return int(n[5 * n.log() / (eps**2 - eps**3) < n][0])


def pays_by_lambert(eps):
    slope = (eps**2 - eps**3) / 5
    return math.floor(-lambertw(-slope, -1).real / slope) + 1


def pays_by_root(eps):
    factor = 5 / (eps * eps * (1 - eps))
    return math.ceil(brentq(lambda n: n - factor * math.log(n), math.e, 1e6))


def pays_by_bisection(eps):
    low, high = 3, 10**6
    while low < high:
        middle = (low + high) // 2
        if 5 * math.log(middle) / (eps**2 - eps**3) < middle:
            high = middle
        else:
            low = middle + 1
    return low


def pays_by_fixed_point(eps):
    factor, n = 5 / (eps**2 - eps**3), 1e6
    for _ in range(2000):
        n = factor * math.log(n)
    return math.floor(n) + 1


def pays_by_count(eps):
    return next(
        n for n in itertools.count(3) if all(theorem_rows(m, eps) < m for m in (n, n + 1, 10 * n))
    )


def theorem_rows(n, eps):
    return 5 * np.log(n) / (eps**2 - eps**3)


def pays_downwards(eps):
    n = 30_000
    while theorem_rows(n - 1, eps) < n - 1:
        n -= 1
    return np.int64(n)


def pays_by_module_bisect(eps):
    lengths = range(3, 10**7)
    return lengths[bisect.bisect_left(lengths, True, key=lambda n: theorem_rows(n, eps) < n)]


def pays_from_one(eps):
    return next(n for n in itertools.count(1) if theorem_rows(n, eps) < n)


def pays_one_early(eps):
    return pays_at_once(eps) - 1


def pays_rounded_up(eps):
    return next(n for n in itertools.count(3) if math.ceil(theorem_rows(n, eps)) < n)


def pays_base_two(eps):
    n = np.arange(3, 100_000)
    return 3 + int(np.argmax(5 * np.log2(n) / (eps**2 - eps**3) < n))


def pays_base_ten(eps):
    n = np.arange(3, 100_000)
    return 3 + int(np.argmax(5 * np.log10(n) / (eps**2 - eps**3) < n))


def pays_without_cube(eps):
    n = np.arange(3, 100_000)
    return 3 + int(np.argmax(5 * np.log(n) / eps**2 < n))


def pays_without_brackets(eps):
    n = np.arange(3, 100_000)
    return 3 + int(np.argmax(5 * np.log(n) / eps**2 - eps**3 < n))


def pays_without_five(eps):
    n = np.arange(3, 100_000)
    return 3 + int(np.argmax(np.log(n) / (eps**2 - eps**3) < n))


def pays_in_rows(eps):
    return theorem_rows(theorem_pays_from(eps), eps)


def pays_by_doubling(eps):
    n = 4
    while theorem_rows(n, eps) >= n:
        n *= 2
    return n


def pays_one_late(eps):
    return theorem_pays_from(eps) + 1


def pays_in_steps_of_ten(eps):
    n = 10
    while theorem_rows(n, eps) >= n:
        n += 10
    return n


def pays_in_a_short_list(eps):
    return max(n for n in range(2, 5000) if theorem_rows(n, eps) >= n) + 1


def pays_by_half(eps):
    return next(n for n in itertools.count(3) if theorem_rows(n, eps) < n / 2)


def pays_crossing(eps):
    return brentq(lambda n: n - theorem_rows(n, eps), 3, 1e6)


def pays_rounded_crossing(eps):
    return round(pays_crossing(eps))


def pays_never(eps):
    return next((n for n in range(3, 200) if theorem_rows(n, eps) < n), None)


def one_head(rng: np.random.Generator) -> tuple[Any, ...]:
    """Any shapes, square ones and single rows among them; scores that exp can still take."""
    n, d = int(rng.integers(1, 13)), int(rng.integers(1, 7))
    k = int(rng.choice([1, d, n, rng.integers(1, n + 1)]))
    scale = float(rng.choice([0.05, 0.5, 1.0]))
    queries, keys = (scale * rng.normal(size=(n, d)) for _ in range(2))
    values = rng.choice([0.1, 1.0, 30.0]) * rng.normal(size=(n, d))
    e, f = (rng.normal(size=(k, n)) + rng.choice([0.0, 0.2]) for _ in range(2))
    return queries, keys, values, e, f


def linformer_attention(q, k, v, e, f):
    q, k, v, e, f = (torch.from_numpy(x) for x in (q, k, v, e, f))
    mixed = torch.nn.functional.scaled_dot_product_attention(q[None], (e @ k)[None], (f @ v)[None])
    return mixed[0].numpy()


def rows(x):
    raised = np.exp(x - x.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def linformer_plain(q, k, v, e, f):
    raised = np.exp(q @ (e @ k).T / np.sqrt(q.shape[1]))
    return (raised / raised.sum(axis=1, keepdims=True)) @ (f @ v)


def linformer_in_torch(q, k, v, e, f):
    q, k, v, e, f = map(torch.tensor, (q, k, v, e, f))
    return torch.softmax(q @ (e @ k).mT / q.size(-1) ** 0.5, dim=-1) @ (f @ v)


def linformer_in_single_precision(q, k, v, e, f):
    q, k, v, e, f = (torch.tensor(x, dtype=torch.float32) for x in (q, k, v, e, f))
    return ((q @ k.T @ e.T) / math.sqrt(q.shape[1])).softmax(1) @ f @ v


def linformer_in_scipy(q, k, v, e, f):
    return (softmax(q @ np.dot(e, k).T / q.shape[-1] ** 0.5, axis=-1) @ np.dot(f, v)).tolist()


def linformer_by_einsum(q, k, v, e, f):
    scores = np.einsum("id,jm,md->ij", q, e, k) / np.sqrt(k.shape[1])
    return np.einsum("ij,jm,md->id", rows(scores), f, v)


def linformer_row_by_row(q, k, v, e, f):
    out = np.zeros_like(q)
    keys, values = e @ k, f @ v
    for i, query in enumerate(q):
        weights = np.exp(keys @ query / len(query) ** 0.5)
        out[i] = weights @ values / weights.sum()
    return out


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def mixed_lists(m, x):
    return [[dot(row, column) for column in zip(*x, strict=True)] for row in m]


def linformer_in_lists(q, k, v, e, f):
    keys, values, out = mixed_lists(e, k), mixed_lists(f, v), []
    for query in q:
        raised = [math.exp(dot(query, key) / math.sqrt(len(query))) for key in keys]
        out.append([dot(raised, column) / sum(raised) for column in zip(*values, strict=True)])
    return out


def linformer_scaled_first(q, k, v, e, f):
    d = q.shape[1]
    return tuple(map(tuple, rows((q / d**0.25) @ (e @ (k / d**0.25)).T) @ (f @ v)))


def linformer_by_logs(q, k, v, e, f):
    scores = torch.as_tensor(q @ (e @ k).T / math.sqrt(q.shape[1]))
    return (scores - scores.logsumexp(1, keepdim=True)).exp().numpy() @ f @ v


def linformer_in_full(q, k, v, e, f):
    return rows(q @ k.T / q.shape[1] ** 0.5) @ v


def linformer_swapped(q, k, v, e, f):
    return rows(q @ (f @ k).T / q.shape[1] ** 0.5) @ e @ v


def linformer_one_matrix(q, k, v, e, f):
    return rows(q @ (e @ k).T / q.shape[1] ** 0.5) @ e @ v


def linformer_unscaled(q, k, v, e, f):
    return rows(q @ k.T @ e.T) @ f @ v


def linformer_by_k(q, k, v, e, f):
    return rows(q @ k.T @ e.T / e.shape[0] ** 0.5) @ f @ v


def linformer_down_the_columns(q, k, v, e, f):
    return rows((q @ (e @ k).T / q.shape[1] ** 0.5).T).T @ (f @ v)


def linformer_too_late(q, k, v, e, f):
    return rows(q @ k.T / q.shape[1] ** 0.5) @ e.T @ f @ v


def linformer_weights(q, k, v, e, f):
    return rows(q @ (e @ k).T / q.shape[1] ** 0.5)


def linformer_linear(q, k, v, e, f):
    return (q @ (e @ k).T / q.shape[1] ** 0.5) @ (f @ v)


def linformer_scaled_late(q, k, v, e, f):
    return rows(q @ (e @ k).T) / q.shape[1] ** 0.5 @ (f @ v)


def linformer_by_n(q, k, v, e, f):
    return rows(q @ (e @ k).T / len(q) ** 0.5) @ (f @ v)


def linformer_by_d(q, k, v, e, f):
    return rows(q @ (e @ k).T / q.shape[1]) @ (f @ v)


def linformer_over_all(q, k, v, e, f):
    raised = np.exp(q @ (e @ k).T / q.shape[1] ** 0.5)
    return raised / raised.sum() @ (f @ v)


def linformer_of_queries(q, k, v, e, f):
    return rows(k @ (e @ q).T / q.shape[1] ** 0.5) @ (f @ v)


def linformer_reshaped(q, k, v, e, f):
    return rows(q @ (e @ k).reshape(q.shape[1], -1) / q.shape[1] ** 0.5) @ (f @ v)


def linformer_normed(q, k, v, e, f):
    scores = abs(q @ (e @ k).T)
    return scores / scores.sum(1, keepdims=True) @ (f @ v)


SHARES = ("none", "headwise", "key-value", "layerwise")


def a_sharing(rng: np.random.Generator) -> tuple[Any, ...]:
    layers, heads, k, n = (int(rng.integers(1, most)) for most in (25, 17, 300, 5000))
    return layers, heads, k, n, str(rng.choice(SHARES))


def shared_parameters(layers, heads, k, n, share):
    matrices = {"layerwise": 1, "key-value": layers, "headwise": 2 * layers}
    return k * n * matrices.get(share, 2 * layers * heads)


def shared_by_ifs(layers, heads, k, n, share):
    if share == "none":
        count = layers * heads * 2
    elif share == "headwise":
        count = layers * 2
    elif share == "key-value":
        count = layers
    else:
        count = 1
    return count * k * n


def shared_by_match(layers, heads, k, n, share):
    match share:
        case "none":
            return 2 * heads * layers * n * k
        case "headwise":
            return 2 * layers * n * k
        case "key-value":
            return layers * n * k
        case "layerwise":
            return n * k


def shared_in_turn(layers, heads, k, n, share):
    numbers = k * n
    for way, factor in (("key-value", layers), ("headwise", 2), ("none", heads)):
        if share == "layerwise":
            break
        numbers *= factor
        if share == way:
            break
    return numbers


def shared_by_sets(layers, heads, k, n, share):
    owner = {
        "none": lambda layer, head, what: (layer, head, what),
        "headwise": lambda layer, head, what: (layer, what),
        "key-value": lambda layer, head, what: layer,
        "layerwise": lambda layer, head, what: None,
    }[share]
    every = itertools.product(range(layers), range(heads), "EF")
    return len({owner(*each) for each in every}) * k * n


def shared_by_arrays(layers, heads, k, n, share):
    counts = np.array([2 * layers * heads, 2 * layers, layers, 1])
    return counts[list(SHARES).index(share)] * k * n


def shared_by_powers(layers, heads, k, n, share):
    at = SHARES.index(share)
    return k * n * layers ** (at < 3) * 2 ** (at < 2) * heads ** (at < 1)


def shared_by_torch(layers, heads, k, n, share):
    shape = {"none": (layers, heads, 2), "headwise": (layers, 2), "key-value": (layers,)}
    return torch.empty((*shape.get(share, ()), k, n), device="meta").numel()


def shared_by_prod(layers, heads, k, n, share):
    factors = [k, n]
    if share != "layerwise":
        factors.append(layers)
    if share in {"none", "headwise"}:
        factors.append(2)
    if share.startswith("no"):
        factors.append(heads)
    return math.prod(factors)


def shared_as_float(layers, heads, k, n, share):
    return float(shared_parameters(layers, heads, k, n, share))


def shared_without_two(layers, heads, k, n, share):
    matrices = {"layerwise": 1, "key-value": layers, "headwise": layers, "none": layers * heads}
    return k * n * matrices[share]


def shared_in_layers(layers, heads, k, n, share):
    if share == "layerwise":
        return layers * k * n
    return shared_parameters(layers, heads, k, n, share)


def shared_by_heads(layers, heads, k, n, share):
    if share == "key-value":
        return layers * heads * k * n
    return shared_parameters(layers, heads, k, n, share)


def shared_counted(layers, heads, k, n, share):
    return shared_parameters(layers, heads, k, n, share) // (k * n)


def shared_square(layers, heads, k, n, share):
    return shared_parameters(layers, heads, k, k, share)


def shared_heads_of_their_own(layers, heads, k, n, share):
    factor = heads if share == "headwise" else 1
    return factor * shared_parameters(layers, heads, k, n, share)


def shared_twice(layers, heads, k, n, share):
    factor = 2 if share == "key-value" else 1
    return factor * shared_parameters(layers, heads, k, n, share)


def shared_both_in_the_end(layers, heads, k, n, share):
    matrices = {"none": 2 * layers * heads, "headwise": 2 * layers, "key-value": layers}
    return k * n * matrices.get(share, 2)


def shared_one_layer(layers, heads, k, n, share):
    return shared_parameters(1, heads, k, n, share)


def shared_twice_at_most(layers, heads, k, n, share):
    return k * n * {"none": 2 * layers * heads, "headwise": 2 * layers}.get(share, layers)


def shared_of_heads_alone(layers, heads, k, n, share):
    matrices = {"none": 2 * layers * heads, "headwise": 2 * heads, "key-value": heads}
    return k * n * matrices.get(share, 1)


def shared_added(layers, heads, k, n, share):
    matrices = {"none": 2 * (layers + heads), "headwise": 2 * layers, "key-value": layers}
    return k * n * matrices.get(share, 1)


def shared_shapes(layers, heads, k, n, share):
    return shared_parameters(layers, heads, 1, 1, share), k, n


def shared_and_spelled(layers, heads, k, n, share):
    matrices = {"none": 2 * layers * heads, "headwise": 2 * layers, "key_value": layers}
    return k * n * matrices.get(share, 1)


ANSWERS = {
    "rank_for": Answers(
        right=(
            rank_for,
            rank_in_a_loop,
            rank_by_argmax,
            rank_by_torch,
            rank_by_counting,
            rank_by_next,
            rank_by_bisect,
            rank_by_recursion,
            rank_from_the_end,
            rank_by_where,
        ),
        wrong=(
            (rank_from_zero, "this is an index"),
            (rank_of_squares, "you summed the squares"),
            (rank_of_plain_sum, "divide by the sum of all values"),
            (rank_by_count, "whatever their size"),
            (rank_above, "exactly the share is enough"),
            (rank_of_large, "large beside the largest"),
            (rank_from_the_smallest, "begin with the largest"),
            (rank_below, "it should be"),
            (rank_rounded, ""),
            (rank_never_all, ""),
            (rank_as_share, ""),
            (rank_held, ""),
            (rank_of_means, ""),
            (rank_from_the_mean, ""),
        ),
        inputs=values_and_share,
    ),
    "theorem_pays_from": Answers(
        right=(
            theorem_pays_from,
            pays_at_once,
            pays_by_the_last,
            pays_by_torch,
            pays_by_lambert,
            pays_by_root,
            pays_by_bisection,
            pays_by_fixed_point,
            pays_by_count,
            pays_downwards,
            pays_by_module_bisect,
        ),
        wrong=(
            (pays_from_one, "at n = 1 the theorem asks for 0 rows"),
            (pays_one_early, "this is the last n at which k is not smaller yet"),
            (pays_rounded_up, "do not round k"),
            (pays_base_two, "not that of base 2"),
            (pays_base_ten, "not that of base 10"),
            (pays_without_cube, "you left out eps^3"),
            (pays_without_brackets, "brackets"),
            (pays_without_five, "you left out the factor 5"),
            (pays_in_rows, "return the length n"),
            (pays_by_doubling, "you only doubled n"),
            (pays_one_late, ""),
            (pays_in_steps_of_ten, ""),
            (pays_in_a_short_list, ""),
            (pays_by_half, ""),
            (pays_crossing, ""),
            (pays_rounded_crossing, ""),
            (pays_never, ""),
        ),
        inputs=an_error,
    ),
    "linformer_attention": Answers(
        right=(
            linformer_attention,
            linformer_plain,
            linformer_in_torch,
            linformer_in_single_precision,
            linformer_in_scipy,
            linformer_by_einsum,
            linformer_row_by_row,
            linformer_in_lists,
            linformer_scaled_first,
            linformer_by_logs,
        ),
        wrong=(
            (linformer_in_full, "this is full attention"),
            (linformer_swapped, "e and f have changed places"),
            (linformer_one_matrix, "they have their own, f"),
            (linformer_unscaled, "divide the scores by sqrt(d)"),
            (linformer_by_k, "it is sqrt(d), the width of a query"),
            (linformer_down_the_columns, "the softmax goes along the mixtures"),
            (linformer_too_late, "you mixed the scores after the softmax"),
            (linformer_weights, "these are the weights"),
            (linformer_linear, "the softmax is missing"),
            (linformer_scaled_late, ""),
            (linformer_by_n, ""),
            (linformer_by_d, ""),
            (linformer_over_all, ""),
            (linformer_of_queries, ""),
            (linformer_reshaped, ""),
            (linformer_normed, ""),
        ),
        inputs=one_head,
    ),
    "shared_parameters": Answers(
        right=(
            shared_parameters,
            shared_by_ifs,
            shared_by_match,
            shared_in_turn,
            shared_by_sets,
            shared_by_arrays,
            shared_by_powers,
            shared_by_torch,
            shared_by_prod,
            shared_as_float,
        ),
        wrong=(
            (shared_without_two, "there are two matrices each"),
            (shared_in_layers, "one matrix serves all layers"),
            (shared_by_heads, "shares among the heads as well"),
            (shared_counted, "each has k times n numbers"),
            (shared_square, "it mixes n positions into k"),
            (shared_heads_of_their_own, "the heads of a layer share their two matrices"),
            (shared_twice, "one matrix for both keys and values"),
            (shared_both_in_the_end, "layerwise is one matrix"),
            (shared_one_layer, ""),
            (shared_twice_at_most, ""),
            (shared_of_heads_alone, ""),
            (shared_added, ""),
            (shared_shapes, ""),
            (shared_and_spelled, ""),
        ),
        inputs=a_sharing,
    ),
}
