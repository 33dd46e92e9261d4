"""Grading: learners' notebooks run in kernels of their own, and each trouble costs what it must.

A kernel takes seconds to start, so one run answers several questions.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nlp4.cli import main
from nlp4.exercises import grading
from nlp4.exercises.checks import exercises_of
from nlp4.exercises.grading import Report, as_csv, as_json, grade, grade_folder
from nlp4.exercises.judging import Verdict
from nlp4.exercises.student import student_copy

NOTEBOOK = "01_attention_copying_and_averaging"
EXERCISES = exercises_of(NOTEBOOK)
FULL = sum(exercise.points for exercise in EXERCISES)
# Where a loop never ends: long enough for a cell on a busy machine, short enough to wait for.
TIMEOUT = 2

MARGIN = """import math

def margin(n, eps):
    ### BEGIN SOLUTION
    return math.log((n - 1) * (1 - eps) / eps)
    ### END SOLUTION"""
SOFTMAX = """import numpy as np

def softmax(x):
    ### BEGIN SOLUTION
    e = np.exp(x - x.max())
    return e / e.sum()
    ### END SOLUTION"""
# Neither an interrupt nor an exception gets out of this loop.
NEVER_STOPS = """while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""


def saved(path: Path, *sources: str | nbformat.NotebookNode, **metadata: Any) -> Path:
    """Write a notebook of code cells and return its path."""
    cells = [new_code_cell(each) if isinstance(each, str) else each for each in sources]
    book = new_notebook(cells=cells)
    book.metadata.update(metadata)
    nbformat.write(book, path)
    return path


def by_name(report: Report) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in report.verdicts}


# Whole notebooks


def test_a_solved_notebook_gets_all_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLP4_STRICT", "1")
    train = new_code_cell("raise SystemExit('trained')")
    train.metadata.update({"tags": ["train"], "nlp4": {"instead": "loaded = True"}})
    skipped = new_code_cell("loaded = False")
    skipped.metadata.update({"tags": ["train"]})
    facts = """import json, os, sys
facts = [sys.executable, os.getcwd(), os.environ["OMP_NUM_THREADS"], loaded]
facts += [os.environ["GOMP_SPINCOUNT"], os.environ.get("NLP4_STRICT")]
json.dump(facts, open("facts.json", "w"))"""
    solutions = f"""import importlib, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
ANSWERS = {{}}
for file in pathlib.Path(sys.path[0]).glob("answers_*.py"):
    ANSWERS |= importlib.import_module(file.stem).ANSWERS"""
    answers = [f"{exercise.name} = ANSWERS[{exercise.name!r}].solution" for exercise in EXERCISES]
    kernel = {"name": "nowhere", "display_name": "Nowhere", "language": "python"}
    path = saved(
        tmp_path / f"{NOTEBOOK}.ipynb",
        train,
        skipped,
        facts,
        solutions,
        *answers,
        kernelspec=kernel,
    )
    before = path.read_bytes()

    report = grade(path)

    assert [verdict.line() for verdict in report.verdicts if verdict.status != "right"] == []
    assert (report.points, report.out_of, report.note) == (FULL, FULL, "")
    assert report.notebook == str(path)
    assert [verdict.name for verdict in report.verdicts] == [each.name for each in EXERCISES]
    found = json.loads((tmp_path / "facts.json").read_text("utf-8"))
    assert found == [sys.executable, str(tmp_path.resolve()), "1", True, "2000", None]
    assert path.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {"facts.json", path.name}


def test_a_students_copy_runs_to_its_end_and_gets_no_points(tmp_path: Path) -> None:
    book = new_notebook(cells=[new_code_cell(each) for each in (MARGIN, SOFTMAX)])
    path = saved(tmp_path / "ana.ipynb", *student_copy(book).cells, nlp4={"notebook": NOTEBOOK})

    report = grade(path)

    assert {verdict.status for verdict in report.verdicts} == {"unwritten"}
    assert (report.points, report.out_of, report.note) == (0, FULL, "")


# Troubles, each of which costs what it must


def test_a_magic_that_does_not_exist_and_an_exit_are_named(tmp_path: Path) -> None:
    """IPython tells of these by a line of text, not by an error's message."""
    cells = ["%%nosuchmagic\n" + SOFTMAX, "import sys\nsys.exit('enough')", "%nosuch", MARGIN]

    report = grade(saved(tmp_path / "01_ana.ipynb", *cells))

    assert {name for name, each in by_name(report).items() if each.points} == {"margin"}
    assert report.note.startswith("cell 1 raised UsageError; cell 2 raised SystemExit; cell 3")


