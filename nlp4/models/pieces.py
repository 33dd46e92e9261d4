"""A GPT in functions on tensors, one a piece, in the order in which notebook 02 writes them.

They compute what `nlp4.models.gpt` computes, with nothing but what the formulas need: no dropout,
no memory, every place in every layer. `layer` and `model` hold the weights, by the names that they
have there; positions are rotary. Vaswani et al. (2017), Radford et al. (2019), Su et al. (2021).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import Optimizer

from nlp4.data.vocabulary import IGNORED, MASK, Vocabulary
from nlp4.models.asking import LONGEST, greedy
from nlp4.models.gpt import GPT, Block, CausalSelfAttention
from nlp4.support.errors import UserError

Choose = Callable[[Tensor], int]  # from logits (V,) to the next character's id


def queries_keys_values(x: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values, each `(B, n, width)`, of one stream `(B, n, width)`.

    One map makes all three: `weight` `(3 * width, width)`, `bias` `(3 * width,)`.
    """
    q, k, v = (x @ weight.T + bias).chunk(3, dim=-1)
    return q, k, v


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Cut `(B, n, heads * d)` into `(B, heads, n, d)`: neighbouring numbers share a head."""
    batch, n, width = x.shape
    return x.view(batch, n, heads, width // heads).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """Put `(B, heads, n, d)` side by side again: `(B, n, heads * d)`."""
    batch, heads, n, d = x.shape
    return x.transpose(1, 2).reshape(batch, n, heads * d)


def scaled_scores(q: Tensor, k: Tensor) -> Tensor:
    """How well each query fits each key, `(B, H, n, n)`, for `(B, H, n, d)`: `q k^T / sqrt(d)`."""
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


def causal_weights(scores: Tensor) -> Tensor:
    """Weights over the places up to each one, `(..., n, n)`: the softmax of a row without later."""
    n = scores.shape[-1]
    later = torch.ones(n, n, dtype=torch.bool, device=scores.device).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(-1)


def learned_positions(x: Tensor, table: Tensor) -> Tensor:
    """Add to each place of `(B, n, width)` its row of a learned table `(block, width)`."""
    return x + table[: x.shape[1]]


def rotate(x: Tensor) -> Tensor:
    """Turn each pair `(x_i, x_{i + d/2})` of `(..., n, d)` at place p by `p * 10000^(-2i/d)`."""
    n, d = x.shape[-2:]
    speeds = 10_000.0 ** (-torch.arange(0, d, 2, device=x.device) / d)  # (d / 2,)
    angles = torch.arange(n, device=x.device)[:, None] * speeds  # (n, d / 2)
    cosines, sines = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cosines - right * sines, left * sines + right * cosines), dim=-1)


def self_attention(x: Tensor, layer: CausalSelfAttention) -> Tensor:
    """One layer's causal self-attention over a stream: `(B, n, width)` to the same."""
    parts = queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    q, k, v = (split_heads(part, layer.heads) for part in parts)
    weights = causal_weights(scaled_scores(rotate(q), rotate(k)))
    return merge_heads(weights @ v) @ layer.out.weight.T + layer.out.bias


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Each place of `(..., width)` with mean 0 and variance 1, then scaled and moved, learned."""
    centred = x - x.mean(-1, keepdim=True)
    variance = (centred**2).mean(-1, keepdim=True)
    return centred / (variance + 1e-5).sqrt() * weight + bias


def block(x: Tensor, layer: Block) -> Tensor:
    """Attention, then a perceptron, each reading the normalised stream and adding to it."""
    x = x + self_attention(layer_norm(x, layer.norm_1.weight, layer.norm_1.bias), layer.attention)
    normed = layer_norm(x, layer.norm_2.weight, layer.norm_2.bias)
    hidden = F.gelu(normed @ layer.up.weight.T + layer.up.bias)  # (B, n, 4 * width)
    return x + hidden @ layer.down.weight.T + layer.down.bias


def gpt(ids: Tensor, model: GPT) -> Tensor:
    """Logits `(B, n, vocabulary)` of the character after each of `ids` `(B, n)`."""
    x = model.characters.weight[ids]  # (B, n, width)
    for layer in model.layers:
        x = block(x, layer)
    return layer_norm(x, model.norm.weight, model.norm.bias) @ model.head.weight.T


def scored_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats of logits `(B, n, V)` over the targets that are not IGNORED."""
    scored = targets != IGNORED
    logs = logits[scored].log_softmax(-1)  # (scored, V)
    return -logs.gather(1, targets[scored][:, None]).mean()


