"""A probe: how early in the network a linear classifier reads the birthplace.

Multinomial logistic regression on the residual stream at one character of "Where was X born?",
fitted on people whose questions the model was trained on, and tested on the rest of them and on
people whose questions it never saw. A control with the places dealt out at random says how much
the probe learns by heart (Hewitt and Liang 2019, "Designing and Interpreting Probes with Control
Tasks").
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm.auto import tqdm

from nlp4.data.corpus import FORM, Corpus, Question
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths.statistics import Share, bits_of, share_of
from nlp4.models.asking import asking
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.records import Row, Say, table
from nlp4.training.runs import fingerprint

_BATCH = 128
PLACES = ("the name's last character", "the end of the question")
Asked = tuple[GPT, Vocabulary]


@dataclass(frozen=True)
class Settings:
    """Which places are told apart, and how the probe is held back."""

    least: int = 5  # training people that a place needs
    penalty: float = 0.01  # on the squared weights, features at unit variance
    held: float = 0.2  # share of the training people that the probe is not fitted on
    iterations: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Probe:
    """A fitted linear classifier: standardise by `mean` and `scale`, then weigh and add."""

    mean: Tensor
    scale: Tensor
    weight: Tensor  # (features, classes)
    bias: Tensor
    converged: bool  # False if the iterations ran out before the minimum was reached

    def __call__(self, features: Tensor) -> Tensor:
        """The most probable class `(m,)` of each row of features `(m, width)`."""
        return (((features - self.mean) / self.scale) @ self.weight + self.bias).argmax(-1)


def fit(features: Tensor, classes: Tensor, number: int, settings: Settings) -> Probe:
    """Fit multinomial logistic regression to `(m, width)` features and `(m,)` classes below number.

    Minimises the mean cross-entropy plus penalty / 2 times the squared weights by L-BFGS in float64
    from zeros. Nothing is random: the weights of the minimum are unique, and of the biases, which
    may all be shifted alike, the zero start settles the sum.
    """
    x = features.double()
    mean, scale = x.mean(0), x.std(0).clamp_min(1e-9)
    x = (x - mean) / scale
    weight = torch.zeros(x.shape[1], number, dtype=x.dtype, requires_grad=True)
    bias = torch.zeros(number, dtype=x.dtype, requires_grad=True)
    most = settings.iterations
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=most, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(x @ weight + bias, classes)
        value = value + settings.penalty / 2 * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    spent = optimiser.state[weight]
    converged = spent["n_iter"] < most and spent["func_evals"] < most * 5 // 4  # LBFGS's own limits
    return Probe(mean, scale, weight.detach(), bias.detach(), converged)


def features_of(model: GPT, vocabulary: Vocabulary, names: Sequence[str]) -> Tensor:
    """The residual stream where the questions about `names` are read: `(stages, 2, m, width)`.

    Stage 0 is what enters the first layer, embedding and memory; stage k comes after layer k, with
    what is recalled of people before the last one. The
    two places are the name's last character and the mask behind the question, where the answer
    starts. Raises UserError for a character that the vocabulary lacks.
    """
    with asking(model):
        parts = [
            _states(model, vocabulary, names[first : first + _BATCH])
            for first in range(0, len(names), _BATCH)
        ]
    return torch.cat(parts, dim=2)


def _states(model: GPT, vocabulary: Vocabulary, names: Sequence[str]) -> Tensor:
    prompts = [vocabulary.encode(FORM.replace("X", name) + MASK) for name in names]
    ids = torch.zeros(len(prompts), max(map(len, prompts)), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)  # causal: what pads behind changes nothing
    ends = torch.tensor([[FORM.index("X") + len(name) - 1 for name in names]])
    places = torch.cat((ends, torch.tensor([[len(prompt) - 1 for prompt in prompts]])))  # (2, m)
    streams = model.stream(ids.to(next(model.parameters()).device))
    rows = torch.arange(len(names))
    return torch.stack([stream[rows, places] for stream in streams]).cpu()


@dataclass(frozen=True)
class _People:
    """Names and classes of those whose place is told apart."""

    names: list[str]
    classes: Tensor


@dataclass(frozen=True)
class Probing:
    """Whom a probe is fitted on and tested on: people born where enough others were, too."""

    corpus: Corpus
    settings: Settings
    places: list[str]
    train: _People
    dev: _People

    @classmethod
    def of(cls, corpus: Corpus, settings: Settings) -> Probing:
        """Raises UserError if no place has enough training people, or nobody is left to test on."""
        places = places_told_apart(corpus.train, settings.least)
        train, dev = (_people(questions, places) for questions in (corpus.train, corpus.dev))
        if len(places) < 2 or not dev.names:
            raise UserError(
                f"{corpus.folder}: {len(places)} places have {settings.least} training people, "
                f"and {len(dev.names)} dev people were born there: the probe needs 2 and 1"
            )
        return cls(corpus, settings, places, train, dev)

    @property
    def left_out(self) -> dict[str, int]:
        """How many people were born elsewhere."""
        train, dev = self.corpus.train, self.corpus.dev
        return {
            "train": len(set(train)) - len(self.train.names),
            "dev": len(dev) - len(self.dev.names),
        }


@dataclass(frozen=True)
class Found:
    """The rows of all models, and who was asked about."""

    probing: Probing
    rows: list[Row]


def run(
    corpus: Corpus,
    models: Mapping[str, Asked],
    settings: Settings | None = None,
    *,
    say: Say = print,
) -> Found:
    """Probe each model at every stage. Raises UserError as `Probing.of` does."""
    probing = Probing.of(corpus, settings or Settings())
    say(f"{len(probing.places)} places; {probing.left_out['dev']} dev people from elsewhere")
    rows: list[Row] = []
    for name, (model, vocabulary) in models.items():
        stages = rows_of(name, model, vocabulary, probing)
        total = (model.config.layers + 1) * len(PLACES)
        rows += tqdm(stages, f"probing {name}", total, leave=False)
    if stopped := sum(not row["converged"] for row in rows):
        most = probing.settings.iterations
        say(f"{stopped} of {len(rows)} fits had no minimum after {most} iterations")
    return Found(probing, rows)


def places_told_apart(questions: Sequence[Question], least: int) -> list[str]:
    """The places of at least `least` different people, in alphabetical order."""
    people = {question.name: question.place for question in questions if question.place}
    counts = Counter(people.values())
    return sorted(place for place in counts if place and counts[place] >= least)


def _people(questions: Sequence[Question], places: list[str]) -> _People:
    index = {place: i for i, place in enumerate(places)}
    known = {q.name: index[q.place] for q in questions if q.place in index}
    return _People(list(known), torch.tensor(list(known.values()), dtype=torch.long))


def rows_of(name: str, model: GPT, vocabulary: Vocabulary, probing: Probing) -> Iterator[Row]:
    """One row for each layer and place of the question; right and wrong as bits."""
    train, dev, settings = probing.train, probing.dev, probing.settings
    rng = np.random.default_rng(settings.seed)
    order = torch.from_numpy(rng.permutation(len(train.names)))
    number = round(settings.held * len(order))
    held, used = order[:number], order[number:]
    dealt = train.classes[used][torch.from_numpy(rng.permutation(len(used)))]
    seen, unseen = (features_of(model, vocabulary, people.names) for people in (train, dev))
    for layer, at in itertools.product(range(len(seen)), range(len(PLACES))):
        x, others, new = seen[layer, at][used], seen[layer, at][held], unseen[layer, at]
        fitted = fit(x, train.classes[used], len(probing.places), settings)
        control = fit(x, dealt, len(probing.places), settings)
        marks = {
            "dev": _marks(fitted, new, dev.classes),
            "train": _marks(fitted, others, train.classes[held]),
            "fitted": _marks(fitted, x, train.classes[used]),
            "control dev": _marks(control, new, dev.classes),
            "control fitted": _marks(control, x, dealt),
            "majority dev": bits_of((dev.classes == train.classes.mode().values).tolist()),
        }
        converged = fitted.converged and control.converged
        where = {"model": name, "layer": layer, "where": PLACES[at]}
        yield {**where, **marks, "converged": converged}


def _marks(probe: Probe, features: Tensor, classes: Tensor) -> str:
    return bits_of((probe(features.double()) == classes).tolist())


@dataclass(frozen=True)
class Stage:
    """What a probe reads at one place of the question after one layer."""

    where: str
    layer: int  # 0: what enters the first layer
    dev: Share  # people whose questions the model never saw
    control: Share  # the same for a probe fitted to places dealt out at random


@dataclass(frozen=True)
class Probed:
    """A probe at every stage, and what saying the most frequent place scores."""

    stages: tuple[Stage, ...]
    usual: Share
    places: int


def probed(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, settings: Settings | None = None
) -> Probed:
    """One model's rows as shares, place by place. Raises UserError as `Probing.of` does."""
    probing = Probing.of(corpus, settings or Settings())
    rows = list(rows_of("the model", model, vocabulary, probing))
    stages = tuple(
        Stage(where, row["layer"], share_of(row["dev"]), share_of(row["control dev"]))
        for where in PLACES
        for row in rows
        if row["where"] == where
    )
    return Probed(stages, share_of(rows[0]["majority dev"]), len(probing.places))


def as_json(found: Found) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    probing = found.probing
    return {
        "settings": asdict(probing.settings),
        "data": fingerprint(probing.corpus),
        "places": probing.places,
        "left out": probing.left_out,
        "rows": found.rows,
    }


def markdown(found: Found) -> str:
    """A Markdown table: one row for each model, place and layer."""
    heads = ["model", "read at", "after", "people never asked about", "share", "95% interval"]
    heads += ["training people held out", "share", "95% interval", "control, never asked about"]
    return table([*heads, "control, fitted on", "most frequent place"], map(_cells, found.rows))


def _cells(row: Row) -> list[str]:
    after = f"layer {row['layer']}" if row["layer"] else "embedding and memory"
    rest = ("control dev", "control fitted", "majority dev")
    return [
        row["model"],
        row["where"],
        after,
        *share_of(row["dev"]).cells,
        *share_of(row["train"]).cells,
        *(f"{share_of(row[key]).value:.1%}" for key in rest),
    ]
