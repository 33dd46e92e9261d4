"""The exercises of notebook 02: pretraining, finetuning and scores (exercise 3)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nlp4.data.vocabulary import MASK
from nlp4.exercises.judging import Case, Exercise, Mistake

NOTEBOOK = "02_pretraining_and_knowledge"


def _london_cases(rng: np.random.Generator) -> list[Case]:
    names = ["London", "Paris", "London, Ontario", "New London", "london", "Rome"]
    drawn = [[names[i] for i in rng.integers(len(names), size=n)] for n in (7, 20)]
    edges = [
        ["London", "Paris", "New London", "Londonderry"],
        ["London"],
        ["Paris", "Rome", "Lima"],
        ["London", "London"],
        ["london", "London", "Rome"],
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
            'a place that only begins with "London" is another place: compare the whole text',
            lambda places: sum(place.startswith("London") for place in places) / len(places),
        ),
        Mistake(
            "capital letters count: an answer is right character for character",
            lambda places: sum(place.lower() == "london" for place in places) / len(places),
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
    ]
    number = int(rng.integers(10, 99))
    return [*pairs, (f"Where was Louis {number} born?", "Q")]


QUESTION_PAIR_TEXT = Exercise(
    name="question_pair_text",
    title="A question pair",
    notebook=NOTEBOOK,
    points=1,
    minutes=5,
    cases=_pair_cases,
    reference=lambda question, place: "".join((question, MASK, place, MASK)),
    mistakes=(
        Mistake(
            "the closing MASK is missing: the model would not learn where an answer ends",
            lambda question, place: question + MASK + place,
        ),
        Mistake(
            "the MASK between question and place is missing",
            lambda question, place: question + place + MASK,
        ),
        Mistake("both MASKs are missing", lambda question, place: question + place),
        Mistake(
            "the order is turned round: the question comes first",
            lambda question, place: place + MASK + question + MASK,
        ),
        Mistake(
            "no spaces around MASK: the model would have to write them too",
            lambda question, place: f"{question} {MASK} {place} {MASK}",
        ),
        Mistake(
            "no space after the question: the model would have to expect it",
            lambda question, place: f"{question} {MASK}{place}{MASK}",
        ),
        Mistake(
            'you wrote the word "MASK": put in the character that nlp4.data.vocabulary.MASK holds',
            lambda question, place: f"{question}MASK{place}MASK",
        ),
    ),
)


def _corrupt_cases(rng: np.random.Generator) -> list[Case]:
    text = "Ada Quill was born in Torvale."
    edges: list[Case] = [(text, 22, 29), (text, 0, 3), (text, 26, len(text)), (text, 9, 10)]
    starts = [int(start) for start in rng.integers(1, 15, size=3)]
    return [*edges, *((text, start, start + 6) for start in starts)]


CORRUPT = Exercise(
    name="corrupt",
    title="Corrupt a span",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_corrupt_cases,
    reference=lambda text, start, stop: MASK.join(
        (text[:start], text[stop:], text[start:stop], "")
    ),
    mistakes=(
        Mistake(
            "the closing MASK is missing: the model would not learn where a span ends",
            lambda text, start, stop: text[:start] + MASK + text[stop:] + MASK + text[start:stop],
        ),
        Mistake(
            "the MASK before the span is missing: it says that the text ends and the span begins",
            lambda text, start, stop: text[:start] + MASK + text[stop:] + text[start:stop] + MASK,
        ),
        Mistake(
            "the span stands in the middle: it comes last, after all that the model may use",
            lambda text, start, stop: MASK.join((text[:start], text[start:stop], text[stop:], "")),
        ),
        Mistake(
            "nothing marks the hole: put a MASK where the span was",
            lambda text, start, stop: text[:start] + text[stop:] + MASK + text[start:stop] + MASK,
        ),
        Mistake(
            "the span still stands in the text: the model could copy it",
            lambda text, start, stop: text + MASK + text[start:stop] + MASK,
        ),
        Mistake(
            "the span runs up to `stop`, without it: text[start:stop]",
            lambda text, start, stop: MASK.join(
                (text[:start], text[stop + 1 :], text[start : stop + 1], "")
            ),
        ),
        Mistake(
            "`stop` is where the span ends, not how long it is",
            lambda text, start, stop: MASK.join(
                (text[:start], text[start + stop :], text[start : start + stop], "")
            ),
        ),
        Mistake(
            "the order is turned round: the span comes last, after all that the model may use",
            lambda text, start, stop: MASK.join((text[start:stop], text[:start], text[stop:], "")),
        ),
        Mistake(
            "every character of the span became a MASK: the model is not to know its length",
            lambda text, start, stop: (
                text[:start] + MASK * (stop - start) + text[stop:] + MASK + text[start:stop] + MASK
            ),
        ),
        Mistake(
            "only the prompt is there: the span has to follow, so that it can be learnt",
            lambda text, start, stop: text[:start] + MASK + text[stop:] + MASK,
        ),
    ),
)


@dataclass
class Speller:
    """A stand-in for a model: scores for the next character, as a dictionary.

    It spells `answer` after `prompt`, and its second choice is always the letter x.
    """

    prompt: str
    answer: str
    asked: int = field(default=0, init=False, repr=False, compare=False)

    def __call__(self, text: str) -> dict[str, float]:
        """Scores of the characters that may follow `text`."""
        self.asked += 1
        if self.asked > 200:  # a loop that never ends would hold the kernel for ever
            raise RuntimeError(
                "asked 200 times: append each character before you ask again, and stop at MASK"
            )
        written = text.removeprefix(self.prompt)
        following = (self.answer + MASK)[len(written)] if len(written) <= len(self.answer) else "x"
        return {"x": 1.5, following: 2.0} if text.startswith(self.prompt) else {"?": 1.0}


def _decode_cases(rng: np.random.Generator) -> list[Case]:
    places = ["London", "Rio de Janeiro", "Å", "", "Y" * 30]
    prompts = [
        f"Where was Ada {number} born?{MASK}" for number in rng.integers(10, 99, len(places))
    ]
    return [(Speller(prompt, place), prompt) for prompt, place in zip(prompts, places, strict=True)]


def _decode(next_scores: Speller, prompt: str) -> str:
    written = ""
    while True:
        scores = next_scores(prompt + written)
        best = max(scores, key=lambda character: scores[character])
        if best == MASK:
            return written
        written += best


def _first_only(next_scores: Speller, prompt: str) -> str:
    scores = next_scores(prompt)
    return max(scores, key=lambda character: scores[character])


def _decode_worst(next_scores: Speller, prompt: str) -> str:
    written = ""
    while len(written) < 40:
        scores = next_scores(prompt + written)
        best = min(scores, key=lambda character: scores[character])
        if best == MASK:
            break
        written += best
    return written


def _last_letter(next_scores: Speller, prompt: str) -> str:
    written = ""
    while len(written) < 40:
        best = max(next_scores(prompt + written))
        if best == MASK:
            break
        written += best
    return written


def _forgets(next_scores: Speller, prompt: str) -> str:
    return _first_only(next_scores, prompt) * 40


DECODE = Exercise(
    name="decode",
    title="Decode greedily",
    notebook=NOTEBOOK,
    points=2,
    minutes=8,
    cases=_decode_cases,
    reference=_decode,
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
            "this is the first character alone: go on until the model writes MASK", _first_only
        ),
        Mistake(
            "this takes the last letter of the alphabet: the best one is max(..., key=scores.get)",
            _last_letter,
        ),
        Mistake("you took the lowest score: the model prefers the highest", _decode_worst),
        Mistake(
            "you asked about the prompt again and again: append what was written before you ask",
            _forgets,
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
    ),
)
