"""The command line: `python -m nlp4 COMMAND`.

Each command imports what it needs when it runs: `doctor` must work where torch is missing, and
`--help` must not wait for it.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4 import __version__, cli_experiment
from nlp4.support.errors import UserError, memory_is_full, telling_what_to_install
from nlp4.support.files import workbook_folder
from nlp4.support.options import DATA, Option, Parser, add_options, data_words, option

if TYPE_CHECKING:
    from nlp4.data.corpus import Corpus
    from nlp4.data.questions import Reading
    from nlp4.data.vocabulary import Vocabulary
    from nlp4.models.gpt import GPT
    from nlp4.training.distributed import World

Options = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done. 1: a failed check. 2: the user's mistake. As shells count an end by a signal, 130:
    stopped by Ctrl-C, and 141: whoever read the output went away, as `| head` does.
    """
    # Read when torch is first imported, by the command: threads that spin while they wait would
    # cost a training most of its speed as soon as another program wants a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")  # else torch tells of a lost process, too
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a mark that the terminal's encoding lacks
    try:
        try:
            return _run(arguments)
        finally:  # help, too, which argparse ends by SystemExit
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _write_to_nobody()
        return 141


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = read_options(arguments)
        with telling_what_to_install():
            return COMMANDS[options.command].run(options) or 0
    except UserError as error:
        print(f"nlp4: {error}", file=sys.stderr)
        return 2
    except (MemoryError, RuntimeError) as error:
        if not memory_is_full(error):
            raise
        print("nlp4: the memory is full: choose smaller sizes, or fewer people", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(f"nlp4: {str(stop) or 'stopped'}", file=sys.stderr)
        return 130


def _write_to_nobody() -> None:
    """Point both streams at nothing: the interpreter flushes them once more when it ends."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(nothing, stream.fileno())


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """The command's name, as `command`, and its options. Raises UserError for any mistake."""
    options, unknown = parser().parse_known_args(arguments)
    if unknown:
        what = f"unrecognized arguments: {' '.join(unknown)}"
        raise UserError(f"{what}: see python -m nlp4 {options.command} --help")
    return options


def parser() -> Parser:
    """The parser of all commands."""
    made = Parser(prog="python -m nlp4", description="The command line of the workbook.")
    made.add_argument("--version", action="version", version=__version__)
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for each in COMMANDS.values():
        command = commands.add_parser(each.name, help=each.help)
        add_options(command, *each.options)
    return made


def _doctor(options: Options) -> int:
    from nlp4.doctor import run

    return run(sys.stdout)


def _people(options: Options) -> None:
    from nlp4.data.people.generate import PeopleConfig, not_written_here, write_people

    if foreign := not_written_here(options.out):
        raise UserError(
            f"{options.out} holds a corpus that this command did not write, or not as it is now "
            f"({foreign[0]}): choose another --out folder"
        )
    seed = {} if options.seed is None else {"seed": options.seed}
    write_people(options.out, PeopleConfig(number=options.number, **seed))
    print(f"{options.number} people written to {options.out}")


def _baselines(options: Options) -> None:
    from nlp4.data.corpus import corpus_of
    from nlp4.training.evaluation import majority_place

    corpus = corpus_of(options)
    for note in corpus.notes:
        print(f"note: {note}")
    print(f"the most frequent training answer: {majority_place(corpus.train)}")
    _tell_baselines(corpus)


def _reproduce(options: Options) -> None:
    from nlp4.training.distributed import joined

    with joined() as world:  # of those that torchrun has started, if it has
        _reproduce_in(world, options)


def _reproduce_in(world: World, options: Options) -> None:
    from nlp4.data.corpus import corpus_of
    from nlp4.pictures.pretraining import loss_curves, save
    from nlp4.training.runs import STAGES, make_plan, plan_or_none, read_histories, reproduce

    device = world.device(options.device)
    corpus = corpus_of(options)
    asked = {
        "seed": options.seed,
        "minutes": options.minutes,
        "dev_from_train": options.dev_from_train,
        "split_seed": options.split_seed,
    }
    settled = {"preset": options.preset, "data": corpus.checksum(), **asked}
    plan = plan_or_none(options.out, settled)
    world.meet(**settled, plan=plan)
    plan = plan or make_plan(corpus, options.preset, **asked)
    results = reproduce(corpus, plan, options.out, device=device)
    if world.rank > 0:
        return
    curves = {STAGES[name]: h.curve() for name, h in read_histories(options.out).items()}
    save(loss_curves(curves), options.out / "loss.png")
    print((options.out / "table.md").read_text("utf-8"))
    print(f"all of it in {options.out}: results.json, table.md, loss.png, predictions, models")
    training = sum(results["stages"][name]["seconds"] for name in ("pretrained", "model"))
    print(f"training took {training / 60:.1f} minutes, finetuning included")


def _ladder(options: Options) -> None:
    from nlp4.data.corpus import corpus_of
    from nlp4.experiments.ladder import Settings, climb

    seeds = tuple(options.seeds or Settings.seeds)
    minutes = options.minutes or (None if options.course == "presets" else Settings.minutes)
    climb(
        corpus_of(options),
        options.out,
        options.course,
        Settings(minutes, seeds),
        data_options=data_words(options),
    )
    print((options.out / f"{options.course}.md").read_text("utf-8"))


def _compare(options: Options) -> None:
    from nlp4.data.corpus import corpus_of
    from nlp4.experiments.comparison import OPTIONS, runs_of, sizes_of
    from nlp4.experiments.comparison_runs import compare

    def given(*names: str) -> dict[str, Any]:
        return {name: value for name in names if (value := getattr(options, name)) is not None}

    runs = runs_of(**given("tasks", "variants", "seeds", "budgets"))
    sizes = sizes_of(runs, given(*OPTIONS))
    compare(corpus_of(options), options.out, runs, sizes, data_options=data_words(options))
    print((options.out / "compare.md").read_text("utf-8"))
    print(f"all of it in {options.out}: compare.json, compare.md, a file for each run")


def _experiment(options: Options) -> None:
    print(cli_experiment.run(options))


def _checkpoints(options: Options) -> None:
    from nlp4.data.corpus import load_corpus
    from nlp4.training import shipped

    out = options.out or shipped.folder()
    for made in shipped.rebuild(load_corpus(), options.run, out):
        dev = made["dev"]
        size = f"{made['bytes'] / 1e6:.1f} MB, {made['minutes']} minutes"
        print(f"{out / made['name']}.pt: {dev['right']}/{dev['n']} right, {size}")


def _bench(options: Options) -> int:
    import importlib.util

    folder = workbook_folder() / "benchmarks"
    names = sorted(path.stem for path in folder.glob("*.py"))
    if not names:
        raise UserError(f"{folder} is missing: benchmarks run in a clone of the whole workbook")
    if options.name not in names:
        raise UserError(f"no benchmark {options.name!r}: choose from {', '.join(names)}")
    name = f"benchmarks_{options.name}"
    spec = importlib.util.spec_from_file_location(name, folder / f"{options.name}.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script  # dataclasses look their own module up
    spec.loader.exec_module(script)
    status: int = script.main(options.arguments)
    return status


def _evaluate(options: Options) -> None:
    from nlp4.models.asking import greedy
    from nlp4.models.checkpoint import load_model
    from nlp4.training.evaluation import save_predictions, score

    if options.questions is None:
        return _evaluate_held_back(options)
    model, vocabulary = load_model(options.run / "model.pt")
    corpus, read = _to_ask(options, model, vocabulary)
    answers = greedy(model, vocabulary, [q.text for q in corpus.dev])
    if options.predictions:
        save_predictions(options.predictions, answers)
    found = score(answers, corpus.dev)
    print(f"correct: {found.right}/{found.n} ({found.value:.1%})")
    print(f"with its interval: {found}")
    _tell_silence(read, answers)
    _tell_baselines(corpus)
    if options.by:
        print(f"\n{_groups(options.by, read, answers)}")


def _to_ask(options: Options, model: GPT, vocabulary: Vocabulary) -> tuple[Corpus, list[Reading]]:
    """The file's questions, as a corpus has them and as their texts are read."""
    from dataclasses import replace

    from nlp4.data.corpus import load_corpus
    from nlp4.data.questions import notes, read_any, read_texts
    from nlp4.models.asking import mistake

    if options.dev_from_train is not None or options.split_seed:
        raise UserError(
            "--dev-from-train, --split-seed: whom to ask about is said by --questions: leave "
            "them out, or --questions"
        )
    questions = read_any(options.questions)
    for question in questions:
        if wrong := mistake(model, vocabulary, question.text):
            raise UserError(f"{question.where}: {wrong}")
    corpus = load_corpus(options.data, dev_from_train=0)
    read = read_texts(questions, corpus)
    for note in notes(questions):
        print(f"note: {note}", file=sys.stderr)
    return replace(corpus, dev=tuple(each.question for each in read)), read


def _tell_silence(read: Sequence[Reading], answers: Sequence[str]) -> None:
    """How many questions name nobody whom the corpus knows, and how many answers are none."""
    from nlp4.data.corpus import UNKNOWN
    from nlp4.data.questions import NOBODY
    from nlp4.training.evaluation import score

    nobody = [(a, each.question) for a, each in zip(answers, read, strict=True) if not each.named]
    if nobody:
        found = score([a for a, _ in nobody], [question for _, question in nobody])
        print(f"{NOBODY}: {len(nobody)} of {len(read)} questions; right of them: {found}")
    if silent := answers.count(UNKNOWN):
        print(f"answered {UNKNOWN!r}: {silent}/{len(answers)}")


def _groups(by: str, read: Sequence[Reading], answers: Sequence[str]) -> str:
    from nlp4.support.records import table
    from nlp4.training.evaluation import score_by

    groups = [str(getattr(each, by)) for each in read]
    found = score_by(groups, answers, [each.question for each in read])
    rows = [[group, *share.cells] for group, share in found.items()]
    return table([by, "right", "share", "95% interval"], rows)


def _evaluate_held_back(options: Options) -> None:
    """Ask about the run's own dev people, in every relation and wording."""
    from nlp4.data.corpus import corpus_of
    from nlp4.experiments import knowledge
    from nlp4.models.checkpoint import load_model

    for name in ("by", "predictions"):
        if getattr(options, name):
            raise UserError(f"--{name} is about a file of questions: add --questions FILE.tsv")
    model, vocabulary = load_model(options.run / "model.pt")
    corpus = corpus_of(options)
    cli_experiment.require_same_split(options, corpus)
    print(knowledge.markdown(knowledge.relations(model, vocabulary, corpus)))
    print(knowledge.markdown(knowledge.wordings(model, vocabulary, corpus)))


def _tell_baselines(corpus: Corpus) -> None:
    """Those who know one place or read in the book, and the ceiling, where the people are known."""
    from nlp4.training.evaluation import always, baselines, ceiling, score, with_the_book_open

    if not corpus.dev:
        print("nobody is held back, so there is nothing to score: see --dev-from-train")
        return
    known = any(question.name in corpus.by_name for question in corpus.dev)
    if all(question.relation in (None, "birthplace") for question in corpus.dev):
        alone = {"always London": always("London", corpus.dev)}
        shown = baselines(corpus) | with_the_book_open(corpus) if known else alone
        for name, given in shown.items():
            print(f"{name}: {score(given, corpus.dev)}")
    if known:
        print(f"ceiling, the answer stands in the biography: {ceiling(corpus)}")
    else:
        print(
            f"ceiling: not known, as {corpus.folder} has no biography of these people; name the "
            "folder that has them with --data DIR"
        )


def _ask(options: Options) -> None:
    from nlp4.data.corpus import UNKNOWN
    from nlp4.models.asking import best_answers, greedy
    from nlp4.models.checkpoint import load_model

    model, vocabulary = load_model(options.run / "model.pt")
    answer = greedy(model, vocabulary, [options.question])[0]
    abstains = "the model says that it has read no answer to this"
    print(f"{UNKNOWN}: {abstains}" if answer == UNKNOWN else answer)
    for likely in best_answers(model, vocabulary, options.question):
        print(f"{likely.probability:7.1%}  {likely.place}")


def _site(options: Options) -> None:
    from nlp4.site import build

    number = build(options.folder, vendor=options.vendor)
    print(f"{number} pages in {options.folder}; to look at them:")
    print(f"python -m http.server --bind 127.0.0.1 --directory {options.folder}")


def _student(options: Options) -> int:
    from nlp4.exercises.nbgrader import write_sources
    from nlp4.exercises.student import write_student_copies
    from nlp4.support.files import notebooks_folder

    source, target, force = notebooks_folder(), options.folder, options.force
    if options.nbgrader and options.worked:
        raise UserError(
            "--nbgrader, --worked: nbgrader would hand the worked solutions out: leave one out"
        )
    if options.nbgrader:
        copies = write_sources(source, target, force=force)
    else:
        copies = write_student_copies(source, target, keep_worked=options.worked, force=force)
    for copied in copies:
        print(copied.line())
    return int(any(copied.outcome == "kept" for copied in copies))


def _lab(options: Options) -> None:
    from jupyterlab.labapp import main as open_jupyterlab

    from nlp4.exercises.student import write_student_copies
    from nlp4.support.files import notebooks_folder

    if not any(options.folder.glob("*.ipynb")):
        for copied in write_student_copies(notebooks_folder(), options.folder, keep_worked=True):
            print(copied.line())
    sys.stdout.flush()
    root = f"--ServerApp.root_dir={options.folder.resolve()}"
    open_jupyterlab([root, _STILLS_FIRST, *options.arguments])


# "Save and export as HTML" would else show an explorer's place and nothing in it.
_STILLS_FIRST = "--NbConvertBase.display_data_priority=" + json.dumps(
    ["image/svg+xml", "text/html", "text/markdown", "image/png", "text/latex", "text/plain"]
)


def _grade(options: Options) -> None:
    from nlp4 import cli_grade

    cli_grade.run(options)


@dataclass(frozen=True)
class Command:
    """One command: `run` does it, and returns its exit status where that is not 0."""

    name: str
    help: str
    run: Callable[[Options], int | None]
    options: tuple[str | Option, ...] = ()  # in the table, or changed for this command


_OWN = "of the one task named"
_COMMANDS = (
    Command("doctor", "check this machine, one line a check", _doctor),
    Command(
        "people",
        "write a corpus of fictional people",
        _people,
        ("out", "number", option("seed", default=None, otherwise="the shipped corpus's")),
    ),
    Command("baselines", "always London, always the majority, ceiling", _baselines, DATA),
    Command(
        "reproduce",
        "exercise 3: finetune alone, pretrain, finetune, score; resumes",
        _reproduce,
        (
            *(*DATA, "preset", "seed", "device", option("out", metavar="RUN")),
            option("minutes", help="training time, finetuning included", otherwise="the preset's"),
        ),
    ),
    Command(
        "ladder",
        "from the course's recipe to ours, and ours without each idea, at equal time; resumes",
        _ladder,
        (
            *(*DATA, "course", option("out", metavar="RUN"), option("seeds", otherwise="0 1 2")),
            option(
                "minutes",
                help="pretraining of each recipe, with each seed",
                otherwise="3, and of presets their own steps",
            ),
        ),
    ),
    Command(
        "compare",
        "full, Linformer and BigBird attention on recall and masked text; resumes",
        _compare,
        (
            *(*DATA, "out", "tasks", "variants", "budgets", option("seeds", otherwise="0 1 2")),
            option("steps", help=f"equal steps, {_OWN}", otherwise="its own"),
            option("minutes", help=f"equal time, {_OWN}", otherwise="its own"),
            option("n", help=f"symbols a sequence, {_OWN}", otherwise="its own"),
        ),
    ),
    Command(
        "experiment",
        "what a model believes, and what it knows in any words: one question a name",
        _experiment,
        cli_experiment.OPTIONS,
    ),
    Command(
        "checkpoints",
        "train the small models that come along, anew; resumes",
        _checkpoints,
        (
            option("run", default=Path("runs/checkpoints"), required=False, written=True),
            option("out", otherwise="data/checkpoints", required=False),
        ),
    ),
    Command(
        "bench",
        "measure this machine: training, attention, sliders",
        _bench,
        (option("name", help="a script of the folder benchmarks, without its .py"), "arguments"),
    ),
    Command(
        "evaluate",
        "score a run on any file of questions, or on the people held back from it",
        _evaluate,
        (
            *("run", "by", "predictions"),
            option(
                "questions",
                help="question, tab, answer, and perhaps a tab and the relation",
                required=False,
                otherwise="everyone held back, in all relations, wordings and hands",
            ),
            option("data", help="corpus of the people asked about"),
            *("dev-from-train", "split-seed"),
        ),
    ),
    Command("ask", "ask a run one question; show its best five answers", _ask, ("run", "question")),
    Command(
        "student",
        "copy the notebooks to work in: no solutions, no outputs",
        _student,
        ("folder", "worked", "nbgrader", "force"),
    ),
    Command(
        "lab",
        "open JupyterLab on learners' copies of the notebooks, which are made if there are none",
        _lab,
        (
            option("folder", help="folder to open", written=False),
            option("arguments", help="for JupyterLab, after the folder"),
        ),
    ),
    Command(
        "site",
        "make a website of the notebooks: no solutions, explorers that move",
        _site,
        (option("folder", default=None, metavar="OUT"), "vendor"),
    ),
    Command(
        "grade",
        "points for a learner's notebook, or a folder of them",
        _grade,
        (
            *("path", "json", "csv", "roster", "keep", "canvas", "gradescope", "feedback"),
            *("jobs", "timeout", "notebook-timeout", "sandbox"),
        ),
    ),
)
COMMANDS = {command.name: command for command in _COMMANDS}
