"""The course for nbgrader: how cells are marked, what is refused, and nbgrader's own commands."""

from __future__ import annotations

import copy
import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nlp4.cli import main
from nlp4.exercises import nbgrader
from nlp4.exercises.checks import EXERCISES, exercises_of
from nlp4.exercises.nbgrader import check, load_instead_of_training, source_notebook, write_sources
from nlp4.exercises.student import read_notebook, tags
from nlp4.support import files
from nlp4.support.errors import UserError
from nlp4.support.files import notebooks_folder

ROOT = Path(__file__).resolve().parents[2]
ATTENTION = "01_attention_copying_and_averaging"
SOLVED = '''def softmax(logits):
    """Weights."""
    ### BEGIN SOLUTION
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()
    ### END SOLUTION'''
CALL = 'check("softmax", softmax)'


def code(source: str, **metadata: Any) -> NotebookNode:
    """A code cell as saved after its run."""
    made = new_code_cell(source, execution_count=3, metadata=metadata)
    made.outputs = [new_output("stream", name="stdout", text="on\n")]
    return made


def small() -> NotebookNode:
    """A notebook of one exercise, with its worked solution."""
    title = new_markdown_cell("Goes on in [02](02_x.ipynb), see [a page](https://a.org/b.ipynb).")
    worked = new_markdown_cell("Subtract the largest.", metadata={"tags": ["solution"]})
    return new_notebook(cells=[title, code(SOLVED, tags=["exercise"]), code(CALL), worked])


@pytest.fixture
def one_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let notebook 01 have the one exercise of `small`."""
    found = {ATTENTION: (EXERCISES["softmax"],)}
    monkeypatch.setattr(nbgrader, "exercises_of", lambda stem: found.get(stem, ()))


@pytest.fixture
def folder(tmp_path: Path, one_exercise: None) -> Path:
    """A folder of one notebook with an exercise, and one without."""
    made = tmp_path / "notebooks"
    made.mkdir()
    nbformat.write(new_notebook(cells=[code("1 + 1")]), made / "00_start_here.ipynb")
    nbformat.write(small(), made / f"{ATTENTION}.ipynb")
    return made


# What nbgrader calls while it gives points


def softmax(logits: Any) -> Any:
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()


def unwritten(logits: Any) -> Any:
    raise NotImplementedError()  # as nbgrader writes it


def test_a_check_fails_unless_the_answer_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    check("softmax", softmax)
    assert capsys.readouterr().out == "✓ softmax: right (1 point)\n"
    with pytest.raises(UserError, match="· softmax: not written yet"):
        check("softmax", unwritten)
    with pytest.raises(UserError, match="✗ softmax: "):
        check("softmax", np.exp)
    with pytest.raises(UserError, match="no exercise is called 'soft'"):
        check("soft", softmax)


def test_training_is_left_out() -> None:
    cells = [
        code("import nlp4"),
        code("train()", tags=["train"], nlp4={"instead": "load()"}),
        code("train()", tags=["train"]),  # what a learner took out ends no grading
        new_markdown_cell("train", metadata={"tags": ["train"]}),
    ]
    told: dict[str, Any] = {"nbgrader": {}}
    left, resources = load_instead_of_training(new_notebook(cells=cells), told)
    assert [cell.source for cell in left.cells] == ["import nlp4", "load()", "", "train"]
    assert resources is told


# One source notebook


@pytest.mark.usefixtures("one_exercise")
def test_an_exercise_is_marked_in_a_solved_copy() -> None:
    whole = small()
    before = copy.deepcopy(whole)

    title, written, checked = source_notebook(whole, ATTENTION).cells

    assert whole == before
    assert title.source.startswith("Goes on in [02](../02_x/02_x.ipynb), see [a page](https://a.")
    assert written.source == SOLVED and written.outputs == [] and written.execution_count is None
    assert written.metadata["tags"] == ["exercise"]
    same = {"schema_version": 3, "task": False, "cell_type": "code"}
    assert written.metadata["nbgrader"] == {
        **same,
        **{"grade_id": "softmax-written", "grade": False, "solution": True, "locked": False},
    }
    assert checked.metadata["nbgrader"] == {
        **same,
        **{"grade_id": "softmax", "grade": True, "solution": False, "locked": True, "points": 1},
    }
    begin, hidden, end, *shown = checked.source.splitlines()
    assert (begin, end, shown) == ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", [CALL])
    names: dict[str, Any] = {}
    exec(hidden, names)
    assert names["check"] is check


REFUSED = {
    "no solution": (lambda cells: cells.pop(1), "softmax`: a solution stands 0 times"),
    "two solutions": (lambda cells: cells.append(code(SOLVED)), "a solution stands 2 times"),
    "no check": (lambda cells: cells.pop(2), "a cell `check.* stands 0 times"),
    "a check elsewhere": (lambda cells: cells[2].update(source=f"x = 1\n{CALL}"), "stands 0 times"),
    "two checks": (lambda cells: cells.append(code(CALL)), "a cell `check.* stands 2 times"),
    "another solution": (
        lambda cells: cells.append(code(SOLVED.replace("softmax", "hard"))),
        "a solution that no exercise asks for: `def hard",
    ),
    "a marker": (lambda cells: cells.append(code("### END SOLUTION")), "cell 5, line 1"),
}


@pytest.mark.usefixtures("one_exercise")
@pytest.mark.parametrize("name", REFUSED)
def test_a_notebook_that_nbgrader_would_not_take_is_refused(name: str) -> None:
    change, words = REFUSED[name]
    whole = small()
    change(whole.cells)
    with pytest.raises(UserError, match=words) as raised:
        source_notebook(whole, ATTENTION)
    assert str(raised.value).startswith(f"{ATTENTION}.ipynb")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "path", sorted(notebooks_folder().glob("*.ipynb")), ids=lambda path: path.stem
)
def test_the_projects_own_notebooks_have_all_their_exercises_marked(path: Path) -> None:
    made = source_notebook(read_notebook(path), path.stem)
    nbformat.validate(made)
    marked = [cell.metadata["nbgrader"] for cell in made.cells if "nbgrader" in cell.metadata]
    expected = exercises_of(path.stem)
    assert [each["grade_id"] for each in marked] == [
        grade_id
        for exercise in expected
        for grade_id in (f"{exercise.name}-written", exercise.name)
    ]
    assert [m["points"] for m in marked if m["grade"]] == [e.points for e in expected]
    assert not any("solution" in tags(cell) for cell in made.cells)


# The course's folder


def test_a_course_is_written_once(folder: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"

    first = write_sources(folder, course)
    again = write_sources(folder, course)

    assert [copied.path for copied in first] == [
        course / "nbgrader_config.py",
        course / "source" / "00_start_here" / "00_start_here.ipynb",
        course / "source" / ATTENTION / f"{ATTENTION}.ipynb",
    ]
    assert {copied.outcome for copied in first} == {"written"}
    assert {copied.outcome for copied in again} == {"unchanged"}
    assert read_notebook(first[2].path).metadata["nlp4"]["notebook"] == ATTENTION
    first[0].path.write_text("c = get_config()\n", "utf-8")
    assert [copied.outcome for copied in write_sources(folder, course)][:1] == ["kept"]
    write_sources(folder, course, force=True)
    assert "course_id" in first[0].path.read_text("utf-8")


def test_a_refused_notebook_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    nbformat.write(new_notebook(cells=[code(SOLVED)]), folder / "02_more.ipynb")
    with pytest.raises(UserError, match="no exercise asks for"):
        write_sources(folder, tmp_path / "course")
    assert not (tmp_path / "course").exists()
    with pytest.raises(UserError, match="the notebooks themselves"):
        write_sources(folder, folder, force=True)


def test_the_command(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(files, "notebooks_folder", lambda: folder)
    course = tmp_path / "course"

    assert main(["student", str(course), "--nbgrader"]) == 0
    assert capsys.readouterr().out.startswith(f"written: {course / 'nbgrader_config.py'}\n")
    (course / "nbgrader_config.py").write_text("mine", "utf-8")
    assert main(["student", str(course), "--nbgrader"]) == 1
    assert "--force" in capsys.readouterr().out
    assert main(["student", str(course), "--nbgrader", "--force"]) == 0
    assert main(["student", str(course), "--nbgrader", "--worked"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# nbgrader itself


@pytest.fixture(scope="session")
def programs(environment: Any) -> Path:
    """Where nbgrader is: it would bring JupyterLab extensions into the tests' environment."""
    made = environment("nbgrader==0.9.6", "-c", str(ROOT / "constraints.txt"))
    packages, *_ = made.parent.glob("[Ll]ib*/**/site-packages")
    own = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "tested.pth").write_text("\n".join(own), "utf-8")  # numpy, IPython and so on
    return Path(made)


