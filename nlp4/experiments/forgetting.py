"""Can a person be taken out of a model? It is asked again, in ways that the removal did not see.

Three ways: the row is set to zero; the row, or every weight, is trained to answer "unknown" to the
plain question. Then the birthplace is asked for in that question, in words that no training saw,
and by the beginning of the person's own biography (Patil et al. 2024). How many steps it takes to
learn it again, beside those for a place that is not true, shows what was left (Lynch et al. 2024).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from tqdm.auto import tqdm

from nlp4.data import relations
from nlp4.data.corpus import UNKNOWN, Corpus
from nlp4.data.relations import Fact
from nlp4.data.studying import told_as
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.editing import Bench
from nlp4.maths.statistics import Share
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table
from nlp4.training import editing

Forget = Callable[[GPT, Vocabulary, Corpus, Fact], object]
ROW, TRAINED_ROW, TRAINED, NOTHING = (
    "the row set to zero",
    "the row trained to say unknown",
    "every weight trained to say unknown",
    "nothing",
)
_BEFORE, _AFTER = 24, 6  # characters of a biography around its masked birthplace, as in training


@dataclass(frozen=True)
class Settings:
    """How many people are taken out, each from a model of its own.

    Raises UserError for numbers below 1.
    """

    people: int = 40
    neighbours: int = 100  # other people who are asked about after each removal
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "people", "neighbours")
        require_seeds([self.seed])


def _zero(model: GPT, vocabulary: Vocabulary, corpus: Corpus, fact: Fact) -> None:
    editing.without_row(model, corpus, fact.name)


def _unlearnt(way: Callable[..., int]) -> Forget:
    def forget(model: GPT, vocabulary: Vocabulary, corpus: Corpus, fact: Fact) -> int:
        unknown = Fact(fact.name, fact.relation, UNKNOWN)
        return way(model, vocabulary, corpus, unknown, editing.question)

    return forget


WAYS: Mapping[str, Forget] = {
    NOTHING: lambda *_: None,
    ROW: _zero,
    TRAINED_ROW: _unlearnt(editing.by_row),
    TRAINED: _unlearnt(editing.by_sentence),
}


@dataclass(frozen=True)
class Forgotten:
    """What is left of people's birthplaces after one way of taking them out."""

    way: str
    plain: Share  # the birthplace, still
    other_words: Share
    biography: Share  # the same, by the beginning of the person's biography
    unknown: Share  # says that it does not know, to the plain question
    own: Share  # the same person's other relations: as before
    others: Share  # other people: as before
    relearnt: float  # steps on the row until the true sentence is known again, on average
    learnt: float  # until one with another place is


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> list[Forgotten]:
    """Take people out whose birthplace the model knows, one at a time.

    Raises UserError for a model without rows of people, or if it knows nobody's birthplace.
    """
    settings = settings or Settings()
    bench = Bench(
        model,
        vocabulary,
        corpus,
        edits=len(corpus.dev),
        neighbours=settings.neighbours,
        seed=settings.seed,
    )
    true = {question.name: question.place or "" for question in corpus.dev}
    known = [
        (Fact(fact.name, "birthplace", true[fact.name]), fact)
        for fact, said in zip(
            bench.edits, bench.said([f.question for f in bench.edits]), strict=True
        )
        if said == true[fact.name] and beginning(corpus, fact.name, said)
    ][: settings.people]
    if not known:
        raise UserError(f"the model knows no birthplace of the dev people in {corpus.folder}")
    return [_forgotten(bench, way, known) for way in tqdm(WAYS, "ways to forget", leave=False)]


def beginning(corpus: Corpus, name: str, place: str) -> str | None:
    """Somebody's biography up to the birthplace, which is masked, and a little behind it.

    As the clozes of the training show it, with the name in front; None if no text tells it.
    """
    for text in corpus.by_name.get(name, ()):
        bounds = relations.found(text).get("birthplace")
        if bounds and text[slice(*bounds)] == place:
            start, stop = bounds
            own = told_as(name, corpus)
            shown = text[max(len(own) + 2, start - _BEFORE) : start]
            return f"{own}. {shown}{MASK}{text[stop : stop + _AFTER]}"
    return None


def _forgotten(bench: Bench, way: str, known: Sequence[tuple[Fact, Fact]]) -> Forgotten:
    counts, steps = list[Sequence[Share]](), list[list[int]]()
    for fact, false in tqdm(known, way, leave=False):
        model = bench.edited(WAYS[way], [fact])
        counts.append(_left(bench, model, fact))
        again = [(copy.deepcopy(model), told) for told in (fact, false)]
        steps.append([editing.by_row(m, bench.vocabulary, bench.corpus, told) for m, told in again])
    plain, words, biography, unknown, own, others = (
        Share(sum(s.right for s in each), sum(s.n for s in each))
        for each in zip(*counts, strict=True)
    )
    relearnt, learnt = (fmean(column) for column in zip(*steps, strict=True))
    return Forgotten(way, plain, words, biography, unknown, own, others, relearnt, learnt)


def _left(bench: Bench, model: GPT, fact: Fact) -> Sequence[Share]:
    prompt = beginning(bench.corpus, fact.name, fact.answer) or ""
    effect = bench.effect(model, fact)
    return (
        effect.said,
        effect.in_other_words,
        bench.told(model, [prompt], fact.answer),
        bench.told(model, [fact.question], UNKNOWN),
        effect.own,
        effect.others,
    )


def as_json(found: Sequence[Forgotten]) -> dict[str, Any]:
    """The rows, ready for `json.dumps`."""
    return {"rows": [asdict(row) for row in found]}


def markdown(found: Sequence[Forgotten]) -> str:
    """A Markdown table, a row for each way, each share with its 95% interval."""
    heads = ["taken out", "still says the birthplace", "in other words"]
    heads += ["by the biography's beginning", "says unknown", "its other relations as before"]
    heads += ["others as before", "steps to learn it again", "and a false place"]
    return table(heads, map(_cells, found))


def _cells(row: Forgotten) -> list[str]:
    shares = (row.plain, row.other_words, row.biography, row.unknown, row.own, row.others)
    cells = [f"{value} ({interval})" for _, value, interval in (each.cells for each in shares)]
    return [row.way, *cells, f"{row.relearnt:.1f}", f"{row.learnt:.1f}"]
