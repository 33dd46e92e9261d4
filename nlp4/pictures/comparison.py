"""Pictures of the comparison of encoders: dots for seeds, accuracy by place, learning curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from nlp4.data.long_tasks import Recall
from nlp4.experiments.comparison import (
    BUDGETS,
    STEPS,
    TASKS,
    TIME,
    VARIANTS,
    Accuracy,
    Budget,
    Row,
    read_accuracy,
    spread,
)
from nlp4.experiments.comparison_runs import PARTS
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count
from nlp4.pictures.explorer import Explorer, Prepared


@dataclass(frozen=True)
class AccuracyScene:
    """One task: all variants, every seed, both budgets; one variant is looked at."""

    task: str
    measure: str
    variant: str
    n: int
    rows: Mapping[tuple[str, Budget], tuple[Row, ...]]  # by variant and budget
    budgets: Mapping[Budget, str]  # in words

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


_ROW = 26


def accuracy_picture(scene: AccuracyScene) -> str:
    """A row for each variant: a dot for each seed, their mean and range, the ceiling by reach."""
    alt = f"{scene.measure} on the task {scene.task}, for each attention and seed"
    return svg.panels([_budget_panel(scene, budget) for budget in BUDGETS], alt)


def _budget_panel(scene: AccuracyScene, budget: Budget) -> svg.Panel:
    """Every variant's seeds after one of the budgets, and half of what the marks mean."""
    height = _ROW * len(scene.variants)
    frame = svg.Frame(116, 40, 212, height, _limits(scene), (len(scene.variants), 0))
    equal = "equal steps" if budget == STEPS else "equal time"
    title = f"{scene.measure}, {equal}: {scene.budgets[budget]}"
    body = [frame.axes("", title, _ticks(*frame.x))]
    if scene.measure == "accuracy":
        body.append(frame.up(1 / Recall.values, "", svg.GREY))
    for i, variant in enumerate(scene.variants):
        marked = variant == scene.variant
        body.append(_seeds(frame, i, scene.rows[variant, budget], marked))
        style = svg.BOLD if marked else svg.SMALL
        body.append(svg.text(108, 40 + _ROW * (i + 0.5) + 4, variant, style, svg.INK, "end"))
    if budget == STEPS or scene.measure == "accuracy":
        for i, words in enumerate(_MARKS[budget]):
            body.append(svg.text(10, height + 80 + 15 * i, words, svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), height=height + 104)


_MARKS = {
    STEPS: (
        "a dot is a seed, the short line their mean;",
        "the band goes from the lowest to the highest",
    ),
    TIME: ("long black lines: no seed can pass them but by luck;", "dashed: what guessing gives"),
}


def _limits(scene: AccuracyScene) -> tuple[float, float]:
    if scene.measure == "accuracy":
        return 0.0, 1.0
    values = [row.bits for rows in scene.rows.values() for row in rows]
    low, high = math.floor(10 * min(values)) / 10, math.ceil(10 * max(values)) / 10
    return low, max(high, low + 0.1)


def _ticks(low: float, high: float) -> list[float]:
    return [round(low + i * (high - low) / 4, 3) for i in range(5)]


def _seeds(frame: svg.Frame, i: int, rows: Sequence[Row], marked: bool) -> str:
    """One variant's seeds in row i."""
    if not rows:
        return ""
    found, y = spread([row.value for row in rows]), i + 0.5
    colour = svg.WARM if marked else svg.COOL
    low, high = frame.at(found.low, y), frame.at(found.high, y)
    x, at = frame.at(found.mean, y)
    shapes = [svg.line([low, high], colour, "stroke-width='6' stroke-opacity='.3'")]
    for row in rows:
        if row.ceiling is not None:
            edge, _ = frame.at(row.ceiling, y)
            shapes.append(
                svg.line([(edge, at - 11), (edge, at + 11)], svg.INK, "stroke-width='1.5'")
            )
        shapes.append(svg.dot(*frame.at(row.value, y), 3.5, colour, "fill-opacity='.75'"))
    shapes.append(svg.line([(x, at - 7), (x, at + 7)], colour, "stroke-width='2.5'"))
    return "".join(shapes)


