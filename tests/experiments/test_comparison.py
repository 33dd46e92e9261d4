"""Tests of `nlp4.experiments.comparison`."""

from __future__ import annotations

import json
import shlex
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
from numpy.typing import NDArray
from small_comparison import BOTH, SMALL

from nlp4.cli import main
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.long_tasks import TEST, Recall
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
    Row,
    Run,
    Settings,
    best_rate,
    command_of,
    density_of,
    encoder_of,
    joined,
    multiply_adds_of,
    pattern_of,
    reach_of,
    read_accuracy,
    runs_of,
    sizes_of,
    spread,
    task_of,
    that_fit,
)
from nlp4.maths.block_pattern import BlockPattern
from nlp4.pictures.comparison import learning_scene
from nlp4.support.errors import UserError

pytestmark = pytest.mark.usefixtures("one_thread")

# The tasks and the patterns


def recall(settings: Settings) -> Recall:
    task = task_of(settings, load_corpus())
    assert isinstance(task, Recall)
    return task


FAR = replace(SIZES["far-256"], sequences=100)


def reached(variant: str, seed: int, settings: Settings) -> float:
    found = reach_of(Run("far-256", variant, seed, "steps"), settings, recall(settings))
    assert found is not None
    return found


def test_by_the_graph_a_window_reaches_nothing_far_and_bigbird_everything() -> None:
    for seed in SEEDS:
        assert reached("window", seed, FAR) == 0
        assert reached("global", seed, FAR) == reached("bigbird", seed, FAR) == 1
        assert 0.05 < reached("random", seed, FAR) < 0.9
    assert len({reached("random", seed, FAR) for seed in SEEDS}) > 1


def test_as_published_a_window_reaches_the_near_questions() -> None:
    shares = [
        reached("window", 0, replace(SIZES[task], sequences=200))
        for task in ("recall-64", "recall-128", "recall-256")
    ]
    assert shares == sorted(shares, reverse=True)  # the longer, the fewer
    assert shares[-1] > 0.1 and shares[0] < 0.9


def test_who_has_no_pattern_or_no_facts_has_no_reach(long_corpus: Corpus) -> None:
    assert reach_of(Run("far-256", "full", 0, "steps"), FAR, recall(FAR)) is None
    assert reach_of(Run("far-256", "means", 0, "steps"), FAR, recall(FAR)) is None
    settings = BOTH["characters"]
    task = task_of(settings, long_corpus)
    assert reach_of(Run("characters", "window", 0, "steps"), settings, task) is None


def test_what_is_joined_agrees_with_the_gradient() -> None:
    """Who moves the answer, by autograd through a real encoder, symbol by symbol."""
    settings = replace(SMALL, n=96)
    task = recall(settings)
    for variant in ("random", "window", "global", "bigbird"):
        pattern = pattern_of(variant, settings, 1)
        assert pattern is not None
        model = encoder_of(task, variant, settings, 1).double()
        found = joined(pattern, 96, settings.layers)
        assert np.array_equal(found, _moved_by_gradient(model, task)), variant


def _moved_by_gradient(model: torch.nn.Module, task: Recall) -> NDArray[np.bool_]:
    ids = task.batch(1, np.random.default_rng(0)).ids
    embedded: list[torch.Tensor] = []

    def keep(_: object, __: object, out: torch.Tensor) -> None:
        out.retain_grad()
        embedded.append(out)

    handle = model.symbols.register_forward_hook(keep)
    found = []
    for place in range(task.n):
        embedded.clear()
        model.hidden(ids)[0, place].square().sum().backward()
        gradient = embedded[0].grad
        assert gradient is not None
        found.append((gradient[0].abs().sum(-1) > 0).numpy())
    handle.remove()
    return np.stack(found)


def test_more_layers_reach_further() -> None:
    window = BlockPattern(8, 3, 0, 0)
    shares = [joined(window, 256, layers).mean() for layers in (1, 2, 8, 31)]
    assert shares == sorted(shares) and shares[0] < shares[1] and shares[-1] == 1


def test_a_window_cannot_be_told_far_facts() -> None:
    """With other facts, the same answers to all questions, to the last bit."""
    task = recall(FAR)
    held = task.held_out(TEST)
    other = held.ids.clone()
    other[:, task.facts.start : task.facts.stop] = 0
    for variant, same in (("window", True), ("bigbird", False), ("full", False)):
        model = encoder_of(task, variant, FAR, 0)
        with torch.no_grad():
            first, second = (
                model.hidden(ids[:2])[:, task.asked.start :] for ids in (held.ids, other)
            )
        assert torch.equal(first, second) == same


