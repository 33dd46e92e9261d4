"""The pages in words agree with the workbook: links, commands, counts, terms and papers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from nlp4 import cli
from nlp4.exercises.checks import exercises_of
from nlp4.support.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*DOCS, *NOTEBOOKS]
GLOSSARY, REFERENCES = ROOT / "docs" / "glossary.md", ROOT / "docs" / "references.md"
# What is not Python: benchmarks are scripts and data sheets are texts, and both cite papers.
CITING = [
    *sorted((ROOT / "nlp4").rglob("*.py")),
    *sorted((ROOT / "benchmarks").glob("*.*")),
    ROOT / "data" / "people" / "DATASHEET.md",
    *PAGES,
]


def by_name(path: Path) -> str:
    return path.stem


def words(path: Path) -> str:
    """The text that an author wrote: a notebook's cells without their outputs, else the file."""
    if path.suffix != ".ipynb":
        return path.read_text("utf-8")
    return "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def prose(path: Path) -> str:
    """The same without blocks of code."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    else:
        text = words(path)
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


# Links


def links(text: str) -> list[str]:
    """The targets of a page's Markdown links and pictures, those to other sites left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """The names by which GitHub links to the headings of a page."""
    headings = re.findall(r"^#+ +(.+?) *$", prose(path), flags=re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def broken_links(path: Path) -> list[str]:
    """The links of the page at `path` that lead nowhere."""
    broken = []
    for link in links(prose(path)):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", PAGES, ids=by_name)
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_broken_links_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A title, here\n[a](#a-title-here) [b](#b) [c](page.md) [d](no.md#x)\n"
        "![picture](no.png) [e](https://example.org/no.md)\n```\n[f](f.md)\n```\n",
        "utf-8",
    )
    assert broken_links(page) == ["#b", "no.md#x", "no.png"]


def test_every_notebook_leads_on_to_the_next() -> None:
    lost = []
    for path, following in pairwise(NOTEBOOKS):
        last = nbformat.read(path, as_version=4).cells[-1]
        if last.cell_type != "markdown" or following.name not in links(last.source):
            lost.append(f"{path.name} does not end with a link to {following.name}")
    assert lost == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)
def test_a_notebook_opens_with_minutes_and_goals_and_ends_with_a_summary(path: Path) -> None:
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    assert re.search(r"^\*About \d+ minutes", cells[0], flags=re.M)
    assert len(re.findall(r"^- ", cells[0], flags=re.M)) >= 3
    assert "*You should know*" in cells[0]
    assert re.search(r"\bwhat you should take away\b", cells[-1], flags=re.I)


# Tables of the notebooks


def rows(path: Path) -> dict[str, list[str]]:
    """Cells of each row that begins with a notebook's number, by that number."""
    found = re.findall(r"^\| \[?(\d\d)(?: ·|, this one) (.+)\|$", prose(path), flags=re.M)
    return {number: [cell.strip() for cell in rest.split("|")] for number, rest in found}


@pytest.mark.parametrize("page", [ROOT / "README.md", NOTEBOOKS[0]], ids=by_name)
def test_the_table_of_notebooks_counts_right(page: Path) -> None:
    table = rows(page)
    assert list(table) == [path.name[:2] for path in NOTEBOOKS]
    for path in NOTEBOOKS:
        exercises, minutes = table[path.name[:2]][2:4]
        assert exercises == str(len(exercises_of(path.stem)) or "none"), path.stem
        told = re.search(r"\*About (\d+) minutes", words(path))
        assert told and minutes == told[1], path.stem


# Commands, options and modules


