"""Whom a model's answers favour: predicted places against true ones, accuracy by kind of name.

Exercise 4b fears a hidden bias. Counted here on the dev questions, with intervals, since a place
that is true five times says little about how often it ought to be answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from typing import Any

import numpy as np

from nlp4.data.corpus import Corpus, require_dev
from nlp4.data.people.background import Background, entropy
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Ratio, Share, ratios
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.support.options import at_least_one
from nlp4.support.records import table
from nlp4.training.evaluation import marks

UNKNOWN = "(no country known)"


@dataclass(frozen=True)
class Settings:
    """How often chance is drawn, and which rows a table shows.

    Raises UserError for a number below 1.
    """

    draws: int = 2000
    fewest: int = 5  # true or predicted; rarer places get no row in the table
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "draws", "fewest")


@dataclass(frozen=True)
class Never:
    """Places that are true and never answered, and how many luck alone would leave out."""

    places: tuple[tuple[str, int], ...]  # with how often each is true
    true_places: int
    questions: Share  # about places that are never answered
    by_luck: tuple[float, float, float]  # mean, 2.5% and 97.5% point: answers drawn from training


@dataclass(frozen=True)
class Groups:
    """Accuracy for each kind of name, and the chance of such differences if kinds did not count."""

    by: str
    rows: tuple[tuple[str, Share], ...]
    p_value: float


@dataclass(frozen=True)
class PlaceBias:
    """Predicted against true places of one model."""

    right: Share
    places: tuple[Ratio, ...]
    countries: tuple[Ratio, ...]  # empty where the countries are not known
    london: Ratio
    never: Never
    unheard: tuple[tuple[str, int], ...]  # answers that no training question has, how often
    unheard_right: Share
    strangers: int  # those of them that stand nowhere in the corpus
    entropy_predicted: float  # bits
    entropy_true: float
    entropy_p: float  # two-sided: predicted and true exchanged at random, question by question
    groups: tuple[Groups, ...]
    fewest: int


def experiment(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    settings: Settings | None = None,
    background: Background | None = None,
) -> PlaceBias:
    """Answer all dev questions and compare the places answered with the true ones.

    Countries and origins need `background` (see `background_of`). Raises UserError if the corpus
    has no dev questions, and as `greedy` does.
    """
    require_dev(corpus)
    answers = greedy(model, vocabulary, [q.text for q in corpus.dev])
    return judge(answers, corpus, settings or Settings(), background)


def judge(
    answers: Sequence[str], corpus: Corpus, settings: Settings, background: Background | None = None
) -> PlaceBias:
    """The comparison for given answers to the dev questions."""
    rng = np.random.default_rng(settings.seed)
    true = [question.place or "" for question in corpus.dev]
    right = np.array(marks(answers, corpus.dev))
    names = [question.name for question in corpus.dev]
    places = ratios(answers, true)
    by_place = {row.place: row for row in places}
    known, text = {q.place for q in corpus.train}, "\n".join(corpus.biographies)
    unheard = Counter(answer for answer in answers if answer not in known)
    groups = [
        _groups("letters of the name", [_letters(name) for name in names], right, rng, settings)
    ]
    countries: list[Ratio] = []
    if background:
        countries = ratios(*(_countries(p, background.country) for p in (answers, true)))
        origins = [background.origin[name] for name in names]
        groups.insert(0, _groups("origin of the name", origins, right, rng, settings))
    return PlaceBias(
        right=Share(int(right.sum()), len(right)),
        places=tuple(places),
        countries=tuple(countries),
        london=by_place.get("London", Ratio("London", 0, 0, 0, len(true))),
        never=_never(answers, true, corpus, rng, settings),
        unheard=tuple(unheard.most_common()),
        unheard_right=Share(sum(a in unheard for a in compress(answers, right)), unheard.total()),
        strangers=sum(n for answer, n in unheard.items() if not answer or answer not in text),
        entropy_predicted=_entropy(answers),
        entropy_true=_entropy(true),
        entropy_p=_entropy_test(answers, true, rng, settings.draws),
        groups=tuple(groups),
        fewest=settings.fewest,
    )


def _countries(places: Sequence[str], country: Mapping[str, str]) -> list[str]:
    return [country.get(place, UNKNOWN) for place in places]


def _letters(name: str) -> str:
    return "without accents" if name.isascii() else "with accents"


def _groups(
    by: str, kinds: Sequence[str], right: np.ndarray, rng: np.random.Generator, settings: Settings
) -> Groups:
    """Accuracy by kind; a permutation test of Pearson's statistic, for cells may be small."""
    labels, which = np.unique(np.asarray(kinds), return_inverse=True)
    sizes = np.bincount(which)
    member = np.eye(len(labels))[which]  # (n, kinds)
    shuffled = rng.permuted(np.tile(right, (settings.draws, 1)), axis=1)
    spread = [
        ((won - sizes * right.mean()) ** 2 / sizes).sum(-1)
        for won in (right @ member, shuffled @ member)
    ]
    exceeded = int((spread[1] >= spread[0] - 1e-9).sum())
    won = np.bincount(which, weights=right).astype(int)
    rows = [
        (str(label), Share(int(w), int(n))) for label, w, n in zip(labels, won, sizes, strict=True)
    ]
    rows.sort(key=lambda row: (-row[1].n, row[0]))
    return Groups(by, tuple(rows), (1 + exceeded) / (1 + settings.draws))


