"""A decoder-only GPT over characters (Radford et al. 2019), small enough to train on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.data.vocabulary import IGNORED
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.attention import (
    SelfAttention,
    Turns,
    attend,
    attend_from,
    linear,
    merge_heads,
    require_whole_heads,
    rotate,
    rotations,
    split_heads,
)
from nlp4.models.bigbird import BigBird
from nlp4.models.linformer import LinformerConfig, refuse_causal
from nlp4.models.memory import MemoryConfig, NgramMemory
from nlp4.models.recall import Recall, RecallConfig
from nlp4.support.errors import UserError

Positions = Literal["learned", "rotary"]
_STD = 0.02  # of fresh weights


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a GPT, by default exercise 3's.

    `attention` is BigBird's pattern, or None for full attention.

    Raises UserError for sizes that do not divide, for unheard-of positions and for a Linformer.
    """

    vocabulary_size: int
    block: int = 128
    layers: int = 4
    heads: int = 8
    width: int = 256
    positions: Positions = "learned"
    dropout: float = 0.1
    memory: MemoryConfig | None = None
    recall: RecallConfig | None = None
    attention: BlockPattern | None = None

    def __post_init__(self) -> None:
        require_whole_heads(self.width, self.heads)
        refuse_causal(isinstance(self.attention, LinformerConfig))
        if self.positions not in get_args(Positions):
            names = " or ".join(get_args(Positions))
            raise UserError(f"no positions are called {self.positions!r}: choose {names}")
        if self.positions == "rotary" and self.head_dim % 2:
            raise UserError(f"rotary positions need an even head size, not {self.head_dim}")

    @property
    def head_dim(self) -> int:
        """Width of one head."""
        return self.width // self.heads


class CausalSelfAttention(SelfAttention):
    """A GPT's self-attention, which also computes chosen rows alone where it is full."""

    def forward_from(self, x: Tensor, turns: Turns | None, positions: Tensor) -> Tensor:
        """`(B, n, width)` to the rows at `positions` `(B, m)` alone: `(B, m, width)`."""
        width = x.shape[-1]
        kv = F.linear(x, self.qkv.weight[width:], self.qkv.bias[width:])
        k, v = (split_heads(part, self.heads) for part in kv.chunk(2, dim=-1))  # (B, H, n, d)
        chosen = rows_at(x, positions)
        chosen = F.linear(chosen, self.qkv.weight[:width], self.qkv.bias[:width])
        q = split_heads(chosen, self.heads)  # (B, H, m, d)
        if turns is not None:
            cosines, sines = (turn[positions][:, None] for turn in turns)  # (B, 1, m, d / 2)
            q, k = rotate(q, cosines, sines), rotate(k, *turns)
        return self.out(merge_heads(attend_from(q, k, v, positions)))


class Block(nn.Module):
    """One layer: attention, then a two-layer perceptron, each on a normalised residual stream."""

    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        width, written = config.width, _STD * (2 * config.layers) ** -0.5
        attention = attend if config.attention is None else BigBird(config.attention)
        self.norm_1 = nn.LayerNorm(width)
        self.attention = CausalSelfAttention(
            width, config.heads, attention, generator, std=_STD, out_std=written
        )
        self.norm_2 = nn.LayerNorm(width)
        self.up = linear(width, 4 * width, generator, std=_STD)
        self.down = linear(4 * width, width, generator, std=written)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, turns: Turns | None, positions: Tensor | None = None) -> Tensor:
        """`(B, n, width)` to the same, or to the rows at `positions` `(B, m)` alone."""
        if positions is None:
            mixed = self.attention(self.norm_1(x), turns, causal=True)
        else:
            mixed = self.attention.forward_from(self.norm_1(x), turns, positions)
            x = rows_at(x, positions)
        x = x + self.dropout(mixed)
        return x + self.dropout(self.down(F.gelu(self.up(self.norm_2(x)))))


def rows_at(x: Tensor, positions: Tensor) -> Tensor:
    """The rows `(B, m, width)` of `x` `(B, n, width)` at `positions` `(B, m)`."""
    return x.gather(1, positions[..., None].expand(-1, -1, x.shape[-1]))


