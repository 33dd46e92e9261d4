"""Where is a fact read? One person's question is answered from another person's rows.

A model that looks people up has its facts in rows: one for each person, or some for each letter of
a name. If the answer is read there, it goes along with the rows. The control exchanges the rows of
two others in the table: an answer that does not stay then was read from rows that many share.
Putting a part of one computation into another, to see what follows it, is an interchange
intervention (Geiger et al. 2021).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from nlp4.data.corpus import Corpus
from nlp4.data.relations import PLAIN, Fact, facts
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments.knowledge import require_relations, told_by
from nlp4.maths.statistics import Share
from nlp4.models.asking import answers_with_probability, says
from nlp4.models.gpt import GPT
from nlp4.models.inspection import patched, swapped
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table
from nlp4.training.editing import recall_of, row_number

Asked = tuple[GPT, Vocabulary]
Swap = Callable[[str, str], AbstractContextManager[None]]  # from two names
Letters = Callable[[str], list[int]]  # from a name to places in it
PERSON, LAST, ENDS, LETTERS = (
    "the person's row",
    "at the last letter",
    "at the ends of words",
    "at every letter",
)


_LEAST = 20  # pairs of people; else a relation is left out


@dataclass(frozen=True)
class Settings:
    """Which relations are asked for, and about how many pairs of people each.

    Raises UserError for an unknown relation, or no pairs.
    """

    relations: tuple[str, ...] = ("birthplace", "birth_year", "occupation", "nationality")
    pairs: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "pairs")
        require_seeds([self.seed])
        require_relations(self.relations)


@dataclass(frozen=True)
class Way:
    """Whose rows are read, in whose question; and two people's rows exchanged for everybody."""

    read: Swap  # from whom is asked about, and whose rows are read there
    exchange: Swap
    alike: Callable[[str], object] = lambda name: None  # what two names must have in common


@dataclass(frozen=True)
class Swapped:
    """One model's answers about people in whose questions other people's rows are read."""

    model: str
    rows: str
    relation: str
    along: Share  # the answer is the other one's
    stays: Share  # it is still the person's own
    control: Share  # the same, when two others' rows were exchanged in the table


def experiment(
    models: Mapping[str, Asked], corpus: Corpus, settings: Settings | None = None
) -> list[Swapped]:
    """Exchange rows in every model that has some; the rows of the table.

    A model is asked about dev people whose answers it knows: of the others there is nothing to
    move. A relation that it knows of too few is left out. Raises UserError if no model has rows.
    """
    settings = settings or Settings()
    jobs = [
        (name, rows, way, relation)
        for name, (model, vocabulary) in models.items()
        for rows, way in ways(model, vocabulary, corpus).items()
        for relation in settings.relations
    ]
    if not jobs:
        raise UserError("this model has no rows to exchange: its facts are in its matrices alone")
    found = []
    for name, rows, way, relation in tqdm(jobs, "exchanging rows", leave=False):
        pairs = known_pairs(*models[name], corpus, relation, settings, way.alike)
        if len(pairs) >= _LEAST:
            found.append(Swapped(name, rows, relation, *_asked(*models[name], way, pairs)))
    return found


def ways(model: GPT, vocabulary: Vocabulary, corpus: Corpus) -> dict[str, Way]:
    """The rows that can be read in place of others in this model; none if it looks nobody up."""
    if model.recall is not None:
        swap = partial(_persons, model, corpus)
        return {PERSON: Way(swap, swap)}
    if model.memory is None or not model.memory.config.names:
        return {}
    chosen: dict[str, Letters] = {
        LAST: lambda name: [len(name) - 1],
        ENDS: word_ends,
        LETTERS: lambda name: list(range(len(name))),
    }
    return {
        rows: Way(
            partial(_reading, model, vocabulary, at), partial(_exchanged, model, vocabulary, at), at
        )
        for rows, at in chosen.items()
    }


def _persons(model: GPT, corpus: Corpus, one: str, other: str) -> AbstractContextManager[None]:
    rows = {row_number(model, corpus, one): row_number(model, corpus, other)}
    return swapped(recall_of(model).people, rows)


def word_ends(name: str) -> list[int]:
    """The places of the last letters of its words."""
    return [i for i, (c, after) in enumerate(pairwise(f"{name} ")) if c != " " and after == " "]


BEFORE, _ = PLAIN["birthplace"].split("X")


def _reading(
    model: GPT, vocabulary: Vocabulary, at: Letters, own: str, other: str
) -> AbstractContextManager[None]:
    """Inside, what the memory gives at these letters of a name is what it gives at another's."""
    assert model.memory is not None
    with torch.no_grad():
        read = model.memory(_ids(vocabulary, other))[0, [len(BEFORE) + i for i in at(other)]]
    return patched(model.memory, [len(BEFORE) + i for i in at(own)], read)


def _ids(vocabulary: Vocabulary, name: str) -> torch.Tensor:
    return torch.tensor([vocabulary.encode(BEFORE + name)])


