"""Pictures of a plane in which query and keys are moved by hand (exercises 2a, 2b)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nlp4.maths import copying
from nlp4.maths.copying import Sector, hull, winning_sectors
from nlp4.pictures import svg
from nlp4.pictures.controls import Kept, choice, count, number
from nlp4.pictures.copying import Array, bar_chart, directions
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values

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


# Of each key in the plane: turned by (degrees), stretched by, its value turned by (degrees).
Places = tuple[tuple[float, float, float], ...]


UNMOVED: Places = ((0.0, 1.0, 0.0),) * len(_KEYS)


def plane_scene(
    number: int, angle: float, length: float, chosen: int = 0, places: Places = UNMOVED
) -> PlaneScene:
    """The first `number` keys, and a query of that angle (degrees) and length. Exercise 2a.

    Each key is turned and stretched as its place says, and its value is turned, all about the
    origin. Key `chosen` (from 0; beyond the last it means the last) is the one in hand.
    """
    chosen = min(chosen, number - 1)
    turns, stretches, value_turns = np.array(places[:number], dtype=float).T
    angles, lengths = np.array(_KEYS[:number], dtype=float).T
    angles, lengths = (angles + turns) % 360, lengths * stretches
    keys = lengths[:, None] * directions(angles)  # (n, 2)
    rotations = np.stack([directions(value_turns), directions(value_turns + 90)], axis=1)
    values = np.einsum("nd,nde->ne", np.array(_VALUES[:number]), rotations)
    query = length * directions(np.array([angle]))[0]
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


@dataclass(frozen=True)
class PairScene:
    """Two keys that need be neither orthogonal nor equally long, and a query for both.

    `pair` `(2, 2)` holds k_a and k_b in the plane that they span; the other keys have length 1
    and stand at right angles to it. `weights` `(n,)` are those of k_a, k_b and the others.
    """

    pair: Array
    query: Array  # (2,)
    logits: Array  # (2,), of k_a and k_b; the others have 0
    weights: Array

    @property
    def share(self) -> float:
        """What k_a gets of the weight that the two keys have."""
        return float(self.weights[0] / self.weights[:2].sum())

    @property
    def cosine(self) -> float:
        """Of the angle between the two keys."""
        a, b = self.pair
        return float(a @ b / (np.hypot(*a) * np.hypot(*b)))


SUM, EVEN = "c (k_a + k_b)", "one with equal logits"


def pair_scene(
    n: int, c: float, how: str, angle_a: float, length_a: float, angle_b: float, length_b: float
) -> PairScene:
    """k_a and k_b by angle (degrees) and length, the other n - 2 keys at right angles to both.

    The query is exercise 2b's `c (k_a + k_b)`, or the one that gives both keys the logit c.
    """
    pair = np.array([[length_a], [length_b]]) * directions(np.array([angle_a, angle_b]))
    query = c * (pair.sum(axis=0) if how == SUM else copying.even_query(pair))
    logits = pair @ query
    weights = copying.softmax(np.concatenate([logits, np.zeros(n - 2)]))
    return PairScene(pair, query, logits, weights)


# Eight pale colours, told apart by lightness too; each region also carries its key's number.
_REGIONS = (
    "#f6d9c4", "#cfe3ea", "#e8e3c8", "#d9d2e9", "#d3e8d0", "#f2cfd6", "#dfe3e8", "#f7e8b8",
)  # fmt: skip


_RIM = 1.3  # radius of the disc of directions, in lengths of keys


def _wedge(frame: svg.Frame, start: float, end: float, fill: str) -> str:
    pieces = max(2, math.ceil((end - start) / 0.1))
    rim = [start + (end - start) * i / pieces for i in range(pieces + 1)]
    outline = [frame.at(0, 0), *(frame.at(_RIM * math.cos(a), _RIM * math.sin(a)) for a in rim)]
    return svg.polygon(outline, fill)


_PLANE = svg.Frame(30, 44, 290, 290, (-1.35, 1.35), (-1.35, 1.35))


_VALUE_PLANE = svg.Frame(20, 34, 270, 270, (-1.2, 1.2), (-1.2, 1.2))


_LONG = 20  # a query so long reaches the rim: a longer one would leave the page


def plane_picture(scene: PlaneScene) -> str:
    """Left the query among the keys and whose region it points into, right the output."""
    alt = f"{len(scene.keys)} keys in the plane with their regions, and the output among the values"
    parts = [svg.Panel(part, height=344) for part in (_plane_keys(scene), _plane_values(scene))]
    return svg.panels(parts, alt)


def _on_disc(key: Array) -> tuple[float, float]:
    """Where a key stands in the picture; a longer one than the disc is wide, on its rim."""
    size = float(np.hypot(*key))
    inside = min(1.0, _RIM / size) if size else 1.0
    return _PLANE.at(*(inside * key).tolist())


def _tip(query: Array) -> tuple[float, float]:
    """Where the query's arrow ends: its direction is true, its length is drawn to fit."""
    length = float(np.hypot(*query))
    if length == 0:
        return _PLANE.at(0, 0)
    return _PLANE.at(*(query / length * (0.25 + min(1.0, length / _LONG))).tolist())


