"""Two tasks on long sequences, to tell one attention from another: recall, and masked characters.

Both hand out batches of symbols `(B, n)` and, where something is asked, the symbol to answer.

**Recall** (`Recall`) is the multi-query associative recall of Arora et al. (2024, section 3): pairs
of a key and its value, then every key once more, where its value is to be said. Keys and values are
drawn evenly from thousands, so nobody is right by chance, nor by one answer for all; who finds the
values of a text, and not whose they are, is right one time in `pairs`.
- As published, the pairs open the text, and questions come the sooner the likelier. A window
  then answers those that stand near, and a global block at the start *holds* the pairs: whoever
  sees it sees the answers.
- `far`: the pairs stand anywhere in the second quarter and the questions in the last. No window
  reaches so far, and no global block is at the answer: it has to be handed the pairs first.
What a pattern allows can be counted on its graph, text by text (`seen`).

**Characters** (`PackedBiographies`): biographies one after the other, some characters masked
(Devlin et al. 2019, here always by one symbol). Biographies of different people have next to
nothing in common, so what helps is at most a biography away: a window should do well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from nlp4.data.corpus import Corpus
from nlp4.data.objectives import Batch
from nlp4.data.vocabulary import IGNORED, MASK, Vocabulary
from nlp4.support.errors import UserError

MASKED = 0.15  # share of the characters (Devlin et al. 2019, section 3.1)
BETWEEN = "\n"  # stands between two biographies
NEARNESS = 0.01  # a question i places on is as likely as i^(NEARNESS - 1) (Arora et al. 2024)

Ids = NDArray[np.int64]
Measure = Literal["accuracy", "bits"]
Part = Literal["dev", "test"]
DEV: Part = "dev"
TEST: Part = "test"


class Task(Protocol):
    """What an encoder needs to know of a task, and where its batches come from."""

    @property
    def measure(self) -> Measure:
        """What the task is judged by."""
        ...

    @property
    def n(self) -> int:
        """Symbols in a sequence."""
        ...

    @property
    def symbols(self) -> int:
        """How many symbols there are."""
        ...

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Sequences to learn from, drawn anew."""
        ...

    def held_out(self, part: Part) -> Batch:
        """Sequences to choose by (dev), or to be judged by (test): none of them learnt from."""
        ...


