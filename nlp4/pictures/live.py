"""Explorers that run in a web page: which ones, what they need there, and who answers for them.

`add` lays the files beside a site's pages. There `live.js` starts `worker.js`, which loads Pyodide
(Python compiled to WebAssembly), unpacks this package and calls `first_state` and `answer` below:
the same explorers as in the notebook, asked by message.
"""

from __future__ import annotations

import ast
import base64
import html
import json
import pickle
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4.pictures.gallery import EXPLORERS, explorer
from nlp4.support.errors import UserError
from nlp4.support.files import replacing, sha256, workbook_folder, write_text

if TYPE_CHECKING:
    from nlp4.pictures.explorer import Explorer

WEB = Path(__file__).parent / "web"
LOCK = "pyodide-lock.json"  # numpy and the rest, as in Pyodide's own file of that name
_ROOT = Path(__file__).resolve().parents[2]
_VERSION = "0.27.7"
_CDN = f"https://cdn.jsdelivr.net/pyodide/v{_VERSION}/full/"
_SCRIPTS = ("live.js", "worker.js", "explorer.js", "explorer.css", LOCK)
_PACKAGE = "nlp4.zip"
_VENDORED = "pyodide"  # folder
_GIVEN = Path(__file__).parent / "given"  # in a page alone

# What Pyodide itself loads, and the packages: SHA-256 and bytes of each file.
FILES: Mapping[str, tuple[str, int]] = {
    "pyodide.mjs": ("04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f", 13_931),
    "pyodide.asm.js": (
        "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
        1_255_688,
    ),
    "pyodide.asm.wasm": (
        "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
        10_105_545,
    ),
    "python_stdlib.zip": (
        "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
        2_360_737,
    ),
    "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08",
        3_061_133,
    ),
    "openblas-0.3.26.zip": (
        "787ea9a8a5cd160204388d03324b3b7ce5c9aea14b5680cec987f837e76c5198",
        6_117_592,
    ),
    "scipy-1.14.1-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "997c50a61564a8ce6a56ea98a42e7f4427e5eb98475a73233e83df6a184f415c",
        13_477_451,
    ),
}


LIVE = {name: shown for name, shown in EXPLORERS.items() if shown.live}


@cache
def made(name: str) -> Explorer[Any]:
    """The explorer of that name in `LIVE`. A page has one of each, and what it is given."""
    path = _GIVEN / f"{_given_name(name)}.pickle"
    return explorer(name, pickle.loads(path.read_bytes()) if path.is_file() else None)


def makers() -> dict[str, str]:
    """The functions that make the explorers which can be live with what is installed here.

    Some are given answers of a model, or stand in a module that trains: without torch they are
    left out, and stand still on the page.
    """
    found = {}
    for name, shown in LIVE.items():
        with suppress(ImportError, UserError):
            made(name)
            found[name] = f"nlp4.pictures.{shown.make}"
    return found


def _given_name(name: str) -> str:
    """The name of what an explorer is given, and perhaps others too; empty if that is nothing."""
    given = LIVE[name].given
    return "" if given is tuple else given.__name__.strip("_")


def given(names: Iterable[str]) -> dict[str, bytes]:
    """What these explorers are given, if anything, as pickles by its name."""
    wanted = {_given_name(name): LIVE[name].given for name in names}
    return {name: pickle.dumps(given()) for name, given in wanted.items() if name}


def first_state(name: str, narrow: bool = False, at: str = "") -> str:
    """All that a page must know to put the explorer up, as JSON.

    `at` are arguments of `Explorer.at`, as a link holds them; what cannot be read is left out.
    """
    explorer = made(name)
    if at:
        with suppress(UserError, ValueError, SyntaxError):
            explorer.at(**_arguments(at))
    explorer.answer({"do": "hello", "narrow": narrow})
    return json.dumps(explorer.state())


def _arguments(text: str) -> dict[str, Any]:
    """The arguments in `n=3, others='all equal'`, and never a call. Raises ValueError."""
    call = ast.parse(f"at({text})", mode="eval").body
    if not isinstance(call, ast.Call) or call.args:
        raise ValueError(f"{text!r} names no controls")
    return {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}


def answer(name: str, message: str) -> str:
    """What the explorer answers to a page's message, both as JSON.

    Raises UserError for what cannot be done.
    """
    return json.dumps(made(name).answer(json.loads(message)))


