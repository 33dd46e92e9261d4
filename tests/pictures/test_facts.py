"""Tests of `nlp4.pictures.facts`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stored_beliefs
from explorers import at_the_ends, fits_a_phone

from nlp4.experiments import facts, readings, verdicts
from nlp4.experiments.facts import read_facts
from nlp4.experiments.probe import Probed, Stage
from nlp4.experiments.readings import read_readings
from nlp4.maths.statistics import Share
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.facts import (
    facts_explorer,
    facts_scene,
    misinformed_explorer,
    misinformed_scene,
    probe_drawing,
    readings_explorer,
    readings_scene,
)
from nlp4.support.errors import UserError


def test_facts_with_one_text_marked(tmp_path: Path) -> None:
    stored = read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))
    scene = facts_scene(stored, "misinformed")
    assert [name for name, _ in scene.rows] == list(stored.texts)
    assert [run.share.right for run in scene.runs] == [2, 3]
    assert scene.believed == Share(9, 20)
    with pytest.raises(UserError, match="words_shuffled"):
        facts_scene(stored, "words_shuffled")


def test_seeds_of_a_reading_are_counted_together(tmp_path: Path) -> None:
    stored = read_readings(stored_beliefs.write_readings(tmp_path / "readings.json"))
    scene = readings_scene(stored, 600, mixed=True)
    assert [(row.wordings, row.steps) for row in scene.rows] == [
        (w, s) for w in stored_beliefs.WORDINGS for s in stored_beliefs.STEPS
    ]
    one, two, five = scene.chosen
    assert (one.stored, one.asked, one.both) == (Share(8, 40), Share(2, 40), Share(2, 8))
    assert (five.asked, five.both, two.seen) == (Share(10, 40), Share(8, 8), 6.0)
    assert [row.stored.right for row in scene.of(1)] == [4, 8, 12]


@pytest.mark.usefixtures("files")
def test_facts_in_words() -> None:
    explorer = facts_explorer()
    assert "After right (the biographies as they are): 12 of 20, 13 of 20 right, 62.5%" in (
        explorer.caption
    )
    assert "would be right 7.5% of the time." in explorer.caption
    explorer.controls["text"].value = "misinformed"
    assert "9 of 20 answers are that place (45.0%)" in explorer.caption


@pytest.mark.usefixtures("files")
def test_readings_in_words() -> None:
    explorer = readings_explorer()
    assert explorer.caption.startswith("After 1,800 steps without questions: 1 wording, ")
    explorer.controls["steps"].value = 200
    explorer.controls["mixed"].value = "mixed in"
    assert "200 steps with questions mixed in" in explorer.caption
    assert "2 wordings, each birthplace asked for 2.0 times: 10% stored, 10% asked, 4 of the 4" in (
        explorer.caption
    )


@pytest.mark.usefixtures("files")
def test_dots_stand_where_the_shares_are() -> None:
    rows = stored_beliefs.facts_rows()
    right = [row["marks"].count("1") / 20 for row in rows]
    believed = [row["believed"]["right"] / 10 for row in rows if row["believed"]]
    for layout in ET.fromstring(facts_explorer().svg).findall("{*}g"):
        ticks = {t.text: float(t.get("x", "nan")) for t in layout.findall("{*}text")}
        circles = layout.findall("{*}circle")
        across = [float(each.get("cx", "nan")) - ticks["0"] for each in circles]
        found = sorted(0.2 * each / (ticks["0.2"] - ticks["0"]) for each in across)
        assert found == pytest.approx(sorted(right + believed), abs=1e-3)


def probed() -> Probed:
    """Two places of the question, three layers."""
    stages = tuple(
        Stage(where, layer, Share(layer + i, 10), Share(i, 10))
        for i, where in enumerate(("the name's last character", "the end of the question"))
        for layer in (0, 1, 2)
    )
    return Probed(stages, Share(2, 10), 3)


def test_a_probe_in_words() -> None:
    drawing = probe_drawing(probed())
    assert "the end of the question, layer 2: 30.0% (control 10.0%)" in drawing.words
    chart = ET.fromstring(drawing.svg).find("{*}g")
    assert chart is not None and len(chart.findall("{*}circle")) == 6


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("made", [facts_explorer, misinformed_explorer, readings_explorer])
def test_every_picture_fits_a_phone(made: Callable[[], Explorer[Any]]) -> None:
    for drawn in at_the_ends(made()):
        fits_a_phone(drawn)


def test_a_probe_fits_a_phone() -> None:
    fits_a_phone(probe_drawing(probed()).svg)


@pytest.mark.usefixtures("no_files")
def test_a_missing_file_is_one_message_with_the_command() -> None:
    makers = (facts_explorer, facts), (misinformed_explorer, facts), (readings_explorer, readings)
    for make, experiment in makers:
        explorer = make()
        assert explorer.svg == "" and experiment.COMMAND in explorer.caption
    assert facts.COMMAND in verdicts.facts_table()
    assert readings.COMMAND in verdicts.readings_words()


def test_a_share_told_wrongly_stands_among_all_shares(tmp_path: Path) -> None:
    stored = read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))
    scene = misinformed_scene(stored, 33, people=0)
    assert scene.chosen in scene.mixtures and scene.chosen.told == 7  # of 20
    assert [mix.told for mix in scene.mixtures] == sorted([*range(21), 7])
    assert scene == misinformed_scene(stored, 33, people=0)  # the draw is seeded
    assert scene != misinformed_scene(stored, 33, people=1)


@pytest.mark.usefixtures("files")
def test_misinformation_in_words() -> None:
    explorer = misinformed_explorer()
    explorer.controls["share"].value = 0
    assert "If 0 of 20 people are told wrongly, 12.5 answers are right" in explorer.caption
    assert "about 0 repeat the wrong place that was told (0% of the wrong ones)" in explorer.caption
    explorer.controls["share"].value = 100
    assert "If 20 of 20 people are told wrongly, 2.5 answers are right" in explorer.caption
    # 4 and 5 are repeated, of 18 and 17 wrong ones.
    assert "about 4 repeat the wrong place that was told (26% of the wrong" in explorer.caption
    assert "right: 2</text>" in explorer.svg and "otherwise: 13</text>" in explorer.svg
