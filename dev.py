"""Set everything up in .venv, then open the workbook or run its tests.

    python3 dev.py lab [DIR]       open JupyterLab on notebooks/ or DIR (more goes to JupyterLab)
    python3 dev.py student [DIR]   copy the notebooks to DIR, for you to solve (default: mine)
    python3 dev.py test [ARGS]     run all checks and tests (ARGS go to pytest)
    python3 dev.py links           write badges and links from the address in pyproject.toml

Needs nothing but Python 3.11 or newer, on Linux, macOS or Windows.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

# This file must also parse on older Pythons, so that they can say that they are too old.
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# What can be installed, the smallest first; each kind contains the ones before it.
EXTRAS = {"lab": "[data,lab,train]", "test": "[test]"}

STEPS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    # import-linter has no `-m` form, and its script breaks when the folder is moved.
    (
        "import-linter",
        ("-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo"),
    ),
    ("mypy", ("-m", "mypy")),
)
PYTEST = (
    "-m",
    "pytest",
    "--nbval",
    "--nbval-current-env",
    "--nbval-sanitize-with",
    "tests/nbval_sanitize.cfg",
    "--nbval-cell-timeout",
    "600",
    # A file at a time: a notebook's cells stay together, in their order. Three processes on two
    # cores: half of the time of half of the tests is spent waiting for a browser.
    "--numprocesses",
    "3",
    # `tests/conftest.py` puts the longest files first; xdist alone, those with the most tests.
    "--dist",
    "loadfile",
    "--no-loadscope-reorder",
    "notebooks",
    "tests",
)


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a child process prints."""
    print(f"dev.py: {text}", flush=True)


def stop(text: str, status: int = 1) -> NoReturn:
    """Print one message to stderr and leave with `status`."""
    sys.stdout.flush()
    print(f"dev.py: {text}", file=sys.stderr)
    raise SystemExit(status)


def environment() -> dict[str, str]:
    """Return the environment of child processes: Jupyter stores things in .venv, not at home."""
    env = dict(os.environ)
    # torch's threads wait for each other by spinning. Beside a browser that costs a training on
    # two cores half of its speed and more; waiting briefly, then sleeping, costs it nothing alone.
    env.setdefault("GOMP_SPINCOUNT", "2000")
    env.setdefault("JUPYTER_DATA_DIR", str(VENV / "share" / "jupyter"))
    env.setdefault("IPYTHONDIR", str(VENV / "share" / "ipython"))
    return env


def run(*arguments: str, folder: str | None = None) -> int:
    """Run the Python of .venv in `folder` (default: the project's); return its exit status."""
    command = [str(PYTHON), *arguments]
    process = subprocess.Popen(command, cwd=folder or str(ROOT), env=environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The child got Ctrl-C too; it decides what that means, and is waited for.
            continue


def venv_version() -> str | None:
    """Return the full version of the Python in .venv; None if it or its pip does not work."""
    code = f"import sys, pip; assert sys.version_info >= {OLDEST}; print(sys.version)"
    try:
        probe = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True)
    except OSError:
        return None
    return probe.stdout if probe.returncode == 0 else None


