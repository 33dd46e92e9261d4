"""Small model files: two bytes a weight, and one byte for each number in a row of the memory.

Rows of an n-gram memory that no text ever read are zero and are left out. The others keep one
scale a row and 8-bit integers, which round a number by at most 0.4% of the row's largest.
"""

from __future__ import annotations

import torch
from torch import Tensor

Packed = Tensor | dict[str, Tensor]  # half-precision numbers, or the rows of a memory
_LARGEST = 127  # of an 8-bit integer, the same on both sides of zero


def pack(weights: dict[str, Tensor]) -> dict[str, Packed]:
    """Pack a model's weights by name; `memory.` weights `(rows, width)` as rows of bytes."""
    return {
        name: pack_rows(tensor) if name.startswith("memory.") else tensor.half()
        for name, tensor in weights.items()
    }


def unpack(weights: dict[str, Packed]) -> dict[str, Tensor]:
    """Undo `pack`, but for the rounding; weights that were never packed stay as they are."""
    return {
        name: unpack_rows(packed) if isinstance(packed, dict) else packed.float()
        for name, packed in weights.items()
    }


def pack_rows(table: Tensor) -> dict[str, Tensor]:
    """Keep the rows of `(rows, width)` that are not zero, as 8-bit integers and a scale each."""
    kept = table.ne(0).any(dim=1).nonzero().squeeze(1)
    rows = table[kept]
    scales = rows.abs().amax(dim=1) / _LARGEST
    bytes_ = (rows / scales[:, None]).round().to(torch.int8)
    shape = torch.tensor(table.shape)
    return {"kept": kept.int(), "scales": scales, "bytes": bytes_, "shape": shape}


def unpack_rows(packed: dict[str, Tensor]) -> Tensor:
    """The dense table `(rows, width)` of what `pack_rows` kept."""
    table = torch.zeros(*packed["shape"].tolist())
    table[packed["kept"].long()] = packed["bytes"].float() * packed["scales"][:, None]
    return table
