"""Abstaining: counts, thresholds and prices by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from samples import random_gpt

from nlp4.data.corpus import UNKNOWN, Corpus, Question
from nlp4.data.relations import PLAIN, RELATIONS, Fact
from nlp4.data.vocabulary import Vocabulary
from nlp4.data.wordings import split
from nlp4.experiments import knowledge, unknown
from nlp4.experiments.unknown import (
    OTHER,
    At,
    Settings,
    Silence,
    Told,
    Unknown,
    as_json,
    experiment,
    markdown,
)
from nlp4.maths.statistics import Share
from nlp4.models.asking import Answer, ScoredAnswer
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError


def known(right: str, said: str, probability: float, otherwise: str = "") -> Told:
    return Told("birthplace", "known", right, said, probability, otherwise)


KNOWN = (
    known("Hull", "Hull", 0.9),
    known("Bath", "Bath", 0.6),
    known("Oslo", "Rome", 0.7),
    known("York", UNKNOWN, 0.8, "York"),
    known("Bonn", UNKNOWN, 0.9, "Rome"),
)
SILENT = (
    Told("field", "not told", UNKNOWN, UNKNOWN, 0.9),
    Told("field", "not told", UNKNOWN, "law", 0.65),
    Told(OTHER, "not told", UNKNOWN, "blue", 0.2),
    Told("field", "made up", UNKNOWN, "law", 0.5),
    Told("field", "made up", UNKNOWN, "law", 0.4),
)


def training(*probabilities: float, unknown: int = 0) -> tuple[Told, ...]:
    answered = [Told("field", "made up in training", UNKNOWN, "law", p) for p in probabilities]
    silent = [Told("field", "made up in training", UNKNOWN, UNKNOWN, 1.0)] * unknown
    return (*answered, *silent)


def found(*told: Told, abstains: float = 0.75) -> Unknown:
    return Unknown(told, ("birthplace", "field"), (0.0, 0.65), abstains)


ALL = found(*KNOWN, *SILENT, *training(0.6, 0.5, 0.3, 0.2))


def test_the_model_s_own_word_is_counted_with_its_price() -> None:
    none = Share(0, 0)
    assert ALL.silence("birthplace") == Silence("birthplace", Share(2, 5), Share(1, 5), none, none)
    assert ALL.silence("field") == Silence("field", none, none, Share(1, 2), Share(0, 2))
    assert ALL.silence(OTHER).untold == Share(0, 1)
    assert ALL.silence() == Silence("all", Share(2, 5), Share(1, 5), Share(1, 3), Share(0, 2))


def test_a_threshold_withholds_answers_right_and_wrong() -> None:
    assert ALL.at(0.0) == At(0.0, Share(3, 5), Share(1, 3), Share(1, 5), Share(1, 3), Share(0, 2))
    # From 0.65 on Bath is withheld; York was lost before; "law" at 0.65 is still answered.
    assert ALL.at(0.65) == At(0.65, Share(2, 5), Share(1, 2), Share(2, 5), Share(2, 3), Share(2, 2))
    assert ALL.at(0.65, "field").untold == Share(1, 2)
    assert ALL.at(0.65, "field").coverage == Share(0, 0)
    assert ALL.at(0.95).coverage == Share(0, 5)
    assert ALL.at(0.95).lost == Share(3, 5)  # Bonn's best other answer is wrong: no loss


@pytest.mark.parametrize(
    ("made", "abstains", "passing"),
    [
        (training(0.6, 0.5, 0.3, 0.2), 0.75, 1),  # a quarter of four may pass
        (training(0.6, 0.5, 0.3, 0.2), 0.95, 0),
        (training(0.6, 0.5, 0.3, 0.2), 0.5, 2),
        (training(0.6, 0.5, unknown=2), 0.75, 1),
        (training(0.5, 0.5, 0.5, unknown=1), 0.5, 0),  # equals are answered together or not
        (training(1.0, 1.0), 0.95, 0),
        (training(*[i / 100 for i in range(1, 41)]), 0.95, 2),
        (training(*[i / 100 for i in range(1, 31)]), 0.9, 3),  # (1 - 0.9) * 30 is less than 3
    ],
)
def test_the_threshold_is_the_lowest_that_lets_few_pass(
    made: tuple[Told, ...], abstains: float, passing: int
) -> None:
    here = found(*made, abstains=abstains)
    sure = [each.probability for each in made if each.said != UNKNOWN]
    assert sum(p >= here.chosen for p in sure) == passing
    lower = max(p for p in sure if p < here.chosen)  # the next one that would pass
    assert sum(p >= lower for p in sure) > (1 - abstains) * len(made)


def test_no_threshold_is_needed_where_the_model_is_silent_itself() -> None:
    assert found(*training(0.9, unknown=19), abstains=0.95).chosen == 0.0
    assert found().chosen == 0.0


def test_known_people_have_no_say_in_the_threshold() -> None:
    others = [replace(each, probability=0.99) for each in (*KNOWN, *SILENT)]
    assert found(*others, *training(0.6, 0.5, 0.3, 0.2)).chosen == ALL.chosen


def test_the_area_is_that_of_answers_in_the_order_of_probability() -> None:
    # Surest first: Hull right, Oslo wrong, Bath right, then two that say nothing.
    value, best = ALL.areas
    assert value == pytest.approx((1 + 1 / 2 + 2 / 3 + 2 / 4 + 2 / 5) / 5)
    assert best == pytest.approx((1 + 1 + 2 / 3 + 2 / 4 + 2 / 5) / 5)
    assert found(*SILENT).areas == (0.0, 0.0)


# The experiment

TRAIN = ("Ada Quill", "Bo Marsh", "Cleo Otter", "Dora Finch")
DEV = ("Emil Sand", "Fay Rook", "Gus Pike")
CORPUS = Corpus(
    Path("nowhere"),
    tuple(f"{name}. {name} was born in Hull ." for name in (*TRAIN, *DEV)),
    tuple(Question(f"Where was {name} born?", "Hull") for name in TRAIN),
    tuple(Question(f"Where was {name} born?", "Hull") for name in DEV),
    (),
)
VOCABULARY = Vocabulary.of(["".join(map(chr, range(32, 127)))])
MODEL = random_gpt(ModelConfig(len(VOCABULARY), block=96, layers=1, heads=2, width=8))
FEW = Settings(("birthplace", "field"), invented=5)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The model knows the birthplace of everyone but Gus Pike, and nothing else."""
    texts: list[str] = []

    def answer(
        model: GPT, vocabulary: Vocabulary, questions: Sequence[str], *, on_batch: object
    ) -> list[ScoredAnswer]:
        texts.extend(questions)
        knows = {PLAIN["birthplace"].replace("X", name) for name in (*TRAIN, *DEV[:2])}
        return [ScoredAnswer("Hull" if q in knows else UNKNOWN, 0.9, 0.9) for q in questions]

    told = {r: SimpleNamespace(dev=[]) for r in RELATIONS}
    told["birthplace"] = SimpleNamespace(dev=[Fact(n, "birthplace", "Hull") for n in DEV])
    untold = {r: SimpleNamespace(dev=[] if r == "birthplace" else DEV) for r in RELATIONS}
    monkeypatch.setattr(knowledge, "facts", lambda corpus: told)
    monkeypatch.setattr(knowledge, "silent", lambda corpus: untold)
    monkeypatch.setattr(unknown, "answers_with_probability", answer)
    best = [Answer(UNKNOWN, 0.9), Answer("Hull", 0.05)]
    monkeypatch.setattr(unknown, "best_answers", lambda *_, **__: best)
    return texts


