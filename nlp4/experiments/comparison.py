"""Which attentions notebook 04 compares, on which tasks, in which sizes; and what came of it.

`python -m nlp4 compare --out DIR` trains them and writes the file that is read here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, get_args

import numpy as np
import torch

from nlp4.data.corpus import Corpus
from nlp4.data.long_tasks import PackedBiographies, Recall, Task, ceiling, packed_biographies
from nlp4.maths.block_pattern import NOTHING, BlockPattern, hops
from nlp4.models.attention import Attend, attend
from nlp4.models.bigbird import BigBird
from nlp4.models.encoder import Encoder, EncoderConfig
from nlp4.models.linformer import LinformerConfig, linformers
from nlp4.support.errors import UserError
from nlp4.support.options import named, require_seeds
from nlp4.support.records import read_results

Budget = Literal["steps", "time"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
STEPS, TIME = BUDGETS
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Variant:
    """One attention: a Linformer's `k`, or a pattern's (window, global, random), or full."""

    summary: str
    k: int | None = None
    pattern: tuple[int, int, int] | None = None


VARIANTS: dict[str, Variant] = {
    "full": Variant("every place sees every place"),
    "linformer-16": Variant("16 mixtures of the keys", k=16),
    "linformer-64": Variant("64 mixtures of the keys", k=64),
    "linformer-256": Variant("256 mixtures of the keys", k=256),
    "window": Variant("a block and its two neighbours", pattern=(3, 0, 0)),
    "global": Variant("one global block", pattern=(0, 1, 0)),
    "random": Variant("three random blocks", pattern=(0, 0, 3)),
    "window+random": Variant("window and random blocks", pattern=(3, 0, 3)),
    "bigbird": Variant("window, global and random blocks", pattern=(3, 1, 3)),
}
TASKS = {
    "recall": "facts early in a sequence, questions late",
    "characters": "masked characters of packed biographies",
}


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run's figures beside its task, variant, seed and budget.

    Raises UserError for a number that is not positive.
    """

    steps: int = 300
    minutes: float = 0.4
    n: int = 1024
    block: int = 32
    layers: int = 2
    heads: int = 2
    width: int = 64
    batch: int = 4
    learning_rate: float = 4e-3
    warmup: float = 0.08  # share of the budget in which the rate rises
    clip: float = 1.0
    sequences: int = 64  # held out

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:
                raise UserError(f"{name} = {value:g}: choose more than 0")

    def budget(self, budget: str) -> str:
        """A budget in words: so many steps, or so many minutes."""
        return f"{self.steps:,} steps" if budget == STEPS else f"{self.minutes:g} minutes"


# Found by trials: at n = 256 full attention and BigBird both come to 100% of recall in 1,500 steps;
# at n = 1,024 it is not learnt within minutes. Characters ask for nothing that is far away, and
# can be learnt at n = 1,024.
SIZES: dict[str, Settings] = {
    "recall": Settings(n=256, block=16, batch=4, steps=1_500, minutes=0.4),
    "characters": Settings(n=1024, block=32, batch=4, steps=300, minutes=0.4),
}
OPTIONS = ("steps", "minutes", "n")  # the settings that the command line takes


@dataclass(frozen=True)
class Run:
    """One training."""

    task: str
    variant: str
    seed: int
    budget: Budget

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.task}.{self.variant}.{self.seed}.{self.budget}"


def runs_of(
    tasks: Iterable[str] = TASKS,
    variants: Iterable[str] = VARIANTS,
    seeds: Iterable[int] = SEEDS,
    budgets: Iterable[Budget] = BUDGETS,
) -> list[Run]:
    """Every combination, once, seed by seed.

    Raises UserError for an unknown word, with the known ones, and for a negative seed.
    """
    tasks, variants, seeds, budgets = list(tasks), list(variants), list(seeds), list(budgets)
    _require_known("task", tasks, TASKS)
    _require_known("variant", variants, VARIANTS)
    _require_known("budget", budgets, BUDGETS)
    require_seeds(seeds)
    every = product(seeds, budgets, tasks, variants)
    runs = (Run(task, variant, seed, budget) for seed, budget, task, variant in every)
    return list(dict.fromkeys(runs))


def _require_known(kind: str, asked: Iterable[str], known: Iterable[str]) -> None:
    for word in asked:
        if word not in known:
            raise UserError(f"no {kind} {word!r}: choose from {', '.join(known)}")


