"""The website: what stands on its pages, what must not, and that nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nlp4 import cli, site
from nlp4.exercises.student import BEGIN, END
from nlp4.pictures import svg
from nlp4.support.errors import UserError

# MyST calls of Sphinx what Sphinx means to take away; the pinned versions fit each other.
pytestmark = pytest.mark.filterwarnings("ignore:.*myst_parser.*is deprecated")

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECRET = "return sum(numbers) / len(numbers)"
WIDE = svg.panels([svg.Panel(svg.dot(9, 9, 3, "#123"))] * 2, "two dots")


def shown(text: str, drawn: str = "", explorer: str = "") -> NotebookNode:
    """What a notebook's cell displayed."""
    data = {"text/plain": text} | ({"image/svg+xml": drawn} if drawn else {})
    meta = {"nlp4": {"explorer": explorer}} if explorer else {}
    return new_output("execute_result", data, metadata=meta, execution_count=1)


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def code(source: str, *outputs: NotebookNode, tag: str = "") -> NotebookNode:
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": [tag] if tag else []})


HINT = "<details><summary>Hint</summary>\n\n*idea*\n\n</details>"
TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
SOLVED = f"def mean(numbers):\n    {BEGIN}\n    {SECRET}\n    {END}"
FIRST = [
    new_markdown_cell("# 00 · One\n\nA half is $\\tfrac12$, see [the other](01_two.ipynb)."),
    code("copy_explorer()", shown("Key 3 gets < 9%.", WIDE, "copy")),
    code("gaze()", shown("It looks at B.", WIDE, "gaze")),
    code("drawing()", shown("Two dots in words.", WIDE)),
]
SECOND = [
    new_markdown_cell(f"# 01 · Two\n\n## A part\n\n{HINT}"),
    new_markdown_cell("[![Open in Colab](https://x.org/a.svg)](y)", metadata={"tags": ["links"]}),
    code("import google.colab", tag="links"),
    code(SOLVED, printed("tells the solution"), tag="exercise"),
    code('check("mean", mean)', printed("right, says the check")),
    new_markdown_cell("The worked solution", metadata={"tags": ["solution"]}),
    code("mean = yours_or_ours(mean)\nprint(1)", printed("yours: mean\n1 < 2\n")),
    code("table()", new_output("execute_result", {"text/markdown": TABLE})),
    code("curve()", shown("the loss, live")),
]
README = (
    "# Title\n\n[![badge](x.svg)](y)\n\nThe lead.\n\n```\npython\n```\n\n## The notebooks\n\n"
    "| notebook | what | exercises | minutes | runs |\n|---|---|---|---|---|\n"
    "| [00 · One](notebooks/00_one.ipynb) | see it | none | 5 | seconds |\n\n"
    "See the [glossary](docs/glossary.md), [teaching](docs/teaching.md), [out](https://x.org/).\n\n"
    "## What it shows\n\nIt shows.\n\n## Licence\n\nNot this.\n"
)


def stills(name: str) -> list[tuple[str, str]]:
    return [(WIDE, f"{name} further on")]


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of two small notebooks."""
    folder = tmp_path_factory.mktemp("workbook")
    for name, cells in (("00_one", FIRST), ("01_two", SECOND)):
        (folder / "notebooks").mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=cells), folder / "notebooks" / f"{name}.ipynb")
    (folder / "docs").mkdir()
    (folder / "docs" / "glossary.md").write_text("# Glossary\n\n- **dot product**: A sum.\n")
    (folder / "docs" / "references.md").write_text("# References\n\n- A. arXiv:1607.06450. B.\n")
    (folder / "README.md").write_text(README)
    return folder


@pytest.fixture
def ours(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command takes it for the workbook."""
    monkeypatch.setattr(site, "workbook_folder", lambda: workbook)


