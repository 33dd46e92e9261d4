"""The process in which a learner's notebook runs: it runs cells, and calls functions on inputs.

It holds neither right answers nor verdicts. Whatever a learner's code does here, it can change what
is sent back, but that is data, and the grader compares it with references of its own.
"""

from __future__ import annotations

import base64
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

from nlp4.exercises import checks
from nlp4.exercises.grading.wire import Channel, WireError, attempt_code
from nlp4.exercises.trying import Task, attempt

_AGAIN = 0.5  # seconds until what was not heard is said again
_FOR_EVER = 10.0**9  # seconds; the grader ends what takes too long
OURS = "nlp4.models.pieces"  # where the functions come from that a notebook goes on with


class _Stopped(KeyboardInterrupt):
    """The time is up."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise KeyboardInterrupt in the main thread, also out of a wait, once `seconds` are over.

    It is raised again where it was lost, as one that is raised in a callback is. The system keeps
    the time: a thread of ours may wait for a minute while a loop prints.
    """
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        while signal.getsignal(signal.SIGALRM) is not signal.SIG_IGN:
            with suppress(_Stopped):  # one that rings just now has rung
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _stop(*_: object) -> None:
    raise _Stopped


class Learner:
    """A learner's session: the cells that were run, and what they defined."""

    def __init__(self) -> None:
        HistoryManager.enabled = False  # type: ignore[assignment]
        shell: Any = InteractiveShell.instance()
        shell.display_pub.publish = shell.ask_exit = _nothing  # `quit()` ends nothing
        shell.showtraceback = shell.showsyntaxerror = _nothing
        shell.displayhook.quiet = lambda: True
        self.shell = shell
        self.written: dict[str, Any] = {}
        self.ours: set[str] = set()
        checks.check = _judged_later
        checks.yours_or_ours = self._yours_or_ours
        self._hide_answers()

    def _hide_answers(self) -> None:
        """No exercise can be imported here; walls hide the files from what is started from here."""
        import nlp4.exercises

        nlp4.exercises.check = checks.check
        nlp4.exercises.yours_or_ours = checks.yours_or_ours
        for topics in checks.NOTEBOOKS.values():
            sys.modules |= {f"nlp4.exercises.{topic}": None for topic in topics}  # type: ignore[misc]

    def _yours_or_ours(self, *functions: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
        """The learner's functions; ours in place of those that the grader found not to work."""
        self.written |= {function.__name__: function for function in functions}
        return tuple(map(self._kept, functions))

    def _kept(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if function.__name__ not in self.ours:
            return function
        from nlp4.models import pieces

        return getattr(pieces, function.__name__, function)

    def run(self, source: str, seconds: float) -> dict[str, Any]:
        """Run a cell. Tell how it ended: "done", "stopped", or "raised" with the error's name."""
        try:
            with time_limit(seconds):
                # Half of an emoji is no text: it would end IPython, not the cell.
                whole = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                result = self.shell.run_cell(whole, store_history=False)
                error = result.error_before_exec or result.error_in_exec
        except _Stopped:
            return {"state": "stopped"}
        except BaseException as raised:  # IPython passes some on, such as half of an emoji
            error = raised
        if isinstance(error, _Stopped):
            return {"state": "stopped"}
        if error is None:
            return {"state": "done"}
        return {"state": "raised", "error": str(type(error).__name__)[:200]}

    def attempt(self, pickled: str, seconds: float) -> dict[str, Any]:
        """Call the function that a task asks for."""
        task: Task = pickle.loads(base64.b64decode(pickled))
        try:
            with time_limit(seconds):
                tried = attempt(task, self._answer(task.name))
                return {"state": "done", **attempt_code(tried)}
        except KeyboardInterrupt:
            return {"state": "stopped"}
        except Exception as error:
            return {"state": "raised", "error": str(type(error).__name__)[:200]}

    def _answer(self, name: str) -> Any:
        """What the learner wrote, also where the notebook went on with ours; None for ours."""
        found = self.shell.user_ns.get(name)
        if getattr(found, "__module__", "") == OURS:
            found = self.written.get(name)
        return None if getattr(found, "__module__", "") == OURS else found


def _nothing(*_: object, **__: object) -> None:
    pass


def _judged_later(name: str, answer: object) -> None:
    print("judged later")


def serve(channel: Channel) -> None:
    """Answer what the grader asks for, until it is gone."""
    learner = Learner()
    channel.send({"state": "ready"})
    while True:
        request = channel.receive(_FOR_EVER)
        learner.ours |= {*request.get("ours", ())}
        ask = learner.run if "source" in request else learner.attempt
        given = request["source"] if "source" in request else request["task"]
        reply = ask(given, request["seconds"])
        try:
            channel.send({**reply, "number": request["number"]})
        except (WireError, TypeError, ValueError):
            channel.send({"state": "raised", "error": "WireError", "number": request["number"]})


def limit(memory: int, file: int, processes: int) -> None:
    """Limit this process and all that it starts: bytes of memory, bytes of a file, processes.

    Not every system knows every limit; the grader looks at memory and processes besides.
    """
    for name, most in (("DATA", memory), ("FSIZE", file), ("NPROC", processes), ("CORE", 0)):
        with suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def main(arguments: Sequence[str]) -> None:
    """Serve on the socket with the first number, under the limits that follow."""
    own, *limits = map(int, arguments)
    limit(*limits)
    try:
        serve(Channel(socket.socket(fileno=own)))
    except (EOFError, OSError):
        return  # the grader is gone


if __name__ == "__main__":
    main(sys.argv[1:])
