"""Projections and their errors, written out: what the closed forms are held against."""

from __future__ import annotations

import numpy as np


def onto(directions: np.ndarray, k: int) -> np.ndarray:
    """The projection `(n, n)` onto the first k of orthonormal rows `(n, n)`."""
    return directions[:k].T @ directions[:k]


def relative_error(approximate: np.ndarray, exact: np.ndarray) -> float:
    """Size of the difference over the size of the exact, both Frobenius norms."""
    return float(np.linalg.norm(approximate - exact) / np.linalg.norm(exact))
