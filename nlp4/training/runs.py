"""A run: a plan, a folder, and the stages of training that are kept there; exercise 3 is one.

A stage that is finished is never trained again, and a stage that was interrupted goes on where
it stopped: the same command resumes.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlp4.data.corpus import Corpus, Question
from nlp4.data.objectives import Batches, Draw, mixture
from nlp4.data.vocabulary import Vocabulary
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import load_model, save_model
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.files import require_writable, write_text
from nlp4.support.options import STEPS
from nlp4.support.records import Say, provenance, read_fields
from nlp4.training.distributed import here
from nlp4.training.evaluation import System, compare_systems, markdown_table, save_predictions
from nlp4.training.presets import Preset, Stage, preset, recipe
from nlp4.training.trainer import History, Trainer

STAGES = {
    "questions": "the questions alone",
    "scratch": "finetuned alone",
    "pretrained": "pretraining",
    "model": "finetuning",
}
FILES = ("results.json", "table.md", "loss.png", "predictions/dev.txt")  # that a run ends with
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

    def __post_init__(self) -> None:
        """Raise ValueError for steps that no plan has: a file may hold anything."""
        if self.pretrain_steps not in STEPS:
            raise ValueError(f"{self.pretrain_steps} steps")

    def recipe(self) -> Preset:
        """The preset with this plan's seed and number of steps."""
        return recipe(self.preset, self.seed, self.pretrain_steps)


def trainer_for(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    stage: Stage,
    path: Path | None = None,
    draw: Draw | None = None,
) -> Trainer:
    """Wire a stage together: objectives, batches, optimisers, and the file it resumes from.

    `draw` draws the sequences instead of the stage's mixture.
    """
    draw = draw or mixture(corpus, model.config.block, stage.shares, stage.study)
    row_of = None if model.recall is None else model.recall.index.row_of
    batches = Batches(draw, vocabulary, stage.training.batch, stage.training.seed, row_of)
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

    Raises UserError for an unknown preset, for minutes that are not positive, and as
    `require_askable` does.
    """
    found = preset(name)
    require_askable(corpus, found)
    steps = found.pretrain.training.steps
    if minutes is not None:
        if not 0 < minutes < math.inf:
            raise UserError(f"--minutes {minutes:g}: training takes more than no time; say 5")
        steps = steps_in(minutes * 60, found, corpus)
    return Plan(name, seed, corpus.checksum(), dev_from_train, split_seed, minutes, steps)


def steps_in(seconds: float, recipe: Preset, corpus: Corpus) -> int:
    """How many pretraining steps fit beside the finetuning, by the pace of a few trial steps."""
    vocabulary = recipe.vocabulary(corpus)

    def pace(stage: Stage) -> float:
        model = recipe.new_model(vocabulary, seed=0, corpus=corpus)
        return trainer_for(model, vocabulary, corpus, stage).pace(_CALIBRATION)

    finetuning = recipe.finetune.training.steps * pace(recipe.finetune)
    return min(max(1, int((seconds - finetuning) / pace(recipe.pretrain))), STEPS.high)


def require_askable(corpus: Corpus, recipe: Preset) -> Vocabulary:
    """The recipe's alphabet, in which every question can be asked.

    Raises UserError, with file and line, for one that the model could not be asked: better before
    the training than after it.
    """
    vocabulary, block = recipe.vocabulary(corpus), recipe.model.block
    for question in (*corpus.dev, *corpus.test):
        where = question.where or str(corpus.folder)
        vocabulary.check(question.text, where)
        if len(question.text) + 2 > block:  # a mask that asks, and a character of answer
            raise UserError(
                f"{where}: a question of {len(question.text)} characters leaves no room for an "
                f"answer in the model's {block}: shorten it, or take it out"
            )
    return vocabulary


class Run:
    """The folder of one run, and the stages in it.

    Raises UserError if the folder holds a run with another plan or cannot be written, and as
    `require_askable` does.
    """

    def __init__(
        self, corpus: Corpus, plan: Plan, out: Path, *, device: str = "cpu", say: Say = print
    ) -> None:
        self.corpus, self.plan, self.out, self.device = corpus, plan, out, device
        self.say, self.world = say, here()
        self.vocabulary = require_askable(corpus, plan.recipe())
        require_writable(*(out / name for name in FILES), *(out / f"{n}.pt" for n in STAGES))
        _claim(out, plan)

    def scratch(self) -> GPT:
        """A fresh model that reads the questions alone, and is then finetuned like any other."""
        recipe = self.plan.recipe()
        asked = self.stage("questions", self._fresh(), recipe.scratch)
        return self.stage("scratch", asked, recipe.finetune)

    def pretrained_and_finetuned(self) -> GPT:
        """A fresh model, pretrained and then finetuned."""
        recipe = self.plan.recipe()
        pretrained = self.stage("pretrained", self._fresh(), recipe.pretrain)
        return self.stage("model", pretrained, recipe.finetune)

    def _fresh(self) -> GPT:
        return self.plan.recipe().new_model(self.vocabulary, self.plan.seed, self.corpus)

    def stage(self, name: str, model: GPT, stage: Stage) -> GPT:
        """Train `model` through a stage, or read the model that an earlier call finished.

        Raises KeyboardInterrupt once an interrupted stage has been saved.
        """
        done, state = self.out / f"{name}.pt", self.out / f"{name}.state"
        record = self.out / f"{name}.history.json"
        earlier = read_histories(self.out).get(name, History())
        if done.exists() and earlier.finished and not state.exists():
            return load_model(done)[0].to(self.device)
        trainer = trainer_for(model.to(self.device), self.vocabulary, self.corpus, stage, state)
        history = trainer.run(label=name)
        if self.world.rank == 0:
            save_model(done, model, self.vocabulary)
            write_text(record, json.dumps(asdict(history)))
            if history.finished:
                # The weights are in the model's file; the optimisers are done with.
                state.unlink(missing_ok=True)  # another process may have finished the same stage
        self.world.meet(saved=name)  # torchrun ends all processes as soon as one leaves
        if not history.finished:
            raise KeyboardInterrupt(f"stopped; the same command goes on from {state}")
        self.say(_told(name, history))
        return model

    def answers(self, model: GPT, questions: tuple[Question, ...], name: str) -> list[str]:
        """Ask, and keep the predictions in the course's format."""
        found = greedy(model, self.vocabulary, [q.text for q in questions])
        save_predictions(self.out / "predictions" / f"{name}.txt", found)
        return found


