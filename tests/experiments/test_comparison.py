"""Tests of `nlp4.experiments.comparison`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stored
import tiny
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from nlp4.cli import main
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.long_tasks import Recall
from nlp4.data.vocabulary import IGNORED
from nlp4.experiments import comparison, comparison_runs
from nlp4.experiments import comparison_runs as module
from nlp4.experiments.comparison import (
    BUDGETS,
    COMMAND,
    OPTIONS,
    SEEDS,
    SIZES,
    TASKS,
    VARIANTS,
    Accuracy,
    Run,
    Settings,
    Sizes,
    command_of,
    encoder_of,
    pattern_of,
    reach,
    read_accuracy,
    runs_of,
    sizes_of,
    spread,
    task_of,
)
from nlp4.experiments.comparison_runs import Training, compare, judge, side_by_side, train
from nlp4.maths.block_pattern import BlockPattern
from nlp4.pictures.comparison import learning_scene
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


# The recall task and the patterns


def recall(settings: Settings) -> Recall:
    task = task_of("recall", settings, load_corpus())
    assert isinstance(task, Recall)
    return task


LONG = Settings(n=1024, block=32)


def reached(variant: str, seed: int, settings: Settings = LONG) -> float:
    pattern = pattern_of(variant, settings, seed)
    assert pattern is not None
    return reach(recall(settings), pattern, settings.layers)


def test_by_the_graph_a_window_reaches_nothing_and_bigbird_everything() -> None:
    for seed in range(5):
        assert reached("window", seed) == 0
        assert reached("global", seed) == reached("bigbird", seed) == 1
        assert 0.05 < reached("random", seed) < 0.6
        assert reached("random", seed) < reached("window+random", seed) < 1
    assert len({reached("random", seed) for seed in range(5)}) == 5


def test_the_graphs_of_the_runs_tell_the_patterns_apart() -> None:
    sizes = SIZES["recall"]
    for seed in SEEDS:
        assert reached("window", seed, sizes) == 0
        assert reached("global", seed, sizes) == reached("bigbird", seed, sizes) == 1
        random, both = (reached(each, seed, sizes) for each in ("random", "window+random"))
        assert 0.1 < random < both < 1


def test_reach_agrees_with_the_gradient() -> None:
    """Who moves the answer, by autograd through a real encoder, symbol by symbol."""
    settings = replace(SMALL, n=256, block=8)
    task = recall(settings)
    for variant in ("random", "window", "window+random", "bigbird"):
        pattern = pattern_of(variant, settings, 1)
        assert pattern is not None
        model = encoder_of(task, variant, settings, 1).double()
        assert reach(task, pattern, 2) == pytest.approx(_reach_by_gradient(model, task))


def _reach_by_gradient(model: torch.nn.Module, task: Recall) -> float:
    ids = task.batch(1, np.random.default_rng(0)).ids
    embedded: list[torch.Tensor] = []

    def keep(_: object, __: object, out: torch.Tensor) -> None:
        out.retain_grad()
        embedded.append(out)

    handle = model.symbols.register_forward_hook(keep)
    found = []
    for place in range(task.judged_from, task.n):
        embedded.clear()
        model(ids)[0, place].square().sum().backward()
        gradient = embedded[0].grad
        assert gradient is not None
        found.append(gradient[0, task.facts.start : task.facts.stop].abs().sum(-1) > 0)
    handle.remove()
    return float(torch.stack(found).double().mean())


def test_more_layers_reach_further() -> None:
    task, window = recall(LONG), BlockPattern(32, 3, 0, 0)
    shares = [reach(task, window, layers) for layers in (2, 8, 12, 31)]
    assert shares[0] == 0 and shares[-1] == 1
    assert shares == sorted(shares)


def test_a_window_cannot_be_told_the_facts() -> None:
    """With other facts, the same answers to the judged questions, to the last bit."""
    settings = Settings(n=256, block=8)
    task = recall(settings)
    held = task.held_out()
    other = held.ids.clone()
    other[:, task.facts.start : task.facts.stop] = 0
    for variant, same in (("window", True), ("bigbird", False), ("full", False)):
        model = encoder_of(task, variant, settings, 0)
        with torch.no_grad():
            first, second = (model(ids[:2])[:, task.judged_from :] for ids in (held.ids, other))
        assert torch.equal(first, second) == same


# Fair runs


def test_one_seed_means_the_same_batches_and_the_same_start(corpus: Corpus) -> None:
    task = task_of("recall", SMALL, corpus)
    first, second = (
        Training(Run("recall", variant, 4, "steps"), SMALL, task) for variant in ("full", "bigbird")
    )
    seen: list[torch.Tensor] = []
    for training in (first, second):
        whole = training.model.loss

        def loss(ids: torch.Tensor, targets: torch.Tensor, whole: Any = whole) -> torch.Tensor:
            seen.append(ids)
            return whole(ids, targets)

        training.model.loss = loss  # type: ignore[method-assign]
        assert torch.equal(first.model.head.weight, second.model.head.weight) == (not first.losses)
        training.step()
        training.step()
    assert torch.equal(seen[0], seen[2]) and torch.equal(seen[1], seen[3])
    assert not torch.equal(seen[0], seen[1])


def test_equal_steps_and_equal_time_end_where_they_should(corpus: Corpus) -> None:
    task = task_of("recall", SMALL, corpus)
    settings = replace(SMALL, minutes=0.01)
    steps = train(Run("recall", "full", 0, "steps"), settings, task)
    timed = train(Run("recall", "full", 0, "time"), settings, task)
    assert steps["steps"] == 3 and steps["characters"] == 3 * 2 * 256
    assert timed["seconds"] >= 0.6 and timed["steps"] > 0
    assert timed["curve"][-1][0] == timed["steps"]


def test_a_run_of_equal_steps_repeats_to_the_last_digit(corpus: Corpus) -> None:
    run = Run("characters", "bigbird", 1, "steps")
    task = task_of("characters", replace(SMALL, n=64), corpus)
    first, second = (train(run, replace(SMALL, n=64), task) for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_judging_by_hand(corpus: Corpus) -> None:
    task = task_of("recall", SMALL, corpus)
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
    assert len(found["by part"]) == 32
    assert found["by part"][0] is not None and found["by part"][5] is None  # index; facts


# The whole of it


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """A finished comparison. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("compare") / "out"
    compare(corpus, out, runs_of(**FEW), BOTH, data_options=["--split-seed 7"], say=quiet)
    return out


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
    finished: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "copy"
    out.mkdir()
    (out / "runs").mkdir()
    for path in finished.rglob("*.json"):
        (out / path.relative_to(finished)).write_text(path.read_text("utf-8"), "utf-8")
    done: list[Run] = []
    whole = comparison_runs.train

    def counted(run: Run, *arguments: Any, **named: Any) -> dict[str, Any]:
        done.append(run)
        return whole(run, *arguments, **named)

    monkeypatch.setattr(module, "train", counted)
    before = rows_in(finished)
    assert compare(corpus, out, runs_of(**FEW), BOTH, say=quiet) == before
    assert not done
    more = runs_of(["recall"], ["full", "window"], [0], ["steps"])
    rows = compare(corpus, out, more, BOTH, say=quiet)
    assert done == [Run("recall", "window", 0, "steps")]
    assert len(rows) == len(before) + 1


