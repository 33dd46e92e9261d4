"""A question on its way through a trained model, place by place and layer by layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch

from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models.gpt import GPT
from nlp4.models.pieces import Walk, walk
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, entry
from nlp4.pictures.explorer import Explorer, Prepared

_LEFT, _EDGE = 108, 10  # pixels before the letters, where depths are named, and after them
_CELL, _TIGHT, _ROW = 18.0, 10.0, 19  # width of a letter's cell, its least width, its height
_SHADES = [svg.mixed(svg.WARM, i / 32) for i in range(33)]  # of a probability
_LETTERS = 6  # next letters that have a bar


@dataclass(frozen=True)
class WalkScene:
    """What is looked at: a place, a depth, a head.

    Depth 0 is what enters, 1 the stream after the attention of layer 1, 2 after its perceptron.
    """

    walk: Walk
    depths: tuple[str, ...]
    alphabet: tuple[str, ...]
    place: int
    depth: int
    head: int

    @property
    def layer(self) -> int:
        """The layer whose attention is shown, from 0: what enters is read by the first."""
        return max(self.depth - 1, 0) // 2

    @cached_property
    def weights(self) -> list[float]:
        """How much of each place the head takes."""
        return self.walk.weights[self.layer, self.head, self.place].tolist()

    @property
    def added(self) -> torch.Tensor:
        """What the last step added to the stream of the place: `(width,)`."""
        stream = self.walk.streams[:, self.place]
        return stream[self.depth] - (stream[self.depth - 1] if self.depth else 0)

    @property
    def most(self) -> int:
        """The place from which the head takes most."""
        return self.weights.index(max(self.weights))

    def likely(self, number: int) -> list[tuple[str, float]]:
        """The most probable next characters, read out at this depth."""
        best = self.walk.following[self.depth, self.place].topk(number)
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [(self.alphabet[i], probability) for i, probability in pairs]


def depths_of(layers: int) -> tuple[str, ...]:
    """What stands beside each depth, from the input up."""
    steps = ("attention", "perceptron")
    return ("what enters", *(f"{step} {i}" for i in range(1, layers + 1) for step in steps))


def walk_picture(scene: WalkScene) -> str:
    """The letters with a head's weights, what each place would write next, and one place's stream.

    The table has a row for each depth, the input at the bottom; a box is as dark as its letter is
    probable. Where the letters have no room beside each other, they go on below, as a text does.
    """
    alt = f"{scene.walk.text!r} in the model: place {scene.place + 1}, {scene.depths[scene.depth]}"
    lines, y = _lines(scene, svg.WIDTH)
    wide = svg.Panel(lines + _stream(scene, 0, y) + _bars(scene, 450, y), svg.WIDTH, y + 134)
    lines, y = _lines(scene, svg.HALF)
    lines += _stream(scene, 0, y) + _bars(scene, 0, y + 124)
    return svg.either(wide, svg.Panel(lines, height=y + 258), alt)


def _lines(scene: WalkScene, width: float) -> tuple[str, float]:
    """The text with its table, in lines of equal length, and where what is below them begins."""
    n, room = len(scene.walk.text), width - _LEFT - _EDGE
    number = math.ceil(n * _TIGHT / room)
    length = math.ceil(n / number)
    title = f"where head {scene.head + 1} of layer {scene.layer + 1} looks from the framed letter"
    shapes, y = [svg.text(_EDGE, 16, title, svg.SMALL, svg.COOL)], 30.0
    for start in range(0, n, length):
        line = _Line(y, min(_CELL, room / length), range(start, min(start + length, n)))
        shapes += [_letters(scene, line), _table(scene, line), _marks(scene, line)]
        y += 92 + _ROW * len(scene.depths)
    told = "boxes: what each place would write next, at each depth;"
    shapes.append(svg.text(_EDGE, y + 14, told, svg.SMALL, svg.GREY))
    shapes.append(
        svg.text(_EDGE, y + 29, "trained to do so from the dashes on", svg.SMALL, svg.GREY)
    )
    return "".join(shapes), y + 62


@dataclass(frozen=True)
class _Line:
    """A line of the text: its top, the width of a letter's cell, and its places."""

    top: float
    cell: float
    places: range

    def at(self, place: int) -> float:
        """The left edge of a place's cell."""
        return _LEFT + self.cell * (place - self.places.start)


def _letters(scene: WalkScene, line: _Line) -> str:
    """The text, and above each letter the weight that it gets."""
    y, cell = line.top, line.cell
    shapes = [svg.text(_LEFT - 8, y + 68, "reads", svg.SMALL, svg.INK, "end")]
    for i in line.places:
        x, weight, letter = line.at(i), scene.weights[i], scene.walk.text[i]
        tall = 46 * weight
        shapes.append(svg.rectangle(x + 1, y + 52 - tall, cell - 2, tall, svg.COOL))
        if i == scene.most:
            place = (x + cell / 2, y + 48 - tall)
            shapes.append(svg.text(*place, f"{weight:.0%}", svg.SMALL, svg.COOL, "middle"))
        ink = svg.GREY if i > scene.place else svg.WARM if letter == MASK else svg.INK
        shapes.append(svg.text(x + cell / 2, y + 68, letter, svg.MONO, ink, "middle"))
    return "".join(shapes)


