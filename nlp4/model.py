"""A decoder-only GPT over characters (Radford et al. 2019), small enough to train on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.attention import Attend, attend
from nlp4.errors import UserError
from nlp4.memory import MemoryConfig, NgramMemory
from nlp4.positions import rotate, rotations
from nlp4.vocabulary import IGNORED


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a GPT. `course` is exercise 3's; `laptop` is made for two CPU cores."""

    vocabulary_size: int
    block: int = 128
    layers: int = 4
    heads: int = 8
    width: int = 256
    positions: Literal["learned", "rotary"] = "learned"
    dropout: float = 0.1
    memory: MemoryConfig | None = None

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise UserError(f"width {self.width} does not divide into {self.heads} heads")
        if self.positions == "rotary" and self.head_dim % 2:
            raise UserError(f"rotary positions need an even head size, not {self.head_dim}")

    @property
    def head_dim(self) -> int:
        """Width of one head."""
        return self.width // self.heads


class SelfAttention(nn.Module):
    """Multi-head causal self-attention; the attention itself is whatever `attend` is given."""

    def __init__(self, config: ModelConfig, attention: Attend) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.attention = attention

    def queries_keys_values(
        self, x: Tensor, turns: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Three tensors `(B, H, n, d)`; `turns` are the rotary cosines and sines, if any."""
        batch, n, width = x.shape
        qkv = self.qkv(x).view(batch, n, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, H, n, d)
        if turns is not None:
            q, k = rotate(q, *turns), rotate(k, *turns)
        return q, k, v

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor] | None) -> Tensor:
        """`(B, n, width)` to the same."""
        q, k, v = self.queries_keys_values(x, turns)
        heads = self.attention(q, k, v, causal=True)  # (B, H, n, d)
        return self.dropout(self.out(heads.transpose(1, 2).flatten(2)))


class Block(nn.Module):
    """One layer: attention, then a two-layer perceptron, each on a normalised residual stream."""

    def __init__(self, config: ModelConfig, attention: Attend) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(config.width)
        self.attention = SelfAttention(config, attention)
        self.norm_2 = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, 4 * config.width)
        self.down = nn.Linear(4 * config.width, config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor] | None) -> Tensor:
        """`(B, n, width)` to the same."""
        x = x + self.attention(self.norm_1(x), turns)
        return x + self.dropout(self.down(F.gelu(self.up(self.norm_2(x)))))


class GPT(nn.Module):
    """Characters in, logits of the next character out.

    Weights are drawn from `generator`: linear and embedding weights N(0, 0.02^2), the matrices
    that write into the residual stream smaller by sqrt(2 * layers), biases 0 (GPT-2, section 2.3).
    """

    def __init__(
        self, config: ModelConfig, generator: torch.Generator, attention: Attend = attend
    ) -> None:
        super().__init__()
        self.config = config
        self.characters = nn.Embedding(config.vocabulary_size, config.width)
        if config.positions == "learned":
            self.positions = nn.Parameter(torch.zeros(config.block, config.width))
        else:
            cosines, sines = rotations(config.block, config.head_dim)
            self.register_buffer("cosines", cosines, persistent=False)
            self.register_buffer("sines", sines, persistent=False)
        self.memory = NgramMemory(config.memory, config.width) if config.memory else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, attention) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary_size, bias=False)
        self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        for name, p in self.named_parameters():
            if name.startswith("memory."):
                continue  # rows of the memory start at zero: an unread row says nothing
            if p.ndim == 2:
                residual = name.endswith(("out.weight", "down.weight"))
                scale = (2 * self.config.layers) ** -0.5 if residual else 1.0
                p.normal_(0.0, 0.02 * scale, generator=generator)
            elif name.endswith("bias"):
                p.zero_()

    def embed(self, ids: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """What enters the first layer, `(B, n, width)`, and the rotary turns, if any.

        Raises UserError if the sequence is longer than the block.
        """
        n = ids.shape[1]
        if n > self.config.block:
            raise UserError(
                f"a sequence of {n} characters does not fit the block of {self.config.block}"
            )
        x = self.characters(ids)  # (B, n, width)
        turns = None
        if self.config.positions == "learned":
            x = x + self.positions[:n]
        else:
            turns = self.cosines[:n], self.sines[:n]
        if self.memory is not None:
            x = x + self.memory(ids)
        return self.dropout(x), turns

    def hidden(self, ids: Tensor) -> Tensor:
        """The last layer's states `(B, n, width)` for character ids `(B, n)`, n <= block."""
        x, turns = self.embed(ids)
        for block in self.blocks:
            x = block(x, turns)
        return self.norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits `(B, n, vocabulary)` for the character after each position."""
        return self.head(self.hidden(ids))

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy in nats over the targets `(B, n)` that are not `IGNORED`.

        The head runs at scored positions only: in question pairs that is one in eight.
        """
        scored = targets != IGNORED
        return F.cross_entropy(self.head(self.hidden(ids)[scored]), targets[scored])


def parameters_of(model: nn.Module) -> int:
    """How many numbers the model learns."""
    return sum(p.numel() for p in model.parameters())
