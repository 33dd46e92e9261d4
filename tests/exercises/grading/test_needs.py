"""Tests of `nlp4.exercises.grading.needs`: what is left out changes no points."""

from __future__ import annotations

import pytest

from nlp4.exercises.checks import NOTEBOOKS, exercises_of
from nlp4.exercises.grading.needs import needed, own_sources

CELLS = {
    1: "import numpy as np",
    2: "table = slow()",
    3: "scale = 2",
    4: "show(table, scale)",
    5: "def double(x):\n    table = np.asarray(x)\n    return scale * table",
    6: "def slow(): ...",
    7: "%magic",
}


def test_what_only_shows_is_left_out() -> None:
    assert needed(CELLS, CELLS.values(), {"double"}) == {1, 3, 5, 7}


def test_what_a_learner_wrote_runs_with_all_that_it_uses() -> None:
    own = {**CELLS, 8: "lambda: print([table for scale in ()])"}
    assert needed(own, CELLS.values(), {"double"}) == {1, 2, 3, 5, 6, 7, 8}
    assert needed(CELLS, (), ()) == {*CELLS}


@pytest.mark.parametrize(
    "source", ["from math import *", "x = (", "x\0", "-" * 100_000 + "1", "(" * 10_000]
)
def test_what_cannot_be_looked_at_runs(source: str) -> None:
    assert needed({0: source}, {source}, ()) == {0}


@pytest.mark.parametrize("stem", NOTEBOOKS)
def test_the_exercises_of_the_workbook_need_few_of_its_cells(stem: str) -> None:
    sources, names = dict(enumerate(own_sources(stem))), {each.name for each in exercises_of(stem)}
    found = needed(sources, sources.values(), names)
    assert len(names) <= len(found) < len(sources)
    defined = "\n".join(sources[number] for number in found)
    assert all(f"def {name}(" in defined for name in names)


def test_of_a_notebook_that_is_not_there_nothing_is_known() -> None:
    assert own_sources("99_nothing") == frozenset()
