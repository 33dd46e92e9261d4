"""The model's alphabet: one integer for each character, and two symbols that no text holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nlp4.support.errors import UserError, quoted

PAD = "□"  # fills the shorter rows of a batch; never a scored target
MASK = "⁇"  # stands for what was cut out, and ends an answer (exercise 3e)
IGNORED = -1  # the target of a character that the loss does not count


@dataclass(frozen=True)
class Vocabulary:
    """Characters in a fixed order: `PAD` is 0, `MASK` is 1, then the corpus's own, sorted."""

    characters: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """Collect the distinct characters of `texts`.

        Raises UserError if a text holds `PAD` or `MASK`: the model could not tell them apart.
        """
        found = set().union(*map(set, texts))
        for symbol in (PAD, MASK):
            if symbol in found:
                raise UserError(
                    f"the text holds the character {symbol!r}, which stands for padding or a "
                    "mask here: replace it in the text"
                )
        return cls((PAD, MASK, *sorted(found)))

    def __len__(self) -> int:
        return len(self.characters)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters)}

    def encode(self, text: str) -> list[int]:
        """Return one integer a character.

        Raises UserError that names the first character the vocabulary lacks.
        """
        index = self._index
        try:
            return [index[character] for character in text]
        except KeyError as error:
            raise UserError(_missing(text, error.args[0])) from None

    def check(self, text: str, where: str) -> None:
        """Raise UserError that opens with `where` if `text` holds a character unknown here."""
        try:
            self.encode(text)
        except UserError as error:
            raise UserError(f"{where}: {error}") from None

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text that `ids` stand for."""
        return "".join(self.characters[i] for i in ids)


def _missing(text: str, character: str) -> str:
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return (
        f"{quoted(text)}: the model has never seen the character {character!r} ({name}): "
        "spell the text with characters of its corpus"
    )
