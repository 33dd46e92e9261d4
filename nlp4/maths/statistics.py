"""How far a count can be trusted: intervals for a share and a ratio, tests of two and many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

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
        return wilson(self.right, self.n, 0.95)

    @property
    def cells(self) -> tuple[str, str, str]:
        """For a table: "12/400", "3.0%" and "1.7% to 5.2%"."""
        low, high = self.interval
        return f"{self.right}/{self.n}", f"{self.value:.1%}", f"{low:.1%} to {high:.1%}"

    def __str__(self) -> str:
        right, share, interval = self.cells
        return f"{right} ({share}, 95% interval {interval})"


def wilson(right: int, n: int, level: float) -> tuple[float, float]:
    """Wilson's interval (1927) for `right` of `n` at any level, such as 0.95."""
    from scipy.stats import binomtest  # half of what loading this module would take

    found = binomtest(right, n).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float:
    """Where the straight lines between the points `(x, y)` first reach `level`; NaN if never.

    `x` rises. A curve that starts there or above has crossed at its first point. A dose at which
    half of all answer is found so, with `level` 0.5.
    """
    reached = np.flatnonzero(np.asarray(y) >= level)
    if not len(reached):
        return math.nan
    after = int(reached[0])
    both = slice(max(0, after - 1), after + 1)
    return float(np.interp(level, y[both], x[both]))


def entropy(values: Iterable[Hashable]) -> float:
    """Of how often each value occurs, in bits."""
    counts = np.array(list(Counter(values).values()), dtype=float)
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


@dataclass(frozen=True)
class Paired:
    """Two systems on the same questions: which ones only one of them got right."""

    only_first: int
    only_second: int

    @property
    def p_value(self) -> float:
        """McNemar's test, exact and two-sided (McNemar 1947): 1 where they never differ."""
        from scipy.stats import binomtest

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
            wilson(count, either, 2 * NormalDist().cdf(z) - 1)
            for count in (self.predicted, self.true)
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


_RESAMPLES = 1000  # for an interval


@dataclass(frozen=True)
class Agreement:
    """A mean share of agreement with a 95% interval, and what chance gives."""

    value: float
    interval: tuple[float, float]  # bootstrap over those who were asked
    chance: float  # mean over the shuffles
    chance_range: tuple[float, float]  # 2.5% to 97.5% of them
    p_value: float  # one-sided: a shuffle agrees as often, or more often


def shuffles(strata: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """`number` random orders `(number, n)` of n things, each mixed within its stratum `(n,)` alone.

    All strata equal: any order is as likely as any other.
    """
    places = np.argsort(strata, kind="stable")
    orders = np.empty((number, len(strata)), dtype=np.int64)
    for row in orders:
        row[places] = np.lexsort((rng.random(len(strata)), strata))
    return orders


def agreement(
    weights: np.ndarray,
    wanted: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    rng: np.random.Generator,
) -> Agreement:
    """How often `wanted` `(n,)` is the label of whom `weights` `(n, m)` point at.

    Each row of `weights` sums to 1, so that people who are equally near share a vote. Chance puts
    the `labels` `(m,)` into each of the `orders` `(number, m)` and counts again. One shuffle is
    added to both counts of the p-value, the order that was found (Phipson and Smyth 2010).

    Raises ValueError for n = 0.
    """
    if not len(wanted):
        raise ValueError("nobody was asked")
    asked, near = np.nonzero(weights)
    shares, sought = weights[asked, near], wanted[asked]
    each = np.bincount(asked, weights=shares * (labels[near] == sought), minlength=len(wanted))
    dealt = np.array([(labels[order[near]] == sought) @ shares for order in orders]) / len(wanted)
    value = float(each.mean())
    drawn = each[rng.integers(len(each), size=(_RESAMPLES, len(each)))].mean(axis=1)
    return Agreement(
        value=value,
        interval=_middle(drawn),
        chance=float(dealt.mean()),
        chance_range=_middle(dealt),
        p_value=(1 + int((dealt >= value - 1e-12).sum())) / (1 + len(orders)),
    )


def _middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def bits_of(marks: Sequence[bool]) -> str:
    """Right and wrong as "1" and "0", question by question: short, for paired tests later."""
    return "".join("01"[mark] for mark in marks)


def marks_of(bits: str) -> list[bool]:
    """What `bits_of` wrote."""
    return [bit == "1" for bit in bits]


def share_of(bits: str) -> Share:
    """How many of the marks are right."""
    return Share(bits.count("1"), len(bits))
