"""Explorers in a page: the archive alone makes them, and only files with known checksums go in."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from nlp4.pictures import live
from nlp4.support.errors import UserError

LOCK = json.loads((live.WEB / live.LOCK).read_text("utf-8"))["packages"]
MODULES = {"scipy": "scipy"}
# What runs in the page: no package but numpy and those that the table names.
ALONE = """
import json, sys
archive, name, absent = sys.argv[1:]
sys.path.insert(0, archive)
class Absent:
    def find_spec(self, module, *where):
        if module.partition(".")[0] in absent.split(","):
            raise ModuleNotFoundError(module)
sys.meta_path.insert(0, Absent())
from nlp4.pictures import standins
standins.install()
from nlp4.pictures import live
assert archive in live.__file__, live.__file__
state = json.loads(live.first_state(name))
values = state["values"]
for control in state["controls"]:
    if control["kind"] == "slider":
        values[control["name"]] = control["min"]
moved = json.loads(live.answer(name, json.dumps({"do": "move", "values": values})))
print(json.dumps([state["caption"], moved["caption"]]))
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live")
    live.add(folder, given=live.given(live.LIVE))
    for archive in folder.glob("*.zip"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.mark.parametrize("name", live.LIVE)
def test_the_archive_makes_each_explorer_without_torch_or_widgets(name: str, archive: Path) -> None:
    there = live.LIVE[name].packages
    absent = ["torch", "ipywidgets", "anywidget", "matplotlib", "rapidfuzz", "tqdm", "PIL"]
    absent += [module for package, module in MODULES.items() if package not in there]
    command = [sys.executable, "-c", ALONE, str(archive), name, ",".join(absent)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=archive)
    assert ended.returncode == 0, ended.stderr
    first, moved = json.loads(ended.stdout)
    twin = live.made.__wrapped__(name)
    assert first == twin.caption
    lowest = {n: each.min for n, each in twin.controls.items() if each.kind == "slider"}
    assert moved == twin.at(**lowest).caption


def test_several_explorers_are_given_the_same_and_a_page_loads_it_once(tmp_path: Path) -> None:
    given = live.given(["spectrum", "error", "plane"])
    assert list(given) == ["heads"]
    live.add(tmp_path, given=given)
    settings = json.loads((tmp_path / "live.json").read_text("utf-8"))
    shared = dict.fromkeys(("spectrum", "error", "projection"), "heads.zip")
    assert settings["given"] == shared and "heads.zip" not in settings["first"]
    assert settings["files"]["heads.zip"]["size"] < 2_000_000
    assert sum("given" in name for name in zipfile.ZipFile(tmp_path / "nlp4.zip").namelist()) == 0


def test_what_the_table_asks_for_is_in_the_lock_with_the_same_checksum() -> None:
    for each in live.LIVE.values():
        for package in ("numpy", *each.packages):
            assert set(LOCK[package]["depends"]) <= set(LOCK)
    for entry in LOCK.values():
        assert live.FILES[entry["file_name"]][0] == entry["sha256"]


def test_the_same_code_is_packed_into_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        live.add(tmp_path / name)
    assert (tmp_path / "a/nlp4.zip").read_bytes() == (tmp_path / "b/nlp4.zip").read_bytes()
    assert not any(
        "exercises" in name for name in zipfile.ZipFile(tmp_path / "a/nlp4.zip").namelist()
    )


def test_without_a_vendor_the_page_checks_what_the_cdn_gives(tmp_path: Path) -> None:
    live.add(tmp_path)
    settings = json.loads((tmp_path / "live.json").read_text("utf-8"))
    assert settings["python"] == "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"
    for name, (digest, size) in live.FILES.items():
        kind, _, value = settings["files"][name]["integrity"].partition("-")
        assert (kind, base64.b64decode(value).hex()) == ("sha256", digest)
        assert settings["files"][name]["size"] == size
    archive = (tmp_path / "nlp4.zip").read_bytes()
    digest = base64.b64encode(sha256(archive).digest()).decode()
    assert settings["files"]["nlp4.zip"] == {"integrity": f"sha256-{digest}", "size": len(archive)}
    assert not (tmp_path / "pyodide").exists()


def test_a_vendors_files_are_brought_along_and_no_other_host_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, content = tmp_path / "vendor", b"numpy, say"
    vendor.mkdir()
    (vendor / "numpy.whl").write_bytes(content)
    (vendor / "pandas.whl").write_bytes(b"not needed")
    monkeypatch.setattr(live, "FILES", {"numpy.whl": (sha256(content).hexdigest(), len(content))})
    live.add(tmp_path / "out", vendor)
    assert [path.name for path in (tmp_path / "out/pyodide").iterdir()] == ["numpy.whl"]
    assert "https:" not in (tmp_path / "out/live.json").read_text("utf-8")
    (vendor / "numpy.whl").write_bytes(b"numpy, sa")
    with pytest.raises(UserError, match=r"numpy\.whl is not that of Pyodide 0.27.7: fetch it anew"):
        live.add(tmp_path / "out", vendor)
    (vendor / "numpy.whl").unlink()
    with pytest.raises(UserError, match=r"holds no numpy\.whl: unpack Pyodide 0.27.7 .* or leave"):
        live.add(tmp_path / "out", vendor)


def test_a_link_puts_the_controls_and_runs_nothing() -> None:
    def values(at: str) -> dict[str, object]:
        live.made.cache_clear()
        found: dict[str, object] = json.loads(live.first_state("copy", False, at))["values"]
        return found

    first = values("")
    assert values("n=5, others='one rival'") == {**first, "n": 5, "others": 2}
    for at in ("n=[].append(1)", "n=", "1", "m=3", "n='many'", ") or print("):
        assert values(at) == first


def test_the_room_is_that_of_the_controls() -> None:
    kept = live.room("copy")
    assert kept.count("<label>") == len(live.made("copy").controls) == kept.count("<input")
    assert "inert" in kept and "<label>keys</label>" in kept
