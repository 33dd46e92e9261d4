"""Tests of `nlp4.pictures.pattern`."""

from __future__ import annotations

import numpy as np
import pytest

from nlp4.pictures.pattern import pattern_explorer, pattern_scene


def test_a_pattern_that_sees_nothing_is_said_in_words() -> None:
    explorer = pattern_explorer()
    for name in ("window", "global_", "random"):
        explorer.controls[name].value = 0
    assert "sees nothing" in explorer.caption and explorer.svg == ""


@pytest.mark.parametrize("causal", [False, True])
def test_reach_grows_by_matrix_powers(causal: bool) -> None:
    scene = pattern_scene(32, 3, 1, 1, 4, causal, 2)
    seen = (scene.parts > 0) | np.eye(len(scene.parts), dtype=bool)
    within = np.linalg.matrix_power(seen.astype(float), 2) > 0
    assert (scene.reached == within[scene.middle]).all()
    wanted = np.tril(np.ones_like(seen)) if causal else np.ones_like(seen)
    assert np.isclose(scene.growth[2], within[wanted].mean())
    most = next(
        i for i in range(1, 40) if (np.linalg.matrix_power(seen * 1.0, i) > 0)[wanted].all()
    )
    assert scene.reach_all == most


def test_a_window_alone_walks_and_globals_jump() -> None:
    assert pattern_scene(16, 3, 0, 0, 0, False, 1).reach_all == 63
    assert pattern_scene(16, 3, 1, 0, 0, False, 1).reach_all == 2
    assert pattern_scene(16, 0, 1, 0, 0, False, 1).reach_all == 2