def parts_picture(scene: PartsScene) -> str:
    """A small frame for each variant: accuracy over the place of the question."""
    variants, half = list(scene.means), 2 * -(-len(scene.means) // 4)  # two in a row
    title = f"accuracy over the place of the question, {scene.budget}"
    parts = [_parts_panel(scene, variants[:half], title)]
    if variants[half:]:
        parts.append(_parts_panel(scene, variants[half:], ""))
    return svg.panels(parts, "accuracy of recall by the place of the question, for each attention")


def _parts_panel(scene: PartsScene, variants: Sequence[str], title: str) -> svg.Panel:
    """Small frames, two in a row, and below them half of what they show."""
    body = [svg.text(10, 18, title, svg.SMALL)]
    for i, variant in enumerate(variants):
        row, column = divmod(i, 2)
        frame = svg.Frame(34 + 164 * column, 46 + 96 * row, 134, 56, (0, scene.n), (0, 1))
        body.append(_part_frame(frame, scene, variant, labels=column == 0))
    bottom = 46 + 96 * -(-len(variants) // 2)
    told = (
        ("grey: where the facts stand; pale: each seed;", "long dashes: the judged half's ceiling")
        if title
        else ("the index at the start is asked before any fact",)
    )
    for i, words in enumerate(told):
        body.append(svg.text(10, bottom + 15 * i, words, svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), height=bottom + 24)


def _part_frame(frame: svg.Frame, scene: PartsScene, variant: str, *, labels: bool) -> str:
    size = scene.n / len(scene.means[variant])
    (x0, top), (x1, bottom) = frame.at(scene.n / 8, 1), frame.at(scene.n / 4, 0)
    marked, _ = frame.at((scene.part + 0.5) * size, 0)
    shapes = [
        svg.rectangle(x0, top, x1 - x0, bottom - top, svg.PALE),
        svg.line([(marked, top), (marked, bottom)], svg.WARM, "stroke-dasharray='3 3'"),
        frame.axes("", variant, (0, scene.n // 2, scene.n), (0, 0.5, 1) if labels else ()),
    ]
    ceiling = scene.ceilings[variant]
    if ceiling is not None:
        judged = (scene.n / 2, scene.n), (ceiling, ceiling)
        shapes.append(frame.curve(*judged, svg.INK, "stroke-dasharray='9 3'"))
    for seed in scene.seeds[variant]:
        shapes += _pieces(frame, seed, size, svg.COOL, "stroke-opacity='.35'")
    return "".join(
        [*shapes, *_pieces(frame, scene.means[variant], size, svg.COOL, "stroke-width='2'")]
    )


def _pieces(
    frame: svg.Frame, values: Sequence[float | None], size: float, colour: str, extra: str
) -> list[str]:
    """Lines through the values, broken where there are none."""
    found: list[str] = []
    run: list[tuple[float, float]] = []
    for i, value in enumerate([*values, None]):
        if value is not None:
            run.append(((i + 0.5) * size, value))
        elif run:
            found.append(frame.curve([x for x, _ in run], [y for _, y in run], colour, extra))
            found += [svg.dot(*frame.at(*run[0]), 2, colour)] * (len(run) == 1)
            run = []
    return found


def learning_picture(scene: LearningScene) -> str:
    """Training loss over the share of the budget: means in grey, one variant's seeds in colour."""
    every = [bits for seeds in scene.curves.values() for curve in seeds for _, bits in curve]
    frame = svg.panel_frame((0, 1), (0, max(1.0, math.ceil(2 * max(every)) / 2)))
    y_ticks = [i * frame.y[1] / 4 for i in range(5)]
    title = f"loss in training, bits; {scene.task}, {scene.budget}"
    body = [frame.axes("share of the budget", title, svg.HALVES, y_ticks)]
    for variant, seeds in scene.curves.items():
        if variant != scene.variant and seeds:
            body.append(frame.curve(*mean_curve(seeds), svg.GREY, "stroke-opacity='.7'"))
    for curve in scene.curves[scene.variant]:
        xs, ys = [x for x, _ in curve], [y for _, y in curve]
        body.append(frame.curve(xs, ys, svg.WARM, "stroke-width='2'"))
    alt = f"learning curves of the task {scene.task}, {scene.variant} marked"
    return svg.panels([svg.Panel("".join(body)), _learning_key(scene)], alt)


def _learning_key(scene: LearningScene) -> svg.Panel:
    seeds = scene.curves[scene.variant]
    several = f"each of {len(seeds)} seeds" if len(seeds) > 1 else "its one seed"
    body = [
        svg.line([(10, 26), (34, 26)], svg.WARM, "stroke-width='2'"),
        svg.text(42, 30, f"{scene.variant}: {several}", svg.SMALL, svg.WARM),
    ]
    if len(scene.curves) > 1:
        body.append(svg.line([(10, 46), (34, 46)], svg.GREY, "stroke-opacity='.7'"))
        body.append(svg.text(42, 50, "the others: means of seeds", svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), 250, 60)


def mean_curve(seeds: Sequence[Sequence[tuple[float, float]]]) -> tuple[list[float], list[float]]:
    """Shares and bits, averaged over seeds point by point; as long as the shortest."""
    points = list(zip(*seeds, strict=False))
    return [fmean(x for x, _ in each) for each in points], [
        fmean(y for _, y in each) for each in points
    ]


EQUAL = {"equal steps": STEPS, "equal time": TIME}


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
        accuracy_picture,
        accuracy_caption,
        name="accuracy",
        lecture=_ACCURACY_LECTURE,
    )


_ACCURACY_LECTURE = (
    Prepared("after equal steps BigBird comes near full attention", {}),
    Prepared("full attention: every seed is right to the last question", {"variant": "full"}),
    Prepared("a window alone: its graph allows no more than chance", {"variant": "window"}),
    Prepared("Linformer with k = 64: chance as well", {"variant": "linformer-64"}),
    Prepared(
        "the next character: here a window beats full attention",
        {"task": "characters", "variant": "window"},
    ),
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
        parts_picture,
        caption,
        name="parts",
        lecture=_PARTS_LECTURE,
    )


_PARTS_LECTURE = (
    Prepared("at the end of the text BigBird is right nearly always", {}),
    Prepared("in the middle random blocks alone are at chance", {"part": 23}),
    Prepared("in equal time BigBird is behind full attention", {"budget": "equal time"}),
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
        learning_picture,
        learning_caption,
        name="learning",
        lecture=_LEARNING_LECTURE,
    )


_LEARNING_LECTURE = (
    Prepared("BigBird's loss goes to nearly nothing", {}),
    Prepared("a window alone: two bits remain, four answers as probable", {"variant": "window"}),
    Prepared("full attention's loss goes to nothing", {"variant": "full"}),
    Prepared("in equal time BigBird gets less far", {"budget": "equal time"}),
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


def _learning_svg(curves: Mapping[str, Sequence[tuple[int, float]]], steps: int) -> str:
    shares = {
        variant: (tuple((step / steps, bits) for step, bits in curve),)
        for variant, curve in curves.items()
    }
    scene = LearningScene("recall", f"{steps:,} steps", next(iter(shares)), shares)
    return learning_picture(scene)


def live_learning(rows: Sequence[Row]) -> svg.Drawing:
    """Learning curves of trainings just made, the first one marked; the words tell accuracies."""
    told = ", ".join(
        f"{row.variant} {row.accuracy:.0%}"
        + ("" if row.ceiling is None else f" (its graph allows {row.ceiling:.0%}, but for luck)")
        for row in rows
    )
    drawn = _learning_svg({row.variant: row.curve for row in rows}, rows[0].steps)
    return svg.Drawing(drawn, f"Accuracy after {rows[0].steps:,} steps: {told}.")
