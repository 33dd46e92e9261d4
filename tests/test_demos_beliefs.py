"""What notebook 04 shows: the captions' numbers, the pictures, the game, and missing files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stored_beliefs
from explorers import walk
from test_belief_scenes import JUDGED
from test_name_scenes import bias

from nlp4 import beliefs_tables, demos_beliefs, results_beliefs
from nlp4.belief_game import GuessingGame
from nlp4.belief_scenes import confidence_arrays, reliability_scene
from nlp4.corpus import Corpus, Question
from nlp4.explorer import Explorer
from nlp4.name_origins import Background
from nlp4.name_scenes import (
    ORIGIN,
    PLACE,
    Line,
    Lines,
    Near,
    Neighbours,
)
from nlp4.nearest_names import MEASURES, WHOLE
from nlp4.probe_scene import Probed, Stage
from nlp4.statistics import Share

PERSON = Neighbours(
    "Ada Quill",
    "Bath",
    "Oslo",
    tuple(
        Near(m, (("Ida Quill", "Bath"), ("Ada Quilt", "Rome")), 3, 1 if m == WHOLE else 0, 1)
        for m in MEASURES
    ),
)
OTHER = Neighbours("Bo Lind", "Bath", None, (Near(WHOLE, (("Bo Lund", "Rome"),), 1, 0, 2),))
EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "facts": demos_beliefs.facts_explorer,
    "readings": demos_beliefs.readings_explorer,
    "reliability": lambda: demos_beliefs.reliability_explorer(JUDGED),
    "abstain": lambda: demos_beliefs.abstain_explorer(JUDGED),
    "bias": lambda: demos_beliefs.bias_explorer(bias()),
    "names": lambda: demos_beliefs.names_explorer([PERSON, OTHER]),
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand-made results in place of those that come along."""
    facts = results_beliefs.read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))
    path = stored_beliefs.write_readings(tmp_path / "readings.json")
    readings = results_beliefs.read_readings(path)
    for module in (demos_beliefs, beliefs_tables):
        monkeypatch.setattr(module, "read_facts", lambda: facts)
        monkeypatch.setattr(module, "read_readings", lambda: readings)


@pytest.fixture
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_beliefs, "embedded_folder", lambda: tmp_path / "people")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_position_draws_or_says_why_not(name: str) -> None:
    walk(EXPLORERS[name](), "no model of", "there is no row")


@pytest.mark.usefixtures("files")
def test_facts_in_words() -> None:
    explorer = demos_beliefs.facts_explorer()
    assert "After right (the biographies as they are): 12 of 20, 13 of 20 right, 62.5%" in (
        explorer.caption
    )
    assert "would be right 7.5% of the time." in explorer.caption
    explorer.controls["text"].value = "misinformed"
    assert "9 of 20 answers are that place (45.0%)" in explorer.caption


@pytest.mark.usefixtures("files")
def test_readings_in_words() -> None:
    explorer = demos_beliefs.readings_explorer()
    assert explorer.caption.startswith("After 1,800 steps without questions: 1 wording, ")
    explorer.controls["steps"].value = 200
    explorer.controls["mixed"].value = "mixed in"
    assert "200 steps with questions mixed in" in explorer.caption
    assert "2 wordings, each birthplace asked for 2.0 times: 10% stored, 10% asked, 4 of the 4" in (
        explorer.caption
    )


def test_reliability_in_words() -> None:
    explorer = demos_beliefs.reliability_explorer(JUDGED)
    explorer.controls["number"].value = 1
    right = sum(row.right for row in JUDGED) / len(JUDGED)
    sure = sum(row.probability for row in JUDGED) / len(JUDGED)
    assert f"error {abs(right - sure):.3f} with 1 bin." in explorer.caption
    assert f"of 60 answers given with {sure:.0%}, {right:.0%} are right." in explorer.caption
    # The answers of the test are drawn from a calibrated model.
    assert "no more than luck allows" in explorer.caption


@pytest.mark.parametrize(("error", "told"), [(0.05, "is no more than"), (0.07, "is more than")])
def test_an_error_is_held_against_what_luck_allows(error: float, told: str) -> None:
    scene = reliability_scene(*confidence_arrays(JUDGED), 1, "width")
    scene = replace(scene, error=error, by_chance=(0.04, 0.06))
    assert f"0.040 on average, and 0.060 or less 95 times in 100: this {told} luck" in (
        demos_beliefs.reliability_caption(scene)
    )


def test_abstaining_in_words() -> None:
    explorer = demos_beliefs.abstain_explorer(JUDGED)
    explorer.controls["threshold"].value = 0
    right = sum(row.right for row in JUDGED)
    assert "With 0% or more it answers 60 of 60 questions (100.0%)." in explorer.caption
    assert f"Right are {right}/60 (" in explorer.caption
    assert "It keeps back 0 answers, 0 of them right." in explorer.caption
    explorer.controls["threshold"].value = 100
    if all(row.probability < 1 for row in JUDGED):
        assert explorer.caption.endswith("the model abstains 60 times.")


def test_bias_in_words() -> None:
    explorer = demos_beliefs.bias_explorer(bias())
    assert "Here is answered 6 times and true 5 times: a ratio of 1.20." in explorer.caption
    assert explorer.caption.endswith("contains 1.")
    explorer.controls["rank"].value = 2
    assert "There is answered 0 times and true 4 times" in explorer.caption
    explorer.controls["by"].value = ORIGIN
    assert "Names of yy: 1/4 right (25.0%)." in explorer.caption
    assert explorer.caption.endswith("contains the share of all names, 60.0%.")
    explorer.controls["by"].value = PLACE
    assert explorer.caption == "there is no row 2 here: the last one is row 1"


