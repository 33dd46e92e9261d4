"""Noisy keys: how the weight on a value spreads when its key is drawn, not given.

Exercise 2c and 2d. The key means mu_i are orthonormal (rows of the identity), and
k_i ~ N(mu_i, alpha I). A long key a has alpha I + stretch mu_a mu_a^T instead, with stretch 1/2 in
the exercise: k_a is about s mu_a with s ~ N(1, 1/2). Key 0 is a and key 1 is b.

A logit k_i . q is then normal, so a weight against one fixed rival is the sigmoid of a normal
variable: logit-normal (Atchison and Shen 1980). Against several noisy rivals it is a mixture of
such distributions, one for each value of the log of the sum of the rivals' exponentials.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, logsumexp, ndtr, ndtri

from nlp4.copying import attention_output, attention_weights
from nlp4.errors import UserError

Array = NDArray[np.float64]
Mixture = tuple[Array, Array, float]  # means of the normal parts, their shares, their common sd

STRETCH = 0.5  # the exercise's variance of a long key along its mean

# The numbers below keep truncation and discretisation near 1e-12 each; their reasons stand where
# they are used.
_REACH = 7.5  # standard deviations kept on either side
_PER_WIDTH = 0.4  # grid step over the narrowest normal bump that it must carry
_PER_BUMP = 0.8  # integration step over the same
_TAIL = 40.0  # where e^-z is below the last digit of 1


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
    _check(n=n, alpha=alpha, stretch=stretch)
    _check_room(n, d)
    if draws < 1:
        raise UserError(f"draws is {draws}: draw at least once.")
    keys = np.eye(n, d) + math.sqrt(alpha) * rng.standard_normal((draws, n, d))
    if long:
        keys[:, 0, 0] += math.sqrt(stretch) * rng.standard_normal(draws)
    return keys


def normalised(keys: ArrayLike) -> Array:
    """Scale every key to length 1, as QK-norm does (Henry et al. 2020): `(..., d)` to the same.

    Raises UserError if a key has length 0.
    """
    k = np.asarray(keys, dtype=np.float64)
    lengths = np.linalg.norm(k, axis=-1, keepdims=True)
    if not np.all(lengths > 0):
        raise UserError("A key of length 0 has no direction to keep: leave it out.")
    return k / lengths


class _Weight:
    """A weight in (0, 1) whose logit is a mixture of normal variables of one width.

    `_mixture` says which. A width of 0 means that the weight is one fixed number.
    """

    @property
    def _mixture(self) -> Mixture:
        raise NotImplementedError

    def density(self, w: ArrayLike) -> Array:
        """Density at `w`, any shape; 0 at and outside 0 and 1. UserError for a fixed weight."""
        means, shares, sd = self._mixture
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
        means, _, sd = self._mixture
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
        means, _, sd = self._mixture
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
        means, shares, sd = self._mixture
        return float(shares @ _expect(expit, _slope, means, sd))

    @property
    def variance(self) -> float:
        """Variance of the weight, by quadrature to 1e-12."""
        means, shares, sd = self._mixture
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
        means, shares, sd = self._mixture
        return np.minimum(ndtr((z[..., None] - means) / sd) @ shares, 1.0)


@dataclass(frozen=True)
class LogitNormal(_Weight):
    """The sigmoid of a normal variable; `logit_mean` and `logit_variance` are that variable's.

    Raises UserError if the variance is negative or either is not finite. Variance 0 is a fixed
    weight. Source: Atchison and Shen 1980, "Logistic-normal distributions".
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
    def _mixture(self) -> Mixture:
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


def lean(beta: float, alpha: float, long: bool = False, stretch: float = STRETCH) -> LogitNormal:
    """Share of v_a in the weight on v_a and v_b, a_a / (a_a + a_b), for q = beta (mu_a + mu_b).

    Exact for any number of keys: (k_a - k_b) . q ~ N(0, (4 alpha + stretch) beta^2), without the
    stretch unless `long` (2c). Raises UserError unless beta, alpha and stretch are at least 0.
    """
    _check(beta=beta, alpha=alpha, stretch=stretch)
    return LogitNormal(0.0, (4 * alpha + stretch * long) * beta**2)


def two_hump_scale(alpha: float, long: bool = False, stretch: float = STRETCH) -> float:
    """Return the beta above which `lean` has two humps, sqrt(2 / (4 alpha + stretch)); inf if none.

    Raises UserError unless alpha and stretch are at least 0.
    """
    _check(alpha=alpha, stretch=stretch)
    variance = 4 * alpha + stretch * long
    return math.sqrt(2 / variance) if variance else math.inf


