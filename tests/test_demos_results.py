"""What notebook 03 shows of results: the captions' numbers, the pictures, and missing files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stored
from explorers import walk

from nlp4 import demos_live, demos_results, results_accuracy, results_speed, results_verdict
from nlp4.explorer import Explorer
from nlp4.live_comparison import SMALL
from nlp4.results_accuracy import accuracy_scene, row_of
from nlp4.results_speed import BOTH, Cell

EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "speed": demos_results.speed_explorer,
    "accuracy": demos_results.accuracy_explorer,
    "parts": demos_results.parts_explorer,
    "learning": demos_results.learning_explorer,
}
LIVE = [Cell(name, 256, "forward", 2.0) for name in ("full", "bigbird", "linformer")]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand-made results in place of those that come along."""
    speed = results_speed.read_speed(stored.write_speed(tmp_path / "attention.json"))
    accuracy = results_accuracy.read_accuracy(stored.write_accuracy(tmp_path / "compare.json"))
    for module in (demos_results, demos_live):
        monkeypatch.setattr(module, "read_speed", lambda: speed)
    monkeypatch.setattr(demos_results, "read_accuracy", lambda: accuracy)


@pytest.fixture
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (results_speed, results_accuracy):
        monkeypatch.setattr(module, "embedded_folder", lambda: tmp_path / "people")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", EXPLORERS)
def test_every_position_draws_or_says_why_not(name: str) -> None:
    walk(EXPLORERS[name](), "was not trained")


@pytest.mark.usefixtures("files")
def test_speed_in_words() -> None:
    explorer = demos_results.speed_explorer()
    explorer.controls["n"].value = 1024
    full, bigbird = 1e-5 * 1024**2, 0.016 * 1024
    assert f"full attention {full:.3g} ms, our BigBird {bigbird:.3g} ms" in explorer.caption
    assert f"(full takes {full / bigbird:.2f} times as much)" in explorer.caption
    assert "Our BigBird stays below full attention from about n = 1,600 on" in explorer.caption
    assert "n = 512, the shortest measured, on" in explorer.caption
    explorer.controls["n"].value = 2048
    assert "not measured: Hugging Face BigBird" in explorer.caption
    explorer.controls["what"].value = "memory, forward"
    assert "does not stay below" in explorer.caption  # all of them take n / 8 there


@pytest.mark.usefixtures("files")
def test_accuracy_in_words() -> None:
    explorer = demos_results.accuracy_explorer()
    explorer.controls["variant"].value = "random"
    assert "after 10 steps 40.0% on average of 3 seeds" in explorer.caption
    assert "(lowest 38.0%, highest 42.0%)" in explorer.caption
    assert "Its graph allows 40.0%, but for luck." in explorer.caption
    explorer.controls["task"].value = "characters"
    assert "after 0.5 minutes 2.200 bits" in explorer.caption
    assert "allows" not in explorer.caption


def test_as_many_mixtures_as_places_are_called_so(tmp_path: Path) -> None:
    found = results_accuracy.read_accuracy(stored.write_accuracy(tmp_path / "compare.json"))
    more = tuple(
        replace(row, variant="linformer-256") for row in found.rows if row.variant == "full"
    )
    sizes = found.sizes | {"recall": replace(found.sizes["recall"], n=256)}
    found = replace(found, rows=found.rows + more, sizes=sizes)
    captions = {
        (task, variant): demos_results.accuracy_caption(accuracy_scene(found, task, variant))
        for task in ("recall", "characters")
        for variant in ("linformer-16", "linformer-256")
    }
    whole = [where for where, caption in captions.items() if "(k = n)" in caption]
    assert whole == [("recall", "linformer-256")]
    recall, characters = (row[2] for row in results_verdict.accuracy_rows(found))
    assert recall.startswith("k = 16: ") and "; k = n = 256: 100.0% " in recall
    assert "; k = 256: 1.000 " in characters


@pytest.mark.usefixtures("files")
def test_places_and_curves_in_words() -> None:
    parts = demos_results.parts_explorer()
    parts.controls["part"].value = 3
    assert parts.caption == "Places 65 to 96, 10 steps: nothing is asked."
    parts.controls["part"].value = 9
    assert "Places 257 to 288, 10 steps: full 100%, linformer-16 50%, " in parts.caption
    learning = demos_results.learning_explorer()
    learning.controls["variant"].value = "full"
    assert "from 2.50 to 1.50 bits" in learning.caption


