"""One call of attention whose gradient is asked for later, from what the call left behind.

torch's autograd would keep the gathered keys and values of every call. Here the caller keeps only
the output and one number for each query, and gathers again when the gradient is due.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from nlp4.maths.block_pattern import BlockPattern, Blocks

Gradients = tuple[Tensor, Tensor, Tensor]


class Kernel(Protocol):
    """softmax(q k^T / sqrt(d) + mask) v, and its gradient.

    Shapes: q `(B, H, n, d)`, k and v `(B, H, m, d)`; the additive mask, if any, fits `(B, H, n, m)`
    and leaves each query at least one key.
    """

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The output `(B, H, n, d)`, and whatever `backward` wants back."""
        ...

    def backward(
        self, grad: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *left: Tensor
    ) -> Gradients:
        """The gradients of q, k and v; `left` is what `forward` returned."""
        ...


class PublicKernel:
    """torch's public attention; its gradient computes the output once more."""

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The output, and an empty tensor."""
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask), q.new_empty(0)

    def backward(
        self, grad: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *left: Tensor
    ) -> Gradients:
        """The gradients, by torch's autograd."""
        with torch.enable_grad():
            q, k, v = (x.detach().requires_grad_() for x in (q, k, v))
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            dq, dk, dv = torch.autograd.grad(out, (q, k, v), grad)
        return dq, dk, dv


class FlashKernel:
    """torch's private kernel for CPUs: it returns the log-sum-exp that its gradient starts from.

    The same arithmetic as `PublicKernel` on a CPU, less one pass.
    """

    def forward(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The output and the log-sum-exp of each query's scores."""
        out, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            q, k, v, attn_mask=mask
        )
        return out, lse

    def backward(
        self, grad: Tensor, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *left: Tensor
    ) -> Gradients:
        """The gradients, from the output and the log-sum-exp."""
        out, lse = left
        dq, dk, dv = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward(
            grad, q, k, v, out, lse, 0.0, False, attn_mask=mask
        )
        return dq, dk, dv


def flash_is_available(device: torch.device) -> bool:
    """Whether this torch has the private kernel for tensors on `device`."""
    name = "_scaled_dot_product_flash_attention_for_cpu"
    return device.type == "cpu" and all(
        hasattr(torch.ops.aten, op) for op in (name, f"{name}_backward")
    )


def best_kernel(device: torch.device) -> Kernel:
    """The private kernel where this torch has it, else the public one."""
    return FlashKernel() if flash_is_available(device) else PublicKernel()


TILE_BYTES = 2**21  # keys and values copied for one tile: they should fit the cache of a core


@dataclass(frozen=True)
class RowGroup:
    """Rows that see equally many blocks, numbered in the list of all blocks of one sequence.

    That list holds `n_blocks` blocks, or, where heads draw on their own, those of each head in
    turn.
    """

    rows: Blocks  # (P,)
    keys: Blocks  # (P, m)
    diagonal: bool  # causal, and the last block of each row is the row itself
    ragged: bool  # sees the last block, which is partly filled
    whole: bool  # the rows of one lane that see all its blocks: nothing need be copied for them


@dataclass(frozen=True)
class Plan:
    """How to run a pattern over `n_blocks` blocks, group by group."""

    n_blocks: int
    lanes: int  # 1, or the number of heads where each has rows of its own
    full: bool  # every row sees all it may: this is full attention
    groups: tuple[RowGroup, ...]


@lru_cache(maxsize=64)
def make_plan(
    pattern: BlockPattern, n_blocks: int, *, heads: int, causal: bool, ragged: bool
) -> Plan:
    """Sort the rows of `pattern` into groups.

    `ragged`: keep rows that see the last block apart, as they need a mask.
    """
    lanes = heads if pattern.per_head and pattern.random else 1
    full = True
    found: dict[tuple[int, bool, bool, int], list[tuple[int, Blocks]]] = defaultdict(list)
    for lane in range(lanes):
        for row, keys in enumerate(pattern.rows(n_blocks, causal=causal, head=lane)):
            last = int(keys[-1])
            whole = len(keys) == n_blocks and not causal
            full &= len(keys) == (row + 1 if causal else n_blocks)
            tail = ragged and last == n_blocks - 1
            kind = (len(keys), causal and last == row, tail, lane if whole else -1)
            found[kind].append((lane * n_blocks + row, lane * n_blocks + keys))
    groups = tuple(
        RowGroup(
            np.array([row for row, _ in members]),
            np.stack([keys for _, keys in members]),
            diagonal,
            tail,
            lane >= 0,
        )
        for (_, diagonal, tail, lane), members in found.items()
    )
    return Plan(n_blocks, lanes, full, groups)


