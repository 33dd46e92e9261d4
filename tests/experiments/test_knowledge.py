"""What is known in any words: counts by hand, of made-up answers about four people."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from samples import random_gpt

from nlp4.data.corpus import UNKNOWN, Corpus, Question, load_corpus
from nlp4.data.relations import PLAIN, RELATIONS, Fact, Split
from nlp4.data.vocabulary import Vocabulary
from nlp4.data.wordings import HANDS, split
from nlp4.experiments import knowledge
from nlp4.experiments.knowledge import (
    Relation,
    Settings,
    Subject,
    answers_to,
    as_json,
    markdown,
    relations,
    subjects,
    wordings,
)
from nlp4.maths.statistics import Paired, Share
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError

BORN = {"Ada Quill": "Hull", "Bo Marsh": "Bath", "Cleo Otter": "Oslo", "Dora Finch": "York"}
TOLD = {
    "birthplace": BORN,
    "birth_year": {"Ada Quill": "1901", "Bo Marsh": "1902"},
    "death_place": {"Ada Quill": "Hull", "Bo Marsh": "Rome"},
}
SILENT = {"birth_year": ["Cleo Otter", "Dora Finch"], "death_place": ["Cleo Otter"]}
ASKED = tuple(TOLD)
CORPUS = Corpus(
    Path("nowhere"),
    (
        "Ada Quill. Ada Quill of Hull lived from 1901 .",
        "Bo Marsh. Bo Marsh of Bath lived from 1902 and died in Rome .",
        "Cleo Otter. Cleo Otter is a painter .",
        "Dora Finch. Dora Finch came from York .",
    ),
    (),
    tuple(Question(f"Where was {name} born?", place) for name, place in BORN.items()),
    (),
)
VOCABULARY = Vocabulary.of(["".join(map(chr, range(32, 127)))])
MODEL = random_gpt(ModelConfig(len(VOCABULARY), block=96, layers=1, heads=2, width=8))
Knows = Callable[[str], str]


@pytest.fixture(autouse=True)
def facts_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the texts tell is said here, not found by patterns."""
    told = {
        r: Split((), tuple(Fact(n, r, a) for n, a in TOLD.get(r, {}).items()), (), ())
        for r in RELATIONS
    }
    untold = {r: SimpleNamespace(dev=SILENT.get(r, [])) for r in RELATIONS}
    monkeypatch.setattr(knowledge, "facts", lambda corpus: told)
    monkeypatch.setattr(knowledge, "silent", lambda corpus: untold)


def let(monkeypatch: pytest.MonkeyPatch, knows: Knows) -> list[str]:
    """Let the model answer so; returns what it is asked."""
    asked: list[str] = []

    def answer(
        model: GPT, vocabulary: Vocabulary, questions: Sequence[str], *, on_batch: object
    ) -> list[str]:
        asked.extend(questions)
        return [knows(question) for question in questions]

    monkeypatch.setattr(knowledge, "greedy", answer)
    return asked


def name_in(question: str) -> str:
    return next((name for name in BORN if name in question), "")


def born(question: str) -> str:
    """Knows where people were born, whatever the question."""
    return BORN.get(name_in(question), UNKNOWN)


def by_relation(found: knowledge.Relations) -> dict[str, Relation]:
    return {row.relation: row for row in found.rows}


def test_the_people_of_a_relation_are_those_told_of_and_the_others() -> None:
    found = subjects(CORPUS)
    assert tuple(found) == RELATIONS
    assert found["birth_year"] == [
        Subject("Ada Quill", "1901", "Hull"),
        Subject("Bo Marsh", "1902", "Bath"),
        Subject("Cleo Otter", UNKNOWN, "Oslo"),
        Subject("Dora Finch", UNKNOWN, "York"),
    ]
    assert [person.told for person in found["birth_year"]] == [True, True, False, False]


def test_who_knows_birthplaces_alone_answers_them_to_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let(monkeypatch, born)
    found = relations(MODEL, VOCABULARY, CORPUS, Settings(ASKED))
    rows = by_relation(found)
    assert rows["birthplace"] == Relation(
        "birthplace", Share(4, 4), Share(3, 4), Share(0, 4), Share(0, 0), Share(0, 0), 0
    )
    assert rows["birthplace"].of_ceiling == pytest.approx(4 / 3)  # Oslo stands in no text
    year = Relation(
        "birth_year", Share(0, 2), Share(2, 2), Share(0, 2), Share(0, 2), Share(4, 4), 0
    )
    assert rows["birth_year"] == year
    # Ada died where she was born: right, and no confusion.
    death = Relation(
        "death_place", Share(1, 2), Share(2, 2), Share(0, 2), Share(0, 1), Share(2, 2), 0
    )
    assert rows["death_place"] == death
    assert found.birthplace == Share(6, 6)


def test_who_is_silent_is_right_where_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    let(monkeypatch, lambda question: UNKNOWN if "Cleo" in question else "1901")
    row = by_relation(relations(MODEL, VOCABULARY, CORPUS, Settings(ASKED)))["birth_year"]
    assert (row.right, row.unknown, row.untold) == (Share(1, 2), Share(0, 2), Share(1, 2))
    let(monkeypatch, lambda question: UNKNOWN)
    row = by_relation(relations(MODEL, VOCABULARY, CORPUS, Settings(ASKED)))["birth_year"]
    assert (row.right, row.unknown, row.untold) == (Share(0, 2), Share(2, 2), Share(2, 2))


def test_whoever_cannot_be_asked_about_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = let(monkeypatch, born)
    few = Vocabulary.of([*CORPUS.biographies, *(q.text for q in CORPUS.dev if "Bo" not in q.text)])
    without_b = Vocabulary(tuple(c for c in few.characters if c != "B"))
    row = by_relation(relations(MODEL, without_b, CORPUS, Settings(("birthplace",))))["birthplace"]
    assert (row.right, row.left_out) == (Share(3, 3), 1)
    assert not any("Bo" in question for question in asked)


def test_an_unknown_birthplace_is_no_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    let(monkeypatch, born)
    unsure = replace(CORPUS, dev=(replace(CORPUS.dev[0], place=None), *CORPUS.dev[1:]))
    found = relations(MODEL, VOCABULARY, unsure, Settings(("birth_year",)))
    assert found.birthplace == Share(3, 3)


def test_each_question_is_asked_once_and_none_stays_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = let(monkeypatch, str.upper)
    found = answers_to(MODEL, VOCABULARY, ["a?", None, "b?", "a?", "é?", "x" * 95])
    assert found == ["A?", None, "B?", "A?", None, None]
    assert asked == ["a?", "b?"]


# Wordings

SETTINGS = Settings(ASKED, seed=3)
UNSEEN = split("birth_year", 3).unseen


def knows_plainly(question: str) -> str:
    """Knows both years in the plain wording; in another one Bo's; and of hands, lower case."""
    years = {"Ada Quill": "1901", "Bo Marsh": "1902"}
    plain = {PLAIN["birth_year"].replace("X", name): year for name, year in years.items()}
    plain |= {text.lower(): year for text, year in plain.items()}
    plain[UNSEEN[2].replace("X", "Bo Marsh")] = "1902"
    return plain.get(question, born(question))


def test_ways_are_counted_beside_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    let(monkeypatch, knows_plainly)
    found = wordings(MODEL, VOCABULARY, CORPUS, SETTINGS)
    (plain,) = found.of("birth_year", "plain")
    assert (plain.asked, plain.share, plain.of_plain) == (PLAIN["birth_year"], Share(2, 2), 1.0)
    unseen = found.of("birth_year", "unseen")
    assert tuple(way.asked for way in unseen) == UNSEEN
    assert [way.right for way in unseen] == [0, 0, 1, 0, 0, 0]
    assert [way.birthplace for way in unseen] == [Share(2 - (i == 2), 2) for i in range(6)]
    assert unseen[2].of_plain == 0.5
    assert unseen[2].against_plain.p_value == Paired(0, 1).p_value
    hands = {way.asked: way for way in found.of("birth_year", "hand")}
    assert list(hands) == list(HANDS)
    assert (hands["lower case"].right, hands["UPPER CASE"].right) == (2, 0)
    assert hands["two letters swapped"].birthplace == Share(0, 2)  # nobody of that name


def test_only_people_told_of_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = let(monkeypatch, born)
    wordings(MODEL, VOCABULARY, CORPUS, Settings(("birth_year",)))
    assert len(asked) == 2 * (1 + 6 + len(HANDS))
    assert not any("Otter" in question for question in asked)


