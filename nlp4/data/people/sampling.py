"""Who the fictional people are: their names, places, dates and work, drawn from one generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np

from nlp4.data.people.person import Career, Family, Occupation, Person, read_occupations
from nlp4.data.people.sources import (
    Country,
    Gazetteer,
    NameList,
    Origin,
    Place,
    read_gazetteer,
    read_names,
    read_origins,
)
from nlp4.support.errors import UserError

_T = TypeVar("_T")

SHIPPED_NUMBER = 2937
_SHIPPED_DEV, _SHIPPED_TEST = 500, 437
MOST_BIOGRAPHIES = 10
TODAY = 2012  # the year in which the biographies are told
_FIRST_BIRTH, _LAST_BIRTH = 1820, 1984
_MIDDLE_NAME_SHARE = 0.12
_AT_HOME = 0.6  # studies and work in the country of the person's nationality

_CLUBS = ["Rangers", "United", "Rovers", "Wanderers", "Athletic", "Albion", "City", "Stars"]
_TRADES = [
    "carpenter",
    "schoolteacher",
    "merchant",
    "doctor",
    "tailor",
    "farmer",
    "baker",
    "blacksmith",
    "lawyer",
    "shopkeeper",
    "weaver",
    "clergyman",
    "printer",
    "miller",
    "bookseller",
    "shoemaker",
    "watchmaker",
    "clerk",
]
_SIDELINES = ["teacher", "translator", "collector", "editor", "lecturer", "organiser", "farmer"]
_RANKS = ["eldest", "second", "third", "youngest", "only"]
_BRITISH = {
    "England": "English",
    "Scotland": "Scottish",
    "Wales": "Welsh",
    "Northern Ireland": "Northern Irish",
}
_COUNTS = ["three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_MANY = ["ten", "twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty"]


@dataclass(frozen=True)
class PeopleConfig:
    """How many people, from which seed, and the shares that shape the questions.

    Raises UserError for a number below 10, a share outside 0 to 1, or a number of biographies
    per person outside 1 to 10.
    """

    number: int = SHIPPED_NUMBER
    seed: int = 224
    biographies_per_person: int = 1
    london_share: float = 0.05  # of the answers of each split
    silent_share: float = 0.05  # people of each split whose biography tells no birthplace
    home_share: float = 0.35  # people born where their name is at home, beyond chance

    def __post_init__(self) -> None:
        if self.number < 10:
            raise UserError(f"a corpus needs at least 10 people, not {self.number}")
        if self.seed < 0:
            raise UserError(f"the seed must be 0 or more, not {self.seed}")
        if not 1 <= self.biographies_per_person <= MOST_BIOGRAPHIES:
            raise UserError(
                f"biographies per person go from 1 to {MOST_BIOGRAPHIES} (there are no more"
                f" patterns that fit everyone), not {self.biographies_per_person}"
            )
        for name in ("london_share", "silent_share", "home_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")

    @property
    def split_sizes(self) -> dict[str, int]:
        """People in train, dev and test: 2,000, 500 and 437 of the shipped 2,937."""
        dev = round(self.number * _SHIPPED_DEV / SHIPPED_NUMBER)
        test = round(self.number * _SHIPPED_TEST / SHIPPED_NUMBER)
        return {"train": self.number - dev - test, "dev": dev, "test": test}


@dataclass(frozen=True)
class Sources:
    """Everything that people are drawn from."""

    origins: tuple[Origin, ...]
    names: tuple[NameList, ...]
    gazetteer: Gazetteer
    occupations: tuple[Occupation, ...]


@cache
def read_sources() -> Sources:
    """Read the name lists, places and occupations; raises UserError if a package is missing."""
    gazetteer = read_gazetteer()
    places = {place.name for place in gazetteer.places}
    origins = read_origins()
    names = tuple(read_names(origin.locale, avoid=places) for origin in origins)
    return Sources(origins, names, gazetteer, read_occupations())


def joint_distribution(sources: Sources, config: PeopleConfig) -> np.ndarray:
    """P(origin, birthplace), shape (origins, places), sum 1: the distribution people come from.

    A birthplace is drawn from the name's countries with probability `home_share` and from all
    places otherwise; then the column of London is scaled to `london_share`.
    """
    shares = sources.gazetteer.shares
    codes = np.array([place.code for place in sources.gazetteer.places])
    joint = np.empty((len(sources.origins), len(shares)))
    for row, origin in enumerate(sources.origins):
        home = shares * np.isin(codes, origin.countries)
        birth = config.home_share * home / home.sum() + (1 - config.home_share) * shares
        joint[row] = origin.share * birth
    london = np.arange(len(shares)) == sources.gazetteer.index("London")
    joint[:, london] *= config.london_share / joint[:, london].sum()
    joint[:, ~london] *= (1 - config.london_share) / joint[:, ~london].sum()
    return joint


def sample_people(config: PeopleConfig, rng: np.random.Generator) -> tuple[Person, ...]:
    """Draw the people, train first, then dev, then test. Every name is unique."""
    sources = read_sources()
    splits = [name for name, size in config.split_sizes.items() for _ in range(size)]
    birth = _sample_birthplaces(sources, config, rng)
    joint = joint_distribution(sources, config)
    origin = draw_by_group(rng, joint.T, birth)
    years = _sample_years(config.number, rng)
    women = rng.random(config.number) < 0.1 + 0.35 * (years[0] - _FIRST_BIRTH) / 164
    work = _sample_occupations(sources.occupations, years[0], women, rng)
    nation = _sample_nations(sources, birth, origin, rng)
    cities = _sample_cities(sources.gazetteer, birth, nation, rng)
    names = _name_everyone(sources, origin, women, rng)
    tells = ~_choose_silent(sources, config, birth, names, rng)
    small = rng.random((config.number, 12)).tolist()
    columns = [origin, birth, women, work, nation, *cities, *years, tells]
    numbers = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        _assemble(sources, _Row._make((*row, *name, split, u)))
        for row, name, split, u in zip(numbers, names, splits, small, strict=True)
    )


class _Row(NamedTuple):
    """The numbers drawn for one person, in the order in which `sample_people` puts them."""

    origin: int
    birthplace: int
    woman: bool
    occupation: int
    nation: int
    study: int
    work: int
    death_place: int
    born: int
    died: int
    start: int
    end: int
    tells: bool
    name: str
    surname: str
    split: str
    u: list[float]


def draw(rng: np.random.Generator, weights: np.ndarray, number: int) -> np.ndarray:
    """Draw `number` indices by weight, from uniform numbers only: these keep across versions."""
    cumulative = np.cumsum(weights)
    drawn = np.searchsorted(cumulative, rng.random(number) * cumulative[-1], side="right")
    return np.minimum(drawn, np.flatnonzero(weights)[-1])


def draw_by_group(rng: np.random.Generator, weights: np.ndarray, group: np.ndarray) -> np.ndarray:
    """For each entry of `group` (number of a row of `weights`) draw an index by that row."""
    drawn = np.zeros(len(group), dtype=np.int64)
    for row in np.unique(group):
        members = np.flatnonzero(group == row)
        drawn[members] = draw(rng, weights[row], len(members))
    return drawn


def _choose_share(
    rng: np.random.Generator, sizes: Sequence[int], share: float, allowed: np.ndarray
) -> np.ndarray:
    """A mask with round(share * size) members in each consecutive block, among the allowed."""
    chosen = np.zeros(sum(sizes), dtype=bool)
    start = 0
    for size in sizes:
        block = start + np.flatnonzero(allowed[start : start + size])
        order = np.argsort(rng.random(len(block)), kind="stable")
        chosen[block[order[: round(share * size)]]] = True
        start += size
    return chosen


def _sample_birthplaces(
    sources: Sources, config: PeopleConfig, rng: np.random.Generator
) -> np.ndarray:
    """Places (n,) by the joint distribution's margin, with London's share exact in each split."""
    everyone = np.ones(config.number, dtype=bool)
    sizes = list(config.split_sizes.values())
    in_london = _choose_share(rng, sizes, config.london_share, everyone)
    london = sources.gazetteer.index("London")
    margin = joint_distribution(sources, config).sum(axis=0)
    margin[london] = 0
    elsewhere = draw(rng, margin, config.number)
    return np.where(in_london, london, elsewhere)


def _choose_silent(
    sources: Sources,
    config: PeopleConfig,
    birth: np.ndarray,
    names: Sequence[tuple[str, str]],
    rng: np.random.Generator,
) -> np.ndarray:
    """Who keeps the birthplace: not those whom "Indian" (India) or "Corkery" (Cork) gives away."""
    born_in = [sources.gazetteer.places[b] for b in birth.tolist()]
    can = [p.is_city and p.name not in name for p, (name, _) in zip(born_in, names, strict=True)]
    sizes = list(config.split_sizes.values())
    return _choose_share(rng, sizes, config.silent_share, np.array(can))


def _sample_years(number: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Years of birth, of death (0 for the living), of the career's start and end."""
    span = _LAST_BIRTH - _FIRST_BIRTH + 1
    born = _FIRST_BIRTH + np.floor(span * np.sqrt(rng.random(number))).astype(np.int64)
    died = born + 30 + np.floor(65 * rng.random(number) ** 0.55).astype(np.int64)
    start = born + 20 + np.floor(7 * rng.random(number)).astype(np.int64)
    last = np.minimum(died, TODAY) - 1
    end = np.minimum(start + 2 + np.floor(24 * rng.random(number)).astype(np.int64), last)
    return born, np.where(died < TODAY, died, 0), start, np.maximum(end, start + 1)


