"""Where a token stands, told by turning queries and keys (Su et al. 2021, RoFormer)."""

from __future__ import annotations

import torch
from torch import Tensor


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
