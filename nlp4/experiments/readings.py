"""How many readings, and in how many wordings, until a fact can be asked for.

After Allen-Zhu and Li (2023), "Physics of Language Models: Part 3.1": a model may store what it
read in one wording only, so that it completes the sentence but does not answer the question. Two
things are measured on the same people, whose questions are never trained on: "stored", whether the
model completes their own biography, and "asked", whether it answers the question after finetuning
on other people's questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import compress, groupby, product
from pathlib import Path
from typing import Any

import numpy as np

from nlp4.data import relations
from nlp4.data.corpus import Corpus, Question
from nlp4.data.corruption import name_of, salient_spans
from nlp4.data.objectives import CLOZES, mixture
from nlp4.data.people.generate import generate
from nlp4.data.people.sampling import PeopleConfig
from nlp4.data.vocabulary import MASK
from nlp4.maths.statistics import Share, bits_of, marks_of, share_of
from nlp4.models.asking import greedy
from nlp4.support.errors import UserError
from nlp4.support.options import named, require_seeds
from nlp4.support.records import Row, RunFolder, Say, checked, read_results, table, write_results
from nlp4.training import presets
from nlp4.training.evaluation import marks
from nlp4.training.presets import Preset, Stage, vocabulary_of
from nlp4.training.runs import trained

COMMAND = "python -m nlp4 experiment readings --out DIR"
_FILE = "readings"
_KINDS = {"wordings": int, "steps": int, "mixed": bool, "seed": int}  # of a row, for the table
_KINDS |= {"seen": float, "stored": str, "asked": str}
_BEFORE = 24  # characters ahead of the place in a prompt, the most that training shows


@dataclass(frozen=True)
class Settings:
    """The people, the recipe and which runs. Raises UserError for what cannot be had."""

    preset: str = "pocket"
    people: int = 1_000
    dev: int = 400  # people whose questions are held back
    most: int = 5  # wordings generated; a run reads the first few of them
    people_seed: int = 224
    wordings: tuple[int, ...] = (1, 5)
    steps: tuple[int, ...] = (200, 600, 1_800)
    mixed: tuple[bool, ...] = (True, False)  # 3% questions while pretraining, or none
    seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        if not 0 < self.dev < self.people:
            raise UserError(f"{self.dev} of {self.people} people held back: choose fewer, or one")
        for number in self.wordings:
            if not 1 <= number <= self.most:
                raise UserError(f"{number} wordings: choose from 1 to {self.most}")
        if min(self.steps, default=1) < 1:
            raise UserError(f"{min(self.steps)} steps: choose 1 or more")
        require_seeds(self.seeds)


@dataclass(frozen=True)
class Run:
    """One training."""

    wordings: int
    steps: int
    mixed: bool
    seed: int

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.wordings}.{self.steps}.{'mixed' if self.mixed else 'apart'}.{self.seed}"


@dataclass(frozen=True)
class Readers:
    """The people: a corpus with every wording, and each person's biographies by name."""

    corpus: Corpus
    told: dict[str, tuple[str, ...]]

    def prompts(self) -> dict[str, str]:
        """By name, the cloze of the birthplace in a person's first biography, where there is one.

        The first wording is read in every run, so all runs are asked the same.
        """
        made = {
            question.name: birthplace_prompt(self.told[question.name][0], question.place or "")
            for question in self.corpus.dev
        }
        return {name: prompt for name, prompt in made.items() if prompt is not None}

    def reading(self, wordings: int) -> Corpus:
        """The corpus with the first `wordings` biographies of each person."""
        texts = tuple(text for of_person in self.told.values() for text in of_person[:wordings])
        return Corpus(self.corpus.folder, texts, self.corpus.train, self.corpus.dev, ())


def readers(settings: Settings) -> Readers:
    """Make the people in memory; everybody's biographies tell the birthplace.

    Raises UserError if the packages of the `data` extra are missing.
    """
    made = generate(
        PeopleConfig(
            number=settings.people,
            seed=settings.people_seed,
            biographies_per_person=settings.most,
            silent_share=0.0,
        )
    )
    told = {p.name: texts for p, texts in zip(made.people, made.biographies, strict=True)}
    questions = tuple(Question(person.question, person.answer) for person in made.people)
    texts = tuple(text for of_person in told.values() for text in of_person)
    train, dev = questions[: -settings.dev], questions[-settings.dev :]
    return Readers(Corpus(Path("the generated people"), texts, train, dev, ()), told)


