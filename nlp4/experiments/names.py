"""Which training names are nearest to a name: by its letters, and by what the model makes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch

from nlp4.data.corpus import FORM, Corpus, Question
from nlp4.data.names import edit_distances, first_name, invented_names, surname
from nlp4.data.people.background import Background
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths.statistics import Agreement, Share, agreement, holm, shuffles
from nlp4.models.asking import asking, greedy
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one
from nlp4.support.records import table
from nlp4.training.evaluation import always, by_origin, expected_by_luck, majority_place, score

WHOLE, FIRST, LAST = "whole name", "first name", "surname"
AT_NAME, AT_END = "state at the name's last letter", "state at the question's end"
MEASURES = (WHOLE, FIRST, LAST, AT_NAME, AT_END)


def nearest(
    model: GPT, vocabulary: Vocabulary, names: Sequence[str], train: Sequence[str]
) -> dict[str, np.ndarray]:
    """For each measure, whom of `train` each name is nearest to: weights `(names, train)`.

    Each row sums to 1; those who are equally near share it. Three measures are edit distances,
    of the whole name or of one part; two are cosines of the model's states (see `states`).
    Raises UserError for a character that the vocabulary lacks.
    """
    found = {WHOLE: _shared(-edit_distances(names, train))}
    for measure, part in ((FIRST, first_name), (LAST, surname)):
        distances = edit_distances([part(name) for name in names], [part(name) for name in train])
        found[measure] = _shared(-distances)
    ours, theirs = states(model, vocabulary, names), states(model, vocabulary, train)
    for measure in (AT_NAME, AT_END):
        found[measure] = _shared(_cosines(ours[measure], theirs[measure]))
    return found


def states(
    model: GPT, vocabulary: Vocabulary, names: Sequence[str], *, batch: int = 128
) -> dict[str, np.ndarray]:
    """The last layer's states `(names, width)` at two places of each name's question.

    At the name's last letter, and at the closing mask, from which the answer's first letter is
    read. People of one guess are near in the second almost by construction.
    """
    start = FORM.index("X")
    by_length: dict[int, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        by_length[len(name)].append(i)
    found = {m: np.zeros((len(names), model.config.width)) for m in (AT_NAME, AT_END)}
    for length, members in by_length.items():
        for first in range(0, len(members), batch):
            chosen = members[first : first + batch]
            asked = [vocabulary.encode(FORM.replace("X", names[i]) + MASK) for i in chosen]
            with asking(model):
                hidden = model.hidden(torch.tensor(asked, device=next(model.parameters()).device))
            found[AT_NAME][chosen] = hidden[:, start + length - 1].double().cpu().numpy()
            found[AT_END][chosen] = hidden[:, -1].double().cpu().numpy()
    return found


def _cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Between each pair, once the training people's mean is taken off.

    All states share a large part, and would all look alike with it (Ethayarajh 2019).
    """
    mean = theirs.mean(axis=0)
    first, second = (
        (x - mean) / np.maximum(np.linalg.norm(x - mean, axis=1, keepdims=True), 1e-12)
        for x in (ours, theirs)
    )
    return first @ second.T


def _shared(nearness: np.ndarray) -> np.ndarray:
    best = nearness == nearness.max(axis=1, keepdims=True)
    return best / best.sum(axis=1, keepdims=True)


Asked = Literal["dev", "invented"]
_TITLES: dict[Asked, str] = {
    "dev": "Finetuned alone, dev people",
    "invented": "Pretrained, invented names",
}
ALL, MUCH, LITTLE = "all", "origin tells much", "origin tells little"


@dataclass(frozen=True)
class Settings:
    """How many names are invented, and how often chance is drawn.

    Raises UserError for a number below 1.
    """

    invented: int = 500
    permutations: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "invented", "permutations")


@dataclass(frozen=True)
class Row:
    """One measure of nearness, for one group of names."""

    group: str
    measure: str
    names: int
    ties: float  # training people that are nearest to a name, on average
    guess: Agreement  # of the model's guess with the birthplace of the nearest
    guess_within_origin: Agreement | None  # the same; chance deals within one origin alone
    truth: Agreement | None  # of the true birthplace with that of the nearest


@dataclass(frozen=True)
class Rule:
    """What a rule scores on the same people."""

    rule: str
    right: Share
    abstained: int = 0


@dataclass(frozen=True)
class Guess:
    """One name, what the model answers, and the nearest training names by edit distance."""

    name: str
    guess: str
    true: str | None
    nearest: tuple[tuple[str, str], ...]  # name and birthplace


@dataclass(frozen=True)
class OriginUse:
    """How often a guess lies where most training people whose names have its origin were born."""

    guess: Share
    chance: float  # the guesses dealt out among the names: the mean over all orders
    p_value: float  # one-sided: a random order finds as many there, or more
    truth: Share | None  # of the true birthplaces


