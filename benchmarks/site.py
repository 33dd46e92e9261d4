"""How soon a web page's explorers are live, how much they load, and how fast they move.

    python -m nlp4 bench site [--loads N] [--presses N]

Builds the website with Pyodide's files from a package index, serves it from this machine, and
opens notebook 01 in a real browser: with an empty cache (cold), and again (warm). A move goes from
a key's event to the frame that shows its picture. Targets: cold 5 s, warm 2 s, a move 50 ms, 10 MB.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from nlp4.pictures import live
from nlp4.support.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
STEM = "01_attention_copying_and_averaging"
QUIET_MS = 100  # nothing more is on its way when nothing has changed for that long

# A message that is posted within a frame is handled after that frame is painted.
INSTALL = """name => {
    const seen = window.seen = {pressed: 0, painted: 0};
    const frame = () => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => { seen.painted = performance.now(); };
        channel.port2.postMessage(null);
    };
    const explorer = document.querySelector(`#${name} .nlp4-explorer`);
    explorer.addEventListener('input', event => { seen.pressed = event.timeStamp; }, true);
    const observer = new MutationObserver(() => requestAnimationFrame(frame));
    for (const part of explorer.querySelectorAll('.nlp4-picture, .nlp4-caption'))
        observer.observe(part, {subtree: true, childList: true, characterData: true});
}"""
SETTLED = f"""() => seen.painted > seen.pressed &&
    performance.now() - seen.painted > {QUIET_MS} && seen.painted - seen.pressed"""


def harness(name: str) -> Any:
    """Import a module of the browser tests, which own what drives the browser."""
    folder = str(ROOT / "tests" / "browser")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def loads(browser: Browser, root: str, number: int) -> Iterator[tuple[float, float, set[str]]]:
    """Yield seconds to the first live explorer, cold and warm, and the addresses asked for.

    In a profile on the disk, as a reader has one: there the browser keeps what it has compiled.
    """
    lab = harness("lab")
    for _ in range(number):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            cold, asked = load_once(browser, lab, profile, root)
            yield cold, load_once(browser, lab, profile, root)[0], asked


def load_once(browser: Browser, lab: Any, profile: str, root: str) -> tuple[float, set[str]]:
    """Open the page in a browser of its own, and close that when it has put its cache in order."""
    with browser.browser_type.launch_persistent_context(
        profile, executable_path=lab.find_browser(), args=list(lab.FLAGS)
    ) as context:
        asked: set[str] = set()
        context.on("request", lambda request: asked.add(request.url))
        page = context.new_page()
        found = seconds_to_live(page, root), set(asked)
        page.wait_for_timeout(2000)
        return found


def seconds_to_live(page: Page, root: str) -> float:
    """Open the page where its first explorer is, and return how long that takes to be live."""
    page.goto(f"{root}/{STEM}.html#copy")
    harness("pages").alive(page, "copy")
    found: float = page.evaluate("performance.now()")
    return found / 1000


def compressed(site: Path, root: str, asked: set[str]) -> int:
    """Bytes of the files that were asked for, each as a server would send it at its best."""
    paths = [site / address.removeprefix(f"{root}/") for address in asked]
    contents = [path.read_bytes() for path in paths if path.is_file()]
    return sum(min(len(each), len(gzip.compress(each, 9))) for each in contents)


def moves(page: Page, name: str, presses: int) -> list[float]:
    """Milliseconds from each key press on an explorer's first slider to its new picture."""
    explorer = harness("pages").alive(page, name)
    page.evaluate(INSTALL, name)
    slider = explorer.locator("input[type=range]").first
    slider.press("Home")
    page.wait_for_timeout(500)
    times, key = [], "ArrowRight"
    for _ in range(presses):
        at = slider.input_value()
        page.keyboard.press(key)
        if slider.input_value() == at:  # it stands at its end
            key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
            page.keyboard.press(key)
        times.append(page.wait_for_function(SETTLED, polling=10).json_value())
    return times


def all_moves(page: Page, root: str, site: Path, presses: int) -> Iterator[tuple[str, list[float]]]:
    """The moves of every explorer that is live on a page, each once."""
    left = set(live.LIVE)
    for path in sorted(site.glob("0*.html")):
        page.goto(f"{root}/{path.name}")
        figures = page.locator("figure[data-live]").all()
        for name in [figure.get_attribute("data-explorer") or "" for figure in figures]:
            if name in left:
                left.remove(name)
                yield name, moves(page, name, presses)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]


def run(options: argparse.Namespace) -> None:
    """Build, serve, measure; print as it goes."""
    from nlp4.site import build

    lab, pages, fetched = (harness(name) for name in ("lab", "pages", "fetched"))
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        build(site, vendor=fetched.pyodide())
        with lab.running_browser() as browser, pages.served(site) as root:
            print(f"{about(browser)}\n")
            found = list(loads(browser, root, options.loads))
            cold, warm = (statistics.median(each[i] for each in found) for i in (0, 1))
            print(f"first live explorer: cold {cold:.1f} s, warm {warm:.1f} s (medians)")
            size = compressed(site, root, found[0][2])
            print(f"loaded before it: {size / 1e6:.2f} MB compressed\n")
            print("| explorer | moves | median ms | 95th percentile ms |\n|---|---|---|---|")
            with pages.reader(browser, root, 1280) as page:
                for name, times in all_moves(page, root, site, options.presses):
                    print(row(name, times), flush=True)


def row(name: str, times: Sequence[float]) -> str:
    """One line of the table."""
    median, high = statistics.median(times), percentile(times, 95)
    return f"| {name} | {len(times)} | {median:.0f} | {high:.0f} |"


def about(browser: Browser) -> str:
    """A line about the machine."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}, Chromium {browser.version}"


def main(argv: Sequence[str]) -> int:
    """Parse the arguments, measure, and return the exit status."""
    parser = argparse.ArgumentParser(prog="site", description=__doc__.splitlines()[0])
    parser.add_argument("--loads", type=int, default=5, help="cold loads, and as many warm ones")
    parser.add_argument("--presses", type=int, default=40, help="key presses on each explorer")
    try:
        run(parser.parse_args(argv))
    except UserError as error:
        print(f"site: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
