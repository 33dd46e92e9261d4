"""What the workbook's tools ask of a notebook's cells: tags, markers and places."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from nlp4.support.errors import UserError
from nlp4.support.files import write_text

TRAIN = "train"  # a cell that trains for minutes
EXERCISE = "exercise"  # a cell in which the learner writes a function
SOLUTION = "solution"  # a markdown cell with a worked solution
LINKS = "links"  # a cell that opens the notebook elsewhere, or is for there


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook in the current format.

    Raises UserError if the file is missing or holds no notebook.
    """
    try:
        # Not nbformat.reads, which complains on stderr of trifles such as a missing id.
        text = path.read_text("utf-8")
        given = json.loads(text)
        if "cells" in given and given.get("nbformat") != 4:  # nbformat would lose the cells
            raise ValueError('it does not name the notebook format of its cells: add "nbformat": 4')
        notebook = nbformat.convert(nbformat.reader.reads(text), 4)
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or not isinstance(cell.metadata, dict):
                raise ValueError("a cell has no source or no metadata")
        notebook.setdefault("metadata", NotebookNode())
        return notebook
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): check its name") from None
    except UnicodeDecodeError:  # JupyterLab refuses to open it, too
        raise UserError(f"{path} is no notebook (it is not UTF-8): convert it to UTF-8") from None
    except Exception as error:  # nbformat and json name it in many ways
        why = str(error).partition("\n")[0]
        raise UserError(f"{path} is no notebook ({why}): save it in JupyterLab again") from None


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    found = cell.metadata.get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def place(notebook: str, number: int, line: int | None = None) -> str:
    """Name a cell, counted from 0 as in the file, and a line in it, counted from 1."""
    where = f"{notebook}, cell {number + 1}"
    return where if line is None else f"{where}, line {line}"


def instead_of_training(cell: NotebookNode) -> str | None:
    """The code that loads what a cell tagged `train` would train; None if it has none."""
    own = cell.metadata.get("nlp4")
    code = own.get("instead") if isinstance(own, dict) else None
    return code if isinstance(code, str) else None


def to_run(cell: NotebookNode) -> str:
    """The code of a cell; of one that trains, what is run in its place, be it nothing."""
    return (instead_of_training(cell) or "") if TRAIN in tags(cell) else str(cell.source)


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
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(lines) and all(
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Call)
        and isinstance(line.value.func, ast.Name)
        and line.value.func.id == "check"
        for line in lines
    )


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_LIKE_A_MARKER = re.compile(r"#+\s*(BEGIN|END)\s+SOLUTION", re.IGNORECASE)
_COMMENT, _RAISE = "# your code here", "raise NotImplementedError"


@dataclass(frozen=True)
class Copied:
    """What became of one copy; one is kept where it differs from a fresh one."""

    path: Path
    outcome: Literal["written", "unchanged", "kept"]

    def line(self) -> str:
        """What to tell whoever asked for the copy."""
        if self.outcome == "kept":
            return (
                f"kept: {self.path} differs from a fresh copy, so your work may be in it; "
                "--force replaces it"
            )
        return f"{self.outcome}: {self.path}"


def write_student_copies(
    source_folder: Path, target: Path, *, keep_worked: bool = False, force: bool = False
) -> list[Copied]:
    """Write the learner's copy of each notebook in `source_folder` into `target`.

    A file that is there and differs is the learner's work: it is kept, unless `force`. Nothing is
    written if any notebook is refused. Raises UserError for a folder without notebooks, for a
    target that is the source, and for what `student_copy` refuses.
    """
    paths = notebooks_to_copy(source_folder, target)
    texts = {target / path.name: _copied_text(path, keep_worked) for path in paths}
    return [write_copy(path, text, force=force) for path, text in texts.items()]


def notebooks_to_copy(source_folder: Path, target: Path) -> list[Path]:
    """The notebooks in `source_folder`, in their order.

    Raises UserError for a folder without notebooks, and for a `target` that is the source.
    """
    paths = sorted(source_folder.glob("*.ipynb"))
    if not paths:
        raise UserError(f"{source_folder} holds no notebooks: clone the whole workbook again")
    if target.resolve() == source_folder.resolve():
        raise UserError(f"{target} holds the notebooks themselves: choose another folder")
    return paths


def _copied_text(path: Path, keep_worked: bool) -> str:
    return text_of_copy(
        student_copy(read_notebook(path), path.name, keep_worked=keep_worked), path.stem
    )


def text_of_copy(notebook: NotebookNode, stem: str) -> str:
    """The file of a copy of the notebook called `stem`, which is noted in its metadata."""
    # A copy is handed in under any name; the grader must know which notebook it was.
    notebook.metadata.setdefault("nlp4", NotebookNode()).setdefault("notebook", stem)
    return nbformat.writes(notebook) + "\n"


