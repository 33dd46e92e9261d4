"""The workbook's widgets: each wires controls to a computation and a picture made elsewhere."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
from IPython.display import Image
from matplotlib.figure import Figure

from nlp4 import svg
from nlp4.controls import count
from nlp4.corpus import Corpus
from nlp4.corruption import Sequence as TextSequence
from nlp4.corruption import corrupt_span, salient_cloze
from nlp4.decoding import Answer, best_answers
from nlp4.errors import UserError
from nlp4.explorer import Drawing, Explorer
from nlp4.figures import loss_curves, score_chart
from nlp4.inspection import gaze
from nlp4.ladder import Rung
from nlp4.model import GPT, parameters_of
from nlp4.results import System
from nlp4.training import History
from nlp4.vocabulary import Vocabulary


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
        lambda s: svg.character_strip(s.text, s.scored_from),
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
        controls,
        compute,
        lambda s: svg.character_strip(s.text, s.scored_from),
        caption,
        name="cloze",
    )


def model_picture(model: GPT) -> Drawing:
    """Draw a model as a stack of boxes with its parameters."""
    counts = {
        "characters": parameters_of(model.characters),
        "layer": parameters_of(model.blocks[0]),
        "head": parameters_of(model.head),
        "memory": 0 if model.memory is None else parameters_of(model.memory),
    }
    words = f"A GPT with {parameters_of(model):,} parameters, read from the bottom up."
    return Drawing(svg.model_diagram(model.config, counts), words)


def pair_picture(sequence: TextSequence) -> Drawing:
    """Draw one training sequence: what is given, and what is scored."""
    words = f"Given {sequence.prompt!r}, the model must write {sequence.answer!r}."
    return Drawing(svg.character_strip(sequence.text, sequence.scored_from), words)


def ask_box(model: GPT, vocabulary: Vocabulary, question: str) -> Explorer[list[Answer]]:
    """A text box that asks the model, and its five best answers with their probabilities."""

    def caption(answers: Sequence[Answer]) -> str:
        best, rest = answers[0], 1 - sum(answer.probability for answer in answers)
        return (
            f"The model says {best.place!r} with probability {best.probability:.1%}; answers "
            f"that are not shown share {max(rest, 0.0):.1%}."
        )

    box = widgets.Text(
        question, description="ask", continuous_update=False, layout=widgets.Layout(width="34em")
    )
    return Explorer(
        {"question": box},
        lambda question: best_answers(model, vocabulary, question),
        svg.answer_bars,
        caption,
        name="ask",
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
        controls, compute, lambda chosen: svg.gaze_map(found, *chosen), caption, name="gaze"
    )


def shown(figure: Figure, alt: str) -> Image:
    """A matplotlib figure as a PNG that says in words what it shows."""
    return Image(_png(figure), format="png", alt=alt)


def score_picture(systems: Sequence[System]) -> Image:
    """The scores of several systems with their intervals, as a picture."""
    told = ", ".join(f"{system.name} {system.score.value:.1%}" for system in systems)
    marked = systems[-2].name  # the last model stands above the ceiling's row
    return shown(score_chart(systems, marked), f"share of right answers: {told}")


def ladder_picture(rungs: Sequence[Rung]) -> Image:
    """What each rung of the ladder reached, with its interval, as a picture."""
    systems = [System(rung.name, rung.score) for rung in rungs]
    told = ", ".join(f"{system.name} {system.score.value:.1%}" for system in systems)
    chart = score_chart(systems, systems[-1].name)
    return shown(chart, f"share of right answers by rung: {told}")


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return stream.getvalue()


class LossCurve(widgets.VBox):
    """A progress bar and a loss curve that grow while a `Trainer` runs.

    Hand it to `trainer.run(on_steps=[curve], progress=False)`. It redraws twice a second: more
    often would cost the training more than the reader gains.
    """

    def __init__(self, steps: int, label: str) -> None:
        self._steps, self._label, self._drawn = steps, label, 0.0
        self._bar = widgets.IntProgress(0, 0, steps)
        self._words = widgets.Label()
        self._image = widgets.Image(format="png", layout=widgets.Layout(width="640px"))
        row = widgets.HBox([widgets.Label(label), self._bar, self._words])
        super().__init__([row, self._image])

    def __call__(self, history: History) -> None:
        """Take note of one more step."""
        last = history.steps >= self._steps
        if not last and time.monotonic() - self._drawn < 0.5:
            return
        self._drawn = time.monotonic()
        pace = history.seconds / history.steps
        self._bar.value = history.steps
        self._words.value = (
            f"step {history.steps} of {self._steps}, loss {history.recent_loss():.3f}, "
            f"{history.characters / history.seconds:,.0f} characters a second, "
            f"{pace * (self._steps - history.steps):.0f} s left"
        )
        if history.steps >= 20:
            self._image.value = _png(loss_curves({self._label: history.curve()}))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**options)
        return bundle | {"text/plain": f"the loss of {self._label}, live"}
