"""The pictures of notebook 01: each draws a scene and computes nothing but where things stand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp4.attention_scenes import (
    WANTED,
    AverageScene,
    CopyScene,
    CrosstalkScene,
    HeadsScene,
    NoisyScene,
    PlaneScene,
)
from nlp4.shapes import (
    COOL,
    GREY,
    INK,
    PALE,
    SANS,
    SMALL,
    SOFT,
    WARM,
    Frame,
    arrow,
    dot,
    line,
    picture,
    polygon,
    text,
)

Array = NDArray[np.float64]
WIDTH, HEIGHT = 720, 300
# Eight pale colours, told apart by lightness too; each region also carries its key's number.
_REGIONS = (
    "#f6d9c4", "#cfe3ea", "#e8e3c8", "#d9d2e9", "#d3e8d0", "#f2cfd6", "#dfe3e8", "#f7e8b8",
)  # fmt: skip


def _left(x: tuple[float, float], y: tuple[float, float]) -> Frame:
    return Frame(46, 34, 290, 216, x, y)


def _right(x: tuple[float, float], y: tuple[float, float]) -> Frame:
    return Frame(410, 34, 290, 216, x, y)


def _ticks(low: float, high: float, number: int = 5) -> list[float]:
    """Round numbers between two bounds, about `number` of them."""
    rough = (high - low) / number
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _bar_chart(frame: Frame, values: Array, marked: Sequence[int]) -> str:
    """One bar for each key, from zero; the marked ones in the warm colour."""
    shapes = []
    for i, value in enumerate(values.tolist()):
        fill = WARM if i in marked else COOL
        (x0, y0), (x1, y1) = frame.at(i + 0.1, max(value, 0.0)), frame.at(i + 0.9, min(value, 0.0))
        shapes.append(
            polygon([(x0, y0), (x1, y0), (x1, max(y1, y0 + 1)), (x0, max(y1, y0 + 1))], fill)
        )
    return "".join(shapes)


def _key_numbers(frame: Frame, n: int) -> str:
    bottom = frame.top + frame.height
    every = 1 if n <= 16 else 4
    return "".join(
        text(frame.at(i + 0.5, 0)[0], bottom + 16, str(i + 1), SMALL, GREY, "middle")
        for i in range(0, n, every)
    )


def copy_picture(scene: CopyScene) -> str:
    """Left the logits with the threshold for copying, right the weights they become."""
    n = len(scene.logits)
    low = min(0.0, float(scene.logits.min()))
    high = max(float(scene.logits.max()), scene.needed, 1.0) * 1.12
    logits, weights = _left((0, n), (low, high)), _right((0, n), (0, 1.1))
    body = [
        logits.axes("key", "logit, key · query", [], _ticks(low, high)),
        _bar_chart(logits, scene.logits, [scene.which]),
        logits.across(scene.needed, f"for {WANTED:.0%} it needs {scene.needed:.2f}", WARM),
        weights.axes("key", "attention weight", [], (0, 0.25, 0.5, 0.75, 1)),
        _bar_chart(weights, scene.weights, [scene.which]),
        weights.across(WANTED, f"{WANTED:.0%}", WARM),
        _key_numbers(logits, n),
        _key_numbers(weights, n),
    ]
    alt = f"logits and attention weights of {n} keys; key {scene.which + 1} is the one to copy"
    return picture(WIDTH, HEIGHT, "".join(body), alt)


def _wedge(frame: Frame, start: float, end: float, fill: str) -> str:
    pieces = max(2, math.ceil((end - start) / 0.1))
    rim = [start + (end - start) * i / pieces for i in range(pieces + 1)]
    outline = [frame.at(0, 0), *(frame.at(1.3 * math.cos(a), 1.3 * math.sin(a)) for a in rim)]
    return polygon(outline, fill)


def plane_picture(scene: PlaneScene) -> str:
    """Left the query among the keys and whose region it points into, right the output."""
    left = Frame(30, 34, 250, 250, (-1.35, 1.35), (-1.35, 1.35))
    right = Frame(410, 34, 250, 250, (-1.2, 1.2), (-1.2, 1.2))
    body = [text(30, 22, "keys, and the query that looks for one", SANS + " font-size='12'")]
    for sector in scene.sectors:
        body.append(_wedge(left, sector.start, sector.end, _REGIONS[sector.winner]))
    for i, (x, y) in enumerate(scene.keys.tolist()):
        at = left.at(x, y)
        body.append(dot(*at, 4, WARM if i == scene.winner else INK))
        body.append(text(at[0] + 6, at[1] - 5, f"k{i + 1}", SMALL))
    length = float(np.hypot(*scene.query))
    if length > 0:
        # A long query leaves the page, and only its direction matters there: 20 reaches the rim.
        tip = scene.query / length * (0.25 + 1.0 * min(1.0, length / 20))
        body.append(arrow(*left.at(0, 0), *left.at(*tip.tolist()), COOL))
    body.append(text(410, 22, "values, and the output among them", SANS + " font-size='12'"))
    corners = [right.at(*scene.values[i].tolist()) for i in scene.hull]
    body.append(polygon(corners, PALE, f"stroke='{GREY}' stroke-dasharray='4 3'"))
    for i, (x, y) in enumerate(scene.values.tolist()):
        at, weight = right.at(x, y), float(scene.weights[i])
        body.append(line([at, right.at(*scene.output.tolist())], WARM, f"opacity='{weight:.2f}'"))
        body.append(dot(*at, 3 + 9 * weight**0.5, _REGIONS[i], f"stroke='{INK}'"))
        body.append(text(at[0] + 9, at[1] - 7, f"v{i + 1} {weight:.0%}", SMALL))
    body.append(dot(*right.at(*scene.output.tolist()), 6, COOL))
    alt = f"{len(scene.keys)} keys in the plane with their regions, and the output among the values"
    return picture(WIDTH, 300, "".join(body), alt)


def average_picture(scene: AverageScene) -> str:
    """Left the weights beside the exact ones, right the output beside the true average."""
    n = len(scene.weights)
    a, b = scene.pair
    left = _left((0, n), (0, 1.08))
    right = Frame(430, 34, 236, 236, (-1.2, 1.2), (-1.2, 1.2))
    body = [
        left.axes("key", "attention weight", [], (0, 0.25, 0.5, 0.75, 1)),
        _bar_chart(left, scene.weights, [a, b]),
        left.across(0.5, "one half", WARM),
        _key_numbers(left, n),
        text(430, 22, "values on a circle, and the output", SANS + " font-size='12'"),
    ]
    for i, (x, y) in enumerate(scene.values.tolist()):
        at = right.at(x, y)
        body.append(dot(*at, 6 if i in (a, b) else 4, WARM if i in (a, b) else GREY))
        name = {a: "v_a", b: "v_b"}.get(i, "")
        body.append(text(at[0] + 9, at[1] + 4, name, SMALL))
    target, output = right.at(*scene.target.tolist()), right.at(*scene.output.tolist())
    chord = [right.at(*scene.values[i].tolist()) for i in (a, b)]
    body.append(line(chord, WARM, "stroke-dasharray='4 3'"))
    body.append(line([output, target], INK, "stroke-width='2'"))
    body.append(dot(*target, 7, "white", f"stroke='{WARM}' stroke-width='2.5'"))
    body.append(dot(*output, 5, COOL))
    body.append(text(548, 290, "ring: true average; dot: output", SMALL, INK, "middle"))
    alt = f"weights of {n} keys, and the distance of the output from the average of two values"
    return picture(WIDTH, HEIGHT, "".join(body), alt)


def _histogram(frame: Frame, draws: Array, edges: Array) -> str:
    heights, _ = np.histogram(draws, edges, density=True)
    return frame.bars(edges.tolist(), heights.tolist(), SOFT)


def noisy_picture(scene: NoisyScene) -> str:
    """The draws' histogram under the exact density, with the middle half of the draws marked."""
    edges = np.linspace(0, 1, 51)
    tallest = float(np.histogram(scene.draws, edges, density=True)[0].max())
    # A hump at the very edge is taller than any page: the top follows the middle of the picture.
    top = min(max(tallest, float(scene.density[8:-8].max()), 1.0), 14.0) * 1.15
    frame = Frame(46, 34, 650, 216, (0, 1), (0, top))
    low, high = scene.quartiles
    base = frame.top + frame.height
    body = [
        frame.axes("weight on v_a", "density", (0, 0.25, 0.5, 0.75, 1), _ticks(0, top, 4)),
        _histogram(frame, scene.draws, edges),
        frame.curve(scene.grid.tolist(), scene.density.tolist(), WARM, "stroke-width='2'"),
        frame.up(0.5, "average of the two", COOL),
        line([(frame.at(low, 0)[0], base), (frame.at(high, 0)[0], base)], INK, "stroke-width='5'"),
    ]
    alt = "histogram of the weight on v_a over draws of the keys, under its exact density"
    return picture(WIDTH, HEIGHT, "".join(body), alt)


