"""The exercises of notebook 04, second half: who sees whom (leaks, windows, layers to reach)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nlp4.exercises.given import CAUSAL, LEAKY, Array, Layer, whole_mean
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.spectra import NOTEBOOK
from nlp4.exercises.trying import Case

View = Callable[[Array, int], Array]
Test = Callable[[Layer, Array, int], bool]


def _leak_cases(rng: np.random.Generator) -> list[Case]:
    """All layers; `x` in 64ths, so that what cancels cancels exactly."""
    drawn: list[Case] = [
        (layer, np.round(64 * rng.normal(size=(6, 4))) / 64, t)
        for layer in (*CAUSAL, *LEAKY)
        for t in (1, 3, 5)
    ]
    x = np.round(64 * rng.normal(size=(7, 4))) / 64
    held = [np.concatenate([x[:4], np.full((3, 4), value)]) for value in (0.0, 1.0)]
    return [*drawn, *((whole_mean, each, 4) for each in held)]


def _noise(x: Array) -> Array:
    """Another number for each number of `x`, about as large as 1."""
    return np.random.default_rng(0).normal(size=x.shape)


def _shaken(x: Array, t: int) -> Array:
    """`x` with another random number added to each number from row t on."""
    return np.concatenate([x[:t], (x + _noise(x))[t:]])


def _before(y: Array, t: int) -> Array:
    return y[:t]


def _tester(changed: View = _shaken, compared: View = _before, least: float = 1e-9) -> Test:
    """The test that calls a layer on `x` and on what `changed` makes of it.

    It looks at what `compared` makes of the outputs, and calls a leak what differs by more than
    `least`.
    """

    def leaks(layer: Layer, x: Array, t: int) -> bool:
        moved = compared(layer(changed(x, t)), t) - compared(layer(x), t)
        return bool((np.abs(moved) > least).any())

    return leaks


_leaks = _tester()


def _raised(x: Array, t: int) -> Array:
    return np.concatenate([x[:t], x[t:] + 1.0])


def _only(row: Callable[[Array, int], int], by: View) -> View:
    """The change that `by` makes, in one row alone."""

    def changed(x: Array, t: int) -> Array:
        other, at = x.copy(), row(x, t)
        other[at] = by(x, 0)[at]
        return other

    return changed


def _other_past(by: View) -> View:
    """The change that `by` makes, in the rows before t."""
    return lambda x, t: np.concatenate([by(x, 0)[:t], x[t:]])


_PAST = "you changed the past and looked at the future: change what comes from t on"
_ONE_CHANGED = "you changed one position alone: a leak may come from any later position"
_SUMS = "a sum or a mean hides what cancels: compare every number with its own"
_ONE_COMPARED = "you compared one row alone: a leak may go into any row before t"
_LEAK_MISTAKES = (
    Mistake(_PAST, _tester(_other_past(_shaken), lambda y, t: y[t:])),
    Mistake(_PAST, _tester(_other_past(_raised), lambda y, t: y[t:])),
    Mistake(
        "you compared all outputs: those from t on may change, those before t must not",
        _tester(compared=lambda y, t: y),
    ),
    Mistake(
        "output t may depend on input t: compare the outputs before t alone",
        _tester(compared=lambda y, t: y[: t + 1]),
    ),
    Mistake(
        "you added the same number everywhere, which a LayerNorm takes off again: "
        "change each number by another one",
        _tester(_raised),
    ),
    Mistake(
        "you changed all later rows alike: a layer may look at how they differ",
        _tester(lambda x, t: np.concatenate([x[:t], x[t:] + _noise(x)[0]])),
    ),
    Mistake(
        "where x is 0, zeros and multiples change nothing: add something",
        _tester(lambda x, t: np.concatenate([x[:t], 0 * x[t:]])),
    ),
    Mistake(_ONE_CHANGED, _tester(_only(lambda x, t: t, _shaken))),
    Mistake(_ONE_CHANGED, _tester(_only(lambda x, t: t, _raised))),
    Mistake(_ONE_CHANGED, _tester(_only(lambda x, t: len(x) - 1, _shaken))),
    Mistake(_ONE_COMPARED, _tester(compared=lambda y, t: y[t - 1])),
    Mistake(_ONE_COMPARED, _tester(compared=lambda y, t: y[0])),
    Mistake(
        "you compared one feature alone: a leak may go into any of them",
        _tester(compared=lambda y, t: y[:t, 0]),
    ),
    Mistake(_SUMS, _tester(compared=lambda y, t: y[:t].sum())),
    Mistake(_SUMS, _tester(compared=lambda y, t: y[:t].sum(axis=0))),
    Mistake(_SUMS, _tester(compared=lambda y, t: y[:t].sum(axis=1))),
    Mistake("your tolerance is too wide: a leak of a ten-thousandth counts", _tester(least=1e-3)),
    Mistake(
        "0 times NaN is NaN, so this calls a causal mask a leak: change x by numbers",
        _tester(
            lambda x, t: np.concatenate([x[:t], np.nan * x[t:]]),
            lambda y, t: np.isnan(y[:t]).astype(float),
        ),
    ),
    Mistake(
        "a shorter x is another question: keep all rows, and change those from t on",
        _tester(_before),
    ),
    Mistake("return True where something leaks", lambda layer, x, t: not _leaks(layer, x, t)),
    Mistake(
        "a leak has to be looked for: call the layer twice, on x and on a changed copy",
        lambda layer, x, t: False,
    ),
)

LEAKS = Exercise(
    name="leaks",
    title="Catch a leak",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_leak_cases,
    reference=_leaks,
    mistakes=_LEAK_MISTAKES,
)


def _window_cases(rng: np.random.Generator) -> list[Case]:
    return [(6, 3), (5, 1), (8, 5), (4, 9), (1, 3), (7, 11), (int(rng.integers(12, 20)), 7)]


def _window(n: int, width: int) -> Array:
    return np.array([[abs(i - j) <= width // 2 for j in range(n)] for i in range(n)])


def _shifted_window(n: int, width: int) -> Array:
    """Windows of full width, moved inwards at the ends."""
    starts = [min(max(i - width // 2, 0), max(n - width, 0)) for i in range(n)]
    return np.array([[start <= j < start + width for j in range(n)] for start in starts])


def _ring(n: int, width: int) -> Array:
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return np.asarray(np.minimum(apart, n - apart) <= width // 2)


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
        Mistake(
            "this window is as wide for a row at the end: nothing is shifted there",
            lambda n, width: _shifted_window(n, width),
        ),
        Mistake(
            "a text has two ends: the last position is no neighbour of the first",
            lambda n, width: _ring(n, width),
        ),
    ),
)


def _edge_cases(rng: np.random.Generator) -> list[Case]:
    fitting: list[Case] = [(8, 3), (8, 1), (64, 3), (10, 5), (int(rng.integers(20, 99)), 7)]
    wide = [(16, 15), (6, 7), (9, 11), (9, 17), (4, 7), (4, 9), (3, 21), (1, 1), (1, 5)]
    return [*fitting, *wide]


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
            lambda blocks, window: sum(
                min(i, window // 2) + window // 2 + 1 for i in range(blocks)
            ),
        ),
        Mistake(
            "a window may be wider than the text: then you took away more than there was",
            lambda blocks, window: blocks * window - window // 2 * (window // 2 + 1),
        ),
        Mistake(
            "a row near an end is cut short even if the window is no wider than the text",
            lambda blocks, window: blocks * min(window, blocks),
        ),
        Mistake(
            "a window of `window` blocks reaches window // 2 to each side, not window",
            lambda blocks, window: _edges(blocks, 2 * window + 1),
        ),
    ),
)


def _reach_cases(rng: np.random.Generator) -> list[Case]:
    """Graphs with one-way edges, without loops, in parts, and with a longest way of n - 1."""
    walk = np.array([[abs(i - j) <= 1 for j in range(6)] for i in range(6)])
    star = np.eye(5, dtype=bool)
    star[0] = star[:, 0] = True
    ring = np.eye(6, k=1, dtype=bool) | np.eye(6, k=-5, dtype=bool)
    chain = np.eye(4, k=1, dtype=bool) | np.eye(4, dtype=bool)  # nobody hears of the first
    deaf = np.ones((4, 4), dtype=bool)
    deaf[2] = False  # it hears of nobody, and is heard of
    apart = np.kron(np.eye(2, dtype=bool), np.ones((2, 2), dtype=bool))
    pair = ~np.eye(2, dtype=bool)
    tail = np.eye(5, k=-1, dtype=bool)
    tail[0] = True  # the first sees all, and is far from the last
    drawn = (rng.random((12, 12)) < 0.2) | np.eye(12, k=1, dtype=bool)
    drawn |= np.eye(12, k=-11, dtype=bool)
    whole = [np.ones((3, 3), dtype=bool), np.zeros((1, 1), dtype=bool), np.ones((1, 1), dtype=bool)]
    found = [walk, star, ring, chain, deaf, deaf.T.copy(), apart, pair, tail, drawn]
    return [(each,) for each in (*found, *whole, np.zeros((2, 2), dtype=bool))]


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
            lambda adjacency: _reach(adjacency) + (_reach(adjacency) >= 0),
        ),
        Mistake(
            "you counted one layer too few",
            lambda adjacency: _reach(adjacency) - (_reach(adjacency) > 0),
        ),
        Mistake(
            "this is how far the first block reaches: every block has to reach every other",
            lambda adjacency: _from_first(adjacency),
        ),
        Mistake(
            "this is how far the news of the first block gets: all news has to get everywhere",
            lambda adjacency: _from_first(adjacency.T),
        ),
        Mistake(
            "where something is never reached, return -1",
            lambda adjacency: len(adjacency) if _reach(adjacency) < 0 else _reach(adjacency),
        ),
        Mistake(
            "you stopped one layer too early: the longest way of n blocks has n - 1 steps",
            lambda adjacency: -1 if _reach(adjacency) == len(adjacency) - 1 else _reach(adjacency),
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