def vanishing_scale(alpha: float, tolerance: float) -> float:
    """Return the beta at which `lean`, no key long, has the standard deviation `tolerance` (2c.1).

    Below it, "alpha vanishes" is a fair approximation. Infinite for alpha = 0. Raises UserError
    unless alpha >= 0 and 0 < tolerance < 1/2, which is where the deviation ends.
    """
    _check(alpha=alpha)
    if not 0 < tolerance < 0.5:
        raise UserError(
            f"tolerance is {tolerance}, and the weight's standard deviation lies between 0 and "
            "0.5: take 0.05, say."
        )
    if alpha == 0:
        return math.inf
    low, high = 0.0, 1.0  # standard deviations of the logit
    while LogitNormal(0.0, high**2).deviation < tolerance:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        short = LogitNormal(0.0, middle**2).deviation < tolerance
        low, high = (middle, high) if short else (low, middle)
    return high / (2 * math.sqrt(alpha))


@dataclass(frozen=True)
class WeightOnA(_Weight):
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
        _check(n=self.n, beta=self.beta, alpha=self.alpha, stretch=self.stretch)

    @cached_property
    def _mixture(self) -> Mixture:
        noise = 2 * self.alpha * self.beta**2  # alpha |q|^2
        own = noise + self.stretch * self.long * self.beta**2
        return _against([(0.0, 1), (-self.beta, self.n - 2)], own, math.sqrt(noise))


@dataclass(frozen=True)
class HeadWeight(_Weight):
    """Exact distribution of the weight on v_a in a head that looks at a: q = beta mu_a (2d).

    As exact as `WeightOnA`, and the same UserErrors.
    """

    n: int
    beta: float
    alpha: float = 0.0
    long: bool = True
    stretch: float = STRETCH

    def __post_init__(self) -> None:
        _check(n=self.n, beta=self.beta, alpha=self.alpha, stretch=self.stretch)

    @cached_property
    def _mixture(self) -> Mixture:
        noise = self.alpha * self.beta**2
        own = noise + self.stretch * self.long * self.beta**2
        return _against([(-self.beta, self.n - 1)], own, math.sqrt(noise))


def head_queries(heads: int, n: int, d: int, beta: float) -> Array:
    """Queries `(heads, d)` in pairs: beta mu_a, beta mu_b, beta mu_a, ... (2d).

    With an odd number, the last head averages: beta (mu_a + mu_b). Raises UserError unless
    heads >= 1, 2 <= n <= d and beta >= 0.
    """
    _check(n=n, beta=beta)
    _check_room(n, d)
    _check_heads(heads)
    queries = np.zeros((heads, d))
    queries[0::2, 0] = beta
    queries[1::2, 1] = beta
    if heads % 2:
        queries[-1, 1] = beta
    return queries


def heads_weights(keys: ArrayLike, queries: ArrayLike) -> Array:
    """Weights `(draws, H, n)` of H heads, one query each (2d).

    Shapes: queries `(H, d)`; keys `(draws, n, d)` if all heads see the same keys, or
    `(draws, H, n, d)`, one draw for each head. Raises UserError for keys of another shape.
    """
    k, q = np.asarray(keys, dtype=np.float64), np.asarray(queries, dtype=np.float64)
    if k.ndim == 3:
        return attention_weights(k[:, None], q)
    if k.ndim == 4 and k.shape[1] == len(q):
        return attention_weights(k, q)
    raise UserError(
        f"keys has shape {k.shape}: give (draws, n, d), or (draws, {len(q)}, n, d) with one set "
        f"of keys for each of the {len(q)} heads."
    )


def heads_output(weights: ArrayLike, values: ArrayLike) -> Array:
    """Mean over the heads of their outputs (2d): `(draws, H, n)` and `(n, m)` to `(draws, m)`."""
    a = np.asarray(weights, dtype=np.float64)
    return attention_output(a.mean(axis=-2), values)


def head_weight(n: int, beta: float, stretch: float = STRETCH) -> LogitNormal:
    """Weight on v_a in a head that looks at a, with a long key a and alpha = 0 (2d.2).

    Its logit has the mean beta - ln(n - 1) and the variance stretch beta^2. Raises UserError
    unless n >= 2 and beta and stretch are at least 0.
    """
    _check(n=n, beta=beta, stretch=stretch)
    return LogitNormal(beta - math.log(n - 1), stretch * beta**2)


