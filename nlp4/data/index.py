"""An index of what was read: which person a text names, and which words it is made of.

A key is made of letters alone, without their case, accents or order: a word's key is a sum over its
letters, a name's a sum over its words. "Ada Lovelace", "ADA LOVELACE", "Lovelace, Ada" and "Ada
Lovelcae" have one key, so they find one row. A name with one letter dropped is found as well: the
index holds a key for each (symmetric deletion, as in SymSpell, Garbe 2012). What was never read
has no row, and a text about nobody finds nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

LONGEST = 8  # words in a name that is looked for
_LEAST = 7  # letters in a name, and 2 words, before one letter may be missing
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Keys = np.ndarray  # uint64; sums wrap around
Rows = np.ndarray  # int64; 0 stands for nothing found


def folded(character: str) -> str:
    """Lower case without accents: "é" and "E" are "e"; "ß" is "ss"."""
    parts = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def mixed(numbers: Keys) -> Keys:
    """Scatter 64-bit numbers, so that sums of the results hardly ever meet (splitmix64)."""
    x = numbers.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@cache
def letter_number(character: str) -> int:
    """The sum over the letters that a character folds to; 0 for what ends a word."""
    if not character.isalnum():
        return 0
    codes = np.array([ord(letter) for letter in folded(character)], dtype=np.uint64)
    return int(mixed(codes * _GOLDEN).sum())


@dataclass(frozen=True)
class Words:
    """The words of some texts, one after another, `(words,)` each."""

    text: np.ndarray  # number of the text
    start: np.ndarray  # place of its first letter, and of the character behind its last
    end: np.ndarray
    sums: Keys  # over its letters

    @property
    def sizes(self) -> np.ndarray:
        """How many letters each has."""
        return self.end - self.start

    @property
    def keys(self) -> Keys:
        """A number for the letters of each word, whatever their order."""
        return mixed(self.sums)


def words_in(letters: Keys) -> Words:
    """Find the words in letters' numbers `(B, n)`, 0 where there is none."""
    n = letters.shape[1]
    flat = np.pad(letters, ((0, 0), (1, 1))).ravel()  # rows begin and end with no letter
    letter = flat > 0
    starts = np.flatnonzero(letter[1:] & ~letter[:-1]) + 1
    ends = np.flatnonzero(letter[:-1] & ~letter[1:]) + 1
    sums = np.pad(flat.cumsum(), (1, 0))
    text, start = np.divmod(starts, n + 2)
    return Words(text, start - 1, ends % (n + 2) - 1, sums[ends] - sums[starts])


class Table:
    """Rows by key, for many keys at once; 0 for a key that is not there."""

    def __init__(self, keys: Keys, rows: Rows) -> None:
        """Of equal keys the first counts."""
        self.keys, first = np.unique(keys, return_index=True)
        self.rows = rows[first]

    def __getitem__(self, keys: Keys) -> Rows:
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.rows[at], 0)


