"""Files of questions in any words, and what the text of a question tells: whom, how, how spelt.

One line: the question, a tab, the answer, and, if it is known, one more tab and the relation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from nlp4.data.corpus import Corpus, Question, read_lines
from nlp4.data.corruption import name_of
from nlp4.data.relations import RELATIONS
from nlp4.data.wordings import pool, surname_first
from nlp4.support.errors import UserError, quoted

KINDS = (*RELATIONS, "other")  # "other": what no biography tells
NOBODY = "names nobody in the text"
NOT_SAID = "relation not said"
AS_WRITTEN = "as written"
_NO_NAME = re.compile(r"  |(?:^|\s)['’]s\b")  # two blanks, or a possessive of nothing
_SHORTEST = 6  # letters of a name that is still told by a slip: any word is near a shorter one


def read_any(path: Path) -> tuple[Question, ...]:
    """Read questions in any words, with answers, and relations where the file says them.

    Raises UserError that names the file, the line and the mend; also for a line that is there
    twice. One question with two answers is no mistake: two people may bear one name.
    """
    found = tuple(
        _question(line, f"{path}, line {number}") for number, line in enumerate(read_lines(path), 1)
    )
    seen: dict[tuple[str, str | None], Question] = {}
    for question in found:
        first = seen.setdefault((question.text, question.place), question)
        if first is not question:
            raise UserError(
                f"{question.where}: {quoted(question.text)} stands with the same answer in "
                f"{_line_of(first)}: delete one of the two"
            )
    return found


def _question(line: str, where: str) -> Question:
    text, *rest = (part.strip() for part in line.split("\t"))
    if not rest:
        raise UserError(
            f"{where}: no tab after the question: write the question, one tab, the answer"
        )
    if len(rest) > 2:
        raise UserError(
            f"{where}: {len(rest)} tabs: write the question, a tab, the answer, and no more than "
            "a tab and the relation after it"
        )
    if not text:
        raise UserError(f"{where}: no question before the tab: add it or delete the line")
    if _NO_NAME.search(text):
        raise UserError(
            f"{where}: no name in {quoted(text)}, where there is room for one: write it there"
        )
    if not rest[0]:
        raise UserError(f"{where}: no answer after the tab: add it or delete the line")
    if len(rest) == 2 and rest[1] not in KINDS:
        raise UserError(
            f"{where}: the relation {quoted(rest[1])} is unknown: choose one of "
            f"{', '.join(KINDS)}, or leave it out with its tab"
        )
    return Question(text, rest[0], where, *rest[1:])


def notes(questions: Sequence[Question]) -> Iterator[str]:
    """What a reader should know of them: questions that have two answers."""
    first: dict[str, Question] = {}
    again = [q for q in questions if first.setdefault(q.text, q) is not q]
    if again:
        one = again[0]
        yield (
            f"{one.where}: {quoted(one.text)} has another answer in {_line_of(first[one.text])}; "
            f"an answer can be right for one of them alone ({len(again)} such in all)"
        )


def _line_of(question: Question) -> str:
    return question.where.rpartition(", ")[2]


@dataclass(frozen=True)
class Named:
    """Somebody whom a text names, where in it, and what was done to the name."""

    person: str
    start: int
    stop: int
    hand: str = AS_WRITTEN  # or the name of one of the hands in `nlp4.data.wordings`


class Register:
    """The people of a corpus who have a biography, to be found in the texts of questions."""

    def __init__(self, corpus: Corpus) -> None:
        asked = (q.name for q in (*corpus.train, *corpus.dev, *corpus.test))
        names = {name_of(text) for text in corpus.biographies}
        names |= {name for name in asked if name in corpus.by_name}
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        turned = ((name, surname_first(name)) for name in longest_first)
        self._names = {_folded(name)[0]: name for name in reversed(longest_first)}
        self._turned = {_folded(each)[0]: name for name, each in turned if each is not None}
        self._near = [name for name in self._names if len(name) >= _SHORTEST]

    def find(self, text: str) -> Named | None:
        """The longest name that stands in the text, whatever its case; None if there is none.

        A name with the surname first comes after those, and a name with one slip last.
        """
        folded, places = _folded(text)
        found = (
            _longest(self._names, folded, AS_WRITTEN)
            or _longest(self._turned, folded, "surname first")
            or self._misspelt(folded)
        )
        if found is None:
            return None
        return replace(found, start=places[found.start], stop=places[found.stop - 1] + 1)

    def _misspelt(self, folded: str) -> Named | None:
        for start, stop in _word_bounds(folded):
            part = folded[start:stop]
            for near, _, _ in extract(part, self._near, scorer=OSA.distance, score_cutoff=1):
                if (hand := _slip(near, part)) is not None:
                    return Named(self._names[near], start, stop, hand)
        return None


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without upper case, and the place of each of its characters in `text`."""
    pairs = [(f, i) for i, character in enumerate(text) for f in character.casefold()]
    return "".join(f for f, _ in pairs), [i for _, i in pairs]


def _longest(names: dict[str, str], folded: str, hand: str) -> Named | None:
    best: Named | None = None
    for name, person in names.items():
        if best is not None and len(name) <= best.stop - best.start:
            continue
        if name in folded and (match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)):
            best = Named(person, *match.span(), hand)
    return best


def _word_bounds(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of all stretches of one to six words, the long ones first, without end marks."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    for number in range(min(6, len(words)), 0, -1):
        for first in range(len(words) - number + 1):
            start, stop = words[first][0], words[first + number - 1][1]
            yield start, start + len(re.sub(r"(?:['’]s)?[?.,:;!]*$", "", text[start:stop]))


def _slip(name: str, spelt: str) -> str | None:
    """The slip that makes `spelt` of `name`, one step away; None if a first letter changed."""
    if [word[0] for word in name.split()] != [word[0] for word in spelt.split()]:
        return None
    if len(spelt) < len(name):
        return "one letter dropped"
    if len(spelt) > len(name):
        return "one letter doubled"
    return "two letters swapped" if sorted(name) == sorted(spelt) else "one letter mistyped"


@dataclass(frozen=True)
class Reading:
    """A question, and what its text tells: whom it names, in which wording, and how it is spelt."""

    question: Question
    named: Named | None

    @property
    def wording(self) -> str:
        """The text with X for the name, or that it names nobody."""
        if self.named is None:
            return NOBODY
        text = self.question.text
        return f"{text[: self.named.start]}X{text[self.named.stop :]}"

    @property
    def relation(self) -> str:
        """The relation that the file says, or that it says none; or that nobody is named."""
        return NOBODY if self.named is None else self.question.relation or NOT_SAID

    @property
    def transformation(self) -> str:
        """What hands did to the question, by their names in `wordings.HANDS`, or nothing."""
        if self.named is None:
            return NOBODY
        found, text = [self.named.hand], self.question.text
        if text == text.lower():
            found.append("lower case")
        if text == text.upper():
            found.append("UPPER CASE")
        if f"{self.wording.casefold()}?" in _KNOWN:
            found.append("no question mark")
        return " + ".join([each for each in found if each != AS_WRITTEN] or [AS_WRITTEN])


_KNOWN = frozenset(wording.casefold() for kind in KINDS for wording in pool(kind))


def read_texts(questions: Iterable[Question], corpus: Corpus) -> list[Reading]:
    """Find out whom each question names, and note it in the question too."""
    register = Register(corpus)
    named = ((question, register.find(question.text)) for question in questions)
    return [Reading(replace(q, person=each.person if each else None), each) for q, each in named]
