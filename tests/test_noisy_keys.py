"""Noisy keys: every distribution against drawn keys, and against quadrature done another way."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from samples import quick
from scipy import integrate, stats
from scipy.special import expit, logit, ndtr

from nlp4.copying import attention_weights
from nlp4.errors import UserError
from nlp4.noisy_keys import (
    HeadWeight,
    LogitNormal,
    WeightOnA,
    draw_keys,
    head_queries,
    head_weight,
    heads_output,
    heads_weights,
    lean,
    looks_away,
    normalised,
    normalised_head_weight,
    output_variance,
    two_hump_scale,
    vanishing_scale,
)

DRAWS = 200_000
WIDE = 4.5  # standard errors; the seeds are fixed, so a test passes or fails for good


def weights_drawn(
    n: int, alpha: float, long: bool, queries: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Weights `(draws, H, n)` of drawn keys in R^n."""
    keys = draw_keys(n, n, alpha, np.random.default_rng(seed), draws, long)
    return heads_weights(keys, queries)


def check_sample(
    sample: np.ndarray, law: LogitNormal | WeightOnA | HeadWeight, points: int = 9
) -> None:
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


# Keys


def test_drawn_keys_have_the_exercise_s_means_and_covariances() -> None:
    n, d, alpha = 2, 3, 0.3
    keys = draw_keys(n, d, alpha, np.random.default_rng(1), DRAWS, long=True)
    assert keys.shape == (DRAWS, n, d) and keys.dtype == np.float64
    flat = keys.reshape(DRAWS, n * d)
    covariance = alpha * np.eye(n * d)
    covariance[0, 0] += 0.5
    spread = np.sqrt(np.diag(covariance))
    assert np.all(np.abs(flat.mean(0) - np.eye(n, d).ravel()) < WIDE * spread / math.sqrt(DRAWS))
    # The sample covariance of two normal variables has the variance (s_ii s_jj + s_ij^2) / draws.
    errors = np.sqrt((np.outer(spread, spread) ** 2 + covariance**2) / DRAWS)
    assert np.all(np.abs(np.cov(flat.T) - covariance) < WIDE * errors)


def test_keys_without_noise_are_their_means() -> None:
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(draw_keys(3, 5, 0.0, rng, 2), np.tile(np.eye(3, 5), (2, 1, 1)))
    long = draw_keys(3, 5, 0.0, rng, 500, long=True, stretch=2.0)
    np.testing.assert_array_equal(long[:, 1:], np.tile(np.eye(3, 5)[1:], (500, 1, 1)))
    assert np.all(long[:, 0, 1:] == 0)
    assert 1.5 < long[:, 0, 0].var() < 2.5


def test_normalised_keys_keep_their_direction() -> None:
    keys = draw_keys(3, 4, 0.5, np.random.default_rng(0), 10)
    unit = normalised(keys)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=-1), 1)
    np.testing.assert_allclose(unit * np.linalg.norm(keys, axis=-1, keepdims=True), keys)


# The logit-normal distribution


def expectation(g: Callable[[float], float], m: float, sd: float) -> float:
    """E g(sigmoid(z)) by adaptive quadrature in z; beyond 40, sigmoid is 0 or 1."""
    low, high = max(-40.0, m - 12 * sd), min(40.0, m + 12 * sd)
    if low >= high:
        return g(float(expit(m)))
    law = stats.norm(m, sd)
    points = [x for x in (m, -5.0, 0.0, 5.0) if low < x < high]
    total, _ = integrate.quad(
        lambda z: g(float(expit(z))) * law.pdf(z),
        low, high, points=points, epsabs=1e-13, epsrel=1e-12, limit=400,
    )  # fmt: skip
    return total + g(0.0) * law.cdf(low) + g(1.0) * law.sf(high)


