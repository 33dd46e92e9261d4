"""Grading one notebook: its cells run in a process of their own, its exercises are judged here."""

from __future__ import annotations

import base64
import pickle
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from nbformat import NotebookNode

from nlp4.exercises.checks import EXERCISES, NOTEBOOKS, exercises_of
from nlp4.exercises.grading.needs import needed, own_sources
from nlp4.exercises.grading.reports import Report, printable
from nlp4.exercises.grading.sandbox import Kind, LostError, Worker
from nlp4.exercises.grading.wire import WireError, attempt_from
from nlp4.exercises.judging import Exercise, Verdict, fitting, verdict_on
from nlp4.exercises.student import only_checks, read_notebook, to_run
from nlp4.exercises.trying import Attempt
from nlp4.support.errors import UserError

MOST_BYTES = 50_000_000  # of a notebook's file; its outputs may be large, its cells are not
_CULPRITS = 3  # cells that are named in a note
_NAME = 40  # characters of an error's name in a note
_NO_TIME = "not judged: the notebook had run for too long"


@dataclass(frozen=True)
class Limits:
    """How a notebook is run: seconds for a cell and for an exercise, seconds in all, sandbox."""

    cell: int = 60
    notebook: int = 600
    sandbox: Kind = "none"


def grade(path: Path, limits: Limits, name: str | None = None) -> Report:
    """Run a learner's notebook and judge the exercises in it.

    Cells tagged `train` are not run, but what their metadata put in their place; cells that only
    check, or that only show something, are not run either. Errors in cells stop nothing. `name` is
    the report's (default: the path). Whatever the file is, there is a report: one without points
    and with a note where it is no notebook.
    """
    name, exercises = printable(str(path) if name is None else name), expected(path, None)
    try:
        _refuse_other_than_files(path)
        notebook = read_notebook(path)
        exercises = expected(path, notebook)
        if not exercises:
            return Report(name, (), _without_exercises(notebook))
        return _Grading(notebook, exercises, limits).report(name)
    except UserError as error:
        return nothing(name, exercises, str(error))
    except Exception as error:  # one notebook, whatever is wrong with it, must not stop the rest
        why = f"could not be graded ({type(error).__name__}: {error})"
        return nothing(name, exercises, why)


def nothing(name: str, exercises: Sequence[Exercise], note: str) -> Report:
    """The report on what cannot be graded: no points, and why."""
    return Report(name, tuple(each.unwritten() for each in exercises), printable(note))


def _refuse_other_than_files(path: Path) -> None:
    """Raises UserError for what is no file, or no notebook that anybody wrote by its size."""
    try:
        found = path.stat()
    except OSError as error:
        if path.is_symlink():
            raise UserError("is a link to a file that is not there") from None
        raise UserError(f"cannot be read ({error.strerror})") from None
    if not S_ISREG(found.st_mode):
        raise UserError("is no file: hand in a notebook")
    if found.st_size > MOST_BYTES:
        raise UserError(f"is larger than {MOST_BYTES // 10**6} MB: clear its outputs, and save it")


def expected(path: Path, notebook: NotebookNode | None) -> Sequence[Exercise]:
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
        return printable(f"{named} has no exercises: there is nothing to grade")
    return f"which notebook is this? Begin its name like one of {', '.join(NOTEBOOKS)}"


