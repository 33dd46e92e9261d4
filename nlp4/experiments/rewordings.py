"""Memorised or inferred? The same people asked in other words, with other spellings, or in part.

What was learnt by heart with the form of the question goes with that form; what is stored with
the whole name goes with a misspelt one; what is guessed from a part of the name survives.

A model with a memory looks a name up in a table, letter by letter, so for it the second is built
in. How much of it is the table's is found by patching: the letters of one spelling are asked with
the rows that the table holds for another one, or with none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor

from nlp4.data.corpus import FORM, Corpus, Question, require_dev
from nlp4.data.names import Slip, first_name, invented_names, misspelt, surname
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import ScoredAnswer, answers_with_probability, greedy
from nlp4.models.gpt import GPT
from nlp4.models.memory import NgramMemory
from nlp4.support.errors import UserError
from nlp4.support.records import table

# X stands for the name.
REWORDED = (
    "What is X's birthplace?",
    "X was born in which city?",
    "In which place was X born?",
    "Where was X from?",
)
PLAIN = "as trained"
TRUE, SLIP, NONE = "right", "one letter swapped", "none"  # letters of a name, or rows
MOST_SLIPS = 4  # in one name, one after another
_TRIES = 100  # to find a spelling that is new
FIRST, LAST, NOBODY = "first name alone", "surname alone", "an invented name"


@dataclass(frozen=True)
class Settings:
    """Other forms of the question, with X for the name, and a seed for slips and invented names.

    Raises UserError for a form without X or with two, or fewer than one person.
    """

    forms: tuple[str, ...] = REWORDED
    people: int | None = None  # so many of the dev people, drawn at random; None for all
    seed: int = 0

    def __post_init__(self) -> None:
        if self.people is not None and self.people < 1:
            raise UserError(f"people = {self.people}: choose 1 or more")
        for form in self.forms:
            if form.count("X") != 1:
                raise UserError(f"{form!r}: write X once, where the name stands")


@dataclass(frozen=True)
class Row:
    """One way of asking: what became of the people answered rightly, and wrongly, at first.

    Of those answered rightly, the same answer is the right one. For an invented name "right"
    means the place of the dev person whose turn it is, so that row shows what luck gives.
    """

    asked: str
    still_right: Share  # of those answered rightly as trained
    same_wrong: Share  # of those answered wrongly: the same wrong place again
    now_right: Share  # of those answered wrongly
    sure: float  # mean probability of the answers about those right at first; 0 if none was asked
    sure_wrong: float  # about those wrong at first
    left_out: int  # people who cannot be asked so, for a letter, the length, or no room for a slip


@dataclass(frozen=True)
class Patched:
    """Of the people answered rightly, how many still are with these letters and these rows."""

    letters: str
    rows: str
    still_right: Share


@dataclass(frozen=True)
class Rewordings:
    """Every way of asking the dev people."""

    right: Share  # as trained
    right_untold: Share  # of the people whose biography does not hold the birthplace
    rows: tuple[Row, ...]
    patched: tuple[Patched, ...] = ()  # none for a model without a memory


def experiment(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Rewordings:
    """Ask all dev people as in training, then in every other way, and compare the answers.

    Whoever cannot be asked in one of those ways, since the model's alphabet lacks a character or
    its block is too short, is left out of that row and counted. Raises UserError if the corpus
    has no dev questions, and as `greedy` does for the questions as trained.
    """
    settings = settings or Settings()
    rng = np.random.default_rng(settings.seed)
    people = _drawn(corpus, settings, rng)
    plain = answers_with_probability(model, vocabulary, [q.text for q in people])
    ways = {PLAIN: list[ScoredAnswer | None](plain)}
    for asked, questions in _ways(corpus, [q.name for q in people], settings.forms, rng):
        ways[asked] = _ask(model, vocabulary, questions)
    untold = [
        sure.place == question.place
        for sure, question in zip(plain, people, strict=True)
        if not corpus.answerable(question)
    ]
    rows = tuple(_row(asked, answers, plain, people) for asked, answers in ways.items())
    right = Share(rows[0].still_right.n, len(people))
    patches = () if model.memory is None else patched(model, vocabulary, corpus, settings)
    return Rewordings(right, Share(sum(untold), len(untold)), rows, patches)


def _drawn(corpus: Corpus, settings: Settings, rng: np.random.Generator) -> list[Question]:
    require_dev(corpus)
    chosen = np.sort(rng.permutation(len(corpus.dev))[: settings.people])
    return [corpus.dev[i] for i in chosen]


def _ways(
    corpus: Corpus, names: Sequence[str], forms: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, list[str | None]]]:
    """The name of each way of asking, and its question about each person, None for none."""
    for form in forms:
        yield form, [form.replace("X", name) for name in names]
    slips: tuple[Slip, ...] = get_args(Slip)
    for slip in slips:
        yield f"one letter {slip}", [_plain(misspelt(name, slip, rng)) for name in names]
    yield FIRST, [_plain(first_name(name)) for name in names]
    yield LAST, [_plain(surname(name)) for name in names]
    yield NOBODY, [_plain(made.name) for made in invented_names(corpus, len(names), rng)]


def _plain(name: str | None) -> str | None:
    return None if name is None else FORM.replace("X", name)


def _ask(
    model: GPT, vocabulary: Vocabulary, questions: Sequence[str | None]
) -> list[ScoredAnswer | None]:
    alphabet = set(vocabulary.characters)
    room = model.config.block - 1  # for the mask that asks; one character of answer is the least
    # Each question once: a first name may be that of several people.
    asked = dict.fromkeys(q for q in questions if q and len(q) < room and alphabet.issuperset(q))
    answers = answers_with_probability(model, vocabulary, list(asked))
    found = dict(zip(asked, answers, strict=True))
    return [None if question is None else found.get(question) for question in questions]


def _row(
    asked: str,
    answers: Sequence[ScoredAnswer | None],
    plain: Sequence[ScoredAnswer],
    dev: Sequence[Question],
) -> Row:
    found = [
        (answer, before, question.place)
        for answer, before, question in zip(answers, plain, dev, strict=True)
        if answer is not None
    ]
    good = [row for row in found if row[1].place == row[2]]
    poor = [row for row in found if row[1].place != row[2]]
    return Row(
        asked=asked,
        still_right=Share(sum(now.place == true for now, _, true in good), len(good)),
        same_wrong=Share(sum(now.place == before.place for now, before, _ in poor), len(poor)),
        now_right=Share(sum(now.place == true for now, _, true in poor), len(poor)),
        sure=_mean([now.probability for now, _, _ in good]),
        sure_wrong=_mean([now.probability for now, _, _ in poor]),
        left_out=len(answers) - len(found),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def patched(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> tuple[Patched, ...]:
    """Ask with the letters of one spelling of a name and the memory's rows of another, or none.

    Two letters are swapped, so both spellings are of one length, and each place of the name gets
    the row of the same place. In the last row the table is empty everywhere. Raises UserError for
    a model without a memory, and if the corpus has no dev questions.
    """
    settings, memory = settings or Settings(), model.memory
    if memory is None:
        raise UserError("this model has no memory to patch: choose one that has")
    right = _answered_rightly(model, vocabulary, corpus, settings)
    rng, alphabet = np.random.default_rng(settings.seed), set(vocabulary.characters)
    slips = [(q, misspelt(q.name, "swapped", rng)) for q in right]
    people = [(q, other) for q, other in slips if other and alphabet.issuperset(other)]

    names = {TRUE: [q.name for q, _ in people], SLIP: [other for _, other in people]}

    def asked(letters: str, rows: str) -> Patched:
        questions = [FORM.replace("X", name) for name in names[letters]]
        answers = greedy(model, vocabulary, questions)
        kept = sum(a == q.place for a, (q, _) in zip(answers, people, strict=True))
        return Patched(letters, rows, Share(kept, len(people)))

    found = []
    for letters, rows in [(TRUE, TRUE), (SLIP, SLIP), (SLIP, TRUE), (TRUE, SLIP), (TRUE, NONE)]:
        others = names.get(rows, [None] * len(people))
        with _rows_of(memory, vocabulary, dict(zip(names[letters], others, strict=True))):
            found.append(asked(letters, rows))
    with _changed(memory, lambda ids, read: torch.zeros_like(read)):
        return (*found, asked(TRUE, "none, nor for any other text"))


def _answered_rightly(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings
) -> list[Question]:
    people = _drawn(corpus, settings, np.random.default_rng(settings.seed))
    answers = greedy(model, vocabulary, [q.text for q in people])
    return [q for q, answer in zip(people, answers, strict=True) if answer == q.place]


@contextmanager
def _changed(memory: NgramMemory, change: Callable[[Tensor, Tensor], Tensor]) -> Iterator[None]:
    """What the memory reads `(B, n, width)` for ids `(B, n)` goes through `change` inside."""
    hook = memory.register_forward_hook(lambda _, given, read: change(given[0], read))
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def _rows_of(
    memory: NgramMemory, vocabulary: Vocabulary, others: dict[str, str | None]
) -> Iterator[None]:
    """Inside, each name asked about is read with the rows of another one of its length, or none."""
    start, rows = FORM.index("X"), {}
    for name, other in others.items():
        place, prompt = slice(start, start + len(name)), _prompt(vocabulary, name)
        with torch.no_grad():
            its = memory(torch.tensor([_prompt(vocabulary, other or name)]))[0, place]
        rows[prompt] = place, its * (other is not None)
    mask = vocabulary.encode(MASK)[0]

    def change(ids: Tensor, read: Tensor) -> Tensor:
        read, asked = read.clone(), int((ids[0] == mask).nonzero()[0]) + 1
        for row, prompt in enumerate(map(tuple, ids[:, :asked].tolist())):
            place, its = rows[prompt]
            read[row, place] = its
        return read

    with _changed(memory, change):
        yield


def _prompt(vocabulary: Vocabulary, name: str) -> tuple[int, ...]:
    return tuple(vocabulary.encode(FORM.replace("X", name) + MASK))


def patched_markdown(found: Sequence[Patched]) -> str:
    """Every patch as a row of a Markdown table, with 95% intervals."""
    heads = ["letters of the name", "its rows in the table", "still right", "share"]
    rows = [[each.letters, each.rows, *each.still_right.cells] for each in found]
    return table([*heads, "95% interval"], rows)


def as_json(found: Rewordings) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    return asdict(found)


def markdown(found: Rewordings) -> str:
    """Two Markdown tables, with 95% intervals: the ways of asking, and the patches if any."""
    tables = [ways_markdown(found)] + [patched_markdown(found.patched)] * bool(found.patched)
    return "\n\n".join(tables)


def ways_markdown(found: Rewordings) -> str:
    """Every way of asking as a row of a Markdown table, with 95% intervals."""
    heads = ["asked", "still right", "95% interval", "how sure"]
    heads += ["wrong before: same answer", "95% interval", "how sure", "now right", "left out"]
    right = f"{found.right} right as trained"
    told = f"{right}; of people whose biography does not tell: {found.right_untold}"
    return f"{told}\n\n{table(heads, map(_cells, found.rows))}"


def _cells(row: Row) -> list[str]:
    (right, share, interval), (same, same_share, same_interval) = (
        row.still_right.cells,
        row.same_wrong.cells,
    )
    cells = [row.asked, f"{right} ({share})", interval, f"{row.sure:.1%}"]
    cells += [f"{same} ({same_share})", same_interval, f"{row.sure_wrong:.1%}"]
    return [*cells, row.now_right.cells[0], str(row.left_out)]


@dataclass(frozen=True)
class Misspelt:
    """One person, asked about with 0, 1, ... slips in the name; an answer of each model."""

    place: str | None
    names: tuple[str, ...]
    answers: Mapping[str, tuple[str, ...]]  # by model


@dataclass(frozen=True)
class Slips:
    """How many right answers stay right with so many slips, and some people's answers."""

    still_right: Mapping[str, tuple[Share, ...]]  # by model, then by slips
    people: tuple[Misspelt, ...]  # whom all models answer rightly as trained


