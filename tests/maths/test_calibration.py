"""Tests of `nlp4.maths.calibration`."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from scipy.stats import mannwhitneyu, norm

from nlp4.exercises.confidence import EXPECTED_CALIBRATION_ERROR
from nlp4.maths.calibration import (
    Area,
    Bin,
    HeldOut,
    Point,
    Spacing,
    auroc,
    best_temperature,
    best_threshold,
    bins,
    brier,
    calibrated_threshold,
    error_by_chance,
    expected_calibration_error,
    log_loss,
    on_the_other_half,
    points_won,
    repair,
    risk_coverage,
    tempered,
)
from nlp4.maths.statistics import Share

answered = st.lists(
    st.tuples(st.integers(0, 9).map(lambda i: i / 9), st.booleans()), min_size=1, max_size=40
).map(lambda pairs: (np.array([s for s, _ in pairs]), np.array([r for _, r in pairs])))


def test_a_curve_of_five_answers() -> None:
    sure = np.array([0.9, 0.5, 0.7, 0.5, 0.2])
    right = np.array([True, True, False, False, True])
    found = risk_coverage(sure, right)
    assert found.points == (
        Point(0.9, Share(1, 1), 5),
        Point(0.7, Share(1, 2), 5),
        Point(0.5, Share(2, 4), 5),
        Point(0.2, Share(3, 5), 5),
    )
    assert found.points[2].coverage == 0.8
    # With three answered, one of the two equals is among them: 1.5 of 3 are right on average.
    assert found.area == pytest.approx((1 + 0.5 + 0.5 + 0.5 + 0.6) / 5)
    assert found.best_area == pytest.approx((1 + 1 + 1 + 3 / 4 + 3 / 5) / 5)
    assert found.reaching(0.9) == found.points[0]
    assert found.reaching(0.6) == found.points[3]  # the accuracy rises again at the end
    assert risk_coverage(sure, ~right).reaching(0.9) is None


@quick
@given(answered)
def test_each_threshold_by_counting(answers: tuple[np.ndarray, np.ndarray]) -> None:
    sure, right = answers
    points = risk_coverage(sure, right).points
    assert [p.threshold for p in points] == sorted(set(sure.tolist()), reverse=True)
    for point in points:
        given_ = [r for s, r in zip(sure, right, strict=True) if s >= point.threshold]
        assert point.right == Share(sum(given_), len(given_))
        assert point.coverage == len(given_) / len(sure)


@quick
@given(answered)
def test_the_area_lies_between_the_worst_order_and_the_best(
    answers: tuple[np.ndarray, np.ndarray],
) -> None:
    sure, right = answers
    found = risk_coverage(sure, right)
    number = np.arange(1, len(right) + 1)
    best, worst = (np.mean(np.cumsum(x) / number) for x in (np.sort(right)[::-1], np.sort(right)))
    assert found.best_area == pytest.approx(best)
    assert worst - 1e-9 <= found.area <= best + 1e-9
    assert risk_coverage(np.zeros(len(right)), right).area == pytest.approx(right.mean())


def test_the_area_with_equals_is_the_mean_over_their_orders() -> None:
    rng = np.random.default_rng(0)
    sure, right = rng.integers(0, 4, 30) / 4, rng.random(30) < 0.6
    orders = 4000
    areas = [risk_coverage(sure + 1e-6 * rng.random(30), right).area for _ in range(orders)]
    error = float(np.std(areas)) / orders**0.5
    assert risk_coverage(sure, right).area == pytest.approx(np.mean(areas), abs=4 * error)


def test_the_other_half_of_a_model_that_knows() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(4000) < 0.6
    found = on_the_other_half(0.5 * right + 0.4 * rng.random(4000), right, 1.0, rng, 20)
    assert found.accuracy == pytest.approx(1, abs=0.002)
    assert found.coverage == pytest.approx(0.6, abs=0.01)


def test_the_other_half_is_not_flattered() -> None:
    # A confidence that tells nothing: here some threshold reaches 90%, and there it brings nothing.
    rng = np.random.default_rng(0)
    kept, reached = [], 0
    for _ in range(60):
        sure, right = rng.random(40), rng.random(40) < 0.7
        reached += risk_coverage(sure, right).reaching(0.9) is not None
        found = on_the_other_half(sure, right, 0.9, rng, 20)
        kept.append((found.accuracy, found.coverage))
    assert reached > 30
    accuracy = np.average([a for a, _ in kept], weights=[c + 1e-9 for _, c in kept])
    assert accuracy == pytest.approx(0.7, abs=0.06)


def test_who_never_reaches_the_accuracy_never_answers() -> None:
    rng = np.random.default_rng(0)
    assert on_the_other_half(np.full(10, 0.5), np.zeros(10, bool), 0.5, rng, 5) == HeldOut(0.0, 0.0)
    everything = on_the_other_half(np.full(10, 0.5), np.ones(10, bool), 0.5, rng, 5)
    assert everything == HeldOut(1.0, 1.0)


@pytest.mark.parametrize("n_sure, n_right", [(0, 0), (2, 3), (3, 2)])
def test_lists_of_two_lengths_and_no_answers_are_refused(n_sure: int, n_right: int) -> None:
    with pytest.raises(ValueError, match="confidences"):
        risk_coverage(np.zeros(n_sure), np.zeros(n_right, bool))


def test_one_answer_has_no_halves() -> None:
    with pytest.raises(ValueError, match="halves need at least 2"):
        on_the_other_half(np.array([0.5]), np.array([True]), 0.9, np.random.default_rng(0))


answered_calibration = st.lists(
    st.tuples(st.integers(0, 20).map(lambda i: i / 20), st.booleans()), min_size=1, max_size=60
).map(lambda pairs: (np.array([s for s, _ in pairs]), np.array([r for _, r in pairs])))
spacings = st.sampled_from(["width", "mass"])


def by_hand(sure: np.ndarray, right: np.ndarray, number: int) -> float:
    """Naeini's error over equal widths, bin by bin as it is written."""
    total = 0.0
    for b in range(number):
        members = [
            (s, r)
            for s, r in zip(sure.tolist(), right.tolist(), strict=True)
            if b / number <= s < (b + 1) / number or (b + 1 == number and s == 1)
        ]
        if members:
            confidence = math.fsum(s for s, _ in members) / len(members)
            accuracy = sum(r for _, r in members) / len(members)
            total += len(members) / len(sure) * abs(accuracy - confidence)
    return total


