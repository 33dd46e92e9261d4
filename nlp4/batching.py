"""Batches of like length, each a function of the seed and the step alone.

A batch that depends on nothing but `(seed, step)` is the simplest way to a training that can be
stopped anywhere and resumed to the same weights: there is no state to lose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nlp4.corruption import Sequence
from nlp4.vocabulary import IGNORED, Vocabulary

Draw = Callable[[np.random.Generator], Sequence]
_POOL, _GROUPS = 32, 4  # batches drawn and sorted together: enough for rows of like length


@dataclass(frozen=True)
class Batch:
    """Character ids `(B, n)` and, at each scored position, the id that comes next."""

    ids: Tensor
    targets: Tensor

    @property
    def characters(self) -> int:
        """How many characters the model reads, padding included: what a step costs."""
        return self.ids.numel()


class Batches:
    """`self[step]` is the batch of that step, the same whenever it is asked for."""

    def __init__(self, draw: Draw, vocabulary: Vocabulary, size: int, seed: int) -> None:
        self.draw, self.vocabulary, self.size, self.seed = draw, vocabulary, size, seed
        self._pool_number = -1
        self._pool: list[list[Sequence]] = []

    def __getitem__(self, step: int) -> Batch:
        number, place = divmod(step, _POOL)
        if number != self._pool_number:
            self._pool, self._pool_number = self._draw_pool(number), number
        return collate(self._pool[place], self.vocabulary)

    def _draw_pool(self, number: int) -> list[list[Sequence]]:
        rng = np.random.default_rng((self.seed, number))
        drawn = [self.draw(rng) for _ in range(_POOL * self.size)]
        drawn = like_lengths(drawn, _GROUPS)
        rows = [drawn[i : i + self.size] for i in range(0, len(drawn), self.size)]
        return [rows[i] for i in rng.permutation(_POOL)]


def like_lengths(sequences: list[Sequence], groups: int) -> list[Sequence]:
    """Order sequences so that neighbours have answers of like length, and texts of like length.

    The last layer costs by the longest answer in a batch, the others by the longest text: cut
    the order by answers into groups, then order each by texts.
    """
    by_answer = sorted(sequences, key=lambda sequence: len(sequence.answer))
    size = max(1, -(-len(by_answer) // groups))
    parts = (by_answer[i : i + size] for i in range(0, len(by_answer), size))
    return [s for part in parts for s in sorted(part, key=lambda sequence: len(sequence.text))]


def collate(sequences: list[Sequence], vocabulary: Vocabulary) -> Batch:
    """Encode sequences into one batch, as wide as its longest row; the rest is `PAD` (id 0).

    The target at position t is character t + 1 where the loss counts it, else `IGNORED`.
    """
    width = max(len(sequence.text) for sequence in sequences) - 1
    ids = np.zeros((len(sequences), width), dtype=np.int64)
    targets = np.full((len(sequences), width), IGNORED, dtype=np.int64)
    for row, sequence in enumerate(sequences):
        encoded = vocabulary.encode(sequence.text)
        first, last = sequence.scored_from, len(encoded) - 1
        ids[row, :last] = encoded[:-1]
        targets[row, first - 1 : last] = encoded[first:]
    return Batch(torch.from_numpy(ids), torch.from_numpy(targets))
