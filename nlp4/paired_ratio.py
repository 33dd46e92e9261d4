"""How often something is answered for each time it is true, with an interval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp4.statistics import Paired, Z, wilson


@dataclass(frozen=True)
class Ratio:
    """How often a place is answered and how often it is true, for the same `n` questions."""

    place: str
    predicted: int
    true: int
    both: int  # answered where it is true
    n: int

    @property
    def value(self) -> float:
        """Predicted over true: 1 is fair, above 1 favoured; infinite where it is never true."""
        return self.predicted / self.true if self.true else math.inf

    @property
    def interval(self) -> tuple[float, float]:
        """95%: Bonett and Price (2006), for two shares of the same questions.

        Wilson's interval for each share, at a level that lets their ratio have 95%.
        """
        either = self.predicted + self.true - self.both
        if not either:
            return 0.0, math.inf
        counts = (self.predicted + 1, self.true + 1)
        differing = either - self.both
        errors = [math.sqrt((1 - c / (either + 2)) / c) for c in counts]
        z = Z * math.sqrt((differing + 2) / (counts[0] * counts[1])) / sum(errors)
        (low, high), (true_low, true_high) = (
            wilson(count, either, z) for count in (self.predicted, self.true)
        )
        return low / true_high, high / true_low if true_low else math.inf

    @property
    def p_value(self) -> float:
        """McNemar's exact test of equal shares."""
        return Paired(self.predicted - self.both, self.true - self.both).p_value


def ratios(predicted: Sequence[str], true: Sequence[str]) -> list[Ratio]:
    """A row for each place answered or true, the most frequent first.

    Raises ValueError for lists of two lengths.
    """
    both = Counter(p for p, t in zip(predicted, true, strict=True) if p == t)
    answered, wanted = Counter(predicted), Counter(true)
    rows = [
        Ratio(place, answered[place], wanted[place], both[place], len(true))
        for place in answered.keys() | wanted.keys()
    ]
    return sorted(rows, key=lambda row: (-row.predicted - row.true, row.place))
