"""What edits do: counts against decoded answers, and the model itself left alone."""

from __future__ import annotations

import json

import pytest
import torch

from nlp4.data import wordings
from nlp4.data.corpus import Corpus
from nlp4.data.studying import SPLIT
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments import editing
from nlp4.experiments.editing import CLOSED, OTHERS, ROW, WAYS, Bench, Settings
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.training import shipped

FEW = Settings(edits=2, many=(1, 3), neighbours=4, strengths=(0.0, 3.0))


@pytest.fixture(scope="module")
def bench(asked: tuple[GPT, Vocabulary], embedded: Corpus) -> Bench:
    return Bench(*asked, embedded, edits=3, neighbours=4)


@pytest.fixture(scope="module")
def found(asked: tuple[GPT, Vocabulary], embedded: Corpus) -> editing.Found:
    return editing.experiment(*asked, embedded, FEW)


def test_new_places_are_neither_said_nor_true(bench: Bench, embedded: Corpus) -> None:
    assert len(bench.edits) == 3 and not {f.name for f in bench.edits} & set(bench.neighbours)
    true = {question.name: question.place for question in embedded.dev}
    places = [question.place for question in embedded.train]
    for fact in bench.edits:
        assert fact.answer not in (true[fact.name], *bench.said([fact.question]))
        assert places.count(fact.answer) >= 5


def test_an_effect_is_counted_as_decoded(bench: Bench, asked: tuple[GPT, Vocabulary]) -> None:
    (fact, *_), (model, vocabulary) = bench.edits, asked
    edited = bench.edited(WAYS[ROW], [fact])
    effect = bench.effect(edited, fact)
    forms = wordings.split("birthplace", SPLIT).unseen
    said = greedy(edited, vocabulary, [wordings.ask(form, fact.name) for form in forms])
    assert (effect.in_other_words.right, effect.in_other_words.n) == (said.count(fact.answer), 6)
    assert effect.said.right == 1
    others = bench.plain(bench.neighbours)
    kept = [
        a == b
        for a, b in zip(
            greedy(edited, vocabulary, others), greedy(model, vocabulary, others), strict=True
        )
    ]
    assert (effect.others.right, effect.others.n) == (sum(kept), 4)
    assert effect.own.n == 3


def test_namesakes_share_a_word_and_are_somebody_else(bench: Bench) -> None:
    name = bench.edits[0].name
    found = bench.namesakes(name)
    assert 0 < len(found) <= 5 and name not in found
    assert all(set(other.split()) & set(name.split()) for other in found)


def test_the_model_itself_is_left_alone(
    asked: tuple[GPT, Vocabulary], found: editing.Found
) -> None:
    fresh, _ = shipped.load("people_asked")
    now = asked[0].state_dict()
    assert all(torch.equal(p, now[name]) for name, p in fresh.state_dict().items())


def test_no_strength_is_no_edit_and_a_high_one_is(found: editing.Found) -> None:
    (_, nothing), (_, strong) = found.strengths
    assert (nothing.said.right, nothing.in_other_words.right) == (0, 0)
    assert nothing.others.value == nothing.own.value == 1
    assert strong.said.value == 1


def test_rows_leave_everybody_else_as_they_were(found: editing.Found) -> None:
    ways = {row.way: row.effect for row in found.ways}
    assert list(ways) == list(WAYS)
    for way in (ROW, CLOSED, OTHERS):
        assert ways[way].others.value == ways[way].namesakes.value == 1
    assert ways[OTHERS].own.value < ways[ROW].own.value
    assert all(row.others.value == 1 for row in found.many if row.way in (ROW, CLOSED))


def test_the_tables_have_a_row_each(found: editing.Found) -> None:
    ways, many, strengths = editing.markdown(found).split("\n\n")
    assert [len(part.strip().splitlines()) for part in (ways, many, strengths)] == [6, 8, 4]
    stored = json.loads(json.dumps(editing.as_json(found)))
    assert [row["number"] for row in stored["many"]] == [1, 3] * 3


def test_a_model_without_rows_is_refused(embedded: Corpus) -> None:
    with pytest.raises(UserError, match="no rows for people"):
        editing.experiment(*shipped.load("people"), embedded, FEW)


@pytest.mark.parametrize("wrong", [{"edits": 0}, {"many": (0,)}, {"strengths": (-1.0,)}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError):
        Settings(**wrong)  # type: ignore[arg-type]
