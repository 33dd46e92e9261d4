"""Measured times and memory of attention layers, read from the file that comes along.

`python -m nlp4 bench attention --json data/results/attention.json` writes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from nlp4.corpus import embedded_folder
from nlp4.errors import UserError

FILE = "data/results/attention.json"
COMMAND = f"python -m nlp4 bench attention --json {FILE}"
TITLES = {
    "full": "full attention",
    "bigbird": "our BigBird",
    "hugging face": "Hugging Face BigBird",
    "linformer": "our Linformer",
    "package": "`linformer` package",
}
OURS = ("bigbird", "linformer")
FORWARD, BOTH = "forward", "forward and backward"
FORWARD_TIME = "time, forward"
Quantity = Literal["ms", "MB"]
Line = tuple[tuple[int, float], ...]  # (n, milliseconds or megabytes), the shortest n first
WHAT: dict[str, tuple[str, Quantity]] = {
    FORWARD_TIME: (FORWARD, "ms"),
    "time, forward and backward": (BOTH, "ms"),
    "memory, forward": (FORWARD, "MB"),
    "memory, forward and backward": (BOTH, "MB"),
}


@dataclass(frozen=True)
class Cell:
    """One layer at one length in one mode: the least of its times, and its peak memory.

    None where it was not measured; `skipped` then says why.
    """

    name: str
    n: int
    mode: str
    milliseconds: float | None
    megabytes: float | None = None
    skipped: str = ""


@dataclass(frozen=True)
class Speed:
    """All cells of one measuring, what was measured and on what."""

    cells: tuple[Cell, ...]
    settings: Mapping[str, Any]
    cores: int
    threads: int
    bounds: Mapping[str, Mapping[int, float]]  # full's forward arithmetic over each of `OURS`

    @property
    def lengths(self) -> tuple[int, ...]:
        """Every n, the shortest first."""
        return tuple(sorted({cell.n for cell in self.cells}))

    def line(self, name: str, what: str) -> Line:
        """A contender's values over n, for a key of `WHAT`; lengths without a value are left out.

        Raises UserError for an unknown key.
        """
        if what not in WHAT:
            raise UserError(f"no quantity {what!r}: choose from {', '.join(WHAT)}")
        mode, unit = WHAT[what]
        found = {
            cell.n: cell.milliseconds if unit == "ms" else cell.megabytes
            for cell in self.cells
            if (cell.name, cell.mode) == (name, mode)
        }
        return tuple((n, value) for n, value in sorted(found.items()) if value is not None)

    def bound(self, name: str) -> Line:
        """Forward milliseconds if time went with arithmetic: full's, over the ratio of both."""
        ratios = self.bounds.get(name, {})
        return tuple(
            (n, ms / ratios[n]) for n, ms in self.line("full", FORWARD_TIME) if n in ratios
        )


def read_speed(path: Path | None = None) -> Speed:
    """What was measured earlier; without a path, the file that comes along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    path = path or embedded_folder().parent / "results" / "attention.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        made = content["provenance"]
        return Speed(
            tuple(_cell(row) for row in content["cells"]),
            dict(content["settings"]),
            int(made["cores"]),
            int(made["threads"]),
            {
                name: {int(n): float(ratio) for n, ratio in ratios.items()}
                for name, ratios in content["bounds"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{FILE} is missing or damaged: make it with {COMMAND}") from None


def _cell(row: Mapping[str, Any]) -> Cell:
    seconds = row["seconds"]
    milliseconds = 1e3 * min(seconds) if seconds else None
    return Cell(
        row["name"], row["n"], row["mode"], milliseconds, row["megabytes"], row.get("skipped", "")
    )


def crossing(line: Line, other: Line) -> float | None:
    """The n from which `line` stays below `other`, over the lengths that both have.

    Between two measured lengths both are taken as powers of n. Returns the shortest length if
    `line` is below all along, and None if it is not below at the longest.
    """
    theirs = dict(other)
    gaps = [(n, math.log(value / theirs[n])) for n, value in line if n in theirs]
    if not gaps or gaps[-1][1] >= 0:
        return None
    for (n, gap), (after, lower) in reversed(list(pairwise(gaps))):
        if gap >= 0:
            share = gap / (gap - lower)
            return float(n * (after / n) ** share)
    return float(gaps[0][0])


def three_digits(value: float) -> str:
    """A time or a size as people write it: 1,230, 45.6 or 0.78."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class SpeedScene:
    """The lines of one quantity, the bounds, where ours begin to win, and the n looked at."""

    what: str
    unit: Quantity
    n: int
    lengths: tuple[int, ...]
    lines: Mapping[str, Line]
    bounds: Mapping[str, Line]  # empty but for forward times
    break_even: Mapping[str, float | None]
    live: Mapping[str, Line]


def speed_scene(
    speed: Speed, what: str, n: int, live: Sequence[Cell] = (), names: Sequence[str] = tuple(TITLES)
) -> SpeedScene:
    """One quantity of a measuring against n; `live` cells are drawn over it.

    Raises UserError for an unknown quantity.
    """
    lines = {name: speed.line(name, what) for name in names}
    now = Speed(tuple(live), {}, 0, 0, {})
    return SpeedScene(
        what,
        WHAT[what][1],
        n,
        tuple(sorted({*speed.lengths, *now.lengths})),
        {name: line for name, line in lines.items() if line},
        {name: bound for name in OURS if what == FORWARD_TIME and (bound := speed.bound(name))},
        {name: crossing(lines.get(name, ()), lines.get("full", ())) for name in OURS},
        {name: line for name in names if (line := now.line(name, what))},
    )