def slips(
    models: Mapping[str, tuple[GPT, Vocabulary]],
    people: Sequence[Question],
    rng: np.random.Generator,
) -> Slips:
    """Ask each model about the people with more and more slips in their names.

    With each slip two neighbouring letters change places, as `misspelt` swaps them, and give a
    spelling that this name did not have before. People whose names leave no room are left out, and
    each model is asked about those whom it answers rightly. Raises UserError as `greedy` does.
    """
    spelt = {question: _spellings(question.name, rng) for question in people}
    spelt = {question: names for question, names in spelt.items() if len(names) > MOST_SLIPS}
    told = {label: _answers(model, spelt) for label, model in models.items()}
    still_right = {
        label: tuple(
            Share(sum(each[i] == question.place for question, each in known.items()), len(known))
            for i in range(MOST_SLIPS + 1)
        )
        for label, known in told.items()
    }
    known_to_all = [q for q in spelt if all(q in known for known in told.values())]
    return Slips(
        still_right,
        tuple(
            Misspelt(q.place, spelt[q], {label: known[q] for label, known in told.items()})
            for q in known_to_all
        ),
    )


def _answers(
    model: tuple[GPT, Vocabulary], spelt: Mapping[Question, Sequence[str]]
) -> dict[Question, tuple[str, ...]]:
    """An answer for each spelling, of those who are answered rightly as trained."""
    plain = greedy(*model, [question.text for question in spelt])
    known = [q for q, answer in zip(spelt, plain, strict=True) if answer == q.place]
    asked = [FORM.replace("X", name) for q in known for name in spelt[q]]
    told = iter(greedy(*model, asked))
    return {q: tuple(next(told) for _ in spelt[q]) for q in known}


def _spellings(name: str, rng: np.random.Generator) -> tuple[str, ...]:
    """The name with 0, 1, ... slips, all different; fewer than asked for if there is no room."""
    found = [name]
    for _ in range(_TRIES):
        slipped = misspelt(found[-1], "swapped", rng)
        if slipped is None or len(found) > MOST_SLIPS:
            break
        if slipped not in found:
            found.append(slipped)
    return tuple(found)