def read_histories(out: Path) -> dict[str, History]:
    """The history of each stage of the run in `out`, as far as it has come.

    Raises UserError for a damaged one.
    """
    paths = {name: out / f"{name}.history.json" for name in STAGES}
    mend = "delete it, and the stage is trained anew"
    return {name: read_fields(History, path, mend) for name, path in paths.items() if path.exists()}


def read_plan(out: Path) -> Plan:
    """The plan of the run in `out`. Raises UserError if there is none."""
    path = out / "plan.json"
    if not path.is_file():
        raise UserError(f"{out} holds no run: make one with python -m nlp4 reproduce --out {out}")
    return read_fields(Plan, path, "choose another --out folder")


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
    if here().rank == 0:
        write_text(path, json.dumps(asdict(plan), indent=2) + "\n")


def _told(name: str, history: History) -> str:
    pace = history.characters / history.seconds
    return (
        f"{name}: {history.steps} steps, {history.characters / 1e6:.2f} M characters in "
        f"{history.seconds:.0f} s ({pace:,.0f} a second), loss {history.recent_loss():.3f}"
    )


def reproduce(
    corpus: Corpus, plan: Plan, out: Path, *, device: str = "cpu", say: Say = print
) -> dict[str, Any]:
    """Run exercise 3 in the folder `out`; return what `results.json` then holds.

    Writes the models, the predictions and the results. Where several processes train, process 0
    alone writes and asks, and the others return nothing. Raises UserError if `out` holds a run
    with another plan, and KeyboardInterrupt once an interrupted stage has been saved.
    """
    run = Run(corpus, plan, out, device=device, say=say)
    for note in corpus.notes:
        say(f"note: {note}")
    scratch, finetuned = run.scratch(), run.pretrained_and_finetuned()
    if run.world.rank > 0:
        return {}
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


def _results(
    plan: Plan, corpus: Corpus, histories: dict[str, History], systems: list[System], device: str
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
        "processes": here().size,
        **provenance(),
    }


def trained(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    stage: Stage,
    label: str,
    path: Path | None = None,
) -> History:
    """Train `model` in place through a stage, with a bar; without `path` nothing is kept on disk.

    Raises KeyboardInterrupt if it was interrupted.
    """
    return to_the_end(trainer_for(model, vocabulary, corpus, stage, path), label)


def to_the_end(trainer: Trainer, label: str) -> History:
    """Train, with a bar. Raises KeyboardInterrupt if it was interrupted."""
    history = trainer.run(label=label)
    if not history.finished:
        raise KeyboardInterrupt
    return history


def fingerprint(corpus: Corpus) -> str:
    """A checksum of the texts, the training questions and who is held out."""
    asked = [[q.text, q.place] for q in (*corpus.train, *corpus.dev)]
    return sha256(json.dumps([corpus.biographies, asked]).encode()).hexdigest()[:16]
