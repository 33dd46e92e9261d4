"""How long after a key press a reader sees the new picture, in a real browser.

    python -m nlp4 bench sliders [NOTEBOOK ...]

Opens the notebooks in a private JupyterLab, runs them, and presses keys on the first slider of
each explorer. A time goes from the key press to the frame that shows the last change it caused.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from nlp4.support.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
QUIET_MS = 150  # nothing more is on its way when nothing has changed for that long
PATIENCE_MS = 20_000

# A message that is posted within a frame is handled after that frame is painted.
INSTALL = """explorer => {
    const seen = window.nlp4 = {pressed: 0, painted: 0};
    const frame = () => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => { seen.painted = performance.now(); };
        channel.port2.postMessage(null);
    };
    window.addEventListener('keydown', () => { seen.pressed = performance.now(); }, true);
    const observer = new MutationObserver(() => requestAnimationFrame(frame));
    const what = {subtree: true, childList: true, characterData: true, attributes: true};
    for (const part of explorer.querySelectorAll('.nlp4-picture, .nlp4-caption'))
        observer.observe(part, what);
}"""
SETTLED = """quiet => {
    const last = Math.max(nlp4.painted, nlp4.pressed);
    return nlp4.painted > nlp4.pressed && performance.now() - last > quiet;
}"""
QUIET = "quiet => performance.now() - Math.max(nlp4.painted, nlp4.pressed) > quiet"


@dataclass(frozen=True)
class Timing:
    """Milliseconds to the new picture for single presses, and after the last one of a burst."""

    notebook: str
    explorer: str
    single: list[float]
    backlog: float

    def row(self) -> str:
        """Return the row of the table."""
        median, high = statistics.median(self.single), percentile(self.single, 95)
        return (
            f"| {self.notebook} | {self.explorer} | {len(self.single)} | {median:.0f} "
            f"| {high:.0f} | {self.backlog:.0f} |"
        )


HEAD = (
    "| notebook | explorer | presses | median ms | 95th percentile ms | backlog ms |\n"
    "|---|---|---|---|---|---|"
)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def zigzag(start: int, last: int, presses: int) -> list[str]:
    """Return keys that walk from `start` between 0 and `last` and turn back at the ends."""
    keys, index, step = [], start, 1
    for _ in range(presses):
        if not 0 <= index + step <= last:
            step = -step
        index += step
        keys.append("ArrowRight" if step > 0 else "ArrowLeft")
    return keys


def place(handle: Locator) -> float:
    """Return where the slider stands."""
    return float(handle.input_value() or "nan")


def press(page: Page, handle: Locator, key: str) -> bool:
    """Press one key; tell whether the slider moved."""
    before = place(handle)
    page.keyboard.press(key)
    return place(handle) != before


def settle(page: Page) -> dict[str, float] | None:
    """Wait for the last change that the last press causes; None if it causes none."""
    from playwright.sync_api import TimeoutError

    try:
        page.wait_for_function(SETTLED, arg=QUIET_MS, timeout=PATIENCE_MS, polling=20)
    except TimeoutError:
        return None
    return page.evaluate("nlp4")


def single_presses(page: Page, handle: Locator, presses: int) -> tuple[list[float], int]:
    """Return the latencies of single presses from the left end, and the steps to the right end."""
    times, key, room, turned = [], "ArrowRight", 0, False
    for _ in range(presses):
        if not press(page, handle, key):
            key, turned = ("ArrowLeft" if key == "ArrowRight" else "ArrowRight"), True
            press(page, handle, key)
        room += not turned
        seen = settle(page)
        if seen is not None:
            times.append(seen["painted"] - seen["pressed"])
    return times, max(1, room)


def go_home(page: Page, handle: Locator) -> None:
    """Take the slider to its left end and wait until the page is quiet."""
    handle.focus()
    page.keyboard.press("Home")
    page.wait_for_function(QUIET, arg=1000, timeout=PATIENCE_MS, polling=20)


def burst(page: Page, keys: Sequence[str]) -> float:
    """Press keys as fast as the browser takes them; return ms from the last to the last change."""
    for key in keys:
        page.keyboard.down(key)
    for key in set(keys):
        page.keyboard.up(key)
    page.wait_for_function(QUIET, arg=1000, timeout=PATIENCE_MS, polling=20)
    seen = page.evaluate("nlp4")
    return max(0.0, seen["painted"] - seen["pressed"])


def measure(page: Page, stem: str, presses: int, in_burst: int) -> Iterator[Timing]:
    """Yield the timing of each explorer in the open notebook that has a slider."""
    explorers = page.locator(".nlp4-explorer")
    for index in range(explorers.count()):
        explorer = explorers.nth(index)
        handle = explorer.locator('input[type="range"]').first
        if not handle.count():
            continue
        explorer.evaluate(INSTALL)
        go_home(page, handle)
        times, room = single_presses(page, handle, presses)
        go_home(page, handle)
        backlog = burst(page, zigzag(0, room, in_burst))
        yield Timing(stem, name_of(explorer, index), times, backlog)


def name_of(explorer: Locator, index: int) -> str:
    """Return the name that an explorer carries as a class, or its number on the page."""
    classes = (explorer.get_attribute("class") or "").split()
    names = [each.removeprefix("nlp4-explorer-") for each in classes if "nlp4-explorer-" in each]
    return names[0] if names else f"number {index + 1}"


def harness() -> Any:
    """Import the module that starts JupyterLab and the browser; the browser tests own it."""
    path = ROOT / "tests" / "browser" / "lab.py"
    spec = importlib.util.spec_from_file_location("nlp4_browser_lab", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def about(browser: Browser) -> str:
    """Return a line about the machine."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}, Chromium {browser.version}"


def run(options: argparse.Namespace) -> None:
    """Measure the chosen notebooks and print the table, row by row."""
    lab = harness()
    books = lab.read_notebooks(options.folder)
    chosen = {stem: books[stem] for stem in options.notebooks or books}
    with (
        tempfile.TemporaryDirectory() as folder,
        lab.running_browser() as browser,
        lab.running_lab(chosen, Path(folder)) as jupyter,
    ):
        print(f"{about(browser)}\n\n{HEAD}", flush=True)
        for stem in chosen:
            with browser.new_context(viewport=lab.VIEWPORT) as context:
                page = context.new_page()
                lab.open_and_run(page, jupyter, stem, seconds=600)
                for timing in measure(page, stem, options.presses, options.burst):
                    print(timing.row(), flush=True)
            jupyter.stop_kernels()


def main(argv: Sequence[str]) -> int:
    """Parse the arguments, measure, and return the exit status."""
    parser = argparse.ArgumentParser(prog="sliders", description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="names without .ipynb")
    parser.add_argument("--folder", type=Path, default=ROOT / "notebooks", help="where they are")
    parser.add_argument("--presses", type=int, default=40, help="single key presses")
    parser.add_argument("--burst", type=int, default=30, help="key presses in the burst")
    options = parser.parse_args(argv)
    unknown = [
        stem for stem in options.notebooks if not (options.folder / f"{stem}.ipynb").is_file()
    ]
    if unknown:
        parser.error(f"there is no {unknown[0]}.ipynb in {options.folder}")
    try:
        run(options)
    except UserError as error:
        print(f"sliders: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
