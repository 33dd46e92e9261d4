"""A private JupyterLab and a real browser that opens notebooks in it.

Tests and benchmarks share it. Nothing here touches the reader's own notebooks or settings: the
notebooks are copied, and every folder that Jupyter writes to is a temporary one.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, WebSocket

from nlp4.exercises.grading.needs import needed
from nlp4.exercises.student import without_training
from nlp4.support.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 1280, "height": 1000}
# With windowing on, JupyterLab leaves cells out of the page until they are scrolled to.
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
}
WIDGET = "application/vnd.jupyter.widget-view+json"
BAR = re.compile(r"\d%\|")  # in what stands for a progress bar where widgets cannot be shown
ERROR_OUTPUTS = ", ".join(
    f'.jp-RenderedText[data-mime-type="application/vnd.jupyter.{kind}"]'
    for kind in ("error", "stderr")
)


class NoBrowser(UserError):
    """This machine lacks what a browser test needs; the message says how to get it."""


def find_browser() -> Path | None:
    """Return the browser that NLP4_BROWSER names, or else the first one on the PATH."""
    for name in (os.environ.get("NLP4_BROWSER", ""), *BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    return None


def executable(playwright: Playwright) -> Path:
    """Return the browser to start. Raises NoBrowser if there is none."""
    found = find_browser() or Path(playwright.chromium.executable_path)
    if not found.is_file():
        raise NoBrowser(
            "no browser was found: run `apt install chromium` (Debian, Ubuntu) or "
            "`python -m playwright install chromium`, or name one in NLP4_BROWSER"
        )
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium. Raises NoBrowser if it, or playwright, is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser(
            "playwright is not installed: run `pip install playwright`, or `python3 dev.py test`"
        ) from None
    with sync_playwright() as playwright:
        path = executable(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, the word that it asks for, and its notebooks."""

    url: str
    token: str
    folder: Path

    def address(self, stem: str) -> str:
        """Return the address that opens the notebook `stem` and forgets the earlier layout."""
        return f"{self.url}/lab/tree/{stem}.ipynb?reset&token={self.token}"

    def ask(self, method: str, path: str) -> Any:
        """Call the server's REST interface and return its answer. Raises URLError."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def stop_kernels(self) -> None:
        """End every kernel, so that the next notebook has the machine for itself."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")


def fresh(notebook: nbformat.NotebookNode, name: str = "notebook") -> nbformat.NotebookNode:
    """Return a copy that looks as if it was never run, with quick stand-ins for its trainings."""
    made = without_training(notebook, name)
    made.metadata.pop("widgets", None)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            # An empty cell gets no number, as if it were still to run.
            cell.source = cell.source if cell.source.strip() else "pass"
    return made


def in_short(notebook: nbformat.NotebookNode, name: str = "notebook") -> nbformat.NotebookNode:
    """Return a copy that computes only what its widgets need, progress bars aside.

    Every other cell shows again what was saved under it, as if it had just been computed.
    """
    made = without_training(notebook, name)
    cells = {at: cell for at, cell in enumerate(made.cells) if cell.cell_type == "code"}
    sources = {at: cell.source for at, cell in cells.items()}
    others = [cell.source for cell in cells.values() if not any(map(_moves, cell.outputs))]
    kept = needed(sources, others, ())
    for at, cell in cells.items():
        cell.metadata["tags"] = []  # what is run instead of a training stands there already
        cell.source = kept.get(at) or "\n".join(filter(None, map(_again, cell.outputs)))
    return made


def _moves(output: nbformat.NotebookNode) -> bool:
    """Tell whether a saved output is a widget that a reader can move."""
    data = output.get("data", {})
    return WIDGET in data and not BAR.search(data["text/plain"])


def _again(output: nbformat.NotebookNode) -> str:
    """Return code that shows a saved output; a widget would need what is behind it."""
    if output.output_type == "stream":
        return f"print({output.text!r}, end='')"
    return "" if WIDGET in output.data else f"display({dict(output.data)!r}, raw=True)"


