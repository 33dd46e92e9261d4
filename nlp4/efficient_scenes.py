"""What the explorers of notebook 03 show, as numbers: one function from settings to a scene."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from nlp4 import attention_cost, pattern_graph, spectra
from nlp4.attention_cost import Cost
from nlp4.block_pattern import NOTHING, BlockPattern
from nlp4.corpus import Corpus
from nlp4.inspection import attention_weights
from nlp4.linformer import LinformerConfig, Share, linformers
from nlp4.model import GPT
from nlp4.vocabulary import Vocabulary

Array = NDArray[np.float64]
TOKENS = 1_024  # of the pattern's sequence
LAYERS = 8  # that the pattern's curve shows
LENGTH = 128  # of the texts whose attention is taken apart
Source = Literal["trained", "untrained", "random logits", "previous token"]


@dataclass(frozen=True)
class PatternScene:
    """A pattern over blocks, and how news travels over it."""

    pattern: BlockPattern
    causal: bool
    parts: NDArray[np.int8]  # (blocks, blocks)
    reached: NDArray[np.bool_]  # (blocks,): what the middle row holds after `layers` layers
    layers: int
    growth: Array  # (LAYERS + 1,): mean share of the blocks within reach
    density: float
    path: float
    reach_all: int | None
    gap: float

    @property
    def middle(self) -> int:
        """The row whose receptive field is shown."""
        return len(self.parts) // 2


def pattern_scene(
    block: int, window: int, global_: int, random: int, seed: int, causal: bool, layers: int
) -> PatternScene:
    """BigBird's pattern over `TOKENS` tokens, and the middle row's reach after some layers.

    The causal form can reach only what comes before, so "everything" means that there.
    Raises UserError as `BlockPattern` does.
    """
    pattern = BlockPattern(block, window, global_, random, seed)
    parts = pattern.parts(pattern.blocks(TOKENS), causal=causal)
    adjacency = parts != NOTHING
    hops = pattern_graph.hops(adjacency)
    wanted = np.tril(np.ones_like(adjacency)) if causal else np.ones_like(adjacency)
    most = hops[wanted].max()
    off_diagonal = wanted & ~np.eye(len(parts), dtype=bool)
    return PatternScene(
        pattern,
        causal,
        parts,
        hops[len(parts) // 2] <= layers,
        layers,
        np.array([(hops[wanted] <= layer).mean() for layer in range(LAYERS + 1)]),
        pattern.density(len(parts), causal=causal),
        float(hops[off_diagonal].mean()),
        int(most) if np.isfinite(most) else None,
        pattern_graph.spectral_gap(adjacency),
    )


@dataclass(frozen=True)
class SpectrumScene:
    """One attention matrix taken apart: its singular values, and what their first ones hold."""

    source: Source
    weights: Array  # (LENGTH, LENGTH)
    values: Array
    cumulative: Array
    ninety: int  # how many singular values hold 90% of their sum
    tenth: int  # the least rank whose best approximation errs by at most a tenth


@dataclass(frozen=True)
class Heads:
    """Attention of a trained and an untrained model on the same texts, `(texts, L, H, n, n)`."""

    trained: Array
    untrained: Array

    @property
    def layers(self) -> int:
        """How many layers the models have."""
        return self.trained.shape[1]

    @property
    def heads(self) -> int:
        """How many heads a layer has."""
        return self.trained.shape[2]


def heads_of(model: GPT, vocabulary: Vocabulary, corpus: Corpus, texts: int = 16) -> Heads:
    """Attention on texts of `LENGTH` characters, packed from biographies.

    The untrained model has the same shape, with weights drawn from seed 0.
    """
    packed = " ".join(corpus.biographies[: 4 * texts])
    ids = [
        torch.tensor(vocabulary.encode(packed[i * LENGTH : (i + 1) * LENGTH])) for i in range(texts)
    ]
    fresh = GPT(model.config, torch.Generator().manual_seed(0)).eval()

    def of(one: GPT) -> Array:
        found = [torch.stack(attention_weights(one, text)).double() for text in ids]
        return torch.stack(found).numpy()

    return Heads(of(model), of(fresh))


def spectrum_scene(heads: Heads, source: Source, layer: int, head: int, text: int) -> SpectrumScene:
    """Take apart the attention of one head (from 0) on one text, or of a stand-in for a head."""
    if source == "random logits":
        weights = spectra.random_attention(LENGTH, np.random.default_rng(text))
    elif source == "previous token":
        weights = spectra.previous_token(LENGTH)
    else:
        weights = (heads.trained if source == "trained" else heads.untrained)[text, layer, head]
    values = spectra.singular_values(weights)
    return SpectrumScene(
        source,
        weights,
        values,
        spectra.cumulative_share(values),
        spectra.rank_for(values, 0.9),
        int((spectra.truncation_errors(values) <= 0.1 + 1e-9).argmax()) + 1,
    )


@dataclass(frozen=True)
class ErrorScene:
    """The relative error of one head's weights on a text, by the rank kept."""

    ranks: tuple[int, ...]
    best: Array  # the text's own best approximation
    fitted: Array  # the best projection for other texts
    gaussian: Array  # a random projection, mean over draws


