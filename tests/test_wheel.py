"""The wheel holds the whole workbook, which runs where there is no checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What only the extra `train` brings. (`python -m nlp4 doctor` fails without it, and says so.)
LEFT_OUT = ("matplotlib", "torch", "tqdm")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pip makes it out of the wheel; it is found before the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in front of which the packages of the extra `train` seem not to be installed."""
    folder = tmp_path_factory.mktemp("lean")
    for name in LEFT_OUT:
        error = f"ModuleNotFoundError(\"No module named '{name}'\", name={name!r})"
        (folder / f"{name}.py").write_text(f"raise {error}\n", "utf-8")
    return folder


def run(*words: str, found: tuple[Path, ...], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run this Python on `words`, outside the checkout; it looks into `found` first."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, found))}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def files(*places: str) -> list[str]:
    """The files of the project in `places`, without what Python and Jupyter leave behind."""
    paths = [path for place in places for path in [ROOT / place, *(ROOT / place).rglob("*")]]
    names = [path.relative_to(ROOT).as_posix() for path in paths if path.is_file()]
    return [name for name in names if not re.search(r"__pycache__|\.ipynb_checkpoints", name)]


def test_it_holds_the_package_and_the_workbook_byte_for_byte(wheel: Path) -> None:
    shared = files("data", "docs/glossary.md", "docs/references.md", "notebooks")
    wanted = {name: name for name in files("nlp4")} | {
        f"nlp4/_share/{name}": name for name in shared
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert names == set(wanted)
        for name, source in wanted.items():
            assert archive.read(name) == (ROOT / source).read_bytes(), name
    assert {"nlp4/_share/data/checkpoints/people.pt", "nlp4/data/people/origins.csv"} <= names


def test_both_licences_are_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name for name in archive.namelist() if "/licenses/" in name}
    assert names == {"LICENSE", "LICENSE-text"}


def test_its_data_and_notebooks_are_its_own(installed: Path, tmp_path: Path) -> None:
    code = (
        "from nlp4.exercises import notebooks_folder; from nlp4.data import load_corpus; "
        "from nlp4.training import shipped; shipped.load('people_plain'); "
        "print(notebooks_folder()); print(load_corpus().folder)"
    )
    done = run("-c", code, found=(installed,), cwd=tmp_path)
    share = installed / "nlp4" / "_share"
    assert done.stdout.splitlines() == [str(share / "notebooks"), str(share / "data" / "people")]


def test_student_writes_the_wheels_notebooks(installed: Path, tmp_path: Path) -> None:
    done = run("-m", "nlp4", "student", "mine", found=(installed,), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    copies = {path.name for path in (tmp_path / "mine").iterdir()}
    assert copies == {Path(name).name for name in files("notebooks")}


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        (["ladder", "--out", "x"], "tqdm", "train"),  # the first that it misses
        (["ask", "--run", "x", "Where was Ada born?"], "torch", "train"),
    ],
)
def test_a_missing_package_is_one_line(
    words: list[str], package: str, extra: str, installed: Path, lean: Path, tmp_path: Path
) -> None:
    done = run("-m", "nlp4", *words, found=(lean, installed), cwd=tmp_path)
    told = f'nlp4: {package} is not installed: run `pip install "nlp4[{extra}]"`\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


@pytest.mark.parametrize(
    "notebook", ["00_start_here.ipynb", "01_attention_copying_and_averaging.ipynb"]
)
def test_it_runs_without_checkout_and_without_torch(
    notebook: str, installed: Path, lean: Path, tmp_path: Path
) -> None:
    source = installed / "nlp4" / "_share" / "notebooks" / notebook
    (tmp_path / notebook).write_bytes(source.read_bytes())
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--nbval"]
    words += ["--nbval-current-env", "--nbval-sanitize-with", f"{ROOT}/tests/nbval_sanitize.cfg"]
    done = run(*words, notebook, found=(lean, installed), cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


def test_it_makes_the_website_without_torch(installed: Path, lean: Path, tmp_path: Path) -> None:
    done = run("-m", "nlp4", "site", "out", found=(lean, installed), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").glob("*.html")}
    assert "You move the maths by hand" in pages["index.html"]
    # Notebook 01 is all live; what is given answers of a model is not.
    live = {name[:2]: text.count("data-live=") for name, text in pages.items()}
    assert (live["00"], live["01"], live["05"]) == (1, 8, 0)
    assert "still picture: open the notebook to move it" in pages["05_what_the_model_believes.html"]
