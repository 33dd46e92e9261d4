"""Exercise 4a as an experiment: does pretraining teach facts, or language?

The same model and the same finetuning after different texts (see `nlp4.data.texts`), or
after no text. If the accuracy were due to language alone, a text about other people, or the right
one under wrong names, would do as well as the right one.

The training questions that are mixed into a text are there without one too: as many as the other
models see ("nothing"), or as many as fill all steps ("questions").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from nlp4.data.corpus import Corpus, require_dev
from nlp4.data.texts import TEXTS, Told
from nlp4.maths.statistics import Share, bits_of, compare, marks_of, share_of
from nlp4.models.asking import greedy
from nlp4.support.errors import UserError
from nlp4.support.options import named, require_seeds
from nlp4.support.records import Row, RunFolder, Say, checked, read_results, table, write_results
from nlp4.training import presets
from nlp4.training.evaluation import expected_by_luck, marks
from nlp4.training.presets import QUESTIONS_ALONE, Preset, Stage, vocabulary_of
from nlp4.training.runs import fingerprint, require_askable, trained

QUESTIONS, NOTHING = "questions", "nothing"
NAMES = (*TEXTS, QUESTIONS, NOTHING)
SUMMARIES = {name: text.summary for name, text in TEXTS.items()} | {
    QUESTIONS: "no text: the training questions alone, for as many steps",
    NOTHING: "no text: only as many training questions as are mixed into the others",
}
COMMAND = "python -m nlp4 experiment facts --out DIR"
_FILE = "facts_or_language"
_KINDS = {"text": NAMES, "seed": int, "marks": str}  # of a row, for the tables
_KINDS |= {"places": int, "luck": float, "believed": dict[str, int] | None}


@dataclass(frozen=True)
class Settings:
    """The recipe and which runs. Raises UserError for what cannot be had."""

    preset: str = "pocket"
    steps: int = 900  # of pretraining
    seeds: tuple[int, ...] = (0, 1, 2)
    texts: tuple[str, ...] = NAMES

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise UserError(f"{self.steps} steps: choose 1 or more")
        require_seeds(self.seeds)
        for text in self.texts:
            if text not in NAMES:
                raise UserError(f"no text {text!r}: choose from {', '.join(NAMES)}")


def run(
    corpus: Corpus,
    out: Path,
    settings: Settings | None = None,
    *,
    data_options: Sequence[str] = (),
    say: Say = print,
) -> list[Row]:
    """Do the runs that `out` does not hold yet; write the JSON and Markdown files after each.

    Returns the rows of all finished runs in `out`; seeds and texts may be added later.
    `data_options` are the words of the command that chose the corpus. Raises UserError if `out` was
    made with another preset, number of steps or data, or if there are no dev questions;
    KeyboardInterrupt after an interruption.
    """
    settings = settings or Settings()
    require_dev(corpus)
    require_askable(corpus, presets.preset(settings.preset))
    settled = {"preset": settings.preset, "steps": settings.steps, "data": fingerprint(corpus)}
    folder = RunFolder(out)
    folder.claim(settled)
    jobs = {
        f"{text}.{seed}": partial(train, corpus, text, seed, settings)
        for seed, text in product(settings.seeds, settings.texts)
    }

    def gather() -> list[Row]:
        rows = judged(folder.rows(partial(_parsed, len(corpus.dev))))
        command = command_of(rows, settings.steps, data_options)
        write_results(out, _FILE, {"command": command, **settled, "rows": rows}, markdown(rows))
        return rows

    return folder.do(jobs, gather, say=say)


def _parsed(asked: int, row: Row) -> Row:
    checked(_KINDS, lambda rows: markdown(judged(rows)))(row)
    if len(row["marks"]) != asked:
        raise ValueError("marks of other questions")
    return row


def command_of(rows: Sequence[Row], steps: int, data_options: Sequence[str] = ()) -> str:
    """The command that makes `rows`, with every option that is not the default."""
    words = [COMMAND, *data_options]
    words += named("seeds", [row["seed"] for row in rows], Settings.seeds)
    return " ".join(words + named("steps", [steps], [Settings.steps]))


def train(corpus: Corpus, text: str, seed: int, settings: Settings, label: str = "") -> Row:
    """One run: read `text` first, finetune, answer the dev questions; a row, ready for JSON.

    The alphabet is the right corpus's in every run, so that all models start alike. What is random
    in a text is drawn anew for each seed. Raises KeyboardInterrupt if it was interrupted.
    """
    vocabulary = vocabulary_of(corpus)
    recipe = presets.recipe(settings.preset, seed, settings.steps)
    model = recipe.new_model(vocabulary, seed)
    told = Told(corpus)
    if text in TEXTS:
        told = TEXTS[text].make(corpus, np.random.default_rng((seed, NAMES.index(text))))
    stages = (first_stage(recipe, text), recipe.finetune)
    histories = [trained(model, vocabulary, told.corpus, stage, label) for stage in stages if stage]
    answers = greedy(model, vocabulary, [question.text for question in corpus.dev])
    found = marks(answers, corpus.dev)
    known = {question.place for question in corpus.train}
    return {
        "text": text,
        "seed": seed,
        "told": str(Share(sum(found), len(found))),
        "marks": bits_of(found),
        "places": sum(answer in known for answer in answers),
        "luck": round(expected_by_luck(answers, corpus.dev), 2),
        "believed": _believed(corpus, answers, told.believed),
        "steps": [history.steps for history in histories],
        "seconds": round(sum(history.seconds for history in histories), 1),
        "loss": [round(history.recent_loss(), 4) for history in histories],
        "answers": answers,
        "read": [told.believed.get(question.name) for question in corpus.dev],
    }


def first_stage(recipe: Preset, text: str) -> Stage | None:
    """What comes before the finetuning: the pretraining, without a text its questions alone.

    None if no question is mixed into the texts, and `text` is "nothing".
    """
    if text in TEXTS:
        return recipe.pretrain
    alone = replace(recipe.pretrain, shares=QUESTIONS_ALONE)
    if text == QUESTIONS:
        return alone
    share = dict(recipe.pretrain.shares).get("questions", 0.0)
    steps = round(share * recipe.pretrain.training.steps)
    return alone.lasting(steps) if steps else None


def _believed(corpus: Corpus, answers: Sequence[str], believed: dict[str, str]) -> Row | None:
    """How often the answer is what stood under that name, where that is not the truth as well."""
    pairs = [
        (answer, believed[question.name])
        for answer, question in zip(answers, corpus.dev, strict=True)
        if believed.get(question.name, question.place) != question.place
    ]
    return {"right": sum(a == b for a, b in pairs), "n": len(pairs)} if pairs else None


def judged(rows: Sequence[Row]) -> list[Row]:
    """The rows in order, without the answers, each with its p-value against "right".

    McNemar's test against the run of the same seed that read the right text; None without one.
    """
    compared = {row["seed"]: marks_of(row["marks"]) for row in rows if row["text"] == "right"}
    found = []
    for row in sorted(rows, key=lambda row: (NAMES.index(row["text"]), row["seed"])):
        best = compared.get(row["seed"])
        p = None
        if best is not None and row["text"] != "right":
            p = compare(best, marks_of(row["marks"])).p_value
        found.append({k: row[k] for k in row if k not in ("answers", "read", "told")} | {"p": p})
    return found


def markdown(rows: Sequence[Row]) -> str:
    """Two Markdown tables: the mean of each text over its seeds, and every run."""
    return f"{_means(rows)}\n{_runs(rows)}"


def _means(rows: Sequence[Row]) -> str:
    heads = ["read first", "what it is", "right, mean of the seeds", "lowest to highest", "by luck"]
    heads += ["a training place at all", "the place read under that name"]
    by_text = {name: [row for row in rows if row["text"] == name] for name in NAMES}
    return table(heads, [_mean(name, found) for name, found in by_text.items() if found])


def _mean(name: str, found: Sequence[Row]) -> list[str]:
    shares = [share_of(row["marks"]).value for row in found]
    n = len(found[0]["marks"])
    luck, places = (np.mean([row[key] / n for row in found]) for key in ("luck", "places"))
    read = [Share(**row["believed"]).value for row in found if row["believed"]]
    cells = [name, SUMMARIES[name], f"{np.mean(shares):.1%} ({_seeds(len(found))})"]
    cells += [f"{min(shares):.1%} to {max(shares):.1%}", f"{luck:.1%}", f"{places:.1%}"]
    return [*cells, f"{np.mean(read):.1%}" if read else "-"]


def _runs(rows: Sequence[Row]) -> str:
    heads = ["read first", "seed", "right", "share", "95% interval", "p against `right`"]
    heads += ["the place read under that name"]
    lines = [
        [
            row["text"],
            str(row["seed"]),
            *share_of(row["marks"]).cells,
            "-" if row["p"] is None else f"{row['p']:.1g}",
            str(Share(**row["believed"])) if row["believed"] else "-",
        ]
        for row in rows
    ]
    return table(heads, lines)


def _seeds(number: int) -> str:
    return f"{number} seed{'s' * (number > 1)}"


@dataclass(frozen=True)
class FactsRun:
    """One model: what it read first, and which dev questions it then got right."""

    text: str
    seed: int
    marks: tuple[bool, ...]
    luck: float  # answers that would be right if they were dealt out at random
    believed: Share | None  # answers that are the place read under that name, where it was moved
    p: float | None  # McNemar's, against the run of the same seed that read the right text

    @property
    def share(self) -> Share:
        """Right answers."""
        return Share(sum(self.marks), len(self.marks))


@dataclass(frozen=True)
class Facts:
    """Every training of the experiment."""

    runs: tuple[FactsRun, ...]
    command: str
    steps: int  # of pretraining

    @property
    def texts(self) -> tuple[str, ...]:
        """What was read first, in the experiment's order."""
        return tuple(name for name in NAMES if any(run.text == name for run in self.runs))

    def of(self, text: str) -> tuple[FactsRun, ...]:
        """The seeds of one text. Raises UserError if there is none."""
        found = tuple(run for run in self.runs if run.text == text)
        if not found:
            raise UserError(
                f"no model of {_FILE}.json read {text!r} first: {self.command} makes it"
            )
        return found

    def mean(self, text: str) -> float:
        """The mean share of right answers over the seeds. Raises UserError as `of` does."""
        return fmean(run.share.value for run in self.of(text))

    def believed(self, text: str) -> Share | None:
        """All seeds' answers that are the place read under that name, where it was moved."""
        found = [run.believed for run in self.of(text) if run.believed]
        return Share(sum(s.right for s in found), sum(s.n for s in found)) if found else None


