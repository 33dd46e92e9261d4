"""Tests of `nlp4.support.records`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nlp4.support.errors import UserError
from nlp4.support.records import claim, do_runs, read_results, read_runs


def quiet(_: str) -> None:
    """Say nothing."""


# What the experiments share


def test_an_interruption_keeps_what_was_finished(tmp_path: Path) -> None:
    def stop(label: str) -> dict[str, Any]:
        raise KeyboardInterrupt

    jobs = {"a": lambda label: {"x": 1, "told": label}, "b": stop}
    with pytest.raises(KeyboardInterrupt, match="1 of 2 runs are kept"):
        do_runs(tmp_path, jobs, lambda: [], say=quiet)
    assert read_runs(tmp_path) == [{"x": 1, "told": "1/2 a"}]
    said: list[str] = []
    jobs["b"] = lambda label: {"x": 2, "told": label}
    do_runs(tmp_path, jobs, lambda: [], say=said.append)
    assert said == ["1 runs to do, 1 are finished already", "1/1 b: 1/1 b"]


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_damaged_files_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"a\.json is damaged: delete it"):
        read_runs(tmp_path)
    (tmp_path / "settings.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"settings\.json is damaged"):
        claim(tmp_path, {"a": 1})
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"x\.json is missing or damaged: make it with make"):
        read_results("x.json", "make", lambda content: content["rows"], tmp_path / "x.json")
