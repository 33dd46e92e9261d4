"""What long work leaves behind: a folder of runs, rows as JSON, tables in Markdown.

`OUT/runs` holds one JSON file a run, kept as soon as it is finished and never repeated;
`OUT/settings.json` what all of them have in common; `OUT/NAME.json` and `OUT/NAME.md` the whole.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from nlp4.support.errors import UserError, shown
from nlp4.support.files import data_folder, require_writable, write_text
from nlp4.support.options import named

Row = dict[str, Any]  # ready for JSON
Job = Callable[[str], Row]  # from a label for its bar to what is kept
Say = Callable[[str], None]  # how long work tells what it has done
T = TypeVar("T")
_BROKEN = (  # what reading a damaged file raises
    OSError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True)
class RunFolder:
    """A folder of runs that have their settings in common."""

    path: Path

    def claim(self, settled: Mapping[str, Any]) -> dict[str, Any]:
        """Note what the runs have in common; return all that is noted, earlier calls' too.

        A group (a dictionary in `settled`) may gain members later. Raises UserError if something
        else was settled for the runs that are here, or if none could be kept.
        """
        require_writable(self._file("any"))
        path, asked = self.path / "settings.json", json.loads(json.dumps(settled))
        before = self._noted(path, asked) if path.exists() else {}
        if changed := list(_changes(before, asked)):
            raise UserError(
                f"{self.path} holds runs with other options ({'; '.join(changed)}): repeat its "
                "options to go on, or choose another --out folder"
            )
        noted = _merged(before, asked)
        if noted != before:
            write_text(path, json.dumps(noted, indent=2) + "\n")
        return noted

    def _noted(self, path: Path, asked: Row) -> Row:
        try:
            return whole(dict.fromkeys(asked, object), dict(json.loads(path.read_text("utf-8"))))
        except _BROKEN:
            raise UserError(
                f"{path} is damaged, or of another command: choose another --out folder"
            ) from None

    def left(self, names: Iterable[str]) -> list[str]:
        """Those of the runs that are not finished."""
        return [name for name in names if not self._file(name).exists()]

    def do(
        self,
        jobs: Mapping[str, Job],
        gather: Callable[[], T],
        *,
        told: Callable[[Row], str] = lambda row: str(row["told"]),
        say: Say = print,
    ) -> T:
        """Do the jobs that are left, keep each and `gather` after it; return what it returns.

        What is kept already is gathered first, so that a damaged file is told before the work.
        Raises KeyboardInterrupt after an interruption; what was finished is kept.
        """
        left = self.left(jobs)
        if any((self.path / "runs").glob("*.json")):
            found = gather()
            if not left:
                return found
        if left:
            say(f"{len(left)} runs to do, {len(jobs) - len(left)} are finished already")
        for number, name in enumerate(left, 1):
            label = f"{number}/{len(left)} {name}"
            try:
                row = jobs[name](label)
            except KeyboardInterrupt:
                kept = len(jobs) - len(left) + number - 1
                raise KeyboardInterrupt(
                    f"stopped; {kept} of {len(jobs)} runs are kept, the same command does the rest"
                ) from None
            write_text(self._file(name), json.dumps(row, ensure_ascii=False) + "\n")
            say(f"{label}: {told(row)}")
            gather()
        return gather()

    def rows(self, parse: Callable[[Row], T]) -> list[T]:
        """What `parse` makes of every finished run, by the names of their files.

        Other runs may be added later, or by another process at the same time. Raises UserError
        for a damaged file, and as `parse` does, with the file's name in front.
        """
        found = []
        for path in sorted((self.path / "runs").glob("*.json")):
            try:
                found.append(parse(dict(json.loads(path.read_text("utf-8")))))
            except _BROKEN:
                raise UserError(f"{path} is damaged: delete it, and the run is done anew") from None
            except UserError as error:
                raise UserError(f"{path} {error}") from None
        return found

    def _file(self, name: str) -> Path:
        return self.path / "runs" / f"{name}.json"


@dataclass(frozen=True)
class Trainings:
    """How an experiment that trains keeps its rows: in `NAME.json` and `NAME.md`, after each run.

    `kinds` are what a row must have, as in `whole`, and `order` is what rows are sorted by. `seeds`
    and `steps` are the usual ones; `command` is told with others where there were others.
    """

    name: str
    command: str
    kinds: Mapping[str, Any]
    order: Callable[[Row], Any]
    markdown: Callable[[Sequence[Row]], str]
    seeds: tuple[int, ...]
    steps: int

    def run(self, out: Path, settled: Row, jobs: Mapping[str, Job], say: Say) -> list[Row]:
        """Do the jobs that `out` does not hold yet, and return the rows of all that are finished.

        Raises UserError if `out` was made with other settings, and KeyboardInterrupt after an
        interruption; what was finished is kept.
        """
        folder = RunFolder(out)
        folder.claim(settled)

        def gather() -> list[Row]:
            rows = sorted(folder.rows(checked(self.kinds, self.markdown)), key=self.order)
            words = [self.command, *named("seeds", [row["seed"] for row in rows], self.seeds)]
            words += named("steps", [settled["steps"]], [self.steps])
            content = {"command": " ".join(words), **settled, "rows": rows}
            write_results(out, self.name, content, self.markdown(rows))
            return rows

        return folder.do(jobs, gather, say=say)


def whole(kinds: Mapping[str, Any], row: Row) -> Row:
    """The row itself. Raises LookupError or TypeError if it lacks one of `kinds`.

    They are types by key, such as `int`, `float | None` or `list[int]`, or tuples to choose from.
    """
    for key, kind in kinds.items():
        if not _fits(row[key], kind):
            raise TypeError(f"{key} {row[key]!r}")
    return row


def checked(kinds: Mapping[str, Any], told: Callable[[list[Row]], object]) -> Callable[[Row], Row]:
    """What reads a row that has `kinds`, and of which alone `told` can make its table."""

    def read(row: Row) -> Row:
        told([whole(kinds, row)])  # raises something if the row holds what is no result
        return row

    return read


def _fits(value: object, kind: Any) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if isinstance(kind, UnionType):
        return any(_fits(value, each) for each in get_args(kind))
    if get_origin(kind) is list:  # losses, say: NaN where a training diverged
        inside = get_args(kind)[0]
        return isinstance(value, list) and all(_fits(v, inside) or v != v for v in value)
    if get_origin(kind) is dict:
        inside = get_args(kind)[1]
        return isinstance(value, dict) and all(_fits(v, inside) for v in value.values())
    if isinstance(value, bool) and kind in (int, float):
        return False
    if kind is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, kind)


def read_fields(kind: type[T], path: Path, mend: str) -> T:
    """A dataclass from a JSON file that has its fields, and no others.

    Raises UserError that ends with the mend for any other file.
    """
    try:
        return kind(**whole(get_type_hints(kind), dict(json.loads(path.read_text("utf-8")))))
    except _BROKEN:
        raise UserError(f"{path} is damaged: {mend}") from None


def _changes(before: Row, asked: Row, group: str = "") -> Iterator[str]:
    """What is noted otherwise than it is asked for, in words."""
    for key in before.keys() & asked.keys():
        old, new = before[key], asked[key]
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _changes(old, new, f"{key}: ")
        elif old != new:
            yield f"{group}{key} {shown(repr(old))}, now {shown(repr(new))}"


def _merged(before: Row, asked: Row) -> Row:
    both = {k: _merged(before[k], v) for k, v in asked.items() if isinstance(before.get(k), dict)}
    return before | asked | both


def write_results(
    out: Path, name: str, content: Mapping[str, Any], tables: str, *, rows: str = "rows"
) -> None:
    """Write `name.json`, one row of `content[rows]` a line where it has rows, and `name.md`."""
    whole = {**content, **provenance()}
    if rows in whole:
        text = one_row_a_line(whole, rows)
    else:
        text = json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    write_text(out / f"{name}.json", text)
    write_text(out / f"{name}.md", tables)


def read_results(
    name: str, command: str, parse: Callable[[dict[str, Any]], T], path: Path | None = None
) -> T:
    """What `parse` makes of an earlier result; without a path, of the one that comes along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    path = path or data_folder() / "results" / name
    try:
        return parse(json.loads(path.read_text("utf-8")))
    except _BROKEN:
        raise UserError(
            f"data/results/{name} is missing or damaged: make it with {command}, which takes "
            "hours, and copy it from there"
        ) from None


def provenance() -> dict[str, Any]:
    """Versions and cores: what else a figure depends on."""
    import torch  # `doctor` imports this package where torch is missing

    packages = {name: version(name) for name in ("nlp4", "torch", "numpy")}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "python": platform.python_version(),
        **packages,
        "cores": cores,
        "threads": torch.get_num_threads(),
    }


def one_row_a_line(content: Mapping[str, Any], key: str) -> str:
    """`content` as JSON, with each row of `content[key]` on a line of its own.

    Indented to the last number, the file would be four times as long.
    """
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in content[key])
    told = [
        f"{json.dumps(name)}: "
        + (f"[\n{rows}\n]" if name == key else json.dumps(value, ensure_ascii=False))
        for name, value in content.items()
    ]
    return f"{{{', '.join(told)}}}\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, one line a row; each row has as many cells as there are heads.

    Raises ValueError for a row with another number of cells.
    """
    lines = [list(heads), *map(list, rows)]
    if any(len(cells) != len(heads) for cells in lines):
        raise ValueError(f"a row of the table {', '.join(heads)} has too few or too many cells")
    first, *rest = (f"| {' | '.join(cells)} |\n" for cells in lines)
    return f"{first}|{'---|' * len(heads)}\n{''.join(rest)}"
