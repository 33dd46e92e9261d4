"""Tests of `nlp4.exercises.pretraining`: learners' answers, and the references another way."""

from __future__ import annotations

from itertools import permutations
from statistics import mean

import pytest
from answers import Answer, assert_right, assert_wrong, cases, each_right, each_wrong
from wrong_answers_pretraining import ANSWERS

from nlp4.data.corruption import question_pair
from nlp4.data.vocabulary import MASK
from nlp4.exercises.pretraining import (
    ALWAYS_LONDON,
    CORRUPT,
    DECODE,
    LUCK,
    QUESTION_PAIR_TEXT,
    Speller,
)


@each_right(ANSWERS)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    assert_right(name, answer)


@each_wrong(ANSWERS)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    assert_wrong(name, answer, fragment)


def test_a_question_pair_is_what_the_model_is_finetuned_on() -> None:
    for question, place in cases("question_pair_text"):
        found = QUESTION_PAIR_TEXT.reference(question, place)
        assert found == question_pair(question, place).text


def test_always_london_is_right_where_london_is_the_place() -> None:
    for (places,) in cases("always_london"):
        right = [i for i, place in enumerate(places) if place == "London"]
        assert ALWAYS_LONDON.reference(places) == pytest.approx(len(right) / len(places))


def test_a_corrupted_text_can_be_put_together_again() -> None:
    for text, start, stop in cases("corrupt"):
        before, after, span, rest = CORRUPT.reference(text, start, stop).split(MASK)
        assert (before + span + after, rest) == (text, "")
        assert (len(before), len(span)) == (start, stop - start)


def test_what_is_decoded_is_what_the_speller_spells() -> None:
    for speller, prompt in cases("decode"):
        assert DECODE.reference(speller, prompt) == speller.answer
        assert speller.asked == len(speller.answer) + 1


def test_a_speller_that_is_asked_for_ever_stops_the_loop() -> None:
    speller = Speller("Who?", "Ada")
    with pytest.raises(RuntimeError, match="append each character"):
        for _ in range(1000):
            speller("Who?")


def test_luck_is_the_mean_over_all_orders_of_the_answers() -> None:
    for answers, places in cases("luck"):
        if len(answers) <= 5:
            orders = permutations(answers)
            right = (sum(a == p for a, p in zip(each, places, strict=True)) for each in orders)
            assert LUCK.reference(answers, places) == pytest.approx(mean(right))
