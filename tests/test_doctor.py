"""The doctor: a sound machine is called sound, and each fault is named with its mend."""

from __future__ import annotations

import importlib.metadata
import io
import json
import shutil
import sys
import tomllib
import types
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from nlp4 import doctor

REAL_DAMAGED_FILES = doctor.damaged_files
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def sound_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the checks pass that depend on the machine, so that one fault shows alone."""
    monkeypatch.setattr(doctor, "damaged_files", lambda: [])
    monkeypatch.setattr(doctor, "available_cores", lambda: 4096)
    monkeypatch.setattr(doctor, "NEEDED_BYTES", 1)


def report() -> tuple[int, str]:
    """Run the doctor and return its status and what it printed."""
    stream = io.StringIO()
    return doctor.run(stream), stream.getvalue()


def failures(printed: str) -> list[str]:
    """Return the FAIL lines; each must name a mend."""
    lines = [line for line in printed.splitlines() if line.startswith("FAIL")]
    assert all(". Mend: " in line for line in lines)
    return lines


def test_sound_machine() -> None:
    status, printed = report()
    assert failures(printed) == []
    assert status == 0
    assert printed.splitlines()[-1] == "All is well."


def test_every_dependency_has_a_line() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = report()[1].splitlines()
    extras = table["optional-dependencies"]
    needed = table["dependencies"] + extras["lab"] + extras["train"]
    for name in (Requirement(line).name for line in needed):
        version = importlib.metadata.version(name)
        assert f"OK    {name}: {version}" in lines
    assert "hypothesis" not in "".join(lines)


def test_colab_needs_no_jupyterlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    pretend_version(monkeypatch, "jupyterlab", None)
    pretend_version(monkeypatch, "jupyter-client", "7.4.9")
    status, printed = report()
    assert (status, failures(printed)) == (0, [])


def no_module(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make `import name` fail."""
    monkeypatch.setitem(sys.modules, name, None)


def old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 4, "final", 0))


def pretend_version(monkeypatch: pytest.MonkeyPatch, name: str, version: str | None) -> None:
    """Make the installed metadata give `version` for `name`; None means not installed."""
    real = importlib.metadata.version

    def fake(asked: str) -> str:
        if asked != name:
            return real(asked)
        if version is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(importlib.metadata, "version", fake)


def missing_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_version(monkeypatch, "torch", None)
    no_module(monkeypatch, "torch")


def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", fake)


def no_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda: ["nowhere"])


def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def fake(self: Any, name: str) -> None:
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", fake)


def foreign_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    spec = KernelSpec(argv=["/usr/bin/another-python", "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)


def write_kernel(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """Let Jupyter find a kernel python3 of these words before all others."""
    (folder / "kernels" / "python3").mkdir(parents=True)
    (folder / "kernels" / "python3" / "kernel.json").write_text(text)
    monkeypatch.setenv("JUPYTER_PATH", str(folder))


@pytest.mark.parametrize(
    "text",
    [
        *("{broken", "", "[]", "null", "{}"),
        *('{"argv": []}', '{"argv": 3}', '{"argv": [3]}', '{"argv": [null]}'),
    ],
)
def test_a_kernel_that_cannot_be_read_is_one_failed_check(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernel(monkeypatch, tmp_path, text)
    found = doctor.check_kernel()
    assert not found.ok and str(tmp_path) in found.detail
    assert found.mend.startswith("delete that folder, then run")


def test_a_kernel_s_program_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kernel(monkeypatch, tmp_path, json.dumps({"argv": ["a\n\0b"]}))
    assert doctor.check_kernel().detail == r"starts another Python, 'a\n\x00b'"


def test_a_folder_in_place_of_a_kernel_is_no_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kernels" / "python3" / "kernel.json").mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert doctor.check_kernel().ok  # Jupyter looks further


def damaged_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "damaged_files", lambda: ["train.tsv differs"])


def missing_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake() -> list[str]:
        raise FileNotFoundError("SHA256SUMS")

    monkeypatch.setattr(doctor, "damaged_files", fake)


def no_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "damaged_files", REAL_DAMAGED_FILES)
    no_module(monkeypatch, "nlp4.data.people.generate")


def few_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    monkeypatch.setattr(doctor, "available_cores", lambda: 2)


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor, "NEEDED_BYTES", 10**9)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage(2e9, 1.9e9, 1e8))


@pytest.mark.parametrize(
    ("breaks", "found", "mend"),
    [
        (old_python, ["Python"], "install Python 3.11"),
        (missing_torch, ["torch: not installed", "torch cannot be imported"], "dev.py lab"),
        (
            lambda patch: pretend_version(patch, "numpy", "1.26.4"),
            ["numpy: 1.26.4 is installed, <3,>=2 is needed"],
            "dev.py lab",
        ),
        (not_installed, ["nlp4: not installed"], "nlp4[data,lab,train]"),
        (lambda patch: no_module(patch, "packaging.requirements"), ["nlp4"], "dev.py lab"),
        (no_widgets, ["widget extension"], "jupyterlab_widgets"),
        (lambda patch: no_module(patch, "jupyter_core.paths"), ["slider widgets"], "dev.py lab"),
        (no_kernel, ["kernel python3"], "ipykernel install --sys-prefix"),
        (foreign_kernel, ["another-python"], "ipykernel install --sys-prefix"),
        (lambda patch: no_module(patch, "jupyter_client.kernelspec"), ["kernel"], "dev.py lab"),
        (damaged_data, ["train.tsv differs"], "git checkout"),
        (missing_data, ["FileNotFoundError: SHA256SUMS"], "git checkout"),
        (no_people, ["data: cannot be checked"], "dev.py lab"),
        (few_cores, ["torch uses 3, and 2 cores"], "OMP_NUM_THREADS=2"),
        (full_disk, ["0.1 GB free"], "free some space"),
    ],
)
def test_each_fault_is_named_alone_with_its_mend(
    monkeypatch: pytest.MonkeyPatch,
    breaks: Callable[[pytest.MonkeyPatch], None],
    found: list[str],
    mend: str,
) -> None:
    with monkeypatch.context() as patch:
        breaks(patch)
        status, printed = report()
    lines = failures(printed)
    assert status == 1
    assert len(lines) == len(found), printed
    assert all(text in line and mend in line for text, line in zip(found, lines, strict=True))


def test_a_venvs_python_is_not_the_one_it_links_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor.sys, "executable", str(tmp_path / "bin" / "python"))
    assert doctor.starts_this_python("python3")
    assert doctor.starts_this_python(str(tmp_path / "lib" / ".." / "bin" / "python"))
    assert not doctor.starts_this_python(str(tmp_path / "python"))
    assert not doctor.starts_this_python("python2")


def test_damage_in_the_embedded_data_is_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "damaged_files", REAL_DAMAGED_FILES)
    copy = shutil.copytree(ROOT / "data" / "people", tmp_path / "people")
    monkeypatch.setattr("nlp4.data.corpus.embedded_folder", lambda: copy)
    assert doctor.check_data().ok
    with (copy / "wiki.txt").open("a", encoding="utf-8") as file:
        file.write("x")
    damaged = doctor.check_data()
    assert not damaged.ok
    assert "wiki.txt" in damaged.detail
