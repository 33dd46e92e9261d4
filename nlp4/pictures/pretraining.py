"""Pictures of pretraining: masked texts, the model, its answers, scores, losses (exercise 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp4.data.corpus import Corpus
from nlp4.data.corruption import Sequence as TextSequence
from nlp4.data.corruption import corrupt_span, salient_cloze
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.ladder import Rung
from nlp4.maths.statistics import Share
from nlp4.models.asking import Answer, Gaze, best_answers, gaze, memory_off
from nlp4.models.gpt import GPT, ModelConfig, parameters_of
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, entry, tick
from nlp4.pictures.explorer import Explorer, Prepared
from nlp4.support.errors import UserError
from nlp4.support.files import replacing
from nlp4.training.evaluation import System

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CELL = 14  # pixels a character


def character_strip(characters: str, scored_from: int) -> str:
    """Characters in boxes, row by row: what the model is given, and, outlined, what it must say."""
    alt = f"given: {characters[:scored_from]}; to produce: {characters[scored_from:]}"
    wide, narrow = (_strip(characters, scored_from, width) for width in (svg.WIDTH, svg.HALF))
    return svg.either(wide, narrow, alt)


def _strip(characters: str, scored_from: int, width: int) -> svg.Panel:
    shapes, columns = [], width // _CELL
    for i, character in enumerate(characters):
        row, column = divmod(i, columns)
        x, y = column * _CELL + 1, row * 26 + 4
        scored, masked = i >= scored_from, character == MASK
        fill = svg.WARM if masked else svg.SOFT if scored else svg.PALE
        outline = f"stroke='{svg.WARM}' stroke-width='.6'" if scored else ""
        shapes.append(svg.rectangle(x, y, _CELL - 1, 21, fill, outline))
        ink = "white" if masked else svg.INK
        shapes.append(svg.text(x + 6, y + 15, character, svg.MONO, ink, "middle"))
    rows = -(-len(characters) // columns)
    return svg.Panel("".join(shapes), columns * _CELL, rows * 26 + 8)


def answer_bars(answers: Sequence[Answer]) -> str:
    """One bar for each answer, as long as its probability."""
    shapes, whole = [], svg.HALF - 12
    for i, answer in enumerate(answers):
        y = i * 40 + 18
        shapes += [
            svg.text(6, y, answer.place or "(nothing)", svg.TITLE),
            svg.text(6 + whole, y, f"{answer.probability:.1%}", svg.TITLE, svg.INK, "end"),
            svg.rectangle(6, y + 6, whole, 10, svg.PALE),
            svg.rectangle(6, y + 6, max(1.0, whole * answer.probability), 10, svg.WARM),
        ]
    alt = ", ".join(f"{a.place} {a.probability:.1%}" for a in answers)
    return svg.picture(svg.HALF, len(answers) * 40 + 8, "".join(shapes), alt)


def gaze_map(gaze: Gaze, layer: int, head: int, place: int) -> str:
    """A row for each character of the answer, a column for each character it could look at.

    The row of the answer's character `place`, which the caption speaks of, is framed. On a phone
    the columns go on below.
    """
    alt = f"layer {layer + 1}, head {head + 1}: where the model looks as it writes {gaze.answer}"
    weights = gaze.weights[layer][head].tolist()
    whole, half = len(gaze.prompt + gaze.answer) - 1, (svg.HALF - 34) // _CELL
    wide, narrow = (_bands(gaze, weights, place, columns) for columns in (whole, half))
    return svg.either(wide, narrow, alt)


def _bands(gaze: Gaze, weights: list[list[float]], place: int, columns: int) -> svg.Panel:
    """The map cut after so many columns, its parts below each other."""
    height, starts = 32 + 18 * len(gaze.answer), range(0, len(weights[0]), columns)
    body = [
        _band(gaze, [shares[start : start + columns] for shares in weights], place, start, top)
        for start, top in zip(starts, range(0, height * len(starts), height), strict=True)
    ]
    return svg.Panel("".join(body), 34 + _CELL * columns, height * len(starts))


def _band(gaze: Gaze, weights: list[list[float]], place: int, start: int, top: int) -> str:
    """The map's columns from `start` on; `weights` has a list for each row."""
    shapes = []
    for i, c in enumerate((gaze.prompt + gaze.answer)[start : start + len(weights[0])]):
        ink = svg.WARM if c == MASK else svg.INK
        shapes.append(svg.text(37 + _CELL * i, top + 16, c, svg.MONO, ink, "middle"))
    before = len(gaze.prompt) - start  # columns that the first row could look at
    for row, (character, shares) in enumerate(zip(gaze.answer, weights, strict=True)):
        y = top + 24 + row * 18
        shapes.append(svg.text(14, y + 13, character, svg.MONO, svg.COOL, "middle"))
        for i, share in enumerate(shares[: max(0, before + row)]):
            shade = svg.mixed(svg.WARM, 0.07 + 0.93 * share**0.5)
            shapes.append(svg.rectangle(30 + _CELL * i, y, _CELL - 1, 17, shade))
    framed = min(before + place, len(weights[0]))
    if framed > 0:
        frame = f"stroke='{svg.INK}' stroke-width='1.5'"
        width = _CELL * framed + 1
        shapes.append(svg.rectangle(29, top + 23 + place * 18, width, 19, "none", frame))
    return "".join(shapes)


