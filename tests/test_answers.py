"""No right answer is refused and no wrong one accepted: tables of both, and mutants."""

from __future__ import annotations

import ast
import itertools
import math
from dataclasses import replace
from functools import cache
from typing import Any

import answers_blocks
import answers_confidence
import answers_copying
import answers_decoding
import answers_doses
import answers_inside
import answers_layers
import answers_names
import answers_noise
import answers_pattern
import answers_pretraining
import answers_spectra
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from answers import Answer, Answers, solutions, widely
from mutants import mutants
from scipy.special import ndtr

from nlp4.data import MASK, PAD
from nlp4.data.vocabulary import IGNORED
from nlp4.exercises import trying
from nlp4.exercises.checks import EXERCISES, verdict
from nlp4.exercises.judging import judge

TABLES = (
    answers_copying,
    answers_noise,
    answers_layers,
    answers_blocks,
    answers_decoding,
    answers_pretraining,
    answers_spectra,
    answers_pattern,
    answers_confidence,
    answers_names,
    answers_inside,
    answers_doses,
)
ANSWERS: dict[str, Answers] = {
    name: each for table in TABLES for name, each in table.ANSWERS.items()
}
RIGHT = [(name, answer) for name, each in ANSWERS.items() for answer in each.right]
WRONG = [(name, *pair) for name, each in ANSWERS.items() for pair in each.wrong]
LEAST_RIGHT, LEAST_WRONG = 8, 10  # of each exercise


def test_every_exercise_has_many_answers() -> None:
    assert set(ANSWERS) == set(EXERCISES)
    for name, each in ANSWERS.items():
        assert len(set(each.right)) >= LEAST_RIGHT, name
        assert len({answer for answer, _ in each.wrong}) >= LEAST_WRONG, name


@pytest.mark.parametrize(
    ("name", "answer"), RIGHT, ids=[f"{name}-{answer.__name__}" for name, answer in RIGHT]
)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    found = verdict(name, answer)
    assert found.status == "right", found.message
    assert found.points == found.out_of == EXERCISES[name].points
    widened = judge(widely(name, ANSWERS[name]), answer)
    assert widened.status == "right", f"it is no right answer: {widened.message}"


@pytest.mark.parametrize(
    ("name", "answer", "fragment"),
    WRONG,
    ids=[f"{name}-{answer.__name__}" for name, answer, _ in WRONG],
)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    found = verdict(name, answer)
    assert (found.status, found.points) == ("wrong", 0)
    assert fragment in found.message, found.message
    assert "\n" not in found.message
    assert judge(widely(name, ANSWERS[name]), answer).status == "wrong", "it is a right answer"


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right_with_every_seed(name: str, seed: int) -> None:
    exercise = EXERCISES[name]
    other = replace(exercise, cases=lambda rng: exercise.cases(np.random.default_rng(seed)))
    assert judge(other, ANSWERS[name].solution).status == "right"


@cache
def function(name: str, source: str) -> Answer:
    """The function `name` of `source`, among the other solutions of its notebook."""
    known: dict[str, Any] = {"np": np, "math": math, "itertools": itertools, "ndtr": ndtr}
    known |= {"MASK": MASK, "PAD": PAD, "IGNORED": IGNORED, "torch": torch, "F": F}
    for other in solutions(EXERCISES[name].notebook).values():
        exec(other, known)
    exec(source, known)
    made: Answer = known[name]
    return made


@pytest.mark.parametrize("name", EXERCISES)
def test_no_mutant_of_a_solution_is_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.5)  # many loops lose their end
    exercise, wide = replace(EXERCISES[name], mistakes=()), widely(name, ANSWERS[name])
    first = replace(exercise, cases=lambda rng: exercise.cases(rng)[:40], accepts_all=None)
    source = solutions(exercise.notebook)[name]
    assert judge(wide, function(name, source)).status == "right"
    ran = 0
    for what, mutant in mutants(source):
        answer, ran = function(name, mutant), ran + 1
        refused = judge(first, answer).status != "right"  # most are, by a few of the inputs
        if not refused and judge(exercise, answer).status == "right":
            assert judge(wide, answer).status == "right", f"accepted: {what}"
    assert ran >= 4


def test_a_mutant_differs_in_one_place() -> None:
    source = 'def f(a, b):\n    """Words."""\n    return min(a[1:], 2) + 3 * abs(b)'
    found = [changed for _, changed in mutants(source)]
    assert len(set(found)) > 20
    for changed in found:
        assert changed != ast.unparse(ast.parse(source)) and "Words" in changed
    for part in ("max(", "a[:]", "a[1 + 1:]", "3 / abs(b)", "3 * b", "abs(a)", "+ 4 *", "- 3 *"):
        assert any(part in changed for changed in found), part
