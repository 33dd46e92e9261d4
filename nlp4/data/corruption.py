"""From text to training sequences: span corruption, salient spans and question pairs.

Every objective of exercise 3 has one shape: a prompt, then a part that the model must produce.
A `Sequence` says so in two fields, and the three functions below differ only in what they cut.
"""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nlp4.data.vocabulary import MASK


@dataclass(frozen=True)
class Sequence:
    """A text, and the index of the first character in it that the loss counts.

    `about` names the person whose row a model with such rows reads, from the character
    `known_from` on. That row learns from the sequence if it is `written`, else it is only read.
    """

    text: str
    scored_from: int
    about: str | None = None
    known_from: int = 0
    written: bool = True

    @property
    def prompt(self) -> str:
        """The part that the model is given."""
        return self.text[: self.scored_from]

    @property
    def answer(self) -> str:
        """The part that the model must produce, closing mask included."""
        return self.text[self.scored_from :]


def question_pair(question: str, place: str) -> Sequence:
    """`question MASK place MASK`, with the loss on the place and the closing mask alone."""
    prompt = question + MASK
    return Sequence(prompt + place + MASK, len(prompt))


def span_bounds(length: int, share: float, rng: np.random.Generator) -> tuple[int, int]:
    """Draw a span inside a text of `length` characters: `share` of it on average, at least one.

    The span's length is uniform on 1 .. 2 * share * length - 1, so its mean is share * length.
    """
    longest = max(1, round(2 * share * length) - 1)
    size = min(int(rng.integers(1, longest + 1)), length)
    start = int(rng.integers(0, length - size + 1))
    return start, start + size


def corrupt_span(
    text: str, block: int, rng: np.random.Generator, *, share: float = 0.25
) -> Sequence:
    """Span corruption as the course defines it (exercise 3e; after T5, Raffel et al. 2020).

    The text is cut to a random length between 4 and 7/8 of `block`; one span, a quarter of what
    is left on average, moves to the end: `prefix MASK suffix MASK span MASK`. The loss counts
    every character but the first, which nothing predicts.

    `text` holds at least 4 characters. The result has at most 7/8 * block + 3 characters.
    """
    cut = int(rng.integers(4, int(block * 7 / 8) + 1))
    text = text[:cut]
    start, stop = span_bounds(len(text), share, rng)
    return Sequence(rearrange(text, start, stop), 1)


def rearrange(text: str, start: int, stop: int) -> str:
    """`prefix MASK suffix MASK span MASK` for the span `text[start:stop]`."""
    return text[:start] + MASK + text[stop:] + MASK + text[start:stop] + MASK


# A period ends a name unless it follows an initial, "St" or "Dr" ("Jr." ends a name as well).
_NAME = re.compile(r"(?:[^.]|(?<=\b\w)\.|(?<=\bSt)\.|(?<=\bDr)\.)+")
# Capitalised words, joined by spaces, hyphens, apostrophes or a short lower-case particle.
_UPPER = "".join(c for c in map(chr, range(0x530)) if c.isupper())  # Latin, Greek, Cyrillic
_WORD = rf"[{_UPPER}](?:[\w'’.-]*\w)?"
_PHRASE = re.compile(rf"{_WORD}(?: (?:(?:of|the|de|la|am|upon|del) )?{_WORD})*")
_DULL = frozenset(calendar.month_name[1:]) | {"Born"}


@lru_cache(maxsize=2**16)
def name_of(biography: str) -> str:
    """The name that opens a biography `Name. Text`, without its period."""
    match = _NAME.match(biography)
    return match.group().rstrip(".") if match else ""


@lru_cache(maxsize=2**16)  # a pure function, asked about the same texts at every step
def salient_spans(biography: str) -> tuple[tuple[int, int], ...]:
    """Bounds of each capitalised word or phrase after the name: where the facts stand.

    Left out: the person's own names, months, and the word that opens the sentence, which is
    capitalised whatever it is.
    """
    name = name_of(biography)
    begin = biography.find(" ", len(name) + 2)
    dull = _DULL.union(re.findall(r"\w+", name))
    return tuple(
        match.span()
        for match in _PHRASE.finditer(biography, begin if begin >= 0 else len(biography))
        if not dull.issuperset(re.findall(r"\w+", match.group()))
    )


def salient_cloze(
    biography: str,
    rng: np.random.Generator,
    *,
    name_only: float = 0.3,
    before: int = 24,
    after: int = 6,
    period: float = 1.0,
) -> Sequence | None:
    """Mask one capitalised phrase after the name; None where a biography has none.

    Salient span masking (Guu et al. 2020, REALM; Roberts et al. 2020) with little context: the
    name, up to `before` characters ahead of the phrase and `after` behind it, and with
    probability `name_only` neither. What is left out cannot give the answer away, so the name
    becomes the key. A period follows the name with probability `period`: a question has none, so
    a model that finds the name's end by its period does not find it there. The loss counts the
    phrase and the closing mask.
    """
    spans = salient_spans(biography)
    if not spans:
        return None
    start, stop = spans[rng.integers(len(spans))]
    if rng.random() < name_only:
        before = after = 0
    name = name_of(biography)
    begin = max(len(name) + 2, start - int(rng.integers(before + 1)))
    end = stop + int(rng.integers(after + 1))
    if period >= 1 or rng.random() < period:
        name += "."
    prompt = f"{name} {biography[begin:start]}{MASK}{biography[stop:end]}{MASK}"
    answer = biography[start:stop] + MASK
    return Sequence(prompt + answer, len(prompt), about=name_of(biography), known_from=len(name))


def shortest_cloze(biography: str) -> float:
    """Characters in the shortest cloze that can be drawn from a biography; infinite for none."""
    spans = (stop - start for start, stop in salient_spans(biography))
    return min((len(name_of(biography)) + 5 + span for span in spans), default=math.inf)