def sizes_of(
    runs: Iterable[Run], own: Mapping[str, Any] | None = None, sizes: Mapping[str, Settings] = SIZES
) -> dict[str, Settings]:
    """The settings of each task of the runs; `own` replaces some of `sizes`, for one task alone.

    Raises UserError for `own` settings with several tasks.
    """
    tasks = list(dict.fromkeys(run.task for run in runs))
    if own and len(tasks) != 1:
        raise UserError(
            f"{', '.join(f'--{name}' for name in own)}: each task has sizes of its own, and here "
            f"are {len(tasks)} ({', '.join(tasks)}): name one of them with --tasks"
        )
    return {task: replace(sizes[task], **(own or {})) for task in tasks}


def require_room(runs: Iterable[Run], sizes: Mapping[str, Settings]) -> None:
    """Raise UserError for a Linformer with more mixtures than a sequence has places."""
    for run in runs:
        k, n = VARIANTS[run.variant].k, sizes[run.task].n
        if k is not None and k > n:
            raise UserError(
                f"{run.variant} needs n = {k} or more, not {n}: choose a longer n, or "
                "name the other variants"
            )


def command_of(
    runs: Iterable[Run], sizes: Mapping[str, Settings], data_options: Sequence[str] = ()
) -> str:
    """The command that does `runs`, with every option that is not the default.

    Tasks that differ in anything else have a command each, joined by "&&". Runs that are no full
    grid, as after an interruption, are named by the grid they lie in. `data_options` are the words
    that chose the people. Settings outside `OPTIONS` are not named.
    """
    runs = list(runs)
    start = ["python -m nlp4 compare --out DIR", *data_options]
    tasks = [task for task in TASKS if any(run.task == task for run in runs)]
    grids = {task: _grid([run for run in runs if run.task == task]) for task in tasks}
    own = {task: _own(task, sizes[task]) for task in tasks}
    if len(tasks) > 1 and not any(own.values()) and len(set(map(tuple, grids.values()))) == 1:
        commands = [[*start, *named("tasks", set(tasks), TASKS), *grids[tasks[0]]]]
    else:
        commands = [[*start, "--tasks", task, *grids[task], *own[task]] for task in tasks]
    return " && ".join(map(" ".join, commands or [start]))


def _grid(runs: Sequence[Run]) -> list[str]:
    return [
        *named("variants", {run.variant for run in runs}, VARIANTS),
        *named("seeds", {run.seed for run in runs}, SEEDS),
        *named("budgets", {run.budget for run in runs}, BUDGETS),
    ]


def _own(task: str, settings: Settings) -> list[str]:
    values = {name: getattr(settings, name) for name in OPTIONS}
    changed = {n: value for n, value in values.items() if value != getattr(SIZES[task], n)}
    return [word for name, value in changed.items() for word in (f"--{name}", str(value))]


def task_of(name: str, settings: Settings, corpus: Corpus) -> Recall | PackedBiographies:
    """The task in the settings' size. Raises UserError if it does not fit."""
    if name == "recall":
        return recall_of(settings)
    return packed_biographies(corpus, settings.n, settings.sequences)


def recall_of(settings: Settings) -> Recall:
    """The recall task in the settings' size. Raises UserError if it does not fit."""
    asked = settings.n * 3 // 16  # one place in four after the facts
    return Recall(settings.n, questions=asked, sequences=settings.sequences)


def attentions_of(variant: str, settings: Settings, seed: int) -> list[Attend]:
    """One attention for each layer. The seed also draws the projections and the random blocks."""
    found = VARIANTS[variant]
    if found.k is not None:
        config = LinformerConfig(settings.n, found.k, seed=seed)
        return list(linformers(config, layers=settings.layers, heads=settings.heads))
    pattern = pattern_of(variant, settings, seed)
    return [attend if pattern is None else BigBird(pattern)] * settings.layers


def pattern_of(variant: str, settings: Settings, seed: int) -> BlockPattern | None:
    """The variant's pattern; None if it has none."""
    parts = VARIANTS[variant].pattern
    return None if parts is None else BlockPattern(settings.block, *parts, seed=seed)


def encoder_of(task: Task, variant: str, settings: Settings, seed: int) -> Encoder:
    """A fresh encoder for `task`. Neighbours mean something in text, and nothing in recall."""
    config = EncoderConfig(
        task.symbols,
        task.classes,
        task.n,
        settings.layers,
        settings.heads,
        settings.width,
        local=not isinstance(task, Recall),
    )
    generator = torch.Generator().manual_seed(seed)
    return Encoder(config, attentions_of(variant, settings, seed), generator)


def reach(task: Recall, pattern: BlockPattern, layers: int) -> float:
    """The share of pairs of a fact's place and a judged question's that `layers` layers join.

    Counted on the graph of blocks, and exact, since `encoder_of` gives this task an encoder without
    a convolution. Accuracy cannot pass `ceiling` of it but by luck. Heads must
    agree.
    """
    joined = hops(pattern.parts(pattern.blocks(task.n)) != NOTHING) <= layers
    block = np.arange(task.n) // pattern.block
    questions, facts = block[task.judged_from :], block[task.facts.start : task.facts.stop]
    return float(joined[np.ix_(questions, facts)].mean())


