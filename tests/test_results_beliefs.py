"""Stored trainings: what was written is read, and a file that is not there is one message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import stored_beliefs

from nlp4 import facts_or_language, readings, results_beliefs
from nlp4.errors import UserError
from nlp4.experiment_runs import write_results
from nlp4.results_beliefs import Facts, Readings, read_facts, read_readings
from nlp4.statistics import Share


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))


@pytest.fixture
def reading(tmp_path: Path) -> Readings:
    return read_readings(stored_beliefs.write_readings(tmp_path / "readings.json"))


def test_each_training_with_its_marks(facts: Facts) -> None:
    assert facts.texts == ("right", "others", "misinformed", "nothing")
    assert (facts.steps, facts.command) == (900, "the facts command")
    first, second = facts.of("misinformed")
    assert (first.seed, first.share, second.share) == (0, Share(2, 20), Share(3, 20))
    assert first.believed == Share(4, 10) and first.p == 0.25
    assert first.marks == (True, True, *[False] * 18)


def test_seeds_are_taken_together(facts: Facts) -> None:
    assert facts.mean("right") == pytest.approx(12.5 / 20)
    assert facts.believed("misinformed") == Share(9, 20)
    assert facts.believed("right") is None
    with pytest.raises(UserError, match=r"no model .* read 'words_shuffled' first: the facts"):
        facts.of("words_shuffled")


def test_asked_of_the_stored_counts_people_and_not_shares(reading: Readings) -> None:
    run = next(r for r in reading.of(200, mixed=False) if r.wordings == 5)
    assert (run.stored_share, run.asked_share) == (Share(2, 20), Share(5, 20))
    assert run.asked_of_stored == Share(2, 2)
    assert len(reading.of(200, mixed=False)) == 2 * len(stored_beliefs.WORDINGS)
    with pytest.raises(UserError, match=r"no training of 7 steps with questions"):
        reading.of(7, mixed=True)


def test_what_the_experiments_write_is_read(tmp_path: Path) -> None:
    rows = facts_or_language.judged(
        [r | {"answers": [], "read": []} for r in stored_beliefs.facts_rows()]
    )
    content = {"command": "c", "steps": 9, "rows": rows}
    write_results(tmp_path, "facts_or_language", content, "")
    found = read_facts(tmp_path / "facts_or_language.json")
    # 11 questions that only `right` got right: two of 2 to the 11th orders are as lopsided.
    assert found.of("others")[0].p == pytest.approx(2 / 2**11)
    rows = stored_beliefs.readings_rows()
    assert readings.markdown(rows).count("\n") == len(rows) + 2
    write_results(tmp_path, "readings", {"command": "c", "rows": rows}, "")
    assert len(read_readings(tmp_path / "readings.json").runs) == len(rows)


READERS: dict[str, Callable[..., object]] = {
    results_beliefs.FACTS: read_facts,
    results_beliefs.READINGS: read_readings,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "content", [None, "{", "[]", "{}", '{"rows": [{}], "command": "", "steps": 1}']
)
def test_a_missing_or_damaged_file_is_one_message(
    name: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_beliefs, "embedded_folder", lambda: tmp_path / "people")
    path = results_beliefs.path_of(name)
    assert path == tmp_path / "results" / name
    if content is not None:
        path.parent.mkdir()
        path.write_text(content, "utf-8")
    with pytest.raises(UserError, match=f"data/results/{name} is missing or damaged") as raised:
        READERS[name]()
    assert results_beliefs.COMMANDS[name] in str(raised.value)


@pytest.mark.parametrize("name", READERS)
def test_what_comes_along_is_complete(name: str) -> None:
    path = results_beliefs.path_of(name)
    if not path.exists():
        pytest.skip(f"{name} is not there yet")
    found = READERS[name]()
    assert isinstance(found, Facts | Readings)
    lengths = {
        len(run.marks if isinstance(run, results_beliefs.FactsRun) else run.asked)
        for run in found.runs
    }
    assert len(lengths) == 1 and json.loads(path.read_text("utf-8"))["command"] == found.command
