"""What a reader moves: sliders, boxes to tick, lines to write; each has a label and a value.

They know nothing of widgets or of a page. A page gets their `spec` and sends their values as
JSON, which `read` takes back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar


def _nobody() -> None:
    """Who is told of a change before anybody listens."""


class Control:
    """A label and a value. Set the value from Python, and whoever listens hears of it."""

    kind: ClassVar[str]  # what the page makes of it

    def __init__(self, label: str, value: Any) -> None:
        self.label = label
        self._value = self.fitting(value)
        self.changed: Callable[[], None] = _nobody

    @property
    def value(self) -> Any:
        """Where it stands."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        before = self._value
        self.put(value)
        if self._value != before:
            self.changed()

    def put(self, value: Any) -> None:
        """Set the value, and let nobody hear of it. Raises ValueError as `fitting` does."""
        self._value = self.fitting(value)

    def fitting(self, value: Any) -> Any:
        """The value on which it stands if it is put to `value`. Raises ValueError for none."""
        return value

    def stepped(self, steps: int) -> Any:
        """The value some steps from here, as by arrow keys."""
        return self._value

    def raw(self, value: Any) -> Any:
        """The value as JSON."""
        return value

    def read(self, raw: Any) -> Any:
        """The value that JSON tells. Raises ValueError if it is none."""
        return raw

    def spec(self) -> dict[str, Any]:
        """What the page must know to show it."""
        return {"kind": self.kind, "label": self.label}


class Slider(Control):
    """Numbers `step` apart, from `min` to `max`; one that `wraps` goes round, as an angle does."""

    kind = "slider"

    def __init__(
        self, label: str, value: float, low: float, high: float, step: float, wraps: bool = False
    ) -> None:
        self.min, self.max, self.step, self.wraps = low, high, step, wraps
        super().__init__(label, value)

    def fitting(self, value: Any) -> float:
        """The nearest number within the bounds; whole if all of them are."""
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{self.label}: {value!r} is no number")
        value = min(max(value, self.min), self.max)
        return round(value) if isinstance(self.step, int) else float(value)

    def on_grid(self, value: float) -> float:
        """The number of the slider that is nearest to `value`; an angle is turned into range."""
        if self.wraps:
            value = self.min + (value - self.min) % (self.max - self.min)
        steps = round((value - self.min) / self.step)
        return self.fitting(round(self.min + steps * self.step, 10))

    def stepped(self, steps: int) -> float:
        """So many steps further, to the end at most."""
        return self.on_grid(self._value + steps * self.step)

    def read(self, raw: Any) -> float:
        """A number that JSON tells."""
        return self.fitting(raw)

    def spec(self) -> dict[str, Any]:
        """Its bounds and its step too."""
        return {**super().spec(), "min": self.min, "max": self.max, "step": self.step}


class Place(Slider):
    """A slider that stands nowhere in the page: a handle in the picture moves it."""

    kind = "kept"


class Choice(Control):
    """A slider over a few things: unlike a drop-down list it answers to arrow keys everywhere."""

    kind = "choice"

    def __init__(self, label: str, options: Sequence[Any], value: Any) -> None:
        self.options = tuple(options)
        super().__init__(label, value)

    @property
    def index(self) -> int:
        """Where the value stands among the options, from 0."""
        return self.options.index(self._value)

    def fitting(self, value: Any) -> Any:
        """One of the options."""
        if value not in self.options:
            raise ValueError(f"{self.label}: {value!r} is none of {list(self.options)}")
        return value

    def stepped(self, steps: int) -> Any:
        """So many options further, to the last at most."""
        return self.options[min(max(self.index + steps, 0), len(self.options) - 1)]

    def raw(self, value: Any) -> int:
        """The option's index."""
        return self.options.index(value)

    def read(self, raw: Any) -> Any:
        """The option of that index."""
        if not isinstance(raw, int) or not 0 <= raw < len(self.options):
            raise ValueError(f"{self.label}: there is no option {raw!r}")
        return self.options[raw]

    def spec(self) -> dict[str, Any]:
        """The options in words too."""
        return {**super().spec(), "options": [str(option) for option in self.options]}


class Tick(Control):
    """A box to tick, with a short label beside it."""

    kind = "tick"

    def fitting(self, value: Any) -> bool:
        """On or off."""
        return bool(value)

    def stepped(self, steps: int) -> bool:
        """The other one, after an odd number of steps."""
        return self._value ^ bool(steps % 2)


class Entry(Control):
    """A line to write in, read when it is finished with Enter."""

    kind = "entry"

    def fitting(self, value: Any) -> str:
        """The text."""
        if not isinstance(value, str):
            raise ValueError(f"{self.label}: {value!r} is no text")
        return value


class Kept(Control):
    """Numbers that stand nowhere in the page, but belong to what it shows: tuples of tuples."""

    kind = "kept"

    def fitting(self, value: Any) -> Any:
        """The same with tuples for lists, as it comes back from JSON: as many numbers as before."""
        kept = _tuples(value)
        if _shape(kept) != _shape(getattr(self, "_value", kept)):
            raise ValueError(f"{self.label}: {value!r} has another shape")
        return kept

    def read(self, raw: Any) -> Any:
        """The numbers that JSON tells."""
        return self.fitting(raw)


class Cells(Control):
    """Cells of a grid that stand nowhere in the page: rows and columns, both counted from 1."""

    kind = "kept"

    def fitting(self, value: Any) -> tuple[tuple[int, int], ...]:
        """Each cell once, in order."""
        cells = _tuples(value)
        if not isinstance(cells, tuple) or not all(map(_is_cell, cells)):
            raise ValueError(f"{self.label}: {value!r} are no cells")
        return tuple(sorted(set(cells)))

    def read(self, raw: Any) -> Any:
        """The cells that JSON tells."""
        return self.fitting(raw)

    def turned(self, cell: tuple[int, int]) -> tuple[tuple[int, int], ...]:
        """The cells with this one more, or without it if it was there."""
        return self.fitting(tuple({*self._value} ^ {cell}))


def _is_cell(value: Any) -> bool:
    return _shape(value) == (True, True) and all(isinstance(n, int) and n >= 1 for n in value)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def _shape(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_shape, value))
    return isinstance(value, (int, float)) and math.isfinite(value)


def number(
    label: str, value: float, low: float, high: float, step: float, *, wraps: bool = False
) -> Slider:
    """A slider over numbers `step` apart."""
    return Slider(label, float(value), float(low), float(high), float(step), wraps)


def count(label: str, value: int, low: int, high: int) -> Slider:
    """A slider over whole numbers."""
    return Slider(label, value, low, high, 1)


def choice(label: str, options: Sequence[Any], value: Any) -> Choice:
    """A slider over a few things."""
    return Choice(label, options, value)


def tick(label: str, value: bool) -> Tick:
    """A box to tick."""
    return Tick(label, value)


def entry(label: str, value: str) -> Entry:
    """A line to write in."""
    return Entry(label, value)
