"""dev.py: what is set up, when it is set up again, and what a failure says."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return dev.py as a module that works on a small project of its own."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "venv_version", lambda: "3.11.0")
    yield module


class Runs:
    """Stands in for `dev.run`: notes each call and answers with the wanted exit status."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.calls: list[tuple[str, ...]] = []
        self.folders: list[str | None] = []

    def __call__(self, *arguments: str, folder: str | None = None) -> int:
        self.calls.append(arguments)
        self.folders.append(folder)
        words = " ".join(arguments)
        return next((code for word, code in self.statuses.items() if word in words), 0)

    def count(self, word: str) -> int:
        return sum(word in call for call in self.calls)


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed to stderr, which must be one line."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_parses_on_older_pythons() -> None:
    source = (ROOT / "dev.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 8))
    assert "from __future__ import annotations" in source


def test_alone_prints_help() -> None:
    command = [sys.executable, str(ROOT / "dev.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "dev.py lab" in done.stdout and "dev.py test" in done.stdout
    assert "dev.py student" in done.stdout


def test_unknown_command(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        dev.main(["tset"])
    assert left.value.code == 2
    assert "'tset'" in only_line(capsys)


def test_old_python_is_told_once(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "OLDEST", (99, 0))
    with pytest.raises(SystemExit):
        dev.main(["test"])
    assert "needs 3.11 or newer" in only_line(capsys)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_missing_venv_module_says_what_to_install(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        dev.importlib.util, "find_spec", lambda name: None if name == missing else find(name)
    )
    monkeypatch.setattr(dev, "venv_version", lambda: None)
    with pytest.raises(SystemExit) as left:
        dev.set_up("test")
    assert left.value.code == 1
    assert "apt install python3-venv" in only_line(capsys)


def test_second_set_up_installs_nothing(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("test")
    assert runs.calls[0][-2:] == ("-e", ".[test]")
    assert runs.calls[0][5:7] == ("-c", "constraints.txt")
    dev.set_up("test")
    dev.set_up("lab")
    assert runs.count("pip") == 1


def test_lab_does_not_stand_in_for_test(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("lab")
    assert runs.calls[0][-2:] == ("-e", ".[data,lab,train]")
    dev.set_up("test")
    assert runs.count("pip") == 2


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("test")
    (dev.ROOT / name).write_text("changed", "utf-8")
    dev.set_up("test")
    assert runs.count("pip") == 2


def test_other_python_is_installed_into(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("test")
    monkeypatch.setattr(dev, "venv_version", lambda: "3.12.0")
    dev.set_up("test")
    assert runs.count("pip") == 2


def test_failed_install_keeps_pips_status_and_is_redone(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "run", Runs(pip=23))
    with pytest.raises(SystemExit) as left:
        dev.set_up("test")
    assert left.value.code == 23
    assert "pip" in only_line(capsys)
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("test")
    assert runs.count("pip") == 1


def test_interrupted_reinstall_is_redone(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*arguments: str) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "run", Runs())
    dev.set_up("test")
    before = (dev.ROOT / "constraints.txt").read_text("utf-8")
    (dev.ROOT / "constraints.txt").write_text("changed", "utf-8")
    monkeypatch.setattr(dev, "run", interrupt)
    with pytest.raises(SystemExit) as left:
        dev.main(["test"])
    assert left.value.code == 130
    assert "interrupted" in only_line(capsys)
    # Back at the old pins, .venv may hold half of the new ones: the old stamp must be gone.
    (dev.ROOT / "constraints.txt").write_text(before, "utf-8")
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("test")
    assert runs.count("pip") == 1


def test_broken_python_in_venv_counts_as_missing(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = importlib.util.spec_from_file_location("fresh_dev", ROOT / "dev.py")
    assert spec is not None and spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    monkeypatch.setattr(fresh, "PYTHON", Path(sys.executable))
    assert fresh.venv_version().startswith(sys.version.split()[0])
    monkeypatch.setattr(fresh, "PYTHON", tmp_path / "nowhere" / "python")
    assert fresh.venv_version() is None


def test_notebooks_are_signed_at_set_up(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    (dev.ROOT / "notebooks").mkdir()
    (dev.ROOT / "notebooks" / "a.ipynb").write_text("{}", "utf-8")
    monkeypatch.setattr(dev, "run", runs := Runs())
    dev.set_up("lab")
    assert runs.calls[-1] == ("-m", "nbformat.sign", str(dev.ROOT / "notebooks" / "a.ipynb"))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [({}, 0), ({"ruff": 1}, 1), ({"mypy": 2}, 1), ({"importlinter": 1}, 1), ({"pytest": 5}, 5)],
)
def test_all_steps_run_and_any_failure_counts(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statuses: dict[str, int],
    expected: int,
) -> None:
    dev.stamp_of("test").write_text(dev.fingerprint("3.11.0", "test"), "utf-8")
    monkeypatch.setattr(dev, "run", runs := Runs(**statuses))
    assert dev.main(["test", "-k", "packaging"]) == expected
    assert len(runs.calls) == len(dev.STEPS) + 1
    assert runs.calls[-1][:2] == ("-m", "pytest")
    assert runs.calls[-1][-2:] == ("-k", "packaging")
    failed = sum(word != "pytest" for word in statuses) * (2 if "ruff" in statuses else 1)
    assert capsys.readouterr().out.count("FAILED") == failed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows starts JupyterLab as a child")
def test_lab_opens_the_notebooks_and_passes_arguments_on(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev.stamp_of("lab").write_text(dev.fingerprint("3.11.0", "lab"), "utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", "chosen")
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    monkeypatch.chdir(dev.ROOT)
    started = []
    monkeypatch.setattr(dev.os, "execve", lambda *arguments: started.append(arguments))
    monkeypatch.setattr(dev, "run", Runs())
    dev.main(["lab", "--no-browser", "--port", "9999"])
    (program, arguments, env) = started[0]
    assert program == str(dev.PYTHON)
    assert arguments[1:4] == ["-m", "nlp4", "lab"]
    assert arguments[4].endswith("notebooks")
    assert arguments[-3:] == ["--no-browser", "--port", "9999"]
    assert env["JUPYTER_DATA_DIR"] == "chosen"
    assert env["IPYTHONDIR"].startswith(str(dev.VENV))


def test_lab_opens_the_folder_named_first(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dev.stamp_of("lab").write_text(dev.fingerprint("3.11.0", "lab"), "utf-8")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    started = []
    monkeypatch.setattr(dev.os, "execve", lambda *arguments: started.append(arguments))
    monkeypatch.setattr(dev, "run", Runs())
    dev.main(["lab", "mine", "--no-browser"])
    _, arguments, _ = started[0]
    assert arguments[3:] == ["lab", str(tmp_path / "mine"), "--no-browser"]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        dev.main(["lab", "missing"])
    assert "dev.py student" in capsys.readouterr().err


def test_the_tests_check_strictly(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NLP4_STRICT", raising=False)
    seen = []

    def run(*arguments: str, folder: str | None = None) -> int:
        seen.append((arguments[1], dev.os.environ.get("NLP4_STRICT")))
        return 0

    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "set_up", lambda kind: None)
    dev.main(["test"])
    assert seen[-1] == ("pytest", "1")


def test_student_copies_go_where_the_command_was_given(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs(student=1))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert dev.main(["student", "work", "--force"]) == 1
    assert runs.count("pip") == 1
    assert runs.calls[-1] == ("-m", "nlp4", "student", "work", "--force")
    assert runs.folders[-1] == str(tmp_path / "elsewhere")
    dev.main(["student"])
    assert runs.count("pip") == 1


def test_links_are_written_with_what_lab_installs(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "run", runs := Runs(links=2))
    assert dev.main(["links"]) == 2
    assert runs.calls[0][-1] == ".[data,lab,train]"
    (script,) = runs.calls[-1]
    assert (ROOT / Path(script).relative_to(dev.ROOT)).is_file()


def test_run_takes_the_projects_folder_or_the_one_named(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    note = "import pathlib; pathlib.Path('here').touch()"
    (tmp_path / "work").mkdir()
    assert dev.run("-c", note) == 0
    assert dev.run("-c", note, folder=str(tmp_path / "work")) == 0
    assert (dev.ROOT / "here").exists() and (tmp_path / "work" / "here").exists()