def test_a_diagram_of_four_answers() -> None:
    sure, right = np.array([0.9, 0.25, 0.2, 1.0]), np.array([True, False, True, False])
    found = bins(sure, right, 5)
    assert found == [
        Bin(0.2, 0.4, pytest.approx(0.225), Share(1, 2)),  # an edge belongs to the bin above
        Bin(0.8, 1.0, pytest.approx(0.95), Share(1, 2)),
    ]
    assert expected_calibration_error(sure, right, 5) == pytest.approx((0.275 + 0.45) / 2)
    assert brier(sure, right) == pytest.approx((0.01 + 0.0625 + 0.64 + 1) / 4)


def test_a_bin_is_off_where_its_interval_leaves_the_confidence_out() -> None:
    share = Share(75, 100)  # 66% to 82%
    told = [Bin(0.0, 1.0, sure, share).verdict for sure in (0.65, 0.67, 0.82, 0.83)]
    assert told == ["too unsure", "", "", "too sure"]


@quick
@given(answered_calibration, st.sampled_from([1, 2, 4, 10]))
def test_the_error_over_equal_widths(answers: tuple[np.ndarray, np.ndarray], number: int) -> None:
    expected = by_hand(*answers, number)
    assert expected_calibration_error(*answers, number, "width") == pytest.approx(expected)


@quick
@given(answered_calibration, st.integers(1, 40))
def test_the_bins_are_those_of_the_exercise(
    answers: tuple[np.ndarray, np.ndarray], number: int
) -> None:
    found = expected_calibration_error(*answers, number, "width")
    expected = EXPECTED_CALIBRATION_ERROR.reference(*answers, number)
    assert found == pytest.approx(expected)


@quick
@given(answered_calibration, st.integers(1, 12), spacings)
def test_the_error_is_that_of_the_diagram(
    answers: tuple[np.ndarray, np.ndarray], number: int, spacing: Spacing
) -> None:
    sure, right = answers
    found = bins(sure, right, number, spacing)
    assert len(found) <= number
    assert sum(b.right.n for b in found) == len(sure)
    assert sum(b.right.right for b in found) == right.sum()
    assert all(b.low <= b.sure + 1e-12 and b.sure <= b.high + 1e-12 for b in found)
    error = sum(b.right.n * abs(b.right.value - b.sure) for b in found) / len(sure)
    assert expected_calibration_error(sure, right, number, spacing) == pytest.approx(error)


