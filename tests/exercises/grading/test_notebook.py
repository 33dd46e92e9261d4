"""Grading: learners' notebooks run by themselves, and each trouble costs what it must."""

from __future__ import annotations

import os
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from answers import solutions
from nbformat.v4 import new_code_cell, new_notebook

from nlp4.exercises.checks import exercises_of
from nlp4.exercises.grading import notebook, sandbox
from nlp4.exercises.grading.notebook import Limits, grade
from nlp4.exercises.grading.reports import Report
from nlp4.exercises.judging import Verdict
from nlp4.exercises.student import student_copy

NOTEBOOK = "01_attention_copying_and_averaging"
EXERCISES = exercises_of(NOTEBOOK)
FULL = sum(exercise.points for exercise in EXERCISES)
# Where a loop never ends: long enough for a cell on a busy machine, short enough to wait for.
TIMEOUT = 2
KINDS: tuple[sandbox.Kind, ...] = ("none", "bwrap")


@pytest.fixture(params=KINDS)
def limits(request: pytest.FixtureRequest) -> Limits:
    """As a notebook is graded, in each sandbox."""
    if request.param == "bwrap" and sandbox.chosen("auto") != "bwrap":
        pytest.skip("bubblewrap does not work here")
    return Limits(TIMEOUT, sandbox=request.param)


MARGIN = """import math

def margin(n, eps):
    ### BEGIN SOLUTION
    return math.log((n - 1) * (1 - eps) / eps)
    ### END SOLUTION"""
SOFTMAX = """import numpy as np

def softmax(x):
    ### BEGIN SOLUTION
    e = np.exp(x - x.max())
    return e / e.sum()
    ### END SOLUTION"""
# Neither an interrupt nor an exception gets out of this loop.
NEVER_STOPS = """while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""


def saved(path: Path, *sources: str | nbformat.NotebookNode, **metadata: Any) -> Path:
    """Write a notebook of code cells and return its path."""
    cells = [new_code_cell(each) if isinstance(each, str) else each for each in sources]
    book = new_notebook(cells=cells)
    book.metadata.update(metadata)
    nbformat.write(book, path)
    return path


def by_name(report: Report) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in report.verdicts}


# Whole notebooks


def test_a_solved_notebook_gets_all_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    monkeypatch.setenv("NLP4_STRICT", "1")
    monkeypatch.setenv("SECRET", "of the teacher")
    train = new_code_cell("raise SystemExit('trained')")
    train.metadata.update({"tags": ["train"], "nlp4": {"instead": "loaded = True"}})
    skipped = new_code_cell("loaded = False")
    skipped.metadata.update({"tags": ["train"]})
    facts = f"""import os, sys
assert loaded and sys.executable == {sys.executable!r} and os.environ["OMP_NUM_THREADS"] == "1"
assert os.listdir() == [".ipython"] and os.getcwd() != {str(tmp_path)!r}
assert not {{"NLP4_STRICT", "SECRET"}} & {{*os.environ}}"""
    answers = [solutions(NOTEBOOK)[exercise.name] for exercise in EXERCISES]
    kernel = {"name": "nowhere", "display_name": "Nowhere", "language": "python"}
    cells = (
        train,
        skipped,
        facts,
        "import math\nimport numpy as np\nfrom scipy.special import ndtr",
        *answers,
    )
    path = saved(tmp_path / f"{NOTEBOOK}.ipynb", *cells, kernelspec=kernel)
    before = path.read_bytes()

    report = grade(path, limits)

    assert [verdict.line() for verdict in report.verdicts if verdict.status != "right"] == []
    assert (report.points, report.out_of, report.note) == (FULL, FULL, "")
    assert report.notebook == str(path)
    assert [verdict.name for verdict in report.verdicts] == [each.name for each in EXERCISES]
    assert path.read_bytes() == before and [*tmp_path.iterdir()] == [path]


def test_a_students_copy_runs_to_its_end_and_gets_no_points(tmp_path: Path, limits: Limits) -> None:
    book = new_notebook(cells=[new_code_cell(each) for each in (MARGIN, SOFTMAX)])
    path = saved(tmp_path / "ana.ipynb", *student_copy(book).cells, nlp4={"notebook": NOTEBOOK})

    report = grade(path, limits)

    assert {verdict.status for verdict in report.verdicts} == {"unwritten"}
    assert (report.points, report.out_of, report.note) == (0, FULL, "")


# Troubles, each of which costs what it must


def test_a_magic_that_does_not_exist_and_an_exit_are_named(tmp_path: Path, limits: Limits) -> None:
    """IPython tells of these by a line of text, not by an error's message."""
    cells = ["%%nosuchmagic\n" + SOFTMAX, "import sys\nsys.exit('enough')", "%nosuch", MARGIN]

    report = grade(saved(tmp_path / "01_ana.ipynb", *cells), limits)

    assert {name for name, each in by_name(report).items() if each.points} == {"margin"}
    assert report.note.startswith("cell 1 raised UsageError; cell 2 raised SystemExit; cell 3")


