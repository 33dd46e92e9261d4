"""Tests of `nlp4.pictures.pattern`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp4.maths import block_pattern
from nlp4.maths.block_pattern import BlockPattern
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.pattern import (
    OWN,
    distance_explorer,
    distance_scene,
    pattern_explorer,
    pattern_scene,
)


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
    assert np.isclose(scene.measures.growth[2], within[wanted].mean())
    most = next(
        i for i in range(1, 40) if (np.linalg.matrix_power(seen * 1.0, i) > 0)[wanted].all()
    )
    assert scene.measures.reach_all == most


def test_a_window_alone_walks_and_globals_jump() -> None:
    for window, global_, layers in ((3, 0, 63), (3, 1, 2), (0, 1, 2)):
        scene = pattern_scene(16, window, global_, 0, 0, False, 1)
        assert scene.measures.reach_all == scene.without.reach_all == layers


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


CELL = st.tuples(st.integers(0, 31), st.integers(0, 31))


@settings(max_examples=25, deadline=None)
@given(st.sets(CELL, max_size=5), st.booleans(), st.integers(0, 1), st.integers(0, 2))
def test_edges_of_ones_own_count_as_those_of_the_same_adjacency(
    own: set[tuple[int, int]], causal: bool, global_: int, random: int
) -> None:
    pattern = BlockPattern(32, 3, global_, random, 1)
    alone = pattern.parts(32, causal=causal) != 0
    seen = alone.copy()
    for row, column in own:
        rows, columns = ([row], [column]) if row != column else (range(32), range(32))
        for other in rows:
            seen[other, column] |= other >= column or not causal
        for other in columns:
            seen[row, other] |= row >= other or not causal
    scene = pattern_scene(32, 3, global_, random, 1, causal, 2, own=own)
    assert ((scene.parts != 0) == seen).all() and ((scene.parts == OWN) == seen & ~alone).all()
    for measures, adjacency in ((scene.measures, seen), (scene.without, alone)):
        hops = block_pattern.hops(adjacency)
        assert measures.pairs == adjacency.sum()
        assert np.isclose(measures.density, measures.pairs / (32 * 33 / 2 if causal else 32**2))
        assert measures.path == block_pattern.average_path_length(hops, causal=causal)
        assert measures.reach_all == block_pattern.layers_to_reach_all(hops, causal=causal)
        assert measures.gap == block_pattern.spectral_gap(adjacency)
    assert np.isclose(scene.without.density, pattern.density(32, causal=causal))


def test_a_block_made_global_by_hand_is_a_global_block() -> None:
    by_hand = pattern_scene(16, 3, 0, 0, 0, False, 1, own=[(0, 0)])
    named = pattern_scene(16, 3, 1, 0, 0, False, 1)
    assert ((by_hand.parts != 0) == (named.parts != 0)).all()
    assert by_hand.measures.reach_all == 2 and by_hand.without.reach_all == 63


def clicked(explorer: Explorer[Any], row: int, column: int) -> None:
    """Click on a cell of 64 by 64, counted from 1."""
    explorer.tap(0, 10 + (column - 0.4) * 236 / 64, 34 + (row - 0.6) * 236 / 64)


def test_a_click_adds_an_edge_and_another_takes_it_away() -> None:
    explorer = pattern_explorer().at(global_=0, random=0)
    before = explorer.caption, explorer.svg
    clicked(explorer, 61, 6)
    assert explorer.shown()["at"].endswith("row=61, column=6, own=((61, 6),), edge=True")
    assert "block 61 holds something of 4 blocks" in explorer.caption
    # Without it a walk: the mean distance of two of 64 in a row is 65 / 3.
    told = "Without yours, 1 pair of blocks: 4.6%, 21.67 layers on average, 63 at most, gap 0.001."
    assert explorer.caption.endswith(told)
    assert explorer.handles["column"].told == "column 6 of 64, in row 61: yours"
    clicked(explorer, 61, 6)
    explorer.at(row=33, column=17)
    assert (explorer.caption, explorer.svg) == before


def test_a_click_on_the_diagonal_makes_a_block_global() -> None:
    explorer = pattern_explorer().at(global_=0, random=0)
    clicked(explorer, 20, 20)
    assert "2 at most" in explorer.caption
    clicked(explorer, 20, 40)  # seen already: it is only looked at
    assert explorer.controls["own"].value == ((20, 20),) and not explorer.controls["edge"].value
    assert explorer.handles["column"].told == "column 40 of 64, in row 20: yours"
    clicked(explorer, 20, 20)
    assert explorer.controls["own"].value == () and "Without" not in explorer.caption


def test_what_the_pattern_sees_or_may_not_see_is_only_looked_at() -> None:
    explorer = pattern_explorer().at(causal=True)
    for row, column in ((30, 1), (30, 30 - 1), (30, 50)):  # global, window, later
        clicked(explorer, row, column)
        assert (explorer.controls["row"].value, explorer.controls["column"].value) == (row, column)
        assert explorer.controls["own"].value == ()
    for panel, x, y in ((1, 100, 100), (0, 9, 100), (0, 100, 271)):  # beside the mask
        before = explorer.shown()
        explorer.tap(panel, x, y)
        assert explorer.shown() == before


def test_keys_alone_add_an_edge() -> None:
    explorer = pattern_explorer().at(random=0)
    explorer.nudge("row", 7, 0)
    explorer.nudge("column", -4, 0)
    explorer.controls["edge"].value = True
    assert explorer.controls["own"].value == ((40, 13),)
    explorer.nudge("column", 1, 0)
    assert not explorer.controls["edge"].value
    explorer.nudge("column", -1, 0)
    assert explorer.controls["edge"].value
    explorer.controls["edge"].value = False
    assert explorer.controls["own"].value == ()


def test_a_column_is_taken_by_hand_and_blocks_of_another_size_begin_anew() -> None:
    explorer = pattern_explorer()
    explorer.drag("column", 10 + 50.3 * 236 / 64, 0)
    assert explorer.handles["column"].told.startswith("column 51 of 64")
    explorer.controls["edge"].value = True
    explorer.controls["block"].value = 64
    assert explorer.controls["own"].value == () and not explorer.controls["edge"].value
    assert explorer.handles["column"].told.startswith("column 5 of 16, in row 9")
