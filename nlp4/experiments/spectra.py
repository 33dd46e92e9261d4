"""What the heads of a trained and of an untrained model attend with, to take it apart elsewhere.

Beside it: how many numbers Linformer's projections hold, for each way to share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths import spectra
from nlp4.models.gpt import GPT
from nlp4.models.linformer import LinformerConfig, Share, linformers

LENGTH = 128  # of the texts whose attention is taken apart
_LARGEST = 127  # of eight bits


@dataclass(frozen=True)
class QueriesAndKeys:
    """A model's queries and keys on several texts, as multiples of a step of each feature.

    Eight bits a number: a web page loads them. It moves no rank of the pictures by more than one.
    """

    multiples: NDArray[np.int8]  # (2, texts, L, H, n, d)
    steps: NDArray[np.float32]  # (2, 1, L, H, 1, d)

    @classmethod
    def of(cls, exact: NDArray[np.float32]) -> QueriesAndKeys:
        """Those of shape `(2, texts, L, H, n, d)`, rounded."""
        steps = np.abs(exact).max(axis=(1, 4), keepdims=True) / _LARGEST
        return cls(np.rint(exact / steps).astype(np.int8), steps)

    def logits(self, layer: int, head: int) -> NDArray[np.float64]:
        """One head's q k^T / sqrt(d) on each text, `(texts, n, n)`; layers and heads from 0."""
        at = np.s_[:, :, layer, head]
        return spectra.logits(*(self.multiples[at] * self.steps[at]))


@dataclass(frozen=True)
class Heads:
    """What the heads of two models of the same shape attend with, on the same texts."""

    trained: QueriesAndKeys
    untrained: QueriesAndKeys
    values: NDArray[np.float16]  # that the trained one mixes on the first text, `(L, H, n, d)`

    @property
    def texts(self) -> int:
        """How many texts they read."""
        return self.trained.multiples.shape[1]

    @property
    def layers(self) -> int:
        """How many layers the models have."""
        return self.trained.multiples.shape[2]

    @property
    def heads(self) -> int:
        """How many heads a layer has."""
        return self.trained.multiples.shape[3]


def heads_of(model: GPT, vocabulary: Vocabulary, corpus: Corpus, texts: int = 16) -> Heads:
    """Attention on texts of `LENGTH` characters, packed from biographies.

    The untrained model has the same shape, with weights drawn from seed 0.
    """
    packed = " ".join(corpus.biographies[: 4 * texts])
    ids = torch.tensor(
        [vocabulary.encode(packed[i * LENGTH : (i + 1) * LENGTH]) for i in range(texts)]
    )
    fresh = GPT(model.config, torch.Generator().manual_seed(0)).eval()
    trained, untrained = (_queries_keys_values(each, ids) for each in (model, fresh))
    return Heads(
        QueriesAndKeys.of(trained[:2]),
        QueriesAndKeys.of(untrained[:2]),
        trained[2, 0].astype(np.float16),
    )


@torch.no_grad()
def _queries_keys_values(model: GPT, ids: Tensor) -> NDArray[np.float32]:
    """What each layer of the model attends with, on texts `(B, n)`: `(3, B, L, H, n, d)`."""
    _, turns = model.embed(ids)
    entering = zip(model.layers, model.stream(ids), strict=False)  # all but what leaves
    found = [block.attention.queries_keys_values(block.norm_1(x), turns) for block, x in entering]
    return np.stack([np.stack([part.numpy() for part in parts]) for parts in found], axis=2)


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
