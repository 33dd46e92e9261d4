"""Tests of `nlp4.pictures.plane`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from explorers import fits_a_phone
from hypothesis import given
from hypothesis import strategies as st

from nlp4.pictures.plane import (
    EVEN,
    SUM,
    UNMOVED,
    Places,
    pair_explorer,
    pair_picture,
    pair_scene,
    plane_explorer,
    plane_picture,
    plane_scene,
)


@given(number=st.integers(2, 8), angle=st.integers(0, 360), length=st.floats(0, 20))
def test_the_output_lies_among_the_values(number: int, angle: float, length: float) -> None:
    scene = plane_scene(number, angle, length)
    corners = scene.values[list(scene.hull)]
    if number >= 3:
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            edge, to = b - a, scene.output - a
            assert edge[0] * to[1] - edge[1] * to[0] >= -1e-9
    turned = np.deg2rad(angle)
    sector = next(s for s in scene.sectors if s.start <= turned % (2 * np.pi) <= s.end)
    if length > 0 and scene.weights.max() > 1.01 * np.sort(scene.weights)[-2]:
        assert scene.winner == sector.winner


KEY_FOUR = (95, 0.3)  # angle in degrees, length


def four(turn: float = 0, stretch: float = 1, value_turn: float = 0) -> Places:
    """Key 4 moved, and no other."""
    return (*UNMOVED[:3], (turn, stretch, value_turn), *UNMOVED[4:])


@given(
    turn=st.integers(-180, 180),
    stretch=st.floats(0, 4),
    value_turn=st.integers(-180, 180),
    number=st.integers(4, 8),
)
def test_the_chosen_key_and_value_move_and_no_others(
    turn: int, stretch: float, value_turn: int, number: int
) -> None:
    still, scene = (
        plane_scene(number, 30, 4.0, 3, four(*moved)) for moved in ((), (turn, stretch, value_turn))
    )
    others = np.arange(number) != 3
    assert np.allclose(still.values[3], [0.1, 0.05])
    assert np.array_equal(scene.keys[others], still.keys[others])
    assert np.array_equal(scene.values[others], still.values[others])
    angle, length = math.radians(KEY_FOUR[0] + turn), KEY_FOUR[1] * stretch
    assert np.allclose(scene.keys[3], [length * math.cos(angle), length * math.sin(angle)])
    assert scene.place == pytest.approx(((KEY_FOUR[0] + turn) % 360, length))
    moved = complex(*still.values[3]) * complex(
        math.cos(math.radians(value_turn)), math.sin(math.radians(value_turn))
    )
    assert np.allclose(scene.values[3], [moved.real, moved.imag])
    # The weights know of keys alone: turning the value leaves them as they are.
    unturned = plane_scene(number, 30, 4.0, 3, four(turn, stretch))
    assert np.array_equal(scene.weights, unturned.weights)


def test_key_four_can_be_made_to_win() -> None:
    assert plane_scene(5, 95, 4.0, 3).won == 0
    longer = plane_scene(5, 115, 4.0, 3, four(20, 3.5))
    assert longer.winner == 3 and longer.won > 0.1
    # A key far longer than all others wins the half of the plane that it points into, and no more.
    giant = plane_scene(5, 0, 4.0, 3, four(0, 1e4))
    assert giant.won == pytest.approx(0.5, abs=1e-3) and giant.won < 0.5


def test_a_key_beyond_the_last_is_the_last_that_moves() -> None:
    assert plane_scene(2, 30, 4.0, 7).chosen == 1


def test_a_key_beyond_the_disc_stands_on_its_rim() -> None:
    places = [((0, size, 0), *UNMOVED[1:]) for size in (1.0, 4.0)]
    near, far = (plane_picture(plane_scene(5, 30, 4.0, 0, place)) for place in places)
    assert "k1: 4.0<" in far and "k1:" not in near


def test_key_four_wins_nowhere() -> None:
    for number in range(5, 9):
        winners = {sector.winner for sector in plane_scene(number, 0, 1).sectors}
        assert 3 not in winners


def moved(**values: Any) -> str:
    """The plane's caption with controls set one by one, in the order given."""
    explorer = plane_explorer()
    for name, value in values.items():
        explorer.controls[name].value = value
    return explorer.caption