def test_the_time_to_expect_is_said_first(corpus: Corpus, tmp_path: Path) -> None:
    said: list[str] = []
    runs = runs_of(["recall"], ["window"], [0, 1], ["time"])
    sizes = {"recall": replace(SMALL, minutes=0.005)}
    compare(corpus, tmp_path, runs, sizes, say=said.append)
    assert said[0] == "2 runs, about 0 minutes; 0 are finished already"
    assert said[1].startswith("1/2 recall.window.0.time: 0.")


@pytest.mark.parametrize("change", [{"steps": 4}, {"minutes": 0.003}, {"learning_rate": 0.1}])
@pytest.mark.parametrize("task", TASKS)
def test_other_options_are_refused(
    finished: Path, corpus: Corpus, change: dict[str, Any], task: str
) -> None:
    ((name, value),) = change.items()
    sizes = BOTH | {task: replace(BOTH[task], **{name: value + 1})}
    with pytest.raises(UserError, match=rf"other options \({task}: {name} .*, now {value + 1}\)"):
        compare(corpus, finished, runs_of(**FEW), sizes, say=quiet)


def test_other_people_are_refused(finished: Path, corpus: Corpus) -> None:
    other = replace(corpus, dev=corpus.dev[:-1])
    with pytest.raises(UserError, match="other options"):
        compare(other, finished, runs_of(**FEW), BOTH, say=quiet)


