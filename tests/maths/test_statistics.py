"""Tests of `nlp4.maths.statistics`."""

from __future__ import annotations

import itertools
import math
from itertools import product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.maths import statistics
from nlp4.maths.statistics import (
    Paired,
    Ratio,
    Share,
    Z,
    agreement,
    bits_of,
    compare,
    crossing,
    entropy,
    holm,
    marks_of,
    ratios,
    share_of,
    shuffles,
)


def test_shuffles_stay_within_their_stratum() -> None:
    strata = np.array([2, 0, 1, 0, 2, 2, 0])
    orders = shuffles(strata, 600, np.random.default_rng(0))
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(7), (600, 1)))
    assert np.array_equal(strata[orders], np.tile(strata, (600, 1)))
    # Each of a stratum's three is as often in each of its places: 200, standard error 11.5.
    for place, thing in product((1, 3, 6), repeat=2):
        assert (orders[:, place] == thing).sum() == pytest.approx(200, abs=46)


def test_agreement_by_hand() -> None:
    weights = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 1, 0]])
    labels, wanted = np.array(["x", "y", "x"]), np.array(["x", "x", "x"])
    orders = shuffles(np.zeros(3), 3000, np.random.default_rng(0))
    found = agreement(weights, wanted, labels, orders, np.random.default_rng(1))
    assert found.value == pytest.approx((1 + 0.5 + 0) / 3)
    # The "y" falls on each of the three with equal chance: 2, 1.5 or 2.5 votes are left of 3.
    assert found.chance == pytest.approx(2 / 3, abs=0.01)
    assert found.p_value == pytest.approx(1, abs=1e-3)
    assert found.interval[0] <= found.value <= found.interval[1]
    with pytest.raises(ValueError, match="nobody"):
        agreement(weights[:0], wanted[:0], labels, orders, np.random.default_rng(1))


def test_chance_in_closed_form_and_a_fair_p_value() -> None:
    # Everybody's place is dealt out: the mean is sum over places of (guessed) x (true) / n / m.
    rng, values = np.random.default_rng(0), []
    orders = shuffles(np.zeros(60), 199, rng)
    for _ in range(200):
        labels, wanted = rng.integers(0, 5, 60), rng.integers(0, 5, 40)
        weights = np.eye(60)[rng.integers(0, 60, 40)]
        found = agreement(weights, wanted, labels, orders, rng)
        dealt = (np.bincount(labels, minlength=5) / 60) @ (np.bincount(wanted, minlength=5) / 40)
        assert found.chance == pytest.approx(dealt, abs=0.025)
        values.append(found.p_value)
    assert np.mean(values) == pytest.approx(0.5, abs=0.09)
    assert np.mean(np.array(values) <= 0.1) == pytest.approx(0.1, abs=0.07)


def test_the_interval_of_agreement_is_about_two_standard_errors() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    found = agreement(np.eye(400), np.zeros(400), labels, shuffles(labels, 9, rng), rng)
    assert found.value == 0.5
    assert found.interval == pytest.approx((0.451, 0.549), abs=0.012)
    assert found.chance == 0.5  # no shuffle within a stratum changes anything
    assert found.p_value == 1


TRUE = ["London", "London", "Bath", "York", "Oslo", "Oslo", "Hull", "Rome"]
ANSWERS = ["London", "Bath", "London", "York", "Oslo", "York", "Londonk", "Painter"]


def test_each_place_with_its_counts() -> None:
    rows = {row.place: row for row in ratios(ANSWERS, TRUE)}
    assert rows["London"] == Ratio("London", predicted=2, true=2, both=1, n=8)
    assert rows["York"] == Ratio("York", 2, 1, 1, 8)
    assert rows["Hull"].value == 0
    assert rows["Londonk"].value == math.inf
    assert len(rows) == len({*ANSWERS, *TRUE})
    assert [row.place for row in ratios(ANSWERS, TRUE)][:3] == ["London", "Oslo", "York"]
    assert rows["York"].value == 2
    with pytest.raises(ValueError):
        ratios(ANSWERS, TRUE[:-1])


@quick
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_ratio_s_interval_and_p_value(pairs: list[tuple[bool, bool]]) -> None:
    predicted, true = ([row[side] for row in pairs] for side in (0, 1))
    both = sum(p and t for p, t in pairs)
    row = Ratio("here", sum(predicted), sum(true), both, len(pairs))
    low, high = row.interval
    assert 0 <= low <= row.value or (row.predicted == row.true == 0)
    assert row.value <= high or math.isinf(row.value)
    assert row.p_value == pytest.approx(compare(predicted, true).p_value)
    other = Ratio("here", row.true, row.predicted, both, len(pairs)).interval
    if low and other[0]:
        assert other == pytest.approx((1 / high, 1 / low))


