"""Shapes as SVG text, and a frame that turns numbers into places on the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

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
