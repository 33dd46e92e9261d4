"""The checks: what holds for all exercises together, and how a notebook asks for a verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from answers_copying import ANSWERS

from nlp4.exercises.checks import EXERCISES, NOTEBOOKS, check, exercises_of, verdict, yours_or_ours
from nlp4.exercises.judging import Exercise
from nlp4.models import pieces
from nlp4.support.errors import UserError


def test_no_two_exercises_share_a_name() -> None:
    modules = [import_module(f"nlp4.exercises.{t}") for each in NOTEBOOKS.values() for t in each]
    found = [value for module in modules for value in vars(module).values()]
    assert len({*EXERCISES}) == sum(isinstance(value, Exercise) for value in found)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_every_exercise_is_well_formed(exercise: Exercise) -> None:
    cases = exercise.cases(np.random.default_rng(0))
    assert EXERCISES[exercise.name] is exercise
    assert len(cases) >= 3
    assert {len(case) for case in cases} == {len(exercise.parameters)}
    assert exercise.points >= 1 and exercise.minutes >= 1 and exercise.title


@pytest.mark.parametrize("name", EXERCISES)
def test_every_known_mistake_is_told_from_the_others(name: str) -> None:
    for mistake in EXERCISES[name].mistakes:
        assert verdict(name, mistake.imitation).message.startswith(mistake.says)


def test_check_prints_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NLP4_STRICT", raising=False)  # the test command sets it
    answers = ANSWERS["margin"]
    assert check("margin", answers.solution) is None
    check("margin", None)
    check("margin", answers.wrong[0][0])

    right, unwritten, wrong = capsys.readouterr().out.splitlines()
    assert right == "✓ margin: right (2 points)"
    assert unwritten == "· margin: not written yet"
    assert wrong.startswith("✗ margin: this is a ratio, not a margin")
    assert "for n = 4, eps = 0.01 you return 297; it should be 5.694" in wrong


@pytest.mark.parametrize("answer", [None, ANSWERS["margin"].wrong[0][0]])
def test_strict_checks_raise_the_same_words(
    answer: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NLP4_STRICT", "0")
    check("margin", answer)
    line = capsys.readouterr().out.strip()
    monkeypatch.setenv("NLP4_STRICT", "1")

    with pytest.raises(UserError) as raised:
        check("margin", answer)

    assert str(raised.value) == line
    check("margin", ANSWERS["margin"].solution)
    assert capsys.readouterr().out.startswith("✓")


def test_pieces_that_do_not_work_are_replaced_by_ours(capsys: pytest.CaptureFixture[str]) -> None:
    def split_heads(x, heads):
        raise NotImplementedError

    def merge_heads(x):
        return x.flatten(2)  # another shape

    def scaled_scores(q, k):
        return q @ k.transpose(-2, -1)  # wrong, but the model runs on with it

    def causal_weights(scores):
        return pieces.causal_weights(scores)

    found = yours_or_ours(split_heads, merge_heads, scaled_scores, causal_weights)

    assert found == (pieces.split_heads, pieces.merge_heads, scaled_scores, causal_weights)
    told = "yours: scaled_scores, causal_weights; ours: split_heads, merge_heads\n"
    assert capsys.readouterr().out == told
    for name in ("split_heads", "merge_heads"):  # what was filled in earns nothing
        assert verdict(name, getattr(pieces, name)).status == "unwritten"
    with pytest.raises(UserError, match="no exercise is called 'check'"):
        yours_or_ours(check)


def test_an_unknown_name_gets_close_ones() -> None:
    with pytest.raises(UserError, match="'margn': choose from margin"):
        check("margn", None)
    with pytest.raises(UserError, match="softmax"):
        verdict("zzzzzz", None)


def test_exercises_of_a_notebook() -> None:
    names = [exercise.name for exercise in exercises_of("03_pretraining_and_knowledge")]
    assert names == ["always_london", "inputs_and_targets", "corrupt", "decode", "luck"]
    assert exercises_of("09_nowhere") == ()
    for stem in NOTEBOOKS:
        assert {exercise.notebook for exercise in exercises_of(stem)} == {stem}


def test_the_checks_import_neither_torch_nor_matplotlib() -> None:
    heavy = "('torch', 'matplotlib')"
    code = (
        "import sys; from nlp4.exercises.checks import verdict; verdict('sign_blind', None); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True
    )
    assert done.stdout.strip() == "[]"
