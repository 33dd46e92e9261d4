"""Tests of `nlp4.exercises.grading.reports`: text, JSON and table of the same report."""

from __future__ import annotations

import csv
import io
import json

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.grading.reports import Report, as_csv, as_json, printable
from nlp4.exercises.judging import Verdict

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
    (read,) = json.loads(as_json([REPORT]))
    assert (read["points"], read["out_of"]) == (2, 5) and Report.from_dict(read) == REPORT
    assert read["exercises"][1] == {
        "name": "softmax",
        "status": "wrong",
        "message": "no",
        "points": 0,
        "out_of": 3,
    }
    (row,) = csv.DictReader(io.StringIO(as_csv([REPORT])))
    in_order = [name for name in EXERCISES if name in ("margin", "softmax")]
    assert list(row) == ["notebook", "points", "out_of", *in_order, "note"]
    assert [row["margin"], row["softmax"], row["points"], row["out_of"]] == ["2", "0", "2", "5"]
    assert row["note"] == REPORT.note and "\r" not in as_csv([REPORT])


def test_an_exercise_that_a_notebook_does_not_ask_for_is_empty() -> None:
    rows = csv.DictReader(io.StringIO(as_csv([REPORT, Report("b.ipynb", ())])))
    assert [row["margin"] for row in rows] == ["2", ""]


def test_a_table_computes_nothing() -> None:
    (row,) = csv.reader(as_csv([Report("=1+1.ipynb", (), "@SUM(A1)")]).splitlines()[1:])
    assert (row[0], row[-1]) == ("'=1+1.ipynb", "'@SUM(A1)")


def test_what_a_learner_wrote_is_made_fit_to_be_shown() -> None:
    assert printable("ä 1 ✓") == "ä 1 ✓"
    assert printable("\x1b[31m\n\udcff\u202e") == "\\x1b[31m\\n\\udcff\\u202e"
    assert printable("x" * 600) == "x" * 500 + "…" and printable("abc", 2) == "ab…"
