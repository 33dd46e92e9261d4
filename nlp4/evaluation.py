"""Scoring answers, and the baselines that every score stands beside (exercises 3d to 3f)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nlp4.corpus import Corpus, Question
from nlp4.errors import UserError
from nlp4.files import write_text
from nlp4.statistics import Paired, Share, compare


def marks(answers: Sequence[str], questions: Sequence[Question]) -> list[bool]:
    """True where an answer is the place, character for character.

    Raises ValueError if there are more answers than questions or fewer.
    """
    return [a == q.place for a, q in zip(answers, questions, strict=True)]


def score(answers: Sequence[str], questions: Sequence[Question]) -> Share:
    """Count exact matches."""
    return Share(sum(marks(answers, questions)), len(questions))


def always(place: str, questions: Sequence[Question]) -> list[str]:
    """The answers of somebody who knows one place."""
    return [place] * len(questions)


def majority_place(train: Sequence[Question]) -> str:
    """The most frequent training answer; of equals, the first in the alphabet."""
    counts = Counter(q.place for q in train if q.place)
    return min(counts, key=lambda place: (-counts[place], place))


def ceiling(corpus: Corpus) -> Share:
    """The share of dev questions whose answer stands in a biography of that person.

    What perfect memory of the text could reach.
    """
    return Share(sum(map(corpus.answerable, corpus.dev)), len(corpus.dev))


def baselines(corpus: Corpus) -> dict[str, list[str]]:
    """The dev answers of two who know one place each: London, or the most frequent answer."""
    return {
        "always London": always("London", corpus.dev),
        "always the most frequent training answer": always(
            majority_place(corpus.train), corpus.dev
        ),
    }


def expected_by_luck(answers: Sequence[str], questions: Sequence[Question]) -> float:
    """How many answers would match if they were dealt out to the questions at random.

    The mean over all permutations, in closed form: sum over places of (times answered) x (times
    true) / n. It is what knowing the frequent places is worth, and nothing about anyone.
    """
    answered, true = Counter(answers), Counter(q.place for q in questions)
    return sum(count * true[place] for place, count in answered.items()) / max(1, len(questions))


def against(answers: Sequence[str], others: Sequence[str], questions: Sequence[Question]) -> Paired:
    """McNemar's counts for two sets of answers to the same questions."""
    return compare(marks(answers, questions), marks(others, questions))


def save_predictions(path: Path, answers: Sequence[str]) -> None:
    """Write one answer a line, as the course hands predictions in."""
    for number, answer in enumerate(answers, 1):
        if "\n" in answer:
            raise UserError(f"answer {number} spans two lines and cannot be saved: {answer!r}")
    write_text(path, "".join(f"{answer}\n" for answer in answers))