@pytest.mark.parametrize("m", [0.0, 0.7, -3.0, 12.0])
@pytest.mark.parametrize("sd", [1e-4, 0.1, 0.99, 1.0, 1.01, 2.0, 30.0, 1e4])
def test_mean_and_variance_by_adaptive_quadrature(m: float, sd: float) -> None:
    law = LogitNormal(m, sd**2)
    mean = expectation(lambda w: w, m, sd)
    assert law.mean == pytest.approx(mean, abs=1e-10)
    variance = expectation(lambda w: (w - mean) ** 2, m, sd)
    assert law.variance == pytest.approx(variance, abs=1e-10, rel=1e-8 if sd < 1 else None)
    assert law.deviation == math.sqrt(law.variance)


def test_mean_and_variance_at_the_two_ends() -> None:
    fixed = LogitNormal(-2.0, 0.0)
    assert fixed.mean == pytest.approx(expit(-2.0), abs=1e-15)
    assert fixed.variance < 1e-30
    assert fixed.cdf([0.1, expit(-2.0), 0.2]).tolist() == [0, 1, 1]
    assert fixed.quantile([0, 0.3, 1]).tolist() == [expit(-2.0)] * 3
    assert LogitNormal(0, 1e8).mean == pytest.approx(0.5, abs=1e-12)
    # The sigmoid of a very wide variable is 0 or 1 but for a share of about 1 / sd.
    assert LogitNormal(0, 1e8).variance == pytest.approx(
        0.25 - 1 / (1e4 * math.sqrt(2 * math.pi)), abs=1e-10
    )
    for sign in (-1, 1):
        far = LogitNormal(sign * 1e4, 1.0)
        assert far.mean == (sign + 1) / 2 and far.variance == 0
        assert far.cdf([0.0, 0.5, 1.0]).tolist() == [0, (1 - sign) / 2, 1]


logit_normals = st.builds(LogitNormal, st.floats(-8, 8), st.floats(0.01, 60))


@quick
@given(logit_normals, st.floats(1e-3, 0.999))
def test_cdf_density_and_quantile_agree_with_the_normal_variable(
    law: LogitNormal, p: float
) -> None:
    z = stats.norm(law.logit_mean, math.sqrt(law.logit_variance))
    w = float(law.quantile(p))
    assert logit(w) == pytest.approx(z.ppf(p), rel=1e-6, abs=1e-9)
    assert law.cdf(0.3) == pytest.approx(z.cdf(logit(0.3)), rel=1e-12)
    assert law.density(0.3) == pytest.approx(z.pdf(logit(0.3)) / 0.21, rel=1e-12)
    assert law.cdf(law.quantile(0.4)) == pytest.approx(0.4, rel=1e-6)
    mirror = LogitNormal(-law.logit_mean, law.logit_variance)
    assert mirror.cdf(0.7) == pytest.approx(1 - law.cdf(0.3), abs=1e-12)
    assert mirror.mean == pytest.approx(1 - law.mean, abs=1e-12)
    assert mirror.variance == pytest.approx(law.variance, abs=1e-12)


def test_ends_and_shapes() -> None:
    law = LogitNormal(0.5, 3.0)
    assert law.density([-1, 0, 1, 2]).tolist() == [0, 0, 0, 0]
    assert law.cdf([-1, 0, 1, 2]).tolist() == [0, 0, 1, 1]
    assert law.quantile([0, 1]).tolist() == [0, 1]
    for method in (law.density, law.cdf, law.quantile):
        assert np.shape(method(np.full((2, 3), 0.4))) == (2, 3)
        assert np.shape(method(0.4)) == ()
        assert np.asarray(method(np.float32(0.4))).dtype == np.float64


def peaks(m: float, v: float) -> list[float]:
    """Where the density peaks on a fine grid of logits, by its log alone."""
    z = np.linspace(-v - abs(m) - 1, v + abs(m) + 1, 40_001)
    log = -np.square(z - m) / (2 * v) - z + 2 * np.logaddexp(0, z)
    inner = (log[1:-1] > log[:-2]) & (log[1:-1] >= log[2:])
    return z[1:-1][inner].tolist()


