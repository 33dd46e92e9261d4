"""One call of attention whose gradient is asked for later, from what the call left behind.

torch's autograd would keep the gathered keys and values of every call. Here the caller keeps only
the output and one number for each query, and gathers again when the gradient is due.
"""

from __future__ import annotations

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

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
