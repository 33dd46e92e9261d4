"""Pictures of copying and averaging: a query among keys, and its weights (exercises 2a, 2b)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from nlp4.maths import copying
from nlp4.maths.copying import Sector, hull, winning_sectors
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, number
from nlp4.pictures.explorer import Explorer

Array = NDArray[np.float64]
Others = Literal["all equal", "spread out", "one rival"]
WANTED = 0.99  # the weight that counts as copying

# Angle in degrees and length of each key in the plane; key 4 lies inside the others' hull.
_KEYS = ((20, 1.0), (150, 0.95), (265, 1.05), (95, 0.3), (80, 0.9), (205, 0.8), (320, 0.9), (40, 1))
_VALUES = (
    (0.9, 0.35),
    (-0.85, 0.55),
    (-0.15, -0.95),
    (0.1, 0.05),
    (0.25, 0.95),
    (-0.9, -0.45),
    (0.7, -0.75),
    (-0.3, 0.9),
)


@dataclass(frozen=True)
class CopyScene:
    """One query against n keys: logits and weights `(n,)`, and what `WANTED` would take."""

    which: int
    logits: Array  # before they are divided
    divisor: float
    weights: Array
    needed: float  # the chosen logit that gives exactly the weight wanted, the others as they are


def copy_scene(n: int, which: int, scale: float, others: Others, divisor: float = 1.0) -> CopyScene:
    """Key `which` (from 0) gets the logit `scale`; the others are equal, spread, or one rivals it.

    All are divided by `divisor` before the softmax. A `which` beyond the last key means the last
    one. Exercise 2a.
    """
    which = min(which, n - 1)
    logits = np.zeros(n)
    rest = np.arange(n) != which
    if others == "spread out":
        logits[rest] = np.linspace(-0.5, 0.5, n - 1) * scale
    elif others == "one rival":
        logits[(which + 1) % n] = 0.8 * scale
    logits[which] = scale
    needed = divisor * float(logsumexp(logits[rest] / divisor) + np.log(WANTED / (1 - WANTED)))
    return CopyScene(which, logits, divisor, copying.softmax(logits / divisor), needed)


@dataclass(frozen=True)
class PlaneScene:
    """A query among keys in the plane `(n, 2)`, and its output among their values `(n, 2)`."""

    keys: Array
    values: Array
    query: Array
    weights: Array
    output: Array
    sectors: tuple[Sector, ...]
    hull: tuple[int, ...]  # values at the corners of their convex hull, in order
    chosen: int  # the key that was taken in hand
    place: tuple[float, float]  # its angle in degrees, and its length

    @property
    def winner(self) -> int:
        """The key with the largest weight."""
        return int(self.weights.argmax())

    @property
    def won(self) -> float:
        """The share of all query directions that the chosen key wins."""
        return copying.share_won(self.sectors, self.chosen)


def plane_scene(
    number: int,
    angle: float,
    length: float,
    chosen: int = 0,
    turn: float = 0.0,
    stretch: float = 1.0,
    value_turn: float = 0.0,
) -> PlaneScene:
    """The first `number` keys, and a query of that angle (degrees) and length. Exercise 2a.

    Key `chosen` (from 0; beyond the last it means the last) is turned and stretched, and its value
    is turned, both about the origin.
    """
    chosen = min(chosen, number - 1)
    angles, lengths = np.array(_KEYS[:number], dtype=float).T
    angles[chosen] = (angles[chosen] + turn) % 360
    lengths[chosen] *= stretch
    keys = lengths[:, None] * _directions(angles)  # (n, 2)
    values = np.array(_VALUES[:number])
    values[chosen] = values[chosen] @ _directions(np.array([value_turn, value_turn + 90]))
    query = length * _directions(np.array([angle]))[0]
    weights = copying.attention_weights(keys, query)
    return PlaneScene(
        keys,
        values,
        query,
        weights,
        copying.attention_output(weights, values),
        winning_sectors(keys),
        hull(values),
        chosen,
        (float(angles[chosen]), float(lengths[chosen])),
    )


def _directions(degrees: Array) -> Array:
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=-1)


@dataclass(frozen=True)
class AverageScene:
    """The report's averaging query at work: weights `(n,)`, values and output in the plane."""

    weights: Array
    values: Array
    output: Array
    target: Array
    pair: tuple[int, int]  # the two keys to average, a and b
    exact: tuple[float, float]  # weight on each of the two, and on each of the others
    gap: float  # c1 - c2

    @property
    def error(self) -> float:
        """Distance of the output from the average of the two values; values have length 1."""
        return float(np.linalg.norm(self.output - self.target))


