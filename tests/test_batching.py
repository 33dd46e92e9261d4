"""Batches: nothing but the seed and the step decides them, and targets are what comes next."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from samples import quick

from nlp4.batching import _POOL, Batch, Batches, collate, like_lengths
from nlp4.corruption import Sequence
from nlp4.vocabulary import IGNORED, Vocabulary

VOCABULARY = Vocabulary.of(["abcdefghij"])


def draw(rng: np.random.Generator) -> Sequence:
    """A text of 10 to 110 characters, scored from anywhere but the first."""
    text = "".join(rng.choice(list("abcdefghij"), size=rng.integers(10, 111)))
    return Sequence(text, int(rng.integers(1, len(text))))


def same(a: Batch, b: Batch) -> bool:
    return torch.equal(a.ids, b.ids) and torch.equal(a.targets, b.targets)


def test_the_order_of_access_does_not_matter() -> None:
    forward = Batches(draw, VOCABULARY, 4, seed=7)
    expected = [forward[step] for step in range(2 * _POOL + 3)]
    jumping = Batches(draw, VOCABULARY, 4, seed=7)
    order = np.random.default_rng(0).permutation(2 * _POOL + 3)
    assert all(same(jumping[int(step)], expected[step]) for step in order)
    assert same(Batches(draw, VOCABULARY, 4, seed=7)[33], expected[33])


def test_global_random_state_does_not_matter() -> None:
    before = Batches(draw, VOCABULARY, 4, seed=7)[5]
    state = torch.get_rng_state()
    torch.manual_seed(99)
    after = Batches(draw, VOCABULARY, 4, seed=7)[5]
    torch.set_rng_state(state)
    assert same(before, after)


def test_seeds_and_steps_differ() -> None:
    batches = [Batches(draw, VOCABULARY, 4, seed=seed)[step] for seed in (0, 1) for step in (0, 1)]
    batches += [Batches(draw, VOCABULARY, 4, seed=0)[_POOL]]
    assert len({batch.ids.numpy().tobytes() for batch in batches}) == 5


def test_every_sequence_that_was_drawn_is_read_once() -> None:
    drawn: list[str] = []

    def recorded(rng: np.random.Generator) -> Sequence:
        sequence = draw(rng)
        drawn.append(sequence.text)
        return sequence

    batches = Batches(recorded, VOCABULARY, 8, seed=1)
    read = []
    for step in range(_POOL):
        ids, targets = batches[step].ids, batches[step].targets
        for row, target in zip(ids.tolist(), targets.tolist(), strict=True):
            length = max(i for i, t in enumerate(target) if t != IGNORED) + 1
            read.append(VOCABULARY.decode([*row[:length], target[length - 1]]))
    assert sorted(read) == sorted(drawn)
    assert len(read) == _POOL * 8


sequences = st.text("abcdefghij", min_size=2, max_size=12).flatmap(
    lambda text: st.builds(Sequence, st.just(text), st.integers(1, len(text) - 1))
)


@quick
@given(st.lists(sequences, min_size=1, max_size=5))
def test_targets_are_the_next_characters_exactly_where_scored(rows: list[Sequence]) -> None:
    batch = collate(rows, VOCABULARY)
    width = max(len(row.text) for row in rows) - 1
    assert batch.ids.shape == batch.targets.shape == (len(rows), width)
    assert batch.ids.dtype == batch.targets.dtype == torch.int64
    for r, row in enumerate(rows):
        for t in range(width):
            read = row.text[t] if t < len(row.text) - 1 else "□"
            assert VOCABULARY.characters[batch.ids[r, t]] == read
            scored = row.scored_from <= t + 1 < len(row.text)
            target = int(batch.targets[r, t])
            assert (VOCABULARY.characters[target] == row.text[t + 1]) if scored else target == -1


def test_characters_count_padding_too() -> None:
    batch = collate([Sequence("abc", 1), Sequence("abcdef", 1)], VOCABULARY)
    assert batch.characters == 2 * 5


def pair(rng: np.random.Generator) -> Sequence:
    """A prompt of 15 to 45 characters and an answer of 3 to 30, one independent of the other."""
    prompt, answer = int(rng.integers(15, 46)), int(rng.integers(3, 31))
    return Sequence("a" * (prompt + answer), prompt)


def padding(batches: list[Batch]) -> tuple[float, float]:
    """How much of the texts, and of the last layer's rows, is wasted on shorter rows."""
    read = sum(int((b.ids != 0).sum()) for b in batches)
    scored = [(b.targets != IGNORED).sum(1) for b in batches]
    return (
        1 - read / sum(b.ids.numel() for b in batches),
        1 - sum(int(s.sum()) for s in scored) / sum(int(s.max()) * len(s) for s in scored),
    )


def test_rows_of_a_batch_are_of_like_length() -> None:
    batches = Batches(pair, VOCABULARY, 16, seed=3)
    in_texts, in_answers = padding([batches[step] for step in range(_POOL)])
    rng = np.random.default_rng(3)
    unsorted = [collate([pair(rng) for _ in range(16)], VOCABULARY) for _ in range(_POOL)]
    plain_texts, plain_answers = padding(unsorted)
    # Unsorted, three tenths of the texts and four tenths of the answers would be padding.
    assert plain_texts > 0.25
    assert plain_answers > 0.35
    assert in_texts < 0.10
    assert in_answers < 0.22


@quick
@given(st.lists(sequences, min_size=1, max_size=40), st.integers(1, 6))
def test_ordering_by_length_loses_nothing(rows: list[Sequence], groups: int) -> None:
    ordered = like_lengths(rows, groups)
    assert sorted(map(repr, ordered)) == sorted(map(repr, rows))


def test_lengths_do_not_rise_with_the_steps() -> None:
    batches = Batches(pair, VOCABULARY, 16, seed=3)
    answers = [float((batches[step].targets != IGNORED).sum()) for step in range(_POOL)]
    widths = [batches[step].ids.shape[1] for step in range(_POOL)]
    for sizes in (answers, widths):
        # Without shuffling, steps and sizes go together: 0.9 for answers, 0.6 for texts.
        assert abs(np.corrcoef(sizes, range(_POOL))[0, 1]) < 0.4
