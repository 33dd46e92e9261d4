"""The exercises of notebook 03: pretraining, finetuning and scores (exercise 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from nlp4.data.corruption import question_pair, rearrange, span_bounds
from nlp4.data.vocabulary import MASK, PAD
from nlp4.exercises.comparing import shown
from nlp4.exercises.given import Speller
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

NOTEBOOK = "03_pretraining_and_knowledge"


def _london_cases(rng: np.random.Generator) -> list[Case]:
    names = ["London", "Paris", "London, Ontario", "New London", "london", "Lon", "on", "Rome"]
    drawn = [[names[i] for i in rng.integers(len(names), size=n)] for n in (7, 20)]
    edges = [
        ["London", "Paris", "New London", "Londonderry"],
        ["London"],
        ["Paris", "Rome", "Lima"],
        ["London", "London"],
        ["london", "London", "Rome"],
        ["London", "Lon", "on", "L", "", "Londo", "ndon"],
        ["London ", " London", "London", "London.", "Lond\u00f3n"],
    ]
    return [(places,) for places in (*edges, *drawn)]


ALWAYS_LONDON = Exercise(
    name="always_london",
    title='What is always "London" worth?',
    notebook=NOTEBOOK,
    points=1,
    minutes=5,
    cases=_london_cases,
    reference=lambda places: float(np.mean([place == "London" for place in places])),
    mistakes=(
        Mistake(
            "this is how many are right, not their share: divide by the number of questions",
            lambda places: places.count("London"),
        ),
        Mistake(
            "this is a percentage: the share is a number between 0 and 1",
            lambda places: 100 * places.count("London") / len(places),
        ),
        Mistake(
            'a place that only contains "London" is another place: compare the whole text',
            lambda places: sum("London" in place for place in places) / len(places),
        ),
        Mistake(
            'a place that is only a part of "London" is another place: compare the whole text',
            lambda places: sum(place in "London" for place in places) / len(places),
        ),
        Mistake(
            'a place that only begins with "London" is another place: compare the whole text',
            lambda places: sum(place.startswith("London") for place in places) / len(places),
        ),
        Mistake(
            "capital letters count: an answer is right character for character",
            lambda places: sum(place.lower() == "london" for place in places) / len(places),
        ),
        Mistake(
            "spaces count: an answer is right character for character",
            lambda places: sum(place.strip() == "London" for place in places) / len(places),
        ),
        Mistake(
            "this is the share of wrong answers",
            lambda places: 1 - places.count("London") / len(places),
        ),
        Mistake(
            "you divided by the number of different places: divide by the number of questions",
            lambda places: places.count("London") / len(set(places)),
        ),
    ),
)


def _pair_cases(rng: np.random.Generator) -> list[Case]:
    pairs = [
        ("Where was Ada Quill born?", "London"),
        ("Where was Jean-Luc O'Hara born?", "Rio de Janeiro"),
        ("Where was Zoë Łuczak born?", "Åre"),
        ("Where?", "Llanfairpwllgwyngyll"),
        ("?", "Aa"),
        ("Was Jack London born in London?", "London"),
    ]
    number = int(rng.integers(10, 99))
    return [*pairs, (f"Where was Louis {number} born?", "Q")]


def _inputs_and_targets(question: str, place: str) -> tuple[str, str]:
    pair = question_pair(question, place)
    given = len(pair.prompt)
    return pair.text[:-1], (PAD * given + pair.answer)[1:]


def _answers_targets(targets: Callable[[str, str], str]) -> Callable[[str, str], tuple[str, str]]:
    """The right inputs, with other targets."""
    return lambda question, place: (question + MASK + place, targets(question, place))


INPUTS_AND_TARGETS = Exercise(
    name="inputs_and_targets",
    title="What it reads and what it must predict",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_pair_cases,
    reference=_inputs_and_targets,
    mistakes=(
        Mistake(
            "nothing is shifted: the target is the character that comes next, not the one read",
            _answers_targets(lambda question, place: PAD * (len(question) + 1) + place),
        ),
        Mistake(
            "this is shifted the wrong way: the target is the next character, not the last one",
            _answers_targets(lambda question, place: PAD * (len(question) + 2) + place[:-1]),
        ),
        Mistake(
            "the MASK that asks is given, not predicted: its target is PAD",
            _answers_targets(
                lambda question, place: PAD * (len(question) - 1) + MASK + place + MASK
            ),
        ),
        Mistake(
            "the closing MASK must be scored too: the model learns where an answer ends",
            _answers_targets(lambda question, place: PAD * len(question) + place + PAD),
        ),
        Mistake(
            "everything is scored: the targets that belong to the question are PAD",
            _answers_targets(lambda question, place: question[1:] + MASK + place + MASK),
        ),
        Mistake(
            "this is the wrong way round: the answer is scored and the question is not",
            _answers_targets(lambda question, place: question[1:] + MASK + PAD * (len(place) + 1)),
        ),
        Mistake(
            "the place's first letter must be scored too: it is the target where the MASK is read",
            _answers_targets(lambda question, place: PAD * (len(question) + 1) + place[1:] + MASK),
        ),
        Mistake(
            "nothing is scored: the place and the closing MASK are to be predicted",
            _answers_targets(lambda question, place: PAD * (len(question) + len(place) + 1)),
        ),
        Mistake(
            "a target that is not scored is PAD, so that inputs and targets are equally long",
            _answers_targets(lambda question, place: place + MASK),
        ),
        Mistake(
            "the PADs come first: each target stands where the character before it is read",
            _answers_targets(lambda question, place: place + MASK + PAD * len(question)),
        ),
        Mistake(
            'you wrote the word "PAD": put in the character that the constant PAD holds',
            _answers_targets(lambda question, place: "PAD" * len(question) + place + MASK),
        ),
        Mistake(
            "a target that is not scored is PAD, not a space",
            _answers_targets(lambda question, place: " " * len(question) + place + MASK),
        ),
        Mistake(
            "a target that is not scored is PAD, not MASK: the model would learn to write MASKs",
            _answers_targets(lambda question, place: MASK * len(question) + place + MASK),
        ),
        Mistake(
            "the order is turned round: return the inputs first, then the targets",
            lambda question, place: _inputs_and_targets(question, place)[::-1],
        ),
        Mistake(
            "the inputs are the text without its last character, which nothing is predicted after",
            lambda question, place: (
                question + MASK + place + MASK,
                PAD * len(question) + place + MASK,
            ),
        ),
        Mistake(
            "the inputs are the text without its last character, the targets without its first",
            lambda question, place: (
                question + MASK + place + MASK,
                PAD * (len(question) + 1) + place + MASK,
            ),
        ),
        Mistake(
            "the MASK between question and place is missing",
            lambda question, place: (question + place, PAD * (len(question) - 1) + place + MASK),
        ),
        Mistake(
            "the model reads the question: PAD stands among the targets, not among the inputs",
            lambda question, place: (
                PAD * len(question) + MASK + place,
                PAD * len(question) + place + MASK,
            ),
        ),
        Mistake(
            "the model reads the place too, one character later than it had to predict it",
            lambda question, place: (question + MASK, PAD * len(question) + place + MASK),
        ),
    ),
)


SHORTEST = 4  # characters that a text is cut to at least


def _corrupt_cases(rng: np.random.Generator) -> list[Case]:
    long = [
        "Ada Quill. Born in Torvale on 3 May 1931, she wrote songs about ships, fog and the sea, "
        "and kept a shop for maps in Rome until the year in which it burnt down.",
        "Jean-Luc O'Hara. He grew up by the sea, taught physics and mended clocks in Rio; two of "
        "them still strike the hour.",
        "Zoë Łuczak. Painter; best known for her views of Åre, which hang in six libraries. Her "
        "brother sold paper, ink and, in bad years, hats to schools all over the north.",
    ]
    # Long texts show a share, short ones both ends: enough of each for five standard errors.
    texts = [*long * 200, *["Quill"] * 400, *["Åre."] * 60]
    cases: list[Case] = [(text, np.random.default_rng(rng.integers(2**32))) for text in texts]
    return [*cases, *cases[:5]]  # the same generator, so the same draw


def _corrupt(text: str, rng: np.random.Generator) -> str:
    cut = text[: int(rng.integers(SHORTEST, len(text) + 1))]
    return rearrange(cut, *span_bounds(len(cut), 0.25, rng))


def _form(case: Case, found: str, tolerance: float) -> str | None:
    """Say where one draw is not prefix, MASK, suffix, MASK, span, MASK of a cut text."""
    text, _ = case
    words = _wrong_masks(text, found) or _wrong_parts(text, *found.split(MASK)[:3])
    return None if words is None else f"you return {shown(found)}: {words}"


def _wrong_masks(text: str, found: str) -> str | None:
    masks = found.count(MASK)
    if masks == 3 and found.endswith(MASK):
        return None
    if masks == 0 and "MASK" in found:
        return 'you wrote the word "MASK": put in the character that the constant MASK holds'
    if masks == 2 and found.endswith(MASK):
        return _two_masks(text, *found.split(MASK)[:2])
    if masks == 2:
        return "the closing MASK is missing: the model would not learn where a span ends"
    if masks > 3:
        return "one MASK stands for the whole span: the model is not to know its length"
    return "three MASKs belong in it: where the span was, before the span, and at the end"


def _two_masks(text: str, first: str, second: str) -> str:
    """What may be meant by `first MASK second MASK`."""
    put_in = (first[:i] + second + first[i:] for i in range(len(first) + 1))
    turned = (first + second[i:] + second[:i] for i in range(len(second) + 1))
    readings = {
        "nothing marks the hole: put a MASK where the span was": any(map(text.startswith, put_in)),
        "the MASK before the span is missing: it says that the text ends and the span begins": any(
            map(text.startswith, turned)
        ),
        "the span still stands in the text: the model could copy it": (
            text.startswith(first) and second in first
        ),
        "only the prompt is there: the span has to follow, so that it can be learnt": (
            text.startswith(first) and text.find(second, len(first) + 1) >= 0
        ),
    }
    fitting = [words for words, fits in readings.items() if fits]
    three = "three MASKs belong in it: where the span was, before the span, and at the end"
    return fitting[0] if len(fitting) == 1 else three


def _wrong_parts(text: str, prefix: str, suffix: str, span: str) -> str | None:
    """Say what is wrong with three parts that a MASK follows each; `span` is the third."""
    kept = len(prefix + suffix + span)
    if text.startswith(prefix + span + suffix):
        if not span:
            return "your span is empty: it has at least 1 character"
        few = f"you cut the text to {kept} characters: at least {SHORTEST} stay"
        return few if kept < SHORTEST else None
    if text.startswith(prefix + suffix + span):
        return "the span stands in the middle: it comes last, after all that the model may use"
    if text.startswith(suffix + prefix + span):
        return "the order is turned round: the span comes last, after all that the model may use"
    if text.startswith(suffix + span + prefix):
        return "what stands before the span comes first, then what stands after it"
    if " " in (prefix[-1:], suffix[:1], suffix[-1:], span[:1]) and text.startswith(
        prefix.removesuffix(" ") + span.strip(" ") + suffix.strip(" ")
    ):
        return "no spaces around MASK: the model would have to write them too"
    return "what stands before the span, the span and what stands after it do not give the text"


@dataclass(frozen=True)
class _Draw:
    """What was drawn: the text has `length` characters, `kept` stay, the span is in them."""

    length: int
    kept: int
    start: int
    size: int

    @property
    def cut_of(self) -> tuple[int, int]:
        """The number of the cut among all that are possible, and how many are possible."""
        return self.kept - SHORTEST, self.length - SHORTEST + 1

    @property
    def place_of(self) -> tuple[int, int]:
        """The number of the span's place among all that are possible, and their number."""
        return self.start, self.kept - self.size + 1


