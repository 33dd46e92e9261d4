"""What the tests of attention kinds share: patterns, random inputs, padding, gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nlp4.maths.block_pattern import BlockPattern

B, H, D = 2, 2, 4
BLOCK = 4
WHOLE = BlockPattern(BLOCK, window=3, global_=1, random=2, seed=5)
PATTERNS = {
    "all three": WHOLE,
    "per head": replace(WHOLE, per_head=True),
    "window": BlockPattern(BLOCK, window=3, global_=0, random=0),
    "diagonal": BlockPattern(BLOCK, window=1, global_=0, random=0),
    "global": BlockPattern(BLOCK, window=0, global_=2, random=0),
    "random": BlockPattern(BLOCK, window=0, global_=0, random=2, seed=1),
    "random per head": BlockPattern(BLOCK, window=0, global_=0, random=2, seed=1, per_head=True),
    "window and global": BlockPattern(BLOCK, window=5, global_=1, random=0),
    "window and random": BlockPattern(BLOCK, window=3, global_=0, random=1),
    "global and random": BlockPattern(BLOCK, window=0, global_=1, random=2),
    "blocks of one": BlockPattern(1, window=3, global_=1, random=2),
}


def random_qkv(n: int, seed: int = 0, dtype: torch.dtype = torch.float64, batch: int = B) -> Any:
    generator = torch.Generator().manual_seed(seed)
    tensors = torch.randn(4, batch, H, n, D, generator=generator, dtype=torch.float64).to(dtype)
    return [x.clone() for x in tensors]  # q, k, v and a gradient for the output


def some_padding(n: int, batch: int = B) -> Tensor:
    """At the end, at the start, everywhere or nowhere, by turns."""
    mask = torch.zeros(batch, n, dtype=torch.bool)
    for b in range(batch):
        if b % 2 == 0:
            mask[b, n - n // 3 :] = True
        else:
            mask[b, : n // 2] = True
            mask[b, n - 1] = True
    return mask


def with_gradients(run: Callable[..., Tensor], qkv: list[Tensor], grad: Tensor) -> list[Tensor]:
    leaves = [x.detach().clone().requires_grad_() for x in qkv]
    out = run(*leaves)
    return [out.detach(), *torch.autograd.grad(out, leaves, grad)]


class Sizes(TorchDispatchMode):
    """Remember the largest tensor that any operation returns."""

    largest = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self.largest = max(self.largest, leaf.numel())
        return result


def largest_tensor(run: Callable[..., Tensor], n: int) -> int:
    qkv = [x.requires_grad_() for x in random_qkv(n, dtype=torch.float32, batch=1)[:3]]
    with Sizes() as sizes:
        run(*qkv).square().sum().backward()
    assert all(x.grad is not None for x in qkv)
    return sizes.largest
