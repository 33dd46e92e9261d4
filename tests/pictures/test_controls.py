"""Tests of `nlp4.pictures.controls`."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp4.pictures.controls import Cells, Kept, Place, Slider, choice, count, entry, number, tick


@given(st.floats(-1e6, 1e6), st.integers(-300, 300), st.integers(1, 60), st.integers(1, 40))
def test_a_slider_stands_on_its_grid_or_at_its_end(
    value: float, low: int, steps: int, tenths: int
) -> None:
    step = tenths / 10
    slider = number("x", low, low, low + steps * step, step)
    at = slider.on_grid(value)
    assert low <= at <= slider.max
    assert math.isclose((at - low) / step, round((at - low) / step), abs_tol=1e-6)
    inside = min(max(value, low), slider.max)
    assert abs(at - inside) <= step / 2 + 1e-6


def test_an_angle_goes_round_and_a_length_stops_at_its_end() -> None:
    angle = number("angle", 355, 0, 360, 5, wraps=True)
    assert angle.stepped(2) == 5.0
    assert angle.on_grid(-12) == 350.0
    length = number("length", 3.5, 0, 4, 0.5)
    assert length.stepped(3) == 4.0
    assert length.stepped(-9) == 0.0


def test_whole_numbers_stay_whole() -> None:
    keys = count("keys", 3, 1, 8)
    keys.value = 9
    assert keys.value == 8 and isinstance(keys.value, int)
    assert isinstance(keys.stepped(-2), int)


@pytest.mark.parametrize("value", [math.nan, math.inf, "3", None])
def test_a_slider_refuses_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="length"):
        number("length", 1, 0, 2, 0.1).value = value


def test_a_choice_stands_on_its_options_alone() -> None:
    kind = choice("kind", ["one", 2, "three"], 2)
    assert kind.index == 1
    assert [kind.stepped(steps) for steps in (-5, 1, 5)] == ["one", "three", "three"]
    with pytest.raises(ValueError, match="none of"):
        kind.value = "four"
    for raw in (3, -1, "one", None):
        with pytest.raises(ValueError, match="no option"):
            kind.read(raw)


@pytest.mark.parametrize(
    ("control", "value"),
    [
        (number("x", 0, 0, 1, 0.1), 0.3),
        (count("n", 0, 0, 9), 4),
        (Place("block", 1, 1, 64, 1), 7),
        (choice("c", [True, "b", (1, 2)], True), (1, 2)),
        (tick("t", False), True),
        (entry("e", "x"), "où?"),
        (Kept("k", ((1, 2.5), (3, 4))), ((0, 0.5), (9, 9))),
    ],
)
def test_a_value_goes_to_the_page_and_back(control, value: object) -> None:
    assert control.read(json.loads(json.dumps(control.raw(value)))) == value
    assert json.loads(json.dumps(control.spec()))["kind"] == control.kind


def test_what_is_kept_keeps_its_shape() -> None:
    kept = Kept("places", ((1, 2), (3, 4)))
    for raw in ([[1, 2]], [[1, 2], [3, "x"]], [[1, 2], [3, math.nan]], 7):
        with pytest.raises(ValueError, match="another shape"):
            kept.read(raw)


def test_only_a_change_is_told_and_a_quiet_one_is_not() -> None:
    told: list[object] = []
    slider: Slider = count("n", 1, 0, 9)
    slider.changed = lambda: told.append(slider.value)
    slider.value = 1
    slider.value = 5
    slider.put(7)
    assert told == [5] and slider.value == 7


def test_cells_come_and_go_each_once() -> None:
    cells = Cells("edges", ())
    cells.value = cells.turned((3, 40))
    cells.value = cells.turned((1, 2))
    assert cells.value == cells.read(json.loads(json.dumps(cells.raw(cells.value))))
    assert cells.value == ((1, 2), (3, 40)) == cells.fitting([[3, 40], [1, 2], [3, 40]])
    assert cells.turned((3, 40)) == ((1, 2),)
    for value in (False, 3, "12", [1, 2], [[1]], [[0, 1]], [[1, 2.5]], [[1, "2"]], [[1, [2]]]):
        with pytest.raises(ValueError, match="are no cells"):
            cells.fitting(value)
