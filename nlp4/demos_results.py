"""What notebook 03 shows of measured results: explorers, pictures and a table.

The results are read when they are shown. If a file is missing, the one message says how to make
it, where the picture would be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from nlp4 import results_speed, results_verdict, svg_accuracy, svg_speed
from nlp4.compare_settings import VARIANTS
from nlp4.compare_training import PARTS
from nlp4.controls import choice, count
from nlp4.errors import UserError
from nlp4.explorer import Explorer
from nlp4.results_accuracy import (
    BUDGETS,
    STEPS,
    TASKS,
    TIME,
    Accuracy,
    AccuracyScene,
    LearningScene,
    PartsScene,
    Row,
    accuracy_scene,
    learning_scene,
    parts_scene,
    read_accuracy,
    spread,
)
from nlp4.results_speed import (
    TITLES,
    WHAT,
    Speed,
    SpeedScene,
    read_speed,
    speed_scene,
    three_digits,
)

LENGTHS = [512, 1024, 2048, 4096, 8192, 16384]
EQUAL = {"equal steps": STEPS, "equal time": TIME}
Result = TypeVar("Result")


def or_none(read: Callable[[], Result]) -> Result | None:
    """What was read, or None if the file is missing."""
    try:
        return read()
    except UserError:
        return None


def speed_explorer() -> Explorer[SpeedScene]:
    """Measured time and memory against n, with what arithmetic allows and the break-even."""
    stored = cache(read_speed)
    controls = {
        "what": choice("measured", list(WHAT), results_speed.FORWARD_TIME),
        "n": choice("n, length of the text", LENGTHS, 4096),
    }
    return Explorer(
        controls,
        lambda what, n: speed_scene(stored(), what, n),
        svg_speed.speed_picture,
        speed_caption,
        name="speed",
    )


def speed_caption(scene: SpeedScene) -> str:
    """The values at the chosen length, how they compare, and from where on ours are below."""
    at = {
        name: dict(points)[scene.n]
        for name, points in scene.lines.items()
        if scene.n in dict(points)
    }
    full = at.get("full")
    told = []
    for name, value in at.items():
        words = f"{TITLES[name].replace('`', '')} {three_digits(value)} {scene.unit}"
        if full is not None and name != "full" and value > 0:
            words += f" (full takes {full / value:.2f} times as much)"
        told.append(words)
    missing = [TITLES[name].replace("`", "") for name in scene.lines if name not in at]
    if missing:
        told.append(f"not measured: {', '.join(missing)}")
    since = "; ".join(_since(scene, name) for name in scene.break_even)
    return f"At n = {scene.n:,}, {scene.what}: {', '.join(told)}. {since[:1].upper()}{since[1:]}."


def _since(scene: SpeedScene, name: str) -> str:
    n, first = scene.break_even[name], scene.lengths[0]
    if n is None:
        return f"{TITLES[name]} does not stay below full attention"
    where = f"n = {first:,}, the shortest measured," if n <= first else f"about n = {n:,.0f}"
    return f"{TITLES[name]} stays below full attention from {where} on"


def accuracy_explorer() -> Explorer[AccuracyScene]:
    """Every seed of every attention, equal steps beside equal time."""
    stored = cache(read_accuracy)
    controls = {
        "task": choice("task", list(TASKS), "recall"),
        "variant": choice("attention", list(VARIANTS), "bigbird"),
    }
    return Explorer(
        controls,
        lambda task, variant: accuracy_scene(stored(), task, variant),
        svg_accuracy.accuracy_picture,
        accuracy_caption,
        name="accuracy",
    )


def accuracy_caption(scene: AccuracyScene) -> str:
    """Mean and range of the chosen attention for both budgets, and its ceiling."""
    told = []
    for budget in BUDGETS:
        rows = scene.rows[scene.variant, budget]
        if rows:
            found = spread([row.value for row in rows])
            mean, low, high = (
                _shown(x, scene.measure) for x in (found.mean, found.low, found.high)
            )
            told.append(
                f"after {scene.budgets[budget]} {mean} on average of {found.seeds} seeds "
                f"(lowest {low}, highest {high})"
            )
    ceilings = [row.ceiling for rows in scene.rows.values() for row in rows if _is(row, scene)]
    known = [each for each in ceilings if each is not None]
    note = " (k = n)" * (VARIANTS[scene.variant].k == scene.n)
    words = f"{scene.task}, {scene.variant}{note}: {'; '.join(told)}."
    if known:
        low, high = (_shown(f(known), scene.measure) for f in (min, max))
        words += (
            f" Its graph allows {low}" + (f" to {high}" if low != high else "") + ", but for luck."
        )
    return words


def _is(row: Row, scene: AccuracyScene) -> bool:
    return row.variant == scene.variant


def _shown(value: float, measure: str) -> str:
    return f"{value:.1%}" if measure == "accuracy" else f"{value:.3f} bits"


def parts_explorer() -> Explorer[PartsScene]:
    """Accuracy of recall by the place of the question, a small frame for each attention."""
    stored = cache(read_accuracy)

    def caption(scene: PartsScene) -> str:
        first, last = scene.places
        told = [
            f"{name} {values[scene.part]:.0%}"
            for name, values in scene.means.items()
            if values[scene.part] is not None
        ]
        asked = ", ".join(told) or "nothing is asked"
        return f"Places {first} to {last}, {scene.budget}: {asked}."

    controls = {
        "budget": choice("budget", list(EQUAL), "equal steps"),
        "part": count("part of the text", PARTS, 1, PARTS),
    }
    return Explorer(
        controls,
        lambda budget, part: parts_scene(stored(), EQUAL[budget], part - 1),
        svg_accuracy.parts_picture,
        caption,
        name="parts",
    )


def learning_explorer() -> Explorer[LearningScene]:
    """Training loss over the budget, one attention's seeds before all others."""
    stored = cache(read_accuracy)
    controls = {
        "variant": choice("attention", list(VARIANTS), "bigbird"),
        "task": choice("task", list(TASKS), "recall"),
        "budget": choice("budget", list(EQUAL), "equal steps"),
    }
    return Explorer(
        controls,
        lambda variant, task, budget: learning_scene(stored(), task, EQUAL[budget], variant),
        svg_accuracy.learning_picture,
        learning_caption,
        name="learning",
    )


