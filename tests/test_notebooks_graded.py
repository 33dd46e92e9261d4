"""The project's own notebooks, graded: solved they get every point, as learners' copies none.

Cells tagged `train` load a shipped model instead, so this takes seconds a notebook.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp4.exercises.checks import exercises_of
from nlp4.exercises.grading.notebook import Limits, grade
from nlp4.exercises.grading.sandbox import chosen
from nlp4.exercises.student import write_student_copies
from nlp4.support.files import notebooks_folder

LIMITS = Limits(cell=120, sandbox=chosen("auto"))
GRADED = [path for path in sorted(notebooks_folder().glob("*.ipynb")) if exercises_of(path.stem)]


@pytest.mark.slow
@pytest.mark.parametrize("path", GRADED, ids=lambda path: path.stem)
def test_a_solved_notebook_gets_every_point(path: Path) -> None:
    report = grade(path, LIMITS)
    assert [verdict.line() for verdict in report.verdicts if verdict.status != "right"] == []
    assert report.points == report.out_of > 0
    assert report.note == ""


@pytest.mark.slow
@pytest.mark.parametrize("path", GRADED, ids=lambda path: path.stem)
def test_a_learners_copy_runs_to_its_end_and_gets_no_points(path: Path, tmp_path: Path) -> None:
    write_student_copies(notebooks_folder(), tmp_path)
    report = grade(tmp_path / path.name, LIMITS)
    assert {verdict.line() for verdict in report.verdicts if verdict.status != "unwritten"} == set()
    assert report.points == 0
    assert report.note == ""
