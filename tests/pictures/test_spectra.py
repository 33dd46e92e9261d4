"""Tests of `nlp4.pictures.spectra`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from projections import onto, relative_error

from nlp4.data.corpus import load_corpus
from nlp4.maths.spectra import gaussian_projection, main_directions
from nlp4.models.attention import dense_reference
from nlp4.pictures import spectra
from nlp4.pictures.pattern import pattern_explorer
from nlp4.pictures.spectra import (
    LENGTH,
    Heads,
    error_explorer,
    error_scene,
    heads_of,
    projection_explorer,
    sharing,
    spectrum_explorer,
    spectrum_scene,
)
from nlp4.pictures.speed import cost_explorer
from nlp4.pictures.widgets import Explorer
from nlp4.training import shipped


@cache
def heads() -> Heads:
    torch.set_num_threads(1)
    return heads_of(*shipped.load("people"), load_corpus(), texts=3)


BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "pattern": pattern_explorer,
    "spectrum": lambda: spectrum_explorer(heads()),
    "error": lambda: error_explorer(heads()),
    "projection": lambda: projection_explorer(heads()),
    "cost": cost_explorer,
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


def test_heads_are_attention_of_the_model_on_the_texts() -> None:
    found = heads()
    assert found.trained.shape == found.untrained.shape == (3, 2, 4, LENGTH, LENGTH)
    assert np.allclose(found.trained.sum(-1), 1, atol=1e-5)
    model, vocabulary = shipped.load("people")
    text = " ".join(load_corpus().biographies)[LENGTH : 2 * LENGTH]
    x, turns = model.embed(torch.tensor([vocabulary.encode(text)]))
    layer = model.layers[0]
    q, k, v = layer.attention.queries_keys_values(layer.norm_1(x), turns)
    expected = dense_reference(q, k, v, causal=True)[1][0]
    assert np.allclose(found.trained[1, 0], expected.detach().numpy(), atol=1e-6)
    assert np.allclose(found.values[1, 0], v[0].detach().numpy(), atol=1e-6)


def test_an_untrained_head_is_the_triangle_of_its_mask() -> None:
    """With the mask it stands at the plain causal mean; without, rank 1 errs by a twentieth."""
    found = heads()
    mean = spectrum_scene(found, "plain causal mean", 0, 0, 0)
    assert (mean.ninety, mean.tenth) == (47, 22)
    for layer in range(found.layers):
        for head in range(found.heads):
            masked = spectrum_scene(found, "untrained", layer, head, 1)
            assert abs(masked.ninety - 47) <= 1 and abs(masked.tenth - 22) <= 1
            assert spectrum_scene(found, "untrained, no mask", layer, head, 1).tenth == 1
    assert np.allclose(found.unmasked.sum(-1), 1) and (found.unmasked > 0).all()


def test_what_holds_ninety_per_cent() -> None:
    scene = spectrum_scene(heads(), "previous token", 0, 0, 0)
    values = np.sort(np.linalg.svd(scene.weights, compute_uv=False))[::-1]
    assert values[: scene.ninety].sum() >= 0.9 * values.sum() > values[: scene.ninety - 1].sum()
    assert np.sqrt((values[scene.tenth :] ** 2).sum() / (values**2).sum()) <= 0.1 + 1e-9


def test_the_fitted_projection_never_saw_the_text() -> None:
    found = heads()
    scene = error_scene(found, 1, 2)
    altered = replace(found, trained=found.trained.copy())
    altered.trained[1:, 1, 2] = np.eye(LENGTH)
    other = error_scene(altered, 1, 2)
    assert np.allclose(scene.best, other.best) and not np.allclose(scene.fitted, other.fitted)
    assert (scene.best <= scene.fitted + 1e-6).all() and (scene.best <= scene.gaussian).all()
    assert scene.fitted[-1] < 1e-6 and scene.best[-1] < 1e-6


def test_errors_agree_with_the_products_written_out() -> None:
    found, scene = heads(), error_scene(heads(), 0, 3)
    weights = found.trained[0, 0, 3]
    directions = main_directions(found.trained[1:, 0, 3])
    for i, k in enumerate(scene.ranks):
        fitted = weights @ onto(directions, k)
        assert np.isclose(scene.fitted[i], relative_error(fitted, weights), atol=1e-7)
        rng = np.random.default_rng(k)
        drawn = [weights @ gaussian_projection(LENGTH, k, rng) for _ in range(5)]
        errors = [relative_error(each, weights) for each in drawn]
        assert np.isclose(scene.gaussian[i], np.mean(errors))
        values = found.values[0, 0, 3]
        mixed = [relative_error(each @ values, weights @ values) for each in drawn]
        assert np.isclose(scene.output[i], np.mean(mixed))


PLACES = spectra.PLACES


@pytest.mark.parametrize("k", [1, 7, 16, 64])
def test_runs_after_the_reader_are_counted_one_by_one(k: int) -> None:
    runs = np.array_split(np.arange(PLACES), k)
    for reader in (0, 5, 31, 62, 63):
        scene = spectra.projection_scene(np.eye(PLACES), "means of runs", k, reader)
        assert np.allclose(scene.later, [(run > reader).mean() for run in runs])
        assert scene.leaking == sum(run[-1] > reader for run in runs)


def test_a_random_projection_leaks_through_every_row() -> None:
    scene = spectra.projection_scene(np.eye(PLACES), "random (Gaussian)", 8, 31)
    assert scene.rows.shape == (8, PLACES) and scene.leaking == 8
    assert np.isclose(scene.rows.var(), 1 / 8, rtol=0.2)  # N(0, 1 / k)
    assert 0.4 < scene.later.mean() < 0.6


def test_fitted_rows_are_the_best_for_all_heads() -> None:
    found = heads()
    directions = spectra.fitted_directions(found)
    scene = spectra.projection_scene(directions, "fitted to trained heads", 8, 20)
    assert np.allclose(scene.rows @ scene.rows.T, np.eye(8))
    weights = found.trained[..., :PLACES, :PLACES].reshape(-1, PLACES)
    best = np.linalg.svd(weights, compute_uv=False)
    lost = np.linalg.norm(weights - weights @ scene.rows.T @ scene.rows) ** 2
    assert np.isclose(lost, (best[8:] ** 2).sum())  # Eckart and Young


def test_heat_is_one_element_however_many_weights_there_are() -> None:
    explorer = BUILDERS["spectrum"]()
    assert len(ET.fromstring(explorer.svg).findall("{*}image")) == 1
    assert explorer.svg.count("<") < 100


def test_sharing_is_as_many_matrices_as_the_paper_counts() -> None:
    """Section 4: 12 layers of 12 heads have 24, 12 and 1 matrices; unshared 2 for each head."""
    found = sharing(12, 12, 4, 16)
    matrices = {"none": 288, "headwise": 24, "key-value": 12, "layerwise": 1}
    assert found == {share: (count, count * 4 * 16) for share, count in matrices.items()}
