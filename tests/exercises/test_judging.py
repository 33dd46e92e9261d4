"""Tests of `nlp4.exercises.judging`."""

from __future__ import annotations

import contextlib
import cProfile
import math
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from nlp4.exercises import judging, trying
from nlp4.exercises.judging import Exercise, Mistake, Verdict, fits, judge


def exercise(reference: Callable[..., Any], *cases: tuple[Any, ...], **options: Any) -> Exercise:
    """An exercise worth 3 points that asks for `reference` on the given inputs."""
    settled = {"name": "f", "title": "It", "notebook": "01", "points": 3}
    return Exercise(**settled, minutes=5, cases=lambda rng: cases, reference=reference, **options)


HALF = exercise(lambda x, y: x / y, (6, 3), (1, 4), (0, 2))


def told(answer: Any, of: Exercise = HALF) -> str:
    """Judge a wrong answer; return what is said."""
    found = judge(of, answer)
    assert (found.status, found.points, found.out_of) == ("wrong", 0, 3)
    return found.message


def line_of(function: Callable[..., Any], offset: int) -> int:
    """The number of a line of a function in this file."""
    return function.__code__.co_firstlineno + offset


# Right, and not written


def test_a_right_answer_gets_its_points() -> None:
    assert judge(HALF, lambda x, y: x / y) == Verdict("f", "right", "right (3 points)", 3, 3)
    assert judge(replace(HALF, points=1), lambda x, y: x / y).message == "right (1 point)"


def only_dots(x, y): ...


def only_pass(x, y):
    pass


def only_words(x, y):
    """Divide."""


def a_placeholder(x, y):
    # your code here
    raise NotImplementedError


def a_placeholder_with_words(x, y):
    raise NotImplementedError("write me")


@pytest.mark.parametrize(
    "answer", [None, only_dots, only_pass, only_words, a_placeholder, a_placeholder_with_words]
)
def test_an_answer_that_is_not_written(answer: Any) -> None:
    assert judge(HALF, answer) == Verdict("f", "unwritten", "not written yet", 0, 3)


def test_a_half_written_answer_is_not_written() -> None:
    def answer(x, y):
        if x == 6:
            return 2
        raise NotImplementedError

    assert judge(HALF, answer).status == "unwritten"


@pytest.mark.parametrize("helper", [a_placeholder, a_placeholder_with_words])
def test_a_function_waits_for_one_that_is_not_written(helper: Callable[..., Any]) -> None:
    def answer(x, y):
        return helper(x, y) + 1

    assert f"waits for `{helper.__name__}`, which is not written yet: your line " in told(answer)
    assert "`return helper(x, y) + 1`, calls it" in told(answer)


def test_the_line_that_calls_an_unwritten_function_of_another_cell_is_named() -> None:
    cell: dict[str, Any] = {}
    exec("def helper(x, y):\n    raise NotImplementedError", cell)

    def answer(x, y):
        return cell["helper"](x, y)

    line = f'your line {line_of(answer, 1)}, `return cell["helper"](x, y)`, stopped with'
    assert told(answer).startswith(line)


def test_what_torch_has_not_implemented_is_the_learners_error() -> None:
    def answer(x, y):
        return torch.softmax(torch.tensor([x]), dim=0)

    with pytest.raises(NotImplementedError):
        answer(1, 1)
    assert 'stopped with NotImplementedError: "softmax' in told(answer)


# Mistakes in form


def test_no_function_at_all() -> None:
    assert told(3) == "`f` is a number, not a function: define it with `def f(x, y):`"
    assert "an array of shape (2,)" in told(np.zeros(2))


def one_parameter(x: int) -> float:
    return x / 2


def test_another_number_of_parameters() -> None:
    message = "your function's parameters are (x); it should be `f(x, y)`"
    assert told(one_parameter) == message
    assert "(y, x); it should be `f(x, y)`" in told(lambda y, x: x / y)
    assert "(x, y, *, z)" in told(lambda x, y, *, z: x / y)


def test_other_names_and_spare_parameters_are_fine() -> None:
    assert judge(HALF, lambda a, b, c=0: a / b).status == "right"
    assert judge(HALF, lambda *pair: pair[0] / pair[1]).status == "right"
    assert judge(exercise(lambda x: max(x), ([1, 2],)), max).status == "right"


def test_an_async_function() -> None:
    async def answer(x, y):
        return x / y

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "`async`" in told(answer)


@dataclass(frozen=True)
class Own:
    number: float


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2.0", "you return a string where a number is expected"),
        ([2.0], "you return a list where a number is expected"),
        (np.array([2.0]), "you return an array of shape (1,) where a number is expected"),
        (True, "you return True or False where a number is expected"),
        (2 + 0j, "an object of type complex where a number is expected"),
        (Own(2.0), "an object of type Own where a number is expected"),
        (math.sqrt, "an object of type builtin_function_or_method"),
        (math.nan, "you return nan (not a number); it should be 2"),
        (math.inf, "you return inf; it should be 2"),
    ],
)
def test_a_value_of_the_wrong_kind(value: Any, words: str) -> None:
    assert words in told(lambda x, y: value)


