"""How a model with a row for each person studies: facts to fill in, and questions in any words.

A cloze is a scrap of a biography, one answer masked: "(born 3 May 1950 in ⁇)". It is about a
person, whose row takes the fact in; the name itself is shown in a few clozes only, since the row
needs no spelling out. Questions are about training people alone, and their rows are only read: what
a row holds was written by reading, for training people as for everybody else, so that what is
learnt from questions, how to ask a row, holds for all. Half of the names shown belong to nobody:
the letters of a name then tell nothing, and what is answered must come from the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nlp4.data import relations, wordings
from nlp4.data.corpus import UNKNOWN, Corpus, nonempty
from nlp4.data.corruption import Sequence, name_of, salient_spans
from nlp4.data.names import first_name, surname
from nlp4.data.vocabulary import MASK
from nlp4.support.errors import UserError

Draw = Callable[[np.random.Generator], Sequence]
Bounds = tuple[int, int]
_ENOUGH = 0.05  # of the training people must have a fact, before its relation is asked for
_TRIES = 10_000  # to draw something that fits
_OFTEN = 5  # biographies that hold a word
SPLIT = 0  # the seed that keeps some wordings back
_YEAR = re.compile(r"\b(?:1\d{3}|20[01]\d)\b")


@dataclass(frozen=True)
class Study:
    """How often what happens; every share is a probability."""

    other_spans: float = 0.1  # weight of a span that answers no relation, against a birthplace
    rarity: float = 0.5  # a fact's weight is its relation's rarity to this power; 0: all alike
    before: tuple[int, int] = (4, 24)  # characters of text shown before a mask, least and most
    after: int = 6  # most characters shown behind it
    named: float = 0.2  # clozes that show the name
    false_letters: float = 0.5  # names that are shown as those of somebody who does not exist
    surname_first: float = 0.06
    strangers: float = 0.10  # questions about somebody who does not exist
    other: float = 0.05  # questions that no biography answers
    silent: float = 0.35  # of the share of people whose biographies do not tell the relation
    lower: float = 0.15
    upper: float = 0.10
    bare: float = 0.17  # without the question mark
    wordings: int | None = None  # of each relation, the plain one first; None: all
    written: bool = False  # whether questions write the rows that they read
    loosened: float = 0.4  # wordings from which words are dropped,
    dropped: float = 0.12  # each of them as likely
    led: float = 0.25  # wordings with words in front


def names_and_words(corpus: Corpus) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the biographies are about, and the words that stand in several or in a wording."""
    names = dict.fromkeys(name for b in corpus.biographies if (name := name_of(b)))
    times = Counter(word for b in corpus.biographies for word in set(_words_of(b)))
    words = {word for word, number in times.items() if number >= _OFTEN}
    for relation in wordings.POOLS:
        words.update(*map(_words_of, wordings.split(relation, SPLIT).trained))
    return tuple(names), tuple(sorted(words))


def _words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def told_as(name: str, corpus: Corpus) -> str:
    """The name that opens somebody's biography; a question may end it otherwise ("Jr.")."""
    return next(map(name_of, corpus.by_name.get(name, ())), name)


class Names:
    """The names in a corpus, and how one is shown.

    Raises UserError, sooner or later, if there are too few to make up others from.
    """

    def __init__(self, corpus: Corpus, study: Study) -> None:
        self.study, self.folder = study, corpus.folder
        told = frozenset(map(name_of, corpus.biographies))
        self.known = told.union(q.name for q in (*corpus.train, *corpus.dev, *corpus.test))
        whole = sorted(name for name in told if " " in name)
        self._whole = nonempty(whole, "biographies of people with two names", corpus)

    def stranger(self, rng: np.random.Generator) -> str:
        """A first name and a surname that nobody has together."""
        for _ in range(_TRIES):
            one, other = (self._whole[i] for i in rng.integers(len(self._whole), size=2))
            name = f"{first_name(one)} {surname(other)}"
            if name not in self.known:
                return name
        raise UserError(f"{self.folder} holds too few names to make up others: add biographies")

    def shown(self, name: str, rng: np.random.Generator) -> str:
        """The name as a text shows it: its letters, or a stranger's."""
        if rng.random() < self.study.false_letters:
            name = self.stranger(rng)
        if rng.random() < self.study.surname_first:
            name = wordings.surname_first(name) or name
        return name


@dataclass(frozen=True)
class _Text:
    """A biography, the stretches of it that are facts, and how likely each is drawn."""

    name: str
    biography: str
    spans: tuple[Bounds, ...]
    bounds: np.ndarray  # of the spans' weights, added up


def fact_clozes(corpus: Corpus, block: int, study: Study | None = None) -> Draw:
    """Draw clozes that fit `block`: of facts, and less often of other capitals and years.

    A fact of a relation that few biographies tell is drawn more often, by a power of how much
    rarer it is: there is less to learn its sentences from.
    """
    study = study or Study()
    names = Names(corpus, study)
    told = Counter(relation for b in corpus.biographies for relation in relations.found(b))
    weight = {r: (max(told.values()) / number) ** study.rarity for r, number in told.items()}
    found = [text for b in corpus.biographies if (text := _text(b, weight, study)) is not None]
    texts = nonempty(found, "biographies with facts", corpus)
    ends = np.cumsum([text.bounds[-1] for text in texts])

    def draw(rng: np.random.Generator) -> Sequence:
        text = texts[np.searchsorted(ends, rng.random() * ends[-1], side="right")]
        return _cloze(text, names, study, rng)

    return _fitting(draw, block, corpus)


