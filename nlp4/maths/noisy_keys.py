"""Noisy keys: how the weight on a value spreads when its key is drawn, not given.

Exercise 2c. The key means mu_i are orthonormal (rows of the identity), and k_i ~ N(mu_i, alpha I).
A long key a has alpha I + stretch mu_a mu_a^T instead, with stretch 1/2 in the exercise: k_a is
about s mu_a with s ~ N(1, 1/2). "Long" names a key whose length varies from draw to draw: in half
of its draws it is shorter than its mean. Key 0 is a and key 1 is b.

A logit k_i . q is then normal, so a weight against one fixed rival is logit-normal. Against several
noisy rivals it is a mixture of such distributions, one for each value of the log of the sum of the
rivals' exponentials (`nlp4.maths.logit_normal` has both).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nlp4.maths.logit_normal import LogitNormal, Mixture, WeightDistribution, logit_against
from nlp4.support.errors import UserError

Array = NDArray[np.float64]

STRETCH = 0.5  # the exercise's variance of a long key along its mean


def draw_keys(
    n: int,
    d: int,
    alpha: float,
    rng: np.random.Generator,
    draws: int,
    long: bool = False,
    stretch: float = STRETCH,
) -> Array:
    """Draw noisy keys `(draws, n, d)`; with `long`, key 0 is stretched along its mean (2c).

    Raises UserError unless 2 <= n <= d, draws >= 1, alpha >= 0 and stretch >= 0.
    """
    check_noise(n=n, alpha=alpha, stretch=stretch)
    check_room(n, d)
    _check_draws(draws)
    keys = np.eye(n, d) + math.sqrt(alpha) * rng.standard_normal((draws, n, d))
    if long:
        keys[:, 0, 0] += math.sqrt(stretch) * rng.standard_normal(draws)
    return keys


def draw_queries(
    n: int, d: int, beta: float, alpha: float, rng: np.random.Generator, draws: int
) -> Array:
    """Draw noisy queries beta (mu_a + mu_b + e), e ~ N(0, alpha I): `(draws, d)` (after 2c).

    Raises UserError unless 2 <= n <= d, draws >= 1, beta >= 0 and alpha >= 0.
    """
    check_noise(n=n, beta=beta, alpha=alpha)
    check_room(n, d)
    _check_draws(draws)
    means = np.eye(n, d)
    noise = math.sqrt(alpha) * rng.standard_normal((draws, d))
    return beta * (means[0] + means[1] + noise)


def normalised(keys: ArrayLike) -> Array:
    """Scale every key to length 1, as QK-norm does (Henry et al. 2020): `(..., d)` to the same.

    Raises UserError if a key has length 0.
    """
    k = np.asarray(keys, dtype=np.float64)
    lengths = np.linalg.norm(k, axis=-1, keepdims=True)
    if not np.all(lengths > 0):
        raise UserError("A key of length 0 has no direction to keep: leave it out.")
    return k / lengths


def lean(beta: float, alpha: float, long: bool = False, stretch: float = STRETCH) -> LogitNormal:
    """Share of v_a in the weight on v_a and v_b, a_a / (a_a + a_b), for q = beta (mu_a + mu_b).

    Exact for any number of keys: (k_a - k_b) . q ~ N(0, (4 alpha + stretch) beta^2), without the
    stretch unless `long` (2c). Raises UserError unless beta, alpha and stretch are at least 0.
    """
    check_noise(beta=beta, alpha=alpha, stretch=stretch)
    return LogitNormal(0.0, (4 * alpha + stretch * long) * beta**2)


def logit_deviation(
    d: int, beta: float, alpha: float, query_alpha: float, stretch: float = STRETCH
) -> float:
    """Standard deviation of (k_a - k_b) . q when the query is noisy too, as `draw_queries` has it.

    beta sqrt(4 alpha + stretch + query_alpha (2 + stretch + 2 d alpha)): exact, for keys in R^d
    and a long key a with that stretch (0 for none). The keys' noise meets the query's in a
    product, which is not normal, so this difference is normal only if one of the two has none.
    Raises UserError unless d >= 2 and the others are at least 0.
    """
    check_noise(beta=beta, alpha=alpha, stretch=stretch)
    check_noise(alpha=query_alpha)
    check_room(2, d)
    by_query = query_alpha * (2 + stretch + 2 * d * alpha)
    return beta * math.sqrt(4 * alpha + stretch + by_query)


def two_hump_scale(alpha: float, long: bool = False, stretch: float = STRETCH) -> float:
    """Return the beta above which `lean` has two humps, sqrt(2 / (4 alpha + stretch)); inf if none.

    Raises UserError unless alpha and stretch are at least 0.
    """
    check_noise(alpha=alpha, stretch=stretch)
    variance = 4 * alpha + stretch * long
    return math.sqrt(2 / variance) if variance else math.inf


def vanishing_scale(
    alpha: float, tolerance: float, long: bool = False, stretch: float = STRETCH
) -> float:
    """Return the beta at which `lean` has the standard deviation `tolerance` (2c.1).

    Below it, "alpha vanishes" is a fair approximation. Infinite where there is no noise. Raises
    UserError unless alpha and stretch are at least 0 and 0 < tolerance < 1/2, where the
    deviation ends.
    """
    check_noise(alpha=alpha, stretch=stretch)
    if not 0 < tolerance < 0.5:
        raise UserError(
            f"tolerance is {tolerance}, and the weight's standard deviation lies between 0 and "
            "0.5: take 0.05, say."
        )
    unit = 4 * alpha + stretch * long  # variance of the logit at beta = 1
    if unit == 0:
        return math.inf
    low, high = 0.0, 1.0  # standard deviations of the logit
    while LogitNormal(0.0, high**2).deviation < tolerance:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        short = LogitNormal(0.0, middle**2).deviation < tolerance
        low, high = (middle, high) if short else (low, middle)
    return high / math.sqrt(unit)


@dataclass(frozen=True)
class WeightOnA(WeightDistribution):
    """Exact distribution of the weight on v_a among n keys, for q = beta (mu_a + mu_b) (2c).

    Exact in closed form for n = 2 or without isotropic noise (alpha = 0). Otherwise by
    quadrature: probabilities are right to 1e-11. Time and memory grow about like n ln n. Raises
    UserError unless n >= 2 and beta, alpha and stretch are at least 0.
    """

    n: int
    beta: float
    alpha: float
    long: bool = False
    stretch: float = STRETCH

    def __post_init__(self) -> None:
        check_noise(n=self.n, beta=self.beta, alpha=self.alpha, stretch=self.stretch)

    @cached_property
    def mixture(self) -> Mixture:
        """The logit's normal parts: one for each value of the log-sum of the rivals."""
        noise = 2 * self.alpha * self.beta**2  # alpha |q|^2
        own = noise + self.stretch * self.long * self.beta**2
        return logit_against([(0.0, 1), (-self.beta, self.n - 2)], own, math.sqrt(noise))


def check_noise(
    n: int = 2, beta: float = 0.0, alpha: float = 0.0, stretch: float = STRETCH
) -> None:
    """Raise UserError unless n >= 2 and beta, alpha and stretch are finite and at least 0."""
    if not n >= 2:
        raise UserError(f"n is {n}, and attention chooses among at least 2 keys: take n >= 2.")
    for name, value in (("beta", beta), ("alpha", alpha), ("stretch", stretch)):
        if not 0 <= value < math.inf:
            raise UserError(f"{name} is {value}: take a finite number that is not negative.")


def _check_draws(draws: int) -> None:
    if draws < 1:
        raise UserError(f"draws is {draws}: draw at least once.")


def check_room(n: int, d: int) -> None:
    """Raise UserError unless R^d has room for n orthonormal means: n <= d."""
    if d < n:
        raise UserError(f"{n} orthonormal means do not fit into R^{d}: take d >= {n}.")
