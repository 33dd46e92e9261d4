"""Tests of `nlp4.training.runs`."""

from __future__ import annotations

import json
import math
import platform
import shutil
import signal
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from tiny import same_bits, weights

from nlp4.data import wordings
from nlp4.data.corpus import DEV, TRAIN, UNKNOWN, Corpus, Question, load_corpus
from nlp4.data.corruption import question_pair
from nlp4.data.studying import SPLIT, Names, Study
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import load_model
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.training import presets, runs
from nlp4.training.runs import (
    Plan,
    make_plan,
    plan_or_none,
    read_histories,
    read_plan,
    reproduce,
    steps_in,
    trained,
    trainer_for,
)
from nlp4.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("tiny_preset")
RECIPE = tiny.preset()
STEPS = {
    "questions": RECIPE.scratch.training.steps,
    "scratch": RECIPE.finetune.training.steps,
    "pretrained": RECIPE.pretrain.training.steps,
    "model": RECIPE.finetune.training.steps,
}


@pytest.fixture(scope="module")
def plan(corpus: Corpus) -> Plan:
    return make_plan(corpus, "tiny", 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus, plan: Plan) -> Path:
    """A finished run. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    reproduce(corpus, plan, out, say=lambda line: None)
    return out


def silent(line: str) -> None:
    """What a run says, unheard."""


def results(out: Path) -> dict[str, Any]:
    return json.loads((out / "results.json").read_text("utf-8"))


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    for stage in found["stages"].values():
        del stage["seconds"]
    return found


def refuse_to_train(trainer: Trainer) -> None:
    pytest.fail("a step was taken")


# A whole run


def test_every_file_is_there_and_no_leftovers(run: Path) -> None:
    found = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}

    assert found == {
        "plan.json",
        "results.json",
        "table.md",
        *(f"{stage}.pt" for stage in STEPS),
        *(f"{stage}.history.json" for stage in STEPS),
        *(f"predictions/{split}.txt" for split in ("scratch", "dev", "test")),
    }


def test_predictions_are_the_models_own(run: Path, corpus: Corpus) -> None:
    for stage, split, questions in (
        ("scratch", "scratch", corpus.dev),
        ("model", "dev", corpus.dev),
        ("model", "test", corpus.test),
    ):
        model, vocabulary = load_model(run / f"{stage}.pt")
        asked = greedy(model, vocabulary, [q.text for q in questions])
        kept = (run / "predictions" / f"{split}.txt").read_text("utf-8")
        assert kept == "".join(f"{answer}\n" for answer in asked)


def test_scores_count_the_kept_predictions(run: Path, corpus: Corpus) -> None:
    scores = {row["system"]: (row["right"], row["n"]) for row in results(run)["scores"]}
    places = [q.place for q in corpus.dev]

    def right(name: str) -> int:
        answers = (run / "predictions" / f"{name}.txt").read_text("utf-8").split("\n")[:-1]
        return sum(a == b for a, b in zip(answers, places, strict=True))

    assert places == ["Torvale", "London", "Eastmere"]
    assert scores == {
        "always London": (1, 3),
        "always the most frequent training answer": (1, 3),  # Torvale
        "finetuned alone": (right("scratch"), 3),
        "pretrained, then finetuned": (right("dev"), 3),
        "ceiling: the answer stands in the biography": (3, 3),
    }


def test_each_score_has_its_interval(run: Path) -> None:
    london = results(run)["scores"][0]

    # Wilson's formula for 1 of 3 by hand: (p + z^2/2n -+ z sqrt(p q/n + z^2/4n^2)) / (1 + z^2/n)
    n, p, z = 3, 1 / 3, 1.959964
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    ends = [(middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)]
    assert london["interval"] == pytest.approx(ends, abs=1e-4)


def test_results_tell_the_stages(run: Path) -> None:
    stages, histories = results(run)["stages"], read_histories(run)

    assert {name: stage["steps"] for name, stage in stages.items()} == STEPS
    for name, stage in stages.items():
        history = histories[name]
        assert history.finished and history.steps == STEPS[name]
        assert stage["loss"] == pytest.approx(np.mean(history.losses), abs=1e-4)
        assert stage["characters"] == history.characters > 0
        assert stage["seconds"] == pytest.approx(history.seconds, abs=0.06)


def test_results_tell_their_provenance(run: Path, plan: Plan, corpus: Corpus) -> None:
    found = results(run)

    assert found["plan"] == asdict(plan) == json.loads((run / "plan.json").read_text("utf-8"))
    assert (found["plan"]["preset"], found["plan"]["seed"]) == ("tiny", 0)
    assert found["plan"]["data"] == corpus.checksum()
    assert found["torch"].partition("+")[0] == torch.__version__.partition("+")[0]
    assert (found["numpy"], found["python"]) == (np.__version__, platform.python_version())
    assert (found["threads"], found["device"]) == (1, "cpu")
    assert found["cores"] >= 1
    assert found["notes"] == list(corpus.notes)


def test_the_table_shows_the_same_figures(run: Path) -> None:
    header, line, *rows = (run / "table.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]

    assert header.count("|") == line.count("|") == 6
    assert [(row[0], row[1]) for row in cells] == [
        (row["system"], f"{row['right']}/{row['n']}") for row in results(run)["scores"]
    ]
    assert cells[0][2:4] == ["33.3%", "6.1% to 79.2%"]


def test_pretraining_and_finetuning_change_the_model(run: Path, plan: Plan, corpus: Corpus) -> None:
    fresh = plan.recipe().new_model(presets.vocabulary_of(corpus), plan.seed)
    trained = [load_model(run / f"{name}.pt")[0] for name in STEPS]

    states = [weights(each) for each in (fresh, *trained)]
    pairs = [(a, b) for i, a in enumerate(states) for b in states[i + 1 :]]
    assert not any(same_bits(a, b) for a, b in pairs)


def test_finetuning_starts_from_the_pretrained_model(run: Path, plan: Plan, corpus: Corpus) -> None:
    model, vocabulary = load_model(run / "pretrained.pt")
    trainer = runs.trainer_for(model, vocabulary, corpus, plan.recipe().finetune)
    trainer.run()

    assert same_bits(weights(model), weights(load_model(run / "model.pt")[0]))


def test_the_call_returns_what_it_writes_and_says_its_progress(
    tmp_path: Path, corpus: Corpus, plan: Plan
) -> None:
    said: list[str] = []
    noted = replace(corpus, notes=("two people share a name",))

    found = reproduce(noted, plan, tmp_path / "run", say=said.append)

    assert found == results(tmp_path / "run")
    assert said[0] == "note: two people share a name"
    assert [line.partition(":")[0] for line in said[1:]] == list(STEPS)


# Called again


def test_the_same_seed_gives_the_same_run(
    tmp_path: Path, run: Path, corpus: Corpus, plan: Plan
) -> None:
    reproduce(corpus, plan, tmp_path / "run", say=silent)

    assert without_times(results(tmp_path / "run")) == without_times(results(run))
    assert_same_models(tmp_path / "run", run)


def test_another_seed_gives_another_run(tmp_path: Path, run: Path, corpus: Corpus) -> None:
    reproduce(corpus, make_plan(corpus, "tiny", 1), tmp_path / "run", say=silent)

    for stage in STEPS:
        ours, theirs = (load_model(out / f"{stage}.pt")[0] for out in (tmp_path / "run", run))
        assert not same_bits(weights(ours), weights(theirs))


def assert_same_models(first: Path, second: Path) -> None:
    for stage in STEPS:
        ours, theirs = (load_model(out / f"{stage}.pt")[0] for out in (first, second))
        assert same_bits(weights(ours), weights(theirs))


def test_a_second_call_trains_nothing(
    run: Path, corpus: Corpus, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = results(run)
    trained = [path for stage in STEPS for path in run.glob(f"{stage}.*")]
    times = {path: path.stat().st_mtime_ns for path in trained}

    monkeypatch.setattr(Trainer, "step", refuse_to_train)
    again = reproduce(corpus, plan, run, say=silent)

    assert len(times) == 2 * len(STEPS)
    assert times == {path: path.stat().st_mtime_ns for path in run.glob("*") if path in times}
    assert again == results(run) == before


def interrupted(out: Path, corpus: Corpus, plan: Plan, at: int) -> str:
    """Stop a run after `at` steps of all stages together; return what is told."""
    steps, step = 0, Trainer.step

    def count(self: Trainer) -> None:
        nonlocal steps
        step(self)
        steps += 1
        if steps == at:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt) as stop:
        patch.setattr(Trainer, "step", count)
        reproduce(corpus, plan, out, say=silent)
    return str(stop.value)


AT = {  # in the middle of each stage, by steps of all
    "questions": 4,
    "scratch": STEPS["questions"] + 5,
    "pretrained": STEPS["questions"] + STEPS["scratch"] + 11,
    "model": STEPS["questions"] + STEPS["scratch"] + STEPS["pretrained"] + 3,
}


@pytest.mark.parametrize("stage", STEPS)
def test_an_interrupted_run_goes_on_to_the_same_end(
    stage: str, tmp_path: Path, run: Path, corpus: Corpus, plan: Plan
) -> None:
    out = tmp_path / "run"

    told = interrupted(out, corpus, plan, AT[stage])

    assert "the same command goes on" in told
    assert not (out / "results.json").exists()
    assert read_histories(out)[stage].finished is False
    load_model(out / f"{stage}.pt")  # the model so far can be asked
    reproduce(corpus, plan, out, say=silent)
    assert without_times(results(out)) == without_times(results(run))
    assert_same_models(out, run)
    assert list(out.glob("*.state")) == []


def test_a_run_interrupted_twice_goes_on_to_the_same_end(
    tmp_path: Path, run: Path, corpus: Corpus, plan: Plan
) -> None:
    for at in (3, 2, 17):
        interrupted(tmp_path / "run", corpus, plan, at)

    reproduce(corpus, plan, tmp_path / "run", say=silent)

    assert without_times(results(tmp_path / "run")) == without_times(results(run))
    assert_same_models(tmp_path / "run", run)


@pytest.mark.parametrize("lost", ["pretrained.history.json", "pretrained.pt"])
def test_a_run_that_died_before_a_stage_was_recorded_goes_on_to_the_same_end(
    lost: str, tmp_path: Path, run: Path, corpus: Corpus, plan: Plan
) -> None:
    """As if power had failed when the state was whole and the model's files were not."""
    out = tmp_path / "run"
    interrupted(out, corpus, plan, AT["pretrained"])
    (out / lost).unlink()

    reproduce(corpus, plan, out, say=silent)

    assert_same_models(out, run)


