"""Tests of `nlp4.pictures.explorer`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from nlp4.pictures.controls import count, number
from nlp4.pictures.explorer import Explorer, Handle, Prepared
from nlp4.support.errors import UserError


def counter(**more: Any) -> Explorer[int]:
    """An explorer whose numbers a reader can do in the head; 13 is refused."""

    def compute(a: int, b: int) -> int:
        if a == 13:
            raise UserError("13 is not for sale: choose another number")
        return a + b

    controls = {"a": count("a", 1, 0, 20), "b": count("b", 2, 0, 20)}
    return Explorer(
        controls, compute, lambda n: f"<svg id='n{n}'/>", lambda n: f"the sum is {n}", **more
    )


def grip(total: int) -> list[Handle]:
    """The sum as a thing to drag: `a` follows across, `b` up."""
    moves = lambda x, y: {"a": round(x), "b": round(y)}  # noqa: E731
    return [Handle("sum", "the sum", f"{total}", (total, 5), moves, ("a", "b"))]


def test_a_control_changes_the_picture_and_the_words() -> None:
    explorer = counter()
    assert explorer.caption == "the sum is 3"
    explorer.controls["a"].value = 7
    assert (explorer.caption, explorer.svg) == ("the sum is 9", "<svg id='n9'/>")


def test_reset_puts_every_control_back() -> None:
    explorer = counter()
    explorer.controls["a"].value, explorer.controls["b"].value = 9, 9
    assert explorer.answer({"do": "reset"})["values"] == {"a": 1, "b": 2}
    assert explorer.caption == "the sum is 3"


def test_a_users_mistake_is_told_in_the_caption_and_mends_itself() -> None:
    explorer = counter(handles=grip)
    explorer.controls["a"].value = 13
    assert explorer.caption == "13 is not for sale: choose another number"
    assert explorer.svg == "" and not explorer.handles
    explorer.controls["a"].value = 4
    assert explorer.caption == "the sum is 6"


def test_a_line_brings_a_state_back_and_says_what_it_cannot() -> None:
    explorer = counter()
    explorer.controls["b"].value = 7
    line = explorer.shown()["at"]
    assert line == "b=7"
    assert eval(f"counter().at({line})").caption == explorer.caption
    with pytest.raises(UserError, match=r"no control 'c' here: take one of a, b"):
        counter().at(c=1)
    with pytest.raises(UserError, match=r"a: 'x' is no number: choose"):
        counter().at(a="x")


def test_what_the_page_gets_is_json_and_a_move_is_answered() -> None:
    explorer = counter(handles=grip, lecture=[Prepared("both at nine", {"a": 9, "b": 9})])
    state = json.loads(json.dumps(explorer.state()))
    assert [each["name"] for each in state["controls"]] == ["a", "b"]
    assert state["lecture"] == ["both at nine"]
    shown = explorer.answer({"do": "move", "values": {"a": 4, "b": 2}})
    assert (shown["caption"], shown["values"]["a"]) == ("the sum is 6", 4)
    assert explorer.answer({"do": "lecture", "page": 0})["caption"] == "the sum is 18"
    with pytest.raises(ValueError, match="dance"):
        explorer.answer({"do": "dance"})


def test_a_handle_is_dragged_and_stepped_and_the_sliders_follow() -> None:
    explorer = counter(handles=grip)
    shown = explorer.answer({"do": "drag", "handle": "sum", "x": 11.2, "y": 3.9})
    assert shown["values"] == {"a": 11, "b": 4}
    assert shown["handles"][0]["x"] == 15
    assert shown["handles"][0]["told"] == "15"
    shown = explorer.answer({"do": "nudge", "handle": "sum", "across": -2, "up": 1})
    assert shown["values"] == {"a": 9, "b": 5}
    with pytest.raises(UserError, match="no 'other' in the picture"):
        explorer.drag("other", 0, 0)


def test_a_click_does_what_the_explorer_says_and_nothing_in_another() -> None:
    def taps(state: int, panel: int, x: float, y: float) -> dict[str, float]:
        return {"a": state + panel, "b": round(x + y)}

    explorer = counter(taps=taps)
    shown = explorer.answer({"do": "tap", "panel": 2, "x": 1.5, "y": 5})
    assert explorer.state()["taps"] and shown["values"] == {"a": 5, "b": 6}
    still = counter()
    before = still.shown()
    assert still.answer({"do": "tap", "panel": 0, "x": 1, "y": 1}) == before
    assert not still.state()["taps"]


def test_controls_that_depend_on_each_other_move_along() -> None:
    def settle(values: Any, moved: str) -> dict[str, int]:
        return {"b": 20 - values["a"]} if moved == "a" else {"a": 20 - values["b"]}

    explorer = counter(settle=settle)
    explorer.controls["a"].value = 4
    assert explorer.controls["b"].value == 16
    assert explorer.answer({"do": "move", "values": {"a": 4, "b": 1}})["values"]["a"] == 19
    assert explorer.answer({"do": "reset"})["values"] == {"a": 1, "b": 2}


def test_a_narrow_page_gets_stacked_panels_until_it_is_wide_again() -> None:
    from nlp4.pictures import copying

    explorer = copying.copy_explorer()
    wide = explorer.svg
    narrow = explorer.answer({"do": "hello", "narrow": True})["picture"]
    assert "viewBox='0 0 350 " in narrow and "viewBox='0 0 720 " in wide
    assert explorer.answer({"do": "hello", "narrow": False})["picture"] == wide


def test_in_a_notebook_a_change_from_python_is_told_to_the_page() -> None:
    explorer, sent = counter(), []
    bundle, _ = explorer._repr_mimebundle_()
    again, _ = explorer._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert bundle[view] == again[view]
    explorer._view.send = sent.append
    explorer.controls["a"].value = 5
    explorer.answer({"do": "move", "values": {"a": 6, "b": 2}})
    assert [each["caption"] for each in sent] == ["the sum is 7"]


def test_without_a_kernel_the_still_picture_and_the_words_are_there() -> None:
    explorer = counter(name="sum")
    explorer.controls["b"].value = 5
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "the sum is 6"
    assert "n6" in bundle["image/svg+xml"]
    assert metadata["image/svg+xml"]["alt"] == "the sum is 6"
    assert metadata["nlp4"] == {"explorer": "sum"}
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_name_that_is_no_css_class_is_refused() -> None:
    with pytest.raises(ValueError, match="CSS class"):
        counter(name="Two words")


def test_an_explorer_runs_where_there_are_no_widgets() -> None:
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name in ('anywidget', 'ipywidgets', 'torch', 'matplotlib'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from nlp4.pictures import copying\n"
        "print(copying.copy_explorer().at(n=4).caption)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Key 3 of 4 has the logit 4.00")


def test_a_number_slider_keeps_its_decimals_in_the_line_that_restores_it() -> None:
    controls = {"x": number("x", 0.1, 0, 1, 0.1)}
    explorer = Explorer(controls, lambda x: x, lambda x: "<svg/>", lambda x: f"{x}")
    explorer.answer({"do": "move", "values": {"x": 0.3}})
    assert explorer.shown()["at"] == "x=0.3"
