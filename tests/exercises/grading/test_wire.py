"""Tests of `nlp4.exercises.grading.wire`: values survive the way, and nothing else gets through."""

from __future__ import annotations

import json
import math
import socket
import struct
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_answers import ANSWERS

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.comparing import kind
from nlp4.exercises.grading.wire import (
    MOST_BYTES,
    Channel,
    WireError,
    attempt_code,
    attempt_from,
    decode,
    encode,
)
from nlp4.exercises.judging import verdict_on
from nlp4.exercises.trying import Task, attempt

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def through(value: Any) -> Any:
    """What arrives of a value, by way of JSON."""
    return decode(json.loads(json.dumps(encode(value))))


@given(PLAIN)
def test_plain_values_arrive_as_they_are(value: Any) -> None:
    assert through(value) == value and type(through(value)) is type(value)


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "u1", "?", "c16", ">f8", "<U3"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3)])
def test_arrays_arrive_bit_for_bit(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(scale=9, size=shape).astype(dtype)
    found = through(array)
    assert found.shape == shape and np.array_equal(found, array)
    assert found.dtype == array.dtype.newbyteorder("=") or (dtype == "<U3" and not found.size)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool]
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_tensors_arrive_with_their_type_and_their_wish_for_a_gradient(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    tensor = (torch.arange(math.prod(shape)).reshape(shape) * 0.7).to(dtype)
    assert torch.equal(through(tensor), tensor) and through(tensor).dtype == dtype
    if dtype.is_floating_point:
        assert through(tensor.requires_grad_()).requires_grad
        assert through(tensor * 2).requires_grad  # what comes of it has one too
    assert torch.equal(through(tensor.expand(4, *shape)), tensor.expand(4, *shape))


def test_other_numbers_arrive() -> None:
    assert through(Fraction(2, 3)) == Fraction(2, 3) and through(2 + 3j) == 2 + 3j
    assert math.isnan(through(math.nan)) and through(-math.inf) == -math.inf
    assert through(10**3000) > 10**999 and through(-(10**3000)) < 0
    assert through(np.array([Fraction(1, 2), 3], dtype=object)).tolist() == [Fraction(1, 2), 3]


class Pickled:
    def __reduce__(self) -> Any:
        return print, ("run",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (lambda: 0, "a function (was it to be called?)"),
        ((x for x in ()), "a generator (is `yield` there for `return`?)"),
        (np.random.default_rng(0), "a random generator"),
        (Pickled(), "an object of type Pickled"),
        ({1, 2}, "an object of type set"),
        (b"12", "an object of type bytes"),
        (torch.zeros(2, device="meta"), "an object of type Tensor"),
    ],
)
def test_of_anything_else_its_kind_arrives(value: Any, words: str) -> None:
    assert kind(through(value)) == words


def endless() -> list[Any]:
    own: list[Any] = []
    own.append(own)
    return own


