"""Right and wrong answers to the exercises of `nlp4.exercises.pretraining`, as learners write."""

from __future__ import annotations

import heapq
import itertools
import math
import operator
import random
import re
import statistics
from collections import Counter
from fractions import Fraction
from functools import reduce

import numpy as np
import torch
from answers import Answers

from nlp4.data.corruption import question_pair, rearrange, span_bounds
from nlp4.data.vocabulary import MASK, PAD
from nlp4.exercises.given import Speller


def always_london(places):
    right = 0
    for place in places:
        right += place == "London"
    return right / len(places)


def london_by_count(places):
    return places.count("London") / len(places)


def london_by_mean(places):
    return np.mean([place == "London" for place in places])


def london_in_an_array(places):
    return np.count_nonzero(np.array(places) == "London") / len(places)


def london_in_torch(places):
    return torch.tensor([place == "London" for place in places]).float().mean()


def london_by_filter(places):
    return len(list(filter("London".__eq__, places))) / len(places)


def london_by_counter(places):
    return Counter(places)["London"] / len(places)


def london_by_pattern(places):
    return statistics.fmean(re.fullmatch("London", place) is not None for place in places)


def london_as_fraction(places):
    return Fraction(sum(1 for place in places if place == "London"), len(places))


def london_by_recursion(places, done=0, right=0):
    if done == len(places):
        return right / done
    return london_by_recursion(places, done + 1, right + (places[done] == "London"))


def london_as_array(places):
    return np.array(1 - sum(map("London".__ne__, places)) / len(places))


def london_counted(places):
    return len([place for place in places if place == "London"])


def london_in_percent(places):
    return always_london(places) * 100


def london_contained(places):
    right = [place for place in places if place.find("London") >= 0]
    return len(right) / len(places)


def london_containing(places):
    right = [place for place in places if place in "London"]
    return len(right) / len(places)


def london_as_characters(places):
    return sum(set(place) == set("London") for place in places) / len(places)


def london_by_length(places):
    return sum(len(place) == len("London") for place in places) / len(places)


def london_by_first_letter(places):
    return sum(place[:1] == "L" for place in places) / len(places)


def london_begun(places):
    return len([place for place in places if place[:6] == "London"]) / len(places)


def london_ended(places):
    return np.mean([place.endswith("London") for place in places])


def london_begun_by_pattern(places):
    return np.mean([bool(re.match("London", place)) for place in places])


def london_in_any_case(places):
    return sum(place.upper() == "LONDON" for place in places) / len(places)


def london_stripped(places):
    return sum(place.strip() == "London" for place in places) / len(places)


def london_without_commas(places):
    return sum(place.split(",")[0] == "London" for place in places) / len(places)


def london_missed(places):
    return sum(place != "London" for place in places) / len(places)


def london_among_different(places):
    different = []
    for place in places:
        if place not in different:
            different.append(place)
    return places.count("London") / len(different)


def london_by_kind(places):
    return sum(place == "London" for place in set(places)) / len(places)


def london_rounded(places):
    return round(places.count("London") / len(places), 2)


def london_in_whole_numbers(places):
    return places.count("London") // len(places)


def london_each(places):
    return [place == "London" for place in places]


def london_of_the_others(places):
    right = places.count("London")
    return right / max(1, len(places) - right)


def london_inputs(rng):
    names = ["London", "Paris", "london", "LONDON", "London, Ontario", "New London", "Londonderry"]
    names += ["", "L", "on", "Lon", "don", "Londo", "ondon", " London", "London ", "Lndoon", "Rome"]
    size = int(rng.choice([1, 2, 3, 10, 200]))
    kinds = rng.choice(names, size=int(rng.integers(1, len(names))), replace=False)
    kinds = kinds if rng.random() < 0.3 else [*kinds, "London"]
    return ([str(place) for place in rng.choice(kinds, size=size)],)


def inputs_and_targets(question, place):
    text = question + MASK + place + MASK
    targets = [text[i] if i > len(question) else PAD for i in range(1, len(text))]
    return text[:-1], "".join(targets)


def pair_by_repeating(question, place):
    return question + MASK + place, PAD * len(question) + place + MASK


def pair_as_list(question, place):
    text = "".join([question, MASK, place, MASK])
    return [text[:-1], (PAD * len(question) + place + MASK)]


def pair_by_zip(question, place):
    text = f"{question}{MASK}{place}{MASK}"
    scored = [False] * (len(question) + 1) + [True] * (len(place) + 1)
    targets = (c if s else PAD for c, s in zip(text[1:], scored[1:], strict=True))
    return text[:-1], "".join(targets)


