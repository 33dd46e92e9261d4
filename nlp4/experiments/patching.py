"""Where is the relation read? One question's inner states are put into another's, place by place.

"Where was X born?" goes on, at one place and after one step of the model, as if it had been "When
was X born?" there. Where that turns the answer from the place into the year, what is asked for
stood there (activation patching: Vig et al. 2020; "causal tracing" in Meng et al. 2022). The
control takes the states from the same question about somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from nlp4.data import relations
from nlp4.data.corpus import Corpus
from nlp4.data.relations import PLAIN
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.knowledge import require_relations, told_by
from nlp4.maths.statistics import Share
from nlp4.models.asking import probabilities_of, says
from nlp4.models.gpt import GPT
from nlp4.models.inspection import patched, patched_each, sites, states_at
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table

PARTS = ("the first word", "the words before the name", "the name", "the words behind", "the mask")


@dataclass(frozen=True)
class Settings:
    """What is asked for, what is put into it, and about how many people.

    Raises UserError for an unknown relation, or no people.
    """

    asked: str = "birthplace"
    donor: str = "birth_year"
    people: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "people")
        require_seeds([self.seed])
        require_relations((self.asked, self.donor))


@dataclass(frozen=True)
class Known:
    """Somebody of whom the model knows both: the right answers to what is asked and the donor."""

    name: str
    own: str
    other: str


@dataclass(frozen=True)
class Patch:
    """All states of one part of the question exchanged at one site."""

    site: str
    part: str
    other: Share  # the answer is what the donor asks for
    own: Share  # it is what the question asks for
    control: Share  # the same, with states of the same question about somebody else


def known_of_both(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings
) -> list[Known]:
    """Dev people of whom the model knows both answers, drawn by the seed.

    Raises UserError if there are fewer than two.
    """
    both = (relations.facts(corpus)[name].dev for name in (settings.asked, settings.donor))
    own, other = ({f.name: f.answer for f in told_by(model, vocabulary, told)} for told in both)
    known = [name for name in own if name in other]
    if len(known) < 2:
        raise UserError(
            f"the model knows {len(known)} dev people's {settings.asked} and {settings.donor}: "
            "patching needs two such people"
        )
    order = np.random.default_rng(settings.seed).permutation(len(known))[: settings.people]
    return [Known(name, own[name], other[name]) for name in (known[i] for i in order)]


def bounds(wording: str, name: str) -> dict[str, range]:
    """The places of each part of a question, the mask behind it included.

    A word's part ends with the space behind it, where the model reads the word's row.
    """
    before, behind = wording.split("X")
    first, start = before.index(" ") + 1, len(before)
    end = start + len(name) + len(behind)
    ends = (0, first, start, start + len(name), end, end + 1)
    return {part: range(*each) for part, each in zip(PARTS, pairwise(ends), strict=True)}


def aligned(places: range, others: range) -> tuple[list[int], list[int]]:
    """Places of one part and of another, side by side from their ends."""
    length = min(len(places), len(others))
    return [*places[len(places) - length :]], [*others[len(others) - length :]]


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> list[Patch]:
    """Patch each part at each site, for people of whom the model knows both answers.

    Raises UserError as `known_of_both` does.
    """
    settings = settings or Settings()
    known = known_of_both(model, vocabulary, corpus, settings)
    counts = {(site, part): np.zeros(3, dtype=int) for site in sites(model) for part in PARTS}
    pairs = list(zip(known, [*known[1:], known[0]], strict=True))
    for person, somebody in tqdm(pairs, "patching", leave=False):
        for where, marks in _patched(model, vocabulary, person, somebody, settings):
            counts[where] += marks
    n = len(known)
    return [
        Patch(site, part, *(Share(int(count), n) for count in counts[site, part]))
        for site, part in counts
    ]


def _patched(
    model: GPT, vocabulary: Vocabulary, person: Known, somebody: Known, settings: Settings
) -> Iterator[tuple[tuple[str, str], list[bool]]]:
    asked = PLAIN[settings.asked]
    donors = ((PLAIN[settings.donor], person.name), (asked, somebody.name))
    states = [states_at(model, _ids(vocabulary, *donor)) for donor in donors]
    questions, answers = [asked.replace("X", person.name)] * 2, [person.other, person.own]
    for (site, module), part in product(sites(model).items(), PARTS):
        said = []
        for donor, read in zip(donors, states, strict=True):
            into, out_of = aligned(bounds(asked, person.name)[part], bounds(*donor)[part])
            with patched(module, into, read[site][0, out_of]):
                said.append(says(model, vocabulary, questions, answers))
        yield (site, part), [*said[0], said[1][1]]


def _ids(vocabulary: Vocabulary, wording: str, name: str) -> Tensor:
    return torch.tensor([vocabulary.encode(wording.replace("X", name) + MASK)])


def answers_by_place(
    model: GPT, vocabulary: Vocabulary, person: Known, settings: Settings
) -> dict[str, np.ndarray]:
    """The probability of both answers after a patch of each single place: `(places, 2)` by site.

    Column 0 is what the donor asks for, column 1 what the question asks for. Places are those of
    the question and the mask behind it; the donor's are counted from the end of the same part, and
    where it has none nothing is patched: NaN.
    """
    asked, donor = (PLAIN[name] for name in (settings.asked, settings.donor))
    parts = zip(
        bounds(asked, person.name).values(), bounds(donor, person.name).values(), strict=True
    )
    sides = [aligned(*each) for each in parts]
    into, out_of = ([place for side in sides for place in side[i]] for i in (0, 1))
    read = states_at(model, _ids(vocabulary, donor, person.name))
    questions = [asked.replace("X", person.name)] * len(into)
    found = {}
    for site, module in sites(model).items():
        found[site] = np.full((len(questions[0]) + 1, 2), np.nan)
        with patched_each(module, into, read[site][0, out_of]):
            for column, answer in enumerate((person.other, person.own)):
                given = probabilities_of(model, vocabulary, questions, [answer] * len(into))
                found[site][into, column] = [each.probability for each in given]
    return found


@dataclass(frozen=True)
class Map:
    """One question, patched at each place and site: the probabilities of two answers."""

    question: str  # with the mask behind it
    donor: str
    own: str  # what the question asks for
    other: str  # what the donor asks for
    sites: tuple[str, ...]
    given: np.ndarray  # (sites, places, 2): of `other` and of `own`
    before: tuple[float, float]  # the same without a patch


def maps(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> tuple[Map, ...]:
    """The map of everybody drawn; raises UserError as `known_of_both` does."""
    settings = settings or Settings(people=6)
    found = []
    for person in known_of_both(model, vocabulary, corpus, settings):
        asked, donor = (
            PLAIN[r].replace("X", person.name) for r in (settings.asked, settings.donor)
        )
        sites = answers_by_place(model, vocabulary, person, settings)
        answers = [person.other, person.own]
        before = probabilities_of(model, vocabulary, [asked] * 2, answers)
        found.append(
            Map(
                asked + MASK,
                donor,
                person.own,
                person.other,
                tuple(sites),
                np.stack(list(sites.values())),
                (before[0].probability, before[1].probability),
            )
        )
    return tuple(found)


def as_json(found: Sequence[Patch]) -> dict[str, Any]:
    """The rows, ready for `json.dumps`."""
    return {"rows": [asdict(row) for row in found]}


def markdown(found: Sequence[Patch]) -> str:
    """A Markdown table, a row for each site and part of the question."""
    heads = ["patched after", "part of the question", "answers the donor's question", "share"]
    heads += ["95% interval", "answers its own", "95% interval"]
    heads += ["its own, states of somebody else", "95% interval"]
    return table(heads, map(_cells, found))


def _cells(row: Patch) -> list[str]:
    return [row.site, row.part, *row.other.cells, *row.own.cells[1:], *row.control.cells[1:]]
