"""Muon: orthogonal updates against the SVD, and whole steps against torch's own Muon."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from nlp4.training.muon import Muon, orthogonalise

SHAPES = [(16, 16), (8, 24), (24, 8), (40, 12)]


def with_known_parts(shape: tuple[int, int], seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """A random full-rank matrix with singular values of 0.1 to 1, and its singular vectors."""
    generator = torch.Generator().manual_seed(seed)
    u, _, vt = torch.linalg.svd(
        torch.randn(shape, generator=generator, dtype=torch.float64), full_matrices=False
    )
    values = torch.linspace(0.1, 1.0, min(shape), dtype=torch.float64)
    return u @ values.diag() @ vt, u, vt


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1e-4, 1.0, 1e4])
def test_singular_values_move_to_one_and_singular_vectors_stay(
    shape: tuple[int, int], size: float
) -> None:
    matrix, u, vt = with_known_parts(shape)
    found = u.mT @ orthogonalise(matrix * size) @ vt.mT
    values = found.diagonal()
    assert values.min() > 0.6
    assert values.max() < 1.3
    torch.testing.assert_close(found, values.diag(), rtol=0, atol=1e-9)
    # So it lies near the polar factor u @ vt, in every direction.
    assert torch.linalg.matrix_norm(orthogonalise(matrix * size) - u @ vt, 2) < 0.4


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stack_is_worked_matrix_by_matrix(shape: tuple[int, int]) -> None:
    matrices = [with_known_parts(shape, seed)[0] for seed in range(3)]
    stacked = orthogonalise(torch.stack(matrices))
    for found, matrix in zip(stacked, matrices, strict=True):
        torch.testing.assert_close(found, orthogonalise(matrix))


def test_nothing_comes_of_nothing() -> None:
    assert (orthogonalise(torch.zeros(3, 5)) == 0).all()


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="torch has Muon from 2.9 on")
def test_steps_equal_those_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    # torch rounds to bfloat16 inside; without that the two must agree to the last digits.
    monkeypatch.setattr(Tensor, "bfloat16", Tensor.clone)
    start = [with_known_parts(shape, seed)[0] for seed, shape in enumerate([*SHAPES, (8, 24)])]
    ours, theirs = ([torch.nn.Parameter(x.clone()) for x in start] for _ in range(2))
    options = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.2}
    optimisers = Muon(ours, **options), torch.optim.Muon(theirs, **options)
    for step in range(4):
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            a.grad = with_known_parts(tuple(a.shape), 100 * step + i)[0]
            b.grad = a.grad.clone()
        for optimiser in optimisers:
            optimiser.step()
        for a, b in zip(ours, theirs, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-6)
    assert all((a - x).norm() > 0.3 for a, x in zip(ours, start, strict=True))


@pytest.mark.parametrize("shape, scale", [((24, 6), 2.0), ((6, 24), 1.0), ((9, 9), 1.0)])
def test_a_tall_matrix_moves_farther(shape: tuple[int, int], scale: float) -> None:
    p = torch.nn.Parameter(torch.zeros(shape, dtype=torch.float64))
    p.grad, u, vt = with_known_parts(shape)
    Muon([p], lr=0.1).step()
    moved = -(u.mT @ p.detach() @ vt.mT).diagonal() / 0.1
    assert (moved > 0.6 * scale).all()
    assert (moved < 1.3 * scale).all()


def test_decay_shrinks_what_the_gradient_does_not_move() -> None:
    p = torch.nn.Parameter(torch.eye(3))
    p.grad = torch.zeros(3, 3)
    Muon([p], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(p.detach(), 0.95 * torch.eye(3))


def test_a_matrix_without_a_gradient_stays() -> None:
    p, still = (torch.nn.Parameter(torch.ones(2, 2)) for _ in range(2))
    p.grad = torch.eye(2)
    Muon([p, still], weight_decay=0.5).step()
    assert (still == 1).all()
    assert (p != 1).any()


def test_a_saved_state_goes_on_as_if_never_stopped() -> None:
    def run(optimiser: Muon, p: torch.nn.Parameter, seeds: range) -> None:
        for seed in seeds:
            p.grad = with_known_parts((8, 24), seed)[0]
            optimiser.step()

    p = torch.nn.Parameter(with_known_parts((8, 24))[0])
    whole = Muon([p])
    run(whole, p, range(3))
    other = torch.nn.Parameter(p.detach().clone())
    resumed = Muon([other])
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))  # as a file would hold it
    run(resumed, other, range(3, 5))
    run(whole, p, range(3, 5))
    assert torch.equal(p, other)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), ()])
def test_anything_but_a_matrix_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="give the rest to AdamW"):
        Muon([torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(shape))])
