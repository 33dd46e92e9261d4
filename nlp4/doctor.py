"""Looks at the machine and says, line by line, what would keep the workbook from running."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nlp4.support.errors import quoted

INSTALL = (
    'run `python3 dev.py lab`, or `pip install "nlp4[data,lab,train]"` in your own environment'
)
COLAB = "google.colab"  # loaded in each of Colab's kernels; its own page opens notebooks there
WIDGETS = Path("labextensions", "@jupyter-widgets", "jupyterlab-manager", "package.json")
NEEDED_BYTES = 10**9


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: its name, whether it is well, what was found, the mend."""

    name: str
    ok: bool
    detail: str
    mend: str = ""

    def line(self) -> str:
        """Return the line that the doctor prints."""
        if self.ok:
            return f"OK    {self.name}: {self.detail}"
        return f"FAIL  {self.name}: {self.detail}. Mend: {self.mend}."


def diagnose() -> list[Check]:
    """Return all checks, in the order in which their mends should be tried."""
    return [
        check_python(),
        *check_dependencies(),
        check_widgets(),
        check_kernel(),
        check_data(),
        check_threads(),
        check_disk(),
    ]


def check_python() -> Check:
    """Compare this Python with the versions that the package accepts."""
    detail = f"{platform.python_version()} at {sys.executable}"
    mend = "install Python 3.11 or newer, delete .venv and run `python3 dev.py lab`"
    return Check("Python", sys.version_info >= (3, 11), detail, mend)


def check_dependencies() -> Iterator[Check]:
    """Yield one check for each package that the notebooks need, by the installed metadata."""
    try:
        from packaging.requirements import Requirement

        lines = importlib.metadata.requires("nlp4") or []
    except ImportError as error:  # PackageNotFoundError is one too
        yield Check("nlp4", False, f"not installed as a package ({error})", INSTALL)
        return
    extras = ("", "train") if COLAB in sys.modules else ("", "train", "lab")
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            yield check_version(requirement.name, str(requirement.specifier))


def check_version(name: str, wanted: str) -> Check:
    """Compare the installed version of one package with the range `wanted`, say ">=2,<3"."""
    from packaging.specifiers import SpecifierSet

    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed", INSTALL)
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Check(name, True, version)
    return Check(name, False, f"{version} is installed, {wanted} is needed", INSTALL)


def check_widgets() -> Check:
    """Look for the JupyterLab extension that shows sliders."""
    name = "slider widgets in JupyterLab"
    try:
        from jupyter_core.paths import jupyter_path
    except ImportError as error:
        return Check(name, False, str(error), INSTALL)
    found = [Path(folder) for folder in jupyter_path() if (Path(folder) / WIDGETS).is_file()]
    if found:
        return Check(name, True, "the extension is installed")
    mend = "run `pip install --force-reinstall jupyterlab_widgets` in this environment"
    return Check(name, False, "JupyterLab would not find the widget extension", mend)


def check_kernel() -> Check:
    """Ask Jupyter which Python its kernel `python3` starts; it must be this one."""
    mend = f"run `{sys.executable} -m ipykernel install --sys-prefix`"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError as error:
        return Check("kernel python3", False, str(error), INSTALL)
    known = KernelSpecManager()
    try:
        program = known.get_kernel_spec("python3").argv[0]
        own = starts_this_python(program)
    except NoSuchKernel:
        return Check("kernel python3", False, "Jupyter does not know it", mend)
    except Exception as error:  # a kernel.json may hold anything; the other checks go on
        folder = known.find_kernel_specs()["python3"]
        detail = f"{folder} cannot be read ({type(error).__name__})"
        return Check("kernel python3", False, detail, f"delete that folder, then {mend}")
    if own:
        return Check("kernel python3", True, "starts this Python")
    return Check("kernel python3", False, f"starts another Python, {quoted(program)}", mend)


def starts_this_python(program: str) -> bool:
    """Tell whether a kernel whose command begins with `program` runs under this Python."""
    major, minor = sys.version_info[:2]
    # Jupyter itself puts its own interpreter in the place of these bare names.
    if program in {"python", f"python{major}", f"python{major}.{minor}"}:
        return True
    # A virtual environment's Python is a link, so the link must not be followed.
    return Path(os.path.abspath(program)) == Path(os.path.abspath(sys.executable))


def damaged_files() -> list[str]:
    """Return what is wrong with the embedded biographies, by their checksums."""
    from nlp4.data.corpus import embedded_folder
    from nlp4.data.people.generate import verify_checksums

    return verify_checksums(embedded_folder())


def check_data() -> Check:
    """Compare the embedded biographies with their checksums."""
    mend = "run `git checkout -- data/people` in a clone of the workbook, else install nlp4 again"
    try:
        problems = damaged_files()
    except ImportError as error:
        return Check("data", False, f"cannot be checked ({error})", INSTALL)
    except Exception as error:  # whatever is wrong with the data, the other checks go on
        problems = [f"{type(error).__name__}: {error}"]
    if problems:
        return Check("data", False, "; ".join(problems), mend)
    return Check("data", True, "all files match their checksums")


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads() -> Check:
    """Compare torch's threads with the cores; more threads than cores slow each other down."""
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: one of its libraries does not load
        return Check("threads", False, f"torch cannot be imported ({error})", INSTALL)
    threads, cores = torch.get_num_threads(), available_cores()
    detail = f"torch uses {threads}, and {cores} cores are free to use"
    mend = f"set the environment variable OMP_NUM_THREADS={cores} before JupyterLab is started"
    return Check("threads", threads <= cores, detail, mend)


def check_disk() -> Check:
    """Ask for 1 GB of free disk beside the package, for checkpoints and figures."""
    free = shutil.disk_usage(Path(__file__).parent).free
    detail = f"{free / 10**9:.1f} GB free, {NEEDED_BYTES / 10**9:.0f} GB needed"
    return Check("disk", free >= NEEDED_BYTES, detail, "free some space")


def run(stream: TextIO) -> int:
    """Write one line for each check to `stream`; return 1 if any failed, else 0."""
    checks = diagnose()
    for check in checks:
        print(check.line(), file=stream)
    failed = sum(not check.ok for check in checks)
    print(f"{failed} of {len(checks)} checks failed." if failed else "All is well.", file=stream)
    return 1 if failed else 0
