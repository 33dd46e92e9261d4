"""What a table of an exercise's answers holds, right and wrong, and the tests that it is put to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nlp4.exercises.checks import EXERCISES, verdict

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Answers:
    """A right answer, and wrong ones, each with a part of what must be said to it."""

    solution: Answer
    wrong: tuple[tuple[Answer, str], ...]


def each_right(
    answers: Mapping[str, Answers], also: Iterable[tuple[str, Answer]] = ()
) -> pytest.MarkDecorator:
    """Run a test for the solution of each exercise, and for other right answers."""
    right = [*((name, each.solution) for name, each in answers.items()), *also]
    ids = [f"{name}-{answer.__name__}" for name, answer in right]
    return pytest.mark.parametrize(("name", "answer"), right, ids=ids)


def each_wrong(answers: Mapping[str, Answers]) -> pytest.MarkDecorator:
    """Run a test for every wrong answer, with the words that it must get."""
    wrong = [(name, *pair) for name, each in answers.items() for pair in each.wrong]
    ids = [f"{name}-{answer.__name__}" for name, answer, _ in wrong]
    return pytest.mark.parametrize(("name", "answer", "fragment"), wrong, ids=ids)


def cases(name: str) -> list[tuple[Any, ...]]:
    """What an exercise is judged on, drawn with a seed of the tests' own."""
    return list(EXERCISES[name].cases(np.random.default_rng(1)))


def assert_right(name: str, answer: Answer) -> None:
    """The answer gets every point."""
    found = verdict(name, answer)
    assert found.status == "right", found.message
    assert found.points == found.out_of == EXERCISES[name].points


def assert_wrong(name: str, answer: Answer, fragment: str) -> None:
    """The answer gets no point, and one line of words with `fragment` among them."""
    found = verdict(name, answer)
    assert (found.status, found.points) == ("wrong", 0)
    assert fragment in found.message, found.message
    assert "\n" not in found.message
