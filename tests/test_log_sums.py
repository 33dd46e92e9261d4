"""The log of a sum of exponentials, against sums over all noises and Laplace transforms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from scipy import integrate, stats
from scipy.special import expit, logit, ndtr
from weights import moments

from nlp4.errors import UserError
from nlp4.log_sums import logit_against
from nlp4.logit_normal import LogitNormal, Mixture, WeightDistribution


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
