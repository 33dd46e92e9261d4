"""Pictures of the comparison of encoders: dots for seeds, accuracy by place, learning curves."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from nlp4.experiments.comparison import (
    STEPS,
    TASKS,
    TIME,
    VARIANTS,
    Accuracy,
    Budget,
    Row,
    read_accuracy,
    recall_of,
    spread,
)
from nlp4.experiments.comparison_runs import PARTS
from nlp4.pictures import svg
from nlp4.pictures.controls import Choice, choice, count
from nlp4.pictures.explorer import Explorer, Prepared
from nlp4.support.errors import UserError


@dataclass(frozen=True)
class AccuracyScene:
    """One task and budget: every seed of every variant; one variant is looked at."""

    task: str
    measure: str
    variant: str
    n: int
    rows: Mapping[str, tuple[Row, ...]]  # by variant, in the order in which they are drawn
    budget: str  # in words
    in_text: float | None  # accuracy of naming any value of the text


def accuracy_scene(results: Accuracy, task: str, variant: str, budget: Budget) -> AccuracyScene:
    """What is known of a task. Raises UserError if the variant was not trained on it."""
    found = {v: results.of(task, v, budget) for v in results.variants(task)}
    rows = {v: each for v, each in found.items() if each}
    if variant not in rows:
        raise results.missing(task, variant)
    sizes, measure = results.sizes[task], rows[variant][0].measure
    in_text = 1 / sizes.pairs if sizes.pairs else None
    return AccuracyScene(task, measure, variant, sizes.n, rows, sizes.budget(budget), in_text)


@dataclass(frozen=True)
class PartsScene:
    """Accuracy of recall by the place of the question: each variant's seeds and their mean."""

    task: str
    budget: str  # in words
    part: int  # that is looked at, from 0
    n: int
    facts: range  # where they may stand
    seeds: Mapping[str, tuple[tuple[float | None, ...], ...]]
    means: Mapping[str, tuple[float | None, ...]]

    @property
    def places(self) -> tuple[int, int]:
        """The first and the last place of the part, counted from 1."""
        size = self.n // len(next(iter(self.means.values())))
        return self.part * size + 1, (self.part + 1) * size


