"""The website in a real browser: live explorers under mouse, finger and keys say what Python says.

It is served under a sub-path, and every other host is refused.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import fetched
import moves
import pages
import pytest
from driven import FIRST, LIVE_ON, SCREENSHOTS, SUB, Returning, opened, says, twin_of
from expected import EXPECTED
from playwright.sync_api import Browser, Page, Route, expect

from nlp4.pictures import live
from nlp4.support.errors import UserError

pytestmark = pytest.mark.browser


# Keys


@pytest.mark.parametrize("stem", LIVE_ON)
@pytest.mark.parametrize("width", [390, 1440])  # and 768 by the tests of fingers
def test_every_control_answers_to_keys(
    returning: Returning, root: str, stem: str, width: int
) -> None:
    with returning(width, False) as page:
        watch, foreign = opened(page, root, stem)
        assert page.locator("figure[data-live]").count() == len(LIVE_ON[stem])
        wrong = []
        for name in LIVE_ON[stem]:
            explorer, twin = pages.alive(page, name), twin_of(name)
            screenshot = SCREENSHOTS / f"site-{stem[:2]}-{name}-{width}.png"
            problem = moves.look(explorer, twin, EXPECTED.get(name), screenshot)
            wrong += [f"{name}: {problem}"] if problem else []
        assert (wrong, watch.problems, foreign) == ([], [], [])
        assert page.evaluate("window.shifts ?? []") == []


# Links, faults, and what is left where Python does not come


def test_a_link_opens_an_explorer_as_it_was(browser: Browser, root: str) -> None:
    with pages.reader(browser, root, 768) as page:
        page.goto(f"{root}/{SUB}/{FIRST}.html#average:n%3D5%2C%20c1%3D6.0")
        explorer = pages.alive(page, "average")
        assert list(says(explorer, twin_of("average").at(n=5, c1=6.0), "linked")) == []
        expect(explorer.locator(".nlp4-caption")).to_be_in_viewport()


KEPT = """async spoilt => {
    const cache = await caches.open('nlp4-python'), names = await cache.keys();
    for (const name of spoilt ? names : []) await cache.put(name, new Response('no memory'));
    return names.length;
}"""


def kept(page: Page, root: str, *, spoilt: bool = False) -> int:
    """How much the site keeps in the browser, seen from a page where no Python starts."""
    page.goto(f"{root}/{SUB}/glossary.html")
    number: int = page.evaluate(KEPT, spoilt)
    return number


def test_python_wakes_from_its_memory_and_after_a_spoilt_one_starts_anew(
    browser: Browser, root: str
) -> None:
    with pages.reader(browser, root, 768) as page:
        for before in (0, 1):
            assert kept(page, root) == before
            watch, _ = opened(page, root)
            assert list(says(pages.alive(page, "copy"), twin_of("copy"), "awake")) == []
            assert watch.problems == []
        assert kept(page, root, spoilt=True) == 1
        with page.expect_console_message(lambda told: "memory" in told.text):
            opened(page, root)
        page.reload()
        assert list(says(pages.alive(page, "copy"), twin_of("copy"), "anew")) == []


AXE = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"


def test_axe_finds_no_serious_fault(browser: Browser, root: str) -> None:
    try:
        script = fetched.axe()
    except fetched.NotFetched as reason:
        pytest.skip(str(reason))
    with pages.reader(browser, root, 390, touch=True) as page:
        for stem in ("index", *LIVE_ON, "glossary"):
            page.goto(f"{root}/{SUB}/{stem}.html")
            if stem == FIRST:
                pages.alive(page, "plane")
            page.evaluate(script)
            found = page.evaluate(AXE)
            assert [
                (stem, each["id"], each["nodes"][0]["html"])
                for each in found
                if each["impact"] in ("serious", "critical")
            ] == []


def still_stands(page: Page, words: str, name: str = "copy") -> None:
    """The still picture is there, with a sentence and no slider."""
    figure = page.locator(f"#{name}")
    expect(figure.get_by_role("status")).to_contain_text(words, timeout=pages.SECONDS * 1000)
    assert figure.locator("svg:visible").count() == 1
    assert figure.locator("input:visible").count() == 0
    room = figure.locator(".nlp4-controls").first.evaluate("room => room.offsetHeight")
    assert room == 0  # nothing will come into it


def test_without_webassembly_the_still_stays_and_says_why(browser: Browser, root: str) -> None:
    with pages.reader(browser, root, 768) as page:
        page.add_init_script("delete window.WebAssembly")
        watch, _ = opened(page, root)
        still_stands(page, "This browser has no WebAssembly")
        assert watch.problems == []


def test_a_damaged_download_is_named_with_what_to_do(browser: Browser, root: str) -> None:
    def damage(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body()[:-1] + b"!")

    with pages.reader(browser, root, 768) as page:
        page.route("**/numpy-*.whl", damage)
        opened(page, root)
        still_stands(page, "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl did not arrive whole")
        still_stands(page, "reload the page")


def test_without_a_vendor_python_comes_from_the_cdn_and_from_nowhere_else(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "site", ignore=shutil.ignore_patterns("pyodide"))
    live.add(tmp_path / "site" / SUB / "_static/nlp4")
    cdn = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(cdn)
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(path=fetched.pyodide() / name, headers=headers)

    with pages.served(tmp_path / "site") as root, pages.reader(browser, root, 768) as page:
        page.context.route(f"{cdn}**", answer)
        watch, foreign = opened(page, root)
        explorer = pages.alive(page, "copy")
        assert list(says(explorer, twin_of("copy"), "from the CDN")) == []
        assert foreign and all(address.startswith(cdn) for address in foreign)
        assert watch.problems == []


def test_a_vendor_folder_without_pyodide_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no pyodide\.mjs"):
        live.add(tmp_path / "out", tmp_path)
