"""The two long tasks: each answer stands far off in the sequence; held-out people stay unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.long_tasks import (
    DEV,
    MASKED,
    TEST,
    PackedBiographies,
    Recall,
    packed_biographies,
    seen,
)
from nlp4.data.objectives import Batch
from nlp4.data.vocabulary import IGNORED, MASK
from nlp4.support.errors import UserError


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6), pairs=st.integers(1, 16), noise=st.integers(1, 9), far=st.booleans()
)
def test_every_key_is_asked_once_and_answered_by_its_own_pair(
    seed: int, pairs: int, noise: int, far: bool
) -> None:
    task = Recall(128, pairs, far, noise=noise, symbols=200)
    keys, values = range(noise, noise + task.values), range(noise + task.values, 200)
    batch = task.batch(2, np.random.default_rng(seed))
    for ids, targets in zip(batch.ids.tolist(), batch.targets.tolist(), strict=True):
        said = {ids[i]: ids[i + 1] for i in range(127) if ids[i + 1] in values}
        assert len(said) == pairs and all(key in keys for key in said)
        asked = [i for i in range(128) if targets[i] != IGNORED]
        assert sorted(ids[i] for i in asked) == sorted(said)
        assert all(targets[i] == said[ids[i]] for i in asked)
        assert sum(symbol >= noise for symbol in ids) == 3 * pairs  # all else is noise
        told = [i for i in range(128) if ids[i] in values]
        assert told == list(range(1, 2 * pairs, 2)) or far
        assert not far or (min(told) > 32 and max(told) < 64 and min(asked) >= 96)


def test_questions_come_the_sooner_the_likelier_as_published() -> None:
    """The first drawn place of `i ** (0.01 - 1)` and, far off, of equal chances."""
    for far, weights in ((False, np.arange(1.0, 63) ** -0.99), (True, np.ones(16))):
        task = Recall(64, 1, far)
        targets = task.batch(4000, np.random.default_rng(0)).targets.numpy()
        found = (targets != IGNORED).mean(axis=0)[task.asked.start :]
        expected = weights / weights.sum()
        assert np.abs(found - expected).max() < 5 * np.sqrt(0.25 / 4000) * np.sqrt(expected.max())


def test_keys_and_values_are_even_and_do_not_tell_each_other() -> None:
    task = Recall(64, 1, symbols=64 + 2 * 3)
    counts = np.zeros((3, 3))
    for key, value in task.batch(1800, np.random.default_rng(1)).ids[:, :2].tolist():
        counts[key - 64, value - 67] += 1
    assert np.abs(counts - 200).max() < 5 * np.sqrt(200)
    assert task.guess == 1 / 3


def test_held_out_sequences_stay_and_are_not_learnt_from() -> None:
    task = Recall(64, sequences=50)
    dev, test = task.held_out(DEV), task.held_out(TEST)
    assert dev.ids.shape == (5, 64) and test.ids.shape == (50, 64)
    assert test.ids.equal(task.held_out(TEST).ids)
    drawn = torch.cat([task.batch(200, np.random.default_rng((0, 0))).ids, dev.ids])
    assert not any(row.equal(other) for row in test.ids for other in drawn)


@pytest.mark.parametrize(
    "wrong", [{"pairs": 0}, {"pairs": 22}, {"far": True, "pairs": 9}, {"symbols": 70, "pairs": 4}]
)
def test_a_recall_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="pairs do not fit into n = 64: choose 1 to"):
        Recall(**wrong)


def test_the_most_pairs_fit() -> None:
    for task in (Recall(64, 21), Recall(64, 8, far=True), Recall(64, 3, symbols=70)):
        assert (task.batch(1, np.random.default_rng(0)).targets != IGNORED).sum() == task.pairs


@given(st.sampled_from([64, 256, 1024]), st.sampled_from([4, 8]), st.booleans())
def test_a_shorter_task_has_the_pairs_that_fit(n: int, pairs: int, far: bool) -> None:
    task = Recall(n, pairs, far)
    for times in (1, 2, 4, n // 16):
        short = task.shorter(times)
        assert short.n == n // times and 1 <= short.pairs <= pairs
        assert (short.symbols, short.noise, short.far) == (task.symbols, task.noise, far)
        assert 3 * short.pairs <= short.n


def test_what_is_seen_is_counted_text_by_text() -> None:
    ids = torch.tensor([[9, 5, 0, 9, 0, 9], [8, 6, 8, 0, 0, 0]])
    targets = torch.full((2, 6), IGNORED)
    targets[0, 3], targets[0, 5], targets[1, 2] = 5, 5, 6
    joined = np.zeros((6, 6), dtype=bool)
    assert seen(Batch(ids, targets), joined) == 0
    joined[3, 1] = True  # the first text's first question sees its answer
    assert seen(Batch(ids, targets), joined) == pytest.approx(1 / 3)
    joined[2, :] = True
    assert seen(Batch(ids, targets), joined) == pytest.approx(2 / 3)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))


@pytest.fixture(scope="module")
def packed(corpus: Corpus) -> PackedBiographies:
    return packed_biographies(corpus, 64)


def texts(task: PackedBiographies) -> list[str]:
    return [task.vocabulary.decode(ids.tolist()) for ids in task.people]


def test_no_held_out_person_is_learnt_from(corpus: Corpus, packed: PackedBiographies) -> None:
    learnt = texts(packed)
    held = "".join(packed.vocabulary.decode(row.tolist()) for row in packed.held)
    dev = [question.name for question in corpus.dev]
    assert len(learnt) == len(corpus.biographies) - len(dev)
    assert not [name for name in dev if any(name in text for text in learnt)]
    assert dev[0] in held and not any(text in held for text in learnt)


def test_no_embedded_person_who_is_held_out_is_learnt_from() -> None:
    corpus = load_corpus()
    task = packed_biographies(corpus, 1024)
    opening = {text.split(". ")[0] for text in texts(task)}
    assert not opening & {question.name for question in corpus.dev}
    assert len(task.people) + len(corpus.dev) <= len(corpus.biographies)
    assert task.held.shape[1] == 1024 and len(task.held) > 30


def test_what_was_masked_restores_the_text(packed: PackedBiographies) -> None:
    batch = packed.batch(6, np.random.default_rng(2))
    mask = packed.vocabulary.encode(MASK)[0]
    asked = batch.targets != IGNORED
    assert asked.equal(batch.ids == mask)
    restored = batch.ids.where(~asked, batch.targets)
    for row in restored:
        text = packed.vocabulary.decode(row.tolist())
        *whole, cut = text.split("\n")
        assert all(f"{line}\n" in texts(packed) for line in whole)
        assert any(person.startswith(cut) for person in texts(packed))
        assert len(set(whole)) == len(whole)


def test_the_share_of_masks() -> None:
    task = packed_biographies(load_corpus(), 1024)
    share = (task.batch(20, np.random.default_rng(0)).targets != IGNORED).float().mean()
    assert abs(float(share) - MASKED) < 4 * np.sqrt(MASKED * (1 - MASKED) / (20 * 1024)) + 1 / 1024


def test_held_out_masks_stay(packed: PackedBiographies) -> None:
    dev, test = packed.held_out(DEV), packed.held_out(TEST)
    assert dev.ids.equal(packed.held_out(DEV).ids) and test.ids.equal(packed.held_out(TEST).ids)
    assert len(dev.ids) + len(test.ids) == len(packed.held) and len(test.ids) >= len(dev.ids) > 0


def test_too_little_text_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"held-out \(dev\) people.*fewer than the 600 that n = 300"
    ):
        packed_biographies(corpus, 300)
    with pytest.raises(UserError, match=r"training people.*fewer than the 5000 that n = 5000"):
        packed_biographies(corpus, 5000)
    with pytest.raises(UserError, match="held-out"):
        packed_biographies(replace(corpus, dev=()), 64)
