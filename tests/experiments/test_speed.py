"""Tests of `nlp4.experiments.speed`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import stored
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_benchmarks import bench

from nlp4.experiments.speed import (
    BOTH,
    COMMAND,
    FORWARD_TIME,
    SIZES,
    Cell,
    crossing,
    interleaved,
    layers_for,
    read_speed,
    repeats_of,
    three_digits,
    time_layers,
)
from nlp4.maths.cost import full
from nlp4.pictures.speed import speed_scene
from nlp4.support.errors import UserError


def test_a_time_is_the_least_of_its_repeats(tmp_path: Path) -> None:
    speed = read_speed(stored.write_speed(tmp_path / "speed.json"))
    assert speed.lengths == stored.LENGTHS and (speed.cores, speed.threads) == (2, 1)
    for name, milliseconds in stored.MILLISECONDS.items():
        kept = [n for n in stored.LENGTHS if (name, n) != stored.SKIPPED]
        forward, both = speed.line(name, FORWARD_TIME), speed.line(name, f"time, {BOTH}")
        assert forward == tuple((n, pytest.approx(milliseconds(n))) for n in kept)
        assert both == tuple((n, pytest.approx(3 * milliseconds(n))) for n in kept)
        assert speed.line(name, f"memory, {BOTH}") == tuple((n, 3 * n / 8) for n in kept)


def test_arithmetic_divides_the_time_of_full_attention(tmp_path: Path) -> None:
    speed = read_speed(stored.write_speed(tmp_path / "speed.json"))
    expected = tuple((n, pytest.approx(1e-5 * n**2 * 400 / n)) for n in stored.LENGTHS)
    assert speed.bound("bigbird") == expected
    assert speed.bound("package") == ()


def test_what_the_benchmark_writes_can_be_read(tmp_path: Path) -> None:
    cells = {
        ("full", 512, bench.FORWARD): bench.Cell((0.004, 0.003), 12.0),
        ("bigbird", 512, bench.BOTH): bench.Cell(skipped="too slow"),
    }
    path = tmp_path / "speed.json"
    path.write_text(json.dumps(bench.as_json(cells, [512], 1e9)), "utf-8")
    speed = read_speed(path)
    assert speed.cells == (
        Cell("full", 512, "forward", 3.0, 12.0),
        Cell("bigbird", 512, "forward and backward", None, None, "too slow"),
    )
    assert speed.bound("bigbird") == ((512, pytest.approx(3.0 / bench.bound("bigbird", 512))),)
    assert speed.settings["pattern"]["block"] == bench.PATTERN.block


@pytest.mark.parametrize("text", [None, "{", "[]", '{"cells": []}', '{"cells": [{"name": 1}]}'])
def test_a_missing_or_damaged_file_names_the_command(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "speed.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        read_speed(path)
    assert COMMAND in str(raised.value) and str(tmp_path) not in str(raised.value)


def test_an_unknown_quantity_lists_the_known_ones(tmp_path: Path) -> None:
    speed = read_speed(stored.write_speed(tmp_path / "speed.json"))
    with pytest.raises(UserError, match="memory, forward"):
        speed.line("full", "weight")


@given(st.floats(0.2, 5), st.floats(0.2, 5), st.floats(0.6, 3.4))
def test_powers_of_n_cross_where_algebra_says(slope: float, scale: float, where: float) -> None:
    """scale n^(slope) against the same times (n / c)^1: they meet at c."""
    lengths, c = (10, 100, 1000, 10_000), 10**where
    line = tuple((n, scale * n**slope) for n in lengths)
    steeper = tuple((n, scale * n**slope * n / c) for n in lengths)
    found = crossing(line, steeper)
    assert found == pytest.approx(max(c, 10), rel=1e-6)
    assert crossing(steeper, line) is None


def test_who_is_below_all_along_or_at_the_end_alone() -> None:
    full = ((1, 1.0), (2, 4.0), (4, 16.0))
    assert crossing(((1, 0.5), (2, 0.5), (4, 0.5)), full) == 1
    assert crossing(((1, 0.5), (2, 8.0), (4, 32.0)), full) is None
    # Below, above, below: what counts is from where it stays below.
    assert crossing(((1, 0.5), (2, 8.0), (4, 8.0)), full) == pytest.approx(2 * 2**0.5)
    assert crossing((), full) is None and crossing(full, ()) is None


def test_the_scene_has_lines_bounds_and_crossings(tmp_path: Path) -> None:
    speed = read_speed(stored.write_speed(tmp_path / "speed.json"))
    live = [Cell("full", 256, "forward", 1.5), Cell("full", 256, BOTH, 9.0)]
    scene = speed_scene(speed, FORWARD_TIME, 1024, live)
    assert scene.live == {"full": ((256, 1.5),)} and scene.lengths[0] == 256
    assert scene.break_even == {"bigbird": pytest.approx(1600), "linformer": 512}
    assert set(scene.bounds) == {"bigbird", "linformer"}
    assert speed_scene(speed, "memory, forward", 1024).bounds == {}


@pytest.mark.parametrize(
    ("value", "words"), [(1234.5, "1,234"), (99.96, "100"), (45.64, "45.6"), (0.777, "0.777")]
)
def test_numbers_have_three_digits(value: float, words: str) -> None:
    assert three_digits(value) == words


class Clock:
    """Time that passes only while a call runs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self.now

    def call(self, name: str, *seconds: float) -> Callable[[], None]:
        """A call that takes these seconds in turn, then the last of them for ever."""
        left = list(seconds)

        def run() -> None:
            self.order.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return run


