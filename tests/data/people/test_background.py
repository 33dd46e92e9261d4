"""Tests of `nlp4.data.people.background`."""

from __future__ import annotations

import math

import numpy as np

from nlp4.data.people.background import entropy, estimate_information, mutual_information


def test_mutual_information_against_a_closed_form() -> None:
    # A binary symmetric channel with a fair input: I = 1 - h(flip).
    flip = 0.11
    table = np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2
    by_hand = 1 + flip * math.log2(flip) + (1 - flip) * math.log2(1 - flip)
    assert math.isclose(mutual_information(table), by_hand)
    assert math.isclose(entropy(np.full(8, 1 / 8)), 3)
    assert math.isclose(mutual_information(np.outer([0.2, 0.8], [0.5, 0.5, 0])), 0, abs_tol=1e-12)


def test_estimate_on_a_small_table() -> None:
    # Counts 3 1 / 1 3: I = 1 - h(1/4) bits; Miller and Madow take away (2 + 2 - 4 - 1) / 2n nats.
    x, y = list("aaaabbbb"), list("uuuvuvvv")
    estimate = estimate_information(x, y, np.random.default_rng(0))
    plug_in = 1 - (0.25 * 2 + 0.75 * math.log2(4 / 3))
    assert math.isclose(estimate.plug_in, plug_in)
    assert math.isclose(estimate.miller_madow, plug_in - 1 / (16 * math.log(2)))
    assert math.isclose(estimate.entropy, 1)
