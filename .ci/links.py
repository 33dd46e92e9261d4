"""Write badges and links from the repository's address, which stands in pyproject.toml alone.

`python3 dev.py links` calls this. Where no address is set it takes away what it once wrote.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from nlp4.exercises.student import LINKS, read_notebook, tags
from nlp4.support.errors import UserError
from nlp4.support.files import write_text

ROOT = Path(__file__).resolve().parents[1]
BRANCH = "main"
BEGIN, END = "<!-- links, by `python3 dev.py links` -->", "<!-- /links -->"
COPIES = "mine"  # where Binder and Codespaces make copies to work in
COLAB = """\
# Colab lacks nlp4: there this cell installs it, in about a minute. Elsewhere it does nothing.
import subprocess
import sys

if "google.colab" in sys.modules:
    from google.colab import output

    print("installing nlp4, which takes about a minute")
    address = "git+{address}"
    command = [sys.executable, "-m", "pip", "install", "-q", f"nlp4[train] @ {{address}}"]
    subprocess.run(command, check=True)
    output.enable_custom_widget_manager()"""


def repository(root: Path) -> str | None:
    """The owner and name of the repository, as `owner/name`; None as long as none is set.

    Raises UserError for an address that is not GitHub's, as Colab and Codespaces need it.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    address = project.get("urls", {}).get("Repository")
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", address or "")
    if address and not found:
        raise UserError(
            f"Repository in pyproject.toml is {address!r}: write https://github.com/OWNER/NAME"
        )
    return found[1] if found else None


def badge(words: str, picture: str, target: str) -> str:
    """A picture that leads somewhere, in Markdown; its words stand where it cannot be loaded."""
    return f"[![{words}]({picture})]({target})"


def badges(slug: str, notebook: str = "") -> list[str]:
    """The badges of one notebook, named as a file, or of the repository as a whole."""
    opened = f"lab/tree/{COPIES}/{notebook}".rstrip("/")
    binder = f"https://mybinder.org/v2/gh/{slug}/{BRANCH}?{urlencode({'urlpath': opened})}"
    codespaces = f"https://codespaces.new/{slug}"
    colab = f"https://colab.research.google.com/github/{slug}/blob/{BRANCH}/notebooks/{notebook}"
    made = [
        badge("Open in Colab", "https://colab.research.google.com/assets/colab-badge.svg", colab),
        badge("Open in Binder", "https://mybinder.org/badge_logo.svg", binder),
        badge("Open in Codespaces", "https://github.com/codespaces/badge.svg", codespaces),
    ]
    return made if notebook else made[1:]  # Colab opens one notebook, not a folder


def hub_links(slug: str, notebooks: list[str]) -> list[str]:
    """A link a notebook by which nbgitpuller brings the workbook to a hub, and opens it there."""
    name = slug.partition("/")[2]
    queries = {
        notebook: urlencode(
            {
                "repo": f"https://github.com/{slug}",
                "branch": BRANCH,
                "urlpath": f"lab/tree/{name}/notebooks/{notebook}",
            }
        )
        for notebook in notebooks
    }
    links = [f"https://HUB/hub/user-redirect/git-pull?{query}" for query in queries.values()]
    return ["```", *links, "```"]


def with_block(text: str, lines: list[str]) -> str:
    """The text with `lines` between its marks. Raises UserError if it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"a page has no marks for links: write {BEGIN} and {END} into it")
    return "\n".join([before + BEGIN, *lines, END + after])


def with_cells(notebook: NotebookNode, slug: str | None, name: str) -> NotebookNode:
    """The notebook with badges and Colab's cell below its title, or without both."""
    cells = [cell for cell in notebook.cells if LINKS not in tags(cell)]
    if slug:
        shown = new_markdown_cell(" ".join(badges(slug, name)), id="links-badges")
        colab = COLAB.format(address=f"https://github.com/{slug}")
        cells[1:1] = [shown, new_code_cell(colab, id="links-colab", execution_count=1)]
        for cell in cells[1:3]:
            cell.metadata["tags"] = [LINKS]
    notebook.cells = cells
    # Colab's cell prints nothing here, so it takes its place in the count without being run.
    ran = [cell for cell in cells if cell.get("execution_count") is not None]
    for number, cell in enumerate(ran, 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
    return notebook


def with_repository(citation: str, slug: str | None) -> str:
    """CITATION.cff with the repository's address, or without."""
    kept = [line for line in citation.splitlines() if not line.startswith("repository-code:")]
    added = [f"repository-code: https://github.com/{slug}"] if slug else []
    return "\n".join([*kept, *added]) + "\n"


def written(root: Path) -> Iterator[tuple[Path, str]]:
    """Each file that speaks of the address, and what it has to say."""
    slug = repository(root)
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    names = [path.name for path in notebooks]
    pages = {
        "README.md": badges(slug) if slug else [],
        "docs/teaching.md": hub_links(slug, names) if slug else [],
    }
    for name, lines in pages.items():
        yield root / name, with_block((root / name).read_text("utf-8"), lines)
    citation = root / "CITATION.cff"
    yield citation, with_repository(citation.read_text("utf-8"), slug)
    for path in notebooks:
        yield path, nbformat.writes(with_cells(read_notebook(path), slug, path.name)) + "\n"


def main(root: Path = ROOT) -> int:
    """Write every file that is not as it should be, and name it."""
    try:
        changed = [(path, text) for path, text in written(root) if path.read_text("utf-8") != text]
        for path, text in changed:
            write_text(path, text)
            print(f"written: {path.relative_to(root)}")
    except UserError as error:
        print(f"links: {error}", file=sys.stderr)
        return 2
    print(f"{repository(root) or 'no address in pyproject.toml'}: {len(changed)} files changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
