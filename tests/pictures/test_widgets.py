"""Tests of `nlp4.pictures.widgets`."""

from __future__ import annotations

import ipywidgets as widgets

from nlp4.pictures.widgets import Explorer
from nlp4.support.errors import UserError


def counter() -> Explorer[int]:
    """An explorer whose numbers a reader can do in the head; 13 is refused."""

    def compute(a: int, b: int) -> int:
        if a == 13:
            raise UserError("13 is not for sale: choose another number")
        return a + b

    controls = {"a": widgets.IntSlider(1, 0, 20), "b": widgets.IntSlider(2, 0, 20)}
    return Explorer(controls, compute, lambda n: f"<svg id='n{n}'/>", lambda n: f"the sum is {n}")


def shown(explorer: Explorer) -> str:
    return " ".join(child.value for child in explorer.children if isinstance(child, widgets.HTML))


def test_a_slider_changes_the_picture_and_the_words() -> None:
    explorer = counter()
    assert explorer.caption == "the sum is 3"
    explorer.children[0].value = 7
    assert explorer.caption == "the sum is 9"
    assert "n9" in shown(explorer)
    assert "the sum is 9" in shown(explorer)


def test_reset_puts_every_control_back() -> None:
    explorer = counter()
    explorer.children[0].value, explorer.children[1].value = 9, 9
    button = next(c for c in explorer.children if isinstance(c, widgets.Button))
    button.click()
    assert explorer.caption == "the sum is 3"


def test_a_users_mistake_is_told_in_the_caption_and_mends_itself() -> None:
    explorer = counter()
    explorer.children[0].value = 13
    assert explorer.caption == "13 is not for sale: choose another number"
    explorer.children[0].value = 4
    assert explorer.caption == "the sum is 6"


def test_words_are_shown_as_text_not_as_markup() -> None:
    explorer = Explorer({}, lambda: 0, lambda _: "", lambda _: "<b>x</b>")
    assert "&lt;b&gt;" in shown(explorer)


def test_without_a_kernel_the_still_picture_and_the_words_are_there() -> None:
    explorer = counter()
    explorer.children[1].value = 5
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "the sum is 6"
    assert "n6" in bundle["image/svg+xml"]
    assert metadata["image/svg+xml"]["alt"] == "the sum is 6"
    assert "application/vnd.jupyter.widget-view+json" in bundle
