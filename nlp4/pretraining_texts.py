"""What a model reads first: the right biographies, or texts from which one thing was taken.

Exercise 4a says that pretraining teaches language and facts. Each text below keeps the one and
spoils the other for some of the people; the questions stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nlp4.corpus import Corpus
from nlp4.corruption import name_of
from nlp4.errors import UserError
from nlp4.place_cutting import without_place

_GENERATIONS = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))


class Entry(NamedTuple):
    """A biography cut up: `name + gap + text`; the gap is ". ", or ".. " behind "Jr."."""

    name: str
    gap: str
    text: str

    def __str__(self) -> str:
        return self.name + self.gap + self.text


@dataclass(frozen=True)
class Told:
    """A text to read first, and the birthplace that it now tells under a name, where it moved."""

    corpus: Corpus
    believed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """One kind of text: what it is, and how it is made from the right one."""

    summary: str
    make: Callable[[Corpus, np.random.Generator], Told]


def right(corpus: Corpus, rng: np.random.Generator) -> Told:
    """The biographies as they are."""
    return Told(corpus)


def others(corpus: Corpus, rng: np.random.Generator) -> Told:
    """Without the biographies of the people that the dev questions ask about."""
    asked = {question.name for question in corpus.dev}
    return _told(corpus, (entry for entry in entries(corpus) if entry.name not in asked))


def names_shuffled(corpus: Corpus, rng: np.random.Generator) -> Told:
    """Every biography carries another person's name, throughout. Nobody keeps their own."""
    return _with_names_moved(corpus, (entry.name for entry in entries(corpus)), rng)


def misinformed(corpus: Corpus, rng: np.random.Generator) -> Told:
    """The biographies of the dev questions' people change names among themselves."""
    return _with_names_moved(corpus, (question.name for question in corpus.dev), rng)


def no_birthplace(corpus: Corpus, rng: np.random.Generator) -> Told:
    """Without the birthplace of everyone whose birthplace a train or dev question tells.

    See `nlp4.place_cutting` for what is cut.
    """
    places = places_of(corpus)
    return _told(
        corpus,
        (
            entry._replace(text=without_place(entry.text, entry.name, places[entry.name]))
            if entry.name in places
            else entry
            for entry in entries(corpus)
        ),
    )


def words_shuffled(corpus: Corpus, rng: np.random.Generator) -> Told:
    """The words after the opening name in random order; a closing period stays."""
    return _told(
        corpus, (entry._replace(text=_shuffled(entry.text, rng)) for entry in entries(corpus))
    )


TEXTS: dict[str, Text] = {
    "right": Text("the biographies as they are", right),
    "others": Text("without the biographies of the people asked about", others),
    "names_shuffled": Text("every biography under another person's name", names_shuffled),
    "misinformed": Text("the people asked about change names among themselves", misinformed),
    "no_birthplace": Text("the birthplaces cut out", no_birthplace),
    "words_shuffled": Text("the words of each biography in random order", words_shuffled),
}


def entries(corpus: Corpus) -> list[Entry]:
    """Each biography `Name. Text` cut up, in order.

    The name is the longest that a question asks about and the biography opens with; where nobody
    asks, `name_of` reads it.
    """
    owners: dict[str, str] = {}
    for question in (*corpus.train, *corpus.dev, *corpus.test):
        for biography in corpus.by_name.get(question.name, ()):
            owners[biography] = max(owners.get(biography, ""), question.name, key=len)
    return [_opened(text, owners.get(text) or name_of(text)) for text in corpus.biographies]


def places_of(corpus: Corpus) -> dict[str, str]:
    """The birthplace of each person that a train or dev question tells; of two, the dev one's."""
    return {q.name: q.place for q in (*corpus.train, *corpus.dev) if q.place is not None}


