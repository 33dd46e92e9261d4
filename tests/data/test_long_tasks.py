"""The two long tasks: each answer stands far off in the sequence; held-out people stay unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.long_tasks import MASKED, PackedBiographies, Recall, packed_biographies
from nlp4.data.vocabulary import IGNORED, MASK
from nlp4.support.errors import UserError


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    keys=st.integers(1, 8),
    values=st.integers(2, 5),
    noise=st.integers(1, 4),
)
def test_every_question_is_answered_by_the_one_fact_of_its_key(
    seed: int, keys: int, values: int, noise: int
) -> None:
    task = Recall(256, keys, values, questions=20, noise=noise)
    batch = task.batch(2, np.random.default_rng(seed))
    first_fact, first_question = noise, noise + keys * values
    for ids, targets in zip(batch.ids.numpy(), batch.targets.numpy(), strict=True):
        facts = np.flatnonzero((ids >= first_fact) & (ids < first_question))
        said = {(ids[at] - noise) // values: (ids[at] - noise) % values for at in facts}
        assert len(facts) == len(said) == keys
        assert facts.min() >= 32 and facts.max() < 64
        asking = np.flatnonzero(ids >= first_question)
        assert np.array_equal(asking, np.flatnonzero(targets != IGNORED))
        assert [said[ids[at] - first_question] for at in asking] == list(targets[asking])
        assert (asking < 8).sum() == 8 and (asking >= 64).sum() == 20
        assert ids.max() < task.symbols and targets.max() < task.classes


def test_the_index_asks_for_every_key() -> None:
    task = Recall(256, keys=8)
    ids = task.batch(1, np.random.default_rng(0)).ids[0, :8]
    assert sorted(ids.tolist()) == list(task.question(np.arange(8)))


def test_values_are_even_and_do_not_tell_each_other() -> None:
    task = Recall(256, keys=2, values=3, questions=4)
    rng, counts = np.random.default_rng(1), np.zeros((3, 3))
    for _ in range(1800):
        targets = task.batch(1, rng).targets[0]
        counts[targets[0], targets[1]] += 1  # the index asks for key 0, then for key 1
    assert np.abs(counts - 200).max() < 5 * np.sqrt(200)


def test_held_out_sequences_stay_and_are_not_learnt_from() -> None:
    task = Recall(256, sequences=5, questions=24)
    held = task.held_out()
    assert held.ids.shape == (5, 256)
    assert held.ids.equal(task.held_out().ids)
    drawn = task.batch(200, np.random.default_rng((0, 0))).ids
    assert not any(row.equal(other) for row in held.ids for other in drawn)


@pytest.mark.parametrize("wrong", [{"n": 100}, {"n": 128, "keys": 5}, {"questions": 800}])
def test_a_recall_that_does_not_fit_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UserError, match="do not fit into n"):
        Recall(**wrong)


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
    assert packed.held_out().ids.equal(packed.held_out().ids)


def test_too_little_text_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"held-out \(dev\) people.*fewer than n = 300"):
        packed_biographies(corpus, 300)
    with pytest.raises(UserError, match=r"training people.*fewer than n = 5000"):
        packed_biographies(corpus, 5000)
    with pytest.raises(UserError, match="held-out"):
        packed_biographies(replace(corpus, dev=()), 64)
