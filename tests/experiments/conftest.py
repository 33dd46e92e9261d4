"""Fixtures that several experiments share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import tiny
import torch

from nlp4.data.corpus import Corpus, load_corpus


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Sums of many threads differ in their last bits from sums of one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The tiny people, each with a text of double length, so that 256 characters are held out."""
    found = load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))
    return replace(found, biographies=tuple(f"{text} {text}" for text in found.biographies))
