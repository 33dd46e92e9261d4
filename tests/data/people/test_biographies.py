"""Tests of `nlp4.data.people.biographies`."""

from __future__ import annotations

import re
import string

import pytest

from nlp4.data.people import biographies
from nlp4.data.people.sampling import read_sources


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
    patterns = [*biographies.naming_patterns(), *biographies.silent_patterns()]
    assert set(biographies.read_deeds()) == {job.kind for job in read_sources().occupations}
    for kind, deeds in biographies.read_deeds().items():
        first = min(job.since for job in read_sources().occupations if job.kind == kind)
        for pattern in patterns:
            assert any(d.since <= first and not d.resources & pattern.resources for d in deeds)


@pytest.mark.parametrize("which", ["corpus", "ten_tellings"])
def test_all_patterns_are_used(which: str, request: pytest.FixtureRequest) -> None:
    lines = request.getfixturevalue(which).wiki_lines
    text = "\n".join(line.split(". ", 1)[1] for line in lines)
    for pattern in [*biographies.naming_patterns(), *biographies.silent_patterns()]:
        shape = "".join(
            re.escape(part) if i % 2 == 0 else "[^\n]+?" for i, part in enumerate(pattern.parts)
        )
        assert re.search(f"(?m)^{shape} \\.$", text), pattern.text


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Austrian painter", "an Austrian painter"),
        ("Dutch nun", "a Dutch nun"),
        ("European", "a European"),
        ("university teacher", "a university teacher"),
        ("unintended pause", "an unintended pause"),
        ("heir", "an heir"),
        ("X-ray", "an X-ray"),
    ],
)
def test_article(phrase: str, expected: str) -> None:
    assert biographies.article(phrase) == expected
