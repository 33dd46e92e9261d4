"""The index finds whom a slow search in plain Python finds, and nobody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import groupby
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import people, quick

from nlp4.data.index import LONGEST, Index, Table, folded, letter_number, mixed
from nlp4.data.names import Slip, misspelt
from nlp4.data.vocabulary import MASK, PAD

CHARACTERS = f"{PAD}{MASK} ,.:'-?abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéÉŽžáÁß1"
PLAIN = str.maketrans({"é": "e", "É": "e", "Ž": "z", "ž": "z", "ß": "ss", "á": "a", "Á": "a"})
thorough = settings(quick, max_examples=250)


def encode(*texts: str) -> np.ndarray:
    """Ids of some texts, padded to the longest."""
    width = max(map(len, texts))
    return np.array(
        [[CHARACTERS.index(c) for c in text.ljust(width, PAD)] for text in texts], dtype=np.int64
    )


# The slow search. A word is a list of characters, each of them folded; "ß" is one of two letters.

Word = list[str]
Key = tuple[str, ...]


def words_of(text: str) -> list[tuple[int, Word]]:
    """The words of a text, each with the place behind it."""
    found, place = [], 0
    for alphanumeric, run in groupby(text, str.isalnum):
        characters = list(run)
        place += len(characters)
        if alphanumeric:
            found.append((place, [c.translate(PLAIN).lower() for c in characters]))
    return found


def key_of(words: list[Word]) -> Key:
    """Words without order, of letters without order."""
    return tuple(sorted("".join(sorted("".join(word))) for word in words))


def without_a_letter(words: list[Word]) -> list[Key]:
    """All ways to leave one character out of a word of three or more."""
    return [
        key_of([*words[:w], word[:i] + word[i + 1 :], *words[w + 1 :]])
        for w, word in enumerate(words)
        if len(word) > 2
        for i in range(len(word))
    ]


class SlowIndex:
    """The keys of names by themselves, and by those of the same names with a letter dropped."""

    def __init__(self, names: list[str]) -> None:
        slips: dict[Key, set[Key]] = defaultdict(set)
        self.known: dict[Key, Key] = {}
        self.longest = 0
        for name in names:
            words = [word for _, word in words_of(name)]
            self.known[key_of(words)] = key_of(words)
            self.longest = min(8, max(self.longest, len(words)))
            if len(words) > 1 and sum(map(len, words)) >= 7:
                for slip in without_a_letter(words):
                    slips[slip].add(key_of(words))
        self.slips = dict(self.known)
        for slip, owners in slips.items():
            if len(owners) == 1:
                self.slips.setdefault(slip, *owners)

    def named(self, text: str) -> tuple[int, dict[int, set[Key]]]:
        """By how rough a search whom the words before each place name; several may fit as well."""
        found = self._found(text, 1, self.known, lambda words: [key_of(words)])
        if found:
            return 0, found
        found = self._found(text, 1, self.slips, lambda words: [key_of(words)])
        if found:
            return 1, found
        return 2, self._found(text, 2, self.slips, without_a_letter)

    def _found(
        self,
        text: str,
        shortest: int,
        known: dict[Key, Key],
        keys: Callable[[list[Word]], list[Key]],
    ) -> dict[int, set[Key]]:
        words, found = words_of(text), {}
        for last, (place, _) in enumerate(words):
            for length in range(shortest, self.longest + 1):
                run = [word for _, word in words[max(0, last - length + 1) : last + 1]]
                hits = {known[key] for key in keys(run) if key in known}
                if hits and len(run) == length and place < len(text):
                    found[place] = hits  # the longest that fits is the last
        return found


# Names of few letters, so that many are much like others, and texts that are made of them.
few = st.text("abBéß", min_size=1, max_size=4)
some_names = st.lists(few, min_size=1, max_size=3).map(" ".join)
gaps = st.sampled_from([" ", ", ", "-", MASK, PAD, "", " c "])


@st.composite
def altered(draw: st.DrawFn, name: str) -> str:
    """A name with a letter more, fewer or changed, or with its words the other way round."""
    at, letter = draw(st.integers(0, len(name) - 1)), draw(st.sampled_from("abxÉ"))
    return draw(
        st.sampled_from(
            [
                name,
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                " ".join(reversed(name.split(" "))),
            ]
        )
    )


@st.composite
def names_and_texts(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    names = draw(st.lists(some_names, min_size=1, max_size=8))
    piece = st.one_of(few, st.sampled_from(names).flatmap(altered))
    text = st.lists(st.tuples(piece, gaps), max_size=4).map(lambda p: "".join(map("".join, p)))
    return names, draw(st.lists(text, min_size=1, max_size=4))


@thorough
@given(names_and_texts(), st.integers(0, 2))
def test_whom_a_text_names_is_whom_a_slow_search_finds(
    drawn: tuple[list[str], list[str]], padding: int
) -> None:
    names, texts = drawn
    index, slow = Index(names, [], CHARACTERS), SlowIndex(names)
    width = max(map(len, texts)) + padding
    rows = {key_of([w for _, w in words_of(name)]): row for name, row in index.row_of.items()}
    assert sorted(rows.values()) == list(range(1, index.names + 1))
    found = index.names_in(encode(*(text.ljust(width, PAD) for text in texts)))
    assert found.shape == (len(texts), width)
    assert found.dtype == np.int64
    for text, row in zip(texts, found.tolist(), strict=True):
        padded = text.ljust(width, PAD)
        _, expected = slow.named(padded)
        for place in range(width):
            wanted = {rows[key] for key in expected.get(place, ())} or {0}
            assert row[place] in wanted


@thorough
@given(names_and_texts())
def test_what_comes_later_changes_nothing_but_that_slips_are_given_up(
    drawn: tuple[list[str], list[str]],
) -> None:
    """What is found in a text's beginning is found in the whole, if by the same search.

    A rougher search is made only where a finer one finds nobody in the text: so it may find
    somebody in the beginning, and never finds anybody once a name is spelt better further on.
    """
    names, (text, *_) = drawn
    index, slow = Index(names, [], CHARACTERS), SlowIndex(names)
    whole, (search, _) = index.names_in(encode(text))[0].tolist(), slow.named(text)
    for length in range(len(text) + 1):
        beginning = index.names_in(encode(text[:length]))[0].tolist()
        search_then, _ = slow.named(text[:length])
        assert search_then >= search
        assert whole[:length] == (beginning if search_then == search else [0] * length)


# Names as they are in texts

NAMES = sorted({person.name for person in people()})
INDEX = Index(NAMES, [], CHARACTERS)
openings = st.sampled_from(["", "Where was ", "born: ", f"who{MASK}", "1. "])
endings = st.sampled_from([" born?", "?", "'s trade", f"{MASK}", PAD, ", is it", "."])


def only_found(before: str, shown: str, after: str, index: Index = INDEX) -> int:
    """The one row that is found, behind the name and nowhere else; 0 for none."""
    found = index.names_in(encode(before + shown + after))[0]
    places = np.flatnonzero(found).tolist()
    assert places in ([], [len((before + shown).rstrip(".,"))])
    return int(found.max())


def shuffled(word: str, seed: int) -> str:
    """The letters of each word in another order."""
    return "".join(
        "".join(Random(seed).sample(run, len(run)))
        for _, letters in groupby(word, str.isalnum)
        if (run := list(letters))
    )


CHANGES = {
    "nothing": lambda name, seed: name,
    "lower case": lambda name, seed: name.lower(),
    "UPPER CASE": lambda name, seed: name.upper(),
    "aNY cASE": lambda name, seed: name.swapcase(),
    "no accents": lambda name, seed: name.translate(str.maketrans("éÉžŽáÁ", "eEzZaA")),
    "words in any order": lambda name, seed: " ".join(
        Random(seed).sample(name.split(" "), len(name.split(" ")))
    ),
    "surname first": lambda name, seed: ", ".join(reversed(name.split(" ", 1))),
    "letters in any order": lambda name, seed: shuffled(name, seed),
    "two letters swapped": lambda name, seed: (
        misspelt(name, "swapped", np.random.default_rng(seed)) or name
    ),
    "other signs between": lambda name, seed: name.replace(" ", "  -"),
}


@quick
@given(st.sampled_from(NAMES), st.sampled_from([*CHANGES]), st.integers(0, 999), openings, endings)
def test_a_name_is_found_however_it_is_written(
    name: str, change: str, seed: int, before: str, after: str
) -> None:
    assert only_found(before, CHANGES[change](name, seed), after) == INDEX.row_of[name]


@pytest.mark.parametrize("change", CHANGES)
def test_every_name_is_found_at_every_change(change: str) -> None:
    for name in NAMES:
        shown = CHANGES[change](name, 1)
        assert only_found("Did ", shown, " sing?") == INDEX.row_of[name]


@pytest.mark.parametrize("slip", ["swapped", "dropped", "doubled"])
def test_a_slip_is_forgiven(slip: Slip) -> None:
    rng = np.random.default_rng(0)
    for name in NAMES:
        shown = misspelt(name, slip, rng)
        assert shown is not None
        assert only_found("Did ", shown, " sing?") == INDEX.row_of[name], shown


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("Bruno Okafr", "Bruno Okafor"),
        ("Brno Okafor", "Bruno Okafor"),
        ("Bruno Okaforr", "Bruno Okafor"),
        ("Bruno Okagor", "Bruno Okafor"),
        ("okagor, bruno", "Bruno Okafor"),
        ("Bxuno Okafor", "Bruno Okafor"),
        ("Bruno Okaor", "Bruno Okafor"),
        ("Bruno Okar", None),  # two letters dropped
        ("Bruno Okagoor", None),
        ("Bruno Okafor Bruno", "Bruno Okafor"),
        ("Bruno", None),
        ("Okafor", None),
        ("Bruno Mary Okafor", None),
    ],
)
def test_one_slip_is_forgiven_and_no_second(shown: str, meant: str | None) -> None:
    found = INDEX.names_in(encode(f"Did {shown} sing?"))
    assert found.max() == (INDEX.row_of[meant] if meant else 0)


@pytest.mark.parametrize(
    "text", ["Where was she born?", "", " ", MASK, "Bruno. Quist", "Ada, Élise", "?-?"]
)
def test_a_text_about_nobody_finds_nobody(text: str) -> None:
    assert not INDEX.names_in(encode(text + PAD)).any()


def test_of_names_that_end_together_the_longest_is_read() -> None:
    index = Index(["Dijk", "van Dijk", "Ada van Dijk", "Ada", "Mary Ada"], [], CHARACTERS)
    text = "Mary Ada van Dijk, then Ada van"
    found = index.names_in(encode(f"{text}."))[0]
    expected = {8: "Mary Ada", 17: "Ada van Dijk", 27: "Ada"}
    assert {int(at): int(found[at]) for at in np.flatnonzero(found)} == {
        at: index.row_of[name] for at, name in expected.items()
    }


@pytest.mark.parametrize("shown", ["Mary Ada Okafr", "Mary Ada Okaforr", "Mary Ada Okagor"])
def test_of_names_with_a_slip_the_longest_is_read(shown: str) -> None:
    names = ["Mary Ada Okafor", "Ada Okafor"]
    longest = Index(names, [], CHARACTERS)
    assert only_found("", shown, ".", longest) == longest.row_of["Mary Ada Okafor"]
    assert only_found("", shown, ".", Index(names[1:], [], CHARACTERS)) == 1


@pytest.mark.parametrize("end", [MASK, PAD, " ", "?", "'"])
def test_a_name_ends_where_something_else_begins(end: str) -> None:
    found = INDEX.names_in(encode(f"Bruno Okafor{end}"))[0]
    assert found[-1] == INDEX.row_of["Bruno Okafor"] and not found[:-1].any()
    assert not INDEX.names_in(encode(f"Bruno Quist-Ha{end}le.")).any()


def test_a_name_that_may_go_on_is_not_found_yet() -> None:
    assert not INDEX.names_in(encode("Bruno Okafor")).any()
    assert not INDEX.names_in(encode("Bruno Okagor")).any()


def test_texts_of_a_batch_know_nothing_of_each_other() -> None:
    texts = ["so Bruno", "Okafor s", "a Okagor", "Bruno sa", "nonsense", "Bruno Qu"]
    assert not INDEX.names_in(encode(*texts)).any()


def test_words_of_a_question_are_no_slip_of_a_name_if_somebody_is_named() -> None:
    """ "Bruno" without its u has the letters of "born"."""
    index = Index(["Ada Poelle", "Bruno Poelle"], [], CHARACTERS)
    assert only_found("Was ", "Ada Poelle", " born?", index) == index.row_of["Ada Poelle"]
    assert only_found("Was ", "Brno Poelle", " here?", index) == index.row_of["Bruno Poelle"]


def test_names_that_are_written_alike_share_a_row_and_its_slips() -> None:
    index = Index(["Bruno Okafor", "OKAFOR, BRUNO", "Éla Poe"], [], CHARACTERS)
    assert index.names == 2
    assert index.row_of["Bruno Okafor"] == index.row_of["OKAFOR, BRUNO"] != index.row_of["Éla Poe"]
    for shown in ("Bruno Okafor", "Bruno Okafr", "Bruno Okaforr"):
        assert only_found("", shown, ".", index) == index.row_of["Bruno Okafor"]


def test_a_slip_that_two_could_have_made_is_nobodys() -> None:
    index = Index(["Anna Marlow", "Anna Barlow"], [], CHARACTERS)
    for shown in ("Anna arlow", "Anna Garlow"):  # the first letter tells the two apart
        assert only_found("", shown, ".", index) == 0
    for shown, meant in (("Anna Balow", "Anna Barlow"), ("Anna Marlw", "Anna Marlow")):
        assert only_found("", shown, ".", index) == index.row_of[meant]


def test_a_slip_that_is_somebody_elses_name_is_that_name() -> None:
    index = Index(["Anna Marlow", "Anna Malow"], [], CHARACTERS)
    for name in index.row_of:
        assert only_found("", name, ".", index) == index.row_of[name]
    # A letter too many in one name is likelier than another letter in the other.
    assert only_found("", "Anna Malowe", ".", index) == index.row_of["Anna Malow"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Leonora", "Leonra"),  # one word
        ("Leonora", "Leonoraa"),
        ("Ann Poe", "Ann Po"),  # six letters
        ("Leonora Po", "Leonora P"),  # a word of two
    ],
)
def test_short_names_and_short_words_must_be_spelt_well(name: str, shown: str) -> None:
    index = Index([name], [], CHARACTERS)
    assert only_found("", shown, ".", index) == 0
    assert only_found("", name, ".", index) == 1


def test_names_of_very_many_words_are_not_looked_for() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    index = Index([" ".join(words[:LONGEST]), " ".join(words)], [], CHARACTERS)
    found = index.names_in(encode(f"{' '.join(words)}."))[0]
    assert np.flatnonzero(found).tolist() == [len(" ".join(words[:LONGEST]))]


# Words

a_word = st.text("abcABé1", min_size=1, max_size=3)


@quick
@given(st.lists(a_word, max_size=8), st.lists(st.tuples(a_word, gaps), max_size=6))
def test_words_have_their_rows_behind_them(words: list[str], pieces: list[tuple[str, str]]) -> None:
    """Words of the same letters share a row, the first one's."""
    index, text = Index([], words, CHARACTERS), "".join(map("".join, pieces)) + "a"
    first: dict[Key, int] = {}
    for row, word in enumerate(words, 1):
        first.setdefault(key_of([words_of(word)[0][1]]), row)
    expected = [0] * len(text)
    for place, word in words_of(text)[:-1]:
        expected[place] = first.get(key_of([word]), 0)
    assert index.words == len(words)
    assert index.words_in(encode(text))[0].tolist() == expected