def parts_scene(results: Accuracy, task: str, budget: str, part: int) -> PartsScene:
    """Recall by place, for one task and budget. Raises UserError if it was not trained."""
    found = {v: results.of(task, v, budget) for v in results.variants(task)}
    found = {variant: rows for variant, rows in found.items() if rows}
    if not found:
        raise results.missing(task)
    sizes = results.sizes[task]
    return PartsScene(
        task,
        sizes.budget(budget),
        part,
        sizes.n,
        recall_of(sizes).facts,
        {variant: tuple(row.by_part for row in rows) for variant, rows in found.items()},
        {variant: _mean_by_part([row.by_part for row in rows]) for variant, rows in found.items()},
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
    """A row for each variant, with its seeds; beside it all of them over the weights computed."""
    alt = f"{scene.measure} on the task {scene.task}, for each attention and seed"
    return svg.panels([_rows_panel(scene), _density_panel(scene)], alt)


def _rows_panel(scene: AccuracyScene) -> svg.Panel:
    """Every variant's seeds, their mean and range, and the ceiling of its graph."""
    height = _ROW * len(scene.rows)
    frame = svg.Frame(116, 40, 212, height, _limits(scene), (len(scene.rows), 0))
    body = [frame.axes("", f"{scene.measure} after {scene.budget}", _ticks(*frame.x))]
    if scene.in_text is not None:
        body.append(frame.up(scene.in_text, "", svg.GREY))
    for i, variant in enumerate(scene.rows):
        marked = variant == scene.variant
        body.append(_seeds(frame, i, scene.rows[variant], marked))
        style = svg.BOLD if marked else svg.SMALL
        body.append(svg.text(108, 40 + _ROW * (i + 0.5) + 4, variant, style, svg.INK, "end"))
    for i, words in enumerate(_MARKS if scene.in_text is not None else _MARKS[:2]):
        body.append(svg.text(10, height + 80 + 15 * i, words, svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), height=height + 134)


_MARKS = (
    "a dot is a seed, the short line their mean;",
    "the band goes from the lowest to the highest;",
    "long black lines: no seed can pass them but by luck;",
    "dashed: what naming any value of the text gives",
)


def _density_panel(scene: AccuracyScene) -> svg.Panel:
    """Each variant's mean over the share of the n^2 weights that it computes."""
    frame = svg.panel_frame((0, 1), _limits(scene))
    title = f"{scene.measure}, over the share of weights computed"
    body = [frame.axes("share of n² weights computed", title, svg.HALVES, _ticks(*frame.y))]
    if scene.in_text is not None:
        body.append(frame.across(scene.in_text, "", svg.GREY))
    for variant, rows in scene.rows.items():
        marked = variant == scene.variant
        x, y = fmean(row.density for row in rows), fmean(row.value for row in rows)
        at = frame.at(x, y)
        body.append(svg.dot(*at, 6 if marked else 4, svg.WARM if marked else svg.COOL))
        if marked:
            end = "end" if x > 0.5 else "start"
            body.append(
                svg.text(
                    at[0] + (-10 if x > 0.5 else 10), at[1] + 4, variant, svg.BOLD, svg.INK, end
                )
            )
    return svg.Panel("".join(body))


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
    title = f"{scene.task}: accuracy over the question's place"
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
    if title:
        words = "grey: where the pairs may stand; pale: each seed"
        body.append(svg.text(10, bottom, words, svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), height=bottom + 12)


def _part_frame(frame: svg.Frame, scene: PartsScene, variant: str, *, labels: bool) -> str:
    size = scene.n / len(scene.means[variant])
    (x0, top), (x1, bottom) = frame.at(scene.facts.start, 1), frame.at(scene.facts.stop, 0)
    marked, _ = frame.at((scene.part + 0.5) * size, 0)
    shapes = [
        svg.rectangle(x0, top, x1 - x0, bottom - top, svg.PALE),
        svg.line([(marked, top), (marked, bottom)], svg.WARM, "stroke-dasharray='3 3'"),
        frame.axes("", variant, (0, scene.n // 2, scene.n), (0, 0.5, 1) if labels else ()),
    ]
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
FIRST = "recall-64"


def _choices(*, recall: bool = False) -> dict[str, Choice]:
    """What to choose from: tasks and budgets of the file that comes along, or all of them.

    The task that the most attentions were trained on comes first.
    """
    tasks, budgets, first = list(TASKS), list(EQUAL), FIRST
    with contextlib.suppress(UserError):  # the explorer says what is missing
        found = read_accuracy()
        rows = found.rows
        tasks = [task for task in TASKS if any(row.task == task for row in rows)]
        budgets = [name for name, each in EQUAL.items() if any(row.budget == each for row in rows)]
        first = max(tasks, key=lambda task: len(found.variants(task)))
    if recall:
        tasks = [task for task in tasks if task != "characters"]
    return {"task": choice("task", tasks, first), "budget": choice("budget", budgets, budgets[0])}


def accuracy_explorer() -> Explorer[AccuracyScene]:
    """Every seed of every attention on a task, and what it computes for it."""
    stored = cache(read_accuracy)
    controls = {"variant": choice("attention", list(VARIANTS), "bigbird"), **_choices()}
    return Explorer(
        controls,
        lambda task, variant, budget: accuracy_scene(stored(), task, variant, EQUAL[budget]),
        accuracy_picture,
        accuracy_caption,
        name="accuracy",
        lecture=_ACCURACY_LECTURE,
    )


_ACCURACY_LECTURE = (
    Prepared("BigBird: its graph allows everything, and two answers in five are learnt", {}),
    Prepared("full attention: nearly every answer, with every seed", {"variant": "full"}),
    Prepared("a window alone: its graph allows less than a fifth", {"variant": "window"}),
    Prepared("Linformer with k = 16: the seeds lie far apart", {"variant": "linformer-16"}),
)


def accuracy_caption(scene: AccuracyScene) -> str:
    """Mean and range of the chosen attention, its ceiling, its rate and what it computes."""
    rows = scene.rows[scene.variant]
    found = spread([row.value for row in rows])
    mean, low, high = (_shown(x, scene.measure) for x in (found.mean, found.low, found.high))
    words = (
        f"{scene.task}, {scene.variant} ({VARIANTS[scene.variant].summary}): after "
        f"{scene.budget} {mean} on average of "
        f"{found.seeds} seed{'s' * (found.seeds > 1)} (lowest {low}, highest {high}), at "
        f"{rows[0].rate:g} times the usual learning rate. It computes {rows[0].density:.1%} of the "
        "weights."
    )
    known = [row.ceiling for row in rows if row.ceiling is not None]
    if known:
        low, high = (_shown(f(known), scene.measure) for f in (min, max))
        words += (
            f" Its graph allows {low}" + (f" to {high}" if low != high else "") + ", but for luck."
        )
    return words


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
        return f"{scene.task}, places {first} to {last}, {scene.budget}: {asked}."

    controls = {**_choices(recall=True), "part": count("part of the text", PARTS, 1, PARTS)}
    return Explorer(
        controls,
        lambda task, budget, part: parts_scene(stored(), task, EQUAL[budget], part - 1),
        parts_picture,
        caption,
        name="parts",
        lecture=_PARTS_LECTURE,
    )


_PARTS_LECTURE = (
    Prepared("at the end of the text BigBird is right to a fifth", {}),
    Prepared("in the middle the window is never right", {"part": 16}),
    Prepared("just behind the pairs it finds some", {"part": 5}),
)


def learning_explorer() -> Explorer[LearningScene]:
    """Training loss over the budget, one attention's seeds before all others."""
    stored = cache(read_accuracy)
    controls = {"variant": choice("attention", list(VARIANTS), "bigbird"), **_choices()}
    return Explorer(
        controls,
        lambda variant, task, budget: learning_scene(stored(), task, EQUAL[budget], variant),
        learning_picture,
        learning_caption,
        name="learning",
        lecture=_LEARNING_LECTURE,
    )


_LEARNING_LECTURE = (
    Prepared("BigBird's loss stops at eight bits", {}),
    Prepared("a window alone stays near chance, twelve bits", {"variant": "window"}),
    Prepared("full attention's loss goes to nearly nothing", {"variant": "full"}),
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
    scene = LearningScene(FIRST, f"{steps:,} steps", next(iter(shares)), shares)
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