def renamed(text: str, old: str, new: str, keep: str | None = None) -> str:
    """`text` about `old` told about `new`: full names, surnames and first names replaced.

    A surname is any run of words that ends the name, found by itself; it becomes the last word of
    the new name with the small words before it ("de Castro"). A surname or first name inside
    `keep`, the birthplace, stays: Alexander Hamilton may have been born in Hamilton.
    """
    kept = [found.span() for found in re.finditer(re.escape(keep), text)] if keep else []
    first, last = _first(new), _last(new)

    def put(match: re.Match[str]) -> str:
        if match.lastgroup == "full":
            return new
        if any(match.start() < stop and start < match.end() for start, stop in kept):
            return match.group()
        if match.lastgroup == "first":
            return first
        opens = match.start() == 0
        return last[0].upper() + last[1:] if opens else last

    return _mentions(old).sub(put, text)


def _with_names_moved(corpus: Corpus, names: Iterable[str], rng: np.random.Generator) -> Told:
    """Deal the names out anew, in one random cycle, to the people who have a biography."""
    has_text = {entry.name for entry in entries(corpus) if entry.name}
    ordered = [name for name in dict.fromkeys(names) if name in has_text]
    if len(ordered) < 2:
        raise UserError(
            f"{corpus.folder}: {len(ordered)} people with a biography are too few to change names: "
            "choose a corpus or a dev split with more"
        )
    cycle = [ordered[i] for i in rng.permutation(len(ordered))]
    new_name = dict(zip(cycle, cycle[1:] + cycle[:1], strict=True))
    places = places_of(corpus)
    moved, believed = [], {}
    for entry in entries(corpus):
        new, place = new_name.get(entry.name), places.get(entry.name)
        if new is not None:
            entry = Entry(new, ". ", renamed(entry.text, entry.name, new, place))
            if place is not None and place in entry.text:
                believed[new] = place
        moved.append(entry)
    return replace(_told(corpus, moved), believed=believed)


def _told(corpus: Corpus, told: Iterable[Entry]) -> Told:
    return Told(replace(corpus, biographies=tuple(map(str, told))))


def _shuffled(text: str, rng: np.random.Generator) -> str:
    words = text.split(" ")
    end = [words.pop()] if words[-1] == "." else []
    return " ".join([words[i] for i in rng.permutation(len(words))] + end)


def _opened(biography: str, name: str) -> Entry:
    rest = biography[len(name) :]
    text = rest.lstrip(".").removeprefix(" ") if name else rest
    return Entry(name, rest[: len(rest) - len(text)], text)


def _core(name: str) -> list[str]:
    """The words of a name without "Jr." or "III" behind it."""
    words = name.split()
    while len(words) > 1 and words[-1] in _GENERATIONS:
        words.pop()
    return words


def _first(name: str) -> str:
    return _core(name)[0]


def _last(name: str) -> str:
    words = _core(name)
    start = len(words) - 1
    while start > 1 and words[start - 1][0].islower():
        start -= 1
    return " ".join(words[start:])


def _mentions(name: str) -> re.Pattern[str]:
    """A pattern for the name, its endings and its first word, longest first, as whole words."""
    words, core = name.split(), _core(name)
    groups = [f"(?P<full>{_spelt(words)}|{_spelt(core)})"]
    endings = [_spelt(core[i:]) for i in range(1, len(core))]
    if endings:
        groups.append(f"(?P<last>{'|'.join(endings)})")
        if len(core[0].rstrip(".")) > 2:  # an initial alone says too little
            groups.append(f"(?P<first>{_spelt(core[:1])})")
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)")


def _spelt(words: list[str]) -> str:
    """The words as a pattern: with or without an initial's period, and with a capital in front."""
    letter = words[0][0]
    spelt = [re.escape(w.rstrip(".")) + (r"\.?" if w.endswith(".") else "") for w in words]
    if letter.islower():
        spelt[0] = f"[{letter}{letter.upper()}]" + spelt[0][1:]
    return " ".join(spelt)
