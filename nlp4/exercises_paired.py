"""The exercise of notebook 04 that compares two models on the same questions (exercise 4a)."""

from __future__ import annotations

import math

import numpy as np

from nlp4.judging import Case, Exercise, Mistake

Array = np.ndarray
NOTEBOOK = "04_what_the_model_believes"


def _built(rng: np.random.Generator, *counts: int) -> Case:
    """Answers that only the first, only the second, both and neither got right, so many each."""
    kinds = np.repeat([[True, False], [False, True], [True, True], [False, False]], counts, axis=0)
    shuffled = kinds[rng.permutation(len(kinds))]
    return shuffled[:, 0], shuffled[:, 1]


def _paired_cases(rng: np.random.Generator) -> list[Case]:
    counts = (
        (3, 0, 1, 1),
        (0, 0, 2, 1),
        (2, 2, 1, 0),
        (1, 4, 0, 1),
        (0, 5, 3, 2),
        (12, 4, 20, 14),
        (3, 9, 5, 40),
        (30, 22, 100, 48),
    )
    drawn: list[Case] = [(rng.random(n) < 0.5, rng.random(n) < 0.6) for n in (9, 50)]
    return [*(_built(rng, *each) for each in counts), *drawn]


def _only(first: Array, second: Array) -> tuple[int, int]:
    return int((first & ~second).sum()), int((second & ~first).sum())


def _tail(upto: int, n: int) -> float:
    """The probability that a fair coin, thrown `n` times, shows heads at most `upto` times."""
    return sum(math.comb(n, i) for i in range(upto + 1)) / 2**n


def _two_sided(a: int, b: int) -> float:
    return min(1.0, 2 * _tail(min(a, b), a + b))


def _mcnemar(first: Array, second: Array) -> float:
    """McNemar (1947), exact: a fair coin decides which of the two is right where they differ."""
    return _two_sided(*_only(first, second))


def _exactly(first: Array, second: Array, factor: int) -> float:
    a, b = _only(first, second)
    return factor * math.comb(a + b, a) / 2 ** (a + b)


def _chi_squared(correction: int, first: Array, second: Array) -> float:
    a, b = _only(first, second)
    if a + b == 0:
        return math.nan
    return math.erfc(math.sqrt(max(0, abs(a - b) - correction) ** 2 / (a + b) / 2))


def _never_differ(value: float | None, first: Array, second: Array) -> float:
    a, b = _only(first, second)
    if a + b:
        return _two_sided(a, b)
    if value is None:
        raise ZeroDivisionError
    return value


def _z_test(first: Array, second: Array) -> float:
    n, right = len(first), int(first.sum() + second.sum())
    spread = math.sqrt(right / (2 * n) * (1 - right / (2 * n)) * 2 / n)
    return math.erfc(abs(float(first.mean() - second.mean())) / spread / math.sqrt(2))


_APPROXIMATE = (
    "this is the approximation for many differing questions: add up the probabilities themselves"
)
_UNPAIRED = (
    "you compared two shares as if the questions differed: count where only one of them is right"
)
_EXACTLY = "this is the probability of exactly this split: add up the more lopsided ones too"
_NEVER = "where the two never differ, nothing speaks against chance: p is 1"

MCNEMAR_P = Exercise(
    name="mcnemar_p",
    title="Is one better than the other?",
    function="mcnemar_p",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_paired_cases,
    reference=_mcnemar,
    mistakes=(
        Mistake(
            "this counts one side only: the other could as well have been better, so double it",
            lambda first, second: _tail(min(_only(first, second)), sum(_only(first, second))),
        ),
        Mistake(
            "you ask for one direction only: take the smaller count, and double",
            lambda first, second: _tail(_only(first, second)[0], sum(_only(first, second))),
        ),
        Mistake(
            "you ask for one direction only: take the smaller count, and double",
            lambda first, second: _tail(_only(first, second)[1], sum(_only(first, second))),
        ),
        Mistake(
            "a probability cannot exceed 1: an even split is counted from both sides, and p is 1",
            lambda first, second: 2 * _tail(min(_only(first, second)), sum(_only(first, second))),
        ),
        Mistake(
            "you left the split that was seen out: begin with it, and add the more lopsided ones",
            lambda first, second: (
                2 * _tail(min(_only(first, second)) - 1, sum(_only(first, second)))
            ),
        ),
        Mistake(_EXACTLY, lambda first, second: _exactly(first, second, 1)),
        Mistake(_EXACTLY, lambda first, second: _exactly(first, second, 2)),
        Mistake(
            "you threw the coin for every question: only those count where the two differ",
            lambda first, second: min(1.0, 2 * _tail(min(_only(first, second)), len(first))),
        ),
        Mistake(
            "you counted all right answers: those that both got right say nothing of a difference",
            lambda first, second: _two_sided(int(first.sum()), int(second.sum())),
        ),
        Mistake(
            "you counted where the two agree: count where only one of them is right",
            lambda first, second: _two_sided(
                int((first & second).sum()), int((~first & ~second).sum())
            ),
        ),
        Mistake(_APPROXIMATE, lambda first, second: _chi_squared(0, first, second)),
        Mistake(_APPROXIMATE, lambda first, second: _chi_squared(1, first, second)),
        Mistake(_UNPAIRED, _z_test),
        Mistake(_NEVER, lambda first, second: _never_differ(None, first, second)),
        Mistake(_NEVER, lambda first, second: _never_differ(math.nan, first, second)),
    ),
)

EXERCISES = {MCNEMAR_P.name: MCNEMAR_P}
