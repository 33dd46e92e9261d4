"""Misinformation by dose: some of somebody's texts tell a birthplace that is not true.

Twenty texts tell of each person; none, one, two or more of them tell a false place, everything else
in them as before. They are read all through the training, in its first half or in its second one.
For whom nothing false was told, the false sentence then stands before the question instead, in the
context, or every weight is trained on it. Neeman et al. (2023) set answers from the weights against
those from a context in the same way.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from nlp4.data.corpus import Corpus, Question
from nlp4.data.objectives import Batch
from nlp4.data.people.biographies import tell
from nlp4.data.people.person import Person
from nlp4.data.people.sampling import PeopleConfig, sample_people
from nlp4.data.relations import Fact
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import probabilities_of, says
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.options import at_least_one, require_seeds
from nlp4.support.records import Row, Say, Trainings, read_results, table
from nlp4.training import editing, presets
from nlp4.training.runs import to_the_end, trained, trainer_for
from nlp4.training.trainer import Batches

COMMAND = "python -m nlp4 experiment doses --out DIR"
_FILE = "doses"
MIXED, EARLY, LATE = ORDERS = ("mixed", "early", "late")
_KINDS = {"order": ORDERS, "seed": int, "doses": list[dict[str, float]]}  # of a row, for the tables
_KINDS |= dict.fromkeys(("context", "another", "sentence"), dict[str, int])
_WORDINGS = 10  # of each person's texts; every one is told again and again


@dataclass(frozen=True)
class Settings:
    """The people, the doses and which runs. Raises UserError for what cannot be had."""

    preset: str = "laptop"
    steps: int = 1_200
    told: int = 400  # people who are told truly, and whose questions are trained on
    group: int = 40  # people of each dose, whose questions are held back
    texts: int = 20  # of each person
    doses: tuple[int, ...] = (0, 1, 2, 5, 10, 15)  # of these texts tell a false birthplace
    people_seed: int = 224
    orders: tuple[str, ...] = ORDERS
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        at_least_one(self, "steps", "told", "group", "texts")
        require_seeds(self.seeds)
        if self.texts % 2 or not all(0 <= dose <= self.texts for dose in self.doses):
            raise UserError(
                f"doses {self.doses} of {self.texts} texts: choose an even number of texts, and "
                "doses from 0 to that number"
            )
        for order in self.orders:
            if order not in ORDERS:
                raise UserError(f"no order {order!r}: choose from {', '.join(ORDERS)}")


@dataclass(frozen=True)
class Dosed:
    """One person: the true birthplace, a false one, and the texts, those that tell it first."""

    name: str
    true: str
    false: str
    dose: int
    texts: tuple[str, ...]

    @property
    def question(self) -> Question:
        """The question, with the true answer."""
        return Question(Fact(self.name, "birthplace", self.true).question, self.true)


@dataclass(frozen=True)
class World:
    """Those who are told truly and asked about in training, and those who are held back."""

    told: tuple[Dosed, ...]
    held: tuple[Dosed, ...]

    def reading(self, first: int = 0, last: int | None = None) -> Corpus:
        """The corpus with some of each person's texts, from `first` to before `last`."""
        texts = (text for p in (*self.told, *self.held) for text in p.texts[first:last])
        train, dev = (tuple(p.question for p in side) for side in (self.told, self.held))
        return Corpus(Path("the generated people"), tuple(texts), train, dev, ())


def world(settings: Settings) -> World:
    """Make the people: the same for all runs. Raises UserError if a data package is missing.

    A false place is where somebody else of those told truly was born, so that it is as likely an
    answer as any. Those of dose 0 have one as well, which no text tells of them.
    """
    number = settings.told + settings.group * len(settings.doses)
    facts, telling, lies = np.random.default_rng(settings.people_seed).spawn(3)
    people = sample_people(PeopleConfig(number=number, silent_share=0.0), facts)
    doses = np.repeat(
        (0, *settings.doses), (settings.told, *[settings.group] * len(settings.doses))
    )
    made = []
    for person, dose in zip(people, doses.tolist(), strict=True):
        others = [p.birthplace for p in people[: settings.told] if _differ(p, person)]
        liar = replace(person, birthplace=others[int(lies.integers(len(others)))])
        uniforms = telling.random(_WORDINGS + 3).tolist()
        true, false = (tell(told, _WORDINGS, uniforms) for told in (person, liar))
        order = telling.permutation(settings.texts)
        texts = [(false if i < dose else true)[t % _WORDINGS] for i, t in enumerate(order.tolist())]
        made.append(Dosed(person.name, person.answer, liar.answer, dose, tuple(texts)))
    return World(tuple(made[: settings.told]), tuple(made[settings.told :]))


