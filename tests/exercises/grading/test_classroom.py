"""Tests of `nlp4.exercises.grading.classroom`: every hand-in has its row, once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from nlp4.exercises.grading import classroom
from nlp4.exercises.grading.classroom import Journal, grade_folder, notebooks_in
from nlp4.exercises.grading.notebook import Limits
from nlp4.exercises.grading.reports import Report
from nlp4.support.errors import UserError

LIMITS = Limits()


def test_every_notebook_of_a_class_is_found(tmp_path: Path) -> None:
    for name in (
        "b/01.ipynb",
        "a.ipynb",
        ".hidden/c.ipynb",
        "d/.e.ipynb",
        "f.txt",
        "g.ipynb/h.ipynb",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "gone.ipynb").symlink_to("nowhere")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff\n.ipynb", os.O_CREAT))
    names = list(notebooks_in(tmp_path))
    assert sorted(names) == sorted(
        ["a.ipynb", "b/01.ipynb", "g.ipynb/h.ipynb", "gone.ipynb", "\\udcff\\n.ipynb"]
    )
    with pytest.raises(UserError, match="holds no notebooks"):
        notebooks_in(tmp_path / "d")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_class_is_graded_in_its_order(jobs: int, tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"01_{name}.ipynb").write_text("{", "utf-8")
    heard: list[Report] = []
    found = grade_folder(notebooks_in(tmp_path), LIMITS, jobs, heard.append)
    assert [each.notebook for each in found] == [f"01_{name}.ipynb" for name in "abcde"]
    assert sorted(heard, key=lambda each: each.notebook) == found
    assert all("is no notebook" in each.note for each in found)


def test_a_job_that_is_gone_costs_one_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        (tmp_path / f"01_{name}.ipynb").write_text("{", "utf-8")
    begin = classroom._Job.begin

    def begin_and_end(self: classroom._Job, name: str, path: Path) -> None:
        begin(self, name, path)
        if name == "01_c.ipynb":
            os.kill(self.process.pid or 0, signal.SIGKILL)

    monkeypatch.setattr(classroom._Job, "begin", begin_and_end)
    found = grade_folder(notebooks_in(tmp_path), LIMITS, 2, lambda report: None)
    lost = [each.notebook for each in found if "ended the grader's process" in each.note]
    assert lost == ["01_c.ipynb"] and len(found) == 5


def test_a_stop_ends_every_job(tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"01_{name}.ipynb").write_text("{", "utf-8")
    before = {each.pid for each in psutil.Process().children(recursive=True)}

    def stop(_: Report) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_folder(notebooks_in(tmp_path), LIMITS, 2, stop)
    left = {each.pid for each in psutil.Process().children(recursive=True)} - before
    assert not [pid for pid in left if "spawn_main" in " ".join(psutil.Process(pid).cmdline())]


def test_a_journal_remembers_what_has_not_changed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.ipynb").write_text(name, "utf-8")
    notebooks = notebooks_in(tmp_path)
    journal = Journal(tmp_path / ".points.graded", LIMITS)
    assert journal.done(notebooks) == {}
    reports = [Report(name, (), "a note") for name in notebooks]
    for report in reports:
        journal.add(report, notebooks[report.notebook])
    assert list(journal.done(notebooks).values()) == reports
    assert Journal(journal.path, Limits(cell=3)).done(notebooks) == {}
    (tmp_path / "b.ipynb").write_text("handed in again", "utf-8")
    with journal.path.open("r+", encoding="utf-8") as stream:  # and the last line is cut
        stream.truncate(journal.path.stat().st_size - 9)
    assert list(journal.done(notebooks)) == ["a.ipynb"]
    journal.remove()
    assert journal.done(notebooks) == {}


def test_a_journal_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").touch()
    journal = Journal(tmp_path, LIMITS)
    with pytest.raises(UserError, match="cannot read"):
        journal.done({})
    with pytest.raises(UserError, match="cannot write"):
        journal.add(Report("a.ipynb", ()), tmp_path / "a.ipynb")