def test_a_forgotten_return() -> None:
    def answer(x, y):
        z = x / y
        z += 1

    assert told(answer) == "for x = 6, y = 3 you return None: did you forget `return`?"


def test_yield_and_an_uncalled_function() -> None:
    def generator(x, y):
        yield x / y

    assert "a generator (is `yield` there for `return`?)" in told(generator)
    assert "a function (was it to be called?)" in told(lambda x, y: lambda: x / y)


def test_a_wrong_shape() -> None:
    column = exercise(lambda x: np.reshape(x, (-1, 1)), (np.arange(3.0),), (np.arange(2.0),))
    message = "for x = [0, 1, 2] you return shape (3,) where (3, 1) is expected"
    assert told(lambda x: x, column) == message
    assert told(lambda x: torch.tensor(x), column) == message
    assert "shape (2, 1) where (3, 1) is expected" in told(lambda x: x[1:, None], column)
    assert "shape (3,) where (3, 1) is expected" in told(lambda x: list(x), column)
    ragged = "a list where an array of shape (3, 1) is expected"
    assert ragged in told(lambda x: [[1], [1, 2], [3]], column)


def test_a_mask_may_be_of_ones_and_zeros() -> None:
    mask = exercise(lambda x: x > 1, (np.arange(3.0),))
    for answer in (lambda x: 1 * (x > 1), lambda x: torch.tensor(x) > 1, lambda x: [0, 0, True]):
        assert judge(mask, answer).status == "right"
    message = "you return [False, True, True]; it should be [False, False, True]"
    assert message in told(lambda x: np.array([0, 1, 1]), mask)
    assert "array of float64 where True and False are expected" in told(lambda x: x - 1, mask)


# Mistakes in value


def test_a_wrong_value_names_the_input() -> None:
    assert told(lambda x, y: x / y if x else 1.0) == (
        "for x = 0, y = 2 you return 1; it should be 0"
    )


def test_close_values_are_shown_with_enough_digits() -> None:
    message = told(lambda x, y: x / y + 1e-4)
    assert "you return 2.0001; it should be 2" in message


def test_known_mistakes_come_with_the_first_input_that_shows_them() -> None:
    known = replace(
        HALF,
        mistakes=(
            Mistake("you multiplied", lambda x, y: x * y),
            Mistake("upside down", lambda x, y: y / x),
        ),
    )
    assert told(lambda x, y: y * x, known) == (
        "you multiplied: for x = 6, y = 3 you return 18; it should be 2"
    )
    # The imitation stops at x = 0 with the same error.
    assert told(lambda a, b: b / a, known).startswith("upside down: for x = 6, y = 3 you return")
    assert told(lambda x, y: 7.0, known).startswith("for x = 6")


def test_where_many_results_are_right_a_rule_decides() -> None:
    def accepts(case: tuple[Any, ...], found: Any, tolerance: float) -> str | None:
        return None if found**2 == case[0] else f"the square of your {found} is not {case[0]}"

    root = exercise(lambda x: x**0.5, (4.0,), (9.0,), accepts=accepts)
    assert judge(root, lambda x: -math.sqrt(x)).status == "right"
    assert told(lambda x: x, root) == "for x = 4 the square of your 4.0 is not 4.0"
    assert "a string where a number" in told(lambda x: str(x), root)


def test_a_rule_gets_a_tensor_as_an_array() -> None:
    """numpy and torch do not compute with each other's arrays."""
    total = exercise(
        lambda x: x,
        (np.ones(3),),
        accepts=lambda case, found, _: f"the sum is {found @ case[0]:.1f}",
    )
    assert "the sum is 6.0" in told(lambda x: 2 * torch.ones(3, requires_grad=True).double(), total)
    assert "the sum is 6.0" in told(lambda x: [2, 2, torch.tensor(2.0)], total)


def test_a_rule_may_judge_all_draws_together() -> None:
    draws = exercise(
        lambda x: x,
        *((i,) for i in range(5)),
        accepts=lambda case, found, tolerance: None,
        accepts_all=lambda cases, found: None if len(set(found)) > 1 else "all draws are alike",
    )
    assert judge(draws, lambda x: -x).status == "right"
    assert told(lambda x: 7, draws) == "all draws are alike"


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_a_result_in_few_digits_is_right_if_its_digits_are(kind: torch.dtype) -> None:
    third = exercise(lambda x: x / 3, (np.array([1.0, 20.0]),))
    assert judge(third, lambda x: (torch.tensor(x) / 3).to(kind)).status == "right"
    assert "you return" in told(lambda x: (torch.tensor(x) / 3 * 1.05).to(kind), third)
    assert "you return" in told(lambda x: x / 3 * 1.0001, third)


