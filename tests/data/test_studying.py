"""Clozes are scraps of the texts; questions are about training people, and their answers true."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from nlp4.data import relations, wordings
from nlp4.data.corpus import UNKNOWN, Corpus, Question
from nlp4.data.corruption import Sequence, name_of, salient_spans
from nlp4.data.studying import (
    SPLIT,
    Draw,
    Names,
    Study,
    any_questions,
    fact_clozes,
    loosened,
    names_and_words,
    told_as,
)
from nlp4.support.errors import UserError

FIRST = ("Ada", "Bram", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal", "Ida")
LAST = ("Quill", "Otter", "Marsh", "Finch", "Weiß", "Rook", "Sand", "Pike", "Moor")
PLACES = ("Torvale", "Eastmere", "Northam", "Hull", "Leeds")
NATIONS, JOBS = ("Danish", "Polish", "Maltese"), ("potter", "botanist", "jurist", "dancer")
HELD_PLACES, HELD_NATIONS, HELD_JOBS = ("Quito", "Lima"), ("Chilean",), ("weaver", "baker")
FOLDER = Path("data/small")


@dataclass(frozen=True)
class Person:
    """Somebody with an answer to every relation, and what the biography tells of it."""

    name: str
    truth: dict[str, str]
    text: str

    @property
    def told(self) -> dict[str, str]:
        """Of the truth, what the text tells."""
        return {
            relation: a for relation, a in self.truth.items() if re.search(rf"\b{a}\b", self.text)
        }


FORMS = (  # how much of the truth a text tells, the most first
    "(born 3 May {birth_year} in {birthplace}) was a {nationality} {occupation} who died in "
    "{death_place} in 1999 .",
    "(born 3 May {birth_year} in {birthplace}) was a {nationality} {occupation} at York .",
    "was a {nationality} {occupation} who was born in {birthplace} and lived in York .",
    "was born in {birthplace} and lived in York with Tom Ray since 1980 .",
    "once lived in York with Tom Ray .",
)


def person(number: int, name: str, form: int, held: bool = False) -> Person:
    """Nobody who is held back has an answer in common with those who are trained on."""
    places, nations, jobs = (
        (HELD_PLACES, HELD_NATIONS, HELD_JOBS) if held else (PLACES, NATIONS, JOBS)
    )
    truth = {
        "birthplace": places[number % len(places)],
        "birth_year": str((1700 if held else 1900) + number),
        "occupation": jobs[number % len(jobs)],
        "nationality": nations[number % len(nations)],
        "death_place": places[(number + 1) % len(places)],
    }
    return Person(name, truth, f"{name}. {name} {FORMS[form].format(**truth)}")


def everyone() -> tuple[list[Person], list[Person]]:
    """The people who are trained on, and those who are held back, each form of text on each side.

    A name ends with a period of its own, one has a single word.
    """
    names = [f"{first} {last}" for last in LAST for first in FIRST][::2]
    names[3], names[8] = "Gus Quill, Jr.", "Ilse"
    people = [person(i, name, i % len(FORMS), held=i >= 28) for i, name in enumerate(names)]
    return people[:28], people[28:]


TRAIN, HELD = everyone()
PEOPLE = {p.name: p for p in (*TRAIN, *HELD)}


def asked(people: Iterable[Person], *, answers: bool = True) -> tuple[Question, ...]:
    places = [p.truth["birthplace"] if answers else None for p in people]
    return tuple(
        Question(f"Where was {p.name} born?", place, person=p.name)
        for p, place in zip(people, places, strict=True)
    )


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """28 training people, 6 for dev, 4 for test; 3 more are never asked about."""
    texts = tuple(p.text for p in (*TRAIN, *HELD))
    dev, test = asked(HELD[:6]), asked(HELD[6:10], answers=False)
    return Corpus(FOLDER, texts, asked(TRAIN), dev, test)


def drawn(draw: Draw, number: int, seed: int = 0) -> list[Sequence]:
    rng = np.random.default_rng(seed)
    return [draw(rng) for _ in range(number)]


def within(number: int, of: int, share: float) -> bool:
    """Whether a count is within four standard deviations of its expectation."""
    return abs(number - of * share) <= 4 * (of * share * (1 - share)) ** 0.5


# The people of these tests


def test_texts_tell_what_these_tests_take_them_to_tell() -> None:
    for each in PEOPLE.values():
        assert relations.answers(each.text) == each.told
    assert [len(p.told) for p in TRAIN[:5]] == [5, 4, 3, 1, 0]


# Clozes


@dataclass(frozen=True)
class Cloze:
    """A cloze taken apart: the name as shown, and the text before the mask and behind it."""

    name: str
    period: bool
    before: str
    answer: str
    after: str

    @staticmethod
    def of(sequence: Sequence) -> Cloze:
        head, rest = sequence.text[: sequence.known_from], sequence.text[sequence.known_from :]
        found = re.fullmatch(r"(\.?) ([^⁇]*)⁇([^⁇]*)⁇([^⁇]+)⁇", rest)
        assert found is not None, sequence.text
        period, before, after, answer = found.groups()
        assert sequence.answer == f"{answer}⁇"
        return Cloze(head, bool(period), before, answer, after)


def spans_of(text: str) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Bounds of the facts in a text, and of the other capitals and years in it."""
    facts = set(relations.found(text).values())
    years = {m.span() for m in re.finditer(r"\b[12]\d{3}\b", text)}
    others = set(salient_spans(text)) | years
    return facts, {(a, b) for a, b in others if not any(a < d and c < b for c, d in facts)}


