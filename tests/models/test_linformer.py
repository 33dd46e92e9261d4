"""Linformer's fast orders against equation 7 in float64, and its limits said aloud."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from attending import with_gradients
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nlp4.models import attention
from nlp4.models.attention import rotate, rotations
from nlp4.models.gpt import ModelConfig
from nlp4.models.linformer import (
    Linformer,
    LinformerConfig,
    LinformerSelfAttention,
    dense_reference,
    linformers,
)
from nlp4.support.errors import UserError

B, H, D = 3, 2, 4
LONGEST, K = 20, 6
SHARES = ["none", "headwise", "key-value", "layerwise"]
PROJECTIONS = ["learned", "mean", "gaussian"]
CONFIGS = [
    LinformerConfig(LONGEST, K, share, projection)
    for share, projection in itertools.product(SHARES, PROJECTIONS)
]
CONFIG_IDS = [f"{config.share} {config.projection}" for config in CONFIGS]


def random_qkv(n: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Any:
    generator = torch.Generator().manual_seed(seed)
    tensors = torch.randn(4, B, H, n, D, generator=generator, dtype=torch.float64).to(dtype)
    return [x.clone() for x in tensors]  # q, k, v and a gradient for the output


def some_padding(n: int) -> Tensor:
    """None in the first sequence, some in the second, all in the third."""
    mask = torch.zeros(B, n, dtype=torch.bool)
    mask[1, : n // 4] = mask[1, n - n // 3 :] = True
    mask[2] = True
    return mask


def by_hand(
    q: Tensor, k: Tensor, v: Tensor, e: Tensor, f: Tensor, padding: Tensor | None
) -> Tensor:
    """Equation 7 by loops over single queries, without a batch or a mask in sight."""
    out = torch.zeros_like(q)
    for b, h in itertools.product(range(q.shape[0]), range(q.shape[1])):
        kept = [j for j in range(k.shape[2]) if padding is None or not padding[b, j]]
        keys = e[h % len(e)][:, kept] @ k[b, h, kept]
        values = f[h % len(f)][:, kept] @ v[b, h, kept]
        for i in range(q.shape[2]):
            exps = (keys @ q[b, h, i] / math.sqrt(q.shape[-1])).exp()
            out[b, h, i] = exps @ values / exps.sum()
    return out


@pytest.mark.parametrize("n", [1, 5, 6, 13, LONGEST])
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("config", CONFIGS, ids=CONFIG_IDS)
def test_output_and_gradients_equal_the_dense_reference(
    config: LinformerConfig, padded: bool, n: int
) -> None:
    *qkv, grad = random_qkv(n)
    padding = some_padding(n) if padded else None
    module = Linformer(config, H).double()
    e, f = (x.double() for x in module.matrices(n))

    def dense(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return dense_reference(q, k, v, e, f, key_padding_mask=padding)[0]

    expected = with_gradients(dense, qkv, grad)
    found = with_gradients(lambda q, k, v: module(q, k, v, key_padding_mask=padding), qkv, grad)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)
    hand = by_hand(*qkv, e.detach(), f.detach(), padding)
    torch.testing.assert_close(found[0], hand, rtol=0, atol=1e-12)
    if padded:
        assert (found[0][2] == 0).all()  # padding alone


@pytest.mark.parametrize("share", SHARES)
def test_gradcheck_of_inputs_and_projection(share: Any) -> None:
    module = Linformer(LinformerConfig(9, 3, share), H).double()
    q, k, v, _ = (x[:2].requires_grad_() for x in random_qkv(7))
    padding = some_padding(7)[:2]

    weights = dict(module.named_parameters())

    def run(q: Tensor, k: Tensor, v: Tensor, *values: Tensor) -> Tensor:
        named = dict(zip(weights, values, strict=True))
        options = {"key_padding_mask": padding}
        return torch.func.functional_call(module, named, (q, k, v), options)

    assert torch.autograd.gradcheck(run, (q, k, v, *weights.values()), fast_mode=True)


@pytest.mark.parametrize("share", SHARES)
def test_with_k_equal_to_n_and_the_identity_it_is_full_attention(share: Any) -> None:
    n = 13
    *qkv, grad = random_qkv(n)
    module = Linformer(LinformerConfig(n, n, share), H).double()
    for matrices in module.parameters():
        matrices.data.copy_(torch.eye(n).expand_as(matrices))
    expected = with_gradients(attention.attend, qkv, grad)
    for a, b in zip(with_gradients(module, qkv, grad), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_means_of_single_positions_are_full_attention() -> None:
    q, k, v, _ = random_qkv(5)
    module = Linformer(LinformerConfig(LONGEST, K, projection="mean"), H)
    torch.testing.assert_close(module(q, k, v), attention.attend(q, k, v), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", range(1, LONGEST + 1))
def test_means_are_of_equal_runs(n: int) -> None:
    module = Linformer(LinformerConfig(LONGEST, K, projection="mean"), H)
    x = random_qkv(n)[0]
    runs = np.array_split(np.arange(n), min(n, K))
    expected = torch.stack([x[:, :, run].mean(2) for run in runs], dim=2)
    torch.testing.assert_close(module.mix_keys(x), expected)
    assert max(map(len, runs)) - min(map(len, runs)) <= 1
    for matrix in module.matrices(n):
        torch.testing.assert_close(matrix.double() @ x, expected, rtol=0, atol=1e-6)


def matrices_of(layers: list[Linformer]) -> int:
    """Different `(k, n)` matrices that the layers learn."""
    parameters = {id(p): p for layer in layers for p in layer.parameters()}
    return sum(p.numel() for p in parameters.values()) // (K * LONGEST)


@pytest.mark.parametrize(
    "share, count", [("none", 288), ("headwise", 24), ("key-value", 12), ("layerwise", 1)]
)
def test_twelve_layers_of_twelve_heads_have_the_papers_number_of_matrices(
    share: Any, count: int
) -> None:
    layers = linformers(LinformerConfig(LONGEST, K, share), layers=12, heads=12)
    assert len(layers) == 12
    assert matrices_of(layers) == count
    for projection in ("mean", "gaussian"):
        fixed = linformers(LinformerConfig(LONGEST, K, share, projection), layers=12, heads=12)
        assert matrices_of(fixed) == 0


def test_layers_draw_apart_and_the_seed_decides() -> None:
    def drawn(seed: int) -> list[Tensor]:
        config = LinformerConfig(LONGEST, K, "headwise", "gaussian", seed)
        return [
            layer.matrices(LONGEST)[i]
            for layer in linformers(config, layers=2, heads=H)
            for i in (0, 1)
        ]

    first, again, other = drawn(0), drawn(0), drawn(1)
    assert all(map(torch.equal, first, again))
    assert not any(map(torch.equal, first, other))
    assert not any(torch.equal(a, b) for a, b in itertools.combinations(first, 2))


def test_a_gaussian_projection_keeps_lengths_and_a_checkpoint_keeps_the_projection() -> None:
    k, n = 400, 500
    module = Linformer(LinformerConfig(n, k, projection="gaussian"), 1)
    generator = torch.Generator().manual_seed(9)
    x = torch.randn(1, 1, 300, 50, generator=generator)
    ratios = module.mix_keys(x).norm(dim=2) / x.norm(dim=2)
    # |Ex|^2 / |x|^2 is chi-square(k) / k: mean 1, deviation sqrt(2 / k) = 0.071.
    squares = ratios.square().flatten()
    assert squares.mean().item() == pytest.approx(1, abs=4 * 0.071 / math.sqrt(50))
    assert 0.05 < squares.std().item() < 0.1
    other = Linformer(LinformerConfig(n, k, projection="gaussian", seed=1), 1)
    other.load_state_dict(module.state_dict())
    assert torch.equal(other.mix_keys(x), module.mix_keys(x))


def test_a_learned_projection_starts_at_the_scale_of_the_keys() -> None:
    module = Linformer(LinformerConfig(400, 100), 1)
    x = torch.randn(1, 1, 400, 50, generator=torch.Generator().manual_seed(9))
    assert module.mix_keys(x).std().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("config", CONFIGS, ids=CONFIG_IDS)
def test_what_stands_at_padding_changes_nothing(config: LinformerConfig) -> None:
    n = 13
    q, k, v, _ = random_qkv(n)
    padding = some_padding(n)
    hidden = padding[:, None, :, None].expand(B, H, n, D)
    module = Linformer(config, H).double()
    before = module(q, k, v, key_padding_mask=padding)
    for junk in (1e6, math.nan):
        other = [x.masked_fill(hidden, junk) for x in (k, v)]
        assert torch.equal(before, module(q, *other, key_padding_mask=padding))
    x = torch.randn(B, n, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    layer = LinformerSelfAttention(8, module, torch.Generator().manual_seed(2)).double()
    kept = ~padding
    one = layer(x, key_padding_mask=padding)[kept]
    two = layer(x.masked_fill(padding[..., None], 1e6), key_padding_mask=padding)[kept]
    assert torch.equal(one, two)


def test_causal_is_refused_with_the_reason() -> None:
    q, k, v, _ = random_qkv(13)
    module = Linformer(LinformerConfig(LONGEST, K), H).double()
    layer = LinformerSelfAttention(8, module, torch.Generator().manual_seed(2)).double()
    for attempt in (
        lambda: module(q, k, v, causal=True),
        lambda: layer(torch.zeros(B, 13, 8).double(), causal=True),
        lambda: ModelConfig(5, heads=H, width=8, attention=LinformerConfig(LONGEST, K)),
    ):
        with pytest.raises(UserError, match="cannot be causal: its projection mixes all positions"):
            attempt()


def test_every_output_hears_of_every_position() -> None:
    # The reason for the refusal: later positions are heard as well.
    n = 13
    q, k, v, _ = random_qkv(n)
    module = Linformer(LinformerConfig(LONGEST, K), H).double()
    before = module(q, k, v)
    for t in range(n):
        other = v.clone()
        other[:, :, t] += 1.0
        assert (module(q, k, other) != before).any(-1).all()


# The self-attention module and its two orders.


def a_layer(config: LinformerConfig) -> tuple[LinformerSelfAttention, Tensor]:
    layer = LinformerSelfAttention(
        8, Linformer(config, H), torch.Generator().manual_seed(2)
    ).double()
    for linear in (layer.q, layer.out):
        nn.init.normal_(linear.bias, generator=torch.Generator().manual_seed(3))
    x = torch.randn(B, 13, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return layer, x


@pytest.mark.parametrize("turned", [False, True], ids=["plain", "rotary"])
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("config", CONFIGS, ids=CONFIG_IDS)
def test_mixing_the_input_first_is_exact(
    config: LinformerConfig, padded: bool, turned: bool
) -> None:
    layer, x = a_layer(config)
    padding = some_padding(13) if padded else None
    cosines, sines = (turn.double() for turn in rotations(13, D))

    def in_the_papers_order(x: Tensor) -> Tensor:
        maps = [layer.q.weight, *layer.kv.weight.chunk(2)]
        q, k, v = ((x @ w.T).reshape(B, 13, H, D).transpose(1, 2) for w in maps)
        q = q + layer.q.bias.reshape(H, 1, D)
        if turned:
            q, k = rotate(q, cosines, sines), rotate(k, cosines, sines)
        e, f = (m.double() for m in layer.attention.matrices(13))
        mixed, _ = dense_reference(q, k, v, e, f, key_padding_mask=padding)
        return layer.out(mixed.transpose(1, 2).reshape(B, 13, 8))

    def fast(x: Tensor) -> Tensor:
        return layer(x, (cosines, sines) if turned else None, key_padding_mask=padding)

    parameters = list(layer.parameters())
    results = []
    for run in (fast, in_the_papers_order):
        leaf = x.clone().requires_grad_()
        out = run(leaf)
        grads = torch.autograd.grad(out.square().sum(), [leaf, *parameters])
        results.append([out, *grads])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-10)


class Shapes(TorchDispatchMode):
    """Remember the largest tensor and the matrix products' left sides."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0
        self.shapes: set[tuple[int, ...]] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self.largest = max(self.largest, leaf.numel())
                self.shapes.add(tuple(leaf.shape))
        return result


