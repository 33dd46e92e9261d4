"""Tests of `nlp4.support.files`."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nlp4.support import files
from nlp4.support.errors import UserError
from nlp4.support.files import (
    data_folder,
    replacing,
    require_writable,
    sha256,
    unwritable,
    write_text,
)


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    failure: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    with pytest.raises(failure), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise failure

    assert names(tmp_path) == ["file"]
    assert path.read_text() == "old"


def test_a_failure_where_there_was_no_file_leaves_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError), replacing(tmp_path / "file") as temporary:
        temporary.write_text("half of the n")
        raise ValueError

    assert names(tmp_path) == []


def test_no_part_of_a_file_is_ever_seen(tmp_path: Path) -> None:
    path = tmp_path / "file.tsv"
    with replacing(path) as temporary:
        temporary.write_text("ne")
        assert not path.exists()
        assert list(tmp_path.glob("*.tsv")) == []
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["file.tsv"]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with replacing(path) as first, replacing(path) as second:
        first.write_text("first")
        second.write_text("second")
        assert first != second
    assert path.read_text() == "first"  # the outer block ends last
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "text")

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_folders_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b" / "file", "text")

    assert (tmp_path / "a" / "b" / "file").read_text() == "text"


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(UserError, match=r"cannot write .*result\.txt .*: choose another place"):
        write_text(tmp_path / "file" / "result.txt", "text")


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()

    with pytest.raises(UserError, match=r"cannot write .*results \(it is a folder\): choose"):
        write_text(tmp_path / "results", "text")

    assert names(tmp_path) == ["results"]


def test_text_is_utf_8_with_unix_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "Łódź\nçay\n")

    assert (tmp_path / "file").read_bytes() == "Łódź\nçay\n".encode()


def test_a_checksum_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")  # the first example of FIPS 180-2

    assert sha256(tmp_path / "file") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_refusal_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(UserError) as refused, replacing(tmp_path / "file" / "result.txt"):
        pytest.fail("the block must not begin")

    assert "\n" not in str(refused.value)
    assert names(tmp_path) == ["file"]


def test_what_a_killed_writer_left_is_cleared_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    path, others = tmp_path / "a.pt", [".a.pt.txt.tmp", ".b.pt.12345678.nlp4.tmp"]
    for name in (".a.pt.12345678.nlp4.tmp", *others):  # the first as after SIGKILL
        (tmp_path / name).touch()
    with replacing(path) as living:
        write_text(path, "meanwhile")
        assert names(tmp_path) == sorted(["a.pt", living.name, *others])
        living.write_text("new")
    assert names(tmp_path) == sorted(["a.pt", *others])
    assert path.read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_writer_that_is_killed_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "file"
    script = (
        "import os, pathlib, signal, sys; from nlp4.support.files import replacing\n"
        "with replacing(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 1
    write_text(path, "whole")
    assert names(tmp_path) == ["file"]


def test_whether_a_file_can_be_written_is_tried_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = names(tmp_path)
    require_writable(tmp_path / "file", tmp_path / "a" / "b" / "new", Path("new"))
    told = {tmp_path: "it is a folder", tmp_path / "file" / "new": "Not a directory"}
    for path, why in told.items():
        assert unwritable(path) == why
        with pytest.raises(UserError, match=r"cannot write .*: choose another place"):
            require_writable(tmp_path / "new", path)
    assert names(tmp_path) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_found_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert unwritable(tmp_path / "new") == "Permission denied"


def test_the_data_comes_with_the_workbook() -> None:
    assert data_folder() == Path(__file__).resolve().parents[2] / "data"
    assert {"people", "results"} <= set(names(data_folder()))


@pytest.mark.parametrize(("made", "found"), [("data", "."), ("nlp4/_share/data", "nlp4/_share")])
def test_the_workbook_lies_beside_the_package_or_in_the_wheel(
    made: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / made).mkdir(parents=True)
    monkeypatch.setattr(files, "__file__", str(tmp_path / "nlp4" / "support" / "files.py"))
    assert data_folder() == tmp_path / found / "data"
