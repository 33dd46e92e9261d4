"""Pictures of names and places: whom answers favour, guesses from names (exercises 4b, 4c)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from nlp4.data.corpus import Corpus, Question
from nlp4.data.names import edit_distances
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments.names import ALL, MEASURES, WHOLE, NameGuesses, nearest
from nlp4.experiments.place_bias import UNKNOWN, PlaceBias
from nlp4.experiments.rewordings import MOST_SLIPS, Misspelt, Rewordings, Slips
from nlp4.maths.statistics import Ratio, Share
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count
from nlp4.pictures.explorer import Explorer, Prepared
from nlp4.support.errors import UserError

COUNTRY, PLACE, ORIGIN = "country", "place", "origin of the name"
_LISTED = 4  # names that are equally near
_ROWS = 15  # of a picture


def bias_lines(found: PlaceBias, by: str) -> svg.Lines:
    """Predicted over true by country or place, or accuracy by origin: the most frequent rows.

    Raises UserError where the countries and origins are not known, or no row is frequent enough.
    """
    if by == ORIGIN:
        rows = [svg.share_line(name, share) for name, share in _origins(found)[:_ROWS]]
        title, reference = "share of right answers, by origin of the name", found.right.value
    else:
        ratios = found.countries if by == COUNTRY else found.places
        frequent = [row for row in ratios if row.true >= found.fewest]
        rows = [_ratio_line(row) for row in frequent[:_ROWS]]
        title, reference = f"times answered over times true, by {by}", 1.0
    if not rows:
        raise UserError(f"{by}: not known for this corpus, or no row is frequent enough")
    span = (0.0, 1.0) if by == ORIGIN else (0.25, 4.0)
    return svg.Lines(title, tuple(rows), span, None, reference, by != ORIGIN)


def with_mark(lines: svg.Lines, rank: int) -> svg.Lines:
    """The same with row `rank` marked, counted from 1. Raises UserError if there is none."""
    if not 1 <= rank <= len(lines.rows):
        raise UserError(f"there is no row {rank} here: the last one is row {len(lines.rows)}")
    return replace(lines, marked=rank - 1)


def _origins(found: PlaceBias) -> Sequence[tuple[str, Share]]:
    return next((groups.rows for groups in found.groups if groups.by == ORIGIN), ())


def _ratio_line(row: Ratio) -> svg.Line:
    label = "(unknown)" if row.place == UNKNOWN else row.place
    return svg.Line(label, row.value, row.interval, f"{row.predicted} for {row.true}")


def agreement_lines(found: NameGuesses, group: str = ALL) -> svg.Lines:
    """How often the guess is the birthplace of the nearest names, by measure, against chance.

    The range of chance is the one within the origin of the name where that is known. Raises
    UserError for a group that nobody is in.
    """
    rows = tuple(
        svg.Line(
            row.measure,
            row.guess.value,
            row.guess.interval,
            f"of {row.names}",
            (row.guess_within_origin or row.guess).chance_range,
        )
        for row in found.rows
        if row.group == group
    )
    if not rows:
        raise UserError(f"nobody is in the group {group!r}")
    top = max(row.interval[1] for row in rows)
    return svg.Lines(
        "share of guesses that are the birthplace of the nearest training name",
        rows,
        (0.0, math.ceil(20 * top) / 20),
    )


def rewording_lines(found: Rewordings) -> svg.Lines:
    """Of the people answered rightly as trained, how many still are, by how they are asked."""
    rows = tuple(svg.share_line(row.asked, row.still_right) for row in found.rows)
    return svg.Lines("still right, of those answered rightly as trained", rows, (0.0, 1.0))


@dataclass(frozen=True)
class Near:
    """The training people that are nearest to one name, by one measure."""

    measure: str
    people: tuple[tuple[str, str], ...]  # name and birthplace; the first few
    number: int  # of those who are equally near
    agree: int  # of them, born where the model guesses
    distance: int  # letters to change, from the whole name to that of the first of `people`


@dataclass(frozen=True)
class Neighbours:
    """One person whom the model has not read about, its guess, and the nearest names."""

    name: str
    guess: str
    true: str | None
    near: tuple[Near, ...]


def neighbours(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, people: Sequence[Question]
) -> list[Neighbours]:
    """Ask about each person, and look up the nearest training names by every measure.

    Raises UserError as `greedy` does.
    """
    train = {question.name: question.place or "" for question in corpus.train}
    names = [question.name for question in people]
    guesses = greedy(model, vocabulary, [question.text for question in people])
    weights = nearest(model, vocabulary, names, list(train))
    return [
        Neighbours(
            question.name,
            guesses[i],
            question.place,
            tuple(_near(m, question.name, guesses[i], weights[m][i], train) for m in MEASURES),
        )
        for i, question in enumerate(people)
    ]


def _near(
    measure: str, name: str, guess: str, weights: np.ndarray, train: Mapping[str, str]
) -> Near:
    people = list(train.items())
    found = [people[j] for j in np.flatnonzero(weights)]
    agree = sum(place == guess for _, place in found)
    # Those who agree with the guess come first, so that a short list does not hide them.
    found.sort(key=lambda person: person[1] != guess)
    distance = int(edit_distances([name], [found[0][0]])[0, 0])
    return Near(measure, tuple(found[:_LISTED]), len(found), agree, distance)


def neighbours_picture(found: Neighbours) -> str:
    """For each measure the nearest training names with their birthplaces."""
    large = svg.SANS + " font-size='14'"
    head = [
        svg.text(14, 24, _cut(found.name, 38), large),
        svg.text(14, 44, _cut(f"the model guesses {found.guess}", 38), large),
        svg.text(14, 66, "nearest training names; bold: born in that place", svg.SMALL, svg.GREY),
    ]
    half = (len(found.near) + 1) // 2
    first = _blocks(found.near[:half], found.guess, 78, "".join(head))
    second = _blocks(found.near[half:], found.guess, 10)
    alt = f"training names that are nearest to {found.name}, with their birthplaces"
    return svg.panels([first, second] if found.near[half:] else [first], alt)


def _blocks(near: Sequence[Near], guess: str, top: float, head: str = "") -> svg.Panel:
    """A block for each measure below the other, and how many more are as near."""
    body, y = [head], top
    for each in near:
        more = each.number - len(each.people)
        height = 18 * (len(each.people) + (more > 0)) + 26
        body.append(svg.rectangle(6, y, svg.HALF - 12, height, svg.PALE))
        body.append(svg.text(14, y + 16, f"by {each.measure}", svg.SMALL, svg.COOL))
        for i, (name, place) in enumerate(each.people):
            style, ink = (svg.BOLD, svg.WARM) if place == guess else (svg.SMALL, svg.INK)
            words = _cut(f"{name}, {place}", 40)
            body.append(svg.text(14, y + 36 + 18 * i, words, style, ink))
        if more:
            words = f"and {more} more, equally near"
            body.append(svg.text(14, y + height - 8, words, svg.SMALL, svg.GREY))
        y += height + 8
    return svg.Panel("".join(body), height=y)


@dataclass(frozen=True)
class SlipsScene:
    """A number of slips, and one person."""

    found: Slips
    number: int
    person: Misspelt


def slips_scene(found: Slips, number: int, person: int) -> SlipsScene:
    """`person` counts from 1. Raises UserError if there is none of that number."""
    if not 1 <= person <= len(found.people):
        raise UserError(f"there is no person {person}: all models know {len(found.people)}")
    return SlipsScene(found, number, found.people[person - 1])


_LOOKS = ((svg.COOL, ""), (svg.WARM, "stroke-dasharray='7 4'"))  # of the models


def slips_picture(scene: SlipsScene) -> str:
    """The share still right by slips, a line a model; and one person's answers."""
    alt = "share of answers still right by slips in the name, and one person's answers"
    return svg.panels([svg.Panel(_still_right(scene), height=328), svg.Panel(_said(scene))], alt)


