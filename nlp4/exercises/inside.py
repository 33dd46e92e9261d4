"""The exercises on reaching into a model: a head's gap, an ablation, a patch, an edit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray
NOTEBOOK = "06_inside_the_model"


def _gap_cases(rng: np.random.Generator) -> list[Case]:
    """No gap is so large that the others' weights are lost beside the largest one's."""
    edges = [
        [2.0, 0.5, 0.5, -1.0],
        [3.0, -1.0],
        [1.0, 1.0],
        [0.0] * 5,
        [3.0, 1.0, 3.0],
        [-4.0, -1.0, -2.5, -1.0, -1.0],
        [0.0, 0.0, 19.0, 0.0],
        [-17.0, -20.0, -18.5],
        [18.0, 19.5, 20.0, 19.9],
        [-9.0, 1.0, 2.0],
    ]
    drawn = [rng.normal(at, scale, n) for at, scale, n in ((0, 1, 4), (2, 3, 9), (-8, 2, 30))]
    return [*((np.array(each),) for each in edges), *((each,) for each in drawn)]


def _gap(logits: Array) -> float:
    *others, largest = np.sort(logits).tolist()
    return largest - float(np.logaddexp.reduce(others)) + math.log(len(others))


def _others(logits: Array) -> Array:
    return np.sort(logits)[:-1]


def _above(mean: Callable[[Array], float]) -> Callable[[Array], float]:
    """How far the largest is above such a mean of the others."""
    return lambda logits: float(logits.max() - mean(_others(logits)))


def _log_weight(logits: Array) -> float:
    return float(logits.max() - np.logaddexp.reduce(logits))


def _without_copies(empty: float | None, logits: Array) -> float:
    smaller = logits[logits < logits.max()]
    if len(smaller):
        return float(logits.max() - np.log(np.exp(smaller).mean()))
    if empty is None:
        raise ZeroDivisionError
    return empty


def _smaller_of_all_others(logits: Array) -> float:
    smaller = np.exp(logits[logits < logits.max()]).sum()
    return float(logits.max() - np.log(smaller / (len(logits) - 1)))


def _above_the_rest(best: int, logits: Array) -> float:
    return float(logits[best] - np.log(np.exp(np.delete(logits, best)).mean()))


_AMONG = "you left the largest among the others: take it out before the mean"
_COPIES = "where the largest stands twice, leave one out: the other belongs to the others"

COPYING_GAP = Exercise(
    name="copying_gap",
    title="How far above the rest?",
    notebook=NOTEBOOK,
    points=1,
    minutes=5,
    cases=_gap_cases,
    reference=_gap,
    mistakes=(
        Mistake(
            "you subtracted the second largest alone: all others count, by the mean of e^logit",
            _above(lambda others: others[-1]),
        ),
        Mistake(
            "you averaged the other logits: average e^logit, then take the logarithm",
            _above(np.mean),
        ),
        Mistake(
            "you added the others' e^logit up: take the mean, over n - 1 of them",
            _above(np.logaddexp.reduce),
        ),
        Mistake(
            "you divided by n: without the largest, n - 1 are left",
            lambda logits: float(
                logits.max() - np.log(np.exp(_others(logits)).sum() / len(logits))
            ),
        ),
        Mistake(_AMONG, lambda logits: _log_weight(logits) + math.log(len(logits))),
        Mistake(_AMONG, lambda logits: _log_weight(logits) + math.log(len(logits) - 1)),
        Mistake(
            "this is the logarithm of the largest one's weight: compare it with the others' mean",
            _log_weight,
        ),
        Mistake(
            "this is the largest one's weight: return how far its logit is above the others",
            lambda logits: math.exp(_log_weight(logits)),
        ),
        Mistake(_COPIES, lambda logits: _without_copies(math.nan, logits)),
        Mistake(_COPIES, lambda logits: _without_copies(None, logits)),
        Mistake(_COPIES, _smaller_of_all_others),
        Mistake(
            "you counted equal logits once: each of the others has its part in the mean",
            lambda logits: _without_copies(math.nan, np.unique(logits)),
        ),
        Mistake(
            "take the natural logarithm, not that of base 2",
            _above(lambda others: np.log2(np.exp(others).mean())),
        ),
        Mistake(
            "take the natural logarithm, not that of base 10",
            _above(lambda others: np.log10(np.exp(others).mean())),
        ),
        Mistake(
            "this is the gap in bits: in nats, it is not divided by ln 2",
            lambda logits: _gap(logits) / math.log(2),
        ),
        Mistake("the sign is turned round: begin with the largest", lambda logits: -_gap(logits)),
        Mistake(
            "this is e to the power of the gap: return the gap itself",
            lambda logits: math.exp(_gap(logits)),
        ),
        Mistake(
            "you subtracted the mean of e^logit: take its logarithm first",
            _above(lambda others: np.exp(others).mean()),
        ),
        Mistake(
            "you took the logarithm of the logits' mean: average e^logit, not the logits",
            _above(lambda others: np.log(others.mean())),
        ),
        Mistake(
            "you took the first logit for the largest: it may stand anywhere",
            lambda logits: _above_the_rest(0, logits),
        ),
        Mistake(
            "a logit that is far below zero is not the largest: leave out the absolute value",
            lambda logits: _above_the_rest(int(np.abs(logits).argmax()), logits),
        ),
        Mistake(
            "you subtracted the smallest alone: all others count, by the mean of e^logit",
            _above(np.min),
        ),
    ),
)


def _ablation_cases(rng: np.random.Generator) -> list[Case]:
    edges = (
        (3, 4, 2, 5, 1),
        (1, 4, 3, 2, 2),
        (4, 1, 2, 3, 0),
        (2, 3, 1, 2, 0),
        (1, 1, 1, 1, 0),
        (3, 3, 3, 3, 1),
        (2, 3, 4, 1, 1),
        (2, 2, 5, 2, 4),
    )
    drawn = ((4, 5, 3, 6, 2), (6, 2, 4, 4, 3), (5, 7, 2, 3, 0))
    squares: list[Case] = [
        ((np.arange(q * n * heads * d) ** 2.0).reshape(q, n, heads, d), head)
        for q, n, heads, d, head in edges
    ]
    return squares + [
        (rng.normal(0.5, 2, size=(q, n, heads, d)), head) for q, n, heads, d, head in drawn
    ]


def _means(outputs: Array) -> Array:
    """The mean of each head over all questions and places, (heads, d)."""
    return np.einsum("qnhd->hd", outputs) / math.prod(outputs.shape[:2])


def _ablated(outputs: Array, head: int) -> Array:
    here = np.arange(outputs.shape[2]) == head
    return np.where(here[:, None], _means(outputs), outputs)


def _held(outputs: Array, head: int, value: float | Array) -> Array:
    ablated = outputs.copy()
    ablated[:, :, head] = value
    return ablated


def _held_place(outputs: Array, place: int, value: float | Array) -> Array:
    ablated = outputs.copy()
    ablated[:, place] = value
    return ablated


def _held_number(outputs: Array, head: int) -> Array:
    ablated = outputs.copy()
    ablated[..., head] = outputs[..., head].mean()
    return ablated


def _held_question(outputs: Array, head: int) -> Array:
    ablated = outputs.copy()
    ablated[head] = outputs[head].mean(axis=(0, 1))
    return ablated


def _but(outputs: Array, head: int) -> Array:
    return np.delete(outputs, head, axis=2)


_PER_QUESTION = "each question got a mean of its own: take one mean over all questions and places"
_PER_PLACE = "each place got a mean of its own: take one mean over all questions and places"
_OVER_NUMBERS = "you averaged over the d numbers too: each of them keeps a mean of its own"
_ALL_HEADS = "you took the mean of all heads: the head hands on its own mean"
_OTHER_HEADS = "you took the mean of the other heads: the head hands on its own mean"
_EVERY_HEAD = "you replaced every head: the others stay as they are"
_AXIS = "you chose along the wrong axis: the heads are the third, outputs[:, :, head]"
_PART = "this is the one head's part: return the outputs of all heads"

MEAN_ABLATED = Exercise(
    name="mean_ablated",
    title="Without one head",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_ablation_cases,
    reference=_ablated,
    mistakes=(
        Mistake(
            "you put zeros in: the head hands on its mean",
            lambda outputs, head: _held(outputs, head, 0.0),
        ),
        Mistake(
            _PER_QUESTION,
            lambda outputs, head: _held(
                outputs, head, outputs[:, :, head].mean(axis=1, keepdims=True)
            ),
        ),
        Mistake(
            _PER_QUESTION,
            lambda outputs, head: _held(outputs, head, outputs[:, :, head].mean(axis=1)),
        ),
        Mistake(
            _PER_PLACE, lambda outputs, head: _held(outputs, head, outputs[:, :, head].mean(axis=0))
        ),
        Mistake(
            _OVER_NUMBERS, lambda outputs, head: _held(outputs, head, outputs[:, :, head].mean())
        ),
        Mistake(
            "you averaged over the d numbers: average over questions and places, axes 0 and 1",
            lambda outputs, head: _held(
                outputs, head, outputs[:, :, head].mean(axis=2, keepdims=True)
            ),
        ),
        Mistake(
            _ALL_HEADS, lambda outputs, head: _held(outputs, head, outputs.mean(axis=(0, 1, 2)))
        ),
        Mistake(_ALL_HEADS, lambda outputs, head: _held(outputs, head, outputs.mean(axis=2))),
        Mistake(
            _OTHER_HEADS,
            lambda outputs, head: _held(outputs, head, _but(outputs, head).mean(axis=(0, 1, 2))),
        ),
        Mistake(
            _OTHER_HEADS,
            lambda outputs, head: _held(outputs, head, _but(outputs, head).mean(axis=2)),
        ),
        Mistake(_EVERY_HEAD, lambda outputs, head: np.broadcast_to(_means(outputs), outputs.shape)),
        Mistake(
            _EVERY_HEAD, lambda outputs, head: np.broadcast_to(_means(outputs)[head], outputs.shape)
        ),
        Mistake(
            "you replaced all heads but this one: it is the one to replace",
            lambda outputs, head: _held(
                np.broadcast_to(_means(outputs), outputs.shape), head, outputs[:, :, head]
            ),
        ),
        Mistake(
            _AXIS,
            lambda outputs, head: _held_place(
                outputs, head, outputs[:, head].mean(axis=0, keepdims=True)
            ),
        ),
        Mistake(
            _AXIS,
            lambda outputs, head: _held_place(outputs, head, outputs[:, head].mean(axis=(0, 1))),
        ),
        Mistake(_AXIS, _held_question),
        Mistake(_AXIS, _held_number),
        Mistake(
            "you subtracted the mean: it replaces what the head hands on",
            lambda outputs, head: _held(outputs, head, outputs[:, :, head] - _means(outputs)[head]),
        ),
        Mistake(
            "you added up: divide by the number of questions times places",
            lambda outputs, head: _held(outputs, head, outputs[:, :, head].sum(axis=(0, 1))),
        ),
        Mistake(_PART, lambda outputs, head: _ablated(outputs, head)[:, :, head]),
        Mistake(_PART, lambda outputs, head: _means(outputs)[head]),
        Mistake("you took the head out: it stays, and hands on its mean", _but),
        Mistake(
            "these are the outputs as they were: assign the mean to the head's part of the copy",
            lambda outputs, head: outputs.copy(),
        ),
    ),
)


def _patch_cases(rng: np.random.Generator) -> list[Case]:
    edges = (
        (4, 3, 2, 1),
        (3, 5, 2, 0),
        (3, 5, 3, 2),
        (5, 3, 2, 2),
        (4, 4, 2, 1),
        (1, 4, 2, 0),
        (4, 1, 2, 0),
        (1, 1, 3, 0),
        (5, 2, 1, 1),
    )
    drawn = ((6, 9, 4, 3), (9, 6, 4, 3), (7, 8, 3, 0), (12, 10, 2, 7))
    counted: list[Case] = [
        (np.arange(1.0, n * width + 1).reshape(n, width), -np.ones((m, width)).cumsum(0), back)
        for n, m, width, back in edges
    ]
    alike = (np.ones((4, 2)), np.array([[1.0, 1.0], [3.0, 4.0], [1.0, 1.0]]), 1)
    return [*counted, alike] + [
        (rng.normal(size=(n, width)), rng.normal(size=(m, width)), back)
        for n, m, width, back in drawn
    ]


def _patch(stream: Array, donor: Array, back: int) -> Array:
    here = np.arange(len(stream)) == len(stream) - 1 - back
    return np.where(here[:, None], donor[len(donor) - 1 - back], stream)


def _put(stream: Array, place: int | slice | tuple[int | slice, int], row: Array) -> Array:
    patched = stream.copy()
    patched[place] = row
    return patched


_START = "you counted from the start: count from the end, where 0 is the last place"
_OFF_BY_ONE = "you are one place off: with 0 it is the last place, so the index is -1 - back"
_LENGTHS = "you took the same index in both: their lengths differ, so count from the end of each"
_ONWARDS = "you replaced the places after it too: one place alone gets the donor's state"
_UPTO = "you replaced the places before it too: one place alone gets the donor's state"
_ROW = "this is the donor's state alone: return all of `stream`, with this state in its place"

PATCH = Exercise(
    name="patch",
    title="A patch",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_patch_cases,
    reference=_patch,
    mistakes=(
        Mistake(_START, lambda s, d, back: _put(s, back, d[back])),
        Mistake(_START, lambda s, d, back: _put(s, back, d[-1 - back])),
        Mistake(_START, lambda s, d, back: _put(s, -1 - back, d[back])),
        Mistake(_OFF_BY_ONE, lambda s, d, back: _put(s, -back, d[-back])),
        Mistake(_OFF_BY_ONE, lambda s, d, back: _put(s, len(s) - back, d[len(d) - back])),
        Mistake(_OFF_BY_ONE, lambda s, d, back: _put(s, -2 - back, d[-2 - back])),
        Mistake(_LENGTHS, lambda s, d, back: _put(s, -1 - back, d[len(s) - 1 - back])),
        Mistake(_LENGTHS, lambda s, d, back: _put(s, len(d) - 1 - back, d[-1 - back])),
        Mistake(_ONWARDS, lambda s, d, back: _put(s, slice(-1 - back, None), d[-1 - back :])),
        Mistake(_ONWARDS, lambda s, d, back: _put(s, slice(-1 - back, None), d[-1 - back])),
        Mistake(_UPTO, lambda s, d, back: _put(s, slice(-1 - back), d[: -1 - back])),
        Mistake(_UPTO, lambda s, d, back: _put(s, slice(len(s) - back), d[: len(d) - back])),
        Mistake(_UPTO, lambda s, d, back: _put(s, slice(-1 - back), d[-1 - back])),
        Mistake(_UPTO, lambda s, d, back: _put(s, slice(len(s) - back), d[-1 - back])),
        Mistake(
            "you replaced every place: one place alone gets the donor's state",
            lambda s, d, back: _put(s, slice(None), d[-1 - back]),
        ),
        Mistake(
            "the other way round: the copy is of `stream`, and `donor` gives",
            lambda s, d, back: _patch(d, s, back),
        ),
        Mistake(_ROW, lambda s, d, back: d[-1 - back]),
        Mistake(_ROW, lambda s, d, back: d[-1 - back][None]),
        Mistake(
            "you added the donor's state: it replaces the one that stood there",
            lambda s, d, back: _put(s, -1 - back, s[-1 - back] + d[-1 - back]),
        ),
        Mistake(
            "you took the mean of both states: the donor's replaces the one that stood there",
            lambda s, d, back: _put(s, -1 - back, (s[-1 - back] + d[-1 - back]) / 2),
        ),
        Mistake(
            "you replaced the first number of the state: replace the whole row",
            lambda s, d, back: _put(s, (-1 - back, 0), d[-1 - back, 0]),
        ),
        Mistake(
            "you replaced a column: a place is a row",
            lambda s, d, back: _put(s, (slice(None), -1 - back), d[:, -1 - back]),
        ),
        Mistake(
            "you replaced the last place, whatever `back` says",
            lambda s, d, back: _put(s, -1, d[-1]),
        ),
        Mistake(
            "you took the donor's last state: take the one `back` places before it",
            lambda s, d, back: _put(s, -1 - back, d[-1]),
        ),
        Mistake(
            "you put it at the last place: put it `back` places before the last",
            lambda s, d, back: _put(s, -1, d[-1 - back]),
        ),
        Mistake(
            "this is `stream` as it was: assign the donor's row to a place of the copy",
            lambda s, d, back: s.copy(),
        ),
        Mistake(
            "this is `donor` as it was: return a copy of `stream` with one state of it",
            lambda s, d, back: d.copy(),
        ),
        Mistake(
            "you put a place in: the donor's state replaces one, so that n stay",
            lambda s, d, back: np.insert(s, len(s) - 1 - back, d[-1 - back], axis=0),
        ),
    ),
)


def _edit_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[tuple[str, str, str, str]] = [
        ("Rome Rome Bonn Oslo Kyiv", "Lima Rome Lima Oslo Rome", "11100", "Lima"),
        ("Rome Oslo", "Lima Oslo", "10", "Lima"),
        ("Oslo Rome Bonn", "Oslo Rome Bonn", "010", "Lima"),
        ("Lima Rome Lima Oslo", "Lima Bonn Lima Lima", "1100", "Lima"),
        ("Lima Lima Lima Oslo Bonn", "Lima Rome Lima Lima Lima", "11000", "Lima"),
        ("Rome Bonn Oslo Kyiv Rome", "Bonn Rome Rome Kyiv Lima", "00001", "Lima"),
        ("Rome Rome Oslo Bonn Kyiv", "lima Lima oslo Bonn kyiv", "11000", "Lima"),
        ("Rome Rome New-York York Rome", "York New-York York New-York Rome", "11000", "New-York"),
        ("Rome Rome York New-York Rome", "New-York York New-York York Rome", "11000", "York"),
    ]
    places = np.array(["Lima", "Rome", "Oslo", "Bonn"])
    drawn: list[Case] = []
    for n in (6, 9, 14, 20):
        before, edited = rng.choice(places, n), rng.random(n) < 0.5
        edited[:2] = True, False
        after = np.where(rng.random(n) < 0.5, before, rng.choice(places, n))
        after[edited & (rng.random(n) < 0.6)] = "Lima"
        drawn.append((before.tolist(), after.tolist(), edited.tolist(), "Lima"))
    return [
        *(
            (before.split(), after.split(), [each == "1" for each in edited], wanted)
            for before, after, edited, wanted in edges
        ),
        *drawn,
    ]


Answers = Sequence[str]
Asked = Callable[[str, str, str], bool]  # of an answer before, the one afterwards, and `wanted`
Scores = tuple[float, float]


def _scores(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
    about, now = np.array(edited), np.array(after)
    return float((now == wanted)[about].mean()), float((now == np.array(before))[~about].mean())


def _said(before: str, after: str, wanted: str) -> bool:
    return after == wanted


def _kept(before: str, after: str, wanted: str) -> bool:
    return after == before


def _split(
    before: Answers, after: Answers, edited: Sequence[bool]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The answers before and afterwards about the edited fact, and those about others."""
    triples = list(zip(before, after, edited, strict=True))
    return [(b, a) for b, a, e in triples if e], [(b, a) for b, a, e in triples if not e]


