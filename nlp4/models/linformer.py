"""Linformer: attention to k mixtures of the keys instead of all n (Wang et al. 2020).

    softmax(q (E K)^T / sqrt(d)) (F V),   E and F of shape (k, n)       (eq. 7)

E and F are learned and dense: they mix all positions, later ones too, so this layer has no causal
form. Padding is zeroed before it is mixed: it then adds nothing to any mixture, though a mixture of
padding alone still draws the weight that a key of zeros gets. A sequence of padding alone gives
zeros.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.maths.spectra import run_means
from nlp4.models.attention import SelfAttention, Turns, merge_heads, queries_keys_values
from nlp4.support.errors import UserError

Share = Literal["none", "headwise", "key-value", "layerwise"]
ProjectionKind = Literal["learned", "mean", "gaussian"]


@dataclass(frozen=True)
class LinformerConfig:
    """What the projections E and F are, and who shares them (section 4).

    `share`: "none", each head has its own E and F; "headwise", the heads of a layer share E and
    F; "key-value", they share one matrix for both; "layerwise", all layers share that one.

    `projection`: "learned", from N(0, 1 / max_length); "gaussian", fixed, from N(0, 1 / k), which
    keeps lengths and angles on average (Johnson and Lindenstrauss; theorem 1); "mean", the means
    of k runs of positions as equal in length as can be, with nothing to learn or to share. With
    n < k positions there are n means.

    Raises UserError for an unknown word or a size that cannot be.
    """

    max_length: int
    k: int
    share: Share = "layerwise"
    projection: ProjectionKind = "learned"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.max_length:
            raise UserError(
                f"k = {self.k} does not lie between 1 and max_length = {self.max_length}"
            )
        for name, value, known in (
            ("share", self.share, get_args(Share)),
            ("projection", self.projection, get_args(ProjectionKind)),
        ):
            if value not in known:
                raise UserError(f"{name} = {value!r} is unknown: choose one of {', '.join(known)}")

    @property
    def heads_share(self) -> bool:
        """Whether one matrix serves all heads."""
        return self.share != "none" or self.projection == "mean"

    @property
    def keys_and_values_share(self) -> bool:
        """Whether E and F are the same matrix."""
        return self.share in ("key-value", "layerwise") or self.projection == "mean"


class Linformer(nn.Module):
    """Linformer attention with its projections; any model that is not causal takes it.

    One instance in several layers is layerwise sharing; `linformers` makes one for each layer as
    `share` says. Shorter sequences use the first n columns of the projections. The projections
    are drawn from `generator`, by default a new one with the configuration's seed.
    """

    e: Tensor | None  # (1 or heads, k, max_length); None for means
    f: Tensor | None  # the same; None for means, and where `e` is both

    def __init__(
        self, config: LinformerConfig, heads: int, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.heads = heads
        generator = generator or torch.Generator().manual_seed(config.seed)
        self._keep("e", None if config.projection == "mean" else self._draw(generator))
        self._keep("f", None if config.keys_and_values_share else self._draw(generator))

    def _draw(self, generator: torch.Generator) -> Tensor:
        config = self.config
        variance = 1 / (config.max_length if config.projection == "learned" else config.k)
        groups = 1 if config.heads_share else self.heads
        shape = (groups, config.k, config.max_length)
        return torch.randn(shape, generator=generator) * math.sqrt(variance)

    def _keep(self, name: str, matrices: Tensor | None) -> None:
        if matrices is not None and self.config.projection == "learned":
            self.register_parameter(name, nn.Parameter(matrices))
        else:
            self.register_buffer(name, matrices)

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        *,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """For each query, an average of the k mixtures of values.

        Shapes: q, k, v and the result `(B, H, n, d)`, n <= max_length; `key_padding_mask` `(B, n)`,
        True at padding. Raises UserError if `causal`, or if a shape does not fit.
        """
        refuse_causal(causal)
        if k.shape[1] != self.heads:
            raise UserError(f"this Linformer was made for {self.heads} heads, not {k.shape[1]}")
        check_padding(key_padding_mask, k.shape[0], k.shape[2])
        if key_padding_mask is not None:
            hidden = key_padding_mask[:, None, :, None]  # (B, 1, n, 1)
            k, v = k.masked_fill(hidden, 0.0), v.masked_fill(hidden, 0.0)
        return F.scaled_dot_product_attention(q, self.mix_keys(k), self.mix_values(v))

    def mix_keys(self, x: Tensor) -> Tensor:
        """E x: `(B, H, n, d)` to `(B, H, k, d)`; any number of heads if they share E."""
        return self._mix(x, self.e)

    def mix_values(self, x: Tensor) -> Tensor:
        """F x, shaped as in `mix_keys`."""
        return self._mix(x, self.e if self.f is None else self.f)

    def _mix(self, x: Tensor, matrices: Tensor | None) -> Tensor:
        batch, heads, n, d = x.shape
        self._check_length(n)
        if matrices is None:
            return means_of_runs(x, self.config.k)
        if n < self.config.max_length:
            matrices = matrices[:, :, :n]
        if self.config.heads_share:
            columns = x.permute(2, 0, 1, 3).flatten(1)  # (n, B * H * d): one product for all
            mixed = matrices.squeeze(0) @ columns
            return mixed.unflatten(1, (batch, heads, d)).permute(1, 2, 0, 3)
        return torch.einsum("hkn,bhnd->bhkd", matrices, x)

    def matrices(self, n: int) -> tuple[Tensor, Tensor]:
        """E and F for `n` positions, each `(1 or H, k, n)`, for looking and for testing."""
        self._check_length(n)
        if self.e is None:
            e = torch.from_numpy(run_means(n, min(self.config.k, n)))[None]
            return e, e
        f = self.e if self.f is None else self.f
        return self.e[:, :, :n], f[:, :, :n]

    def _check_length(self, n: int) -> None:
        if n > self.config.max_length:
            raise UserError(
                f"a sequence of {n} positions is longer than max_length = "
                f"{self.config.max_length}: shorten it, or make a Linformer for that length"
            )


def linformers(config: LinformerConfig, *, layers: int, heads: int) -> list[Linformer]:
    """One Linformer for each layer, drawn from `config.seed`; layerwise, the same one each time."""
    generator = torch.Generator().manual_seed(config.seed)
    if config.share == "layerwise":
        return [Linformer(config, heads, generator)] * layers
    return [Linformer(config, heads, generator) for _ in range(layers)]


def means_of_runs(x: Tensor, k: int) -> Tensor:
    """Cut `(B, H, n, d)` into min(k, n) runs of n, the longer ones first; their means.

    Runs are as equal as can be, as in `numpy.array_split`.
    """
    n = x.shape[2]
    k = min(k, n)
    size, longer = divmod(n, k)
    split = longer * (size + 1)
    tail = x[:, :, split:].unflatten(2, (k - longer, size)).mean(3)
    if not longer:
        return tail
    head = x[:, :, :split].unflatten(2, (longer, size + 1)).mean(3)
    return torch.cat((head, tail), dim=2)


def refuse_causal(causal: bool) -> None:
    """Raise UserError with the reason if `causal`."""
    if causal:
        raise UserError(
            "Linformer as it is built here cannot be causal: its projection mixes all positions, "
            "later ones too, into the keys that every position looks at; use full or BigBird "
            "attention, or causal=False"
        )


def check_padding(key_padding_mask: Tensor | None, batch: int, n: int) -> None:
    """Raise UserError if the mask is not `(batch, n)`."""
    if key_padding_mask is not None and key_padding_mask.shape != (batch, n):
        raise UserError(
            f"the padding mask must have shape {(batch, n)}, not {tuple(key_padding_mask.shape)}"
        )


def dense_reference(
    q: Tensor, k: Tensor, v: Tensor, e: Tensor, f: Tensor, *, key_padding_mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the output and the weights `(B, H, n, k)`, as equation 7 reads.

    Shapes: q, k, v `(B, H, n, d)`; e and f `(1 or H, k, n)`, as `Linformer.matrices` returns.
    """
    e, f = e.to(q.dtype), f.to(q.dtype)
    if key_padding_mask is not None:
        kept = (~key_padding_mask).to(e.dtype)[:, None, None, :]  # (B, 1, 1, n)
        e, f = e * kept, f * kept  # no weight on padding: the same as keys and values of zeros
    scores = q @ (e @ k).transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, n, k)
    weights = scores.softmax(-1)
    return weights @ (f @ v), weights


