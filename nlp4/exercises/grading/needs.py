"""Which cells of a learner's notebook have to run, so that the exercises in it can be judged."""

from __future__ import annotations

import symtable
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
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


def needed(sources: Mapping[int, str], own: Collection[str], asked: Collection[str]) -> set[int]:
    """The numbers of the cells that are needed, of `sources`, the code of each by its number.

    A cell that the learner wrote or changed always is, and so is one that defines a name in
    `asked`. One of the workbook's own, `own`, shows something: it is left out unless a cell that
    is needed uses a name that it defines.
    """
    known = {number: _names(source) for number, source in sources.items()}
    found = {number for number, source in sources.items() if source not in own}
    found |= {number for number, names in known.items() if names is None or names[0] & {*asked}}
    while True:
        used = {name for number in found for name in (known[number] or ((), ()))[1]}
        more = {number for number, names in known.items() if names and names[0] & used} - found
        if not more:
            return found
        found |= more


def _names(source: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The global names that code defines, and those it uses; None for code with magics."""
    try:
        whole = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if "import *" in source:
        return None
    top = whole.get_symbols()
    defined = {each.get_name() for each in top if each.is_assigned() or each.is_imported()}
    used = {each.get_name() for each in top if each.is_referenced()}
    return frozenset(defined), frozenset(used | {*_used_within(whole)})


def _used_within(table: symtable.SymbolTable) -> Iterator[str]:
    for inner in table.get_children():
        yield from (each.get_name() for each in inner.get_symbols() if each.is_global())
        yield from _used_within(inner)
