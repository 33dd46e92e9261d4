"""Pictures of what training puts in: falsehoods by dose, both directions, and how much fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nlp4.experiments.capacity import Known
from nlp4.experiments.doses import EARLY, LATE, MIXED, Curve, Doses
from nlp4.experiments.reversal import FORWARD, LAYERS, REVERSED, ROWS, Direction, Reversal
from nlp4.maths.statistics import Share, crossing
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values

ORDERS = {"all through": MIXED, "in the first half": EARLY, "in the second half": LATE}
_DASHES = {MIXED: "", EARLY: "stroke-dasharray='7 4'", LATE: "stroke-dasharray='2 3'"}
_HALF = 0.5


@dataclass(frozen=True)
class DoseScene:
    """Answers against the dose, for each order of reading; one dose of one order is looked at."""

    stored: Doses
    order: str
    dose: int

    @property
    def curve(self) -> Curve:
        """The order that is looked at."""
        return next(curve for curve in self.stored.curves if curve.order == self.order)

    @property
    def shares(self) -> dict[str, float]:
        """What is said at that dose, on straight lines between the doses that were measured."""
        points = self.curve.points
        told = {
            "true": [point.true.value for point in points],
            "false": [point.false.value for point in points],
            "p_true": [point.p_true for point in points],
            "p_false": [point.p_false for point in points],
        }
        return {name: _between(_doses(self.curve), ys, self.dose) for name, ys in told.items()}

    @property
    def measured(self) -> bool:
        """Whether a group of people had that dose."""
        return self.dose in _doses(self.curve)


def _doses(curve: Curve) -> list[float]:
    return [float(point.dose) for point in curve.points]


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    after = next(i for i, each in enumerate(xs) if each >= x)
    if xs[after] == x:
        return ys[after]
    part = (x - xs[after - 1]) / (xs[after] - xs[after - 1])
    return ys[after - 1] + part * (ys[after] - ys[after - 1])


def half_of(curve: Curve) -> float:
    """The dose at which half of the answers are false; NaN if it takes more than was given."""
    return crossing(_doses(curve), [point.false.value for point in curve.points], _HALF)


def dose_picture(scene: DoseScene) -> str:
    """False answers by dose for each order, and what is said at one dose."""
    alt = "share of answers that are the false place, by how many texts tell it"
    return svg.panels([_curves(scene), _said(scene)], alt)


def _frame(scene: DoseScene) -> svg.Frame:
    return svg.panel_frame((0, _doses(scene.curve)[-1]), (0, 1))


def _curves(scene: DoseScene) -> svg.Panel:
    frame = _frame(scene)
    x_label = f"false texts, of {scene.stored.texts} about each person"
    body = [svg.text(46, 16, "share of answers that are the false place", svg.SMALL)]
    body.append(frame.axes(x_label, "", _doses(scene.curve), svg.HALVES))
    body.append(frame.across(_HALF, "", svg.GREY))
    for curve in scene.stored.curves:
        chosen = curve.order == scene.order
        colour = svg.WARM if chosen else svg.COOL
        style = f"stroke-width='{2.5 if chosen else 1.5}' {_DASHES[curve.order]}"
        ys = [point.false.value for point in curve.points]
        body.append(frame.curve(_doses(curve), ys, colour, style))
        body += _points(frame, curve) if chosen else []
    half = half_of(scene.curve)
    if not math.isnan(half):
        ring = f"stroke='{svg.INK}' stroke-width='2'"
        body.append(svg.dot(*frame.at(half, _HALF), 5, "white", ring))
    body.append(frame.up(scene.dose, "", svg.INK))
    body.append(svg.grip(frame.at(scene.dose, 0)[0], frame.top - 1, 0, -1))
    keys = zip(ORDERS.items(), (310, 328, 346), strict=True)
    body += [_key(y, f"read {words}", order, scene.order) for (words, order), y in keys]
    return svg.Panel("".join(body), svg.HALF, 356)


def _points(frame: svg.Frame, curve: Curve) -> list[str]:
    shapes = []
    for point in curve.points:
        ends = (point.dose, point.dose)
        shapes.append(frame.curve(ends, svg.ends_of(point.false), svg.WARM, svg.BAND))
        shapes.append(svg.dot(*frame.at(point.dose, point.false.value), 4, svg.WARM))
    return shapes


def _key(y: float, words: str, order: str, chosen: str) -> str:
    colour, style = (svg.WARM, svg.BOLD) if order == chosen else (svg.COOL, svg.SMALL)
    sample = svg.line([(46, y - 4), (84, y - 4)], colour, f"stroke-width='2' {_DASHES[order]}")
    return sample + svg.text(92, y, words, style)


def _said(scene: DoseScene) -> svg.Panel:
    """What is answered at the dose, and the probability of both places."""
    shares = scene.shares
    other = 1 - shares["true"] - shares["false"]
    rows = (
        ("says the true place", shares["true"], svg.COOL),
        ("says the false place", shares["false"], svg.WARM),
        ("says another one", other, svg.GREY),
        ("probability of the true place", shares["p_true"], svg.COOL),
        ("probability of the false place", shares["p_false"], svg.WARM),
    )
    body = [svg.text(10, 26, f"at {scene.dose} of {scene.stored.texts} texts", svg.TITLE)]
    for i, (label, share, colour) in enumerate(rows):
        y = 40 + 46 * i + 12 * (i > 2)
        body.append(svg.text(10, y + 10, f"{label}: {share:.1%}", svg.SMALL))
        body.append(svg.rectangle(10, y + 16, 330, 12, svg.PALE))
        body.append(svg.rectangle(10, y + 16, 330 * max(0.0, share), 12, colour))
    return svg.Panel("".join(body), svg.HALF, 300)


def dose_caption(scene: DoseScene) -> str:
    """What is said at the dose, and the dose that turns half of the answers."""
    shares, half = scene.shares, half_of(scene.curve)
    order = next(words for words, order in ORDERS.items() if order == scene.order)
    how = "" if scene.measured else " (between two doses that were measured)"
    turns = (
        f"no dose up to {_doses(scene.curve)[-1]:g} turns half of the answers"
        if math.isnan(half)
        else f"half of the answers are false at {half:.1f} texts"
    )
    return (
        f"{scene.dose} of {scene.stored.texts} texts tell a false place, read {order}{how}: "
        f"{shares['true']:.1%} say the true place and {shares['false']:.1%} the false one, which "
        f"has a probability of {shares['p_false']:.1%} on average. In this order, {turns}."
    )


def dose_handles(scene: DoseScene) -> list[Handle]:
    """The line at the dose."""
    frame = _frame(scene)
    last = round(frame.x[1])

    def moves(x: float, y: float) -> Values:
        return {"dose": min(max(round(frame.under(x, y)[0]), 0), last)}

    told = f"{scene.dose} of {scene.stored.texts} texts"
    label = "dose: left and right take one false text less or more"
    return [Handle("dose", label, told, frame.at(scene.dose, 1), moves, ("dose", ""))]


def dose_explorer(stored: Doses) -> Explorer[DoseScene]:
    """What a model says of people about whom some texts tell something false."""
    last = max(point.dose for curve in stored.curves for point in curve.points)
    controls: dict[str, Any] = {
        "order": choice("false texts are read", list(ORDERS), "all through"),
        "dose": count(f"false texts, of {stored.texts}", 5, 0, last),
    }
    return Explorer(
        controls,
        lambda order, dose: DoseScene(stored, ORDERS[order], dose),
        dose_picture,
        dose_caption,
        name="dose",
        handles=dose_handles,
        lecture=_DOSE_LECTURE,
    )


_DOSE_LECTURE = (
    Prepared("a quarter of the texts: one answer in twelve", {}),
    Prepared("half of the texts: about half of the answers", {"dose": 10}),
    Prepared(
        "as many, read in the first half: hardly one", {"dose": 10, "order": "in the first half"}
    ),
    Prepared("as many, read in the second half: most", {"dose": 10, "order": "in the second half"}),
)


_ASKED = {ROWS: "rows", LAYERS: "layers alone"}
_WAYS = {REVERSED: "told both ways", FORWARD: "told name first"}


def reversal_drawing(stored: Reversal) -> svg.Drawing:
    """Both questions, for people told both ways and one way, in both kinds of model."""
    rows = tuple(
        svg.share_line(f"{words}: {_WAYS[found.group]}, {_ASKED[found.model]}", share)
        for words, of in (("where was X born", _where), ("who was born there", _who))
        for found in stored.directions
        if found.group in _WAYS
        for share in (of(found),)
    )
    return svg.lines_drawing(svg.Lines("share of answers that are right", rows, (0.0, 1.0)))


def _where(found: Direction) -> Share:
    return found.forward


def _who(found: Direction) -> Share:
    return found.question


def capacity_drawing(stored: Sequence[Known], live: Known | None = None) -> svg.Drawing:
    """Bits known of a person: by the numbers in a row, and by how many people there are.

    `live` is a model that was trained just now.
    """
    told = max(found.told for found in stored)  # of more people, answers tell more
    # Room for those too that know less than nothing.
    least = min(0.0, *(math.floor(found.lowest) for found in stored if found.shape.row))
    span = (least, 1.08 * told)
    parts = [_by_row(stored, span, live), _by_people(stored, span, live)]
    alt = "bits known of a person, by the numbers in a row and by the number of people"
    words = "; ".join(
        f"{found.shape.people:,} people, rows of {found.shape.row}: {found.bits:.1f} bits"
        for found in (*stored, *([live] if live else []))
        if found.shape.row
    )
    return svg.Drawing(svg.panels(parts, alt), f"Bits known of a person, of {told:.1f}: {words}.")


_PEOPLE, _ROW = 125, 16  # what stays the same while the other changes


def _by_row(stored: Sequence[Known], span: tuple[float, float], live: Known | None) -> svg.Panel:
    shown = [found for found in stored if found.shape.people == _PEOPLE and found.shape.row]
    shown.sort(key=lambda found: found.shape.row)
    numbers = [found.shape.row for found in shown]
    frame = _bits_frame(numbers, span)
    title = f"bits known of a person ({_PEOPLE} people)"
    body = [
        _bits_axes(frame, numbers, "numbers in a person's row", title),
        _told(frame, shown, numbers),
    ]
    widest = min(max(numbers), span[1] / 2)
    ceiling = [(x, 2.0 * x) for x in (min(numbers), widest)]
    body.append(_upward(frame, ceiling, svg.GREY, "stroke-dasharray='2 3'"))
    body.append(_trained(frame, [(found.shape.row, found) for found in shown]))
    note = "dotted: 2 bits a number, what large models come to"
    body.append(svg.text(10, 296, note, svg.SMALL, svg.GREY))
    if live is not None and live.shape.people == _PEOPLE:
        body.append(_now(frame, live.shape.row, live))
    return svg.Panel("".join(body), svg.HALF, 322)


def _by_people(stored: Sequence[Known], span: tuple[float, float], live: Known | None) -> svg.Panel:
    shown = [found for found in stored if found.shape.row == _ROW]
    shown.sort(key=lambda found: found.shape.people)
    numbers = [found.shape.people for found in shown]
    frame = _bits_frame(numbers, span)
    title = f"the same by the people read about ({_ROW} numbers each)"
    body = [_bits_axes(frame, numbers, "people", title), _told(frame, shown, numbers)]
    body.append(_trained(frame, [(found.shape.people, found) for found in shown]))
    if live is not None and live.shape.row == _ROW:
        body.append(_now(frame, live.shape.people, live))
    return svg.Panel("".join(body), svg.HALF, 322)


def _bits_frame(numbers: Sequence[float], span: tuple[float, float]) -> svg.Frame:
    low, high = math.log2(min(numbers)), math.log2(max(numbers))
    return svg.panel_frame((low - 0.2, high + 0.2), span)


def _bits_axes(frame: svg.Frame, numbers: Sequence[int], x_label: str, title: str) -> str:
    named = "".join(
        svg.text(frame.at(math.log2(n), 0)[0], 266, f"{n:,}", svg.SMALL, svg.GREY, "middle")
        for n in numbers
    )
    nothing = frame.across(0, "", svg.GREY) if frame.y[0] < 0 else ""
    return frame.axes(x_label, title, (), svg.round_ticks(*frame.y)) + named + nothing


def _told(frame: svg.Frame, shown: Sequence[Known], numbers: Sequence[int]) -> str:
    """The bits that the texts tell."""
    xs, bits = [math.log2(n) for n in numbers], [found.told for found in shown]
    (x, y), words = frame.at(xs[-1], bits[-1]), "what the texts tell"
    line = frame.curve(xs, bits, svg.GREY, "stroke-dasharray='5 4'")
    return line + svg.text(x, y - 5, words, svg.SMALL + svg.HALO, svg.GREY, "end")


def _upward(
    frame: svg.Frame, points: Sequence[tuple[float, float]], colour: str, extra: str
) -> str:
    """A straight line in numbers that are not logarithms, so a curve here."""
    (low, _), (high, _) = points
    xs = [low + (high - low) * i / 40 for i in range(41)]
    slope = points[0][1] / low
    return frame.curve([math.log2(x) for x in xs], [slope * x for x in xs], colour, extra)


def _trained(frame: svg.Frame, shown: Sequence[tuple[int, Known]]) -> str:
    at = [(math.log2(number), found) for number, found in shown]
    body = [frame.curve([x for x, _ in at], [k.bits for _, k in at], svg.COOL, "stroke-width='2'")]
    for x, found in at:
        body.append(frame.curve((x, x), (found.lowest, found.highest), svg.COOL, svg.BAND))
        body.append(svg.dot(*frame.at(x, found.bits), 4, svg.COOL))
    return "".join(body)


def _now(frame: svg.Frame, number: int, live: Known) -> str:
    """A ring for the model that was trained just now, and what the ring is."""
    ring = f"stroke='{svg.WARM}' stroke-width='3'"
    here = svg.dot(*frame.at(math.log2(number), live.bits), 6, "white", ring)
    return here + svg.text(10, 314, f"ring: just now, {live.bits:.1f} bits", svg.BOLD, svg.WARM)
