"""The pictures of notebook 03: each draws a scene and computes nothing but where things stand."""

from __future__ import annotations

import math

import numpy as np

from nlp4.block_pattern import GLOBAL, RANDOM, WINDOW
from nlp4.efficient_scenes import LAYERS, CostScene, ErrorScene, PatternScene, SpectrumScene
from nlp4.pixels import grid, mixed
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
    picture,
    rectangle,
    text,
)

OLIVE = "#7a7a1e"
PARTS = {WINDOW: (COOL, "window"), GLOBAL: (WARM, "global"), RANDOM: (OLIVE, "random")}
_TITLE = SANS + " font-size='12'"


def _path(commands: list[str], extra: str) -> str:
    """Many shapes in one element: hundreds of elements would be slow to redraw."""
    return f"<path d='{''.join(commands)}' {extra}/>" if commands else ""


def pattern_picture(scene: PatternScene) -> str:
    """The mask, the same as a graph on a circle, and how far news gets layer by layer."""
    body = [_mask(scene), _graph(scene), _growth(scene)]
    for i, (colour, name) in enumerate(PARTS.values()):
        body.append(rectangle(24 + 80 * i, 284, 10, 10, colour))
        body.append(text(38 + 80 * i, 293, name, SMALL))
    alt = f"a pattern of attention over {len(scene.parts)} blocks, as a mask and as a graph"
    return picture(830, 304, "".join(body), alt)


def _mask(scene: PatternScene) -> str:
    blocks, left, top = len(scene.parts), 24, 34
    size = 236 / blocks
    shapes = [
        text(left, 22, "a row sees its coloured columns", _TITLE),
        rectangle(left, top, 236, 236, PALE),
    ]
    for part, (colour, _) in PARTS.items():
        places = np.argwhere(scene.parts == part).tolist()
        cell = f"h{size:.2f}v{size:.2f}h-{size:.2f}z"
        commands = [f"M{left + j * size:.1f} {top + i * size:.1f}{cell}" for i, j in places]
        shapes.append(_path(commands, f"fill='{colour}'"))
    y = top + scene.middle * size
    shapes.append(rectangle(left, y, 236, size, "none", f"stroke='{INK}' stroke-width='1.2'"))
    return "".join(shapes)


