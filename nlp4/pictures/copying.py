"""Pictures of copying and averaging: a query among keys, and its weights (exercises 2a, 2b)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlp4.maths import copying
from nlp4.pictures import svg
from nlp4.pictures.controls import Slider, choice, count, number
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values

Array = NDArray[np.float64]


Others = Literal["all equal", "spread out", "one rival"]


WANTED = 0.99  # the weight that counts as copying


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
    rivals = np.logaddexp.reduce(logits[rest] / divisor)
    needed = divisor * float(rivals + np.log(WANTED / (1 - WANTED)))
    return CopyScene(which, logits, divisor, copying.softmax(logits / divisor), needed)


def directions(degrees: Array) -> Array:
    """Vectors of length 1 in the plane, `(..., 2)`, by their angles in degrees."""
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
    values = directions(90 + 360 * np.arange(n) / n)
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


def bar_chart(frame: svg.Frame, values: Array, marked: Sequence[int]) -> str:
    """One bar for each key, from zero; the marked ones in the warm colour."""
    shapes = []
    for i, value in enumerate(values.tolist()):
        fill = svg.WARM if i in marked else svg.COOL
        (x0, y0), (x1, y1) = frame.at(i + 0.1, max(value, 0.0)), frame.at(i + 0.9, min(value, 0.0))
        shapes.append(
            svg.polygon([(x0, y0), (x1, y0), (x1, max(y1, y0 + 1)), (x0, max(y1, y0 + 1))], fill)
        )
    return "".join(shapes)


def _key_numbers(frame: svg.Frame, n: int, marked: Sequence[int]) -> str:
    """The keys' numbers below their bars, of many every fourth; those of the marked are bold."""
    y = frame.top + frame.height + 16
    near = {i + step for i in marked for step in range(-2, 3)} if n > 16 else set()
    shown = sorted({*marked, *(i for i in range(0, n, 1 if n <= 16 else 4) if i not in near)})
    styles = {i: (svg.BOLD, svg.WARM) if i in marked else (svg.SMALL, svg.GREY) for i in shown}
    return "".join(
        svg.text(frame.at(i + 0.5, 0)[0], y, str(i + 1), *styles[i], "middle") for i in shown
    )


def _logit_frame(scene: CopyScene) -> svg.Frame:
    """Room above the highest bar, by which a longer bar ends higher, however long it is."""
    low = min(0.0, float(scene.logits.min()))
    high = max(float(scene.logits.max()), scene.needed, 0.0) + 2 * scene.divisor
    return svg.panel_frame((0, len(scene.logits)), (low, high))


def copy_picture(scene: CopyScene) -> str:
    """Left the logits with the threshold for copying, right the weights they become."""
    n = len(scene.logits)
    divided = "" if scene.divisor == 1 else f", before it is divided by {scene.divisor:g}"
    logits, weights = _logit_frame(scene), svg.panel_frame((0, n), (0, 1.1))
    left = [
        logits.axes("key", f"logit, key · query{divided}", [], svg.round_ticks(*logits.y)),
        bar_chart(logits, scene.logits, [scene.which]),
        logits.across(scene.needed, f"for {WANTED:.0%} it needs {scene.needed:.2f}", svg.WARM),
        _key_numbers(logits, n, [scene.which]),
    ]
    right = [
        weights.axes("key", "attention weight", [], svg.HALVES),
        bar_chart(weights, scene.weights, [scene.which]),
        weights.across(WANTED, f"{WANTED:.0%}", svg.WARM),
        _key_numbers(weights, n, [scene.which]),
    ]
    alt = f"logits and attention weights of {n} keys; key {scene.which + 1} is the one to copy"
    return svg.panels([svg.Panel("".join(left)), svg.Panel("".join(right))], alt)


def _weight_frame(n: int) -> svg.Frame:
    return svg.panel_frame((0, n), (0, 1.08))


def average_picture(scene: AverageScene) -> str:
    """Left the weights beside the exact ones, right the output beside the true average."""
    n = len(scene.weights)
    a, b = scene.pair
    frame = _weight_frame(n)
    left = [
        frame.axes("key", "attention weight", [], svg.HALVES),
        bar_chart(frame, scene.weights, [a, b]),
        frame.across(0.5, "one half", svg.WARM),
        _key_numbers(frame, n, [a, b]),
    ]
    alt = f"weights of {n} keys, and the distance of the output from the average of two values"
    return svg.panels([svg.Panel("".join(left)), svg.Panel(_circle(scene))], alt)


def _circle(scene: AverageScene) -> str:
    a, b = scene.pair
    circle = svg.Frame(54, 34, 236, 236, (-1.2, 1.2), (-1.2, 1.2))
    body = [svg.text(20, 22, "values on a circle, and the output", svg.TITLE)]
    for i, (x, y) in enumerate(scene.values.tolist()):
        at = circle.at(x, y)
        body.append(svg.dot(*at, 6 if i in (a, b) else 4, svg.WARM if i in (a, b) else svg.GREY))
        name = {a: "v_a", b: "v_b"}.get(i, "")
        body.append(svg.text(at[0] + 9, at[1] + 4, name, svg.SMALL))
    target, output = circle.at(*scene.target.tolist()), circle.at(*scene.output.tolist())
    chord = [circle.at(*scene.values[i].tolist()) for i in (a, b)]
    body.append(svg.line(chord, svg.WARM, "stroke-dasharray='4 3'"))
    body.append(svg.line([output, target], svg.INK, "stroke-width='2'"))
    body.append(svg.dot(*target, 7, "white", f"stroke='{svg.WARM}' stroke-width='2.5'"))
    body.append(svg.dot(*output, 5, svg.COOL))
    body.append(svg.text(172, 290, "ring: true average; dot: output", svg.SMALL, svg.INK, "middle"))
    return "".join(body)


