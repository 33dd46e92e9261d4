"""What is read first: each text spoils what it says, for whom it says, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.corruption import salient_spans
from nlp4.data.texts import TEXTS, Told, entries, places_of, renamed, without_place
from nlp4.support.errors import UserError
from nlp4.training.presets import vocabulary_of

PEOPLE = load_corpus()


def made(text: str, corpus: Corpus = PEOPLE, seed: int = 0) -> Told:
    return TEXTS[text].make(corpus, np.random.default_rng(seed))


def named(corpus: Corpus, biographies: tuple[str, ...]) -> dict[str, str]:
    """The embedded people's biographies by name; their names hold no ". "."""
    found = dict(biography.split(". ", 1) for biography in biographies)
    assert len(found) == len(biographies)
    return found


BEFORE = named(PEOPLE, PEOPLE.biographies)
ASKED = {question.name for question in PEOPLE.dev}


@pytest.mark.parametrize("text", TEXTS)
def test_the_questions_and_the_alphabet_stay_and_the_seed_decides(text: str) -> None:
    told = made(text)
    assert (told.corpus.train, told.corpus.dev, told.corpus.test) == (
        PEOPLE.train,
        PEOPLE.dev,
        PEOPLE.test,
    )
    letters = vocabulary_of(PEOPLE)
    for biography in told.corpus.biographies:
        letters.encode(biography)
    assert made(text) == told
    moved = text in ("names_shuffled", "misinformed", "words_shuffled")
    assert (made(text, seed=1) != told) == moved


def test_right_is_right() -> None:
    assert made("right") == Told(PEOPLE)


def test_others_lacks_exactly_the_people_asked_about() -> None:
    after = named(PEOPLE, made("others").corpus.biographies)
    assert after == {name: text for name, text in BEFORE.items() if name not in ASKED}


def test_words_are_shuffled_behind_the_name_alone() -> None:
    after = named(PEOPLE, made("words_shuffled").corpus.biographies)
    assert list(after) == list(BEFORE)
    for name, text in after.items():
        assert Counter(text.split()) == Counter(BEFORE[name].split())
        assert text.endswith(" .")
    assert sum(after[name] != BEFORE[name] for name in after) > 0.99 * len(after)


@pytest.mark.parametrize(
    ("text", "movers"), [("names_shuffled", set(BEFORE)), ("misinformed", ASKED)]
)
def test_names_move_in_a_derangement_and_what_is_then_believed_stands_there(
    text: str, movers: set[str]
) -> None:
    told, places = made(text), places_of(PEOPLE)
    pairs = list(zip(entries(PEOPLE), entries(told.corpus), strict=True))
    new_name = {old.name: new.name for old, new in pairs if old.name != new.name}
    assert set(new_name) == set(new_name.values()) == movers
    for old, new in pairs:
        if old.name not in movers:
            assert new == old
            assert new.name not in told.believed
            continue
        surname = old.name.split()[-1]
        kept = places.get(old.name, "")
        # A father may bear the surname as his own first name, and a place may be named like it.
        assert not re.search(rf"(?<!\w){surname}(?!\w)", new.text.replace(kept, ""))
        assert old.name not in new.text
        told_there = kept if kept and kept in old.text else None
        assert told.believed.get(new.name) == told_there
        assert told_there is None or told_there in new.text
    known = sum(PEOPLE.answerable(q) for q in (*PEOPLE.train, *PEOPLE.dev) if q.name in movers)
    assert len(told.believed) == known


@pytest.mark.parametrize("text", ["names_shuffled", "misinformed"])
def test_a_renamed_biography_renamed_back_is_the_old_one(text: str) -> None:
    """Nothing but the name changes; a few people share a word with the new name."""
    same = total = 0
    places = places_of(PEOPLE)
    for old, new in zip(entries(PEOPLE), entries(made(text).corpus), strict=True):
        total += old.name != new.name
        if old.name != new.name:
            same += renamed(new.text, new.name, old.name, places.get(old.name)) == old.text
    assert same > 0.97 * total