class GPT(nn.Module):
    """Characters in, logits of the next character out.

    Weights are drawn from `generator`, in the order in which they are made: linear and embedding
    weights N(0, 0.02^2), the matrices that write into the residual stream smaller by
    sqrt(2 * layers), biases 0 (GPT-2, section 2.3). Rows of the memory start at zero.
    """

    cosines: Tensor
    sines: Tensor

    @torch.random.fork_rng(devices=[])  # torch's layers draw weights too, only to be overwritten
    def __init__(self, config: ModelConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.selective = config.attention is None  # BigBird needs every query in its place
        if config.positions == "learned":
            places = torch.empty(config.block, config.width)
            self.positions = nn.Parameter(places.normal_(std=_STD, generator=generator))
        else:
            cosines, sines = rotations(config.block, config.head_dim)
            self.register_buffer("cosines", cosines, persistent=False)
            self.register_buffer("sines", sines, persistent=False)
        self.characters = nn.Embedding(config.vocabulary_size, config.width)
        nn.init.normal_(self.characters.weight, std=_STD, generator=generator)
        self.memory = NgramMemory(config.memory, config.width) if config.memory else None
        self.recall = Recall(config.recall, config.width, generator) if config.recall else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(Block(config, generator) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.head = linear(config.width, config.vocabulary_size, generator, std=_STD, bias=False)

    @property
    def layers(self) -> list[Block]:
        """The blocks, from the input up."""
        return [cast(Block, block) for block in self.blocks]

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
        if self.recall is not None:
            x = x + self.recall.words_at(ids)
        return self.dropout(x), turns

    def hidden(
        self,
        ids: Tensor,
        positions: Tensor | None = None,
        named: Tensor | None = None,
        written: Tensor | None = None,
    ) -> Tensor:
        """The last layer's states `(B, n, width)` for character ids `(B, n)`, n <= block.

        With `positions` `(B, m)`, those rows alone, `(B, m, width)`: what is read from the last
        layer need not be computed elsewhere in it. What is remembered of people is read before
        it, of those `named` `(B, n)` or, without that, of those whose names stand in the text;
        rows that are not `written` `(B,)` get no gradient.
        """
        x, turns = self.embed(ids)
        *lower, last = self.layers
        for block in lower:
            x = block(x, turns)
        if self.recall is not None:
            x = self.recall(x, self.recall.named(ids) if named is None else named, written)
        return self.norm(last(x, turns, positions))

    def stream(self, ids: Tensor) -> list[Tensor]:
        """What enters each layer for ids `(B, n)`, then what leaves the last: `(B, n, width)`.

        What is recalled of people enters the last layer with the rest.
        """
        x, turns = self.embed(ids)
        stream = [x]
        for number, block in enumerate(self.layers, 1):
            if self.recall is not None and number == self.config.layers:
                stream[-1] = self.recall(stream[-1], self.recall.named(ids))
            stream.append(block(stream[-1], turns))
        return stream

    def forward(self, ids: Tensor) -> Tensor:
        """Logits `(B, n, vocabulary)` for the character after each position."""
        return self.head(self.hidden(ids))

    def loss(
        self,
        ids: Tensor,
        targets: Tensor,
        named: Tensor | None = None,
        written: Tensor | None = None,
    ) -> Tensor:
        """Mean cross-entropy in nats over the targets `(B, n)` that are not `IGNORED`.

        Only scored positions go through the last layer and the head: in question pairs that is
        one in four.
        """
        scored = targets != IGNORED
        most = int(scored.sum(1).max())
        if not self.selective or most > ids.shape[1] // 2:
            states = self.hidden(ids, named=named, written=written)
            return F.cross_entropy(self.head(states[scored]), targets[scored])
        positions = torch.argsort(~scored, dim=1, stable=True)[:, :most]  # the scored ones first
        logits = self.head(self.hidden(ids, positions, named, written))  # (B, most, vocabulary)
        wanted = targets.gather(1, positions)
        return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)


def parameters_of(model: nn.Module) -> int:
    """How many numbers the model learns."""
    return sum(p.numel() for p in model.parameters())


def tables(model: nn.Module) -> list[Tensor]:
    """The weights that are looked up row by row: a step moves few of their rows."""
    found = (m for m in model.modules() if isinstance(m, nn.Embedding) and m.sparse)
    return [table.weight for table in found]


def table_parameters(model: nn.Module) -> int:
    """How many of a model's numbers stand in tables."""
    return sum(table.numel() for table in tables(model))
