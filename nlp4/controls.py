"""The sliders and boxes of the explorers, all of one width and with room for their labels."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

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
