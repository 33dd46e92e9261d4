"""The reversal curse: who is told which way round, and that the counts are those of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from nlp4.data import corruption
from nlp4.data.corruption import name_of
from nlp4.data.vocabulary import MASK
from nlp4.experiments import reversal
from nlp4.experiments.reversal import (
    ASKED,
    FORWARD,
    GROUPS,
    LAYERS,
    QUESTIONS,
    REVERSED,
    ROWS,
    TEXTS,
    Settings,
    World,
    both_ways,
    put,
    world,
)
from nlp4.maths.statistics import Share
from nlp4.models.asking import greedy, probabilities_of
from nlp4.support.errors import UserError
from nlp4.training import presets

FEW = Settings(steps=5, group=6, asked=12, models=(ROWS,), seeds=(1,))


@pytest.fixture(scope="module")
def people() -> World:
    return world(FEW)


@pytest.fixture
def recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    made = tiny.recalling()
    made = replace(made, model=replace(made.model, block=200))
    monkeypatch.setitem(presets.PRESETS, "laptop", made)


def test_place_and_year_tell_everybody_apart(people: World) -> None:
    everybody = [person for group in people.groups.values() for person in group]
    assert [len(people.groups[group]) for group in GROUPS] == [12, 6, 6]
    assert len({(p.answer, p.born.year) for p in everybody}) == len(everybody) == 24
    assert {q.name for q in people.corpus.train} == {p.name for p in people.groups[ASKED]}
    assert {name_of(text) for text in people.corpus.biographies} == {p.name for p in everybody}


def test_nobody_told_the_name_first_is_drawn_the_other_way_round(people: World) -> None:
    """Every draw that is not a forward one names somebody told both ways, at the end."""
    forward = corruption.question_pair("forward?", "yes")
    draw, rng = both_ways(people, lambda rng: forward), np.random.default_rng(0)
    drawn = [draw(rng) for _ in range(6_000)]
    turned = [s for s in drawn if s is not forward]
    assert len(turned) / len(drawn) == pytest.approx(0.3, abs=0.02)
    asked, told = (
        {s.answer.removesuffix(MASK) for s in turned if ("?" in s.prompt) == question}
        for question in (True, False)
    )
    names = {group: {p.name for p in people.groups[group]} for group in GROUPS}
    assert asked == names[ASKED]
    assert told == names[ASKED] | names[REVERSED]
    assert not (asked | told) & names[FORWARD]
    assert all(s.about is None for s in turned)


def test_one_question_is_kept_back_and_every_text_is_told(people: World) -> None:
    forward = corruption.question_pair("forward?", "yes")
    draw, rng = both_ways(people, lambda rng: forward), np.random.default_rng(0)
    prompts = {draw(rng).prompt for _ in range(6_000)} - {forward.prompt}
    person = people.groups[ASKED][0]
    assert {put(form, person) + MASK in prompts for form in QUESTIONS[:-1]} == {True}
    assert put(QUESTIONS[-1], person) + MASK not in prompts
    for form in TEXTS:
        assert put(form, person, MASK) + MASK in prompts
        assert put(form, person, person.name).count(person.name) == 1


def test_the_counts_are_those_of_decoded_answers(
    people: World, recipes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that knows its questions by heart; what is greedy and what is ranked, by hand."""
    recipe = reversal.recipe_of(ROWS)
    vocabulary = recipe.vocabulary(people.corpus)
    model = recipe.new_model(vocabulary, 0, people.corpus)
    group = people.groups[FORWARD]
    row = reversal.asked(model, vocabulary, group)
    names = [person.name for person in group]
    questions = [put(QUESTIONS[0], person) for person in group]
    answers = greedy(model, vocabulary, questions)
    assert row["question"] == {"right": sum(map(str.__eq__, answers, names)), "n": 6}
    ranks = []
    for question, name in zip(questions, names, strict=True):
        sure = {
            other: probabilities_of(model, vocabulary, [question], [other])[0].probability
            for other in names
        }
        ranks.append(sum(p > sure[name] for p in sure.values()))
    assert row["first"] == {"right": ranks.count(0), "n": 6}
    assert row["rank"] == pytest.approx(sum(ranks) / 6 / 5, abs=1e-4)


def test_runs_are_kept_and_not_repeated(
    recipes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = reversal.run(tmp_path, FEW, say=lambda _: None)
    assert [(row["model"], row["seed"]) for row in rows] == [(ROWS, 1)]
    kept = json.loads((tmp_path / "reversal.json").read_text("utf-8"))
    assert kept["rows"] == rows and kept["group"] == 6
    assert kept["command"] == f"{reversal.COMMAND} --seeds 1 --steps 5"
    assert (tmp_path / "reversal.md").read_text("utf-8") == reversal.markdown(rows)
    monkeypatch.setattr(reversal, "train", lambda *_: pytest.fail("trained again"))
    assert reversal.run(tmp_path, FEW, say=lambda _: None) == rows
    with pytest.raises(UserError, match="asked 12, now 13"):
        reversal.run(tmp_path, replace(FEW, asked=13), say=lambda _: None)


def _row(model: str, seed: int, right: int) -> dict[str, object]:
    keys = ("forward", "text", "question", "other words", "first")
    counts: dict[str, object] = {key: {"right": right, "n": 10} for key in keys}
    return {"model": model, "seed": seed} | {group: counts | {"rank": 0.5} for group in GROUPS}


def test_seeds_are_taken_together(tmp_path: Path) -> None:
    rows = [_row(ROWS, 0, 2), _row(ROWS, 1, 4), _row(LAYERS, 0, 9)]
    found = reversal.directions_of(rows)
    assert [(d.model, d.group, d.seeds) for d in found] == [
        *((ROWS, group, 2) for group in GROUPS),
        *((LAYERS, group, 1) for group in GROUPS),
    ]
    assert found[0].question == found[2].forward == Share(6, 20)
    assert reversal.markdown(rows).count("\n") == 2 + 6
    stored = tmp_path / "reversal.json"
    stored.write_text(json.dumps({"rows": rows}), "utf-8")
    assert reversal.read_reversal(stored).directions == found
    stored.write_text("[]", "utf-8")
    with pytest.raises(UserError, match="experiment reversal --out DIR"):
        reversal.read_reversal(stored)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Settings(group=0), "group = 0: choose 1 or more"),
        (lambda: Settings(models=("none",)), "no model 'none': choose from rows, layers"),
        (lambda: Settings(seeds=(-1,)), "seed -1: choose 0 or more"),
    ],
)
def test_what_cannot_be_had_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()
