"""Tests of `nlp4.experiments.verdicts`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stored_beliefs import bias

from nlp4.data.corpus import Corpus, Question
from nlp4.experiments import comparison, facts, speed, verdicts
from nlp4.experiments.confidence import LEAST, WHOLE, Calibration, Confidence, Ranking
from nlp4.experiments.names import ALL, AT_END, Guess, NameGuesses, OriginUse, Row, Rule
from nlp4.experiments.names import WHOLE as BY_LETTERS
from nlp4.experiments.probe import Probed, Stage
from nlp4.experiments.rewordings import LAST, PLAIN, SLIP, Rewordings
from nlp4.experiments.rewordings import Row as Reworded
from nlp4.experiments.speed import Cell
from nlp4.experiments.verdicts import how_to_repeat, verdict_table
from nlp4.maths.calibration import Area, HeldOut
from nlp4.maths.statistics import Agreement, Share
from nlp4.pictures.comparison import accuracy_explorer, learning_explorer, parts_explorer
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.speed import live_picture, speed_explorer

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
        for asked, right in ((PLAIN, 4), ("How else?", 3), (SLIP, 2), (LAST, 1))
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


def rows(table: str) -> dict[str, str]:
    """The last cell of each row by its first one."""
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert {len(row) for row in cells[2:]} == {3}
    return {row[0]: row[-1] for row in cells[2:]}


@pytest.mark.usefixtures("files")
def test_the_verdict_has_a_row_for_each_opinion() -> None:
    told = rows(verdicts.beliefs_verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))
    assert list(told) == ["4a", "4b", "4c"]
    assert "62.5% of the dev questions right after the right biographies" in told["4a"]
    assert "`others` 7.5%; `misinformed` 12.5%; `nothing` 2.5%." in told["4a"]
    assert "repeats the wrong place in 45.0%" in told["4a"]
    assert (
        "reads 60.0% of the places at the end after layer 2 (places at random: 20.0%)"
        in (told["4a"])
    )
    left = "75% stay right asked “How else?”, 50% with one letter swapped, 25% with the surname"
    assert told["4a"].endswith(f"Of the right answers {left} alone.")
    both = (CONFIDENCE, bias(), GUESSES, REWORDED, PROBED, REWORDED)
    told = rows(verdicts.beliefs_verdict(*both))
    assert told["4a"].endswith(f"those of the model without a memory, {left} alone.")


@pytest.mark.usefixtures("files")
def test_the_verdict_on_confidence_and_bias() -> None:
    told = rows(verdicts.beliefs_verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))["4b"]
    assert told.startswith("Of 4 wrong answers 2 are no place")
    assert "error is 0.071, AUROC 0.712 (0.600 to 0.800)" in told
    assert "lets 20% of new questions through, 75% of them right" in told
    assert "London is answered 4 times and true 2 times; of 2 countries, 1 (There) has" in told
    assert "1 of 5 true places are never answered; luck leaves out 2." in told
    unknown = bias(countries=())
    told = rows(verdicts.beliefs_verdict(CONFIDENCE, unknown, GUESSES, REWORDED, PROBED))["4b"]
    assert "countries" not in told and "wrong answers" not in told


@pytest.mark.usefixtures("files")
def test_the_verdict_on_names_uses_chance_within_the_origin() -> None:
    told = rows(verdicts.beliefs_verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))["4c"]
    assert "nearest name in 11.0% of the cases; chance, with birthplaces dealt out within" in told
    assert "each origin of names, gives 4.0% (p = 0.005)" in told
    assert "question's end it is 31.0%" in told
    assert "is that of the nearest name in 2.0% (chance, dealt out among all names: 1.0%)." in told
    assert "right in 1 of 9 cases; the rule “by B” is right in 4." in told


def test_each_chance_is_named() -> None:
    guesses = replace(
        GUESSES, guesses=(Guess("A B", "Rome", None, ()), Guess("C D", "Oslo", None, ()))
    )
    places = ("Rome", "Rome", "Rome", "Bath")
    train = tuple(Question(f"Where was T{i} born?", place) for i, place in enumerate(places))
    corpus = Corpus(Path("nowhere"), (), train, (), ())
    lines = verdicts.nearest_words(guesses, corpus).splitlines()
    # Each guess meets each training person: 3 of 8 pairs agree.
    assert "all their names: 37.5% in closed form, 3.0% as drawn (p = 0.005)" in lines[1]
    assert "names of one origin only: 4.0% (p = 0.005)" in lines[2]
    assert "in 2.0%; by chance, dealt out among all names, in 1.0%" in lines[3]
    (row, *_) = GUESSES.rows
    bare = replace(guesses, rows=(replace(row, guess_within_origin=None, truth=None),))
    assert len(verdicts.nearest_words(bare, corpus).splitlines()) == 2


def test_the_use_of_the_origin_in_words() -> None:
    use = OriginUse(Share(2, 8), 0.125, 0.04, Share(4, 8))
    told = verdicts.origin_words(replace(GUESSES, origin_use=use))
    assert "in 25.0% of 8 cases, and in 12.5% if the same guesses are dealt out" in told
    assert told.endswith("(p = 0.04). The true birthplace lies there in 50.0%.")
    told = verdicts.origin_words(replace(GUESSES, origin_use=replace(use, truth=None)))
    assert told.endswith("(p = 0.04).")
    assert "not known" in verdicts.origin_words(GUESSES)


@pytest.mark.usefixtures("no_files")
def test_a_missing_file_is_named_in_its_place() -> None:
    told = rows(verdicts.beliefs_verdict(CONFIDENCE, bias(), GUESSES, REWORDED, PROBED))
    assert facts.COMMAND in told["4a"]
    assert "A linear probe reads 60.0%" in told["4a"]


def test_what_each_number_is_worth() -> None:
    lines = verdicts.ranking_table(CONFIDENCE).splitlines()
    assert lines[2] == (
        f"| {WHOLE} | 0.712 | 0.600 to 0.800 | 20.0% answered, 75.0% of them right |"
    )
    assert lines[3].startswith(f"| {LEAST} | - | 0.000 to 1.000 | 0.0% answered")


EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "speed": speed_explorer,
    "accuracy": accuracy_explorer,
    "parts": parts_explorer,
    "learning": learning_explorer,
}
LIVE = [Cell(name, 256, "forward", 2.0) for name in ("full", "bigbird", "linformer")]


@pytest.mark.usefixtures("files")
def test_the_verdict_tells_what_was_measured() -> None:
    table = verdict_table()
    head, rule, *body = table.splitlines()
    assert rule == "|---|---|---|---|"
    rows = [line.split(" | ") for line in (head, *body)]
    assert {len(row) for row in rows} == {4}
    told = {row[0].removeprefix("| "): row[1:] for row in rows}
    full, linformer = 1e-5 * 2048**2, 0.002 * 2048
    assert told["time, forward, n = 2,048"][:2] == [
        f"{full:.3g} ms",
        f"{linformer:.3g} ms ({full / linformer:.1f} times less)",
    ]
    assert told["faster than full, forward"][2].startswith("from about n = 1,600 on")
    recall = told["accuracy of recall-64, 10 steps"]
    assert recall[:2] == ["100.0% (100.0% to 100.0%)", "50.0% (48.0% to 52.0%)"]
    assert told["bits a masked character, characters, 20 steps"][0] == "1.000 (1.000 to 1.000)"
    assert "missing" not in table


@pytest.mark.usefixtures("no_files")
def test_a_missing_file_is_one_message_with_the_command() -> None:
    for name, make in EXPLORERS.items():
        explorer = make()
        command = speed.COMMAND if name == "speed" else comparison.COMMAND
        assert explorer.svg == "" and command in explorer.caption
    table = verdict_table()
    assert "| causal | yes | not with a" in table and " ms" not in table.partition("\n\n")[0]
    for told in (table, how_to_repeat()):
        assert speed.COMMAND in told and comparison.COMMAND in told
    live = live_picture(LIVE)
    assert speed.COMMAND in live.words and live.svg.count("our Linformer") == 1