def training_step(model: GPT, optimiser: Optimizer, ids: Tensor, targets: Tensor) -> float:
    """Move the weights once, down the gradient of the loss on one batch; return that loss."""
    optimiser.zero_grad()
    loss = scored_loss(gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def next_probabilities(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    """The distribution `(V,)` that the next character is drawn from.

    It is the softmax of `logits / temperature`, kept for the fewest most probable characters that
    have `top_p` of it together, and made to sum to one again (Holtzman et al. 2020, section 3.1).
    """
    probabilities, order = (logits / temperature).softmax(-1).sort(descending=True)
    before = probabilities.cumsum(-1) - probabilities  # of all that are more probable
    kept = probabilities * (before < top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())


def generate(
    logits_of: Callable[[Tensor], Tensor], ids: Sequence[int], choose: Choose, stop: int, most: int
) -> list[int]:
    """What follows `ids`, one choice at a time, up to `stop` (left out) or `most` characters.

    `logits_of` takes ids `(1, n)` and returns logits `(1, n, V)`.
    """
    found: list[int] = []
    while len(found) < most:
        logits = logits_of(torch.tensor([[*ids, *found]]))[0, -1]
        following = choose(logits)
        if following == stop:
            break
        found.append(following)
    return found


def answers(
    logits_of: Callable[[Tensor], Tensor],
    vocabulary: Vocabulary,
    questions: Sequence[str],
    write: Callable[..., list[int]] = generate,
    choose: Choose = lambda logits: int(logits.argmax()),
) -> list[str]:
    """Answer questions with any model's logits, by default greedily: one at a time."""
    stop = vocabulary.encode(MASK)[0]
    with torch.no_grad():
        found = (
            write(logits_of, vocabulary.encode(question + MASK), choose, stop, LONGEST)
            for question in questions
        )
        return [vocabulary.decode(ids) for ids in found]


@dataclass(frozen=True)
class Call:
    """One call of a piece on the way through a model: what it was given, and what came of it."""

    piece: str
    where: str
    given: tuple[Any, ...]
    result: Any


@torch.no_grad()
def calls(model: GPT, ids: Tensor) -> Iterator[Call]:
    """Every call of a piece that `gpt(ids, model)` makes, the inner before the outer."""

    def call(where: str, piece: Callable[..., Any], *given: Any) -> Any:
        made.append(Call(piece.__name__, where, given, piece(*given)))
        return made[-1].result

    made: list[Call] = []
    x = model.characters.weight[ids]
    for number, layer in enumerate(model.layers, 1):
        where, attention = f"in layer {number}", layer.attention
        normed = call(where, layer_norm, x, layer.norm_1.weight, layer.norm_1.bias)
        parts = call(where, queries_keys_values, normed, attention.qkv.weight, attention.qkv.bias)
        q, k, v = (call(where, split_heads, part, attention.heads) for part in parts)
        scores = call(where, scaled_scores, call(where, rotate, q), call(where, rotate, k))
        call(where, merge_heads, call(where, causal_weights, scores) @ v)
        call(where, self_attention, normed, attention)
        x = call(where, block, x, layer)
    call("at the end", layer_norm, x, model.norm.weight, model.norm.bias)
    call("from end to end", gpt, ids, model)
    yield from made


@dataclass(frozen=True)
class Walk:
    """One question on its way through a model, with the answer that it writes, n places in all.

    `streams` `(1 + 2 * layers, n, width)`: what enters the first layer, then the stream after each
    attention and each perceptron. `weights` `(layers, H, n, n)`. `following` `(1 + 2 * layers, n,
    V)`: the next character's probabilities if the stream were read out there (the "logit lens").
    """

    text: str
    asked: int  # characters of the question and its mask
    streams: Tensor
    weights: Tensor
    following: Tensor


def walk(model: GPT, vocabulary: Vocabulary, question: str) -> Walk:
    """Ask a question, and keep all that the answer passes through on its way.

    Raises UserError for a model with a memory or without rotary positions, for a character that
    the vocabulary lacks, and for a question too long.
    """
    if model.memory is not None or model.config.positions != "rotary":
        raise UserError("this walk takes a model with rotary positions and without a memory")
    text = question + MASK + greedy(model, vocabulary, [question])[0]
    made = list(calls(model, torch.tensor([vocabulary.encode(text)])))
    blocks = [call for call in made if call.piece == "block"]
    attended = [call.result for call in made if call.piece == "self_attention"]
    streams = [blocks[0].given[0]]
    for passed, added in zip(blocks, attended, strict=True):
        streams += [passed.given[0] + added, passed.result]
    stream = torch.cat(streams)
    with torch.no_grad():
        read = layer_norm(stream, model.norm.weight, model.norm.bias) @ model.head.weight.T
    weights = torch.cat([call.result for call in made if call.piece == "causal_weights"])
    return Walk(text, len(question) + 1, stream, weights, read.softmax(-1))
