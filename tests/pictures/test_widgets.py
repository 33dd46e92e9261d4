"""Tests of `nlp4.pictures.widgets`."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest
from explorers import fits_a_phone

from nlp4.pictures.widgets import LiveCurve, View, loss_picture
from nlp4.training.trainer import History


def test_a_question_is_answered_to_whoever_asked() -> None:
    view, sent = View({}, lambda message: {"double": 2 * message["n"]}), []
    view.send = sent.append
    view._handle_custom_msg({"n": 4, "asked": "7.1"}, [])
    assert sent == [{"double": 8, "asked": "7.1"}]


def test_a_failure_is_told_to_the_page_which_else_would_wait(capsys) -> None:
    view, sent = View({}, lambda message: 1 // message["n"]), []
    view.send = sent.append
    view._handle_custom_msg({"n": 0, "asked": "7.2"}, [])
    assert sent == [{"failed": True, "asked": "7.2"}]


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
    assert curve._repr_mimebundle_()[0]["text/plain"] == "the loss of learning, live"


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
    assert curve._repr_mimebundle_()[0]["text/plain"] == "the loss of full and window, live"


def test_a_loss_stands_where_its_axis_says() -> None:
    drawn = ET.fromstring(loss_picture({"a": [(0, 2 * BIT), (50, BIT), (100, 0.0)]}, 100))
    curve = next(p for p in drawn.findall("{*}polyline") if len(p.get("points", "").split()) == 3)
    points = [tuple(map(float, each.split(","))) for each in curve.get("points", "").split()]
    assert [x for x, _ in points] == pytest.approx([46, 191, 336])
    assert [y for _, y in points] == pytest.approx(
        [250 - 216 / 1.1, 250 - 108 / 1.1, 250], abs=0.06
    )


def test_a_loss_of_nothing_is_drawn_on_the_axis() -> None:
    drawn = ET.fromstring(loss_picture({"a": [(0, 0.0), (50, 0.0), (100, 0.0)]}, 100))
    curve = next(p for p in drawn.findall("{*}polyline") if len(p.get("points", "").split()) == 3)
    assert {point.split(",")[1] for point in curve.get("points", "").split()} == {"250.0"}


def test_several_losses_fit_a_phone_and_differ_without_their_colours() -> None:
    names = ("full attention", "Linformer", "BigBird, 16 letters a block")
    drawn = loss_picture({name: [(0, 3.0), (50, 2.0), (900, 1.0)] for name in names}, 1_400)
    fits_a_phone(drawn)
    lines = ET.fromstring(drawn).findall("{*}polyline")
    curves = [p for p in lines if len(p.get("points", "").split()) == 3]
    assert len({curve.get("stroke-dasharray") for curve in curves}) == 3
