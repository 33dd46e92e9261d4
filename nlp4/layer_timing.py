"""Time the workbook's three attention layers on this machine, at the sizes of a stored measuring.

`python -m nlp4 bench attention` measures more: other packages, memory, and longer texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from nlp4.attention import attend
from nlp4.bigbird import BigBirdSelfAttention
from nlp4.block_pattern import BlockPattern
from nlp4.encoder import EncoderSelfAttention
from nlp4.linformer import Linformer, LinformerConfig, LinformerSelfAttention, Share
from nlp4.results_speed import BOTH, FORWARD, Cell
from nlp4.timing import Call, interleaved

WIDTH, HEADS, K = 256, 8, 256
PATTERN = BlockPattern(block=64, window=3, global_=2, random=3)
SIZES: Mapping[str, Any] = {
    "width": WIDTH,
    "heads": HEADS,
    "k": K,
    "pattern": asdict(PATTERN),
}


def layer_for(
    name: str, n: int, sizes: Mapping[str, Any] = SIZES, share: Share = "layerwise"
) -> nn.Module:
    """A fresh layer for `n` positions: `name` is "full", "bigbird" or "linformer".

    `sizes` has width, heads, k and pattern, as `SIZES`; `share` is the Linformer's. Raises
    UserError for what does not fit.
    """
    width, heads = sizes["width"], sizes["heads"]
    generator = torch.Generator().manual_seed(0)
    if name == "linformer":
        mixing = Linformer(LinformerConfig(n, min(sizes["k"], n), share), heads)
        return LinformerSelfAttention(width, mixing, generator)
    if name == "bigbird":
        pattern = BlockPattern(**sizes["pattern"])
        return BigBirdSelfAttention(width, heads, pattern, generator)
    return EncoderSelfAttention(width, heads, attend, generator)


def layers_for(n: int, sizes: Mapping[str, Any] = SIZES) -> dict[str, nn.Module]:
    """A fresh layer of each kind. Raises UserError as `layer_for` does."""
    return {name: layer_for(name, n, sizes) for name in ("full", "bigbird", "linformer")}


def time_layers(
    lengths: Sequence[int], seconds: float, sizes: Mapping[str, Any] = SIZES
) -> list[Cell]:
    """Forward, and forward and backward, at each length, batch 1: about `seconds` in all.

    A time is the minimum over interleaved repeats. Raises UserError as `interleaved` does.
    """
    found = []
    for n in lengths:
        layers = layers_for(n, sizes)
        x, gradient = torch.randn(
            2, 1, n, sizes["width"], generator=torch.Generator().manual_seed(0)
        ).unbind()
        for mode in (FORWARD, BOTH):
            calls = {name: call_of(layer, x, gradient, mode) for name, layer in layers.items()}
            times = interleaved(calls, seconds / (2 * len(lengths) * len(calls)))
            found += [Cell(name, n, mode, 1e3 * min(each)) for name, each in times.items()]
    return found


def call_of(layer: nn.Module, x: torch.Tensor, gradient: torch.Tensor, mode: str) -> Call:
    """A call of the layer on `x`; in mode `BOTH`, it takes the gradients of `x` and the layer's."""
    if mode == FORWARD:
        return torch.no_grad()(lambda: layer(x))
    asked = x.clone().requires_grad_()
    wanted = [asked, *layer.parameters()]
    return lambda: torch.autograd.grad(layer(asked), wanted, gradient)
