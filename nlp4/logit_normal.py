"""A weight whose logit is normal, or a mixture of normal variables of one width.

The sigmoid of a normal variable is logit-normal (Aitchison and Shen 1980, "Logistic-normal
distributions"). Its density and its quantiles have closed forms; its mean and its variance have
none, and are found by quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr, ndtri

from nlp4.errors import UserError

Array = NDArray[np.float64]
Mixture = tuple[Array, Array, float]  # means of the normal parts, their shares, their common sd

_TAIL = 40.0  # where e^-z is below the last digit of 1


class WeightDistribution:
    """A weight in (0, 1) whose logit is a mixture of normal variables of one width.

    A subclass says which in `mixture`. A width of 0 means that the weight is one fixed number.
    """

    @property
    def mixture(self) -> Mixture:
        """Means `(k,)` of the logit's normal parts, their shares `(k,)`, and their common sd."""
        raise NotImplementedError

    def density(self, w: ArrayLike) -> Array:
        """Density at `w`, any shape; 0 at and outside 0 and 1. UserError for a fixed weight."""
        means, shares, sd = self.mixture
        if sd == 0:
            raise UserError(
                f"The weight is always {expit(means[0]):.6g}, so it has no density: "
                "give the keys some noise and the query some length."
            )
        given = np.asarray(w, dtype=np.float64)
        inside = (given > 0) & (given < 1)
        safe = np.where(inside, given, 0.5)
        x = (logit(safe)[..., None] - means) / sd
        bells = np.exp(-np.square(x) / 2) @ shares / (sd * math.sqrt(2 * math.pi))
        return np.where(inside, bells / (safe * (1 - safe)), 0.0)

    def cdf(self, w: ArrayLike) -> Array:
        """Probability that the weight is at most `w`, any shape."""
        means, _, sd = self.mixture
        given = np.asarray(w, dtype=np.float64)
        if sd == 0:
            return np.where(given >= expit(means[0]), 1.0, 0.0)
        return self._below(logit(np.clip(given, 0.0, 1.0)))

    def quantile(self, p: ArrayLike) -> Array:
        """Return the value that the weight stays below with probability `p`, any shape.

        Raises UserError unless 0 <= p <= 1.
        """
        chance = np.asarray(p, dtype=np.float64)
        if not np.all((chance >= 0) & (chance <= 1)):
            raise UserError(
                f"p is {chance}, and a probability lies between 0 and 1: take 0.5, say."
            )
        means, _, sd = self.mixture
        if sd == 0:
            return np.full(chance.shape, expit(means[0]))
        if len(means) == 1:
            return expit(means[0] + sd * ndtri(chance))
        low = np.full(chance.shape, means.min() - _TAIL * sd)
        high = np.full(chance.shape, means.max() + _TAIL * sd)
        for _ in range(64):  # halvings, down to the last digit
            middle = (low + high) / 2
            short = self._below(middle) < chance
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.where(chance <= 0, 0.0, np.where(chance >= 1, 1.0, expit(high)))

    @property
    def mean(self) -> float:
        """Mean of the weight, by quadrature to 1e-12."""
        means, shares, sd = self.mixture
        return float(shares @ _expect(expit, _slope, means, sd))

    @property
    def variance(self) -> float:
        """Variance of the weight, by quadrature to 1e-12."""
        means, shares, sd = self.mixture
        centre = self.mean
        squares = _expect(
            lambda z: np.square(expit(z) - centre),
            lambda z: 2 * (expit(z) - centre) * _slope(z),
            means,
            sd,
        )
        return max(0.0, float(shares @ squares))

    @property
    def deviation(self) -> float:
        """Standard deviation of the weight."""
        return math.sqrt(self.variance)

    def _below(self, z: Array) -> Array:
        means, shares, sd = self.mixture
        return np.minimum(ndtr((z[..., None] - means) / sd) @ shares, 1.0)