def places_of(cloze: Cloze, text: str) -> list[int]:
    """Where the answer may stand in a text, by its neighbours."""
    scrap = cloze.before + cloze.answer + cloze.after
    return [m.start() + len(cloze.before) for m in re.finditer(f"(?={re.escape(scrap)})", text)]


TOLD = {name_of(p.text): p.text for p in PEOPLE.values()}


@pytest.mark.parametrize(
    "study", [Study(), Study(before=(0, 3), after=0), Study(before=(5, 9), after=12, named=0.7)]
)
def test_a_cloze_is_a_scrap_of_the_biography(corpus: Corpus, study: Study) -> None:
    least, most = study.before
    before, after = set[int](), set[int]()
    for sequence in drawn(fact_clozes(corpus, 128, study), 1_500):
        assert sequence.about is not None and sequence.written
        cloze, text = Cloze.of(sequence), TOLD[sequence.about]
        spans = set().union(*spans_of(text))
        starts = [at for at in places_of(cloze, text) if (at, at + len(cloze.answer)) in spans]
        (begin,) = (at - len(cloze.before) for at in starts)
        assert begin >= len(sequence.about) + 2  # the name does not tell itself
        assert len(cloze.before) >= least or begin == len(sequence.about) + 2
        before.add(len(cloze.before))
        after.add(len(cloze.after))
    assert set(range(least, most + 1)) <= before and max(before) == most
    assert after == set(range(study.after + 1))


@pytest.mark.parametrize("other", [0.0, 1.0, 1e9])
def test_all_facts_are_masked_and_other_spans_as_their_weight_is(
    corpus: Corpus, other: float
) -> None:
    """A span is told by its person and its text: nobody's text holds one twice."""
    found = [
        (s.about, Cloze.of(s).answer)
        for s in drawn(fact_clozes(corpus, 128, Study(other_spans=other)), 6_000)
    ]
    facts, others = (
        {(name, text[a:b]) for name, text in TOLD.items() for a, b in spans_of(text)[which]}
        for which in (0, 1)
    )
    wanted = {0.0: facts, 1.0: facts | others, 1e9: others}[other]
    assert set(found) == wanted


@pytest.mark.parametrize("rarity", [0.0, 0.5, 1.0])
def test_rare_facts_are_masked_more_often_by_a_power_of_their_rarity(
    corpus: Corpus, rarity: float
) -> None:
    """A relation as a whole then comes in proportion to its number of facts, less that power."""
    told = {
        name: {text[a:b]: relation for relation, (a, b) in relations.found(text).items()}
        for name, text in TOLD.items()
    }
    facts = Counter(relation for found in told.values() for relation in found.values())
    assert len(set(facts.values())) > 2
    study = Study(other_spans=0.0, rarity=rarity)
    sequences = drawn(fact_clozes(corpus, 128, study), 8_000)
    masked = Counter(told[str(s.about)][s.answer.removesuffix("⁇")] for s in sequences)
    whole = sum(number ** (1 - rarity) for number in facts.values())
    for relation, number in facts.items():
        assert within(masked[relation], 8_000, number ** (1 - rarity) / whole), relation


