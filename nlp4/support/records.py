"""Runs that are kept in a folder: each as soon as it is finished, and never repeated.

`OUT/runs` holds one JSON file a run; `OUT/settings.json` what all of them have in common.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import torch

from nlp4.support.errors import UserError
from nlp4.support.files import data_folder, write_text
from nlp4.support.options import other_options

Row = dict[str, Any]
Job = Callable[[str], Row]  # from a label for its bar to what is kept
Results = TypeVar("Results")
Say = Callable[[str], None]  # how long work tells what it has done


def provenance() -> dict[str, Any]:
    """Versions and cores: what else a figure depends on."""
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


def claim(out: Path, settled: dict[str, Any]) -> None:
    """Note what the runs of `out` have in common.

    Raises UserError if `out` holds runs for which something else was settled.
    """
    path, asked = out / "settings.json", json.loads(json.dumps(settled))
    if not path.exists():
        write_text(path, json.dumps(asked, indent=2) + "\n")
        return
    try:
        before = dict(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise UserError(f"{path} is damaged: choose another --out folder") from None
    changed = [
        f"{key} {before.get(key)!r}, now {value!r}"
        for key, value in asked.items()
        if before.get(key) != value
    ]
    if changed:
        raise other_options(out, changed)


def do_runs(
    out: Path, jobs: Mapping[str, Job], gather: Callable[[], list[Row]], *, say: Say = print
) -> list[Row]:
    """Do the jobs that `out` does not hold yet, and `gather` after each; return what it returns.

    Raises KeyboardInterrupt after an interruption; what was finished is kept.
    """
    left = [name for name in jobs if not _path(out, name).exists()]
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
        write_text(_path(out, name), json.dumps(row, ensure_ascii=False) + "\n")
        say(f"{label}: {row['told']}")
        gather()
    return gather()


def read_runs(out: Path, wanted: Collection[str] = ()) -> list[Row]:
    """Every finished run of `out`, those of earlier calls too.

    Other runs may be added later, or by another process at the same time. Raises UserError for a
    file that is damaged, or lacks one of the keys `wanted`.
    """
    rows = []
    for path in sorted((out / "runs").glob("*.json")):
        try:
            row: Row = dict(json.loads(path.read_text("utf-8")))
            whole = set(wanted) <= row.keys()
        except (ValueError, TypeError):
            whole = False
        if not whole:
            raise UserError(f"{path} is damaged: delete it and run again")
        rows.append(row)
    return rows


def write_results(out: Path, name: str, content: dict[str, Any], table: str) -> None:
    """Write `name.json`, one row of `content["rows"]` a line, and `name.md`."""
    write_text(out / f"{name}.json", one_row_a_line({**content, **provenance()}, "rows"))
    write_text(out / f"{name}.md", table)


def read_results(
    name: str, command: str, parse: Callable[[dict[str, Any]], Results], path: Path | None = None
) -> Results:
    """What `parse` makes of an earlier result; without a path, of the one that comes along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    path = path or data_folder() / "results" / name
    try:
        return parse(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"data/results/{name} is missing or damaged: make it with {command}, which takes "
            "hours, and copy it from there"
        ) from None


def _path(out: Path, name: str) -> Path:
    return out / "runs" / f"{name}.json"
