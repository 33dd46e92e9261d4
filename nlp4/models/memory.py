"""A memory that is looked up, not computed: hashed embeddings of what was just read.

Each position adds to its input one row for each of several contexts that end there: the last
characters, the word so far, the name so far. A row costs no arithmetic beyond an addition, so a
small model gains much room for people and places; looking the rows up takes a fifth of its speed.
After over-encoding (Huang et al. 2025, "Over-Tokenized Transformer") and the n-gram embeddings of
the Byte Latent Transformer (Pagnoni et al. 2024).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MULTIPLIER = 6364136223846793005  # Knuth's; int64 products wrap around, which hashing wants
_STEP, _BEFORE = 1_000_003, 998_244_353
_INVERSE = pow(_STEP, -1, 2**64) - 2**64  # as int64


@dataclass(frozen=True)
class Letters:
    """What the memory knows of an alphabet: ids of spaces, other separators, capitals, masks.

    A separator ends a word; a space lets a phrase go on. Masks are among the separators as well.
    """

    spaces: tuple[int, ...]
    separators: tuple[int, ...]
    capitals: tuple[int, ...]
    masks: tuple[int, ...] = ()


@dataclass(frozen=True)
class MemoryConfig:
    """Which contexts are looked up, and in how many rows each.

    `ngrams`: the last n characters, for each n. `words`: the word so far. `names`: a capitalised
    word so far with the word before it, and the whole run of capitalised words so far. A name's
    rows are read where the name stands and nowhere else, so what is stored there serves every
    question about that person, in whatever words. Words in lower case get no row together with
    their neighbours: such a row would let the model learn a training question by heart. Nor does a
    word reach across a mask: an answer would be stored with whatever stands before the mask in a
    biography, which a question does not have.

    `isolated`: nothing else that stands before a name or an answer is read with it either. The last
    characters stop at a mask too, and a name's first word has no pair with a word in lower case
    before it. A question then reads the very rows that the clozes wrote: after "Where was ", a
    name; after a mask, an answer.

    `answers`: rows are read in answers alone, from the first mask on, where they help to spell.
    What stands in a question then has none by which that question could be learnt by heart.
    """

    letters: Letters | None = None  # filled in from the vocabulary
    ngrams: tuple[int, ...] = (3,)
    words: bool = True
    names: bool = True
    isolated: bool = False
    answers: bool = False
    rows: int = 16_384

    @property
    def contexts(self) -> int:
        """How many rows each position reads."""
        return len(self.ngrams) + self.words + 2 * self.names


class NgramMemory(nn.Module):
    """Sum of one learned row for each context that ends at a position; rows start at zero."""

    def __init__(self, config: MemoryConfig, width: int) -> None:
        super().__init__()
        self.config = config
        self.table = nn.Embedding(config.contexts * config.rows, width, sparse=True)
        nn.init.zeros_(self.table.weight)

    def rows(self, ids: Tensor) -> Tensor:
        """Row numbers `(B, n, contexts)` for character ids `(B, n)`."""
        assert self.config.letters is not None
        letters, isolated = self.config.letters, self.config.isolated
        here = ids.cpu()  # not every device has running sums and maxima of int64
        masks = letters.masks if isolated else ()
        keys = [last_characters(here, n, masks) for n in self.config.ngrams]
        word, pair, phrase = word_keys(here, letters, isolated=isolated)
        keys += [word] * self.config.words + [pair, phrase] * self.config.names
        offsets = torch.arange(len(keys)) * self.config.rows
        return (_spread(torch.stack(keys, dim=-1), self.config.rows) + offsets).to(ids.device)

    def forward(self, ids: Tensor) -> Tensor:
        """`(B, n)` ids to `(B, n, width)`."""
        rows = self.rows(ids)
        read = torch.ones_like(ids, dtype=torch.bool)
        if self.config.answers and self.config.letters is not None:
            read = _among(ids, self.config.letters.masks).cummax(1).values
        summed = F.embedding_bag(rows[read], self.table.weight, mode="sum", sparse=True)
        return summed.new_zeros(*ids.shape, summed.shape[-1]).masked_scatter(
            read[..., None], summed
        )


def last_characters(ids: Tensor, n: int, masks: tuple[int, ...] = ()) -> Tensor:
    """A number for the last `n` characters at each position `(B, length)` of `ids`.

    Fewer are read near the start and after one of `masks`, which is the last that is read.
    """
    key, shut = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    masked = _among(ids, masks)
    for back in range(n):
        symbol = _shifted(ids + 1, back)  # 0 stands before the text
        key = key * _STEP + torch.where(shut, 0, symbol)
        shut = shut | _shifted(masked, back)
    return key


def _shifted(x: Tensor, back: int) -> Tensor:
    """What stood `back` places earlier; zeros, or False, before the text."""
    return F.pad(x, (back, 0))[:, : x.shape[1]]


def word_keys(
    ids: Tensor, letters: Letters, *, isolated: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers for the word, the pair and the phrase so far at each position, each `(B, n)`.

    Pair and phrase are 0 outside capitalised words; the word is 0 between words. `isolated`: a
    pair counts the word before only if that one is capitalised, too.
    """
    space = _among(ids, letters.spaces)
    stop = space | _among(ids, letters.separators)
    capital = _among(ids, letters.capitals)
    behind = torch.arange(1, ids.shape[1] + 1)  # the place after each
    start = _latest(stop, behind)  # of the word that is read; at a stop, the place after it
    named = F.pad(capital, (0, 1)).gather(1, start) & ~stop  # inside a capitalised word
    end = F.pad(_latest(~stop, behind), (1, 0)).gather(1, start)  # of the word before; 0: none
    linked = end > _latest(stop & ~space, behind)  # nothing but spaces between the two
    names_meet = linked & F.pad(named, (1, 0)).gather(1, end)
    opening = _latest(named & ~names_meet, start)  # of the phrase
    word, phrase = _keys_from((start, opening), ids + 1)
    before = F.pad(word, (1, 0)).gather(1, end) * (names_meet if isolated else linked)
    return word, (word + before * _BEFORE) * named, phrase * named


def _latest(chosen: Tensor, values: Tensor) -> Tensor:
    """At each position, the value of the last one chosen so far; 0 before. Values never fall."""
    return torch.where(chosen, values, 0).cummax(1).values


def _keys_from(starts: Iterable[Tensor], symbols: Tensor) -> list[Tensor]:
    """For each of `starts` `(B, n)`, a number for the symbols from there to each position.

    It is what `key = key * _STEP + symbol` comes to: a polynomial in `_STEP`. With its terms
    divided by powers of `_STEP`, which is odd and so has an inverse modulo 2^64, it is a difference
    of two sums from the text's beginning.
    """
    powers, inverses = (
        torch.full(symbols.shape[1:], base).cumprod(0) for base in (_STEP, _INVERSE)
    )
    sums = F.pad((symbols * inverses).cumsum(1), (1, 0))
    return [powers * (sums[:, 1:] - sums.gather(1, start)) for start in starts]


def _among(ids: Tensor, members: tuple[int, ...]) -> Tensor:
    return torch.isin(ids, torch.tensor(members, device=ids.device))


def _spread(keys: Tensor, rows: int) -> Tensor:
    """Scatter numbers evenly over `rows`: the product's high bits are the well-mixed ones."""
    return ((keys * _MULTIPLIER) >> 33) % rows
