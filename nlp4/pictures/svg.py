"""Shapes as SVG text, grids of pixels, and a frame that turns numbers into places on the page.

SVG redraws in a millisecond, where matplotlib takes a tenth of a second.
"""

from __future__ import annotations

import base64
import math
import re
import struct
import textwrap
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp4.maths.statistics import Share
from nlp4.support.errors import UserError

INK, WARM, COOL, PALE, SOFT = "#24292f", "#c4520a", "#1f6f8b", "#eef1f4", "#f6d9c4"
GREY = "#656d76"  # dark enough for small words on white: a contrast of 5.2 to 1
MONO = "font-family='DejaVu Sans Mono, Menlo, Consolas, monospace' font-size='12'"
SANS = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"
SMALL = SANS + " font-size='11'"
BOLD = SMALL + " font-weight='bold'"
TITLE = SANS + " font-size='12'"
HALO = " stroke='white' stroke-width='3' paint-order='stroke'"  # of words that lie over shapes
BAND = "stroke-width='6' stroke-opacity='.25'"  # of an interval
HALVES = (0, 0.25, 0.5, 0.75, 1)
WIDTH, HEIGHT = 720, 300  # of a picture in two halves
HALF, GAP = 350, 20  # width of a panel that fits a phone, and between two panels


def picture(width: float, height: float, body: str, alt: str) -> str:
    """Wrap shapes into a picture that shrinks with the page and that a screen reader announces."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' {_size(width, height)} "
        f"style='max-width:100%;height:auto' role='img' aria-label='{escape(alt, quote=True)}'>"
        f"<title>{escape(alt)}</title>"
        f"<rect width='100%' height='100%' fill='white'/>{body}</svg>"
    )


def _size(width: float, height: float) -> str:
    return f"width='{width:g}' height='{height:g}' viewBox='0 0 {width:g} {height:g}'"


@dataclass(frozen=True)
class Panel:
    """A part of a picture, with its own origin; at most `HALF` wide, it fits a phone."""

    body: str
    width: float = HALF
    height: float = HEIGHT


def panels(parts: Sequence[Panel], alt: str) -> str:
    """A picture of panels beside each other; `stacked` puts them below each other."""
    width = sum(part.width for part in parts) + GAP * (len(parts) - 1)
    body, x = [], 0.0
    for part in parts:
        body.append(_group("panel", part, f"transform='translate({x:g} 0)'"))
        x += part.width + GAP
    return picture(width, max(part.height for part in parts), "".join(body), alt)


def either(wide: Panel, narrow: Panel, alt: str) -> str:
    """A picture in two layouts, where panels do not do: `stacked` shows the narrow one."""
    body = _group("wide", wide, "") + _group("narrow", narrow, "display='none'")
    return picture(wide.width, wide.height, body, alt)


def _group(name: str, part: Panel, extra: str) -> str:
    size = f"data-width='{part.width:g}' data-height='{part.height:g}'"
    return f"<g class='nlp4-{name}' {size} {extra}>{part.body}</g>"


_PANEL = re.compile(
    r"(<g class='nlp4-panel' data-width='([\d.]+)' data-height='([\d.]+)' )"
    r"transform='translate\([^)]*\)'"
)
_NARROW = re.compile(
    r"(<g class='nlp4-narrow' data-width='([\d.]+)' data-height='([\d.]+)' )display='none'"
)
_WIDE = "<g class='nlp4-wide'"
_SIZE = re.compile(r"width='[\d.]+' height='[\d.]+' viewBox='[^']*'")


def wide(drawn: str) -> str:
    """The same picture without the layout for a narrow page, if it has one."""
    found = _NARROW.search(drawn)
    return drawn[: found.start()] + "</svg>" if found else drawn


def stacked(drawn: str) -> str:
    """The same picture for a narrow page: panels below each other, or its narrow layout.

    A picture that is in one piece stays as it is.
    """
    if found := _NARROW.search(drawn):
        drawn = drawn[: drawn.index(_WIDE)] + found[1] + drawn[found.end() :]
        return _SIZE.sub(_size(float(found[2]), float(found[3])), drawn, count=1)
    widths = [float(width) for _, width, _ in _PANEL.findall(drawn)]
    if not widths:
        return drawn
    height = 0.0

    def place(found: re.Match[str]) -> str:
        nonlocal height
        at, height = height, height + float(found[3])
        return f"{found[1]}transform='translate(0 {at:g})'"

    drawn = _PANEL.sub(place, drawn)
    return _SIZE.sub(_size(max(widths), height), drawn, count=1)


def rectangle(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    """One filled rectangle."""
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' "
        f"fill='{fill}' {extra}/>"
    )


def text(x: float, y: float, words: str, style: str, fill: str = INK, anchor: str = "start") -> str:
    """One line of text; `style` holds its font."""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {style} fill='{fill}' "
        f"text-anchor='{anchor}' xml:space='preserve'>{escape(words)}</text>"
    )


def shortened(words: str, most: int) -> str:
    """The words, cut off with a sign for it if they have more than `most` characters."""
    return words if len(words) <= most else words[: most - 1] + "…"


def line(points: Iterable[tuple[float, float]], colour: str, extra: str = "") -> str:
    """A line through points on the page; `extra` may add a width or dashes."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{path}' fill='none' stroke='{colour}' {extra}/>"


