"""Pictures of the comparison of encoders: dots for seeds, accuracy by place, learning curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from nlp4.long_tasks import Recall
from nlp4.results_accuracy import (
    BUDGETS,
    STEPS,
    AccuracyScene,
    LearningScene,
    PartsScene,
    Row,
    spread,
)
from nlp4.shapes import (
    COOL,
    GREY,
    INK,
    PALE,
    SMALL,
    WARM,
    Frame,
    dot,
    line,
    picture,
    rectangle,
    text,
)

_ROW = 26
_BOLD = SMALL + " font-weight='bold'"


def accuracy_picture(scene: AccuracyScene) -> str:
    """A row for each variant: a dot for each seed, their mean and range, the ceiling by reach."""
    height = _ROW * len(scene.variants)
    body = []
    for budget, left in zip(BUDGETS, (150, 490), strict=True):
        frame = Frame(left, 40, 290, height, _limits(scene), (len(scene.variants), 0))
        title = f"{scene.measure}, {'equal' if budget == STEPS else 'equal time:'} "
        title += scene.budgets[budget] if budget != STEPS else f"steps: {scene.budgets[budget]}"
        body.append(frame.axes("", title, _ticks(*frame.x)))
        if scene.measure == "accuracy":
            body.append(frame.up(1 / Recall.values, "by chance", GREY))
        for i, variant in enumerate(scene.variants):
            body.append(_seeds(frame, i, scene.rows[variant, budget], variant == scene.variant))
    for i, variant in enumerate(scene.variants):
        style = _BOLD if variant == scene.variant else SMALL
        body.append(text(140, 40 + _ROW * (i + 0.5) + 4, variant, style, INK, "end"))
    body.append(_key(height + 84, scene.measure == "accuracy"))
    alt = f"{scene.measure} on the task {scene.task}, for each attention and seed"
    return picture(800, height + 96, "".join(body), alt)


def _limits(scene: AccuracyScene) -> tuple[float, float]:
    if scene.measure == "accuracy":
        return 0.0, 1.0
    values = [row.bits for rows in scene.rows.values() for row in rows]
    low, high = math.floor(10 * min(values)) / 10, math.ceil(10 * max(values)) / 10
    return low, max(high, low + 0.1)


def _ticks(low: float, high: float) -> list[float]:
    return [round(low + i * (high - low) / 4, 3) for i in range(5)]


def _seeds(frame: Frame, i: int, rows: Sequence[Row], marked: bool) -> str:
    """One variant's seeds in row i."""
    if not rows:
        return ""
    found, y = spread([row.value for row in rows]), i + 0.5
    colour = WARM if marked else COOL
    low, high = frame.at(found.low, y), frame.at(found.high, y)
    x, at = frame.at(found.mean, y)
    shapes = [line([low, high], colour, "stroke-width='6' stroke-opacity='.3'")]
    for row in rows:
        if row.ceiling is not None:
            edge, _ = frame.at(row.ceiling, y)
            shapes.append(line([(edge, at - 11), (edge, at + 11)], INK, "stroke-width='1.5'"))
        shapes.append(dot(*frame.at(row.value, y), 3.5, colour, "fill-opacity='.75'"))
    shapes.append(line([(x, at - 7), (x, at + 7)], colour, "stroke-width='2.5'"))
    return "".join(shapes)


def _key(y: float, ceilings: bool) -> str:
    words = (
        "a dot is a seed; the band goes from the lowest to the highest, the short line is the mean"
    )
    if ceilings:
        words += "; black lines: no seed can pass them but by luck"
    return text(20, y, words, SMALL, GREY)


