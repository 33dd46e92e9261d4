"""Guessing from names: does a model answer with the birthplace of whoever has a similar name?

Exercise 4c says so of people it has never read about. Put to the test on the dev people for a
model that read no biographies, or on invented names for any model: how often is the guess the
birthplace of the nearest training name, and how often if the birthplaces of the training people
were dealt out among them at random?
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from nlp4.corpus import FORM, Corpus, Question
from nlp4.decoding import greedy
from nlp4.errors import UserError
from nlp4.evaluation import always, majority_place, score
from nlp4.model import GPT
from nlp4.name_origins import Background
from nlp4.names import invented_names
from nlp4.nearest_names import MEASURES, WHOLE, nearest
from nlp4.permutations import Agreement, agreement, shuffles
from nlp4.run_options import at_least_one
from nlp4.statistics import Share, holm
from nlp4.vocabulary import Vocabulary

Asked = Literal["dev", "invented"]
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
class NameGuesses:
    """Guesses for people whom the model has not read about, beside the nearest training names."""

    asked: Asked
    rows: tuple[Row, ...]
    rules: tuple[Rule, ...]  # empty for invented names, which have no birthplace
    guesses: tuple[Guess, ...]


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
    return NameGuesses(asked, tuple(rows), tuple(rules), told)


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
        answers["the most frequent training answer of the name's origin"] = _by_origin(
            people, corpus, background
        )
    return [*(Rule(rule, score(given, people)) for rule, given in answers.items()), nothing]


def _by_origin(people: Sequence[Question], corpus: Corpus, background: Background) -> list[str]:
    usual = majority_place(corpus.train)
    of_origin: dict[str, list[Question]] = {}
    for question in corpus.train:
        of_origin.setdefault(background.origin[question.name], []).append(question)
    best = {origin: majority_place(questions) for origin, questions in of_origin.items()}
    return [best.get(background.origin[question.name], usual) for question in people]


def as_json(found: NameGuesses) -> dict[str, Any]:
    """Everything but the single guesses, ready for `json.dumps`."""
    content = asdict(found)
    del content["guesses"]
    return content


def markdown(found: NameGuesses) -> str:
    """Markdown tables: agreement by measure and group, and what the rules score."""
    heads = ["names", "n", "nearest by", "ties", "guess agrees", "95% interval", "chance"]
    heads += ["p", "chance within the origin", "p", "truth agrees", "chance", "p"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in found.rows:
        low, high = row.guess.interval
        cells = [row.group, str(row.names), row.measure, f"{row.ties:.1f}"]
        cells += [f"{row.guess.value:.1%}", f"{low:.1%} to {high:.1%}", *_chance(row.guess)]
        cells += _chance(row.guess_within_origin)
        cells += [f"{row.truth.value:.1%}" if row.truth else "", *_chance(row.truth)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", _many(found.rows)]
    lines += ["", "| rule | right | 95% interval | abstained |", "|---|---|---|---|"]
    for rule in found.rules:
        low, high = rule.right.interval
        shown = f"{rule.right.right}/{rule.right.n} | {low:.1%} to {high:.1%}"
        lines.append(f"| {rule.rule} | {shown if rule.right.n else ' | '} | {rule.abstained} |")
    return "\n".join(lines if found.rules else lines[:-3]) + "\n"


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
