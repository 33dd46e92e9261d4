"""What opens the workbook elsewhere: links, Binder, Codespaces, Colab, GitHub's workflows."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement

from nlp4 import cli
from nlp4.exercises.student import tags

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ON_WINDOWS = pytest.mark.skipif(sys.platform == "win32", reason="the script is for bash")


def module(path: Path) -> ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


links = module(ROOT / ".ci" / "links.py")


# The repository's address


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of all that speaks of the address."""
    for name in ("pyproject.toml", "README.md", "CITATION.cff", "docs/teaching.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    return tmp_path


def set_address(root: Path, address: str | None) -> None:
    """Write the address into pyproject.toml, or take it out."""
    path = root / "pyproject.toml"
    text = re.sub(r"^\[project\.urls\]\n.*\n", "", path.read_text("utf-8"), flags=re.M)
    table = f'[project.urls]\nRepository = "{address}"\n' if address else ""
    path.write_text(table + text, "utf-8")


def texts(root: Path) -> dict[str, str]:
    """Each file of the folder but pyproject.toml."""
    paths = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".toml"]
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


def all_links(text: str) -> list[str]:
    """Every address in a text that is on another host."""
    return re.findall(r"https://[^\s)\"\\]+", text)


def test_what_is_committed_agrees_with_the_address() -> None:
    stale = [path.name for path, text in links.written(ROOT) if path.read_text("utf-8") != text]
    assert stale == [], "give the command: python3 dev.py links"


def test_without_an_address_there_is_no_link(copy: Path) -> None:
    set_address(copy, None)
    assert links.main(copy) == 0
    for name, text in texts(copy).items():
        assert not re.search(r"codespaces\.new|mybinder|/blob/|git-pull|repository-code", text), (
            name
        )


def test_with_an_address_each_notebook_can_be_opened_elsewhere(copy: Path) -> None:
    set_address(copy, "https://github.com/somebody/a-book")
    assert links.main(copy) == 0
    for name in NOTEBOOKS:
        shown = nbformat.read(copy / "notebooks" / name, as_version=4).cells[1]
        targets = re.findall(r"\[!\[Open in (\w+)\]\(https://\S+?\)\]\((\S+?)\)", shown.source)
        found = {place: urlsplit(target) for place, target in targets}
        assert found["Colab"].path == f"/github/somebody/a-book/blob/main/notebooks/{name}"
        assert found["Binder"].path == "/v2/gh/somebody/a-book/main"
        assert parse_qs(found["Binder"].query) == {"urlpath": [f"lab/tree/mine/{name}"]}
        assert found["Codespaces"].geturl() == "https://codespaces.new/somebody/a-book"
        assert (copy / "notebooks" / name).is_file()


def test_with_an_address_a_hub_is_sent_each_notebook(copy: Path) -> None:
    set_address(copy, "https://github.com/somebody/a-book.git")
    assert links.main(copy) == 0
    teaching = (copy / "docs" / "teaching.md").read_text("utf-8")
    queries = [parse_qs(urlsplit(link).query) for link in all_links(teaching) if "git-pull" in link]
    assert queries == [
        {
            "repo": ["https://github.com/somebody/a-book"],
            "branch": ["main"],
            "urlpath": [f"lab/tree/a-book/notebooks/{name}"],
        }
        for name in NOTEBOOKS
    ]


def test_with_an_address_the_readme_and_the_citation_name_it(copy: Path) -> None:
    set_address(copy, "https://github.com/somebody/a-book/")
    assert links.main(copy) == 0
    citation = yaml.safe_load((copy / "CITATION.cff").read_text("utf-8"))
    assert citation["repository-code"] == "https://github.com/somebody/a-book"
    assert "https://codespaces.new/somebody/a-book" in (copy / "README.md").read_text("utf-8")


def test_links_come_and_go_without_a_trace(copy: Path) -> None:
    set_address(copy, None)
    links.main(copy)
    before = texts(copy)
    for address in ("https://github.com/somebody/a-book", "https://github.com/other/one", None):
        set_address(copy, address)
        links.main(copy)
        once = texts(copy)
        assert (once == before) is (address is None)
        links.main(copy)
        assert texts(copy) == once
        assert ("somebody/a-book" in str(once)) is ("somebody" in str(address))


