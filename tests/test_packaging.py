"""The packaging files agree with each other, and the checks they configure really check."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"pytorch": "torch"}


def ranges(lines: list[str]) -> dict[str, SpecifierSet]:
    """Return name -> version range for pip requirement lines, each name once."""
    requirements = [Requirement(line) for line in lines]
    found = {canonicalize_name(each.name): each.specifier for each in requirements}
    assert len(found) == len(requirements), "a name stands twice"
    return found


def project() -> dict[str, Any]:
    """Return the [project] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def project_ranges() -> dict[str, SpecifierSet]:
    """Return name -> range of all dependencies, those of the extras included."""
    table = project()
    lines = table["dependencies"] + [
        line for extra in table["optional-dependencies"].values() for line in extra
    ]
    return ranges([line for line in lines if Requirement(line).name != "nlp4"])


def conda() -> tuple[list[str], list[str]]:
    """Return the conda specs and the pip lines of environment.yml."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    specs = [entry for entry in entries if isinstance(entry, str)]
    pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    return specs, pip


def test_environment_and_pyproject_name_the_same_packages_and_ranges() -> None:
    specs, pip = conda()
    pip.remove("-e .")
    lines = [spec.replace(" ", "") for spec in specs if spec != "pip"] + pip
    found = ranges(lines)
    found = {CONDA_NAMES.get(name, name): value for name, value in found.items()}
    assert found.pop("python") == SpecifierSet(project()["requires-python"])
    assert found == project_ranges()


def test_environment_is_valid_conda_syntax() -> None:
    for spec in conda()[0]:
        assert MatchSpec(spec, strict=True).name is not None
    with pytest.raises(Exception, match="build string"):
        MatchSpec("numpy >=2 <3", strict=True)


def test_environment_uses_conda_forge_alone() -> None:
    channels = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["channels"]
    assert channels == ["conda-forge", "nodefaults"]


def constraints() -> dict[str, str]:
    """Return name -> version of constraints.txt; every line must be an exact pin."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_constraints_lie_in_the_ranges_and_pin_torch() -> None:
    pinned = constraints()
    assert pinned["torch"] == "2.13.0"
    for name, wanted in project_ranges().items():
        assert wanted.contains(pinned[name]), f"{name} {pinned[name]} is outside {wanted}"
    assert all("+" not in version for version in pinned.values())


def test_package_version_is_the_projects() -> None:
    import nlp4

    assert nlp4.__version__ == project()["version"]


def test_readme_and_ci_name_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "python3 dev.py lab" in readme
    assert "python3 dev.py test" in readme
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == "python3 dev.py test"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no executable bit")
def test_ci_script_is_sound_bash() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    assert subprocess.run([bash, "-n", str(script)], check=False).returncode == 0


GOOD_PACKAGE = {
    "__init__": "",
    "__main__": "import nlp4.cli",
    "cli": "import nlp4.cli_experiment",
    "cli_experiment": "import nlp4.experiments.facts",
    "cli_grade": "import nlp4.exercises.checks",
    "doctor": "",
    "support/errors": "",
    "maths/heads": "import nlp4.support.errors",
    "data/corpus": "import nlp4.maths.heads",
    "models/gpt": "import nlp4.data.corpus",
    "training/trainer": "import nlp4.models.gpt",
    "experiments/facts": "import nlp4.training.trainer",
    "pictures/svg": "import matplotlib",
    "pictures/facts": "import ipywidgets\nimport nlp4.experiments.facts\nimport nlp4.pictures.svg",
    "exercises/checks": "import nlp4.support.errors",
    "site/build": "import nlp4.support.errors",
}


def lint(folder: Path, modules: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts on a small package made of `modules`."""
    for name, source in modules.items():
        path = folder / "nlp4" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(source + "\n", "utf-8")
    (folder / "nlp4" / "data" / "people").mkdir()
    (folder / "nlp4" / "data" / "people" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    code = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_import_contracts_accept_a_good_package(tmp_path: Path) -> None:
    done = lint(tmp_path, GOOD_PACKAGE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("support/errors", "import nlp4.models.gpt", "nlp4.support.errors -> nlp4.models.gpt"),
        ("models/gpt", "import nlp4.pictures.svg", "nlp4.models.gpt -> nlp4.pictures.svg"),
        ("models/gpt", "import matplotlib.pyplot", "nlp4.models.gpt -> matplotlib"),
        ("models/gpt", "def f():\n    import ipywidgets", "nlp4.models.gpt -> ipywidgets"),
        ("exercises/checks", "import nlp4.pictures.svg", "nlp4.exercises.checks -> nlp4.pictures"),
        ("pictures/svg", "import matplotlib, nlp4.pictures.facts", "nlp4.pictures"),
        ("newcomer", "", "nlp4.newcomer"),
    ],
)
def test_import_contracts_refuse(tmp_path: Path, module: str, source: str, complaint: str) -> None:
    done = lint(tmp_path, {**GOOD_PACKAGE, module: source})
    assert done.returncode == 1
    assert complaint in done.stdout


def test_pre_commits_ruff_is_the_pinned_one() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert repository["rev"] == f"v{constraints()['ruff']}"
    assert [hook["id"] for hook in repository["hooks"]] == ["ruff-check", "ruff-format"]


def test_changelog_and_citation_speak_of_the_projects_version() -> None:
    version = project()["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == version
    assert citation["license"] == "MIT" and "MIT" in project()["license"]
    headings = re.findall(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)
    assert headings[0] == version


def test_set_up_and_conda_keep_the_six_packages() -> None:
    six = {"torch", "numpy", "matplotlib", "ipywidgets", "jupyterlab", "nbval"}
    assert six <= project_ranges().keys()
    table = project()
    opened = table["dependencies"] + [
        line for extra in ("lab", "train") for line in table["optional-dependencies"][extra]
    ]
    assert six - {"nbval"} <= ranges(opened).keys()