def test_names_are_shown_as_often_as_asked(corpus: Corpus) -> None:
    study = Study(named=0.4, false_letters=0.3, surname_first=0.25)
    rows = [(s.about, Cloze.of(s)) for s in drawn(fact_clozes(corpus, 128, study), 4_000)]
    named = [(about, cloze) for about, cloze in rows if cloze.name]
    assert within(len(named), 4_000, 0.4)
    assert not any(cloze.period for _, cloze in rows if not cloze.name)
    assert within(sum(cloze.period for _, cloze in named), len(named), 0.5)
    several = [(about, c.name) for about, c in named if about not in ("Ilse", "Gus Quill, Jr")]
    turned = [", " in name for _, name in several]
    assert within(sum(turned), len(several), 0.25)
    plain = [" ".join(name.split(", ")[::-1]) for _, name in several]
    true = [about == name for (about, _), name in zip(several, plain, strict=True)]
    assert within(len(true) - sum(true), len(several), 0.3)
    strangers = {name for name, own in zip(plain, true, strict=True) if not own}
    assert len(strangers) > 20 and not strangers & (TOLD.keys() | PEOPLE.keys())


@pytest.mark.parametrize("named", [0.0, 1.0])
def test_names_are_shown_never_or_always(corpus: Corpus, named: float) -> None:
    study = Study(named=named, false_letters=0.0, surname_first=0.0, other_spans=1.0)
    shown = {(s.about, Cloze.of(s).name) for s in drawn(fact_clozes(corpus, 128, study), 1_500)}
    tellers = {name for name, text in TOLD.items() if any(spans_of(text))}
    assert shown == {(name, name if named else "") for name in tellers}


# Questions

PLAINLY = Study(
    false_letters=0.0,
    surname_first=0.0,
    strangers=0.0,
    other=0.0,
    silent=0.0,
    lower=0.0,
    upper=0.0,
    bare=0.0,
    loosened=0.0,
    led=0.0,
)
BUSY = Study(  # so that all that may happen does
    false_letters=0.4,
    surname_first=0.3,
    strangers=0.2,
    other=0.15,
    silent=0.9,
    lower=0.2,
    upper=0.2,
    bare=0.2,
    loosened=0.5,
    dropped=0.2,
    led=0.3,
)
ASKED = (*TRAIN[0].told, "other")
RELATIONS_OF: dict[str, list[str]] = {}  # by the wording
for _relation in ASKED:
    for _wording in wordings.pool(_relation):
        RELATIONS_OF.setdefault(_wording, []).append(_relation)
KNOWN = {*TOLD, *PEOPLE}
FIRSTS, LASTS = ({name.split(" ")[i] for name in TOLD} for i in (0, -1))


def made_up(name: str) -> bool:
    """Whether somebody's first name and somebody's surname, but nobody's name."""
    first, *rest = name.split(" ")
    return first in FIRSTS and len(rest) == 1 and rest[0] in LASTS and name not in KNOWN


def read(sequence: Sequence) -> tuple[str, str, str]:
    """The relation, the wording and the name that a plain question was put from."""
    text, end = sequence.prompt.removesuffix("⁇"), sequence.known_from
    found = [
        (relation, wording, text[start:end])
        for start in range(end)
        if text[start:end] in PEOPLE or made_up(text[start:end])
        for wording in (f"{text[:start]}X{text[end:]}",)
        for relation in RELATIONS_OF.get(wording, ())
    ]
    assert len(found) == 1, (text, found)
    return found[0]


def answer(sequence: Sequence) -> str:
    return sequence.answer.removesuffix("⁇")