def _drawn(text: str, found: str) -> _Draw:
    prefix, suffix, span, _ = found.split(MASK)
    return _Draw(len(text), len(prefix + suffix + span), len(prefix), len(span))


def _draws(cases: Sequence[Case], found: Sequence[str]) -> str | None:
    """Say what is wrong with many draws together; None if they are drawn as the task says."""
    by_case: dict[tuple[str, str], str] = {}
    for (text, rng), value in zip(cases, found, strict=True):
        if by_case.setdefault((text, repr(rng.bit_generator.state)), value) != value:
            return (
                "twice the same generator and two results: draw all that is random from `rng`, "
                "not from `random` or `np.random`"
            )
    draws = [_drawn(text, value) for (text, _), value in by_case.items()]
    if all(draw.kept == draw.length for draw in draws):
        return "you never cut the text: draw how many of its characters stay"
    return (
        _uneven("you cut the text", _CUTS, [draw.cut_of for draw in draws])
        or _wrong_sizes(draws)
        or _uneven("your span stands", _PLACES, [draw.place_of for draw in draws])
    )


def _wrong_sizes(draws: list[_Draw]) -> str | None:
    """Say that the spans' lengths are not random, or not a quarter of the cut text on average."""
    if all(draw.size == 1 for draw in draws):
        return "your span always has 1 character: a quarter of the cut text is asked on average"
    sizes: dict[int, list[int]] = {}
    for draw in (draw for draw in draws if draw.kept >= 8):
        sizes.setdefault(draw.kept, []).append(draw.size)
    repeated = sum(len(each) - 1 for each in sizes.values())
    if repeated >= 8 and all(len(set(each)) == 1 for each in sizes.values()):
        return "for texts cut to the same length your spans are equally long: draw their length"
    return _wrong_share([(draw.size, draw.kept) for draw in draws if draw.kept >= 30])


