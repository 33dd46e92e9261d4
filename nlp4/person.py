"""What is true of one fictional person, whether a biography tells it or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nlp4.gazetteer import Place
from nlp4.occupations import Occupation


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
