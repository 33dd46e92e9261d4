"""The reversal curse: what is learnt as "X was born in Y" is not known as "born in Y was X".

After Berglund et al. (2023). Of all people texts tell where and when they were born, the name
first; of some, other texts tell the same the other way round. The model then is asked who was born
in that place in that year. How that is asked it has learnt from other people, whose questions are
trained on in both directions. Who is ranked first among all names tells more than who is named: at
chance, the right name is in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from nlp4.data import corruption
from nlp4.data.corpus import Corpus, Question
from nlp4.data.objectives import Draw, mixture
from nlp4.data.people.biographies import tell
from nlp4.data.people.person import Person
from nlp4.data.people.sampling import PeopleConfig, sample_people
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import probabilities_of, says
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import Row, Say, Trainings, read_results, table
from nlp4.training import presets
from nlp4.training.presets import Preset
from nlp4.training.runs import to_the_end, trainer_for

COMMAND = "python -m nlp4 experiment reversal --out DIR"
_FILE = "reversal"
ASKED, REVERSED, FORWARD = GROUPS = ("asked", "reversed", "forward")
ROWS, LAYERS = MODELS = ("rows", "layers")
_KINDS = {"model": MODELS, "seed": int, **dict.fromkeys(GROUPS, dict)}  # of a row, for the table
_WORDINGS = 10  # of each person's texts
_REVERSED, _QUESTIONS = 0.3, 0.4  # what is drawn the other way round, and questions among that
TEXTS = (  # the name comes last
    "In {year}, in {place}, was born {name}.",
    "It was in {place} that in {year} {name} was born.",
    "Born in {place} in {year}: {name}.",
    "{place}, {year}: the birth of {name}.",
    "To a family in {place} was born, in {year}, {name}.",
    "{place} is where {name} was born in {year}.",
)
QUESTIONS = (
    "Who was born in {place} in {year}?",
    "In {year}, who was born in {place}?",
    "Who came into the world in {place} in {year}?",
    "Name somebody born in {place} in {year}.",
    "Who is from {place}, born in {year}?",
)


@dataclass(frozen=True)
class Settings:
    """The people and which runs. Raises UserError for numbers below 1, or an unknown model."""

    steps: int = 2_000
    group: int = 50  # people told both ways whose questions are held back, and as many told one way
    asked: int = 100  # people told both ways whose questions are trained on
    people_seed: int = 224
    models: tuple[str, ...] = MODELS
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        at_least_one(self, "steps", "group", "asked")
        require_seeds(self.seeds)
        for model in self.models:
            if model not in MODELS:
                raise UserError(f"no model {model!r}: choose from {', '.join(MODELS)}")


@dataclass(frozen=True)
class World:
    """People whom birthplace and year tell apart, by group, and the texts that begin with a name"""

    groups: dict[str, tuple[Person, ...]]
    corpus: Corpus


def world(settings: Settings) -> World:
    """Make the people: the same for all runs. Raises UserError if a data package is missing."""
    facts, telling = np.random.default_rng(settings.people_seed).spawn(2)
    number = settings.asked + 2 * settings.group
    drawn = sample_people(PeopleConfig(number=2 * number, silent_share=0.0), facts)
    people = list({(p.answer, p.born.year): p for p in drawn}.values())[:number]
    if len(people) < number:
        raise UserError(f"{number} people are too many for place and year to tell apart: ask fewer")
    texts = [t for p in people for t in tell(p, _WORDINGS, telling.random(_WORDINGS + 3).tolist())]
    questions = [Question(person.question, person.answer) for person in people]
    first, second = settings.asked, settings.asked + settings.group
    train, dev = tuple(questions[:first]), tuple(questions[first:])
    corpus = Corpus(Path("the generated people"), tuple(texts), train, dev, ())
    parts = (people[:first], people[first:second], people[second:])
    return World({g: tuple(part) for g, part in zip(GROUPS, parts, strict=True)}, corpus)


def put(form: str, person: Person, name: str = "") -> str:
    """A text or a question of the other way round, about a person."""
    return form.format(place=person.answer, year=person.born.year, name=name)


def both_ways(people: World, forward: Draw) -> Draw:
    """Draw what `forward` draws, and some of it the other way round, where people are told so."""
    asked, told = people.groups[ASKED], people.groups[ASKED] + people.groups[REVERSED]

    def draw(rng: np.random.Generator) -> corruption.Sequence:
        if rng.random() >= _REVERSED:
            return forward(rng)
        if rng.random() < _QUESTIONS:
            person = asked[rng.integers(len(asked))]
            prompt = put(QUESTIONS[rng.integers(len(QUESTIONS) - 1)], person)  # one is kept back
        else:
            person = told[rng.integers(len(told))]
            prompt = put(TEXTS[rng.integers(len(TEXTS))], person, MASK)
        return corruption.question_pair(prompt, person.name)

    return draw


def run(out: Path, settings: Settings | None = None, *, say: Say = print) -> list[Row]:
    """Do the runs that `out` does not hold yet; write the JSON and Markdown files after each.

    Returns the rows of all finished runs in `out`; seeds may be added later. Raises UserError if
    `out` was made with other people or steps; KeyboardInterrupt after an interruption.
    """
    settings = settings or Settings()
    people = world(settings)
    settled = {
        key: value for key, value in asdict(settings).items() if key not in ("models", "seeds")
    }
    jobs = {
        f"{model}.{seed}": partial(train, people, settings, model, seed)
        for seed, model in product(settings.seeds, settings.models)
    }
    kept = Trainings(_FILE, COMMAND, _KINDS, _place_of, markdown, Settings.seeds, Settings.steps)
    return kept.run(out, settled, jobs, say)


def _place_of(row: Row) -> tuple[int, int]:
    return MODELS.index(row["model"]), row["seed"]


def recipe_of(kind: str) -> Preset:
    """The laptop's recipe, as it is or without rows and memory."""
    return presets.preset("laptop") if kind == ROWS else presets.ABLATIONS["dense"]


