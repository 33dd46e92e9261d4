"""What notebook 03 measures and trains while the reader waits, drawn."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from nlp4 import results_speed, svg_accuracy, svg_speed
from nlp4.compare_training import Training
from nlp4.errors import UserError
from nlp4.explorer import Drawing
from nlp4.results_accuracy import LearningScene, Row
from nlp4.results_speed import TITLES, Cell, Speed, read_speed, speed_scene, three_digits


def live_picture(cells: Sequence[Cell], what: str = results_speed.FORWARD_TIME) -> Drawing:
    """This machine's times as circles over the stored lines, or alone if there are none."""
    try:
        stored = read_speed()
    except UserError:
        stored = Speed((), {}, 0, 0, {})
    n = max(cell.n for cell in cells)
    scene = speed_scene(stored, what, 0, cells)
    at = {name: dict(points)[n] for name, points in scene.live.items()}
    told = ", ".join(
        f"{TITLES[name]} {three_digits(value)} {scene.unit}" for name, value in at.items()
    )
    words = f"On this machine now, {what}, n = {n:,}: {told}."
    if not stored.cells:
        words += f" There is nothing stored to compare with: make it with {results_speed.COMMAND}."
    return Drawing(svg_speed.speed_picture(scene), words)


class LiveCurves(widgets.VBox):
    """Learning curves that grow while `live_comparison.side_by_side` runs: hand it to `watch`.

    They are redrawn twice a second: more often would cost the trainings more than is gained.
    """

    def __init__(self) -> None:
        self._picture, self._words, self._drawn = widgets.HTML(), widgets.Label(), 0.0
        super().__init__([self._words, self._picture])

    def __call__(self, trainings: Sequence[Training]) -> None:
        """Take note of one more round."""
        done = len(trainings[-1].losses)
        last = trainings[-1].progress >= 1
        if not last and time.monotonic() - self._drawn < 0.5:
            return
        self._drawn = time.monotonic()
        seconds = sum(training.seconds for training in trainings)
        every = trainings[-1].settings.steps
        self._words.value = (
            f"step {done} of {every}, {seconds:.0f} s, {seconds / done * (every - done):.0f} s left"
        )
        if done >= 20:
            curves = {training.run.variant: training.curve() for training in trainings}
            self._picture.value = _learning_svg(curves, every)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**options)
        return bundle | {"text/plain": "the losses in training, live"}


def _learning_svg(curves: Mapping[str, Sequence[tuple[int, float]]], steps: int) -> str:
    shares = {
        variant: (tuple((step / steps, bits) for step, bits in curve),)
        for variant, curve in curves.items()
    }
    scene = LearningScene("recall", f"{steps:,} steps", next(iter(shares)), shares)
    return svg_accuracy.learning_picture(scene)


def live_learning(rows: Sequence[Row]) -> Drawing:
    """Learning curves of trainings just made, the first one marked; the words tell accuracies."""
    told = ", ".join(
        f"{row.variant} {row.accuracy:.0%}"
        + ("" if row.ceiling is None else f" (its graph allows {row.ceiling:.0%}, but for luck)")
        for row in rows
    )
    svg = _learning_svg({row.variant: row.curve for row in rows}, rows[0].steps)
    return Drawing(svg, f"Accuracy after {rows[0].steps:,} steps: {told}.")