def test_nobody_who_is_held_back_is_asked_about_in_any_relation(corpus: Corpus) -> None:
    trained = {name_of(p.text) for p in TRAIN}
    held = {p.name.casefold() for p in HELD}
    held |= {f"{name.split(' ')[1]}, {name.split(' ')[0]}" for name in held}
    secrets = {a for p in HELD for a in p.truth.values()}
    found = drawn(any_questions(corpus, 200, BUSY), 8_000)
    assert {s.about for s in found} == {*trained, None}
    for sequence in found:
        assert answer(sequence) not in secrets
        assert not sequence.written
        assert sequence.prompt.count("⁇") == 1 and sequence.prompt.endswith("⁇")
    texts = "\n".join(s.text.casefold() for s in found)
    assert [name for name in held if re.search(rf"\b{name}\b", texts)] == []


def test_whoever_is_asked_about_in_a_question_without_a_biography_is_no_stranger(
    corpus: Corpus,
) -> None:
    nameless = next(f"{a} {b}" for a in FIRST for b in LAST if made_up(f"{a} {b}"))
    dev = (*corpus.dev, Question(f"Where was {nameless} born?", "Quito"))
    study = replace(PLAINLY, strangers=1.0)
    for more, met in ((corpus, True), (replace(corpus, dev=dev), False)):
        found = drawn(any_questions(more, 200, study), 1_000)
        assert any(nameless in s.text for s in found) is met


def test_answers_are_what_the_biography_tells(corpus: Corpus) -> None:
    study = replace(PLAINLY, strangers=0.2, other=0.2, silent=1.0)
    kinds = Counter[str]()
    for sequence in drawn(any_questions(corpus, 200, study), 4_000):
        relation, wording, name = read(sequence)
        assert wording in wordings.split(relation, SPLIT).trained
        told = PEOPLE[name].told if name in PEOPLE else {}
        if name not in PEOPLE:
            kind = "stranger"
            assert sequence.about is None
        else:
            assert sequence.about == name_of(PEOPLE[name].text)
            kind = "fact" if relation in told else "other" if relation == "other" else "silent"
        assert answer(sequence) == told.get(relation, UNKNOWN)
        kinds[kind] += 1
    assert min(kinds[kind] for kind in ("stranger", "fact", "other", "silent")) > 300


def test_every_fact_of_training_people_is_asked_for(corpus: Corpus) -> None:
    found = Counter(
        (name, relation, answer(s))
        for s in drawn(any_questions(corpus, 200, PLAINLY), 8_000)
        for relation, _, name in (read(s),)
    )
    assert set(found) == {(p.name, r, a) for p in TRAIN for r, a in p.told.items()}


def test_rarer_relations_are_asked_for_more_often_than_they_weigh(corpus: Corpus) -> None:
    found = Counter(read(s)[0] for s in drawn(any_questions(corpus, 200, PLAINLY), 6_000))
    facts = Counter(relation for p in TRAIN for relation in p.told)
    assert facts["birthplace"] > 3 * facts["death_place"]
    assert found["birthplace"] > found["death_place"] > 6_000 * facts["death_place"] / facts.total()


def test_a_relation_that_hardly_anybody_has_is_not_asked_for(corpus: Corpus) -> None:
    """One of 28 is less than one in twenty; two are more."""
    dead = [p for p in TRAIN if "death_place" in p.told]
    for kept, there in ((1, False), (2, True)):
        living = {p.text: p.text.replace(" died in ", " stays in ") for p in dead[kept:]}
        texts = tuple(living.get(text, text) for text in corpus.biographies)
        found = drawn(any_questions(replace(corpus, biographies=texts), 200, PLAINLY), 2_000)
        assert any(read(s)[0] == "death_place" for s in found) is there


def test_wordings_that_are_kept_back_are_never_drawn(corpus: Corpus) -> None:
    study = replace(PLAINLY, strangers=0.1, other=0.3, silent=0.5)
    found = Counter[str]()
    for sequence in drawn(any_questions(corpus, 250, study), 10_000):
        relation, wording, _ = read(sequence)
        assert wording not in wordings.split(relation, SPLIT).unseen
        found[wording] += 1
    trained = {w for relation in ASKED for w in wordings.split(relation, SPLIT).trained}
    assert len(found) > 0.95 * len(trained)


