"""The command `grade`: one notebook, or a class of them, and what is made of the points."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from nlp4.exercises.grading import sandbox
from nlp4.exercises.grading.canvas import canvas_csv
from nlp4.exercises.grading.classroom import Journal, grade_folder, notebooks_in
from nlp4.exercises.grading.feedback import class_page, write_feedback
from nlp4.exercises.grading.gradescope import write_gradescope
from nlp4.exercises.grading.notebook import Limits, grade
from nlp4.exercises.grading.reports import Report, as_csv, as_json
from nlp4.exercises.grading.roster import Roster, Student, kept, read_roster, unclaimed
from nlp4.support.errors import UserError
from nlp4.support.files import replacing, write_text

Options = argparse.Namespace


def run(options: Options) -> None:
    """Grade, print, and write what the options ask for."""
    if not options.path.exists():
        raise UserError(f"there is no file {options.path}: check its name")
    limits = Limits(options.timeout, options.notebook_timeout, sandbox.chosen(options.sandbox))
    roster = _prepared(options)
    if options.path.is_dir():
        notebooks = notebooks_in(options.path)
        reports = _class(notebooks, options, limits)
    else:
        notebooks, reports = {}, [grade(options.path, limits)]
        if options.csv:
            write_text(options.csv, as_csv(reports))
    _hand_back(reports, notebooks, options, roster)
    if options.json:
        print(as_json(reports))
    elif not options.path.is_dir():
        print(reports[0].text())
    elif not options.csv:
        print(as_csv(reports), end="")


def _prepared(options: Options) -> Roster | None:
    """Find out before the work what would go wrong after it. Raises UserError."""
    if options.canvas and not options.roster:
        raise UserError("--canvas needs the class's list: add --roster FILE.csv")
    for file in (options.csv, options.canvas):
        if file:
            _try(file)
    for folder in (options.gradescope, options.feedback):
        if folder:
            _try(folder / ".nlp4")
    return read_roster(options.roster) if options.roster else None


def _hand_back(
    reports: list[Report], notebooks: Mapping[str, Path], options: Options, roster: Roster | None
) -> None:
    """Write what learners and gradebooks get, and say whose hand-ins are nobody's."""
    counted: dict[tuple[Student, str], Report] = {}
    if roster:
        for line in unclaimed(reports, roster):
            print(line, file=sys.stderr)
        changed = {n: path.stat().st_mtime for n, path in notebooks.items() if path.exists()}
        counted = kept(reports, roster, options.keep, changed)
    if options.canvas and roster:
        write_text(options.canvas, canvas_csv(counted, roster))
    if options.gradescope:
        write_gradescope(reports, options.gradescope)
    if options.feedback:
        write_feedback(reports, options.feedback / "learners")
        shown = list(counted.values()) if roster else reports
        write_text(options.feedback / "class.html", class_page(shown, roster))


def _try(path: Path) -> None:
    """Find out before the work whether a file can be written. Raises UserError if not."""
    with replacing(path) as temporary:
        if path.exists():
            temporary.write_bytes(path.read_bytes())
    if not path.stat().st_size:
        path.unlink()


def _class(notebooks: Mapping[str, Path], options: Options, limits: Limits) -> list[Report]:
    print(sandbox.told(limits.sandbox), file=sys.stderr)
    table: Path | None = options.csv
    journal = Journal(table.with_name(f".{table.name}.graded"), limits) if table else None
    reports = journal.done(notebooks) if journal else {}
    if reports:
        print(f"{len(reports)} of {len(notebooks)} were graded before", file=sys.stderr)

    def keep(report: Report) -> None:
        reports[report.notebook] = report
        if table and journal:  # at once: whatever ends the rest, what has been graded took its time
            journal.add(report, notebooks[report.notebook])
            write_text(table, as_csv(reports[name] for name in notebooks if name in reports))

    left = {name: path for name, path in notebooks.items() if name not in reports}
    with _progress(len(notebooks), len(reports), keep) as told:
        grade_folder(left, limits, options.jobs or os.cpu_count() or 1, told)
    if table and journal:
        write_text(table, as_csv(reports[name] for name in notebooks))
        journal.remove()
    return [reports[name] for name in notebooks]


@contextmanager
def _progress(
    total: int, done: int, keep: Callable[[Report], None]
) -> Iterator[Callable[[Report], None]]:
    """Tell of each report in a line, and how long the rest will take, below it."""
    bar = tqdm(total=total, initial=done, unit=" notebooks", leave=False, disable=None)

    def told(report: Report) -> None:
        keep(report)
        bar.update()
        line = f"{report.notebook}: {report.points} of {report.out_of} points"
        tqdm.write(line, file=sys.stderr)

    with bar:
        yield told
