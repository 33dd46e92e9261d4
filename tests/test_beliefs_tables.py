"""The verdict of notebook 04: every number in it is one that was handed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import stored_beliefs
from test_name_scenes import bias

from nlp4 import beliefs_tables, results_beliefs
from nlp4.abstention import HeldOut
from nlp4.calibration import Area
from nlp4.confidence import LEAST, WHOLE, Calibration, Confidence, Ranking
from nlp4.name_guesses import ALL, NameGuesses, Row, Rule
from nlp4.nearest_names import AT_END
from nlp4.nearest_names import WHOLE as BY_LETTERS
from nlp4.permutations import Agreement
from nlp4.probe_scene import Probed, Stage
from nlp4.rewordings import LAST, PLAIN, Rewordings
from nlp4.rewordings import Row as Reworded
from nlp4.statistics import Share

CONFIDENCE = Confidence(
    judged=(),
    reliability={},
    calibrations=(Calibration(WHOLE, 0.6, 0.2, {"width": 0.071}, {"width": (0.04, 0.06)}),),
    rankings=(
        Ranking(WHOLE, Area(0.712, (0.6, 0.8)), 0.7, {}, {0.8: HeldOut(0.75, 0.2)}),
        Ranking(LEAST, None, 0.5, {}, {0.8: HeldOut(0.0, 0.0)}),
    ),
    best_area=0.9,
)
FOUND = Agreement(0.11, (0.1, 0.2), 0.03, (0.0, 0.05), 0.005)
WITHIN, TRUE = replace(FOUND, chance=0.04), replace(FOUND, value=0.02, chance=0.01)
GUESSES = NameGuesses(
    "dev",
    (
        Row(ALL, BY_LETTERS, 9, 1.0, FOUND, WITHIN, TRUE),
        Row(ALL, AT_END, 9, 1.0, replace(FOUND, value=0.31), None, None),
        Row("some", BY_LETTERS, 5, 1.0, replace(FOUND, value=0.99), None, None),
    ),
    (Rule("the model", Share(1, 9)), Rule("always A", Share(2, 9)), Rule("by B", Share(4, 9))),
    (),
)
REWORDED = Rewordings(
    Share(4, 5),
    Share(0, 0),
    tuple(
        Reworded(asked, Share(right, 4), Share(0, 1), Share(0, 1), 0.5, 0.5, 0)
        for asked, right in ((PLAIN, 4), ("How else?", 3), (LAST, 1))
    ),
)
PROBED = Probed(
    (
        Stage("the name", 0, Share(1, 10), Share(0, 10)),
        Stage("the end", 2, Share(6, 10), Share(2, 10)),
    ),
    Share(1, 10),
    3,
)


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = results_beliefs.read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))
    monkeypatch.setattr(beliefs_tables, "read_facts", lambda: found)


def rows(table: str) -> dict[str, str]:
    """The last cell of each row by its first one."""
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert {len(row) for row in cells[2:]} == {3}
    return {row[0]: row[-1] for row in cells[2:]}


@pytest.mark.usefixtures("facts")
def test_the_verdict_has_a_row_for_each_opinion() -> None:
    told = rows(beliefs_tables.verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))
    assert list(told) == ["4a", "4b", "4c"]
    assert "62.5% of the dev questions right after the right biographies" in told["4a"]
    assert "`others` 7.5%; `misinformed` 12.5%; `nothing` 2.5%." in told["4a"]
    assert "repeats the wrong place in 45.0%" in told["4a"]
    assert (
        "reads 60.0% of the places at the end after layer 2 (places at random: 20.0%)"
        in (told["4a"])
    )
    assert "surname alone 25%" in told["4a"] and "“How else?”, 75%" in told["4a"]


@pytest.mark.usefixtures("facts")
def test_the_verdict_on_confidence_and_bias() -> None:
    told = rows(beliefs_tables.verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))["4b"]
    assert told.startswith("Of 4 wrong answers 2 are no place")
    assert "error is 0.071, AUROC 0.712 (0.600 to 0.800)" in told
    assert "lets 20% of new questions through, 75% of them right" in told
    assert "London is answered 4 times and true 2 times; of 2 countries, 1 (There) has" in told
    assert "1 of 5 true places are never answered; luck leaves out 2." in told
    unknown = bias(countries=())
    told = rows(beliefs_tables.verdict(CONFIDENCE, unknown, GUESSES, REWORDED, PROBED))["4b"]
    assert "countries" not in told and "wrong answers" not in told


@pytest.mark.usefixtures("facts")
def test_the_verdict_on_names_uses_chance_within_the_origin() -> None:
    told = rows(beliefs_tables.verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))["4c"]
    assert "nearest name in 11.0% of the cases, chance gives 4.0% (p = 0.005)" in told
    assert "question's end it is 31.0%" in told
    assert "The true place is that of the nearest name in 2.0% (chance: 1.0%)." in told
    assert "right in 1 of 9 cases; the rule “by B” is right in 4." in told


def test_a_missing_file_is_named_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_beliefs, "embedded_folder", lambda: tmp_path / "people")
    told = rows(beliefs_tables.verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))
    assert results_beliefs.COMMANDS[results_beliefs.FACTS] in told["4a"]
    assert "A linear probe reads 60.0%" in told["4a"]


def test_what_each_number_is_worth() -> None:
    lines = beliefs_tables.ranking_table(CONFIDENCE).splitlines()
    assert lines[2] == (
        f"| {WHOLE} | 0.712 | 0.600 to 0.800 | 20.0% answered, 75.0% of them right |"
    )
    assert lines[3].startswith(f"| {LEAST} | - | 0.000 to 1.000 | 0.0% answered")
