"""The options that choose the people, for every command that has them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlp4.corpus import Corpus


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


def corpus_of(options: argparse.Namespace) -> Corpus:
    """Read the people that the options choose. Raises UserError as `load_corpus` does."""
    from nlp4.corpus import load_corpus

    return load_corpus(
        options.data, dev_from_train=options.dev_from_train, split_seed=options.split_seed
    )


def data_words(options: argparse.Namespace) -> list[str]:
    """The options as a command names them; a folder of this machine is nobody else's."""
    words = ["--data FOLDER"] if options.data else []
    return words + split_words(options.dev_from_train, options.split_seed)


def split_words(dev_from_train: int | None, split_seed: int) -> list[str]:
    """The options that choose the split, without those that are the default."""
    words = [] if dev_from_train is None else [f"--dev-from-train {dev_from_train}"]
    return words + [f"--split-seed {split_seed}"] * (split_seed != 0)