def polygon(points: Iterable[tuple[float, float]], fill: str, extra: str = "") -> str:
    """A filled outline."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polygon points='{path}' fill='{fill}' {extra}/>"


def dot(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """A filled circle."""
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:g}' fill='{fill}' {extra}/>"


def arrow(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    """A straight arrow with its head at the second point."""
    angle, length = math.atan2(to_y - y, to_x - x), math.hypot(to_x - x, to_y - y)
    if length < 1:
        return dot(x, y, 3, colour)
    head = [(to_x, to_y)]
    for turn in (2.7, -2.7):
        head.append((to_x + 11 * math.cos(angle + turn), to_y + 11 * math.sin(angle + turn)))
    return line([(x, y), (to_x, to_y)], colour, "stroke-width='2.5'") + polygon(head, colour)


def grip(x: float, y: float, across: float = 0, up: float = 1) -> str:
    """A small triangle with its tip at (x, y), pointing up if not told otherwise.

    By it one sees that a thing can be taken hold of.
    """
    base = [(x - 7 * across + side * up, y + 7 * up + side * across) for side in (-5, 5)]
    return polygon([(x, y), *base], INK)


@dataclass(frozen=True)
class Frame:
    """A rectangle on the page, `left`, `top`, `width`, `height`, and the numbers at its edges."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where the point (x, y) stands on the page; what is outside stays at the edge."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        across, up = min(max(across, 0.0), 1.0), min(max(up, 0.0), 1.0)
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def under(self, x: float, y: float) -> tuple[float, float]:
        """The numbers at a place on the page, beyond the edges too: what `at` does, undone."""
        across, up = (x - self.left) / self.width, 1 - (y - self.top) / self.height
        return (
            self.x[0] + across * (self.x[1] - self.x[0]),
            self.y[0] + up * (self.y[1] - self.y[0]),
        )

    def curve(self, xs: Sequence[float], ys: Sequence[float], colour: str, extra: str = "") -> str:
        """A line through the points; `extra` may add a width or dashes."""
        return line((self.at(x, y) for x, y in zip(xs, ys, strict=True)), colour, extra)

    def bars(
        self, edges: Sequence[float], heights: Sequence[float], fill: str, extra: str = ""
    ) -> str:
        """One bar between each two neighbouring edges: a histogram."""
        shapes = []
        for low, high, top in zip(edges[:-1], edges[1:], heights, strict=True):
            (x0, y0), (x1, base) = self.at(low, top), self.at(high, 0.0)
            shapes.append(rectangle(x0, y0, max(0.5, x1 - x0 - 1), base - y0, fill, extra))
        return "".join(shapes)

    def across(self, y: float, words: str, colour: str = INK) -> str:
        """A dashed line at height y, named at its right end."""
        (x0, at), (x1, _) = self.at(self.x[0], y), self.at(self.x[1], y)
        drawn = line([(x0, at), (x1, at)], colour, "stroke-dasharray='5 4'")
        return drawn + text(x1 - 4, at - 5, words, SMALL + HALO, colour, "end")

    def up(self, x: float, words: str, colour: str = INK) -> str:
        """A dashed line at x, named at its upper end."""
        (at, y0), (_, y1) = self.at(x, self.y[0]), self.at(x, self.y[1])
        drawn = line([(at, y0), (at, y1)], colour, "stroke-dasharray='5 4'")
        right = at > self.left + 0.6 * self.width
        anchor, gap = ("end", -5) if right else ("start", 5)
        return drawn + text(at + gap, y1 + 11, words, SMALL + HALO, colour, anchor)

    def axes(
        self, x_label: str, y_label: str, x_ticks: Iterable[float], y_ticks: Iterable[float] = ()
    ) -> str:
        """The two axes with their ticks; the upright one's label stands above it."""
        bottom, left = self.top + self.height, self.left
        shapes = [line([(left, bottom), (left + self.width, bottom)], GREY)]
        shapes.append(text(left, self.top - 8, y_label, SMALL))
        middle = left + self.width / 2
        shapes.append(text(middle, bottom + 32, x_label, SMALL, INK, "middle"))
        for tick in x_ticks:
            x, _ = self.at(tick, self.y[0])
            shapes.append(line([(x, bottom), (x, bottom + 4)], GREY))
            shapes.append(text(x, bottom + 16, f"{tick:g}", SMALL, GREY, "middle"))
        for tick in y_ticks:
            _, y = self.at(self.x[0], tick)
            shapes.append(line([(left - 4, y), (left, y)], GREY))
            shapes.append(text(left - 7, y + 4, f"{tick:g}", SMALL, GREY, "end"))
        return "".join(shapes)


