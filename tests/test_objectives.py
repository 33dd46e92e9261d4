"""What training draws: each objective in its share, and never a question that is held back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from samples import TRAIN_SIZE, write_corpus

from nlp4.corpus import Corpus, Question, load_corpus
from nlp4.corruption import Sequence, name_of
from nlp4.errors import UserError
from nlp4.objectives import OBJECTIVES, Shares, mixture
from nlp4.vocabulary import MASK


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
    assert found == {name.replace("varied", "salient")}


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
