"""The exercises of notebook 02, second part: from attention to the whole GPT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.layers import drawn
from nlp4.exercises.trying import Case
from nlp4.models import pieces
from nlp4.models.gpt import GPT, Block, CausalSelfAttention, ModelConfig

Step = Callable[[Tensor], Tensor]
Three = tuple[Tensor, Tensor, Tensor]
NOTEBOOK = "02_build_the_transformer"


def tiny_gpt(rng: np.random.Generator, *, heads: int = 2, width: int = 8, layers: int = 2) -> GPT:
    """A small GPT all of whose weights are drawn: in a fresh one biases are 0 and norms 1."""
    config = ModelConfig(
        11, block=16, layers=layers, heads=heads, width=width, positions="rotary", dropout=0.0
    )
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            mean = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(mean + drawn(rng, *parameter.shape, scale=0.4))
    return model


def _frozen(rng: np.random.Generator) -> GPT:
    """One in float64 that asks for no gradient: what comes of it has the stream's, or none."""
    return tiny_gpt(rng).double().requires_grad_(False)


def _learnt(rng: np.random.Generator, *shape: int) -> Tensor:
    return drawn(rng, *shape).double().requires_grad_()


def _attention_cases(rng: np.random.Generator) -> list[Case]:
    two, one, four = tiny_gpt(rng), tiny_gpt(rng, heads=1, width=4), tiny_gpt(rng, heads=4)
    return [
        (drawn(rng, 2, 5, 8), two.layers[0].attention),
        (drawn(rng, 1, 3, 4), one.layers[0].attention),
        (drawn(rng, 3, 4, 8), four.layers[0].attention),
        (drawn(rng, 1, 1, 8), two.layers[1].attention),
        (_learnt(rng, 1, 12, 8), _frozen(rng).layers[0].attention),
    ]


def _same(x: Tensor) -> Tensor:
    return x


def _read(x: Tensor, layer: CausalSelfAttention) -> Three:
    return pieces.queries_keys_values(x, layer.qkv.weight, layer.qkv.bias)


def _back(mixed: Tensor, layer: CausalSelfAttention) -> Tensor:
    return mixed @ layer.out.weight.T + layer.out.bias


def _attending(
    x: Tensor,
    layer: CausalSelfAttention,
    *,
    read: Callable[[Tensor, CausalSelfAttention], Three] = _read,
    split: Callable[[Tensor, int], Tensor] = pieces.split_heads,
    turn: tuple[Step, Step, Step] = (pieces.rotate, pieces.rotate, _same),
    weigh: Step = pieces.causal_weights,
    merge: Step = pieces.merge_heads,
    back: Callable[[Tensor, CausalSelfAttention], Tensor] = _back,
) -> Tensor:
    """Attention with one step done otherwise."""
    parts = (split(part, layer.heads) for part in read(x, layer))
    q, k, v = (step(part) for step, part in zip(turn, parts, strict=True))
    return back(merge(weigh(pieces.scaled_scores(q, k)) @ v), layer)


def _read_turned(x: Tensor, layer: CausalSelfAttention) -> Three:
    q, k, v = _read(x, layer)
    return pieces.rotate(q), pieces.rotate(k), v


def _in_order(first: int, second: int, third: int) -> Callable[..., Three]:
    def read(x: Tensor, layer: CausalSelfAttention) -> Three:
        parts = _read(x, layer)
        return parts[first], parts[second], parts[third]

    return read


