"""Tests of `nlp4.pictures.noise`."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp4.pictures.explorer import Explorer
from nlp4.pictures.noise import (
    DRAWS,
    HEAD_DRAWS,
    STRETCHES,
    WEIGHINGS,
    crosstalk_explorer,
    crosstalk_scene,
    heads_caption,
    heads_explorer,
    heads_picture,
    heads_scene,
    noisy_caption,
    noisy_keys_explorer,
    noisy_picture,
    noisy_scene,
    queries_explorer,
    queries_scene,
)

BELL = NormalDist()


@settings(max_examples=10, deadline=None)
@given(
    n=st.integers(2, 8),
    stretch=st.sampled_from(STRETCHES),
    beta=st.floats(0.5, 30),
    seed=st.integers(0, 50),
)
def test_noisy_draws_follow_the_density(n: int, stretch: float, beta: float, seed: int) -> None:
    scene = noisy_scene(n, 0.01, stretch, 0.0, beta, seed)
    low, high = scene.quartiles
    inside = ((scene.draws > low) & (scene.draws < high)).mean()
    assert abs(inside - 0.5) < 5 * 0.5 / DRAWS**0.5  # five standard errors
    assert abs(scene.draws.std() - scene.deviation) < 0.05


@pytest.mark.parametrize(("n", "alpha", "beta"), [(3, 0.1, 0.0), (3, 0.0, 8.0), (8, 0.0, 40.0)])
def test_a_weight_that_cannot_vary_has_no_density(n: int, alpha: float, beta: float) -> None:
    scene = noisy_scene(n, alpha, 0.0, 0.0, beta, 0)
    assert scene.density is not None and not scene.density.any()
    assert np.ptp(scene.draws) < 1e-12


def test_the_long_key_stops_vanishing_much_earlier() -> None:
    plain, long = (noisy_scene(2, 0.001, v, 0.0, 1.0, 0).vanishing for v in (0.0, 0.5))
    assert math.isclose(plain / long, math.sqrt(0.504 / 0.004))


def test_the_density_splits_where_the_variance_of_the_logit_is_two() -> None:
    assert math.isclose(noisy_scene(2, 0.0, 0.5, 0.0, 1.0, 0).split, 2.0)
    assert math.isclose(noisy_scene(2, 0.0, 0.125, 0.0, 1.0, 0).split, 4.0)
    assert math.isclose(noisy_scene(2, 0.01, 0.0, 0.0, 1.0, 0).split, math.sqrt(50))
    assert noisy_scene(2, 0.0, 0.0, 0.0, 1.0, 0).split == math.inf


def test_noise_in_the_query_alone_is_half_that_in_the_keys() -> None:
    """Both logits are then normal, and the weight of two keys is logit-normal in both cases."""
    query = noisy_scene(2, 0.0, 0.0, 0.1, 4.0, 0)
    keys = noisy_scene(2, 0.05, 0.0, 0.0, 4.0, 0)
    assert query.density is None and keys.density is not None
    assert math.isclose(query.logit_deviation, keys.logit_deviation)
    assert np.allclose(query.quartiles, keys.quartiles, atol=0.03)
    assert abs(query.deviation - keys.deviation) < 0.01
    assert "draws alone" in noisy_picture(query) and "draws alone" in noisy_caption(query)
    assert "draws alone" not in noisy_picture(keys) + noisy_caption(keys)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("heads", "n"), [(1, 8), (2, 8), (5, 3), (8, 16)])
def test_heads_spread_as_the_exact_variance_says(heads: int, n: int, own: bool) -> None:
    scene = heads_scene(heads, n, 10.0, 0.0, 0.5, "k·q", own)
    exact = scene.exact_deviation
    assert exact is not None
    # The variance of a weight in [0, 1] is known from N draws to 1 / (2 sqrt(N)) at the worst.
    assert abs(scene.mean_weight.var() - exact**2) < 4 * 0.5 * exact / len(scene.mean_weight) ** 0.5


@pytest.mark.parametrize("stretch", [0.25, 0.5, 2.0])
@pytest.mark.parametrize("n", [2, 8])
@pytest.mark.parametrize("how", WEIGHINGS)
def test_a_head_looks_away_as_often_as_the_normal_says(how: str, n: int, stretch: float) -> None:
    scene = heads_scene(2, n, 3.0, 0.0, stretch, how, False)  # type: ignore[arg-type]
    s, reach = NormalDist(1, stretch**0.5), math.log(n - 1) / 3.0
    exact = {
        "k·q": s.cdf(reach),
        "k·q, keys of length 1": s.cdf(0),  # 3 is above ln 7
        "|k·q|": s.cdf(reach) - s.cdf(-reach),
        "|k·q|, keys of length 1": 0.0,
    }[how]
    assert scene.exact_away == pytest.approx(exact, abs=1e-12) and scene.away is not None
    assert abs(scene.away - exact) <= 4 * math.sqrt(exact * (1 - exact) / HEAD_DRAWS) + 1e-12
    assert scene.limit == pytest.approx(0.0 if how.startswith("|") else s.cdf(0), abs=1e-12)
    assert scene.curve is not None
    assert scene.curve[1][scene.curve[0] == 3.0] == pytest.approx(exact, abs=1e-12)


def test_with_other_noise_only_plain_weights_have_an_exact_figure() -> None:
    plain, blind = (heads_scene(2, 8, 10.0, 0.01, 0.5, how, False) for how in ("k·q", "|k·q|"))
    assert plain.exact_away is not None and blind.exact_away is None
    assert plain.away is not None
    assert abs(plain.away - plain.exact_away) < 4 * math.sqrt(0.13 * 0.87 / HEAD_DRAWS)
    assert "no exact figure" in heads_caption(blind)
    assert "no exact figure" not in heads_caption(plain)


def test_normalised_keys_look_away_when_the_sign_is_wrong_and_never_else() -> None:
    scene = heads_scene(2, 8, 10.0, 0.0, 0.5, "k·q, keys of length 1", False)
    assert scene.away is not None and abs(scene.away - BELL.cdf(-math.sqrt(2))) < 0.02
    assert len(np.unique(scene.mean_weight.round(9))) == 2


def test_without_a_long_key_two_heads_hold() -> None:
    scene = heads_scene(2, 8, 10.0, 0.0, 0.0, "k·q", False)
    assert scene.away == 0 and scene.exact_away is None and scene.limit is None
    assert np.ptp(scene.mean_weight) < 1e-12
    assert "curve" not in heads_picture(scene)


@pytest.mark.parametrize("turn", [0.0, 30.0, 90.0])
def test_a_query_for_each_head_by_hand(turn: float) -> None:
    scene = queries_scene(8, 6.0, 9.0, turn, 0.5)
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    for i in (0, 100, 160, 320):
        s = float(scene.s[i])
        one = math.exp(6 * s) / (math.exp(6 * s) + 7)
        two = math.exp(9 * sine * s)
        two /= two + math.exp(9 * cosine) + 6
        np.testing.assert_allclose(scene.weights[:, i], [one, two, (one + two) / 2], rtol=1e-9)
        if s == 1:
            b = math.exp(9 * cosine)
            b /= b + math.exp(9 * sine) + 6
            np.testing.assert_allclose(scene.at_mean[:, 0], [one, two])
            np.testing.assert_allclose(scene.at_mean[:, 1], [(1 - one) / 7, b])
    assert scene.shares.sum() == pytest.approx(1)
    drawn = np.interp(
        np.random.default_rng(0).normal(1, 0.5**0.5, 50_000), scene.s, scene.weights[2]
    )
    assert abs(((drawn > 0.4) & (drawn < 0.6)).mean() - scene.held) < 4 * 0.5 / 50_000**0.5
    counted = np.histogram(drawn, scene.edges)[0] / 50_000
    assert np.abs(counted - scene.shares).max() < 0.02
    assert np.quantile(drawn, [0.25, 0.75]) == pytest.approx(scene.quartiles, abs=0.02)


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


@pytest.mark.parametrize(
    "made", [noisy_keys_explorer, heads_explorer, queries_explorer, crosstalk_explorer]
)
def test_every_picture_fits_a_phone(made: Callable[[], Explorer[Any]]) -> None:
    for drawn in at_the_ends(made()):
        fits_a_phone(drawn)
