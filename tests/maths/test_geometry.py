"""Tests of `nlp4.maths.geometry`."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from nlp4.maths.block_pattern import BlockPattern
from nlp4.maths.geometry import furthest, hull, pointed_at, unit_vectors, winning_sectors


@given(seed=st.integers(0, 500), n=st.integers(2, 60), d=st.integers(2, 8))
def test_full_attention_points_at_the_furthest(seed: int, n: int, d: int) -> None:
    vectors = unit_vectors(n, d, np.random.default_rng(seed))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    found = pointed_at(vectors, np.ones((n, n), dtype=bool))
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    rows = np.arange(n)
    assert np.allclose(distances[rows, found], distances.max(1))
    assert np.allclose(distances[rows, furthest(vectors)], distances.max(1))


def test_a_sparse_layer_finds_it_only_where_it_looks() -> None:
    vectors = unit_vectors(256, 16, np.random.default_rng(0))
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
        vectors = unit_vectors(n, 16, np.random.default_rng(seed))
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