def _graph(scene: PatternScene) -> str:
    blocks, centre, radius = len(scene.parts), (408, 152), 108
    turns = [2 * math.pi * i / blocks - math.pi / 2 for i in range(blocks)]
    at = [(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns]
    shapes = [text(300, 22, "the same as a graph of blocks", _TITLE)]
    for part, (colour, _) in PARTS.items():
        commands = [
            f"M{at[i][0]:.0f} {at[i][1]:.0f}L{at[j][0]:.0f} {at[j][1]:.0f}"
            for i, j in np.argwhere(scene.parts == part).tolist()
            if i != j
        ]
        shapes.append(_path(commands, f"stroke='{colour}' stroke-opacity='.45' fill='none'"))
    for i, (x, y) in enumerate(at):
        here = i == scene.middle
        fill = INK if scene.reached[i] else "white"
        shapes.append(dot(x, y, 6 if here else 3.2, fill, f"stroke='{WARM if here else INK}'"))
    words = f"black: within reach of block {scene.middle + 1} after {scene.layers} layers"
    shapes.append(text(408, 293, words, SMALL, INK, "middle"))
    return "".join(shapes)


def _growth(scene: PatternScene) -> str:
    frame = Frame(590, 34, 220, 216, (0, LAYERS), (0, 1.05))
    layers = list(range(LAYERS + 1))
    shares = scene.growth.tolist()
    return (
        frame.axes(
            "layers", "share of blocks within reach", (0, 2, 4, 6, 8), (0, 0.25, 0.5, 0.75, 1)
        )
        + frame.curve(layers, shares, COOL, "stroke-width='2'")
        + "".join(dot(*frame.at(x, y), 3, COOL) for x, y in zip(layers, shares, strict=True))
        + dot(*frame.at(scene.layers, shares[scene.layers]), 6, WARM)
    )


def spectrum_picture(scene: SpectrumScene) -> str:
    """The weights themselves, their singular values, and the share that the first ones hold."""
    n = len(scene.values)
    values = Frame(290, 34, 220, 216, (0, n), (-8, 0.5))
    shares = Frame(580, 34, 220, 216, (0, n), (0, 1.05))
    order = list(range(1, n + 1))
    logs = np.log10(np.maximum(scene.values / scene.values[0], 1e-8)).tolist()
    body = [
        text(20, 22, "the weights, rows look at columns", _TITLE),
        _heat(scene.weights, 20, 34, 216),
        values.axes(
            "singular value, from the largest",
            "log10, the largest is 0",
            (0, n // 2, n),
            (-8, -6, -4, -2, 0),
        ),
        values.curve(order, logs, COOL, "stroke-width='2'"),
        shares.axes(
            "how many are summed", "share of their sum", (0, n // 2, n), (0, 0.25, 0.5, 0.75, 1)
        ),
        shares.curve(order, scene.cumulative.tolist(), COOL, "stroke-width='2'"),
        shares.up(scene.ninety, f"{scene.ninety} hold 90%", WARM),
    ]
    alt = f"attention weights ({scene.source}), their singular values and the cumulative share"
    return picture(830, 300, "".join(body), alt)


def _heat(weights: np.ndarray, left: float, top: float, size: float, cells: int = 64) -> str:
    """Weights `(n, n)` as a grid of at most `cells` x `cells`, the larger the darker."""
    pooled = weights.reshape(cells, len(weights) // cells, cells, -1).max(axis=(1, 3))
    shades = np.minimum(5, np.ceil(5 * pooled**0.5)).astype(np.uint8)
    colours = [PALE, *(mixed(WARM, level / 5) for level in range(1, 6))]
    return grid(left, top, size, size, shades, colours)


def error_picture(scene: ErrorScene) -> str:
    """Relative error against the rank kept, one line for each kind of projection."""
    frame = Frame(60, 34, 520, 216, (0, math.log2(scene.ranks[-1])), (0, 2))
    places = [math.log2(k) for k in scene.ranks]
    lines = (
        (scene.best, COOL, "the text's own best"),
        (scene.fitted, INK, "fitted to other texts"),
        (scene.gaussian, WARM, "random (Gaussian)"),
    )
    bottom = frame.top + frame.height
    body = [frame.axes("", "relative error of the weights", (), (0, 0.5, 1, 1.5, 2))]
    for k, x in zip(scene.ranks, places, strict=True):
        body.append(text(frame.at(x, 0)[0], bottom + 16, str(k), SMALL, GREY, "middle"))
    body.append(text(320, bottom + 34, "k, the rank that is kept (of 128)", SMALL, INK, "middle"))
    body.append(frame.across(1.0, "as wrong as saying nothing", GREY))
    for i, (errors, colour, name) in enumerate(lines):
        body.append(frame.curve(places, errors.tolist(), colour, "stroke-width='2'"))
        body.append(text(600, 60 + 20 * i, name, SMALL, colour))
    alt = "relative error of approximated attention weights against the rank, for three projections"
    return picture(760, 300, "".join(body), alt)


def cost_picture(scene: CostScene) -> str:
    """Multiply-adds of one layer against the length, both axes logarithmic."""
    frame = Frame(70, 34, 500, 216, (8, 15), (7, 12))
    places = [math.log2(n) for n in scene.lengths]
    bottom = frame.top + frame.height
    body = [frame.axes("", "multiply-adds of a layer, log10", (), (7, 8, 9, 10, 11, 12))]
    for n, x in zip(scene.lengths, places, strict=True):
        body.append(text(frame.at(x, 7)[0], bottom + 16, f"{n:,}", SMALL, GREY, "middle"))
    body.append(text(320, bottom + 34, "n, length of the text", SMALL, INK, "middle"))
    lines = ((scene.full, INK, "full"), (scene.linformer, WARM, "Linformer"))
    for i, (costs, colour, name) in enumerate((*lines, (scene.bigbird, COOL, "BigBird"))):
        logs = [math.log10(cost.multiply_adds) for cost in costs]
        body.append(frame.curve(places, logs, colour, "stroke-width='2'"))
        at = frame.at(math.log2(scene.n), logs[scene.lengths.index(scene.n)])
        body.append(dot(*at, 5, colour))
        body.append(text(590, 60 + 20 * i, name, SMALL, colour))
    alt = "counted cost of full, Linformer and BigBird attention against the length of the text"
    return picture(700, 300, "".join(body), alt)
