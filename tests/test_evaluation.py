"""Scores, baselines and the ceiling, against counts made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlp4.corpus import Corpus, Question
from nlp4.errors import UserError
from nlp4.evaluation import (
    against,
    always,
    baselines,
    ceiling,
    majority_place,
    marks,
    save_predictions,
    score,
)
from nlp4.statistics import Paired, Share


def asked(name: str, place: str | None = None) -> Question:
    return Question(f"Where was {name} born?", place)


DEV = (asked("Ada", "London"), asked("Bram", "Łódź"), asked("Cleo", "York"), asked("Dora", "Bath"))
CORPUS = Corpus(
    folder=Path("nowhere"),
    biographies=(
        "Ada. Ada was born in London.",
        "Bram. Bram moved to York.",  # names a place, but not Bram's
        "Cleo. Cleo is a painter.",
        "Cleo. Cleo was born in York.",  # the second of two biographies holds it
        "Emil. Emil was born in Bath.",  # Dora's place, but she has no biography
    ),
    train=(asked("Emil", "Bath"), asked("Fay", "Bath"), asked("Gus", "York"), asked("Hal", "York")),
    dev=DEV,
    test=(asked("Ida"),),
)


def test_an_answer_is_right_character_for_character() -> None:
    answers = ["London", "Łódź ", "york", "Bath"]

    assert marks(answers, DEV) == [True, False, False, True]
    assert score(answers, DEV) == Share(2, 4)


def test_an_empty_answer_is_wrong_even_where_nothing_is_known() -> None:
    assert marks([""], [asked("Ida")]) == [False]


@pytest.mark.parametrize("answers", [["London"], ["London"] * 5, []])
def test_each_question_has_one_answer(answers: list[str]) -> None:
    with pytest.raises(ValueError):
        score(answers, DEV)


def test_no_questions_are_no_score() -> None:
    assert score([], []) == Share(0, 0)


def test_the_majority_is_the_most_frequent_place_of_training() -> None:
    assert majority_place([*CORPUS.train, asked("Jan", "York")]) == "York"


def test_of_equals_the_first_in_the_alphabet_is_the_majority() -> None:
    assert majority_place(CORPUS.train) == "Bath"
    assert majority_place(CORPUS.train[::-1]) == "Bath"


def test_the_baselines_know_one_place_each() -> None:
    train = (*CORPUS.train, asked("Jan", "York"))  # of the dev answers, Bath would come first

    london, majority = baselines(replace(CORPUS, train=train)).items()

    assert london == ("always London", ["London"] * 4)
    assert majority == ("always the most frequent training answer", ["York"] * 4)
    assert score(london[1], DEV) == score(majority[1], DEV) == Share(1, 4)


def test_always_answers_every_question() -> None:
    assert always("Hull", DEV) == ["Hull", "Hull", "Hull", "Hull"]
    assert always("Hull", []) == []


def test_the_ceiling_counts_answers_that_stand_in_that_persons_text() -> None:
    assert ceiling(CORPUS) == Share(2, 4)  # Ada and Cleo


def test_two_systems_are_compared_question_by_question() -> None:
    first = ["London", "Łódź", "York", "Hull"]  # right: Ada, Bram, Cleo
    second = ["London", "", "", "Bath"]  # right: Ada, Dora

    assert against(first, second, DEV) == Paired(only_first=2, only_second=1)


def test_predictions_are_one_answer_a_line(tmp_path: Path) -> None:
    save_predictions(tmp_path / "run" / "dev.txt", ["London", "", "Łódź"])

    assert (tmp_path / "run" / "dev.txt").read_bytes() == "London\n\nŁódź\n".encode()


def test_an_answer_of_two_lines_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="answer 2 spans two lines"):
        save_predictions(tmp_path / "dev.txt", ["London", "Lon\ndon"])

    assert list(tmp_path.iterdir()) == []
