"""The roster: how it is read, whose a hand-in is, which one counts, and what files are called."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp4.exercises.checks import exercises_of
from nlp4.exercises.grading.reports import Report
from nlp4.exercises.grading.roster import (
    Roster,
    Student,
    candidates,
    file_names,
    kept,
    notebook_of,
    read_roster,
    title_of,
    unclaimed,
    whose,
)
from nlp4.support.errors import UserError

FIRST, THIRD = "01_attention_copying_and_averaging", "03_pretraining_and_knowledge"

# As Canvas's gradebook exports it: what is hidden, what is possible, and Canvas's test student.
EXPORT = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (77),Final Score
,,,,,Manual Posting,
"    Points Possible",,,,,10,(read only)
"Lee, Ana",4711,s-001,ana.lee@uni.edu,A and B,9,90
"Müller Ruiz, Ben",4712,s-002,bmr2,A,,
"Student, Test",4799,,f00dfeed,A,,
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "class.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def handed_in(name: str, right: int = 0, notebook: str = FIRST) -> Report:
    """A hand-in with its first exercises right."""
    exercises = exercises_of(notebook)
    first = tuple(exercise.right() for exercise in exercises[:right])
    return Report(name, (*first, *(exercise.unwritten() for exercise in exercises[right:])))


def roster(*students: Student) -> Roster:
    return Roster(students)


ANA = Student("Lee, Ana", "4711", "s-001", "ana.lee@uni.edu")
BEN = Student("Müller Ruiz, Ben", "4712", "s-002", "bmr2")
CLASS = roster(ANA, BEN)


# How it is read


@pytest.mark.parametrize("changed", ["", "bom", "crlf", "semicolons", "tabs", "spaces", "nbsp"])
def test_canvas_export_is_read_however_it_was_saved(tmp_path: Path, changed: str) -> None:
    text = {
        "bom": "\ufeff" + EXPORT,
        "crlf": EXPORT.replace("\n", "\r\n"),
        "semicolons": EXPORT.replace(",", ";").replace("Lee; ", "Lee, ").replace("z; ", "z, "),
        "tabs": EXPORT.replace(",", "\t").replace("Lee\t ", "Lee, ").replace("z\t ", "z, "),
        "spaces": EXPORT.replace("Student,ID", " student , Id ") + "\n,,,,,,\n\n",
        "nbsp": EXPORT.replace("Lee, Ana", "Lee,\N{NO-BREAK SPACE}Ana "),
    }.get(changed, EXPORT)

    ana, ben, _test = read_roster(written(tmp_path, text)).students

    assert ana == Student("Lee, Ana", "4711", "s-001", "ana.lee@uni.edu", "", "A and B")
    assert ben == Student("Müller Ruiz, Ben", "4712", "s-002", "bmr2", "", "A")


def test_a_plain_table_is_read(tmp_path: Path) -> None:
    text = "email,name,id,\na@uni.edu,Ana Lee,007,\n,Ben,8\n"
    found = read_roster(written(tmp_path, text)).students
    assert found == (Student("Ana Lee", sis_id="007", email="a@uni.edu"), Student("Ben", "", "8"))


REFUSED = {
    "empty": ("", "is empty"),
    "blank": ("\n,,\n\n", "is empty"),
    "no id": ("name,login\nAna,a\n", "line 1 has no column `id`:"),
    "no name": ("id\n3\n", "line 1 has no column `name`:"),
    "neither": ("a;b\n1;2\n", "line 1 has no column `name` and no column `id`:"),
    "nobody": ("id,name\n", "names no student"),
    "an empty id": ("id,name\n1,Ana\n ,Ben\n", "line 3: 'Ben' has no id"),
    "no cell for the id": ("name,id\nAna,1\nBen\n", "line 3: 'Ben' has no id"),
    "an id twice": ("id,name\nx1,Ana\n\n X1,Ben\n", "line 4: the id 'X1' stands in line 2 too"),
    "latin-1": ("id,name\n1,Ana\n2,Jos\xe9\n".encode("latin-1"), "line 3 is not UTF-8"),
    "utf-16": ("id,name\n1,Ana\n".encode("utf-16"), "line 1 is not UTF-8"),
    "a quote without an end": ('id,name\n1,"Ana\n2,Ben\n', "is no CSV"),
    "a long name": (f"id,name\n,{'x' * 5000}\n", "5,000 characters"),
    "two lines in one": ('id,name\n,"A\x1b\nB"\n', "has no id"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_roster_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    text, words = REFUSED[name]
    path = written(tmp_path, text)
    with pytest.raises(UserError) as raised:
        read_roster(path)
    said = str(raised.value)
    assert said.startswith(str(path)) and words in said
    assert said.isprintable() and ": " in said


def test_a_roster_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(UserError, match="cannot read"):
            read_roster(path)


# Whose a hand-in is

OF_ANA = [
    "leeana_4711_67890_01_attention.ipynb",  # as Canvas names downloads
    "leeana_LATE_4711_67890_01_attention-2.ipynb",
    "leeana_4711_67890_with_bmr2.ipynb",  # what follows the numbers is the learner's own
    "leeana_4711_4712_01_attention.ipynb",  # the second number is the upload's
    "Lee Ana/01_attention_copying_and_averaging.ipynb",
    "ana-lee/03_pretraining_and_knowledge (1).ipynb",
    "ANA_LEE.IPYNB",
    "AnaLee-01.ipynb",
    "section A/s-001/work.ipynb",
    "01_s_001.ipynb",
    "4711.ipynb",
    "ana.lee@uni.edu.ipynb",
    "ana.lee_2.ipynb",
    "ana_lee/ana_lee_01.ipynb",
]
OF_BEN = [
    "mullerruizben_4712_1234_x.ipynb",
    "müllerruizben_4712_1234_x.ipynb",
    unicodedata.normalize("NFD", "Ben Müller-Ruiz.ipynb"),
    "BMR2/01.ipynb",
    "x/y/muller_ruiz__ben/z.ipynb",
]
OF_NOBODY = [
    "",
    "/",
    "01_attention_copying_and_averaging.ipynb",
    "ana_01.ipynb",  # a first name alone is not exact
    "14711.ipynb",
    "s-0012.ipynb",
    "leeanna_1_234_x.ipynb",
    "../..\x00/\udcff\udcfe.ipynb",
    "x" * 5000,
]
OF_TWO = ["ana_lee/bmr2.ipynb", "leeana_4712_1234_x.ipynb", "4711_4712.ipynb"]


@pytest.mark.parametrize("name", OF_ANA)
def test_a_hand_in_of_ana(name: str) -> None:
    assert whose(name, CLASS) == ANA


@pytest.mark.parametrize("name", OF_BEN)
def test_a_hand_in_of_ben(name: str) -> None:
    assert whose(name, CLASS) == BEN


@pytest.mark.parametrize("name", OF_NOBODY)
def test_a_hand_in_of_nobody(name: str) -> None:
    assert whose(name, CLASS) is None and candidates(name, CLASS) == []


@pytest.mark.parametrize("name", OF_TWO)
def test_a_hand_in_that_may_be_of_two_is_nobodys(name: str) -> None:
    assert whose(name, CLASS) is None and candidates(name, CLASS) == [ANA, BEN]


def test_of_two_students_with_one_name_the_id_decides() -> None:
    one, other = Student("Doe, Jo", "11"), Student("Doe, Jo", "12")
    twins = roster(one, other)
    assert whose("doejo_12_9999_x.ipynb", twins) == other
    assert whose("jo_doe_11.ipynb", twins) == one
    assert candidates("jo_doe.ipynb", twins) == [one, other]


def test_a_name_within_a_longer_name_is_none() -> None:
    anna, mary = Student("Anna Lee", sis_id="1"), Student("Mary Anna Lee", sis_id="2")
    lee = Student("Bo Chen", sis_id="3", login="lee")
    all_three = roster(anna, mary, lee)
    assert whose("mary_anna_lee.ipynb", all_three) == mary
    assert whose("anna_lee.ipynb", all_three) == anna
    assert whose("lee.ipynb", all_three) == lee


def test_the_workbooks_own_number_is_no_id() -> None:
    numbered = roster(Student("Ana", sis_id="01"), Student("Ben", sis_id="17"))
    assert whose(f"17/{FIRST}.ipynb", numbered) == numbered.students[1]
    assert whose(f"17_{FIRST}.ipynb", numbered) == numbered.students[1]
    assert whose(f"{FIRST}.ipynb", numbered) is None


def test_the_number_of_a_second_copy_is_no_id() -> None:
    numbered = roster(Student("Ana Lee", sis_id="1"), Student("Bo Chen", sis_id="2"))
    ana, bo = numbered.students
    assert whose("ana_lee-2.ipynb", numbered) == ana
    assert whose("bo_chen (1).ipynb", numbered) == bo
    assert whose("1-2.ipynb", numbered) == ana


def test_an_address_may_be_given_without_what_follows_the_at_sign() -> None:
    ana = Student("Ana Lee", sis_id="1", login="al77@uni.edu", email="a.m.lee@mail.example")
    assert whose("al77_01.ipynb", roster(ana)) == ana
    assert whose("a.m.lee/01.ipynb", roster(ana)) == ana


def test_a_student_known_by_signs_alone_is_not_found_everywhere() -> None:
    assert whose("x.ipynb", roster(Student("???", sis_id="--"))) is None


def test_those_that_count_for_nobody_are_told() -> None:
    reports = [
        handed_in("4711.ipynb"),
        handed_in("\x1bx.ipynb"),
        handed_in("4711_4712.ipynb"),
        Report("bmr2.ipynb", (), "is no notebook"),
    ]
    assert unclaimed(reports, CLASS) == [
        r"\x1bx.ipynb: no student of the roster is named in its path",
        "4711_4712.ipynb: may be of Lee, Ana (4711) or of Müller Ruiz, Ben (4712)",
        "bmr2.ipynb: of Müller Ruiz, Ben (4712), but no exercises were found in it",
    ]


# Which hand-in counts


def test_the_notebook_is_known_by_its_exercises() -> None:
    assert notebook_of(handed_in("x", notebook=FIRST)) == FIRST
    assert notebook_of(handed_in("x", notebook=THIRD)) == THIRD
    assert notebook_of(Report("x", ())) is None


BEST, LAST = "4711/a.ipynb", "4711/b.ipynb"


@pytest.mark.parametrize("order", [1, -1])
def test_the_best_or_the_last_is_kept(order: int) -> None:
    reports = [handed_in(BEST, right=2), handed_in(LAST, right=1)][::order]
    changed = {BEST: 1.0, LAST: 2.0}
    assert kept(reports, CLASS, "best", changed)[ANA, FIRST].notebook == BEST
    assert kept(reports, CLASS, "last", changed)[ANA, FIRST].notebook == LAST
    assert kept(reports, CLASS, "last", {BEST: 3.0})[ANA, FIRST].notebook == BEST


TIES = [
    ("4711/a.ipynb", "4711/a-2.ipynb"),
    ("4711/a-9.ipynb", "4711/a-10.ipynb"),
    ("leeana_4711_99999_x.ipynb", "leeana_4711_100000_x.ipynb"),
    ("leeana_4711_111_x.ipynb", "leeana_LATE_4711_111_x.ipynb"),
]


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("keep", ["best", "last"])
def test_among_equals_the_last_by_name_is_kept(tie: Sequence[str], keep: str) -> None:
    first, last = tie
    for names in (tie, tie[::-1]):
        counted = kept([handed_in(name) for name in names], CLASS, keep)  # type: ignore[arg-type]
        assert [report.notebook for report in counted.values()] == [last]
        counted = kept([handed_in(name) for name in names], CLASS, "last", {first: 1.0})
        assert [report.notebook for report in counted.values()] == [first]


def test_each_student_and_notebook_is_counted_by_itself() -> None:
    reports = [
        handed_in("4711_one.ipynb"),
        handed_in("4711_two.ipynb", notebook=THIRD),
        handed_in("bmr2.ipynb"),
        handed_in("nobody.ipynb"),
        Report("4711_nothing.ipynb", ()),
    ]
    counted = kept(reports, CLASS)
    assert list(counted) == [(ANA, FIRST), (ANA, THIRD), (BEN, FIRST)]
    assert list(counted.values()) == reports[:3]


# Names


def test_titles() -> None:
    assert title_of(FIRST) == "01 Attention copying and averaging"


NAMES = [
    "ben/01.ipynb",
    "ben_01.ipynb",
    "BEN_01.ipynb",
    "ben_01-2.ipynb",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    ".hidden.ipynb",
    "a\x00\n\x1b.ipynb",
    "\udcff.ipynb",
    "CON.ipynb",
    "lpt1.ipynb",
    "名" * 3000 + ".ipynb",
    "x" * 3000 + ".ipynb",
    "<script>&\"'?*|:\\.ipynb",
    "Zoë.ipynb",
    unicodedata.normalize("NFD", "Zoë.ipynb"),
]


def test_names_of_files_are_safe_and_unique(tmp_path: Path) -> None:
    names = file_names([Report(name, ()) for name in NAMES])

    assert names[:4] == ["ben_01", "ben_01-2", "BEN_01-3", "ben_01-2-2"]
    assert names[4:6] == ["etc_passwd", "etc_passwd-2"]
    assert names[-2:] == ["Zoë", "Zoë-2"]
    assert len({name.casefold() for name in names}) == len(NAMES)
    for name in names:
        (tmp_path / f"{name}.html").write_text(name)
        assert len(name.encode()) < 200 and name.replace("-", "").isidentifier()
        assert name.upper() not in {"CON", "LPT1"}
    assert len(list(tmp_path.iterdir())) == len(NAMES)