@quick
@given(st.floats(-4, 4), st.floats(0.2, 14))
def test_humps_and_modes_by_looking(m: float, v: float) -> None:
    law = LogitNormal(m, v)
    found = peaks(m, v)
    if v > 2:
        edge = math.sqrt(v * (v - 2)) - 2 * math.acosh(math.sqrt(v / 2))
        assume(abs(abs(m) - edge) > 1e-3)  # a hump too flat for the grid
    assert law.humps() == len(found) == len(law.modes())
    np.testing.assert_allclose(law.modes(), expit(found), atol=2e-3)
    for mode in law.modes():
        around = law.density(np.array([mode - 1e-5, mode, mode + 1e-5]))
        assert around[1] >= around.max() * (1 - 1e-9)


def test_humps_where_rounding_is_near() -> None:
    assert LogitNormal(0, 2).humps() == 1
    assert LogitNormal(0, math.nextafter(2, 3)).humps() == 2
    assert LogitNormal(1e-3, 2.0001).humps() == 1
    assert LogitNormal(0, 0).modes() == (0.5,)
    assert LogitNormal(0, 1e8).modes() == (0.0, 1.0)
    assert LogitNormal(1e4, 1e3).modes() == (1.0,)
    edge = math.sqrt(8) - 2 * math.acosh(math.sqrt(2))  # for v = 4
    assert LogitNormal(edge - 1e-9, 4).humps() == 2
    assert LogitNormal(edge + 1e-9, 4).humps() == 1
    assert LogitNormal(-edge - 1e-9, 4).humps() == 1


# One query


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("beta, alpha", [(1.0, 0.2), (6.0, 0.05)])
def test_lean_is_the_distribution_of_the_share_of_a(beta: float, alpha: float, long: bool) -> None:
    weights = weights_drawn(4, alpha, long, head_queries(1, 4, 4, beta))[:, 0]
    check_sample(weights[:, 0] / (weights[:, 0] + weights[:, 1]), lean(beta, alpha, long))


def test_lean_in_numbers() -> None:
    assert lean(3.0, 0.0, long=True) == LogitNormal(0.0, 4.5)
    assert lean(3.0, 0.25).logit_variance == 9.0
    assert lean(2.0, 0.1, long=True, stretch=1.0).logit_variance == pytest.approx(5.6)
    assert lean(1e4, 1.0).variance == pytest.approx(0.25, abs=1e-4)
    assert lean(50.0, 0.0, long=True).mean == pytest.approx(0.5, abs=1e-14)


@pytest.mark.parametrize("alpha, long", [(0.1, False), (0.0, True), (0.3, True)])
def test_two_humps_begin_at_their_scale(alpha: float, long: bool) -> None:
    scale = two_hump_scale(alpha, long)
    assert lean(scale * (1 - 1e-9), alpha, long).humps() == 1
    assert lean(scale * (1 + 1e-9), alpha, long).humps() == 2
    assert two_hump_scale(0.0) == math.inf
    assert two_hump_scale(0.0, long=True) == 2.0


@quick
@given(st.floats(1e-8, 10), st.floats(1e-4, 0.49))
def test_the_vanishing_scale_has_the_deviation_asked_for(alpha: float, tolerance: float) -> None:
    scale = vanishing_scale(alpha, tolerance)
    assert lean(scale, alpha).deviation == pytest.approx(tolerance, rel=1e-9)
    # It depends on beta sqrt(alpha) alone, and for small tolerances the weight moves by z / 4.
    assert vanishing_scale(4 * alpha, tolerance) == pytest.approx(scale / 2, rel=1e-9)
    if tolerance < 1e-3:
        assert scale * math.sqrt(alpha) == pytest.approx(2 * tolerance, rel=1e-4)


def test_without_noise_nothing_has_to_vanish() -> None:
    assert vanishing_scale(0.0, 0.1) == math.inf


# The whole softmax


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


CASES = [
    (3, 1.0, 0.1, False),
    (3, 4.0, 0.02, True),
    (8, 5.0, 0.05, False),
    (8, 3.0, 1.0, True),
    (8, 0.7, 0.001, False),
    (8, 20.0, 0.3, True),
    (30, 6.0, 0.1, True),
]


