"""Hostile and unlucky hand-ins for notebook 01, as data: what the grader must bear.

`right` is what has to be judged right in a hand-in, and nothing else may earn points. What could
harm a machine `needs_sandbox`; such a cell looks around besides, and does nothing where it finds
itself in the namespace of processes that imported this module. A few cells that succeed where no
sandbox should let them take their own points away: then they show in the grades.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

MARGIN = """import math

def margin(n, eps):
    ### BEGIN SOLUTION
    return math.log((n - 1) * (1 - eps) / eps)
    ### END SOLUTION"""
SOFTMAX = """import numpy as np

def softmax(x):
    ### BEGIN SOLUTION
    e = np.exp(x - x.max())
    return e / e.sum()
    ### END SOLUTION"""
WRONG = "def margin(n, eps):\n    return 0.0"
NAMES = ("margin", "softmax")
BOTH, NONE = frozenset(NAMES), frozenset[str]()
ONLY_MARGIN, ONLY_SOFTMAX = frozenset({"margin"}), frozenset({"softmax"})
# What is handed over as data never runs: whoever unpickles it outside a sandbox leaves this file.
PWNED = Path("/tmp/nlp4-hostile-pwned")


@dataclass(frozen=True)
class HandIn:
    """One notebook: its cells, or the bytes of its file, and what must be judged right in it.

    `slow` ones run into a time limit. `spoils` marks cells that break Python itself for all that
    runs after them in the process: `right` is then the most that may be earned, no longer the
    least.
    """

    name: str
    cells: tuple[str, ...]
    right: frozenset[str]
    why: str
    raw: bytes | None = None
    slow: bool = False
    needs_sandbox: bool = False
    spoils: bool = False


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


_ONLY_INSIDE = f"""import os
try:
    outside = os.readlink("/proc/self/ns/pid") == {_namespace()!r}
except OSError:
    outside = False
if outside:
    raise RuntimeError("this cell is for a sandbox")
"""


def _code(text: str, needs_sandbox: bool = False) -> str:
    return _ONLY_INSIDE * needs_sandbox + dedent(text).strip("\n")


def _kept(name: str, cell: str, why: str, *, needs_sandbox: bool = False, **more: Any) -> HandIn:
    """The cell stands between the two right answers, which are kept."""
    cells = (MARGIN, _code(cell, needs_sandbox), SOFTMAX)
    return HandIn(name, cells, BOTH, why, needs_sandbox=needs_sandbox, **more)


def _last(name: str, cell: str, why: str, *, needs_sandbox: bool = False, **more: Any) -> HandIn:
    """The cell stands after the two right answers, which are kept."""
    cells = (MARGIN, SOFTMAX, _code(cell, needs_sandbox))
    return HandIn(name, cells, BOTH, why, needs_sandbox=needs_sandbox, **more)


def _lost(name: str, cell: str, why: str, *, needs_sandbox: bool = False, **more: Any) -> HandIn:
    """The cell defines a `margin` that must earn nothing."""
    cells = (_code(cell, needs_sandbox), SOFTMAX)
    return HandIn(name, cells, ONLY_SOFTMAX, why, needs_sandbox=needs_sandbox, **more)


def _cheat(name: str, cell: str, why: str, *, needs_sandbox: bool = False, **more: Any) -> HandIn:
    """The cell wants points for a wrong `margin`."""
    cells = (WRONG, SOFTMAX, _code(cell, needs_sandbox))
    return HandIn(name, cells, ONLY_SOFTMAX, why, needs_sandbox=needs_sandbox, **more)


def _good(name: str, cell: str, why: str, **more: Any) -> HandIn:
    """The cell defines a `margin` in an unusual way that is right."""
    return HandIn(name, (_code(cell), SOFTMAX), BOTH, why, **more)


def _returns(name: str, expression: str, why: str, **more: Any) -> HandIn:
    """`margin` returns this value, which is wrong."""
    return _lost(name, f"{MARGIN}\n\ndef margin(n, eps):\n    return {expression}", why, **more)


def _returns_right(name: str, expression: str, why: str) -> HandIn:
    """`margin` returns the right value, here `right`, in other clothes."""
    cell = f"{MARGIN}\n\nmargin_of = margin\ndef margin(n, eps):\n    right = margin_of(n, eps)"
    return _good(name, f"{cell}\n    return {expression}", why)


# Signals to whoever can be reached.
SIGNALS = (
    _kept(
        "kill_parent",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
        "whoever started the process must not be in its reach",
        needs_sandbox=True,
    ),
    _kept(
        "kill_group",
        "import os, signal\nos.killpg(0, signal.SIGKILL)",
        "the grader must not be in the process group",
        needs_sandbox=True,
    ),
    _kept(
        "kill_one",
        """
        import os, signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            os.kill(1, number)
        """,
        "process 1 is the sandbox's own",
        needs_sandbox=True,
    ),
    _kept(
        "kill_all",
        "import os, signal\nos.kill(-1, signal.SIGKILL)",
        "all that can be killed is the sandbox's own",
        needs_sandbox=True,
    ),
    _kept(
        "kill_every_pid",
        """
        import os, signal
        for entry in sorted(os.listdir("/proc"), reverse=True):
            if entry.isdigit() and int(entry) != os.getpid():
                try:
                    os.kill(int(entry), signal.SIGKILL)
                except OSError:
                    pass
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        "all that /proc shows is the sandbox's own",
        needs_sandbox=True,
    ),
    _kept(
        "stop_parent",
        "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)",
        "a parent that stands still must not hold up the grader",
        needs_sandbox=True,
    ),
    _kept(
        "stop_self",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "a process that stands still answers no interrupt",
        slow=True,
    ),
    _kept(
        "stop_group",
        "import os, signal\nos.killpg(0, signal.SIGSTOP)",
        "a group that stands still must not hold up the grader",
        slow=True,
        needs_sandbox=True,
    ),
    _kept(
        "kill_self",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "the process is gone without a word",
    ),
    _kept(
        "terminate_self",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        "the process is asked to go",
    ),
    _kept(
        "interrupt_self",
        "import signal\nsignal.raise_signal(signal.SIGINT)",
        "an interrupt that no time limit sent",
    ),
    _kept(
        "interrupt_group",
        "import os, signal\nos.killpg(0, signal.SIGINT)",
        "Ctrl-C must not reach the grader",
        needs_sandbox=True,
    ),
    _kept(
        "alarm",
        "import signal, time\nsignal.alarm(1)\ntime.sleep(1.7)",
        "an alarm clock that nobody handles ends the process",
    ),
    _kept(
        "timer_every_5_ms",
        """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
        """,
        "calls of the system are broken off again and again",
    ),
    _kept(
        "timer_off",
        """
        import signal, threading, time
        time.monotonic = time.time = time.perf_counter = lambda: 0.0
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)
        for number in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        threading.Timer = signal.alarm = signal.setitimer = None
        while True:
            pass
        """,
        "a time limit must not depend on the process's own clocks and handlers",
        slow=True,
    ),
    _kept(
        "signals_blocked",
        """
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()))
        time.sleep(3600)
        """,
        "nothing but SIGKILL gets through",
        slow=True,
    ),
    _kept(
        "children_ignored",
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "nobody can wait for a child any more",
    ),
    _kept(
        "endless_and_deaf",
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
        "neither an interrupt nor an exception gets out of this loop",
        slow=True,
    ),
)

# Ends of the process, and what looks like one.
_EXIT = "import os\nos._exit(1)"
EXITS = (
    HandIn("exit_first", (_EXIT, MARGIN, SOFTMAX), BOTH, "the first cell ends the process"),
    HandIn("exit_last", (MARGIN, SOFTMAX, _EXIT), BOTH, "the last cell ends the process"),
    HandIn(
        "exit_0_last",
        (MARGIN, SOFTMAX, "import os\nos._exit(0)"),
        BOTH,
        "an end without an error is an end, too",
    ),
    HandIn(
        "exit_in_the_exercises_cell",
        (MARGIN + "\nimport os\nos._exit(0)", SOFTMAX),
        ONLY_SOFTMAX,
        "the cell is left out, and its function with it",
    ),
    _lost(
        "exit_in_the_function",
        "import os\ndef margin(n, eps):\n    os._exit(0)",
        "a function that ends the process costs its exercise",
    ),
    _lost(
        "exit_on_one_input",
        MARGIN.replace("    ### BEGIN SOLUTION", "    if n == 100_000:\n        exit_now(0)")
        + "\nfrom os import _exit as exit_now",
        "ten right values and an end of the process are no right answer",
    ),
    HandIn(
        "sys_exit_after_the_function",
        (MARGIN + "\nimport sys\nsys.exit('enough')", SOFTMAX),
        BOTH,
        "a SystemExit is an error like others, and the function was defined",
    ),
    _lost(
        "sys_exit_in_the_function",
        "import sys\ndef margin(n, eps):\n    sys.exit(0)",
        "an exit is no value",
    ),
    _kept("system_exit_raised", "raise SystemExit(3)", "an error like others"),
    HandIn(
        "quit_and_exit",
        ("quit()", "exit()\n" + MARGIN, SOFTMAX + "\nquit()", "exit", "quit(keep_kernel=False)"),
        BOTH,
        "quit and exit do nothing",
    ),
    HandIn(
        "exit_four_times",
        (MARGIN, *[f"import os\nos._exit({code})" for code in range(4)], SOFTMAX),
        BOTH,
        "each end costs its cell, and the rest is run again",
        slow=True,
    ),
    _kept(
        "exit_by_chance",
        "import os\nif os.urandom(1)[0] % 2:\n    os._exit(1)",
        "a cell that once ended the process may let it live the next time",
    ),
    _kept("execv", 'import os\nos.execv("/bin/true", ["true"])', "another program takes over"),
    _lost(
        "execv_in_the_function",
        """
        import os
        def margin(n, eps):
            os.execv("/bin/sh", ["sh", "-c", "echo 5.69; sleep 1"])
        """,
        "another program takes over where a value is awaited",
    ),
    _last(
        "atexit_hangs",
        "import atexit, time\natexit.register(time.sleep, 3600)",
        "the process must not be asked to end by itself",
        slow=True,
    ),
    _last(
        "del_hangs",
        """
        class Clinging:
            def __del__(self):
                while True:
                    pass

        clinging = Clinging()
        """,
        "an object that hangs when it is thrown away, as at the end of Python",
    ),
    _kept(
        "checks_that_exit", "check(__import__('os')._exit(1))", "a cell that only checks is not run"
    ),
)

# Crashes of C, and recursion.
CRASHES = (
    _kept("segfault", "import ctypes\nctypes.string_at(0)", "a read at address 0"),
    _kept("segfault_faulthandler", "import faulthandler\nfaulthandler._sigsegv()", "a crash"),
    _kept(
        "c_stack_overflow",
        "import faulthandler\nfaulthandler._stack_overflow()",
        "the stack of C runs over",
    ),
    _kept("abort", "import os\nos.abort()", "an abort leaves a message or a core file"),
    _kept(
        "fatal_error",
        'import ctypes\nctypes.pythonapi.Py_FatalError(b"over")',
        "Python itself gives up",
    ),
    _lost(
        "segfault_in_the_function",
        "import ctypes\ndef margin(n, eps):\n    return ctypes.string_at(0)",
        "a crash costs the exercise",
    ),
    _kept("recursion", "def f():\n    f()\n\nf()", "a RecursionError is an error like others"),
    _lost(
        "recursion_in_the_function",
        "def margin(n, eps):\n    return margin(n, eps)",
        "a RecursionError in the function",
    ),
    _kept(
        "recursion_through_c",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def f(_):
            return list(map(f, [0]))

        f(0)
        """,
        "no limit keeps this from the end of C's stack",
    ),
    _lost(
        "recursion_through_c_in_the_function",
        """
        import sys
        def margin(n, eps):
            sys.setrecursionlimit(10**9)
            return list(map(margin, [n], [eps]))
        """,
        "a crash costs the exercise",
    ),
    _kept(
        "deep_copy",
        """
        import copy, sys
        sys.setrecursionlimit(10**6)
        deep = []
        for _ in range(20_000):
            deep = [deep]
        copied = copy.deepcopy(deep)
        """,
        "a deep list is copied",
    ),
    _kept(
        "deep_repr",
        "deep = []\nfor _ in range(10**6):\n    deep = [deep]\ndeep",
        "a deep list is shown",
    ),
    _kept(
        "recursion_limit_50",
        "import sys\nsys.setrecursionlimit(50)",
        "there are few calls left for what IPython does",
        spoils=True,
    ),
    _kept(
        "traceback_dumped_and_exit",
        "import faulthandler, time\nfaulthandler.dump_traceback_later(1, exit=True)\n"
        "time.sleep(1.7)",
        "a watchdog of C ends the process",
    ),
)