RANKS = (1, 2, 4, 8, 16, 32, 64, 96, 128)


@lru_cache(maxsize=1)
def _gaussian_misses(draws: int = 5) -> Array:
    """(R^T R - I)(R^T R - I)^T for some draws of each rank, `(ranks, draws, LENGTH, LENGTH)`."""
    found = []
    for k in RANKS:
        rng = np.random.default_rng(k)
        misses = [
            spectra.gaussian_projection(LENGTH, k, rng) - np.eye(LENGTH) for _ in range(draws)
        ]
        found.append([miss @ miss.T for miss in misses])
    return np.array(found)


def error_scene(heads: Heads, layer: int, head: int) -> ErrorScene:
    """Approximate a trained head's weights on the first text by three kinds of projection.

    The fitted one has seen the other texts alone.
    """
    weights = heads.trained[0, layer, head]
    best = spectra.truncation_errors(spectra.singular_values(weights))
    directions = spectra.main_directions(heads.trained[1:, layer, head])
    size = np.linalg.norm(weights)
    ranks = np.array(RANKS)
    # |P - P D| for orthonormal directions: what the directions that are left out hold of P.
    held = ((weights @ directions.T) ** 2).sum(0) / size**2
    fitted = np.sqrt(np.append(held[::-1].cumsum()[::-1], 0.0)[ranks])
    # |P M|^2 is the sum of P^T P times M M^T, entry by entry: no product for each draw.
    squares = np.tensordot(_gaussian_misses(), weights.T @ weights, axes=2)
    return ErrorScene(RANKS, best[ranks - 1], fitted, np.sqrt(squares).mean(1) / size)


def sharing(layers: int, heads: int, k: int, n: int) -> dict[str, tuple[int, int]]:
    """Projection matrices in a model, and the numbers in them, for each way to share.

    Counted on the modules themselves. Raises UserError if k is larger than n.
    """
    found = {}
    for share in get_args(Share):
        made = linformers(LinformerConfig(n, k, share), layers=layers, heads=heads)
        numbers = sum({id(p): p.numel() for layer in made for p in layer.parameters()}.values())
        found[share] = (numbers // (k * n), numbers)
    return found


@dataclass(frozen=True)
class CostScene:
    """Counted costs of one layer against the length of the text."""

    n: int
    k: int
    lengths: tuple[int, ...]
    full: tuple[Cost, ...]
    linformer: tuple[Cost, ...]
    bigbird: tuple[Cost, ...]
    break_even: int


LENGTHS = tuple(2**i for i in range(8, 16))
WIDTH = 256


@lru_cache(maxsize=256)
def _bigbird_cost(n: int, random: int, global_: int) -> Cost:
    return attention_cost.bigbird(n, WIDTH, BlockPattern(64, 3, global_, random))


def cost_scene(n: int, k: int, random: int, global_: int) -> CostScene:
    """Multiply-adds of a layer of width `WIDTH` for each length, and where Linformer pays."""
    return CostScene(
        n,
        k,
        LENGTHS,
        tuple(attention_cost.full(m, WIDTH) for m in LENGTHS),
        tuple(attention_cost.linformer(m, WIDTH, k) for m in LENGTHS),
        tuple(_bigbird_cost(m, random, global_) for m in LENGTHS),
        attention_cost.break_even(WIDTH, k),
    )
