"""What a table of an exercise's answers holds, right and wrong, and where all of them are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from nlp4.exercises.checks import EXERCISES
from nlp4.exercises.judging import Exercise

Answer = Callable[..., Any]
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
_WIDE = 40  # inputs that are drawn over all that a task allows


@dataclass(frozen=True)
class Answers:
    """Right answers, and wrong ones, each with a part of what must be said to it.

    `inputs` draws one input over all that the task allows, independently of those of the check.
    """

    right: tuple[Answer, ...]
    wrong: tuple[tuple[Answer, str], ...]
    inputs: Callable[[np.random.Generator], tuple[Any, ...]]

    @property
    def solution(self) -> Answer:
        """One right answer."""
        return self.right[0]


def cases(name: str) -> list[tuple[Any, ...]]:
    """What an exercise is judged on, drawn with a seed of the tests' own."""
    return list(EXERCISES[name].cases(np.random.default_rng(1)))


@cache
def widely(name: str, answers: Answers) -> Exercise:
    """The exercise, judged on inputs that know nothing of its own."""
    rng = np.random.default_rng(2)
    drawn = [answers.inputs(rng) for _ in range(_WIDE)]
    return replace(EXERCISES[name], cases=lambda rng: drawn, mistakes=())


def solutions(notebook: str) -> dict[str, str]:
    """The code of each worked solution of a notebook, by the name of its function."""
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    found = [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    return {source.partition("(")[0].removeprefix("def "): source for source in found}
