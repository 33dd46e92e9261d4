"""The options of the commands, each described once, and what the settings of experiments share."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

from nlp4.support.errors import UserError, shown
from nlp4.support.files import unwritable

Word = TypeVar("Word", str, int)
Kind = Literal["whole number", "number", "word", "file", "folder", "path", "switch"]

# More than anybody needs, and a seed that torch still takes when it is multiplied by a million.
MOST = 10**12


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, without `low` itself where the range is `open`."""

    low: int
    open: bool = False
    high: int = MOST

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high and not (self.open and number == self.low)

    def __str__(self) -> str:
        return f"more than {self.low}" if self.open else f"{self.low} or more"


FROM_0, PEOPLE = Range(0), Range(10, high=1_000_000)
A_DAY = Range(1, high=86_400)  # in seconds
A_MONTH = Range(0, open=True, high=43_200)  # in minutes
STEPS = Range(1, high=10_000_000)  # on two cores, weeks
SYMBOLS = Range(1, high=65_536)  # of which all pairs still fit into a large machine's memory


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


_READ: dict[Kind, Callable[[str], Any]] = {
    "whole number": int,
    "number": _finite,
    "word": str,
    "file": Path,
    "folder": Path,
    "path": Path,
}


@dataclass(frozen=True)
class Option:
    """One option of commands, or one word that they take without a name.

    `otherwise` says what is taken where there is no default. A file and a folder need not exist,
    but neither may stand in the other's place. One that is `written` is tried before the work.
    """

    name: str  # as it is typed: "--seed"; of a word, what it is: "question"
    type: Kind
    help: str
    range: Range | None = None
    default: Any = None
    otherwise: str = ""
    metavar: str | None = None
    many: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    written: bool = False

    def read(self, text: str) -> Any:
        """The value of `text`. Raises UserError with the option, the text and what to choose."""
        try:
            value = _READ[self.type](text)
        except ValueError:
            value = None
        if mend := self._mend(value):
            raise UserError(f"{self.name} {shown(text)}: choose {mend}")
        return value

    def _mend(self, value: Any) -> str:
        """What to choose in the place of `value`; nothing if it can be taken."""
        if self.choices and value not in self.choices:
            return self._kind()
        if value is None:
            return f"a {self._kind()}"
        if self.range and value not in self.range:
            return f"{high:,} or less" if value > (high := self.range.high) else str(self.range)
        if self.type == "file" and os.path.isdir(value):
            return "a file, this is a folder"
        if self.type == "folder" and os.path.exists(value) and not os.path.isdir(value):
            return "a folder, this is a file"
        inside = value / "file" if self.type == "folder" else value
        if self.written and (why := unwritable(inside)):
            return f"a place that can be written ({why})"
        return ""

    def _kind(self) -> str:
        if self.choices:
            return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        return f"{self.type}, {self.range}" if self.range else self.type

    def described(self) -> str:
        """The text of `--help`: what it is for, then type, range and default."""
        if self.type == "switch":
            return self.help
        default = self.otherwise if self.default is None else self.default
        known = "required" if self.required else f"default: {default}"
        facts = [self._kind()] + [known] * (self.required or default != "")
        return f"{self.help} [{'; '.join(facts)}]".replace("%", "%%")

    def add_to(self, command: argparse.ArgumentParser) -> None:
        """Let `command` take the option."""
        given: dict[str, Any] = {"help": self.described()}
        if self.type == "switch":
            given |= {"action": "store_true"}
        else:
            given |= {"type": self.read, "default": self.default, "nargs": self._nargs()}
            given |= {"metavar": self.metavar}
        if self.name.startswith("--"):
            given |= {"required": self.required}
        command.add_argument(self.name, **given)

    def _nargs(self) -> str | None:
        if self.name.startswith("--"):
            return "+" if self.many else None
        if self.many:
            return argparse.REMAINDER
        return None if self.default is None else "?"