@pytest.mark.parametrize("n, beta, alpha, long", CASES)
def test_weight_on_a_has_the_moments_of_another_quadrature(
    n: int, beta: float, alpha: float, long: bool
) -> None:
    law, tau = WeightOnA(n, beta, alpha, long), math.sqrt(2 * alpha) * beta
    own = (beta, math.sqrt(2 * alpha + long / 2) * beta)
    first, second = moments(own, [(beta, tau, 1), (0.0, tau, n - 2)])
    assert law.mean == pytest.approx(first, abs=1e-10)
    assert law.variance == pytest.approx(second - first**2, abs=1e-10)


@pytest.mark.parametrize("n, beta, alpha, long", [(2, 3.0, 0.1, True), *CASES])
def test_head_weight_has_the_moments_of_another_quadrature(
    n: int, beta: float, alpha: float, long: bool
) -> None:
    law, tau = HeadWeight(n, beta, alpha, long), math.sqrt(alpha) * beta
    own = (beta, math.sqrt(alpha + long / 2) * beta)
    first, second = moments(own, [(0.0, tau, n - 1)])
    assert law.mean == pytest.approx(first, abs=1e-10)
    assert law.variance == pytest.approx(second - first**2, abs=1e-10)


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize(
    "beta, alpha, long", [(1.5, 0.05, False), (4.0, 0.08, True), (0.2, 1e-4, False)]
)
def test_weight_on_a_has_the_probabilities_of_a_sum_over_all_noises(
    n: int, beta: float, alpha: float, long: bool
) -> None:
    tau = math.sqrt(2 * alpha) * beta
    x = np.arange(-8, 8.01, 0.4)
    bell = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
    logits, shares = beta + tau * x, bell
    for _ in range(n - 2):  # every combination of the rivals' noises
        logits = np.logaddexp(logits[..., None], tau * x)
        shares = shares[..., None] * bell
    law = WeightOnA(n, beta, alpha, long)
    w = law.quantile([0.001, 0.1, 0.5, 0.9, 0.999])
    sd = math.sqrt(2 * alpha + long / 2) * beta
    for each in w:
        expected = (shares * ndtr((logit(each) + logits - beta) / sd)).sum()
        assert law.cdf(each) == pytest.approx(expected, abs=1e-10)
        bells = (shares * stats.norm.pdf((logit(each) + logits - beta) / sd)).sum() / sd
        assert law.density(each) == pytest.approx(bells / (each * (1 - each)), rel=1e-8)


@pytest.mark.parametrize("n, beta, alpha, long", [CASES[3], CASES[5], (8, 100.0, 0.5, False)])
def test_weight_on_a_is_that_of_drawn_keys(n: int, beta: float, alpha: float, long: bool) -> None:
    weights = weights_drawn(n, alpha, long, head_queries(1, n, n, beta), 100_000)
    check_sample(weights[:, 0, 0], WeightOnA(n, beta, alpha, long))


def test_weight_on_a_in_closed_form() -> None:
    two = WeightOnA(2, 3.0, 0.1, long=True)
    for p in (0.0, 0.1, 0.8, 1.0):
        assert two.quantile(p) == pytest.approx(lean(3.0, 0.1, True).quantile(p), abs=1e-14)
    quiet = WeightOnA(6, 3.0, 0.0, long=True)
    shifted = LogitNormal(-math.log1p(4 * math.exp(-3.0)), 4.5)
    assert quiet.mean == pytest.approx(shifted.mean, abs=1e-14)
    assert quiet.cdf(0.3) == pytest.approx(shifted.cdf(0.3), abs=1e-14)
    near = WeightOnA(6, 3.0, 1e-9, long=True)
    assert near.cdf(0.3) == pytest.approx(float(quiet.cdf(0.3)), abs=1e-7)


@pytest.mark.parametrize("n", [2, 5])
def test_a_query_of_length_0_weighs_all_keys_alike(n: int) -> None:
    for law in (WeightOnA(n, 0.0, 0.3, True), HeadWeight(n, 0.0, 0.3)):
        assert law.mean == pytest.approx(1 / n, abs=1e-15)
        assert law.variance < 1e-30
        with pytest.raises(UserError, match=r"always 0\..*no density: give the keys some noise"):
            law.density(0.5)


@cache
def mixture(n: int, beta: float, alpha: float, long: bool) -> WeightOnA:
    return WeightOnA(n, beta, alpha, long)


