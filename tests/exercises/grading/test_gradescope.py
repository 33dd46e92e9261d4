"""Gradescope's results, read again as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.grading.gradescope import results, write_gradescope
from nlp4.exercises.grading.reports import Report
from nlp4.exercises.judging import Verdict
from nlp4.support.errors import UserError

REPORT = Report(
    "ana_01.ipynb",
    (
        EXERCISES["margin"].right(", but slow"),
        EXERCISES["softmax"].wrong("you forgot <b>to divide</b>"),
        EXERCISES["attend"].unwritten(),
    ),
    "cell 3 raised <script>\x1b\nNameError",
)


def test_results() -> None:
    found = results(REPORT)
    right, wrong, unwritten = found.pop("tests")
    assert found == {
        "score": 2,
        "output": "2 of 4 points\nnote: cell 3 raised <script>\\x1b\\nNameError",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
    }
    assert right == {
        "name": "margin: The margin that copying takes",
        "score": 2,
        "max_score": 2,
        "status": "passed",
        "output": "right (2 points), but slow",
        "visibility": "visible",
    }
    assert (wrong["status"], wrong["score"], wrong["max_score"]) == ("failed", 0, 1)
    assert wrong["output"] == "you forgot <b>to divide</b>"
    assert (unwritten["status"], unwritten["output"]) == ("failed", "not written yet")


def test_a_notebook_without_exercises_scores_nothing() -> None:
    found = results(Report("x.ipynb", (), "is no notebook"))
    assert (found["score"], found["tests"]) == (0, [])
    assert found["output"] == "0 of 0 points\nnote: is no notebook"


def test_an_exercise_that_is_not_known_has_no_title() -> None:
    (found,) = results(Report("x", (Verdict("old", "wrong", "no", 0, 1),)))["tests"]
    assert found["name"] == "old"


HOSTILE = ["../x.ipynb", "/etc/x.ipynb", "a/x.ipynb", "a_x.ipynb", "\udcff", "..", "y" * 4000]


def test_each_hand_in_gets_a_file_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    verdicts = (EXERCISES["margin"].wrong("\udcff" + "z" * 9000),)
    reports = [Report(name, verdicts, str(i)) for i, name in enumerate(HOSTILE)]

    paths = write_gradescope(reports, folder)

    assert sorted(tmp_path.rglob("*.json")) == sorted(paths) and len({*paths}) == len(HOSTILE)
    assert [path.relative_to(folder).parts[1:] for path in paths] == [("results.json",)] * 7
    for i, path in enumerate(paths):
        raw = path.read_bytes()
        found = json.loads(raw)
        assert found["output"].endswith(f"note: {i}")
        assert "\\udcff" in found["tests"][0]["output"] and len(raw) < 3000
        json.dumps(found, ensure_ascii=False).encode()  # no half of a character is left


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="choose another place"):
        write_gradescope([REPORT], tmp_path / "file")
