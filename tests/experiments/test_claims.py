"""The table of claims: every number in it from a formula of the tests' own."""

from __future__ import annotations

import math
import re
from statistics import NormalDist

import numpy as np
import pytest

from nlp4.experiments.claims import Claim, attention_claims, markdown


@pytest.mark.parametrize(("n", "beta"), [(8, 10.0), (20, 5.0)])
def test_the_numbers_are_those_of_the_closed_forms(n: int, beta: float) -> None:
    told = {claim.exercise: claim.holds for claim in attention_claims(n, beta)}
    assert f"a margin of {math.log(99 * (n - 1)):.2f};" in told["2a"]
    assert f"{1000 * n:,} keys, {math.log(99 * (1000 * n - 1)):.2f}" in told["2a"]
    assert f"puts {1 / (2 + (n - 2) * math.exp(-5)):.1%}" in told["2b"]
    assert "above scale 2 the density" in told["2c.2"]
    assert f"in {NormalDist(1, math.sqrt(0.5)).cdf(-1):.2%} of draws the longer" in told["2c.2"]
    away = NormalDist(1, math.sqrt(0.5)).cdf(math.log(n - 1) / beta)
    assert f"away in {away:.1%}" in told["2d.2"]
    assert "For 92.1% of draws" in told["2d.2"] and "less than 7.9%" in told["2d.2"]


def test_deviations_are_those_of_a_fine_sum() -> None:
    told = {claim.exercise: claim.holds for claim in attention_claims(8, 10.0)}

    def deviation(sd: float) -> float:
        steps = [i / 500 for i in range(-5000, 5001)]
        bell = [math.exp(-z * z / 2) for z in steps]
        squares = [(1 / (1 + math.exp(-sd * z)) - 0.5) ** 2 for z in steps]
        return math.sqrt(sum(b * s for b, s in zip(bell, squares, strict=True)) / sum(bell))

    assert f"deviation is {deviation(10 / math.sqrt(2)):.2f}" in told["2c.2"]
    scale = float(told["2c.1"].rsplit("scale ", 1)[1].rstrip("."))
    assert abs(deviation(math.sqrt(4 * 0.001) * scale) - 0.05) < 0.001


def test_one_head_spreads_and_a_copying_head_does_not() -> None:
    told = {claim.exercise: claim.holds for claim in attention_claims(8, 10.0)}["2d.1"]
    tied, copied = re.search(r"deviation (\S+) in one .* and (\S+) in a head", told).groups()
    rng = np.random.default_rng(0)
    keys = np.eye(8) + np.sqrt(0.001) * rng.normal(size=(100_000, 8, 8))
    for query, said in ((np.eye(8)[0] + np.eye(8)[1], tied), (np.eye(8)[0], copied)):
        raised = np.exp(10 * keys @ query)
        spread = (raised[:, 0] / raised.sum(1)).std()
        digits = len(said.partition(".")[2])
        # Half a unit of the last digit, and five standard errors of a standard deviation.
        assert abs(spread - float(said)) < 0.5 * 10.0**-digits + 5 * spread / math.sqrt(2e5)


def test_a_table_has_a_row_for_each_claim() -> None:
    rows = markdown([Claim("1a", "it says", "it holds")]).splitlines()
    assert rows[-1] == "| 1a | it says | it holds |"
    assert len(rows) == 3
