"""How much fits: bits against a code book, shapes against models, and rows against tables."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import torch

from nlp4.data import relations
from nlp4.data.corpus import Corpus
from nlp4.experiments import capacity
from nlp4.experiments.capacity import SHAPES, Known, Settings, Shape, bits_known, crowd, recipe_of
from nlp4.models.asking import ScoredAnswer
from nlp4.models.gpt import parameters_of
from nlp4.support.errors import UserError
from nlp4.training import presets
from nlp4.training.trainer import Trainer

FEW = Settings(steps=4, shapes=(Shape(20, 3, 16), Shape(20, 0, 16)), seeds=(0,))


@pytest.fixture(scope="module")
def people() -> Corpus:
    return crowd(60, seed=224)


@pytest.fixture
def recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    made = tiny.recalling()
    made = replace(made, model=replace(made.model, block=200))
    plain = replace(made, model=replace(made.model, recall=None))
    monkeypatch.setitem(presets.PRESETS, "laptop", made)
    monkeypatch.setitem(presets.ABLATIONS, "dense", plain)


def _sure(p: Callable[[str, str], float]) -> Callable[..., list[ScoredAnswer]]:
    def given(
        model: object, vocabulary: object, questions: list[str], answers: list[str]
    ) -> list[ScoredAnswer]:
        return [ScoredAnswer(a, p(q, a), p(q, a)) for q, a in zip(questions, answers, strict=True)]

    return given


def _told(people: Corpus) -> dict[str, float]:
    """By relation, the bits of a code book for the answers, of a dev person on average."""
    found = {}
    for relation, split in relations.facts(people).items():
        if relation in capacity.RELATIONS:
            times = Counter(fact.answer for fact in (*split.train, *split.dev))
            bits = (math.log2(times.total() / times[fact.answer]) for fact in split.dev)
            found[relation] = sum(bits) / len(people.dev)
    return found


def test_who_is_sure_knows_all_that_is_told(
    people: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "probabilities_of", _sure(lambda q, a: 1.0))
    found = bits_known(None, None, people)  # type: ignore[arg-type]
    told = _told(people)
    assert found.keys() == told.keys() == set(capacity.RELATIONS)
    for relation, (bits, there) in found.items():
        assert bits == pytest.approx(there) == pytest.approx(told[relation])


def test_who_knows_only_how_often_each_answer_occurs_knows_nothing(
    people: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [
        fact
        for relation, split in relations.facts(people).items()
        if relation in capacity.RELATIONS
        for fact in (*split.train, *split.dev)
    ]
    times = Counter((fact.relation, fact.answer) for fact in facts)
    total = Counter(fact.relation for fact in facts)
    asked = {fact.question: fact.relation for fact in facts}
    monkeypatch.setattr(
        capacity, "probabilities_of", _sure(lambda q, a: times[asked[q], a] / total[asked[q]])
    )
    for bits, there in bits_known(None, None, people).values():  # type: ignore[arg-type]
        assert bits == pytest.approx(0, abs=1e-9) and there > 1
    monkeypatch.setattr(
        capacity, "probabilities_of", _sure(lambda q, a: times[asked[q], a] / total[asked[q]] / 2)
    )
    for relation, (bits, _) in bits_known(None, None, people).items():  # type: ignore[arg-type]
        share = len(relations.facts(people)[relation].dev) / len(people.dev)
        assert bits == pytest.approx(-share)  # one bit too many for each fact


def test_a_probability_of_nought_is_no_error(
    people: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "probabilities_of", _sure(lambda q, a: 0.0))
    for bits, _ in bits_known(None, None, people).values():  # type: ignore[arg-type]
        assert -100 < bits < -50


def test_half_of_the_people_are_asked_about_and_all_are_told(people: Corpus) -> None:
    assert (len(people.train), len(people.dev), len(people.biographies)) == (30, 30, 300)
    assert all(people.answerable(question) for question in (*people.train, *people.dev))


@pytest.mark.parametrize("shape", [Shape(60, 5, 32), Shape(60, 0, 64)])
def test_a_model_has_the_shape(shape: Shape, people: Corpus) -> None:
    recipe = recipe_of(shape, 3, 7)
    model = recipe.new_model(recipe.vocabulary(people), 0, people)
    assert model.config.width == shape.width
    rows = 0 if model.recall is None else model.recall.people.weight.shape[1]
    assert rows == shape.row
    training = recipe.pretrain.training
    assert (training.steps, training.seed) == (7, 3)


def test_no_shape_stands_twice() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


def test_runs_are_kept_and_not_repeated(
    recipes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = capacity.run(tmp_path, FEW, say=lambda _: None)
    assert [(row["people"], row["row"]) for row in rows] == [(20, 3), (20, 0)]
    for row in rows:
        assert row["bits"] == pytest.approx(sum(row["known"].values()), abs=0.003)
        assert row["bits"] < row["in_texts"]
    first, second = (row["parameters"] for row in rows)
    assert first > second
    kept = json.loads((tmp_path / "capacity.json").read_text("utf-8"))
    assert kept["rows"] == rows
    assert kept["command"] == f"{capacity.COMMAND} --seeds 0 --steps 4"
    assert (tmp_path / "capacity.md").read_text("utf-8") == capacity.markdown(rows)
    monkeypatch.setattr(capacity, "train", lambda *_: pytest.fail("trained again"))
    assert capacity.run(tmp_path, FEW, say=lambda _: None) == rows
    with pytest.raises(UserError, match="steps 4, now 5"):
        capacity.run(tmp_path, replace(FEW, steps=5), say=lambda _: None)


def test_the_live_model_is_the_stored_one(recipes: None) -> None:
    """The same seed knows the same, and the parameters are those of the model that was made."""
    row = capacity.train(FEW.shapes[0], FEW, 1)
    found = capacity.live(FEW.shapes[0], seed=1, settings=FEW)
    assert (found.bits, found.told, found.seeds) == (row["bits"], row["in_texts"], 1)
    corpus = crowd(20, FEW.people_seed)
    recipe = recipe_of(FEW.shapes[0], 1, 4)
    assert found.parameters == parameters_of(recipe.new_model(recipe.vocabulary(corpus), 1, corpus))


def test_a_live_model_that_is_stopped_is_measured(
    recipes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(self: Trainer, label: str) -> object:
        self.step()
        return self.history

    monkeypatch.setattr(Trainer, "run", stopped)
    found = capacity.live(FEW.shapes[0], settings=FEW)
    assert found.shape == FEW.shapes[0] and found.bits < found.told
    with pytest.raises(KeyboardInterrupt):
        capacity.train(FEW.shapes[0], FEW, 0)


def test_seeds_are_taken_together(tmp_path: Path) -> None:
    row = {"people": 10, "row": 4, "width": 8, "in_texts": 20.0, "parameters": 1_000}
    rows = [row | {"seed": 0, "bits": 6.0}, row | {"seed": 1, "bits": 10.0}]
    rows.append(row | {"row": 0, "seed": 0, "bits": 1.0})
    both, alone = capacity.known_of(rows)
    assert both == Known(Shape(10, 4, 8), 2, 8.0, 6.0, 10.0, 20.0, 1_000)
    assert (both.per_row, both.per_parameter) == (2.0, 0.08)
    assert alone.shape.row == 0 and math.isnan(alone.per_row)
    stored = tmp_path / "capacity.json"
    stored.write_text(json.dumps({"rows": rows}), "utf-8")
    assert capacity.read_capacity(stored) == (both, alone)
    with pytest.raises(UserError, match="experiment capacity --out DIR"):
        capacity.read_capacity(tmp_path / "none.json")


def test_what_cannot_be_had_is_refused() -> None:
    with pytest.raises(UserError, match="steps = 0: choose 1 or more"):
        Settings(steps=0)
    with pytest.raises(UserError, match="seed -1: choose 0 or more"):
        Settings(seeds=(-1,))
    with pytest.raises(UserError, match="row = -1: choose 1 or more numbers, or 0"):
        Shape(125, -1)
    with pytest.raises(UserError, match="people = 0: choose 1 or more"):
        Shape(0, 16)
