"""What the tests of the comparison share: settings so small that a training takes a moment."""

from __future__ import annotations

from dataclasses import replace

from nlp4.experiments.comparison import Settings

SMALL = Settings(steps=3, minutes=0.002, n=256, pairs=4, block=8, width=8, batch=2, sequences=3)
BOTH = {"recall-256": SMALL, "characters": replace(SMALL, steps=2, minutes=0.003, n=128, pairs=0)}
FEW = {"tasks": list(BOTH), "variants": ["full", "linformer-16", "bigbird"], "seeds": [0]}


def quiet(_: str) -> None:
    """Say nothing."""
