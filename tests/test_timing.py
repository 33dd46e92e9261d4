"""Interleaved timing on a clock of its own, and the three layers that the notebook times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from nlp4.attention_cost import full
from nlp4.errors import UserError
from nlp4.layer_timing import SIZES, layers_for, time_layers
from nlp4.timing import interleaved, repeats_of


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