def test_who_is_asked_and_what_is_found(asked: list[str]) -> None:
    done = experiment(MODEL, VOCABULARY, CORPUS, FEW)
    assert done.silence("birthplace") == Silence(
        "birthplace", Share(1, 3), Share(1, 3), Share(0, 0), Share(5, 5)
    )
    assert done.silence("field") == Silence(
        "field", Share(0, 0), Share(0, 0), Share(3, 3), Share(5, 5)
    )
    assert done.silence(OTHER).untold == Share(3, 3)
    unseen = split(OTHER, 0).unseen
    assert asked[-3:] and all(
        any(text == form.replace("X", name) for form in unseen)
        for text, name in zip(asked[-3:], DEV, strict=True)
    )


def test_names_are_made_of_parts_of_people_on_one_side(asked: list[str]) -> None:
    done = experiment(MODEL, VOCABULARY, CORPUS, FEW)
    assert len(done.told) == len(asked)
    for who, people in (("made up", DEV), ("made up in training", TRAIN)):
        texts = [q for q, each in zip(asked, done.told, strict=True) if each.who == who]
        names = {q.removeprefix("Where was ").removesuffix(" born?") for q in texts if "born" in q}
        assert len(texts) == 2 * FEW.invented and len(names) == FEW.invented
        assert not names & {*TRAIN, *DEV}
        firsts, lasts = ({name.split()[i] for name in people} for i in (0, 1))
        assert {name.split()[0] for name in names} <= firsts
        assert {name.split()[1] for name in names} <= lasts


def test_tables_and_json_agree(asked: list[str]) -> None:
    tables = [each for each in markdown(ALL).split("\n\n") if each.startswith("|")]
    assert [len(each.strip().splitlines()) - 2 for each in tables] == [4, 3 + 2]
    assert (
        "| birthplace | 2/5 (40.0%) | 11.8% to 76.9% | 1/5 (20.0%) | - | - | - | - |" in tables[0]
    )
    assert "| 0.5 (chosen) | 3/5 (60.0%) | 1/3 (33.3%) | 1/5 (20.0%) |" in tables[1]
    assert "| 0.5, birthplace | 3/5 (60.0%) | 1/3 (33.3%) | 1/5 (20.0%) |" in tables[1]
    assert "| 0.5, field | - | - | - | - | 1/2 (50.0%) |" in tables[1]
    content = json.loads(json.dumps(as_json(ALL)))
    assert content["chosen"] == pytest.approx(0.5)
    assert [row["relation"] for row in content["silence"]] == ["birthplace", "field", OTHER, "all"]
    assert [row["threshold"] for row in content["thresholds"]] == [0.0, ALL.chosen, 0.65]


def test_mistakes() -> None:
    for wrong, told in (
        ({"relations": ("hobby",)}, "no relation 'hobby'"),
        ({"invented": 0}, "invented = 0: choose 1 or more"),
        ({"abstains": 1.0}, "abstains = 1.0: choose more than 0, and less than 1"),
        ({"seed": -1}, "seed -1"),
    ):
        with pytest.raises(UserError, match=told):
            Settings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="names could be invented"):
        experiment(MODEL, VOCABULARY, CORPUS)
    with pytest.raises(UserError, match="no dev questions"):
        experiment(MODEL, VOCABULARY, replace(CORPUS, dev=()))