def grid(
    left: float,
    top: float,
    width: float,
    height: float,
    shades: NDArray[np.uint8],
    colours: list[str],
) -> str:
    """Draw `shades` `(rows, columns)`, indices into `colours` (#rrggbb), as cells of one size.

    The cells are one picture within the picture: thousands of shapes would be slow to redraw.
    Raises UserError if an index has no colour.
    """
    if shades.size and shades.max() >= len(colours):
        raise UserError(f"shade {shades.max()} has no colour: there are {len(colours)}")
    data = base64.b64encode(_png(shades, colours)).decode("ascii")
    return (
        f"<image x='{left:.1f}' y='{top:.1f}' width='{width:.1f}' height='{height:.1f}' "
        "preserveAspectRatio='none' style='image-rendering:pixelated' "
        f"href='data:image/png;base64,{data}'/>"
    )


def _png(shades: NDArray[np.uint8], colours: list[str]) -> bytes:
    """Pixels with a palette, as PNG (w3.org/TR/png). Pillow would be a MB more in a web page."""
    rows, columns = shades.shape
    unfiltered = np.pad(shades, ((0, 0), (1, 0)))  # each row begins with its filter's number
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0),
        b"PLTE": b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours),
        b"IDAT": zlib.compress(unfiltered.tobytes()),
        b"IEND": b"",
    }
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def mixed(colour: str, share: float) -> str:
    """A colour (#rrggbb) over white, from 0 (white) to 1 (the colour)."""
    parts = bytes.fromhex(colour.removeprefix("#"))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in parts)


def panel_frame(x: tuple[float, float], y: tuple[float, float]) -> Frame:
    """The frame of a panel."""
    return Frame(46, 34, 290, 216, x, y)


def round_ticks(low: float, high: float, number: int = 5) -> list[float]:
    """Round numbers between two bounds, about `number` of them."""
    rough = (high - low) / number
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


@cache
def ends_of(share: Share) -> tuple[float, float]:
    """The share's interval, kept: to work it out takes longer than to draw it."""
    return share.interval


@dataclass(frozen=True)
class Drawing:
    """An SVG picture with the words that stand for it where it cannot be seen."""

    svg: str
    words: str

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = {"text/plain": self.words, "image/svg+xml": self.svg}
        return shown, {"image/svg+xml": {"alt": self.words}}


@dataclass(frozen=True)
class Line:
    """One row of a picture: a value with its interval, perhaps a second one, or chance's range."""

    label: str
    value: float
    interval: tuple[float, float]
    counts: str  # what the value was counted from
    chance: tuple[float, float] | None = None
    second: float | None = None  # a value beside it, without an interval


@dataclass(frozen=True)
class Lines:
    """Rows of values on one axis; one row may be marked."""

    title: str
    rows: tuple[Line, ...]
    span: tuple[float, float]  # what the axis shows
    marked: int | None = None
    reference: float | None = None
    logarithmic: bool = False