@quick
@given(st.sampled_from(CASES), st.floats(0, 1), st.floats(0, 1))
def test_the_mixture_s_quantile_undoes_its_cdf(
    case: tuple[int, float, float, bool], p: float, w: float
) -> None:
    law = mixture(*case)
    assert law.cdf(law.quantile(p)) == pytest.approx(p, abs=1e-9) or law.quantile(p) == 1
    assert law.cdf(w) <= law.cdf(w + 0.01) + 1e-15
    assert law.density(w) >= 0
    assert law.quantile([0, 1]).tolist() == [0, 1]


@pytest.mark.parametrize("n, beta, alpha, long", CASES)
def test_the_density_is_the_slope_of_the_cdf(n: int, beta: float, alpha: float, long: bool) -> None:
    law = mixture(n, beta, alpha, long)
    low, high = law.quantile([0.05, 0.9])
    z = np.linspace(logit(low), logit(high), 4001)
    w = expit(z)
    area = integrate.simpson(law.density(w) * w * (1 - w), x=z)
    assert area == pytest.approx(0.85, abs=1e-8)


def test_logits_in_the_ten_thousands() -> None:
    law = WeightOnA(8, 1e4, 0.3, True)
    assert 0 < law.mean < 0.5 and 0 < law.variance < 0.25
    # At this scale the softmax picks the largest logit. Key a is above key b in half the draws.
    assert law.cdf(0.5) == pytest.approx(1 - law.mean, abs=1e-3)
    assert law.mean == pytest.approx(weights_drawn(
        8, 0.3, True, head_queries(1, 8, 8, 1e4), 50_000)[:, 0, 0].mean(), abs=0.01)  # fmt: skip
    still = WeightOnA(8, 1e4, 0.0)
    assert still.mean == pytest.approx(0.5, abs=1e-15)


# Several heads


def test_head_queries_come_in_pairs() -> None:
    queries = head_queries(5, 3, 4, 2.0)
    a, b = np.array([2.0, 0, 0, 0]), np.array([0, 2.0, 0, 0])
    np.testing.assert_array_equal(queries, [a, b, a, b, a + b])
    np.testing.assert_array_equal(head_queries(4, 3, 4, 2.0), [a, b, a, b])
    np.testing.assert_array_equal(head_queries(1, 3, 4, 2.0), [a + b])


def test_heads_by_loops() -> None:
    rng = np.random.default_rng(0)
    keys, queries, values = rng.normal(size=(3, 2, 5, 4)), rng.normal(size=(2, 4)), np.eye(5, 6)
    own, shared = heads_weights(keys, queries), heads_weights(keys[:, 0], queries)
    assert own.shape == shared.shape == (3, 2, 5)
    for i in range(3):
        for h in range(2):
            np.testing.assert_allclose(own[i, h], attention_weights(keys[i, h], queries[h]))
            np.testing.assert_allclose(shared[i, h], attention_weights(keys[i, 0], queries[h]))
    output = heads_output(own, values)
    np.testing.assert_allclose(output, (own[:, 0] @ values + own[:, 1] @ values) / 2)


@pytest.mark.parametrize("n, beta", [(2, 3.0), (6, 4.0), (6, 40.0)])
def test_the_head_that_looks_at_a_long_key(n: int, beta: float) -> None:
    weights = weights_drawn(n, 0.0, True, head_queries(2, n, n, beta))
    law = head_weight(n, beta)
    assert law == LogitNormal(beta - math.log(n - 1), beta**2 / 2)
    check_sample(weights[:, 0, 0], law)
    assert HeadWeight(n, beta).mean == pytest.approx(law.mean, abs=1e-13)
    # The other head sees key a at a right angle, however long it is.
    np.testing.assert_allclose(weights[:, 1, 0], 1 / (math.exp(beta) + n - 1), rtol=1e-9)
    share, exact = (weights[:, 0, 0] < 0.5).mean(), looks_away(n, beta)
    assert abs(share - exact) < WIDE * math.sqrt(exact * (1 - exact) / DRAWS)
    assert exact == pytest.approx(float(law.cdf(0.5)), abs=1e-14)


