"""Copying and averaging against the softmax written out, and against hand-made logits.

And where a query looks: winning keys and hulls against dot products all round.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from samples import quick

from nlp4.maths.block_pattern import BlockPattern
from nlp4.maths.copying import (
    attention_output,
    attention_weights,
    averaging_query,
    averaging_weights,
    furthest,
    gap,
    hull,
    margin,
    pointed_at,
    share_won,
    softmax,
    winning_sectors,
)
from nlp4.maths.crosstalk import random_keys
from nlp4.support.errors import UserError

logit_lists = arrays(np.float64, st.integers(1, 12), elements=st.floats(-1e4, 1e4))


def by_hand(logits: list[float]) -> list[float]:
    """Softmax by Python floats, from differences alone."""
    return [1 / math.fsum(math.exp(min(other - one, 700.0)) for other in logits) for one in logits]


@quick
@given(logit_lists)
def test_softmax_is_what_the_formula_says(logits: np.ndarray) -> None:
    weights = softmax(logits)
    np.testing.assert_allclose(weights, by_hand(logits.tolist()), rtol=1e-11, atol=1e-300)
    assert weights.sum() == pytest.approx(1, abs=1e-14)


@quick
@given(logit_lists, st.integers(-10_000, 10_000))
def test_only_differences_between_logits_count(logits: np.ndarray, shift: int) -> None:
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), rtol=1e-11, atol=1e-300)


def test_softmax_along_another_axis_and_from_other_types() -> None:
    logits = np.arange(12).reshape(3, 4)
    np.testing.assert_allclose(softmax(logits, axis=0), softmax(logits.T).T)
    assert softmax(logits.astype(np.float32)).dtype == softmax(logits).dtype == np.float64
    np.testing.assert_array_equal(softmax([1e4, -1e4, 1e4]), [0.5, 0, 0.5])


def test_a_sign_blind_query_weighs_a_key_and_its_opposite_alike() -> None:
    rng = np.random.default_rng(1)
    keys, query = rng.normal(size=(5, 3)), rng.normal(size=3)
    weights = attention_weights(keys, query, sign_blind=True)
    sizes = [abs(math.fsum(x * y for x, y in zip(k, query, strict=True))) for k in keys]
    np.testing.assert_allclose(weights, by_hand(sizes), rtol=1e-12)
    turned = keys * np.array([1, -1, 1, -1, -1])[:, None]
    np.testing.assert_array_equal(attention_weights(turned, query, sign_blind=True), weights)


def test_attention_by_loops() -> None:
    rng = np.random.default_rng(0)
    keys, query = rng.normal(size=(3, 2, 5, 4)), rng.normal(size=(2, 4))
    values = rng.normal(size=(5, 6))
    weights = attention_weights(keys, query)
    output = attention_output(weights, values)
    assert weights.shape == (3, 2, 5) and output.shape == (3, 2, 6)
    for i in range(3):
        for j in range(2):
            logits = [
                math.fsum(x * y for x, y in zip(k, query[j], strict=True)) for k in keys[i, j]
            ]
            expected = by_hand(logits)
            np.testing.assert_allclose(weights[i, j], expected, rtol=1e-12)
            c = sum(a * v for a, v in zip(expected, values, strict=True))
            np.testing.assert_allclose(output[i, j], c, rtol=1e-10, atol=1e-12)


@quick
@given(logit_lists, st.integers(0, 1000))
def test_the_output_lies_in_the_convex_hull_of_the_values(logits: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, directions = rng.normal(size=(len(logits), 3)), rng.normal(size=(50, 3))
    c = attention_output(softmax(logits), values)
    assert np.all(directions @ c <= (values @ directions.T).max(axis=0) + 1e-12)


@quick
@given(st.integers(2, 10_000), st.floats(1e-6, 1 - 1e-6))
def test_the_margin_gives_the_weight_asked_for(n: int, eps: float) -> None:
    gap = margin(n, eps)
    logits = np.zeros(n)
    logits[0] = gap
    assert softmax(logits)[0] == pytest.approx(1 - eps, rel=1e-10)
    # Ten times as many rivals cost ln 10 more.
    assert margin(10 * (n - 1) + 1, eps) - gap == pytest.approx(math.log(10), abs=1e-10)


def test_margins_known_by_heart_and_in_arrays() -> None:
    assert margin(2, 0.5) == 0
    assert margin(101, 0.01) == pytest.approx(math.log(9900))
    np.testing.assert_allclose(margin([2, 3], [[0.1], [0.5]]), np.log([[9, 18], [1, 2]]))
    assert margin(2, 1e-300) == pytest.approx(300 * math.log(10))


def test_a_large_ratio_is_not_needed_and_does_not_suffice() -> None:
    close, far = softmax([0.02, 0.0001]), softmax([-1.0, -50.0])
    assert close[0] == pytest.approx(0.505, abs=1e-4)  # 200 times as large, and no copy
    assert far[1] < 1e-21  # a fiftieth of the size, and a copy


def orthonormal(n: int, d: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(2).normal(size=(d, n)))[0].T


scales = st.floats(-1e4, 1e4)


@quick
@given(st.integers(2, 8), st.data(), scales, scales)
def test_the_averaging_query_gives_the_averaging_weights(
    n: int, data: st.DataObject, c1: float, c2: float
) -> None:
    a, b = data.draw(st.permutations(range(n)))[:2]
    keys = orthonormal(n, n + 2)
    x = np.linalg.svd(keys)[2][n] * 1e3
    logits = np.full(n, c2)
    logits[[a, b]] = c1
    weights = softmax(logits)
    each, other = averaging_weights(n, c1, c2)
    assert weights[a] == weights[b] == pytest.approx(each, rel=1e-9, abs=1e-300)
    if n > 2:
        rest = next(i for i in range(n) if i not in (a, b))
        assert weights[rest] == pytest.approx(other, rel=1e-9, abs=1e-300)
    query = averaging_query(keys, a, b, c1, c2)
    np.testing.assert_allclose(keys @ query, logits, atol=1e-9)
    np.testing.assert_array_equal(averaging_query(keys, b, a, c1, c2), query)
    with_x = averaging_query(keys, a, b, c1, c2, x)
    np.testing.assert_allclose(with_x - query, x, atol=1e-9)
    np.testing.assert_allclose(attention_weights(keys, with_x), weights, atol=1e-8)


def test_averaging_weights_in_arrays_and_at_the_ends() -> None:
    each, other = averaging_weights([2, 4, 4, 4], [3, 1e4, -1e4, 7], [9, -1e4, 1e4, 7])
    np.testing.assert_allclose(each, [0.5, 0.5, 0, 0.25])
    np.testing.assert_allclose(other, [0, 0, 0.5, 0.25])
    np.testing.assert_allclose(averaging_weights(6, 5, 2), averaging_weights(6, 3, 0))
    each, other = averaging_weights(6, 2.0, 0.5)
    total = 2 * math.exp(2) + 4 * math.exp(0.5)
    assert each == pytest.approx(math.exp(2) / total)
    assert other == pytest.approx(math.exp(0.5) / total)


# Where a query looks


@given(seed=st.integers(0, 500), n=st.integers(2, 60), d=st.integers(2, 8))
def test_full_attention_points_at_the_furthest(seed: int, n: int, d: int) -> None:
    vectors = random_keys(n, d, np.random.default_rng(seed))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    found = pointed_at(vectors, np.ones((n, n), dtype=bool))
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    rows = np.arange(n)
    assert np.allclose(distances[rows, found], distances.max(1))
    assert np.allclose(distances[rows, furthest(vectors)], distances.max(1))


def test_a_sparse_layer_finds_it_only_where_it_looks() -> None:
    vectors = random_keys(256, 16, np.random.default_rng(0))
    mask = BlockPattern(16, 3, 1, 1).mask(256)
    truth, found = furthest(vectors), pointed_at(vectors, mask)
    visible = mask[np.arange(256), truth]
    assert (found[visible] == truth[visible]).all()
    assert (found[~visible] != truth[~visible]).all()
    assert 0.1 < visible.mean() < 0.6


def test_the_share_that_is_found_is_the_share_that_is_computed() -> None:
    """Which vector is furthest has nothing to do with its place: within five standard errors."""
    pattern, n, draws = BlockPattern(16, 3, 2, 3), 256, 20
    mask, found = pattern.mask(n), []
    for seed in range(draws):
        vectors = random_keys(n, 16, np.random.default_rng(seed))
        found.append(np.mean(pointed_at(vectors, mask) == furthest(vectors)))
    assert abs(np.mean(found) - mask.mean()) < 5 * np.std(found) / np.sqrt(draws)


def points(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2))


@given(seed=st.integers(0, 10_000), n=st.integers(1, 8))
def test_a_sectors_winner_has_the_largest_dot_product_in_all_of_it(seed: int, n: int) -> None:
    keys = points(seed, n)
    for sector in winning_sectors(keys):
        for part in (0.001, 0.3, 0.5, 0.999):
            angle = sector.start + part * (sector.end - sector.start)
            dots = keys @ [math.cos(angle), math.sin(angle)]
            assert dots[sector.winner] >= dots.max() - 1e-9


@given(seed=st.integers(0, 10_000), n=st.integers(1, 8))
def test_the_sectors_go_round_the_circle_once(seed: int, n: int) -> None:
    sectors = winning_sectors(points(seed, n))
    assert sectors[0].start == 0.0
    assert math.isclose(sectors[-1].end, 2 * math.pi)
    assert all(a.end == b.start for a, b in pairwise(sectors))
    assert all(a.winner != b.winner for a, b in pairwise(sectors))


@given(seed=st.integers(0, 10_000), n=st.integers(1, 8))
def test_a_key_s_share_is_that_of_directions_all_round(seed: int, n: int) -> None:
    keys = points(seed, n)
    around = 2 * np.pi * (np.arange(20_000) + 0.5) / 20_000
    winners = (keys @ [np.cos(around), np.sin(around)]).argmax(0)
    for key in range(n):
        counted = (winners == key).mean()
        assert abs(share_won(winning_sectors(keys), key) - counted) <= 2 / 20_000


@given(seed=st.integers(0, 10_000), n=st.integers(3, 8))
def test_the_winners_are_the_corners_of_the_keys_hull(seed: int, n: int) -> None:
    keys = points(seed, n)
    assert {sector.winner for sector in winning_sectors(keys)} == set(hull(keys))


@given(seed=st.integers(0, 10_000), n=st.integers(3, 8))
def test_every_point_lies_to_the_left_of_each_edge_of_the_hull(seed: int, n: int) -> None:
    found = points(seed, n)
    corners = found[list(hull(found))]
    assume(len(corners) >= 3)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        edge, to_points = b - a, found - a
        assert (edge[0] * to_points[:, 1] - edge[1] * to_points[:, 0] >= -1e-9).all()


def test_points_on_a_line_have_no_hull_to_speak_of() -> None:
    assert hull(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])) == (0, 1, 2)
    assert hull(np.array([[0.0, 0.0], [1.0, 1.0]])) == (0, 1)


# Mistakes


@pytest.mark.parametrize("eps", [0, 1, -0.1, math.nan, [0.5, 2]])
def test_an_eps_out_of_range_is_refused(eps: float) -> None:
    with pytest.raises(UserError, match=r"eps is .*lies between 0 and 1: take 0\.01"):
        margin(3, eps)


def test_too_few_keys_are_refused() -> None:
    for call in (lambda: margin(1, 0.1), lambda: averaging_weights(1, 0, 0)):
        with pytest.raises(UserError, match=r"n is .*at least 2 keys: take n >= 2"):
            call()


def test_wrong_pairs_and_a_slanted_x_are_refused() -> None:
    keys = np.eye(3, 4)
    with pytest.raises(UserError, match="a and b are both key 1: name two different"):
        averaging_query(keys, 1, 1, 1, 0)
    with pytest.raises(UserError, match="b is key 3, and the keys are 0 to 2"):
        averaging_query(keys, 0, 3, 1, 0)
    with pytest.raises(UserError, match="a is key -1, and the keys are 0 to 2"):
        averaging_query(keys, -1, 2, 1, 0)
    with pytest.raises(UserError, match=r"not orthogonal to key 2 \(dot product 0\.1\): subtract"):
        averaging_query(keys, 0, 1, 1, 0, [0, 0, 0.1, 5])


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=12), st.floats(0.01, 0.99))
def test_the_gap_reaches_the_margin_just_where_one_weight_reaches_its_share(
    logits: list[float], eps: float
) -> None:
    weight = max(softmax(logits))
    if abs(weight - (1 - eps)) > 1e-9:
        assert (gap(logits) >= margin(len(logits), eps)) == (weight >= 1 - eps)


def test_the_gap_above_equal_logits_is_their_difference() -> None:
    assert gap([1.0, 4.5, 1.0, 1.0]) == pytest.approx(3.5)
    assert gap([2.0, 2.0]) == 0  # of two that are largest, one is a rival
    assert gap(np.zeros((2, 3, 4))).shape == (2, 3)
    assert gap([7.0]) == math.inf