def pair_from_the_sequence(question, place):
    pair = question_pair(question, place)
    targets = pair.text[1:]
    first = pair.scored_from - 1
    return pair.text[:-1], PAD * len(targets[:first]) + targets[first:]


def pair_by_justifying(question, place):
    inputs = MASK.join((question, place))
    return inputs, (place + MASK).rjust(len(inputs), PAD)


def pair_by_index(question, place):
    text = question + MASK + place + MASK
    asks = len(question)
    inputs, targets = "", ""
    for i in range(len(text) - 1):
        inputs += text[i]
        if i < asks:
            targets += PAD
        else:
            targets += text[i + 1]
    return inputs, targets


def pair_by_pairwise(question, place):
    text = question + MASK + place + MASK
    read, then = zip(*itertools.pairwise(text), strict=True)
    given = len(question)
    return "".join(read), "".join([PAD] * given + list(then[given:]))


def pair_in_numpy(question, place):
    text = np.array(list(question + MASK + place + MASK))
    inputs, targets = text[:-1].copy(), text[1:].copy()
    targets[: len(question)] = PAD
    return "".join(inputs), "".join(targets)


def pair_by_translation(question, place):
    return question + MASK + place, re.sub(".", PAD, question, flags=re.DOTALL) + place + MASK


def pair_by_shifting(question, place):
    wanted = PAD * len(question + MASK) + place + MASK
    return (question + MASK + place + MASK)[:-1], wanted[1:]


def pair_unshifted(question, place):
    text = question + MASK + place
    return text, "".join(PAD if i <= len(question) else c for i, c in enumerate(text))


def pair_shifted_back(question, place):
    inputs = question + MASK + place
    return inputs, PAD * (len(question) + 2) + place[:-1]


def pair_with_the_asking_mask(question, place):
    return question + MASK + place, PAD * (len(question) - 1) + MASK + place + MASK


def pair_left_open(question, place):
    return question + MASK + place, PAD * len(question) + place + PAD


def pair_all_scored(question, place):
    text = question + MASK + place + MASK
    return text[:-1], text[1:]


def pair_answer_hidden(question, place):
    return question + MASK + place, (question + MASK)[1:] + PAD * len(place + MASK)


def pair_one_late(question, place):
    inputs, targets = inputs_and_targets(question, place)
    return inputs, PAD * (len(question) + 1) + targets[len(question) + 1 :]


def pair_nothing_scored(question, place):
    inputs = question + MASK + place
    return inputs, PAD * len(inputs)


def pair_answer_alone(question, place):
    return question + MASK + place, place + MASK


def pair_filled_behind(question, place):
    inputs = question + MASK + place
    return inputs, (place + MASK).ljust(len(inputs), PAD)


def pair_with_the_word_pad(question, place):
    return question + MASK + place, "".join(["PAD" for _ in question]) + place + MASK


def pair_with_the_word_mask(question, place):
    return question + "MASK" + place, PAD * (len(question) + 3) + place + "MASK"


def pair_with_spaces(question, place):
    return question + MASK + place, (place + MASK).rjust(len(question + MASK + place))


def pair_turned_round(question, place):
    inputs, targets = inputs_and_targets(question, place)
    return targets, inputs


def pair_read_to_the_end(question, place):
    text = question + MASK + place + MASK
    return text, inputs_and_targets(question, place)[1]


def pair_full_length(question, place):
    text = question + MASK + place + MASK
    return text, PAD * len(question + MASK) + place + MASK


def pair_full_length_filled(question, place):
    text = question + MASK + place + MASK
    return text, PAD * len(question) + place + MASK + PAD


def pair_run_together(question, place):
    text = question + place + MASK
    return text[:-1], PAD * (len(question) - 1) + place + MASK


def pair_question_hidden(question, place):
    return PAD * len(question) + MASK + place, PAD * len(question) + place + MASK


def pair_prompt_alone(question, place):
    return question + MASK, PAD * len(question) + place + MASK


def pair_place_first(question, place):
    text = place + MASK + question + MASK
    return text[:-1], PAD * len(place) + text[len(place) + 1 :]


def pair_with_one_space(question, place):
    return question + " " + MASK + place, PAD * (len(question) + 1) + place + MASK


def pair_as_text(question, place):
    return question + MASK + place + MASK


def pair_as_characters(question, place):
    return [list(each) for each in inputs_and_targets(question, place)]


def pair_by_search(question, place):
    text = question + MASK + place + MASK
    start = text.find(place)
    return text[:-1], PAD * (start - 1) + text[start:]


def pair_by_replacing(question, place):
    text = question + MASK + place + MASK
    kept = set(place + MASK)
    targets = "".join(c if c in kept else PAD for c in text[1:])
    return text[:-1], targets


