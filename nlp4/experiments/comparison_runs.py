"""The experiment of notebook 03: one encoder, many attentions, two tasks, equal steps, equal time.

A run is one task, one attention, one seed and one budget; each is kept as soon as it is finished,
and never repeated.

Runs of one task and seed see the same batches in the same order and start from the same weights.
The learning rate rises, then falls to zero where the budget ends, so a budget is a training of its
own: reading an equal time off a longer training would be unfair to whoever had not got to the
small rates yet.

`runs/NAME.json` is one run's row, `settings.json` each task's settings and the checksum of the data
that all runs of the folder have in common, `compare.json` and `compare.md` the whole with the
command that makes it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm.auto import tqdm

from nlp4.data.corpus import Corpus
from nlp4.data.long_tasks import Recall, Task, ceiling
from nlp4.data.vocabulary import IGNORED
from nlp4.experiments.comparison import (
    BUDGETS,
    TASKS,
    VARIANTS,
    Row,
    Run,
    Settings,
    command_of,
    encoder_of,
    reach_of,
    recall_of,
    require_room,
    row_of,
    sizes_of,
    task_of,
)
from nlp4.models.encoder import Encoder
from nlp4.models.gpt import parameters_of
from nlp4.support.errors import UserError
from nlp4.support.files import write_text
from nlp4.support.options import other_options
from nlp4.support.records import one_row_a_line, provenance
from nlp4.training.trainer import Stop, polite_interrupts

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


Kept = dict[str, Any]  # as `nlp4.experiments.comparison_runs.train` returns it


def markdown(rows: Sequence[Kept], sizes: Mapping[str, Settings]) -> str:
    """One Markdown table for each task: mean and range over the seeds, for either budget."""
    found = {task: _of(rows, task=task) for task in TASKS}
    tables = [_table(task, rows, sizes[task]) for task, rows in found.items() if rows]
    return "\n".join(tables)


def _of(rows: Sequence[Kept], **wanted: object) -> list[Kept]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _table(task: str, rows: Sequence[Kept], settings: Settings) -> str:
    measure = rows[0]["measure"]
    heads = ["attention", "what it sees", "parameters"] + ["ceiling"] * (task == "recall")
    heads += [f"{measure}, {settings.steps} steps", "seconds"]
    heads += [f"{measure}, {settings.minutes:g} minutes", "steps"]
    lines = [f"{task}: {TASKS[task]}; n = {settings.n}; mean (lowest to highest)", ""]
    lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for variant in VARIANTS:
        if found := _of(rows, variant=variant):
            lines.append(f"| {' | '.join(_cells(found, settings.n))} |")
    return "\n".join(lines) + "\n"


def _cells(found: Sequence[Kept], n: int) -> list[str]:
    """The line of one task and variant."""
    variant, measure = found[0]["variant"], found[0]["measure"]
    sees = VARIANTS[variant].summary + " (k = n)" * (VARIANTS[variant].k == n)
    cells = [variant, sees, f"{found[0]['parameters']:,}"]
    if found[0]["task"] == "recall":
        cells.append(_shown([_ceiling(row) for row in found], "accuracy"))
    for budget, cost in (("steps", "seconds"), ("time", "steps")):
        part = _of(found, budget=budget)
        cells.append(_shown([row[measure] for row in part], measure, seeds=True))
        cells.append(f"{np.mean([row[cost] for row in part]):.0f}" if part else "-")
    return cells


def _ceiling(row: Kept) -> float:
    """The accuracy that the graph allows; 1 for what is no graph."""
    return ceiling(1.0 if row["reach"] is None else row["reach"], Recall.values)


def _shown(values: list[float], measure: str, *, seeds: bool = False) -> str:
    if not values:
        return "-"
    form = "{:.1%}" if measure == "accuracy" else "{:.3f}"
    mean, low, high = (form.format(f(values)) for f in (np.mean, min, max))
    if not seeds:
        return mean if low == high else f"{mean} ({low} to {high})"
    number = f"{len(values)} seed{'s' * (len(values) > 1)}"
    return f"{mean} ({low} to {high}; {number})"


def checksum(corpus: Corpus) -> str:
    """A checksum of the texts and of who is held out."""
    held = [question.name for question in corpus.dev]
    return sha256(json.dumps([corpus.biographies, held]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Results:
    """A folder of runs, those of one task with the same settings, all with the same data.

    `sizes` are the settings of the tasks at hand; the folder may hold others. `data` is the data's
    `checksum`; `data_options` are the words of the command that chose it.

    `Results(folder, SIZES, checksum(corpus)).gather()` gathers runs that lie there, and trains
    nothing.
    """

    folder: Path
    sizes: Mapping[str, Settings]
    data: str
    data_options: Sequence[str] = ()

    def claim(self) -> dict[str, Settings]:
        """Write the tasks' settings down; return those of all tasks of the folder.

        Raises UserError if the folder was made with other data, or one of these tasks with other
        settings.
        """
        path = self.folder / "settings.json"
        held, data = _read_claim(path) if path.exists() else ({}, self.data)
        changed = [f"data {data!r}, now {self.data!r}"] if data != self.data else []
        for task in held:
            changed += _changed(task, held[task], self.sizes.get(task, held[task]))
        if changed:
            raise other_options(self.folder, changed)
        if not path.exists() or self.sizes.keys() - held.keys():
            held |= self.sizes
            content = {"settings": _as_json(held), "data": self.data}
            write_text(path, json.dumps(content, indent=2) + "\n")
        return held

    def holds(self, run: Run) -> bool:
        """Whether the run is finished."""
        return self._path(run).exists()

    def keep(self, run: Run, row: Kept) -> None:
        """Write a finished run's row, and gather all."""
        write_text(self._path(run), json.dumps(row) + "\n")
        self.gather()

    def gather(self) -> list[Kept]:
        """Read every finished run of the folder, sort them, and write the whole.

        Raises UserError for a damaged file, a run of a task whose settings are not known, and one
        that was made with others.
        """
        sizes = self.claim()
        rows = [_read_row(path, sizes) for path in (self.folder / "runs").glob("*.json")]
        rows.sort(key=_place)
        command = command_of(map(_run, rows), sizes, self.data_options)
        content = {
            "command": command,
            "settings": _as_json(sizes),
            "data": self.data,
            "seeds": sorted({row["seed"] for row in rows}),
            "minutes": round(sum(row["seconds"] for row in rows) / 60, 1),
            "runs": rows,
            **provenance(),
        }
        write_text(self.folder / "compare.json", one_row_a_line(content, "runs"))
        write_text(self.folder / "compare.md", f"{markdown(rows, sizes)}\nMade by `{command}`.\n")
        return rows

    def _path(self, run: Run) -> Path:
        return self.folder / "runs" / f"{run.name}.json"


