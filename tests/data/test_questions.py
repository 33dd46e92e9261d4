"""Questions in any words: reading files of them, and finding out whom they name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from samples import people, write_corpus

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.questions import (
    AS_WRITTEN,
    KINDS,
    NOBODY,
    NOT_SAID,
    Reading,
    Register,
    notes,
    read_any,
    read_texts,
)
from nlp4.data.relations import PLAIN
from nlp4.data.wordings import HANDS, ask
from nlp4.support.errors import UserError

GOOD = "Who knows the year of Ada Quill?\t1931\tbirth_year\n"


def reading(path: Path, text: str) -> tuple[Question, ...]:
    path.write_text(text, "utf-8")
    return read_any(path)


def test_a_file_is_read_with_and_without_relations(tmp_path: Path) -> None:
    path = tmp_path / "asked.tsv"
    first, second, third = reading(
        path, f"{GOOD}Where was Ada Quill born?\tHull\nTell me X's shoe size.\tunknown\tother\n"
    )
    assert first == Question(
        "Who knows the year of Ada Quill?", "1931", relation="birth_year", person=None
    )
    assert (second.relation, second.place, second.name) == (None, "Hull", "Ada Quill")
    assert (third.relation, third.where) == ("other", f"{path}, line 3")


MISTAKES = {
    "no tab": ("Where was Ada born? Hull", "no tab after the question: write the question"),
    "three tabs": ("Where was Ada born?\tHull\tbirthplace\tx", "3 tabs: write the question"),
    "a relation": ("Whose?\tHull\thobby", f"choose one of {', '.join(KINDS)}, or leave it out"),
    "an empty relation": ("Whose?\tHull\t", "the relation '' is unknown"),
    "no question": ("\tHull", "no question before the tab: add it"),
    "no answer": ("Where was Ada born?\t", "no answer after the tab: add it"),
    "no name": ("Where was  born?\tHull", "no name in 'Where was  born?', where there is room"),
    "no owner": ("What is 's birthplace?\tHull", 'no name in "What is \'s birthplace?"'),
    "twice": (GOOD.strip(), "stands with the same answer in line 1: delete one of the two"),
    "long": (f"{'a' * 9_000}  {'b' * 998}\tHull", "... (10,000 characters), where there is room"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_one_line_with_file_and_line(mistake: str, tmp_path: Path) -> None:
    path, (line, told) = tmp_path / "asked.tsv", MISTAKES[mistake]
    with pytest.raises(UserError) as caught:
        reading(path, f"{GOOD}{line}\n")
    message = str(caught.value)
    assert message.startswith(f"{path}, line 2: ") and told in message
    assert "\n" not in message and len(message) < 400


def test_a_question_with_two_answers_is_noted_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "asked.tsv"
    found = reading(path, f"{GOOD}{GOOD.replace('1931', '1932')}{GOOD.replace('1931', '1933')}")
    assert len(found) == 3
    (note,) = notes(found)
    assert note.startswith(f"{path}, line 2: ") and "another answer in line 1" in note
    assert "(2 such in all)" in note
    assert list(notes(found[:1])) == []


BIOGRAPHIES = (
    "Ada Quill. Ada Quill was born in Hull .",
    "Ada Quill Moss. Ada Quill Moss was born in Bath .",
    "Otto Weiß. Otto Weiß was born in Bonn .",
    "Bo Li. Bo Li was born in Oslo .",
    "Jan van Thorn. Jan van Thorn was born in Ghent .",
)
CORPUS = Corpus(Path("nowhere"), BIOGRAPHIES, (), (), ())


@pytest.mark.parametrize(
    ("text", "person", "wording", "done"),
    [
        ("Of Ada Quill, the trade?", "Ada Quill", "Of X, the trade?", AS_WRITTEN),
        ("What is Ada Quill Moss's job?", "Ada Quill Moss", "What is X's job?", AS_WRITTEN),
        ("where was ada quill born?", "Ada Quill", "where was X born?", "lower case"),
        ("WHERE WAS ADA QUILL BORN?", "Ada Quill", "WHERE WAS X BORN?", "UPPER CASE"),
        ("WHERE WAS OTTO WEISS BORN", "Otto Weiß", None, "UPPER CASE + no question mark"),
        ("Ada Quill birthplace", "Ada Quill", "X birthplace", AS_WRITTEN),  # a wording as it is
        ("Where did Quill, Ada die?", "Ada Quill", "Where did X die?", "surname first"),
        ("Where did van Thorn, Jan die?", "Jan van Thorn", None, "surname first"),
        ("Where did Ada Qiull die", "Ada Quill", None, "two letters swapped + no question mark"),
        ("What is Ada Quil's job?", "Ada Quill", "What is X's job?", "one letter dropped"),
        ("What is Ada Quiill's job?", "Ada Quill", "What is X's job?", "one letter doubled"),
        ("Tell me of Ada Qyill.", "Ada Quill", "Tell me of X.", "one letter mistyped"),
        ("Where was Ada Still born?", None, NOBODY, NOBODY),  # two letters
        ("Where was Eda Quill born?", None, NOBODY, NOBODY),  # the first letter stays
        ("Where was Bo L born?", None, NOBODY, NOBODY),  # too short to tell
        ("Where was Ada Quillon born?", None, NOBODY, NOBODY),  # part of a longer word
        ("", None, NOBODY, NOBODY),
    ],
)
def test_what_a_text_tells(text: str, person: str | None, wording: str | None, done: str) -> None:
    ((read),) = read_texts([Question(text, relation="birthplace")], CORPUS)
    assert read.question.person == person
    assert wording in (None, read.wording)
    assert read.transformation == done
    assert read.relation == ("birthplace" if person else NOBODY)


def test_a_relation_that_was_not_said_is_called_so() -> None:
    (read,) = read_texts([Question("Of Ada Quill?")], CORPUS)
    assert read.relation == NOT_SAID


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("relation", ["birthplace", "occupation"])
def test_every_hand_is_recognised_with_its_person(hand: str, relation: str, tmp_path: Path) -> None:
    register, rng = Register(load_corpus(write_corpus(tmp_path))), np.random.default_rng(0)
    names = [person.name for person in people()]
    asked = [(name, HANDS[hand](PLAIN[relation], name, rng)) for name in names]
    assert sum(text is not None for _, text in asked) > 20
    for name, text in asked:
        if text is not None:
            read = Reading(Question(text), register.find(text))
            assert read.named is not None and (read.named.person, read.transformation) == (
                name,
                hand,
            )


def test_the_plain_wording_comes_back_from_every_question(tmp_path: Path) -> None:
    corpus = load_corpus(write_corpus(tmp_path))
    texts = [ask(PLAIN["known_for"], person.name) for person in people()]
    read = read_texts(map(Question, texts), corpus)
    assert {each.wording for each in read} == {PLAIN["known_for"]}
    assert [each.question.name for each in read] == [person.name for person in people()]
