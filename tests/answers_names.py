"""Right and wrong answers to the exercises of `nlp4.exercises.names`, as learners write them."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache, partial, reduce

import numpy as np
import torch
from answers import Answers

from nlp4.exercises.given import edit_distance


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


def nearest_as_tuple(name, names, distance):
    smallest = min(map(partial(distance, name), names))
    return tuple(filter(lambda other: distance(name, other) == smallest, names))


def nearest_as_array(name, names, distance):
    apart = np.array([distance(name, other) for other in names])
    return np.array(names)[apart == apart.min()]


def nearest_by_groups(name, names, distance):
    groups = defaultdict(list)
    for other in names:
        groups[distance(name, other)].append(other)
    return groups[sorted(groups)[0]]


def nearest_sorted_and_cut(name, names, distance):
    pairs = sorted(((distance(name, other), i) for i, other in enumerate(names)))
    return [names[i] for far, i in itertools.takewhile(lambda p: p[0] == pairs[0][0], pairs)]


def nearest_by_groupby(name, names, distance):
    def far(other):
        return distance(other, name)

    return list(next(itertools.groupby(sorted(names, key=far), key=far))[1])


def nearest_by_heap(name, names, distance):
    heap = [(distance(name, other), i) for i, other in enumerate(names)]
    heapq.heapify(heap)
    smallest, found = heap[0][0], []
    while heap and heap[0][0] == smallest:
        found.append(names[heapq.heappop(heap)[1]])
    return found


def nearest_by_recursion(name, names, distance):
    if len(names) == 1:
        return list(names)
    first, rest = names[0], nearest_by_recursion(name, names[1:], distance)
    here, there = distance(name, first), distance(name, rest[0])
    return [first] if here < there else rest if here > there else [first, *rest]


def nearest_folded(name, names, distance):
    def join(best, other):
        far = distance(name, other)
        if far < best[0]:
            return far, [other]
        return (best[0], [*best[1], other]) if far == best[0] else best

    return reduce(join, names, (math.inf, []))[1]


def nearest_by_torch(name, names, distance):
    far = torch.tensor([distance(name, other) for other in names])
    return [names[int(i)] for i in (far == far.amin()).nonzero()]


def nearest_to_none_nearer(name, names, distance):
    return [a for a in names if all(distance(name, a) <= distance(name, b) for b in names)]


def nearest_bisected(name, names, distance):
    order = sorted(range(len(names)), key=lambda i: distance(name, names[i]))
    far = [distance(name, names[i]) for i in order]
    return [names[i] for i in order[: bisect_left(far, far[0] + 1)]]


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


def nearest_below_ten(name, names, distance):
    best, found = 10, []
    for other in names:
        if distance(name, other) < best:
            best, found = distance(name, other), []
        if distance(name, other) == best:
            found.append(other)
    return found


def nearest_never_emptied(name, names, distance):
    best, found = math.inf, []
    for other in names:
        if distance(name, other) <= best:
            best = distance(name, other)
            found.append(other)
    return found


def nearest_run(name, names, distance):
    first = names.index(nearest_one(name, names, distance))
    smallest = nearest_how_far(name, names, distance)
    run = itertools.takewhile(lambda other: distance(name, other) == smallest, names[first:])
    return list(run)


def nearest_later_first(name, names, distance):
    return nearest(name, names[::-1], distance)


def nearest_per_letter(name, names, distance):
    return nearest(name, names, lambda a, b: distance(a, b) / max(len(a), len(b)))


def nearest_by_surname(name, names, distance):
    return nearest(name, names, lambda a, b: distance(a.split()[-1], b.split()[-1]))


def nearest_by_length(name, names, distance):
    return nearest(name, names, lambda a, b: abs(len(a) - len(b)))


def nearest_by_shared_letters(name, names, distance):
    return nearest(name, names, lambda a, b: -len(set(a) & set(b)))


def nearest_with_distances(name, names, distance):
    return [(other, distance(name, other)) for other in nearest(name, names, distance)]


def nearest_joined(name, names, distance):
    return ", ".join(nearest(name, names, distance))


def nearest_yielded(name, names, distance):
    smallest = nearest_how_far(name, names, distance)
    yield from (other for other in names if distance(name, other) == smallest)


def nearest_removed(name, names, distance):
    smallest = nearest_how_far(name, names, distance)
    for other in list(names):
        if distance(name, other) > smallest:
            names.remove(other)
    return names


_LETTERS = ("a", "abn", "abcdefgh", "aáàbBñł-")


def a_name(rng):
    letters = list(_LETTERS[rng.integers(len(_LETTERS))])
    words = ["".join(rng.choice(letters, rng.integers(1, 9))) for _ in range(rng.integers(1, 4))]
    return " ".join(words).title() if rng.random() < 0.8 else " ".join(words)


def a_slip(rng, name):
    at, letter = int(rng.integers(len(name))), rng.choice(list("abxÉ"))
    kept = at + int(rng.random() < 0.5)
    return str(name[:at] + letter * int(rng.integers(3)) + name[kept:]) or str(letter)


def names_to_search(rng):
    name, names = a_name(rng), []
    for _ in range(rng.integers(1, 15)):
        drawn = rng.random()
        near = name if drawn < 0.05 or not names else names[int(rng.integers(len(names)))]
        other = a_name(rng) if drawn > 0.8 else near
        for _ in range(rng.integers(3) if drawn < 0.7 else 0):
            other = a_slip(rng, other)
        names.append(other)
    order = rng.permutation(len(names))
    swapped = (lambda text: text.swapcase()) if rng.random() < 0.2 else str
    found = [swapped(names[i]) if rng.random() < 0.3 else names[i] for i in order]
    if rng.random() < 0.3:
        found = [other + " Featherstonehaugh" for other in found]
    return name, found, edit_distance


def agreeing(guesses, birthplaces):
    return sum(a == b for a, b in zip(guesses, birthplaces, strict=True))


def dealt(guesses, birthplaces):
    found = agreeing(guesses, birthplaces)
    orders = [agreeing(order, birthplaces) for order in itertools.permutations(guesses)]
    return sum(count >= found for count in orders) / len(orders)


def dealt_in_loops(guesses, birthplaces):
    found = 0
    for i in range(len(guesses)):
        if guesses[i] == birthplaces[i]:
            found += 1
    as_many = every = 0
    for order in itertools.permutations(range(len(guesses))):
        count = 0
        for i, j in enumerate(order):
            if guesses[j] == birthplaces[i]:
                count += 1
        if count >= found:
            as_many += 1
        every += 1
    return as_many / every


def dealt_by_arrays(guesses, birthplaces):
    orders = np.array(list(itertools.permutations(guesses)))
    counts = (orders == np.array(birthplaces)).sum(axis=1)
    return np.mean(counts >= np.sum(np.array(guesses) == np.array(birthplaces)))


def dealt_by_indices(guesses, birthplaces):
    same = np.equal.outer(np.array(guesses), np.array(birthplaces))  # (guess, person)
    people = np.arange(len(guesses))
    orders = np.array(list(itertools.permutations(people)))
    return np.array((same[orders, people].sum(1) >= np.trace(same)).mean())


def dealt_by_torch(guesses, birthplaces):
    places = sorted({*guesses, *birthplaces})
    mine, true = (torch.tensor([places.index(p) for p in ps]) for ps in (guesses, birthplaces))
    orders = torch.tensor(list(itertools.permutations(mine.tolist())))
    as_many = (orders == true).sum(dim=1) >= (mine == true).sum()
    return as_many.float().mean()


def dealt_by_recursion(guesses, birthplaces):
    def counts(left, people):
        if not left:
            return [0]
        return [
            (left[i] == people[0]) + more
            for i in range(len(left))
            for more in counts(left[:i] + left[i + 1 :], people[1:])
        ]

    every = counts(guesses, birthplaces)
    return sum(c >= agreeing(guesses, birthplaces) for c in every) / math.factorial(len(guesses))


def dealt_by_fractions(guesses, birthplaces):
    """Walks from person to person with what is left: no order is written down."""

    @cache
    def at_least(left, person, wanted):
        if person == len(birthplaces):
            return Fraction(wanted <= 0)
        return sum(
            Fraction(n, len(birthplaces) - person)
            * at_least(
                tuple(sorted((Counter(left) - Counter([place])).elements())),
                person + 1,
                wanted - (place == birthplaces[person]),
            )
            for place, n in Counter(left).items()
        )

    return at_least(tuple(sorted(guesses)), 0, agreeing(guesses, birthplaces))


def dealt_each_order_once(guesses, birthplaces):
    orders = set(itertools.permutations(guesses))
    found = agreeing(guesses, birthplaces)
    return len([1 for order in orders if agreeing(order, birthplaces) >= found]) / len(orders)


def dealt_people_moved(guesses, birthplaces):
    found = agreeing(guesses, birthplaces)
    moved = itertools.permutations(birthplaces)
    as_many = [agreeing(guesses, order) >= found for order in moved]
    return as_many.count(True) / len(as_many)


def dealt_by_shares(guesses, birthplaces):
    def share(order):
        return np.mean([a == b for a, b in zip(order, birthplaces, strict=True)])

    shares = np.array([share(order) for order in itertools.permutations(guesses)])
    return float(np.mean(shares >= share(guesses)))


def dealt_by_counter(guesses, birthplaces):
    counts = Counter(
        sum(map(str.__eq__, order, birthplaces)) for order in itertools.permutations(guesses)
    )
    found = sum(map(str.__eq__, guesses, birthplaces))
    return sum(n for count, n in counts.items() if count >= found) / counts.total()


def dealt_as_complement(guesses, birthplaces):
    worse = [
        agreeing(order, birthplaces) < agreeing(guesses, birthplaces)
        for order in itertools.permutations(guesses)
    ]
    return 1 - sum(worse) / len(worse)


def dealt_by_heaps_method(guesses, birthplaces):
    def orders(hand, size):
        if size <= 1:
            yield hand
        for i in range(size):
            yield from orders(hand, size - 1) if size > 1 else ()
            j = 0 if size % 2 else i
            hand[j], hand[size - 1] = hand[size - 1], hand[j]

    found = agreeing(guesses, birthplaces)
    as_many = [agreeing(hand, birthplaces) >= found for hand in orders(list(guesses), len(guesses))]
    return sum(as_many) / len(as_many)


def counts_of(guesses, birthplaces):
    return [agreeing(order, birthplaces) for order in itertools.permutations(guesses)]


def dealt_more(guesses, birthplaces):
    counts = counts_of(guesses, birthplaces)
    return sum(c > agreeing(guesses, birthplaces) for c in counts) / len(counts)


def dealt_counted(guesses, birthplaces):
    return sum(c >= agreeing(guesses, birthplaces) for c in counts_of(guesses, birthplaces))


def dealt_exactly(guesses, birthplaces):
    counts = counts_of(guesses, birthplaces)
    return counts.count(agreeing(guesses, birthplaces)) / len(counts)


def dealt_at_most(guesses, birthplaces):
    counts = np.array(counts_of(guesses, birthplaces))
    return (counts <= agreeing(guesses, birthplaces)).mean()


def dealt_fewer(guesses, birthplaces):
    counts = np.array(counts_of(guesses, birthplaces))
    return (counts < agreeing(guesses, birthplaces)).mean()


def dealt_mean(guesses, birthplaces):
    return np.mean(counts_of(guesses, birthplaces)) / len(guesses)


def dealt_as_it_stands(guesses, birthplaces):
    return agreeing(guesses, birthplaces) / len(guesses)


def dealt_but_for_the_given(guesses, birthplaces):
    others = list(itertools.permutations(guesses))[1:]
    found = agreeing(guesses, birthplaces)
    return sum(agreeing(order, birthplaces) >= found for order in others) / len(others)


def dealt_but_for_one(guesses, birthplaces):
    counts = counts_of(guesses, birthplaces)[1:]
    return sum(c >= agreeing(guesses, birthplaces) for c in counts) / (len(counts) + 1)


def dealt_and_one_more(guesses, birthplaces):
    counts = counts_of(guesses, birthplaces)
    return (1 + sum(c >= agreeing(guesses, birthplaces) for c in counts)) / (1 + len(counts))


def dealt_with_replacement(guesses, birthplaces):
    n, found = len(guesses), agreeing(guesses, birthplaces)
    same = np.array([[a == b for a in guesses] for b in birthplaces])  # (person, guess)
    counts = reduce(np.add.outer, same.astype(int)).ravel() if n > 1 else same[0].astype(int)
    return (counts >= found).mean()


def dealt_by_combinations(guesses, birthplaces):
    hands = list(itertools.combinations(guesses, len(guesses)))
    found = agreeing(guesses, birthplaces)
    return sum(agreeing(hand, birthplaces) >= found for hand in hands) / len(hands)


def dealt_all_round(guesses, birthplaces):
    n, found = len(guesses), agreeing(guesses, birthplaces)
    hands = [guesses[start:] + guesses[:start] for start in range(n)]
    return sum(agreeing(hand, birthplaces) >= found for hand in hands) / n


def dealt_with_their_people(guesses, birthplaces):
    pairs = list(zip(guesses, birthplaces, strict=True))
    orders = list(itertools.permutations(pairs))
    found = agreeing(guesses, birthplaces)
    return sum(sum(a == b for a, b in order) >= found for order in orders) / len(orders)


def dealt_against_a_share(guesses, birthplaces):
    counts = counts_of(guesses, birthplaces)
    found = agreeing(guesses, birthplaces) / len(guesses)
    return sum(c >= found for c in counts) / len(counts)


def dealt_two_sided(guesses, birthplaces):
    return min(1.0, 2 * dealt(guesses, birthplaces))


def dealt_half_of_ties(guesses, birthplaces):
    return dealt(guesses, birthplaces) - dealt_exactly(guesses, birthplaces) / 2


def dealt_by_swaps(guesses, birthplaces):
    found, counts = agreeing(guesses, birthplaces), [agreeing(guesses, birthplaces)]
    for i, j in itertools.combinations(range(len(guesses)), 2):
        hand = list(guesses)
        hand[i], hand[j] = hand[j], hand[i]
        counts.append(agreeing(hand, birthplaces))
    return sum(c >= found for c in counts) / len(counts)


def dealt_distinct_over_all(guesses, birthplaces):
    orders, found = set(itertools.permutations(guesses)), agreeing(guesses, birthplaces)
    as_many = sum(agreeing(order, birthplaces) >= found for order in orders)
    return as_many / math.factorial(len(guesses))


def dealt_where_places_are_part(guesses, birthplaces):
    def alike(order):
        return sum(a in b for a, b in zip(order, birthplaces, strict=True))

    counts = [alike(order) for order in itertools.permutations(guesses)]
    return sum(c >= alike(guesses) for c in counts) / len(counts)


def dealt_anywhere(guesses, birthplaces):
    orders = list(itertools.permutations(guesses))
    found = sum(guess in birthplaces for guess in guesses)
    return sum(sum(g in birthplaces for g in order) >= found for order in orders) / len(orders)


def dealt_at_random(guesses, birthplaces):
    draw = random.Random(3)
    hands = [draw.sample(guesses, len(guesses)) for _ in range(300)]
    found = agreeing(guesses, birthplaces)
    return sum(agreeing(hand, birthplaces) >= found for hand in hands) / len(hands)


def dealt_in_place(guesses, birthplaces):
    wanted = dealt(guesses, birthplaces)
    guesses.sort()
    return wanted


def dealt_decided(guesses, birthplaces):
    return dealt(guesses, birthplaces) < 0.05


_PLACES = ("London", "York", "New York", "Rome", "Zürich", "St. John's", "london")
_PARTS = ("York", "New York", "New York City", "Yorkshire", "york")


def lists_of_places(rng):
    n, kinds = int(rng.integers(1, 8)), int(rng.integers(1, 6))
    places = rng.permutation(_PLACES if rng.random() < 0.6 else _PARTS)
    birthplaces = rng.choice(places[:kinds], n)
    guesses = rng.choice(places[int(rng.integers(kinds)) :][:kinds], n)
    if rng.random() < 0.3:
        guesses = rng.permutation(birthplaces)
    kept = rng.random(n) < rng.random()
    return np.where(kept, birthplaces, guesses).tolist(), birthplaces.tolist()


ANSWERS = {
    "nearest_names": Answers(
        right=(
            nearest,
            nearest_in_one_pass,
            nearest_by_definition,
            nearest_as_tuple,
            nearest_as_array,
            nearest_by_groups,
            nearest_sorted_and_cut,
            nearest_by_groupby,
            nearest_by_heap,
            nearest_by_recursion,
            nearest_folded,
            nearest_by_torch,
            nearest_to_none_nearer,
            nearest_bisected,
        ),
        wrong=(
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
            (nearest_per_letter, "you divided by the length of a name"),
            (nearest_as_set, "you return an object of type set where a list is expected"),
            (nearest_yielded, "you return a generator"),
            (nearest_joined, "you return a string where a list is expected"),
            (nearest_with_distances, ""),
            (nearest_below_ten, ""),
            (nearest_never_emptied, ""),
            (nearest_run, ""),
            (nearest_later_first, ""),
            (nearest_by_surname, ""),
            (nearest_by_length, ""),
            (nearest_by_shared_letters, ""),
            (nearest_removed, "you change `names` in place"),
        ),
        inputs=names_to_search,
    ),
    "permutation_p": Answers(
        right=(
            dealt,
            dealt_in_loops,
            dealt_by_arrays,
            dealt_by_indices,
            dealt_by_torch,
            dealt_by_recursion,
            dealt_by_fractions,
            dealt_each_order_once,
            dealt_people_moved,
            dealt_by_shares,
            dealt_by_counter,
            dealt_as_complement,
            dealt_by_heaps_method,
        ),
        wrong=(
            (dealt_more, "those that agree equally often count too"),
            (dealt_counted, "not their share"),
            (dealt_exactly, "those that agree more count too"),
            (dealt_at_most, "at least as often, not at most"),
            (dealt_fewer, "at least as often, not less"),
            (dealt_mean, "the agreement of an order on average"),
            (dealt_as_it_stands, "the agreement as it stands"),
            (dealt_but_for_the_given, "the order as given is one of all orders"),
            (dealt_but_for_one, "the order as given is one of all orders"),
            (dealt_and_one_more, "you counted the order as given twice"),
            (dealt_with_replacement, "you dealt with replacement"),
            (dealt_by_combinations, "the same number of agreements"),
            (dealt_with_their_people, "the same number of agreements"),
            (dealt_anywhere, "the same number of agreements"),
            (dealt_all_round, "you only turned the list round"),
            (dealt_against_a_share, "do not compare a count with a share"),
            (dealt_two_sided, "you doubled it"),
            (dealt_half_of_ties, ""),
            (dealt_by_swaps, ""),
            (dealt_distinct_over_all, ""),
            (dealt_where_places_are_part, ""),
            (dealt_at_random, ""),
            (dealt_in_place, "you change `guesses` in place"),
            (dealt_decided, "you return True or False where a number is expected"),
        ),
        inputs=lists_of_places,
    ),
}
