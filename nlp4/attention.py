"""Full softmax attention, and the slow float-by-float reference that it is checked against.

Every kind of attention here answers one call, `attend(q, k, v, *, key_padding_mask, causal)`,
on tensors `(batch, heads, n, head_dim)`, so a model takes any of them.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


class Attend(Protocol):
    """The one call that a model makes of its attention."""

    def __call__(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Return `(B, H, n, d)`: for each query, an average of the values it may see.

        Shapes: q, k, v `(B, H, n, d)`; `key_padding_mask` `(B, n)`, True where a key is padding.
        """
        ...


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    key_padding_mask: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    """softmax(q k^T / sqrt(d)) v over every visible key (Vaswani et al. 2017, eq. 1).

    Shapes: q, k, v and the result `(B, H, n, d)`; `key_padding_mask` `(B, n)`, True at padding.
    A query with no visible key gets zeros.
    """
    if key_padding_mask is None:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    visible = _visible(q.shape[-2], key_padding_mask, causal)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=visible)
    return torch.where(visible.any(-1, keepdim=True), out, 0.0)


def attend_from(q: Tensor, k: Tensor, v: Tensor, positions: Tensor) -> Tensor:
    """Causal attention of a few queries: row `q[b, :, i]` stands at `positions[b, i]`.

    Shapes: q and the result `(B, H, m, d)`, k and v `(B, H, n, d)`, positions `(B, m)`. Equal to
    those rows of `attend(..., causal=True)`, at m/n of the cost.
    """
    seen = torch.arange(k.shape[2], device=k.device) <= positions[..., None]  # (B, m, n)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None])


def dense_reference(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    key_padding_mask: Tensor | None = None,
    causal: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return the output and the weights `(B, H, n, n)`, computed as the formula reads.

    For looking and for testing: it holds the whole matrix that `attend` never stores.
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, n, n)
    padding = (
        torch.zeros(k.shape[0], k.shape[2], dtype=torch.bool, device=k.device)
        if key_padding_mask is None
        else key_padding_mask
    )
    visible = _visible(q.shape[-2], padding, causal)
    weights = scores.masked_fill(~visible, -math.inf).softmax(-1)
    weights = torch.where(visible.any(-1, keepdim=True), weights, 0.0)  # no key: 0, not NaN
    return weights @ v, weights


def _visible(n: int, key_padding_mask: Tensor, causal: bool) -> Tensor:
    """Which key `j` each query `i` may see: boolean `(B, 1, n or 1, n)`."""
    visible = ~key_padding_mask[:, None, None, :]  # (B, 1, 1, n)
    if causal:
        ones = torch.ones(n, n, dtype=torch.bool, device=key_padding_mask.device)
        visible = visible & ones.tril()  # (B, 1, n, n)
    return visible
