"""Every notebook is saved complete: run from top to bottom, small, readable without a kernel.

nbval compares outputs, but passes cells that were never run, pictures and widgets unseen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 1_000_000
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def problems(path: Path) -> list[str]:
    """Return what is incomplete in the notebook at `path`, one line for each."""
    notebook = nbformat.read(path, as_version=4)
    found = [*title_problems(notebook), *count_problems(notebook), *import_problems(notebook)]
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            found += [f"cell {number}: {text}" for text in output_problems(cell)]
            found += [f"cell {number}: {text}" for text in widget_problems(cell, notebook)]
    if path.stat().st_size >= MOST_BYTES:
        found.append(f"{path.stat().st_size} bytes; the bound is {MOST_BYTES}")
    return found


def title_problems(notebook: NotebookNode) -> Iterator[str]:
    """A notebook begins with a markdown cell whose first line is a title."""
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell is no markdown cell that begins with a title"


def count_problems(notebook: NotebookNode) -> Iterator[str]:
    """The execution counts are 1, 2, ..., n: run once, in order, in a fresh kernel."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"


def import_problems(notebook: NotebookNode) -> Iterator[str]:
    """The first cell that imports takes at most six names from at most four places."""
    for cell in notebook.cells:
        lines = [line for line in cell.source.splitlines() if re.match("(import|from) ", line)]
        if cell.cell_type == "code" and lines:
            found = [each for each in ast.parse(cell.source).body if hasattr(each, "names")]
            names = [alias.name for each in found for alias in each.names]
            places = {getattr(each, "module", alias.name) for each in found for alias in each.names}
            if len(names) > 6 or len(places) > 4:
                yield f"the first imports: {len(names)} names from {len(places)} places"
            return


def output_problems(cell: NotebookNode) -> Iterator[str]:
    """No errors, nothing on stderr, and alt text on each picture."""
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags(cell):
            yield f"raised {output.ename}"
        if output.get("name") == "stderr":
            yield "wrote to stderr"
        for kind in PICTURES:
            if kind in output.get("data", {}) and not alt_text(cell, output, kind):
                yield f"{kind} without alt text"


def widget_problems(cell: NotebookNode, notebook: NotebookNode) -> Iterator[str]:
    """The saved state of every widget that is shown stands in the notebook's metadata."""
    saved = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for output in cell.outputs:
        view = output.get("data", {}).get(WIDGET_VIEW)
        if view is not None and view["model_id"] not in saved:
            yield f"the state of widget {view['model_id']} is not saved"


def tags(cell: NotebookNode) -> list[str]:
    """Return the cell's tags."""
    return list(cell.metadata.get("tags", []))


def alt_text(cell: NotebookNode, output: NotebookNode, kind: str) -> str:
    """Return a picture's alt text from the places where nbconvert looks for it."""
    by_kind = output.metadata.get(kind, {})
    return by_kind.get("alt") or output.metadata.get("alt") or cell.metadata.get("alt") or ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_complete(path: Path) -> None:
    assert problems(path) == []


def picture(alt: str | None = "A bar of height one.") -> NotebookNode:
    """Return the output of a cell that draws."""
    metadata = {} if alt is None else {"image/png": {"alt": alt}}
    return new_output("display_data", data={"image/png": "iVBORw0="}, metadata=metadata)


def view(model: str) -> NotebookNode:
    """Return the output of a cell that shows the widget `model`."""
    return new_output("display_data", data={WIDGET_VIEW: {"model_id": model}})


def code(count: int | None, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    """Return a code cell as saved after its run."""
    cell = new_code_cell("x = 1", execution_count=count, outputs=list(outputs))
    cell.metadata.update(metadata)
    return cell


def complete() -> NotebookNode:
    """Return a small notebook with nothing wrong."""
    raised = new_output("error", ename="ValueError", evalue="", traceback=[])
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# A title"),
            code(1, picture(), view("m1")),
            new_markdown_cell("Words."),
            code(2, new_output("stream", name="stdout", text="1\n")),
            code(3, raised, tags=["raises-exception"]),
            code(4, picture(alt=None), alt="Told in the cell's metadata."),
        ]
    )
    notebook.metadata["widgets"] = {WIDGET_STATE: {"state": {"m1": {}}}}
    return notebook


def saved(notebook: NotebookNode, folder: Path) -> Path:
    """Write the notebook into `folder` and return its path."""
    path = folder / "notebook.ipynb"
    nbformat.write(notebook, path)
    return path


def test_complete_notebook_passes(tmp_path: Path) -> None:
    assert problems(saved(complete(), tmp_path)) == []


BREAKS: dict[str, tuple[Callable[[NotebookNode], Any], str]] = {
    "no cells": (lambda book: book.update(cells=[]), "title"),
    "no title": (lambda book: book.cells[0].update(source="A title"), "title"),
    "code first": (lambda book: book.cells.pop(0), "title"),
    "never run": (lambda book: book.cells[-1].update(execution_count=None), "[1, 2, 3, None]"),
    "run twice": (lambda book: book.cells[-1].update(execution_count=5), "[1, 2, 3, 5]"),
    "out of order": (lambda book: book.cells.reverse(), "[4, 3, 2, 1]"),
    "stderr": (lambda book: book.cells[3].outputs[0].update(name="stderr"), "stderr"),
    "error": (lambda book: book.cells[4].metadata.pop("tags"), "raised ValueError"),
    "no alt text": (lambda book: book.cells[5].metadata.pop("alt"), "without alt text"),
    "lost widget": (lambda book: book.cells[1].outputs.append(view("m2")), "widget m2"),
    "no widgets": (lambda book: book.metadata.pop("widgets"), "widget m1"),
    "many imports": (
        lambda book: book.cells[1].update(source="from os import a, b, c, d, e, f, g"),
        "7 names from 1 places",
    ),
    "many places": (
        lambda book: book.cells[1].update(source="import a, b\nfrom c import d\nimport e, f"),
        "5 names from 5 places",
    ),
    "too big": (lambda book: book.cells[2].update(source="x" * MOST_BYTES), "bytes"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_broken_notebook_is_caught(tmp_path: Path, name: str) -> None:
    notebook = complete()
    break_it, complaint = BREAKS[name]
    break_it(notebook)
    assert any(complaint in text for text in problems(saved(notebook, tmp_path)))
