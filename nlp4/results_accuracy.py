"""What encoders with different attentions have learnt, read from the file that comes along.

`python -m nlp4 compare --out DIR` writes it; see that command for the two tasks and the variants.
Each task has a length and a budget of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from nlp4.corpus import embedded_folder
from nlp4.errors import UserError
from nlp4.long_tasks import Recall, ceiling

FILE = "data/results/compare.json"
COMMAND = "python -m nlp4 compare --out DIR"  # where no file tells its own
STEPS, TIME = BUDGETS = ("steps", "time")
TASKS = ("recall", "characters")


@dataclass(frozen=True)
class Row:
    """One training and what it came to; `bits` of loss and `accuracy` of the judged answers."""

    task: str
    variant: str
    seed: int
    budget: str
    steps: int
    seconds: float
    parameters: int
    measure: str  # "accuracy" or "bits": what the task is judged by
    bits: float
    accuracy: float
    by_part: tuple[float | None, ...]  # accuracy; None where nothing is asked
    reach: float | None  # share of pairs of a fact and a question that the layers join
    curve: tuple[tuple[int, float], ...]  # (step, bits of training loss)

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
class Sizes:
    """What one task's trainings have in common: the two budgets, and the length n."""

    steps: int
    minutes: float
    n: int

    def budget(self, budget: str) -> str:
        """The budget in words: so many steps, or so many minutes."""
        return f"{self.steps:,} steps" if budget == STEPS else f"{self.minutes:g} minutes"


@dataclass(frozen=True)
class Accuracy:
    """All trainings of one comparison, and the command that made it."""

    rows: tuple[Row, ...]
    sizes: Mapping[str, Sizes]  # by task
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
    path = path or embedded_folder().parent / "results" / "compare.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        rows = tuple(row_of(row) for row in content["runs"])
        trained = {row.task for row in rows}
        settings = {task: content["settings"][task] for task in TASKS if task in trained}
        return Accuracy(
            rows,
            {t: Sizes(s["steps"], s["minutes"], s["n"]) for t, s in settings.items()},
            str(content["command"]),
            float(content["minutes"]),
            int(content["cores"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"{FILE} is missing or damaged: make it with {COMMAND}, which takes hours, and copy "
            "compare.json from there"
        ) from None


def row_of(row: Mapping[str, Any]) -> Row:
    """A training as `nlp4.compare` keeps it. Raises KeyError for a part that is missing."""
    return Row(
        task=row["task"],
        variant=row["variant"],
        seed=row["seed"],
        budget=row["budget"],
        steps=row["steps"],
        seconds=row["seconds"],
        parameters=row["parameters"],
        measure=row["measure"],
        bits=row["bits"],
        accuracy=row["accuracy"],
        by_part=tuple(row["by part"]),
        reach=row["reach"],
        curve=tuple((int(step), float(bits)) for step, bits in row["curve"]),
    )


@dataclass(frozen=True)
class AccuracyScene:
    """One task: all variants, every seed, both budgets; one variant is looked at."""

    task: str
    measure: str
    variant: str
    n: int
    rows: Mapping[tuple[str, str], tuple[Row, ...]]  # by variant and budget
    budgets: Mapping[str, str]  # in words

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants in the order in which they are drawn."""
        return tuple(dict.fromkeys(variant for variant, _ in self.rows))


def accuracy_scene(results: Accuracy, task: str, variant: str) -> AccuracyScene:
    """Everything that is known of a task. Raises UserError if the variant was not trained on it."""
    variants = results.variants(task)
    if variant not in variants:
        raise results.missing(task, variant)
    rows = {(v, budget): results.of(task, v, budget) for v in variants for budget in BUDGETS}
    measure = rows[variant, STEPS][0].measure if rows[variant, STEPS] else "accuracy"
    sizes = results.sizes[task]
    budgets = {budget: sizes.budget(budget) for budget in BUDGETS}
    return AccuracyScene(task, measure, variant, sizes.n, rows, budgets)


@dataclass(frozen=True)
class PartsScene:
    """Accuracy of recall by the place of the question: each variant's seeds and their mean."""

    budget: str  # in words
    part: int  # that is looked at, from 0
    n: int
    seeds: Mapping[str, tuple[tuple[float | None, ...], ...]]
    means: Mapping[str, tuple[float | None, ...]]
    ceilings: Mapping[str, float | None]

    @property
    def places(self) -> tuple[int, int]:
        """The first and the last place of the part, counted from 1."""
        size = self.n // len(next(iter(self.means.values())))
        return self.part * size + 1, (self.part + 1) * size


def parts_scene(results: Accuracy, budget: str, part: int) -> PartsScene:
    """Recall by place, for one budget. Raises UserError if it was not trained."""
    found = {v: results.of("recall", v, budget) for v in results.variants("recall")}
    found = {variant: rows for variant, rows in found.items() if rows}
    if not found:
        raise results.missing("recall")
    reached = {
        variant: [row.ceiling for row in rows if row.ceiling is not None]
        for variant, rows in found.items()
    }
    sizes = results.sizes["recall"]
    return PartsScene(
        sizes.budget(budget),
        part,
        sizes.n,
        {variant: tuple(row.by_part for row in rows) for variant, rows in found.items()},
        {variant: _mean_by_part([row.by_part for row in rows]) for variant, rows in found.items()},
        {variant: fmean(each) if each else None for variant, each in reached.items()},
    )


def _mean_by_part(seeds: Sequence[tuple[float | None, ...]]) -> tuple[float | None, ...]:
    columns = ([value for value in each if value is not None] for each in zip(*seeds, strict=True))
    return tuple(fmean(column) if column else None for column in columns)


@dataclass(frozen=True)
class LearningScene:
    """The training loss in bits over the share of the budget, for every variant of a task."""

    task: str
    budget: str  # in words
    variant: str
    curves: Mapping[str, tuple[tuple[tuple[float, float], ...], ...]]  # each seed's (share, bits)


def learning_scene(results: Accuracy, task: str, budget: str, variant: str) -> LearningScene:
    """All learning curves of a task. Raises UserError if the variant was not trained."""
    curves = {
        each: tuple(shares_of_budget(row) for row in results.of(task, each, budget))
        for each in results.variants(task)
    }
    if not curves.get(variant):
        raise results.missing(task, variant)
    return LearningScene(task, results.sizes[task].budget(budget), variant, curves)


def shares_of_budget(row: Row) -> tuple[tuple[float, float], ...]:
    """The learning curve with steps as a share of all steps."""
    return tuple((step / row.steps, bits) for step, bits in row.curve)
