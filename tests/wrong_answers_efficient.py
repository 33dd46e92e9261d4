"""Answers to the exercises of notebook 03 as learners write them, right and wrong."""

from __future__ import annotations

import math

import numpy as np
import torch
from answers import Answers

from nlp4 import pattern_graph


def rank_for(values, share):
    return int(np.searchsorted(np.cumsum(values) / values.sum(), share - 1e-12)) + 1


def rank_from_zero(values, share):
    return int(np.argmax(np.cumsum(values) / values.sum() >= share - 1e-9))


def rank_of_squares(values, share):
    squares = np.cumsum(values**2)
    return int(np.argmax(squares >= (share - 1e-12) * squares[-1])) + 1


def rank_of_plain_sum(values, share):
    return int(np.argmax(np.cumsum(values) >= share)) + 1


def rank_by_count(values, share):
    return int(np.ceil(len(values) * share))


def theorem_k(n, eps):
    return 5 * np.log(n) / (eps**2 - eps**3)


def theorem_base_two(n, eps):
    return 5 * np.log2(n) / (eps * eps - eps**3)


def theorem_base_ten(n, eps):
    return 5 * np.log10(n) / (eps * eps - eps**3)


def theorem_without_cube(n, eps):
    return 5 * np.log(n) / (eps * eps)


def theorem_without_brackets(n, eps):
    return 5 * np.log(n) / eps**2 - eps**3


def theorem_without_five(n, eps):
    return np.log(n) / (eps**2 * (1 - eps))


def theorem_linear(n, eps):
    return n * 5 / (eps**2 * (1 - eps))


def linformer_attention(q, k, v, e, f):
    q, k, v, e, f = (torch.from_numpy(x) for x in (q, k, v, e, f))
    mixed = torch.nn.functional.scaled_dot_product_attention(q[None], (e @ k)[None], (f @ v)[None])
    return mixed[0].numpy()


def rows(x):
    raised = np.exp(x - x.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


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


def shared_parameters(layers, heads, k, n, share):
    matrices = {"layerwise": 1, "key-value": layers, "headwise": 2 * layers}
    return k * n * matrices.get(share, 2 * layers * heads)


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
    found = pattern_graph.layers_to_reach_all(adjacency)
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
    most = pattern_graph.hops(adjacency)[0].max()
    return int(most) if np.isfinite(most) else -1


def reach_none(adjacency):
    return pattern_graph.layers_to_reach_all(adjacency)


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
    "rank_for": Answers(
        rank_for,
        (
            (rank_from_zero, "this is an index"),
            (rank_of_squares, "you summed the squares"),
            (rank_of_plain_sum, "divide by the sum of all values"),
            (rank_by_count, "whatever their size"),
        ),
    ),
    "theorem_k": Answers(
        theorem_k,
        (
            (theorem_base_two, "not that of base 2"),
            (theorem_base_ten, "not that of base 10"),
            (theorem_without_cube, "you left out eps^3"),
            (theorem_without_brackets, "brackets"),
            (theorem_without_five, "you left out the factor 5"),
            (theorem_linear, "not with n"),
        ),
    ),
    "linformer_attention": Answers(
        linformer_attention,
        (
            (linformer_in_full, "this is full attention"),
            (linformer_swapped, "e and f have changed places"),
            (linformer_one_matrix, "they have their own, f"),
            (linformer_unscaled, "divide the scores by sqrt(d)"),
            (linformer_by_k, "it is sqrt(d), the width of a query"),
            (linformer_down_the_columns, "the softmax goes along the mixtures"),
            (linformer_too_late, "you mixed the scores after the softmax"),
        ),
    ),
    "shared_parameters": Answers(
        shared_parameters,
        (
            (shared_without_two, "there are two matrices each"),
            (shared_in_layers, "one matrix serves all layers"),
            (shared_by_heads, "shares among the heads as well"),
            (shared_counted, "each has k times n numbers"),
            (shared_square, "it mixes n positions into k"),
        ),
    ),
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
