"""The exercises of notebook 03, second half: who sees whom (leaks, windows, layers to reach)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nlp4.exercises.judging import Case, Exercise, Mistake
from nlp4.exercises.spectra import NOTEBOOK

Array = np.ndarray


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


def _window_cases(rng: np.random.Generator) -> list[Case]:
    return [(6, 3), (5, 1), (8, 5), (4, 9), (1, 3), (int(rng.integers(9, 20)), 7)]


def _window(n: int, width: int) -> Array:
    return np.array([[abs(i - j) <= width // 2 for j in range(n)] for i in range(n)])


WINDOW_MASK = Exercise(
    name="window_mask",
    title="Write the window mask",
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
