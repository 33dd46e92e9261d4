"""The exercises on guessing from names: similar names, and chance (exercise 4c)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import comb, factorial

import numpy as np

from nlp4.exercises.given import edit_distance
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray
NOTEBOOK = "05_what_the_model_believes"


Distance = Callable[[str, str], float]


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
        ("Bo Lind", ["Wilhelmina Featherstonehaugh", "Maximilian Featherstonehaugh"]),
        ("Ada Quill", ["Adam Quillington", "Ada Q"]),
    ]
    drawn = [["".join(rng.choice(list("abn"), size=4)).title() for _ in range(9)] for _ in range(3)]
    pairs = [*edges, *((first, rest) for first, *rest in drawn)]
    return [(name, names, edit_distance) for name, names in pairs]


def _nearest(name: str, names: list[str], distance: Distance) -> list[str]:
    by_distance: dict[float, list[str]] = {}
    for other in names:
        by_distance.setdefault(distance(name, other), []).append(other)
    return by_distance[min(by_distance)]


def _within(name: str, names: list[str], distance: Distance, allowed: float) -> list[str]:
    return [other for other in names if distance(name, other) <= allowed]


def _smallest(name: str, names: Iterable[str], distance: Distance) -> float:
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
            "you divided by the length of a name: the distance itself counts",
            lambda name, names, distance: _nearest(
                name, names, lambda a, b: distance(a, b) / max(len(a), len(b))
            ),
        ),
        Mistake(
            "you compared letter by letter: one that is put in shifts the rest, so use `distance`",
            lambda name, names, distance: _nearest(name, names, _place_by_place),
        ),
    ),
)


def _dealt_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [
        (["London", "London", "Rome", "Oslo"], ["London", "Rome", "London", "London"]),
        (["London"] * 3, ["London", "Rome", "London"]),
        (["Paris", "Bonn"], ["Rome", "Oslo"]),
        (["Rome", "Oslo", "Lima", "Bonn", "York"], ["Rome", "Oslo", "Bonn", "Lima", "York"]),
        (["York", "Rome", "New York", "York"], ["York", "New York", "York", "Rome"]),
        (["Lima"], ["Lima"]),
    ]
    places = ["London", "Rome", "Lima", "Oslo", "Bonn"]
    drawn: list[Case] = []
    for n in (4, 5, 6, 7):
        birthplaces = rng.choice(places, n)
        guesses = np.where(rng.random(n) < 0.4, birthplaces, rng.choice(places[:3], n))
        drawn.append((guesses.tolist(), birthplaces.tolist()))
    return [*edges, *drawn]


def _agreeing(guesses: Sequence[str], birthplaces: Sequence[str]) -> int:
    return sum(a == b for a, b in zip(guesses, birthplaces, strict=True))


def _shares(guesses: list[str], birthplaces: list[str]) -> Array:
    """Of all orders of the guesses, the share with k agreements, for k = 0, 1, ..., n.

    Riordan (1958): the product of the places' rook polynomials has as its j-th coefficient the
    number of ways to choose j agreements; inclusion and exclusion leaves exactly k.
    """
    n, rooks = len(guesses), np.ones(1)
    for place in set(guesses):
        g, b = guesses.count(place), birthplaces.count(place)
        ways = [comb(g, j) * comb(b, j) * factorial(j) for j in range(min(g, b) + 1)]
        rooks = np.convolve(rooks, ways)
    exactly = [
        sum((-1) ** (j - k) * comb(j, k) * r * factorial(n - j) for j, r in enumerate(rooks))
        for k in range(n + 1)
    ]
    return np.array(exactly) / factorial(n)


def _at_least(guesses: list[str], birthplaces: list[str]) -> float:
    return float(_shares(guesses, birthplaces)[_agreeing(guesses, birthplaces) :].sum())


def _more(guesses: list[str], birthplaces: list[str]) -> float:
    return float(_shares(guesses, birthplaces)[_agreeing(guesses, birthplaces) + 1 :].sum())


def _exactly(guesses: list[str], birthplaces: list[str]) -> float:
    return _at_least(guesses, birthplaces) - _more(guesses, birthplaces)


def _counted(guesses: list[str], birthplaces: list[str], added: int = 0, orders: int = 0) -> float:
    """The share with so many added to the orders that agree as well, and to all orders."""
    every = factorial(len(guesses))
    return (_at_least(guesses, birthplaces) * every + added) / (every + orders)


def _mean_agreement(guesses: list[str], birthplaces: list[str]) -> float:
    return sum(birthplaces.count(guess) for guess in guesses) / len(guesses) ** 2


def _drawn_anew(guesses: list[str], birthplaces: list[str]) -> float:
    """Each person gets any of the guesses, whatever the others got."""
    shares = np.ones(1)
    for place in birthplaces:
        hit = guesses.count(place) / len(guesses)
        shares = np.convolve(shares, [1 - hit, hit])
    return float(shares[_agreeing(guesses, birthplaces) :].sum())


def _turned(guesses: list[str], birthplaces: list[str]) -> float:
    n = len(guesses)
    hands = [guesses[start:] + guesses[:start] for start in range(n)]
    found = _agreeing(guesses, birthplaces)
    return sum(_agreeing(hand, birthplaces) >= found for hand in hands) / n


_GIVEN = "the order as given is one of all orders: count it, above and below"

PERMUTATION_P = Exercise(
    name="permutation_p",
    title="How often does chance agree as much?",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_dealt_cases,
    reference=_at_least,
    mistakes=(
        Mistake(
            "you count only orders that agree more often: those that agree equally often count too",
            _more,
        ),
        Mistake(
            "this is how many orders there are, not their share: divide by the number of all",
            lambda guesses, places: _at_least(guesses, places) * factorial(len(guesses)),
        ),
        Mistake(
            "these are the orders that agree exactly as often: those that agree more count too",
            _exactly,
        ),
        Mistake(
            "the wrong way round: count the orders that agree at least as often, not at most",
            lambda guesses, places: 1 - _more(guesses, places),
        ),
        Mistake(
            "the wrong way round: count the orders that agree at least as often, not less",
            lambda guesses, places: 1 - _at_least(guesses, places),
        ),
        Mistake(
            "this is the agreement of an order on average: ask how many orders agree as often",
            _mean_agreement,
        ),
        Mistake(
            "this is the agreement as it stands: compare it with that of all orders",
            lambda guesses, places: _agreeing(guesses, places) / len(guesses),
        ),
        Mistake(_GIVEN, lambda guesses, places: _counted(guesses, places, -1, 0)),
        Mistake(_GIVEN, lambda guesses, places: _counted(guesses, places, -1, -1)),
        Mistake(
            "you counted the order as given twice: it is among all orders already",
            lambda guesses, places: _counted(guesses, places, 1, 1),
        ),
        Mistake(
            "you dealt with replacement: each guess is dealt out once, so take `permutations`",
            _drawn_anew,
        ),
        Mistake("you only turned the list round: take all orders, n! of them", _turned),
        Mistake(
            "you always count the same number of agreements: move the guesses, not the people too",
            lambda guesses, places: 1.0,
        ),
        Mistake(
            "you count orders with any agreement: do not compare a count with a share",
            lambda guesses, places: float(
                _shares(guesses, places)[min(1, _agreeing(guesses, places)) :].sum()
            ),
        ),
        Mistake(
            "you doubled it: only more agreement counts, not less",
            lambda guesses, places: min(1.0, 2 * _at_least(guesses, places)),
        ),
    ),
)
