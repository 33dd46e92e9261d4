"""The ladder: from the course's recipe to ours, one idea a rung; and ours without each of its own.

Every recipe is pretrained for the same time, once for each seed; the presets for as long as they
are made for. Then the people held back are asked about in plain words, about each relation, and in
wordings that no training saw; and so are people who do not exist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nlp4.data import relations, wordings
from nlp4.data.corpus import UNKNOWN, Corpus, require_dev
from nlp4.data.names import invented_names
from nlp4.data.relations import PLAIN
from nlp4.data.vocabulary import Vocabulary
from nlp4.experiments.knowledge import bits
from nlp4.experiments.readings import exposures
from nlp4.maths.statistics import Share
from nlp4.models.asking import mistake, says
from nlp4.models.gpt import GPT, parameters_of, table_parameters
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, named, require_seeds
from nlp4.support.records import (
    Job,
    Row,
    RunFolder,
    Say,
    checked,
    read_results,
    table,
    write_results,
)
from nlp4.training.presets import ABLATIONS, LADDER, MEASURED, Preset, Stage
from nlp4.training.runs import fingerprint, trained

Course = Literal["ladder", "ablations", "presets"]
COURSES: Mapping[Course, Mapping[str, Preset]] = {
    "ladder": LADDER,
    "ablations": ABLATIONS,
    "presets": MEASURED,
}
RELATIONS = ("birthplace", "birth_year", "occupation", "nationality", "death_place")
Asked = Sequence[tuple[str, str]]  # questions and right answers


@dataclass(frozen=True)
class Settings:
    """How long each recipe is pretrained, with which seeds, and how many strangers are asked about.

    Without `minutes` a recipe takes its own steps. Raises UserError for a time that is none, or
    seeds that cannot be.
    """

    minutes: float | None = 3.0
    seeds: tuple[int, ...] = (0, 1, 2)
    strangers: int = 200

    def __post_init__(self) -> None:
        require_seeds(self.seeds)
        at_least_one(self, "strangers")
        if self.minutes is not None and not 0 < self.minutes < math.inf:
            raise UserError(f"{self.minutes:g} minutes: training takes more than no time; say 3")


@dataclass(frozen=True)
class Rung:
    """What one recipe reached, in the mean of its seeds, and what it cost."""

    name: str
    summary: str
    seeds: tuple[int, ...]
    each: tuple[int, ...]  # right answers to "Where was X born?", with each seed
    shares: dict[str, Share]  # by what was asked: see `questions`
    layers: int  # parameters of the layers, and of what reads and writes letters
    tables: int  # parameters that are looked up
    exposures: float  # clozes of each person's birthplace
    bits: float  # known of `RELATIONS`: see `knowledge.bits`
    characters: int  # read in pretraining
    seconds: float  # of training, finetuning included

    @property
    def score(self) -> Share:
        """ "Where was X born?" """
        return self.shares["birthplace"]

    @property
    def reworded(self) -> Share:
        """The same in six wordings that no training saw."""
        return self.shares["reworded"]


def climb(
    corpus: Corpus,
    out: Path,
    course: Course = "ladder",
    settings: Settings | None = None,
    *,
    data_options: Sequence[str] = (),
    say: Say = print,
) -> list[Rung]:
    """Do the trainings that `out` does not hold yet; write its JSON and Markdown after each.

    Returns the rungs as far as they are trained. `data_options` are the words of the command that
    chose the corpus. Raises UserError if `out` was made of other people or recipes or with other
    minutes, or if there are no dev questions; KeyboardInterrupt after an interruption, which keeps
    what is finished.
    """
    settings, recipes = settings or Settings(), COURSES[course]
    require_dev(corpus)
    settled = {"course": course, "data": fingerprint(corpus), "minutes": settings.minutes}
    settled |= {"strangers": settings.strangers}
    folder, jobs = RunFolder(out), _jobs(corpus, out, recipes, settings)
    folder.claim({**settled, "recipes": {name: digest(each) for name, each in recipes.items()}})

    def gather() -> list[Rung]:
        rows = folder.rows(checked({"name": tuple(recipes), **_KINDS}, _told_of))
        rows.sort(key=lambda row: (list(recipes).index(row["name"]), row["seed"]))
        command = command_of(course, rows, settings, data_options)
        rungs = rungs_of(rows)
        write_results(out, course, {"command": command, **settled, "rows": rows}, markdown(rungs))
        return rungs

    return folder.do(jobs, gather, say=say)


def _jobs(
    corpus: Corpus, out: Path, recipes: Mapping[str, Preset], settings: Settings
) -> dict[str, Job]:
    asked = questions(corpus, settings.strangers)
    trainings = {
        f"{name}-{seed}": Training(name, recipe, seed, settings.minutes)
        for seed in settings.seeds
        for name, recipe in recipes.items()
    }
    return {
        name: partial(train, corpus, asked, training, out / "runs" / name)
        for name, training in trainings.items()
    }


def digest(recipe: Preset) -> str:
    """A recipe's checksum: rows of another one are not its own."""
    return sha256(repr(recipe).encode()).hexdigest()[:16]


