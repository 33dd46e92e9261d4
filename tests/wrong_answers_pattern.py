"""Right and wrong answers to the exercises of `nlp4.exercises.pattern`, as learners write them."""

from __future__ import annotations

import math

import numpy as np
from answers import Answers

from nlp4.maths import block_pattern


def window_mask(n, width):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, max(0, i - width // 2) : i + width // 2 + 1] = True
    return mask


def window_too_wide(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) <= width


def window_open(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) < width // 2


def window_back(n, width):
    i, j = np.indices((n, n))
    return (i >= j) & (i - j <= width // 2)


def window_ahead(n, width):
    i, j = np.indices((n, n))
    return (i <= j) & (j - i <= width // 2)


def window_hidden(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) > width // 2


def window_of_numbers(n, width):
    return window_mask(n, width).astype(float)


def window_edges(blocks, window):
    return int(window_mask(blocks, window).sum())


def edges_without_ends(blocks, window):
    return window * blocks


def edges_without_self(blocks, window):
    return window_edges(blocks, window) - blocks


def edges_once(blocks, window):
    return int(np.triu(window_mask(blocks, window)).sum())


def edges_one_row(blocks, window):
    return blocks * window - (window // 2) * 2


def edges_one_end(blocks, window):
    side = window // 2
    return blocks * window - sum(range(side + 1))


def layers_to_reach(adjacency):
    found = block_pattern.layers_to_reach_all(block_pattern.hops(adjacency))
    return -1 if found is None else found


def reach_by_powers(adjacency):
    n = len(adjacency)
    for layers in range(4 * n):
        if (np.linalg.matrix_power(adjacency.astype(float), layers) > 0).all():
            return layers
    return -1


def reach_both_ways(adjacency):
    return layers_to_reach(adjacency | adjacency.T)


def reach_one_more(adjacency):
    return layers_to_reach(adjacency) + 1


def reach_one_less(adjacency):
    return max(layers_to_reach(adjacency) - 1, 0)


def reach_from_first(adjacency):
    most = block_pattern.hops(adjacency)[0].max()
    return int(most) if np.isfinite(most) else -1


def reach_none(adjacency):
    return block_pattern.layers_to_reach_all(block_pattern.hops(adjacency))


def leaks(layer, x, t):
    other = np.array(x)
    other[t:] *= -3
    return bool(abs(layer(other)[:t] - layer(x)[:t]).max() > 1e-9)


def leaks_from_the_past(layer, x, t):
    other = np.array(x)
    other[:t] += 1
    return bool(abs(layer(other)[t:] - layer(x)[t:]).max() > 1e-9)


def leaks_everywhere(layer, x, t):
    other = np.array(x)
    other[t:] += 1
    return bool(abs(layer(other) - layer(x)).max() > 1e-9)


def leaks_from_one(layer, x, t):
    other = np.array(x)
    other[t] += 1
    return bool(abs(layer(other) - layer(x))[:t].max() > 1e-9)


def leaks_one_too_far(layer, x, t):
    other = np.array(x)
    other[t:] += 1
    return bool(abs(layer(other) - layer(x))[: t + 1].max() > 1e-9)


def leaks_turned(layer, x, t):
    return not leaks(layer, x, t)


def leaks_never(layer, x, t):
    return bool(math.isnan(layer(x).sum()))


def leaks_in_place(layer, x, t):
    before = layer(x)
    x[t:] += 1
    return bool(abs(layer(x) - before)[:t].max() > 1e-9)


ANSWERS = {
    "leaks": Answers(
        leaks,
        (
            (leaks_from_the_past, "you changed the past"),
            (leaks_everywhere, "you compared all outputs"),
            (leaks_from_one, "you changed position t alone"),
            (leaks_one_too_far, "output t may depend on input t"),
            (leaks_turned, "return True where something leaks"),
            (leaks_never, "a leak has to be looked for"),
            (leaks_in_place, "you change `x` in place"),
        ),
    ),
    "window_mask": Answers(
        window_mask,
        (
            (window_too_wide, "not width"),
            (window_open, "use <=, not <"),
            (window_back, "this window looks back only"),
            (window_ahead, "this window looks ahead only"),
            (window_hidden, "the other way round"),
            (window_of_numbers, "where True and False are expected"),
        ),
    ),
    "window_edges": Answers(
        window_edges,
        (
            (edges_without_ends, "the first and the last rows see fewer blocks"),
            (edges_without_self, "its own block too"),
            (edges_once, "you counted each pair once"),
            (edges_one_row, "more than one row at each end"),
            (edges_one_end, "you took away one end only"),
        ),
    ),
    "layers_to_reach": Answers(
        layers_to_reach,
        (
            (reach_by_powers, "what was reached stays reached"),
            (reach_both_ways, "attention is directed"),
            (reach_one_more, "one layer too many"),
            (reach_one_less, "one layer too few"),
            (reach_from_first, "how far the first block reaches"),
            (reach_none, "you return None"),
        ),
    ),
}
