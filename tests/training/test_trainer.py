"""Training: stopped anywhere, it ends with the same weights; and it is as its options say."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import tiny
import torch
from tiny import STEPS, same_bits, weights

import nlp4
from nlp4.data.corpus import Corpus
from nlp4.models import checkpoint
from nlp4.support.errors import UserError
from nlp4.training import trainer as training
from nlp4.training.trainer import History, Trainer, TrainingConfig, clip_dense

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def uninterrupted(corpus: Corpus) -> dict[str, Trainer]:
    trainers = {kind: tiny.trainer(corpus, kind=kind) for kind in tiny.RECIPES}
    for trainer in trainers.values():
        trainer.run()
    return trainers


def assert_same_training(first: Trainer, second: Trainer) -> None:
    assert first.history.losses == second.history.losses
    assert first.history.characters == second.history.characters
    assert same_bits(weights(first.model), weights(second.model))


# Killed


def start(moment: str, kind: str, state: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(nlp4.__file__).parent.parent),
    }
    return subprocess.Popen(
        [sys.executable, tiny.__file__, moment, kind, str(state)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def resumed_from(state: Path, corpus: Corpus, kind: str) -> Trainer:
    trainer = tiny.trainer(corpus, state, kind)
    assert 0 < trainer.history.steps < STEPS
    trainer.run()
    return trainer


@pytest.mark.parametrize(
    ("moment", "kind"),
    [
        ("between steps", "everything"),
        ("between steps", "plain"),
        ("between steps", "recalling"),
        ("inside a step", "everything"),
        ("inside a step", "recalling"),
        ("while a checkpoint is half written", "everything"),
        ("before a checkpoint is renamed", "everything"),
    ],
)
def test_a_training_killed_at_a_moment_ends_with_the_same_bits(
    moment: str, kind: str, tmp_path: Path, corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    tiny.write_corpus(tmp_path / "corpus")
    child = start(moment, kind, tmp_path / "state")
    _, errors = child.communicate()
    assert child.returncode in (-signal.SIGKILL, -signal.SIGXFSZ), errors

    resumed = resumed_from(tmp_path / "state", corpus, kind)

    assert_same_training(resumed, uninterrupted[kind])


@pytest.mark.parametrize("steps", [3, 16])
def test_a_training_killed_from_outside_ends_with_the_same_bits(
    steps: int, tmp_path: Path, corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    tiny.write_corpus(tmp_path / "corpus")
    child = start("when the parent says", "everything", tmp_path / "state")
    assert child.stdout is not None
    for _ in range(steps):
        child.stdout.readline()
    child.kill()
    _, errors = child.communicate()
    assert child.returncode == -signal.SIGKILL, errors

    resumed = resumed_from(tmp_path / "state", corpus, "everything")

    assert_same_training(resumed, uninterrupted["everything"])


# Interrupted


def interrupt_at(step: int, times: int = 1) -> tiny.OnStep:
    def call(history: History) -> None:
        if history.steps == step:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return call


def test_an_interrupt_finishes_the_step_and_keeps_the_model(tmp_path: Path, corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, tmp_path / "state")

    history = tiny.watch(trainer, interrupt_at(5))

    assert (history.steps, history.finished) == (5, False)
    kept = tiny.trainer(corpus, tmp_path / "state")
    assert kept.history.steps == 5
    assert same_bits(weights(kept.model), weights(trainer.model))
    assert not trainer.model.training


def test_another_run_of_the_same_trainer_goes_on(
    corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    trainer = tiny.trainer(corpus)

    tiny.watch(trainer, interrupt_at(5), interrupt_at(21))
    tiny.watch(trainer, interrupt_at(21))
    history = trainer.run()

    assert history.finished
    assert_same_training(trainer, uninterrupted["everything"])


def test_another_trainer_goes_on_from_the_file(
    tmp_path: Path, corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    tiny.watch(tiny.trainer(corpus, tmp_path / "state"), interrupt_at(5))

    trainer = resumed_from(tmp_path / "state", corpus, "everything")

    assert trainer.history.finished
    assert_same_training(trainer, uninterrupted["everything"])


def test_a_finished_training_takes_no_more_steps(tmp_path: Path, corpus: Corpus) -> None:
    first = tiny.trainer(corpus, tmp_path / "state", steps=4)
    first.run()
    second = tiny.trainer(corpus, tmp_path / "state", steps=4)

    history = tiny.watch(second, lambda history: pytest.fail("a step was taken"))

    assert (history.steps, history.finished) == (4, True)
    assert_same_training(first, second)


@pytest.fixture
def raising_interrupts() -> Iterator[None]:
    """Interrupts raise, as they do at a terminal, also where the tests run with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("raising_interrupts")
