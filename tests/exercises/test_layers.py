"""Tests of `nlp4.exercises.layers`: the references another way, and what the cases reach."""

from __future__ import annotations

import cmath
import copy
import math

import pytest
import torch
import torch.nn.functional as F
from answers import cases
from torch import nn

from nlp4.exercises.judging import Exercise
from nlp4.exercises.layers import (
    CAUSAL_WEIGHTS,
    LEARNED_POSITIONS,
    MERGE_HEADS,
    QUERIES_KEYS_VALUES,
    ROTATE,
    SCALED_SCORES,
    SPLIT_HEADS,
)

EXERCISES = (
    QUERIES_KEYS_VALUES,
    SCALED_SCORES,
    CAUSAL_WEIGHTS,
    SPLIT_HEADS,
    MERGE_HEADS,
    LEARNED_POSITIONS,
    ROTATE,
)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_the_cases_come_in_both_precisions_and_with_a_gradient(exercise: Exercise) -> None:
    every = [part for case in cases(exercise.name) for part in case if torch.is_tensor(part)]
    assert {x.dtype for x in every} == {torch.float32, torch.float64}
    assert {x.requires_grad for x in every} == {True, False}
    for case in cases(exercise.name):
        copy.deepcopy(case)  # as the judge does


def test_queries_keys_and_values_are_three_linear_maps() -> None:
    for x, weight, bias in cases("queries_keys_values"):
        width, found = x.shape[-1], QUERIES_KEYS_VALUES.reference(x, weight, bias)
        for part, own in enumerate(found):
            rows = slice(part * width, (part + 1) * width)
            torch.testing.assert_close(own, F.linear(x, weight[rows], bias[rows]))


def test_a_score_is_one_dot_product_by_the_root_of_d() -> None:
    for q, k in cases("scaled_scores"):
        found, (b, h, n, d) = SCALED_SCORES.reference(q, k).tolist(), q.shape
        queries, keys = q.tolist(), k.tolist()
        for text, head in ((0, 0), (b - 1, h - 1)):
            for i, j in ((0, 0), (0, n - 1), (n - 1, 0)):
                pairs = zip(queries[text][head][i], keys[text][head][j], strict=True)
                score = sum(a * b for a, b in pairs) / math.sqrt(d)
                assert found[text][head][i][j] == pytest.approx(score, rel=1e-4, abs=1e-5)


def test_causal_weights_are_those_of_the_texts_that_end_there() -> None:
    for (scores,) in cases("causal_weights"):
        weights = CAUSAL_WEIGHTS.reference(scores)
        for i in range(scores.shape[-1]):
            seen = F.softmax(scores[..., i, : i + 1], dim=-1)
            torch.testing.assert_close(weights[..., i, : i + 1], seen)
            assert (weights[..., i, i + 1 :] == 0).all()


def test_some_scores_need_a_mask_of_minus_infinity() -> None:
    """In some row all that is seen is below -10,000, in some a later score is that much larger."""
    least, most = [], []
    for (scores,) in cases("causal_weights"):
        seen = torch.ones_like(scores).tril() > 0
        best = scores.where(seen, -math.inf).amax(-1)
        least.append(best.min().item())
        most.append((scores.where(~seen, -math.inf).amax(-1) - best).max().item())
    assert min(least) < -1.1e4 and max(most) > 1.1e4
    assert any(scores.exp().isinf().any() for (scores,) in cases("causal_weights"))


def test_a_number_of_a_head_comes_from_where_it_was_in_the_stream() -> None:
    for x, heads in cases("split_heads"):
        found, d = SPLIT_HEADS.reference(x, heads), x.shape[-1] // heads
        assert found.shape == (x.shape[0], heads, x.shape[1], d)
        for head in range(heads):
            for i in range(d):
                assert found[:, head, :, i].equal(x[:, :, head * d + i])
        assert MERGE_HEADS.reference(found).equal(x)


def test_merged_heads_stand_side_by_side() -> None:
    for (x,) in cases("merge_heads"):
        assert MERGE_HEADS.reference(x).equal(torch.cat(x.unbind(1), dim=-1))
        assert SPLIT_HEADS.reference(MERGE_HEADS.reference(x), x.shape[1]).equal(x)


def test_a_place_has_the_row_of_its_number() -> None:
    for x, table in cases("learned_positions"):
        rows = nn.Embedding.from_pretrained(table.detach())(torch.arange(x.shape[1]))
        torch.testing.assert_close(LEARNED_POSITIONS.reference(x, table) - x, rows.expand_as(x))


def test_a_pair_is_a_complex_number_and_a_turn_is_a_product() -> None:
    for (x,) in cases("rotate"):
        found, (*_, n, d) = ROTATE.reference(x)[-1, -1].tolist(), x.shape
        for p in range(n):
            for i in range(d // 2):
                pair = complex(x[-1, -1, p, i].item(), x[-1, -1, p, i + d // 2].item())
                turned = pair * cmath.exp(1j * p * 10_000 ** (-2 * i / d))
                assert complex(found[p][i], found[p][i + d // 2]) == pytest.approx(turned, abs=1e-5)


def test_a_score_of_turned_vectors_hangs_on_their_distance_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    q, k = torch.randn(2, 8, dtype=torch.float64, generator=generator)
    at_every_place = (ROTATE.reference(x.expand(1, 1, 30, 8))[0, 0] for x in (q, k))
    queries, keys = at_every_place
    scores = queries @ keys.T
    for distance in range(-29, 30):
        same = scores.diagonal(distance)
        torch.testing.assert_close(same, same[:1].expand_as(same), rtol=1e-5, atol=1e-5)
    assert scores[0].std() > 0.1
