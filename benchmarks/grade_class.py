"""How long a class takes: hand-ins solved, half solved and not solved, graded in one command.

    python benchmarks/grade_class.py 24 --jobs 2

It prints the time, the same for 200 learners, and the most memory that was held at once.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil

from nlp4.exercises.checks import NOTEBOOKS
from nlp4.exercises.grading import sandbox
from nlp4.exercises.grading.classroom import grade_folder, notebooks_in
from nlp4.exercises.grading.notebook import Limits
from nlp4.exercises.student import read_notebook, student_copy
from nlp4.support.files import notebooks_folder


def hand_in(stem: str, learner: int) -> nbformat.NotebookNode:
    """A learner's notebook: of every three, one is solved, one as handed out, one between."""
    solved = read_notebook(notebooks_folder() / f"{stem}.ipynb")
    copied = student_copy(solved, keep_worked=True)
    for number, (own, other) in enumerate(zip(copied.cells, solved.cells, strict=True)):
        if learner % 3 == 0 or (learner % 3 == 1 and number % 2):
            own.source = other.source
    copied.metadata["nlp4"] = {"notebook": stem}
    return copied


def most_memory(over: threading.Event, found: list[int]) -> None:
    """The memory of this process and all below it, with shared pages divided among them."""
    while not over.wait(0.5):
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        total = 0
        for each in family:
            try:
                total += each.memory_full_info().pss
            except psutil.Error:
                continue
        found.append(total)


def main() -> None:
    """Make the class, grade it, and tell what it took."""
    options = argparse.ArgumentParser()
    options.add_argument("learners", type=int, nargs="?", default=24)
    options.add_argument("--jobs", type=int, default=2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for learner in range(given.learners):
            for stem in NOTEBOOKS:
                path = Path(folder, f"learner{learner}", f"{stem}.ipynb")
                path.parent.mkdir(exist_ok=True)
                nbformat.write(hand_in(stem, learner), path)
        over, memory = threading.Event(), list[int]()
        threading.Thread(target=most_memory, args=(over, memory), daemon=True).start()
        begun, kind = time.perf_counter(), sandbox.chosen("auto")
        notebooks = notebooks_in(Path(folder))
        reports = grade_folder(notebooks, Limits(sandbox=kind), given.jobs, lambda report: None)
        seconds = time.perf_counter() - begun
        over.set()
    points = sum(each.points for each in reports)
    print(f"sandbox {kind}, {given.jobs} jobs, {len(reports)} notebooks, {points} points")
    print(f"{seconds:.0f} s, {seconds / len(reports):.2f} s a notebook")
    print(f"200 learners: {seconds / given.learners * 200 / 60:.0f} minutes")
    print(f"most memory: {max(memory) / 1e6 / given.jobs:.0f} MB a job")


if __name__ == "__main__":
    main()