def test_a_second_interrupt_raises_at_once(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus)

    with pytest.raises(KeyboardInterrupt):
        tiny.watch(trainer, interrupt_at(5, times=2))

    assert trainer.history.steps == 5


@pytest.mark.parametrize("times", [0, 1, 2])
def test_the_interrupt_handler_is_given_back(times: int, corpus: Corpus) -> None:
    def mine(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, mine)
    try:
        with suppress(KeyboardInterrupt):
            tiny.watch(tiny.trainer(corpus, steps=5), interrupt_at(3, times))
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_where_interrupts_are_ignored_they_stay_ignored(corpus: Corpus) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        history = tiny.watch(tiny.trainer(corpus, steps=5), interrupt_at(3, times=2))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

    assert (history.steps, history.finished) == (5, True)


def test_a_thread_other_than_the_main_one_may_train(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, steps=3)

    thread = threading.Thread(target=trainer.run)
    thread.start()
    thread.join()

    assert trainer.history.finished


# Seeds


def test_the_same_seed_gives_the_same_run(
    corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    trainer = tiny.trainer(corpus)
    trainer.run()

    assert_same_training(trainer, uninterrupted["everything"])


@pytest.mark.parametrize("kind", tiny.RECIPES)
def test_another_seed_gives_another_run(
    kind: str, corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    trainer = tiny.trainer(corpus, kind=kind, seed=1)
    trainer.run()

    assert trainer.history.losses != uninterrupted[kind].history.losses
    assert not same_bits(weights(trainer.model), weights(uninterrupted[kind].model))


def test_the_seed_decides_what_drops_out(corpus: Corpus) -> None:
    first, second = (tiny.trainer(corpus, seed=seed) for seed in (0, 1))
    second.batches = first.batches

    first.step()
    second.step()

    assert first.history.losses != second.history.losses


def test_each_step_drops_out_something_else(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, warmup=10**15)  # so slow that no weight moves
    only = trainer.batches[0]
    trainer.batches = {step: only for step in range(2)}

    trainer.step()
    trainer.step()

    assert trainer.history.losses[0] != trainer.history.losses[1]


def test_torchs_global_random_state_is_left_alone(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, steps=3)
    before = torch.random.get_rng_state()

    trainer.run()

    assert torch.equal(torch.random.get_rng_state(), before)


def test_torchs_global_random_state_decides_nothing(
    corpus: Corpus, uninterrupted: dict[str, Trainer]
) -> None:
    trainer = tiny.trainer(corpus)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(12345)
        trainer.run()

    assert_same_training(trainer, uninterrupted["everything"])


# Configurations


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 3}, ["seed 0, now 3"]),
        ({"learning_rate": 0.5, "batch": 5}, ["learning_rate 0.01, now 0.5", "batch 4, now 5"]),
        ({"optimiser": "adamw"}, ["optimiser 'muon', now 'adamw'"]),
    ],
)
def test_another_training_configuration_is_refused(
    changes: dict[str, object], named: list[str], tmp_path: Path, corpus: Corpus
) -> None:
    state = tmp_path / "state"
    tiny.watch(tiny.trainer(corpus, state), interrupt_at(2))

    with pytest.raises(UserError) as refusal:
        tiny.trainer(corpus, state, **changes)

    message = str(refusal.value)
    assert str(state) in message and "\n" not in message
    assert all(difference in message for difference in named)
    same = set(asdict(TrainingConfig(1))) - set(changes)
    assert not any(f"{field} " in message.partition("(")[2].partition(")")[0] for field in same)


def test_another_models_configuration_is_refused(tmp_path: Path, corpus: Corpus) -> None:
    tiny.watch(tiny.trainer(corpus, tmp_path / "state"), interrupt_at(2))

    with pytest.raises(UserError, match=r"another model configuration \(dropout 0.1, now 0.0"):
        tiny.trainer(corpus, tmp_path / "state", kind="plain")


def test_a_damaged_state_is_refused(tmp_path: Path, corpus: Corpus) -> None:
    state = tmp_path / "state"
    tiny.trainer(corpus, state, steps=1).run()
    state.write_bytes(state.read_bytes()[:-100])

    with pytest.raises(UserError, match="delete it and train again"):
        tiny.trainer(corpus, state, steps=1)


def test_without_a_path_nothing_is_written(
    tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "SAVE_EVERY", -1.0)

    tiny.trainer(corpus, steps=2).run()

    assert list(tmp_path.iterdir()) == []


