"""In what words a relation is asked for, and what hands do to a question.

The wordings themselves stand in `wording_pools`, one a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nlp4.data import wording_pools
from nlp4.data.names import Slip, misspelt
from nlp4.support.errors import UserError


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.strip().splitlines())


POOLS = {
    "birthplace": _lines(wording_pools.BIRTHPLACE),
    "birth_year": _lines(wording_pools.BIRTH_YEAR),
    "occupation": _lines(wording_pools.OCCUPATION),
    "nationality": _lines(wording_pools.NATIONALITY),
    "death_place": _lines(wording_pools.DEATH_PLACE),
    "field": _lines(wording_pools.FIELD),
    "known_for": _lines(wording_pools.KNOWN_FOR),
    "other": _lines(wording_pools.OTHER),
}
OTHER = POOLS["other"]  # what no biography answers
LEADS = _lines(wording_pools.LEADS)  # that may stand before any question

_NAME = re.compile(r"\bX\b")


def pool(relation: str) -> tuple[str, ...]:
    """All wordings of a relation, the plain one first; "other" for what no biography answers.

    Raises UserError for an unknown relation.
    """
    try:
        return POOLS[relation]
    except KeyError:
        raise UserError(
            f"the relation {relation!r} is unknown: choose one of {', '.join(POOLS)}"
        ) from None


@dataclass(frozen=True)
class Wordings:
    """The wordings that training sees, the plain one first, and those that it never sees."""

    trained: tuple[str, ...]
    unseen: tuple[str, ...]


def split(relation: str, seed: int, unseen: int = 6) -> Wordings:
    """Draw `unseen` wordings of a relation by the seed and keep them back, never the plain one.

    Raises UserError for an unknown relation, or if the relation has too few wordings.
    """
    wordings = pool(relation)
    if not 0 <= unseen < len(wordings):
        raise UserError(
            f"{unseen} of the {len(wordings)} wordings of {relation!r} cannot be kept back: "
            f"ask for 0 to {len(wordings) - 1}"
        )
    # With the seed alone, pools of about one length would keep back the same kinds of lines.
    rng = np.random.default_rng([seed, list(POOLS).index(relation)])
    kept_back = set(rng.choice(np.arange(1, len(wordings)), unseen, replace=False).tolist())
    return Wordings(
        tuple(w for i, w in enumerate(wordings) if i not in kept_back),
        tuple(w for i, w in enumerate(wordings) if i in kept_back),
    )


def parts(wording: str) -> tuple[str, str]:
    """What stands before the name and what behind it. Raises UserError unless X stands once."""
    found = _NAME.split(wording)
    if len(found) != 2:
        raise UserError(
            f"the wording {wording!r} holds X {len(found) - 1} times: write it once, where the "
            "name goes"
        )
    return found[0], found[1]


def ask(wording: str, name: str) -> str:
    """The wording with the name in place of X. Raises UserError as `parts` does."""
    return name.join(parts(wording))


# From a wording, a name and a generator to the text of the question; None where the hand would
# change nothing or the name leaves no room for it.
Hand = Callable[[str, str, np.random.Generator], str | None]


def _hand_for_text(change: Callable[[str], str]) -> Hand:
    def hand(wording: str, name: str, rng: np.random.Generator) -> str | None:
        asked = ask(wording, name)
        changed = change(asked)
        return changed if changed != asked else None

    return hand


def _hand_for_name(change: Callable[[str, np.random.Generator], str | None]) -> Hand:
    def hand(wording: str, name: str, rng: np.random.Generator) -> str | None:
        changed = change(name, rng)
        return None if changed is None else ask(wording, changed)

    return hand


def _slip(slip: Slip) -> Hand:
    return _hand_for_name(lambda name, rng: misspelt(name, slip, rng))


# The rows of an English keyboard; each lies a little to the right of the row above it.
_KEYS = {
    letter: (row, column + shift)
    for row, (shift, letters) in enumerate(
        ((0.0, "qwertyuiop"), (0.25, "asdfghjkl"), (0.75, "zxcvbnm"))
    )
    for column, letter in enumerate(letters)
}


def key_neighbours(letter: str) -> str:
    """The letters whose keys touch the key of a small letter; empty for letters without a key."""
    if letter not in _KEYS:
        return ""
    row, column = _KEYS[letter]
    return "".join(
        other
        for other, (r, c) in _KEYS.items()
        if other != letter and abs(r - row) <= 1 and abs(c - column) <= 1
    )


def mistyped(name: str, rng: np.random.Generator) -> str | None:
    """The name with one letter replaced by a neighbour on the keyboard, of the same case.

    The first letter of each word stays, as in `misspelt`. None if the name leaves no room for it.
    """
    here = [
        i for i in range(1, len(name)) if name[i - 1].isalpha() and key_neighbours(name[i].lower())
    ]
    if not here:
        return None
    i = here[int(rng.integers(len(here)))]
    neighbours = key_neighbours(name[i].lower())
    letter = neighbours[int(rng.integers(len(neighbours)))]
    return name[:i] + (letter.upper() if name[i].isupper() else letter) + name[i + 1 :]


_SUFFIX = re.compile(r"Jr\.?|Sr\.?|[IV]{2,3}")
_BYNAME = re.compile(r",|\b(?:of|the|and|y)\b| [IVX]+$")  # no surname: "of Kent", "the Elder", "I"


def surname_first(name: str) -> str | None:
    """As in a list: "Dijk, Ada" from "Ada Dijk", "van Dijk, Ada, Jr." from "Ada van Dijk Jr.".

    The surname is the last word and the small words before it. None for a single word, for
    bynames ("Ada of Kent") and for titles ("Ada Dijk, Lady Kent").
    """
    words = name.split(" ")
    suffix = f", {words.pop()}" if _SUFFIX.fullmatch(words[-1]) else ""
    whole = " ".join(words).removesuffix("," if suffix else "")
    words = whole.split(" ")
    if len(words) < 2 or _BYNAME.search(whole):
        return None
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}{suffix}"


HANDS: dict[str, Hand] = {
    "lower case": _hand_for_text(str.lower),
    "UPPER CASE": _hand_for_text(str.upper),
    "no question mark": _hand_for_text(lambda text: text.removesuffix("?")),
    "two letters swapped": _slip("swapped"),
    "one letter dropped": _slip("dropped"),
    "one letter doubled": _slip("doubled"),
    "one letter mistyped": _hand_for_name(mistyped),
    "surname first": _hand_for_name(lambda name, rng: surname_first(name)),
}
