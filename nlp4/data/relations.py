"""What a biography tells of a person, cut out by patterns: seven relations, one answer each.

Every answer is a stretch of the text of at most `LONGEST` characters: what a sensible person would
answer in a word or two. Where no pattern fits, there is no answer; the patterns rather miss one
than give a wrong one. How often they are right is measured on lines that were read by hand
(`data/results/relations.json`) and, on the embedded people, against what is true of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nlp4.data.corpus import Corpus, Question
from nlp4.data.corruption import name_of
from nlp4.support.files import write_text

RELATIONS = (
    "birthplace",
    "birth_year",
    "occupation",
    "nationality",
    "death_place",
    "field",
    "known_for",
)
# Each relation's question in its plain wording; X stands for the person's name.
PLAIN = {
    "birthplace": "Where was X born?",
    "birth_year": "When was X born?",
    "occupation": "What was X's occupation?",
    "nationality": "What nationality was X?",
    "death_place": "Where did X die?",
    "field": "What was X's field of study?",
    "known_for": "What was X known for?",
}
LONGEST = 40  # characters in an answer

Bounds = tuple[int, int]

# Dates: "3 May 1931", "May 3, 1931", "c. 1931", "19 June 1944", "the 30 July 1912".
_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_YEAR = r"(?<!\d)(?:1\d{3}|20[012]\d)(?!\d)"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?(?!\d)"
_NUMERIC = r"\d{1,2}[-./] ?\d{1,2}[-./] ?"
_ABOUT = r"(?:c\.|ca\.|circa|about|around|approximately|probably|possibly|early|late|mid|the)"
_PART = rf"(?:{_ABOUT}|{_DAY}|{_MONTH}|of|on|in),?[ ]?"
_DATE = rf"(?:{_NUMERIC}|(?:{_PART})*){_YEAR}(?: {_MONTH} {_DAY})?"
_PARTIAL = rf"(?:{_PART})*(?:{_MONTH}|{_DAY})(?: {_DAY})?"

# Places: capitalised words with their small joining words; then "Columbus, Ohio, USA".
_UPPER = "".join(c for c in map(chr, range(0x530)) if c.isupper())
_WORD = rf"(?!{_MONTH}\b)[{_UPPER}](?:[\w'’.-]*\w)?"
_JOIN = r"(?: (?:of|the|de|da|do|la|le|las|los|am|an der|im|upon|on|del|der|sur|al|el|and)|'s)?"
_PLACE = rf"{_WORD}(?:{_JOIN} {_WORD})*"
_PLACES = rf"(?P<answer>{_PLACE}(?:, (?:then |now |near )?(?:in )?(?:the )?{_PLACE})*)"
_IN = (
    r"(?:in|at|near|on a \w+ (?:in|near)|outside|on(?! \w+day| Christmas| New Year))"
    r" (?:(?:what is now|the (?:\w+ ){0,3}(?:city|town|village|hamlet|district|suburb|county"
    r"|province|parish|borough|island|state|republic|outskirts) of"
    r"|the|rural|nearby|northern|southern|eastern|western|central|present-day|modern-day) )*"
)
_DASH = r"[ ]?(?:--?|–|—|−)[ ]?"
_BORN = r"\b(?:[Bb]orn|b\.|\*)(?: -| in| on|:)?"
_RAISED = r"(?: and (?:raised|grew up|brought up|bred|educated))?"
# What may stand between "born" and a place or a date: the parents, or the name given at birth.
_FAMILY = r"(?: (?:to|of|into) [^.,;()\d]{0,60}?)?"
_CALLED = rf"(?: (?:as )?{_PLACE})?"
_NAMED = (  # a sentence's opening by the name alone
    rf"^(?:(?:[{_UPPER}][\w.'’-]*|d[eiu]|da|dos|v[ao]n|der|den|la|le|al|bin|ibn|y|e|af|zu)\b ?)+"
    r"(?:\([^()]*\))?"
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_BIRTHPLACE = _compiled(
    rf"\b(?:from|left|in) {_PLACES},? where (?:s?he|[{_UPPER}][\w ]+) was born",
    rf"{_BORN} ?(?:{_DATE}|{_PARTIAL})\)?,? ?(?:{_IN})?{_PLACES}",
    rf"\b[Bb]orn{_RAISED},? {_IN}{_PLACES}",
    rf"\b[Bb]orn{_CALLED},?(?: (?:{_DATE}|{_PARTIAL}))?{_FAMILY},? {_IN}{_PLACES}",
    rf"^[^()]*\([^()\d]{{0,30}}{_DATE},? ?(?:{_IN})?{_PLACES}",
    rf"^[^()]*\((?:b\. |born )?{_PLACES}, {_DATE}",
    rf"\b[Nn]ative of (?:the )?{_PLACES}",
)
_BIRTH_YEAR = _compiled(
    rf"{_BORN} ?(?:{_NUMERIC}|(?:{_PART})*)(?P<answer>{_YEAR})",
    rf"^[^()]*\((?:[^()\d]|\(\))*?(?:{_NUMERIC}|(?:{_PART})*)(?P<answer>{_YEAR})",
    rf"\b[Bb]orn{_CALLED}{_RAISED}{_FAMILY},?(?: {_IN}{_PLACE}(?:, {_PLACE})*)?{_FAMILY},?"
    rf" (?:{_NUMERIC}|(?:{_PART})*)(?P<answer>{_YEAR})",
)
_DEATH_PLACE = _compiled(
    rf"\b(?:died|d\.?) (?:{_DATE})?,? ?{_IN}{_PLACES}",
    rf"\b(?:died|d\.?) {_DATE},? {_PLACES}",
    rf"^[^()]*\([^()]*?\d[^()]*?{_DASH}{_DATE},? ?(?:{_IN})?{_PLACES}[^()]*\)",
    rf"^[^()]*\([^()]*?\d[^()]*?{_DASH}{_PLACES}, {_DATE}\)",
)
_TOPIC = (
    r"(?!(?:at|in|for|under|with|by|on|from|there|abroad|to|and|as|who|until|his|her)\b)"
    rf"(?P<answer>(?:[\w'’-]+ ){{0,3}}?[\w'’-]+(?: and [{_UPPER}]\w+)?)"
)
_END = (
    r"(?=[,.;)]| [.;(]| (?:at|in|from|until|with|under|by|for|to|before|after|and|as|while|who"
    r"|which|during|on|through|between|between|besides|there|abroad)\b)"
)
_FIELD = _compiled(
    rf"\b(?:studied|taught|lectured on) (?:the )?{_TOPIC}{_END}",
    r"\b(?:doctorate|degree|[Dd]iploma|PhD|Ph\.D\.?|BA|MA|BSc|MSc|B\.A\.|M\.A\.) in (?:the )?"
    rf"{_TOPIC}{_END}",
    rf"\b[Pp]rofessor of (?:the )?{_TOPIC}{_END}",
    rf"\b(?:textbook of|institute of|papers on) (?:the )?{_TOPIC}(?= which|{_END})",
)
_THING = rf"(?P<answer>(?:[\w'’-]+ ){{0,7}}?[\w'’-]+(?: and [{_UPPER}]\w+)?)"
_KNOWN_FOR = _compiled(
    r"\b(?:known|remembered|noted|famous|renowned|notable|celebrated)"
    r" for (?:(?:his|her|their|the|early|work (?:on|in)|an?) )*"
    rf"{_THING}(?=[,.;)]| [.;(]| (?:at|until|and|who|which|as|with|by|during)\b)"
)

_NATIONS = _words("""
Afghan Albanian Algerian American Andorran Angolan Argentine Argentinian Argentinean Armenian
Australian Austrian Azerbaijani Bahamian Bahraini Bangladeshi Barbadian Basque Bavarian Belarusian
Belgian Belizean Bermudian Bohemian Bolivian Bosnian Brazilian British Bulgarian Burmese Cambodian
Cameroonian Canadian Catalan Chilean Chinese Colombian Congolese Corsican Croatian Cuban Cypriot
Czech Czechoslovak Czechoslovakian Danish Dominican Dutch Ecuadorian Egyptian Emirati English
Eritrean Estonian Ethiopian Faroese Fijian Filipino Finnish Flemish French Gambian Georgian German
Ghanaian Greek Grenadian Guatemalan Guyanese Haitian Honduran Hungarian Icelandic Indian Indonesian
Iranian Iraqi Irish Israeli Italian Ivorian Jamaican Japanese Jordanian Kazakh Kazakhstani Kenyan
Kosovar Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan Lithuanian Luxembourgian
Luxembourgish
Macedonian Malagasy Malaysian Malian Maltese Manx Mauritian Mexican Moldovan Mongolian Montenegrin
Moroccan Mozambican Namibian Nepalese Nicaraguan Nigerian Norwegian Pakistani Palestinian
Panamanian Paraguayan Persian Peruvian Polish Portuguese Prussian Québécois Romanian Russian Rwandan
Salvadoran Samoan Saxon Scots Scottish Senegalese Serbian Serb Sicilian Singaporean Slovak Slovakian
Slovene Slovenian Somali Soviet Spanish Sudanese Surinamese Swedish Swiss Syrian Taiwanese Tajik
Tanzanian Thai Tibetan Tongan Trinidadian Tunisian Turkish Turkmen Ugandan Ukrainian Uruguayan Uzbek
Venezuelan Vietnamese Welsh Yemeni Yugoslav Yugoslavian Zambian Zimbabwean
""")
_TWO_WORDS = """
South African|South Korean|North Korean|New Zealand|Northern Irish|Sri Lankan|Costa Rican
|Puerto Rican|Papua New Guinean|Hong Kong|East German|West German|West Indian|Saudi Arabian
|Sierra Leonean|Cape Verdean|Burkinabé
""".replace("\n", "")
_NATION = rf"(?:{_TWO_WORDS}|(?:(?:Anglo|Franco)-)?(?:{'|'.join(_NATIONS)}))"
_NATIONALITY = (
    rf"(?<!Latin )(?<!South )(?<!Central )(?<!North )(?P<nation>{_NATION}(?:[ -]{_NATION})*)"
    r"(?![\w-])(?! (?:[Hh]orn|[Ll]anguage|Catholic|Orthodox|teacher|literature|rules"
    r"|Football|Indian\b))(?<!Canadian(?= football))"
)

_NOT_TRADES = frozenset(
    _words(
        """
    member founder co-founder winner brother daughter father mother sister younger elder leader
    former number senior junior center character competitor holder pioneer survivor speaker order
    follower supporter lover husband successor predecessor ancestor visitor worker cousin
    newcomer grandmother grandfather another other whether chapter later earlier barrier
    """
    )
)
_TRADE = re.compile(
    r"(?:[a-z'’-]*(?:[^\W\d_]er|or|ist|cian|rian|eur|man|woman|smith|wright|eon|ess|mat|person|yst)"
    r"|(?:short[- ]story |)poet|bass|judge|coach|chef|host|anchor|model|scholar|critic|academic"
    r"|architect|athlete|\w*athlete|priest|monk|nun|bishop|cleric|rabbi|chaplain|missionary|spy"
    r"|mezzo-soprano|soprano|contralto|tenor|baritone|pilot|agent|merchant|servant|consultant"
    r"|accountant|nurse|midwife|judoka|gymnast|cox|captain|general|admiral|entrepreneur|docent"
    r"|philosopher|playwright|filmmaker|comedienne|advocate|attorney|secretary|DJ|politician"
    r"|historian|theologian|musician|physician|magician|comedian|librarian|guardian|civilian"
    r"|quarterback|linebacker|cornerback|fullback|halfback|shortstop|striker|forward|surgeon|noble"
    r"|naturalist|polymath|astronaut|cosmonaut|dramaturg|hymnologist|goldsmith)"
)
_PLAIN_WORDS = frozenset(
    _words(
        """
    a an the professional former retired male female amateur international first second third
    fourth fifth sixth last eldest oldest youngest award winning awards award-winning renowned
    accomplished most current popular eminent early prolific well-known influential naturalized
    long-serving notable competitive leading only noted elder prominent famous respected
    successful senior junior veteran talented legendary major previous wealthy convicted licensed
    published self-taught best-selling bestselling active dedicated acclaimed outstanding
    important minor lesser-known distinguished celebrated promising tallest pioneering
    left-handed right-handed ever emerging young old own late modern contemporary great known
    based born naturalised now also very highly widely read one-time sometime
    """
    )
)
_TITLES = frozenset(
    _words(
        "Benedictine Lutheran Anglican Catholic Methodist Baptist Presbyterian Jesuit R&B TV Jazz"
    )
)
_SUBJECT_ENDS = re.compile(
    r" (?:of|for|from|in|born|at|with|based|best|on|to|by|as|living|currently|where|active|during"
    r"|specialising|specializing|competing|working|playing|whom|perhaps|known|representing|now"
    r"|while)\b"
)
_PHRASE_ENDS = re.compile(r"[.;()]|\b(?:who|whose|which|that|where|was|is|born)\b| -")
_SPLIT = re.compile(r", and |, | and | or |/| & | as well as ")
_COPULA = re.compile(
    r"(?:\b(?:is|was|became)(?: also)?|(?:^|[;.] )As|\bbegan as) (?P<np>(?:an?|the)\b)"
)
_APPOSED = re.compile(rf"{_NAMED},")
_OPENING = re.compile(rf"^The(?P<np>(?: [^\W\d_{_UPPER}][\w'’-]*| (?:{_NATION}))+(?= [{_UPPER}]))")
_ASIDE = re.compile(r"\((?=an? )")
_OTHERS = re.compile(
    r"\b(?:his|her|their|whose|father|mother|parents|family|brother|sister|son|daughter|wife)\b"
)


def _text_start(biography: str) -> int:
    return min(len(name_of(biography)) + 2, len(biography))


def _first_match(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Bounds]:
    for pattern in patterns:
        if match := pattern.search(text):
            yield match.span("answer")


def _single_place(text: str, start: int, stop: int, *, one_word: bool) -> Bounds:
    """The first place of "Columbus, Ohio", or with `one_word` the first place of a single word."""
    parts = list(re.finditer(rf"{_PLACE}", text[start:stop]))
    for part in parts:
        if not one_word or " " not in part.group():
            return start + part.start(), start + part.end()
    return start + parts[0].start(), start + parts[0].end()


def _place(patterns: Iterable[re.Pattern[str]], text: str, *, one_word: bool) -> Bounds | None:
    for start, stop in _first_match(patterns, text):
        return _single_place(text, start, stop, one_word=one_word)
    return None


def _birthplace(text: str) -> Bounds | None:
    return _place(_BIRTHPLACE, text, one_word=True)


def _death_place(text: str) -> Bounds | None:
    if re.search(r"\bdied there\b", text):
        return _birthplace(text)
    return _place(_DEATH_PLACE, text, one_word=False)


def _birth_year(text: str) -> Bounds | None:
    return next(_first_match(_BIRTH_YEAR, text), None)


def _field(text: str) -> Bounds | None:
    return next(_first_match(_FIELD, text), None)


def _known_for(text: str) -> Bounds | None:
    return next(_first_match(_KNOWN_FOR, text), None)


def _descriptions(text: str) -> Iterator[Bounds]:
    """Bounds of the phrases that say who the person is: "a Czech painter, designer and ..."."""
    for pattern in (_COPULA, _APPOSED, _OPENING, _ASIDE):
        match = pattern.search(text)
        if match is None or _OTHERS.search(re.sub(r"\([^()]*\)", "", text[: match.start()])):
            continue
        start = match.start("np") if "np" in pattern.groupindex else match.end()
        end = _PHRASE_ENDS.search(text, start)
        stop = match.end() if pattern is _OPENING else len(text)
        yield start, min(stop, end.start()) if end else stop


def _nationality(text: str) -> Bounds | None:
    for start, stop in _descriptions(text):
        first = _SUBJECT_ENDS.search(text, start, stop)
        stop = first.start() if first else stop
        if match := re.compile(_NATIONALITY).search(text, start, stop):
            return match.span("nation")
    return None


def _occupation(text: str) -> Bounds | None:
    for start, stop in _descriptions(text):
        for begin, end in _conjuncts(text, start, stop):
            if trade := _trade(text, begin, end):
                return trade
    return None


def _conjuncts(text: str, start: int, stop: int) -> Iterator[Bounds]:
    """The parts of "a painter, stage designer and architect"; none after "a member of ..."."""
    begin = start
    while start < stop:
        split = _SPLIT.search(text, start, stop)
        end = split.start() if split else stop
        cut = _SUBJECT_ENDS.search(text, start, end)
        yield start, cut.start() if cut else end
        if split is None:
            return
        start = split.end()
        if cut:  # only "a native of Rome, Italy and a composer" goes on
            again = re.compile(r" and (?=an? )").search(text, split.start(), stop)
            if again is None or _OTHERS.search(text, begin, stop):
                return
            start = again.end()


def _trade(text: str, start: int, stop: int) -> Bounds | None:
    """The trade that ends `text[start:stop]` with the words in front that say what kind it is."""
    words = list(re.finditer(r"[^\s]+", text[start:stop]))
    if not words or not _TRADE.fullmatch(words[-1].group()):
        return None
    if words[-1].group() in _NOT_TRADES or words[-1].group() in _PLAIN_WORDS:
        return None
    first = words[-1]
    for word in reversed(words[:-1][-3:]):
        if word.group() in _PLAIN_WORDS or not (
            re.fullmatch(r"[^\W\d_A-Z][\w'’-]*", word.group()) or word.group() in _TITLES
        ):
            break
        first = word
    return start + first.start(), start + words[-1].end()


_FINDERS: dict[str, Callable[[str], Bounds | None]] = {
    "birthplace": _birthplace,
    "birth_year": _birth_year,
    "occupation": _occupation,
    "nationality": _nationality,
    "death_place": _death_place,
    "field": _field,
    "known_for": _known_for,
}


@lru_cache(maxsize=2**16)  # a pure function, asked about the same texts at every step
def found(biography: str) -> dict[str, Bounds]:
    """Bounds (start, stop) in a biography `Name. Text` of the answer to each relation it tells."""
    begin = _text_start(biography)
    bounds: dict[str, Bounds] = {}
    for relation, finder in _FINDERS.items():
        at = finder(biography[begin:])
        if at is not None and 0 < at[1] - at[0] <= LONGEST:
            bounds[relation] = (begin + at[0], begin + at[1])
    return bounds


def answers(biography: str) -> dict[str, str]:
    """The answer to each relation that a biography tells."""
    return {relation: biography[start:stop] for relation, (start, stop) in found(biography).items()}


@dataclass(frozen=True)
class Fact:
    """One relation of one person; `answer` is None where the person's text does not give it."""

    name: str
    relation: str
    answer: str | None

    @property
    def question(self) -> str:
        """The question in the relation's plain wording."""
        return PLAIN[self.relation].replace("X", self.name)


