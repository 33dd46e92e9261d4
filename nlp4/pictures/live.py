"""Explorers that run in a web page: which ones, what they need there, and who answers for them.

`add` lays the files beside a site's pages. There `live.js` starts `worker.js`, which loads Pyodide
(Python compiled to WebAssembly), unpacks this package and calls `first_state` and `answer` below:
the same explorers as in the notebook, asked by message.
"""

from __future__ import annotations

import ast
import base64
import html
import importlib
import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4.support.errors import UserError
from nlp4.support.files import replacing, sha256, write_text

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
    "pillow-10.2.0-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "43eab147a9355385a99eeac18fb577d4af2fe4bd0bbd23d3ba3ddb92e72c2815",
        987_254,
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


@dataclass(frozen=True)
class Live:
    """An explorer of a page: the function that makes it, and packages beyond numpy."""

    make: str  # MODULE.FUNCTION
    packages: tuple[str, ...] = ()


LIVE: Mapping[str, Live] = {
    "copy": Live("nlp4.pictures.copying.copy_explorer"),
    "plane": Live("nlp4.pictures.plane.plane_explorer"),
    "pair": Live("nlp4.pictures.plane.pair_explorer"),
    "average": Live("nlp4.pictures.copying.average_explorer"),
    "noisy-keys": Live("nlp4.pictures.noise.noisy_keys_explorer", ("scipy",)),
    "heads": Live("nlp4.pictures.noise.heads_explorer", ("scipy",)),
    "queries": Live("nlp4.pictures.noise.queries_explorer", ("scipy",)),
    "crosstalk": Live("nlp4.pictures.noise.crosstalk_explorer", ("scipy",)),
}


@cache
def made(name: str) -> Explorer[Any]:
    """The explorer of that name in `LIVE`. A page has one of each."""
    module, _, function = LIVE[name].make.rpartition(".")
    explorer: Explorer[Any] = getattr(importlib.import_module(module), function)()
    return explorer


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


def add(out: Path, vendor: Path | None = None) -> None:
    """Lay all that makes explorers live into the folder `out`, beside a site's own scripts.

    Pyodide comes from the folder `vendor`, and nothing then from another host; without one the
    page takes it from Pyodide's public CDN, and checks it. Raises UserError if a file is missing.
    """
    for name in _SCRIPTS:
        _copy(WEB / name, out / name)
    if vendor is not None:
        check_files(vendor, FILES)
        for name in FILES:
            _copy(vendor / name, out / _VENDORED / name)
    _pack(out / _PACKAGE)
    write_text(out / "live.json", json.dumps(_settings(vendor is not None, out), indent=1) + "\n")


def _settings(vendored: bool, out: Path) -> dict[str, Any]:
    """What the page's script must know."""
    files = {**FILES, _PACKAGE: (sha256(out / _PACKAGE), (out / _PACKAGE).stat().st_size)}
    return {
        "python": f"{_VENDORED}/" if vendored else _CDN,
        "files": {
            name: {"integrity": _integrity(digest), "size": size}
            for name, (digest, size) in files.items()
        },
        "first": [*list(FILES)[:5], _PACKAGE],
        "packages": {name: list(each.packages) for name, each in LIVE.items()},
    }


def _integrity(digest: str) -> str:
    return f"sha256-{base64.b64encode(bytes.fromhex(digest)).decode()}"


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


# Explorers need no learner's exercises, no commands and no browser's files.
_NEEDED = ("nlp4/*.py", "nlp4/maths/*.py", "nlp4/pictures/*.py", "nlp4/support/*.py")


def _pack(path: Path) -> None:
    """Write what explorers need of this package, laid out as in the repository.

    The same code gives the same bytes, whenever it is packed.
    """
    files = sorted(file for pattern in _NEEDED for file in _ROOT.glob(pattern))
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for file in files:
            packed.writestr(
                zipfile.ZipInfo(file.relative_to(_ROOT).as_posix()),
                file.read_bytes(),
                zipfile.ZIP_DEFLATED,
                9,
            )


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
    shown = '<output class="nlp4-readout">0</output>' if field == "range" else ""
    return (
        f'<div class="nlp4-control nlp4-{kind}"><label>{html.escape(control["label"])}</label>'
        f'<input type="{field}" disabled>{shown}</div>'
    )
