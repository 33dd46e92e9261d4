"""Reaching into a model: each part is changed where it should be, and whole again afterwards."""

from __future__ import annotations

import pytest
import torch
from samples import random_gpt
from torch import Tensor, nn

from nlp4.data.vocabulary import MASK, PAD
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import inspection
from nlp4.models.asking import attention_weights
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError

CHARACTERS = (PAD, MASK, *" ?abcdeAB")
RECALL = RecallConfig(("Abe", "Bad"), ("bed",), CHARACTERS, width=6)


def model_of(*, layers: int = 2, recall: RecallConfig | None = RECALL) -> GPT:
    """Every number is random, in float64."""
    config = ModelConfig(
        len(CHARACTERS), block=32, layers=layers, heads=2, width=8, dropout=0.0, recall=recall
    )
    return random_gpt(config).double()


def encoded(text: str) -> Tensor:
    return torch.tensor([[CHARACTERS.index(c) for c in text]])


ONE, OTHER = encoded("bed Abe cab?⁇"), encoded("cab Bad bed?⁇")


def logits(model: GPT, ids: Tensor) -> Tensor:
    with torch.no_grad():
        return model(ids)


# Sites


def test_states_of_the_question_itself_change_nothing() -> None:
    model = model_of()
    before = logits(model, ONE)
    read = inspection.states_at(model, ONE)
    for site, module in inspection.sites(model).items():
        with inspection.patched(module, [2, 5], read[site][0, [2, 5]]):
            assert torch.equal(logits(model, ONE), before)


def test_states_of_another_question_everywhere_give_its_logits() -> None:
    """From the last site on, the whole stream is all there is; before it, the row is read, too."""
    model = model_of()
    read, every = inspection.states_at(model, OTHER), range(OTHER.shape[1])
    module = inspection.sites(model)["the person's row"]
    with inspection.patched(module, every, read["the person's row"][0]):
        assert torch.allclose(logits(model, ONE), logits(model, OTHER))
    module = inspection.sites(model)["layer 1"]
    with inspection.patched(module, every, read["layer 1"][0]):
        assert not torch.allclose(logits(model, ONE), logits(model, OTHER))
    assert not torch.allclose(logits(model, ONE), logits(model, OTHER))


def test_without_rows_of_people_every_site_is_all_there_is() -> None:
    model = model_of(layers=3, recall=None)
    assert list(inspection.sites(model)) == ["characters and words", "layer 1", "layer 2"]
    read, every = inspection.states_at(model, OTHER), range(OTHER.shape[1])
    for site, module in inspection.sites(model).items():
        with inspection.patched(module, every, read[site][0]):
            assert torch.allclose(logits(model, ONE), logits(model, OTHER))


def test_a_patch_reaches_no_place_before_it() -> None:
    model = model_of(recall=None)
    read, before = inspection.states_at(model, OTHER), logits(model, ONE)
    for site, module in inspection.sites(model).items():
        with inspection.patched(module, [4], read[site][0, [4]]):
            after = logits(model, ONE)
        assert torch.equal(after[:, :4], before[:, :4])
        assert (after != before).any(-1)[0, 4]


def test_each_row_of_a_batch_is_patched_in_its_own_place() -> None:
    model = model_of()
    read, places = inspection.states_at(model, OTHER), [0, 3, 12]
    for site, module in inspection.sites(model).items():
        with inspection.patched_each(module, places, read[site][0, places]):
            together = logits(model, ONE.expand(3, -1))
        for row, place in enumerate(places):
            with inspection.patched(module, [place], read[site][0, [place]]):
                assert torch.allclose(together[row], logits(model, ONE)[0])


def test_the_model_is_whole_again_even_after_an_error() -> None:
    model = model_of()
    before = logits(model, ONE)
    with pytest.raises(RuntimeError), inspection.changed(model.blocks[0], lambda x: x * 0):
        assert not torch.equal(logits(model, ONE), before)
        raise RuntimeError
    assert torch.equal(logits(model, ONE), before)


# Heads


def test_logits_of_heads_are_those_of_the_weights() -> None:
    model = model_of()
    found = inspection.head_logits(model, ONE)
    assert found.shape == (2, 1, 2, ONE.shape[1])
    for layer, weights in enumerate(attention_weights(model, ONE[0])):
        assert torch.allclose(found[layer, 0].softmax(-1), weights[:, -1])


def test_bigbirds_logits_are_refused() -> None:
    pattern = BlockPattern(block=4, window=3, random=1, global_=1)
    config = ModelConfig(len(CHARACTERS), block=32, layers=1, heads=2, width=8, attention=pattern)
    with pytest.raises(UserError, match="full attention"):
        inspection.head_logits(random_gpt(config), ONE)


def test_what_heads_hand_on_is_what_their_layer_maps_back() -> None:
    model = model_of()
    given, stream = inspection.head_outputs(model, ONE), model.stream(ONE)
    assert given.shape == (2, 1, ONE.shape[1], 2, 4)
    _, turns = model.embed(ONE)
    for block, parts, x in zip(model.layers, given, stream, strict=False):
        mixed = block.attention(block.norm_1(x), turns, causal=True)
        assert torch.allclose(block.attention.out(parts.flatten(-2)), mixed)


@pytest.mark.parametrize("heads", [[(0, 1)], [(1, 0), (0, 0)], [(1, 0), (1, 1)]])
def test_heads_held_at_zero_are_columns_of_zeros(heads: list[tuple[int, int]]) -> None:
    model, twin = model_of(), model_of()
    with torch.no_grad():
        for layer, head in heads:
            twin.layers[layer].attention.out.weight[:, 4 * head : 4 * head + 4] = 0
    with inspection.without_heads(model, heads, torch.zeros(2, 2, 4).double()):
        assert torch.allclose(logits(model, ONE), logits(twin, ONE))


def test_heads_held_at_what_they_give_anyway_change_nothing() -> None:
    model, ids = model_of(), encoded("b")
    given = inspection.head_outputs(model, ids)[:, 0, 0]
    with inspection.without_heads(model, [(0, 0), (1, 1)], given):
        assert torch.allclose(logits(model, ids), logits(model_of(), ids))


def test_a_head_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(UserError, match="no head 2 in layer 0: there are 2 in 2 layers"),
        inspection.without_heads(model_of(), [(0, 2)], torch.zeros(2, 2, 4)),
    ):
        pass


# Rows


def test_rows_stand_exchanged_inside_and_in_their_places_afterwards() -> None:
    table = nn.Embedding(5, 3)
    before = table.weight.detach().clone()
    with inspection.swapped(table, {0: 3, 4: 1}):
        assert torch.equal(table.weight, before[[3, 4, 2, 0, 1]])
    assert torch.equal(table.weight, before)


def test_no_row_is_exchanged_twice() -> None:
    with (
        pytest.raises(ValueError, match="two pairs"),
        inspection.swapped(nn.Embedding(5, 3), {0: 3, 3: 1}),
    ):
        pass


def test_with_two_peoples_rows_exchanged_one_is_answered_about_as_the_other() -> None:
    model = model_of()
    assert model.recall is not None
    rows, number = model.recall.people.weight, model.recall.index.row_of
    one, other = number["Abe"], number["Bad"]
    with inspection.swapped(model.recall.people, {one: other}):
        exchanged = logits(model, ONE)
    assert not torch.allclose(exchanged, logits(model, ONE))
    with torch.no_grad():
        rows[one] = rows[other].clone()
    assert torch.equal(exchanged, logits(model, ONE))
