"""Figures in prose that are marked, `44.1%<!--facts.right-->`, are those of the stored results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from nlp4.experiments.comparison import read_accuracy
from nlp4.experiments.facts import read_facts
from nlp4.experiments.ladder import read_rungs
from nlp4.training import shipped
from nlp4.training.presets import preset

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "README.md"]
MARKED = re.compile(r"(\S+?)<!--([\w.+-]+)-->")


def figures() -> Iterator[tuple[str, str]]:
    """The name of each stored figure, and how prose writes it."""
    for course in ("ladder", "ablations"):
        for rung in read_rungs(course):
            yield f"{course}.{rung.name}", str(rung.score.right)
            for asked, share in rung.shares.items():
                yield f"{course}.{rung.name}.{asked}", f"{share.value:.1%}"
    facts = read_facts()
    for text in facts.texts:
        shares = [run.share.value for run in facts.of(text)]
        yield f"facts.{text}", f"{facts.mean(text):.1%}"
        yield f"facts.{text}.lowest", f"{min(shares):.1%}"
        yield f"facts.{text}.highest", f"{max(shares):.1%}"
    for name in shipped.MODELS:
        yield f"model.{name}", str(shipped.facts(name)["dev"]["right"])
    for name in ("lunch", "coffee", "laptop", "pocket", "plain"):
        yield f"steps.{name}", f"{preset(name).pretrain.training.steps:,}"
    yield from recall()


def recall() -> Iterator[tuple[str, str]]:
    """Accuracy on recall after equal steps, mean of the seeds."""
    accuracy = read_accuracy()
    for variant in accuracy.variants("recall"):
        yield f"recall.{variant}", f"{accuracy.spread('recall', variant, 'steps').mean:.1%}"


FIGURES = dict(figures())


def marks(path: Path) -> list[tuple[str, str]]:
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return MARKED.findall(text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_marked_figure_is_the_stored_one(path: Path) -> None:
    for told, name in marks(path):
        assert name in FIGURES, f"no stored figure is called {name}"
        assert told.lstrip("(*") == FIGURES[name], name


def test_figures_that_stand_in_two_places_are_marked() -> None:
    assert sum(len(marks(path)) for path in PAGES) >= 20


def test_a_mark_is_found_behind_its_figure() -> None:
    text = "from 4<!--ladder.muon--> to **76<!--ladder.salient-->** and 44.1%<!--facts.right-->."
    found = [("4", "ladder.muon"), ("**76", "ladder.salient"), ("44.1%", "facts.right")]
    assert MARKED.findall(text) == found
