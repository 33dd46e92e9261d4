"""Judging one function that a learner wrote: right, wrong and why, or not written yet.

An exercise calls the function on several inputs and compares it with an independent reference.
Where it is wrong, it is compared with wrong functions too: one that makes the same mistake on
every input names the mistake.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nlp4.exercises.comparing import difference, fitted, misfit, shown, tolerance_of
from nlp4.exercises.trying import Attempt, Case, Outcome, Task, attempt, outcomes_of, quietly

Status = Literal["right", "wrong", "unwritten"]
_MARKS: dict[Status, str] = {"right": "✓", "wrong": "✗", "unwritten": "·"}
SLOW = 1.0  # seconds of one call that are told of
_SEED = 4  # the same inputs at every check, so that a mended mistake is seen to be mended


@dataclass(frozen=True)
class Mistake:
    """A likely mistake: what to say about it, and a function that makes it."""

    says: str
    imitation: Callable[..., Any]


@dataclass(frozen=True)
class Verdict:
    """What came of one exercise, in words, and in points."""

    name: str
    status: Status
    message: str
    points: int
    out_of: int

    def line(self) -> str:
        """The verdict as the learner sees it."""
        return f"{_MARKS[self.status]} {self.name}: {self.message}"


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    `name` is the function's, `notebook` the stem of the notebook that asks for it, `minutes` the
    time that it takes. `cases` draws several inputs, edge cases among them, each a tuple of
    arguments. `reference` is the right function: its parameters are the expected ones, and its
    results the expected results, within `tolerance`, absolute plus relative (numpy.isclose).

    Where many results are right, `accepts` decides: it gets one case, what the learner's function
    returned, already of the reference's kind and shape, a tensor as an array, and the tolerance
    for numbers of its type. It returns None or what is wrong, in words that follow "for n = 4",
    such as "your query gives the weight 0.2 to key 1". `accepts_all` judges what shows in many
    draws together: it gets all cases and all that was returned.

    Where a result alone does not tell, `watched` calls the function and returns what is compared:
    it gets the function and a case's arguments, which it may change.
    """

    name: str
    title: str
    notebook: str
    points: int
    minutes: int
    cases: Callable[[np.random.Generator], Sequence[Case]]
    reference: Callable[..., Any]
    mistakes: tuple[Mistake, ...] = ()
    tolerance: float = 1e-5  # what is left of float32 once it was computed with
    accepts: Callable[[Case, Any, float], str | None] | None = None
    accepts_all: Callable[[Sequence[Case], Sequence[Any]], str | None] | None = None
    watched: Callable[..., Any] | None = None

    @property
    def parameters(self) -> list[str]:
        """The names of the function's parameters."""
        return list(inspect.signature(self.reference).parameters)

    def task(self) -> Task:
        """What the learner's function is called on: the same inputs at every check."""
        cases = list(self.cases(np.random.default_rng(_SEED)))
        return Task(self.name, tuple(self.parameters), cases, self.watched)

    def right(self, note: str = "") -> Verdict:
        """The verdict with full points."""
        earned = f"right ({self.points} point{'s' * (self.points != 1)}){note}"
        return Verdict(self.name, "right", earned, self.points, self.points)

    def wrong(self, message: str) -> Verdict:
        """The verdict on a wrong answer: no points."""
        return Verdict(self.name, "wrong", message, 0, self.points)

    def unwritten(self) -> Verdict:
        """The verdict on an exercise that nobody has begun."""
        return Verdict(self.name, "unwritten", "not written yet", 0, self.points)


def judge(exercise: Exercise, answer: object) -> Verdict:
    """Judge the learner's function; whatever it does is answered in words.

    `answer` is the function, or None where there is none. It is called on copies of the inputs;
    what it prints and warns is dropped. The reference itself counts as not written: it is what a
    learner goes on with. KeyboardInterrupt passes through.
    """
    if answer is exercise.reference:
        return exercise.unwritten()
    return verdict_on(exercise, attempt(exercise.task(), answer))