def check_files(folder: Path, names: Iterable[str]) -> None:
    """Raise UserError unless the folder holds these files of Pyodide, each of them whole."""
    for name in names:
        if not (folder / name).is_file():
            raise UserError(
                f"{folder} holds no {name}: unpack Pyodide {_VERSION} (full) there, or leave "
                "--vendor out"
            )
        if sha256(folder / name) != FILES[name][0]:
            raise UserError(f"{folder / name} is not that of Pyodide {_VERSION}: fetch it anew")


def add(out: Path, vendor: Path | None = None, given: Mapping[str, bytes] | None = None) -> None:
    """Lay all that makes explorers live into the folder `out`, beside a site's own scripts.

    `given` are pickles as of the function of that name: a page loads them when it comes to an
    explorer that is given them. Pyodide comes from the folder `vendor`,
    and nothing then from another host; without one the page takes it from Pyodide's public CDN,
    and checks it. Raises UserError if a file is missing.
    """
    for name in _SCRIPTS:
        _copy(WEB / name, out / name)
    if vendor is not None:
        check_files(vendor, FILES)
        for name in FILES:
            _copy(vendor / name, out / _VENDORED / name)
    _pack(out / _PACKAGE, _package())
    for name, pickled in (given or {}).items():
        _pack(out / f"{name}.zip", {f"{_inside(_GIVEN)}/{name}.pickle": pickled})
    settings = _settings(vendor is not None, out, given or {})
    write_text(out / "live.json", json.dumps(settings, indent=1) + "\n")


def _settings(vendored: bool, out: Path, given: Iterable[str]) -> dict[str, Any]:
    """What the page's script must know."""
    ours = [out / _PACKAGE, *(out / f"{name}.zip" for name in given)]
    files = {**FILES, **{path.name: (sha256(path), path.stat().st_size) for path in ours}}
    return {
        "python": f"{_VENDORED}/" if vendored else _CDN,
        "files": {
            name: {"integrity": _integrity(digest), "size": size}
            for name, (digest, size) in files.items()
        },
        "first": [*list(FILES)[:5], _PACKAGE],
        "packages": {name: list(each.packages) for name, each in LIVE.items()},
        "given": {name: f"{_given_name(name)}.zip" for name in LIVE if _given_name(name) in given},
    }


def _integrity(digest: str) -> str:
    return f"sha256-{base64.b64encode(bytes.fromhex(digest)).decode()}"


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


# Explorers need no exercises, models, trainings and commands, and none of the browser's files.
_NEEDED = (
    "nlp4/*.py",
    "nlp4/data/**/*.py",
    "nlp4/data/**/*.csv",
    "nlp4/experiments/*.py",
    "nlp4/maths/*.py",
    "nlp4/pictures/*.py",
    "nlp4/support/*.py",
)


def _inside(path: Path) -> str:
    """Where a file lies in the repository, and in an archive."""
    return path.relative_to(_ROOT).as_posix()


def _package() -> dict[str, bytes]:
    """What explorers need of this package, by the place in the repository."""
    files = {_inside(file): file for each in _NEEDED for file in _ROOT.glob(each)}
    results = (workbook_folder() / "data" / "results").glob("*.json")
    files |= {f"data/results/{file.name}": file for file in results}
    return {name: file.read_bytes() for name, file in files.items()}


def _pack(path: Path, packed: Mapping[str, bytes]) -> None:
    """Write an archive: of the same files the same bytes, whenever it is packed."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(packed):
            archive.writestr(zipfile.ZipInfo(name), packed[name], zipfile.ZIP_DEFLATED, 9)


def room(name: str) -> str:
    """The controls of an explorer, unseen and out of reach, as HTML.

    A still picture stands below them, and stays where it is when those that work take their place.
    """
    controls = "".join(_row(each) for each in made(name).state()["controls"])
    return (
        f'<div class="nlp4-controls" style="visibility:hidden" aria-hidden="true" inert>{controls}'
        '<div class="nlp4-buttons"><button disabled>reset</button>'
        '<details class="nlp4-more"><summary>more</summary></details></div></div>'
    )


def _row(control: Mapping[str, Any]) -> str:
    kind = control["kind"]
    if kind == "kept":
        return ""
    field = {"tick": "checkbox", "entry": "text"}.get(kind, "range")
    longest = max(map(len, control.get("options", "")), default=0)
    style = f' style="--room: {longest}ch"' if longest else ""
    shown = f'<output class="nlp4-readout"{style}>0</output>' if field == "range" else ""
    return (
        f'<div class="nlp4-control nlp4-{kind}"><label>{html.escape(control["label"])}</label>'
        f'<input type="{field}" disabled>{shown}</div>'
    )
