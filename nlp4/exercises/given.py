"""What exercises hand to a learner's function besides numbers: layers, models, a distance, a watch.

It goes along to where a learner's notebook is graded, so it holds no answer to an exercise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from nlp4.data.vocabulary import MASK

if TYPE_CHECKING:  # torch is there for the exercises that hand it out
    from torch import Tensor
    from torch.optim import Optimizer

    from nlp4.models.gpt import GPT

Array = np.ndarray
Layer = Callable[[Array], Array]


def causal_mean(x: Array) -> Array:
    """Causal: row i is the mean of rows 0 to i of `(n, d)`."""
    return np.cumsum(x, axis=0) / np.arange(1, len(x) + 1)[:, None]


def mean_by_length(x: Array) -> Array:
    """Causal, but for other lengths another layer: the sum of rows 0 to i, divided by n."""
    return np.cumsum(x, axis=0) / len(x)


def own_row(x: Array) -> Array:
    """Causal: twice the row itself."""
    return 2 * x


def previous_row(x: Array) -> Array:
    """Causal: row i is row i - 1 of `(n, d)`, and row 0 is zero."""
    return np.concatenate([np.zeros_like(x[:1]), x[:-1]])


def first_row(x: Array) -> Array:
    """Causal: row 0 everywhere."""
    return np.repeat(x[:1], len(x), axis=0)


def causal_wave(x: Array) -> Array:
    """Causal: a fast wave of the sum of rows 0 to i."""
    return np.sin(50 * np.cumsum(x, axis=0))


def _normalised(x: Array) -> Array:
    """LayerNorm without weights: each row less its mean, divided by its standard deviation."""
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)


def _block(x: Array, seen: Array) -> Array:
    """A pre-LayerNorm attention block; `seen` (n, n) is True where i sees j."""
    rows = _normalised(x)
    scores = np.where(seen, rows @ rows.T / math.sqrt(x.shape[1]), -np.inf)
    return x + softmax(scores, axis=1) @ rows


def writing_block(x: Array) -> Array:
    """Causal: attention to rows 0 to i, with LayerNorm before it and a residual stream."""
    return _block(x, np.tri(len(x), dtype=bool))


def reading_block(x: Array) -> Array:
    """Leaks: attention to all rows, with LayerNorm before it and a residual stream."""
    return _block(x, np.ones((len(x), len(x)), dtype=bool))


def whole_mean(x: Array) -> Array:
    """Leaks: every row is the mean of all rows of `(n, d)`."""
    return np.repeat(x.mean(axis=0, keepdims=True), len(x), axis=0)


def next_row(x: Array) -> Array:
    """Leaks by one position: row i is row i + 1 of `(n, d)`."""
    return np.roll(x, -1, axis=0)


def three_ahead(x: Array) -> Array:
    """Leaks by three positions alone."""
    out = causal_mean(x)
    out[:-3] += x[3:]
    return out


def last_row(x: Array) -> Array:
    """Leaks from its last position alone, into every row of `(n, d)`."""
    return causal_mean(x) + 0.01 * x[-1]


def slight_leak(x: Array) -> Array:
    """Leaks two ten-thousandths of its last position."""
    return causal_mean(x) + 2e-4 * x[-1]


def last_step(x: Array) -> Array:
    """Leaks how its last position differs from the one before."""
    return causal_mean(x) + x[-1] - x[len(x) - 2]


def into_first_row(x: Array) -> Array:
    """Leaks from its last position into row 0 alone."""
    out = causal_mean(x)
    out[0] += x[-1]
    return out


def one_feature(x: Array) -> Array:
    """Leaks from feature 2 into feature 1 alone."""
    out = causal_mean(x)
    out[:, 1] += x[:, 2].sum()
    return out


def opposite_rows(x: Array) -> Array:
    """Leaks what is added to row 0 and taken from row 1."""
    out = causal_mean(x)
    out[:1] += x[-1]
    out[1:2] -= x[-1]
    return out


def opposite_features(x: Array) -> Array:
    """Leaks what is added to feature 0 and taken from feature 1."""
    out = causal_mean(x)
    out[:, 0] += x[-1].sum()
    out[:, 1] -= x[-1].sum()
    return out


def turned_rows(x: Array) -> Array:
    """Leaks by an angle: features 0 and 1 are turned, so that no row changes its length."""
    out, angle = causal_mean(x), x[-1].sum()
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    out[:, :2] = out[:, :2] @ turn
    return out


CAUSAL = (causal_mean, mean_by_length, own_row, previous_row, first_row, causal_wave, writing_block)
LEAKY = (
    whole_mean,
    next_row,
    three_ahead,
    last_row,
    reading_block,
    slight_leak,
    last_step,
    into_first_row,
    one_feature,
    opposite_rows,
    opposite_features,
    turned_rows,
)


def edit_distance(first: str, second: str) -> int:
    """The fewest letters to put in, take out or replace that turn `first` into `second`.

    Levenshtein (1966), by the table of Wagner and Fischer (1974).
    """
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row = row, [i]
        for j, b in enumerate(second, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


@dataclass
class Speller:
    """A stand-in for a model: scores for the next character, as a dictionary.

    It spells `answer` after `prompt`. Its best character has the score `level`, and others follow
    closely below, now one of them and now another; MASK is often among them.
    """

    prompt: str
    answer: str
    level: float = -0.5
    asked: int = field(default=0, init=False, repr=False, compare=False)

    def __call__(self, text: str) -> dict[str, float]:
        """Scores of the characters that may follow `text`."""
        self.asked += 1
        if self.asked > 200:  # the clock would stop it as well, but could not say why
            raise RuntimeError(
                "asked 200 times: append each character before you ask again, and stop at MASK"
            )
        if not text.startswith(self.prompt):
            return {"?": self.level}
        at = len(text) - len(self.prompt)
        best = (self.answer + MASK)[at] if at <= len(self.answer) else "x"
        others = [c for c in ("x", "e", "A", " ", "z", MASK)[: 5 + at % 2] if c != best]
        turn = at % len(others)
        others = others[turn:] + others[:turn]
        scores = {c: self.level - 0.75 - 0.5 * i for i, c in enumerate(others)}
        scores[best] = self.level
        order = [*others[:turn], best, *others[turn:]]
        return {character: scores[character] for character in order}


@dataclass(frozen=True)
class Table:
    """A model that looks at the last two characters: logits `(size, size, size)`, always the same.

    Takes ids `(batch, n)`, returns logits `(batch, n, size)`.
    """

    rows: Tensor

    def __call__(self, ids: Tensor) -> Tensor:
        """The logits of what follows each character."""
        before = ids.roll(1, dims=1)
        before[:, 0] = ids[:, 0]
        return self.rows[before, ids]


def best(logits: Tensor) -> int:
    """The most probable character: greedy."""
    return int(logits.argmax())


def second(logits: Tensor) -> int:
    """The second most probable character, to see that `choose` is asked."""
    return int(logits.topk(2).indices[1])


def middle(logits: Tensor) -> int:
    """The middle character, weighed by probability: other weights give another one."""
    return int((logits.softmax(-1).cumsum(-1) < 0.5).sum())


def after_steps(
    step: Callable[..., Any], model: GPT, optimiser: Optimizer, ids: Tensor, targets: Tensor
) -> tuple[list[Any], list[np.ndarray]]:
    """The losses of three steps, two of them on the same batch, and the weights that are left.

    Gradients that an earlier loss has left behind are to be cleared as well.
    """
    from nlp4.models import pieces

    pieces.scored_loss(pieces.gpt(ids.flip(1), model), targets).backward()
    losses = [step(model, optimiser, each, targets) for each in (ids, ids, ids.flip(0))]
    return losses, [parameter.detach().numpy() for parameter in model.parameters()]
