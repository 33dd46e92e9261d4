"""Can a fact be corrected, and what else moves? Birthplaces are edited in three ways.

For each edit: does the model say the new place, also in words that no training saw, and is all else
as it was: other people, people who share a word of the name, the same person's other relations? The
control gives the person another one's whole row. Then many edits, one after the other, in one
model; and the closed form at several strengths. Efficacy, generalisation and specificity are asked
for as in Meng et al. (2022), many edits as in Gupta et al. (2024).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from nlp4.data import wordings
from nlp4.data.corpus import UNKNOWN, Corpus
from nlp4.data.relations import PLAIN, Fact
from nlp4.data.studying import SPLIT
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import greedy, mistake, probabilities_of, says
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table
from nlp4.training import editing

Edit = Callable[[GPT, Vocabulary, Corpus, Fact], object]
SENTENCE, ROW, CLOSED, OTHERS = (
    "every weight, one sentence",
    "the row, one sentence",
    "the row, in closed form",
    "somebody else's row",
)
_OWN = ("birth_year", "occupation", "nationality")  # what else is asked of the person
_BORN = 5  # training people, at least, for a place to be given to somebody
_NAMESAKES = 5  # people with a word of the name, at most


@dataclass(frozen=True)
class Settings:
    """How many people are edited one by one, and how many in one model.

    Raises UserError for numbers below 1 or a negative strength.
    """

    edits: int = 40
    many: tuple[int, ...] = (1, 10, 50, 200)
    neighbours: int = 100  # other people who are asked about after each edit
    strengths: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "edits", "neighbours")
        require_seeds([self.seed])
        if min(self.many, default=1) < 1 or min(self.strengths, default=0) < 0:
            raise UserError(f"many {self.many}, strengths {self.strengths}: choose 1 and 0 or more")


@torch.no_grad()
def anothers_row(model: GPT, vocabulary: Vocabulary, corpus: Corpus, fact: Fact) -> None:
    """Give somebody the whole row of the first training person who was born there."""
    rows = editing.recall_of(model).people.weight
    donor = next(question.name for question in corpus.train if question.place == fact.answer)
    row, other = (editing.row_number(model, corpus, name) for name in (fact.name, donor))
    rows[row] = rows[other]


WAYS: Mapping[str, Edit] = {
    SENTENCE: editing.by_sentence,
    ROW: editing.by_row,
    CLOSED: editing.in_closed_form,
    OTHERS: anothers_row,
}


@dataclass(frozen=True)
class Effect:
    """What one edit, or some, did: counts of questions with the answers that one hopes for."""

    said: Share  # the new place, in the plain wording
    in_other_words: Share  # the new place, in wordings that no training saw
    others: Share  # other people: the answer is as it was
    namesakes: Share  # the same of people with a word of the name
    own: Share  # the same person's other relations: as they were

    def __add__(self, other: Effect) -> Effect:
        mine, theirs = vars(self).values(), vars(other).values()
        both = zip(mine, theirs, strict=True)
        return Effect(*(Share(a.right + b.right, a.n + b.n) for a, b in both))


@dataclass(frozen=True)
class Edited:
    """The effects of one way of editing, over all people who were edited by themselves."""

    way: str
    effect: Effect
    seconds: float  # an edit, on average


@dataclass(frozen=True)
class Many:
    """So many edits in one model: new places still said, and others as they were."""

    way: str
    number: int
    said: Share
    others: Share


@dataclass(frozen=True)
class Found:
    """Every way, many edits, and every strength of the closed form."""

    ways: tuple[Edited, ...]
    many: tuple[Many, ...]
    strengths: tuple[tuple[float, Effect], ...]


class Bench:
    """A model before any edit, whom to edit, and what was said of everybody then."""

    def __init__(
        self,
        model: GPT,
        vocabulary: Vocabulary,
        corpus: Corpus,
        *,
        edits: int,
        neighbours: int,
        seed: int = 0,
    ) -> None:
        """Draw dev people: `neighbours` who are left alone, and `edits` or all the rest to edit.

        Raises UserError for a model without rows of people, or if nobody would be left to edit.
        """
        editing.recall_of(model)
        self.model, self.vocabulary, self.corpus = model, vocabulary, corpus
        self.rng = np.random.default_rng(seed)
        self.before: dict[str, str] = {}
        names = dict.fromkeys(question.name for question in corpus.dev)
        askable = [n for n in names if not mistake(model, vocabulary, self.plain([n])[0])]
        order = [askable[i] for i in self.rng.permutation(len(askable))]
        if len(order) <= neighbours:
            raise UserError(f"{corpus.folder} has {len(order)} dev people: too few to edit some")
        self.neighbours, chosen = order[:neighbours], order[neighbours:][:edits]
        self.said(self.plain(order[: neighbours + edits]))  # together: that is quicker
        self.edits = [self.drawn(name) for name in chosen]

    @staticmethod
    def plain(names: Iterable[str], relation: str = "birthplace") -> list[str]:
        """The question about each in the plain wording."""
        return [wordings.ask(PLAIN[relation], name) for name in names]

    def drawn(self, name: str) -> Fact:
        """A new birthplace for somebody: a place of several training people, not what is said."""
        number = dict[str, int]()
        for question in self.corpus.train:
            if question.place is not None:
                number[question.place] = number.get(question.place, 0) + 1
        true = next(question.place for question in self.corpus.dev if question.name == name)
        said = self.said(self.plain([name]))
        places = [p for p, n in number.items() if n >= _BORN and p not in (true, *said)]
        if not places:
            raise UserError(f"{self.corpus.folder}: no place has {_BORN} training people")
        return Fact(name, "birthplace", places[int(self.rng.integers(len(places)))])

    def said(self, questions: Sequence[str]) -> list[str]:
        """What the model answered before any edit."""
        new = [question for question in questions if question not in self.before]
        self.before |= zip(new, greedy(self.model, self.vocabulary, new), strict=True)
        return [self.before[question] for question in questions]

    def namesakes(self, name: str) -> list[str]:
        """People who share a word of the name, and are not that person."""
        words = set(name.split())
        people = dict.fromkeys(q.name for q in (*self.corpus.train, *self.corpus.dev))
        found = (other for other in people if other != name and words & set(other.split()))
        return [n for n, _ in zip(found, range(_NAMESAKES), strict=False)]

    def as_before(self, model: GPT, questions: Sequence[str]) -> Share:
        """How many are answered as before."""
        kept = says(model, self.vocabulary, questions, self.said(questions))
        return Share(sum(kept), len(kept))

    def told(self, model: GPT, questions: Sequence[str], answer: str) -> Share:
        """How many have this answer."""
        right = says(model, self.vocabulary, questions, [answer] * len(questions))
        return Share(sum(right), len(right))

    def effect(self, model: GPT, fact: Fact) -> Effect:
        """What an edited model says of the person, and of everybody else."""
        unseen = wordings.split("birthplace", SPLIT).unseen
        own = [question for relation in _OWN for question in self.plain([fact.name], relation)]
        return Effect(
            self.told(model, [fact.question], fact.answer),
            self.told(model, [wordings.ask(w, fact.name) for w in unseen], fact.answer),
            self.as_before(model, self.plain(self.neighbours)),
            self.as_before(model, self.plain(self.namesakes(fact.name))),
            self.as_before(model, own),
        )

    def edited(self, edit: Edit, facts: Sequence[Fact]) -> GPT:
        """A copy of the model after these edits."""
        model = copy.deepcopy(self.model)
        for fact in facts:
            edit(model, self.vocabulary, self.corpus, fact)
        return model


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Found:
    """Edit dev people in every way; the model itself stays as it is.

    Raises UserError for a model without rows of people, or too few people to edit.
    """
    settings = settings or Settings()
    bench = Bench(
        model,
        vocabulary,
        corpus,
        edits=max(settings.edits, *settings.many),
        neighbours=settings.neighbours,
        seed=settings.seed,
    )
    facts = bench.edits[: settings.edits]
    ways = [_edited(bench, way, facts) for way in tqdm(WAYS, "ways to edit", leave=False)]
    many = [
        row
        for way in tqdm((SENTENCE, ROW, CLOSED), "many", leave=False)
        for row in _many(bench, way, settings.many)
    ]
    strengths = [
        (s, _strength(bench, s, facts)) for s in tqdm(settings.strengths, "strengths", leave=False)
    ]
    return Found(tuple(ways), tuple(many), tuple(strengths))


def _edited(bench: Bench, way: str, facts: Sequence[Fact]) -> Edited:
    seconds, total = 0.0, list[Effect]()
    for fact in tqdm(facts, way, leave=False):
        start = time.perf_counter()
        model = bench.edited(WAYS[way], [fact])
        seconds += time.perf_counter() - start
        total.append(bench.effect(model, fact))
    return Edited(way, _sum(total), seconds / len(facts))


def _sum(effects: Sequence[Effect]) -> Effect:
    first, *rest = effects
    for effect in rest:
        first = first + effect
    return first


def _many(bench: Bench, way: str, numbers: Sequence[int]) -> Iterable[Many]:
    model, done = copy.deepcopy(bench.model), 0
    for number in sorted(numbers):
        facts = bench.edits[:number]
        for fact in facts[done:]:
            WAYS[way](model, bench.vocabulary, bench.corpus, fact)
        done = len(facts)
        questions, places = [f.question for f in facts], [f.answer for f in facts]
        right = says(model, bench.vocabulary, questions, places)
        others = bench.as_before(model, bench.plain(bench.neighbours))
        yield Many(way, done, Share(sum(right), done), others)


def _strength(bench: Bench, strength: float, facts: Sequence[Fact]) -> Effect:
    edit = partial(editing.in_closed_form, strength=strength)
    return _sum([bench.effect(bench.edited(edit, [fact]), fact) for fact in facts])


@dataclass(frozen=True)
class Strengths:
    """One person's birthplace, edited in closed form at several strengths."""

    name: str
    old: str
    new: str
    strengths: tuple[float, ...]
    given: np.ndarray  # (strengths, 2): the probabilities of the old place and of the new one
    others: dict[str, tuple[str, np.ndarray]]  # by relation: the answer before, its probabilities


