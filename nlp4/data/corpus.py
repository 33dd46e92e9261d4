"""A corpus: biographies to read, and questions about the people in them.

A folder of four files, named as in the course (Stanford CS224N, assignment on pretraining):
`wiki.txt` holds one biography a line, `birth_places_train.tsv` and `birth_dev.tsv` hold
`Where was X born?<TAB>Place`, `birth_test_inputs.tsv` holds questions alone.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from nlp4.data.vocabulary import MASK, PAD
from nlp4.support.errors import UserError, quoted
from nlp4.support.files import data_folder, sha256

BIOGRAPHIES, TRAIN, DEV, TEST = (
    "wiki.txt",
    "birth_places_train.tsv",
    "birth_dev.tsv",
    "birth_test_inputs.tsv",
)
_T = TypeVar("_T")
FORM = "Where was X born?"
UNKNOWN = "unknown"  # the answer of a model that does not know
_FORM = re.compile(r"Where was (\S(?:.*\S)?) born\?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_MOST_BYTES = 10**9  # of a file: what fits into the memory of most machines, several times over


@dataclass(frozen=True)
class Question:
    """A question about one person; `place` is None where the answer is not known.

    `place` is the answer: a place, unless the question asks for another `relation`.
    """

    text: str
    place: str | None = None
    where: str = field(default="", compare=False)  # the file and the line that it was read from
    relation: str | None = None  # None where it was not said
    person: str | None = None  # whom it names; None where no corpus was searched for that

    @property
    def name(self) -> str:
        """The person asked about, or the whole text if that is not known."""
        if self.person is not None:
            return self.person
        match = _FORM.fullmatch(self.text)
        return match.group(1) if match else self.text


@dataclass(frozen=True)
class Corpus:
    """Biographies, questions in three splits, and what a reader should know of them."""

    folder: Path
    biographies: tuple[str, ...]
    train: tuple[Question, ...]
    dev: tuple[Question, ...]
    test: tuple[Question, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Biographies `Name. Text` under each name they may be read to open with.

        Names hold periods too ("John F. Doe"), so a biography stands under every prefix that a
        period ends; nobody asks for the wrong ones.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for biography in self.biographies:
            for period in re.finditer(r"\. ", biography):
                found[biography[: period.start()]].append(biography)
                found[biography[: period.end() - 1]].append(biography)  # "Jr." keeps its own
        return dict(found)

    def answerable(self, question: Question) -> bool:
        """Whether the answer stands in a biography of that name at all."""
        place, biographies = question.place, self.by_name.get(question.name, ())
        return place is not None and any(place in biography for biography in biographies)

    def part(self, people: int, dev: int, seed: int = 0) -> Corpus:
        """A smaller corpus for a quick run: `people` biographies, `dev` of them held back.

        Everyone in it has a question; people are drawn at random from the train and dev splits.
        """
        rng = np.random.default_rng(seed)
        kept_train = _draw(_by_person(self.train), people - dev, rng)
        kept_dev = _draw(_by_person(self.dev), dev, rng)
        texts = {text for q in kept_train + kept_dev for text in self.by_name.get(q.name, ())}
        biographies = tuple(text for text in self.biographies if text in texts)
        return Corpus(self.folder, biographies, kept_train, kept_dev, ())

    def checksum(self) -> str:
        """One SHA-256 for the files that training reads, for a run's provenance."""
        return ":".join(sha256(self.folder / name)[:16] for name in (BIOGRAPHIES, TRAIN))


def nonempty(items: list[_T], what: str, corpus: Corpus) -> list[_T]:
    """The same list. Raises UserError if it is empty: the corpus then holds no `what`."""
    if not items:
        raise UserError(f"{corpus.folder} holds no {what} to train on: choose another objective")
    return items


def require_dev(corpus: Corpus, needed: int = 1) -> None:
    """Raise UserError if there are fewer dev questions than `needed`."""
    if len(corpus.dev) < needed:
        raise UserError(
            f"{corpus.folder}: {len(corpus.dev) or 'no'} dev questions, where {needed} or more are "
            "needed: hold more people back, as with --dev-from-train 400, in the training too"
        )


def embedded_folder() -> Path:
    """The folder of the fictional people that the workbook brings along."""
    return data_folder() / "people"


def load_corpus(
    folder: Path | str | None = None, *, dev_from_train: int | None = None, split_seed: int = 0
) -> Corpus:
    """Read a corpus; the embedded people if no folder is given.

    `dev_from_train` cuts that many people out of the training questions and makes them the dev
    split, in place of `birth_dev.tsv`; 0 does without a dev split. Test questions are optional.

    Raises UserError that names the file, the line and the mend for anything that is not as the
    module says.
    """
    folder = embedded_folder() if folder is None else Path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder: a corpus is a folder that holds {BIOGRAPHIES}")
    biographies = read_lines(folder / BIOGRAPHIES)
    train = read_questions(folder / TRAIN)
    if dev_from_train is not None:
        train, dev = split_by_person(train, dev_from_train, split_seed)
    elif (folder / DEV).exists():
        dev = read_questions(folder / DEV)
    else:
        raise UserError(
            f"{folder / DEV} is missing: add --dev-from-train 400 to cut a dev split from the "
            "training questions, or --dev-from-train 0 to do without one"
        )
    test = read_questions(folder / TEST, answers=False) if (folder / TEST).exists() else ()
    return Corpus(folder, tuple(biographies), train, dev, test, tuple(_notes(train, dev)))


