"""The scenes and explorers of notebook 03: numbers by definition, pictures that can be parsed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from nlp4 import demos_efficient as demos
from nlp4 import efficient_scenes as scenes
from nlp4 import shipped
from nlp4.attention import dense_reference
from nlp4.corpus import load_corpus
from nlp4.explorer import Explorer


@cache
def heads() -> scenes.Heads:
    torch.set_num_threads(1)
    return scenes.heads_of(*shipped.load("people"), load_corpus(), texts=3)


BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "pattern": demos.pattern_explorer,
    "spectrum": lambda: demos.spectrum_explorer(heads()),
    "error": lambda: demos.error_explorer(heads()),
    "cost": demos.cost_explorer,
}


@pytest.mark.parametrize("name", BUILDERS)
def test_every_position_draws_a_picture_that_can_be_parsed(name: str) -> None:
    explorer = BUILDERS[name]()
    for control in explorer.controls.values():
        first = control.value
        bounds = (getattr(control, "min", False), getattr(control, "max", True))
        ends = control.options if hasattr(control, "options") else bounds
        for value in (ends[0], ends[-1]):
            control.value = value
            assert ET.fromstring(explorer.svg).tag.endswith("svg")
            assert "nan" not in explorer.svg and "nan" not in explorer.caption
        control.value = first


def test_a_pattern_that_sees_nothing_is_said_in_words() -> None:
    explorer = demos.pattern_explorer()
    for name in ("window", "global_", "random"):
        explorer.controls[name].value = 0
    assert "sees nothing" in explorer.caption and explorer.svg == ""


@pytest.mark.parametrize("causal", [False, True])
def test_reach_grows_by_matrix_powers(causal: bool) -> None:
    scene = scenes.pattern_scene(32, 3, 1, 1, 4, causal, 2)
    seen = (scene.parts > 0) | np.eye(len(scene.parts), dtype=bool)
    within = np.linalg.matrix_power(seen.astype(float), 2) > 0
    assert (scene.reached == within[scene.middle]).all()
    wanted = np.tril(np.ones_like(seen)) if causal else np.ones_like(seen)
    assert np.isclose(scene.growth[2], within[wanted].mean())
    most = next(
        i for i in range(1, 40) if (np.linalg.matrix_power(seen * 1.0, i) > 0)[wanted].all()
    )
    assert scene.reach_all == most


def test_a_window_alone_walks_and_globals_jump() -> None:
    assert scenes.pattern_scene(16, 3, 0, 0, 0, False, 1).reach_all == 63
    assert scenes.pattern_scene(16, 3, 1, 0, 0, False, 1).reach_all == 2
    assert scenes.pattern_scene(16, 0, 1, 0, 0, False, 1).reach_all == 2


def test_heads_are_attention_of_the_model_on_the_texts() -> None:
    found = heads()
    assert found.trained.shape == found.untrained.shape == (3, 2, 4, scenes.LENGTH, scenes.LENGTH)
    assert np.allclose(found.trained.sum(-1), 1, atol=1e-5)
    model, vocabulary = shipped.load("people")
    text = " ".join(load_corpus().biographies)[scenes.LENGTH : 2 * scenes.LENGTH]
    x, turns = model.embed(torch.tensor([vocabulary.encode(text)]))
    layer = model.layers[0]
    q, k, v = layer.attention.queries_keys_values(layer.norm_1(x), turns)
    expected = dense_reference(q, k, v, causal=True)[1][0]
    assert np.allclose(found.trained[1, 0], expected.detach().numpy(), atol=1e-6)


def test_what_holds_ninety_per_cent() -> None:
    scene = scenes.spectrum_scene(heads(), "previous token", 0, 0, 0)
    values = np.sort(np.linalg.svd(scene.weights, compute_uv=False))[::-1]
    assert values[: scene.ninety].sum() >= 0.9 * values.sum() > values[: scene.ninety - 1].sum()
    assert np.sqrt((values[scene.tenth :] ** 2).sum() / (values**2).sum()) <= 0.1 + 1e-9


def test_the_fitted_projection_never_saw_the_text() -> None:
    found = heads()
    scene = scenes.error_scene(found, 1, 2)
    altered = scenes.Heads(found.trained.copy(), found.untrained)
    altered.trained[1:, 1, 2] = np.eye(scenes.LENGTH)
    other = scenes.error_scene(altered, 1, 2)
    assert np.allclose(scene.best, other.best) and not np.allclose(scene.fitted, other.fitted)
    assert (scene.best <= scene.fitted + 1e-6).all() and (scene.best <= scene.gaussian).all()
    assert scene.fitted[-1] < 1e-6 and scene.best[-1] < 1e-6
