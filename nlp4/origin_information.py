"""How many bits the origin of a name tells about the birthplace.

Mutual information, exactly for the distribution that people are drawn from, and estimated from
people with the two usual corrections of its bias: Miller (1955) and a permutation baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp4.people_sampling import PeopleConfig, joint_distribution, read_sources
from nlp4.person import Person


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
