"""The website in a real browser: live explorers under mouse, finger and keys say what Python says.

It is served under a sub-path, and every other host is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fetched
import lab
import moves
import pages
import pytest
from expected import EXPECTED, PAGES
from playwright.sync_api import Browser, CDPSession, Locator, Page, Route, expect

from nlp4 import site
from nlp4.pictures import gallery, live
from nlp4.pictures.explorer import Explorer
from nlp4.support.errors import UserError

pytestmark = pytest.mark.browser
SUB = "some/where"
SCREENSHOTS = lab.ROOT / "build" / "screenshots"
FIRST = "01_attention_copying_and_averaging"
LIVE_ON = {
    stem: tuple(name for name in names if gallery.EXPLORERS[name].live)
    for stem, names in PAGES.items()
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        vendor = fetched.pyodide()
    except fetched.NotFetched as reason:
        pytest.skip(str(reason))
    made = tmp_path_factory.mktemp("site") / "root"
    site.build(made / SUB, vendor=vendor)
    return made


@pytest.fixture(scope="module")
def root(folder: Path) -> Iterator[str]:
    with pages.served(folder) as address:
        yield address


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


# Keys


@pytest.mark.parametrize("stem", LIVE_ON)
def test_every_control_answers_to_keys(browser: Browser, root: str, stem: str) -> None:
    with pages.reader(browser, root, 1440) as page:
        watch, foreign = opened(page, root, stem)
        assert page.locator("figure[data-live]").count() == len(LIVE_ON[stem])
        wrong = []
        for name in LIVE_ON[stem]:
            explorer, twin = pages.alive(page, name), twin_of(name)
            screenshot = SCREENSHOTS / f"site-{stem[:2]}-{name}.png"
            problem = moves.look(explorer, twin, EXPECTED.get(name), screenshot)
            wrong += [f"{name}: {problem}"] if problem else []
        assert (wrong, watch.problems, foreign) == ([], [], [])
        assert page.evaluate("window.shifts ?? []") == []


# Mouse and finger


@pytest.mark.parametrize("stem", LIVE_ON)
@pytest.mark.parametrize(
    ("width", "touch", "place"), [(390, True, 0.2), (768, True, 0.85), (1440, False, 0.6)]
)
def test_every_slider_and_handle_answers_to_a_finger_or_a_mouse(
    browser: Browser, root: str, stem: str, width: int, touch: bool, place: float
) -> None:
    with pages.reader(browser, root, width, touch=touch) as page:
        watch, foreign = opened(page, root, stem)
        wrong = []
        for name in LIVE_ON[stem]:
            explorer, twin = pages.alive(page, name), twin_of(name)
            wrong += [f"{name}: {problem}" for problem in pointed(explorer, twin, place, touch)]
            wrong += [f"{name}: {problem}" for problem in dragged(explorer, twin, touch)]
        moves.save(SCREENSHOTS / f"site-{stem[:2]}-{width}.png", page.screenshot(full_page=True))
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
            found = page.evaluate("axe.run().then(found => found.violations)")
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
