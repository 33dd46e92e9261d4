"""Where a biography tells birth, death and study: dates, places and topics found by patterns.

Each finder takes the text after the opening name and returns the bounds (start, stop) of the
answer in it, or None. A pattern names what it looks for `answer`. The patterns would rather miss
an answer than give a wrong one; `relations.json` in `data/results` says how often they are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Bounds = tuple[int, int]
LONGEST = 40  # characters in an answer

UPPER = "".join(c for c in map(chr, range(0x530)) if c.isupper())  # Latin, Greek, Cyrillic

# Dates: "3 May 1931", "May 3, 1931", "c. 1931", "the 30th of July 1912", "1931-05-03".
_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_YEAR = r"(?<!\d)(?:1\d{3}|20[012]\d)(?!\d)"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?(?!\d)"
_ABOUT = r"(?:c\.|ca\.?|circa|about|around|approximately|probably|possibly|early|late|mid|the)"
_BEFORE_YEAR = (
    rf"(?:\d{{1,2}}[-./] ?\d{{1,2}}[-./] ?|(?:(?:{_ABOUT}|{_DAY}|{_MONTH}|of|on|in),? ?)*)"
)
_AFTER_YEAR = rf"(?:-\d\d-\d\d|,? {_MONTH} {_DAY})?"
_DATE = rf"{_BEFORE_YEAR}{_YEAR}{_AFTER_YEAR}"
_DAY_ALONE = rf"(?:{_DAY} {_MONTH}|{_MONTH}(?: {_DAY})?)"
_WHEN = rf"(?:{_DATE}|{_DAY_ALONE})"

# Places: capitalised words with their small joining words, and lists such as "Columbus, Ohio".
_WORD = rf"(?!{_MONTH}\b)[{UPPER}](?:[\w'’.-]*\w)?"
_ORIGIN = r"\w+(?:[aio]an|[cm]an|ish|ese|nch|rew)\b"  # "in England of Irish parents"
_JOIN = (
    rf"(?: (?:of(?! {_ORIGIN})|the|de|da|do|la|le|las|los|am|an der|im|upon|on|del|der|sur|al|el))?"
)
_PLACE = rf"{_WORD}(?:{_JOIN} (?![{UPPER}]{{2,3}}\b){_WORD})*"
_PLACES = rf"(?P<answer>{_PLACE}(?:, (?:then |now |near )?(?:in )?(?:the )?{_PLACE})*)"
_IN = (
    r"(?:in|at|near|outside|on a (?:\w+ ){1,3}(?:in|near)|on(?! \w+day| Christmas| New Year))"
    r" (?:(?:what is now|(?:the|a|an) (?:[a-z-]+ )*?(?:city|town|village|hamlet|district|suburb"
    r"|county|province|parish|borough|island|state|republic|outskirts) of|the|village|\w+-city"
    r"|rural|nearby|(?:north|south|east|west)(?:ern|-end)?|central|present-day|modern-day) )*"
)
_DASH = r"(?: ?(?:--|–|—|−)| -|(?<!\d)-|-(?= )) ?"  # none of those in "3-11-1931"
_BORN = r"\b(?:[Bb]orn|b\.|\*)(?: -| in| on|:)?"
_RAISED = r"(?: probably)?(?: and (?:raised|grew up|brought up|bred|educated))?(?: \([^()]*\))?"
# What may stand between "born" and a place or a date: the parents, or the name given at birth.
_TO = r"(?: (?:to|of|into) [^.,;()\d]{0,60}?)?"
_CALLED = rf"(?: (?:as )?{_PLACE})?"


# The first bracket, if it comes before the sentence has said anything: "Jo Doe (1850 -- 1902)".
_ASIDE = r"^(?:(?!\b(?:has|had|in|with|sons|published|native|graduate)\b)[^()])*\("


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_BIRTHPLACE = _compiled(
    rf"\b(?:from|left|in|to) {_PLACES},? where (?:s?he|[{UPPER}][\w ]+) was born",
    rf"{_BORN} ?{_WHEN}\)?,?(?: -)? ?(?:{_IN}|from )?{_PLACES}",
    rf"\b[Bb]orn{_RAISED},? {_IN}{_PLACES}",
    rf"\b[Bb]orn{_CALLED},?(?:,? (?:on |in )?{_WHEN})?{_TO}(?: in {_YEAR})?,? {_IN}{_PLACES}",
    rf"\b[Bb]orn {_PLACE},(?: (?:on |in )?{_WHEN},)? (?:{_IN})?{_PLACES}",
    rf"{_ASIDE}[^()\d]{{0,60}}{_DATE},? ?(?:{_IN})?{_PLACES}",
    rf"\b[Nn]ative of (?:the )?{_PLACES}",
    rf"{_ASIDE}{_PLACES}, {_DATE}",
)
_BIRTH_YEAR = _compiled(
    rf"{_BORN} ?{_BEFORE_YEAR}(?P<answer>{_YEAR})",
    rf"\b[Bb]orn{_CALLED}{_RAISED}{_TO},?(?: {_IN}{_PLACE}(?: \([^()\d]*\))?(?:, {_PLACE})*)?"
    rf"{_TO},? \(?{_BEFORE_YEAR}(?P<answer>{_YEAR})",
    rf"{_ASIDE}(?:(?!\bd(?:ied|\.))[^()\d]|\(\))*?{_BEFORE_YEAR}(?P<answer>{_YEAR})",
)
_DIED = r"(?:\b(?:died|deceased|d\.?)|†|\+)"
_DEATH_PLACE = _compiled(
    rf"{_DIED}(?: {_WHEN})?(?: of [a-z -]+?)?(?:,? (?:on |in )?(?:the [a-z ]+ of )?{_WHEN})?,?"
    rf" (?:at (?:his|her) home )?{_IN}{_PLACES}",
    rf"{_DIED} {_DATE},? {_PLACES}",
    rf"{_ASIDE}[^()]*?\d[^()]*?{_DASH}{_WHEN},? ?(?:{_IN})?{_PLACES}[^()]*\)",
    rf"{_ASIDE}[^()]*?\d[^()]*?{_DASH}{_PLACES}, {_DATE}\)",
)
_SAME_PLACE = re.compile(rf"{_DIED} (?:{_WHEN} )?(?:there|in the same (?:city|town|place))\b")

# Topics: one to four words without a digit; "molecular and cellular biology", "Greek and Latin".
_NO_TOPIC = (
    r"(?:at|in|from|until|with|under|by|for|to|before|after|as|who|which|during|on|through|of|and"
    r"|between|besides|while|there|abroad|emeritus|degrees?)\b"
)
_TOPIC_WORD = rf"(?!{_NO_TOPIC})[^\W\d]+(?:[-'’][^\W\d]+)*"
_TOPIC = (
    r"(?:the )?(?!(?:his|her|both|first|two|three|four|five|privately|initially|further|an?"
    rf"|{_MONTH})\b)(?P<answer>(?:\w+(?:al|an|ar|rary) and {_TOPIC_WORD} )?"
    rf"(?:{_TOPIC_WORD} ){{0,3}}?(?:history of [\w ]+?|{_TOPIC_WORD})(?: and [{UPPER}][^\W\d]+)?)"
)
_END = rf"(?=[,.;)]| [.;(]| (?!of\b){_NO_TOPIC})"
_DEGREE = (
    r"(?:[Dd]octorate|[Dd]egrees?|[Dd]iploma|PhD|Ph\.D\.?|D\.?Phil\.?|[BM]\.?[AS]\.?|[BM]Sc|M\.?Phil"
    r"|(?:[Bb]achelor|[Mm]aster)(?:'s|s)?(?: of (?:Arts|Science|Philosophy))?)(?: degrees?)?"
)
_FIELD = _compiled(
    rf"\b(?:studied|(?<!-)taught|lectured on|majored in|read(?= \w+ at)) {_TOPIC}{_END}",
    rf"\b{_DEGREE} in {_TOPIC}{_END}",
    r"\b(?:Bachelor|Master|Doctor) of (?P<answer>Law(?=s?\b)|Music|Divinity|Medicine|Theology"
    r"|Commerce|Business Administration|Education|Engineering|Architecture|Social Work"
    r"|Library Science)",
    rf"\b[Pp]rofessor(?: emerit\w+)? of {_TOPIC}{_END}",
    rf"\b(?:textbook|journal|institute|foundations|papers) (?:of|on) {_TOPIC}{_END}",
)
_KNOWN_FOR = re.compile(
    r"(?<!school )\b(?:known|remembered|noted|famous|renowned|notable|celebrated) for"
    r" (?:(?:his|her|their|its|the|an?|early|work on(?= (?:the )?[a-z])) )*(?P<answer>\w[^.;()]*)"
)
_THING_ENDS = re.compile(
    r",(?! [\w -]+,? and )| (?:which|who|whom|that|whose|such as|including|particularly)\b| -|``|$"
)
_THING_MAY_END = re.compile(
    r" (?:in|on|at|with|from|during|as|by|among|for|throughout|regarding)\b"
)
_SAYS_LITTLE = re.compile(
    r"(?:[\w-]+ ){0,2}(?:work|role|performance|part|contribution|concern|knowledge)|works?|roles?"
    r"|publications|eponymous .*|[\w-]+ing|[^,]*,(?!.* and ).*|work with \w+"
    r"|.*\b(?:role he played|of|on|in|and|based|inspired|so-called)"
)

_KIN = r"(?:father|mother|parents|brother|sister|wife|husband|uncle|aunt|son|daughter|family)s?"
_OF_KIN = re.compile(rf"(?:\b(?:[Hh]is|[Hh]er|[Tt]heir|whose)|'s?) {_KIN}\b")


def about_kin(text: str, at: int) -> bool:
    """Whether what stands at `at` is told of a relative: "whose father, a carpenter, was"."""
    before = re.sub(r"\([^()]*\)", "", text[:at])
    clause = re.split(r"[;.] |, and | s?he ", before)[-1]
    last = clause.split(",")[-1]
    if re.search(rf"\b{_KIN}\b", last):
        return True
    has_a_subject = re.search(rf" [{UPPER}]", last) is not None
    return not has_a_subject and _OF_KIN.search(clause) is not None


def _matches(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Bounds]:
    """The answers of the first pattern that fits, then those of the next; none about relatives."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not about_kin(text, match.start()):
                yield match.span("answer")


