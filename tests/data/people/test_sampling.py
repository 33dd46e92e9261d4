"""Tests of `nlp4.data.people.sampling`."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from nlp4.data.people import generate
from nlp4.data.people.sampling import PeopleConfig, joint_distribution, read_sources
from nlp4.support.errors import UserError


@pytest.mark.parametrize(
    ("number", "sizes"), [(2937, (2000, 500, 437)), (100_000, None), (10, None)]
)
def test_splits_scale_with_the_number(number: int, sizes: tuple[int, ...] | None) -> None:
    split = PeopleConfig(number=number).split_sizes
    assert sum(split.values()) == number
    assert min(split.values()) > 0
    assert abs(split["dev"] - number * 500 / 2937) <= 1
    if sizes:
        assert tuple(split.values()) == sizes


def test_origin_shapes_the_birthplace_as_the_joint_distribution_says() -> None:
    config = PeopleConfig(number=30_000, seed=5)
    sources = read_sources()
    joint = joint_distribution(sources, config)
    assert math.isclose(joint.sum(), 1)
    london = sources.gazetteer.index("London")
    assert math.isclose(joint[:, london].sum(), 0.05)
    drawn = Counter((p.origin, p.birthplace.code) for p in generate.generate(config).people)
    codes = np.array([place.code for place in sources.gazetteer.places])
    for row, origin in enumerate(sources.origins):
        expected = joint[row, codes == origin.countries[0]].sum() * config.number
        observed = drawn[origin.locale, origin.countries[0]]
        assert abs(observed - expected) < 5 * math.sqrt(expected), origin


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"number": 3}, "at least 10"),
        ({"seed": -1}, "seed"),
        ({"biographies_per_person": 11}, "from 1 to 10"),
        ({"home_share": 1.5}, "home_share"),
    ],
)
def test_bad_configuration_is_a_user_error(options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        PeopleConfig(**options)  # type: ignore[arg-type]
