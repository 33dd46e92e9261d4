"""Grading: a learner's notebook runs in a kernel of its own, and its exercises are judged there."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Literal

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from nlp4.exercises.checks import EXERCISES, NOTEBOOKS, STRICT, exercises_of
from nlp4.exercises.judging import Exercise, Verdict
from nlp4.exercises.student import TRAIN, instead_of_training, only_checks, read_notebook, tags
from nlp4.support.errors import UserError

_PATIENCE = 5  # seconds in which an interrupted kernel must fall idle, and then answer again
_STOPPED = "time limit"  # what nbclient is to report as the error's name; no class is called so

State = Literal["done", "raised", "stopped", "lost"]


class NotebookKernel(NotebookClient):
    """A kernel that runs code until it is done, raises, is stopped, or the kernel is lost."""

    _kind = _error = ""

    def run(self, source: str, timeout: int, kind: str = "") -> tuple[State, Any]:
        """Run code. Return how it ended, and the error's name or what it displayed as `kind`.

        It is stopped after `timeout` seconds; a kernel that does not answer then is lost.
        """
        try:
            cell = self._executed(source, timeout, kind)
            if self._error == _STOPPED:
                # A loop may outlive its interrupt; then no other code is ever begun.
                self._executed("pass", _PATIENCE)
                return ("lost" if self._error == _STOPPED else "stopped"), None
        except DeadKernelError:
            return "lost", None
        if self._error:
            return "raised", self._error
        return "done", next((output.data[kind] for output in cell.outputs), None)

    def _executed(self, source: str, timeout: int, kind: str = "") -> NotebookNode:
        self._kind, self._error, self.timeout = kind, "", timeout
        return self.execute_cell(new_code_cell(source), 0)

    def keep_error(self, execute_reply: dict[str, Any], **_: object) -> None:
        """Keep the name of the error that nbclient tells of."""
        self._error = execute_reply["content"]["ename"]

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Drop all output but `kind`: an endless loop of prints would fill the memory."""
        shown = msg["content"].get("data", {}) if msg["msg_type"] == "display_data" else {}
        if msg["msg_type"] == "status" or self._kind in shown:
            return super().process_message(msg, cell, cell_index)
        return None


@contextmanager
def notebook_kernel(folder: Path, **variables: str | None) -> Iterator[NotebookKernel]:
    """Start a kernel in `folder`, and end it at once when the block is left.

    `variables` are set in its environment, or removed from it where they are None. Raises
    RuntimeError if it does not start.
    """
    # Without folders of kernels, python3 is the Python that runs this.
    own_python = KernelSpecManager(kernel_dirs=[])
    kernel = NotebookKernel(
        new_notebook(cells=[new_code_cell()]),
        km=AsyncKernelManager(kernel_spec_manager=own_python),
        allow_errors=True,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": _STOPPED},
        iopub_timeout=_PATIENCE,
        record_timing=False,
        shutdown_kernel="immediate",
    )
    kernel.on_cell_error = kernel.keep_error
    env = {**os.environ, **variables}
    given = {name: value for name, value in env.items() if value is not None}
    with kernel.setup_kernel(
        cleanup_kc=True, cwd=str(folder), env=given, stdout=DEVNULL, stderr=DEVNULL
    ):
        yield kernel


SECONDS = 60  # for a cell, and for the judging of an exercise
_START = 120  # seconds until the package is imported; a cold disk takes its time
_CHECKS = "import nlp4.exercises.checks as _nlp4_checks"
_CULPRITS = 3  # cells that are named in a note
# Threads that spin while they wait slow down whatever runs beside; checks are lenient here.
_ENVIRONMENT: dict[str, str | None] = {
    "OMP_NUM_THREADS": "1",
    "GOMP_SPINCOUNT": "2000",
    STRICT: None,
}


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


def grade_folder(
    folder: Path, *, timeout: int = SECONDS, told: Callable[[Report], None] | None = None
) -> list[Report]:
    """Grade every notebook in a folder and the folders in it; `told` hears of each at once.

    A report's name is the file's, from `folder` on. Raises UserError if there is no notebook.
    """
    found = (path for path in folder.rglob("*.ipynb") if not path.is_dir())
    paths = sorted(path for path in found if not _is_hidden(path, folder))
    if not paths:
        raise UserError(f"{folder} holds no notebooks (*.ipynb): name another folder")
    reports = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            report = grade(path, timeout=timeout, name=name)
        else:
            report = _nothing(name, _expected(path, None), "is a link to a file that is not there")
        reports.append(report)
        if told is not None:
            told(report)
    return reports


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def grade(path: Path, *, timeout: int = SECONDS, name: str | None = None) -> Report:
    """Run a learner's notebook and judge the exercises in it.

    Each cell, and each exercise, has `timeout` seconds. Cells tagged `train` are not run, but
    what their metadata put in their place; cells that only check are not run either. Errors in
    cells stop nothing. `name` is the report's (default: the path). A file that is no notebook
    gets a report without points. Raises UserError if there is no such file.
    """
    if not path.is_file():
        raise UserError(f"there is no file {path}: check its name")
    name = name or str(path)
    exercises = _expected(path, None)
    try:
        notebook = read_notebook(path)
        exercises = _expected(path, notebook)
        if not exercises:
            return Report(name, (), _without_exercises(notebook))
        return _Grading(path, notebook, exercises, timeout).report(name)
    except UserError as error:
        return _nothing(name, exercises, str(error))
    except Exception as error:  # one notebook, whatever is wrong with it, must not stop the rest
        return _nothing(name, exercises, f"could not be graded ({type(error).__name__}: {error})")


