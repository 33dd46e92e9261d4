"""The experiment of notebook 04: one encoder, many attentions and tasks, equal steps, equal time.

A run is one task, one attention, one seed, one budget and one learning rate; each is kept as soon
as it is finished, and never repeated. The first seed tries every rate of `RATES`; the one that does
best on dev sequences is taken for the other seeds, and its rows are reported, on test sequences.

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from nlp4.data.corpus import Corpus
from nlp4.data.long_tasks import DEV, TEST, Recall, Task
from nlp4.data.objectives import Batch
from nlp4.data.vocabulary import IGNORED
from nlp4.experiments.comparison import (
    BUDGETS,
    RATES,
    TASKS,
    TIME,
    VARIANTS,
    Row,
    Run,
    Settings,
    best_rate,
    command_of,
    density_of,
    encoder_of,
    multiply_adds_of,
    reach_of,
    recall_of,
    sizes_of,
    task_of,
    that_fit,
)
from nlp4.models.encoder import Encoder
from nlp4.models.gpt import parameters_of
from nlp4.support.errors import UserError
from nlp4.support.records import RunFolder, Say, table, write_results
from nlp4.training.trainer import Trainer, TrainingConfig, polite_interrupts

SHORTEST, GROWING = 16, 0.6  # places at first, and the share of the steps until all are there
PARTS = 32  # of a sequence, whose accuracy is kept apart
SMALL = Settings(pairs=4, steps=400, sequences=500)  # to be watched
_EVALUATED = 16  # sequences at a time
_DIVERGED = 999.0  # nats of an answer by a model whose training ran away


@dataclass(frozen=True)
class TaskBatches:
    """A task's batches by the step, each drawn from the seed and the step alone.

    Over the first `growing` steps recall grows from `SHORTEST` places to its own length by
    doublings, with as many symbols in a batch: what a short text teaches holds in a long one, and
    is learnt there in a tenth of the time (a curriculum, Bengio et al. 2009). It is the same for
    every attention.
    """

    task: Task
    size: int
    seed: int
    growing: float

    def __getitem__(self, step: int) -> Batch:
        task, size = self.task, self.size
        if isinstance(task, Recall) and step < self.growing:
            doublings = max(0, int(math.log2(task.n / SHORTEST)))
            left = math.ceil(doublings * (1 - step / self.growing))
            task, size = task.shorter(2**left), size * 2**left
        return task.batch(size, np.random.default_rng((self.seed, step)))


@dataclass(frozen=True)
class Training:
    """One run, what it trains, and how far it has come."""

    run: Run
    settings: Settings
    task: Task
    model: Encoder
    trainer: Trainer

    @classmethod
    def of(cls, run: Run, settings: Settings, task: Task) -> Training:
        """A run that has not begun."""
        model = encoder_of(task, run.variant, settings, run.seed)
        rate = 1.0 if run.rate is None else run.rate
        config = TrainingConfig(
            settings.steps,
            settings.batch,
            optimiser="muon",
            learning_rate=rate * settings.learning_rate,
            matrix_rate=rate * settings.matrix_rate,
            warmup=settings.warmup * settings.steps,
            clip=settings.clip,
            seed=run.seed,
            seconds=60 * settings.minutes if run.budget == TIME else None,
        )
        batches = TaskBatches(task, settings.batch, run.seed, GROWING * settings.steps)
        return cls(run, settings, task, model, Trainer(model, batches, config))

    def curve(self, points: int = 20) -> tuple[tuple[int, float], ...]:
        """The mean loss in bits of each of `points` stretches, with the step at which it ends."""
        bits = np.array(self.trainer.history.losses) / math.log(2)
        ends = np.linspace(0, len(bits), min(points, len(bits)) + 1).astype(int)
        return tuple(
            (int(end), round(float(bits[start:end].mean()), 4)) for start, end in pairwise(ends)
        )

    def row(self) -> Row:
        """What it has come to, judged."""
        history, made = self.trainer.history, (self.run.variant, self.settings, self.run.seed)
        dev = judge(self.model, self.task.held_out(DEV))
        return Row(
            **asdict(self.run),
            steps=history.steps,
            seconds=round(history.seconds, 2),
            characters=history.characters,
            parameters=parameters_of(self.model),
            density=round(density_of(*made), 4),
            multiply_adds=multiply_adds_of(*made),
            measure=self.task.measure,
            dev_bits=dev["bits"],
            dev_accuracy=dev["accuracy"],
            **judge(self.model, self.task.held_out(TEST)),
            reach=reach_of(self.run, self.settings, self.task),
            guess=self.task.guess if isinstance(self.task, Recall) else None,
            constant=commonest(self.task.held_out(TEST)),
            curve=self.curve(),
        )


def train(run: Run, settings: Settings, task: Task, label: str = "") -> Row:
    """Train and judge one run.

    Raises KeyboardInterrupt if it was interrupted; what it had learnt is then lost.
    """
    training = Training.of(run, settings, task)
    if not training.trainer.run(label=label or run.name).finished:
        raise KeyboardInterrupt
    return training.row()


@torch.no_grad()
def judge(model: Encoder, held: Batch) -> dict[str, Any]:
    """Mean bits and accuracy of the answers, and the accuracy by their place.

    Bits are the negative log2 of the probability of the right symbol. `by_part` cuts the sequence
    into `PARTS` equal parts; None where nothing is asked.
    """
    bits, right = [], []
    for ids, targets in zip(
        held.ids.split(_EVALUATED), held.targets.split(_EVALUATED), strict=True
    ):
        asked = targets != IGNORED
        logits = model.logits(model.hidden(ids)[asked])  # (answers, symbols)
        nats = F.cross_entropy(logits, targets[asked], reduction="none")
        bits.append(nats.nan_to_num(nan=_DIVERGED).clamp(max=_DIVERGED) / math.log(2))
        right.append(logits.argmax(-1) == targets[asked])
    correct = torch.cat(right)
    places = (held.targets != IGNORED).nonzero()[:, 1] * PARTS // held.ids.shape[1]
    return {
        "bits": round(float(torch.cat(bits).mean()), 4),
        "accuracy": round(float(correct.float().mean()), 4),
        "judged": len(correct),
        "by_part": tuple(_share(correct[places == part]) for part in range(PARTS)),
    }


def commonest(held: Batch) -> float:
    """The accuracy of one answer to everything, the commonest one."""
    counts = held.targets[held.targets != IGNORED].bincount()
    return round(float(counts.max() / counts.sum()), 6)


def _share(correct: torch.Tensor) -> float | None:
    return round(float(correct.float().mean()), 4) if len(correct) else None


def side_by_side(
    variants: Sequence[str], settings: Settings = SMALL, *, seed: int = 0
) -> list[Training]:
    """A comparison small enough to watch: 4 pairs, equal steps; train it with `in_turn`.

    Raises UserError for sizes that do not fit.
    """
    task = recall_of(settings)
    return [Training.of(Run("recall-64", v, seed, "steps", 1.0), settings, task) for v in variants]


def in_turn(trainings: Sequence[Training]) -> Iterator[int]:
    """Train them step by step in turn; yield the number of rounds after each.

    An interrupt ends the trainings early; they can be judged as they are.
    """
    with polite_interrupts() as stop:
        while not stop and any(each.trainer.progress < 1 for each in trainings):
            for each in trainings:
                each.trainer.step()
            yield trainings[-1].trainer.history.steps


def compare(
    corpus: Corpus,
    out: Path,
    runs: Sequence[Run],
    sizes: Mapping[str, Settings] | None = None,
    *,
    data_options: Sequence[str] = (),
    say: Say = print,
) -> list[Row]:
    """Do the runs that `out` does not hold yet; write `compare.json` and `compare.md` after each.

    `runs` name no rates: of each task, attention and budget the first seed is run at every one.
    Returns the rows of all finished runs in `out`, those of earlier calls too: other tasks,
    variants or seeds may be added later, or by another process at the same time. `sizes` are each
    task's settings, by default `SIZES`; `data_options` are the words of the command that chose the
    corpus. Where nothing is left to do, nothing is trained, and what is there is gathered. Raises
    UserError if `out` was made with other settings or data or a variant does not fit,
    KeyboardInterrupt after an interruption.
    """
    sizes = sizes_of(runs) if sizes is None else sizes_of(runs, sizes=sizes)
    runs = with_rates(that_fit(runs, sizes))
    tasks = {name: task_of(settings, corpus) for name, settings in sizes.items()}
    data, folder = checksum(corpus), RunFolder(out)
    _claim(folder, sizes, data)
    jobs = {r.name: partial(_job, folder, r, sizes[r.task], tasks[r.task]) for r in runs}
    unfinished = set(folder.left(jobs))
    if left := [run for run in runs if run.name in unfinished]:
        say(f"about {_expected(left, sizes, tasks) / 60:.0f} minutes")
    return folder.do(jobs, lambda: gather(out, sizes, data, data_options), told=_told, say=say)


def with_rates(runs: Sequence[Run]) -> list[Run]:
    """Each kind's lowest seed at every rate, then its other seeds at the one that will be best."""
    found: list[Run] = []
    for kind in dict.fromkeys(run.kind for run in runs):
        first, *others = sorted((r for r in runs if r.kind == kind), key=lambda r: r.seed)
        found += [replace(first, rate=rate) for rate in RATES]
        found += others
    return found