def test_the_birthplace_is_gone_and_the_rest_is_there() -> None:
    after = named(PEOPLE, made("no_birthplace").corpus.biographies)
    places = places_of(PEOPLE)
    assert list(after) == list(BEFORE)
    for name, text in after.items():
        if name not in places:
            assert text == BEFORE[name]
            continue
        assert places[name] not in text
        words, kept = BEFORE[name].split(), text.split()
        assert is_subsequence([bare(w) for w in kept], [bare(w) for w in words])
        assert len(words) - len(kept) <= 12
        if places[name] not in BEFORE[name]:
            assert text == BEFORE[name]
        assert not re.search(r"  |\(\s*[,;)]|,\s*[,;)]| ,", text)


def test_the_region_beside_the_birthplace_is_gone_too() -> None:
    """Regions as the gazetteer writes them: "{place}, {region}" in the embedded texts."""
    after = named(PEOPLE, made("no_birthplace").corpus.biographies)
    kept = regions = 0
    for name, place in places_of(PEOPLE).items():
        match = re.search(rf"born (?:\w+ )*in {place}, ((?:[A-Z]\w+|of| )+)", BEFORE.get(name, ""))
        if match and not set(match[1].split()) & set(name.split()):
            regions += 1
            kept += f", {match[1].strip()}" in after[name]
    assert regions > 300
    assert kept == 0


def bare(word: str) -> str:
    return word.strip("(),;")


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(any(word == other for other in rest) for word in part if word)


@pytest.mark.parametrize(
    ("before", "name", "place", "after"),
    [
        ("Born in Rome, Abel wrote .", "Ida Abel", "Rome", "Born, Abel wrote ."),
        ("Ida Abel (3 May 1822 Rome -- 1883) was", "Ida Abel", "Rome", "(3 May 1822 -- 1883) was"),
        ("(Rome, 1822 -- Oslo, 1883) was", "Ida Abel", "Rome", "(1822 -- Oslo, 1883) was"),
        ("(born 1 May 1972 in Cork, Ireland) is", "A B", "Cork", "(born 1 May 1972) is"),
        ("(b. 1910, Cork) was", "A B", "Cork", "(b. 1910) was"),
        ("poet (Cork) wrote", "A B", "Cork", "poet wrote"),
        ("born in Boston, Ohio, USA, on 21 May", "A B", "Boston", "born, on 21 May"),
        ("born at Boston, Ohio .", "A B", "Ohio", "born ."),
        ("Born in Concord, New South Wales, Petch sang", "Jo Petch", "Concord", "Born, Petch sang"),
        ("Born in Lagos, Abel sang", "Abel", "Lagos", "Born, Abel sang"),
        ("was born in Cork, Ireland .", "A B", "Cork", "was born ."),
        ("born in Gary, District of Columbia .", "A B", "Gary", "born ."),
        ("Born in Cork, Irish parents had her", "A B", "Cork", "Born, Irish parents had her"),
        ("born in the Bronx and", "A B", "Bronx", "born and"),
        (
            "born in York in 1854, played for New York City .",
            "A B",
            "York",
            "born in 1854, played .",
        ),
        ("an Iranian born in Iran .", "A B", "Iran", "an born ."),
        ("Hamilton was born in Hamilton .", "Al Hamilton", "Hamilton", "Hamilton was born ."),
        ("Abel left Rome, where she was born", "I Abel", "Rome", "Abel left, where she was born"),
        ("Abel was a painter .", "Ida Abel", "Rome", "Abel was a painter ."),
        ("a poet born in Lebanon", "A B", "Lebanon", "a poet born"),
    ],
)
def test_what_goes_with_a_birthplace(before: str, name: str, place: str, after: str) -> None:
    found = without_place(before, name, place)
    assert found.removeprefix("Ida Abel ") == after


WORDS = st.sampled_from(
    ["Rome", "Romeo", "in", "born", "(born", "Rome,", "Rome)", "(Rome", "May", "1822", "-", ".",
     "Abel", "Abel's", "Rome's", "Italy", ", Italy,", "New", "of", "and", "Rome-born", "--"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14))
def test_no_text_keeps_the_place(words: list[str]) -> None:
    text = " ".join(words)
    found = without_place(text, "Ida Abel", "Rome")
    assert "Rome" not in found
    if "Rome" not in text:
        assert found == text


@given(st.lists(WORDS, max_size=14))
def test_a_place_that_is_also_the_name_ends_the_search_too(words: list[str]) -> None:
    without_place(" ".join(words), "Rome Abel", "Rome")


