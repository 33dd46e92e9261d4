"""What a model reads first: the right biographies, or texts from which one thing was taken.

Exercise 4a says that pretraining teaches language and facts. Each text below keeps the one and
spoils the other for some of the people; the questions stay as they are.

A birthplace is cut out with as little else as may be: wherever it is mentioned, the whole word or
phrase of capitalised words goes, with the regions told beside it ("Columbus, Ohio") and the
preposition in front ("in the Bronx"). What is left is sewn together without doubled spaces or stray
commas. "Born in Rome, Oliver wrote" becomes "Born, Oliver wrote".
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from nlp4.data.corpus import Corpus
from nlp4.data.corruption import name_of
from nlp4.support.errors import UserError

_WORD = r"[^\W\d_](?:[\w'’-]*\w)?"
_LINK = r" (?:(?:of|the|de|la) )?"
_NEXT = re.compile(rf"{_LINK}({_WORD})")
_CAPITAL = rf"(?![a-zß-öø-ÿ]){_WORD}"
_REGION = re.compile(rf", (?:the )?({_CAPITAL}(?:{_LINK}{_CAPITAL})*)")
_BEFORE = re.compile(rf"({_WORD}) $")
_REGION_BEFORE = re.compile(rf"((?:{_WORD} )*{_WORD}), $")
_TIE = re.compile(r"(?<!\w)(?:in|at|of|from|near|to|for|outside) (?:the )?$")
_GOES_ON = re.compile(  # a word that the capitalised one before it would belong to
    r" (?!(?:and|on|in|to|who|where|is|was|at|for|from|but|with|until|before|after|the|as|by)\b)\w"
)
_DULL = frozenset(calendar.month_name[1:]) | frozenset(calendar.month_abbr[1:]) | {"Born"}


def without_place(text: str, name: str, place: str) -> str:
    """`text` about `name` without any mention of `place`; the module says what goes with it.

    A place that is also one of the person's names is cut only where a preposition stands before it.
    """
    kept = _DULL.union(re.findall(r"[\w'’-]+", name))
    begin = 0
    while (at := text.find(place, begin)) >= 0:
        start, stop = _stretch(text, at, at + len(place), kept)
        if start == stop:
            begin = at + 1
            continue
        left = text[:start]
        text = _sewn(left, text[stop:])
        begin = max(0, len(left) - len(place))
    return text


def _stretch(text: str, start: int, stop: int, kept: frozenset[str]) -> tuple[int, int]:
    """The bounds of what goes with the mention `text[start:stop]`; empty if it is a name."""
    start, stop = _whole_words(text, start, stop)
    tied = _TIE.search(text[:start])
    if kept.issuperset(text[start:stop].split()) and not tied:
        return start, start
    while (found := _NEXT.match(text, stop)) and _is_name(found[1], kept):
        stop = found.end()
    while (found := _REGION.match(text, stop)) and _is_region(found[1], text, found.end(), kept):
        stop = found.end()
    while (found := _BEFORE.search(text[:start])) and _is_name(found[1], kept):
        start = found.start()
    while (found := _REGION_BEFORE.search(text[:start])) and (
        length := _capitalised_end(found[1], kept)
    ):
        start -= length + 2
    tied = _TIE.search(text[:start])
    return (tied.start() if tied else start), stop


def _whole_words(text: str, start: int, stop: int) -> tuple[int, int]:
    while start and (text[start - 1].isalpha() or _joins(text, start - 1)):
        start -= 1
    while stop < len(text) and (text[stop].isalpha() or _joins(text, stop)):
        stop += 1
    return start, stop


def _joins(text: str, at: int) -> bool:
    """Whether the character is a hyphen or apostrophe between letters."""
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return text[at] in "-'’" and len(around) == 2 and around.isalpha()


def _is_name(word: str, kept: frozenset[str]) -> bool:
    return word[0].isupper() and word not in kept and word.removesuffix("'s") not in kept


def _is_region(phrase: str, text: str, end: int, kept: frozenset[str]) -> bool:
    """Whether the capitalised phrase is one more place: no name, and nothing hangs on it."""
    words = [word for word in phrase.split() if word not in ("of", "the", "de", "la")]
    return not _GOES_ON.match(text, end) and all(_is_name(word, kept) for word in words)


def _capitalised_end(phrase: str, kept: frozenset[str]) -> int:
    """The length of the run of capitalised words that ends `phrase`; 0 if there is none."""
    run: list[str] = []
    for word in reversed(phrase.split(" ")):
        if not _is_name(word, kept):
            break
        run.append(word)
    return len(" ".join(run))


def _sewn(left: str, right: str) -> str:
    """Join what stood on either side of a cut, and drop the marks that now part nothing."""
    left, right = left.rstrip(" "), right.lstrip(" ")
    if left.endswith("("):
        right = right.lstrip(" ,;-")
        if right.startswith(")"):
            left, right = left[:-1].rstrip(" "), right[1:].lstrip(" ")
    elif right[:1] in (",", ";", ")", ".", "-"):
        left = left.removesuffix(",")
    tight = not left or not right or left.endswith("(") or right[0] in ",;)"
    return left + ("" if tight else " ") + right


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

    See `nlp4.data.texts` for what is cut.
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
