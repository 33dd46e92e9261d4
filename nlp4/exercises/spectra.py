"""The exercises of notebook 04, first half: low rank and Linformer (exercise 3g)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray
NOTEBOOK = "04_linformer_and_bigbird"


def _rank_cases(rng: np.random.Generator) -> list[Case]:
    """Sums that are exact in any order and precision, or far from the share that is asked for."""
    edges: list[Case] = [
        (np.array([6.0, 3.0, 2.0, 1.0]), 0.75),
        (np.array([6.0, 3.0, 2.0, 1.0]), 0.8125),
        (np.array([1.0, 1.0, 1.0, 1.0]), 0.5),
        (np.array([5.0]), 0.25),
        (np.array([4.0, 2.0, 2.0, 0.0, 0.0]), 1.0),
        (np.array([2.0, 2.0, 1.0]), 1.0),
        (np.array([320.0, 160.0, 160.0, 8.0, 8.0]), 0.9375),
        (np.array([96.0, 16.0, 8.0, 8.0]), 0.75),
    ]
    return [*edges, *(_drawn_ranks(rng, n) for n in (6, 15, 40))]


def _drawn_ranks(rng: np.random.Generator, n: int) -> Case:
    while True:
        values, share = -np.sort(-rng.exponential(size=n)), float(rng.uniform(0.6, 0.95))
        if np.abs(np.cumsum(values) / values.sum() - share).min() > 1e-3:
            return values, share


def _rank(values: Array, share: float) -> int:
    held = 0.0
    for k, value in enumerate(values.tolist(), 1):
        held += value
        if held >= share * float(values.sum()):
            return k
    return len(values)


RANK_FOR = Exercise(
    name="rank_for",
    title="How many singular values?",
    notebook=NOTEBOOK,
    points=1,
    minutes=5,
    cases=_rank_cases,
    reference=_rank,
    mistakes=(
        Mistake(
            "this is an index, which counts from 0: one more singular value is summed",
            lambda values, share: _rank(values, share) - 1,
        ),
        Mistake(
            "at least: a sum that is exactly the share is enough",
            lambda values, share: min(_rank(values, share * (1 + 1e-9)), len(values)),
        ),
        Mistake(
            "you summed the squares: figure 1 of the paper sums the values themselves",
            lambda values, share: _rank(values**2, share),
        ),
        Mistake(
            "you compared the sum with the share itself: divide by the sum of all values",
            lambda values, share: _rank(values, share / float(values.sum())),
        ),
        Mistake(
            "you took a share of how many there are, whatever their size",
            lambda values, share: math.ceil(share * len(values)),
        ),
        Mistake(
            "you counted the values that are large beside the largest: add them up",
            lambda values, share: int((values >= share * values.max()).sum()),
        ),
        Mistake(
            "you summed from the smallest on: begin with the largest",
            lambda values, share: _rank(values[::-1], share),
        ),
    ),
)


def _pays_cases(rng: np.random.Generator) -> list[Case]:
    return [(eps,) for eps in (0.5, 0.3, 0.15, 0.75, 0.05, *_drawn_errors(rng, 3))]


def _drawn_errors(rng: np.random.Generator, count: int) -> list[float]:
    """Errors at which no k is so near to a whole n that rounding would decide."""
    found: list[float] = []
    while len(found) < count:
        eps = round(float(rng.uniform(0.06, 0.9)), 3)
        n = _pays_from(eps)
        if min(n - _theorem_k(n, eps), _theorem_k(n - 1, eps) - (n - 1)) > 0.02:
            found.append(eps)
    return found


def _theorem_k(n: int, eps: float) -> float:
    return 5 * math.log(n) / (eps**2 * (1 - eps))


def _first_below(rows: Callable[[int], float]) -> int:
    """The smallest n from 3 on with rows(n) < n, where it stays below: by bisection."""
    above, below = 2, 3
    while rows(below) >= below:
        above, below = below, 2 * below
    while below - above > 1:
        middle = (above + below) // 2
        above, below = (above, middle) if rows(middle) < middle else (middle, below)
    return below


def _pays_from(eps: float) -> int:
    return _first_below(lambda n: _theorem_k(n, eps))


THEOREM_PAYS_FROM = Exercise(
    name="theorem_pays_from",
    title="From where the theorem pays",
    notebook=NOTEBOOK,
    points=2,
    minutes=7,
    cases=_pays_cases,
    reference=_pays_from,
    mistakes=(
        Mistake(
            "at n = 1 the theorem asks for 0 rows, but for longer texts for more than n again",
            lambda eps: 1,
        ),
        Mistake(
            "this is the last n at which k is not smaller yet: one more",
            lambda eps: _pays_from(eps) - 1,
        ),
        Mistake(
            "do not round k: k = 99.3 is smaller than n = 100",
            lambda eps: _first_below(lambda n: math.ceil(_theorem_k(n, eps))),
        ),
        Mistake(
            "ln is the natural logarithm, not that of base 2",
            lambda eps: _first_below(lambda n: _theorem_k(n, eps) / math.log(2)),
        ),
        Mistake(
            "ln is the natural logarithm, not that of base 10",
            lambda eps: _first_below(lambda n: _theorem_k(n, eps) / math.log(10)),
        ),
        Mistake(
            "you left out eps^3: the denominator is eps^2 - eps^3",
            lambda eps: _first_below(lambda n: _theorem_k(n, eps) * (1 - eps)),
        ),
        Mistake(
            "brackets: 5 ln n is divided by all of eps^2 - eps^3",
            lambda eps: _first_below(lambda n: 5 * math.log(n) / eps**2 - eps**3),
        ),
        Mistake(
            "you left out the factor 5", lambda eps: _first_below(lambda n: _theorem_k(n, eps) / 5)
        ),
        Mistake(
            "these are the rows k that the theorem asks for there: return the length n",
            lambda eps: _theorem_k(_pays_from(eps), eps),
        ),
        Mistake(
            "you only doubled n: go back to the first n at which k is smaller",
            lambda eps: 2 ** math.ceil(math.log2(_pays_from(eps))),
        ),
    ),
)


def _linformer_cases(rng: np.random.Generator) -> list[Case]:
    """Square mixtures hide a transposition, and one row hides an axis: so other shapes, too."""
    shapes = [(6, 3, 2), (8, 4, 3), (5, 2, 5), (10, 6, 1), (7, 1, 4), (4, 4, 4)]
    return [
        (
            *(rng.normal(size=(n, d)) for _ in range(3)),
            rng.normal(size=(k, n)),
            rng.normal(size=(k, n)),
        )
        for n, d, k in shapes
    ]


def _linformer(q: Array, k: Array, v: Array, e: Array, f: Array) -> Array:
    scores = np.einsum("nd,kd->nk", q, np.einsum("km,md->kd", e, k)) / math.sqrt(q.shape[1])
    return softmax(scores, axis=1) @ np.einsum("km,md->kd", f, v)


LINFORMER_ATTENTION = Exercise(
    name="linformer_attention",
    title="Linformer in three lines",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_linformer_cases,
    reference=_linformer,
    mistakes=(
        Mistake(
            "this is full attention: mix the keys by e and the values by f first",
            lambda q, k, v, e, f: softmax(q @ k.T / math.sqrt(q.shape[1]), axis=1) @ v,
        ),
        Mistake(
            "e and f have changed places: e mixes keys, f mixes values",
            lambda q, k, v, e, f: _linformer(q, k, v, f, e),
        ),
        Mistake(
            "you mixed the values with the keys' matrix: they have their own, f",
            lambda q, k, v, e, f: _linformer(q, k, v, e, e),
        ),
        Mistake(
            "divide the scores by sqrt(d) before the softmax",
            lambda q, k, v, e, f: softmax(q @ (e @ k).T, axis=1) @ (f @ v),
        ),
        Mistake(
            "you divided by sqrt(k), the number of mixtures: it is sqrt(d), the width of a query",
            lambda q, k, v, e, f: softmax(q @ (e @ k).T / math.sqrt(len(e)), axis=1) @ (f @ v),
        ),
        Mistake(
            "the weights of each query sum to one: the softmax goes along the mixtures",
            lambda q, k, v, e, f: softmax(q @ (e @ k).T / math.sqrt(q.shape[1]), axis=0) @ (f @ v),
        ),
        Mistake(
            "you mixed the scores after the softmax: then all n of them were computed anyway",
            lambda q, k, v, e, f: softmax(q @ k.T / math.sqrt(q.shape[1]), axis=1) @ e.T @ (f @ v),
        ),
        Mistake(
            "these are the weights: they mix the k mixtures of values, f @ v",
            lambda q, k, v, e, f: softmax(q @ (e @ k).T / math.sqrt(q.shape[1]), axis=1),
        ),
        Mistake(
            "the softmax is missing",
            lambda q, k, v, e, f: q @ (e @ k).T / math.sqrt(q.shape[1]) @ (f @ v),
        ),
    ),
)


def _sharing_cases(rng: np.random.Generator) -> list[Case]:
    shares = ("none", "headwise", "key-value", "layerwise")
    wide = [(12, 8, 256, 512), (3, 5, 7, 11), (5, 2, 3, 2), (1, 4, 1, 6)]
    drawn = tuple(int(size) for size in rng.integers(2, 40, size=4))
    return [(*sizes, share) for sizes in (*wide, drawn) for share in shares]


def _sharing(layers: int, heads: int, k: int, n: int, share: str) -> int:
    matrices = {
        "none": 2 * layers * heads,
        "headwise": 2 * layers,
        "key-value": layers,
        "layerwise": 1,
    }
    return matrices[share] * k * n


def _sharing_without(layers: int, heads: int, k: int, n: int, share: str) -> int:
    return _sharing(layers, heads, k, n, share) // (2 if share in ("none", "headwise") else 1)


def _sharing_in_layers(layers: int, heads: int, k: int, n: int, share: str) -> int:
    return _sharing(layers, heads, k, n, share) * (layers if share == "layerwise" else 1)


def _sharing_by_heads(layers: int, heads: int, k: int, n: int, share: str) -> int:
    return _sharing(layers, heads, k, n, share) * (heads if share == "key-value" else 1)


SHARED_PARAMETERS = Exercise(
    name="shared_parameters",
    title="Four ways to share",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_sharing_cases,
    reference=_sharing,
    mistakes=(
        Mistake("without key-value sharing there are two matrices each, E and F", _sharing_without),
        Mistake("layerwise, one matrix serves all layers", _sharing_in_layers),
        Mistake("key-value sharing shares among the heads as well", _sharing_by_heads),
        Mistake(
            "headwise, the heads of a layer share their two matrices",
            lambda layers, heads, k, n, share: (
                _sharing(layers, heads, k, n, share) * (heads if share == "headwise" else 1)
            ),
        ),
        Mistake(
            "key-value sharing leaves each layer one matrix for both keys and values",
            lambda layers, heads, k, n, share: (
                _sharing(layers, heads, k, n, share) * (2 if share == "key-value" else 1)
            ),
        ),
        Mistake(
            "layerwise is one matrix, for keys and values both",
            lambda layers, heads, k, n, share: (
                _sharing(layers, heads, k, n, share) * (2 if share == "layerwise" else 1)
            ),
        ),
        Mistake(
            "this is how many matrices there are: each has k times n numbers",
            lambda layers, heads, k, n, share: _sharing(layers, heads, 1, 1, share),
        ),
        Mistake(
            "a projection has k times n numbers: it mixes n positions into k",
            lambda layers, heads, k, n, share: _sharing(layers, heads, k, k, share),
        ),
    ),
)
