"""Tests of `nlp4.maths.block_pattern`."""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp4.maths.block_pattern import (
    GLOBAL,
    NOTHING,
    RANDOM,
    WINDOW,
    BlockPattern,
    average_path_length,
    hops,
    layers_to_reach_all,
    reach_by_distance,
    receptive_field_growth,
    spectral_gap,
)
from nlp4.support.errors import UserError

PATTERNS = st.builds(
    BlockPattern,
    block=st.integers(1, 5),
    window=st.sampled_from([0, 1, 3, 5]),
    global_=st.integers(0, 3),
    random=st.integers(1, 4),
    seed=st.integers(0, 99),
    per_head=st.booleans(),
)


@settings(deadline=None)  # many small steps, on machines of any speed
@given(PATTERNS, st.integers(1, 24), st.booleans(), st.integers(0, 3))
def test_every_row_is_what_the_definition_says(
    pattern: BlockPattern, n_blocks: int, causal: bool, head: int
) -> None:
    for row, blocks in enumerate(pattern.rows(n_blocks, causal=causal, head=head)):
        allowed = set(range(row + 1 if causal else n_blocks))
        asked = {j for j in allowed if j < pattern.global_ or row < pattern.global_}
        asked |= {j for j in allowed if pattern.window and abs(j - row) <= pattern.window // 2}
        found = blocks.tolist()
        assert found == sorted(set(found))  # each block once, in order
        assert asked <= set(found) <= allowed
        assert len(found) == len(asked) + min(pattern.random, len(allowed - asked))


@settings(deadline=None)  # many small steps, on machines of any speed
@given(PATTERNS, st.integers(1, 12), st.booleans(), st.integers(0, 3))
def test_parts_mask_edges_and_density_agree_with_the_rows(
    pattern: BlockPattern, n_blocks: int, causal: bool, head: int
) -> None:
    rows = pattern.rows(n_blocks, causal=causal, head=head)
    pairs = [(i, j) for i, blocks in enumerate(rows) for j in blocks.tolist()]
    parts = pattern.parts(n_blocks, causal=causal, head=head)
    assert list(map(tuple, np.argwhere(parts != NOTHING).tolist())) == pairs
    assert list(map(tuple, pattern.edges(n_blocks, causal=causal, head=head).tolist())) == pairs
    possible = n_blocks * (n_blocks + 1) / 2 if causal else n_blocks**2
    assert pattern.density(n_blocks, causal=causal, head=head) == len(pairs) / possible
    n = pattern.block * n_blocks - pattern.block // 2  # the last block is not full
    mask = pattern.mask(n, causal=causal, head=head)
    seen = set(pairs)
    expected = [
        [
            (i // pattern.block, j // pattern.block) in seen and not (causal and j > i)
            for j in range(n)
        ]
        for i in range(n)
    ]
    assert mask.tolist() == expected


def test_a_pattern_worked_out_by_hand() -> None:
    parts = BlockPattern(window=3, global_=1, random=0).parts(5)
    assert parts.tolist() == [
        [GLOBAL, GLOBAL, GLOBAL, GLOBAL, GLOBAL],
        [GLOBAL, WINDOW, WINDOW, NOTHING, NOTHING],
        [GLOBAL, WINDOW, WINDOW, WINDOW, NOTHING],
        [GLOBAL, NOTHING, WINDOW, WINDOW, WINDOW],
        [GLOBAL, NOTHING, NOTHING, WINDOW, WINDOW],
    ]


@pytest.mark.parametrize("causal", [False, True])
def test_each_unseen_block_is_drawn_equally_often(causal: bool) -> None:
    row, n_blocks, draws = 12, 16, 2000
    counts = np.zeros(n_blocks)
    for seed in range(draws):
        pattern = BlockPattern(window=3, global_=2, random=3, seed=seed)
        counts += pattern.parts(n_blocks, causal=causal)[row] == RANDOM
    free = [j for j in range(2, 11)] if causal else [*range(2, 11), 14, 15]
    share = 3 / len(free)
    error = math.sqrt(draws * share * (1 - share))
    assert np.abs(counts[free] - draws * share).max() < 4.5 * error
    assert counts.sum() == counts[free].sum()


def test_rows_draw_apart_from_each_other_and_over_the_whole_length() -> None:
    parts = BlockPattern(window=3, global_=0, random=3, seed=1).parts(400)
    drawn = np.argwhere(parts == RANDOM)
    # Uniform over 400 blocks: a mean of 199.5, with an error of 115.5 / sqrt(1200) = 3.3.
    assert abs(drawn[:, 1].mean() - 199.5) < 15
    assert np.bincount(drawn[:, 1], minlength=400).max() < 15  # Poisson of mean 3
    offsets = (drawn[:, 1] - drawn[:, 0]) % 400
    assert len(set(offsets.tolist())) > 250


def test_heads_draw_apart_only_if_asked() -> None:
    together, apart = BlockPattern(seed=3), BlockPattern(seed=3, per_head=True)
    assert (together.parts(32, head=0) == together.parts(32, head=5)).all()
    assert (apart.parts(32, head=0) != apart.parts(32, head=5)).any()
    assert (apart.parts(32, head=0) == together.parts(32)).all()


def test_the_seed_decides_and_nothing_else_is_touched() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    torch.manual_seed(0)
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    first = BlockPattern(seed=7).parts(32)
    np.random.seed(1)  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert (BlockPattern(seed=7).parts(32) == first).all()
    assert (BlockPattern(seed=8).parts(32) != first).any()
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])


