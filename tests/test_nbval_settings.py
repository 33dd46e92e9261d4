"""nbval as this project runs it: what it treats as equal, and what it still sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

TESTS = Path(__file__).resolve().parent
SETTINGS = TESTS / "nbval_sanitize.cfg"


def sanitized(text: str) -> str:
    """Return the text as nbval compares it."""
    for regex, replacement in get_sanitize_patterns(SETTINGS.read_text("utf-8")):
        text = re.sub(regex, replacement, text)
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("took 1.25 s", "took DURATION"),
        ("3 min and 12ms", "DURATION and DURATION"),
        ("1,234.5 µs per step", "DURATION per step"),
        ("0:07 of 12:34 or 1:02:03", "CLOCK of CLOCK or CLOCK"),
        ("10,312.5 tokens/s", "RATE"),
        ("<f at 0x7f3a2b1c>", "<f at ADDRESS>"),
        ("wrote /home/ada/run-1/model.pt now", "wrote PATH now"),
        (r"wrote C:\Users\ada\model.pt now", "wrote PATH now"),
    ],
)
def test_what_differs_between_runs_is_replaced(text: str, expected: str) -> None:
    assert sanitized(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "accuracy 60/500 = 12.0%",
        "weights 0.25, 0.5 sum to 1",
        "shape (2, 4, 8)",
        "s = 3 samples",
        "span of 3 steps",
        "ratio 3:1",
        "wrote figures/bars.png",
        "see https://example.org/a/b",
    ],
)
def test_the_figures_that_matter_are_left_alone(text: str) -> None:
    assert sanitized(text) == text


def nbval_status(folder: Path, source: str, shown: str | None) -> int:
    """Run nbval, patched as in nbval_cells, on one cell whose saved value is `shown`."""
    data = {"text/plain": shown}
    outputs = [] if shown is None else [new_output("execute_result", data, execution_count=1)]
    cell = new_code_cell(source, execution_count=1, outputs=outputs)
    nbformat.write(new_notebook(cells=[cell]), folder / "notebook.ipynb")
    # The same plugin that these tests run under; copied, as pytest looks for it beside tests.
    (folder / "conftest.py").write_text((TESTS / "nbval_cells.py").read_text("utf-8"), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)]
    command += ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", str(SETTINGS)]
    done = subprocess.run([*command, str(folder)], capture_output=True, cwd=folder, check=False)
    return done.returncode


def test_semicolon_hides_a_value_as_in_jupyterlab(tmp_path: Path) -> None:
    assert nbval_status(tmp_path, "41 + 1;", shown=None) == 0


def test_changed_value_is_seen(tmp_path: Path) -> None:
    assert nbval_status(tmp_path, "41 + 1", shown="43") == 1