def run(out: Path, settings: Settings | None = None, *, say: Say = print) -> list[Row]:
    """Do the runs that `out` does not hold yet; write the JSON and Markdown files after each.

    Returns the rows of all finished runs in `out`; steps, wordings and seeds may be added later.
    Raises UserError if `out` was made with another recipe or other people; KeyboardInterrupt after
    an interruption.
    """
    settings = settings or Settings()
    people = readers(settings)
    common = ("preset", "people", "dev", "most", "people_seed")
    settled = {key: value for key, value in asdict(settings).items() if key in common}
    folder = RunFolder(out)
    folder.claim(settled)
    jobs = {made.name: partial(train, people, settings.preset, made) for made in runs_of(settings)}

    def gather() -> list[Row]:
        rows = [
            {k: row[k] for k in row if k != "told"}
            for row in folder.rows(checked(_KINDS, markdown))
        ]
        rows.sort(key=lambda row: (not row["mixed"], row["steps"], row["wordings"], row["seed"]))
        content = {"command": command_of(rows), **settled, "rows": rows}
        write_results(out, _FILE, content, markdown(rows))
        return rows

    return folder.do(jobs, gather, say=say)


def command_of(rows: Sequence[Row]) -> str:
    """The command that makes `rows`, with every option that is not the default."""
    words = [COMMAND]
    for option, key in (("seeds", "seed"), ("steps", "steps")):
        words += named(option, [row[key] for row in rows], getattr(Settings, option))
    return " ".join(words)


def runs_of(settings: Settings) -> list[Run]:
    """Every combination, seed by seed, short runs first: whoever stops early has some of each."""
    every = product(settings.seeds, sorted(settings.steps), settings.wordings, settings.mixed)
    return [Run(wordings, steps, mixed, seed) for seed, steps, wordings, mixed in every]


def train(people: Readers, preset: str, run: Run, label: str = "") -> Row:
    """Pretrain, complete the biographies, finetune, answer; a row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted.
    """
    recipe = recipe_of(preset, run)
    reading, vocabulary = people.reading(run.wordings), vocabulary_of(people.corpus)
    prompts = people.prompts()
    judged = [question for question in people.corpus.dev if question.name in prompts]
    model = recipe.new_model(vocabulary, run.seed)
    histories = [trained(model, vocabulary, reading, recipe.pretrain, label)]
    stored = marks(greedy(model, vocabulary, [prompts[q.name] for q in judged]), judged)
    histories.append(trained(model, vocabulary, reading, recipe.finetune, label))
    asked = marks(greedy(model, vocabulary, [question.text for question in judged]), judged)
    clozes = recipe.pretrain.training.batch * run.steps * cloze_share(recipe)
    stored_share, asked_share = share_of(bits_of(stored)), share_of(bits_of(asked))
    return {
        **asdict(run),
        "told": f"stored {stored_share}, asked {asked_share}",
        "readings": round(clozes / len(people.told), 2),
        "seen": round(clozes * chance_of_place(reading, judged), 2),
        "stored": bits_of(stored),
        "asked": bits_of(asked),
        "left out": len(people.corpus.dev) - len(judged),
        "seconds": round(sum(history.seconds for history in histories), 1),
        "loss": [round(history.recent_loss(), 4) for history in histories],
    }


def recipe_of(preset: str, run: Run) -> Preset:
    """The preset for one run, seeded; without questions in the pretraining unless `run.mixed`."""
    recipe = presets.recipe(preset, run.seed, run.steps)
    if run.mixed:
        return recipe
    shares = tuple(share for share in recipe.pretrain.shares if share[0] != "questions")
    return replace(recipe, pretrain=replace(recipe.pretrain, shares=shares))


def cloze_share(recipe: Preset) -> float:
    """The share of the pretraining's sequences that are clozes of capitalised phrases."""
    shares = recipe.pretrain.shares
    return sum(share for name, share in shares if name in CLOZES) / sum(s for _, s in shares)


def chance_of_place(reading: Corpus, judged: Sequence[Question]) -> float:
    """The probability that one cloze asks for the birthplace of a given person; their mean.

    A cloze draws a biography, then one of its capitalised phrases, each evenly.
    """
    texts = [text for text in reading.biographies if salient_spans(text)]
    places = {question.name: question.place for question in judged}
    found = 0.0
    for text in texts:
        spans = salient_spans(text)
        place = places.get(name_of(text))
        found += sum(text[start:stop] == place for start, stop in spans) / len(spans)
    return found / max(1, len(texts)) / max(1, len(judged))


def exposures(
    corpus: Corpus, stage: Stage, steps: int, block: int, draws: int = 20_000
) -> dict[str, float]:
    """How often one person's fact is the answer of a text in `steps` of training, by relation.

    The mean over those of whom it is told, estimated from so many draws. Questions do not count:
    whoever is held back is asked none.
    """
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for text in corpus.biographies:
        told[name_of(text)] |= _facts(text)
    people = Counter(relation for facts in told.values() for relation in facts.values())
    draw, rng = mixture(corpus, block, stage.shares, stage.study), np.random.default_rng(0)
    met: Counter[str] = Counter()
    for _ in range(draws):
        sequence = draw(rng)
        if sequence.about is not None and sequence.prompt.count(MASK) > 1:
            met[told[sequence.about].get(sequence.answer.removesuffix(MASK), "")] += 1
    texts = steps * stage.training.batch
    return {r: met[r] / draws * texts / number for r, number in people.items()}


