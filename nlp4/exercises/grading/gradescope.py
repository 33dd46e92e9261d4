"""Reports as the results that Gradescope shows for a submission.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.grading.reports import Report, printable
from nlp4.exercises.grading.roster import file_names
from nlp4.exercises.judging import Verdict
from nlp4.support.files import write_text


def results(report: Report) -> dict[str, Any]:
    """One hand-in's `results.json`: its score, and a test for each exercise.

    Raises UserError if the exercises' notebook needs a package that is not installed.
    """
    note = f"\nnote: {printable(report.note)}" if report.note else ""
    return {
        "score": report.points,
        "output": f"{report.points} of {report.out_of} points{note}",
        # Gradescope takes what is not called text for HTML, and a note may quote a learner.
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(verdict) for verdict in report.verdicts],
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    exercise = EXERCISES.get(verdict.name)
    title = "" if exercise is None else f": {exercise.title}"
    return {
        "name": f"{printable(verdict.name)}{title}",
        "score": verdict.points,
        "max_score": verdict.out_of,
        "status": "passed" if verdict.status == "right" else "failed",
        "output": printable(verdict.message),
        "visibility": "visible",
    }


def write_gradescope(reports: Sequence[Report], folder: Path) -> list[Path]:
    """Write `<hand-in>/results.json` for each report, in their order; return the files.

    A file is whole or not there. Raises UserError if one cannot be written.
    """
    paths = [folder / name / "results.json" for name in file_names(reports)]
    for path, report in zip(paths, reports, strict=True):
        write_text(path, json.dumps(results(report), indent=2) + "\n")
    return paths
