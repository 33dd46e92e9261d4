"""Interleaved timing on a clock of its own, and the three layers that the notebook times."""

from __future__ import annotations

import pytest
import torch

from nlp4.attention_cost import full
from nlp4.errors import UserError
from nlp4.layer_timing import SIZES, layers_for, time_layers
from nlp4.timing import FEWEST, interleaved


class Machine:
    """A clock, and calls that move it by as much as they are said to take."""

    def __init__(self) -> None:
        self.now, self.log = 0.0, ""

    def call(self, name: str, *durations: float):
        left = list(durations)

        def work() -> None:
            self.log += name
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return work


def test_calls_take_turns_and_the_first_round_does_not_count() -> None:
    machine = Machine()
    calls = {"a": machine.call("a", 50.0, 1.0), "b": machine.call("b", 70.0, 2.0)}
    found = interleaved(calls, 12.5, clock=lambda: machine.now)
    assert machine.log == "ab" * 5
    assert found == {"a": (1.0,) * 4, "b": (2.0,) * 4}


def test_slow_calls_get_the_fewest_rounds() -> None:
    machine = Machine()
    found = interleaved({"a": machine.call("a", 100.0)}, 1.0, clock=lambda: machine.now)
    assert found == {"a": (100.0,) * FEWEST}


def test_no_calls_take_no_time() -> None:
    assert interleaved({}, 1.0) == {}


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
