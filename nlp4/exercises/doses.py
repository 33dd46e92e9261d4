"""The exercise on misinformation by dose: how many false texts it takes until half are misled."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nlp4.exercises.inside import NOTEBOOK
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case
from nlp4.maths.statistics import crossing

Array = np.ndarray
Curve = Callable[[Array, Array], Any]  # of the doses and the shares
Between = Callable[[Array, Array, int], Any]  # and of the place up to which the line goes
HALF = 0.5
TEXTS = 20  # of each person
PEOPLE = 40  # of each dose: one of them moves a share by more than single precision loses
DOSES = np.array([0.0, 1.0, 2.0, 5.0, 10.0, 15.0])  # the doses of the notebook's own curves


def _dose_cases(rng: np.random.Generator) -> list[Case]:
    """Where no line is crossed, no first dose is 0: to return 0 differs from returning that."""
    edges: list[tuple[list[float], list[float]]] = [
        ([0, 2, 5, 10], [0.1, 0.2, 0.4, 0.8]),
        ([1, 4, 6, 12, 20], [0.1, 0.4, 0.8, 0.3, 0.9]),
        ([0, 1, 3, 7, 15], [0.2, 0.45, 0.65, 0.4, 0.1]),
        ([1, 2, 5], [0.0, 0.1, 0.45]),
        ([3, 4, 8], [0.1, 0.475, 0.2]),
        ([2, 3, 8, 9], [0.9, 0.6, 0.2, 0.7]),
        ([1, 2, 9], [0.6, 0.7, 0.95]),
        ([4, 5, 10], [0.5, 0.2, 0.8]),
        ([0, 2, 6, 10, 14], [0.1, 0.25, 0.5, 0.3, 0.95]),
        ([3, 5, 6, 11], [0.2, 0.5, 0.5, 0.9]),
        ([0, 10, 15], [0.05, 0.3, 0.5]),
        ([0, 1, 4, 9, 16], [0.45, 0.3, 0.1, 0.4, 0.65]),
        ([0, 1, 2, 5, 10, 15], [0.0, 0.0, 0.1, 0.3, 0.7, 0.95]),
        ([0, 20], [0.0, 1.0]),
    ]
    drawn: list[Case] = []
    for n in (6, 6, 8, 12, TEXTS + 1):
        doses = np.sort(rng.choice(TEXTS + 1, n, replace=False)).astype(float)
        risen = np.linspace(0, 1, n) + rng.normal(0, 0.15, n)
        drawn.append((doses, (risen * PEOPLE).round().clip(0, PEOPLE) / PEOPLE))
    return [*((np.array(d, dtype=float), np.array(s)) for d, s in edges), *drawn]


def _half_dose(doses: Array, shares: Array) -> float:
    return crossing(doses.tolist(), shares.tolist(), HALF)


def _of(level: Callable[[Array], float]) -> Curve:
    """The dose at which the curve reaches another level."""
    return lambda doses, shares: crossing(doses.tolist(), shares.tolist(), level(shares))


def _reached(shares: Array) -> Array:
    return np.flatnonzero(shares >= HALF)


def _part(shares: Array, after: int) -> float:
    """How far along the line one half is, from 0 to 1."""
    return float((HALF - shares[after - 1]) / (shares[after] - shares[after - 1]))


def _width(doses: Array, after: int) -> float:
    return float(doses[after] - doses[after - 1])


def _line(doses: Array, shares: Array, after: int) -> float:
    return float(doses[after - 1] + _part(shares, after) * _width(doses, after))


def _first(doses: Array, shares: Array) -> float:
    return float(doses[0])


def _nan(doses: Array, shares: Array) -> float:
    return math.nan


def _failing(error: type[Exception]) -> Curve:
    def fail(doses: Array, shares: Array) -> Any:
        raise error

    return fail


def _slip(
    between: Between = _line,
    start: Curve = _first,
    never: Curve = _nan,
    places: Callable[[Array], Array] = _reached,
) -> Curve:
    """The right function but for one thing.

    What it returns on the line up to the first of `places`, at a curve's start, or for a curve that
    has no such place; or which places those are.
    """

    def half_dose(doses: Array, shares: Array) -> Any:
        found = places(shares)
        if not len(found):
            return never(doses, shares)
        return between(doses, shares, int(found[0])) if found[0] else start(doses, shares)

    return half_dose


def _guarded(says: str, *curves: Curve) -> Iterator[Mistake]:
    """Each as it is, with np.nan where one half is never reached, and with the start right too."""

    def reached(curve: Curve) -> Curve:
        return lambda doses, shares: curve(doses, shares) if shares.max() >= HALF else math.nan

    def started(curve: Curve) -> Curve:
        return lambda doses, shares: curve(doses, shares) if shares[0] < HALF else doses[0]

    for curve in curves:
        for guarded in (curve, reached(curve), started(reached(curve))):
            yield Mistake(says, guarded)


def _between(says: str, *betweens: Between) -> Iterator[Mistake]:
    """Each with a curve that never reaches one half right, or with one of two usual slips there."""
    for between in betweens:
        for never in (_nan, _first, _failing(IndexError)):
            yield Mistake(says, _slip(between, never=never))


def _rises(shares: Array) -> Array:
    """The places at one half or more that come after one below it; 0 is not among them."""
    return np.flatnonzero((shares[:-1] < HALF) & (shares[1:] >= HALF)) + 1


def _with_start(places: Array, shares: Array) -> Array:
    return np.concatenate([np.flatnonzero(shares[:1] >= HALF), places])


def _changes(shares: Array) -> Array:
    return np.flatnonzero(np.diff(np.sign(shares - HALF))) + 1


def _through_half(shares: Array) -> Array:
    return np.flatnonzero((shares[:-1] < HALF) & (shares[1:] > HALF)) + 1


def _from_last_below(doses: Array, shares: Array) -> float:
    return _line(doses, shares, int(np.flatnonzero(shares < HALF)[-1]) + 1)


def _searched(doses: Array, shares: Array) -> float:
    after = int(np.searchsorted(shares, HALF))
    if after == len(shares):
        return math.nan
    return _line(doses, shares, after) if after else float(doses[0])


def _interpolated(**outside: float) -> Curve:
    return lambda doses, shares: np.interp(HALF, shares, doses, **outside)


def _sorted(doses: Array, shares: Array) -> Any:
    order = np.argsort(shares)
    return np.interp(HALF, shares[order], doses[order])


def _fitted(doses: Array, shares: Array) -> Any:
    slope, height = np.polyfit(doses, shares, 1)
    return (HALF - height) / slope


def _rounded(to_whole: Callable[[float], Any]) -> Curve:
    return lambda doses, shares: to_whole(_half_dose(doses, shares))


def _equally_spaced(doses: Array, shares: Array, after: int) -> float:
    """As if the doses were equally far apart, from the first one to the last one."""
    return float(doses[0] + (after - 1 + _part(shares, after)) * np.diff(doses).mean())


_MEASURED = (
    "this is the first measured dose with one half or more: go along the line that ends there"
)
_BEFORE = "this is the last dose before one half: go on from there along the line to the next dose"
_NEAREST = "this is the measured dose nearest to one half: return where the line reaches one half"
_RISING = (
    "this search is made for shares that always rise: find the first of one half or more, "
    "then take the line from the dose before it"
)
_SORTED = "you sorted the shares, but they may fall again: keep the order of the doses"
_LAST = "this is where the curve last reaches one half: return where it does so first"
_LAST_BELOW = "you began at the last share below one half: begin at the first of one half or more"
_START = "you left out the start: if the first share is one half or more, return the first dose"
_ABOVE = "a share of exactly one half has reached it: ask for >=, not >"
_EXCHANGED = "you exchanged the two ends: go that part of the way from the lower dose, not back"
_RISE = "you did not divide by the rise: the part is (0.5 - lower share) / (upper - lower share)"
_SPACING = "you took the doses for equally spaced: multiply by how far these two are apart"
_INDEX = "this is a place in the array: return a dose"
_LOGARITHM = "you took the logarithm of the dose: the line is straight in the dose itself"
_FIT = "you fitted one line to all points: take the line between two neighbouring doses"
_SHARE = "this is a share: return the dose at which one half is reached"
_LEVEL = "half of the highest share, or between two shares, is not meant: the level is 0.5"
_HARD = "you use doses of your own: take those in `doses`, which may be others"
_TWENTY = "you set the dose against all texts: return how many texts are false, as in `doses`"
_ROUNDED = "you rounded: one half may be reached between two whole doses, so return it as it is"
_EMPTY = "your function stops where no share is one half or more: look first, and return np.nan"

_NEVER: tuple[tuple[str, Curve], ...] = (
    ("the last dose", lambda doses, shares: doses[-1]),
    ("the first dose (np.argmax gives 0 where nothing is True)", _first),
    ("0", lambda doses, shares: 0.0),
    ("None", lambda doses, shares: None),
    ("infinity", lambda doses, shares: math.inf),
    ("-1", lambda doses, shares: -1.0),
    ("the number of all texts", lambda doses, shares: float(TEXTS)),
    ("the dose of the highest share", lambda doses, shares: doses[shares.argmax()]),
    ("a line that goes on", lambda doses, shares: _line(doses, shares, len(doses) - 1)),
)
_BEGUN: tuple[tuple[str, Curve], ...] = (
    ("0", lambda doses, shares: 0.0),
    ("np.nan", _nan),
    ("None", lambda doses, shares: None),
    ("what index -1 gives: it is the last", lambda doses, shares: _line(doses, shares, 0)),
    ("a line from before it", lambda doses, shares: _line(doses, shares, 1)),
)

HALF_DOSE = Exercise(
    name="half_dose",
    title="How many does it take?",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_dose_cases,
    reference=_half_dose,
    mistakes=(
        *(
            Mistake(
                f"where the curve never reaches one half, return np.nan, not {what}",
                _slip(never=never),
            )
            for what, never in _NEVER
        ),
        *(
            Mistake(_EMPTY, _slip(never=_failing(error)))
            for error in (IndexError, StopIteration, ValueError)
        ),
        *(
            Mistake(
                f"where the first share is one half or more, return the first dose, not {what}",
                _slip(start=start),
            )
            for what, start in _BEGUN
        ),
        *(
            Mistake(_START, _slip(never=never, places=places))
            for never in (_nan, _failing(IndexError))
            for places in (_changes, _rises)
        ),
        *_between(_MEASURED, lambda doses, shares, after: doses[after]),
        *_between(_BEFORE, lambda doses, shares, after: doses[after - 1]),
        *_guarded(
            _BEFORE,
            lambda doses, shares: doses[shares < HALF][-1],
            lambda doses, shares: doses[shares < HALF].max(),
        ),
        *_guarded(_NEAREST, lambda doses, shares: doses[np.abs(shares - HALF).argmin()]),
        *_between(
            "this is the middle of two doses: go as far along the line as one half needs",
            lambda doses, shares, after: (doses[after - 1] + doses[after]) / 2,
        ),
        *_guarded(
            _RISING,
            _interpolated(),
            _interpolated(right=math.nan),
            _interpolated(left=math.nan, right=math.nan),
            _searched,
        ),
        *_guarded(_SORTED, _sorted, lambda doses, shares: np.interp(HALF, np.sort(shares), doses)),
        Mistake(_LAST, _slip(places=lambda shares: _with_start(_rises(shares), shares)[::-1])),
        Mistake(_LAST, _slip(places=lambda shares: _with_start(_changes(shares), shares)[::-1])),
        Mistake(_LAST, _slip(places=lambda shares: _reached(shares)[::-1])),
        *_guarded(_LAST_BELOW, _from_last_below),
        Mistake(_ABOVE, _slip(places=lambda shares: np.flatnonzero(shares > HALF))),
        Mistake(_ABOVE, _slip(places=_through_half)),
        Mistake(_ABOVE, _slip(places=lambda shares: _with_start(_through_half(shares), shares))),
        Mistake(
            "the wrong way round: look for the first share of one half or more, not less",
            _slip(places=lambda shares: np.flatnonzero(shares <= HALF)),
        ),
        *_between(
            _EXCHANGED,
            lambda doses, shares, after: doses[after] - _part(shares, after) * _width(doses, after),
        ),
        *_between(
            "you began at the upper dose: go that part of the way from the lower one",
            lambda doses, shares, after: doses[after] + _part(shares, after) * _width(doses, after),
        ),
        *_between(
            "this is how far beyond the lower dose: add that dose",
            lambda doses, shares, after: _part(shares, after) * _width(doses, after),
        ),
        *_between(
            _RISE,
            lambda doses, shares, after: (
                doses[after - 1] + (HALF - shares[after - 1]) * _width(doses, after)
            ),
            lambda doses, shares, after: (
                doses[after - 1] + (HALF - shares[after - 1]) / shares[after] * _width(doses, after)
            ),
        ),
        *_between(
            "the part of the way is turned upside down: divide by the whole rise",
            lambda doses, shares, after: (
                doses[after - 1] + _width(doses, after) / _part(shares, after)
            ),
        ),
        *_between(
            "you drew the line from zero: it begins at the dose before, with the share there",
            lambda doses, shares, after: HALF / shares[after] * doses[after],
        ),
        *_between(
            _SPACING,
            lambda doses, shares, after: doses[after - 1] + _part(shares, after),
            lambda doses, shares, after: (
                doses[after - 1] + _part(shares, after) * (doses[1] - doses[0])
            ),
            _equally_spaced,
        ),
        *_between(
            _INDEX,
            lambda doses, shares, after: after,
            lambda doses, shares, after: after - 1 + _part(shares, after),
        ),
        *_between(
            _LOGARITHM,
            lambda doses, shares, after: np.exp(_line(np.log(doses), shares, after)),
            lambda doses, shares, after: np.expm1(_line(np.log1p(doses), shares, after)),
        ),
        *_guarded(
            _FIT, _fitted, lambda doses, shares: np.polyval(np.polyfit(shares, doses, 1), HALF)
        ),
        *_between(
            _SHARE, lambda doses, shares, after: shares[after], lambda doses, shares, after: HALF
        ),
        *_between(
            "this is the part of the way between two doses: go that far from the lower one",
            lambda doses, shares, after: _part(shares, after),
        ),
        *_guarded(
            "this is the share at a dose of one half: ask for the dose at a share of one half",
            lambda doses, shares: np.interp(HALF, doses, shares),
        ),
        Mistake(_LEVEL, _of(lambda shares: shares.max() / 2)),
        Mistake(_LEVEL, _of(lambda shares: (shares.min() + shares.max()) / 2)),
        Mistake(_LEVEL, _of(lambda shares: (shares[0] + shares[-1]) / 2)),
        Mistake("shares lie between 0 and 1: one half is 0.5, not 50", _of(lambda shares: 50.0)),
        Mistake(
            "you put the highest share so far for each: the line begins at the share as measured",
            lambda doses, shares: _half_dose(doses, np.maximum.accumulate(shares)),
        ),
        Mistake(
            _HARD,
            _slip(
                lambda doses, shares, after: _line(DOSES, shares, after),
                lambda doses, shares: DOSES[0],
            ),
        ),
        Mistake(_HARD, lambda doses, shares: _half_dose(DOSES, shares[: len(DOSES)])),
        Mistake(_TWENTY, lambda doses, shares: _half_dose(doses, shares) / TEXTS),
        Mistake(_TWENTY, lambda doses, shares: TEXTS - _half_dose(doses, shares)),
        Mistake(_TWENTY, lambda doses, shares: _half_dose(doses, shares) / doses[-1]),
        *(Mistake(_ROUNDED, _rounded(to_whole)) for to_whole in (np.ceil, np.round, np.floor)),
    ),
)
