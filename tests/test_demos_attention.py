"""The explorers of notebook 01: every move redraws, and the caption says the right number."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from nlp4 import demos_attention as demos
from nlp4.explorer import Explorer

BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "copy": demos.copy_explorer,
    "plane": demos.plane_explorer,
    "average": demos.average_explorer,
    "noisy-keys": demos.noisy_keys_explorer,
    "heads": demos.heads_explorer,
    "crosstalk": demos.crosstalk_explorer,
}


def ends(control: Any) -> list[Any]:
    """The first and the last position of a control."""
    if hasattr(control, "options"):
        return [control.options[0], control.options[-1]]
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
        low, high = ends(control)
        control.value = high if control.value == low else low
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
    told = moved("noisy-keys", alpha=0.01, long=True, beta=1.5)
    split = math.sqrt(2 / (0.04 + 0.5))
    assert f"at scale {split:.2f}" in told
    assert "at 1.5 it has one hump" in told
    assert "has split" in moved("noisy-keys", alpha=0.01, long=True, beta=2.5)
    assert "nothing varies" in moved("noisy-keys", alpha=0.0)


def test_heads_say_the_limit() -> None:
    assert "7.9%" in moved("heads", beta=40.0)
    assert "(exact: " in moved("heads", heads=3)
    assert "by itself" in moved("heads", heads=1)


def test_plane_names_a_key_that_wins_nowhere() -> None:
    assert "key 4 wins nowhere" in moved("plane")
    assert "nowhere" not in moved("plane", number=2)
    assert "Every key gets 20.0%" in moved("plane", length=0.0)


def test_crosstalk_counts_its_keys() -> None:
    assert "1,024 keys in 128 dimensions" in moved("crosstalk", n=1024, d=128)