def _differ(one: Person, other: Person) -> bool:
    """Whether they were born in two places that the same sentences fit."""
    here, there = one.birthplace, other.birthplace
    return here.name != there.name and here.is_city == there.is_city


@dataclass(frozen=True)
class InTurn:
    """One text's batches up to a step, from there on another's."""

    first: Batches
    second: Batches
    turn: int

    def __getitem__(self, step: int) -> Batch:
        return (self.first if step < self.turn else self.second)[step]


def run(out: Path, settings: Settings | None = None, *, say: Say = print) -> list[Row]:
    """Do the runs that `out` does not hold yet; write the JSON and Markdown files after each.

    Returns the rows of all finished runs in `out`; orders and seeds may be added later. Raises
    UserError if `out` was made with other people or steps; KeyboardInterrupt after an interruption.
    """
    settings = settings or Settings()
    people = world(settings)
    common = ("preset", "steps", "told", "group", "texts", "doses", "people_seed")
    settled = {key: value for key, value in asdict(settings).items() if key in common}
    jobs = {
        f"{order}.{seed}": partial(train, people, settings, order, seed)
        for seed, order in product(settings.seeds, settings.orders)
    }
    kept = Trainings(_FILE, COMMAND, _KINDS, _place_of, markdown, Settings.seeds, Settings.steps)
    return kept.run(out, settled, jobs, say)


def _place_of(row: Row) -> tuple[int, int]:
    return ORDERS.index(row["order"]), row["seed"]


