"""Mouse and finger on the website: every slider and handle of its live explorers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moves
import pages
import pytest
from driven import LIVE_ON, Returning, opened, says, twin_of
from playwright.sync_api import CDPSession, Locator, Page, expect

from nlp4.pictures.explorer import Explorer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("stem", LIVE_ON)
@pytest.mark.parametrize(
    ("width", "touch", "place"),
    [(390, True, 0.2), (768, True, 0.3), (1440, False, 0.6)],
    ids=["phone", "tablet", "laptop"],
)
def test_every_slider_and_handle_answers_to_a_finger_or_a_mouse(
    returning: Returning, root: str, stem: str, width: int, touch: bool, place: float
) -> None:
    with returning(width, touch) as page:
        watch, foreign = opened(page, root, stem)
        wrong = []
        for name in LIVE_ON[stem]:
            explorer, twin = pages.alive(page, name), twin_of(name)
            wrong += [f"{name}: {problem}" for problem in pointed(explorer, twin, place, touch)]
            wrong += [f"{name}: {problem}" for problem in dragged(explorer, twin, touch)]
        assert (wrong, watch.problems, foreign) == ([], [], [])
        assert page.evaluate("window.shifts ?? []") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def pointed(explorer: Locator, twin: Explorer[Any], place: float, touch: bool) -> Iterator[str]:
    """Click on each slider, or tap on it; yield what is wrong then."""
    for key, control in twin.controls.items():
        if control.kind not in ("slider", "choice"):
            continue
        slider = explorer.locator(f".nlp4-control-{key} input")
        to_the_middle(slider)
        box = slider.bounding_box()
        assert box is not None
        at = box["x"] + place * box["width"], box["y"] + box["height"] / 2
        (explorer.page.touchscreen.tap if touch else explorer.page.mouse.click)(*at)
        index, last = int(slider.input_value()), int(slider.get_attribute("max") or 0)
        # the thumb's middle stays half its width inside the ends of its track
        if abs(index - place * last) > 1 + 0.05 * last:
            yield f"{key}: it stands on step {index} of {last}"
        control.value = value_at(control, index)
        yield from says(explorer, twin, key)


def value_at(control: Any, index: int) -> Any:
    """The value of a slider's step."""
    return control.options[index] if control.kind == "choice" else moves.steps(control)[index]


def dragged(explorer: Locator, twin: Explorer[Any], touch: bool) -> Iterator[str]:
    """Drag each handle a little way, by mouse or finger; yield what is wrong then."""
    reset(explorer, twin)  # so that none lies over another
    for name in list(twin.handles):
        grip = explorer.locator(f".nlp4-handle-{name} .nlp4-reach")
        to_the_middle(grip)
        x, y = centre(grip)
        draw = drag_by_finger if touch else drag_by_mouse
        draw(explorer.page, (x, y), (x + 31, y - 23))
        before = twin.svg
        twin.drag(name, *in_panel(explorer, twin.handles[name].panel, x + 31, y - 23))
        if twin.svg == before:
            yield f"{name}: it changes nothing"
        yield from says(explorer, twin, f"{name} dragged")


def reset(explorer: Locator, twin: Explorer[Any]) -> None:
    explorer.get_by_role("button", name="reset", exact=True).click()
    twin.reset()
    expect(explorer.locator(".nlp4-caption")).to_have_text(moves.tidy(twin.caption))


def to_the_middle(part: Locator) -> None:
    """Scroll there; at the window's edge the page's own bars would cover it."""
    part.evaluate("part => part.scrollIntoView({block: 'center'})")


def centre(part: Locator) -> tuple[float, float]:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


IN_PANEL = """(explorer, [panel, x, y]) => {
    const drawn = explorer.querySelector('.nlp4-picture svg');
    const part = drawn.querySelectorAll('.nlp4-panel')[panel] ?? drawn;
    const at = new DOMPoint(x, y).matrixTransform(part.getScreenCTM().inverse());
    return [at.x, at.y];
}"""


def in_panel(explorer: Locator, panel: int, x: float, y: float) -> tuple[float, float]:
    """A place of the window in a panel of the picture."""
    across, down = explorer.evaluate(IN_PANEL, [panel, x, y])
    return across, down


def drag_by_mouse(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def drag_by_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    finger = page.context.new_cdp_session(page)
    halfway = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    _touch(finger, "touchStart", start)
    for place in (halfway, end):
        _touch(finger, "touchMove", place)
    _touch(finger, "touchEnd")
    finger.detach()


def _touch(finger: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y} for x, y in places]
    finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
