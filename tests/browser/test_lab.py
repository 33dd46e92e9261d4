"""The parts of the browser tests that need no browser, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lab
import moves
import nbformat
import psutil
import pytest
from expected import BUILDERS, EXPECTED, PAGES
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nlp4.pictures.controls import Control, Slider, count, number

NOTEBOOKS = sorted((lab.ROOT / "notebooks").glob("*.ipynb"))


def test_every_notebook_and_every_explorer_has_its_entry() -> None:
    assert list(PAGES) == [path.stem for path in NOTEBOOKS]
    names = {name for page in PAGES.values() for name in page}
    assert names <= set(BUILDERS)
    assert set(EXPECTED) <= set(BUILDERS)


def test_a_fresh_copy_has_no_traces_and_no_training() -> None:
    long = new_code_cell("train()", metadata={"tags": ["train"], "nlp4": {"instead": "load()"}})
    shown = new_code_cell("show()", execution_count=3, outputs=[new_output("stream", text="x")])
    notebook = new_notebook(cells=[long, shown], metadata={"widgets": {"state": {}}})
    made = lab.fresh(notebook)
    assert [cell.source for cell in made.cells] == ["load()", "show()"]
    assert made.cells[1].outputs == []
    assert made.cells[1].execution_count is None
    assert "widgets" not in made.metadata
    assert notebook.cells[0].source == "train()"
    assert notebook.cells[1].execution_count == 3


def test_a_copy_in_short_computes_what_its_widgets_need_and_shows_the_rest() -> None:
    def ran(source: str, *outputs: Any, **metadata: Any) -> Any:
        return new_code_cell(source, outputs=list(outputs), metadata=metadata)

    def shown(**data: str) -> Any:
        names = {"widget": lab.WIDGET, "plain": "text/plain", "svg": "image/svg+xml"}
        return new_output("display_data", data={names[key]: each for key, each in data.items()})

    printed = new_output("stream", text="it's\n")
    cells = [
        ran("import a, b"),
        ran("n = b.long()", printed),
        ran("m = a.long(); print(m)", printed),
        ran("slider(m)", shown(widget="1", plain="n is 3")),
        ran("m = bar()", shown(widget="2", plain="asking:   0%|          | 0/900"), printed),
        ran("draw(n)", shown(svg="<svg/>", plain="words")),
        ran("train()", shown(widget="3", plain="live"), tags=["train"], nlp4={"instead": "load()"}),
    ]
    made = lab.fresh(lab.in_short(new_notebook(cells=cells)))
    assert [cell.source for cell in made.cells] == [
        "import a",
        "print(\"it's\\n\", end='')",
        "m = a.long(); print(m)",
        "slider(m)",
        "print(\"it's\\n\", end='')",
        "display({'image/svg+xml': '<svg/>', 'text/plain': 'words'}, raw=True)",
        "pass",
    ]
    assert [cell.source for cell in cells][4:] == ["m = bar()", "draw(n)", "train()"]


def test_a_missing_browser_is_told_with_its_mend(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NLP4_BROWSER", raising=False)
    absent: Any = SimpleNamespace(chromium=SimpleNamespace(executable_path=tmp_path / "none"))
    with pytest.raises(lab.NoBrowser, match="apt install chromium"):
        lab.executable(absent)


def test_a_browser_of_the_readers_choice_comes_first(monkeypatch) -> None:
    monkeypatch.setenv("NLP4_BROWSER", sys.executable)
    assert lab.find_browser() == Path(sys.executable)


def test_a_missing_playwright_is_told_with_its_mend(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(lab.NoBrowser, match="pip install playwright"), lab.running_browser():
        pass


def test_a_server_that_does_not_come_up_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("no room left\n", "utf-8")
    server = subprocess.Popen([sys.executable, "-c", ""])
    server.wait()
    with pytest.raises(RuntimeError, match="no room left"):
        lab.wait_for(lab.Lab("http://127.0.0.1:9", "", tmp_path), server, log)


def test_ending_a_server_ends_its_children_in_other_groups() -> None:
    code = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(60)'], start_new_session=True); print(child.pid, flush=True); "
        "time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert server.stdout is not None
    child = psutil.Process(int(server.stdout.readline()))
    lab.end(server)
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running()


def test_a_lab_runs_on_copies_and_asks_for_its_token(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell("1 + 1", execution_count=1)])
    with lab.running_lab({"one": notebook}, tmp_path / "jupyter") as running:
        saved = nbformat.read(running.folder / "one.ipynb", as_version=4)
        assert saved.cells[0].execution_count is None
        assert running.ask("GET", "sessions") == []
        stranger = lab.Lab(running.url, "guess", running.folder)
        with pytest.raises(OSError, match="403"):
            stranger.ask("GET", "sessions")


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        (0, ["ArrowRight", "ArrowRight", "End", "Home", "ArrowRight"]),
        (3, ["ArrowRight", "ArrowLeft", "End", "Home", "ArrowRight"]),
        (4, ["ArrowLeft", "ArrowRight", "End", "Home", "ArrowRight"]),
    ],
)
def test_a_blocked_step_goes_the_other_way(value: int, keys: list[str]) -> None:
    walked = list(moves.moves(count("n", value, 0, 4)))
    assert [move.keys[0] for move in walked] == keys
    assert [move.value for move in walked][-3:] == [4, 0, 4]
    assert len(walked[-1].keys) == moves.BURST


def test_a_slider_whose_end_is_off_the_grid_still_reaches_it() -> None:
    values = moves.steps(number("x", 0.3, 0.1, 0.75, 0.1))
    assert values == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75])
    assert moves.steps(Slider("n", 2, 0, 4, 2)) == [0, 2, 4]


def test_an_unknown_kind_of_control_is_named() -> None:
    with pytest.raises(TypeError, match="Control"):
        moves.moves(Control("strange", 0))