def test_a_stage_whose_state_was_deleted_is_trained_again(
    tmp_path: Path, run: Path, corpus: Corpus, plan: Plan
) -> None:
    """As the message about a damaged state says; half a training must not pass for a whole."""
    out = tmp_path / "run"
    interrupted(out, corpus, plan, AT["pretrained"])
    (out / "pretrained.state").unlink()

    reproduce(corpus, plan, out, say=silent)

    assert without_times(results(out)) == without_times(results(run))
    assert_same_models(out, run)


# Refusals


@pytest.mark.parametrize(
    "options",
    [{"seed": 1}, {"dev_from_train": 2}, {"split_seed": 5}, {"pretrain_steps": 9}, {"data": "x"}],
    ids=str,
)
def test_a_folder_with_another_run_is_refused(
    options: dict[str, Any], run: Path, corpus: Corpus, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "step", refuse_to_train)
    with pytest.raises(UserError) as refusal:
        reproduce(corpus, replace(plan, **options), run, say=silent)

    message = str(refusal.value)
    assert str(run) in message and "choose another --out folder" in message
    assert "\n" not in message
    assert read_plan(run) == plan


def test_other_data_is_another_run(tmp_path: Path, run: Path, corpus: Corpus) -> None:
    folder = tiny.write_corpus(tmp_path / "people")
    with (folder / TRAIN).open("a", encoding="utf-8") as file:
        file.write(tiny.pair("Max Wren", "Hull"))
    other = load_corpus(folder)

    with pytest.raises(UserError, match="other data"):
        reproduce(other, make_plan(other, "tiny", 0), run, say=silent)