def average_scene(n: int, c1: float, c2: float, x: float) -> AverageScene:
    """`q = c1 (k_a + k_b) + c2 (the other keys) + x`, x orthogonal to all keys. Exercise 2b."""
    keys = np.eye(n, n + 1)  # orthonormal, and one direction is left over for x
    a, b = 0, n // 3 or 1
    beyond = x * np.eye(n + 1)[n]
    query = copying.averaging_query(keys, a, b, c1, c2, orthogonal=beyond)
    weights = copying.attention_weights(keys, query)
    values = _directions(90 + 360 * np.arange(n) / n)
    two, rest = copying.averaging_weights(n, c1, c2)
    return AverageScene(
        weights,
        values,
        copying.attention_output(weights, values),
        (values[a] + values[b]) / 2,
        (a, b),
        (float(two), float(rest)),
        c1 - c2,
    )


# Eight pale colours, told apart by lightness too; each region also carries its key's number.
_REGIONS = (
    "#f6d9c4", "#cfe3ea", "#e8e3c8", "#d9d2e9", "#d3e8d0", "#f2cfd6", "#dfe3e8", "#f7e8b8",
)  # fmt: skip


_RIM = 1.3  # radius of the disc of directions, in lengths of keys


def _bar_chart(frame: svg.Frame, values: Array, marked: Sequence[int]) -> str:
    """One bar for each key, from zero; the marked ones in the warm colour."""
    shapes = []
    for i, value in enumerate(values.tolist()):
        fill = svg.WARM if i in marked else svg.COOL
        (x0, y0), (x1, y1) = frame.at(i + 0.1, max(value, 0.0)), frame.at(i + 0.9, min(value, 0.0))
        shapes.append(
            svg.polygon([(x0, y0), (x1, y0), (x1, max(y1, y0 + 1)), (x0, max(y1, y0 + 1))], fill)
        )
    return "".join(shapes)


def _key_numbers(frame: svg.Frame, n: int) -> str:
    bottom = frame.top + frame.height
    every = 1 if n <= 16 else 4
    return "".join(
        svg.text(frame.at(i + 0.5, 0)[0], bottom + 16, str(i + 1), svg.SMALL, svg.GREY, "middle")
        for i in range(0, n, every)
    )


def copy_picture(scene: CopyScene) -> str:
    """Left the logits with the threshold for copying, right the weights they become."""
    n = len(scene.logits)
    divided = "" if scene.divisor == 1 else f", before it is divided by {scene.divisor:g}"
    low = min(0.0, float(scene.logits.min()))
    high = max(float(scene.logits.max()), scene.needed, 1.0) * 1.12
    logits, weights = svg.left_frame((0, n), (low, high)), svg.right_frame((0, n), (0, 1.1))
    body = [
        logits.axes("key", f"logit, key · query{divided}", [], svg.round_ticks(low, high)),
        _bar_chart(logits, scene.logits, [scene.which]),
        logits.across(scene.needed, f"for {WANTED:.0%} it needs {scene.needed:.2f}", svg.WARM),
        weights.axes("key", "attention weight", [], svg.HALVES),
        _bar_chart(weights, scene.weights, [scene.which]),
        weights.across(WANTED, f"{WANTED:.0%}", svg.WARM),
        _key_numbers(logits, n),
        _key_numbers(weights, n),
    ]
    alt = f"logits and attention weights of {n} keys; key {scene.which + 1} is the one to copy"
    return svg.picture(svg.WIDTH, svg.HEIGHT, "".join(body), alt)


def _wedge(frame: svg.Frame, start: float, end: float, fill: str) -> str:
    pieces = max(2, math.ceil((end - start) / 0.1))
    rim = [start + (end - start) * i / pieces for i in range(pieces + 1)]
    outline = [frame.at(0, 0), *(frame.at(_RIM * math.cos(a), _RIM * math.sin(a)) for a in rim)]
    return svg.polygon(outline, fill)


