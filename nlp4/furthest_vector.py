"""The task that one full layer does and a sparse one cannot (Zaheer et al. 2020, proposition 1).

For each of n unit vectors, find the one that is furthest from it. Attention with the query -x
looks for exactly that: for unit vectors the furthest has the smallest dot product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def unit_vectors(n: int, d: int, rng: np.random.Generator) -> Array:
    """Random directions, `(n, d)`."""
    drawn = rng.normal(size=(n, d))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def furthest(vectors: Array) -> NDArray[np.intp]:
    """The index of the vector furthest from each of `(n, d)`: by distance, not by attention."""
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1)  # (n, n)
    return distances.argmax(axis=1)


def pointed_at(vectors: Array, mask: NDArray[np.bool_], scale: float = 100.0) -> NDArray[np.intp]:
    """Where one attention layer with the query -scale x looks most, among what `mask` shows.

    `mask` is boolean `(n, n)`: True where position i sees position j.
    """
    logits = np.where(mask, -scale * vectors @ vectors.T, -np.inf)
    return logits.argmax(axis=1)
