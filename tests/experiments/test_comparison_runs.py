"""Tests of `nlp4.experiments.comparison_runs`."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from small_comparison import BOTH, FEW, SMALL, quiet

from nlp4.cli import main
from nlp4.data.corpus import Corpus
from nlp4.data.long_tasks import TEST, Recall
from nlp4.data.objectives import Batch
from nlp4.data.vocabulary import IGNORED
from nlp4.experiments import comparison_runs
from nlp4.experiments.comparison import (
    RATES,
    Row,
    Run,
    Settings,
    encoder_of,
    read_accuracy,
    runs_of,
    task_of,
)
from nlp4.experiments.comparison_runs import (
    TaskBatches,
    Training,
    checksum,
    commonest,
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
    rate=0.3,
    steps=3,
    seconds=10.0,
    characters=9,
    parameters=1234,
    density=0.25,
    multiply_adds=12_340_000,
    measure="bits",
    dev_bits=2.0,
    dev_accuracy=0.5,
    bits=2.0,
    accuracy=0.5,
    judged=4,
    by_part=(None, 0.5),
    reach=None,
    guess=None,
    constant=0.125,
    curve=((3, 2.5),),
)


def test_mean_and_range_of_the_table() -> None:
    rows = [replace(ROW, seed=seed, bits=bits) for seed, bits in enumerate((2.0, 2.5, 3.6))]
    *_, line, _, guesses = markdown([*rows, replace(ROW, rate=1.0, dev_bits=9)], BOTH).splitlines()
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    kept = ["25.0%", "12.3", "-", "2.700 (2.000 to 3.600; 3 seeds)", "0.3", "10", "-", "-", "-"]
    assert cells == ["full", *kept]
    assert guesses == "The commonest answer alone: 12.50% right."


def test_guesses_of_recall_are_told() -> None:
    row = replace(ROW, task="recall-256", measure="accuracy", guess=0.001)
    assert markdown([row], BOTH).splitlines()[-1] == (
        "The commonest answer alone: 12.50% right; any value: 0.10%; any value of the text: 25.0%."
    )


def test_an_interrupt_keeps_what_is_finished(
    long_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = runs_of(["recall-256"], ["full", "window", "bigbird"], [0], ["steps"])
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
    with pytest.raises(KeyboardInterrupt, match="1 of 12 runs are kept"):
        compare(long_corpus, tmp_path, runs, BOTH, say=quiet)
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == ["recall-256.full.steps.0.x0.1"]
    assert len(rows_in(tmp_path)) == 1
    pressed = False
    assert len(compare(long_corpus, tmp_path, runs, BOTH, say=quiet)) == 12


def test_a_task_is_added_later_and_only_its_own_sizes_are_asked_for(
    finished: Path, long_corpus: Corpus, tmp_path: Path
) -> None:
    recall_runs, others = (runs_of([task], ["full"], [0], ["steps"]) for task in BOTH)
    compare(long_corpus, tmp_path, recall_runs, {"recall-256": SMALL}, say=quiet)
    rows = compare(long_corpus, tmp_path, others, {"characters": BOTH["characters"]}, say=quiet)
    assert [row.task for row in rows] == ["recall-256"] * 4 + ["characters"] * 4
    claims = [json.loads((out / "settings.json").read_text()) for out in (tmp_path, finished)]
    assert claims[0] == claims[1]
    wrong = {"recall-256": replace(SMALL, steps=9), "characters": BOTH["characters"]}
    assert compare(long_corpus, tmp_path, others, wrong, say=quiet) == rows
    with pytest.raises(UserError, match=r"\(recall-256: steps 3, now 9\)"):
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
    sizes = BOTH | {"recall-256": replace(SMALL, **change)}
    with pytest.raises(
        UserError, match=r"recall-256\..*\.json was made with other steps, batch or n"
    ):
        gather(tmp_path, sizes, checksum(long_corpus))


def test_a_task_whose_sizes_are_unknown_is_not_gathered(
    finished: Path, long_corpus: Corpus, tmp_path: Path
) -> None:
    copy_runs(finished, tmp_path)
    with pytest.raises(UserError, match="settings of characters: give the command for that task"):
        gather(tmp_path, {"recall-256": SMALL}, checksum(long_corpus))


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
    task = task_of(SMALL, long_corpus)
    first, second = (
        Training.of(Run("recall-256", variant, 4, "steps"), SMALL, task)
        for variant in ("full", "bigbird")
    )
    seen: list[torch.Tensor] = []
    for training in (first, second):
        whole = training.model.loss

        def loss(ids: torch.Tensor, targets: torch.Tensor, whole: Any = whole) -> torch.Tensor:
            seen.append(ids)
            return whole(ids, targets)

        training.model.loss = loss  # type: ignore[method-assign]
        assert torch.equal(first.model.symbols.weight, second.model.symbols.weight) == (
            not first.trainer.history.losses
        )
        training.trainer.step()
        training.trainer.step()
    assert torch.equal(seen[0], seen[2]) and torch.equal(seen[1], seen[3])
    assert not torch.equal(seen[0], seen[1])


def test_equal_steps_and_equal_time_end_where_they_should(long_corpus: Corpus) -> None:
    task = task_of(SMALL, long_corpus)
    settings = replace(SMALL, minutes=0.01)
    steps = train(Run("recall-256", "full", 0, "steps"), settings, task)
    timed = train(Run("recall-256", "full", 0, "time"), settings, task)
    assert steps.steps == 3 and steps.characters == 3 * 2 * 256
    assert timed.seconds >= 0.6 and timed.steps > 0
    assert timed.curve[-1][0] == timed.steps


def test_a_run_of_equal_steps_repeats_to_the_last_digit(long_corpus: Corpus) -> None:
    run = Run("characters", "bigbird", 1, "steps")
    task = task_of(replace(SMALL, n=64, pairs=0), long_corpus)
    first, second = (train(run, replace(SMALL, n=64), task) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_judging_by_hand(long_corpus: Corpus) -> None:
    task = task_of(SMALL, long_corpus)
    held = task.held_out(TEST)
    model = encoder_of(task, "full", SMALL, 0)
    found = judge(model, held)
    with torch.no_grad():
        chances = model(held.ids).double().softmax(-1)
    bits, right = [], []
    for row, place in (held.targets != IGNORED).nonzero().tolist():
        answer = held.targets[row, place]
        bits.append(-float(chances[row, place, answer].log2()))
        right.append(bool(chances[row, place].argmax() == answer))
    assert found["judged"] == len(bits) == 3 * SMALL.pairs
    assert found["bits"] == pytest.approx(np.mean(bits), abs=1e-3)
    assert found["accuracy"] == pytest.approx(np.mean(right), abs=1e-4)
    parts = (held.targets != IGNORED).any(0).view(32, -1).any(1)
    assert [share is not None for share in found["by_part"]] == parts.tolist()
    assert found["by_part"][0] is None  # the pairs


def test_recall_grows_by_doublings_with_as_many_symbols_a_batch() -> None:
    batches = TaskBatches(Recall(64, 8), 8, seed=0, growing=60)
    shapes = [tuple(batches[step].ids.shape) for step in range(0, 100, 10)]
    assert shapes == [*[(32, 16)] * 3, *[(16, 32)] * 3, *[(8, 64)] * 4]
    asked = [int((batches[step].targets != IGNORED).sum()) for step in (0, 30, 60)]
    assert asked == [32 * 4, 16 * 8, 8 * 8]  # pairs fill half of a short text at most
    assert batches[7].ids.equal(batches[7].ids) and not batches[7].ids.equal(batches[8].ids)


@pytest.mark.parametrize("n", [12, 16])
def test_a_short_recall_has_its_length_from_the_first_step(n: int) -> None:
    batches = TaskBatches(Recall(n, 3), 2, seed=0, growing=10)
    assert [batches[step].ids.shape for step in (0, 9, 10)] == [(2, n)] * 3


def test_a_model_that_ran_away_is_judged_all_the_same(long_corpus: Corpus) -> None:
    task = task_of(SMALL, long_corpus)
    model = encoder_of(task, "full", SMALL, 0)
    torch.nn.init.constant_(model.norm.weight, float("nan"))
    found = judge(model, task.held_out(TEST))
    assert found["bits"] > 1000 and found["accuracy"] == 0


def test_the_commonest_answer() -> None:
    targets = torch.tensor([[5, IGNORED, 7], [7, 7, IGNORED]])
    assert commonest(Batch(targets, targets)) == 0.75


def test_every_rate_is_tried_once_and_the_best_one_goes_on(
    long_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Run] = []

    def made(run: Run, *_: Any) -> Row:
        done.append(run)
        row = replace(ROW, **asdict(run), steps=2, characters=2 * 2 * 128)
        return replace(row, dev_bits=abs((run.rate or 0) - 1))  # the rate 1 is the best

    monkeypatch.setattr(comparison_runs, "train", made)
    monkeypatch.setattr(comparison_runs, "_expected", lambda *_: 0.0)
    runs = runs_of(["characters"], ["full"], [2, 0, 1], ["steps"])
    rows = compare(long_corpus, tmp_path, runs, BOTH, say=quiet)
    tried = [(run.seed, run.rate) for run in done]
    assert tried == [*((0, rate) for rate in RATES), (1, 1.0), (2, 1.0)]
    assert len(rows) == 6
    assert [r.seed for r in read_accuracy(tmp_path / "compare.json").of(*runs[0].kind)] == [0, 1, 2]


def test_every_run_gives_a_row_with_all_that_it_depends_on(finished: Path) -> None:
    kept = json.loads((finished / "compare.json").read_text("utf-8"))
    assert len(kept["runs"]) == 2 * 2 * 3 * len(RATES)
    assert {"command", "settings", "data", "seeds", "minutes", "torch", "cores"} <= kept.keys()
    assert kept["seeds"] == [0]
    own_task = [row for row in kept["runs"] if row["task"] == "recall-256"]
    reached = {row["variant"]: row["reach"] for row in own_task}
    assert reached == {"full": None, "linformer-16": None, "bigbird": 1.0}
    assert {row["guess"] for row in own_task} == {1 / 4064}
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
            "full",
            "bigbird",
            "linformer-16",
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
    more = runs_of(["recall-256"], ["full", "window"], [0], ["steps"])
    rows = compare(long_corpus, out, more, BOTH, say=quiet)
    assert done == [Run("recall-256", "window", 0, "steps", rate) for rate in RATES]
    assert len(rows) == len(before) + len(RATES)


def test_the_time_to_expect_is_said_first(long_corpus: Corpus, tmp_path: Path) -> None:
    said: list[str] = []
    runs = runs_of(["recall-256"], ["window"], [0, 1], ["time"])
    sizes = {"recall-256": replace(SMALL, minutes=0.005)}
    compare(long_corpus, tmp_path, runs, sizes, say=said.append)
    assert said[:2] == ["about 0 minutes", "5 runs to do, 0 are finished already"]
    assert said[2].startswith("1/5 recall-256.window.time.0.x0.1: 0.")
    assert said[6].startswith("5/5 recall-256.window.time.1: 0.")


@pytest.mark.parametrize("change", [{"steps": 4}, {"minutes": 0.003}, {"learning_rate": 0.1}])
@pytest.mark.parametrize("task", BOTH)
def test_other_options_are_refused(
    finished: Path, long_corpus: Corpus, change: dict[str, Any], task: str
) -> None:
    ((name, value),) = change.items()
    sizes = BOTH | {task: replace(BOTH[task], **{name: value + 1})}
    with pytest.raises(UserError, match=rf"other options \({task}: {name} .*, now {value + 1}\)"):
        compare(long_corpus, finished, runs_of(**FEW), sizes, say=quiet)


def test_other_people_are_refused(finished: Path, long_corpus: Corpus) -> None:
    other = replace(long_corpus, biographies=long_corpus.biographies[::-1])
    with pytest.raises(UserError, match="other options"):
        compare(other, finished, runs_of(**FEW), BOTH, say=quiet)


@pytest.mark.parametrize("text", ["[", "{}", '{"settings": {"recall-256": {"x": 1}}, "data": ""}'])
def test_damaged_settings_are_refused(long_corpus: Corpus, tmp_path: Path, text: str) -> None:
    own = text.replace('"data": ""', f'"data": "{checksum(long_corpus)}"')
    (tmp_path / "settings.json").write_text(own, "utf-8")
    with pytest.raises(UserError, match="is damaged"):
        compare(long_corpus, tmp_path, runs_of(**FEW), BOTH, say=quiet)


def test_a_linformer_longer_than_the_sequences_is_refused_before_anything_is_run(
    long_corpus: Corpus, tmp_path: Path
) -> None:
    runs = runs_of(["characters"], ["linformer-256"], seeds=[0], budgets=["time"])
    with pytest.raises(UserError, match="linformer-256 makes no fewer mixtures than the 128"):
        compare(long_corpus, tmp_path / "out", runs, BOTH, say=quiet)
    assert not (tmp_path / "out").exists()


WRONG = json.dumps(ROW.written() | {"seed": "x"})


@pytest.mark.parametrize("text", ['{"task": "rec', "[]", '{"task": "recall"}', WRONG])
def test_a_damaged_run_is_refused_with_the_mend(
    long_corpus: Corpus, tmp_path: Path, text: str
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "recall-256.full.steps.0.x0.1.json").write_text(text, "utf-8")
    with pytest.raises(
        UserError, match=r"recall-256\.full\.steps\.0\.x0\.1\.json is damaged: delete it"
    ):
        compare(
            long_corpus,
            tmp_path,
            runs_of(["recall-256"], ["full"], [0], ["steps"]),
            BOTH,
            say=quiet,
        )


def test_the_command_beside_the_results_is_that_of_all_runs_in_the_folder(
    long_corpus: Corpus, tmp_path: Path
) -> None:
    for seed in (3, 1):
        runs = runs_of(["recall-256"], ["full"], [seed], ["steps"])
        compare(long_corpus, tmp_path, runs, BOTH, say=quiet)
    command = json.loads((tmp_path / "compare.json").read_text("utf-8"))["command"]
    assert "--tasks recall-256 --variants full --seeds 1 3 --budgets steps --steps 3" in command
    assert f"Made by `{command}`.\n" in (tmp_path / "compare.md").read_text("utf-8")


def test_what_the_comparison_writes_can_be_read(long_corpus: Corpus, tmp_path: Path) -> None:
    runs = runs_of(["recall-256"], ["full", "window"], [0], ["steps"])
    sizes = {"recall-256": SMALL}
    rows = compare(long_corpus, tmp_path / "out", runs, sizes, say=quiet)
    results = read_accuracy(tmp_path / "out" / "compare.json")
    assert list(results.rows) == rows and results.sizes == sizes
    full, window = (results.of("recall-256", v, "steps") for v in ("full", "window"))
    assert len(full) == len(window) == 1 and full[0].ceiling is None
    assert window[0].reach is not None and window[0].ceiling is not None
    assert window[0].reach < window[0].ceiling < 1
    assert results.command.startswith("python -m nlp4 compare")


def test_live_trainings_are_those_of_the_comparison(long_corpus: Corpus, tmp_path: Path) -> None:
    """The rows of `side_by_side` and of `compare`: one seed, one task, the same numbers."""
    settings = replace(SMALL, n=64)
    trainings = side_by_side(["full", "window"], settings)
    rounds = list(in_turn(trainings))
    live = [training.row() for training in trainings]
    runs = runs_of(["recall-64"], ["full", "window"], [0], ["steps"])
    compare(long_corpus, tmp_path / "out", runs, {"recall-64": settings}, say=quiet)
    kept = read_accuracy(tmp_path / "out" / "compare.json").rows
    for row, other in zip(live, [r for r in kept if r.rate == 1], strict=True):
        assert replace(row, seconds=0) == replace(other, seconds=0)
    assert rounds == [1, 2, 3]