def _nothing(name: str, exercises: Sequence[Exercise], note: str) -> Report:
    return Report(name, tuple(exercise.unwritten() for exercise in exercises), note)


def _expected(path: Path, notebook: NotebookNode | None) -> Sequence[Exercise]:
    """The exercises that a file should hold: by its metadata, its functions, or its name.

    A notebook is known by its title without the number in front, which is not what it used to be
    in copies of earlier editions. A number alone means what it means today.
    """
    titled = {stem[3:]: stem for stem in NOTEBOOKS}
    named = None if notebook is None else _copied_from(notebook) or _by_functions(notebook)
    for name in (named or "", path.stem):
        if (stem := titled.get(name[3:])) is not None:
            return exercises_of(stem)
    number = re.match(r"\d\d(?!\d)", path.name)
    stems = NOTEBOOKS if number else ()
    return [e for stem in stems if stem[:2] == path.name[:2] for e in exercises_of(stem)]


def _by_functions(notebook: NotebookNode) -> str | None:
    """The notebook most of whose exercises' functions are defined in the cells; None for none."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    defined = re.findall(r"^def (\w+)\(", code, re.M)
    counted = Counter(EXERCISES[name].notebook for name in {*defined} & {*EXERCISES})
    return next((stem for stem, _ in counted.most_common(1)), None)


def _copied_from(notebook: NotebookNode) -> str | None:
    """The notebook's name as its metadata tell it; None if they do not."""
    own = notebook.metadata.get("nlp4", {})
    named = own.get("notebook") if isinstance(own, dict) else None
    return named if isinstance(named, str) else None


def _without_exercises(notebook: NotebookNode) -> str:
    named = _copied_from(notebook)
    if named is not None:
        return f"{named} has no exercises: there is nothing to grade"
    return f"which notebook is this? Begin its name like one of {', '.join(NOTEBOOKS)}"


@dataclass
class _Grading:
    """One notebook on its way to a report; a lost kernel is replaced as often as need be."""

    path: Path
    notebook: NotebookNode
    exercises: Sequence[Exercise]
    timeout: int
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)

    def report(self, name: str) -> Report:
        # Each round loses a cell or an exercise for good, so the rounds come to an end.
        while len(self.verdicts) < len(self.exercises):
            with notebook_kernel(self.path.resolve().parent, **_ENVIRONMENT) as kernel:
                if kernel.run(_CHECKS, _START)[0] == "lost":
                    raise RuntimeError("the kernel died at its start")
                if self._run_cells(kernel):
                    self._judge_exercises(kernel)
        verdicts = tuple(self.verdicts[exercise.name] for exercise in self.exercises)
        return Report(name, verdicts, self._note())

    def _run_cells(self, kernel: NotebookKernel) -> bool:
        """Run the cells that may run; tell whether the kernel is still there."""
        for number, source in self._sources():
            state, error = kernel.run(source, self.timeout)
            if state == "lost":
                self.skipped.add(number)
                self.notes[number] = f"cell {number + 1} ended the kernel and was left out"
                return False
            if state == "stopped":
                self.notes[number] = f"cell {number + 1} was stopped after {self.timeout} s"
            elif state == "raised":
                self.notes[number] = f"cell {number + 1} raised {error}"
        return True

    def _sources(self) -> Iterator[tuple[int, str]]:
        for number, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or number in self.skipped or only_checks(cell):
                continue
            trains = TRAIN in tags(cell)
            source = instead_of_training(cell) or "" if trains else cell.source
            if source.strip():
                yield number, source

    def _judge_exercises(self, kernel: NotebookKernel) -> None:
        for exercise in self.exercises:
            if exercise.name not in self.verdicts:
                state, verdict = self._judge(kernel, exercise)
                self.verdicts[exercise.name] = verdict
                if state == "lost":
                    return

    def _judge(self, kernel: NotebookKernel, exercise: Exercise) -> tuple[State, Verdict]:
        kind = f"application/vnd.nlp4.{secrets.token_hex(16)}+json"
        source = f"{_CHECKS}\n_nlp4_checks.publish({exercise.name!r}, {kind!r})"
        state, found = kernel.run(source, self.timeout, kind)
        if state == "lost":
            return state, exercise.wrong("your function ended the kernel, or could not be stopped")
        if state == "stopped":
            slow = f"not done after {self.timeout} s: is there a loop that never ends?"
            return state, exercise.wrong(slow)
        if state == "raised" or found is None:
            return state, exercise.wrong("could not be judged: does a cell change the workbook?")
        return state, Verdict(**found)

    def _note(self) -> str:
        notes = [self.notes[number] for number in sorted(self.notes)]
        more = len(notes) - _CULPRITS
        return "; ".join(notes[:_CULPRITS] + ([f"and {more} more"] if more > 0 else []))


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
        table.writerow([report.notebook, report.points, report.out_of, *columns, report.note])
    return text.getvalue()