@dataclass(frozen=True)
class LogitNormal(WeightDistribution):
    """The sigmoid of a normal variable; `logit_mean` and `logit_variance` are that variable's.

    Raises UserError if the variance is negative or either is not finite. Variance 0 is a fixed
    weight. Source: Aitchison and Shen 1980, "Logistic-normal distributions".
    """

    logit_mean: float
    logit_variance: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.logit_mean) and 0 <= self.logit_variance < math.inf):
            raise UserError(
                f"A logit of mean {self.logit_mean} and variance {self.logit_variance} does not "
                "exist: take a finite mean and a finite variance of at least 0."
            )

    @property
    def mixture(self) -> Mixture:
        """One normal part, and the whole share."""
        return np.array([self.logit_mean]), np.ones(1), math.sqrt(self.logit_variance)

    def humps(self) -> int:
        """Count the peaks of the density: 1 or 2.

        A peak at sigmoid(z) solves z - v tanh(z / 2) = m, for logit mean m and variance v. The
        left side has one solution for every m if v <= 2. Otherwise it turns twice, and there are
        two peaks exactly when |m| < sqrt(v (v - 2)) - 2 arccosh(sqrt(v / 2)).
        """
        v = self.logit_variance
        if v <= 2:
            return 1
        # For m = 0 the answer is certain, while rounding spoils the bound for v close to 2.
        return 2 if self.logit_mean == 0 or abs(self.logit_mean) < self._turn()[1] else 1

    def modes(self) -> tuple[float, ...]:
        """Return the weights at which the density peaks, in ascending order: one or two."""
        m, v = self.logit_mean, self.logit_variance
        if v <= 2:
            return (self._mode(m - v, m + v),)
        turn, _ = self._turn()
        left, right = self._mode(m - v, -turn), self._mode(turn, m + v)
        if self.humps() == 2:
            return left, right
        return (right,) if m > 0 else (left,)

    def _turn(self) -> tuple[float, float]:
        """Where z - v tanh(z / 2) turns, on the right, and how far below 0 it is there; v > 2."""
        v = self.logit_variance
        turn = 2 * math.acosh(math.sqrt(v / 2))
        return turn, math.sqrt(v * (v - 2)) - turn

    def _mode(self, low: float, high: float) -> float:
        """Solve the equation of `humps` by halving a stretch on which its left side rises."""
        m, v = self.logit_mean, self.logit_variance
        while low < (middle := (low + high) / 2) < high:
            short = middle - v * math.tanh(middle / 2) < m
            low, high = (middle, high) if short else (low, middle)
        return float(expit((low + high) / 2))


def variance_of_sigmoids(shares: Array, offsets: Array, sd: float) -> float:
    """Variance of the sum of shares * sigmoid(Z - offsets), for one Z ~ N(0, sd^2).

    Shapes: shares and offsets `(k,)`, with k >= 1; sd is at least 0. By quadrature, to 1e-12.
    """

    def average(z: Array) -> Array:
        return expit(z[..., None] - offsets) @ shares

    def slope(z: Array) -> Array:
        return _slope(z[..., None] - offsets) @ shares

    centred, bends = np.zeros(1), (float(offsets.min()), float(offsets.max()))
    mean = _expect(average, slope, centred, sd, *bends)
    found = _expect(
        lambda z: np.square(average(z) - mean),
        lambda z: 2 * (average(z) - mean) * slope(z),
        centred,
        sd,
        *bends,
    )
    return max(0.0, float(found[0]))


def _slope(z: Array) -> Array:
    """Derivative of the sigmoid."""
    return expit(z) * expit(-z)


def _expect(
    g: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    means: Array,
    sd: float,
    low: float = 0.0,
    high: float = 0.0,
) -> Array:
    """E g(Z) for Z ~ N(mean, sd^2), one for each mean, where g changes only about low to high.

    The trapezoid rule, which converges exponentially for these smooth functions: over the normal
    variable if it is narrow beside g, and by parts, over g's own bend, if it is wide.
    """
    step = 0.5
    if sd <= 1:
        x = np.arange(-9.0, 9.0 + step, step)
        bell = np.exp(-np.square(x) / 2)
        return g(means[:, None] + sd * x) @ (bell / bell.sum())
    z = np.arange(low - _TAIL, high + _TAIL + step, step)
    above = ndtr((means[:, None] - z) / sd)  # P(Z > z)
    return g(np.full(1, -np.inf)) + step * (above @ slope(z))
