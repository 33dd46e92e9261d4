"""Tests of `nlp4.models.attention`."""

from __future__ import annotations

import cmath
import math

import pytest
import torch
from torch import Tensor

from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.attention import (
    SelfAttention,
    attend,
    attend_from,
    dense_reference,
    linear,
    merge_heads,
    queries_keys_values,
    rotate,
    rotations,
    split_heads,
)
from nlp4.models.bigbird import BigBird
from nlp4.models.linformer import Linformer, LinformerConfig, LinformerSelfAttention
from nlp4.support.errors import UserError

B, H, N, D = 2, 2, 6, 4
# Row 0 hides its last keys; row 1 its first ones too, so that causal queries there see nothing.
PADDING = torch.tensor([[False] * 4 + [True] * 2, [True] * 2 + [False] * 3 + [True]])


def random_qkv(seed: int = 0, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = torch.randn(3, B, H, N, D, generator=generator, dtype=torch.float64).to(dtype)
    return q, k, v


def by_hand(
    q: Tensor, k: Tensor, v: Tensor, padding: Tensor | None, causal: bool
) -> tuple[Tensor, Tensor]:
    """Output and weights by Python loops over Python floats."""
    out, weights = torch.zeros(B, H, N, D).double(), torch.zeros(B, H, N, N).double()
    for b in range(B):
        for h in range(H):
            keys, values = k[b, h].tolist(), v[b, h].tolist()
            for i, query in enumerate(q[b, h].tolist()):
                seen = [
                    j
                    for j in range(N)
                    if not (causal and j > i) and not (padding is not None and padding[b, j])
                ]
                scores = {j: math.fsum(map(float.__mul__, query, keys[j])) for j in seen}
                exps = {j: math.exp(s / math.sqrt(D)) for j, s in scores.items()}
                for j in seen:
                    weights[b, h, i, j] = exps[j] / math.fsum(exps.values())
                    for c in range(D):
                        out[b, h, i, c] += float(weights[b, h, i, j]) * values[j][c]
    return out, weights


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("padding", [None, PADDING], ids=["whole", "padded"])
@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-12), (torch.float32, 1e-6)])
def test_attention_is_what_the_formula_says(
    causal: bool, padding: Tensor | None, dtype: torch.dtype, tolerance: float
) -> None:
    q, k, v = random_qkv(dtype=dtype)
    expected, expected_weights = by_hand(q, k, v, padding, causal)
    out = attend(q, k, v, key_padding_mask=padding, causal=causal)
    dense, weights = dense_reference(q, k, v, key_padding_mask=padding, causal=causal)
    assert out.dtype == dense.dtype == dtype
    torch.testing.assert_close(out.double(), expected, rtol=0, atol=tolerance)
    torch.testing.assert_close(dense.double(), expected, rtol=0, atol=tolerance)
    torch.testing.assert_close(weights.double(), expected_weights, rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ["attend", "dense_reference"])
@pytest.mark.parametrize("causal", [False, True])
def test_a_query_without_a_visible_key_gets_zeros_and_finite_gradients(
    kind: str, causal: bool
) -> None:
    q, k, v = (x.requires_grad_() for x in random_qkv())
    padding = torch.stack([torch.ones(N, dtype=torch.bool), PADDING[1]])
    if kind == "attend":
        out = attend(q, k, v, key_padding_mask=padding, causal=causal)
    else:
        out, _ = dense_reference(q, k, v, key_padding_mask=padding, causal=causal)
    assert (out[0] == 0).all()
    assert (out[1, :, :2] == 0).all() == causal
    assert out.isfinite().all()
    out.square().sum().backward()
    for x in (q, k, v):
        assert x.grad is not None
        assert x.grad.isfinite().all()
        assert (x.grad[0] == 0).all()
        assert (x.grad[1] != 0).any()


@pytest.mark.parametrize("causal", [False, True])
def test_what_stands_at_padding_changes_nothing(causal: bool) -> None:
    q, k, v = random_qkv()
    hidden = PADDING[:, None, :, None].expand(B, H, N, D)
    other_k, other_v = (x.masked_fill(hidden, 1e6) for x in (k, v))
    before = attend(q, k, v, key_padding_mask=PADDING, causal=causal)
    after = attend(q, other_k, other_v, key_padding_mask=PADDING, causal=causal)
    assert torch.equal(before, after)


@pytest.mark.parametrize("padding", [None, PADDING], ids=["whole", "padded"])
@pytest.mark.parametrize("t", range(N))
def test_no_position_sees_a_later_one(t: int, padding: Tensor | None) -> None:
    q, k, v = random_qkv()
    other_k, other_v = k.clone(), v.clone()
    other_k[:, :, t] += 3.0
    other_v[:, :, t] -= 5.0
    before = attend(q, k, v, key_padding_mask=padding, causal=True)
    after = attend(q, other_k, other_v, key_padding_mask=padding, causal=True)
    assert torch.equal(before[:, :, :t], after[:, :, :t])
    visible = [b for b in range(B) if padding is None or not padding[b, t]]
    assert all((before[b, :, t:] != after[b, :, t:]).all() for b in visible)


def test_a_few_queries_get_what_they_get_among_all() -> None:
    q, k, v = random_qkv()
    expected, _ = by_hand(q, k, v, None, causal=True)
    positions = torch.tensor([[5, 0, 2], [3, 3, 4]])
    chosen = torch.stack([q[b][:, positions[b]] for b in range(B)])
    out = attend_from(chosen, k, v, positions)
    for b in range(B):
        torch.testing.assert_close(out[b], expected[b][:, positions[b]], rtol=0, atol=1e-12)


