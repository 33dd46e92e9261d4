"""What is true of one fictional person, whether a biography tells it or not; what people do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from nlp4.data.people.sources import Place, read_table

# How many people are of a kind, to one another; the course's corpus is fond of sport and the arts.
_KIND_SHARES = {
    "team": 14,
    "athlete": 12,
    "science": 9,
    "letters": 8,
    "writer": 11,
    "music": 10,
    "stage": 8,
    "art": 8,
    "builder": 2,
    "politics": 7,
    "church": 3,
    "army": 2,
    "trade": 2,
    "medicine": 2,
    "engineer": 2,
    "explorer": 1,
}

# What a person of a kind is busy with, where the title does not say it.
_SUBJECTS = {
    "team": ["the first team", "the reserve team", "the junior team"],
    "athlete": ["the national title", "a silver medal", "a bronze medal", "the junior title"],
    "writer": ["short stories", "historical novels", "lyric poems", "travel books"],
    "stage": ["comedies", "historical dramas", "modern plays", "operettas", "fairy tales"],
    "art": ["landscapes", "portraits", "harbour scenes", "still lifes", "street scenes"],
    "politics": ["the Liberal Party", "the Reform Party", "the Conservative Party"],
    "church": ["hymns", "sermons", "letters on faith", "tracts for the poor"],
    "army": ["the coast guard", "the reserve", "the signal corps", "the home guard"],
    "explorer": ["alpine plants", "mosses", "beetles", "ferns", "seaweeds"],
}


@dataclass(frozen=True, slots=True)
class Occupation:
    """A title with its kind; `subjects` holds what such a person may be busy with."""

    title: str
    kind: str
    since: int  # the year of birth from which on people can have it
    who: str  # "any", "men" or "women"
    share: float
    subjects: tuple[str, ...]


def read_occupations() -> tuple[Occupation, ...]:
    """The occupations in the order of their table; the shares sum to 1."""
    rows = read_table("occupations.csv")
    numbers = Counter(row["kind"] for row in rows)
    total = sum(_KIND_SHARES.values())
    occupations = []
    for row in rows:
        kind = row["kind"]
        subjects = (row["subject"],) if row["subject"] else tuple(_SUBJECTS[kind])
        share = _KIND_SHARES[kind] / total / numbers[kind]
        job = Occupation(row["title"], kind, int(row["since"]), row["who"], share, subjects)
        occupations.append(job)
    return tuple(occupations)


@dataclass(frozen=True, slots=True)
class Career:
    """What a person learned and did, where and when."""

    occupation: Occupation
    subject: str  # what the work is about: a science, an instrument, a party, a prize
    study: Place
    work: Place
    start: int  # first and last year
    end: int
    club: str
    old_club: str
    count: str  # of years, seasons, volumes: a number in words
    many: str  # of books, matches, pictures
    sideline: str  # a second occupation


@dataclass(frozen=True, slots=True)
class Family:
    """Where a person comes from, other than the place."""

    father: str
    mother: str
    trade: str  # of the father
    rank: str  # among the brothers and sisters


@dataclass(frozen=True, slots=True)
class Person:
    """The true facts about one person, told or not."""

    name: str
    surname: str
    gender: str  # "man" or "woman"
    origin: str  # the Faker locale of the name
    birthplace: Place
    born: date
    died: date | None
    death_place: Place  # of interest once the person has died
    nationality: str
    career: Career
    family: Family
    split: str  # "train", "dev" or "test"
    tells_birthplace: bool

    @property
    def question(self) -> str:
        """The question as in the course's files."""
        return f"Where was {self.name} born?"

    @property
    def answer(self) -> str:
        """The birthplace, one word."""
        return self.birthplace.name
