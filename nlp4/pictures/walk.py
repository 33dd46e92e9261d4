"""A question on its way through a trained model, place by place and layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import torch

from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models.gpt import GPT
from nlp4.models.pieces import Walk, walk
from nlp4.pictures import svg
from nlp4.pictures.explorer import Explorer, choice, count

_LEFT, _ROOM = 118, 586  # pixels before the letters, and for them
_ROW = 19
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

    @property
    def weights(self) -> list[float]:
        """How much of each place the head takes."""
        return self.walk.weights[self.layer, self.head, self.place].tolist()

    @property
    def added(self) -> torch.Tensor:
        """What the last step added to the stream of the place: `(width,)`."""
        stream = self.walk.streams[:, self.place]
        return stream[self.depth] - (stream[self.depth - 1] if self.depth else 0)

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
    probable.
    """
    n = len(scene.walk.text)
    cell = min(18.0, _ROOM / n)
    columns = [_LEFT + cell * i for i in range(n)]
    table = 108 + _ROW * len(scene.depths)
    body = [_letters(scene, columns, cell), _table(scene, columns, cell)]
    body.append(_stream(scene, table + 46))
    body.append(_bars(scene, 470, table + 46))
    alt = f"{scene.walk.text!r} in the model: place {scene.place + 1}, {scene.depths[scene.depth]}"
    return svg.picture(svg.WIDTH, table + 184, "".join(body), alt)


def _letters(scene: WalkScene, columns: list[float], cell: float) -> str:
    """The text, its chosen place framed, and above each letter the weight that it gets."""
    title = f"where head {scene.head + 1} of layer {scene.layer + 1} looks from the framed letter"
    shapes = [svg.text(_LEFT, 16, title, svg.SMALL, svg.COOL)]
    for i, (x, letter) in enumerate(zip(columns, scene.walk.text, strict=True)):
        tall = 46 * scene.weights[i]
        shapes.append(svg.rectangle(x + 1, 72 - tall, cell - 2, tall, svg.COOL))
        if scene.weights[i] == max(scene.weights):
            share = f"{scene.weights[i]:.0%}"
            shapes.append(svg.text(x + cell / 2, 68 - tall, share, svg.SMALL, svg.COOL, "middle"))
        ink = svg.GREY if i > scene.place else svg.WARM if letter == MASK else svg.INK
        shapes.append(svg.text(x + cell / 2, 88, letter, svg.MONO, ink, "middle"))
    frame = f"stroke='{svg.WARM}' stroke-width='2'"
    shapes.append(svg.rectangle(columns[scene.place], 75, cell, 18, "none", frame))
    shapes.append(svg.text(_LEFT - 8, 88, "reads", svg.SMALL, svg.INK, "end"))
    return "".join(shapes)


def _table(scene: WalkScene, columns: list[float], cell: float) -> str:
    """For each depth and place the letter that would be written next."""
    best = scene.walk.following.max(-1)
    shapes = []
    for depth, name in enumerate(scene.depths):
        y = 104 + _ROW * (len(scene.depths) - 1 - depth)
        style = svg.BOLD if depth == scene.depth else svg.SMALL
        shapes.append(svg.text(_LEFT - 8, y + 14, name, style, svg.INK, "end"))
        cells = zip(columns, best.indices[depth].tolist(), best.values[depth].tolist(), strict=True)
        for i, (x, letter, sure) in enumerate(cells):
            shade = f"fill-opacity='{sure:.2f}'"
            shapes.append(svg.rectangle(x, y, cell - 1, _ROW - 1, svg.WARM, shade))
            ink = "white" if sure > 0.6 else svg.GREY if i > scene.place else svg.INK
            written = scene.alphabet[letter]
            shapes.append(svg.text(x + cell / 2, y + 14, written, svg.MONO, ink, "middle"))
    asked = columns[scene.walk.asked - 1] - 1
    tall = [(asked, 98), (asked, 108 + _ROW * len(scene.depths))]
    shapes.append(svg.line(tall, svg.INK, "stroke-dasharray='3 2'"))
    y = 103 + _ROW * (len(scene.depths) - 1 - scene.depth)
    frame = f"stroke='{svg.INK}' stroke-width='2'"
    shapes.append(svg.rectangle(columns[scene.place] - 1, y, cell + 1, _ROW + 1, "none", frame))
    below = 104 + _ROW * len(scene.depths) + 14
    words = "what each place would write next, at each depth; trained to do so right of the dashes"
    shapes.append(svg.text(_LEFT, below, words, svg.SMALL, svg.GREY))
    return "".join(shapes)


def _stream(scene: WalkScene, y: float) -> str:
    """The numbers of the place's stream, and below them what the last step added."""
    stream = scene.walk.streams[scene.depth, scene.place]
    most = float(scene.walk.streams[:, scene.place].abs().max())
    shapes = [svg.text(10, y, f"the stream of this place: {len(stream)} numbers", svg.SMALL)]
    for row, (name, numbers) in enumerate({"now": stream, "added": scene.added}.items()):
        top = y + 10 + 34 * row
        shapes.append(svg.text(44, top + 18, name, svg.SMALL, svg.INK, "end"))
        width = 384 / len(numbers)
        for i, value in enumerate(numbers.tolist()):
            fill, shade = svg.WARM if value > 0 else svg.COOL, min(1.0, abs(value) / most)
            extra = f"fill-opacity='{shade:.2f}'"
            shapes.append(svg.rectangle(50 + width * i, top, width, 26, fill, extra))
    words = "orange: positive; blue: negative"
    return "".join(shapes) + svg.text(50, y + 88, words, svg.SMALL, svg.GREY)


def _bars(scene: WalkScene, x: float, y: float) -> str:
    shapes = [svg.text(x, y, "the next letter, read out here", svg.SMALL)]
    for i, (letter, probability) in enumerate(scene.likely(_LETTERS)):
        top = y + 10 + 19 * i
        shapes.append(svg.text(x + 8, top + 12, letter, svg.MONO, svg.INK, "middle"))
        shapes.append(svg.rectangle(x + 22, top, max(1.0, 160 * probability), 15, svg.WARM))
        told = f"{probability:.1%}"
        shapes.append(svg.text(x + 28 + 160 * probability, top + 12, told, svg.SMALL))
    return "".join(shapes)


def walk_caption(scene: WalkScene) -> str:
    """What is read at the place, what was added, and what would be written next."""
    text, weights = scene.walk.text, scene.weights
    most = max(range(len(text)), key=weights.__getitem__)
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

    box = widgets.Text(
        question, description="ask", continuous_update=False, layout=widgets.Layout(width="34em")
    )
    controls = {
        "question": box,
        "place": count("place", len(question) + 1, 1, 64),
        "depth": choice("depth", list(depths), depths[-1]),
        "head": count("head", 1, 1, model.config.heads),
    }
    return Explorer(controls, compute, walk_picture, walk_caption, name="walk")