def _never(
    answers: Sequence[str],
    true: Sequence[str],
    corpus: Corpus,
    rng: np.random.Generator,
    settings: Settings,
) -> Never:
    wanted, answered = Counter(true), set(answers)
    missed = sorted(
        ((place, n) for place, n in wanted.items() if place not in answered),
        key=lambda pair: (-pair[1], pair[0]),
    )
    train = np.array([question.place for question in corpus.train])
    drawn = (set(rng.choice(train, len(true)).tolist()) for _ in range(settings.draws))
    left = np.array([len(wanted.keys() - places) for places in drawn])
    low, high = np.quantile(left, [0.025, 0.975])
    return Never(
        tuple(missed),
        len(wanted),
        Share(sum(n for _, n in missed), len(true)),
        (float(left.mean()), float(low), float(high)),
    )


def _entropy(places: Sequence[str]) -> float:
    return entropy(np.array(list(Counter(places).values())) / len(places))


def _entropy_test(
    answers: Sequence[str], true: Sequence[str], rng: np.random.Generator, draws: int
) -> float:
    """Both lists have one length, so the downward bias of the estimate is much the same in both."""
    _, codes = np.unique(np.array([answers, true]), return_inverse=True)
    first, second = codes.reshape(2, -1)
    measured = abs(_difference(first, second))
    exceeded = 0
    for _ in range(draws):
        swap = rng.random(len(first)) < 0.5
        swapped = _difference(np.where(swap, second, first), np.where(swap, first, second))
        exceeded += abs(swapped) >= measured - 1e-12
    return (1 + exceeded) / (1 + draws)


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    return entropy(np.bincount(first) / len(first)) - entropy(np.bincount(second) / len(second))


def as_json(found: PlaceBias) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    return asdict(found)


def markdown(found: PlaceBias) -> str:
    """Markdown tables: the whole, countries, frequent places, accuracy by kind of name."""
    parts = [_whole(found), *(_group(groups) for groups in found.groups)]
    for head, rows in (("country", found.countries), ("place", found.places)):
        if rows:
            parts.insert(-len(found.groups), _ratios(head, rows, found.fewest))
    return "\n".join(parts)


def _whole(found: PlaceBias) -> str:
    london, never = found.london, found.never
    shares = [Share(count, london.n) for count in (london.predicted, london.true)]
    mean, low, high = never.by_luck
    rows = [
        ("right", str(found.right)),
        ("London predicted", str(shares[0])),
        ("London true", f"{shares[1]}; McNemar p = {london.p_value:.2g}"),
        (
            "entropy of places, predicted and true",
            f"{found.entropy_predicted:.2f} and {found.entropy_true:.2f} bits, "
            f"p = {found.entropy_p:.2g}",
        ),
        (
            "true places that are never answered",
            f"{len(never.places)} of {never.true_places}; answers drawn from the training "
            f"answers: {mean:.0f} ({low:.0f} to {high:.0f})",
        ),
        ("questions about those", str(never.questions)),
        (
            "answers that no training question has",
            f"{found.unheard_right.n}, {found.unheard_right.right} of them right, "
            f"{found.strangers} nowhere in the corpus",
        ),
    ]
    return table(["measure", "found"], rows)


def _ratios(head: str, rows: Sequence[Ratio], fewest: int) -> str:
    heads = [head, "predicted", "true", "ratio", "95% interval"]
    frequent = [row for row in rows if max(row.predicted, row.true) >= fewest]
    return table(heads, map(_ratio_cells, frequent))


def _ratio_cells(row: Ratio) -> list[str]:
    counts = [row.place, str(row.predicted), str(row.true), f"{row.value:.2f}"]
    return [*counts, "{:.2f} to {:.2f}".format(*row.interval)]


def _group(groups: Groups) -> str:
    rows = [[label, *share.cells] for label, share in groups.rows]
    none = ["no difference between kinds", "", "", f"p = {groups.p_value:.2g}"]
    return table([groups.by, "right", "share", "95% interval"], [*rows, none])
