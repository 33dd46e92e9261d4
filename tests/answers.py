"""What a mutation table of an exercise holds: a right answer, and typical wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answers:
    """A right answer, and wrong ones, each with a part of what must be said to it."""

    solution: Callable[..., Any]
    wrong: tuple[tuple[Callable[..., Any], str], ...]
