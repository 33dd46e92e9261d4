"""Tests of `nlp4.data.wording_pools`: what can be said of English without reading it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from nlp4.data import wording_pools

LINES = {name: text.split("\n") for name, text in vars(wording_pools).items() if name.isupper()}
POOLS = {name: lines for name, lines in LINES.items() if name != "LEADS"}
FEWEST = dict.fromkeys(POOLS, 400) | {"FIELD": 195, "KNOWN_FOR": 195, "OTHER": 365}

# Words that would betray a line in the wrong pool.
BIRTH, DEATH = r"\bborn\b|birth", r"\bdie[ds]?\b|death|passed away"
STRANGERS = {
    "BIRTHPLACE": rf"{DEATH}|\byear|nation|citizen",
    "BIRTH_YEAR": rf"{DEATH}|\bwhere (?!on (a|the) timeline)|\btown|\bcity\b|nation|citizen",
    "OCCUPATION": rf"{BIRTH}|{DEATH}|\bwhere\b|\bstud|nation|citizen|famous",
    "NATIONALITY": rf"{BIRTH}|{DEATH}|^(?!.*(nation|citizen)).*\bwhere\b|\btown\b|\bcity\b"
    "|profession|occupation",
    "DEATH_PLACE": rf"{BIRTH}|\byear|nation|citizen",
    "FIELD": rf"{BIRTH}|{DEATH}|\bwhere\b|profession|occupation|famous",
    "KNOWN_FOR": rf"{BIRTH}|{DEATH}|\bwhere\b|\bstud|profession|occupation",
}
# What is named only to be put aside: "Never mind where; in what year was X born?"
ASIDE = re.compile(r"^(Never mind|Not|Wherever|I know|I have)\b[^;,]*[;,]")


@pytest.mark.parametrize("name", LINES)
def test_lines_are_plain_english_in_plain_letters(name: str) -> None:
    first, *lines, last = LINES[name]
    assert first == last == ""
    for line in lines:
        assert line == " ".join(line.split())
        assert line.isascii() and line[0].isalpha() and len(line) <= 80, line


@pytest.mark.parametrize("name", POOLS)
def test_every_wording_holds_the_name_once(name: str) -> None:
    wordings = POOLS[name][1:-1]
    assert len(wordings) >= FEWEST[name]
    for wording in wordings:
        assert wording.count("X") == 1
        assert re.search(r"(^| )X($|[ :;,?.]|'s[ ?])", wording), wording
    assert wordings[0][0].isupper()


def test_no_wording_is_there_twice() -> None:
    bare = (w.lower().rstrip("?.: ") for wordings in POOLS.values() for w in wordings[1:-1])
    assert [w for w, times in Counter(bare).items() if times > 1] == []


def test_no_wording_asks_for_two_things() -> None:
    """Whatever its stops: "X: famous?" and "X, famous" would be one question."""
    words = Counter(
        " ".join(re.findall(r"[\w']+", w.lower()))
        for wordings in POOLS.values()
        for w in wordings[1:-1]
    )
    assert [w for w, times in words.items() if times > 1] == []


@pytest.mark.parametrize("name", STRANGERS)
def test_no_line_stands_in_the_wrong_pool(name: str) -> None:
    strangers = re.compile(STRANGERS[name], re.IGNORECASE)
    assert [w for w in POOLS[name] if strangers.search(ASIDE.sub("", w))] == []


def test_a_lead_names_nobody_and_leads_on() -> None:
    leads = LINES["LEADS"][1:-1]
    assert len(set(leads)) == len(leads) >= 20
    assert [lead for lead in leads if "X" in lead or lead[-1] not in ":,!"] == []
    assert max(map(len, leads)) <= 24  # room is left for the question
