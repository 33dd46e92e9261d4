"""Rows of people: read through the gate where somebody is named, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_letters

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from samples import quick, random_gpt
from torch import Tensor

from nlp4.data.vocabulary import IGNORED, MASK, PAD
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.memory import Letters, MemoryConfig
from nlp4.models.recall import Recall, RecallConfig, last_named

CHARACTERS = (PAD, MASK, *" ,.?", *ascii_letters)
NAMES = ("Ada Poelle", "Bruno Poelle", "Dora", "Ada Poelle Dufour")
CONFIG = RecallConfig(NAMES, ("was", "born", "made"), CHARACTERS, width=5)
WIDTH = 6


def encode(*texts: str) -> Tensor:
    width = max(map(len, texts))
    return torch.tensor([[CHARACTERS.index(c) for c in text.ljust(width, PAD)] for text in texts])


def fresh(seed: int = 0) -> Recall:
    return Recall(CONFIG, WIDTH, torch.Generator().manual_seed(seed))


def random_recall(seed: int = 0) -> Recall:
    """Every number is random, but for the rows of nobody and of no word."""
    recall, generator = fresh(), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in recall.parameters():
            p.normal_(0.0, 1.0, generator=generator)
        recall.people.weight[0] = recall.words.weight[0] = 0.0
    return recall.double()


def states(batch: int = 3, n: int = 7) -> Tensor:
    return torch.randn(batch, n, WIDTH, generator=torch.Generator().manual_seed(9)).double()


def numbers(batch: int = 3, n: int = 7) -> Tensor:
    """Some of four people, and nobody."""
    return torch.randint(0, 5, (batch, n), generator=torch.Generator().manual_seed(8))


def test_what_is_read_is_what_the_formula_says() -> None:
    recall, x, named = random_recall(), states(), numbers()
    weights = {name: p.detach().numpy() for name, p in recall.named_parameters()}
    with torch.no_grad():
        out = recall(x, named)
    for b in range(3):
        for t in range(7):
            here = x[b, t].numpy()
            normed = (here - here.mean()) / np.sqrt(((here - here.mean()) ** 2).mean() + 1e-5)
            normed = normed * weights["norm.weight"] + weights["norm.bias"]
            gate = weights["gate.weight"] @ normed + weights["gate.bias"]
            row = weights["people.weight"][int(named[b, t])]
            expected = here + weights["write.weight"] @ (gate * row)
            np.testing.assert_allclose(out[b, t].numpy(), expected, rtol=0, atol=1e-12)


def test_a_fresh_gate_is_open_and_rows_are_empty() -> None:
    recall, x = fresh(), states().float()
    assert not recall.people.weight.any() and not recall.words.weight.any()
    assert (recall.gate.bias == 1).all() and recall.gate.weight.any() and recall.write.weight.any()
    assert torch.equal(recall(x, numbers()), x)
    assert recall.people.weight.shape == (5, 5)
    assert recall.words.weight.shape == (4, WIDTH)


def test_nobody_adds_nothing_at_all() -> None:
    recall, x, named = random_recall(), states(), numbers()
    with torch.no_grad():
        assert torch.equal(recall(x, torch.zeros_like(named)), x)
        moved = (recall(x, named) != x).any(-1)
    assert torch.equal(moved, named > 0)


def test_the_rows_of_nobody_and_of_no_word_stay_empty_in_training() -> None:
    recall, x, ids = fresh(), states().float(), encode("Was Ada born, made.", "ad was. Ola Poe?")
    rows = [recall.people.weight, recall.words.weight]
    dense = [p for p in recall.parameters() if all(p is not row for row in rows)]
    optimisers = [torch.optim.SparseAdam(rows, lr=0.1), torch.optim.SGD(dense, lr=0.1)]
    wanted = states().flip(0).float()
    for _ in range(3):
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss = (recall(x, numbers()) - wanted).square().sum()
        loss = loss + (recall.words_at(ids) - 1.0).square().sum()
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
    assert not recall.people.weight[0].any() and not recall.words.weight[0].any()
    assert recall.people.weight[1:].all() and recall.words.weight[1:].all()


def test_only_the_rows_that_were_read_learn() -> None:
    recall, named = random_recall(), torch.tensor([[0, 2, 2], [0, 0, 4]])
    recall(states(2, 3), named).sum().backward()
    recall.words_at(encode("made, was.", "mad as him")).sum().backward()
    for table, read in ((recall.people, {2, 4}), (recall.words, {1, 3})):
        gradient = table.weight.grad
        assert gradient is not None
        assert gradient.is_sparse
        assert set(gradient.coalesce().indices().flatten().tolist()) == read


def test_texts_that_are_not_written_leave_no_mark_in_the_rows() -> None:
    """Not even a gradient of zero, by which an optimiser with momentum would move a row."""
    named, x = torch.tensor([[0, 2, 1], [3, 3, 1], [0, 4, 4]]), states(3, 3)
    written = torch.tensor([True, False, True])

    def gradients(x: Tensor, named: Tensor, written: Tensor | None) -> dict[str, Tensor]:
        recall, weight = random_recall(), states(3, 3)[: len(x)]
        (recall(x, named, written) * weight).sum().backward()
        return {k: p.grad for k, p in recall.named_parameters() if p.grad is not None}

    some, every = gradients(x, named, written), gradients(x, named, None)
    both = states(3, 3)
    recall = random_recall()
    (recall(x[written], named[written]) * both[written]).sum().backward()
    expected = recall.people.weight.grad
    assert expected is not None
    found = some["people.weight"].coalesce()
    assert set(found.indices().flatten().tolist()) == {1, 2, 4}
    torch.testing.assert_close(found.to_dense(), expected.to_dense(), rtol=0, atol=1e-12)
    # The gate and the rest learn from all texts, and what is read is the same.
    for name in ("gate.weight", "gate.bias", "write.weight", "norm.weight", "norm.bias"):
        torch.testing.assert_close(some[name], every[name], rtol=0, atol=1e-12)
    with torch.no_grad():
        assert torch.equal(recall(x, named, written), recall(x, named))


def test_numbers_are_dropped_in_training_from_rows_that_are_only_read() -> None:
    recall = Recall(replace(CONFIG, dropout=0.5), WIDTH, torch.Generator()).double()
    recall.load_state_dict(random_recall().state_dict())
    x, named, written = states(), numbers().clamp(min=1), torch.tensor([True, False, True])
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        plain, dropped = recall(x, named), recall(x, named, written)
        assert torch.equal(plain[written], dropped[written])
        assert not torch.isclose(plain[~written], dropped[~written]).all(-1).any()
        assert torch.equal(recall.eval()(x, named, written), plain)


@quick
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(
            st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=n, max_size=n),
            min_size=1,
            max_size=4,
        )
    )
)
def test_the_last_one_who_was_named_is_spoken_of(found: list[list[int]]) -> None:
    expected = []
    for row in found:
        now, carried = 0, []
        for number in row:
            now = number or now
            carried.append(now)
        expected.append(carried)
    assert last_named(torch.tensor(found)).tolist() == expected


def test_a_text_is_about_whom_it_named_last() -> None:
    recall = fresh()
    row = {name: recall.index.row_of[name] for name in NAMES}
    text = "Was ADA POELLE kin of Dora?"
    spoken = recall.named(encode(text, "Was Oda born?"))
    assert spoken.dtype == torch.int64
    ends = text.index(" kin"), text.index("?")
    expected = [0] * ends[0] + [row["Ada Poelle"]] * (ends[1] - ends[0]) + [row["Dora"]]
    assert spoken.tolist() == [expected, [0] * len(text)]


def test_words_are_read_where_they_end() -> None:
    recall, text = random_recall(), "WAS was, bo"
    with torch.no_grad():
        rows = recall.words_at(encode(text, "made?"))
    assert rows.shape == (2, len(text), WIDTH)
    table, expected = recall.words.weight.detach(), torch.zeros(2, len(text), WIDTH).double()
    expected[0, 3] = expected[0, 7] = table[1]
    expected[1, 4] = table[3]
    assert torch.equal(rows, expected)


# In a model

CAPITALS = tuple(i for i, c in enumerate(CHARACTERS) if c.isupper())
LETTERS = Letters((2,), (0, 1, 3, 4, 5), CAPITALS, masks=(1,))
MEMORY = MemoryConfig(LETTERS, ngrams=(2,), names=False, isolated=True, answers=True, rows=101)
MODEL = ModelConfig(
    len(CHARACTERS), block=40, layers=2, heads=2, width=8, dropout=0.0, memory=MEMORY, recall=CONFIG
)
TEXTS = (
    f"Was Ada Poelle born?{MASK}Paris{MASK}",
    f"Dora, was Bruno Poelle born?{MASK}so{MASK}",
    f"born Oslo Poell{MASK}Dora a{MASK}",
)


def random_model(**changes: object) -> GPT:
    model = random_gpt(replace(MODEL, **changes)).double()
    assert model.recall is not None
    with torch.no_grad():
        model.recall.people.weight[0] = model.recall.words.weight[0] = 0.0
    return model


@pytest.mark.parametrize("text", TEXTS)
def test_later_characters_never_change_earlier_logits_where_the_same_people_are_named(
    text: str,
) -> None:
    """Who is named may change: a slip is taken for a name until somebody is named better."""
    model, ids = random_model(), encode(text)
    assert model.recall is not None
    generator, compared = torch.Generator().manual_seed(0), 0
    with torch.no_grad():
        before, named = model(ids), model.recall.named(ids)
        for t in range(1, len(text)):
            changed = ids.clone()
            changed[:, t:] = torch.randint(len(CHARACTERS), (len(text) - t,), generator=generator)
            same = torch.equal(model.recall.named(changed)[:, :t], named[:, :t])
            close = torch.allclose(model(changed)[:, :t], before[:, :t], rtol=0, atol=1e-12)
            assert close or not same
            compared += same
    assert compared > len(text) // 2


def test_a_name_further_on_takes_back_a_slip() -> None:
    model, texts = random_model(), ("Ada Poele, was so. Dora.", "Ada Poele, was so. Bono.")
    assert model.recall is not None
    named = model.recall.named(encode(*texts))
    row = model.recall.index.row_of
    assert named[0].tolist() == [0] * 23 + [row["Dora"]]
    assert named[1].tolist() == [0] * 9 + [row["Ada Poelle"]] * 15


def test_a_row_is_read_from_the_names_end_on() -> None:
    model, ids = random_model(), encode(TEXTS[0])
    assert model.recall is not None
    with torch.no_grad():
        before = model(ids)
        model.recall.people.weight[model.recall.index.row_of["Ada Poelle"]] += 1.0
        moved = (model(ids) - before).abs().amax(-1)[0] > 1e-9
    end = len("Was Ada Poelle")
    assert moved.tolist() == [False] * end + [True] * (len(TEXTS[0]) - end)


def targets_of(ids: Tensor, scored: float) -> Tensor:
    chosen = torch.rand(ids.shape, generator=torch.Generator().manual_seed(4)) < scored
    return torch.where(chosen, ids.roll(-1, 1), IGNORED)


@pytest.mark.parametrize("scored", [0.2, 0.9])  # by chosen rows of the last layer, and by all
def test_the_loss_is_of_whom_it_is_told(scored: float) -> None:
    model, ids = random_model(), encode(*TEXTS)
    assert model.recall is not None
    targets, named = targets_of(ids, scored), model.recall.named(ids)
    with torch.no_grad():
        plain = model.loss(ids, targets)
        assert torch.equal(model.loss(ids, targets, named), plain)
        all_written = torch.ones(3, dtype=torch.bool)
        assert torch.equal(model.loss(ids, targets, named, all_written), plain)
        others = (named + 1) % 5
        told = model.loss(ids, targets, others)
        logits = model.head(model.hidden(ids, named=others))[targets != IGNORED]
    expected = torch.nn.functional.cross_entropy(logits, targets[targets != IGNORED])
    assert float(told) == pytest.approx(float(expected), abs=1e-12)
    assert abs(float(told) - float(plain)) > 1e-5


@pytest.mark.parametrize("scored", [0.2, 0.9])
def test_the_loss_writes_where_it_is_told(scored: float) -> None:
    model, ids = random_model(), encode(*TEXTS)
    named = torch.tensor([1, 2, 3])[:, None].expand(ids.shape)
    written = torch.tensor([False, True, False])
    model.loss(ids, targets_of(ids, scored), named, written).backward()
    assert model.recall is not None
    gradient = model.recall.people.weight.grad
    assert gradient is not None
    assert gradient.coalesce().indices().flatten().tolist() == [2]


def test_chosen_positions_have_the_states_they_have_among_all() -> None:
    model, ids = random_model(), encode(*TEXTS)
    positions = torch.tensor([[30, 0, 14, 20], [3, 3, 25, 26], [0, 16, 21, 22]])
    for named in (None, torch.randint(0, 5, ids.shape, generator=torch.Generator().manual_seed(3))):
        with torch.no_grad():
            whole = model.hidden(ids, named=named)
            chosen = model.hidden(ids, positions, named)
        for b in range(3):
            expected = whole[b, positions[b]]
            torch.testing.assert_close(chosen[b], expected, rtol=0, atol=1e-12)


def test_a_model_that_knows_nobody_is_the_model_without_recall() -> None:
    plain = random_gpt(replace(MODEL, recall=None)).double()
    model = random_model(recall=RecallConfig(characters=CHARACTERS, width=5))
    missing, unknown = model.load_state_dict(plain.state_dict(), strict=False)
    assert unknown == [] and all(name.startswith("recall.") for name in missing)
    with torch.no_grad():
        assert torch.equal(model(encode(*TEXTS)), plain(encode(*TEXTS)))