def learning_caption(scene: LearningScene) -> str:
    """Where the chosen attention's loss began and where it ended."""
    seeds = scene.curves[scene.variant]
    first, last = (spread([curve[i][1] for curve in seeds]) for i in (0, -1))
    return (
        f"{scene.task}, {scene.variant}, {scene.budget}: the loss in training goes from "
        f"{first.mean:.2f} to {last.mean:.2f} bits (from the first stretch to the last, mean of "
        f"{last.seeds} seed{'s' * (last.seeds > 1)})."
    )


def how_to_repeat() -> str:
    """How the stored files were made, in Markdown; or what is missing."""
    lines = []
    for read in (read_speed, read_accuracy):
        try:
            lines.append(_made(read()))
        except UserError as missing:
            lines.append(f"- {missing}")
    return "\n".join(lines)


def _made(results: Speed | Accuracy) -> str:
    if isinstance(results, Speed):
        return (
            f"- speed: `{results_speed.COMMAND}`, on {results.cores} cores with "
            f"{results.threads} threads"
        )
    seeds = len({row.seed for row in results.rows})
    return (
        f"- accuracy: `{results.command}`, {len(results.rows)} trainings with {seeds} seeds, "
        f"{results.minutes:.0f} minutes of training on {results.cores} cores"
    )


def verdict_table() -> str:
    """The verdict in Markdown, with what is measured; a missing file is named below it."""
    missing = []
    for read in (read_speed, read_accuracy):
        try:
            read()
        except UserError as error:
            missing.append(f"\n{error}\n")
    return results_verdict.verdict(or_none(read_speed), or_none(read_accuracy)) + "".join(missing)
