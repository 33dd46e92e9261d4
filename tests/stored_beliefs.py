"""Hand-made results of notebook 05's experiments, and files of those that train."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nlp4.experiments.confidence import Judged
from nlp4.experiments.place_bias import UNKNOWN, Groups, Never, PlaceBias
from nlp4.maths.statistics import Ratio, Share
from nlp4.pictures.names import ORIGIN

# Of 20 questions, how many are right after reading each text; a seed more is one right more.
RIGHT = {"right": 12, "others": 1, "misinformed": 2, "nothing": 0}
WORDINGS, STEPS = (1, 2, 5), (200, 600, 1_800)


def bits(right: int, n: int = 20) -> str:
    """The first `right` questions right."""
    return "1" * right + "0" * (n - right)


def facts_rows() -> list[dict[str, Any]]:
    """Four texts, two seeds each; only the misinformed believe another place."""
    return [
        {
            "text": text,
            "seed": seed,
            "marks": bits(right + seed),
            "luck": 1.5,
            "believed": {"right": 4 + seed, "n": 10} if text == "misinformed" else None,
            "p": None if text == "right" else 0.25,
        }
        for text, right in RIGHT.items()
        for seed in (0, 1)
    ]


def readings_rows() -> list[dict[str, Any]]:
    """Stored is 2, 4 or 6 of 20 by steps; asked is as many as there are wordings, at most."""
    return [
        {
            "wordings": wordings,
            "steps": steps,
            "mixed": mixed,
            "seed": seed,
            "seen": steps / 100,
            "stored": bits(2 * (i + 1)),
            "asked": bits(wordings),
        }
        for seed in (0, 1)
        for i, steps in enumerate(STEPS)
        for wordings in WORDINGS
        for mixed in (True, False)
    ]


def write_facts(path: Path) -> Path:
    """The file of `experiment facts`."""
    content = {"command": "the facts command", "steps": 900, "rows": facts_rows()}
    path.write_text(json.dumps(content), "utf-8")
    return path


def write_readings(path: Path) -> Path:
    """The file of `experiment readings`."""
    path.write_text(json.dumps({"command": "the command", "rows": readings_rows()}), "utf-8")
    return path


RNG = np.random.default_rng(4)
SURE = RNG.random(60).round(2)
WON = RNG.random(60) < SURE
JUDGED = [
    Judged(f"Person {i}", "Bath", "Bath", bool(right), float(sure), float(sure))
    for i, (sure, right) in enumerate(zip(SURE, WON, strict=True))
]


def bias(**changes: object) -> PlaceBias:
    """Three countries, two places, two origins."""
    made = PlaceBias(
        right=Share(6, 10),
        places=(Ratio("London", 4, 2, 1, 10), Ratio("Oslo", 0, 1, 0, 10)),
        countries=(
            Ratio("Here", 6, 5, 4, 10),
            Ratio(UNKNOWN, 2, 0, 0, 10),
            Ratio("There", 0, 4, 0, 10),
        ),
        london=Ratio("London", 4, 2, 1, 10),
        never=Never((("Oslo", 1),), 5, Share(1, 10), (2.0, 1.0, 3.0)),
        unheard=(),
        unheard_right=Share(0, 0),
        strangers=0,
        entropy_predicted=1.0,
        entropy_true=1.0,
        entropy_p=1.0,
        groups=(Groups(ORIGIN, (("xx", Share(5, 6)), ("yy", Share(1, 4))), 0.5),),
        fewest=2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