def looks_away(n: int, beta: float, alpha: float = 0.0, stretch: float = STRETCH) -> float:
    """Probability that a head that looks at a long key a gives it less than half its weight (2d.2).

    Phi((ln(n - 1) / beta - 1) / sqrt(stretch)) for alpha = 0; beta may be infinite there, and for
    n = 2. Raises UserError unless n >= 2, beta and alpha are at least 0 and stretch is above 0,
    or for an infinite beta elsewhere.
    """
    _check(n=n, alpha=alpha, stretch=stretch)
    if not (beta >= 0 and stretch > 0):
        raise UserError(f"beta is {beta} and stretch {stretch}: take beta >= 0 and stretch > 0.")
    if beta == 0:
        return float(n > 2)  # the weight is 1/n exactly
    if n == 2 or alpha == 0:
        noise = 2 * alpha if n == 2 else 0.0
        return float(ndtr((math.log(n - 1) / beta - 1) / math.sqrt(stretch + noise)))
    if math.isinf(beta):
        raise UserError(
            f"beta is infinite, with alpha {alpha} and {n} keys: take a finite beta, alpha = 0 "
            "or n = 2."
        )
    return float(HeadWeight(n, beta, alpha, True, stretch).cdf(0.5))


def output_variance(
    heads: int, n: int, beta: float, shared: bool, stretch: float = STRETCH
) -> float:
    """Variance of the weight on v_a in the mean over `heads`, a long key a and alpha = 0 (2d.2).

    The heads are those of `head_queries`. If they see the same keys (`shared`), heads 3, 4, ...
    repeat heads 1 and 2, so any even number has the variance of two. If each head draws its own
    keys, it falls as 1 / heads. By quadrature, to 1e-12. Raises UserError unless heads >= 1,
    n >= 2 and beta and stretch are at least 0.
    """
    _check(n=n, beta=beta, stretch=stretch)
    _check_heads(heads)
    pairs, odd = divmod(heads, 2)
    # Heads that look at b see k_a . q = 0 in every draw: they add nothing to the variance.
    single = math.log(n - 1) - beta
    both = float(np.logaddexp(0.0, math.log(n - 2) - beta)) if n > 2 else 0.0
    sd = math.sqrt(stretch) * beta
    if shared:
        return _variance(np.array([pairs, odd]) / heads, np.array([single, both]), sd)
    alone = [_variance(np.ones(1), np.array([offset]), sd) for offset in (single, both)]
    return (pairs * alone[0] + odd * alone[1]) / heads**2


def normalised_head_weight(
    n: int, beta: float, stretch: float = STRETCH
) -> tuple[float, float, float]:
    """Weight on v_a for s > 0, for s < 0, and P(s < 0): a head on a normalised long key (2d.2).

    With alpha = 0, k_a ~ s mu_a becomes mu_a or -mu_a. Normalising mends the key's length, not
    its sign. Raises UserError unless n >= 2 and beta and stretch are at least 0.
    """
    _check(n=n, beta=beta, stretch=stretch)
    rivals = math.log(n - 1)
    away = float(ndtr(-1 / math.sqrt(stretch))) if stretch else 0.0
    return float(expit(beta - rivals)), float(expit(-beta - rivals)), away


def _slope(z: Array) -> Array:
    """Derivative of the sigmoid."""
    return expit(z) * expit(-z)


def _variance(shares: Array, offsets: Array, sd: float) -> float:
    """Variance of sum of shares * sigmoid(Z - offset), for Z ~ N(0, sd^2)."""

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


def _against(rivals: list[tuple[float, int]], variance: float, tau: float) -> Mixture:
    """Logit of a key's weight: N(0, variance) less the log-sum of its rivals' exponentials.

    `rivals` lists means and how many rivals share each; their logits are independent of sd tau.
    """
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


def _check(n: int = 2, beta: float = 0.0, alpha: float = 0.0, stretch: float = STRETCH) -> None:
    if not n >= 2:
        raise UserError(f"n is {n}, and attention chooses among at least 2 keys: take n >= 2.")
    for name, value in (("beta", beta), ("alpha", alpha), ("stretch", stretch)):
        if not 0 <= value < math.inf:
            raise UserError(f"{name} is {value}: take a finite number that is not negative.")


def _check_room(n: int, d: int) -> None:
    if d < n:
        raise UserError(f"{n} orthonormal means do not fit into R^{d}: take d >= {n}.")


def _check_heads(heads: int) -> None:
    if heads < 1:
        raise UserError(f"heads is {heads}: take at least 1 head.")