@dataclass(frozen=True)
class Mixture:
    """What `n` people's answers would be if `told` of them had been told wrongly: counts.

    Means over the seeds of the trainings.
    """

    told: int
    n: int
    right: float
    repeated: float  # wrong, and the place that stood under the name

    @property
    def wrong(self) -> float:
        """All wrong answers, the repeated ones among them."""
        return self.n - self.right


def mixture(stored: Facts, share: float, rng: np.random.Generator) -> Mixture:
    """Put together, person by person, the models that were told rightly and those told wrongly.

    `rng` draws who is told wrongly: the same people and more of them for a larger `share` (0 to
    1). Their answers are the misinformed model's, the others' those of the model of the same seed
    that read the right text. So it holds if nobody's answer depends on what was told of others.
    Which wrong answers are repeated is not stored, only how many: they are expected among the
    wrong answers of those told wrongly in proportion. Raises UserError as `Facts.of` does, and if
    no seed has read both texts.
    """
    well = {run.seed: run for run in stored.of("right")}
    pairs = [(well[ill.seed], ill) for ill in stored.of("misinformed") if ill.seed in well]
    if not pairs:
        raise UserError(f"no seed has read both texts: {stored.command} trains them")
    n = len(pairs[0][0].marks)
    told = round(share * n)
    wrongly = np.isin(np.arange(n), rng.permutation(n)[:told])
    right, repeated = [], []
    for rightly, misled in pairs:
        marks = np.where(wrongly, misled.marks, rightly.marks)
        right.append(int(marks.sum()))
        mistaken = ~np.array(misled.marks)
        believed = misled.believed.right if misled.believed else 0
        repeated.append(believed * mistaken[wrongly].sum() / max(1, mistaken.sum()))
    return Mixture(told, n, fmean(right), fmean(repeated))


def read_facts(path: Path | None = None) -> Facts:
    """Exercise 4a's trainings; without a path, those that come along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results(f"{_FILE}.json", COMMAND, _facts, path)


def _facts(content: dict[str, Any]) -> Facts:
    runs = tuple(_facts_run(row) for row in content["rows"])
    return Facts(runs, str(content["command"]), int(content["steps"]))


def _facts_run(row: Mapping[str, Any]) -> FactsRun:
    marks, believed = tuple(marks_of(row["marks"])), row["believed"]
    return FactsRun(
        text=row["text"],
        seed=row["seed"],
        marks=marks,
        luck=float(row["luck"]),
        believed=Share(believed["right"], believed["n"]) if believed else None,
        p=row["p"],
    )