def test_mistakes_are_refused_with_the_known_words(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="no task 'x': choose from recall, characters"):
        runs_of(["x"])
    with pytest.raises(UserError, match="no variant 'y': choose from full, linformer-16"):
        runs_of(variants=["y"])
    with pytest.raises(UserError, match="no budget 'z': choose from steps, time"):
        runs_of(budgets=["z"])  # type: ignore[list-item]
    with pytest.raises(UserError, match="seed -1: choose 0 or more"):
        runs_of(seeds=[0, -1])
    with pytest.raises(UserError, match="steps = 0"):
        Settings(steps=0)
    with pytest.raises(UserError, match="minutes = nan"):
        Settings(minutes=float("nan"))


@pytest.mark.parametrize("text", ["[", "{}", '{"settings": {"recall": {"x": 1}}, "data": ""}'])
def test_damaged_settings_are_refused(corpus: Corpus, tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match="is damaged"):
        compare(corpus, tmp_path, runs_of(**FEW), BOTH, say=quiet)


def test_the_whole_is_the_product_of_everything() -> None:
    assert len(set(runs_of())) == 2 * len(VARIANTS) * 3 * 2


def test_a_word_or_a_seed_named_twice_is_run_once() -> None:
    runs = runs_of(["recall", "recall"], ["full"], [1, 0, 1], ["time", "time"])
    assert runs == [Run("recall", "full", seed, "time") for seed in (1, 0)]


def test_a_linformer_longer_than_the_sequences_is_refused_before_anything_is_run(
    corpus: Corpus, tmp_path: Path
) -> None:
    runs = runs_of(["characters"], seeds=[0], budgets=["time"])
    with pytest.raises(UserError, match="linformer-256 needs n = 256 or more, not 128"):
        compare(corpus, tmp_path / "out", runs, BOTH, say=quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ['{"task": "rec', "[]", '{"task": "recall"}'])
def test_a_damaged_run_is_refused_with_the_mend(corpus: Corpus, tmp_path: Path, text: str) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "recall.full.0.steps.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"recall\.full\.0\.steps\.json is damaged: delete it"):
        compare(corpus, tmp_path, runs_of(["recall"], ["full"], [0], ["steps"]), BOTH, say=quiet)


def test_every_variant_fits_into_the_sizes() -> None:
    sizes = sizes_of(runs_of())
    assert sizes == SIZES and list(sizes) == list(TASKS)
    comparison.require_room(runs_of(), sizes)


# The command that stands beside the results

ASK = "python -m nlp4 compare --out DIR"


def test_all_defaults_need_no_options() -> None:
    assert command_of(runs_of(), SIZES) == ASK
    assert command_of([], {}) == ASK


def test_the_command_names_what_is_not_the_default() -> None:
    runs = runs_of(["characters"], ["window", "full"], [5, 4], ["time"])
    sizes = {"characters": Settings(steps=1_234_567, minutes=0.125, n=2048)}
    assert command_of(runs, sizes, ["--split-seed 3"]) == (
        f"{ASK} --split-seed 3 --tasks characters --variants full window "
        "--seeds 4 5 --budgets time --steps 1234567 --minutes 0.125 --n 2048"
    )


