"""Shapes as SVG text, grids of pixels, and a frame that turns numbers into places on the page.

SVG redraws in a millisecond, where matplotlib takes a tenth of a second.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np
from numpy.typing import NDArray

from nlp4.maths.statistics import Share
from nlp4.support.errors import UserError

INK, WARM, COOL, PALE, SOFT = "#24292f", "#c4520a", "#1f6f8b", "#eef1f4", "#f6d9c4"
GREY = "#8b949e"
MONO = "font-family='DejaVu Sans Mono, Menlo, Consolas, monospace' font-size='12'"
SANS = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"
SMALL = SANS + " font-size='11'"


def picture(width: float, height: float, body: str, alt: str) -> str:
    """Wrap shapes into a picture that a screen reader can announce."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:g}' height='{height:g}' "
        f"viewBox='0 0 {width:g} {height:g}' role='img' aria-label='{escape(alt, quote=True)}'>"
        f"<title>{escape(alt)}</title>"
        f"<rect width='100%' height='100%' fill='white'/>{body}</svg>"
    )


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
        return drawn + text(x1 - 4, at - 5, words, SMALL, colour, "end")

    def up(self, x: float, words: str, colour: str = INK) -> str:
        """A dashed line at x, named at its upper end."""
        (at, y0), (_, y1) = self.at(x, self.y[0]), self.at(x, self.y[1])
        drawn = line([(at, y0), (at, y1)], colour, "stroke-dasharray='5 4'")
        right = at > self.left + 0.6 * self.width
        anchor, gap = ("end", -5) if right else ("start", 5)
        return drawn + text(at + gap, y1 + 11, words, SMALL, colour, anchor)

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


_MOST = 65_535  # bytes of a stored block: the cells, and one more for each row


def grid(
    left: float,
    top: float,
    width: float,
    height: float,
    shades: NDArray[np.uint8],
    colours: list[str],
) -> str:
    """Draw `shades` `(rows, columns)`, indices into `colours` (#rrggbb), as cells of one size.

    Raises UserError if an index has no colour, or if rows * (columns + 1) is above 65,535.
    """
    rows, columns = shades.shape
    if rows * (columns + 1) > _MOST:
        raise UserError(f"{rows:,} x {columns:,} cells are too many for one grid: pool them first")
    if shades.size and shades.max() >= len(colours):
        raise UserError(f"shade {shades.max()} has no colour: there are {len(colours)}")
    data = base64.b64encode(png(shades, colours)).decode("ascii")
    return (
        f"<image x='{left:.1f}' y='{top:.1f}' width='{width:.1f}' height='{height:.1f}' "
        "preserveAspectRatio='none' style='image-rendering:pixelated' "
        f"href='data:image/png;base64,{data}'/>"
    )


def png(shades: NDArray[np.uint8], colours: list[str]) -> bytes:
    """A PNG file with a palette, not compressed: the same bytes whatever zlib is installed.

    See the PNG specification (ISO/IEC 15948), and RFC 1951 section 3.2.4 for stored blocks.
    """
    rows, columns = shades.shape
    lines = np.zeros((rows, columns + 1), dtype=np.uint8)  # each begins with its filter: none
    lines[:, 1:] = shades
    raw = lines.tobytes()
    stored = b"\x01" + struct.pack("<HH", len(raw), len(raw) ^ 0xFFFF) + raw
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(raw))),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def mixed(colour: str, share: float) -> str:
    """A colour (#rrggbb) over white, from 0 (white) to 1 (the colour)."""
    parts = bytes.fromhex(colour.removeprefix("#"))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in parts)


WIDTH, HEIGHT = 720, 300


def left_frame(x: tuple[float, float], y: tuple[float, float]) -> Frame:
    """The left half of a picture of `WIDTH` x `HEIGHT`."""
    return Frame(46, 34, 290, 216, x, y)


def right_frame(x: tuple[float, float], y: tuple[float, float]) -> Frame:
    """Its right half."""
    return Frame(410, 34, 290, 216, x, y)


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


BOLD = SMALL + " font-weight='bold'"
HALVES = (0, 0.25, 0.5, 0.75, 1)
BAND = "stroke-width='6' stroke-opacity='.25'"
TITLE = SANS + " font-size='12'"