class Index:
    """Rows for names and for words, both counted from 1.

    Names that differ in case, accents or the order of letters and words alone share a row.
    """

    def __init__(
        self, names: Sequence[str], words: Sequence[str], characters: Sequence[str]
    ) -> None:
        self._letters = np.array([letter_number(c) for c in characters], dtype=np.uint64)
        spelt = _spelt(names)
        found = words_in(spelt)
        keys = np.zeros(len(names), dtype=np.uint64)
        np.add.at(keys, found.text, found.keys)
        met, rows = np.unique(keys, return_inverse=True)
        self.row_of = dict(zip(names, (rows + 1).tolist(), strict=True))
        slips, of = _slips(spelt, found, keys, rows)
        self._names = Table(keys, rows + 1)
        self._slips = Table(np.concatenate((keys, slips)), np.concatenate((rows, of)) + 1)
        self._longest = min(LONGEST, int(np.bincount(found.text).max(initial=0)))
        self.names = len(met)
        self._words = Table(words_in(_spelt(words)).keys, np.arange(len(words)) + 1)
        self.words = len(words)

    def words_in(self, ids: np.ndarray) -> Rows:
        """The row of each word in character ids `(B, n)`, at the character behind it; 0 elsewhere.

        Only there is a word known to be whole.
        """
        words = words_in(self._letters[ids])
        return _placed(words, self._words[words.keys], ids.shape)

    def names_in(self, ids: np.ndarray) -> Rows:
        """The row of each name in character ids `(B, n)`, at the character behind it; 0 elsewhere.

        Of names that end together the longest is read. Where a text has none, one is looked for
        that lacks a letter; then one that has a letter too many or another letter somewhere.
        """
        letters = self._letters[ids]
        rows = np.zeros(ids.shape, dtype=np.int64)
        for search in (self._spelt_in, self._shortened_in, self._misspelt_in):
            nameless = ~rows.any(axis=1)  # in "Was Ada Poe born", "Poe born" is no "Bruno Poe"
            rows[nameless] = search(letters[nameless])
        return rows

    def _spelt_in(self, letters: Keys) -> Rows:
        """As `names_in`, for letters' numbers `(B, n)`, without any slip."""
        return self._longest_in(letters, self._names)

    def _shortened_in(self, letters: Keys) -> Rows:
        """The same, where a name may lack a letter."""
        return self._longest_in(letters, self._slips)

    def _longest_in(self, letters: Keys, names: Table) -> Rows:
        """The row of the longest name that ends with each word."""
        words = words_in(letters)
        sums = np.pad(words.keys.cumsum(), (1, 0))
        number = len(sums) - 1
        found = np.zeros(number, dtype=np.int64)
        for length in range(1, min(self._longest, number) + 1):
            together = words.text[length - 1 :] == words.text[: number - length + 1]
            rows = names[sums[length:] - sums[:-length]] * together
            found[length - 1 :] = np.where(rows, rows, found[length - 1 :])
        return _placed(words, found, letters.shape)

    def _misspelt_in(self, letters: Keys) -> Rows:
        """The same, with one letter of a word in the text taken away."""
        words = words_in(letters)
        sizes = words.sizes
        keys, found = words.keys, np.zeros(len(sizes), dtype=np.int64)
        sums = np.pad(keys.cumsum(), (1, 0))
        of_word = np.repeat(np.arange(len(sizes)), sizes)
        change = mixed(words.sums[of_word] - letters[letters > 0]) - keys[of_word]
        of_word, change = of_word[sizes[of_word] > 2], change[sizes[of_word] > 2]
        for length in range(2, self._longest + 1):
            for back in range(length):  # the changed word is the last but so many of the name
                first, last = of_word - back, of_word - back + length - 1
                inside = (first >= 0) & (last < len(sizes))
                first, last = first[inside], last[inside]
                rows = self._slips[sums[last + 1] - sums[first] + change[inside]]
                hit = (rows > 0) & (words.text[first] == words.text[last])
                found[last[hit]] = rows[hit]
        return _placed(words, found, letters.shape)


def _placed(words: Words, rows: Rows, shape: tuple[int, ...]) -> Rows:
    """`(B, n)` with each word's row at the character behind the word, if there is one."""
    placed = np.zeros(shape, dtype=np.int64)
    whole = words.end < shape[1]
    placed[words.text[whole], words.end[whole]] = rows[whole]
    return placed


def _spelt(texts: Sequence[str]) -> Keys:
    """The letters' numbers of each text, `(texts, longest)`."""
    spelt = np.zeros((len(texts), max(map(len, texts), default=0)), dtype=np.uint64)
    for row, text in zip(spelt, texts, strict=True):
        row[: len(text)] = [letter_number(c) for c in text]
    return spelt


def _slips(spelt: Keys, words: Words, keys: Keys, rows: Rows) -> tuple[Keys, Rows]:
    """Keys of the names without one of their letters, and the row of each one's name.

    Names of one word and short ones have none, nor have short words; a key that two rows would
    share is nobody's.
    """
    sizes = words.sizes
    of_word = np.repeat(np.arange(len(sizes)), sizes)  # the word of each letter
    text = words.text[of_word]
    number = np.bincount(words.text, minlength=len(keys))
    letters = np.bincount(text, minlength=len(keys))
    chosen = (sizes[of_word] > 2) & (number[text] > 1) & (letters[text] >= _LEAST)
    left = mixed(words.sums[of_word] - spelt[spelt > 0])  # the word without the letter
    slips = (keys[text] - words.keys[of_word] + left)[chosen]
    pairs = np.unique(np.stack((slips, rows[text[chosen]].astype(np.uint64))), axis=1)
    found, first, times = np.unique(pairs[0], return_index=True, return_counts=True)
    return found[times == 1], pairs[1][first[times == 1]].astype(np.int64)