def test_density_is_the_share_of_weights(long_corpus: Corpus) -> None:
    """Of a pattern by its mask over places, of a Linformer by the weights that it makes."""
    settings = SIZES["recall-128"]
    for variant in VARIANTS:
        found, pattern = density_of(variant, settings, 2), pattern_of(variant, settings, 2)
        if pattern is not None:
            assert found == pytest.approx(pattern.mask(settings.n).mean())
        elif variant == "means":
            assert found == pytest.approx(1 / settings.block)
        elif variant.endswith(("-16", "-64")):
            assert found == pytest.approx(int(variant.split("-")[1]) / 128)
    assert density_of("full", settings) == density_of("linformer-n", settings) == 1


def test_sparse_costs_less_and_full_what_is_counted() -> None:
    settings = SIZES["recall-256"]
    n, width = settings.n, settings.width
    full = multiply_adds_of("full", settings)
    assert full == 2 * (4 * n * width**2 + 2 * n * n * width)
    assert multiply_adds_of("window", settings) < multiply_adds_of("bigbird", settings) < full


def test_the_rate_is_chosen_on_dev_alone_by_the_first_seed() -> None:
    row = Row.read(stored.run("recall-64", "full", 0, "steps"))
    low, high = (replace(row, rate=r, dev_accuracy=d) for r, d in ((0.1, 0.2), (3.0, 0.6)))
    test = replace(row, rate=1.0, dev_accuracy=0.1, accuracy=1.0)
    later = replace(row, rate=0.3, seed=1, dev_accuracy=1.0)
    assert best_rate([low, high, test, later]) == 3.0
    tied = replace(low, dev_accuracy=0.6, dev_bits=high.dev_bits - 1)
    assert best_rate([high, tied]) == 0.1  # as often right, but surer
    bits = [replace(each, measure="bits", dev_bits=b) for each, b in ((low, 2.0), (high, 2.1))]
    assert best_rate(bits) == 0.1
    assert best_rate([]) is None


def test_mistakes_are_refused_with_the_known_words(long_corpus: Corpus) -> None:
    with pytest.raises(UserError, match="no task 'x': choose from recall-64, recall-128"):
        runs_of(["x"])
    with pytest.raises(UserError, match="no variant 'y': choose from full, bigbird"):
        runs_of(variants=["y"])
    with pytest.raises(UserError, match="no budget 'z': choose from steps, time"):
        runs_of(budgets=["z"])  # type: ignore[list-item]
    with pytest.raises(UserError, match="seed -1: choose 0 or more"):
        runs_of(seeds=[0, -1])
    with pytest.raises(UserError, match="steps = 0"):
        Settings(steps=0)
    with pytest.raises(UserError, match="minutes = nan"):
        Settings(minutes=float("nan"))


def test_the_whole_is_the_product_of_everything() -> None:
    assert len(set(runs_of())) == len(TASKS) * len(VARIANTS) * 3 * 2


def test_a_word_or_a_seed_named_twice_is_run_once() -> None:
    runs = runs_of(["far-256", "far-256"], ["full"], [1, 0, 1], ["time", "time"])
    assert runs == [Run("far-256", "full", seed, "time") for seed in (1, 0)]


def test_linformers_with_as_many_mixtures_as_places_stand_once() -> None:
    sizes = sizes_of(runs_of())
    assert sizes == SIZES and list(sizes) == list(TASKS)
    kept = {(run.task, run.variant) for run in that_fit(runs_of(), sizes)}
    missing = {(task, v) for task in TASKS for v in VARIANTS} - kept
    assert missing == {
        ("recall-64", "linformer-64"),
        *((task, "linformer-256") for task in ("recall-64", "recall-128")),
        *((task, "linformer-256") for task in ("recall-256", "far-256")),
    }
    with pytest.raises(UserError, match="linformer-64 makes no fewer mixtures than the 64 places"):
        that_fit(runs_of(["recall-64"], ["linformer-64"]), sizes)


# The command that stands beside the results

ASK = "python -m nlp4 compare --out DIR"


def test_all_defaults_need_no_options() -> None:
    assert command_of(that_fit(runs_of(), SIZES), SIZES) == ASK
    assert command_of([], {}) == ASK


