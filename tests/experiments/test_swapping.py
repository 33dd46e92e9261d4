"""Rows of somebody else: the counts against answers decoded from a model edited by hand."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments import swapping
from nlp4.experiments.swapping import ENDS, LAST, LETTERS, PERSON, Settings
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.training import shipped

FEW = Settings(relations=("birthplace",), pairs=20)


@pytest.fixture(scope="module")
def spelt() -> tuple[GPT, Vocabulary]:
    return shipped.load("people")


def test_answers_go_along_as_decoded_from_a_model_with_rows_moved_by_hand(
    asked: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    model, vocabulary = asked
    (found,) = swapping.experiment({"m": asked}, embedded, FEW)
    pairs = swapping.known_pairs(model, vocabulary, embedded, "birthplace", FEW)
    assert len(pairs) == 20 and found.along.n == found.stays.n == found.control.n == 40
    twin = copy.deepcopy(model)
    assert twin.recall is not None
    rows, number = twin.recall.people.weight.detach(), twin.recall.index.row_of
    one, other = ([number[pair[i].name] for pair in pairs] for i in (0, 1))
    rows[one + other] = rows[other + one].clone()  # all pairs at once: nobody is in two
    everyone = [fact for pair in pairs for fact in pair]
    partners = [fact for pair in pairs for fact in pair[::-1]]
    said = greedy(twin, vocabulary, [fact.question for fact in everyone])
    assert found.along.right == sum(a == f.answer for a, f in zip(said, partners, strict=True))
    assert found.stays.right == sum(a == f.answer for a, f in zip(said, everyone, strict=True))
    assert found.along.right > 30 and found.control.right == 40


def test_the_model_is_as_before_afterwards(
    asked: tuple[GPT, Vocabulary], spelt: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    one = embedded.dev[0].name
    other = next(
        q.name for q in embedded.dev[1:] if swapping.word_ends(q.name) == swapping.word_ends(one)
    )
    for model, vocabulary in (asked, spelt):
        before = {name: p.clone() for name, p in model.state_dict().items()}
        for way in swapping.ways(model, vocabulary, embedded).values():
            for swap in (way.read, way.exchange):
                with swap(one, other):
                    pass
        after = model.state_dict()
        assert all(torch.equal(after[name], p) for name, p in before.items())


def test_pairs_are_of_people_known_and_told_apart(
    spelt: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    model, vocabulary = spelt
    pairs = swapping.known_pairs(model, vocabulary, embedded, "birthplace", FEW, len)
    people = [fact.name for pair in pairs for fact in pair]
    assert len(set(people)) == len(people) == 40
    assert all(len(a.name) == len(b.name) and a.answer != b.answer for a, b in pairs)
    facts = [fact for pair in pairs for fact in pair]
    assert greedy(model, vocabulary, [f.question for f in facts]) == [f.answer for f in facts]
    other = Settings(("birthplace",), 20, seed=1)
    assert pairs != swapping.known_pairs(model, vocabulary, embedded, "birthplace", other, len)


@pytest.mark.parametrize(
    ("name", "ends"),
    [("Ada", [2]), ("Ada van Dijk", [2, 6, 11]), ("Jo B.", [1, 4]), ("a  b", [0, 3])],
)
def test_words_end_where_a_space_or_nothing_follows(name: str, ends: list[int]) -> None:
    assert swapping.word_ends(name) == ends


def test_letters_read_what_the_other_name_reads(
    spelt: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    model, vocabulary = spelt
    assert model.memory is not None
    own, other = "Ada Dijk", "Bob Karl"
    start = len("Where was ")
    given = {
        name: model.memory(torch.tensor([vocabulary.encode(f"Where was {name} born?")]))[0]
        for name in (own, other)
    }
    places = {LAST: [7], ENDS: [2, 7], LETTERS: list(range(8))}
    for rows, way in swapping.ways(model, vocabulary, embedded).items():
        ids = torch.tensor([vocabulary.encode(f"Where was {own} born?")])
        with way.read(own, other):
            read = model.memory(ids)[0]
        differing = (read != given[own]).any(-1).nonzero()[:, 0].tolist()
        chosen = [start + i for i in places[rows]]
        assert set(differing) <= set(chosen)
        assert torch.equal(read[chosen], given[other][chosen])


def test_models_that_look_nobody_up_are_refused(embedded: Corpus) -> None:
    plain = shipped.load("people_plain")
    assert swapping.ways(*plain, embedded) == {}
    with pytest.raises(UserError, match="no rows to exchange"):
        swapping.experiment({"plain": plain}, embedded)


def test_a_relation_that_is_hardly_known_is_left_out(
    spelt: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    few = Settings(relations=("birthplace", "occupation"), pairs=20)
    found = swapping.experiment({"people": spelt}, embedded, few)
    assert [(row.rows, row.relation) for row in found] == [
        (rows, "birthplace") for rows in (LAST, ENDS, LETTERS)
    ]
    table = swapping.markdown(found).splitlines()
    assert len(table) == 5 and table[0].count("|") == table[4].count("|")
    assert swapping.as_json(found)["rows"][0]["rows"] == LAST
    last, _, letters = found
    assert letters.along.value > 0.7 > last.along.value + 0.5
    assert np.isclose(last.control.value, 1, atol=0.1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"pairs": 0}, "pairs"), ({"relations": ("hobby",)}, "hobby"), ({"seed": -1}, "seed")],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Settings(**wrong)  # type: ignore[arg-type]


def test_a_persons_row_is_the_only_way_in_a_model_with_such_rows(
    asked: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    assert list(swapping.ways(*asked, embedded)) == [PERSON]