def plane_picture(scene: PlaneScene) -> str:
    """Left the query among the keys and whose region it points into, right the output."""
    alt = f"{len(scene.keys)} keys in the plane with their regions, and the output among the values"
    return svg.picture(svg.WIDTH, 300, _plane_keys(scene) + _plane_values(scene), alt)


def _plane_keys(scene: PlaneScene) -> str:
    frame = svg.Frame(30, 34, 250, 250, (-1.35, 1.35), (-1.35, 1.35))
    body = [svg.text(30, 22, "keys, and the query that looks for one", svg.TITLE)]
    for sector in scene.sectors:
        body.append(_wedge(frame, sector.start, sector.end, _REGIONS[sector.winner]))
    for i, (x, y) in enumerate(scene.keys.tolist()):
        size, colour = math.hypot(x, y), svg.WARM if i == scene.winner else svg.INK
        inside = min(1.0, _RIM / size) if size else 1.0  # a longer key stands on the rim
        at, name = frame.at(inside * x, inside * y), f"k{i + 1}"
        if i == scene.chosen:
            body.append(svg.dot(*at, 7, "none", f"stroke='{colour}' stroke-width='1.5'"))
        body.append(svg.dot(*at, 4, colour))
        name += f", {size:.1f} long" if inside < 1 else ""
        body.append(svg.text(at[0] + 8, at[1] - 6, name, svg.SMALL))
    length = float(np.hypot(*scene.query))
    if length > 0:
        # A long query leaves the page, and only its direction matters there: 20 reaches the rim.
        tip = scene.query / length * (0.25 + 1.0 * min(1.0, length / 20))
        body.append(svg.arrow(*frame.at(0, 0), *frame.at(*tip.tolist()), svg.COOL))
    return "".join(body)


def _plane_values(scene: PlaneScene) -> str:
    frame = svg.Frame(410, 34, 250, 250, (-1.2, 1.2), (-1.2, 1.2))
    body = [svg.text(410, 22, "values, and the output among them", svg.TITLE)]
    corners = [frame.at(*scene.values[i].tolist()) for i in scene.hull]
    body.append(svg.polygon(corners, svg.PALE, f"stroke='{svg.GREY}' stroke-dasharray='4 3'"))
    output = frame.at(*scene.output.tolist())
    for i, (x, y) in enumerate(scene.values.tolist()):
        at, weight = frame.at(x, y), float(scene.weights[i])
        body.append(svg.line([at, output], svg.WARM, f"opacity='{weight:.2f}'"))
        body.append(svg.dot(*at, 3 + 9 * weight**0.5, _REGIONS[i], f"stroke='{svg.INK}'"))
        body.append(svg.text(at[0] + 9, at[1] - 7, f"v{i + 1} {weight:.0%}", svg.SMALL))
    return "".join([*body, svg.dot(*output, 6, svg.COOL)])


def average_picture(scene: AverageScene) -> str:
    """Left the weights beside the exact ones, right the output beside the true average."""
    n = len(scene.weights)
    a, b = scene.pair
    left = svg.left_frame((0, n), (0, 1.08))
    right = svg.Frame(430, 34, 236, 236, (-1.2, 1.2), (-1.2, 1.2))
    body = [
        left.axes("key", "attention weight", [], svg.HALVES),
        _bar_chart(left, scene.weights, [a, b]),
        left.across(0.5, "one half", svg.WARM),
        _key_numbers(left, n),
        svg.text(430, 22, "values on a circle, and the output", svg.TITLE),
    ]
    for i, (x, y) in enumerate(scene.values.tolist()):
        at = right.at(x, y)
        body.append(svg.dot(*at, 6 if i in (a, b) else 4, svg.WARM if i in (a, b) else svg.GREY))
        name = {a: "v_a", b: "v_b"}.get(i, "")
        body.append(svg.text(at[0] + 9, at[1] + 4, name, svg.SMALL))
    target, output = right.at(*scene.target.tolist()), right.at(*scene.output.tolist())
    chord = [right.at(*scene.values[i].tolist()) for i in (a, b)]
    body.append(svg.line(chord, svg.WARM, "stroke-dasharray='4 3'"))
    body.append(svg.line([output, target], svg.INK, "stroke-width='2'"))
    body.append(svg.dot(*target, 7, "white", f"stroke='{svg.WARM}' stroke-width='2.5'"))
    body.append(svg.dot(*output, 5, svg.COOL))
    body.append(svg.text(548, 290, "ring: true average; dot: output", svg.SMALL, svg.INK, "middle"))
    alt = f"weights of {n} keys, and the distance of the output from the average of two values"
    return svg.picture(svg.WIDTH, svg.HEIGHT, "".join(body), alt)


