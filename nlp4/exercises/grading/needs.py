"""Which cells of a learner's notebook have to run, so that the exercises in it can be judged."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from nlp4.exercises.student import only_checks, read_notebook, student_copy, to_run
from nlp4.support.errors import UserError
from nlp4.support.files import notebooks_folder


@cache
def own_sources(stem: str) -> frozenset[str]:
    """The code that stands in learners' copies of one of the workbook's notebooks.

    Empty where that notebook is not there: then every cell counts as the learner's.
    """
    with suppress(UserError):
        copied = student_copy(read_notebook(notebooks_folder() / f"{stem}.ipynb"))
        cells = [each for each in copied.cells if each.cell_type == "code"]
        return frozenset(to_run(each) for each in cells if not only_checks(each))
    return frozenset()


Place = tuple[int, int]  # a cell, and a part of it


@dataclass(frozen=True)
class _Names:
    """The global names that code defines, those it uses, and those its functions use later."""

    defined: frozenset[str]
    functions: frozenset[str]  # that are defined by `def`
    used: frozenset[str]
    used_later: frozenset[str]


def needed(
    sources: Mapping[int, str], own: Collection[str], asked: Collection[str]
) -> dict[int, str]:
    """What has to run of `sources`, the code of each cell by its number.

    A cell that the learner wrote or changed always does, and so does one that defines a function
    in `asked`. One of the workbook's own, `own`, shows something: it is left out unless what is
    needed uses a name that it defines. The same holds for each name that such a cell imports:
    torch and matplotlib take seconds.
    """
    parts: dict[Place, str] = {}
    for number, source in sources.items():
        split = _parts(source) if source in own else [source]
        parts |= {(number, at): part for at, part in enumerate(split)}
    known = {place: _names(part) for place, part in parts.items()}
    found = {place for place in parts if sources[place[0]] not in own}
    found |= {at for at, names in known.items() if names is None or names.functions & {*asked}}
    while more := {each for place in found for each in _used_by(place, known)} - found:
        found |= more
    kept: dict[int, list[str]] = {}
    for place in sorted(found):
        kept.setdefault(place[0], []).append(parts[place])
    return {number: "\n".join(texts) for number, texts in kept.items()}


def _parts(source: str) -> list[str]:
    """Code in parts: an import for each name that it imports, then the rest."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [source]
    imports = [each for each in body if isinstance(each, (ast.Import, ast.ImportFrom))]
    rest = [each for each in body if each not in imports]
    if {each.lineno for each in rest} & {each.end_lineno for each in imports}:
        return [source]  # a line holds an import and more
    taken = {n for each in imports for n in range(each.lineno, (each.end_lineno or 0) + 1)}
    left = [line for n, line in enumerate(source.splitlines(), 1) if n not in taken]
    return [*(text for each in imports for text in _imports(each)), "\n".join(left)]


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for name in statement.names:
        if isinstance(statement, ast.Import):
            yield ast.unparse(ast.Import([name]))
        else:
            yield ast.unparse(ast.ImportFrom(statement.module, [name], statement.level))


def _used_by(number: Place, known: Mapping[Place, _Names | None]) -> Iterator[Place]:
    """The parts whose names a part uses: the last before it, for its functions all there are."""
    names = known[number]
    defining = {n: other.defined for n, other in known.items() if other is not None}
    if names is None:  # nobody knows what it uses
        yield from (n for n in defining if n < number)
        return
    yield from (n for n, defined in defining.items() if defined & names.used_later)
    for name in names.used:
        before = [n for n, defined in defining.items() if n < number and name in defined]
        yield from before[-1:]


def _names(source: str) -> _Names | None:
    """The names in code; None for code with magics."""
    try:
        whole = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if "import *" in source:
        return None
    top = whole.get_symbols()
    return _Names(
        frozenset(each.get_name() for each in top if each.is_assigned() or each.is_imported()),
        frozenset(each.get_name() for each in top if each.is_namespace()),
        frozenset(each.get_name() for each in top if each.is_referenced()),
        frozenset(_used_within(whole)),
    )


def _used_within(table: symtable.SymbolTable) -> Iterator[str]:
    for inner in table.get_children():
        yield from (each.get_name() for each in inner.get_symbols() if each.is_global())
        yield from _used_within(inner)