def _plane_keys(scene: PlaneScene) -> str:
    body = [svg.text(30, 18, "keys, and the query that looks for one", svg.TITLE)]
    for sector in scene.sectors:
        body.append(_wedge(_PLANE, sector.start, sector.end, _REGIONS[sector.winner]))
    for i, key in enumerate(scene.keys):
        colour = svg.WARM if i == scene.winner else svg.INK
        at, size = _on_disc(key), float(np.hypot(*key))
        body.append(svg.dot(*at, 4, colour))
        name = f"k{i + 1}" + (f": {size:.1f}" if size > _RIM else "")
        style = svg.BOLD if i == scene.winner else svg.SMALL
        # A name on the right half stands left of its key, so that none is cut off.
        right = at[0] > 240
        anchor, gap = ("end", -10) if right else ("start", 10)
        body.append(svg.text(at[0] + gap, at[1] - 8, name, style, svg.INK, anchor))
    if scene.query.any():
        body.append(svg.arrow(*_PLANE.at(0, 0), *_tip(scene.query), svg.COOL))
    return "".join(body)


def _plane_values(scene: PlaneScene) -> str:
    body = [svg.text(10, 18, "values, and the output (dot) among them", svg.TITLE)]
    corners = [_VALUE_PLANE.at(*scene.values[i].tolist()) for i in scene.hull]
    body.append(svg.polygon(corners, svg.PALE, f"stroke='{svg.GREY}' stroke-dasharray='4 3'"))
    output = _VALUE_PLANE.at(*scene.output.tolist())
    for i, (x, y) in enumerate(scene.values.tolist()):
        at, weight = _VALUE_PLANE.at(x, y), float(scene.weights[i])
        body.append(svg.line([at, output], svg.WARM, f"opacity='{weight:.2f}'"))
        body.append(svg.dot(*at, 3 + 9 * weight**0.5, _REGIONS[i], f"stroke='{svg.INK}'"))
        body.append(svg.text(at[0] + 14, at[1] - 8, f"v{i + 1} {weight:.0%}", svg.SMALL))
    return "".join([*body, svg.dot(*output, 6, svg.COOL)])


