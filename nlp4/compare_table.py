"""The tables of the comparison: a row for each attention, mean and range over the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nlp4.compare_settings import TASKS, VARIANTS, Settings
from nlp4.long_tasks import Recall, ceiling

Row = dict[str, Any]  # as `nlp4.compare_training.train` returns it


def markdown(rows: Sequence[Row], sizes: Mapping[str, Settings]) -> str:
    """One Markdown table for each task: mean and range over the seeds, for either budget."""
    found = {task: _of(rows, task=task) for task in TASKS}
    tables = [_table(task, rows, sizes[task]) for task, rows in found.items() if rows]
    return "\n".join(tables)


def _of(rows: Sequence[Row], **wanted: object) -> list[Row]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _table(task: str, rows: Sequence[Row], settings: Settings) -> str:
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


def _cells(found: Sequence[Row], n: int) -> list[str]:
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


def _ceiling(row: Row) -> float:
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