def told(programs: Path, course: Path, *words: str) -> str:
    """What nbgrader says to a command that it can do."""
    left_out = ("NLP4_STRICT", "PYTHONDONTWRITEBYTECODE")  # uv compiles nothing beforehand
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    env |= {"PATH": os.pathsep.join([str(programs), env.get("PATH", "")])}  # it calls alembic
    env |= {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(course), "OMP_NUM_THREADS": "1"}
    command = [str(programs / "python"), "-m", "nbgrader", *words]
    done = subprocess.run(
        command, cwd=course, env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def hand_in(course: Path, learner: str, notebook: NotebookNode) -> None:
    path = course / "submitted" / learner / ATTENTION / f"{ATTENTION}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def points(programs: Path, course: Path) -> dict[str, tuple[float, float]]:
    """The points of each learner, and those that were to be had."""
    told(programs, course, "export", "--to=grades.csv")
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["student_id"]: (float(row["score"]), float(row["max_score"]))
            for row in csv.DictReader(file)
        }


@pytest.mark.slow
def test_nbgrader_hands_out_and_gives_points(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    path = notebooks_folder() / f"{ATTENTION}.ipynb"
    (tmp_path / "notebooks" / path.name).write_bytes(path.read_bytes())
    course = tmp_path / "course"
    _, copied = write_sources(tmp_path / "notebooks", course)

    told(programs, course, "generate_assignment", ATTENTION)
    released = read_notebook(course / "release" / ATTENTION / path.name)
    text = nbformat.writes(released)
    assert "SOLUTION" not in text and "HIDDEN" not in text and "A worked" not in text
    assert [c.source for c in released.cells if "check(" in c.source] == [
        f'check("{exercise.name}", {exercise.name})' for exercise in exercises_of(ATTENTION)
    ]

    hand_in(course, "blank", released)
    hand_in(course, "solved", read_notebook(copied.path))
    faked = copy.deepcopy(released)
    faked.cells.insert(3, new_code_cell("def check(name, answer): print('✓')"))
    hand_in(course, "faked", faked)
    told(programs, course, "autograde", ATTENTION)
    told(programs, course, "generate_feedback", ATTENTION)

    full = float(sum(exercise.points for exercise in exercises_of(ATTENTION)))
    assert points(programs, course) == {
        "blank": (0, full),
        "solved": (full, full),
        "faked": (0, full),
    }
    page = course / "feedback" / "blank" / ATTENTION / f"{ATTENTION}.html"
    assert "softmax: not written yet" in page.read_text("utf-8")
