"""The corpus of fictional people: biographies and questions in the files of the course's format."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from nlp4.data.people.biographies import tell
from nlp4.data.people.person import Person
from nlp4.data.people.sampling import PeopleConfig, sample_people
from nlp4.support import files

__all__ = [
    "CHECKSUM_FILE",
    "FILE_NAMES",
    "PeopleConfig",
    "PeopleCorpus",
    "Person",
    "checksums",
    "file_lines",
    "generate",
    "not_written_here",
    "verify_checksums",
    "write_people",
]

FILE_NAMES = ("wiki.txt", "birth_places_train.tsv", "birth_dev.tsv", "birth_test_inputs.tsv")
CHECKSUM_FILE = "SHA256SUMS"


@dataclass(frozen=True)
class PeopleCorpus:
    """People with what is told and asked of them."""

    config: PeopleConfig
    people: tuple[Person, ...]  # train first, then dev, then test
    biographies: tuple[tuple[str, ...], ...]  # of each person, "Name. Text ."
    order: tuple[int, ...]  # of the biographies in wiki.txt, person after person

    @property
    def wiki_lines(self) -> list[str]:
        """The lines of wiki.txt: shuffled, so that the order tells nothing of the splits."""
        told = [biography for of_person in self.biographies for biography in of_person]
        return [told[i] for i in self.order]

    def members(self, split: str) -> list[Person]:
        """The people of "train", "dev" or "test"."""
        return [person for person in self.people if person.split == split]

    def questions(self, split: str) -> list[tuple[str, str]]:
        """(question, answer) pairs of a split."""
        return [(person.question, person.answer) for person in self.members(split)]


def generate(config: PeopleConfig | None = None) -> PeopleCorpus:
    """Make people, biographies and questions; the same config gives the same corpus.

    The people do not depend on `biographies_per_person`: their facts, the telling and the order
    each have a random stream of their own. Raises UserError if the data packages are missing.
    """
    config = config or PeopleConfig()
    facts, telling, order = np.random.default_rng(config.seed).spawn(3)
    people = sample_people(config, facts)
    number = config.biographies_per_person
    biographies = tuple(
        tell(person, number, telling.random(number + 3).tolist()) for person in people
    )
    shuffled = np.argsort(order.random(config.number * number), kind="stable")
    return PeopleCorpus(config, people, biographies, tuple(shuffled.tolist()))


def write_people(folder: str | Path, config: PeopleConfig | None = None) -> PeopleCorpus:
    """Generate a corpus and write its four files and their checksums into `folder`.

    Raises UserError if the data packages are missing or the folder cannot be written.
    """
    corpus = generate(config)
    target, lines = Path(folder), file_lines(corpus)
    texts = {name: "".join(f"{line}\n" for line in lines[name]) for name in FILE_NAMES}
    sums = (f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in texts.items())
    # The checksums first: what is interrupted later is still known for its own.
    for name, text in {CHECKSUM_FILE: "".join(sums), **texts}.items():
        files.write_text(target / name, text)
    return corpus


def file_lines(corpus: PeopleCorpus) -> dict[str, list[str]]:
    """The lines of each file by its name."""
    test = [question for question, _ in corpus.questions("test")]
    train, dev = (["\t".join(p) for p in corpus.questions(split)] for split in ("train", "dev"))
    return dict(zip(FILE_NAMES, (corpus.wiki_lines, train, dev, test), strict=True))


def checksums(folder: str | Path) -> dict[str, str]:
    """SHA-256 of each of the four files, in hexadecimal, by file name."""
    return {name: files.sha256(Path(folder) / name) for name in FILE_NAMES}


def verify_checksums(folder: str | Path) -> list[str]:
    """What is wrong with the files of `folder`, one readable line each; empty if all is well."""
    target = Path(folder)
    mend = f'delete the files, and "python -m nlp4 people --out {folder}" writes them anew'
    try:
        wanted = _read_checksums(target / CHECKSUM_FILE)
    except (OSError, ValueError):
        return [f"{target / CHECKSUM_FILE} is missing or not readable: {mend}"]
    problems = []
    for name in FILE_NAMES:
        if name not in wanted:
            problems.append(f"{target / CHECKSUM_FILE} does not list {name}: {mend}")
        elif not (target / name).is_file():
            problems.append(f"{target / name} is missing: {mend}")
        elif files.sha256(target / name) != wanted[name]:
            problems.append(f"{target / name} has been changed: {mend}")
    return problems


def not_written_here(folder: str | Path) -> list[str]:
    """The files that `write_people` would replace and did not write, or not as they are now."""
    target = Path(folder)
    try:
        known = _read_checksums(target / CHECKSUM_FILE)
    except (OSError, ValueError):
        known = {}
    there = [name for name in FILE_NAMES if (target / name).is_file()]
    own = set(FILE_NAMES) <= known.keys()
    foreign = [name for name in there if not own or files.sha256(target / name) != known[name]]
    return foreign + [CHECKSUM_FILE] * ((target / CHECKSUM_FILE).exists() and not own)


def _read_checksums(path: Path) -> dict[str, str]:
    """Lines "digest  name" as sha256sum writes them."""
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}
