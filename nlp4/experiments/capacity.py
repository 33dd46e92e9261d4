"""How much fits: bits of knowledge against the people, the width of their rows and the layers.

After Allen-Zhu and Li (2024), "Physics of Language Models: Part 3.3": what a model knows of a fact
is how many bits it saves whoever must write the answer down, against someone who knows only how
often each answer occurs. Everybody is read about for the same number of steps, half of the people
are asked about in training, and the bits are those of the other half. Large models that meet every
fact a thousand times come to 2 bits a parameter there, to 1 bit if they meet it a hundred times.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import groupby, product
from pathlib import Path
from statistics import fmean
from typing import Any

from nlp4.data import relations
from nlp4.data.corpus import Corpus, Question
from nlp4.data.people.generate import generate
from nlp4.data.people.sampling import PeopleConfig
from nlp4.data.vocabulary import Vocabulary
from nlp4.models.asking import probabilities_of
from nlp4.models.gpt import GPT, parameters_of
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import Row, Say, Trainings, read_results, table
from nlp4.training import presets
from nlp4.training.presets import ABLATIONS, Preset
from nlp4.training.runs import to_the_end, trainer_for
from nlp4.training.trainer import Trainer

COMMAND = "python -m nlp4 experiment capacity --out DIR"
_FILE = "capacity"
_KINDS: dict[str, Any] = {"bits": float, "in_texts": float}  # of a row, for the table
_KINDS |= dict.fromkeys(("people", "row", "width", "seed", "parameters"), int)
RELATIONS = ("birthplace", "birth_year", "occupation", "nationality")
_TEXTS = 5  # of each person
_LEAST = 2.0**-100  # a probability below that is as good as none


@dataclass(frozen=True)
class Shape:
    """How many people, and what a model has for them: rows of so many numbers, or layers alone.

    Raises UserError for numbers below 1, below 0 for rows.
    """

    people: int
    row: int  # numbers in a person's row; 0: no rows, layers alone
    width: int = 128  # of the layers

    def __post_init__(self) -> None:
        at_least_one(self, "people", "width")
        if self.row < 0:
            raise UserError(f"row = {self.row}: choose 1 or more numbers, or 0 for no rows")

    @property
    def name(self) -> str:
        """The start of its file's name."""
        return f"{self.people}.{self.row}.{self.width}"


SHAPES = (
    *(Shape(125, row) for row in (1, 2, 4, 8, 16, 64, 256)),
    *(Shape(people, 16) for people in (60, 250, 500, 1_000)),
    *(Shape(125, 0, width) for width in (64, 128, 256)),
)


@dataclass(frozen=True)
class Settings:
    """The recipe and which runs. Raises UserError for numbers below 1."""

    steps: int = 400
    people_seed: int = 224
    shapes: tuple[Shape, ...] = SHAPES
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        at_least_one(self, "steps")
        require_seeds(self.seeds)


def crowd(number: int, seed: int) -> Corpus:
    """So many people, half of them asked about in training; texts tell the birthplace of all.

    Raises UserError if a data package is missing.
    """
    config = PeopleConfig(number=number, seed=seed, biographies_per_person=_TEXTS, silent_share=0.0)
    made = generate(config)
    questions = tuple(Question(person.question, person.answer) for person in made.people)
    texts = tuple(text for of_person in made.biographies for text in of_person)
    train, dev = questions[: number // 2], questions[number // 2 :]
    return Corpus(Path("the generated people"), texts, train, dev, ())


def recipe_of(shape: Shape, seed: int, steps: int) -> Preset:
    """The laptop's recipe with rows and layers of that shape."""
    found = presets.preset("laptop") if shape.row else ABLATIONS["dense"]
    recall = RecallConfig(width=shape.row) if shape.row else None
    model = replace(found.model, width=shape.width, recall=recall)
    return replace(found, model=model, pretrain=found.pretrain.seeded(seed).lasting(steps))


def run(out: Path, settings: Settings | None = None, *, say: Say = print) -> list[Row]:
    """Do the runs that `out` does not hold yet; write the JSON and Markdown files after each.

    Returns the rows of all finished runs in `out`; shapes and seeds may be added later. Raises
    UserError if `out` was made with another number of steps; KeyboardInterrupt after an
    interruption.
    """
    settings = settings or Settings()
    settled = {"steps": settings.steps, "people_seed": settings.people_seed}
    jobs = {
        f"{shape.name}.{seed}": partial(train, shape, settings, seed)
        for seed, shape in product(settings.seeds, settings.shapes)
    }
    kept = Trainings(_FILE, COMMAND, _KINDS, _shape_of, markdown, Settings.seeds, Settings.steps)
    return kept.run(out, settled, jobs, say)


def train(shape: Shape, settings: Settings, seed: int, label: str = "") -> Row:
    """One training, and how many bits its model knows; a row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted.
    """
    corpus = crowd(shape.people, settings.people_seed)
    trainer, vocabulary = _trainer(shape, settings.steps, seed, corpus)
    to_the_end(trainer, label)
    return _row(shape, seed, trainer, vocabulary, corpus)


def live(shape: Shape, *, seed: int = 0, settings: Settings | None = None) -> Known:
    """Train one model now, as `train` does; if it is stopped, what it knows so far is measured."""
    settings = settings or Settings()
    corpus = crowd(shape.people, settings.people_seed)
    trainer, vocabulary = _trainer(shape, settings.steps, seed, corpus)
    trainer.run(label=f"{shape.people} people, {shape.row} numbers each")
    return _known([_row(shape, seed, trainer, vocabulary, corpus)])


def _trainer(shape: Shape, steps: int, seed: int, corpus: Corpus) -> tuple[Trainer, Vocabulary]:
    recipe = recipe_of(shape, seed, steps)
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, seed, corpus)
    return trainer_for(model, vocabulary, corpus, recipe.pretrain), vocabulary