@pytest.mark.parametrize("share, first", [("layerwise", True), ("headwise", True), ("none", False)])
def test_keys_and_values_are_made_of_k_rows_where_heads_share(share: Any, first: bool) -> None:
    layer, x = a_layer(LinformerConfig(LONGEST, K, share))
    with Shapes() as seen:
        layer(x)
    made_for_all_positions = any(shape[-2:] == (13, 16) for shape in seen.shapes) or any(
        shape == (B * 13, 16) for shape in seen.shapes
    )
    assert made_for_all_positions != first


@pytest.mark.parametrize("share", SHARES)
def test_no_n_by_n_tensor_is_made(share: Any) -> None:
    n, k = 1024, 8
    module = Linformer(LinformerConfig(n, k, share), H)
    layer = LinformerSelfAttention(16, module, torch.Generator().manual_seed(0))
    padding = torch.zeros(1, n, dtype=torch.bool)
    padding[0, -9:] = True
    x = torch.randn(1, n, 16, generator=torch.Generator().manual_seed(1)).requires_grad_()
    with Shapes() as seen:
        layer(x, key_padding_mask=padding).sum().backward()
    assert seen.largest <= 64 * n


def test_random_state_is_left_alone() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    layer, x = a_layer(LinformerConfig(LONGEST, K, "none", "gaussian"))
    layer(x).sum().backward()
    assert torch.equal(torch.get_rng_state(), state)


