"""How nbval runs a notebook's cells in these tests: as JupyterLab and nbconvert do."""

from __future__ import annotations

from typing import Any

import pytest
from nbval.kernel import RunningKernel


def execute_and_remember(
    self: RunningKernel, cell_input: str, allow_stdin: bool | None = None
) -> str:
    """Send a cell to the kernel and return the message's id.

    IPython looks in its history for the `;` that hides a cell's value, and nbval keeps cells
    out of the history; JupyterLab and nbconvert do not.
    """
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let a trailing `;` hide a cell's value under nbval too."""
    kernel: Any = RunningKernel
    kernel.execute_cell_input = execute_and_remember
