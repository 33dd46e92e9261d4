"""Which runs notebook 03's comparison of attentions has: tasks, variants, seeds, budgets, sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, Literal, get_args

from nlp4.errors import UserError
from nlp4.run_options import named, require_seeds

Budget = Literal["steps", "time"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
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