@dataclass(frozen=True)
class Recall:
    """Multi-query associative recall; see the module. Raises UserError if it does not fit into `n`.

    Symbols: `noise` of them mean nothing; of the others half are keys, then half are values.
    """

    n: int = 64
    pairs: int = 4
    far: bool = False
    sequences: int = 3000  # to be judged by; there are a tenth as many to choose by
    noise: int = 64
    symbols: int = 8192
    measure: ClassVar[Measure] = "accuracy"

    def __post_init__(self) -> None:
        room = (len(self.facts) // 2, len(self.asked), self.values)
        if not 1 <= self.pairs <= min(room):
            raise UserError(
                f"{self.pairs} pairs do not fit into n = {self.n}: choose 1 to {min(room)} pairs, "
                "or a longer n"
            )

    @property
    def values(self) -> int:
        """How many values there are, and how many keys."""
        return (self.symbols - self.noise) // 2

    @property
    def facts(self) -> range:
        """Where pairs may stand."""
        return range(self.n // 4, self.n // 2) if self.far else range(2 * self.pairs)

    @property
    def asked(self) -> range:
        """Where questions may stand."""
        return range(self.n * 3 // 4 if self.far else 2 * self.pairs, self.n)

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` sequences, each with keys, values and places of its own."""
        ids = rng.integers(self.noise, size=(size, self.n))
        targets = np.full((size, self.n), IGNORED, dtype=np.int64)
        keys = self.noise + _drawn(np.zeros(self.values), self.pairs, size, rng)
        values = self.noise + self.values + rng.integers(self.values, size=(size, self.pairs))
        slots = _drawn(np.zeros(len(self.facts) // 2), self.pairs, size, rng)
        places = self.facts.start + 2 * (slots if self.far else np.arange(self.pairs)[None])
        asked = self.asked.start + _drawn(self._nearness(), self.pairs, size, rng)
        for where, what in ((places, keys), (places + 1, values), (asked, keys)):
            np.put_along_axis(ids, np.broadcast_to(where, what.shape), what, axis=1)
        np.put_along_axis(targets, asked, values, axis=1)
        return Batch(torch.from_numpy(ids), torch.from_numpy(targets))

    def _nearness(self) -> NDArray[np.float64]:
        """Each place's log-probability of being asked at, but for a constant."""
        gap = np.arange(1.0, len(self.asked) + 1)
        return np.zeros(len(gap)) if self.far else (NEARNESS - 1) * np.log(gap)

    def held_out(self, part: Part) -> Batch:
        """Sequences from a generator of their own: the values agree with others by chance."""
        size = max(1, self.sequences // 10) if part == DEV else self.sequences
        return self.batch(size, np.random.default_rng((0, self.n, part == DEV)))

    def shorter(self, times: int) -> Recall:
        """Texts that many times shorter, with as many pairs, if those fill half of them at most."""
        n = self.n // times
        return replace(self, n=n, pairs=max(1, min(self.pairs, n // (16 if self.far else 4))))

    @property
    def guess(self) -> float:
        """The accuracy of saying any value."""
        return 1 / self.values


def _drawn(
    log_weights: NDArray[np.float64], count: int, size: int, rng: np.random.Generator
) -> Ids:
    """`size` rows of `count` different numbers, drawn one after another by their weights.

    The largest sums of logarithm and Gumbel noise are such a draw (Efraimidis and Spirakis 2006).
    """
    scores = log_weights + rng.gumbel(size=(size, len(log_weights)))
    return np.argpartition(-scores, count - 1, axis=1)[:, :count].astype(np.int64)


def seen(batch: Batch, joined: NDArray[np.bool_]) -> float:
    """The share of the answers that stand, as a symbol, where who asks can have news of.

    `joined` `(n, n)`: place i can hold something of the symbol at place j.
    """
    found = total = 0
    for ids, targets in zip(batch.ids.numpy(), batch.targets.numpy(), strict=True):
        asked = np.flatnonzero(targets != IGNORED)
        answers = ids[None] == targets[asked, None]  # (questions, n)
        found += int((answers & joined[asked]).any(axis=1).sum())
        total += len(asked)
    return found / total


def ceiling(reach: float, guess: float) -> float:
    """The accuracy that no one passes but by luck, if a share `reach` of the facts can be seen.

    Whoever gets nothing of a fact is right with the share `guess`.
    """
    return reach + (1 - reach) * guess


@dataclass(frozen=True)
class PackedBiographies:
    """Masked characters of biographies, packed end to end; make it with `packed_biographies`.

    A sequence to learn from is one draw of training people, cut at `n` characters. The held-out
    sequences are the held-out people's biographies in the corpus's order, cut into pieces of `n`;
    a last piece that is shorter is left out. Of the pieces the first quarter is to choose by.
    """

    vocabulary: Vocabulary
    people: Sequence[Ids]  # each one's biography, and the symbol between
    held: Ids  # (sequences, n)
    measure: ClassVar[Measure] = "bits"

    @property
    def n(self) -> int:
        """Characters in a sequence."""
        return self.held.shape[1]

    @property
    def symbols(self) -> int:
        """The alphabet's size."""
        return len(self.vocabulary)

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` sequences, no person twice in one."""
        return _stack([self._masked(self._packed(rng), rng) for _ in range(size)])

    def _packed(self, rng: np.random.Generator) -> Ids:
        parts: list[Ids] = []
        length = 0
        for person in rng.permutation(len(self.people)):
            parts.append(self.people[person])
            length += len(parts[-1])
            if length >= self.n:
                break
        return np.concatenate(parts)[: self.n]

    def _masked(self, row: Ids, rng: np.random.Generator) -> tuple[Ids, Ids]:
        hidden = rng.random(self.n) < MASKED
        hidden[rng.integers(self.n)] = True  # a short sequence asks for one character at least
        mask = self.vocabulary.encode(MASK)[0]
        return np.where(hidden, mask, row), np.where(hidden, row, IGNORED)

    def held_out(self, part: Part) -> Batch:
        """The held-out people, with the same characters masked each time."""
        rng, first = np.random.default_rng((1, self.n)), -(-len(self.held) // 4)
        rows = [self._masked(row, rng) for row in self.held]
        return _stack(rows[:first] if part == DEV else rows[first:])


def packed_biographies(corpus: Corpus, n: int, sequences: int = 64) -> PackedBiographies:
    """The task for `corpus`; the people of its dev questions are held out.

    Keeps `sequences` held-out sequences at most. Raises UserError if there are fewer than `n`
    characters to learn from, or fewer than `2 n` held out.
    """
    vocabulary = Vocabulary.of((*corpus.biographies, BETWEEN))
    held = {text for q in corpus.dev for text in corpus.by_name.get(q.name, ())}
    encoded: dict[bool, list[Ids]] = {True: [], False: []}
    for text in corpus.biographies:
        encoded[text in held].append(np.array(vocabulary.encode(text + BETWEEN), dtype=np.int64))
    for side, name in ((False, "training"), (True, "held-out (dev)")):
        found, needed = sum(map(len, encoded[side])), 2 * n if side else n
        if found < needed:
            raise UserError(
                f"the {name} people of {corpus.folder} have {found} characters, fewer than the "
                f"{needed} that n = {n} takes: take a larger corpus, or shorter sequences"
            )
    held_text = np.concatenate(encoded[True])
    rows = min(len(held_text) // n, sequences)
    pieces = held_text[: rows * n].reshape(rows, n)
    return PackedBiographies(vocabulary, tuple(encoded[False]), pieces)


def _stack(rows: list[tuple[Ids, Ids]]) -> Batch:
    ids, targets = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
    return Batch(ids, targets)