# Memory, and room on the disk. What is touched is bounded, were a sandbox to have no limit.
MEMORY = (
    _kept(
        "memory_in_steps",
        "hoard = []\nfor _ in range(240):\n    hoard.append(bytearray(50_000_000))",
        "memory runs out little by little",
        needs_sandbox=True,
        slow=True,
    ),
    _kept(
        "memory_100_gb",
        "hoard = bytearray(100 * 2**30)",
        "memory runs out at once",
        needs_sandbox=True,
    ),
    _kept(
        "memory_1_tb_of_zeros",
        "import numpy as np\nhoard = np.zeros(2**37)",
        "more than there is, and never touched",
    ),
    _kept(
        "memory_of_touched_zeros",
        """
        import numpy as np
        hoard = np.zeros(1_500_000_000)
        hoard[::512] = 1.0
        """,
        "numpy's memory is real only once it is touched",
        needs_sandbox=True,
    ),
    _kept(
        "memory_shared",
        """
        import mmap
        hoard = []
        for _ in range(120):
            hoard.append(mmap.mmap(-1, 50_000_000))
            hoard[-1].write(bytes(50_000_000))
        """,
        "shared memory is memory, too",
        needs_sandbox=True,
        slow=True,
    ),
    _kept(
        "memory_in_children",
        """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                hoard = bytearray(700_000_000)
                time.sleep(20)
                os._exit(0)
        time.sleep(1)
        """,
        "a limit for each process is none for all of them",
        needs_sandbox=True,
    ),
    _kept(
        "memory_error_swallowed",
        """
        hoard = []
        while len(hoard) < 10_000:
            try:
                hoard.append(bytes(2**46))
            except MemoryError:
                hoard.append(None)
        """,
        "a MemoryError is an error like others",
    ),
    _lost(
        "memory_in_the_function",
        "def margin(n, eps):\n    return bytearray(100 * 2**30)",
        "a function without memory is wrong",
        needs_sandbox=True,
    ),
    _kept(
        "disk_dev_shm",
        """
        with open("/dev/shm/full", "wb") as file:
            for _ in range(24):
                file.write(bytes(50_000_000))
        """,
        "/dev/shm is memory",
        slow=True,
        needs_sandbox=True,
    ),
    _kept(
        "disk_tmp",
        """
        import tempfile
        for i in range(60):
            with open(f"{tempfile.gettempdir()}/full{i}", "wb") as file:
                file.write(bytes(50_000_000))
        """,
        "a private folder in memory is memory",
        needs_sandbox=True,
    ),
    _kept(
        "disk_many_files",
        'for i in range(20_000):\n    open(f"small{i}", "w").close()',
        "many files fill a disk, too",
        needs_sandbox=True,
    ),
    _kept(
        "disk_10_gb",
        """
        with open("large", "wb") as file:
            file.truncate(10 * 2**30)
            file.seek(-1, 2)
            file.write(b"!")
        """,
        "a file with a hole counts what it takes; a limit of sizes says no",
        needs_sandbox=True,
    ),
    _kept(
        "files_open",
        """
        import os
        opened = []
        while len(opened) < 100_000:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        """,
        "no more files can be opened",
        spoils=True,
    ),
)

# Processes and threads that live on.
PROCESSES = (
    _kept(
        "forks_bounded",
        """
        import os, time
        for _ in range(100):
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
        """,
        "a hundred children that sleep",
    ),
    _kept(
        "forks_2000",
        """
        import os, time
        for _ in range(2_000):
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
        """,
        "two thousand children that sleep",
        slow=True,
        needs_sandbox=True,
    ),
    _kept(
        "forks_unbounded",
        """
        import os, time
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                if os.fork() == 0:
                    time.sleep(20)
                    os._exit(0)
            except OSError:
                pass
        """,
        "children without end",
        slow=True,
        needs_sandbox=True,
    ),
    _kept(
        "forks_doubling",
        "import os, time\nfor _ in range(11):\n    os.fork()\ntime.sleep(20)",
        "each child has children; all of them have the grader's pipes",
        slow=True,
        needs_sandbox=True,
    ),
    _kept("fork_goes_on", "import os\nos.fork()", "two processes answer from here on", spoils=True),
    _kept(
        "fork_holds_the_pipes",
        "import os, time\nif os.fork() == 0:\n    time.sleep(600)\n    os._exit(0)",
        "who waits for the end of a pipe waits for the child",
    ),
    _lost(
        "fork_in_the_function",
        """
        import os, time
        def margin(n, eps):
            if os.fork() == 0:
                return 0.0
            time.sleep(0.1)
            return 1.0
        """,
        "both return, and both are wrong",
    ),
    _kept(
        "daemon",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
                with open("late.txt", "w") as file:
                    file.write("still here")
            os._exit(0)
        """,
        "no process may outlive its notebook",
    ),
    _kept(
        "daemon_without_pipes",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 256)
                time.sleep(600)
            os._exit(0)
        """,
        "a daemon that has cut all ties",
    ),
    _kept(
        "subprocess_tree",
        """
        import subprocess
        for _ in range(5):
            subprocess.Popen(["sh", "-c", "sleep 600 & sleep 600 & wait"], start_new_session=True)
        """,
        "shells with children, each in a session of its own",
    ),
    _kept(
        "pool_left_open",
        """
        import multiprocessing
        pool = multiprocessing.get_context("fork").Pool(2)
        pool.map(abs, range(4))
        """,
        "workers wait for work when the notebook is done",
    ),
    _kept(
        "spawned",
        """
        import multiprocessing
        process = multiprocessing.get_context("spawn").Process(target=print, args=("hello",))
        process.start()
        """,
        "a spawned child begins with whatever is the main module",
    ),
    _kept(
        "thread_prints",
        """
        import threading
        def chatter():
            while True:
                print("still here", flush=True)

        threading.Thread(target=chatter, daemon=True).start()
        """,
        "a flood that no cell's end stops",
    ),
    _kept(
        "threads_spin",
        """
        import threading
        def spin():
            while True:
                pass

        for _ in range(4):
            threading.Thread(target=spin).start()
        """,
        "threads that take most of the time, and are no daemons",
    ),
    _kept(
        "thread_never_yields",
        """
        import sys, threading
        sys.setswitchinterval(1000)
        def spin():
            while True:
                pass

        thread = threading.Thread(target=spin, daemon=True)
        thread.start()
        thread.join()
        """,
        "the other threads of the process do not get a turn",
        slow=True,
    ),
    _kept(
        "threads_500",
        """
        import threading, time
        for _ in range(500):
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        """,
        "many threads that sleep",
    ),
    _kept(
        "thread_interrupts",
        """
        import _thread, threading, time
        def nag():
            while True:
                time.sleep(0.05)
                _thread.interrupt_main()

        threading.Thread(target=nag, daemon=True).start()
        """,
        "interrupts come anywhere, in the grader's part of the process, too",
        spoils=True,
    ),
    _kept(
        "thread_raises",
        "import threading\nthreading.Thread(target=lambda: 1 / 0).start()",
        "an error in a thread is nobody's error",
    ),
)

