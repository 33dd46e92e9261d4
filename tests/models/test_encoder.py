"""The encoder: one set of weights for every attention, and who can learn of whom."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp4.data.vocabulary import IGNORED
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.attention import Attend, attend
from nlp4.models.bigbird import BigBird
from nlp4.models.encoder import STEM, Encoder, EncoderConfig, sinusoids
from nlp4.models.gpt import parameters_of
from nlp4.models.linformer import LinformerConfig, linformers
from nlp4.support.errors import UserError

N = 48
CONFIG = EncoderConfig(symbols=11, n=N, layers=2, heads=2, width=16)
PATTERNS = {
    "window": BlockPattern(4, 3, 0, 0),
    "bigbird": BlockPattern(4, 3, 1, 2),
    "random": BlockPattern(4, 0, 0, 2),
}


def attentions(kind: str) -> list[Attend]:
    if kind == "linformer":
        return list(linformers(LinformerConfig(N, 8), layers=2, heads=2))
    return [BigBird(PATTERNS[kind]) if kind in PATTERNS else attend] * 2


def encoder(kind: str, seed: int = 0) -> Encoder:
    return Encoder(CONFIG, attentions(kind), torch.Generator().manual_seed(seed))


def symbols(batch: int = 2, n: int = N) -> Tensor:
    return torch.randint(11, (batch, n), generator=torch.Generator().manual_seed(3))


KINDS = ["full", "linformer", *PATTERNS]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [N, 30])
def test_shapes(kind: str, n: int) -> None:
    assert encoder(kind)(symbols(n=n)).shape == (2, n, 11)


def test_all_attentions_start_from_the_same_weights() -> None:
    full = encoder("full").state_dict()
    for kind in KINDS[1:]:
        other = encoder(kind).state_dict()
        shared = {name for name in other if not name.endswith(("attention.e", "attention.f"))}
        assert shared == full.keys()
        assert all(torch.equal(full[name], other[name]) for name in full)


def test_parameters_differ_by_the_projections_alone() -> None:
    full = parameters_of(encoder("full"))
    assert [parameters_of(encoder(kind)) for kind in PATTERNS] == [full] * 3
    assert parameters_of(encoder("linformer")) == full + 8 * N  # one matrix, k x n, for all


def test_a_seed_decides_the_weights_and_nothing_else_does() -> None:
    before = torch.get_rng_state()
    first, again, other = encoder("full"), encoder("full"), encoder("full", seed=1)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.symbols.weight, again.symbols.weight)
    assert not torch.equal(first.symbols.weight, other.symbols.weight)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_before_it(kind: str) -> None:
    model, ids = encoder(kind), symbols()
    padding = torch.zeros(2, N, dtype=torch.bool)
    padding[:, 33:] = True
    other = ids.where(~padding, (ids + 1) % 11)
    first, second = (model(x, key_padding_mask=padding)[:, :33] for x in (ids, other))
    assert torch.allclose(first, second, atol=1e-6)
    assert not torch.allclose(first, model(ids)[:, :33], atol=1e-3)


def test_padding_equals_a_shorter_sequence() -> None:
    model, ids = encoder("full"), symbols()
    padding = torch.zeros(2, N, dtype=torch.bool)
    padding[:, 33:] = True
    padded = model(ids, key_padding_mask=padding)[:, :33]
    assert torch.allclose(padded, model(ids[:, :33]), atol=1e-5)


def influenced(kind: str, place: int) -> set[int]:
    """The places whose logits move when the symbol at `place` does."""
    model, ids = encoder(kind).double(), symbols(1)
    other = ids.clone()
    other[0, place] = (other[0, place] + 1) % 11
    moved = (model(ids) - model(other)).abs().amax(-1)[0] > 1e-12
    return set(moved.nonzero().flatten().tolist())


def test_every_place_reaches_every_place_in_full_linformer_and_bigbird() -> None:
    for kind in ("full", "linformer", "bigbird"):
        assert influenced(kind, 21) == set(range(N))


def test_a_window_reaches_as_far_as_its_layers_and_the_convolution() -> None:
    # Two blocks of 4 to each side of each block that the convolution takes the symbol to: from
    # place 21 to 19, in block 4, from 22 to 24, in block 6.
    assert STEM == 5
    assert influenced("window", 21) == set(range(8, 32))
    assert influenced("window", 22) == set(range(12, 36))


def test_a_pattern_without_edges_leaves_the_convolution_alone() -> None:
    alone = [BigBird(BlockPattern(1, 1, 0, 0))] * 2
    model = Encoder(CONFIG, alone, torch.Generator().manual_seed(0)).double()
    ids = symbols(1)
    other = ids.clone()
    other[0, 7] = (other[0, 7] + 1) % 11
    moved = (model(ids) - model(other)).abs().amax(-1)[0] > 1e-12
    assert moved.nonzero().flatten().tolist() == [5, 6, 7, 8, 9]


def test_one_table_reads_symbols_and_says_them() -> None:
    model, ids = encoder("full"), symbols()
    states = model.hidden(ids)
    expected = torch.einsum("bnw,sw->bns", states, model.symbols.weight)
    assert torch.allclose(model(ids), expected, atol=1e-5)


def test_the_loss_counts_the_asked_places_alone() -> None:
    model, ids = encoder("full"), symbols()
    targets = torch.full((2, N), IGNORED)
    targets[0, 3], targets[1, 40] = 2, 4
    logits = model(ids).log_softmax(-1)
    expected = -(logits[0, 3, 2] + logits[1, 40, 4]) / 2
    assert torch.allclose(model.loss(ids, targets), expected, atol=1e-6)


def test_the_order_of_symbols_counts() -> None:
    ids = symbols(1)
    turned = ids.flip(1)
    model = encoder("full")
    assert not torch.allclose(model(ids), model(turned).flip(1), atol=1e-3)


def test_sinusoids_as_the_paper_writes_them() -> None:
    found = sinusoids(7, 6).double().numpy()
    places, i = np.arange(7)[:, None], np.arange(3)[None]
    angle = places / 10000 ** (2 * i / 6)
    expected = math.sqrt(2) * np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose((found**2).mean(), 1)


def test_mistakes_are_refused() -> None:
    with pytest.raises(UserError, match="width 18"):
        EncoderConfig(5, 8, heads=6, width=18)
    with pytest.raises(UserError, match="1 attentions for 2 layers"):
        Encoder(CONFIG, [attend], torch.Generator())
    with pytest.raises(UserError, match="longer than n = 48"):
        encoder("full")(symbols(n=N + 1))
