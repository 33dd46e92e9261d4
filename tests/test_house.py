"""The house: every package in its layer, every module with its tests, nothing private shared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp4 import experiments, maths, pictures, training

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    path.relative_to(ROOT / "nlp4").with_suffix("") for path in (ROOT / "nlp4").rglob("*.py")
)
NAMES = {".".join(("nlp4", *module.parts)).removesuffix(".__init__") for module in MODULES}


def layers() -> list[list[str]]:
    """The contract's layers from the top, each with the packages and top modules in it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    found = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    assert len(found) == 1
    return [re.findall(r"[^\s:|]+", layer) for layer in found[0]]


def test_the_contract_has_few_layers_and_each_name_exists_once() -> None:
    names = [name for layer in layers() for name in layer]
    top = {path.parts[0] for path in MODULES} - {"__init__"}
    assert len(layers()) <= 8
    assert sorted(names) == sorted(top)


def test_the_front_door_is_narrow() -> None:
    listed = [path for path in (ROOT / "nlp4").iterdir() if path.name != "__pycache__"]
    folders = [path for path in listed if path.is_dir()]
    assert len(folders) <= 8
    assert len(listed) - len(folders) <= 8
    # 95 for four notebooks with exercises, 101 with a fifth, seven more for pages on the web, eight
    # for knowledge in any words: six in data (what texts tell, how it is asked for, what a question
    # says), and two experiments. Three more for people's rows: the index that finds them, the
    # layer that reads them, and how they are studied. Nine for a sixth notebook, which reaches
    # into the model: what can be exchanged in it, how a fact is edited, and its experiments; five
    # for those of them that train (doses, reversal, capacity), with their pictures and an exercise.
    # Fifteen for a class: functions are tried apart from being judged, behind walls, and points go
    # into the tools that teachers have. One for what heads attend with: its pictures need no torch.
    # One for trainings by several processes.
    assert len(MODULES) <= 150


def without_tests(modules: list[Path], tests: Path) -> list[str]:
    """The modules for which `tests/<package>/test_<module>.py` is not there."""
    return [
        f"{module}.py has no {tests.name}/{module.parent / f'test_{module.name}.py'}"
        for module in modules
        if not module.name.startswith("__")
        and not (tests / module.parent / f"test_{module.name}.py").is_file()
    ]


def test_every_module_has_its_tests() -> None:
    assert without_tests(MODULES, ROOT / "tests") == []


def test_every_test_file_of_a_package_has_its_module() -> None:
    packages = {module.parts[0] for module in MODULES if len(module.parts) > 1}
    lost = [
        str(path.relative_to(ROOT))
        for package in packages
        for path in (ROOT / "tests" / package).rglob("test_*.py")
        if path.relative_to(ROOT / "tests").with_name(path.stem.removeprefix("test_"))
        not in MODULES
    ]
    assert lost == []


def test_a_module_without_tests_is_named(tmp_path: Path) -> None:
    (tmp_path / "maths").mkdir()
    (tmp_path / "maths" / "test_heads.py").touch()
    modules = [Path("maths/heads"), Path("maths/tails"), Path("maths/__init__")]
    assert without_tests(modules, tmp_path) == [
        f"maths/tails.py has no {tmp_path.name}/maths/test_tails.py"
    ]


def test_a_package_loads_its_modules_when_they_are_asked_for() -> None:
    code = (
        "import sys; from nlp4 import experiments, maths, pictures; "
        "maths.copying.softmax([0.0]), pictures.copying.copy_explorer(), "
        "experiments.claims.attention_claims(); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"
    for package in (experiments, maths, pictures, training):
        with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'nine'"):
            package.nine  # noqa: B018


def private_imports(source: str, own: str) -> Iterator[str]:
    """What a module called `own` takes from others although its name says that it is theirs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nlp4"):
            words = [*(node.module or "").split("."), *(each.name for each in node.names)]
            yield from (f"{own}: {node.module}.{word}" for word in words if re.match("_[^_]", word))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_private_is_shared(module: Path) -> None:
    source = (ROOT / "nlp4" / module).with_suffix(".py").read_text("utf-8")
    assert list(private_imports(source, str(module))) == []


def test_private_imports_are_seen() -> None:
    source = "from nlp4.maths.heads import _a, b\nfrom nlp4 import __version__\nimport os\n"
    assert list(private_imports(source, "x")) == ["x: nlp4.maths.heads._a"]