# Hooks of Python and of IPython.
HOOKS = (
    _kept(
        "settrace_raises",
        """
        import sys
        def trace(frame, event, given):
            raise RuntimeError("traced")

        sys.settrace(trace)
        """,
        "the next call raises what it never would",
    ),
    _kept(
        "settrace_counts",
        """
        import sys
        lines = 0
        def trace(frame, event, given):
            global lines
            lines += 1
            return trace

        sys.settrace(trace)
        """,
        "everything is slower than it was",
    ),
    _last(
        "setprofile_raises_later",
        """
        import sys
        def profile(frame, event, given):
            if "nlp4" in frame.f_code.co_filename:
                raise RuntimeError("profiled")

        sys.setprofile(profile)
        """,
        "the grader's own part of the process raises",
        spoils=True,
    ),
    _cheat(
        "settrace_changes_what_is_returned",
        """
        import sys
        def trace(frame, event, given):
            if "nlp4" not in frame.f_code.co_filename:
                return None
            for name in ("wanted", "expected", "found", "value"):
                if name in frame.f_locals:
                    frame.f_locals[name] = 0.0
            return trace

        sys.settrace(trace)
        """,
        "what is expected must not be within reach of a hook",
        spoils=True,
    ),
    _last(
        "audit_hook_forbids_open",
        """
        import sys
        def audit(event, given):
            if event in ("open", "import", "exec", "compile"):
                raise RuntimeError(event)

        sys.addaudithook(audit)
        """,
        "a hook that cannot be taken away again",
        spoils=True,
    ),
    _last(
        "import_finder_raises",
        """
        import sys
        class Finder:
            def find_spec(self, *given):
                raise ImportError("no more imports")

        sys.meta_path.insert(0, Finder())
        """,
        "what is to be called later must have been imported",
    ),
    _kept(
        "excepthooks",
        """
        import sys
        sys.excepthook = sys.unraisablehook = sys.displayhook = lambda *given: 1 / 0
        1 + 1
        """,
        "what shows values and errors raises",
    ),
    _kept(
        "gc_callback",
        "import gc\ngc.callbacks.append(lambda *given: 1 / 0)\ngc.collect()",
        "errors that go nowhere",
    ),
    _kept("gc_off", "import gc\ngc.disable()\ngc.freeze()", "nothing is collected"),
    _last(
        "pre_run_cell_sleeps",
        """
        import time
        get_ipython().events.register("pre_run_cell", lambda *given: time.sleep(3600))
        """,
        "the functions are not called in a cell",
    ),
    _kept(
        "pre_run_cell_raises",
        """
        def hook(*given):
            raise SystemError("hooked")

        for event in ("pre_execute", "pre_run_cell", "post_run_cell"):
            get_ipython().events.register(event, hook)
        """,
        "IPython tells of errors in hooks and goes on",
    ),
    _last(
        "post_execute_hangs",
        """
        import time
        get_ipython().events.register("post_execute", lambda *given: time.sleep(3600))
        """,
        "the cell is done, and IPython is not",
        slow=True,
    ),
    _last(
        "post_run_cell_exits",
        'import os\nget_ipython().events.register("post_run_cell", lambda *given: os._exit(0))',
        "the cell is done, and the process is gone",
    ),
    _last(
        "input_transformer_breaks_all",
        'get_ipython().input_transformers_post.append(lambda lines: ["1 / 0"])',
        "later cells would be others than were written",
    ),
    _kept(
        "input_transformer_raises",
        """
        def transformer(lines):
            if any("nlp4" in line for line in lines):
                raise SyntaxError("not these")
            return lines

        get_ipython().input_transformers_cleanup.append(transformer)
        """,
        "a hook against cells that the grader might add",
    ),
    _kept(
        "ast_transformer_raises",
        """
        class Transformer:
            def visit(self, node):
                raise ValueError("unseen")

        get_ipython().ast_transformers.append(Transformer())
        """,
        "IPython takes such a transformer away",
    ),
    HandIn(
        "ast_transformer_triples",
        (
            SOFTMAX,
            _code(
                """
                import ast
                class Tripler(ast.NodeTransformer):
                    def visit_Constant(self, node):
                        if isinstance(node.value, int):
                            return ast.Constant(node.value * 3)
                        return node

                get_ipython().ast_transformers.append(Tripler())
                """
            ),
            MARGIN,
        ),
        ONLY_SOFTMAX,
        "the shell does what the notebook's would: n - 1 has become n - 3",
    ),
    _kept("get_ipython_replaced", "get_ipython = None", "a name of the learner's like others"),
    _kept(
        "get_ipython_replaced_in_ipython",
        """
        import IPython, IPython.core.getipython
        IPython.get_ipython = IPython.core.getipython.get_ipython = lambda: None
        IPython.core.interactiveshell.InteractiveShell.clear_instance()
        """,
        "the grader must hold its shell itself",
    ),
    HandIn(
        "namespace_cleared",
        (MARGIN, "get_ipython().user_ns.clear()", SOFTMAX),
        ONLY_SOFTMAX,
        "what was defined before is gone",
    ),
    _last(
        "shell_emptied", "vars(get_ipython()).clear()", "a shell without attributes", spoils=True
    ),
    _last(
        "run_cell_replaced",
        "get_ipython().run_cell = get_ipython().run_cell_async = None",
        "there is no cell left to run",
    ),
    _last(
        "builtins_print_deleted",
        "import builtins\ndel builtins.print, builtins.input, builtins.help",
        "IPython itself prints",
        spoils=True,
    ),
    _last(
        "builtins_deleted",
        "import builtins\nfor name in ('len', 'isinstance', 'str', 'dict', 'getattr'):\n"
        "    delattr(builtins, name)",
        "what everything needs is gone",
        spoils=True,
    ),
    _last("builtins_cleared", "import builtins\nvars(builtins).clear()", "all gone", spoils=True),
    _kept(
        "own_names_for_builtins",
        "len = str = dict = list = type = isinstance = open = print = check = globals = None\n"
        "max = sum = 3",
        "names of the learner's hide Python's only from the learner",
    ),
)

# Functions of libraries that are told to lie.
PATCHES = (
    _cheat(
        "numpy_says_all_is_close",
        """
        import numpy as np
        np.isclose = np.allclose = np.array_equal = lambda *given, **more: True
        """,
        "comparisons are made where no learner can reach them",
    ),
    _last(
        "numpy_says_nothing_is_close",
        """
        import numpy as np
        np.isclose = np.allclose = np.array_equal = lambda *given, **more: False
        """,
        "comparisons are made where no learner can reach them",
    ),
    _cheat(
        "numpy_array_lies",
        """
        import math, numpy as np
        real = np.array
        def array(x, *given, **more):
            return real(math.log(3) if isinstance(x, float) else x, *given, **more)

        np.array = array
        """,
        "a value is not made of what numpy says now",
    ),
    _last(
        "numpy_frombuffer_lies",
        """
        import numpy as np
        np.frombuffer = np.array = np.asarray = np.load = lambda *given, **more: np.zeros(3)
        """,
        "inputs are not made of what numpy says now",
        spoils=True,
    ),
    HandIn(
        "math_log_lies",
        (MARGIN, "import math\nmath.log = lambda x: 0.0", SOFTMAX),
        ONLY_SOFTMAX,
        "the right formula with a wrong logarithm is wrong, as it is in the notebook",
    ),
    HandIn(
        "math_log_of_numpy",
        (MARGIN, SOFTMAX, "import math\nmath.log = math.exp = np.log"),
        BOTH,
        "the right formula with another right logarithm is right",
    ),
    HandIn(
        "math_log_copied_from_the_expected",
        (
            "import math\ncalls = []\nlog = math.log\n"
            "def spy(*given):\n    calls.append(log(*given))\n    return calls[-1]\n"
            "math.log = spy",
            "def margin(n, eps):\n    return calls[-1] if calls else 0.0",
            SOFTMAX,
        ),
        ONLY_SOFTMAX,
        "the expected value is not computed where a learner can listen",
    ),
    _cheat(
        "json_turns_wrong_to_right",
        """
        import json
        real = json.dumps
        def dumps(*given, **more):
            return real(*given, **more).replace('"wrong"', '"right"').replace(": 0.0", ": 1.0")

        json.dumps = dumps
        """,
        "no verdict is made within reach",
    ),
    _last(
        "json_broken",
        "import json\njson.dumps = json.loads = json.dump = json.load = lambda *given, **more: {}",
        "what carries the values must not depend on it",
        spoils=True,
    ),
    _last(
        "pickle_broken",
        """
        import marshal, pickle
        pickle.dumps = pickle.loads = marshal.dumps = marshal.loads = None
        """,
        "what carries the values must not depend on it",
        spoils=True,
    ),
    _last(
        "struct_broken",
        "import struct\nstruct.pack = struct.unpack = lambda *given: b'\\0' * 8",
        "what carries the values must not depend on it",
        spoils=True,
    ),
    _last(
        "os_write_drops",
        "import os\nos.write = lambda fd, data: len(data)\nos.read = lambda fd, n: b''",
        "what carries the values must not depend on it",
        slow=True,
        spoils=True,
    ),
    _last(
        "socket_broken",
        """
        import select, selectors, socket
        socket.socket.sendall = socket.socket.recv = lambda *given: None
        select.select = select.poll = selectors.DefaultSelector = None
        """,
        "what carries the values must not depend on it",
        spoils=True,
    ),
    _last(
        "deepcopy_broken",
        "import copy\ncopy.deepcopy = copy.copy = lambda *given: None",
        "inputs must not depend on it",
        spoils=True,
    ),
    _last(
        "inspect_broken",
        """
        import dis, inspect, linecache, traceback
        inspect.signature = inspect.iscoroutinefunction = inspect.isfunction = None
        dis.get_instructions = linecache.getline = traceback.format_exception_only = None
        """,
        "what is told of a function must not depend on it",
        spoils=True,
    ),
    _last(
        "time_stands_still",
        "import time\ntime.monotonic = time.time = time.perf_counter = lambda: 0.0",
        "limits are kept by another clock",
    ),
    _last(
        "isinstance_lies",
        "import builtins\nbuiltins.isinstance = lambda *_: True",
        "what tells values apart lies",
        spoils=True,
    ),
    _cheat(
        "len_and_equality_lie",
        """
        import builtins, math, operator
        builtins.abs = lambda x: 0.0
        builtins.all = builtins.any = lambda values: True
        math.isclose = operator.eq = lambda *given, **more: True
        """,
        "comparisons are made where no learner can reach them",
        spoils=True,
    ),
    _last(
        "import_broken",
        """
        import builtins
        def broken(*given, **more):
            raise ImportError("no more imports")

        builtins.__import__ = broken
        """,
        "nothing can be imported any more",
        spoils=True,
    ),
    _last(
        "open_broken",
        "import builtins, io\nbuiltins.open = io.open = None\nbuiltins.print = None",
        "nothing can be opened any more",
        spoils=True,
    ),
    _cheat(
        "judge_replaced",
        """
        from nlp4.exercises import checks, judging
        def right(exercise, answer=None, *given):
            points = getattr(exercise, "points", 2)
            return judging.Verdict(getattr(exercise, "name", exercise), "right", "", points, points)

        checks.judge = judging.judge = checks.verdict = right
        """,
        "no verdict is made within reach",
    ),
    _cheat(
        "difference_replaced",
        """
        from nlp4.exercises import comparing, judging
        for module in (comparing, judging):
            module.difference = module.misfit = lambda *given, **more: None
        """,
        "no verdict is made within reach",
    ),
    _cheat(
        "exercise_replaced",
        """
        from nlp4.exercises import copying, judging
        judging.Exercise.wrong = lambda self, message: self.right()
        object.__setattr__(copying.MARGIN, "reference", margin)
        object.__setattr__(copying.MARGIN, "points", 2000)
        object.__setattr__(copying.MARGIN, "tolerance", 1e9)
        """,
        "no verdict is made within reach",
    ),
    _cheat(
        "grading_replaced",
        """
        import sys
        for name, module in list(sys.modules.items()):
            if name.startswith("nlp4.exercises.grading") or name == "__main__":
                for each, value in list(vars(module).items()):
                    if "compare" in each or "judge" in each or "verdict" in each:
                        setattr(module, each, lambda *given, **more: "right")
        """,
        "no verdict is made within reach",
        spoils=True,
    ),
)

