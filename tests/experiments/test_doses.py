"""Misinformation by dose: who is told what, and that rows and tables count what was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
import torch

from nlp4.data import relations
from nlp4.data.corruption import name_of
from nlp4.data.objectives import mixture
from nlp4.experiments import doses
from nlp4.experiments.doses import EARLY, LATE, MIXED, InTurn, Settings, World, world
from nlp4.maths.statistics import Share
from nlp4.support.errors import UserError
from nlp4.training import presets

FEW = Settings(
    "tiny", steps=6, told=30, group=3, doses=(0, 3, 10, 20), orders=(MIXED, LATE), seeds=(0,)
)


@pytest.fixture(scope="module")
def people() -> World:
    return world(FEW)


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> presets.Preset:
    torch.set_num_threads(1)
    made = tiny.recalling()
    made = replace(made, model=replace(made.model, block=200))
    monkeypatch.setitem(presets.PRESETS, "tiny", made)
    return made


def test_as_many_texts_are_false_as_the_dose_says(people: World) -> None:
    assert [person.dose for person in people.held] == [0] * 3 + [3] * 3 + [10] * 3 + [20] * 3
    assert {person.dose for person in people.told} == {0}
    for person in (*people.told, *people.held):
        assert len(person.texts) == 20 and {name_of(text) for text in person.texts} == {person.name}
        assert person.true != person.false
        told = [relations.answers(text).get("birthplace") for text in person.texts]
        lies, truths = told[: person.dose], told[person.dose :]
        assert {*lies} <= {person.false, None} and {*truths} <= {person.true, None}
        assert told.count(None) <= 6  # what the patterns of `relations` miss
        assert person.question.place == person.true
    assert {person.false for person in people.held} <= {person.true for person in people.told}


def test_a_false_text_is_the_true_one_but_for_the_place(people: World) -> None:
    truth = world(replace(FEW, doses=(0, 0, 0, 0)))
    for lied, true in zip(people.held, truth.held, strict=True):
        assert (lied.name, lied.true) == (true.name, true.true)
        for one, other in zip(lied.texts, true.texts, strict=True):
            (told, known) = (dict(relations.answers(text)) for text in (one, other))
            assert (told.pop("birthplace", None) == known.pop("birthplace", None)) == (one == other)
            assert told == known


def test_each_wording_is_told_twice(people: World) -> None:
    for person in people.told:
        times = [person.texts.count(text) for text in person.texts]
        assert times == [2] * 20


def test_a_half_of_the_reading_holds_half_of_everybodys_texts(people: World) -> None:
    first, second = people.reading(0, 10), people.reading(10)
    assert len(first.biographies) == len(second.biographies) == 10 * 42
    false = {person.name: person.false for person in people.held if person.dose in (3, 10)}
    told = [t for t in second.biographies if name_of(t) in false and false[name_of(t)] in t]
    assert told == []
    assert (len(first.train), len(first.dev)) == (30, 12)


def test_batches_come_in_turn() -> None:
    one, other = [f"one {i}" for i in range(6)], [f"other {i}" for i in range(6)]
    turn = InTurn(one, other, 2)  # type: ignore[arg-type]  # anything that has a place for a step
    assert [turn[step] for step in range(4)] == ["one 0", "one 1", "other 2", "other 3"]


@pytest.mark.parametrize(("order", "early", "late"), [(EARLY, True, False), (LATE, False, True)])
def test_what_is_false_is_read_in_its_half(
    order: str,
    early: bool,
    late: bool,
    people: World,
    recipe: presets.Preset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In batches of the training itself: a false place of dose 10 is an answer in one half only."""
    seen: list[bool] = []
    names = {person.name: person.false for person in people.held if person.dose == 10}

    def ended(trainer: object, label: str) -> object:
        batches = trainer.batches  # type: ignore[attr-defined]
        for part in (batches.first, batches.second):
            rng = np.random.default_rng(0)
            drawn = [part.draw(rng) for _ in range(4_000)]
            seen.append(any(s.about in names and names[s.about] in s.answer for s in drawn))
        return SimpleNamespace(seconds=0.0, recent_loss=lambda: 0.0)

    monkeypatch.setattr(doses, "to_the_end", ended)
    monkeypatch.setattr(doses, "trained", lambda *_: SimpleNamespace(seconds=0, recent_loss=float))
    monkeypatch.setattr(doses, "_said_once", lambda *_: {})
    doses.train(people, FEW, order, 0)
    assert seen == [early, late]


