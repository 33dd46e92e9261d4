"""The command `python -m nlp4 compare`: notebook 03's comparison of attentions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nlp4.cli_data import add_data_options, corpus_of, data_words


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The options of the comparison."""
    add_data_options(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    for name in ("tasks", "variants", "budgets"):
        command.add_argument(f"--{name}", nargs="+", metavar="NAME", help="default: all of them")
    command.add_argument("--seeds", nargs="+", type=int, metavar="S", help="default: 0 1 2")
    own = "of the one task named (default: its own)"
    command.add_argument("--steps", type=int, metavar="N", help=f"equal steps, {own}")
    command.add_argument("--minutes", type=float, metavar="M", help=f"equal time, {own}")
    command.add_argument("--n", type=int, metavar="N", help=f"symbols a sequence, {own}")


def run(options: argparse.Namespace) -> str:
    """Do the runs; return what to print. Raises UserError as `nlp4.compare.compare` does."""
    from nlp4.compare import compare
    from nlp4.compare_settings import OPTIONS, runs_of, sizes_of

    def given(*names: str) -> dict[str, Any]:
        return {name: value for name in names if (value := getattr(options, name)) is not None}

    runs = runs_of(**given("tasks", "variants", "seeds", "budgets"))
    sizes = sizes_of(runs, given(*OPTIONS))
    compare(corpus_of(options), options.out, runs, sizes, data_options=data_words(options))
    table = (options.out / "compare.md").read_text("utf-8")
    return f"{table}\nall of it in {options.out}: compare.json, compare.md, a file for each run"