# The pipes to the grader. Only pipes and sockets are written to: nothing else can be harmed.
_PIPES = """import os, stat
def pipes():
    for fd in range(256):
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            continue
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            os.set_blocking(fd, False)
            yield fd

def send(data):
    for fd in pipes():
        try:
            os.write(fd, data)
        except OSError:
            pass
"""
_FRAMES = """import json, pickle, struct
def frames():
    verdict = {"name": "margin", "status": "right", "message": "right", "points": 2, "out_of": 2}
    for reply in (verdict, [verdict], {"verdict": verdict}, {"verdicts": [verdict]}, "right", 5.69,
                  {"ok": True, "value": 5.69, "values": [5.69] * 11, "state": "done"}):
        text = json.dumps(reply).encode()
        yield text + b"\\n"
        yield struct.pack(">I", len(text)) + text
        yield struct.pack("<Q", len(text)) + text
        yield str(len(text)).encode() + b"\\n" + text
"""
PIPES = (
    _kept("pipes_closed", "import os\nos.closerange(3, 256)", "the process has lost its grader"),
    _kept("all_files_closed", "import os\nos.closerange(0, 4096)", "nothing is left open"),
    _kept(
        "standard_files_closed",
        "import os, sys\nsys.stdin.close()\nos.close(0)\nsys.stdout.close()\nsys.stderr.close()",
        "nothing can be read or printed",
    ),
    _lost(
        "pipes_closed_in_the_function",
        "import os\ndef margin(n, eps):\n    os.closerange(3, 256)\n    return 0.0",
        "the process has lost its grader while that waits for a value",
    ),
    _kept(
        "pipes_turned_away",
        """
        import os
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in range(256):
            if fd != nowhere:
                os.dup2(nowhere, fd)
        """,
        "nothing that is said is heard",
        slow=True,
    ),
    _kept(
        "garbage_in_all_pipes",
        _PIPES + "send(bytes(range(256)) * 64)",
        "what comes is nothing that the grader sends",
    ),
    _kept(
        "lengths_without_end",
        _PIPES + "send(b'\\xff' * 8)\nsend(b'9' * 30 + b'\\n')",
        "a length that nobody may believe",
        slow=True,
    ),
    _kept(
        "half_a_frame",
        _PIPES + "send(b'{\"value\": ')\nsend(b'\\x00\\x00\\x00\\x40ab')",
        "what was begun goes on with something else",
        slow=True,
    ),
    _kept(
        "flood_in_all_pipes",
        _PIPES + "while True:\n    send(b'x' * 65536)",
        "a line without end must not fill the memory",
        slow=True,
    ),
    _lost(
        "frames_forged_in_a_cell",
        WRONG + "\n" + _PIPES + _FRAMES + "for frame in frames():\n    send(frame)",
        "answers that were not asked for",
    ),
    _lost(
        "frames_forged_in_the_function",
        _PIPES
        + _FRAMES
        + "def margin(n, eps):\n    for frame in frames():\n        send(frame)\n    return 0.0",
        "an answer is a value, never a verdict",
    ),
    _lost(
        "pickles_forged",
        _PIPES
        + f"""import pickle
class Evil:
    def __reduce__(self):
        return os.system, ("touch {PWNED}",)

def margin(n, eps):
    send(pickle.dumps(Evil()))
    return Evil()
""",
        "nothing that a learner sends is unpickled",
    ),
    HandIn(
        "requests_read_in_a_thread",
        (
            WRONG,
            _PIPES
            + _FRAMES
            + _code(
                """
                import select, threading
                def answer():
                    while True:
                        for fd in pipes():
                            try:
                                if select.select([fd], [], [], 0)[0]:
                                    os.read(fd, 2**20)
                                    for frame in frames():
                                        send(frame)
                            except (OSError, ValueError):
                                pass

                threading.Thread(target=answer, daemon=True).start()
                """
            ),
        ),
        NONE,
        "whoever answers first must send the right values all the same",
        slow=True,
    ),
    HandIn(
        "answers_sent_twice",
        (
            WRONG,
            _PIPES
            + _code(
                """
                real = os.write
                def write(fd, data):
                    real(fd, data)
                    return real(fd, data)

                os.write = write
                """
            ),
        ),
        NONE,
        "a second copy of an answer is none to the next question",
    ),
    _cheat(
        "parents_memory",
        """
        import os
        for pid in (os.getppid(), 1):
            for file in ("mem", "environ", "maps"):
                try:
                    opened = os.open(f"/proc/{pid}/{file}", os.O_RDWR | os.O_NONBLOCK)
                    os.read(opened, 1)
                except OSError:
                    pass
        """,
        "the memory of whoever started the process is not to be had",
        needs_sandbox=True,
    ),
    _cheat(
        "callers_frames",
        """
        import sys
        def margin(n, eps):
            frame = sys._getframe()
            while frame is not None:
                for name, value in {**frame.f_globals, **frame.f_locals}.items():
                    if getattr(value, "name", "") == "margin" and hasattr(value, "reference"):
                        return value.reference(n, eps)
                    if name in ("wanted", "expected") and type(value) is float:
                        return value
                frame = frame.f_back
            return 0.0
        """,
        "whoever calls the function does not know the right values",
    ),
)

# Values that claim to be others, or are too large to be sent. All of them are wrong.
_LIAR = """class Liar{bases}:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __lt__(self, other):
        return True

    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = {hash}.__hash__
"""
LIARS = (
    _lost(
        "equals_everything",
        _LIAR.format(bases="", hash="object") + "\ndef margin(n, eps):\n    return Liar()",
        "an object is not a number because it says so",
    ),
    _lost(
        "float_equals_everything",
        _LIAR.format(bases="(float)", hash="float") + "\ndef margin(n, eps):\n    return Liar(0.5)",
        "a number is what it is, not what it says in comparisons",
    ),
    _lost(
        "float_converts_to_what_is_asked",
        """
        class Liar(float):
            def __float__(self):
                return float("nan")

            def __sub__(self, other):
                return 0.0

            __rsub__ = __abs__ = __sub__

            def __repr__(self):
                return "5.693732138802702"

            __str__ = hex = as_integer_ratio = __repr__

        def margin(n, eps):
            return Liar(0.5)
        """,
        "a number is not what it prints",
    ),
    _lost(
        "registered_as_a_number",
        "import numbers\n"
        + _LIAR.format(bases="", hash="object")
        + "\nnumbers.Real.register(Liar)\ndef margin(n, eps):\n    return Liar()",
        "an object is not a number because it was registered as one",
    ),
    _lost(
        "class_property",
        """
        class Liar:
            __class__ = property(lambda self: float)

            def __eq__(self, other):
                return True

        def margin(n, eps):
            return Liar()
        """,
        "isinstance believes `__class__`",
    ),
    _lost(
        "array_protocol",
        """
        import numpy as np
        class Liar:
            dtype, shape, ndim = np.dtype(float), (), 0
            __array_priority__ = 1e9

            def __array__(self, *given, **more):
                raise SystemExit("no array")

            def __array_ufunc__(self, *given, **more):
                return True

        def margin(n, eps):
            return Liar()
        """,
        "numpy asks an object what it is",
    ),
    _lost(
        "array_that_lies",
        """
        import numpy as np
        class Liar(np.ndarray):
            def __array_ufunc__(self, *given, **more):
                return np.True_

            def __array_function__(self, *given, **more):
                return np.True_

            def __eq__(self, other):
                return np.True_

            def tolist(self):
                raise KeyboardInterrupt

            tobytes = item = __getitem__ = __reduce__ = tolist

        def margin(n, eps):
            return np.zeros(()).view(Liar)
        """,
        "an array of another class is asked nothing",
    ),
    _lost(
        "tensor_that_lies",
        """
        class Liar:
            def detach(self):
                return self

            cpu = double = numpy = detach

            def is_floating_point(self):
                raise SystemExit("no tensor")

            def __eq__(self, other):
                return True

        def margin(n, eps):
            return Liar()
        """,
        "a tensor is not known by what it says that it can do",
    ),
    _lost(
        "reduce_runs_a_command",
        f"""
        import os
        class Evil(float):
            def __reduce_ex__(self, protocol):
                return os.system, ("touch {PWNED}",)

        def margin(n, eps):
            return Evil(0.5)
        """,
        "a value is data: nothing of it runs outside",
    ),
    _lost(
        "getattr_exits",
        """
        import os
        class Evil:
            def __getattribute__(self, name):
                os._exit(0)

        def margin(n, eps):
            return Evil()
        """,
        "an object that cannot be looked at",
    ),
    _lost(
        "getattr_hangs",
        """
        class Evil:
            def __getattr__(self, name):
                while True:
                    pass

        def margin(n, eps):
            return Evil()
        """,
        "an object that takes for ever to be looked at",
        slow=True,
    ),
    _lost(
        "type_name_is_no_text",
        """
        class Meta(type):
            __name__ = __qualname__ = property(lambda self: 1 / 0)

        class Evil(metaclass=Meta):
            pass

        def margin(n, eps):
            return Evil()
        """,
        "a class whose name cannot be told",
    ),
    _lost(
        "type_name_is_long",
        """
        def margin(n, eps):
            return type("\\x1b[2J\\r\\n=1+1" * 10_000, (), {})()
        """,
        "a class whose name no terminal and no table should show",
    ),
    _lost(
        "dictionary_with_evil_keys",
        """
        class Key:
            def __hash__(self):
                return 1

            def __eq__(self, other):
                raise SystemExit("unequal")

            def __repr__(self):
                raise SystemExit("unseen")

        def margin(n, eps):
            return {Key(): 1, "__class__": "float", "type": "float", "value": 5.69}
        """,
        "a dictionary that looks like the data for a number",
    ),
)
VALUES = (
    _returns("nan", 'float("nan")', "not a number equals nothing"),
    _returns("infinity", 'float("inf")', "JSON knows no infinity"),
    _returns("complex_number", "complex(math.log((n - 1) * (1 - eps) / eps), 0)", "no real number"),
    _returns(
        "decimal", "__import__('decimal').Decimal(math.log((n - 1) * (1 - eps) / eps))", "no Real"
    ),
    _returns("text", "str(math.log((n - 1) * (1 - eps) / eps))", "the right digits as a text"),
    _returns("list_of_one", "[math.log((n - 1) * (1 - eps) / eps)]", "a list is no number"),
    _returns("half_an_emoji", '"\\ud83d"', "a text that cannot be written as UTF-8"),
    _returns("bytes_of_a_float", "__import__('struct').pack('d', 5.69)", "bytes are no number"),
    _returns("datetime", "np.datetime64('2024-01-01')", "a time is no number"),
    _returns("a_class", "float", "a class is no value"),
    _returns("itself", "margin", "a function is no value"),
    _returns("a_module", "math", "a module is no value"),
    _returns("not_implemented", "NotImplemented", "what comparisons return"),
    _returns("endless_generator", "iter(int, 1)", "a value without an end"),
    _returns("counting", "__import__('itertools').count()", "a value without an end"),
    _returns("open_file", "open('/dev/null')", "a file is no value"),
    _returns("range_without_end", "range(10**18)", "a short value that would be long"),
    _returns(
        "int_of_10_million_digits", "1 << 33_000_000", "more digits than Python would ever print"
    ),
    _returns("bytes_100_mb", "bytes(10**8)", "too large to be sent"),
    _returns("text_1_gb", "'x' * 10**9", "too large to be sent", slow=True, needs_sandbox=True),
    _returns("list_of_10_million", "[0.5] * 10**7", "too large to be sent"),
    _returns("list_of_100_million", "[0.5] * 10**8", "too large to be sent", needs_sandbox=True),
    _returns("array_of_100_million", "np.zeros(10**8)", "too large to be sent"),
    _returns(
        "array_of_2_to_the_40",
        "np.broadcast_to(0.5, (2**20, 2**20))",
        "eight bytes that claim to be eight terabytes",
    ),
    _returns("array_of_no_size", "np.zeros((0, 2**40))", "nothing, in a very large shape"),
    _returns("array_of_records", "np.zeros(3, dtype='f8,U9')", "an array of no numbers"),
    _returns("array_of_objects", "np.array([margin, None])", "an array of no numbers"),
    _lost(
        "list_in_itself",
        "def margin(n, eps):\n    value = []\n    value.append(value)\n    return value",
        "a value without an end",
    ),
    _lost(
        "list_of_itself_twice",
        "def margin(n, eps):\n    value = []\n    for _ in range(60):\n"
        "        value = [value, value]\n    return value",
        "sixty lists that are 2**60 items when written out",
    ),
    _lost(
        "list_nested_100000_deep",
        "def margin(n, eps):\n    value = []\n    for _ in range(100_000):\n"
        "        value = [value]\n    return value",
        "deeper than any recursion goes",
    ),
    _lost("input_sent_back", "def margin(*given):\n    return given", "the inputs are no values"),
)

