"""A decoder-only GPT over characters (Radford et al. 2019), small enough to train on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.data.vocabulary import IGNORED
from nlp4.models.attention import Attend, attend, attend_from, rotate, rotations
from nlp4.models.memory import MemoryConfig, NgramMemory
from nlp4.support.errors import UserError

Turns = tuple[Tensor, Tensor]  # rotary cosines and sines, each (n, head_dim / 2)


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

    def queries_keys_values(self, x: Tensor, turns: Turns | None) -> tuple[Tensor, Tensor, Tensor]:
        """Three tensors `(B, H, n, d)` from the normalised stream `(B, n, width)`."""
        q, k, v = (self._split(part) for part in self.qkv(x).chunk(3, dim=-1))
        if turns is not None:
            q, k = rotate(q, *turns), rotate(k, *turns)
        return q, k, v

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, H, n, d)

    def forward(self, x: Tensor, turns: Turns | None) -> Tensor:
        """`(B, n, width)` to the same."""
        q, k, v = self.queries_keys_values(x, turns)
        return self._merge(self.attention(q, k, v, causal=True))

    def forward_from(self, x: Tensor, turns: Turns | None, positions: Tensor) -> Tensor:
        """`(B, n, width)` to the rows at `positions` `(B, m)` alone: `(B, m, width)`."""
        width = x.shape[-1]
        kv = F.linear(x, self.qkv.weight[width:], self.qkv.bias[width:])
        k, v = (self._split(part) for part in kv.chunk(2, dim=-1))  # (B, H, n, d)
        chosen = rows_at(x, positions)
        q = self._split(F.linear(chosen, self.qkv.weight[:width], self.qkv.bias[:width]))
        if turns is not None:
            cosines, sines = (turn[positions][:, None] for turn in turns)  # (B, 1, m, d / 2)
            q, k = rotate(q, cosines, sines), rotate(k, *turns)
        return self._merge(attend_from(q, k, v, positions))

    def _merge(self, heads: Tensor) -> Tensor:
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

    def forward(self, x: Tensor, turns: Turns | None, positions: Tensor | None = None) -> Tensor:
        """`(B, n, width)` to the same, or to the rows at `positions` `(B, m)` alone."""
        if positions is None:
            x = x + self.attention(self.norm_1(x), turns)
        else:
            mixed = self.attention.forward_from(self.norm_1(x), turns, positions)
            x = rows_at(x, positions) + mixed
        return x + self.dropout(self.down(F.gelu(self.up(self.norm_2(x)))))


def rows_at(x: Tensor, positions: Tensor) -> Tensor:
    """The rows `(B, m, width)` of `x` `(B, n, width)` at `positions` `(B, m)`."""
    return x.gather(1, positions[..., None].expand(-1, -1, x.shape[-1]))


class GPT(nn.Module):
    """Characters in, logits of the next character out.

    Weights are drawn from `generator`: linear and embedding weights N(0, 0.02^2), the matrices
    that write into the residual stream smaller by sqrt(2 * layers), biases 0 (GPT-2, section 2.3).
    """

    cosines: Tensor
    sines: Tensor

    @torch.random.fork_rng(devices=[])  # torch's layers draw weights too, only to be overwritten
    def __init__(
        self, config: ModelConfig, generator: torch.Generator, attention: Attend = attend
    ) -> None:
        super().__init__()
        self.config = config
        self.selective = attention is attend  # others need every query in its place
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

    @property
    def layers(self) -> list[Block]:
        """The blocks, from the input up."""
        return [cast(Block, block) for block in self.blocks]

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

    def embed(self, ids: Tensor) -> tuple[Tensor, Turns | None]:
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

    def hidden(self, ids: Tensor, positions: Tensor | None = None) -> Tensor:
        """The last layer's states `(B, n, width)` for character ids `(B, n)`, n <= block.

        With `positions` `(B, m)`, those rows alone, `(B, m, width)`: what is read from the last
        layer need not be computed elsewhere in it.
        """
        x, turns = self.embed(ids)
        *lower, last = self.layers
        for block in lower:
            x = block(x, turns)
        return self.norm(last(x, turns, positions))

    def forward(self, ids: Tensor) -> Tensor:
        """Logits `(B, n, vocabulary)` for the character after each position."""
        return self.head(self.hidden(ids))

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy in nats over the targets `(B, n)` that are not `IGNORED`.

        Only scored positions go through the last layer and the head: in question pairs that is
        one in four.
        """
        scored = targets != IGNORED
        most = int(scored.sum(1).max())
        if not self.selective or most > ids.shape[1] // 2:
            return F.cross_entropy(self.head(self.hidden(ids)[scored]), targets[scored])
        positions = torch.argsort(~scored, dim=1, stable=True)[:, :most]  # the scored ones first
        logits = self.head(self.hidden(ids, positions))  # (B, most, vocabulary)
        wanted = targets.gather(1, positions)
        return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)


def parameters_of(model: nn.Module) -> int:
    """How many numbers the model learns."""
    return sum(p.numel() for p in model.parameters())