def test_a_ratio_s_interval_by_its_formula() -> None:
    # Bonett and Price (2006), by hand: 20 predicted, 14 true, 10 of them both: n* = 24.
    row = Ratio("here", 20, 14, 10, 500)
    spread = math.sqrt((14 + 2) / (21 * 15))
    parts = math.sqrt((1 - 21 / 26) / 21) + math.sqrt((1 - 15 / 26) / 15)
    z = 1.959963984540054 * spread / parts

    def wilson(x: int) -> tuple[float, float]:
        middle, half = 2 * x + z**2, z * math.sqrt(z**2 + 4 * x * (1 - x / 24))
        return (middle - half) / (2 * (24 + z**2)), (middle + half) / (2 * (24 + z**2))

    (low, high), (true_low, true_high) = wilson(20), wilson(14)
    assert row.interval == pytest.approx((low / true_high, high / true_low))


@pytest.mark.parametrize(
    "shares", [(0.05, 0.02, 0.01), (0.01, 0.02, 0.02), (0.15, 0.05, 0.10), (0.0, 0.02, 0.02)]
)
def test_the_ratio_s_interval_covers_the_truth(shares: tuple[float, float, float]) -> None:
    both, only_predicted, only_true = shares
    truth = (both + only_predicted) / (both + only_true)
    counts = np.random.default_rng(0).multinomial(500, [*shares, 1 - sum(shares)], size=3000)
    covered = 0
    for a, b, c, _ in counts.tolist():
        low, high = Ratio("here", a + b, a + c, a, 500).interval
        covered += low <= truth <= high
    assert 0.94 <= covered / 3000 <= 0.985  # standard error 0.004; it is cautious for few


def wilson(right: int, n: int, z: float = Z) -> tuple[float, float]:
    """Wilson's interval as he wrote it, from z alone."""
    p = right / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
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
def test_wilson_at_any_level_is_the_formula(right: int, n: int) -> None:
    for level in (0.5, 0.95, 0.999):
        z = float(scipy.stats.norm.ppf((1 + level) / 2))
        low, high = statistics.wilson(right, n, level)
        expected = wilson(right, n, z)
        assert (low, high) == pytest.approx(
            (max(0.0, expected[0]), min(1.0, expected[1])), abs=1e-12
        )
    assert pytest.approx(scipy.stats.norm.ppf(0.975), abs=1e-15) == Z


@given(st.lists(st.booleans()))
def test_marks_are_written_as_bits_and_read_and_counted(marks: list[bool]) -> None:
    assert marks_of(bits_of(marks)) == marks
    assert (share_of(bits_of(marks)).right, share_of(bits_of(marks)).n) == (sum(marks), len(marks))


@pytest.mark.parametrize("text", ["a", "ab", "aabc", "mississippi"])
def test_entropy_is_scipys_in_bits(text: str) -> None:
    counts = [text.count(letter) for letter in set(text)]
    assert entropy(text) == pytest.approx(scipy.stats.entropy(counts, base=2), abs=1e-12)


@pytest.mark.parametrize(
    ("y", "at"),
    [
        ((0.0, 0.0, 1.0, 1.0), 3.5),  # half of the way from 2 to 5
        ((0.0, 0.5, 0.2, 1.0), 2.0),  # exactly there, before it falls
        ((0.7, 0.1, 0.1, 0.9), 1.0),  # from the beginning
        ((0.1, 0.9, 0.1, 0.9), 1.5),  # the first time of three
    ],
)
def test_a_curve_crosses_a_level(y: tuple[float, ...], at: float) -> None:
    assert crossing((1.0, 2.0, 5.0, 10.0), y, 0.5) == pytest.approx(at)
    finer = np.interp(grid := np.linspace(1, 10, 90_001), (1, 2, 5, 10), y)
    assert grid[np.flatnonzero(finer >= 0.5 - 1e-12)[0]] == pytest.approx(at, abs=1e-3)


def test_a_curve_that_stays_below_never_crosses() -> None:
    assert math.isnan(crossing((1.0, 2.0), (0.1, 0.49), 0.5))
