"""Tests of `nlp4.support.errors`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from packaging.requirements import Requirement

from nlp4.support.errors import (
    MOST_QUOTED,
    UserError,
    memory_is_full,
    quoted,
    shown,
    telling_what_to_install,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("error", "shown"), [("UserError", False), ("ValueError", True)])
def test_a_notebook_shows_the_message_without_a_stack_trace(
    error: str, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = InteractiveShell.instance()
    shell.push({"UserError": UserError})

    shell.run_cell(f"raise {error}('there is no file x: check its name')")

    told = capsys.readouterr().out
    assert "there is no file x: check its name" in told
    assert ("Traceback" in told) is shown
    assert (told.strip() == "nlp4: there is no file x: check its name") is not shown


@pytest.mark.parametrize(
    ("name", "extra"), [("torch", "train"), ("torch.nn", "train"), ("jupyterlab.labapp", "lab")]
)
def test_a_package_of_an_extra_is_told_with_the_command(name: str, extra: str) -> None:
    package = name.partition(".")[0]
    told = f'{package} is not installed: run `pip install "nlp4[{extra}]"`'
    with pytest.raises(UserError) as raised, telling_what_to_install():
        raise ModuleNotFoundError(name=name)
    assert str(raised.value) == told


@pytest.mark.parametrize("name", ["numpy", "torchvision", None])
def test_any_other_missing_module_stays_what_it_is(name: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), telling_what_to_install():
        raise ModuleNotFoundError(name=name)


def test_each_command_names_the_extra_that_brings_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for extra in ("lab", "train"):
        for line in extras[extra]:
            module = Requirement(line).name.replace("-", "_")
            with pytest.raises(UserError, match=rf"nlp4\[{extra}\]"), telling_what_to_install():
                raise ModuleNotFoundError(name=module)


def test_a_long_text_is_quoted_in_part_and_a_short_one_whole() -> None:
    assert quoted("Where?\n") == "'Where?\\n'"
    assert quoted("a" * MOST_QUOTED) == repr("a" * MOST_QUOTED)
    assert quoted("b" * 10_000) == f"'{'b' * MOST_QUOTED}'... (10,000 characters)"
    assert shown("a b") == "a b"
    assert shown("b" * 10_000) == quoted("b" * 10_000)


def test_a_full_memory_is_told_apart_from_other_errors() -> None:
    with pytest.raises((MemoryError, RuntimeError)) as numpys:
        np.empty(2**55)
    with pytest.raises((MemoryError, RuntimeError)) as torchs:
        torch.empty(2**58)
    assert memory_is_full(numpys.value) and memory_is_full(torchs.value)
    assert memory_is_full(torch.OutOfMemoryError("CUDA out of memory"))
    assert not memory_is_full(RuntimeError("shapes do not match"))


def test_a_message_is_one_line_whatever_it_quotes() -> None:
    odd = "Łódź\n\r\x1b[31m\u2028\udcff"
    assert str(UserError(f"no {odd}: choose")) == r"no Łódź\n\r\x1b[31m\u2028\udcff: choose"
