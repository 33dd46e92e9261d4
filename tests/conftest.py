"""What all tests share: how nbval runs a notebook's cells, the tiny corpus and a model of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny
import torch
from nbval_cells import pytest_configure  # noqa: F401

from nlp4 import presets
from nlp4.corpus import Corpus, load_corpus
from nlp4.model import GPT
from nlp4.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The twelve people of `tiny`."""
    torch.set_num_threads(1)
    return load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))


@pytest.fixture(scope="module")
def model(corpus: Corpus) -> tuple[GPT, Vocabulary]:
    """Three layers, untrained, with a memory that is not empty."""
    vocabulary = presets.vocabulary_of(corpus)
    recipe = tiny.preset()
    made = replace(recipe, model=replace(recipe.model, layers=3)).new_model(vocabulary, seed=0)
    assert made.memory is not None
    torch.nn.init.normal_(made.memory.table.weight, generator=torch.Generator().manual_seed(1))
    return made, vocabulary
