"""The GPT: the same numbers as transformers' GPT-2, no glance ahead, weights from the seed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from samples import random_gpt
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from nlp4.data.vocabulary import IGNORED
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.attention import dense_reference
from nlp4.models.gpt import GPT, ModelConfig, parameters_of, table_parameters
from nlp4.models.memory import Letters, MemoryConfig
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.training.presets import PRESETS

CONFIG = ModelConfig(19, block=24, layers=3, heads=4, width=32, dropout=0.0)
LETTERS = Letters(spaces=(2,), separators=(3,), capitals=(4, 5, 6))
MEMORY = MemoryConfig(LETTERS, ngrams=(2, 4), rows=101)
# Short names and words of an alphabet of signs, so that random texts hold some of them.
RECALL = RecallConfig(
    ("a", "b", "ab", "a b"), ("a", "c", "bc"), tuple("□⁇ ,abc.-:;!?()'/+="), width=7
)
VARIANTS = {
    "learned": CONFIG,
    "rotary": replace(CONFIG, positions="rotary"),
    "learned, memory": replace(CONFIG, memory=MEMORY),
    "rotary, memory": replace(CONFIG, positions="rotary", memory=MEMORY),
    "learned, recall": replace(CONFIG, recall=RECALL),
    "rotary, memory, recall": replace(CONFIG, positions="rotary", memory=MEMORY, recall=RECALL),
}


def random_ids(n: int = 24, batch: int = 3, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, CONFIG.vocabulary_size, (batch, n), generator=generator)


def as_gpt2(model: GPT) -> GPT2LMHeadModel:
    """transformers' GPT-2 with the same weights; its Conv1D stores matrices transposed."""
    c = model.config
    peer = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=c.vocabulary_size,
            n_positions=c.block,
            n_embd=c.width,
            n_layer=c.layers,
            n_head=c.heads,
            activation_function="gelu",
            attn_pdrop=0.0,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            tie_word_embeddings=False,
        )
    )
    weights = {
        "transformer.wte.weight": model.characters.weight,
        "transformer.wpe.weight": model.positions,
        "transformer.ln_f.weight": model.norm.weight,
        "transformer.ln_f.bias": model.norm.bias,
        "lm_head.weight": model.head.weight,
    }
    for i, block in enumerate(model.blocks):
        parts = {
            "ln_1": block.norm_1,
            "attn.c_attn": block.attention.qkv,
            "attn.c_proj": block.attention.out,
            "ln_2": block.norm_2,
            "mlp.c_fc": block.up,
            "mlp.c_proj": block.down,
        }
        for name, part in parts.items():
            weight = part.weight.T if part.weight.ndim == 2 else part.weight
            weights[f"transformer.h.{i}.{name}.weight"] = weight
            weights[f"transformer.h.{i}.{name}.bias"] = part.bias
    peer.load_state_dict({name: p.detach().clone() for name, p in weights.items()}, strict=True)
    return peer.eval()


@pytest.mark.parametrize("n", [1, 7, 24])
@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-4), (torch.float64, 1e-10)])
def test_logits_equal_those_of_transformers(n: int, dtype: torch.dtype, tolerance: float) -> None:
    model = random_gpt(CONFIG).to(dtype)
    peer = as_gpt2(model).to(dtype)
    with torch.no_grad():
        ours, theirs = model(random_ids(n)), peer(random_ids(n)).logits
    assert ours.dtype == theirs.dtype == dtype
    assert ours.shape == (3, n, CONFIG.vocabulary_size)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)
    assert ours.std() > 0.3  # so the tolerance means something