@pytest.mark.parametrize(
    "value",
    [
        endless(),
        "x" * (MOST_BYTES + 1),
        [0] * MOST_BYTES,
        np.zeros(MOST_BYTES),
        np.broadcast_to(np.float64(1), (2**40,)),
        torch.zeros(1).expand(2**40),
        {i: i for i in range(MOST_BYTES // 4 + 1)},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_too_large_is_not_sent(value: Any) -> None:
    with pytest.raises(WireError):
        encode(value)
    outcome = attempt_code(attempt(TASK, lambda x: value))["outcomes"][0]
    assert outcome["stopped"] == "your function returned more than can be judged"


@pytest.mark.parametrize(
    "code",
    [
        {"a": 1},
        [],
        ["array", "f8", [2**40], ""],
        ["array", "f8", [3], "AAAA"],
        ["array", "f8", [-1], ""],
        ["array", "O", [1], "AAAAAAAAAAA="],
        ["array", "f8", [1.5], ""],
        ["array", "f8", ["a"], ""],
        ["array", "M8[s]", [1], "AAAAAAAAAAA="],
        ["tensor", "float32", [2**40], False, ""],
        ["tensor", "float32", [2], False, "AAAA"],
        ["tensor", "__class__", [1], False, "AAAA"],
        ["tensor", "float32", [3], False, ""],
        ["objects", [2], "O", 1],
        ["dict", [1]],
        ["dict", [["list"], 1]],
        ["fraction", 1, 0],
        ["complex", "a", 1],
        ["unheard", 1],
        [["list"], 1],
        [7],
    ],
    ids=str,
)
def test_what_encode_never_makes_is_refused(code: Any) -> None:
    with pytest.raises(WireError):
        decode(code)


# Attempts

TASK = Task("double", ("x",), [(1.0,), (2.0,)])


@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_answer_is_right_after_the_way(name: str) -> None:
    """And so is what is said of the first wrong one."""
    exercise = EXERCISES[name]
    wrong, words = ANSWERS[name].wrong[0]
    for answer in (ANSWERS[name].solution, wrong):
        here = attempt(exercise.task(), answer)
        code = json.loads(json.dumps(attempt_code(here)))
        there = attempt_from(code, exercise.task(), str)
        assert verdict_on(exercise, there).message == verdict_on(exercise, here).message or (
            "could not be compared" in words
        )


OUTCOME = attempt_code(attempt(TASK, lambda x: x))["outcomes"][0] | {"seconds": 0.0}
WHOLE: dict[str, Any] = {"outcomes": [OUTCOME, OUTCOME], "refused": "", "written": True}


@pytest.mark.parametrize(
    "change",
    [
        {"outcomes": []},
        {"outcomes": [OUTCOME]},
        {"outcomes": [OUTCOME] * 3},
        {"outcomes": None},
        {"outcomes": [1, 2]},
        {"written": "no"},
        {"refused": None},
        *(
            {"outcomes": [OUTCOME | part, OUTCOME]}
            for part in (
                {"changed": [1]},
                {"changed": [-1]},
                {"changed": "x"},
                {"error": 3},
                {"seconds": "1"},
                {"endless": 0},
                {"value": ["unheard"]},
                {"stopped": ["x"]},
            )
        ),
    ],
)
def test_an_attempt_that_is_none_is_refused(change: dict[str, Any]) -> None:
    assert attempt_from(WHOLE, TASK, str).outcomes
    with pytest.raises(WireError):
        attempt_from(WHOLE | change, TASK, str)


# Frames


@pytest.fixture
def ends() -> Any:
    ours, theirs = socket.socketpair()
    yield Channel(ours), theirs
    ours.close(), theirs.close()


def test_frames_arrive_in_their_order(ends: tuple[Channel, socket.socket]) -> None:
    channel, theirs = ends
    other = Channel(theirs)
    for number in range(3):
        other.send({"number": number, "text": "\ud83d" * number})
    assert [channel.receive(1)["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(WireError):
        other.send({"text": "x" * MOST_BYTES})


def test_silence_ends_with_the_time_and_is_looked_at(ends: tuple[Channel, socket.socket]) -> None:
    ticks: list[int] = []
    with pytest.raises(TimeoutError):
        ends[0].receive(0.6, lambda: ticks.append(1))
    assert ticks
    ends[1].close()
    with pytest.raises(EOFError):
        ends[0].receive(1)


@pytest.mark.parametrize("frame", [b"[1]", b"{", b"[" * 100_000, b"\xff", b"1" * 10_000])
def test_what_is_no_frame_is_refused(frame: bytes, ends: tuple[Channel, socket.socket]) -> None:
    ends[1].sendall(struct.pack("!I", len(frame)) + frame)
    with pytest.raises(WireError):
        ends[0].receive(1)


def test_a_frame_that_is_too_long_is_not_read(ends: tuple[Channel, socket.socket]) -> None:
    ends[1].sendall(struct.pack("!I", 2**31))
    with pytest.raises(WireError, match="bytes"):
        ends[0].receive(1)
