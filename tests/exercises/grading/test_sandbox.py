"""Tests of `nlp4.exercises.grading.sandbox`: what a learner's code can reach, and what is ended."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

import nlp4
from nlp4.exercises.grading import sandbox
from nlp4.exercises.grading.sandbox import LostError, Worker, chosen, told
from nlp4.support.errors import UserError

NEEDS = pytest.mark.skipif(chosen("auto") != "bwrap", reason="bubblewrap does not work here")
KINDS = ["none", pytest.param("bwrap", marks=NEEDS)]


def outcome(worker: Worker, source: str, seconds: float = 5) -> str:
    """How a cell ended: its state, or the error that it raised."""
    reply = worker.ask(seconds, source=source)
    return str(reply.get("error", reply["state"]))


@NEEDS
def test_walls(tmp_path: Path) -> None:
    """Each line of Python raises in the sandbox, and would not outside."""
    (tmp_path / "neighbour.ipynb").touch()
    notebooks = Path(__file__).resolve().parents[3] / "notebooks"
    package = Path(nlp4.__file__).parent
    exercises = str(package / "exercises")  # maths has a module of that name, too
    with Worker("bwrap") as worker:
        for line in (
            "import socket; socket.create_connection(('1.1.1.1', 53), 1)",
            "import socket; socket.getaddrinfo('pypi.org', 443)",
            f"open({str(tmp_path / 'neighbour.ipynb')!r})",
            f"open({str(next(notebooks.glob('01*')))!r})",
            f"assert open({str(package / 'exercises' / 'copying.py')!r}).read()",
            f"import pathlib; next(pathlib.Path({exercises!r}).rglob('copying.*.pyc'))",
            f"open({str(package / 'new.py')!r}, 'w')",
            "open('/new', 'w')",
            "open('/etc/shadow')",
            "import os; os.kill(1, 9); assert not os.path.exists('/proc/1')",
            "import os; assert len(os.listdir('/proc/self/fd')) > 30",
            "import nlp4.exercises.copying",
            "import subprocess, sys; subprocess.run([sys.executable, '-c', "
            "'from nlp4.exercises.copying import MARGIN'], check=True)",
        ):
            assert outcome(worker, line) not in ("done", "stopped"), line
        full = "with open('/{}/x', 'wb') as f:\n    for _ in range(400): f.write(bytes(10**6))"
        assert outcome(worker, full.format("tmp")) == outcome(worker, full.format("dev/shm"))
        assert outcome(worker, full.format("tmp")) == "OSError"
        assert outcome(worker, "open('x', 'w').write('y')") == "done"


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_learner_reads_is_there(kind: sandbox.Kind) -> None:
    with Worker(kind) as worker:
        assert outcome(worker, "from nlp4.data import load_corpus; load_corpus()", 60) == "done"
        assert outcome(worker, "from nlp4.exercises import check; check('margin', 3)") == "done"


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_that_does_not_answer_is_lost_and_ended(kind: sandbox.Kind) -> None:
    before = {*psutil.Process().children(recursive=True)}
    for source, why in (
        ("import os; os._exit(0)", "ended its process"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended its process"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "could not be stopped"),
        (
            "import os, time\nfor _ in range(150):\n    if os.fork() == 0: time.sleep(60)\n"
            "time.sleep(60)",
            "too m(any|uch)",
        ),
    ):
        with Worker(kind) as worker, pytest.raises(LostError, match=why):
            worker.ask(2, source=source)
    assert {*psutil.Process().children(recursive=True)} <= before


def test_a_sandbox_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_bubblewrap_works", lambda: False)
    assert chosen("auto") == chosen("none") == "none"
    with pytest.raises(UserError, match="apt install bubblewrap"):
        chosen("bwrap")
    assert "sandbox: none" in told("none") and "without network" in told("bwrap")
