"""Do two things agree more often than if one of them were dealt out at random?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
