"""Whose a hand-in is, which one of several counts, and how what belongs to it may be called."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from nlp4.exercises.checks import EXERCISES, NOTEBOOKS
from nlp4.exercises.grading.reports import Report, printable
from nlp4.support.errors import UserError, quoted

Keep = Literal["best", "last"]
_MEND = (
    "name the columns `Student,ID,SIS User ID,SIS Login ID,Section`, as Canvas does, or `id,name`"
)
# Canvas's name for a file: the student's own without spaces, perhaps LATE, the student's number,
# the upload's number, the file's name. What follows the student says nothing of whose it is.
_CANVAS = re.compile(r"(?P<student>.+?_\d+)_\d{3,}_.+")
_AGAIN = re.compile(r"(-\d{1,2}| ?\(\d{1,2}\))?(\.ipynb)?$", re.I)  # a second file of one name
_WORKBOOK = re.compile(rf"(\d\d_)?({'|'.join(stem[3:] for stem in NOTEBOOKS)})", re.I)
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d", re.I)  # Windows has no such files
_LONGEST = 120  # bytes of a file's name: what is put before and behind it must fit into 255


@dataclass(frozen=True)
class Student:
    """A student: the name, and the numbers and names by which Canvas or the school knows them."""

    name: str
    canvas_id: str = ""
    sis_id: str = ""
    login: str = ""
    email: str = ""
    section: str = ""

    @property
    def id(self) -> str:
        """What no two students share: Canvas's own number, or else the school's."""
        return self.canvas_id or self.sis_id

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of their list."""

    students: tuple[Student, ...]

    @cached_property
    def by_words(self) -> Mapping[tuple[str, ...], frozenset[Student]]:
        """The students whom some words name, each word as `_words` gives it."""
        found: dict[tuple[str, ...], set[Student]] = {}
        for student in self.students:
            for words in _names(student):
                found.setdefault(words, set()).add(student)
        return MappingProxyType({words: frozenset(named) for words, named in found.items()})


# The list


def read_roster(path: Path) -> Roster:
    """Read a class's list: Canvas's export of its gradebook, or a table with `id` and `name`.

    `login`, `email` and `section` are read where they stand. Raises UserError, with the line, for
    a file that cannot be read or is no such table, for a student without an id and for an id that
    stands twice.
    """
    (_, head), *rows = _rows(path)
    columns = _columns(head, path)
    students: list[Student] = []
    lines: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        if _is_no_student(row):
            continue
        cells = {name: " ".join(row[i].split()) for name, i in columns.items() if i < len(row)}
        student = Student(**cells)
        if not student.id:
            who = f"{quoted(student.name)} has no id"
            raise UserError(f"{path}, line {line}: {who}: write it, or take the line out")
        first = lines.setdefault(_words(student.id) or (student.id,), line)
        if first != line:
            twice = f"the id {quoted(student.id)} stands in line {first} too"
            raise UserError(f"{path}, line {line}: {twice}: leave one of them")
        students.append(student)
    if not students:
        raise UserError(f"{path} names no student: write a line for each below the header")
    return Roster(tuple(students))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with its line; the first is the header."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): check its name") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line} is not UTF-8: save it as CSV in UTF-8") from None
    # A spreadsheet in a country with decimal commas separates by semicolons, and so does Canvas.
    mark = max(",;\t", key=next(iter(text.splitlines()), "").count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        line = reader.line_num
        raise UserError(f"{path}, line {line} is no CSV ({error}): look at its quotes") from None
    if not rows:
        raise UserError(f"{path} is empty: {_MEND}")
    return rows


def _columns(head: Sequence[str], path: Path) -> dict[str, int]:
    """Where each field of a `Student` stands. Raises UserError if name or id do not."""
    titles = [" ".join(title.split()).casefold() for title in head]
    of_canvas = "student" in titles
    wanted = {
        "name": "student" if of_canvas else "name",
        "canvas_id" if of_canvas else "sis_id": "id",
        "login": "sis login id" if of_canvas else "login",
        "email": "email",
        "section": "section",
    }
    if of_canvas:
        wanted["sis_id"] = "sis user id"
    found = {field: titles.index(title) for field, title in wanted.items() if title in titles}
    missing = [title for title in (wanted["name"], "id") if title not in titles]
    if missing:
        names = " and no column ".join(f"`{title}`" for title in missing)
        raise UserError(f"{path}, line 1 has no column {names}: {_MEND}")
    return found


def _is_no_student(row: Sequence[str]) -> bool:
    """Tell whether it is one of the two rows about assignments that Canvas's exports have."""
    posting = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.I)
    return "Points Possible" in row[0] or all(posting.fullmatch(cell) for cell in row)


# Whose a hand-in is


def whose(notebook: str, roster: Roster) -> Student | None:
    """The student to whom a hand-in belongs; None if its name names nobody, or several.

    `notebook` is a `Report`'s: the path from the class's folder on. Words of it, of the folders'
    names too, must be exactly a student's id, login, address or name, in either order.
    """
    named = candidates(notebook, roster)
    return named[0] if len(named) == 1 else None