def test_a_damaged_plan_is_refused(tmp_path: Path, corpus: Corpus, plan: Plan) -> None:
    (tmp_path / "plan.json").write_text('{"preset": "ti')

    with pytest.raises(UserError, match=r"plan\.json is damaged: choose another --out folder"):
        reproduce(corpus, plan, tmp_path, say=silent)


@pytest.mark.parametrize("steps", [0, 10**9, 20.5, "20", None, math.nan])
def test_a_plan_of_steps_that_cannot_be_is_damaged(steps: Any, run: Path, tmp_path: Path) -> None:
    plan = json.loads((run / "plan.json").read_text("utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(plan | {"pretrain_steps": steps}), "utf-8")
    with pytest.raises(UserError, match=r"plan\.json is damaged"):
        read_plan(tmp_path)


@pytest.mark.parametrize("changes", [{"losses": "x"}, {"seconds": None}, {"another": 1}])
def test_a_damaged_history_is_named_before_any_training(
    changes: dict[str, Any],
    run: Path,
    corpus: Corpus,
    plan: Plan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Trainer, "step", refuse_to_train)
    out = shutil.copytree(run, tmp_path / "run")
    path = out / "model.history.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(UserError, match=r"model\.history\.json is damaged: delete it"):
        reproduce(corpus, plan, out, say=silent)


def test_the_history_of_a_training_that_diverged_is_read(run: Path, tmp_path: Path) -> None:
    out = shutil.copytree(run, tmp_path / "run")
    path = out / "model.history.json"
    found = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(found | {"losses": [*found["losses"], math.nan]}), "utf-8")
    assert math.isnan(read_histories(out)["model"].losses[-1])


@pytest.mark.parametrize("name", ["predictions", "results.json/", "loss.png/", "model.pt/"])
def test_what_could_not_be_written_is_found_out_before_any_training(
    name: str, corpus: Corpus, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "step", refuse_to_train)
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=r"cannot write .*: choose another place"):
        reproduce(corpus, plan, tmp_path, say=silent)
    assert len(list(tmp_path.iterdir())) == 1  # and no plan


