"""What several tests share: a small made-up corpus, a small random model, hypothesis settings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import torch
from hypothesis import settings

from nlp4.data.corpus import BIOGRAPHIES, DEV, TEST, TRAIN
from nlp4.models.gpt import GPT, ModelConfig

# The same examples in every run: a test that is green stays green until the code changes.
quick = settings(max_examples=60, deadline=None, derandomize=True)

_GIVEN = ("Ada", "Bruno", "Chloé", "Dmitri", "Élise", "Farid")
_FAMILY = ("Okafor", "O'Brien", "van Dijk", "Quist-Hale", "Žák")
_PLACES = ("London", "Paris", "New York", "Port of Spain", "Leeds", "Kraków", "Saint-Denis")
_WORK = ("a painter", "an engineer", "a goalkeeper", "a pianist")
TRAIN_SIZE, DEV_SIZE = 20, 6


@dataclass(frozen=True)
class Person:
    """A made-up person and what is written about them."""

    name: str
    place: str
    biography: str


def people() -> list[Person]:
    """Thirty people, the same ones every time; each biography holds the place of birth."""
    return [_person(i, given, family) for i, (given, family) in enumerate(product(_GIVEN, _FAMILY))]


def _person(i: int, given: str, family: str) -> Person:
    name = f"{given} {'ABC'[i % 3]}. {family}" if i % 4 == 0 else f"{given} {family}"
    place, seat = _PLACES[i % len(_PLACES)], _PLACES[(3 * i + 1) % len(_PLACES)]
    facts = f"(born {1 + i % 28} March {1900 + i} in {place}) is {_WORK[i % 4]}"
    return Person(name, place, f"{name}. {name} {facts} who later moved to {seat} with Tom Ray .")


def write_corpus(folder: Path) -> Path:
    """Write the four files of a corpus: 20 people to train on, 6 for dev, 4 for test."""
    folder.mkdir(parents=True, exist_ok=True)
    everyone = people()
    asked = [f"Where was {p.name} born?" for p in everyone]
    pairs = [f"{question}\t{p.place}" for question, p in zip(asked, everyone, strict=True)]
    held = TRAIN_SIZE + DEV_SIZE
    files = {
        BIOGRAPHIES: [p.biography for p in everyone],
        TRAIN: pairs[:TRAIN_SIZE],
        DEV: pairs[TRAIN_SIZE:held],
        TEST: asked[held:],
    }
    for name, lines in files.items():
        (folder / name).write_bytes(("\n".join(lines) + "\n").encode())
    return folder


def random_gpt(config: ModelConfig, seed: int = 0, spread: float = 0.3) -> GPT:
    """A model whose every number is random, biases, norms and memory too, in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    model = GPT(config, generator).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0.0, spread, generator=generator)
    return model