def _job(folder: RunFolder, run: Run, settings: Settings, task: Task, label: str) -> dict[str, Any]:
    if run.rate is None:
        rows = [row for row in folder.rows(Row.read) if row.run.kind == run.kind]
        run = replace(run, rate=best_rate(rows))
    return train(run, settings, task, label).written()


def _told(row: Mapping[str, Any]) -> str:
    return f"{row[row['measure']]:.3f} {row['measure']}, {row['seconds']:.0f} s"


def _expected(
    left: Sequence[Run], sizes: Mapping[str, Settings], tasks: Mapping[str, Task]
) -> float:
    """How many seconds the runs will take, by a few steps of each attention with steps to take."""
    kinds = {(run.task, run.variant): run for run in left if run.budget != TIME}
    paces = {
        kind: Training.of(run, sizes[run.task], tasks[run.task]).trainer.pace(0.0)
        for kind, run in kinds.items()
    }
    return sum(
        60 * sizes[run.task].minutes
        if run.budget == TIME
        else sizes[run.task].steps * paces[run.task, run.variant]
        for run in left
    )


def checksum(corpus: Corpus) -> str:
    """A checksum of the texts and of who is held out."""
    held = [question.name for question in corpus.dev]
    return sha256(json.dumps([corpus.biographies, held]).encode()).hexdigest()[:16]


