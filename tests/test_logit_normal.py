"""The logit-normal distribution against quadrature done another way, and by looking."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from samples import quick
from scipy import integrate, stats
from scipy.special import expit, logit
from weights import DRAWS, WIDE

from nlp4.errors import UserError
from nlp4.logit_normal import LogitNormal, variance_of_sigmoids


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


def test_variance_of_sigmoids_is_that_of_drawn_ones() -> None:
    shares, offsets, sd = np.array([0.5, 0.3, 0.2]), np.array([-2.0, 1.0, 6.0]), 3.0
    z = sd * np.random.default_rng(0).standard_normal(DRAWS)
    sample = expit(z[:, None] - offsets) @ shares
    exact = variance_of_sigmoids(shares, offsets, sd)
    error = math.sqrt((((sample - sample.mean()) ** 4).mean() - exact**2) / DRAWS)
    assert abs(sample.var() - exact) < WIDE * error
    one = variance_of_sigmoids(np.ones(1), np.array([0.7]), sd)
    assert one == pytest.approx(LogitNormal(-0.7, sd**2).variance, abs=1e-13)


def test_mistakes_are_named() -> None:
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
