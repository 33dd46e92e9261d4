"""Tests of `nlp4.pictures.spectra`."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any, get_args

import numpy as np
import pytest
import torch
from explorers import at_the_ends, fits_a_phone
from PIL import Image
from projections import onto, relative_error

from nlp4.data.corpus import load_corpus
from nlp4.experiments.spectra import LENGTH, Heads, heads_of
from nlp4.maths.spectra import attention, gaussian_projection, main_directions
from nlp4.models.linformer import Linformer, LinformerConfig
from nlp4.pictures import spectra
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.spectra import (
    Source,
    error_explorer,
    error_scene,
    projection_explorer,
    spectrum_explorer,
    spectrum_scene,
)
from nlp4.training import shipped


@cache
def heads() -> Heads:
    torch.set_num_threads(1)
    return heads_of(*shipped.load("people"), load_corpus(), texts=3)


BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "spectrum": lambda: spectrum_explorer(heads()),
    "error": lambda: error_explorer(heads()),
    "projection": lambda: projection_explorer(heads()),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_pictures_fit_a_phone_and_hold_numbers(name: str) -> None:
    explorer = BUILDERS[name]()
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)
        assert "nan" not in drawn and "nan" not in explorer.caption


def test_an_untrained_head_is_the_triangle_of_its_mask() -> None:
    """With the mask it stands at the plain causal mean; without, rank 1 errs by a twentieth."""
    found = heads()
    mean = spectrum_scene(found, "untrained", 0, 0, 0, True, 0.0)
    assert (mean.ninety, mean.tenth) == (47, 22)
    for layer in range(found.layers):
        for head in range(found.heads):
            masked = spectrum_scene(found, "untrained", layer, head, 1, True, 1.0)
            assert abs(masked.ninety - 47) <= 1 and abs(masked.tenth - 22) <= 1
            open_ = spectrum_scene(found, "untrained", layer, head, 1, False, 1.0)
            assert open_.tenth == 1
            assert np.allclose(open_.weights.sum(-1), 1) and (open_.weights > 0).all()


@pytest.mark.parametrize("source", get_args(Source))
def test_at_scale_zero_all_heads_are_the_mean(source: Source) -> None:
    causal, plain = (spectrum_scene(heads(), source, 1, 2, 2, mask, 0.0) for mask in (True, False))
    assert np.allclose(causal.weights, np.tril(np.ones((128, 128))) / np.arange(1, 129)[:, None])
    assert np.allclose(plain.weights, 1 / 128) and (plain.ninety, plain.tenth) == (1, 1)


def test_what_holds_ninety_per_cent() -> None:
    scene = spectrum_scene(heads(), "trained", 0, 1, 0, True, 1.5)
    values = np.sort(np.linalg.svd(scene.weights, compute_uv=False))[::-1]
    assert values[: scene.ninety].sum() >= 0.9 * values.sum() > values[: scene.ninety - 1].sum()
    assert np.sqrt((values[scene.tenth :] ** 2).sum() / (values**2).sum()) <= 0.1 + 1e-9


def test_the_fitted_projection_never_saw_the_text() -> None:
    found = heads()
    scene = error_scene(found, 1, 2, 32, True, True, 1.0)
    others = found.trained.multiples.copy()
    others[:, 1:, 1, 2] = others[:, :1, 1, 2][..., ::-1, :]
    altered = replace(found, trained=replace(found.trained, multiples=others))
    other = error_scene(altered, 1, 2, 32, True, True, 1.0)
    assert np.allclose(scene.best.weights, other.best.weights)
    assert not np.allclose(scene.fitted.weights, other.fitted.weights)
    assert (scene.best.weights <= scene.fitted.weights + 1e-6).all()
    assert (scene.best.weights <= scene.gaussian.weights).all()
    assert scene.fitted.output[-1] < 1e-6 and scene.best.output[-1] < 1e-6


@pytest.mark.parametrize(
    ("causal", "scale", "shared"), [(True, 1.0, True), (False, 1.0, True), (True, 2.5, False)]
)
def test_errors_agree_with_the_products_written_out(
    causal: bool, scale: float, shared: bool
) -> None:
    found = heads()
    scene = error_scene(found, 0, 3, 16, shared, causal, scale)
    weights, *others = attention(found.trained.logits(0, 3), scale=scale, causal=causal)
    values = found.values[0, 3].astype(float)
    left, sizes, right = np.linalg.svd(weights)
    directions = main_directions(others)
    for i, k in enumerate(scene.ranks):
        rng = np.random.default_rng(k)
        drawn = [gaussian_projection(LENGTH, k, rng, shared=shared) for _ in range(5)]
        kinds = (
            (scene.best, [(left[:, :k] * sizes[:k]) @ right[:k]]),
            (scene.fitted, [weights @ onto(directions, k)]),
            (scene.gaussian, [(weights @ e.T) @ f for e, f in drawn]),
        )
        for shown, made in kinds:
            errors = [relative_error(each, weights) for each in made]
            handed = [relative_error(each @ values, weights @ values) for each in made]
            assert np.isclose(shown.weights[i], np.mean(errors), atol=1e-7)
            assert np.isclose(shown.output[i], np.mean(handed), atol=1e-7)


def test_two_random_matrices_are_never_better_than_nothing() -> None:
    together, apart = (error_scene(heads(), 0, 0, 64, same, True, 1.0) for same in (True, False))
    assert (apart.gaussian.weights > 1.3).all() and (apart.gaussian.output > 1).all()
    assert together.gaussian.output[-1] < 1
    assert np.isclose(apart.expected, 3**0.5) and np.isclose(together.expected, (129 / 64) ** 0.5)


PLACES = spectra.PLACES


@cache
def weights() -> np.ndarray:
    return spectra.first_places(heads())


def projection(kind: spectra.Kind, k: int, reader: int) -> spectra.ProjectionScene:
    rows = spectra.projection_rows(weights(), kind, k)
    return spectra.projection_scene(weights(), kind, rows, reader)


@pytest.mark.parametrize("kind", ["means of runs", "block by block"])
@pytest.mark.parametrize("k", [1, 7, 16, 64])
def test_runs_after_the_reader_are_counted_one_by_one(kind: spectra.Kind, k: int) -> None:
    runs = np.array_split(np.arange(PLACES), k)
    for reader in (0, 5, 31, 62, 63):
        scene = projection(kind, k, reader)
        if kind == "means of runs":
            assert np.allclose(scene.later, [(run > reader).mean() for run in runs])
            over = [place for run in runs if run[-1] > reader for place in run if place <= reader]
            assert np.flatnonzero(scene.lost).tolist() == over
        assert scene.leaking == sum(run[-1] > reader for run in runs)
        assert scene.readable.tolist() == [run[-1] <= reader for run in runs]


@pytest.mark.parametrize("k", [1, 7, 16, 64])
def test_the_means_are_those_of_the_layer(k: int) -> None:
    layer = Linformer(LinformerConfig(PLACES, k, projection="mean"), heads=1)
    rows = spectra.projection_rows(weights(), "means of runs", k)
    assert np.array_equal(rows, layer.matrices(PLACES)[0][0].numpy())


def test_what_a_reader_loses_is_weighed_head_by_head() -> None:
    scene = projection("means of runs", 4, 39)  # runs of 16: places 32 to 39 are lost
    found, shares = heads(), []
    for text, layer, head in np.ndindex(3, 2, 4):
        shown = attention(found.trained.logits(layer, head)[text])[39]
        shares.append(shown[32:40].sum())
    assert np.isclose(scene.lost_weight, np.mean(shares)) and scene.lost.sum() == 8
    looks = weights()[:, 39]
    means = looks[:, :32].reshape(-1, 2, 16).mean(2)  # what two means say of it
    assert np.isclose(scene.held, 16 * (means**2).sum() / (looks**2).sum())


def test_with_a_row_for_each_place_nothing_is_lost_and_without_any_everything() -> None:
    whole = projection("block by block", 64, 20)
    assert not whole.lost.any() and whole.lost_weight == 0 and np.isclose(whole.held, 1)
    none = projection("fitted to trained heads", 16, 20)
    assert none.leaking == 16 and np.isclose(none.lost_weight, 1) and none.held == 0
    assert np.flatnonzero(none.lost).tolist() == list(range(21))


def test_a_random_projection_leaks_through_every_row() -> None:
    scene = projection("random (Gaussian)", 8, 31)
    assert scene.rows.shape == (8, PLACES) and scene.leaking == 8
    assert np.isclose(scene.rows.var(), 1 / 8, rtol=0.2)  # N(0, 1 / k)
    assert 0.4 < scene.later.mean() < 0.6


def test_fitted_rows_are_the_best_for_all_heads() -> None:
    rows, looks = projection("fitted to trained heads", 8, 20).rows, weights()
    assert np.allclose(rows @ rows.T, np.eye(8))
    assert np.allclose(looks.sum(-1), 1) and np.allclose(looks, np.tril(looks))
    flat = looks.reshape(-1, PLACES)
    best = np.linalg.svd(flat, compute_uv=False)
    lost = np.linalg.norm(flat - flat @ rows.T @ rows) ** 2
    assert np.isclose(lost, (best[8:] ** 2).sum())  # Eckart and Young


def test_a_projection_s_cells_are_narrow_below_0_and_wide_above() -> None:
    rows = np.zeros((1, PLACES))
    rows[0, :2] = -1, 1
    scene = spectra.projection_scene(weights(), "fitted to trained heads", rows, 0)
    image = ET.fromstring(spectra.projection_picture(scene)).find(".//{*}image")
    assert image is not None
    data = (image.get("href") or "").removeprefix("data:image/png;base64,")
    with Image.open(BytesIO(base64.b64decode(data))) as png:
        shown = np.asarray(png.convert("RGB"))[0]
    blank = (shown == 255).all(-1).reshape(PLACES, -1).mean(1)
    assert blank[0] == 0.4 and blank[1] == 0 and (blank[2:] == 1).all()


def test_heat_is_one_element_however_many_weights_there_are() -> None:
    explorer = BUILDERS["spectrum"]()
    assert len(ET.fromstring(explorer.svg).findall(".//{*}image")) == 1
    assert explorer.svg.count("<") < 100


def test_the_singular_values_that_are_kept_follow_the_hand() -> None:
    explorer = BUILDERS["spectrum"]().at(scale=0.0)
    explorer.drag("kept", 38 + 40.4 / 128 * 216, 0)
    weights = np.tril(np.ones((128, 128)))
    values = np.linalg.svd(weights / weights.sum(1, keepdims=True))[1]
    share, error = values[:40].sum() / values.sum(), np.linalg.norm(values[40:])
    told = f"first 40 hold {share:.1%} of the sum; an approximation of that rank errs by"
    assert f"{told} {error / np.linalg.norm(values):.1%}." in explorer.caption
    assert explorer.handles["kept"].at == pytest.approx(
        (38 + 40 / 128 * 216, 250 - share / 1.15 * 216)
    )
    explorer.nudge("kept", -3, 0)
    assert "first 37 hold" in explorer.caption
    explorer.drag("kept", -10_000, 0)
    assert "first 1 hold" in explorer.caption


def test_a_rank_is_taken_where_its_number_stands() -> None:
    explorer = BUILDERS["error"]()
    for k in (1, 2, 4, 8, 16, 32, 64, 96, 128):
        aside = 1.4 if k <= 64 else 1.05  # to the left, by less than half the way to the next rank
        explorer.drag("k", 34 + np.log2(k / aside) / 7 * 240, 0)
        assert explorer.controls["k"].value == k
        assert explorer.handles["k"].at == pytest.approx((34 + np.log2(k) / 7 * 240, 255))
    explorer.nudge("k", -1, 0)
    assert explorer.handles["k"].told == "k = 96"
    explorer.drag("k", -10_000, 0)
    assert explorer.handles["k"].told == "k = 1"


def test_the_reader_is_moved_along_the_places() -> None:
    explorer = BUILDERS["projection"]()
    explorer.drag("reader", 24 + 5 * 40 + 2, 0)  # five units a place, from 24 on
    assert "at place 40 may not see" in explorer.caption
    assert explorer.handles["reader"].at[0] == 24 + 5 * 40
    explorer.nudge("reader", 2, 0)
    assert explorer.handles["reader"].told == "place 42 of 64"
    explorer.drag("reader", -10_000, 0)
    assert explorer.handles["reader"].told == "place 1 of 64"
