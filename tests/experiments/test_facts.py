"""Tests of `nlp4.experiments.facts`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stored_beliefs
import tiny
import torch
from scipy.stats import binomtest

from nlp4.data.corpus import DEV, Corpus, load_corpus
from nlp4.experiments import facts, readings
from nlp4.experiments import facts as facts_or_language
from nlp4.experiments.facts import (
    COMMAND,
    NAMES,
    Facts,
    FactsRun,
    Settings,
    judged,
    markdown,
    mixture,
    read_facts,
    run,
    train,
)
from nlp4.experiments.readings import Readings, read_readings
from nlp4.maths.statistics import Share
from nlp4.models.asking import greedy
from nlp4.support.errors import UserError
from nlp4.support.files import data_folder
from nlp4.support.records import write_results
from nlp4.training import presets, runs
from nlp4.training.runs import fingerprint, trained

SETTINGS = Settings("tiny", steps=6, seeds=(0, 1), texts=("right", "misinformed", "nothing"))


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
        assert row["steps"] == ([40] if row["text"] == "nothing" else [6, 40])  # none is mixed in
        assert (row["p"] is None) == (row["text"] == "right")
    assert json.loads((out / "facts_or_language.json").read_text("utf-8"))["rows"] == rows
    assert (out / "facts_or_language.md").read_text("utf-8") == markdown(rows)

    monkeypatch.setattr(facts_or_language, "train", lambda *_: pytest.fail("trained again"))
    assert run(corpus, out, SETTINGS, say=quiet) == rows
    later = run(corpus, out, replace(SETTINGS, seeds=(1,)), data_options=["--data F"], say=quiet)
    kept = json.loads((out / "facts_or_language.json").read_text("utf-8"))
    assert later == rows
    assert kept["command"] == f"{COMMAND} --data F --seeds 0 1 --steps 6"
    with pytest.raises(UserError, match="steps 6, now 7"):
        run(corpus, out, replace(SETTINGS, steps=7), say=quiet)


def test_the_command_names_what_the_rows_have() -> None:
    rows = [a_row("right", seed, "1") for seed in (2, 0, 1)]
    assert facts.command_of(rows, 900) == COMMAND
    assert facts.command_of([], 900) == COMMAND
    assert facts.command_of(rows[:2], 5, ["--data F"]) == (
        f"{COMMAND} --data F --seeds 0 2 --steps 5"
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
        history = trained(model, vocabulary, read, settled, "")
        losses.append(round(history.recent_loss(), 4))
    assert row["loss"] == losses
    assert row["answers"] == greedy(model, vocabulary, [question.text for question in corpus.dev])


@pytest.mark.parametrize("seed", [0, 1])
def test_without_a_text_nothing_but_the_biographies_is_missing(seed: int) -> None:
    recipe = presets.recipe("pocket", seed, 900)
    share = dict(recipe.pretrain.shares)["questions"]
    nothing, questions, right = (
        facts.first_stage(recipe, text) for text in ("nothing", "questions", "right")
    )
    assert right == recipe.pretrain
    for stage, steps in ((nothing, 900 * share), (questions, 900)):
        assert stage.shares == (("questions", 1.0),)
        assert stage.training.steps == pytest.approx(steps)
        assert replace(stage.training, steps=900) == right.training  # optimiser, rates and seed


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


def test_a_question_that_cannot_be_asked_is_told_before_any_training(
    corpus: Corpus, tmp_path: Path
) -> None:
    long = replace(corpus.dev[0], text=f"Where was {'Ada ' * 90}Quill born?")
    with pytest.raises(UserError, match=rf"{DEV}, line 1: a question of 381 characters leaves no"):
        run(replace(corpus, dev=(long,)), tmp_path / "out", SETTINGS, say=quiet)
    assert not (tmp_path / "out").exists()


def test_an_interrupted_training_gives_no_row(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "trainer_for", lambda *_: Stopped())
    with pytest.raises(KeyboardInterrupt):
        train(corpus, "right", 0, SETTINGS)


class Stopped:
    def run(self, *, label: str) -> presets.Stage:
        return replace_history()


def replace_history() -> Any:
    from nlp4.training.trainer import History

    return History(losses=[1.0], finished=False)


def test_a_row_without_what_the_tables_need_is_damaged(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    sound = {"text": "right", "seed": 0, "told": "", "marks": "101", "places": 1, "luck": 1.0}
    wrong: tuple[dict[str, object], ...] = (
        *({"text": "left"}, {"seed": "0"}, {"marks": "10"}, {"luck": math.nan}),
        *({"believed": {"right": 1}}, {"believed": {"right": 2, "n": 1}}),
    )
    for row in ({}, *(sound | {"believed": None} | each for each in wrong)):
        (tmp_path / "runs" / "right.0.json").write_text(json.dumps(row), "utf-8")
        with pytest.raises(UserError, match=r"right\.0\.json is damaged: delete it"):
            run(corpus, tmp_path, replace(SETTINGS, seeds=(0,), texts=("right",)), say=quiet)


def test_the_fingerprint_knows_texts_places_and_who_is_held_out(corpus: Corpus) -> None:
    other = [
        replace(corpus, biographies=corpus.biographies[1:]),
        replace(corpus, dev=corpus.dev[1:]),
        replace(corpus, dev=(replace(corpus.dev[0], place="Hull"), *corpus.dev[1:])),
        replace(corpus, train=corpus.train[::-1]),
    ]
    prints = {fingerprint(one) for one in (corpus, *other)}
    assert len(prints) == 5


@pytest.fixture
def stored_facts(tmp_path: Path) -> Facts:
    return read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))


def test_each_training_with_its_marks(stored_facts: Facts) -> None:
    assert stored_facts.texts == ("right", "others", "misinformed", "nothing")
    assert (stored_facts.steps, stored_facts.command) == (900, "the facts command")
    first, second = stored_facts.of("misinformed")
    assert (first.seed, first.share, second.share) == (0, Share(2, 20), Share(3, 20))
    assert first.believed == Share(4, 10) and first.p == 0.25
    assert first.marks == (True, True, *[False] * 18)


def test_seeds_are_taken_together(stored_facts: Facts) -> None:
    assert stored_facts.mean("right") == pytest.approx(12.5 / 20)
    assert stored_facts.believed("misinformed") == Share(9, 20)
    assert stored_facts.believed("right") is None
    with pytest.raises(UserError, match=r"no model .* read 'words_shuffled' first: the facts"):
        stored_facts.of("words_shuffled")


def test_what_the_experiments_write_is_read(tmp_path: Path) -> None:
    rows = facts.judged([r | {"answers": [], "read": []} for r in stored_beliefs.facts_rows()])
    content = {"command": "c", "steps": 9, "rows": rows}
    write_results(tmp_path, "facts_or_language", content, "")
    found = read_facts(tmp_path / "facts_or_language.json")
    # 11 questions that only `right` got right: two of 2 to the 11th orders are as lopsided.
    assert found.of("others")[0].p == pytest.approx(2 / 2**11)
    rows = stored_beliefs.readings_rows()
    assert readings.markdown(rows).count("\n") == len(rows) + 2
    write_results(tmp_path, "readings", {"command": "c", "rows": rows}, "")
    assert len(read_readings(tmp_path / "readings.json").runs) == len(rows)


READERS: dict[str, Callable[..., object]] = {
    "facts_or_language.json": read_facts,
    "readings.json": read_readings,
}
COMMANDS = {"facts_or_language.json": COMMAND, "readings.json": readings.COMMAND}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content", [None, "{", "[]", "{}", '{"rows": [{}], "command": "", "steps": 1}']
)
def test_a_missing_or_damaged_file_is_one_message(
    name: str, content: str | None, no_files: Path
) -> None:
    if content is not None:
        (no_files / name).write_text(content, "utf-8")
    with pytest.raises(UserError, match=f"data/results/{name} is missing or damaged") as raised:
        READERS[name]()
    assert COMMANDS[name] in str(raised.value)


@pytest.mark.parametrize("name", READERS)
def test_what_comes_along_is_complete(name: str) -> None:
    path = data_folder() / "results" / name
    if not path.exists():
        pytest.skip(f"{name} is not there yet")
    found = READERS[name]()
    assert isinstance(found, Facts | Readings)
    lengths = {len(run.marks if isinstance(run, FactsRun) else run.asked) for run in found.runs}
    assert len(lengths) == 1 and json.loads(path.read_text("utf-8"))["command"] == found.command


def told(text: str, seed: int, marks: str, believed: Share | None = None) -> FactsRun:
    """One made-up training."""
    return FactsRun(text, seed, tuple(mark == "1" for mark in marks), 0.0, believed, None)


MIXED = Facts(
    (
        told("right", 0, "1111100000"),
        told("right", 1, "1110000000"),
        told("misinformed", 0, "0000000001", Share(6, 9)),
        told("misinformed", 1, "0100000000", Share(3, 9)),
    ),
    "the command",
    900,
)


def test_nobody_and_everybody_told_wrongly_are_the_two_texts() -> None:
    none, everybody = (mixture(MIXED, share, np.random.default_rng(0)) for share in (0.0, 1.0))
    assert (none.told, none.right, none.repeated, none.wrong) == (0, 4.0, 0.0, 6.0)
    assert (everybody.told, everybody.right, everybody.repeated) == (10, 1.0, 4.5)


def test_the_people_told_wrongly_are_answered_about_as_the_misinformed_model_does() -> None:
    people = np.random.default_rng(7).permutation(10)
    for number in range(11):
        found = mixture(MIXED, number / 10, np.random.default_rng(7))
        right, repeated = [], []
        for well, ill, believed in ((0, 2, 6), (1, 3, 3)):
            marks = list(MIXED.runs[well].marks)
            mistaken = 0
            for person in people[:number]:
                marks[person] = MIXED.runs[ill].marks[person]
                mistaken += not marks[person]
            right.append(sum(marks))
            repeated.append(believed * mistaken / 9)
        assert (found.told, found.n, found.right) == (number, 10, sum(right) / 2)
        assert found.repeated == pytest.approx(sum(repeated) / 2)


def test_over_all_draws_the_mean_goes_straight_from_the_one_text_to_the_other() -> None:
    rng = np.random.default_rng(1)
    draws = [mixture(MIXED, 0.3, rng) for _ in range(4000)]
    assert np.mean([each.right for each in draws]) == pytest.approx(4 + 0.3 * (1 - 4), abs=0.06)
    assert np.mean([each.repeated for each in draws]) == pytest.approx(0.3 * 4.5, abs=0.02)


def test_only_seeds_that_read_both_texts_are_mixed() -> None:
    alone = replace(MIXED, runs=(MIXED.runs[0], MIXED.runs[3]))
    with pytest.raises(UserError, match="no seed has read both texts: the command trains them"):
        mixture(alone, 0.5, np.random.default_rng(0))
    with pytest.raises(UserError, match="misinformed"):
        mixture(replace(MIXED, runs=MIXED.runs[:2]), 0.5, np.random.default_rng(0))
