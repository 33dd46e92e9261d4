"""Measures of a pattern's graph, against closed forms and a breadth-first search."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp4.block_pattern import NOTHING, BlockPattern
from nlp4.pattern_graph import (
    average_path_length,
    clustering,
    hops,
    layers_to_reach_all,
    receptive_field_growth,
    spectral_gap,
)

N = 12
Adjacency = NDArray[np.bool_]


def path(n: int = N) -> Adjacency:
    return BlockPattern(window=3, global_=0, random=0).parts(n) != NOTHING


def star(n: int = N) -> Adjacency:
    return BlockPattern(window=0, global_=1, random=0).parts(n) != NOTHING


def complete(n: int = N) -> Adjacency:
    return np.ones((n, n), dtype=bool)


def ring(n: int = N) -> Adjacency:
    eye = np.eye(n, dtype=bool)
    return np.roll(eye, 1, axis=0) | np.roll(eye, -1, axis=0)


def breadth_first(adjacency: Adjacency) -> list[list[float]]:
    found = []
    for start in range(len(adjacency)):
        distance = {start: 0}
        queue = deque([start])
        while queue:
            at = queue.popleft()
            for neighbour in np.flatnonzero(adjacency[at]).tolist():
                if neighbour not in distance:
                    distance[neighbour] = distance[at] + 1
                    queue.append(neighbour)
        found.append([distance.get(j, math.inf) for j in range(len(adjacency))])
    return found


@settings(deadline=None)  # many small steps, on machines of any speed
@given(st.integers(1, 14), st.floats(0, 0.5), st.integers(0, 999))
def test_hops_equal_a_breadth_first_search(n: int, share: float, seed: int) -> None:
    adjacency = np.random.default_rng(seed).random((n, n)) < share
    assert hops(adjacency).tolist() == breadth_first(adjacency)


def test_layers_until_everything_is_reached() -> None:
    assert layers_to_reach_all(path()) == N - 1
    assert layers_to_reach_all(star()) == 2
    assert layers_to_reach_all(complete()) == 1
    assert layers_to_reach_all(np.eye(N, dtype=bool)) is None
    one_way = np.triu(complete())  # the last block sees nobody
    assert layers_to_reach_all(one_way) is None
    assert layers_to_reach_all(complete(1)) == 0


def test_the_receptive_field_of_a_window_grows_by_a_block_on_each_side() -> None:
    growth = receptive_field_growth(path(), 3)
    expected = [np.mean([[abs(i - j) <= s for j in range(N)] for i in range(N)]) for s in range(4)]
    assert growth.tolist() == pytest.approx(expected)


def test_average_paths_have_their_closed_forms() -> None:
    assert average_path_length(path()) == pytest.approx((N + 1) / 3)
    assert average_path_length(star()) == pytest.approx(2 - 2 / N)
    assert average_path_length(complete()) == 1
    assert average_path_length(np.eye(N, dtype=bool)) == math.inf
    assert average_path_length(complete(1)) == 0


def test_spectral_gaps_have_their_closed_forms() -> None:
    assert spectral_gap(path()) == pytest.approx(1 - math.cos(math.pi / (N - 1)))
    assert spectral_gap(ring()) == pytest.approx(1 - math.cos(2 * math.pi / N))
    assert spectral_gap(star()) == pytest.approx(1)
    assert spectral_gap(complete()) == pytest.approx(N / (N - 1))
    two_parts = np.kron(np.eye(2, dtype=bool), complete(4))
    assert spectral_gap(two_parts) == pytest.approx(0, abs=1e-12)
    assert spectral_gap(np.eye(N, dtype=bool)) == 0


def test_the_gap_does_not_mind_the_direction_of_an_edge() -> None:
    assert spectral_gap(np.triu(path())) == pytest.approx(spectral_gap(path()))


def test_clustering_has_its_closed_forms() -> None:
    assert clustering(complete()) == pytest.approx(1)
    assert clustering(path()) == 0
    assert clustering(star()) == 0
    wide = ring() | (ring() @ ring())  # each block and its two neighbours on each side
    assert clustering(wide) == pytest.approx(0.5)  # 3 of the 6 pairs of neighbours


def test_bigbirds_argument_for_its_three_parts() -> None:
    def graph(window: int, global_: int, random: int) -> Adjacency:
        return BlockPattern(1, window, global_, random).parts(64) != NOTHING

    window, mixed, bird = graph(3, 0, 0), graph(3, 0, 3), graph(3, 2, 3)
    assert layers_to_reach_all(window) == 63
    assert layers_to_reach_all(mixed | mixed.T) in (4, 5, 6)
    assert layers_to_reach_all(bird) == 2
    assert spectral_gap(window) < 0.01 < 0.2 < spectral_gap(mixed) < spectral_gap(bird)
