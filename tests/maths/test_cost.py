"""Counted costs: against counting the multiplications one by one."""

from __future__ import annotations

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nlp4.maths import cost
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.linformer import Linformer, LinformerConfig, LinformerSelfAttention, Share


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
@pytest.mark.parametrize("shared", [True, False])
def test_linformer_as_written_makes_all_keys_and_mixes_them(
    n: int, w: int, k: int, shared: bool
) -> None:
    """K and V are mixed apart, by one matrix or by two."""
    m = min(k, n)
    found = cost.linformer(n, w, k, shared=shared, mixed_first=False)
    assert found.multiply_adds == counted(*[(n, w, w)] * 4, *[(m, n, w)] * 2, (n, w, m), (n, m, w))
    assert found.weights == n * m


@pytest.mark.parametrize(("n", "w", "k"), [(64, 16, 8), (100, 32, 200)])
@pytest.mark.parametrize("shared", [True, False])
def test_linformer_mixes_the_input_down_first(n: int, w: int, k: int, shared: bool) -> None:
    m = min(k, n)
    mixings = [(m, n, w)] * (1 if shared else 2)
    found = cost.linformer(n, w, k, shared=shared)
    assert found.multiply_adds == counted(
        *mixings, (n, w, w), (n, w, w), (m, w, w), (m, w, w), (n, w, m), (n, m, w)
    )
    assert found.weights == n * m


@pytest.mark.parametrize("share", ["headwise", "key-value"])
@pytest.mark.parametrize("k", [8, 64])
def test_the_layer_itself_does_as_many(share: Share, k: int) -> None:
    """The modules' own products, counted by torch while they run, and their own numbers."""
    n, w, shared = 64, 32, share == "key-value"
    attention = Linformer(LinformerConfig(n, k, share), heads=1)
    layer = LinformerSelfAttention(w, attention, torch.Generator().manual_seed(0)).eval()
    plain = sdpa_kernel(SDPBackend.MATH)
    with FlopCounterMode(display=False) as counter, torch.no_grad(), plain:
        layer(torch.zeros(1, n, w))
    assert cost.linformer(n, w, k, shared=shared).multiply_adds * 2 == counter.get_total_flops()
    numbers = sum(p.numel() for p in attention.parameters())
    assert cost.projection_numbers(n, k, shared=shared) == numbers


def test_bigbird_pays_for_the_pairs_of_its_mask() -> None:
    pattern = BlockPattern(16, 3, 1, 2)
    pairs = int(pattern.mask(256).sum())
    found = cost.bigbird(256, 32, pattern)
    assert found.weights == pairs
    assert found.multiply_adds == 4 * 256 * 32**2 + 2 * pairs * 32


def test_a_pattern_of_everything_costs_what_full_attention_does() -> None:
    everything = BlockPattern(16, 0, 16, 0)
    assert cost.bigbird(256, 32, everything) == cost.full(256, 32)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("mixed_first", [True, False])
@pytest.mark.parametrize("k", [16, 256])
def test_linformer_pays_from_its_break_even_on(k: int, shared: bool, mixed_first: bool) -> None:
    n = cost.break_even(256, k, shared=shared, mixed_first=mixed_first)

    def gain(length: int) -> int:
        ours = cost.linformer(length, 256, k, shared=shared, mixed_first=mixed_first)
        return cost.full(length, 256).multiply_adds - ours.multiply_adds

    assert gain(n) > 0 >= gain(n - 1)


@pytest.mark.parametrize("width", [16, 256])
@pytest.mark.parametrize("k", [1, 64, 256, 1024])
def test_as_written_it_pays_beyond_twice_k(k: int, width: int) -> None:
    """4 n w^2 + 4 n k w < 4 n w^2 + 2 n^2 w where n > 2 k."""
    assert cost.break_even(width, k) == 2 * k + 1