QUARTERS = tuple(np.arange(0, 4.25, 0.25).tolist())


def strengths_of(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    *,
    people: int = 4,
    strengths: Sequence[float] = QUARTERS,
    seed: int = 0,
) -> tuple[Strengths, ...]:
    """Dev people edited at every strength; the change is worked out once, and multiplied.

    People of whom the model tells the other relations, too. Raises UserError as `Bench` does.
    """
    bench = Bench(model, vocabulary, corpus, edits=20 * people, neighbours=1, seed=seed)
    told = [
        fact
        for fact in bench.edits
        if UNKNOWN not in bench.said([bench.plain([fact.name], r)[0] for r in _OWN])
    ]
    return tuple(_strengths(bench, fact, strengths) for fact in told[:people])


def _strengths(bench: Bench, fact: Fact, strengths: Sequence[float]) -> Strengths:
    edit = partial(editing.in_closed_form, strength=1.0)
    edited = bench.edited(edit, [fact])
    row = editing.row_number(bench.model, bench.corpus, fact.name)
    before, after = (
        editing.recall_of(m).people.weight[row].detach().clone() for m in (bench.model, edited)
    )
    own = {r: bench.plain([fact.name], r)[0] for r in _OWN}
    questions = [fact.question, fact.question, *own.values()]
    answers = [bench.said([fact.question])[0], fact.answer, *bench.said(list(own.values()))]
    given = []
    for strength in strengths:
        with torch.no_grad():
            editing.recall_of(edited).people.weight[row] = before + strength * (after - before)
        found = probabilities_of(edited, bench.vocabulary, questions, answers)
        given.append([each.probability for each in found])
    columns = np.array(given).T
    others = {r: (a, c) for r, a, c in zip(own, answers[2:], columns[2:], strict=True)}
    return Strengths(fact.name, answers[0], fact.answer, tuple(strengths), columns[:2].T, others)


