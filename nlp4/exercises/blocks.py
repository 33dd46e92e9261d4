"""The exercises of notebook 02, second part: from attention to the whole GPT."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nlp4.exercises.judging import Case, Exercise, Mistake
from nlp4.exercises.layers import drawn
from nlp4.models import pieces
from nlp4.models.gpt import GPT, Block, CausalSelfAttention, ModelConfig

NOTEBOOK = "02_build_the_transformer"


def tiny_gpt(rng: np.random.Generator, *, heads: int = 2, width: int = 8, layers: int = 2) -> GPT:
    """A small GPT all of whose weights are drawn: in a fresh one biases are 0 and norms 1."""
    config = ModelConfig(
        11, block=16, layers=layers, heads=heads, width=width, positions="rotary", dropout=0.0
    )
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            middle = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(middle + drawn(rng, *parameter.shape, scale=0.4))
    return model


def _attention_cases(rng: np.random.Generator) -> list[Case]:
    models = [tiny_gpt(rng), tiny_gpt(rng, heads=1, width=4), tiny_gpt(rng, heads=4)]
    sizes = [(2, 5, 8), (1, 3, 4), (3, 4, 8)]
    found: list[Case] = [
        (drawn(rng, *size), model.layers[0].attention)
        for size, model in zip(sizes, models, strict=True)
    ]
    return [*found, (drawn(rng, 1, 1, 8), models[0].layers[1].attention)]


Step = Callable[[Tensor], Tensor]


def _same(x: Tensor) -> Tensor:
    return x


def _attending(
    x: Tensor,
    layer: CausalSelfAttention,
    *,
    order: tuple[int, int, int] = (0, 1, 2),
    turn: tuple[Step, Step, Step] = (pieces.rotate, pieces.rotate, _same),
    weigh: Step = pieces.causal_weights,
    heads: int | None = None,
    out: bool = True,
    out_bias: bool = True,
) -> Tensor:
    """Attention with one part done otherwise."""
    parts = pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    split = [pieces.split_heads(parts[i], heads or layer.heads) for i in order]
    q, k, v = (step(part) for step, part in zip(turn, split, strict=True))
    mixed = pieces.merge_heads(weigh(pieces.scaled_scores(q, k)) @ v)
    if not out:
        return mixed
    return mixed @ layer.out.weight.T + (layer.out.bias if out_bias else 0)


def _turned_first(x: Tensor, layer: CausalSelfAttention) -> Tensor:
    """Queries and keys turned before they are split: pairs reach across heads."""
    q, k, v = pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)
    split = (pieces.split_heads(part, layer.heads) for part in (pieces.rotate(q), pieces.rotate(k)))
    weights = pieces.causal_weights(pieces.scaled_scores(*split))
    mixed = pieces.merge_heads(weights @ pieces.split_heads(v, layer.heads))
    return mixed @ layer.out.weight.T + layer.out.bias


SELF_ATTENTION = Exercise(
    name="self_attention",
    title="Self-attention, put together",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_attention_cases,
    reference=pieces.self_attention,
    mistakes=(
        Mistake(
            "nothing is turned: queries and keys do not know where they stand",
            partial(_attending, turn=(_same, _same, _same)),
        ),
        Mistake(
            "only the queries are turned: turn the keys too",
            partial(_attending, turn=(pieces.rotate, _same, _same)),
        ),
        Mistake(
            "only the keys are turned: turn the queries too",
            partial(_attending, turn=(_same, pieces.rotate, _same)),
        ),
        Mistake(
            "the values are turned too: only what is compared tells where it stands",
            partial(_attending, turn=(pieces.rotate,) * 3),
        ),
        Mistake("you turned before you split: each head is turned by itself", _turned_first),
        Mistake(
            "nothing is masked: use `causal_weights`",
            partial(_attending, weigh=lambda scores: scores.softmax(-1)),
        ),
        Mistake(
            "the scores are no weights yet: use `causal_weights`",
            partial(_attending, weigh=lambda scores: scores.tril()),
        ),
        Mistake("there is one head only: split into `layer.heads`", partial(_attending, heads=1)),
        Mistake("the map back is missing: `layer.out`", partial(_attending, out=False)),
        Mistake("the bias of the map back is missing", partial(_attending, out_bias=False)),
        Mistake(
            "queries and keys are exchanged: row i of the scores is the query's",
            partial(_attending, order=(1, 0, 2)),
        ),
        Mistake(
            "keys and values are exchanged: the weights mix the values",
            partial(_attending, order=(0, 2, 1)),
        ),
        Mistake(
            "return what attention finds: the stream is added in the block",
            lambda x, layer: x + pieces.self_attention(x, layer),
        ),
    ),
)


def _norm_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 5, 8), (1, 1, 4), (3, 2, 2), (4, 6)]
    found: list[Case] = [
        (drawn(rng, *size, scale=3) + 1, drawn(rng, size[-1]), drawn(rng, size[-1]))
        for size in sizes
    ]
    faint = (drawn(rng, 2, 3, 4, scale=1e-3), drawn(rng, 4), drawn(rng, 4))
    level = (torch.full((1, 2, 4), 2.5), drawn(rng, 4), drawn(rng, 4))
    return [*found, faint, level, tuple(part.double() for part in found[0])]


def _normed(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    axis: int = -1,
    correction: int = 0,
    eps: float = 1e-5,
    outside: float = 0.0,
    centre: bool = True,
) -> Tensor:
    """The norm with one part done otherwise."""
    middle = x.mean(axis, keepdim=True)
    variance = x.var(axis, keepdim=True, correction=correction)
    scaled = (x - middle if centre else x) / ((variance + eps).sqrt() + outside)
    return scaled * weight + bias


LAYER_NORM = Exercise(
    name="layer_norm",
    title="Bring each place to one scale",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_norm_cases,
    reference=pieces.layer_norm,
    mistakes=(
        Mistake(
            "you normalised over the places: each place's own numbers, the last axis, count",
            partial(_normed, axis=-2),
        ),
        Mistake(
            "this is the variance of a sample, divided by width - 1: divide by the width",
            partial(_normed, correction=1),
        ),
        Mistake(
            "the 1e-5 is missing: numbers that are all alike would be divided by 0",
            partial(_normed, eps=0.0),
        ),
        Mistake(
            "the 1e-5 is added to the variance, inside the root",
            partial(_normed, eps=0.0, outside=1e-5),
        ),
        Mistake("the mean is not taken away", partial(_normed, centre=False)),
        Mistake(
            "you divided by the variance: divide by its root",
            lambda x, weight, bias: (
                (x - x.mean(-1, keepdim=True))
                / (x.var(-1, keepdim=True, correction=0) + 1e-5)
                * weight
                + bias
            ),
        ),
        Mistake(
            "the mean is taken away; divide by the root of the variance too",
            lambda x, weight, bias: (x - x.mean(-1, keepdim=True)) * weight + bias,
        ),
        Mistake(
            "the learned weight is missing",
            lambda x, weight, bias: _normed(x, torch.ones_like(weight), bias),
        ),
        Mistake(
            "the learned bias is missing",
            lambda x, weight, bias: _normed(x, weight, torch.zeros_like(bias)),
        ),
        Mistake(
            "weight and bias are exchanged: multiply by the weight, add the bias",
            lambda x, weight, bias: _normed(x, bias, weight),
        ),
        Mistake(
            "the bias is added last, it is not multiplied by the weight",
            lambda x, weight, bias: _normed(x, weight, weight * bias),
        ),
        Mistake(
            "this scales to length 1: bring the variance to 1",
            lambda x, weight, bias: F.normalize(x, dim=-1) * weight + bias,
        ),
    ),
)


def _block_cases(rng: np.random.Generator) -> list[Case]:
    models = [tiny_gpt(rng), tiny_gpt(rng, heads=1, width=4), tiny_gpt(rng, heads=4)]
    sizes = [(2, 5, 8), (1, 1, 4), (1, 3, 8)]
    return [
        (drawn(rng, *size), model.layers[-1]) for size, model in zip(sizes, models, strict=True)
    ]


def _norm_1(x: Tensor, layer: Block) -> Tensor:
    return pieces.layer_norm(x, layer.norm_1.weight, layer.norm_1.bias)


def _norm_2(x: Tensor, layer: Block) -> Tensor:
    return pieces.layer_norm(x, layer.norm_2.weight, layer.norm_2.bias)


def _perceptron(x: Tensor, layer: Block, bend: Step = F.gelu) -> Tensor:
    hidden = bend(x @ layer.up.weight.T + layer.up.bias)
    return hidden @ layer.down.weight.T + layer.down.bias


def _attended(x: Tensor, layer: Block) -> Tensor:
    return x + pieces.self_attention(_norm_1(x, layer), layer.attention)


def _bent(bend: Step) -> Callable[[Tensor, Block], Tensor]:
    def made(x: Tensor, layer: Block) -> Tensor:
        x = _attended(x, layer)
        return x + _perceptron(_norm_2(x, layer), layer, bend)

    return made


def _post_norm(x: Tensor, layer: Block) -> Tensor:
    x = _norm_1(x + pieces.self_attention(x, layer.attention), layer)
    return _norm_2(x + _perceptron(x, layer), layer)


def _parallel(x: Tensor, layer: Block) -> Tensor:
    return _attended(x, layer) + _perceptron(_norm_2(x, layer), layer)


def _one_norm(x: Tensor, layer: Block) -> Tensor:
    x = _attended(x, layer)
    return x + _perceptron(_norm_1(x, layer), layer)


def _first_unnormed(x: Tensor, layer: Block) -> Tensor:
    x = x + pieces.self_attention(x, layer.attention)
    return x + _perceptron(_norm_2(x, layer), layer)


def _second_unnormed(x: Tensor, layer: Block) -> Tensor:
    x = _attended(x, layer)
    return x + _perceptron(x, layer)


def _stream_replaced(x: Tensor, layer: Block) -> Tensor:
    x = pieces.self_attention(_norm_1(x, layer), layer.attention)
    return x + _perceptron(_norm_2(x, layer), layer)


def _normed_kept(x: Tensor, layer: Block) -> Tensor:
    x = _norm_1(x, layer)
    x = x + pieces.self_attention(x, layer.attention)
    x = _norm_2(x, layer)
    return x + _perceptron(x, layer)


BLOCK = Exercise(
    name="block",
    title="Attention, then a perceptron",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_block_cases,
    reference=pieces.block,
    mistakes=(
        Mistake("you normalised after adding: normalise what is read, not the stream", _post_norm),
        Mistake(
            "the normalised vectors took the stream's place: add to the stream as it was",
            _normed_kept,
        ),
        Mistake(
            "both steps read the same stream: the perceptron reads what attention left", _parallel
        ),
        Mistake("the perceptron has a norm of its own, `layer.norm_2`", _one_norm),
        Mistake("attention reads the stream unnormalised", _first_unnormed),
        Mistake("the perceptron reads the stream unnormalised", _second_unnormed),
        Mistake("attention replaced the stream: add what it finds", _stream_replaced),
        Mistake(
            "the perceptron replaced the stream: add what it finds",
            lambda x, layer: _perceptron(_norm_2(_attended(x, layer), layer), layer),
        ),
        Mistake("only attention is there: the perceptron is missing", _attended),
        Mistake(
            "only the perceptron is there: attention is missing",
            lambda x, layer: x + _perceptron(_norm_2(x, layer), layer),
        ),
        Mistake("the bend is a GELU, not a ReLU", _bent(F.relu)),
        Mistake(
            "this is the GELU's approximation by tanh: the weights were trained with `F.gelu(x)`",
            _bent(partial(F.gelu, approximate="tanh")),
        ),
        Mistake("there is no bend between the two matrices: `F.gelu`", _bent(_same)),
    ),
)


def _gpt_cases(rng: np.random.Generator) -> list[Case]:
    models = [tiny_gpt(rng), tiny_gpt(rng, heads=1, width=4, layers=3), tiny_gpt(rng, layers=1)]
    sizes = [(2, 5), (1, 3), (3, 1)]
    return [
        (torch.from_numpy(rng.integers(11, size=size)), model)
        for size, model in zip(sizes, models, strict=True)
    ]


def _through(
    ids: Tensor,
    model: GPT,
    *,
    layers: slice = slice(None),
    scale: float = 1.0,
    norm: bool = True,
    reverse: bool = False,
) -> Tensor:
    """The model with one part done otherwise."""
    x = model.characters.weight[ids] * scale
    for layer in reversed(model.layers) if reverse else model.layers[layers]:
        x = pieces.block(x, layer)
    x = pieces.layer_norm(x, model.norm.weight, model.norm.bias) if norm else x
    return x @ model.head.weight.T


GPT_WHOLE = Exercise(
    name="gpt",
    title="The whole model",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_gpt_cases,
    reference=pieces.gpt,
    mistakes=(
        Mistake("the last norm is missing: `model.norm`", partial(_through, norm=False)),
        Mistake("only the first layer is there", partial(_through, layers=slice(1))),
        Mistake("the last layer is missing", partial(_through, layers=slice(-1))),
        Mistake("no layer is there: loop over `model.layers`", partial(_through, layers=slice(0))),
        Mistake("the layers run from the last to the first", partial(_through, reverse=True)),
        Mistake(
            "the rows of the table go in as they are: they are not scaled here",
            lambda ids, model: _through(ids, model, scale=model.config.width**0.5),
        ),
        Mistake(
            "return logits, not probabilities: leave out the softmax",
            lambda ids, model: pieces.gpt(ids, model).softmax(-1),
        ),
        Mistake(
            "return logits, not log-probabilities",
            lambda ids, model: pieces.gpt(ids, model).log_softmax(-1),
        ),
        Mistake(
            "return the logits of every place, not of the last one alone",
            lambda ids, model: pieces.gpt(ids, model)[:, -1],
        ),
        Mistake(
            "the last matrix is `model.head`: the table of the characters is another one",
            lambda ids, model: (
                pieces.layer_norm(_stream(ids, model), model.norm.weight, model.norm.bias)
                @ model.characters.weight.T
            ),
        ),
        Mistake(
            "this is the stream: the last matrix turns it into logits",
            lambda ids, model: pieces.layer_norm(
                _stream(ids, model), model.norm.weight, model.norm.bias
            ),
        ),
    ),
)


def _stream(ids: Tensor, model: GPT) -> Tensor:
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = pieces.block(x, layer)
    return x
