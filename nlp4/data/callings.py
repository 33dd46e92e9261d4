"""Who a person is said to be: nationality and occupation in "is a Czech painter and designer".

The words stand in three tables below; a nationality or a trade that is in none of them is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp4.data.extraction import UPPER, Bounds, about_kin


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


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
Luxembourgish Macedonian Malagasy Malaysian Malian Maltese Manx Mauritian Mexican Moldovan
Mongolian Montenegrin Moroccan Mozambican Namibian Nepalese Nicaraguan Nigerian Norwegian Pakistani
Palestinian Panamanian Paraguayan Persian Peruvian Polish Portuguese Prussian Québécois Romanian
Russian Rwandan Salvadoran Samoan Saxon Scots Scottish Senegalese Serbian Serb Sicilian Singaporean
Slovak Slovakian Slovene Slovenian Somali Soviet Spanish Sudanese Surinamese Swedish Swiss Syrian
Taiwanese Tajik Tanzanian Thai Tibetan Tongan Trinidadian Tunisian Turkish Turkmen Ugandan
Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni Yugoslav Yugoslavian Zambian
Zimbabwean
""")
_TWO_WORDS = (
    "South African|South Korean|North Korean|New Zealand|Northern Irish|Sri Lankan|Costa Rican"
    "|Puerto Rican|Papua New Guinean|Hong Kong|East German|West German|West Indian|Saudi Arabian"
    "|Sierra Leonean|Cape Verdean"
)
_NATION = rf"(?:{_TWO_WORDS}|(?:(?:Anglo|Franco)-)?(?:{'|'.join(sorted(_NATIONS))}))"
_NATIONALITY = re.compile(
    rf"(?<!Latin )(?<!South )(?<!Central )(?<!North )(?P<answer>{_NATION}(?:[ -]{_NATION})*)"
    r"(?![\w-])(?! (?:born|[Hh]orn|[Ll]anguage|Catholic|Orthodox|teacher|literature|rules|Football"
    r"|Indian\b))(?<!Canadian(?= football))"
)

# A trade is a word of these endings or of the list; it is often wrong where the next table has it.
_TRADE = re.compile(
    r"(?:[a-zà-ÿ'’-]*(?:[^\W\d_]er|or|ist|cian|rian|eur|man|woman|smith|wright|eon|ess|mat|person|yst)"
    r"|poet|bass|judge|coach|chef|host|anchor|model|scholar|critic|comic|academic|architect|\w*athlete"
    r"|priest|monk|nun|bishop|cleric|rabbi|chaplain|missionary|spy|mezzo-soprano|soprano|contralto"
    r"|tenor|baritone|pilot|agent|merchant|servant|consultant|accountant|nurse|midwife|judoka"
    r"|ballerina|\w*mason|gymnast|cox|general|marshal|admiral|entrepreneur|docent|playwright|comedienne"
    r"|advocate|attorney|politician|theologian|musician|physician|magician|comedian|executive"
    r"|quarterback|linebacker|cornerback|fullback|halfback|shortstop|forward|polymath|astronaut"
    r"|cosmonaut|centre|center|DJ)"
)
_NOT_TRADES = _words("""
member founder co-founder winner brother daughter father mother sister younger elder leader former
number senior junior character competitor holder pioneer survivor speaker order follower supporter
lover husband successor predecessor ancestor visitor cousin newcomer grandmother grandfather
another other whether chapter later earlier barrier chairman spokesman statesperson person man
woman outsider master further better secretary partner business prisoner captain oratorian
""")
_NEED_A_KIND = _words(
    "owner worker maker forward centre center servant agent executive officer player dealer"
)
# Words in front of a trade that say nothing of its kind, and the few capitalised ones that do.
_PLAIN_WORDS = _words("""
a an the professional former retired male female amateur international first second third fourth
fifth sixth last eldest oldest youngest award winning awards award-winning renowned accomplished
most current popular eminent early prolific well-known influential naturalized long-serving notable
competitive leading only noted elder prominent famous respected successful senior junior veteran
talented legendary major previous wealthy convicted licensed published self-taught best-selling
bestselling active dedicated acclaimed outstanding important minor lesser-known distinguished
celebrated promising tallest pioneering left-handed right-handed ever emerging young old own late
modern contemporary great known based born naturalised now also very highly widely read one-time
sometime independent freelance master american working best world avid founding class rules
ambitious top original permanent free french english chief ordained elected appointed named
""")
_KINDS = _words("""
Benedictine Lutheran Anglican Catholic Methodist Baptist Presbyterian Jesuit R&B TV Jazz Rugby Union
""")
_CUT = re.compile(
    r" (?:of|for|from|in|(?<!-)born|at|with|based|best|on|to|by|as|living|currently|where|active"
    r"|during|whom|perhaps|(?<!well )known|now|while|after|before)\b"
)
_END = re.compile(r"[.;()]|(?<!-)\b(?:who|whose|which|that|where|was|is|born)\b| -")
_SPLIT = re.compile(r", and |, | and | or |/| & | as well as ")
_AND_A = re.compile(r" and (?=an? )")

