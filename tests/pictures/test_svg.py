"""Grids as PNG: a decoder of another make reads back what was put in."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nlp4.pictures.svg import grid, mixed, png
from nlp4.support.errors import UserError

COLOURS = ["#000000", "#ff0000", "#00ff7f", "#ffffff"]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_a_decoder_reads_back_every_colour(rows: int, columns: int, seed: int) -> None:
    shades = np.random.default_rng(seed).integers(4, size=(rows, columns)).astype(np.uint8)
    with Image.open(io.BytesIO(png(shades, COLOURS))) as image:
        image.load()
        found = np.asarray(image.convert("RGB"))
    palette = np.array([list(bytes.fromhex(colour[1:])) for colour in COLOURS])
    assert (found == palette[shades]).all()


def test_a_grid_stands_where_it_is_asked_to() -> None:
    shades = np.array([[0, 1, 2]], dtype=np.uint8)
    element = ET.fromstring(grid(3, 4, 30, 10, shades, COLOURS))
    assert [element.get(name) for name in ("x", "y", "width", "height")] == [
        "3.0",
        "4.0",
        "30.0",
        "10.0",
    ]
    data = re.fullmatch("data:image/png;base64,(.*)", element.get("href") or "")
    assert data is not None and base64.b64decode(data[1]) == png(shades, COLOURS)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UserError, match="shade 4 has no colour"):
        grid(0, 0, 1, 1, np.array([[4]], dtype=np.uint8), COLOURS)
    with pytest.raises(UserError, match="pool them"):
        grid(0, 0, 1, 1, np.zeros((300, 300), dtype=np.uint8), COLOURS)


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        ((60_000, 1), False),
        ((1, 60_000), True),
        ((1, 65_534), True),
        ((1, 65_535), False),
        ((255, 256), True),
        ((255, 257), False),
    ],
)
def test_what_fits_into_one_block_is_drawn_and_more_is_refused(
    shape: tuple[int, int], fits: bool
) -> None:
    shades = np.zeros(shape, dtype=np.uint8)
    if fits:
        assert grid(0, 0, 1, 1, shades, COLOURS)
    else:
        with pytest.raises(UserError, match="pool them"):
            grid(0, 0, 1, 1, shades, COLOURS)


def test_colours_fade_to_white() -> None:
    assert mixed("#204060", 1) == "#204060"
    assert mixed("#204060", 0) == "#ffffff"
    assert mixed("#000000", 0.2) == "#cccccc"
