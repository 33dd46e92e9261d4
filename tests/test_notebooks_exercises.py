"""Every exercise stands in its notebook as the registry says: named, timed, hinted and solved."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from nlp4.exercises.checks import EXERCISES, exercises_of
from nlp4.exercises.judging import Exercise

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
CASES = [
    pytest.param(path, exercise, id=exercise.name)
    for path in NOTEBOOKS
    for exercise in exercises_of(path.stem)
]


def cells(path: Path) -> list[NotebookNode]:
    return list(nbformat.read(path, as_version=4).cells)


def tagged(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def test_every_exercise_belongs_to_a_notebook_that_exists() -> None:
    assert {exercise.notebook for exercise in EXERCISES.values()} <= {p.stem for p in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_its_exercises_in_order_and_no_others(path: Path) -> None:
    checked = re.findall(r'^check\("(\w+)"', "\n".join(c.source for c in cells(path)), re.M)
    assert checked == [exercise.name for exercise in exercises_of(path.stem)]
    assert nbformat.read(path, as_version=4).metadata["nlp4"]["notebook"] == path.stem


@pytest.mark.parametrize(("path", "exercise"), CASES)
def test_an_exercise_is_told_written_checked_and_solved(path: Path, exercise: Exercise) -> None:
    found = cells(path)
    at = next(i for i, c in enumerate(found) if c.source.startswith(f'check("{exercise.name}"'))
    task, code, check, worked = found[at - 2 : at + 2]

    plural = "s" * (exercise.points != 1)
    told = f"(`{exercise.name}`, {exercise.minutes} minutes, {exercise.points} point{plural})"
    assert task.source.startswith("### Exercise ") and told in task.source.splitlines()[0]
    assert exercise.title in task.source.splitlines()[0]
    assert re.findall(r"<summary>(.*?)</summary>", task.source) == ["Hint 1", "Hint 2", "Hint 3"]
    assert tagged(code, "exercise") and "### BEGIN SOLUTION" in code.source
    (function,) = ast.parse(code.source).body
    assert isinstance(function, ast.FunctionDef) and function.name == exercise.name
    assert ast.get_docstring(function)
    assert [argument.arg for argument in function.args.args] == exercise.parameters
    assert check.source == f'check("{exercise.name}", {exercise.name})'
    assert tagged(worked, "solution") and worked.source.startswith("<details><summary>A worked")


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)
def test_the_minutes_of_the_sections_are_those_of_the_head(path: Path) -> None:
    texts = [cell.source for cell in cells(path) if cell.cell_type == "markdown"]
    heads = re.findall(r"^## .*?\((\d+) minutes\)", "\n".join(texts), re.M)
    told = re.search(r"^\*About (\d+) minutes", texts[0], re.M)
    assert told is not None and int(told[1]) == sum(map(int, heads))
    exercises = sum(exercise.minutes for exercise in exercises_of(path.stem))
    if (
        split := re.search(r"(\d+) to read and to play, (\d+) for the exercises", texts[0])
    ) is not None:
        assert int(split[2]) == exercises
        assert int(split[1]) + int(split[2]) == int(told[1])
    for section in sections(texts):
        inside = sum(
            int(m) for m in re.findall(r"^### Exercise .*?, (\d+) minutes,", section, re.M)
        )
        head = re.search(r"^## .*?\((\d+) minutes\)", section, re.M)
        assert inside == 0 or (head is not None and inside < int(head[1]))


def sections(texts: list[str]) -> list[str]:
    """The text from each section's head to the next one's."""
    return re.split(r"^(?=## )", "\n".join(texts), flags=re.M)[1:]
