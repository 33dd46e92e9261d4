"""How fast the presets train here, how near to the machine's limit, and how soon they know things.

    python -m nlp4 bench training [--data DIR --dev-from-train 400] [--minutes 3]

Prints two Markdown tables. The first: characters a second and the share of the machine's peak
arithmetic, each preset's steps interleaved with the others'. The second: the training time after
which 5, 12, 25 and 40% of the dev questions are answered, beside the course's recipe given the
same time. Accuracy is read off during the run, before the learning rate has come down, so a
finished run of that length would be a little ahead.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.objectives import Batch
from nlp4.models.asking import greedy
from nlp4.training.evaluation import score
from nlp4.training.presets import Preset, preset
from nlp4.training.runs import steps_in, trainer_for
from nlp4.training.trainer import Trainer

BARS = (0.05, 0.12, 0.25, 0.40)
COMPARED = ("course", "coffee")
ROUNDS, STEPS = 5, 8  # rounds of interleaved steps, and steps in each


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python -m nlp4 bench training", description=__doc__)
    parser.add_argument("--data", type=Path, help="corpus folder (default: the embedded people)")
    parser.add_argument("--dev-from-train", type=int, metavar="N", help="as in `reproduce`")
    parser.add_argument("--minutes", type=float, default=3.0, help="of training (default: 3)")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two scores")
    options = parser.parse_args(arguments)
    corpus = load_corpus(options.data, dev_from_train=options.dev_from_train)
    trainers = {name: pretrainer(preset(name), corpus) for name in COMPARED}
    print(f"{os.cpu_count()} cores, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print(speed_table(trainers, peak_gflops()), flush=True)
    print(accuracy_table(corpus, options.minutes, options.every))
    return 0


def pretrainer(recipe: Preset, corpus: Corpus) -> Trainer:
    """A fresh model's pretraining, seed 0."""
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, 0, corpus)
    return trainer_for(model, vocabulary, corpus, recipe.pretrain)


def peak_gflops(size: int = 2048, repeats: int = 8) -> float:
    """The best of several large float32 matrix products, in GFLOP/s."""
    a = torch.ones(size, size)
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / min(seconds) / 1e9


def speed_table(trainers: dict[str, Trainer], peak: float) -> str:
    """Median pace of interleaved rounds; the first round warms up and does not count."""
    rounds: dict[str, list[tuple[float, int, float]]] = {name: [] for name in trainers}
    for _ in range(ROUNDS + 1):
        for name, training in trainers.items():
            rounds[name].append(measured(training))
    lines = [
        f"Peak arithmetic: {peak:.0f} GFLOP/s in float32 (best of several matrix products).\n",
        "| preset | characters/s | GFLOP a step | GFLOP/s | share of peak |",
        "|---|---|---|---|---|",
    ]
    for name, found in rounds.items():
        seconds, _, gflop = (sum(column) for column in zip(*found[1:], strict=True))
        pace = statistics.median(c / s for s, c, _ in found[1:])
        rate = gflop / seconds
        lines.append(
            f"| {name} | {pace:,.0f} | {gflop / ROUNDS / STEPS:.1f} | {rate:.0f} "
            f"| {rate / peak:.0%} |"
        )
    return "\n".join(lines) + "\n"


def measured(training: Trainer) -> tuple[float, int, float]:
    """Seconds, characters and GFLOP of the next steps."""
    history, batches = training.history, []
    seconds, characters = history.seconds, history.characters
    for _ in range(STEPS):
        batches.append(training.batches[history.steps])
        training.step()
    spent = history.seconds - seconds
    gflop = sum(gflop_of(training, batch) for batch in batches)
    return spent, history.characters - characters, gflop


def gflop_of(training: Trainer, batch: Batch) -> float:
    """Arithmetic of one batch's loss and gradients, in GFLOP; the optimisers' is left out.

    Attention is counted as its matrix products, without what causality would save.
    """
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        training.model.loss(batch.ids, batch.targets).backward()
    training.model.zero_grad()
    return counter.get_total_flops() / 1e9


def accuracy_table(corpus: Corpus, minutes: float, every: float) -> str:
    """When each preset passes the bars, each given `minutes`; scoring does not count as time."""
    heads = " | ".join(f"{bar:.0%}" for bar in BARS)
    lines = [
        f"Seconds of training until that share of {len(corpus.dev)} dev questions is answered, "
        f"read every {every:g} s:\n",
        f"| preset | {heads} | at the end, {minutes:g} minutes |",
        "|---" * (len(BARS) + 2) + "|",
    ]
    for name in COMPARED:
        curve = accuracy_curve(preset(name), corpus, minutes * 60, every)
        times = [next((f"{t:.0f} s" for t, right in curve if right >= bar), "-") for bar in BARS]
        lines.append(f"| {name} | {' | '.join(times)} | {curve[-1][1]:.1%} |")
    return "\n".join(lines) + "\n"


def accuracy_curve(
    recipe: Preset, corpus: Corpus, seconds: float, every: float
) -> list[tuple[float, float]]:
    """Training time and share right, every so often, and once more after the finetuning."""
    recipe = replace(recipe, pretrain=recipe.pretrain.lasting(steps_in(seconds, recipe, corpus)))
    pretraining = pretrainer(recipe, corpus)
    model, vocabulary = pretraining.model, recipe.vocabulary(corpus)
    asked = [question.text for question in corpus.dev]
    curve: list[tuple[float, float]] = []

    def read(spent: float) -> None:
        curve.append((spent, score(greedy(model, vocabulary, asked), corpus.dev).value))

    model.train()
    while pretraining.history.steps < recipe.pretrain.training.steps:
        pretraining.step()
        if pretraining.history.seconds >= every * (len(curve) + 1):
            read(pretraining.history.seconds)
    finetuning = trainer_for(model, vocabulary, corpus, recipe.finetune)
    finetuning.run()
    read(pretraining.history.seconds + finetuning.history.seconds)
    return curve


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
