"""Options of commands: each is described once, and what is refused is told in one line."""

from __future__ import annotations

import argparse
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp4 import cli
from nlp4.support.errors import UserError, shown
from nlp4.support.options import (
    DATA,
    MOST,
    OPTIONS,
    Option,
    Parser,
    add_options,
    at_least_one,
    data_words,
    named,
    option,
    require_seeds,
)

NUMBERS = [each for each in OPTIONS.values() if "number" in each.type]
IN_WORDS = {  # independently of Range: what each of its words takes
    "0 or more": lambda number: number >= 0,
    "1 or more": lambda number: number >= 1,
    "10 or more": lambda number: number >= 10,
    "more than 0": lambda number: number > 0,
}


def by_name(each: Any) -> str:
    return str(getattr(each, "name", each))


def refusal(each: Option, text: str) -> str:
    with pytest.raises(UserError) as caught:
        each.read(text)
    return str(caught.value)


def subparsers() -> dict[str, argparse.ArgumentParser]:
    actions = cli.parser()._actions
    return next(dict(a.choices) for a in actions if isinstance(a, argparse._SubParsersAction))


# Values


BOUNDS = {"--timeout": 86_400, "--notebook-timeout": 86_400, "--jobs": 256, "--number": 10**6}
BOUNDS |= {"--steps": 10**7, "--minutes": 60 * 24 * 30, "--n": 65_536}


@pytest.mark.parametrize("each", NUMBERS, ids=by_name)
@given(number=st.integers(-30, 30) | st.integers(-(10**15), 10**15))
def test_a_whole_number_is_taken_if_it_lies_in_the_range(each: Option, number: int) -> None:
    most = BOUNDS.get(each.name, MOST)
    if IN_WORDS[str(each.range)](number) and number <= most:
        assert each.read(str(number)) == number
    else:
        mend = f"{most:,} or less" if number > most else str(each.range)
        assert refusal(each, str(number)) == f"{each.name} {number}: choose {mend}"


@given(number=st.floats(-2, 2))
def test_a_number_is_taken_if_it_is_more_than_0(number: float) -> None:
    if number > 0:
        assert OPTIONS["minutes"].read(repr(number)) == number
    else:
        assert refusal(OPTIONS["minutes"], str(number)).endswith(": choose more than 0")


@pytest.mark.parametrize("each", NUMBERS, ids=by_name)
@pytest.mark.parametrize("text", ["soon", "", "nan", "inf", "-inf", "1e999", "9" * 5000, "0x1"])
def test_what_is_not_a_number_is_refused(each: Option, text: str) -> None:
    if each.type == "number" and text == "9" * 5000:
        return  # a float reads it as infinite, which "1e999" tells
    told = f"{each.name} {shown(text)}: choose a {each.type}, {each.range}"
    assert refusal(each, text) == told


def test_a_whole_number_is_no_fraction() -> None:
    assert refusal(OPTIONS["seed"], "1.5") == "--seed 1.5: choose a whole number, 0 or more"
    assert OPTIONS["minutes"].read("1.5") == 1.5


def test_a_seed_is_one_that_torch_takes() -> None:
    import torch

    assert OPTIONS["seed"].read(str(MOST)) == MOST
    torch.manual_seed(MOST * 1_000_003)  # as the trainer makes a step's seed


def test_a_choice() -> None:
    assert [OPTIONS["device"].read(word) for word in ("cpu", "cuda", "mps")] == [
        "cpu",
        "cuda",
        "mps",
    ]
    assert refusal(OPTIONS["device"], "tpu") == "--device tpu: choose cpu, cuda or mps"


