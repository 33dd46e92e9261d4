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
from typing import Any, Literal, get_args, get_type_hints

import numpy as np
import torch
from numpy.typing import NDArray

from nlp4.data.corpus import Corpus
from nlp4.data.long_tasks import (
    TEST,
    PackedBiographies,
    Recall,
    Task,
    ceiling,
    packed_biographies,
    seen,
)
from nlp4.maths import cost
from nlp4.maths.block_pattern import NOTHING, BlockPattern, hops
from nlp4.models.attention import Attend, attend
from nlp4.models.bigbird import BigBird
from nlp4.models.encoder import STEM, Encoder, EncoderConfig
from nlp4.models.linformer import LinformerConfig, ProjectionKind, linformers
from nlp4.support.errors import UserError
from nlp4.support.options import named, require_seeds
from nlp4.support.records import read_results, whole

Budget = Literal["steps", "time"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
STEPS, TIME = BUDGETS
SEEDS = (0, 1, 2)
WHOLE, MEANS = 0, -1  # mixtures of a Linformer, see `Variant`
RATES = (0.1, 0.3, 1.0, 3.0)  # times the settings' rates; what does best on dev is reported


@dataclass(frozen=True)
class Variant:
    """One attention: a Linformer of `k` mixtures, a pattern of blocks, or full.

    `k` may be `WHOLE`, as many as places, or `MEANS`, one for each block. A pattern has so many
    window, global and random blocks.
    """

    summary: str
    k: int | None = None
    pattern: tuple[int, int, int] | None = None

    def mixtures(self, n: int, block: int) -> int | None:
        """How many mixtures a Linformer makes of `n` places; None for the others."""
        if self.k == MEANS:
            return n // block
        return n if self.k == WHOLE else self.k


VARIANTS: dict[str, Variant] = {
    "full": Variant("every place sees every place"),
    "bigbird": Variant("window, global and random blocks", pattern=(3, 1, 3)),
    "window": Variant("a block and its two neighbours", pattern=(3, 0, 0)),
    "random": Variant("three random blocks", pattern=(0, 0, 3)),
    "global": Variant("one global block", pattern=(0, 1, 0)),
    "linformer-16": Variant("16 mixtures of the keys", k=16),
    "linformer-64": Variant("64 mixtures of the keys", k=64),
    "linformer-256": Variant("256 mixtures of the keys", k=256),
    "linformer-n": Variant("as many mixtures as places", k=WHOLE),
    "means": Variant("the mean of each block's keys", k=MEANS),
}
TASKS = {
    "recall-64": "4 pairs, then each key is asked for",
    "recall-128": "8 pairs, then each key is asked for",
    "recall-256": "16 pairs, then each key is asked for",
    "far-256": "16 pairs far from their questions and from the global block",
    "recall-512": "64 pairs, then each key is asked for",
    "recall-1024": "128 pairs, then each key is asked for",
    "characters": "masked characters of packed biographies",
}


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run's figures beside its task, variant, seed, budget and rate.

    With `pairs` it is recall, `far` or as published; with none, masked characters. Raises
    UserError for a number that is not positive.
    """

    steps: int = 500
    minutes: float = 0.3
    n: int = 64
    pairs: int = 0
    far: bool = False
    block: int = 8
    layers: int = 2
    heads: int = 1
    width: int = 64
    batch: int = 32
    learning_rate: float = 1e-2
    matrix_rate: float = 0.02
    warmup: float = 0.08  # share of the budget in which the rate rises
    clip: float = 1.0
    sequences: int = 3000  # held out

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name not in ("pairs", "far") and not 0 < value < math.inf:
                raise UserError(f"{name} = {value:g}: choose more than 0")

    def budget(self, budget: str) -> str:
        """A budget in words: so many steps, or so many minutes."""
        return f"{self.steps:,} steps" if budget == STEPS else f"{self.minutes:g} minutes"


# As many symbols in a batch everywhere, and steps in which full attention comes to the end.
SIZES: dict[str, Settings] = {
    "recall-64": Settings(n=64, pairs=4, batch=32),
    "recall-128": Settings(n=128, pairs=8, batch=16),
    "recall-256": Settings(n=256, pairs=16, batch=8),
    "far-256": Settings(n=256, pairs=16, batch=8, far=True),
    "recall-512": Settings(n=512, pairs=64, batch=4, block=16, minutes=0.8, sequences=1000),
    "recall-1024": Settings(n=1024, pairs=128, batch=2, block=16, minutes=0.8, sequences=1000),
    "characters": Settings(n=1024, batch=4, block=32, heads=2, steps=300, sequences=64),
}
OPTIONS = ("steps", "minutes", "n")  # the settings that the command line takes


@dataclass(frozen=True)
class Run:
    """One training."""

    task: str
    variant: str
    seed: int
    budget: Budget
    rate: float | None = None  # times the settings' learning rates; None: what does best on dev

    @property
    def kind(self) -> tuple[str, str, str]:
        """What runs at other rates and seeds share."""
        return self.task, self.variant, self.budget

    @property
    def name(self) -> str:
        """The name of its file."""
        rate = "" if self.rate is None else f".x{self.rate:g}"
        return f"{self.task}.{self.variant}.{self.budget}.{self.seed}{rate}"


def runs_of(
    tasks: Iterable[str] = TASKS,
    variants: Iterable[str] = VARIANTS,
    seeds: Iterable[int] = SEEDS,
    budgets: Iterable[Budget] = BUDGETS,
) -> list[Run]:
    """Every combination, once, task by task; the rates are still to be chosen.

    Raises UserError for an unknown word, with the known ones, and for a negative seed.
    """
    tasks, variants, seeds, budgets = list(tasks), list(variants), list(seeds), list(budgets)
    _require_known("task", tasks, TASKS)
    _require_known("variant", variants, VARIANTS)
    _require_known("budget", budgets, BUDGETS)
    require_seeds(seeds)
    every = product(budgets, tasks, variants, seeds)
    runs = (Run(task, variant, seed, budget) for budget, task, variant, seed in every)
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


def that_fit(runs: Iterable[Run], sizes: Mapping[str, Settings]) -> list[Run]:
    """The runs without Linformers of n mixtures or more: `linformer-n` is the one with n.

    Raises UserError if none is left.
    """
    runs = list(runs)
    found = [run for run in runs if _fits(run.variant, sizes[run.task])]
    if runs and not found:
        run = runs[0]
        raise UserError(
            f"{run.variant} makes no fewer mixtures than the {sizes[run.task].n} places of "
            f"{run.task}: choose a longer n, or name other variants (linformer-n has as many)"
        )
    return found


def _fits(variant: str, settings: Settings) -> bool:
    k = VARIANTS[variant].k
    return k is None or k < settings.n


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
    grids = {task: _grid([run for run in runs if run.task == task], sizes[task]) for task in tasks}
    own = {task: _own(task, sizes[task]) for task in tasks}
    if len(tasks) > 1 and not any(own.values()) and len(set(map(tuple, grids.values()))) == 1:
        commands = [[*start, *named("tasks", set(tasks), TASKS), *grids[tasks[0]]]]
    else:
        commands = [[*start, "--tasks", task, *grids[task], *own[task]] for task in tasks]
    return " && ".join(map(" ".join, commands or [start]))


def _grid(runs: Sequence[Run], settings: Settings) -> list[str]:
    return [
        *named(
            "variants", {run.variant for run in runs}, [v for v in VARIANTS if _fits(v, settings)]
        ),
        *named("seeds", {run.seed for run in runs}, SEEDS),
        *named("budgets", {run.budget for run in runs}, BUDGETS),
    ]


def _own(task: str, settings: Settings) -> list[str]:
    values = {name: getattr(settings, name) for name in OPTIONS}
    changed = {n: value for n, value in values.items() if value != getattr(SIZES[task], n)}
    return [word for name, value in changed.items() for word in (f"--{name}", str(value))]


def task_of(settings: Settings, corpus: Corpus) -> Recall | PackedBiographies:
    """The task in the settings' size. Raises UserError if it does not fit."""
    if settings.pairs:
        return recall_of(settings)
    return packed_biographies(corpus, settings.n, settings.sequences)


def recall_of(settings: Settings) -> Recall:
    """The recall task in the settings' size. Raises UserError if it does not fit."""
    return Recall(settings.n, settings.pairs, settings.far, settings.sequences)


def attentions_of(variant: str, settings: Settings, seed: int) -> list[Attend]:
    """One attention for each layer. The seed also draws the projections and the random blocks."""
    k = VARIANTS[variant].mixtures(settings.n, settings.block)
    if k is not None:
        kind: ProjectionKind = "mean" if variant == "means" else "learned"
        config = LinformerConfig(settings.n, k, projection=kind, seed=seed)
        return list(linformers(config, layers=settings.layers, heads=settings.heads))
    pattern = pattern_of(variant, settings, seed)
    return [attend if pattern is None else BigBird(pattern)] * settings.layers


def pattern_of(variant: str, settings: Settings, seed: int) -> BlockPattern | None:
    """The variant's pattern; None if it has none."""
    parts = VARIANTS[variant].pattern
    return None if parts is None else BlockPattern(settings.block, *parts, seed=seed)


def encoder_of(task: Task, variant: str, settings: Settings, seed: int) -> Encoder:
    """A fresh encoder for `task`."""
    config = EncoderConfig(task.symbols, task.n, settings.layers, settings.heads, settings.width)
    generator = torch.Generator().manual_seed(seed)
    return Encoder(config, attentions_of(variant, settings, seed), generator)


def density_of(variant: str, settings: Settings, seed: int = 0) -> float:
    """How many weights an attention computes, as a share of full attention's n^2."""
    k = VARIANTS[variant].mixtures(settings.n, settings.block)
    if k is not None:
        return k / settings.n
    pattern = pattern_of(variant, settings, seed)
    return 1.0 if pattern is None else pattern.density(pattern.blocks(settings.n))


def multiply_adds_of(variant: str, settings: Settings, seed: int = 0) -> int:
    """What all layers' attention and projections cost forward, a sequence; counted, see `cost`."""
    n, width = settings.n, settings.width
    k = VARIANTS[variant].mixtures(n, settings.block)
    pattern = pattern_of(variant, settings, seed)
    if k is not None:
        layer = cost.linformer(n, width, k)
    else:
        layer = cost.full(n, width) if pattern is None else cost.bigbird(n, width, pattern)
    return settings.layers * layer.multiply_adds


def joined(pattern: BlockPattern, n: int, layers: int) -> NDArray[np.bool_]:
    """Which places can hold something of which symbol after `layers` layers: `(n, n)`.

    Counted on the graph of blocks. The encoder's convolution hands a symbol to `STEM // 2` places
    to each side first. Heads must agree.
    """
    blocks = hops(pattern.parts(pattern.blocks(n)) != NOTHING) <= layers
    places = np.kron(blocks, np.ones((pattern.block, pattern.block), dtype=bool))[:n, :n]
    found = places.copy()
    for step in range(1, STEM // 2 + 1):
        found[:, step:] |= places[:, :-step]
        found[:, :-step] |= places[:, step:]
    return found


def reach_of(run: Run, settings: Settings, task: Task) -> float | None:
    """The share of the test's answers that the run's graph lets news of through to who asks.

    Accuracy cannot pass `ceiling` of it but by luck. None for a task without facts, and for an
    attention without a pattern.
    """
    pattern = pattern_of(run.variant, settings, run.seed)
    if pattern is None or not isinstance(task, Recall):
        return None
    return round(seen(task.held_out(TEST), joined(pattern, task.n, settings.layers)), 4)


FILE = "data/results/compare.json"
COMMAND = "python -m nlp4 compare --out DIR"  # where no file tells its own
_FIELDS = {"by part": "by_part"}  # names in the file that no field can have


@dataclass(frozen=True)
class Row:
    """One training and what it came to; `bits` of loss and `accuracy` of the test's answers."""

    task: str
    variant: str
    seed: int
    budget: Budget
    rate: float
    steps: int
    seconds: float
    characters: int
    parameters: int
    density: float  # weights computed, as a share of n^2
    multiply_adds: int  # of all layers forward, a sequence
    measure: str  # "accuracy" or "bits": what the task is judged by
    dev_bits: float
    dev_accuracy: float
    bits: float
    accuracy: float
    judged: int  # how many answers
    by_part: tuple[float | None, ...]  # accuracy; None where nothing is asked
    reach: float | None  # share of the answers that the graph lets through
    guess: float | None  # accuracy of whoever says any value
    constant: float  # accuracy of the commonest answer alone
    curve: tuple[tuple[int, float], ...]  # (step, bits of training loss)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Row:
        """The row that `written` made. Raises TypeError or ValueError for one that is damaged."""
        fields = {_FIELDS.get(key, key): value for key, value in kept.items()}
        simple = (int, float, str, float | None)
        kinds = {name: kind for name, kind in get_type_hints(cls).items() if kind in simple}
        whole(kinds | {"budget": BUDGETS}, fields)
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
        return Run(self.task, self.variant, self.seed, self.budget, self.rate)

    @property
    def value(self) -> float:
        """Accuracy or bits, whichever the task is judged by."""
        return self.accuracy if self.measure == "accuracy" else self.bits

    @property
    def ceiling(self) -> float | None:
        """The accuracy that no one passes but by luck; None if every place sees every fact."""
        if self.reach is None or self.guess is None:
            return None
        return ceiling(self.reach, self.guess)

    @property
    def merit(self) -> tuple[float, float]:
        """What a rate is chosen by, the higher the better: dev figures alone."""
        right = self.dev_accuracy if self.measure == "accuracy" else 0.0
        return right, -self.dev_bits


def best_rate(rows: Sequence[Row]) -> float | None:
    """The rate of the row that did best on dev, of the first seed; None for no rows."""
    first = min((row.seed for row in rows), default=None)
    tried = [row for row in rows if row.seed == first]
    return max(tried, key=lambda row: row.merit).rate if tried else None


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

    def tried(self, task: str, variant: str, budget: str) -> tuple[Row, ...]:
        """All trainings of one kind, at any rate."""
        return tuple(row for row in self.rows if row.run.kind == (task, variant, budget))

    def of(self, task: str, variant: str, budget: str) -> tuple[Row, ...]:
        """One training for each seed, at the rate that did best on dev with the first."""
        rows = self.tried(task, variant, budget)
        chosen = best_rate(rows)
        return tuple(row for row in rows if row.rate == chosen)

    def variants(self, task: str) -> tuple[str, ...]:
        """The attentions that were trained on a task, in the file's order."""
        return tuple(dict.fromkeys(row.variant for row in self.rows if row.task == task))

    def spread(self, task: str, variant: str, budget: str) -> Spread:
        """Mean and range of what the task is judged by. Raises UserError if there is none."""
        return spread([row.value for row in self.of(task, variant, budget)])

    def missing(self, task: str, variant: str = "") -> UserError:
        """The message that a task, or a variant on it, is not in the file."""
        what = f"{variant} was not trained on {task}" if variant else f"{task} was not trained"
        if variant and task in self.sizes and not _fits(variant, self.sizes[task]):
            return UserError(
                f"{what}, which has {self.sizes[task].n} places: with so few it would have as many "
                "mixtures, as linformer-n has"
            )
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
