"""Dot products of random and of turned vectors, against drawn keys and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import softmax
from scipy.stats import kstest

from nlp4.maths import products


@pytest.mark.parametrize("d", [1, 4, 64])
def test_scores_are_spread_as_those_of_drawn_queries_and_keys(d: int) -> None:
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((2, 20_000, d))
    ours = products.draw_scores(1, d, 20_000, np.random.default_rng(1))[:, 0]
    assert kstest((q * k).sum(1), ours).pvalue > 0.01
    assert ours.std() == pytest.approx(math.sqrt(d), rel=0.03)


def test_the_keys_of_one_query_share_its_length() -> None:
    scores = products.draw_scores(2, 2, 40_000, np.random.default_rng(0))
    squares = scores**2
    # E[r^4] = d (d + 2) = 8 against E[r^2]^2 = 4: squares go together, scores do not.
    assert np.cov(squares.T)[0, 1] == pytest.approx(4, rel=0.1)
    assert abs(np.corrcoef(scores.T)[0, 1]) < 0.02


@pytest.mark.parametrize("d", [2, 8, 128])
def test_the_density_is_one_and_has_the_variance_d(d: int) -> None:
    edge = 30 * math.sqrt(d)
    whole = quad(lambda x: products.score_density(x, d), -edge, edge, limit=200)[0]
    spread = quad(lambda x: x * x * products.score_density(x, d), -edge, edge, limit=200)[0]
    assert whole == pytest.approx(1, abs=1e-6)
    assert spread == pytest.approx(d, rel=1e-4)


def test_the_density_in_two_dimensions_is_laplaces() -> None:
    x = np.array([0.5, 1.0, 3.0])
    np.testing.assert_allclose(products.score_density(x, 2), np.exp(-x) / 2, rtol=2e-5)


def test_the_size_of_the_derivative_is_that_of_torchs() -> None:
    scores = np.random.default_rng(0).standard_normal((5, 6)) * 3
    for row in scores:
        jacobian = torch.autograd.functional.jacobian(lambda z: z.softmax(0), torch.from_numpy(row))
        size = products.jacobian_size(softmax(row))
        assert size == pytest.approx(float(jacobian.norm()))
    assert products.jacobian_size(np.array([1.0, 0.0])) == 0


def test_turned_scores_are_those_of_vectors_turned_one_by_one() -> None:
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((2, 6))

    def turn(x: np.ndarray, place: int) -> np.ndarray:
        out = x.copy()
        for i in range(3):
            angle = place * 50.0 ** (-2 * i / 6)
            cosine, sine = math.cos(angle), math.sin(angle)
            out[i] = x[i] * cosine - x[i + 3] * sine
            out[i + 3] = x[i] * sine + x[i + 3] * cosine
        return out

    for asks, stands in ((0, 0), (5, 2), (2, 5), (40, 39), (100, 3)):
        (found,) = products.rotary_scores(q, k, [stands - asks], base=50.0)
        assert found == pytest.approx(turn(q, asks) @ turn(k, stands))