def test_shares_of_strangers_and_of_what_nobody_tells(corpus: Corpus) -> None:
    study = replace(PLAINLY, strangers=0.15, other=0.25)
    read_ = [read(s) for s in drawn(any_questions(corpus, 200, study), 4_000)]
    assert within(sum(made_up(name) for _, _, name in read_), 4_000, 0.15)
    assert within(sum(relation == "other" for relation, _, _ in read_), 4_000, 0.25)


def test_the_silent_are_asked_about_in_proportion_to_their_number(corpus: Corpus) -> None:
    study = replace(PLAINLY, silent=0.6)
    found = [(read(s)[0], answer(s)) for s in drawn(any_questions(corpus, 200, study), 6_000)]
    for relation in TRAIN[0].told:
        here = [given == UNKNOWN for told, given in found if told == relation]
        facts = sum(relation in p.told for p in TRAIN)
        silent = 0 if relation == "birthplace" else len(TRAIN) - facts
        assert within(sum(here), len(here), 0.6 * silent / (silent + facts))
        assert len(here) > 500


def test_a_birthplace_that_stands_in_no_text_is_not_asked_for(corpus: Corpus) -> None:
    """The files give everybody one, so nobody is silent; and no row can hold it."""
    study = replace(PLAINLY, silent=1.0)
    found = [read(s) for s in drawn(any_questions(corpus, 200, study), 3_000)]
    named = {name for relation, _, name in found if relation == "birthplace"}
    assert named == {p.name for p in TRAIN if "birthplace" in p.told} != {p.name for p in TRAIN}


def test_cases_and_question_marks_come_in_their_shares(corpus: Corpus) -> None:
    study = replace(PLAINLY, lower=0.2, upper=0.15, bare=0.3)
    plain = drawn(any_questions(corpus, 250, PLAINLY), 4_000)
    found = drawn(any_questions(corpus, 250, study), 4_000)
    texts = [s.prompt.removesuffix("⁇") for s in found]
    assert within(sum(text.islower() for text in texts), 4_000, 0.2)
    assert within(sum(text.isupper() for text in texts), 4_000, 0.15)
    # The same draws end with a mark where it is not taken away: not all wordings have one.
    marks = [s.prompt.endswith("?⁇") for s in plain]
    lost = sum(mark and not text.endswith("?") for mark, text in zip(marks, texts, strict=True))
    assert within(lost, sum(marks), 0.3)
    for one, other, text in zip(plain, found, texts, strict=True):
        assert one.answer == other.answer and one.about == other.about
        whole = one.prompt.removesuffix("⁇")
        assert text in (whole, whole.lower(), whole.upper(), whole.removesuffix("?"))


@pytest.mark.parametrize("case", ["plain", "lower", "upper", "surname first"])
def test_a_person_is_known_behind_the_name_as_it_is_shown(case: str, corpus: Corpus) -> None:
    """In capitals "ß" is two letters."""
    changes = {"surname first": {"surname_first": 1.0}, "plain": {}}.get(case, {case: 1.0})
    found = drawn(any_questions(corpus, 250, replace(BUSY, **{**SHOWN, **changes})), 3_000)
    names = {p.name: p.name for p in TRAIN}
    if case == "surname first":
        names |= {n: wordings.surname_first(n) or n for n in names}
    names = {name_of(PEOPLE[n].text): shown for n, shown in names.items()}
    shown = {
        name: {"lower": n.lower(), "upper": n.upper()}.get(case, n) for name, n in names.items()
    }
    met = set()
    for sequence in found:
        head, rest = sequence.text[: sequence.known_from], sequence.text[sequence.known_from :]
        assert re.match(r"\W|_", rest), sequence.text
        if sequence.about is not None:
            assert head.endswith(shown[sequence.about]), sequence.text
            met.add(sequence.about)
    assert met == set(names)


SHOWN = {"false_letters": 0.0, "surname_first": 0.0, "lower": 0.0, "upper": 0.0}


def test_letters_shown_are_strangers_as_often_as_asked(corpus: Corpus) -> None:
    study = replace(PLAINLY, false_letters=0.35)
    false = 0
    for sequence in drawn(any_questions(corpus, 200, study), 3_000):
        relation, _, name = read(sequence)
        assert sequence.about is not None
        person = next(p for p in TRAIN if name_of(p.text) == sequence.about)
        assert answer(sequence) == person.told[relation]  # whatever the letters
        assert name == person.name or made_up(name)
        false += name != person.name
    assert within(false, 3_000, 0.35)


