"""Names as strings: their parts, names that nobody has, slips of the pen, edit distance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from nlp4.data.corpus import Corpus
from nlp4.support.errors import UserError

Slip = Literal["swapped", "dropped", "doubled"]
_TRIES = 1000  # for each name that is asked for


def first_name(name: str) -> str:
    """The first word."""
    return name.split(" ")[0]


def surname(name: str) -> str:
    """The last word; surnames of several words lose the others."""
    return name.split(" ")[-1]


@dataclass(frozen=True)
class Invented:
    """A name that nobody has, and the two people whose parts it is made of."""

    name: str
    first_of: str
    surname_of: str


def invented_names(
    corpus: Corpus, number: int, rng: np.random.Generator, groups: Mapping[str, str] | None = None
) -> list[Invented]:
    """Names that nobody has: a first name and a surname of different training people.

    The whole name occurs nowhere in the corpus, and no name is drawn twice. With `groups` (name
    to origin) both parts come from one origin, as in a real name. Raises UserError if so many
    cannot be found.
    """
    names = [question.name for question in corpus.train if " " in question.name]
    fellows: dict[str | None, list[str]] = defaultdict(list)
    for name in names:
        fellows[groups.get(name) if groups else None].append(name)
    text = "\n".join((*corpus.biographies, *(q.text for q in corpus.dev + corpus.test)))
    taken, found = set(names), list[Invented]()
    for _ in range(_TRIES * number if names else 0):
        if len(found) == number:
            break
        one = names[int(rng.integers(len(names)))]
        others = fellows[groups.get(one) if groups else None]
        other = others[int(rng.integers(len(others)))]
        name = f"{first_name(one)} {surname(other)}"
        if name not in taken and name not in text:
            found.append(Invented(name, one, other))
            taken.add(name)
    if len(found) < number:
        raise UserError(
            f"only {len(found)} of {number} names could be invented: ask for fewer, or use a "
            "corpus with more people"
        )
    return found


def misspelt(name: str, slip: Slip, rng: np.random.Generator) -> str | None:
    """The name with two neighbours swapped, one letter dropped or one doubled, at random.

    The first letter of each word stays; swapped neighbours differ. None if the name leaves no
    room for it.
    """
    here = [
        i
        for i in range(1, len(name))
        if name[i].isalpha() and name[i - 1].isalpha() and _has_room(name, i, slip)
    ]
    if not here:
        return None
    i = here[int(rng.integers(len(here)))]
    if slip == "swapped":
        return name[:i] + name[i + 1] + name[i] + name[i + 2 :]
    return name[:i] + name[i] * (0 if slip == "dropped" else 2) + name[i + 1 :]


def _has_room(name: str, i: int, slip: Slip) -> bool:
    if slip != "swapped":
        return True
    return i + 1 < len(name) and name[i + 1].isalpha() and name[i + 1] != name[i]


def edit_distances(first: Sequence[str], second: Sequence[str]) -> np.ndarray:
    """Levenshtein's distance of every pair, `(first, second)`: letters to insert, delete, replace.

    Levenshtein (1966).
    """
    return cdist(list(first), list(second), scorer=Levenshtein.distance, dtype=np.int64)
