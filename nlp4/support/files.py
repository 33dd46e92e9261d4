"""Files that are either whole or absent: write to a temporary name, then rename."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nlp4.support.errors import UserError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` if the block succeeds.

    A reader sees the old file or the new one, never a part: the rename is atomic on one file
    system. If the block raises, the temporary file is removed and `path` stays as it was.
    Raises UserError if no file can be made there.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}): choose another place") from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())  # without it a power cut can leave an empty renamed file
        temporary.chmod(0o644)  # mkstemp gives 0600, which would hide results from a classmate
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with "\\n" line ends on every system, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def workbook_folder() -> Path:
    """The folder with `data`, `docs` and `notebooks`: the checkout, or the wheel's copy of them."""
    package = Path(__file__).resolve().parents[1]
    copied = package / "_share"
    return copied if copied.is_dir() else package.parent


def data_folder() -> Path:
    """The folder `data`, which comes with the workbook."""
    return workbook_folder() / "data"


def notebooks_folder() -> Path:
    """The folder of the workbook's notebooks: the checkout's, or those in the wheel.

    Raises UserError if it is not there.
    """
    folder = workbook_folder() / "notebooks"
    if not folder.is_dir():
        raise UserError(f"{folder} is missing: install nlp4 again, or clone the whole workbook")
    return folder


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
