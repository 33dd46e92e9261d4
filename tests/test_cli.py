"""The command line: what each command prints, and one line for each of the user's mistakes."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tiny
import torch

from nlp4 import __version__, cli
from nlp4.cli import main
from nlp4.data.corpus import BIOGRAPHIES, DEV, TRAIN, Corpus, load_corpus
from nlp4.data.wordings import HANDS
from nlp4.experiments import ladder
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import load_model
from nlp4.support.files import workbook_folder
from nlp4.training import runs
from nlp4.training.evaluation import score
from nlp4.training.trainer import Trainer

QUESTION = "Where was Ada Quill born?"


pytestmark = pytest.mark.usefixtures("no_trials")


@pytest.fixture(scope="module")
def no_trials(tiny_preset: None) -> Iterator[None]:
    """The pace of a training is that of a step or two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_CALIBRATION", 0.0)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_corpus(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A finished run. Tests read it and leave it as it is."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    assert main(["reproduce", "--preset", "tiny", "--data", str(data), "--out", str(out)]) == 0
    return out


Output = Any  # pytest does not name the type of what capsys reads


def told(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> Output:
    """Run a command; return what it printed."""
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == status
    return capsys.readouterr()


def reproducing(data: Path, out: Path, *more: object) -> tuple[object, ...]:
    return ("reproduce", "--preset", "tiny", "--data", data, "--out", out, *more)


# What each command prints


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])

    assert end.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    shown = capsys.readouterr().out
    assert end.value.code == 0
    for command in ("doctor", "people", "baselines", "reproduce", "evaluate", "ask"):
        assert command in shown


