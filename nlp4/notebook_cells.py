"""What the workbook's tools ask of a notebook's cells: tags, markers and places."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from nlp4.errors import UserError

TRAIN = "train"  # a cell that trains for minutes
EXERCISE = "exercise"  # a cell in which the learner writes a function
SOLUTION = "solution"  # a markdown cell with a worked solution


def notebooks_folder() -> Path:
    """The folder of the workbook's notebooks, beside the package.

    Raises UserError if it is not there.
    """
    folder = Path(__file__).resolve().parent.parent / "notebooks"
    if not folder.is_dir():
        raise UserError(f"{folder} is missing: run this from a clone of the whole workbook")
    return folder


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook in the current format.

    Raises UserError if the file is missing or holds no notebook.
    """
    try:
        # Not nbformat.reads, which complains on stderr of trifles such as a missing id.
        notebook = nbformat.convert(nbformat.reader.reads(path.read_text("utf-8")), 4)
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or not isinstance(cell.metadata, dict):
                raise ValueError("a cell has no source or no metadata")
        notebook.setdefault("metadata", NotebookNode())
        return notebook
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): check its name") from None
    except Exception as error:  # nbformat and json name it in many ways
        why = str(error).partition("\n")[0]
        raise UserError(f"{path} is no notebook ({why}): save it in JupyterLab again") from None


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def place(notebook: str, number: int, line: int | None = None) -> str:
    """Name a cell, counted from 0 as in the file, and a line in it, counted from 1."""
    where = f"{notebook}, cell {number + 1}"
    return where if line is None else f"{where}, line {line}"


def instead_of_training(cell: NotebookNode) -> str | None:
    """The code that loads what a cell tagged `train` would train; None if it has none."""
    code = cell.metadata.get("nlp4", {}).get("instead")
    return code if isinstance(code, str) else None


def without_training(notebook: NotebookNode, name: str = "notebook") -> NotebookNode:
    """A copy in which each cell tagged `train` loads a trained model instead.

    The code stands in the cell's metadata, under `nlp4` and `instead`; where it is empty, the
    cell does nothing. Raises UserError that names a cell without any.
    """
    result = copy.deepcopy(notebook)
    for number, cell in enumerate(result.cells):
        if cell.cell_type == "code" and TRAIN in tags(cell):
            code = instead_of_training(cell)
            if code is None:
                raise UserError(
                    f"{place(name, number)} is tagged `train`, and its metadata say nothing of "
                    'what to run instead: add "nlp4": {"instead": "..."}'
                )
            cell.source, cell.outputs, cell.execution_count = code, [], None
    return result


def only_checks(cell: NotebookNode) -> bool:
    """Tell whether a code cell does nothing but call `check`."""
    try:
        lines = ast.parse(cell.source).body
    except (SyntaxError, ValueError):
        return False
    return bool(lines) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id == "check"
        for line in lines
    )