@dataclass(frozen=True)
class NameGuesses:
    """Guesses for people whom the model has not read about, beside the nearest training names."""

    asked: Asked
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]  # empty for invented names, which have no birthplace
    guesses: tuple[Guess, ...]
    origin_use: OriginUse | None = None  # None where the origins are not known


def experiment(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    settings: Settings | None = None,
    background: Background | None = None,
    asked: Asked = "dev",
) -> NameGuesses:
    """Ask about the dev people or about invented ones, and look for the nearest training names.

    "dev" is a test of guessing only if the model has not read the biographies. Dev people whose
    name is also a training person's are left out. With `background`, invented names have both
    parts from one origin, and rows are split by whether the name's origin tells much of the
    birthplace. Raises UserError if nobody is left to ask, and as `greedy` does.
    """
    settings = settings or Settings()
    rng = np.random.default_rng(settings.seed)
    train = {question.name: question for question in corpus.train}
    found = _people(corpus, train.keys(), settings, background, asked, rng)
    people = [question for question, _ in found]
    guesses = greedy(model, vocabulary, [q.text for q in people])
    weights = nearest(model, vocabulary, [q.name for q in people], list(train))
    trained = [(q.name, q.place or "") for q in train.values()]
    near = [[trained[j] for j in np.flatnonzero(row)] for row in weights[WHOLE]]
    told = tuple(
        Guess(q.name, guess, q.place, tuple(nearest_people))
        for q, guess, nearest_people in zip(people, guesses, near, strict=True)
    )
    groups = _groups([kin for _, kin in found], background)
    rows = _rows(told, groups, trained, weights, settings, background, rng)
    rules = _rules(told, corpus, background) if asked == "dev" else []
    use = None
    if background:
        usual = usual_countries(corpus, background)
        wanted = np.array([usual.get(background.origin[kin], "") for _, kin in found])
        use = _origin_use(told, wanted, background.country, settings, rng)
    return NameGuesses(asked, tuple(rows), tuple(rules), told, use)


def usual_countries(corpus: Corpus, background: Background) -> dict[str, str]:
    """By origin of a name, the country in which most such training people were born."""
    born: dict[str, Counter[str]] = {}
    for question in corpus.train:
        country = background.country.get(question.place or "", "")
        born.setdefault(background.origin[question.name], Counter())[country] += 1
    return {origin: counts.most_common(1)[0][0] for origin, counts in born.items()}


def _origin_use(
    told: Sequence[Guess],
    usual: np.ndarray,
    country: Mapping[str, str],
    settings: Settings,
    rng: np.random.Generator,
) -> OriginUse:
    """Compare the country of each guess with the one `(n,)` that the name's origin suggests."""
    guessed = np.array([country.get(row.guess, "-") for row in told])
    true = np.array([country.get(row.true or "", "-") for row in told])
    there = int((guessed == usual).sum())
    dealt = [int((rng.permutation(guessed) == usual).sum()) for _ in range(settings.permutations)]
    return OriginUse(
        guess=Share(there, len(told)),
        chance=float((guessed[:, None] == usual).mean()),
        p_value=(1 + sum(each >= there for each in dealt)) / (1 + len(dealt)),
        truth=None if told[0].true is None else Share(int((true == usual).sum()), len(told)),
    )


def chance_anyhow(found: NameGuesses, corpus: Corpus) -> float:
    """The share of agreement if all birthplaces are dealt out among all training names, on average.

    In closed form, however many names are equally near: each guess meets each training person
    equally often. Its range, and the mean within an origin, have to be drawn.
    """
    return expected_by_luck([row.guess for row in found.guesses], corpus.train) / len(found.guesses)


def _people(
    corpus: Corpus,
    train: Collection[str],
    settings: Settings,
    background: Background | None,
    asked: Asked,
    rng: np.random.Generator,
) -> list[tuple[Question, str]]:
    """Whom to ask about, each with a person of the same origin: an invented name's surname's."""
    if asked == "invented":
        groups = background.origin if background else None
        made = invented_names(corpus, settings.invented, rng, groups)
        return [(Question(FORM.replace("X", m.name)), m.surname_of) for m in made]
    found = [(question, question.name) for question in corpus.dev if question.name not in train]
    if not found or not train:
        raise UserError(
            f"{corpus.folder} has no dev people beside the training people: cut some with "
            "--dev-from-train 400"
        )
    return found


def _groups(kin: Sequence[str], background: Background | None) -> dict[str, np.ndarray]:
    """Masks `(names,)` of all names, and of those whose origin tells much or little."""
    found = {ALL: np.ones(len(kin), dtype=bool)}
    if background:
        much = np.array([background.tells_much(name) is True for name in kin])
        found |= {MUCH: much, LITTLE: ~much}
    return {group: members for group, members in found.items() if members.any()}


