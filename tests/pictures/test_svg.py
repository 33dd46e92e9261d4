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

from nlp4.pictures.svg import (
    Line,
    Lines,
    Panel,
    either,
    grid,
    lines_drawing,
    lines_picture,
    mixed,
    panels,
    picture,
    stacked,
    text,
    wide,
)
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


# Panels. Their sizes are told in half pixels; nothing of what a picture says may be taken for
# the attributes by which a panel is found.
NOISE = "<g class='nlp4-narrow' data-width='9' data-height='9' display='none'> viewBox='0 0 1 1'"
SIZES = st.tuples(st.integers(2, 700), st.integers(2, 1200)).map(lambda s: (s[0] / 2, s[1] / 2))
Placed = tuple[float, float, float, float, str]  # left, top, width, height, words


def panel(name: str, size: tuple[float, float]) -> Panel:
    inner = "<svg width='1' height='1' viewBox='0 0 1 1'/>" + text(0, 0, name + NOISE, "")
    return Panel(f"<g transform='translate(1 2)'>{inner}</g>", *size)


def size_of(drawn: str) -> tuple[float, float]:
    """Width and height, which the view box must repeat."""
    root = ET.fromstring(drawn)
    size = float(root.attrib["width"]), float(root.attrib["height"])
    assert [float(part) for part in root.attrib["viewBox"].split()] == [0, 0, *size]
    return size


def shown(drawn: str) -> list[Placed]:
    """The panels that are shown, where they stand and what they say."""
    found = []
    for group in ET.fromstring(drawn).findall("{*}g"):
        if group.get("display") == "none":
            continue
        at = re.fullmatch(r"translate\((\S+) (\S+)\)", group.get("transform", "translate(0 0)"))
        (inner,) = group
        assert at is not None and inner.get("transform") == "translate(1 2)"
        assert inner[0].get("width") == "1"  # what lies in a panel keeps its size
        x, y, width, height = (
            float(number)
            for number in (*at.groups(), group.get("data-width"), group.get("data-height"))
        )
        found.append((x, y, width, height, "".join(group.itertext()).removesuffix(NOISE)))
    return found


@given(st.lists(SIZES, min_size=1, max_size=5))
def test_panels_stand_beside_each_other_and_stacked_below(sizes: list[tuple[float, float]]) -> None:
    names = [str(i) for i in range(len(sizes))]
    drawn = panels([panel(*each) for each in zip(names, sizes, strict=True)], NOISE)
    right, below = 0.0, 0.0
    for beside, under, size, name in zip(
        shown(drawn), shown(stacked(drawn)), sizes, names, strict=True
    ):
        assert beside == (right, 0, *size, name) and under == (0, below, *size, name)
        right, below = right + size[0] + 20, below + size[1]
    assert size_of(drawn) == (right - 20, max(height for _, height in sizes))
    assert size_of(stacked(drawn)) == (max(width for width, _ in sizes), below)


@given(SIZES, SIZES)
def test_of_two_layouts_one_is_shown(
    large: tuple[float, float], small: tuple[float, float]
) -> None:
    drawn = either(panel("wide", large), panel("narrow", small), NOISE)
    for each in (drawn, wide(drawn)):
        assert shown(each) == [(0, 0, *large, "wide")] and size_of(each) == large
    drawn = stacked(drawn)
    assert shown(drawn) == [(0, 0, *small, "narrow")] and size_of(drawn) == small


@pytest.mark.parametrize(
    "drawn",
    [
        panels([panel("a", (350, 300)), panel("b", (100, 20))], NOISE),
        either(panel("a", (720, 300)), panel("b", (350, 500)), NOISE),
    ],
)
def test_stacking_once_is_enough_and_takes_no_word_away(drawn: str) -> None:
    once = stacked(drawn)
    assert stacked(once) == once != drawn
    words = [*ET.fromstring(drawn).itertext()]
    if "nlp4-wide" in drawn:  # the other layout's words go with it
        del words[1]
    assert [*ET.fromstring(once).itertext()] == words
    assert ET.fromstring(once).get("aria-label") == NOISE


def test_a_picture_in_one_piece_stays_as_it_is() -> None:
    drawn = picture(720, 300, text(0, 0, NOISE, ""), NOISE)
    assert stacked(drawn) == drawn


def test_a_page_gets_one_layout_and_not_both() -> None:
    drawn = either(Panel("<g><text>w</text></g>", 700), Panel("<g><text>n</text></g>"), "a")
    for part, told in ((wide(drawn), "w"), (stacked(drawn), "n")):
        assert "".join(ET.fromstring(part).itertext()) == f"a{told}"
    assert wide("<svg/>") == "<svg/>"