@dataclass(frozen=True)
class Tile:
    """A few rows of one group: where they and their keys stand among all blocks of the batch.

    Each is a batch entry of the kernel's; where they see the same blocks, `keys` is a range, and
    all of them are one entry.
    """

    rows: Tensor  # (I,)
    keys: Tensor | slice  # (I * m,), or m blocks side by side
    mask: Tensor | None  # additive, (I or 1, 1, 1 or block, m * block)
    alive: Tensor | None  # the same but for a last 1: whether a query sees any key

    def queries(self, x: Tensor) -> Tensor:
        """The rows of `x` `(U, block, h, d)`: `(I, h, block, d)` or `(1, h, I * block, d)`."""
        return self._entries(x.index_select(0, self.rows)).transpose(1, 2)

    def neighbours(self, x: Tensor) -> Tensor:
        """What the rows see of `x` `(U, block, h, d)`: `(I or 1, h, m * block, d)`."""
        if isinstance(self.keys, slice):
            return x[self.keys].flatten(0, 1)[None].transpose(1, 2)
        found = x.index_select(0, self.keys)  # (I * m, block, h, d)
        return found.view(len(self.rows), -1, *x.shape[2:]).transpose(1, 2)

    def put(self, into: Tensor, rows: Tensor) -> None:
        """Write `rows`, shaped as by `queries`, where `queries` reads."""
        blocks = rows.transpose(1, 2).reshape(-1, *into.shape[1:])
        into.index_copy_(0, self.rows, blocks)

    def add(self, into: Tensor, neighbours: Tensor) -> None:
        """Add `neighbours`, shaped as by `neighbours`, where `neighbours` reads."""
        blocks = neighbours.transpose(1, 2).reshape(-1, *into.shape[1:])
        if isinstance(self.keys, slice):
            into[self.keys] += blocks
        else:
            into.index_add_(0, self.keys, blocks)

    def living(self, x: Tensor) -> Tensor:
        """`x`, shaped as by `queries`, with zeros at queries that see no key."""
        return x if self.alive is None else x * self.alive

    def _entries(self, blocks: Tensor) -> Tensor:
        return blocks.flatten(0, 1)[None] if isinstance(self.keys, slice) else blocks


@dataclass(frozen=True)
class Rows:
    """A plan on a batch of sequences, with the keys that are hidden from everyone."""

    plan: Plan
    hidden: Tensor | None  # (U, block), True at padding, U = batch * lanes * n_blocks
    everywhere: bool  # hidden keys may stand in any block, not in the last ones alone

    def tiles(self, like: Tensor) -> Iterator[Tile]:
        """All tiles, each small enough for keys and values like `like` `(U, block, h, d)`."""
        stride = self.plan.lanes * self.plan.n_blocks
        starts = torch.arange(0, len(like), stride, device=like.device)
        for group in self.plan.groups:
            rows = starts[:, None] + _on(like, group.rows)  # (B, P)
            keys = starts[:, None, None] + _on(like, group.keys)  # (B, P, m)
            if group.whole:
                for first, members in zip(keys[:, :1, 0].tolist(), rows, strict=True):
                    blocks = slice(first[0], first[0] + self.plan.n_blocks)
                    seen = torch.arange(blocks.start, blocks.stop, device=like.device)[None]
                    yield Tile(members, blocks, *self._mask(group, seen, like))
                continue
            rows, keys = rows.flatten(), keys.flatten(0, 1)
            size = 2 * keys.shape[1] * like[0].numel() * like.element_size()
            for part in range(0, len(rows), step := max(1, TILE_BYTES // size)):
                chosen = keys[part : part + step]
                mask, alive = self._mask(group, chosen, like)
                yield Tile(rows[part : part + step], chosen.flatten(), mask, alive)

    def _mask(
        self, group: RowGroup, keys: Tensor, like: Tensor
    ) -> tuple[Tensor | None, Tensor | None]:
        """The additive mask of rows that see the blocks `keys` `(I, m)`, and who sees any key."""
        block, visible, alive = like.shape[1], None, None
        if group.diagonal:
            visible = keys.new_ones(1, 1, block, keys.shape[1] * block, dtype=torch.bool)
            visible[..., -block:].tril_()
        if self.hidden is not None and (self.everywhere or group.ragged):
            hidden = self.hidden[keys].flatten(1)[:, None, None]  # (I, 1, 1, m * block)
            if hidden.any():  # most tiles see no padding, and a mask costs time
                visible = ~hidden if visible is None else visible & ~hidden
                alive = visible.any(-1, keepdim=True)
                visible = visible | ~alive  # the kernel needs a key; the result is struck out later
        if visible is None:
            return None, None
        mask = torch.zeros(visible.shape, dtype=like.dtype, device=keys.device)
        return mask.masked_fill_(~visible, -math.inf), alive


def _on(like: Tensor, numbers: Blocks) -> Tensor:
    return torch.from_numpy(numbers).to(like.device)


class BlockRows(torch.autograd.Function):
    """The groups of a plan, forward and backward."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, rows: Rows, kernel: Kernel) -> Tensor:
        """`(U, block, h, d)` each, blocks of queries, keys and values, to the same."""
        out = torch.empty(q.shape, dtype=q.dtype, device=q.device)  # every row is in one group
        left = []
        for tile in rows.tiles(k):
            part, rest = kernel.forward(
                tile.queries(q), tile.neighbours(k), tile.neighbours(v), tile.mask
            )
            tile.put(out, tile.living(part))
            left.append(rest)
        ctx.rows, ctx.kernel = rows, kernel
        ctx.save_for_backward(q, k, v, out, *left)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients of q, k and v; keys and values are gathered anew, tile by tile."""
        q, k, v, out, *left = ctx.saved_tensors
        dq, dk, dv = (x.new_zeros(x.shape) for x in (q, k, v))
        for tile, rest in zip(ctx.rows.tiles(k), left, strict=True):
            row_grad, key_grad, value_grad = ctx.kernel.backward(
                tile.living(tile.queries(grad)),
                tile.queries(q),
                tile.neighbours(k),
                tile.neighbours(v),
                tile.mask,
                tile.queries(out),
                rest,
            )
            tile.put(dq, row_grad)
            tile.add(dk, key_grad)
            tile.add(dv, value_grad)
        return dq, dk, dv, None, None