def reach_of(run: Run, settings: Settings, task: Task) -> float | None:
    """The run's `reach`; None for a task without facts, and for an attention without a pattern."""
    pattern = pattern_of(run.variant, settings, run.seed)
    if pattern is None or not isinstance(task, Recall):
        return None
    return round(reach(task, pattern, settings.layers), 4)


FILE = "data/results/compare.json"
COMMAND = "python -m nlp4 compare --out DIR"  # where no file tells its own
_FIELDS = {"by part": "by_part"}  # names in the file that no field can have


@dataclass(frozen=True)
class Row:
    """One training and what it came to; `bits` of loss and `accuracy` of the judged answers."""

    task: str
    variant: str
    seed: int
    budget: Budget
    steps: int
    seconds: float
    characters: int
    parameters: int
    measure: str  # "accuracy" or "bits": what the task is judged by
    bits: float
    accuracy: float
    judged: int  # how many answers
    by_part: tuple[float | None, ...]  # accuracy; None where nothing is asked
    reach: float | None  # share of pairs of a fact and a question that the layers join
    curve: tuple[tuple[int, float], ...]  # (step, bits of training loss)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Row:
        """The row that `written` made. Raises TypeError or ValueError for one that is damaged."""
        fields = {_FIELDS.get(key, key): value for key, value in kept.items()}
        parts = tuple(fields["by_part"])
        curve = tuple((int(step), float(bits)) for step, bits in fields["curve"])
        return cls(**fields | {"by_part": parts, "curve": curve})

    def written(self) -> dict[str, Any]:
        """The row, ready for JSON."""
        names = {field: key for key, field in _FIELDS.items()}
        return {names.get(field, field): value for field, value in asdict(self).items()}

    @property
    def run(self) -> Run:
        """Which training it is."""
        return Run(self.task, self.variant, self.seed, self.budget)

    @property
    def value(self) -> float:
        """Accuracy or bits, whichever the task is judged by."""
        return self.accuracy if self.measure == "accuracy" else self.bits

    @property
    def ceiling(self) -> float | None:
        """The accuracy that no one passes but by luck; None if every place sees every fact."""
        return None if self.reach is None else ceiling(self.reach, Recall.values)


@dataclass(frozen=True)
class Spread:
    """Mean, lowest and highest of the seeds' values."""

    mean: float
    low: float
    high: float
    seeds: int


def spread(values: Sequence[float]) -> Spread:
    """Mean and range. Raises UserError for no values."""
    if not values:
        raise UserError("no training of this kind is in the file: run the command for it, too")
    return Spread(fmean(values), min(values), max(values), len(values))


@dataclass(frozen=True)
class Accuracy:
    """All trainings of one comparison, and the command that made it."""

    rows: tuple[Row, ...]
    sizes: Mapping[str, Settings]  # by task
    command: str
    minutes: float
    cores: int

    def of(self, task: str, variant: str, budget: str) -> tuple[Row, ...]:
        """One training for each seed."""
        wanted = (task, variant, budget)
        return tuple(row for row in self.rows if (row.task, row.variant, row.budget) == wanted)

    def variants(self, task: str) -> tuple[str, ...]:
        """The attentions that were trained on a task, in the file's order."""
        return tuple(dict.fromkeys(row.variant for row in self.rows if row.task == task))

    def spread(self, task: str, variant: str, budget: str) -> Spread:
        """Mean and range of what the task is judged by. Raises UserError if there is none."""
        return spread([row.value for row in self.of(task, variant, budget)])

    def missing(self, task: str, variant: str = "") -> UserError:
        """The message that a task, or a variant on it, is not in the file."""
        what = f"{variant} was not trained on {task}" if variant else f"{task} was not trained"
        return UserError(
            f"{what}: {FILE} was made by {self.command}; run it for that, too, and copy "
            "compare.json from there"
        )


def read_accuracy(path: Path | None = None) -> Accuracy:
    """What was trained earlier; without a path, the file that comes along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results("compare.json", COMMAND, _accuracy, path)


def _accuracy(content: dict[str, Any]) -> Accuracy:
    rows = tuple(Row.read(row) for row in content["runs"])
    trained = {row.task for row in rows}
    return Accuracy(
        rows,
        {task: Settings(**content["settings"][task]) for task in TASKS if task in trained},
        str(content["command"]),
        float(content["minutes"]),
        int(content["cores"]),
    )
