"""The exercises of notebook 02, first half: attention in pieces, and where a letter stands."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case
from nlp4.models import pieces

NOTEBOOK = "02_build_the_transformer"


def drawn(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> Tensor:
    """A tensor of normal numbers in float32, as a model's are."""
    return torch.from_numpy(rng.normal(scale=scale, size=shape)).float()


def learnt(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The same numbers in float64, wanting a gradient: what comes of them must have one too."""
    return tuple(tensor.double().requires_grad_() for tensor in tensors)


def _three_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 5, 4), (1, 1, 3), (3, 2, 6), (2, 7, 1)]
    found = [(drawn(rng, b, n, w), drawn(rng, 3 * w, w), drawn(rng, 3 * w)) for b, n, w in sizes]
    return [*found, learnt(*found[0])]


Three = tuple[Tensor, Tensor, Tensor]


def _turned(order: tuple[int, int, int]) -> Callable[[Tensor, Tensor, Tensor], Three]:
    """The three parts in another order."""

    def made(x: Tensor, weight: Tensor, bias: Tensor) -> Three:
        parts = pieces.queries_keys_values(x, weight, bias)
        return parts[order[0]], parts[order[1]], parts[order[2]]

    return made


def _interleaved(x: Tensor, weight: Tensor, bias: Tensor) -> Three:
    made = x @ weight.T + bias
    return made[..., 0::3], made[..., 1::3], made[..., 2::3]


def _from_columns(x: Tensor, weight: Tensor, bias: Tensor) -> Three:
    width = x.shape[-1]
    parts = zip(weight.split(width), bias.split(width), strict=True)
    q, k, v = (x @ part + own for part, own in parts)
    return q, k, v


QUERIES_KEYS_VALUES = Exercise(
    name="queries_keys_values",
    title="Three readings of one stream",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_three_cases,
    reference=pieces.queries_keys_values,
    mistakes=(
        Mistake(
            "the bias is missing: add it to the product",
            lambda x, weight, bias: (x @ weight.T).chunk(3, dim=-1),
        ),
        Mistake(
            "each third of the weight must be transposed: torch keeps it as (outputs, inputs)",
            _from_columns,
        ),
        Mistake(
            "you took every third number: the queries are the first `width` of them, together",
            _interleaved,
        ),
        Mistake(
            "the bias is taken away: add it to the product",
            lambda x, weight, bias: (x @ weight.T - bias).chunk(3, dim=-1),
        ),
        Mistake("keys and queries are exchanged: the queries come first", _turned((1, 0, 2))),
        Mistake("keys and values are exchanged: the values come last", _turned((0, 2, 1))),
        Mistake("the order is turned round: queries, keys, values", _turned((2, 1, 0))),
        Mistake(
            "all three are the same third: cut the last axis into three",
            lambda x, weight, bias: (pieces.queries_keys_values(x, weight, bias)[0],) * 3,
        ),
        Mistake(
            "this is one tensor of 3 * width numbers a place: cut its last axis into three",
            lambda x, weight, bias: x @ weight.T + bias,
        ),
    ),
)


def _pair_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 3, 5, 4), (1, 1, 1, 2), (2, 2, 3, 9), (1, 4, 6, 1)]
    found = [(drawn(rng, *size), drawn(rng, *size)) for size in sizes]
    return [*found, learnt(*found[0])]


def _later(scores: Tensor, diagonal: int = 1) -> Tensor:
    return torch.ones_like(scores, dtype=torch.bool).triu(diagonal)


def _hidden(scores: Tensor, value: float, diagonal: int = 1) -> Tensor:
    return scores.masked_fill(_later(scores, diagonal), value)


def _scaled(scale: Callable[[Tensor], float]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda q, k: q @ k.transpose(-2, -1) * scale(q)


SCALED_SCORES = Exercise(
    name="scaled_scores",
    title="How well each query fits each key",
    notebook=NOTEBOOK,
    points=1,
    minutes=3,
    cases=_pair_cases,
    reference=pieces.scaled_scores,
    mistakes=(
        Mistake("the scores are not divided by the root of d", _scaled(lambda q: 1.0)),
        Mistake("you divided by d: divide by its square root", _scaled(lambda q: 1 / q.shape[-1])),
        Mistake(
            "you multiplied by the root of d: divide by it",
            _scaled(lambda q: math.sqrt(q.shape[-1])),
        ),
        Mistake(
            "you divided by the root of n: d is the last axis, the numbers of one head",
            _scaled(lambda q: 1 / math.sqrt(q.shape[-2])),
        ),
        Mistake(
            "you divided by the root of the whole width: d is the width of one head",
            _scaled(lambda q: 1 / math.sqrt(q.shape[-1] * q.shape[1])),
        ),
        Mistake(
            "you divided by the root of the number of heads: d is the last axis",
            _scaled(lambda q: 1 / math.sqrt(q.shape[1])),
        ),
        Mistake(
            "a reshape is no transpose: it keeps the order of the numbers and mixes keys",
            lambda q, k: q @ k.reshape(*k.shape[:2], k.shape[3], -1) / math.sqrt(q.shape[-1]),
        ),
        Mistake(
            "rows and columns are exchanged: row i holds the scores of query i",
            lambda q, k: pieces.scaled_scores(k, q),
        ),
        Mistake(
            "these are weights already: leave out the softmax, the mask comes first",
            lambda q, k: pieces.scaled_scores(q, k).softmax(-1),
        ),
        Mistake(
            "this multiplies number by number: a score is a dot product, summed over d",
            lambda q, k: (q * k) / math.sqrt(q.shape[-1]),
        ),
        Mistake(
            "queries were made unit vectors: divide by the root of d, not by their length",
            lambda q, k: F.normalize(q, dim=-1) @ k.transpose(-2, -1),
        ),
        Mistake(
            "these are cosines: divide by the root of d, not by the vectors' lengths",
            lambda q, k: F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1),
        ),
        Mistake(
            "later places are hidden already: the mask comes later, in `causal_weights`",
            lambda q, k: _hidden(pieces.scaled_scores(q, k), -math.inf),
        ),
    ),
)


def _score_cases(rng: np.random.Generator) -> list[Case]:
    found = [drawn(rng, *shape) for shape in ((2, 3, 5, 5), (1, 1, 1, 1), (2, 2, 4, 4))]
    huge = drawn(rng, 2, 3, 7, 7, scale=1e4)
    return [*((scores,) for scores in (*found, huge, huge - 3e4)), learnt(found[0])]


def _unshifted(scores: Tensor, hide: Callable[[Tensor], Tensor]) -> Tensor:
    raised = hide(scores.exp())
    return raised / raised.sum(-1, keepdim=True)


CAUSAL_WEIGHTS = Exercise(
    name="causal_weights",
    title="No looking ahead",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_score_cases,
    reference=pieces.causal_weights,
    mistakes=(
        Mistake("nothing is masked: later places get weight", lambda scores: scores.softmax(-1)),
        Mistake(
            "you masked what a place may see, itself too: mask what stands right of the diagonal",
            lambda scores: scores.masked_fill(~_later(scores), -math.inf).softmax(-1),
        ),
        Mistake(
            "you masked the past: what comes later is hidden, what came before is seen",
            lambda scores: scores.masked_fill(_later(scores).mT, -math.inf).softmax(-1),
        ),
        Mistake(
            "a place may see itself: mask what stands right of the diagonal, not the diagonal",
            lambda scores: _hidden(scores, -math.inf, 0).softmax(-1),
        ),
        Mistake(
            "one place too far: place i sees up to itself, not up to the one after it",
            lambda scores: _hidden(scores, -math.inf, 2).softmax(-1),
        ),
        Mistake(
            "weights set to 0 after the softmax no longer sum to one: mask the scores before it",
            lambda scores: scores.softmax(-1).tril(),
        ),
        Mistake(
            "the places that are seen may all have a weight of 0 after the softmax: mask before it",
            lambda scores: scores.softmax(-1).tril() / scores.softmax(-1).tril().sum(-1)[..., None],
        ),
        Mistake(
            "a masked score of 0 still gets a weight, since e to the power 0 is 1: set it to -inf",
            lambda scores: _hidden(scores, 0.0).softmax(-1),
        ),
        Mistake(
            "the softmax runs over the wrong axis: the weights of one query, a row, sum to one",
            lambda scores: _hidden(scores, -math.inf).softmax(-2),
        ),
        Mistake(
            "the masked scores are there: now take their softmax",
            lambda scores: _hidden(scores, -math.inf),
        ),
        Mistake(
            "these are the logarithms of the weights: `softmax`, not `log_softmax`",
            lambda scores: _hidden(scores, -math.inf).log_softmax(-1),
        ),
        Mistake(
            "0 times infinity is nan: fill the later places in, do not multiply a mask by -inf",
            lambda scores: (scores + _later(scores) * -math.inf).softmax(-1),
        ),
        *(
            Mistake(
                "e to the power of a large score overflows: `softmax` subtracts the largest first",
                partial(_unshifted, hide=hide),
            )
            for hide in (torch.tril, lambda raised: raised * torch.ones_like(raised).tril())
        ),
        Mistake(
            "a mask of -1 or so is not enough: a masked score must be -inf",
            lambda scores: (scores - 1.0 * _later(scores)).softmax(-1),
        ),
        Mistake(
            "a mask of -1e4 is not enough for large scores: use -inf",
            lambda scores: (scores - 1e4 * _later(scores)).softmax(-1),
        ),
        Mistake(
            "a masked score of -1e4 is not enough for large scores: use -inf",
            lambda scores: _hidden(scores, -1e4).softmax(-1),
        ),
    ),
)


def _split_cases(rng: np.random.Generator) -> list[Case]:
    found: list[Case] = [
        (drawn(rng, 2, 5, 12), 3),
        (drawn(rng, 1, 1, 4), 2),
        (drawn(rng, 3, 4, 8), 4),
        (drawn(rng, 2, 3, 5), 1),
        (drawn(rng, 2, 3, 4), 4),
        (drawn(rng, 2, 4, 4), 4),  # as many heads as places
    ]
    return [*found, (drawn(rng, 2, 6, 3).transpose(1, 2), 2), (*learnt(found[0][0]), 3)]


SPLIT_HEADS = Exercise(
    name="split_heads",
    title="Cut the stream into heads",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=_split_cases,
    reference=pieces.split_heads,
    mistakes=(
        Mistake(
            "the heads stand behind the places: exchange the two middle axes",
            lambda x, heads: x.unflatten(-1, (heads, -1)),
        ),
        Mistake(
            "this mixes places and heads: cut the last axis first, then exchange two axes",
            lambda x, heads: x.reshape(x.shape[0], heads, x.shape[1], -1),
        ),
        Mistake(
            "a head's numbers are neighbours: cut the last axis into (heads, d), not (d, heads)",
            lambda x, heads: x.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2),
        ),
        Mistake(
            "the last two axes are exchanged: places come before the d numbers",
            lambda x, heads: x.unflatten(-1, (heads, -1)).permute(0, 2, 3, 1),
        ),
        Mistake(
            "the batch comes first, then the heads",
            lambda x, heads: pieces.split_heads(x, heads).transpose(0, 1),
        ),
        Mistake(
            "the heads stand first and the texts third: the order is texts, heads, places, numbers",
            lambda x, heads: x.unflatten(-1, (heads, -1)).transpose(0, 2),
        ),
        Mistake(
            "this is a list of heads: make one tensor of it, with the heads as its second axis",
            lambda x, heads: list(x.chunk(heads, dim=-1)),
        ),
    ),
)


def _merge_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 3, 5, 4), (1, 2, 1, 2), (3, 4, 2, 2), (2, 1, 3, 5), (2, 4, 3, 1), (1, 3, 3, 3)]
    found: list[Case] = [(drawn(rng, *size),) for size in sizes]
    return [*found, (drawn(rng, 2, 4, 3, 2).transpose(1, 2),), learnt(*found[0])]


MERGE_HEADS = Exercise(
    name="merge_heads",
    title="Put the heads side by side again",
    notebook=NOTEBOOK,
    points=1,
    minutes=3,
    cases=_merge_cases,
    reference=pieces.merge_heads,
    mistakes=(
        Mistake(
            "this mixes places and heads: exchange the two axes before you merge them",
            lambda x: x.reshape(x.shape[0], x.shape[2], -1),
        ),
        Mistake(
            "a head's numbers stay together: the last axis is (heads, d), not (d, heads)",
            lambda x: x.permute(0, 2, 3, 1).flatten(2),
        ),
        Mistake(
            "the heads are exchanged with the places, and still there: merge the last two axes",
            lambda x: x.transpose(1, 2),
        ),
        Mistake(
            "the heads stand side by side; adding them up loses most of what they found",
            lambda x: x.sum(1),
        ),
        Mistake(
            "the heads stand side by side; their mean loses most of what they found",
            lambda x: x.mean(1),
        ),
        Mistake(
            "this is (B, heads * n, d): the places stay, and the heads join the last axis",
            lambda x: x.flatten(1, 2),
        ),
    ),
)


def _position_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 5, 4, 9), (1, 1, 3, 4), (3, 3, 3, 3), (4, 4, 2, 6)]
    found: list[Case] = [(drawn(rng, b, n, w), drawn(rng, t, w)) for b, n, w, t in sizes]
    return [*found, learnt(*found[0])]


LEARNED_POSITIONS = Exercise(
    name="learned_positions",
    title="A row for each place",
    notebook=NOTEBOOK,
    points=1,
    minutes=2,
    cases=_position_cases,
    reference=pieces.learned_positions,
    mistakes=(
        Mistake(
            "these are the table's last rows: place 0 has row 0",
            lambda x, table: x + table[len(table) - x.shape[1] :],
        ),
        Mistake(
            "places are counted from 0: the first place has row 0",
            lambda x, table: x + table[1 : x.shape[1] + 1],
        ),
        Mistake(
            "the table is longer than the text: take the rows of the places that there are",
            lambda x, table: x + table,
        ),
        Mistake("every place has its own row, not the first one", lambda x, table: x + table[0]),
        Mistake("the row is added, not multiplied", lambda x, table: x * table[: x.shape[1]]),
        Mistake(
            "return the stream with the rows added, not the rows",
            lambda x, table: table[: x.shape[1]].expand_as(x) + 0,
        ),
        Mistake(
            "the rows go with the places, not with the texts of the batch",
            lambda x, table: x + table[: x.shape[0]][:, None],
        ),
        Mistake(
            "the stream is not scaled here, only added to",
            lambda x, table: x * math.sqrt(x.shape[-1]) + table[: x.shape[1]],
        ),
        Mistake("the rows are taken away: add them", lambda x, table: x - table[: x.shape[1]]),
    ),
)


def _rotate_cases(rng: np.random.Generator) -> list[Case]:
    sizes = [(2, 3, 5, 4), (1, 1, 1, 2), (2, 4, 4, 8), (1, 2, 40, 6), (1, 3, 2, 10)]
    found: list[Case] = [(drawn(rng, *size),) for size in sizes]
    return [*found, learnt(*found[0])]


def _turned_by(x: Tensor, angles: Tensor, minus: float = -1.0, plus: float = 1.0) -> Tensor:
    """Each pair turned by its angle `(n, d / 2)`; with other signs it is no turn."""
    cosines, sines = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    left, right = x.chunk(2, dim=-1)
    first, second = left * cosines + minus * right * sines, right * cosines + plus * left * sines
    return torch.cat((first, second), dim=-1)


def _angles(x: Tensor, base: float = 1e4, first: int = 0, power: float = 2.0) -> Tensor:
    """The table of angles, with another base, first place or exponent."""
    n, d = x.shape[-2:]
    return (torch.arange(n) + first)[:, None] * base ** (-power * torch.arange(d // 2) / d)


def _neighbours(x: Tensor) -> Tensor:
    """Pairs of neighbours, as in the paper; the trained weights want the two halves."""
    halves = torch.cat((x[..., 0::2], x[..., 1::2]), dim=-1)
    left, right = pieces.rotate(halves).chunk(2, dim=-1)
    return torch.stack((left, right), dim=-1).flatten(-2)


def _mixed_conventions(x: Tensor) -> Tensor:
    """The halves paired, with the angles in the order that fits pairs of neighbours."""
    angles = _angles(x).repeat_interleave(2, dim=-1)
    left, right = x.chunk(2, dim=-1)
    across = torch.cat((-right, left), dim=-1)
    return x * angles.cos().to(x.dtype) + across * angles.sin().to(x.dtype)


def _one_after_the_other(x: Tensor) -> Tensor:
    cosines, sines = _angles(x).cos().to(x.dtype), _angles(x).sin().to(x.dtype)
    first = pieces.rotate(x).chunk(2, dim=-1)[0]
    return torch.cat((first, first * sines + x.chunk(2, dim=-1)[1] * cosines), dim=-1)


ROTATE = Exercise(
    name="rotate",
    title="Turn queries and keys by their place",
    notebook=NOTEBOOK,
    points=2,
    minutes=7,
    cases=_rotate_cases,
    reference=pieces.rotate,
    mistakes=(
        Mistake(
            "you paired neighbours, (x_0, x_1): this model pairs x_i with x_(i + d/2)", _neighbours
        ),
        Mistake(
            "you paired neighbours, (x_0, x_1), and left them apart: the pairs are the two halves",
            lambda x: pieces.rotate(torch.cat((x[..., 0::2], x[..., 1::2]), dim=-1)),
        ),
        Mistake(
            "places are counted from 0: the first is not turned",
            lambda x: _turned_by(x, _angles(x, first=1)),
        ),
        Mistake(
            "this turns the other way round: exchange the signs of the sines",
            lambda x: _turned_by(x, -_angles(x)),
        ),
        Mistake("the base is 10,000, not 1,000", lambda x: _turned_by(x, _angles(x, base=1e3))),
        Mistake("the base is 10,000, not 100,000", lambda x: _turned_by(x, _angles(x, base=1e5))),
        Mistake(
            "pair i turns by 10000^(-2i/d) a place: the 2 is missing",
            lambda x: _turned_by(x, _angles(x, power=1.0)),
        ),
        Mistake(
            "all pairs turn equally fast: pair i turns by 10000^(-2i/d) a place",
            lambda x: _turned_by(x, _angles(x, power=0.0)),
        ),
        Mistake(
            "later pairs turn slower, not faster: the exponent is negative",
            lambda x: _turned_by(x, _angles(x, power=-2.0)),
        ),
        Mistake(
            "the angles are in radians already: do not convert them",
            lambda x: _turned_by(x, _angles(x) * math.pi / 180),
        ),
        Mistake(
            "this is no turn: one of the two sines has a minus sign, the first half's",
            lambda x: _turned_by(x, _angles(x), minus=1.0),
        ),
        Mistake(
            "this is no turn: the second half's sine has a plus sign",
            lambda x: _turned_by(x, _angles(x), plus=-1.0),
        ),
        Mistake(
            "x_i and x_(i + d/2) must be turned by the same angle: repeat the table of angles as a "
            "whole, do not repeat each angle",
            _mixed_conventions,
        ),
        Mistake(
            "cosine and sine are exchanged: at place 0, where the angle is 0, nothing changes",
            lambda x: _turned_by(x, math.pi / 2 - _angles(x)),
        ),
        Mistake(
            "the angle grows with the place, the last axis but one, not with the head",
            lambda x: pieces.rotate(x.transpose(1, 2)).transpose(1, 2),
        ),
        Mistake(
            "the two halves are exchanged: the first half of the result comes first",
            lambda x: pieces.rotate(x).roll(x.shape[-1] // 2, -1),
        ),
        Mistake(
            "the first half is already turned when the second one needs it as it was",
            _one_after_the_other,
        ),
        Mistake(
            "the exponent is -2i / d: divide by d, not by d / 2",
            lambda x: _turned_by(x, _angles(x, power=4.0)),
        ),
        Mistake(
            "sines and cosines are added to x here: this turns x, as the formulas say",
            lambda x: x + torch.cat((_angles(x).sin(), _angles(x).cos()), -1).to(x.dtype),
        ),
        Mistake("nothing is turned", lambda x: x + 0),
    ),
)
