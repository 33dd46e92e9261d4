"""The table for Canvas, read again as Canvas's importer reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from nlp4.exercises.checks import exercises_of
from nlp4.exercises.grading.canvas import canvas_csv
from nlp4.exercises.grading.reports import Report
from nlp4.exercises.grading.roster import Roster, Student, kept, read_roster

FIRST, THIRD = "01_attention_copying_and_averaging", "03_pretraining_and_knowledge"
ANA = Student("Lee, Ana", "4711", "s-001", "ana@uni.edu", "ana@uni.edu", "A")
BEN = Student("Ben", sis_id="17")


def handed_in(name: str, right: int, notebook: str = FIRST) -> Report:
    exercises = exercises_of(notebook)
    first = tuple(exercise.right() for exercise in exercises[:right])
    return Report(name, (*first, *(exercise.wrong("no") for exercise in exercises[right:])))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_points_stand_below_the_notebooks() -> None:
    roster = Roster((ANA, BEN))
    reports = [
        handed_in("4711.ipynb", 3, THIRD),
        handed_in("4711_b.ipynb", 2),
        handed_in("17.ipynb", 0),
    ]

    text = canvas_csv(kept(reports, roster), roster)

    first, third = "01 Attention copying and averaging", "03 Pretraining and knowledge"
    assert text.splitlines()[0] == f"Student,ID,SIS User ID,SIS Login ID,Section,{first},{third}"
    possible, ana, ben = rows(text)
    assert possible.pop("Student") == "    Points Possible"
    assert list(possible.values()) == ["", "", "", "", "20", "9"]
    assert ana == {
        "Student": "Lee, Ana",
        "ID": "4711",
        "SIS User ID": "s-001",
        "SIS Login ID": "ana@uni.edu",
        "Section": "A",
        first: "2",
        third: "5",
    }
    assert (ben["ID"], ben["SIS User ID"], ben[first], ben[third]) == ("", "17", "0", "")


def test_without_hand_ins_there_are_no_columns_of_points() -> None:
    possible, ana = rows(canvas_csv({}, Roster((ANA,))))
    assert list(ana) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible["Student"] == "    Points Possible"


def test_the_table_is_a_roster_again(tmp_path: Path) -> None:
    roster = Roster((ANA, BEN))
    path = tmp_path / "points.csv"
    path.write_text(canvas_csv(kept([handed_in("17.ipynb", 1)], roster), roster), "utf-8")
    again = read_roster(path).students
    assert [(s.name, s.canvas_id, s.sis_id, s.login, s.section) for s in again] == [
        (s.name, s.canvas_id, s.sis_id, s.login, s.section) for s in roster.students
    ]


def test_no_cell_is_a_formula_and_each_student_has_one_line() -> None:
    hostile = ["=1+1", "+1", "-1", "@x", " =1", 'a",b', "a\r\n=1+1", "\udcff", "x" * 9000, "\t=1"]
    students = [Student(text, str(i), text, text, "", text) for i, text in enumerate(hostile)]

    text = canvas_csv({}, Roster(tuple(students)))

    text.encode()
    assert len(text.splitlines()) == len(hostile) + 2
    found = rows(text)[1:]
    assert [row["ID"] for row in found] == [str(i) for i in range(len(hostile))]
    for row in found:
        assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row.values())
    assert found[0]["Student"] == "'=1+1" and found[5]["Student"] == 'a",b'