def _row(shape: Shape, seed: int, trainer: Trainer, vocabulary: Vocabulary, corpus: Corpus) -> Row:
    model, history = trainer.model, trainer.history
    assert isinstance(model, GPT)  # the trainer takes encoders, too
    known = bits_known(model, vocabulary, corpus)
    bits, there = (round(sum(column), 3) for column in zip(*known.values(), strict=True))
    return {
        **asdict(shape),
        "seed": seed,
        "told": f"{bits:.1f} bits of {there:.1f}",
        "known": {relation: round(bits, 3) for relation, (bits, _) in known.items()},
        "bits": bits,
        "in_texts": there,
        "parameters": parameters_of(model),
        "seconds": round(history.seconds, 1),
        "loss": round(history.recent_loss(), 4),
    }


def bits_known(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus
) -> dict[str, tuple[float, float]]:
    """By relation, the bits that a model knows of a dev person on average, and those that are told.

    An answer with probability p where its share among all answers is q is worth log2(p / q) bits,
    of log2(1 / q) that the texts tell. A model that is sure of wrong answers knows less than none.
    """
    found = {}
    for relation, split in relations.facts(corpus).items():
        if relation not in RELATIONS:
            continue
        answers = [fact.answer for fact in split.dev]
        shares = Counter(fact.answer for fact in (*split.train, *split.dev))
        given = probabilities_of(model, vocabulary, [fact.question for fact in split.dev], answers)
        there = sum(math.log2(shares.total() / shares[answer]) for answer in answers)
        missing = -sum(math.log2(max(each.probability, _LEAST)) for each in given)
        people = len(corpus.dev)
        found[relation] = (there - missing) / people, there / people
    return found


@dataclass(frozen=True)
class Known:
    """What models of one shape know, over the seeds; bits are means of a person."""

    shape: Shape
    seeds: int
    bits: float
    lowest: float  # of the seeds
    highest: float
    told: float  # bits that the texts tell
    parameters: int

    @property
    def per_row(self) -> float:
        """Bits for each number of a person's row; NaN without rows."""
        return self.bits / self.shape.row if self.shape.row else math.nan

    @property
    def per_parameter(self) -> float:
        """Bits of all people for each number of the model."""
        return self.bits * self.shape.people / self.parameters


def _shape_of(row: Row) -> tuple[int, int, int, int]:
    return not row["row"], row["people"], row["row"], row["width"]


def known_of(rows: Sequence[Row]) -> tuple[Known, ...]:
    """Each shape over its seeds; those with rows first."""
    return tuple(
        _known(list(runs)) for _, runs in groupby(sorted(rows, key=_shape_of), key=_shape_of)
    )


def _known(runs: Sequence[Row]) -> Known:
    first, bits = runs[0], [run["bits"] for run in runs]
    shape = Shape(first["people"], first["row"], first["width"])
    spread = fmean(bits), min(bits), max(bits)
    return Known(shape, len(runs), *spread, first["in_texts"], first["parameters"])


def markdown(rows: Sequence[Row]) -> str:
    """A Markdown table, a row for each shape, its seeds taken together."""
    heads = ["people", "numbers in a row", "width of the layers", "parameters", "seeds"]
    heads += ["bits known of a person", "lowest to highest", "bits told", "bits a row's number"]
    return table([*heads, "bits a parameter"], map(_cells, known_of(rows)))


def _cells(found: Known) -> list[str]:
    shape = found.shape
    cells = [f"{shape.people:,}", str(shape.row) if shape.row else "no rows", str(shape.width)]
    cells += [f"{found.parameters:,}", str(found.seeds), f"{found.bits:.1f}"]
    cells += [f"{found.lowest:.1f} to {found.highest:.1f}", f"{found.told:.1f}"]
    cells += [f"{found.per_row:.2f}" if shape.row else "-", f"{found.per_parameter:.4f}"]
    return cells


def read_capacity(path: Path | None = None) -> tuple[Known, ...]:
    """The trainings that come along, or those at a path.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results(f"{_FILE}.json", COMMAND, _read, path)


def _read(content: dict[str, Any]) -> tuple[Known, ...]:
    return known_of(content["rows"])
