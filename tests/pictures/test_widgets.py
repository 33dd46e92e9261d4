"""Tests of `nlp4.pictures.widgets`."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import ipywidgets as widgets
import pytest

from nlp4.pictures.explorer import Explorer
from nlp4.pictures.widgets import LiveCurve, loss_picture
from nlp4.support.errors import UserError
from nlp4.training.trainer import History


def counter() -> Explorer[int]:
    """An explorer whose numbers a reader can do in the head; 13 is refused."""

    def compute(a: int, b: int) -> int:
        if a == 13:
            raise UserError("13 is not for sale: choose another number")
        return a + b

    controls = {"a": widgets.IntSlider(1, 0, 20), "b": widgets.IntSlider(2, 0, 20)}
    return Explorer(controls, compute, lambda n: f"<svg id='n{n}'/>", lambda n: f"the sum is {n}")


def shown(explorer: Explorer) -> str:
    return " ".join(child.value for child in explorer.children if isinstance(child, widgets.HTML))


def test_a_slider_changes_the_picture_and_the_words() -> None:
    explorer = counter()
    assert explorer.caption == "the sum is 3"
    explorer.children[0].value = 7
    assert explorer.caption == "the sum is 9"
    assert "n9" in shown(explorer)
    assert "the sum is 9" in shown(explorer)


def test_reset_puts_every_control_back() -> None:
    explorer = counter()
    explorer.children[0].value, explorer.children[1].value = 9, 9
    button = next(c for c in explorer.children if isinstance(c, widgets.Button))
    button.click()
    assert explorer.caption == "the sum is 3"


def test_a_users_mistake_is_told_in_the_caption_and_mends_itself() -> None:
    explorer = counter()
    explorer.children[0].value = 13
    assert explorer.caption == "13 is not for sale: choose another number"
    explorer.children[0].value = 4
    assert explorer.caption == "the sum is 6"


def test_words_are_shown_as_text_not_as_markup() -> None:
    explorer = Explorer({}, lambda: 0, lambda _: "", lambda _: "<b>x</b>")
    assert "&lt;b&gt;" in shown(explorer)


def test_without_a_kernel_the_still_picture_and_the_words_are_there() -> None:
    explorer = counter()
    explorer.children[1].value = 5
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "the sum is 6"
    assert "n6" in bundle["image/svg+xml"]
    assert metadata["image/svg+xml"]["alt"] == "the sum is 6"
    assert "application/vnd.jupyter.widget-view+json" in bundle


# The live curve
BIT = math.log(2)  # nats, in which histories are


def test_a_live_curve_follows_a_training() -> None:
    curve = LiveCurve(40, "learning")
    history = History([2.0 * BIT] * 20 + [1.0 * BIT] * 20, characters=4_000, seconds=2.0)
    curve(history)
    _, bar, words = curve.children[0].children
    assert bar.value == 40
    assert words.value == "step 40 of 40, loss 1.500 bits, 2,000 characters a second, 0 s left"
    drawn = ET.fromstring(curve.children[1].value)
    assert drawn.tag.endswith("svg") and "learning 1.00" in (drawn.get("aria-label") or "")
    assert curve._repr_mimebundle_()["text/plain"] == "the loss of learning, live"


def test_a_live_curve_draws_several_trainings_and_waits_between_two_pictures() -> None:
    curve = LiveCurve(100, "full", "window")
    first, second = (History([loss * BIT] * 20, characters=100, seconds=1.0) for loss in (3.0, 2.0))
    curve(first, second)
    words, drawn = curve.children[0].children[2], curve.children[1]
    assert (
        words.value == "step 20 of 100, loss 3.000, 2.000 bits, 100 characters a second, 8 s left"
    )
    lines = [line.get("points") or "" for line in ET.fromstring(drawn.value).findall("{*}polyline")]
    assert sum("," in line and len(line.split()) == 1 for line in lines) == 2  # one point each
    before = drawn.value
    first.losses.append(0.0)
    curve(first, second)
    assert drawn.value == before
    assert curve._repr_mimebundle_()["text/plain"] == "the loss of full and window, live"


def test_a_loss_stands_where_its_axis_says() -> None:
    drawn = ET.fromstring(loss_picture({"a": [(0, 2 * BIT), (50, BIT), (100, 0.0)]}, 100))
    curve = next(p for p in drawn.findall("{*}polyline") if len(p.get("points", "").split()) == 3)
    points = [tuple(map(float, each.split(","))) for each in curve.get("points", "").split()]
    assert [x for x, _ in points] == pytest.approx([46, 246, 446])
    assert [y for _, y in points] == pytest.approx([224 - 190 / 1.1, 224 - 95 / 1.1, 224], abs=0.06)


def test_a_loss_of_nothing_is_drawn_on_the_axis() -> None:
    drawn = ET.fromstring(loss_picture({"a": [(0, 0.0), (100, 0.0)]}, 100))
    curve = next(p for p in drawn.findall("{*}polyline") if len(p.get("points", "").split()) == 2)
    assert {point.split(",")[1] for point in curve.get("points", "").split()} == {"224.0"}
