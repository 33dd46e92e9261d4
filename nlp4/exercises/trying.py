"""Calling one function that a learner wrote on given inputs, and telling what each call did.

It runs beside the learner's code and knows no right answers: `judging` compares what comes back.
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
from typing import Any

import numpy as np

from nlp4.exercises.comparing import kind_and_shape, was_changed

Case = tuple[Any, ...]
SECONDS = 10.0  # for one call, which takes milliseconds: a loop that does not end is stopped


@dataclass(frozen=True)
class Outcome:
    """What one call did: its value, or where it stopped, and the arguments it changed in place.

    `error` is the name of the error's type, `stopped` tells in words where it was raised.
    `waits` names the learner's own unwritten function that was called, in words; `endless` is a
    call that was broken off after `seconds`.
    """

    value: Any = None
    error: str = ""
    stopped: str = ""
    waits: str = ""
    endless: bool = False
    changed: tuple[int, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """What came of trying a function: what each call did, or why it was not called, in words."""

    outcomes: tuple[Outcome, ...] = ()
    refused: str = ""
    written: bool = True


@dataclass(frozen=True)
class Task:
    """What is to be called: a function of that name and those parameters, on each case.

    `watched` calls it in its own way, and returns what is compared (see Exercise).
    """

    name: str
    parameters: tuple[str, ...]
    cases: Sequence[Case]
    watched: Callable[..., Any] | None = None

    @property
    def signature(self) -> str:
        """The function's head, such as `margin(n, eps)`."""
        return f"{self.name}({', '.join(self.parameters)})"


def attempt(task: Task, answer: object) -> Attempt:
    """Call the learner's function on copies of every case; nothing is called after an endless call.

    `answer` is the function, or None where there is none. What it prints and warns is dropped.
    KeyboardInterrupt passes through.
    """
    if answer is None or _does_nothing(answer):
        return Attempt(written=False)
    if not callable(answer):
        what = f"`{task.name}` is {kind_and_shape(answer)}, not a function"
        return Attempt(refused=f"{what}: define it with `def {task.signature}:`")
    if (words := _wrong_parameters(task, answer)) is not None:
        return Attempt(refused=words)
    outcomes = tuple(outcomes_of(answer, task.cases, task.watched))
    return Attempt(outcomes, written=all(each is not _UNWRITTEN for each in outcomes))


_UNWRITTEN = Outcome(error="NotImplementedError", waits="it is not written yet")


def outcomes_of(
    function: Callable[..., Any], cases: Sequence[Case], watched: Callable[..., Any] | None = None
) -> Iterator[Outcome]:
    """What each call does; nothing is called after an endless call."""
    with _Clock(SECONDS) as clock:
        for case in cases:
            outcome = _call(clock, function, case, watched)
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


def _wrong_parameters(task: Task, answer: Callable[..., Any]) -> str | None:
    """Say that the function cannot be called as the task calls it."""
    if inspect.iscoroutinefunction(answer):
        return f"an `async` function only promises a value: begin with `def {task.signature}:`"
    try:
        own = inspect.signature(answer)
    except (TypeError, ValueError):  # some of C's functions have none; then calling it will tell
        return None
    names = list(own.parameters)
    try:
        own.bind(*task.parameters)
        swapped = names != list(task.parameters) and sorted(names) == sorted(task.parameters)
    except TypeError:
        swapped = True
    if not swapped:
        return None
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in own.parameters.values()]
    mine = own.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return f"your function's parameters are {mine}; it should be `{task.signature}`"


class _Nowhere(io.TextIOBase):
    """Drops what is written: an endless loop that prints must not fill the memory."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Drop what is printed and warned in this context."""
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
) -> Outcome:
    given, started = copy.deepcopy(case), time.perf_counter()
    try:
        with clock.one_call(), quietly():
            value = function(*given) if watched is None else watched(function, *given)
    except _Endless:
        return Outcome(endless=True, seconds=SECONDS)
    except (Exception, SystemExit) as error:
        return _failed(function, error)
    seconds = time.perf_counter() - started
    pairs = enumerate(zip(case, given, strict=True))
    changed = (i for i, pair in pairs if watched is None and was_changed(*pair))
    return Outcome(value, changed=tuple(changed), seconds=seconds)


def _failed(function: Callable[..., Any], error: BaseException) -> Outcome:
    """What is told of a call that raised `error`."""
    if _is_placeholder(function, error):
        return _UNWRITTEN
    stopped, waits = _stopped(function, error), _waits_for(function, error) or ""
    return Outcome(error=type(error).__name__, stopped=stopped, waits=waits)


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
