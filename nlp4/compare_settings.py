"""Which runs notebook 03's comparison of attentions has: tasks, variants, seeds, budgets, sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Literal, TypeVar, get_args

from nlp4.errors import UserError

Budget = Literal["steps", "time"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
SEEDS = (0, 1, 2)
Word = TypeVar("Word", str, int)


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

    steps: int = 600
    minutes: float = 2.0
    n: int = 1024
    block: int = 32
    layers: int = 2
    heads: int = 2
    width: int = 64
    batch: int = 8
    learning_rate: float = 4e-3
    warmup: float = 0.08  # share of the budget in which the rate rises
    clip: float = 1.0
    sequences: int = 64  # held out

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:
                raise UserError(f"{name} = {value:g}: choose more than 0")


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
    if min(seeds, default=0) < 0:
        raise UserError(f"seed {min(seeds)}: choose 0 or more")
    every = product(seeds, budgets, tasks, variants)
    runs = (Run(task, variant, seed, budget) for seed, budget, task, variant in every)
    return list(dict.fromkeys(runs))


def _require_known(kind: str, asked: Iterable[str], known: Iterable[str]) -> None:
    for word in asked:
        if word not in known:
            raise UserError(f"no {kind} {word!r}: choose from {', '.join(known)}")


def require_room(runs: Iterable[Run], settings: Settings) -> None:
    """Raise UserError for a Linformer with more mixtures than a sequence has places."""
    for run in runs:
        k = VARIANTS[run.variant].k
        if k is not None and k > settings.n:
            raise UserError(
                f"{run.variant} needs n = {k} or more, not {settings.n}: choose a longer n, or "
                "name the other variants"
            )


def command_of(runs: Iterable[Run], settings: Settings, data_options: Sequence[str] = ()) -> str:
    """The command that does `runs`, with every option that is not the default.

    Runs that are no full grid, as after an interruption, are named by the grid they lie in.
    `data_options` are the words that chose the people. Settings outside `OPTIONS` are not named.
    """
    runs = list(runs)
    words = [
        "python -m nlp4 compare --out DIR",
        *data_options,
        *_named("tasks", {run.task for run in runs}, TASKS),
        *_named("variants", {run.variant for run in runs}, VARIANTS),
        *_named("seeds", {run.seed for run in runs}, SEEDS),
        *_named("budgets", {run.budget for run in runs}, BUDGETS),
    ]
    for name in OPTIONS:
        value = getattr(settings, name)
        if value != getattr(Settings(), name):
            words += [f"--{name}", str(value)]
    return " ".join(words)


def _named(option: str, values: set[Word], usual: Iterable[Word]) -> list[str]:
    return [] if values == set(usual) else [f"--{option}", *map(str, sorted(values))]
