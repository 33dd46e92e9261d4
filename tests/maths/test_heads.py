"""Several heads on noisy keys, against drawn keys and quadrature done another way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from scipy import stats
from weights import CASES, DRAWS, WIDE, check_sample, moments

from nlp4.maths.copying import attention_weights
from nlp4.maths.heads import (
    HeadWeight,
    TwoQueries,
    head_queries,
    heads_weights,
    looks_away,
    looks_away_quiet,
    output_variance,
)
from nlp4.maths.logit_normal import LogitNormal
from nlp4.maths.noisy_keys import WeightOnA, draw_keys, normalised
from nlp4.support.errors import UserError


def drawn_by_two(n: int, alpha: float, beta: float) -> np.ndarray:
    """Weights `(DRAWS, 2, n)` of two heads on drawn keys, key 0 long."""
    keys = draw_keys(n, n, alpha, np.random.default_rng(0), DRAWS, long=True)
    return heads_weights(keys, head_queries(2, n, n, beta))


@pytest.mark.parametrize("n, beta, alpha, long", [(2, 3.0, 0.1, True), *CASES])
def test_head_weight_has_the_moments_of_another_quadrature(
    n: int, beta: float, alpha: float, long: bool
) -> None:
    law, tau = HeadWeight(n, beta, alpha, long), math.sqrt(alpha) * beta
    own = (beta, math.sqrt(alpha + long / 2) * beta)
    first, second = moments(own, [(0.0, tau, n - 1)])
    assert law.mean == pytest.approx(first, abs=1e-10)
    assert law.variance == pytest.approx(second - first**2, abs=1e-10)


@pytest.mark.parametrize("n", [2, 5])
def test_a_query_of_length_0_weighs_all_keys_alike(n: int) -> None:
    law = HeadWeight(n, 0.0, 0.3)
    assert law.mean == pytest.approx(1 / n, abs=1e-15)
    assert law.variance < 1e-30
    with pytest.raises(UserError, match=r"always 0\..*no density: give the keys some noise"):
        law.density(0.5)


def test_head_queries_come_in_pairs() -> None:
    queries = head_queries(5, 3, 4, 2.0)
    a, b = np.array([2.0, 0, 0, 0]), np.array([0, 2.0, 0, 0])
    np.testing.assert_array_equal(queries, [a, b, a, b, a + b])
    np.testing.assert_array_equal(head_queries(4, 3, 4, 2.0), [a, b, a, b])
    np.testing.assert_array_equal(head_queries(1, 3, 4, 2.0), [a + b])


def test_heads_by_loops() -> None:
    rng = np.random.default_rng(0)
    keys, queries = rng.normal(size=(3, 2, 5, 4)), rng.normal(size=(2, 4))
    own, shared = heads_weights(keys, queries), heads_weights(keys[:, 0], queries)
    assert own.shape == shared.shape == (3, 2, 5)
    turned = heads_weights(-keys[:, 0], queries, sign_blind=True)
    np.testing.assert_array_equal(turned, heads_weights(keys[:, 0], queries, sign_blind=True))
    for i in range(3):
        for h in range(2):
            np.testing.assert_allclose(own[i, h], attention_weights(keys[i, h], queries[h]))
            np.testing.assert_allclose(shared[i, h], attention_weights(keys[i, 0], queries[h]))


@pytest.mark.parametrize("n, beta", [(2, 3.0), (6, 4.0), (6, 40.0)])
def test_the_head_that_looks_at_a_long_key(n: int, beta: float) -> None:
    weights = drawn_by_two(n, 0.0, beta)
    law = LogitNormal(beta - math.log(n - 1), beta**2 / 2)
    check_sample(weights[:, 0, 0], law)
    assert HeadWeight(n, beta).mean == pytest.approx(law.mean, abs=1e-13)
    # The other head sees key a at a right angle, however long it is.
    np.testing.assert_allclose(weights[:, 1, 0], 1 / (math.exp(beta) + n - 1), rtol=1e-9)
    share, exact = (weights[:, 0, 0] < 0.5).mean(), looks_away(n, beta)
    assert abs(share - exact) < WIDE * math.sqrt(exact * (1 - exact) / DRAWS)
    assert exact == pytest.approx(float(law.cdf(0.5)), abs=1e-14)


@pytest.mark.parametrize("n", [2, 6])
def test_looking_away_with_noise_on_every_key(n: int) -> None:
    weights = drawn_by_two(n, 0.2, 4.0)
    share, exact = (weights[:, 0, 0] < 0.5).mean(), looks_away(n, 4.0, 0.2)
    assert abs(share - exact) < WIDE * math.sqrt(exact * (1 - exact) / DRAWS)


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("sign_blind", [False, True])
@pytest.mark.parametrize(
    "n, beta, stretch", [(8, 10.0, 0.5), (8, 1.5, 0.5), (3, 4.0, 2.0), (2, 1.0, 1.0)]
)
def test_looking_away_without_noise_is_that_of_drawn_keys(
    n: int, beta: float, stretch: float, sign_blind: bool, normalise: bool
) -> None:
    keys = draw_keys(n, n, 0.0, np.random.default_rng(0), 50_000, True, stretch)
    keys = normalised(keys) if normalise else keys
    weights = heads_weights(keys, head_queries(2, n, n, beta), sign_blind=sign_blind)
    share = (weights[:, 0, 0] < 0.5).mean()
    exact = looks_away_quiet(n, beta, stretch, normalise=normalise, sign_blind=sign_blind)
    assert abs(share - exact) <= WIDE * math.sqrt(exact * (1 - exact) / 50_000) + 1e-12


def test_what_a_large_scale_mends() -> None:
    turned = stats.norm.cdf(-1 / math.sqrt(2))
    assert looks_away_quiet(8, math.inf, 2.0) == pytest.approx(turned, abs=1e-15)
    assert looks_away_quiet(8, math.inf, 2.0, normalise=True) == pytest.approx(turned, abs=1e-15)
    for normalise in (False, True):
        away = looks_away_quiet(8, math.inf, 2.0, normalise=normalise, sign_blind=True)
        assert away == pytest.approx(0, abs=1e-15)
    both = {beta: looks_away_quiet(8, beta, normalise=True, sign_blind=True) for beta in (1.9, 2)}
    assert both == pytest.approx({1.9: 1.0, 2: 0.0}, abs=1e-15)  # ln 7 is 1.946
    assert looks_away_quiet(3, 0.0, sign_blind=True) == 1.0
    assert looks_away_quiet(2, 0.0, sign_blind=True) == 0.0


# A query for each head


@pytest.mark.parametrize(
    "n, first, second, turn, stretch",
    [(8, 10.0, 10.0, 0.0, 0.5), (8, 10.0, 10.0, 30.0, 0.5), (5, 4.0, 2.0, 60.0, 2.0),
     (2, 3.0, 5.0, 90.0, 0.125)],
)  # fmt: skip
def test_two_queries_weigh_as_drawn_heads_do(
    n: int, first: float, second: float, turn: float, stretch: float
) -> None:
    law = TwoQueries(n, first, second, turn, stretch)
    keys = draw_keys(n, n, 0.0, np.random.default_rng(3), 50_000, True, stretch)
    queries = np.zeros((2, n))
    queries[0, 0] = first
    queries[1, :2] = second * np.sin(np.deg2rad(turn)), second * np.cos(np.deg2rad(turn))
    np.testing.assert_allclose(law.queries, queries, atol=1e-15)
    drawn = heads_weights(keys, queries)[:, :, 0]
    np.testing.assert_allclose(law.weights(keys[:, 0, 0]).T, drawn, rtol=1e-9, atol=1e-300)
    sample = drawn.mean(1)
    for p in (0.1, 0.25, 0.5, 0.75, 0.9):
        share = (sample <= law.quantile(p)).mean()
        assert abs(share - p) < WIDE * math.sqrt(p * (1 - p) / 50_000)
    for w in (0.05, 0.4, 0.45, 0.6, 0.9):
        exact = float(law.cdf(w))
        share = (sample <= w).mean()
        assert abs(share - exact) <= WIDE * math.sqrt(exact * (1 - exact) / 50_000) + 1e-12


def test_two_tidy_queries_are_the_heads_of_the_exercise() -> None:
    law = TwoQueries(8, 10.0, 10.0)
    # Below a mean weight of 1/4 + 1 / (2 (e^10 + 7)), head 1 gives less than half.
    half = 0.25 + 0.5 / (math.exp(10) + 7)
    assert float(law.cdf(half)) == pytest.approx(looks_away(8, 10.0), abs=1e-12)
    np.testing.assert_allclose(law.cdf([0.0, 1.0]), [0, 1], atol=1e-15)
    whole = TwoQueries(8, 10.0, 10.0, 90.0)  # both look at a
    np.testing.assert_allclose(whole.weights(0.3)[0], whole.weights(0.3)[1], rtol=1e-12)


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
    sample = heads_weights(keys, queries)[:, :, 0].mean(axis=1)
    fourth = ((sample - sample.mean()) ** 4).mean()
    error = math.sqrt((fourth - sample.var() ** 2) / draws)
    assert abs(sample.var() - output_variance(heads, n, beta, shared)) < WIDE * error


@quick
@given(st.integers(1, 6), st.integers(2, 50), st.floats(0, 60))
def test_more_heads_mend_nothing_unless_each_has_its_own_noise(
    pairs: int, n: int, beta: float
) -> None:
    two = output_variance(2, n, beta, shared=True)
    assert two == pytest.approx(
        LogitNormal(beta - math.log(n - 1), beta**2 / 2).variance / 4, abs=1e-13
    )
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
    ahead, behind = (1 / (1 + (n - 1) * math.exp(-way * beta)) for way in (1, -1))
    away = stats.norm.cdf(-math.sqrt(2))
    negative = keys[:, 0, 0] < 0
    np.testing.assert_allclose(weights, np.where(negative, behind, ahead), rtol=1e-12)
    assert abs(negative.mean() - away) < WIDE * math.sqrt(away * (1 - away) / DRAWS)
    assert away == pytest.approx(looks_away(10, math.inf), abs=1e-15)


# Mistakes


@pytest.mark.parametrize(
    "call",
    [
        lambda n: HeadWeight(n, 1.0, 0.1),
        lambda n: head_queries(2, n, 3, 1.0),
        lambda n: looks_away(n, 1.0),
        lambda n: looks_away_quiet(n, 1.0),
        lambda n: TwoQueries(n, 1.0, 1.0),
        lambda n: output_variance(2, n, 1.0, True),
    ],
)
def test_one_key_is_too_few(call: Callable[[int], object]) -> None:
    with pytest.raises(UserError, match="n is 1, and attention chooses among at least 2 keys"):
        call(1)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_scales_and_noises_are_finite_and_not_negative(value: float) -> None:
    for name, call in (
        ("alpha", lambda: HeadWeight(3, 1.0, value)),
        ("beta", lambda: head_queries(2, 2, 2, value)),
        ("alpha", lambda: looks_away(3, 1.0, value)),
        ("beta", lambda: output_variance(2, 3, value, True)),
        ("beta", lambda: TwoQueries(3, value, 1.0)),
        ("beta", lambda: TwoQueries(3, 1.0, value)),
    ):
        with pytest.raises(UserError, match=f"{name} is {value}: take a finite number that is not"):
            call()


def test_other_mistakes_are_named() -> None:
    for match, call in (
        (r"3 orthonormal means do not fit into R\^2", lambda: head_queries(2, 3, 2, 1.0)),
        ("heads is 0: take at least 1 head", lambda: head_queries(0, 2, 2, 1.0)),
        ("heads is 0: take at least 1 head", lambda: output_variance(0, 2, 1.0, True)),
        (r"keys has shape \(2, 2\): give", lambda: heads_weights(np.eye(2), np.eye(2))),
        (r"keys has shape \(1, 3, 2, 2\).*each of the 2 heads",
         lambda: heads_weights(np.zeros((1, 3, 2, 2)), np.eye(2))),
        ("beta is -1 and stretch 0.5: take beta >= 0", lambda: looks_away(3, -1)),
        ("beta is 1 and stretch 0: take beta >= 0", lambda: looks_away(3, 1, 0.1, 0)),
        ("beta is -1 and stretch 0.5: take beta >= 0", lambda: looks_away_quiet(3, -1)),
        ("beta is 1 and stretch 0: take beta >= 0", lambda: TwoQueries(3, 1, 1, 0, 0)),
        ("turn is 91: take 0 to 90 degrees", lambda: TwoQueries(3, 1, 1, 91)),
        (r"beta is infinite, with alpha 0\.1 and 3 keys", lambda: looks_away(3, math.inf, 0.1)),
    ):  # fmt: skip
        with pytest.raises(UserError, match=match):
            call()