def birthplace(text: str, name: str) -> Bounds | None:
    """The town of "Columbus, Ohio"; the next part if it has several words, as in the course."""
    words = frozenset(name.replace(",", "").split())
    for start, stop in _matches(_BIRTHPLACE, text):
        parts = [match.span() for match in re.finditer(_PLACE, text[start:stop])]
        first, *rest = [(start + a, start + b) for a, b in parts]
        # "Born in Geneva, Switzerland, Forbes": the last is no place.
        bounds = [first, *((a, b) for a, b in rest if not words.issuperset(text[a:b].split()))]
        single = [(a, b) for a, b in bounds if re.fullmatch(r"\w*[a-z][\w'’-]*", text[a:b])]
        return (single or bounds)[0]
    return None


def birth_year(text: str) -> Bounds | None:
    """Four digits."""
    return next(_matches(_BIRTH_YEAR, text), None)


def death_place(text: str, name: str) -> Bounds | None:
    """The first place, of one word or several; the birthplace of whom "died there"."""
    if _SAME_PLACE.search(text):
        return birthplace(text, name)
    for start, stop in _matches(_DEATH_PLACE, text):
        if not text.startswith("World War", start):
            return start, start + len(text[start:stop].split(",")[0])
    return None


def field(text: str) -> Bounds | None:
    """The first subject that was studied, taught or honoured with a degree."""
    found = sorted(_matches(_FIELD, text))
    return found[0] if found else None


def known_for(text: str) -> Bounds | None:
    """What stands after "known for", cut where it may end if it is too long."""
    for start, stop in _matches([_KNOWN_FOR], text):
        end = _THING_ENDS.search(text, start, stop)
        whole = end.start() if end else stop
        shorter = [match.start() for match in _THING_MAY_END.finditer(text, start, whole)]
        for last in (whole, *reversed(shorter)):
            thing = text[start:last].rstrip().removesuffix(" and")
            if len(thing) <= LONGEST and not _SAYS_LITTLE.fullmatch(thing):
                return start, start + len(thing)
    return None
