"""A class of hostile and unlucky hand-ins: each gets what it deserves, and costs itself alone."""

from __future__ import annotations

import os
from pathlib import Path

import hostile
import psutil
import pytest

from nlp4.exercises.grading import sandbox
from nlp4.exercises.grading.classroom import grade_folder, notebooks_in
from nlp4.exercises.grading.notebook import Limits
from nlp4.exercises.grading.reports import Report

KINDS: tuple[sandbox.Kind, ...] = ("none", "bwrap")
PART = 3  # every third is run: all of them, the slow ones too, take three minutes


def earned(report: Report) -> set[str]:
    return {verdict.name for verdict in report.verdicts if verdict.points}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_hand_in_gets_what_it_deserves(
    kind: sandbox.Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "bwrap" and sandbox.chosen("auto") != "bwrap":
        pytest.skip("bubblewrap does not work here")
    chosen = [each for each in hostile.HAND_INS if not each.slow]
    if kind == "none":
        chosen = [each for each in chosen if not each.needs_sandbox]
    chosen = chosen[KINDS.index(kind) :: PART]
    folder, scratch = tmp_path / "class", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    hostile.write(folder, chosen)
    hostile.write_entries(folder)
    notebooks, own = notebooks_in(folder), psutil.Process()
    before = {each.pid for each in own.children()}
    memory: list[int] = []

    def told(report: Report) -> None:
        memory.append(own.memory_info().rss)

    reports = grade_folder(notebooks, Limits(4, 60, kind), 2, told)

    assert [each.notebook for each in reports] == list(notebooks)
    by_name = {each.notebook: each for each in reports}
    wrong = {}
    for each in chosen:
        report = by_name[hostile.file_name(each)]
        fair = earned(report) <= each.right if each.spoils else earned(report) == each.right
        if not fair:
            wrong[each.name] = (earned(report), each.right, report.note)
    assert wrong == {}
    assert all(each.points <= each.out_of for each in reports)
    assert all(text.isprintable() for each in reports for text in (each.notebook, each.note))
    assert not os.path.exists(hostile.PWNED)
    left = [each for each in own.children() if each.pid not in before]
    left = [each for each in left if each.status() != psutil.STATUS_ZOMBIE]  # which runs nothing
    # What Python itself starts for its processes stays until the end.
    assert [each for each in left if "resource_tracker" not in " ".join(each.cmdline())] == []
    assert [name for name in os.listdir(scratch) if name.startswith("nlp4-")] == []
    assert memory[-1] - memory[0] < 50e6  # bytes
