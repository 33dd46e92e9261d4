"""Vectors and where a query looks among them: winning keys in the plane, the furthest of many."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sector:
    """Query directions from `start` to `end` (radians, end > start) that key `winner` wins."""

    start: float
    end: float
    winner: int


def winning_sectors(keys: Array) -> tuple[Sector, ...]:
    """Cut the circle of query directions by the winning key of `(n, 2)` keys.

    A key wins where its dot product with the query is the largest: where the softmax puts most
    of its weight, whatever the query's length. The winner changes only across a direction that
    is orthogonal to the difference of two keys. Keys inside the hull of the others win nowhere.
    A region that contains the direction 0 comes as two sectors, the first and the last.
    """
    cuts = {0.0}
    for i, j in combinations(range(len(keys)), 2):
        x, y = keys[i] - keys[j]
        angle = np.arctan2(x, -y)  # orthogonal to the difference
        cuts |= {float(angle % (2 * np.pi)), float((angle + np.pi) % (2 * np.pi))}
    starts = sorted(cuts)
    ends = [*starts[1:], 2 * np.pi]
    found: list[Sector] = []
    for start, end in zip(starts, ends, strict=True):
        middle = (start + end) / 2
        winner = int((keys @ [np.cos(middle), np.sin(middle)]).argmax())
        if found and found[-1].winner == winner:
            found[-1] = Sector(found[-1].start, end, winner)
        else:
            found.append(Sector(start, end, winner))
    return tuple(found)


def hull(points: Array) -> tuple[int, ...]:
    """Which of the points `(n, 2)` are corners of their convex hull, in order around it.

    Points on one line are returned as they come: their hull has no area.
    """
    if len(points) < 3:
        return tuple(range(len(points)))
    try:
        return tuple(int(i) for i in ConvexHull(points).vertices)
    except QhullError:
        return tuple(range(len(points)))


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
