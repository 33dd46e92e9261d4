"""Points as a table that Canvas's gradebook imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from nlp4.exercises.checks import NOTEBOOKS, exercises_of
from nlp4.exercises.grading.reports import Report, no_formula, printable
from nlp4.exercises.grading.roster import Roster, Student, title_of


def canvas_csv(counted: Mapping[tuple[Student, str], Report], roster: Roster) -> str:
    """The roster with a column of points for each notebook that somebody handed in.

    `counted` is what `kept` returns. A column is called as `title_of` calls its notebook; Canvas
    looks for an assignment of this title. The cell of a notebook that was not handed in is empty.
    """
    handed_in = {notebook for _, notebook in counted}
    notebooks = [notebook for notebook in NOTEBOOKS if notebook in handed_in]
    possible = [sum(each.points for each in exercises_of(notebook)) for notebook in notebooks]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    about = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    table.writerow([*about, *map(title_of, notebooks)])
    table.writerow(["    Points Possible", "", "", "", "", *possible])
    for student in roster.students:
        own = [counted.get((student, notebook)) for notebook in notebooks]
        points = ["" if report is None else report.points for report in own]
        table.writerow([*_about(student), *points])
    return text.getvalue()


def _about(student: Student) -> tuple[str, ...]:
    about = student.name, student.canvas_id, student.sis_id, student.login, student.section
    return tuple(no_formula(printable(text)) for text in about)
