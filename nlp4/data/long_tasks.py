"""Two tasks on long sequences, to tell one attention from another: recall, and masked characters.

Both hand out batches of symbols `(B, n)` and, where something is asked, a class to answer.

**Recall** (`Recall`) is made so that distance matters and nothing else does. Facts "key i has
value v" stand in the second eighth of a sequence of noise; questions "what has key i?" stand
after them, and those in the second half are judged. Values are drawn evenly and apart from each
other, so whoever cannot see the fact is right one time in `values`, whatever he does.
- A window reaches `window // 2` blocks further with each layer. The judged questions are n / 4
  places or more from the facts, out of its reach, which can be counted on the graph of blocks.
- A random pattern joins some question blocks to the facts within the layers and not others; which
  ones is luck, and that count is the ceiling of what it can answer.
- A global block sees the facts and is seen by all questions: two layers suffice. The first
  characters of each sequence, the index, ask for every key. They give a global block something to
  keep each answer at. They are learnt from, not judged. A global block does all this without a
  window or random blocks, which Zaheer et al. (2020) want for other texts.

**Characters** (`PackedBiographies`): biographies one after the other, some characters masked
(Devlin et al. 2019, here always by one symbol). Biographies of different people have next to
nothing in common, so what helps is at most a biography away: a window should do well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

Ids = NDArray[np.int64]
Measure = Literal["accuracy", "bits"]


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

    @property
    def classes(self) -> int:
        """How many answers there are."""
        ...

    @property
    def judged_from(self) -> int:
        """The first place whose answers are judged; earlier ones are learnt from."""
        ...

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Sequences to learn from, drawn anew."""
        ...

    def held_out(self) -> Batch:
        """The sequences that are judged, the same each time, none of them learnt from."""
        ...


@dataclass(frozen=True)
class Recall:
    """Facts early, questions late; see the module. Raises UserError if they do not fit into `n`.

    Symbols: `noise` of them mean nothing, then `keys * values` facts, then `keys` questions. The
    answer's class is the value.
    """

    n: int = 1024
    keys: int = 4  # few keys and values: each fact is seen often, and a pass through a global
    values: int = 4  # block is learnt in hundreds of steps, not thousands
    questions: int = 192  # after the facts, in `n * 3 / 4` places
    noise: int = 8
    sequences: int = 64  # held out
    measure: ClassVar[Measure] = "accuracy"

    def __post_init__(self) -> None:
        if self.n % 32 or self.keys > self.n // 32 or self.questions > self.n * 3 // 4:
            raise UserError(
                f"{self.keys} keys and {self.questions} questions do not fit into n = {self.n}: "
                "n must divide by 32, with a place for each key in the first 32nd of it"
            )

    @property
    def symbols(self) -> int:
        """Noise, facts and questions."""
        return self.noise + self.keys * self.values + self.keys

    @property
    def classes(self) -> int:
        """One for each value."""
        return self.values

    @property
    def judged_from(self) -> int:
        """Half way: the facts end n / 4 before."""
        return self.n // 2

    @property
    def facts(self) -> range:
        """Where facts stand: the second eighth."""
        return range(self.n // 8, self.n // 4)

    @property
    def index(self) -> range:
        """Where every key is asked for at the start, in turn: the first 32nd."""
        return range(self.n // 32)

    def fact(self, key: Ids, value: Ids) -> Ids:
        """The symbol that says that `key` has `value`."""
        return self.noise + key * self.values + value

    def question(self, key: Ids) -> Ids:
        """The symbol that asks for `key`."""
        return self.noise + self.keys * self.values + key

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` sequences, each with values of its own."""
        rows = [self._sequence(rng) for _ in range(size)]
        return _stack(rows)

    def _sequence(self, rng: np.random.Generator) -> tuple[Ids, Ids]:
        ids = rng.integers(self.noise, size=self.n)
        targets = np.full(self.n, IGNORED, dtype=np.int64)
        values = rng.integers(self.values, size=self.keys)
        keys, index = np.arange(self.keys), np.array(self.index)
        places = rng.choice(len(self.facts), self.keys, replace=False) + self.facts.start
        ids[places] = self.fact(keys, values)
        later = rng.choice(self.n - self.facts.stop, self.questions, replace=False)
        asked = rng.integers(self.keys, size=self.questions)
        for where, which in ((index, index % self.keys), (later + self.facts.stop, asked)):
            ids[where], targets[where] = self.question(which), values[which]
        return ids, targets

    def held_out(self) -> Batch:
        """Sequences from a generator of their own: the values agree with others by chance."""
        return self.batch(self.sequences, np.random.default_rng((0, self.n)))


def ceiling(reach: float, values: int) -> float:
    """The accuracy that no one passes but by luck, if a share `reach` of the facts can be seen.

    Whoever gets nothing of a fact is right one time in `values`.
    """
    return reach + (1 - reach) / values


@dataclass(frozen=True)
class PackedBiographies:
    """Masked characters of biographies, packed end to end; make it with `packed_biographies`.

    A sequence to learn from is one draw of training people, cut at `n` characters. The held-out
    sequences are the held-out people's biographies in the corpus's order, cut into pieces of `n`;
    a last piece that is shorter is left out.
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

    @property
    def classes(self) -> int:
        """Any symbol can be answered."""
        return len(self.vocabulary)

    @property
    def judged_from(self) -> int:
        """All places are judged."""
        return 0

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

    def held_out(self) -> Batch:
        """The held-out people, with the same characters masked each time."""
        rng = np.random.default_rng((1, self.n))
        return _stack([self._masked(row, rng) for row in self.held])


def packed_biographies(corpus: Corpus, n: int, sequences: int = 64) -> PackedBiographies:
    """The task for `corpus`; the people of its dev questions are held out.

    Keeps `sequences` held-out sequences at most. Raises UserError if either side has fewer than
    `n` characters.
    """
    vocabulary = Vocabulary.of((*corpus.biographies, BETWEEN))
    held = {text for q in corpus.dev for text in corpus.by_name.get(q.name, ())}
    encoded: dict[bool, list[Ids]] = {True: [], False: []}
    for text in corpus.biographies:
        encoded[text in held].append(np.array(vocabulary.encode(text + BETWEEN), dtype=np.int64))
    for side, name in ((False, "training"), (True, "held-out (dev)")):
        found = sum(map(len, encoded[side]))
        if found < n:
            raise UserError(
                f"the {name} people of {corpus.folder} have {found} characters, fewer than "
                f"n = {n}: take a larger corpus, or shorter sequences"
            )
    held_text = np.concatenate(encoded[True])
    rows = min(len(held_text) // n, sequences)
    pieces = held_text[: rows * n].reshape(rows, n)
    return PackedBiographies(vocabulary, tuple(encoded[False]), pieces)


def _stack(rows: list[tuple[Ids, Ids]]) -> Batch:
    ids, targets = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
    return Batch(ids, targets)