def _unbiased(x: Tensor, layer: CausalSelfAttention) -> Three:
    q, k, v = (x @ layer.qkv.weight.T).chunk(3, dim=-1)
    return q, k, v


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
        Mistake(
            "you turned before you split: each head is turned by itself",
            partial(_attending, read=_read_turned, turn=(_same, _same, _same)),
        ),
        Mistake(
            "nothing is masked: use `causal_weights`",
            partial(_attending, weigh=lambda scores: scores.softmax(-1)),
        ),
        Mistake(
            "the mask comes after the softmax, so the weights do not sum to one: "
            "use `causal_weights`",
            partial(_attending, weigh=lambda scores: scores.softmax(-1).tril()),
        ),
        Mistake(
            "the scores are no weights yet: use `causal_weights`",
            partial(_attending, weigh=lambda scores: scores.tril()),
        ),
        Mistake(
            "the scores are no weights yet: use `causal_weights`", partial(_attending, weigh=_same)
        ),
        Mistake(
            "the scores are not divided by the root of d: use `scaled_scores`",
            partial(
                _attending,
                turn=(lambda q: pieces.rotate(q) * q.shape[-1] ** 0.5, pieces.rotate, _same),
            ),
        ),
        Mistake(
            "the scores are divided by the root of the whole width: d is the width of one head",
            partial(
                _attending,
                turn=(lambda q: pieces.rotate(q) / q.shape[1] ** 0.5, pieces.rotate, _same),
            ),
        ),
        Mistake(
            "there is one head only: split into `layer.heads`",
            partial(_attending, split=lambda part, heads: pieces.split_heads(part, 1)),
        ),
        Mistake(
            "a reshape alone mixes places and heads: use `split_heads` and `merge_heads`",
            partial(
                _attending,
                split=lambda part, heads: part.reshape(len(part), heads, part.shape[1], -1),
                merge=lambda mixed: mixed.reshape(len(mixed), mixed.shape[2], -1),
            ),
        ),
        Mistake(
            "a reshape alone mixes places and heads: use `merge_heads`",
            partial(_attending, merge=lambda mixed: mixed.reshape(len(mixed), mixed.shape[2], -1)),
        ),
        Mistake(
            "the last map, `layer.out`, is missing",
            partial(_attending, back=lambda mixed, _: mixed),
        ),
        Mistake(
            "the bias of the last map is missing: add `layer.out.bias`",
            partial(_attending, back=lambda mixed, layer: mixed @ layer.out.weight.T),
        ),
        Mistake(
            "the last map's weight is not transposed: torch keeps it as (outputs, inputs)",
            partial(
                _attending, back=lambda mixed, layer: mixed @ layer.out.weight + layer.out.bias
            ),
        ),
        Mistake(
            "the bias of queries, keys and values is missing", partial(_attending, read=_unbiased)
        ),
        Mistake(
            "queries and keys are exchanged: row i of the scores is the query's",
            partial(_attending, read=_in_order(1, 0, 2)),
        ),
        Mistake(
            "keys and values are exchanged: the weights mix the values",
            partial(_attending, read=_in_order(0, 2, 1)),
        ),
        Mistake(
            "queries and values are exchanged: the order is queries, keys, values",
            partial(_attending, read=_in_order(2, 1, 0)),
        ),
        Mistake(
            "the keys are mixed: the weights mix the values",
            partial(_attending, read=_in_order(0, 1, 1)),
        ),
        Mistake(
            "return what attention finds: the stream is added in the block",
            lambda x, layer: x + pieces.self_attention(x, layer),
        ),
    ),
)


def _norm_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 5, 8), (1, 1, 4), (3, 7, 5), (4, 6)]
    found: list[Case] = [
        (drawn(rng, *size, scale=3) + 1, *(drawn(rng, size[-1]).requires_grad_() for _ in "wb"))
        for size in sizes
    ]
    faint = (drawn(rng, 2, 3, 4, scale=1e-3), drawn(rng, 4), drawn(rng, 4))
    level = (torch.full((1, 2, 4), 0.25), drawn(rng, 4), drawn(rng, 4))
    learnt = (_learnt(rng, 1, 12, 6), drawn(rng, 6).double(), drawn(rng, 6).double())
    return [*found, faint, level, learnt]