def test_an_empty_index_finds_nothing() -> None:
    index = Index([], [], CHARACTERS)
    assert (index.names, index.words, index.row_of) == (0, 0, {})
    ids = encode("Bruno Okafor was born.")
    for found in (index.names_in(ids), index.words_in(ids)):
        assert found.shape == ids.shape and not found.any()


@pytest.mark.parametrize("shape", [(0, 5), (2, 0)])
def test_no_texts_and_empty_texts_find_nothing(shape: tuple[int, int]) -> None:
    assert INDEX.names_in(np.zeros(shape, dtype=np.int64)).shape == shape
    assert INDEX.words_in(np.zeros(shape, dtype=np.int64)).shape == shape


# Numbers


@pytest.mark.parametrize(
    ("character", "expected"), [("A", "a"), ("é", "e"), ("Ž", "z"), ("ß", "ss"), ("ø", "ø")]
)
def test_folding(character: str, expected: str) -> None:
    assert folded(character) == expected


def test_letters_have_numbers_and_signs_have_none() -> None:
    assert [letter_number(c) for c in f" .,-'?{MASK}{PAD}"] == [0] * 8
    letters = "abcdefghijklmnopqrstuvwxyz0123456789øł"
    assert len({letter_number(c) for c in letters} - {0}) == len(letters)
    assert letter_number("É") == letter_number("e")
    assert letter_number("ß") == 2 * letter_number("s") % 2**64


def test_numbers_are_mixed_as_splitmix64_mixes_them() -> None:
    """The generator's first numbers from the seed 1234567, as published with it."""
    golden = 0x9E3779B97F4A7C15
    states = np.array([(1234567 + golden * i) % 2**64 for i in (1, 2, 3)], dtype=np.uint64)
    assert mixed(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_table_has_rows_for_its_keys_alone() -> None:
    keys = np.array([7, 2**63, 7, 3], dtype=np.uint64)
    table = Table(keys, np.array([1, 2, 3, 4]))
    asked = np.array([0, 3, 4, 7, 2**63, 2**64 - 1], dtype=np.uint64)
    assert table[asked].tolist() == [0, 4, 0, 1, 2, 0]
