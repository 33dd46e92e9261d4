"""Tests of `nlp4.data.wordings`."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.data.relations import PLAIN
from nlp4.data.wordings import (
    HANDS,
    LEADS,
    OTHER,
    POOLS,
    ask,
    key_neighbours,
    mistyped,
    parts,
    pool,
    split,
    surname_first,
)
from nlp4.support.errors import UserError

ALL = (*PLAIN, "other")

words = st.text("abcdeABCéß'-", min_size=1, max_size=6)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)
wordings = st.sampled_from([w for relation in ALL for w in pool(relation)])
seeds = st.integers(0, 2**32 - 1)


def test_the_plain_wording_comes_first() -> None:
    assert {relation: pool(relation)[0] for relation in PLAIN} == PLAIN
    assert pool("other") == OTHER
    assert {relation: pool(relation) for relation in ALL} == POOLS


@pytest.mark.parametrize("relation", ALL)
def test_a_split_keeps_wordings_back(relation: str) -> None:
    for seed in range(40):
        drawn = split(relation, seed)
        assert len(drawn.unseen) == 6
        assert sorted(drawn.trained + drawn.unseen) == sorted(pool(relation))
        assert drawn.trained[0] == pool(relation)[0]
        assert drawn == split(relation, seed)
    assert split(relation, 0, unseen=0).trained == pool(relation)
    assert split(relation, 0, unseen=len(pool(relation)) - 1).trained == pool(relation)[:1]


def test_every_wording_but_the_plain_one_is_kept_back_by_some_seed() -> None:
    drawn = {w for seed in range(400) for w in split("field", seed).unseen}
    assert drawn == set(pool("field")[1:])


def test_relations_are_split_independently() -> None:
    places = [
        [
            np.mean([pool(relation).index(w) for w in split(relation, seed).unseen])
            for seed in range(400)
        ]
        for relation in ("birthplace", "death_place")
    ]
    # 400 pairs that know nothing of each other: the correlation has a standard deviation of 0.05.
    assert abs(np.corrcoef(places)[0, 1]) < 0.2


def test_mistakes_in_asking_for_wordings() -> None:
    with pytest.raises(UserError, match="'shoes' is unknown: choose one of birthplace, birth_year"):
        pool("shoes")
    number = len(pool("field"))
    with pytest.raises(
        UserError, match=rf"{number} of the {number} wordings of 'field' .* 0 to {number - 1}$"
    ):
        split("field", 0, unseen=number)
    with pytest.raises(UserError, match="holds X 2 times: write it once"):
        ask("Was X X?", "Ada")
    with pytest.raises(UserError, match="holds X 0 times"):
        ask("Was Xenia there?", "Ada")


@quick
@given(wordings, names)
def test_a_question_is_a_wordings_two_parts_around_the_name(wording: str, name: str) -> None:
    before, after = parts(wording)
    assert f"{before}X{after}" == wording
    assert ask(wording, name) == f"{before}{name}{after}"


def test_an_x_within_a_word_is_no_name() -> None:
    assert parts("Xenia, was X on the Xebec?") == ("Xenia, was ", " on the Xebec?")
    with pytest.raises(UserError, match="holds X 0 times"):
        parts("Xenia")


@pytest.mark.parametrize("lead", LEADS)
def test_a_lead_leaves_every_wording_one_place_for_the_name(lead: str) -> None:
    assert parts(f"{lead} where was X born?") == (f"{lead} where was ", " born?")


def test_a_name_is_put_in() -> None:
    assert ask("What is X's trade?", "Malcolm X.") == "What is Malcolm X.'s trade?"
    assert ask("X: trade?", r"\1") == r"\1: trade?"


@quick
@given(wordings, names, seeds)
def test_hands_that_change_the_whole_text(wording: str, name: str, seed: int) -> None:
    asked = wording.replace("X", name)
    hands = {hand: HANDS[hand](wording, name, np.random.default_rng(seed)) for hand in HANDS}
    assert hands["lower case"] == (None if asked.islower() else asked.lower())
    assert hands["UPPER CASE"] == asked.upper()
    if wording.endswith("?"):
        assert hands["no question mark"] == asked[:-1]
    else:
        assert hands["no question mark"] is None
    assert asked not in hands.values()


@quick
@given(wordings, names, seeds)
def test_hands_that_slip_in_the_name(wording: str, name: str, seed: int) -> None:
    before, after = wording.split("X")
    for hand, longer in (
        ("two letters swapped", 0),
        ("one letter dropped", -1),
        ("one letter doubled", 1),
        ("one letter mistyped", 0),
    ):
        text = HANDS[hand](wording, name, np.random.default_rng(seed))
        if text is None:
            continue
        assert text.startswith(before) and text.endswith(after)
        written = text[len(before) : len(text) - len(after)]
        assert written != name
        assert len(written) == len(name) + longer
        lost, gained = Counter(name) - Counter(written), Counter(written) - Counter(name)
        assert (lost.total(), gained.total()) == {
            "two letters swapped": (0, 0),
            "one letter dropped": (1, 0),
            "one letter doubled": (0, 1),
            "one letter mistyped": (1, 1),
        }[hand]


def test_keys_that_touch() -> None:
    assert {letter: set(key_neighbours(letter)) for letter in "qagpm"} == {
        "q": set("wa"),
        "a": set("qwsz"),
        "g": set("ftyhvb"),
        "p": set("ol"),
        "m": set("njk"),
    }
    letters = "abcdefghijklmnopqrstuvwxyz"
    for a in letters:
        assert all(a in key_neighbours(b) for b in key_neighbours(a))
    assert key_neighbours("é") == key_neighbours("-") == ""


def test_a_mistyped_letter_keeps_its_case_and_the_first_one_stays() -> None:
    rng = np.random.default_rng(0)
    assert {mistyped("Al MQ", rng) for _ in range(300)} == {
        *("Ak MQ", "Ao MQ", "Ap MQ"),
        *("Al MW", "Al MA"),
    }
    assert mistyped("A B É-É Éé", rng) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Okafor", "Okafor, Ada"),
        ("Ada Mary O'Brien", "O'Brien, Ada Mary"),
        ("Ada Élise Žák", "Žák, Ada Élise"),
        ("Bruno van der Dijk", "van der Dijk, Bruno"),
        ("Bruno Okafor Jr.", "Okafor, Bruno, Jr."),
        ("Bruno Okafor, Sr.", "Okafor, Bruno, Sr."),
        ("Bruno C. van Dijk III", "van Dijk, Bruno C., III"),
        ("Bruno V. Okafor", "Okafor, Bruno V."),
        ("de Okafor", "Okafor, de"),
        ("Ada", None),
        ("Bruno III", None),
        ("Bruno I", None),
        ("Ada of Kent", None),
        ("Bruno Okafor the Elder", None),
        ("Bruno Okafor, 2nd Baron Okafor", None),
        ("", None),
    ],
)
def test_surname_first(name: str, expected: str | None) -> None:
    assert surname_first(name) == expected
    text = HANDS["surname first"]("Did X dance?", name, np.random.default_rng(0))
    assert text == (expected and f"Did {expected} dance?")
