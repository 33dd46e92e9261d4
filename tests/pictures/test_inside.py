"""Tests of `nlp4.pictures.inside`: pictures and captions against the model itself."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone

from nlp4.data import load_corpus
from nlp4.data.relations import PLAIN, facts
from nlp4.models.asking import best_answers, greedy, probabilities_of
from nlp4.pictures import gallery
from nlp4.pictures.explorer import Explorer
from nlp4.training import shipped

NAMES = ("swap", "head-logits", "patch", "edit")


@pytest.fixture(params=NAMES)
def explorer(request: pytest.FixtureRequest) -> Explorer[Any]:
    return gallery.explorer(request.param)


def test_pictures_fit_a_phone(explorer: Explorer[Any]) -> None:
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)


def test_every_position_draws_numbers(explorer: Explorer[Any]) -> None:
    for drawn in at_the_ends(explorer):
        assert not re.search(r"\bnan\b", drawn + explorer.caption)
    for prepared in explorer.lecture:
        assert explorer.at(**prepared.values).svg


def test_a_row_brings_its_persons_answer() -> None:
    explorer = gallery.explorer("swap")
    (grid,) = gallery.EXPLORERS["swap"].given()
    names = grid.names
    told = {fact.name: fact.answer for fact in facts(load_corpus())["birth_year"].dev}
    assert [row[i].answer for i, row in enumerate(grid.answers["birth_year"])] == [
        told[name] for name in names
    ]
    explorer.at(relation="birth_year", asked=1, row=2)
    model, vocabulary = shipped.load("people_asked")
    own = [
        best_answers(model, vocabulary, PLAIN["birth_year"].replace("X", name), beams=1, number=1)
        for name in names[:2]
    ]
    assert f"with the row of {names[1]}: the model says {own[1][0].place!r}" in explorer.caption
    explorer.at(row=1)
    assert f"own row: the model says {own[0][0].place!r} ({own[0][0].probability:.0%})" in (
        explorer.caption
    )


def test_a_head_copies_where_its_weight_says_so() -> None:
    explorer = gallery.explorer("head-logits")
    (views,) = gallery.EXPLORERS["head-logits"].given()
    for head in (1, 2, 3, 4):
        logits = views[0].logits[0, head - 1]
        weight = float(np.exp(logits - logits.max()).sum() ** -1)
        for eps in (0.02, 0.1, 0.4):
            explorer.at(head=head, eps=eps)
            assert f"gives {weight:.1%} of its weight" in explorer.caption
            assert ("so it copies" in explorer.caption) == (weight >= 1 - eps)


def test_a_patch_says_what_the_two_questions_say() -> None:
    explorer = gallery.explorer("patch")
    (maps,) = gallery.EXPLORERS["patch"].given()
    explorer.at(person=2, site="layer 1", place=explorer.controls["place"].max)
    model, vocabulary = shipped.load("people_asked")
    found = maps[1]
    assert greedy(model, vocabulary, [found.question[:-1], found.donor]) == [found.own, found.other]
    asked = probabilities_of(model, vocabulary, [found.question[:-1]], [found.own])
    assert f"where it had {asked[0].probability:.1%}." in explorer.caption
    given = found.given[1, -1, 0]
    assert f"{found.other!r}, which {found.donor!r} asks for, has {given:.1%}" in explorer.caption
    explorer.at(place=1)
    assert "has no place beside" in explorer.caption  # "Where" is longer than "When"


def test_the_map_is_taken_in_hand() -> None:
    explorer = gallery.explorer("patch")
    (maps,) = gallery.EXPLORERS["patch"].given()
    places = maps[0].given.shape[1]
    x, y = explorer.handles["cell"].at
    explorer.drag("cell", x + 330 / places, y - 36)
    assert (explorer.controls["place"].value, explorer.controls["site"].value) == (7, "layer 1")
    explorer.drag("cell", 1000, 1000)
    assert explorer.controls["place"].value == places
    assert explorer.controls["site"].value == "characters and words"


def test_an_edit_begins_with_what_was_said_and_ends_with_the_new_place() -> None:
    (edits,) = gallery.EXPLORERS["edit"].given()
    model, vocabulary = shipped.load("people_asked")
    for found in edits:
        question = PLAIN["birthplace"].replace("X", found.name)
        assert greedy(model, vocabulary, [question]) == [found.old]
        for relation, (answer, given) in found.others.items():
            asked = PLAIN[relation].replace("X", found.name)
            assert greedy(model, vocabulary, [asked]) == [answer]
            (before,) = probabilities_of(model, vocabulary, [asked], [answer])
            assert math.isclose(given[0], before.probability, rel_tol=1e-4)
        assert found.given[0, 1] < 0.1 and found.given[:, 1].max() > 0.5
    explorer = gallery.explorer("edit").at(strength=0.0)
    assert "Of 3 other answers, 3 have at least half" in explorer.caption
