"""What every explorer is put through: its controls' positions, one control at a time."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
from PIL import ImageFont

from nlp4.pictures import svg
from nlp4.pictures.explorer import Explorer

PHONE, SMALLEST = 358, 11  # px: what a page has for a picture on a phone, and a font's least size
Box = tuple[float, float, float, float]  # left, top, right, bottom


def walk(explorer: Explorer[Any], *excuses: str) -> None:
    """Each position draws a whole picture of numbers, or says in words one of `excuses`."""
    for control in explorer.controls.values():
        first = control.value
        places = getattr(control, "options", None) or range(control.min, control.max + 1)
        for value in places:
            control.value = value
            if not explorer.svg:
                assert any(excuse in explorer.caption for excuse in excuses)
                continue
            assert ET.fromstring(explorer.svg).tag.endswith("svg")
            assert "nan" not in explorer.svg and "nan" not in explorer.caption
        control.value = first


def at_the_ends(explorer: Explorer[Any]) -> Iterator[str]:
    """The pictures at the start and at both ends of each control; not where there is none."""
    yield explorer.svg
    for control in explorer.controls.values():
        first = control.value
        if isinstance(first, (str, tuple)) and not hasattr(control, "options"):
            continue  # a line of text has no ends, nor have cells
        bounds = (getattr(control, "min", False), getattr(control, "max", True))
        ends = getattr(control, "options", None) or bounds
        for value in (ends[0], ends[-1]):
            control.value = value
            if explorer.svg:
                yield explorer.svg
        control.value = first


def fits_a_phone(drawn: str) -> None:
    """Stacked, a picture is narrow enough; its texts can be read, cut off nowhere and kept apart.

    The letters are those of DejaVu, which are wider than those of other fonts for screens.
    """
    root = ET.fromstring(svg.stacked(drawn))
    assert float(root.attrib["width"]) <= PHONE, f"{root.attrib['width']} px wide"
    for part, width, height in _parts(root):
        texts = [each for each in part.iter() if each.tag.endswith("}text") and each.text]
        boxes = {(each.text, _box(each)) for each in texts}
        for words, (left, top, right, bottom) in boxes:
            inside = left >= 0 and top >= 0 and right <= width and bottom <= height
            assert inside, f"{words!r} at {left:.0f} to {right:.0f}, {top:.0f} to {bottom:.0f}"
        for (one, box), (other, another) in combinations(sorted(boxes), 2):
            assert not _overlap(box, another), f"{one!r} lies over {other!r}"


def _parts(root: ET.Element) -> list[tuple[ET.Element, float, float]]:
    """The panels that are shown, with their sizes; the whole picture if it is in one piece."""
    groups = [each for each in root if each.get("data-width") and each.get("display") != "none"]
    if not groups:
        return [(root, float(root.attrib["width"]), float(root.attrib["height"]))]
    return [
        (each, float(each.attrib["data-width"]), float(each.attrib["data-height"]))
        for each in groups
    ]


def _box(text: ET.Element) -> Box:
    """What the letters of a line of text cover. Fails if they are too small or too pale."""
    size, words = float(text.attrib["font-size"]), text.text or ""
    assert size >= SMALLEST, f"{words!r} is {size} px"
    fill = text.attrib["fill"]  # white stands on a colour
    assert fill == "white" or contrast(fill) >= 4.5, f"{words!r} is too pale to be read"
    mono = "Mono" in text.get("font-family", "").split(",")[0]
    width = _font(size, mono, text.get("font-weight") == "bold").getlength(words)
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor", "start")]
    left, y = float(text.attrib["x"]) - shift * width, float(text.attrib["y"])
    return left, y - 0.76 * size, left + width, y + 0.24 * size


@cache
def contrast(colour: str) -> float:
    """Of a colour (#rrggbb) and white, as the WCAG define it; for small text they ask for 4.5."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@cache
def _font(size: float, mono: bool, bold: bool) -> ImageFont.FreeTypeFont:
    name = f"DejaVuSans{'Mono' * mono}{'-Bold' * bold}.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), size)


def _overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share more than a pixel each way."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1