def heads_picture(scene: HeadsScene) -> str:
    """Left the spread of the heads' average, right how often a head looks away, by scale."""
    edges = np.linspace(0, 1, 41)
    heights = np.histogram(scene.mean_weight, edges, density=True)[0]
    top = min(max(float(heights.max()), 1.0), 20.0) * 1.1
    left, right = _left((0, 1), (0, top)), _right((0, 40), (0, 1))
    body = [
        left.axes(
            "weight on v_a, mean of heads", "density", (0, 0.25, 0.5, 0.75, 1), _ticks(0, top, 4)
        ),
        _histogram(left, scene.mean_weight, edges),
        left.up(0.5, "average of the two", COOL),
        right.axes(
            "scale",
            "share of draws in which head 1 looks away",
            (0, 10, 20, 30, 40),
            (0, 0.25, 0.5, 0.75, 1),
        ),
        _looks_away(right, scene) if scene.long else "",
    ]
    if scene.away is not None:
        body.append(dot(*right.at(scene.beta, scene.away), 5, COOL))
        body.append(text(right.left + 100, right.top + 36, "dot: these draws", SMALL, COOL))
    alt = f"spread of the output of {scene.heads} heads, and the chance that a head looks away"
    return picture(WIDTH, HEIGHT, "".join(body), alt)


