"""The GPT in pieces: each against torch's own, and the whole against `nlp4.models.gpt`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from samples import random_gpt
from torch import Tensor

from nlp4.data.corpus import load_corpus
from nlp4.data.vocabulary import IGNORED, MASK
from nlp4.exercises.comparing import first_difference
from nlp4.models import asking, pieces
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.training import shipped

CONFIG = ModelConfig(19, block=24, layers=3, heads=4, width=32, positions="rotary", dropout=0.0)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def model_and_ids() -> tuple[GPT, Tensor]:
    model = random_gpt(CONFIG)
    return model, torch.randint(19, (3, 24), generator=torch.Generator().manual_seed(1))


def test_the_whole_computes_what_the_gpt_computes_and_so_do_its_gradients() -> None:
    model, ids = model_and_ids()
    targets = ids.roll(-1, 1).masked_fill(ids % 3 == 0, IGNORED)
    torch.testing.assert_close(pieces.gpt(ids, model), model(ids))
    ours = pieces.scored_loss(pieces.gpt(ids, model), targets)
    torch.testing.assert_close(ours, model.loss(ids, targets))
    parameters = list(model.parameters())
    mine = torch.autograd.grad(ours, parameters)
    theirs = torch.autograd.grad(model.loss(ids, targets), parameters)
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_attention_in_pieces_is_torchs_own() -> None:
    q, k, v = (drawn(2, 3, 7, 4, seed=seed) for seed in range(3))
    weights = pieces.causal_weights(pieces.scaled_scores(q, k))
    torch.testing.assert_close(weights @ v, F.scaled_dot_product_attention(q, k, v, is_causal=True))
    assert (weights.triu(1) == 0).all()


def test_norm_and_loss_are_torchs_own() -> None:
    x, weight, bias = drawn(2, 5, 8) * 3 + 1, drawn(8, seed=1), drawn(8, seed=2)
    torch.testing.assert_close(
        pieces.layer_norm(x, weight, bias), F.layer_norm(x, (8,), weight, bias)
    )
    targets = torch.tensor([[1, IGNORED, 3, 7, IGNORED], [0, 0, IGNORED, 2, 5]])
    wanted = F.cross_entropy(x.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    torch.testing.assert_close(pieces.scored_loss(x, targets), wanted)


def test_heads_are_merged_as_they_were_split() -> None:
    x = drawn(2, 5, 12)
    heads = pieces.split_heads(x, 3)
    torch.testing.assert_close(heads[:, 1], x[..., 4:8])
    torch.testing.assert_close(pieces.merge_heads(heads), x)


def test_rotary_scores_depend_on_the_distance_alone() -> None:
    q, k = (drawn(6, seed=seed).double().expand(1, 1, 20, 6) for seed in (1, 2))
    scores = (pieces.rotate(q) @ pieces.rotate(k).transpose(-2, -1))[0, 0]
    for distance in range(-19, 20):
        along = scores.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand_as(along))
    torch.testing.assert_close(pieces.rotate(q).norm(dim=-1), q.norm(dim=-1))


def test_a_step_is_the_optimisers_own() -> None:
    (model, ids), (twin, _) = model_and_ids(), model_and_ids()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    targets = ids.roll(-1, 1)
    for _ in range(2):  # the second shows whether gradients are left over
        loss = pieces.training_step(model, optimiser, ids, targets)
        wanted = twin.loss(ids, targets)
        grads = torch.autograd.grad(wanted, list(twin.parameters()))
        with torch.no_grad():
            for parameter, grad in zip(twin.parameters(), grads, strict=True):
                parameter -= 0.1 * grad
        assert loss == pytest.approx(wanted.item(), rel=1e-5)
    torch.testing.assert_close(list(model.parameters()), list(twin.parameters()))


def test_probabilities_keep_the_fewest_that_hold_top_p() -> None:
    logits = torch.tensor([0.1, 0.5, 0.15, 0.25]).log()
    whole = pieces.next_probabilities(logits, 1.0, 1.0)
    torch.testing.assert_close(whole, logits.exp())
    kept = pieces.next_probabilities(logits, 1.0, 0.6)  # a half, and the quarter that crosses 0.6
    torch.testing.assert_close(kept, torch.tensor([0, 2 / 3, 0, 1 / 3]))
    cold = pieces.next_probabilities(logits, 0.5, 1.0)
    torch.testing.assert_close(cold, logits.exp() ** 2 / (logits.exp() ** 2).sum())


def test_the_pieces_answer_as_the_shipped_model_does() -> None:
    model, vocabulary = shipped.load("people_plain")
    questions = [question.text for question in load_corpus().dev[:60]]
    found = pieces.answers(lambda ids: pieces.gpt(ids, model), vocabulary, questions)
    assert found == asking.greedy(model, vocabulary, questions)


def test_every_call_on_the_way_is_kept_the_inner_before_the_outer() -> None:
    model, ids = model_and_ids()
    made = list(pieces.calls(model, ids))
    names = [call.piece for call in made]
    assert names.index("split_heads") < names.index("self_attention") < names.index("block")
    assert names[-1] == "gpt" and {"rotate", "layer_norm", "merge_heads"} < {*names}
    for call in made:
        torch.testing.assert_close(call.result, getattr(pieces, call.piece)(*call.given))
    torch.testing.assert_close(made[-1].result, model(ids).detach())


RIGHT = {name: getattr(pieces, name) for name in ("self_attention", "gpt")}
WRONG: dict[str, Callable[..., Any]] = {
    "layer_norm": lambda x, weight, bias: x * weight + bias,
    "queries_keys_values": lambda x, weight, bias: (x @ weight.T).chunk(3, dim=-1),
    "split_heads": lambda x, heads: x.reshape(x.shape[0], heads, x.shape[1], -1),
    "rotate": lambda x: x.flip(-1),
    "scaled_scores": lambda q, k: q @ k.mT,
    "causal_weights": lambda scores: scores.softmax(-1),
    "merge_heads": lambda x: x.reshape(x.shape[0], x.shape[2], -1),
    "self_attention": lambda x, layer: RIGHT["self_attention"](x, layer) - 5 * layer.out.bias,
    "block": lambda x, layer: x + pieces.self_attention(x, layer.attention),
    "gpt": lambda ids, model: RIGHT["gpt"](ids, model).flip(-1),
}


def under_its_name(name: str) -> Callable[..., Any]:
    """A wrong piece, named as the learner's would be."""

    def made(*given: Any) -> Any:
        return WRONG[name](*given)

    made.__name__ = name
    return made


@pytest.mark.parametrize("name", WRONG)
def test_each_piece_wrong_once_is_named_and_gives_other_answers(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, vocabulary = shipped.load("people_plain")
    questions = [question.text for question in load_corpus().dev[:12]]
    calls = list(pieces.calls(model, torch.tensor([vocabulary.encode(questions[0] + MASK)])))
    mine = [under_its_name(name) if each == name else getattr(pieces, each) for each in WRONG]
    assert first_difference(mine, calls).startswith(f"`{name}` is the first that differs, ")
    monkeypatch.setattr(pieces, name, WRONG[name])
    found = pieces.answers(lambda ids: pieces.gpt(ids, model), vocabulary, questions)
    assert found != asking.greedy(model, vocabulary, questions)


def test_the_right_pieces_differ_nowhere() -> None:
    model, ids = model_and_ids()
    told = first_difference([getattr(pieces, name) for name in WRONG], pieces.calls(model, ids))
    assert told.startswith("no difference: layer_norm, ")
