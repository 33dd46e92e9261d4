"""The sliders and boxes of the explorers, all of one width and with room for their labels."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

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
    return widgets.SelectionSlider(
        options=options, value=value, description=label, style=_LABEL, layout=_WIDE
    )


def tick(label: str, value: bool) -> Any:
    """A box to tick, with a short label beside it."""
    return widgets.Checkbox(value, description=label, indent=False)