def _asking(said: Asked = _said, kept: Asked = _kept) -> Callable[..., Scores]:
    """Both shares, where something else is asked of an answer."""

    def scores(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
        about, others = _split(before, after, edited)
        return (
            sum(said(b, a, wanted) for b, a in about) / len(about),
            sum(kept(b, a, wanted) for b, a in others) / len(others),
        )

    return scores


def _counts(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
    efficacy, specificity = _scores(before, after, edited, wanted)
    about = sum(edited)
    return efficacy * about, specificity * (len(edited) - about)


def _by_all(said: bool, kept: bool) -> Callable[..., Scores]:
    """Both shares, one of them or both divided by the number of all questions."""

    def scores(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
        shares = _scores(before, after, edited, wanted)
        of_all = [count / len(edited) for count in _counts(before, after, edited, wanted)]
        return of_all[0] if said else shares[0], of_all[1] if kept else shares[1]

    return scores


def _efficacy_over_all(
    before: Answers, after: Answers, edited: Sequence[bool], wanted: str
) -> Scores:
    said = [answer == wanted for answer in after]
    return sum(said) / len(said), _scores(before, after, edited, wanted)[1]


def _specificity_over_all(
    before: Answers, after: Answers, edited: Sequence[bool], wanted: str
) -> Scores:
    kept = [a == b for a, b in zip(after, before, strict=True)]
    return _scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def _new_alone(empty: float | None, *given: Any) -> Scores:
    """Leaves out the questions that got `wanted` before the edit."""
    before, after, edited, wanted = given
    said = [a == wanted for b, a in _split(before, after, edited)[0] if b != wanted]
    if said:
        return sum(said) / len(said), _scores(*given)[1]
    if empty is None:
        raise ZeroDivisionError
    return empty, _scores(*given)[1]


def _in_any_order(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
    others = _split(before, after, edited)[1]
    pairs = zip(sorted(b for b, _ in others), sorted(a for _, a in others), strict=True)
    kept = [a == b for a, b in pairs]
    return _scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def _among(before: Answers, after: Answers, edited: Sequence[bool], wanted: str) -> Scores:
    others = _split(before, after, edited)[1]
    answers = {b for b, _ in others}
    kept = [a in answers for _, a in others]
    return _scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


_BY_ALL = "you divided by all questions: each share has the questions of its own kind below"
_NEW = "an answer that was `wanted` before the edit counts too: ask only what is answered after it"
_ORDER = "you compared the answers in any order: compare those to the same question"
_CAPITALS = "capital letters count: compare the answers as they are"
_WHOLE = "a part of an answer is another answer: compare the whole of both"

EDIT_SCORES = Exercise(
    name="edit_scores",
    title="Did the edit work, and nothing else?",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_edit_cases,
    reference=_scores,
    mistakes=(
        Mistake("the other order: efficacy first", lambda *given: _scores(*given)[::-1]),
        Mistake("these are counts: divide each by its number of questions", _counts),
        Mistake(_BY_ALL, _by_all(said=True, kept=True)),
        Mistake(_BY_ALL, _by_all(said=True, kept=False)),
        Mistake(_BY_ALL, _by_all(said=False, kept=True)),
        Mistake(
            "your efficacy is over all questions: only those about the edited fact count",
            _efficacy_over_all,
        ),
        Mistake(
            "your specificity is over all questions: only those about other facts count",
            _specificity_over_all,
        ),
        Mistake(
            "both are over all questions: take those about the edited fact, then the others",
            lambda *given: (_efficacy_over_all(*given)[0], _specificity_over_all(*given)[1]),
        ),
        Mistake(
            "True and False are turned round: True is a question about the edited fact",
            lambda before, after, edited, wanted: _scores(
                before, after, [not each for each in edited], wanted
            ),
        ),
        Mistake(
            "this is the share of the others that changed: specificity is the share that did not",
            _asking(kept=lambda before, after, wanted: before != after),
        ),
        Mistake(
            "any new answer is not enough: efficacy asks for `wanted`",
            _asking(said=lambda before, after, wanted: before != after),
        ),
        Mistake(
            "you looked for `wanted` in `before`: look at what is answered after the edit",
            _asking(said=lambda before, after, wanted: before == wanted),
        ),
        Mistake(_NEW, _asking(said=lambda before, after, wanted: before != after == wanted)),
        Mistake(_NEW, lambda *given: _new_alone(math.nan, *given)),
        Mistake(_NEW, lambda *given: _new_alone(0.0, *given)),
        Mistake(_NEW, lambda *given: _new_alone(None, *given)),
        Mistake(
            "an answer to another question that was `wanted` before, and still is, is unchanged",
            _asking(kept=lambda before, after, wanted: before == after != wanted),
        ),
        Mistake(
            "an answer to another question must stay: not to be `wanted` is not enough",
            _asking(kept=lambda before, after, wanted: after != wanted),
        ),
        Mistake(_ORDER, _in_any_order),
        Mistake(_ORDER, _among),
        Mistake(
            _CAPITALS,
            _asking(
                lambda before, after, wanted: after.lower() == wanted.lower(),
                lambda before, after, wanted: after.lower() == before.lower(),
            ),
        ),
        Mistake(
            _CAPITALS, _asking(said=lambda before, after, wanted: after.lower() == wanted.lower())
        ),
        Mistake(
            _CAPITALS, _asking(kept=lambda before, after, wanted: after.lower() == before.lower())
        ),
        Mistake(_WHOLE, _asking(said=lambda before, after, wanted: wanted in after)),
        Mistake(_WHOLE, _asking(said=lambda before, after, wanted: after in wanted)),
        Mistake(
            _WHOLE,
            _asking(
                lambda before, after, wanted: wanted in after,
                lambda before, after, wanted: before in after,
            ),
        ),
        Mistake(
            "these are percentages: return shares, from 0 to 1",
            lambda *given: tuple(100 * share for share in _scores(*given)),
        ),
        Mistake(
            "this asks whether all of them are so: return how large a share is",
            lambda *given: tuple(share == 1 for share in _scores(*given)),
        ),
    ),
)
