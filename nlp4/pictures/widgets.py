"""What needs Jupyter's widgets: an explorer's place in a notebook, and the curve of a training."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import traitlets

from nlp4.pictures import svg

if TYPE_CHECKING:  # a picture without a training needs no torch
    from nlp4.training.trainer import History

_BIT = math.log(2)  # nats
_REDRAWN = 0.5  # seconds
_LINES = ((svg.WARM, "none"), (svg.COOL, "6 3"), (svg.INK, "2 2"))  # colours and dashes
_WEB = Path(__file__).with_name("web")


class View(anywidget.AnyWidget):
    """An explorer in a notebook: its first state, and a line to the page's script.

    `answer` takes what the page says and returns what to show. If it raises, the page hears that
    it failed, so that it does not wait for ever, and the error is shown as any error is.
    """

    _esm, _css = _WEB / "explorer.js", _WEB / "explorer.css"
    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self, state: dict[str, Any], answer: Callable[[Mapping[str, Any]], dict[str, Any]]
    ) -> None:
        super().__init__(state=state)
        self._answer = answer
        self.on_msg(self._hear)

    def _hear(self, view: object, message: dict[str, Any], buffers: object) -> None:
        try:
            shown = self._answer(message)
        except Exception:
            self.send({"failed": True, "asked": message.get("asked")})
            raise
        self.send({**shown, "asked": message.get("asked")})


class Told(widgets.VBox):
    """Widgets that say in words what they show, for where they cannot run."""

    # ipywidgets 7 would show itself by this, and the words would be lost.
    _ipython_display_ = None

    @property
    def words(self) -> str:
        """What they show now."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"text/plain": self.words, "application/vnd.jupyter.widget-view+json": view}, {}


class LiveCurve(Told):
    """A progress bar and a curve of the loss for each of `labels`, which grow while they train.

    Call it after each step, or after each round of steps, with their histories. It is redrawn
    twice a second: more often would cost the training more than the reader gains.
    """

    def __init__(self, steps: int, *labels: str) -> None:
        self._steps, self._labels, self._drawn = steps, labels, 0.0
        self._bar, self._note = widgets.IntProgress(0, 0, steps), widgets.Label()
        self._picture = widgets.HTML()
        row = widgets.HBox([widgets.Label(" and ".join(labels)), self._bar, self._note])
        super().__init__([row, self._picture])

    def __call__(self, *histories: History) -> None:
        """Take note of one more step of each."""
        done = histories[-1].steps
        if done < self._steps and time.monotonic() - self._drawn < _REDRAWN:
            return
        self._drawn = time.monotonic()
        seconds = sum(history.seconds for history in histories)
        pace = sum(history.characters for history in histories) / seconds
        losses = ", ".join(f"{history.recent_loss() / _BIT:.3f}" for history in histories)
        self._bar.value = done
        self._note.value = (
            f"step {done} of {self._steps}, loss {losses} bits, {pace:,.0f} characters a second, "
            f"{seconds / done * (self._steps - done):.0f} s left"
        )
        if curves := [history.curve() for history in histories if history.curve()]:
            self._picture.value = loss_picture(
                dict(zip(self._labels, curves, strict=True)), self._steps
            )

    @property
    def words(self) -> str:
        """Whose loss it is."""
        return f"the loss of {' and '.join(self._labels)}, live"


def loss_picture(curves: Mapping[str, Sequence[tuple[int, float]]], steps: int) -> str:
    """A line for each training: the loss in bits a scored character, against the step.

    `curves` are in nats, as a history holds them.
    """
    curves = {
        name: [(step, loss / _BIT) for step, loss in points] for name, points in curves.items()
    }
    top = 1.1 * max(loss for points in curves.values() for _, loss in points) or 1.0
    frame = svg.panel_frame((0, steps), (0, top))
    x_ticks, y_ticks = (svg.round_ticks(0, end, 4) for end in (steps, top))
    body = [frame.axes("step", "loss, bits a character", x_ticks, y_ticks)]
    for i, (name, points) in enumerate(curves.items()):
        colour, dashes = _LINES[i % len(_LINES)]
        drawn, y = f"stroke-width='1.5' stroke-dasharray='{dashes}'", 42 + 16 * i
        at, losses = zip(*points, strict=True)
        body.append(frame.curve(at, losses, colour, drawn))
        body.append(svg.line([(314, y), (336, y)], colour, drawn))
        body.append(svg.text(308, y + 4, name, svg.SMALL, colour, "end"))
    told = ", ".join(f"{name} {points[-1][1]:.2f}" for name, points in curves.items())
    return svg.picture(svg.HALF, svg.HEIGHT, "".join(body), f"loss in training: {told}")