def copy_explorer() -> Explorer[CopyScene]:
    """Copying one value: logits, the threshold, and the weights (exercise 2a)."""

    def compute(n: int, which: int, scale: float, others: Any, divisor: float) -> CopyScene:
        return copy_scene(n, which - 1, scale, others, divisor)

    def caption(scene: CopyScene) -> str:
        logit, weight = scene.logits[scene.which], scene.weights[scene.which]
        short = scene.needed - logit
        verdict = f"it is {short:.2f} short" if short > 0 else f"it has {-short:.2f} to spare"
        return (
            f"Key {scene.which + 1} of {len(scene.logits)} has the logit {logit:.2f} and gets "
            f"{weight:.1%} of the weight. For {WANTED:.0%} it needs a logit of "
            f"{scene.needed:.2f} with the others as they are: {verdict}."
        )

    controls = {
        "n": count("keys", 8, 2, 32),
        "which": count("key to copy", 3, 1, 32),
        "scale": number("its logit", 4.0, -2.0, 60.0, 0.1),
        "others": choice("the other logits", ["all equal", "spread out", "one rival"], "all equal"),
        "divisor": choice("divide the logits by", [1, 2, 4, 8], 1),
    }
    return Explorer(controls, compute, copy_picture, caption, name="copy")


def plane_explorer() -> Explorer[PlaneScene]:
    """A query and a key turn and grow among other keys in the plane (exercise 2a)."""

    def compute(chosen: int, **at: Any) -> PlaneScene:
        return plane_scene(chosen=chosen - 1, **at)

    controls = {
        "number": count("keys", 5, 2, 8),
        "angle": number("query's angle (°)", 30, 0, 360, 5),
        "length": number("query's length", 4.0, 0.0, 20.0, 0.5),
        "chosen": count("a key to move", 4, 1, 8),
        "turn": number("turn it by (°)", 0, -180, 180, 5),
        "stretch": number("stretch it by", 1.0, 0.0, 4.0, 0.1),
        "value_turn": number("turn its value by (°)", 0, -180, 180, 5),
    }
    return Explorer(controls, compute, plane_picture, plane_caption, name="plane")


def plane_caption(scene: PlaneScene) -> str:
    """Who wins, where the output is, and what the key in hand gets."""
    if not scene.query.any():
        return f"Every key gets {scene.weights[0]:.1%}: the output is the mean of the values."
    best, (angle, length) = scene.winner, scene.place
    distance = float(((scene.output - scene.values[best]) ** 2).sum() ** 0.5)
    wins = f"wins in {scene.won:.0%} of all directions"
    return (
        f"Key {best + 1} wins with {scene.weights[best]:.1%} of the weight. The output is "
        f"{distance:.2f} away from its value. Key {scene.chosen + 1}, {length:.2f} long at "
        f"{angle:.0f}°, gets {scene.weights[scene.chosen]:.1%} and "
        f"{wins if scene.won else 'wins nowhere, since it lies between the others'}."
    )


def average_explorer() -> Explorer[AverageScene]:
    """Averaging two values with the report's query (exercise 2b)."""

    def caption(scene: AverageScene) -> str:
        two, rest = scene.exact
        return (
            f"c1 - c2 = {scene.gap:.1f}: each of the two gets {two:.2%}, each other key "
            f"{rest:.3%}. The output is {scene.error:.4f} away from the true average of v_a "
            "and v_b."
        )

    controls = {
        "n": count("keys", 8, 3, 16),
        "c1": number("c1, on k_a and k_b", 3.0, -2.0, 12.0, 0.1),
        "c2": number("c2, on the others", 0.0, -5.0, 5.0, 0.1),
        "x": number("length of x", 0.0, 0.0, 10.0, 0.5),
    }
    return Explorer(controls, average_scene, average_picture, caption, name="average")
