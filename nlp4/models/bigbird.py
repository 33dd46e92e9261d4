"""BigBird: attention over a window, a few global blocks and random ones (Zaheer et al. 2020).

`BlockPattern` says which blocks see which; `attend` computes those alone, `dense_reference` the
whole matrix. A query whose every key is padding gets zeros, in both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import attention
from nlp4.models.block_sparse import BlockRows, Kernel, Plan, Rows, best_kernel, make_plan
from nlp4.support.errors import UserError


@dataclass(frozen=True)
class BigBird:
    """Attention over `pattern`, for any model that takes an `Attend`.

    `kernel` replaces the fastest one that this torch has; the result is the same.
    """

    pattern: BlockPattern
    kernel: Kernel | None = None

    def __call__(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Return `(B, H, n, d)`, as `attend` does."""
        return attend(
            q,
            k,
            v,
            self.pattern,
            key_padding_mask=key_padding_mask,
            causal=causal,
            kernel=self.kernel,
        )


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    pattern: BlockPattern,
    *,
    key_padding_mask: Tensor | None = None,
    causal: bool = False,
    kernel: Kernel | None = None,
) -> Tensor:
    """softmax(q k^T / sqrt(d)) v over the keys that `pattern` shows to each query.

    Shapes: q, k, v and the result `(B, H, n, d)`, any n >= 1; `key_padding_mask` `(B, n)`, True at
    padding. A query with no visible key gets zeros. First derivatives only.

    Raises UserError if q, k, v or the mask do not fit each other.
    """
    _check(q, k, v, key_padding_mask)
    _, heads, n, _ = q.shape
    plan = make_plan(
        pattern,
        pattern.blocks(n),
        heads=heads,
        causal=causal,
        ragged=not causal and n % pattern.block > 0,
    )
    if plan.full and kernel is None:
        return attention.attend(q, k, v, key_padding_mask=key_padding_mask, causal=causal)
    hidden = _hidden(q, plan, pattern.block, key_padding_mask, causal)
    blocks = (_to_blocks(x, plan, pattern.block) for x in (q, k, v))
    out = BlockRows.apply(*blocks, Rows(plan, *hidden), kernel or best_kernel(q.device))
    return _from_blocks(out, q.shape)[:, :, :n]


def _check(q: Tensor, k: Tensor, v: Tensor, key_padding_mask: Tensor | None) -> None:
    if q.ndim != 4 or not q.shape == k.shape == v.shape:
        shapes = ", ".join(str(tuple(x.shape)) for x in (q, k, v))
        raise UserError(f"q, k and v must have one shape (batch, heads, n, head_dim), not {shapes}")
    fitting = (q.shape[0], q.shape[2])
    if key_padding_mask is not None and key_padding_mask.shape != fitting:
        raise UserError(
            f"the padding mask must have shape {fitting}, not {tuple(key_padding_mask.shape)}"
        )


def _to_blocks(x: Tensor, plan: Plan, block: int) -> Tensor:
    """`(B, H, n, d)` to blocks `(B * lanes * n_blocks, block, H / lanes, d)`, zeros at the end."""
    heads, n, d = x.shape[1:]
    x = x.transpose(1, 2) if plan.lanes == 1 else x.flatten(0, 1)[:, :, None]
    missing = plan.n_blocks * block - n
    if missing:
        x = F.pad(x, (0, 0, 0, 0, 0, missing))
    return x.reshape(-1, block, heads // plan.lanes, d)


def _from_blocks(x: Tensor, shape: torch.Size) -> Tensor:
    """Blocks back to `(B, H, n_blocks * block, d)`."""
    batch, heads, _, d = shape
    if x.shape[2] == heads:  # also where there is one head: both orders are the same then
        return x.reshape(batch, -1, heads, d).transpose(1, 2)
    return x.reshape(batch, heads, -1, d)


def _hidden(
    q: Tensor, plan: Plan, block: int, key_padding_mask: Tensor | None, causal: bool
) -> tuple[Tensor | None, bool]:
    """Which keys nobody may see, `(B * lanes * n_blocks, block)`, and whether any block has some.

    Without a mask these are the places past the end, which the causal form never sees.
    """
    batch, _, n, _ = q.shape
    missing = plan.n_blocks * block - n
    if key_padding_mask is None and (causal or not missing):
        return None, False
    everywhere = key_padding_mask is not None
    if key_padding_mask is None:
        key_padding_mask = torch.zeros(batch, n, dtype=torch.bool, device=q.device)
    hidden = F.pad(key_padding_mask, (0, missing), value=True)
    lanes = hidden[:, None].expand(-1, plan.lanes, -1)  # (B, lanes, n_blocks * block)
    return lanes.reshape(-1, block), everywhere


def dense_reference(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    pattern: BlockPattern,
    *,
    key_padding_mask: Tensor | None = None,
    causal: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return the output and the weights `(B, H, n, n)`, from the pattern's mask over tokens.

    For looking and for testing: it makes everything that `attend` leaves out.
    """
    heads, n, d = q.shape[1:]
    masks = [pattern.mask(n, causal=causal, head=head) for head in range(heads)]
    visible = torch.from_numpy(np.stack(masks)).to(q.device)[None]  # (1, H, n, n)
    if key_padding_mask is not None:
        visible = visible & ~key_padding_mask[:, None, None, :]  # (B, H, n, n)
    scores = (q @ k.transpose(-2, -1) / math.sqrt(d)).masked_fill(~visible, -math.inf)
    some = visible.any(-1, keepdim=True)
    weights = torch.where(some, torch.where(some, scores, 0.0).softmax(-1), 0.0)
    return weights @ v, weights
