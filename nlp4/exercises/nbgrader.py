"""The workbook as a course for nbgrader, which hands notebooks out, runs them and counts points.

nbgrader begins with *source* notebooks: solved, with its own metadata on the cells that learners
write and on those that test. It is not needed to write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from nlp4.exercises.checks import exercises_of, verdict
from nlp4.exercises.student import (
    BEGIN,
    TRAIN,
    Copied,
    instead_of_training,
    notebooks_to_copy,
    read_notebook,
    student_copy,
    tags,
    text_of_copy,
    write_copy,
)
from nlp4.support.errors import UserError

# nbgrader removes these lines from what learners get, and puts them back to give points. Then the
# cell's `check` is ours, whatever the learner has called so, and fails where an answer is not
# right: nbgrader gives a cell that fails no points.
_HIDDEN = """### BEGIN HIDDEN TESTS
from nlp4.exercises.nbgrader import check
### END HIDDEN TESTS
"""
_CONFIG = """# Written by `python -m nlp4 student FOLDER --nbgrader`.
c = get_config()
c.CourseDirectory.course_id = "nlp4"
c.Execute.timeout = 120  # seconds for a cell; one takes 40 on a busy core
# Learners train their models. To give points, load a trained one: it takes seconds, not minutes.
c.Autograde.autograde_preprocessors.insert(0, "nlp4.exercises.nbgrader.load_instead_of_training")
"""
_LINK = re.compile(r"\]\((\w+)\.ipynb")


def check(name: str, answer: object) -> None:
    """Print what is to be said of a right function for the exercise `name`.

    Raises UserError that says so for every other answer, and for an unknown name.
    """
    found = verdict(name, answer)
    if found.status != "right":
        raise UserError(found.line())
    print(found.line())


def load_instead_of_training(
    notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Let each cell tagged `train` load a trained model; nbgrader calls this before it runs cells.

    A cell whose metadata say nothing of what to run instead does nothing.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code" and TRAIN in tags(cell):
            cell.source = instead_of_training(cell) or ""
    return notebook, resources


def write_sources(source_folder: Path, target: Path, *, force: bool = False) -> list[Copied]:
    """Write a course for nbgrader into `target`: its settings, and an assignment a notebook.

    A file that is there and differs is kept, unless `force`. Nothing is written if any notebook is
    refused. Raises UserError for what `source_notebook` refuses, for a folder without notebooks,
    and for a target that is the source.
    """
    texts = {target / "nbgrader_config.py": _CONFIG}
    for path in notebooks_to_copy(source_folder, target):
        made = source_notebook(read_notebook(path), path.stem)
        texts[target / "source" / path.stem / path.name] = text_of_copy(made, path.stem)
    return [write_copy(path, text, force=force) for path, text in texts.items()]


def source_notebook(notebook: NotebookNode, stem: str) -> NotebookNode:
    """A solved copy of the notebook called `stem`, without outputs, as nbgrader wants it.

    Worked solutions are left out: nbgrader would hand them out. Raises UserError for what
    `student_copy` refuses, for an exercise without one cell that is to be written and one that
    checks, and for a solution that belongs to no exercise.
    """
    made = student_copy(notebook, f"{stem}.ipynb", keep_solutions=True)
    for exercise in exercises_of(stem):
        _mark_exercise(made, stem, exercise.name, exercise.points)
    for cell in made.cells:
        if cell.cell_type == "markdown":  # the other notebooks will lie in folders of their own
            cell.source = _LINK.sub(r"](../\1/\1.ipynb", cell.source)
        elif BEGIN in cell.source and "nbgrader" not in cell.metadata:
            head = cell.source.partition("\n")[0]
            raise UserError(f"{stem}.ipynb has a solution that no exercise asks for: `{head}`")
    return made


def _mark_exercise(notebook: NotebookNode, stem: str, name: str, points: int) -> None:
    call = f'check("{name}", {name})'
    where = f"{stem}.ipynb, exercise `{name}`"
    written = _one_cell(
        notebook, lambda code: BEGIN in code and f"def {name}(" in code, f"{where}: a solution"
    )
    checked = _one_cell(notebook, lambda code: code.strip() == call, f"{where}: a cell `{call}`")
    written.metadata["nbgrader"] = _metadata(f"{name}-written", solution=True)
    checked.metadata["nbgrader"] = _metadata(name, grade=True, locked=True, points=points)
    checked.source = _HIDDEN + call


def _one_cell(notebook: NotebookNode, wanted: Callable[[str], bool], what: str) -> NotebookNode:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and wanted(cell.source)]
    if len(cells) != 1:
        raise UserError(f"{what} stands {len(cells)} times in it: it must be there once")
    return cells[0]


def _metadata(grade_id: str, **changes: bool | int) -> NotebookNode:
    """What nbgrader's schema 3 wants to know of a cell."""
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    known = {"schema_version": 3, "grade_id": grade_id, "cell_type": "code", **kinds, **changes}
    return NotebookNode(known)
