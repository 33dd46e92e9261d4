"""Grading a class: every notebook in a folder, several at a time, and on from where it stopped."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from nlp4.exercises.grading.notebook import Limits, expected, grade, nothing
from nlp4.exercises.grading.reports import Report, printable
from nlp4.support.errors import UserError
from nlp4.support.files import sha256

Told = Callable[[Report], None]


def notebooks_in(folder: Path) -> dict[str, Path]:
    """Every hand-in of a class by its name, which is the path from `folder` on, fit to be shown.

    That is all that is called `*.ipynb`, in the folders in it too, but for what is hidden and for
    folders. Raises UserError if there is none, or if the folder cannot be read.
    """
    found: list[Path] = []
    for at, folders, files in os.walk(folder, onerror=_refuse(folder)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(at, name) for name in files if name.endswith(".ipynb") and name[0] != "."]
    if not found:
        raise UserError(f"{folder} holds no notebooks (*.ipynb): name another folder")
    return {printable(path.relative_to(folder).as_posix()): path for path in sorted(found)}


def _refuse(folder: Path) -> Callable[[OSError], None]:
    """Only the class's own folder must be readable: another may be one learner's mistake."""

    def refuse(error: OSError) -> None:
        if Path(error.filename or "") == folder:
            raise UserError(f"{folder} cannot be read ({error.strerror}): name another folder")

    return refuse


def grade_folder(
    notebooks: Mapping[str, Path], limits: Limits, jobs: int, told: Told
) -> list[Report]:
    """Grade notebooks, `jobs` at a time; `told` hears of each at once. Return them in their order.

    With one job it is done in this process, with more each job is a process of its own.
    """
    reports: dict[str, Report] = {}

    def kept(report: Report) -> None:
        reports[report.notebook] = report
        told(report)

    if min(jobs, len(notebooks)) <= 1:
        for name, path in notebooks.items():
            kept(grade(path, limits, name))
    else:
        _grade_at_once(notebooks, limits, min(jobs, len(notebooks)), kept)
    return [reports[name] for name in notebooks]


class _Job:
    """A process that grades one notebook after the other."""

    def __init__(self, limits: Limits) -> None:
        spawn = multiprocessing.get_context("spawn")  # nothing of this process goes along
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_work, args=(theirs, limits), daemon=True)
        self.process.start()
        theirs.close()
        self.name, self.path = "", Path()

    def begin(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.pipe.send((name, path))

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _work(pipe: Connection, limits: Limits) -> None:
    """Grade what comes until nothing more comes. The process that started it stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    with suppress(EOFError, BrokenPipeError):
        while True:
            name, path = pipe.recv()
            pipe.send(grade(path, limits, name))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is leaving


def _leave(*_: object) -> None:
    raise SystemExit  # contexts are left, and what a learner's code started is ended


def _grade_at_once(notebooks: Mapping[str, Path], limits: Limits, jobs: int, told: Told) -> None:
    waiting, running = deque(notebooks.items()), dict[Any, _Job]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                _start(running, limits, waiting.popleft())
            for pipe in wait(list(running)):
                job = running[pipe]
                report = _received(job)
                if waiting and job.process.is_alive():
                    job.begin(*waiting.popleft())
                else:
                    job.end()
                    del running[pipe]
                told(report)
    finally:
        for job in running.values():
            job.end()


def _start(running: dict[Any, _Job], limits: Limits, given: tuple[str, Path]) -> None:
    job = _Job(limits)
    running[job.pipe] = job
    job.begin(*given)


def _received(job: _Job) -> Report:
    """The report of a job, also of one that is gone."""
    try:
        report: Report = job.pipe.recv()
    except (EOFError, OSError):
        job.process.join()
        note = f"ended the grader's process ({job.process.exitcode})"
        return nothing(job.name, expected(job.path, None), note)
    return report


class Journal:
    """What has been graded, a line a notebook, so that the same command goes on after a stop.

    A line counts if the notebook's file and the limits are still the same. A line that was cut
    short does not count.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self._limits = path, asdict(limits)

    def done(self, notebooks: Mapping[str, Path]) -> dict[str, Report]:
        """The reports that are there already. Raises UserError if the file cannot be read."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UserError(f"cannot read {self.path} ({error.strerror}): remove it") from None
        found = (report for line in lines for report in self._report(line, notebooks))
        return {report.notebook: report for report in found}

    def _report(self, line: str, notebooks: Mapping[str, Path]) -> Iterator[Report]:
        with suppress(ValueError, KeyError, TypeError, OSError):
            entry = json.loads(line)
            report = Report.from_dict(entry["report"])
            path = notebooks[report.notebook]
            if entry["limits"] == self._limits and entry["sha256"] == _hash(path):
                yield report

    def add(self, report: Report, path: Path) -> None:
        """Note one more; it is on the disk when this returns. Raises UserError if it cannot be."""
        entry = {"limits": self._limits, "sha256": _hash(path), "report": report.as_dict()}
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise UserError(f"cannot write {self.path} ({error.strerror}): make room") from None

    def remove(self) -> None:
        """All is done: the next time begins anew."""
        self.path.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    """The SHA-256 of a hand-in; of what is no file, nothing."""
    return sha256(path) if path.is_file() and path.stat().st_size < 1 << 30 else ""