def test_single_and_half_precision_stay_near() -> None:
    layer, x = a_layer(LinformerConfig(LONGEST, K))
    exact = layer(x)
    torch.testing.assert_close(layer.float()(x.float()).double(), exact, rtol=1e-5, atol=1e-5)
    half = layer.bfloat16()(x.bfloat16())
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.double(), exact, rtol=0.1, atol=0.1)


def test_mistakes_are_named() -> None:
    for k, longest in ((0, 4), (5, 4)):
        with pytest.raises(UserError, match=f"k = {k} .* max_length = {longest}"):
            LinformerConfig(longest, k)
    with pytest.raises(UserError, match="share = 'all' is unknown: choose one of none, headwise"):
        LinformerConfig(4, 2, "all")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="projection = 'max' is unknown"):
        LinformerConfig(4, 2, projection="max")  # type: ignore[arg-type]
    for projection in PROJECTIONS:
        module = Linformer(LinformerConfig(LONGEST, K, projection=projection), H).double()
        with pytest.raises(UserError, match="21 positions is longer than max_length = 20"):
            module(*random_qkv(21)[:3])
    with pytest.raises(UserError, match="21 positions"):
        module.matrices(21)
    with pytest.raises(UserError, match="made for 2 heads, not 1"):
        module(*(x[:, :1] for x in random_qkv(5)[:3]))
    with pytest.raises(UserError, match=r"must have shape \(3, 5\), not \(3, 4\)"):
        module(*random_qkv(5)[:3], key_padding_mask=torch.zeros(B, 4, dtype=torch.bool))
    with pytest.raises(UserError, match="width 9 does not divide into 2 heads"):
        LinformerSelfAttention(9, module, torch.Generator())
