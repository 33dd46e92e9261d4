"""Several heads on noisy keys: each looks at one key, and their outputs are averaged.

Exercise 2d, with the keys of `nlp4.maths.noisy_keys`. Heads come in pairs: one looks at key a, one
at key b.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr, ndtri

from nlp4.maths.copying import attention_weights
from nlp4.maths.logit_normal import Mixture, WeightDistribution, logit_against, variance_of_sigmoids
from nlp4.maths.noisy_keys import STRETCH, check_noise, check_room
from nlp4.support.errors import UserError

Array = NDArray[np.float64]

_FAR = 40.0  # standard deviations, beyond which a normal variable has no probability left


@dataclass(frozen=True)
class HeadWeight(WeightDistribution):
    """Exact distribution of the weight on v_a in a head that looks at a: q = beta mu_a (2d).

    As exact as `noisy_keys.WeightOnA`, and the same UserErrors.
    """

    n: int
    beta: float
    alpha: float = 0.0
    long: bool = True
    stretch: float = STRETCH

    def __post_init__(self) -> None:
        check_noise(n=self.n, beta=self.beta, alpha=self.alpha, stretch=self.stretch)

    @cached_property
    def mixture(self) -> Mixture:
        """The logit's normal parts: one for each value of the log-sum of the rivals."""
        noise = self.alpha * self.beta**2
        own = noise + self.stretch * self.long * self.beta**2
        return logit_against([(-self.beta, self.n - 1)], own, math.sqrt(noise))


def head_queries(heads: int, n: int, d: int, beta: float) -> Array:
    """Queries `(heads, d)` in pairs: beta mu_a, beta mu_b, beta mu_a, ... (2d).

    With an odd number, the last head averages: beta (mu_a + mu_b). Raises UserError unless
    heads >= 1, 2 <= n <= d and beta >= 0.
    """
    check_noise(n=n, beta=beta)
    check_room(n, d)
    _check_heads(heads)
    queries = np.zeros((heads, d))
    queries[0::2, 0] = beta
    queries[1::2, 1] = beta
    if heads % 2:
        queries[-1, 1] = beta
    return queries


def heads_weights(keys: ArrayLike, queries: ArrayLike, *, sign_blind: bool = False) -> Array:
    """Weights `(draws, H, n)` of H heads, one query each (2d); `sign_blind` as in `copying`.

    Shapes: queries `(H, d)`; keys `(draws, n, d)` if all heads see the same keys, or
    `(draws, H, n, d)`, one draw for each head. Raises UserError for keys of another shape.
    """
    k, q = np.asarray(keys, dtype=np.float64), np.asarray(queries, dtype=np.float64)
    if k.ndim == 3:
        return attention_weights(k[:, None], q, sign_blind=sign_blind)
    if k.ndim == 4 and k.shape[1] == len(q):
        return attention_weights(k, q, sign_blind=sign_blind)
    raise UserError(
        f"keys has shape {k.shape}: give (draws, n, d), or (draws, {len(q)}, n, d) with one set "
        f"of keys for each of the {len(q)} heads."
    )


def looks_away(n: int, beta: float, alpha: float = 0.0, stretch: float = STRETCH) -> float:
    """Probability that a head that looks at a long key a gives it less than half its weight (2d.2).

    Phi((ln(n - 1) / beta - 1) / sqrt(stretch)) for alpha = 0; beta may be infinite there, and for
    n = 2. Raises UserError unless n >= 2, beta and alpha are at least 0 and stretch is above 0,
    or for an infinite beta elsewhere.
    """
    check_noise(n=n, alpha=alpha, stretch=stretch)
    _check_scale(beta, stretch)
    if beta == 0:
        return float(n > 2)  # the weight is 1/n exactly
    if alpha == 0:
        return looks_away_quiet(n, beta, stretch)
    if n == 2:
        return float(ndtr(-1 / math.sqrt(stretch + 2 * alpha)))
    if math.isinf(beta):
        raise UserError(
            f"beta is infinite, with alpha {alpha} and {n} keys: take a finite beta, alpha = 0 "
            "or n = 2."
        )
    return float(HeadWeight(n, beta, alpha, True, stretch).cdf(0.5))


def looks_away_quiet(
    n: int,
    beta: float,
    stretch: float = STRETCH,
    *,
    normalise: bool = False,
    sign_blind: bool = False,
) -> float:
    """`looks_away` for alpha = 0, with keys of length 1 or weights that are blind to the sign (2d).

    Key a is s mu_a, s ~ N(1, stretch). It gets less than half where beta s < ln(n - 1), with |s|
    in place of s if the weights are `sign_blind`, and its sign in place of s if the keys are
    normalised. So Phi tells the probability of s on either side of 0. Same UserErrors; beta may
    be infinite.
    """
    check_noise(n=n, stretch=stretch)
    _check_scale(beta, stretch)
    if beta == 0:
        return float(n > 2)  # the weight is 1/n exactly
    reach, sd = math.log(n - 1) / beta, math.sqrt(stretch)
    if normalise:
        reach = math.inf if reach > 1 else 0.0
    turned = ndtr(-1 / sd)  # s < 0
    near = ndtr((reach - 1) / sd) - turned  # 0 < s < reach
    return float(near + turned - (ndtr((-reach - 1) / sd) if sign_blind else 0.0))