def test_plane_names_a_key_that_wins_nowhere() -> None:
    assert "gets 2.6% and wins nowhere, since" in moved()
    assert "nowhere" not in moved(number=2)
    assert "Every key gets 20.0%" in moved(length=0.0)
    told = moved(chosen=4, stretch=3.5, turn=20, angle=115)
    assert "Key 4 wins with" in told and "1.05 long at 115°" in told and "wins in 16% of" in told


def where(explorer: Any, name: str) -> tuple[float, float]:
    """A handle's place, told by its picture: 290 units for 2.7, the origin in the middle."""
    x, y = explorer.handles[name].at
    return (x - 175) / 290 * 2.7, (189 - y) / 290 * 2.7


def page(x: float, y: float) -> tuple[float, float]:
    return 175 + x / 2.7 * 290, 189 - y / 2.7 * 290


@given(degrees=st.integers(0, 71), length=st.integers(1, 40))
def test_a_query_dragged_somewhere_points_there(degrees: int, length: int) -> None:
    explorer, radians = plane_explorer(), math.radians(5 * degrees)
    reach = 0.25 + length / 40  # 20 long reaches 1.25
    explorer.drag("query", *page(reach * math.cos(radians), reach * math.sin(radians)))
    assert explorer.controls["angle"].value == 5 * degrees
    assert explorer.controls["length"].value == length / 2
    assert where(explorer, "query") == pytest.approx(
        (reach * math.cos(radians), reach * math.sin(radians)), abs=1e-6
    )


@given(which=st.integers(1, 5), x=st.floats(-0.9, 0.9), y=st.floats(-0.9, 0.9))
def test_a_key_dragged_somewhere_stands_near_and_the_others_stay(
    which: int, x: float, y: float
) -> None:
    explorer = plane_explorer()
    before = {name: handle.at for name, handle in explorer.handles.items()}
    explorer.drag(f"k{which}", *page(x, y))
    assert explorer.controls["chosen"].value == which
    # The sliders have steps of 5 degrees and of a tenth of the key's own length, of 0.3 to 1.05.
    size, own = math.hypot(x, y), (1.0, 0.95, 1.05, 0.3, 0.9)[which - 1]
    reach = min(size, 4 * own)
    told = where(explorer, f"k{which}")
    assert math.hypot(*told) == pytest.approx(reach, abs=0.05 * own + 1e-6)
    if size > 0.2:
        across = told[0] * y - told[1] * x
        assert abs(across) <= math.sin(math.radians(2.5)) * math.hypot(*told) * size + 1e-6
    for other in before.keys() - {f"k{which}", "value"}:
        assert explorer.handles[other].at == before[other]


def test_what_was_done_to_a_key_stays_when_another_is_taken() -> None:
    explorer = plane_explorer()
    explorer.drag("k1", *page(-0.5, 0.0))
    explorer.drag("k2", *page(0.0, 1.0))
    assert where(explorer, "k1") == pytest.approx((-0.5, 0.0), abs=1e-6)
    assert explorer.controls["turn"].value == -60  # from 150 to 90 degrees
    explorer.controls["chosen"].value = 1
    assert explorer.controls["turn"].value == 160  # from 20 to 180 degrees
    assert explorer.controls["stretch"].value == 0.5
    explorer.reset()
    assert explorer.caption == plane_explorer().caption
    assert explorer.controls["places"].value == UNMOVED


def test_arrow_keys_turn_and_stretch_what_has_the_focus() -> None:
    explorer = plane_explorer()
    explorer.nudge("k3", 2, 3)
    assert explorer.controls["chosen"].value == 3
    assert (explorer.controls["turn"].value, explorer.controls["stretch"].value) == (10, 1.3)
    explorer.nudge("query", -7, 0)
    assert explorer.controls["angle"].value == 355  # 30 - 35, turned round
    explorer.nudge("value", 1, 0)
    assert explorer.controls["value_turn"].value == 5