def commands(text: str) -> list[str]:
    """Each `python -m nlp4 ...` of a text: in backticks, or a line of a block of code."""
    code = re.findall(r"^```.*?^```", text, flags=re.M | re.S)
    lines = [line for block in code for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    found = (re.search(r"\bpython -m nlp4 (.+)", line) for line in lines)
    return [match[1].partition(" #")[0].strip() for match in found if match]


def complaint(command: str) -> str | None:
    """What is wrong with the words after `python -m nlp4`, or None.

    A text may name a command alone; then it may leave out what is required.
    """
    arguments = shlex.split(command)
    # A placeholder of a number is a word; any number will do.
    arguments = ["1" if re.fullmatch("[NMS]", each) else each for each in arguments]
    if arguments[0] in cli.COMMANDS and len(arguments) == 1:
        return None
    try:
        cli.read_options(arguments)
    except UserError as mistake:
        return str(mistake)
    if arguments[0] == "bench" and not (ROOT / "benchmarks" / f"{arguments[1]}.py").is_file():
        return f"there is no benchmark {arguments[1]}"
    return None


@pytest.mark.parametrize("path", PAGES, ids=by_name)
def test_every_command_can_be_given(path: Path) -> None:
    wrong = {command: complaint(command) for command in commands(words(path))}
    assert {command: words for command, words in wrong.items() if words} == {}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("doctor", None),
        ("ladder", None),
        ("reproduce --out RUN --minutes M", None),
        ("reproduce --out RUN --minuets 3", "--minuets"),
        ("reproduce --preset coffee", "--out"),
        ("trian", "trian"),
        ("bench attention --long", None),
        ("bench nothing", "no benchmark"),
    ],
)
def test_commands_are_judged_by_the_parser(command: str, told: str | None) -> None:
    found = complaint(command)
    assert found is None if told is None else found is not None and told in found


def test_commands_are_found_in_blocks_and_in_backticks() -> None:
    text = "a `python -m nlp4 doctor` b\n```\npython -m nlp4 ask --run R 'x'  # why\n```\n"
    assert commands(text) == ["ask --run R 'x'", "doctor"]


@pytest.mark.parametrize("path", PAGES, ids=by_name)
def test_what_dev_py_is_told_to_do_it_can_do(path: Path) -> None:
    known = set(re.findall(r"dev\.py (\w+)", (ROOT / "dev.py").read_text("utf-8")))
    told = re.findall(r"python3 dev\.py ([a-z]\w*)", words(path))
    assert set(told) <= known


def missing_names(text: str) -> Iterator[str]:
    """Modules and files of the project that a text names in backticks and that are not there."""
    for name in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"nlp4(\.\w+)+", name):
            if not is_named(name):
                yield name
        elif (
            re.fullmatch(r"(nlp4|tests|docs|data|benchmarks|notebooks)/[\w/.*-]+", name)
            or re.fullmatch(r"[\w*/]+\.(py|md|toml|yml)", name)
        ) and not (any(ROOT.glob(name)) or any(ROOT.glob(f"*/**/{name}"))):
            yield name


def is_named(name: str) -> bool:
    """Whether `name` is a package, a module, or something in a module."""
    path = ROOT.joinpath(*name.split("."))
    inside = (each for each in (path, *path.parents[:2]) if each != ROOT)  # a file beside is none
    return path.is_dir() or any(each.with_suffix(".py").is_file() for each in inside)


@pytest.mark.parametrize("path", DOCS, ids=by_name)
def test_every_module_and_file_that_is_named_exists(path: Path) -> None:
    assert list(missing_names(prose(path))) == []


def test_missing_names_are_seen() -> None:
    text = "`nlp4.models.attention` `nlp4.attentoin` `tests/none.py` `attention.py` `atention.py`"
    text += " `models/gpt.py` `model/gpt.py` `nlp4.models.attention.attend` `nlp4.models.none`"
    assert list(missing_names(text)) == [
        "nlp4.attentoin",
        "tests/none.py",
        "atention.py",
        "model/gpt.py",
        "nlp4.models.none",
    ]


# Terms and papers


