"""Random keys against sampling, quadrature and scipy's own distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from scipy import integrate, stats

from nlp4.maths.copying import attention_weights
from nlp4.maths.crosstalk import (
    copy_weight,
    keys_that_fit,
    mean_exponential,
    overlap_density,
    overlap_tail,
    overlaps,
    random_keys,
)
from nlp4.support.errors import UserError

dimensions = st.integers(2, 2000)


def spread(d: int) -> stats.rv_continuous:
    """The overlap t of random unit vectors: (1 + t) / 2 is Beta((d - 1) / 2, (d - 1) / 2)."""
    return stats.beta((d - 1) / 2, (d - 1) / 2, loc=-1, scale=2)


@pytest.mark.parametrize("d", [2, 3, 16])
def test_overlaps_of_drawn_keys_have_the_density(d: int) -> None:
    rng = np.random.default_rng(d)
    keys = random_keys(100_000, d, rng)
    np.testing.assert_allclose(np.linalg.norm(keys, axis=1), 1)
    products = (keys[::2] * keys[1::2]).sum(axis=1)  # disjoint pairs are independent
    found = stats.kstest(products, spread(d).cdf)
    assert found.pvalue > 1e-3  # the seed is fixed: this passes or fails for good
    share = (np.abs(products) > 0.3).mean()
    tail = float(overlap_tail(0.3, d))
    assert abs(share - tail) < 4 * math.sqrt(tail * (1 - tail) / len(products))


@quick
@given(dimensions, st.floats(-0.999, 0.999))
def test_density_and_tail_are_those_of_a_beta_distribution(d: int, t: float) -> None:
    law = spread(d)
    assert overlap_density(t, d) == pytest.approx(law.pdf(t), rel=1e-8, abs=1e-290)
    assert overlap_tail(abs(t), d) == pytest.approx(2 * law.sf(abs(t)), rel=1e-8, abs=1e-290)


def test_density_at_and_beyond_the_ends() -> None:
    assert overlap_density([-1.5, 2], 2).tolist() == [0, 0]
    assert overlap_density([-1, 1], 2).tolist() == [math.inf, math.inf]
    assert overlap_density([-1, 0.2, 1], 3).tolist() == pytest.approx([0.5, 0.5, 0.5])
    assert overlap_density([-1, 1], 4).tolist() == [0, 0]


def test_overlaps_are_all_pairs_once() -> None:
    keys = np.random.default_rng(0).normal(size=(5, 3))
    expected = [keys[i] @ keys[j] for i in range(5) for j in range(i + 1, 5)]
    np.testing.assert_allclose(overlaps(keys), expected)
    assert overlaps(keys[:1]).shape == (0,)


@pytest.mark.parametrize(
    ("d", "eps", "expected"),
    [
        (16, 0.3, 3),
        (16, 0.5, 6),
        (64, 0.3, 10),
        (64, 0.5, 250),
        (256, 0.3, 1_201),
        (256, 0.5, 3.456213e8),
        (1024, 0.3, 1.225451e11),
    ],
)
def test_keys_that_fit_with_even_odds(d: int, eps: float, expected: float) -> None:
    n = keys_that_fit(d, eps, 0.5)
    assert n == int(n) and n == pytest.approx(expected, rel=1e-6)
    # The pairs that overlap are nearly Poisson: none with probability 1/2 if the mean is ln 2.
    poisson = math.sqrt(2 * math.log(2) / (2 * spread(d).sf(eps)))
    assert abs(n - poisson - 0.5) < 0.6 and n == pytest.approx(poisson, rel=0.3)


@pytest.mark.parametrize(("d", "eps"), [(16, 0.3), (16, 0.5), (64, 0.3)])
def test_no_count_is_closer_to_even_odds(d: int, eps: float) -> None:
    n = int(keys_that_fit(d, eps, 0.5))
    rng = np.random.default_rng(3)
    less, at, more = (
        np.mean([np.abs(overlaps(random_keys(m, d, rng))).max() <= eps for _ in range(5000)])
        for m in (n - 1, n, n + 1)
    )
    assert less > 0.5 > more
    assert abs(at - 0.5) < min(less - 0.5, 0.5 - more)


def test_the_probability_is_off_by_no_more_than_said() -> None:
    d, eps, n, trials = 24, 0.7, 40, 4000
    p = float(overlap_tail(eps, d))
    fits = math.exp(math.log1p(-p) * n * (n - 1) / 2)
    assert keys_that_fit(d, eps, fits) == n
    rng = np.random.default_rng(5)
    good = sum(np.abs(overlaps(random_keys(n, d, rng))).max() <= eps for _ in range(trials))
    error = math.sqrt(fits * (1 - fits) / trials)
    assert abs(good / trials - fits) < 4 * n * p * (1 - fits) + 4 * error


@quick
@given(st.integers(2, 400), st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_more_room_lets_more_keys_in(d: int, eps: float, confidence: float) -> None:
    n = keys_that_fit(d, eps, confidence)
    assert n >= 1
    assert keys_that_fit(d + 5, eps, confidence) >= n
    assert keys_that_fit(d, eps + 0.05, confidence) >= n
    assert keys_that_fit(d, eps, confidence + 0.05) <= n


def test_far_more_keys_fit_than_there_are_dimensions() -> None:
    assert keys_that_fit(512, 0.3, 0.99) > 50_000
    assert keys_that_fit(10**6, 0.5, 0.99) == math.inf
    assert keys_that_fit(2, 0.01, 0.99) == 1


def by_quadrature(beta: float, d: int) -> float:
    """ln E exp(beta t), with t = cos(angle), and exp(beta (t - 1)) so that nothing overflows."""

    def part(angle: float, shift: float) -> float:
        return math.exp(beta * math.cos(angle) - shift) * math.sin(angle) ** (d - 2)

    top = math.pi / 2 if beta == 0 else math.atan(math.sqrt((d - 1) / beta))
    points = sorted({x for k in (-4, -1, 1, 4) if 0 < (x := top + k / math.sqrt(beta + d)) < 3.1})
    total = integrate.quad(part, 0, math.pi, (beta,), points=points, limit=400, epsabs=0)[0]
    norm = integrate.quad(part, 0, math.pi, (beta,), limit=400)[0] if beta == 0 else None
    base = norm or math.exp(math.lgamma((d - 1) / 2) + math.lgamma(0.5) - math.lgamma(d / 2))
    return beta + math.log(total / base) if beta else math.log(total / base)


@pytest.mark.parametrize("d", [2, 3, 8, 65])
@pytest.mark.parametrize("beta", [1e-3, 0.5, 3.0, 20.0, 200.0])
def test_the_mean_exponential_by_quadrature(beta: float, d: int) -> None:
    assert mean_exponential(beta, d) == pytest.approx(by_quadrature(beta, d), abs=1e-8)


def test_mean_exponentials_known_by_heart() -> None:
    beta = np.array([1e-8, 1e-3, 0.5, 1.0, 30.0, 1e4, 1e8])
    # On the sphere in R^3, t is uniform: sinh(beta) / beta.
    closed = beta + np.log1p(-np.exp(-2 * beta)) - np.log(2 * beta)
    expected = np.where(beta < 0.01, beta**2 / 6, closed)  # which loses digits near 0
    np.testing.assert_allclose(mean_exponential(beta, 3), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(mean_exponential([0.0, 0.0], 7), [0, 0])
    assert mean_exponential(0.0, 2) == 0
    np.testing.assert_allclose(mean_exponential(-beta, 9), mean_exponential(beta, 9))
    # For many dimensions t is nearly N(0, 1 / d): beta^2 / 2 d, less beta^4 / (4 d^2 (d + 2)).
    d = 100_000
    assert mean_exponential(50.0, d) == pytest.approx(
        50**2 / (2 * d) - 50**4 / (4 * d**2 * (d + 2)), rel=1e-7
    )


@pytest.mark.parametrize("d", [200, 400, 700])
def test_series_and_bessel_function_meet(d: int) -> None:
    beta = np.linspace(0.5, 60, 400)
    found = mean_exponential(beta, d)
    ratio = np.diff(found, 3)  # a jump where one takes over would stand out here
    assert np.abs(ratio).max() < 1e-6
    assert np.all(np.diff(found) > 0)


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize("n, d, beta", [(2, 4, 2.0), (20, 8, 6.0), (50, 32, 9.0)])
def test_the_copy_weight_is_a_lower_bound_and_not_a_loose_one(
    n: int, d: int, beta: float, noise: float
) -> None:
    rng = np.random.default_rng(n)
    draws = 20_000
    keys = rng.standard_normal((draws, n, d))
    keys /= np.linalg.norm(keys, axis=-1, keepdims=True)
    queries = beta * (keys[:, 0] + noise * rng.standard_normal((draws, d)))
    weights = attention_weights(keys, queries)[:, 0]
    error = weights.std() / math.sqrt(draws)
    bound = float(copy_weight(n, d, beta, noise))
    assert bound < weights.mean() + 4 * error
    assert bound > weights.mean() - 0.1
    # What it averages is exact: the mean of (1 / weight - 1) is n - 1 times the mean exponential.
    odds = 1 / weights - 1
    assert abs(odds.mean() - (1 / bound - 1)) < 5 * odds.std() / math.sqrt(draws)


@quick
@given(st.integers(2, 10**6), dimensions, st.floats(0, 1e4), st.floats(0.1, 100))
def test_a_longer_query_copies_better(n: int, d: int, beta: float, more: float) -> None:
    short, long = float(copy_weight(n, d, beta)), float(copy_weight(n, d, beta + more))
    assert 0 < short <= long * (1 + 1e-9) and long <= 1
    assert copy_weight(n, d, 0.0) == pytest.approx(1 / n, rel=1e-9)
    assert copy_weight(n + 1, d, beta) < short * (1 + 1e-9)


@quick
@given(st.integers(2, 1000), st.integers(2, 300), st.floats(0.05, 1.0))
def test_the_bound_is_best_at_its_best_scale(n: int, d: int, noise: float) -> None:
    best = 0.5 / noise**2
    top = copy_weight(n, d, best, noise)
    for factor in (0.5, 0.9, 1.1, 1.5, 3.0):
        assert copy_weight(n, d, best * factor, noise) < top * (1 + 1e-12)


def test_without_noise_no_scale_is_best() -> None:
    assert copy_weight(8, 16, 1e4) > 1 - 1e-12


def test_mistakes_are_named() -> None:
    rng = np.random.default_rng(0)
    for call in (
        lambda: random_keys(3, 1, rng),
        lambda: overlap_density(0.0, 1),
        lambda: overlap_tail(0.1, 1),
        lambda: keys_that_fit(1, 0.1, 0.9),
        lambda: mean_exponential(1.0, 1),
        lambda: copy_weight(3, 1, 1.0),
    ):
        with pytest.raises(UserError, match="d is 1, and directions need at least 2 dimensions"):
            call()
    with pytest.raises(UserError, match="n is 1, and attention chooses among at least 2 keys"):
        copy_weight(1, 3, 1.0)
    for match, call in (
        ("n is 0: draw at least 1 key", lambda: random_keys(0, 3, rng)),
        (r"eps is 1\.5, and an overlap lies between", lambda: overlap_tail(1.5, 3)),
        ("eps is 0, and the bound lies between", lambda: keys_that_fit(3, 0, 0.9)),
        ("confidence is 1: take a probability", lambda: keys_that_fit(3, 0.1, 1)),
        ("beta is .*: take a scale of at most 1e", lambda: mean_exponential(1e9, 3)),
        ("beta is nan: take a scale", lambda: mean_exponential(math.nan, 3)),
        ("noise is -1, and a standard deviation", lambda: copy_weight(3, 3, 1.0, -1)),
    ):
        with pytest.raises(UserError, match=match):
            call()
