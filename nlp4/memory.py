"""A memory that is looked up, not computed: hashed embeddings of the characters just read.

Each position adds to its input one row for each of several contexts that end there: the last
few characters, the word so far, the word so far with the word before. A row costs no arithmetic
beyond an addition, so a small model gains room for names and places at almost no time. After
over-encoding (Huang et al. 2025, "Over-Tokenized Transformer") and the n-gram embeddings of
the Byte Latent Transformer (Pagnoni et al. 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MULTIPLIER = 6364136223846793005  # Knuth's; int64 products wrap around, which hashing wants
_WORD, _PAIR = 1_000_003, 998_244_353


@dataclass(frozen=True)
class MemoryConfig:
    """Which contexts are looked up, in how many rows each.

    `separators` are the ids of the characters that end a word.
    """

    separators: tuple[int, ...]
    ngrams: tuple[int, ...] = (3, 5, 8)
    rows: int = 65_536


class NgramMemory(nn.Module):
    """Sum of one learned row for each context that ends at a position; rows start at zero."""

    def __init__(self, config: MemoryConfig, width: int) -> None:
        super().__init__()
        self.config = config
        self.contexts = len(config.ngrams) + 2
        self.table = nn.Embedding(self.contexts * config.rows, width, sparse=True)
        nn.init.zeros_(self.table.weight)

    def rows(self, ids: Tensor) -> Tensor:
        """Row numbers `(B, n, contexts)` for character ids `(B, n)`."""
        keys = [_last(ids, n) for n in self.config.ngrams]
        keys += _words(ids, torch.tensor(self.config.separators, device=ids.device))
        offsets = torch.arange(self.contexts, device=ids.device) * self.config.rows
        return _spread(torch.stack(keys, dim=-1), self.config.rows) + offsets

    def forward(self, ids: Tensor) -> Tensor:
        """`(B, n)` ids to `(B, n, width)`."""
        rows = self.rows(ids)
        summed = F.embedding_bag(rows.flatten(0, 1), self.table.weight, mode="sum", sparse=True)
        return summed.view(*ids.shape, -1)


def _last(ids: Tensor, n: int) -> Tensor:
    """A number for the last `n` characters at each position (fewer at the start)."""
    key = torch.zeros_like(ids)
    for back in range(n):
        shifted = F.pad(ids + 1, (back, 0))[:, : ids.shape[1]]  # 0 stands before the text
        key = key * _WORD + shifted
    return key


def _words(ids: Tensor, separators: Tensor) -> list[Tensor]:
    """Numbers for the word so far, and for it with the word before, at each position."""
    ends = torch.isin(ids, separators)
    word = torch.zeros_like(ids[:, 0])
    before = torch.zeros_like(word)
    words, pairs = [], []
    for t in range(ids.shape[1]):
        stop = ends[:, t]
        before = torch.where(stop & (word != 0), word, before)
        word = torch.where(stop, 0, word * _WORD + ids[:, t] + 1)
        words.append(word)
        pairs.append(word + before * _PAIR)
    return [torch.stack(words, dim=1), torch.stack(pairs, dim=1)]


def _spread(keys: Tensor, rows: int) -> Tensor:
    """Scatter numbers evenly over `rows`: the product's high bits are the well-mixed ones."""
    return ((keys * _MULTIPLIER) >> 33) % rows