def _wrong_share(long: list[tuple[int, int]]) -> str | None:
    """Say that spans of long texts do not hold a quarter of them on average.

    In a long text it hardly matters how a length is rounded: by less than one character.
    """
    if len(long) < 2:
        return None
    shares = np.array([size / kept for size, kept in long])
    rounding = float(np.mean([0.75 / kept for _, kept in long]))
    error = float(shares.std(ddof=1)) / len(long) ** 0.5
    if abs(shares.mean() - 0.25) <= _ERRORS * error + rounding:
        return None
    return f"your spans hold {shares.mean():.0%} of the cut text on average: a quarter is asked"


_ERRORS = 5  # standard errors: one right answer in a million is further off
_CUTS = (
    f"to {SHORTEST} characters",
    "to all its characters",
    *(f"to a length in the {quarter} quarter" for quarter in ("first", "second", "third", "last")),
)
_PLACES = (
    "at the very beginning",
    "at the very end",
    *(f"in the {quarter} quarter" for quarter in ("first", "second", "third", "last")),
)


def _uneven(what: str, names: tuple[str, ...], drawn: list[tuple[int, int]]) -> str | None:
    """Say that numbers, each drawn out of 0, ..., m - 1 for its own m, are not equally likely."""
    events: list[tuple[list[bool], list[float]]] = [
        ([i == 0 for i, _ in drawn], [1 / m for _, m in drawn]),
        ([i == m - 1 for i, m in drawn], [1 / m for _, m in drawn]),
    ]
    for quarter in range(4):
        inside = [4 * i // m == quarter for i, m in drawn]
        ends = [(-(-m * quarter // 4), -(-m * (quarter + 1) // 4)) for _, m in drawn]
        chances = [(b - a) / m for (a, b), (_, m) in zip(ends, drawn, strict=True)]
        events.append((inside, chances))
    for name, (happened, chances) in zip(names, events, strict=True):
        seen, expected = sum(happened), sum(chances)
        if abs(seen - expected) > _ERRORS * sum(p * (1 - p) for p in chances) ** 0.5 + 1e-9:
            times = f"{seen} times in {len(drawn)} draws"
            return f"{what} {name} {times}, where {expected:.0f} are expected: draw it evenly"
    return None


CORRUPT = Exercise(
    name="corrupt",
    title="Corrupt a span",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_corrupt_cases,
    reference=_corrupt,
    accepts=_form,
    accepts_all=_draws,
)


def _decode_cases(rng: np.random.Generator) -> list[Case]:
    places = ["London", "Rio de Janeiro", "Å", "", "Y" * 30, "Llanfairpwllgwyngyll" * 3, "Ełk"]
    levels = [-0.5, 1.0, -20.0, 4.5, -3.0, -1.5, 20.0]
    numbers = rng.integers(10, 99, len(places))
    prompts = [f"Where was Ada {number} born?{MASK}" for number in numbers]
    prompts[-2] = f"Ada Quill. Born in {MASK}, a town.{MASK}"
    rows = zip(prompts, places, levels, strict=True)
    return [(Speller(prompt, place, level), prompt) for prompt, place, level in rows]


Choice = Callable[[dict[str, float]], str]


def _best(scores: dict[str, float]) -> str:
    return max(scores, key=lambda character: scores[character])


def _decode(
    next_scores: Speller, prompt: str, choice: Choice = _best, most: int | None = None
) -> str:
    written = ""
    for _ in count() if most is None else range(most):
        best = choice(next_scores(prompt + written))
        if best == MASK:
            break
        written += best
    return written


def _choosing(choice: Choice) -> Callable[[Speller, str], str]:
    """A decoder that takes another character than the best, for a hundred characters at most."""
    return lambda next_scores, prompt: _decode(next_scores, prompt, choice, most=100)


def _decode_until(stops: Callable[[dict[str, float]], bool]) -> Callable[[Speller, str], str]:
    def decode(next_scores: Speller, prompt: str) -> str:
        written = ""
        while not stops(scores := next_scores(prompt + written)):
            written += _best(scores)
        return written

    return decode


DECODE = Exercise(
    name="decode",
    title="Decode greedily",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_decode_cases,
    reference=lambda next_scores, prompt: _decode(next_scores, prompt),
    mistakes=(
        Mistake(
            "return the answer without the closing MASK",
            lambda next_scores, prompt: _decode(next_scores, prompt) + MASK,
        ),
        Mistake(
            "return the answer alone, without the prompt",
            lambda next_scores, prompt: prompt + _decode(next_scores, prompt),
        ),
        Mistake(
            "return the answer alone, without the prompt and the closing MASK",
            lambda next_scores, prompt: prompt + _decode(next_scores, prompt) + MASK,
        ),
        Mistake(
            "a prompt may hold more than one MASK: what was written begins after all of it",
            lambda next_scores, prompt: (prompt + _decode(next_scores, prompt) + MASK).split(MASK)[
                1
            ],
        ),
        Mistake(
            "this is the first character alone: go on until the model writes MASK",
            lambda next_scores, prompt: _best(next_scores(prompt)),
        ),
        Mistake(
            "you asked about the prompt again and again: append what was written before you ask",
            lambda next_scores, prompt: _best(next_scores(prompt)) * 40,
        ),
        Mistake(
            "this takes the last letter of the alphabet: the scores are the dictionary's values",
            _choosing(max),
        ),
        Mistake(
            "this takes the first character of the dictionary: compare the scores",
            _choosing(lambda scores: next(iter(scores))),
        ),
        Mistake(
            "you took the lowest score: the model prefers the highest",
            _choosing(lambda scores: min(scores, key=lambda c: scores[c])),
        ),
        Mistake(
            "the sign counts: scores may all be negative, and the highest is the one next to 0",
            _choosing(lambda scores: max(scores, key=lambda c: abs(scores[c]))),
        ),
        Mistake(
            "this stops where MASK has a score at all: stop where MASK has the highest",
            _decode_until(lambda scores: MASK in scores),
        ),
        Mistake(
            "spaces are part of an answer: return every character that was written",
            lambda next_scores, prompt: _decode(next_scores, prompt).replace(" ", ""),
        ),
    ),
)


def _luck_cases(rng: np.random.Generator) -> list[Case]:
    places = ["London", "Rome", "Lima", "Oslo"]
    drawn: list[Case] = [
        ([places[i] for i in rng.integers(4, size=n)], [places[i] for i in rng.integers(3, size=n)])
        for n in (5, 12, 30)
    ]
    edges: list[Case] = [
        (["London"] * 4, ["London", "Rome", "London", "Oslo"]),
        (["Paris", "Bonn"], ["Rome", "Oslo"]),
        (["London", "Rome"], ["Rome", "London"]),
        (["York", "", "rome", "Lima"], ["New York", "Rome", "York", "York"]),
        (["Lima"], ["Lima"]),
    ]
    return [*edges, *drawn]


def _luck(answers: list[str], places: list[str]) -> float:
    return sum(answer == place for answer in answers for place in places) / len(places)


LUCK = Exercise(
    name="luck",
    title="How many would be right by luck?",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_luck_cases,
    reference=_luck,
    mistakes=(
        Mistake(
            "this is how many are right as they stand: you are asked for the mean over all orders",
            lambda answers, places: sum(a == p for a, p in zip(answers, places, strict=True)),
        ),
        Mistake(
            "divide by the number of questions: an answer meets each of them equally often",
            lambda answers, places: sum(a == p for a in answers for p in places),
        ),
        Mistake(
            "this is a share: multiply by the number of questions to get how many",
            lambda answers, places: _luck(answers, places) / len(places),
        ),
        Mistake(
            "you counted each place once: a place that is answered often is met often",
            lambda answers, places: sum(places.count(a) for a in set(answers)) / len(places),
        ),
        Mistake(
            "you counted each place once: a place that is true often is met often",
            lambda answers, places: sum(answers.count(p) for p in set(places)) / len(places),
        ),
        Mistake(
            "the model answers many places, not only the most frequent one",
            lambda answers, places: places.count(max(set(places), key=places.count)),
        ),
        Mistake(
            "this is how many places were named by some answer: count matches, not places",
            lambda answers, places: sum(place in answers for place in places),
        ),
        Mistake(
            "an answer is right character for character: York is not New York",
            lambda answers, places: sum(a in p for a in answers for p in places) / len(places),
        ),
    ),
)
