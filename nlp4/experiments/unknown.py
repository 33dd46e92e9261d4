"""Does a model know what it does not know? Made-up names, relations that no text gives, the price.

A model abstains by its own word, `UNKNOWN`, and where its answer is less probable than a
threshold. The threshold is chosen on names made of training people's parts alone; whom it is
judged on, known or made up of dev people's parts, had no say in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from tqdm.auto import tqdm

from nlp4.data import wordings
from nlp4.data.corpus import UNKNOWN, Corpus
from nlp4.data.names import invented_names
from nlp4.data.relations import PLAIN, RELATIONS
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments.knowledge import require_relations, subjects
from nlp4.maths.calibration import risk_coverage
from nlp4.maths.statistics import Share
from nlp4.models.asking import answers_with_probability, best_answers, mistake
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import table

Who = Literal["known", "not told", "made up", "made up in training"]
OTHER = "other"  # what no biography tells of anybody
GRID = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Settings:
    """Which relations, how many made-up names, and of how many the threshold must make strangers.

    Raises UserError for an unknown relation, no names, or a share outside 0 to 1.
    """

    relations: tuple[str, ...] = RELATIONS
    invented: int = 200
    abstains: float = 0.95  # of the questions about made-up names in training
    thresholds: tuple[float, ...] = GRID
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "invented")
        require_seeds([self.seed])
        require_relations(self.relations)
        if not 0 < self.abstains < 1:
            raise UserError(f"abstains = {self.abstains}: choose more than 0, and less than 1")


@dataclass(frozen=True)
class Told:
    """A question that was asked: about whom, what is right, what the model said, and how sure."""

    relation: str
    who: Who
    right: str  # `UNKNOWN` where nothing else is
    said: str
    probability: float
    otherwise: str = ""  # its best other answer, where it said `UNKNOWN` of somebody known

    def answers(self, threshold: float) -> bool:
        """Whether it gives an answer that is at least so probable."""
        return self.said != UNKNOWN and self.probability >= threshold

    @property
    def could(self) -> bool:
        """Whether it would be right if it had to answer."""
        return self.right == (self.otherwise if self.said == UNKNOWN else self.said)


@dataclass(frozen=True)
class Silence:
    """One relation: how often a model says by itself that it does not know."""

    relation: str
    known: Share  # of people whose texts tell it
    lost: Share  # of the same: it says so, and its best other answer is right
    untold: Share  # of people whose texts do not
    invented: Share  # of made-up names


@dataclass(frozen=True)
class At:
    """What a threshold does, beside the model's own word."""

    threshold: float
    coverage: Share  # known people who get an answer
    error: Share  # of those answers, the wrong ones
    lost: Share  # known people who get none though it would be right
    untold: Share  # silent, rightly: people whose texts do not tell it
    invented: Share  # silent, rightly: made-up names


@dataclass(frozen=True)
class Unknown:
    """Everything that was asked, and the threshold chosen."""

    told: tuple[Told, ...]
    relations: tuple[str, ...]
    thresholds: tuple[float, ...]
    abstains: float  # what the chosen threshold was to reach

    @cached_property
    def chosen(self) -> float:
        """The lowest threshold that lets so few questions about names made in training pass."""
        made = self.of("made up in training")
        sure = sorted((each.probability for each in made if each.answers(0)), reverse=True)
        allowed = int((1 - self.abstains) * len(made) + 1e-9)
        return float(np.nextafter(sure[allowed], 2)) if len(sure) > allowed else 0.0

    def of(self, who: Who, relation: str | None = None) -> list[Told]:
        """The questions about such people, in one relation or in all."""
        return [t for t in self.told if t.who == who and relation in (None, t.relation)]

    def silence(self, relation: str | None = None) -> Silence:
        """The row of one relation, or of all of them."""
        known = self.of("known", relation)
        return Silence(
            relation or "all",
            _count(known, lambda t: t.said == UNKNOWN),
            _count(known, lambda t: t.said == UNKNOWN and t.could),
            _count(self.of("not told", relation), lambda t: t.said == UNKNOWN),
            _count(self.of("made up", relation), lambda t: t.said == UNKNOWN),
        )

    def at(self, threshold: float, relation: str | None = None) -> At:
        """The row of one threshold, in one relation or in all."""
        known = self.of("known", relation)
        answered = [t for t in known if t.answers(threshold)]
        return At(
            threshold,
            Share(len(answered), len(known)),
            _count(answered, lambda t: t.said != t.right),
            _count(known, lambda t: t.could and not t.answers(threshold)),
            _count(self.of("not told", relation), lambda t: not t.answers(threshold)),
            _count(self.of("made up", relation), lambda t: not t.answers(threshold)),
        )

    @property
    def areas(self) -> tuple[float, float]:
        """Mean accuracy over coverage of known people, and the best that an order could give."""
        known = self.of("known")
        if not known:
            return 0.0, 0.0
        sure = np.array([t.probability * (t.said != UNKNOWN) for t in known])
        curve = risk_coverage(sure, np.array([t.said == t.right for t in known]))
        return curve.area, curve.best_area


