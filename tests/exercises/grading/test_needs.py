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
    assert needed(plain, plain.values(), {"double"}).keys() == {1, 3, 5}
    assert needed(CELLS, CELLS.values(), {"double"}).keys() == CELLS.keys()


def test_of_several_cells_that_define_a_name_the_last_before_counts() -> None:
    cells = {1: "x = 1", 2: "x = 2", 3: "def f(y): return y + z", 4: "z = x", 5: "x = 3"}
    assert needed(cells, cells.values(), {"f"}).keys() == {2, 3, 4}
    cells[6] = "z = 5"  # a function looks when it is called
    assert needed(cells, cells.values(), {"f"}).keys() == {2, 3, 4, 6}


def test_what_a_learner_wrote_runs_with_all_that_it_uses() -> None:
    cells = {0: CELLS[6], **CELLS, 7: "y = 1", 8: "lambda: print([table for scale in ()])"}
    own = [source for number, source in cells.items() if number != 8]
    assert needed(cells, own, {"double"}).keys() == {0, 1, 2, 3, 5, 8}
    assert needed(CELLS, (), ()).keys() == CELLS.keys()


@pytest.mark.parametrize(
    "source", ["from math import *", "x = (", "x\0", "-" * 100_000 + "1", "(" * 10_000]
)
def test_what_cannot_be_looked_at_runs(source: str) -> None:
    assert needed({0: source}, {source}, ()) == {0: source}


@pytest.mark.parametrize("stem", NOTEBOOKS)
def test_the_exercises_of_the_workbook_need_few_of_its_cells(stem: str) -> None:
    sources, names = dict(enumerate(own_sources(stem))), {each.name for each in exercises_of(stem)}
    found = needed(sources, sources.values(), names)
    assert len(names) <= len(found) < len(sources)
    defined = "\n".join(found.values())
    assert all(f"def {name}(" in defined for name in names)


def test_of_a_notebook_that_is_not_there_nothing_is_known() -> None:
    assert own_sources("99_nothing") == frozenset()


def test_of_what_a_cell_imports_only_what_is_used_is() -> None:
    cells = {
        1: "import os.path, re as expressions\nfrom a import (b,\n  c as d)\nshow(b)\nx = d",
        2: "def f(y): return expressions, y",
        3: "import sys; z = 1",
        4: "from . import here",
    }
    own = set(cells.values())
    assert needed(cells, own, {"f"})[1] == "import re as expressions"
    assert needed(cells, own - {cells[4]}, {"f"})[4] == cells[4]
    cells[2] = "def f(y): return x, os, here, z"
    assert needed(cells, own, {"f"}) == {
        1: "import os.path\nfrom a import b\nfrom a import c as d\nshow(b)\nx = d",
        2: cells[2],
        3: cells[3],
        4: cells[4],
    }


def test_a_cell_that_goes_on_with_ours_is_needed_by_what_uses_them() -> None:
    cells = {1: "def f(y): ...", 2: "(f,) = ours(f)\nslow(f)", 3: "def g(y): ..."}
    own = set(cells.values())
    assert needed(cells, own, {"f", "g"}).keys() == {1, 3}
    assert needed({**cells, 3: "def g(y): return f(y)"}, own, {"f", "g"}).keys() == {1, 2, 3}
