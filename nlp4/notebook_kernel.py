"""A Jupyter kernel that answers within a time limit, or is stopped, or is given up."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from time import monotonic
from typing import Any, Literal

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

_START = 60  # seconds until a new kernel must answer
_PATIENCE = 3  # seconds in which an interrupted kernel must answer
_LOOK = 0.5  # seconds without a message, after which the kernel's pulse is felt

State = Literal["done", "raised", "stopped", "lost"]
Output = dict[str, Any]


class _OwnPython(KernelSpecManager):
    """Starts kernels in the Python that runs this, whatever else is registered as python3."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class _LostError(Exception):
    """The kernel's process has ended."""


class NotebookKernel:
    """A running kernel. nbclient runs notebooks too, but does not go on after a time limit."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager, self._client = manager, client

    def run(self, source: str, timeout: float) -> tuple[State, list[Output]]:
        """Run code. Return how it ended and its outputs, as the messages' contents.

        It was done, raised an error, was stopped after `timeout` seconds, or the kernel is lost.
        What the code prints is dropped: an endless loop that prints would fill the memory.
        """
        try:
            outputs = self._outputs(source, timeout)
        except _LostError:
            return "lost", []
        except TimeoutError:
            return ("stopped" if self._interrupt() else "lost"), []
        return ("raised" if any("ename" in output for output in outputs) else "done"), outputs

    def _outputs(self, source: str, timeout: float) -> list[Output]:
        sent = self._client.execute(source, allow_stdin=False, stop_on_error=False)
        outputs: list[Output] = []
        end = monotonic() + timeout
        while (left := end - monotonic()) > 0:
            try:
                message = self._client.get_iopub_msg(timeout=min(left, _LOOK))
            except Empty:
                if self._has_replied(sent):
                    return outputs
                continue
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["content"].get("execution_state") == "idle":
                return outputs
            if message["msg_type"] in ("display_data", "execute_result", "error"):
                outputs.append(message["content"])
        raise TimeoutError

    def _has_replied(self, sent: str) -> bool:
        """Tell whether the reply came although "idle" did not: a flood of output can drown it."""
        while self._client.shell_channel.msg_ready():
            if self._client.get_shell_msg()["parent_header"].get("msg_id") == sent:
                return True
        if not self._manager.is_alive():
            raise _LostError
        return False

    def _interrupt(self) -> bool:
        """Interrupt what runs; tell whether the kernel answers again."""
        self._manager.interrupt_kernel()
        try:
            self._outputs("pass", _PATIENCE)
        except (_LostError, TimeoutError):
            return False
        return True


@contextmanager
def notebook_kernel(folder: Path, **variables: str | None) -> Iterator[NotebookKernel]:
    """Start a kernel in `folder`, and end it at once when the block is left.

    `variables` are set in its environment, or removed from it where they are None. Raises
    RuntimeError if it does not start.
    """
    manager = KernelManager(kernel_spec_manager=_OwnPython())
    env = {**os.environ, **variables}
    given = {name: value for name, value in env.items() if value is not None}
    manager.start_kernel(env=given, cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=_START)
        yield NotebookKernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