@pytest.mark.parametrize("per_head", [False, True])
def test_a_longer_causal_text_keeps_the_rows_of_a_shorter_one(per_head: bool) -> None:
    pattern = BlockPattern(seed=2, per_head=per_head)
    long = pattern.rows(40, causal=True, head=1)
    for n_blocks in range(1, 40):
        for a, b in zip(long, pattern.rows(n_blocks, causal=True, head=1), strict=False):
            assert a.tolist() == b.tolist()


def test_a_row_with_few_unseen_blocks_takes_them_all() -> None:
    pattern = BlockPattern(window=3, global_=1, random=9)
    assert pattern.density(8) == 1
    assert pattern.density(8, causal=True) == 1
    assert pattern.density(20) < 1


def test_n_blocks_holds_a_part_of_a_block() -> None:
    pattern = BlockPattern(block=4)
    assert [pattern.blocks(n) for n in (1, 4, 5, 8, 9)] == [1, 1, 2, 2, 3]


def test_the_drawing_shows_each_part() -> None:
    pattern = BlockPattern(block=8, window=3, global_=1, random=1, seed=0)
    lines = pattern.draw(6).splitlines()
    letters = {NOTHING: "·", WINDOW: "w", GLOBAL: "g", RANDOM: "r"}
    expected = [[letters[part] for part in row] for row in pattern.parts(6).tolist()]
    assert [line.split() for line in lines] == expected
    title, *grid = str(pattern).splitlines()
    assert "window 3, global 1, random 1 (seed 0)" in title
    assert f"{pattern.density(16):.0%}" in title
    assert grid == pattern.draw(16).splitlines()
    assert "per head" in str(replace(pattern, per_head=True))


@pytest.mark.parametrize(
    "mistake, words",
    [
        ({"block": 0}, "block of 0"),
        ({"window": 4}, "window of 4"),
        ({"window": -1}, "window = -1"),
        ({"global_": -2}, "global_ = -2"),
        ({"random": -1}, "random = -1"),
        ({"seed": -1}, "seed = -1"),
        ({"window": 0, "global_": 0, "random": 0}, "sees nothing"),
    ],
)
def test_a_mistake_is_named(mistake: dict[str, int], words: str) -> None:
    with pytest.raises(UserError, match=words):
        BlockPattern(**mistake)


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
    assert layers_to_reach_all(hops(path())) == N - 1
    assert layers_to_reach_all(hops(star())) == 2
    assert layers_to_reach_all(hops(complete())) == 1
    assert layers_to_reach_all(hops(np.eye(N, dtype=bool))) is None
    one_way = np.triu(complete())  # the last block sees nobody
    assert layers_to_reach_all(hops(one_way)) is None
    assert layers_to_reach_all(hops(complete(1))) == 0


