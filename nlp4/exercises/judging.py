"""Judging one function that a learner wrote: right, wrong and why, or not written yet.

An exercise calls the function on several inputs and compares it with an independent reference.
Where it is wrong, it is compared with wrong functions too: one that makes the same mistake on
every input names the mistake.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import dis
import inspect
import io
import linecache
import math
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, Literal

import numpy as np

from nlp4.exercises.comparing import (
    difference,
    fitted,
    kind_and_shape,
    misfit,
    shown,
    tolerance_of,
    was_changed,
)

Status = Literal["right", "wrong", "unwritten"]
Case = tuple[Any, ...]
_MARKS: dict[Status, str] = {"right": "✓", "wrong": "✗", "unwritten": "·"}
SECONDS = 10.0  # for one call, which takes milliseconds: a loop that does not end is stopped
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

    @property
    def signature(self) -> str:
        """The function's head, such as `margin(n, eps)`."""
        return f"{self.name}({', '.join(self.parameters)})"

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


@dataclass(frozen=True)
class _Outcome:
    """What one call did: its value or its error, and the arguments that it changed in place."""

    value: Any = None
    error: BaseException | None = None
    endless: bool = False
    changed: tuple[int, ...] = ()
    seconds: float = 0.0


def judge(exercise: Exercise, answer: object) -> Verdict:
    """Judge the learner's function; whatever it does is answered in words.

    `answer` is the function, or None where there is none. It is called on copies of the inputs;
    what it prints and warns is dropped. The reference itself counts as not written: it is what a
    learner goes on with. KeyboardInterrupt passes through.
    """
    if answer is None or answer is exercise.reference or _does_nothing(answer):
        return exercise.unwritten()
    if not callable(answer):
        what = f"`{exercise.name}` is {kind_and_shape(answer)}, not a function"
        return exercise.wrong(f"{what}: define it with `def {exercise.signature}:`")
    if (words := _wrong_parameters(exercise, answer)) is not None:
        return exercise.wrong(words)
    cases = list(exercise.cases(np.random.default_rng(_SEED)))
    outcomes = list(_outcomes(exercise, answer, cases))
    if any(_is_placeholder(answer, outcome.error) for outcome in outcomes):
        return exercise.unwritten()
    pairs = zip(cases, outcomes, strict=False)  # nothing is called after an endless call
    faults = (_fault(exercise, answer, *pair) for pair in pairs)
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
    if not callable(answer) or answer is exercise.reference or _does_nothing(answer):
        return False
    cases = list(exercise.cases(np.random.default_rng(_SEED)))
    pairs = zip(cases, list(_outcomes(exercise, answer, cases)), strict=False)
    return all(
        outcome.error is None
        and not outcome.endless
        and misfit(outcome.value, _expected(exercise, case)) is None
        for case, outcome in pairs
    )


def _slowness(outcomes: Sequence[_Outcome]) -> str:
    slowest = max((outcome.seconds for outcome in outcomes), default=0.0)
    if slowest < SLOW:
        return ""
    return f", but slow: one call took {slowest:.1f} s, and the model makes many. Can loops go?"


def _outcomes(
    exercise: Exercise, function: Callable[..., Any], cases: Sequence[Case]
) -> Iterator[_Outcome]:
    """What each call does; nothing is called after an endless call."""
    with _Clock(SECONDS) as clock:
        for case in cases:
            outcome = _call(clock, function, case, exercise.watched)
            yield outcome
            if outcome.endless:
                return


def _does_nothing(answer: object) -> bool:
    """Tell whether a function's body is only `...`, `pass` or `return None`."""
    code = getattr(answer, "__code__", None)
    return code is not None and all(
        step.opname in ("RESUME", "NOP", "RETURN_VALUE")
        or (step.opname in ("LOAD_CONST", "RETURN_CONST") and step.argval is None)
        for step in dis.get_instructions(code)
    )


def _wrong_parameters(exercise: Exercise, answer: Callable[..., Any]) -> str | None:
    """Say that the function cannot be called as the exercise calls it."""
    if inspect.iscoroutinefunction(answer):
        return f"an `async` function only promises a value: begin with `def {exercise.signature}:`"
    try:
        own = inspect.signature(answer)
    except (TypeError, ValueError):  # some of C's functions have none; then calling it will tell
        return None
    names = list(own.parameters)
    try:
        own.bind(*exercise.parameters)
        swapped = names != exercise.parameters and sorted(names) == sorted(exercise.parameters)
    except TypeError:
        swapped = True
    if not swapped:
        return None
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in own.parameters.values()]
    mine = own.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return f"your function's parameters are {mine}; it should be `{exercise.signature}`"


class _Nowhere(io.TextIOBase):
    """Drops what is written: an endless loop that prints must not fill the memory."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with (
        contextlib.redirect_stdout(_Nowhere()),
        contextlib.redirect_stderr(_Nowhere()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


class _Endless(BaseException):
    """Raised in a learner's function that does not come to an end."""


