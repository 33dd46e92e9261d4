"""What the explorers of notebook 01 show, as numbers: one function from settings to a scene.

Nothing is drawn here. A scene holds what a picture needs and what its caption says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from nlp4 import copying, crosstalk, noisy_keys
from nlp4.heads import head_queries, heads_weights, looks_away, output_variance
from nlp4.plane import Sector, hull, winning_sectors

Array = NDArray[np.float64]
Others = Literal["all equal", "spread out", "one rival"]
WANTED = 0.99  # the weight that counts as copying
DRAWS = 4_000

# Angle in degrees and length of each key in the plane; key 4 lies inside the others' hull.
_KEYS = ((20, 1.0), (150, 0.95), (265, 1.05), (95, 0.3), (80, 0.9), (205, 0.8), (320, 0.9), (40, 1))
_VALUES = (
    (0.9, 0.35),
    (-0.85, 0.55),
    (-0.15, -0.95),
    (0.1, 0.05),
    (0.25, 0.95),
    (-0.9, -0.45),
    (0.7, -0.75),
    (-0.3, 0.9),
)


@dataclass(frozen=True)
class CopyScene:
    """One query against n keys: logits and weights `(n,)`, and what `WANTED` would take."""

    which: int
    logits: Array
    weights: Array
    needed: float  # the chosen logit that gives exactly the weight wanted, the others as they are


def copy_scene(n: int, which: int, scale: float, others: Others) -> CopyScene:
    """Key `which` (from 0) gets the logit `scale`; the others are equal, spread, or one rivals it.

    A `which` beyond the last key means the last one. Exercise 2a.
    """
    which = min(which, n - 1)
    logits = np.zeros(n)
    rest = np.arange(n) != which
    if others == "spread out":
        logits[rest] = np.linspace(-0.5, 0.5, n - 1) * scale
    elif others == "one rival":
        logits[(which + 1) % n] = 0.8 * scale
    logits[which] = scale
    needed = float(logsumexp(logits[rest]) + np.log(WANTED / (1 - WANTED)))
    return CopyScene(which, logits, copying.softmax(logits), needed)


@dataclass(frozen=True)
class PlaneScene:
    """A query among keys in the plane `(n, 2)`, and its output among their values `(n, 2)`."""

    keys: Array
    values: Array
    query: Array
    weights: Array
    output: Array
    sectors: tuple[Sector, ...]
    hull: tuple[int, ...]  # values at the corners of their convex hull, in order

    @property
    def winner(self) -> int:
        """The key with the largest weight."""
        return int(self.weights.argmax())


def plane_scene(number: int, angle: float, length: float) -> PlaneScene:
    """The first `number` keys, and a query of that angle (degrees) and length. Exercise 2a."""
    angles, lengths = np.array(_KEYS[:number], dtype=float).T
    keys = lengths[:, None] * _directions(angles)  # (n, 2)
    values = np.array(_VALUES[:number])
    query = length * _directions(np.array([angle]))[0]
    weights = copying.attention_weights(keys, query)
    output = copying.attention_output(weights, values)
    return PlaneScene(keys, values, query, weights, output, winning_sectors(keys), hull(values))


def _directions(degrees: Array) -> Array:
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=-1)


@dataclass(frozen=True)
class AverageScene:
    """The report's averaging query at work: weights `(n,)`, values and output in the plane."""

    weights: Array
    values: Array
    output: Array
    target: Array
    pair: tuple[int, int]  # the two keys to average, a and b
    exact: tuple[float, float]  # weight on each of the two, and on each of the others
    gap: float  # c1 - c2

    @property
    def error(self) -> float:
        """Distance of the output from the average of the two values; values have length 1."""
        return float(np.linalg.norm(self.output - self.target))


def average_scene(n: int, c1: float, c2: float, x: float) -> AverageScene:
    """`q = c1 (k_a + k_b) + c2 (the other keys) + x`, x orthogonal to all keys. Exercise 2b."""
    keys = np.eye(n, n + 1)  # orthonormal, and one direction is left over for x
    a, b = 0, n // 3 or 1
    beyond = x * np.eye(n + 1)[n]
    query = copying.averaging_query(keys, a, b, c1, c2, orthogonal=beyond)
    weights = copying.attention_weights(keys, query)
    values = _directions(90 + 360 * np.arange(n) / n)
    two, rest = copying.averaging_weights(n, c1, c2)
    return AverageScene(
        weights,
        values,
        copying.attention_output(weights, values),
        (values[a] + values[b]) / 2,
        (a, b),
        (float(two), float(rest)),
        c1 - c2,
    )


@dataclass(frozen=True)
class NoisyScene:
    """Draws of the weight on v_a `(DRAWS,)`, its exact distribution, and where it splits."""

    n: int
    alpha: float
    long: bool
    beta: float
    draws: Array
    grid: Array
    density: Array
    quartiles: tuple[float, float]
    deviation: float
    split: float  # scale above which two keys alone give two humps
    vanishing: float  # scale at which the deviation of two keys alone reaches 0.05