def test_reproduce_prints_the_table_and_writes_the_run(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"

    shown = told(capsys, *reproducing(data, out, "--seed", 3))

    assert (out / "table.md").read_text("utf-8") in shown.out
    assert re.search(r"training took \d+\.\d minutes, finetuning included", shown.out)
    assert json.loads((out / "results.json").read_text("utf-8"))["plan"]["seed"] == 3
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert "Traceback" not in shown.err


def test_the_same_command_again_trains_nothing(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "step", lambda self: pytest.fail("a step was taken"))

    shown = told(capsys, *reproducing(data, run))

    assert (run / "table.md").read_text("utf-8") in shown.out


def test_reproduce_keeps_the_steps_that_minutes_became(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, minutes = tmp_path / "run", ("--minutes", "0.00001")
    told(capsys, *reproducing(data, out, *minutes))
    plan = runs.read_plan(out)
    monkeypatch.setattr(runs, "steps_in", lambda *_: pytest.fail("measured again"))

    told(capsys, *reproducing(data, out, *minutes))

    assert runs.read_plan(out) == plan
    assert plan.pretrain_steps == 1


def test_an_interrupted_reproduce_goes_on(
    tmp_path: Path,
    data: Path,
    run: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, whole = tmp_path / "run", Trainer.step

    def step(self: Trainer) -> None:
        whole(self)
        if self.history.steps == 12:  # only pretraining is that long
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        stopped = told(capsys, *reproducing(data, out), status=130)
    told(capsys, *reproducing(data, out))

    last = stopped.err.splitlines()[-1]
    assert last.startswith("nlp4: stopped") and "the same command goes on" in last
    first, second = (load_model(folder / "model.pt")[0] for folder in (out, run))
    assert tiny.same_bits(tiny.weights(first), tiny.weights(second))


def test_reproduce_without_dev_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tiny.write_corpus(tmp_path / "people", dev=False)

    shown = told(capsys, *reproducing(data, tmp_path / "run", "--dev-from-train", 0))

    assert "| 0/0 |" in shown.out


def test_evaluate_prints_the_score(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, vocabulary = load_model(run / "model.pt")
    questions = [line.split("\t") for line in (data / TRAIN).read_text("utf-8").splitlines()]
    answers = greedy(model, vocabulary, [question for question, _ in questions])
    right = sum(a == place for a, (_, place) in zip(answers, questions, strict=True))

    shown = told(capsys, "evaluate", "--run", run, "--questions", data / TRAIN, "--data", data)

    lines = shown.out.splitlines()
    assert lines[0] == f"correct: {right}/7 ({right / 7:.1%})"
    assert "always London: 1/7" in shown.out  # Cleo Marsh
    assert "always the most frequent training answer: 3/7" in shown.out  # Torvale
    assert lines[-1].startswith("ceiling") and "7/7" in lines[-1]
    assert shown.err == ""


def test_evaluate_counts_right_answers_as_right(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Questions whose places are what the model says, but for one."""
    model, vocabulary = load_model(run / "model.pt")
    texts = [f"Where was {name} born?" for name in tiny.PEOPLE]
    places = [place or "?" for place in greedy(model, vocabulary, texts)]
    places[0] = "elsewhere"
    file = tmp_path / "questions.tsv"
    lines = [f"{text}\t{place}\n" for text, place in zip(texts, places, strict=True)]
    file.write_text("".join(lines), "utf-8")

    shown = told(capsys, "evaluate", "--run", run, "--questions", file, "--data", data)

    right = sum(place != "?" for place in places) - 1
    assert right > 0
    assert shown.out.splitlines()[0] == f"correct: {right}/12 ({right / 12:.1%})"


def test_evaluate_says_that_the_ceiling_is_not_known_for_people_of_another_corpus(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(capsys, "evaluate", "--run", run, "--questions", data / TRAIN)  # embedded people

    lines = shown.out.splitlines()
    assert lines[0].startswith("correct: ")
    assert lines[-2].startswith("always London: 1/7")
    assert lines[-1].startswith("ceiling: not known") and lines[-1].endswith("--data DIR")
    assert "most frequent" not in shown.out


def test_evaluate_saves_predictions(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "answers.txt"
    told(
        capsys,
        *("evaluate", "--run", run, "--questions", data / DEV),
        *("--data", data, "--predictions", kept),
    )

    assert kept.read_text("utf-8") == (run / "predictions" / "dev.txt").read_text("utf-8")


MIXED = (
    "Where was Ada Quill born?\t{}\tbirthplace\n"
    "Where was Bram Otter born?\tnowhere\tbirthplace\n"
    "where was cleo marsh born?\tnowhere\n"
    "Where was Cleo Mrash born?\tnowhere\n"
    "When did Dora Finch die?\tnowhere\tother\n"
    "Where was Hal Ray born?\tnowhere\tbirthplace\n"
)
# of the questions above, how many are in each group; the first one alone is right
GROUPS = {
    "wording": {
        "Where was X born?": (1, 3),
        "where was X born?": (0, 1),
        "When did X die?": (0, 1),
        "names nobody in the text": (0, 1),
    },
    "relation": {
        "birthplace": (1, 2),
        "relation not said": (0, 2),
        "other": (0, 1),
        "names nobody in the text": (0, 1),
    },
    "transformation": {
        "as written": (1, 3),
        "lower case": (0, 1),
        "two letters swapped": (0, 1),
        "names nobody in the text": (0, 1),
    },
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    """A file of questions in several words, of which the model answers the first rightly."""
    model, vocabulary = load_model(run / "model.pt")
    place = greedy(model, vocabulary, [QUESTION])[0]
    assert place
    file = tmp_path_factory.mktemp("asked") / "mixed.tsv"
    file.write_text(MIXED.format(place), "utf-8")
    return file


@pytest.mark.parametrize("by", GROUPS)
def test_evaluate_by_groups(
    by: str, mixed: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(
        capsys, "evaluate", "--run", run, "--questions", mixed, "--data", data, "--by", by
    ).out
    assert "correct: 1/6" in shown
    assert "names nobody in the text: 1 of 6 questions; right of them: 0/1" in shown
    assert "always London" not in shown  # not all of them ask for a place
    rows = [line.strip("|").split("|") for line in shown.splitlines() if line.startswith("|")]
    counts = {row[0].strip(): row[1].strip() for row in rows[2:]}
    assert counts == {group: f"{right}/{n}" for group, (right, n) in GROUPS[by].items()}


def test_evaluate_tells_how_often_the_model_abstains(
    mixed: Path,
    data: Path,
    run: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "nlp4.models.asking.greedy",
        lambda model, vocabulary, questions: [
            "unknown" if "Hal Ray" in question else "Hull" for question in questions
        ],
    )
    shown = told(capsys, "evaluate", "--run", run, "--questions", mixed, "--data", data).out
    assert "answered 'unknown': 1/6" in shown


def test_evaluate_counts_namesakes_with_a_note(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "asked.tsv"
    file.write_text(tiny.pair("Ada Quill", "Hull") + tiny.pair("Ada Quill", "Bath"), "utf-8")
    shown = told(capsys, "evaluate", "--run", run, "--questions", file, "--data", data)
    assert f"note: {file}, line 2: '{QUESTION}' has another answer in line 1" in shown.err
    assert re.match(r"correct: \d/2", shown.out)


def test_evaluate_without_a_file_asks_the_people_held_back_in_all_ways(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, vocabulary = load_model(run / "model.pt")
    dev = load_corpus(data).dev
    right = score(greedy(model, vocabulary, [q.text for q in dev]), dev)
    shown = told(capsys, "evaluate", "--run", run, "--data", data).out
    assert f"| birthplace | {right.right}/3 |" in shown
    assert f"| birthplace | Where was X born? (plain) | {right.right}/3 |" in shown
    assert shown.count("(unseen) |") == 7 * 6
    for hand in HANDS:
        assert shown.count(f" | {hand} | ") >= 7


def test_evaluate_without_a_file_wants_the_run_s_own_split(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, "evaluate", "--run", run, "--data", data, "--dev-from-train", 2)
    assert f"{run} was trained with the split of its files" in message


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("--by wording", "--by is about a file of questions: add --questions"),
        ("--predictions P", "--predictions is about a file of questions: add --questions"),
        ("--by colour", "--by colour: choose wording, relation or transformation"),
        ("--questions Q --dev-from-train 2", "is said by --questions: leave them out"),
        ("--questions Q --split-seed 2", "is said by --questions: leave them out"),
    ],
)
def test_options_of_evaluate_that_do_not_go_together(
    more: str, message: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, "evaluate", "--run", run, *more.split())


def test_ask_says_in_words_that_the_model_does_not_know(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp4.models.asking.greedy", lambda *_: ["unknown"])
    first, *likely = told(capsys, "ask", "--run", run, QUESTION).out.splitlines()
    assert first == "unknown: the model says that it has read no answer to this"
    assert len(likely) == 5


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty: write one, such as 'Where was X born?'"),
        ("   ", "the question is empty"),
        ("где родилась Ада?", "has never seen the character"),
        ("東京?", "has never seen the character"),
        ("Where?\n", "has never seen the character"),
        ("a" * 10_000, "a question of 10,000 characters leaves no room for an answer"),
        ("Ж" * 10_000, "a question of 10,000 characters leaves no room for an answer"),
    ],
)
def test_a_question_that_cannot_be_asked_gets_one_line(
    question: str, message: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(capsys, "ask", "--run", run, question)
    assert message in line and len(line) < 300


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Where was Ada Quill born? Hull", "no tab"),
        ("Where was  born?\tHull", "no name in"),
        ("Whose?\tHull\thobby", "the relation 'hobby' is unknown: choose one of birthplace"),
        ("Where was Fay Rook born?\tHull", "stands with the same answer in line 1"),
        (f"{'Where was Ada ' * 1000}\tHull", "a question of 13,999 characters leaves no room"),
        (f"{'Ж' * 10_000}\tHull", "a question of 10,000 characters leaves no room"),
        (f"{'a  ' * 4_000}\tHull", "no name in"),
    ],
)
def test_a_bad_line_among_the_questions_gets_one_line(
    line: str,
    message: str,
    tmp_path: Path,
    data: Path,
    run: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "asked.tsv"
    file.write_text(f"Where was Fay Rook born?\tHull\n{line}\n", "utf-8")
    shown = refused(capsys, "evaluate", "--run", run, "--questions", file, "--data", data)
    assert shown.startswith(f"nlp4: {file}, line 2: ") and message in shown
    assert len(shown) < 400 + len(str(file))


def test_ask_prints_the_answer_and_five_probabilities(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, *likely = told(capsys, "ask", "--run", run, QUESTION).out.splitlines()

    model, vocabulary = load_model(run / "model.pt")
    assert answer == greedy(model, vocabulary, [QUESTION])[0]
    shares = [float(re.fullmatch(r" *(\d+\.\d)%  .*", line)[1]) for line in likely]
    assert len(shares) == 5
    assert shares == sorted(shares, reverse=True)
    assert 0 <= sum(shares) <= 100.5


def test_baselines_prints_both_and_the_ceiling(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(capsys, "baselines", "--data", data).out

    assert "the most frequent training answer: Torvale\n" in shown
    assert "always London: 1/3 (33.3%" in shown
    assert "always the most frequent training answer: 1/3" in shown
    assert re.search(r"ceiling.*: 3/3 \(100\.0%", shown)


def test_baselines_of_a_split_cut_from_training(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(capsys, "baselines", "--data", data, "--dev-from-train", 4).out

    assert re.search(r"ceiling.*: 4/4", shown)


@pytest.mark.skipif(importlib.util.find_spec("faker") is None, reason="needs nlp4[data]")
def test_people_writes_a_corpus_that_baselines_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "people"

    shown = told(capsys, "people", "--number", 50, "--seed", 1, "--out", out).out

    assert shown == f"50 people written to {out}\n"
    assert "ceiling" in told(capsys, "baselines", "--data", out).out


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nlp4", "--version"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, f"{__version__}\n")


# Mistakes


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line about a mistake."""
    shown = told(capsys, *arguments, status=2)
    assert shown.err.startswith("nlp4: ")
    assert shown.err.endswith("\n") and shown.err.count("\n") == 1
    return shown.err


def test_a_missing_run(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone"

    assert f"{gone / 'model.pt'} is missing: train first" in refused(
        capsys, "ask", "--run", gone, QUESTION
    )
    assert f"{gone / 'model.pt'} is missing: train first" in refused(
        capsys, "evaluate", "--run", gone, "--questions", data / DEV, "--data", data
    )


def test_a_damaged_run(tmp_path: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.pt").write_bytes((run / "model.pt").read_bytes()[:1000])

    assert "delete it and train again" in refused(capsys, "ask", "--run", tmp_path, QUESTION)


def test_a_missing_file_of_questions(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone.tsv"

    message = refused(capsys, "evaluate", "--run", run, "--questions", gone, "--data", data)

    assert f"{gone} is missing" in message


def test_questions_without_answers(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(f"{tiny.pair('Ada Quill', 'Hull')}{QUESTION}\n", "utf-8")

    message = refused(capsys, "evaluate", "--run", run, "--questions", file, "--data", data)

    assert f"{file}, line 2: no tab" in message


def test_an_unknown_preset(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"

    message = refused(capsys, "reproduce", "--preset", "huge", "--data", data, "--out", out)

    assert "no preset 'huge': choose one of tiny" in message
    assert not out.exists()


def test_an_unknown_device(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"

    message = refused(capsys, *reproducing(data, out, "--device", "tpu"))

    assert "--device tpu: choose cpu, cuda or mps" in message
    assert not out.exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, *reproducing(data, tmp_path / "run", "--device", "cuda"))

    assert "--device cuda: torch finds none on this machine: use --device cpu" in message


@pytest.mark.parametrize("minutes", ["0", "-2", "nan", "inf"])
def test_minutes_that_are_none(
    minutes: str, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, *reproducing(data, tmp_path / "run", f"--minutes={minutes}"))

    assert "--minutes" in message


def test_a_character_the_model_has_never_seen(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(tiny.pair("Łukasz", "Hull"), "utf-8")

    message = refused(capsys, "ask", "--run", run, "Where was Łukasz born?")
    again = refused(capsys, "evaluate", "--run", run, "--questions", file, "--data", data)

    assert "has never seen the character 'Ł' (LATIN CAPITAL LETTER L WITH STROKE)" in message
    assert "'Ł'" in again


@pytest.mark.parametrize("command", ["baselines", "reproduce"])
def test_a_folder_that_is_not_there(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, more = tmp_path / "gone", ()
    if command == "reproduce":
        more = ("--out", tmp_path / "run", "--preset", "tiny")

    assert f"{gone} is not a folder" in refused(capsys, command, "--data", gone, *more)


def test_a_folder_without_biographies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, "baselines", "--data", tmp_path)

    assert f"{tmp_path / BIOGRAPHIES} is missing" in message


def test_a_bad_line_in_the_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    with (data / TRAIN).open("a", encoding="utf-8") as file:
        file.write("Where was Max born? Hull\n")

    message = refused(capsys, *reproducing(data, tmp_path / "run"))

    assert f"{data / TRAIN}, line 8" in message


def test_a_missing_dev_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tiny.write_corpus(tmp_path / "people", dev=False)

    message = refused(capsys, *reproducing(data, tmp_path / "run"))

    assert f"{data / DEV} is missing: add --dev-from-train" in message


def test_more_people_held_back_than_there_are(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, "baselines", "--data", data, "--dev-from-train", 7)

    assert "hold back between 0 and 6" in message


@pytest.mark.parametrize("more", [("--seed", 1), ("--minutes", 1), ("--dev-from-train", 2)])
def test_a_folder_with_another_run(
    more: tuple[object, ...], data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, *reproducing(data, run, *more))

    assert f"{run} holds a run with other options" in message


def test_a_folder_with_a_run_on_other_data(
    tmp_path: Path, data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(data, tmp_path / "people")
    with (other / TRAIN).open("a", encoding="utf-8") as file:
        file.write(tiny.pair("Max Wren", "Hull"))

    message = refused(capsys, *reproducing(other, run))

    assert f"{run} holds a run with other options or other data" in message


def test_a_run_where_a_file_stands(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").write_text("not a folder")

    message = refused(capsys, *reproducing(data, tmp_path / "run"))

    assert f"--out {tmp_path / 'run'}: choose a folder, this is a file" in message


@pytest.mark.parametrize(
    ("arguments", "told", "see"),
    [
        ([], "COMMAND", ""),
        (["fly"], "'fly' (choose from", ""),
        (["reproduce"], "--out", "reproduce "),
        (["ask", "--run", "x"], "question", "ask "),
        (["ladder", "--out", "x", "--minuets", "3"], "--minuets 3", "ladder "),
        (["ladder", "--out"], "--out", "ladder "),
        (["doctor", "now"], "now", "doctor "),
    ],
)
def test_a_command_that_cannot_be_read_is_explained(
    arguments: list[str], told: str, see: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(capsys, *arguments)

    assert told in message
    assert message.endswith(f": see python -m nlp4 {see}--help\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("reproduce --out RUN --minutes 0", "--minutes 0: choose more than 0"),
        ("reproduce --out RUN --seed -1", "--seed -1: choose 0 or more"),
        ("ladder --out RUN --minutes inf", "--minutes inf: choose a number, more than 0"),
        ("ladder --out RUN --seeds 1.5", "--seeds 1.5: choose a whole number, 0 or more"),
        ("ladder --out RUN --course up", "--course up: choose ladder, ablations or presets"),
        ("compare --out RUN --seeds 0 -1", "--seeds -1: choose 0 or more"),
        ("compare --out RUN --n 0", "--n 0: choose 1 or more"),
        ("compare --out RUN --steps many", "--steps many: choose a whole number, 1 or more"),
        ("baselines --split-seed -1", "--split-seed -1: choose 0 or more"),
        ("baselines --dev-from-train -1", "--dev-from-train -1: choose 0 or more"),
        ("people --out RUN --number 9", "--number 9: choose 10 or more"),
        ("people --out RUN --seed 1e400", "--seed 1e400: choose a whole number, 0 or more"),
        ("grade mine --timeout 0", "--timeout 0: choose 1 or more"),
        ("grade mine --timeout nan", "--timeout nan: choose a whole number, 1 or more"),
        ("grade mine --csv .", "--csv .: choose a file, this is a folder"),
        (
            "evaluate --run RUN --questions Q --predictions .",
            "--predictions .: choose a file, this is a folder",
        ),
    ],
)
def test_a_value_that_is_refused_is_named_before_any_work(
    arguments: str,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert refused(capsys, *arguments.split()) == f"nlp4: {told}\n"
    assert list(tmp_path.iterdir()) == []


def test_people_do_not_replace_a_corpus_that_the_command_did_not_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tiny.write_corpus(tmp_path / "people")
    before = {path.name: path.read_bytes() for path in data.iterdir()}

    message = refused(capsys, "people", "--number", 20, "--out", data)

    assert f"{data} holds a corpus that this command did not write" in message
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def test_people_do_not_replace_what_was_changed_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "people", "--number", 20, "--out", tmp_path)
    told(capsys, "people", "--number", 30, "--out", tmp_path)
    (tmp_path / TRAIN).write_text("Where was Ada born?\tLeeds\n", "utf-8")
    message = refused(capsys, "people", "--number", 20, "--out", tmp_path)
    assert f"or not as it is now ({TRAIN}): choose another --out folder" in message
    assert (tmp_path / TRAIN).read_text("utf-8") == "Where was Ada born?\tLeeds\n"


def test_without_dev_questions_there_is_nothing_to_score(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(capsys, "baselines", "--data", data, "--dev-from-train", 0).out
    assert shown.splitlines()[1].startswith("nobody is held back")
    assert "biography" not in shown


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't allocate memory: you ...")])
def test_a_full_memory_is_one_line(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(options: object) -> None:
        raise error

    monkeypatch.setitem(cli.COMMANDS, "doctor", cli.Command("doctor", "", full))
    assert refused(capsys, "doctor").startswith("nlp4: the memory is full: choose smaller sizes")


# How a command ends


def nlp4(*words: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, which holds back what it prints, as Python does."""
    command = [sys.executable, "-m", "nlp4", *map(str, words)]
    env = {**os.environ, "PYTHONUNBUFFERED": "", **more.pop("env", {})}
    return subprocess.run(command, check=False, env=env, **more)


@pytest.fixture
def nobody() -> Iterator[int]:
    """A pipe whose reader has gone away."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells of a closed pipe otherwise")
@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "--help",
        "ladder --help",
        "grade --help",
        "doctor",
        "baselines --data DATA",
        "evaluate --run RUN --questions DATA/birth_dev.tsv --data DATA",
        "student MINE",
    ],
)
def test_a_command_ends_quietly_when_its_reader_goes_away(
    words: str, nobody: int, data: Path, run: Path, tmp_path: Path
) -> None:
    for name, path in {"DATA": data, "RUN": run, "MINE": tmp_path / "mine"}.items():
        words = words.replace(name, str(path))

    done = nlp4(*words.split(), stdout=nobody, stderr=subprocess.PIPE)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells of a closed pipe otherwise")
@pytest.mark.parametrize("words", ["ladder --help", "baselines"])
def test_it_does_so_too_where_nothing_is_held_back(words: str, nobody: int) -> None:
    unheld = {"PYTHONUNBUFFERED": "1"}

    assert nlp4(*words.split(), env=unheld, stdout=nobody, stderr=subprocess.PIPE).stderr == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells of a closed pipe otherwise")
def test_a_mistake_that_nobody_reads_ends_in_the_same_way(nobody: int) -> None:
    assert nlp4("fly", stdout=nobody, stderr=nobody).returncode == 141


def test_a_command_runs_without_an_output(data: Path) -> None:
    code = "import sys; sys.stdout = None; from nlp4.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["baselines", "--data", str(data)]

    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_marks_that_the_terminal_lacks_are_replaced(data: Path, tmp_path: Path) -> None:
    people = shutil.copytree(data, tmp_path / "people")
    for name in (TRAIN, BIOGRAPHIES):
        text = (people / name).read_text("utf-8")
        (people / name).write_text(text.replace("Torvale", "Łorvale"), "utf-8")

    done = nlp4(
        *("baselines", "--data", people), env={"PYTHONIOENCODING": "cp1252"}, capture_output=True
    )

    assert done.returncode == 0, done.stderr
    assert b"the most frequent training answer: ?orvale" in done.stdout


def test_ctrl_c_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("nlp4.doctor.run", stop)

    assert told(capsys, "doctor", status=130).err == "nlp4: stopped\n"


def test_doctor_and_help_do_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from nlp4.cli import main\n"
        "try: main(['compare', '--help'])\n"
        "except SystemExit: sys.exit(main(['doctor']))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1 and done.stderr == ""
    assert "--variants" in done.stdout
    assert "FAIL  threads: torch cannot be imported" in done.stdout


def test_threads_are_told_to_wait_without_spinning_before_torch_is_there() -> None:
    code = (
        "import os, sys; import nlp4.cli, nlp4.doctor; assert 'torch' not in sys.modules; "
        "nlp4.doctor.run = lambda stream: print('torch' in sys.modules, "
        "os.environ['GOMP_SPINCOUNT']); nlp4.cli.main(['doctor'])"
    )
    env = {key: value for key, value in os.environ.items() if key != "GOMP_SPINCOUNT"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout == "False 2000\n", done.stderr


def test_a_question_with_an_unseen_character_is_named_by_file_and_line(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "asked.tsv"
    path.write_text(tiny.pair("Ada Quill", "Torvale") + tiny.pair("Ѫ Quill", "Torvale"), "utf-8")
    asked = ("evaluate", "--run", run, "--questions", path, "--data", data)
    error = told(capsys, *asked, status=2).err
    assert error.startswith(f"nlp4: {path}, line 2: 'Where was Ѫ Quill born?'")


def test_an_unseen_character_among_the_dev_questions_is_told_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people, out = tiny.write_corpus(tmp_path / "people"), tmp_path / "out"
    with (people / "birth_dev.tsv").open("a", encoding="utf-8") as stream:
        stream.write(tiny.pair("Ѫ Quill", "Torvale"))
    error = told(capsys, *reproducing(people, out), status=2).err
    assert "has never seen the character 'Ѫ'" in error
    assert not list(out.glob("*.pt"))


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_split_seed_decides_who_is_held_back(
    seed: int, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = ("--dev-from-train", 3, "--split-seed", seed)
    dev = load_corpus(data, dev_from_train=3, split_seed=seed).dev
    london = sum(question.place == "London" for question in dev)
    printed = told(capsys, "baselines", "--data", data, *cut).out
    assert f"always London: {london}/3" in printed


def test_bench_runs_a_script_with_its_own_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "benchmarks").mkdir()
    script = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\nclass Row:\n    words: list[str]\n"
        "def main(arguments: list[str]) -> int:\n    print(Row(arguments))\n    return 3\n"
    )
    (tmp_path / "benchmarks" / "echo.py").write_text(script, "utf-8")
    monkeypatch.setattr(cli, "workbook_folder", lambda: tmp_path)
    assert main(["bench", "echo", "--minutes", "3"]) == 3
    assert capsys.readouterr().out == "Row(words=['--minutes', '3'])\n"


def test_an_unknown_benchmark_is_refused_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed"]) == 2
    assert "training" in capsys.readouterr().err


def test_no_benchmarks_without_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "workbook_folder", lambda: tmp_path)
    message = refused(capsys, "bench", "training")
    assert "clone of the whole workbook" in message


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What JupyterLab is started with, each time; it does not start."""
    calls: list[list[str]] = []
    lab = ModuleType("jupyterlab.labapp")
    lab.main = calls.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", lab)
    return calls


def test_lab_opens_learners_copies_and_makes_them_once(
    opened: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    told(capsys, "lab")
    copies = sorted(Path("mine").iterdir())
    assert len(copies) == 7 and "NotImplementedError" in copies[1].read_text("utf-8")
    copies[1].write_text("my work", "utf-8")
    copies[2].unlink()
    assert told(capsys, "lab", "mine", "--no-browser", "--port", 9999).out == ""
    assert copies[1].read_text("utf-8") == "my work" and not copies[2].exists()
    root = f"--ServerApp.root_dir={tmp_path / 'mine'}"
    assert [[first, *rest] for first, _, *rest in opened] == [
        [root],
        [root, "--no-browser", "--port", "9999"],
    ]


def test_lab_opens_a_folder_of_notebooks_as_it_is(
    opened: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.ipynb").touch()
    told(capsys, "lab", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.ipynb"]
    assert [first for first, *_ in opened] == [f"--ServerApp.root_dir={tmp_path}"]


def test_a_page_exported_from_the_lab_shows_the_explorers_still(
    opened: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    told(capsys, "lab", tmp_path / "mine")
    (owner, name), value = opened[0][1][2:].partition("=")[0].split("."), opened[0][1]
    chosen = Config({owner: {name: json.loads(value.partition("=")[2])}})
    notebook = str(next(workbook_folder().glob("notebooks/00_*.ipynb")))
    shown = [
        'data-mime-type="image/svg+xml"' in HTMLExporter(config=config).from_filename(notebook)[0]
        for config in (Config(), chosen)
    ]
    assert shown == [False, True]


def test_lab_without_jupyterlab_says_what_to_install_and_copies_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.delitem(sys.modules, "jupyterlab.labapp", raising=False)
    told_line = 'nlp4: jupyterlab is not installed: run `pip install "nlp4[lab]"`\n'
    assert refused(capsys, "lab", tmp_path / "mine") == told_line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "course", "minutes", "seeds"),
    [
        ((), "ladder", 3.0, (0, 1, 2)),
        (("--course", "ablations", "--minutes", "1.5"), "ablations", 1.5, (0, 1, 2)),
        (("--course", "presets", "--seeds", "4", "7"), "presets", None, (4, 7)),
    ],
)
def test_the_ladder_takes_its_course_minutes_and_seeds(
    words: tuple[str, ...],
    course: str,
    minutes: float | None,
    seeds: tuple[int, ...],
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given: list[object] = []

    def climb(corpus: Corpus, out: Path, *others: object, data_options: list[str]) -> None:
        given.extend([len(corpus.dev), *others, *data_options])
        (out / f"{course}.md").write_text("the table", "utf-8")

    monkeypatch.setattr(ladder, "climb", climb)
    options = ("--data", data, "--dev-from-train", 4, "--out", tmp_path)
    assert "the table" in told(capsys, "ladder", *options, *words).out
    settings = ladder.Settings(minutes, seeds)
    assert given == [4, course, settings, "--data FOLDER", "--dev-from-train 4"]
