"""Files that are either whole or absent: write to a temporary name, then rename."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from nlp4.support.errors import UserError

_TEMPORARY = ".nlp4.tmp"  # ends the names of files that are not whole yet, and of nobody else's


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` if the block succeeds.

    A reader sees the old file or the new one, never a part: the rename is atomic on one file
    system. If the block raises, the temporary file is removed and `path` stays as it was.
    Raises UserError if no file can be made there.
    """
    try:
        _refuse_folder(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_TEMPORARY, dir=path.parent)
    except OSError as error:
        raise UserError(f"cannot write {path} ({error.strerror}): choose another place") from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "rb") as held:
            with suppress(OSError):  # a file system without locks: leftovers then stay
                _lock(held)
            yield temporary
            os.fsync(handle)  # without it a power cut can leave an empty renamed file
        temporary.chmod(0o644)  # mkstemp gives 0600, which would hide results from a classmate
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _clear_leftovers(path: Path) -> None:
    """Delete temporary files of `path` whose writers were killed; a living one has locked its."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{_TEMPORARY}"):
        with suppress(OSError):
            with left.open("rb") as stream:
                _lock(stream)
            left.unlink()


def _lock(stream: BinaryIO) -> None:
    """Hold the file until it is closed. Raises OSError if somebody else does."""
    if sys.platform != "win32":  # where a file that is open cannot be deleted anyway
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")


def unwritable(path: Path) -> str:
    """Why no file can be written at `path`, in the system's words; nothing if one can.

    It is tried in the nearest folder that exists, and leaves nothing there.
    """
    try:
        _refuse_folder(path)
        nearest = next(folder for folder in path.parents if os.path.lexists(folder))
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def require_writable(*paths: Path) -> None:
    """Raise UserError if no file can be written at one of `paths`: before the work, not after."""
    for path in paths:
        if why := unwritable(path):
            raise UserError(f"cannot write {path} ({why}): choose another place")


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
