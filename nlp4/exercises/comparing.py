"""What differs between the value that a function returns and the one that it should, in words."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable, Iterable
from types import FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the checks need no torch
    from nlp4.models.pieces import Call

LONGEST = 60  # characters of a text that are shown
MOST_ITEMS = 6  # items of a list or an array that are shown
_KINDS: tuple[tuple[Any, str], ...] = (
    ((bool, np.bool_), "True or False"),
    (numbers.Real, "a number"),
    (np.ndarray, "an array"),
    (str, "a string"),
    (tuple, "a tuple"),
    (list, "a list"),
    (dict, "a dictionary"),
    (np.random.Generator, "a random generator"),
    (type(None), "None"),
    (FunctionType, "a function (was it to be called?)"),
    (GeneratorType, "a generator (is `yield` there for `return`?)"),
)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach") and hasattr(value, "is_floating_point")


def plain(value: Any) -> Any:
    """A tensor as a numpy array, an array without axes as a scalar, anything else as it is.

    Tensors are known by what they can do, so that torch is not imported.
    """
    if _is_tensor(value):
        value = value.detach().cpu()
        # numpy has no type for torch's 16-bit brain floats.
        value = (value.double() if value.is_floating_point() else value).numpy()
    if isinstance(value, np.ndarray):
        value = np.asarray(value)
        return value[()] if value.ndim == 0 else value
    return value


def fitted(found: Any, wanted: Any) -> Any:
    """`found` in the container of `wanted`, where both are usual ones; otherwise as it is, plain.

    Numbers are right in a list, a tuple, an array or a tensor, and so are ones and zeros where
    True and False are wanted.
    """
    if _is_tensor(found) and found.ndim and isinstance(wanted, (list, tuple)):
        found = list(found)  # tensors, where tensors may be wanted
    found, wanted = plain(found), plain(wanted)
    if isinstance(wanted, np.ndarray):
        return _fitted_array(found, wanted)
    if isinstance(wanted, (list, tuple)) and isinstance(found, (list, tuple, np.ndarray)):
        return type(wanted)(found.tolist() if isinstance(found, np.ndarray) else found)
    if isinstance(wanted, (bool, np.bool_)) and isinstance(found, numbers.Real):
        return bool(found) if found in (0, 1) else found
    return found


def _fitted_array(found: Any, wanted: np.ndarray) -> Any:
    if isinstance(found, (list, tuple)):
        try:
            found = np.array(_plain_items(found))
        except ValueError:  # rows of different lengths
            return found
    if not isinstance(found, np.ndarray):
        return found
    if found.dtype.kind == "O" and all(isinstance(x, numbers.Real) for x in found.flat):
        found = found.astype(float)  # such as fractions
    if wanted.dtype.kind == "b" and found.dtype.kind in "iuf" and np.isin(found, (0, 1)).all():
        return found.astype(bool)
    return found


def _plain_items(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [_plain_items(v) if isinstance(v, (list, tuple)) else plain(v) for v in values]


_PRECISIONS = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def tolerance_of(found: Any, tolerance: float) -> float:
    """The tolerance for numbers of the type in `found`: wider where it keeps few digits.

    A result in float32 that is right to about five digits is right, one in bfloat16 to about one.
    """
    if isinstance(found, (list, tuple)):
        return max((tolerance_of(value, tolerance) for value in found), default=tolerance)
    name = str(getattr(found, "dtype", "")).rpartition(".")[2]  # numpy's and torch's alike
    return max(tolerance, _PRECISIONS.get(name, 0.0) ** (2 / 3))


def kind(value: Any) -> str:
    """What sort of value this is: "a number", "an array", "a string"."""
    value = plain(value)
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return f"an object of type {type(value).__name__}"


def kind_and_shape(value: Any) -> str:
    """Like `kind`, with the shape of an array."""
    value = plain(value)
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else kind(value)


def misfit(found: Any, wanted: Any, place: str = "") -> str | None:
    """Say where `found` is of another kind or shape than `wanted`; None where it is not.

    `place` is where in the returned value both stand, such as " at [0]".
    """
    if _is_tensor(wanted) and (words := _tensor_misfit(found, wanted, place)) is not None:
        return words
    found, wanted = fitted(found, wanted), plain(wanted)
    if found is None and wanted is not None and not place:
        return "you return None: did you forget `return`?"
    if kind(found) != kind(wanted):
        return (
            f"you return {kind_and_shape(found)}{place} where {kind_and_shape(wanted)} is expected"
        )
    if isinstance(wanted, np.ndarray):
        if found.shape != wanted.shape:
            return f"you return shape {found.shape}{place} where {wanted.shape} is expected"
        if _sort(found) != _sort(wanted):
            return f"you return an array of {found.dtype}{place} where {_sort(wanted)} are expected"
    return None


def _tensor_misfit(found: Any, wanted: Any, place: str) -> str | None:
    """Say what would stop a model that computes on with `found` in place of the tensor `wanted`."""
    if found is None:
        return None  # told by `misfit`
    if not _is_tensor(found):
        return f"you return {kind_and_shape(found)}{place} where a torch tensor is expected"
    if found.device != wanted.device:
        return f"you return a tensor on {found.device}{place} where {wanted.device} is expected"
    if found.shape == wanted.shape and found.dtype != wanted.dtype:
        found_type, wanted_type = (str(x.dtype).removeprefix("torch.") for x in (found, wanted))
        return f"you return {found_type}{place} where {wanted_type} is expected"
    if wanted.requires_grad and not found.requires_grad:
        return (
            f"what you return{place} has lost its gradient, so nothing before it would learn: "
            "leave out `detach`, `no_grad`, `item` and numpy"
        )
    return None


def _sort(array: np.ndarray) -> str:
    """What an array holds. Ones and zeros select other elements than True and False do."""
    if array.dtype.kind == "b":
        return "True and False"
    return "numbers" if array.dtype.kind in "iuf" else str(array.dtype)


def difference(found: Any, wanted: Any, tolerance: float, place: str = "") -> str | None:
    """Say how `found` differs from `wanted`, in words that follow "for n = 4"; None if they agree.

    Numbers agree within `tolerance`, absolute plus relative (numpy.isclose), or within what their
    type can tell apart. Neither that type nor the container counts (see `fitted`). Lists, tuples
    and dictionaries are compared item by item.
    """
    tolerance = tolerance_of(found, tolerance)
    if (words := misfit(found, wanted, place)) is not None:
        return words
    found, wanted = fitted(found, wanted), plain(wanted)
    if isinstance(wanted, np.ndarray):
        return _array_difference(found, wanted, tolerance, place)
    if isinstance(wanted, dict):
        return _dict_difference(found, wanted, tolerance, place)
    if isinstance(wanted, (list, tuple)):
        if len(found) != len(wanted):
            return f"you return {_items(found)}{place} where {_items(wanted)} are expected"
        pairs = enumerate(zip(found, wanted, strict=True))
        every = (difference(a, b, tolerance, _inside(place, i)) for i, (a, b) in pairs)
        return next((words for words in every if words is not None), None)
    return None if _agree(found, wanted, tolerance) else _unequal(found, wanted, place)


def _items(value: Any) -> str:
    return f"{len(value)} item{'s' * (len(value) != 1)}"


def _inside(place: str, key: Any) -> str:
    return f"{place or ' at '}[{key!r}]"


def _agree(found: Any, wanted: Any, tolerance: float) -> bool:
    if found == wanted:
        return True
    if not isinstance(wanted, numbers.Real):
        return False
    return bool(np.isclose(float(found), float(wanted), tolerance, tolerance, equal_nan=True))


def _unequal(found: Any, wanted: Any, place: str) -> str:
    first, second = _apart(found, wanted)
    return f"you return {first}{place}; it should be {second}"


def _array_difference(
    found: np.ndarray, wanted: np.ndarray, tolerance: float, place: str
) -> str | None:
    if _sort(wanted) in ("numbers", "True and False"):
        numbers_found, numbers_wanted = found.astype(float), wanted.astype(float)
        wrong = ~np.isclose(numbers_found, numbers_wanted, tolerance, tolerance, equal_nan=True)
    else:
        wrong = found != wanted
    if not wrong.any():
        return None
    if wanted.size <= MOST_ITEMS:
        return _unequal(found, wanted, place)
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"{place or ' at '}[{', '.join(map(str, index))}]"
    return _unequal(found[index], wanted[index], where)


def _dict_difference(
    found: dict[Any, Any], wanted: dict[Any, Any], tolerance: float, place: str
) -> str | None:
    for key in wanted:
        if key not in found:
            return f"you return a dictionary{place} without the key {key!r}"
        words = difference(found[key], wanted[key], tolerance, _inside(place, key))
        if words is not None:
            return words
    extra = [key for key in found if key not in wanted]
    return f"you return a dictionary{place} with the key {extra[0]!r} too many" if extra else None


def _apart(found: Any, wanted: Any) -> tuple[str, str]:
    """Show two values so that they look different: more digits, or the part that differs."""
    if isinstance(found, str) and isinstance(wanted, str):
        pairs = enumerate(zip(found, wanted, strict=False))
        same = next((i for i, (a, b) in pairs if a != b), min(len(found), len(wanted)))
        start = max(0, same - LONGEST // 2)
        first, second = (shown("…" * (start > 0) + text[start:]) for text in (found, wanted))
        return first, second
    first = second = ""
    for digits in (4, 8, 17):
        first, second = shown(found, digits), shown(wanted, digits)
        if first != second:
            break
    return first, second


def shown(value: Any, digits: int = 4) -> str:
    """A short text for a value: numbers to `digits` digits, long texts, lists and arrays cut."""
    value = plain(value)
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST else value[:LONGEST] + "…")
    if isinstance(value, (bool, np.bool_)) or value is None:
        return str(value)
    if isinstance(value, numbers.Integral):
        return str(value) if abs(int(value)) < 10**15 else f"{float(value):.{digits}g}"
    if isinstance(value, numbers.Real):
        return "nan (not a number)" if math.isnan(value) else f"{float(value):.{digits}g}"
    if isinstance(value, np.ndarray):
        return _shown_items(value, digits) if value.size <= MOST_ITEMS else kind_and_shape(value)
    if isinstance(value, (list, tuple)):
        return _shown_items(value, digits)
    if isinstance(value, dict):
        pairs = [f"{shown(k)}: {shown(v, digits)}" for k, v in list(value.items())[:MOST_ITEMS]]
        return "{" + ", ".join(pairs) + ", …" * (len(value) > MOST_ITEMS) + "}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        text = repr(value)
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return getattr(value, "__name__", None) or kind(value)


def _shown_items(value: Any, digits: int) -> str:
    opening, closing = "()" if isinstance(value, tuple) else "[]"
    items = [shown(item, digits) for item in value[:MOST_ITEMS]]
    more = f", … ({_items(value)})" if len(value) > MOST_ITEMS else ""
    return opening + ", ".join(items) + more + closing


def first_difference(
    functions: Iterable[Callable[..., Any]], calls: Iterable[Call], tolerance: float = 1e-4
) -> str:
    """Say which of the learner's functions is the first to differ, on calls made with ours.

    Each gets just what ours got at the same place, so that a mistake is not blamed on what builds
    upon it. A function that is called nowhere says nothing.
    """
    named = {function.__name__: function for function in functions}
    agreeing: dict[str, None] = {}
    for call in calls:
        if call.piece not in named:
            continue
        try:
            words = difference(named[call.piece](*call.given), call.result, tolerance)
        except Exception as error:  # a learner's function may raise anything
            words = f"it stopped with {type(error).__name__}: {error}"
        if words is not None:
            return f"`{call.piece}` is the first that differs, {call.where}: {words}"
        agreeing[call.piece] = None
    return f"no difference: {', '.join(agreeing)} compute what ours do"


def was_changed(before: Any, after: Any) -> bool:
    """Tell whether an array, list or dictionary holds something else than it did.

    Other objects, such as a random generator, may change as they like.
    """
    before, after = plain(before), plain(after)
    if isinstance(before, np.ndarray):
        same = np.shape(before) == np.shape(after) and bool(
            np.all((before == after) | ((before != before) & (after != after)))
        )
        return not same
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(was_changed, before, after))
    if isinstance(before, dict):
        return before.keys() != after.keys() or any(
            was_changed(before[k], after[k]) for k in before
        )
    if hasattr(before, "state_dict"):
        return was_changed(dict(before.state_dict()), dict(after.state_dict()))
    if isinstance(before, (str, numbers.Real)) or before is None:
        return bool(before != after) and before == before
    return False
