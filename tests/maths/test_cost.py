"""Counted costs: against counting the multiplications one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nlp4.maths import cost
from nlp4.maths.block_pattern import BlockPattern


def counted(*products: tuple[int, int, int]) -> int:
    """Multiply-adds of matrix products (m, k) x (k, n), by torch's counter of two for each."""
    with FlopCounterMode(display=False) as counter:
        for m, k, n in products:
            torch.zeros(m, k) @ torch.zeros(k, n)
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(("n", "w"), [(64, 16), (100, 32)])
def test_full_attention_is_four_projections_and_two_products(n: int, w: int) -> None:
    assert cost.full(n, w).multiply_adds == counted(
        (n, w, w), (n, w, w), (n, w, w), (n, w, w), (n, w, n), (n, n, w)
    )
    assert cost.full(n, w).weights == n * n


@pytest.mark.parametrize(("n", "w", "k"), [(64, 16, 8), (100, 32, 200)])
def test_linformer_as_written_makes_all_keys_and_mixes_them(n: int, w: int, k: int) -> None:
    m = min(k, n)
    assert cost.linformer_as_written(n, w, k).multiply_adds == counted(
        *[(n, w, w)] * 4, *[(m, n, w)] * 2, (n, w, m), (n, m, w)
    )
    assert cost.linformer_as_written(n, w, k).weights == n * m


@pytest.mark.parametrize(("n", "w", "k"), [(64, 16, 8), (100, 32, 200)])
def test_linformer_mixes_the_input_down_first(n: int, w: int, k: int) -> None:
    m = min(k, n)
    assert cost.linformer(n, w, k).multiply_adds == counted(
        (m, n, w), (n, w, w), (n, w, w), (m, w, w), (m, w, w), (n, w, m), (n, m, w)
    )
    assert cost.linformer(n, w, k).weights == n * m


def test_bigbird_pays_for_the_pairs_of_its_mask() -> None:
    pattern = BlockPattern(16, 3, 1, 2)
    pairs = int(pattern.mask(256).sum())
    found = cost.bigbird(256, 32, pattern)
    assert found.weights == pairs
    assert found.multiply_adds == 4 * 256 * 32**2 + 2 * pairs * 32


def test_a_pattern_of_everything_costs_what_full_attention_does() -> None:
    everything = BlockPattern(16, 0, 16, 0)
    assert cost.bigbird(256, 32, everything) == cost.full(256, 32)


@pytest.mark.parametrize("count", [cost.linformer, cost.linformer_as_written])
@pytest.mark.parametrize("k", [16, 256])
def test_linformer_pays_from_its_break_even_on(k: int, count: Callable[..., cost.Cost]) -> None:
    n = cost.break_even(256, k, count)

    def gain(length: int) -> int:
        return cost.full(length, 256).multiply_adds - count(length, 256, k).multiply_adds

    assert gain(n) > 0 >= gain(n - 1)


@pytest.mark.parametrize("width", [16, 256])
@pytest.mark.parametrize("k", [1, 64, 256, 1024])
def test_as_written_it_pays_beyond_twice_k(k: int, width: int) -> None:
    """4 n w^2 + 4 n k w < 4 n w^2 + 2 n^2 w where n > 2 k."""
    assert cost.break_even(width, k) == 2 * k + 1