def test_a_file_and_a_folder_do_not_stand_in_each_other_s_place(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert OPTIONS["csv"].read(str(file)) == OPTIONS["path"].read(str(file)) == file
    assert OPTIONS["out"].read(str(tmp_path)) == OPTIONS["path"].read(str(tmp_path)) == tmp_path
    for each in ("csv", "out", "path"):
        assert OPTIONS[each].read(str(tmp_path / "new")) == tmp_path / "new"
    told = f"--csv {tmp_path}: choose a file, this is a folder"
    assert refusal(OPTIONS["csv"], str(tmp_path)) == told
    assert refusal(OPTIONS["out"], str(file)) == f"--out {file}: choose a folder, this is a file"


def test_a_path_that_is_too_long_is_left_to_whoever_reads_it() -> None:
    assert OPTIONS["roster"].read("x" * 5000) == Path("x" * 5000)


WRITTEN = {name: each for name, each in OPTIONS.items() if each.written}


def test_the_options_that_are_written_are_known() -> None:
    named_so = {name for name, each in OPTIONS.items() if re.search("write|save", each.help)}
    assert set(WRITTEN) == named_so - {"nbgrader"}  # a switch


@pytest.mark.parametrize("each", WRITTEN.values(), ids=by_name)
def test_where_nothing_can_be_written_is_refused_before_the_work(
    each: Option, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "file" / "x", tmp_path / "dangling" / "x"):
        told = f"{each.name} {shown(str(place))}: choose a place that can be written ("
        assert refusal(each, str(place)).startswith(told)
    assert each.read(str(tmp_path / "new" / "x")) == tmp_path / "new" / "x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "file"]


# The table, and the commands


@pytest.mark.parametrize("each", OPTIONS.values(), ids=by_name)
def test_a_default_is_one_of_the_values(each: Option) -> None:
    if each.default is not None:
        assert each.read(str(each.default)) == each.default


@pytest.mark.parametrize("command", subparsers())
def test_every_command_takes_every_option_from_the_table(command: str) -> None:
    taken = {a.option_strings[0] if a.option_strings else a.dest for a in actions(command)}
    assert taken <= {each.name for each in OPTIONS.values()}
    for each in options(command):
        entry = OPTIONS[each.name.removeprefix("--")]
        for same in ("name", "type", "range", "choices"):
            assert getattr(each, same) == getattr(entry, same)


def test_every_option_of_the_table_is_taken_by_a_command() -> None:
    taken = {each.name for command in cli.COMMANDS for each in options(command)}
    assert taken == {each.name for each in OPTIONS.values()}


def options(command: str) -> list[Option]:
    chosen = cli.COMMANDS[command].options
    return [OPTIONS[each] if isinstance(each, str) else each for each in chosen]


def actions(command: str) -> list[argparse.Action]:
    found = subparsers()[command]._actions
    return [action for action in found if not isinstance(action, argparse._HelpAction)]


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_lists_type_range_and_default(command: str) -> None:
    shown = " ".join(subparsers()[command].format_help().split())
    for each in options(command):
        assert each.help in shown
        if each.type == "switch":
            continue
        facts = re.search(re.escape(each.help) + r" \[([^]]*)\]", shown)
        assert facts, each.name
        kind = " or ".join([", ".join(each.choices[:-1]), each.choices[-1]]) if each.choices else ""
        assert (kind or each.type) in facts[1]
        assert each.range is None or str(each.range) in facts[1]
        assert each.default is None or f"default: {each.default}" in facts[1]
        assert ("required" in facts[1]) == each.required


def test_an_option_is_changed_for_one_command() -> None:
    three = option("minutes", default=3.0)
    command = Parser()
    add_options(command, three, "seed", option("seeds", default=[4]), "json", "out")

    found = command.parse_args(["--out", "x"])

    assert (found.minutes, found.seed, found.seeds, found.json) == (3.0, 0, [4], False)
    assert command.parse_args(["--out", "x", "--seeds", "1", "2"]).seeds == [1, 2]
    assert OPTIONS["minutes"].default is None


def test_words_without_a_name() -> None:
    command = Parser()
    add_options(command, "name", "arguments")
    assert vars(command.parse_args(["a"])) == {"name": "a", "arguments": []}
    assert command.parse_args(["a", "--b", "c"]).arguments == ["--b", "c"]
    command = Parser()
    add_options(command, "folder")
    assert command.parse_args([]).folder == Path("mine")
    assert command.parse_args(["yours"]).folder == Path("yours")


def test_a_sign_of_argparse_in_a_help_is_shown_as_it_is() -> None:
    command = Parser()
    add_options(command, option("minutes", help="100% of it"))
    assert "100% of it [number, more than 0]" in " ".join(command.format_help().split())


@pytest.mark.parametrize("words", [[], ["--out"], ["--out", "x", "--seed"]])
def test_a_mistake_of_argparse_is_one_line_that_names_the_help(words: list[str]) -> None:
    command = Parser(prog="python -m nlp4 ladder")
    add_options(command, "out", "seed")

    with pytest.raises(UserError) as caught:
        command.parse_args(words)

    assert re.fullmatch(
        r"[^\n]*(--out|--seed)[^\n]*: see python -m nlp4 ladder --help", str(caught.value)
    )


# What settings share


def test_a_negative_seed_is_named() -> None:
    require_seeds([])
    require_seeds([0, 3])
    for seeds, lowest in (([1, -1], -1), ([1, -2, -1], -2)):
        with pytest.raises(UserError, match=f"^seed {lowest}: choose 0 or more$"):
            require_seeds(seeds)


def test_a_field_below_1_is_named() -> None:
    @dataclass(frozen=True)
    class Settings:
        draws: int = 1
        bins: float = -math.inf

    at_least_one(Settings(), "draws")
    with pytest.raises(UserError, match=r"^bins = -inf: choose 1 or more$"):
        at_least_one(Settings(), "draws", "bins")


def test_words_that_choose_values() -> None:
    assert named("seeds", [], [0, 1]) == named("seeds", [1, 0], [0, 1]) == []
    assert named("seeds", [64, 1], [0, 1, 2]) == ["--seeds", "1", "64"]


@given(cut=st.none() | st.integers(0, 99), seed=st.integers(0, 99), data=st.booleans())
def test_the_data_s_words_choose_the_same_again(cut: int | None, seed: int, data: bool) -> None:
    folder = Path("FOLDER") if data else None
    asked = argparse.Namespace(data=folder, dev_from_train=cut, split_seed=seed)
    command = Parser()
    add_options(command, *DATA)
    assert command.parse_args(" ".join(data_words(asked)).split()) == asked