def test_a_task_with_other_sizes_or_other_runs_has_a_command_of_its_own() -> None:
    runs = runs_of(seeds=[0])
    assert command_of(runs, SIZES) == f"{ASK} --seeds 0"
    one = SIZES | {"recall": replace(SIZES["recall"], steps=7)}
    assert command_of(runs, one) == (
        f"{ASK} --tasks recall --seeds 0 --steps 7 && {ASK} --tasks characters --seeds 0"
    )
    more = [*runs, Run("recall", "full", 9, "time")]
    assert command_of(more, SIZES) == (
        f"{ASK} --tasks recall --seeds 0 9 && {ASK} --tasks characters --seeds 0"
    )


def test_the_command_beside_the_results_is_that_of_all_runs_in_the_folder(
    corpus: Corpus, tmp_path: Path
) -> None:
    for seed in (3, 1):
        runs = runs_of(["recall"], ["full"], [seed], ["steps"])
        compare(corpus, tmp_path, runs, BOTH, say=quiet)
    command = json.loads((tmp_path / "compare.json").read_text("utf-8"))["command"]
    assert "--tasks recall --variants full --seeds 1 3 --budgets steps --steps 3" in command
    assert f"Made by `{command}`.\n" in (tmp_path / "compare.md").read_text("utf-8")


MINUTES = st.just(0.5) | st.floats(1e-3, 1e3)


def some_of(words: Any) -> Any:
    return st.lists(st.sampled_from(list(words)), min_size=1, unique=True)


def some_options() -> Any:
    steps, n = st.sampled_from([300, 1_500, 3]), st.sampled_from([256, 1024, 2048])
    return st.fixed_dictionaries({}, optional={"steps": steps, "minutes": MINUTES, "n": n})