def as_json(found: Found) -> dict[str, Any]:
    """The rows of the tables, ready for `json.dumps`."""
    strengths = [{"strength": s, **asdict(effect)} for s, effect in found.strengths]
    return {
        "ways": [asdict(row) for row in found.ways],
        "many": [asdict(row) for row in found.many],
        "strengths": strengths,
    }


_HEADS = (
    *("says the new place", "95% interval", "in other words", "95% interval"),
    *("others as before", "95% interval", "namesakes as before", "95% interval"),
    *("its other relations as before", "95% interval"),
)


def markdown(found: Found) -> str:
    """Three Markdown tables: the ways, many edits in one model, and the closed form's strength."""
    ways = [[row.way, *_effect(row.effect), f"{row.seconds:.2f}"] for row in found.ways]
    many = [
        [row.way, str(row.number), *row.said.cells[1:], *row.others.cells[1:]] for row in found.many
    ]
    strengths = [[f"{strength:g}", *_effect(effect)] for strength, effect in found.strengths]
    heads = ["edited", "edits in one model", *_HEADS[:2], *_HEADS[4:6]]
    return "\n".join(
        (
            table(["edited", *_HEADS, "seconds an edit"], ways),
            table(heads, many),
            table(["strength of the closed form", *_HEADS], strengths),
        )
    )


def _effect(effect: Effect) -> list[str]:
    return [cell for share in vars(effect).values() for cell in share.cells[1:]]