def test_a_long_training_is_saved_on_the_way(
    tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, seen = tmp_path / "state", []
    monkeypatch.setattr(training, "SAVE_EVERY", -1.0)

    tiny.watch(tiny.trainer(corpus, state, steps=3), lambda _: seen.append(state.exists()))

    assert seen == [False, True, True]


def test_a_state_from_before_a_field_was_there_is_taken_up(tmp_path: Path, corpus: Corpus) -> None:
    state = tmp_path / "state"
    tiny.watch(tiny.trainer(corpus, state), interrupt_at(2))
    content = checkpoint.load(state)
    del content["training"]["seconds"]
    checkpoint.save(state, content)

    assert tiny.trainer(corpus, state).history.steps == 2
    with pytest.raises(UserError, match="seconds None, now 9"):
        tiny.trainer(corpus, state, seconds=9.0)


# A budget of time


class Clock:
    """Half a second passes each time somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def test_a_budget_of_time_ends_when_it_is_spent_and_with_it_the_rates(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.time, "perf_counter", Clock())
    trainer, rates = tiny.trainer(corpus, steps=40, seconds=5.0, warmup=0), []
    trainer.optimisers[0].register_step_post_hook(
        lambda *_: rates.append(trainer.optimisers[0].param_groups[0]["lr"])
    )

    history = trainer.run()

    assert (history.steps, history.seconds, history.finished) == (10, 5.0, True)
    peak = trainer.config.learning_rate
    assert rates == pytest.approx([peak * (1 - step / 10) for step in range(10)])


def test_the_pace_is_that_of_steps_after_the_first_ones(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.time, "perf_counter", Clock())
    few, many = tiny.trainer(corpus), tiny.trainer(corpus)

    assert few.pace(0.0) == many.pace(4.0) == 0.5
    assert (few.history.steps, many.history.steps) == (5, 10)


# Learning


def rates(trainer: Trainer) -> list[list[float]]:
    """The learning rate of each optimiser at each step, as the optimiser saw it."""
    seen: list[list[float]] = [[] for _ in trainer.optimisers]
    for optimiser, rates_of_one in zip(trainer.optimisers, seen, strict=True):
        optimiser.register_step_pre_hook(
            lambda optimiser, *_, to=rates_of_one: to.append(optimiser.param_groups[0]["lr"])
        )
    trainer.run()
    return seen


def test_every_learning_rate_rises_and_then_falls_to_zero(corpus: Corpus) -> None:
    trainer = tiny.trainer(
        corpus, steps=20, warmup=4, learning_rate=0.1, matrix_rate=0.2, memory_rate=0.4
    )

    adamw, muon, memory = rates(trainer)

    assert adamw[0] == pytest.approx(0.1 / 4)  # a quarter of the way up, not yet falling
    assert adamw[3] == max(adamw) == pytest.approx(0.1 * 17 / 20)  # all the way up, 3/20 down
    assert adamw[4:] == pytest.approx([0.1 * (20 - step) / 20 for step in range(4, 20)])
    assert muon == pytest.approx([2 * rate for rate in adamw])
    assert memory == pytest.approx([4 * rate for rate in adamw])
    assert trainer.config.rate(20) == 0


def test_a_schedule_without_warmup_starts_at_its_peak() -> None:
    config = TrainingConfig(10, warmup=0)

    assert [config.rate(0), config.rate(5), config.rate(10)] == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("kind", tiny.RECIPES)
def test_the_loss_falls(kind: str, uninterrupted: dict[str, Trainer], corpus: Corpus) -> None:
    losses = uninterrupted[kind].history.losses

    # An untrained model spreads its guess evenly over the alphabet.
    assert losses[0] == pytest.approx(
        math.log(uninterrupted[kind].model.config.vocabulary_size), abs=0.15
    )
    assert sum(losses[-5:]) / 5 < 0.8 * losses[0]


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
@pytest.mark.parametrize("kind", tiny.RECIPES)
def test_every_parameter_is_moved_by_exactly_one_optimiser(
    kind: str, optimiser: str, corpus: Corpus
) -> None:
    trainer = tiny.trainer(corpus, kind=kind, optimiser=optimiser)

    owners = Counter(
        id(p) for o in trainer.optimisers for group in o.param_groups for p in group["params"]
    )

    assert owners == Counter(id(p) for p in trainer.model.parameters())


def test_rows_are_averaged_as_the_options_say(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, memory_rate=0.4, memory_betas=(0.3, 0.6))
    *_, memory = trainer.optimisers
    assert [(group["lr"], group["betas"]) for group in memory.param_groups] == [(0.4, (0.3, 0.6))]


def test_matrices_memory_and_the_rest_go_to_their_own_optimisers(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus)
    names = {id(p): name for name, p in trainer.model.named_parameters()}

    adamw, muon, memory = (
        {names[id(p)] for group in optimiser.param_groups for p in group["params"]}
        for optimiser in trainer.optimisers
    )

    assert memory == {"memory.table.weight"}
    assert muon == {
        f"blocks.0.{name}.weight" for name in ("attention.qkv", "attention.out", "up", "down")
    }
    assert {"characters.weight", "positions", "head.weight", "blocks.0.up.bias"} <= adamw


def test_every_parameter_that_a_batch_reaches_moves(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, steps=3)
    before = weights(trainer.model)

    trainer.run()

    after = weights(trainer.model)
    assert [name for name in before if torch.equal(before[name], after[name])] == []


def gradients(trainer: Trainer) -> torch.nn.Module:
    """A model with the gradients of one batch, the memory's row gradients among them."""
    batch = trainer.batches[0]
    (1000 * trainer.model.loss(batch.ids, batch.targets)).backward()
    return trainer.model


def joint_norm(model: torch.nn.Module) -> float:
    squares = [
        p.grad.double().pow(2).sum().item()
        for p in model.parameters()
        if p.grad is not None and not p.grad.is_sparse
    ]
    return math.sqrt(sum(squares))


def test_clipping_bounds_the_norm_and_keeps_the_direction(corpus: Corpus) -> None:
    model = gradients(tiny.trainer(corpus))
    before = {name: p.grad.clone() for name, p in model.named_parameters()}
    norm = joint_norm(model)
    assert norm > 10

    clip_dense(model, 0.5)

    assert joint_norm(model) == pytest.approx(0.5, rel=1e-4)
    for name, p in model.named_parameters():
        if p.grad.is_sparse:
            assert torch.equal(p.grad.to_dense(), before[name].to_dense())
        else:
            torch.testing.assert_close(p.grad, before[name] * (0.5 / norm), rtol=1e-4, atol=1e-7)


def test_gradients_below_the_limit_stay_as_they_are(corpus: Corpus) -> None:
    model = gradients(tiny.trainer(corpus, kind="plain"))
    before = {name: p.grad.clone() for name, p in model.named_parameters()}

    clip_dense(model, 1e9)

    assert all(torch.equal(p.grad, before[name]) for name, p in model.named_parameters())


def test_training_clips_by_its_configuration(corpus: Corpus) -> None:
    trainer, norms = tiny.trainer(corpus, kind="plain", clip=0.01), []
    trainer.optimisers[0].register_step_pre_hook(lambda *_: norms.append(joint_norm(trainer.model)))

    trainer.step()

    assert norms == [pytest.approx(0.01, rel=1e-3)]


# What the reader sees


def test_the_progress_bar_shows_loss_and_speed(
    corpus: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    pause = 0.3  # seconds: longer than tqdm waits between two refreshes

    trainer = tiny.trainer(corpus, steps=4)
    trainer.optimisers[0].register_step_post_hook(lambda *_: time.sleep(pause))
    history = trainer.run(label="pretraining")

    shown = capsys.readouterr().err
    assert "pretraining" in shown and "/4" in shown
    assert f"loss {sum(history.losses[:2]) / 2:.3f}" in shown
    assert "characters/s" in shown


def test_the_history_tells_losses_and_cost(corpus: Corpus) -> None:
    trainer = tiny.trainer(corpus, steps=5)

    history = trainer.run()

    assert history.steps == 5 and history.finished
    assert history.characters == sum(trainer.batches[step].ids.numel() for step in range(5))
    assert history.seconds > 0
    assert history.recent_loss(2) == pytest.approx(sum(history.losses[3:]) / 2)
    assert history.curve(2) == [
        (2, pytest.approx(sum(history.losses[:2]) / 2)),
        (4, pytest.approx(sum(history.losses[2:4]) / 2)),
    ]
    assert math.isnan(History().recent_loss())


def test_the_model_learns_with_dropout_and_is_handed_back_without(corpus: Corpus) -> None:
    trainer, modes = tiny.trainer(corpus, steps=2), []
    trainer.model.eval()  # as a model read from disk is

    tiny.watch(trainer, lambda _: modes.append(trainer.model.training))

    assert modes == [True, True]
    assert not trainer.model.training


def test_a_configuration_cannot_be_changed_in_place() -> None:
    config = TrainingConfig(10)
    with pytest.raises(AttributeError):
        config.steps = 20  # type: ignore[misc]
    assert replace(config, steps=20).steps == 20
