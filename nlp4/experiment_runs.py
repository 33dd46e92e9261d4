"""Experiments of many trainings: each run is kept once it is finished, and never repeated.

`OUT/runs` holds one JSON file a run; `OUT/settings.json` what all of them have in common.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from nlp4.corpus import Corpus
from nlp4.errors import UserError
from nlp4.files import write_text
from nlp4.model import GPT
from nlp4.presets import Stage
from nlp4.results import one_row_a_line, provenance
from nlp4.run_options import other_options
from nlp4.runs import Say, trainer_for
from nlp4.statistics import Share
from nlp4.training import History
from nlp4.vocabulary import Vocabulary

Row = dict[str, Any]
Job = Callable[[str], Row]  # from a label for its bar to what is kept


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


def read_results(path: Path, command: str) -> list[Row]:
    """The rows that an earlier `write_results` wrote; `command` is what makes them.

    Raises UserError for a file that is missing or damaged.
    """
    try:
        return [dict(row) for row in json.loads(path.read_text("utf-8"))["rows"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is missing or damaged: make it with {command}") from None


def trained(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, stage: Stage, label: str
) -> History:
    """Train `model` in place through a stage, with a bar; nothing of it is kept on disk.

    Raises KeyboardInterrupt if it was interrupted.
    """
    history = trainer_for(model, vocabulary, corpus, stage).run(label=label)
    if not history.finished:
        raise KeyboardInterrupt
    return history


def fingerprint(corpus: Corpus) -> str:
    """A checksum of the texts, the training questions and who is held out."""
    asked = [[q.text, q.place] for q in (*corpus.train, *corpus.dev)]
    return sha256(json.dumps([corpus.biographies, asked]).encode()).hexdigest()[:16]


def bits_of(marks: list[bool]) -> str:
    """Right and wrong as "1" and "0", question by question: short, for paired tests later."""
    return "".join("01"[mark] for mark in marks)


def marks_of(bits: str) -> list[bool]:
    """What `bits_of` wrote."""
    return [bit == "1" for bit in bits]


def share_of(bits: str) -> Share:
    """How many of the marks are right."""
    return Share(bits.count("1"), len(bits))


def shown(share: Share) -> str:
    """ "12/400 | 3.0% | 1.7% to 5.2%": three cells of a table."""
    low, high = share.interval
    return f"{share.right}/{share.n} | {share.value:.1%} | {low:.1%} to {high:.1%}"


def _path(out: Path, name: str) -> Path:
    return out / "runs" / f"{name}.json"
