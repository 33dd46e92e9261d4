"""`python -m nlp4 experiment`: its tables and files agree, and each mistake gets one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp4 import shipped
from nlp4.cli import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["luck"], "no experiment 'luck': choose from facts, readings, probe"),
        (["confidence", "--steps", "5"], "confidence trains nothing: leave --seeds and --steps"),
        (["facts", "--run", "R"], "facts trains its own models: leave --run out"),
        (["facts", "--steps", "5", "6"], "give --steps one number"),
        (["facts", "--steps", "0"], "0 steps: choose 1 or more"),
        (["readings", "--data", "DIR"], "readings makes its own people"),
        (["bias", "--run", "R"], "model.pt"),
    ],
)
def test_a_mistake_gets_one_line(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--data" in words:
        words = [str(shipped.folder().parent / "people") if w == "DIR" else w for w in words]
    status = main(["experiment", *words, "--out", str(tmp_path / "out")])
    error = capsys.readouterr().err
    assert status == 2 and told in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_file_holds_what_the_table_shows_and_how_it_was_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", "confidence", "--out", str(tmp_path)]) == 0
    table = capsys.readouterr().out
    assert (tmp_path / "confidence.md").read_text("utf-8").strip() == table.strip()
    kept = json.loads((tmp_path / "confidence.json").read_text("utf-8"))
    assert kept["command"] == "python -m nlp4 experiment confidence --out DIR"
    right = shipped.facts("people")["dev"]["right"]
    bins = kept["reliability"]["width"]
    assert kept["right"]["right"] == sum(each["right"]["right"] for each in bins) == right
    assert f"{right}/500" in table
    assert {"python", "torch", "cores"} <= set(kept)