@pytest.mark.parametrize("n, number", [(100, 10), (97, 10), (12, 5), (7, 7)])
def test_bins_of_equal_mass_hold_equally_many(n: int, number: int) -> None:
    sure = np.random.default_rng(0).random(n) ** 3
    found = bins(sure, sure > 0.5, number, "mass")
    sizes = [b.right.n for b in found]
    assert len(sizes) == number
    assert max(sizes) - min(sizes) <= 1
    assert all(a.high < b.low for a, b in itertools.pairwise(found))


@quick
@given(answered_calibration, st.integers(1, 12))
def test_equal_confidences_share_a_bin(answers: tuple[np.ndarray, np.ndarray], number: int) -> None:
    found = bins(*answers, number, "mass")
    assert all(a.high < b.low for a, b in itertools.pairwise(found))


def test_what_the_error_hides() -> None:
    right = np.arange(100) % 4 == 0
    useless = np.full(100, 0.25)
    assert expected_calibration_error(useless, right) == pytest.approx(0)
    assert auroc(useless, right) == Area(0.5, (0.5, 0.5))
    # Too sure of the one half and not sure enough of the other, within one bin.
    two = np.where(np.arange(100) < 50, 0.61, 0.69)
    right = np.concatenate((np.arange(50) < 45, np.arange(50) < 20))
    assert expected_calibration_error(two, right) == pytest.approx(0)
    assert expected_calibration_error(two, right, 50) > 0.2


@pytest.mark.parametrize("spacing", ["width", "mass"])
def test_chance_alone_errs_as_simulated_models_do(spacing: Spacing) -> None:
    rng = np.random.default_rng(1)
    sure = rng.random(200)
    mean, most = error_by_chance(sure, rng, 10, spacing, 2000)
    errors = np.array(
        [expected_calibration_error(sure, rng.random(200) < sure, 10, spacing) for _ in range(2000)]
    )
    # Standard errors: 0.0004 of the mean, 0.005 of the share.
    assert mean == pytest.approx(errors.mean(), abs=0.002)
    assert np.mean(errors > most) == pytest.approx(0.05, abs=0.02)
    overconfident = expected_calibration_error(sure, rng.random(200) < sure**2, 10, spacing)
    assert overconfident > most


@quick
@given(answered_calibration)
def test_the_area_is_that_of_mann_and_whitney(answers: tuple[np.ndarray, np.ndarray]) -> None:
    sure, right = answers
    found = auroc(sure, right)
    if right.all() or not right.any():
        assert found is None
        return
    assert found is not None
    u = mannwhitneyu(sure[right], sure[~right]).statistic
    assert found.value == pytest.approx(u / (right.sum() * (~right).sum()))
    assert 0 <= found.interval[0] <= found.value + 1e-12
    assert found.value - 1e-12 <= found.interval[1] <= 1
    mirrored = auroc(1 - sure, right)
    assert mirrored is not None
    assert mirrored.value == pytest.approx(1 - found.value)
    assert mirrored.interval == pytest.approx([1 - x for x in reversed(found.interval)])


def test_areas_without_a_variance() -> None:
    right = np.array([True] * 3 + [False] * 5)
    sure = np.linspace(1, 0, 8)
    assert auroc(sure, right) == Area(1.0, Share(3, 3).interval)
    assert auroc(1 - sure, right) == Area(0.0, Share(0, 3).interval)
    alone = auroc(np.array([0.5, 0.4, 0.6]), np.array([True, False, False]))
    assert alone == Area(0.5, (0.0, 1.0))


@pytest.mark.parametrize(
    "apart, n_right, n_wrong", [(0.0, 60, 40), (0.9, 60, 40), (0.9, 25, 25), (1.8, 60, 40)]
)
def test_the_interval_covers_the_truth_95_times_in_100(
    apart: float, n_right: int, n_wrong: int
) -> None:
    # Two normal distributions `apart` have the area Phi(apart / sqrt(2)).
    truth, trials = norm.cdf(apart / math.sqrt(2)), 1500
    rng = np.random.default_rng(2)
    right = np.arange(n_right + n_wrong) < n_right
    covered = 0
    for _ in range(trials):
        found = auroc(norm.cdf(rng.normal(size=len(right)) + apart * right), right)
        assert found is not None
        covered += found.interval[0] <= truth <= found.interval[1]
    assert covered / trials == pytest.approx(0.95, abs=0.02)  # standard error 0.0056