DATA = ("data", "dev-from-train", "split-seed")
OPTIONS: dict[str, Option] = {
    option.name.removeprefix("--"): option
    for option in (
        # whom it is about
        Option("--data", "folder", "the people", otherwise="the embedded people", metavar="DIR"),
        Option(
            "--dev-from-train",
            "whole number",
            "people to cut out of the training questions as the dev split; 0: no dev split",
            FROM_0,
            otherwise="the dev questions of the folder",
            metavar="N",
        ),
        Option("--split-seed", "whole number", "decides who is cut out", FROM_0, 0, metavar="S"),
        Option("--number", "whole number", "how many people", PEOPLE, 2937, metavar="N"),
        Option("--questions", "file", "questions and answers", metavar="FILE.tsv", required=True),
        Option(
            "--by",
            "word",
            "a table of the questions, a row for each of these",
            choices=("wording", "relation", "transformation"),
        ),
        Option("question", "word", 'such as "Where was X born?"'),
        # what is trained
        Option("--preset", "word", "recipe", default="laptop", metavar="NAME"),
        Option(
            "--course",
            "word",
            "up the ladder, its end without each of its ideas, or the presets as they are",
            default="ladder",
            choices=("ladder", "ablations", "presets"),
        ),
        Option("--device", "word", "where to train", default="cpu", choices=("cpu", "cuda", "mps")),
        Option("--seed", "whole number", "decides what is random", FROM_0, 0, metavar="S"),
        Option("--seeds", "whole number", "one for each training", FROM_0, metavar="S", many=True),
        Option("--steps", "whole number", "steps of a training", STEPS, metavar="N"),
        Option("--minutes", "number", "minutes of a training", A_MONTH, metavar="M"),
        Option("--n", "whole number", "symbols of a sequence", SYMBOLS, metavar="N"),
        Option("--tasks", "word", "tasks", otherwise="all", metavar="NAME", many=True),
        Option("--variants", "word", "attentions", otherwise="all", metavar="NAME", many=True),
        Option(
            "--budgets",
            "word",
            "what is equal: steps, time",
            otherwise="all",
            metavar="NAME",
            many=True,
        ),
        # what is read and written
        Option("--run", "folder", "a run's folder", metavar="RUN", required=True),
        Option("--out", "folder", "folder to write", metavar="DIR", required=True, written=True),
        Option("--predictions", "file", "save the answers here", metavar="FILE", written=True),
        Option("--csv", "file", "write a table, a row a notebook", metavar="FILE", written=True),
        Option("--json", "switch", "print JSON"),
        # notebooks, and scripts
        Option(
            "folder", "folder", "folder to write", default=Path("mine"), metavar="DIR", written=True
        ),
        Option("path", "path", "a notebook, or a folder of them", metavar="NOTEBOOK.ipynb|DIR"),
        Option(
            "--vendor",
            "folder",
            "Pyodide's files, which the site then brings along",
            otherwise="pages take them from Pyodide's CDN",
            metavar="DIR",
        ),
        Option("--worked", "switch", "keep the worked solutions"),
        Option("--nbgrader", "switch", "write a course for nbgrader instead, with the solutions"),
        Option("--force", "switch", "replace your own work, too"),
        Option("--timeout", "whole number", "seconds for a cell", A_DAY, 60, metavar="S"),
        Option(
            "--notebook-timeout",
            "whole number",
            "seconds for a notebook in all",
            A_DAY,
            600,
            metavar="S",
        ),
        Option(
            "--jobs",
            "whole number",
            "notebooks at a time",
            Range(1, high=256),
            otherwise="the cores",
            metavar="N",
        ),
        Option("--roster", "file", "the class's list, with ids and names", metavar="FILE.csv"),
        Option(
            "--keep",
            "word",
            "which of several hand-ins of one learner counts",
            default="best",
            choices=("best", "last"),
        ),
        Option(
            "--canvas",
            "file",
            "write a table for Canvas's gradebook",
            metavar="FILE.csv",
            written=True,
        ),
        Option(
            "--gradescope", "folder", "write results for Gradescope", metavar="DIR", written=True
        ),
        Option(
            "--feedback",
            "folder",
            "write pages for learners and teacher",
            metavar="DIR",
            written=True,
        ),
        Option(
            "--sandbox",
            "word",
            "what keeps a learner's code from this machine; auto: bubblewrap, where it is there",
            default="auto",
            choices=("auto", "bwrap", "none"),
        ),
        Option("name", "word", "which one", metavar="NAME"),
        Option("arguments", "word", "its own options", many=True),
    )
}


def option(name: str, **changes: Any) -> Option:
    """The option of the table called `name`, with what is different for one command."""
    return replace(OPTIONS[name], **changes)


def add_options(command: argparse.ArgumentParser, *options: str | Option) -> None:
    """Let `command` take options: as the table has them, by name, or as `option` changed them."""
    for each in options:
        (OPTIONS[each] if isinstance(each, str) else each).add_to(command)


class Parser(argparse.ArgumentParser):
    """Raises UserError, one line, where argparse would print the usage and leave."""

    def error(self, message: str) -> NoReturn:
        """Raise UserError that says where help is."""
        raise UserError(f"{message.removeprefix('argument ')}: see {self.prog} --help")


def require_seeds(seeds: Iterable[int]) -> None:
    """Raise UserError for a negative seed, which no generator takes."""
    lowest = min(seeds, default=0)
    if lowest < 0:
        raise UserError(f"seed {lowest}: choose 0 or more")


def at_least_one(settings: object, *names: str) -> None:
    """Raise UserError if one of the fields called `names` is below 1."""
    for name in names:
        if getattr(settings, name) < 1:
            raise UserError(f"{name} = {getattr(settings, name)}: choose 1 or more")


def named(option: str, values: Collection[Word], usual: Iterable[Word]) -> list[str]:
    """The words that choose `values` on the command line; none if they are the usual, or none."""
    chosen: set[Word] = set(values)
    if not chosen or chosen == set(usual):
        return []
    return [f"--{option}", *map(str, sorted(chosen))]


def data_words(options: argparse.Namespace) -> list[str]:
    """The options as a command names them; a folder of this machine is nobody else's."""
    words = ["--data FOLDER"] if options.data else []
    return words + split_words(options.dev_from_train, options.split_seed)


def split_words(dev_from_train: int | None, split_seed: int) -> list[str]:
    """The options that choose the split, without those that are the default."""
    words = [] if dev_from_train is None else [f"--dev-from-train {dev_from_train}"]
    return words + [f"--split-seed {split_seed}"] * (split_seed != 0)
