"""Tests of `nlp4.data.names`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from grid import CORPUS
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.data.names import edit_distances, first_name, invented_names, misspelt, surname
from nlp4.support.errors import UserError


def levenshtein(a: str, b: str) -> int:
    """The definition, by recursion."""

    @cache
    def between(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        same = between(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(same, between(i - 1, j) + 1, between(i, j - 1) + 1)

    return between(len(a), len(b))


words = st.lists(st.text("abcé ", max_size=7), min_size=1, max_size=5)


@quick
@given(words, words)
def test_edit_distances_are_levenshtein_s(first: list[str], second: list[str]) -> None:
    expected = [[levenshtein(a, b) for b in second] for a in first]
    assert edit_distances(first, second).tolist() == expected


def test_edit_distances_known_by_heart() -> None:
    found = edit_distances(["kitten", "Saturday", ""], ["sitting", "Sunday", "kitten", "kitten"])
    assert found[0, 0] == 3
    assert found[1, 1] == 3
    assert found[:, 2].tolist() == found[:, 3].tolist() == [0, levenshtein("Saturday", "kitten"), 6]
    assert found[2].tolist() == [7, 6, 6, 6]
    assert edit_distances([], ["a"]).shape == (0, 1)


def test_parts_of_a_name() -> None:
    assert (first_name("Ada Mary van Dijk"), surname("Ada Mary van Dijk")) == ("Ada", "Dijk")
    assert first_name("Ada") == surname("Ada") == "Ada"


@quick
@given(st.text("abcde ", min_size=1, max_size=9), st.integers(0, 99))
def test_slips_of_the_pen(name: str, seed: int) -> None:
    inside = [word[1:] for word in name.split(" ")]
    room = {
        "swapped": any(len(set(word)) > 1 for word in inside),
        "dropped": any(inside),
        "doubled": any(inside),
    }
    for slip, longer in (("swapped", 0), ("dropped", -1), ("doubled", 1)):
        made = misspelt(name, slip, np.random.default_rng(seed))  # type: ignore[arg-type]
        assert (made is not None) == room[slip]
        if made is None:
            continue
        assert made != name
        assert len(made) == len(name) + longer
        assert levenshtein(name, made) == (1 if longer else 2)
        assert [word[:1] for word in made.split(" ")] == [word[:1] for word in name.split(" ")]
        assert slip != "swapped" or sorted(made) == sorted(name)


def test_every_slip_is_made() -> None:
    rng = np.random.default_rng(0)
    made = {misspelt("Anna Li", "dropped", rng) for _ in range(200)}
    assert made == {"Ana Li", "Ann Li", "Anna L"}
    assert {misspelt("Anna Li", "swapped", rng) for _ in range(100)} == {"Anan Li"}
    assert misspelt("Al Li", "swapped", rng) is None
    assert misspelt("O'B", "doubled", rng) is None


@pytest.mark.parametrize("grouped", [False, True])
def test_invented_names_are_nobody_s(grouped: bool) -> None:
    groups = {q.name: q.name[0] > "D" for q in CORPUS.train} if grouped else None
    corpus = replace(CORPUS, dev=CORPUS.dev[:20], biographies=CORPUS.biographies[:40])
    made = invented_names(corpus, 8, np.random.default_rng(0), groups)  # type: ignore[arg-type]
    assert len({m.name for m in made}) == 8
    everybody = "\n".join([*corpus.biographies, *(q.text for q in corpus.train + corpus.dev)])
    train = {q.name for q in corpus.train}
    for m in made:
        assert m.name not in everybody
        assert {m.first_of, m.surname_of} <= train
        assert m.name == f"{first_name(m.first_of)} {surname(m.surname_of)}"
        assert groups is None or groups[m.first_of] == groups[m.surname_of]


def test_names_run_out() -> None:
    with pytest.raises(UserError, match="names could be invented: ask for fewer"):
        invented_names(CORPUS, 8, np.random.default_rng(0))  # train and dev hold every pair
    with pytest.raises(UserError, match="0 of 1 names"):
        invented_names(replace(CORPUS, train=()), 1, np.random.default_rng(0))
