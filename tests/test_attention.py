"""Full attention against the formula, written out number by number."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nlp4.attention import attend, attend_from, dense_reference

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