def test_floods_are_stopped_and_fill_no_memory(tmp_path: Path, limits: Limits) -> None:
    floods = [
        "while True:\n    print('still here', flush=True)",
        "from IPython.display import display\nwhile True:\n    display('still here' * 50_000)",
    ]
    tracemalloc.start()
    try:
        report = grade(saved(tmp_path / "01_ana.ipynb", *floods, MARGIN), limits)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert by_name(report)["margin"].status == "right"
    assert report.note == "cell 1 was stopped after 2 s; cell 2 was stopped after 2 s"
    assert most < 50e6  # bytes


def test_nothing_is_read_from_the_keyboard(tmp_path: Path, limits: Limits) -> None:
    report = grade(saved(tmp_path / "01_ana.ipynb", "input('?')", MARGIN), limits)
    assert report.note == "cell 1 raised EOFError"
    assert by_name(report)["margin"].status == "right"


def test_loops_that_never_end_cost_their_exercise(tmp_path: Path, limits: Limits) -> None:
    softmax = 'def softmax(x):\n    while True:\n        print("still here")'
    path = saved(
        tmp_path / "01_ana.ipynb",
        MARGIN + "\n\nwhile True:\n    print('still here')",
        "def broken(:",
        softmax,
        'check("softmax", softmax)',
        "while True:\n    pass",
    )

    report = grade(path, limits)

    found = by_name(report)
    assert found["margin"].status == "right"
    assert found["softmax"].status == "wrong"
    assert "not done after 2 s" in found["softmax"].message
    assert report.note == (
        "cell 1 was stopped after 2 s; cell 2 raised SyntaxError; cell 5 was stopped after 2 s"
    )


def test_crashes_cost_their_exercise(tmp_path: Path, limits: Limits) -> None:
    path = saved(
        tmp_path / "01_ana.ipynb",
        "import os\nos._exit(1)",
        "import os\ndef margin(n, eps):\n    os._exit(1)",
        SOFTMAX,
    )

    report = grade(path, limits)

    found = by_name(report)
    assert found["margin"].status == "wrong"
    assert "ended its process" in found["margin"].message
    assert found["softmax"].status == "right"
    assert report.note == "cell 1 ended its process and was left out"


def test_a_loop_that_cannot_be_interrupted_costs_its_cell(tmp_path: Path, limits: Limits) -> None:
    path = saved(tmp_path / "01_ana.ipynb", SOFTMAX, NEVER_STOPS, MARGIN)

    report = grade(path, limits)

    assert {by_name(report)[name].status for name in ("margin", "softmax")} == {"right"}
    assert report.note == "cell 2 could not be stopped and was left out"