def test_wordings_are_the_first_of_each_pool(corpus: Corpus) -> None:
    study = replace(PLAINLY, wordings=3, other=0.3)
    found = [read(s)[:2] for s in drawn(any_questions(corpus, 200, study), 3_000)]
    relations_asked = {relation for relation, _ in found}
    assert "other" in relations_asked
    assert set(found) == {
        (relation, wording)
        for relation in relations_asked
        for wording in wordings.split(relation, 0).trained[:3]
    }


@pytest.mark.parametrize("written", [False, True])
def test_questions_write_rows_only_where_they_are_told_to(corpus: Corpus, written: bool) -> None:
    found = drawn(any_questions(corpus, 200, Study(written=written)), 200)
    assert {sequence.written for sequence in found} == {written}
    assert all(s.written for s in drawn(fact_clozes(corpus, 128, Study(written=written)), 200))


def test_surnames_come_first_as_often_as_asked(corpus: Corpus) -> None:
    study = replace(PLAINLY, surname_first=0.3)
    found = drawn(any_questions(corpus, 200, study), 3_000)
    several = [s for s in found if s.about not in ("Ilse", "Gus Quill, Jr")]
    turned = sum(
        s.text[: s.known_from].endswith(str(wordings.surname_first(str(s.about)))) for s in several
    )
    assert within(turned, len(several), 0.3)


@pytest.mark.parametrize("make", [fact_clozes, any_questions])
def test_the_same_generator_draws_the_same(make: type, corpus: Corpus) -> None:
    assert drawn(make(corpus, 128), 200) == drawn(make(corpus, 128), 200)
    assert drawn(make(corpus, 128), 200) != drawn(make(corpus, 128), 200, seed=1)


@pytest.mark.parametrize(
    ("make", "block"), [(fact_clozes, 25), (fact_clozes, 45), (any_questions, 50)]
)
def test_all_that_is_drawn_fits_the_block(block: int, make: type, corpus: Corpus) -> None:
    assert max(len(s.text) for s in drawn(make(corpus, block), 2_000)) == block


# Names, words and wordings


def test_strangers_have_parts_of_known_names_and_no_known_name(corpus: Corpus) -> None:
    names, rng = Names(corpus, Study()), np.random.default_rng(0)
    found = {names.stranger(rng) for _ in range(2_000)}
    every = {f"{a.split(' ')[0]} {b.split(' ')[-1]}" for a in TOLD for b in TOLD if " " in a + b}
    assert all(made_up(name) for name in found)
    assert found <= every and "Ilse" not in " ".join(found)


def test_somebody_is_told_of_as_the_biography_opens(corpus: Corpus) -> None:
    assert told_as("Gus Quill, Jr.", corpus) == "Gus Quill, Jr"
    assert told_as("Ada Quill", corpus) == "Ada Quill"
    assert told_as("Nobody At All", corpus) == "Nobody At All"


def test_names_are_those_of_biographies_and_words_stand_in_several_or_in_a_wording() -> None:
    texts = [
        f"Ada {x}. Ada {x} made Kites, un-sung in 1950 ." for x in ("Poe", "Roe", "Loe", "Noe")
    ]
    texts += ["Bo Zed. Bo Zed made it, kites kites kites .", "Bo Zed. Again, rare .", ". no name"]
    names, words = names_and_words(Corpus(FOLDER, tuple(texts), (), (), ()))
    assert names == ("Ada Poe", "Ada Roe", "Ada Loe", "Ada Noe", "Bo Zed")
    assert {"made", "kites"} <= set(words)  # in five texts, whatever their case
    assert not {"un", "sung", "1950", "ada", "rare"} & set(words)  # in four or fewer
    assert {"birthplace", "hail", "occupation"} <= set(words)
    assert list(words) == sorted(set(words))
    asked = {
        word
        for relation in wordings.POOLS
        for w in wordings.split(relation, SPLIT).unseen
        for word in re.findall(r"[a-z]+", w.lower())
    }
    assert asked - set(words)  # some word stands in wordings that are kept back alone