@dataclass(frozen=True)
class Split:
    """The facts of one relation, by the side on which the corpus asks for the birthplace."""

    train: tuple[Fact, ...]
    dev: tuple[Fact, ...]
    test: tuple[Fact, ...]


def facts(corpus: Corpus) -> dict[str, Split]:
    """The facts of every relation; each person stands on one side in all of them.

    Birthplaces of train and dev are the corpus' own. Left out is a person whose biographies give
    different answers; who gives none stands there with the answer None.
    """
    train = {q.name for q in corpus.train}
    dev = {q.name for q in corpus.dev}
    return {
        relation: Split(
            tuple(_facts(corpus, relation, corpus.train)),
            tuple(_facts(corpus, relation, corpus.dev, without=train)),
            tuple(_facts(corpus, relation, corpus.test, without=train | dev)),
        )
        for relation in RELATIONS
    }


def _facts(
    corpus: Corpus, relation: str, questions: Iterable[Question], without: Iterable[str] = ()
) -> Iterator[Fact]:
    places: dict[str, set[str | None]] = defaultdict(set)
    for question in questions:
        places[question.name].add(question.place)
    for name in (name for name in places if name not in set(without)):
        told: set[str | None] = {
            answers(text).get(relation) for text in corpus.by_name.get(name, ())
        }
        if relation == "birthplace" and places[name] != {None}:
            told = places[name]
        told = told - {None} or {None}
        if len(told) == 1:
            yield Fact(name, relation, *told)


def write_question_sets(corpus: Corpus, folder: Path) -> None:
    """Write `train/<relation>.tsv` and `dev/<relation>.tsv`: question, tab, answer, tab, relation.

    People whose text does not give the relation are left out. Raises UserError if a file cannot
    be written.
    """
    for relation, split in facts(corpus).items():
        for side, told in (("train", split.train), ("dev", split.dev)):
            lines = (
                f"{f.question}\t{f.answer}\t{relation}\n" for f in told if f.answer is not None
            )
            write_text(folder / side / f"{relation}.tsv", "".join(lines))