@pytest.mark.parametrize("address", ["https://example.org/a/b", "github.com/a/b", "a b"])
def test_an_address_that_is_not_githubs_is_refused(
    address: str, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_address(copy, address)
    before = texts(copy)
    assert links.main(copy) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert texts(copy) == before


def test_a_page_without_marks_is_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "README.md").write_text("# A page\n", "utf-8")
    assert links.main(copy) == 2
    assert "<!-- links" in capsys.readouterr().err


def test_the_cells_of_a_notebook_stay_numbered_and_its_outputs_stay(copy: Path) -> None:
    set_address(copy, "https://github.com/somebody/a-book")
    links.main(copy)
    for name in NOTEBOOKS:
        old = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
        new = nbformat.read(copy / "notebooks" / name, as_version=4).cells
        code = [cell for cell in new if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        assert code[0].outputs == [] and tags(code[0]) == ["links"]
        own = [cell.source for cell in old if tags(cell) != ["links"]]
        assert [cell.source for cell in new if tags(cell) != ["links"]] == own
        nbformat.validate(nbformat.read(copy / "notebooks" / name, as_version=4))


def colab_cell() -> str:
    return links.COLAB.format(address="https://github.com/somebody/a-book")


def test_colabs_cell_does_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *words, **more: pytest.fail("it installs"))
    exec(colab_cell(), {})


def test_colabs_cell_installs_and_says_so_and_lets_widgets_be_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[Any] = []
    colab, output = ModuleType("google.colab"), ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: calls.append("widgets")  # type: ignore[attr-defined]
    colab.output = output  # type: ignore[attr-defined]
    for name, each in {"google": ModuleType("google"), "google.colab": colab}.items():
        monkeypatch.setitem(sys.modules, name, each)
    monkeypatch.setattr(subprocess, "run", lambda words, check: calls.append(words))
    exec(colab_cell(), {})
    *pip, what = calls[0]
    assert pip == [sys.executable, "-m", "pip", "install", "-q"]
    requirement = Requirement(what)
    assert (requirement.name, requirement.extras) == ("nlp4", {"train"})
    assert requirement.url == "git+https://github.com/somebody/a-book"
    assert calls[1:] == ["widgets"]
    assert "installing nlp4" in capsys.readouterr().out


# Binder and Codespaces


def commands(script: Path) -> list[list[str]]:
    """The commands of a short script, words apart; its settings and comments left out."""
    lines = script.read_text("utf-8").splitlines()
    return [shlex.split(line) for line in lines if line and not re.match(r"#|set |cd ", line)]