class LinformerSelfAttention(SelfAttention):
    """Multi-head self-attention through a `Linformer`, with the projection first where it can be.

    Keys and values have no bias, so E (x W) = (E x) W: where heads share the projection, the input
    is mixed down to k rows before keys and values are made of it, which is exact and saves most
    of the work. Rotary turns differ from position to position, and with `share` "none" the input
    would be mixed once for each head: then keys and values are made first.
    """

    attention: Linformer

    def __init__(self, width: int, attention: Linformer, generator: torch.Generator) -> None:
        super().__init__(width, attention.heads, attention, generator, key_bias=False)

    def forward(
        self,
        x: Tensor,
        turns: Turns | None = None,
        *,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """As `SelfAttention`. Raises UserError as `Linformer` does."""
        refuse_causal(causal)
        check_padding(key_padding_mask, x.shape[0], x.shape[1])
        if turns is not None or not self.attention.config.heads_share:
            return super().forward(x, turns, key_padding_mask=key_padding_mask)
        parts = self.q(x), *self._keys_and_values_of_mixtures(x, key_padding_mask)
        mixed = F.scaled_dot_product_attention(*queries_keys_values(parts, self.heads))
        return self.out(merge_heads(mixed))

    def _keys_and_values_of_mixtures(
        self, x: Tensor, key_padding_mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """(E x) W_k and (F x) W_v, each `(B, k, width)`."""
        if key_padding_mask is not None:
            x = x.masked_fill(key_padding_mask[..., None], 0.0)
        whole = x[:, None]  # (B, 1, n, width): one head as wide as the input
        first = self.attention.mix_keys(whole)[:, 0]
        if self.attention.config.keys_and_values_share:
            k, v = self.kv(first).chunk(2, dim=-1)
            return k, v
        key_weight, value_weight = self.kv.weight.chunk(2)
        second = self.attention.mix_values(whole)[:, 0]
        return F.linear(first, key_weight), F.linear(second, value_weight)