def _still_right(scene: SlipsScene) -> str:
    frame = svg.panel_frame((-0.2, MOST_SLIPS + 0.2), (0, 1))
    body = [
        frame.axes("slips in the name", "still right", range(MOST_SLIPS + 1), svg.HALVES),
        frame.up(scene.number, "", svg.GREY),
    ]
    for at, (label, (colour, dashes)) in zip((46, 196), _models(scene), strict=False):
        shares = scene.found.still_right[label]
        style = f"stroke-width='2' {dashes}"
        body.append(frame.curve(range(len(shares)), [s.value for s in shares], colour, style))
        for i, share in enumerate(shares):
            body.append(frame.curve((i, i), svg.ends_of(share), colour, svg.BAND))
            body.append(svg.dot(*frame.at(i, share.value), 4, colour))
        body.append(svg.line([(at, 308), (at + 28, 308)], colour, style))
        body.append(svg.text(at + 36, 312, label, svg.SMALL))
    return "".join(body)


def _models(scene: SlipsScene) -> list[tuple[str, tuple[str, str]]]:
    """The models' names with the colours and dashes of their lines."""
    return list(zip(scene.found.still_right, _LOOKS, strict=False))


def _said(scene: SlipsScene) -> str:
    """Each spelling of the name, and below it what the models say, a cross where it is wrong."""
    body = [svg.text(10, 22, "asked about", svg.BOLD)]
    for i, name in enumerate(scene.person.names):
        style = svg.BOLD if i == scene.number else svg.SMALL
        body.append(svg.text(10, 70 + 46 * i, _cut(name, 40), style))
    for x, (label, (colour, _)) in zip((24, 186), _models(scene), strict=False):
        body.append(svg.text(x, 42, label, svg.BOLD, colour))
        for i, said in enumerate(scene.person.answers[label]):
            right = said == scene.person.place
            words = f"{'✓' if right else '✗'} {_cut(said or '(nothing)', 20)}"
            ink = colour if right else svg.GREY
            body.append(svg.text(x, 87 + 46 * i, words, svg.SMALL, ink))
    return "".join(body)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def slips_explorer(found: Slips) -> Explorer[SlipsScene]:
    """Misspell names more and more, and see what still is answered rightly."""
    controls = {
        "number": count("slips in the name", 1, 0, MOST_SLIPS),
        "person": count("person", 1, 1, min(20, max(1, len(found.people)))),
    }
    return Explorer(
        controls,
        lambda number, person: slips_scene(found, number, person),
        slips_picture,
        slips_caption,
        name="slips",
        lecture=_SLIPS_LECTURE,
    )


