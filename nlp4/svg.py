"""Light pictures as SVG text: they redraw in a millisecond, where matplotlib takes a tenth second.

Every function draws what it is handed and computes nothing but where things stand.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlp4.decoding import Answer
from nlp4.inspection import Gaze
from nlp4.model import ModelConfig
from nlp4.shapes import COOL, INK, MONO, PALE, SANS, SOFT, WARM, picture, rectangle, text

_CELL = 14  # pixels a character


def character_strip(characters: str, scored_from: int, *, columns: int = 56) -> str:
    """Characters in boxes, row by row: what the model is given, and what it must produce."""
    shapes = []
    for i, character in enumerate(characters):
        row, column = divmod(i, columns)
        x, y = column * _CELL, row * 26 + 4
        fill = SOFT if i >= scored_from else PALE
        shapes.append(rectangle(x, y, _CELL - 1, 21, WARM if character == "⁇" else fill))
        ink = "white" if character == "⁇" else INK
        shapes.append(text(x + 7, y + 15, character, MONO, ink, "middle"))
    rows = -(-len(characters) // columns)
    alt = f"given: {characters[:scored_from]}; to produce: {characters[scored_from:]}"
    return picture(columns * _CELL, rows * 26 + 8, "".join(shapes), alt)


def answer_bars(answers: Sequence[Answer]) -> str:
    """One bar for each answer, as long as its probability."""
    shapes = []
    for i, answer in enumerate(answers):
        y = i * 28 + 6
        shapes.append(rectangle(210, y, max(1.0, 300 * answer.probability), 20, WARM))
        shapes.append(
            text(202, y + 15, answer.place or "(nothing)", SANS + " font-size='13'", INK, "end")
        )
        share = f"{answer.probability:.1%}"
        x = 216 + 300 * answer.probability
        shapes.append(text(x, y + 15, share, SANS + " font-size='12'"))
    alt = ", ".join(f"{a.place} {a.probability:.1%}" for a in answers)
    return picture(580, len(answers) * 28 + 8, "".join(shapes), alt)


def gaze_map(gaze: Gaze, layer: int, head: int, place: int) -> str:
    """A row for each character of the answer, a column for each character it could look at.

    The row of the answer's character `place`, which the caption speaks of, is framed.
    """
    weights = gaze.weights[layer][head].tolist()
    columns = gaze.prompt + gaze.answer[:-1]
    shapes = [
        text(30 + _CELL * i + 7, 16, c, MONO, WARM if c == "⁇" else INK, "middle")
        for i, c in enumerate(columns)
    ]
    for row, (character, shares) in enumerate(zip(gaze.answer, weights, strict=True)):
        y = 24 + row * 18
        shapes.append(text(14, y + 13, character, MONO, COOL, "middle"))
        for i, share in enumerate(shares[: len(gaze.prompt) + row]):
            cell = rectangle(30 + _CELL * i, y, _CELL - 1, 17, PALE)
            shade = f"fill-opacity='{share**0.5:.2f}'"
            shapes.append(cell + rectangle(30 + _CELL * i, y, _CELL - 1, 17, WARM, shade))
    seen = len(gaze.prompt) + place
    frame = f"stroke='{INK}' stroke-width='1.5'"
    shapes.append(rectangle(29, 23 + place * 18, _CELL * seen + 1, 19, "none", frame))
    alt = f"layer {layer + 1}, head {head + 1}: where the model looks as it writes {gaze.answer}"
    width, height = 34 + _CELL * len(columns), 28 + 18 * len(gaze.answer)
    return picture(width, height, "".join(shapes), alt)


def model_diagram(config: ModelConfig, parameters: dict[str, int]) -> str:
    """The model as a stack of boxes, read from the bottom up, with what each part learns."""
    labels = [("logits: one for each character", parameters["head"], PALE)]
    for layer in range(config.layers, 0, -1):
        labels.append((f"layer {layer}: perceptron, {4 * config.width} wide", 0, SOFT))
        labels.append(
            (f"layer {layer}: attention, {config.heads} heads", parameters["layer"], SOFT)
        )
    if config.memory is not None:
        labels.append(("+ rows of the n-gram memory", parameters["memory"], PALE))
    where = "learned positions" if config.positions == "learned" else "rotary: told by turning q, k"
    labels.append((f"characters ({where})", parameters["characters"], PALE))
    shapes = []
    for i, (label, count, fill) in enumerate(labels):
        y = 6 + i * 34
        shapes.append(rectangle(10, y, 330, 26, fill, f"rx='4' stroke='{INK}' stroke-width='.6'"))
        shapes.append(text(175, y + 17, label, SANS + " font-size='12'", INK, "middle"))
        if count:
            shapes.append(text(352, y + 17, f"{count:,} parameters", SANS + " font-size='12'"))
        if i:
            shapes.append(text(175, y - 1, "↑", SANS + " font-size='10'", COOL, "middle"))
    alt = "; ".join(label for label, _, _ in reversed(labels))
    return picture(520, 10 + 34 * len(labels), "".join(shapes), alt)