def read_questions(path: Path, *, answers: bool = True) -> tuple[Question, ...]:
    """Read questions in the course's form, one a line, with a tab and the place if `answers`.

    Raises UserError that names the file, the line and the mend.
    """
    return tuple(
        _question(line, f"{path}, line {number}", answers)
        for number, line in enumerate(read_lines(path), 1)
    )


def split_by_person(
    questions: tuple[Question, ...], held_back: int, seed: int
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Cut `held_back` people out; return the questions about the rest, and those about them.

    A person asked about twice is on one side only; the side held back keeps one question each.
    Raises UserError if fewer than one person would be left to train on.
    """
    unique = {q.name: q for q in reversed(questions)}
    names = sorted(unique)
    if not 0 <= held_back < len(names):
        raise UserError(
            f"--dev-from-train {held_back}: the training questions are about {len(names)} people; "
            f"hold back between 0 and {len(names) - 1}"
        )
    order = np.random.default_rng(seed).permutation(len(names))
    chosen = {names[i] for i in order[:held_back]}
    rest = tuple(q for q in questions if q.name not in chosen)
    return rest, tuple(unique[name] for name in sorted(chosen))


def _by_person(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    return tuple({q.name: q for q in reversed(questions)}.values())[::-1]


def _draw(
    questions: tuple[Question, ...], number: int, rng: np.random.Generator
) -> tuple[Question, ...]:
    if not 0 <= number <= len(questions):
        raise UserError(f"{number} people asked for, but there are {len(questions)}: ask for fewer")
    chosen = np.sort(rng.permutation(len(questions))[:number])
    return tuple(questions[i] for i in chosen)


def _notes(train: Iterable[Question], dev: Iterable[Question]) -> Iterable[str]:
    texts = [q.text for q in train]
    repeated = len(texts) - len(set(texts))
    shared = len({q.name for q in train} & {q.name for q in dev})
    if repeated:
        yield f"{repeated} training questions are asked twice"
    if shared:
        yield f"{shared} people stand in both train and dev: right answers there may be recalled"


def _question(line: str, where: str, answers: bool) -> Question:
    text, *places = line.split("\t")
    if answers and not places:
        raise UserError(
            f"{where}: no tab after the question: write the question, one tab, the place"
        )
    if not _FORM.fullmatch(text):
        raise UserError(f"{where}: {quoted(text)} is not of the form {FORM!r}: reword the question")
    if not answers:
        return Question(text, where=where)
    if len(places) > 1:
        raise UserError(f"{where}: more than one tab: write the question, one tab, the place")
    if not places[0].strip():
        raise UserError(f"{where}: no place after the tab: add the answer or delete the line")
    return Question(text, places[0].strip(), where)


def read_lines(path: Path) -> list[str]:
    """The file's lines, none empty; every refusal names the file, the line and the mend."""
    data = _bytes(path)
    if not data.strip():
        raise UserError(f"{path}, line 1: the file is empty: fill it, or choose another folder")
    if data.startswith(b"\xef\xbb\xbf"):
        raise UserError(
            f"{path}, line 1: the file opens with a byte order mark: save it as UTF-8 without one"
        )
    lines = data.removesuffix(b"\n").split(b"\n")
    return [_line(raw, f"{path}, line {number}") for number, raw in enumerate(lines, 1)]


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise UserError(f"{path} is missing: put it there, or choose another folder")
        if not path.is_file():  # a pipe would be waited for, and a device may never end
            raise UserError(f"{path} is no file: put a text file there, or choose another one")
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise UserError(
                f"{path} has {size:,} bytes, more than the {_MOST_BYTES:,} that are read: cut it "
                "into smaller ones"
            )
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): let it be read, or choose another one"
        ) from None


def _line(raw: bytes, where: str) -> str:
    if raw.endswith(b"\r"):
        raise UserError(f"{where}: a Windows line end (CRLF): save the file with Unix line ends")
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{where}: byte {error.start + 1} is not UTF-8: save the file as UTF-8"
        ) from None
    if not line.strip():
        raise UserError(f"{where}: the line is empty: delete it")
    control = _CONTROL.search(line)
    if control:
        raise UserError(
            f"{where}: control character U+{ord(control.group()):04X} at column "
            f"{control.start() + 1}: delete it"
        )
    for symbol in (PAD, MASK):
        if symbol in line:
            raise UserError(
                f"{where}: the character {symbol!r} at column {line.index(symbol) + 1} stands for "
                "padding or a mask in a model: replace it"
            )
    return line


def corpus_of(options: argparse.Namespace) -> Corpus:
    """Read the people that the options choose. Raises UserError as `load_corpus` does."""
    return load_corpus(
        options.data, dev_from_train=options.dev_from_train, split_seed=options.split_seed
    )
