"""How much of an attention matrix a few directions hold (Wang et al. 2020, section 3).

An attention matrix P `(n, n)` has the weights of one head: row i says how much position i takes
from each position. The output of the head is P V.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nlp4.maths.copying import softmax
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


def logits(queries: ArrayLike, keys: ArrayLike) -> Array:
    """q k^T / sqrt(d) `(..., n, n)`, the scaled dot products of two `(..., n, d)`."""
    q, k = np.asarray(queries, dtype=np.float64), np.asarray(keys, dtype=np.float64)
    found: Array = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    return found


def attention(logits: ArrayLike, *, scale: float = 1.0, causal: bool = True) -> Array:
    """softmax(scale * logits) of each row of `(..., n, n)`; causal, row i looks at 0 to i alone.

    At scale 0 a row prefers nothing. With the mask that leaves its triangle, the *causal mean*:
    row i is the mean of 0..i. The larger the scale, the sharper a row.
    """
    scaled = scale * np.asarray(logits, dtype=np.float64)
    if causal:
        scaled[..., *np.triu_indices(scaled.shape[-1], 1)] = -np.inf
    return softmax(scaled)


def previous_token_logits(n: int, size: float = 20.0) -> Array:
    """A head that looks at the position before its own: `size` there, 0 elsewhere, `(n, n)`.

    Position 0 has nothing before it and looks at itself. Where `size` is large, all singular
    values but two are 1.
    """
    found = size * np.eye(n, k=-1)
    found[0, 0] = size
    return found


def truncation_errors(values: ArrayLike) -> Array:
    """Relative error of the nearest matrix of rank 1, 2, ..., n, from the singular values.

    No projection of these weights does better (Eckart and Young 1936). Frobenius norm.
    """
    left = 1 - cumulative_share(values, squared=True)
    return np.sqrt(np.maximum(left, 0.0))


def gaussian_projection(
    n: int, k: int, rng: np.random.Generator, *, shared: bool = True
) -> tuple[Array, Array]:
    """E and F, each `(k, n)` of N(0, 1/k): one matrix if shared, as in theorem 1, or two.

    One matrix R is kept on average: R^T R is the identity plus noise. Of two, E^T F is 0 plus the
    noise: nothing is kept.
    """
    e = rng.normal(size=(k, n)) / math.sqrt(k)
    return e, e if shared else rng.normal(size=(k, n)) / math.sqrt(k)


def run_means(n: int, k: int) -> Array:
    """E `(k, n)` whose rows are the means of k <= n runs of places, as equal as can be."""
    rows = np.zeros((k, n))
    for row, run in zip(rows, np.array_split(np.arange(n), k), strict=True):
        row[run] = 1 / len(run)
    return rows


def gaussian_error(n: int, k: int, *, shared: bool = True) -> float:
    """The relative error of P E^T F for such a projection, root mean square, whatever P is.

    sqrt((n + 1) / k) with one matrix, sqrt(1 + n / k) with two.
    """
    return math.sqrt((n + 1) / k if shared else 1 + n / k)


def projection_errors(
    weights: ArrayLike, values: ArrayLike, e: ArrayLike, f: ArrayLike
) -> tuple[float, float]:
    """Relative errors of P E^T F, and of P E^T F V: of the weights, and of what is handed on.

    Shapes: weights P `(m, n)`, values V `(n, d)`, e and f `(k, n)`. Frobenius norms.
    """
    p, v = np.asarray(weights, dtype=np.float64), np.asarray(values, dtype=np.float64)
    missed = p @ np.transpose(e) @ np.asarray(f) - p
    of_weights, of_output = np.linalg.norm(missed), np.linalg.norm(missed @ v)
    return float(of_weights / np.linalg.norm(p)), float(of_output / np.linalg.norm(p @ v))


def main_directions(examples: ArrayLike) -> Array:
    """Orthonormal rows `(n, n)`: the directions that hold most of the rows of `(..., n)` weights.

    The span of the first k is the best that one projection for all texts can keep, since it
    cannot know the text: what a learned projection of rank k can come to at most. No pair of two
    matrices does better: the best E^T F of rank k has E = F.
    """
    rows = np.asarray(examples, dtype=np.float64).reshape(-1, np.shape(examples)[-1])
    _, directions = np.linalg.eigh(rows.T @ rows)
    return directions.T[::-1]


def block_directions(examples: ArrayLike, k: int) -> Array:
    """A block-wise causal E `(k, n)`: row r mixes the places of block r alone, and is of length 1.

    It is the direction that holds most of what the readers of row r take from block r in weights
    `(m, n, n)`. Its readers stand at the block's last place or after it: none of them is before
    anything that the row holds, so that nothing leaks.
    """
    weights = np.asarray(examples, dtype=np.float64)
    rows = np.zeros((k, weights.shape[-1]))
    for row, block in zip(rows, np.array_split(np.arange(len(rows[0])), k), strict=True):
        main = main_directions(weights[:, block[-1] :, block])[0]
        row[block] = main * (1 if main.sum() >= 0 else -1)
    return rows


def held_share(weights: ArrayLike, rows: ArrayLike) -> float:
    """The share of the squared size of weights `(m, n)` that combinations of `rows` `(k, n)` hold.

    1 where each of the m is a combination of the rows, 0 without any row.
    """
    p = np.asarray(weights, dtype=np.float64)
    basis = np.linalg.qr(np.transpose(rows))[0]
    return float(((p @ basis) ** 2).sum() / (p**2).sum())


def theorem_rank(n: int, eps: float) -> int:
    """The k that theorem 1's proof asks for: 5 ln n / (eps^2 - eps^3), rounded up.

    Raises UserError unless n >= 2 and 0 < eps < 1.
    """
    if not (n >= 2 and 0 < eps < 1):
        raise UserError(f"n = {n}, eps = {eps}: the theorem needs n >= 2 and 0 < eps < 1")
    return math.ceil(5 * math.log(n) / (eps**2 - eps**3))