def test_floods_are_stopped_and_fill_no_memory(tmp_path: Path) -> None:
    floods = [
        "while True:\n    print('still here', flush=True)",
        "from IPython.display import display\nwhile True:\n    display('still here' * 50_000)",
    ]
    tracemalloc.start()
    try:
        report = grade(saved(tmp_path / "01_ana.ipynb", *floods, MARGIN), timeout=TIMEOUT)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert by_name(report)["margin"].status == "right"
    assert report.note == "cell 1 was stopped after 2 s; cell 2 was stopped after 2 s"
    assert most < 50e6  # bytes


def test_nothing_is_read_from_the_keyboard(tmp_path: Path) -> None:
    report = grade(saved(tmp_path / "01_ana.ipynb", "input('?')", MARGIN))
    assert report.note == "cell 1 raised StdinNotImplementedError"
    assert by_name(report)["margin"].status == "right"


def test_loops_that_never_end_cost_their_exercise(tmp_path: Path) -> None:
    softmax = 'def softmax(x):\n    while True:\n        print("still here")'
    path = saved(
        tmp_path / "01_ana.ipynb",
        MARGIN + "\n\nwhile True:\n    print('still here')",
        "def broken(:",
        softmax,
        'check("softmax", softmax)',
        "while True:\n    pass",
    )

    report = grade(path, timeout=TIMEOUT)

    found = by_name(report)
    assert found["margin"].status == "right"
    assert found["softmax"].status == "wrong"
    assert "not done after 2 s" in found["softmax"].message
    assert report.note == (
        "cell 1 was stopped after 2 s; cell 2 raised SyntaxError; cell 5 was stopped after 2 s"
    )


def test_crashes_cost_their_exercise(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "01_ana.ipynb",
        "import os\nos._exit(1)",
        "import os\ndef margin(n, eps):\n    os._exit(1)",
        SOFTMAX,
    )

    report = grade(path)

    found = by_name(report)
    assert found["margin"].status == "wrong"
    assert "ended the kernel" in found["margin"].message
    assert found["softmax"].status == "right"
    assert report.note == "cell 1 ended the kernel and was left out"


def test_a_loop_that_cannot_be_interrupted_costs_its_cell(tmp_path: Path) -> None:
    path = saved(tmp_path / "01_ana.ipynb", SOFTMAX, NEVER_STOPS, MARGIN)

    report = grade(path, timeout=TIMEOUT)

    assert {by_name(report)[name].status for name in ("margin", "softmax")} == {"right"}
    assert report.note == "cell 2 ended the kernel and was left out"


def test_a_verdict_cannot_be_printed(tmp_path: Path) -> None:
    faked = """from dataclasses import asdict
from IPython.display import display
from nlp4.exercises.judging import Verdict

def margin(n, eps):
    verdict = asdict(Verdict("margin", "right", "right", 2, 2))
    print(verdict)
    display({"application/vnd.nlp4.verdict+json": verdict, "application/json": verdict}, raw=True)
    return 0

margin(4, 0.01)"""
    shadows = "get_ipython = globals = check = str = dict = __import__ = None"
    path = saved(tmp_path / "01_ana.ipynb", faked, shadows, SOFTMAX)

    report = grade(path)

    found = by_name(report)
    assert (found["margin"].status, found["margin"].points) == ("wrong", 0)
    assert "you return 0; it should be 5.694" in found["margin"].message
    assert found["softmax"].status == "right"


def test_a_kernel_that_does_not_start_costs_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    report = grade(saved(tmp_path / "01_ana.ipynb", MARGIN))
    assert (report.points, report.out_of) == (0, FULL)
    assert report.note.startswith("could not be graded (")


# Files that are no notebooks, and folders


def test_a_folder_is_graded_whatever_is_in_it(tmp_path: Path) -> None:
    saved(tmp_path / "01_ana.ipynb", MARGIN, "def softmax(x):\n    y = 0\n    return 1 / y")
    saved(tmp_path / "essay.ipynb", "words = 3", "def essay(x):\n    return x")
    (tmp_path / "01_bad.ipynb").write_text("{", "utf-8")
    (tmp_path / "ben").mkdir()
    (tmp_path / "ben" / "01_binary.ipynb").write_bytes(b"\xff\xfe\x00")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    saved(tmp_path / ".ipynb_checkpoints" / "01_ana.ipynb", MARGIN)
    heard: list[str] = []

    reports = grade_folder(tmp_path, told=lambda each: heard.append(each.notebook))

    names = ["01_ana.ipynb", "01_bad.ipynb", "ben/01_binary.ipynb", "essay.ipynb"]
    assert [report.notebook for report in reports] == heard == names
    assert [report.points for report in reports] == [2, 0, 0, 0]
    assert [report.out_of for report in reports] == [FULL, FULL, FULL, 0]
    line = "your line 3, `return 1 / y`, stopped with ZeroDivisionError"
    assert line in by_name(reports[0])["softmax"].message
    assert "is no notebook" in reports[1].note and "is no notebook" in reports[2].note
    assert NOTEBOOK in reports[3].note
    rows = list(csv.DictReader(io.StringIO(as_csv(reports))))
    assert [row["notebook"] for row in rows] == names
    assert [row["margin"] for row in rows] == ["2", "0", "0", ""]
    assert [row["softmax"] for row in rows] == ["0", "0", "0", ""]
    assert rows[0]["out_of"] == str(FULL) and rows[3]["note"] == reports[3].note