class _Clock:
    """Raises `_Endless` in this thread `seconds` after a call began, and again if it is swallowed.

    One thread watches over all calls. A call into C is not broken off before it returns.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._here = seconds, ctypes.c_ulong(threading.get_ident())
        self._due, self._rang = math.inf, False  # when the running call must be over
        self._over, self._lock = threading.Event(), threading.Lock()
        self._watch = threading.Thread(target=self._ring, daemon=True)

    def __enter__(self) -> _Clock:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    @contextlib.contextmanager
    def one_call(self) -> Iterator[None]:
        """What runs in this context is one call."""
        self._rang, self._due = False, time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._due = math.inf
            with self._lock:  # one that rings just now has rung
                late = self._rang
            if late:
                self._take_back()

    def _ring(self) -> None:
        wait = self._seconds
        while not self._over.wait(wait):
            with self._lock:
                left = self._due - time.monotonic()
                if left <= 0:
                    self._rang = True
                    self._raise()
            wait = min(left, self._seconds) if left > 0 else self._seconds

    def _raise(self) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._here, ctypes.py_object(_Endless))

    def _take_back(self) -> None:
        """What rang as the call came back must not be raised later: it is raised here.

        To clear it instead leaves a mark in CPython 3.11, with which cProfile hangs.
        """
        with contextlib.suppress(_Endless):
            self._raise()
            while True:
                pass


def _call(
    clock: _Clock, function: Callable[..., Any], case: Case, watched: Callable[..., Any] | None
) -> _Outcome:
    given, started = copy.deepcopy(case), time.perf_counter()
    try:
        with clock.one_call(), _quietly():
            value = function(*given) if watched is None else watched(function, *given)
    except _Endless:
        return _Outcome(endless=True)
    except (Exception, SystemExit) as error:
        return _Outcome(error=error)
    seconds = time.perf_counter() - started
    pairs = enumerate(zip(case, given, strict=True))
    changed = (i for i, pair in pairs if watched is None and was_changed(*pair))
    return _Outcome(value, changed=tuple(changed), seconds=seconds)


def _expected(exercise: Exercise, case: Case) -> Any:
    given = copy.deepcopy(case)
    with _quietly():
        if exercise.watched is not None:
            return exercise.watched(exercise.reference, *given)
        return exercise.reference(*given)


def _fault(
    exercise: Exercise, answer: Callable[..., Any], case: Case, outcome: _Outcome
) -> str | None:
    """Say what is wrong with one outcome, or return None."""
    names = exercise.parameters
    given = ", ".join(f"{a} = {shown(b)}" for a, b in zip(names, case, strict=True))
    if outcome.endless:
        ran = f"your function ran for {SECONDS:g} seconds without an end"
        return f"{ran}, for {given}: when does your loop stop?"
    if (waits := _waits_for(answer, outcome.error)) is not None:
        return waits
    if outcome.error is not None:
        return f"{_stopped(answer, outcome.error)}, for {given}"
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
    with _quietly():
        if exercise.accepts is None:
            return difference(found, wanted, exercise.tolerance)
        tolerance = tolerance_of(found, exercise.tolerance)
        given, fitting = copy.deepcopy(case), fitted(found, wanted)
        return misfit(found, wanted) or exercise.accepts(given, fitting, tolerance)


def _fault_of_all(
    exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[_Outcome]
) -> str | None:
    if exercise.accepts_all is None:
        return None
    return exercise.accepts_all(cases, [outcome.value for outcome in outcomes])


def _known_mistake(
    exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[_Outcome]
) -> str | None:
    """Return what is said of the first mistake that explains every outcome."""
    for mistake in exercise.mistakes:
        pairs = zip(outcomes, _outcomes(exercise, mistake.imitation, cases), strict=True)
        if all(_alike(*pair, exercise.tolerance) for pair in pairs):
            return mistake.says
    return None


def _alike(found: _Outcome, imitated: _Outcome, tolerance: float) -> bool:
    if found.error is not None or imitated.error is not None:
        return type(found.error) is type(imitated.error)
    try:
        with _quietly():
            return difference(found.value, imitated.value, tolerance) is None
    except Exception:  # as in _fault: a value that cannot be compared is like no other
        return False


def _learners_line(
    answer: object, error: BaseException, but_for: CodeType | None = None
) -> tuple[int, str] | None:
    """The number and text of the line at which the learner's own code stopped, or called."""
    file = getattr(getattr(answer, "__code__", None), "co_filename", None)
    steps = [(f.f_code, number) for f, number in traceback.walk_tb(error.__traceback__)]
    lines = [n for code, n in steps if code.co_filename == file and code is not but_for]
    if file is None or not lines:
        return None
    return lines[-1], linecache.getline(file, lines[-1]).strip()


def _stopped(answer: object, error: BaseException) -> str:
    name = type(error).__name__
    told = "".join(traceback.format_exception_only(error)).splitlines()
    what = next((line.strip() for line in told if name in line), name)
    where = _learners_line(answer, error)
    if where is None:
        return f"your function stopped with {what}"
    number, source = where
    return f"your line {number}{f', `{source}`,' if source else ''} stopped with {what}"


def _is_placeholder(answer: object, error: BaseException | None) -> bool:
    """Tell whether the function's own `raise NotImplementedError` stopped the call."""
    found = _placeholder(answer, error)
    return found is not None and found is getattr(answer, "__code__", found)


def _waits_for(answer: object, error: BaseException | None) -> str | None:
    """Say which unwritten function of theirs the learner's function calls; None for none."""
    unwritten = _placeholder(answer, error)
    if unwritten is None or error is None:
        return None
    words = f"waits for `{unwritten.co_name}`, which is not written yet"
    if (where := _learners_line(answer, error, but_for=unwritten)) is None:
        return words
    number, source = where
    return f"{words}: your line {number}{f', `{source}`,' if source else ''} calls it"


def _placeholder(answer: object, error: BaseException | None) -> CodeType | None:
    """The learner's function whose `raise NotImplementedError` this is; None for another error.

    torch raises the same error, with words, for a type that it cannot compute with.
    """
    if not isinstance(error, NotImplementedError):
        return None
    *_, (frame, number) = traceback.walk_tb(error.__traceback__)
    if frame.f_globals is not getattr(answer, "__globals__", frame.f_globals):
        return None
    line = linecache.getline(frame.f_code.co_filename, number).strip()
    return frame.f_code if not error.args or line.startswith("raise") else None