_NAME = rf"(?:[{UPPER}][\w.'’-]*|d[eiu]|da|dos|v[ao]n|der|den|la|le|al|bin|ibn|y|e|af|zu)"
# What a description follows. The third names the whole of it, the others where it starts.
_OPENINGS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:\b(?:is|was|became)(?: also)?|(?:^|[;.] )As|\b(?:began|worked|works) as) "
        rf"(?=an? |the |{_NATION}\b|(?!(?:of|in|at|from|one|by|to|for|on|with|not)\b)[a-z])",
        rf"^(?!For |In |After |At |From ){_NAME}(?: {_NAME})*(?: ?\([^()]*\))?, ",
        rf"^The(?P<whole>(?: [^\W\d_{UPPER}][\w'’-]*| {_NATION})+)(?= [{UPPER}])",
        r"\), (?=[^,()]+, (?:was|is|who)\b)",
        r"\((?=an? )",
    )
)


def _descriptions(text: str) -> list[Bounds]:
    """Bounds of what says who the person is, "a Czech painter, designer and ...", in its order."""
    told = list[Bounds]()
    for opening in _OPENINGS:
        for match in opening.finditer(text):
            if "whole" in opening.groupindex:
                told.append(match.span("whole"))
            elif not about_kin(text, match.end()):
                end = _END.search(text, match.end())
                told.append((match.end(), end.start() if end else len(text)))
    return sorted(told)


def nationality(text: str) -> Bounds | None:
    """The adjective as it stands: "Scottish", "Lebanese-American"."""
    for start, stop in _descriptions(text):
        cut = _CUT.search(text, start, stop)
        match = _NATIONALITY.search(text, start)
        if match and match.end() <= (cut.start() if cut else stop):
            return match.span("answer")
    return None


def occupation(text: str) -> Bounds | None:
    """The first trade that is named, with the words that say what kind it is."""
    for start, stop in _descriptions(text):
        for begin, end in _conjuncts(text, start, stop):
            if trade := _trade(text, begin, end):
                return trade
    return None


def _conjuncts(text: str, start: int, stop: int) -> Iterator[Bounds]:
    """The parts of "a painter, stage designer and architect", each without what hangs on it.

    After "a native of Rome" only "and a ..." goes on with the person.
    """
    while start < stop:
        split = _SPLIT.search(text, start, stop)
        end = split.start() if split else stop
        cut = _CUT.search(text, start, end)
        yield start, cut.start() if cut else end
        if cut:
            again = _AND_A.search(text, cut.start(), stop)
            if again is None or about_kin(text, again.start()):
                return
            start = again.end()
        elif split:
            start = split.end()
        else:
            return


def _trade(text: str, start: int, stop: int) -> Bounds | None:
    """The trade that ends `text[start:stop]`, or that a word such as "remembered" follows."""
    words = list(re.finditer(r"\S+", text[start:stop]))
    for last in reversed(range(len(words))):
        if not _is_trade(words[last].group()):
            continue
        after = words[last + 1].group() if last + 1 < len(words) else ""
        if after and not re.search("(?:ing|ed)$", after):
            continue
        first = last
        while last - first < 3 and first and _says_kind(words[first - 1].group()):
            first -= 1
        if first < last or words[last].group() not in _NEED_A_KIND:
            return start + words[first].start(), start + words[last].end()
    return None


def _is_trade(word: str) -> bool:
    return (
        _TRADE.fullmatch(word if word.isupper() else word[0].lower() + word[1:]) is not None
        and word.lower() not in _NOT_TRADES | _PLAIN_WORDS
    )


def _says_kind(word: str) -> bool:
    lower = re.fullmatch(rf"[^\W\d_{UPPER}][\w'’-]*", word) is not None
    return word in _KINDS or (
        lower and word not in _PLAIN_WORDS and not re.search("-(?:born|based|winning|time)$", word)
    )
