"""Tests of `nlp4.exercises.pattern`: learners' answers, and the references another way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import Answer, assert_right, assert_wrong, cases, each_right, each_wrong
from scipy.sparse.csgraph import shortest_path
from wrong_answers_pattern import ANSWERS

from nlp4.exercises.pattern import LAYERS_TO_REACH, LEAKS, WINDOW_EDGES, WINDOW_MASK


@each_right(ANSWERS)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    assert_right(name, answer)


@each_wrong(ANSWERS)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    assert_wrong(name, answer, fragment)


LEAKY = {"whole_mean", "next_row", "last_row_leaks"}


@pytest.mark.parametrize(("layer", "x", "t"), cases("leaks"))
def test_a_layer_leaks_where_its_jacobian_says_so(layer: Any, x: np.ndarray, t: int) -> None:
    """All these layers are linear: one is known by what it makes of each position alone."""
    seen = np.array([[layer(unit)[i, 0] for unit in np.eye(6)[:, :, None]] for i in range(6)])
    leaks = bool((seen[:t, t:] != 0).any())
    assert LEAKS.reference(layer, x, t) is leaks
    assert leaks is (layer.__name__ in LEAKY)


def test_the_window_is_a_band_of_the_matrix() -> None:
    for n, width in cases("window_mask"):
        band = np.tri(n, k=width // 2, dtype=bool)
        assert (WINDOW_MASK.reference(n, width) == (band & band.T)).all()


def test_the_edges_are_counted_in_the_mask() -> None:
    for blocks, window in cases("window_edges"):
        band = np.tri(blocks, k=window // 2, dtype=bool)
        assert WINDOW_EDGES.reference(blocks, window) == (band & band.T).sum()


def test_the_layers_are_the_longest_of_the_shortest_paths() -> None:
    for (adjacency,) in cases("layers_to_reach"):
        longest = shortest_path(adjacency, unweighted=True).max()
        found = LAYERS_TO_REACH.reference(adjacency)
        assert found == (-1 if np.isinf(longest) else longest)