def test_a_question_without_room_for_an_answer_is_refused_before_any_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tiny.write_corpus(tmp_path / "data")
    long = f"Where was {'Ada ' * 30}Quill born?"  # of 141 characters; the tiny model has 96
    with (data / DEV).open("a") as file:
        file.write(f"{long}\tTorvale\n")
    monkeypatch.setattr(Trainer, "step", refuse_to_train)
    corpus, told = load_corpus(data), rf"{DEV}, line 4: a question of 141 characters leaves no"

    with pytest.raises(UserError, match=told):
        make_plan(corpus, "tiny", 0, minutes=1)
    plan = Plan("tiny", 0, corpus.checksum(), None, 0, None, 20)
    with pytest.raises(UserError, match=told):
        reproduce(corpus, plan, tmp_path / "run", say=silent)
    assert not (tmp_path / "run").exists()


def test_a_folder_without_a_run_has_no_plan(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"{tmp_path} holds no run"):
        read_plan(tmp_path)
    assert plan_or_none(tmp_path, {"seed": 0}) is None


def test_a_plan_is_kept_for_the_same_options_alone(run: Path, plan: Plan) -> None:
    assert plan_or_none(run, {"preset": "tiny", "seed": 0, "minutes": None}) == plan
    assert plan_or_none(run, {"preset": "tiny", "seed": 1, "minutes": None}) is None


# Minutes