def _rows(
    told: Sequence[Guess],
    groups: dict[str, np.ndarray],
    train: Sequence[tuple[str, str]],
    weights: dict[str, np.ndarray],
    settings: Settings,
    background: Background | None,
    rng: np.random.Generator,
) -> list[Row]:
    places = np.array([place for _, place in train])
    guess = np.array([row.guess for row in told])
    true = np.array([row.true for row in told]) if told[0].true is not None else None
    anyhow = shuffles(np.zeros(len(train)), settings.permutations, rng)
    within = None
    if background:
        origins = np.array([background.origin[name] for name, _ in train])
        within = shuffles(np.unique(origins, return_inverse=True)[1], settings.permutations, rng)
    return [
        Row(
            group=group,
            measure=measure,
            names=int(members.sum()),
            ties=float((near > 0).sum(axis=1).mean()),
            guess=agreement(near, guess[members], places, anyhow, rng),
            guess_within_origin=None
            if within is None
            else agreement(near, guess[members], places, within, rng),
            truth=None if true is None else agreement(near, true[members], places, anyhow, rng),
        )
        for group, members in groups.items()
        for measure in MEASURES
        for near in (weights[measure][members],)
    ]


def _rules(told: Sequence[Guess], corpus: Corpus, background: Background | None) -> list[Rule]:
    """The model beside four that do not look at the letters of a name."""
    people = [Question(FORM.replace("X", row.name), row.true) for row in told]
    nothing = Rule("always abstain", Share(0, 0), len(people))
    answers = {
        "the model": [row.guess for row in told],
        "always London": always("London", people),
        "always the most frequent training answer": always(majority_place(corpus.train), people),
    }
    if background:
        answers["the most frequent training answer of the name's origin"] = by_origin(
            people, corpus.train, background.origin
        )
    return [*(Rule(rule, score(given, people)) for rule, given in answers.items()), nothing]


def as_json(found: Mapping[Asked, NameGuesses]) -> dict[str, Any]:
    """Everything but the single guesses, ready for `json.dumps`."""
    return {who: {"asked": who, **_without_guesses(each)} for who, each in found.items()}


def _without_guesses(found: NameGuesses) -> dict[str, Any]:
    use = found.origin_use
    return {
        "rows": [asdict(row) for row in found.rows],
        "rules": [asdict(rule) for rule in found.rules],
        "origin use": None if use is None else asdict(use),
    }


def markdown(found: Mapping[Asked, NameGuesses]) -> str:
    """Markdown tables for each of those who were asked about."""
    return "\n".join(f"{_TITLES[who]}:\n\n{tables(each)}" for who, each in found.items())


def tables(found: NameGuesses) -> str:
    """Markdown tables: agreement by measure and group, and what the rules score."""
    heads = ["names", "n", "nearest by", "ties", "guess agrees", "95% interval", "chance"]
    heads += ["p", "chance within the origin", "p", "truth agrees", "chance", "p"]
    told = f"{table(heads, map(_cells, found.rows))}\n{_many(found.rows)}\n"
    if not found.rules:
        return told
    heads = ["rule", "right", "95% interval", "abstained"]
    return f"{told}\n{table(heads, map(_rule_cells, found.rules))}"


def _cells(row: Row) -> list[str]:
    low, high = row.guess.interval
    return [
        row.group,
        str(row.names),
        row.measure,
        f"{row.ties:.1f}",
        f"{row.guess.value:.1%}",
        f"{low:.1%} to {high:.1%}",
        *_chance(row.guess),
        *_chance(row.guess_within_origin),
        f"{row.truth.value:.1%}" if row.truth else "",
        *_chance(row.truth),
    ]


def _rule_cells(rule: Rule) -> list[str]:
    right, _, interval = rule.right.cells if rule.right.n else ("", "", "")
    return [rule.rule, right, interval, str(rule.abstained)]


def _many(rows: Sequence[Row]) -> str:
    """What to make of so many p-values."""
    told = [each for row in rows for each in (row.guess, row.guess_within_origin, row.truth)]
    p_values = [each.p_value for each in told if each is not None]
    kept = [p for p, adjusted in zip(p_values, holm(p_values), strict=True) if adjusted < 0.05]
    least = f": those of at most {max(kept):.2g}" if kept else ""
    return (
        f"Of {len(p_values)} p-values about {len(p_values) / 20:.0f} would be below 0.05 by "
        f"chance alone. After Holm's correction {len(kept)} are{least}."
    )


def _chance(found: Agreement | None) -> list[str]:
    if found is None:
        return ["", ""]
    low, high = found.chance_range
    return [f"{found.chance:.1%} ({low:.1%} to {high:.1%})", f"{found.p_value:.2g}"]
