"""Tests of `nlp4.pictures.pattern`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone

from nlp4.pictures.explorer import Explorer
from nlp4.pictures.pattern import distance_explorer, distance_scene, pattern_explorer, pattern_scene


@pytest.mark.parametrize("make", [pattern_explorer, distance_explorer])
def test_pictures_fit_a_phone_and_hold_numbers(make: Callable[[], Explorer[Any]]) -> None:
    explorer = make()
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)
        assert "nan" not in drawn and "nan" not in explorer.caption


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
    assert (scene.reached == within[scene.row]).all()
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


def test_news_of_a_fact_walks_through_a_window_and_jumps_over_a_global_block() -> None:
    window = distance_scene(5, 0, 0, 0, False, 16, 3)  # two blocks a layer
    assert window.hops.tolist() == [-(-back // 2) for back in range(64)]
    assert window.arrived == 8 and window.within == 6
    assert window.ceilings.tolist() == [1.0 if back <= 6 else 0.25 for back in range(64)]
    switchboard = distance_scene(3, 1, 0, 0, False, 40, 2)
    assert switchboard.arrived == 2 and (switchboard.ceilings == 1).all()
    assert switchboard.hops[63] == 1  # the global block itself
    causal = distance_scene(3, 1, 0, 0, True, 40, 2)
    assert causal.arrived == 40 and causal.hops[62] == 62
    # Of the 24 questions that have a block 40 before them one asks the global block itself.
    assert np.isclose(causal.ceilings[40], 0.25 + 0.75 / 24)


@pytest.mark.parametrize("causal", [False, True])
def test_news_arrives_as_the_powers_of_the_pattern_say(causal: bool) -> None:
    parts = pattern_scene(16, 3, 0, 1, 4, causal, 2).parts
    seen = ((parts > 0) | np.eye(64, dtype=bool)).astype(float)
    held = np.linalg.matrix_power(seen, 3) > 0
    for back in (1, 16, 50):
        scene = distance_scene(3, 0, 1, 4, causal, back, 3)
        assert (scene.arrived <= 3) == held[63, 63 - back]
        joined = [held[i, i - back] for i in range(back, 64)]
        assert np.isclose(scene.ceilings[back], 0.25 + 0.75 * np.mean(joined))


def test_news_that_never_comes_is_said() -> None:
    explorer = distance_explorer()
    explorer.controls["window"].value = 1
    assert "never arrives" in explorer.caption and "of 63 it never hears" in explorer.caption
    explorer.controls["global_"].value = 1
    assert "of all after 2." in explorer.caption


BLOCKS = {16: 64, 128: 8}  # of 1,024 tokens, by their size


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_taken_as_a_row_and_on_the_circle(block: int) -> None:
    explorer, blocks = pattern_explorer().at(block=block), BLOCKS[block]
    for row in range(1, blocks + 1):
        explorer.drag("row", 0, 34 + (row - 0.6) * 236 / blocks)
        assert f"block {row} holds" in explorer.caption
        assert explorer.handles["row"].at[1] == pytest.approx(34 + (row - 0.5) * 236 / blocks)
        turn = 2 * math.pi * (row - 0.4) / blocks  # clockwise; the first block is at the top
        explorer.drag("block", 129 + 50 * math.sin(turn), 148 - 50 * math.cos(turn))
        assert explorer.handles["block"].told == f"block {row % blocks + 1} of {blocks}"
    explorer.drag("row", 0, 10_000)
    assert explorer.handles["row"].told == f"block {blocks} of {blocks}"
    explorer.nudge("row", -1, 0)
    assert explorer.handles["block"].told == f"block {blocks - 1} of {blocks}"
    explorer.drag("row", 0, -10_000)
    assert explorer.handles["row"].told == f"block 1 of {blocks}"


def test_another_size_of_blocks_is_seen_from_the_middle() -> None:
    explorer = pattern_explorer()
    explorer.drag("row", 0, 34)
    explorer.controls["block"].value = 64
    assert "block 9 holds" in explorer.caption


def test_layers_and_distance_follow_the_hand() -> None:
    pattern, distance = pattern_explorer(), distance_explorer()
    pattern.drag("layers", 34 + 5.2 * 200 / 8, 0)
    assert pattern.handles["layers"].told == "5"
    distance.drag("fact", 46 + 40.3 * 290 / 63, 0)
    assert "fact 40 blocks before" in distance.caption
    assert distance.handles["fact"].at == pytest.approx((46 + 40 * 290 / 63, 250 - 9 * 216 / 10))
    distance.drag("layers", 0, 250 - 6.4 * 216 / 10)
    assert "After 6 layers" in distance.caption
    distance.nudge("layers", 0, -2)
    distance.nudge("fact", 3, 0)
    assert "fact 43 blocks" in distance.caption and "After 4 layers" in distance.caption
    distance.drag("layers", 0, 10_000)
    distance.drag("fact", -10_000, 0)
    assert "a fact 1 block before" in distance.caption and "After 1 layer the" in distance.caption
