"""Exercise 3 from end to end: finetune alone, pretrain, finetune, and score it all.

One folder holds a run. A stage that is finished is never trained again, and a stage that was
interrupted goes on where it stopped: the same command resumes.
"""

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from nlp4.batching import Batches
from nlp4.checkpoint import load_model, save_model
from nlp4.corpus import Corpus, Question
from nlp4.decoding import greedy
from nlp4.errors import UserError
from nlp4.evaluation import against, baselines, ceiling, save_predictions, score
from nlp4.files import write_text
from nlp4.model import GPT
from nlp4.objectives import mixture
from nlp4.presets import Preset, Stage, preset, vocabulary_of
from nlp4.statistics import Share
from nlp4.training import History, OnStep, Trainer
from nlp4.vocabulary import Vocabulary

Say = Callable[[str], None]
STAGES = {"scratch": "finetuned alone", "pretrained": "pretraining", "model": "finetuning"}
_CALIBRATION = 4.0  # seconds of trial steps that turn minutes into steps


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run's figures, but for the machine's arithmetic."""

    preset: str
    seed: int
    data: str  # checksum of the files that training reads
    dev_from_train: int | None
    split_seed: int
    minutes: float | None
    pretrain_steps: int

    def recipe(self) -> Preset:
        """The preset with this plan's seed and number of steps."""
        found = preset(self.preset)
        return replace(
            found,
            pretrain=found.pretrain.seeded(self.seed).lasting(self.pretrain_steps),
            finetune=found.finetune.seeded(self.seed + 1),  # not the questions' order again
            scratch=found.scratch.seeded(self.seed),
        )


@dataclass(frozen=True)
class System:
    """One row of the results: who answered, how, and how many were right."""

    name: str
    score: Share
    p_value: float | None = None  # McNemar, against the pretrained and finetuned model


def trainer_for(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, stage: Stage, path: Path | None = None
) -> Trainer:
    """Wire a stage together: objectives, batches, optimisers, and the file it resumes from."""
    draw = mixture(corpus, model.config.block, stage.shares)
    batches = Batches(draw, vocabulary, stage.training.batch, stage.training.seed)
    return Trainer(model, batches, stage.training, path)


def make_plan(
    corpus: Corpus,
    name: str,
    seed: int,
    minutes: float | None = None,
    dev_from_train: int | None = None,
    split_seed: int = 0,
) -> Plan:
    """Settle a run. `minutes` of training, finetuning included, are turned into steps by a trial.

    Raises UserError for an unknown preset or for minutes that are not positive.
    """
    recipe = preset(name)
    steps = recipe.pretrain.training.steps
    if minutes is not None:
        if not 0 < minutes < math.inf:
            raise UserError(f"--minutes {minutes:g}: training takes more than no time; say 5")
        steps = steps_in(minutes * 60, recipe, corpus)
    return Plan(name, seed, corpus.checksum(), dev_from_train, split_seed, minutes, steps)


def steps_in(seconds: float, recipe: Preset, corpus: Corpus) -> int:
    """How many pretraining steps fit, by the pace of a few trial steps on a throw-away model."""
    vocabulary = vocabulary_of(corpus)
    model = recipe.new_model(vocabulary, seed=0)
    trainer = trainer_for(model, vocabulary, corpus, recipe.pretrain)
    started, warm = time.perf_counter(), 2
    while trainer.history.steps < warm + 3 or time.perf_counter() - started < _CALIBRATION:
        if trainer.history.steps == warm:
            started = time.perf_counter()
        trainer.step()
    pace = (time.perf_counter() - started) / (trainer.history.steps - warm)
    return max(1, int(seconds / pace) - recipe.finetune.training.steps)


def reproduce(
    corpus: Corpus,
    plan: Plan,
    out: Path,
    *,
    device: str = "cpu",
    say: Say = print,
    on_steps: tuple[OnStep, ...] = (),
) -> dict[str, Any]:
    """Run exercise 3 in the folder `out`; return what `results.json` then holds.

    Writes the models, the predictions and the results. Raises UserError if `out` holds a run
    with another plan, and KeyboardInterrupt once an interrupted stage has been saved.
    """
    _claim(out, plan)
    for note in corpus.notes:
        say(f"note: {note}")
    run = _Run(corpus, plan, out, device, say, on_steps)
    scratch = run.stage("scratch", run.fresh(), plan.recipe().scratch)
    pretrained = run.stage("pretrained", run.fresh(), plan.recipe().pretrain)
    finetuned = run.stage("model", pretrained, plan.recipe().finetune)
    answers = {
        "finetuned alone": run.answers(scratch, corpus.dev, "scratch"),
        "pretrained, then finetuned": run.answers(finetuned, corpus.dev, "dev"),
    }
    if corpus.test:
        run.answers(finetuned, corpus.test, "test")
    systems = compare_systems(corpus, answers)
    results = _results(plan, corpus, read_histories(out), systems, device)
    write_text(out / "results.json", json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    write_text(out / "table.md", markdown_table(systems))
    return results


def compare_systems(corpus: Corpus, answers: dict[str, list[str]]) -> list[System]:
    """Score each system beside the baselines; test each against the last one by McNemar."""
    dev = corpus.dev
    best = list(answers.values())[-1]
    rows = [
        System(
            name, score(given, dev), against(best, given, dev).p_value if given != best else None
        )
        for name, given in (baselines(corpus) | answers).items()
    ]
    return [*rows, System("ceiling: the answer stands in the biography", ceiling(corpus))]


def markdown_table(systems: list[System]) -> str:
    """The rows as a Markdown table, with intervals and p-values."""
    lines = [
        "| system | right | share | 95% interval | p against the last model |",
        "|---|---|---|---|---|",
    ]
    for row in systems:
        low, high = row.score.interval
        p = "" if row.p_value is None else f"{row.p_value:.1g}"
        share = f"{row.score.right}/{row.score.n} | {row.score.value:.1%}"
        lines.append(f"| {row.name} | {share} | {low:.1%} to {high:.1%} | {p} |")
    return "\n".join(lines) + "\n"


def provenance() -> dict[str, Any]:
    """Versions and cores: what else a figure depends on."""
    packages = {name: version(name) for name in ("nlp4", "torch", "numpy")}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "python": platform.python_version(),
        **packages,
        "cores": cores,
        "threads": torch.get_num_threads(),
    }


