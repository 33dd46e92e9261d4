"""Tests of `nlp4.exercises.comparing`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nlp4.exercises.comparing import difference, first_difference, shown, was_changed
from nlp4.models.pieces import Call


@dataclass(frozen=True)
class Own:
    number: float


# Comparing


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (1, 1.0),
        (np.float32(0.1), 0.1),
        (torch.tensor(2.0), 2.0),
        (np.array(2.0), 2.0),
        (torch.ones(2, dtype=torch.bfloat16), np.ones(2)),
        (torch.ones(2, requires_grad=True), np.ones(2)),
        (np.array([math.nan, math.inf]), np.array([math.nan, math.inf])),
        ((1.0, "a", [True]), (1, "a", [np.bool_(True)])),
        ({"a": [1.0]}, {"a": [1]}),
        (None, None),
        (10**400, 10**400),
        (Own(1.0), Own(1.0)),
        ([1], (1,)),
        ([1, torch.tensor(2.0)], np.array([1.0, 2.0])),
        (((1, 2), (3, 4)), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (torch.tensor([0, 1]), np.array([False, True])),
        ([0.0, 1.0], np.array([False, True])),
        (1, True),
        (np.array([0.5, 2.0]), (0.5, 2)),
        (np.array(["Rome", "Oslo"]), ["Rome", "Oslo"]),
        ([Fraction(1, 4)], np.array([0.25])),
        (np.float32(1 / 3) * 3.00001, 1.0),
    ],
)
def test_equal_values_of_different_make(found: Any, wanted: Any) -> None:
    assert difference(found, wanted, 1e-6) is None


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        (("a", 1), ("a", 2), "you return 1 at [1]; it should be 2"),
        (["a"], ["a", "b"], "you return 1 item where 2 items are expected"),
        ({"a": 1}, {"a": 1, "b": 2}, "without the key 'b'"),
        ({"a": 1, "b": 2}, {"a": 1}, "with the key 'b' too many"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "you return 2 at ['a'][1]; it should be 3"),
        ([1, None], [1, 2], "you return None at [1] where a number is expected"),
        (np.zeros((3, 3)), np.eye(3), "you return 0 at [0, 0]; it should be 1"),
        ([np.zeros(9)], [np.ones(9)], "you return 0 at [0][0]; it should be 1"),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0]), "you return [1, 2]; it should be [1, 3]"),
        (np.array(["a"], object), np.ones(1), "an array of object where numbers are expected"),
        ("x" * 90 + "a", "x" * 90 + "b", "xxa'; it should be '…"),
        (True, False, "you return True; it should be False"),
        (Own(1.0), Own(2.0), "you return Own(number=1.0); it should be Own(number=2.0)"),
        (1, None, "you return a number where None is expected"),
    ],
)
def test_differences_in_words(found: Any, wanted: Any, words: str) -> None:
    found_words = difference(found, wanted, 1e-6)
    assert found_words is not None and words in found_words


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.sampled_from([1e-9, 1e-6, 1e-2]))
def test_numbers_agree_within_the_tolerance(a: float, b: float, tolerance: float) -> None:
    # As numpy defines it: the sum of the absolute and the relative allowance.
    apart = abs(a - b) - tolerance * (1 + abs(b))
    if abs(apart) > 1e-9 * (1 + abs(b)):
        assert (difference(a, b, tolerance) is None) == (apart < 0)


def test_long_inputs_are_shortened() -> None:
    assert shown(np.zeros((5, 3))) == "an array of shape (5, 3)"
    assert shown(torch.arange(3)) == "[0, 1, 2]"
    assert shown(np.eye(2)) == "[[1, 0], [0, 1]]"
    assert shown("x" * 100) == "'" + "x" * 60 + "…'"
    assert shown(list(range(30))) == "[0, 1, 2, 3, 4, 5, … (30 items)]"
    assert shown({"a": 0.123456}) == "{'a': 0.1235}"
    assert shown(10**30) == "1e+30"
    assert shown(math.sqrt) == "sqrt"
    assert shown(np.random.default_rng(0)) == "a random generator"
    assert shown(object()) == "an object of type object"


def test_what_counts_as_changed() -> None:
    assert was_changed(np.zeros(2), np.array([0.0, 1.0]))
    assert was_changed(torch.zeros(2), torch.ones(2))
    assert was_changed({"a": [1]}, {"a": [2]})
    assert was_changed(np.zeros(2), np.zeros(3))
    assert not was_changed(np.array([np.nan]), np.array([np.nan]))
    assert not was_changed([1, "a", None, math.nan], [1, "a", None, math.nan])
    assert not was_changed(np.random.default_rng(0), np.random.default_rng(1))


def test_the_first_difference_is_that_of_the_piece_and_not_of_what_builds_upon_it() -> None:
    def double(x):
        return 2 * x

    def shift(x):
        return x + 2

    def both(x):
        return shift(double(x))

    calls = [
        Call("double", "at first", (3.0,), 6.0),
        Call("shift", "later", (6.0,), 7.0),
        Call("both", "at last", (3.0,), 7.0),
    ]
    told = first_difference([both, shift, double], calls)
    assert told == "`shift` is the first that differs, later: you return 8; it should be 7"
    assert first_difference([double], calls) == "no difference: double compute what ours do"

    def broken(x):
        raise ValueError("no")

    broken.__name__ = "shift"
    assert "later: it stopped with ValueError: no" in first_difference([broken], calls)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.double(), "you return float64 where float32 is expected"),
        (lambda x: x.detach().numpy(), "an array of shape (2, 3) where a torch tensor is expected"),
        (lambda x: x.detach(), "what you return has lost its gradient"),
        (lambda x: x.to("meta"), "you return a tensor on meta where cpu is expected"),
        (lambda x: x[0], "you return shape (3,) where (2, 3) is expected"),
        (lambda x: None, "you return None"),
    ],
)
def test_a_tensor_is_asked_for_what_the_next_layer_needs(change: Any, words: str) -> None:
    wanted = torch.ones(2, 3, requires_grad=True) * 2
    told = difference(change(wanted), wanted, 1e-5)
    assert told is not None and words in told
    assert difference(wanted.clone(), wanted, 1e-5) is None
    pair = (wanted, wanted)
    assert difference(torch.stack(pair), pair, 1e-5) is None  # a tensor unpacks as a tuple does
    assert words in str(difference((wanted, change(wanted)), pair, 1e-5)).replace(" at [1]", "")


def test_a_change_of_a_layers_weights_is_seen() -> None:
    layer, twin = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    twin.load_state_dict(layer.state_dict())
    assert not was_changed(layer, twin)
    with torch.no_grad():
        twin.bias += 1
    assert was_changed(layer, twin)
