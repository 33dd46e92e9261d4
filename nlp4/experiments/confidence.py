"""Can you tell? How sure a model is of its answers, and whether the right ones are the surer.

Exercise 4b: a user sees right and wrong answers in the same words. The model itself may know more
than it says: the probability that it gave to its own answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlp4.data.corpus import Corpus, require_dev
from nlp4.data.people.background import Background
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments.names import usual_countries
from nlp4.maths import calibration
from nlp4.maths.calibration import (
    Area,
    Bin,
    HeldOut,
    Point,
    Spacing,
    auroc,
    on_the_other_half,
    risk_coverage,
)
from nlp4.maths.statistics import Share
from nlp4.models.asking import answers_with_probability
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one
from nlp4.support.records import table
from nlp4.training.evaluation import marks

WHOLE, LEAST = "probability of the whole answer", "probability of its least sure character"
FREQUENCY = "how often training answers name the place"  # no confidence: a baseline for the others


@dataclass(frozen=True)
class Settings:
    """How the curves are cut, and how often chance is drawn.

    Raises UserError for a number below 1 or an accuracy outside 0 to 1.
    """

    bins: int = 10
    accuracies: tuple[float, ...] = (0.8, 0.9)
    draws: int = calibration.DRAWS  # of a calibrated model's outcomes
    splits: int = 200  # of the questions into halves
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "bins", "draws", "splits")
        if not all(0 < accuracy <= 1 for accuracy in self.accuracies):
            raise UserError(f"accuracies {self.accuracies}: choose more than 0, and at most 1")


@dataclass(frozen=True)
class Judged:
    """One question with the model's answer: what a learner may guess right or wrong."""

    name: str
    answer: str
    place: str | None
    right: bool
    probability: float
    least: float


@dataclass(frozen=True)
class Calibration:
    """Whether a number can be read as the probability of being right."""

    score: str
    mean: float  # to be compared with the accuracy
    brier: float
    error: dict[Spacing, float]
    error_by_chance: dict[Spacing, tuple[float, float]]  # of a calibrated model: mean, 95% point


@dataclass(frozen=True)
class Ranking:
    """Whether a number puts right answers above wrong ones, and what abstaining by it brings."""

    score: str
    auroc: Area | None
    area: float  # mean accuracy over the share of questions answered
    reached: dict[float, Point | None]  # by accuracy
    held_out: dict[float, HeldOut]


@dataclass(frozen=True)
class Confidence:
    """A model's confidence on the dev questions, judged."""

    judged: tuple[Judged, ...]
    reliability: dict[Spacing, tuple[Bin, ...]]  # of the whole answer's probability
    calibrations: tuple[Calibration, ...]
    rankings: tuple[Ranking, ...]
    best_area: float

    @property
    def right(self) -> Share:
        """The model's score."""
        return Share(sum(row.right for row in self.judged), len(self.judged))


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Confidence:
    """Ask all dev questions and judge the model's confidence.

    Raises UserError if the corpus has fewer than 2 dev questions, and as `greedy` does.
    """
    settings = settings or Settings()
    require_dev(corpus, 2)  # for halves
    told = answers_with_probability(model, vocabulary, [q.text for q in corpus.dev])
    right = marks([sure.place for sure in told], corpus.dev)
    whole, least = (np.array([getattr(t, key) for t in told]) for key in ("probability", "least"))
    frequency, won = _frequency([t.place for t in told], corpus), np.array(right)
    return Confidence(
        judged=tuple(
            Judged(q.name, t.place, q.place, r, t.probability, t.least)
            for q, t, r in zip(corpus.dev, told, right, strict=True)
        ),
        reliability={
            "width": tuple(calibration.bins(whole, won, settings.bins, "width")),
            "mass": tuple(calibration.bins(whole, won, settings.bins, "mass")),
        },
        calibrations=tuple(
            _calibrate(name, sure, won, settings) for name, sure in ((WHOLE, whole), (LEAST, least))
        ),
        rankings=tuple(
            _rank(name, sure, won, settings)
            for name, sure in ((WHOLE, whole), (LEAST, least), (FREQUENCY, frequency))
        ),
        best_area=risk_coverage(whole, won).best_area,
    )


def _frequency(places: Sequence[str], corpus: Corpus) -> np.ndarray:
    """The share of training answers that name each place, `(n,)`."""
    seen = Counter(question.place for question in corpus.train)
    return np.array([seen[place] for place in places]) / max(1, len(corpus.train))


