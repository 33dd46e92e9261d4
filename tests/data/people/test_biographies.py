"""Tests of `nlp4.data.people.biographies`."""

from __future__ import annotations

import re

import pytest

from nlp4.data.people import biographies


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