FORGED = """import json, os, re, struct
right = {"value": 5.694, "error": "", "stopped": "", "waits": "", "endless": False}
right |= {"changed": [], "seconds": 0.0}
for number in range(1, 40):
    tried = {"state": "done", "outcomes": [right] * 11, "refused": "", "written": True}
    frame = json.dumps({**tried, "number": number, "points": 11_000_000}).encode()
    for file in range(3, 30):
        try:
            os.write(file, struct.pack("!I", len(frame)) + frame)
        except OSError:
            pass"""


def test_what_is_forged_earns_nothing(tmp_path: Path, limits: Limits) -> None:
    wrong = "def margin(n, eps):\n    return 0"
    report = grade(saved(tmp_path / "01_ana.ipynb", wrong, FORGED, SOFTMAX), limits)
    found = by_name(report)
    assert (found["margin"].status, found["margin"].points) == ("wrong", 0)
    assert found["softmax"].status == "right"
    assert report.note == "cell 2 meddled with the grader and was left out"


def test_nothing_that_a_cell_patches_changes_what_is_judged(tmp_path: Path, limits: Limits) -> None:
    shadows = """import numpy
import nlp4.exercises.judging, nlp4.exercises.comparing, nlp4.exercises.checks as checks
nlp4.exercises.judging.judge = nlp4.exercises.comparing.difference = lambda *_: None
numpy.allclose = numpy.isclose = lambda *_, **__: True
get_ipython = globals = check = str = dict = None
class Equal(float):
    __eq__ = __le__ = __ge__ = lambda *_: True
    __ne__ = __lt__ = __gt__ = lambda *_: False
def margin(n, eps):
    return Equal(0)"""
    report = grade(saved(tmp_path / "01_ana.ipynb", SOFTMAX, shadows), limits)
    found = by_name(report)
    assert (found["margin"].status, found["margin"].points) == ("wrong", 0)


def test_answers_are_out_of_reach(tmp_path: Path, limits: Limits) -> None:
    taken = """import importlib
def taken(topic, name):
    return getattr(importlib.import_module("nlp4.exercises." + topic), name).reference
try:
    margin = taken("copying", "MARGIN")
finally:
    from nlp4.exercises.checks import EXERCISES
    softmax = EXERCISES["softmax"].reference"""
    report = grade(saved(tmp_path / "01_ana.ipynb", taken), limits)
    assert report.points == 0 and report.note == "cell 1 raised ModuleNotFoundError"


def test_ours_in_place_of_what_does_not_work_is_nobodys_answer(
    tmp_path: Path, limits: Limits
) -> None:
    """As in the notebook: what the learner builds of it works, and earns its points."""
    stem = "02_build_the_transformer"
    own = solutions(stem)
    split = "def split_heads(x, heads):\n    return undefined"
    use = "from nlp4.exercises import yours_or_ours\n"
    use += "split_heads, merge_heads = yours_or_ours(split_heads, merge_heads)\n"
    use += "assert split_heads is not None"
    stolen = "from nlp4.models.pieces import gpt"
    cells = ["import math\nimport torch\nfrom torch import Tensor", split, own["merge_heads"]]
    cells += [
        use,
        own["queries_keys_values"],
        own["scaled_scores"],
        own["causal_weights"],
        own["rotate"],
    ]
    path = saved(
        tmp_path / "a.ipynb", *cells, own["self_attention"], stolen, nlp4={"notebook": stem}
    )

    found = by_name(grade(path, replace(limits, cell=60)))

    assert found["split_heads"].status == "wrong" and "undefined" in found["split_heads"].message
    for name in ("merge_heads", "self_attention"):
        assert found[name].status == "right", found[name].line()
    assert found["gpt"].status == "unwritten"


def test_a_notebook_has_a_limit_in_all(tmp_path: Path, limits: Limits) -> None:
    path = saved(tmp_path / "01_ana.ipynb", *["while True:\n    pass"] * 50, MARGIN)
    report = grade(path, replace(limits, notebook=5))
    assert report.points == 0 and report.note.endswith("more") and "cell 1 was" in report.note
    assert {each.message for each in report.verdicts} == {
        "not judged: the notebook had run for too long"
    }


