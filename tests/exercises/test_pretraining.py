"""Tests of `nlp4.exercises.pretraining`: the references another way, and how draws are judged."""

from __future__ import annotations

from itertools import permutations
from statistics import mean

import numpy as np
import pytest
from answers import Answer, cases

from nlp4.data.corruption import question_pair, rearrange, span_bounds
from nlp4.data.objectives import collate
from nlp4.data.vocabulary import IGNORED, MASK, PAD, Vocabulary
from nlp4.exercises.checks import verdict
from nlp4.exercises.given import Speller
from nlp4.exercises.pretraining import ALWAYS_LONDON, CORRUPT, DECODE, INPUTS_AND_TARGETS, LUCK


def test_always_london_is_right_where_london_is_the_place() -> None:
    for (places,) in cases("always_london"):
        right = [i for i, place in enumerate(places) if place == "London"]
        assert ALWAYS_LONDON.reference(places) == pytest.approx(len(right) / len(places))


def test_inputs_and_targets_are_a_row_of_the_batch_that_the_model_is_finetuned_on() -> None:
    for question, place in cases("inputs_and_targets"):
        inputs, targets = INPUTS_AND_TARGETS.reference(question, place)
        vocabulary = Vocabulary.of([question, place])
        batch = collate([question_pair(question, place)], vocabulary)
        scored = [IGNORED if c == PAD else vocabulary.encode(c)[0] for c in targets]
        assert batch.ids.tolist() == [vocabulary.encode(inputs)]
        assert batch.targets.tolist() == [scored]


def test_the_first_target_that_counts_is_the_place_s_first_letter_where_the_mask_is_read() -> None:
    for question, place in cases("inputs_and_targets"):
        inputs, targets = INPUTS_AND_TARGETS.reference(question, place)
        first = inputs.rindex(MASK)
        assert targets[:first] == PAD * first and targets[first] == place[0]


def test_a_corrupted_text_can_be_put_together_again() -> None:
    for text, rng in cases("corrupt"):
        before, after, span, rest = CORRUPT.reference(text, rng).split(MASK)
        whole = before + span + after
        assert text.startswith(whole) and len(whole) >= 4 and span and not rest


def spans(size: Answer, start: Answer | None = None, cut: Answer | None = None) -> Answer:
    """A `corrupt` that draws the span's length, its place or the cut as it is told."""

    def corrupt(text, rng):
        n = int(rng.integers(4, len(text) + 1) if cut is None else cut(len(text), rng))
        long = min(n, max(1, int(size(n, rng))))
        begin = int(rng.integers(n - long + 1) if start is None else start(n - long, rng))
        return rearrange(text[:n], begin, begin + long)

    return corrupt


def quarter(n, rng):
    start, stop = span_bounds(n, 0.25, rng)
    return stop - start


@pytest.mark.parametrize(
    "size",
    [
        quarter,
        lambda n, rng: rng.integers(1, n // 2),
        lambda n, rng: rng.integers(1, n // 2 + 1),
        lambda n, rng: rng.uniform(0, n / 2),
        lambda n, rng: np.ceil(rng.uniform(0, n / 2)),
        lambda n, rng: rng.integers(n // 8, 3 * n // 8 + 1),
        lambda n, rng: rng.normal(n / 4, n / 12),
        lambda n, rng: rng.poisson(n / 4),
        lambda n, rng: rng.geometric(4 / n),
        lambda n, rng: n / 2 if rng.random() < 0.5 else 1,
        lambda n, rng: n // 4 + rng.integers(-1, 2),
    ],
)
def test_a_span_s_length_may_be_drawn_in_any_way_with_a_quarter_as_its_mean(size: Answer) -> None:
    assert verdict("corrupt", spans(size)).status == "right"


@pytest.mark.parametrize(
    ("answer", "fragment"),
    [
        (spans(lambda n, rng: n // 4), "equally long"),
        (spans(lambda n, rng: round(n / 4)), "equally long"),
        (spans(lambda n, rng: 3), "equally long"),
        (spans(lambda n, rng: rng.integers(1, n)), "of the cut text on average"),
        (spans(lambda n, rng: rng.integers(1, n // 4 + 1)), "of the cut text on average"),
        (spans(lambda n, rng: np.ptp(rng.integers(0, n, 2))), "of the cut text on average"),
        (spans(lambda n, rng: rng.integers(1, 5)), "of the cut text on average"),
        (spans(quarter, lambda last, rng: rng.integers(0, max(1, last))), "at the very end"),
        (spans(quarter, lambda last, rng: rng.integers(min(1, last), last + 1)), "very beginning"),
        (spans(quarter, lambda last, rng: last // 2), "draw it evenly"),
        (spans(quarter, lambda last, rng: rng.integers(0, last // 2 + 1)), "draw it evenly"),
        (spans(quarter, cut=lambda n, rng: rng.integers(4, max(5, n))), "to 4 characters"),
        (spans(quarter, cut=lambda n, rng: rng.integers(min(5, n), n + 1)), "to 4 characters"),
        (spans(quarter, cut=lambda n, rng: rng.integers(4, max(4, n // 2) + 1)), "draw it evenly"),
        (spans(quarter, cut=lambda n, rng: 4), "draw it evenly"),
        (spans(quarter, cut=lambda n, rng: max(4, 7 * n // 8)), "draw it evenly"),
    ],
)
def test_what_shows_in_many_draws_is_told(answer: Answer, fragment: str) -> None:
    found = verdict("corrupt", answer)
    assert found.status == "wrong"
    assert fragment in found.message, found.message


def test_a_span_that_is_drawn_from_elsewhere_shows_in_equal_generators() -> None:
    own = np.random.default_rng(0)
    found = verdict("corrupt", lambda text, rng: spans(quarter)(text, own))
    assert "draw all that is random from `rng`" in found.message


def test_what_is_decoded_is_what_the_speller_spells() -> None:
    for speller, prompt in cases("decode"):
        assert DECODE.reference(speller, prompt) == speller.answer
        assert speller.asked == len(speller.answer) + 1


def test_a_speller_s_best_character_is_neither_always_first_nor_always_last() -> None:
    speller = Speller("Who?", "Ada Quill", level=-1.0)
    asked = [speller("Who?" + speller.answer[:i]) for i in range(9)]
    places = [list(scores).index(letter) for scores, letter in zip(asked, "Ada Quill", strict=True)]
    seconds = [sorted(scores, key=scores.__getitem__)[-2] for scores in asked]
    assert len(set(places)) > 2 and len(set(seconds)) > 2
    assert all(len(set(scores.values())) == len(scores) for scores in asked)
    assert any(MASK in scores for scores in asked)


def test_a_speller_that_is_asked_for_ever_stops_the_loop() -> None:
    speller = Speller("Who?", "Ada")
    with pytest.raises(RuntimeError, match="append each character"):
        for _ in range(1000):
            speller("Who?")


def test_luck_is_the_mean_over_all_orders_of_the_answers() -> None:
    for answers, places in cases("luck"):
        if len(answers) <= 5:
            orders = permutations(answers)
            right = (sum(a == p for a, p in zip(each, places, strict=True)) for each in orders)
            assert LUCK.reference(answers, places) == pytest.approx(mean(right))