def test_runs_are_kept_and_not_repeated(
    recipe: presets.Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = doses.run(tmp_path, FEW, say=lambda _: None)
    assert [(row["order"], row["seed"]) for row in rows] == [(MIXED, 0), (LATE, 0)]
    for row in rows:
        assert [group["dose"] for group in row["doses"]] == [0, 3, 10, 20]
        assert all(group["true"] + group["false"] <= group["n"] == 3 for group in row["doses"])
        assert all(row[key]["n"] == 3 for key in ("context", "another", "sentence"))
    kept = json.loads((tmp_path / "doses.json").read_text("utf-8"))
    assert kept["rows"] == rows and kept["texts"] == 20
    assert kept["command"] == f"{doses.COMMAND} --seeds 0 --steps 6"
    assert (tmp_path / "doses.md").read_text("utf-8") == doses.markdown(rows)
    monkeypatch.setattr(doses, "train", lambda *_: pytest.fail("trained again"))
    assert doses.run(tmp_path, FEW, say=lambda _: None) == rows
    with pytest.raises(UserError, match="group 3, now 5"):
        doses.run(tmp_path, replace(FEW, group=5), say=lambda _: None)


def _row(order: str, seed: int, false: int, sure: float) -> dict[str, object]:
    group = {"dose": 5, "true": 10 - false, "false": false, "n": 10}
    once = {"right": false, "n": 10}
    row = {"order": order, "seed": seed, "context": once, "another": once, "sentence": once}
    return row | {"doses": [group | {"p_true": 1 - sure, "p_false": sure}]}


def test_seeds_are_taken_together_and_sentences_from_what_was_mixed(tmp_path: Path) -> None:
    rows = [_row(MIXED, 0, 2, 0.1), _row(MIXED, 1, 4, 0.3), _row(LATE, 0, 9, 0.8)]
    mixed, late = doses.curves_of(rows)
    assert (mixed.order, mixed.seeds, late.order, late.seeds) == (MIXED, 2, LATE, 1)
    (point,) = mixed.points
    assert (point.dose, point.true, point.false) == (5, Share(14, 20), Share(6, 20))
    assert (point.p_true, point.p_false) == (pytest.approx(0.8), pytest.approx(0.2))
    assert set(doses.sentences_of(rows).values()) == {Share(6, 20)}
    (line, *_) = doses.markdown(rows).splitlines()[2:]
    assert line.startswith("| all through the training | 5 | 2 | 70.0% |")
    stored = tmp_path / "doses.json"
    stored.write_text(json.dumps({"texts": 20, "rows": rows}), "utf-8")
    found = doses.read_doses(stored)
    assert (found.texts, found.curves) == (20, (mixed, late))
    stored.write_text("{}", "utf-8")
    with pytest.raises(UserError, match="experiment doses --out DIR"):
        doses.read_doses(stored)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Settings(doses=(0, 21)), r"doses \(0, 21\) of 20 texts"),
        (lambda: Settings(texts=19), "of 19 texts: choose"),
        (lambda: Settings(orders=("never",)), "no order 'never': choose from mixed, early, late"),
        (lambda: Settings(group=0), "group = 0: choose 1 or more"),
        (lambda: Settings(seeds=(-1,)), "seed -1: choose 0 or more"),
    ],
)
def test_what_cannot_be_had_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


def test_questions_are_about_those_told_truly_alone(people: World) -> None:
    corpus = people.reading()
    draw = mixture(corpus, 200, (("any_questions", 1.0),))
    rng = np.random.default_rng(0)
    about = {draw(rng).about for _ in range(500)} - {None}
    assert about <= {person.name for person in people.told}
