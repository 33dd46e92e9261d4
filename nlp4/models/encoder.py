"""A small encoder: every place sees both sides, through whatever attention it is given.

Full, Linformer and BigBird attention get the same weights of the same shapes, drawn in the same
order, so that with one seed they start from one model; a Linformer adds its projections. Keys and
values have no bias, which a Linformer that projects first needs. The answer is one of the symbols,
by the same table that reads them (Press and Wolf 2017).

Places are told by the sinusoids of Vaswani et al. (2017, section 3.5), added to the input, and
where a query meets a key of one place, both are also turned (`rotate`). A Linformer's keys are
mixtures of all places: there is no place to turn by. A convolution over `STEM` symbols gives each
place its neighbours before the first layer (as in CANINE, Clark et al. 2022; and in Zoology, Arora
et al. 2024, where it lets a value know its key): what is left to attention is what stands further
off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.data.vocabulary import IGNORED
from nlp4.models.attention import Attend, SelfAttention, Turns, linear, rotations
from nlp4.models.linformer import Linformer, LinformerSelfAttention
from nlp4.support.errors import UserError

STEM = 5  # symbols that the convolution spans; a place sees `STEM // 2` to each side of itself


@dataclass(frozen=True)
class EncoderConfig:
    """The shape of an encoder: one of `symbols` in and out, at each of `n` places or fewer.

    Raises UserError for a width that does not divide into heads of an even width.
    """

    symbols: int
    n: int
    layers: int = 2
    heads: int = 2
    width: int = 64

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise UserError(
                f"width {self.width} does not divide into {self.heads} heads of an even width"
            )


def self_attention(
    config: EncoderConfig, attend: Attend, generator: torch.Generator
) -> SelfAttention:
    """One layer's attention; a Linformer gets the module that projects first."""
    if isinstance(attend, Linformer):
        return LinformerSelfAttention(config.width, attend, generator)
    return SelfAttention(config.width, config.heads, attend, generator, key_bias=False)


class EncoderLayer(nn.Module):
    """Attention, then a two-layer perceptron, each on a normalised residual stream."""

    def __init__(self, config: EncoderConfig, attend: Attend, generator: torch.Generator) -> None:
        super().__init__()
        width = config.width
        self.norm_1 = nn.LayerNorm(width)
        self.attention = self_attention(config, attend, generator)
        self.turning = not isinstance(attend, Linformer)
        self.norm_2 = nn.LayerNorm(width)
        self.up = linear(width, 4 * width, generator)
        self.down = linear(4 * width, width, generator)

    def forward(self, x: Tensor, turns: Turns, key_padding_mask: Tensor | None) -> Tensor:
        """`(B, n, width)` to the same."""
        used = turns if self.turning else None
        x = x + self.attention(self.norm_1(x), used, key_padding_mask=key_padding_mask)
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class Encoder(nn.Module):
    """Symbols in, logits of the symbols out, each place seeing what its attention shows it.

    `attentions` has one `Attend` for each layer; the same one may stand in several. Weights are
    drawn from `generator`: symbols N(0, 1), the rest N(0, 1 / inputs), biases 0.

    Raises UserError if the number of attentions is not the number of layers.
    """

    places: Tensor
    cosines: Tensor
    sines: Tensor

    @torch.random.fork_rng(devices=[])  # torch's layers draw weights too, only to be overwritten
    def __init__(
        self, config: EncoderConfig, attentions: Sequence[Attend], generator: torch.Generator
    ) -> None:
        super().__init__()
        if len(attentions) != config.layers:
            raise UserError(f"{len(attentions)} attentions for {config.layers} layers: give each")
        self.config = config
        self.symbols = nn.Embedding(config.symbols, config.width)
        nn.init.normal_(self.symbols.weight, generator=generator)
        self.stem = _convolution(config.width, generator)
        turns = rotations(config.n, config.width // config.heads)
        for name, buffer in zip(("cosines", "sines"), turns, strict=True):
            self.register_buffer(name, buffer, persistent=False)
        self.register_buffer("places", sinusoids(config.n, config.width), persistent=False)
        self.layers = nn.ModuleList(EncoderLayer(config, a, generator) for a in attentions)
        self.norm = nn.LayerNorm(config.width)

    def hidden(self, ids: Tensor, *, key_padding_mask: Tensor | None = None) -> Tensor:
        """The last layer's states `(B, n, width)` for symbols `(B, n)`.

        `key_padding_mask` `(B, n)` is True at padding, which no place then sees. Raises UserError
        for a sequence longer than the configuration's.
        """
        n = ids.shape[1]
        if n > self.config.n:
            raise UserError(f"a sequence of {n} symbols is longer than n = {self.config.n}")
        x = self.symbols(ids)  # (B, n, width)
        if key_padding_mask is not None:  # or padding would enter its neighbours
            x = x.masked_fill(key_padding_mask[..., None], 0.0)
        x = x + self.stem(x.transpose(1, 2)).transpose(1, 2) + self.places[:n]
        turns = self.cosines[:n], self.sines[:n]
        for layer in self.layers:
            x = layer(x, turns, key_padding_mask)
        return self.norm(x)

    def logits(self, states: Tensor) -> Tensor:
        """The symbols' logits `(..., symbols)` for states `(..., width)` of `hidden`."""
        return states @ self.symbols.weight.T

    def forward(self, ids: Tensor, *, key_padding_mask: Tensor | None = None) -> Tensor:
        """Logits `(B, n, symbols)`; arguments and errors as in `hidden`."""
        return self.logits(self.hidden(ids, key_padding_mask=key_padding_mask))

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy in nats over the targets `(B, n)` that are not `IGNORED`."""
        asked = targets != IGNORED
        return F.cross_entropy(self.logits(self.hidden(ids)[asked]), targets[asked])


def _convolution(width: int, generator: torch.Generator) -> nn.Conv1d:
    made = nn.Conv1d(width, width, STEM, padding=STEM // 2, bias=False)
    nn.init.normal_(made.weight, std=(STEM * width) ** -0.5, generator=generator)
    return made


def sinusoids(n: int, width: int) -> Tensor:
    """Sines, then cosines, of `place * 10000^(-2i / width)`: `(n, width)`, of mean square 1."""
    cosines, sines = rotations(n, width)
    return math.sqrt(2) * torch.cat((sines, cosines), dim=1)
