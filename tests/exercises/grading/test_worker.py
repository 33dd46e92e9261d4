"""Tests of `nlp4.exercises.grading.worker`: one session, its cells and its functions."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from nlp4.exercises.grading import worker

SESSION = """
import base64, json, pickle, sys, warnings
warnings.simplefilter("ignore")
from nlp4.exercises.grading.worker import Learner
from nlp4.exercises.trying import Task
learner = Learner()
ask = lambda source: print(json.dumps(learner.run(source, 1)), file=sys.stderr)
for source in (
    "x = 1", "x +", "1 / 0", "%nosuch", "%%nosuch\\nx", "quit()", "import sys; sys.exit()",
    "t = '\\ud83d'; y = 3", "assert (x, y) == (1, 3)", "while True: pass",
    "while True: print('x')",
    "import time; time.sleep(9)", "raise KeyboardInterrupt", "await __import__('asyncio').sleep(0)",
    "type('E' * 10_000, (Exception,), {})", "raise type('E' * 10_000, (Exception,), {})",
    "from nlp4.exercises import check; check('nobody', 0)", "def double(x): return 2 * x",
):
    ask(source)
task = base64.b64encode(pickle.dumps(Task("double", ("x",), [(1,), (2,)]))).decode()
print(json.dumps(learner.attempt(task, 1)), file=sys.stderr)
ask("def double(x):\\n    while True: pass")
print(json.dumps(learner.attempt(task, 1)), file=sys.stderr)
"""


def test_a_session() -> None:
    """In a process of its own: IPython's shell is one for all."""
    done = subprocess.run(
        [sys.executable, "-c", SESSION], capture_output=True, text=True, check=False
    )
    found = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    ended = [each.get("error", each["state"]) for each in found]
    assert ended[:14] == [
        *("done", "SyntaxError", "ZeroDivisionError", "UsageError", "UsageError", "done"),
        *(
            "SystemExit",
            "done",
            "done",
            "stopped",
            "stopped",
            "stopped",
            "KeyboardInterrupt",
            "done",
        ),
    ]
    assert ended[14:18] == ["done", "E" * 200, "done", "done"]
    values = [outcome["value"] for outcome in found[18]["outcomes"]]
    assert (found[18]["state"], values) == ("done", [2, 4])
    assert ended[19:] == ["done", "stopped"]


def test_a_time_limit_ends_a_wait_and_leaves_nothing_behind() -> None:
    with pytest.raises(KeyboardInterrupt), worker.time_limit(0.1):
        threading.Event().wait(9)
    with worker.time_limit(0.1):
        pass
    threading.Event().wait(0.3)  # no second ring
