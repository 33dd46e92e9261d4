"""Right and wrong answers to the exercises of `nlp4.exercises.blocks`, as learners write them."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers
from torch import nn

from nlp4.models import attention, pieces
from nlp4.models.gpt import GPT, ModelConfig


def a_model(rng: np.random.Generator) -> GPT:
    """Any small shape, in either precision, with none of its biases 0 and none of its norms 1."""
    heads, d = int(rng.integers(1, 5)), int(rng.choice([2, 4, 6]))
    size, layers = int(rng.integers(5, 30)), int(rng.integers(1, 4))
    config = ModelConfig(
        size, block=32, layers=layers, heads=heads, width=heads * d, positions="rotary", dropout=0.0
    )
    model = GPT(config, torch.Generator()).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            mean = rng.uniform(0.2, 0.9) if parameter.ndim == 1 else 0.0
            spread = rng.uniform(0.5, 1) / math.sqrt(parameter.shape[-1])
            drawn = mean + rng.normal(size=tuple(parameter.shape)) * spread
            parameter.copy_(torch.from_numpy(drawn))
    return model.double() if rng.random() < 0.3 else model


def some_gradient(rng: np.random.Generator, x: torch.Tensor, *parts: Any) -> tuple[Any, ...]:
    """The stream with the parts that work on it, one of both with a gradient."""
    learned = bool(rng.random() < 0.6)
    return x.requires_grad_(not learned), *(part.requires_grad_(learned) for part in parts)


def a_stream(rng: np.random.Generator, model: GPT) -> torch.Tensor:
    batch, n = int(rng.integers(1, 5)), int(rng.integers(1, 20))
    x = torch.from_numpy(rng.normal(size=(batch, n, model.config.width)))
    return x.to(model.head.weight.dtype)


def stream_and_attention(rng: np.random.Generator) -> tuple[Any, ...]:
    model = a_model(rng)
    return some_gradient(rng, a_stream(rng, model), model.layers[-1].attention)


def stream_and_norm(rng: np.random.Generator) -> tuple[Any, ...]:
    """From what vanishes beside the 1e-5 to what dwarfs it, in one to four axes."""
    shape = (*(int(rng.integers(1, 6)) for _ in range(rng.integers(4))), int(rng.integers(2, 20)))
    dtype = torch.float64 if rng.random() < 0.3 else torch.float32
    x = 10 ** rng.uniform(-4, 2) * (rng.normal(size=shape) + rng.uniform(-2, 2))
    weight, bias = (rng.normal(size=shape[-1]) for _ in range(2))
    return some_gradient(rng, *(torch.from_numpy(part).to(dtype) for part in (x, weight, bias)))


def stream_and_block(rng: np.random.Generator) -> tuple[Any, ...]:
    model = a_model(rng)
    return some_gradient(rng, a_stream(rng, model), model.layers[-1])


def ids_and_model(rng: np.random.Generator) -> tuple[Any, ...]:
    model = a_model(rng)
    shape = (int(rng.integers(1, 5)), int(rng.integers(1, 20)))
    return torch.from_numpy(rng.integers(model.config.vocabulary_size, size=shape)), model


def self_attention(x, layer):
    parts = pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    q, k, v = [pieces.split_heads(part, layer.heads) for part in parts]
    weights = pieces.causal_weights(pieces.scaled_scores(pieces.rotate(q), pieces.rotate(k)))
    return pieces.merge_heads(weights @ v) @ layer.out.weight.T + layer.out.bias


def attention_of_torch(x, layer):
    batch, n, width = x.shape
    q, k, v = F.linear(x, layer.qkv.weight, layer.qkv.bias).split(width, dim=-1)
    q, k, v = (part.view(batch, n, layer.heads, -1).transpose(1, 2) for part in (q, k, v))
    mixed = F.scaled_dot_product_attention(pieces.rotate(q), pieces.rotate(k), v, is_causal=True)
    return F.linear(mixed.transpose(1, 2).flatten(2), layer.out.weight, layer.out.bias)


def attention_by_modules(x, layer):
    q, k, v = layer.qkv(x).unflatten(-1, (3, layer.heads, -1)).permute(2, 0, 3, 1, 4)
    scores = pieces.rotate(q) @ pieces.rotate(k).mT * q.shape[-1] ** -0.5
    n = x.shape[1]
    later = torch.full((n, n), -torch.inf, dtype=x.dtype).triu(1)
    return layer.out(((scores + later).softmax(-1) @ v).transpose(1, 2).flatten(2))


def attention_by_complex_numbers(x, layer):
    def turned(part):
        left, right = part.double().chunk(2, dim=-1)
        n, d = part.shape[-2:]
        speeds = 10_000.0 ** (-2 * torch.arange(d // 2, dtype=torch.float64) / d)
        angles = torch.outer(torch.arange(n, dtype=torch.float64), speeds)
        made = torch.complex(left, right) * torch.polar(torch.ones_like(angles), angles)
        return torch.cat((made.real, made.imag), dim=-1).to(part.dtype)

    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    weights = pieces.causal_weights(pieces.scaled_scores(turned(q), turned(k)))
    return layer.out(pieces.merge_heads(weights @ v))


def attention_head_by_head(x, layer):
    width = x.shape[-1]
    d, found = width // layer.heads, []
    for head in range(layer.heads):
        q, k, v = (
            x @ layer.qkv.weight[start : start + d].T + layer.qkv.bias[start : start + d]
            for start in range(head * d, 3 * width, width)
        )
        weights = pieces.causal_weights(pieces.scaled_scores(pieces.rotate(q), pieces.rotate(k)))
        found.append(weights @ v)
    return torch.cat(found, dim=-1) @ layer.out.weight.T + layer.out.bias


def attention_by_einsum(x, layer):
    weight = layer.qkv.weight.unflatten(0, (3, layer.heads, -1))
    bias = layer.qkv.bias.unflatten(0, (3, layer.heads, 1, -1))
    parts = torch.einsum("bnw,phdw->pbhnd", x, weight) + bias[:, None]
    q, k = pieces.rotate(parts[0]), pieces.rotate(parts[1])
    scores = torch.einsum("bhid,bhjd->bhij", q, k) / math.sqrt(q.shape[-1])
    mixed = torch.einsum("bhij,bhjd->bhid", pieces.causal_weights(scores), parts[2])
    out = layer.out.weight.unflatten(1, (layer.heads, -1))
    return torch.einsum("bhid,whd->biw", mixed, out) + layer.out.bias


def attention_place_by_place(x, layer):
    parts = pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    q, k, v = (pieces.split_heads(part, layer.heads) for part in parts)
    q, k = pieces.rotate(q), pieces.rotate(k)
    rows = []
    for i in range(x.shape[1]):
        scores = (k[:, :, : i + 1] * q[:, :, i : i + 1]).sum(-1) / math.sqrt(q.shape[-1])
        weights = torch.softmax(scores, dim=-1)
        rows.append((weights[..., None] * v[:, :, : i + 1]).sum(-2).flatten(1))
    return torch.stack(rows, dim=1) @ layer.out.weight.T + layer.out.bias


def attention_text_by_text(x, layer):
    def one(text):
        q, k, v = (text @ layer.qkv.weight.T + layer.qkv.bias).chunk(3, -1)
        q, k, v = (part.view(len(text), layer.heads, -1).swapaxes(0, 1) for part in (q, k, v))
        scores = torch.bmm(pieces.rotate(q), pieces.rotate(k).permute(0, 2, 1))
        scores = scores / math.sqrt(q.size(-1))
        seen = torch.tril(torch.ones_like(scores)) == 1
        weights = F.softmax(torch.where(seen, scores, float("-inf")), dim=-1)
        return torch.addmm(layer.out.bias, torch.hstack(list(weights @ v)), layer.out.weight.T)

    return torch.stack([one(text) for text in x])


def attention_by_exponentials(x, layer):
    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    scores = pieces.scaled_scores(pieces.rotate(q), pieces.rotate(k))
    raised = (scores - scores.amax(-1, keepdim=True).detach()).exp().tril()
    return layer.out(pieces.merge_heads(raised / raised.sum(-1, keepdim=True) @ v))


def attention_of_the_model(x, layer):
    turns = attention.rotations(x.shape[1], x.shape[2] // layer.heads)
    return layer(x, tuple(part.to(x.dtype) for part in turns), causal=True)


def attention_of_pieces(read=None, turn=(True, True, False), split=None, weigh=None, back=None):
    """Attention with one step done otherwise."""

    def made(x, layer):
        parts = (read or (lambda x, layer: layer.qkv(x).chunk(3, -1)))(x, layer)
        cut = split or pieces.split_heads
        q, k, v = (cut(part, layer.heads) for part in parts)
        q, k, v = (pieces.rotate(p) if t else p for p, t in zip((q, k, v), turn, strict=True))
        weights = (weigh or pieces.causal_weights)(pieces.scaled_scores(q, k))
        mixed = pieces.merge_heads(weights @ v)
        return (back or (lambda mixed, layer: layer.out(mixed)))(mixed, layer)

    return made


def named(name, function):
    """The function under a name of its own, for the list of tests."""
    function.__name__ = name
    return function


attention_unturned = named("attention_unturned", attention_of_pieces(turn=(False,) * 3))
attention_queries_turned = named(
    "attention_queries_turned", attention_of_pieces(turn=(True, False, False))
)
attention_keys_turned = named(
    "attention_keys_turned", attention_of_pieces(turn=(False, True, False))
)
attention_all_turned = named("attention_all_turned", attention_of_pieces(turn=(True,) * 3))
attention_unmasked = named(
    "attention_unmasked", attention_of_pieces(weigh=lambda scores: torch.softmax(scores, -1))
)
attention_masked_late = named(
    "attention_masked_late", attention_of_pieces(weigh=lambda scores: scores.softmax(-1).tril())
)
attention_unweighted = named("attention_unweighted", attention_of_pieces(weigh=torch.tril))
attention_of_raw_scores = named(
    "attention_of_raw_scores", attention_of_pieces(weigh=lambda scores: scores)
)
attention_to_the_future = named(
    "attention_to_the_future",
    attention_of_pieces(
        weigh=lambda s: s.masked_fill(torch.ones_like(s).tril(-1) == 1, -math.inf).softmax(-1)
    ),
)
attention_over_queries = named(
    "attention_over_queries", attention_of_pieces(weigh=lambda s: pieces.causal_weights(s).mT)
)
attention_in_one_head = named(
    "attention_in_one_head", attention_of_pieces(split=lambda part, _: part[:, None])
)
attention_without_out = named(
    "attention_without_out", attention_of_pieces(back=lambda mixed, _: mixed)
)
attention_without_out_bias = named(
    "attention_without_out_bias",
    attention_of_pieces(back=lambda mixed, layer: mixed @ layer.out.weight.T),
)
attention_out_not_transposed = named(
    "attention_out_not_transposed",
    attention_of_pieces(back=lambda mixed, layer: mixed @ layer.out.weight + layer.out.bias),
)
attention_without_bias = named(
    "attention_without_bias",
    attention_of_pieces(read=lambda x, layer: (x @ layer.qkv.weight.T).chunk(3, -1)),
)
attention_keys_first = named(
    "attention_keys_first",
    attention_of_pieces(read=lambda x, layer: [layer.qkv(x).chunk(3, -1)[i] for i in (1, 0, 2)]),
)
attention_values_second = named(
    "attention_values_second",
    attention_of_pieces(read=lambda x, layer: [layer.qkv(x).chunk(3, -1)[i] for i in (0, 2, 1)]),
)
attention_backwards = named(
    "attention_backwards",
    attention_of_pieces(read=lambda x, layer: layer.qkv(x).chunk(3, -1)[::-1]),
)
attention_of_keys = named(
    "attention_of_keys",
    attention_of_pieces(read=lambda x, layer: [layer.qkv(x).chunk(3, -1)[i] for i in (0, 1, 1)]),
)


def attention_turned_before_split(x, layer):
    q, k, v = pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    q, k, v = (
        pieces.split_heads(part, layer.heads) for part in (pieces.rotate(q), pieces.rotate(k), v)
    )
    return layer.out(pieces.merge_heads(pieces.causal_weights(pieces.scaled_scores(q, k)) @ v))


def attention_unscaled(x, layer):
    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    weights = pieces.causal_weights(pieces.rotate(q) @ pieces.rotate(k).mT)
    return layer.out(pieces.merge_heads(weights @ v))


def attention_scaled_by_width(x, layer):
    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    weights = pieces.causal_weights(pieces.rotate(q) @ pieces.rotate(k).mT / x.shape[-1] ** 0.5)
    return layer.out(pieces.merge_heads(weights @ v))


def attention_by_views(x, layer):
    batch, n, width = x.shape
    q, k, v = (
        part.reshape(batch, layer.heads, n, width // layer.heads)
        for part in layer.qkv(x).chunk(3, -1)
    )
    q, k = pieces.rotate(q), pieces.rotate(k)
    mixed = pieces.causal_weights(pieces.scaled_scores(q, k)) @ v
    return layer.out(mixed.reshape(batch, n, width))


def attention_merged_by_view(x, layer):
    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    q, k = pieces.rotate(q), pieces.rotate(k)
    return layer.out((pieces.causal_weights(pieces.scaled_scores(q, k)) @ v).reshape(x.shape))


def attention_and_stream(x, layer):
    return x + self_attention(x, layer)


def attention_without_gradient(x, layer):
    with torch.no_grad():
        return self_attention(x, layer)


def attention_of_a_detached_stream(x, layer):
    return self_attention(x.detach(), layer)


def attention_in_place(x, layer):
    with torch.no_grad():
        x.copy_(self_attention(x, layer))
    return self_attention(x, layer)


def attention_in_float32(x, layer):
    return self_attention(x, layer).float()


def attention_weights_alone(x, layer):
    q, k, _ = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    return pieces.causal_weights(pieces.scaled_scores(pieces.rotate(q), pieces.rotate(k)))


def attention_of_the_first_text(x, layer):
    return self_attention(x[:1], layer)


def not_written_yet(q):
    raise NotImplementedError


def attention_that_waits(x, layer):
    q, k, v = (pieces.split_heads(part, layer.heads) for part in layer.qkv(x).chunk(3, -1))
    weights = pieces.causal_weights(pieces.scaled_scores(not_written_yet(q), not_written_yet(k)))
    return layer.out(pieces.merge_heads(weights @ v))


def layer_norm(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    variance = (centred**2).mean(-1, keepdim=True)
    return centred / (variance + 1e-5).sqrt() * weight + bias


def norm_of_torch(x, weight, bias):
    return F.layer_norm(x, weight.shape, weight, bias)


def norm_by_a_module(x, weight, bias):
    module = nn.LayerNorm(len(weight), dtype=x.dtype)
    return torch.func.functional_call(module, {"weight": weight, "bias": bias}, (x,))


def norm_by_var_mean(x, weight, bias):
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + 1e-5) * weight + bias


def norm_by_unbiased_variance(x, weight, bias):
    variance = x.var(dim=-1, unbiased=False).unsqueeze(-1)
    return weight * ((x - x.mean(dim=-1)[..., None]) / torch.sqrt(variance + 1e-5)) + bias


def norm_by_two_moments(x, weight, bias):
    mean, square = x.mean(-1, True), (x * x).mean(-1, True)
    return (x - mean) / (square - mean**2 + 1e-5) ** 0.5 * weight + bias


def norm_in_loops(x, weight, bias):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        mean = sum(row) / len(row)
        variance = sum((value - mean) ** 2 for value in row) / len(row)
        rows.append((row - mean) / (variance + 1e-5) ** 0.5 * weight + bias)
    return torch.stack(rows).reshape(x.shape)


def norm_by_a_centring_matrix(x, weight, bias):
    width = x.shape[-1]
    centred = x @ (torch.eye(width, dtype=x.dtype) - 1 / width)
    length = torch.einsum("...i,...i->...", centred, centred)[..., None]
    return torch.addcmul(bias, centred / (length / width + 1e-5).sqrt(), weight)


def norm_by_groups(x, weight, bias):
    flat = x.reshape(-1, x.shape[-1])
    return F.group_norm(flat, 1, weight, bias, eps=1e-5).view_as(x)


def norm_of_a_transposed_batch(x, weight, bias):
    flat = x.reshape(1, -1, x.shape[-1])
    if x.shape[-1] == 1:
        return torch.zeros_like(x) * weight + bias
    normed = F.batch_norm(flat, None, None, training=True, eps=1e-5)
    return normed.reshape(x.shape) * weight + bias


def norm_by_deviation(x, weight, bias):
    mean, deviation = x.mean(-1, keepdim=True), x.std(-1, correction=0, keepdim=True)
    return weight * (x - mean) / torch.hypot(deviation, torch.tensor(1e-5).sqrt()) + bias


def norm_by_length(x, weight, bias):
    centred = x - x.sum(-1, keepdim=True) / x.shape[-1]
    variance = torch.linalg.vector_norm(centred, dim=-1, keepdim=True) ** 2 / x.shape[-1]
    return torch.lerp(bias, weight * centred + bias, 1 / (variance + 1e-5).sqrt())


def norm_over_places(x, weight, bias):
    axis = -2 if x.ndim > 1 else -1
    centred = x - x.mean(axis, keepdim=True)
    return centred / (x.var(axis, correction=0, keepdim=True) + 1e-5).sqrt() * weight + bias


def norm_over_axis_1(x, weight, bias):
    centred = x - x.mean(1, keepdim=True)
    return centred / ((centred**2).mean(1, keepdim=True) + 1e-5).sqrt() * weight + bias


def norm_of_a_text(x, weight, bias):
    return F.layer_norm(x, x.shape[-2:]) * weight + bias


def norm_of_all(x, weight, bias):
    return F.layer_norm(x, x.shape) * weight + bias


def norm_of_a_sample(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (x.var(-1, keepdim=True) + 1e-5).sqrt() * weight + bias


def norm_by_std(x, weight, bias):
    return (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-5) * weight + bias


def norm_by_std_alone(x, weight, bias):
    return (x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True) * weight + bias


def norm_without_eps(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred**2).mean(-1, keepdim=True).sqrt() * weight + bias


def norm_eps_outside(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / ((centred**2).mean(-1, keepdim=True).sqrt() + 1e-5) * weight + bias


def norm_with_another_eps(x, weight, bias):
    return F.layer_norm(x, weight.shape, weight, bias, eps=1e-6)


def norm_with_a_small_eps(x, weight, bias):
    return F.layer_norm(x, weight.shape, weight, bias, eps=1e-8)


def norm_with_a_large_eps(x, weight, bias):
    return F.layer_norm(x, weight.shape, weight, bias, eps=1e-3)


def norm_uncentred(x, weight, bias):
    return x / (x.var(-1, correction=0, keepdim=True) + 1e-5).sqrt() * weight + bias


def norm_rms(x, weight, bias):
    return x / ((x**2).mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias


def norm_by_variance(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / ((centred**2).mean(-1, keepdim=True) + 1e-5) * weight + bias


def norm_centred_alone(x, weight, bias):
    return (x - x.mean(-1, keepdim=True)) * weight + bias


def norm_not_learned(x, weight, bias):
    return F.layer_norm(x, weight.shape)


def norm_without_weight(x, weight, bias):
    return F.layer_norm(x, weight.shape, bias=bias)


def norm_without_bias(x, weight, bias):
    return F.layer_norm(x, weight.shape, weight)


def norm_exchanged(x, weight, bias):
    return F.layer_norm(x, weight.shape, bias, weight)


def norm_bias_scaled(x, weight, bias):
    return (F.layer_norm(x, weight.shape) + bias) * weight


def norm_to_length_1(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.norm(dim=-1, keepdim=True) + 1e-12) * weight + bias


def norm_uncentred_to_length_1(x, weight, bias):
    return F.normalize(x, dim=-1) * weight + bias


def norm_by_absolute_distance(x, weight, bias):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.abs().mean(-1, keepdim=True) + 1e-5) * weight + bias


def norm_in_place(x, weight, bias):
    with torch.no_grad():
        x -= x.mean(-1, keepdim=True)
    return layer_norm(x, weight, bias)


def norm_detached(x, weight, bias):
    return layer_norm(x.detach(), weight, bias)


def norm_in_numpy(x, weight, bias):
    return layer_norm(x, weight, bias).detach().numpy()


def norm_in_float32(x, weight, bias):
    return layer_norm(x.float(), weight.float(), bias.float())


def norm_keeps_no_axis(x, weight, bias):
    return (x - x.mean(-1)) / (x.var(-1, correction=0) + 1e-5).sqrt() * weight + bias


def block(x, layer):
    normed = pieces.layer_norm(x, layer.norm_1.weight, layer.norm_1.bias)
    x = x + pieces.self_attention(normed, layer.attention)
    normed = pieces.layer_norm(x, layer.norm_2.weight, layer.norm_2.bias)
    hidden = F.gelu(normed @ layer.up.weight.T + layer.up.bias)
    return x + hidden @ layer.down.weight.T + layer.down.bias


def block_by_modules(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + layer.down(F.gelu(layer.up(layer.norm_2(x))))


def block_in_sequence(x, layer):
    perceptron = nn.Sequential(layer.norm_2, layer.up, nn.GELU(), layer.down)
    found = pieces.self_attention(layer.norm_1(x), layer.attention) + x
    return torch.add(found, perceptron(found))


def block_by_functions(x, layer):
    def norm(x, own):
        return F.layer_norm(x, x.shape[-1:], own.weight, own.bias)

    def linear(x, own):
        return F.linear(x, own.weight, own.bias)

    for step in (
        lambda x: pieces.self_attention(norm(x, layer.norm_1), layer.attention),
        lambda x: linear(F.gelu(linear(norm(x, layer.norm_2), layer.up)), layer.down),
    ):
        x = x + step(x)
    return x


def block_with_erf(x, layer):
    x = x + attention_of_torch(layer.norm_1(x), layer.attention)
    hidden = layer.up(layer.norm_2(x))
    hidden = hidden * 0.5 * (1.0 + torch.erf(hidden / math.sqrt(2.0)))
    return x + layer.down(hidden)


def block_with_ndtr(x, layer):
    x = attention_head_by_head(layer.norm_1(x), layer.attention).add(x)
    hidden = torch.einsum("bnw,hw->bnh", layer.norm_2(x), layer.up.weight) + layer.up.bias
    hidden = hidden * torch.special.ndtr(hidden)
    return torch.einsum("bnh,wh->bnw", hidden, layer.down.weight) + (layer.down.bias + x)


def block_place_by_place(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    normed, rows = layer.norm_2(x), []
    for i in range(x.shape[1]):
        hidden = F.gelu(torch.addmm(layer.up.bias, normed[:, i], layer.up.weight.T))
        rows.append(x[:, i] + torch.addmm(layer.down.bias, hidden, layer.down.weight.T))
    return torch.stack(rows, dim=1)


def block_text_by_text(x, layer):
    return torch.cat([block(text[None], layer) for text in x])


def block_of_the_model(x, layer):
    heads = layer.attention.heads
    turns = attention.rotations(x.shape[1], x.shape[2] // heads)
    return layer(x, tuple(part.to(x.dtype) for part in turns))


def block_of_what_is_added(x, layer):
    added = [x]
    added.append(pieces.self_attention(layer.norm_1(sum(added)), layer.attention))
    added.append(layer.down(F.gelu(layer.up(layer.norm_2(sum(added))))))
    return torch.stack(added).sum(0)


def block_on_a_copy(x, layer):
    x = x.clone()
    x += pieces.self_attention(layer.norm_1(x), layer.attention)
    x += layer.down(F.gelu(layer.up(layer.norm_2(x))))
    return x


def perceptron(x, layer):
    return layer.down(F.gelu(layer.up(x)))


def block_post_norm(x, layer):
    x = layer.norm_1(x + pieces.self_attention(x, layer.attention))
    return layer.norm_2(x + perceptron(x, layer))


def block_found_normed(x, layer):
    x = x + layer.norm_1(pieces.self_attention(x, layer.attention))
    return x + layer.norm_2(perceptron(x, layer))


def block_normed_kept(x, layer):
    x = layer.norm_1(x)
    x = x + pieces.self_attention(x, layer.attention)
    x = layer.norm_2(x)
    return x + perceptron(x, layer)


def block_in_parallel(x, layer):
    found = pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + found + perceptron(layer.norm_2(x), layer)


def block_one_norm(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + perceptron(layer.norm_1(x), layer)


def block_second_norm_twice(x, layer):
    x = x + pieces.self_attention(layer.norm_2(x), layer.attention)
    return x + perceptron(layer.norm_2(x), layer)


def block_norms_exchanged(x, layer):
    x = x + pieces.self_attention(layer.norm_2(x), layer.attention)
    return x + perceptron(layer.norm_1(x), layer)


def block_attention_unnormed(x, layer):
    x = x + pieces.self_attention(x, layer.attention)
    return x + perceptron(layer.norm_2(x), layer)


def block_perceptron_unnormed(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + perceptron(x, layer)


def block_unnormed(x, layer):
    x = x + pieces.self_attention(x, layer.attention)
    return x + perceptron(x, layer)


def block_attention_replaces(x, layer):
    x = pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + perceptron(layer.norm_2(x), layer)


def block_perceptron_replaces(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return perceptron(layer.norm_2(x), layer)


def block_adds_nothing(x, layer):
    x = pieces.self_attention(layer.norm_1(x), layer.attention)
    return perceptron(layer.norm_2(x), layer)


def block_of_attention(x, layer):
    return x + pieces.self_attention(layer.norm_1(x), layer.attention)


def block_of_perceptron(x, layer):
    return x + perceptron(layer.norm_2(x), layer)


def block_perceptron_first(x, layer):
    x = x + perceptron(layer.norm_2(x), layer)
    return x + pieces.self_attention(layer.norm_1(x), layer.attention)


def block_adds_the_stream_twice(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + x + perceptron(layer.norm_2(x), layer)


def block_with(activation, up=1, down=1):
    """The block with another non-linearity, or without a bias."""

    def made(x, layer):
        x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
        hidden = activation(layer.norm_2(x) @ layer.up.weight.T + up * layer.up.bias)
        return x + hidden @ layer.down.weight.T + down * layer.down.bias

    return made


block_relu = named("block_relu", block_with(torch.relu))
block_silu = named("block_silu", block_with(F.silu))
block_tanh = named("block_tanh", block_with(torch.tanh))
block_gelu_by_tanh = named("block_gelu_by_tanh", block_with(nn.GELU(approximate="tanh")))
block_gelu_by_sigmoid = named(
    "block_gelu_by_sigmoid", block_with(lambda x: x * torch.sigmoid(1.702 * x))
)
block_linear = named("block_linear", block_with(lambda x: x))
block_without_up_bias = named("block_without_up_bias", block_with(F.gelu, up=0))
block_without_down_bias = named("block_without_down_bias", block_with(F.gelu, down=0))
block_without_biases = named("block_without_biases", block_with(F.gelu, up=0, down=0))


def block_in_place(x, layer):
    with torch.no_grad():
        x += pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + perceptron(layer.norm_2(x), layer)


def block_without_gradient(x, layer):
    return block(x, layer).detach()


def block_not_transposed(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    return x + F.gelu(layer.norm_2(x) @ layer.up.weight) @ layer.down.weight


def block_attends_with_the_block(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer)
    return x + perceptron(layer.norm_2(x), layer)


def block_returns_nothing(x, layer):
    x = x + pieces.self_attention(layer.norm_1(x), layer.attention)
    x = x + perceptron(layer.norm_2(x), layer)


def gpt(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = pieces.block(x, layer)
    return pieces.layer_norm(x, model.norm.weight, model.norm.bias) @ model.head.weight.T


def gpt_by_modules(ids, model):
    x = model.characters(ids)
    for layer in model.blocks:
        x = block_by_modules(x, layer)
    return model.head(model.norm(x))


def gpt_by_functions(ids, model):
    x = reduce(pieces.block, model.layers, F.embedding(ids, model.characters.weight))
    x = F.layer_norm(x, x.shape[-1:], model.norm.weight, model.norm.bias)
    return F.linear(x, model.head.weight)


def gpt_of_one_hots(ids, model):
    table = model.characters.weight
    x = F.one_hot(ids, len(table)).to(table.dtype) @ table
    for i in range(len(model.layers)):
        x = block_in_sequence(x, model.layers[i])
    return torch.einsum("bnw,vw->bnv", model.norm(x), model.head.weight)


def gpt_of_the_model(ids, model):
    return model(ids)


def gpt_text_by_text(ids, model):
    return torch.stack([gpt(text.unsqueeze(0), model)[0] for text in ids])


def gpt_prefix_by_prefix(ids, model):
    places = range(1, ids.shape[1] + 1)
    return torch.stack([gpt(ids[:, :n], model)[:, -1] for n in places], dim=1)


def gpt_by_recursion(ids, model):
    def after(number):
        if number == 0:
            return torch.index_select(model.characters.weight, 0, ids.flatten()).view(
                *ids.shape, -1
            )
        return pieces.block(after(number - 1), model.layers[number - 1])

    return model.norm(after(len(model.layers))).matmul(model.head.weight.t())


def gpt_row_by_row(ids, model):
    table = model.characters.weight
    x = torch.stack([torch.stack([table[i] for i in text.tolist()]) for text in ids])
    for layer in model.layers:
        x = block_text_by_text(x, layer)
    logits = [(model.norm(x) * row).sum(-1) for row in model.head.weight]
    return torch.stack(logits, dim=-1)


def gpt_with(enter=lambda x: x, layers=None, leave=None):
    """The model with one step done otherwise."""

    def made(ids, model):
        x = enter(model.characters.weight[ids])
        for layer in (layers or (lambda every: every))(model.layers):
            x = pieces.block(x, layer)
        return (leave or (lambda x, model: model.head(model.norm(x))))(x, model)

    return made


gpt_without_norm = named("gpt_without_norm", gpt_with(leave=lambda x, model: model.head(x)))
gpt_first_layer = named("gpt_first_layer", gpt_with(layers=lambda every: every[:1]))
gpt_without_last_layer = named("gpt_without_last_layer", gpt_with(layers=lambda every: every[:-1]))
gpt_last_layer = named("gpt_last_layer", gpt_with(layers=lambda every: every[-1:]))
gpt_without_layers = named("gpt_without_layers", gpt_with(layers=lambda every: []))
gpt_same_layer = named("gpt_same_layer", gpt_with(layers=lambda every: every[:1] * len(every)))
gpt_upside_down = named("gpt_upside_down", gpt_with(layers=reversed))
gpt_layers_twice = named("gpt_layers_twice", gpt_with(layers=lambda every: every * 2))
gpt_scaled = named("gpt_scaled", gpt_with(enter=lambda x: x * math.sqrt(x.shape[-1])))
gpt_turned = named("gpt_turned", gpt_with(enter=pieces.rotate))
gpt_tied = named(
    "gpt_tied", gpt_with(leave=lambda x, model: model.norm(x) @ model.characters.weight.T)
)
gpt_stream = named("gpt_stream", gpt_with(leave=lambda x, model: x))
gpt_normed_stream = named("gpt_normed_stream", gpt_with(leave=lambda x, model: model.norm(x)))
gpt_head_not_transposed = named(
    "gpt_head_not_transposed", gpt_with(leave=lambda x, model: model.norm(x) @ model.head.weight)
)
gpt_unlearned_norm = named(
    "gpt_unlearned_norm", gpt_with(leave=lambda x, model: model.head(F.layer_norm(x, x.shape[-1:])))
)


def gpt_unassigned(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        pieces.block(x, layer)
    return model.head(model.norm(x))


def gpt_from_the_start_again(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        y = pieces.block(x, layer)
    return model.head(model.norm(y))


def gpt_returns_in_the_loop(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = pieces.block(x, layer)
        return model.head(model.norm(x))


def gpt_adds_again(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = x + pieces.block(x, layer)
    return model.head(model.norm(x))


def gpt_normed_each_time(ids, model):
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = model.norm(pieces.block(x, layer))
    return model.head(x)


def gpt_probabilities(ids, model):
    return torch.softmax(gpt(ids, model), dim=-1)


def gpt_log_probabilities(ids, model):
    return F.log_softmax(gpt(ids, model), dim=-1)


def gpt_last_place(ids, model):
    return gpt(ids, model)[:, -1]


def gpt_last_place_kept(ids, model):
    return gpt(ids, model)[:, -1:]


def gpt_likeliest(ids, model):
    return gpt(ids, model).argmax(-1)


def gpt_without_gradient(ids, model):
    with torch.no_grad():
        return gpt(ids, model)


def gpt_for_cross_entropy(ids, model):
    return gpt(ids, model).transpose(1, 2)


def gpt_first_text(ids, model):
    return gpt(ids[0], model)


def gpt_without_lookup(ids, model):
    return gpt_with()(ids.float(), model)


def gpt_ids_in_place(ids, model):
    logits = gpt(ids, model)
    ids[:, :-1] = ids[:, 1:].clone()
    ids[:, -1] = (ids[:, -1] + 1) % 2
    return logits


ANSWERS = {
    "self_attention": Answers(
        right=(
            self_attention,
            attention_of_torch,
            attention_by_modules,
            attention_by_complex_numbers,
            attention_head_by_head,
            attention_by_einsum,
            attention_place_by_place,
            attention_text_by_text,
            attention_by_exponentials,
            attention_of_the_model,
        ),
        wrong=(
            (attention_unturned, "nothing is turned"),
            (attention_queries_turned, "only the queries are turned"),
            (attention_keys_turned, "only the keys are turned"),
            (attention_all_turned, "the values are turned too"),
            (attention_turned_before_split, "you turned before you split"),
            (attention_unmasked, "nothing is masked"),
            (attention_masked_late, "the mask comes after the softmax"),
            (attention_unweighted, "the scores are no weights yet"),
            (attention_of_raw_scores, "the scores are no weights yet"),
            (attention_to_the_future, "it should be"),
            (attention_over_queries, "it should be"),
            (attention_unscaled, "not divided by the root of d"),
            (attention_scaled_by_width, "d is the width of one head"),
            (attention_in_one_head, "there is one head only"),
            (attention_by_views, "a reshape alone mixes places and heads: use `split_heads`"),
            (attention_merged_by_view, "a reshape alone mixes places and heads: use `merge_heads`"),
            (attention_without_out, "the last map, `layer.out`, is missing"),
            (attention_without_out_bias, "add `layer.out.bias`"),
            (attention_out_not_transposed, "is not transposed"),
            (attention_without_bias, "the bias of queries, keys and values is missing"),
            (attention_keys_first, "queries and keys are exchanged"),
            (attention_values_second, "keys and values are exchanged"),
            (attention_backwards, "queries and values are exchanged"),
            (attention_of_keys, "the keys are mixed"),
            (attention_and_stream, "the stream is added in the block"),
            (attention_without_gradient, "has lost its gradient"),
            (attention_of_a_detached_stream, "has lost its gradient"),
            (attention_in_place, "you change `x` in place"),
            (attention_in_float32, "you return float32 where float64 is expected"),
            (attention_weights_alone, "you return shape (2, 2, 5, 5) where (2, 5, 8) is expected"),
            (attention_of_the_first_text, "you return shape (1, 5, 8)"),
            (attention_that_waits, "waits for `not_written_yet`, which is not written yet"),
        ),
        inputs=stream_and_attention,
    ),
    "layer_norm": Answers(
        right=(
            layer_norm,
            norm_of_torch,
            norm_by_a_module,
            norm_by_var_mean,
            norm_by_unbiased_variance,
            norm_by_two_moments,
            norm_in_loops,
            norm_by_a_centring_matrix,
            norm_by_groups,
            norm_of_a_transposed_batch,
            norm_by_deviation,
            norm_by_length,
        ),
        wrong=(
            (norm_over_places, "you normalised over the places"),
            (norm_over_axis_1, ""),
            (norm_of_a_text, "you normalised all places together"),
            (norm_of_all, "you normalised the whole batch together"),
            (norm_of_a_sample, "divided by width - 1: divide by the width"),
            (norm_by_std, "and add the 1e-5 inside the root"),
            (norm_by_std_alone, "and the 1e-5 is missing"),
            (norm_without_eps, "the 1e-5 is missing"),
            (norm_eps_outside, "is added to the variance, inside the root"),
            (norm_with_another_eps, "not 1e-6"),
            (norm_with_a_small_eps, "not 1e-8"),
            (norm_with_a_large_eps, "it should be"),
            (norm_uncentred, "the mean is not taken away"),
            (norm_rms, "this is the RMS norm"),
            (norm_by_variance, "you divided by the variance"),
            (norm_centred_alone, "divide by the root of the variance too"),
            (norm_not_learned, "the learned weight and bias are missing"),
            (norm_without_weight, "the learned weight is missing"),
            (norm_without_bias, "the learned bias is missing"),
            (norm_exchanged, "weight and bias are exchanged"),
            (norm_bias_scaled, "the bias is added last"),
            (norm_to_length_1, "this scales to length 1"),
            (norm_uncentred_to_length_1, "with the mean left in"),
            (norm_by_absolute_distance, "it should be"),
            (norm_in_place, "you change `x` in place"),
            (norm_detached, "has lost its gradient"),
            (norm_in_numpy, "where a torch tensor is expected"),
            (norm_in_float32, "you return float32 where float64 is expected"),
            (norm_keeps_no_axis, "stopped with RuntimeError"),
        ),
        inputs=stream_and_norm,
    ),
    "block": Answers(
        right=(
            block,
            block_by_modules,
            block_in_sequence,
            block_by_functions,
            block_with_erf,
            block_with_ndtr,
            block_place_by_place,
            block_text_by_text,
            block_of_the_model,
            block_of_what_is_added,
            block_on_a_copy,
        ),
        wrong=(
            (block_post_norm, "you normalised after adding"),
            (block_found_normed, "you normalised what is found"),
            (block_normed_kept, "the normalised vectors took the stream's place"),
            (block_in_parallel, "both steps read the same stream"),
            (block_one_norm, "the perceptron has a norm of its own"),
            (block_second_norm_twice, "it should be"),
            (block_norms_exchanged, "the two norms are exchanged"),
            (block_attention_unnormed, "attention reads the stream unnormalised"),
            (block_perceptron_unnormed, "the perceptron reads the stream unnormalised"),
            (block_unnormed, "both steps read the stream unnormalised"),
            (block_attention_replaces, "attention replaced the stream"),
            (block_perceptron_replaces, "the perceptron replaced the stream"),
            (block_adds_nothing, "both steps replaced the stream"),
            (block_of_attention, "the perceptron is missing"),
            (block_of_perceptron, "attention is missing"),
            (block_perceptron_first, "it should be"),
            (block_adds_the_stream_twice, "it should be"),
            (block_relu, "a GELU, not a ReLU"),
            (block_silu, "a GELU, not a SiLU"),
            (block_tanh, "it should be"),
            (block_gelu_by_tanh, "the GELU's approximation by tanh"),
            (block_gelu_by_sigmoid, "the GELU's approximation by a sigmoid"),
            (block_linear, "there is no non-linearity"),
            (block_without_up_bias, "the bias `layer.up.bias` is missing"),
            (block_without_down_bias, "the bias `layer.down.bias` is missing"),
            (block_without_biases, "both biases of the perceptron are missing"),
            (block_in_place, "you change `x` in place"),
            (block_without_gradient, "has lost its gradient"),
            (block_not_transposed, "stopped with RuntimeError"),
            (block_attends_with_the_block, "stopped with AttributeError"),
            (block_returns_nothing, "did you forget `return`?"),
        ),
        inputs=stream_and_block,
    ),
    "gpt": Answers(
        right=(
            gpt,
            gpt_by_modules,
            gpt_by_functions,
            gpt_of_one_hots,
            gpt_of_the_model,
            gpt_text_by_text,
            gpt_prefix_by_prefix,
            gpt_by_recursion,
            gpt_row_by_row,
        ),
        wrong=(
            (gpt_without_norm, "the last norm is missing"),
            (gpt_normed_each_time, "the norm comes once"),
            (gpt_unlearned_norm, "it should be"),
            (gpt_first_layer, "only the first layer is there"),
            (gpt_returns_in_the_loop, "only the first layer is there"),
            (gpt_without_last_layer, "the last layer is missing"),
            (gpt_last_layer, "only the last layer counts"),
            (gpt_from_the_start_again, "only the last layer counts"),
            (gpt_without_layers, "no layer is there"),
            (gpt_unassigned, "no layer is there"),
            (gpt_same_layer, "one and the same layer again and again"),
            (gpt_upside_down, "the layers run from the last to the first"),
            (gpt_layers_twice, "it should be"),
            (gpt_adds_again, "do not add the stream again"),
            (gpt_scaled, "they are not scaled here"),
            (gpt_turned, "nothing is turned before the first layer"),
            (gpt_probabilities, "return logits, not probabilities"),
            (gpt_log_probabilities, "return logits, not log-probabilities"),
            (gpt_last_place, "return the logits of every place"),
            (gpt_last_place_kept, "you return shape (2, 1, 11) where (2, 5, 11) is expected"),
            (gpt_likeliest, "return logits, not the likeliest character"),
            (gpt_tied, "the last matrix is `model.head`"),
            (gpt_stream, "this is the stream: the last norm and the head"),
            (gpt_normed_stream, "this is the normalised stream: the head turns it"),
            (gpt_head_not_transposed, "stopped with RuntimeError"),
            (gpt_without_gradient, "has lost its gradient"),
            (gpt_for_cross_entropy, "you return shape (2, 11, 5) where (2, 5, 11) is expected"),
            (gpt_first_text, ""),
            (gpt_without_lookup, "stopped with IndexError"),
            (gpt_ids_in_place, "you change `ids` in place"),
        ),
        inputs=ids_and_model,
    ),
}
