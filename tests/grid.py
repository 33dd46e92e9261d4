"""A corpus in which every first name meets every surname: half asked in training, half kept."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from nlp4.data.corpus import Corpus, Question

FIRSTS = ("Ada", "Bruno", "Chloé", "Dmitri", "Élise", "Farid", "Greta", "Hugo")
SURNAMES = ("Okafor", "Brien", "Dijk", "Quist", "Žák", "Marsh", "Silva", "Tanaka")
PLACES = ("London", "Paris", "Leeds", "Kraków", "Bath", "Oslo", "Hull", "Rome")


def asked(name: str, place: str) -> Question:
    return Question(f"Where was {name} born?", place)


def people() -> Corpus:
    """First name i and surname j: training people where i + j is even, dev people otherwise.

    All training people of one first name are born in one place; the dev people anywhere.
    """
    pairs = list(product(range(8), range(8)))
    train = [(FIRSTS[i], SURNAMES[j], PLACES[i]) for i, j in pairs if not (i + j) % 2]
    dev = [(FIRSTS[i], SURNAMES[j], PLACES[(3 * i + j) % 8]) for i, j in pairs if (i + j) % 2]
    return Corpus(
        Path("nowhere"),
        tuple(f"{a} {b}. Text ." for a, b, _ in train + dev),
        tuple(asked(f"{a} {b}", place) for a, b, place in train),
        tuple(asked(f"{a} {b}", place) for a, b, place in dev),
        (),
    )


CORPUS = people()
