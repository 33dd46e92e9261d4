"""A comparison of attentions small enough to watch: they train in turn, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nlp4.compare_models import recall_of
from nlp4.compare_settings import Run, Settings
from nlp4.compare_training import Training, row_of_training
from nlp4.interrupts import polite_interrupts
from nlp4.results_accuracy import Row, row_of

SMALL = Settings(n=128, block=8, batch=16, steps=300)
Watch = Callable[[Sequence[Training]], object]


def side_by_side(
    variants: Sequence[str],
    settings: Settings = SMALL,
    *,
    seed: int = 0,
    watch: Watch | None = None,
) -> list[Row]:
    """Train each attention on recall for equal steps, and judge it.

    `watch` is called after each round with all trainings. An interrupt ends the trainings early;
    they are then judged as they are. Raises UserError for sizes that do not fit.
    """
    task = recall_of(settings)
    runs = [Run("recall", variant, seed, "steps") for variant in variants]
    trainings = [Training(run, settings, task) for run in runs]
    with polite_interrupts() as stop:
        while not stop and any(training.progress < 1 for training in trainings):
            for training in trainings:
                training.step()
            if watch is not None:
                watch(trainings)
    return [row_of(row_of_training(training)) for training in trainings]
