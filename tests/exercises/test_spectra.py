"""Tests of `nlp4.exercises.spectra`: learners' answers, and the references another way."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from answers import Answer, assert_right, assert_wrong, cases, each_right, each_wrong
from wrong_answers_spectra import ANSWERS

from nlp4.exercises.spectra import LINFORMER_ATTENTION, RANK_FOR, SHARED_PARAMETERS, THEOREM_K
from nlp4.models.linformer import LinformerConfig, Share, linformers


@each_right(ANSWERS)
def test_a_right_answer_gets_its_points(name: str, answer: Answer) -> None:
    assert_right(name, answer)


@each_wrong(ANSWERS)
def test_a_wrong_answer_gets_the_words_that_fit(name: str, answer: Answer, fragment: str) -> None:
    assert_wrong(name, answer, fragment)


def test_the_rank_is_the_smallest_that_holds_the_share() -> None:
    for values, share in cases("rank_for"):
        rank = RANK_FOR.reference(values, share)
        shares = [sum(values[:k]) / sum(values) for k in range(len(values) + 1)]
        assert shares[rank] >= share - 1e-9 > shares[rank - 1]


def test_the_theorem_s_k_by_hand() -> None:
    # 5 ln 512 = 31.19; 1/2^2 - 1/2^3 = 1/8, and 0.1^2 - 0.1^3 = 0.009.
    assert THEOREM_K.reference(512, 0.5) == pytest.approx(8 * 31.1916, rel=1e-5)
    assert THEOREM_K.reference(512, 0.1) == pytest.approx(31.1916 / 0.009, rel=1e-5)


def test_linformer_is_full_attention_over_the_mixtures() -> None:
    for q, k, v, e, f in cases("linformer_attention"):
        given = (torch.as_tensor(each)[None] for each in (q, e @ k, f @ v))
        wanted = torch.nn.functional.scaled_dot_product_attention(*given)[0].numpy()
        assert LINFORMER_ATTENTION.reference(q, k, v, e, f) == pytest.approx(wanted)


@pytest.mark.parametrize("share", get_args(Share))
def test_shared_parameters_are_those_of_the_model(share: Share) -> None:
    layers, heads, k, n = 3, 2, 4, 5
    config = LinformerConfig(max_length=n, k=k, share=share)
    built = torch.nn.ModuleList(linformers(config, layers=layers, heads=heads))
    numbers = sum(each.numel() for each in built.parameters())
    assert SHARED_PARAMETERS.reference(layers, heads, k, n, share) == numbers