def pair_inputs(rng):
    letters = list("abcdeLondwhrinWA ?'-.éŁß中")
    question, place = (
        "".join(rng.choice(letters, size=int(rng.choice(sizes))))
        for sizes in ([1, 2, 5, 30, 90], [1, 2, 7, 30])
    )
    if rng.random() < 0.3:
        question = f"Was {place} born in {place}?"
    return question, place


def corrupt(text, rng):
    length = rng.integers(4, len(text) + 1)
    text = text[:length]
    size = rng.integers(1, length // 2)
    start = rng.integers(0, length - size + 1)
    return text[:start] + MASK + text[start + size :] + MASK + text[start : start + size] + MASK


def corrupt_as_the_workbook(text, rng):
    cut = text[: int(rng.integers(4, len(text) + 1))]
    return rearrange(cut, *span_bounds(len(cut), 0.25, rng))


def corrupt_rounding_up(text, rng):
    text = text[: rng.integers(4, len(text), endpoint=True)]
    size = rng.integers(1, len(text) // 2, endpoint=True)
    start = rng.integers(0, len(text) - size, endpoint=True)
    return MASK.join([text[:start], text[start + size :], text[start : start + size], ""])


def corrupt_triangular(text, rng):
    n = int(rng.choice(np.arange(4, len(text) + 1)))
    size = max(1, round(rng.triangular(0, n / 4, n / 2)))
    start = int(rng.choice(range(n - size + 1)))
    stop = start + size
    return f"{text[:start]}{MASK}{text[stop:n]}{MASK}{text[start:stop]}{MASK}"


def corrupt_normal(text, rng):
    n = 4 + int(rng.random() * (len(text) - 3))
    size = int(np.clip(np.rint(rng.normal(n / 4, n / 16)), 1, n))
    start = int(rng.random() * (n - size + 1))
    return rearrange(text[:n], start, start + size)


def corrupt_binomial(text, rng):
    n = rng.permutation(np.arange(4, len(text) + 1))[0]
    size = max(rng.binomial(n, 0.25), 1)
    start = rng.permutation(n - size + 1)[0]
    return rearrange(text[:n], start, start + size)


def corrupt_in_torch(text, rng):
    own = torch.Generator().manual_seed(int(rng.integers(2**31)))

    def between(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=own))

    n = between(4, len(text))
    size = between(1, n // 2 - 1)
    start = between(0, n - size)
    return rearrange(text[:n], start, start + size)


def corrupt_by_the_standard_library(text, rng):
    own = random.Random(int(rng.integers(2**32)))
    text = text[: own.randint(4, len(text))]
    size = own.randint(1, max(1, len(text) // 2 - 1))
    start = own.randint(0, len(text) - size)
    return rearrange(text, start, start + size)


def corrupt_by_lists(text, rng):
    kept = list(text)[: rng.integers(4, len(text) + 1)]
    size = max(1, int(rng.uniform(0, 0.5) * len(kept)))
    start = int(rng.integers(len(kept) - size + 1))
    span = [kept.pop(start) for _ in range(size)]
    kept.insert(start, MASK)
    return "".join([*kept, MASK, *span, MASK])


def corrupt_narrowly(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    size = max(1, n // 4 + int(rng.integers(-1, 2)))
    start = int(rng.integers(n - size + 1))
    return rearrange(text[:n], start, start + size)


def corrupt_by_beta(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    size = min(n, max(1, math.floor(0.5 + n * rng.beta(1, 3))))
    start = int(rng.integers(n - size + 1))
    return rearrange(text[:n], start, start + size)


def corrupt_from_all_spans(text, rng):
    cut = text[: int(rng.integers(4, len(text) + 1))]
    size = int(rng.integers(1, len(cut) // 2))
    ways = [rearrange(cut, i, i + size) for i in range(len(cut) - size + 1)]
    return ways[rng.integers(len(ways))]


def drawn(text, rng):
    """A cut text and the bounds of a span in it, for the wrong answers that draw well."""
    cut = text[: int(rng.integers(4, len(text) + 1))]
    start, stop = span_bounds(len(cut), 0.25, rng)
    return cut[:start], cut[start:stop], cut[stop:]


def corrupt_left_open(text, rng):
    return corrupt(text, rng)[:-1]


def corrupt_with_one_mask(text, rng):
    before, span, after = drawn(text, rng)
    return f"{before}{MASK}{after}{span}{MASK}"


def corrupt_in_the_middle(text, rng):
    return "".join(part + MASK for part in drawn(text, rng))


def corrupt_without_hole(text, rng):
    before, span, after = drawn(text, rng)
    return before + after + MASK + span + MASK


def corrupt_kept(text, rng):
    before, span, after = drawn(text, rng)
    return before + span + after + MASK + span + MASK


def corrupt_kept_and_marked(text, rng):
    before, span, after = drawn(text, rng)
    return before + MASK + span + after + MASK + span + MASK


def corrupt_span_first(text, rng):
    before, span, after = drawn(text, rng)
    return span + MASK + before + MASK + after + MASK


def corrupt_suffix_first(text, rng):
    before, span, after = drawn(text, rng)
    return after + MASK + before + MASK + span + MASK


def corrupt_character_by_character(text, rng):
    before, span, after = drawn(text, rng)
    return before + MASK * len(span) + after + MASK + span + MASK


def corrupt_prompt_alone(text, rng):
    before, _, after = drawn(text, rng)
    return before + MASK + after + MASK


def corrupt_with_the_word(text, rng):
    before, span, after = drawn(text, rng)
    return before + "MASK" + after + "MASK" + span + "MASK"


def corrupt_with_spaces(text, rng):
    before, span, after = drawn(text, rng)
    return f"{before} {MASK} {after} {MASK} {span} {MASK}"


def corrupt_backwards(text, rng):
    before, span, after = drawn(text, rng)
    return before + MASK + after + MASK + span[::-1] + MASK


def corrupt_one_lost(text, rng):
    before, span, after = drawn(text, rng)
    return before + MASK + after[1:] + MASK + span + MASK


def corrupt_with_the_rest(text, rng):
    before, span, after = drawn(text, rng)
    kept = len(before + span + after)
    return before + MASK + after + MASK + span + MASK + text[kept:]


def corrupt_as_tuple(text, rng):
    before, span, after = drawn(text, rng)
    return before + MASK + after + MASK, span + MASK


def corrupt_never_cut(text, rng):
    return rearrange(text, *span_bounds(len(text), 0.25, rng))


def corrupt_cut_too_short(text, rng):
    cut = text[: int(rng.integers(1, len(text) + 1))]
    return rearrange(cut, *span_bounds(len(cut), 0.25, rng))


def corrupt_empty_span(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    size = int(rng.integers(0, n // 2))
    start = int(rng.integers(0, n - size + 1))
    return rearrange(text[:n], start, start + size)


def corrupt_one_character(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    start = int(rng.integers(n))
    return rearrange(text[:n], start, start + 1)


def corrupt_at_the_beginning(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    return rearrange(text[:n], 0, int(rng.integers(1, n // 2)))


def corrupt_at_the_end(text, rng):
    n = int(rng.integers(4, len(text) + 1))
    return rearrange(text[:n], n - int(rng.integers(1, n // 2)), n)


def corrupt_by_global_state(text, rng):
    n = random.randint(4, len(text))
    size = random.randint(1, n // 2 - 1)
    start = random.randint(0, n - size)
    return rearrange(text[:n], start, start + size)


def corrupt_by_numpy_s_global_state(text, rng):
    n = np.random.randint(4, len(text) + 1)  # noqa: NPY002
    size = np.random.randint(1, n // 2)  # noqa: NPY002
    start = np.random.randint(0, n - size + 1)  # noqa: NPY002
    return rearrange(text[:n], start, start + size)


def corrupt_by_a_new_generator(text, rng):
    return corrupt(text, np.random.default_rng())


def corrupt_by_one_seed(text, rng):
    return corrupt(text, np.random.default_rng(0))


def corrupt_without_the_last_length(text, rng):
    cut = text[: rng.integers(4, len(text))]
    return rearrange(cut, *span_bounds(len(cut), 0.25, rng))


def corrupt_inputs(rng):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ éŁ.'"))
    size = int(rng.choice([4, 5, 6, 12, 40, 57]))
    if rng.random() < 0.3:  # the same draw several times, which shows whose chance it is
        return "".join(letters[:40]), np.random.default_rng(int(rng.integers(2)))
    return "".join(rng.permutation(letters)[:size]), np.random.default_rng(rng.integers(2**32))


def decode(next_scores, prompt):
    answer = []
    for _ in range(150):
        scores = next_scores(prompt + "".join(answer))
        answer.append(sorted(scores, key=scores.get)[-1])
        if answer[-1] == MASK:
            break
    return "".join(answer[:-1])


def decode_in_a_loop(next_scores, prompt):
    text = prompt
    while True:
        scores = next_scores(text)
        best = max(scores, key=scores.get)
        if best == MASK:
            return text[len(prompt) :]
        text += best


def decode_by_recursion(next_scores, prompt):
    best = max(next_scores(prompt).items(), key=operator.itemgetter(1))[0]
    return "" if best == MASK else best + decode_by_recursion(next_scores, prompt + best)


def decode_in_numpy(next_scores, prompt):
    written, character = "", None
    while character != MASK:
        scores = next_scores(prompt + written)
        character = list(scores)[int(np.argmax(list(scores.values())))]
        written += character
    return written[:-1]


def decode_in_torch(next_scores, prompt):
    written = ""
    while True:
        characters, scores = zip(*next_scores(prompt + written).items(), strict=True)
        best = characters[torch.tensor(scores).softmax(dim=0).argmax().item()]
        if best == MASK:
            break
        written = written + best
    return written


def decode_by_hand(next_scores, prompt):
    written = ""
    while True:
        best, highest = None, -math.inf
        for character, score in next_scores(prompt + written).items():
            if score > highest:
                best, highest = character, score
        if best == MASK:
            return written
        written += best


def decode_by_generator(next_scores, prompt):
    def characters():
        text = prompt
        while True:
            (best,) = heapq.nlargest(1, (pair[::-1] for pair in next_scores(text).items()))
            text += best[1]
            yield best[1]

    return "".join(itertools.takewhile(MASK.__ne__, characters()))


def decode_by_sentinel(next_scores, prompt):
    written = []

    def step():
        scores = next_scores(prompt + "".join(written))
        return min(scores, key=lambda character: -scores[character])

    written.extend(iter_into(step, written))
    return "".join(written)


def iter_into(step, written):
    for character in iter(step, MASK):
        written.append(character)
    return []


def decode_with_walrus(next_scores, prompt):
    written = ""
    while (best := max((s, c) for c, s in next_scores(prompt + written).items())[1]) != MASK:
        written += best
    return written


def decode_by_reduce(next_scores, prompt):
    def step(text, _):
        if text != prompt and text.endswith(MASK):
            return text
        scores = next_scores(text)
        return text + reduce(lambda a, b: a if scores[a] > scores[b] else b, scores)

    return reduce(step, range(150), prompt).removeprefix(prompt).rstrip(MASK)


def decode_by_inverting(next_scores, prompt):
    text = prompt
    while True:
        by_score = {score: character for character, score in next_scores(text).items()}
        text += by_score[max(by_score)]
        if text[-1] == MASK:
            return text[len(prompt) : -1]


def decode_with_mask(next_scores, prompt):
    return decode(next_scores, prompt) + MASK


def decode_with_prompt(next_scores, prompt):
    return prompt + decode(next_scores, prompt)


def decode_all(next_scores, prompt):
    return prompt + decode(next_scores, prompt) + MASK


def decode_by_splitting(next_scores, prompt):
    return (prompt + decode(next_scores, prompt) + MASK).split(MASK)[1]


def decode_one(next_scores, prompt):
    scores = next_scores(prompt)
    return max(scores, key=scores.get)


def decode_lowest(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        lowest = min(scores, key=scores.get)
        if lowest == MASK:
            return answer
        answer += lowest
    return answer


def decode_by_size(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        best = max(scores, key=lambda character: abs(scores[character]))
        if best == MASK:
            return answer
        answer += best
    return answer


def decode_above_zero(next_scores, prompt):
    answer = ""
    while True:
        best, highest = MASK, 0.0
        for character, score in next_scores(prompt + answer).items():
            if score > highest:
                best, highest = character, score
        if best == MASK:
            return answer
        answer += best


def decode_by_squares(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        characters, values = list(scores), np.array(list(scores.values()))
        best = characters[int(np.argmax(values**2))]
        if best == MASK:
            break
        answer += best
    return answer


def decode_by_alphabet(next_scores, prompt):
    answer = ""
    for _ in range(100):
        best = sorted(next_scores(prompt + answer))[-1]
        if best == MASK:
            return answer
        answer += best
    return answer


def decode_in_order(next_scores, prompt):
    answer = ""
    for _ in range(100):
        best, *_ = next_scores(prompt + answer)
        if best == MASK:
            return answer
        answer += best
    return answer


def decode_second_best(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        best = sorted(scores, key=scores.get)[-2:][0]
        if best == MASK:
            return answer
        answer += best
    return answer


def decode_while_no_mask(next_scores, prompt):
    answer = ""
    while MASK not in (scores := next_scores(prompt + answer)):
        answer += max(scores, key=scores.get)
    return answer


def decode_without_mask(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        scores.pop(MASK, None)
        if not scores:
            break
        answer += max(scores, key=scores.get)
    return answer


def decode_by_sampling(next_scores, prompt):
    rng, answer = np.random.default_rng(0), ""
    for _ in range(100):
        scores = next_scores(prompt + answer)
        powers = np.exp(list(scores.values()))
        best = str(rng.choice(list(scores), p=powers / powers.sum()))
        if best == MASK:
            break
        answer += best
    return answer


def decode_for_ever(next_scores, prompt):
    answer, character = "", ""
    while character != MASK:
        scores = next_scores(prompt)
        character = max(scores, key=scores.get)
        answer += character
    return answer


def decode_forgetful(next_scores, prompt):
    answer = ""
    for _ in range(40):
        scores = next_scores(prompt)
        answer += max(scores, key=scores.get)
    return answer


def decode_last_letter_alone(next_scores, prompt):
    answer = ""
    for _ in range(100):
        scores = next_scores(prompt + answer[-1:])
        best = max(scores, key=scores.get)
        if best == MASK:
            break
        answer += best
    return answer


def decode_answer_alone(next_scores, prompt):
    answer = ""
    scores = next_scores(answer)
    return answer + max(scores, key=scores.get)


def decode_too_briefly(next_scores, prompt):
    return decode(next_scores, prompt)[:32]


def decode_one_too_few(next_scores, prompt):
    return decode(next_scores, prompt)[:-1]


def decode_stripped(next_scores, prompt):
    return decode(next_scores, prompt).replace(" ", "")


def decode_as_list(next_scores, prompt):
    return list(decode(next_scores, prompt))


def decode_inputs(rng):
    letters = list("abcdeLondxzA ?'-.éŁß中ex")
    question, place = (
        "".join(rng.choice(letters, size=int(rng.choice(sizes))))
        for sizes in ([0, 1, 5, 40], [0, 1, 2, 7, 20, 80])
    )
    prompt = str(rng.choice([question + MASK, f"{question}{MASK}, {place}{MASK}", question]))
    return Speller(
        prompt, place, float(rng.choice([-1, 1]) * rng.choice([0.1, 0.5, 2, 8, 30]))
    ), prompt


def luck(answers, places):
    return sum(answers.count(place) for place in places) / len(answers)


def luck_in_two_loops(answers, places):
    expected = 0.0
    for answer in answers:
        matches = 0
        for place in places:
            if answer == place:
                matches += 1
        expected += matches / len(places)
    return expected


def luck_by_counters(answers, places):
    said, true = Counter(answers), Counter(places)
    return sum(said[place] * true[place] for place in said) / len(places)


def luck_in_numpy(answers, places):
    return (np.array(answers)[:, None] == np.array(places)[None, :]).sum() / len(places)


def luck_in_torch(answers, places):
    kinds = {place: i for i, place in enumerate(sorted({*answers, *places}))}
    said, true = (torch.tensor([kinds[p] for p in each]) for each in (answers, places))
    n = len(kinds)
    return torch.bincount(said, minlength=n) @ torch.bincount(true, minlength=n) / len(places)


def luck_by_einsum(answers, places):
    kinds = sorted(set(answers) | set(places))
    said = np.array([[answer == kind for kind in kinds] for answer in answers], dtype=float)
    true = np.array([[place == kind for kind in kinds] for place in places], dtype=float)
    return np.einsum("ik,jk->", said, true) / len(places)


def luck_by_product(answers, places):
    return sum(a == b for a, b in itertools.product(answers, places)) / len(places)


def luck_by_shifts(answers, places):
    """The mean over all cyclic shifts, in which each answer meets each question once."""
    n = len(places)
    turns = (sum(answers[(i + s) % n] == places[i] for i in range(n)) for s in range(n))
    return statistics.fmean(turns)


def luck_as_fraction(answers, places):
    return sum((Fraction(places.count(a), len(places)) for a in answers), Fraction(0))


def luck_by_shares(answers, places):
    n = len(places)
    return n * sum(answers.count(p) / n * (places.count(p) / n) for p in set(places))


def luck_by_recursion(answers, places):
    if not answers:
        return 0.0
    return np.mean([place == answers[0] for place in places]) + luck_by_recursion(
        answers[1:], places
    )


def luck_as_it_stands(answers, places):
    return sum(map(str.__eq__, answers, places))


def luck_undivided(answers, places):
    return sum(places.count(answer) for answer in answers)


def luck_as_share(answers, places):
    return sum(places.count(answer) for answer in answers) / len(places) ** 2


def luck_by_kind_of_answer(answers, places):
    return sum(places.count(answer) for answer in dict.fromkeys(answers)) / len(places)


def luck_by_kind_of_place(answers, places):
    return sum(answers.count(place) for place in dict.fromkeys(places)) / len(places)


def luck_of_the_most_frequent(answers, places):
    return Counter(places).most_common(1)[0][1]


def luck_of_members(answers, places):
    return sum(place in answers for place in places)


def luck_of_answers_that_are_places(answers, places):
    return sum(answer in places for answer in answers) / len(places)


def luck_of_substrings(answers, places):
    return sum(a in p for a, p in itertools.product(answers, places)) / len(places)


def luck_in_lower_case(answers, places):
    return luck([a.lower() for a in answers], [p.lower() for p in places])


def luck_of_equal_places(answers, places):
    return len(places) / len(set(places))


def luck_with_one_left_out(answers, places):
    return sum(places.count(answer) for answer in answers) / max(1, len(places) - 1)


def luck_of_one_answer(answers, places):
    return max(answers.count(p) * places.count(p) for p in places) / len(places)


def luck_in_whole_numbers(answers, places):
    return round(sum(places.count(answer) for answer in answers) / len(places))


def luck_of_places_with_themselves(answers, places):
    return sum(places.count(place) for place in places) / len(places)


def luck_by_dealing(answers, places):
    rng = np.random.default_rng(0)
    dealt = [np.mean(rng.permutation(answers) == np.array(places)) for _ in range(500)]
    return len(places) * np.mean(dealt)


def luck_by_drawing_kinds(answers, places):
    kinds = set(answers) | set(places)
    return len(places) / len(kinds)


def luck_inputs(rng):
    names = ["London", "Rome", "rome", "Lima", "York", "New York", "Oslo", "L", "Łódź"]
    n = int(rng.choice([1, 2, 3, 7, 40]))
    true = rng.choice(names, size=int(rng.integers(1, len(names))), replace=False)
    said = rng.choice([*names, "", "nowhere", "?"], size=int(rng.integers(1, 6)), replace=False)
    answers, places = ([str(p) for p in rng.choice(kinds, size=n)] for kinds in (said, true))
    return answers, places


ANSWERS = {
    "always_london": Answers(
        (
            always_london,
            london_by_count,
            london_by_mean,
            london_in_an_array,
            london_in_torch,
            london_by_filter,
            london_by_counter,
            london_by_pattern,
            london_as_fraction,
            london_by_recursion,
            london_as_array,
        ),
        (
            (london_counted, "this is how many are right, not their share"),
            (london_in_percent, "this is a percentage"),
            (london_contained, 'only contains "London"'),
            (london_containing, 'only a part of "London"'),
            (london_begun, 'only begins with "London"'),
            (london_begun_by_pattern, 'only begins with "London"'),
            (london_ended, ""),
            (london_as_characters, ""),
            (london_by_length, ""),
            (london_by_first_letter, ""),
            (london_in_any_case, "capital letters count"),
            (london_stripped, "spaces count"),
            (london_without_commas, ""),
            (london_missed, "the share of wrong answers"),
            (london_among_different, "the number of different places"),
            (london_by_kind, ""),
            (london_rounded, "you return"),
            (london_in_whole_numbers, "you return 0"),
            (london_of_the_others, ""),
            (london_each, "you return a list where a number is expected"),
        ),
        london_inputs,
    ),
    "inputs_and_targets": Answers(
        (
            inputs_and_targets,
            pair_by_repeating,
            pair_as_list,
            pair_by_zip,
            pair_from_the_sequence,
            pair_by_justifying,
            pair_by_index,
            pair_by_pairwise,
            pair_in_numpy,
            pair_by_translation,
            pair_by_shifting,
        ),
        (
            (pair_unshifted, "nothing is shifted"),
            (pair_shifted_back, "shifted the wrong way"),
            (pair_with_the_asking_mask, "the MASK that asks is given"),
            (pair_left_open, "the closing MASK must be scored"),
            (pair_all_scored, "everything is scored"),
            (pair_answer_hidden, "the wrong way round"),
            (pair_one_late, "the place's first letter must be scored"),
            (pair_nothing_scored, "nothing is scored"),
            (pair_answer_alone, "inputs and targets are equally long"),
            (pair_filled_behind, "the PADs come first"),
            (pair_with_the_word_pad, 'you wrote the word "PAD"'),
            (pair_with_the_word_mask, ""),
            (pair_with_spaces, "not a space"),
            (pair_turned_round, "the order is turned round"),
            (pair_read_to_the_end, "the text without its last character"),
            (pair_full_length, "the targets without its first"),
            (pair_full_length_filled, ""),
            (pair_run_together, "the MASK between question and place is missing"),
            (pair_question_hidden, "the model reads the question"),
            (pair_prompt_alone, "the model reads the place too"),
            (pair_place_first, ""),
            (pair_with_one_space, ""),
            (pair_as_text, "you return a string where a tuple is expected"),
            (pair_as_characters, "you return a list at [0] where a string is expected"),
            (pair_by_search, ""),
            (pair_by_replacing, ""),
        ),
        pair_inputs,
    ),
    "corrupt": Answers(
        (
            corrupt,
            corrupt_as_the_workbook,
            corrupt_rounding_up,
            corrupt_triangular,
            corrupt_normal,
            corrupt_binomial,
            corrupt_in_torch,
            corrupt_by_the_standard_library,
            corrupt_by_lists,
            corrupt_narrowly,
            corrupt_by_beta,
            corrupt_from_all_spans,
        ),
        (
            (corrupt_left_open, "the closing MASK is missing"),
            (corrupt_with_one_mask, "the MASK before the span is missing"),
            (corrupt_in_the_middle, "the span stands in the middle"),
            (corrupt_without_hole, "nothing marks the hole"),
            (corrupt_kept, "the span still stands in the text"),
            (corrupt_kept_and_marked, "do not give the text"),
            (corrupt_span_first, "the order is turned round"),
            (corrupt_suffix_first, "what stands before the span comes first"),
            (corrupt_character_by_character, "one MASK stands for the whole span"),
            (corrupt_prompt_alone, "only the prompt is there"),
            (corrupt_with_the_word, 'you wrote the word "MASK"'),
            (corrupt_with_spaces, "no spaces around MASK"),
            (corrupt_backwards, "do not give the text"),
            (corrupt_one_lost, "do not give the text"),
            (corrupt_with_the_rest, "at the end"),
            (corrupt_as_tuple, "you return a tuple where a string is expected"),
            (corrupt_never_cut, "you never cut the text"),
            (corrupt_cut_too_short, "at least 4 stay"),
            (corrupt_empty_span, "your span is empty"),
            (corrupt_one_character, "always has 1 character"),
            (corrupt_at_the_beginning, "at the very beginning"),
            (corrupt_at_the_end, "draw it evenly"),
            (corrupt_by_global_state, "draw all that is random from `rng`"),
            (corrupt_by_numpy_s_global_state, "draw all that is random from `rng`"),
            (corrupt_by_a_new_generator, "draw all that is random from `rng`"),
            (corrupt_by_one_seed, ""),
            (corrupt_without_the_last_length, "stopped with ValueError"),
        ),
        corrupt_inputs,
    ),
    "decode": Answers(
        (
            decode,
            decode_in_a_loop,
            decode_by_recursion,
            decode_in_numpy,
            decode_in_torch,
            decode_by_hand,
            decode_by_generator,
            decode_by_sentinel,
            decode_with_walrus,
            decode_by_reduce,
            decode_by_inverting,
        ),
        (
            (decode_with_mask, "without the closing MASK"),
            (decode_with_prompt, "without the prompt"),
            (decode_all, "without the prompt and the closing MASK"),
            (decode_by_splitting, "a prompt may hold more than one MASK"),
            (decode_one, "this is the first character alone"),
            (decode_lowest, "you took the lowest score"),
            (decode_by_size, "the sign counts"),
            (decode_by_squares, "the sign counts"),
            (decode_above_zero, ""),
            (decode_by_alphabet, "the last letter of the alphabet"),
            (decode_in_order, "the first character of the dictionary"),
            (decode_second_best, ""),
            (decode_while_no_mask, "stop where MASK has the highest"),
            (decode_without_mask, ""),
            (decode_by_sampling, ""),
            (decode_for_ever, "asked 200 times"),
            (decode_forgetful, "append what was written"),
            (decode_last_letter_alone, ""),
            (decode_answer_alone, "you return '?'"),
            (decode_too_briefly, ""),
            (decode_one_too_few, ""),
            (decode_stripped, "spaces are part of an answer"),
            (decode_as_list, "you return a list where a string is expected"),
        ),
        decode_inputs,
    ),
    "luck": Answers(
        (
            luck,
            luck_in_two_loops,
            luck_by_counters,
            luck_in_numpy,
            luck_in_torch,
            luck_by_einsum,
            luck_by_product,
            luck_by_shifts,
            luck_as_fraction,
            luck_by_shares,
            luck_by_recursion,
        ),
        (
            (luck_as_it_stands, "as they stand"),
            (luck_undivided, "divide by the number of questions"),
            (luck_as_share, "this is a share"),
            (luck_by_kind_of_answer, "a place that is answered often"),
            (luck_by_kind_of_place, "a place that is true often"),
            (luck_of_the_most_frequent, "not only the most frequent one"),
            (luck_of_members, "count matches, not places"),
            (luck_of_answers_that_are_places, ""),
            (luck_of_substrings, "York is not New York"),
            (luck_in_lower_case, ""),
            (luck_of_equal_places, ""),
            (luck_with_one_left_out, ""),
            (luck_of_one_answer, ""),
            (luck_in_whole_numbers, "you return"),
            (luck_of_places_with_themselves, ""),
            (luck_by_dealing, ""),
            (luck_by_drawing_kinds, ""),
        ),
        luck_inputs,
    ),
}
