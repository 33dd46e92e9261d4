"""The picture of measured times and memory against the length of the text, both logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nlp4.results_speed import TITLES, Line, SpeedScene
from nlp4.shapes import COOL, GREY, INK, SMALL, WARM, Frame, dot, line, picture, text

COLOURS = {
    "full": INK,
    "bigbird": COOL,
    "hugging face": COOL,
    "linformer": WARM,
    "package": WARM,
}
DASHES = {"hugging face": "stroke-dasharray='6 4'", "package": "stroke-dasharray='6 4'"}
UNITS = {"ms": "milliseconds", "MB": "megabytes"}


def speed_picture(scene: SpeedScene) -> str:
    """A line for each contender, thin lines for what arithmetic allows, marks at the break-even.

    Empty circles are what this machine measured now.
    """
    frame = _frame(scene)
    body = [_axes(frame, scene)]
    for name, points in scene.bounds.items():
        extra = "stroke-width='1' stroke-dasharray='1 3'"
        body.append(_curve(frame, points, COLOURS[name], extra))
    for name, points in scene.lines.items():
        extra = f"stroke-width='2' {DASHES.get(name, '')}"
        body.append(_curve(frame, points, COLOURS[name], extra))
        body += [_dot(frame, n, value, COLOURS[name]) for n, value in points if n == scene.n]
    for name, points in scene.live.items():
        body += [_circle(frame, n, value, COLOURS[name]) for n, value in points]
    body += [_break_evens(frame, scene), _legend(scene)]
    alt = f"{scene.what} of attention layers against the length of the text"
    return picture(800, 330, "".join(body), alt)


def _frame(scene: SpeedScene) -> Frame:
    every = [
        math.log10(value)
        for lines in (scene.lines, scene.bounds, scene.live)
        for points in lines.values()
        for _, value in points
        if value > 0
    ]
    low, high = (math.floor(min(every)), math.ceil(max(every))) if every else (0, 1)
    first, last = math.log2(scene.lengths[0]), math.log2(scene.lengths[-1])
    return Frame(70, 34, 470, 240, (first, max(last, first + 1)), (low, max(high, low + 1)))


def _axes(frame: Frame, scene: SpeedScene) -> str:
    bottom = frame.top + frame.height
    shapes = [frame.axes("n, length of the text", f"{UNITS[scene.unit]}, {scene.what}", ())]
    for n in scene.lengths:
        x, _ = frame.at(math.log2(n), 0)
        shapes.append(text(x, bottom + 16, f"{n:,}", SMALL, GREY, "middle"))
    for power in range(round(frame.y[0]), round(frame.y[1]) + 1):
        y = frame.at(0, power)[1]
        shapes.append(line([(frame.left, y), (frame.left + frame.width, y)], "#eef1f4"))
        shapes.append(text(frame.left - 7, y + 4, f"{10.0**power:,g}", SMALL, GREY, "end"))
    return "".join(shapes)


def _curve(frame: Frame, points: Line, colour: str, extra: str) -> str:
    seen = [(math.log2(n), math.log10(value)) for n, value in points if value > 0]
    return frame.curve([x for x, _ in seen], [y for _, y in seen], colour, extra)


def _dot(frame: Frame, n: float, value: float, colour: str) -> str:
    return dot(*frame.at(math.log2(n), math.log10(value)), 4.5, colour) if value > 0 else ""


def _circle(frame: Frame, n: float, value: float, colour: str) -> str:
    where = frame.at(math.log2(n), math.log10(value))
    return dot(*where, 5, "white", f"stroke='{colour}' stroke-width='2'")


def _break_evens(frame: Frame, scene: SpeedScene) -> str:
    """An upright line where one of ours begins to stay below full attention."""
    shapes = []
    for i, (name, n) in enumerate(scene.break_even.items()):
        if n is not None:
            (x, bottom), (_, top) = (frame.at(math.log2(n), edge) for edge in frame.y)
            shapes.append(line([(x, top), (x, bottom)], COLOURS[name], "stroke-dasharray='4 4'"))
            words = f"{TITLES[name]} below full from here"
            shapes.append(text(x + 5, top + 12 + 15 * i, words, SMALL, COLOURS[name]))
    return "".join(shapes)


def _legend(scene: SpeedScene) -> str:
    rows: Iterable[tuple[str, str, str]] = [
        *(
            (TITLES[name], COLOURS[name], DASHES.get(name, ""))
            for name in TITLES
            if name in scene.lines or name in scene.live
        ),
        *(
            (f"{TITLES[name]}, by arithmetic", COLOURS[name], "stroke-dasharray='1 3'")
            for name in scene.bounds
        ),
    ]
    shapes = []
    for i, (words, colour, dashes) in enumerate(rows):
        y = 60 + 21 * i
        shapes.append(line([(556, y - 4), (584, y - 4)], colour, f"stroke-width='2' {dashes}"))
        shapes.append(text(590, y, words, SMALL, colour))
    if scene.live:
        y = 60 + 21 * (len(shapes) // 2)
        shapes.append(dot(570, y - 4, 5, "white", f"stroke='{INK}' stroke-width='2'"))
        shapes.append(text(590, y, "this machine, now", SMALL))
    return "".join(shapes)
