"""What the website's tests share: which explorers are live where, and what their twins say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import lab
import moves
from expected import PAGES
from playwright.sync_api import Locator, Page, expect

from nlp4.pictures import gallery, live
from nlp4.pictures.explorer import Explorer

Returning = Callable[[int, bool], AbstractContextManager[Page]]  # from a width, and if by finger
SUB = "some/where"
SCREENSHOTS = lab.ROOT / "build" / "screenshots"
FIRST = "01_attention_copying_and_averaging"
LIVE_ON = {
    stem: tuple(name for name in names if gallery.EXPLORERS[name].live)
    for stem, names in PAGES.items()
}


def opened(page: Page, root: str, stem: str = FIRST) -> tuple[lab.Watch, list[str]]:
    """Open a page; return what notes its problems, and a list that fills with foreign addresses."""
    watch, foreign = lab.Watch(page), []
    page.on("request", lambda asked: _note(asked.url, root, foreign))
    page.goto(f"{root}/{SUB}/{stem}.html")
    return watch, foreign


def _note(address: str, root: str, foreign: list[str]) -> None:
    if not address.startswith((root, "blob:", "data:")):
        foreign.append(address)


def twin_of(name: str) -> Explorer[Any]:
    """The same explorer in this process, as it stands at first."""
    return live.made.__wrapped__(name)


def says(explorer: Locator, twin: Explorer[Any], where: str) -> Iterator[str]:
    """What an explorer says otherwise than its twin."""
    try:
        expect(explorer.locator(".nlp4-caption")).to_have_text(
            moves.tidy(twin.caption), timeout=moves.SECONDS * 1000
        )
    except AssertionError:
        told = moves.tidy(explorer.locator(".nlp4-caption").inner_text())
        yield f"{where}: {told!r} instead of {twin.caption!r}"
