"""Tests of `nlp4.exercises.inside`: the references another way."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from statistics import fmean

import numpy as np
import pytest
from answers import cases
from scipy.special import logsumexp, softmax

from nlp4.exercises.inside import COPYING_GAP, EDIT_SCORES, MEAN_ABLATED, PATCH
from nlp4.maths.copying import margin


def test_the_gap_is_above_the_logarithm_of_the_others_mean() -> None:
    for (logits,) in cases("copying_gap"):
        others = logits.tolist()
        largest = others.pop(others.index(max(others)))
        wanted = largest - logsumexp(others, b=1 / len(others))
        assert COPYING_GAP.reference(logits) == pytest.approx(wanted)


def test_the_gap_is_the_margin_of_the_largest_one_s_weight() -> None:
    for (logits,) in cases("copying_gap"):
        wanted = margin(len(logits), 1 - softmax(logits).max())
        assert COPYING_GAP.reference(logits) == pytest.approx(float(wanted), abs=1e-6)


def test_no_weight_is_lost_beside_the_largest() -> None:
    for (logits,) in cases("copying_gap"):
        assert np.abs(logits).max() <= 20
        assert 1 - softmax(logits).max() > 1e-10


def test_a_patch_changes_one_place_counted_from_the_end() -> None:
    for stream, donor, back in cases("patch"):
        theirs = donor.tolist()[::-1]
        rows = [theirs[i] if i == back else row for i, row in enumerate(stream.tolist()[::-1])]
        assert PATCH.reference(stream, donor, back).tolist() == rows[::-1]


def test_the_ablated_head_hands_on_its_mean_and_the_others_what_they_did() -> None:
    for outputs, head in cases("mean_ablated"):
        found, (questions, n, heads, d) = MEAN_ABLATED.reference(outputs, head), outputs.shape
        for h, k in product(range(heads), range(d)):
            numbers = [float(outputs[q, i, h, k]) for q in range(questions) for i in range(n)]
            wanted = [fmean(numbers)] * len(numbers) if h == head else numbers
            assert found[:, :, h, k].ravel().tolist() == pytest.approx(wanted)


def test_the_scores_are_shares_of_the_two_kinds_of_questions() -> None:
    for before, after, edited, wanted in cases("edit_scores"):
        hits: dict[bool, list[bool]] = {True: [], False: []}
        for i, about in enumerate(edited):
            hits[about].append(after[i] == (wanted if about else before[i]))
        shares = [float(Fraction(sum(each), len(each))) for each in (hits[True], hits[False])]
        assert EDIT_SCORES.reference(before, after, edited, wanted) == pytest.approx(shares)