def gather(
    out: Path, sizes: Mapping[str, Settings], data: str, data_options: Sequence[str] = ()
) -> list[Row]:
    """Read every finished run of a folder, sort them, and write the whole; train nothing.

    `data` is the data's `checksum`. Runs may have been copied here from another folder. Raises
    UserError for a damaged file, a run of a task whose settings are not known, and one that was
    made with others.
    """
    folder = RunFolder(out)
    sizes = _claim(folder, sizes, data)
    rows = sorted(folder.rows(partial(_checked, sizes)), key=_place)
    command = command_of([row.run for row in rows], sizes, data_options)
    content = {
        "command": command,
        "settings": _as_json(sizes),
        "data": data,
        "seeds": sorted({row.seed for row in rows}),
        "minutes": round(sum(row.seconds for row in rows) / 60, 1),
        "runs": [row.written() for row in rows],
    }
    told = f"{markdown(rows, sizes)}\nMade by `{command}`.\n"
    write_results(out, "compare", content, told, rows="runs")
    return rows


def _claim(folder: RunFolder, sizes: Mapping[str, Settings], data: str) -> dict[str, Settings]:
    """Note the tasks' settings; return those of all tasks of the folder."""
    noted = folder.claim({"settings": _as_json(sizes), "data": data})
    try:
        return {task: Settings(**values) for task, values in noted["settings"].items()}
    except (TypeError, AttributeError):
        raise UserError(
            f"{folder.path / 'settings.json'} is damaged: choose another --out folder"
        ) from None


