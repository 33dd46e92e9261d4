"""What a model knows of the people held back: every relation, in any words, from any hand.

Every dev person is asked about each relation in its plain wording, in wordings that no training
saw, and in the plain one as hands spoil it. A right answer is the one that the person's biography
gives, or the question file for birthplaces; where there is none, it is `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import compress
from typing import Any, Literal

import numpy as np
from tqdm.auto import tqdm

from nlp4.data import wordings as words
from nlp4.data.corpus import UNKNOWN, Corpus, require_dev
from nlp4.data.relations import PLAIN, RELATIONS, Fact, facts, silent
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Ratio, Share, entropy
from nlp4.models.asking import greedy, mistake, says
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import require_seeds
from nlp4.support.records import table

Kind = Literal["plain", "unseen", "hand"]


def require_relations(names: Iterable[str]) -> None:
    """Raise UserError for a name that is no relation's."""
    if unknown := [name for name in names if name not in RELATIONS]:
        raise UserError(f"no relation {unknown[0]!r}: choose from {', '.join(RELATIONS)}")


@dataclass(frozen=True)
class Settings:
    """Which relations are asked for, in how many wordings that no training saw.

    Raises UserError for an unknown relation, or one that has too few wordings.
    """

    relations: tuple[str, ...] = RELATIONS
    unseen: int = 6
    seed: int = 0  # of the unseen wordings, the same as in training, and of slips

    def __post_init__(self) -> None:
        require_seeds([self.seed])
        require_relations(self.relations)
        for relation in self.relations:
            words.split(relation, self.seed, self.unseen)


@dataclass(frozen=True)
class Subject:
    """Somebody held back: the right answer, `UNKNOWN` where there is none, and the birthplace."""

    name: str
    answer: str
    birthplace: str | None

    @property
    def told(self) -> bool:
        """Whether there is an answer at all."""
        return self.answer != UNKNOWN


def subjects(corpus: Corpus) -> dict[str, list[Subject]]:
    """The dev people of each relation, those first whose texts give it.

    Raises UserError if the corpus has no dev questions.
    """
    require_dev(corpus)
    born = {question.name: question.place for question in corpus.dev}
    told, untold = facts(corpus), silent(corpus)
    return {
        relation: [
            *(Subject(each.name, each.answer, born.get(each.name)) for each in told[relation].dev),
            *(Subject(name, UNKNOWN, born.get(name)) for name in untold[relation].dev),
        ]
        for relation in RELATIONS
    }


def answers_to(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str | None],
    on_batch: Callable[[int], None] = lambda done: None,
) -> list[str | None]:
    """The answer to each question; None for none, and for one that cannot be asked.

    `on_batch` is told how many questions each batch answered.
    """
    asked = [q for q in dict.fromkeys(questions) if q and not mistake(model, vocabulary, q)]
    answers = greedy(model, vocabulary, asked, on_batch=on_batch)
    found = dict(zip(asked, answers, strict=True))
    return [None if question is None else found.get(question) for question in questions]


def told_by(model: GPT, vocabulary: Vocabulary, facts: Iterable[Fact]) -> list[Fact]:
    """Those of the facts that the model tells, asked for in the plain wording."""
    asked = [fact for fact in facts if not mistake(model, vocabulary, fact.question)]
    right = says(model, vocabulary, [f.question for f in asked], [f.answer for f in asked])
    return list(compress(asked, right))


def _says_birthplace(people: Sequence[Subject], answers: Sequence[str | None]) -> Share:
    """Answers that are the person's birthplace, of people of whom that is not right too."""
    wrong = [
        answer == person.birthplace
        for person, answer in zip(people, answers, strict=True)
        if answer is not None and person.birthplace not in (None, person.answer)
    ]
    return Share(sum(wrong), len(wrong))


# Relations


@dataclass(frozen=True)
class Relation:
    """One relation, asked for in its plain wording."""

    relation: str
    right: Share  # of the people whose texts tell it
    ceiling: Share  # of the same, whose answer stands in a biography of theirs
    unknown: Share  # of the same, to whom the model says that it does not know
    untold: Share  # of the others: it says so, rightly
    birthplace: Share  # answered with the birthplace, of those of whom that is not right too
    left_out: int  # people who cannot be asked about, for a letter or the length

    @property
    def of_ceiling(self) -> float:
        """Right answers over those that a perfect memory of the texts could give."""
        return self.right.right / self.ceiling.right if self.ceiling.right else 0.0