def test_what_takes_too_much_memory_is_named(tmp_path: Path, limits: Limits) -> None:
    hoard = "hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))"
    report = grade(saved(tmp_path / "01_ana.ipynb", hoard, MARGIN), limits)
    assert by_name(report)["margin"].status == "right"  # judged without that cell
    assert report.note == "cell 1 raised MemoryError"


def test_nothing_that_was_started_outlives_its_notebook(tmp_path: Path, limits: Limits) -> None:
    daemon = """import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
import subprocess
own = [subprocess.Popen(["sleep", "3607"], start_new_session=True) for _ in range(3)]"""
    before = {*psutil.Process().children(recursive=True)}
    report = grade(saved(tmp_path / "01_ana.ipynb", daemon, MARGIN), limits)
    assert by_name(report)["margin"].status == "right"
    assert {*psutil.Process().children(recursive=True)} <= before
    everybody = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    assert ["sleep", "3607"] not in everybody


def test_a_process_that_does_not_start_costs_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    report = grade(saved(tmp_path / "01_ana.ipynb", MARGIN), limits)
    assert (report.points, report.out_of) == (0, FULL)
    assert report.note.startswith("could not be graded (")


# Files that are no notebooks


def test_whatever_a_file_is_there_is_a_report(tmp_path: Path) -> None:
    (tmp_path / "01_bad.ipynb").write_text("{", "utf-8")
    (tmp_path / "01_binary.ipynb").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "01_gone.ipynb").symlink_to("nowhere.ipynb")
    (tmp_path / "01_round.ipynb").symlink_to("01_round.ipynb")
    (tmp_path / "01_zeros.ipynb").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "01_pipe.ipynb")
    with (tmp_path / "01_huge.ipynb").open("wb") as stream:
        stream.truncate(notebook.MOST_BYTES + 1)
    notes = {path.stem[3:]: grade(path, Limits()) for path in sorted(tmp_path.iterdir())}
    assert {(each.points, each.out_of) for each in notes.values()} == {(0, FULL)}
    for name, words in {
        "bad": "is no notebook",
        "binary": "is no notebook",
        "gone": "is a link to a file that is not there",
        "round": "is a link to a file that is not there",
        "zeros": "is no file",
        "pipe": "is no file",
        "huge": "is larger than 50 MB",
    }.items():
        assert words in notes[name].note, name


def test_a_stranger_is_asked_for_its_name(tmp_path: Path) -> None:
    report = grade(saved(tmp_path / "essay.ipynb", "def essay(x):\n    return x"), Limits())
    assert (report.points, report.out_of) == (0, 0) and NOTEBOOK in report.note


def test_a_copy_of_a_notebook_without_exercises_is_told_apart_from_a_stranger(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "mine.ipynb", MARGIN)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["nlp4"] = {"notebook": "00_start_here"}
    nbformat.write(notebook, path)
    report = grade(path, Limits())
    assert (report.points, report.out_of) == (0, 0)
    assert report.note == "00_start_here has no exercises: there is nothing to grade"


def test_a_copy_handed_in_under_an_old_number_is_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    london = "def always_london(places):\n    return places.count('London') / len(places)"
    old = {"notebook": "02_pretraining_and_knowledge"}
    marked = saved(tmp_path / "02_ana.ipynb", london, nlp4=old)
    assert grade(marked, Limits()).points == 1
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # a report names the exercises yet
    for path in (
        marked,
        saved(tmp_path / "homework.ipynb", "pass", nlp4=old),
        saved(tmp_path / "02_pretraining_and_knowledge.ipynb", "pass"),
        saved(tmp_path / "02_ben.ipynb", london),
        saved(tmp_path / "ben.ipynb", london),
    ):
        names = [verdict.name for verdict in grade(path, Limits()).verdicts]
        expected = [e.name for e in exercises_of("03_pretraining_and_knowledge")]
        assert names == expected, path.name
