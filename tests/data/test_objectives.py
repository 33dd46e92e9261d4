"""Tests of `nlp4.data.objectives`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from samples import TRAIN_SIZE, quick, write_corpus

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.corruption import Sequence, name_of
from nlp4.data.index import Index
from nlp4.data.objectives import (
    _POOL,
    OBJECTIVES,
    Batch,
    Batches,
    Shares,
    collate,
    like_lengths,
    mixture,
)
from nlp4.data.studying import Study, any_questions, names_and_words
from nlp4.data.vocabulary import IGNORED, MASK, PAD, Vocabulary
from nlp4.models.recall import last_named
from nlp4.support.errors import UserError
from nlp4.training.presets import wide_vocabulary

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


PEOPLE = {"Ada": 3, "Bruno": 1}


@quick
@given(st.data(), st.lists(sequences, min_size=1, max_size=5))
def test_places_are_about_whom_the_sequence_says(data: st.DataObject, rows: list[Sequence]) -> None:
    about = st.sampled_from([None, "Ada", "Bruno", "Somebody else"])
    told = [
        replace(
            row,
            about=data.draw(about),
            known_from=data.draw(st.integers(0, len(row.text))),
            written=data.draw(st.booleans()),
        )
        for row in rows
    ]
    batch, plain = collate(told, VOCABULARY, PEOPLE), collate(told, VOCABULARY)
    assert same(batch, plain)
    assert plain.named is plain.written is None
    assert [t is each for t, each in zip(plain.tensors, (plain.ids, plain.targets), strict=True)]
    assert batch.named is not None and batch.written is not None
    assert batch.named.tolist() == [
        [PEOPLE.get(row.about or "", 0) if t >= row.known_from else 0 for t in range(width)]
        for row in told
        for width in (batch.ids.shape[1],)
    ]
    assert batch.named.dtype == torch.int64
    assert batch.written.tolist() == [row.written for row in told]
    given_ = (batch.ids, batch.targets, batch.named, batch.written)
    assert [id(t) for t in batch.tensors] == [id(t) for t in given_]


def test_batches_number_people_as_they_are_told() -> None:
    def about(rng: np.random.Generator) -> Sequence:
        return replace(draw(rng), about=str(rng.choice(["Ada", "Bruno"])), known_from=5)

    batch = Batches(about, VOCABULARY, 8, seed=1, row_of=PEOPLE)[0]
    assert batch.named is not None
    assert set(batch.named[:, 5:].unique().tolist()) == {1, 3}
    assert not batch.named[:, :5].any()
    assert Batches(about, VOCABULARY, 8, seed=1)[0].named is None


def test_a_training_question_is_about_whom_an_index_finds_in_it(corpus: Corpus) -> None:
    """So a row is read at the same places in training and in asking."""
    vocabulary = Vocabulary.of((*(q.text for q in corpus.train), *corpus.biographies))
    index = Index([q.name for q in corpus.train], [], vocabulary.characters)
    draw = mixture(corpus, 256, (("questions", 1.0),))
    batches = Batches(draw, vocabulary, 8, seed=0, row_of=index.row_of)
    for step in range(8):
        ids, named = batches[step].ids, batches[step].named
        assert named is not None and named.any(1).all()
        assert torch.equal(last_named(torch.from_numpy(index.names_in(ids.numpy()))), named)


def test_a_question_in_any_words_is_about_whom_an_index_finds_in_it(corpus: Corpus) -> None:
    """In any case and order of names, where their letters are their own."""
    vocabulary, (names, words) = wide_vocabulary(corpus), names_and_words(corpus)
    index = Index(names, words, vocabulary.characters)
    study = Study(false_letters=0.0, strangers=0.0, surname_first=0.5, lower=0.3, upper=0.3)
    draw = any_questions(corpus, 256, study)
    batches = Batches(draw, vocabulary, 16, seed=0, row_of=index.row_of)
    for step in range(8):
        ids, named = batches[step].ids, batches[step].named
        assert named is not None and named.any(1).all()
        found = last_named(torch.from_numpy(index.names_in(ids.numpy())))
        # "Ada B. Poe, Jr." and "Poe, Ada B.": an index does not wait for a name's last period.
        period = ids.roll(-1, 1).eq(0) | ids.eq(vocabulary.encode(".")[0])
        assert torch.equal(found.where(~period, named), named)


STUDIED: Shares = (("fact_clozes", 0.5), ("any_questions", 0.5))


def test_clozes_write_the_rows_that_questions_only_read(corpus: Corpus) -> None:
    vocabulary, (names, _) = wide_vocabulary(corpus), names_and_words(corpus)
    numbers = {name: 1 + i for i, name in enumerate(names)}
    held = {numbers[q.name] for q in corpus.dev + corpus.test}
    trained = {numbers[q.name] for q in corpus.train}
    batches = Batches(mixture(corpus, 256, STUDIED), vocabulary, 16, seed=0, row_of=numbers)
    written, only_read = set[int](), set[int]()
    for step in range(_POOL):
        batch = batches[step]
        assert batch.named is not None and batch.written is not None
        for ids, named, writes in zip(batch.ids, batch.named, batch.written, strict=True):
            text = vocabulary.decode(ids.tolist()).rstrip(PAD)
            assert text.count(MASK) == (2 if writes else 1)
            about, start = int(named[-1]), int((named == 0).sum())
            assert not named[:start].any() and (named[start:] == about).all()
            assert not about or not start or not text[start - 1 : start + 1].isalnum()
            (written if writes else only_read).add(about)
    assert only_read == trained | {0}  # 0: strangers
    assert held <= written <= set(numbers.values())


def test_studying_is_a_function_of_the_seed_and_the_step(corpus: Corpus) -> None:
    vocabulary, (names, _) = wide_vocabulary(corpus), names_and_words(corpus)
    numbers = {name: 1 + i for i, name in enumerate(names)}

    def stream(seed: int) -> Batches:
        return Batches(mixture(corpus, 256, STUDIED), vocabulary, 4, seed, numbers)

    forward = stream(3)
    expected = [forward[step].tensors for step in range(_POOL + 2)]
    jumping = stream(3)
    for step in (_POOL + 1, 5, _POOL, 0):
        pairs = zip(jumping[step].tensors, expected[step], strict=True)
        assert all(torch.equal(a, b) for a, b in pairs) and len(expected[step]) == 4
    assert not torch.equal(stream(4)[0].ids, expected[0][0])


def test_a_training_question_is_about_somebody_as_the_biography_opens() -> None:
    text = "Ada Poe, Jr.. Ada Poe was born in Leeds ."
    asked = (Question("Where was Ada Poe, Jr. born?", "Leeds"),)
    corpus = Corpus(Path(), (text,), asked, (), ())
    (sequence,) = drawn(corpus, 128, (("questions", 1.0),), 1)
    assert (sequence.about,) == names_and_words(corpus)[0] == ("Ada Poe, Jr",)
    assert sequence.text[: sequence.known_from] == "Where was Ada Poe, Jr."


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


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(write_corpus(tmp_path_factory.mktemp("corpus")))


def drawn(corpus: Corpus, block: int, shares: Shares, number: int) -> list[Sequence]:
    draw, rng = mixture(corpus, block, shares), np.random.default_rng(0)
    return [draw(rng) for _ in range(number)]


def kind(sequence: Sequence) -> str:
    """Tell the objective from the sequence itself; one varied cloze looks like a salient one."""
    if sequence.scored_from == 1:
        return "span_corruption"
    return "questions" if sequence.prompt.count(MASK) == 1 else "salient_cloze"


def test_how_facts_are_studied_is_up_to_whoever_mixes(corpus: Corpus) -> None:
    for named in (0.0, 1.0):
        draw = mixture(corpus, 256, (("fact_clozes", 1.0),), Study(named=named))
        rng = np.random.default_rng(0)
        assert {draw(rng).text.startswith(" ") for _ in range(50)} == {named == 0}


@pytest.mark.parametrize("total", [1.0, 10.0])
def test_objectives_come_in_their_shares(corpus: Corpus, total: float) -> None:
    wanted = {"span_corruption": 0.5, "salient_cloze": 0.3, "questions": 0.2}
    shares = tuple((name, share * total) for name, share in wanted.items())
    counts = Counter(map(kind, drawn(corpus, 256, shares, 3_000)))
    assert set(counts) == set(wanted)
    for name, share in wanted.items():
        # The widest sd of a share of 3,000 is 0.0091; 4 sd are 0.037.
        assert counts[name] / 3_000 == pytest.approx(share, abs=0.037)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_one_objective_alone_and_none_at_all(corpus: Corpus, name: str) -> None:
    others = tuple((other, 0.0) for other in OBJECTIVES if other != name)
    found = {kind(s) for s in drawn(corpus, 256, (*others[:1], (name, 1.0), *others[1:]), 300)}
    looks = {"varied_cloze": "salient_cloze", "fact_clozes": "salient_cloze"}
    assert found == {(looks | {"any_questions": "questions"}).get(name, name)}


@pytest.mark.parametrize(("name", "share"), [("salient_cloze", 1.0), ("varied_cloze", 0.5)])
def test_half_of_the_varied_clozes_leave_out_the_names_period(
    corpus: Corpus, name: str, share: float
) -> None:
    openings = [f"{name_of(text)}." for text in corpus.biographies]
    found = drawn(corpus, 256, ((name, 1.0),), 2_000)
    ended = np.mean([any(s.text.startswith(o) for o in openings) for s in found])
    assert ended == pytest.approx(share, abs=0.045)  # 4 sd of a half of 2,000


def test_every_training_question_is_drawn_and_no_dev_question(corpus: Corpus) -> None:
    found = {s.text for s in drawn(corpus, 256, (("questions", 1.0),), 1_000)}
    assert found == {f"{q.text}{MASK}{q.place}{MASK}" for q in corpus.train}
    assert len(found) == TRAIN_SIZE
    everything = (("span_corruption", 1.0), ("salient_cloze", 1.0), ("questions", 1.0))
    texts = {s.text for s in drawn(corpus, 256, everything, 2_000)}
    assert not [q for q in corpus.dev + corpus.test for text in texts if q.text in text]


def test_a_question_without_a_place_is_not_drawn(corpus: Corpus) -> None:
    unknown = Question("Where was Nobody born?")
    more = replace(corpus, train=(*corpus.train, unknown))
    assert unknown.text not in {
        s.prompt.removesuffix(MASK) for s in drawn(more, 256, (("questions", 1.0),), 500)
    }


@pytest.mark.parametrize("name", OBJECTIVES)
def test_biographies_are_all_read_and_fit_the_block(corpus: Corpus, name: str) -> None:
    found = drawn(corpus, 48, ((name, 1.0),), 1_500)
    assert all(len(s.text) <= 48 for s in found)
    if name == "span_corruption":
        openings = {s.text[:2] for s in found}
        assert {text[:2] for text in corpus.biographies} <= openings
    if name.endswith("_cloze"):
        names = [p.partition(" ")[0] for p in corpus.biographies]
        assert {s.text.partition(" ")[0] for s in found} == set(names)


def test_the_same_generator_draws_the_same(corpus: Corpus) -> None:
    shares: Shares = (("span_corruption", 1.0), ("questions", 1.0))
    assert drawn(corpus, 128, shares, 50) == drawn(corpus, 128, shares, 50)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_without_text_is_refused(corpus: Corpus, name: str) -> None:
    empty = replace(corpus, biographies=("Ada.",) if name == "salient_cloze" else (), train=())
    with pytest.raises(UserError, match=f"{corpus.folder} holds no .* choose another objective"):
        mixture(empty, 128, (("span_corruption", 0.0), (name, 1.0))[1:])


def test_questions_too_long_for_the_block_are_refused(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="holds no training questions"):
        mixture(corpus, 20, (("questions", 1.0),))


def test_clozes_too_long_for_the_block_are_refused_or_drawn_again() -> None:
    text = "Ada Poe. Poe, a painter, was born in Leeds and died in Port of Spain ."
    corpus = Corpus(Path(), (text,), (), (), ())
    shortest = len(f"Ada Poe. {MASK}{MASK}Leeds{MASK}")
    found = drawn(corpus, shortest, (("salient_cloze", 1.0),), 20)
    assert {s.text for s in found} == {f"Ada Poe. {MASK}{MASK}Leeds{MASK}"}
    with pytest.raises(UserError, match="holds no biographies with a capitalised phrase"):
        mixture(corpus, shortest - 1, (("salient_cloze", 1.0),))


def test_biographies_too_short_to_corrupt_are_left_out() -> None:
    corpus = Corpus(Path(), ("abc", "abcdefgh"), (), (), ())
    found = drawn(corpus, 32, (("span_corruption", 1.0),), 100)
    assert all(len(s.text) >= 4 + 3 for s in found)


def test_an_unknown_objective_is_refused_with_the_ones_there_are(corpus: Corpus) -> None:
    with pytest.raises(UserError, match="no objective 'cloze': choose from span_corruption"):
        mixture(corpus, 64, (("cloze", 1.0),))  # type: ignore[arg-type]
