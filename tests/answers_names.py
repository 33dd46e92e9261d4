"""Right and wrong answers to the exercises of `nlp4.exercises.names`, as learners write them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
from answers import Answers


def agreement(guesses, birthplaces):
    guessed, true = Counter(guesses), Counter(birthplaces)
    return sum(guessed[place] * true[place] for place in guessed) / len(guesses) ** 2


def agreement_all_round(guesses, birthplaces):
    """Deals the guesses out in a circle: each meets each person once."""
    n = len(guesses)
    dealt = [guesses[start:] + guesses[:start] for start in range(n)]
    agreeing = [sum(map(str.__eq__, hand, birthplaces)) / n for hand in dealt]
    return sum(agreeing) / n


def agreement_by_arrays(guesses, birthplaces):
    return np.mean(np.array(guesses)[:, None] == np.array(birthplaces))


def agreement_times_people(guesses, birthplaces):
    guessed, true = Counter(guesses), Counter(birthplaces)
    return sum(guessed[place] * true[place] for place in guessed) / len(guesses)


def agreement_undivided(guesses, birthplaces):
    return sum(birthplaces.count(guess) for guess in guesses)


def agreement_as_it_stands(guesses, birthplaces):
    return sum(map(str.__eq__, guesses, birthplaces)) / len(guesses)


def agreement_among_equals(guesses, birthplaces):
    return 1 / len(Counter(birthplaces))


def agreement_each_guess_once(guesses, birthplaces):
    found = sum(birthplaces.count(place) for place in Counter(guesses))
    return found / len(guesses) / len(birthplaces)


def agreement_each_place_once(guesses, birthplaces):
    found = sum(guesses.count(place) for place in Counter(birthplaces))
    return found / len(guesses) / len(birthplaces)


def agreement_of_guesses(guesses, birthplaces):
    return sum((count / len(guesses)) ** 2 for count in Counter(guesses).values())


def agreement_of_birthplaces(guesses, birthplaces):
    return sum((count / len(birthplaces)) ** 2 for count in Counter(birthplaces).values())


def agreement_with_others(guesses, birthplaces):
    found = sum(birthplaces.count(guess) for guess in guesses)
    return found / (len(guesses) * (len(guesses) - 1))


def agreement_by_place(guesses, birthplaces):
    return {
        place: guesses.count(place) * birthplaces.count(place) / len(guesses) ** 2
        for place in set(guesses)
    }


def nearest(name, names, distance):
    smallest = min(distance(name, other) for other in names)
    return [other for other in names if distance(name, other) == smallest]


def nearest_in_one_pass(name, names, distance):
    best, found = None, []
    for other in names:
        apart = distance(name, other)
        if best is None or apart < best:
            best, found = apart, [other]
        elif apart == best:
            found.append(other)
    return found


def nearest_by_definition(name, names, distance):
    """Has a distance of its own, by the definition, so that the given one is checked as well."""

    @cache
    def edits(a, b):
        if not a or not b:
            return len(a) + len(b)
        if a[0] == b[0]:
            return edits(a[1:], b[1:])
        return 1 + min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))

    assert all(edits(name, other) == distance(name, other) for other in names)
    apart = np.array([edits(name, other) for other in names])
    return [names[i] for i in np.flatnonzero(apart == apart.min())]


def nearest_one(name, names, distance):
    return min(names, key=lambda other: distance(name, other))


def nearest_first(name, names, distance):
    return sorted(names, key=lambda other: distance(name, other))[:1]


def nearest_how_far(name, names, distance):
    return min([distance(name, other) for other in names])


def nearest_where(name, names, distance):
    apart = [distance(name, other) for other in names]
    return [i for i in range(len(names)) if apart[i] == min(apart)]


def nearest_furthest(name, names, distance):
    largest = max(distance(name, other) for other in names)
    return [other for other in names if distance(name, other) == largest]


def nearest_all_sorted(name, names, distance):
    return [names[i] for i in np.argsort([distance(name, n) for n in names], kind="stable")]


def nearest_by_alphabet(name, names, distance):
    smallest = min((distance(name, other), other) for other in names)[0]
    return [other for other in sorted(names) if distance(name, other) == smallest]


def nearest_each_once(name, names, distance):
    found = []
    for other in nearest_in_one_pass(name, names, distance):
        if other not in found:
            found.append(other)
    return found


def nearest_of_others(name, names, distance):
    smallest = min(distance(name, other) for other in names if other != name)
    return [other for other in names if distance(name, other) == smallest]


def nearest_by_one_letter(name, names, distance):
    return [other for other in names if distance(name, other) < 2]


def nearest_and_next(name, names, distance):
    smallest = nearest_how_far(name, names, distance)
    return [other for other in names if distance(name, other) - smallest < 2]


def nearest_in_any_case(name, names, distance):
    apart = [distance(name.upper(), other.upper()) for other in names]
    return [other for other, a in zip(names, apart, strict=True) if a == min(apart)]


def nearest_letter_by_letter(name, names, distance):
    def apart(other):
        same = sum(a == b for a, b in zip(name, other, strict=False))
        return max(len(name), len(other)) - same

    return nearest_in_one_pass(name, names, lambda _, other: apart(other))


def nearest_as_set(name, names, distance):
    return set(nearest(name, names, distance))


ANSWERS = {
    "nearest_names": Answers(
        nearest,
        (
            (nearest_one, "return the list of all of them"),
            (nearest_first, "return all that are equally near"),
            (nearest_how_far, "this is the smallest distance"),
            (nearest_where, "these are indices"),
            (nearest_furthest, "these are the furthest names"),
            (nearest_all_sorted, "these are all names, sorted"),
            (nearest_by_alphabet, "keep them in the order of `names`"),
            (nearest_each_once, "belongs to two people"),
            (nearest_of_others, "you left the name itself out"),
            (nearest_by_one_letter, "a distance of 1 or less"),
            (nearest_and_next, "one letter further too"),
            (nearest_in_any_case, "capital letters count"),
            (nearest_letter_by_letter, "you compared letter by letter"),
            (nearest_as_set, "you return an object of type set where a list is expected"),
        ),
    ),
    "chance_agreement": Answers(
        agreement,
        (
            (agreement_times_people, "divide by the number of people once more"),
            (agreement_undivided, "divide by the number of such pairs"),
            (agreement_as_it_stands, "the agreement as it stands"),
            (agreement_among_equals, "not all places are equally frequent"),
            (agreement_each_guess_once, "you counted each guessed place once"),
            (agreement_each_place_once, "you counted each birthplace once"),
            (agreement_of_guesses, "`birthplaces` are not used"),
            (agreement_of_birthplaces, "`guesses` are not used"),
            (agreement_with_others, "it may come back to them"),
            (agreement_by_place, "you return a dictionary where a number is expected"),
        ),
    ),
}
# Other ways to write them, each by another method than the exercise's own.
ALSO_RIGHT = (
    ("nearest_names", nearest_in_one_pass),
    ("nearest_names", nearest_by_definition),
    ("chance_agreement", agreement_all_round),
    ("chance_agreement", agreement_by_arrays),
)
