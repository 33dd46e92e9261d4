"""The comparison: fair runs, ceilings by the graph, resuming, and what it refuses."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from nlp4 import compare as module
from nlp4 import compare_settings
from nlp4.block_pattern import BlockPattern
from nlp4.cli import main
from nlp4.compare import compare
from nlp4.compare_models import encoder_of, pattern_of, reach, task_of
from nlp4.compare_results import read_comparison
from nlp4.compare_settings import (
    BUDGETS,
    TASKS,
    VARIANTS,
    Run,
    Settings,
    command_of,
    runs_of,
)
from nlp4.compare_table import markdown
from nlp4.compare_training import Training, judge, train
from nlp4.corpus import Corpus, load_corpus
from nlp4.errors import UserError
from nlp4.long_tasks import Recall
from nlp4.vocabulary import IGNORED

SMALL = Settings(
    steps=3, minutes=0.002, n=256, block=8, layers=2, heads=2, width=8, batch=2, sequences=3
)
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


# The recall task and the patterns


def recall(settings: Settings) -> Recall:
    task = task_of("recall", settings, load_corpus())
    assert isinstance(task, Recall)
    return task


def reached(variant: str, seed: int = 0) -> float:
    settings = Settings()
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
    task, window = recall(Settings()), BlockPattern(32, 3, 0, 0)
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
    compare(corpus, out, runs_of(**FEW), SMALL, data_options=["--split-seed 7"], say=quiet)
    return out


def test_every_run_gives_a_row_with_all_that_it_depends_on(finished: Path) -> None:
    kept = json.loads((finished / "compare.json").read_text("utf-8"))
    assert len(kept["runs"]) == 2 * 2 * 3
    assert {"command", "settings", "data", "seeds", "minutes", "torch", "cores"} <= kept.keys()
    assert kept["seeds"] == [0]
    ceilings = {row["variant"]: row["reach"] for row in kept["runs"] if row["task"] == "recall"}
    assert ceilings == {"full": None, "linformer-16": None, "bigbird": 1.0}
    settings, rows = read_comparison(finished / "compare.json")
    assert settings == SMALL and rows == kept["runs"]


def test_the_table(finished: Path) -> None:
    text = (finished / "compare.md").read_text("utf-8")
    recall_table, characters_table = text.split("\n\ncharacters:")[0], text.split("characters:")[1]
    for table in (recall_table, characters_table):
        assert [line.split("|")[1].strip() for line in table.splitlines() if "| " in line] == [
            "attention",
            *FEW["variants"],
        ]
    assert text.endswith(" --steps 3 --minutes 0.002 --n 256`.\n") and "--split-seed 7" in text
    assert "accuracy, 3 steps" in recall_table and "bits, 0.002 minutes" in characters_table


def test_mean_and_range_of_the_table() -> None:
    row = {
        "task": "characters",
        "variant": "full",
        "budget": "steps",
        "measure": "bits",
        "parameters": 1234,
        "seconds": 10.0,
        "steps": 3,
        "reach": None,
    }
    rows = [{**row, "seed": seed, "bits": bits} for seed, bits in enumerate((2.0, 2.5, 3.6))]
    line = markdown(rows, SMALL).splitlines()[-1]
    cells = [cell.strip() for cell in line.split("|")[1:-1]]
    assert cells[2:] == ["1,234", "2.700 (2.000 to 3.600; 3 seeds)", "10", "-", "-"]


def test_finished_runs_are_not_repeated_and_others_are_added(
    finished: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "copy"
    out.mkdir()
    (out / "runs").mkdir()
    for path in finished.rglob("*.json"):
        (out / path.relative_to(finished)).write_text(path.read_text("utf-8"), "utf-8")
    done: list[Run] = []
    whole = module.train

    def counted(run: Run, *arguments: Any, **named: Any) -> dict[str, Any]:
        done.append(run)
        return whole(run, *arguments, **named)

    monkeypatch.setattr(module, "train", counted)
    before = read_comparison(finished / "compare.json")[1]
    assert compare(corpus, out, runs_of(**FEW), SMALL, say=quiet) == before
    assert not done
    more = runs_of(["recall"], ["full", "window"], [0], ["steps"])
    rows = compare(corpus, out, more, SMALL, say=quiet)
    assert done == [Run("recall", "window", 0, "steps")]
    assert len(rows) == len(before) + 1


def test_an_interrupt_keeps_what_is_finished(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = runs_of(["recall"], ["full", "window", "bigbird"], [0], ["steps"])
    whole = Training.step

    def step(self: Any) -> None:
        if self.run.variant == "window" and len(self.losses) == 1 and pressed:
            signal.raise_signal(signal.SIGINT)
        whole(self)

    pressed = True
    monkeypatch.setattr(Training, "step", step)
    monkeypatch.setattr(module, "_expected", lambda *_: "")
    with pytest.raises(KeyboardInterrupt, match="1 of 3 runs are kept"):
        compare(corpus, tmp_path, runs, SMALL, say=quiet)
    assert [path.stem for path in (tmp_path / "runs").iterdir()] == ["recall.full.0.steps"]
    assert len(read_comparison(tmp_path / "compare.json")[1]) == 1
    pressed = False
    assert len(compare(corpus, tmp_path, runs, SMALL, say=quiet)) == 3


def test_the_time_to_expect_is_said_first(corpus: Corpus, tmp_path: Path) -> None:
    said: list[str] = []
    runs = runs_of(["recall"], ["window"], [0, 1], ["time"])
    compare(corpus, tmp_path, runs, replace(SMALL, minutes=0.005), say=said.append)
    assert said[0] == "2 runs, about 0 minutes; 0 are finished already"
    assert said[1].startswith("1/2 recall.window.0.time: 0.")


@pytest.mark.parametrize("change", [{"steps": 4}, {"minutes": 0.003}, {"learning_rate": 0.1}])
def test_other_options_are_refused(finished: Path, corpus: Corpus, change: dict[str, Any]) -> None:
    (name, value), *_ = change.items()
    with pytest.raises(UserError, match=rf"other options \({name} .*, now {value}\)"):
        compare(corpus, finished, runs_of(**FEW), replace(SMALL, **change), say=quiet)


def test_other_people_are_refused(finished: Path, corpus: Corpus) -> None:
    other = replace(corpus, dev=corpus.dev[:-1])
    with pytest.raises(UserError, match="other options"):
        compare(other, finished, runs_of(**FEW), SMALL, say=quiet)


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


@pytest.mark.parametrize("text", [None, "{", "{}", '{"settings": {"x": 1}, "runs": []}'])
def test_a_damaged_comparison_is_refused_with_the_mend(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "compare.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError, match="python -m nlp4 compare"):
        read_comparison(path)


def test_damaged_settings_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("[", "utf-8")
    with pytest.raises(UserError, match="is damaged"):
        compare(corpus, tmp_path, runs_of(**FEW), SMALL, say=quiet)


def test_the_whole_is_the_product_of_everything() -> None:
    assert len(set(runs_of())) == 2 * len(VARIANTS) * 3 * 2


def test_a_word_or_a_seed_named_twice_is_run_once() -> None:
    runs = runs_of(["recall", "recall"], ["full"], [1, 0, 1], ["time", "time"])
    assert runs == [Run("recall", "full", seed, "time") for seed in (1, 0)]


def test_a_linformer_longer_than_the_sequences_is_refused_before_anything_is_run(
    corpus: Corpus, tmp_path: Path
) -> None:
    runs, short = runs_of(["recall"], seeds=[0], budgets=["time"]), replace(SMALL, n=128)
    with pytest.raises(UserError, match="linformer-256 needs n = 256 or more, not 128"):
        compare(corpus, tmp_path / "out", runs, short, say=quiet)
    assert not (tmp_path / "out").exists()


def test_a_damaged_run_is_refused_with_the_mend(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "recall.full.0.steps.json").write_text('{"task": "rec', "utf-8")
    with pytest.raises(UserError, match=r"recall\.full\.0\.steps\.json is damaged: delete it"):
        compare(corpus, tmp_path, runs_of(["recall"], ["full"], [0], ["steps"]), SMALL, say=quiet)


# The command that stands beside the results


def test_all_defaults_need_no_options() -> None:
    assert command_of(runs_of(), Settings()) == "python -m nlp4 compare --out DIR"


def test_the_command_names_what_is_not_the_default() -> None:
    runs = runs_of(["characters"], ["window", "full"], [5, 4], ["time"])
    found = command_of(runs, Settings(steps=1_234_567, minutes=0.125, n=2048), ["--split-seed 3"])
    assert found == (
        "python -m nlp4 compare --out DIR --split-seed 3 --tasks characters --variants full window "
        "--seeds 4 5 --budgets time --steps 1234567 --minutes 0.125 --n 2048"
    )


def test_the_command_beside_the_results_is_that_of_all_runs_in_the_folder(
    corpus: Corpus, tmp_path: Path
) -> None:
    for seed in (3, 1):
        runs = runs_of(["recall"], ["full"], [seed], ["steps"])
        compare(corpus, tmp_path, runs, SMALL, say=quiet)
    command = json.loads((tmp_path / "compare.json").read_text("utf-8"))["command"]
    assert "--tasks recall --variants full --seeds 1 3 --budgets steps --steps 3" in command
    assert f"Made by `{command}`.\n" in (tmp_path / "compare.md").read_text("utf-8")


def some_of(words: Any) -> Any:
    return st.lists(st.sampled_from(list(words)), min_size=1, unique=True)


@given(
    some_of(TASKS),
    some_of(VARIANTS),
    st.lists(st.integers(0, 99), min_size=1, unique=True),
    some_of(BUDGETS),
    st.sampled_from([600, 3]),
    st.floats(1e-3, 1e3),
    st.sampled_from([1024, 2048]),
)
@effort(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_command_asks_for_the_runs_and_settings_that_it_was_made_from(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tasks: list[str],
    variants: list[str],
    seeds: list[int],
    budgets: list[Any],
    steps: int,
    minutes: float,
    n: int,
) -> None:
    asked: list[tuple[set[Run], Settings]] = []

    def caught(_: Corpus, out: Path, runs: list[Run], settings: Settings, **__: Any) -> None:
        (out / "compare.md").write_text("", "utf-8")
        asked.append((set(runs), settings))

    monkeypatch.setattr(module, "compare", caught)
    monkeypatch.setattr("nlp4.corpus.load_corpus", lambda *_, **__: None)
    runs, settings = runs_of(tasks, variants, seeds, budgets), Settings(steps, minutes, n)
    words = shlex.split(command_of(runs, settings))
    assert words[:5] == ["python", "-m", "nlp4", "compare", "--out"]
    assert main(["compare", "--out", str(tmp_path), *words[6:]]) == 0
    assert asked == [(set(runs), settings)]


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    given = {"block": 8, "width": 8, "batch": 2, "sequences": 3}
    monkeypatch.setattr(compare_settings, "Settings", lambda **more: Settings(**{**given, **more}))
    asked = ["compare", "--data", str(data), "--out", str(tmp_path / "out"), "--n", "256"]
    asked += ["--tasks", "recall", "--variants", "full", "window", "--seeds", "0", "1"]

    assert main([*asked, "--steps", "2", "--budgets", "steps"]) == 0

    printed = capsys.readouterr().out
    command = (
        "python -m nlp4 compare --out DIR --data FOLDER --tasks recall --variants full window "
        "--seeds 0 1 --budgets steps --steps 2 --n 256"
    )
    assert "4 runs" in printed and "| window |" in printed and command in printed
    kept = json.loads((tmp_path / "out" / "compare.json").read_text("utf-8"))
    assert kept["command"] == command
    assert [row["steps"] for row in kept["runs"]] == [2] * 4
    assert main([*asked, "--steps", "3", "--budgets", "steps"]) == 2
    assert "steps 2, now 3" in capsys.readouterr().err


def test_the_data_options_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    named: list[list[str]] = []

    def caught(_: Corpus, out: Path, *__: Any, data_options: list[str]) -> None:
        (out / "compare.md").write_text("", "utf-8")
        named.append(data_options)

    monkeypatch.setattr(module, "compare", caught)
    words = ["compare", "--out", str(tmp_path)]
    assert main(words) == 0
    assert main([*words, "--data", str(data), "--dev-from-train", "2", "--split-seed", "1"]) == 0
    assert named == [[], ["--data FOLDER", "--dev-from-train 2", "--split-seed 1"]]
