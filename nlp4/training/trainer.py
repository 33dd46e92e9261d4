"""The training loop: one model, one stream of batches, one schedule.

Everything random is a function of the seed and the step, so a training that is stopped anywhere,
even by SIGKILL, and called again ends with the same weights, bit for bit.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Literal, Protocol

import torch
from torch import nn
from torch.optim import Optimizer
from tqdm.auto import tqdm

from nlp4.data.objectives import Batch
from nlp4.models import checkpoint
from nlp4.models.encoder import Encoder, EncoderConfig
from nlp4.models.gpt import GPT, ModelConfig, tables
from nlp4.support.errors import UserError
from nlp4.training.distributed import Lost, here
from nlp4.training.muon import Muon

Model = GPT | Encoder
SAVE_EVERY = 30.0  # seconds: an interruption costs half a minute at most
_WARM, _TRIALS = 2, 3  # steps of a trial that are not counted, and the fewest that are


@dataclass(frozen=True)
class TrainingConfig:
    """How long and how fast one stage learns.

    Learning rates rise over `warmup` steps, then fall linearly to zero at `steps`. `adamw` moves
    every parameter by AdamW; `muon` moves the blocks' matrices by Muon at `matrix_rate` instead.
    Rows that are looked up are moved by SparseAdam at `memory_rate` under either; its averages, by
    `memory_betas`, are of the texts that a row was in, so shorter than those of a matrix.

    With `seconds` the budget is time: the training ends, and the rates come to zero, when they are
    spent, however many steps that takes.
    """

    steps: int
    batch: int = 64
    optimiser: Literal["adamw", "muon"] = "adamw"
    learning_rate: float = 6e-3
    matrix_rate: float = 0.02
    memory_rate: float = 3e-3
    memory_betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    warmup: float = 50
    clip: float = 1.0
    seed: int = 0
    seconds: float | None = None

    def rate(self, step: float) -> float:
        """The factor on every learning rate at `step` of `steps`, counted from 0."""
        rising = min(1.0, (step + 1) / max(1, self.warmup))
        return rising * max(0.0, 1 - step / max(1, self.steps))


@dataclass
class History:
    """What a training has done so far: the loss in nats at each step, and its cost."""

    losses: list[float] = field(default_factory=list)
    characters: int = 0
    seconds: float = 0.0
    finished: bool = False

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.losses)

    def note(self, loss: float, characters: int, seconds: float) -> None:
        """Take down one more step."""
        self.losses.append(loss)
        self.characters += characters
        self.seconds += seconds

    def recent_loss(self, steps: int = 100) -> float:
        """Mean loss of the last `steps` steps; NaN before the first."""
        window = self.losses[-steps:]
        return sum(window) / len(window) if window else math.nan

    def curve(self, window: int = 20) -> list[tuple[int, float]]:
        """The mean loss of each `window` steps, with the step at which they end."""
        ends = range(window, self.steps + 1, window)
        return [(end, sum(self.losses[end - window : end]) / window) for end in ends]


class Batches(Protocol):
    """Batches by the step: the same one whenever it is asked for, so that a training resumes."""

    def __getitem__(self, step: int) -> Batch: ...


class Trainer:
    """One stage of training: a model, its batches, its optimisers, and how far it has come."""

    def __init__(
        self, model: Model, batches: Batches, config: TrainingConfig, path: Path | None = None
    ) -> None:
        """Take up the training at `path` if there is one; without a path nothing is kept.

        Raises UserError if the file at `path` is damaged or belongs to another configuration.
        """
        self.model, self.batches, self.config, self.path = model, batches, config, path
        self.optimisers = optimisers_for(model, config)
        self.history = History()
        self.world = here()
        self.device = next(model.parameters()).device
        self._saved = time.monotonic()
        if path is not None and path.exists():
            self._resume(path)

    @property
    def progress(self) -> float:
        """The share of the budget that is used up."""
        if self.config.seconds is None:
            return self.history.steps / self.config.steps
        return self.history.seconds / self.config.seconds

    def run(self, *, label: str = "training") -> History:
        """Train to the end with a progress bar; interruptions are as in `steps`."""
        timed = self.config.seconds is not None
        total = self.config.seconds or self.config.steps
        start, unit = self.progress * total, "s" if timed else "step"
        silent = self.world.rank > 0
        bar = tqdm(total=total, initial=start, desc=label, leave=False, unit=unit, disable=silent)
        with bar:
            for history in self.steps(label=label):
                bar.update(min(total, round(self.progress * total, 1)) - bar.n)
                bar.set_postfix_str(_told(history), refresh=False)
        return self.history

    def steps(self, *, label: str = "training") -> Iterator[History]:
        """Train to the end, and yield the history after each step: to draw it, or to count.

        An interruption (Ctrl-C, or the notebook's stop button) ends the training early and keeps
        the model so far: `history.finished` is then False, and a new call goes on from there.
        Where several processes train, one that is interrupted stops all. Raises Lost if one of
        them is gone; the model so far is kept then, too.
        """
        self.model.train()
        self.world.meet(stage=label, step=self.history.steps)
        with polite_interrupts() as stop:
            try:
                while self.progress < 1 and not self.world.any(bool(stop)):
                    self.step()
                    yield self.history
                    if time.monotonic() - self._saved > SAVE_EVERY:
                        self.save()
            except Lost:  # what is exchanged, is exchanged before a step is taken, or after it
                self.save()
                raise
        if self.progress < 1:
            tqdm.write(f"{label} stopped at step {self.history.steps}; the model so far is kept")
        self.history.finished = self.progress >= 1
        self.model.eval()
        self.save()

    def step(self) -> None:
        """Take one step: a batch, its loss, its gradients, and every optimiser once."""
        started, step = time.perf_counter(), self.history.steps
        at = step if self.config.seconds is None else self.progress * self.config.steps
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * self.config.rate(at)
        batch = self.batches[step]
        mine, part = self.world.share(batch)
        with torch.random.fork_rng(devices=[]):  # dropout reads torch's global generator
            torch.manual_seed(self.config.seed * 1_000_003 + step + self.world.rank * 10**9)
            loss = self.model.loss(*(tensor.to(self.device) for tensor in mine.tensors)) * part
        loss.backward()
        total = self.world.reduce(loss, self.model)
        clip_dense(self.model, self.config.clip)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        self.history.note(total, batch.characters, time.perf_counter() - started)
        self.history.seconds = self.world.first(self.history.seconds)  # one clock for all

    def pace(self, seconds: float) -> float:
        """Seconds a step, by trial steps that take so long; then throw the trainer away."""
        for _ in range(_WARM):
            self.step()
        before = self.history.seconds
        while self.history.steps < _WARM + _TRIALS or self.history.seconds - before < seconds:
            self.step()
        return (self.history.seconds - before) / (self.history.steps - _WARM)

    def save(self) -> None:
        """Write the whole state to `path`: weights, optimisers, and the step, which is the rest."""
        self._saved = time.monotonic()
        if self.path is None or self.world.rank > 0:
            return
        content = {
            "model": asdict(self.model.config),
            "training": asdict(self.config),
            "weights": self.model.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "history": asdict(self.history),
        }
        checkpoint.save(self.path, content)

    def _resume(self, path: Path) -> None:
        content = checkpoint.load(path)
        for kind, config in (("model", self.model.config), ("training", self.config)):
            if changed := _differences(content.get(kind), config):
                raise UserError(
                    f"{path} was trained with another {kind} configuration ({changed}): "
                    "use its options again, or another --out folder"
                )
        self.model.load_state_dict(content["weights"])
        for optimiser, state in zip(self.optimisers, content["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.history = History(**content["history"])


def optimisers_for(model: Model, config: TrainingConfig) -> list[Optimizer]:
    """Share the parameters out: matrices of the blocks, rows of a memory, and the rest."""
    memory = tables(model)
    matrices = []
    if config.optimiser == "muon":
        blocks = model.blocks if isinstance(model, GPT) else model.layers
        matrices = [p for p in blocks.parameters() if p.ndim == 2]
    taken = {id(p) for p in memory + matrices}
    rest = [p for p in model.parameters() if id(p) not in taken]
    found: list[Optimizer] = [
        torch.optim.AdamW(
            rest, config.learning_rate, betas=(0.9, 0.95), weight_decay=config.weight_decay
        )
    ]
    if matrices:
        found.append(Muon(matrices, config.matrix_rate, weight_decay=config.weight_decay))
    if memory:
        found.append(torch.optim.SparseAdam(memory, config.memory_rate, config.memory_betas))
    for optimiser in found:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return found


def clip_dense(model: nn.Module, limit: float) -> None:
    """Scale the dense gradients to a joint norm of `limit` at most; sparse ones stay as they are.

    Adam divides a row's gradient by its own size, so clipping the memory would change nothing.
    """
    dense = [p for p in model.parameters() if p.grad is not None and not p.grad.is_sparse]
    nn.utils.clip_grad_norm_(dense, limit)


class Stop:
    """Turns True once the reader has asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def __bool__(self) -> bool:
        return self.asked


@contextmanager
def polite_interrupts() -> Iterator[Stop]:
    """Inside the block, a first interrupt (Ctrl-C) sets the flag; a second one raises as usual.

    An exception thrown in the middle of a step would leave some weights moved and others not.
    Only the main thread may handle signals; elsewhere the flag stays unset. It stays unset, too,
    where interrupts are ignored, as in a job that a shell script started in the background: what
    the caller ignores is ignored here.
    """
    stop = Stop()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is signal.SIG_IGN:
        yield stop
        return

    def handle(number: int, frame: FrameType | None) -> None:
        stop.asked = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _told(history: History) -> str:
    speed = history.characters / max(history.seconds, 1e-9)
    return f"loss {history.recent_loss():.3f}, {speed:,.0f} characters/s"


def _differences(before: object, config: ModelConfig | EncoderConfig | TrainingConfig) -> str:
    """How a stored configuration differs from `config`, in words.

    A field that is younger than the file had its default there.
    """
    if not isinstance(before, dict):
        return "nothing recorded"
    now = asdict(config)
    old = {key: before.get(key, getattr(type(config), key, None)) for key in now}
    changed = [key for key in now if old[key] != now[key]]
    return ", ".join(f"{key} {old[key]!r}, now {now[key]!r}" for key in changed)
