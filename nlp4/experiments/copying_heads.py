"""Which heads copy, by notebook 01's exact threshold, and what the answers are without them.

A head copies at the place where the answer starts if one place of the question gets nearly all of
its weight there: if that place's logit is above the others by ln((n - 1)(1 - eps) / eps), see
`nlp4.maths.copying.gap`. Whether the model needs what such heads bring is another matter: they
are held at their mean, alone and together, and every other set of as many heads is the control.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from nlp4.data.corpus import Corpus
from nlp4.data.relations import PLAIN, Fact, facts
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.knowledge import require_relations, told_by
from nlp4.maths.copying import gap, margin, softmax
from nlp4.maths.statistics import Share
from nlp4.models.asking import says
from nlp4.models.gpt import GPT
from nlp4.models.inspection import Head, head_logits, head_outputs, without_heads
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table


@dataclass(frozen=True)
class Settings:
    """Which relations are asked for, about how many people each, and when a head copies.

    Raises UserError for an unknown relation, no people, or shares outside 0 to 1.
    """

    relations: tuple[str, ...] = ("birthplace", "birth_year", "occupation", "nationality")
    people: int = 100
    eps: float = 0.1  # of the weight may go elsewhere,
    share: float = 0.5  # in more than this share of the questions
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "people")
        require_seeds([self.seed])
        require_relations(self.relations)
        if not (0 < self.eps < 1 and 0 <= self.share < 1):
            raise UserError(f"eps = {self.eps}, share = {self.share}: take 0.1 and 0.5, say")


PARTS = ("before the name", "the name", "behind it", "the mask")


@dataclass(frozen=True)
class Look:
    """One head where the answer to one question starts."""

    gap: float  # of the largest logit above the others, in nats
    threshold: float  # what `gap` must reach for a copy
    weight: float  # of the place with the largest logit
    part: str  # of the question, where that is

    @property
    def copies(self) -> bool:
        """Whether one place gets all but eps of the weight."""
        return self.gap >= self.threshold


@dataclass(frozen=True)
class HeadRow:
    """One head: where it looks, how surely, and the right answers without it."""

    head: Head
    looks: tuple[Look, ...]
    without: Share

    @property
    def copies(self) -> Share:
        """Questions in which it copies one place."""
        return Share(sum(look.copies for look in self.looks), len(self.looks))

    @property
    def usual(self) -> tuple[str, float]:
        """The part of the question where its largest weight is most often, and how often."""
        part, times = Counter(look.part for look in self.looks).most_common(1)[0]
        return part, times / len(self.looks)


@dataclass(frozen=True)
class Found:
    """Every head, the sets of heads that were held at their mean, and the whole model."""

    rows: tuple[HeadRow, ...]
    whole: Share  # with all heads
    copying: tuple[Head, ...]
    sets: dict[tuple[Head, ...], Share]  # right without them: as many heads as copy, if any do

    @property
    def together(self) -> Share:
        """Right answers without all copying heads."""
        return self.sets[self.copying]

    @property
    def controls(self) -> list[Share]:
        """The same without each other set of as many heads."""
        return [share for heads, share in self.sets.items() if heads != self.copying]


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Found:
    """Ask dev people's questions whose answers the model knows, of every relation.

    Raises UserError if it knows none, or if its attention is BigBird's.
    """
    settings = settings or Settings()
    known = known_facts(model, vocabulary, corpus, settings)
    if not known:
        raise UserError(f"the model knows nothing of the dev people in {corpus.folder}")
    heads = list(product(range(model.config.layers), range(model.config.heads)))
    looks = [_looks(model, vocabulary, fact, settings.eps) for fact in known]
    mean = mean_outputs(model, vocabulary, [fact.question for fact in known])
    copying = tuple(
        head for head in heads if np.mean([at[head].copies for at in looks]) > settings.share
    )
    many = combinations(heads, len(copying)) if copying else ()
    sets = [*((head,) for head in heads), *many]
    right = {
        chosen: _without(model, vocabulary, known, chosen, mean)
        for chosen in tqdm(dict.fromkeys(sets), "without heads", leave=False)
    }
    rows = (HeadRow(head, tuple(at[head] for at in looks), right[(head,)]) for head in heads)
    together = {chosen: share for chosen, share in right.items() if len(chosen) == len(copying)}
    return Found(tuple(rows), Share(len(known), len(known)), copying, together)


def known_facts(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings
) -> list[Fact]:
    """Facts of dev people that the model tells, as many of each relation as it knows at most."""
    rng, found = np.random.default_rng(settings.seed), list[Fact]()
    for relation in settings.relations:
        tells = told_by(model, vocabulary, facts(corpus)[relation].dev)
        found += [tells[i] for i in rng.permutation(len(tells))[: settings.people]]
    return found


def _looks(model: GPT, vocabulary: Vocabulary, fact: Fact, eps: float) -> dict[Head, Look]:
    (view,) = views(model, vocabulary, [fact.question])
    gaps, best = gap(view.logits), view.logits.argmax(-1)
    weights = softmax(view.logits).max(-1)
    threshold = float(margin(view.logits.shape[-1], eps))
    return {
        (layer, head): Look(
            float(gaps[layer, head]),
            threshold,
            float(weights[layer, head]),
            part_of(fact, int(best[layer, head])),
        )
        for layer, head in product(*map(range, gaps.shape))
    }


def part_of(fact: Fact, place: int) -> str:
    """The part of a fact's question in which a place lies, the mask behind it included."""
    start = PLAIN[fact.relation].index("X")
    ends = (start, start + len(fact.name), len(fact.question))
    return next((part for part, end in zip(PARTS, ends, strict=False) if place < end), PARTS[-1])