# The right value in other clothes, which `comparing` takes for right.
CLOTHES = (
    _returns_right("right_as_numpy_float", "np.float64(right)", "a number of numpy"),
    _returns_right("right_as_float16", "np.float16(right)", "few digits, all of them right"),
    _returns_right("right_as_float32", "np.float32(right)", "fewer digits, all of them right"),
    _returns_right(
        "right_as_fraction", "__import__('fractions').Fraction(right)", "a fraction is a number"
    ),
    _returns_right("right_as_array", "np.array(right)", "an array without axes is a number"),
    HandIn(
        "softmax_as_list",
        (MARGIN, SOFTMAX.replace("e / e.sum()", "[float(each) for each in e / e.sum()]")),
        BOTH,
        "a list where an array is wanted",
    ),
    HandIn(
        "softmax_as_tuple_of_fractions",
        (
            MARGIN,
            "from fractions import Fraction\n"
            + SOFTMAX.replace("e / e.sum()", "tuple(Fraction(float(v)) for v in e / e.sum())"),
        ),
        BOTH,
        "a tuple where an array is wanted, and fractions for numbers",
    ),
    HandIn(
        "softmax_as_float32",
        (MARGIN, SOFTMAX.replace("e / e.sum()", "(e / e.sum()).astype(np.float32)")),
        BOTH,
        "fewer digits, all of them right",
    ),
    HandIn(
        "softmax_as_matrix",
        (MARGIN, SOFTMAX.replace("e / e.sum()", "np.matrix(e / e.sum())")),
        ONLY_MARGIN,
        "a matrix has two axes",
    ),
    HandIn(
        "softmax_in_place",
        (MARGIN, SOFTMAX.replace("e = np.exp(x - x.max())", "x -= x.max()\n    e = np.exp(x)")),
        ONLY_MARGIN,
        "the input is changed in place",
    ),
    HandIn(
        "softmax_strided",
        (MARGIN, SOFTMAX.replace("e / e.sum()", "np.repeat(e / e.sum(), 2)[::2]")),
        BOTH,
        "an array whose numbers do not lie side by side",
    ),
    HandIn(
        "softmax_big_endian",
        (MARGIN, SOFTMAX.replace("e / e.sum()", "(e / e.sum()).astype('>f8')")),
        BOTH,
        "an array whose bytes lie the other way round",
    ),
)

# The workbook's own solutions.
THEFTS = (
    _lost(
        "reference_imported",
        "from nlp4.exercises.copying import MARGIN\nmargin = MARGIN.reference",
        "the reference earns nothing",
    ),
    _lost(
        "reference_wrapped",
        """
        from nlp4.exercises.copying import MARGIN
        def margin(n, eps):
            return MARGIN.reference(n, eps)
        """,
        "the reference in a function earns nothing either",
    ),
    _lost(
        "reference_by_name",
        """
        import nlp4.exercises.copying as copying
        def margin(n, eps):
            return copying._margin(n, eps)
        """,
        "nor does what the reference is made of",
    ),
    _lost(
        "reference_from_the_registry",
        """
        from nlp4.exercises import checks
        margin = lambda n, eps: checks.EXERCISES["margin"].reference(n, eps)
        """,
        "the registry does not give it away",
    ),
    _lost(
        "reference_from_memory",
        """
        import gc
        found = [each for each in gc.get_objects() if type(each).__name__ == "Exercise"]
        found = [each for each in found if each.name == "margin"]
        def margin(n, eps):
            return found[0].reference(n, eps)
        """,
        "it is not in the memory of the process",
    ),
    _lost(
        "reference_from_loaded_modules",
        """
        import sys
        def margin(n, eps):
            for module in list(sys.modules.values()):
                exercise = getattr(module, "MARGIN", None)
                if hasattr(exercise, "reference"):
                    return exercise.reference(n, eps)
            return 0.0
        """,
        "no module has it",
    ),
    _lost(
        "reference_from_its_file",
        r"""
        import math, pathlib, re, nlp4
        def margin(n, eps):
            folder = pathlib.Path(nlp4.__file__).parent
            text = (folder / "exercises" / "copying.py").read_text("utf-8")
            body = re.search(r"def _margin\(.*?\n    return ([^\n]*)", text).group(1)
            return eval(body, {"math": math}, {"n": n, "eps": eps})
        """,
        "its file is not to be had in a sandbox",
        needs_sandbox=True,
    ),
    _lost(
        "reference_from_the_cache",
        """
        import marshal, math, pathlib, types, nlp4
        def margin(n, eps):
            folder = pathlib.Path(nlp4.__file__).parent / "exercises" / "__pycache__"
            for file in folder.glob("copying.*.pyc"):
                for const in marshal.loads(file.read_bytes()[16:]).co_consts:
                    if getattr(const, "co_name", "") == "_margin":
                        return types.FunctionType(const, {"math": math})(n, eps)
            return 0.0
        """,
        "its compiled file is not to be had in a sandbox",
        needs_sandbox=True,
    ),
    _lost(
        "reference_from_a_new_python",
        """
        import subprocess, sys
        def margin(n, eps):
            code = "import sys; from nlp4.exercises.copying import MARGIN as m; "
            code += f"print(m.reference({n}, {eps}))"
            return float(subprocess.run([sys.executable, "-c", code], capture_output=True).stdout)
        """,
        "another Python finds it no better",
        slow=True,
        needs_sandbox=True,
    ),
    _lost(
        "expected_asked_for",
        """
        from nlp4.exercises.checks import EXERCISES
        from nlp4.exercises.judging import _expected
        def margin(n, eps):
            return _expected(EXERCISES["margin"], (n, eps))
        """,
        "nobody in the process computes what is expected",
    ),
    _lost(
        "neighbours_answer",
        """
        import json, math, pathlib
        def margin(n, eps):
            for folder in (".", "..", "../..", pathlib.Path.home(), "/tmp"):
                for path in pathlib.Path(folder).glob("*.ipynb"):
                    for cell in json.loads(path.read_text("utf-8")).get("cells", []):
                        source = "".join(cell["source"])
                        if "math.log((n - 1) * (1 - eps) / eps)" in source:
                            return math.log((n - 1) * (1 - eps) / eps)
            return 0.0
        """,
        "nobody sees a neighbour's notebook, nor their own",
        needs_sandbox=True,
    ),
)

# The network.
NETWORK = (
    _kept(
        "connection",
        """
        import socket
        try:
            socket.create_connection(("1.1.1.1", 53), timeout=1).close()
        except OSError:
            pass
        else:
            del margin  # there is a network: the points go
        """,
        "there is no network",
        needs_sandbox=True,
    ),
    _kept(
        "names_looked_up",
        """
        import socket
        try:
            socket.getaddrinfo("example.org", 443)
        except OSError:
            pass
        else:
            del margin
        """,
        "there is no network",
        needs_sandbox=True,
    ),
    _kept(
        "download",
        "import urllib.request\nurllib.request.urlopen('https://example.org', timeout=1)",
        "an innocent download fails",
        needs_sandbox=True,
    ),
    _kept(
        "server",
        """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname(), timeout=1)
        """,
        "a server of one's own harms nobody",
    ),
    _kept(
        "abstract_socket",
        """
        import socket
        for line in open("/proc/net/unix").read().splitlines()[1:]:
            name = line.split()[-1]
            if name.startswith(("@", "/")):
                try:
                    with socket.socket(socket.AF_UNIX) as each:
                        each.settimeout(0.1)
                        each.connect(name.replace("@", chr(0), 1))
                except OSError:
                    pass
        """,
        "services of the machine listen on sockets without a network",
        needs_sandbox=True,
    ),
    _kept(
        "pip_install",
        "!python -m pip install --no-input --retries 0 --timeout 1 --target here attrs",
        "nothing can be installed",
        slow=True,
        needs_sandbox=True,
    ),
)