def _sample_occupations(
    occupations: Sequence[Occupation], born: np.ndarray, women: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Occupations (n,) that fit the year of birth and the gender, by rejection."""
    shares = np.array([job.share for job in occupations])
    since = np.array([job.since for job in occupations])
    for_men = np.array([job.who != "women" for job in occupations])
    for_women = np.array([job.who != "men" for job in occupations])
    drawn = draw(rng, shares, len(born))
    while True:
        fits = (since[drawn] <= born) & np.where(women, for_women[drawn], for_men[drawn])
        wrong = np.flatnonzero(~fits)
        if not len(wrong):
            return drawn
        drawn[wrong] = draw(rng, shares, len(wrong))


def _sample_nations(
    sources: Sources, birth: np.ndarray, origin: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Countries (n,) of nationality: of the birthplace for seven in ten, else of the name."""
    number_of = {country.code: i for i, country in enumerate(sources.gazetteer.countries)}
    by_place = np.array([number_of[place.code] for place in sources.gazetteer.places])
    by_origin = np.array([number_of[o.countries[0]] for o in sources.origins])
    return np.where(rng.random(len(birth)) < 0.7, by_place[birth], by_origin[origin])


def _sample_cities(
    gazetteer: Gazetteer, birth: np.ndarray, nation: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cities of study, work and death (n,): the first two differ from the birthplace."""
    is_city = np.array([place.is_city for place in gazetteer.places])
    codes = np.array([place.code for place in gazetteer.places])
    general = gazetteer.shares * is_city / (gazetteer.shares * is_city).sum()
    rows = []
    for country in gazetteer.countries:
        home = general * (codes == country.code)
        rows.append(_AT_HOME * home / home.sum() + (1 - _AT_HOME) * general)
    weights = np.array(rows)
    study = _draw_apart(rng, weights, nation, [birth])
    work = _draw_apart(rng, weights, nation, [birth, study])
    kind = rng.random(len(birth))
    death = np.where(kind < 0.5, work, _draw_apart(rng, weights, nation, [birth]))
    return study, work, np.where((kind > 0.85) & is_city[birth], birth, death)


def _draw_apart(
    rng: np.random.Generator, weights: np.ndarray, group: np.ndarray, taken: list[np.ndarray]
) -> np.ndarray:
    """Draw by group, again and again where the index equals one of those taken."""
    drawn = draw_by_group(rng, weights, group)
    while True:
        same = np.flatnonzero(np.any([drawn == other for other in taken], axis=0))
        if not len(same):
            return drawn
        drawn[same] = draw_by_group(rng, weights, group[same])


def _pick(items: Sequence[_T], u: float) -> _T:
    return items[int(u * len(items))]


def _name_everyone(
    sources: Sources, origin: np.ndarray, women: np.ndarray, rng: np.random.Generator
) -> list[tuple[str, str]]:
    """A unique name and its surname for each; a second first name for some and for namesakes."""
    uniform = rng.random((len(origin), 4)).tolist()
    seen: set[str] = set()
    named = []
    for o, woman, (u, v, w, x) in zip(origin.tolist(), women.tolist(), uniform, strict=True):
        gender = "woman" if woman else "man"
        firsts = sources.names[o].first_names(gender)
        first, surname = _pick(firsts, u), _pick(sources.names[o].surnames(gender), v)
        name = f"{first} {surname}"
        if x < _MIDDLE_NAME_SHARE or name in seen:
            name = _with_second_name(first, surname, firsts, int(w * len(firsts)), seen)
        seen.add(name)
        named.append((name, surname))
    return named


def _with_second_name(
    first: str, surname: str, seconds: Sequence[str], start: int, seen: set[str]
) -> str:
    """The first free name with a second first name, looked for from `start` on."""
    for second in (*seconds[start:], *seconds[:start]):
        name = f"{first} {second} {surname}"
        if second != first and name not in seen:
            return name
    raise UserError("the name lists are used up: ask for fewer people")


def _assemble(sources: Sources, row: _Row) -> Person:
    """Turn one row of drawn numbers into a person."""
    places = sources.gazetteer.places
    birthplace = places[row.birthplace]
    return Person(
        name=row.name,
        surname=row.surname,
        gender="woman" if row.woman else "man",
        origin=sources.origins[row.origin].locale,
        birthplace=birthplace,
        born=_day_in(row.born, row.u[0]),
        died=_day_in(row.died, row.u[1]) if row.died else None,
        death_place=places[row.death_place],
        nationality=_nationality(sources.gazetteer.countries[row.nation], birthplace),
        career=_career(sources, row),
        family=_family(sources.names[row.origin], row),
        split=row.split,
        tells_birthplace=row.tells,
    )


def _career(sources: Sources, row: _Row) -> Career:
    occupation = sources.occupations[row.occupation]
    club = int(row.u[3] * len(_CLUBS))
    return Career(
        occupation=occupation,
        subject=_pick(occupation.subjects, row.u[2]),
        study=sources.gazetteer.places[row.study],
        work=sources.gazetteer.places[row.work],
        start=row.start,
        end=row.end,
        club=_CLUBS[club],
        old_club=_pick(_CLUBS[:club] + _CLUBS[club + 1 :], row.u[4]),
        count=_pick(_COUNTS, row.u[5]),
        many=_pick(_MANY, row.u[11]),
        sideline=_pick(_SIDELINES, row.u[10]),
    )


def _family(names: NameList, row: _Row) -> Family:
    father = _pick(names.men, row.u[6])
    # Where women's surnames have a form of their own, the father's is not known from it.
    if not row.woman or names.surnames_of_women == names.surnames_of_men:
        father = f"{father} {row.surname}"
    mother, trade = _pick(names.women, row.u[7]), _pick(_TRADES, row.u[8])
    return Family(father, mother, trade, _pick(_RANKS, row.u[9]))


def _day_in(year: int, u: float) -> date:
    return date.fromordinal(date(year, 1, 1).toordinal() + int(u * 365))


def _nationality(country: Country, birthplace: Place) -> str:
    """The people of the four British nations are told apart where the birthplace shows it."""
    if country.code == birthplace.code:
        return _BRITISH.get(birthplace.region, country.nationality)
    return country.nationality
