"""Noisy keys: every distribution against drawn keys, and against quadrature done another way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from weights import CASES, DRAWS, WIDE, check_sample, moments, weights_drawn

from nlp4.maths.logit_normal import LogitNormal
from nlp4.maths.noisy_keys import (
    WeightOnA,
    draw_keys,
    draw_queries,
    lean,
    logit_deviation,
    normalised,
    two_hump_scale,
    vanishing_scale,
)
from nlp4.support.errors import UserError


def averaging(n: int, beta: float) -> np.ndarray:
    """The query beta (mu_a + mu_b) in R^n."""
    return beta * (np.eye(n)[0] + np.eye(n)[1])


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


def test_drawn_queries_have_their_mean_and_the_scale_on_their_noise() -> None:
    queries = draw_queries(2, 3, 5.0, 0.04, np.random.default_rng(0), DRAWS)
    assert queries.shape == (DRAWS, 3)
    assert np.all(np.abs(queries.mean(0) - [5, 5, 0]) < WIDE / math.sqrt(DRAWS))  # of sd 1
    assert np.all(np.abs(np.cov(queries.T) - np.eye(3)) < WIDE * math.sqrt(2 / DRAWS))
    still = draw_queries(2, 3, 5.0, 0.0, np.random.default_rng(0), 2)
    np.testing.assert_array_equal(still, [[5, 5, 0], [5, 5, 0]])


def test_normalised_keys_keep_their_direction() -> None:
    keys = draw_keys(3, 4, 0.5, np.random.default_rng(0), 10)
    unit = normalised(keys)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=-1), 1)
    np.testing.assert_allclose(unit * np.linalg.norm(keys, axis=-1, keepdims=True), keys)


# One query


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("beta, alpha", [(1.0, 0.2), (6.0, 0.05)])
def test_lean_is_the_distribution_of_the_share_of_a(beta: float, alpha: float, long: bool) -> None:
    weights = weights_drawn(4, alpha, long, averaging(4, beta))
    check_sample(weights[:, 0] / (weights[:, 0] + weights[:, 1]), lean(beta, alpha, long))


def test_lean_in_numbers() -> None:
    assert lean(3.0, 0.0, long=True) == LogitNormal(0.0, 4.5)
    assert lean(3.0, 0.25).logit_variance == 9.0
    assert lean(2.0, 0.1, long=True, stretch=1.0).logit_variance == pytest.approx(5.6)
    assert lean(1e4, 1.0).variance == pytest.approx(0.25, abs=1e-4)
    assert lean(50.0, 0.0, long=True).mean == pytest.approx(0.5, abs=1e-14)


@pytest.mark.parametrize("stretch", [0.0, 0.7])
@pytest.mark.parametrize("alpha, query_alpha", [(0.0, 0.2), (0.3, 0.0), (0.2, 0.5)])
def test_the_deviation_of_the_logit_is_that_of_drawn_keys_and_queries(
    alpha: float, query_alpha: float, stretch: float
) -> None:
    n, d, beta, rng = 2, 5, 3.0, np.random.default_rng(2)
    keys = draw_keys(n, d, alpha, rng, DRAWS, True, stretch)
    queries = draw_queries(n, d, beta, query_alpha, rng, DRAWS)
    z = ((keys[:, 0] - keys[:, 1]) * queries).sum(-1)
    exact = logit_deviation(d, beta, alpha, query_alpha, stretch)
    error = math.sqrt((((z - z.mean()) ** 4).mean() - z.var() ** 2) / DRAWS)
    assert abs(z.var() - exact**2) < WIDE * error
    assert abs(z.mean()) < WIDE * exact / math.sqrt(DRAWS)


def test_a_given_query_leaves_the_deviation_of_lean() -> None:
    law = lean(3.0, 0.1, long=True, stretch=0.7)
    assert logit_deviation(4, 3.0, 0.1, 0.0, 0.7) ** 2 == pytest.approx(law.logit_variance)
    # Noise in the query alone tilts the balance half as much as the same noise in both keys.
    assert logit_deviation(4, 3.0, 0.0, 0.2, 0.0) ** 2 == pytest.approx(
        lean(3.0, 0.1).logit_variance
    )


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


@pytest.mark.parametrize("n, beta, alpha, long", CASES)
def test_weight_on_a_has_the_moments_of_another_quadrature(
    n: int, beta: float, alpha: float, long: bool
) -> None:
    law, tau = WeightOnA(n, beta, alpha, long), math.sqrt(2 * alpha) * beta
    own = (beta, math.sqrt(2 * alpha + long / 2) * beta)
    first, second = moments(own, [(beta, tau, 1), (0.0, tau, n - 2)])
    assert law.mean == pytest.approx(first, abs=1e-10)
    assert law.variance == pytest.approx(second - first**2, abs=1e-10)


@pytest.mark.parametrize("n, beta, alpha, long", [CASES[3], CASES[5], (8, 100.0, 0.5, False)])
def test_weight_on_a_is_that_of_drawn_keys(n: int, beta: float, alpha: float, long: bool) -> None:
    weights = weights_drawn(n, alpha, long, averaging(n, beta), 100_000)
    check_sample(weights[:, 0], WeightOnA(n, beta, alpha, long))


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
    law = WeightOnA(n, 0.0, 0.3, True)
    assert law.mean == pytest.approx(1 / n, abs=1e-15)
    assert law.variance < 1e-30
    with pytest.raises(UserError, match=r"always 0\..*no density: give the keys some noise"):
        law.density(0.5)


def test_logits_in_the_ten_thousands() -> None:
    law = WeightOnA(8, 1e4, 0.3, True)
    assert 0 < law.mean < 0.5 and 0 < law.variance < 0.25
    # At this scale the softmax picks the largest logit. Key a is above key b in half the draws.
    assert law.cdf(0.5) == pytest.approx(1 - law.mean, abs=1e-3)
    assert law.mean == pytest.approx(weights_drawn(
        8, 0.3, True, averaging(8, 1e4), 50_000)[:, 0].mean(), abs=0.01)  # fmt: skip
    still = WeightOnA(8, 1e4, 0.0)
    assert still.mean == pytest.approx(0.5, abs=1e-15)


# Mistakes


@pytest.mark.parametrize(
    "call",
    [lambda n: draw_keys(n, 3, 0.1, np.random.default_rng(0), 1), lambda n: WeightOnA(n, 1.0, 0.1)],
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
        ("alpha", lambda: draw_queries(2, 2, 1.0, value, rng, 1)),
        ("alpha", lambda: logit_deviation(2, 1.0, 0.1, value)),
        ("stretch", lambda: logit_deviation(2, 1.0, 0.1, 0.1, value)),
    ):
        with pytest.raises(UserError, match=f"{name} is {value}: take a finite number that is not"):
            call()


def test_other_mistakes_are_named() -> None:
    rng = np.random.default_rng(0)
    for match, call in (
        (r"3 orthonormal means do not fit into R\^2: take d >= 3",
         lambda: draw_keys(3, 2, 0.1, rng, 1)),
        ("draws is 0: draw at least once", lambda: draw_keys(2, 2, 0.1, rng, 0)),
        ("draws is 0: draw at least once", lambda: draw_queries(2, 2, 1.0, 0.1, rng, 0)),
        (r"3 orthonormal means do not fit into R\^2",
         lambda: draw_queries(3, 2, 1.0, 0.1, rng, 1)),
        ("A key of length 0 has no direction", lambda: normalised([[1, 0], [0, 0]])),
        (r"tolerance is 0\.5, and the weight's standard", lambda: vanishing_scale(1, 0.5)),
        ("tolerance is 0, and the weight's standard", lambda: vanishing_scale(1, 0)),
    ):  # fmt: skip
        with pytest.raises(UserError, match=match):
            call()