def train(people: World, settings: Settings, kind: str, seed: int, label: str = "") -> Row:
    """One training, and what its model then says of everybody; a row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted.
    """
    recipe, corpus = recipe_of(kind), people.corpus
    stage = recipe.pretrain.seeded(seed).lasting(settings.steps)
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, seed, corpus)
    draw = both_ways(people, mixture(corpus, model.config.block, stage.shares, stage.study))
    history = to_the_end(trainer_for(model, vocabulary, corpus, stage, draw=draw), label)
    found = {name: asked(model, vocabulary, group) for name, group in people.groups.items()}
    told = ", ".join(f"{name} {row['question']['right']}" for name, row in found.items())
    return {
        "model": kind,
        "seed": seed,
        "told": f"named of those {told}",
        **found,
        "seconds": round(history.seconds, 1),
        "loss": round(history.recent_loss(), 4),
    }


def asked(model: GPT, vocabulary: Vocabulary, group: Sequence[Person]) -> Row:
    """What a model says of some people in both directions: counts, and the mean rank of the name.

    "forward": where each was born. "text": the name, in a text as training told it. "question" and
    "other words": the name, asked for in trained words and in others. "first": whose name is the
    most probable of the group's; "rank": the mean share of the other names that are more probable.
    """
    names, n = [person.name for person in group], len(group)
    asked_for = {
        "forward": ([p.question for p in group], [p.answer for p in group]),
        "text": ([put(TEXTS[0], p, MASK) for p in group], names),
        "question": ([put(QUESTIONS[0], p) for p in group], names),
        "other words": ([put(QUESTIONS[-1], p) for p in group], names),
    }
    row: Row = {
        key: {"right": sum(says(model, vocabulary, prompts, answers)), "n": n}
        for key, (prompts, answers) in asked_for.items()
    }
    better = [_better(model, vocabulary, put(QUESTIONS[0], p), p.name, names) for p in group]
    row["first"] = {"right": better.count(0), "n": n}
    return row | {"rank": round(fmean(better) / max(1, n - 1), 4)}


def _better(
    model: GPT, vocabulary: Vocabulary, question: str, name: str, names: Sequence[str]
) -> int:
    """How many names are more probable answers than the right one."""
    found = probabilities_of(model, vocabulary, [question] * len(names), names)
    right = found[names.index(name)].probability
    return sum(answer.probability > right for answer in found)


_TOLD = {
    ASKED: "both ways, and asked both ways in training",
    REVERSED: "both ways",
    FORWARD: "the name first",
}


@dataclass(frozen=True)
class Direction:
    """What one kind of model says of people who are told in one way, over the seeds."""

    model: str
    group: str
    seeds: int
    forward: Share  # where they were born
    text: Share  # their names, in texts
    question: Share  # their names, asked for in trained words
    other_words: Share
    first: Share  # whose name is the most probable of the group's
    rank: float  # share of other names that are more probable, on average

    @property
    def told(self) -> str:
        """How the texts told of them."""
        return _TOLD[self.group]


def directions_of(rows: Sequence[Row]) -> tuple[Direction, ...]:
    """Each kind of model and each group over the seeds."""
    kinds = [kind for kind in MODELS if any(row["model"] == kind for row in rows)]
    return tuple(_direction(rows, kind, group) for kind, group in product(kinds, GROUPS))


def _direction(rows: Sequence[Row], kind: str, group: str) -> Direction:
    found = [row[group] for row in rows if row["model"] == kind]

    def summed(key: str) -> Share:
        return Share(
            sum(each[key]["right"] for each in found), sum(each[key]["n"] for each in found)
        )

    return Direction(
        kind,
        group,
        len(found),
        forward=summed("forward"),
        text=summed("text"),
        question=summed("question"),
        other_words=summed("other words"),
        first=summed("first"),
        rank=fmean(each["rank"] for each in found),
    )


def markdown(rows: Sequence[Row]) -> str:
    """A Markdown table over the seeds, a row for each way in which people are told of."""
    heads = [
        "model",
        "told",
        "seeds",
        "where X was born",
        "95% interval",
        "who was born there then",
    ]
    heads += ["95% interval", "in other words", "95% interval", "in a text", "95% interval"]
    heads += ["the name ranked first", "95% interval", "mean rank of the name (0.5: chance)"]
    return table(heads, map(_cells, directions_of(rows)))


def _cells(row: Direction) -> list[str]:
    shares = (row.forward, row.question, row.other_words, row.text, row.first)
    cells = [cell for share in shares for cell in share.cells[1:]]
    return [row.model, row.told, str(row.seeds), *cells, f"{row.rank:.2f}"]


@dataclass(frozen=True)
class Reversal:
    """Every training of the experiment, taken together."""

    directions: tuple[Direction, ...]


def read_reversal(path: Path | None = None) -> Reversal:
    """The trainings that come along, or those at a path.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results(f"{_FILE}.json", COMMAND, _read, path)


def _read(content: dict[str, Any]) -> Reversal:
    return Reversal(directions_of(content["rows"]))