def plane_handles(scene: PlaneScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The query, each key, and the value of the key in hand."""
    length = float(np.hypot(*scene.query))
    angle = controls["angle"].value
    told = f"{angle:.0f} degrees, {length:.1f} long"
    label = "query: left and right turn it, up and down change its length"
    drag = partial(_drag_query, controls)
    found = [Handle("query", label, told, _tip(scene.query), drag, ("angle", "length"))]
    for i, key in enumerate(scene.keys):
        label = f"key {i + 1}: left and right turn it, up and down stretch it"
        degrees = math.degrees(math.atan2(key[1], key[0])) % 360
        told = f"{degrees:.0f} degrees, {np.hypot(*key):.2f} long, weight {scene.weights[i]:.1%}"
        drag, hold = partial(_drag_key, controls, i), {"chosen": i + 1}
        found.append(
            Handle(f"k{i + 1}", label, told, _on_disc(key), drag, ("turn", "stretch"), hold)
        )
    chosen = scene.chosen
    at, drag = _VALUE_PLANE.at(*scene.values[chosen].tolist()), partial(_drag_value, controls)
    label, told = f"value {chosen + 1}: left and right turn it", ""
    found.append(Handle("value", label, told, at, drag, ("value_turn", ""), {}, panel=1))
    return found


def _polar(frame: svg.Frame, x: float, y: float) -> tuple[float, float]:
    """Angle in degrees and length of a place on the page."""
    across, up = frame.under(x, y)
    return math.degrees(math.atan2(up, across)), math.hypot(across, up)


def _drag_query(controls: Mapping[str, Any], x: float, y: float) -> Values:
    angle, drawn = _polar(_PLANE, x, y)
    length = max(0.0, drawn - 0.25) * _LONG
    return {"angle": controls["angle"].on_grid(angle), "length": controls["length"].on_grid(length)}


def _drag_key(controls: Mapping[str, Any], which: int, x: float, y: float) -> Values:
    angle, length = _polar(_PLANE, x, y)
    own_angle, own_length = _KEYS[which]
    return {
        "turn": controls["turn"].on_grid(angle - own_angle),
        "stretch": controls["stretch"].on_grid(length / own_length),
    }


def _drag_value(controls: Mapping[str, Any], x: float, y: float) -> Values:
    angle, _ = _polar(_VALUE_PLANE, x, y)
    which = min(controls["chosen"].value, controls["number"].value) - 1
    own = math.degrees(math.atan2(_VALUES[which][1], _VALUES[which][0]))
    return {"value_turn": controls["value_turn"].on_grid(angle - own)}


_RING = f"stroke='{svg.GREY}' stroke-dasharray='3 4'"
_PAIR_PLANE = svg.Frame(30, 34, 290, 290, (-2.2, 2.2), (-2.2, 2.2))


def pair_picture(scene: PairScene) -> str:
    """Left the two keys and the query's direction in their plane, right the weights."""
    n = len(scene.weights)
    origin = _PAIR_PLANE.at(0, 0)
    left = [svg.text(30, 22, "the plane of k_a and k_b", svg.TITLE)]
    for radius in (1.0, 2.0):
        size = radius * _PAIR_PLANE.width / 4.4
        left.append(svg.dot(*origin, size, "none", f"stroke='{svg.GREY}' stroke-dasharray='3 4'"))
        left.append(
            svg.text(origin[0] + 4, origin[1] + size - 4, f"{radius:g}", svg.SMALL, svg.GREY)
        )
    length = float(np.hypot(*scene.query))
    if length > 1e-9:
        tip = _PAIR_PLANE.at(*(scene.query / length * 2.1).tolist())
        left.append(svg.line([origin, tip], svg.COOL, "stroke-width='2' stroke-dasharray='7 4'"))
        left.append(
            svg.text(30, 330, f"dashes: the query's direction; {length:.2f} long", svg.SMALL)
        )
    for name, key in zip(("k_a", "k_b"), scene.pair, strict=True):
        at = _PAIR_PLANE.at(*key.tolist())
        left.append(svg.arrow(*origin, *at, svg.WARM))
        anchor, gap = ("end", -12) if at[0] > 240 else ("start", 12)
        left.append(svg.text(at[0] + gap, at[1] - 8, name, svg.BOLD, svg.INK, anchor))
    frame = svg.panel_frame((0, n), (0, 1.08))
    right = [
        frame.axes("key", "attention weight", [], svg.HALVES),
        bar_chart(frame, scene.weights, [0, 1]),
        frame.across(0.5, "one half", svg.WARM),
        svg.text(frame.at(0.5, 0)[0], 266, "k_a", svg.SMALL, svg.INK, "middle"),
        svg.text(frame.at(1.5, 0)[0], 266, "k_b", svg.SMALL, svg.INK, "middle"),
        svg.text(frame.at(2.2, 0)[0], 266, "others", svg.SMALL, svg.GREY),
    ]
    alt = f"two keys in their plane, and the weights of {n} keys"
    parts = [svg.Panel("".join(left), height=340), svg.Panel("".join(right))]
    return svg.panels(parts, alt)


def pair_handles(scene: PairScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The two keys."""
    found = []
    for i, key in enumerate(scene.pair):
        letter = "ab"[i]
        names = (f"angle_{letter}", f"length_{letter}")
        angle, length = (controls[name].value for name in names)
        told = f"{angle:.0f} degrees, {length:.1f} long, weight {scene.weights[i]:.1%}"
        label = f"k_{letter}: left and right turn it, up and down change its length"
        drag = partial(_drag_pair, controls, names)
        found.append(Handle(f"k-{letter}", label, told, _PAIR_PLANE.at(*key.tolist()), drag, names))
    return found


def _drag_pair(controls: Mapping[str, Any], names: tuple[str, str], x: float, y: float) -> Values:
    places = zip(names, _polar(_PAIR_PLANE, x, y), strict=True)
    return {name: controls[name].on_grid(value) for name, value in places}


def plane_explorer() -> Explorer[PlaneScene]:
    """A query and keys turn and grow in the plane, by slider or by hand (exercise 2a)."""
    controls: dict[str, Any] = {
        "number": count("keys", 5, 2, 8),
        "angle": number("query's angle (°)", 30, 0, 360, 5, wraps=True),
        "length": number("query's length", 4.0, 0.0, 20.0, 0.5),
        "chosen": count("a key to move", 4, 1, 8),
        "turn": number("turn it by (°)", 0, -180, 180, 5, wraps=True),
        "stretch": number("stretch it by", 1.0, 0.0, 4.0, 0.1),
        "value_turn": number("turn its value by (°)", 0, -180, 180, 5, wraps=True),
        "places": Kept("where each key is", UNMOVED),
    }

    def compute(
        number: int, angle: float, length: float, chosen: int, places: Places, **sliders: float
    ) -> PlaneScene:
        return plane_scene(number, angle, length, chosen - 1, places)

    return Explorer(
        controls,
        compute,
        plane_picture,
        plane_caption,
        name="plane",
        handles=partial(plane_handles, controls=controls),
        settle=_settle_plane,
        lecture=_PLANE_LECTURE,
    )


_IN_HAND = ("turn", "stretch", "value_turn")


_PLANE_LECTURE = (
    Prepared("the query looks for the key that points its way", {}),
    Prepared("a longer query copies", {"length": 20.0}),
    Prepared("key 4 lies between the others: no query finds it", {"angle": 95.0, "length": 20.0}),
    Prepared("stretched, it wins a region", {"angle": 95.0, "length": 20.0, "stretch": 3.5}),
    Prepared("no query at all: the mean of the values", {"length": 0.0}),
)


def _settle_plane(values: Values, moved: str) -> Values:
    """The sliders show the key in hand, and what they do to it stays when another is taken."""
    places, which = list(values["places"]), min(values["chosen"], values["number"]) - 1
    if moved in _IN_HAND:
        places[which] = tuple(values[name] for name in _IN_HAND)
        return {"places": tuple(places)}
    return dict(zip(_IN_HAND, places[which], strict=True))


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


def pair_explorer() -> Explorer[PairScene]:
    """Averaging two keys that are dragged out of their right angle (exercise 2b)."""
    controls: dict[str, Any] = {
        "n": count("keys", 8, 3, 16),
        "c": number("c", 4.0, 0.0, 12.0, 0.1),
        "how": choice("the query is", [SUM, EVEN], SUM),
        "angle_a": number("k_a's angle (°)", 0, -180, 180, 5, wraps=True),
        "length_a": number("k_a's length", 1.0, 0.1, 2.0, 0.1),
        "angle_b": number("k_b's angle (°)", 90, -180, 180, 5, wraps=True),
        "length_b": number("k_b's length", 1.0, 0.1, 2.0, 0.1),
    }
    return Explorer(
        controls,
        pair_scene,
        pair_picture,
        pair_caption,
        name="pair",
        handles=partial(pair_handles, controls=controls),
        lecture=_PAIR_LECTURE,
    )


_PAIR_LECTURE = (
    Prepared("at right angles and equally long: half and half", {}),
    Prepared("nearer to each other: still half and half", {"angle_b": 40.0}),
    Prepared("opposite: the sum is nothing", {"angle_b": 180.0}),
    Prepared("one longer: it takes nearly all", {"length_b": 1.5}),
    Prepared("a query of equal logits mends it", {"length_b": 1.5, "how": EVEN}),
)


def pair_caption(scene: PairScene) -> str:
    """How the two logits differ, and what that does to their shares."""
    a, b = scene.logits
    return (
        f"The keys have the cosine {scene.cosine:.2f}; their logits are {a:.2f} and {b:.2f}. "
        f"k_a gets {scene.weights[0]:.1%} of the weight, k_b {scene.weights[1]:.1%}, the others "
        f"{scene.weights[2:].sum():.1%}: of what the two have, k_a has {scene.share:.1%}."
    )
