"""Stored accuracy: means and ranges, ceilings, places, and that the comparison writes this."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import stored
import tiny

from nlp4.compare import compare
from nlp4.compare_settings import Run, Settings
from nlp4.corpus import load_corpus
from nlp4.errors import UserError
from nlp4.live_comparison import SMALL, side_by_side
from nlp4.results_accuracy import (
    COMMAND,
    Accuracy,
    Sizes,
    accuracy_scene,
    learning_scene,
    parts_scene,
    read_accuracy,
    spread,
)


@pytest.fixture
def results(tmp_path: Path) -> Accuracy:
    return read_accuracy(stored.write_accuracy(tmp_path / "compare.json"))


def test_means_and_ranges_over_seeds(results: Accuracy) -> None:
    for variant, mean in stored.ACCURACY.items():
        found = results.spread("recall", variant, "time")
        assert (found.mean, found.seeds) == (pytest.approx(mean), 3)
        reach = 0.02 * (variant != "full")
        assert (found.low, found.high) == (pytest.approx(mean - reach), pytest.approx(mean + reach))
        assert results.spread("characters", variant, "steps").mean == pytest.approx(3 - 2 * mean)
    assert results.variants("recall") == tuple(stored.ACCURACY)
    told = {t: [s.budget(each) for each in ("steps", "time")] for t, s in results.sizes.items()}
    assert told == {
        "recall": ["10 steps", "0.25 minutes"],
        "characters": ["20 steps", "0.5 minutes"],
    }


def test_nothing_has_no_mean() -> None:
    with pytest.raises(UserError, match="no training"):
        spread([])


def test_who_sees_nothing_guesses_and_who_sees_all_has_no_other_bound(results: Accuracy) -> None:
    ceilings = {row.variant: row.ceiling for row in results.rows if row.task == "recall"}
    assert ceilings["window"] == 0.25 and ceilings["bigbird"] == 1
    assert ceilings["random"] == pytest.approx(0.2 + 0.8 / 4)
    assert ceilings["full"] is None and ceilings["linformer-16"] is None


def test_parts_average_what_was_asked(results: Accuracy) -> None:
    scene = parts_scene(results, "steps", 8)
    assert scene.places == (257, 288)
    assert scene.means["random"][1:8] == (None,) * 7
    assert scene.means["random"][8] == pytest.approx(0.4)
    assert scene.ceilings["random"] == pytest.approx(0.4) and scene.ceilings["full"] is None
    rows = results.of("recall", "random", "steps")
    gap = replace(rows[0], by_part=(0.5, *rows[0].by_part[1:]))
    some = replace(rows[1], by_part=(None, *rows[1].by_part[1:]))
    mixed = parts_scene(replace(results, rows=(gap, some)), "steps", 0)
    assert mixed.means["random"][0] == 0.5


def test_curves_run_over_the_share_of_the_budget(results: Accuracy) -> None:
    for task in ("recall", "characters"):
        scene = learning_scene(results, task, "steps", "full")
        assert scene.curves["full"] == (((0.5, 2.5), (1.0, 1.5)),) * 3


def test_each_task_is_told_with_its_own_sizes(results: Accuracy) -> None:
    scenes = {task: accuracy_scene(results, task, "full") for task in ("recall", "characters")}
    assert {task: scene.n for task, scene in scenes.items()} == {"recall": 1024, "characters": 2048}
    assert scenes["characters"].budgets == {"steps": "20 steps", "time": "0.5 minutes"}
    assert learning_scene(results, "characters", "steps", "full").budget == "20 steps"
    assert parts_scene(results, "time", 0).budget == "0.25 minutes"


def test_what_was_not_trained_is_said_with_the_command_of_the_file(results: Accuracy) -> None:
    for make in (
        lambda: accuracy_scene(results, "recall", "global"),
        lambda: learning_scene(results, "recall", "steps", "global"),
        lambda: parts_scene(replace(results, rows=()), "steps", 0),
    ):
        with pytest.raises(UserError, match=f"was not trained.* made by {stored.COMMAND};"):
            make()


OLD = json.dumps(  # one size for both tasks, as it once was
    {
        "command": COMMAND,
        "settings": {"steps": 10, "minutes": 0.5, "n": 1024},
        "runs": [stored.run("recall", "full", 0, "steps")],
        "minutes": 1,
        "cores": 2,
    }
)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"runs": [{"task": "recall"}]}', OLD])
def test_a_missing_or_damaged_file_names_the_command(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "compare.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        read_accuracy(path)
    assert COMMAND in str(raised.value) and str(tmp_path) not in str(raised.value)


def test_what_the_comparison_writes_can_be_read(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    settings = Settings(steps=2, n=128, block=8, heads=1, width=4, batch=1, sequences=2)
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    sizes = {"recall": settings}
    rows = compare(corpus, tmp_path / "out", runs, sizes, say=lambda _: None)
    results = read_accuracy(tmp_path / "out" / "compare.json")
    assert [row.accuracy for row in results.rows] == [row["accuracy"] for row in rows]
    assert results.rows[1].ceiling == 0.25 and results.rows[0].steps == 2
    assert results.command.startswith("python -m nlp4 compare")
    assert results.sizes == {"recall": Sizes(steps=2, minutes=settings.minutes, n=128)}


def test_live_trainings_are_those_of_the_comparison(tmp_path: Path) -> None:
    """The rows of `side_by_side` and of `compare`: one seed, one task, the same numbers."""
    settings = replace(SMALL, steps=3, width=8, batch=2, sequences=3)
    seen = []
    live = side_by_side(["full", "window"], settings, watch=lambda all_: seen.append(len(all_)))
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    runs = [Run("recall", variant, 0, "steps") for variant in ("full", "window")]
    compare(corpus, tmp_path / "out", runs, {"recall": settings}, say=lambda _: None)
    kept = read_accuracy(tmp_path / "out" / "compare.json").rows
    for row, other in zip(live, kept, strict=True):
        assert replace(row, seconds=0) == replace(other, seconds=0)
    assert seen == [2, 2, 2]