def test_calls_take_turns_after_a_warm_up_that_does_not_count() -> None:
    clock = Clock()
    calls = {"a": clock.call("a", 2.0, 1.0), "b": clock.call("b", 2.0, 0.5, 0.25)}
    found = interleaved(calls, 3.0, clock=clock)
    assert "".join(clock.order) == "ab" + "ab" * 3
    assert found == {"a": (1.0, 1.0, 1.0), "b": (0.5, 0.25, 0.25)}


def test_a_slow_call_is_spread_over_the_repeats_of_a_fast_one() -> None:
    clock = Clock()
    calls = {"slow": clock.call("slow", 5.0), "fast": clock.call("fast", 0.5)}
    found = interleaved(calls, 4.5, clock=clock)
    assert {name: len(times) for name, times in found.items()} == {"slow": 3, "fast": 9}
    turns = [i for i, name in enumerate(clock.order[2:]) if name == "slow"]
    assert turns == [2, 6, 10]


def test_a_call_of_more_than_ten_seconds_is_made_once() -> None:
    clock = Clock()
    found = interleaved({"full": clock.call("full", 18.0)}, 3.0, clock=clock)
    assert found == {"full": (18.0,)}
    assert clock.order == ["full"]


def test_no_calls_take_no_time() -> None:
    assert interleaved({}, 3.0) == {}


@pytest.mark.parametrize(
    ("first", "budget", "repeats"),
    [(0.1, 3.0, 30), (2.0, 3.0, 3), (9.9, 3.0, 3), (10.1, 300.0, 0), (0.0, 3.0, 300)],
)
def test_repeats_fit_the_budget(first: float, budget: float, repeats: int) -> None:
    assert repeats_of(first, budget) == repeats


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_budget_must_be_positive(seconds: float) -> None:
    with pytest.raises(UserError, match="more than 0"):
        interleaved({}, seconds)


@pytest.mark.parametrize("n", [64, 100])
def test_layers_keep_the_shape_and_have_the_width(n: int) -> None:
    x = torch.randn(1, n, SIZES["width"], generator=torch.Generator().manual_seed(0))
    layers = layers_for(n)
    assert list(layers) == ["full", "bigbird", "linformer"]
    for name, layer in layers.items():
        with torch.no_grad():
            assert layer(x).shape == x.shape
        square = [p for p in layer.parameters() if p.ndim == 2]
        expected = full(n, SIZES["width"]).multiply_adds - 2 * n * n * SIZES["width"]
        assert sum(p.numel() for p in square) * n == expected, name


def test_every_layer_is_timed_in_both_modes() -> None:
    cells = time_layers([64, 128], 0.01, SIZES | {"width": 32, "heads": 2, "k": 16})
    assert len({(cell.name, cell.n, cell.mode) for cell in cells}) == len(cells) == 12
    assert all(cell.milliseconds is not None and cell.milliseconds > 0 for cell in cells)
