"""The command line: `python -m nlp4 COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4 import __version__, cli_experiment
from nlp4.data.corpus import corpus_of
from nlp4.support.errors import UserError
from nlp4.support.options import add_data_options, data_words

if TYPE_CHECKING:
    from nlp4.data.corpus import Corpus
    from nlp4.exercises.grading import Report


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The options of the comparison."""
    add_data_options(command)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    for name in ("tasks", "variants", "budgets"):
        command.add_argument(f"--{name}", nargs="+", metavar="NAME", help="default: all of them")
    command.add_argument("--seeds", nargs="+", type=int, metavar="S", help="default: 0 1 2")
    own = "of the one task named (default: its own)"
    command.add_argument("--steps", type=int, metavar="N", help=f"equal steps, {own}")
    command.add_argument("--minutes", type=float, metavar="M", help=f"equal time, {own}")
    command.add_argument("--n", type=int, metavar="N", help=f"symbols a sequence, {own}")


def run(options: argparse.Namespace) -> str:
    """Do the runs; return what to print. Raises UserError as `compare` does."""
    from nlp4.experiments.comparison import OPTIONS, runs_of, sizes_of
    from nlp4.experiments.comparison_runs import compare

    def given(*names: str) -> dict[str, Any]:
        return {name: value for name in names if (value := getattr(options, name)) is not None}

    runs = runs_of(**given("tasks", "variants", "seeds", "budgets"))
    sizes = sizes_of(runs, given(*OPTIONS))
    compare(corpus_of(options), options.out, runs, sizes, data_options=data_words(options))
    table = (options.out / "compare.md").read_text("utf-8")
    return f"{table}\nall of it in {options.out}: compare.json, compare.md, a file for each run"


