"""Where the comparison's runs are kept: a file for each, and all of them gathered in two.

`runs/NAME.json` is one run's row, `settings.json` what all runs of the folder have in common,
`compare.json` and `compare.md` the whole with the command that makes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlp4.compare_settings import BUDGETS, TASKS, VARIANTS, Run, Settings, command_of
from nlp4.compare_table import Row, markdown
from nlp4.corpus import Corpus, embedded_folder
from nlp4.errors import UserError
from nlp4.files import write_text
from nlp4.results import provenance


def checksum(corpus: Corpus) -> str:
    """A checksum of the texts and of who is held out."""
    held = [question.name for question in corpus.dev]
    return sha256(json.dumps([corpus.biographies, held]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Results:
    """A folder of runs with the same settings and data.

    `data` is their `checksum`; `data_options` are the words of the command that chose them.
    """

    folder: Path
    settings: Settings
    data: str
    data_options: Sequence[str] = ()

    def claim(self) -> None:
        """Write the settings down. Raises UserError if the folder was made with others."""
        path, asked = self.folder / "settings.json", {**asdict(self.settings), "data": self.data}
        if not path.exists():
            write_text(path, json.dumps(asked, indent=2) + "\n")
            return
        before = _read(path, "choose another --out folder")
        changed = [
            f"{key} {before.get(key)!r}, now {value!r}"
            for key, value in asked.items()
            if before.get(key) != value
        ]
        if changed:
            raise UserError(
                f"{self.folder} holds runs with other options ({'; '.join(changed)}): repeat its "
                "options to go on, or choose another --out folder"
            )

    def holds(self, run: Run) -> bool:
        """Whether the run is finished."""
        return self._path(run).exists()

    def keep(self, run: Run, row: Row) -> None:
        """Write a finished run's row, and gather all."""
        write_text(self._path(run), json.dumps(row) + "\n")
        self.gather()

    def gather(self) -> list[Row]:
        """Read every finished run of the folder, sort them, and write the whole.

        Raises UserError for a damaged file.
        """
        paths = (self.folder / "runs").glob("*.json")
        rows = [_read(path, "delete it, and the run is done anew") for path in paths]
        rows.sort(key=_place)
        command = command_of(map(_run, rows), self.settings, self.data_options)
        content = {
            "command": command,
            "settings": asdict(self.settings),
            "data": self.data,
            "seeds": sorted({row["seed"] for row in rows}),
            "minutes": round(sum(row["seconds"] for row in rows) / 60, 1),
            "runs": rows,
            **provenance(),
        }
        # One run a line: indented to the last number, the file would be four times as long.
        text = re.sub(r'(\{"task")', r"\n\1", json.dumps(content))
        write_text(self.folder / "compare.json", text + "\n")
        tables = markdown(rows, self.settings)
        write_text(self.folder / "compare.md", f"{tables}\nMade by `{command}`.\n")
        return rows

    def _path(self, run: Run) -> Path:
        return self.folder / "runs" / f"{run.name}.json"


def _read(path: Path, mend: str) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise UserError(f"{path} is damaged: {mend}") from None


def _run(row: Row) -> Run:
    return Run(row["task"], row["variant"], row["seed"], row["budget"])


def _place(row: Row) -> tuple[int, ...]:
    known: dict[str, list[str]] = {
        "task": list(TASKS),
        "budget": list(BUDGETS),
        "variant": list(VARIANTS),
    }
    return (*(words.index(row[key]) for key, words in known.items()), row["seed"])


def read_comparison(path: Path | None = None) -> tuple[Settings, list[Row]]:
    """The settings and rows of an earlier comparison; by default those that come along.

    Raises UserError for a file that is missing or damaged.
    """
    path = path or embedded_folder().parent / "results" / "compare.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        return Settings(**content["settings"]), list(content["runs"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{path} is missing or damaged: make it with python -m nlp4 compare --out DIR"
        ) from None
