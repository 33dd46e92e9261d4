"""Names of many languages: first names and surnames by origin, read from Faker's locale lists."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import ModuleType

from nlp4.errors import UserError

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
    "ja_JP": ("first_romanized_names_male", "first_romanized_names_female", "last_romanized_names"),
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
