"""Pictures of confidence: the reliability diagram, abstaining, and the game's end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlp4.belief_scenes import AbstainScene, Game, ReliabilityScene
from nlp4.shapes import (
    COOL,
    GREY,
    INK,
    SMALL,
    SOFT,
    WARM,
    Frame,
    dot,
    line,
    picture,
    rectangle,
    text,
)
from nlp4.svg_beliefs import ends_of

_HALVES = (0, 0.25, 0.5, 0.75, 1)
_BAND = "stroke-width='6' stroke-opacity='.25'"


def reliability_picture(scene: ReliabilityScene) -> str:
    """Left the share of right answers against the confidence, right how many answers a bin has."""
    left = Frame(50, 34, 300, 240, (0, 1), (0, 1))
    most = max(b.right.n for b in scene.bins)
    right = Frame(440, 34, 300, 240, (0, 1), (0, most * 1.1))
    body = [
        left.axes("confidence", "share of right answers", _HALVES, _HALVES),
        left.curve((0, 1), (0, 1), GREY, "stroke-dasharray='5 4'"),
        right.axes("confidence", "answers in the bin", _HALVES, (0, most)),
    ]
    for b in scene.bins:
        ends = [left.at(b.sure, end) for end in ends_of(b.right)]
        gap = [left.at(b.sure, b.sure), left.at(b.sure, b.right.value)]
        body += [line(ends, COOL, _BAND), line(gap, WARM, "stroke-width='2'")]
        body.append(dot(*left.at(b.sure, b.right.value), 4, COOL))
        (x0, y0), (x1, base) = right.at(b.low, b.right.n), right.at(b.high, 0)
        body.append(rectangle(x0, y0, max(1.0, x1 - x0 - 1), base - y0, SOFT))
    body.append(text(60, 50, "dashes: calibrated", SMALL, GREY))
    body.append(text(60, 66, "orange: the gap of a bin", SMALL, WARM))
    alt = f"reliability diagram with {len(scene.bins)} bins, and the number of answers in each"
    return picture(780, 322, "".join(body), alt)


def abstain_picture(scene: AbstainScene) -> str:
    """Left accuracy against the share answered, right the confidences of the answers."""
    left = Frame(50, 34, 300, 240, (0, 1), (0, 1))
    answered, everything = scene.answered, scene.everything
    points = scene.curve.points
    body = [
        left.axes("share of questions answered", "share of those that are right", _HALVES, _HALVES),
        left.across(everything.value, "", GREY),
        text(130, left.at(0, everything.value)[1] + 14, "answering everything", SMALL, GREY),
        left.curve(
            [p.coverage for p in points], [p.right.value for p in points], COOL, "stroke-width='2'"
        ),
    ]
    if answered.n:
        x = answered.n / everything.n
        ends = [left.at(x, end) for end in ends_of(answered)]
        body += [line(ends, WARM, _BAND), dot(*left.at(x, answered.value), 5, WARM)]
    body.append(_confidences(scene))
    alt = "accuracy against the share of questions answered, and the confidences behind it"
    return picture(780, 322, "".join(body), alt)


def _confidences(scene: AbstainScene) -> str:
    edges = np.linspace(0, 1, 21)
    counts = [np.histogram(values, edges)[0] for values in (scene.right, scene.wrong)]
    most = max(int(each.max()) for each in counts)
    frame = Frame(440, 34, 300, 240, (0, 1), (-most * 1.1, most * 1.1))
    (x0, zero), (x1, _) = frame.at(0, 0), frame.at(1, 0)
    return "".join(
        (
            frame.axes("confidence", "answers: right ones above, wrong ones below", _HALVES),
            frame.bars(edges.tolist(), counts[0].tolist(), COOL),
            _hanging(frame, edges.tolist(), counts[1].tolist()),
            line([(x0, zero), (x1, zero)], GREY),
            frame.up(scene.threshold, "answered from here", WARM),
        )
    )


def _hanging(frame: Frame, edges: Sequence[float], counts: Sequence[int]) -> str:
    shapes = []
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        (x0, base), (x1, bottom) = frame.at(low, 0), frame.at(high, -count)
        shapes.append(rectangle(x0, base, x1 - x0 - 1, bottom - base, GREY))
    return "".join(shapes)


def game_picture(game: Game) -> str:
    """The judged answers by the model's confidence: right ones above, wrong ones below."""
    frame = Frame(150, 30, 560, 120, (0, 1), (0, 2))
    body = [frame.axes("the model's confidence", "", _HALVES)]
    for words, y in (("right answers", 1.5), ("wrong answers", 0.5)):
        body.append(text(140, frame.at(0, y)[1] + 4, words, SMALL, INK, "end"))
    for row, said in zip(game.questions, game.said, strict=False):
        at = frame.at(row.probability, 1.5 if row.right else 0.5)
        colour = COOL if said == row.right else WARM
        fill = colour if said else "white"
        body.append(dot(*at, 6, fill, f"stroke='{colour}' stroke-width='2' fill-opacity='.7'"))
    words = "filled: you said right, ring: you said wrong; orange: you were mistaken"
    body.append(text(150, 212, words, SMALL, GREY))
    alt = "your judgements by the model's confidence, right and wrong answers apart"
    return picture(780, 224, "".join(body), alt)
