"""The browser that the tests of this folder share, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import driven
import fetched
import lab
import pages
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from nlp4 import site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: playwright's event loop must be gone when nbval runs."""
    running = lab.running_browser()
    try:
        opened = running.__enter__()
    except lab.NoBrowser as reason:
        pytest.skip(str(reason))
    try:
        yield opened
    finally:
        running.__exit__(None, None, None)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, without cookies of earlier ones."""
    context = browser.new_context(viewport=lab.VIEWPORT)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def folder(made_once: Callable[[str, Callable[[Path], Any]], Path]) -> Path:
    try:
        vendor = fetched.pyodide()
    except fetched.NotFetched as reason:
        pytest.skip(str(reason))
    return made_once("site", lambda new: site.build(new / driven.SUB, vendor=vendor))


@pytest.fixture(scope="module")
def root(folder: Path) -> Iterator[str]:
    with pages.served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def returning(browser: Browser, root: str) -> Iterator[driven.Returning]:
    """Pages, of a width and for a finger or not, of readers who come again and again.

    From the second page on, Python wakes from its memory, which takes a fraction of the time.
    """
    contexts: dict[bool, BrowserContext] = {}

    @contextmanager
    def opened(width: int, touch: bool) -> Iterator[Page]:
        if touch not in contexts:
            contexts[touch] = pages.context_of(browser, root, touch=touch)
        page = pages.page_of(contexts[touch], width)
        try:
            yield page
        finally:
            page.close()

    yield opened
    for context in contexts.values():
        context.close()
