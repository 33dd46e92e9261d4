"""Tests of `nlp4.models.bigbird`."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from attending import (
    BLOCK,
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
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import attention
from nlp4.models.attention import SelfAttention, rotations
from nlp4.models.bigbird import BigBird, attend, dense_reference
from nlp4.models.block_sparse import PublicKernel, make_plan
from nlp4.models.gpt import GPT, Block, ModelConfig
from nlp4.support.errors import UserError


def test_the_dense_reference_is_full_attention_under_the_mask() -> None:
    n, pattern = 11, replace(WHOLE, per_head=True)
    q, k, v, _ = random_qkv(n)
    for causal in (False, True):
        out, weights = dense_reference(q, k, v, pattern, causal=causal)
        for b in range(B):
            for h in range(H):
                mask = pattern.mask(n, causal=causal, head=h)
                for i in range(n):
                    seen = np.flatnonzero(mask[i])
                    exps = (k[b, h, seen] @ q[b, h, i] / D**0.5).exp()
                    shares = exps / exps.sum()
                    torch.testing.assert_close(weights[b, h, i, seen], shares)
                    torch.testing.assert_close(out[b, h, i], shares @ v[b, h, seen])


def test_a_full_pattern_is_full_attention_by_either_path() -> None:
    pattern = BlockPattern(BLOCK, window=3, global_=1, random=99)
    *qkv, grad = random_qkv(37)
    for causal in (False, True):
        for padding in (None, some_padding(37)):
            options = {"key_padding_mask": padding, "causal": causal}
            expected = with_gradients(
                lambda q, k, v, options=options: attention.attend(q, k, v, **options), qkv, grad
            )
            found = with_gradients(
                lambda q, k, v, options=options: attend(q, k, v, pattern, **options), qkv, grad
            )
            for a, b in zip(found, expected, strict=True):
                torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("causal", [False, True], ids=["both ways", "causal"])
@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
def test_a_query_hears_of_exactly_the_keys_in_the_pattern(
    pattern: BlockPattern, causal: bool
) -> None:
    n = 37
    q, k, v, _ = random_qkv(n, batch=1)
    before = attend(q, k, v, pattern, causal=causal)
    heard = np.zeros((H, n, n), dtype=bool)
    for j in range(n):
        other_k, other_v = k.clone(), v.clone()
        other_k[:, :, j] += 1.0
        other_v[:, :, j] += 1.0
        after = attend(q, other_k, other_v, pattern, causal=causal)
        heard[:, :, j] = (before != after).any(-1)[0].numpy()
    expected = [pattern.mask(n, causal=causal, head=h) for h in range(H)]
    assert (heard == np.stack(expected)).all()
    if causal:
        assert not np.triu(heard, 1).any()


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
def test_a_causal_output_has_no_gradient_from_later_positions(
    pattern: BlockPattern, padded: bool
) -> None:
    n = 23
    q, k, v, _ = (x.requires_grad_() for x in random_qkv(n))
    padding = some_padding(n) if padded else None
    out = attend(q, k, v, pattern, key_padding_mask=padding, causal=True)
    for t in range(n):
        grads = torch.autograd.grad(out[:, :, t].sum(), (q, k, v), retain_graph=True)
        assert all((grad[:, :, t + 1 :] == 0).all() for grad in grads)


@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
def test_a_causal_text_reads_the_same_when_it_goes_on(padded: bool) -> None:
    q, k, v, _ = random_qkv(48)
    padding = some_padding(48) if padded else None
    whole = attend(q, k, v, WHOLE, key_padding_mask=padding, causal=True)
    for n in range(1, 48):
        cut = None if padding is None else padding[:, :n]
        part = attend(*(x[:, :, :n] for x in (q, k, v)), WHOLE, key_padding_mask=cut, causal=True)
        torch.testing.assert_close(part, whole[:, :, :n], rtol=0, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_no_mask_and_an_empty_mask_are_the_same(causal: bool) -> None:
    q, k, v, _ = random_qkv(37)
    empty = torch.zeros(B, 37, dtype=torch.bool)
    a = attend(q, k, v, WHOLE, causal=causal)
    b = attend(q, k, v, WHOLE, key_padding_mask=empty, causal=causal)
    torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_a_batch_is_worked_sequence_by_sequence_from_any_layout(causal: bool) -> None:
    q, k, v, _ = random_qkv(37, batch=3)
    padding = some_padding(37, batch=3)
    whole = attend(q, k, v, WHOLE, key_padding_mask=padding, causal=causal)
    as_models_have_it = [x.transpose(1, 2).contiguous().transpose(1, 2) for x in (q, k, v)]
    other = attend(*as_models_have_it, WHOLE, key_padding_mask=padding, causal=causal)
    torch.testing.assert_close(whole, other, rtol=0, atol=1e-12)
    for b in range(3):
        one = slice(b, b + 1)
        alone = attend(q[one], k[one], v[one], WHOLE, key_padding_mask=padding[one], causal=causal)
        torch.testing.assert_close(whole[one], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_single_and_half_precision_stay_near(causal: bool) -> None:
    n = 150
    *qkv, grad = random_qkv(n)
    padding = some_padding(n)

    def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(q, k, v, WHOLE, key_padding_mask=padding, causal=causal)

    exact = with_gradients(run, qkv, grad)
    for dtype, tolerance in ((torch.float32, 1e-5), (torch.bfloat16, 0.08)):
        near = with_gradients(run, [x.to(dtype) for x in qkv], grad.to(dtype))
        for a, b in zip(near, exact, strict=True):
            assert a.dtype == dtype
            torch.testing.assert_close(a.double(), b, rtol=tolerance, atol=tolerance)


def test_the_watch_sees_an_n_by_n_tensor() -> None:
    assert largest_tensor(lambda q, k, v: dense_reference(q, k, v, WHOLE)[0], 512) >= 512**2


def test_an_edge_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # The keys that the kernel is given, counted: no block twice, none that the pattern lacks.
    given: list[Tensor] = []

    class Counting(PublicKernel):
        def forward(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Any:
            given.append(k[:, 0, :, 0])
            return super().forward(q, k, v, mask)

    n_blocks, pattern = 24, replace(WHOLE, block=BLOCK)
    n = n_blocks * BLOCK
    numbers = torch.arange(n).double()[None, None, :, None].expand(1, 1, n, D)
    attend(numbers, numbers, numbers, pattern, kernel=Counting())
    rows = [row[::BLOCK].div(BLOCK).long().tolist() for keys in given for row in keys]
    expected = [blocks.tolist() for blocks in pattern.rows(n_blocks)]
    del expected[: pattern.global_ - 1]  # rows that see all are one call
    assert sorted(rows) == sorted(expected)


def test_it_works_on_the_slow_public_path_of_torch_too() -> None:
    *qkv, grad = random_qkv(37)

    def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(q, k, v, WHOLE, kernel=PublicKernel())

    expected = with_gradients(run, qkv, grad)
    with sdpa_kernel(SDPBackend.MATH):
        found = with_gradients(run, qkv, grad)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-11)


def test_random_state_and_inputs_are_left_alone() -> None:
    *qkv, grad = random_qkv(37)
    copies = [x.clone() for x in qkv]
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    make_plan.cache_clear()
    with_gradients(lambda q, k, v: attend(q, k, v, WHOLE), qkv, grad)
    SelfAttention(8, 2, BigBird(WHOLE), torch.Generator().manual_seed(0))
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])
    assert all(map(torch.equal, qkv, copies))


def test_inference_mode_leaves_nothing_behind_that_training_trips_over() -> None:
    make_plan.cache_clear()
    *qkv, grad = random_qkv(37)
    with torch.inference_mode():
        quiet = attend(*qkv, WHOLE)
    found = with_gradients(lambda q, k, v: attend(q, k, v, WHOLE), qkv, grad)
    assert torch.equal(quiet, found[0])


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_gradient_for_one_input_alone(part: int) -> None:
    *qkv, grad = random_qkv(37)
    expected = with_gradients(lambda q, k, v: dense_reference(q, k, v, WHOLE)[0], qkv, grad)
    qkv[part].requires_grad_()
    (found,) = torch.autograd.grad(attend(*qkv, WHOLE), qkv[part], grad)
    torch.testing.assert_close(found, expected[part + 1], rtol=0, atol=1e-11)


def test_mistakes_are_named() -> None:
    q, k, v, _ = random_qkv(8)
    with pytest.raises(UserError, match="one shape"):
        attend(q, k[:, :, :4], v, WHOLE)
    with pytest.raises(UserError, match=r"must have shape \(2, 8\), not \(2, 7\)"):
        attend(q, k, v, WHOLE, key_padding_mask=torch.zeros(2, 7, dtype=torch.bool))
    with pytest.raises(UserError, match="width 10 does not divide into 4 heads"):
        SelfAttention(10, 4, BigBird(WHOLE), torch.Generator())


# The module, and the models that take it.

CONFIG = ModelConfig(vocabulary_size=11, block=32, layers=2, heads=H, width=8, dropout=0.0)


def test_the_module_is_attention_between_two_linear_maps() -> None:
    module = SelfAttention(8, H, BigBird(WHOLE), torch.Generator().manual_seed(0)).double()
    nn.init.normal_(module.qkv.bias, generator=torch.Generator().manual_seed(1))
    x = torch.randn(B, 21, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    padding = some_padding(21)
    for causal in (False, True):
        q, k, v = (
            (x @ w.T + b).reshape(B, 21, H, 4).transpose(1, 2)
            for w, b in zip(module.qkv.weight.chunk(3), module.qkv.bias.chunk(3), strict=True)
        )
        mixed, _ = dense_reference(q, k, v, WHOLE, key_padding_mask=padding, causal=causal)
        expected = mixed.transpose(1, 2).reshape(B, 21, 8) @ module.out.weight.T + module.out.bias
        torch.testing.assert_close(module(x, key_padding_mask=padding, causal=causal), expected)


@pytest.mark.parametrize("turned", [False, True])
def test_the_module_takes_the_place_of_the_models_own(turned: bool) -> None:
    block = Block(replace(CONFIG, attention=WHOLE), torch.Generator()).double()
    own, ours = block.attention, SelfAttention(8, H, BigBird(WHOLE), torch.Generator()).double()
    ours.load_state_dict(own.state_dict())
    x = torch.randn(B, 21, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    cosines, sines = rotations(21, 4)
    turns = (cosines.double(), sines.double()) if turned else None
    mixed = ours(block.norm_1(x), turns, causal=True)
    torch.testing.assert_close(own(block.norm_1(x), turns, causal=True), mixed)
    block.down.weight.data.zero_()  # the perceptron adds nothing
    torch.testing.assert_close(block(x, turns), x + mixed)


def test_weights_come_from_the_generator() -> None:
    first, again = (
        SelfAttention(64, 4, BigBird(WHOLE), torch.Generator().manual_seed(3)) for _ in range(2)
    )
    other = SelfAttention(64, 4, BigBird(WHOLE), torch.Generator().manual_seed(4))
    assert torch.equal(first.qkv.weight, again.qkv.weight)
    assert not torch.equal(first.qkv.weight, other.qkv.weight)
    assert first.qkv.weight.std().item() == pytest.approx(1 / 8, rel=0.05)


def test_a_gpt_takes_bigbird_and_leaks_nothing() -> None:
    model = GPT(replace(CONFIG, attention=WHOLE), torch.Generator().manual_seed(0))
    ids = torch.randint(11, (2, 30), generator=torch.Generator().manual_seed(1))
    before = model(ids)
    for t in (1, 13, 29):
        other = ids.clone()
        other[:, t] = (other[:, t] + 1) % 11
        after = model(other)
        assert torch.equal(before[:, :t], after[:, :t])
        assert not torch.equal(before[:, t:], after[:, t:])
    model.loss(ids[:, :-1], ids[:, 1:]).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_a_gpt_with_a_full_pattern_equals_the_gpt() -> None:
    full = BlockPattern(BLOCK, window=3, global_=0, random=99)
    models = [
        GPT(replace(CONFIG, attention=pattern), torch.Generator().manual_seed(0))
        for pattern in (None, full)
    ]
    ids = torch.randint(11, (2, 30), generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(models[0](ids), models[1](ids))


def test_training_and_evaluation_see_the_same() -> None:
    module = SelfAttention(8, H, BigBird(WHOLE), torch.Generator().manual_seed(0))
    x = torch.randn(B, 37, 8, generator=torch.Generator().manual_seed(2))
    assert torch.equal(module.train()(x), module.eval()(x))
    assert torch.equal(module(x), module(x))
