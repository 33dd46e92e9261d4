"""What came of a learner's notebook, as text, as JSON and as a row of a class's table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.judging import Verdict

_LONGEST = 500  # characters of a message or a note, which may quote a learner's code


@dataclass(frozen=True)
class Report:
    """What came of one notebook: a verdict for each of its exercises, and a note."""

    notebook: str
    verdicts: tuple[Verdict, ...]
    note: str = ""

    @property
    def points(self) -> int:
        """The points that were earned."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def out_of(self) -> int:
        """The points that could be earned."""
        return sum(verdict.out_of for verdict in self.verdicts)

    def text(self) -> str:
        """One line for each exercise, then the total."""
        lines = [self.notebook, *(verdict.line() for verdict in self.verdicts)]
        note = [f"note: {self.note}"] if self.note else []
        return "\n".join([*lines, *note, f"{self.points} of {self.out_of} points"])

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "notebook": self.notebook,
            "points": self.points,
            "out_of": self.out_of,
            "exercises": [asdict(verdict) for verdict in self.verdicts],
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Report:
        """The report that `as_dict` wrote."""
        verdicts = tuple(Verdict(**each) for each in given["exercises"])
        return cls(given["notebook"], verdicts, given["note"])


def printable(text: str, most: int = _LONGEST) -> str:
    """A learner's text as a terminal and a table may show it: one line, no control characters.

    What cannot be shown is escaped (`\\x1b`), what is longer than `most` is cut.
    """
    cut = text if len(text) <= most else text[:most] + "…"
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
    return "".join(shown)


def as_json(reports: Sequence[Report]) -> str:
    """Reports as JSON text."""
    return json.dumps([report.as_dict() for report in reports], indent=2)


def as_csv(reports: Iterable[Report]) -> str:
    """A table with a row for each notebook and a column for each exercise that occurs.

    An exercise that a notebook does not ask for is left empty.
    """
    reports = list(reports)
    asked = {verdict.name for report in reports for verdict in report.verdicts}
    names = [name for name in EXERCISES if name in asked]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["notebook", "points", "out_of", *names, "note"])
    for report in reports:
        earned = {verdict.name: verdict.points for verdict in report.verdicts}
        columns = [earned.get(name, "") for name in names]
        texts = [no_formula(text) for text in (report.notebook, report.note)]
        table.writerow([texts[0], report.points, report.out_of, *columns, texts[1]])
    return text.getvalue()


def no_formula(text: str) -> str:
    """A spreadsheet computes what begins like a formula; an apostrophe makes it a text."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
