"""Tests of `nlp4.pictures.copying`."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp4.pictures.controls import Kept
from nlp4.pictures.copying import (
    WANTED,
    Others,
    average_explorer,
    average_scene,
    copy_explorer,
    copy_scene,
)
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.noise import (
    crosstalk_explorer,
    heads_explorer,
    noisy_keys_explorer,
    queries_explorer,
)
from nlp4.pictures.plane import pair_explorer, plane_explorer


@given(
    n=st.integers(2, 32),
    which=st.integers(0, 31),
    scale=st.floats(-2, 15),
    others=st.sampled_from(["all equal", "spread out", "one rival"]),
    divisor=st.sampled_from([1, 2, 4, 8]),
)
def test_the_needed_logit_gives_exactly_the_weight_wanted(
    n: int, which: int, scale: float, others: Others, divisor: float
) -> None:
    scene = copy_scene(n, which, scale, others, divisor)
    logits = [float(z) for z in scene.logits]
    logits[scene.which] = scene.needed
    total = math.fsum(math.exp((z - max(logits)) / divisor) for z in logits)
    top = math.exp((scene.needed - max(logits)) / divisor)
    assert math.isclose(top / total, WANTED, rel_tol=1e-9)
    assert math.isclose(scene.weights.sum(), 1.0)
    assert scene.logits[scene.which] == scale


def test_equal_others_need_the_margin_of_the_closed_form() -> None:
    scene = copy_scene(8, 2, 4.0, "all equal")
    assert math.isclose(scene.needed, math.log(7 * 99))
    assert math.isclose(scene.weights[2], math.exp(4) / (math.exp(4) + 7))
    divided = copy_scene(8, 2, 4.0, "all equal", 8)
    assert math.isclose(divided.needed, 8 * math.log(7 * 99))
    assert math.isclose(divided.weights[2], math.exp(0.5) / (math.exp(0.5) + 7))


def test_a_rival_leaves_a_fifth_of_the_scale_as_margin() -> None:
    scene = copy_scene(5, 1, 10.0, "one rival")
    assert sorted(scene.logits) == [0.0, 0.0, 0.0, 8.0, 10.0]


def test_a_key_beyond_the_last_is_the_last() -> None:
    assert copy_scene(4, 30, 1.0, "all equal").which == 3


@given(n=st.integers(3, 16), c1=st.floats(-2, 12), c2=st.floats(-5, 5), x=st.floats(0, 10))
def test_only_the_gap_matters(n: int, c1: float, c2: float, x: float) -> None:
    scene = average_scene(n, c1, c2, x)
    weight = 1 / (2 + (n - 2) * math.exp(c2 - c1))
    assert np.allclose(
        np.sort(scene.weights), np.sort([weight] * 2 + [weight * math.exp(c2 - c1)] * (n - 2))
    )
    assert np.allclose(scene.exact, (weight, weight * math.exp(c2 - c1)))
    without = average_scene(n, c1 - c2, 0.0, 0.0)
    assert math.isclose(scene.error, without.error, abs_tol=1e-9)


def top_of(explorer: Explorer[Any], panel: int, bar: int) -> tuple[float, float]:
    """The middle of the upper edge of a bar, as the picture draws it."""
    drawn = ET.fromstring(explorer.svg).findall("./{*}g")[panel]
    corners = drawn.findall("./{*}polygon")[bar].attrib["points"].split()
    (left, top), (right, _) = (tuple(map(float, each.split(","))) for each in corners[:2])
    return (left + right) / 2, top


@given(
    others=st.sampled_from(["all equal", "spread out", "one rival"]),
    which=st.integers(1, 8),
    tenths=st.integers(1, 150),
    divisor=st.sampled_from([1, 4]),
)
def test_a_bar_follows_the_hand(others: Others, which: int, tenths: int, divisor: int) -> None:
    aim = copy_explorer().at(others=others, divisor=divisor, which=which, scale=tenths / 10)
    explorer = copy_explorer().at(others=others, divisor=divisor)
    x, y = top_of(aim, 0, which - 1)
    explorer.drag("key", x + 10, y)  # a bar is 29 wide
    assert explorer.controls["which"].value == which
    assert top_of(explorer, 0, which - 1) == pytest.approx((x, y), abs=0.11)
    # Sixty is written in 216 units, from the other end of the bars at most.
    assert explorer.controls["scale"].value == pytest.approx(tenths / 10, abs=0.41)
    assert explorer.handles["key"].at == pytest.approx((x, y), abs=0.11)


def test_a_bar_drawn_out_of_the_picture_stops_at_the_end() -> None:
    explorer = copy_explorer().at(n=5, which=32)
    explorer.drag("key", 1_000, -1_000)
    assert (explorer.controls["which"].value, explorer.controls["scale"].value) == (5, 60.0)
    explorer.drag("key", -1_000, 1_000)
    assert (explorer.controls["which"].value, explorer.controls["scale"].value) == (1, -2.0)


def test_arrow_keys_choose_a_key_and_change_its_logit() -> None:
    explorer = copy_explorer().at(n=5, which=32)
    explorer.nudge("key", -1, 3)  # from the last of five
    assert explorer.controls["which"].value == 4
    assert explorer.controls["scale"].value == 4.3
    assert explorer.handles["key"].told == "key 4, logit 4.3"


@given(c1=st.integers(0, 60), c2=st.integers(-20, 20), name=st.sampled_from(["c1", "c2"]))
def test_weights_are_pulled_to_what_c1_and_c2_can_give(c1: int, c2: int, name: str) -> None:
    explorer = average_explorer().at(c1=c1 / 10, c2=c2 / 10)
    aim = average_explorer().at(c1=5.0, c2=4.0)  # weights of 0.29 and 0.09, from 1.08 to 0
    gap, other = (1.0 if name == "c1" else -1.0), {"c1": c2, "c2": c1}[name] / 10
    at = aim.handles[name].at
    explorer.drag(name, *at)
    wanted = other + gap
    assert explorer.controls[name].value == pytest.approx(min(wanted, explorer.controls[name].max))
    if wanted <= explorer.controls[name].max:
        assert explorer.handles[name].at == pytest.approx(at)


def test_no_hand_pulls_two_weights_above_one_half() -> None:
    explorer = average_explorer()
    explorer.drag("c1", 0, -1_000)
    assert explorer.controls["c1"].value == 12.0
    assert explorer.handles["c1"].told == "50.0% with c1 = 12.0"
    assert explorer.handles["c1"].at[1] == pytest.approx(250 - 216 * 0.5 / 1.08, abs=0.01)
    explorer.nudge("c2", 0, -2)
    assert explorer.controls["c2"].value == -0.2


BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "copy": copy_explorer,
    "plane": plane_explorer,
    "pair": pair_explorer,
    "average": average_explorer,
    "noisy-keys": noisy_keys_explorer,
    "heads": heads_explorer,
    "queries": queries_explorer,
    "crosstalk": crosstalk_explorer,
}


def ends(control: Any) -> list[Any]:
    """The first and the last position of a control."""
    if hasattr(control, "options"):
        return [control.options[0], control.options[-1]]
    if isinstance(control, Kept):
        return [control.value]
    return [control.min, control.max] if hasattr(control, "min") else [False, True]


@pytest.mark.parametrize("name", BUILDERS)
def test_every_position_draws_a_picture_that_can_be_parsed(name: str) -> None:
    explorer = BUILDERS[name]()
    for control in explorer.controls.values():
        first = control.value
        for value in ends(control):
            control.value = value
            shown, metadata = explorer._repr_mimebundle_()
            root = ET.fromstring(shown["image/svg+xml"])
            assert root.tag.endswith("svg")
            assert metadata["image/svg+xml"]["alt"] == explorer.caption
            assert "nan" not in shown["image/svg+xml"] and "nan" not in explorer.caption
        control.value = first


@pytest.mark.parametrize("name", BUILDERS)
def test_reset_brings_the_first_picture_back(name: str) -> None:
    explorer = BUILDERS[name]()
    first = explorer._repr_mimebundle_()[0]["image/svg+xml"]
    for control in explorer.controls.values():
        control.value = next((end for end in ends(control) if end != control.value), control.value)
    assert explorer._repr_mimebundle_()[0]["image/svg+xml"] != first
    explorer.reset()
    assert explorer._repr_mimebundle_()[0]["image/svg+xml"] == first


def moved(name: str, **values: Any) -> str:
    """The caption after the controls were moved."""
    explorer = BUILDERS[name]()
    for control, value in values.items():
        explorer.controls[control].value = value
    return explorer.caption


def test_copy_says_the_weight_and_the_threshold() -> None:
    told = moved("copy", n=20, which=7, scale=6.0)
    assert f"gets {math.exp(6) / (math.exp(6) + 19):.1%}" in told
    assert f"a logit of {math.log(19 * 99):.2f}" in told
    assert f"it is {math.log(19 * 99) - 6:.2f} short" in told
    assert "to spare" in moved("copy", scale=15.0)


def test_average_says_the_exact_weights() -> None:
    told = moved("average", n=10, c1=4.0, c2=1.0, x=7.0)
    assert f"gets {1 / (2 + 8 * math.exp(-3)):.2%}" in told
    assert "c1 - c2 = 3.0" in told


def test_noisy_keys_say_when_the_density_splits() -> None:
    told = moved("noisy-keys", alpha=0.01, stretch=0.5, beta=1.5)
    split = math.sqrt(2 / (0.04 + 0.5))
    assert f"at scale {split:.2f}" in told
    assert "at 1.5 it has one hump" in told
    assert "has split" in moved("noisy-keys", alpha=0.01, stretch=0.5, beta=2.5)
    assert "nothing varies" in moved("noisy-keys", alpha=0.0)


def test_heads_say_the_limit() -> None:
    assert "7.9%" in moved("heads", beta=40.0)
    assert "(exact: " in moved("heads", heads=3)
    assert "by itself" in moved("heads", heads=1)


def test_crosstalk_counts_its_keys() -> None:
    assert "1,024 keys in 128 dimensions" in moved("crosstalk", n=1024, d=128)