# Each command imports what it needs when it runs: `doctor` must work where torch is missing.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 a failed check, 2 the user's mistake."""
    options = _parser().parse_args(arguments)
    # Read when torch is first imported, by the command: threads that spin while they wait would
    # cost a training most of its speed as soon as another program wants a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    try:
        status: int | None = options.run(options)
    except UserError as error:
        print(f"nlp4: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(f"nlp4: {stop or 'stopped'}", file=sys.stderr)
        return 130
    return status or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlp4", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in _COMMANDS:
        add(commands)
    return parser


Commands = Any  # argparse does not name the type of its subparsers


def _add_doctor(commands: Commands) -> None:
    command = commands.add_parser("doctor", help="check this machine, one line a check")
    command.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from nlp4.doctor import run

    return run(sys.stdout)


def _add_people(commands: Commands) -> None:
    command = commands.add_parser("people", help="write a corpus of fictional people")
    command.add_argument("--out", type=Path, required=True, help="folder to write")
    command.add_argument("--number", type=int, default=2937, help="how many (default: 2937)")
    command.add_argument("--seed", type=int, default=None, help="default: the shipped corpus's")
    command.set_defaults(run=_people)


def _people(options: argparse.Namespace) -> None:
    from nlp4.data.people.generate import write_people
    from nlp4.data.people.sampling import PeopleConfig

    seed = {} if options.seed is None else {"seed": options.seed}
    write_people(options.out, PeopleConfig(number=options.number, **seed))
    print(f"{options.number} people written to {options.out}")


def _add_baselines(commands: Commands) -> None:
    command = commands.add_parser("baselines", help="always London, always the majority, ceiling")
    add_data_options(command)
    command.set_defaults(run=_baselines)


def _baselines(options: argparse.Namespace) -> None:
    from nlp4.training.evaluation import majority_place

    corpus = corpus_of(options)
    for note in corpus.notes:
        print(f"note: {note}")
    print(f"the most frequent training answer: {majority_place(corpus.train)}")
    _tell_baselines(corpus)


def _add_reproduce(commands: Commands) -> None:
    command = commands.add_parser(
        "reproduce", help="exercise 3: finetune alone, pretrain, finetune, score; resumes"
    )
    add_data_options(command)
    command.add_argument("--preset", default="laptop", help="recipe (default: laptop)")
    command.add_argument("--seed", type=int, default=0, help="default: 0")
    command.add_argument(
        "--minutes", type=float, metavar="M", help="training time, finetuning included"
    )
    command.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run's folder")
    command.add_argument("--device", default="cpu", help="cpu (default), cuda or mps")
    command.set_defaults(run=_reproduce)


def _reproduce(options: argparse.Namespace) -> None:
    from nlp4.pictures.pretraining import loss_curves, save
    from nlp4.training.runs import STAGES, make_plan, plan_or_none, read_histories, reproduce

    corpus = corpus_of(options)
    asked = {
        "seed": options.seed,
        "minutes": options.minutes,
        "dev_from_train": options.dev_from_train,
        "split_seed": options.split_seed,
    }
    settled = {"preset": options.preset, "data": corpus.checksum(), **asked}
    plan = plan_or_none(options.out, settled) or make_plan(corpus, options.preset, **asked)
    results = reproduce(corpus, plan, options.out, device=_device(options.device))
    curves = {STAGES[name]: h.curve() for name, h in read_histories(options.out).items()}
    save(loss_curves(curves), options.out / "loss.png")
    print((options.out / "table.md").read_text("utf-8"))
    print(f"all of it in {options.out}: results.json, table.md, loss.png, predictions, models")
    training = sum(results["stages"][name]["seconds"] for name in ("pretrained", "model"))
    print(f"training took {training / 60:.1f} minutes, finetuning included")


def _device(name: str) -> str:
    import torch

    found = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name not in found:
        raise UserError(f"--device {name}: choose cpu, cuda or mps")
    if not found[name]:
        raise UserError(f"--device {name}: torch finds none on this machine: use --device cpu")
    return name


def _add_ladder(commands: Commands) -> None:
    command = commands.add_parser(
        "ladder", help="from the course's recipe to ours, one idea a rung, at equal time; resumes"
    )
    add_data_options(command)
    command.add_argument("--seed", type=int, default=0, help="default: 0")
    command.add_argument(
        "--minutes", type=float, default=3.0, metavar="M", help="training time a rung (default: 3)"
    )
    command.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder to write")
    command.set_defaults(run=_ladder)


def _ladder(options: argparse.Namespace) -> None:
    from nlp4.training.ladder import climb

    climb(
        corpus_of(options),
        options.out,
        minutes=options.minutes,
        seed=options.seed,
        dev_from_train=options.dev_from_train,
        split_seed=options.split_seed,
    )
    print((options.out / "ladder.md").read_text("utf-8"))


def _add_compare(commands: Commands) -> None:
    command = commands.add_parser(
        "compare", help="full, Linformer and BigBird attention on two long tasks; resumes"
    )
    add_arguments(command)
    command.set_defaults(run=lambda options: print(run(options)))


def _add_experiment(commands: Commands) -> None:
    command = commands.add_parser(
        "experiment", help="what the model believes: the experiments of notebook 04"
    )
    cli_experiment.add_arguments(command)
    command.set_defaults(run=lambda options: print(cli_experiment.run(options)))


def _add_checkpoints(commands: Commands) -> None:
    command = commands.add_parser(
        "checkpoints", help="train the small models that come along, anew; resumes"
    )
    command.add_argument(
        "--run", type=Path, default=Path("runs/checkpoints"), metavar="RUN", dest="folder"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="default: data/checkpoints")
    command.set_defaults(run=_checkpoints)


def _checkpoints(options: argparse.Namespace) -> None:
    from nlp4.data.corpus import load_corpus
    from nlp4.training import shipped

    out = options.out or shipped.folder()
    for made in shipped.rebuild(load_corpus(), options.folder, out):
        dev = made["dev"]
        size = f"{made['bytes'] / 1e6:.1f} MB, {made['minutes']} minutes"
        print(f"{out / made['name']}.pt: {dev['right']}/{dev['n']} right, {size}")


def _add_bench(commands: Commands) -> None:
    command = commands.add_parser(
        "bench", help="measure this machine: training, attention, sliders"
    )
    command.add_argument("name", help="a script of the folder benchmarks, without its .py")
    command.add_argument("arguments", nargs=argparse.REMAINDER, help="its own options")
    command.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> int:
    import importlib.util

    folder = Path(__file__).resolve().parents[1] / "benchmarks"
    names = sorted(path.stem for path in folder.glob("*.py"))
    if options.name not in names:
        known = ", ".join(names) or f"none: {folder} does not exist"
        raise UserError(f"no benchmark {options.name!r}: choose from {known}")
    # The folder is not part of the package: an installed nlp4 does not bring it along.
    name = f"benchmarks_{options.name}"
    spec = importlib.util.spec_from_file_location(name, folder / f"{options.name}.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script  # dataclasses look their own module up
    spec.loader.exec_module(script)
    status: int = script.main(options.arguments)
    return status


def _add_evaluate(commands: Commands) -> None:
    command = commands.add_parser("evaluate", help="score a run on any file of questions")
    command.add_argument("--run", type=Path, required=True, metavar="RUN", dest="folder")
    command.add_argument("--questions", type=Path, required=True, metavar="FILE.tsv")
    command.add_argument("--data", type=Path, metavar="DIR", help="corpus, for the ceiling")
    command.add_argument("--predictions", type=Path, metavar="FILE", help="save the answers here")
    command.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from nlp4.data.corpus import load_corpus, read_questions
    from nlp4.models.asking import greedy
    from nlp4.models.checkpoint import load_model
    from nlp4.training.evaluation import save_predictions, score

    model, vocabulary = load_model(options.folder / "model.pt")
    questions = read_questions(options.questions)
    for number, question in enumerate(questions, 1):
        vocabulary.check(question.text, f"{options.questions}, line {number}")
    corpus = replace(load_corpus(options.data, dev_from_train=0), dev=questions)
    answers = greedy(model, vocabulary, [q.text for q in questions])
    if options.predictions:
        save_predictions(options.predictions, answers)
    found = score(answers, questions)
    print(f"correct: {found.right}/{found.n} ({found.value:.1%})")
    print(f"with its interval: {found}")
    _tell_baselines(corpus)


def _tell_baselines(corpus: Corpus) -> None:
    """Both baselines and the ceiling, where the corpus knows the people who are asked about."""
    from nlp4.training.evaluation import always, baselines, ceiling, score

    if not any(question.name in corpus.by_name for question in corpus.dev):
        print(f"always London: {score(always('London', corpus.dev), corpus.dev)}")
        print(
            f"ceiling: not known, as {corpus.folder} has no biography of these people; name the "
            "folder that has them with --data DIR"
        )
        return
    for name, given in baselines(corpus).items():
        print(f"{name}: {score(given, corpus.dev)}")
    print(f"ceiling, the answer stands in the biography: {ceiling(corpus)}")


def _add_ask(commands: Commands) -> None:
    command = commands.add_parser("ask", help="ask a run one question; show its best five answers")
    command.add_argument("--run", type=Path, required=True, metavar="RUN", dest="folder")
    command.add_argument("question", help='such as "Where was X born?"')
    command.set_defaults(run=_ask)


def _ask(options: argparse.Namespace) -> None:
    from nlp4.models.asking import best_answers, greedy
    from nlp4.models.checkpoint import load_model

    model, vocabulary = load_model(options.folder / "model.pt")
    print(greedy(model, vocabulary, [options.question])[0])
    for answer in best_answers(model, vocabulary, options.question):
        print(f"{answer.probability:7.1%}  {answer.place}")


def _add_student(commands: Commands) -> None:
    command = commands.add_parser(
        "student", help="copy the notebooks to work in: no solutions, no outputs"
    )
    command.add_argument(
        "folder", type=Path, nargs="?", default=Path("mine"), metavar="DIR", help="default: mine"
    )
    command.add_argument("--worked", action="store_true", help="keep the worked solutions")
    command.add_argument("--force", action="store_true", help="replace your own work, too")
    command.set_defaults(run=_student)


def _student(options: argparse.Namespace) -> int:
    from nlp4.exercises.student import notebooks_folder, write_student_copies

    copies = write_student_copies(
        notebooks_folder(), options.folder, keep_worked=options.worked, force=options.force
    )
    for copied in copies:
        print(copied.line())
    return int(any(copied.outcome == "kept" for copied in copies))


def _add_grade(commands: Commands) -> None:
    command = commands.add_parser(
        "grade", help="points for a learner's notebook, or a folder of them"
    )
    command.add_argument("path", type=Path, metavar="NOTEBOOK.ipynb|DIR")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--csv", type=Path, metavar="FILE", help="write a table, a row a notebook")
    command.add_argument(
        "--timeout", type=_seconds, default=60, metavar="S", help="seconds for a cell (default: 60)"
    )
    command.set_defaults(run=_grade)


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: give whole seconds, 1 or more")
    return int(text)


def _grade(options: argparse.Namespace) -> None:
    from nlp4.exercises.grading import as_csv, as_json, grade, grade_folder
    from nlp4.support.files import write_text

    one = not options.path.is_dir()
    if one:
        reports = [grade(options.path, timeout=options.timeout)]
    else:
        reports = grade_folder(options.path, timeout=options.timeout, told=_tell_progress)
    if options.csv:
        write_text(options.csv, as_csv(reports))
    if options.json:
        print(as_json(reports))
    elif one:
        print(reports[0].text())
    elif not options.csv:
        print(as_csv(reports), end="")


def _tell_progress(report: Report) -> None:
    print(f"{report.notebook}: {report.points} of {report.out_of} points", file=sys.stderr)


_COMMANDS = (
    _add_doctor,
    _add_people,
    _add_baselines,
    _add_reproduce,
    _add_ladder,
    _add_compare,
    _add_experiment,
    _add_checkpoints,
    _add_bench,
    _add_evaluate,
    _add_ask,
    _add_student,
    _add_grade,
)