def _as_json(sizes: Mapping[str, Settings]) -> dict[str, dict[str, Any]]:
    return {task: asdict(sizes[task]) for task in TASKS if task in sizes}


def _read_claim(path: Path) -> tuple[dict[str, Settings], str]:
    """Each task's settings, and the checksum of the data."""
    try:
        content = json.loads(path.read_text("utf-8"))
        sizes = {task: Settings(**values) for task, values in content["settings"].items()}
        return sizes, str(content["data"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserError(f"{path} is damaged: choose another --out folder") from None


def _changed(task: str, before: Settings, now: Settings) -> list[str]:
    old, new = asdict(before), asdict(now)
    return [f"{task}: {key} {old[key]!r}, now {new[key]!r}" for key in old if old[key] != new[key]]


def _read_row(path: Path, sizes: Mapping[str, Settings]) -> Kept:
    """A run's row; UserError if it is damaged, or its steps and symbols are not those of `sizes`.

    Rows may come from another folder, which had a claim of its own.
    """
    try:
        row: Kept = json.loads(path.read_text("utf-8"))
        _place(row)  # for its errors
        task, steps, symbols, _ = (row[k] for k in ("task", "steps", "characters", "seconds"))
    except (ValueError, TypeError, KeyError):
        raise UserError(f"{path} is damaged: delete it, and the run is done anew") from None
    if task not in sizes:
        raise UserError(
            f"{path}: the folder's settings.json does not name the settings of {task}: give the "
            "command for that task, too"
        )
    settings = sizes[task]
    whole = row["budget"] != "steps" or steps == settings.steps
    if not whole or symbols != steps * settings.batch * settings.n:
        raise UserError(
            f"{path} was made with other steps, batch or n than the folder's settings.json names: "
            "move it to another folder"
        )
    return row


def _run(row: Kept) -> Run:
    return Run(row["task"], row["variant"], row["seed"], row["budget"])


def _place(row: Kept) -> tuple[int, ...]:
    known: dict[str, list[str]] = {
        "task": list(TASKS),
        "budget": list(BUDGETS),
        "variant": list(VARIANTS),
    }
    return (*(words.index(row[key]) for key, words in known.items()), row["seed"])


Say = Callable[[str], None]


def compare(
    corpus: Corpus,
    out: Path,
    runs: Sequence[Run],
    sizes: Mapping[str, Settings] | None = None,
    *,
    data_options: Sequence[str] = (),
    say: Say = print,
) -> list[Kept]:
    """Do the runs that `out` does not hold yet; write `compare.json` and `compare.md` after each.

    Returns the rows of all finished runs in `out`, those of earlier calls too: other tasks,
    variants or seeds may be added later, or by another process at the same time. `sizes` are each
    task's settings, by default `SIZES`; `data_options` are the words of the command that chose the
    corpus. Where nothing is left to do, nothing is trained, and what is there is gathered. Raises
    UserError if `out` was made with other settings or data or a variant does not fit,
    KeyboardInterrupt after an interruption.
    """
    sizes = sizes_of(runs) if sizes is None else sizes_of(runs, sizes=sizes)
    require_room(runs, sizes)
    results = Results(out, sizes, checksum(corpus), tuple(data_options))
    results.claim()
    tasks = {name: task_of(name, settings, corpus) for name, settings in sizes.items()}
    left = [run for run in runs if not results.holds(run)]
    if left:
        say(_expected(left, sizes, tasks, len(runs)))
    _do(left, results, tasks, len(runs), say)
    return results.gather()


def _do(
    left: Sequence[Run], results: Results, tasks: Mapping[str, Task], every: int, say: Say
) -> None:
    for number, run in enumerate(left, 1):
        label = f"{number}/{len(left)} {run.name}"
        try:
            row = train(run, results.sizes[run.task], tasks[run.task], label=label)
        except KeyboardInterrupt:
            kept = every - len(left) + number - 1
            raise KeyboardInterrupt(
                f"stopped; {kept} of {every} runs are kept, the same command does the rest"
            ) from None
        results.keep(run, row)
        say(f"{label}: {row[row['measure']]:.3f} {row['measure']}, {row['seconds']:.0f} s")


def _expected(
    left: list[Run], sizes: Mapping[str, Settings], tasks: Mapping[str, Task], every: int
) -> str:
    """How long the runs will take, by a few steps of each attention that has steps to take."""
    kinds = {(run.task, run.variant): run for run in left if run.budget == "steps"}
    paces = {kind: pace(run, sizes[run.task], tasks[run.task]) for kind, run in kinds.items()}
    seconds = sum(
        sizes[run.task].steps * paces[run.task, run.variant]
        if run.budget == "steps"
        else 60 * sizes[run.task].minutes
        for run in left
    )
    done = every - len(left)
    return f"{len(left)} runs, about {seconds / 60:.0f} minutes; {done} are finished already"


SMALL = Settings(n=128, block=8, batch=16, steps=300)
Watch = Callable[[Sequence[Training]], object]


def side_by_side(
    variants: Sequence[str],
    settings: Settings = SMALL,
    *,
    seed: int = 0,
    watch: Watch | None = None,
) -> list[Row]:
    """Train each attention on recall for equal steps, and judge it.

    `watch` is called after each round with all trainings. An interrupt ends the trainings early;
    they are then judged as they are. Raises UserError for sizes that do not fit.
    """
    task = recall_of(settings)
    runs = [Run("recall", variant, seed, "steps") for variant in variants]
    trainings = [Training(run, settings, task) for run in runs]
    with polite_interrupts() as stop:
        while not stop and any(training.progress < 1 for training in trainings):
            for training in trainings:
                training.step()
            if watch is not None:
                watch(trainings)
    return [row_of(row_of_training(training)) for training in trainings]