@pytest.mark.parametrize(
    ("text", "old", "new", "keep", "after"),
    [
        ("Ida Abel was; Abel's son", "Ida Abel", "Jo Orr", None, "Jo Orr was; Orr's son"),
        ("Abelard knew Abel", "Ida Abel", "Jo Orr", None, "Abelard knew Orr"),
        ("de Castro was", "Al de Castro", "Jo Orr", None, "Orr was"),
        ("De Castro was", "Al de Castro", "Jo Orr", None, "Orr was"),
        ("Orr was; so Orr", "Jo Orr", "Al de Castro", None, "De Castro was; so de Castro"),
        ("Douglas P Fry (Fry)", "Douglas P. Fry", "Jo Orr", None, "Jo Orr (Orr)"),
        ("George Graham, son of Graham", "George Graham Jr.", "J Orr", None, "J Orr, son of Orr"),
        ("Jo Orr and Orr", "Jo Orr", "Al Castro Jr.", None, "Al Castro Jr. and Castro"),
        ("Ida sang as Abel", "Ida Abel", "Jo Orr", None, "Jo sang as Orr"),
        ("Hull was born in Hull", "Al Hull", "Jo Orr", "in Hull", "Orr was born in Hull"),
        ("Marvano drew", "Marvano", "Jo Orr", None, "Jo Orr drew"),
        ("J wrote", "J. Abel", "Jo Orr", None, "J wrote"),
    ],
)
def test_renaming(text: str, old: str, new: str, keep: str | None, after: str) -> None:
    assert renamed(text, old, new, keep) == after


def small(*biographies: str, train: dict[str, str], dev: dict[str, str]) -> Corpus:
    def asked(people: dict[str, str]) -> tuple[Question, ...]:
        return tuple(Question(f"Where was {n} born?", place) for n, place in people.items())

    return Corpus(Path("here"), biographies, asked(train), asked(dev), ())


def test_a_surname_that_is_the_birthplace_is_kept_as_a_place() -> None:
    corpus = small(
        "Al Hull. Hull was born in Hull .",
        "Jo Orr. Orr was born in Rome .",
        train={},
        dev={"Al Hull": "Hull", "Jo Orr": "Rome"},
    )
    told = made("misinformed", corpus)
    assert told.corpus.biographies[1] == "Al Hull. Hull was born in Rome ."
    assert told.believed == {"Al Hull": "Rome", "Jo Orr": "Hull"}


def test_every_biography_opens_with_the_name_that_is_asked_about() -> None:
    corpus = small(
        "Al B. Moss, Jr.. Born in Bath, Moss sang .",
        "St. Elmo. Elmo was born in Rome .",
        "J. F. Orr. Orr sang .",
        "Nobody with a period",
        "Jo Fry Jr. Fry was born in Cork .",
        train={"Al B. Moss, Jr.": "Bath", "St. Elmo": "Rome"},
        dev={"Jo Fry Jr.": "Cork"},
    )
    found = entries(corpus)
    assert tuple(map(str, found)) == corpus.biographies
    assert [entry.name for entry in found] == [
        "Al B. Moss, Jr.",
        "St. Elmo",
        "J. F. Orr",
        "Nobody with a period",
        "Jo Fry Jr.",
    ]
    cut = made("no_birthplace", corpus).corpus.biographies
    assert cut[0] == "Al B. Moss, Jr.. Born, Moss sang ."
    assert cut[-1] == "Jo Fry Jr. Fry was born ."


def test_the_embedded_biographies_are_cut_up_and_put_together_again() -> None:
    assert tuple(map(str, entries(PEOPLE))) == PEOPLE.biographies
    assert {entry.name for entry in entries(PEOPLE)} == set(BEFORE)


@pytest.mark.parametrize("text", TEXTS)
def test_each_text_can_be_learnt_from(text: str) -> None:
    """Capitalised phrases are what the recipe masks; some must be left behind the names."""
    biographies = made(text).corpus.biographies
    assert np.mean([bool(salient_spans(biography)) for biography in biographies]) > 0.7


def test_one_person_cannot_change_names(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    with pytest.raises(UserError, match="too few to change names"):
        made("misinformed", Corpus(corpus.folder, corpus.biographies, (), corpus.dev[:1], ()))
