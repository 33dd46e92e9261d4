"""Where the comparison's runs are kept: a file for each, and all of them gathered in two.

`runs/NAME.json` is one run's row, `settings.json` each task's settings and the checksum of the data
that all runs of the folder have in common, `compare.json` and `compare.md` the whole with the
command that makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlp4.compare_settings import BUDGETS, TASKS, VARIANTS, Run, Settings, command_of
from nlp4.compare_table import Row, markdown
from nlp4.corpus import Corpus
from nlp4.errors import UserError
from nlp4.files import write_text
from nlp4.results import one_row_a_line, provenance
from nlp4.run_options import other_options


def checksum(corpus: Corpus) -> str:
    """A checksum of the texts and of who is held out."""
    held = [question.name for question in corpus.dev]
    return sha256(json.dumps([corpus.biographies, held]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Results:
    """A folder of runs, those of one task with the same settings, all with the same data.

    `sizes` are the settings of the tasks at hand; the folder may hold others. `data` is the data's
    `checksum`; `data_options` are the words of the command that chose it.

    `Results(folder, SIZES, checksum(corpus)).gather()` gathers runs that lie there, and trains
    nothing.
    """

    folder: Path
    sizes: Mapping[str, Settings]
    data: str
    data_options: Sequence[str] = ()

    def claim(self) -> dict[str, Settings]:
        """Write the tasks' settings down; return those of all tasks of the folder.

        Raises UserError if the folder was made with other data, or one of these tasks with other
        settings.
        """
        path = self.folder / "settings.json"
        held, data = _read_claim(path) if path.exists() else ({}, self.data)
        changed = [f"data {data!r}, now {self.data!r}"] if data != self.data else []
        for task in held:
            changed += _changed(task, held[task], self.sizes.get(task, held[task]))
        if changed:
            raise other_options(self.folder, changed)
        if not path.exists() or self.sizes.keys() - held.keys():
            held |= self.sizes
            content = {"settings": _as_json(held), "data": self.data}
            write_text(path, json.dumps(content, indent=2) + "\n")
        return held

    def holds(self, run: Run) -> bool:
        """Whether the run is finished."""
        return self._path(run).exists()

    def keep(self, run: Run, row: Row) -> None:
        """Write a finished run's row, and gather all."""
        write_text(self._path(run), json.dumps(row) + "\n")
        self.gather()

    def gather(self) -> list[Row]:
        """Read every finished run of the folder, sort them, and write the whole.

        Raises UserError for a damaged file, a run of a task whose settings are not known, and one
        that was made with others.
        """
        sizes = self.claim()
        rows = [_read_row(path, sizes) for path in (self.folder / "runs").glob("*.json")]
        rows.sort(key=_place)
        command = command_of(map(_run, rows), sizes, self.data_options)
        content = {
            "command": command,
            "settings": _as_json(sizes),
            "data": self.data,
            "seeds": sorted({row["seed"] for row in rows}),
            "minutes": round(sum(row["seconds"] for row in rows) / 60, 1),
            "runs": rows,
            **provenance(),
        }
        write_text(self.folder / "compare.json", one_row_a_line(content, "runs"))
        write_text(self.folder / "compare.md", f"{markdown(rows, sizes)}\nMade by `{command}`.\n")
        return rows

    def _path(self, run: Run) -> Path:
        return self.folder / "runs" / f"{run.name}.json"


def _as_json(sizes: Mapping[str, Settings]) -> dict[str, dict[str, Any]]:
    return {task: asdict(sizes[task]) for task in TASKS if task in sizes}


def _read_claim(path: Path) -> tuple[dict[str, Settings], str]:
    """Each task's settings, and the checksum of the data."""
    try:
        content = json.loads(path.read_text("utf-8"))
        sizes = {task: Settings(**values) for task, values in content["settings"].items()}
        return sizes, str(content["data"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserError(f"{path} is damaged: choose another --out folder") from None


def _changed(task: str, before: Settings, now: Settings) -> list[str]:
    old, new = asdict(before), asdict(now)
    return [f"{task}: {key} {old[key]!r}, now {new[key]!r}" for key in old if old[key] != new[key]]


def _read_row(path: Path, sizes: Mapping[str, Settings]) -> Row:
    """A run's row; UserError if it is damaged, or its steps and symbols are not those of `sizes`.

    Rows may come from another folder, which had a claim of its own.
    """
    try:
        row: Row = json.loads(path.read_text("utf-8"))
        _place(row)  # for its errors
        task, steps, symbols, _ = (row[k] for k in ("task", "steps", "characters", "seconds"))
    except (ValueError, TypeError, KeyError):
        raise UserError(f"{path} is damaged: delete it, and the run is done anew") from None
    if task not in sizes:
        raise UserError(
            f"{path}: the folder's settings.json does not name the settings of {task}: give the "
            "command for that task, too"
        )
    settings = sizes[task]
    whole = row["budget"] != "steps" or steps == settings.steps
    if not whole or symbols != steps * settings.batch * settings.n:
        raise UserError(
            f"{path} was made with other steps, batch or n than the folder's settings.json names: "
            "move it to another folder"
        )
    return row


def _run(row: Row) -> Run:
    return Run(row["task"], row["variant"], row["seed"], row["budget"])


def _place(row: Row) -> tuple[int, ...]:
    known: dict[str, list[str]] = {
        "task": list(TASKS),
        "budget": list(BUDGETS),
        "variant": list(VARIANTS),
    }
    return (*(words.index(row[key]) for key, words in known.items()), row["seed"])
