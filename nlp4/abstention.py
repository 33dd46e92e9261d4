"""What a model gets right if it may say "I do not know" below a threshold of confidence.

Risk and coverage after El-Yaniv and Wiener (2010); told here as accuracy, 1 - risk, against the
share of questions answered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlp4.statistics import Share


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