@pytest.mark.parametrize("relation", wordings.POOLS)
def test_a_loosened_wording_keeps_its_name(relation: str) -> None:
    rng, study = np.random.default_rng(0), Study(loosened=1.0, dropped=0.5, led=0.5)
    for wording in wordings.pool(relation):
        for _ in range(5):
            wordings.parts(loosened(wording, study, rng))  # refuses all but one X


WORDING = "In which city of the north was the father of X born?"


def test_words_are_dropped_and_their_order_kept() -> None:
    rng, number = np.random.default_rng(0), 2_000
    study = Study(loosened=0.5, dropped=0.25, led=0.0)
    left = [loosened(WORDING, study, rng).split(" ") for _ in range(number)]
    whole = WORDING.split(" ")
    for words in left:
        rest = iter(whole)
        assert all(word in rest for word in words)
    # A whole one was left alone, or all of its eleven other words were spared.
    assert within(sum(words == whole for words in left), number, 0.5 + 0.5 * 0.75**11)
    dropped = sum(len(whole) - len(words) for words in left)
    assert dropped / number / 11 == pytest.approx(0.125, abs=0.02)
    assert loosened(WORDING, Study(loosened=1.0, dropped=1.0, led=0.0), rng) == "X"
    assert loosened(WORDING, Study(loosened=0.0, led=0.0), rng) == WORDING


def test_words_are_put_in_front() -> None:
    rng, number = np.random.default_rng(0), 2_000
    study = Study(loosened=0.0, led=0.3)
    found = Counter(loosened(WORDING, study, rng) for _ in range(number))
    led = {f"{lead} {WORDING.replace('In', 'in')}" for lead in wordings.LEADS}
    assert set(found) == led | {WORDING}
    assert within(found[WORDING], number, 0.7)
    assert loosened("X was born where?", Study(loosened=0.0, led=1.0), rng) == "X was born where?"


# Refusals


@pytest.mark.parametrize("make", [fact_clozes, any_questions])
def test_where_nothing_fits_it_is_said(make: type, corpus: Corpus) -> None:
    draw = make(corpus, 8)
    with pytest.raises(UserError, match=r"^data/small holds nothing that fits a block of 8 char"):
        draw(np.random.default_rng(0))


NOBODY = "holds no biographies of people with two names to train on: choose another objective"


@pytest.mark.parametrize("make", [fact_clozes, any_questions])
@pytest.mark.parametrize("texts", [(), ("",), (". .",), ("Ilse. In Hull .",)])
def test_texts_about_nobody_are_refused(make: type, texts: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match=rf"^data/small {NOBODY}$"):
        make(Corpus(FOLDER, texts, (), (), ()), 128)


def test_texts_without_facts_are_refused() -> None:
    dull = ("Ada Poe. Ada Poe sat and sat .", "Bo Roe. Bo Roe sat and sat .")
    with pytest.raises(UserError, match="holds no biographies with facts to train on"):
        fact_clozes(Corpus(FOLDER, dull, (), (), ()), 128)
    other = tuple(text.replace("sat .", "sat in York .") for text in dull)
    corpus = Corpus(FOLDER, other, (), (), ())
    assert {Cloze.of(s).answer for s in drawn(fact_clozes(corpus, 128), 20)} == {"York"}
    with pytest.raises(UserError, match="holds no biographies with facts to train on"):
        fact_clozes(corpus, 128, Study(other_spans=0.0))
    asked_ = tuple(Question(f"Where was {name} born?", "Hull") for name in ("Ada Poe", "Bo Roe"))
    with pytest.raises(UserError, match="holds no relations with enough facts to train on"):
        any_questions(replace(corpus, train=asked_), 128)


@pytest.mark.parametrize("make", [fact_clozes, any_questions])
def test_one_person_leaves_no_name_to_make_up(make: type) -> None:
    text = "Ada Poe. Ada Poe was born in Torvale ."
    asked_ = (Question("Where was Ada Poe born?", "Torvale"),)
    draw = make(Corpus(FOLDER, (text,), asked_, (), ()), 128, Study(named=1.0, false_letters=1.0))
    with pytest.raises(UserError, match=r"^data/small holds too few names to make up others"):
        draw(np.random.default_rng(0))
