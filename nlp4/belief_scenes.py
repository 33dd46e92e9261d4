"""What notebook 04's pictures show of confidence and of stored trainings, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from nlp4 import calibration
from nlp4.abstention import RiskCoverage, risk_coverage
from nlp4.calibration import Area, Bin, Spacing
from nlp4.confidence import Judged
from nlp4.errors import UserError
from nlp4.results_beliefs import SUMMARIES, Facts, FactsRun, Readings, ReadingsRun
from nlp4.statistics import Share

Array = np.ndarray
_DRAWS = 200  # of a calibrated model, for each position of a slider


@dataclass(frozen=True)
class FactsScene:
    """Every seed of every text that was read first; one text is looked at."""

    text: str
    summary: str
    rows: tuple[tuple[str, tuple[FactsRun, ...]], ...]
    believed: Share | None  # of the text that is looked at

    @property
    def runs(self) -> tuple[FactsRun, ...]:
        """The seeds of the text that is looked at."""
        return dict(self.rows)[self.text]


def facts_scene(stored: Facts, text: str) -> FactsScene:
    """All texts, `text` marked. Raises UserError if no model read it."""
    stored.of(text)
    rows = tuple((name, stored.of(name)) for name in stored.texts)
    return FactsScene(text, SUMMARIES[text], rows, stored.believed(text))


@dataclass(frozen=True)
class Wording:
    """The seeds of one number of wordings, after one number of steps, taken together."""

    wordings: int
    steps: int
    seen: float
    stored: Share
    asked: Share
    both: Share  # asked, of the stored


@dataclass(frozen=True)
class ReadingsScene:
    """Stored and asked over the steps, for each number of wordings; one number of steps chosen."""

    mixed: bool
    steps: int
    rows: tuple[Wording, ...]  # all steps

    @property
    def chosen(self) -> tuple[Wording, ...]:
        """Each number of wordings, after the chosen steps."""
        return tuple(row for row in self.rows if row.steps == self.steps)

    def of(self, wordings: int) -> tuple[Wording, ...]:
        """One number of wordings, by steps."""
        return tuple(row for row in self.rows if row.wordings == wordings)


def readings_scene(stored: Readings, steps: int, mixed: bool) -> ReadingsScene:
    """All trainings with or without questions mixed in; raises UserError if there is none."""
    stored.of(steps, mixed)
    runs = sorted((r for r in stored.runs if r.mixed == mixed), key=_wordings_and_steps)
    rows = [_together(list(seeds)) for _, seeds in groupby(runs, _wordings_and_steps)]
    return ReadingsScene(mixed, steps, tuple(rows))


def _wordings_and_steps(run: ReadingsRun) -> tuple[int, int]:
    return run.wordings, run.steps


def _together(runs: Sequence[ReadingsRun]) -> Wording:
    parts = [[getattr(r, key) for r in runs] for key in ("stored_share", "asked_share")]
    kept = [run.asked_of_stored for run in runs]
    stored, asked, both = (
        Share(sum(s.right for s in shares), sum(s.n for s in shares)) for shares in (*parts, kept)
    )
    seen = float(np.mean([run.seen for run in runs]))
    return Wording(runs[0].wordings, runs[0].steps, seen, stored, asked, both)


def confidence_arrays(judged: Sequence[Judged]) -> tuple[Array, Array]:
    """How sure the model was of each answer, and which ones are right: two arrays `(n,)`."""
    return (
        np.array([row.probability for row in judged]),
        np.array([row.right for row in judged], dtype=bool),
    )


@dataclass(frozen=True)
class ReliabilityScene:
    """A reliability diagram, its error, and what a calibrated model's error would be."""

    number: int  # of bins asked for
    spacing: Spacing
    bins: tuple[Bin, ...]
    error: float
    by_chance: tuple[float, float]  # of a calibrated model: mean, 95% point


def reliability_scene(sure: Array, right: Array, number: int, spacing: Spacing) -> ReliabilityScene:
    """Cut `n` answers into bins. Raises ValueError as `calibration.bins` does."""
    rng = np.random.default_rng(0)
    return ReliabilityScene(
        number,
        spacing,
        tuple(calibration.bins(sure, right, number, spacing)),
        calibration.expected_calibration_error(sure, right, number, spacing),
        calibration.error_by_chance(sure, rng, number, spacing, _DRAWS),
    )


@dataclass(frozen=True)
class AbstainScene:
    """A threshold: what is answered at or above it, and the curve over all thresholds."""

    threshold: float
    answered: Share
    everything: Share
    curve: RiskCoverage
    right: Array  # confidences of the right answers
    wrong: Array

    @property
    def lost(self) -> int:
        """Right answers that are kept back."""
        return self.everything.right - self.answered.right


@dataclass(frozen=True)
class Abstaining:
    """The answers with their curve, computed once for all thresholds."""

    sure: Array
    right: Array
    curve: RiskCoverage

    @classmethod
    def of(cls, sure: Array, right: Array) -> Abstaining:
        """Of `n` answers. Raises ValueError as `risk_coverage` does."""
        return cls(sure, right, risk_coverage(sure, right))

    def at(self, threshold: float) -> AbstainScene:
        """Answer what reaches the threshold, 0 to 1."""
        answered = self.sure >= threshold
        return AbstainScene(
            threshold,
            Share(int(self.right[answered].sum()), int(answered.sum())),
            Share(int(self.right.sum()), len(self.right)),
            self.curve,
            self.sure[self.right],
            self.sure[~self.right],
        )


@dataclass(frozen=True)
class Game:
    """Questions with the model's answers, and what a learner said of the first few of them."""

    questions: tuple[Judged, ...]
    said: tuple[bool, ...] = ()  # True: "right"

    @property
    def next(self) -> Judged | None:
        """The question to judge now; None after the last one."""
        return self.questions[len(self.said)] if len(self.said) < len(self.questions) else None

    def say(self, right: bool) -> Game:
        """The game after one more judgement. Raises UserError if all are judged."""
        if self.next is None:
            raise UserError("every question of the game is judged: begin a new one")
        return replace(self, said=(*self.said, right))

    @property
    def truth(self) -> Array:
        """Which answers are right, `(n,)`."""
        return np.array([row.right for row in self.questions], dtype=bool)

    @property
    def learner(self) -> Area | None:
        """The AUROC of what was said; None before the last question is judged."""
        said = np.array(self.said, dtype=float)
        return None if self.next else calibration.auroc(said, self.truth)

    @property
    def model(self) -> Area | None:
        """The AUROC of the model's confidence on the same questions."""
        return calibration.auroc(*confidence_arrays(self.questions))


def new_game(judged: Sequence[Judged], rng: np.random.Generator, number: int = 20) -> Game:
    """Draw `number` answers, half of them right, in random order.

    Raises UserError if there are not that many of each kind.
    """
    kinds = [[row for row in judged if row.right is right] for right in (True, False)]
    half = number // 2
    if half < 1 or min(map(len, kinds)) < half:
        fewest = min(map(len, kinds))
        raise UserError(f"a game of {number} needs {half} answers of each kind: there are {fewest}")
    drawn = [kind[i] for kind in kinds for i in rng.permutation(len(kind))[:half]]
    return Game(tuple(drawn[i] for i in rng.permutation(len(drawn))))
