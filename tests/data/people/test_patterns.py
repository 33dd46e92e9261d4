"""Tests of `nlp4.data.people.patterns`."""

from __future__ import annotations

import re
import string

import pytest

from nlp4.data.people import biographies, patterns
from nlp4.data.people.sampling import read_sources

TEXTS = {
    "naming": patterns.NAMING_PATTERNS,
    "silent": patterns.SILENT_PATTERNS,
    "brief": patterns.BRIEF_DEEDS,
    **patterns.DEEDS,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_pattern_is_clean_english_without_its_period(text: str) -> None:
    assert text.startswith("\n") and text.endswith("\n")
    lines = text.strip("\n").split("\n")
    assert all(re.match(r"(?:  )?\S", line) and len(line) <= 100 for line in lines)
    for pattern in biographies.read_patterns(text):
        assert not re.search(r"  |[.!?]$| ,| $|\t", pattern.text), pattern.text
        assert pattern.text.count("(") == pattern.text.count(")"), pattern.text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_pattern_stands_twice(text: str) -> None:
    read = [pattern.text for pattern in biographies.read_patterns(text)]
    assert len(set(read)) == len(read)


def test_a_sentence_begins_with_a_capital_and_a_deed_with_a_verb() -> None:
    for pattern in (*biographies.naming_patterns(), *biographies.silent_patterns()):
        assert re.match(r"[A-Z]|\{(name|Surname)\}", pattern.text), pattern.text
    for text in (patterns.BRIEF_DEEDS, *patterns.DEEDS.values()):
        for pattern in biographies.read_patterns(text):
            assert pattern.text[0].islower(), pattern.text


def test_a_death_is_told_in_the_past() -> None:
    for pattern in (*biographies.naming_patterns(), *biographies.silent_patterns()):
        if pattern.facts & {"died", "on_died"}:
            assert "is" not in pattern.facts and "now" not in pattern.text, pattern.text


def test_patterns_name_only_known_facts() -> None:
    naming, silent = biographies.naming_patterns(), biographies.silent_patterns()
    deeds = [deed for of_kind in biographies.read_deeds().values() for deed in of_kind]
    assert len({pattern.text for pattern in naming}) == len(naming) >= 40
    for pattern in [*naming, *silent, *deeds, *biographies.read_briefs()]:
        fields = {name for _, name, _, _ in string.Formatter().parse(pattern.text) if name}
        assert fields == pattern.facts or "a:" in "".join(pattern.parts[1::2])
        assert pattern.facts <= set(biographies.FIELDS), pattern.text
    birthplace = {"birthplace", "place", "town"}
    assert all(pattern.facts & birthplace for pattern in naming)
    assert not any(pattern.facts & (birthplace | {"death_place"}) for pattern in [*silent, *deeds])


def test_every_pattern_finds_a_deed_for_every_kind() -> None:
    sentences = [*biographies.naming_patterns(), *biographies.silent_patterns()]
    assert set(biographies.read_deeds()) == {job.kind for job in read_sources().occupations}
    for kind, deeds in biographies.read_deeds().items():
        first = min(job.since for job in read_sources().occupations if job.kind == kind)
        for pattern in sentences:
            assert any(d.since <= first and not d.resources & pattern.resources for d in deeds)
