"""The exercises of notebook 03: low rank, Linformer and BigBird (exercise 3g)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from nlp4.judging import Case, Exercise, Mistake

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
    function="rank_for",
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
    function="theorem_k",
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
            "k grows with the logarithm of n, not with n",
            lambda n, eps: 5 * n / (eps**2 - eps**3),
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
    function="linformer_attention",
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
    function="shared_parameters",
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


def _window_cases(rng: np.random.Generator) -> list[Case]:
    return [(6, 3), (5, 1), (8, 5), (4, 9), (1, 3), (int(rng.integers(9, 20)), 7)]


def _window(n: int, width: int) -> Array:
    return np.array([[abs(i - j) <= width // 2 for j in range(n)] for i in range(n)])


WINDOW_MASK = Exercise(
    name="window_mask",
    title="Write the window mask",
    function="window_mask",
    notebook=NOTEBOOK,
    points=1,
    minutes=5,
    cases=_window_cases,
    reference=_window,
    mistakes=(
        Mistake(
            "a window of `width` reaches width // 2 to each side, not width",
            lambda n, width: np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= width,
        ),
        Mistake(
            "the edge of the window belongs to it: use <=, not <",
            lambda n, width: np.abs(np.subtract.outer(np.arange(n), np.arange(n))) < width // 2,
        ),
        Mistake(
            "this window looks back only: it reaches to both sides",
            lambda n, width: np.tril(_window(n, width)),
        ),
        Mistake(
            "this window looks ahead only: it reaches to both sides",
            lambda n, width: np.triu(_window(n, width)),
        ),
        Mistake(
            "True means that i sees j: your mask is the other way round",
            lambda n, width: ~_window(n, width),
        ),
    ),
)


def _edge_cases(rng: np.random.Generator) -> list[Case]:
    return [(8, 3), (8, 1), (64, 3), (10, 5), (int(rng.integers(20, 99)), 7), (16, 15)]


def _edges(blocks: int, window: int) -> int:
    side = window // 2
    return sum(min(i, side) + min(blocks - 1 - i, side) + 1 for i in range(blocks))


WINDOW_EDGES = Exercise(
    name="window_edges",
    title="Count a pattern's edges",
    function="window_edges",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_edge_cases,
    reference=_edges,
    mistakes=(
        Mistake(
            "the first and the last rows see fewer blocks: nothing stands beyond the ends",
            lambda blocks, window: blocks * window,
        ),
        Mistake(
            "each row sees its own block too",
            lambda blocks, window: _edges(blocks, window) - blocks,
        ),
        Mistake(
            "you counted each pair once: that i sees j and that j sees i are two edges",
            lambda blocks, window: (_edges(blocks, window) + blocks) // 2,
        ),
        Mistake(
            "more than one row at each end is cut short when the window is wide",
            lambda blocks, window: blocks * window - 2 * (window // 2),
        ),
        Mistake(
            "you took away one end only",
            lambda blocks, window: (blocks * window + _edges(blocks, window)) // 2,
        ),
    ),
)


def _reach_cases(rng: np.random.Generator) -> list[Case]:
    walk = np.array([[abs(i - j) <= 1 for j in range(6)] for i in range(6)])
    star = np.eye(5, dtype=bool)
    star[0] = star[:, 0] = True
    ring = np.eye(6, k=1, dtype=bool) | np.eye(6, k=-5, dtype=bool)
    apart = np.kron(np.eye(2, dtype=bool), np.ones((2, 2), dtype=bool))
    drawn = (
        (rng.random((12, 12)) < 0.3) | np.eye(12, k=1, dtype=bool) | np.eye(12, k=-11, dtype=bool)
    )
    return [(walk,), (star,), (ring,), (apart,), (np.ones((3, 3), dtype=bool),), (drawn,)]


def _reach(adjacency: Array) -> int:
    seen = np.eye(len(adjacency), dtype=bool)
    for layers in range(len(adjacency)):
        if seen.all():
            return layers
        seen = seen | ((adjacency.astype(int) @ seen.astype(int)) > 0)
    return -1


def _reach_without_stream(adjacency: Array) -> int:
    power = np.eye(len(adjacency))
    for layers in range(4 * len(adjacency)):
        if power.all():
            return layers
        power = (power @ adjacency > 0).astype(float)
    return -1


def _reach_undirected(adjacency: Array) -> int:
    return _reach(adjacency | adjacency.T)


LAYERS_TO_REACH = Exercise(
    name="layers_to_reach",
    title="Layers until everything has reached everything",
    function="layers_to_reach",
    notebook=NOTEBOOK,
    points=2,
    minutes=10,
    cases=_reach_cases,
    reference=_reach,
    mistakes=(
        Mistake(
            "a block keeps what it had (the residual stream): what was reached stays reached",
            _reach_without_stream,
        ),
        Mistake("attention is directed: that i sees j does not make j see i", _reach_undirected),
        Mistake(
            "you counted one layer too many: before the first layer every block has itself",
            lambda adjacency: _reach(adjacency) + 1,
        ),
        Mistake("you counted one layer too few", lambda adjacency: max(_reach(adjacency) - 1, 0)),
        Mistake(
            "this is how far the first block reaches: every block has to reach every other",
            lambda adjacency: _from_first(adjacency),
        ),
    ),
)


def _from_first(adjacency: Array) -> int:
    seen = np.eye(len(adjacency), dtype=bool)[0]
    for layers in range(len(adjacency)):
        if seen.all():
            return layers
        seen = seen | (seen.astype(int) @ adjacency.astype(int) > 0)
    return -1


def causal_mean(x: Array) -> Array:
    """A layer that does not leak: row i is the mean of rows 0 to i of `(n, d)`."""
    return np.cumsum(x, axis=0) / np.arange(1, len(x) + 1)[:, None]


def own_row(x: Array) -> Array:
    """A layer in which every position sees itself alone: twice the row of `(n, d)`."""
    return 2 * x


def previous_row(x: Array) -> Array:
    """A layer that does not leak: row i is row i - 1 of `(n, d)`, and row 0 is zero."""
    return np.concatenate([np.zeros_like(x[:1]), x[:-1]])


def whole_mean(x: Array) -> Array:
    """A layer that leaks: every row is the mean of all rows of `(n, d)`."""
    return np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0)


def next_row(x: Array) -> Array:
    """A layer that leaks by one position: row i is row i + 1 of `(n, d)`."""
    return np.roll(x, -1, axis=0)


def last_row_leaks(x: Array) -> Array:
    """A layer that leaks from its last position alone, into every row of `(n, d)`."""
    return causal_mean(x) + 0.01 * x[-1]


def _leak_cases(rng: np.random.Generator) -> list[Case]:
    layers: tuple[Callable[[Array], Array], ...] = (
        causal_mean,
        own_row,
        previous_row,
        whole_mean,
        next_row,
        last_row_leaks,
    )
    return [(layer, rng.normal(size=(6, 3)), t) for layer in layers for t in (1, 3, 5)]


def _leaks(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    changed = np.concatenate([x[:t], x[t:] + 1.0])
    return not np.allclose(layer(x)[:t], layer(changed)[:t])


def _leaks_backwards(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    changed = np.concatenate([x[:t] + 1.0, x[t:]])
    return not np.allclose(layer(x)[t:], layer(changed)[t:])


def _leaks_anywhere(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    changed = np.concatenate([x[:t], x[t:] + 1.0])
    return not np.allclose(layer(x), layer(changed))


def _leaks_at_t(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    changed = x.copy()
    changed[t] += 1.0
    return not np.allclose(layer(x)[:t], layer(changed)[:t])


def _leaks_not(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    return not _leaks(layer, x, t)


def _leaks_too_far(layer: Callable[[Array], Array], x: Array, t: int) -> bool:
    changed = np.concatenate([x[:t], x[t:] + 1.0])
    return not np.allclose(layer(x)[: t + 1], layer(changed)[: t + 1])


LEAKS = Exercise(
    name="leaks",
    title="Catch a leak",
    function="leaks",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_leak_cases,
    reference=_leaks,
    mistakes=(
        Mistake(
            "you changed the past and looked at the future: change what comes from t on",
            _leaks_backwards,
        ),
        Mistake(
            "you compared all outputs: those from t on may change, those before t must not",
            _leaks_anywhere,
        ),
        Mistake(
            "output t may depend on input t: compare the outputs before t alone", _leaks_too_far
        ),
        Mistake(
            "you changed position t alone: a leak may come from any later position", _leaks_at_t
        ),
        Mistake("return True where something leaks", _leaks_not),
        Mistake(
            "a leak has to be looked for: call the layer twice, on x and on a changed copy",
            lambda layer, x, t: False,
        ),
    ),
)

EXERCISES = {
    exercise.name: exercise
    for exercise in (
        RANK_FOR,
        THEOREM_K,
        LINFORMER_ATTENTION,
        SHARED_PARAMETERS,
        LEAKS,
        WINDOW_MASK,
        WINDOW_EDGES,
        LAYERS_TO_REACH,
    )
}
