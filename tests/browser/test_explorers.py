"""A real JupyterLab in a real browser: every slider moves by the keyboard, and the words follow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import lab
import moves
import pytest
import sample_explorers
from expected import BUILDERS, EXPECTED, PAGES
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page

from nlp4.pictures.controls import count
from nlp4.pictures.explorer import Explorer

pytestmark = pytest.mark.browser
SCREENSHOTS = lab.ROOT / "build" / "screenshots"
SECONDS = 180  # for all cells of a notebook, on a machine that does something else beside it

SAMPLE = [
    "import sys, sample_explorers\nprint('Python in', sys.prefix)",
    "sample_explorers.sums()",
    "sample_explorers.kinds()",
    "from tqdm.auto import tqdm\nfor _ in tqdm(range(9), 'a bar', leave=False):\n    pass",
]
GAME = ["import sample_explorers\nsample_explorers.game()"]
# Each explorer here differs in one way from the one that this process builds.
WRONG = [
    "from nlp4.pictures.controls import count\nfrom nlp4.pictures.explorer import Explorer",
    "def made(name, compute=lambda n: n, picture='<svg><text>{}</text></svg>', most=9):\n"
    "    shown = Explorer({'n': count('n', 1, 0, most)}, compute, picture.format,\n"
    "                     lambda n: f'n is {n}', name=name)\n"
    "    display(shown)",
    "made('liar', lambda n: n if n < 9 else 8)",
    "made('stuck', lambda n: [n][n // 2])",
    "made('blank', picture='<svg style=\"display: none\"><text>{}</text></svg>')",
    "made('frozen', picture='<svg><text>1</text></svg>')",
    "made('short', most=8)",
    "made('wrong')",
    "made('stranger')",
    "import sys\nprint('psst', file=sys.stderr)",
    "from IPython.display import Javascript\nJavascript('console.error(\"oh dear\")')",
    "1 / 0",
]


def honest() -> Explorer[int]:
    """The explorer from which those of the notebook WRONG differ."""
    controls = {"n": count("n", 1, 0, 9)}
    picture = "<svg><text>{}</text></svg>".format
    return Explorer(controls, lambda n: n, picture, lambda n: f"n is {n}")


@pytest.fixture(scope="module")
def jupyter(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Lab]:
    notebooks = lab.read_notebooks(lab.ROOT / "notebooks")
    # All of their cells are run by nbval.
    books = {stem: lab.in_short(notebooks[stem], stem) for stem in PAGES if stem in notebooks}
    for stem, cells in {"sample": SAMPLE, "game": GAME, "wrong": WRONG}.items():
        books[stem] = new_notebook(cells=[new_code_cell(source) for source in cells])
    beside = [lab.ROOT / "tests" / "browser" / "sample_explorers.py"]
    with lab.running_lab(books, tmp_path_factory.mktemp("jupyter"), beside) as running:
        yield running


def problems(
    page: Page,
    jupyter: lab.Lab,
    stem: str,
    names: tuple[str, ...],
    builders: Mapping[str, Callable[[], Explorer[Any]]],
    expected: Mapping[str, moves.Expected],
) -> list[str]:
    """Return all that is wrong with a notebook and its explorers, in a sentence each."""
    watch = lab.Watch(page)
    try:
        lab.open_and_run(page, jupyter, stem, seconds=SECONDS)
        page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
        moves.save(SCREENSHOTS / f"{stem}.png", page.screenshot())
        found = page.evaluate(NAMES)
        wrong = [] if found == list(names) else [f"the explorers are {found}, not {list(names)}"]
        for name in (name for name in names if name in found):
            explorer = page.locator(f".nlp4-explorer-{name}")
            screenshot = SCREENSHOTS / f"{stem}-{name}.png"
            problem = moves.look(explorer, builders[name](), expected.get(name), screenshot)
            wrong += [f"{name}: {problem}"] if problem else []
        shown = page.locator(lab.ERROR_OUTPUTS).all_inner_texts()
        return wrong + [f"an error stands there: {text}" for text in shown] + watch.problems
    finally:
        jupyter.stop_kernels()


NAMES = """() => [...document.querySelectorAll('.nlp4-explorer')].map(explorer => {
    const names = [...explorer.classList].filter(name => name.startsWith('nlp4-explorer-'));
    return names.length ? names[0].slice('nlp4-explorer-'.length) : 'one without a name';
})"""


@pytest.mark.parametrize("stem", PAGES)
def test_every_control_shows_what_the_maths_gives(page: Page, jupyter: lab.Lab, stem: str) -> None:
    assert problems(page, jupyter, stem, PAGES[stem], BUILDERS, EXPECTED) == []


def test_every_kind_of_control_can_be_moved(page: Page, jupyter: lab.Lab) -> None:
    assert problems(page, jupyter, "sample", ("sums", "kinds"), BUILDERS, EXPECTED) == []
    assert f"Python in {sys.prefix}" in page.locator(".jp-OutputArea-output").first.inner_text()
    assert (SCREENSHOTS / "sample-sums.png").read_bytes().startswith(b"\x89PNG")


def test_a_game_is_played_with_the_mouse_to_its_end_and_begun_again(
    page: Page, jupyter: lab.Lab
) -> None:
    from playwright.sync_api import expect

    twin, watch = sample_explorers.game(), lab.Watch(page)
    lab.open_and_run(page, jupyter, "game", seconds=SECONDS)
    words, picture = page.locator(".nlp4-game-words"), page.locator(".nlp4-game svg")
    for i, row in enumerate(twin.game.questions):
        expect(words).to_have_text(moves.tidy(twin.words))
        assert picture.count() == 0
        said = row.right if i else not row.right  # the first one is judged wrongly
        page.locator(f".nlp4-game-{'right' if said else 'wrong'}").click()
        twin.say(said)
    expect(words).to_contain_text("You judged 3 of 4 answers rightly.")
    expect(words).to_have_text(moves.tidy(twin.words))
    expect(picture).to_be_visible()
    expect(page.locator(".nlp4-game-right")).to_be_disabled()
    moves.save(SCREENSHOTS / "game.png", page.locator(".nlp4-game").screenshot())
    page.get_by_role("button", name="new game").click()
    expect(words).to_contain_text("1 of 4.")
    expect(picture).to_have_count(0)
    assert watch.problems == []
    jupyter.stop_kernels()


def test_whatever_is_wrong_in_a_page_is_found(page: Page, jupyter: lab.Lab, monkeypatch) -> None:
    monkeypatch.setattr(moves, "SECONDS", 2)
    names = ("liar", "stuck", "blank", "frozen", "short", "wrong", "absent")
    builders = dict.fromkeys(names, honest)
    expected = {"wrong": lambda at: f"n is {at['n'] + 1}"}
    found = problems(page, jupyter, "wrong", names, builders, expected)
    complaints = (
        "'stranger'], not ",
        "liar: after n: End x1, the caption is 'n is 8', not 'n is 9'",
        "stuck: after n: ArrowRight x1, the caption is 'n is 1', not 'n is 2'",
        "blank: at first, the picture cannot be seen",
        "frozen: after n: ArrowRight x1, the picture's words are not '2'",
        "short: after n: End x1, it stands at '8', not at 9",
        "wrong: at first, the maths says 'n is 2', the caption 'n is 1'",
        "an error stands there: psst",
        "an error stands there: ---",
        "the browser's console says 'oh dear'",
        "the kernel raised ZeroDivisionError: division by zero",
        "the kernel raised IndexError: list index out of range",
        "the kernel wrote to stderr: psst",
    )
    for complaint in complaints:
        assert any(complaint in each for each in found), (complaint, found)
    assert len(found) == len(complaints), "\n".join(found)
