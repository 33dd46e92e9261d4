"""Tests of `nlp4.models.block_sparse`."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from attending import (
    PATTERNS,
    WHOLE,
    B,
    D,
    H,
    largest_tensor,
    random_qkv,
    some_padding,
    with_gradients,
)
from torch import Tensor

from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import block_sparse
from nlp4.models import block_sparse as attention_kernel
from nlp4.models.bigbird import attend, dense_reference
from nlp4.models.block_sparse import FlashKernel, Kernel, PublicKernel, best_kernel, make_plan

LENGTHS = [1, 3, 4, 7, 16, 37, 48]  # a part of a block, whole blocks, neither; shorter, longer
KERNELS = [
    pytest.param(PublicKernel(), id="public"),
    pytest.param(
        FlashKernel(),
        id="flash",
        marks=pytest.mark.skipif(
            not block_sparse.flash_is_available(torch.device("cpu")),
            reason="this torch has no private kernel for CPUs",
        ),
    ),
]


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_sparse, "TILE_BYTES", 2**12)


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
def test_output_and_gradients_equal_the_dense_reference(
    pattern: BlockPattern, causal: bool, padded: bool, n: int, small_tiles: None
) -> None:
    *qkv, grad = random_qkv(n)
    padding = some_padding(n) if padded else None
    options = {"key_padding_mask": padding, "causal": causal}
    expected = with_gradients(
        lambda q, k, v: dense_reference(q, k, v, pattern, **options)[0], qkv, grad
    )
    for kernel in (best_kernel(torch.device("cpu")), PublicKernel()):
        found = with_gradients(
            lambda q, k, v, kernel=kernel: attend(q, k, v, pattern, **options, kernel=kernel),
            qkv,
            grad,
        )
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("pattern", [WHOLE, PATTERNS["random per head"]])
def test_gradcheck(pattern: BlockPattern, causal: bool, kernel: Kernel) -> None:
    *qkv, _ = random_qkv(18, batch=1)
    padding = torch.zeros(1, 18, dtype=torch.bool)
    padding[0, 3:7] = True

    def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(q, k, v, pattern, key_padding_mask=padding, causal=causal, kernel=kernel)

    assert torch.autograd.gradcheck(run, [x.requires_grad_() for x in qkv], fast_mode=True)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
def test_what_stands_at_padding_changes_nothing(kernel: Kernel, causal: bool) -> None:
    n = 37
    *qkv, grad = random_qkv(n)
    padding = some_padding(n)
    hidden = padding[:, None, :, None].expand(B, H, n, D)
    other = [qkv[0], *(x.masked_fill(hidden, 1e6) for x in qkv[1:])]

    def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(q, k, v, WHOLE, key_padding_mask=padding, causal=causal, kernel=kernel)

    for a, b in zip(with_gradients(run, qkv, grad), with_gradients(run, other, grad), strict=True):
        assert torch.equal(a, b)
    _, _, *padded_grads = with_gradients(run, qkv, grad)
    assert all((g[hidden] == 0).all() for g in padded_grads)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_query_without_a_visible_key_gets_zeros_and_finite_gradients(
    kernel: Kernel, causal: bool, dtype: torch.dtype
) -> None:
    n = 37
    q, k, v, grad = random_qkv(n, dtype=dtype)
    padding = torch.ones(B, n, dtype=torch.bool)
    padding[1, 8:12] = False  # one block of the second sequence can be seen
    options = {"key_padding_mask": padding, "causal": causal}
    found = with_gradients(
        lambda q, k, v: attend(q, k, v, WHOLE, **options, kernel=kernel), [q, k, v], grad
    )
    dense, weights = dense_reference(q, k, v, WHOLE, **options)
    blind = weights.sum(-1) == 0
    assert blind[0].all() and blind[1].any() and not blind[1].all()
    assert (found[0][blind] == 0).all() and (dense[blind] == 0).all()
    assert (found[0][~blind] != 0).all()
    assert all(x.isfinite().all() for x in found)
    assert all((x[0] == 0).all() for x in found)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
@pytest.mark.parametrize("name", ["all three", "per head", "random", "global"])
def test_no_n_by_n_tensor_is_ever_made(
    name: str, causal: bool, padded: bool, kernel: Kernel
) -> None:
    pattern = replace(PATTERNS[name], block=16)

    def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        padding = some_padding(q.shape[2], batch=1) if padded else None
        return attend(q, k, v, pattern, key_padding_mask=padding, causal=causal, kernel=kernel)

    sizes = [largest_tensor(run, n) for n in (2040, 4080)]
    assert sizes[0] < 2040**2 / 4
    assert sizes[1] <= 2.1 * sizes[0]


def test_full_rows_are_not_copied_wherever_they_stand() -> None:
    plan = make_plan(WHOLE, 24, heads=H, causal=False, ragged=False)
    whole = [group.rows.tolist() for group in plan.groups if group.whole]
    assert whole == [list(range(WHOLE.global_))] and not plan.full
    assert len(plan.groups) == 3  # the second row and the last one see a block less
    nearly = BlockPattern(4, window=3, global_=2, random=3)
    plan = make_plan(nearly, 8, heads=H, causal=False, ragged=False)
    assert [group.rows.tolist() for group in plan.groups] == [[0, 1, 3, 4, 5, 6], [2, 7]]
    assert not any(g.whole for g in make_plan(WHOLE, 24, heads=H, causal=True, ragged=False).groups)


@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
def test_a_plan_says_whether_every_row_sees_all_it_may(causal: bool) -> None:
    for n_blocks in range(1, 12):
        for pattern in (WHOLE, replace(WHOLE, per_head=True), BlockPattern(4, 1, 0, 99)):
            plan = make_plan(pattern, n_blocks, heads=H, causal=causal, ragged=False)
            assert plan.full == (pattern.density(n_blocks, causal=causal) == 1)


def test_the_private_kernel_is_used_only_where_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(best_kernel(torch.device("cuda")), PublicKernel)
    monkeypatch.setattr(attention_kernel, "hasattr", lambda *_: False, raising=False)
    assert isinstance(best_kernel(torch.device("cpu")), PublicKernel)
