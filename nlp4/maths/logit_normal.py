"""The log of a sum of exponentials of normal variables: how it is distributed, by quadrature.

In a softmax, a key's weight is the sigmoid of its logit less the log of the sum of its rivals'
exponentials. If the rivals' logits are noisy, that log-sum has no closed form. Here its density is
kept on a grid and rivals are added to it, a block of them at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, logsumexp, ndtr, ndtri

from nlp4.support.errors import UserError

Array = NDArray[np.float64]

# The numbers below keep truncation and discretisation near 1e-12 each; their reasons stand where
# they are used.
_REACH = 7.5  # standard deviations kept on either side
_PER_WIDTH = 0.4  # grid step over the narrowest normal bump that it must carry
_PER_BUMP = 0.8  # integration step over the same


def logit_against(rivals: list[tuple[float, int]], variance: float, tau: float) -> Mixture:
    """Logit of a key's weight: N(0, variance) less the log-sum of its rivals' exponentials.

    `rivals` lists means and how many rivals share each; their logits are independent, of sd tau.
    Returns the normal parts of the key's logit: means `(k,)`, shares `(k,)` and their sd. Exact for
    one rival or tau = 0; otherwise probabilities are right to 1e-11. Raises UserError unless there
    is a rival, no count is negative, and variance and tau are finite and at least 0.
    """
    _check(rivals, variance, tau)
    present = [(mean, count) for mean, count in rivals if count]
    means, counts = (np.array(column, dtype=np.float64) for column in zip(*present, strict=True))
    terms = int(counts.sum())
    if tau == 0 or terms == 1:
        sd = math.sqrt(variance + tau**2)
        return -np.atleast_1d(logsumexp(means, b=counts)), np.ones(1), sd
    grid = _grid(tau, terms)
    bell = np.exp(-np.square(grid.points / tau) / 2) / (tau * math.sqrt(2 * math.pi))
    total: _LogSum | None = None
    for mean, count in present:
        block = _LogSum(mean, 1, bell)
        while count:  # add up `count` copies by doubling
            if count % 2:
                total = block if total is None else _add(total, block, grid, tau)
            count //= 2
            block = _add(block, block, grid, tau) if count else block
    assert total is not None
    shares = np.maximum(total.density, 0.0)  # rounding leaves some of the zeros at -1e-18
    return -(total.centre + grid.points), shares / shares.sum(), math.sqrt(variance)


@dataclass(frozen=True)
class _Grid:
    """Where densities of log-sums are kept: `low + step * (0, ..., half)`, about their centre."""

    low: float
    step: float
    half: int
    reach: float  # how far two such variables can be apart, beyond their centres

    @cached_property
    def points(self) -> Array:
        return self.low + self.step * np.arange(self.half + 1, dtype=np.float64)

    def moved(self, density: Array, shifts: Array) -> Array:
        """Return the density moved to the right by each shift: `(half + 1,)` to `(k, half + 1)`.

        Exact for a band-limited density. The period is twice the grid, so that nothing comes
        back in at the other end.
        """
        frequencies = 2 * np.pi * np.fft.rfftfreq(2 * self.half, self.step)
        spectrum = np.fft.rfft(density, n=2 * self.half)
        turned = spectrum * np.exp(-1j * np.outer(shifts, frequencies))
        return np.fft.irfft(turned, n=2 * self.half)[:, : self.half + 1]


def _grid(tau: float, terms: int) -> _Grid:
    """Lay a grid for ln(sum of exp(normal variables of sd tau)), of up to `terms` of them.

    Such a log-sum moves no faster than the length of the noise, so its tails are no wider than a
    normal variable's, about a mean that lies above its centre by tau^2 / 2 or tau sqrt(2 ln terms)
    at most. Its density is a mean of normal bumps of sd tau / sqrt(terms), so it is band-limited.
    """
    rise = min(tau**2 / 2, tau * math.sqrt(2 * math.log(terms)))
    span = 2 * _REACH * tau + rise
    half = math.ceil(span * math.sqrt(terms) / (_PER_WIDTH * tau))
    return _Grid(-_REACH * tau, span / half, half, math.sqrt(2) * _REACH * tau + rise)


@dataclass(frozen=True)
class _LogSum:
    """ln of a sum of `terms` independent exponentials: centre, and density about it on a grid."""

    centre: float
    terms: int
    density: Array


def _add(a: _LogSum, b: _LogSum, grid: _Grid, tau: float) -> _LogSum:
    """Distribution of ln(e^A + e^B).

    With u = B - A and softplus(u) = ln(1 + e^u), its density at l is the integral over u of
    p_A(l - softplus(u)) p_B(l - softplus(-u)). The rule runs in asinh(u), which takes small steps
    near the bend at u = 0 and large ones far from it.
    """
    apart = b.centre - a.centre
    ends = np.array([apart - grid.reach, apart + grid.reach])
    bump = tau / math.sqrt(max(a.terms, b.terms))
    # Below 0.08 for every tau, since the ends lie 10 tau out: small enough for the bend, too.
    step = _PER_BUMP * bump / math.sqrt(1 + np.square(ends).max())
    low, high = np.arcsinh(ends)
    v = np.linspace(low, high, math.ceil((high - low) / step) + 1)
    u = np.sinh(v)
    left = grid.moved(a.density, np.logaddexp(0, u) - np.logaddexp(0, apart))
    right = grid.moved(b.density, np.logaddexp(0, -u) - np.logaddexp(0, -apart))
    density = np.einsum("k,kx,kx->x", np.cosh(v) * (v[1] - v[0]), left, right)
    return _LogSum(float(np.logaddexp(a.centre, b.centre)), a.terms + b.terms, density)


def _check(rivals: list[tuple[float, int]], variance: float, tau: float) -> None:
    counts = [count for _, count in rivals]
    if sum(counts) < 1 or min(counts) < 0:
        raise UserError(
            f"rivals is {rivals}: give pairs of a mean and a count, with at least 1 rival in all "
            "and no negative count."
        )
    for name, value in (("variance", variance), ("tau", tau)):
        if not 0 <= value < math.inf:
            raise UserError(f"{name} is {value}: take a finite number that is not negative.")


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
        return 2 if self.logit_mean == 0 or abs(self.logit_mean) < self._bound() else 1

    def _bound(self) -> float:
        """How far below 0 the left side is where it turns, on the right; v > 2."""
        v = self.logit_variance
        return math.sqrt(v * (v - 2)) - 2 * math.acosh(math.sqrt(v / 2))


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
        # Summed up as the product is, whatever the processor's order: a constant stays itself.
        return g(means[:, None] + sd * x) @ bell / (np.ones((1, len(x))) @ bell)
    z = np.arange(low - _TAIL, high + _TAIL + step, step)
    above = ndtr((means[:, None] - z) / sd)  # P(Z > z)
    return g(np.full(1, -np.inf)) + step * (above @ slope(z))
