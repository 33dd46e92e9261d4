"""The one exception for mistakes that the reader can mend."""

from __future__ import annotations


class UserError(Exception):
    """A mistake outside the code: a bad file, a wrong option, a missing package.

    The message names what is wrong, where (file and line, if there is one) and the mend.
    The command line prints it alone and exits with status 2; a notebook shows it without a
    stack trace.
    """

    def _render_traceback_(self) -> list[str]:
        """IPython calls this instead of printing a stack trace."""
        return [f"nlp4: {self}"]