def _fitting(draw: Draw, block: int, corpus: Corpus) -> Draw:
    """The same, but for what is longer than `block`. Raises UserError, later, if all is."""

    def fitting(rng: np.random.Generator) -> Sequence:
        for _ in range(_TRIES):
            sequence = draw(rng)
            if len(sequence.text) <= block:
                return sequence
        raise UserError(f"{corpus.folder} holds nothing that fits a block of {block} characters")

    return fitting


def _text(biography: str, weight: Mapping[str, float], study: Study) -> _Text | None:
    facts = {bounds: weight[relation] for relation, bounds in relations.found(biography).items()}
    name = name_of(biography)
    years = (match.span() for match in _YEAR.finditer(biography, len(name)))
    others = [
        (start, stop)
        for start, stop in (*salient_spans(biography), *years)
        if not any(start < end and begin < stop for begin, end in facts)
    ]
    weights = [*facts.values(), *([study.other_spans] * len(others))]
    if not name or not any(weights):
        return None
    return _Text(name, biography, (*facts, *others), np.cumsum(weights))


def _cloze(text: _Text, names: Names, study: Study, rng: np.random.Generator) -> Sequence:
    start, stop = text.spans[
        np.searchsorted(text.bounds, rng.random() * text.bounds[-1], side="right")
    ]
    least, most = study.before
    begin = max(len(text.name) + 2, start - int(rng.integers(least, most + 1)))
    end = stop + int(rng.integers(study.after + 1))
    head = ""
    if rng.random() < study.named:
        head = names.shown(text.name, rng)
    dot = "." * int(bool(head) and rng.random() < 0.5)
    prompt = f"{head}{dot} {text.biography[begin:start]}{MASK}{text.biography[stop:end]}{MASK}"
    answer = text.biography[start:stop]
    return Sequence(prompt + answer + MASK, len(prompt), about=text.name, known_from=len(head))


def any_questions(corpus: Corpus, block: int, study: Study | None = None) -> Draw:
    """Draw questions that fit `block`, of every relation, in the wordings that are trained on.

    Relations with few facts are asked for more often than these weigh, and those that hardly
    anybody has never. What is not told, and whoever does not exist, is to be answered `UNKNOWN`.
    """
    asker = _Asker(corpus, study or Study())

    return _fitting(asker.question, block, corpus)


class _Asker:
    """What can be asked about the training people."""

    def __init__(self, corpus: Corpus, study: Study) -> None:
        self.corpus, self.study, self.names = corpus, study, Names(corpus, study)
        told, silent = relations.facts(corpus), relations.silent(corpus)
        read = {
            relation: [fact for fact in split.train if _stands_in_text(fact, corpus)]
            for relation, split in told.items()
        }
        enough = _ENOUGH * len(relations.people(corpus).train)
        self.facts = {relation: facts for relation, facts in read.items() if len(facts) > enough}
        self.silent = {relation: silent[relation].train for relation in self.facts}
        self.relations = nonempty(list(self.facts), "relations with enough facts", corpus)
        self.weights = np.cbrt([len(facts) for facts in self.facts.values()])
        self.weights /= self.weights.sum()
        self.wordings = {
            relation: wordings.split(relation, SPLIT).trained[: study.wordings]
            for relation in (*self.facts, "other")
        }

    def question(self, rng: np.random.Generator) -> Sequence:
        """One question and its answer."""
        study = self.study
        relation = self.relations[rng.choice(len(self.relations), p=self.weights)]
        facts, silent = self.facts[relation], self.silent[relation]
        fact, lot = facts[rng.integers(len(facts))], rng.random()
        if lot < study.strangers:
            return self._asked(relation, None, UNKNOWN, rng)
        if lot < study.strangers + study.other:
            return self._asked("other", fact.name, UNKNOWN, rng)
        unheard = study.silent * len(silent) / (len(silent) + len(facts))
        if lot < study.strangers + study.other + unheard:
            return self._asked(relation, silent[rng.integers(len(silent))], UNKNOWN, rng)
        return self._asked(relation, fact.name, fact.answer, rng)

    def _asked(
        self, relation: str, name: str | None, answer: str, rng: np.random.Generator
    ) -> Sequence:
        choice = self.wordings[relation]
        wording = loosened(choice[rng.integers(len(choice))], self.study, rng)
        shown = self.names.shown(name, rng) if name else self.names.stranger(rng)
        before, after = wordings.parts(wording)
        head, lot = before + shown, rng.random()
        if lot < self.study.lower:
            head, after = head.lower(), after.lower()
        elif lot < self.study.lower + self.study.upper:
            head, after = head.upper(), after.upper()  # "ß" is two letters then
        elif lot < self.study.lower + self.study.upper + self.study.bare:
            after = after.removesuffix("?")
        prompt, about = head + after + MASK, told_as(name, self.corpus) if name else None
        return Sequence(
            prompt + answer + MASK,
            len(prompt),
            about,
            known_from=len(head),
            written=self.study.written,
        )


def _stands_in_text(fact: relations.Fact, corpus: Corpus) -> bool:
    return any(fact.answer in text for text in corpus.by_name.get(fact.name, ()))


def loosened(wording: str, study: Study, rng: np.random.Generator) -> str:
    """A wording without some of its words, or with some in front: other words will come."""
    if rng.random() < study.loosened:
        words = wording.split(" ")
        wording = " ".join(w for w in words if "X" in w or rng.random() >= study.dropped)
    if rng.random() < study.led:
        lead = wordings.LEADS[rng.integers(len(wordings.LEADS))]
        wording = f"{lead} {wording[:1].lower()}{wording[1:]}" if wording[:1] != "X" else wording
    return wording
