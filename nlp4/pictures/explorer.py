"""A picture with controls, the same in a notebook and on a web page.

All that is shown is worked out here, in Python. The page's script (`web/explorer.js`) puts up
sliders and handles, sends what a hand did to them, and shows what comes back. In a notebook the
messages go through a widget, on a web page through a worker that runs this very module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from nlp4.pictures.controls import Control
from nlp4.pictures.svg import Drawing, stacked, wide
from nlp4.support.errors import UserError

State = TypeVar("State")
Values = Mapping[str, Any]
MimeBundle = tuple[dict[str, Any], dict[str, Any]]  # what to show, and its metadata


@dataclass(frozen=True)
class Handle:
    """A thing in the picture that mouse, finger and arrow keys take hold of.

    `at` is its place in the panel with that number. `moves` takes a place in the same panel and
    returns the controls' values that bring the thing there, or near. Left and right keys step the
    first control of `keys`, up and down the second; an empty name stands for none. `holds` are
    values to set as it is taken in hand.
    """

    name: str
    label: str  # what a screen reader calls it
    told: str  # and says of its place
    at: tuple[float, float]
    moves: Callable[[float, float], Values]
    keys: tuple[str, str]
    holds: Values = field(default_factory=dict)
    panel: int = 0


@dataclass(frozen=True)
class Prepared:
    """A state of an explorer to show in a lecture: what to see there, and where controls stand."""

    title: str
    values: Values


class Explorer(Generic[State]):
    """Controls above a picture above a caption that says in words what the picture shows.

    `compute` takes the controls' values by name and returns what there is to show; `picture`
    turns that into an SVG string, `caption` into a sentence with the numbers in it, and `handles`
    into what can be taken hold of. `taps` takes a state, a panel's number and a place there, where
    somebody has clicked, and returns what that does to the controls. Where controls depend on each
    other, `settle` is told the values and the name of the control that was moved, and returns which
    others to move along.
    Where nothing runs (a diff, a printed page), the display holds the SVG and the caption.

    In the page its parts carry CSS classes, by which a stylesheet or a test finds them:
    `nlp4-explorer-NAME`, `nlp4-control-NAME`, `nlp4-handle-NAME`, `nlp4-picture`, `nlp4-caption`.
    Raises ValueError if `name` is not made of small letters, digits and hyphens.
    """

    def __init__(
        self,
        controls: Mapping[str, Control],
        compute: Callable[..., State],
        picture: Callable[[State], str],
        caption: Callable[[State], str],
        *,
        name: str = "",
        handles: Callable[[State], Sequence[Handle]] | None = None,
        taps: Callable[[State, int, float, float], Values] | None = None,
        settle: Callable[[Values, str], Values] | None = None,
        lecture: Sequence[Prepared] = (),
    ) -> None:
        if not re.fullmatch("[a-z0-9-]*", name):
            raise ValueError(f"{name!r} cannot be part of a CSS class")
        self.name, self.lecture = name, tuple(lecture)
        self._controls = dict(controls)
        self._first = self._values()
        self._compute, self._draw, self._describe = compute, picture, caption
        self._grips, self._taps, self._settle = handles, taps, settle
        self._narrow = False
        self._view: Any = None  # its widget, once it is shown in a notebook
        self._tell: Callable[[], None] | None = None  # tells the page of a change made in Python
        for key, control in self._controls.items():
            control.changed = partial(self._moved, key)
        self._update()

    @property
    def controls(self) -> Mapping[str, Control]:
        """The controls by the names that `compute` knows them by; read-only."""
        return MappingProxyType(self._controls)

    @property
    def svg(self) -> str:
        """The picture that is shown now; empty where the caption tells of a mistake."""
        return self._svg

    @property
    def caption(self) -> str:
        """What the picture shows now, in words."""
        return self._words

    @property
    def handles(self) -> Mapping[str, Handle]:
        """What can be taken hold of now, by name."""
        return MappingProxyType(self._handles)

    def at(self, **values: Any) -> Explorer[State]:
        """Put controls by name, and return the explorer: a line that brings a state back.

        Raises UserError for a control that is not there or a value on which it cannot stand.
        """
        for name, value in values.items():
            if name not in self._controls:
                known = ", ".join(self._controls)
                raise UserError(f"there is no control {name!r} here: take one of {known}")
            try:
                fits = self._controls[name].fitting(value)
            except ValueError as error:
                raise UserError(f"{error}: choose another value") from None
            values[name] = fits
        self._put(values)
        return self

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        self._put(self._first, settled=True)

    def drag(self, name: str, x: float, y: float) -> None:
        """Take a handle to a place in its panel, as near as its controls go.

        Raises UserError if there is no such handle.
        """
        self._put(self._held(name).moves(x, y))

    def nudge(self, name: str, across: int, up: int) -> None:
        """Step a handle by arrow keys: so many to the right, so many up. Raises as `drag` does."""
        for key, steps in zip(self._held(name).keys, (across, up), strict=True):
            if key and steps:
                self._put({key: self._controls[key].stepped(steps)})

    def tap(self, panel: int, x: float, y: float) -> None:
        """Click on the picture, at a place in the panel of that number."""
        if self._taps and self._svg:
            self._put(self._taps(self._state, panel, x, y))

    def _held(self, name: str) -> Handle:
        """The handle, after it was taken in hand."""
        if name not in self._handles:
            raise UserError(f"there is no {name!r} in the picture: reset it")
        self._put(self._handles[name].holds)
        return self._handles[name]

    def _values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self._controls.items()}

    def _moved(self, name: str) -> None:
        """A control was set from Python."""
        self._follow(name)
        self._update()

    def _put(self, values: Values, *, settled: bool = False) -> None:
        """Put controls, let those that depend on them follow, and work out what is shown."""
        before = self._values()
        for name, value in values.items():
            control = self._controls[name]
            if control.fitting(value) != before[name]:
                control.put(value)
                if not settled:
                    self._follow(name)
        if self._values() != before:
            self._update()

    def _follow(self, name: str) -> None:
        if self._settle:
            for other, value in self._settle(self._values(), name).items():
                self._controls[other].put(value)

    def _update(self) -> None:
        self._handles: dict[str, Handle] = {}
        try:
            state = self._compute(**self._values())
        except UserError as error:
            self._words, self._svg = str(error), ""
        else:
            self._state = state
            self._words, self._svg = self._describe(state), self._draw(state)
            if self._grips:
                self._handles = {handle.name: handle for handle in self._grips(state)}
        if self._tell:
            self._tell()

    # What goes to the page and comes from it, as JSON.

    def state(self) -> dict[str, Any]:
        """All that a page must know to put the explorer up."""
        controls = [{"name": name, **each.spec()} for name, each in self._controls.items()]
        lecture = [prepared.title for prepared in self.lecture]
        fixed = {"name": self.name, "controls": controls, "lecture": lecture}
        return {**fixed, "taps": self._taps is not None, **self.shown()}

    def shown(self) -> dict[str, Any]:
        """What changes with a move: values, picture, caption, handles, and `at`'s arguments."""
        raw = {name: each.raw(each.value) for name, each in self._controls.items()}
        moved = [
            f"{name}={value!r}"
            for name, value in self._values().items()
            if value != self._first[name]
        ]
        return {
            "values": raw,
            "picture": (stacked if self._narrow else wide)(self._svg),
            "caption": self._words,
            "handles": [self._told(handle) for handle in self._handles.values()],
            "at": ", ".join(moved),
        }

    def _told(self, handle: Handle) -> dict[str, Any]:
        control = self._controls[handle.keys[0] or handle.keys[1]]
        return {
            "name": handle.name,
            "label": handle.label,
            "told": handle.told,
            "now": control.raw(control.value),
            "x": round(handle.at[0], 1),
            "y": round(handle.at[1], 1),
            "panel": handle.panel,
        }

    def answer(self, message: Values) -> dict[str, Any]:
        """Do what a page's message says, and return what is shown then.

        Raises UserError for what cannot be done, ValueError or KeyError for what is no message.
        """
        self._narrow = bool(message.get("narrow", self._narrow))
        tell, self._tell = self._tell, None  # whoever asks is answered; nobody else need be told
        try:
            self._do(message)
        finally:
            self._tell = tell
        return self.shown()

    def _do(self, message: Values) -> None:
        match message["do"]:
            case "hello":
                pass
            case "move":
                raw = message["values"]
                self._put({name: self._controls[name].read(value) for name, value in raw.items()})
            case "drag":
                self.drag(message["handle"], float(message["x"]), float(message["y"]))
            case "tap":
                self.tap(int(message["panel"]), float(message["x"]), float(message["y"]))
            case "nudge":
                self.nudge(message["handle"], int(message["across"]), int(message["up"]))
            case "lecture":
                self.reset()
                self.at(**self.lecture[int(message["page"])].values)
            case "reset":
                self.reset()
            case other:
                raise ValueError(f"{other!r} is nothing that can be done")

    def _repr_mimebundle_(self, **options: Any) -> MimeBundle:
        """The live widget, and for where it cannot run a still picture and its caption."""
        if self._view is None:
            # Not above: a web page runs this module without widgets.
            from nlp4.pictures.widgets import View

            self._view = View(self.state(), self.answer)
            self._tell = lambda: self._view.send(self.shown())
        live, metadata = self._view._repr_mimebundle_() or ({}, {})
        still, alt = Drawing(self._svg, self._words)._repr_mimebundle_()
        named = {"nlp4": {"explorer": self.name}} if self.name else {}
        return live | still, metadata | alt | named
