"""Tests of `nlp4.exercises.noise`: learners' answers, and the references another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import Answer, assert_right, assert_wrong, cases, each_right, each_wrong
from wrong_answers_noise import ANSWERS

from nlp4.exercises.noise import (
    LEAVES_THE_MIDDLE,
    LOGIT_VARIANCE,
    LOOKS_AWAY,
    OVERLAP_DEVIATION,
    SIGN_BLIND,
)


@each_right(ANSWERS)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    assert_right(name, answer)


@each_wrong(ANSWERS)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    assert_wrong(name, answer, fragment)


STEPS = np.linspace(-12, 12, 2_000_001)
NORMAL = np.exp(-(STEPS**2) / 2) / math.sqrt(2 * math.pi) * (STEPS[1] - STEPS[0])


@pytest.mark.parametrize("long", [False, True])
def test_the_variance_of_the_logit_is_that_of_keys_drawn_at_random(long: bool) -> None:
    rng, alpha, beta, draws = np.random.default_rng(0), 0.1, 3.0, 200_000
    means = np.eye(2, 4)
    a, b = means[:, None] + math.sqrt(alpha) * rng.normal(size=(2, draws, 4))
    a += long * math.sqrt(0.5) * rng.normal(size=(draws, 1)) * means[0]
    logits = (a - b) @ (beta * means.sum(axis=0))
    # The deviation of a variance of n draws is sqrt(2 / n) of it: here 0.3 %.
    assert LOGIT_VARIANCE.reference(alpha, beta, long) == pytest.approx(logits.var(), rel=0.02)


@pytest.mark.parametrize("variance", [case[0] for case in cases("leaves_the_middle")])
def test_the_average_is_lost_where_the_sigmoid_leaves_the_middle(variance: float) -> None:
    weight = 1 / (1 + np.exp(-math.sqrt(variance) * STEPS))
    lost = NORMAL[(weight < 0.25) | (weight > 0.75)].sum()
    assert LEAVES_THE_MIDDLE.reference(variance) == pytest.approx(lost, abs=1e-5)


@pytest.mark.parametrize(("n", "beta"), [case for case in cases("looks_away") if case[1] < 100])
def test_a_head_looks_away_where_its_key_has_less_than_half(n: int, beta: float) -> None:
    logits = beta * (1 + STEPS / math.sqrt(2))
    away = NORMAL[1 / (1 + (n - 1) * np.exp(-logits)) < 0.5].sum()
    assert LOOKS_AWAY.reference(n, beta) == pytest.approx(away, abs=1e-5)


def test_the_sign_of_a_key_does_not_count() -> None:
    for keys, query in cases("sign_blind"):
        found = SIGN_BLIND.reference(keys, query)
        signs = np.where(np.arange(len(keys)) % 2, -1, 1)[:, None]
        assert SIGN_BLIND.reference(keys * signs, -query) == pytest.approx(found)
        powers = [math.exp(abs(z) - np.abs(keys @ query).max()) for z in (keys @ query).tolist()]
        assert found == pytest.approx(np.array(powers) / math.fsum(powers))


@pytest.mark.parametrize("d", [2, 3, 16, 200])
def test_random_directions_overlap_as_much_as_that(d: int) -> None:
    drawn = np.random.default_rng(0).normal(size=(2, 20_000, d))
    first, second = drawn / np.linalg.norm(drawn, axis=2, keepdims=True)
    deviation = (first * second).sum(axis=1).std()
    assert OVERLAP_DEVIATION.reference(d) == pytest.approx(deviation, rel=0.03)
