"""Tests of `nlp4.exercises.names`: learners' answers, and the references another way."""

from __future__ import annotations

from itertools import permutations
from statistics import mean

import pytest
from answers import Answer, assert_right, assert_wrong, cases, each_right, each_wrong
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from wrong_answers_names import ALSO_RIGHT, ANSWERS

from nlp4.exercises.names import CHANCE_AGREEMENT, NEAREST_NAMES, edit_distance


@each_right(ANSWERS, ALSO_RIGHT)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    assert_right(name, answer)


@each_wrong(ANSWERS)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    assert_wrong(name, answer, fragment)


@given(st.text(max_size=9), st.text(max_size=9))
def test_the_edit_distance_is_levenshtein_s(first: str, second: str) -> None:
    assert edit_distance(first, second) == Levenshtein.distance(first, second)


def test_the_nearest_names_are_those_to_which_none_is_nearer() -> None:
    for name, names, _ in cases("nearest_names"):
        far = [Levenshtein.distance(name, other) for other in names]
        wanted = [other for other, d in zip(names, far, strict=True) if not any(x < d for x in far)]
        assert NEAREST_NAMES.reference(name, names, Levenshtein.distance) == wanted


def test_chance_agreement_is_the_mean_over_all_ways_to_deal_the_guesses_out() -> None:
    for guesses, birthplaces in cases("chance_agreement"):
        if len(guesses) <= 5:
            agreeing = (mean(map(str.__eq__, each, birthplaces)) for each in permutations(guesses))
            assert CHANCE_AGREEMENT.reference(guesses, birthplaces) == pytest.approx(mean(agreeing))
