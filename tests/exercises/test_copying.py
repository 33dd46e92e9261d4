"""Tests of `nlp4.exercises.copying`: the references another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from answers import cases

from nlp4.exercises.copying import ATTEND, AVERAGE_OF, COPYING_QUERY, MARGIN, PAIR_WEIGHTS, SOFTMAX


def weights(logits: np.ndarray) -> np.ndarray:
    """The softmax of another library."""
    return torch.softmax(torch.as_tensor(np.asarray(logits, dtype=float)), dim=0).numpy()


@pytest.mark.parametrize(("n", "eps"), cases("margin"))
def test_the_margin_leaves_eps_to_the_others(n: int, eps: float) -> None:
    logits = np.zeros(n)
    logits[0] = MARGIN.reference(n, eps)
    assert weights(logits)[1:].sum() == pytest.approx(eps)


def test_softmax_and_attention_are_those_of_torch() -> None:
    for (logits,) in cases("softmax"):
        assert SOFTMAX.reference(logits) == pytest.approx(weights(logits))
    for keys, values, query in cases("attend"):
        q, k, v = (torch.as_tensor(each)[None] for each in (query[None], keys, values))
        wanted = torch.nn.functional.scaled_dot_product_attention(q, k, v, scale=1.0)
        assert ATTEND.reference(keys, values, query) == pytest.approx(wanted.numpy()[0, 0])


def test_the_copying_query_gives_one_key_its_weight_and_the_rest_equal_parts() -> None:
    for keys, j, weight in cases("copying_query"):
        found = weights(keys @ COPYING_QUERY.reference(keys, j, weight))
        assert found[j] == pytest.approx(weight)
        assert np.delete(found, j) == pytest.approx((1 - weight) / (len(keys) - 1))


def test_the_weights_of_a_pair_add_up_and_differ_by_the_gap() -> None:
    for n, gap in cases("pair_weights"):
        pair, other = PAIR_WEIGHTS.reference(n, gap)
        assert 2 * pair + (n - 2) * other == pytest.approx(1)
        assert other == pytest.approx(pair * math.exp(-gap))


def test_the_averaging_query_puts_the_chosen_keys_ahead_by_the_gap() -> None:
    for keys, chosen, gap in cases("average_of"):
        logits = keys @ AVERAGE_OF.reference(keys, chosen, gap)
        ahead = [gap if i in chosen else 0 for i in range(len(keys))]
        assert logits == pytest.approx(np.array(ahead), abs=1e-9)