def test_a_way_is_compared_with_the_plain_one_on_the_same_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let(monkeypatch, knows_plainly)
    monkeypatch.setitem(HANDS, "lower case", lambda w, name, rng: None if "Bo" in name else "y?")
    found = wordings(MODEL, VOCABULARY, CORPUS, SETTINGS)
    way = next(each for each in found.of("birth_year", "hand") if each.asked == "lower case")
    assert (way.right, way.plain, way.both, way.n, way.left_out) == (0, 1, 0, 1, 1)


def test_whoever_cannot_be_asked_plainly_is_not_counted_in_any_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let(monkeypatch, born)
    no_mark = Vocabulary(tuple(c for c in VOCABULARY.characters if c != "?"))
    found = wordings(MODEL, no_mark, CORPUS, replace(SETTINGS, relations=("birthplace",)))
    way = next(each for each in found.rows if each.asked == "no question mark")
    assert (way.n, way.left_out) == (0, 4)


def test_hands_spoil_alike_with_one_seed_and_otherwise_with_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    for seed in (3, 3, 4):
        asked.append(let(monkeypatch, born))
        wordings(MODEL, VOCABULARY, CORPUS, replace(SETTINGS, unseen=0, seed=seed))
    assert asked[0] == asked[1] != asked[2]


# Tables


def test_tables_and_json_hold_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    let(monkeypatch, knows_plainly)
    first = relations(MODEL, VOCABULARY, CORPUS, SETTINGS)
    second = wordings(MODEL, VOCABULARY, CORPUS, SETTINGS)
    for found, sizes in ((first, [3]), (second, [3, 3 * (1 + 6 + len(HANDS))])):
        tables = [each for each in markdown(found).split("\n\n") if each.startswith("|")]
        assert [len(each.strip().splitlines()) - 2 for each in tables] == sizes
        assert len(json.loads(json.dumps(as_json(found)))["rows"]) == sizes[-1]
    assert "where that is not right too: 4/6 (66.7%" in markdown(first)
    summary = markdown(second).splitlines()[3]
    assert summary.startswith("| birth_year | 2/2 | 8.3% | 0.0% | 100.0% | 0.0% |")


def test_nothing_is_divided_by_a_plain_wording_that_is_never_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let(
        monkeypatch,
        lambda question: "1901" if UNSEEN[0].replace("X", "Ada Quill") == question else "",
    )
    found = wordings(MODEL, VOCABULARY, CORPUS, replace(SETTINGS, relations=("birth_year",)))
    way = found.of("birth_year", "unseen")[0]
    assert (way.right, way.plain, way.of_plain) == (1, 0, 0.0)
    shown = markdown(found)
    assert (
        f"| birth_year | {UNSEEN[0]} (unseen) | 1/2 | 50.0% | 9.5% to 90.5% | - | - | - |" in shown
    )
    assert f"| birth_year | 0/2 | - | - |{' - |' * len(HANDS)}" in shown


# Mistakes, and the people that come along


def test_mistakes() -> None:
    with pytest.raises(UserError, match="no relation 'hobby': choose from birthplace"):
        Settings(("hobby",))
    with pytest.raises(UserError, match="no relation 'other'"):
        Settings(("other",))
    with pytest.raises(UserError, match="cannot be kept back"):
        Settings(unseen=1_000)
    with pytest.raises(UserError, match="seed -1"):
        Settings(seed=-1)
    with pytest.raises(UserError, match="no dev questions, where 1 or more"):
        subjects(replace(CORPUS, dev=()))


def test_nobody_of_the_embedded_people_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    corpus = load_corpus()
    names = {question.name for question in corpus.dev}
    found = subjects(corpus)
    for relation in RELATIONS:
        here = [person.name for person in found[relation]]
        assert len(here) == len(set(here)) and set(here) <= names
        assert len(here) > 0.9 * len(names)
    assert {person.name: person.answer for person in found["birthplace"]} == {
        question.name: question.place for question in corpus.dev
    }


def test_bits_are_people_known_times_what_an_answer_tells() -> None:
    """Of two people with two years one bit each, of which half is known; places tell as they do."""
    half, all_of_them = Share(1, 2), Share(4, 4)
    assert knowledge.bits(CORPUS, {"birth_year": half}) == pytest.approx(1.0)
    counts = [list(BORN.values()).count(place) for place in set(BORN.values())]
    each = -sum(n * math.log2(n / len(BORN)) for n in counts)
    found = knowledge.bits(CORPUS, {"birthplace": all_of_them, "field": half, "reworded": half})
    assert found == pytest.approx(each)