def test_a_value_dragged_round_turns_and_the_weights_stay() -> None:
    explorer = plane_explorer()
    weights = [handle.told for name, handle in explorer.handles.items() if name[0] == "k"]
    x, y = explorer.handles["value"].at
    middle = (20 + 135, 34 + 135)
    turned = middle[0] - (y - middle[1]), middle[1] + (x - middle[0])  # a quarter, on the page
    explorer.drag("value", *turned)
    assert explorer.controls["value_turn"].value == -90
    assert [handle.told for name, handle in explorer.handles.items() if name[0] == "k"] == weights


@given(
    n=st.integers(3, 16),
    c=st.floats(0, 12),
    angles=st.tuples(st.integers(-180, 180), st.integers(-180, 180)),
    lengths=st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)),
)
def test_two_keys_share_by_their_lengths_and_not_by_their_angle(
    n: int, c: float, angles: tuple[int, int], lengths: tuple[float, float]
) -> None:
    scene = pair_scene(n, c, SUM, angles[0], lengths[0], angles[1], lengths[1])
    # q . k_a - q . k_b = c (|k_a|^2 - |k_b|^2), whatever the angle.
    gap = c * (lengths[0] ** 2 - lengths[1] ** 2)
    assert scene.share == pytest.approx(1 / (1 + math.exp(-gap)), abs=1e-9)
    between = math.cos(math.radians(angles[0] - angles[1]))
    logit = c * (lengths[0] ** 2 + lengths[0] * lengths[1] * between)
    assert scene.logits[0] == pytest.approx(logit, abs=1e-9)
    assert scene.cosine == pytest.approx(between, abs=1e-9)
    assert scene.weights.sum() == pytest.approx(1)
    assert np.allclose(scene.weights[2:], 1 / (math.exp(logit) + math.exp(logit - gap) + n - 2))


@given(
    c=st.floats(0, 12),
    turn=st.integers(1, 35),
    lengths=st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)),
)
def test_equal_logits_average_any_two_keys_that_are_not_on_one_line(
    c: float, turn: int, lengths: tuple[float, float]
) -> None:
    scene = pair_scene(8, c, EVEN, 0, lengths[0], 5 * turn, lengths[1])
    assert np.allclose(scene.logits, c)
    assert scene.share == pytest.approx(0.5)


def test_opposite_keys_have_no_sum_and_no_even_query() -> None:
    for how in (SUM, EVEN):
        scene = pair_scene(8, 4.0, how, 0, 1.0, 180, 1.0)
        assert np.allclose(scene.query, 0) and np.allclose(scene.weights, 1 / 8)


def test_a_key_of_the_pair_follows_the_hand() -> None:
    explorer = pair_explorer()
    # The plane shows 4.4 on 290 units.
    explorer.drag("k-b", 175 - 1.5 / 4.4 * 290, 179)
    assert explorer.controls["angle_b"].value in (-180, 180)
    assert explorer.controls["length_b"].value == 1.5
    explorer.nudge("k-a", 0, 2)
    assert explorer.controls["length_a"].value == 1.2
    assert "cosine -1.00" in explorer.caption


def test_a_prepared_state_shows_what_its_title_says() -> None:
    explorer = pair_explorer()
    shown = [explorer.answer({"do": "lecture", "page": page})["caption"] for page in range(5)]
    for half in (shown[0], shown[1], shown[2], shown[4]):
        assert "k_a has 50.0%" in half
    assert "k_a has 0.7%" in shown[3]


@pytest.mark.parametrize("number", [2, 8])
@pytest.mark.parametrize("length", [0.0, 20.0])
def test_the_pictures_fit_a_phone(number: int, length: float) -> None:
    for which in range(number):
        far = (*UNMOVED[:which], (0.0, 4.0, 0.0), *UNMOVED[which + 1 :])
        fits_a_phone(plane_picture(plane_scene(number, 95, length, 1, far)))
    for angle in range(-180, 181, 45):
        fits_a_phone(pair_picture(pair_scene(16, length, SUM, angle, 2.0, 40 - angle, 1.5)))
