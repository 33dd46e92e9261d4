"""Which cells of a learner's notebook have to run, so that the exercises in it can be judged."""

from __future__ import annotations

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


@dataclass(frozen=True)
class _Names:
    """The global names that a cell defines, those it uses, and those its functions use later."""

    defined: frozenset[str]
    used: frozenset[str]
    used_later: frozenset[str]


def needed(sources: Mapping[int, str], own: Collection[str], asked: Collection[str]) -> set[int]:
    """The numbers of the cells that are needed, of `sources`, the code of each by its number.

    A cell that the learner wrote or changed always is, and so is one that defines a name in
    `asked`. One of the workbook's own, `own`, shows something: it is left out unless a cell that
    is needed uses a name that it defines.
    """
    known = {number: _names(source) for number, source in sources.items()}
    found = {number for number, source in sources.items() if source not in own}
    found |= {n for n, names in known.items() if names is None or names.defined & {*asked}}
    while more := {each for number in found for each in _used_by(number, known)} - found:
        found |= more
    return found


def _used_by(number: int, known: Mapping[int, _Names | None]) -> Iterator[int]:
    """The cells whose names a cell uses: the last before it, for its functions all there are."""
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
        frozenset(each.get_name() for each in top if each.is_referenced()),
        frozenset(_used_within(whole)),
    )


def _used_within(table: symtable.SymbolTable) -> Iterator[str]:
    for inner in table.get_children():
        yield from (each.get_name() for each in inner.get_symbols() if each.is_global())
        yield from _used_within(inner)
