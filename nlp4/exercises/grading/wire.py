"""What passes between the grader and a learner's code: frames of JSON, and values as data.

Nothing that comes from there is run or unpickled: a value is rebuilt from types and bytes that are
checked first, and what is none of the known kinds comes out as an object of no use (`stand_in`).
"""

from __future__ import annotations

import base64
import json
import math
import numbers
import socket
import struct
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from types import FunctionType, GeneratorType
from typing import Any

import numpy as np
from numpy.random import Generator as Random

from nlp4.exercises.trying import Attempt, Outcome, Task

MOST_BYTES = 4_000_000  # of one frame; what the exercises want is a twentieth of it
_DEEPEST = 20
_ARRAYS = frozenset("biufc")  # numpy's kinds of numbers
_TENSORS = (
    *("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"),
    *("bool", "complex64", "complex128"),
)
_HEAD = struct.Struct("!I")


class WireError(Exception):
    """What was to be sent is too large, or what came is not what was asked for."""


# Frames


class Channel:
    """Frames of JSON over a socket."""

    def __init__(self, own: socket.socket) -> None:
        self._socket, self._came = own, bytearray()

    def send(self, message: dict[str, Any]) -> None:
        """Send one frame. Raises OSError if the other side is gone."""
        frame = json.dumps(message).encode("ascii")
        if len(frame) > MOST_BYTES:
            raise WireError(f"{len(frame):,} bytes are too many")
        self._socket.sendall(_HEAD.pack(len(frame)) + frame)

    def receive(self, seconds: float, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """The next frame. `tick` is called four times a second while there is none.

        Raises TimeoutError after `seconds`, EOFError where the other side is gone, and WireError
        for what is no frame.
        """
        until = time.monotonic() + seconds
        (length,) = _HEAD.unpack(self._take(_HEAD.size, until, tick))
        if length > MOST_BYTES:
            raise WireError(f"a frame of {length:,} bytes")
        try:
            message = json.loads(self._take(length, until, tick))
        except (ValueError, RecursionError) as error:
            raise WireError(f"no JSON: {error}") from None
        if not isinstance(message, dict):
            raise WireError("no object")
        return message

    def _take(self, size: int, until: float, tick: Callable[[], None]) -> bytes:
        while len(self._came) < size:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(min(left, 0.25))
            try:
                part = self._socket.recv(1 << 16)
            except TimeoutError:
                tick()
                continue
            except OSError:
                raise EOFError from None
            if not part:
                raise EOFError
            self._came += part
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken

    def close(self) -> None:
        """End it; the other side sees the end."""
        self._socket.close()


# Values


def encode(value: Any, depth: int = 0) -> Any:
    """A value as JSON: plain things as they are, others as a list that begins with their kind.

    Raises WireError for what is too large or too deep.
    """
    if depth > _DEEPEST:
        raise WireError("nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(_of_size(value, len(value)))
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor_code(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _array_code(np.asarray(value), depth)
    if isinstance(value, numbers.Number):
        return _number_code(value)
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return [kind, *(encode(item, depth + 1) for item in _of_size(value, 2 * len(value)))]
    if isinstance(value, dict):
        pairs = _of_size(value, 4 * len(value)).items()
        return ["dict", *([encode(k, depth + 1), encode(v, depth + 1)] for k, v in pairs)]
    return ["object", _kind_of(value)]


def _of_size(value: Any, size: int) -> Any:
    if size > MOST_BYTES:
        raise WireError("too large")
    return value


def _kind_of(value: Any) -> str:
    """The name of its type; a string that a class gives itself as a name may be anything."""
    known = ((FunctionType, "function"), (GeneratorType, "generator"), (Random, "random"))
    found = next((name for kind, name in known if isinstance(value, kind)), None)
    return found or str(type(value).__name__)[:60]


def _number_code(value: Any) -> Any:
    if isinstance(value, int):
        exact = int(value)
        return exact if exact.bit_length() < 4000 else ["huge", exact > 0]
    if isinstance(value, Fraction):
        over, under = _number_code(value.numerator), _number_code(value.denominator)
        return ["fraction", over, under]
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    return float(value) if isinstance(value, numbers.Real) else ["object", _kind_of(value)]


def _array_code(array: np.ndarray, depth: int) -> list[Any]:
    _of_size(array, array.size * max(array.itemsize, 1) * 4 // 3)
    if array.dtype.kind in _ARRAYS and array.dtype.itemsize <= 16:
        plain = array.astype(array.dtype.newbyteorder("="), copy=False)
        return ["array", plain.dtype.str[1:], list(array.shape), _text(plain.tobytes())]
    items = [encode(item, depth + 1) for item in array.ravel().tolist()]
    return ["objects", list(array.shape), "U" if array.dtype.kind == "U" else "O", *items]


def _tensor_code(tensor: Any) -> list[Any]:
    kind = str(tensor.dtype).removeprefix("torch.")
    if kind not in _TENSORS or tensor.device.type == "meta" or tensor.layout != _torch().strided:
        return ["object", "Tensor"]
    _of_size(tensor, tensor.numel() * tensor.element_size() * 4 // 3)
    flat = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    data = flat.view(_torch().uint8).numpy().tobytes() if len(flat) else b""
    return ["tensor", kind, list(tensor.shape), bool(tensor.requires_grad), _text(data)]


def _torch() -> Any:
    import torch

    return torch


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode(code: Any) -> Any:
    """The value that `encode` was given. Raises WireError for what it never makes."""
    try:
        return _decoded(code)
    except WireError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise WireError(f"no value: {error}") from None


def _decoded(code: Any) -> Any:
    if not isinstance(code, list):
        if isinstance(code, dict):
            raise WireError("no value")
        return code
    kind, *parts = code
    if kind == "list":
        return [_decoded(part) for part in parts]
    if kind == "tuple":
        return tuple(_decoded(part) for part in parts)
    if kind == "dict":
        return {_decoded(key): _decoded(value) for key, value in parts}
    return _MAKERS[kind](*parts)


def _shape(shape: Any) -> tuple[int, ...]:
    whole = all(type(side) is int and 0 <= side <= MOST_BYTES for side in shape)
    if not whole or len(shape) > 16 or math.prod(shape) > MOST_BYTES:
        raise WireError("no shape")
    return tuple(shape)


def _array(kind: str, shape: Any, text: str) -> np.ndarray:
    dtype = np.dtype(str(kind))
    if dtype.kind not in _ARRAYS:
        raise WireError("no array of numbers")
    found = np.frombuffer(base64.b64decode(text, validate=True), dtype)
    return found.reshape(_shape(shape)).copy()


def _objects(shape: Any, kind: str, *items: Any) -> np.ndarray:
    found = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        found[i] = _decoded(item)
    made = found.astype(str) if kind == "U" else found
    return made.reshape(_shape(shape))


def _tensor(kind: str, shape: Any, learns: bool, text: str) -> Any:
    torch, sides = _torch(), _shape(shape)
    if kind not in _TENSORS:
        raise WireError("no tensor")
    dtype, data = getattr(torch, kind), bytearray(base64.b64decode(text, validate=True))
    empty = torch.empty(sides, dtype=dtype)
    found = torch.frombuffer(data, dtype=dtype).reshape(sides).clone() if data else empty
    if found.shape != empty.shape or (not data and empty.numel()):
        raise WireError("a tensor of another shape")
    return found.requires_grad_(bool(learns)) if dtype.is_floating_point else found


def stand_in(name: str) -> Any:
    """An object of a type with that name, of which nothing else is known."""
    if name == "function":
        return lambda: None
    if name == "generator":
        return (each for each in [None])
    if name == "random":
        return Random(np.random.PCG64(0))
    return type("".join(c for c in str(name)[:60] if c.isprintable()) or "object", (), {})()


_MAKERS: dict[str, Callable[..., Any]] = {
    "array": _array,
    "objects": _objects,
    "tensor": _tensor,
    "complex": complex,
    "fraction": Fraction,
    "huge": lambda positive: 10**1000 if positive else -(10**1000),
    "object": stand_in,
}


# What became of a function

_TOO_LARGE = Outcome(error="WireError", stopped="your function returned more than can be judged")


def attempt_code(tried: Attempt) -> dict[str, Any]:
    """An attempt as JSON. A value that is too large to be sent is told in words."""
    outcomes = [_outcome_code(outcome) for outcome in tried.outcomes]
    if sum(len(json.dumps(each["value"])) for each in outcomes) > MOST_BYTES // 2:
        outcomes = [_outcome_code(_TOO_LARGE) for _ in outcomes]
    return {"outcomes": outcomes, "refused": tried.refused, "written": tried.written}


def _outcome_code(outcome: Outcome) -> dict[str, Any]:
    try:
        code = encode(outcome.value)
    except Exception:  # an object of the learner's own making may refuse anything
        outcome, code = _TOO_LARGE, None
    return {**vars(outcome), "value": code, "changed": list(outcome.changed)}


def attempt_from(code: Any, task: Task, printable: Callable[[str], str]) -> Attempt:
    """The attempt at `task` in what came; texts are made fit to be shown.

    Raises WireError for what is none: a call is missing, an argument is none of the task's.
    """
    try:
        outcomes = tuple(_outcome(each, task, printable) for each in code["outcomes"])
        refused, written = printable(_is(code["refused"], str)), _is(code["written"], bool)
    except (KeyError, TypeError, AttributeError) as error:
        raise WireError(f"no attempt: {error}") from None
    called = written and not refused
    if called and len(outcomes) != len(task.cases) and not (outcomes and outcomes[-1].endless):
        raise WireError(f"{len(outcomes)} of {len(task.cases)} calls")
    return Attempt(outcomes, refused, written)


def _outcome(code: Any, task: Task, printable: Callable[[str], str]) -> Outcome:
    texts = {name: printable(_is(code[name], str)) for name in ("error", "stopped", "waits")}
    changed = tuple(_is(place, int) for place in _is(code["changed"], list))
    if not all(0 <= place < len(task.parameters) for place in changed):
        raise WireError("no such argument")
    return Outcome(
        value=decode(code["value"]),
        endless=_is(code["endless"], bool),
        changed=changed,
        seconds=_is(code["seconds"], float),
        **texts,
    )


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} for {kind.__name__}")
    return value
