"""Patching: which places belong together, and answers against the two questions themselves."""

from __future__ import annotations

import numpy as np
import pytest

from nlp4.data.corpus import Corpus
from nlp4.data.relations import PLAIN
from nlp4.data.vocabulary import MASK
from nlp4.experiments import patching
from nlp4.experiments.patching import PARTS, Settings, aligned, bounds
from nlp4.models.asking import greedy, probabilities_of
from nlp4.support.errors import UserError
from nlp4.training import shipped

FEW = Settings(people=6)


@pytest.fixture(scope="module")
def found(embedded: Corpus) -> dict[tuple[str, str], patching.Patch]:
    rows = patching.experiment(*shipped.load("people_asked"), embedded, FEW)
    return {(row.site, row.part): row for row in rows}


@pytest.mark.parametrize("wording", PLAIN.values())
def test_the_parts_make_up_the_question_and_its_mask(wording: str) -> None:
    asked = wording.replace("X", "Ada Dijk") + MASK
    parts = bounds(wording, "Ada Dijk")
    assert list(parts) == list(PARTS)
    assert [place for part in parts.values() for place in part] == list(range(len(asked)))
    read = {part: asked[places.start : places.stop] for part, places in parts.items()}
    assert read["the first word"] == wording.split(" ")[0] + " "
    assert (read["the name"], read["the mask"]) == ("Ada Dijk", MASK)


def test_parts_of_two_lengths_stand_side_by_side_from_their_ends() -> None:
    assert aligned(range(2, 8), range(0, 5)) == ([3, 4, 5, 6, 7], [0, 1, 2, 3, 4])
    assert aligned(range(1), range(9)) == ([0], [8])
    assert aligned(range(3, 3), range(9)) == ([], [])


def test_what_is_asked_moves_from_the_first_word_to_the_mask(
    found: dict[tuple[str, str], patching.Patch],
) -> None:
    for (site, part), row in found.items():
        begins = site == "characters and words"
        moved = part == ("the first word" if begins else "the mask")
        assert (row.other.right, row.own.right) == ((6, 0) if moved else (0, 6)), (site, part)


def test_who_is_asked_about_stands_nowhere_before_the_row_is_read(
    found: dict[tuple[str, str], patching.Patch],
) -> None:
    for (site, part), row in found.items():
        read = (site, part) == ("the person's row", "the mask")
        assert row.control.right == 6 if not read else row.control.right < 3, (site, part)


def test_people_are_those_whose_two_answers_the_model_gives(embedded: Corpus) -> None:
    model, vocabulary = shipped.load("people_asked")
    known = patching.known_of_both(model, vocabulary, embedded, FEW)
    for relation, answers in (
        ("birthplace", [person.own for person in known]),
        ("birth_year", [person.other for person in known]),
    ):
        asked = [PLAIN[relation].replace("X", person.name) for person in known]
        assert greedy(model, vocabulary, asked) == answers


def test_a_place_by_itself_is_as_good_as_its_part(embedded: Corpus) -> None:
    model, vocabulary = shipped.load("people_asked")
    (person, *_) = patching.known_of_both(model, vocabulary, embedded, FEW)
    sites = patching.answers_by_place(model, vocabulary, person, FEW)
    asked = PLAIN["birthplace"].replace("X", person.name)
    (donor,) = probabilities_of(
        model, vocabulary, [PLAIN["birth_year"].replace("X", person.name)], [person.other]
    )
    for site, given in sites.items():
        assert given.shape == (len(asked) + 1, 2)
        assert np.isnan(given[0]).all() and not np.isnan(given[1:]).any()  # "Where" is longer
        sum_of_both = given[1:].sum(1)
        assert ((sum_of_both > 0) & (sum_of_both <= 1 + 1e-6)).all()
        best = int(np.nanargmax(given[:, 0]))
        assert best == (5 if site == "characters and words" else len(asked))
        assert given[best, 0] == pytest.approx(donor.probability, abs=0.3)


def test_a_model_that_knows_too_little_is_refused(embedded: Corpus) -> None:
    with pytest.raises(UserError, match="needs two such people"):
        patching.experiment(*shipped.load("people_plain"), embedded)


def test_the_table_has_a_row_for_each_site_and_part(
    found: dict[tuple[str, str], patching.Patch],
) -> None:
    rows = list(found.values())
    assert len(patching.markdown(rows).splitlines()) == 2 + 3 * len(PARTS)
    assert patching.as_json(rows)["rows"][0]["part"] == PARTS[0]


@pytest.mark.parametrize("wrong", [{"people": 0}, {"donor": "hobby"}, {"seed": -2}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError):
        Settings(**wrong)  # type: ignore[arg-type]
