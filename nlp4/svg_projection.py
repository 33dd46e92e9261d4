"""The picture of a Linformer's projection: its rows, and how much of each comes too late."""

from __future__ import annotations

import numpy as np

from nlp4.pixels import grid, mixed
from nlp4.projection_scene import PLACES, ProjectionScene
from nlp4.shapes import COOL, GREY, INK, PALE, SANS, SMALL, WARM, line, picture, rectangle, text

_TITLE = SANS + " font-size='12'"
_LEVELS = 5  # of each sign
_COLOURS = [
    *(mixed(COOL, level / _LEVELS) for level in range(_LEVELS, 0, -1)),
    "#ffffff",
    *(mixed(WARM, level / _LEVELS) for level in range(1, _LEVELS + 1)),
]


def projection_picture(scene: ProjectionScene) -> str:
    """The k rows over the places, a line behind the reader, and a bar for what is behind it."""
    left, top, width, height = 24, 40, 512, 224
    strongest = np.abs(scene.rows).max()
    shades = np.rint(_LEVELS * (1 + scene.rows / strongest)).astype(np.uint8)
    edge = left + width * (scene.reader + 1) / PLACES
    body = [
        text(left, 24, "what each of the k rows mixes: a column is a place of the text", _TITLE),
        rectangle(left - 1, top - 1, width + 2, height + 2, "none", f"stroke='{GREY}'"),
        grid(left, top, width, height, shades, _COLOURS),
        line([(edge, top - 6), (edge, top + height + 6)], INK, "stroke-width='2'"),
        text(edge, top + height + 20, "the reader may see up to here", SMALL, INK, _side(scene)),
        _bars(scene, top, height),
        _legend(),
    ]
    alt = f"a projection of {PLACES} places to {len(scene.rows)} rows ({scene.kind})"
    return picture(800, 312, "".join(body), alt)


def _side(scene: ProjectionScene) -> str:
    """Which end of the words stands at the line, so that they stay within the picture."""
    if scene.reader < PLACES // 4:
        return "start"
    return "end" if scene.reader > 3 * PLACES // 4 else "middle"


def _bars(scene: ProjectionScene, top: float, height: float) -> str:
    """One bar for each row: the share of its weight that stands behind the reader."""
    each = height / len(scene.rows)
    shapes = [text(572, 24, "of it, behind the reader", _TITLE)]
    for i, share in enumerate(scene.later.tolist()):
        y = top + i * each
        shapes.append(rectangle(572, y + 0.5, 180, each - 1, PALE))
        shapes.append(rectangle(572, y + 0.5, 180 * share, each - 1, WARM))
    for share in (0, 0.5, 1):
        shapes.append(
            text(572 + 180 * share, top + height + 20, f"{share:.0%}", SMALL, GREY, "middle")
        )
    return "".join(shapes)


def _legend() -> str:
    words = (("below 0", COOL), ("0", "#ffffff"), ("above 0", WARM))
    shapes = []
    for i, (name, colour) in enumerate(words):
        shapes.append(rectangle(24 + 90 * i, 292, 10, 10, colour, f"stroke='{GREY}'"))
        shapes.append(text(38 + 90 * i, 301, name, SMALL))
    return "".join(shapes)
