"""Rotary positions: only distances show, and lengths stay as they are."""

from __future__ import annotations

import cmath

import pytest
import torch
from torch import Tensor

from nlp4.positions import rotate, rotations

N, D = 40, 8


def exact(n: int, head_dim: int, base: float = 10_000.0) -> Tensor:
    """The turns as complex numbers `(n, head_dim / 2)`, by Python's own arithmetic."""
    rows = [
        [cmath.exp(1j * t * base ** (-2 * i / head_dim)) for i in range(head_dim // 2)]
        for t in range(n)
    ]
    return torch.tensor(rows, dtype=torch.complex128)


def turns(n: int = N) -> tuple[Tensor, Tensor]:
    return exact(n, D).real, exact(n, D).imag


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
    x = random(2, 3, N, D)
    expected = torch.complex(x[..., : D // 2], x[..., D // 2 :]) * exact(N, D)
    torch.testing.assert_close(
        rotate(x, *turns()), torch.cat((expected.real, expected.imag), dim=-1), rtol=0, atol=1e-12
    )


def test_a_dot_product_depends_on_the_distance_alone() -> None:
    q, k = random(1, 1, 1, D), random(1, 1, 1, D, seed=1)
    turned_q, turned_k = (rotate(x.expand(1, 1, N, D), *turns())[0, 0] for x in (q, k))
    products = turned_q @ turned_k.T  # (N, N)
    for distance in range(-N + 1, N):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=0, atol=1e-12)
    assert products[0].unique().numel() == N


def test_lengths_are_kept() -> None:
    x = random(2, 3, N, D)
    torch.testing.assert_close(rotate(x, *turns()).norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(rotate(x, *turns())[:, :, 0], x[:, :, 0], rtol=0, atol=0)


def test_the_package_s_own_turns_show_distances_too() -> None:
    q, k = random(1, 1, 1, D).float(), random(1, 1, 1, D, seed=1).float()
    own = rotations(N, D)
    products = rotate(q.expand(1, 1, N, D), *own) @ rotate(k.expand(1, 1, N, D), *own).mT
    for distance in range(-N + 1, N):
        diagonal = products[0, 0].diagonal(distance)
        assert diagonal.max() - diagonal.min() < 1e-4