@pytest.mark.parametrize("n", [2, 6])
def test_looking_away_with_noise_on_every_key(n: int) -> None:
    weights = weights_drawn(n, 0.2, True, head_queries(2, n, n, 4.0))
    share, exact = (weights[:, 0, 0] < 0.5).mean(), looks_away(n, 4.0, 0.2)
    assert abs(share - exact) < WIDE * math.sqrt(exact * (1 - exact) / DRAWS)


def test_looking_away_at_the_ends() -> None:
    limit = stats.norm.cdf(-math.sqrt(2))
    assert limit == pytest.approx(0.0786, abs=1e-4)
    assert looks_away(10, math.inf) == pytest.approx(limit, abs=1e-15)
    assert looks_away(10, 1e9) == pytest.approx(limit, abs=1e-8)
    assert looks_away(2, 0.001) == pytest.approx(limit, abs=1e-15)
    assert looks_away(2, math.inf, 0.25) == pytest.approx(stats.norm.cdf(-1), abs=1e-15)
    assert looks_away(3, 0.0) == 1.0
    assert looks_away(2, 0.0) == 0.0


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("beta", [0.8, 5.0])
def test_output_variance_is_that_of_drawn_heads(heads: int, beta: float, shared: bool) -> None:
    n, draws = 4, 100_000
    rng, queries = np.random.default_rng(heads), head_queries(heads, n, n, beta)
    if shared:
        keys = draw_keys(n, n, 0.0, rng, draws, long=True)
    else:
        keys = draw_keys(n, n, 0.0, rng, draws * heads, long=True).reshape(draws, heads, n, n)
    sample = heads_output(heads_weights(keys, queries), np.eye(n))[:, 0]
    fourth = ((sample - sample.mean()) ** 4).mean()
    error = math.sqrt((fourth - sample.var() ** 2) / draws)
    assert abs(sample.var() - output_variance(heads, n, beta, shared)) < WIDE * error


@quick
@given(st.integers(1, 6), st.integers(2, 50), st.floats(0, 60))
def test_more_heads_mend_nothing_unless_each_has_its_own_noise(
    pairs: int, n: int, beta: float
) -> None:
    two = output_variance(2, n, beta, shared=True)
    assert two == pytest.approx(head_weight(n, beta).variance / 4, abs=1e-13)
    assert output_variance(2 * pairs, n, beta, shared=True) == pytest.approx(two, abs=1e-13)
    own = output_variance(2 * pairs, n, beta, shared=False)
    assert own == pytest.approx(two / pairs, abs=1e-13)
    one = WeightOnA(n, beta, 0.0, long=True).variance
    assert output_variance(1, n, beta, shared=True) == pytest.approx(one, abs=1e-13)


def test_output_variance_far_out() -> None:
    # A weight of 0 or 1, and 1 with the chance that s > 0, or for one head that s > 1.
    away = stats.norm.cdf(-math.sqrt(2))
    assert output_variance(2, 5, 1e4, True) == pytest.approx(away * (1 - away) / 4, abs=1e-4)
    assert output_variance(1, 5, 1e4, True) == pytest.approx(0.25, abs=1e-4)


@pytest.mark.parametrize("n, beta", [(2, 1.0), (7, 4.0)])
def test_normalising_leaves_two_weights(n: int, beta: float) -> None:
    keys = draw_keys(n, n, 0.0, np.random.default_rng(0), DRAWS, long=True)
    weights = heads_weights(normalised(keys), head_queries(2, n, n, beta))[:, 0, 0]
    ahead, behind, away = normalised_head_weight(n, beta)
    negative = keys[:, 0, 0] < 0
    np.testing.assert_allclose(weights, np.where(negative, behind, ahead), rtol=1e-12)
    assert abs(negative.mean() - away) < WIDE * math.sqrt(away * (1 - away) / DRAWS)
    assert away == pytest.approx(looks_away(10, math.inf), abs=1e-15)
    assert normalised_head_weight(3, 2.0, stretch=0.0)[2] == 0


# Mistakes