def _normed(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    axis: tuple[int, ...] | None = (-1,),
    correction: int = 0,
    eps: float = 1e-5,
    outside: float = 0.0,
    centre: bool = True,
    power: float = 0.5,
) -> Tensor:
    """The norm with one step done otherwise."""
    mean = x.mean(axis, keepdim=True)
    variance = x.var(axis, keepdim=True, correction=correction)
    scaled = (x - mean if centre else x) / ((variance + eps) ** power + outside)
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
            partial(_normed, axis=(-2,)),
        ),
        Mistake(
            "you normalised all places together: each place has a mean and a variance of its own",
            partial(_normed, axis=(-2, -1)),
        ),
        Mistake(
            "you normalised the whole batch together: each place has a mean and a variance",
            partial(_normed, axis=None),
        ),
        Mistake(
            "this is the variance of a sample, divided by width - 1: divide by the width",
            partial(_normed, correction=1),
        ),
        Mistake(
            "`std` divides by width - 1: divide by the width; and add the 1e-5 inside the root",
            partial(_normed, correction=1, eps=0.0, outside=1e-5),
        ),
        Mistake(
            "`std` divides by width - 1: divide by the width; and the 1e-5 is missing",
            partial(_normed, correction=1, eps=0.0),
        ),
        Mistake(
            "the 1e-5 is missing: numbers that are all alike would be divided by 0",
            partial(_normed, eps=0.0),
        ),
        Mistake(
            "the 1e-5 is added to the variance, inside the root",
            partial(_normed, eps=0.0, outside=1e-5),
        ),
        Mistake("what is added to the variance is 1e-5, not 1e-6", partial(_normed, eps=1e-6)),
        Mistake("what is added to the variance is 1e-5, not 1e-8", partial(_normed, eps=1e-8)),
        Mistake(
            "the mean is not taken away: this is x over its deviation",
            partial(_normed, centre=False),
        ),
        Mistake(
            "this is the RMS norm, which leaves the mean in: take it away first",
            lambda x, weight, bias: F.rms_norm(x, weight.shape, eps=1e-5) * weight + bias,
        ),
        Mistake("you divided by the variance: divide by its root", partial(_normed, power=1.0)),
        Mistake(
            "the mean is taken away; divide by the root of the variance too",
            partial(_normed, power=0.0),
        ),
        Mistake(
            "the learned weight and bias are missing",
            lambda x, weight, bias: _normed(x, torch.ones_like(weight), torch.zeros_like(bias)),
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
            "the bias is added last: it is not multiplied by the weight",
            lambda x, weight, bias: _normed(x, weight, weight * bias),
        ),
        Mistake(
            "this scales to length 1: bring the variance to 1",
            lambda x, weight, bias: (
                F.normalize(x - x.mean(-1, keepdim=True), dim=-1) * weight + bias
            ),
        ),
        Mistake(
            "this scales to length 1, with the mean left in: bring mean and variance to 0 and 1",
            lambda x, weight, bias: F.normalize(x, dim=-1) * weight + bias,
        ),
    ),
)


def _block_cases(rng: np.random.Generator) -> list[Case]:
    two, one, four = tiny_gpt(rng), tiny_gpt(rng, heads=1, width=4), tiny_gpt(rng, heads=4)
    return [
        (drawn(rng, 2, 5, 8), two.layers[0]),
        (drawn(rng, 1, 1, 4), one.layers[1]),
        (drawn(rng, 1, 3, 8), four.layers[1]),
        (_learnt(rng, 1, 12, 8), _frozen(rng).layers[0]),
    ]


def _norm_1(x: Tensor, layer: Block) -> Tensor:
    return pieces.layer_norm(x, layer.norm_1.weight, layer.norm_1.bias)


def _norm_2(x: Tensor, layer: Block) -> Tensor:
    return pieces.layer_norm(x, layer.norm_2.weight, layer.norm_2.bias)


def _perceptron(
    x: Tensor, layer: Block, *, activation: Step = F.gelu, up: int = 1, down: int = 1
) -> Tensor:
    hidden = activation(x @ layer.up.weight.T + up * layer.up.bias)
    return hidden @ layer.down.weight.T + down * layer.down.bias


def _attended(x: Tensor, layer: Block) -> Tensor:
    return x + pieces.self_attention(_norm_1(x, layer), layer.attention)


def _perceiving(x: Tensor, layer: Block, **otherwise: Any) -> Tensor:
    """The block with another perceptron."""
    x = _attended(x, layer)
    return x + _perceptron(_norm_2(x, layer), layer, **otherwise)


def _post_norm(x: Tensor, layer: Block) -> Tensor:
    x = _norm_1(x + pieces.self_attention(x, layer.attention), layer)
    return _norm_2(x + _perceptron(x, layer), layer)


def _found_normed(x: Tensor, layer: Block) -> Tensor:
    x = x + _norm_1(pieces.self_attention(x, layer.attention), layer)
    return x + _norm_2(_perceptron(x, layer), layer)


