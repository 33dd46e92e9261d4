"""One run of the comparison: its training to the end of a budget, and how it is judged.

Runs of one task and seed see the same batches in the same order and start from the same weights.
The learning rate rises, then falls to zero where the budget ends, so a budget is a training of its
own: reading an equal time off a longer training would be unfair to whoever had not got to the
small rates yet.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm.auto import tqdm

from nlp4.compare_models import encoder_of, reach_of
from nlp4.compare_settings import Run, Settings
from nlp4.encoder import Encoder
from nlp4.interrupts import Stop, polite_interrupts
from nlp4.long_tasks import Task
from nlp4.model import parameters_of
from nlp4.vocabulary import IGNORED

PARTS = 32  # of a sequence, whose accuracy is kept apart
_EVALUATED = 8  # sequences at a time
_TRIALS = 3  # steps that tell the pace; the first one is not counted


class Training:
    """One run's model and how far it has come; a step is a function of the seed and its number."""

    def __init__(self, run: Run, settings: Settings, task: Task) -> None:
        self.run, self.settings, self.task = run, settings, task
        self.model = encoder_of(task, run.variant, settings, run.seed)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), settings.learning_rate, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.seconds = 0.0
        self.losses: list[float] = []  # bits

    @property
    def progress(self) -> float:
        """The share of the budget that is used up."""
        if self.run.budget == "steps":
            return len(self.losses) / self.settings.steps
        return self.seconds / (60 * self.settings.minutes)

    def step(self) -> None:
        """Draw a batch and learn from it."""
        started, done = time.perf_counter(), self.progress
        rising = min(1.0, (done + 1 / self.settings.steps) / self.settings.warmup)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * rising * max(0.0, 1 - done)
        rng = np.random.default_rng((self.run.seed, len(self.losses)))
        batch = self.task.batch(self.settings.batch, rng)
        loss = self.model.loss(batch.ids, batch.targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.losses.append(loss.item() / math.log(2))
        self.seconds += time.perf_counter() - started

    def curve(self, points: int = 20) -> list[tuple[int, float]]:
        """The mean loss in bits of each of `points` stretches, with the step at which it ends."""
        ends = np.linspace(0, len(self.losses), min(points, len(self.losses)) + 1).astype(int)
        return [
            (int(end), round(float(np.mean(self.losses[start:end])), 4))
            for start, end in pairwise(ends)
        ]


def train(run: Run, settings: Settings, task: Task, *, label: str = "") -> dict[str, Any]:
    """Train and judge one run: its row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted; what it had learnt is then lost.
    """
    training = Training(run, settings, task)
    bar = tqdm(total=100, desc=label or run.name, leave=False, unit="%")
    with polite_interrupts() as stop, bar:
        _to_the_end(training, bar, stop)
    if stop:
        raise KeyboardInterrupt
    return row_of_training(training)


def row_of_training(training: Training) -> dict[str, Any]:
    """What a training has come to, judged: its row, ready for JSON."""
    task, settings, steps = training.task, training.settings, len(training.losses)
    return {
        **asdict(training.run),
        "steps": steps,
        "seconds": round(training.seconds, 2),
        "characters": steps * settings.batch * task.n,
        "parameters": parameters_of(training.model),
        "measure": task.measure,
        **judge(training.model, task),
        "reach": reach_of(training.run, settings, task),
        "curve": training.curve(),
    }


def _to_the_end(training: Training, bar: tqdm, stop: Stop) -> None:
    while training.progress < 1 and not stop:
        training.step()
        bar.update(min(100, round(100 * training.progress, 1)) - bar.n)
        bar.set_postfix_str(f"{np.mean(training.losses[-20:]):.3f} bits", refresh=False)


def pace(run: Run, settings: Settings, task: Task) -> float:
    """Seconds of a step of the run, by the mean of a few."""
    training = Training(run, settings, task)
    seconds = []
    for _ in range(_TRIALS):
        training.step()
        seconds.append(training.seconds)
    return (seconds[-1] - seconds[0]) / (_TRIALS - 1)


@torch.no_grad()
def judge(model: Encoder, task: Task) -> dict[str, Any]:
    """Mean bits and accuracy of the judged answers, and the accuracy of all by their place.

    Bits are the negative log2 of the probability of the right class. "by part" cuts the sequence
    into `PARTS` equal parts; None where nothing is asked. Parts before the judged ones count too.
    """
    held = task.held_out()
    bits, right = [], []
    for ids, targets in zip(
        held.ids.split(_EVALUATED), held.targets.split(_EVALUATED), strict=True
    ):
        logits = model(ids)
        losses = F.cross_entropy(logits.mT, targets, ignore_index=IGNORED, reduction="none")
        bits.append(losses / math.log(2))
        right.append(logits.argmax(-1) == targets)
    asked, correct = held.targets != IGNORED, torch.cat(right)
    judged = asked.clone()
    judged[:, : task.judged_from] = False
    return {
        "bits": round(float(torch.cat(bits)[judged].mean()), 4),
        "accuracy": round(float(correct[judged].float().mean()), 4),
        "judged": int(judged.sum()),
        "by part": _shares(asked, correct),
    }


def _shares(asked: torch.Tensor, correct: torch.Tensor) -> list[float | None]:
    return [
        round(float(c[a].float().mean()), 4) if a.any() else None
        for a, c in zip(asked.chunk(PARTS, 1), correct.chunk(PARTS, 1), strict=True)
    ]
