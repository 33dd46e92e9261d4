"""Intervals and tests against their formulas."""

from __future__ import annotations

import itertools
import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4 import statistics
from nlp4.statistics import Paired, Share, Z, compare, holm


def wilson(right: int, n: int) -> tuple[float, float]:
    """Wilson's interval as he wrote it, from z alone."""
    p = right / n
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return centre - half, centre + half


counts = st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@quick
@given(counts)
def test_the_interval_is_wilson_s(count: tuple[int, int]) -> None:
    right, n = count
    low, high = Share(right, n).interval
    expected_low, expected_high = wilson(right, n)
    assert low == pytest.approx(max(0.0, expected_low), abs=1e-9)
    assert high == pytest.approx(min(1.0, expected_high), abs=1e-9)
    assert 0 <= low <= Share(right, n).value <= high <= 1


@pytest.mark.parametrize("n", [1, 20, 500])
def test_nothing_right_and_everything_right(n: int) -> None:
    none, every = Share(0, n), Share(n, n)
    assert (none.value, every.value) == (0.0, 1.0)
    assert none.interval[0] == pytest.approx(0, abs=1e-12)
    assert none.interval[1] == pytest.approx(Z**2 / (n + Z**2))
    assert every.interval[1] == pytest.approx(1, abs=1e-12)
    assert every.interval[0] == pytest.approx(n / (n + Z**2))


def test_no_questions_at_all() -> None:
    assert Share(0, 0).value == 0.0
    assert Share(0, 0).interval == (0.0, 1.0)


def test_a_share_in_words() -> None:
    # 25 of 500: centre 0.05343, half width 0.01940.
    assert str(Share(25, 500)) == "25/500 (5.0%, 95% interval 3.4% to 7.3%)"


def mcnemar(a: int, b: int) -> float:
    """Twice the smaller tail of a fair coin thrown a + b times, and never more than 1."""
    n = a + b
    tail = sum(math.comb(n, i) for i in range(min(a, b) + 1))
    return min(1.0, 2 * tail / 2**n)


@quick
@given(st.integers(0, 80), st.integers(0, 80))
def test_the_p_value_is_the_sum_of_two_tails(a: int, b: int) -> None:
    assert Paired(a, b).p_value == pytest.approx(mcnemar(a, b), rel=1e-9)
    assert Paired(a, b).p_value == pytest.approx(Paired(b, a).p_value)


@pytest.mark.parametrize("a, b, p", [(0, 0, 1.0), (5, 5, 1.0), (0, 1, 1.0), (0, 6, 1 / 32)])
def test_p_values_known_by_heart(a: int, b: int, p: float) -> None:
    assert Paired(a, b).p_value == pytest.approx(p)


@quick
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_compare_counts_where_only_one_is_right(pairs: list[tuple[bool, bool]]) -> None:
    found = compare([a for a, _ in pairs], [b for _, b in pairs])
    assert found == Paired(pairs.count((True, False)), pairs.count((False, True)))


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare([True, False], [True])


@quick
@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_is_bonferroni_in_every_subset(p_values: list[float]) -> None:
    """By the closure principle: adjusted is the worst Bonferroni of all sets that hold it."""
    every = range(len(p_values))
    sets = [part for size in every for part in itertools.combinations(every, size + 1)]
    expected = [
        max(min(1.0, len(part) * min(p_values[j] for j in part)) for part in sets if i in part)
        for i in every
    ]
    assert holm(p_values) == pytest.approx(expected)


@pytest.mark.parametrize(("right", "n"), [(0, 7), (3, 7), (7, 7), (25, 500)])
def test_wilson_at_any_level_is_scipy_s(right: int, n: int) -> None:
    for level in (0.5, 0.95, 0.999):
        z = float(scipy.stats.norm.ppf((1 + level) / 2))
        found = scipy.stats.binomtest(right, n).proportion_ci(level, method="wilson")
        assert statistics.wilson(right, n, z) == pytest.approx((found.low, found.high), abs=1e-12)
    assert pytest.approx(scipy.stats.norm.ppf(0.975), abs=1e-15) == Z
