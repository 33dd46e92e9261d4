"""Tests of `nlp4.experiments.comparison_runs`."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from small_comparison import BOTH, FEW, SMALL, quiet

from nlp4.cli import main
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.vocabulary import IGNORED
from nlp4.experiments import comparison_runs
from nlp4.experiments.comparison import (
    TASKS,
    Row,
    Run,
    Settings,
    encoder_of,
    read_accuracy,
    runs_of,
    task_of,
)
from nlp4.experiments.comparison_runs import (
    Training,
    checksum,
    compare,
    gather,
    in_turn,
    judge,
    markdown,
    side_by_side,
    train,
)
from nlp4.support.errors import UserError
from nlp4.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("one_thread")


def rows_in(folder: Path) -> list[Any]:
    return list(json.loads((folder / "compare.json").read_text("utf-8"))["runs"])


# The whole of it


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, long_corpus: Corpus) -> Path:
    """A finished comparison. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("compare") / "out"
    compare(long_corpus, out, runs_of(**FEW), BOTH, data_options=["--split-seed 7"], say=quiet)
    return out


ROW = Row(
    task="characters",
    variant="full",
    seed=0,
    budget="steps",
    steps=3,
    seconds=10.0,
    characters=9,
    parameters=1234,
    measure="bits",
    bits=2.0,
    accuracy=0.5,
    judged=4,
    by_part=(None, 0.5),
    reach=None,
    curve=((3, 2.5),),
)


def test_mean_and_range_of_the_table() -> None:
    rows = [replace(ROW, seed=seed, bits=bits) for seed, bits in enumerate((2.0, 2.5, 3.6))]
    line = markdown(rows, BOTH).splitlines()[-1]
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[2:] == ["1,234", "2.700 (2.000 to 3.600; 3 seeds)", "10", "-", "-"]


def test_as_many_mixtures_as_places_are_called_so() -> None:
    rows = [replace(ROW, variant=variant) for variant in ("linformer-16", "linformer-256")]
    for n, whole in ((256, [False, True]), (1024, [False, False])):
        lines = markdown(rows, {"characters": replace(SMALL, n=n)}).splitlines()[-2:]
        assert ["mixtures of the keys (k = n) |" in line for line in lines] == whole


