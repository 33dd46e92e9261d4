"""The exercises of notebook 01, first half: softmax, copying, averaging (2a and 2b)."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, softmax

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray
NOTEBOOK = "01_attention_copying_and_averaging"


def _softmax_cases(rng: np.random.Generator) -> list[Case]:
    edges = [[1.0, 2.0, 4.0], [0.0, 0.0, 0.0], [3.0], [1e4, 9999.0, 0.0], [-1e4, -1e4]]
    edges += [[-1e4, -9998.0, -9999.0], [750.0, -750.0, 749.0, -1e4], [-2.0]]
    drawn = [rng.normal(0, scale, size=n) for scale, n in ((3, 2), (3, 5), (3, 12), (0.01, 4))]
    return [(np.array(x),) for x in edges] + [(x,) for x in drawn]


def _powers(x: np.ndarray, base: float) -> np.ndarray:
    powers = base ** (x - x.max())
    return powers / powers.sum()


SOFTMAX = Exercise(
    name="softmax",
    title="A softmax that survives large logits",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_softmax_cases,
    reference=lambda logits: softmax(logits),
    mistakes=(
        Mistake(
            "not a number for logits as large as 1e4: subtract the maximum before np.exp",
            lambda x: np.exp(x) / np.exp(x).sum(),
        ),
        Mistake("you divided before subtracting the maximum", lambda x: _powers(x / x.sum(), np.e)),
        Mistake(
            "the weights do not add up to 1: divide by their sum", lambda x: np.exp(x - x.max())
        ),
        Mistake("you divided the logits by their sum, without np.exp", lambda x: x / x.sum()),
        Mistake(
            "you divided the shifted logits by their sum, without np.exp",
            lambda x: (x - x.max()) / (x - x.max()).sum(),
        ),
        Mistake(
            "the smallest logit gets the largest weight: a sign is turned round",
            lambda x: _powers(-x, np.e),
        ),
        Mistake(
            "subtract the maximum, not another number: a logit can be huge beside it",
            lambda x: np.exp(x - x.mean()) / np.exp(x - x.mean()).sum(),
        ),
        Mistake("softmax has the base e, not 2", lambda x: _powers(x, 2.0)),
        Mistake(
            "the largest size of a logit is not the largest logit: all of them may be negative",
            lambda x: np.exp(x - np.abs(x).max()) / np.exp(x - np.abs(x).max()).sum(),
        ),
        Mistake(
            "a logit cut off at some number is another logit: subtract the maximum",
            lambda x: _powers(np.clip(x, -700, 700), np.e),
        ),
        Mistake(
            "this is the logarithm of the softmax",
            lambda x: x - x.max() - np.log(np.exp(x - x.max()).sum()),
        ),
    ),
)


def _attend_cases(rng: np.random.Generator) -> list[Case]:
    shapes = [
        (3, 2, 4),
        (1, 2, 3),
        (5, 4, 4),
        (6, 3, 2),
        (4, 4, 4),
        (3, 3, 2),
        (4, 2, 4),
        (3, 1, 1),
    ]
    drawn = [
        (rng.normal(size=(n, d)), rng.normal(size=(n, m)), rng.normal(size=d)) for n, d, m in shapes
    ]
    large = (np.eye(3), np.arange(6.0).reshape(3, 2), np.array([1e4, 0.0, 9999.0]))
    return [*drawn, large, (np.eye(2), np.array([[-3.0, 1.0], [5.0, 2.0]]), np.zeros(2))]


def _attend(keys: Array, values: Array, query: Array) -> Array:
    return np.einsum("n,nm->m", softmax(np.einsum("nd,d->n", keys, query)), values)


ATTEND = Exercise(
    name="attend",
    title="Attention in two lines",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_attend_cases,
    reference=_attend,
    mistakes=(
        Mistake(
            "you averaged the keys, not the values",
            lambda keys, values, query: softmax(keys @ query) @ keys,
        ),
        Mistake(
            "these are the weights: multiply them with the values",
            lambda keys, values, query: softmax(keys @ query),
        ),
        Mistake(
            "the logits have to go through the softmax first",
            lambda keys, values, query: (keys @ query) @ values,
        ),
        Mistake(
            "a key is a row: keys.T @ query pairs the query with the columns of `keys`",
            lambda keys, values, query: softmax(keys.T @ query) @ values,
        ),
        Mistake(
            "each value is a row: weights @ values mixes the rows, values @ weights the columns",
            lambda keys, values, query: values @ softmax(keys @ query),
        ),
        Mistake(
            "you compared the query with the values: compare it with the keys",
            lambda keys, values, query: softmax(values @ query) @ values,
        ),
        Mistake(
            "the logits here are plain dot products: do not divide by sqrt(d)",
            lambda keys, values, query: softmax(keys @ query / math.sqrt(len(query))) @ values,
        ),
        Mistake(
            "the logits here are plain dot products: do not divide by the lengths of the keys",
            lambda keys, values, query: (
                softmax(keys @ query / np.linalg.norm(keys, axis=1)) @ values
            ),
        ),
        Mistake(
            "attention is a mean, not a sum: the weights add up to 1",
            lambda keys, values, query: len(keys) * _attend(keys, values, query),
        ),
        Mistake(
            "this is the value of the best key alone: attention mixes all values by their weights",
            lambda keys, values, query: values[(keys @ query).argmax()],
        ),
        Mistake(
            "this is the plain mean of the values: weigh them",
            lambda keys, values, query: values.mean(axis=0),
        ),
        Mistake(
            "not a number for logits as large as 1e4: use your softmax that subtracts the maximum",
            lambda keys, values, query: np.exp(keys @ query) @ values / np.exp(keys @ query).sum(),
        ),
    ),
)


def _margin_cases(rng: np.random.Generator) -> list[Case]:
    drawn = [(int(rng.integers(3, 500)), float(rng.uniform(0.001, 0.4))) for _ in range(3)]
    edges: list[Case] = [(4, 0.01), (2, 0.5), (2, 0.01), (1000, 0.001), (3, 0.9)]
    return [*edges, (2, 0.96875), (5, 1e-9), (100_000, 0.25), *drawn]


def _margin(n: int, eps: float) -> float:
    return math.log(n - 1) + math.log1p(-eps) - math.log(eps)


MARGIN = Exercise(
    name="margin",
    title="The margin that copying takes",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_margin_cases,
    reference=_margin,
    mistakes=(
        Mistake(
            "this is a ratio, not a margin: take its logarithm",
            lambda n, eps: (n - 1) * (1 - eps) / eps,
        ),
        Mistake(
            "you counted the key itself among the others: there are n - 1 of them",
            lambda n, eps: math.log(n * (1 - eps) / eps),
        ),
        Mistake(
            "the sign is turned round: the fraction stands upside down",
            lambda n, eps: math.log(eps / ((n - 1) * (1 - eps))),
        ),
        Mistake(
            "n - 1 belongs above the line: more rivals take a larger margin",
            lambda n, eps: math.log((1 - eps) / (eps * (n - 1))),
        ),
        Mistake(
            "eps and 1 - eps have changed places: eps is what the others get together",
            lambda n, eps: math.log((n - 1) * eps / (1 - eps)),
        ),
        Mistake(
            "you left out the factor 1 - eps: the weight of the one key is 1 - eps, not 1",
            lambda n, eps: math.log((n - 1) / eps),
        ),
        Mistake(
            "you left out the n - 1 other keys: their weights add up to eps together",
            lambda n, eps: math.log((1 - eps) / eps),
        ),
        Mistake(
            "softmax has the base e: take the natural logarithm, not that of base 10",
            lambda n, eps: math.log10((n - 1) * (1 - eps) / eps),
        ),
        Mistake(
            "softmax has the base e: take the natural logarithm, not that of base 2",
            lambda n, eps: math.log2((n - 1) * (1 - eps) / eps),
        ),
        Mistake(
            "the margin can be negative: a small weight takes a logit below the others",
            lambda n, eps: max(0.0, _margin(n, eps)),
        ),
        Mistake(
            "the margin can be negative: a small weight takes a logit below the others",
            lambda n, eps: abs(_margin(n, eps)),
        ),
    ),
)


def _query_cases(rng: np.random.Generator) -> list[Case]:
    turned = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    edges: list[Case] = [(np.eye(4), 1, 0.99), (np.eye(3, 5), 0, 0.5), (np.eye(2), 1, 0.999)]
    low: list[Case] = [(np.eye(5), 2, 0.05), (turned[1:], 1, 0.1), (np.eye(4, 6), 3, 0.25)]
    return [*edges, *low, (turned, 2, 0.9), (turned[:4], 3, 0.6), (turned[:5], 0, 0.999)]


def _copies(case: Case, query: Array, tolerance: float) -> str | None:
    keys, j, weight = case
    found = softmax(keys @ query)
    wanted = np.full(len(keys), (1 - weight) / (len(keys) - 1))
    wanted[j] = weight
    # A weight that is not a number is not within the tolerance either.
    if not abs(found[j] - weight) <= tolerance:
        return f"your query puts {found[j]:.6g} on key {j}"
    if not np.abs(found - wanted).max() <= tolerance:
        return "your query does not share the rest out in equal parts"
    return None


COPYING_QUERY = Exercise(
    name="copying_query",
    title="Write the query that copies",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_query_cases,
    reference=lambda keys, j, weight: _margin(len(keys), 1 - weight) * keys[j],
    accepts=_copies,
    mistakes=(
        Mistake(
            "the key itself is too short a query: its logit is only 1; make it longer",
            lambda keys, j, weight: keys[j],
        ),
        Mistake(
            "`margin` takes the eps that is left over, 1 - weight, not the weight",
            lambda keys, j, weight: _margin(len(keys), weight) * keys[j],
        ),
        Mistake(
            "the weight is what the softmax makes of the logit: the length is the margin",
            lambda keys, j, weight: weight * keys[j],
        ),
        Mistake(
            "you built the query from column j: a key is a row",
            lambda keys, j, weight: _margin(len(keys), 1 - weight) * keys[:, j],
        ),
        Mistake(
            "this is a ratio, not a margin: take its logarithm",
            lambda keys, j, weight: (len(keys) - 1) * weight / (1 - weight) * keys[j],
        ),
        Mistake(
            "you counted the key itself among the others: there are n - 1 of them",
            lambda keys, j, weight: math.log(len(keys) * weight / (1 - weight)) * keys[j],
        ),
        Mistake(
            "count the other keys, not the dimensions: n is len(keys)",
            lambda keys, j, weight: _margin(keys.shape[1], 1 - weight) * keys[j],
        ),
        Mistake(
            "you left out the n - 1 other keys: use your margin",
            lambda keys, j, weight: math.log(weight / (1 - weight)) * keys[j],
        ),
        Mistake(
            "the sign is turned round: this query avoids key j",
            lambda keys, j, weight: -_margin(len(keys), 1 - weight) * keys[j],
        ),
    ),
)


def _pair_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [(3, 3.0), (8, 0.0), (8, 5.0), (1000, 2.0), (8, 1e4), (3, 10.0)]
    drawn = [(int(rng.integers(3, 60)), float(rng.uniform(0, 10))) for _ in range(3)]
    # An exponent that was cut off shows among a million keys, since each gets e^(-gap).
    return [*edges, (10**6, 30.0), (10**6, 12.0), (40, 800.0), *drawn]


def _pair_weights(n: int, gap: float) -> tuple[float, float]:
    rest = float(expit(math.log((n - 2) / 2) - gap))  # of all the others together
    return (1 - rest) / 2, rest / (n - 2)


PAIR_WEIGHTS = Exercise(
    name="pair_weights",
    title="The exact weights",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_pair_cases,
    reference=_pair_weights,
    mistakes=(
        Mistake(
            "there are n - 2 other keys, not n",
            lambda n, gap: (
                1 / (2 + n * math.exp(-gap)),
                math.exp(-gap) / (2 + n * math.exp(-gap)),
            ),
        ),
        Mistake(
            "there are n - 2 other keys, not n - 1",
            lambda n, gap: (
                1 / (2 + (n - 1) * math.exp(-gap)),
                math.exp(-gap) / (2 + (n - 1) * math.exp(-gap)),
            ),
        ),
        Mistake(
            "exp(gap) is too large for a float when the gap is 1e4: divide above and below by it",
            lambda n, gap: (np.exp(gap) / (2 * np.exp(gap) + n - 2), 1 / (2 * np.exp(gap) + n - 2)),
        ),
        Mistake(
            "exp(gap) is too large for a float when the gap is 1e4: divide above and below by it",
            lambda n, gap: (
                math.exp(gap) / (2 * math.exp(gap) + n - 2),
                1 / (2 * math.exp(gap) + n - 2),
            ),
        ),
        Mistake(
            "one of the n - 2 others gets e^(-gap) times as much: you return them together",
            lambda n, gap: (_pair_weights(n, gap)[0], 1 - 2 * _pair_weights(n, gap)[0]),
        ),
        Mistake(
            "a gap that is cut off is another gap: e^(-gap) is small, but 10^6 keys get it",
            lambda n, gap: _pair_weights(n, min(gap, 20.0)),
        ),
        Mistake(
            "the second number is e^(-gap) times the first: you left out the denominator",
            lambda n, gap: (_pair_weights(n, gap)[0], math.exp(-gap)),
        ),
        Mistake(
            "this is what both get together, and all others together: return one key's share each",
            lambda n, gap: (
                2 / (2 + (n - 2) * math.exp(-gap)),
                (n - 2) * math.exp(-gap) / (2 + (n - 2) * math.exp(-gap)),
            ),
        ),
        Mistake(
            "two keys have the large logit: count both in the denominator",
            lambda n, gap: (
                1 / (1 + (n - 2) * math.exp(-gap)),
                math.exp(-gap) / (1 + (n - 2) * math.exp(-gap)),
            ),
        ),
        Mistake(
            "the order is turned round: the weight on each of the two comes first",
            lambda n, gap: _pair_weights(n, gap)[::-1],
        ),
        Mistake(
            "the weights depend on the exponential of the gap, not on the gap",
            lambda n, gap: (gap / (2 * gap + n - 2), 1 / (2 * gap + n - 2)),
        ),
    ),
)


def _average_cases(rng: np.random.Generator) -> list[Case]:
    turned = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    edges: list[Case] = [(np.eye(5), [0, 2, 4], 5.0), (np.eye(4, 6), [1, 3], 3.0)]
    drawn: list[Case] = [(turned, [5, 0, 1], 4.0), (turned[:5], [3], 2.0)]
    drawn += [(turned, [1, 2, 3, 4], 6.0), (turned[:3], [2, 0], 0.5), (np.eye(3), [2], 40.0)]
    return [*edges, *drawn]


def _averages(case: Case, query: Array, tolerance: float) -> str | None:
    keys, chosen, gap = case
    logits = keys @ query
    others = [i for i in range(len(keys)) if i not in chosen]
    near = tolerance * (1 + gap)
    # A logit that is not a number is not within the tolerance either.
    if not np.ptp(logits[chosen]) <= near:
        return "the chosen keys do not get the same logit"
    found = logits[chosen[0]] - logits[others]
    if not np.abs(found - gap).max() <= near:
        return f"the chosen keys are ahead by {found[np.abs(found - gap).argmax()]:.4g}"
    return None


AVERAGE_OF = Exercise(
    name="average_of",
    title="A query that averages three",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_average_cases,
    reference=lambda keys, chosen, gap: gap * sum(keys[i] for i in chosen),
    accepts=_averages,
    mistakes=(
        Mistake(
            "you took the mean of the keys: it divides the gap by their number; take the sum",
            lambda keys, chosen, gap: gap * keys[chosen].mean(axis=0),
        ),
        Mistake(
            "the gap is missing: the sum alone puts the chosen keys ahead by 1",
            lambda keys, chosen, gap: keys[chosen].sum(axis=0),
        ),
        Mistake(
            "these are the logits that you want: return the query that makes them, a sum of keys",
            lambda keys, chosen, gap: gap * np.isin(np.arange(keys.shape[1]), chosen).astype(float),
        ),
        Mistake(
            "you scaled the sum of the keys to length 1: take it as long as it is",
            lambda keys, chosen, gap: gap * keys[chosen].sum(axis=0) / math.sqrt(len(chosen)),
        ),
        Mistake(
            "the others get -gap, so the chosen keys are ahead by twice the gap",
            lambda keys, chosen, gap: gap * (2 * keys[chosen].sum(axis=0) - keys.sum(axis=0)),
        ),
        Mistake(
            "you summed along the wrong axis: a query has one number a dimension",
            lambda keys, chosen, gap: gap * keys[chosen].sum(axis=1),
        ),
        Mistake(
            "you summed all keys: only the chosen ones are to be ahead",
            lambda keys, chosen, gap: gap * keys.sum(axis=0),
        ),
        Mistake(
            "you built the query from columns: a key is a row",
            lambda keys, chosen, gap: gap * keys[:, chosen].sum(axis=1),
        ),
        Mistake(
            "you used the first of the chosen keys alone",
            lambda keys, chosen, gap: gap * keys[chosen[0]],
        ),
    ),
)
