"""What all tests share: how nbval runs a notebook's cells, the tiny corpus and a model of it."""

from __future__ import annotations

import ast
import itertools
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pytest
import stored
import stored_beliefs
import tiny
import torch
from filelock import FileLock
from nbval_cells import pytest_configure  # noqa: F401

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.models.gpt import GPT
from nlp4.pictures import gallery, live
from nlp4.support import records
from nlp4.training import presets, shipped

ROOT = Path(__file__).resolve().parents[1]
Make = Callable[[Path], Any]


# The files that take minutes, the longest first: begun last, one would be waited for alone.
LONGEST = (
    "tests/browser/test_site.py",
    "notebooks/03_pretraining_and_knowledge.ipynb",
    "tests/test_hostile.py",
    "tests/browser/test_site_hands.py",
    "tests/browser/test_explorers.py",
    "notebooks/06_inside_the_model.ipynb",
    "tests/exercises/test_nbgrader.py",
    "tests/test_notebooks_graded.py",
    "tests/test_reach.py",
    "notebooks/02_build_the_transformer.ipynb",
    "notebooks/05_what_the_model_believes.ipynb",
    "notebooks/04_linformer_and_bigbird.ipynb",
    "tests/experiments/test_copying_heads.py",
    "tests/test_site.py",
    "tests/test_wheel.py",
    "tests/test_answers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take minutes before all others; each keeps its order within."""
    order = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


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
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Make something once for all processes of this run; return its path, to be left as it is."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)

    def made(name: str, make: Make) -> Path:
        path = folder / name
        with FileLock(f"{path}.lock"):
            if not path.exists():
                make(folder / f"{name}.new")
                (folder / f"{name}.new").rename(path)
        return path

    return made


@pytest.fixture(scope="session", autouse=True)
def given_once(made_once: Callable[[str, Make], Path]) -> Iterator[None]:
    """What the gallery's explorers are given is worked out by one process, and read by the others.

    It takes most of a minute, and each process needs it.
    """

    def once(given: Callable[[], Any]) -> Callable[[], Any]:
        @cache
        @wraps(given)
        def read() -> Any:
            path = made_once(given.__name__, lambda new: new.write_bytes(pickle.dumps(given())))
            return pickle.loads(path.read_bytes())

        return read

    with pytest.MonkeyPatch.context() as patch:
        for each in {shown.given for shown in gallery.EXPLORERS.values()}:
            if hasattr(each, "cache_info"):
                read = once(each)
                patch.setattr(gallery, each.__name__, read)
                for name, shown in gallery.EXPLORERS.items():
                    if shown.given is each:
                        for kept in (gallery.EXPLORERS, live.LIVE):
                            if name in kept:
                                patch.setitem(kept, name, replace(shown, given=read))
        yield


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Make an environment that holds what uv is told; return the folder of its programs.

    uv is told in pip's words, and does in seconds what takes pip minutes.
    """
    options, env = as_pip()

    def made(*words: str) -> Path:
        folder = tmp_path_factory.mktemp("environment") / "venv"
        programs = folder / ("Scripts" if os.name == "nt" else "bin")
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "-p", sys.executable, str(folder)], env=env, check=True)
        command = [
            *uv,
            "pip",
            "install",
            "-q",
            "--compile",
            "-p",
            str(programs / "python"),
            *options,
            *words,
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        if "Failed to fetch" in done.stderr or "not found in the package reg" in done.stderr:
            pytest.skip(f"uv finds no index: {done.stderr[-200:]}")
        assert done.returncode == 0, done.stderr[-2000:]
        return programs

    return made


def as_pip() -> tuple[list[str], dict[str, str]]:
    """Options and variables with which uv looks for packages where pip does on this machine."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.partition("=") for line in told.splitlines()]
    # Variables stand before what is read from files, and count more.
    known = {key.rpartition(".")[2]: ast.literal_eval(value) for key, _, value in lines[::-1]}
    names = {
        "index-url": "--default-index",
        "extra-index-url": "--index",
        "find-links": "--find-links",
        "constraint": "-c",
    }
    words = [[to, each] for key, to in names.items() for each in known.get(key, "").split()]
    env = {"UV_HTTP_TIMEOUT": known.get("default-timeout", "60"), **os.environ}
    if "cert" in known:
        env.setdefault("SSL_CERT_FILE", known["cert"])
    return [*itertools.chain(*words), "--index-strategy", "unsafe-best-match"], env