def write_copy(path: Path, text: str, *, force: bool = False) -> Copied:
    """Write `text` to `path`; a file that is there and differs is kept, unless `force`.

    Raises UserError if it can be neither read nor written there.
    """
    try:
        old = path.read_bytes()
    except FileNotFoundError:
        old = None
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): choose another folder") from None
    if old is not None and old.replace(b"\r\n", b"\n") == text.encode():
        return Copied(path, "unchanged")
    if old is not None and not force:
        return Copied(path, "kept")
    write_text(path, text)
    return Copied(path, "written")


def student_copy(
    notebook: NotebookNode,
    name: str = "notebook",
    *,
    keep_worked: bool = False,
    keep_solutions: bool = False,
) -> NotebookNode:
    """A copy without solutions, outputs, execution counts and the state of widgets.

    Code between `### BEGIN SOLUTION` and `### END SOLUTION` becomes `raise NotImplementedError`,
    unless `keep_solutions`. Cells tagged `solution` go too, unless `keep_worked`. Raises UserError
    that names the notebook `name`, the cell and the line for markers that are unpaired, nested,
    misspelt or outside a function, be the solutions kept or not.
    """
    result = copy.deepcopy(notebook)
    result.metadata.pop("widgets", None)
    for number, cell in enumerate(result.cells):
        where = place(name, number)
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            blank = without_solutions(cell.source, where)
            cell.source = cell.source if keep_solutions else blank
            cell.outputs, cell.execution_count = [], None
        elif SOLUTION not in tags(cell):
            _refuse_markers_in_text(cell.source, where)
    if not keep_worked:
        result.cells = [cell for cell in result.cells if SOLUTION not in tags(cell)]
    return result


def _refuse_markers_in_text(source: str, where: str) -> None:
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip() in (BEGIN, END):
            raise UserError(
                f"{where}, line {number}: `{line.strip()}` stands in a text, not in code"
            )


def without_solutions(source: str, where: str) -> str:
    """Replace each marked solution in the code of one cell, at the same indentation.

    Raises UserError that begins with `where` and names the line, as `student_copy` says.
    """
    lines = source.splitlines()
    pairs = list(_pairs(lines, where))
    if not pairs:
        return source
    _refuse_outside_functions(source, lines, pairs, where)
    for begin, end in reversed(pairs):
        first = next(line for line in lines[begin + 1 : end] if _is_code(line))
        indent = first[: len(first) - len(first.lstrip())]
        comment = [] if begin and lines[begin - 1].strip() == _COMMENT else [indent + _COMMENT]
        lines[begin : end + 1] = [*comment, indent + _RAISE]
    result = "\n".join(lines)
    _parsed(result, f"{where}: without its solution the cell")
    return result


def _pairs(lines: list[str], where: str) -> Iterator[tuple[int, int]]:
    """The indices of the lines that begin and end a solution."""
    begin: int | None = None
    for number, line in enumerate(lines):
        at = f"{where}, line {number + 1}"
        text = line.strip()
        if _LIKE_A_MARKER.search(line) and text not in (BEGIN, END):
            raise UserError(f"{at}: a marker stands alone, as `{BEGIN}` or `{END}`")
        if text == BEGIN and begin is not None:
            raise UserError(f"{at}: `{BEGIN}` again, before the `{END}` of line {begin + 1}")
        if text == END and begin is None:
            raise UserError(f"{at}: `{END}` without a `{BEGIN}` before it")
        if text == BEGIN:
            begin = number
        elif text == END and begin is not None:
            if not any(_is_code(between) for between in lines[begin + 1 : number]):
                raise UserError(f"{at}: there is no code between the markers: write the solution")
            yield begin, number
            begin = None
    if begin is not None:
        raise UserError(f"{where}, line {begin + 1}: `{BEGIN}` without an `{END}` after it")


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _parsed(source: str, what: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise UserError(
            f"{what} is no Python ({error.msg}, line {error.lineno}): mend it"
        ) from None


def _refuse_outside_functions(
    source: str, lines: list[str], pairs: list[tuple[int, int]], where: str
) -> None:
    tree = _parsed(source, f"{where}: the cell")
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [
        range(node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]
    for begin, end in pairs:
        code = [i for i in range(begin + 1, end) if _is_code(lines[i])]
        # Line i has the number i + 1, and a body begins after its `def`: i must be in the range.
        if not any(begin in body and code[-1] in body for body in bodies):
            raise UserError(
                f"{where}, line {begin + 1}: the markers stand outside a function: put them "
                "inside one, so that the copy runs to its end"
            )
