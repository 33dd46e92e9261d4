"""What training draws its sequences from: one objective, or several in fixed shares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

import numpy as np

from nlp4.batching import Draw
from nlp4.corpus import Corpus
from nlp4.corruption import Sequence, corrupt_span, question_pair, salient_cloze, shortest_cloze
from nlp4.errors import UserError

Objective = Literal["span_corruption", "salient_cloze", "varied_cloze", "questions"]
T = TypeVar("T")
Shares = tuple[tuple[Objective, float], ...]


def mixture(corpus: Corpus, block: int, shares: Shares) -> Draw:
    """Return a function that draws one sequence: the objective by its share, then the text.

    `shares` need not sum to one. Questions are the training questions, never the dev ones.
    Raises UserError for an objective that the corpus has no text for.
    """
    for name, _ in shares:
        if name not in OBJECTIVES:
            raise UserError(f"no objective {name!r}: choose from {', '.join(OBJECTIVES)}")
    draws = [OBJECTIVES[name](corpus, block) for name, _ in shares]
    weights = np.array([share for _, share in shares], dtype=float)
    bounds = np.cumsum(weights / weights.sum())

    def draw(rng: np.random.Generator) -> Sequence:
        chosen = int(np.searchsorted(bounds, rng.random(), side="right"))
        return draws[min(chosen, len(draws) - 1)](rng)

    return draw


def _span_corruption(corpus: Corpus, block: int) -> Draw:
    texts = _nonempty([t for t in corpus.biographies if len(t) >= 4], "biographies", corpus)
    return lambda rng: corrupt_span(texts[rng.integers(len(texts))], block, rng)


def _salient_cloze(corpus: Corpus, block: int, period: float = 1.0) -> Draw:
    texts = [text for text in corpus.biographies if shortest_cloze(text) <= block]
    texts = _nonempty(texts, "biographies with a capitalised phrase after the name", corpus)

    def draw(rng: np.random.Generator) -> Sequence:
        while True:  # a very long phrase may not fit the block: draw again
            sequence = salient_cloze(texts[rng.integers(len(texts))], rng, period=period)
            if sequence is not None and len(sequence.text) <= block:
                return sequence

    return draw


def _questions(corpus: Corpus, block: int) -> Draw:
    pairs = [question_pair(q.text, q.place) for q in corpus.train if q.place]
    pairs = _nonempty([p for p in pairs if len(p.text) <= block], "training questions", corpus)
    return lambda rng: pairs[rng.integers(len(pairs))]


OBJECTIVES: dict[str, Callable[[Corpus, int], Draw]] = {
    "span_corruption": _span_corruption,
    "salient_cloze": _salient_cloze,
    "varied_cloze": partial(_salient_cloze, period=0.5),
    "questions": _questions,
}


def _nonempty(items: list[T], what: str, corpus: Corpus) -> list[T]:
    if not items:
        raise UserError(f"{corpus.folder} holds no {what} to train on: choose another objective")
    return items
