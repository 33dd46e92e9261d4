"""The experiment of 4a: each run's figures, pairs and baselines, and that it resumes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from scipy.stats import binomtest

from nlp4 import experiment_runs, facts_or_language, presets
from nlp4.corpus import Corpus, load_corpus
from nlp4.errors import UserError
from nlp4.experiment_runs import read_results
from nlp4.facts_or_language import NAMES, Settings, judged, markdown, run, train

SETTINGS = Settings("tiny", steps=6, seeds=(0, 1), texts=("right", "misinformed", "nothing"))

FACTS = "python -m nlp4 experiment facts --out DIR"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    torch.set_num_threads(1)
    monkeypatch.setitem(presets.PRESETS, "tiny", tiny.preset(dropout=0.0))
    return load_corpus(tiny.write_corpus(tmp_path / "people"))


def quiet(_: str) -> None:
    """Say nothing."""


def by_heart(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> None:
    """Whatever was learnt, answer these; others get "Nowhere"."""
    monkeypatch.setattr(
        facts_or_language,
        "greedy",
        lambda model, vocabulary, asked: [
            answers.get(q.removeprefix("Where was ").removesuffix(" born?"), "Nowhere")
            for q in asked
        ],
    )


def test_runs_are_kept_judged_and_not_repeated(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    rows = run(corpus, out, SETTINGS, say=quiet)
    assert [(row["text"], row["seed"]) for row in rows] == [
        (text, seed) for text in SETTINGS.texts for seed in SETTINGS.seeds
    ]
    for row in rows:
        kept = json.loads((out / "runs" / f"{row['text']}.{row['seed']}.json").read_text("utf-8"))
        right = [a == q.place for a, q in zip(kept["answers"], corpus.dev, strict=True)]
        assert row["marks"] == "".join("01"[mark] for mark in right)
        assert row["steps"] == ([9] if row["text"] == "nothing" else [6, 40])
        assert (row["p"] is None) == (row["text"] == "right")
    assert read_results(out / "facts_or_language.json", "") == rows
    assert (out / "facts_or_language.md").read_text("utf-8") == markdown(rows)

    monkeypatch.setattr(facts_or_language, "train", lambda *_: pytest.fail("trained again"))
    assert run(corpus, out, SETTINGS, say=quiet) == rows
    later = run(corpus, out, replace(SETTINGS, seeds=(1,)), data_options=["--data F"], say=quiet)
    kept = json.loads((out / "facts_or_language.json").read_text("utf-8"))
    assert later == rows
    assert kept["command"] == f"{FACTS} --data F --seeds 0 1 --steps 6"
    with pytest.raises(UserError, match="steps 6, now 7"):
        run(corpus, out, replace(SETTINGS, steps=7), say=quiet)


def test_the_command_names_what_the_rows_have() -> None:
    rows = [a_row("right", seed, "1") for seed in (2, 0, 1)]
    assert facts_or_language.command_of(rows, 900) == FACTS
    assert facts_or_language.command_of([], 900) == FACTS
    assert facts_or_language.command_of(rows[:2], 5, ["--data F"]) == (
        f"{FACTS} --data F --seeds 0 2 --steps 5"
    )


def test_a_run_is_the_preset_trained_on_its_text(corpus: Corpus) -> None:
    """Against the stages called one by one."""
    row = train(corpus, "others", 3, SETTINGS)
    vocabulary = presets.vocabulary_of(corpus)
    recipe = tiny.preset(dropout=0.0)
    model = recipe.new_model(vocabulary, 3)
    asked = {question.name for question in corpus.dev}
    texts = tuple(t for t in corpus.biographies if t.split(". ")[0] not in asked)
    read = replace(corpus, biographies=texts)
    losses = []
    for stage, seed, steps in ((recipe.pretrain, 3, 6), (recipe.finetune, 4, 40)):
        settled = stage.seeded(seed).lasting(steps)
        history = facts_or_language.trained(model, vocabulary, read, settled, "")
        losses.append(round(history.recent_loss(), 4))
    assert row["loss"] == losses
    assert row["answers"] == facts_or_language.greedy(
        model, vocabulary, [question.text for question in corpus.dev]
    )


def test_every_text_can_be_run(corpus: Corpus) -> None:
    for text in NAMES:
        row = train(corpus, text, 0, SETTINGS)
        assert len(row["answers"]) == len(row["marks"]) == len(corpus.dev) == 3
        assert (row["believed"] is not None) <= (text in ("names_shuffled", "misinformed"))


def test_believing_what_was_read_is_counted_where_it_is_not_the_truth(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Dev people: Hal Birch (Torvale), Ida Moor (London), Jan Thorn (Eastmere).
    true = {"Hal Birch": "Torvale", "Ida Moor": "London", "Jan Thorn": "Eastmere"}
    by_heart(monkeypatch, true)
    row = train(corpus, "misinformed", 0, SETTINGS)
    assert row["believed"] == {"right": 0, "n": 3}
    assert row["marks"] == "111"
    read = dict(zip(true, row["read"], strict=True))
    assert sorted(read.values()) == sorted(true.values())
    assert all(read[name] != place for name, place in true.items())
    by_heart(monkeypatch, read)
    row = train(corpus, "misinformed", 0, SETTINGS)
    assert row["believed"] == {"right": 3, "n": 3}
    assert row["marks"] == "000"
    assert row["places"] == 3
    assert row["luck"] == 1.0  # three different places, each answered once and true once
    same = tuple(replace(question, place="London") for question in corpus.dev)
    texts = tuple(
        f"{name}. {name} was born in {'London' if name in true else place} ."
        for name, place in tiny.PEOPLE.items()
    )
    alike = replace(corpus, dev=same, biographies=texts)
    assert train(alike, "misinformed", 0, SETTINGS)["believed"] is None


def a_row(text: str, seed: int, marks: str, **more: Any) -> dict[str, Any]:
    row = {"text": text, "seed": seed, "marks": marks, "places": 2, "luck": 0.5, "believed": None}
    return {**row, "answers": [], "read": [], "told": "", **more}


def test_tests_are_paired_within_a_seed() -> None:
    rows = judged(
        [
            a_row("nothing", 1, "0011111111"),
            a_row("right", 0, "1111111100"),
            a_row("others", 0, "0000000011"),
            a_row("right", 1, "0011111111"),
            a_row("others", 2, "0000000011"),
        ]
    )
    assert [(row["text"], row["seed"]) for row in rows] == [
        ("right", 0),
        ("right", 1),
        ("others", 0),
        ("others", 2),
        ("nothing", 1),
    ]
    expected = [None, None, binomtest(8, 10).pvalue, None, 1.0]
    assert [row["p"] for row in rows] == expected
    assert not any({"answers", "read", "told"} & row.keys() for row in rows)


def test_the_table_has_means_over_seeds_and_every_run() -> None:
    rows = judged(
        [
            a_row("right", 0, "1110000000"),
            a_row("right", 1, "1000000000"),
            a_row("misinformed", 0, "0000000000", believed={"right": 3, "n": 4}),
        ]
    )
    means, runs = markdown(rows).split("\n\n")
    lines = means.splitlines()
    assert lines[2].startswith("| right | the biographies as they are | 20.0% (2 seeds) | ")
    assert "| 10.0% to 30.0% | 5.0% | 20.0% | - |" in lines[2]
    assert lines[3].endswith("| 75.0% |")
    assert len(lines) == 4
    assert runs.splitlines()[2] == "| right | 0 | 3/10 | 30.0% | 10.8% to 60.3% | - | - |"
    assert len(runs.splitlines()) == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Settings(texts=("wrong",)), "choose from right, others"),
        (lambda: Settings(steps=0), "choose 1 or more"),
        (lambda: Settings(seeds=(0, -1)), "seed -1: choose 0 or more"),
    ],
)
def test_what_cannot_be_had_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


def test_without_dev_questions_nothing_is_trained(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--dev-from-train"):
        run(replace(corpus, dev=()), tmp_path / "out", SETTINGS, say=quiet)


# What the experiments share


def test_an_interruption_keeps_what_was_finished(tmp_path: Path) -> None:
    def stop(label: str) -> dict[str, Any]:
        raise KeyboardInterrupt

    jobs = {"a": lambda label: {"x": 1, "told": label}, "b": stop}
    with pytest.raises(KeyboardInterrupt, match="1 of 2 runs are kept"):
        experiment_runs.do_runs(tmp_path, jobs, lambda: [], say=quiet)
    assert experiment_runs.read_runs(tmp_path) == [{"x": 1, "told": "1/2 a"}]
    said: list[str] = []
    jobs["b"] = lambda label: {"x": 2, "told": label}
    experiment_runs.do_runs(tmp_path, jobs, lambda: [], say=said.append)
    assert said == ["1 runs to do, 1 are finished already", "1/1 b: 1/1 b"]


def test_an_interrupted_training_gives_no_row(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment_runs, "trainer_for", lambda *_: Stopped())
    with pytest.raises(KeyboardInterrupt):
        train(corpus, "right", 0, SETTINGS)


class Stopped:
    def run(self, *, label: str) -> presets.Stage:
        return replace_history()


def replace_history() -> Any:
    from nlp4.training import History

    return History(losses=[1.0], finished=False)


def test_a_row_without_what_the_tables_need_is_damaged(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    for text in ("{}", '{"text": "right", "seed": 0, "told": ""}'):
        (tmp_path / "runs" / "right.0.json").write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"right\.0\.json is damaged: delete it"):
            run(corpus, tmp_path, replace(SETTINGS, seeds=(0,), texts=("right",)), say=quiet)


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_damaged_files_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"a\.json is damaged: delete it"):
        experiment_runs.read_runs(tmp_path)
    (tmp_path / "settings.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"settings\.json is damaged"):
        experiment_runs.claim(tmp_path, {"a": 1})
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"x\.json is missing or damaged: make it with make"):
        read_results(tmp_path / "x.json", "make")


def test_the_fingerprint_knows_texts_places_and_who_is_held_out(corpus: Corpus) -> None:
    other = [
        replace(corpus, biographies=corpus.biographies[1:]),
        replace(corpus, dev=corpus.dev[1:]),
        replace(corpus, dev=(replace(corpus.dev[0], place="Hull"), *corpus.dev[1:])),
        replace(corpus, train=corpus.train[::-1]),
    ]
    prints = {experiment_runs.fingerprint(one) for one in (corpus, *other)}
    assert len(prints) == 5