@given(
    some_of(TASKS),
    some_of(VARIANTS),
    st.lists(st.integers(0, 99), min_size=1, unique=True),
    some_of(BUDGETS),
    st.fixed_dictionaries({task: some_options() for task in TASKS}),
)
@effort(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_command_asks_for_the_runs_and_settings_that_it_was_made_from(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tasks: list[str],
    variants: list[str],
    seeds: list[int],
    budgets: list[Any],
    options: dict[str, dict[str, Any]],
) -> None:
    asked: list[Run] = []
    found: dict[str, Settings] = {}

    def caught(
        _: Corpus, out: Path, runs: list[Run], sizes: dict[str, Settings], **__: Any
    ) -> None:
        (out / "compare.md").write_text("", "utf-8")
        asked.extend(runs)
        found.update(sizes)

    monkeypatch.setattr(module, "compare", caught)
    monkeypatch.setattr("nlp4.data.corpus.load_corpus", lambda *_, **__: None)
    runs = runs_of(tasks, variants, seeds, budgets)
    sizes = {task: replace(SIZES[task], **options[task]) for task in tasks}
    for command in command_of(runs, sizes).split(" && "):
        words = shlex.split(command)
        assert words[:5] == ["python", "-m", "nlp4", "compare", "--out"]
        assert main(["compare", "--out", str(tmp_path), *words[6:]]) == 0
    assert sorted(asked, key=str) == sorted(runs, key=str) and found == sizes


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    small = replace(SIZES["recall"], block=8, width=8, batch=2, sequences=3)
    monkeypatch.setitem(SIZES, "recall", small)
    asked = ["compare", "--data", str(data), "--out", str(tmp_path / "out"), "--n", "128"]
    asked += ["--tasks", "recall", "--variants", "full", "window", "--seeds", "0", "1"]

    assert main([*asked, "--steps", "2", "--budgets", "steps"]) == 0

    printed = capsys.readouterr().out
    command = (
        "python -m nlp4 compare --out DIR --data FOLDER --tasks recall --variants full window "
        "--seeds 0 1 --budgets steps --steps 2 --n 128"
    )
    assert "4 runs" in printed and "| window |" in printed and command in printed
    kept = json.loads((tmp_path / "out" / "compare.json").read_text("utf-8"))
    assert kept["command"] == command
    assert [row["steps"] for row in kept["runs"]] == [2] * 4
    assert main([*asked, "--steps", "3", "--budgets", "steps"]) == 2
    assert "steps 2, now 3" in capsys.readouterr().err


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("tasks", [[], ["--tasks", "recall", "characters"]])
def test_sizes_are_refused_for_several_tasks(
    option: str, tasks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["compare", "--out", str(out), f"--{option}", "64", *tasks]) == 2
    told = capsys.readouterr().err
    assert f"--{option}: each task has sizes of its own" in told and "with --tasks" in told
    assert not out.exists()


@pytest.fixture
def results(tmp_path: Path) -> Accuracy:
    return read_accuracy(stored.write_accuracy(tmp_path / "compare.json"))


def test_means_and_ranges_over_seeds(results: Accuracy) -> None:
    for variant, mean in stored.ACCURACY.items():
        found = results.spread("recall", variant, "time")
        assert (found.mean, found.seeds) == (pytest.approx(mean), 3)
        reach = 0.02 * (variant != "full")
        assert (found.low, found.high) == (pytest.approx(mean - reach), pytest.approx(mean + reach))
        assert results.spread("characters", variant, "steps").mean == pytest.approx(3 - 2 * mean)
    assert results.variants("recall") == tuple(stored.ACCURACY)
    told = {t: [s.budget(each) for each in ("steps", "time")] for t, s in results.sizes.items()}
    assert told == {
        "recall": ["10 steps", "0.25 minutes"],
        "characters": ["20 steps", "0.5 minutes"],
    }


def test_nothing_has_no_mean() -> None:
    with pytest.raises(UserError, match="no training"):
        spread([])


def test_who_sees_nothing_guesses_and_who_sees_all_has_no_other_bound(results: Accuracy) -> None:
    ceilings = {row.variant: row.ceiling for row in results.rows if row.task == "recall"}
    assert ceilings["window"] == 0.25 and ceilings["bigbird"] == 1
    assert ceilings["random"] == pytest.approx(0.2 + 0.8 / 4)
    assert ceilings["full"] is None and ceilings["linformer-16"] is None


def test_curves_run_over_the_share_of_the_budget(results: Accuracy) -> None:
    for task in ("recall", "characters"):
        scene = learning_scene(results, task, "steps", "full")
        assert scene.curves["full"] == (((0.5, 2.5), (1.0, 1.5)),) * 3


OLD = json.dumps(  # one size for both tasks, as it once was
    {
        "command": COMMAND,
        "settings": {"steps": 10, "minutes": 0.5, "n": 1024},
        "runs": [stored.run("recall", "full", 0, "steps")],
        "minutes": 1,
        "cores": 2,
    }
)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"runs": [{"task": "recall"}]}', OLD])
def test_a_missing_or_damaged_file_names_the_command(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "compare.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        read_accuracy(path)
    assert COMMAND in str(raised.value) and str(tmp_path) not in str(raised.value)


def test_what_the_comparison_writes_can_be_read(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    settings = Settings(steps=2, n=128, block=8, heads=1, width=4, batch=1, sequences=2)
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    sizes = {"recall": settings}
    rows = compare(corpus, tmp_path / "out", runs, sizes, say=lambda _: None)
    results = read_accuracy(tmp_path / "out" / "compare.json")
    assert [row.accuracy for row in results.rows] == [row["accuracy"] for row in rows]
    assert results.rows[1].ceiling == 0.25 and results.rows[0].steps == 2
    assert results.command.startswith("python -m nlp4 compare")
    assert results.sizes == {"recall": Sizes(steps=2, minutes=settings.minutes, n=128)}


def test_live_trainings_are_those_of_the_comparison(tmp_path: Path) -> None:
    """The rows of `side_by_side` and of `compare`: one seed, one task, the same numbers."""
    settings = replace(SMALL, steps=3, width=8, batch=2, sequences=3)
    seen = []
    live = side_by_side(["full", "window"], settings, watch=lambda all_: seen.append(len(all_)))
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    compare(corpus, tmp_path / "out", runs, {"recall": settings}, say=lambda _: None)
    kept = read_accuracy(tmp_path / "out" / "compare.json").rows
    for row, other in zip(live, kept, strict=True):
        assert replace(row, seconds=0) == replace(other, seconds=0)
    assert seen == [2, 2, 2]
