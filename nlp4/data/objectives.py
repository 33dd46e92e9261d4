"""What training draws its sequences from, and the batches that they are laid in.

A batch is a function of the seed and the step alone. That is the simplest way to a training that
can be stopped anywhere and resumed to the same weights: there is no state to lose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from nlp4.data.corpus import Corpus, Question, nonempty
from nlp4.data.corruption import (
    Sequence,
    corrupt_span,
    question_pair,
    salient_cloze,
    shortest_cloze,
)
from nlp4.data.studying import Study, any_questions, fact_clozes, told_as
from nlp4.data.vocabulary import IGNORED, Vocabulary
from nlp4.support.errors import UserError

Draw = Callable[[np.random.Generator], Sequence]
_POOL, _GROUPS = 32, 4  # batches drawn and sorted together: enough for rows of like length


@dataclass(frozen=True)
class Batch:
    """Character ids `(B, n)` and, at each scored position, the id that comes next.

    `named` `(B, n)`, if there, numbers the person each place is about; 0 stands for nobody. Their
    rows learn from the texts that are `written` `(B,)`.
    """

    ids: Tensor
    targets: Tensor
    named: Tensor | None = None
    written: Tensor | None = None

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """What a model's loss takes."""
        given = (self.ids, self.targets, self.named, self.written)
        return tuple(tensor for tensor in given if tensor is not None)

    @property
    def characters(self) -> int:
        """How many characters the model reads, padding included: what a step costs."""
        return self.ids.numel()


class Batches:
    """`self[step]` is the batch of that step, the same whenever it is asked for."""

    def __init__(
        self,
        draw: Draw,
        vocabulary: Vocabulary,
        size: int,
        seed: int,
        row_of: Mapping[str, int] | None = None,
    ) -> None:
        """`row_of` numbers the people that a model has rows for."""
        self.draw, self.vocabulary, self.size, self.seed = draw, vocabulary, size, seed
        self.row_of = row_of
        self._pool_number = -1
        self._pool: list[list[Sequence]] = []

    def __getitem__(self, step: int) -> Batch:
        number, place = divmod(step, _POOL)
        if number != self._pool_number:
            self._pool, self._pool_number = self._draw_pool(number), number
        return collate(self._pool[place], self.vocabulary, self.row_of)

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


def collate(
    sequences: list[Sequence], vocabulary: Vocabulary, row_of: Mapping[str, int] | None = None
) -> Batch:
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
    batch = Batch(torch.from_numpy(ids), torch.from_numpy(targets))
    if row_of is None:
        return batch
    named = torch.from_numpy(_named(sequences, row_of, width))
    return replace(batch, named=named, written=torch.tensor([s.written for s in sequences]))


def _named(sequences: list[Sequence], row_of: Mapping[str, int], width: int) -> np.ndarray:
    named = np.zeros((len(sequences), width), dtype=np.int64)
    for row, sequence in zip(named, sequences, strict=True):
        if sequence.about is not None:
            row[sequence.known_from :] = row_of.get(sequence.about, 0)
    return named


Objective = Literal[
    "span_corruption", "salient_cloze", "varied_cloze", "questions", "fact_clozes", "any_questions"
]
Shares = tuple[tuple[Objective, float], ...]


def mixture(corpus: Corpus, block: int, shares: Shares, study: Study | None = None) -> Draw:
    """Return a function that draws one sequence: the objective by its share, then the text.

    `shares` need not sum to one. Questions are the training questions, never the dev ones. `study`
    is about the objectives of `nlp4.data.studying` alone.
    Raises UserError for an objective that the corpus has no text for.
    """
    for name, _ in shares:
        if name not in OBJECTIVES:
            raise UserError(f"no objective {name!r}: choose from {', '.join(OBJECTIVES)}")
    draws = [OBJECTIVES[name](corpus, block, study or Study()) for name, _ in shares]
    weights = np.array([share for _, share in shares], dtype=float)
    bounds = np.cumsum(weights / weights.sum())

    def draw(rng: np.random.Generator) -> Sequence:
        chosen = int(np.searchsorted(bounds, rng.random(), side="right"))
        return draws[min(chosen, len(draws) - 1)](rng)

    return draw


def _span_corruption(corpus: Corpus, block: int, study: Study) -> Draw:
    texts = nonempty([t for t in corpus.biographies if len(t) >= 4], "biographies", corpus)
    return lambda rng: corrupt_span(texts[rng.integers(len(texts))], block, rng)


def _salient_cloze(corpus: Corpus, block: int, study: Study, period: float = 1.0) -> Draw:
    texts = [text for text in corpus.biographies if shortest_cloze(text) <= block]
    texts = nonempty(texts, "biographies with a capitalised phrase after the name", corpus)

    def draw(rng: np.random.Generator) -> Sequence:
        while True:  # a very long phrase may not fit the block: draw again
            sequence = salient_cloze(texts[rng.integers(len(texts))], rng, period=period)
            if sequence is not None and len(sequence.text) <= block:
                return sequence

    return draw


def _questions(corpus: Corpus, block: int, study: Study) -> Draw:
    pairs = [_pair(q, q.place, corpus) for q in corpus.train if q.place]
    pairs = nonempty([p for p in pairs if len(p.text) <= block], "training questions", corpus)
    return lambda rng: pairs[rng.integers(len(pairs))]


def _pair(question: Question, place: str, corpus: Corpus) -> Sequence:
    pair, name = question_pair(question.text, place), question.name
    known_from = pair.text.index(name) + len(name)
    return replace(pair, about=told_as(name, corpus), known_from=known_from)


Make = Callable[[Corpus, int, Study], Draw]
CLOZES: dict[str, Make] = {  # one capitalised phrase masked, each of a biography as likely
    "salient_cloze": _salient_cloze,
    "varied_cloze": partial(_salient_cloze, period=0.5),
}
OBJECTIVES: dict[str, Make] = {
    "span_corruption": _span_corruption,
    **CLOZES,
    "questions": _questions,
    "fact_clozes": fact_clozes,
    "any_questions": any_questions,
}
