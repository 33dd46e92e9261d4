"""What was read about whom: a row for each person, read through a gate.

An index finds the person that a text names, and from there on every place may read that person's
row: `x + W (g(x) * row)`, where the gate g is computed from what has been read so far. A question
opens it for the part of the row that holds its answer, wherever in the question its words stand.
People who were never read about have no row, and add nothing.

Rows found by a key, and a gate that decides how much of them counts, are what Engram (Cheng et al.
2026) and memory layers (Berges et al. 2024) add to large models; embeddings for a fixed list of
frequent phrases are SCONE's (Yu et al. 2025).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nlp4.data.index import Index
from nlp4.models.attention import linear


@dataclass(frozen=True)
class RecallConfig:
    """Who has a row of `width` numbers, and which words have one as wide as the model.

    The names, the words and the alphabet are filled in from the corpus. `dropout` is the share of
    a row's numbers that a question which may not write it does not see: in a long training the
    layers would else learn the training people's rows by heart, and not how to read a row.
    """

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    width: int = 256
    dropout: float = 0.0


class Recall(nn.Module):
    """Rows of people and of words, all zero at first, and the gate through which people's are read.

    A word's row is added where the word ends, whatever its case: what the words of a question mean
    need not be spelt out of letters first.
    """

    def __init__(self, config: RecallConfig, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.index = Index(config.names, config.words, config.characters)
        self.people = nn.Embedding(self.index.names + 1, config.width, padding_idx=0, sparse=True)
        self.words = nn.Embedding(self.index.words + 1, width, padding_idx=0, sparse=True)
        for rows in (self.people, self.words):
            nn.init.zeros_(rows.weight)
        self.dropout = config.dropout
        self.norm = nn.LayerNorm(width)
        self.gate = linear(width, config.width, generator, std=width**-0.5)
        nn.init.ones_(self.gate.bias)  # open, until something is learnt
        self.write = linear(config.width, width, generator, std=config.width**-0.5, bias=False)

    def named(self, ids: Tensor) -> Tensor:
        """The number of the person who is spoken of at each place of `ids` `(B, n)`; 0: nobody.

        That is the last one whose name has ended.
        """
        return last_named(torch.from_numpy(self.index.names_in(ids.cpu().numpy())).to(ids.device))

    def words_at(self, ids: Tensor) -> Tensor:
        """Rows `(B, n, width)` of the words that end in `ids` `(B, n)`, zeros elsewhere."""
        found = torch.from_numpy(self.index.words_in(ids.cpu().numpy())).to(ids.device)
        return self.words(found)

    def forward(self, x: Tensor, named: Tensor, written: Tensor | None = None) -> Tensor:
        """Add to `x` `(B, n, width)` what is remembered of the people `named` `(B, n)`.

        Rows learn from the texts that are `written` `(B,)` alone, or from all.
        """
        rows = self.people(named)  # (B, n, config.width)
        if written is not None:
            # Row 0 in place of those not written: a gradient of zero would move a row as well, by
            # the optimiser's momentum.
            learning = self.people(torch.where(written[:, None], named, 0))
            only_read = F.dropout(rows.detach(), self.dropout, self.training)
            rows = torch.where(written[:, None, None], learning, only_read)
        return x + self.write(self.gate(self.norm(x)) * rows)


def last_named(found: Tensor) -> Tensor:
    """Carry each person's number `(B, n)` on to the next one's place."""
    places = torch.arange(found.shape[1], device=found.device)
    latest = torch.where(found > 0, places, 0).cummax(1).values
    return found.gather(1, latest)
