"""Pictures of what was computed elsewhere. Nothing here computes; everything is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from nlp4.files import replacing
from nlp4.results import System

INK, WARM, COOL, PALE = "#24292f", "#c4520a", "#1f6f8b", "#d8dee4"


def loss_curves(curves: Mapping[str, Sequence[tuple[int, float]]]) -> Figure:
    """Draw one line a stage: the loss in nats a scored character, against the step."""
    figure = Figure(figsize=(6.4, 3.2))
    axes = figure.subplots()
    for (name, points), colour in zip(curves.items(), (WARM, COOL, INK), strict=False):
        steps, losses = zip(*points, strict=True) if points else ((), ())
        axes.plot(steps, losses, color=colour, label=name, linewidth=1.4)
    axes.set(xlabel="step", ylabel="loss (nats a character)", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    return figure


def score_chart(systems: Sequence[System], marked: str) -> Figure:
    """A dot for each system's share of right answers, a line for its 95% interval.

    The system called `marked` is drawn in the warm colour.
    """
    figure = Figure(figsize=(6.4, 0.45 * len(systems) + 0.9))
    axes = figure.subplots()
    for y, system in enumerate(reversed(systems)):
        share, (low, high) = system.score.value, system.score.interval
        colour = WARM if system.name == marked else COOL
        axes.plot([low, high], [y, y], color=colour, linewidth=2.5, alpha=0.45)
        axes.plot([share], [y], "o", color=colour)
        # Near zero a centred label would stand on the axis.
        side = "center" if share > 0.03 else "left"
        axes.annotate(f"{share:.1%}", (share, y), (0, 7), textcoords="offset points", ha=side)
    axes.set_yticks(range(len(systems)), [system.name for system in reversed(systems)])
    axes.set(xlabel="share of right answers", xlim=(-0.03, 1.03), ylim=(-0.5, len(systems) - 0.3))
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a picture as PNG, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
