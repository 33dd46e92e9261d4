"""Tests of `nlp4.pictures.speed`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from explorers import at_the_ends, fits_a_phone

from nlp4.experiments.speed import BOTH, FORWARD_TIME, Cell, read_speed
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.speed import (
    cost_explorer,
    live_picture,
    speed_explorer,
    speed_picture,
    speed_scene,
)

LIVE = [Cell(name, 256, "forward", 2.0) for name in ("full", "bigbird", "linformer")]
LONGER = f"time, {BOTH}"


def test_counted_measured_and_live_costs_fit_a_phone() -> None:
    live = (live_picture(LIVE).svg, live_picture([Cell("full", 65_536, BOTH, 9e5)], LONGER).svg)
    for drawn in (*at_the_ends(cost_explorer()), *at_the_ends(speed_explorer()), *live):
        fits_a_phone(drawn)


@pytest.mark.parametrize("n", [512, 1_600, 16_384])
def test_a_break_even_is_named_inside_its_picture_wherever_it_is(n: float) -> None:
    scene = speed_scene(read_speed(), FORWARD_TIME, 512)
    fits_a_phone(speed_picture(replace(scene, break_even={"bigbird": n, "linformer": n})))


@pytest.mark.usefixtures("files")
def test_speed_in_words() -> None:
    explorer = speed_explorer()
    explorer.controls["n"].value = 1024
    full, bigbird = 1e-5 * 1024**2, 0.016 * 1024
    assert f"full attention {full:.3g} ms, our BigBird {bigbird:.3g} ms" in explorer.caption
    assert f"(full takes {full / bigbird:.2f} times as much)" in explorer.caption
    assert "Our BigBird stays below full attention from about n = 1,600 on" in explorer.caption
    assert "n = 512, the shortest measured, on" in explorer.caption
    explorer.controls["n"].value = 2048
    assert "not measured: Hugging Face BigBird" in explorer.caption
    explorer.controls["what"].value = "memory, forward"
    assert "does not stay below" in explorer.caption  # all of them take n / 8 there


@pytest.mark.usefixtures("files")
def test_live_times_are_circles_over_the_stored_lines() -> None:
    live = live_picture(LIVE)
    assert "n = 256: full attention 2 ms" in live.words and "stored" not in live.words
    circles = ET.fromstring(live.svg).findall(".//{*}circle[@fill='white']")
    assert len(circles) == len(LIVE) + 1  # one in the legend
    with pytest.raises(ValueError):
        live_picture([])
    assert BOTH in live_picture([*LIVE, Cell("full", 256, BOTH, 3.0)], LONGER).words


def test_the_counted_cost_in_words() -> None:
    """4 w + 2 n over 4 w + 4 k = 4.5 at n = 4,096 with w = k = 256; n > 2 k pays.

    Mixed first the layer takes 2 w n + 2 w k + 3 n k a column with E = F, 4 n k with two.
    """
    explorer, n, k = cost_explorer(), 4096, 256
    assert "4.5 times those of Linformer with keys E (X W_K) and values F (X W_V)" in (
        explorer.caption
    )
    assert "E and F hold 2,097,152 numbers" in explorer.caption
    explorer.controls["shared"].value = True
    assert "4.5 times those of Linformer with keys E (X W_K) and values E (X W_V)" in (
        explorer.caption
    )
    assert "E holds 1,048,576 numbers" in explorer.caption
    explorer.controls["mixed_first"].value = True
    full = 4 * n * k + 2 * n * n
    assert f"{full / (2 * k * n + 2 * k * k + 3 * n * k):.1f} times those" in explorer.caption
    assert "(E X) W_K and values (E X) W_V (4.5 times as its" in explorer.caption
    explorer.controls["shared"].value = False
    assert f"{full / (2 * k * n + 2 * k * k + 4 * n * k):.1f} times those" in explorer.caption
    explorer.controls["mixed_first"].value = False
    explorer.controls["k"].value = 1024
    assert "from n = 2,049 on" in explorer.caption


@pytest.mark.parametrize(
    ("make", "left", "width", "lengths"),
    [(cost_explorer, 46, 280, range(8, 16)), (speed_explorer, 56, 270, range(9, 15))],
)
def test_the_length_is_taken_along_the_axis(
    make: Callable[[], Explorer[Any]], left: int, width: int, lengths: range
) -> None:
    """Each doubling has the same room, and n the nearest of them."""
    explorer, room = make(), width / (len(lengths) - 1)
    for i, power in enumerate(lengths):
        for aside in (-0.45, 0.45):
            explorer.drag("n", left + (i + aside) * room, 0)
            assert explorer.controls["n"].value == 2**power
            assert explorer.handles["n"].at == pytest.approx((left + i * room, 255))
    explorer.drag("n", 10_000, 0)
    assert explorer.handles["n"].told == f"n = {2 ** lengths[-1]:,}"
    explorer.nudge("n", -2, 1)
    assert explorer.controls["n"].value == 2 ** lengths[-3]
