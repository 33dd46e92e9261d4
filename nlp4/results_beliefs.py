"""What models believed after other texts and other numbers of readings: the stored trainings.

`python -m nlp4 experiment facts` and `... readings` make the files; see the modules
`facts_or_language` and `readings` for what was trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from statistics import fmean
from typing import Any

from nlp4.corpus import embedded_folder
from nlp4.errors import UserError
from nlp4.experiment_runs import marks_of
from nlp4.facts_or_language import NAMES, NOTHING
from nlp4.pretraining_texts import TEXTS
from nlp4.statistics import Share

FACTS, READINGS = "facts_or_language.json", "readings.json"
COMMANDS = {
    FACTS: "python -m nlp4 experiment facts --out DIR",
    READINGS: "python -m nlp4 experiment readings --out DIR",
}
SUMMARIES = {name: text.summary for name, text in TEXTS.items()} | {NOTHING: "nothing at all"}


@dataclass(frozen=True)
class FactsRun:
    """One model: what it read first, and which dev questions it then got right."""

    text: str
    seed: int
    marks: tuple[bool, ...]
    luck: float  # answers that would be right if they were dealt out at random
    believed: Share | None  # answers that are the place read under that name, where it was moved
    p: float | None  # McNemar's, against the run of the same seed that read the right text

    @property
    def share(self) -> Share:
        """Right answers."""
        return Share(sum(self.marks), len(self.marks))


@dataclass(frozen=True)
class Facts:
    """Every training of the experiment."""

    runs: tuple[FactsRun, ...]
    command: str
    steps: int  # of pretraining

    @property
    def texts(self) -> tuple[str, ...]:
        """What was read first, in the experiment's order."""
        return tuple(name for name in NAMES if any(run.text == name for run in self.runs))

    def of(self, text: str) -> tuple[FactsRun, ...]:
        """The seeds of one text. Raises UserError if there is none."""
        found = tuple(run for run in self.runs if run.text == text)
        if not found:
            raise UserError(f"no model of {FACTS} read {text!r} first: {self.command} makes it")
        return found

    def mean(self, text: str) -> float:
        """The mean share of right answers over the seeds. Raises UserError as `of` does."""
        return fmean(run.share.value for run in self.of(text))

    def believed(self, text: str) -> Share | None:
        """All seeds' answers that are the place read under that name, where it was moved."""
        found = [run.believed for run in self.of(text) if run.believed]
        return Share(sum(s.right for s in found), sum(s.n for s in found)) if found else None


@dataclass(frozen=True)
class ReadingsRun:
    """One model: how it read, and for each person whether it completes and whether it answers."""

    wordings: int
    steps: int
    mixed: bool  # questions while pretraining
    seed: int
    seen: float  # times that the birthplace of a person was asked for while reading, on average
    stored: tuple[bool, ...]  # completes the sentence that it has read
    asked: tuple[bool, ...]  # answers the question

    @property
    def stored_share(self) -> Share:
        """Sentences completed."""
        return Share(sum(self.stored), len(self.stored))

    @property
    def asked_share(self) -> Share:
        """Questions answered."""
        return Share(sum(self.asked), len(self.asked))

    @property
    def asked_of_stored(self) -> Share:
        """Questions answered about those whose sentence is completed."""
        kept = list(compress(self.asked, self.stored))
        return Share(sum(kept), len(kept))


@dataclass(frozen=True)
class Readings:
    """Every training of the experiment."""

    runs: tuple[ReadingsRun, ...]
    command: str

    def of(self, steps: int, mixed: bool) -> tuple[ReadingsRun, ...]:
        """One training for each number of wordings and seed. Raises UserError if there is none."""
        found = tuple(run for run in self.runs if (run.steps, run.mixed) == (steps, mixed))
        if not found:
            how = "with" if mixed else "without"
            raise UserError(
                f"{READINGS} holds no training of {steps:,} steps {how} questions mixed in: "
                f"{self.command} makes it"
            )
        return found


def path_of(name: str) -> Path:
    """Where a file that comes along stands."""
    return embedded_folder().parent / "results" / name


def read_facts(path: Path | None = None) -> Facts:
    """Exercise 4a's trainings; without a path, those that come along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    content = _content(path or path_of(FACTS), FACTS)
    try:
        runs = tuple(_facts_run(row) for row in content["rows"])
        return Facts(runs, str(content["command"]), int(content["steps"]))
    except (KeyError, TypeError, ValueError):
        raise _missing(FACTS) from None


def read_readings(path: Path | None = None) -> Readings:
    """The trainings of how many readings it takes; without a path, those that come along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    content = _content(path or path_of(READINGS), READINGS)
    try:
        return Readings(tuple(_readings_run(r) for r in content["rows"]), str(content["command"]))
    except (KeyError, TypeError, ValueError):
        raise _missing(READINGS) from None


def _content(path: Path, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        raise _missing(name) from None


def _missing(name: str) -> UserError:
    return UserError(
        f"data/results/{name} is missing or damaged: make it with {COMMANDS[name]}, which takes "
        "hours, and copy it from there"
    )


def _facts_run(row: Mapping[str, Any]) -> FactsRun:
    marks, believed = tuple(marks_of(row["marks"])), row["believed"]
    return FactsRun(
        text=row["text"],
        seed=row["seed"],
        marks=marks,
        luck=float(row["luck"]),
        believed=Share(believed["right"], believed["n"]) if believed else None,
        p=row["p"],
    )


def _readings_run(row: Mapping[str, Any]) -> ReadingsRun:
    return ReadingsRun(
        wordings=row["wordings"],
        steps=row["steps"],
        mixed=row["mixed"],
        seed=row["seed"],
        seen=float(row["seen"]),
        stored=tuple(marks_of(row["stored"])),
        asked=tuple(marks_of(row["asked"])),
    )