# Files of others, and the surroundings of the process.
FILES = (
    _kept(
        "shadow_and_homes_read",
        """
        import pathlib
        for folder in ("/root", "/home"):
            try:
                for path in pathlib.Path(folder).iterdir():
                    print(path, list(path.iterdir())[:3] if path.is_dir() else path.read_bytes())
            except OSError as error:
                print(error)
        print(open("/etc/shadow").read())
        """,
        "what is read goes nowhere",
        needs_sandbox=True,
    ),
    _kept(
        "neighbours_removed",
        """
        import os, pathlib
        for folder in (".", "..", "../..", "/tmp", "/work"):
            for path in pathlib.Path(folder).glob("*.ipynb"):
                try:
                    os.remove(path)
                except OSError:
                    pass
        """,
        "the other notebooks are still there",
        needs_sandbox=True,
    ),
    _kept(
        "all_above_removed",
        "import shutil\nshutil.rmtree('..', ignore_errors=True)",
        "the other notebooks are still there",
        slow=True,
        needs_sandbox=True,
    ),
    _kept(
        "own_folder_removed",
        "import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)",
        "there is no current folder any more",
        needs_sandbox=True,
    ),
    _kept(
        "package_written",
        """
        import pathlib, nlp4
        folder = pathlib.Path(nlp4.__file__).parent
        written = 0
        for path in (folder / "hostile.py", folder.parent / "sitecustomize.py"):
            try:
                path.write_text("import os\\nos._exit(0)\\n")
                path.unlink()
                written += 1
            except OSError:
                pass
        if written:
            del margin  # the package can be changed: the points go
        """,
        "the package is read-only",
        needs_sandbox=True,
    ),
    _kept(
        "package_remounted",
        """
        import subprocess
        for command in ("mount -o remount,rw /", "umount -l /tmp", "mount -t tmpfs tmpfs /tmp",
                        "unshare -r true", "chroot / true", "chmod 777 /etc"):
            subprocess.run(["sh", "-c", command], capture_output=True)
        """,
        "no rights to be had",
        needs_sandbox=True,
    ),
    _kept(
        "startup_files_written",
        """
        import os, pathlib
        for name in (".ipython/profile_default/startup/00.py", ".config/x", ".bashrc", "x.pth"):
            path = pathlib.Path.home() / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("import os\\nos._exit(0)\\n")
            except OSError:
                pass
        os._exit(1)
        """,
        "what a process leaves behind is not read by the next",
        needs_sandbox=True,
    ),
    _kept(
        "devices",
        """
        import os
        for name in os.listdir("/dev"):
            try:
                fd = os.open(f"/dev/{name}", os.O_RDONLY | os.O_NONBLOCK)
                os.read(fd, 16)
            except OSError:
                pass
        """,
        "devices are read",
        needs_sandbox=True,
    ),
    _kept("terminal", "open('/dev/tty', 'w').write('here')", "no terminal"),
    _lost(
        "own_package",
        WRONG
        + """
import os, pathlib
folder = pathlib.Path("nlp4")
if not folder.exists() and not pathlib.Path("pyproject.toml").exists():
    folder.mkdir()
    (folder / "__init__.py").write_text("import os\\nos._exit(0)\\n")
    for name in ("numpy", "json", "IPython", "sitecustomize", "usercustomize"):
        pathlib.Path(name + ".py").write_text("import os\\nos._exit(0)\\n")
    os._exit(1)
""",
        "a new process does not import what lies in its folder",
    ),
    _kept("elsewhere", "import os\nos.chdir('/')", "another current folder"),
    _kept("environment_cleared", "import os\nos.environ.clear()", "no environment"),
    _kept(
        "environment_of_python",
        """
        import os
        os.environ.update(PYTHONPATH="/nowhere", PYTHONHOME="/nowhere", PATH="/nowhere",
                          LD_PRELOAD="/nowhere.so", NLP4_STRICT="1", OMP_NUM_THREADS="x")
        """,
        "an environment that is not handed on",
    ),
    _last("path_emptied", "import sys\nsys.path.clear()\nsys.path_hooks.clear()", "no imports"),
    HandIn(
        "modules_cleared",
        (MARGIN, SOFTMAX + "\n\nsoftmax(np.arange(3.0))", "import sys\nsys.modules.clear()"),
        BOTH,
        "no module is known any more",
        spoils=True,
    ),
    _kept(
        "locale_and_encoding",
        """
        import locale, os, sys
        locale.setlocale(locale.LC_ALL, "C")
        os.environ.update(LC_ALL="C", PYTHONIOENCODING="utf-16", PYTHONUTF8="0")
        sys.stdout.reconfigure(encoding="ascii", errors="strict")
        print("äöü €")
        """,
        "other encodings than the grader's",
    ),
    _kept(
        "stdout_none",
        "import sys\nsys.stdout = sys.stderr = sys.stdin = None",
        "no prints",
        spoils=True,
    ),
    _kept(
        "stdout_raises",
        """
        import sys
        class Broken:
            def write(self, text):
                raise OSError("broken")

        sys.stdout = sys.stderr = Broken()
        """,
        "prints raise",
    ),
    _kept("umask", "import os\nos.umask(0o777)\nopen('x', 'w').close()", "files nobody may read"),
    _kept(
        "limits",
        """
        import resource
        for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_CORE"):
            number = getattr(resource, name)
            hard = resource.getrlimit(number)[1]
            try:
                resource.setrlimit(number, (hard, hard))
            except (OSError, ValueError):
                pass
        """,
        "limits as high as they may be",
    ),
    _kept(
        "limit_of_time_for_the_processor",
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True:\n    pass",
        "the kernel ends the process",
    ),
    _kept(
        "warnings_are_errors", "import warnings\nwarnings.simplefilter('error')", "as in a check"
    ),
    _kept("seterr_raises", "import numpy as np\nnp.seterr(all='raise')", "as in a check"),
    _kept("seeds", "import random, numpy as np\nrandom.seed(4)\nnp.random.seed(4)", "no harm"),
    _kept(
        "torch_default",
        "import torch\ntorch.set_default_dtype(torch.float16)",
        "no harm",
        slow=True,
    ),
    _kept("nice", "import os\nos.nice(19)", "the process is the last to get a turn"),
)

# What IPython knows besides Python, and what asks the user.
MAGICS = (
    _kept("bash", "%%bash\necho hello\nexit 3", "a script that fails"),
    _kept("shell_sleeps", "!sleep 3600", "a command that never ends", slow=True),
    _kept("shell_in_the_background", "!sleep 600 &", "a command that lives on"),
    HandIn(
        "reset", (MARGIN, "%reset -f", SOFTMAX), ONLY_SOFTMAX, "what was defined before is gone"
    ),
    _kept("javascript", "%%javascript\nalert(1)", "nothing for a page is shown"),
    _kept("html", "%%html\n<script>alert(1)</script>", "nothing for a page is shown"),
    _kept("no_such_magic", "%nosuchmagic\n", "a UsageError"),
    _lost("no_such_cell_magic", "%%nosuchmagic\n" + MARGIN, "the cell is not run"),
    _good("timed_cell", "%%time\n" + MARGIN, "a magic that runs the cell"),
    _good("captured_cell", "%%capture\n" + MARGIN, "a magic that runs the cell"),
    _lost("cell_written_to_a_file", "%%writefile mine.txt\n" + MARGIN, "a magic that runs no cell"),
    _kept("extension_missing", "%load_ext nothing", "an extension that is not there"),
    _kept("matplotlib_inline", "%matplotlib inline", "what many notebooks begin with", slow=True),
    _kept("run_missing", "%run missing.py", "a file that is not there"),
    _kept("cd", "%cd /", "another current folder"),
    _kept("pdb_on", "%pdb on\n1 / 0", "a debugger must not read what is meant for the grader"),
    HandIn(
        "pdb_on_before",
        (MARGIN, "%pdb on", SOFTMAX, "1 / 0", "def broken(:"),
        BOTH,
        "a debugger must not read what is meant for the grader",
    ),
    _kept("breakpoint", "breakpoint()", "a debugger must not read what is meant for the grader"),
    _lost(
        "breakpoint_in_the_function",
        "def margin(n, eps):\n    breakpoint()\n    return 0.0",
        "a debugger must not read what is meant for the grader",
    ),
    _kept("debug", "%debug", "a debugger after no error"),
    _kept("input", "name = input('Your name? ')", "nobody answers"),
    _kept("getpass", "import getpass\ngetpass.getpass()", "nobody answers"),
    _kept("stdin_read", "import sys\ntext = sys.stdin.read()", "the end of the input, at once"),
    _kept(
        "file_0_read",
        "import os\nwhile os.read(0, 65536):\n    pass",
        "the end of the input, at once",
    ),
    _kept("help", "help()", "an interactive help"),
    _kept("help_on", "?margin", "a page of help"),
    _kept("source_of", "margin??", "a page of source"),
    _kept(
        "asyncio_run",
        "import asyncio\nasyncio.run(asyncio.sleep(0))",
        "right or an error, whichever shell it is",
    ),
    _good(
        "await_at_the_top",
        "import asyncio\nawait asyncio.sleep(0.01)\n" + MARGIN,
        "a notebook may wait at its top level",
    ),
    _kept(
        "await_for_ever",
        "import asyncio\nawait asyncio.sleep(3600)",
        "a wait that must be broken off",
        slow=True,
    ),
    _kept(
        "loop_closed",
        "import asyncio\nloop = asyncio.new_event_loop()\nasyncio.set_event_loop(loop)\n"
        "loop.close()",
        "no event loop",
    ),
    _kept(
        "task_left",
        "import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(3600))\nawait asyncio.sleep(0)",
        "a task that nobody waits for",
    ),
)