def verdict_on(exercise: Exercise, tried: Attempt) -> Verdict:
    """Judge what came of `exercise.task()`, wherever it was tried."""
    if not tried.written:
        return exercise.unwritten()
    if tried.refused:
        return exercise.wrong(tried.refused)
    cases, outcomes = exercise.task().cases, tried.outcomes
    pairs = zip(cases, outcomes, strict=False)  # nothing is called after an endless call
    faults = (_fault(exercise, *pair) for pair in pairs)
    fault = next((words for words in faults if words is not None), None)
    if fault is None:
        fault = _fault_of_all(exercise, cases, outcomes)
    if fault is None:
        return exercise.right(_slowness(outcomes))
    named = None if outcomes[-1].endless else _known_mistake(exercise, cases, outcomes)
    return exercise.wrong(f"{named}: {fault}" if named else fault)


def fits(exercise: Exercise, answer: object) -> bool:
    """Tell whether the function does its work where it is called, be the result right or wrong.

    It neither fails nor returns anything of another kind, shape or type than the reference.
    """
    return answer is not exercise.reference and fitting(exercise, attempt(exercise.task(), answer))


def fitting(exercise: Exercise, tried: Attempt) -> bool:
    """Like `fits`, of what came of `exercise.task()`, wherever it was tried."""
    if tried.refused or not tried.written:
        return False
    return all(
        not outcome.error
        and not outcome.endless
        and misfit(outcome.value, _expected(exercise, case)) is None
        for case, outcome in zip(exercise.task().cases, tried.outcomes, strict=False)
    )


def _slowness(outcomes: Sequence[Outcome]) -> str:
    slowest = max((outcome.seconds for outcome in outcomes), default=0.0)
    if slowest < SLOW:
        return ""
    return f", but slow: one call took {slowest:.1f} s, and the model makes many. Can loops go?"


def _expected(exercise: Exercise, case: Case) -> Any:
    given = copy.deepcopy(case)
    with quietly():
        if exercise.watched is not None:
            return exercise.watched(exercise.reference, *given)
        return exercise.reference(*given)


def _fault(exercise: Exercise, case: Case, outcome: Outcome) -> str | None:
    """Say what is wrong with one outcome, or return None."""
    names = exercise.parameters
    given = ", ".join(f"{a} = {shown(b)}" for a, b in zip(names, case, strict=True))
    if outcome.endless:
        ran = f"your function ran for {outcome.seconds:g} seconds without an end"
        return f"{ran}, for {given}: when does your loop stop?"
    if outcome.waits:
        return outcome.waits
    if outcome.error:
        return f"{outcome.stopped}, for {given}"
    if outcome.changed:
        name = names[outcome.changed[0]]
        return f"you change `{name}` in place, so whoever called you loses it: work on a copy"
    wanted = _expected(exercise, case)
    try:
        words = _compared(exercise, case, outcome.value, wanted)
    except Exception:  # an object of the learner's own making may refuse anything
        words = f"you return {type(outcome.value).__name__}, which cannot be compared"
    return None if words is None else f"for {given} {words}"


def _compared(exercise: Exercise, case: Case, found: Any, wanted: Any) -> str | None:
    with quietly():
        if exercise.accepts is None:
            return difference(found, wanted, exercise.tolerance)
        tolerance = tolerance_of(found, exercise.tolerance)
        given, fitting = copy.deepcopy(case), fitted(found, wanted)
        return misfit(found, wanted) or exercise.accepts(given, fitting, tolerance)


def _fault_of_all(
    exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> str | None:
    if exercise.accepts_all is None:
        return None
    return exercise.accepts_all(cases, [outcome.value for outcome in outcomes])


def _known_mistake(
    exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> str | None:
    """Return what is said of the first mistake that explains every outcome."""
    for mistake in exercise.mistakes:
        pairs = zip(outcomes, outcomes_of(mistake.imitation, cases, exercise.watched), strict=True)
        if all(_alike(*pair, exercise.tolerance) for pair in pairs):
            return mistake.says
    return None


def _alike(found: Outcome, imitated: Outcome, tolerance: float) -> bool:
    if found.error or imitated.error:
        return found.error == imitated.error
    try:
        with quietly():
            return difference(found.value, imitated.value, tolerance) is None
    except Exception:  # as in _fault: a value that cannot be compared is like no other
        return False
