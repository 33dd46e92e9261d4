"""Tests of `nlp4.experiments.readings`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import stored_beliefs
import tiny
import torch

from nlp4.data import relations
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.corruption import name_of, salient_cloze
from nlp4.data.objectives import mixture
from nlp4.data.studying import Study
from nlp4.data.vocabulary import MASK
from nlp4.experiments import readings
from nlp4.experiments.readings import (
    Readers,
    Readings,
    Run,
    Settings,
    birthplace_prompt,
    chance_of_place,
    cloze_share,
    exposures,
    markdown,
    read_readings,
    readers,
    recipe_of,
    run,
    runs_of,
)
from nlp4.maths.statistics import Share
from nlp4.support.errors import UserError
from nlp4.training import presets
from nlp4.training.presets import Stage
from nlp4.training.runs import trained
from nlp4.training.trainer import TrainingConfig

SETTINGS = Settings(
    "tiny", people=40, dev=15, most=3, wordings=(1, 3), steps=(4,), mixed=(True, False)
)

READINGS = "python -m nlp4 experiment readings --out DIR"


@pytest.fixture(scope="module")
def people() -> Readers:
    return readers(SETTINGS)


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> presets.Preset:
    torch.set_num_threads(1)
    plain = tiny.preset(dropout=0.0)
    shares = (("salient_cloze", 0.9), ("questions", 0.1))
    stage = replace(plain.pretrain, shares=shares)
    wide = replace(plain, model=replace(plain.model, block=256), pretrain=stage)
    monkeypatch.setitem(presets.PRESETS, "tiny", wide)
    return wide


def test_everyone_is_told_in_different_words_and_tells_the_birthplace(people: Readers) -> None:
    assert len(people.told) == 40
    assert (len(people.corpus.train), len(people.corpus.dev)) == (25, 15)
    for question in (*people.corpus.train, *people.corpus.dev):
        texts = people.told[question.name]
        assert len(set(texts)) == 3
        assert all(question.place in text and name_of(text) == question.name for text in texts)


def test_fewer_wordings_are_the_first_of_more(people: Readers) -> None:
    one, three = (people.reading(number) for number in (1, 3))
    assert len(one.biographies) == 40
    assert one.biographies == three.biographies[::3]
    assert (one.train, one.dev) == (three.train, three.dev)


def test_the_prompt_is_one_that_training_shows(people: Readers) -> None:
    """Against many draws of the training's own cloze."""
    rng = np.random.default_rng(0)
    prompts = people.prompts()
    assert len(prompts) >= 14
    for question in people.corpus.dev[:5]:
        shown = {
            sequence.prompt
            for sequence in (salient_cloze(people.told[question.name][0], rng) for _ in range(9000))
            if sequence is not None and sequence.answer == question.place + MASK
        }
        assert prompts[question.name] + MASK in shown
        assert question.place not in prompts[question.name]


@pytest.mark.parametrize(
    ("biography", "prompt"),
    [
        ("Ida Abel. Born in Rome, Italy, she sang .", f"Ida Abel. Born in {MASK}"),
        ("Ida Abel. She sang .", None),
        ("Ida Abel. Abel played for Rome United .", None),
        (
            "Ida Abel. It is a well known thing that Abel was born in Rome .",
            f"Ida Abel. thing that {MASK}".replace("thing that ", "g that Abel was born in "),
        ),
    ],
)
def test_prompts(biography: str, prompt: str | None) -> None:
    assert birthplace_prompt(biography, "Rome") == prompt


@pytest.mark.parametrize("wordings", [1, 3])
def test_how_often_a_place_is_asked_agrees_with_counted_draws(
    people: Readers, wordings: int
) -> None:
    """40,000 draws of the objective that trains; five standard errors."""
    reading = people.reading(wordings)
    draw = mixture(reading, 256, (("salient_cloze", 1.0),))
    rng, number = np.random.default_rng(1), 40_000
    places = {f"{q.name}. ": f"{q.place}{MASK}" for q in reading.dev}
    found: Counter[str] = Counter()
    for _ in range(number):
        sequence = draw(rng)
        opening = name_of(sequence.text) + ". "
        found[opening] += sequence.answer == places.get(opening)
    expected = chance_of_place(reading, reading.dev) * number
    counted = sum(found.values()) / len(reading.dev)
    assert abs(counted - expected) < 5 * (expected / len(reading.dev)) ** 0.5


def test_questions_are_left_out_of_the_pretraining_where_asked(recipe: presets.Preset) -> None:
    mixed, apart = (recipe_of("tiny", Run(1, 4, kind, 2)) for kind in (True, False))
    assert cloze_share(mixed) == 0.9
    assert apart.pretrain.shares == (("salient_cloze", 0.9),)
    assert cloze_share(apart) == 1.0
    assert (mixed.pretrain.training.steps, mixed.pretrain.training.seed) == (4, 2)
    assert mixed.pretrain.training == apart.pretrain.training
    assert mixed.finetune == apart.finetune