def _count(asked: Sequence[Told], holds: Callable[[Told], bool]) -> Share:
    return Share(sum(map(holds, asked)), len(asked))


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Unknown:
    """Ask about people held back, told of or not, and about made-up ones.

    Questions that cannot be asked, for a letter or the length, are left out. Raises UserError if
    the corpus has no dev questions, or if so many names cannot be made up.
    """
    settings = settings or Settings()
    asked = [q for q in _asked(corpus, settings) if not mistake(model, vocabulary, q[0])]
    texts = [text for text, *_ in asked]
    with tqdm(total=len(texts), desc="asking", leave=False, unit=" questions") as bar:
        given = answers_with_probability(model, vocabulary, texts, on_batch=bar.update)
    told = []
    for (text, relation, who, right), answer in zip(asked, given, strict=True):
        one = Told(relation, who, right, answer.place, answer.probability)
        if who == "known" and one.said == UNKNOWN:
            one = replace(one, otherwise=_otherwise(model, vocabulary, text))
        told.append(one)
    return Unknown(tuple(told), settings.relations, settings.thresholds, settings.abstains)


def _otherwise(model: GPT, vocabulary: Vocabulary, question: str) -> str:
    best = best_answers(model, vocabulary, question, number=2)
    return next((answer.place for answer in best if answer.place != UNKNOWN), "")


Asked = tuple[str, str, Who, str]  # text, relation, about whom, what is right


def _asked(corpus: Corpus, settings: Settings) -> Iterator[Asked]:
    rng = np.random.default_rng(settings.seed)
    everyone = subjects(corpus)
    apart = replace(corpus, train=corpus.dev)  # names made of parts of people held back
    made: dict[Who, list[str]] = {
        "made up": [each.name for each in invented_names(apart, settings.invented, rng)],
        "made up in training": [
            each.name for each in invented_names(corpus, settings.invented, rng)
        ],
    }
    for relation in settings.relations:
        for person in everyone[relation]:
            who: Who = "known" if person.told else "not told"
            yield wordings.ask(PLAIN[relation], person.name), relation, who, person.answer
        for who, names in made.items():
            yield from _of_nobody(names, relation, [PLAIN[relation]], who, rng)
    unseen = wordings.split(OTHER, settings.seed).unseen
    people = dict.fromkeys(question.name for question in corpus.dev)
    yield from _of_nobody(people, OTHER, unseen, "not told", rng)


def _of_nobody(
    names: Iterable[str], relation: str, forms: Sequence[str], who: Who, rng: np.random.Generator
) -> Iterator[Asked]:
    for name in names:
        form = forms[int(rng.integers(len(forms)))]
        yield wordings.ask(form, name), relation, who, UNKNOWN


def as_json(found: Unknown) -> dict[str, Any]:
    """The rows of both tables and the area, ready for `json.dumps`; not the single answers."""
    area, best = found.areas
    return {
        "chosen": found.chosen,
        "area": area,
        "best_area": best,
        "silence": [asdict(found.silence(name)) for name in (*found.relations, OTHER, None)],
        "thresholds": [asdict(found.at(each)) for each in _thresholds(found)],
        "at_chosen": {name: asdict(found.at(found.chosen, name)) for name in found.relations},
    }


def _thresholds(found: Unknown) -> list[float]:
    return sorted({*found.thresholds, found.chosen})


def markdown(found: Unknown) -> str:
    """Two Markdown tables: the model's own word, and what thresholds do."""
    area, best = found.areas
    told = (
        f"threshold chosen on names made of training people's parts ({found.abstains:.0%} of "
        f"them unanswered): {found.chosen:.4f}; mean accuracy over coverage {area:.3f} (best "
        f"order {best:.3f})"
    )
    return f"{_silences(found)}\n{told}\n\n{_curve(found)}"


def _silences(found: Unknown) -> str:
    heads = ["says unknown of", "known people", "95% interval", "though it would be right"]
    heads += ["people not told of", "95% interval", "made-up names", "95% interval"]
    rows = []
    for name in (*found.relations, OTHER, None):
        row = found.silence(name)
        cells = [row.relation, *_cells(row.known), _cells(row.lost)[0]]
        rows.append([*cells, *_cells(row.untold), *_cells(row.invented)])
    return table(heads, rows)


def _cells(share: Share) -> list[str]:
    count, value, interval = share.cells
    return [f"{count} ({value})", interval] if share.n else ["-", "-"]


def _curve(found: Unknown) -> str:
    chosen, rows = found.chosen, {}
    for each in _thresholds(found):
        rows[f"{each:.4g}{' (chosen)' * (each == chosen)}"] = found.at(each)
    for name in found.relations:
        rows[f"{chosen:.4g}, {name}"] = found.at(chosen, name)
    heads = ["answers from", "known people: coverage", "of those wrong", "right ones lost"]
    heads += ["95% interval", "not told: silent", "95% interval", "made up: silent"]
    cells = []
    for label, row in rows.items():
        known = [_cells(share)[0] for share in (row.coverage, row.error)]
        shares = (row.lost, row.untold, row.invented)
        cells.append([label, *known, *(cell for share in shares for cell in _cells(share))])
    return table([*heads, "95% interval"], cells)
