"""`python -m nlp4 experiment`: its tables and files agree, and each mistake gets one line."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
import tiny

from nlp4.cli import main
from nlp4.data.corpus import load_corpus
from nlp4.data.wordings import HANDS
from nlp4.experiments import capacity, doses, knowledge, names, readings, reversal, unknown
from nlp4.experiments import names as name_guesses
from nlp4.training import shipped
from nlp4.training.runs import Plan


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["luck"], "no experiment 'luck': choose from facts, readings, probe"),
        (["confidence", "--steps", "5"], "confidence trains nothing: leave --seeds and --steps"),
        (["facts", "--run", "R"], "facts trains its own models: leave --run out"),
        (["facts", "--steps", "5", "6"], "give --steps one number"),
        (
            ["doses", "--steps", "5", "6"],
            "doses trains every model for the same time: give --steps",
        ),
        (["reversal", "--run", "R"], "reversal makes its own people"),
        (["capacity", "--data", "DIR"], "leave --data, --dev-from-train and --split-seed"),
        (["facts", "--steps", "0"], "--steps 0: choose 1 or more"),
        (["facts", "--seeds", "-1"], "--seeds -1: choose 0 or more"),
        (["readings", "--data", "DIR"], "readings makes its own people"),
        (["readings", "--dev-from-train", "5"], "leave --data, --dev-from-train and --split-seed"),
        (["readings", "--split-seed", "1"], "leave --data, --dev-from-train and --split-seed"),
        (["confidence", "--data", "DIR"], "the embedded split: add --run"),
        (["probe", "--dev-from-train", "0"], "the embedded split: add --run"),
        (["names", "--split-seed", "1"], "the embedded split: add --run"),
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


@pytest.fixture
def a_run(tmp_path: Path) -> Path:
    """The models that come along, as if trained on another split of the embedded people."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name, made in shipped.MODELS.items():
        shutil.copy(shipped.path(name), folder / made.file)
    plan = Plan("pocket", 0, load_corpus().checksum(), 6, 3, None, 900)
    (folder / "plan.json").write_text(json.dumps(asdict(plan)), "utf-8")
    return folder


def test_a_run_is_asked_about_the_split_that_it_was_trained_with(
    a_run: Path, tmp_path: Path
) -> None:
    words = ["--run", str(a_run), "--dev-from-train", "6", "--split-seed", "3"]
    assert main(["experiment", "confidence", *words, "--out", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "confidence.json").read_text("utf-8"))
    assert kept["right"]["n"] == 6
    assert kept["command"] == (
        "python -m nlp4 experiment confidence --out DIR --dev-from-train 6 --split-seed 3 --run RUN"
    )


@pytest.mark.parametrize(
    "words", [[], ["--dev-from-train", "6"], ["--dev-from-train", "5", "--split-seed", "3"]]
)
@pytest.mark.parametrize(
    "name",
    ["probe", "bias", "names", "rewordings", "confidence", "relations", "wordings", "unknown"],
)
def test_another_split_than_the_run_s_is_refused(
    name: str, words: list[str], a_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["experiment", name, "--run", str(a_run), *words, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert "was trained with --dev-from-train 6 --split-seed 3" in error and not out.exists()


@pytest.mark.parametrize("name", ["probe", "swap", "heads", "edit", "forget", "patch"])
def test_with_nobody_held_back_nothing_is_asked(
    name: str, a_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = asdict(Plan("pocket", 0, load_corpus().checksum(), 0, 0, None, 900))
    (a_run / "plan.json").write_text(json.dumps(plan), "utf-8")
    words = ["--run", str(a_run), "--dev-from-train", "0", "--out", str(tmp_path / "out")]
    assert main(["experiment", name, *words]) == 2
    assert "no dev questions, where 1 or more are needed" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_could_not_be_written_is_found_out_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "load", lambda name: pytest.fail("a model is read"))
    (tmp_path / "probe.json").mkdir()
    assert main(["experiment", "probe", "--out", str(tmp_path)]) == 2
    assert "probe.json (it is a folder): choose another place" in capsys.readouterr().err


def test_other_data_than_the_run_s_are_refused(
    a_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tiny.write_corpus(tmp_path / "other")
    words = ["--data", str(other), "--dev-from-train", "6", "--split-seed", "3"]
    words += ["--run", str(a_run), "--out", str(tmp_path / "out")]
    assert main(["experiment", "confidence", *words]) == 2
    assert "on other data or another split: give the same" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "rows", "in_table"),
    [
        ("relations", {"rows": 2}, "| birthplace | "),
        ("wordings", {"rows": 2 * (1 + 1 + len(HANDS))}, "Where was X born? (plain) | "),
        ("unknown", {"silence": 4, "thresholds": 13}, " (chosen) | "),
    ],
)
def test_what_is_known_in_any_words_is_told_and_kept(
    name: str,
    rows: dict[str, int],
    in_table: str,
    a_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    two = ("birthplace", "birth_year")
    monkeypatch.setattr(knowledge, "Settings", partial(knowledge.Settings, two, 1))
    monkeypatch.setattr(unknown, "Settings", partial(unknown.Settings, two, 3))
    split = ["--dev-from-train", "6", "--split-seed", "3"]
    assert main(["experiment", name, "--run", str(a_run), *split, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert in_table in shown
    assert (tmp_path / f"{name}.md").read_text("utf-8").strip() == shown.strip()
    kept = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
    assert {key: len(kept[key]) for key in rows} == rows
    assert kept["command"].startswith(f"python -m nlp4 experiment {name} --out DIR")


@pytest.mark.parametrize("module", [doses, reversal, capacity])
def test_what_trains_on_its_own_people_is_given_seeds_and_steps(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = []
    monkeypatch.setattr(module, "run", lambda out, settings: given.append((out, settings)) or [])
    monkeypatch.setattr(module, "markdown", lambda rows: "none\n")
    name = module.__name__.rpartition(".")[2]
    words = ["experiment", name, "--seeds", "4", "5", "--steps", "7", "--out", str(tmp_path)]
    assert main(words) == 0
    ((out, settings),) = given
    assert (out, settings.seeds, settings.steps) == (tmp_path, (4, 5), 7)


def test_readings_reads_no_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def made(out: Path, settings: readings.Settings) -> list[object]:
        assert settings.seeds == (4,)
        return []

    monkeypatch.setattr(readings, "run", made)
    monkeypatch.setattr("nlp4.data.corpus.load_corpus", lambda *_, **__: pytest.fail("read"))
    assert main(["experiment", "readings", "--seeds", "4", "--out", str(tmp_path)]) == 0


def test_without_dev_questions_names_asks_about_invented_people_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = partial(names.Settings, invented=6, permutations=9)
    monkeypatch.setattr(name_guesses, "Settings", few)
    everyone = load_corpus()
    part = replace(everyone, train=everyone.train[:40], dev=())
    monkeypatch.setattr("nlp4.data.corpus.load_corpus", lambda *_, **__: part)
    assert main(["experiment", "names", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "Pretrained, invented names:" in shown and "Finetuned alone" not in shown
    kept = json.loads((tmp_path / "names.json").read_text("utf-8"))
    assert "dev" not in kept and kept["invented"]["rows"]


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