@dataclass(frozen=True)
class TwoQueries:
    """Two heads with a query each, on a long key a without other noise (alpha = 0) (after 2d).

    q_1 = first mu_a, and q_2 = second (cos(turn) mu_b + sin(turn) mu_a), the turn in degrees from
    0 to 90. Key a is s mu_a, s ~ N(1, stretch). Each head's weight on v_a is a sigmoid that never
    falls as s grows, and so is their mean: its quantiles are those of s, carried over. Raises
    UserError for another turn, unless n >= 2, both scales are at least 0 and stretch is above 0.
    """

    n: int
    first: float
    second: float
    turn: float = 0.0
    stretch: float = STRETCH

    def __post_init__(self) -> None:
        check_noise(n=self.n, beta=self.first, stretch=self.stretch)
        check_noise(beta=self.second)
        _check_scale(self.second, self.stretch)
        if not 0 <= self.turn <= 90:
            raise UserError(f"turn is {self.turn}: take 0 to 90 degrees.")

    @property
    def queries(self) -> Array:
        """Both, in the basis of the means: `(2, n)`."""
        angle, queries = math.radians(self.turn), np.zeros((2, self.n))
        queries[0, 0] = self.first
        queries[1, :2] = self.second * math.sin(angle), self.second * math.cos(angle)
        return queries

    def weights(self, s: ArrayLike) -> Array:
        """Weight on v_a in head 1 and in head 2 where key a is s mu_a: any shape to `(2, ...)`."""
        length, (along, beside) = np.asarray(s, dtype=np.float64), self.queries[1, :2]
        others = math.log(self.n - 2) if self.n > 2 else -math.inf
        rivals = float(np.logaddexp(beside, others))
        first = expit(self.first * length - math.log(self.n - 1))
        return np.stack([first, expit(along * length - rivals)])

    def quantile(self, p: ArrayLike) -> Array:
        """Return what the mean of both weights stays below with probability `p`, any shape."""
        mean: Array = self.weights(1 + math.sqrt(self.stretch) * ndtri(p)).mean(0)
        return mean

    def cdf(self, w: ArrayLike) -> Array:
        """Probability that the mean of both weights on v_a is at most `w`, any shape."""
        bound = np.asarray(w, dtype=np.float64)
        low, high = np.full(bound.shape, -_FAR), np.full(bound.shape, _FAR)
        for _ in range(60):  # halvings, down to the last digit
            middle = (low + high) / 2
            below = self.weights(1 + math.sqrt(self.stretch) * middle).mean(0) <= bound
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found: Array = ndtr(high)
        return found


def output_variance(
    heads: int, n: int, beta: float, shared: bool, stretch: float = STRETCH
) -> float:
    """Variance of the weight on v_a in the mean over `heads`, a long key a and alpha = 0 (2d.2).

    The heads are those of `head_queries`. If they see the same keys (`shared`), heads 3, 4, ...
    repeat heads 1 and 2, so any even number has the variance of two. If each head draws its own
    keys, it falls as 1 / heads. By quadrature, to 1e-12. Raises UserError unless heads >= 1,
    n >= 2 and beta and stretch are at least 0.
    """
    check_noise(n=n, beta=beta, stretch=stretch)
    _check_heads(heads)
    pairs, odd = divmod(heads, 2)
    # Heads that look at b see k_a . q = 0 in every draw: they add nothing to the variance.
    single = math.log(n - 1) - beta
    both = float(np.logaddexp(0.0, math.log(n - 2) - beta)) if n > 2 else 0.0
    sd = math.sqrt(stretch) * beta
    if shared:
        return variance_of_sigmoids(np.array([pairs, odd]) / heads, np.array([single, both]), sd)
    alone = [variance_of_sigmoids(np.ones(1), np.array([offset]), sd) for offset in (single, both)]
    return (pairs * alone[0] + odd * alone[1]) / heads**2


def _check_scale(beta: float, stretch: float) -> None:
    if not (beta >= 0 and stretch > 0):
        raise UserError(f"beta is {beta} and stretch {stretch}: take beta >= 0 and stretch > 0.")


def _check_heads(heads: int) -> None:
    if heads < 1:
        raise UserError(f"heads is {heads}: take at least 1 head.")
