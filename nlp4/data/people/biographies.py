"""How people are told: the sentence patterns filled with a person's facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from nlp4.data.people.patterns import BRIEF_DEEDS, DEEDS, NAMING_PATTERNS, SILENT_PATTERNS
from nlp4.data.people.person import Person

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# A vowel letter without a vowel sound: "a European", "a Ukrainian", "a university".
_SOUNDS_LIKE_YOU = re.compile(r"(?:eu|uk|uni(?!n)|uru|use|one)", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|heir|honest|honou?r)", re.IGNORECASE)


@dataclass(frozen=True)
class Telling:
    """One person on the way to one biography: the facts and the choices of words."""

    person: Person
    date_style: str  # "day first", "month first" or "year"
    deed: Pattern | None = None
    brief: Pattern | None = None

    def date(self, year: int, month: int, day: int) -> str:
        """ "3 May 1931", "May 3, 1931" or "1931"."""
        if self.date_style == "year":
            return str(year)
        name = _MONTHS[month - 1]
        return f"{day} {name} {year}" if self.date_style == "day first" else f"{name} {day}, {year}"

    def on(self, told_date: str) -> str:
        """ "on 3 May 1931", "in 1931"."""
        return f"in {told_date}" if self.date_style == "year" else f"on {told_date}"

    @property
    def born(self) -> str:
        """The date of birth."""
        day = self.person.born
        return self.date(day.year, day.month, day.day)

    @property
    def died(self) -> str:
        """The date of death of a person who has died."""
        day = self.person.died
        assert day is not None, "a pattern with a death was given to a living person"
        return self.date(day.year, day.month, day.day)


@dataclass(frozen=True)
class Pattern:
    """A pattern cut up: text and facts by turns, "born in ", "place", ", Ohio"."""

    text: str
    parts: tuple[str, ...]
    since: int = 0

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts, without "a:"."""
        return frozenset(part.removeprefix("a:") for part in self.parts[1::2])

    @property
    def resources(self) -> frozenset[str]:
        """What a second pattern in the same sentence must not repeat: cities, years, counts."""
        return frozenset(_RESOURCE[fact] for fact in self.facts if fact in _RESOURCE)


# Every fact that a pattern may name. To add one, add a line.
FIELDS: dict[str, Callable[[Telling], str]] = {
    "name": lambda t: t.person.name,
    "surname": lambda t: t.person.surname,
    "Surname": lambda t: t.person.surname[0].upper() + t.person.surname[1:],
    "he": lambda t: "she" if t.person.gender == "woman" else "he",
    "his": lambda t: "her" if t.person.gender == "woman" else "his",
    "child": lambda t: "daughter" if t.person.gender == "woman" else "son",
    "is": lambda t: "was" if t.person.died else "is",
    "nationality": lambda t: t.person.nationality,
    "occupation": lambda t: t.person.career.occupation.title,
    "sideline": lambda t: t.person.career.sideline,
    "subject": lambda t: t.person.career.subject,
    "born": lambda t: t.born,
    "on_born": lambda t: t.on(t.born),
    "died": lambda t: t.died,
    "on_died": lambda t: t.on(t.died),
    "birthplace": lambda t: t.person.birthplace.name,
    "town": lambda t: t.person.birthplace.name,
    "place": lambda t: t.person.birthplace.long,
    "death_place": lambda t: t.person.death_place.name,
    "study": lambda t: t.person.career.study.name,
    "work": lambda t: t.person.career.work.name,
    "home": lambda t: t.person.career.work.name,
    "team": lambda t: f"{t.person.career.work.name} {t.person.career.club}",
    "old_team": lambda t: f"{t.person.career.study.name} {t.person.career.old_club}",
    "start": lambda t: str(t.person.career.start),
    "end": lambda t: str(t.person.career.end),
    "count": lambda t: t.person.career.count,
    "many": lambda t: t.person.career.many,
    "father": lambda t: t.person.family.father,
    "mother": lambda t: t.person.family.mother,
    "trade": lambda t: t.person.family.trade,
    "rank": lambda t: t.person.family.rank,
    "deed": lambda t: _fill(t.deed, t),
    "brief": lambda t: _fill(t.brief, t),
}
_RESOURCE = {
    "study": "study",
    "old_team": "study",
    "work": "work",
    "home": "work",
    "team": "work",
    "start": "start",
    "end": "end",
    "count": "count",
    "many": "many",
}


def article(phrase: str) -> str:
    """ "an Austrian painter", "a Ukrainian poet"."""
    vowel = phrase[0].lower() in "aeiou" and not _SOUNDS_LIKE_YOU.match(phrase)
    # Letters that are spoken by name: "an X-ray".
    vowel = vowel or phrase.startswith("X-") or _SILENT_H.match(phrase) is not None
    return f"{'an' if vowel else 'a'} {phrase}"


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """Parse patterns, one a line; a line that starts with two spaces continues the one above."""
    lines = text.replace("\n  ", " ").strip("\n").split("\n")
    return tuple(_parse(line) for line in lines)


