"""Figures in prose that are marked, `44.1%<!--facts.right-->`, are those of the stored results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nlp4.experiments.capacity import read_capacity
from nlp4.experiments.comparison import read_accuracy
from nlp4.experiments.doses import read_doses
from nlp4.experiments.facts import read_facts
from nlp4.experiments.ladder import read_rungs
from nlp4.experiments.reversal import read_reversal
from nlp4.maths.statistics import Share
from nlp4.pictures.doses import half_of
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
    yield from inside()
    for run in ("coffee-1", "coffee-2"):
        yield from ((f"{name}.{run}", figure) for name, figure in inside(run))
    yield from trained_inside()


SHORT = {
    "the person's row": "person",
    "at the last letter": "last",
    "at the ends of words": "ends",
    "at every letter": "letters",
    "characters and words": "before",
    "layer 1": "after",
    "the first word": "first",
    "the mask": "mask",
    "every weight, one sentence": "sentence",
    "the row, one sentence": "row",
    "the row, in closed form": "closed",
    "somebody else's row": "other",
    "nothing": "nothing",
    "the row set to zero": "zero",
    "the row trained to say unknown": "row",
    "every weight trained to say unknown": "all",
}


def inside(run: str = ".") -> Iterator[tuple[str, str]]:
    """What was found inside the model, or that of a run: counts of answers, and shares of edits."""
    found = {name: stored(f"{run}/{name}") for name in ("swap", "heads", "patch", "edit", "forget")}
    for row in found["swap"]["rows"]:
        name = f"swap.{SHORT[row['rows']]}.{row['relation']}"
        yield name, str(row["along"]["right"])
        yield f"{name}.control", str(row["control"]["right"])
    for row in found["heads"]["rows"]:
        layer, head = row["head"]
        yield f"heads.{layer + 1}.{head + 1}", share(row["copies"])
    sets = {tuple(map(tuple, each["heads"])): each["right"] for each in found["heads"]["sets"]}
    copying = found["heads"]["copying"]
    yield "heads.names", ",".join(f"{layer + 1}.{head + 1}" for layer, head in copying)
    yield "heads.together", str(sets.pop(tuple(map(tuple, found["heads"]["copying"]))))
    yield "heads.worst", str(min(sets.values()))
    yield "heads.middle", str(sorted(sets.values())[len(sets) // 2])
    for row in found["patch"]["rows"]:
        name = f"patch.{SHORT.get(row['part'])}.{SHORT[row['site']]}"
        yield name, str(row["other"]["right"])
        yield f"{name}.control", str(row["control"]["n"] - row["control"]["right"])
    for row in found["edit"]["ways"]:
        for key, value in row["effect"].items():
            yield f"edit.{SHORT[row['way']]}.{key}", share(value)
    for row in found["edit"]["many"]:
        yield f"edit.{SHORT[row['way']]}.{row['number']}", share(row["said"])
        yield f"edit.{SHORT[row['way']]}.{row['number']}.others", share(row["others"])
    for row in found["forget"]["rows"]:
        name = f"forget.{SHORT[row['way']]}"
        for key, value in row.items():
            if isinstance(value, dict):
                yield f"{name}.{key}", share(value)
        yield f"{name}.relearnt", f"{row['relearnt']:.1f}"
        yield f"{name}.learnt", f"{row['learnt']:.1f}"


def trained_inside() -> Iterator[tuple[str, str]]:
    """What was found in models that were trained for it: shares, counts, ranks and bits."""
    for curve in read_doses().curves:
        name = f"doses.{curve.order}"
        yield f"{name}.half", f"{half_of(curve):.1f}"
        for point in curve.points:
            yield f"{name}.{point.dose}.false", f"{point.false.value:.1%}"
            yield f"{name}.{point.dose}.true", f"{point.true.value:.1%}"
            yield f"{name}.{point.dose}.p_false", f"{point.p_false:.1%}"
    rows = [row for row in stored("doses")["rows"] if row["order"] == "mixed"]
    for key in ("context", "another", "sentence"):
        yield f"doses.{key}", str(sum(row[key]["right"] for row in rows))
    for found in read_reversal().directions:
        name = f"reversal.{found.model}.{found.group}"
        for key in ("forward", "question", "other_words", "text", "first"):
            yield f"{name}.{key}", str(getattr(found, key).right)
        yield f"{name}.rank", f"{found.rank:.2f}"
    for known in read_capacity():
        name = f"capacity.{known.shape.name}"
        yield name, f"{known.bits:.1f}"
        yield f"{name}.told", f"{known.told:.1f}"
        yield f"{name}.row", f"{known.per_row:.2f}"
        yield f"{name}.parameters", f"{known.per_parameter:.4f}"


def stored(name: str) -> Any:
    return json.loads((ROOT / "data" / "results" / f"{name}.json").read_text("utf-8"))


def share(found: dict[str, int]) -> str:
    return f"{Share(**found).value:.1%}"


def recall() -> Iterator[tuple[str, str]]:
    """Accuracy on the tasks of recall after equal steps, over the seeds, and the ceiling."""
    accuracy = read_accuracy()
    for task, settings in accuracy.sizes.items():
        for variant in accuracy.variants(task) if settings.pairs else ():
            found, name = accuracy.spread(task, variant, "steps"), f"{task}.{variant}"
            yield name, f"{found.mean:.1%}"
            yield from ((f"{name}.{end}", f"{getattr(found, end):.1%}") for end in ("low", "high"))
            ceilings = [row.ceiling for row in accuracy.of(task, variant, "steps") if row.ceiling]
            if ceilings:
                yield f"{name}.ceiling", f"{sum(ceilings) / len(ceilings):.1%}"
            yield f"{name}.density", f"{accuracy.of(task, variant, 'steps')[0].density:.1%}"


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