@dataclass(frozen=True)
class Relations:
    """Every relation."""

    rows: tuple[Relation, ...]

    @property
    def birthplace(self) -> Share:
        """Other relations answered with the birthplace, where that is not right too."""
        return _sum([row.birthplace for row in self.rows])


def _sum(shares: Sequence[Share]) -> Share:
    return Share(sum(share.right for share in shares), sum(share.n for share in shares))


def relations(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Relations:
    """Ask everyone held back about every relation. Raises UserError as `subjects` does."""
    settings, everyone = settings or Settings(), subjects(corpus)
    rows = []
    with _bar("relations", sum(len(everyone[relation]) for relation in settings.relations)) as bar:
        for relation in settings.relations:
            people = everyone[relation]
            questions = [words.ask(PLAIN[relation], person.name) for person in people]
            answers = answers_to(model, vocabulary, questions, bar.update)
            rows.append(_relation(relation, people, answers, corpus))
    return Relations(tuple(rows))


def _bar(label: str, questions: int) -> tqdm[Any]:
    return tqdm(total=questions, desc=label, leave=False, unit=" questions")


def _relation(
    relation: str, people: Sequence[Subject], answers: Sequence[str | None], corpus: Corpus
) -> Relation:
    pairs = [(p, a) for p, a in zip(people, answers, strict=True) if a is not None]
    told = [(p, a) for p, a in pairs if p.told]
    untold = [a for p, a in pairs if not p.told]
    there = [any(p.answer in text for text in corpus.by_name.get(p.name, ())) for p, _ in told]
    return Relation(
        relation,
        right=Share(sum(a == p.answer for p, a in told), len(told)),
        ceiling=Share(sum(there), len(told)),
        unknown=Share(sum(a == UNKNOWN for _, a in told), len(told)),
        untold=Share(untold.count(UNKNOWN), len(untold)),
        birthplace=_says_birthplace(people, answers),
        left_out=len(people) - len(pairs),
    )


def bits(corpus: Corpus, right: Mapping[str, Share]) -> float:
    """Bits known: for each relation, the people of whom it is known times the answers' entropy.

    Of the relations in `right`, whose share of those held back stands for everybody told of. A
    guess at a frequent answer counts as knowledge here, and what is known in part does not. The
    most that was found in large models is 2 bits a parameter (Allen-Zhu and Li 2024, "Physics of
    Language Models", part 3.3).
    """
    known = 0.0
    for relation, split in facts(corpus).items():
        told = [f.answer for f in (*split.train, *split.dev, *split.test, *split.other)]
        if relation in right and told:
            known += right[relation].value * len(told) * entropy(told)
    return known


# Wordings


@dataclass(frozen=True)
class Way:
    """One way of asking for a relation, of people whose texts tell it, beside the plain wording."""

    relation: str
    kind: Kind
    asked: str  # the wording, or what the hand did
    right: int
    plain: int  # the same people, right in the plain wording
    both: int
    n: int
    birthplace: Share  # answered with the birthplace, of those of whom that is not right too
    left_out: int  # people who cannot be asked so: a letter, the length, nothing for the hand to do

    @property
    def share(self) -> Share:
        """How many are right."""
        return Share(self.right, self.n)

    @property
    def of_plain(self) -> float:
        """Right answers over those in the plain wording; 0 where there are none of those."""
        return self.right / self.plain if self.plain else 0.0

    @property
    def against_plain(self) -> Ratio:
        """The same with its interval, and McNemar's test of equal shares."""
        return Ratio(self.asked, self.right, self.plain, self.both, self.n)


@dataclass(frozen=True)
class Wordings:
    """Every way of asking for every relation."""

    rows: tuple[Way, ...]

    def of(self, relation: str, kind: Kind) -> list[Way]:
        """The ways of one kind to ask for one relation."""
        return [way for way in self.rows if (way.relation, way.kind) == (relation, kind)]


def wordings(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Wordings:
    """Ask about every relation in every way. Raises UserError as `subjects` does."""
    settings, everyone = settings or Settings(), subjects(corpus)
    told = {r: [person for person in everyone[r] if person.told] for r in settings.relations}
    each = 1 + settings.unseen + len(words.HANDS)
    rows: list[Way] = []
    with _bar("wordings", each * sum(map(len, told.values()))) as bar:
        for relation, people in told.items():
            plain: list[str | None] = []
            for kind, asked, form in _ways(relation, settings):
                questions = [form(person.name) for person in people]
                answers = answers_to(model, vocabulary, questions, bar.update)
                plain = plain or answers
                rows.append(_way(relation, kind, asked, people, answers, plain))
    return Wordings(tuple(rows))


Form = Callable[[str], str | None]  # from a name to the question; None where there is none


def _ways(relation: str, settings: Settings) -> Iterator[tuple[Kind, str, Form]]:
    plain = PLAIN[relation]
    yield "plain", plain, partial(words.ask, plain)
    for wording in words.split(relation, settings.seed, settings.unseen).unseen:
        yield "unseen", wording, partial(words.ask, wording)
    for number, (name, hand) in enumerate(words.HANDS.items()):
        rng = np.random.default_rng([settings.seed, RELATIONS.index(relation), number])
        yield "hand", name, _spoilt(hand, plain, rng)


def _spoilt(hand: words.Hand, wording: str, rng: np.random.Generator) -> Form:
    return lambda name: hand(wording, name, rng)


def _way(
    relation: str,
    kind: Kind,
    asked: str,
    people: Sequence[Subject],
    answers: Sequence[str | None],
    plain: Sequence[str | None],
) -> Way:
    pairs = [
        (answer == person.answer, before == person.answer)
        for person, answer, before in zip(people, answers, plain, strict=True)
        if answer is not None and before is not None
    ]
    return Way(
        relation,
        kind,
        asked,
        right=sum(now for now, _ in pairs),
        plain=sum(before for _, before in pairs),
        both=sum(now and before for now, before in pairs),
        n=len(pairs),
        birthplace=_says_birthplace(people, answers),
        left_out=len(people) - len(pairs),
    )


# Tables


def as_json(found: Relations | Wordings) -> dict[str, Any]:
    """Every row, ready for `json.dumps`."""
    return {"rows": [asdict(row) for row in found.rows]}


def markdown(found: Relations | Wordings) -> str:
    """Tables in Markdown, with 95% intervals."""
    return _relations_table(found) if isinstance(found, Relations) else _wordings_tables(found)


def _relations_table(found: Relations) -> str:
    heads = ["relation", "right", "share", "95% interval", "of its ceiling", "says unknown"]
    heads += ["not told: says unknown", "95% interval", "answered with the birthplace", "left out"]
    rows = []
    for row in found.rows:
        silent_, share, interval = row.untold.cells
        cells = [row.relation, *row.right.cells, f"{row.of_ceiling:.1%}", row.unknown.cells[0]]
        cells += [f"{silent_} ({share})", interval] if row.untold.n else ["-", "-"]
        rows.append([*cells, _crossed(row.birthplace), str(row.left_out)])
    told = (
        "other relations answered with the birthplace, where that is not right too: "
        f"{found.birthplace}"
    )
    return f"{table(heads, rows)}\n{told}\n"


def _crossed(birthplace: Share) -> str:
    right, share, _ = birthplace.cells
    return f"{right} ({share})" if birthplace.n else "-"


def _wordings_tables(found: Wordings) -> str:
    heads = ["relation", "asked", "right", "share", "95% interval", "of the plain", "95% interval"]
    heads += ["p against the plain", "answered with the birthplace", "left out"]
    rows = []
    for way in found.rows:
        named = way.asked if way.kind == "hand" else f"{way.asked} ({way.kind})"
        cells = [way.relation, named, *way.share.cells, *_against(way)]
        rows.append([*cells, _crossed(way.birthplace), str(way.left_out)])
    return f"{_summary(found)}\n{table(heads, rows)}"


def _against(way: Way) -> list[str]:
    if way.kind == "plain" or not way.plain:
        return ["-", "-", "-"]
    low, high = way.against_plain.interval
    p_value = f"{way.against_plain.p_value:.1g}"
    return [f"{way.of_plain:.1%}", f"{low:.1%} to {high:.1%}", p_value]


def _summary(found: Wordings) -> str:
    """A row a relation: what of the plain wording's right answers other ways keep."""
    heads = ["as shares of the plain wording's score", "plain: right"]
    heads += ["unseen wordings: mean", "worst", *words.HANDS]
    rows = []
    for relation in dict.fromkeys(way.relation for way in found.rows):
        (plain,) = found.of(relation, "plain")
        unseen = [way.of_plain for way in found.of(relation, "unseen") if way.plain]
        cells = [f"{np.mean(unseen):.1%}", f"{min(unseen):.1%}"] if unseen else ["-", "-"]
        hands = [_against(way)[0] for way in found.of(relation, "hand")]
        rows.append([relation, plain.share.cells[0], *cells, *hands])
    return table(heads, rows)