@pytest.mark.usefixtures("files")
def test_dots_stand_where_the_seeds_are() -> None:
    explorer = demos_results.accuracy_explorer()
    circles = ET.fromstring(explorer.svg).findall("{*}circle")
    assert len(circles) == 2 * 3 * len(stored.ACCURACY)
    found = sorted((float(each.get("cx", "nan")) - 150) / 290 for each in circles[:15])
    seeds = [stored.run("recall", v, s, "steps") for v in stored.ACCURACY for s in range(3)]
    assert found == pytest.approx(sorted(row["accuracy"] for row in seeds), abs=1e-3)


@pytest.mark.usefixtures("files")
def test_the_verdict_tells_what_was_measured() -> None:
    table = demos_results.verdict_table()
    rows = [line.split(" | ") for line in table.splitlines()]
    assert {len(row) for row in rows} == {4}
    told = {row[0].removeprefix("| "): row[1:] for row in rows}
    full, linformer = 1e-5 * 2048**2, 0.002 * 2048
    assert told["time, forward, n = 2,048"][:2] == [
        f"{full:.3g} ms",
        f"{linformer:.3g} ms ({full / linformer:.1f} times less)",
    ]
    assert told["faster than full, forward"][2].startswith("from about n = 1,600 on")
    recall = told["accuracy of recall, n = 1,024, 10 steps"]
    assert recall[:2] == ["100.0% (100.0% to 100.0%)", "50.0% (48.0% to 52.0%)"]
    assert told["bits a masked character, n = 2,048, 20 steps"][0] == "1.000 (1.000 to 1.000)"
    assert "missing" not in table


@pytest.mark.usefixtures("no_files")
def test_a_missing_file_is_one_message_with_the_command() -> None:
    for name, make in EXPLORERS.items():
        explorer = make()
        command = results_speed.COMMAND if name == "speed" else results_accuracy.COMMAND
        assert explorer.svg == "" and command in explorer.caption
    table = demos_results.verdict_table()
    assert "| causal | yes | no | yes |" in table and "ms" not in table.partition("\n\n")[0]
    for told in (table, demos_results.how_to_repeat()):
        assert results_speed.COMMAND in told and results_accuracy.COMMAND in told
    live = demos_live.live_picture(LIVE)
    assert results_speed.COMMAND in live.words and live.svg.count("our Linformer") == 1


@pytest.mark.usefixtures("files")
def test_live_times_are_circles_over_the_stored_lines() -> None:
    live = demos_live.live_picture(LIVE)
    assert "n = 256: full attention 2 ms" in live.words and "stored" not in live.words
    assert len(ET.fromstring(live.svg).findall("{*}circle")) == len(LIVE) + 1  # one in the legend
    with pytest.raises(ValueError):
        demos_live.live_picture([])
    assert (
        BOTH
        in demos_live.live_picture([*LIVE, Cell("full", 256, BOTH, 3.0)], f"time, {BOTH}").words
    )


def test_curves_are_drawn_while_a_training_runs() -> None:
    class Run:
        variant = "window"

    class Training:
        run, settings, seconds, progress = Run, SMALL, 2.0, 1.0
        losses = (2.0,) * 40

        def curve(self) -> list[tuple[int, float]]:
            return [(20, 2.5), (40, 2.0)]

    watch = demos_live.LiveCurves()
    watch([Training()])  # type: ignore[list-item]
    words, svg = watch.children[0].value, watch.children[1].value
    assert words == "step 40 of 300, 2 s, 13 s left"
    assert ET.fromstring(svg).tag.endswith("svg") and "window" in svg
    assert watch._repr_mimebundle_()["text/plain"] == "the losses in training, live"


def test_live_learning_tells_accuracy_and_ceiling() -> None:
    rows = [row_of(stored.run("recall", variant, 1, "steps")) for variant in ("full", "window")]
    shown = demos_live.live_learning(rows)
    assert (
        shown.words
        == "Accuracy after 10 steps: full 100%, window 25% (its graph allows 25%, but for luck)."
    )
    assert ET.fromstring(shown.svg).tag.endswith("svg")