@dataclass
class _Grading:
    """One notebook on its way to a report; a lost process is replaced as often as need be."""

    notebook: NotebookNode
    exercises: Sequence[Exercise]
    limits: Limits
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    raised: set[int] = field(default_factory=set)
    begun: float = field(default_factory=time.monotonic)

    def report(self, name: str) -> Report:
        # Each round loses a cell or an exercise for good, so the rounds come to an end.
        while len(self.verdicts) < len(self.exercises) and self._seconds():
            with Worker(self.limits.sandbox) as worker:
                if self._run_cells(worker):
                    self._judge_exercises(worker)
        if late := [each for each in self.exercises if each.name not in self.verdicts]:
            self.verdicts |= {each.name: each.wrong(_NO_TIME) for each in late}
            over = f"stopped after {self.limits.notebook} s in all"
            self.notes[len(self.notebook.cells)] = over
        verdicts = tuple(self.verdicts[exercise.name] for exercise in self.exercises)
        return Report(name, verdicts, printable(self._note()))

    def _seconds(self) -> float:
        """Seconds for what is run next; 0 if the notebook's are over."""
        left = self.begun + self.limits.notebook - time.monotonic()
        return max(0.0, min(self.limits.cell, left))

    def _run_cells(self, worker: Worker) -> bool:
        """Run the cells that may run; tell whether the process is still there, and time left."""
        for number, source in self._sources():
            if not (seconds := self._seconds()):
                return False
            cell = f"cell {number + 1}"
            try:
                reply = worker.ask(seconds, source=source, ours=self._ours(worker, source))
            except LostError as lost:
                self.skipped.add(number)
                self.notes[number] = f"{cell} {lost} and was left out"
                return False
            error = printable(str(reply.get("error")), _NAME)
            if reply.get("state") == "stopped":
                self.notes[number] = f"{cell} was stopped after {seconds:.0f} s"
            elif reply.get("state") == "raised" and error != "NotImplementedError":
                self.notes[number] = f"{cell} raised {error}"
                self.raised.add(number)
        return True

    def _sources(self) -> Iterator[tuple[int, str]]:
        """The cells to run: not those that only check, nor those that only show something."""
        cells = [(n, c) for n, c in enumerate(self.notebook.cells) if c.cell_type == "code"]
        sources = {n: to_run(c) for n, c in cells if not only_checks(c)}
        asked = {exercise.name for exercise in self.exercises}
        own = own_sources(self.exercises[0].notebook)
        for number, source in needed(sources, own, asked).items():
            if number not in self.skipped and source.strip():
                yield number, source

    def _ours(self, worker: Worker, source: str) -> list[str]:
        """The functions in place of which a cell is to go on with ours."""
        if "yours_or_ours" not in source:
            return []
        named = [each for each in self.exercises if re.search(rf"\b{each.name}\b", source)]
        return [each.name for each in named if not self._fits(worker, each)]

    def _fits(self, worker: Worker, exercise: Exercise) -> bool:
        try:
            return fitting(exercise, self._tried(worker, exercise))
        except (_NotDoneError, WireError):
            return False

    def _tried(self, worker: Worker, exercise: Exercise) -> Attempt:
        """What becomes of the learner's function. Raises _NotDoneError, LostError, WireError."""
        task = exercise.task()
        pickled = base64.b64encode(pickle.dumps(task)).decode("ascii")
        reply = worker.ask(self._seconds(), task=pickled)
        if reply.get("state") != "done":
            raise _NotDoneError(reply.get("state"))
        tried = attempt_from(reply, task, printable)
        if any(each.error == "MemoryError" for each in tried.outcomes) and self._may_leave_out():
            raise _NotDoneError("raised")
        return tried

    def _may_leave_out(self) -> bool:
        """Tell whether cells failed without which nothing was tried yet."""
        return not self.raised <= self.skipped

    def _judge_exercises(self, worker: Worker) -> None:
        for exercise in self.exercises:
            if exercise.name in self.verdicts:
                continue
            if not self._seconds():
                return
            try:
                self.verdicts[exercise.name] = self._judged(worker, exercise)
            except LostError as lost:
                words = f"your function {lost}"
                self.verdicts[exercise.name] = exercise.wrong(words)
                return
            except _SpoiltError:
                return

    def _judged(self, worker: Worker, exercise: Exercise) -> Verdict:
        try:
            return verdict_on(exercise, self._tried(worker, exercise))
        except WireError as error:
            return exercise.wrong(f"could not be judged: what came back is {error}")
        except _NotDoneError as state:
            if str(state) == "stopped":
                slow = f"not done after {self.limits.cell} s: is there a loop that never ends?"
                return exercise.wrong(slow)
            if self._may_leave_out():
                # Such as one that has filled the memory: the others may do without it.
                self.skipped |= self.raised
                raise _SpoiltError from None
            return exercise.wrong("could not be judged: does a cell change the workbook?")

    def _note(self) -> str:
        notes = [self.notes[number] for number in sorted(self.notes)]
        more = len(notes) - _CULPRITS
        return "; ".join(notes[:_CULPRITS] + ([f"and {more} more"] if more > 0 else []))


class _NotDoneError(Exception):
    """A function was not tried to its end; the message is how that ended."""


class _SpoiltError(Exception):
    """The process is there, but nothing can be tried in it."""
