"""Time the workbook's three attention layers on this machine, at the sizes of a stored measuring.

`python -m nlp4 bench attention` measures more: other packages, memory, and longer texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from nlp4.attention import attend
from nlp4.bigbird import BigBirdSelfAttention
from nlp4.block_pattern import BlockPattern
from nlp4.encoder import EncoderSelfAttention
from nlp4.linformer import Linformer, LinformerConfig, LinformerSelfAttention
from nlp4.results_speed import BOTH, FORWARD, Cell
from nlp4.timing import Call, interleaved

SIZES: Mapping[str, Any] = {
    "width": 256,
    "heads": 8,
    "k": 256,
    "pattern": {"block": 64, "window": 3, "global_": 2, "random": 3},
}


def layers_for(n: int, sizes: Mapping[str, Any] = SIZES) -> dict[str, nn.Module]:
    """A fresh layer of each kind for `n` positions: full, BigBird and Linformer.

    `sizes` has width, heads, k and pattern, as `SIZES`. Raises UserError for what does not fit.
    """
    width, heads, k = sizes["width"], sizes["heads"], sizes["k"]
    generator = torch.Generator().manual_seed(0)
    mixing = Linformer(LinformerConfig(n, min(k, n)), heads)
    pattern = BlockPattern(**sizes["pattern"])
    return {
        "full": EncoderSelfAttention(width, heads, attend, generator),
        "bigbird": BigBirdSelfAttention(width, heads, pattern, generator),
        "linformer": LinformerSelfAttention(width, mixing, generator),
    }


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
            calls = {name: _call(layer, x, gradient, mode) for name, layer in layers.items()}
            times = interleaved(calls, seconds / (2 * len(lengths)))
            found += [Cell(name, n, mode, 1e3 * min(each)) for name, each in times.items()]
    return found


def _call(layer: nn.Module, x: torch.Tensor, gradient: torch.Tensor, mode: str) -> Call:
    if mode == FORWARD:
        return torch.no_grad()(lambda: layer(x))
    asked = x.clone().requires_grad_()
    wanted = [asked, *layer.parameters()]
    return lambda: torch.autograd.grad(layer(asked), wanted, gradient)
