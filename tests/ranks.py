"""Processes that train together in a test, on tiny people: what each does, and how they are begun.

They find each other by a file, so that no port is needed, and begin as forks of a server that has
imported torch, so that no test waits for that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import tiny
import torch

from nlp4 import cli
from nlp4.data.corpus import Corpus, load_corpus
from nlp4.training import distributed, presets, runs
from nlp4.training.presets import Preset
from nlp4.training.trainer import Trainer


def sober(recipe: Preset) -> Preset:
    """A recipe without dropout, whose training does not depend on how its batches are shared."""
    recall = recipe.model.recall and replace(recipe.model.recall, dropout=0.0)
    return replace(recipe, model=replace(recipe.model, dropout=0.0, recall=recall))


SOBER = {f"sober {kind}": sober(recipe) for kind, recipe in tiny.RECIPES.items()}
tiny.RECIPES |= SOBER
STEPS = {"questions": 4, "scratch": 6, "pretrained": 12, "model": 6}  # of a run's stages
MIDDLE = STEPS["questions"] + STEPS["scratch"] + 7  # of the pretraining, in steps of the run
_PRELOADED = [  # an optimiser imports the second when it is made, which takes two seconds
    *("nlp4.training.runs", "torch._dynamo", "nlp4.cli", "nlp4.pictures.pretraining"),
    "matplotlib.backends.backend_agg",
]


def short(recipe: Preset) -> Preset:
    """The recipe in fewer steps."""
    return replace(
        recipe,
        scratch=recipe.scratch.lasting(STEPS["questions"]),
        pretrain=recipe.pretrain.lasting(STEPS["pretrained"]),
        finetune=recipe.finetune.lasting(STEPS["model"]),
    )


PRESETS = {"tiny": short(SOBER["sober recalling"]), "other": short(SOBER["sober everything"])}


@dataclass(frozen=True)
class Ended:
    """How the processes of a world ended: the exit status and the output of each."""

    statuses: list[int | None]
    said: list[str]

    @property
    def lines(self) -> list[str]:
        """What all of them said."""
        return [line for each in self.said for line in each.splitlines()]


def world(folder: Path, jobs: Sequence[Callable[[], Any]], seconds: float = 60.0) -> Ended:
    """Run a job in each process of a world, which keeps its files in `folder`; wait for them."""
    folder.mkdir()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    begun = [
        context.Process(target=_process, args=(folder, rank, len(jobs), job))
        for rank, job in enumerate(jobs)
    ]
    for process in begun:
        process.start()
    for process in begun:
        process.join(seconds)
        process.kill()
        process.join()
    said = [(folder / f"{rank}.txt").read_text("utf-8") for rank in range(len(jobs))]
    return Ended([process.exitcode for process in begun], said)


def _process(folder: Path, rank: int, size: int, job: Callable[[], Any]) -> None:
    torch.set_num_threads(1)
    os.environ["LOCAL_RANK"] = str(rank)
    sys.stdout = sys.stderr = (folder / f"{rank}.txt").open("w", buffering=1)
    presets.PRESETS = PRESETS
    runs._CALIBRATION = 0.0
    meeting = f"file://{folder}/meeting?rank={rank}&world_size={size}"
    distributed.joined = partial(distributed.joined, meeting)
    sys.exit(job())


# Jobs


def reproduce(*words: object, at: int = 0, by: signal.Signals | None = None) -> int:
    """The command; after `at` steps of all stages, this process gets the signal `by`."""
    steps, step = 0, Trainer.step

    def counted(trainer: Trainer) -> None:
        nonlocal steps
        step(trainer)
        steps += 1
        if by is not None and steps == at:
            os.kill(os.getpid(), by)

    Trainer.step = counted
    return cli.main(["reproduce", *map(str, words)])


def gradients(corpus: Corpus, kind: str) -> dict[str, Any]:
    """The loss and the gradients of a step that no optimiser follows."""
    trainer = tiny.trainer(corpus, kind=kind, clip=1e9)
    trainer.optimisers = []
    trainer.step()
    found = {name: p.grad for name, p in trainer.model.named_parameters()}
    return {"loss": torch.tensor(trainer.history.losses), **found}


def keep_gradients(data: Path, out: Path) -> None:
    """Write this process's gradients of each sober kind."""
    with distributed.joined() as here:
        found = {kind: gradients(load_corpus(data), kind) for kind in SOBER}
        torch.save(found, out / f"{here.rank}.pt")


def keep_clocks(data: Path, out: Path) -> None:
    """Plan an hour's training, and train for half a second; write what came of it."""
    corpus = load_corpus(data)
    with distributed.joined() as here:
        steps = runs.make_plan(corpus, "tiny", 0, minutes=60.0).pretrain_steps
        trainer = tiny.trainer(corpus, seconds=0.5)
        found = {"steps": steps, "history": asdict(trainer.run())}
        torch.save(found | {"weights": tiny.weights(trainer.model)}, out / f"{here.rank}.pt")
