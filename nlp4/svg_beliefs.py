"""Pictures of what models believe: dots with intervals, stored and asked, names, probes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from nlp4.belief_scenes import FactsScene, ReadingsScene, Wording
from nlp4.name_scenes import Lines, Neighbours
from nlp4.probe_scene import Probed
from nlp4.results_beliefs import FactsRun
from nlp4.shapes import (
    COOL,
    GREY,
    INK,
    PALE,
    SANS,
    SMALL,
    WARM,
    Frame,
    dot,
    line,
    picture,
    rectangle,
    text,
)
from nlp4.statistics import Share

_BOLD = SMALL + " font-weight='bold'"
_HALVES = (0, 0.25, 0.5, 0.75, 1)
_BAND = "stroke-width='6' stroke-opacity='.25'"
_DASHED = "stroke-dasharray='5 4'"


def facts_picture(scene: FactsScene) -> str:
    """A row for each text: a dot and an interval for each seed, a ring for what it now believes."""
    height = 36 * len(scene.rows)
    top = max(ends_of(run.share)[1] for _, runs in scene.rows for run in runs)
    believed = [ends_of(run.believed)[1] for _, runs in scene.rows for run in runs if run.believed]
    span = (0.0, math.ceil(10 * max(top, *believed, 0.1)) / 10)
    frame = Frame(150, 34, 610, height, span, (len(scene.rows), 0))
    ticks = [i / 10 for i in range(round(10 * span[1]) + 1)]
    body = [frame.axes("share of the dev questions", "right after reading ...", ticks)]
    for i, (name, runs) in enumerate(scene.rows):
        marked = name == scene.text
        style = _BOLD if marked else SMALL
        body.append(text(140, 34 + 36 * (i + 0.5) + 4, name, style, INK, "end"))
        for j, run in enumerate(runs):
            body.append(_facts_dot(frame, i + (j + 1) / (len(runs) + 1), run, marked))
    words = "a dot is a seed, with its 95% interval; a ring: the place that stood under that name"
    body.append(text(150, height + 84, words, SMALL, GREY))
    alt = "share of right answers for each text that was read first, seed by seed"
    return picture(800, height + 96, "".join(body), alt)


def _facts_dot(frame: Frame, y: float, run: FactsRun, marked: bool) -> str:
    colour = WARM if marked else COOL
    shapes = [
        _interval(frame, y, run.share, colour),
        dot(*frame.at(run.share.value, y), 4, colour),
    ]
    if run.believed:
        shapes.append(_interval(frame, y, run.believed, colour))
        ring = f"stroke='{colour}' stroke-width='2'"
        shapes.append(dot(*frame.at(run.believed.value, y), 4, "white", ring))
    return "".join(shapes)


@cache
def ends_of(share: Share) -> tuple[float, float]:
    """The share's interval, kept: to work it out takes longer than to draw it."""
    return share.interval


def _interval(frame: Frame, y: float, share: Share, colour: str) -> str:
    low, high = ends_of(share)
    return line([frame.at(low, y), frame.at(high, y)], colour, _BAND)


def readings_picture(scene: ReadingsScene) -> str:
    """A frame for each number of wordings: stored and asked over the steps."""
    wordings = list(dict.fromkeys(row.wordings for row in scene.rows))
    steps = [math.log10(row.steps) for row in scene.rows]
    span = (min(steps) - 0.05, max(max(steps), min(steps) + 0.1) + 0.05)
    body = []
    for i, number in enumerate(wordings):
        frame = Frame(50 + 250 * i, 40, 200, 190, span, (0, 1))
        title = f"{number} wording{'s' * (number > 1)}"
        body.append(frame.axes("steps of reading", title, (), _HALVES if i == 0 else ()))
        body.append(_steps(frame, scene.of(number)))
        body.append(_stored_and_asked(frame, scene.of(number)))
        body.append(frame.up(math.log10(scene.steps), "", GREY))
    body.append(text(50, 292, "stored: completes the sentence that it has read", SMALL, COOL))
    body.append(text(350, 292, "asked: answers the question", SMALL, WARM))
    alt = "share of birthplaces stored and asked for, over the steps, by the number of wordings"
    return picture(max(560, 60 + 250 * len(wordings)), 304, "".join(body), alt)


def _steps(frame: Frame, rows: Sequence[Wording]) -> str:
    bottom = frame.top + frame.height
    places = [(frame.at(math.log10(row.steps), 0)[0], row.steps) for row in rows]
    return "".join(text(x, bottom + 16, f"{n:,}", SMALL, GREY, "middle") for x, n in places)


def _stored_and_asked(frame: Frame, rows: Sequence[Wording]) -> str:
    shapes = []
    for colour, key in ((COOL, "stored"), (WARM, "asked")):
        xs, shares = [math.log10(row.steps) for row in rows], [getattr(row, key) for row in rows]
        shapes.append(frame.curve(xs, [s.value for s in shares], colour, "stroke-width='2'"))
        for x, share in zip(xs, shares, strict=True):
            ends = [frame.at(x, end) for end in ends_of(share)]
            shapes += [line(ends, colour, _BAND), dot(*frame.at(x, share.value), 4, colour)]
    return "".join(shapes)


