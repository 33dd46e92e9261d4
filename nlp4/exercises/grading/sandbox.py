"""A process for a learner's code that can do no harm, started and ended for each notebook.

By bubblewrap (`bwrap`), where it is there: no network, an empty folder for files, processes of its
own, and of the disk only Python and the package, to be read. Without it, limits alone.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal

import psutil

import nlp4
from nlp4.exercises.checks import NOTEBOOKS
from nlp4.exercises.grading.wire import Channel, WireError
from nlp4.support.errors import UserError

Kind = Literal["bwrap", "none"]
MEMORY = 1 << 30  # bytes of one process; all of a notebook's together have twice as many
_FILE = 64 << 20  # bytes of a file
_FILES = 256 << 20  # bytes of all files; they lie in memory
_PROCESSES = 100  # at once, of one notebook
_START = 120  # seconds until the package is imported; a cold disk takes its time
_PATIENCE = 5  # seconds over its time in which code must have been stopped
_HOME = "/home/learner"  # in the sandbox; the workbook itself may lie below /tmp
_PR_SET_CHILD_SUBREAPER = 36


def chosen(asked: str) -> Kind:
    """The sandbox to use. Raises UserError where bubblewrap is asked for and does not work."""
    works = asked != "none" and _bubblewrap_works()
    if asked == "bwrap" and not works:
        raise UserError(
            "bubblewrap does not work here: install it (`apt install bubblewrap`), on Linux, "
            "or choose --sandbox none"
        )
    return "bwrap" if works else "none"


@cache
def _bubblewrap_works() -> bool:
    if shutil.which("bwrap") is None:
        return False
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def told(kind: Kind) -> str:
    """One line on what the sandbox is."""
    if kind == "bwrap":
        return "sandbox: bubblewrap, without network and without your files"
    return (
        "sandbox: none, learners' code can read your files and use the network; "
        "`apt install bubblewrap` on Linux brings one"
    )


class LostError(Exception):
    """The process is gone, or was ended; the message says why, in words that follow "cell 3"."""


class Worker:
    """The process of one notebook. It is a context: everything in it is ended when it is left.

    Raises RuntimeError if it does not start.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind, self._number, self._folder = kind, 0, tempfile.mkdtemp(prefix="nlp4-")
        self._before = _children_of(psutil.Process())
        self._adopt(True)

    def __enter__(self) -> Worker:
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        command = _command(self._kind, theirs.fileno())
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=_environment(self._folder if self._kind == "none" else _HOME),
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        try:
            ready = self._channel.receive(_START, self._watch)
        except (TimeoutError, EOFError, WireError, LostError):
            ready = {}
        if ready.get("state") != "ready":
            self.__exit__()
            raise RuntimeError("the process for the notebook did not start")
        return self

    def _adopt(self, orphans: bool) -> None:
        """What a learner's code leaves behind is to become our child, and can be found."""
        if self._kind == "none" and sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0)

    def ask(self, seconds: float, **request: Any) -> dict[str, Any]:
        """What the process answers; it has `seconds`, and a little longer to be stopped.

        Raises LostError if it does not answer, or takes too much.
        """
        self._number += 1
        try:
            self._channel.send({**request, "seconds": seconds, "number": self._number})
            reply = self._channel.receive(seconds + _PATIENCE, self._watch)
        except TimeoutError:
            raise LostError("could not be stopped") from None
        except (EOFError, OSError):
            raise LostError("ended its process") from None
        except WireError:
            reply = {}
        if reply.get("number") != self._number:
            raise LostError("meddled with the grader")
        return reply

    def _watch(self) -> None:
        """End what takes more than its share. Raises LostError."""
        own, used = list(self._processes()), 0
        if len(own) > _PROCESSES:
            raise LostError("started too many processes")
        for process in own:
            with suppress(psutil.Error):
                used += process.memory_info().rss
        if used > 2 * MEMORY:
            raise LostError("took too much memory")

    def _processes(self) -> Iterator[psutil.Process]:
        for child in psutil.Process().children():
            if child.pid not in self._before:
                yield child
                with suppress(psutil.Error):
                    yield from child.children(recursive=True)

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.kill()  # and with bubblewrap all that is in it
        self._process.wait()
        while left := list(self._processes()):
            for process in left:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=1)
        self._adopt(False)
        shutil.rmtree(self._folder, ignore_errors=True)


def _children_of(process: psutil.Process) -> frozenset[int]:
    return frozenset(child.pid for child in process.children())


def _command(kind: Kind, own: int) -> list[str]:
    limits = [MEMORY, _FILE, _PROCESSES + len(psutil.pids())]
    python = [sys.executable, "-P", "-B", "-m", "nlp4.exercises.grading.worker", str(own)]
    python += map(str, limits)
    if kind == "bwrap":
        return ["bwrap", *_walls(), "--", *python]
    # A process in between: whoever ends its parent ends nothing of ours.
    return ["sh", "-c", '"$@"; exit $?', "sh", *python]


def _environment(home: str) -> dict[str, str]:
    """What a learner's code is told: nothing of the teacher's."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_package().parent),
        "PYTHONHASHSEED": "0",  # the same result each time
        "MPLBACKEND": "agg",
        # Threads that spin while they wait slow down whatever runs beside.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "GOMP_SPINCOUNT": "2000",
    }


def _package() -> Path:
    return Path(nlp4.__file__).resolve().parent


def _walls() -> list[str]:
    """What a learner's code sees of the disk, later arguments over earlier ones."""
    walls = ["--unshare-all", "--die-with-parent", "--new-session"]
    for own in ("/tmp", _HOME):
        walls += ["--size", str(_FILES), "--tmpfs", own]
    walls += ["--proc", "/proc", "--dev", "/dev"]
    walls += ["--size", str(_FILE), "--tmpfs", "/dev/shm", "--ro-bind", "/usr", "/usr"]
    for path in map(Path, ("/bin", "/lib", "/lib64", "/sbin")):
        if path.is_symlink():
            walls += ["--symlink", os.readlink(path), str(path)]
        else:
            walls += ["--ro-bind-try", str(path), str(path)]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime"):
        walls += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for path in _python_and_package():
        walls += ["--ro-bind", str(path), str(path)]
    for path in _answers():
        walls += ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind", "/dev/null", str(path)]
    return [*walls, "--remount-ro", "/", "--chdir", _HOME]


def _python_and_package() -> list[Path]:
    found = [Path(sys.base_prefix), Path(sys.prefix), Path(sys.executable).resolve().parent]
    found += [Path(site.getusersitepackages())] * bool(site.ENABLE_USER_SITE)
    package = _package()
    found += [package, package.parent / "data"]  # beside it in a checkout, in it in the wheel
    return [path for path in found if path.is_dir() and not path.is_relative_to("/usr")]


def _answers() -> list[Path]:
    """Where right answers lie in what can be read."""
    own = _package() / "exercises"
    topics = [own / f"{topic}.py" for topics in NOTEBOOKS.values() for topic in topics]
    folders = [own / "__pycache__", _package() / "_share" / "notebooks"]
    return [*topics, *(folder for folder in folders if folder.is_dir())]
