"""Edits of one fact: which numbers move, and the closed form against numpy's least squares."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp4.data import wordings
from nlp4.data.corpus import Corpus
from nlp4.data.relations import PLAIN, RELATIONS, Fact
from nlp4.data.studying import SPLIT
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.training import editing, shipped


@pytest.fixture(scope="module")
def fact(embedded: Corpus) -> Fact:
    somebody = embedded.dev[3]
    place = next(q.place for q in embedded.train if q.place not in (None, somebody.place))
    assert place is not None
    return Fact(somebody.name, "birthplace", place)


def moved(before: GPT, after: GPT) -> set[str]:
    """The parameters that are not as before."""
    new = after.state_dict()
    return {name for name, p in before.state_dict().items() if not torch.equal(p, new[name])}


def test_a_sentence_moves_the_layers_until_it_is_known(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    model = copy.deepcopy(asked[0])
    steps = editing.by_sentence(model, asked[1], embedded, fact)
    assert 0 < steps < editing.MOST
    assert {"head.weight", "blocks.0.up.weight", "recall.people.weight"} <= moved(asked[0], model)
    prompt = f"{fact.name} was born in {MASK}."
    assert greedy(model, asked[1], [prompt]) == [fact.answer]


def test_the_rows_way_moves_that_row_alone(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    model = copy.deepcopy(asked[0])
    assert 0 < editing.by_row(model, asked[1], embedded, fact) < editing.MOST
    assert moved(asked[0], model) == {"recall.people.weight"}
    rows = [editing.recall_of(m).people.weight for m in (asked[0], model)]
    (changed,) = (rows[0] != rows[1]).any(1).nonzero()[:, 0].tolist()
    assert changed == editing.row_number(model, embedded, fact.name)
    assert greedy(model, asked[1], [fact.question]) == [fact.answer]


def gates_by_hook(model: GPT, vocabulary: Vocabulary, question: str, answer: str) -> Tensor:
    """What the gate gave in an ordinary pass, where the answer and its end are predicted."""
    recall, kept = editing.recall_of(model), list[Tensor]()
    hook = recall.gate.register_forward_hook(lambda _, given, out: kept.append(out))
    with torch.no_grad():
        model(torch.tensor([vocabulary.encode(question + MASK + answer)]))
    hook.remove()
    return kept[0][0, len(question) :]


def test_gates_are_those_of_an_ordinary_pass(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    found = editing.gates(*asked, fact.question, fact.answer)
    assert found.shape == (len(fact.answer) + 1, 256)
    assert torch.allclose(found, gates_by_hook(*asked, fact.question, fact.answer), atol=1e-6)


@pytest.mark.parametrize("strength", [1.0, 2.0])
def test_the_closed_form_is_the_least_squares_solution(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact, strength: float
) -> None:
    """The same system as numpy solves it, stacked, with the penalty as rows of its own."""
    model, vocabulary = copy.deepcopy(asked[0]), asked[1]
    editing.in_closed_form(
        model, vocabulary, embedded, fact, strength=strength, forms=1, penalty=0.5
    )
    assert moved(asked[0], model) == {"recall.people.weight"}
    recall = editing.recall_of(asked[0])
    rows, number = recall.people.weight.detach().double().numpy(), recall.index.row_of
    row = number[fact.name]
    born = [number[q.name] for q in embedded.train if q.place == fact.answer]
    wanted = rows[born].mean(0) - rows[row]
    system, right = [0.5**0.5 * np.eye(256)], [np.zeros(256)]
    for relation in RELATIONS:
        question = wordings.ask(wordings.split(relation, SPLIT).trained[0], fact.name)
        assert question == PLAIN[relation].replace("X", fact.name)
        answer = fact.answer if relation == "birthplace" else greedy(*asked, [question])[0]
        for gate in gates_by_hook(*asked, question, answer):
            read = (recall.write.weight.detach() * gate).double().numpy()
            system.append(read)
            right.append(read @ wanted if relation == "birthplace" else np.zeros(len(read)))
    expected, *_ = np.linalg.lstsq(np.concatenate(system), np.concatenate(right), rcond=None)
    found = editing.recall_of(model).people.weight[row].detach().double().numpy() - rows[row]
    np.testing.assert_allclose(found, strength * expected, atol=1e-4)


def test_the_closed_form_at_strength_nothing_changes_nothing(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    model = copy.deepcopy(asked[0])
    editing.in_closed_form(model, asked[1], embedded, fact, strength=0.0, forms=1)
    assert moved(asked[0], model) == set()


def test_the_closed_form_makes_the_model_say_it(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    model = copy.deepcopy(asked[0])
    editing.in_closed_form(model, asked[1], embedded, fact, strength=3.0)
    assert greedy(model, asked[1], [fact.question]) == [fact.answer]


WAYS = (editing.by_sentence, editing.by_row, editing.in_closed_form)


@pytest.mark.parametrize("way", WAYS)
def test_somebody_whom_no_text_tells_of_is_named(
    way, asked: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    stranger = Fact("Xaver Qqq", "birthplace", embedded.train[0].place or "")
    with pytest.raises(UserError, match="'Xaver Qqq' stands in none of the texts"):
        way(copy.deepcopy(asked[0]), asked[1], embedded, stranger)


@pytest.mark.parametrize("way", WAYS)
def test_a_model_without_rows_is_refused(way, embedded: Corpus, fact: Fact) -> None:
    with pytest.raises(UserError, match="no rows for people"):
        way(*shipped.load("people_plain"), embedded, fact)


def test_a_place_where_nobody_was_born_is_named(
    asked: tuple[GPT, Vocabulary], embedded: Corpus, fact: Fact
) -> None:
    nowhere = Fact(fact.name, "birthplace", "Nowhere")
    with pytest.raises(UserError, match="no training person was born in 'Nowhere'"):
        editing.in_closed_form(copy.deepcopy(asked[0]), asked[1], embedded, nowhere)
