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
    plain = {number: source for number, source in CELLS.items() if number != 7}
    assert needed(plain, plain.values(), {"double"}) == {1, 3, 5}
    assert needed(CELLS, CELLS.values(), {"double"}) == {*CELLS}  # a magic may use anything


def test_of_several_cells_that_define_a_name_the_last_before_counts() -> None:
    cells = {1: "x = 1", 2: "x = 2", 3: "def f(y): return y + z", 4: "z = x", 5: "x = 3"}
    assert needed(cells, cells.values(), {"f"}) == {2, 3, 4}
    cells[6] = "z = 5"  # a function looks when it is called
    assert needed(cells, cells.values(), {"f"}) == {2, 3, 4, 6}


def test_what_a_learner_wrote_runs_with_all_that_it_uses() -> None:
    cells = {0: CELLS[6], **CELLS, 7: "y = 1", 8: "lambda: print([table for scale in ()])"}
    own = [source for number, source in cells.items() if number != 8]
    assert needed(cells, own, {"double"}) == {0, 1, 2, 3, 5, 8}
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