@pytest.fixture
def quick_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the fewest trial steps."""
    monkeypatch.setattr(runs, "_CALIBRATION", 0.0)


@pytest.mark.parametrize("seconds", [1e-9, 0.5, 1e4])
def test_there_is_always_a_step_to_take(seconds: float, corpus: Corpus, quick_trial: None) -> None:
    assert steps_in(seconds, RECIPE, corpus) >= 1


def test_more_time_is_more_steps(corpus: Corpus, quick_trial: None) -> None:
    assert steps_in(1e6, RECIPE, corpus) > 100 * steps_in(10.0, RECIPE, corpus) > 0


def test_minutes_become_steps_of_pretraining(corpus: Corpus, quick_trial: None) -> None:
    plan = make_plan(corpus, "tiny", 0, minutes=60.0)

    assert plan.minutes == 60.0
    assert plan.pretrain_steps > 1000  # an hour holds more steps of some milliseconds each
    assert plan.recipe().pretrain.training.steps == plan.pretrain_steps


def test_without_minutes_the_preset_decides(plan: Plan) -> None:
    assert plan.pretrain_steps == RECIPE.pretrain.training.steps


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), float("inf")])
def test_minutes_that_are_none_are_refused(minutes: float, corpus: Corpus) -> None:
    with pytest.raises(UserError, match="--minutes"):
        make_plan(corpus, "tiny", 0, minutes=minutes)


def test_an_unknown_preset_is_refused_with_those_there_are(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="no preset 'big': choose one of tiny"):
        make_plan(corpus, "big", 0)


def test_stages_have_seeds_of_their_own(plan: Plan) -> None:
    recipe = replace(plan, seed=7).recipe()

    assert recipe.pretrain.training.seed == 7
    assert recipe.finetune.training.seed != recipe.scratch.training.seed == 7


# Without dev or test questions


def test_a_corpus_without_dev_questions_trains_and_says_so(tmp_path: Path) -> None:
    folder = tiny.write_corpus(tmp_path / "people", dev=False)
    corpus = load_corpus(folder, dev_from_train=0)
    out = tmp_path / "run"

    reproduce(corpus, make_plan(corpus, "tiny", 0, dev_from_train=0), out, say=silent)

    assert all(history.finished for history in read_histories(out).values())
    assert {(row["right"], row["n"]) for row in results(out)["scores"]} == {(0, 0)}
    assert (out / "predictions" / "dev.txt").read_text() == ""
    assert len((out / "predictions" / "test.txt").read_text().splitlines()) == 2
    assert "0/0" in (out / "table.md").read_text("utf-8")


def test_a_corpus_without_test_questions_has_no_test_predictions(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people", test=False))
    out = tmp_path / "run"

    reproduce(corpus, make_plan(corpus, "tiny", 0), out, say=silent)

    kept = sorted(path.name for path in (out / "predictions").iterdir())
    assert kept == ["dev.txt", "scratch.txt"]


# Rows of people


@pytest.fixture(scope="module")
def recalling(one_thread: None) -> Iterator[None]:
    """The only preset has a row for each person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presets, "PRESETS", {"tiny": tiny.recalling()})
        yield


@pytest.mark.usefixtures("recalling")
def test_a_run_that_recalls_people_goes_on_to_the_same_end(tmp_path: Path, corpus: Corpus) -> None:
    plan = make_plan(corpus, "tiny", 0)
    reproduce(corpus, plan, tmp_path / "whole", say=silent)

    for stage in ("pretrained", "model"):
        interrupted(tmp_path / stage, corpus, plan, AT[stage])
        reproduce(corpus, plan, tmp_path / stage, say=silent)

        assert_same_models(tmp_path / stage, tmp_path / "whole")
    model, _ = load_model(tmp_path / "whole" / "pretrained.pt")
    assert model.recall is not None and model.recall.people.weight.any(1).sum() > 8


def test_questions_leave_the_rows_of_people_as_they_are(corpus: Corpus) -> None:
    """Also those that have momentum from the clozes before."""
    recipe = tiny.recalling()
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, 0, corpus)
    assert model.recall is not None
    trainer = trainer_for(model, vocabulary, corpus, recipe.pretrain)
    asking = trainer_for(model, vocabulary, corpus, recipe.finetune)

    for _ in range(10):
        trainer.step()
    trainer.batches = {step: asking.batches[step] for step in range(25)}
    rows, rest = model.recall.people.weight.clone(), weights(model)
    assert rows.any(1).sum() > 3
    for _ in range(15):
        trainer.step()
    assert torch.equal(rows, model.recall.people.weight)
    asking.run()
    assert torch.equal(rows, model.recall.people.weight)
    moved = [name for name, tensor in weights(model).items() if not torch.equal(tensor, rest[name])]
    assert len(moved) == len(rest) - 1