_SLIPS_LECTURE = (
    Prepared("spelt rightly: those that were right are right", {"number": 0}),
    Prepared("one slip: the memory finds few of them", {}),
    Prepared("two: without a memory more than half are still right", {"number": 2}),
)


def slips_caption(scene: SlipsScene) -> str:
    """The share still right of each model, and what each says of one person."""
    number, person = scene.number, scene.person
    shares = ", ".join(
        f"{label} {shares[number].right} of {shares[number].n} ({shares[number].value:.0%})"
        for label, shares in scene.found.still_right.items()
    )
    said = ", ".join(f"{label} {told[number]!r}" for label, told in person.answers.items())
    return (
        f"With {number} slip{'s' * (number != 1)} in each name, still right: {shares}. Asked about "
        f"{person.names[number]!r}, it says: {said}. The truth is {person.place}."
    )


def bias_explorer(found: PlaceBias) -> Explorer[svg.Lines]:
    """Predicted against true by country and place, and accuracy by the origin of the name."""
    controls = {
        "by": choice("by", [COUNTRY, PLACE, ORIGIN], COUNTRY),
        "rank": count("row", 1, 1, 15),
    }
    lines = cache(lambda by: bias_lines(found, by))

    def caption(scene: svg.Lines) -> str:
        row = scene.rows[scene.marked or 0]
        low, high = row.interval
        if scene.logarithmic:
            first, second = row.counts.split(" for ")
            inside = "contains 1" if low <= 1 <= high else "does not contain 1"
            return (
                f"{row.label} is answered {first} times and true {second} times: a ratio of "
                f"{row.value:.2f}. Its 95% interval, {low:.2f} to {high:.2f}, {inside}."
            )
        inside = "contains" if low <= (scene.reference or 0) <= high else "does not contain"
        return (
            f"Names of {row.label}: {row.counts} right ({row.value:.1%}). The 95% interval, "
            f"{low:.1%} to {high:.1%}, {inside} the share of all names, {scene.reference:.1%}."
        )

    return Explorer(
        controls,
        lambda by, rank: with_mark(lines(by), rank),
        svg.lines_picture,
        caption,
        name="bias",
        lecture=_BIAS_LECTURE,
    )


_BIAS_LECTURE = (
    Prepared("the United States are answered too seldom, beyond luck", {}),
    Prepared("the United Kingdom within luck", {"rank": 2}),
    Prepared("London: as often as it is true", {"by": PLACE}),
    Prepared("British names: as often right as all names, but for luck", {"by": ORIGIN}),
)


def names_explorer(found: Sequence[Neighbours]) -> Explorer[Neighbours]:
    """Go through people whom the model has not read about: its guess, and the nearest names."""
    controls = {"person": count("person", 1, 1, len(found))}
    return Explorer(
        controls,
        lambda person: found[person - 1],
        neighbours_picture,
        names_caption,
        name="names",
        lecture=_NAMES_LECTURE,
    )


_NAMES_LECTURE = (
    Prepared("a guess that no nearest name has", {}),
    Prepared("one that a bearer of the surname has", {"person": 9}),
    Prepared("one that a bearer of the first name has", {"person": 10}),
)


def names_caption(person: Neighbours) -> str:
    """The guess, the nearest name by letters, and by which measures the guess agrees."""
    near = {each.measure: each for each in person.near}[WHOLE]
    name, place = near.people[0]
    letters = f"{near.distance} letter{'s' * (near.distance != 1)}"
    several = f", one of {near.number} equally near" if near.number > 1 else ""
    agree = [each.measure for each in person.near if each.agree]
    told = f"by {', by '.join(agree)}" if agree else "by no measure"
    true = "" if person.true is None else f" (the truth: {person.true})"
    return (
        f"{person.name}: the model guesses {person.guess}{true}. Nearest by letters is {name}, "
        f"{letters} away{several}, born in {place}. A nearest name has the guessed place {told}."
    )
