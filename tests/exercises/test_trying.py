"""Tests of `nlp4.exercises.trying`: what each call did is told, and nothing is judged."""

from __future__ import annotations

from typing import Any

import pytest

from nlp4.exercises.trying import Outcome, Task, attempt, outcomes_of

TASK = Task("half", ("x",), [(6,), (0,)])


def test_values_come_back_and_arguments_stay() -> None:
    tried = attempt(TASK, lambda x: x / 2)
    assert [each.value for each in tried.outcomes] == [3, 0]
    assert tried.written and not tried.refused
    push = Task("push", ("box", "x"), [([], 1)])
    (outcome,) = attempt(push, lambda box, x: box.append(x)).outcomes
    assert outcome.changed == (0,) and push.cases == [([], 1)]


def test_an_error_is_told_with_its_line() -> None:
    _, outcome = attempt(TASK, lambda x: 1 / x).outcomes
    assert outcome.error == "ZeroDivisionError" and "division by zero" in outcome.stopped


def half(x: Any) -> Any:
    raise NotImplementedError


def test_what_is_not_written_is_not_an_attempt() -> None:
    assert not attempt(TASK, None).written and not attempt(TASK, half).written
    (first, _) = attempt(TASK, lambda x: half(x)).outcomes
    assert "waits for `half`" in first.waits


@pytest.mark.parametrize("answer", [3, lambda a, b: a, "half"])
def test_what_cannot_be_called_is_refused_in_words(answer: Any) -> None:
    tried = attempt(TASK, answer)
    assert tried.outcomes == () and "half(x)" in tried.refused


def test_what_watches_calls_the_function_itself() -> None:
    found = outcomes_of(lambda x: x + 1, [(1,)], lambda function, x: [function(x), function(x)])
    assert [each.value for each in found] == [[2, 2]] and Outcome().value is None