def lines_picture(scene: Lines) -> str:
    """A row for each value: a dot, its interval, and a grey bar for what chance gives."""
    height = 24 * len(scene.rows)
    span = (_on(scene, scene.span[0]), _on(scene, scene.span[1]))
    frame = Frame(210, 34, 430, height, span, (len(scene.rows), 0))
    body = [frame.axes("", scene.title, ())]
    for tick in _ticks(scene):
        x, _ = frame.at(_on(scene, tick), 0)
        body.append(text(x, 34 + height + 16, f"{tick:g}", SMALL, GREY, "middle"))
    if scene.reference is not None:
        body.append(frame.up(_on(scene, scene.reference), "", GREY))
    for i, row in enumerate(scene.rows):
        y, colour = i + 0.5, WARM if i == scene.marked else COOL
        ends = [frame.at(_on(scene, end), y) for end in row.interval]
        style = _BOLD if i == scene.marked else SMALL
        if row.chance:
            (x0, at), (x1, _) = (frame.at(_on(scene, end), y) for end in row.chance)
            body.append(rectangle(x0, at - 8, x1 - x0, 16, "#d8dee4"))
        body += [
            line(ends, colour, _BAND),
            dot(*frame.at(_on(scene, row.value), y), 4, colour),
            text(200, ends[0][1] + 4, row.label, style, INK, "end"),
            text(654, ends[0][1] + 4, row.counts, SMALL, GREY),
        ]
    return picture(780, height + 70, "".join(body), scene.title)


def _ticks(scene: Lines) -> list[float]:
    low, high = scene.span
    if scene.logarithmic:
        return [2.0**i for i in range(round(math.log2(low)), round(math.log2(high)) + 1)]
    step = 0.05 if high - low <= 0.3 else 0.25
    return [round(low + i * step, 2) for i in range(round((high - low) / step) + 1)]


def _on(scene: Lines, value: float) -> float:
    """Where a value stands on the axis; what has no logarithm stands at its end."""
    if not scene.logarithmic:
        return value
    return math.log2(min(max(value, scene.span[0]), scene.span[1]))


def neighbours_picture(found: Neighbours) -> str:
    """A table: for each measure the nearest training names with their birthplaces."""
    body = [
        text(20, 24, f"{found.name}: the model guesses {found.guess}", SANS + " font-size='14'"),
        text(20, 52, "nearest by", _BOLD),
        text(230, 52, "training names, and where they were born", _BOLD),
    ]
    y = 74
    for near in found.near:
        height = 18 * len(near.people)
        body.append(rectangle(14, y - 14, 752, height + 4, PALE))
        body.append(text(20, y, near.measure, SMALL))
        for i, (name, place) in enumerate(near.people):
            agrees = place == found.guess
            style, colour = (_BOLD, WARM) if agrees else (SMALL, INK)
            body.append(text(230, y + 18 * i, f"{name}, {place}", style, colour))
        more = near.number - len(near.people)
        if more:
            body.append(text(760, y, f"and {more} more, equally near", SMALL, GREY, "end"))
        y += height + 10
    alt = f"training names that are nearest to {found.name}, with their birthplaces"
    return picture(780, y + 4, "".join(body), alt)


def probe_picture(found: Probed) -> str:
    """A line for each place of the question: what the probe reads off each layer."""
    wheres = list(dict.fromkeys(stage.where for stage in found.stages))
    layers = max(stage.layer for stage in found.stages)
    frame = Frame(60, 34, 420, 220, (-0.2, layers + 0.2), (0, 0.6))
    body = [frame.axes("after layer (0: what enters the first)", "read rightly", range(layers + 1))]
    body += [frame.across(tick, f"{tick:.0%}", "#c9d1d9") for tick in (0.2, 0.4, 0.6)]
    body.append(frame.across(found.usual.value, "", GREY))
    for i, (where, colour) in enumerate(zip(wheres, (COOL, WARM), strict=True)):
        stages = [stage for stage in found.stages if stage.where == where]
        xs = [float(stage.layer) for stage in stages]
        body.append(frame.curve(xs, [s.dev.value for s in stages], colour, "stroke-width='2'"))
        body.append(frame.curve(xs, [s.control.value for s in stages], colour, _DASHED))
        for x, stage in zip(xs, stages, strict=True):
            ends = [frame.at(x, end) for end in ends_of(stage.dev)]
            body += [line(ends, colour, _BAND), dot(*frame.at(x, stage.dev.value), 4, colour)]
        body.append(text(500, 60 + 20 * i, f"at {where}", SMALL, colour))
    body.append(text(500, 104, "dashes: places dealt out at random", SMALL))
    body.append(text(500, 124, "grey: always the most frequent place", SMALL, GREY))
    alt = "share of birthplaces that a linear probe reads, by layer and place of the question"
    return picture(780, 302, "".join(body), alt)