def parts_picture(scene: PartsScene) -> str:
    """A small frame for each variant: accuracy over the place of the question."""
    body = [text(20, 18, f"accuracy over the place of the question, {scene.budget}", SMALL)]
    for i, variant in enumerate(scene.means):
        row, column = divmod(i, 3)
        frame = Frame(44 + 254 * column, 46 + 96 * row, 220, 56, (0, scene.n), (0, 1))
        body.append(_part_frame(frame, scene, variant, labels=column == 0))
    rows = -(-len(scene.means) // 3)
    body.append(_parts_key(46 + 96 * rows - 4))
    alt = "accuracy of recall by the place of the question, for each attention"
    return picture(800, 58 + 96 * rows, "".join(body), alt)


def _part_frame(frame: Frame, scene: PartsScene, variant: str, *, labels: bool) -> str:
    size = scene.n / len(scene.means[variant])
    (x0, top), (x1, bottom) = frame.at(scene.n / 8, 1), frame.at(scene.n / 4, 0)
    marked, _ = frame.at((scene.part + 0.5) * size, 0)
    shapes = [
        rectangle(x0, top, x1 - x0, bottom - top, PALE),
        line([(marked, top), (marked, bottom)], WARM, "stroke-dasharray='3 3'"),
        frame.axes("", variant, (0, scene.n // 2, scene.n), (0, 0.5, 1) if labels else ()),
    ]
    ceiling = scene.ceilings[variant]
    if ceiling is not None:
        shapes.append(frame.curve((scene.n / 2, scene.n), (ceiling, ceiling), INK))
    for seed in scene.seeds[variant]:
        shapes += _pieces(frame, seed, size, COOL, "stroke-opacity='.35'")
    return "".join([*shapes, *_pieces(frame, scene.means[variant], size, COOL, "stroke-width='2'")])


def _pieces(
    frame: Frame, values: Sequence[float | None], size: float, colour: str, extra: str
) -> list[str]:
    """Lines through the values, broken where there are none."""
    found: list[str] = []
    run: list[tuple[float, float]] = []
    for i, value in enumerate([*values, None]):
        if value is not None:
            run.append(((i + 0.5) * size, value))
        elif run:
            found.append(frame.curve([x for x, _ in run], [y for _, y in run], colour, extra))
            found += [dot(*frame.at(*run[0]), 2, colour)] * (len(run) == 1)
            run = []
    return found


def _parts_key(y: float) -> str:
    words = (
        "grey: where the facts stand; black: the ceiling of the judged half; the index at the "
        "start is asked before any fact"
    )
    return text(20, y, words, SMALL, GREY)


def learning_picture(scene: LearningScene) -> str:
    """Training loss over the share of the budget: means in grey, one variant's seeds in colour."""
    every = [bits for seeds in scene.curves.values() for curve in seeds for _, bits in curve]
    frame = Frame(60, 40, 520, 220, (0, 1), (0, max(1.0, math.ceil(2 * max(every)) / 2)))
    y_ticks = [i * frame.y[1] / 4 for i in range(5)]
    title = f"loss in training, bits; {scene.task}, {scene.budget}"
    body = [frame.axes("share of the budget", title, (0, 0.25, 0.5, 0.75, 1), y_ticks)]
    for variant, seeds in scene.curves.items():
        if variant != scene.variant and seeds:
            xs, ys = mean_curve(seeds)
            body.append(frame.curve(xs, ys, GREY, "stroke-opacity='.7'"))
    for curve in scene.curves[scene.variant]:
        xs, ys = [x for x, _ in curve], [y for _, y in curve]
        body.append(frame.curve(xs, ys, WARM, "stroke-width='2'"))
    seeds = scene.curves[scene.variant]
    several = f"each of {len(seeds)} seeds" if len(seeds) > 1 else "its one seed"
    body.append(text(600, 60, f"{scene.variant}: {several}", SMALL, WARM))
    if len(scene.curves) > 1:
        body.append(text(600, 80, "the others: means of seeds", SMALL, GREY))
    alt = f"learning curves of the task {scene.task}, {scene.variant} marked"
    return picture(800, 310, "".join(body), alt)


def mean_curve(
    seeds: Sequence[Sequence[tuple[float, float]]],
) -> tuple[list[float], list[float]]:
    """Shares and bits, averaged over seeds point by point; as long as the shortest."""
    points = list(zip(*seeds, strict=False))
    return [fmean(x for x, _ in each) for each in points], [
        fmean(y for _, y in each) for each in points
    ]
