"""How far a count can be trusted: an interval for one share, a test for two, and for many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

Z = 1.959963984540054  # the normal distribution's 97.5% point


@dataclass(frozen=True)
class Share:
    """`right` out of `n`, with a 95% Wilson interval (Wilson 1927)."""

    right: int
    n: int

    @property
    def value(self) -> float:
        """The share itself; 0 of 0 is 0."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the 95% Wilson interval; (0, 1) for n = 0."""
        if not self.n:
            return 0.0, 1.0
        found = binomtest(self.right, self.n).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.right}/{self.n} ({self.value:.1%}, 95% interval {low:.1%} to {high:.1%})"


def wilson(right: int, n: int, z: float) -> tuple[float, float]:
    """Wilson's interval (1927) at any level: `z` is the normal distribution's point for it."""
    centre, square = right + z * z / 2, z * z / 4 + right * (n - right) / n
    half = z * math.sqrt(square)
    return max(0.0, (centre - half) / (n + z * z)), (centre + half) / (n + z * z)


@dataclass(frozen=True)
class Paired:
    """Two systems on the same questions: which ones only one of them got right."""

    only_first: int
    only_second: int

    @property
    def p_value(self) -> float:
        """McNemar's test, exact and two-sided (McNemar 1947): 1 where they never differ."""
        differing = self.only_first + self.only_second
        return float(binomtest(self.only_first, differing).pvalue) if differing else 1.0


def compare(first: Sequence[bool], second: Sequence[bool]) -> Paired:
    """Compare two lists of right (True) and wrong (False), question by question.

    Raises ValueError if their lengths differ.
    """
    pairs = list(zip(first, second, strict=True))
    return Paired(sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number, in the same order (Holm 1979).

    Whoever calls those below 5% found is wrong about any of them at most one time in twenty,
    however the tests depend on each other.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted
