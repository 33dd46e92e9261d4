"""Tests of `nlp4.training.evaluation`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.people.background import background_of
from nlp4.maths.statistics import Paired, Share
from nlp4.support.errors import UserError
from nlp4.training.evaluation import (
    against,
    always,
    baselines,
    by_origin,
    ceiling,
    compare_systems,
    expected_by_luck,
    majority_place,
    markdown_table,
    marks,
    save_predictions,
    score,
    score_by,
    with_the_book_open,
)


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


def test_groups_are_scored_apart_the_largest_first() -> None:
    groups = ["b", "c", "a", "c"]
    found = score_by(groups, ["London", "", "York", "Bath"], DEV)
    assert list(found.items()) == [("c", Share(1, 2)), ("a", Share(1, 1)), ("b", Share(1, 1))]
    with pytest.raises(ValueError):
        score_by(groups[:3], ["London", "", "York", "Bath"], DEV)


def test_no_questions_are_no_score() -> None:
    assert score([], []) == Share(0, 0)


def test_the_majority_is_the_most_frequent_place_of_training() -> None:
    assert majority_place([*CORPUS.train, asked("Jan", "York")]) == "York"


def test_of_equals_the_first_in_the_alphabet_is_the_majority() -> None:
    assert majority_place(CORPUS.train) == "Bath"
    assert majority_place(CORPUS.train[::-1]) == "Bath"


def test_readers_with_the_book_open_say_the_first_phrase_they_may() -> None:
    texts = {
        "Ada Quill": "Ada Quill. The painter Ada Quill, from Kent, was born in York .",
        "Bram Otter": "Bram Otter. Born in Hull, he lived in York from May on .",
        "Cleo Marsh": "Cleo Marsh. She sang .",
    }
    people = (*texts, "Dora Finch")
    dev = tuple(Question(f"Where was {name} born?", "York") for name in people)
    train = (Question("Where was Emil Sand born?", "York"),)
    corpus = Corpus(Path("here"), tuple(texts.values()), train, dev, ())
    first, among = with_the_book_open(corpus).values()
    assert first == ["Kent", "Hull", "", ""]
    assert among == ["York", "York", "", ""]


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


pytestmark = pytest.mark.usefixtures("tiny_preset")

# The comparison


def test_systems_are_tested_against_the_last_one(corpus: Corpus) -> None:
    wrong, right = ["Hull"] * 3, [q.place or "" for q in corpus.dev]
    answers = {"none": wrong, "one": [right[0], *wrong[1:]], "all": right}

    rows = {row.name: row for row in compare_systems(corpus, answers)}

    assert [rows[name].score.right for name in answers] == [0, 1, 3]
    assert rows["none"].p_value == pytest.approx(2 * 0.5**3)  # three differ, all one way
    assert rows["one"].p_value == pytest.approx(2 * 0.5**2)
    assert rows["always London"].p_value == pytest.approx(2 * 0.5**2)
    assert rows["all"].p_value is None
    assert rows["ceiling: the answer stands in the biography"].p_value is None
    assert "| none | 0/3 | 0.0% | 0.0% to 56.1% | 0.2 |" in markdown_table(list(rows.values()))


def test_the_rule_of_origins_says_the_usual_place_of_a_name_s_kin() -> None:
    train = [asked("Jean", "Lyon"), asked("Marie", "Lyon"), asked("Luc", "Paris")]
    train += [asked(name, "Bonn") for name in ("Uwe", "Jan", "Eva", "Ida")]
    train += [asked("Sam", "Oslo")]  # of no known origin
    origin = dict.fromkeys(("Jean", "Marie", "Luc", "Anne"), "fr")
    origin |= dict.fromkeys(("Uwe", "Jan", "Eva", "Ida", "Udo"), "de") | {"Pia": "it"}
    people = [asked(name) for name in ("Anne", "Udo", "Pia", "Bo")]
    assert by_origin(people, train, origin) == ["Lyon", "Bonn", "Bonn", "Bonn"]
    assert by_origin(people, train, {}) == ["Bonn"] * 4


def test_the_rule_of_origins_on_the_embedded_people() -> None:
    corpus = load_corpus()
    background = background_of(corpus)
    if background is None:
        pytest.skip("other versions of the packages made other people")
    answers = by_origin(corpus.dev, corpus.train, background.origin)
    assert score(answers, corpus.dev) == Share(43, 500)
    assert expected_by_luck(answers, corpus.dev) == pytest.approx(6.74)
