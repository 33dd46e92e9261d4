"""Several processes train as one does, end together, and leave a run that any number takes up."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import ranks
import tiny
import torch
from ranks import MIDDLE, SOBER, STEPS, Ended, gradients, reproduce, world

from nlp4 import cli
from nlp4.data.corpus import Corpus
from nlp4.support.errors import UserError
from nlp4.training import distributed, presets
from nlp4.training.distributed import World, here, joined
from nlp4.training.runs import read_histories

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no forkserver"),
]


@pytest.fixture(scope="module", autouse=True)
def the_presets() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presets, "PRESETS", ranks.PRESETS)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_corpus(tmp_path_factory.mktemp("data"))


def words(data: Path, out: Path, preset: str = "tiny") -> tuple[object, ...]:
    return ("--preset", preset, "--data", data, "--out", out)


@pytest.fixture(scope="module")
def alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process."""
    out = tmp_path_factory.mktemp("alone") / "run"
    assert cli.main(["reproduce", *map(str, words(data, out))]) == 0
    return out


def assert_same_run(out: Path, alone: Path) -> None:
    """The same losses at each step, within rounding, and the same answers."""
    ours, theirs = read_histories(out), read_histories(alone)
    assert {name: history.steps for name, history in ours.items()} == STEPS
    for name, history in ours.items():
        assert history.losses == pytest.approx(theirs[name].losses, abs=2e-3), name
        assert history.characters == theirs[name].characters
        assert history.finished
    for name in ("scratch", "dev", "test"):
        answers = [(each / "predictions" / f"{name}.txt").read_text() for each in (out, alone)]
        assert answers[0] == answers[1]
    assert list(out.glob("*.state")) == []


# Gradients


@pytest.mark.parametrize("size", [2, 3])  # of four rows, three have 2, 1 and 1
def test_gradients_are_those_of_one_process(
    size: int, tmp_path: Path, data: Path, corpus: Corpus
) -> None:
    ended = world(tmp_path / "world", [partial(ranks.keep_gradients, data, tmp_path)] * size)
    assert ended == Ended([0] * size, [""] * size)

    kept = [torch.load(tmp_path / f"{rank}.pt") for rank in range(size)]
    for kind in SOBER:
        wanted = gradients(corpus, kind)
        assert all(each[kind].keys() == wanted.keys() for each in kept)
        for name, whole in wanted.items():
            found = [each[kind][name] for each in kept]
            assert [each.is_sparse for each in found] == [whole.is_sparse] * size
            found = [each.to_dense() for each in found]
            assert all(torch.equal(each, found[0]) for each in found)
            torch.testing.assert_close(found[0], whole.to_dense(), rtol=1e-5, atol=1e-7)


def test_rows_are_dealt_out_and_weighted_by_their_targets(corpus: Corpus) -> None:
    batch = tiny.trainer(corpus, kind="recalling").batches[0]

    shares = [World(rank, 3).share(batch) for rank in range(3)]

    assert [len(mine.ids) for mine, _ in shares] == [2, 1, 1]
    assert sum(part for _, part in shares) == pytest.approx(1.0)
    for rank, (mine, part) in enumerate(shares):
        for ours, whole in zip(mine.tensors, batch.tensors, strict=True):
            assert torch.equal(ours, whole[rank::3])
        assert part == (mine.targets != -100).sum().item() / (batch.targets != -100).sum().item()


def test_more_processes_than_rows_are_refused(corpus: Corpus) -> None:
    batch = tiny.trainer(corpus).batches[0]

    with pytest.raises(UserError, match="a batch of 4 is too small for 5 processes"):
        World(4, 5).share(batch)


def test_a_process_alone_asks_nobody(corpus: Corpus) -> None:
    batch, alone = tiny.trainer(corpus).batches[0], here()

    assert alone == World(0, 1)
    assert alone.share(batch) == (batch, 1.0)
    assert (alone.any(False), alone.any(True), alone.first(2.5)) == (False, True, 2.5)
    alone.meet(anything=object())
    with joined() as world:
        assert world == alone


def test_each_process_of_a_machine_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)

    def device(name: str, local: int, size: int = 4) -> str:
        monkeypatch.setenv("LOCAL_RANK", str(local))
        return World(local, size).device(name)

    assert [device("cuda", local) for local in (0, 1)] == ["cuda:0", "cuda:1"]
    assert device("cuda", 0, size=1) == "cuda"
    assert device("cpu", 3) == "cpu"
    with pytest.raises(UserError, match="--device cuda: torch finds none for each of 4 processes"):
        device("cuda", 2)


# Whole runs


def test_two_processes_do_the_run_of_one(tmp_path: Path, data: Path, alone: Path) -> None:
    out = tmp_path / "run"

    ended = world(tmp_path / "world", [partial(reproduce, *words(data, out))] * 2)

    assert ended.statuses == [0, 0], ended.said
    assert "training took" in ended.said[0] and ended.said[1] == ""
    assert_same_run(out, alone)
    results = json.loads((out / "results.json").read_text())
    assert (results["processes"], results["device"]) == (2, "cpu")
    found, wanted = ({path.name for path in each.rglob("*")} for each in (out, alone))
    assert found == wanted


