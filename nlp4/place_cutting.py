"""Cutting a birthplace out of a biography, and as little else as may be.

The rule: wherever the place is mentioned, the whole word or phrase of capitalised words goes, with
the regions told beside it ("Columbus, Ohio") and the preposition in front ("in the Bronx"). What
is left is sewn together without doubled spaces or stray commas. "Born in Rome, Oliver wrote"
becomes "Born, Oliver wrote".
"""

from __future__ import annotations

import calendar
import re

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
