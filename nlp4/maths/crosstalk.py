"""From two keys to many: random unit keys, how much they overlap, and what that costs a copy.

Exercise 2 takes orthonormal keys, of which R^d holds d. Random unit vectors are nearly orthogonal,
and far more of them fit. The dot product t of two of them is spread like
(1 - t^2)^((d - 3) / 2) on [-1, 1] (Cai, Fan and Jiang 2013, "Distributions of angles in random
packing on spheres").
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaln, expit, gammaln, ive, logsumexp, xlog1py, xlogy

from nlp4.support.errors import UserError

Array = NDArray[np.float64]

_LARGEST_SCALE = 1e8  # beyond about 1e9 scipy's Bessel functions answer NaN


_SMALLEST_BESSEL = 1e-280  # below this, digits of the scaled Bessel function start to be lost


def random_keys(n: int, d: int, rng: np.random.Generator) -> Array:
    """Draw n independent unit vectors, evenly from the sphere in R^d: `(n, d)`.

    Raises UserError unless n >= 1 and d >= 2.
    """
    _check_dimension(d)
    if n < 1:
        raise UserError(f"n is {n}: draw at least 1 key.")
    drawn = rng.standard_normal((n, d))
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def overlaps(keys: ArrayLike) -> Array:
    """Dot products of all pairs of different keys: `(n, d)` to `(n (n - 1) / 2,)`."""
    k = np.asarray(keys, dtype=np.float64)
    rows, columns = np.triu_indices(len(k), 1)
    return (k @ k.T)[rows, columns]


def overlap_density(t: ArrayLike, d: int) -> Array:
    """Exact density of the dot product of two random unit vectors in R^d.

    For arrays of `t`; 0 outside [-1, 1], and infinite at its ends when d = 2. Raises UserError
    unless d >= 2.
    """
    _check_dimension(d)
    given = np.asarray(t, dtype=np.float64)
    inside = np.abs(given) <= 1
    bend = xlog1py((d - 3) / 2, -np.square(np.where(inside, given, 0.0)))
    return np.where(inside, np.exp(bend - betaln((d - 1) / 2, 0.5)), 0.0)


def overlap_tail(eps: ArrayLike, d: int) -> Array:
    """Probability that two random unit vectors in R^d overlap by more than eps, either way.

    For arrays of `eps` in [0, 1]. Raises UserError for other values, or unless d >= 2.
    """
    _check_dimension(d)
    bound = np.asarray(eps, dtype=np.float64)
    if not np.all((bound >= 0) & (bound <= 1)):
        raise UserError(f"eps is {bound}, and an overlap lies between 0 and 1: take 0.1, say.")
    return betaincc(0.5, (d - 1) / 2, np.square(bound))


def keys_that_fit(d: int, eps: float, confidence: float) -> float:
    """Number of random unit keys that all overlap by at most eps, with probability `confidence`.

    Either way, and for all pairs; rounded to a whole number, as a float, and infinite above about
    1e154. With p the chance of one pair to overlap by more, n keys fit with the probability
    (1 - p)^(n (n - 1) / 2) if pairs are taken as independent, as in the birthday problem. Any two
    pairs are, three may not be: the probability at the count before rounding is off by at most
    4 n p (1 - confidence) (Arratia, Goldstein and Gordon 1989, "Two moments suffice for Poisson
    approximations"), 0.01 for d = 64 and eps = 0.5. Raises UserError unless d >= 2 and both eps
    and confidence lie between 0 and 1.
    """
    if not 0 < eps < 1:
        raise UserError(f"eps is {eps}, and the bound lies between 0 and 1: take 0.1, say.")
    if not 0 < confidence < 1:
        raise UserError(f"confidence is {confidence}: take a probability between 0 and 1.")
    tail = float(overlap_tail(eps, d))
    if tail == 0:
        return math.inf
    pairs = math.log(confidence) / math.log1p(-tail)
    return float(np.round((1 + math.sqrt(1 + 8 * pairs)) / 2))


def mean_exponential(beta: ArrayLike, d: int) -> Array:
    """ln E exp(beta t), for the dot product t of two random unit vectors in R^d.

    Exactly the log of Gamma(d/2) (2/beta)^(d/2 - 1) I_{d/2 - 1}(beta), the von Mises-Fisher
    constant (Mardia and Jupp 2000, eq. 9.3.4). For arrays of `beta`, up to 1e8 in size. Raises
    UserError for larger ones, or unless d >= 2.
    """
    _check_dimension(d)
    size = np.abs(np.asarray(beta, dtype=np.float64))  # t and -t are equally likely
    if not np.all(size <= _LARGEST_SCALE):
        raise UserError(
            f"beta is {np.asarray(beta)}: take a scale of at most {_LARGEST_SCALE:.0e}."
        )
    order = d / 2 - 1
    bessel = ive(order, size)
    usable = bessel > _SMALLEST_BESSEL
    result = np.array(size)
    large = size[usable]
    scale = gammaln(d / 2) + xlogy(order, 2 / np.where(large > 0, large, 1))
    result[usable] = scale + np.log(bessel[usable]) + large
    result[~usable] = _series(size[~usable], d)
    return result[()]


def _series(size: Array, d: int) -> Array:
    """Return the same from the power series, for beta small beside d, where I underflows."""
    if not size.size:
        return size
    half = size.max() / 2
    peak = half**2 / (d / 4 + math.hypot(d / 4, half))  # the largest term's number
    k = np.arange(math.ceil(peak + 20 * math.sqrt(peak + 1)) + 20)
    falling = gammaln(k + 1) + gammaln(k + d / 2) - gammaln(d / 2)
    return logsumexp(xlogy(2 * k, size[:, None] / 2) - falling, axis=-1)


def copy_weight(n: int, d: int, beta: ArrayLike, noise: float = 0.0) -> Array:
    """Lower bound of the mean weight on key j, for the query beta (k_j + noise g).

    The keys are n random unit vectors in R^d, and g is standard normal in R^d. The bound is
    1 / (1 + (n - 1) exp(-b) E exp(b t)) with b = beta (1 - beta noise^2): the mean of the other
    keys' exponentials stands for their sum, and E[1 / (1 + X)] >= 1 / (1 + E X) (Jensen). For
    arrays of `beta`. Without noise it rises with beta all the way to 1, since t never exceeds 1.
    With noise it is largest at beta = 1 / (2 noise^2). Raises UserError unless n >= 2, d >= 2 and
    noise >= 0.
    """
    _check_keys(n)
    if not noise >= 0:
        raise UserError(f"noise is {noise}, and a standard deviation is not negative: take 0.1.")
    given = np.asarray(beta, dtype=np.float64)
    # Given t, (k_i - k_j) . g has the variance 2 (1 - t), which tilts the mean like a smaller beta.
    tilt = given * (1 - given * noise**2)
    return expit(tilt - math.log(n - 1) - mean_exponential(tilt, d))


def _check_dimension(d: int) -> None:
    if not d >= 2:
        raise UserError(f"d is {d}, and directions need at least 2 dimensions: take d >= 2.")


def _check_keys(n: int) -> None:
    if not n >= 2:
        raise UserError(f"n is {n}, and attention chooses among at least 2 keys: take n >= 2.")