@dataclass(frozen=True)
class View:
    """One question, and each head's logits where its answer starts."""

    question: str  # with the mask behind it
    logits: np.ndarray  # (layers, heads, places)


def views(model: GPT, vocabulary: Vocabulary, questions: Sequence[str]) -> tuple[View, ...]:
    """What each head's logits are, question by question."""
    found = []
    for prompt in (question + MASK for question in questions):
        logits = head_logits(model, torch.tensor([vocabulary.encode(prompt)]))[:, 0]
        found.append(View(prompt, logits.numpy().astype(float)))
    return tuple(found)


def mean_outputs(model: GPT, vocabulary: Vocabulary, questions: Sequence[str]) -> Tensor:
    """What each head hands on, the mean over all places of all questions: `(layers, H, d)`."""
    total, places = torch.zeros(()), 0
    for question in questions:
        given = head_outputs(model, torch.tensor([vocabulary.encode(question + MASK)]))[:, 0]
        total, places = total + given.sum(1), places + given.shape[1]
    return total / places


def _without(
    model: GPT, vocabulary: Vocabulary, known: Sequence[Fact], heads: tuple[Head, ...], mean: Tensor
) -> Share:
    with without_heads(model, heads, mean):
        right = says(model, vocabulary, [f.question for f in known], [f.answer for f in known])
    return Share(sum(right), len(right))


def as_json(found: Found) -> dict[str, Any]:
    """The rows of the tables, ready for `json.dumps`; not the single looks."""
    rows = [
        {
            "head": row.head,
            "copies": asdict(row.copies),
            "gap": float(np.median([look.gap for look in row.looks])),
            "weight": float(np.mean([look.weight for look in row.looks])),
            "looks at": row.usual,
            "without": asdict(row.without),
        }
        for row in found.rows
    ]
    sets = [{"heads": heads, **asdict(share)} for heads, share in found.sets.items()]
    return {"rows": rows, "copying": found.copying, "sets": sets}


def markdown(found: Found) -> str:
    """Two Markdown tables: every head alone, and the copying heads together."""
    return f"{_heads(found)}\n{_together(found)}"


def told(head: Head) -> str:
    """A head's name, layers and heads counted from 1: "1.2" is the second of the first layer."""
    return f"{head[0] + 1}.{head[1] + 1}"


def _heads(found: Found) -> str:
    heads = ["head", "looks most at", "in", "gap, median (nats)", "largest weight, mean"]
    heads += ["copies in", "95% interval", "right without it", "95% interval"]
    return table(heads, map(_head_cells, found.rows))


def _head_cells(row: HeadRow) -> list[str]:
    part, share = row.usual
    middle = np.median([look.gap for look in row.looks])
    weight = np.mean([look.weight for look in row.looks])
    cells = [told(row.head), part, f"{share:.0%}", f"{middle:.1f}", f"{weight:.2f}"]
    return [*cells, *row.copies.cells[1:], *row.without.cells[1:]]


def _together(found: Found) -> str:
    heads = ["held at their mean", "right", "share", "95% interval"]
    rows = [["none", *found.whole.cells]]
    if found.copying and found.controls:
        names = ", ".join(map(told, found.copying))
        low, high = (pick(found.controls, key=lambda s: s.value) for pick in (min, max))
        middle = sorted(found.controls, key=lambda s: s.value)[len(found.controls) // 2]
        rows.append([f"all that copy ({names})", *found.together.cells])
        number = len(found.controls)
        rows.append([f"as many others: the worst of {number} sets", *low.cells])
        rows.append(["the middle one", *middle.cells])
        rows.append(["the best", *high.cells])
    return table(heads, rows)