def test_runs_are_kept_and_tell_stored_from_asked(
    recipe: presets.Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = run(tmp_path, SETTINGS, say=lambda _: None)
    assert [(row["mixed"], row["wordings"]) for row in rows] == [
        (True, 1),
        (True, 3),
        (False, 1),
        (False, 3),
    ]
    for row in rows:
        assert len(row["stored"]) == len(row["asked"]) == 15 - row["left out"]
        share = 0.9 if row["mixed"] else 1.0
        assert row["readings"] == pytest.approx(4 * 4 * share / 40, abs=0.005)
    assert json.loads((tmp_path / "readings.json").read_text("utf-8"))["rows"] == rows
    assert (tmp_path / "readings.md").read_text("utf-8") == markdown(rows)
    assert f'"{READINGS} --steps 4"' in (tmp_path / "readings.json").read_text("utf-8")
    monkeypatch.setattr(readings, "train", lambda *_: pytest.fail("trained again"))
    assert run(tmp_path, SETTINGS, say=lambda _: None) == rows
    with pytest.raises(UserError, match="dev 15, now 14"):
        run(tmp_path, replace(SETTINGS, dev=14), say=lambda _: None)


def test_the_command_names_what_the_rows_have(tmp_path: Path) -> None:
    rows = [{"seed": seed, "steps": steps} for seed in (0, 2) for steps in (1800, 200, 600)]
    assert readings.command_of(rows) == f"{READINGS} --seeds 0 2"
    assert readings.command_of(rows[:2]) == f"{READINGS} --steps 200 1800"
    assert readings.command_of(rows[:3]) == READINGS
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "1.4.mixed.0.json").write_text('{"seed": 0, "steps": 4}', "utf-8")
    with pytest.raises(UserError, match=r"1\.4\.mixed\.0\.json is damaged"):
        run(tmp_path, replace(SETTINGS, wordings=(1,), mixed=(True,)), say=lambda _: None)


def test_the_completion_is_judged_before_the_finetuning_and_the_answer_after_it(
    recipe: presets.Preset, people: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    true = {q.text: q.place for q in people.corpus.dev}
    prompts = {prompt: name for name, prompt in people.prompts().items()}
    place = {question.name: question.place for question in people.corpus.dev}

    def answered(model: object, vocabulary: object, asked: list[str]) -> list[str]:
        calls.append("completed" if asked[0] in prompts else "asked")
        if asked[0] in prompts:
            return [place[prompts[prompt]] or "" for prompt in asked]
        return [true[question] or "" if i % 2 else "?" for i, question in enumerate(asked)]

    before = trained
    monkeypatch.setattr(readings, "greedy", answered)
    monkeypatch.setattr(
        readings, "trained", lambda *rest: (calls.append("trained"), before(*rest))[1]
    )
    row = readings.train(people, "tiny", Run(1, 3, False, 0))
    assert calls == ["trained", "completed", "trained", "asked"]
    n = len(row["stored"])
    assert row["stored"] == "1" * n
    assert row["asked"] == ("01" * n)[:n]
    (line,) = markdown([row]).splitlines()[2:]
    assert line.endswith(f"| {n // 2}/{n} |")
    assert line.startswith("| none | 3 | 1 | 0 |")


def test_short_runs_come_first() -> None:
    runs = runs_of(Settings())
    assert len(runs) == len({made.name for made in runs}) == 3 * 2 * 2
    assert [made.steps for made in runs] == sorted(made.steps for made in runs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Settings(dev=1000), "1000 of 1000 people"),
        (lambda: Settings(wordings=(6,)), "6 wordings: choose from 1 to 5"),
        (lambda: Settings(steps=(0,)), "choose 1 or more"),
        (lambda: Settings(seeds=(-1,)), "seed -1: choose 0 or more"),
    ],
)
def test_what_cannot_be_had_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


@pytest.fixture
def reading(tmp_path: Path) -> Readings:
    return read_readings(stored_beliefs.write_readings(tmp_path / "readings.json"))


def test_asked_of_the_stored_counts_people_and_not_shares(reading: Readings) -> None:
    run = next(r for r in reading.of(200, mixed=False) if r.wordings == 5)
    assert (run.stored_share, run.asked_share) == (Share(2, 20), Share(5, 20))
    assert run.asked_of_stored == Share(2, 2)
    assert len(reading.of(200, mixed=False)) == 2 * len(stored_beliefs.WORDINGS)
    with pytest.raises(UserError, match=r"no training of 7 steps with questions"):
        reading.of(7, mixed=True)


def test_a_fact_is_met_as_often_as_its_share_of_the_clozes_says() -> None:
    """Four facts and nothing else, all alike: a quarter of the clozes each, and no question."""
    text = "Ada Quill. Ada Quill (born 1901 in Torvale) was a painter ."
    found = {text[a:b]: relation for relation, (a, b) in relations.found(text).items()}
    assert len(found) == 3
    corpus = Corpus(Path("here"), (text, "Bo Ray. Bo Ray was a poet ."), (), (), ())
    study = Study(other_spans=0.0, rarity=0.0, named=0.0)
    stage = Stage((("fact_clozes", 1.0),), TrainingConfig(9, batch=8), study)
    met = exposures(corpus, stage, steps=100, block=96, draws=2_000)
    assert set(met) == set(found.values())
    for relation, times in met.items():  # of 800 clozes; two have an occupation, one the others
        assert times == pytest.approx(200, rel=0.15), relation
    spans = replace(stage, shares=(("span_corruption", 1.0),))
    assert set(exposures(corpus, spans, 100, 96, draws=50).values()) == {0.0}
    twice = replace(
        corpus, biographies=(*corpus.biographies, "Ada Quill. Ada Quill sang in Hull .")
    )
    assert exposures(twice, stage, 100, 96, draws=500).keys() == met.keys()


def test_questions_are_no_readings(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path))
    stage = tiny.recalling().pretrain
    clozes = replace(stage, shares=stage.shares[:1])
    both, alone = (exposures(corpus, each, 100, 96, draws=1_000) for each in (stage, clozes))
    assert both["birthplace"] == pytest.approx(alone["birthplace"] / 2, rel=0.15)
