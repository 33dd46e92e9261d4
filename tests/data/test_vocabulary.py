"""The alphabet: text to integers and back, and no symbol that a text could hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.data.vocabulary import MASK, PAD, Vocabulary
from nlp4.support.errors import UserError

texts = st.lists(st.text(st.characters(exclude_characters=PAD + MASK)), max_size=5)


@quick
@given(texts)
def test_decoding_undoes_encoding(corpus: list[str]) -> None:
    vocabulary = Vocabulary.of(corpus)
    for text in corpus:
        ids = vocabulary.encode(MASK + text + MASK)
        assert len(ids) == len(text) + 2
        assert vocabulary.decode(ids) == MASK + text + MASK


@quick
@given(texts)
def test_each_character_has_one_number_whatever_the_order_of_the_texts(corpus: list[str]) -> None:
    vocabulary = Vocabulary.of(corpus)
    assert len(vocabulary) == len({*"".join(corpus)}) + 2
    assert sorted(vocabulary.encode("".join(vocabulary.characters))) == [*range(len(vocabulary))]
    assert Vocabulary.of(corpus[::-1]) == vocabulary


def test_the_two_symbols_come_first_and_the_rest_is_sorted() -> None:
    vocabulary = Vocabulary.of(["ca", "bé "])
    assert vocabulary.characters == (PAD, MASK, " ", "a", "b", "c", "é")
    assert vocabulary.encode("abc") == [3, 4, 5]


@pytest.mark.parametrize("symbol", [PAD, MASK])
def test_a_text_that_holds_a_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(UserError, match=f"holds the character '{symbol}'.*replace it"):
        Vocabulary.of(["abc", f"a{symbol}c"])


@pytest.mark.parametrize(
    "text, named", [("bax", "'x' \\(LATIN SMALL LETTER X\\)"), ("a\x07", "\\(U\\+0007\\)")]
)
def test_an_unknown_character_is_named(text: str, named: str) -> None:
    with pytest.raises(UserError, match=f"never seen the character .*{named}.*: spell"):
        Vocabulary.of(["ab"]).encode(text)
