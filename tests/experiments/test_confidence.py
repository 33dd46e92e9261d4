"""Tests of `nlp4.experiments.confidence`."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from samples import write_corpus
from sharp import QUESTIONS, SEEDS, VOCABULARY, sharp_model

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.people.background import Background
from nlp4.data.vocabulary import MASK
from nlp4.experiments import confidence
from nlp4.experiments.confidence import FREQUENCY, LEAST, WHOLE, Judged, Settings, experiment, looks
from nlp4.maths.statistics import Share
from nlp4.models import asking as decoding
from nlp4.models.asking import (
    ScoredAnswer,
    answers_with_probability,
    best_answers,
    greedy,
    probabilities_of,
)
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError
from nlp4.training import shipped


def one_by_one(model: GPT, question: str, answer: str) -> list[float]:
    """The probability of each character of an answer, as it is decoded: a model call for each."""
    text, found = question + MASK, []
    for character in answer + MASK:
        logits = model(torch.tensor([VOCABULARY.encode(text)]))[0, -1].tolist()
        total = math.fsum(math.exp(logit - max(logits)) for logit in logits)
        here = logits[VOCABULARY.encode(character)[0]]
        found.append(math.exp(here - max(logits)) / total)
        text += character
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("batch", [1, 3, 128])
def test_the_probability_is_the_product_over_the_characters(
    seed: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 7)
    model = sharp_model(seed)
    found = answers_with_probability(model, VOCABULARY, QUESTIONS, batch=batch)
    assert [sure.place for sure in found] == greedy(model, VOCABULARY, QUESTIONS)
    for question, sure in zip(QUESTIONS, found, strict=True):
        characters = one_by_one(model, question, sure.place)
        assert sure.probability == pytest.approx(math.prod(characters), rel=1e-9)
        assert sure.least == pytest.approx(min(characters), rel=1e-9)


def test_an_answer_may_fill_the_block() -> None:
    model = sharp_model(0, block=8)
    found = answers_with_probability(model, VOCABULARY, ["aaa?", "a?"])
    for question, sure in zip(["aaa?", "a?"], found, strict=True):
        characters = one_by_one(model, question, sure.place)
        assert sure.probability == pytest.approx(math.prod(characters), rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_answer_has_the_probability_that_a_search_names(seed: int) -> None:
    model = sharp_model(seed)
    found = best_answers(model, VOCABULARY, "ab?", number=5)
    scored = probabilities_of(
        model, VOCABULARY, ["ab?"] * len(found), [answer.place for answer in found]
    )
    expected = [answer.probability for answer in found]
    assert [sure.probability for sure in scored] == pytest.approx(expected, rel=1e-5)


def test_asking_leaves_the_model_as_it_was() -> None:
    config = ModelConfig(len(VOCABULARY), block=24, layers=1, heads=1, width=8, dropout=0.9)
    model = GPT(config, torch.Generator().manual_seed(0))
    calm = answers_with_probability(model.eval(), VOCABULARY, QUESTIONS)
    assert answers_with_probability(model.train(), VOCABULARY, QUESTIONS) == calm
    assert model.training
    assert all(p.grad is None for p in model.parameters())
    assert answers_with_probability(model, VOCABULARY, []) == []


def test_what_cannot_be_asked_is_refused() -> None:
    model = sharp_model(0, block=8)
    with pytest.raises(UserError, match="never seen the character 'x'"):
        answers_with_probability(model, VOCABULARY, ["x?"])
    with pytest.raises(UserError, match="never seen the character 'x'"):
        probabilities_of(model, VOCABULARY, ["a?"], ["x"])
    with pytest.raises(UserError, match="ask a shorter one"):
        answers_with_probability(model, VOCABULARY, ["a" * 7])
    with pytest.raises(UserError, match="does not fit the block"):
        probabilities_of(model, VOCABULARY, ["a?"], ["a" * 9])
    with pytest.raises(ValueError):
        probabilities_of(model, VOCABULARY, ["a?"], [])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(write_corpus(tmp_path_factory.mktemp("people")))


def told(monkeypatch: pytest.MonkeyPatch, answers: list[ScoredAnswer]) -> None:
    """Let the model give these answers."""
    monkeypatch.setattr(confidence, "answers_with_probability", lambda *_: answers)


MODEL = sharp_model(0)


def test_the_experiment_judges_what_the_model_says(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [question.place or "" for question in corpus.dev]
    assert len(places) == 6
    frequency = [sum(q.place == p for q in corpus.train) / len(corpus.train) for p in places]
    answers = [
        ScoredAnswer(place if i != 1 else "Nowhere", p, q)
        for i, (place, p, q) in enumerate(
            zip(
                places,
                (0.9, 0.3, 0.8, 0.2, 0.6, 0.7),
                (0.95, 0.96, 0.9, 0.5, 0.7, 0.8),
                strict=True,
            )
        )
    ]
    told(monkeypatch, answers)

    found = experiment(MODEL, VOCABULARY, corpus, Settings(accuracies=(0.9,)))

    assert found.right == Share(5, 6)
    assert [row.right for row in found.judged] == [True, False, True, True, True, True]
    assert found.judged[1].answer == "Nowhere"
    assert found.judged[1].place == places[1]
    whole, least, frequent = found.rankings
    assert [row.score for row in found.rankings] == [WHOLE, LEAST, FREQUENCY]
    assert whole.auroc is not None and least.auroc is not None and frequent.auroc is not None
    assert whole.auroc.value == pytest.approx(4 / 5)  # one right answer is less sure than it
    assert least.auroc.value == pytest.approx(0)
    # "Nowhere" is no training answer; a right place that is none either ties with it.
    unseen = sum(share == 0 for i, share in enumerate(frequency) if i != 1)
    assert frequent.auroc.value == pytest.approx((5 - unseen / 2) / 5)
    point = whole.reached[0.9]
    assert point is not None and (point.threshold, point.right) == (0.6, Share(4, 4))
    brier = [0.01, 0.09, 0.04, 0.64, 0.16, 0.09]
    assert found.calibrations[0].brier == pytest.approx(np.mean(brier))
    assert found.calibrations[0].mean == pytest.approx(3.5 / 6)


@pytest.mark.parametrize("place", ["Nowhere", None])
def test_all_wrong_and_all_right_can_be_told(
    place: str | None, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, [ScoredAnswer(place or q.place or "", 0.5, 0.6) for q in corpus.dev])
    found = experiment(MODEL, VOCABULARY, corpus)
    assert found.right.right == (0 if place else 6)
    assert all(row.auroc is None for row in found.rankings)
    assert confidence.markdown(found)
    assert json.loads(json.dumps(confidence.as_json(found)))["right"]["n"] == 6


def test_the_tables_and_the_json_hold_every_row(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, [ScoredAnswer("London", i / 6, i / 5.5) for i in range(6)])
    found = experiment(MODEL, VOCABULARY, corpus)
    tables = confidence.markdown(found).split("\n\n")
    rows = [block.splitlines() for block in tables if block.startswith("|")]
    assert [len(table) for table in rows] == [2 + len(found.reliability["width"]), 2 + 3, 2 + 3]
    for table in rows:
        assert len({line.count("|") for line in table}) == 1
    content = json.loads(json.dumps(confidence.as_json(found)))
    assert "judged" not in content
    assert content["rankings"][0]["score"] == WHOLE


def test_settings_and_corpora_that_allow_no_experiment(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ({"bins": 0}, {"draws": 0}, {"splits": 0}, {"accuracies": (1.2,)}):
        with pytest.raises(UserError, match="choose"):
            Settings(**wrong)
    with pytest.raises(UserError, match="no dev questions, where 2 or more"):
        experiment(MODEL, VOCABULARY, replace(corpus, dev=()))
    with pytest.raises(UserError, match="1 dev questions, where 2 or more"):
        experiment(MODEL, VOCABULARY, replace(corpus, dev=corpus.dev[:1]))
    told(monkeypatch, [ScoredAnswer("London", 0.5, 0.5)] * 2)
    assert experiment(MODEL, VOCABULARY, replace(corpus, dev=corpus.dev[:2])).right.n == 2


def test_the_model_that_comes_along_is_surer_where_it_is_right() -> None:
    everyone = load_corpus()
    part = replace(everyone, dev=everyone.dev[:120], folder=Path("part"))
    found = experiment(*shipped.load("people"), part)
    ranking = found.rankings[0]
    assert ranking.auroc is not None
    assert ranking.auroc.interval[0] > 0.5
    assert ranking.area > found.right.value


def test_looks_by_hand() -> None:
    places = {"Bath": "Here", "York": "Here", "Oslo": "There"}
    names = [f"T{i} Q" for i in range(4)]
    corpus = Corpus(
        Path("nowhere"),
        (),
        tuple(
            Question(f"Where was {name} born?", place)
            for name, place in zip(names, ("Bath", "York", "Oslo", "Oslo"), strict=True)
        ),
        (),
        (),
    )
    origin = dict(zip(names, ("xx", "xx", "xx", "yy"), strict=True))
    background = Background(origin | {"Ada": "xx", "Bo": "yy", "Cy": "zz"}, places, {}, 0.0)
    asked = [("Ada", "York"), ("Ada", "Oslo"), ("Ada", "Bo"), ("Bo", "Oslo"), ("Cy", "Bath")]
    judged = [Judged(name, answer, None, False, 0.5, 0.5) for name, answer in asked]
    found = looks(judged, corpus, background)
    assert found.tolist() == [1, 0.5, 0, 1, 0.5]