def _table(scene: WalkScene, line: _Line) -> str:
    """For each depth and place the letter that would be written next."""
    cell = line.cell
    best = scene.walk.following[:, line.places.start : line.places.stop].max(-1)
    shades = (best.values.flip(0) * (len(_SHADES) - 1)).round().byte().numpy()
    size = (cell * len(line.places), _ROW * len(scene.depths))
    shapes = [svg.grid(_LEFT, line.top + 80, *size, shades, _SHADES)]
    for depth, name in enumerate(scene.depths):
        y = line.top + 94 + _ROW * (len(scene.depths) - 1 - depth)
        style = svg.BOLD if depth == scene.depth else svg.SMALL
        shapes.append(svg.text(_LEFT - 8, y, name, style, svg.INK, "end"))
        letters = zip(best.indices[depth].tolist(), best.values[depth].tolist(), strict=True)
        for i, (letter, sure) in zip(line.places, letters, strict=True):
            ink, x = "white" if sure > 0.8 else svg.INK, line.at(i) + cell / 2
            shapes.append(svg.text(x, y, scene.alphabet[letter], svg.MONO, ink, "middle"))
    return "".join(shapes)


def _marks(scene: WalkScene, line: _Line) -> str:
    """Frames around the chosen place and its box, and dashes where the answer begins."""
    shapes, table = [], line.top + 80
    if scene.walk.asked - 1 in line.places:
        x = line.at(scene.walk.asked - 1)
        ends = [(x, table - 6), (x, table + 4 + _ROW * len(scene.depths))]
        shapes.append(svg.line(ends, svg.INK, "stroke-width='2' stroke-dasharray='3 2'"))
    if scene.place in line.places:
        x, y = line.at(scene.place), table + _ROW * (len(scene.depths) - 1 - scene.depth)
        for top, tall, colour in ((line.top + 55, 18, svg.WARM), (y, _ROW, svg.INK)):
            frame = f"stroke='{colour}' stroke-width='2'"
            shapes.append(svg.rectangle(x, top, line.cell, tall, "none", frame))
    return "".join(shapes)


def _stream(scene: WalkScene, x: float, y: float) -> str:
    """The numbers of the place's stream, and below them what the last step added."""
    stream = scene.walk.streams[scene.depth, scene.place]
    most = float(scene.walk.streams[:, scene.place].abs().max())
    told = f"the stream of this place: {len(stream)} numbers, up where positive"
    shapes = [svg.text(x + _EDGE, y, told, svg.SMALL)]
    for row, (name, numbers) in enumerate({"now": stream, "added": scene.added}.items()):
        top = y + 10 + 50 * row
        frame = svg.Frame(x + 52, top, 290, 44, (0, len(numbers)), (-most, most))
        shapes.append(svg.text(x + 46, top + 26, name, svg.SMALL, svg.INK, "end"))
        shapes.append(svg.polygon(_skyline(frame, numbers.tolist()), svg.WARM))
        shapes.append(svg.line([frame.at(0, 0), frame.at(len(numbers), 0)], svg.GREY))
    return "".join(shapes)


def _skyline(frame: svg.Frame, numbers: list[float]) -> list[tuple[float, float]]:
    """The outline of a bar for each number: one shape redraws faster than hundreds."""
    corners = [frame.at(i + end, x) for i, x in enumerate(numbers) for end in (0, 1)]
    return [frame.at(0, 0), *corners, frame.at(len(numbers), 0)]


def _bars(scene: WalkScene, x: float, y: float) -> str:
    shapes = [svg.text(x + _EDGE, y, "the next letter, read out here", svg.SMALL)]
    for i, (letter, probability) in enumerate(scene.likely(_LETTERS)):
        top, end = y + 10 + 19 * i, x + 36 + 160 * probability
        shapes.append(svg.text(x + 16, top + 12, letter, svg.MONO, svg.INK, "middle"))
        shapes.append(svg.rectangle(x + 30, top, max(1.0, 160 * probability), 15, svg.WARM))
        shapes.append(svg.text(end, top + 12, f"{probability:.1%}", svg.SMALL))
    return "".join(shapes)


def walk_caption(scene: WalkScene) -> str:
    """What is read at the place, what was added, and what would be written next."""
    text, weights = scene.walk.text, scene.weights
    most = scene.most
    (letter, probability), *_ = scene.likely(1)
    answer = text[scene.walk.asked :]
    told = (
        f"Place {scene.place + 1} of {len(text)} has read up to {text[scene.place]!r}. Read out at "
        f"{scene.depths[scene.depth]!r}, it would write {letter!r} next, with {probability:.1%}. "
        f"Head {scene.head + 1} of layer {scene.layer + 1} takes most from {text[most]!r}, "
        f"place {most + 1} ({weights[most]:.0%}). "
    )
    if scene.depth:
        share = float(scene.added.norm() / scene.walk.streams[scene.depth - 1, scene.place].norm())
        told += f"This step added a vector {share:.1f} times as long as the stream before it. "
    return f"{told}The whole answer is {answer!r}."


def walk_explorer(model: GPT, vocabulary: Vocabulary, question: str) -> Explorer[WalkScene]:
    """Follow a question through a model without a memory; raises UserError as `walk` does."""
    depths = depths_of(model.config.layers)

    @lru_cache(maxsize=8)
    def asked(question: str) -> Walk:
        return walk(model, vocabulary, question)

    def compute(question: str, place: int, depth: str, head: int) -> WalkScene:
        found = asked(question)
        at = min(place, len(found.text)) - 1
        return WalkScene(found, depths, vocabulary.characters, at, depths.index(depth), head - 1)

    controls = {
        "question": entry("ask", question),
        "place": count("place", len(question) + 1, 1, 64),
        "depth": choice("depth", list(depths), depths[-1]),
        "head": count("head", 1, 1, model.config.heads),
    }
    lecture = (
        Prepared("the question is read: the answer's first letter", {}),
        Prepared("what enters knows of its own letter alone", {"depth": depths[0]}),
        Prepared("attention adds what the heads take from other letters", {"depth": depths[1]}),
        Prepared("one place further: the answer's second letter", {"place": len(question) + 2}),
    )
    return Explorer(controls, compute, walk_picture, walk_caption, name="walk", lecture=lecture)