class _Run:
    """The folder of one run, and the stages in it."""

    def __init__(
        self,
        corpus: Corpus,
        plan: Plan,
        out: Path,
        device: str,
        say: Say,
        on_steps: tuple[OnStep, ...],
    ) -> None:
        self.corpus, self.plan, self.out, self.device = corpus, plan, out, device
        self.say, self.on_steps = say, on_steps
        self.vocabulary = vocabulary_of(corpus)

    def fresh(self) -> GPT:
        return self.plan.recipe().new_model(self.vocabulary, self.plan.seed)

    def stage(self, name: str, model: GPT, stage: Stage) -> GPT:
        """Train `model` through a stage, or read the model that an earlier call finished."""
        done, state = self.out / f"{name}.pt", self.out / f"{name}.state"
        record = self.out / f"{name}.history.json"
        earlier = read_histories(self.out).get(name, History())
        if done.exists() and earlier.finished and not state.exists():
            return load_model(done)[0].to(self.device)
        trainer = trainer_for(model.to(self.device), self.vocabulary, self.corpus, stage, state)
        history = trainer.run(label=name, on_steps=self.on_steps)
        save_model(done, model, self.vocabulary)
        write_text(record, json.dumps(asdict(history)))
        if not history.finished:
            raise KeyboardInterrupt(f"stopped; the same command goes on from {state}")
        state.unlink()  # the weights are in the model's file; the optimisers' state is done with
        self.say(_told(name, history))
        return model

    def answers(self, model: GPT, questions: tuple[Question, ...], name: str) -> list[str]:
        """Ask, and keep the predictions in the course's format."""
        found = greedy(model, self.vocabulary, [q.text for q in questions])
        save_predictions(self.out / "predictions" / f"{name}.txt", found)
        return found


def read_histories(out: Path) -> dict[str, History]:
    """The history of each stage of the run in `out`, as far as it has come."""
    paths = {name: out / f"{name}.history.json" for name in STAGES}
    return {
        name: History(**json.loads(path.read_text("utf-8")))
        for name, path in paths.items()
        if path.exists()
    }


def read_plan(out: Path) -> Plan:
    """The plan of the run in `out`. Raises UserError if there is none."""
    path = out / "plan.json"
    if not path.is_file():
        raise UserError(f"{out} holds no run: make one with python -m nlp4 reproduce --out {out}")
    try:
        return Plan(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise UserError(f"{path} is damaged: choose another --out folder") from None


def plan_or_none(out: Path, asked: dict[str, Any]) -> Plan | None:
    """The plan in `out` if it was made with the same options: its steps are then kept.

    Minutes are turned into steps once; a resumed run must not measure its pace again.
    """
    if not (out / "plan.json").exists():
        return None
    plan = read_plan(out)
    return plan if all(getattr(plan, key) == value for key, value in asked.items()) else None


def _claim(out: Path, plan: Plan) -> None:
    path = out / "plan.json"
    if path.exists() and read_plan(out) != plan:
        raise UserError(
            f"{out} holds a run with other options or other data ({path} says which): "
            "repeat its options to go on, or choose another --out folder"
        )
    write_text(path, json.dumps(asdict(plan), indent=2) + "\n")


def _told(name: str, history: History) -> str:
    pace = history.characters / history.seconds
    return (
        f"{name}: {history.steps} steps, {history.characters / 1e6:.2f} M characters in "
        f"{history.seconds:.0f} s ({pace:,.0f} a second), loss {history.recent_loss():.3f}"
    )


def _results(
    plan: Plan,
    corpus: Corpus,
    histories: dict[str, History],
    systems: list[System],
    device: str,
) -> dict[str, Any]:
    stages = {
        name: {
            "steps": history.steps,
            "characters": history.characters,
            "seconds": round(history.seconds, 1),
            "loss": round(history.recent_loss(), 4),
        }
        for name, history in histories.items()
    }
    scores = [
        {
            "system": row.name,
            "right": row.score.right,
            "n": row.score.n,
            "interval": [round(end, 4) for end in row.score.interval],
            "p_value": row.p_value,
        }
        for row in systems
    ]
    return {
        "plan": asdict(plan),
        "notes": list(corpus.notes),
        "stages": stages,
        "scores": scores,
        "device": device,
        **provenance(),
    }