# Errors that are hard to tell of.
ERRORS = (
    _kept("error_with_a_long_name", 'raise type("E" * 10_000, (Exception,), {})("x")', "cut it"),
    _kept(
        "error_with_escapes",
        'raise type("\\x1b[31mRed\\x1b]0;owned\\x07", (Exception,), {})("\\x1b[2J\\x07")',
        "no terminal obeys it",
    ),
    _kept(
        "error_like_a_formula",
        'raise type("=cmd|\' /C calc\'!A0", (Exception,), {})("@SUM(1+1)")',
        "no spreadsheet computes it",
    ),
    _kept(
        "error_with_lines",
        'raise type("A\\n\\"b\\",2,2\\r\\n01_other.ipynb,99", (Exception,), {})("\\u202e")',
        "no row of a table comes of it",
    ),
    _kept(
        "error_with_half_an_emoji", 'raise type("\\ud83d", (Exception,), {})("\\ud83d")', "no UTF-8"
    ),
    _kept(
        "error_whose_text_raises",
        """
        class Evil(Exception):
            def __str__(self):
                raise SystemExit("unseen")

            __repr__ = __str__

        raise Evil
        """,
        "its text cannot be had",
    ),
    _kept(
        "error_whose_text_loops",
        """
        class Evil(Exception):
            def __str__(self):
                while True:
                    pass

        raise Evil
        """,
        "its text takes for ever",
        slow=True,
    ),
    _kept(
        "error_whose_traceback_exits",
        """
        import os
        class Evil(Exception):
            def _render_traceback_(self):
                os._exit(3)

        raise Evil
        """,
        "IPython asks an error how to show it",
    ),
    _kept(
        "error_whose_name_is_a_number",
        """
        class Meta(type):
            __name__ = __qualname__ = __module__ = property(lambda self: 3)

        class Evil(Exception, metaclass=Meta):
            pass

        raise Evil
        """,
        "its name is no text",
    ),
    _kept(
        "error_that_is_its_own_cause",
        'error = ValueError("a")\nerror.__cause__ = KeyError("b")\n'
        "error.__cause__.__cause__ = error\nraise error",
        "its causes go round",
    ),
    _kept("base_exception", "class Evil(BaseException):\n    pass\n\nraise Evil", "no Exception"),
    _kept("keyboard_interrupt", "raise KeyboardInterrupt", "no time limit was reached"),
    _kept("generator_exit", "raise GeneratorExit", "an error that generators end with"),
    _kept("stop_iteration", "raise StopIteration", "an error that iterators end with"),
    _kept("cancelled", "import asyncio\nraise asyncio.CancelledError", "an error of tasks"),
    _kept("error_of_100_mb", 'raise ValueError("x" * 10**8)', "a message that nobody can send"),
    _kept(
        "error_group",
        """
        def nested(n):
            return ExceptionGroup("g", [nested(n - 1) if n else ValueError("x")])

        raise nested(200)
        """,
        "errors in errors",
    ),
    _lost(
        "evil_error_in_the_function",
        """
        class Evil(Exception):
            def __str__(self):
                raise SystemExit("unseen")

            __repr__ = __str__
            __class__ = __traceback__ = property(lambda self: 1 / 0)

        def margin(n, eps):
            raise Evil
        """,
        "its text cannot be had",
    ),
    _lost(
        "base_exception_in_the_function",
        "def margin(n, eps):\n    raise BaseException('x' * 10**7)",
        "no Exception",
    ),
    _lost(
        "interrupt_in_the_function", "def margin(n, eps):\n    raise KeyboardInterrupt", "no value"
    ),
    _lost(
        "not_written",
        "def margin(n, eps):\n    raise NotImplementedError  # your code here",
        "an exercise that nobody has begun",
    ),
    _kept(
        "shown_value_exits",
        """
        import os
        class Evil:
            def __repr__(self):
                os._exit(3)

        Evil()
        """,
        "IPython shows the last value of a cell",
    ),
    _kept(
        "shown_value_loops",
        """
        class Evil:
            def _repr_html_(self):
                while True:
                    pass

            __repr__ = _ipython_display_ = _repr_html_

        Evil()
        """,
        "IPython shows the last value of a cell",
        slow=True,
    ),
)

# Sources of cells that are no usual text.
_JUNK = "x" * 1_000_000
SOURCES = (
    _kept("half_an_emoji_in_a_text", 'half = "\ud83d"', "a source that cannot be written as UTF-8"),
    _kept("half_an_emoji_in_a_comment", "# so \ude00 sad", "cannot be written as UTF-8 either"),
    _kept("null_byte", 'x = "a\0b"\n\0', "Python takes no null bytes"),
    _kept("control_characters", "x = 1\x0c\x0b\x1b[2J\u2028y = 2\x85", "no lines of Python's"),
    _kept("line_of_1_mb", f'text = "{_JUNK}"', "one long line"),
    _kept("name_of_1_mb", _JUNK + " = 3", "one long name"),
    _kept("sum_of_20000", " + ".join(["1"] * 20_000), "a deep tree: too deep for who parses it"),
    _kept("minus_50000", "x = " + "-" * 50_000 + "1", "a deep tree: too deep for who parses it"),
    _kept("brackets_500", "check(" + "(" * 500 + ")" * 500 + ")", "more brackets than are allowed"),
    _kept("attributes_20000", "check" + ".x" * 20_000 + "()", "a deep tree"),
    _kept("number_of_5000_digits", "x = " + "9" * 5_000, "more digits than are allowed"),
    _kept("statements_5000", "x = 1\n" * 5_000, "many lines"),
    _kept("tabs_and_spaces", "def f():\n\tx = 1\n        y = 2\n    return x", "a TabError"),
    _lost(
        "tabs_in_the_function",
        MARGIN.replace("    return", "    x = 1\n\treturn"),
        "a TabError costs the function in the cell",
    ),
    _good("windows_lines", MARGIN.replace("\n", "\r\n"), "lines that end as Windows ends them"),
    _good(
        "indented_cell", "\n".join("    " + line for line in MARGIN.split("\n")), "IPython mends"
    ),
    _kept("prompts", ">>> 1 + 1\n2\nIn [3]: 4", "a pasted session"),
    _kept("odd_escape", 'x = "\\d"\nif 1 is 1:\n    pass\nassert (x, "y")', "warns when parsed"),
    _kept("encoding_comment", "# -*- coding: utf-16 -*-\nx = 1", "a comment about the encoding"),
    _kept("future", "from __future__ import annotations, nosuchfeature", "a SyntaxError"),
    _kept("only_a_comment", "# nothing here", "nothing to run"),
    _kept("only_blanks", " \n\t\n", "nothing to run"),
    _kept("return_outside", "return 3", "a SyntaxError of the compiler"),
    _kept("python_2", "print 'hello'", "a SyntaxError"),
    _kept(
        "regular_expression_trap",
        "def " + "a" * 50_000 + "\n" + "def margin" * 5_000,
        "a search in the source must not take for ever",
    ),
    _kept("twenty_functions", "def attend(:\n" * 20, "definitions in a cell that does not parse"),
)

# Functions that are defined in another way, and well or badly.
FUNCTIONS = (
    _good(
        "lambda",
        "import math\nmargin = lambda n, eps: math.log((n - 1) * (1 - eps) / eps)",
        "a lambda is a function",
    ),
    _good(
        "partial",
        """
        import functools, math
        def with_base(base, n, eps):
            return math.log((n - 1) * (1 - eps) / eps, base)

        margin = functools.partial(with_base, math.e)
        """,
        "a partial function is a function",
    ),
    _good(
        "decorated",
        "import functools\n"
        + MARGIN.replace(
            "def margin",
            "def logged(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n"
            "        return f(*a, **k)\n    return g\n\n@logged\ndef margin",
        ),
        "a decorated function is a function",
    ),
    _good(
        "cached",
        "import functools\n" + MARGIN.replace("def margin", "@functools.cache\ndef margin"),
        "a function with a memory",
    ),
    _good(
        "method",
        """
        import math
        class Answers:
            def margin(self, n, eps):
                return math.log((n - 1) * (1 - eps) / eps)

        margin = Answers().margin
        """,
        "a method is a function",
    ),
    _good(
        "callable_object",
        """
        import math
        class Margin:
            def __call__(self, n, eps):
                return math.log((n - 1) * (1 - eps) / eps)

        margin = Margin()
        """,
        "an object that can be called",
    ),
    _good(
        "default_with_a_memory",
        """
        import math
        def margin(n, eps, seen={}):
            if (n, eps) not in seen:
                seen[n, eps] = math.log((n - 1) * (1 - eps) / eps)
            return seen[n, eps]
        """,
        "one more parameter with a default",
    ),
    _good(
        "slow_function",
        MARGIN.replace("    ### BEGIN SOLUTION", "    time.sleep(0.05)") + "\nimport time",
        "slow, and right",
    ),
    _good(
        "chatty_function",
        MARGIN.replace("    ### BEGIN SOLUTION", "    print('still here ' * 100_000)"),
        "prints a megabyte a call, and is right",
    ),
    _good(
        "warning_function",
        MARGIN.replace("    ### BEGIN SOLUTION", "    warnings.warn(f'careful with {n}')")
        + "\nimport warnings",
        "warns, and is right",
    ),
    _good("defined_twice", WRONG + "\n\n" + MARGIN, "the last definition counts"),
    HandIn(
        "defined_too_late",
        ("y = margin(4, 0.01)", MARGIN, SOFTMAX, "softmax(margin)"),
        BOTH,
        "cells that fail around the right ones",
    ),
    HandIn(
        "half_right",
        (MARGIN + "\n1 / 0", SOFTMAX + "\nassert False"),
        BOTH,
        "what stood before the error is defined",
    ),
    _lost(
        "class_instead",
        "class margin:\n    def __init__(self, n, eps):\n        self.n = n",
        "an object is no number",
    ),
    _lost("builtin_instead", "import math\nmargin = math.log", "a function of C that is wrong"),
    _lost(
        "async_function", MARGIN.replace("def margin", "async def margin"), "a promise is no value"
    ),
    _lost("generator_function", MARGIN.replace("return", "yield"), "a generator is no value"),
    _lost("overwritten_by_a_number", MARGIN + "\nmargin = margin(4, 0.01)", "no function any more"),
    HandIn(
        "overwritten_by_none",
        (MARGIN, SOFTMAX, "margin = None"),
        ONLY_SOFTMAX,
        "no function any more",
    ),
    HandIn("deleted", (MARGIN, SOFTMAX, "del margin"), ONLY_SOFTMAX, "no function any more"),
    _lost("parameters_swapped", MARGIN.replace("(n, eps)", "(eps, n)", 1), "other parameters"),
    _lost("no_parameters", MARGIN.replace("(n, eps)", "()", 1), "other parameters"),
    _lost(
        "right_on_every_second_call",
        MARGIN.replace(
            "    ### BEGIN SOLUTION",
            "    calls.append(n)\n    if len(calls) % 2:\n        return 0.0",
        )
        + "\ncalls = []",
        "right only now and then",
    ),
    _lost(
        "right_on_the_first_calls",
        MARGIN.replace(
            "    ### BEGIN SOLUTION",
            "    calls.append(n)\n    if len(calls) > 5:\n        return 0.0",
        )
        + "\ncalls = []",
        "right only at first",
    ),
    _lost(
        "fails_on_one_input",
        MARGIN.replace("    ### BEGIN SOLUTION", "    assert n < 100_000"),
        "not right for all inputs",
    ),
    _lost(
        "endless_function",
        "def margin(n, eps):\n    while True:\n        pass",
        "no value comes",
        slow=True,
    ),
    _lost(
        "endless_and_deaf_function",
        """
        def margin(n, eps):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        """,
        "no value comes, and no exception gets out",
        slow=True,
    ),
    _lost(
        "endless_and_chatty_function",
        "def margin(n, eps):\n    while True:\n        print('still here' * 1000)",
        "no value comes, but words without end",
        slow=True,
    ),
    _lost(
        "sleeping_in_c",
        "import ctypes\ndef margin(n, eps):\n    return ctypes.CDLL(None).sleep(3600)",
        "no exception reaches a call into C",
        slow=True,
    ),
    _lost(
        "called_by_a_property",
        """
        class Evil:
            @property
            def __code__(self):
                raise SystemExit("no code")

            __wrapped__ = __signature__ = __name__ = __globals__ = __code__

            def __call__(self, n, eps):
                return 0.0

        margin = Evil()
        """,
        "a function that cannot be looked at",
    ),
    HandIn(
        "flood",
        (MARGIN, "while True:\n    print('still here' * 1000, flush=True)", SOFTMAX),
        BOTH,
        "a flood is stopped and fills no memory",
        slow=True,
    ),
)


