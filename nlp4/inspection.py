"""Looking inside a trained model: where each head looks while it answers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nlp4.attention import dense_reference
from nlp4.decoding import greedy
from nlp4.model import GPT
from nlp4.vocabulary import MASK, Vocabulary


@torch.no_grad()
def attention_weights(model: GPT, ids: Tensor) -> list[Tensor]:
    """The weights `(H, n, n)` of each layer for one sequence of ids `(n,)`.

    Row i says how much of each character j <= i reaches position i. The weights come from
    `dense_reference`, since the fast path never holds them.
    """
    found = []
    x, turns = model.embed(ids[None])
    for block in model.layers:
        q, k, v = block.attention.queries_keys_values(block.norm_1(x), turns)
        found.append(dense_reference(q, k, v, causal=True)[1][0])
        x = block(x, turns)
    return found


@dataclass(frozen=True)
class Gaze:
    """For each character of an answer, how much each head looked at each character before it."""

    prompt: str
    answer: str
    weights: tuple[Tensor, ...]  # a layer: (heads, len(answer), len(prompt) + len(answer))

    def strongest(self, layer: int, head: int, place: int) -> str:
        """The character that answer character `place` was read from most, with its weight."""
        row = self.weights[layer][head, place]
        best = int(row.argmax())
        return f"{(self.prompt + self.answer)[best]!r} ({float(row[best]):.0%})"


def gaze(model: GPT, vocabulary: Vocabulary, question: str) -> Gaze:
    """Answer a question greedily, and keep where every head looked for each character of it."""
    prompt = question + MASK
    answer = greedy(model, vocabulary, [question])[0] + MASK
    ids = torch.tensor(vocabulary.encode(prompt + answer)[:-1])
    rows = slice(len(prompt) - 1, None)  # the position that predicts a character stands before it
    weights = tuple(layer[:, rows, :] for layer in attention_weights(model, ids))
    return Gaze(prompt, answer, weights)