def private_environment(folder: Path, token: str) -> dict[str, str]:
    """Return the server's environment: nothing of Jupyter's is read or written at home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    private = {name: str(folder / place) for name, place in places.items()}
    return kept | private | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_TOKEN": token}


def write_settings(folder: Path) -> None:
    """Write JupyterLab's user settings into `folder`."""
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), "utf-8")


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_lab(
    notebooks: Mapping[str, nbformat.NotebookNode], folder: Path, beside: Iterable[Path] = ()
) -> Iterator[Lab]:
    """Start a JupyterLab on copies of `notebooks`, by stem, and end it with all its kernels.

    `folder` is empty and takes all that Jupyter writes; the files `beside` are copied next to the
    notebooks. Raises RuntimeError with the server's last lines if it does not come up.
    """
    home = folder / "notebooks"
    home.mkdir(parents=True)
    for stem, notebook in notebooks.items():
        nbformat.write(fresh(notebook, stem), home / f"{stem}.ipynb")
    for path in beside:
        shutil.copy(path, home)
    write_settings(folder / "settings")
    port, token = free_port(), secrets.token_hex(16)
    lab = Lab(f"http://127.0.0.1:{port}", token, home)
    log = folder / "jupyterlab.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            server_command(port, home),
            cwd=home,
            env=private_environment(folder, token),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lab, server, log)
        yield lab
    finally:
        end(server)


def server_command(port: int, home: Path) -> list[str]:
    """Return the command that starts the JupyterLab of this Python."""
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "open_browser": False,
        "allow_root": True,  # CI runs as root
        "root_dir": home,
    }
    arguments = [f"--ServerApp.{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", *arguments]


def wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Return when the server answers. Raises RuntimeError if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        try:
            lab.ask("GET", "status")
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
    raise RuntimeError(f"JupyterLab did not come up in {seconds:.0f} s:\n{tail}")


def end(server: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End the server politely, then whatever is left of it and its kernels.

    Kernels have process groups of their own, so that a signal to the server's group misses them.
    """
    try:
        family = psutil.Process(server.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    server.terminate()
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    _, left = psutil.wait_procs(family, timeout=1)
    for process in left:
        process.kill()


class Watch:
    """Collects what goes wrong behind a page, from its opening on.

    The page itself does not show an exception in a slider's callback: JupyterLab puts it into a
    log that is closed. So the messages between the kernel and the page are read as well.
    """

    # "No such comm" is ipykernel's note on a message to a widget that it does not know (any more);
    # it comes while a page loads. A lost slider event would show in the caption instead.
    MESSAGES = (
        (re.compile(rb'"ename":\s*"(\w+)",\s*"evalue":\s*"((?:[^"\\]|\\.)*)"'), "raised"),
        (
            re.compile(rb'"name":\s*"(stderr)",\s*"text":\s*"((?!No such comm)(?:[^"\\]|\\.)*)"'),
            "wrote to",
        ),
    )

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self._note(f"JavaScript raised {error}"))
        page.on("console", self._hear)
        page.on("websocket", self._listen)

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"the browser's console says {message.text!r}")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._read)

    def _read(self, frame: bytes | str) -> None:
        content = frame.encode("utf-8") if isinstance(frame, str) else frame
        for pattern, did in self.MESSAGES:
            for what, text in pattern.findall(content):
                told = text.decode("utf-8", "replace")
                self._note(f"the kernel {did} {what.decode()}: {told}")


STILL_TO_RUN = f"""() => {{
    const outputs = document.querySelectorAll(`{ERROR_OUTPUTS}`);
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')];
    const prompt = cell => cell.querySelector('.jp-InputPrompt').textContent;
    const waiting = cells.filter(cell => !/^\\[\\d+\\]:$/.test(prompt(cell)));
    return outputs.length ? 0 : waiting.length;
}}"""
STILL_TO_SHOW = f"""() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(
    output => output.dataset.mimeType === '{WIDGET}' && !output.querySelector('.jupyter-widgets *')
).length"""


def open_and_run(page: Page, lab: Lab, stem: str, seconds: float = 120) -> None:
    """Open the notebook `stem`, run all its cells, and return when they and their widgets stand.

    It also returns when a cell has failed: look for ERROR_OUTPUTS. Raises playwright's
    TimeoutError if the cells take longer than `seconds`.
    """
    page.goto(lab.address(stem))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.locator("text=/Python 3 .*Idle/").first.wait_for(timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.wait_for_function(f"({STILL_TO_RUN})() === 0", timeout=seconds * 1000, polling=100)
    page.wait_for_function(f"({STILL_TO_SHOW})() === 0", timeout=20_000, polling=50)


def read_notebooks(folder: Path) -> dict[str, nbformat.NotebookNode]:
    """Return the notebooks of a folder by stem, in order."""
    paths = sorted(folder.glob("*.ipynb"))
    return {path.stem: nbformat.read(path, as_version=4) for path in paths}
