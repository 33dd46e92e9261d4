"""The models that come along: they load, they score what their records say, they can be remade."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny
import torch

from nlp4.cli import main
from nlp4.data.corpus import load_corpus
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import load_model
from nlp4.support.errors import UserError
from nlp4.support.files import sha256
from nlp4.training import presets, shipped
from nlp4.training.evaluation import score

SIZE = 9.5e6  # bytes; the wheel brings them along


@pytest.mark.parametrize("name", shipped.MODELS)
def test_a_record_fits_its_model(name: str) -> None:
    record = shipped.facts(name)
    assert record["sha256"] == sha256(shipped.path(name))
    assert record["data"] == load_corpus().checksum()
    assert {"command", "seed", "minutes", "torch", "cores"} <= record.keys()


@pytest.mark.parametrize("name", shipped.MODELS)
def test_a_model_scores_what_its_record_says(name: str) -> None:
    model, vocabulary = shipped.load(name)
    dev = load_corpus().dev
    right = score(greedy(model, vocabulary, [q.text for q in dev]), dev).right
    # Another instruction set may round a near tie the other way.
    assert abs(right - shipped.facts(name)["dev"]["right"]) <= 3


def test_rounding_costs_next_to_nothing() -> None:
    for name in shipped.MODELS:
        record = shipped.facts(name)
        assert abs(record["dev"]["right"] - record["dev before rounding"]["right"]) <= 5


def test_all_models_together_are_small() -> None:
    assert sum(path.stat().st_size for path in shipped.folder().iterdir()) < SIZE


def test_an_unknown_model_is_refused_with_the_names() -> None:
    with pytest.raises(UserError, match="people, people_alone, people_asked, people_plain"):
        shipped.load("nobody")


def test_a_missing_record_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    with pytest.raises(UserError, match="python -m nlp4 checkpoints"):
        shipped.facts("people")


def test_the_models_are_made_anew_by_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.set_num_threads(1)
    kinds = {
        "pocket": tiny.KINDS["everything"],
        "plain": tiny.KINDS["plain"],
        "coffee": tiny.KINDS["plain"],
    }
    monkeypatch.setattr(presets, "PRESETS", kinds)
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    monkeypatch.setattr("nlp4.data.corpus.load_corpus", lambda: corpus)
    out = tmp_path / "checkpoints"

    assert main(["checkpoints", "--run", str(tmp_path / "run"), "--out", str(out)]) == 0

    printed = capsys.readouterr().out
    for name in shipped.MODELS:
        record = json.loads((out / f"{name}.json").read_text("utf-8"))
        model, vocabulary = load_model(out / f"{name}.pt")
        found = score(greedy(model, vocabulary, [q.text for q in corpus.dev]), corpus.dev)
        assert record["dev"]["right"] == found.right
        assert record["bytes"] == (out / f"{name}.pt").stat().st_size
        assert f"{name}.pt: {found.right}/{found.n} right" in printed