@pytest.fixture(scope="module")
def small(workbook: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its website. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("site") / "out"
    assert site.build(out, stills=stills, workbook=workbook) == 5
    return out


def page(out: Path, name: str) -> str:
    return (out / f"{name}.html").read_text("utf-8")


class Words(HTMLParser):
    """A page's elements with their attributes, and the words that stand outside scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._in = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in not in ("script", "style"):
            self.text += data

    def having(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for _, attributes in self.elements if name in attributes]


# What is on a page


def test_solutions_and_checks_are_nowhere_in_the_site(small: Path) -> None:
    everything = "".join(
        path.read_text("utf-8")
        for path in small.rglob("*")
        if path.suffix in (".html", ".ipynb", ".js")
    )

    assert "raise NotImplementedError" in Words(page(small, "01_two")).text
    for hidden in (SECRET, "tells the solution", "says the check", "worked solution", "yours: "):
        assert hidden not in everything


def test_what_opens_a_notebook_elsewhere_is_not_on_its_page(small: Path) -> None:
    found = page(small, "01_two")

    assert "Colab" not in found and "google" not in found


def test_outputs_that_tell_no_solution_are_kept(small: Path) -> None:
    found = page(small, "01_two")

    assert "1 &lt; 2\n</pre>" in found
    assert "the loss, live</pre>" in found
    assert re.search(r"<td><p>1</p></td>\s*<td><p>2</p></td>", found)
    assert "<em>idea</em>" in found
    assert "<mfrac" in page(small, "00_one")


def test_an_explorer_that_can_move_says_which_function_makes_it(small: Path) -> None:
    found = page(small, "00_one")

    (figure,) = [each for each in Words(found).having("data-explorer") if each["id"] == "copy"]
    assert figure["class"] == "nlp4-still"
    assert figure["data-live"] == "nlp4.pictures.copying.copy_explorer"
    assert (
        '<figcaption class="nlp4-caption">Key 3 gets &lt; 9%.</figcaption></div></figure><noscript>'
        in found
    )


def test_one_that_cannot_move_shows_further_stills(small: Path) -> None:
    found = page(small, "00_one")
    (figure,) = [each for each in Words(found).having("data-explorer") if each["id"] == "gaze"]
    after = found.partition("It looks at B.")[2]

    assert "data-live" not in figure
    assert after.index("still picture: open the notebook to move it") < after.index(
        "gaze further on"
    )


def test_a_picture_has_two_layouts_and_its_words(small: Path) -> None:
    found = page(small, "00_one")

    assert f'<div class="nlp4-wide">{WIDE}</div>' in found
    assert f'<div class="nlp4-narrow">{svg.stacked(WIDE)}</div>' in found
    assert "<figcaption>Two dots in words.</figcaption>" in found


def test_a_picture_in_one_piece_stands_there_once() -> None:
    plain = svg.picture(20, 10, "", "nothing")

    assert site.figure(plain, "words").count("<svg") == 1


def test_the_first_page_is_the_readmes_essence(small: Path) -> None:
    found = Words(page(small, "index"))
    links = {attributes["href"] for attributes in found.having("href")}

    for words in ("The lead.", "It shows.", "see it (exercises: none, minutes: 5)", "teaching"):
        assert words in found.text
    for words in ("badge", "Not this", "|"):
        assert words not in found.text
    assert {"00_one.html", "glossary.html", "https://x.org/"} <= links
    assert not any("teaching" in str(link) for link in links)
    assert [each["id"] for each in found.having("data-live")] == ["copy"]


def test_pages_lead_to_each_other(small: Path) -> None:
    assert 'href="01_two.html">the other</a>' in re.sub(
        r' class="[^"]*"|<span[^>]*>|</span>', "", page(small, "00_one")
    )
    for words in ("Next", "Previous"):
        assert words in Words(page(small, "00_one")).text
    entry = '<p><span id="dot-product"></span><strong>dot product</strong>: A sum.</p>'
    assert entry in page(small, "glossary")
    assert 'href="https://arxiv.org/abs/1607.06450"' in page(small, "references")
    assert 'id="a-part"' in page(small, "01_two")


def test_a_learners_copy_can_be_taken_along(small: Path) -> None:
    (copy,) = small.rglob("01_two.ipynb")

    assert copy.parent.name in page(small, "01_two")
    assert SECRET not in copy.read_text("utf-8")


def test_no_address_begins_at_the_root(small: Path) -> None:
    for path in small.glob("*.html"):
        for attributes in Words(path.read_text("utf-8")).elements:
            for name in ("href", "src", "action"):
                assert not str(attributes[1].get(name)).startswith("/"), (path.name, attributes)


# Where it is written


def test_a_folder_with_something_else_is_refused_and_left_alone(
    ours: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    assert cli.main(["site", str(tmp_path)]) == 2
    assert "holds something else than an earlier site" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(UserError, match="is a file: choose a folder"):
        site.build(tmp_path / "thesis.txt")


def test_an_earlier_site_is_replaced(ours: None, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(small, out)
    (out / "old.html").touch()

    assert cli.main(["site", str(out)]) == 0
    assert not (out / "old.html").exists()
    assert (out / "00_one.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_site_that_fails_leaves_the_earlier_one(
    ours: None, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    shutil.copytree(small, out)
    whole = site.index_page
    monkeypatch.setattr(site, "index_page", lambda *a: f"[nowhere](nothing.md)\n\n{whole(*a)}")

    with pytest.raises(UserError, match=r"the website has a fault: index.md:1: .*nothing"):
        site.build(out)
    assert "The lead." in page(out, "index")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_missing_package_is_named(
    ours: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "find_spec", lambda name: None if name == "furo" else name)

    with pytest.raises(UserError, match=r'needs furo: pip install "nlp4\[site\]"'):
        site.build(tmp_path / "out")


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*glossary\.md .*: clone the workbook"):
        site.build(tmp_path / "out", workbook=tmp_path)
    assert list(tmp_path.iterdir()) == []


# Formulas


def test_a_formula_is_mathml() -> None:
    made = site.mathml(r"\tfrac12 + \dots")

    assert re.search(r"<mfrac[^>]*>\s*<mn>1</mn>\s*<mn>2</mn>\s*</mfrac>", made)
    assert "…" in made


@pytest.mark.parametrize("tex", [r"\Big(x\Big)", r"|q|", r"5 \ln n", r"\cos\theta", r"\cosh x"])
def test_formulas_that_docutils_does_not_know_or_sets_too_tight(tex: str) -> None:
    made = site.mathml(tex)

    assert "\\" not in made
    assert made.count("mspace") == {r"5 \ln n": 4, r"\cos\theta": 2}.get(tex, 0)


def test_a_formula_that_cannot_be_shown_is_named() -> None:
    with pytest.raises(UserError, match=r"the formula \\nonsense x cannot be shown"):
        site.mathml(r"\nonsense x")


# Nothing from elsewhere


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.html", '<script src="https://x.org/a.js"></script>', ["https://x.org/a.js"]),
        ("a.html", '<link rel=stylesheet href="//x.org/a.css">', ["//x.org/a.css"]),
        ("a.html", "<img src='http://x.org/a.png'>", ["http://x.org/a.png"]),
        ("a.html", '<p style="background: url(http://x.org/b)">', ["http://x.org/b"]),
        ("a.html", '<style>@import "https://x.org/c"</style>', ["https://x.org/c"]),
        ("a.html", '<script>import("https://x.org/d")</script>', ["https://x.org/d"]),
        ("a.html", '<a href="https://x.org/">a paper</a> <img src="a//b.png">', []),
        ("a.html", "<svg xmlns='http://www.w3.org/2000/svg'><use href='#a'/></svg>", []),
        ("a.html", "<img src='data:image/png;base64,//8='>", []),
        ("a.css", "a { background: url( 'https://x.org/e' ) }", ["https://x.org/e"]),
        ("a.js", 'import x from "https://x.org/f.js"', ["https://x.org/f.js"]),
        ("a.mjs", "await fetch(`https://x.org/g`)", ["https://x.org/g"]),
        ("a.js", 'new Worker(new URL("./worker.js", import.meta.url))', []),
        ("a.json", '{"index": "https://x.org/h/"}', ["https://x.org/h/"]),
        ("a.txt", "https://x.org/", []),
    ],
)
def test_what_comes_from_elsewhere_is_found(
    tmp_path: Path, name: str, text: str, found: list[str]
) -> None:
    (tmp_path / name).write_text(text)

    assert site.foreign(tmp_path) == [f"{name}: {address}" for address in found]


# The workbook itself


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The website of the real notebooks."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert site.build(out) == len(NOTEBOOKS) + 3
    return out


def test_only_pyodide_comes_from_elsewhere(whole: Path) -> None:
    (found,) = site.foreign(whole)

    assert found.startswith("_static/nlp4/live.json: https://cdn.jsdelivr.net/pyodide/v")


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_a_page_of_the_workbook(whole: Path, name: str) -> None:
    text = page(whole, name)
    found = Words(text)
    tags = Counter(tag for tag, _ in found.elements)
    ids = Counter(each["id"] for each in found.having("id"))
    pictures = [
        attributes for tag, attributes in found.elements if tag == "svg" and "role" in attributes
    ]
    prose = re.sub(r"<pre.*?</pre>|<code.*?</code>|<script.*?</script>", "", text, flags=re.DOTALL)

    assert [each for each, times in ids.items() if times > 1] == []
    assert all(each["aria-label"] and each["viewbox"] for each in pictures)
    assert tags["h2"] >= 4
    assert tags["h1"] == 1
    assert "$" not in Words(prose).text
    assert not re.search(r"\\[a-zA-Z]", Words(prose).text)
    assert "widget-view" not in text
    assert "requirejs" not in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_solution_of_the_workbook_is_on_its_page(whole: Path, path: Path) -> None:
    found = Words(page(whole, path.stem)).text
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]

    solutions = [
        body.strip()
        for cell in cells
        for body in re.findall(f"{BEGIN}\n(.*?){END}", cell.source, re.DOTALL)
    ]
    checks = [cell.outputs[0].text.strip() for cell in cells if cell.source.startswith("check(")]
    assert [body for body in solutions if body in found] == []
    assert [line for line in checks if line in found] == []
    assert found.count("raise NotImplementedError") >= len(solutions)


def test_the_search_knows_words_of_all_pages(whole: Path) -> None:
    index = (whole / "searchindex.js").read_text("utf-8").removeprefix("Search.setIndex(")
    known = json.loads(index.rstrip(")\n"))

    assert {path.stem for path in NOTEBOOKS} <= set(known["docnames"])
    for word in ("margin", "bigbird", "calibr"):
        assert word in known["terms"]