@pytest.mark.parametrize(
    ("by", "before", "after"),
    [(signal.SIGINT, 2, 1), (signal.SIGTERM, 2, 4), (signal.SIGTERM, 1, 2)],
)
def test_a_run_that_is_stopped_goes_on_with_another_number_of_processes(
    by: signal.Signals, before: int, after: int, tmp_path: Path, data: Path, alone: Path
) -> None:
    out = tmp_path / "run"
    job = partial(reproduce, *words(data, out))
    stopped = partial(job, at=MIDDLE, by=by)

    ended = world(tmp_path / "before", [*[job] * (before - 1), stopped])

    assert ended.statuses == [130] * before
    told = [line for line in ended.lines if line.startswith("nlp4:")]
    assert told == [f"nlp4: stopped; the same command goes on from {out / 'pretrained.state'}"]
    assert read_histories(out)["pretrained"].steps == 7
    ended = world(tmp_path / "after", [job] * after)
    assert ended.statuses == [0] * after, ended.said
    assert_same_run(out, alone)


def test_budgets_of_time_are_the_same_steps_for_all(tmp_path: Path, data: Path) -> None:
    ended = world(tmp_path / "world", [partial(ranks.keep_clocks, data, tmp_path)] * 2)

    assert ended.statuses == [0, 0], ended.said
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in range(2))
    assert first["steps"] == second["steps"] > 100
    assert first["history"] == second["history"]
    assert first["history"]["finished"] and first["history"]["seconds"] >= 0.5
    assert tiny.same_bits(first["weights"], second["weights"])  # copies, although it drops out


# Mistakes, and processes that are lost: one line, and an exit status for each


def refused(ended: Ended) -> str:
    """The one line of processes that all ended by it."""
    assert all(status == 2 for status in ended.statuses), ended.said
    (line,) = ended.lines
    assert line.startswith("nlp4: ")
    return line


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_process_ends_the_others_and_the_run_goes_on(
    lost: int, tmp_path: Path, data: Path, alone: Path
) -> None:
    out = tmp_path / "run"
    jobs: list[Any] = [partial(reproduce, *words(data, out))] * 3  # two to tell it
    jobs[lost] = partial(jobs[lost], at=MIDDLE, by=signal.SIGKILL)

    ended = world(tmp_path / "world", jobs)

    assert sorted(ended.statuses) == [-signal.SIGKILL, 2, 2]
    told = [line for line in ended.lines if line.startswith("nlp4:")]
    assert len(told) == 1 and "another process of this training was lost" in told[0]
    assert not any("Traceback" in line for line in ended.lines)
    assert cli.main(["reproduce", *map(str, words(data, out))]) == 0
    assert_same_run(out, alone)


def test_what_was_learnt_is_saved_where_process_0_is_left(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "run"
    job = partial(reproduce, *words(data, out))

    world(tmp_path / "world", [job, partial(job, at=MIDDLE, by=signal.SIGKILL)])

    state = torch.load(out / "pretrained.state", weights_only=True)
    assert len(state["history"]["losses"]) == 7


def test_other_data_is_refused(tmp_path: Path, data: Path) -> None:
    other = tiny.write_corpus(tmp_path / "other")
    (other / "birth_places_train.tsv").open("a").write(tiny.pair("Max Wren", "Hull"))
    out = tmp_path / "run"

    ended = world(tmp_path / "world", [partial(reproduce, *words(d, out)) for d in (data, other)])

    assert "process 1 has another data than process 0" in refused(ended)
    assert not out.exists()


def test_another_preset_is_refused(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "run"
    jobs = [partial(reproduce, *words(data, out, preset)) for preset in ("tiny", "other")]

    assert "process 1 has another preset than process 0" in refused(world(tmp_path / "w", jobs))
    assert not out.exists()


def test_folders_that_are_not_shared_are_refused(tmp_path: Path, data: Path, alone: Path) -> None:
    jobs = [partial(reproduce, *words(data, out)) for out in (alone, tmp_path / "run")]

    assert "process 1 has another plan than process 0" in refused(world(tmp_path / "w", jobs))


def test_a_folder_with_another_run_is_refused(tmp_path: Path, data: Path, alone: Path) -> None:
    before = (alone / "plan.json").read_bytes()

    ended = world(tmp_path / "w", [partial(reproduce, *words(data, alone, "other"))] * 2)

    assert "choose another --out folder" in refused(ended)
    assert (alone / "plan.json").read_bytes() == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_refused(tmp_path: Path, data: Path) -> None:
    job = partial(reproduce, *words(data, tmp_path / "run"), "--device", "cuda")

    line = refused(world(tmp_path / "world", [job] * 2))

    assert "--device cuda: torch finds none for each of 2 processes on this machine" in line


def test_a_mistake_of_one_process_ends_all(tmp_path: Path, data: Path) -> None:
    folders = (data, tmp_path / "nowhere")
    jobs = [partial(reproduce, *words(each, tmp_path / "run")) for each in folders]

    assert "nowhere" in refused(world(tmp_path / "world", jobs))


def test_processes_that_do_not_find_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "PATIENCE", distributed.timedelta(seconds=1))

    with (
        pytest.raises(UserError, match="do not find each other: ") as refusal,
        joined(f"file://{tmp_path}/meeting?rank=0&world_size=2"),
    ):
        pytest.fail("there is only one")

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("number", [0, 1])
def test_processes_that_are_not_told_where_to_meet(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of a machine tells it, the others only end."""
    told = {"RANK": 2 + number, "LOCAL_RANK": number, "WORLD_SIZE": 4}
    for name, value in told.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("MASTER_ADDR", raising=False)

    with pytest.raises(SystemExit if number else UserError, match=r"2|MASTER_ADDR"), joined():
        pytest.fail("there is nowhere to meet")
