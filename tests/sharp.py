"""Small models with strong preferences, and questions for them in an alphabet of five."""

from __future__ import annotations

from samples import random_gpt

from nlp4.data.vocabulary import Vocabulary
from nlp4.models.gpt import GPT, ModelConfig

VOCABULARY = Vocabulary.of(["ab?"])
SEEDS = (1, 4, 5, 6, 7)  # models that close some answers early, some late and some never
QUESTIONS = ["a?", "b?", "ab?", "ba?", "aa?", "bb?", "a?", "abab?", "aabb?", "bbbb?", "?"]


def sharp_model(seed: int, block: int = 24) -> GPT:
    """A model of five characters that has strong and uneven preferences, in float64."""
    config = ModelConfig(len(VOCABULARY), block=block, layers=1, heads=2, width=16, dropout=0.0)
    return random_gpt(config, seed, spread=2.0).double()
