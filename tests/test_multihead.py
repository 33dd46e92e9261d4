"""What surrounds multi-head attention: the cut into heads entry by entry, and who draws weights."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nlp4.bigbird import BigBirdSelfAttention
from nlp4.block_pattern import BlockPattern
from nlp4.encoder import EncoderSelfAttention
from nlp4.errors import UserError
from nlp4.linformer import Linformer, LinformerConfig, LinformerSelfAttention
from nlp4.multihead import linear, merge_heads, queries_keys_values, split_heads
from nlp4.positions import rotate, rotations

B, H, N, D = 2, 3, 5, 4


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_head_is_a_run_of_columns() -> None:
    x = drawn(B, N, H * D)
    heads = split_heads(x, H)
    assert heads.shape == (B, H, N, D)
    for head in range(H):
        assert torch.equal(heads[:, head], x[:, :, head * D : (head + 1) * D])
    assert torch.equal(merge_heads(heads), x)


def test_queries_and_keys_are_turned_and_values_are_not() -> None:
    parts, turns = [drawn(B, N, H * D, seed=seed) for seed in range(3)], rotations(N, D)
    q, k, v = queries_keys_values(parts, H, turns)
    plain = [split_heads(part, H) for part in parts]
    assert all(map(torch.equal, queries_keys_values(parts, H), plain))
    assert torch.equal(q, rotate(plain[0], *turns)) and torch.equal(k, rotate(plain[1], *turns))
    assert torch.equal(v, plain[2])


@pytest.mark.parametrize("bias", [False, True])
def test_a_linear_layer_is_drawn_from_its_generator_alone(bias: bool) -> None:
    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(7)
    first, second = (linear(64, 96, generator, bias=bias) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    again = torch.Generator().manual_seed(7)
    for layer in (first, second):
        weights = torch.empty(96, 64).normal_(std=1 / 8, generator=again)
        assert torch.equal(layer.weight, weights)
        assert (layer.bias is not None) == bias and (not bias or not layer.bias.any())


def test_weights_have_a_variance_of_one_over_the_inputs() -> None:
    """The deviation of n normal numbers strays by 1 / sqrt(2 n) of itself: 4 of those here."""
    weights = linear(50, 400, torch.Generator().manual_seed(0)).weight
    assert weights.std().item() * math.sqrt(50) == pytest.approx(1, abs=4 / math.sqrt(2 * 20_000))


def test_queries_keys_and_values_then_the_output_are_drawn() -> None:
    """In this order, so that a seed means the same model whatever the attention is."""
    pattern, mixing = BlockPattern(4, 3, 0, 0), Linformer(LinformerConfig(8, 4), 2)
    layers = (
        EncoderSelfAttention(16, 2, lambda q, *_, **__: q, torch.Generator().manual_seed(3)),
        LinformerSelfAttention(16, mixing, torch.Generator().manual_seed(3)),
        BigBirdSelfAttention(16, 2, pattern, torch.Generator().manual_seed(3)),
    )
    for layer, shapes in zip(
        layers, [((16, 16), (32, 16), (16, 16))] * 2 + [((48, 16), (16, 16))], strict=True
    ):
        generator = torch.Generator().manual_seed(3)
        expected = [torch.empty(shape).normal_(std=1 / 4, generator=generator) for shape in shapes]
        names = ("qkv", "out") if len(shapes) == 2 else ("q", "kv", "out")
        found = [getattr(layer, name).weight for name in names]
        assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


def test_a_width_that_does_not_divide_into_heads_is_refused() -> None:
    generator = torch.Generator()
    with pytest.raises(UserError, match="width 16 does not divide into 3 heads"):
        BigBirdSelfAttention(16, 3, BlockPattern(4, 3, 0, 0), generator)
    with pytest.raises(UserError, match="width 16 does not divide into 3 heads"):
        LinformerSelfAttention(16, Linformer(LinformerConfig(8, 4), 3), generator)