def make_venv() -> str:
    """Make .venv anew and return the version of its Python."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            stop(
                f"this Python has no {module} module. On Debian or Ubuntu: "
                "apt install python3-venv. Then run the same command again."
            )
    say("making .venv")
    status = subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)])
    version = venv_version()
    if status != 0 or version is None:
        stop(f"making .venv failed. Delete the folder {VENV} and try again.", status or 1)
    return version


def fingerprint(version: str, kind: str) -> str:
    """Return a hash of all that decides what `kind` installs."""
    parts = [version, str(ROOT), kind]
    parts += [(ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def stamp_of(kind: str) -> Path:
    """Return the file that remembers the last complete installation of `kind`."""
    return VENV / f"nlp4-{kind}.stamp"


def is_installed(version: str, kind: str) -> bool:
    """Tell whether `kind`, or a kind that contains it, was installed to the end."""
    kinds = list(EXTRAS)
    for other in kinds[kinds.index(kind) :]:
        stamp = stamp_of(other)
        if stamp.is_file() and stamp.read_text("utf-8") == fingerprint(version, other):
            return True
    return False


def install(version: str, kind: str) -> None:
    """Install the package in .venv and write the stamp, last of all."""
    say("installing into .venv (the first time this takes some minutes)")
    for other in EXTRAS:
        stamp_of(other).unlink(missing_ok=True)
    options = ("--no-input", "--disable-pip-version-check", "-c", "constraints.txt")
    status = run("-m", "pip", "install", *options, "-e", "." + EXTRAS[kind])
    if status != 0:
        stop(
            "pip could not install everything. Look at its last lines above (often the "
            "network or a full disk), then run the same command again.",
            status,
        )
    trust_notebooks()
    unfinished = stamp_of(kind).with_suffix(".tmp")
    unfinished.write_text(fingerprint(version, kind), "utf-8")
    unfinished.replace(stamp_of(kind))


def trust_notebooks() -> None:
    """Sign the notebooks, so that JupyterLab shows their saved pictures before a cell is run."""
    names = sorted(str(path) for path in (ROOT / "notebooks").glob("*.ipynb"))
    if names and run("-m", "nbformat.sign", *names) != 0:
        say("the notebooks could not be signed; their pictures appear once the cells are run")


def set_up(kind: str) -> None:
    """Make .venv ready for `kind`; takes well under a second when nothing has changed."""
    version = venv_version() or make_venv()
    if not is_installed(version, kind):
        install(version, kind)


def lab(extra: list[str]) -> int:
    """Open JupyterLab on notebooks/, or on the folder named first; return its exit status."""
    folder = ROOT / "notebooks"
    if extra and not extra[0].startswith("-"):
        folder, extra = Path(extra[0]).resolve(), extra[1:]
        if not folder.is_dir():
            stop(f"{folder} is no folder: python3 dev.py student {folder} makes it.", 2)
    set_up("lab")
    command = [str(PYTHON), "-m", "nlp4", "lab", str(folder)]
    if os.name == "posix":
        # JupyterLab takes this process's place, so that signals reach it.
        sys.stdout.flush()
        os.chdir(str(ROOT))
        os.execve(command[0], command + extra, environment())
    return run(*command[1:], *extra)


def test(extra: list[str]) -> int:
    """Run every check, then pytest, whose last line ends the output; return the exit status."""
    set_up("test")
    report = []
    for name, arguments in STEPS:
        say(f"{name} ...")
        start = time.monotonic()
        status = run(*arguments)
        result = "ok" if status == 0 else f"FAILED (exit status {status})"
        report.append((status, f"{name:<15}{result}, {time.monotonic() - start:.1f} s"))
    for _, line in report:
        say(line)
    say("pytest ...")
    # The notebooks' own checks are then errors unless the answer is right.
    os.environ["NLP4_STRICT"] = "1"
    # Processes with two threads each, on two cores, would mostly wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return run(*PYTEST, *extra) or int(any(status != 0 for status, _ in report))


def student(extra: list[str]) -> int:
    """Write the learner's copies of the notebooks; return the exit status."""
    set_up("lab")
    # A folder is named as seen from where the command was given.
    return run("-m", "nlp4", "student", *extra, folder=os.getcwd())


def links(extra: list[str]) -> int:
    """Write all that speaks of the repository's address; return the exit status."""
    set_up("lab")
    return run(str(ROOT / ".ci" / "links.py"), *extra)


def main(arguments: list[str]) -> int:
    """Check the Python version, then do what the first argument says."""
    if sys.version_info < OLDEST:
        have = "{}.{}".format(*sys.version_info[:2])
        stop(f"this is Python {have}; the workbook needs 3.11 or newer (https://www.python.org).")
    commands = {"lab": lab, "test": test, "student": student, "links": links}
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    if arguments[0] not in commands:
        stop(f"unknown command {arguments[0]!r}; try `lab`, `test`, `student` or `links`.", 2)
    try:
        return commands[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        stop("interrupted. Run the same command again to go on.", 130)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