def _calibrate(name: str, sure: np.ndarray, right: np.ndarray, settings: Settings) -> Calibration:
    rng = np.random.default_rng(settings.seed)
    error: dict[Spacing, float] = {}
    by_chance: dict[Spacing, tuple[float, float]] = {}
    spacings: tuple[Spacing, Spacing] = ("width", "mass")
    for spacing in spacings:
        error[spacing] = calibration.expected_calibration_error(sure, right, settings.bins, spacing)
        by_chance[spacing] = calibration.error_by_chance(
            sure, rng, settings.bins, spacing, settings.draws
        )
    return Calibration(name, float(sure.mean()), calibration.brier(sure, right), error, by_chance)


def _rank(name: str, sure: np.ndarray, right: np.ndarray, settings: Settings) -> Ranking:
    rng = np.random.default_rng(settings.seed)
    curve = risk_coverage(sure, right)
    return Ranking(
        score=name,
        auroc=auroc(sure, right),
        area=curve.area,
        reached={a: curve.reaching(a) for a in settings.accuracies},
        held_out={
            a: on_the_other_half(sure, right, a, rng, settings.splits) for a in settings.accuracies
        },
    )


def as_json(found: Confidence) -> dict[str, Any]:
    """Everything but the single answers, ready for `json.dumps`."""
    content = asdict(found)
    del content["judged"]
    return {"right": asdict(found.right), **content}


def markdown(found: Confidence) -> str:
    """Three Markdown tables: reliability, calibration, ranking with abstention."""
    return "\n".join((reliability_table(found), _calibrations(found), _rankings(found)))


def reliability_table(found: Confidence) -> str:
    """Each bin of equal width as a row of a Markdown table; the last cell says which are off."""
    heads = ["answers given with", "mean confidence", "right", "share", "95% interval"]
    return table(
        [*heads, "mean outside the interval"],
        [
            [f"{b.low:.0%} to {b.high:.0%}", f"{b.sure:.1%}", *b.right.cells, b.verdict]
            for b in found.reliability["width"]
        ],
    )


def _calibrations(found: Confidence) -> str:
    heads = ["confidence", "mean", "Brier"]
    for spacing in ("equal width", "equal mass"):
        heads += [f"error, {spacing}", "a calibrated model, mean (95%)"]
    rows = []
    for row in found.calibrations:
        cells = [row.score, f"{row.mean:.1%}", f"{row.brier:.3f}"]
        for spacing, error in row.error.items():
            mean, most = row.error_by_chance[spacing]
            cells += [f"{error:.3f}", f"{mean:.3f} ({most:.3f})"]
        rows.append(cells)
    share = found.right.value
    always = ["always the accuracy itself", f"{share:.1%}", f"{share * (1 - share):.3f}"]
    return f"{found.right} right\n\n{table(heads, [*rows, always + [''] * 4])}"


def _rankings(found: Confidence) -> str:
    accuracies = list(found.rankings[0].reached)
    heads = ["ranked by", "AUROC", "95% interval", f"area (best {found.best_area:.3f})"]
    for a in accuracies:
        heads += [f"answered at {a:.0%} right", "threshold", "on the other half"]
    rows = []
    for row in found.rankings:
        area = row.auroc
        shown = [f"{area.value:.3f}", "{:.3f} to {:.3f}".format(*area.interval)] if area else []
        cells = [row.score, *(shown or ["-", "-"]), f"{row.area:.3f}"]
        for a in accuracies:
            point, other = row.reached[a], row.held_out[a]
            cells += _point(point) if point else ["none", "-"]
            cells.append(f"{other.coverage:.1%} answered, {other.accuracy:.1%} right")
        rows.append(cells)
    return table(heads, rows)


def _point(point: Point) -> list[str]:
    counts = f"{point.right.right} of {point.right.n}"
    return [f"{point.coverage:.1%} ({counts} right)", f"{point.threshold:.3f}"]


def looks(judged: Sequence[Judged], corpus: Corpus, background: Background) -> np.ndarray:
    """How well each answer suits its name, without knowing the person: 0, 1/2 or 1, `(n,)`.

    One half for any place that the corpus knows, and one half for the country in which most
    training people whose names have that origin were born.
    """
    country, origin = background.country, background.origin
    usual = usual_countries(corpus, background)
    found = [
        (row.answer in country) + (country.get(row.answer) == usual.get(origin[row.name], ""))
        for row in judged
    ]
    return np.array(found) / 2