def test_names_in_words() -> None:
    explorer = demos_beliefs.names_explorer([PERSON, OTHER])
    assert explorer.caption == (
        "Ada Quill: the model guesses Bath (the truth: Oslo). Nearest by letters is Ida Quill, "
        "1 letter away, one of 3 equally near, born in Bath. A nearest name has the guessed "
        "place by whole name."
    )
    assert "and 1 more, equally near" in explorer.svg
    explorer.controls["person"].value = 2
    assert "the model guesses Bath. Nearest" in explorer.caption
    assert "2 letters away, born in Rome." in explorer.caption
    assert explorer.caption.endswith("by no measure.")


@pytest.mark.usefixtures("files")
def test_dots_stand_where_the_shares_are() -> None:
    explorer = demos_beliefs.facts_explorer()
    circles = ET.fromstring(explorer.svg).findall("{*}circle")
    rows = stored_beliefs.facts_rows()
    right = [row["marks"].count("1") / 20 for row in rows]
    believed = [row["believed"]["right"] / 10 for row in rows if row["believed"]]
    span = max(Share(13, 20).interval[1], Share(5, 10).interval[1])
    edge = -(-span * 10 // 1) / 10  # the axis ends at a tenth
    found = sorted((float(each.get("cx", "nan")) - 150) / 610 * edge for each in circles)
    assert found == pytest.approx(sorted(right + believed), abs=1e-3)


def test_rows_stand_where_their_values_are() -> None:
    rows = tuple(Line(f"row {v}", v, (v / 2, v * 2), "") for v in (0.5, 1.0, 2.0, 99.0))
    scene = Lines("ratio", rows, (0.25, 4.0), 0, 1.0, True)
    circles = ET.fromstring(demos_beliefs.lines_drawing(scene).svg).findall("{*}circle")
    across = [(float(each.get("cx", "nan")) - 210) / 430 for each in circles]
    assert across == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=1e-3)  # what is outside, at the edge


def test_a_probe_in_words() -> None:
    stages = tuple(
        Stage(where, layer, Share(layer + i, 10), Share(i, 10))
        for i, where in enumerate(("the name", "the end"))
        for layer in (0, 1, 2)
    )
    drawing = demos_beliefs.probe_drawing(Probed(stages, Share(2, 10), 3))
    assert "the end, layer 2: 30.0% (control 10.0%)" in drawing.words
    assert len(ET.fromstring(drawing.svg).findall("{*}circle")) == 6


def test_a_game_played_to_its_end() -> None:
    game = GuessingGame(JUDGED, seed=3, number=6)
    first = game.game.questions[0]
    assert game.words == f"1 of 6. Where was {first.name} born? The model says: {first.answer}."
    assert game._repr_mimebundle_()[0]["text/plain"] == game.words
    right, wrong = game._buttons["right"], game._buttons["wrong"]
    for row in game.game.questions:
        assert not right.disabled and not game._picture.value
        (right if row.right else wrong).click()
    assert "You judged 6 of 6 answers rightly. Your AUROC is 1.00" in game.words
    assert right.disabled and wrong.disabled
    circles = ET.fromstring(game._picture.value).findall("{*}circle")
    assert len(circles) == 6
    game.restart()
    assert game.words.startswith("1 of 6.") and not right.disabled and not game._picture.value


@pytest.mark.usefixtures("files")
def test_tables_of_stored_trainings() -> None:
    table = beliefs_tables.facts_table().splitlines()
    assert len(table) == 2 + 6
    # `right` has the first 12 right, `others` the first one: 11 differ, all to one side.
    assert table[2] == f"| `others` | 0 | 1 of 20 | 11 | 0 | {2 / 2**11:.1g} |"
    words = beliefs_tables.readings_words().splitlines()
    assert len(words) == 6
    assert words[0].startswith("- 1,800 steps without questions, 1 wording: 12/40 (30.0%")
    assert words[-1].endswith("of the stored ones, 83% can be asked for.")


@pytest.mark.usefixtures("no_files")
def test_a_missing_file_is_one_message_with_the_command() -> None:
    for make, name in (
        (demos_beliefs.facts_explorer, results_beliefs.FACTS),
        (demos_beliefs.readings_explorer, results_beliefs.READINGS),
    ):
        explorer = make()
        assert explorer.svg == "" and results_beliefs.COMMANDS[name] in explorer.caption
    assert results_beliefs.COMMANDS[results_beliefs.FACTS] in beliefs_tables.facts_table()
    assert results_beliefs.COMMANDS[results_beliefs.READINGS] in beliefs_tables.readings_words()


def test_answers_that_are_no_place_are_counted_among_the_wrong() -> None:
    corpus = Corpus(Path("nowhere"), (), (Question("Where was A B born?", "Bath"),), (), ())
    origin = {row.name: "xx" for row in JUDGED} | {"A B": "xx"}
    known = Background(origin, {"Bath": "Here"}, {}, 0.0)
    wrong = sum(not row.right for row in JUDGED)
    told = beliefs_tables.by_looks(JUDGED, corpus, known)
    assert told.startswith(f"0 of the {wrong} wrong answers are no place that the corpus knows. ")
    assert "AUROC of 0.50 on all 60 answers" in told  # every answer looks alike
    odd = [replace(row, answer="Bath" if row.right else "Ada") for row in JUDGED]
    told = beliefs_tables.by_looks(odd, corpus, known)
    assert told.startswith(f"{wrong} of the {wrong} wrong answers") and "such as Ada, Ada" in told
    assert "AUROC of 1.00" in told
    assert "not known" in beliefs_tables.by_looks(JUDGED, corpus, None)
