"""The one exception for mistakes that the reader can mend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

# The extra of nlp4 that brings a package which is not needed everywhere.
_EXTRAS = {
    "jupyter_client": "lab",
    "jupyterlab": "lab",
    "matplotlib": "train",
    "psutil": "lab",
    "torch": "train",
    "tqdm": "train",
}


MOST_QUOTED = 80  # characters of a user's text in a message of one line


def quoted(text: str) -> str:
    """The text in quotation marks as a message shows it: a long one is cut, and its length told."""
    if len(text) <= MOST_QUOTED:
        return repr(text)
    return f"{text[:MOST_QUOTED]!r}... ({len(text):,} characters)"


def shown(text: str) -> str:
    """The text as it was typed; a long one as `quoted` shows it."""
    return text if len(text) <= MOST_QUOTED else quoted(text)


class UserError(Exception):
    """A mistake outside the code: a bad file, a wrong option, a missing package.

    The message names what is wrong, where (file and line, if there is one) and the mend.
    The command line prints it alone and exits with status 2; a notebook shows it without a
    stack trace. It is one line, whatever a file's name or an option may hold.
    """

    def __str__(self) -> str:
        """The message, with line ends and other signs that cannot be seen spelt out."""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().__str__())

    def _render_traceback_(self) -> list[str]:
        """IPython calls this instead of printing a stack trace."""
        return [f"nlp4: {self}"]


def memory_is_full(error: Exception) -> bool:
    """Whether that is what an error says; torch has no type of its own for it on CPUs."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return re.search(r"not enough memory|can't allocate memory", str(error)) is not None


@contextmanager
def telling_what_to_install() -> Iterator[None]:
    """Turn the error for a package that an extra brings into one line with pip's command.

    Raises UserError in its place; for any other package, the error itself.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        command = f'pip install "nlp4[{_EXTRAS[package]}]"'
        raise UserError(f"{package} is not installed: run `{command}`") from None