@pytest.mark.parametrize("variant", VARIANTS)
def test_logits_do_not_depend_on_later_characters(variant: str) -> None:
    model, ids = random_gpt(VARIANTS[variant]).double(), random_ids(12)
    with torch.no_grad():
        before = model(ids)
        for t in range(12):
            changed = ids.clone()
            changed[:, t:] = (changed[:, t:] + 5) % CONFIG.vocabulary_size
            after = model(changed)
            torch.testing.assert_close(after[:, :t], before[:, :t], rtol=0, atol=1e-12)
            assert ((after[:, t] - before[:, t]).abs() > 1e-6).all(dim=-1).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_order_of_earlier_characters_matters(variant: str) -> None:
    model = random_gpt(VARIANTS[variant])
    ids = torch.tensor([[4, 5, 6, 7, 8, 9, 4, 5], [5, 4, 6, 7, 8, 9, 4, 5]])
    with torch.no_grad():
        first, second = model(ids)[:, -1]
    assert not torch.allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_attention_that_answers_the_call_fits(variant: str) -> None:
    model = random_gpt(VARIANTS[variant])
    other = GPT(VARIANTS[variant], torch.Generator()).eval()
    for block in other.layers:
        block.attention.attention = lambda q, k, v, **options: dense_reference(q, k, v, **options)[
            0
        ]
    other.load_state_dict(model.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(other(random_ids()), model(random_ids()), rtol=0, atol=1e-4)


def scored_at(*positions: list[int]) -> Tensor:
    """Random targets of 8 characters a row, all but those at `positions` ignored."""
    targets, kept = random_ids(8, seed=1), torch.zeros(3, 8, dtype=torch.bool)
    for row, chosen in enumerate(positions):
        kept[row, chosen] = True
    return targets.where(kept, torch.tensor(IGNORED))


TARGETS = {
    "most": scored_at([0, 1, 2, 5, 6, 7], [*range(8)], [3]),
    "few": scored_at([5, 6, 7], [4, 5], [0]),
    "scattered": scored_at([1, 3, 6], [], [0, 2, 5, 7]),
    "one": scored_at([], [7], []),
}


@pytest.mark.parametrize("scored", TARGETS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_loss_is_the_mean_over_scored_positions(variant: str, scored: str) -> None:
    model, ids, targets = random_gpt(VARIANTS[variant]), random_ids(8), TARGETS[scored]
    with torch.no_grad():
        logits, loss = model(ids).tolist(), model.loss(ids, targets)
    losses = []
    for b in range(3):
        for t in range(8):
            if (target := int(targets[b, t])) != IGNORED:
                total = math.fsum(math.exp(x) for x in logits[b][t])
                losses.append(math.log(total) - logits[b][t][target])
    assert float(loss) == pytest.approx(math.fsum(losses) / len(losses), rel=1e-5)


@pytest.mark.parametrize("scored", TARGETS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_do_not_depend_on_the_way_of_the_loss(variant: str, scored: str) -> None:
    model, ids, targets = random_gpt(VARIANTS[variant]).double(), random_ids(8), TARGETS[scored]
    logits = model(ids).log_softmax(-1)
    rows, places = (targets != IGNORED).nonzero(as_tuple=True)
    plain = -logits[rows, places, targets[rows, places]].mean()
    names, parameters = zip(*model.named_parameters(), strict=True)
    expected = torch.autograd.grad(plain, parameters)
    found = torch.autograd.grad(model.loss(ids, targets), parameters)
    for name, a, b in zip(names, found, expected, strict=True):
        assert (b.to_dense() != 0).any(), name
        torch.testing.assert_close(a.to_dense(), b.to_dense(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_chosen_positions_have_the_states_they_have_among_all(variant: str) -> None:
    model, ids = random_gpt(VARIANTS[variant]).double(), random_ids(10)
    positions = torch.tensor([[9, 0, 4], [3, 3, 8], [7, 6, 5]])
    with torch.no_grad():
        whole, chosen = model.hidden(ids), model.hidden(ids, positions)
    assert chosen.shape == (3, 3, CONFIG.width)
    for b in range(3):
        for m in range(3):
            expected = whole[b, int(positions[b, m])]
            torch.testing.assert_close(chosen[b, m], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_stream_goes_through_every_layer_to_the_logits(variant: str) -> None:
    model, ids = random_gpt(VARIANTS[variant]).double(), random_ids(10)
    with torch.no_grad():
        stream = model.stream(ids)
        assert len(stream) == model.config.layers + 1
        assert torch.equal(stream[0], model.embed(ids)[0])
        torch.testing.assert_close(model.head(model.norm(stream[-1])), model(ids))


@pytest.mark.parametrize("variant", VARIANTS)
def test_weights_come_from_the_generator_alone(variant: str) -> None:
    def weights(seed: int) -> dict[str, Tensor]:
        return GPT(VARIANTS[variant], torch.Generator().manual_seed(seed)).state_dict()

    state = torch.get_rng_state()
    first = weights(0)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1234)
    again, other = weights(0), weights(1)
    torch.set_rng_state(state)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


@torch.no_grad()
def drawn_by_name(model: GPT, seed: int) -> None:
    """Draw all weights anew, in the order of their names, which say what each is."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        if name == "recall.gate.bias":
            p.fill_(1.0)
        elif name.startswith(("memory.", "recall.people.", "recall.words.")) or name.endswith(
            "bias"
        ):
            p.zero_()
        elif name.startswith("recall.") and p.ndim == 2:  # the gate, and what writes
            p.normal_(0.0, p.shape[1] ** -0.5, generator=generator)
        elif p.ndim == 2:
            residual = name.endswith(("out.weight", "down.weight"))
            scale = (2 * model.config.layers) ** -0.5 if residual else 1.0
            p.normal_(0.0, 0.02 * scale, generator=generator)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_seed_means_the_same_weights_as_ever(variant: str) -> None:
    """Runs are repeated from their seeds, so weights are drawn in one order for good."""
    fresh, expected = (
        GPT(VARIANTS[variant], torch.Generator().manual_seed(seed)) for seed in (5, 6)
    )
    drawn_by_name(expected, seed=5)
    for (name, p), q in zip(fresh.named_parameters(), expected.parameters(), strict=True):
        assert torch.equal(p, q), name


def test_weights_are_spread_as_in_gpt2() -> None:
    config = replace(CONFIG, width=128, memory=MEMORY)
    model = GPT(config, torch.Generator().manual_seed(0))
    for name, p in model.named_parameters():
        if name.startswith("memory.") or name.endswith("bias"):
            assert (p == 0).all(), name
        elif p.ndim == 1:
            assert (p == 1).all(), name
        else:
            residual = name.endswith(("attention.out.weight", "down.weight"))
            expected = 0.02 / math.sqrt(2 * 3) if residual else 0.02
            # The smallest matrix has 2,432 numbers: the sd of their sd is 1.4% of it.
            assert float(p.detach().std()) == pytest.approx(expected, rel=0.06), name
            assert abs(float(p.detach().mean())) < expected / 10, name


def test_the_course_s_model_has_about_3_3_million_parameters() -> None:
    config = replace(PRESETS["course"].model, vocabulary_size=256)
    assert (config.layers, config.heads, config.width, config.block) == (4, 8, 256, 128)
    w = 256
    layer = (w * 3 * w + 3 * w) + (w * w + w) + (w * 4 * w + 4 * w) + (4 * w * w + w) + 2 * 2 * w
    expected = 256 * w + 128 * w + 4 * layer + 2 * w + w * 256
    found = parameters_of(GPT(config, torch.Generator()))
    assert found == expected
    assert found == pytest.approx(3.3e6, rel=0.02)


def test_tables_are_the_rows_that_are_looked_up() -> None:
    memory = replace(MEMORY, rows=32)
    recall = RecallConfig(("Ada Quill", "Bo Ray"), ("born",), tuple(" ABQRabdilnoruy"), width=8)
    model = GPT(replace(CONFIG, memory=memory, recall=recall), torch.Generator())
    width = CONFIG.width
    assert table_parameters(model) == memory.contexts * 32 * width + 3 * 8 + 2 * width
    assert table_parameters(random_gpt(CONFIG)) == 0


def test_dropout_works_in_training_alone() -> None:
    model = random_gpt(replace(CONFIG, dropout=0.5))
    plain = random_gpt(CONFIG)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        assert torch.equal(model(random_ids()), plain(random_ids()))
        model.train()
        assert not torch.allclose(model(random_ids()), plain(random_ids()), atol=0.1)


def test_a_text_longer_than_the_block_is_refused() -> None:
    with pytest.raises(UserError, match="25 characters does not fit the block of 24"):
        random_gpt(CONFIG)(random_ids(25))


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(UserError, match="width 30 does not divide into 4 heads"):
        replace(CONFIG, width=30)


def test_rotary_positions_need_pairs() -> None:
    with pytest.raises(UserError, match="even head size, not 3"):
        replace(CONFIG, width=12, positions="rotary")


@pytest.mark.parametrize("positions", ["sin", "", None, "Rotary"])
def test_positions_that_are_not_there_are_not_taken_for_others(positions: Any) -> None:
    with pytest.raises(UserError, match="choose learned or rotary"):
        replace(CONFIG, positions=positions)


def test_a_model_over_a_pattern_uses_it_for_its_logits_and_for_its_loss() -> None:
    config = ModelConfig(7, block=12, layers=2, heads=2, width=8, dropout=0.0)
    ids = torch.arange(20).view(2, 10) % 7
    targets = torch.full((2, 10), IGNORED)
    targets[:, 7:] = 3  # few are scored: full attention would compute those rows alone
    pattern = BlockPattern(2, window=1, global_=0, random=1)
    other = GPT(replace(config, attention=pattern), torch.Generator().manual_seed(0)).double()
    full = GPT(config, torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for p in other.parameters():
            p.mul_(5)
        full.load_state_dict(other.state_dict())
    assert not torch.allclose(other(ids), full(ids), atol=1e-3)
    expected = torch.nn.functional.cross_entropy(
        other(ids)[:, 7:].flatten(0, 1), targets[:, 7:].flatten()
    )
    assert other.loss(ids, targets).item() == pytest.approx(expected.item(), abs=1e-12)