def _parse(line: str) -> Pattern:
    since, text = 0, line
    if match := re.match(r"since (\d+): ", line):
        since, text = int(match[1]), line[match.end() :]
    return Pattern(text, tuple(re.split(r"\{([^{}]*)\}", text)), since)


@cache
def naming_patterns() -> tuple[Pattern, ...]:
    """The patterns that tell the birthplace."""
    return read_patterns(NAMING_PATTERNS)


@cache
def silent_patterns() -> tuple[Pattern, ...]:
    """The patterns that keep it; every one of them fits every person."""
    return read_patterns(SILENT_PATTERNS)


def tell(person: Person, number: int, uniforms: Sequence[float]) -> tuple[str, ...]:
    """`number` biographies of one person, "Name. Text .", each by another pattern.

    `uniforms` are `number` + 3 numbers from [0, 1): the only source of chance.
    """
    patterns = _fitting(person.tells_birthplace, person.died is None, person.birthplace.is_city)
    style = _date_style(person, uniforms[number])
    told: list[str] = []
    for turn, pattern in enumerate(_shuffled(patterns, uniforms[:number])):
        wheel = (uniforms[number + 1] + 0.618 * turn) % 1, (uniforms[number + 2] + 0.382 * turn) % 1
        text = _render(pattern, person, style, *wheel)
        # A silent biography must not name the place by chance, in a club or a longer word.
        if person.tells_birthplace or person.birthplace.name not in text:
            told.append(text)
        if len(told) == number:
            break
    assert len(told) == number, f"too few patterns fit {person.name}"
    return tuple(told)


@cache
def _fitting(tells_birthplace: bool, lives: bool, city: bool) -> tuple[Pattern, ...]:
    """The patterns for a kind of person."""
    unfit = {"died", "on_died", "death_place"} if lives else {"home"}
    unfit |= set() if city else {"town"}
    patterns = naming_patterns() if tells_birthplace else silent_patterns()
    return tuple(pattern for pattern in patterns if not pattern.facts & unfit)


def _shuffled(patterns: Sequence[Pattern], uniforms: Sequence[float]) -> Iterable[Pattern]:
    """All patterns, the first len(uniforms) in random order (Fisher and Yates), then the rest."""
    order = list(patterns)
    for i, u in enumerate(uniforms):
        j = i + int(u * (len(order) - i))
        order[i], order[j] = order[j], order[i]
    return order


def _date_style(person: Person, u: float) -> str:
    """Americans mostly put the month first; one in six biographies gives the year alone."""
    if u < 1 / 6:
        return "year"
    return "month first" if u < (0.8 if person.birthplace.code == "US" else 0.3) else "day first"


def _render(pattern: Pattern, person: Person, style: str, u: float, v: float) -> str:
    kind = person.career.occupation.kind
    deeds = _deeds(kind, pattern.resources, person.born.year)
    deed = deeds[int(u * len(deeds))]
    told = pattern.resources | deed.resources if "deed" in pattern.facts else pattern.resources
    briefs = _apart(read_briefs(), told)
    telling = Telling(person, style, deed, briefs[int(v * len(briefs))])
    return f"{person.name}. {_fill(pattern, telling)} ."


def _fill(pattern: Pattern | None, telling: Telling) -> str:
    assert pattern is not None, "a pattern asks for a deed that was not chosen"
    filled = list(pattern.parts)
    for i in range(1, len(filled), 2):
        fact = filled[i].removeprefix("a:")
        value = FIELDS[fact](telling)
        filled[i] = value if fact == filled[i] else article(value)
    return "".join(filled)


@cache
def _deeds(kind: str, taken: frozenset[str], born: int) -> tuple[Pattern, ...]:
    """The deeds of a kind that fit the year of birth and repeat nothing of the pattern."""
    return tuple(d for d in _apart(read_deeds()[kind], taken) if d.since <= born)


@cache
def _apart(deeds: tuple[Pattern, ...], taken: frozenset[str]) -> tuple[Pattern, ...]:
    return tuple(deed for deed in deeds if not deed.resources & taken)


@cache
def read_deeds() -> dict[str, tuple[Pattern, ...]]:
    """The deeds by kind of occupation."""
    return {kind: read_patterns(text) for kind, text in DEEDS.items()}


@cache
def read_briefs() -> tuple[Pattern, ...]:
    """The short deeds that fit everyone."""
    return read_patterns(BRIEF_DEEDS)
