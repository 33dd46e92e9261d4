"""The learner's copies: what is taken out, what is refused, and whose work is kept."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nlp4.cli import main
from nlp4.exercises.student import (
    only_checks,
    read_notebook,
    student_copy,
    without_solutions,
    without_training,
    write_student_copies,
)
from nlp4.support import files
from nlp4.support.errors import UserError

SOLVED = '''def margin(n, eps):
    """How far ahead."""
    odds = (1 - eps) / eps
    ### BEGIN SOLUTION
    import math

    return math.log((n - 1) * odds)
    ### END SOLUTION


print("on")'''
BLANK = '''def margin(n, eps):
    """How far ahead."""
    odds = (1 - eps) / eps
    # your code here
    raise NotImplementedError


print("on")'''


def cell(source: str, *tags: str, **metadata: Any) -> NotebookNode:
    """A code cell as saved after its run."""
    made = new_code_cell(source, execution_count=3)
    made.outputs = [new_output("stream", name="stdout", text="on\n")]
    made.metadata.update({"tags": list(tags), **metadata})
    return made


def notebook() -> NotebookNode:
    """A small notebook with an exercise, its worked solution and a widget."""
    worked = new_markdown_cell("<details>Take the logarithm.</details>")
    worked.metadata["tags"] = ["solution"]
    made = new_notebook(
        cells=[
            new_markdown_cell("# A title"),
            cell(SOLVED, "exercise", execution={"iopub.status.busy": "2026-01-01"}),
            worked,
            cell('check("margin", margin)'),
        ]
    )
    made.metadata["widgets"] = {"state": {}}
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of one notebook."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    nbformat.write(notebook(), folder / "01_attention.ipynb")
    return folder


# What is taken out


def test_solutions_outputs_and_worked_solutions_are_taken_out() -> None:
    whole = notebook()
    before = copy.deepcopy(whole)

    blank = student_copy(whole)

    title, exercise, check = blank.cells
    assert whole == before
    assert exercise.source == BLANK
    assert exercise.metadata == {"tags": ["exercise"]}
    assert check.source == 'check("margin", margin)'
    assert title.source == "# A title"
    assert [(each.outputs, each.execution_count) for each in (exercise, check)] == [([], None)] * 2
    assert "widgets" not in blank.metadata
    nbformat.validate(blank)


def test_worked_solutions_can_be_kept() -> None:
    kept = student_copy(notebook(), keep_worked=True)
    assert len(kept.cells) == 4
    assert kept.cells[1].source == BLANK


def test_solutions_can_be_kept_and_are_looked_at_all_the_same() -> None:
    kept = student_copy(notebook(), keep_solutions=True)
    assert [each.source for each in kept.cells[1:]] == [SOLVED, 'check("margin", margin)']
    assert kept.cells[1].outputs == []
    with pytest.raises(UserError, match="line 1"):
        student_copy(new_notebook(cells=[cell(END)]), keep_solutions=True)


def test_a_copy_of_a_copy_is_the_same() -> None:
    once = student_copy(notebook())
    assert student_copy(once) == once


TWO = """class Head:
    def first(self):
        # your code here
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION

    def second(self, x):
        if x:
            ### BEGIN SOLUTION
            # what is left
            x = 2
            ### END SOLUTION
        return x"""


def test_several_solutions_in_one_cell() -> None:
    blank = without_solutions(TWO, "here")
    assert blank.count("# your code here") == blank.count("raise NotImplementedError") == 2
    assert "        # your code here\n        raise NotImplementedError\n\n" in blank
    assert "            # your code here\n            raise NotImplementedError\n" in blank
    assert "SOLUTION" not in blank and "return 1" not in blank and "x = 2" not in blank
    ast.parse(blank)


def function(*lines: str) -> str:
    return "\n".join(["def f(x):", *(f"    {line}" for line in lines)])


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
REFUSED = {
    "unpaired begin": (function(BEGIN, "return x"), "line 2", "without an `### END"),
    "unpaired end": (function("return x", END), "line 3", "without a `### BEGIN"),
    "nested": (function(BEGIN, "x", BEGIN, "y", END), "line 4", "of line 2"),
    "turned round": (function(END, "return x", BEGIN), "line 2", "without a `### BEGIN"),
    "misspelt": (function("###BEGIN SOLUTION", "return x", END), "line 2", "stands alone"),
    "lower case": (function(BEGIN, "return x", "### end solution"), "line 4", "stands alone"),
    "not alone": (function(f"y = 1  {BEGIN}", "return x", END), "line 2", "stands alone"),
    "empty": (function(BEGIN, "", "# nothing", END), "line 5", "no code"),
    "outside": (f"{BEGIN}\nx = 1\n{END}", "line 1", "outside a function"),
    "after": (f"{function('return x')}\n{BEGIN}\nx = 1\n{END}", "line 3", "outside a function"),
    "spanning": (
        f"{function(BEGIN, 'return x')}\ndef g():\n    return 1\n    {END}",
        "line 2",
        "outside a function",
    ),
    "in a class": (f"class A:\n    {BEGIN}\n    x = 1\n    {END}", "line 2", "outside a function"),
    "no Python": (function(BEGIN, "return (", END), "cell 1", "no Python"),
    "half a statement": (
        function("y = [", BEGIN, "1,", END, "]", "return y"),
        "cell 1",
        "without its solution",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_misplaced_markers_are_refused(name: str) -> None:
    code, place, words = REFUSED[name]
    with pytest.raises(UserError) as raised:
        student_copy(new_notebook(cells=[cell(code)]), "02_x.ipynb")
    assert str(raised.value).startswith("02_x.ipynb, cell 1")
    assert place in str(raised.value) and words in str(raised.value)


def test_a_marker_in_a_text_is_refused_unless_the_text_goes() -> None:
    text = new_markdown_cell(f"Look:\n{BEGIN}\n")
    with pytest.raises(UserError, match="cell 2, line 2"):
        student_copy(new_notebook(cells=[new_markdown_cell("# A"), text]))
    text.metadata["tags"] = ["solution"]
    assert student_copy(new_notebook(cells=[text])).cells == []


def test_a_cell_with_magics_and_no_markers_is_left_alone() -> None:
    assert without_solutions("%matplotlib inline\n!ls", "here") == "%matplotlib inline\n!ls"


# The folder of copies


def test_copies_are_written_once_and_know_their_notebook(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"

    (first,) = write_student_copies(source, target)
    written = (target / "01_attention.ipynb").read_bytes()
    (again,) = write_student_copies(source, target)

    assert (first.outcome, again.outcome) == ("written", "unchanged")
    assert (target / "01_attention.ipynb").read_bytes() == written
    copied = nbformat.read(target / "01_attention.ipynb", as_version=4)
    assert copied.metadata["nlp4"]["notebook"] == "01_attention"
    assert copied.cells[1].source == BLANK


def test_the_learners_work_is_kept(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    write_student_copies(source, target)
    work = target / "01_attention.ipynb"
    work.write_text("my work", "utf-8")
    nbformat.write(new_notebook(cells=[cell("1 + 1")]), source / "02_more.ipynb")

    kept, written = write_student_copies(source, target)

    assert work.read_text("utf-8") == "my work"
    assert kept.outcome == "kept" and str(work) in kept.line() and "--force" in kept.line()
    assert written.outcome == "written" and (target / "02_more.ipynb").exists()
    write_student_copies(source, target, force=True)
    assert "NotImplementedError" in work.read_text("utf-8")


def test_a_refused_notebook_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    nbformat.write(new_notebook(cells=[cell(END)]), source / "02_more.ipynb")
    with pytest.raises(UserError, match=r"02_more.ipynb, cell 1, line 1"):
        write_student_copies(source, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_the_notebooks_themselves_are_never_overwritten(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the notebooks themselves"):
        write_student_copies(source, tmp_path / "notebooks" / ".." / "notebooks", force=True)
    with pytest.raises(UserError, match="no notebooks"):
        write_student_copies(tmp_path / "nowhere", tmp_path / "mine")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="choose another"):
        write_student_copies(source, tmp_path / "file")


def test_the_command(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(files, "notebooks_folder", lambda: source)
    monkeypatch.chdir(tmp_path)

    assert main(["student"]) == 0
    assert capsys.readouterr().out == f"written: {Path('mine', '01_attention.ipynb')}\n"
    Path("mine", "01_attention.ipynb").write_text("my work", "utf-8")
    assert main(["student", "mine"]) == 1
    assert "--force" in capsys.readouterr().out
    assert main(["student", "mine", "--force", "--worked"]) == 0
    assert len(read_notebook(Path("mine", "01_attention.ipynb")).cells) == 4
    assert main(["student", "notebooks"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_projects_own_notebooks_can_be_copied(tmp_path: Path) -> None:
    folder = files.notebooks_folder()
    copies = write_student_copies(folder, tmp_path / "mine")
    assert len(copies) == len(list(folder.glob("*.ipynb"))) >= 1
    for copied in copies:
        text = copied.path.read_text("utf-8")
        assert "SOLUTION" not in text
        assert all(not each.get("outputs") for each in read_notebook(copied.path).cells)


def test_without_a_notebooks_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "workbook_folder", lambda: tmp_path)
    with pytest.raises(UserError, match="clone the whole workbook"):
        files.notebooks_folder()


# Cells that train, and cells that check


def test_training_cells_load_a_model_instead() -> None:
    load = "model = load()\nshow(model)"
    whole = new_notebook(
        cells=[
            cell("import nlp4"),
            cell("train()", "train", nlp4={"instead": load}),
            cell("plot()", "train", nlp4={"instead": ""}),
        ]
    )
    before = copy.deepcopy(whole)

    light = without_training(whole)

    assert [each.source for each in light.cells] == ["import nlp4", load, ""]
    assert light.cells[1].outputs == [] and light.cells[1].execution_count is None
    assert light.cells[0].outputs and whole == before
    assert without_training(light) == light


@pytest.mark.parametrize("metadata", [{}, {"nlp4": {}}, {"nlp4": {"instead": None}}])
def test_a_training_cell_without_a_stand_in_is_refused(metadata: dict[str, Any]) -> None:
    whole = new_notebook(cells=[cell("x = 1"), cell("train()", "train", **metadata)])
    with pytest.raises(UserError, match=r"02_x.ipynb, cell 2 .*instead"):
        without_training(whole, "02_x.ipynb")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('check("margin", margin)', True),
        ('# look\ncheck("a", a)\ncheck("b", b)', True),
        ('check("a", a)\nx = 1', False),
        ("checks.check()", False),
        ("", False),
        ("%time check('a', a)", False),
    ],
)
def test_cells_that_only_check(code: str, expected: bool) -> None:
    assert only_checks(new_code_cell(code)) is expected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"nbformat": 4}', "\x00"])
def test_a_file_that_is_no_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError, match="is no notebook"):
        read_notebook(path)
    with pytest.raises(UserError, match="cannot read"):
        read_notebook(tmp_path / "b.ipynb")


def test_a_file_in_another_encoding_is_not_sent_back_to_a_program_that_cannot_open_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [], "nbformat": 4}', "utf-16")
    with pytest.raises(UserError, match="convert it to UTF-8"):
        read_notebook(path)


@pytest.mark.parametrize("named", [{}, {"nbformat": 3}, {"nbformat": 1}, {"nbformat": "4"}])
def test_cells_are_not_lost_because_their_format_is_not_named(
    tmp_path: Path, named: dict[str, Any]
) -> None:
    book = {"cells": [cell("x = 1")], "metadata": {}, **named}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(book), "utf-8")
    with pytest.raises(UserError, match=r"a.ipynb .*notebook format.*nbformat"):
        read_notebook(path)
    path.write_text(json.dumps({**book, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    assert [each.source for each in read_notebook(path).cells] == ["x = 1"]
