"""The workbook as a website: every notebook a page with its pictures, and without its solutions.

Notebooks become Markdown with SVG in it, of which Sphinx makes pages, contents and search.
Formulas become MathML, which browsers show without a script. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from html.parser import HTMLParser
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from nlp4 import __version__
from nlp4.exercises.student import (
    LINKS,
    SOLUTION,
    read_notebook,
    student_copy,
    tags,
    write_student_copies,
)
from nlp4.support.errors import UserError
from nlp4.support.files import workbook_folder, write_text

Picture = tuple[str, str]  # SVG, and what it shows in words
Stills = Callable[[str], Sequence[Picture]]  # further states of the explorer with that name

MARK = ".nlp4-site"  # the file by which a site is known
_STATIC = "_static/nlp4"
_NEEDED = ("docutils", "furo", "myst_parser", "sphinx")


def build(
    out: Path,
    *,
    vendor: Path | None = None,
    stills: Stills | None = None,
    workbook: Path | None = None,
) -> int:
    """Write the website into `out`, which may hold an earlier one; return the number of pages.

    `vendor` is a folder with Pyodide's files, which the site then brings along. `stills` gives
    further pictures of an explorer that cannot move on a page (default: the gallery's).
    `workbook` is a folder with other notebooks than nlp4's. Raises UserError if `out` holds
    something else, if a package is missing, and if a page cannot be made.
    """
    from nlp4.pictures import gallery, live

    _refuse_other(out)
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise UserError(f'the website needs {", ".join(missing)}: pip install "nlp4[site]"')
    makers = live.makers()
    workbook = workbook or workbook_folder()
    made = pages(workbook, makers, stills or gallery.stills)
    with _replacing_folder(out) as folder, tempfile.TemporaryDirectory() as source:
        for name, text in made.items():
            write_text(Path(source) / f"{name}.md", text)
        write_student_copies(workbook / "notebooks", Path(source) / "notebooks")
        _run_sphinx(Path(source), folder)
        live.add(folder / _STATIC, vendor, live.given(makers))
        for name in (MARK, ".nojekyll"):  # GitHub's Jekyll would drop folders such as _static
            write_text(folder / name, f"{__version__}\n")
    return len(made)


def _refuse_other(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file: choose a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise UserError(f"{out} holds something else than an earlier site: choose another folder")


@contextmanager
def _replacing_folder(out: Path) -> Iterator[Path]:
    """Yield a new folder beside `out`, and put it in its place if the block succeeds."""
    out = out.resolve()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise UserError(f"cannot write {out} ({error.strerror}): choose another place") from None
    try:
        (room / "new").mkdir()
        yield room / "new"
        if out.exists():
            out.rename(room / "old")
        (room / "new").rename(out)
    finally:
        shutil.rmtree(room, ignore_errors=True)


# What stands on the pages

_FIRST = "plane"  # the explorer to begin with: there is something to take hold of


def pages(
    workbook: Path, live: Mapping[str, str], stills: Stills = lambda name: ()
) -> dict[str, str]:
    """Each page's Markdown, by its name: the index, a page a notebook, glossary and references.

    `live` are the functions that make explorers which can move on a page, by explorer. Raises
    UserError if a file is missing, or if a notebook is none.
    """
    paths = sorted((workbook / "notebooks").glob("*.ipynb"))
    read = {path.stem: read_notebook(path) for path in paths}
    found = {name: notebook_page(book, name, live, stills) for name, book in read.items()}
    for name in ("glossary", "references"):
        found[name] = _text(workbook / "docs" / f"{name}.md")
    found["glossary"] = re.sub(r"^- \*\*(.+?)\*\*", _entry, found["glossary"], flags=re.MULTILINE)
    found["references"] = re.sub(
        r"arXiv:(\d{4}\.\d{4,5})", r"[\g<0>](https://arxiv.org/abs/\1)", found["references"]
    )
    figures = re.findall(r"^```{raw} html\n<figure.*?^```", "".join(found.values()), re.S | re.M)
    first = [each for each in figures if f'id="{_FIRST}"' in each] + figures + [""]
    return {"index": index_page(_readme(workbook), list(read), first[0]), **found}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): clone the workbook") from None


def _readme(workbook: Path) -> str:
    """The README: a wheel has it among what it says of itself."""
    path = workbook / "README.md"
    return _text(path) if path.is_file() else metadata("nlp4")["Description"]


def _entry(found: re.Match[str]) -> str:
    """A word of the glossary, with an anchor."""
    return f'- <span id="{re.sub("[^a-z0-9]+", "-", found[1].lower())}"></span>{found[0][2:]}'


def index_page(readme: str, notebooks: Sequence[str], first: str) -> str:
    """The first page: what the README says of the notebooks and of what they show.

    `first` is a picture to begin with. Links to files that are no pages lose their address.
    """
    title, _, rest = readme.partition("\n\n")
    lead = next(part for part in rest.split("\n\n") if re.match(r"\w", part))
    sections = re.split(r"^(?=## )", rest, flags=re.MULTILINE)
    kept = [part for part in sections if part.startswith(("## The notebooks", "## What it shows"))]
    text = _as_list("\n\n".join([title, lead, first, *kept]))
    pages = {f"notebooks/{name}.ipynb": f"{name}.md" for name in notebooks}
    pages |= {f"docs/{name}.md": f"{name}.md" for name in _WORDS}

    def link(found: re.Match[str]) -> str:
        words, to = found.groups()
        known = pages.get(to, to if ":" in to else "")
        return f"[{words}]({known})" if known else words

    text = re.sub(r"(?<!!)\[([^]]*)\]\(([^)]*)\)", link, text)
    return f"{text}\n\n{_contents('Notebooks', notebooks)}{_contents('Words and papers', _WORDS)}"


def _as_list(text: str) -> str:
    """Make the README's table of notebooks a list: five columns do not fit a phone."""
    row = r"^\| (\[\d\d .*?) \| (.*?) \| (.*?) \| (.*?) \| .*$"
    text = re.sub(row, r"- **\1**: \2 (exercises: \3, minutes: \4)", text, flags=re.MULTILINE)
    return re.sub(r"^\| notebook .*\n\|[-|]+\n", "", text, flags=re.MULTILINE)


_WORDS = ("glossary", "references")


def _contents(caption: str, names: Sequence[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```\n\n"])


def notebook_page(
    notebook: NotebookNode, name: str, live: Mapping[str, str], stills: Stills = lambda name: ()
) -> str:
    """A learner's copy of a notebook, with the outputs that tell no solution, as Markdown."""
    parts = []
    for cell in learners_cells(notebook, name):
        if LINKS in tags(cell):
            continue
        if cell.cell_type == "code":
            parts.append(_fenced("python", cell.source))
            parts += [_output(output, live, stills) for output in cell.outputs]
        else:
            parts.append(re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](\1.md", cell.source))
    first, _, rest = parts[0].partition("\n")
    note = f"*To run it and to write the exercises, [take this notebook](notebooks/{name}.ipynb).*"
    return "\n\n".join([first, note, rest, *parts[1:]]) + "\n"


def learners_cells(notebook: NotebookNode, name: str) -> Iterator[NotebookNode]:
    """The cells of a learner's copy, with the outputs of those that neither solve nor check."""
    given = [cell for cell in notebook.cells if SOLUTION not in tags(cell)]
    for cell, copied in zip(given, student_copy(notebook, name).cells, strict=True):
        untouched = cell.cell_type == "code" and copied.source == cell.source
        if untouched and not re.search(r"^check\(", cell.source, re.MULTILINE):
            copied.outputs = cell.outputs
        yield copied


def _output(output: NotebookNode, live: Mapping[str, str], stills: Stills) -> str:
    """One output: a picture if it has one, else text."""
    data = output.get("data", {})
    words = data.get("text/plain", output.get("text", ""))
    name = output.get("metadata", {}).get("nlp4", {}).get("explorer", "")
    if "image/svg+xml" in data:
        drawn = figure(data["image/svg+xml"], words, name, live.get(name))
        if name in live:
            drawn += f"<noscript>{_STILL}</noscript>"
        elif name:
            drawn += strip(stills(name))
        return _raw(drawn)
    if "text/markdown" in data:
        return f'<div class="nlp4-output">\n\n{data["text/markdown"]}\n\n</div>'
    words = re.sub(r"^yours: .*\n", "", words, flags=re.MULTILINE)  # whose function is called
    return _raw(f'<pre class="nlp4-output">{escape(words)}</pre>') if words.strip() else ""


def figure(drawn: str, words: str, name: str = "", live: str | None = None) -> str:
    """A picture in its layouts for wide and narrow pages, with its words as HTML.

    With a `name` it is an explorer's still; `live` says which function makes that explorer.
    """
    from nlp4.pictures.live import room
    from nlp4.pictures.svg import stacked, wide

    narrow, drawn = stacked(drawn), wide(drawn)
    shown = drawn
    if narrow != drawn:
        shown = f'<div class="nlp4-wide">{drawn}</div><div class="nlp4-narrow">{narrow}</div>'
    shown = f'<div class="nlp4-card">{shown}</div>'
    caption = f"<figcaption>{escape(words)}</figcaption>"
    if live:  # laid out as the explorer that takes its place
        shown = f'<div class="nlp4-explorer">{room(name)}<div class="nlp4-stage">{shown}</div>'
        caption = f'<figcaption class="nlp4-caption">{escape(words)}</figcaption></div>'
    known = f' id="{name}" data-explorer="{name}"' if name else ""
    known += f' data-live="{live}"' if live else ""
    kind = "nlp4-still" if name else "nlp4-drawing"
    return f'<figure class="{kind}"{known}>{shown}{caption}</figure>'


_STILL = '<p class="nlp4-note">still picture: open the notebook to move it</p>'


def strip(pictures: Sequence[Picture]) -> str:
    """Says that an explorer stands still on this page, and shows it in some other states."""
    from nlp4.pictures.svg import stacked

    # Half as wide as the page, where the wide layout's letters would be too small.
    others = "".join(figure(stacked(drawn), words) for drawn, words in pictures)
    return _STILL + (f'<div class="nlp4-strip">{others}</div>' if others else "")


def _raw(html: str) -> str:
    return _fenced("{raw} html", html)


def _fenced(kind: str, text: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{kind}\n{text}\n{fence}"


# Sphinx


def _run_sphinx(source: Path, out: Path) -> None:
    """Make HTML of the Markdown files of `source`. Raises UserError with the first fault."""
    from sphinx.application import Sphinx

    web = Path(__file__).parent / "pictures" / "web"
    (source / _STATIC).mkdir(parents=True)
    for name in ("explorer.css", "site.css", "icon.svg"):
        shutil.copy(web / name, source / _STATIC / name)
    faults = io.StringIO()
    with tempfile.TemporaryDirectory() as kept:
        Sphinx(source, None, out, kept, "html", _SETTINGS, status=None, warning=faults).build()
    if told := re.sub(r"\x1b\[[\d;]*m", "", faults.getvalue()).replace(f"{source}/", ""):
        raise UserError(f"the website has a fault: {told.splitlines()[0]}")
    for path in out.glob("*.html"):
        write_text(path, _reachable(path.read_text("utf-8")))


def _reachable(page: str) -> str:
    """A page with what the theme leaves out: headings' levels, and keys to scroll what is wide."""
    page = page.replace('role="heading"', 'role="heading" aria-level="2"')
    return re.sub(
        r'<(pre\b|div (?=class="(?:table-wrapper|nlp4-formula)))', r'<\1 tabindex="0" ', page
    )


_SETTINGS: dict[str, Any] = {
    "project": "nlp4",
    "extensions": ["myst_parser", "nlp4.site"],
    "myst_enable_extensions": ["dollarmath"],
    "suppress_warnings": ["app.add_node", "app.add_directive", "app.add_role"],  # built before
    "html_theme": "furo",
    "html_title": "nlp4",
    "html_math_renderer": "mathml",
    "html_static_path": ["_static"],
    "html_css_files": ["nlp4/explorer.css", "nlp4/site.css"],
    "html_js_files": [("nlp4/live.js", {"type": "module"})],
    "html_favicon": f"{_STATIC}/icon.svg",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_domain_indices": False,
    "html_use_index": False,
}


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx, whose extension this module is, how formulas are shown."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}


def _inline(page: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    page.body.append(mathml(node.astext()))
    raise SkipNode


def _block(page: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    page.body.append(f'<div class="nlp4-formula">{mathml(node.astext(), block=True)}</div>')
    raise SkipNode


_NAMES = r"\\(ln|log|sin|cos)(?![a-z])"
_TEX = (  # what docutils does not know, or sets too tight
    (r"\\dots(?![a-z])", r"\\ldots"),
    (r"\\([dt]?frac) *(\d)(\d)", r"\\\1{\2}{\3}"),
    (r"\\([bB]ig)(?=[(\[])", r"\\\1l"),
    (r"\\([bB]ig)(?=[)\]])", r"\\\1r"),
    (r"\|([^|]+)\|", r"\\lvert \1\\rvert"),
    (rf"{_NAMES} *(?=[\w\\])", r"\\\1\\,"),
    (rf"(?<=[\w}}]) *{_NAMES}", r"\\,\\\1"),
)


def mathml(tex: str, *, block: bool = False) -> str:
    """A formula as MathML. Raises UserError for what cannot be read."""
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    text = tex
    for pattern, put in _TEX:
        text = re.sub(pattern, put, text)
    try:
        return str(tex2mathml(text, as_block=block))
    except MathError as error:
        raise UserError(
            f"the formula {tex} cannot be shown ({error}): write it otherwise"
        ) from None


# Nothing from elsewhere

_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)")
_SCRIPT = re.compile(
    r"(?:\bfrom|\bimport|\bimport\(|\bimportScripts\(|\bfetch\(|\bWorker\(|\bURL\()"
    r"\s*[\"'`]([^\"'`]+)"
)
_LOADS = {"src", "srcset", "poster", "data", "href", "xlink:href", "action", "background"}


class _Loads(HTMLParser):
    """Collects what a page loads; a link that a reader may follow is not loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        for name, value in attrs:
            if name in _LOADS and tag != "a":
                self.found.append(value or "")
            elif name == "style":
                self.found += _STYLE.findall(value or "")

    def handle_data(self, data: str) -> None:
        pattern = {"style": _STYLE, "script": _SCRIPT}.get(self._in)
        self.found += pattern.findall(data) if pattern else []


def _loads(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    if path.suffix in (".html", ".svg"):
        page = _Loads()
        page.feed(text)
        return page.found
    if path.suffix == ".json":
        return re.findall(r'"([^"]+)"', text)
    return (_STYLE if path.suffix == ".css" else _SCRIPT).findall(text)


def foreign(site: Path) -> list[str]:
    """What the files of a site would load from other hosts, each as `FILE: ADDRESS`."""
    kinds = (".html", ".svg", ".css", ".js", ".mjs", ".json")
    files = sorted(path for path in site.rglob("*") if path.suffix in kinds)
    return [
        f"{path.relative_to(site)}: {address}"
        for path in files
        for address in _loads(path)
        if _ELSEWHERE.match(address)
    ]
