"""Can confidence be read as a probability, and what does it bring to answer only when sure?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlp4.maths.statistics import Share, Z

Spacing = Literal["width", "mass"]
DRAWS = 40_000  # of a calibrated model's outcomes: settles the 95% point to about 0.0005
HALVES = slice(None, None, 2), slice(1, None, 2)  # every other question, and the rest


@dataclass(frozen=True)
class Bin:
    """Answers of about one confidence: its range, its mean, and how many were right."""

    low: float
    high: float
    sure: float
    right: Share

    @property
    def verdict(self) -> str:
        """Whether the mean lies outside the 95% interval: "too sure", "too unsure", or ""."""
        low, high = self.right.interval
        if low <= self.sure <= high:
            return ""
        return "too sure" if self.sure > high else "too unsure"


def bins(
    sure: np.ndarray, right: np.ndarray, number: int = 10, spacing: Spacing = "width"
) -> list[Bin]:
    """The bars of a reliability diagram, least sure first; empty bins are left out.

    "width": `number` equal parts of 0 to 1. An edge belongs to the part above it, 1 to the last.
    "mass": about equally many answers each; equal confidences stay together, so there may be fewer
    bins, and `low` and `high` are the confidences seen. Raises ValueError as
    `expected_calibration_error` does.
    """
    sure, right = _checked(sure, right)
    which = _bin_numbers(sure, number, spacing)
    found = []
    for b in np.unique(which).tolist():
        inside, won = sure[which == b], right[which == b]
        low, high = (b / number, (b + 1) / number) if spacing == "width" else _ends(inside)
        share = Share(int(won.sum()), len(won))
        found.append(Bin(low, high, float(inside.mean()), share))
    return found


def expected_calibration_error(
    sure: np.ndarray, right: np.ndarray, number: int = 10, spacing: Spacing = "width"
) -> float:
    """Mean distance of confidence from accuracy over bins, weighed by size (Naeini et al. 2015).

    What it hides: too sure and not sure enough cancel within a bin; it depends on the bins, and
    chance alone makes it positive (see `error_by_chance`); and a model that gives every answer
    the same confidence, its accuracy, scores a perfect 0 and tells right from wrong nowhere.

    Raises ValueError for no answers, lists of two lengths, or a confidence outside 0 to 1.
    """
    sure, right = _checked(sure, right)
    gaps = np.bincount(_bin_numbers(sure, number, spacing), weights=right - sure)
    return float(np.abs(gaps).sum() / len(sure))


def error_by_chance(
    sure: np.ndarray,
    rng: np.random.Generator,
    number: int = 10,
    spacing: Spacing = "width",
    draws: int = DRAWS,
) -> tuple[float, float]:
    """The error of a perfectly calibrated model with these confidences: mean and 95% point.

    Simulated: each answer is right with just the probability that the model names (Bröcker and
    Smith 2007). A measured error below the second number is no evidence of bad calibration. How
    many are right is drawn for a bin as a whole, so that many draws cost little.
    """
    which = _bin_numbers(sure, number, spacing)
    errors = np.zeros(draws)
    for b in np.unique(which):
        inside = sure[which == b]
        won = rng.choice(len(inside) + 1, size=draws, p=_numbers_right(inside))
        errors += np.abs(won - inside.sum()) / len(sure)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def _numbers_right(sure: np.ndarray) -> np.ndarray:
    """The probability of 0, 1, ... n right answers (n + 1,), if each comes true as it says."""
    found = np.ones(1)
    for each in sure.tolist():
        found = np.convolve(found, (1 - each, each))
    return found / found.sum()


def brier(sure: np.ndarray, right: np.ndarray) -> float:
    """Mean squared distance between confidence and outcome, 1 or 0 (Brier 1950); 0 is best."""
    sure, right = _checked(sure, right)
    return float(np.mean((sure - right) ** 2))


def log_loss(sure: np.ndarray, right: np.ndarray) -> float:
    """Mean surprise at the outcomes, right or wrong, in nats: -log of what was given to them."""
    sure, right = _checked(sure, right)
    given = np.where(right, sure, 1 - sure)
    return float(-np.log(np.maximum(given, np.finfo(float).tiny)).mean())


def tempered(sure: np.ndarray, temperature: float) -> np.ndarray:
    """Confidences whose log-odds are divided by `temperature`, 0.1 or more.

    Temperature scaling (Guo et al. 2017) for the two outcomes right and wrong. Above 1 all move
    towards 1/2, below 1 away from it. Their order stays, and 0, 1/2 and 1 stay where they are.
    """
    odds = np.asarray(sure, dtype=float) ** (1 / temperature)
    against = (1 - np.asarray(sure, dtype=float)) ** (1 / temperature)
    return np.asarray(odds / (odds + against))


def best_temperature(sure: np.ndarray, right: np.ndarray) -> float:
    """The temperature from 0.1 to 10 with the least log loss, which is convex in its inverse."""
    from scipy.optimize import minimize_scalar  # a web page without it is 20 MB lighter

    sure, right = _checked(sure, right)
    found = minimize_scalar(
        lambda inverse: log_loss(tempered(sure, 1 / inverse), right),
        bounds=(0.1, 10),
        method="bounded",
    )
    return 1 / float(found.x)


@dataclass(frozen=True)
class Repair:
    """A temperature found on every other question; what it does to the rest, before and after."""

    temperature: float
    loss: tuple[float, float]
    error: tuple[float, float]  # expected calibration error


def repair(
    sure: np.ndarray, right: np.ndarray, number: int = 10, spacing: Spacing = "width"
) -> Repair:
    """Find the best temperature on one half of `n` answers, and judge it on the other.

    Raises ValueError as `expected_calibration_error` does, and for a single answer.
    """
    sure, right = _checked(sure, right)
    found, judged = HALVES
    temperature = best_temperature(sure[found], right[found])
    before, won = sure[judged], right[judged]
    after = tempered(before, temperature)
    return Repair(
        temperature,
        (log_loss(before, won), log_loss(after, won)),
        (
            expected_calibration_error(before, won, number, spacing),
            expected_calibration_error(after, won, number, spacing),
        ),
    )


@dataclass(frozen=True)
class Area:
    """The area under the ROC curve, with a 95% interval."""

    value: float
    interval: tuple[float, float]


def auroc(sure: np.ndarray, right: np.ndarray) -> Area | None:
    """The probability that a right answer is surer than a wrong one; a tie counts one half.

    The Mann-Whitney statistic over its greatest value. The interval is DeLong's (DeLong et al.
    1988) on the scale of log-odds, so that it stays within 0 and 1. Where all pairs are in order
    its variance is 0: the interval is then Wilson's for as many pairs as share no answer. With
    one right answer or one wrong one there is no variance, and the interval is (0, 1).

    None if all answers are right or all wrong: there is nothing to tell apart.
    """
    sure, right = _checked(sure, right)
    good, poor = sure[right], sure[~right]
    fewer = min(len(good), len(poor))
    if not fewer:
        return None
    won = (good[:, None] > poor) + 0.5 * (good[:, None] == poor)  # (right, wrong)
    value = float(won.mean())
    if value in (0.0, 1.0):
        return Area(value, Share(int(value) * fewer, fewer).interval)
    if fewer == 1:
        return Area(value, (0.0, 1.0))
    variance = won.mean(1).var(ddof=1) / len(good) + won.mean(0).var(ddof=1) / len(poor)
    odds, error = math.log(value / (1 - value)), math.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(odds + sign * Z * error))) for sign in (-1, 1))
    return Area(value, (low, high))


def _bin_numbers(sure: np.ndarray, number: int, spacing: Spacing) -> np.ndarray:
    """The bin (n,) of each confidence."""
    if spacing == "width":
        return np.minimum((sure * number).astype(int), number - 1)
    # Cut after confidences that were seen, at ranks rounded up: distinct ones split evenly.
    ranks = -(-len(sure) * np.arange(1, number) // number)
    return np.searchsorted(np.unique(np.sort(sure)[ranks - 1]), sure, side="left")


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _checked(sure: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sure, right = np.asarray(sure, dtype=float), np.asarray(right, dtype=bool)
    if not len(sure) or sure.shape != right.shape:
        raise ValueError(f"{sure.shape} confidences for {right.shape} answers")
    if sure.min() < 0 or sure.max() > 1:
        raise ValueError(f"confidences from {sure.min():g} to {sure.max():g}: want 0 to 1")
    return sure, right


@dataclass(frozen=True)
class Point:
    """One threshold: how many of `n` questions are then answered, and how many of those rightly."""

    threshold: float
    right: Share  # of the questions answered
    n: int

    @property
    def coverage(self) -> float:
        """The share of questions answered."""
        return self.right.n / self.n


@dataclass(frozen=True)
class RiskCoverage:
    """Every distinct threshold, the highest first; the last one answers every question."""

    points: tuple[Point, ...]

    @property
    def area(self) -> float:
        """Mean accuracy over answering the 1, 2, ... n surest questions; equals in random order.

        A confidence that tells nothing gives the accuracy itself; see `best_area`.
        """
        answered = [point.right.n for point in self.points]
        return _mean_accuracy(answered, [point.right.right for point in self.points])

    @property
    def best_area(self) -> float:
        """The area if every right answer were surer than every wrong one."""
        everything = self.points[-1].right
        return _mean_accuracy([everything.right, everything.n], [everything.right] * 2)

    def reaching(self, accuracy: float) -> Point | None:
        """The point that answers most with at least that accuracy; None if there is none.

        It is chosen by the answers that it is then judged by, and so somewhat too good:
        `on_the_other_half` tells what to expect of new questions.
        """
        good = [point for point in self.points if point.right.value >= accuracy]
        return max(good, key=lambda point: point.right.n, default=None)


@dataclass(frozen=True)
class HeldOut:
    """A threshold chosen on one half of the questions, judged on the other; means over halvings."""

    accuracy: float  # of all that was answered
    coverage: float


def risk_coverage(sure: np.ndarray, right: np.ndarray) -> RiskCoverage:
    """The curve for confidences `sure` (n,) and booleans `right` (n,).

    Questions of one confidence are answered together or not at all. Raises ValueError for no
    answers or lists of two lengths.
    """
    thresholds, answered, won = _curve(np.asarray(sure), np.asarray(right))
    columns = zip(thresholds.tolist(), answered.tolist(), won.tolist(), strict=True)
    return RiskCoverage(tuple(Point(t, Share(w, a), len(sure)) for t, a, w in columns))


def on_the_other_half(
    sure: np.ndarray,
    right: np.ndarray,
    accuracy: float,
    rng: np.random.Generator,
    splits: int = 200,
) -> HeldOut:
    """Choose the threshold for `accuracy` on a random half, and use it on the rest.

    A half on which no threshold reaches the accuracy leaves the other half unanswered. The
    accuracy is 0 if nothing was ever answered. Raises ValueError as `risk_coverage` does, and for
    a single answer, which has no halves.
    """
    sure, right = np.asarray(sure), np.asarray(right)
    if len(sure) == 1:
        raise ValueError("1 answer: halves need at least 2")
    given = won = asked = 0
    for _ in range(splits):
        order = rng.permutation(len(sure))
        chosen, rest = order[: len(order) // 2], order[len(order) // 2 :]
        thresholds, answered, good = _curve(sure[chosen], right[chosen])
        reached = np.flatnonzero(good / answered >= accuracy)
        lowest = thresholds[reached[-1]] if len(reached) else np.inf
        answer = sure[rest] >= lowest
        given, won = given + int(answer.sum()), won + int(right[rest][answer].sum())
        asked += len(rest)
    return HeldOut(won / given if given else 0.0, given / asked)


def points_won(sure: np.ndarray, right: np.ndarray, threshold: float, price: float) -> float:
    """What answering from `threshold` on brings: 1 a right answer, -`price` a wrong one, else 0."""
    answered = np.asarray(sure) >= threshold
    won = int(np.asarray(right)[answered].sum())
    return won - price * (int(answered.sum()) - won)


def best_threshold(sure: np.ndarray, right: np.ndarray, price: float) -> float:
    """The threshold that wins most points on these answers, the highest of equals.

    Infinity if every threshold loses points, or wins none. Raises ValueError as `risk_coverage`
    does.
    """
    thresholds, answered, won = _curve(np.asarray(sure), np.asarray(right))
    points = won - price * (answered - won)
    best = int(points.argmax())  # the first: thresholds fall
    return float(thresholds[best]) if points[best] > 0 else math.inf


def calibrated_threshold(price: float) -> float:
    """From where on a calibrated model should answer: p - price * (1 - p) >= 0 (Chow 1970)."""
    return price / (1 + price)


def _curve(sure: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct thresholds, falling, with how many are answered and rightly answered at each."""
    if not len(sure) or sure.shape != right.shape:
        raise ValueError(f"{sure.shape} confidences for {right.shape} answers")
    order = np.argsort(-sure, kind="stable")
    last = np.append(np.flatnonzero(np.diff(sure[order])), len(sure) - 1)  # of each run of equals
    return sure[order][last], last + 1, np.cumsum(right[order])[last]


def _mean_accuracy(answered: list[int], right: list[int]) -> float:
    number = np.arange(1, answered[-1] + 1)
    return float(np.mean(np.interp(number, [0, *answered], [0, *right]) / number))