def share_line(label: str, share: Share) -> Line:
    """A counted share with its Wilson interval."""
    return Line(label, share.value, share.interval, f"{share.right}/{share.n}")


def lines_picture(scene: Lines) -> str:
    """A row for each value: a dot, its interval, and a grey bar for what chance gives."""
    return either(_labels_beside(scene), _labels_above(scene), scene.title)


def _labels_beside(scene: Lines) -> Panel:
    """Each label to the left of its row, what it was counted from to the right."""
    left = 20 + 7.5 * max(len(row.label) for row in scene.rows)  # a bold letter takes some 7.5
    right = 24 + 7.0 * max(len(row.counts) for row in scene.rows)
    width, height = max(250.0, WIDTH - left - right), 24 * len(scene.rows)
    frame = Frame(left, 34, width, height, _span(scene), (len(scene.rows), 0))
    body = [text(left, 26, scene.title, SMALL), _axis(scene, frame)]
    for i, row in enumerate(scene.rows):
        y = 34 + 24 * (i + 0.5)
        body += [
            _row(scene, frame, i, y),
            text(left - 10, y + 4, row.label, _style(scene, i), INK, "end"),
            text(left + width + 14, y + 4, row.counts, SMALL, GREY),
        ]
    return Panel("".join(body), left + width + right, height + 70)


def _labels_above(scene: Lines) -> Panel:
    """Label and counts above the row, so that a phone's whole width is left for the values."""
    title, left, right = textwrap.wrap(scene.title, 50), 16, HALF - 16
    room = right - left - 7 * max(len(row.counts) for row in scene.rows)
    labels = [textwrap.wrap(row.label, int(room / 7.5)) for row in scene.rows]
    most = max(map(len, labels))
    top, pitch = 14 * len(title) + 12, 24 + 14 * most
    height = pitch * len(scene.rows)
    frame = Frame(left, top, right - left, height, _span(scene), (len(scene.rows), 0))
    body = [text(left, 16 + 14 * i, part, SMALL) for i, part in enumerate(title)]
    body.append(_axis(scene, frame))
    for i, (row, label) in enumerate(zip(scene.rows, labels, strict=True)):
        y = top + pitch * (i + 1) - 11
        for j, part in enumerate(reversed(label)):
            body.append(text(left, y - 12 - 14 * j, part, _style(scene, i)))
        body.append(text(right, y - 12, row.counts, SMALL, GREY, "end"))
        body.append(_row(scene, frame, i, y))
    return Panel("".join(body), HALF, top + height + 28)


def _axis(scene: Lines, frame: Frame) -> str:
    """The axis below the rows, its ticks, and the line that the values are held against."""
    shapes = [frame.axes("", "", ())]
    for tick in _ticks(scene):
        x, bottom = frame.at(_on(scene, tick), len(scene.rows))
        shapes.append(text(x, bottom + 16, f"{tick:g}", SMALL, GREY, "middle"))
    if scene.reference is not None:
        shapes.append(frame.up(_on(scene, scene.reference), "", GREY))
    return "".join(shapes)


def _row(scene: Lines, frame: Frame, i: int, y: float) -> str:
    """The values of row `i`, the interval and the range of chance, `y` down the page."""
    row, colour = scene.rows[i], WARM if i == scene.marked else COOL

    def across(value: float) -> float:
        return frame.at(_on(scene, value), 0)[0]

    shapes = []
    if row.chance:
        low, high = map(across, row.chance)
        shapes.append(rectangle(low, y - 8, high - low, 16, "#d8dee4"))
    shapes.append(line([(across(end), y) for end in row.interval], colour, BAND))
    if row.second is not None:
        shapes.append(
            dot(across(row.second), y, 4, "white", f"stroke='{colour}' stroke-width='2' ")
        )
    return "".join([*shapes, dot(across(row.value), y, 4, colour)])


def _style(scene: Lines, i: int) -> str:
    return BOLD if i == scene.marked else SMALL


def _span(scene: Lines) -> tuple[float, float]:
    low, high = scene.span
    return _on(scene, low), _on(scene, high)


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


def lines_drawing(scene: Lines) -> Drawing:
    """Rows of values with their intervals as a still picture."""
    told = "; ".join(f"{row.label} {row.value:.1%} ({row.counts})" for row in scene.rows)
    return Drawing(lines_picture(scene), f"{scene.title}: {told}.")
