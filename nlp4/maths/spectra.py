"""How much of an attention matrix a few directions hold (Wang et al. 2020, section 3).

An attention matrix P `(n, n)` has the weights of one head: row i says how much position i takes
from each position. The output of the head is P V.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nlp4.support.errors import UserError

Array = NDArray[np.float64]


def singular_values(weights: ArrayLike) -> Array:
    """Singular values of `(..., n, n)` weights, largest first, shape `(..., n)`."""
    return np.linalg.svd(np.asarray(weights, dtype=np.float64), compute_uv=False)


def cumulative_share(values: ArrayLike, *, squared: bool = False) -> Array:
    """The share of the sum that the first 1, 2, ..., n singular values hold.

    The paper's figure 1 sums the values themselves. The error of the best approximation of rank
    k goes with their squares, which is what `squared` sums.
    """
    powers = np.asarray(values, dtype=np.float64) ** (2 if squared else 1)
    return np.cumsum(powers, axis=-1) / powers.sum(axis=-1, keepdims=True)


def rank_for(values: ArrayLike, share: float, *, squared: bool = False) -> int:
    """How many of the singular values `(n,)` hold at least that share of the sum."""
    reached = cumulative_share(values, squared=squared) >= share - 1e-12
    return int(reached.argmax()) + 1


def random_attention(n: int, rng: np.random.Generator, *, scale: float = 1.0) -> Array:
    """Causal weights `(n, n)` of independent normal logits of that standard deviation."""
    logits = scale * rng.normal(size=(n, n))
    logits[np.triu_indices(n, 1)] = -np.inf
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def causal_mean(n: int) -> Array:
    """A head that looks at all positions up to its own alike: row i is the mean of 0..i, `(n, n)`.

    What is left of a head that prefers nothing is the triangle of the causal mask.
    """
    return np.tril(np.ones((n, n))) / np.arange(1, n + 1)[:, None]


def previous_token(n: int) -> Array:
    """A head that looks at the position before its own, and nowhere else: `(n, n)`.

    Position 0 has nothing before it and looks at itself. All singular values but two are 1.
    """
    weights = np.eye(n, k=-1)
    weights[0, 0] = 1.0
    return weights


def truncation_errors(values: ArrayLike) -> Array:
    """Relative error of the nearest matrix of rank 1, 2, ..., n, from the singular values.

    No projection of these weights does better (Eckart and Young 1936). Frobenius norm.
    """
    left = 1 - cumulative_share(values, squared=True)
    return np.sqrt(np.maximum(left, 0.0))


def gaussian_projection(n: int, k: int, rng: np.random.Generator) -> Array:
    """R^T R `(n, n)` for a k x n matrix R of N(0, 1/k): the identity on average (theorem 1)."""
    mixing = rng.normal(size=(k, n)) / math.sqrt(k)
    return mixing.T @ mixing


def main_directions(examples: ArrayLike) -> Array:
    """Orthonormal rows `(n, n)`: the directions that hold most of the rows of `(m, n, n)` weights.

    The span of the first k is the best that one projection for all texts can keep, since it
    cannot know the text: what a learned projection of rank k can come to at most.
    """
    rows = np.asarray(examples, dtype=np.float64).reshape(-1, np.shape(examples)[-1])
    _, directions = np.linalg.eigh(rows.T @ rows)
    return directions.T[::-1]


def theorem_rank(n: int, eps: float) -> int:
    """The k that theorem 1's proof asks for: 5 ln n / (eps^2 - eps^3), rounded up.

    Raises UserError unless n >= 2 and 0 < eps < 1.
    """
    if not (n >= 2 and 0 < eps < 1):
        raise UserError(f"n = {n}, eps = {eps}: the theorem needs n >= 2 and 0 < eps < 1")
    return math.ceil(5 * math.log(n) / (eps**2 - eps**3))