def test_the_receptive_field_of_a_window_grows_by_a_block_on_each_side() -> None:
    growth = receptive_field_growth(hops(path()), 3)
    expected = [np.mean([[abs(i - j) <= s for j in range(N)] for i in range(N)]) for s in range(4)]
    assert growth.tolist() == pytest.approx(expected)


def test_in_the_causal_form_only_what_is_before_counts() -> None:
    distance = hops(np.tril(path()))
    assert layers_to_reach_all(distance) is None
    assert layers_to_reach_all(distance, causal=True) == N - 1
    assert average_path_length(distance) == math.inf
    assert average_path_length(distance, causal=True) == pytest.approx((N + 1) / 3)
    assert receptive_field_growth(distance, N - 1, causal=True)[-1] == 1


@settings(deadline=None)  # many small steps, on machines of any speed
@given(st.integers(1, 14), st.floats(0, 0.5), st.integers(0, 999), st.integers(0, 4))
def test_reach_by_distance_is_counted_block_by_block(
    n: int, share: float, seed: int, layers: int
) -> None:
    adjacency = np.random.default_rng(seed).random((n, n)) < share
    found, steps = reach_by_distance(hops(adjacency), layers), breadth_first(adjacency)
    for back in range(n):
        heard = [steps[i][i - back] <= layers for i in range(back, n)]
        assert math.isclose(found[back], sum(heard) / len(heard))


def test_average_paths_have_their_closed_forms() -> None:
    assert average_path_length(hops(path())) == pytest.approx((N + 1) / 3)
    assert average_path_length(hops(star())) == pytest.approx(2 - 2 / N)
    assert average_path_length(hops(complete())) == 1
    assert average_path_length(hops(np.eye(N, dtype=bool))) == math.inf
    assert average_path_length(hops(complete(1))) == 0


def test_spectral_gaps_have_their_closed_forms() -> None:
    assert spectral_gap(path()) == pytest.approx(1 - math.cos(math.pi / (N - 1)))
    assert spectral_gap(ring()) == pytest.approx(1 - math.cos(2 * math.pi / N))
    assert spectral_gap(star()) == pytest.approx(1)
    assert spectral_gap(complete()) == pytest.approx(N / (N - 1))
    two_parts = np.kron(np.eye(2, dtype=bool), complete(4))
    assert spectral_gap(two_parts) == pytest.approx(0, abs=1e-12)
    assert spectral_gap(np.eye(N, dtype=bool)) == 0


def test_a_global_block_alone_has_the_largest_gap_and_one_way() -> None:
    """64 blocks: the gap of a star is 1, that of all three parts about one half."""
    gaps = {
        parts: spectral_gap(BlockPattern(16, *parts).parts(64) != NOTHING)
        for parts in ((3, 0, 0), (0, 1, 0), (3, 2, 3))
    }
    assert gaps[3, 0, 0] < 0.01 < gaps[3, 2, 3] < 0.6 and gaps[0, 1, 0] == pytest.approx(1)
    without = (BlockPattern(16, 0, 1, 0).parts(64) != NOTHING)[1:, 1:]
    assert not without.any()  # take the one block away, and nothing is joined


def test_a_causal_global_block_passes_no_news_on() -> None:
    for parts, layers in (((3, 0, 0), 63), ((3, 1, 0), 62)):
        found = hops(BlockPattern(16, *parts).parts(64, causal=True) != NOTHING)
        assert layers_to_reach_all(found, causal=True) == layers


def test_the_gap_does_not_mind_the_direction_of_an_edge() -> None:
    assert spectral_gap(np.triu(path())) == pytest.approx(spectral_gap(path()))


def test_bigbirds_argument_for_its_three_parts() -> None:
    def graph(window: int, global_: int, random: int) -> Adjacency:
        return BlockPattern(1, window, global_, random).parts(64) != NOTHING

    window, mixed, bird = graph(3, 0, 0), graph(3, 0, 3), graph(3, 2, 3)
    assert layers_to_reach_all(hops(window)) == 63
    assert layers_to_reach_all(hops(mixed | mixed.T)) in (4, 5, 6)
    assert layers_to_reach_all(hops(bird)) == 2
    assert spectral_gap(window) < 0.01 < 0.2 < spectral_gap(mixed) < spectral_gap(bird)
