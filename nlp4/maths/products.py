"""What dot products come to: of random vectors, and of vectors that are turned by their place.

Why scores are divided by sqrt(d) (Vaswani et al. 2017, section 3.2.1), and why rotary positions
tell distances (Su et al. 2021, section 3.4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_LENGTHS = 400  # over which a density is mixed


def draw_scores(n: int, d: int, draws: int, rng: np.random.Generator) -> Array:
    """Scores `(draws, n)` of a query and n keys, all coordinates N(0, 1), in d dimensions.

    For a query of length r they are independent and N(0, r^2), so the keys need not be drawn.
    """
    lengths = np.sqrt(rng.chisquare(d, size=(draws, 1)))
    return lengths * rng.standard_normal((draws, n))


def score_density(x: ArrayLike, d: int) -> Array:
    """The density of one such score at `x`: normal densities, mixed over the query's length.

    The length has the density r^(d - 1) e^(-r^2 / 2), up to a factor (the chi distribution).
    """
    low, high = max(0.0, d**0.5 - 6), d**0.5 + 6  # its deviation is 0.7 at most
    lengths = low + (high - low) * (np.arange(_LENGTHS) + 0.5) / _LENGTHS
    logs = (d - 1) * np.log(lengths) - lengths**2 / 2
    shares = np.exp(logs - logs.max())
    z = np.asarray(x, dtype=float)[..., None] / lengths
    bells = np.exp(-(z**2) / 2) / (lengths * np.sqrt(2 * np.pi))  # (..., _LENGTHS)
    return bells @ (shares / shares.sum())


def jacobian_size(weights: Array) -> Array:
    """The Frobenius norm of diag(w) - w w^T, the softmax's derivative, for weights `(..., n)`."""
    squares, cubes = (weights**2).sum(-1), (weights**3).sum(-1)
    return np.sqrt(np.maximum(squares - 2 * cubes + squares**2, 0.0))


def rotary_scores(q: Array, k: Array, distances: ArrayLike, *, base: float = 1e4) -> Array:
    """The dot product of `q` and `k` `(d,)`, turned, where the key stands `distances` later.

    Each pair `(x_i, x_{i + d/2})` adds a cosine and a sine of its speed times the distance.
    """
    d = len(q)
    (q1, q2), (k1, k2) = q.reshape(2, -1), k.reshape(2, -1)
    angles = np.multiply.outer(np.asarray(distances, float), base ** (-2 * np.arange(d // 2) / d))
    return np.cos(angles) @ (q1 * k1 + q2 * k2) + np.sin(angles) @ (q2 * k1 - q1 * k2)
