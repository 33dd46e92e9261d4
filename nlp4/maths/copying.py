"""One query, noiseless keys: when attention copies a value and when it averages two.

Exercise 2a and 2b. Only differences between logits count, so every result there is about a gap.
Below them: where a query looks, which key wins it in the plane, and which of many is furthest.
Numpy alone does it: a web page that shows copying then loads 9 MB, where scipy would add 20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nlp4.support.errors import UserError

Array = NDArray[np.float64]

_ORTHOGONAL = 1e-9  # largest cosine that still counts as a right angle
_STRAIGHT = 1e-12  # twice the area of three points on a line, in the plane's units


def softmax(logits: ArrayLike, axis: int = -1) -> Array:
    """Weights that sum to 1 along `axis`: exp(logits) over its sum.

    Shapes: any, and the same comes out. Logits of any finite size are safe.
    """
    x = np.asarray(logits, dtype=np.float64)
    odds = np.exp(x - x.max(axis=axis, keepdims=True))
    weights: Array = odds / odds.sum(axis=axis, keepdims=True)
    return weights


def attention_weights(keys: ArrayLike, query: ArrayLike, *, sign_blind: bool = False) -> Array:
    """softmax(k_i . q): the weight of each key (exercise 2, equation 1).

    Shapes: keys `(..., n, d)`, query `(..., d)`, result `(..., n)`. With `sign_blind` it is
    softmax(|k_i . q|): a key and its opposite get the same weight.
    """
    k, q = np.asarray(keys, dtype=np.float64), np.asarray(query, dtype=np.float64)
    logits = np.einsum("...nd,...d->...n", k, q)
    return softmax(np.abs(logits) if sign_blind else logits)


def attention_output(weights: ArrayLike, values: ArrayLike) -> Array:
    """c = sum of a_i v_i: the values averaged by their weights (exercise 2, equation 1).

    Shapes: weights `(..., n)`, values `(..., n, m)`, result `(..., m)`.
    """
    a, v = np.asarray(weights, dtype=np.float64), np.asarray(values, dtype=np.float64)
    return np.einsum("...n,...nm->...m", a, v)


def margin(n: ArrayLike, eps: ArrayLike) -> Array:
    """Gap above n - 1 equal logits that gives one key the weight 1 - eps (exercise 2a).

    ln((n - 1)(1 - eps) / eps), for arrays of `n` and `eps` too. Raises UserError unless n >= 2
    and 0 < eps < 1.
    """
    share = np.asarray(eps, dtype=np.float64)
    if not np.all((share > 0) & (share < 1)):
        raise UserError(f"eps is {share}, and a share lost lies between 0 and 1: take 0.01, say.")
    return _log_rivals(n) - (np.log(share) - np.log1p(-share))


def gap(logits: ArrayLike) -> Array:
    """How far the largest of `(..., n)` logits is above the others, as if those were all equal.

    That is the largest minus ln(mean of e^logit over the others). Whatever the others are, the
    largest has the softmax weight 1 - eps exactly where the gap is `margin(n, eps)`. With one
    logit it is infinite.
    """
    x = np.sort(np.asarray(logits, dtype=np.float64), axis=-1)
    others, rivals = x[..., :-1], x.shape[-1] - 1
    if not rivals:
        return np.full(x.shape[:-1], np.inf)
    level: Array = np.logaddexp.reduce(others, axis=-1) - math.log(rivals)
    return x[..., -1] - level


def averaging_query(
    keys: ArrayLike, a: int, b: int, c1: float, c2: float, orthogonal: ArrayLike | None = None
) -> Array:
    """c1 (k_a + k_b) + c2 (sum of the other keys) + x, the report's query for 2b.

    Shapes: keys `(n, d)`, `orthogonal` (the x above) and the result `(d,)`; a and b count from 0.
    Raises UserError if a and b are one key or not there, or if x is not orthogonal to all keys.
    """
    k = np.asarray(keys, dtype=np.float64)
    _check_pair(len(k), a, b)
    scales = np.full(len(k), c2, dtype=np.float64)
    scales[[a, b]] = c1
    query = scales @ k
    if orthogonal is None:
        return query
    x = np.asarray(orthogonal, dtype=np.float64)
    lengths = np.linalg.norm(k, axis=-1) * np.linalg.norm(x)
    touched = np.flatnonzero(np.abs(k @ x) > _ORTHOGONAL * lengths)
    if touched.size:
        raise UserError(
            f"x is not orthogonal to key {touched[0]} (dot product {k[touched[0]] @ x:.3g}): "
            "subtract from x its part in the span of the keys."
        )
    return query + x


def even_query(keys: ArrayLike) -> Array:
    """The shortest query with the logit 1 at each of a few keys `(m, d)`; `(d,)`.

    The pseudo-inverse gives it. `c1 (k_a + k_b)` of exercise 2b does so for keys that are
    orthogonal and of length 1; this one, scaled, averages any keys that are linearly independent.
    Keys on one line may have no such query: then the logits come as near to 1 as they can.
    """
    k = np.asarray(keys, dtype=np.float64)
    query: Array = np.linalg.pinv(k, rcond=1e-9) @ np.ones(len(k))
    return query


def averaging_weights(n: ArrayLike, c1: ArrayLike, c2: ArrayLike) -> tuple[Array, Array]:
    """Weights on each of the two keys and on each of the others, for `averaging_query` (2b).

    e^c1 / (2 e^c1 + (n - 2) e^c2) and e^c2 over the same, exact for orthonormal keys; for arrays
    too. With n = 2 there are no others, and their weight is given as 0. Raises UserError unless
    n >= 2.
    """
    rest = _count(n) - 2
    gap = np.asarray(c1, dtype=np.float64) - np.asarray(c2, dtype=np.float64)
    with np.errstate(divide="ignore"):  # no others: ln 0 = -inf gives the right limits
        against = np.log(rest / 2) - gap
    two, others = (np.exp(-np.logaddexp(0, x)) for x in (against, -against))
    return two / 2, others / np.maximum(rest, 1)


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


def share_won(sectors: tuple[Sector, ...], key: int) -> float:
    """Share of all query directions that this key wins."""
    return sum(each.end - each.start for each in sectors if each.winner == key) / (2 * math.pi)


def hull(points: Array) -> tuple[int, ...]:
    """Which of the points `(n, 2)` are corners of their convex hull, in order around it.

    Points on one line are returned as they come: their hull has no area.
    """
    from_left = np.lexsort((points[:, 1], points[:, 0]))
    corners = (*_turning_left(points, from_left), *_turning_left(points, from_left[::-1]))
    return corners if len(corners) > 2 else tuple(range(len(points)))


def _turning_left(points: Array, order: NDArray[np.intp]) -> list[int]:
    """The corners of one side of the hull but its last, by Andrew's monotone chain (1979)."""
    corners: list[int] = []
    for i in order.tolist():
        while len(corners) > 1:
            (x, y), (u, v) = points[[corners[-1], i]] - points[corners[-2]]
            if x * v - y * u > _STRAIGHT:
                break
            corners.pop()
        corners.append(i)
    return corners[:-1]


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


def _count(n: ArrayLike) -> Array:
    """Return the number of keys as floats, or raise UserError below 2."""
    count = np.asarray(n, dtype=np.float64)
    if not np.all(count >= 2):
        raise UserError(
            f"n is {np.asarray(n)}, and attention chooses among at least 2 keys: take n >= 2."
        )
    return count


def _log_rivals(n: ArrayLike) -> Array:
    return np.log(_count(n) - 1)


def _check_pair(n: int, a: int, b: int) -> None:
    if a == b:
        raise UserError(f"a and b are both key {a}: name two different keys to average.")
    for name, key in (("a", a), ("b", b)):
        if not 0 <= key < n:
            raise UserError(
                f"{name} is key {key}, and the keys are 0 to {n - 1}: take one of them."
            )
