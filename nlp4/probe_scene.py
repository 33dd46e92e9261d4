"""What a probe reads at every stage of a model, as numbers for a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nlp4 import probe
from nlp4.corpus import Corpus
from nlp4.errors import UserError
from nlp4.model import GPT
from nlp4.statistics import Share
from nlp4.vocabulary import Vocabulary


@dataclass(frozen=True)
class Stage:
    """What a probe reads at one place of the question after one layer."""

    where: str
    layer: int  # 0: what enters the first layer
    dev: Share  # people whose questions the model never saw
    control: Share  # the same for a probe fitted to places dealt out at random


@dataclass(frozen=True)
class Probed:
    """A probe at every stage, and what saying the most frequent place scores."""

    stages: tuple[Stage, ...]
    usual: Share
    places: int


def probed(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: probe.Settings | None = None
) -> Probed:
    """Fit a probe and its control at every stage, on training people, and test on dev people.

    As `nlp4.probe.run`, but fitted on all training people, and nothing is written. Raises
    UserError if no place has enough training people.
    """
    settings = settings or probe.Settings()
    places = probe.places_told_apart(corpus.train, settings.least)
    train, dev = ([q for q in part if q.place in places] for part in (corpus.train, corpus.dev))
    if len(places) < 2 or not dev:
        raise UserError(f"{corpus.folder}: too few people of one birthplace to fit a probe")
    index = {place: i for i, place in enumerate(places)}
    classes, true = (torch.tensor([index[q.place or ""] for q in part]) for part in (train, dev))
    dealt = classes[torch.from_numpy(np.random.default_rng(settings.seed).permutation(len(train)))]
    seen, new = (
        probe.features_of(model, vocabulary, [q.name for q in part]) for part in (train, dev)
    )

    def share(features: torch.Tensor, asked: torch.Tensor, labels: torch.Tensor) -> Share:
        fitted = probe.fit(features, labels, len(places), settings)
        return Share(int((fitted(asked.double()) == true).sum()), len(true))

    stages = tuple(
        Stage(
            where,
            layer,
            share(seen[layer, at], new[layer, at], classes),
            share(seen[layer, at], new[layer, at], dealt),
        )
        for at, where in enumerate(probe.PLACES)
        for layer in range(len(seen))
    )
    usual = Share(int((true == classes.mode().values).sum()), len(true))
    return Probed(stages, usual, len(places))
