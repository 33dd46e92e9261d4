"""Tests of `nlp4.experiments.comparison_runs`."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from nlp4.cli import main
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.experiments import comparison_runs as module
from nlp4.experiments.comparison import TASKS, Settings, runs_of
from nlp4.experiments.comparison_runs import Results, Training, checksum, compare, markdown
from nlp4.support.errors import UserError

SMALL = Settings(
    steps=3, minutes=0.002, n=256, block=8, layers=2, heads=2, width=8, batch=2, sequences=3
)
BOTH = {"recall": SMALL, "characters": replace(SMALL, steps=2, minutes=0.003, n=128)}
FEW = {"variants": ["full", "linformer-16", "bigbird"], "seeds": [0]}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The tiny people, each with a text of double length, so that 256 characters are held out."""
    found = load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))
    return replace(found, biographies=tuple(f"{text} {text}" for text in found.biographies))


def quiet(_: str) -> None:
    """Say nothing."""


def rows_in(folder: Path) -> list[Any]:
    return list(json.loads((folder / "compare.json").read_text("utf-8"))["runs"])


# The whole of it


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """A finished comparison. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("compare") / "out"
    compare(corpus, out, runs_of(**FEW), BOTH, data_options=["--split-seed 7"], say=quiet)
    return out


def test_mean_and_range_of_the_table() -> None:
    row = {
        "task": "characters",
        "variant": "full",
        "budget": "steps",
        "measure": "bits",
        "parameters": 1234,
        "seconds": 10.0,
        "steps": 3,
        "reach": None,
    }
    rows = [{**row, "seed": seed, "bits": bits} for seed, bits in enumerate((2.0, 2.5, 3.6))]
    line = markdown(rows, BOTH).splitlines()[-1]
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[2:] == ["1,234", "2.700 (2.000 to 3.600; 3 seeds)", "10", "-", "-"]


def test_as_many_mixtures_as_places_are_called_so() -> None:
    row = {"task": "characters", "budget": "steps", "measure": "bits", "parameters": 1, "seed": 0}
    row |= {"seconds": 1.0, "steps": 2, "bits": 2.0, "reach": None}
    rows = [{**row, "variant": variant} for variant in ("linformer-16", "linformer-256")]
    for n, whole in ((256, [False, True]), (1024, [False, False])):
        lines = markdown(rows, {"characters": replace(SMALL, n=n)}).splitlines()[-2:]
        assert ["mixtures of the keys (k = n) |" in line for line in lines] == whole


def test_an_interrupt_keeps_what_is_finished(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = runs_of(["recall"], ["full", "window", "bigbird"], [0], ["steps"])
    whole = Training.step

    def step(self: Any) -> None:
        if self.run.variant == "window" and len(self.losses) == 1 and pressed:
            signal.raise_signal(signal.SIGINT)
        whole(self)

    pressed = True
    monkeypatch.setattr(Training, "step", step)
    monkeypatch.setattr(module, "_expected", lambda *_: "")
    with pytest.raises(KeyboardInterrupt, match="1 of 3 runs are kept"):
        compare(corpus, tmp_path, runs, BOTH, say=quiet)
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == ["recall.full.0.steps"]
    assert len(rows_in(tmp_path)) == 1
    pressed = False
    assert len(compare(corpus, tmp_path, runs, BOTH, say=quiet)) == 3


def test_a_task_is_added_later_and_only_its_own_sizes_are_asked_for(
    finished: Path, corpus: Corpus, tmp_path: Path
) -> None:
    recall_runs, others = (runs_of([task], ["full"], [0], ["steps"]) for task in TASKS)
    compare(corpus, tmp_path, recall_runs, {"recall": SMALL}, say=quiet)
    rows = compare(corpus, tmp_path, others, {"characters": BOTH["characters"]}, say=quiet)
    assert [row["task"] for row in rows] == ["recall", "characters"]
    claims = [json.loads((out / "settings.json").read_text()) for out in (tmp_path, finished)]
    assert claims[0] == claims[1]
    wrong = {"recall": replace(SMALL, steps=9), "characters": BOTH["characters"]}
    assert compare(corpus, tmp_path, others, wrong, say=quiet) == rows
    with pytest.raises(UserError, match=r"\(recall: steps 3, now 9\)"):
        compare(corpus, tmp_path, recall_runs, wrong, say=quiet)


# Runs from elsewhere, gathered


def test_runs_copied_into_a_new_folder_are_gathered_without_training(
    finished: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(module, "train")
    for out in (tmp_path / "command", tmp_path / "call"):
        copy_runs(finished, out)
    assert compare(corpus, tmp_path / "command", runs_of(**FEW), BOTH, say=quiet)
    Results(tmp_path / "call", BOTH, checksum(corpus), ["--split-seed 7"]).gather()
    kept, called = (
        json.loads((out / "compare.json").read_text("utf-8")) for out in (finished, out)
    )
    assert kept == called and rows_in(tmp_path / "command") == kept["runs"]


def copy_runs(source: Path, folder: Path) -> None:
    (folder / "runs").mkdir(parents=True)
    for path in (source / "runs").glob("*.json"):
        (folder / "runs" / path.name).write_text(path.read_text("utf-8"), "utf-8")


@pytest.mark.parametrize("change", [{"steps": 4}, {"batch": 3}, {"n": 512}])
def test_runs_of_other_sizes_are_not_gathered(
    finished: Path, corpus: Corpus, tmp_path: Path, change: dict[str, int]
) -> None:
    copy_runs(finished, tmp_path)
    sizes = BOTH | {"recall": replace(SMALL, **change)}
    with pytest.raises(UserError, match=r"recall\..*\.json was made with other steps, batch or n"):
        Results(tmp_path, sizes, checksum(corpus)).gather()


def test_a_task_whose_sizes_are_unknown_is_not_gathered(
    finished: Path, corpus: Corpus, tmp_path: Path
) -> None:
    copy_runs(finished, tmp_path)
    with pytest.raises(UserError, match="settings of characters: give the command for that task"):
        Results(tmp_path, {"recall": SMALL}, checksum(corpus)).gather()


def test_the_data_options_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    named: list[list[str]] = []

    def caught(_: Corpus, out: Path, *__: Any, data_options: list[str]) -> None:
        (out / "compare.md").write_text("", "utf-8")
        named.append(data_options)

    monkeypatch.setattr(module, "compare", caught)
    words = ["compare", "--out", str(tmp_path)]
    assert main(words) == 0
    assert main([*words, "--data", str(data), "--dev-from-train", "2", "--split-seed", "1"]) == 0
    assert named == [[], ["--data FOLDER", "--dev-from-train 2", "--split-seed 1"]]
