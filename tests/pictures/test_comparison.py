"""Tests of `nlp4.pictures.comparison`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stored
from explorers import at_the_ends, fits_a_phone, walk

from nlp4.experiments import verdicts
from nlp4.experiments.comparison import VARIANTS, Accuracy, Row, read_accuracy
from nlp4.pictures.comparison import (
    accuracy_explorer,
    accuracy_scene,
    learning_explorer,
    learning_scene,
    live_learning,
    parts_explorer,
    parts_scene,
)
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.speed import speed_explorer
from nlp4.support.errors import UserError

EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "speed": speed_explorer,
    "accuracy": accuracy_explorer,
    "parts": parts_explorer,
    "learning": learning_explorer,
}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_position_draws_or_says_why_not(name: str) -> None:
    walk(EXPLORERS[name](), "was not trained")


@pytest.mark.parametrize("name", ["accuracy", "parts", "learning"])
def test_pictures_of_the_stored_trainings_fit_a_phone(name: str) -> None:
    explorer = EXPLORERS[name]()
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)
    for variant in VARIANTS if name != "parts" else ():
        explorer.controls["variant"].value = variant
        assert explorer.svg or "linformer-n" in explorer.caption
        if explorer.svg:
            fits_a_phone(explorer.svg)


@pytest.mark.usefixtures("files")
def test_accuracy_in_words() -> None:
    explorer = accuracy_explorer()
    explorer.controls["variant"].value = "random"
    assert "after 10 steps 40.0% on average of 3 seeds" in explorer.caption
    assert "(lowest 38.0%, highest 42.0%)" in explorer.caption
    assert "at 1 times the usual learning rate. It computes 37.5% of the" in explorer.caption
    assert "Its graph allows 40.0%, but for luck." in explorer.caption
    explorer.controls["task"].value = "characters"
    explorer.controls["budget"].value = "equal time"
    assert "after 0.5 minutes 2.200 bits" in explorer.caption
    assert "allows" not in explorer.caption


def test_the_verdict_names_each_linformers_mixtures(results: Accuracy) -> None:
    more = tuple(
        replace(row, variant="linformer-n") for row in results.rows if row.variant == "full"
    )
    rows = verdicts.accuracy_rows(replace(results, rows=results.rows + more))
    recall, characters = (row[2] for row in rows)
    assert recall.startswith("k = 16: ") and "; k = n: 100.0% " in recall
    assert "; k = n: 1.000 " in characters


@pytest.mark.usefixtures("files")
def test_places_and_curves_in_words() -> None:
    parts = parts_explorer()
    parts.controls["part"].value = 3
    assert parts.caption == "recall-64, places 5 to 6, 10 steps: nothing is asked."
    parts.controls["part"].value = 9
    assert "places 17 to 18, 10 steps: full 100%, linformer-16 50%, " in parts.caption
    learning = learning_explorer()
    learning.controls["variant"].value = "full"
    assert "from 2.50 to 1.50 bits" in learning.caption


@pytest.mark.usefixtures("files")
def test_dots_stand_where_the_seeds_are() -> None:
    explorer = accuracy_explorer()
    circles = ET.fromstring(explorer.svg).findall(".//{*}circle")
    assert len(circles) == (3 + 1) * len(stored.ACCURACY)  # seeds, then means over densities
    found = sorted((float(each.get("cx", "nan")) - 116) / 212 for each in circles[:15])
    seeds = [stored.run("recall-64", v, s, "steps") for v in stored.ACCURACY for s in range(3)]
    assert found == pytest.approx(sorted(row["accuracy"] for row in seeds), abs=1e-3)


def test_live_learning_tells_accuracy_and_ceiling() -> None:
    rows = [
        Row.read(stored.run("recall-64", variant, 1, "steps")) for variant in ("full", "window")
    ]
    shown = live_learning(rows)
    assert (
        shown.words
        == "Accuracy after 10 steps: full 100%, window 25% (its graph allows 25%, but for luck)."
    )
    assert ET.fromstring(shown.svg).tag.endswith("svg")


@pytest.fixture
def results(tmp_path: Path) -> Accuracy:
    return read_accuracy(stored.write_accuracy(tmp_path / "compare.json"))


def test_parts_average_what_was_asked(results: Accuracy) -> None:
    scene = parts_scene(results, "recall-64", "steps", 8)
    assert scene.places == (17, 18) and scene.facts == range(8)
    assert scene.means["random"][1:8] == (None,) * 7
    assert scene.means["random"][8] == pytest.approx(0.4)
    rows = results.of("recall-64", "random", "steps")
    gap = replace(rows[0], by_part=(0.5, *rows[0].by_part[1:]))
    some = replace(rows[1], by_part=(None, *rows[1].by_part[1:]))
    mixed = parts_scene(replace(results, rows=(gap, some)), "recall-64", "steps", 0)
    assert mixed.means["random"][0] == 0.5


def test_each_task_is_told_with_its_own_sizes(results: Accuracy) -> None:
    scenes = {
        task: accuracy_scene(results, task, "full", "time") for task in ("recall-64", "characters")
    }
    assert [scene.n for scene in scenes.values()] == [64, 2048]
    assert [scene.in_text for scene in scenes.values()] == [0.25, None]
    assert scenes["characters"].budget == "0.5 minutes"
    assert learning_scene(results, "characters", "steps", "full").budget == "20 steps"
    assert parts_scene(results, "recall-64", "time", 0).budget == "0.25 minutes"


def test_what_was_not_trained_is_said_with_the_command_of_the_file(results: Accuracy) -> None:
    for make in (
        lambda: accuracy_scene(results, "recall-64", "global", "steps"),
        lambda: learning_scene(results, "recall-64", "steps", "global"),
        lambda: parts_scene(replace(results, rows=()), "recall-64", "steps", 0),
    ):
        with pytest.raises(UserError, match=f"was not trained.* made by {stored.COMMAND};"):
            make()
