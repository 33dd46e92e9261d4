"""What a reader's keys do to a control, and what the page must then show.

Each control in the page has a twin in this process. The twin knows where a key leads, and its
explorer knows what stands in the caption there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import Locator

from nlp4.pictures import controls
from nlp4.pictures.explorer import Explorer
from nlp4.support.files import replacing

BURST = 30
SECONDS = 15
Expected = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Move:
    """Keys to press on a part of a control, and the place to which they lead.

    `place` is what the part itself then shows: a slider's number or word, a mark, a text.
    """

    part: str
    keys: tuple[str, ...]
    place: Any
    value: Any


def steps(control: controls.Slider) -> list[float]:
    """Return every value on which a slider of numbers can stand, the lowest first."""
    count = math.floor((control.max - control.min) / control.step + 1e-9)
    values = [round(control.min + index * control.step, 10) for index in range(count + 1)]
    return values if math.isclose(values[-1], control.max) else [*values, control.max]


def along(start: int, last: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield keys and the index they lead to: two single steps, both ends, and a burst.

    Where the end blocks a step, it goes the other way.
    """
    index = start
    for _ in range(2):
        key, index = ("ArrowRight", index + 1) if index < last else ("ArrowLeft", index - 1)
        yield (key,), index
    yield ("End",), last
    yield ("Home",), 0
    yield ("ArrowRight",) * BURST, min(BURST, last)


def slider_moves(control: Any) -> Iterator[Move]:
    values = steps(control)
    start = min(range(len(values)), key=lambda index: abs(values[index] - control.value))
    if len(values) > 1:
        for keys, index in along(start, len(values) - 1):
            yield Move("input", keys, values[index], values[index])


def choice_moves(control: Any) -> Iterator[Move]:
    if len(control.options) > 1:
        for keys, index in along(control.index, len(control.options) - 1):
            value = control.options[index]
            yield Move("input", keys, str(value), value)


def tick_moves(control: Any) -> Iterator[Move]:
    for value in (not control.value, bool(control.value)):
        yield Move("input", ("Space",), value, value)


def entry_moves(control: Any) -> Iterator[Move]:
    shorter = control.value[:-1]
    yield Move("input", ("End", "Backspace", "Enter"), shorter, shorter)


def moves(control: Any) -> Iterator[Move]:
    """Yield the moves for a control, from where it stands. Raises TypeError for another kind."""
    makers: tuple[tuple[type, Callable[[Any], Iterator[Move]]], ...] = (
        (controls.Place, lambda _: iter(())),  # a kind of slider, but nowhere in the page
        (controls.Slider, slider_moves),
        (controls.Choice, choice_moves),
        (controls.Tick, tick_moves),
        (controls.Entry, entry_moves),
        (controls.Kept, lambda _: iter(())),
        (controls.Cells, lambda _: iter(())),
    )
    for kind, maker in makers:
        if isinstance(control, kind):
            return maker(control)
    raise TypeError(f"no keys are known for a {type(control).__name__}: add them to moves.py")


PLACE = """control => {
    const input = control.querySelector('input');
    if (input.type === 'checkbox') return input.checked;
    return input.getAttribute('aria-valuetext') ?? input.value;
}"""


def is_there(shown: Any, place: Any) -> bool:
    """Tell whether a control stands where it should; numbers may differ by rounding."""
    if isinstance(place, (int, float)) and isinstance(shown, str):
        return math.isclose(float(shown), place, rel_tol=1e-9, abs_tol=1e-9)
    return bool(shown == place)


def press(control: Locator, move: Move) -> None:
    """Press the keys on the control; those of a burst without letting go in between."""
    part = control.locator(move.part)
    part.focus()
    keyboard = control.page.keyboard
    for key in move.keys:
        keyboard.down(key)
        if len(set(move.keys)) > 1:
            keyboard.up(key)
    keyboard.up(move.keys[-1])


def words_of(svg: str) -> str:
    """Return the text in a picture, with white space as the page would give it."""
    return tidy("".join(ElementTree.fromstring(svg).itertext()) if svg else "")


def tidy(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def differences(explorer: Locator, twin: Explorer[Any], expected: Expected | None) -> Iterator[str]:
    """Yield what the page shows otherwise than the twin, or than the maths, says."""
    from playwright.sync_api import expect

    caption, picture = explorer.locator(".nlp4-caption"), explorer.locator(".nlp4-picture")
    try:
        expect(caption).to_have_text(tidy(twin.caption), timeout=SECONDS * 1000)
    except AssertionError:
        yield f"the caption is {tidy(caption.inner_text())!r}, not {tidy(twin.caption)!r}"
    if expected is not None:
        told = expected({name: control.value for name, control in twin.controls.items()})
        if told not in tidy(caption.text_content() or ""):
            yield f"the maths says {told!r}, the caption {tidy(caption.inner_text())!r}"
    drawn = twin.shown()["picture"]
    try:  # where the caption stays as it is, it does not tell when the picture has come
        expect(picture).to_have_text(words_of(drawn), timeout=SECONDS * 1000)
    except AssertionError:
        yield f"the picture's words are not {words_of(drawn)!r}"
    if drawn and not picture.locator("svg").first.is_visible():
        yield "the picture cannot be seen"


def first_problem(explorer: Locator, twin: Explorer[Any], expected: Expected | None) -> str | None:
    """Move every control of an explorer; return the first thing that is wrong, or None."""
    return next(walk(explorer, twin, expected), None)


def walk(explorer: Locator, twin: Explorer[Any], expected: Expected | None) -> Iterator[str]:
    """Move every control of an explorer and of its twin, and yield what is wrong on the way."""
    yield from (f"at first, {text}" for text in differences(explorer, twin, expected))
    for name, control in twin.controls.items():
        shown = explorer.locator(f".nlp4-control-{name}")
        for move in moves(control):
            press(shown, move)
            place = shown.evaluate(PLACE)
            control.value = move.value
            where = f"after {name}: {move.keys[0]} x{len(move.keys)}"
            if not is_there(place, move.place):
                yield f"{where}, it stands at {place!r}, not at {move.place!r}"
            yield from (f"{where}, {text}" for text in differences(explorer, twin, expected))


def look(
    explorer: Locator, twin: Explorer[Any], expected: Expected | None, screenshot: Path
) -> str | None:
    """Walk through an explorer, keep a picture of it, then try its reset button."""
    problem = first_problem(explorer, twin, expected)
    save(screenshot, explorer.screenshot())
    if problem is not None:
        return problem
    explorer.get_by_role("button", name="reset", exact=True).press("Enter")
    twin.reset()
    return next((f"after reset, {text}" for text in differences(explorer, twin, expected)), None)


def save(path: Path, image: bytes) -> None:
    """Write a picture, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(image)
