"""A picture with sliders: one widget that shows itself, in words as well, wherever it is opened."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import ipywidgets as widgets

from nlp4.pictures.svg import Drawing
from nlp4.support.errors import UserError

_SHORT = 18  # letters that a slider's readout has room for
_WIDE, _LABEL = {"width": "34em"}, {"description_width": "11em"}


def number(label: str, value: float, low: float, high: float, step: float) -> Any:
    """A slider over numbers `step` apart."""
    return widgets.FloatSlider(
        value, min=low, max=high, step=step, description=label, style=_LABEL, layout=_WIDE
    )


def count(label: str, value: int, low: int, high: int) -> Any:
    """A slider over whole numbers."""
    return widgets.IntSlider(
        value, min=low, max=high, description=label, style=_LABEL, layout=_WIDE
    )


def choice(label: str, options: list[Any], value: Any) -> Any:
    """A slider over a few things: unlike a dropdown it answers to arrow keys in JupyterLab."""
    made = widgets.SelectionSlider(
        options=options, value=value, description=label, style=_LABEL, layout=_WIDE
    )
    if max(len(str(option)) for option in options) > _SHORT:
        made.add_class("nlp4-long-words")
        made.layout.width = "42em"
    return made


def tick(label: str, value: bool) -> Any:
    """A box to tick, with a short label beside it."""
    return widgets.Checkbox(value, description=label, indent=False)


State = TypeVar("State")
MimeBundle = tuple[dict[str, Any], dict[str, Any]]  # what to show, and its metadata
# A slider's readout cuts words off after some twenty letters. Room for the longest from the start:
# a readout that grew with its word would move the slider under the pointer.
_STYLE = "<style>.nlp4-long-words .widget-readout { max-width: none; min-width: 17em }</style>"


class Explorer(widgets.VBox, Generic[State]):
    """Controls above a picture above a caption that says in words what the picture shows.

    `compute` takes the controls' values by name and returns what there is to show; `picture`
    turns that into an SVG string and `caption` into a sentence with the numbers in it. Where
    widgets do not run (a web page, a diff), the display holds the SVG and the caption instead.

    In the page its parts carry CSS classes, by which a stylesheet or a test finds them:
    `nlp4-explorer` and `nlp4-explorer-NAME`, `nlp4-control-NAME`, `nlp4-picture`, `nlp4-caption`.
    Raises ValueError if `name` is not made of small letters, digits and hyphens.
    """

    def __init__(
        self,
        controls: Mapping[str, Any],
        compute: Callable[..., State],
        picture: Callable[[State], str],
        caption: Callable[[State], str],
        *,
        name: str = "",
    ) -> None:
        if not re.fullmatch("[a-z0-9-]*", name):
            raise ValueError(f"{name!r} cannot be part of a CSS class")
        self._controls = dict(controls)
        self._first = {name: control.value for name, control in self._controls.items()}
        self._compute, self._draw, self._describe = compute, picture, caption
        self._picture, self._caption = widgets.HTML(), widgets.HTML()
        reset = widgets.Button(description="reset", layout=widgets.Layout(width="5em"))
        reset.on_click(lambda _: self.reset())
        for control in self._controls.values():
            control.observe(self._update, names="value")
        self._update()
        style = widgets.HTML(_STYLE, layout=widgets.Layout(display="none"))
        parts = [*self._controls.values(), reset, self._picture, self._caption, style]
        super().__init__(parts)
        self._add_classes(name)

    def _add_classes(self, name: str) -> None:
        self.add_class("nlp4-explorer")
        if name:
            self.add_class(f"nlp4-explorer-{name}")
        for key, control in self._controls.items():
            control.add_class(f"nlp4-control-{key}")
        self._picture.add_class("nlp4-picture")
        self._caption.add_class("nlp4-caption")

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        for name, control in self._controls.items():
            control.value = self._first[name]

    @property
    def controls(self) -> Mapping[str, Any]:
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

    def _update(self, change: object = None) -> None:
        values = {name: control.value for name, control in self._controls.items()}
        try:
            state = self._compute(**values)
        except UserError as error:
            self._words, self._svg = str(error), ""
        else:
            self._words, self._svg = self._describe(state), self._draw(state)
        self._picture.value = self._svg
        self._caption.value = f'<p style="max-width:46em">{html.escape(self._words)}</p>'

    def _repr_mimebundle_(self, **options: Any) -> MimeBundle:
        """The live widget, and for where it cannot run a still picture and its caption."""
        live: dict[str, Any] = super()._repr_mimebundle_(**options)
        still, alt = Drawing(self._svg, self._words)._repr_mimebundle_()
        return live | still, alt