def _facts(biography: str) -> dict[str, str]:
    """The relation that each stretch of text tells; the last of several that share an answer."""
    found = relations.found(biography)
    return {biography[start:stop]: relation for relation, (start, stop) in found.items()}


def birthplace_prompt(biography: str, place: str) -> str | None:
    """What a cloze of the birthplace shows before the closing mask; None if it is no phrase.

    The form is `salient_cloze`'s: the name, the 24 characters before the place, a mask, and nothing
    from behind the place, where the region may stand. The phrase is the first that is the place.
    """
    name = name_of(biography)
    for start, stop in salient_spans(biography):
        if biography[start:stop] == place:
            begin = max(len(name) + 2, start - _BEFORE)
            return f"{name}. {biography[begin:start]}{MASK}"
    return None


def markdown(rows: Sequence[Row]) -> str:
    """A Markdown table, one run a row."""
    heads = ["questions while pretraining", "steps", "wordings", "seed", "birthplace seen"]
    heads += ["stored", "share", "95% interval", "asked", "share", "95% interval"]
    return table([*heads, "asked, of the stored"], map(_cells, rows))


def _cells(row: Row) -> list[str]:
    pairs = zip(marks_of(row["stored"]), marks_of(row["asked"]), strict=True)
    both = [answered for kept, answered in pairs if kept]
    cells = ["mixed in" if row["mixed"] else "none", f"{row['steps']:,}", str(row["wordings"])]
    cells += [str(row["seed"]), f"{row['seen']:.1f} times"]
    cells += [*share_of(row["stored"]).cells, *share_of(row["asked"]).cells]
    return [*cells, f"{sum(both)}/{len(both)}"]


@dataclass(frozen=True)
class ReadingsRun:
    """One model: how it read, and for each person whether it completes and whether it answers."""

    wordings: int
    steps: int
    mixed: bool  # questions while pretraining
    seed: int
    seen: float  # times that the birthplace of a person was asked for while reading, on average
    stored: tuple[bool, ...]  # completes the sentence that it has read
    asked: tuple[bool, ...]  # answers the question

    @property
    def stored_share(self) -> Share:
        """Sentences completed."""
        return Share(sum(self.stored), len(self.stored))

    @property
    def asked_share(self) -> Share:
        """Questions answered."""
        return Share(sum(self.asked), len(self.asked))

    @property
    def asked_of_stored(self) -> Share:
        """Questions answered about those whose sentence is completed."""
        kept = list(compress(self.asked, self.stored))
        return Share(sum(kept), len(kept))


@dataclass(frozen=True)
class Wording:
    """The seeds of one number of wordings, after one number of steps, taken together."""

    wordings: int
    steps: int
    seen: float
    stored: Share
    asked: Share
    both: Share  # asked, of the stored


@dataclass(frozen=True)
class Readings:
    """Every training of the experiment."""

    runs: tuple[ReadingsRun, ...]
    command: str

    def of(self, steps: int, mixed: bool) -> tuple[ReadingsRun, ...]:
        """One training for each number of wordings and seed. Raises UserError if there is none."""
        found = tuple(run for run in self.runs if (run.steps, run.mixed) == (steps, mixed))
        if not found:
            how = "with" if mixed else "without"
            raise UserError(
                f"{_FILE}.json holds no training of {steps:,} steps {how} questions mixed in: "
                f"{self.command} makes it"
            )
        return found

    def together(self, mixed: bool) -> tuple[Wording, ...]:
        """Every number of wordings and of steps, its seeds taken together."""
        runs = sorted((run for run in self.runs if run.mixed == mixed), key=_wordings_and_steps)
        return tuple(_together(list(seeds)) for _, seeds in groupby(runs, _wordings_and_steps))


def read_readings(path: Path | None = None) -> Readings:
    """The trainings of how many readings it takes; without a path, those that come along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results(f"{_FILE}.json", COMMAND, _readings, path)


def _readings(content: dict[str, Any]) -> Readings:
    return Readings(tuple(_readings_run(r) for r in content["rows"]), str(content["command"]))


def _readings_run(row: Mapping[str, Any]) -> ReadingsRun:
    return ReadingsRun(
        wordings=row["wordings"],
        steps=row["steps"],
        mixed=row["mixed"],
        seed=row["seed"],
        seen=float(row["seen"]),
        stored=tuple(marks_of(row["stored"])),
        asked=tuple(marks_of(row["asked"])),
    )


def _wordings_and_steps(run: ReadingsRun) -> tuple[int, int]:
    return run.wordings, run.steps


def _together(runs: Sequence[ReadingsRun]) -> Wording:
    parts = [[getattr(r, key) for r in runs] for key in ("stored_share", "asked_share")]
    kept = [run.asked_of_stored for run in runs]
    stored, asked, both = (
        Share(sum(s.right for s in shares), sum(s.n for s in shares)) for shares in (*parts, kept)
    )
    seen = float(np.mean([run.seen for run in runs]))
    return Wording(runs[0].wordings, runs[0].steps, seen, stored, asked, both)