def noisy_scene(n: int, alpha: float, long: bool, beta: float, seed: int) -> NoisyScene:
    """Noisy keys and the query `beta (mu_a + mu_b)`. Exercise 2c."""
    rng = np.random.default_rng(seed)
    keys = noisy_keys.draw_keys(n, n, alpha, rng, DRAWS, long=long)
    query = beta * (np.eye(n)[0] + np.eye(n)[1])
    exact = noisy_keys.WeightOnA(n, beta, alpha, long)
    varies = exact.mixture[2] > 0  # a fixed weight's computed deviation may not be exactly 0
    grid = np.linspace(0.0025, 0.9975, 200)
    low, high = exact.quantile(np.array([0.25, 0.75]))
    return NoisyScene(
        n=n,
        alpha=alpha,
        long=long,
        beta=beta,
        draws=copying.attention_weights(keys, query)[:, 0],
        grid=grid,
        density=exact.density(grid) if varies else np.zeros_like(grid),
        quartiles=(float(low), float(high)),
        deviation=exact.deviation,
        split=noisy_keys.two_hump_scale(alpha, long),
        vanishing=noisy_keys.vanishing_scale(alpha, 0.05, long),
    )


@dataclass(frozen=True)
class HeadsScene:
    """The heads' average weight on v_a over draws, and how often head 1 looks away."""

    heads: int
    beta: float
    long: bool
    normalise: bool
    mean_weight: Array  # (draws,), the average over heads of the weight on v_a
    away: float | None  # share of draws in which head 1 gives v_a less than half; None for one head
    curve: Array  # (2, points): scale, and the exact probability for vanishing alpha
    exact_away: float  # the same at this scale and alpha, for the long key
    exact_deviation: float | None  # of mean_weight, where it is known: the long key alone
    limit: float  # of the probability, as the scale grows


HEAD_KEYS = 8  # keys in the heads' scene
HEAD_DRAWS = 2_000  # with eight keys each; more would be felt at the slider


def heads_scene(
    heads: int, beta: float, alpha: float, long: bool, normalise: bool, own: bool, seed: int
) -> HeadsScene:
    """Heads in pairs, one on each key; `own`: every head draws its own noise. Exercise 2d."""
    n, rng = HEAD_KEYS, np.random.default_rng(seed)
    draws = HEAD_DRAWS if not own else HEAD_DRAWS // heads
    keys = noisy_keys.draw_keys(n, n, alpha, rng, draws * (heads if own else 1), long=long)
    keys = keys.reshape(draws, heads, n, n) if own else keys
    if normalise:
        keys = noisy_keys.normalised(keys)
    weights = heads_weights(keys, head_queries(heads, n, n, beta))  # (draws, heads, n)
    known = long and alpha == 0 and not normalise
    return HeadsScene(
        heads=heads,
        beta=beta,
        long=long,
        normalise=normalise,
        mean_weight=weights[:, :, 0].mean(1),
        away=float((weights[:, 0, 0] < 0.5).mean()) if heads > 1 else None,
        curve=_looks_away_curve(n),
        exact_away=looks_away(n, beta, alpha),
        exact_deviation=output_variance(heads, n, beta, shared=not own) ** 0.5 if known else None,
        limit=looks_away(n, np.inf),
    )


@lru_cache(maxsize=4)
def _looks_away_curve(n: int) -> Array:
    scales = np.linspace(0.5, 40, 159)
    return np.array([scales, [looks_away(n, scale) for scale in scales]])


@dataclass(frozen=True)
class CrosstalkScene:
    """Random unit keys, one of them asked for: overlaps `(n - 1,)`, and the weight that it gets."""

    n: int
    d: int
    scale: float
    overlaps: Array
    grid: Array
    density: Array
    weight: float
    bound: float  # what the mean of that weight is at least
    curve: Array  # (3, points): scale, weight measured, bound


def crosstalk_scene(n: int, d: int, scale: float, seed: int) -> CrosstalkScene:
    """Ask for one of n random keys in d dimensions, with the query `scale` times that key."""
    keys = crosstalk.random_keys(n, d, np.random.default_rng(seed))
    overlaps = keys[1:] @ keys[0]
    scales = np.linspace(0, 40, 81)
    logits = scales[:, None] * np.concatenate([[1.0], overlaps])
    grid = np.linspace(-0.995, 0.995, 200)  # in the plane the density has poles at the ends
    bounds = np.array([crosstalk.copy_weight(n, d, s) for s in scales])
    return CrosstalkScene(
        n,
        d,
        scale,
        overlaps,
        grid,
        crosstalk.overlap_density(grid, d),
        float(copying.softmax(scale * np.concatenate([[1.0], overlaps]))[0]),
        float(crosstalk.copy_weight(n, d, scale)),
        np.stack([scales, copying.softmax(logits)[:, 0], bounds]),
    )
