"""Tests of `nlp4.exercises.spectra`: the references another way."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
import torch
from answers import cases
from scipy.special import lambertw

from nlp4.exercises.spectra import (
    LINFORMER_ATTENTION,
    RANK_FOR,
    SHARED_PARAMETERS,
    THEOREM_PAYS_FROM,
)
from nlp4.models.linformer import LinformerConfig, Share, linformers


def test_the_rank_is_the_smallest_that_holds_the_share() -> None:
    for values, share in cases("rank_for"):
        rank, parts = RANK_FOR.reference(values, share), [Fraction(each) for each in values]
        held = [sum(parts[:k]) for k in range(len(parts) + 1)]
        assert held[rank] >= Fraction(share) * held[-1] > held[rank - 1]


def test_the_rank_hangs_on_no_rounding() -> None:
    """A share is reached exactly, in small numbers, or missed by a thousandth."""
    for values, share in cases("rank_for"):
        apart = np.abs(np.cumsum(values) / values.sum() - share)
        whole = values.tolist() == values.round().tolist() and (1024 * share).is_integer()
        assert whole or apart.min() > 1e-3


def test_the_theorem_pays_from_where_the_lambert_function_says() -> None:
    # n = c ln n has the solution n = -c W(-1/c), on the branch below -1 for the larger one.
    for (eps,) in cases("theorem_pays_from"):
        c = 5 / (eps**2 - eps**3)
        crossing = -c * float(lambertw(-1 / c, -1).real)
        assert THEOREM_PAYS_FROM.reference(eps) == math.ceil(crossing)
        assert 0.01 < crossing % 1 < 0.99


@pytest.mark.parametrize(("eps", "n"), [(0.5, 215), (0.3, 492), (0.1, 4698)])
def test_the_theorem_pays_for_that_length_and_all_longer_ones(eps: float, n: int) -> None:
    lengths = np.arange(2, 100_000)
    pays = 5 * np.log(lengths) / (eps**2 - eps**3) < lengths
    assert THEOREM_PAYS_FROM.reference(eps) == n
    assert (pays == (lengths >= n)).all()


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
