"""What surrounds every multi-head attention: its projections, the cut into heads, and back.

Vaswani et al. (2017), section 3.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from nlp4.errors import UserError
from nlp4.positions import rotate


@torch.random.fork_rng(devices=[])  # torch's layers draw weights too, only to be overwritten
def linear(
    inputs: int, outputs: int, generator: torch.Generator, *, bias: bool = True
) -> nn.Linear:
    """A linear layer with weights N(0, 1 / inputs), drawn from `generator`, and biases 0."""
    made = nn.Linear(inputs, outputs, bias=bias)
    nn.init.normal_(made.weight, std=inputs**-0.5, generator=generator)
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
    parts: Iterable[Tensor], heads: int, turns: tuple[Tensor, Tensor] | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Three tensors `(B, H, n, d)` from three `(B, n, H * d)`: queries, keys and values.

    `turns` are rotary cosines and sines for queries and keys, see `positions`.
    """
    q, k, v = (split_heads(part, heads) for part in parts)
    if turns is not None:
        q, k = rotate(q, *turns), rotate(k, *turns)
    return q, k, v
