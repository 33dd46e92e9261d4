"""Heads that copy: the looks against softmax weights, the ablated answers against decoding."""

from __future__ import annotations

import json
import math
from itertools import combinations, product

import numpy as np
import pytest
import torch

from nlp4.data.corpus import Corpus
from nlp4.data.relations import Fact
from nlp4.data.vocabulary import MASK
from nlp4.experiments import copying_heads
from nlp4.experiments.copying_heads import Settings, part_of
from nlp4.models.asking import attention_weights, greedy
from nlp4.models.inspection import without_heads
from nlp4.support.errors import UserError
from nlp4.training import shipped

FEW = Settings(people=3)


@pytest.fixture(scope="module")
def found(embedded: Corpus) -> copying_heads.Found:
    return copying_heads.experiment(*shipped.load("people_asked"), embedded, FEW)


def test_looks_are_those_of_the_softmax(found: copying_heads.Found, embedded: Corpus) -> None:
    model, vocabulary = shipped.load("people_asked")
    known = copying_heads.known_facts(model, vocabulary, embedded, FEW)
    assert [fact.relation for fact in known] == [r for r in FEW.relations for _ in range(3)]
    for number, fact in enumerate(known):
        ids = torch.tensor(vocabulary.encode(fact.question + MASK))
        for layer, weights in enumerate(attention_weights(model, ids)):
            for head in range(4):
                look = found.rows[4 * layer + head].looks[number]
                assert look.weight == pytest.approx(float(weights[head, -1].max()), abs=1e-5)
                assert look.copies == (look.weight >= 0.9) or abs(look.weight - 0.9) < 1e-5
                odds = math.log(look.weight / (1 - look.weight)) + math.log(len(ids) - 1)
                assert look.gap == pytest.approx(odds, rel=1e-2, abs=1e-2)


def test_each_set_of_as_many_heads_is_a_control(found: copying_heads.Found) -> None:
    heads = list(product(range(2), range(4)))
    number = len(found.copying)
    assert 1 < number < 5 and set(found.sets) == set(combinations(heads, number))
    assert len(found.controls) == len(found.sets) - 1
    assert found.copying == tuple(
        row.head for row in found.rows if np.mean([look.copies for look in row.looks]) > 0.5
    )
    assert found.together.value <= min(share.value for share in found.controls)


def test_answers_without_heads_are_those_decoded(
    found: copying_heads.Found, embedded: Corpus
) -> None:
    model, vocabulary = shipped.load("people_asked")
    known = copying_heads.known_facts(model, vocabulary, embedded, FEW)
    questions = [fact.question for fact in known]
    mean = copying_heads.mean_outputs(model, vocabulary, questions)
    with without_heads(model, found.copying, mean):
        said = greedy(model, vocabulary, questions)
    right = sum(answer == fact.answer for answer, fact in zip(said, known, strict=True))
    assert (found.together.right, found.together.n) == (right, 12)
    assert found.whole.right == found.whole.n == 12


def test_the_mean_is_over_all_places_of_all_questions(embedded: Corpus) -> None:
    model, vocabulary = shipped.load("people_asked")
    questions = ["Where was Ada born?", "Who was Bo?"]
    given = [
        copying_heads.head_outputs(model, torch.tensor([vocabulary.encode(q + MASK)]))[:, 0]
        for q in questions
    ]
    expected = torch.cat(given, dim=1).mean(1)
    assert torch.allclose(
        copying_heads.mean_outputs(model, vocabulary, questions), expected, atol=1e-5
    )


@pytest.mark.parametrize(
    ("place", "part"),
    [
        (0, "before the name"),
        (9, "before the name"),
        (10, "the name"),
        (12, "the name"),
        (13, "behind it"),
        (18, "behind it"),
        (19, "the mask"),
    ],
)
def test_a_place_is_named_by_its_part(place: int, part: str) -> None:
    assert part_of(Fact("Ada", "birthplace", "Ghent"), place) == part


def test_the_tables_have_a_row_each(found: copying_heads.Found) -> None:
    heads, together = copying_heads.markdown(found).split("\n\n")
    assert len(heads.splitlines()) == 2 + 8
    assert f"{len(found.controls)} sets" in together
    stored = json.loads(json.dumps(copying_heads.as_json(found)))
    assert len(stored["rows"]) == 8 and len(stored["sets"]) == len(found.sets)


def test_a_model_whose_heads_do_not_copy_has_no_sets(embedded: Corpus) -> None:
    found = copying_heads.experiment(*shipped.load("people"), embedded, FEW)
    assert found.copying == () and found.sets == {}
    assert copying_heads.markdown(found).count("| none |") == 1


@pytest.mark.parametrize("wrong", [{"eps": 0.0}, {"share": 1.0}, {"people": 0}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        Settings(**wrong)  # type: ignore[arg-type]
