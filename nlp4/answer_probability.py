"""How sure a model is of an answer: the probability of exactly that text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlp4.decoding import greedy
from nlp4.model import GPT
from nlp4.vocabulary import MASK, Vocabulary


@dataclass(frozen=True)
class ScoredAnswer:
    """An answer, its probability, and that of its least sure character, both at most 1."""

    place: str
    probability: float  # of exactly this text, closing mask included
    least: float


def answers_with_probability(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    *,
    batch: int = 128,
    on_batch: Callable[[int], None] = lambda done: None,
) -> list[ScoredAnswer]:
    """Answer greedily, and say how probable each answer was.

    Raises UserError as `nlp4.decoding.greedy` does, and tells `on_batch` as it does.
    """
    answers = greedy(model, vocabulary, questions, batch=batch, on_batch=on_batch)
    return probabilities_of(model, vocabulary, questions, answers, batch=batch)


def probabilities_of(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    answers: Sequence[str],
    *,
    batch: int = 128,
) -> list[ScoredAnswer]:
    """The probability that the model gives to each of these answers, the true places for instance.

    The whole answer is handed in, and each of its characters and the closing mask is scored
    where the model has read all before it: one pass. Raises UserError for a character that the
    vocabulary lacks, or a question and answer too long together; ValueError for lists of two
    lengths.
    """
    rows = [
        (vocabulary.encode(question + MASK), vocabulary.encode(answer + MASK))
        for question, answer in zip(questions, answers, strict=True)
    ]
    by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (asked, given) in enumerate(rows):
        by_shape[len(asked), len(given)].append(i)
    found: dict[int, ScoredAnswer] = {}
    for members in by_shape.values():
        for first in range(0, len(members), batch):
            chosen = members[first : first + batch]
            asked_ids, given_ids = (torch.tensor([rows[i][k] for i in chosen]) for k in (0, 1))
            logs = _log_probabilities(model, asked_ids, given_ids)
            for i, whole, least in zip(
                chosen, logs.sum(1).exp().tolist(), logs.amin(1).exp().tolist(), strict=True
            ):
                found[i] = ScoredAnswer(answers[i], whole, least)
    return [found[i] for i in range(len(rows))]


@torch.no_grad()
def _log_probabilities(model: GPT, asked: Tensor, given: Tensor) -> Tensor:
    """Of each character of `given` `(B, m)` after `asked` `(B, n)`, in float64; no dropout."""
    was_training = model.training
    device = next(model.parameters()).device
    ids = torch.cat((asked, given), dim=1).to(device)
    try:
        states = model.eval().hidden(ids[:, :-1])[:, asked.shape[1] - 1 :]  # (B, m, width)
        logs = model.head(states).double().log_softmax(-1)
    finally:
        model.train(was_training)
    return logs.gather(2, ids[:, asked.shape[1] :, None])[..., 0]
