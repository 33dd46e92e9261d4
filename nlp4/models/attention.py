"""Full softmax attention, and what surrounds every attention with several heads.

Every kind of attention here answers one call, `attend(q, k, v, *, key_padding_mask, causal)`,
on tensors `(batch, heads, n, head_dim)`, so a model takes any of them. Vaswani et al. (2017); where
a token stands is told by turning queries and keys (Su et al. 2021, RoFormer).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.support.errors import UserError

Turns = tuple[Tensor, Tensor]  # rotary cosines and sines, each (n, head_dim / 2)


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
    q: Tensor, k: Tensor, v: Tensor, *, key_padding_mask: Tensor | None = None, causal: bool = False
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
    q: Tensor, k: Tensor, v: Tensor, *, key_padding_mask: Tensor | None = None, causal: bool = False
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


def rotations(n: int, head_dim: int, *, base: float = 10_000.0) -> tuple[Tensor, Tensor]:
    """Cosines and sines `(n, head_dim / 2)` of the angles `position * base^(-2i / head_dim)`."""
    frequency = base ** -(torch.arange(0, head_dim, 2).float() / head_dim)
    angles = torch.outer(torch.arange(n).float(), frequency)  # (n, head_dim / 2)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn each pair `(x_i, x_{i + d/2})` by its position's angle.

    Shapes: x `(B, H, n, d)` with d even; cosines and sines `(n, d / 2)`, or `(B, 1, n, d / 2)`
    where rows stand at different positions. A dot product of two turned vectors depends on the
    distance of their positions alone (eq. 16).
    """
    left, right = x.chunk(2, dim=-1)  # each (B, H, n, d / 2)
    return torch.cat((left * cosines - right * sines, left * sines + right * cosines), dim=-1)


@torch.random.fork_rng(devices=[])  # torch's layers draw weights too, only to be overwritten
def linear(
    inputs: int,
    outputs: int,
    generator: torch.Generator,
    *,
    std: float | None = None,
    bias: bool = True,
) -> nn.Linear:
    """A linear layer with weights N(0, std^2), drawn from `generator`, and biases 0.

    `std` is by default 1 / sqrt(inputs).
    """
    made = nn.Linear(inputs, outputs, bias=bias)
    nn.init.normal_(made.weight, std=inputs**-0.5 if std is None else std, generator=generator)
    if bias:
        nn.init.zeros_(made.bias)
    return made


def require_whole_heads(width: int, heads: int) -> None:
    """Raise UserError if `width` does not divide into `heads`."""
    if width % heads:
        raise UserError(f"width {width} does not divide into {heads} heads")


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Cut `(B, n, H * d)` into `(B, H, n, d)`."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """Join `(B, H, n, d)` to `(B, n, H * d)`."""
    return x.transpose(1, 2).flatten(2)


def queries_keys_values(
    parts: Iterable[Tensor], heads: int, turns: Turns | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Three tensors `(B, H, n, d)` from three `(B, n, H * d)`: queries, keys and values.

    `turns` are rotary cosines and sines by which queries and keys are turned, see `rotate`.
    """
    q, k, v = (split_heads(part, heads) for part in parts)
    if turns is not None:
        q, k = rotate(q, *turns), rotate(k, *turns)
    return q, k, v


class SelfAttention(nn.Module):
    """Multi-head self-attention: maps into heads, any `Attend` between them, and a map back.

    One map `qkv` makes queries, keys and values, with a bias. Where `key_bias` is False, keys and
    values come from a map `kv` without one, which a Linformer that projects first needs. Weights
    are drawn by `linear`, with `std` or, in the map back, `out_std`.

    Raises UserError if `width` does not divide into `heads`.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        attention: Attend,
        generator: torch.Generator,
        *,
        key_bias: bool = True,
        std: float | None = None,
        out_std: float | None = None,
    ) -> None:
        super().__init__()
        require_whole_heads(width, heads)
        self.heads, self.key_bias, self.attention = heads, key_bias, attention
        if key_bias:
            self.qkv = linear(width, 3 * width, generator, std=std)
        else:
            self.q = linear(width, width, generator, std=std)
            self.kv = linear(width, 2 * width, generator, std=std, bias=False)
        self.out = linear(width, width, generator, std=out_std)

    def queries_keys_values(self, x: Tensor, turns: Turns | None) -> tuple[Tensor, Tensor, Tensor]:
        """Three tensors `(B, H, n, d)` from `(B, n, width)`."""
        if self.key_bias:
            parts = self.qkv(x).chunk(3, dim=-1)
        else:
            parts = self.q(x), *self.kv(x).chunk(2, dim=-1)
        return queries_keys_values(parts, self.heads, turns)

    def forward(
        self,
        x: Tensor,
        turns: Turns | None = None,
        *,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """`(B, n, width)` to the same; `turns` are rotary cosines and sines, see `rotations`."""
        q, k, v = self.queries_keys_values(x, turns)
        mixed = self.attention(q, k, v, key_padding_mask=key_padding_mask, causal=causal)
        return self.out(merge_heads(mixed))
