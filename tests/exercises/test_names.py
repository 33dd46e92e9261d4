"""Tests of `nlp4.exercises.names`: the references another way."""

from __future__ import annotations

from itertools import permutations
from statistics import mean

import pytest
from answers import cases
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from nlp4.exercises.given import edit_distance
from nlp4.exercises.names import NEAREST_NAMES, PERMUTATION_P


@given(st.text(max_size=9), st.text(max_size=9))
def test_the_edit_distance_is_levenshtein_s(first: str, second: str) -> None:
    assert edit_distance(first, second) == Levenshtein.distance(first, second)


def test_the_nearest_names_are_those_to_which_none_is_nearer() -> None:
    for name, names, _ in cases("nearest_names"):
        far = [Levenshtein.distance(name, other) for other in names]
        wanted = [other for other, d in zip(names, far, strict=True) if not any(x < d for x in far)]
        assert NEAREST_NAMES.reference(name, names, Levenshtein.distance) == wanted


def test_the_p_value_counts_all_orders_of_the_guesses() -> None:
    for guesses, birthplaces in cases("permutation_p"):
        orders = permutations(guesses)
        agreeing = [sum(map(str.__eq__, order, birthplaces)) for order in orders]
        wanted = mean(count >= agreeing[0] for count in agreeing)
        assert PERMUTATION_P.reference(guesses, birthplaces) == pytest.approx(wanted)
        assert PERMUTATION_P.reference(birthplaces, guesses) == pytest.approx(wanted)
