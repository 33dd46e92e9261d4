"""Memorised or inferred: models that know by the form, by the whole name, or by a part of it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from samples import random_gpt

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.names import surname
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments import rewordings
from nlp4.experiments.rewordings import (
    FIRST,
    LAST,
    NOBODY,
    NONE,
    PLAIN,
    REWORDED,
    SLIP,
    TRUE,
    Row,
    Settings,
    experiment,
    patched,
)
from nlp4.maths.statistics import Share
from nlp4.models.asking import ScoredAnswer, greedy
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError
from nlp4.training import shipped

TRAIN = [
    ("Ada Quill", "Oslo"),
    ("Bram Otter", "Rome"),
    ("Cleo Marsh", "Hull"),
    ("Fay Rook", "Bath"),
]
DEV = [("Dora Finch", "Bath"), ("Emil Sand", "Oslo"), ("Gina Otter", "York"), ("Gina Al", "Rome")]
PLACES = dict(DEV)
SLIPS = [f"one letter {slip}" for slip in ("swapped", "dropped", "doubled")]


def asked(pair: tuple[str, str]) -> Question:
    return Question(f"Where was {pair[0]} born?", pair[1])


CORPUS = Corpus(
    Path("nowhere"),
    tuple(f"{name}. {name} was born in {place} ." for name, place in [*TRAIN, *DEV[:3]]),
    tuple(map(asked, TRAIN)),
    tuple(map(asked, DEV)),
    (),
)
VOCABULARY = Vocabulary.of([*CORPUS.biographies, *REWORDED, *(q.text for q in CORPUS.dev)])
MODEL = random_gpt(ModelConfig(len(VOCABULARY), block=64, layers=1, heads=2, width=8, dropout=0.0))
TRAINED = {q.text: q.place or "" for q in CORPUS.dev}
Knows = Callable[[str], str]


def by_form(question: str) -> str:
    """Knows the questions by heart."""
    return TRAINED.get(question, "Nowhere")


def by_name(question: str) -> str:
    """Finds a whole name in any question."""
    known = (place for name, place in PLACES.items() if re.search(rf"{name}\b", question))
    return next(known, "Nowhere")


def by_surname(question: str) -> str:
    """Needs no more than the surname."""
    known = {surname(name): place for name, place in PLACES.items()}
    return next((place for name, place in known.items() if name in question), "Nowhere")


def told(monkeypatch: pytest.MonkeyPatch, knows: Knows) -> list[list[str]]:
    """Let the model answer so; returns what it is asked, pass by pass."""
    passes: list[list[str]] = []

    def answer(model: GPT, vocabulary: Vocabulary, questions: Sequence[str]) -> list[ScoredAnswer]:
        passes.append(list(questions))
        return [
            ScoredAnswer(knows(q), 0.9 if knows(q) != "Nowhere" else 0.4, 0.5) for q in questions
        ]

    monkeypatch.setattr(rewordings, "answers_with_probability", answer)
    return passes


def rows_of(corpus: Corpus = CORPUS, settings: Settings | None = None) -> dict[str, Row]:
    return {row.asked: row for row in experiment(MODEL, VOCABULARY, corpus, settings).rows}


def test_who_knows_the_form_knows_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_form)
    rows = rows_of()
    assert list(rows) == [PLAIN, *REWORDED, *SLIPS, FIRST, LAST, NOBODY]
    assert rows[PLAIN].still_right == Share(4, 4)
    assert rows[PLAIN].sure == pytest.approx(0.9)
    for way in list(rows)[1:]:
        assert rows[way].still_right.right == 0
        assert rows[way].sure == pytest.approx(0.4)


def test_who_knows_the_name_knows_it_in_any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_name)
    rows = rows_of()
    assert all(rows[form].still_right == Share(4, 4) for form in REWORDED)
    for way in (*SLIPS, FIRST, LAST, NOBODY):
        assert rows[way].still_right.right == 0
    assert rows["one letter swapped"].left_out == 0


def test_who_guesses_from_the_surname_needs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_surname)
    rows = rows_of()
    assert rows[LAST].still_right == Share(4, 4)
    assert rows[FIRST].still_right.right == 0


def test_wrong_answers_are_followed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(question: str) -> str:
        if "Emil" in question:
            return "Oslo" if "from" in question else "Turku"
        return by_name(question)

    told(monkeypatch, half)
    found = experiment(MODEL, VOCABULARY, CORPUS)
    rows = {row.asked: row for row in found.rows}
    assert found.right == Share(3, 4)
    assert found.right_untold == Share(1, 1)  # the fourth has no biography
    assert rows[PLAIN].same_wrong == Share(1, 1)
    assert rows[REWORDED[0]].same_wrong == Share(1, 1)
    assert rows[REWORDED[0]].sure_wrong == pytest.approx(0.9)
    assert rows["Where was X from?"].same_wrong == Share(0, 1)
    assert rows["Where was X from?"].now_right == Share(1, 1)
    assert rows["Where was X from?"].still_right == Share(3, 3)


def test_each_question_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = told(monkeypatch, by_name)
    rows_of()
    everything = [question for asked_ in passes for question in asked_]
    assert everything.count("Where was Gina born?") == 1
    assert all(everything.count(q.text) == 1 for q in CORPUS.dev)
    assert len(passes) == 1 + len(REWORDED) + len(SLIPS) + 3


def test_who_cannot_be_asked_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_name)
    forms = ("X was born where²", "Where " + "o " * 21 + "was X?", "Where was X from?")
    rows = rows_of(settings=Settings(forms=forms))
    assert rows[forms[0]].left_out == 4  # a character outside the alphabet
    assert rows[forms[0]].still_right == Share(0, 0)
    assert rows[forms[0]].sure == 0
    # 64 characters take a question of 62 and its mask, and an answer of one.
    fits = [len(forms[1].replace("X", name)) <= 62 for name, _ in DEV]
    assert rows[forms[1]].left_out == fits.count(False) > 0
    assert rows[forms[2]].left_out == 0
    short = replace(CORPUS, dev=(asked(("Al Bo", "Oslo")),))
    assert rows_of(short)["one letter swapped"].left_out == 1


def test_a_real_model_takes_what_is_not_left_out() -> None:
    forms = ("o" * 53 + "X?", "Where was X from?")
    found = experiment(MODEL, VOCABULARY, CORPUS, Settings(forms=forms))
    sizes = [53 + len(name) + 1 for name, _ in DEV]
    assert found.rows[1].left_out == sum(size > 62 for size in sizes)
    assert 0 < found.rows[1].left_out < 4
    for row in found.rows:
        assert row.still_right.n + row.same_wrong.n + row.left_out == 4
        assert 0 <= row.sure <= 1


def test_the_same_seed_makes_the_same_slips(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, other = [], [], []
    for passes, seed in ((first, 0), (second, 0), (other, 5)):
        passes.extend(told(monkeypatch, by_name))
        made = told(monkeypatch, by_name)
        rows_of(settings=Settings(seed=seed))
        passes.extend(made)
    assert first == second != other


def test_a_part_of_the_people(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_name)
    found = experiment(MODEL, VOCABULARY, CORPUS, Settings(people=2))
    assert found.right == Share(2, 2)
    assert experiment(MODEL, VOCABULARY, CORPUS, Settings(people=99)).right == Share(4, 4)


def test_table_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, by_name)
    found = experiment(MODEL, VOCABULARY, CORPUS)
    table = rewordings.markdown(found).split("\n\n")[1].splitlines()
    assert len(table) == 2 + len(found.rows)
    assert len({line.count("|") for line in table}) == 1
    assert json.loads(json.dumps(rewordings.as_json(found)))["rows"][0]["asked"] == PLAIN


def test_settings_and_corpora_that_allow_no_experiment() -> None:
    for form in ("Where was she born?", "Was X born where X lives?"):
        with pytest.raises(UserError, match="write X once"):
            Settings(forms=(form,))
    with pytest.raises(UserError, match="choose 1 or more"):
        Settings(people=0)
    with pytest.raises(UserError, match="no dev questions"):
        experiment(MODEL, VOCABULARY, replace(CORPUS, dev=()))


def test_what_a_table_holds_is_found_by_patching() -> None:
    """The trained model that comes along, against its answers without any patch."""
    corpus, (model, vocabulary) = load_corpus(), shipped.load("people")
    settings = Settings(people=60, seed=3)
    unpatched = [q.text for q in corpus.dev[:20]]
    before = greedy(model, vocabulary, unpatched)
    found = {
        (row.letters, row.rows): row.still_right
        for row in patched(model, vocabulary, corpus, settings)
    }

    assert greedy(model, vocabulary, unpatched) == before  # nothing of a patch stays
    whole, empty = found[TRUE, TRUE], found[TRUE, "none, nor for any other text"]
    assert whole.right == whole.n > 20
    assert empty.right == 0
    emptied = copy.deepcopy(model)
    torch.nn.init.zeros_(emptied.memory.table.weight)
    rows = experiment(emptied, vocabulary, corpus, settings)
    assert rows.right.right == 0 and rows.patched[0].still_right == Share(0, 0)
    # The answer goes with the rows, whatever the letters are.
    assert found[SLIP, TRUE].value > 0.9
    assert max(found[TRUE, SLIP].value, found[SLIP, SLIP].value, found[TRUE, NONE].value) < 0.4


def test_only_a_model_with_a_memory_is_patched() -> None:
    with pytest.raises(UserError, match="no memory to patch"):
        patched(MODEL, VOCABULARY, CORPUS)
    found = experiment(MODEL, VOCABULARY, CORPUS)
    assert found.patched == () and "rows in the table" not in rewordings.markdown(found)


def test_slips_add_up_one_swap_at_a_time(
    corpus: Corpus, model: tuple[GPT, Vocabulary], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [question for question in corpus.train if question.name != "Gus Pike"]

    def answer(model: GPT, vocabulary: Vocabulary, asked: list[str]) -> list[str]:
        """Right for a name as it is, wrong for Bram; "?" for any other spelling."""
        known = {q.text: q.place or "" for q in people if q.name != "Bram Otter"}
        return [known.get(text, "?") for text in asked]

    monkeypatch.setattr(rewordings, "greedy", answer)
    found = rewordings.slips(
        {"a": model},
        [*people, replace(people[0], text="Where was Bo Li born?")],
        np.random.default_rng(0),
    )
    asked = {person.names[0] for person in found.people}
    assert "Bram Otter" not in asked and "Bo Li" not in asked  # wrong; no room for a slip
    assert found.still_right == {"a": (Share(len(asked), len(asked)), *[Share(0, len(asked))] * 4)}
    for person in found.people:
        assert len(set(person.names)) == rewordings.MOST_SLIPS + 1
        assert person.answers == {"a": (person.place, *"????")}
        for before, after in pairwise(person.names):
            differ = [i for i, (x, y) in enumerate(zip(before, after, strict=True)) if x != y]
            assert len(differ) == 2 and differ[1] == differ[0] + 1
            assert before[differ[0]] == after[differ[1]] and before[differ[1]] == after[differ[0]]
    assert rewordings.slips({"a": model}, people, np.random.default_rng(0)) == rewordings.slips(
        {"a": model}, people, np.random.default_rng(0)
    )


def test_slips_count_what_is_still_right_for_each_model(
    corpus: Corpus, model: tuple[GPT, Vocabulary], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {question.name: question.place or "" for question in corpus.train}

    def answer(model: GPT, vocabulary: Vocabulary, asked: list[str]) -> list[str]:
        """Right wherever the sorted letters are those of a name and the first word is as it was."""
        found = []
        for text in asked:
            name = text.removeprefix("Where was ").removesuffix(" born?")
            fits = [
                n for n in places if sorted(n) == sorted(name) and n.split()[0] == name.split()[0]
            ]
            found.append(places[fits[0]] if fits else "?")
        return found

    monkeypatch.setattr(rewordings, "greedy", answer)
    found = rewordings.slips({"a": model}, list(corpus.train), np.random.default_rng(0))
    expected = [
        sum(person.names[i].split()[0] == person.names[0].split()[0] for person in found.people)
        for i in range(rewordings.MOST_SLIPS + 1)
    ]
    assert [share.right for share in found.still_right["a"]] == expected
    assert 0 < expected[1] < expected[0]