@pytest.mark.parametrize(
    "sure, right", [([], []), ([0.5], [True, False]), ([1.5], [True]), ([-0.1], [True])]
)
def test_what_cannot_be_judged_is_refused(sure: list[float], right: list[bool]) -> None:
    for judge in (bins, expected_calibration_error, brier, auroc):
        with pytest.raises(ValueError, match="confidences"):
            judge(np.array(sure), np.array(right, dtype=bool))


@quick
@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20), st.floats(0.2, 5))
def test_a_temperature_divides_the_log_odds(sure: list[float], temperature: float) -> None:
    found = tempered(np.array(sure), temperature).tolist()
    for before, after in zip(sure, found, strict=True):
        odds = math.log(before / (1 - before)) / temperature
        assert after == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-9)


def test_temperature_1_changes_nothing_and_certainty_stays_at_any() -> None:
    sure = np.linspace(0, 1, 1001)
    assert np.array_equal(tempered(sure, 1.0), sure)
    for temperature in (0.1, 0.5, 3.0, 10.0):
        found = tempered(sure, temperature)
        assert (found[0], found[500], found[-1]) == (0.0, 0.5, 1.0)
        assert np.all(np.diff(found) >= 0)


@quick
@given(answered_calibration, st.sampled_from([0.5, 1.7, 4.0]))
def test_no_temperature_changes_the_order(
    answers: tuple[np.ndarray, np.ndarray], temperature: float
) -> None:
    sure, right = answers
    assert auroc(tempered(sure, temperature), right) == auroc(sure, right)


@quick
@given(answered_calibration)
def test_the_log_loss_by_hand(answers: tuple[np.ndarray, np.ndarray]) -> None:
    sure, right = answers
    sure = 0.01 + 0.98 * sure
    losses = [-math.log(s if r else 1 - s) for s, r in zip(sure.tolist(), right, strict=True)]
    assert log_loss(sure, right) == pytest.approx(math.fsum(losses) / len(losses))
    assert math.isfinite(log_loss(np.array([1.0, 0.0]), np.array([False, True])))


@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_the_temperature_of_a_model_that_is_wrong_by_one_is_found(true: float) -> None:
    rng = np.random.default_rng(0)
    sure = rng.random(20_000)
    right = rng.random(20_000) < 1 / (1 + ((1 - sure) / sure) ** (1 / true))
    assert best_temperature(sure, right) == pytest.approx(true, rel=0.08)


def test_no_temperature_of_a_grid_has_less_log_loss() -> None:
    rng = np.random.default_rng(3)
    sure, right = rng.random(60), rng.random(60) < 0.6
    least = min(log_loss(tempered(sure, t), right) for t in np.geomspace(0.1, 10, 400))
    assert log_loss(tempered(sure, best_temperature(sure, right)), right) <= least + 1e-9


def test_a_repair_is_found_on_one_half_and_judged_on_the_other() -> None:
    rng = np.random.default_rng(5)
    sure = rng.random(400)
    right = rng.random(400) < 0.5 + 0.3 * (sure - 0.5)  # far too sure
    found = repair(sure, right)
    assert found.temperature == best_temperature(sure[0:400:2], right[0:400:2])
    odd = list(range(1, 400, 2))
    after = tempered(sure[odd], found.temperature)
    assert found.loss == (log_loss(sure[odd], right[odd]), log_loss(after, right[odd]))
    assert found.error == pytest.approx(
        [by_hand(each, right[odd], 10) for each in (sure[odd], after)]
    )
    assert found.loss[1] < found.loss[0] and found.error[1] < found.error[0]


@quick
@given(answered, st.integers(0, 9))
def test_the_best_threshold_by_trying_all(
    answers: tuple[np.ndarray, np.ndarray], price: int
) -> None:
    sure, right = answers
    pairs = list(zip(sure.tolist(), right.tolist(), strict=True))
    points = {
        t: sum(1 if r else -price for s, r in pairs if s >= t) for t in [*sure.tolist(), math.inf]
    }
    best = best_threshold(sure, right, price)
    assert points[best] == max(points.values()) == points_won(sure, right, best, price)
    assert best == max(t for t, each in points.items() if each == points[best])


@pytest.mark.parametrize("price", [0.5, 1.0, 3.0, 9.0])
def test_a_calibrated_model_answers_where_it_is_worth_it(price: float) -> None:
    threshold = calibrated_threshold(price)
    assert threshold - price * (1 - threshold) == pytest.approx(0)
    rng = np.random.default_rng(0)
    sure = rng.random(200_000)
    right = rng.random(200_000) < sure
    assert best_threshold(sure, right, price) == pytest.approx(threshold, abs=0.02)
