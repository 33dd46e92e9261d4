"""Tests of `nlp4.exercises.blocks`: the references another way."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest
import torch
from answers import cases
from torch import Tensor, nn

from nlp4.exercises.blocks import BLOCK, LAYER_NORM, SELF_ATTENTION, WHOLE_GPT, tiny_gpt
from nlp4.models.attention import rotations


def lists(*tensors: Tensor) -> list[Any]:
    return [tensor.detach().double().numpy() for tensor in tensors]


def turned(row: np.ndarray, place: int) -> list[complex]:
    """One head's numbers as d / 2 points in the plane, turned by their place."""
    half = len(row) // 2
    speeds = [10_000 ** (-2 * i / len(row)) for i in range(half)]
    return [
        complex(row[i], row[i + half]) * cmath.exp(1j * place * speed)
        for i, speed in enumerate(speeds)
    ]


def attended(x: np.ndarray, heads: int, read: Any, bias: np.ndarray) -> list[np.ndarray]:
    """What each place `(n, width)` takes, head by head, from the places up to it, in loops."""
    width = x.shape[1]
    d, rows = width // heads, [read @ place + bias for place in x]
    found = [np.zeros(width) for _ in x]
    for i, start in ((i, start) for i in range(len(x)) for start in range(0, width, d)):
        query = turned(rows[i][start : start + d], i)
        keys = [turned(rows[j][width + start : width + start + d], j) for j in range(i + 1)]
        scores = [
            sum((a * b.conjugate()).real for a, b in zip(query, key, strict=True)) / math.sqrt(d)
            for key in keys
        ]
        raised = [math.exp(score) for score in scores]
        for j, weight in enumerate(raised):
            value = rows[j][2 * width + start : 2 * width + start + d]
            found[i][start : start + d] += weight / sum(raised) * value
    return found


def test_attention_is_a_loop_over_heads_and_places() -> None:
    for x, layer in cases("self_attention"):
        read, bias, out, shift, stream = lists(*layer.parameters(), x)
        wanted = [
            [out @ row + shift for row in attended(t, layer.heads, read, bias)] for t in stream
        ]
        found = SELF_ATTENTION.reference(x, layer).detach().numpy()
        assert found == pytest.approx(np.array(wanted), abs=1e-4)


def test_the_texts_of_a_batch_know_nothing_of_each_other() -> None:
    for name, exercise in (("self_attention", SELF_ATTENTION), ("block", BLOCK)):
        for x, layer in cases(name):
            both = exercise.reference(torch.cat((x, 3 * x.flip(1) + 1)), layer)
            alone = exercise.reference(x, layer)
            assert torch.allclose(both[: len(x)], alone, rtol=1e-4, atol=1e-4)


def test_the_norm_is_that_of_torch() -> None:
    for x, weight, bias in cases("layer_norm"):
        module = nn.LayerNorm(len(weight), dtype=x.dtype)
        with torch.no_grad():
            module.weight.copy_(weight)
            module.bias.copy_(bias)
        assert torch.allclose(LAYER_NORM.reference(x, weight, bias), module(x), atol=1e-5)


def test_a_normalised_place_has_mean_0_and_nearly_variance_1() -> None:
    for x, weight, bias in cases("layer_norm"):
        ones, zeros = torch.ones_like(weight), torch.zeros_like(bias)
        found = LAYER_NORM.reference(x.double(), ones.double(), zeros.double())
        variance = x.double().var(-1, correction=0)
        assert torch.allclose(found.mean(-1), torch.zeros_like(variance), atol=1e-9)
        assert torch.allclose(found.var(-1, correction=0), variance / (variance + 1e-5))


def test_a_block_is_that_of_the_model() -> None:
    for x, layer in cases("block"):
        turns = rotations(x.shape[1], x.shape[2] // layer.attention.heads)
        cosines, sines = (part.to(x.dtype) for part in turns)
        found = BLOCK.reference(x, layer)
        assert torch.allclose(found, layer(x, (cosines, sines)), rtol=1e-4, atol=1e-4)


def test_the_perceptron_bends_by_the_normal_distribution() -> None:
    """With attention's last map at 0, a block is the perceptron alone: here in plain numbers."""
    layer = tiny_gpt(np.random.default_rng(5)).double().layers[0]
    nn.init.zeros_(layer.attention.out.weight)
    nn.init.zeros_(layer.attention.out.bias)
    (x,) = lists(torch.randn(8, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    weight, bias, up, up_bias, down, down_bias = lists(
        *layer.norm_2.parameters(), *layer.up.parameters(), *layer.down.parameters()
    )
    normed = (x - x.mean()) / math.sqrt(x.var() + 1e-5) * weight + bias
    hidden = [h * (1 + math.erf(h / math.sqrt(2))) / 2 for h in up @ normed + up_bias]
    found = BLOCK.reference(torch.from_numpy(x)[None, None], layer)[0, 0]
    assert found.tolist() == pytest.approx(x + down @ hidden + down_bias)


def test_the_whole_is_the_model() -> None:
    for ids, model in cases("gpt"):
        assert torch.allclose(WHOLE_GPT.reference(ids, model), model(ids), rtol=1e-4, atol=1e-4)


def test_a_later_character_changes_no_earlier_logit() -> None:
    for ids, model in cases("gpt"):
        before = WHOLE_GPT.reference(ids, model)
        for place in range(ids.shape[1]):
            other = ids.clone()
            other[:, place] = (other[:, place] + 1) % 11
            changed = (WHOLE_GPT.reference(other, model) - before).abs().amax((0, 2)) > 1e-5
            assert not changed[:place].any() and changed[place:].all()


def test_no_weight_of_a_tiny_model_is_one_that_a_fresh_one_has() -> None:
    model = tiny_gpt(np.random.default_rng(0), heads=4, layers=3)
    assert len(model.layers) == 3 and model.config.head_dim == 2 and not model.training
    for parameter in model.parameters():
        assert ((parameter != 0) & (parameter != 1)).all() and parameter.unique().numel() > 1