def test_an_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.2)
    calls = []

    def answer(x, y):
        calls.append(x)
        while True:
            with contextlib.suppress(Exception):  # what learners write swallows no stop
                x += 1

    message = told(answer)
    assert message.startswith("your function ran for 0.2 seconds without an end, for x = 6, y = 3")
    assert len(calls) == 1 and "\n" not in message
    assert judge(HALF, lambda x, y: x / y).status == "right"  # no clock is left behind
    assert not any("ring" in thread.name for thread in threading.enumerate())


def test_changing_an_input_is_a_mistake() -> None:
    def answer(values):
        values.sort()
        return values[0]

    smallest = exercise(min, ([3, 1, 2],), ([1],))
    with_name = replace(smallest, reference=lambda values: min(values))
    assert "you change `values` in place" in told(answer, with_name)
    arrays = exercise(lambda v: v.sum(), (np.array([1.0, np.nan]),), (np.ones(2),))
    assert judge(arrays, lambda v: v.sum()).status == "right"


def test_each_call_gets_its_own_copies() -> None:
    case = ([3, 1, 2],)

    def answer(values):
        values.clear()
        return 0

    told(answer, exercise(lambda values: sum(values), case))
    assert case == ([3, 1, 2],)


# What an answer does to the judge


def test_an_exception_names_the_learners_line() -> None:
    def answer(x, y):
        z = y - 3
        return x / z

    expected = (
        f"your line {line_of(answer, 2)}, `return x / z`, stopped with "
        "ZeroDivisionError: division by zero, for x = 6, y = 3"
    )
    assert told(answer) == expected


def test_an_exception_deep_in_a_library_names_the_learners_line() -> None:
    def answer(x, y):
        return np.linalg.inv(np.zeros((2, 2)))

    message = told(answer)
    assert f"your line {line_of(answer, 1)}, `return np.linalg.inv(np.zeros((2, 2)))`" in message
    assert "LinAlgError: Singular matrix" in message


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Sulking:
    """An object that answers nothing."""

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")


def test_answers_that_fight_back_are_told_in_words() -> None:
    def mute(x, y):
        raise Mute

    def recursive(x, y):
        return recursive(x, y)

    def leaves(x, y):
        sys.exit(3)

    assert "stopped with" in told(mute) and "Mute" in told(mute)
    assert "RecursionError" in told(recursive)
    assert "SystemExit: 3" in told(leaves)
    assert "you return Sulking, which cannot be compared" in told(lambda x, y: Sulking())


def test_code_without_a_source_is_told_without_a_line() -> None:
    space: dict[str, Any] = {}
    exec("def answer(x, y):\n    return x / 0", space)
    assert "your line 2 stopped with ZeroDivisionError" in told(space["answer"])
    assert "your function stopped with TypeError" in told(exec)


def test_an_interrupt_passes_through() -> None:
    def answer(x, y):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(HALF, answer)


def test_prints_and_warnings_are_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    def answer(x, y):
        print("looking", x)
        print("worse", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        np.log(np.zeros(1))
        return np.float32(x) / y

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert judge(HALF, answer).status == "right"
    assert capfd.readouterr() == ("", "")


def test_the_state_of_numpy_and_of_warnings_is_restored() -> None:
    before = np.geterr(), list(warnings.filters)
    judge(HALF, lambda x, y: np.seterr(all="raise"))
    assert (np.geterr(), list(warnings.filters)) == before


def test_what_is_watched_is_compared_where_a_result_alone_does_not_tell() -> None:
    def watched(function, box):
        return [function(box), function(box), list(box)]

    def push(box):
        box.append(len(box))
        return len(box)

    task = exercise(push, ([],), ([1],), watched=watched)
    assert judge(task, lambda box: push(box)).status == "right"
    found = judge(task, lambda box: len(box) + 1)
    assert found.status == "wrong" and "it should be 2" in found.message


def test_the_reference_itself_is_nobodys_answer() -> None:
    task = exercise(abs, (1,), (2,))
    assert judge(task, abs).status == "unwritten"
    assert not fits(task, abs) and fits(task, lambda x: x + 7)
    assert not fits(task, lambda x: [x]) and not fits(task, lambda x: x / 0)


def test_a_right_answer_that_is_slow_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    task = exercise(lambda x: x, (1,), (2,))
    monkeypatch.setattr(judging, "SLOW", 0.0)
    told = judge(task, lambda x: x).message
    assert told.startswith("right (3 points), but slow: one call took 0.0 s")


def test_a_profile_runs_after_a_verdict() -> None:
    """A cleared asynchronous error leaves a mark in CPython 3.11, with which cProfile hangs."""
    assert judge(HALF, lambda x, y: x / y).status == "right"
    profile = cProfile.Profile()
    profile.enable()
    for i in range(1000):
        math.sqrt(i)
    profile.disable()