def test_the_command_names_what_is_not_the_default() -> None:
    runs = runs_of(["characters"], ["window", "full"], [5, 4], ["time"])
    sizes = {"characters": Settings(steps=1_234_567, minutes=0.125, n=2048)}
    assert command_of(runs, sizes, ["--split-seed 3"]) == (
        f"{ASK} --split-seed 3 --tasks characters --variants full window "
        "--seeds 4 5 --budgets time --steps 1234567 --minutes 0.125 --n 2048"
    )


TWO = ["recall-256", "characters"]
BOTH_TASKS = "--tasks characters recall-256"


def test_a_task_with_other_sizes_or_other_runs_has_a_command_of_its_own() -> None:
    runs = runs_of(TWO, ["full", "window"], [0])
    what = "--variants full window --seeds 0"
    assert command_of(runs, SIZES) == f"{ASK} {BOTH_TASKS} {what}"
    one = SIZES | {"recall-256": replace(SIZES["recall-256"], steps=7)}
    assert command_of(runs, one) == (
        f"{ASK} --tasks recall-256 {what} --steps 7 && {ASK} --tasks characters {what}"
    )
    more = [*runs, Run("recall-256", "full", 9, "steps")]
    assert command_of(more, SIZES) == (
        f"{ASK} --tasks recall-256 {what} 9 && {ASK} --tasks characters {what}"
    )


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
    small = replace(SIZES["recall-64"], width=8, batch=2, sequences=3)
    monkeypatch.setitem(SIZES, "recall-64", small)
    asked = ["compare", "--data", str(data), "--out", str(tmp_path / "out"), "--n", "128"]
    asked += ["--tasks", "recall-64", "--variants", "full", "window", "--seeds", "0", "1"]

    assert main([*asked, "--steps", "2", "--budgets", "steps"]) == 0

    printed = capsys.readouterr().out
    command = (
        "python -m nlp4 compare --out DIR --data FOLDER --tasks recall-64 --variants full window "
        "--seeds 0 1 --budgets steps --steps 2 --n 128"
    )
    assert "10 runs" in printed and "| window |" in printed and command in printed
    kept = json.loads((tmp_path / "out" / "compare.json").read_text("utf-8"))
    assert kept["command"] == command
    assert [row["steps"] for row in kept["runs"]] == [2] * 10
    assert main([*asked, "--steps", "3", "--budgets", "steps"]) == 2
    assert "steps 2, now 3" in capsys.readouterr().err


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("tasks", [[], ["--tasks", "recall-64", "characters"]])
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
        found = results.spread("recall-64", variant, "time")
        assert (found.mean, found.seeds) == (pytest.approx(mean), 3)
        reach = 0.02 * (variant != "full")
        assert (found.low, found.high) == (pytest.approx(mean - reach), pytest.approx(mean + reach))
        assert results.spread("characters", variant, "steps").mean == pytest.approx(3 - 2 * mean)
    assert results.variants("recall-64") == tuple(stored.ACCURACY)
    told = {t: [s.budget(each) for each in ("steps", "time")] for t, s in results.sizes.items()}
    assert told == {
        "recall-64": ["10 steps", "0.25 minutes"],
        "characters": ["20 steps", "0.5 minutes"],
    }


def test_nothing_has_no_mean() -> None:
    with pytest.raises(UserError, match="no training"):
        spread([])


def test_who_sees_nothing_guesses_and_who_sees_all_has_no_other_bound(results: Accuracy) -> None:
    ceilings = {row.variant: row.ceiling for row in results.rows if row.task == "recall-64"}
    assert ceilings["window"] == 0.25 and ceilings["bigbird"] == 1
    assert ceilings["random"] == pytest.approx(0.2 + 0.8 / 4)
    assert ceilings["full"] is None and ceilings["linformer-16"] is None


def test_curves_run_over_the_share_of_the_budget(results: Accuracy) -> None:
    for task in ("recall-64", "characters"):
        scene = learning_scene(results, task, "steps", "full")
        assert scene.curves["full"] == (((0.5, 2.5), (1.0, 1.5)),) * 3


def test_a_linformer_that_does_not_fit_is_told_so(results: Accuracy) -> None:
    told = str(results.missing("recall-64", "linformer-256"))
    assert "was not trained on recall-64, which has 64 places" in told and "linformer-n" in told
    assert "run it for that, too" in str(results.missing("characters", "linformer-256"))


OLD = json.dumps(  # one size for both tasks, as it once was
    {
        "command": COMMAND,
        "settings": {"steps": 10, "minutes": 0.5, "n": 1024},
        "runs": [stored.run("recall-64", "full", 0, "steps")],
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
