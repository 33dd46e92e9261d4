"""Records of runs: kept once, gathered, refused where they do not fit; results and tables."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from nlp4.support.errors import UserError
from nlp4.support.records import (
    RunFolder,
    Trainings,
    one_row_a_line,
    read_fields,
    read_results,
    table,
    whole,
    write_results,
)


def quiet(_: str) -> None:
    """Say nothing."""


def as_it_is(row: dict[str, Any]) -> dict[str, Any]:
    return row


# A folder of runs


def test_an_interruption_keeps_what_was_finished(tmp_path: Path) -> None:
    def stop(label: str) -> dict[str, Any]:
        raise KeyboardInterrupt

    folder = RunFolder(tmp_path)
    jobs = {"a": lambda label: {"x": 1, "told": label}, "b": stop}
    with pytest.raises(KeyboardInterrupt, match="1 of 2 runs are kept"):
        folder.do(jobs, lambda: [], say=quiet)
    assert folder.rows(as_it_is) == [{"x": 1, "told": "1/2 a"}]
    assert folder.left(jobs) == ["b"]
    said: list[str] = []
    jobs["b"] = lambda label: {"x": 2, "told": label}
    folder.do(jobs, lambda: [], say=said.append)
    assert said == ["1 runs to do, 1 are finished already", "1/1 b: 1/1 b"]


def test_what_is_gathered_is_returned_after_each_run_and_with_none_left(tmp_path: Path) -> None:
    folder, seen = RunFolder(tmp_path), []

    def gather() -> int:
        seen.append(len(folder.rows(as_it_is)))
        return seen[-1]

    jobs = {name: lambda label: {"told": label} for name in "abc"}
    assert folder.do(jobs, gather, say=quiet) == 3
    assert folder.do(jobs, gather, say=lambda _: pytest.fail("nothing is left")) == 3
    assert seen == [1, 2, 3, 3, 3]


def test_trainings_are_sorted_and_the_command_names_what_is_not_usual(tmp_path: Path) -> None:
    kept = Trainings(
        name="here",
        command="do it",
        kinds={"seed": int},
        order=lambda row: -row["seed"],
        markdown=lambda rows: f"{len(rows)} rows\n",
        seeds=(0, 1),
        steps=9,
    )

    def job(seed: int) -> Any:
        return lambda label: {"seed": seed, "told": label}

    jobs = {str(seed): job(seed) for seed in (0, 1)}
    rows = kept.run(tmp_path, {"steps": 9, "people": 3}, jobs, lambda _: None)
    assert [row["seed"] for row in rows] == [1, 0]
    content = json.loads((tmp_path / "here.json").read_text("utf-8"))
    assert (content["command"], content["people"], content["rows"]) == ("do it", 3, rows)
    assert (tmp_path / "here.md").read_text("utf-8") == "2 rows\n"
    with pytest.raises(UserError, match="steps 9, now 8"):
        kept.run(tmp_path, {"steps": 8, "people": 3}, jobs, lambda _: None)
    kept.run(tmp_path / "other", {"steps": 8}, {"2": job(2)}, lambda _: None)
    content = json.loads((tmp_path / "other" / "here.json").read_text("utf-8"))
    assert content["command"] == "do it --seeds 2 --steps 8"


def test_what_was_settled_is_noted_and_may_gain_members(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.claim({"data": "x", "sizes": {"a": {"n": 1}}}) == {
        "data": "x",
        "sizes": {"a": {"n": 1}},
    }
    both = {"data": "x", "sizes": {"a": {"n": 1}, "b": {"n": 2}}}
    assert folder.claim({"data": "x", "sizes": {"b": {"n": 2}}}) == both
    assert json.loads((tmp_path / "settings.json").read_text("utf-8")) == both


def test_other_settings_are_refused_by_name_and_nothing_is_changed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    noted = folder.claim({"steps": 3, "sizes": {"a": {"n": 1, "m": 4}}})
    with pytest.raises(UserError) as refusal:
        folder.claim({"steps": 5, "sizes": {"a": {"n": 2, "m": 4}}})
    message = str(refusal.value)
    assert "steps 3, now 5" in message and "a: n 1, now 2" in message and "m 4" not in message
    assert f"{tmp_path} holds runs with other options" in message and "\n" not in message
    assert json.loads((tmp_path / "settings.json").read_text("utf-8")) == noted


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_damaged_files_are_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"a\.json is damaged: delete it"):
        RunFolder(tmp_path).rows(as_it_is)
    (tmp_path / "settings.json").write_text("{" if text == "[]" else text, "utf-8")
    with pytest.raises(UserError, match=r"settings\.json is damaged"):
        RunFolder(tmp_path).claim({"a": 1})
    (tmp_path / "x.json").write_text(text, "utf-8")
    with pytest.raises(UserError, match=r"x\.json is missing or damaged: make it with make"):
        read_results("x.json", "make", lambda content: content["rows"], tmp_path / "x.json")


def test_a_run_that_lacks_a_part_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text('{"x": 1}', "utf-8")
    folder = RunFolder(tmp_path)
    assert folder.rows(lambda row: whole({"x": int}, row)) == [{"x": 1}]
    with pytest.raises(UserError, match=r"a\.json is damaged"):
        folder.rows(lambda row: whole({"x": int, "y": int}, row))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (int, [0, 10**400], [True, 1.0, "1", None, [1]]),
        (float, [1, 0.5], [True, math.nan, math.inf, 10**400, "1", None]),
        (bool, [True], [1, "true"]),
        (str, ["", "a"], [1, None]),
        (int | None, [1, None], [1.5, "", False]),
        (("a", "b"), ["a"], ["c", None, ["a"]]),
        (list[float], [[], [1, 0.5, math.nan]], [{}, ["1"], [None], "12"]),
        (dict[str, int], [{}, {"a": 1}], [[], {"a": "1"}, {"a": None}]),
        (list[dict[str, float]], [[{"a": 1}]], [[1], {"a": 1}, [{"a": "1"}]]),
        (object, [1, None, "a"], []),
    ],
)
def test_what_a_run_holds_is_of_its_type(kind: Any, right: list[Any], wrong: list[Any]) -> None:
    for value in right:
        assert whole({"x": kind}, {"x": value, "y": 1}) == {"x": value, "y": 1}
    for value in wrong:
        with pytest.raises((TypeError, OverflowError)):
            whole({"x": kind}, {"x": value})


@dataclass
class Part:
    """What `read_fields` reads in the tests."""

    a: int
    b: float | None


def test_fields_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    for part in (Part(1, 0.5), Part(2, None)):
        path.write_text(json.dumps(asdict(part)), "utf-8")
        assert read_fields(Part, path, "delete it") == part


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "null", "[]", "3", '"a"', "[" * 10**5, "\udcff", None, "{}", '{"a": 1}'),
        *('{"a": "1", "b": 1}', '{"a": 1, "b": 1, "c": 1}'),
        *('{"a": 1, "b": NaN}', '{"a": 1, "b": 1e999}'),
    ],
)
def test_fields_that_are_damaged_are_told_in_one_line(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    if text is None:
        path.mkdir()
    else:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError) as refusal:
        read_fields(Part, path, "delete it")
    assert str(refusal.value) == f"{path} is damaged: delete it"


def test_a_damaged_run_is_told_before_the_work(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    (tmp_path / "runs" / "a.json").mkdir(parents=True)
    jobs = {"b": lambda label: pytest.fail("the work must not begin")}
    with pytest.raises(UserError, match=r"a\.json is damaged"):
        folder.do(jobs, lambda: folder.rows(as_it_is), say=quiet)


def test_a_run_of_trainings_whose_table_cannot_be_made_is_named(tmp_path: Path) -> None:
    kept = Trainings("x", "x", {"seed": int}, str, lambda rows: str(1 / rows[0]["seed"]), (0,), 9)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text('{"seed": 0}', "utf-8")
    with pytest.raises(UserError, match=r"a\.json is damaged"):
        kept.run(tmp_path, {"steps": 9}, {}, quiet)


def test_a_folder_in_which_no_run_could_be_kept_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(UserError, match=r"cannot write .*: choose another place"):
        RunFolder(tmp_path).claim({"a": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_what_reading_a_run_refuses_is_told_with_its_file(tmp_path: Path) -> None:
    def refuse(row: dict[str, Any]) -> None:
        raise UserError("is of another size: move it")

    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a.json").write_text("{}", "utf-8")
    with pytest.raises(UserError, match=r"a\.json is of another size: move it"):
        RunFolder(tmp_path).rows(refuse)


# Results


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    content = {"command": "é", "rows": [{"x": 1}, {"x": 2}]}
    write_results(tmp_path, "found", content, "a table")
    text = (tmp_path / "found.json").read_text("utf-8")
    assert '\n{"x": 1},\n{"x": 2}\n' in text and "é" in text
    kept = read_results("found.json", "make", as_it_is, tmp_path / "found.json")
    assert {key: kept[key] for key in content} == content
    assert {"python", "torch", "cores"} < kept.keys()
    assert (tmp_path / "found.md").read_text("utf-8") == "a table"


def test_results_without_rows_are_indented(tmp_path: Path) -> None:
    write_results(tmp_path, "found", {"a": {"b": 1}}, "")
    assert (tmp_path / "found.json").read_text("utf-8").startswith('{\n "a": {\n  "b": 1')


def test_no_rows_are_an_empty_list() -> None:
    assert json.loads(one_row_a_line({"a": 1, "rows": []}, "rows")) == {"a": 1, "rows": []}


# Tables


def test_a_table_is_markdown() -> None:
    assert table(["a", "b"], [["1", "2"], ["3", ""]]) == (
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |  |\n"
    )


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="too few or too many cells"):
        table(["a", "b"], [["1", "2"], ["3"]])
