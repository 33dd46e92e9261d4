"""Abstaining below a threshold, against counting question by question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.abstention import HeldOut, Point, on_the_other_half, risk_coverage
from nlp4.statistics import Share

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
