"""What a biography tells of a person: seven relations, each answered by a stretch of its text.

An answer is what a sensible person would say in a word or two. Where no pattern fits there is
none: the patterns rather miss an answer than give a wrong one. How often they are right was read
off by hand (`data/results/relations.json`) and, for the embedded people, compared with the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from nlp4.data import callings, extraction
from nlp4.data.corpus import Corpus
from nlp4.data.corruption import name_of
from nlp4.data.extraction import LONGEST, Bounds
from nlp4.support.files import write_text

# Each relation with its question in the plain wording; X stands for the person's name.
PLAIN = {
    "birthplace": "Where was X born?",
    "birth_year": "When was X born?",
    "occupation": "What was X's occupation?",
    "nationality": "What nationality was X?",
    "death_place": "Where did X die?",
    "field": "What was X's field of study?",
    "known_for": "What was X known for?",
}
RELATIONS = tuple(PLAIN)

_READ = 1000  # characters after the name: with more, the patterns may take minutes

_T = TypeVar("_T")
_S = TypeVar("_S")


@lru_cache(maxsize=2**16)  # a pure function, asked about the same texts at every step
def found(biography: str) -> dict[str, Bounds]:
    """Bounds (start, stop) in a biography `Name. Text` of the answer to each relation it tells.

    Everyone who asks gets the same dictionary: do not change it.
    """
    name = name_of(biography)
    begin = min(len(name) + 2, len(biography))
    text = biography[begin : begin + _READ]
    told = {
        "birthplace": extraction.birthplace(text, name),
        "birth_year": extraction.birth_year(text),
        "occupation": callings.occupation(text),
        "nationality": callings.nationality(text),
        "death_place": extraction.death_place(text, name),
        "field": extraction.field(text),
        "known_for": extraction.known_for(text),
    }
    return {
        relation: (begin + bounds[0], begin + bounds[1])
        for relation, bounds in told.items()
        if bounds is not None and bounds[1] - bounds[0] <= LONGEST
    }


def answers(biography: str) -> dict[str, str]:
    """The answer to each relation that a biography tells."""
    return {relation: biography[start:stop] for relation, (start, stop) in found(biography).items()}


@dataclass(frozen=True)
class Fact:
    """The answer to one relation of one person."""

    name: str
    relation: str
    answer: str

    @property
    def question(self) -> str:
        """The question in the relation's plain wording."""
        return PLAIN[self.relation].replace("X", self.name)


@dataclass(frozen=True)
class Split(Generic[_T]):
    """Something of everyone: by the split that asks for the birthplace, and of people in none."""

    train: tuple[_T, ...]
    dev: tuple[_T, ...]
    test: tuple[_T, ...]
    other: tuple[_T, ...]

    def each(self, choose: Callable[[_T], Iterable[_S]]) -> Split[_S]:
        """What `choose` makes of the members, side by side."""
        sides = (self.train, self.dev, self.test, self.other)
        return Split(*(tuple(each for member in side for each in choose(member)) for side in sides))


def people(corpus: Corpus) -> Split[str]:
    """The names on each side, nobody on two; whoever is asked about twice is on the first."""
    taken: set[str] = set()
    asked = list[tuple[str, ...]]()
    for side in (corpus.train, corpus.dev, corpus.test):
        asked.append(tuple(dict.fromkeys(q.name for q in side if q.name not in taken)))
        taken.update(asked[-1])
    # By their texts: a question may end a name otherwise ("Jr.") than `name_of` does.
    told = {text for name in taken for text in corpus.by_name.get(name, ())}
    others = (name_of(text) for text in corpus.biographies if text not in told)
    train, dev, test = asked
    return Split(train, dev, test, tuple(dict.fromkeys(others)))


def facts(corpus: Corpus) -> dict[str, Split[Fact]]:
    """The facts of every relation; a person stands on one side in all of them.

    Birthplaces of train and dev are the corpus' own. Whose biographies give different answers is
    left out; `silent` names those whose biographies give none.
    """

    def chosen(relation: str) -> Split[Fact]:
        told = _told(corpus, relation)
        return people(corpus).each(
            lambda name: [Fact(name, relation, *told[name])] if len(told[name]) == 1 else []
        )

    return {relation: chosen(relation) for relation in RELATIONS}


def silent(corpus: Corpus) -> dict[str, Split[str]]:
    """For every relation the people whose biographies do not give it."""

    def chosen(relation: str) -> Split[str]:
        told = _told(corpus, relation)
        return people(corpus).each(lambda name: [] if told[name] else [name])

    return {relation: chosen(relation) for relation in RELATIONS}


def _told(corpus: Corpus, relation: str) -> dict[str, set[str]]:
    """The different answers to a relation, by person: of the questions, else of the biographies."""
    told = defaultdict[str, set[str]](set)
    if relation == "birthplace":
        for question in corpus.train + corpus.dev:
            if question.place is not None:
                told[question.name].add(question.place)
    asked = set(told)
    for name, biographies in corpus.by_name.items():
        if name not in asked:
            given = (answers(text).get(relation) for text in biographies)
            told[name] = {answer for answer in given if answer is not None}
    return told


def write_question_sets(corpus: Corpus, folder: Path) -> None:
    """Write `train/<relation>.tsv` and `dev/<relation>.tsv`: question, tab, answer, tab, relation.

    Raises UserError if a file cannot be written.
    """
    for relation, split in facts(corpus).items():
        for side, told in (("train", split.train), ("dev", split.dev)):
            lines = (f"{fact.question}\t{fact.answer}\t{relation}\n" for fact in told)
            write_text(folder / side / f"{relation}.tsv", "".join(lines))
