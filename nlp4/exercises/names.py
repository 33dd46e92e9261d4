"""The exercises on guessing from names: similar names, and chance (exercise 4c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from nlp4.exercises.judging import Case, Exercise, Mistake

Array = np.ndarray
NOTEBOOK = "04_what_the_model_believes"


Distance = Callable[[str, str], int]


def edit_distance(first: str, second: str) -> int:
    """The fewest letters to put in, take out or replace that turn `first` into `second`.

    Levenshtein (1966), by the table of Wagner and Fischer (1974).
    """
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row = row, [i]
        for j, b in enumerate(second, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def _name_cases(rng: np.random.Generator) -> list[Case]:
    edges = [
        ("Ada Quill", ["Bo Lind", "Ida Quill", "Ada Quilt", "Adam Quilty"]),
        ("Ada Quill", ["Ada Wylls", "da Quill"]),
        ("Ada Quill", ["ada quill", "Ada Quild", "Ada Reed"]),
        ("Zoë Luczak", ["Zoe Łuczak", "Joe Lucas", "Zoë Łuczek"]),
        ("Ada Quill", ["Ada Quilt", "Ada Quill", "Ida Quill"]),
        ("Bo Lind", ["Bo Lund", "Bo Land", "Bo Lund"]),
        ("Bo Lind", ["Una Quill", "Ada Quill"]),
        ("Bo Lind", ["Jo Reed"]),
    ]
    drawn = [["".join(rng.choice(list("abn"), size=4)).title() for _ in range(9)] for _ in range(3)]
    pairs = [*edges, *((first, rest) for first, *rest in drawn)]
    return [(name, names, edit_distance) for name, names in pairs]


def _nearest(name: str, names: list[str], distance: Distance) -> list[str]:
    by_distance: dict[int, list[str]] = {}
    for other in names:
        by_distance.setdefault(distance(name, other), []).append(other)
    return by_distance[min(by_distance)]


def _within(name: str, names: list[str], distance: Distance, allowed: int) -> list[str]:
    return [other for other in names if distance(name, other) <= allowed]


def _smallest(name: str, names: Iterable[str], distance: Distance) -> int:
    return min(distance(name, other) for other in names)


def _place_by_place(first: str, second: str) -> int:
    differing = sum(a != b for a, b in zip(first, second, strict=False))
    return differing + abs(len(first) - len(second))


def _of_others(name: str, names: list[str], distance: Distance) -> list[str]:
    others = [other for other in names if other != name]
    return _nearest(name, others, distance)


NEAREST_NAMES = Exercise(
    name="nearest_names",
    title="The most similar names",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_name_cases,
    reference=_nearest,
    mistakes=(
        Mistake(
            "several names may be equally near: return the list of all of them",
            lambda name, names, distance: _nearest(name, names, distance)[0],
        ),
        Mistake(
            "this is one name: return all that are equally near",
            lambda name, names, distance: _nearest(name, names, distance)[:1],
        ),
        Mistake("this is the smallest distance: return the names that have it", _smallest),
        Mistake(
            "these are indices: return the names",
            lambda name, names, distance: [
                i
                for i, other in enumerate(names)
                if distance(name, other) == _smallest(name, names, distance)
            ],
        ),
        Mistake(
            "these are the furthest names: the nearest have the smallest distance",
            lambda name, names, distance: _nearest(name, names, lambda a, b: -distance(a, b)),
        ),
        Mistake(
            "these are all names, sorted: return only those at the smallest distance",
            lambda name, names, distance: sorted(names, key=lambda other: distance(name, other)),
        ),
        Mistake(
            "you sorted the names by the alphabet: keep them in the order of `names`",
            lambda name, names, distance: sorted(_nearest(name, names, distance)),
        ),
        Mistake(
            "a name that stands twice in `names` belongs to two people: keep both",
            lambda name, names, distance: list(dict.fromkeys(_nearest(name, names, distance))),
        ),
        Mistake(
            "you left the name itself out: where it stands in `names`, it is the nearest",
            _of_others,
        ),
        Mistake(
            "you took all names at a distance of 1 or less: the nearest may be further, or nearer",
            lambda name, names, distance: _within(name, names, distance, 1),
        ),
        Mistake(
            "you took names that are one letter further too: only the smallest distance counts",
            lambda name, names, distance: _within(
                name, names, distance, _smallest(name, names, distance) + 1
            ),
        ),
        Mistake(
            "capital letters count: give `distance` the names as they are",
            lambda name, names, distance: _nearest(
                name, names, lambda a, b: distance(a.lower(), b.lower())
            ),
        ),
        Mistake(
            "you compared letter by letter: one that is put in shifts the rest, so use `distance`",
            lambda name, names, distance: _nearest(name, names, _place_by_place),
        ),
    ),
)


def _agreement_cases(rng: np.random.Generator) -> list[Case]:
    places = ["London", "Rome", "Lima", "Oslo"]
    drawn: list[Case] = [
        ([places[i] for i in rng.integers(4, size=n)], [places[i] for i in rng.integers(3, size=n)])
        for n in (5, 12, 30)
    ]
    edges: list[Case] = [
        (["London", "London", "Rome", "Oslo"], ["London", "Rome", "London", "London"]),
        (["London"] * 3, ["London", "Rome", "London"]),
        (["Paris", "Bonn"], ["Rome", "Oslo"]),
    ]
    return [*edges, *drawn]


def _pairs(guesses: list[str], birthplaces: list[str]) -> int:
    return sum(guess == place for guess in guesses for place in birthplaces)


def _agreement(guesses: list[str], birthplaces: list[str]) -> float:
    return _pairs(guesses, birthplaces) / len(guesses) ** 2


CHANCE_AGREEMENT = Exercise(
    name="chance_agreement",
    title="How much agreement is chance?",
    notebook=NOTEBOOK,
    points=1,
    minutes=3,
    cases=_agreement_cases,
    reference=_agreement,
    mistakes=(
        Mistake(
            "this is how many agree, not their share: divide by the number of people once more",
            lambda guesses, places: _pairs(guesses, places) / len(guesses),
        ),
        Mistake(
            "this counts pairs of a guess and a birthplace: divide by the number of such pairs",
            _pairs,
        ),
        Mistake(
            "this is the agreement as it stands: you are asked for the mean over all ways to deal",
            lambda guesses, places: float(
                np.mean([a == b for a, b in zip(guesses, places, strict=True)])
            ),
        ),
        Mistake(
            "not all places are equally frequent: count how often each one is guessed and true",
            lambda guesses, places: 1 / len(set(places)),
        ),
        Mistake(
            "you counted each guessed place once: one that is guessed often is dealt out often",
            lambda guesses, places: sum(places.count(g) for g in set(guesses)) / len(guesses) ** 2,
        ),
        Mistake(
            "you counted each birthplace once: one that is true often is met often",
            lambda guesses, places: sum(guesses.count(b) for b in set(places)) / len(guesses) ** 2,
        ),
        Mistake(
            "this deals the guesses out to the guesses: `birthplaces` are not used",
            lambda guesses, places: _agreement(guesses, guesses),
        ),
        Mistake(
            "this deals the birthplaces out to the birthplaces: `guesses` are not used",
            lambda guesses, places: _agreement(places, places),
        ),
        Mistake(
            "you left a guess's own person out: dealt out at random, it may come back to them",
            lambda guesses, places: _pairs(guesses, places) / len(guesses) / (len(guesses) - 1),
        ),
    ),
)
