"""What the tests of noisy keys share: drawn weights, their comparison, a second quadrature."""

from __future__ import annotations

import math

import numpy as np

from nlp4.maths.copying import attention_weights
from nlp4.maths.logit_normal import WeightDistribution
from nlp4.maths.noisy_keys import draw_keys

DRAWS = 200_000
WIDE = 4.5  # standard errors; the seeds are fixed, so a test passes or fails for good

# n, beta, alpha, long
CASES = [
    (3, 1.0, 0.1, False),
    (3, 4.0, 0.02, True),
    (8, 5.0, 0.05, False),
    (8, 3.0, 1.0, True),
    (8, 0.7, 0.001, False),
    (8, 20.0, 0.3, True),
    (30, 6.0, 0.1, True),
]


def weights_drawn(
    n: int, alpha: float, long: bool, query: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Weights `(draws, n)` of drawn keys in R^n for one query `(n,)`."""
    return attention_weights(
        draw_keys(n, n, alpha, np.random.default_rng(seed), draws, long), query
    )


def check_sample(sample: np.ndarray, law: WeightDistribution, points: int = 9) -> None:
    """Mean, variance and the shares below some quantiles, within WIDE standard errors."""
    size = len(sample)
    assert abs(sample.mean() - law.mean) < WIDE * law.deviation / math.sqrt(size)
    fourth = ((sample - sample.mean()) ** 4).mean()
    error = math.sqrt(max(fourth - law.variance**2, 1e-30) / size)
    assert abs(sample.var() - law.variance) < WIDE * error
    p = np.linspace(0.02, 0.98, points)
    bounds = law.quantile(p)
    p, bounds = p[bounds < 1], bounds[bounds < 1]  # where a double cannot tell it from 1
    assert len(p) > 3
    share = (sample[:, None] <= bounds).mean(axis=0)
    assert np.all(np.abs(share - p) < WIDE * np.sqrt(p * (1 - p) / size))


def moments(
    own: tuple[float, float], rivals: list[tuple[float, float, int]]
) -> tuple[float, float]:
    """Mean and second moment of X_a / (X_a + S), by Laplace transforms.

    1 / S is the integral of e^{-tS} over t, and 1 / S^2 that of t e^{-tS}. `own` is the mean and
    the sd of ln X_a; `rivals` the mean, the sd and the number of the others.
    """
    widest = max(own[1], *(sd for _, sd, _ in rivals))
    centres = [own[0], *(m for m, _, _ in rivals)]
    y = np.arange(-max(centres) - 42 - 9 * widest, -min(centres) + 9 * widest + 6, 0.1)

    def transform(m: float, sd: float, power: int) -> np.ndarray:
        x = np.arange(-9, 9, 0.25 / max(1.0, sd))
        bell = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
        exponent = np.minimum(y[:, None] + m + sd * x, 30.0)
        return np.exp(power * exponent - np.exp(exponent)) @ bell

    others = np.prod([transform(m, sd, 0) ** count for m, sd, count in rivals], axis=0)
    first, second = (0.1 * (transform(*own, power) * others).sum() for power in (1, 2))
    return float(first), float(second)
