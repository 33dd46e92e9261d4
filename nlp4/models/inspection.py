"""Reaching into a model: what a head does, and what becomes of an answer when one part is changed.

Each context manager changes a part while its block runs, and leaves the model as it was. Places are
counted from 0 in the question's characters; the mask behind the question, where the answer starts,
is the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

import torch
from torch import Tensor, nn

from nlp4.models.asking import asking
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError

Head = tuple[int, int]  # layer and head, both counted from 0


@contextmanager
def changed(module: nn.Module, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Inside, `module` gives `change(output)` where it gave `output`."""
    hook = module.register_forward_hook(lambda _, given, output: change(output))
    try:
        yield
    finally:
        hook.remove()


def sites(model: GPT) -> dict[str, nn.Module]:
    """Where the residual stream can be taken up, by name, from the input up.

    Each module's output `(B, n, width)` is all that the rest of the model reads at a place.
    """
    found: dict[str, nn.Module] = {"characters and words": model.dropout}
    for number, block in enumerate(model.layers[:-1], 1):
        found[f"layer {number}"] = block
    if model.recall is not None:
        found["the person's row"] = model.recall
    return found


def states_at(model: GPT, ids: Tensor) -> dict[str, Tensor]:
    """The stream `(B, n, width)` at each of `sites`, for ids `(B, n)`."""
    found: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[Tensor], Tensor]:
        return lambda output: found.setdefault(name, output)

    with ExitStack() as stack, asking(model):
        for name, module in sites(model).items():
            stack.enter_context(changed(module, keep(name)))
        model.hidden(ids)
    return found


def patched(
    module: nn.Module, places: Sequence[int], states: Tensor
) -> AbstractContextManager[None]:
    """Inside, `module` gives `states` `(m, width)` at m places, in every row of a batch.

    The model goes on there as if it had read something else (activation patching: Vig et al. 2020).
    """
    at = torch.tensor(places)
    return changed(module, lambda x: x.index_copy(1, at, states.expand(len(x), -1, -1)))


def patched_each(
    module: nn.Module, places: Sequence[int], states: Tensor
) -> AbstractContextManager[None]:
    """The same in one place of each row: `module` gives `states[i]` at `places[i]` of row i."""
    rows, at = torch.arange(len(places)), torch.tensor(places)
    return changed(module, lambda x: x.index_put((rows, at), states))


# Heads


@torch.no_grad()
def head_logits(model: GPT, ids: Tensor) -> Tensor:
    """q . k / sqrt(d) of the last place of ids `(B, n)` with every place: `(layers, B, H, n)`.

    Raises UserError for a model whose attention is BigBird's: it computes only some of them.
    """
    if model.config.attention is not None:
        raise UserError("a head's logits are those of full attention, and this model has BigBird's")
    found, stream = [], model.stream(ids)
    _, turns = model.embed(ids)
    for block, x in zip(model.layers, stream, strict=False):  # all but what leaves the last
        q, k, _ = block.attention.queries_keys_values(block.norm_1(x), turns)
        found.append((q[:, :, -1:] @ k.mT)[:, :, 0] / math.sqrt(model.config.head_dim))
    return torch.stack(found)


@contextmanager
def heads_changed(model: GPT, layer: int, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Inside, what a layer's heads hand on, `(B, n, H, d)`, is `change` of it."""

    def before(module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor]:
        return (change(given[0].unflatten(-1, (model.config.heads, -1))).flatten(-2),)

    hook = model.layers[layer].attention.out.register_forward_pre_hook(before)
    try:
        yield
    finally:
        hook.remove()


def head_outputs(model: GPT, ids: Tensor) -> Tensor:
    """What each head hands on at each place of ids `(B, n)`: `(layers, B, n, H, d)`."""
    found: list[Tensor] = []

    def keep(parts: Tensor) -> Tensor:
        found.append(parts)
        return parts

    with ExitStack() as stack, asking(model):
        for layer in range(model.config.layers):
            stack.enter_context(heads_changed(model, layer, keep))
        model.hidden(ids)
    return torch.stack(found)


@contextmanager
def without_heads(model: GPT, heads: Collection[Head], means: Tensor) -> Iterator[None]:
    """Inside, these heads hand on their means `(layers, H, d)`, whatever they read.

    That is mean ablation (Wang et al. 2023): a head set to zero would be missing its constant part
    as well, which the layers above have learnt to expect. Raises UserError for a head that the
    model does not have.
    """
    layers, each = model.config.layers, model.config.heads
    for layer, head in heads:
        if not (0 <= layer < layers and 0 <= head < each):
            raise UserError(f"no head {head} in layer {layer}: there are {each} in {layers} layers")

    def held(layer: int) -> Callable[[Tensor], Tensor]:
        chosen = torch.tensor([head for at, head in heads if at == layer])
        mean = means[layer, chosen]
        return lambda parts: parts.index_copy(2, chosen, mean.expand(*parts.shape[:2], -1, -1))

    with ExitStack() as stack:
        for layer in {at for at, _ in heads}:
            stack.enter_context(heads_changed(model, layer, held(layer)))
        yield


# Rows


@contextmanager
def swapped(table: nn.Embedding, pairs: Mapping[int, int]) -> Iterator[None]:
    """Inside, each row of `pairs` stands where its partner stood, and the other way round.

    Raises ValueError if a row is in two pairs.
    """
    first, second = list(pairs), list(pairs.values())
    rows = [*first, *second]
    if len(set(rows)) < len(rows):
        raise ValueError("a row stands in two pairs")
    before = table.weight.detach()[rows].clone()
    with torch.no_grad():
        table.weight[rows] = before[[*range(len(first), len(rows)), *range(len(first))]]
    try:
        yield
    finally:
        with torch.no_grad():
            table.weight[rows] = before