def run_script(script: Path, folder: Path) -> None:
    """Run a script in `folder`, with this Python under both names."""
    assert os.access(script, os.X_OK)
    for name in ("python", "python3"):
        shim = folder / "bin" / name
        shim.parent.mkdir(exist_ok=True)
        shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
        shim.chmod(0o755)
    env = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([str(script)], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@ON_WINDOWS
def test_binders_last_step_makes_the_copies_that_badges_open(tmp_path: Path) -> None:
    run_script(ROOT / "binder" / "postBuild", tmp_path)
    assert sorted(path.name for path in (tmp_path / links.COPIES).iterdir()) == NOTEBOOKS


def test_binder_installs_the_tested_versions_and_no_tools_of_the_tests() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    asked = [line for line in lines if not line.startswith(("#", "-"))]
    assert asked == [".[data,lab,train]"]
    (constraints,) = [line.split()[1] for line in lines if line.startswith("-c ")]
    assert (ROOT / "binder" / constraints).resolve() == ROOT / "constraints.txt"
    extras = PROJECT["optional-dependencies"]
    slim = {Requirement(line).name for extra in ("lab", "train") for line in extras[extra]}
    assert "torch" in slim and not slim & {"pytest", "playwright", "nbval", "transformers", "nlp4"}


def test_binders_python_is_one_that_the_project_takes() -> None:
    version = (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


@ON_WINDOWS
def test_the_devcontainers_script_makes_copies_with_an_environment_that_is_there(
    tmp_path: Path,
) -> None:
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    script = tmp_path / settings["postCreateCommand"]
    shutil.copytree(ROOT / ".devcontainer", tmp_path / ".devcontainer")
    for name in ("dev.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        if not path.name.endswith(".stamp"):
            (tmp_path / ".venv" / path.name).symlink_to(path)
    dev = module(tmp_path / "dev.py")
    dev.stamp_of("lab").write_text(dev.fingerprint(dev.venv_version(), "lab"), "utf-8")
    run_script(script, tmp_path)
    assert sorted(path.name for path in (tmp_path / links.COPIES).iterdir()) == NOTEBOOKS
    interpreter = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"


# GitHub


def steps(workflow: str) -> list[dict[str, Any]]:
    """All steps of a workflow's one job."""
    text = (ROOT / ".github" / "workflows" / workflow).read_text("utf-8")
    (job,) = yaml.safe_load(text)["jobs"].values()
    return list(job["steps"])


def test_the_workflow_runs_the_script_that_tests_elsewhere() -> None:
    assert [step["run"] for step in steps("test.yml") if "run" in step] == [".ci/run"]


def test_the_website_is_published_from_where_it_is_written() -> None:
    pip, site = (shlex.split(step["run"]) for step in steps("pages.yml") if "run" in step)
    wanted = Requirement("nlp4" + pip[-1].removeprefix("."))
    assert wanted.extras <= set(PROJECT["optional-dependencies"]) and "site" in wanted.extras
    options = cli.read_options(site[3:])
    assert options.command == "site"
    (path,) = [
        step["with"]["path"] for step in steps("pages.yml") if "path" in step.get("with", {})
    ]
    assert str(site[-1]) == path


def test_actions_are_pinned_to_a_version() -> None:
    used = [
        step["uses"] for name in ("test.yml", "pages.yml") for step in steps(name) if "uses" in step
    ]
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", each) for each in used)


# With the tools and versions of others; each is installed anew


@pytest.mark.slow
def test_the_tools_of_others_read_our_files(environment: Any, tmp_path: Path) -> None:
    programs = environment("jupyter-repo2docker==2026.4.0", "cffconvert==2.0.0", "pre-commit>=4")
    for name in ("binder", "CITATION.cff", ".pre-commit-config.yaml", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)

    def told(*words: str) -> str:
        command = [str(programs / words[0]), *words[1:]]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    image = told("jupyter-repo2docker", "--no-build", "--debug", ".")
    assert "python=3.11" in image and "RUN ./binder/postBuild" in image
    # The whole repository must be there before pip is asked for what lies in it.
    assert image.index("COPY --chown=0:0 src/ ") < image.index('-r "binder/requirements.txt"')
    assert "valid according to schema" in told("cffconvert", "--validate", "-i", "CITATION.cff")
    told("pre-commit", "validate-config", ".pre-commit-config.yaml")


def colab() -> dict[str, str]:
    """Colab's version of each package in its list."""
    lines = (ROOT / "tests" / "colab.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_nothing_that_colab_has_is_replaced() -> None:
    has = {name.replace("_", "-").lower(): version for name, version in colab().items()}
    lines = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["train"]
    wanted = {each.name: each.specifier for each in map(Requirement, lines)}
    assert {name for name, range_ in wanted.items() if name not in has} == {"rapidfuzz"}
    replaced = [
        name for name, range_ in wanted.items() if not range_.contains(has.get(name, "3.14"))
    ]
    assert replaced == []


@pytest.mark.slow
def test_stills_and_widgets_with_colabs_versions(environment: Any, tmp_path: Path) -> None:
    assert colab()["ipywidgets"] == "7.7.1"
    programs = environment("-c", "tests/colab.txt", str(ROOT), "ipykernel", "nbclient")
    env = {key: each for key, each in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for name in NOTEBOOKS[:2]:
        saved = nbformat.read(ROOT / "notebooks" / name, as_version=4)
        expected = explorers(saved)
        for cell in saved.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.write(saved, tmp_path / name)
        command = [str(programs / "jupyter-execute"), "--inplace", name]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        shown = explorers(nbformat.read(tmp_path / name, as_version=4))
        assert shown and shown.keys() == expected.keys()
        for source, bundle in shown.items():
            assert bundle["image/svg+xml"].startswith("<svg")
            assert bundle["text/plain"] == expected[source]["text/plain"]


def explorers(notebook: nbformat.NotebookNode) -> dict[str, dict[str, Any]]:
    """What each cell that shows a widget shows, by the cell's code."""
    view = "application/vnd.jupyter.widget-view+json"
    return {
        cell.source: output.data
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if view in output.get("data", {})
    }
