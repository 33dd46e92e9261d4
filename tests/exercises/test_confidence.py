"""Tests of `nlp4.exercises.confidence`: the references another way."""

from __future__ import annotations

import pytest
from answers import cases
from scipy.stats import binomtest, mannwhitneyu

from nlp4.exercises.confidence import (
    ACCURACY_WHEN_ANSWERING,
    AUROC,
    EXPECTED_CALIBRATION_ERROR,
    MCNEMAR_P,
)


def test_mcnemar_is_a_test_of_a_fair_coin() -> None:
    for first, second in cases("mcnemar_p"):
        a, b = int((first > second).sum()), int((first < second).sum())
        wanted = binomtest(a, a + b).pvalue if a + b else 1.0
        assert MCNEMAR_P.reference(first, second) == pytest.approx(wanted)


def test_the_calibration_error_is_the_mean_gap_of_the_bins_by_their_counts() -> None:
    for probabilities, right, bins in cases("expected_calibration_error"):
        filled: dict[int, list[tuple[float, bool]]] = {}
        for p, r in zip(probabilities.tolist(), right.tolist(), strict=True):
            filled.setdefault(min(int(p * bins), bins - 1), []).append((p, r))
        gaps = (
            abs(sum(p for p, _ in each) / len(each) - sum(r for _, r in each) / len(each))
            * len(each)
            for each in filled.values()
        )
        wanted = sum(gaps) / len(right)
        found = EXPECTED_CALIBRATION_ERROR.reference(probabilities, right, bins)
        assert found == pytest.approx(wanted)


def test_the_area_is_mann_and_whitney_s_statistic() -> None:
    for probabilities, right in cases("auroc"):
        u = mannwhitneyu(probabilities[right], probabilities[~right]).statistic
        pairs = right.sum() * (~right).sum()
        assert AUROC.reference(probabilities, right) == pytest.approx(u / pairs)


def test_the_accuracy_when_answering_is_that_of_the_surest_in_their_order() -> None:
    for probabilities, right, share in cases("accuracy_when_answering"):
        order = sorted(range(len(right)), key=lambda i: (-probabilities[i], i))
        answered = [bool(right[i]) for i in order[: max(1, round(share * len(right)))]]
        found = ACCURACY_WHEN_ANSWERING.reference(probabilities, right, share)
        assert found == pytest.approx(sum(answered) / len(answered))