def test_folders_and_dead_links_are_not_taken_for_notebooks(tmp_path: Path) -> None:
    (tmp_path / "homework.ipynb").mkdir()
    (tmp_path / "homework.ipynb" / "01_ben.ipynb").write_text("{", "utf-8")
    (tmp_path / "01_gone.ipynb").symlink_to("nowhere.ipynb")

    gone, ben = grade_folder(tmp_path)

    assert (gone.notebook, ben.notebook) == ("01_gone.ipynb", "homework.ipynb/01_ben.ipynb")
    assert (gone.points, gone.out_of) == (0, FULL)
    assert gone.note == "is a link to a file that is not there"


def test_a_copy_of_a_notebook_without_exercises_is_told_apart_from_a_stranger(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "mine.ipynb", MARGIN)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["nlp4"] = {"notebook": "00_start_here"}
    nbformat.write(notebook, path)
    report = grade(path)
    assert (report.points, report.out_of) == (0, 0)
    assert report.note == "00_start_here has no exercises: there is nothing to grade"


def test_a_copy_handed_in_under_an_old_number_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = "def always_london(places):\n    return places.count('London') / len(places)"
    old = {"notebook": "02_pretraining_and_knowledge"}
    marked = saved(tmp_path / "02_ana.ipynb", london, nlp4=old)
    assert grade(marked).points == 1
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # a report names the exercises yet
    for path in (
        marked,
        saved(tmp_path / "homework.ipynb", "pass", nlp4=old),
        saved(tmp_path / "02_pretraining_and_knowledge.ipynb", "pass"),
        saved(tmp_path / "02_ben.ipynb", london),
        saved(tmp_path / "ben.ipynb", london),
    ):
        names = [verdict.name for verdict in grade(path).verdicts]
        expected = [e.name for e in exercises_of("03_pretraining_and_knowledge")]
        assert names == expected, path.name


# What is printed


REPORT = Report(
    "ana.ipynb",
    (Verdict("margin", "right", "right (2 points)", 2, 2), Verdict("softmax", "wrong", "no", 0, 3)),
    "cell 1 raised NameError",
)


def test_a_report_as_text_json_and_csv() -> None:
    assert REPORT.text().splitlines() == [
        "ana.ipynb",
        "✓ margin: right (2 points)",
        "✗ softmax: no",
        "note: cell 1 raised NameError",
        "2 of 5 points",
    ]
    in_order = [exercise.name for exercise in EXERCISES if exercise.name in ("margin", "softmax")]
    (read,) = json.loads(as_json([REPORT]))
    assert (read["points"], read["out_of"]) == (2, 5)
    assert read["exercises"][1] == {
        "name": "softmax",
        "status": "wrong",
        "message": "no",
        "points": 0,
        "out_of": 3,
    }
    (row,) = csv.DictReader(io.StringIO(as_csv([REPORT])))
    assert list(row) == ["notebook", "points", "out_of", *in_order, "note"]
    assert [row["margin"], row["softmax"], row["points"], row["out_of"]] == ["2", "0", "2", "5"]
    assert row["note"] == REPORT.note and "\r" not in as_csv([REPORT])


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []

    def graded(path: Path, *, timeout: int, name: str | None = None) -> Report:
        asked.append((path, timeout))
        return REPORT

    path = saved(tmp_path / "01_ana.ipynb", MARGIN)
    table = tmp_path / "tables" / "points.csv"
    monkeypatch.setattr(grading, "grade", graded)

    assert main(["grade", str(path)]) == 0
    assert capsys.readouterr().out == REPORT.text() + "\n"
    assert main(["grade", str(path), "--json", "--timeout", "7"]) == 0
    assert json.loads(capsys.readouterr().out) == [REPORT.as_dict()]
    assert main(["grade", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out == as_csv([REPORT])
    assert shown.err == "ana.ipynb: 2 of 5 points\n"
    assert main(["grade", str(tmp_path), "--csv", str(table)]) == 0
    assert table.read_text("utf-8") == as_csv([REPORT])
    assert capsys.readouterr().out == ""
    assert asked == [(path, 60), (path, 7), (path, 60), (path, 60)]


def test_the_users_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", str(tmp_path / "nowhere.ipynb")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["grade", str(tmp_path)]) == 2
    assert "holds no notebooks" in capsys.readouterr().err
    for seconds in ("0", "-1", "soon"):
        assert main(["grade", str(tmp_path), "--timeout", seconds]) == 2
