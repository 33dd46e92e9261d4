"""Tests of the command `grade`: what is printed and written, and what a stop leaves."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from nlp4 import cli_grade
from nlp4.cli import main
from nlp4.exercises.grading import classroom
from nlp4.exercises.grading.notebook import Limits
from nlp4.exercises.grading.reports import Report, as_csv
from nlp4.exercises.judging import Verdict

MARGIN = Verdict("margin", "right", "right (2 points)", 2, 2)
SOFTMAX = Verdict("softmax", "wrong", "no", 0, 1)
REPORT = Report("ana.ipynb", (MARGIN, SOFTMAX), "cell 1 raised NameError")


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was graded, in this process; a notebook called `stop` is a Ctrl-C."""
    names: list[str] = []

    def grade(path: Path, limits: Limits, name: str | None = None) -> Report:
        if path.stem == "stop" and names.count("stop.ipynb") == 0:
            names.append("stop.ipynb")
            raise KeyboardInterrupt
        names.append(path.name)
        return Report(name or str(path), (MARGIN, SOFTMAX))

    monkeypatch.setattr(cli_grade, "grade", grade)
    monkeypatch.setattr(classroom, "grade", grade)
    return names


def handed_in(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / f"{name}.ipynb").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.ipynb").write_text(name, "utf-8")
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: object, status: int = 0) -> Any:
    assert main(["grade", *map(str, words), "--sandbox", "none"]) == status
    return capsys.readouterr()


def test_one_notebook(
    tmp_path: Path, graded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = handed_in(tmp_path, "ana") / "ana.ipynb"
    report = Report(str(path), (MARGIN, SOFTMAX))
    assert told(capsys, path).out == report.text() + "\n"
    assert json.loads(told(capsys, path, "--json").out) == [report.as_dict()]
    assert "no file" in told(capsys, tmp_path / "ben.ipynb", status=2).err


def test_a_class(tmp_path: Path, graded: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, table = handed_in(tmp_path / "class", "a", "b"), tmp_path / "tables" / "points.csv"
    reports = [Report(f"{name}.ipynb", (MARGIN, SOFTMAX)) for name in "ab"]
    shown = told(capsys, folder, "--jobs", 1)
    assert shown.out == as_csv(reports)
    lines = ["a.ipynb: 2 of 3 points", "b.ipynb: 2 of 3 points"]
    assert shown.err.splitlines()[0].startswith("sandbox: none")
    assert [line.strip() for line in shown.err.splitlines()[1:]] == lines
    assert told(capsys, folder, "--jobs", 1, "--csv", table).out == ""
    assert table.read_text("utf-8") == as_csv(reports)
    assert [*table.parent.iterdir()] == [table]


def test_the_same_command_goes_on_after_a_stop(
    tmp_path: Path, graded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, table = handed_in(tmp_path / "class", "a", "stop", "z"), tmp_path / "points.csv"
    shown = told(capsys, folder, "--jobs", 1, "--csv", table, status=130)
    assert shown.err.splitlines()[-1] == "nlp4: stopped"
    assert table.read_text("utf-8") == as_csv([Report("a.ipynb", (MARGIN, SOFTMAX))])
    shown = told(capsys, folder, "--jobs", 1, "--csv", table)
    assert "1 of 3 were graded before" in shown.err
    assert graded == ["a.ipynb", "stop.ipynb", "stop.ipynb", "z.ipynb"]
    with table.open(encoding="utf-8", newline="") as stream:
        rows = [row["notebook"] for row in csv.DictReader(stream)]
    assert rows == ["a.ipynb", "stop.ipynb", "z.ipynb"]


def test_what_would_go_wrong_at_the_end_is_told_at_the_beginning(
    tmp_path: Path, graded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = handed_in(tmp_path / "class", "a")
    (tmp_path / "file").touch()
    (tmp_path / "bad.csv").write_text("x,y\n1,2\n", "utf-8")
    for words in (
        ("--csv", folder),
        ("--csv", tmp_path / "file" / "x.csv"),
        ("--canvas", tmp_path / "c.csv"),
        ("--roster", tmp_path / "bad.csv"),
        ("--roster", tmp_path / "none.csv"),
        ("--gradescope", tmp_path / "file"),
        ("--feedback", tmp_path / "file" / "x"),
        *(("--timeout", seconds) for seconds in ("0", "-1", "soon", "999999999999")),
        ("--jobs", "0"),
        ("--sandbox", "iron"),
    ):
        assert main(["grade", str(folder), *map(str, words)]) == 2, words
        assert capsys.readouterr().err.count("\n") == 1, words
    assert graded == []


def test_points_go_back_to_those_who_earned_them(
    tmp_path: Path, graded: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = handed_in(tmp_path / "class", "ana_lee/01", "nobody")
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\n7,Ana Lee\n8,Ben Roe\n", "utf-8")
    places = {name: tmp_path / name for name in ("points.csv", "scope", "pages")}
    words = ("--roster", roster, "--canvas", places["points.csv"])
    words += ("--gradescope", places["scope"], "--feedback", places["pages"])
    shown = told(capsys, folder, "--jobs", 1, *words)
    assert "nobody.ipynb" in shown.err.splitlines()[-1]
    with places["points.csv"].open(encoding="utf-8", newline="") as stream:
        by_name = {row["Student"].strip(): row for row in csv.DictReader(stream)}
    assert [by_name["Ana Lee"][key] for key in by_name["Ana Lee"] if key[:2] == "01"] == ["2"]
    assert len([*places["scope"].rglob("results.json")]) == 2
    assert len([*(places["pages"] / "learners").glob("*.html")]) == 2
    assert "Ana Lee" in (places["pages"] / "class.html").read_text("utf-8")