def test_an_interrupt_keeps_what_is_finished(
    long_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = runs_of(["recall"], ["full", "window", "bigbird"], [0], ["steps"])
    whole, steps = Trainer.step, 0

    def step(self: Trainer) -> None:
        nonlocal steps
        steps += 1
        if steps == SMALL.steps + 2 and pressed:  # in the second training
            signal.raise_signal(signal.SIGINT)
        whole(self)

    pressed = True
    monkeypatch.setattr(Trainer, "step", step)
    monkeypatch.setattr(comparison_runs, "_expected", lambda *_: 0.0)
    with pytest.raises(KeyboardInterrupt, match="1 of 3 runs are kept"):
        compare(long_corpus, tmp_path, runs, BOTH, say=quiet)
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == ["recall.full.0.steps"]
    assert len(rows_in(tmp_path)) == 1
    pressed = False
    assert len(compare(long_corpus, tmp_path, runs, BOTH, say=quiet)) == 3


def test_a_task_is_added_later_and_only_its_own_sizes_are_asked_for(
    finished: Path, long_corpus: Corpus, tmp_path: Path
) -> None:
    recall_runs, others = (runs_of([task], ["full"], [0], ["steps"]) for task in TASKS)
    compare(long_corpus, tmp_path, recall_runs, {"recall": SMALL}, say=quiet)
    rows = compare(long_corpus, tmp_path, others, {"characters": BOTH["characters"]}, say=quiet)
    assert [row.task for row in rows] == ["recall", "characters"]
    claims = [json.loads((out / "settings.json").read_text()) for out in (tmp_path, finished)]
    assert claims[0] == claims[1]
    wrong = {"recall": replace(SMALL, steps=9), "characters": BOTH["characters"]}
    assert compare(long_corpus, tmp_path, others, wrong, say=quiet) == rows
    with pytest.raises(UserError, match=r"\(recall: steps 3, now 9\)"):
        compare(long_corpus, tmp_path, recall_runs, wrong, say=quiet)


# Runs from elsewhere, gathered


def test_runs_copied_into_a_new_folder_are_gathered_without_training(
    finished: Path, long_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(comparison_runs, "train")
    for out in (tmp_path / "command", tmp_path / "call"):
        copy_runs(finished, out)
    assert compare(long_corpus, tmp_path / "command", runs_of(**FEW), BOTH, say=quiet)
    gather(tmp_path / "call", BOTH, checksum(long_corpus), ["--split-seed 7"])
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
    finished: Path, long_corpus: Corpus, tmp_path: Path, change: dict[str, int]
) -> None:
    copy_runs(finished, tmp_path)
    sizes = BOTH | {"recall": replace(SMALL, **change)}
    with pytest.raises(UserError, match=r"recall\..*\.json was made with other steps, batch or n"):
        gather(tmp_path, sizes, checksum(long_corpus))


def test_a_task_whose_sizes_are_unknown_is_not_gathered(
    finished: Path, long_corpus: Corpus, tmp_path: Path
) -> None:
    copy_runs(finished, tmp_path)
    with pytest.raises(UserError, match="settings of characters: give the command for that task"):
        gather(tmp_path, {"recall": SMALL}, checksum(long_corpus))


def test_the_data_options_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    named: list[list[str]] = []

    def caught(_: Corpus, out: Path, *__: Any, data_options: list[str]) -> None:
        (out / "compare.md").write_text("", "utf-8")
        named.append(data_options)

    monkeypatch.setattr(comparison_runs, "compare", caught)
    words = ["compare", "--out", str(tmp_path)]
    assert main(words) == 0
    assert main([*words, "--data", str(data), "--dev-from-train", "2", "--split-seed", "1"]) == 0
    assert named == [[], ["--data FOLDER", "--dev-from-train 2", "--split-seed 1"]]


# Fair runs


def test_one_seed_means_the_same_batches_and_the_same_start(long_corpus: Corpus) -> None:
    task = task_of("recall", SMALL, long_corpus)
    first, second = (
        Training.of(Run("recall", variant, 4, "steps"), SMALL, task)
        for variant in ("full", "bigbird")
    )
    seen: list[torch.Tensor] = []
    for training in (first, second):
        whole = training.model.loss

        def loss(ids: torch.Tensor, targets: torch.Tensor, whole: Any = whole) -> torch.Tensor:
            seen.append(ids)
            return whole(ids, targets)

        training.model.loss = loss  # type: ignore[method-assign]
        assert torch.equal(first.model.head.weight, second.model.head.weight) == (
            not first.trainer.history.losses
        )
        training.trainer.step()
        training.trainer.step()
    assert torch.equal(seen[0], seen[2]) and torch.equal(seen[1], seen[3])
    assert not torch.equal(seen[0], seen[1])


def test_equal_steps_and_equal_time_end_where_they_should(long_corpus: Corpus) -> None:
    task = task_of("recall", SMALL, long_corpus)
    settings = replace(SMALL, minutes=0.01)
    steps = train(Run("recall", "full", 0, "steps"), settings, task)
    timed = train(Run("recall", "full", 0, "time"), settings, task)
    assert steps.steps == 3 and steps.characters == 3 * 2 * 256
    assert timed.seconds >= 0.6 and timed.steps > 0
    assert timed.curve[-1][0] == timed.steps


def test_a_run_of_equal_steps_repeats_to_the_last_digit(long_corpus: Corpus) -> None:
    run = Run("characters", "bigbird", 1, "steps")
    task = task_of("characters", replace(SMALL, n=64), long_corpus)
    first, second = (train(run, replace(SMALL, n=64), task) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_judging_by_hand(long_corpus: Corpus) -> None:
    task = task_of("recall", SMALL, long_corpus)
    model = encoder_of(task, "full", SMALL, 0)
    found, held = judge(model, task), task.held_out()
    with torch.no_grad():
        chances = model(held.ids).double().softmax(-1)
    bits, right = [], []
    for row, place in (held.targets != IGNORED).nonzero().tolist():
        if place >= task.judged_from:
            answer = held.targets[row, place]
            bits.append(-float(chances[row, place, answer].log2()))
            right.append(bool(chances[row, place].argmax() == answer))
    assert found["judged"] == len(bits)
    assert found["bits"] == pytest.approx(np.mean(bits), abs=1e-3)
    assert found["accuracy"] == pytest.approx(np.mean(right), abs=1e-4)
    assert len(found["by_part"]) == 32
    assert found["by_part"][0] is not None and found["by_part"][5] is None  # index; facts


def test_every_run_gives_a_row_with_all_that_it_depends_on(finished: Path) -> None:
    kept = json.loads((finished / "compare.json").read_text("utf-8"))
    assert len(kept["runs"]) == 2 * 2 * 3
    assert {"command", "settings", "data", "seeds", "minutes", "torch", "cores"} <= kept.keys()
    assert kept["seeds"] == [0]
    ceilings = {row["variant"]: row["reach"] for row in kept["runs"] if row["task"] == "recall"}
    assert ceilings == {"full": None, "linformer-16": None, "bigbird": 1.0}
    assert {task: Settings(**found) for task, found in kept["settings"].items()} == BOTH
    for row in kept["runs"]:
        own = BOTH[row["task"]]
        assert row["characters"] == row["steps"] * own.batch * own.n
        assert row["budget"] == "time" or row["steps"] == own.steps


def test_the_table(finished: Path) -> None:
    text = (finished / "compare.md").read_text("utf-8")
    recall_table, characters_table = text.split("\n\ncharacters:")[0], text.split("characters:")[1]
    for table in (recall_table, characters_table):
        assert [line.split("|")[1].strip() for line in table.splitlines() if "| " in line] == [
            "attention",
            *FEW["variants"],
        ]
    assert text.endswith(" --steps 2 --minutes 0.003 --n 128`.\n") and "--split-seed 7" in text
    assert "accuracy, 3 steps" in recall_table and "bits, 0.003 minutes" in characters_table
    assert "; n = 256;" in recall_table and "; n = 128;" in characters_table


def test_finished_runs_are_not_repeated_and_others_are_added(
    finished: Path, long_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "copy"
    out.mkdir()
    (out / "runs").mkdir()
    for path in finished.rglob("*.json"):
        (out / path.relative_to(finished)).write_text(path.read_text("utf-8"), "utf-8")
    done: list[Run] = []
    whole = comparison_runs.train

    def counted(run: Run, *arguments: Any, **named: Any) -> Row:
        done.append(run)
        return whole(run, *arguments, **named)

    monkeypatch.setattr(comparison_runs, "train", counted)
    before = rows_in(finished)
    again = compare(long_corpus, out, runs_of(**FEW), BOTH, say=quiet)
    assert [json.loads(json.dumps(row.written())) for row in again] == before
    assert not done
    more = runs_of(["recall"], ["full", "window"], [0], ["steps"])
    rows = compare(long_corpus, out, more, BOTH, say=quiet)
    assert done == [Run("recall", "window", 0, "steps")]
    assert len(rows) == len(before) + 1


def test_the_time_to_expect_is_said_first(long_corpus: Corpus, tmp_path: Path) -> None:
    said: list[str] = []
    runs = runs_of(["recall"], ["window"], [0, 1], ["time"])
    sizes = {"recall": replace(SMALL, minutes=0.005)}
    compare(long_corpus, tmp_path, runs, sizes, say=said.append)
    assert said[:2] == ["about 0 minutes", "2 runs to do, 0 are finished already"]
    assert said[2].startswith("1/2 recall.window.0.time: 0.")


@pytest.mark.parametrize("change", [{"steps": 4}, {"minutes": 0.003}, {"learning_rate": 0.1}])
@pytest.mark.parametrize("task", TASKS)
def test_other_options_are_refused(
    finished: Path, long_corpus: Corpus, change: dict[str, Any], task: str
) -> None:
    ((name, value),) = change.items()
    sizes = BOTH | {task: replace(BOTH[task], **{name: value + 1})}
    with pytest.raises(UserError, match=rf"other options \({task}: {name} .*, now {value + 1}\)"):
        compare(long_corpus, finished, runs_of(**FEW), sizes, say=quiet)


def test_other_people_are_refused(finished: Path, long_corpus: Corpus) -> None:
    other = replace(long_corpus, dev=long_corpus.dev[:-1])
    with pytest.raises(UserError, match="other options"):
        compare(other, finished, runs_of(**FEW), BOTH, say=quiet)


@pytest.mark.parametrize("text", ["[", "{}", '{"settings": {"recall": {"x": 1}}, "data": ""}'])
def test_damaged_settings_are_refused(long_corpus: Corpus, tmp_path: Path, text: str) -> None:
    own = text.replace('"data": ""', f'"data": "{checksum(long_corpus)}"')
    (tmp_path / "settings.json").write_text(own, "utf-8")
    with pytest.raises(UserError, match="is damaged"):
        compare(long_corpus, tmp_path, runs_of(**FEW), BOTH, say=quiet)


def test_a_linformer_longer_than_the_sequences_is_refused_before_anything_is_run(
    long_corpus: Corpus, tmp_path: Path
) -> None:
    runs = runs_of(["characters"], seeds=[0], budgets=["time"])
    with pytest.raises(UserError, match="linformer-256 needs n = 256 or more, not 128"):
        compare(long_corpus, tmp_path / "out", runs, BOTH, say=quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ['{"task": "rec', "[]", '{"task": "recall"}'])
def test_a_damaged_run_is_refused_with_the_mend(
    long_corpus: Corpus, tmp_path: Path, text: str
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "recall.full.0.steps.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"recall\.full\.0\.steps\.json is damaged: delete it"):
        compare(
            long_corpus, tmp_path, runs_of(["recall"], ["full"], [0], ["steps"]), BOTH, say=quiet
        )


def test_the_command_beside_the_results_is_that_of_all_runs_in_the_folder(
    long_corpus: Corpus, tmp_path: Path
) -> None:
    for seed in (3, 1):
        runs = runs_of(["recall"], ["full"], [seed], ["steps"])
        compare(long_corpus, tmp_path, runs, BOTH, say=quiet)
    command = json.loads((tmp_path / "compare.json").read_text("utf-8"))["command"]
    assert "--tasks recall --variants full --seeds 1 3 --budgets steps --steps 3" in command
    assert f"Made by `{command}`.\n" in (tmp_path / "compare.md").read_text("utf-8")


def test_what_the_comparison_writes_can_be_read(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    settings = Settings(steps=2, n=128, block=8, heads=1, width=4, batch=1, sequences=2)
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    sizes = {"recall": settings}
    rows = compare(corpus, tmp_path / "out", runs, sizes, say=lambda _: None)
    results = read_accuracy(tmp_path / "out" / "compare.json")
    assert list(results.rows) == rows
    assert results.rows[1].ceiling == 0.25 and results.rows[0].steps == 2
    assert results.command.startswith("python -m nlp4 compare")
    assert results.sizes == sizes


def test_live_trainings_are_those_of_the_comparison(tmp_path: Path) -> None:
    """The rows of `side_by_side` and of `compare`: one seed, one task, the same numbers."""
    settings = replace(SMALL, steps=3, width=8, batch=2, sequences=3)
    trainings = side_by_side(["full", "window"], settings)
    rounds = list(in_turn(trainings))
    live = [training.row() for training in trainings]
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    compare(corpus, tmp_path / "out", runs, {"recall": settings}, say=lambda _: None)
    kept = read_accuracy(tmp_path / "out" / "compare.json").rows
    for row, other in zip(live, kept, strict=True):
        assert replace(row, seconds=0) == replace(other, seconds=0)
    assert rounds == [1, 2, 3]