def _looks_away(frame: Frame, scene: HeadsScene) -> str:
    scales, exact = scene.curve.tolist()
    _, y = frame.at(0, scene.limit)
    words = f"{scene.limit:.1%}: however large the scale"
    return (
        frame.curve(scales, exact, WARM, "stroke-width='2'")
        + frame.across(scene.limit, "", GREY)
        + text(frame.left + frame.width - 4, y + 13, words, SMALL, GREY, "end")
        + text(frame.left + 100, frame.top + 20, "curve: exact, vanishing alpha", SMALL, WARM)
    )


def crosstalk_picture(scene: CrosstalkScene) -> str:
    """Left the overlaps with the key asked for, right its weight against the scale."""
    edges = np.linspace(-1, 1, 41)
    heights = np.histogram(scene.overlaps, edges, density=True)[0]
    top = max(float(heights.max()), float(scene.density.max())) * 1.1
    left, right = _left((-1, 1), (0, top)), _right((0, 40), (0, 1.08))
    scales, measured, bound = scene.curve.tolist()
    body = [
        left.axes(
            "overlap with the key asked for", "density", (-1, -0.5, 0, 0.5, 1), _ticks(0, top, 4)
        ),
        _histogram(left, scene.overlaps, edges),
        left.curve(scene.grid.tolist(), scene.density.tolist(), WARM, "stroke-width='2'"),
        left.up(float(scene.overlaps.max()), "nearest rival", COOL),
        right.axes(
            "scale", "weight on the key asked for", (0, 10, 20, 30, 40), (0, 0.25, 0.5, 0.75, 1)
        ),
        right.curve(scales, bound, WARM, "stroke-width='2' stroke-dasharray='6 3'"),
        right.curve(scales, measured, COOL, "stroke-width='2'"),
        dot(*right.at(scene.scale, scene.weight), 5, COOL),
        text(right.left + 150, right.top + 180, "line: these keys", SMALL, COOL),
        text(right.left + 150, right.top + 196, "dashes: mean is at least", SMALL, WARM),
    ]
    alt = f"overlaps among {scene.n} random keys in {scene.d} dimensions, and the weight copied"
    return picture(WIDTH, HEIGHT, "".join(body), alt)