def command_of(
    course: Course, rows: Sequence[Row], settings: Settings, data_options: Sequence[str]
) -> str:
    """The command that makes `rows`, with every option that is not the default."""
    words = ["python -m nlp4 ladder --out DIR", *data_options]
    words += [f"--course {course}"] * (course != "ladder")
    words += named("seeds", [row["seed"] for row in rows], Settings.seeds)
    if settings.minutes not in (None, Settings.minutes):
        words.append(f"--minutes {settings.minutes:g}")
    return " ".join(words)


_KINDS = {"summary": str, "seed": int, "right": dict[str, int], "asked": dict[str, int]}
_KINDS |= dict.fromkeys(("layers", "tables", "exposures", "bits", "characters", "seconds"), float)


def _told_of(rows: list[Row]) -> str:
    return markdown(rungs_of(rows))


def questions(corpus: Corpus, strangers: int) -> dict[str, Asked]:
    """What every model is asked: each relation, birthplaces in other words, nobody's birthplace.

    Raises UserError if so many people cannot be made up.
    """
    told = relations.facts(corpus)
    made = invented_names(corpus, strangers, np.random.default_rng(0))
    return {
        **{r: [(fact.question, fact.answer) for fact in told[r].dev] for r in RELATIONS},
        "reworded": [
            (wordings.ask(words, fact.name), fact.answer)
            for words in wordings.split("birthplace", 0).unseen
            for fact in told["birthplace"].dev
        ],
        "made up": [(wordings.ask(PLAIN["birthplace"], each.name), UNKNOWN) for each in made],
    }


@dataclass(frozen=True)
class Training:
    """One recipe with one seed, and the minutes of its pretraining if not its own steps."""

    name: str
    recipe: Preset
    seed: int
    minutes: float | None

    @property
    def stages(self) -> dict[str, Stage]:
        """The pretraining and the finetuning."""
        stage = self.recipe.pretrain.seeded(self.seed)
        if self.minutes is not None:
            stage = replace(stage, training=replace(stage.training, seconds=60 * self.minutes))
        return {"pretrained": stage, "finetuned": self.recipe.finetune.seeded(self.seed + 1)}


def train(
    corpus: Corpus, asked: Mapping[str, Asked], training: Training, path: Path, label: str = ""
) -> Row:
    """Pretrain, finetune, ask; a row, ready for JSON. Until then `path` keeps how far it has come.

    Raises KeyboardInterrupt if it was interrupted.
    """
    vocabulary = training.recipe.vocabulary(corpus)
    model = training.recipe.new_model(vocabulary, training.seed, corpus)
    states = {name: path.with_suffix(f".{name}") for name in training.stages}
    reading, finetuning = (
        trained(model, vocabulary, corpus, stage, f"{label} {name}", states[name])
        for name, stage in training.stages.items()
    )
    found = {
        what: Share(answered(model, vocabulary, pairs), len(pairs)) for what, pairs in asked.items()
    }
    stage, block = training.stages["pretrained"], model.config.block
    met = exposures(corpus, stage, reading.steps, block).get("birthplace", 0.0)
    row = {
        "name": training.name,
        "summary": training.recipe.summary,
        "seed": training.seed,
        **_counts(found),
        "exposures": round(met, 2),
        "bits": round(bits(corpus, found)),
        "tables": table_parameters(model),
        "layers": parameters_of(model) - table_parameters(model),
        "steps": reading.steps,
        "characters": reading.characters,
        "seconds": round(reading.seconds + finetuning.seconds, 1),
    }
    for state in states.values():  # not before all of the row is there
        state.unlink(missing_ok=True)  # two commands may have done one training
    return row


def _counts(found: Mapping[str, Share]) -> Row:
    return {
        "told": ", ".join(f"{what} {share.right}/{share.n}" for what, share in found.items()),
        "right": {what: share.right for what, share in found.items()},
        "asked": {what: share.n for what, share in found.items()},
    }