def test_attention_without_causality_sees_both_ways() -> None:
    q, k, v = random_qkv()
    for t in range(N):
        other = v.clone()
        other[:, :, t] += 1.0
        assert (attend(q, k, v) != attend(q, k, other)).all()


N_positions, D_positions = 40, 8


def exact(n: int, head_dim: int, base: float = 10_000.0) -> Tensor:
    """The turns as complex numbers `(n, head_dim / 2)`, by Python's own arithmetic."""
    rows = [
        [cmath.exp(1j * t * base ** (-2 * i / head_dim)) for i in range(head_dim // 2)]
        for t in range(n)
    ]
    return torch.tensor(rows, dtype=torch.complex128)


def turns(n: int = N_positions) -> tuple[Tensor, Tensor]:
    return exact(n, D_positions).real, exact(n, D_positions).imag


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("n, head_dim, base", [(256, 32, 10_000.0), (64, 6, 100.0)])
def test_the_angles_are_those_of_the_paper(n: int, head_dim: int, base: float) -> None:
    cosines, sines = rotations(n, head_dim, base=base)
    assert cosines.shape == sines.shape == (n, head_dim // 2)
    # Angles reach 255, and float32 keeps them to 255 * 2^-24, about 1.5e-5.
    expected = exact(n, head_dim, base)
    torch.testing.assert_close(cosines.double(), expected.real, rtol=0, atol=5e-5)
    torch.testing.assert_close(sines.double(), expected.imag, rtol=0, atol=5e-5)


def test_turning_is_multiplication_by_a_complex_number() -> None:
    x = random(2, 3, N_positions, D_positions)
    expected = torch.complex(x[..., : D_positions // 2], x[..., D_positions // 2 :]) * exact(
        N_positions, D_positions
    )
    torch.testing.assert_close(
        rotate(x, *turns()), torch.cat((expected.real, expected.imag), dim=-1), rtol=0, atol=1e-12
    )


def test_a_dot_product_depends_on_the_distance_alone() -> None:
    q, k = random(1, 1, 1, D_positions), random(1, 1, 1, D_positions, seed=1)
    turned_q, turned_k = (
        rotate(x.expand(1, 1, N_positions, D_positions), *turns())[0, 0] for x in (q, k)
    )
    products = turned_q @ turned_k.T  # (N, N)
    for distance in range(-N_positions + 1, N_positions):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=0, atol=1e-12)
    assert products[0].unique().numel() == N_positions


def test_lengths_are_kept() -> None:
    x = random(2, 3, N_positions, D_positions)
    torch.testing.assert_close(rotate(x, *turns()).norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(rotate(x, *turns())[:, :, 0], x[:, :, 0], rtol=0, atol=0)


def test_the_package_s_own_turns_show_distances_too() -> None:
    q, k = random(1, 1, 1, D_positions).float(), random(1, 1, 1, D_positions, seed=1).float()
    own = rotations(N_positions, D_positions)
    products = (
        rotate(q.expand(1, 1, N_positions, D_positions), *own)
        @ rotate(k.expand(1, 1, N_positions, D_positions), *own).mT
    )
    for distance in range(-N_positions + 1, N_positions):
        diagonal = products[0, 0].diagonal(distance)
        assert diagonal.max() - diagonal.min() < 1e-4


B_multihead, H_multihead, N_multihead, D_multihead = 2, 3, 5, 4


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_head_is_a_run_of_columns() -> None:
    x = drawn(B_multihead, N_multihead, H_multihead * D_multihead)
    heads = split_heads(x, H_multihead)
    assert heads.shape == (B_multihead, H_multihead, N_multihead, D_multihead)
    for head in range(H_multihead):
        assert torch.equal(heads[:, head], x[:, :, head * D_multihead : (head + 1) * D_multihead])
    assert torch.equal(merge_heads(heads), x)


def test_queries_and_keys_are_turned_and_values_are_not() -> None:
    parts, turns = (
        [
            drawn(B_multihead, N_multihead, H_multihead * D_multihead, seed=seed)
            for seed in range(3)
        ],
        rotations(N_multihead, D_multihead),
    )
    q, k, v = queries_keys_values(parts, H_multihead, turns)
    plain = [split_heads(part, H_multihead) for part in parts]
    assert all(map(torch.equal, queries_keys_values(parts, H_multihead), plain))
    assert torch.equal(q, rotate(plain[0], *turns)) and torch.equal(k, rotate(plain[1], *turns))
    assert torch.equal(v, plain[2])


@pytest.mark.parametrize("std", [None, 0.3])
@pytest.mark.parametrize("bias", [False, True])
def test_a_linear_layer_is_drawn_from_its_generator_alone(bias: bool, std: float | None) -> None:
    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(7)
    first, second = (linear(64, 96, generator, std=std, bias=bias) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    again = torch.Generator().manual_seed(7)
    for layer in (first, second):
        weights = torch.empty(96, 64).normal_(std=std or 1 / 8, generator=again)
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
        SelfAttention(16, 2, attend, torch.Generator().manual_seed(3), key_bias=False),
        LinformerSelfAttention(16, mixing, torch.Generator().manual_seed(3)),
        SelfAttention(16, 2, BigBird(pattern), torch.Generator().manual_seed(3)),
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
        SelfAttention(16, 3, BigBird(BlockPattern(4, 3, 0, 0)), generator)
    with pytest.raises(UserError, match="width 16 does not divide into 3 heads"):
        LinformerSelfAttention(16, Linformer(LinformerConfig(8, 4), 3), generator)
