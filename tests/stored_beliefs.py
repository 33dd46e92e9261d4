"""Hand-made result files of the trainings of notebook 04."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
