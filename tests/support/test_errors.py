"""Tests of `nlp4.support.errors`."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nlp4.support.errors import UserError


@pytest.mark.parametrize(("error", "shown"), [("UserError", False), ("ValueError", True)])
def test_a_notebook_shows_the_message_without_a_stack_trace(
    error: str, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = InteractiveShell.instance()
    shell.push({"UserError": UserError})

    shell.run_cell(f"raise {error}('there is no file x: check its name')")

    told = capsys.readouterr().out
    assert "there is no file x: check its name" in told
    assert ("Traceback" in told) is shown
    assert (told.strip() == "nlp4: there is no file x: check its name") is not shown