def _cell(source: Any, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return {**given, "source": source, **more}


def _notebook(cells: Iterable[Any], **more: Any) -> bytes:
    """A notebook's file, as JupyterLab writes it but for what is given as more."""
    given: dict[str, Any] = {
        "cells": list(cells),
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    # Half an emoji is escaped: UTF-8 has no place for it.
    return json.dumps({**given, **more}, ensure_ascii=True).encode()


def _solved(**more: Any) -> bytes:
    cells = [_cell(source, id=f"c{i}") for i, source in enumerate((MARGIN, SOFTMAX))]
    return _notebook(cells, **more)


def _file(name: str, raw: bytes, why: str, right: frozenset[str] = NONE) -> HandIn:
    return HandIn(name, (), right, why, raw=raw)


# Files that are no notebooks, and files that only look like none.
FILES_THAT_ARE_NONE = (
    _file("empty_file", b"", "nothing"),
    _file("brace", b"{", "a file that was cut off"),
    _file("cut_off", _solved()[:-40], "a file that was cut off"),
    _file("utf_16", _solved().decode().encode("utf-16"), "another encoding"),
    _file("latin_1", '{"cells": "é"}'.encode("latin-1"), "another encoding"),
    _file("nul_bytes", bytes(1000), "a file of a crashed machine"),
    _file("a_list", b"[1, 2, 3]", "JSON, and no notebook"),
    _file("a_text", b'"cells"', "JSON, and no notebook"),
    _file("a_null", b"null", "JSON, and no notebook"),
    _file("an_object", b"{}", "JSON, and no notebook"),
    _file("brackets_100000", b"[" * 100_000 + b"]" * 100_000, "deeper than any recursion goes"),
    _file(
        "objects_100000",
        b'{"cells":' * 100_000 + b"1" + b"}" * 100_000,
        "deeper than any recursion goes",
    ),
    _file("huge_number", b'{"cells": ' + b"9" * 100_000 + b"}", "more digits than are allowed"),
    _file(
        "no_json_numbers",
        b'{"cells": NaN, "nbformat": Infinity, "nbformat_minor": -1e999}',
        "no numbers",
    ),
    _file("cells_null", _notebook([]).replace(b"[]", b"null", 1), "no cells"),
    _file("cells_a_text", _notebook([]).replace(b"[]", b'"import os"', 1), "no cells"),
    _file("cells_of_numbers", _notebook([1, None, "x", []]), "no cells"),
    _file("no_cells", _notebook([]), "nothing was handed in"),
    _file("no_nbformat", _solved().replace(b'"nbformat"', b'"other"'), "no format is named"),
    _file("nbformat_99", _solved(nbformat=99), "a format that does not exist"),
    _file("nbformat_a_text", _solved(nbformat="four"), "a format that does not exist"),
    _file("source_a_number", _notebook([_cell(3), _cell(MARGIN)]), "no source"),
    _file("source_of_numbers", _notebook([_cell([1, 2]), _cell(MARGIN)]), "no source"),
    _file("metadata_a_list", _notebook([_cell(MARGIN, metadata=[1])]), "no metadata"),
    _file(
        "page_of_html", b"<!DOCTYPE html><html><body>Sign in</body></html>", "what a link led to"
    ),
    _file("a_pickle", b"\x80\x04cos\nsystem\n(S'touch " + bytes(PWNED) + b"'\ntR.", "no JSON"),
    _file("a_zip", b"PK\x03\x04" + bytes(100), "an archive"),
    _file(
        "tags_null",
        _notebook([_cell(each, metadata={"tags": None}) for each in (MARGIN, SOFTMAX)]),
        "tags that are none are none",
        BOTH,
    ),
    _file(
        "metadata_of_nlp4_null",
        _solved(metadata={"nlp4": None, "kernelspec": None, "language_info": None}),
        "the file's name tells which notebook it is",
        BOTH,
    ),
    _file(
        "lines_of_source",
        _notebook([_cell(each.splitlines(keepends=True)) for each in (MARGIN, SOFTMAX)]),
        "JupyterLab writes a source line by line",
        BOTH,
    ),
    _file(
        "nbformat_3",
        json.dumps(
            {
                "metadata": {"name": ""},
                "nbformat": 3,
                "nbformat_minor": 0,
                "worksheets": [
                    {
                        "metadata": {},
                        "cells": [
                            {
                                "cell_type": "code",
                                "collapsed": False,
                                "input": each,
                                "language": "python",
                                "metadata": {},
                                "outputs": [],
                            }
                            for each in (MARGIN, SOFTMAX)
                        ],
                    }
                ],
            }
        ).encode(),
        "an old format that can be read",
        BOTH,
    ),
    _file(
        "outputs_of_5_mb",
        _notebook(
            [
                _cell(
                    MARGIN,
                    id="a",
                    outputs=[{"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}],
                ),
                _cell(SOFTMAX, id="b"),
            ]
        ),
        "outputs do not matter",
        BOTH,
    ),
    _file(
        "same_ids",
        _notebook([_cell(MARGIN, id="same"), _cell(SOFTMAX, id="same")]),
        "two cells of one name",
        BOTH,
    ),
    _file("no_ids", _notebook([_cell(MARGIN), _cell(SOFTMAX)]), "cells of an older edition", BOTH),
    _file(
        "empty_cells_3000",
        _notebook([_cell(MARGIN), *[_cell("")] * 3_000, _cell(SOFTMAX)]),
        "cells of nothing cost nothing",
        BOTH,
    ),
    _file(
        "train_cell",
        _notebook(
            [
                _cell(MARGIN, metadata={"tags": ["train"]}),
                _cell("x", metadata={"tags": ["train"], "nlp4": {"instead": SOFTMAX}}),
            ]
        ),
        "a cell that trains is not run, and what stands in its place is",
        ONLY_SOFTMAX,
    ),
    _file(
        "markdown_cell",
        _notebook(
            [
                {"cell_type": "markdown", "metadata": {}, "source": MARGIN, "id": "a"},
                {"cell_type": "raw", "metadata": {}, "source": MARGIN, "id": "b"},
                _cell(SOFTMAX, id="c"),
            ]
        ),
        "only cells of code are run",
        ONLY_SOFTMAX,
    ),
    _file(
        "forged_verdicts",
        _notebook(
            [
                _cell(
                    WRONG,
                    id="a",
                    outputs=[
                        {
                            "output_type": "stream",
                            "name": "stdout",
                            "text": "✓ margin: right (2 points)\n",
                        }
                    ],
                )
            ],
            metadata={"nlp4": {"points": {"margin": 2, "softmax": 1}}},
        ),
        "what a file says of its own points does not matter",
    ),
)

KINDS: dict[str, tuple[HandIn, ...]] = {
    "signals": SIGNALS,
    "exits": EXITS,
    "crashes": CRASHES,
    "memory": MEMORY,
    "processes": PROCESSES,
    "hooks": HOOKS,
    "patches": PATCHES,
    "pipes": PIPES,
    "liars": LIARS,
    "values": VALUES,
    "clothes": CLOTHES,
    "thefts": THEFTS,
    "network": NETWORK,
    "files": FILES,
    "magics": MAGICS,
    "errors": ERRORS,
    "sources": SOURCES,
    "functions": FUNCTIONS,
    "no notebooks": FILES_THAT_ARE_NONE,
}
HAND_INS = tuple(each for kind in KINDS.values() for each in kind)


def file_name(hand_in: HandIn) -> str:
    return f"01_{hand_in.name}.ipynb"


def content(hand_in: HandIn) -> bytes:
    """The bytes of the notebook's file."""
    if hand_in.raw is not None:
        return hand_in.raw
    return _notebook(_cell(source, id=f"c{i}") for i, source in enumerate(hand_in.cells))


def write(folder: Path, hand_ins: Iterable[HandIn] = HAND_INS) -> None:
    """Write each hand-in into the folder, as `01_<name>.ipynb`."""
    for each in hand_ins:
        (folder / file_name(each)).write_bytes(content(each))


def write_entries(folder: Path) -> None:
    """Make entries of the folder that are no plain files, or have odd names.

    Those with `solved` in their names, and the one whose name is no UTF-8, are right notebooks;
    the others are nothing that may be read.
    """
    (folder / "01_folder.ipynb").mkdir()
    for name, target in (
        ("link_to_nothing", "nowhere.ipynb"),
        ("link_to_itself", "01_link_to_itself.ipynb"),
        ("link_to_zero", "/dev/zero"),
        ("link_to_passwd", "/etc/passwd"),
        ("link_to_folder", "."),
    ):
        (folder / f"01_{name}.ipynb").symlink_to(target)
    os.mkfifo(folder / "01_fifo.ipynb")
    with open(os.path.join(os.fsencode(folder), b"01_\xff.ipynb"), "wb") as file:
        file.write(_solved())
    for name in ('01_solved, "quoted"', "01_solved\nand a line", "01_solved \x1b[31mred"):
        (folder / f"{name}.ipynb").write_bytes(_solved())
    own = {"nlp4": {"notebook": "01_attention_copying_and_averaging"}}
    (folder / "=1+1 solved.ipynb").write_bytes(_solved(metadata=own))
    (folder / "-rf solved.ipynb").write_bytes(_solved(metadata=own))
    unreadable = folder / "01_unreadable.ipynb"
    unreadable.write_bytes(_solved())
    unreadable.chmod(0)