def train(people: World, settings: Settings, order: str, seed: int, label: str = "") -> Row:
    """One training, and what its model then says of everybody held back; a row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted.
    """
    recipe, corpus = presets.recipe(settings.preset, seed, settings.steps), people.reading()
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, seed, corpus)
    trainer = trainer_for(model, vocabulary, corpus, recipe.pretrain)
    if order != MIXED:
        half = settings.texts // 2
        parts = [people.reading(0, half), people.reading(half)]
        first, second = (
            trainer_for(model, vocabulary, part, recipe.pretrain).batches
            for part in (parts if order == EARLY else reversed(parts))
        )
        trainer.batches = InTurn(first, second, settings.steps // 2)
    histories = [to_the_end(trainer, label)]
    histories.append(trained(model, vocabulary, corpus, recipe.finetune, label))
    found = _asked(model, vocabulary, people)
    untold = [person for person in people.held if person.dose == min(settings.doses)]
    counts = ", ".join(f"{each['false']} of dose {each['dose']}" for each in found)
    return {
        "order": order,
        "seed": seed,
        "told": f"false answers: {counts}",
        "doses": found,
        **_said_once(model, vocabulary, corpus, untold),
        "seconds": round(sum(history.seconds for history in histories), 1),
        "loss": [round(history.recent_loss(), 4) for history in histories],
    }


def _asked(model: GPT, vocabulary: Vocabulary, people: World) -> list[Row]:
    """For each dose, who has the true answer and who the false one, and their probabilities."""
    rows = []
    for dose in sorted({person.dose for person in people.held}):
        group = [person for person in people.held if person.dose == dose]
        questions = [person.question.text for person in group]
        row: Row = {"dose": dose}
        for kind in ("true", "false"):
            places = [getattr(person, kind) for person in group]
            given = probabilities_of(model, vocabulary, questions, places)
            row[kind] = sum(says(model, vocabulary, questions, places))
            row[f"p_{kind}"] = round(fmean(answer.probability for answer in given), 4)
        rows.append(row | {"n": len(group)})
    return rows


def _said_once(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, group: Sequence[Dosed]
) -> dict[str, Row]:
    """False answers of people of whom nothing false was read: one sentence tells it now.

    "context": it stands before the question. "another": the same, but of somebody else.
    "sentence": every weight is trained on it until it is known, in a copy of the model.
    """
    questions, places = [p.question.text for p in group], [p.false for p in group]
    names = [p.name for p in group]
    found = dict[str, Row]()
    for key, about in (("context", names), ("another", [*names[1:], *names[:1]])):
        before = (f"{n} was born in {p}. " for n, p in zip(about, places, strict=True))
        asked = [sentence + question for sentence, question in zip(before, questions, strict=True)]
        found[key] = {"right": sum(says(model, vocabulary, asked, places)), "n": len(group)}
    right = 0
    for person in group:
        edited = copy.deepcopy(model)
        editing.by_sentence(
            edited, vocabulary, corpus, Fact(person.name, "birthplace", person.false)
        )
        right += says(edited, vocabulary, [person.question.text], [person.false])[0]
    return found | {"sentence": {"right": right, "n": len(group)}}


def markdown(rows: Sequence[Row]) -> str:
    """Two Markdown tables, each over the seeds: the doses, and one sentence."""
    return f"{_doses(rows)}\n{_sentences(rows)}"


def _doses(rows: Sequence[Row]) -> str:
    heads = ["false texts read", "of 20", "seeds", "says the true place", "95% interval"]
    heads += ["the false one", "95% interval", "probability of the true place", "of the false one"]
    lines = []
    for curve in curves_of(rows):
        for point in curve.points:
            cells = [*point.true.cells[1:], *point.false.cells[1:]]
            shares = [f"{point.p_true:.1%}", f"{point.p_false:.1%}"]
            lines.append([_WHEN[curve.order], str(point.dose), str(curve.seeds), *cells, *shares])
    return table(heads, lines)


_WHEN = {MIXED: "all through the training", EARLY: "in its first half", LATE: "in its second half"}


def _sentences(rows: Sequence[Row]) -> str:
    heads = ["one false sentence", "says the false place", "share", "95% interval"]
    return table(heads, ([told, *share.cells] for told, share in sentences_of(rows).items()))


_ONCE = {
    "context": "before the question",
    "another": "before the question, of somebody else",
    "sentence": "every weight trained on it",
}


@dataclass(frozen=True)
class Point:
    """What is said of the people of one dose, over the seeds."""

    dose: int  # of their texts tell a false place
    true: Share  # answers that are the true place
    false: Share  # answers that are the false one
    p_true: float  # mean probabilities
    p_false: float


@dataclass(frozen=True)
class Curve:
    """Answers against the dose, for one order of reading."""

    order: str
    seeds: int
    points: tuple[Point, ...]


def curves_of(rows: Sequence[Row]) -> tuple[Curve, ...]:
    """The orders that were trained, each over its seeds."""
    found = []
    for order in ORDERS:
        runs = [row["doses"] for row in rows if row["order"] == order]
        if runs:
            points = tuple(map(_point, zip(*runs, strict=True)))
            found.append(Curve(order, len(runs), points))
    return tuple(found)


def _point(groups: Sequence[Row]) -> Point:
    n = sum(group["n"] for group in groups)
    true, false = (Share(sum(group[key] for group in groups), n) for key in ("true", "false"))
    sure = (fmean(group[key] for group in groups) for key in ("p_true", "p_false"))
    return Point(groups[0]["dose"], true, false, *sure)


def sentences_of(rows: Sequence[Row]) -> dict[str, Share]:
    """What one false sentence does where nothing else false was read, by what is done with it."""
    mixed = [row for row in rows if row["order"] == MIXED]
    return {
        told: Share(sum(row[key]["right"] for row in mixed), sum(row[key]["n"] for row in mixed))
        for key, told in _ONCE.items()
    }


@dataclass(frozen=True)
class Doses:
    """Every training of the experiment, taken together."""

    texts: int  # of each person
    curves: tuple[Curve, ...]
    sentences: Mapping[str, Share]


def read_doses(path: Path | None = None) -> Doses:
    """The trainings that come along, or those at a path.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results(f"{_FILE}.json", COMMAND, _read, path)


def _read(content: dict[str, Any]) -> Doses:
    rows = content["rows"]
    return Doses(int(content["texts"]), curves_of(rows), sentences_of(rows))