FIRST = ("Ada", "Bram", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal")
LAST = ("Quill", "Otter", "Marsh", "Finch", "Sand", "Rook")
PLACES = ("Torvale", "Eastmere", "Northam", "Hull", "Leeds", "Bath")


def townsfolk() -> tuple[Corpus, dict[str, str]]:
    """32 people, a quarter of them held back; and where everybody was born."""
    pairs = list(product(FIRST, LAST))
    order = np.random.default_rng(0).permutation(len(pairs))[:32]
    born = {" ".join(pairs[i]): PLACES[n % len(PLACES)] for n, i in enumerate(order)}
    texts = [
        f"{name}. {name} was born in {place} in {1900 + 3 * i} ."
        for i, (name, place) in enumerate(born.items())
    ]
    asked = [Question(f"Where was {name} born?", place) for name, place in born.items()]
    return Corpus(Path("town"), tuple(texts), tuple(asked[:24]), tuple(asked[24:]), ()), born


def test_what_was_read_about_people_is_told_in_words_never_trained_on() -> None:
    """Nobody asked about them in training; and nobody read about the strangers."""
    town, born = townsfolk()
    recipe = tiny.recalling()
    shape = replace(recipe.model, block=128, width=48, positions="rotary", dropout=0.0, memory=None)
    recipe = replace(recipe, model=replace(shape, recall=RecallConfig(width=48)))
    rates = {"learning_rate": 0.01, "memory_rate": 0.1, "batch": 32, "warmup": 10}
    stage = replace(recipe.pretrain, training=replace(recipe.pretrain.training, **rates))
    vocabulary = recipe.vocabulary(town)
    model = recipe.new_model(vocabulary, 0, town)

    trained(model, vocabulary, town, stage.lasting(300), "reading")

    def answers(names: list[str]) -> list[tuple[str, str]]:
        unseen = wordings.split("birthplace", SPLIT).unseen
        asked = [(name, wordings.ask(wording, name)) for wording in unseen for name in names]
        found = greedy(model, vocabulary, [question for _, question in asked])
        return [(name, answer) for (name, _), answer in zip(asked, found, strict=True)]

    held = answers([question.name for question in town.dev])
    # Of 48, two seeds gave 47 and 48; guessing gives 8.
    assert sum(answer == born[name] for name, answer in held) >= 36
    rng, names = np.random.default_rng(1), Names(town, Study())
    strange = answers([names.stranger(rng) for _ in range(8)])
    assert sum(answer == UNKNOWN for _, answer in strange) >= 44


def test_sequences_may_be_drawn_otherwise_than_the_stage_says(corpus: Corpus) -> None:
    stage = tiny.preset().pretrain
    vocabulary = presets.vocabulary_of(corpus)
    model = tiny.preset().new_model(vocabulary, 0)
    pair = question_pair("Where was Ada Quill born?", "Torvale")
    own = runs.trainer_for(model, vocabulary, corpus, stage, draw=lambda rng: pair)
    (row, *rest) = own.batches[3].ids.tolist()
    assert vocabulary.decode(row) == pair.text[:-1] and all(other == row for other in rest)
    usual = runs.trainer_for(model, vocabulary, corpus, stage).batches[3].ids
    assert not torch.equal(usual, own.batches[3].ids)


def test_what_was_interrupted_is_no_result(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = tiny.trainer(corpus, steps=2)
    monkeypatch.setattr(Trainer, "run", lambda self, label: self.history)
    with pytest.raises(KeyboardInterrupt):
        runs.to_the_end(trainer, "here")
    trainer.history.finished = True
    assert runs.to_the_end(trainer, "here") is trainer.history