def candidates(notebook: str, roster: Roster) -> list[Student]:
    """The students whom a hand-in's path may mean, in the roster's order.

    Where an id and a name, or two names, mean different students, both are candidates; of two
    students with one name, the id decides.
    """
    meant = [students for words in _parts(notebook) for students in _named_in(words, roster)]
    if not meant:
        return []
    agreed = frozenset.intersection(*meant) or frozenset.union(*meant)
    return [student for student in roster.students if student in agreed]


def unclaimed(reports: Iterable[Report], roster: Roster) -> list[str]:
    """A line for each hand-in that counts for nobody, with the reason."""
    lines = []
    for report in reports:
        named = candidates(report.notebook, roster)
        if not named:
            reason = "no student of the roster is named in its path"
        elif len(named) > 1:
            reason = f"may be of {' or of '.join(map(str, named))}"
        elif notebook_of(report) is None:
            reason = f"of {named[0]}, but no exercises were found in it"
        else:
            continue
        lines.append(printable(f"{report.notebook}: {reason}"))
    return lines


def _words(text: str) -> tuple[str, ...]:
    """The words of a name without case, accents and what separates them."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(re.findall(r"[^\W_]+", bare))


def _names(student: Student) -> Iterator[tuple[str, ...]]:
    """Each way in which a path may name a student, in words."""
    last, comma, first = student.name.partition(",")
    names = [_words(last), _words(first)] if comma else [_words(last)[:-1], _words(last)[-1:]]
    for one, other in (names, names[::-1]):
        yield one + other
        yield ("".join(one + other),)  # as Canvas writes it
    for known in (student.canvas_id, student.sis_id, student.login, student.email):
        yield _words(known)
        yield _words(known.partition("@")[0])


def _parts(notebook: str) -> list[tuple[str, ...]]:
    """The words of each folder and of the file, but for those that say nothing of whose it is."""
    *folders, file = notebook.split("/")
    name = _AGAIN.sub("", file, count=1)
    of_canvas = _CANVAS.fullmatch(name)
    told = of_canvas["student"] if of_canvas else _WORKBOOK.sub("/", name)
    return [_words(part) for part in (*folders, told)]


def _named_in(words: tuple[str, ...], roster: Roster) -> list[frozenset[Student]]:
    """Whom each run of words means; a run within a longer one, a name within a name, is none."""
    ends = range(1, len(words) + 1)
    runs = [(i, j) for j in ends for i in range(j) if words[i:j] in roster.by_words]
    outer = [
        (i, j) for i, j in runs if not any(a <= i and j <= b and (a, b) != (i, j) for a, b in runs)
    ]
    return [roster.by_words[words[i:j]] for i, j in outer]


# Which hand-in counts


def notebook_of(report: Report) -> str | None:
    """The stem of the workbook's notebook that was handed in; None for a report without verdicts.

    Raises UserError if that notebook needs a package that is not installed.
    """
    known = (EXERCISES.get(verdict.name) for verdict in report.verdicts)
    return next((exercise.notebook for exercise in known if exercise is not None), None)


def kept(
    reports: Iterable[Report],
    roster: Roster,
    keep: Keep = "best",
    changed: Mapping[str, float] = MappingProxyType({}),
) -> dict[tuple[Student, str], Report]:
    """The one report that counts, by student and by the stem of the workbook's notebook.

    Of several hand-ins, `best` keeps the one with the most points, and `last` the latest.
    `changed` tells when each was changed, by the report's name; among equals the last by name
    counts, `a-2` after `a`. What belongs to nobody, or has no exercises, is left out: `unclaimed`
    tells of it.
    """

    def rank(report: Report) -> tuple[int, float, str]:
        points = report.points if keep == "best" else 0
        stem = report.notebook.removesuffix(".ipynb")  # since "-" comes before "."
        in_order = re.sub(r"\d+", lambda number: number[0].zfill(20), stem)  # 9 before 10
        return points, changed.get(report.notebook, 0.0), in_order

    counted: dict[tuple[Student, str], Report] = {}
    for report in reports:
        student, notebook = whose(report.notebook, roster), notebook_of(report)
        if student is not None and notebook is not None:
            other = counted.get((student, notebook), report)
            counted[student, notebook] = max(other, report, key=rank)
    return counted


# Names


def title_of(notebook: str) -> str:
    """A notebook's title from its stem: `02_build_it` is `02 Build it`."""
    number, _, words = notebook.partition("_")
    return f"{number} {words.replace('_', ' ').capitalize()}"


def file_names(reports: Iterable[Report]) -> list[str]:
    """A name for each hand-in's files, without an ending: safe on every system, no two alike.

    Folders become part of the name. Nothing but letters, digits, `_` and `-` is left.
    """
    names: list[str] = []
    taken: set[str] = set()  # without case, which not every system tells apart
    for report in reports:
        bare = _safe(report.notebook)
        tries = (bare if n == 1 else f"{bare}-{n}" for n in range(1, len(taken) + 2))
        name = next(name for name in tries if name.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names


def _safe(notebook: str) -> str:
    stem = unicodedata.normalize("NFC", re.sub(r"\.ipynb$", "", notebook, flags=re.I))
    bare = re.sub(r"[^\w-]+", "_", stem).strip("_-")
    short = bare.encode()[:_LONGEST].decode(errors="ignore") or "notebook"
    return f"{short}_" if _RESERVED.fullmatch(short) else short