def answered(model: GPT, vocabulary: Vocabulary, asked: Asked) -> int:
    """How many questions get the right answer; what cannot be read or written does not."""
    letters = set(vocabulary.characters)
    can = [
        (question, answer)
        for question, answer in asked
        if not mistake(model, vocabulary, question)
        and letters.issuperset(answer)
        and len(question) + len(answer) + 2 <= model.config.block
    ]
    return sum(says(model, vocabulary, *zip(*can, strict=True))) if can else 0


def rungs_of(rows: Iterable[Row]) -> list[Rung]:
    """One rung for the rows of each recipe, in their order."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append(row)
    return [_rung(name, trainings) for name, trainings in by_name.items()]


def _rung(name: str, rows: Sequence[Row]) -> Rung:
    def mean(key: str) -> float:
        return float(np.mean([row[key] for row in rows]))

    def share(what: str) -> Share:
        return Share(round(np.mean([row["right"][what] for row in rows])), rows[0]["asked"][what])

    return Rung(
        name,
        rows[0]["summary"],
        tuple(row["seed"] for row in rows),
        tuple(row["right"]["birthplace"] for row in rows),
        {what: share(what) for what in rows[0]["asked"]},
        round(mean("layers")),
        round(mean("tables")),
        mean("exposures"),
        mean("bits"),
        round(mean("characters")),
        mean("seconds"),
    )


def read_rungs(course: Course = "ladder", path: Path | None = None) -> list[Rung]:
    """The rungs that an earlier climb wrote; without a path, those that come with the workbook.

    Raises UserError for a file that is missing or damaged.
    """
    command = f"python -m nlp4 ladder --course {course} --out DIR"
    return read_results(f"{course}.json", command, lambda found: rungs_of(found["rows"]), path)


_OTHERS = RELATIONS[1:]


def markdown(rungs: Sequence[Rung]) -> str:
    """The rungs as a Markdown table: means over seeds, the interval that of so many people."""
    heads = ["recipe", "what it changes", "right, each seed", "mean", "95% interval"]
    heads += ["in other words", *_OTHERS, "made up: unknown"]
    rows = [
        [
            f"`{rung.name}`",
            rung.summary,
            f"{', '.join(map(str, rung.each))} of {rung.score.n}",
            *rung.score.cells[1:],
            *(rung.shares[what].cells[1] for what in ("reworded", *_OTHERS, "made up")),
        ]
        for rung in rungs
    ]
    return f"{table(heads, rows)}\n{_context(rungs)}"


def _context(rungs: Iterable[Rung]) -> str:
    """What each rung's figures stand on, as a Markdown table."""
    heads = ["recipe", "M parameters in layers", "in tables", "clozes of each birthplace"]
    heads += ["kbit known", "bits a parameter", "M characters read", "seconds of training"]
    rows = [
        [
            f"`{rung.name}`",
            f"{rung.layers / 1e6:.2f}",
            f"{rung.tables / 1e6:.2f}",
            f"{rung.exposures:.1f}",
            f"{rung.bits / 1e3:.0f}",
            f"{rung.bits / (rung.layers + rung.tables):.4f}",
            f"{rung.characters / 1e6:.2f}",
            f"{rung.seconds:.0f}",
        ]
        for rung in rungs
    ]
    return table(heads, rows)


def changes(name: str) -> dict[str, tuple[object, object]]:
    """What a rung changes in the model and pretraining of the rung below it: (before, after)."""
    names = list(LADDER)
    if names.index(name) == 0:
        return {}
    before, after = (_fields(LADDER[n]) for n in (names[names.index(name) - 1], name))
    return {key: (before[key], after[key]) for key in after if before[key] != after[key]}


def switches(names: Iterable[str] = LADDER) -> str:
    """Each rung and the fields of the recipe that it sets, as a Markdown table."""
    rows = []
    for name in names:
        fields = [f"`{key}={after!r}`" for key, (_, after) in changes(name).items()]
        shown = ", ".join(fields) if len(fields) <= 3 else f"{len(fields)} fields"
        rows.append([f"`{name}`", LADDER[name].summary, shown or "-"])
    return table(["rung", "what it changes", "in the recipe"], rows)


def _fields(recipe: Preset) -> dict[str, Any]:
    model, stage = vars(recipe.model), recipe.pretrain
    return {**model, **vars(stage.training), "shares": stage.shares, **vars(stage.study)}
