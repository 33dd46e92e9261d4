"""Tests of `nlp4.pictures.doses`: what is drawn and said, against the stored rows."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone

from nlp4.experiments.capacity import Known, Shape
from nlp4.experiments.doses import EARLY, MIXED, Curve, Doses, Point
from nlp4.experiments.reversal import FORWARD, GROUPS, MODELS, Direction, Reversal
from nlp4.maths.statistics import Share
from nlp4.pictures import gallery, svg
from nlp4.pictures.doses import ORDERS, capacity_drawing, dose_explorer, half_of, reversal_drawing
from nlp4.pictures.explorer import Explorer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def explorer() -> Explorer[Any]:
    return gallery.explorer("dose")


def test_the_picture_fits_a_phone_at_every_place(explorer: Explorer[Any]) -> None:
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)
        assert not re.search(r"\bnan\b", drawn + explorer.caption)


@pytest.mark.parametrize(("words", "order"), ORDERS.items())
def test_what_is_said_is_what_was_counted(words: str, order: str, explorer: Explorer[Any]) -> None:
    """At every dose, measured or not, against the rows of the file and numpy's interpolation."""
    stored = json.loads((ROOT / "data" / "results" / "doses.json").read_text("utf-8"))
    rows = [row["doses"] for row in stored["rows"] if row["order"] == order]
    doses = [group["dose"] for group in rows[0]]
    for dose in range(max(doses) + 1):
        explorer.at(order=words, dose=dose)
        for kind in ("true", "false"):
            shares = [
                sum(groups[i][kind] for groups in rows) / sum(groups[i]["n"] for groups in rows)
                for i in range(len(doses))
            ]
            share = f"{np.interp(dose, doses, shares):.1%}"
            assert share in explorer.caption and f"says the {kind} place: {share}" in explorer.svg
        assert ("that were measured" in explorer.caption) == (dose not in doses)


def test_the_line_is_taken_in_hand(explorer: Explorer[Any]) -> None:
    (handle,) = explorer.handles.values()
    explorer.drag("dose", *handle.at)
    assert explorer.controls["dose"].value == 5
    explorer.drag("dose", handle.at[0] + 290 / 15 * 4, 500)
    assert explorer.controls["dose"].value == 9 and "9 of 20 texts" in explorer.caption
    explorer.drag("dose", 10_000, 0)
    assert explorer.controls["dose"].value == 15
    explorer.nudge("dose", -1, 3)
    assert explorer.controls["dose"].value == 14


def _curve(order: str, *false: int) -> Curve:
    points = tuple(
        Point(2 * i, Share(10 - n, 10), Share(n, 10), 0.5, 0.5) for i, n in enumerate(false)
    )
    return Curve(order, 1, points)


def test_half_of_the_answers_is_marked_where_it_is_reached() -> None:
    assert half_of(_curve(MIXED, 0, 4, 8)) == pytest.approx(2.5)
    assert math.isnan(half_of(_curve(MIXED, 0, 4)))
    stored = Doses(20, (_curve(MIXED, 0, 4, 8), _curve(EARLY, 0, 1, 2)), {})
    made = dose_explorer(stored).at(dose=3)
    assert "half of the answers are false at 2.5 texts" in made.caption
    assert made.svg.count("r='5'") == 1
    made.at(order="in the first half")
    assert "no dose up to 4 turns half" in made.caption and "r='5'" not in made.svg


def test_both_directions_are_drawn_for_each_group_and_model() -> None:
    counts = [Share(i, 40) for i in range(12)]
    directions = tuple(
        Direction(model, group, 2, counts[2 * i], share, counts[2 * i + 1], share, share, 0.5)
        for i, (model, group) in enumerate((m, g) for m in MODELS for g in GROUPS)
        for share in (Share(0, 40),)
    )
    drawing = reversal_drawing(Reversal(directions))
    fits_a_phone(drawing.svg)
    for found in directions:
        shown = found.group in GROUPS[1:]
        assert (f"({found.forward.right}/40)" in drawing.words) == shown
        assert (f"({found.question.right}/40)" in drawing.words) == shown
    assert drawing.words.count("told name first") == 4 and FORWARD not in drawing.words


def _known(people: int, row: int, bits: float) -> Known:
    return Known(Shape(people, row), 3, bits, bits - 1, bits + 1, 22.7, 1_000)


def test_bits_are_drawn_by_row_and_by_people_and_the_live_model_in_both() -> None:
    stored = [_known(125, 4, 5.0), _known(125, 16, 12.0), _known(125, 64, 17.0)]
    stored += [_known(500, 16, 20.0), _known(2_000, 16, 3.0), _known(125, 0, 1.0)]
    still = capacity_drawing(stored)
    fits_a_phone(still.svg)
    assert still.svg.count("r='4'") == 3 + 3 and "just now" not in still.svg
    live = replace(_known(125, 16, 11.0), seeds=1)
    both = capacity_drawing(stored, live)
    fits_a_phone(both.svg)
    assert both.svg.count("just now") == 2 and "rows of 16: 11.0 bits" in both.words
    less = capacity_drawing([*stored, _known(125, 2, -2.0)])
    fits_a_phone(less.svg)
    assert "rows of 2: -2.0 bits" in less.words
    wider = capacity_drawing(stored, _known(125, 64, 11.0))
    assert wider.svg.count("just now") == 1


def test_two_bits_a_number_is_a_straight_line_bent_by_the_axis() -> None:
    """On the line, twice the numbers in a row are twice the bits."""
    stored = [_known(125, 2, 1.0), _known(125, 8, 2.0), _known(125, 32, 3.0), _known(60, 16, 2.0)]
    drawn = capacity_drawing(stored).svg
    (path,) = re.findall(r"<polyline points='([^']*)'[^>]*stroke-dasharray='2 3'", drawn)
    points = [tuple(map(float, point.split(","))) for point in path.split(" ")]
    frame = svg.panel_frame((1 - 0.2, 5 + 0.2), (0, 1.08 * 22.7))
    for x, y in points:
        across, up = frame.under(x, y)
        assert up == pytest.approx(2 * 2**across, rel=0.03)