def _parallel(x: Tensor, layer: Block) -> Tensor:
    return _attended(x, layer) + _perceptron(_norm_2(x, layer), layer)


def _first_norm_alone(x: Tensor, layer: Block) -> Tensor:
    x = _attended(x, layer)
    return x + _perceptron(_norm_1(x, layer), layer)


def _exchanged(x: Tensor, layer: Block) -> Tensor:
    x = x + pieces.self_attention(_norm_2(x, layer), layer.attention)
    return x + _perceptron(_norm_1(x, layer), layer)


def _first_unnormed(x: Tensor, layer: Block) -> Tensor:
    x = x + pieces.self_attention(x, layer.attention)
    return x + _perceptron(_norm_2(x, layer), layer)


def _second_unnormed(x: Tensor, layer: Block) -> Tensor:
    x = _attended(x, layer)
    return x + _perceptron(x, layer)


def _unnormed(x: Tensor, layer: Block) -> Tensor:
    x = x + pieces.self_attention(x, layer.attention)
    return x + _perceptron(x, layer)


def _attention_alone(x: Tensor, layer: Block) -> Tensor:
    x = pieces.self_attention(_norm_1(x, layer), layer.attention)
    return x + _perceptron(_norm_2(x, layer), layer)


def _nothing_added(x: Tensor, layer: Block) -> Tensor:
    x = pieces.self_attention(_norm_1(x, layer), layer.attention)
    return _perceptron(_norm_2(x, layer), layer)


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
            "you normalised what is found: normalise what is read, and add what is found as it is",
            _found_normed,
        ),
        Mistake(
            "the normalised vectors took the stream's place: add to the stream as it was",
            _normed_kept,
        ),
        Mistake(
            "both steps read the same stream: the perceptron reads what attention left", _parallel
        ),
        Mistake("the perceptron has a norm of its own, `layer.norm_2`", _first_norm_alone),
        Mistake("the two norms are exchanged: attention reads through `layer.norm_1`", _exchanged),
        Mistake("attention reads the stream unnormalised", _first_unnormed),
        Mistake("the perceptron reads the stream unnormalised", _second_unnormed),
        Mistake("both steps read the stream unnormalised", _unnormed),
        Mistake("attention replaced the stream: add what it finds", _attention_alone),
        Mistake(
            "the perceptron replaced the stream: add what comes of it",
            lambda x, layer: _perceptron(_norm_2(_attended(x, layer), layer), layer),
        ),
        Mistake("both steps replaced the stream: add what comes of them", _nothing_added),
        Mistake("only attention is there: the perceptron is missing", _attended),
        Mistake(
            "only the perceptron is there: attention is missing",
            lambda x, layer: x + _perceptron(_norm_2(x, layer), layer),
        ),
        Mistake("the non-linearity is a GELU, not a ReLU", partial(_perceiving, activation=F.relu)),
        Mistake("the non-linearity is a GELU, not a SiLU", partial(_perceiving, activation=F.silu)),
        Mistake(
            "this is the GELU's approximation by tanh: the weights were trained with `F.gelu(x)`",
            partial(_perceiving, activation=partial(F.gelu, approximate="tanh")),
        ),
        Mistake(
            "this is the GELU's approximation by a sigmoid: use `F.gelu(x)`",
            partial(_perceiving, activation=lambda x: x * torch.sigmoid(1.702 * x)),
        ),
        Mistake(
            "there is no non-linearity between the two matrices: `F.gelu`",
            partial(_perceiving, activation=_same),
        ),
        Mistake("the bias `layer.up.bias` is missing", partial(_perceiving, up=0)),
        Mistake("the bias `layer.down.bias` is missing", partial(_perceiving, down=0)),
        Mistake("both biases of the perceptron are missing", partial(_perceiving, up=0, down=0)),
    ),
)


def _gpt_cases(rng: np.random.Generator) -> list[Case]:
    models = (
        tiny_gpt(rng),
        tiny_gpt(rng, heads=1, width=4, layers=3),
        tiny_gpt(rng, layers=1),
        tiny_gpt(rng).double(),
    )
    sizes = ((2, 5), (1, 3), (3, 1), (1, 12))
    return [
        (torch.from_numpy(rng.integers(11, size=size)), model)
        for size, model in zip(sizes, models, strict=True)
    ]


