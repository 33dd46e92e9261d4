"""Tests of `nlp4.exercises.pattern`: the references another way, and the layers that it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import cases
from scipy.optimize import approx_fprime
from scipy.sparse.csgraph import shortest_path

from nlp4.exercises.given import CAUSAL, LEAKY, reading_block, slight_leak
from nlp4.exercises.pattern import LAYERS_TO_REACH, LEAKS, WINDOW_EDGES, WINDOW_MASK


@pytest.mark.parametrize(("layer", "x", "t"), cases("leaks"))
def test_a_layer_leaks_where_its_slopes_say_so(layer: Any, x: np.ndarray, t: int) -> None:
    def before(later: np.ndarray) -> np.ndarray:
        return layer(np.concatenate([x[:t].ravel(), later]).reshape(x.shape))[:t].ravel()

    slopes = np.abs(approx_fprime(x[t:].ravel(), before))
    leaks = layer in LEAKY
    assert slopes.max() > 1e-4 if leaks else slopes.max() == 0
    assert LEAKS.reference(layer, x, t) is leaks


@pytest.mark.parametrize("layer", CAUSAL)
def test_a_causal_layer_keeps_its_earlier_outputs_to_the_last_bit(layer: Any) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.normal(size=(6, 4))
        other = np.concatenate([x[:3], 5 * rng.normal(size=(3, 4))])
        assert (layer(x)[:3] == layer(other)[:3]).all()


def test_a_block_with_layer_norm_does_not_see_that_all_of_a_row_was_raised() -> None:
    x = np.round(64 * np.random.default_rng(0).normal(size=(6, 4))) / 64
    raised = np.concatenate([x[:3], x[3:] + 1])
    assert (reading_block(raised)[:3] == reading_block(x)[:3]).all()
    assert LEAKS.reference(reading_block, x, 3)


def test_a_slight_leak_is_one_that_a_learner_s_tolerance_sees() -> None:
    """Ten thousand random changes, each above numpy's own tolerance, none above a thousandth."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 4))
    for _ in range(10_000):
        other = np.concatenate([x[:3], x[3:] + rng.normal(size=(3, 4))])
        assert not np.allclose(slight_leak(other)[:3], slight_leak(x)[:3])
        assert np.abs(slight_leak(other) - slight_leak(x))[:3].max() < 1e-3


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