def model_diagram(config: ModelConfig, parameters: dict[str, int]) -> str:
    """The model as a stack of boxes, read from the bottom up, with what each part learns."""
    learnt = {part: f"{number:,} parameters" for part, number in parameters.items()}
    labels = [("logits: one for each character", learnt["head"], svg.PALE)]
    for layer in range(config.layers, 0, -1):
        labels.append((f"layer {layer}: perceptron, {4 * config.width} wide", "", svg.SOFT))
        both = f"with its perceptron: {learnt['layer']}"
        labels.append((f"layer {layer}: attention, {config.heads} heads", both, svg.SOFT))
    if config.memory is not None:
        labels.append(("+ rows of the n-gram memory", learnt["memory"], svg.PALE))
    where = "learned positions" if config.positions == "learned" else "rotary: told by turning q, k"
    labels.append((f"characters ({where})", learnt["characters"], svg.PALE))
    shapes, y, outline = [], 6, f"rx='4' stroke='{svg.INK}' stroke-width='.6'"
    for i, (label, told, fill) in enumerate(labels):
        height = 40 if told else 26
        shapes.append(svg.rectangle(10, y, svg.HALF - 20, height, fill, outline))
        shapes.append(svg.text(svg.HALF / 2, y + 17, label, svg.TITLE, svg.INK, "middle"))
        shapes.append(svg.text(svg.HALF / 2, y + 33, told, svg.SMALL, svg.INK, "middle"))
        if i:
            shapes.append(svg.text(svg.HALF / 2, y - 2, "↑", svg.SMALL, svg.COOL, "middle"))
        y += height + 12
    alt = "; ".join(label for label, _, _ in reversed(labels))
    return svg.picture(svg.HALF, y, "".join(shapes), alt)


def loss_curves(curves: Mapping[str, Sequence[tuple[int, float]]]) -> Figure:
    """Draw one line a stage: the loss in nats a scored character, against the step."""
    from matplotlib.figure import Figure  # for this file alone: explorers do without

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
        lecture=_CORRUPTION_LECTURE,
    )


_CORRUPTION_LECTURE = (
    Prepared("a span moves to the end, where it is to be written", {}),
    Prepared("more of the text", {"share": 60}),
    Prepared("a few letters", {"share": 5}),
    Prepared("of a short text", {"block": 32}),
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
        controls,
        compute,
        lambda s: character_strip(s.text, s.scored_from),
        caption,
        name="cloze",
        lecture=_CLOZE_LECTURE,
    )


_CLOZE_LECTURE = (
    Prepared("the name alone, and a phrase to write", {"name_only": 100}),
    Prepared("with some of the words around it", {"name_only": 0}),
    Prepared("another phrase of the same person", {"name_only": 0, "seed": 1}),
    Prepared("another person", {"biography": 1}),
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
    lecture = _ASK_LECTURE
    if model.memory is not None:
        controls["memory"] = tick("add the memory's rows", True)
        lecture += (Prepared("without the memory's rows it answers otherwise", {"memory": False}),)
    return Explorer(
        controls,
        partial(asked, model, vocabulary),
        lambda found: answer_bars(found.answers),
        ask_caption,
        name="ask",
        lecture=lecture,
    )


_ASK_LECTURE: tuple[Prepared, ...] = (
    Prepared("the answers that it holds most probable", {}),
    Prepared("a low temperature: it is surer of the best", {"temperature": 0.5}),
    Prepared("a high one: less sure", {"temperature": 2.0}),
    Prepared("one beam: the most probable letter, one after another", {"beams": 1}),
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
        controls,
        compute,
        lambda chosen: gaze_map(found, *chosen),
        caption,
        name="gaze",
        lecture=_GAZE_LECTURE,
    )


_GAZE_LECTURE = (
    Prepared("the answer's first letter: where head 1 of layer 1 looks", {}),
    Prepared("another head of that layer", {"head": 2}),
    Prepared("layer 2", {"layer": 2}),
    Prepared("layer 2 for the second letter", {"layer": 2, "letter": 2}),
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
    """What each recipe reached, with its interval, and, hollow, in other words; ours is marked."""
    rows = tuple(
        svg.Line(
            rung.name,
            rung.score.value,
            rung.score.interval,
            f"{rung.score.value:.1%}; {rung.reworded.value:.1%}",
            second=rung.reworded.value,
        )
        for rung in rungs
    )
    title = "share of right answers, and (hollow) in other words"
    told = "; ".join(
        f"{rung.name} {rung.score.value:.1%}, {rung.reworded.value:.1%} in other words"
        for rung in rungs
    )
    marked = next((i for i, row in enumerate(rows) if row.label == "laptop"), None)
    drawn = svg.lines_picture(svg.Lines(title, rows, (0.0, 1.0), marked))
    return svg.Drawing(drawn, f"{title}: {told}.")
