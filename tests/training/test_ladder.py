"""The ladder: which rungs there are, and that each is trained, scored and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny
import torch

from nlp4.data.corpus import load_corpus
from nlp4.support.errors import UserError
from nlp4.training import ladder, presets, runs

STORED = Path(__file__).resolve().parents[2] / "data" / "results" / "ladder.json"


def test_climbing_trains_and_scores_every_rung_and_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    rungs = {"low": tiny.preset(memory=False), "high": tiny.preset()}
    monkeypatch.setattr(presets, "LADDER", rungs)
    monkeypatch.setattr(ladder, "LADDER", rungs)
    monkeypatch.setattr(runs, "steps_in", lambda *_: 3)
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))

    first = ladder.climb(corpus, tmp_path / "out", minutes=0.01, say=lambda _: None)

    assert [rung.name for rung in first] == ["low", "high"]
    assert all(rung.score.n == len(corpus.dev) and rung.seconds > 0 for rung in first)
    table = (tmp_path / "out" / "ladder.md").read_text("utf-8").splitlines()
    assert len(table) == 4
    assert table[2].startswith("| low |")
    kept = json.loads((tmp_path / "out" / "ladder.json").read_text("utf-8"))
    assert [row["score"]["right"] for row in kept["rungs"]] == [r.score.right for r in first]

    monkeypatch.setattr(runs, "steps_in", lambda *_: pytest.fail("measured again"))
    assert ladder.climb(corpus, tmp_path / "out", minutes=0.01, say=lambda _: None) == first
    with pytest.raises(UserError, match="other options"):
        monkeypatch.setattr(runs, "steps_in", lambda *_: 3)
        ladder.climb(corpus, tmp_path / "out", minutes=0.01, seed=1, say=lambda _: None)


def test_the_stored_climb_has_every_rung_and_its_provenance() -> None:
    rungs = ladder.read_rungs()
    assert [rung.name for rung in rungs] == list(presets.LADDER)
    assert [rung.summary for rung in rungs] == [r.summary for r in presets.LADDER.values()]
    assert rungs[-1].score.right > rungs[0].score.right
    stored = json.loads(STORED.read_text("utf-8"))
    assert {"command", "data", "seed", "split_seed", "minutes", "torch", "cores"} <= stored.keys()


def test_what_a_climb_wrote_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(ladder, "LADDER", rungs := {"low": tiny.preset(memory=False)})
    monkeypatch.setattr(presets, "LADDER", rungs)
    monkeypatch.setattr(runs, "steps_in", lambda *_: 3)
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    climbed = ladder.climb(corpus, tmp_path / "out", minutes=0.01, say=lambda _: None)
    assert ladder.read_rungs(tmp_path / "out" / "ladder.json") == climbed


@pytest.mark.parametrize("text", [None, "{", "{}", '{"rungs": [{"name": "low"}]}'])
def test_a_damaged_climb_is_refused_with_the_mend(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ladder.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError, match="python -m nlp4 ladder"):
        ladder.read_rungs(path)


def test_switches_say_what_each_rung_sets() -> None:
    lines = {line.split("|")[1].strip(): line for line in ladder.switches().splitlines()}
    assert "`positions='rotary'`" in lines["`rotary`"]
    assert "`optimiser='muon'`" in lines["`muon`"]
    assert "salient_cloze" in lines["`salient`"]
    assert ladder.changes("course") == {}
    assert ladder.changes("rotary") == {"positions": ("learned", "rotary")}
