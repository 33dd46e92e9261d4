"""Tests of `nlp4.data.wording_pools`: what can be said of English without reading it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from nlp4.data import wording_pools

POOLS = {name: text.split("\n") for name, text in vars(wording_pools).items() if name.isupper()}
FEWEST = dict.fromkeys(POOLS, 60) | {"FIELD": 30, "KNOWN_FOR": 30}

# Words that would betray a line in the wrong pool.
BIRTH, DEATH = r"\bborn\b|birth", r"\bdie[ds]?\b|death|passed away"
STRANGERS = {
    "BIRTHPLACE": rf"{DEATH}|\byear|nation|citizen|passport",
    "BIRTH_YEAR": rf"{DEATH}|\bwhere\b|\btown|\bcity\b|nation|citizen",
    "OCCUPATION": rf"{BIRTH}|{DEATH}|\bwhere\b|\bstud|nation|citizen|famous",
    "NATIONALITY": rf"{BIRTH}|{DEATH}|\bwhere\b|\btown\b|\bcity\b|profession|occupation",
    "DEATH_PLACE": rf"{BIRTH}|\byear|nation|citizen",
    "FIELD": rf"{BIRTH}|{DEATH}|\bwhere\b|profession|occupation|famous",
    "KNOWN_FOR": rf"{BIRTH}|{DEATH}|\bwhere\b|\bstud|profession|occupation",
}


@pytest.mark.parametrize("name", POOLS)
def test_every_wording_holds_the_name_once_on_a_line_of_its_own(name: str) -> None:
    first, *wordings, last = POOLS[name]
    assert first == last == ""
    assert len(wordings) >= FEWEST[name]
    for wording in wordings:
        assert wording.count("X") == 1
        assert re.search(r"(^| )X($|[ :,?.]|'s[ ?])", wording), wording
        assert wording == " ".join(wording.split())
        assert wording.isascii() and wording[0].isupper() and len(wording) <= 64


def test_no_wording_asks_for_two_things() -> None:
    bare = (w.lower().rstrip("?.: ") for wordings in POOLS.values() for w in wordings[1:-1])
    assert [w for w, times in Counter(bare).items() if times > 1] == []


@pytest.mark.parametrize("name", STRANGERS)
def test_no_line_stands_in_the_wrong_pool(name: str) -> None:
    strangers = re.compile(STRANGERS[name], re.IGNORECASE)
    assert [w for w in POOLS[name] if strangers.search(w)] == []
