"""The log of a sum of exponentials of normal variables: how it is distributed, by quadrature.

In a softmax, a key's weight is the sigmoid of its logit less the log of the sum of its rivals'
exponentials. If the rivals' logits are noisy, that log-sum has no closed form. Here its density is
kept on a grid and rivals are added to it, a block of them at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from nlp4.errors import UserError
from nlp4.logit_normal import Mixture

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
