"""Tests of `nlp4.pictures.svg`: a decoder of another make reads back the grids, for one."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from explorers import fits_a_phone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nlp4.pictures.svg import Line, Lines, grid, lines_drawing, lines_picture, mixed
from nlp4.support.errors import UserError

COLOURS = ["#000000", "#ff0000", "#00ff7f", "#ffffff"]


def pixels(drawn: str) -> np.ndarray:
    """The colours of the picture within the picture, `(rows, columns, 3)`."""
    href = ET.fromstring(drawn).get("href") or ""
    data = re.fullmatch("data:image/png;base64,(.*)", href)
    assert data is not None
    with Image.open(io.BytesIO(base64.b64decode(data[1]))) as image:
        return np.asarray(image.convert("RGB"))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_a_decoder_reads_back_every_colour(rows: int, columns: int, seed: int) -> None:
    shades = np.random.default_rng(seed).integers(4, size=(rows, columns)).astype(np.uint8)
    found = pixels(grid(0, 0, 1, 1, shades, COLOURS))
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
    assert element.get("preserveAspectRatio") == "none"


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UserError, match="shade 4 has no colour"):
        grid(0, 0, 1, 1, np.array([[4]], dtype=np.uint8), COLOURS)


@pytest.mark.parametrize(
    "shape", [(60_000, 1), (1, 60_000), (1, 65_534), (1, 65_535), (255, 256), (255, 257)]
)
def test_grids_of_any_size_are_drawn(shape: tuple[int, int]) -> None:
    shades = np.full(shape, 2, dtype=np.uint8)
    found = pixels(grid(0, 0, 1, 1, shades, COLOURS))
    assert found.shape[:2] == shape and (found == [0, 255, 127]).all()


def test_colours_fade_to_white() -> None:
    assert mixed("#204060", 1) == "#204060"
    assert mixed("#204060", 0) == "#ffffff"
    assert mixed("#000000", 0.2) == "#cccccc"


def test_rows_stand_where_their_values_are() -> None:
    rows = tuple(Line(f"row {v}", v, (v / 2, v * 2), "") for v in (0.5, 1.0, 2.0, 99.0))
    drawn = ET.fromstring(lines_drawing(Lines("ratio", rows, (0.25, 4.0), 0, 1.0, True)).svg)
    for layout in drawn.findall("{*}g"):
        ends = {t.text: float(t.get("x", "nan")) for t in layout.findall("{*}text")}
        low, high = ends["0.25"], ends["4"]
        across = [
            (float(c.get("cx", "nan")) - low) / (high - low)
            for c in layout.iter()
            if "cx" in c.attrib
        ]
        assert across == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=1e-3)  # outside: at the edge


@pytest.mark.parametrize("label", ["Here", "whoever was asked last of all, and in other words"])
def test_rows_fit_a_phone(label: str) -> None:
    rows = tuple(Line(f"{label} {i}", i / 9, (0, 1), "400 of 400, 100.0%") for i in range(10))
    title = "share of guesses that are the birthplace of the nearest training name"
    fits_a_phone(lines_picture(Lines(title, rows, (0.0, 1.0), 1, 0.5)))
