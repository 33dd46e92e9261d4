"""What the report claims of attention, beside what the numbers say: the table of notebook 01."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtr

from nlp4.maths import copying, heads, noisy_keys
from nlp4.support.records import table


@dataclass(frozen=True)
class Claim:
    """One answer of the report: its exercise, what it says, and what holds, with numbers."""

    exercise: str
    says: str
    holds: str


def markdown(claims: Iterable[Claim]) -> str:
    """The claims as a Markdown table."""
    rows = [[claim.exercise, claim.says, claim.holds] for claim in claims]
    return table(["", "the report", "what holds"], rows)


def attention_claims(n: int = 8, beta: float = 10.0) -> list[Claim]:
    """Exercise 2, with the numbers for `n` keys and the scale `beta`."""
    return [*_tidy_keys(n), *_noisy_keys(beta), *_two_heads(n, beta)]


def _tidy_keys(n: int) -> list[Claim]:
    few, many = float(copying.margin(n, 0.01)), float(copying.margin(1000 * n, 0.01))
    pair = float(copying.averaging_weights(n, 5.0, 0.0)[0])
    return [
        Claim(
            "2a",
            "copying takes a logit *far larger* than every other",
            f"Right, if it means differences. With {n} keys, 99% takes a margin of {few:.2f}; "
            f"with {1000 * n:,} keys, {many:.2f}. Ratios say nothing.",
        ),
        Claim(
            "2b",
            r"$q = c_1(k_a + k_b) + c_2\sum k_i + x$ averages two values",
            f"Right, and only $c_1 - c_2$ counts: with {n} keys, a gap of 5 puts {pair:.1%} on "
            "each of the two.",
        ),
    ]


def _noisy_keys(beta: float) -> list[Claim]:
    alpha = 0.001
    spoilt = noisy_keys.vanishing_scale(alpha, 0.05)
    deviation = noisy_keys.lean(beta, alpha=0.0, long=True).deviation
    split = noisy_keys.two_hump_scale(0.0, long=True)
    turned = float(ndtr(-2 / math.sqrt(noisy_keys.STRETCH)))  # s < -1: longer, yet negative
    return [
        Claim(
            "2c.1",
            "with vanishing noise the same query works",
            rf"While the scale times $\sqrt\alpha$ is small. With $\alpha = {alpha}$ the weight's "
            f"standard deviation reaches 0.05 at scale {spoilt:.1f}.",
        ),
        Claim(
            "2c.2",
            "right on average, but a given draw leans to the longer key",
            "Right, with *larger logit* for *longer key*: in "
            f"{turned:.2%} of draws the longer key points the wrong way and loses. Between the "
            f"two keys the mean is one half at every scale; at scale {beta:g} the standard "
            f"deviation is {deviation:.2f}, and above scale {split:g} the density has two humps.",
        ),
    ]


def _two_heads(n: int, beta: float) -> list[Claim]:
    margin = float(copying.margin(n, 0.01))
    alpha = 0.001
    tied = noisy_keys.WeightOnA(n, beta, alpha, long=False).deviation
    copied = heads.HeadWeight(n, beta, alpha, long=False).deviation
    here, least = heads.looks_away(n, beta), heads.looks_away(n, math.inf)
    return [
        Claim(
            "2d.1",
            "two heads, small noise: the average holds",
            f"Right, and with room to spare: each head needs a margin of {margin:.2f} for 99%, "
            rf"and no tie has to be kept. With $\alpha = {alpha}$ at scale {beta:g}, the weight on "
            f"$v_a$ has the standard deviation {tied:.3f} in one head that averages, and "
            f"{copied:.5f} in a head that copies.",
        ),
        Claim(
            "2d.2",
            "two heads, one long key: it still holds",
            f"For {1 - least:.1%} of draws at best. At scale {beta:g} with {n} keys, head 1 looks "
            f"away in {here:.1%}, and at no scale in less than {least:.1%}.",
        ),
    ]
