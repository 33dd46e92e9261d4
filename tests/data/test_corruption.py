"""What the model reads: each sequence must lead back to the text it was made from."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import Person, people, quick

from nlp4.data.corruption import (
    corrupt_span,
    name_of,
    question_pair,
    rearrange,
    salient_cloze,
    salient_spans,
    shortest_cloze,
    span_bounds,
)
from nlp4.data.vocabulary import MASK, PAD

seeds = st.integers(0, 2**32 - 1)
plain = st.text(st.characters(exclude_characters=PAD + MASK), min_size=4, max_size=300)


def restored(corrupted: str) -> tuple[str, str]:
    """Undo span corruption from its definition alone; return the text and the span."""
    prefix, suffix, span, after = corrupted.split(MASK)
    assert after == ""
    return prefix + span + suffix, span


@quick
@given(text=plain, block=st.integers(8, 300), seed=seeds)
def test_span_corruption_leads_back_to_the_text(text: str, block: int, seed: int) -> None:
    sequence = corrupt_span(text, block, np.random.default_rng(seed))
    whole, span = restored(sequence.text)
    assert text.startswith(whole)
    assert min(4, len(text)) <= len(whole) <= 7 * block / 8
    assert len(span) >= 1
    assert sequence.scored_from == 1
    assert len(sequence.text) <= 7 * block / 8 + 3
    again = corrupt_span(text, block, np.random.default_rng(seed))
    assert again == sequence


def test_every_cut_from_four_to_seven_eighths_of_the_block_occurs() -> None:
    rng = np.random.default_rng(0)
    text = "x" * 200
    cuts = [len(restored(corrupt_span(text, 32, rng).text)[0]) for _ in range(2_000)]
    assert set(cuts) == set(range(4, 29))
    # Uniform on 4 .. 28: mean 16, sd 7.2, so the mean of 2,000 lies within 0.65 at 4 sd.
    assert np.mean(cuts) == pytest.approx(16, abs=0.65)


def test_a_quarter_of_the_text_is_the_span_on_average() -> None:
    rng = np.random.default_rng(1)
    drawn = [restored(corrupt_span("y" * 200, 128, rng).text) for _ in range(4_000)]
    shares = [len(span) / len(text) for text, span in drawn]
    # A share is about uniform on 0 .. 1/2, sd 0.144: the mean of 4,000 has sd 0.0023.
    assert np.mean(shares) == pytest.approx(0.25, abs=0.01)
    assert max(shares) < 0.5 + 1e-9


@quick
@given(length=st.integers(1, 200), share=st.floats(0.01, 1.0), seed=seeds)
def test_a_span_lies_inside_the_text(length: int, share: float, seed: int) -> None:
    start, stop = span_bounds(length, share, np.random.default_rng(seed))
    assert 0 <= start < stop <= length


def test_a_span_may_stand_anywhere() -> None:
    rng = np.random.default_rng(2)
    bounds = [span_bounds(10, 0.25, rng) for _ in range(2_000)]
    assert {start for start, _ in bounds} == set(range(10))
    assert {stop for _, stop in bounds} == set(range(1, 11))


def test_rearranged_by_hand() -> None:
    assert rearrange("abcdef", 2, 4) == f"ab{MASK}ef{MASK}cd{MASK}"


def test_a_question_pair_counts_the_place_and_the_closing_mask_alone() -> None:
    pair = question_pair("Where was Ada born?", "Leeds")
    assert pair.text == f"Where was Ada born?{MASK}Leeds{MASK}"
    assert pair.prompt == f"Where was Ada born?{MASK}"
    assert pair.answer == f"Leeds{MASK}"
    assert pair.prompt + pair.answer == pair.text
    assert pair.text[pair.scored_from] == "L"


@pytest.mark.parametrize(
    "biography, name",
    [
        ("Ada Okafor. Ada Okafor was born in Leeds .", "Ada Okafor"),
        ("John F. Doe. He was born in Leeds .", "John F. Doe"),
        ("J. R. R. Smith. Smith was born in Leeds .", "J. R. R. Smith"),
        ("Asa Yancey, Sr.. Asa Yancey was born in Leeds .", "Asa Yancey, Sr"),
        ("Ann Lee, Jr.. Ann Lee was born in Leeds .", "Ann Lee, Jr"),
        ("Ruth St. Denis. Ruth was born in Leeds .", "Ruth St. Denis"),
        ("Élise O'Brien-Žák. Born in Leeds .", "Élise O'Brien-Žák"),
        ("Frank Lee, Jr. Lee was born in Leeds .", "Frank Lee, Jr"),
        ("Otto Lee Sr. Lee was born in Leeds .", "Otto Lee Sr"),
        ("Dr. Dre. Dre was born in Leeds .", "Dr. Dre"),
        ("", ""),
    ],
)
def test_the_name_ends_at_its_own_period(biography: str, name: str) -> None:
    assert name_of(biography) == name


def test_names_of_made_up_people() -> None:
    assert [name_of(p.biography) for p in people()] == [p.name for p in people()]


def test_salient_spans_are_the_phrases_that_carry_facts() -> None:
    text = "Ada Poe. Born on 3 March 1950 in Port of Spain, Poe met Tom Ray at Bell Labs ."
    assert [text[a:b] for a, b in salient_spans(text)] == ["Port of Spain", "Tom Ray", "Bell Labs"]


@quick
@given(person=st.sampled_from(people()), seed=seeds)
def test_a_salient_cloze_masks_one_fact_and_keeps_little_else(person: Person, seed: int) -> None:
    sequence = salient_cloze(person.biography, np.random.default_rng(seed))
    assert sequence is not None
    opening = f"{person.name}. "
    assert sequence.prompt.startswith(opening)
    left, right, nothing = sequence.prompt.removeprefix(opening).split(MASK)
    assert nothing == ""
    assert sequence.answer.endswith(MASK)
    span = sequence.answer.removesuffix(MASK)
    assert span[0].isupper()
    assert not set(re.findall(r"\w+", span)) & set(re.findall(r"\w+", person.name))
    assert left + span + right in person.biography.removeprefix(opening)
    assert len(left) <= 24
    assert len(right) <= 6


def clozes(name_only: float, number: int, **context: int) -> list[tuple[str, str, str]]:
    """The context before, the context behind and the span of many clozes of one biography."""
    text = "Ada Poe. Poe, who lived a very long and very quiet life, was born in Leeds in a barn ."
    rng, found = np.random.default_rng(3), []
    for _ in range(number):
        sequence = salient_cloze(text, rng, name_only=name_only, **context)
        assert sequence is not None
        left, right, _ = sequence.prompt.removeprefix("Ada Poe. ").split(MASK)
        found.append((left, right, sequence.answer))
    return found


def test_a_cloze_reaches_as_far_as_it_may_and_no_farther() -> None:
    found = clozes(0.0, 1_000)
    assert {len(left) for left, _, _ in found} == set(range(25))
    assert {len(right) for _, right, _ in found} == set(range(7))
    found = clozes(0.0, 100, before=2, after=1)
    assert {len(left) for left, _, _ in found} == {0, 1, 2}
    assert {len(right) for _, right, _ in found} == {0, 1}


def test_the_context_does_not_reach_into_the_name() -> None:
    rng = np.random.default_rng(6)
    prompts = {
        s.prompt for _ in range(500) if (s := salient_cloze("Ada Poe. In a Leeds .", rng, after=0))
    }
    assert prompts == {
        f"Ada Poe. {left}{MASK}{MASK}" for left in ("", " ", "a ", " a ", "n a ", "In a ")
    }


def test_a_period_follows_the_name_as_often_as_is_asked() -> None:
    text, rng = "Ada Poe. Born in Leeds .", np.random.default_rng(7)
    found = [salient_cloze(text, rng, period=0.25, name_only=1.0) for _ in range(1_000)]
    prompts = Counter(s.prompt for s in found if s is not None)
    assert set(prompts) == {f"Ada Poe. {MASK}{MASK}", f"Ada Poe {MASK}{MASK}"}
    assert prompts[f"Ada Poe. {MASK}{MASK}"] / 1_000 == pytest.approx(0.25, abs=0.055)  # 4 sd
    never = salient_cloze(text, rng, period=0.0, before=8)
    assert never is not None and never.prompt.startswith("Ada Poe ")


def test_some_clozes_give_the_name_alone() -> None:
    assert set(clozes(1.0, 50)) == {("", "", f"Leeds{MASK}")}
    bare = np.mean([not left and not right for left, right, _ in clozes(0.3, 2_000)])
    # 0.3, and of the rest one in 25 * 7 by chance: 0.304, sd 0.0103, so 4 sd.
    assert bare == pytest.approx(0.304, abs=0.041)


def test_every_salient_span_is_masked_at_some_time() -> None:
    text, rng = people()[0].biography, np.random.default_rng(4)
    answers = {s.answer for _ in range(200) if (s := salient_cloze(text, rng))}
    assert answers == {text[a:b] + MASK for a, b in salient_spans(text)}
    assert len(answers) == 3


@pytest.mark.parametrize("person", people()[:5], ids=lambda person: person.name)
def test_no_cloze_is_shorter_than_the_shortest(person: Person) -> None:
    rng = np.random.default_rng(5)
    lengths = {
        len(s.text) for _ in range(300) if (s := salient_cloze(person.biography, rng)) is not None
    }
    assert min(lengths) == shortest_cloze(person.biography)


@pytest.mark.parametrize("text", ["Ada Poe. Poe was born at sea .", "Ada Poe. Born in May .", ""])
def test_a_biography_without_a_fact_has_no_cloze(text: str) -> None:
    assert salient_cloze(text, np.random.default_rng(0)) is None
    assert shortest_cloze(text) == float("inf")


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Ada Poe, Jr. Poe, Jr sang in Leeds .", ["Leeds"]),  # her own name, comma and all
        ("Ada Poe. In Leeds she met Élise .", ["Leeds", "Élise"]),  # the opening word alone goes
        ("Ada Poe. She saw ūkis and Ūla .", ["Ūla"]),  # small letters beyond Latin-1 are small
    ],
)
def test_which_phrases_are_salient(text: str, phrases: list[str]) -> None:
    assert [text[start:stop] for start, stop in salient_spans(text)] == phrases
