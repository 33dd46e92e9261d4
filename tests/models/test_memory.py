"""The memory: a row for each context, which later characters never change."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from samples import quick
from torch import Tensor

from nlp4.data.vocabulary import MASK, PAD
from nlp4.models.memory import Letters, MemoryConfig, NgramMemory, word_keys

CHARACTERS = f"a ,1ABb{MASK}"
LETTERS = Letters(spaces=(1,), separators=(2, 3, 7), capitals=(4, 5), masks=(7,))
CONFIG = MemoryConfig(LETTERS, ngrams=(1, 3, 5), isolated=True, rows=2**20)
MEMORY = NgramMemory(CONFIG, 1)


def encode(*texts: str) -> Tensor:
    return torch.tensor([[CHARACTERS.index(c) for c in text] for text in texts])


def random_texts(seed: int, batch: int, n: int) -> list[str]:
    """Words of one to three letters, some capitalised, between spaces and other separators."""
    rng = np.random.default_rng(seed)
    pieces = [
        "A",
        "B",
        "Ab",
        "Ba",
        "Aab",
        "a",
        "b",
        "ab",
        "bBa",
        "aA",
        " ",
        " ",
        " ",
        " ",
        ",",
        "1",
        MASK,
    ]
    return ["".join(rng.choice(pieces, size=n))[:n] for _ in range(batch)]


def word(read: str) -> str:
    """The letters since the last space or separator."""
    return re.split(f"[ ,1{MASK}]", read)[-1]


def pair(read: str, before: str = rf"[AB][^ ,1{MASK}]*") -> Hashable:
    """A capitalised word so far, and the whole one before it, if only spaces are between."""
    now = word(read)
    found = re.search(rf"(?<![^ ,1{MASK}])({before}) +$", read[: len(read) - len(now)])
    return (now, found.group(1) if found else "") if now[:1].isupper() else None


def phrase(read: str) -> Hashable:
    """The run of capitalised words, with nothing but spaces between them, that is being read."""
    stop = f" ,1{MASK}"
    found = re.search(rf"(?<![^{stop}])([AB][^{stop}]* +)*[AB][^{stop}]*$", read)
    return found.group() if found else None


def last(read: str, n: int) -> str:
    """The last n characters, or those from the last mask on where these are fewer."""
    return read[max(0, read.rfind(MASK)) :][-n:]


CONTEXTS = {
    "1": lambda read: last(read, 1),
    "3": lambda read: last(read, 3),
    "5": lambda read: last(read, 5),
    "word": word,
    "pair": pair,
    "phrase": phrase,
}

# Without `isolated`: characters reach across a mask, and a pair counts any word before.
ACROSS = {
    "1": lambda read: read[-1:],
    "3": lambda read: read[-3:],
    "5": lambda read: read[-5:],
    "pair": lambda read: pair(read, rf"[^ ,1{MASK}]+"),
}


def test_the_contexts_of_a_sentence() -> None:
    read = "ab ,Ab Ba  A"
    assert [word(read), pair(read), phrase(read)] == ["A", ("A", "Ba"), "Ab Ba  A"]
    assert [phrase(read[:2]), phrase(read[:6]), phrase(read[:7])] == [None, "Ab", None]


def test_no_word_reaches_across_a_separator() -> None:
    assert pair("Ab,A") == pair("A") == ("A", "")
    assert pair("Ab  A") == ("A", "Ab")
    assert pair("ab A") == ("A", "")


def test_nothing_reaches_across_a_mask() -> None:
    """An answer is stored in the rows in which a question of other words will look for it."""
    ids = encode(f"Ab a{MASK}Ba b", f"b,1A{MASK}Ba b")
    rows = MEMORY.rows(ids)
    assert torch.equal(rows[0, 4:], rows[1, 4:])
    assert (rows[0, :4, :3] != rows[1, :4, :3]).all()


def test_a_name_is_looked_up_by_itself_after_words_in_lower_case() -> None:
    first, second = MEMORY.rows(encode("ab Ab Ba", "ba Ab Ba"))
    assert torch.equal(first[3:, 3:], second[3:, 3:])


def test_without_isolation_what_stands_before_is_read_too() -> None:
    memory = NgramMemory(replace(CONFIG, ngrams=(3,), isolated=False), 1)
    rows = memory.rows(encode(f"a{MASK}Bab", f"b{MASK}Bab"))
    same = (rows[0] == rows[1]).tolist()
    assert [row[0] for row in same] == [False, False, False, True, True]  # the last three
    assert all(all(row[1:]) for row in same[2:])  # words and names stop at masks either way
    rows = memory.rows(encode("ab Ab", "ba Ab"))
    word, pair, phrase = (rows[0, 3:] == rows[1, 3:]).unbind(1)[1:]
    assert word.all() and phrase.all() and not pair.any()


@pytest.mark.parametrize("isolated", [True, False])
@pytest.mark.parametrize("which", CONTEXTS)
def test_a_row_stands_for_one_context(which: str, isolated: bool) -> None:
    contexts = CONTEXTS if isolated else CONTEXTS | ACROSS
    texts = random_texts(0, batch=8, n=80)
    memory = NgramMemory(replace(CONFIG, isolated=isolated), 1)
    rows = memory.rows(encode(*texts))[..., [*CONTEXTS].index(which)].tolist()
    row_of: dict[Hashable, int] = {}
    for text, row in zip(texts, rows, strict=True):
        for t in range(len(text)):
            context = contexts[which](text[: t + 1])
            assert row_of.setdefault(context, row[t]) == row[t], context
    assert len(row_of) >= 7
    # Up to 640 contexts in 2^20 rows: 0.2 collisions are expected.
    assert len(row_of) - len(set(row_of.values())) <= 2


def keys_read_in_order(
    ids: Tensor, letters: Letters, isolated: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """`word_keys`, one character after the other: shipped models keep their rows by these."""
    space = torch.isin(ids, torch.tensor(letters.spaces))
    ends = space | torch.isin(ids, torch.tensor(letters.separators))
    capital = torch.isin(ids, torch.tensor(letters.capitals))
    word = before = phrase = torch.zeros_like(ids[:, 0])
    named = torch.zeros_like(word, dtype=torch.bool)  # inside a capitalised word
    columns = []
    for t in range(ids.shape[1]):
        stop, symbol = ends[:, t], ids[:, t] + 1
        starts = ~stop & (word == 0)
        ended = torch.where(named, word, 0) if isolated else word
        before = torch.where(stop & (word != 0), ended, before)
        before = torch.where(stop & ~space[:, t], 0, before)
        named = torch.where(starts, capital[:, t], named & ~stop)
        broken = (starts & ~capital[:, t]) | (stop & ~space[:, t])
        goes_on = named | (space[:, t] & (phrase != 0))
        phrase = torch.where(broken, 0, torch.where(goes_on, phrase * 1_000_003 + symbol, phrase))
        word = torch.where(stop, 0, word * 1_000_003 + symbol)
        pair = torch.where(named, word + before * 998_244_353, 0)
        columns.append((word, pair, torch.where(named, phrase, 0)))
    word, pair, phrase = (torch.stack(column, dim=1) for column in zip(*columns, strict=True))
    return word, pair, phrase


ALPHABET = f"{PAD}{MASK} \u00a0,1(aéb'-.AÉZ"
SORTED = Letters(spaces=(2, 3), separators=(0, 1, 4, 5, 6), capitals=(13, 14, 15), masks=(1,))
PIECES = [
    *ALPHABET,
    "ab",
    "éb",
    "Éa-Zé",
    "A.",
    "A b",
    "a É",
    *"    ",
]  # many end in words that meet
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), max_size=4)


@quick
@given(texts=TEXTS, padding=st.integers(1, 5), isolated=st.booleans())
def test_keys_are_those_of_reading_one_character_after_the_other(
    texts: list[str], padding: int, isolated: bool
) -> None:
    width = max(map(len, texts), default=0) + padding
    rows = [[*map(ALPHABET.index, text.ljust(width, PAD))] for text in ["", *texts]]
    ids = torch.tensor(rows)
    found = word_keys(ids, SORTED, isolated=isolated)
    expected = keys_read_in_order(ids, SORTED, isolated)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == torch.int64 and torch.equal(ours, theirs)


def test_each_kind_of_context_has_rows_of_its_own() -> None:
    rows = MEMORY.rows(encode(*random_texts(1, 4, 60)))
    assert rows.shape == (4, 60, 6)
    for c in range(6):
        assert (rows[..., c] >= c * CONFIG.rows).all()
        assert (rows[..., c] < (c + 1) * CONFIG.rows).all()


@pytest.mark.parametrize("words, names, kept", [(False, True, [4, 5]), (True, False, [3])])
def test_kinds_of_context_can_be_left_out(words: bool, names: bool, kept: list[int]) -> None:
    config = replace(CONFIG, ngrams=(5,), words=words, names=names)
    memory, ids = NgramMemory(config, 1), encode(*random_texts(2, 4, 60))
    kept = [2, *kept]
    assert config.contexts == len(kept)
    assert memory.table.num_embeddings == len(kept) * config.rows
    whole, fewer = MEMORY.rows(ids), memory.rows(ids)
    for place, c in enumerate(kept):
        assert torch.equal(fewer[..., place] - place * 2**20, whole[..., c] - c * 2**20)


def test_few_rows_are_filled_evenly() -> None:
    config = MemoryConfig(Letters((), (), ()), ngrams=(8,), words=False, names=False, rows=64)
    ids = torch.from_numpy(np.random.default_rng(3).integers(0, 40, size=(50, 200)))
    counts = torch.bincount(NgramMemory(config, 1).rows(ids).flatten(), minlength=64)
    # 10,000 contexts in 64 rows: 156 each, sd 12.4; 6 sd are 75.
    assert counts.min() > 156 - 75
    assert counts.max() < 156 + 75


@pytest.mark.parametrize("t", range(60))
def test_later_characters_never_change_earlier_rows(t: int) -> None:
    ids = encode(*random_texts(4, 4, 60))
    changed = ids.clone()
    changed[:, t:] = (changed[:, t:] + 3) % len(CHARACTERS)
    assert torch.equal(MEMORY.rows(ids)[:, :t], MEMORY.rows(changed)[:, :t])
    assert (MEMORY.rows(ids)[:, t, :3] != MEMORY.rows(changed)[:, t, :3]).all()
    assert torch.equal(MEMORY.rows(ids)[:, : t + 1], MEMORY.rows(ids[:, : t + 1]))


def test_the_output_is_the_sum_of_the_rows() -> None:
    memory = NgramMemory(replace(CONFIG, ngrams=(2,), rows=97), 3)
    ids = encode(*random_texts(5, 2, 9))
    assert (memory(ids) == 0).all()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        memory.table.weight.normal_(generator=generator)
    table, rows, out = memory.table.weight.tolist(), memory.rows(ids).tolist(), memory(ids)
    assert out.shape == (2, 9, 3)
    for b in range(2):
        for t in range(9):
            expected = [sum(table[row][c] for row in rows[b][t]) for c in range(3)]
            assert out[b, t].tolist() == pytest.approx(expected, abs=1e-5)


QUESTIONS = (
    f"Ab ab{MASK}Ba b{MASK}a",
    f"a B 1a,{MASK}{MASK}Abb",
    "aB Ab b,1 ab",
    f"{MASK}Ab Ba b,a1B",
)


def filled(config: MemoryConfig) -> NgramMemory:
    """A memory of which every row differs from every other."""
    memory = NgramMemory(config, 3).double()
    with torch.no_grad():
        memory.table.weight.normal_(generator=torch.Generator().manual_seed(0))
    return memory


@pytest.mark.parametrize("isolated", [True, False])
def test_in_answers_alone_rows_are_read_from_the_first_mask_on(isolated: bool) -> None:
    config, ids = replace(CONFIG, rows=211, isolated=isolated), encode(*QUESTIONS)
    whole, answers = filled(config)(ids), filled(replace(config, answers=True))(ids)
    assert answers.shape == whole.shape == (4, 12, 3)
    for b, text in enumerate(QUESTIONS):
        first = text.find(MASK) if MASK in text else len(text)
        assert not answers[b, :first].any()
        assert torch.equal(answers[b, first:], whole[b, first:])
        assert whole[b].all()


def test_without_a_mask_and_without_texts_nothing_is_read() -> None:
    memory = filled(replace(CONFIG, rows=211, answers=True))
    for ids in (encode("Ab ab", "Ba, a"), torch.zeros(0, 5, dtype=torch.int64)):
        found = memory(ids)
        assert found.shape == (*ids.shape, 3) and not found.any()
    memory(encode("Ab ab")).sum().backward()
    gradient = memory.table.weight.grad
    assert gradient is not None and not gradient.to_dense().any()


def test_only_the_rows_of_answers_learn() -> None:
    memory, ids = filled(replace(CONFIG, rows=211, answers=True)), encode(*QUESTIONS)
    memory(ids).sum().backward()
    gradient = memory.table.weight.grad
    assert gradient is not None
    assert gradient.is_sparse
    rows = memory.rows(ids)
    read = {
        r
        for b, text in enumerate(QUESTIONS)
        if MASK in text
        for r in rows[b, text.index(MASK) :].flatten().tolist()
    }
    assert set(gradient.coalesce().indices().flatten().tolist()) == read


def test_only_the_rows_that_were_read_learn() -> None:
    memory = NgramMemory(replace(CONFIG, ngrams=(2,), rows=50), 2)
    ids = encode("Ab ab")
    memory(ids).sum().backward()
    gradient = memory.table.weight.grad
    assert gradient is not None
    assert gradient.is_sparse
    read = set(memory.rows(ids).flatten().tolist())
    assert set(gradient.coalesce().indices().flatten().tolist()) == read