def _as_json(sizes: Mapping[str, Settings]) -> dict[str, dict[str, Any]]:
    return {task: asdict(sizes[task]) for task in TASKS if task in sizes}


def _checked(sizes: Mapping[str, Settings], kept: Mapping[str, Any]) -> Row:
    """A run's row; UserError if its steps and symbols are not those of `sizes`."""
    row = Row.read(kept)
    _place(row)  # for its errors
    if row.task not in sizes:
        raise UserError(
            "belongs to no task here: the folder's settings.json does not name the settings of "
            f"{row.task}: give the command for that task, too"
        )
    settings = sizes[row.task]
    whole = row.budget == TIME or row.steps == settings.steps
    if not whole or row.characters != row.steps * settings.batch * settings.n:
        raise UserError(
            "was made with other steps, batch or n than the folder's settings.json names: move it "
            "to another folder"
        )
    return row


def _place(row: Row) -> tuple[int, ...]:
    """Where a row stands among the others; ValueError for an unknown word."""
    orders: tuple[tuple[list[str], str], ...] = (
        (list(TASKS), row.task),
        (list(BUDGETS), row.budget),
        (list(VARIANTS), row.variant),
    )
    return (*(words.index(word) for words, word in orders), row.seed, RATES.index(row.rate))


def markdown(rows: Sequence[Row], sizes: Mapping[str, Settings]) -> str:
    """One Markdown table for each task: mean and range over the seeds, for either budget."""
    found = {task: [row for row in rows if row.task == task] for task in TASKS}
    tables = [_table(task, rows, sizes[task]) for task, rows in found.items() if rows]
    return "\n".join(tables)


def _table(task: str, rows: Sequence[Row], settings: Settings) -> str:
    measure = rows[0].measure
    heads = ["attention", "weights computed", "million multiply-adds", "ceiling"]
    heads += [f"{measure}, {settings.steps} steps", "rate", "seconds"]
    heads += [f"{measure}, {settings.minutes:g} minutes", "rate", "steps"]
    title = f"{task}: {TASKS[task]}; n = {settings.n}; mean (lowest to highest)\n\n"
    by_variant = [[row for row in rows if row.variant == variant] for variant in VARIANTS]
    lines = [_cells(found) for found in by_variant if found]
    return title + table(heads, lines) + f"\n{_guesses(rows[0], settings)}\n"


def _guesses(row: Row, settings: Settings) -> str:
    """What the accuracy is of who has learnt nothing."""
    told = f"The commonest answer alone: {row.constant:.2%} right"
    if row.guess is None:
        return f"{told}."
    return f"{told}; any value: {row.guess:.2%}; any value of the text: {1 / settings.pairs:.1%}."


def _cells(found: Sequence[Row]) -> list[str]:
    """The line of one task and variant."""
    first = found[0]
    ceilings = [row.ceiling for row in found if row.ceiling is not None]
    cells = [first.variant, f"{first.density:.1%}", f"{first.multiply_adds / 1e6:.1f}"]
    cells.append(_spread_of(ceilings, "accuracy"))
    costs: tuple[tuple[str, Callable[[Row], float]], ...] = (
        (BUDGETS[0], lambda row: row.seconds),
        (BUDGETS[1], lambda row: row.steps),
    )
    for budget, cost in costs:
        tried = [row for row in found if row.budget == budget]
        part = [row for row in tried if row.rate == best_rate(tried)]
        cells.append(_spread_of([row.value for row in part], first.measure, seeds=True))
        cells.append(f"{part[0].rate:g}" if part else "-")
        cells.append(f"{np.mean([cost(row) for row in part]):.0f}" if part else "-")
    return cells


def _spread_of(values: list[float], measure: str, *, seeds: bool = False) -> str:
    if not values:
        return "-"
    form = "{:.1%}" if measure == "accuracy" else "{:.3f}"
    mean, low, high = (form.format(f(values)) for f in (np.mean, min, max))
    if not seeds:
        return mean if low == high else f"{mean} ({low} to {high})"
    number = f"{len(values)} seed{'s' * (len(values) > 1)}"
    return f"{mean} ({low} to {high}; {number})"