def copy_handles(scene: CopyScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The end of the chosen key's bar."""
    label = "the key to copy: left and right choose another, up and down change its logit"
    told = f"key {scene.which + 1}, logit {scene.logits[scene.which]:.1f}"
    at = _logit_frame(scene).at(scene.which + 0.5, scene.logits[scene.which])
    drag, hold = partial(_drag_copy, controls), {"which": scene.which + 1}
    return [Handle("key", label, told, at, drag, ("which", "scale"), hold)]


def _drag_copy(controls: Mapping[str, Any], x: float, y: float) -> Values:
    n, others, divisor = (controls[name].value for name in ("n", "others", "divisor"))
    key = svg.panel_frame((0, n), (0, 1)).under(x, y)[0]
    which = controls["which"].on_grid(min(key + 0.5, n))

    def end(scale: float) -> float:
        scene = copy_scene(n, which - 1, scale, others, divisor)
        return _logit_frame(scene).at(0, scale)[1]

    return {"which": which, "scale": _value_at(controls["scale"], y, end)}


def _value_at(control: Slider, y: float, end: Callable[[float], float]) -> float:
    """The value with which a bar ends nearest to y on the page; `end` tells where it then ends.

    The larger the value, the higher the bar. The axis may follow the value, so that what stands
    under the hand now is not what will stand there.
    """

    def value(step: int) -> float:
        return control.on_grid(control.min + step * control.step)

    steps = range(round((control.max - control.min) / control.step) + 1)
    first = bisect_left(steps, -y, key=lambda step: -end(value(step)))
    return min(value(first - 1), value(first), key=lambda near: abs(end(near) - y))


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

    controls: dict[str, Any] = {
        "n": count("keys", 8, 2, 32),
        "which": count("key to copy", 3, 1, 32),
        "scale": number("its logit", 4.0, -2.0, 60.0, 0.1),
        "others": choice("the other logits", ["all equal", "spread out", "one rival"], "all equal"),
        "divisor": choice("divide the logits by", [1, 2, 4, 8], 1),
    }
    return Explorer(
        controls,
        compute,
        copy_picture,
        caption,
        name="copy",
        handles=partial(copy_handles, controls=controls),
        lecture=_COPY_LECTURE,
    )


_COPY_LECTURE = (
    Prepared("one key has the larger logit, and does not yet copy", {}),
    Prepared("above the threshold it copies", {"scale": 7.0}),
    Prepared("more keys: the threshold rises slowly", {"scale": 7.0, "n": 32}),
    Prepared("a rival: the threshold rises with it", {"scale": 7.0, "others": "one rival"}),
    Prepared("divided: it takes a larger logit", {"scale": 7.0, "divisor": 4}),
)


def average_handles(scene: AverageScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The ends of two bars: k_a's, and the last key's for all the others."""
    n, found = len(scene.weights), []
    for name, words, which in (("c1", "k_a and k_b", 0), ("c2", "each other key", n - 1)):
        weight = float(scene.weights[which])
        label = f"the weight of {words}: up and down change {name}"
        told = f"{weight:.1%} with {name} = {controls[name].value:.1f}"
        at, drag = _weight_frame(n).at(which + 0.5, weight), partial(_drag_average, controls, name)
        found.append(Handle(name, label, told, at, drag, ("", name)))
    return found


def _drag_average(controls: Mapping[str, Any], name: str, x: float, y: float) -> Values:
    n, c1, c2 = (controls[each].value for each in ("n", "c1", "c2"))

    def end(value: float) -> float:
        c = {"c1": c1, "c2": c2, name: value}
        two, rest = copying.averaging_weights(n, c["c1"], c["c2"])
        return _weight_frame(n).at(0, float(two if name == "c1" else rest))[1]

    return {name: _value_at(controls[name], y, end)}


def average_explorer() -> Explorer[AverageScene]:
    """Averaging two values with the report's query (exercise 2b)."""

    def caption(scene: AverageScene) -> str:
        two, rest = scene.exact
        return (
            f"c1 - c2 = {scene.gap:.1f}: each of the two gets {two:.2%}, each other key "
            f"{rest:.3%}. The output is {scene.error:.4f} away from the true average of v_a "
            "and v_b."
        )

    controls: dict[str, Any] = {
        "n": count("keys", 8, 3, 16),
        "c1": number("c1, on k_a and k_b", 3.0, -2.0, 12.0, 0.1),
        "c2": number("c2, on the others", 0.0, -5.0, 5.0, 0.1),
        "x": number("length of x", 0.0, 0.0, 10.0, 0.5),
    }
    return Explorer(
        controls,
        average_scene,
        average_picture,
        caption,
        name="average",
        handles=partial(average_handles, controls=controls),
        lecture=_AVERAGE_LECTURE,
    )


_AVERAGE_LECTURE = (
    Prepared("the two keys share most of the weight", {}),
    Prepared("a wider gap: half and half", {"c1": 8.0}),
    Prepared("only the gap counts", {"c1": 10.0, "c2": 2.0}),
    Prepared("what is at right angles to all keys changes nothing", {"c1": 8.0, "x": 10.0}),
    Prepared("no gap: the mean of all values", {"c1": 0.0}),
)
