"""Tests of `nlp4.exercises.noise`: the references another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from answers import cases

from nlp4.exercises.noise import (
    LEAVES_THE_MIDDLE,
    LOGIT_VARIANCE,
    LOOKS_AWAY,
    OUTPUT_CHANGE,
    OVERLAP_DEVIATION,
    SIGN_BLIND,
)


@pytest.mark.parametrize(("weights", "values", "direction"), cases("output_change"))
def test_the_output_moves_as_fast_as_autograd_says(
    weights: np.ndarray, values: np.ndarray, direction: np.ndarray
) -> None:
    logits, v, along = (torch.as_tensor(x) for x in (np.log(weights) + 2.0, values, direction))

    def output(z: torch.Tensor) -> torch.Tensor:
        return torch.softmax(z, dim=0) @ v

    _, moved = torch.autograd.functional.jvp(output, logits, along)
    found = OUTPUT_CHANGE.reference(weights, values, direction)
    assert found == pytest.approx(moved.numpy(), abs=1e-12)
    step = 1e-4
    ahead, back = output(logits + step * along), output(logits - step * along)
    assert found == pytest.approx(((ahead - back) / (2 * step)).numpy(), abs=1e-6)


def test_a_tie_moves_most_and_a_copy_hardly() -> None:
    values, direction = np.array([[1.0], [0.0]]), np.array([1.0, 0.0])
    shares = [0.01, 0.25, 0.5, 0.75, 0.99]
    moved = [OUTPUT_CHANGE.reference(np.array([a, 1 - a]), values, direction) for a in shares]
    assert np.ravel(moved) == pytest.approx([a * (1 - a) for a in shares])
    assert max(moved) == moved[2] == pytest.approx(0.25)


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
    weight = (1 + np.tanh(math.sqrt(variance) * STEPS / 2)) / 2
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
