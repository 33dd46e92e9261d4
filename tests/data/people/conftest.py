"""The people that the tests of this folder share."""

from __future__ import annotations

import pytest

from nlp4.data.people import generate
from nlp4.data.people.sampling import PeopleConfig


@pytest.fixture(scope="module")
def corpus() -> generate.PeopleCorpus:
    return generate.generate()


@pytest.fixture(scope="module")
def ten_tellings() -> generate.PeopleCorpus:
    return generate.generate(PeopleConfig(number=1500, seed=7, biographies_per_person=10))