def _passed(x: Tensor, layers: Sequence[Block]) -> Tensor:
    for layer in layers:
        x = pieces.block(x, layer)
    return x


def _read_out(x: Tensor, model: GPT) -> Tensor:
    return pieces.layer_norm(x, model.norm.weight, model.norm.bias)


def _through(
    ids: Tensor,
    model: GPT,
    *,
    enter: Step = _same,
    layers: Callable[[Tensor, Sequence[Block]], Tensor] = _passed,
    leave: Callable[[Tensor, GPT], Tensor] = _read_out,
) -> Tensor:
    """The model with one step done otherwise."""
    x = layers(enter(model.characters.weight[ids]), model.layers)
    return leave(x, model) @ model.head.weight.T


def _unlinked(x: Tensor, layers: Sequence[Block]) -> Tensor:
    """Each layer reads what enters the first one, and the last one's result stays."""
    return pieces.block(x, layers[-1])


def _added_again(x: Tensor, layers: Sequence[Block]) -> Tensor:
    for layer in layers:
        x = x + pieces.block(x, layer)
    return x


def _normed_in_between(ids: Tensor, model: GPT) -> Tensor:
    x = model.characters.weight[ids]
    for layer in model.layers:
        x = _read_out(pieces.block(x, layer), model)
    return x @ model.head.weight.T


WHOLE_GPT = Exercise(
    name="gpt",
    title="The whole model",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_gpt_cases,
    reference=pieces.gpt,
    mistakes=(
        Mistake(
            "the last norm is missing: `model.norm`", partial(_through, leave=lambda x, model: x)
        ),
        Mistake(
            "the norm comes once, after the last layer, not after each one", _normed_in_between
        ),
        Mistake(
            "only the first layer is there: loop over `model.layers`",
            partial(_through, layers=lambda x, layers: _passed(x, layers[:1])),
        ),
        Mistake(
            "only the last layer counts: each layer reads what the one before it returned",
            partial(_through, layers=_unlinked),
        ),
        Mistake(
            "the last layer is missing",
            partial(_through, layers=lambda x, layers: _passed(x, layers[:-1])),
        ),
        Mistake(
            "no layer is there: loop over `model.layers`",
            partial(_through, layers=lambda x, layers: x),
        ),
        Mistake(
            "this is one and the same layer again and again: take each of `model.layers`",
            partial(_through, layers=lambda x, layers: _passed(x, [layers[0]] * len(layers))),
        ),
        Mistake(
            "the layers run from the last to the first",
            partial(_through, layers=lambda x, layers: _passed(x, layers[::-1])),
        ),
        Mistake(
            "`block` returns the stream with all that was added: do not add the stream again",
            partial(_through, layers=_added_again),
        ),
        Mistake(
            "the rows of the table go in as they are: they are not scaled here",
            partial(_through, enter=lambda x: x * x.shape[-1] ** 0.5),
        ),
        Mistake(
            "the rows of the table go in as they are: nothing is turned before the first layer",
            partial(_through, enter=pieces.rotate),
        ),
        Mistake(
            "return logits, not probabilities: leave out the softmax",
            lambda ids, model: pieces.gpt(ids, model).softmax(-1),
        ),
        Mistake(
            "return logits, not log-probabilities: leave out the softmax",
            lambda ids, model: pieces.gpt(ids, model).log_softmax(-1),
        ),
        Mistake(
            "return the logits of every place, not of the last one alone",
            lambda ids, model: pieces.gpt(ids, model)[:, -1],
        ),
        Mistake(
            "return logits, not the likeliest character",
            lambda ids, model: pieces.gpt(ids, model).argmax(-1),
        ),
        Mistake(
            "the last matrix is `model.head`: the table of the characters is another one",
            lambda ids, model: (
                _read_out(_passed(model.characters.weight[ids], model.layers), model)
                @ model.characters.weight.T
            ),
        ),
        Mistake(
            "this is the normalised stream: the head turns it into logits",
            lambda ids, model: _read_out(
                _passed(model.characters.weight[ids], model.layers), model
            ),
        ),
        Mistake(
            "this is the stream: the last norm and the head turn it into logits",
            lambda ids, model: _passed(model.characters.weight[ids], model.layers),
        ),
    ),
)
