"""The explorers' script in a bare page, where a few lines stand in for the model and for Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lab import ROOT
from playwright.sync_api import Page, expect

from nlp4.pictures import pattern, plane
from nlp4.pictures.explorer import Explorer

pytestmark = pytest.mark.browser
WEB = ROOT / "nlp4" / "pictures" / "web"
# Questions wait in `sent` until the test answers them.
MODEL = """async (state) => {
    const { default: explorer } = await import('/explorer.js');
    window.sent = [];
    const heard = new Set();
    window.answer = (reply) => heard.forEach((hear) => hear(reply));
    const model = {
        get: () => state, send: (message) => sent.push(message),
        on: (_, hear) => heard.add(hear), off: (_, hear) => heard.delete(hear),
    };
    const el = document.body.appendChild(document.createElement('div'));
    window.remove = explorer.render({ model, el });
}"""


class Bare:
    """A page with one explorer in it, and its twin, which answers when the test says so."""

    def __init__(self, page: Page, twin: Explorer[Any]) -> None:
        self.page, self.twin = page, twin
        kinds = {".js": "text/javascript", ".css": "text/css", "": "text/html"}

        def serve(route: Any) -> None:
            name = route.request.url.rpartition("/")[2]
            body = (WEB / name).read_text("utf-8") if name else "<!doctype html><title>x</title>"
            route.fulfill(body=body, content_type=kinds[Path(name).suffix])

        page.route("**/*", serve)
        page.goto("http://localhost/")
        page.add_style_tag(url="/explorer.css")
        page.evaluate(MODEL, self.twin.state())

    def waiting(self) -> list[dict[str, Any]]:
        """The questions so far."""
        return self.page.evaluate("sent")

    def reply(self) -> dict[str, Any]:
        """Answer the last question, and return it."""
        question = self.waiting()[-1]
        self.page.evaluate("answer", {**self.twin.answer(question), "asked": question["asked"]})
        return question

    def control(self, name: str) -> Any:
        return self.page.locator(f".nlp4-control-{name} input")


@pytest.fixture
def bare(page: Page) -> Bare:
    return Bare(page, plane.plane_explorer())


@pytest.fixture
def mask(page: Page) -> Bare:
    made = Bare(page, pattern.pattern_explorer().at(block=64, random=0))
    made.reply()
    return made


def on_screen(bare: Bare, x: float, y: float) -> tuple[float, float]:
    """A place of the first panel."""
    box = bare.page.locator(".nlp4-picture svg").bounding_box()
    assert box
    scale = box["width"] / float(bare.page.locator(".nlp4-picture svg").get_attribute("width") or 1)
    return box["x"] + x * scale, box["y"] + y * scale


def test_a_picture_stands_still_until_python_answers(bare: Bare) -> None:
    expect(bare.control("angle")).to_be_disabled()
    assert [each["do"] for each in bare.waiting()] == ["hello"]
    note = bare.page.locator(".nlp4-note")
    expect(note).to_contain_text("Still picture", timeout=5_000)
    bare.reply()
    expect(bare.control("angle")).to_be_enabled()
    expect(note).to_be_empty()


def test_one_question_is_on_its_way_and_a_stale_one_is_dropped(bare: Bare) -> None:
    bare.reply()
    bare.control("angle").focus()
    for _ in range(7):
        bare.page.keyboard.press("ArrowRight")
    assert [each["do"] for each in bare.waiting()] == ["hello", "move"]
    assert bare.waiting()[1]["values"]["angle"] == 35
    bare.reply()
    # The hand is further on, and the slider stays in it.
    expect(bare.control("angle")).to_have_value("13")
    assert len(bare.waiting()) == 3
    assert bare.waiting()[2]["values"]["angle"] == 65
    bare.reply()
    expect(bare.page.locator(".nlp4-caption")).to_have_text(bare.twin.caption)
    assert len(bare.waiting()) == 3


def test_steps_of_a_handle_add_up_while_python_is_busy(bare: Bare) -> None:
    bare.reply()
    bare.page.locator(".nlp4-handle-query").focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "ArrowRight"):
        bare.page.keyboard.press(key)
    first = bare.reply()
    assert (first["across"], first["up"]) == (1, 0)
    second = bare.reply()
    assert (second["across"], second["up"]) == (-1 + 5 + 1, 1)
    expect(bare.page.locator(".nlp4-control-angle output")).to_have_text("60")


def test_a_handle_is_dragged_by_mouse_to_where_the_mouse_goes(bare: Bare) -> None:
    bare.reply()
    at = bare.twin.handles["k2"].at
    box = bare.page.locator(".nlp4-handle-k2").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    bare.page.mouse.move(x + 8, y - 9)  # not in the middle: the handle must not jump
    bare.page.mouse.down()
    bare.page.mouse.move(x + 8 + 100, y - 9 + 50, steps=5)
    bare.page.mouse.up()
    bare.page.mouse.move(0, 0)  # what is let go of stays
    bare.reply()
    last = bare.reply()
    assert (last["do"], last["handle"]) == ("drag", "k2")
    assert (last["x"], last["y"]) == pytest.approx((at[0] + 100, at[1] + 50), abs=0.5)
    expect(bare.control("chosen")).to_have_value("1")  # its second place


def clicked(mask: Bare, row: int, column: int) -> None:
    """Click on a cell of 16 by 16, counted from 1."""
    mask.page.mouse.click(*on_screen(mask, 10 + (column - 0.4) * 14.75, 34 + (row - 0.6) * 14.75))


def test_each_click_on_a_cell_counts_however_quick(mask: Bare) -> None:
    for _ in range(3):
        clicked(mask, 13, 4)
    assert [mask.reply()["do"] for _ in range(3)] == ["tap"] * 3
    assert mask.twin.controls["own"].value == ((13, 4),)
    expect(mask.page.locator(".nlp4-caption")).to_have_text(mask.twin.caption)
    expect(mask.page.locator(".nlp4-caption")).to_contain_text("Without yours, 1 pair of blocks")
    expect(mask.control("edge")).to_be_checked()


def test_a_click_on_a_handle_is_one_on_the_cell_below_it(mask: Bare) -> None:
    for own in (((3, 16),), ()):  # from the second click on, its row's handle lies over it
        clicked(mask, 3, 16)
        assert mask.reply()["do"] == "tap"
        assert mask.twin.controls["own"].value == own


def test_an_edge_is_made_by_keys_alone(mask: Bare) -> None:
    mask.page.locator(".nlp4-handle-column").focus()
    mask.page.keyboard.press("ArrowRight")
    mask.reply()
    mask.control("edge").focus()
    mask.page.keyboard.press("Space")
    mask.reply()
    assert mask.twin.controls["own"].value == ((9, 6),)
    expect(mask.page.locator(".nlp4-caption")).to_contain_text("Without yours, 1 pair of blocks")


def test_a_click_on_a_picture_that_does_not_take_it_asks_nothing(bare: Bare) -> None:
    bare.reply()
    bare.page.locator(".nlp4-picture").click(position={"x": 20, "y": 200})
    assert [each["do"] for each in bare.waiting()] == ["hello"]


def test_every_handle_has_a_name_a_place_in_words_and_a_ring(bare: Bare) -> None:
    bare.reply()
    handles = bare.page.locator("[role=slider].nlp4-handle")
    assert handles.count() == 7  # the query, five keys, a value
    for i in range(7):
        for attribute in ("aria-label", "aria-valuenow"):
            assert handles.nth(i).get_attribute(attribute)
    ring = bare.page.locator(".nlp4-handle-query .nlp4-ring")
    before = ring.evaluate("each => getComputedStyle(each).strokeWidth")
    bare.page.locator(".nlp4-handle-query").focus()
    bare.page.keyboard.press("ArrowRight")
    assert ring.evaluate("each => getComputedStyle(each).strokeWidth") != before


def test_a_failure_in_python_is_told_and_the_next_move_is_asked(bare: Bare) -> None:
    bare.reply()
    bare.control("length").focus()
    bare.page.keyboard.press("ArrowRight")
    bare.page.evaluate("answer({ failed: true, asked: sent.at(-1).asked })")
    expect(bare.page.locator(".nlp4-note")).to_contain_text("failed in Python")
    bare.page.keyboard.press("ArrowRight")
    assert len(bare.waiting()) == 3
    bare.reply()
    expect(bare.page.locator(".nlp4-caption")).to_have_text(bare.twin.caption)
    expect(bare.page.locator(".nlp4-note")).to_be_empty()


def test_a_narrow_page_asks_for_stacked_panels(bare: Bare) -> None:
    bare.reply()
    bare.page.set_viewport_size({"width": 320, "height": 800})
    bare.page.wait_for_function("sent.length === 2")
    assert bare.reply()["narrow"] is True
    picture = bare.page.locator(".nlp4-picture svg")
    assert picture.get_attribute("viewBox") == "0 0 350 688"
    # A handle stands on its thing, in the second panel too, which is below the first.
    frame = picture.bounding_box()
    assert frame
    for name, above in (("k3", 0), ("value", 344)):
        box = bare.page.locator(f".nlp4-handle-{name}").bounding_box()
        assert box
        x, y = bare.twin.handles[name].at
        scale = frame["width"] / 350
        assert box["x"] + box["width"] / 2 - frame["x"] == pytest.approx(x * scale, abs=1)
        assert box["y"] + box["height"] / 2 - frame["y"] == pytest.approx(
            (y + above) * scale, abs=1
        )


def test_pictures_and_states_are_taken_along(bare: Bare, tmp_path: Path) -> None:
    bare.reply()
    bare.control("number").focus()
    bare.page.keyboard.press("ArrowRight")
    bare.reply()
    bare.page.locator("summary").click()
    for kind, starts in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with bare.page.expect_download() as download:
            bare.page.get_by_role("button", name=f"save {kind}").click()
        assert download.value.suggested_filename == f"nlp4-plane.{kind.lower()}"
        assert Path(download.value.path()).read_bytes().startswith(starts)
    bare.page.get_by_role("button", name="copy state").click()
    expect(bare.page.locator(".nlp4-note")).to_contain_text(".at(number=6)")


def test_a_lecture_steps_through_its_states_by_key(bare: Bare) -> None:
    bare.reply()
    bare.page.locator("summary").click()
    bare.page.get_by_role("button", name="lecture").click()
    bare.reply()
    title = bare.page.locator(".nlp4-title")
    expect(title).to_have_text(f"1 of 5: {bare.twin.lecture[0].title}")
    for key, page in (("PageDown", 2), ("n", 3), ("PageUp", 2), ("p", 1), ("p", 1)):
        bare.page.keyboard.press(key)
        bare.reply()
        expect(title).to_have_text(f"{page} of 5: {bare.twin.lecture[page - 1].title}")
    bare.page.keyboard.press("Escape")
    expect(title).to_be_empty()
    expect(bare.page.locator(".nlp4-lecture")).to_have_count(0)


def test_a_page_that_is_gone_hears_no_more(bare: Bare) -> None:
    bare.reply()
    before = bare.page.locator(".nlp4-caption").inner_text()
    bare.page.evaluate("remove()")
    bare.twin.controls["length"].value = 20.0
    bare.page.evaluate("answer", bare.twin.shown())
    assert bare.page.locator(".nlp4-caption").inner_text() == before


def test_both_files_name_the_same_classes() -> None:
    script = (WEB / "explorer.js").read_text("utf-8")
    style = (WEB / "explorer.css").read_text("utf-8")
    for name in set(re.findall(r"\.(nlp4-[a-z]+)", style)) - {"nlp4-choice"}:
        assert name in script or name.removeprefix("nlp4-") in script, name
