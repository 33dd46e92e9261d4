"""Scoring answers, and the baselines that every score stands beside (exercises 3d to 3f)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp4.data.corpus import Corpus, Question
from nlp4.data.corruption import salient_spans
from nlp4.maths.statistics import Paired, Share, compare
from nlp4.support.errors import UserError
from nlp4.support.files import write_text
from nlp4.support.records import table


def marks(answers: Sequence[str], questions: Sequence[Question]) -> list[bool]:
    """True where an answer is the place, character for character.

    Raises ValueError if there are more answers than questions or fewer.
    """
    return [a == q.place for a, q in zip(answers, questions, strict=True)]


def score(answers: Sequence[str], questions: Sequence[Question]) -> Share:
    """Count exact matches."""
    return Share(sum(marks(answers, questions)), len(questions))


def score_by(
    groups: Sequence[str], answers: Sequence[str], questions: Sequence[Question]
) -> dict[str, Share]:
    """The score of each group, the largest first; `groups` names one for every question.

    Raises ValueError for lists of different lengths.
    """
    found: dict[str, list[bool]] = defaultdict(list)
    for group, mark in zip(groups, marks(answers, questions), strict=True):
        found[group].append(mark)
    largest_first = sorted(found, key=lambda group: (-len(found[group]), group))
    return {group: Share(sum(found[group]), len(found[group])) for group in largest_first}


def always(place: str, questions: Sequence[Question]) -> list[str]:
    """The answers of somebody who knows one place."""
    return [place] * len(questions)


def majority_place(train: Sequence[Question]) -> str:
    """The most frequent training answer; of equals, the first in the alphabet."""
    counts = Counter(q.place for q in train if q.place)
    return min(counts, key=lambda place: (-counts[place], place))


def by_origin(
    questions: Sequence[Question], train: Sequence[Question], origin: Mapping[str, str]
) -> list[str]:
    """The answers of somebody who knows where names come from, and nobody in person.

    To a name of one `origin` (name to origin) it is the most frequent training answer among names
    of that origin; to one whose origin is not known, or not met in `train`, the most frequent of
    all.
    """
    usual = majority_place(train)
    kin: dict[str | None, list[Question]] = {}
    for question in train:
        kin.setdefault(origin.get(question.name), []).append(question)
    best = {known: majority_place(asked) for known, asked in kin.items() if known is not None}
    return [best.get(origin.get(question.name, ""), usual) for question in questions]


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


def with_the_book_open(corpus: Corpus) -> dict[str, list[str]]:
    """The dev answers of two who read the person's biography while they are asked.

    One says the first capitalised phrase after the name, as `salient_spans` finds them, the other
    the first of them that answers a training question.
    """
    places = {question.place for question in corpus.train}
    return {
        "open book, the first capitalised phrase": _first_phrases(corpus, lambda phrase: True),
        "open book, the first that is a training answer": _first_phrases(
            corpus, lambda phrase: phrase in places
        ),
    }


def _first_phrases(corpus: Corpus, said: Callable[[str], bool]) -> list[str]:
    """For each dev person the first phrase that is said; nothing where there is none."""

    def phrases(name: str) -> Iterator[str]:
        for text in corpus.by_name.get(name, ()):
            yield from (text[start:stop] for start, stop in salient_spans(text))

    return [next(filter(said, phrases(question.name)), "") for question in corpus.dev]


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


# The report's own counts, on the course's dev questions and with the course's model.
REPORT = {
    "always London": "25/500 (5.0%)",
    "finetuned alone": "2/500 (0.4%)",
    "pretrained, then finetuned": "60/500 (12.0%)",
}


@dataclass(frozen=True)
class System:
    """One row of the results: who answered, how, and how many were right."""

    name: str
    score: Share
    p_value: float | None = None  # McNemar, against the pretrained and finetuned model


def compare_systems(corpus: Corpus, answers: dict[str, list[str]]) -> list[System]:
    """Score each system beside the baselines; test each against the last one by McNemar."""
    dev = corpus.dev
    best = list(answers.values())[-1]
    rows = [
        System(
            name, score(given, dev), against(best, given, dev).p_value if given != best else None
        )
        for name, given in (baselines(corpus) | answers).items()
    ]
    return [*rows, System("ceiling: the answer stands in the biography", ceiling(corpus))]


def markdown_table(systems: list[System], *, report: bool = False) -> str:
    """The rows as a Markdown table, with intervals and p-values; beside the report's, if asked.

    The report's column is about other people and another model: its order is comparable.
    """
    heads = ["system", "right", "share", "95% interval", "p against the last model"]
    rows = [
        [row.name, *row.score.cells, "" if row.p_value is None else f"{row.p_value:.1g}"]
        + [REPORT.get(row.name, "")] * report
        for row in systems
    ]
    return table(heads + ["the report, on other people"] * report, rows)