def entries() -> list[tuple[str, list[str]]]:
    """Each term of the glossary with the numbers of the notebooks that it names."""
    found = re.findall(r"^- \*\*(.+?)\*\*[^(\n]*\(notebooks? ([^)]+)\): .+$", words(GLOSSARY), re.M)
    return [(term, re.findall(r"\d\d", numbers)) for term, numbers in found]


def shown(number: str) -> str:
    """All words of one notebook, small, with those that its cells print and its pictures say."""
    paths = [path for path in NOTEBOOKS if path.name.startswith(number)]
    assert len(paths) == 1, f"the glossary speaks of notebook {number}; there is {paths or 'none'}"
    parts = []
    for cell in nbformat.read(paths[0], as_version=4).cells:
        parts.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            parts += [output.get("text", ""), data.get("text/plain", "")]
            parts += [data.get("text/markdown", ""), data.get("image/svg+xml", "")]
    return "\n".join(parts).lower()


def test_every_line_of_the_glossary_is_an_entry_in_order() -> None:
    lines = [line for line in words(GLOSSARY).splitlines() if line.startswith("- ")]
    terms = [term for term, _ in entries()]
    assert len(terms) == len(lines) > 50
    assert terms == sorted(set(terms), key=str.lower)


@pytest.mark.parametrize(("term", "numbers"), entries(), ids=[term for term, _ in entries()])
def test_a_term_is_used_where_the_glossary_says(term: str, numbers: list[str]) -> None:
    assert numbers
    for number in numbers:
        assert term.lower() in shown(number), number


MONTHS = "January February March April May June July August September October November December"
CITATION = re.compile(
    r"\b([A-Z][\w’'-]*[a-z])(?:,?\s+(?:and|&)\s+[A-Z][\w-]+|\s+et\s+al\.)?,?\s+\(?((?:19|20)\d\d)\b"
)


def citations(text: str) -> set[tuple[str, str]]:
    """Each author and year that a text cites, such as "Wang et al. 2020" or "Wilson (1927)"."""
    return {(name, year) for name, year in CITATION.findall(text) if name not in MONTHS.split()}


def references() -> list[tuple[str, str]]:
    """Authors and year of each entry of the list."""
    return re.findall(r"^- (.+?) \((\d{4})\)\. \*.+\*", words(REFERENCES), flags=re.M)


@pytest.mark.parametrize("path", CITING, ids=lambda path: path.name)
def test_every_paper_that_is_cited_is_in_the_list(path: Path) -> None:
    listed = references()
    cited = citations(prose(path) if path in PAGES else words(path))
    missing = [
        (name, year)
        for name, year in cited
        if not any(name in re.findall(r"[\w’'-]+", who) and year == when for who, when in listed)
    ]
    assert missing == []


def test_every_paper_in_the_list_is_cited() -> None:
    cited = set()
    for path in (path for path in CITING if path != REFERENCES):
        cited |= citations(prose(path) if path in PAGES else words(path))
    unused = [
        (who, when)
        for who, when in references()
        if not any((name, when) in cited for name in re.findall(r"[\w’'-]+", who))
    ]
    assert unused == []


def test_the_list_of_papers_is_in_order_and_says_what_each_is_for() -> None:
    lines = [line for line in words(REFERENCES).splitlines() if line.startswith("- ")]
    found = references()
    assert len(found) == len(lines) > 20
    assert found == sorted(found, key=lambda entry: (entry[0].lower(), entry[1]))
    # Title, where it appeared, and at least one sentence on what is taken from it.
    assert [line for line in lines if not re.search(r"\*\.? [^*]+\. [^*]+\.$", line)] == []


def test_citations_are_recognised() -> None:
    text = (
        "(Wang et al. 2020, section 3), Wilson (1927); Cai, Fan and\n    Jiang 2013. On 3 May 1931 "
        "Raffel & Shazeer 2020"
    )
    assert citations(text) == {
        ("Wang", "2020"),
        ("Wilson", "1927"),
        ("Fan", "2013"),
        ("Raffel", "2020"),
    }
