"""Tests of `nlp4.pictures.noise`."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp4.pictures.noise import DRAWS, HEAD_DRAWS, crosstalk_scene, heads_scene, noisy_scene

BELL = NormalDist()


@settings(max_examples=10, deadline=None)
@given(n=st.integers(2, 8), long=st.booleans(), beta=st.floats(0.5, 30), seed=st.integers(0, 50))
def test_noisy_draws_follow_the_density(n: int, long: bool, beta: float, seed: int) -> None:
    scene = noisy_scene(n, 0.01, long, beta, seed)
    low, high = scene.quartiles
    inside = ((scene.draws > low) & (scene.draws < high)).mean()
    assert abs(inside - 0.5) < 5 * 0.5 / DRAWS**0.5  # five standard errors
    assert abs(scene.draws.std() - scene.deviation) < 0.05


@pytest.mark.parametrize(("n", "alpha", "beta"), [(3, 0.1, 0.0), (3, 0.0, 8.0), (8, 0.0, 40.0)])
def test_a_weight_that_cannot_vary_has_no_density(n: int, alpha: float, beta: float) -> None:
    scene = noisy_scene(n, alpha, False, beta, 0)
    assert not scene.density.any()
    assert np.ptp(scene.draws) < 1e-12


def test_the_long_key_stops_vanishing_much_earlier() -> None:
    plain, long = (noisy_scene(2, 0.001, long, 1.0, 0).vanishing for long in (False, True))
    assert math.isclose(plain / long, math.sqrt(0.504 / 0.004))


def test_the_density_splits_where_the_variance_of_the_logit_is_two() -> None:
    assert math.isclose(noisy_scene(2, 0.0, True, 1.0, 0).split, 2.0)
    assert math.isclose(noisy_scene(2, 0.01, False, 1.0, 0).split, math.sqrt(50))
    assert noisy_scene(2, 0.0, False, 1.0, 0).split == math.inf


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 5, 8])
def test_heads_spread_as_the_exact_variance_says(heads: int, own: bool) -> None:
    found = [heads_scene(heads, 10.0, 0.0, True, False, own, seed) for seed in range(8)]
    pooled = np.concatenate([scene.mean_weight for scene in found])
    exact = found[0].exact_deviation
    assert exact is not None
    assert abs(pooled.std() - exact) < 0.02


def test_a_head_looks_away_as_often_as_the_normal_says() -> None:
    found = [heads_scene(2, 10.0, 0.0, True, False, False, seed) for seed in range(10)]
    exact = BELL.cdf((math.log(7) / 10 - 1) * math.sqrt(2))
    assert math.isclose(found[0].exact_away, exact)
    draws = 10 * HEAD_DRAWS
    error = math.sqrt(exact * (1 - exact) / draws)
    assert abs(np.mean([scene.away or 0.0 for scene in found]) - exact) < 4 * error
    assert math.isclose(found[0].limit, BELL.cdf(-math.sqrt(2)))


def test_normalised_keys_look_away_when_the_sign_is_wrong_and_never_else() -> None:
    scene = heads_scene(2, 10.0, 0.0, True, True, False, 1)
    assert scene.away is not None and abs(scene.away - BELL.cdf(-math.sqrt(2))) < 0.02
    assert len(np.unique(scene.mean_weight.round(9))) == 2


def test_without_a_long_key_two_heads_hold() -> None:
    scene = heads_scene(2, 10.0, 0.0, False, False, False, 0)
    assert scene.away == 0
    assert np.ptp(scene.mean_weight) < 1e-12


@pytest.mark.parametrize(("n", "d"), [(64, 16), (1024, 128), (4, 2)])
def test_crosstalk_weighs_by_its_overlaps(n: int, d: int) -> None:
    scene = crosstalk_scene(n, d, 10.0, 3)
    rivals = math.fsum(math.exp(10 * (float(t) - 1)) for t in scene.overlaps)
    assert math.isclose(scene.weight, 1 / (1 + rivals))
    assert len(scene.overlaps) == n - 1
    area = np.trapezoid(scene.density, scene.grid)
    assert abs(area - 1) < (0.1 if d == 2 else 0.01)  # in the plane it has poles at the ends


def test_the_bound_on_the_mean_weight_holds() -> None:
    found = [crosstalk_scene(64, 16, 10.0, seed) for seed in range(50)]
    assert np.mean([scene.weight for scene in found]) >= found[0].bound - 0.02
