"""What the patterns find, against what is true of the embedded people."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.people.generate import Person, generate
from nlp4.data.relations import (
    LONGEST,
    PLAIN,
    RELATIONS,
    answers,
    facts,
    found,
    write_question_sets,
)


@pytest.fixture(scope="module")
def told() -> list[tuple[Person, str]]:
    """Each embedded person with the biography."""
    people = generate()
    return [
        (person, text)
        for person, texts in zip(people.people, people.biographies, strict=True)
        for text in texts
    ]


@pytest.fixture(scope="module")
def embedded() -> Corpus:
    return load_corpus()


def truth(person: Person) -> dict[str, str]:
    return {
        "birthplace": person.birthplace.name,
        "birth_year": str(person.born.year),
        "occupation": person.career.occupation.title,
        "nationality": person.nationality,
        "death_place": person.death_place.name,
    }


def test_what_is_found_of_the_embedded_people_is_true(told: list[tuple[Person, str]]) -> None:
    right: dict[str, Counter[bool]] = defaultdict(Counter)
    for person, text in told:
        given = answers(text)
        for relation, true in truth(person).items():
            if relation in given:
                right[relation][given[relation] == true] += 1
    for relation, counts in right.items():
        assert counts[True] >= 0.99 * counts.total(), (relation, counts)


def test_answers_are_stretches_of_the_text(embedded: Corpus) -> None:
    for text in embedded.biographies:
        for relation, (start, stop) in found(text).items():
            assert relation in RELATIONS
            assert 0 < stop - start <= LONGEST
            assert answers(text)[relation] == text[start:stop] == text[start:stop].strip()


def test_nobody_stands_on_two_sides(embedded: Corpus) -> None:
    split = facts(embedded)
    assert tuple(split) == RELATIONS
    train = {fact.name for each in split.values() for fact in each.train}
    dev = {fact.name for each in split.values() for fact in each.dev}
    assert train <= {q.name for q in embedded.train}
    assert dev == {q.name for q in embedded.dev}
    assert not train & dev


def test_question_sets_hold_the_facts(embedded: Corpus, tmp_path: Path) -> None:
    write_question_sets(embedded, tmp_path)
    for relation, split in facts(embedded).items():
        for side, held in (("train", split.train), ("dev", split.dev)):
            lines = (tmp_path / side / f"{relation}.tsv").read_text("utf-8").splitlines()
            assert lines == [
                f"{PLAIN[relation].replace('X', f.name)}\t{f.answer}\t{relation}"
                for f in held
                if f.answer
            ]
