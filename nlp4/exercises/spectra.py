"""The exercises of notebook 03, first half: low rank and Linformer (exercise 3g)."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import softmax

from nlp4.exercises.judging import Case, Exercise, Mistake

Array = np.ndarray
NOTEBOOK = "03_linformer_and_bigbird"


def _rank_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [
        (np.array([6.0, 3.0, 1.0]), 0.9),
        (np.array([6.0, 3.0, 1.0]), 0.91),
        (np.array([1.0, 1.0, 1.0, 1.0]), 0.5),
        (np.array([5.0]), 0.3),
    ]
    drawn = [(np.sort(rng.exponential(size=n))[::-1], 0.8) for n in (6, 15, 40)]
    return [*edges, *drawn]


def _rank(values: Array, share: float) -> int:
    held = 0.0
    for k, value in enumerate(values.tolist(), 1):
        held += value
        if held >= share * float(values.sum()) - 1e-9:
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
    ),
)


def _theorem_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [(512, 0.5), (512, 0.1), (65_536, 0.5), (128, 0.3)]
    drawn = [(int(rng.integers(64, 9999)), float(rng.uniform(0.1, 0.6))) for _ in range(3)]
    return [*edges, *drawn]


THEOREM_K = Exercise(
    name="theorem_k",
    title="What the theorem asks for",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_theorem_cases,
    reference=lambda n, eps: 5 * math.log(n) / (eps**2 * (1 - eps)),
    mistakes=(
        Mistake(
            "ln is the natural logarithm, not that of base 2",
            lambda n, eps: 5 * math.log2(n) / (eps**2 - eps**3),
        ),
        Mistake(
            "ln is the natural logarithm, not that of base 10",
            lambda n, eps: 5 * math.log10(n) / (eps**2 - eps**3),
        ),
        Mistake(
            "you left out eps^3: the denominator is eps^2 - eps^3",
            lambda n, eps: 5 * math.log(n) / eps**2,
        ),
        Mistake(
            "brackets: 5 ln n is divided by all of eps^2 - eps^3",
            lambda n, eps: 5 * math.log(n) / eps**2 - eps**3,
        ),
        Mistake("you left out the factor 5", lambda n, eps: math.log(n) / (eps**2 - eps**3)),
        Mistake(
            "k grows with the logarithm of n, not with n", lambda n, eps: 5 * n / (eps**2 - eps**3)
        ),
    ),
)


def _linformer_cases(rng: np.random.Generator) -> list[Case]:
    shapes = [(6, 3, 2), (8, 4, 3), (5, 2, 5), (10, 6, 1)]
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
    ),
)


def _sharing_cases(rng: np.random.Generator) -> list[Case]:
    shares = ("none", "headwise", "key-value", "layerwise")
    edges: list[Case] = [(12, 12, 256, 512, share) for share in shares]
    return [*edges, *((2, 3, 5, 7, share) for share in shares), (1, 1, 2, 3, "none")]


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
            "this is how many matrices there are: each has k times n numbers",
            lambda layers, heads, k, n, share: _sharing(layers, heads, 1, 1, share),
        ),
        Mistake(
            "a projection has k times n numbers: it mixes n positions into k",
            lambda layers, heads, k, n, share: _sharing(layers, heads, k, k, share),
        ),
    ),
)
