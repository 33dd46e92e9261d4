"""What notebook 04's pictures show of names and places, as numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp4.confidence import Judged
from nlp4.corpus import Corpus, Question
from nlp4.decoding import greedy
from nlp4.errors import UserError
from nlp4.model import GPT
from nlp4.name_guesses import ALL, NameGuesses
from nlp4.name_origins import Background
from nlp4.names import edit_distances
from nlp4.nearest_names import MEASURES, nearest
from nlp4.paired_ratio import Ratio
from nlp4.place_bias import UNKNOWN, PlaceBias
from nlp4.rewordings import Rewordings
from nlp4.statistics import Share
from nlp4.vocabulary import Vocabulary

COUNTRY, PLACE, ORIGIN = "country", "place", "origin of the name"
_LISTED = 4  # names that are equally near
_ROWS = 15  # of a picture


@dataclass(frozen=True)
class Line:
    """One row of a picture: a value with its interval, and perhaps a range that chance gives."""

    label: str
    value: float
    interval: tuple[float, float]
    counts: str  # what the value was counted from
    chance: tuple[float, float] | None = None


@dataclass(frozen=True)
class Lines:
    """Rows of values on one axis; one row may be marked."""

    title: str
    rows: tuple[Line, ...]
    span: tuple[float, float]  # what the axis shows
    marked: int | None = None
    reference: float | None = None
    logarithmic: bool = False


def share_line(label: str, share: Share) -> Line:
    """A counted share with its Wilson interval."""
    return Line(label, share.value, share.interval, f"{share.right}/{share.n}")


def bias_lines(found: PlaceBias, by: str) -> Lines:
    """Predicted over true by country or place, or accuracy by origin: the most frequent rows.

    Raises UserError where the countries and origins are not known, or no row is frequent enough.
    """
    if by == ORIGIN:
        rows = [share_line(name, share) for name, share in _origins(found)[:_ROWS]]
        title, reference = "share of right answers, by origin of the name", found.right.value
    else:
        ratios = found.countries if by == COUNTRY else found.places
        frequent = [row for row in ratios if row.true >= found.fewest]
        rows = [_ratio_line(row) for row in frequent[:_ROWS]]
        title, reference = f"times answered over times true, by {by}", 1.0
    if not rows:
        raise UserError(f"{by}: not known for this corpus, or no row is frequent enough")
    span = (0.0, 1.0) if by == ORIGIN else (0.25, 4.0)
    return Lines(title, tuple(rows), span, None, reference, by != ORIGIN)


def with_mark(lines: Lines, rank: int) -> Lines:
    """The same with row `rank` marked, counted from 1. Raises UserError if there is none."""
    if not 1 <= rank <= len(lines.rows):
        raise UserError(f"there is no row {rank} here: the last one is row {len(lines.rows)}")
    return replace(lines, marked=rank - 1)


def _origins(found: PlaceBias) -> Sequence[tuple[str, Share]]:
    return next((groups.rows for groups in found.groups if groups.by == ORIGIN), ())


def _ratio_line(row: Ratio) -> Line:
    label = "(unknown)" if row.place == UNKNOWN else row.place
    return Line(label, row.value, row.interval, f"{row.predicted} for {row.true}")


def agreement_lines(found: NameGuesses, group: str = ALL) -> Lines:
    """How often the guess is the birthplace of the nearest names, by measure, against chance.

    The range of chance is the one within the origin of the name where that is known. Raises
    UserError for a group that nobody is in.
    """
    rows = tuple(
        Line(
            row.measure,
            row.guess.value,
            row.guess.interval,
            f"of {row.names}",
            (row.guess_within_origin or row.guess).chance_range,
        )
        for row in found.rows
        if row.group == group
    )
    if not rows:
        raise UserError(f"nobody is in the group {group!r}")
    top = max(row.interval[1] for row in rows)
    return Lines(
        "share of guesses that are the birthplace of the nearest training name",
        rows,
        (0.0, math.ceil(20 * top) / 20),
    )


def rewording_lines(found: Rewordings) -> Lines:
    """Of the people answered rightly as trained, how many still are, by how they are asked."""
    rows = tuple(share_line(row.asked, row.still_right) for row in found.rows)
    return Lines("still right, of those answered rightly as trained", rows, (0.0, 1.0))


def looks(judged: Sequence[Judged], corpus: Corpus, background: Background) -> np.ndarray:
    """How well each answer suits its name, without knowing the person: 0, 1/2 or 1, `(n,)`.

    One half for any place that the corpus knows, and one half for the country in which most
    training people whose names have that origin were born.
    """
    country, origin = background.country, background.origin
    born: dict[str, Counter[str]] = {}
    for question in corpus.train:
        there = country.get(question.place or "", "")
        born.setdefault(origin[question.name], Counter())[there] += 1
    usual = {kind: counts.most_common(1)[0][0] for kind, counts in born.items()}
    found = [
        (row.answer in country) + (country.get(row.answer) == usual.get(origin[row.name], ""))
        for row in judged
    ]
    return np.array(found) / 2


@dataclass(frozen=True)
class Near:
    """The training people that are nearest to one name, by one measure."""

    measure: str
    people: tuple[tuple[str, str], ...]  # name and birthplace; the first few
    number: int  # of those who are equally near
    agree: int  # of them, born where the model guesses
    distance: int  # letters to change, from the whole name to that of the first of `people`


@dataclass(frozen=True)
class Neighbours:
    """One person whom the model has not read about, its guess, and the nearest names."""

    name: str
    guess: str
    true: str | None
    near: tuple[Near, ...]


def neighbours(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    people: Sequence[Question],
) -> list[Neighbours]:
    """Ask about each person, and look up the nearest training names by every measure.

    Raises UserError as `greedy` does.
    """
    train = {question.name: question.place or "" for question in corpus.train}
    names = [question.name for question in people]
    guesses = greedy(model, vocabulary, [question.text for question in people])
    weights = nearest(model, vocabulary, names, list(train))
    return [
        Neighbours(
            question.name,
            guesses[i],
            question.place,
            tuple(_near(m, question.name, guesses[i], weights[m][i], train) for m in MEASURES),
        )
        for i, question in enumerate(people)
    ]


def _near(
    measure: str, name: str, guess: str, weights: np.ndarray, train: Mapping[str, str]
) -> Near:
    people = list(train.items())
    found = [people[j] for j in np.flatnonzero(weights)]
    agree = sum(place == guess for _, place in found)
    # Those who agree with the guess come first, so that a short list does not hide them.
    found.sort(key=lambda person: person[1] != guess)
    distance = int(edit_distances([name], [found[0][0]])[0, 0])
    return Near(measure, tuple(found[:_LISTED]), len(found), agree, distance)
