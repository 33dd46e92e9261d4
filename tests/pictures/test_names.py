"""Tests of `nlp4.pictures.names`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from explorers import at_the_ends, fits_a_phone, walk
from stored_beliefs import JUDGED, bias

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.exercises.given import edit_distance
from nlp4.experiments.names import ALL, MEASURES, WHOLE, NameGuesses, Row
from nlp4.experiments.rewordings import Misspelt, Rewordings, Slips
from nlp4.experiments.rewordings import Row as Reworded
from nlp4.maths.statistics import Agreement, Share
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.pictures import names
from nlp4.pictures.confidence import abstain_explorer, reliability_explorer
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.facts import facts_explorer, misinformed_explorer, readings_explorer
from nlp4.pictures.names import (
    COUNTRY,
    ORIGIN,
    PLACE,
    Near,
    Neighbours,
    agreement_lines,
    bias_explorer,
    bias_lines,
    names_explorer,
    neighbours,
    neighbours_picture,
    rewording_lines,
    slips_explorer,
    slips_picture,
    slips_scene,
    with_mark,
)
from nlp4.support.errors import UserError

PERSON = Neighbours(
    "Ada Quill",
    "Bath",
    "Oslo",
    tuple(
        Near(m, (("Ida Quill", "Bath"), ("Ada Quilt", "Rome")), 3, 1 if m == WHOLE else 0, 1)
        for m in MEASURES
    ),
)
OTHER = Neighbours("Bo Lind", "Bath", None, (Near(WHOLE, (("Bo Lund", "Rome"),), 1, 0, 2),))
RNG = partial(np.random.default_rng, 0)
SLIPS = Slips(
    {"one": tuple(Share(4 - i, 4) for i in range(5)), "two": (Share(3, 3),) * 5},
    tuple(
        Misspelt(
            "Bath",
            tuple(f"Ada Quill {i}" for i in range(5)),
            {"one": ("Bath", *"abcd"), "two": ("Bath",) * 5},
        )
        for _ in range(2)
    ),
)
EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "facts": facts_explorer,
    "misinformed": misinformed_explorer,
    "readings": readings_explorer,
    "reliability": lambda: reliability_explorer(JUDGED),
    "abstain": lambda: abstain_explorer(JUDGED),
    "bias": lambda: bias_explorer(bias()),
    "names": lambda: names_explorer([PERSON, OTHER]),
    "slips": lambda: slips_explorer(SLIPS),
}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_position_draws_or_says_why_not(name: str) -> None:
    walk(EXPLORERS[name](), "no model of", "there is no row")


@pytest.mark.parametrize("name", ["bias", "names", "slips"])
def test_every_picture_fits_a_phone(name: str) -> None:
    for drawn in at_the_ends(EXPLORERS[name]()):
        fits_a_phone(drawn)


def test_long_names_and_places_fit_a_phone() -> None:
    name, place = "Fryderyk Arkadiusz Bernatowicz", "Newcastle upon Tyne, in England"
    near = tuple(Near(measure, ((name, place),) * 4, 30, 2, 3) for measure in MEASURES)
    fits_a_phone(neighbours_picture(Neighbours(name, place, None, near)))
    said = {label: (place, *"abcd") for label in SLIPS.still_right}
    asked = replace(SLIPS, people=(Misspelt(place, (name, *"abcd"), said),))
    fits_a_phone(slips_picture(slips_scene(asked, 0, 1)))


def test_bias_in_words() -> None:
    explorer = bias_explorer(bias())
    assert "Here is answered 6 times and true 5 times: a ratio of 1.20." in explorer.caption
    assert explorer.caption.endswith("contains 1.")
    explorer.controls["rank"].value = 2
    assert "There is answered 0 times and true 4 times" in explorer.caption
    explorer.controls["by"].value = ORIGIN
    assert "Names of yy: 1/4 right (25.0%)." in explorer.caption
    assert explorer.caption.endswith("contains the share of all names, 60.0%.")
    explorer.controls["by"].value = PLACE
    assert explorer.caption == "there is no row 2 here: the last one is row 1"


def test_names_in_words() -> None:
    explorer = names_explorer([PERSON, OTHER])
    assert explorer.caption == (
        "Ada Quill: the model guesses Bath (the truth: Oslo). Nearest by letters is Ida Quill, "
        "1 letter away, one of 3 equally near, born in Bath. A nearest name has the guessed "
        "place by whole name."
    )
    assert "and 1 more, equally near" in explorer.svg
    explorer.controls["person"].value = 2
    assert "the model guesses Bath. Nearest" in explorer.caption
    assert "2 letters away, born in Rome." in explorer.caption
    assert explorer.caption.endswith("by no measure.")


def test_rows_of_a_place_that_is_true_often_enough() -> None:
    lines = bias_lines(bias(), COUNTRY)
    assert [(row.label, row.value, row.counts) for row in lines.rows] == [
        ("Here", 1.2, "6 for 5"),
        ("There", 0.0, "0 for 4"),
    ]
    assert (lines.logarithmic, lines.reference, lines.marked) == (True, 1.0, None)
    assert [row.label for row in bias_lines(bias(), PLACE).rows] == ["London"]
    assert len(bias_lines(bias(countries=bias().countries * 9), COUNTRY).rows) == 15


def test_rows_of_an_origin_are_shares() -> None:
    lines = bias_lines(bias(), ORIGIN)
    assert [(row.label, row.counts) for row in lines.rows] == [("xx", "5/6"), ("yy", "1/4")]
    assert lines.rows[0].interval == Share(5, 6).interval
    assert (lines.reference, lines.logarithmic) == (0.6, False)
    with pytest.raises(UserError, match="origin of the name: not known"):
        bias_lines(bias(groups=()), ORIGIN)


def test_a_mark_is_on_a_row_that_exists() -> None:
    lines = bias_lines(bias(), COUNTRY)
    assert with_mark(lines, 2).marked == 1
    for rank in (0, 3):
        with pytest.raises(UserError, match=f"no row {rank} here: the last one is row 2"):
            with_mark(lines, rank)


def test_agreement_stands_beside_the_chance_within_the_origin_if_it_is_known() -> None:
    plain = Agreement(0.31, (0.2, 0.4), 0.1, (0.0, 0.2), 0.01)
    within = replace(plain, chance_range=(0.05, 0.25))
    rows = (
        Row(ALL, "by a", 10, 1.0, plain, None, None),
        Row(ALL, "by b", 10, 1.0, plain, within, None),
        Row("some", "by a", 5, 1.0, plain, None, None),
    )
    lines = agreement_lines(NameGuesses("dev", rows, (), ()))
    assert [(row.label, row.chance) for row in lines.rows] == [
        ("by a", (0.0, 0.2)),
        ("by b", (0.05, 0.25)),
    ]
    assert lines.span == (0.0, 0.4)
    with pytest.raises(UserError, match="nobody is in the group 'none'"):
        agreement_lines(NameGuesses("dev", rows, (), ()), "none")


def test_rewordings_are_shares_of_those_who_were_right() -> None:
    row = Reworded("upside down", Share(3, 4), Share(0, 1), Share(0, 1), 0.5, 0.5, 0)
    (line,) = rewording_lines(Rewordings(Share(4, 5), Share(0, 0), (row,))).rows
    assert (line.label, line.value, line.counts) == ("upside down", 0.75, "3/4")


def test_neighbours_by_brute_force(corpus: Corpus, model: tuple[GPT, Vocabulary]) -> None:
    found = neighbours(*model, corpus, corpus.dev)
    train = {question.name: question.place for question in corpus.train}
    guesses = greedy(*model, [question.text for question in corpus.dev])
    for person, question, guess in zip(found, corpus.dev, guesses, strict=True):
        assert (person.name, person.guess, person.true) == (question.name, guess, question.place)
        assert [near.measure for near in person.near] == list(MEASURES)
        near = person.near[MEASURES.index(WHOLE)]
        distances = {name: edit_distance(question.name, name) for name in train}
        nearest = {n for n, far in distances.items() if far == min(distances.values())}
        assert near.distance == min(distances.values()) and near.number == len(nearest)
        assert {name for name, _ in near.people} <= nearest
        assert len(near.people) == min(4, len(nearest))
        assert all(train[name] == place for name, place in near.people)
        assert near.agree == sum(train[name] == guess for name in nearest)


def test_those_who_agree_with_the_guess_come_first(
    corpus: Corpus, model: tuple[GPT, Vocabulary], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = corpus.train[-1].place or ""
    monkeypatch.setattr(names, "greedy", lambda *args: [place] * 3)
    # Every training name is as near as any other.
    everybody = dict.fromkeys(MEASURES, torch.full((3, 7), 1 / 7).numpy())
    monkeypatch.setattr(names, "nearest", lambda *args: everybody)
    agree = sum(question.place == place for question in corpus.train)
    for person in neighbours(*model, corpus, corpus.dev):
        for near in person.near:
            assert (near.number, near.agree, len(near.people)) == (7, agree, 4)
            assert [p == place for _, p in near.people] == [i < agree for i in range(4)]


def test_slips_in_words() -> None:
    explorer = slips_explorer(SLIPS)
    explorer.controls["number"].value = 3
    assert explorer.svg.count("✓") == 1 + 5 and explorer.svg.count("✗") == 4
    assert explorer.caption == (
        "With 3 slips in each name, still right: one 1 of 4 (25%), two 3 of 3 (100%). Asked about "
        "'Ada Quill 3', it says: one 'c', two 'Bath'. The truth is Bath."
    )
    explorer = slips_explorer(replace(SLIPS, people=()))
    assert explorer.caption == "there is no person 1: all models know 0"
