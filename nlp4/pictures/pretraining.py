"""Pictures of pretraining: masked texts, the model, its answers, scores, losses (exercise 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nlp4.data.corpus import Corpus
from nlp4.data.corruption import Sequence as TextSequence
from nlp4.data.corruption import corrupt_span, salient_cloze
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import Answer, Gaze, best_answers, gaze, memory_off
from nlp4.models.gpt import GPT, ModelConfig, parameters_of
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, entry, tick
from nlp4.pictures.explorer import Explorer
from nlp4.support.errors import UserError
from nlp4.support.files import replacing
from nlp4.training.evaluation import System
from nlp4.training.ladder import Rung

_CELL = 14  # pixels a character


def character_strip(characters: str, scored_from: int, *, columns: int = 56) -> str:
    """Characters in boxes, row by row: what the model is given, and what it must produce."""
    shapes = []
    for i, character in enumerate(characters):
        row, column = divmod(i, columns)
        x, y = column * _CELL, row * 26 + 4
        fill = svg.SOFT if i >= scored_from else svg.PALE
        shapes.append(svg.rectangle(x, y, _CELL - 1, 21, svg.WARM if character == "⁇" else fill))
        ink = "white" if character == "⁇" else svg.INK
        shapes.append(svg.text(x + 7, y + 15, character, svg.MONO, ink, "middle"))
    rows = -(-len(characters) // columns)
    alt = f"given: {characters[:scored_from]}; to produce: {characters[scored_from:]}"
    return svg.picture(columns * _CELL, rows * 26 + 8, "".join(shapes), alt)


def answer_bars(answers: Sequence[Answer]) -> str:
    """One bar for each answer, as long as its probability."""
    shapes = []
    for i, answer in enumerate(answers):
        y = i * 28 + 6
        shapes.append(svg.rectangle(210, y, max(1.0, 300 * answer.probability), 20, svg.WARM))
        shapes.append(
            svg.text(
                202,
                y + 15,
                answer.place or "(nothing)",
                svg.SANS + " font-size='13'",
                svg.INK,
                "end",
            )
        )
        share = f"{answer.probability:.1%}"
        x = 216 + 300 * answer.probability
        shapes.append(svg.text(x, y + 15, share, svg.TITLE))
    alt = ", ".join(f"{a.place} {a.probability:.1%}" for a in answers)
    return svg.picture(580, len(answers) * 28 + 8, "".join(shapes), alt)


def gaze_map(gaze: Gaze, layer: int, head: int, place: int) -> str:
    """A row for each character of the answer, a column for each character it could look at.

    The row of the answer's character `place`, which the caption speaks of, is framed.
    """
    weights = gaze.weights[layer][head].tolist()
    columns = gaze.prompt + gaze.answer[:-1]
    shapes = [
        svg.text(30 + _CELL * i + 7, 16, c, svg.MONO, svg.WARM if c == "⁇" else svg.INK, "middle")
        for i, c in enumerate(columns)
    ]
    for row, (character, shares) in enumerate(zip(gaze.answer, weights, strict=True)):
        y = 24 + row * 18
        shapes.append(svg.text(14, y + 13, character, svg.MONO, svg.COOL, "middle"))
        for i, share in enumerate(shares[: len(gaze.prompt) + row]):
            cell = svg.rectangle(30 + _CELL * i, y, _CELL - 1, 17, svg.PALE)
            shade = f"fill-opacity='{share**0.5:.2f}'"
            shapes.append(cell + svg.rectangle(30 + _CELL * i, y, _CELL - 1, 17, svg.WARM, shade))
    seen = len(gaze.prompt) + place
    frame = f"stroke='{svg.INK}' stroke-width='1.5'"
    shapes.append(svg.rectangle(29, 23 + place * 18, _CELL * seen + 1, 19, "none", frame))
    alt = f"layer {layer + 1}, head {head + 1}: where the model looks as it writes {gaze.answer}"
    width, height = 34 + _CELL * len(columns), 28 + 18 * len(gaze.answer)
    return svg.picture(width, height, "".join(shapes), alt)


def model_diagram(config: ModelConfig, parameters: dict[str, int]) -> str:
    """The model as a stack of boxes, read from the bottom up, with what each part learns."""
    labels = [("logits: one for each character", parameters["head"], svg.PALE)]
    for layer in range(config.layers, 0, -1):
        labels.append((f"layer {layer}: perceptron, {4 * config.width} wide", 0, svg.SOFT))
        labels.append(
            (f"layer {layer}: attention, {config.heads} heads", parameters["layer"], svg.SOFT)
        )
    if config.memory is not None:
        labels.append(("+ rows of the n-gram memory", parameters["memory"], svg.PALE))
    where = "learned positions" if config.positions == "learned" else "rotary: told by turning q, k"
    labels.append((f"characters ({where})", parameters["characters"], svg.PALE))
    shapes = []
    for i, (label, learnt, fill) in enumerate(labels):
        y = 6 + i * 34
        shapes.append(
            svg.rectangle(10, y, 330, 26, fill, f"rx='4' stroke='{svg.INK}' stroke-width='.6'")
        )
        shapes.append(svg.text(175, y + 17, label, svg.TITLE, svg.INK, "middle"))
        if learnt:
            shapes.append(svg.text(352, y + 17, f"{learnt:,} parameters", svg.TITLE))
        if i:
            shapes.append(
                svg.text(175, y - 1, "↑", svg.SANS + " font-size='10'", svg.COOL, "middle")
            )
    alt = "; ".join(label for label, _, _ in reversed(labels))
    return svg.picture(520, 10 + 34 * len(labels), "".join(shapes), alt)


def loss_curves(curves: Mapping[str, Sequence[tuple[int, float]]]) -> Figure:
    """Draw one line a stage: the loss in nats a scored character, against the step."""
    figure = Figure(figsize=(6.4, 3.2))
    axes = figure.subplots()
    for (name, points), colour in zip(curves.items(), (svg.WARM, svg.COOL, svg.INK), strict=False):
        steps, losses = zip(*points, strict=True) if points else ((), ())
        axes.plot(steps, losses, color=colour, label=name, linewidth=1.4)
    axes.set(xlabel="step", ylabel="loss (nats a character)", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a picture as PNG, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def corruption_explorer(corpus: Corpus) -> Explorer[TextSequence]:
    """Corrupt a chosen biography as the sliders move: which one, block, span share, seed."""

    def compute(biography: int, block: int, share: int, seed: int) -> TextSequence:
        rng = np.random.default_rng(seed)
        return corrupt_span(corpus.biographies[biography], block, rng, share=share / 100)

    def caption(sequence: TextSequence) -> str:
        prefix, suffix, span, _ = sequence.text.split("⁇")
        kept = len(prefix) + len(suffix) + len(span)
        return (
            f"The text is cut to {kept} characters. The span {span!r} ({len(span)} of them) moves "
            f"to the end, and {len(sequence.answer)} characters are scored."
        )

    controls = {
        "biography": count("biography", 0, 0, len(corpus.biographies) - 1),
        "block": count("block", 128, 32, 256),
        "share": count("span, % on average", 25, 5, 60),
        "seed": count("seed", 0, 0, 50),
    }
    return Explorer(
        controls,
        compute,
        lambda s: character_strip(s.text, s.scored_from),
        caption,
        name="corruption",
    )


def cloze_explorer(corpus: Corpus) -> Explorer[TextSequence]:
    """Mask a capitalised phrase of a chosen biography as the sliders move."""

    def compute(biography: int, name_only: int, seed: int) -> TextSequence:
        rng = np.random.default_rng(seed)
        found = salient_cloze(corpus.biographies[biography], rng, name_only=name_only / 100)
        if found is None:
            raise UserError("This biography has no capitalised phrase after the name: move on.")
        return found

    def caption(sequence: TextSequence) -> str:
        return f"Given {sequence.prompt!r}, the model must write {sequence.answer!r}."

    controls = {
        "biography": count("biography", 0, 0, len(corpus.biographies) - 1),
        "name_only": count("name alone, %", 30, 0, 100),
        "seed": count("seed", 0, 0, 50),
    }
    return Explorer(
        controls, compute, lambda s: character_strip(s.text, s.scored_from), caption, name="cloze"
    )


def model_picture(model: GPT) -> svg.Drawing:
    """Draw a model as a stack of boxes with its parameters."""
    counts = {
        "characters": parameters_of(model.characters),
        "layer": parameters_of(model.blocks[0]),
        "head": parameters_of(model.head),
        "memory": 0 if model.memory is None else parameters_of(model.memory),
    }
    words = f"A GPT with {parameters_of(model):,} parameters, read from the bottom up."
    return svg.Drawing(model_diagram(model.config, counts), words)


def pair_picture(sequence: TextSequence) -> svg.Drawing:
    """Draw one training sequence: what is given, and what is scored."""
    words = f"Given {sequence.prompt!r}, the model must write {sequence.answer!r}."
    return svg.Drawing(character_strip(sequence.text, sequence.scored_from), words)


@dataclass(frozen=True)
class Asked:
    """The best answers to a question, and how they were searched for."""

    answers: tuple[Answer, ...]
    temperature: float
    beams: int
    memory: bool | None  # whether its rows were added; None for a model without one


def asked(
    model: GPT,
    vocabulary: Vocabulary,
    question: str,
    *,
    memory: bool | None = None,
    temperature: float = 1.0,
    beams: int = 16,
) -> Asked:
    """Ask one question. Raises UserError as `best_answers` does."""
    with memory_off(model) if memory is False else nullcontext():
        found = best_answers(model, vocabulary, question, beams=beams, temperature=temperature)
    return Asked(tuple(found), temperature, beams, memory)


def ask_box(model: GPT, vocabulary: Vocabulary, question: str) -> Explorer[Asked]:
    """A text box that asks the model, and its five best answers with their probabilities.

    The rows of its memory can be left out, the letters' probabilities made flatter or steeper,
    and the search made narrower.
    """
    controls: dict[str, Any] = {
        "question": entry("ask", question),
        "temperature": choice("temperature", [i / 10 for i in range(1, 31)], 1.0),
        "beams": count("beams", 16, 1, 32),
    }
    if model.memory is not None:
        controls["memory"] = tick("add the memory's rows", True)
    return Explorer(
        controls,
        partial(asked, model, vocabulary),
        lambda found: answer_bars(found.answers),
        ask_caption,
        name="ask",
    )


def ask_caption(found: Asked) -> str:
    """The best answer, what is not shown, and how it was searched for."""
    rows = {None: "", True: ", the memory's rows added", False: ", no rows of the memory"}
    how = (
        f"{found.beams} beam{'s' * (found.beams > 1)}, temperature {found.temperature:g}"
        f"{rows[found.memory]}"
    )
    if not found.answers:
        return f"No answer has come to an end ({how}): take more beams."
    best, rest = found.answers[0], 1 - sum(answer.probability for answer in found.answers)
    return (
        f"The model says {best.place!r} with probability {best.probability:.1%}; answers "
        f"that are not shown share {max(rest, 0.0):.1%} ({how})."
    )


def gaze_explorer(model: GPT, vocabulary: Vocabulary, question: str) -> Explorer[Any]:
    """Where each head looks while the model answers one question."""
    found = gaze(model, vocabulary, question)

    def compute(layer: int, head: int, letter: int) -> tuple[int, int, int]:
        return layer - 1, head - 1, min(letter, len(found.answer)) - 1

    def caption(chosen: tuple[int, int, int]) -> str:
        layer, head, place = chosen
        return (
            f"As it writes {found.answer[place]!r}, head {head + 1} of layer {layer + 1} looks "
            f"most at {found.strongest(layer, head, place)}."
        )

    controls = {
        "layer": count("layer", 1, 1, model.config.layers),
        "head": count("head", 1, 1, model.config.heads),
        "letter": count("letter", 1, 1, len(found.answer)),
    }
    return Explorer(
        controls, compute, lambda chosen: gaze_map(found, *chosen), caption, name="gaze"
    )


def _shares_drawing(title: str, shares: Mapping[str, Share], marked: int) -> svg.Drawing:
    """Named shares with their intervals; beside each how many of how many, and its percentage."""
    told = {name: f"{s.right} of {s.n}, {s.value:.1%}" for name, s in shares.items()}
    rows = tuple(
        replace(svg.share_line(name, share), counts=told[name]) for name, share in shares.items()
    )
    drawn = svg.lines_picture(svg.Lines(title, rows, (0.0, 1.0), marked))
    words = "; ".join(f"{name} {counts}" for name, counts in told.items())
    return svg.Drawing(drawn, f"{title}: {words}.")


def score_picture(systems: Sequence[System]) -> svg.Drawing:
    """The scores of several systems with their intervals; the last model is marked."""
    shares = {system.name: system.score for system in systems}
    last = len(shares) - 2  # the last model stands above the ceiling's row
    return _shares_drawing("share of right answers", shares, last)


def ladder_picture(rungs: Sequence[Rung]) -> svg.Drawing:
    """What each rung of the ladder reached, with its interval; the last one is marked."""
    shares = {rung.name: rung.score for rung in rungs}
    return _shares_drawing("share of right answers by rung", shares, len(shares) - 1)
