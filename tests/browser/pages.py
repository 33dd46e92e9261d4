"""The website in a browser: served from this machine, and nothing from any other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, ViewportSize

SECONDS = 60  # for Python to start, on a machine that does something else beside it
# What jumps up or down on the page, in pixels; not what moves within a picture, as it should.
SHIFTS = """new PerformanceObserver(list => {
    const jumps = ({node, previousRect, currentRect}) =>
        node?.parentElement?.closest('figure') && !node.parentElement.closest('svg')
            ? [currentRect.y - previousRect.y] : [];
    // What a reader moves may change a picture's height, but never where its controls stand.
    const seen = shift => shift.sources.filter(
        source => !shift.hadRecentInput || source.node?.closest?.('.nlp4-controls'));
    const found = list.getEntries().flatMap(shift => seen(shift).flatMap(jumps));
    window.shifts = [...(window.shifts ?? []), ...found.filter(Boolean)];
}).observe({type: 'layout-shift', buffered: true})"""
IS_LIVE = "name => document.querySelector(`#${name} .nlp4-explorer:not(.nlp4-still) input:enabled`)"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    protocol_version = "HTTP/1.1"
    extensions_map = {  # noqa: RUF012  (as in the class above)
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server whose readers may go away at any time."""

    def handle_error(self, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; yield the address of its root, without a slash at its end."""
    server = Server(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def context_of(browser: Browser, root: str, *, touch: bool = False) -> BrowserContext:
    """A reader with a mouse or a finger, who can reach no host but `root`."""
    context = browser.new_context(viewport=_sized(768), has_touch=touch, is_mobile=touch)
    context.add_init_script(SHIFTS)
    refuse_others(context, root)
    return context


def page_of(context: BrowserContext, width: int) -> Page:
    """A new page of that width."""
    page = context.new_page()
    page.set_viewport_size(_sized(width))
    return page


def _sized(width: int) -> ViewportSize:
    return {"width": width, "height": 900}


@contextmanager
def reader(browser: Browser, root: str, width: int, *, touch: bool = False) -> Iterator[Page]:
    """A page of that width for a reader who comes for the first time."""
    context = context_of(browser, root, touch=touch)
    try:
        yield page_of(context, width)
    finally:
        context.close()


def refuse_others(context: BrowserContext, root: str) -> None:
    """Let no request go to another host."""

    def refuse(route: Route) -> None:
        route.abort()

    context.route(lambda address: not address.startswith((root, "blob:", "data:")), refuse)


def alive(page: Page, name: str, seconds: float = SECONDS) -> Locator:
    """Go to an explorer, wait until it is live, and return it."""
    page.locator(f"#{name}").scroll_into_view_if_needed()
    page.wait_for_function(IS_LIVE, arg=name, timeout=seconds * 1000, polling=20)
    return page.locator(f"#{name} .nlp4-explorer")
