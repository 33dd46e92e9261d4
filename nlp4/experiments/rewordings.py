"""Memorised or inferred? The same people asked in other words, with other spellings, or in part.

What was learnt by heart with the form of the question goes with that form; what is stored with
the whole name goes with a misspelt one; what is guessed from a part of the name survives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np

from nlp4.data.corpus import FORM, Corpus, Question
from nlp4.data.names import Slip, first_name, invented_names, misspelt, surname
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import ScoredAnswer, answers_with_probability
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.records import table

# X stands for the name.
REWORDED = (
    "What is X's birthplace?",
    "X was born in which city?",
    "In which place was X born?",
    "Where was X from?",
)
PLAIN = "as trained"
FIRST, LAST, NOBODY = "first name alone", "surname alone", "an invented name"


@dataclass(frozen=True)
class Settings:
    """Other forms of the question, with X for the name, and a seed for slips and invented names.

    Raises UserError for a form without X or with two, or fewer than one person.
    """

    forms: tuple[str, ...] = REWORDED
    people: int | None = None  # so many of the dev people, drawn at random; None for all
    seed: int = 0

    def __post_init__(self) -> None:
        if self.people is not None and self.people < 1:
            raise UserError(f"people = {self.people}: choose 1 or more")
        for form in self.forms:
            if form.count("X") != 1:
                raise UserError(f"{form!r}: write X once, where the name stands")


@dataclass(frozen=True)
class Row:
    """One way of asking: what became of the people answered rightly, and wrongly, at first.

    Of those answered rightly, the same answer is the right one. For an invented name "right"
    means the place of the dev person whose turn it is, so that row shows what luck gives.
    """

    asked: str
    still_right: Share  # of those answered rightly as trained
    same_wrong: Share  # of those answered wrongly: the same wrong place again
    now_right: Share  # of those answered wrongly
    sure: float  # mean probability of the answers about those right at first; 0 if none was asked
    sure_wrong: float  # about those wrong at first
    left_out: int  # people who cannot be asked so, for a letter, the length, or no room for a slip


@dataclass(frozen=True)
class Rewordings:
    """Every way of asking the dev people."""

    right: Share  # as trained
    right_untold: Share  # of the people whose biography does not hold the birthplace
    rows: tuple[Row, ...]


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Rewordings:
    """Ask all dev people as in training, then in every other way, and compare the answers.

    Whoever cannot be asked in one of those ways, since the model's alphabet lacks a character or
    its block is too short, is left out of that row and counted. Raises UserError if the corpus
    has no dev questions, and as `greedy` does for the questions as trained.
    """
    settings = settings or Settings()
    if not corpus.dev:
        raise UserError(f"{corpus.folder} has no dev questions: cut some with --dev-from-train 400")
    rng = np.random.default_rng(settings.seed)
    chosen = np.sort(rng.permutation(len(corpus.dev))[: settings.people])
    people = [corpus.dev[i] for i in chosen]
    plain = answers_with_probability(model, vocabulary, [q.text for q in people])
    ways = {PLAIN: list[ScoredAnswer | None](plain)}
    for asked, questions in _ways(corpus, [q.name for q in people], settings.forms, rng):
        ways[asked] = _ask(model, vocabulary, questions)
    untold = [
        sure.place == question.place
        for sure, question in zip(plain, people, strict=True)
        if not corpus.answerable(question)
    ]
    rows = tuple(_row(asked, answers, plain, people) for asked, answers in ways.items())
    right = Share(rows[0].still_right.n, len(people))
    return Rewordings(right, Share(sum(untold), len(untold)), rows)


def _ways(
    corpus: Corpus, names: Sequence[str], forms: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, list[str | None]]]:
    """The name of each way of asking, and its question about each person, None for none."""
    for form in forms:
        yield form, [form.replace("X", name) for name in names]
    slips: tuple[Slip, ...] = get_args(Slip)
    for slip in slips:
        yield f"one letter {slip}", [_plain(misspelt(name, slip, rng)) for name in names]
    yield FIRST, [_plain(first_name(name)) for name in names]
    yield LAST, [_plain(surname(name)) for name in names]
    yield NOBODY, [_plain(made.name) for made in invented_names(corpus, len(names), rng)]


def _plain(name: str | None) -> str | None:
    return None if name is None else FORM.replace("X", name)


def _ask(
    model: GPT, vocabulary: Vocabulary, questions: Sequence[str | None]
) -> list[ScoredAnswer | None]:
    alphabet = set(vocabulary.characters)
    room = model.config.block - 1  # for the mask that asks; one character of answer is the least
    # Each question once: a first name may be that of several people.
    asked = dict.fromkeys(q for q in questions if q and len(q) < room and alphabet.issuperset(q))
    answers = answers_with_probability(model, vocabulary, list(asked))
    found = dict(zip(asked, answers, strict=True))
    return [None if question is None else found.get(question) for question in questions]


def _row(
    asked: str,
    answers: Sequence[ScoredAnswer | None],
    plain: Sequence[ScoredAnswer],
    dev: Sequence[Question],
) -> Row:
    found = [
        (answer, before, question.place)
        for answer, before, question in zip(answers, plain, dev, strict=True)
        if answer is not None
    ]
    good = [row for row in found if row[1].place == row[2]]
    poor = [row for row in found if row[1].place != row[2]]
    return Row(
        asked=asked,
        still_right=Share(sum(now.place == true for now, _, true in good), len(good)),
        same_wrong=Share(sum(now.place == before.place for now, before, _ in poor), len(poor)),
        now_right=Share(sum(now.place == true for now, _, true in poor), len(poor)),
        sure=_mean([now.probability for now, _, _ in good]),
        sure_wrong=_mean([now.probability for now, _, _ in poor]),
        left_out=len(answers) - len(found),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def as_json(found: Rewordings) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    return asdict(found)


def markdown(found: Rewordings) -> str:
    """The rows as a Markdown table, with 95% intervals."""
    heads = ["asked", "still right", "95% interval", "how sure"]
    heads += ["wrong before: same answer", "95% interval", "how sure", "now right", "left out"]
    return (
        f"{found.right} right as trained; of people whose biography does not tell: "
        f"{found.right_untold}\n\n{table(heads, map(_cells, found.rows))}"
    )


def _cells(row: Row) -> list[str]:
    (right, share, interval), (same, same_share, same_interval) = (
        row.still_right.cells,
        row.same_wrong.cells,
    )
    cells = [row.asked, f"{right} ({share})", interval, f"{row.sure:.1%}"]
    cells += [f"{same} ({same_share})", same_interval, f"{row.sure_wrong:.1%}"]
    return [*cells, row.now_right.cells[0], str(row.left_out)]
