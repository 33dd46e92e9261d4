"""Packed weights: small, and as near to the originals as a byte allows."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
import torch
from hypothesis import given
from hypothesis import strategies as st

from nlp4.checkpoint import load_model, save_model
from nlp4.compact import pack, pack_rows, unpack, unpack_rows
from nlp4.corpus import load_corpus
from nlp4.presets import vocabulary_of


def table(seed: int, rows: int = 30, width: int = 16, empty: tuple[int, ...] = ()) -> torch.Tensor:
    """Random rows of very different sizes, some of them zero."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.logspace(-4, 3, rows)[:, None]
    found = torch.randn(rows, width, generator=generator) * sizes
    found[list(empty)] = 0.0
    return found


@given(seed=st.integers(0, 10_000))
def test_a_number_moves_by_less_than_half_a_hundredth_of_its_rows_largest(seed: int) -> None:
    before = table(seed)
    moved = (unpack_rows(pack_rows(before)) - before).abs().amax(dim=1)
    assert (moved <= 0.005 * before.abs().amax(dim=1)).all()


def test_rows_that_were_never_read_are_left_out_and_come_back_as_zeros() -> None:
    before = table(1, empty=(0, 7, 29))
    packed = pack_rows(before)
    assert packed["bytes"].dtype == torch.int8
    assert packed["kept"].tolist() == [row for row in range(30) if row not in (0, 7, 29)]
    after = unpack_rows(packed)
    assert after.shape == before.shape
    assert not after[[0, 7, 29]].any()


def test_an_untouched_memory_packs_into_nothing() -> None:
    packed = pack_rows(torch.zeros(5, 4))
    assert packed["bytes"].numel() == 0
    assert torch.equal(unpack_rows(packed), torch.zeros(5, 4))


def test_only_the_memory_is_packed_by_rows() -> None:
    weights = {"head.weight": table(2), "memory.table.weight": table(3)}
    packed = pack(weights)
    assert isinstance(packed["memory.table.weight"], dict)
    assert torch.equal(packed["head.weight"], weights["head.weight"].half())
    assert {name: w.dtype for name, w in unpack(packed).items()} == dict.fromkeys(
        weights, torch.float32
    )


def test_weights_that_were_not_packed_stay_as_they_are() -> None:
    weights = {"head.weight": table(2)}
    assert torch.equal(unpack(dict(weights))["head.weight"], weights["head.weight"])


@pytest.mark.parametrize("memory", [True, False])
def test_a_compact_file_is_smaller_and_says_nearly_the_same(memory: bool, tmp_path: Path) -> None:
    vocabulary = vocabulary_of(load_corpus(tiny.write_corpus(tmp_path / "people")))
    model = tiny.preset(memory=memory).new_model(vocabulary, seed=0).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=torch.Generator().manual_seed(1)) * 0.05)
    save_model(tmp_path / "full.pt", model, vocabulary)
    save_model(tmp_path / "small.pt", model, vocabulary, compact=True)

    loaded, alphabet = load_model(tmp_path / "small.pt")

    ids = torch.tensor([vocabulary.encode("Where was Ada Quill born?")])
    assert alphabet == vocabulary
    assert loaded.config == model.config
    assert torch.allclose(loaded(ids), model(ids), atol=0.05)
    assert not torch.equal(loaded(ids), model(ids))
    full, small = ((tmp_path / f"{name}.pt").stat().st_size for name in ("full", "small"))
    assert small < 0.75 * full