def _exchanged(
    model: GPT, vocabulary: Vocabulary, at: Letters, one: str, other: str
) -> AbstractContextManager[None]:
    """Exchange in the table what two names read at these letters.

    A row that both read stays where it is, and so does one that is exchanged already.
    """
    assert model.memory is not None
    first, second = (
        model.memory.rows(_ids(vocabulary, name))[0, len(BEFORE) :][at(name)]
        for name in (one, other)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for a, b in zip(first.flatten().tolist(), second.flatten().tolist(), strict=True):
        if a != b and not {a, b} & taken:
            pairs[a] = b
            taken |= {a, b}
    return swapped(model.memory.table, pairs)


Pair = tuple[Fact, Fact]


def known_pairs(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    relation: str,
    settings: Settings,
    alike: Callable[[str], object] = lambda name: None,
) -> list[Pair]:
    """Pairs of dev people with different answers, both of which the model gives, drawn by seed.

    Two names of a pair have `alike` in common.
    """
    known = told_by(model, vocabulary, facts(corpus)[relation].dev)
    rng = np.random.default_rng(settings.seed)
    drawn = [known[i] for i in rng.permutation(len(known))]
    by_kind = groupby(sorted(drawn, key=lambda f: repr(alike(f.name))), lambda f: alike(f.name))
    pairs = [
        (first, second)
        for _, kind in by_kind
        for first, second in _twos(list(kind))
        if first.answer != second.answer
    ]
    return [pairs[i] for i in rng.permutation(len(pairs))[: settings.pairs]]


def _twos(facts: list[Fact]) -> Iterator[Pair]:
    return zip(facts[::2], facts[1::2], strict=False)


def _asked(model: GPT, vocabulary: Vocabulary, way: Way, pairs: Sequence[Pair]) -> Iterator[Share]:
    """How often the answer goes along, stays, and stays when the next pair's rows move."""
    counts = np.zeros(3, dtype=int)

    def said(fact: Fact, *answers: str) -> list[bool]:
        return says(model, vocabulary, [fact.question] * len(answers), answers)

    for pair, others in zip(pairs, [*pairs[1:], pairs[0]], strict=True):
        for own, other in (pair, pair[::-1]):
            with way.read(own.name, other.name):
                counts[:2] += said(own, other.answer, own.answer)
            with way.exchange(others[0].name, others[1].name):
                counts[2:] += said(own, own.answer)
    return (Share(int(count), 2 * len(pairs)) for count in counts)


@dataclass(frozen=True)
class Said:
    """An answer, and how sure the model is of it; a web page knows no `asking.Answer`."""

    answer: str
    probability: float


@dataclass(frozen=True)
class Grid:
    """Some people, each asked about while each one's row is read."""

    names: tuple[str, ...]
    answers: dict[str, tuple[tuple[Said, ...], ...]]  # by relation: asked about, whose row


def grid(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    *,
    people: int = 4,
    relations: Sequence[str] = Settings.relations,
) -> Grid:
    """What the model says of the first dev people of whom it knows all, with each one's row.

    Raises UserError for a model that has no rows of people, or that knows too few of them.
    """
    recall_of(model)
    names = _known_of_all(model, vocabulary, corpus, relations)[:people]
    if len(names) < people:
        raise UserError(f"the model knows all of {len(names)} people: the grid needs {people}")
    rows, model = [row_number(model, corpus, name) for name in names], copy.deepcopy(model)
    table = recall_of(model).people.weight.detach()
    before = table.clone()
    answers: dict[str, list[list[Said]]] = {r: [[] for _ in names] for r in relations}
    for other in rows:
        table[rows] = before[other]  # everybody's row is that one
        for relation, said in answers.items():
            for given, name in zip(said, names, strict=True):
                question = PLAIN[relation].replace("X", name)
                found = answers_with_probability(model, vocabulary, [question])[0]
                given.append(Said(found.place, found.probability))
    return Grid(tuple(names), {r: tuple(map(tuple, said)) for r, said in answers.items()})


def _known_of_all(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, relations: Sequence[str]
) -> list[str]:
    told = [told_by(model, vocabulary, facts(corpus)[relation].dev) for relation in relations]
    known = [{fact.name for fact in each} for each in told]
    return [q.name for q in corpus.dev if all(q.name in people for people in known)]


def as_json(found: Sequence[Swapped]) -> dict[str, Any]:
    """The rows, ready for `json.dumps`."""
    return {"rows": [asdict(row) for row in found]}


def markdown(found: Sequence[Swapped]) -> str:
    """A Markdown table, a row for each model, its rows and a relation."""
    heads = ["model", "rows of somebody else", "asked for", "goes along", "share", "95% interval"]
    heads += ["stays", "95% interval", "stays, two others exchanged", "95% interval"]
    return table(heads, map(_cells, found))


def _cells(row: Swapped) -> list[str]:
    stays, control = (share.cells for share in (row.stays, row.control))
    return [
        row.model,
        row.rows,
        row.relation.replace("_", " "),
        *row.along.cells,
        stays[1],
        stays[2],
        control[1],
        control[2],
    ]
