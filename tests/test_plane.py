"""Who wins where in the plane: against asking every direction, and hulls by definition."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from nlp4.plane import hull, winning_sectors


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
