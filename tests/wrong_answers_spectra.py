"""Right and wrong answers to the exercises of `nlp4.exercises.spectra`, as learners write them."""

from __future__ import annotations

import numpy as np
import torch
from answers import Answers


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
}