@pytest.mark.parametrize(
    "call",
    [
        lambda n: draw_keys(n, 3, 0.1, np.random.default_rng(0), 1),
        lambda n: WeightOnA(n, 1.0, 0.1),
        lambda n: HeadWeight(n, 1.0, 0.1),
        lambda n: head_queries(2, n, 3, 1.0),
        lambda n: head_weight(n, 1.0),
        lambda n: looks_away(n, 1.0),
        lambda n: output_variance(2, n, 1.0, True),
        lambda n: normalised_head_weight(n, 1.0),
    ],
)
def test_one_key_is_too_few(call: Callable[[int], object]) -> None:
    with pytest.raises(UserError, match="n is 1, and attention chooses among at least 2 keys"):
        call(1)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_scales_and_noises_are_finite_and_not_negative(value: float) -> None:
    rng = np.random.default_rng(0)
    for name, call in (
        ("alpha", lambda: draw_keys(2, 2, value, rng, 1)),
        ("stretch", lambda: draw_keys(2, 2, 0.1, rng, 1, True, value)),
        ("beta", lambda: lean(value, 0.1)),
        ("alpha", lambda: lean(1.0, value)),
        ("stretch", lambda: lean(1.0, 0.1, True, value)),
        ("alpha", lambda: two_hump_scale(value)),
        ("alpha", lambda: vanishing_scale(value, 0.1)),
        ("beta", lambda: WeightOnA(3, value, 0.1)),
        ("alpha", lambda: HeadWeight(3, 1.0, value)),
        ("beta", lambda: head_queries(2, 2, 2, value)),
        ("beta", lambda: head_weight(3, value)),
        ("alpha", lambda: looks_away(3, 1.0, value)),
        ("beta", lambda: output_variance(2, 3, value, True)),
        ("beta", lambda: normalised_head_weight(3, value)),
    ):
        with pytest.raises(UserError, match=f"{name} is {value}: take a finite number that is not"):
            call()


def test_other_mistakes_are_named() -> None:
    rng, law = np.random.default_rng(0), LogitNormal(0, 1)
    for match, call in (
        (r"3 orthonormal means do not fit into R\^2: take d >= 3",
         lambda: draw_keys(3, 2, 0.1, rng, 1)),
        (r"3 orthonormal means do not fit into R\^2", lambda: head_queries(2, 3, 2, 1.0)),
        ("draws is 0: draw at least once", lambda: draw_keys(2, 2, 0.1, rng, 0)),
        ("A key of length 0 has no direction", lambda: normalised([[1, 0], [0, 0]])),
        ("mean nan and variance 1 does not exist", lambda: LogitNormal(math.nan, 1)),
        ("mean 0 and variance -1 does not exist", lambda: LogitNormal(0, -1)),
        ("mean 0 and variance inf does not exist", lambda: LogitNormal(0, math.inf)),
        (r"always 0\.5, so it has no density", lambda: LogitNormal(0, 0).density(0.5)),
        (r"p is 1\.2, and a probability lies between", lambda: law.quantile(1.2)),
        ("p is nan, and a probability", lambda: law.quantile(math.nan)),
        (r"tolerance is 0\.5, and the weight's standard", lambda: vanishing_scale(1, 0.5)),
        ("tolerance is 0, and the weight's standard", lambda: vanishing_scale(1, 0)),
        ("heads is 0: take at least 1 head", lambda: head_queries(0, 2, 2, 1.0)),
        ("heads is 0: take at least 1 head", lambda: output_variance(0, 2, 1.0, True)),
        (r"keys has shape \(2, 2\): give", lambda: heads_weights(np.eye(2), np.eye(2))),
        (r"keys has shape \(1, 3, 2, 2\).*each of the 2 heads",
         lambda: heads_weights(np.zeros((1, 3, 2, 2)), np.eye(2))),
        ("beta is -1 and stretch 0.5: take beta >= 0", lambda: looks_away(3, -1)),
        ("beta is 1 and stretch 0: take beta >= 0", lambda: looks_away(3, 1, 0.1, 0)),
        (r"beta is infinite, with alpha 0\.1 and 3 keys", lambda: looks_away(3, math.inf, 0.1)),
    ):  # fmt: skip
        with pytest.raises(UserError, match=match):
            call()
