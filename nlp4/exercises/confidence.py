"""How sure one can be: of a difference between two models, and of an answer (exercises 4a, 4b)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray
NOTEBOOK = "05_what_the_model_believes"


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
        (45, 35, 61, 9),
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


def _overflowing(first: Array, second: Array) -> float:
    a, b = (first & ~second).sum(), (second & ~first).sum()
    tail = sum(math.comb(a + b, i) / 2 ** (a + b) for i in range(min(a, b) + 1))
    return float(min(1.0, 2 * tail))


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
            "you take the first's count, whichever is smaller: take the smaller count, and double",
            lambda first, second: min(
                1.0, 2 * _tail(_only(first, second)[0], sum(_only(first, second)))
            ),
        ),
        Mistake(
            "you take the second's count, whichever is smaller: take the smaller count, and double",
            lambda first, second: min(
                1.0, 2 * _tail(_only(first, second)[1], sum(_only(first, second)))
            ),
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
        Mistake(
            "numpy's whole numbers hold no 2**63: make the counts whole numbers of Python by int()",
            _overflowing,
        ),
        Mistake(_NEVER, lambda first, second: _never_differ(math.nan, first, second)),
    ),
)


def _graded(
    rng: np.random.Generator, n: int, bins: int = 10, among: Sequence[int] | None = None
) -> tuple[Array, Array]:
    """Probabilities of answers, and which answers are right: fewer than they promise.

    Each lies within one of `bins` bins, well away from its edges, and all of them `among` some.
    """
    which = rng.choice(range(bins) if among is None else among, n)
    probabilities = (which + rng.uniform(0.02, 0.98, n)) / bins
    right = rng.random(n) < probabilities**2
    right[:2] = True, False
    return probabilities, right


def _calibration_cases(rng: np.random.Generator) -> list[Case]:
    # No probability lies on the edge of two bins, which other codes put into the lower one.
    edges: list[Case] = [
        (np.array([0.95, 0.91, 0.85, 0.15]), np.array([True, False, True, False]), 10),
        (np.array([1.0, 1.0, 0.95, 0.0, 0.04]), np.array([True, False, True, True, False]), 10),
        (np.array([0.72, 0.61]), np.array([False, False]), 1),
        (np.array([0.61, 0.63, 0.77, 0.79]), np.array([False, False, True, True]), 5),
        (np.array([0.0, 0.3, 0.0, 1.0]), np.array([True, False, False, False]), 2),
    ]
    drawn = [(6, 3, None), (40, 5, None), (60, 20, (7, 8, 10, 11, 12)), (200, 10, None)]
    return [*edges, *((*_graded(rng, n, bins, among), bins) for n, bins, among in drawn)]


def _error(which: Array, probabilities: Array, right: Array) -> float:
    """Naeini, Cooper and Hauskrecht (2015), with the counts cancelled."""
    return float(np.abs(np.bincount(which, right - probabilities)).sum()) / len(right)


def _gaps(probabilities: Array, right: Array, bins: int) -> tuple[Array, Array]:
    """For each bin that is not empty, its count, and |accuracy - mean probability|."""
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts, sums = np.bincount(which), np.bincount(which, right - probabilities)
    return counts[counts > 0], np.abs(sums[counts > 0] / counts[counts > 0])


def _calibration(probabilities: Array, right: Array, bins: int) -> float:
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    return _error(which, probabilities, right)


def _from_the_middle(probabilities: Array, right: Array, bins: int) -> float:
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    return float(np.abs(np.bincount(which, right - (which + 0.5) / bins)).sum()) / len(right)


def _own_range(probabilities: Array, right: Array, bins: int) -> float:
    edges = np.histogram_bin_edges(probabilities, bins)
    return _error(np.digitize(probabilities, edges[1:-1]), probabilities, right)


def _equal_mass(probabilities: Array, right: Array, bins: int) -> float:
    parts = np.array_split(np.argsort(probabilities, kind="stable"), bins)
    return sum(abs(float((right - probabilities)[part].sum())) for part in parts) / len(right)


def _rounded(probabilities: Array, right: Array, bins: int) -> float:
    return _error(np.rint(probabilities * bins).astype(int), probabilities, right)


def _without(end: float, probabilities: Array, right: Array, bins: int) -> float:
    kept = probabilities != end
    return _calibration(probabilities[kept], right[kept], bins) * float(kept.mean())


def _one_apart(probabilities: Array, right: Array, bins: int) -> float:
    gap = abs(float((right - probabilities)[probabilities == 1].sum()))
    return _without(1.0, probabilities, right, bins) + gap / len(right)


def _empty_as(value: float | None, probabilities: Array, right: Array, bins: int) -> float:
    if len(_gaps(probabilities, right, bins)[0]) == bins:
        return _calibration(probabilities, right, bins)
    if value is None:
        raise ZeroDivisionError
    return value


def _no_bin_for_one(probabilities: Array, right: Array, bins: int) -> float:
    if (probabilities == 1).any():
        raise IndexError
    return _calibration(probabilities, right, bins)


_UNWEIGHTED = "you averaged the bins without their counts: a bin weighs as much as it has questions"
_SIGNED = "gaps above and below cancel: take the absolute value of each bin's gap"
_EMPTY = "an empty bin has no accuracy and no mean probability: leave it out"
_ONE = "a probability of exactly 1 is in no bin: it belongs to the last one"

EXPECTED_CALIBRATION_ERROR = Exercise(
    name="expected_calibration_error",
    title="Does it know how sure to be?",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_calibration_cases,
    reference=_calibration,
    mistakes=(
        Mistake(_UNWEIGHTED, lambda p, r, bins: float(_gaps(p, r, bins)[1].mean())),
        Mistake(_UNWEIGHTED, lambda p, r, bins: float(_gaps(p, r, bins)[1].sum() / bins)),
        Mistake(
            "you added the gaps of the bins up: weigh each by the share of questions in its bin",
            lambda p, r, bins: float(_gaps(p, r, bins)[1].sum()),
        ),
        Mistake(
            "this is the largest gap of a bin (the maximum calibration error): take the mean",
            lambda p, r, bins: float(_gaps(p, r, bins)[1].max()),
        ),
        Mistake(_SIGNED, lambda p, r, bins: float(np.mean(r - p))),
        Mistake(_SIGNED, lambda p, r, bins: float(np.mean(p - r))),
        Mistake(
            "you put all questions into one bin: too sure here makes up for too unsure there",
            lambda p, r, bins: _calibration(p, r, 1),
        ),
        Mistake(
            "you squared the gaps: take their absolute values",
            lambda p, r, bins: _gaps(p, r, bins)[0] @ _gaps(p, r, bins)[1] ** 2 / len(r),
        ),
        Mistake(
            "you took the middle of a bin: take the mean of the probabilities in it",
            _from_the_middle,
        ),
        Mistake(
            "you compared each question alone: an answer is right or wrong, only a bin has a share",
            lambda p, r, bins: float(np.mean(np.abs(r - p))),
        ),
        Mistake(
            "you weighted by counts: divide by the number of questions to get shares",
            lambda p, r, bins: _calibration(p, r, bins) * len(r),
        ),
        Mistake(
            "you always make 10 bins: how many is told by `bins`",
            lambda p, r, bins: _calibration(p, r, 10),
        ),
        Mistake(
            "your bins span the probabilities that occur: cut the numbers from 0 to 1", _own_range
        ),
        Mistake(
            "your bins hold equally many questions: make them equally wide, from 0 to 1",
            _equal_mass,
        ),
        Mistake(
            "you made one bin fewer: `bins` bins have `bins + 1` edges, 0 and 1 among them",
            lambda p, r, bins: _calibration(p, r, max(1, bins - 1)),
        ),
        Mistake(
            "you rounded to the nearest edge: round down, since a bin lies between two edges",
            _rounded,
        ),
        Mistake(_ONE, lambda p, r, bins: _without(1.0, p, r, bins)),
        Mistake(_ONE, _no_bin_for_one),
        Mistake(
            "a probability of exactly 1 has a bin of its own: put it in the last one", _one_apart
        ),
        Mistake(
            "a probability of exactly 0 is in no bin: it belongs to the first one",
            lambda p, r, bins: _without(0.0, p, r, bins),
        ),
        Mistake(_EMPTY, lambda p, r, bins: _empty_as(math.nan, p, r, bins)),
        Mistake(_EMPTY, lambda p, r, bins: _empty_as(None, p, r, bins)),
    ),
)


def _auroc_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [
        (np.array([0.9, 0.4, 0.6]), np.array([True, True, False])),
        (np.array([0.5, 0.5]), np.array([True, False])),
        (np.array([0.9, 0.9, 0.3, 0.9]), np.array([True, False, False, True])),
        (np.array([0.2, 0.1, 0.8]), np.array([True, True, False])),
        (np.array([0.0, 1.0, 0.0, 1.0, 0.001]), np.array([False, True, True, False, True])),
    ]
    drawn = [_graded(rng, n) for n in (6, 25, 60)]
    return [*edges, *((p.round(1), r) for p, r in drawn)]


def _leads(probabilities: Array, right: Array) -> Array:
    """1, 0 or -1 for each pair of a right answer (row) and a wrong one (column)."""
    return np.sign(probabilities[right][:, None] - probabilities[~right])


def _by_order(probabilities: Array, right: Array) -> float:
    ranks = np.argsort(np.argsort(probabilities, kind="stable"))
    return float(_leads(ranks, right).mean() + 1) / 2


def _auroc(probabilities: Array, right: Array) -> float:
    """Hanley and McNeil (1982): the area under the curve is a share of pairs."""
    return float(_leads(probabilities, right).mean() + 1) / 2


AUROC = Exercise(
    name="auroc",
    title="Is it surer when it is right?",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_auroc_cases,
    reference=_auroc,
    mistakes=(
        Mistake(
            "you counted ties as a win: a pair that is equally sure counts half",
            lambda p, r: float((_leads(p, r) >= 0).mean()),
        ),
        Mistake(
            "you counted ties as nothing: a pair that is equally sure counts half",
            lambda p, r: float((_leads(p, r) > 0).mean()),
        ),
        Mistake(
            "the wrong way round: count the pairs in which the right answer is the surer one",
            lambda p, r: 1 - _auroc(p, r),
        ),
        Mistake(
            "wins minus losses goes from -1 to 1: count the wins, and half the ties",
            lambda p, r: float(_leads(p, r).mean()),
        ),
        Mistake(
            "this is how many pairs, not their share: divide by (right answers) × (wrong answers)",
            lambda p, r: float((_leads(p, r) + 1).sum() / 2),
        ),
        Mistake(
            "you divided by the number of questions: divide by (right answers) × (wrong answers)",
            lambda p, r: float((_leads(p, r) + 1).sum() / 2 / len(r)),
        ),
        Mistake(
            "equally sure questions got different ranks from you: such a pair counts half",
            _by_order,
        ),
        Mistake(
            "you compared every question with every one: pair only right answers with wrong ones",
            lambda p, r: 0.5,
        ),
        Mistake(
            "this is the difference of two means: the size of a lead does not count, only its sign",
            lambda p, r: float(p[r].mean() - p[~r].mean()),
        ),
    ),
)


def _answering_cases(rng: np.random.Generator) -> list[Case]:
    # No share is half a question above a whole number, so that every way to round halves is right.
    edges: list[Case] = [
        (np.array([0.3, 0.9, 0.6, 0.8]), np.array([False, True, True, False]), 0.5),
        (np.array([0.8, 0.9, 0.2, 0.4, 0.7]), np.array([True, False, True, True, False]), 0.35),
        (np.array([0.9, 0.1, 0.5, 0.6, 0.2]), np.array([True, False, True, False, True]), 0.25),
        (np.array([0.2, 0.7, 0.3, 0.1]), np.array([False, True, False, True]), 0.05),
        (np.array([0.6, 0.6, 0.9, 0.6, 0.1]), np.array([False, True, True, True, False]), 0.4),
        (np.array([0.6, 0.6, 0.2, 0.6, 0.1]), np.array([True, True, True, False, False]), 0.4),
        (np.array([0.5, 0.4, 0.8]), np.array([True, False, True]), 1.0),
        (np.array([0.5, 0.4, 0.8, 0.8]), np.array([True, True, False, True]), 0.0),
        (np.array([0.3]), np.array([True]), 0.2),
        # A sort that is not stable shuffles as many ties as these.
        (np.tile([0.2, 0.6, 0.9], 40), np.arange(120) < 60, 0.5),
    ]
    drawn = ((23, 0.4), (130, 0.77), (170, 0.4), (200, 0.13))
    graded = ((*_graded(rng, n), share) for n, share in drawn)
    return [*edges, *((p.round(1), r, share) for p, r, share in graded)]


def _count(right: Array, share: float, whole: Callable[[float], int] = round) -> int:
    return max(1, whole(share * len(right)))


def _first_of(
    order: Array, right: Array, share: float, whole: Callable[[float], int] = round
) -> float:
    return float(right[order[: _count(right, share, whole)]].mean())


def _surest(probabilities: Array) -> Array:
    return np.argsort(-probabilities, kind="stable")


def _answering(probabilities: Array, right: Array, share: float) -> float:
    """El-Yaniv and Wiener (2010): accuracy at the coverage `share`."""
    return _first_of(_surest(probabilities), right, share)


def _none_answered(value: float | None, probabilities: Array, right: Array, share: float) -> float:
    if round(share * len(right)):
        return _answering(probabilities, right, share)
    if value is None:
        raise ZeroDivisionError
    return value


_UNSTABLE = (
    "your sort shuffles equally sure questions: the earlier one comes first, so use a stable sort"
)
_PEEKED = "you sorted equally sure questions by right or wrong, which the model cannot know"
_UP = "you rounded the number of questions up: round it to the nearest whole number"
_NONE = "even a small share means one question: answer at least one"

ACCURACY_WHEN_ANSWERING = Exercise(
    name="accuracy_when_answering",
    title="Let it say that it does not know",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_answering_cases,
    reference=_answering,
    mistakes=(
        Mistake(
            "you took the least sure: keep those with the highest probabilities",
            lambda p, r, share: _first_of(np.argsort(p, kind="stable"), r, share),
        ),
        Mistake(
            "you took the first questions of the list: sort them by probability before",
            lambda p, r, share: _first_of(np.arange(len(r)), r, share),
        ),
        Mistake(
            "you divided by all questions: divide by the number of those that are answered",
            lambda p, r, share: _answering(p, r, share) * _count(r, share) / len(r),
        ),
        Mistake(
            "this is how many are right, not their share: divide by the number answered",
            lambda p, r, share: _answering(p, r, share) * _count(r, share),
        ),
        Mistake(
            "you rounded the number of questions down: round it to the nearest whole number",
            lambda p, r, share: _first_of(_surest(p), r, share, math.floor),
        ),
        Mistake(_UP, lambda p, r, share: _first_of(_surest(p), r, share, math.ceil)),
        Mistake(_UP, lambda p, r, share: float(r[_surest(p)[: math.ceil(share * len(r))]].mean())),
        Mistake(
            "`share` is a share of the questions, not a probability that an answer must reach",
            lambda p, r, share: float(r[p >= share].mean()),
        ),
        Mistake(
            "you answer all that tie with the last one: that is more than the share asked for",
            lambda p, r, share: float(r[p >= np.sort(p)[-_count(r, share)]].mean()),
        ),
        Mistake(
            "of equally sure questions you took the later ones: the earlier one comes first",
            lambda p, r, share: _first_of(np.argsort(p, kind="stable")[::-1], r, share),
        ),
        Mistake(_UNSTABLE, lambda p, r, share: _first_of(np.argsort(-p), r, share)),
        Mistake(_UNSTABLE, lambda p, r, share: _first_of(np.argsort(p)[::-1], r, share)),
        Mistake(_PEEKED, lambda p, r, share: _first_of(np.lexsort((~r, -p)), r, share)),
        Mistake(_NONE, lambda p, r, share: _none_answered(math.nan, p, r, share)),
        Mistake(_NONE, lambda p, r, share: _none_answered(None, p, r, share)),
    ),
)
