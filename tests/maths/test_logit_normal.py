"""Tests of `nlp4.maths.logit_normal`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from samples import quick
from scipy import integrate, stats
from scipy.special import expit, logit, ndtr
from weights import DRAWS, WIDE, moments

from nlp4.maths.logit_normal import (
    LogitNormal,
    Mixture,
    WeightDistribution,
    logit_against,
    variance_of_sigmoids,
)
from nlp4.support.errors import UserError


@dataclass(frozen=True)
class Against(WeightDistribution):
    """The weight of a key whose logit is N(0, variance_of_own), against `rivals` (mean, count)."""

    rivals: tuple[tuple[float, int], ...]
    variance_of_own: float
    tau: float

    @cached_property
    def mixture(self) -> Mixture:
        return logit_against(list(self.rivals), self.variance_of_own, self.tau)


# rivals, variance of the key's own logit, sd of the rivals' logits
CASES = [
    (((0.0, 1), (-1.0, 1)), 0.2, 0.45),
    (((0.0, 1), (-4.0, 1)), 8.6, 0.8),
    (((0.0, 1), (-5.0, 6)), 2.5, 1.6),
    (((0.0, 1), (-3.0, 6)), 22.5, 4.2),
    (((0.0, 1), (-0.7, 6)), 0.001, 0.03),
    (((0.0, 1), (-20.0, 6)), 440.0, 15.5),
    (((-6.0, 29),), 21.6, 1.9),
    (((0.5, 3), (-2.0, 2), (3.0, 5)), 1.0, 0.7),
]


@cache
def law_of(case: int) -> Against:
    return Against(*CASES[case])


every_case = pytest.mark.parametrize("case", range(len(CASES)))


@every_case
def test_the_weight_has_the_moments_of_another_quadrature(case: int) -> None:
    law = law_of(case)
    rivals = [(mean, law.tau, count) for mean, count in law.rivals]
    first, second = moments((0.0, math.sqrt(law.variance_of_own)), rivals)
    assert law.mean == pytest.approx(first, abs=1e-10)
    assert law.variance == pytest.approx(second - first**2, abs=1e-10)


@pytest.mark.parametrize("means", [(0.0, -1.5), (0.0, -4.0, -4.0), (1.0, -0.2, -0.2)])
@pytest.mark.parametrize("variance, tau", [(0.3, 0.5), (10.6, 1.6), (8e-6, 0.003)])
def test_the_weight_has_the_probabilities_of_a_sum_over_all_noises(
    means: tuple[float, ...], variance: float, tau: float
) -> None:
    x = np.arange(-8, 8.01, 0.4)
    bell = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
    logits, shares = means[0] + tau * x, bell
    for mean in means[1:]:  # every combination of the rivals' noises
        logits = np.logaddexp(logits[..., None], mean + tau * x)
        shares = shares[..., None] * bell
    rivals = tuple((mean, means.count(mean)) for mean in dict.fromkeys(means))
    law, sd = Against(rivals, variance, tau), math.sqrt(variance)
    for each in law.quantile([0.001, 0.1, 0.5, 0.9, 0.999]):
        expected = (shares * ndtr((logit(each) + logits) / sd)).sum()
        assert law.cdf(each) == pytest.approx(expected, abs=1e-10)
        bells = (shares * stats.norm.pdf((logit(each) + logits) / sd)).sum() / sd
        assert law.density(each) == pytest.approx(bells / (each * (1 - each)), rel=1e-8)


def test_one_rival_or_still_ones_have_a_closed_form() -> None:
    one = Against(((1.5, 1),), 2.0, 0.5)
    assert one.cdf(0.3) == pytest.approx(LogitNormal(-1.5, 2.25).cdf(0.3), abs=1e-15)
    still = Against(((0.0, 2), (1.0, 3)), 2.0, 0.0)
    exact = LogitNormal(-math.log(2 + 3 * math.e), 2.0)
    assert still.cdf(0.3) == pytest.approx(exact.cdf(0.3), abs=1e-15)
    near = Against(((0.0, 2), (1.0, 3)), 2.0, 1e-4)
    assert near.cdf(0.3) == pytest.approx(float(exact.cdf(0.3)), abs=1e-7)


@quick
@given(st.integers(0, len(CASES) - 1), st.floats(0, 1), st.floats(0, 1))
def test_the_mixture_s_quantile_undoes_its_cdf(case: int, p: float, w: float) -> None:
    law = law_of(case)
    assert law.cdf(law.quantile(p)) == pytest.approx(p, abs=1e-9) or law.quantile(p) == 1
    assert law.cdf(w) <= law.cdf(w + 0.01) + 1e-15
    assert law.density(w) >= 0
    assert law.quantile([0, 1]).tolist() == [0, 1]


@every_case
def test_the_density_is_the_slope_of_the_cdf(case: int) -> None:
    law = law_of(case)
    low, high = law.quantile([0.05, 0.9])
    z = np.linspace(logit(low), logit(high), 4001)
    w = expit(z)
    area = integrate.simpson(law.density(w) * w * (1 - w), x=z)
    assert area == pytest.approx(0.85, abs=1e-8)


def test_mistakes_are_named() -> None:
    for rivals in ([], [(0.0, 0)], [(0.0, 3), (1.0, -1)]):
        with pytest.raises(UserError, match="at least 1 rival in all and no negative count"):
            logit_against(rivals, 1.0, 1.0)
    for value in (-1.0, math.nan, math.inf):
        with pytest.raises(UserError, match=f"variance is {value}: take a finite"):
            logit_against([(0.0, 1)], value, 1.0)
        with pytest.raises(UserError, match=f"tau is {value}: take a finite"):
            logit_against([(0.0, 1)], 1.0, value)


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
def test_humps_by_looking(m: float, v: float) -> None:
    law = LogitNormal(m, v)
    found = peaks(m, v)
    if v > 2:
        edge = math.sqrt(v * (v - 2)) - 2 * math.acosh(math.sqrt(v / 2))
        assume(abs(abs(m) - edge) > 1e-3)  # a hump too flat for the grid
    assert law.humps() == len(found)


def test_humps_where_rounding_is_near() -> None:
    assert LogitNormal(0, 2).humps() == 1
    assert LogitNormal(0, math.nextafter(2, 3)).humps() == 2
    assert LogitNormal(1e-3, 2.0001).humps() == 1
    assert LogitNormal(0, 0).humps() == 1
    assert LogitNormal(0, 1e8).humps() == 2
    assert LogitNormal(1e4, 1e3).humps() == 1
    edge = math.sqrt(8) - 2 * math.acosh(math.sqrt(2))  # for v = 4
    assert LogitNormal(edge - 1e-9, 4).humps() == 2
    assert LogitNormal(edge + 1e-9, 4).humps() == 1
    assert LogitNormal(-edge - 1e-9, 4).humps() == 1


def test_variance_of_sigmoids_is_that_of_drawn_ones() -> None:
    shares, offsets, sd = np.array([0.5, 0.3, 0.2]), np.array([-2.0, 1.0, 6.0]), 3.0
    z = sd * np.random.default_rng(0).standard_normal(DRAWS)
    sample = expit(z[:, None] - offsets) @ shares
    exact = variance_of_sigmoids(shares, offsets, sd)
    error = math.sqrt((((sample - sample.mean()) ** 4).mean() - exact**2) / DRAWS)
    assert abs(sample.var() - exact) < WIDE * error
    one = variance_of_sigmoids(np.ones(1), np.array([0.7]), sd)
    assert one == pytest.approx(LogitNormal(-0.7, sd**2).variance, abs=1e-13)


def test_mistakes_are_named_logit_normal() -> None:
    law = LogitNormal(0, 1)
    for match, call in (
        ("mean nan and variance 1 does not exist", lambda: LogitNormal(math.nan, 1)),
        ("mean 0 and variance -1 does not exist", lambda: LogitNormal(0, -1)),
        ("mean 0 and variance inf does not exist", lambda: LogitNormal(0, math.inf)),
        (r"always 0\.5, so it has no density", lambda: LogitNormal(0, 0).density(0.5)),
        (r"p is 1\.2, and a probability lies between", lambda: law.quantile(1.2)),
        ("p is nan, and a probability", lambda: law.quantile(math.nan)),
    ):
        with pytest.raises(UserError, match=match):
            call()
