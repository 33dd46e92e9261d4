"""Pictures of a transformer's pieces: numbers by other ways, and every position draws."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from explorers import at_the_ends, fits_a_phone

from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models import asking
from nlp4.models.gpt import GPT
from nlp4.pictures import transformer
from nlp4.pictures.explorer import Explorer
from nlp4.training import shipped

QUESTION = "Where was Julian Noble born?"


@pytest.fixture(scope="module")
def loaded() -> tuple[GPT, Vocabulary]:
    return shipped.load("people_plain")


def test_scores_over_the_root_of_d_have_one_spread_whatever_d() -> None:
    for d in (1, 16, 512):
        scene = transformer.products_scene(d, 64, True, 0)
        assert scene.deviation == 1 and scene.scores.std() == pytest.approx(1, rel=0.05)
        assert transformer.products_scene(d, 64, False, 0).deviation == math.sqrt(d)
    assert np.ptp(scene.largest[1]) < 0.1
    assert (np.diff(scene.largest[0]) > 0).all()
    assert scene.gradient[0, 0] == pytest.approx(scene.gradient[1, 0])  # d = 1
    step = scene.grid[1] - scene.grid[0]
    assert transformer.products_scene(64, 8, False, 0).density.sum() * step == pytest.approx(1)


def test_the_heads_weights_are_the_models_and_the_mask_hides_what_comes_later(
    loaded: tuple[GPT, Vocabulary],
) -> None:
    model, vocabulary = loaded
    text = f"{QUESTION}{MASK}Brighton"
    scores = transformer.head_scores(model, vocabulary, text)
    weights = asking.attention_weights(model, torch.tensor(vocabulary.encode(text)))
    for layer, head in ((0, 1), (1, 3)):
        scene = transformer.mask_scene(scores[layer, head], text, True, 1.0, 99)
        np.testing.assert_allclose(scene.weights, weights[layer][head], atol=1e-6)
        assert scene.row == len(text) - 1 and scene.ahead == 0
    seen = transformer.mask_scene(scores[1, 1], text, False, 1.0, 29)
    assert seen.ahead == pytest.approx(seen.weights[28, 29:].sum()) and seen.ahead > 0.9
    flat = transformer.mask_scene(scores[1, 1], text, False, 0.0, 1)
    assert flat.ahead == pytest.approx(36 / 37)


def test_turned_queries_tell_the_distance_and_rows_of_a_table_the_place() -> None:
    turned = transformer.positions_scene("rotary", 100, 32, 10_000, 0)
    assert turned.moved == pytest.approx(0, abs=1e-12)
    for at, curve in turned.curves.items():
        shared = min(len(curve), 101)
        np.testing.assert_allclose(curve[-shared:], turned.here[-shared:])
        assert len(curve) == at + 1
    assert transformer.positions_scene("learned, as drawn", 100, 32, 10_000, 0).moved > 1
    assert transformer.positions_scene("rotary", 0, 4, 10, 3).here.shape == (1,)


def test_a_cold_draw_is_the_greedy_answer(loaded: tuple[GPT, Vocabulary]) -> None:
    explorer = transformer.sampling_explorer(*loaded, QUESTION)
    explorer.controls["top_p"].value = 0.05
    assert "6 are the greedy one, 'Brighton'" in explorer.caption
    assert "to 100.0%; 1 character has" in explorer.caption
    explorer.reset()
    explorer.controls["letter"].value = 9
    assert f"{MASK!r}, goes from 100.0%" in explorer.caption  # the end of the answer
    drawn = explorer.caption
    explorer.controls["seed"].value = 7
    explorer.controls["seed"].value = 0
    assert explorer.caption == drawn


EXPLORERS = ("products", "mask", "positions", "sampling")


def explorer_of(name: str, loaded: tuple[GPT, Vocabulary]) -> Explorer[Any]:
    if name in ("products", "positions"):
        return getattr(transformer, f"{name}_explorer")()
    return getattr(transformer, f"{name}_explorer")(*loaded, QUESTION)


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_position_draws(name: str, loaded: tuple[GPT, Vocabulary]) -> None:
    explorer = explorer_of(name, loaded)
    assert len(explorer.controls) <= 7
    for control in explorer.controls.values():
        first = control.value
        ends = [control.min, control.max] if hasattr(control, "min") else []
        for value in getattr(control, "options", ends):
            control.value = value
            assert explorer.svg.startswith("<svg")
            assert "nan" not in explorer.svg and "nan" not in explorer.caption
        control.value = first


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_picture_fits_a_phone(name: str, loaded: tuple[GPT, Vocabulary]) -> None:
    explorer = explorer_of(name, loaded)
    if "text" in explorer.controls:
        explorer.controls["text"].value = f"{QUESTION}{MASK}Great Snori"  # 40 letters, the most
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)


def test_an_answer_however_long_fits_a_phone() -> None:
    shares = np.full(8, 1.0), np.zeros(8)
    told = ("m" * 24,) * 6
    scene = transformer.SamplingScene("n" * 60, tuple("mwMWgjq "), *shares, 0, "m" * 24, told)
    fits_a_phone(transformer.sampling_picture(scene))


def test_a_query_with_one_key_is_seen_as_a_dot() -> None:
    explorer = transformer.positions_explorer()
    assert "<circle" not in explorer.svg
    explorer.controls["place"].value = 0
    assert explorer.svg.count("<circle") == 2  # one in each layout


def test_nothing_lies_before_the_last_letter(loaded: tuple[GPT, Vocabulary]) -> None:
    explorer = transformer.mask_explorer(*loaded, QUESTION)
    explorer.controls["masked"].value = False
    assert "what it is to predict would lie before it" in explorer.caption
    for row in (len(QUESTION), 40):
        explorer.controls["row"].value = row
        assert explorer.caption.endswith("Later letters get 0%: there are none.")


def test_a_text_that_cannot_be_read_is_told(loaded: tuple[GPT, Vocabulary]) -> None:
    explorer = transformer.mask_explorer(*loaded, QUESTION)
    explorer.controls["text"].value = "x"
    assert "1 characters: take 2 to 40" in explorer.caption and not explorer.svg
    explorer.controls["text"].value = "\u4e00\u4e01"
    assert "\u4e00" in explorer.caption


def test_scores_and_positions_are_drawn_where_torch_and_scipy_are_missing() -> None:
    """On a web page torch cannot be had, and scipy would be most of what is loaded."""
    code = """
import sys
sys.modules.update(dict.fromkeys(("torch", "scipy")))  # importing either raises ImportError
from nlp4.pictures import transformer
for made in (transformer.products_explorer(), transformer.positions_explorer()):
    for control in made.controls.values():
        control.value = control.stepped(1)
    assert made.svg and "nan" not in made.svg
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
