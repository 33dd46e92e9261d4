"""What the settings of experiments have in common: seeds, words of options, and one message."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from nlp4.support.errors import UserError

Word = TypeVar("Word", str, int)


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


def other_options(folder: Path, changed: Sequence[str]) -> UserError:
    """The message that `folder` holds runs for which something else was settled."""
    return UserError(
        f"{folder} holds runs with other options ({'; '.join(changed)}): repeat its options to go "
        "on, or choose another --out folder"
    )


def add_data_options(command: argparse.ArgumentParser) -> None:
    """Add --data, --dev-from-train and --split-seed."""
    command.add_argument(
        "--data", type=Path, metavar="DIR", help="corpus folder (default: the embedded people)"
    )
    command.add_argument(
        "--dev-from-train",
        type=int,
        metavar="N",
        help="cut N people out of the training questions as the dev split; 0: no dev split",
    )
    command.add_argument("--split-seed", type=int, default=0, metavar="S", help="default: 0")


def data_words(options: argparse.Namespace) -> list[str]:
    """The options as a command names them; a folder of this machine is nobody else's."""
    words = ["--data FOLDER"] if options.data else []
    return words + split_words(options.dev_from_train, options.split_seed)


def split_words(dev_from_train: int | None, split_seed: int) -> list[str]:
    """The options that choose the split, without those that are the default."""
    words = [] if dev_from_train is None else [f"--dev-from-train {dev_from_train}"]
    return words + [f"--split-seed {split_seed}"] * (split_seed != 0)
