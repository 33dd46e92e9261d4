"""A picture with sliders: one widget that shows itself, in words as well, wherever it is opened."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import ipywidgets as widgets

from nlp4.errors import UserError

State = TypeVar("State")


class Explorer(widgets.VBox, Generic[State]):
    """Controls above a picture above a caption that says in words what the picture shows.

    `compute` takes the controls' values by name and returns what there is to show; `picture`
    turns that into an SVG string and `caption` into a sentence with the numbers in it. Where
    widgets do not run (a web page, a diff), the display holds the SVG and the caption instead.
    """

    def __init__(
        self,
        controls: Mapping[str, Any],
        compute: Callable[..., State],
        picture: Callable[[State], str],
        caption: Callable[[State], str],
    ) -> None:
        self._controls = dict(controls)
        self._first = {name: control.value for name, control in self._controls.items()}
        self._compute, self._draw, self._describe = compute, picture, caption
        self._picture, self._caption = widgets.HTML(), widgets.HTML()
        reset = widgets.Button(description="reset", layout=widgets.Layout(width="5em"))
        reset.on_click(lambda _: self.reset())
        for control in self._controls.values():
            control.observe(self._update, names="value")
        self._update()
        super().__init__([*self._controls.values(), reset, self._picture, self._caption])

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        for name, control in self._controls.items():
            control.value = self._first[name]

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

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        """The live widget, and for where it cannot run a still picture and its caption."""
        bundle: dict[str, str] = super()._repr_mimebundle_(**options)
        return bundle | {"text/plain": self._words, "image/svg+xml": self._svg}
