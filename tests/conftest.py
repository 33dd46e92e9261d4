"""What all tests share: how nbval runs a notebook's cells, the tiny corpus and a model of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stored
import stored_beliefs
import tiny
import torch
from nbval_cells import pytest_configure  # noqa: F401

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.models.gpt import GPT
from nlp4.support import records
from nlp4.training import presets, shipped

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C counts in the tests, and in the processes that they start.

    A shell script starts what it puts in the background with SIGINT ignored, and children inherit
    that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Sums of many threads differ in their last bits from sums of one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny_preset(one_thread: None) -> Iterator[None]:
    """The only preset is the tiny one, which trains in a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presets, "PRESETS", {"tiny": tiny.preset()})
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The twelve people of `tiny`."""
    torch.set_num_threads(1)
    return load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))


@pytest.fixture(scope="module")
def long_corpus(corpus: Corpus) -> Corpus:
    """The tiny people, each with a text of double length, so that 256 characters are held out."""
    return replace(corpus, biographies=tuple(f"{text} {text}" for text in corpus.biographies))


@pytest.fixture(scope="module")
def model(corpus: Corpus) -> tuple[GPT, Vocabulary]:
    """Three layers, untrained, with a memory that is not empty."""
    vocabulary = presets.vocabulary_of(corpus)
    recipe = tiny.preset()
    made = replace(recipe, model=replace(recipe.model, layers=3)).new_model(vocabulary, seed=0)
    assert made.memory is not None
    torch.nn.init.normal_(made.memory.table.weight, generator=torch.Generator().manual_seed(1))
    return made, vocabulary


@pytest.fixture
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `data` in which no results have come along."""
    monkeypatch.setattr(records, "data_folder", lambda: tmp_path / "data")
    (tmp_path / "data" / "results").mkdir(parents=True)
    return tmp_path / "data" / "results"


@pytest.fixture
def files(no_files: Path) -> None:
    """Hand-made results in place of those that come along."""
    stored.write_speed(no_files / "attention.json")
    stored.write_accuracy(no_files / "compare.json")
    stored_beliefs.write_facts(no_files / "facts_or_language.json")
    stored_beliefs.write_readings(no_files / "readings.json")


@pytest.fixture(scope="module")
def embedded() -> Corpus:
    """The fictional people that come along, all of them."""
    return load_corpus()


@pytest.fixture(scope="module")
def asked() -> tuple[GPT, Vocabulary]:
    """The model that comes along which has rows for people; to be left as it is."""
    return shipped.load("people_asked")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Make an environment that holds what pip is told; return the folder of its programs."""

    def made(*words: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        programs = folder / ("Scripts" if os.name == "nt" else "bin")
        command = [str(programs / "python"), "-m", "pip", "install", "-q", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if "No matching distribution" in done.stderr or "ConnectionError" in done.stderr:
            pytest.skip(f"pip finds no index: {done.stderr[-200:]}")
        assert done.returncode == 0, done.stderr[-2000:]
        return programs

    return made
