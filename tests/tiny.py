"""A corpus, a model and trainings small enough for a test; run as a script, one to be killed.

`python tiny.py MOMENT KIND STATE` trains and dies at that moment, see `MOMENTS`.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from nlp4.data.corpus import BIOGRAPHIES, DEV, TEST, TRAIN, Corpus, load_corpus
from nlp4.models.gpt import ModelConfig
from nlp4.models.memory import MemoryConfig
from nlp4.models.recall import RecallConfig
from nlp4.training import trainer as training
from nlp4.training.presets import Preset, Stage
from nlp4.training.runs import trainer_for
from nlp4.training.trainer import History, Trainer, TrainingConfig

STEPS = 40
PEOPLE = {
    "Ada Quill": "Torvale",
    "Bram Otter": "Torvale",
    "Cleo Marsh": "London",
    "Dora Finch": "Eastmere",
    "Emil Sand": "Torvale",
    "Fay Rook": "Eastmere",
    "Gus Pike": "Northam",
    "Hal Birch": "Torvale",
    "Ida Moor": "London",
    "Jan Thorn": "Eastmere",
    "Kit Heron": "Torvale",
    "Lea Brook": "Northam",
}
SPLITS = {"train": 7, "dev": 3, "test": 2}  # people, in the order above


def pair(name: str, place: str | None = None) -> str:
    """A line of a question file, with the answer if there is one."""
    question = f"Where was {name} born?"
    return f"{question}\n" if place is None else f"{question}\t{place}\n"


def write_corpus(folder: Path, *, dev: bool = True, test: bool = True) -> Path:
    """The tiny people in the course's four files; everyone has a biography."""
    folder.mkdir(parents=True, exist_ok=True)
    people = list(PEOPLE.items())
    lines = [f"{name}. {name} was born in {place} and lives in Hull.\n" for name, place in people]
    (folder / BIOGRAPHIES).write_text("".join(lines), "utf-8")
    train, rest = people[: SPLITS["train"]], people[SPLITS["train"] :]
    held, asked = rest[: SPLITS["dev"]], rest[SPLITS["dev"] :]
    (folder / TRAIN).write_text("".join(pair(*p) for p in train), "utf-8")
    if dev:
        (folder / DEV).write_text("".join(pair(*p) for p in held), "utf-8")
    if test:
        (folder / TEST).write_text("".join(pair(name) for name, _ in asked), "utf-8")
    return folder


def preset(optimiser: str = "muon", *, memory: bool = True, dropout: float = 0.1) -> Preset:
    """A recipe of a second's work that ends with real places; all of it unless told otherwise."""
    config = TrainingConfig(20, batch=4, optimiser=optimiser, learning_rate=1e-2, warmup=3)
    questions = (("questions", 1.0),)
    return Preset(
        summary="for tests",
        model=ModelConfig(
            0,
            block=96,
            layers=1,
            heads=2,
            width=16,
            dropout=dropout,
            memory=MemoryConfig(ngrams=(2,), rows=32) if memory else None,
        ),
        pretrain=Stage((("salient_cloze", 0.5), ("span_corruption", 0.5)), config),
        finetune=Stage(questions, replace(config, steps=40, optimiser="adamw")),
        scratch=Stage(questions, replace(config, steps=9)),
    )


def recalling() -> Preset:
    """The same with a row for each person, who are asked about in any words."""
    recipe = preset()
    return replace(
        recipe,
        model=replace(recipe.model, recall=RecallConfig(width=8, dropout=0.3)),
        pretrain=replace(recipe.pretrain, shares=(("fact_clozes", 0.5), ("any_questions", 0.5))),
        finetune=replace(recipe.finetune, shares=(("any_questions", 1.0),)),
    )


KINDS = {"everything": preset(), "plain": preset("adamw", memory=False, dropout=0.0)}
RECIPES = KINDS | {"recalling": recalling()}  # the last makes models for a corpus's people alone


def trainer(
    corpus: Corpus, path: Path | None = None, kind: str = "everything", **changes: object
) -> Trainer:
    """A trainer of `STEPS` steps; `changes` are fields of `TrainingConfig`."""
    recipe = RECIPES[kind]
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, 0, corpus)
    config = replace(recipe.pretrain.training, **{"steps": STEPS, **changes})
    stage = Stage(recipe.pretrain.shares, config)
    return trainer_for(model, vocabulary, corpus, stage, path)


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of everything the model has learnt."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def same_bits(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    """Whether two models are one, to the last bit."""
    return first.keys() == second.keys() and all(
        torch.equal(first[name].view(torch.int32), second[name].view(torch.int32)) for name in first
    )


def die() -> None:
    """End this process as a power cut would: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


OnStep = Callable[[History], None]


def watch(trainer: Trainer, *calls: OnStep) -> History:
    """Train to the end, and call each of `calls` with the history after every step."""
    for history in trainer.steps():
        for call in calls:
            call(history)
    return trainer.history


def _between_steps(trainer: Trainer) -> OnStep:
    return lambda history: die() if history.steps == 7 else None


def _inside_a_step(trainer: Trainer) -> OnStep:
    first, *_ = trainer.optimisers

    def stepped(*_: object) -> None:
        if trainer.history.steps == 13:
            die()

    first.register_step_post_hook(stepped)
    return lambda history: None


def _while_a_checkpoint_is_half_written(trainer: Trainer) -> OnStep:
    """From step 10 on, the system kills whoever writes more than half a checkpoint."""

    def limit(history: History) -> None:
        if history.steps == 10:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            half = trainer.path.stat().st_size // 2
            resource.setrlimit(resource.RLIMIT_FSIZE, (half, resource.RLIM_INFINITY))

    return limit


def _before_a_checkpoint_is_renamed(trainer: Trainer) -> OnStep:
    whole, calls = os.replace, []

    def replace_(*arguments: object) -> None:
        calls.append(arguments)
        die() if len(calls) == 12 else whole(*arguments)

    os.replace = replace_
    return lambda history: None


def _when_the_parent_says(trainer: Trainer) -> OnStep:
    """Tell each step, and never finish: the parent may be slow to kill."""

    def tell(history: History) -> None:
        print(history.steps, flush=True)
        if history.steps == STEPS - 1:
            signal.pause()

    return tell


MOMENTS: dict[str, Callable[[Trainer], OnStep]] = {
    "between steps": _between_steps,
    "inside a step": _inside_a_step,
    "while a checkpoint is half written": _while_a_checkpoint_is_half_written,
    "before a checkpoint is renamed": _before_a_checkpoint_is_renamed,
    "when the parent says": _when_the_parent_says,
}


def main(moment: str, kind: str, state: str) -> None:
    """Train on the corpus beside `state`, saving after each step, and die at `moment`."""
    torch.set_num_threads(1)
    training.SAVE_EVERY = -1.0
    corpus = load_corpus(Path(state).parent / "corpus")
    doomed = trainer(corpus, Path(state), kind)
    watch(doomed, MOMENTS[moment](doomed))


if __name__ == "__main__":
    main(*sys.argv[1:])
