"""A probe: how early in the network a linear classifier reads the birthplace.

Multinomial logistic regression on the residual stream at one character of "Where was X born?",
fitted on people whose questions the model was trained on, and tested on the rest of them and on
people whose questions it never saw. A control with the places dealt out at random says how much
the probe learns by heart (Hewitt and Liang 2019, "Designing and Interpreting Probes with Control
Tasks").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm.auto import tqdm

from nlp4.data.corpus import FORM, Corpus, Question
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.support.records import Row, Say, write_results
from nlp4.training.evaluation import bits_of, share_of, shown
from nlp4.training.runs import fingerprint

_FILE = "probe"
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


@torch.no_grad()
def features_of(model: GPT, vocabulary: Vocabulary, names: Sequence[str]) -> Tensor:
    """The residual stream where the questions about `names` are read: `(stages, 2, m, width)`.

    Stage 0 is what enters the first layer, embedding and memory; stage k comes after layer k. The
    two places are the name's last character and the mask behind the question, where the answer
    starts. Raises UserError for a character that the vocabulary lacks.
    """
    was_training = model.training
    model.eval()
    try:
        parts = [
            _states(model, vocabulary, names[first : first + _BATCH])
            for first in range(0, len(names), _BATCH)
        ]
    finally:
        model.train(was_training)
    return torch.cat(parts, dim=2)


def _states(model: GPT, vocabulary: Vocabulary, names: Sequence[str]) -> Tensor:
    prompts = [vocabulary.encode(FORM.replace("X", name) + MASK) for name in names]
    ids = torch.zeros(len(prompts), max(map(len, prompts)), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)  # causal: what pads behind changes nothing
    ends = torch.tensor([[FORM.index("X") + len(name) - 1 for name in names]])
    places = torch.cat((ends, torch.tensor([[len(prompt) - 1 for prompt in prompts]])))  # (2, m)
    x, turns = model.embed(ids.to(next(model.parameters()).device))
    streams = [x]
    for block in model.layers:
        streams.append(block(streams[-1], turns))
    rows = torch.arange(len(names))
    return torch.stack([stream[rows, places] for stream in streams]).cpu()


@dataclass(frozen=True)
class _People:
    """Names and classes of those whose place is told apart."""

    names: list[str]
    classes: Tensor


def run(
    corpus: Corpus,
    out: Path,
    models: Mapping[str, Asked],
    settings: Settings | None = None,
    *,
    command: str = "python -m nlp4 experiment probe",
    say: Say = print,
) -> list[Row]:
    """Probe each model at every stage; write `probe.json` and `probe.md`; return the rows.

    Raises UserError if no place has enough training people, or nobody is left to test on.
    """
    settings = settings or Settings()
    places = places_told_apart(corpus.train, settings.least)
    train, dev = (_people(questions, places) for questions in (corpus.train, corpus.dev))
    if len(places) < 2 or not dev.names:
        raise UserError(
            f"{corpus.folder}: {len(places)} places have {settings.least} training people, and "
            f"{len(dev.names)} dev people were born there: the probe needs 2 and 1"
        )
    say(f"{len(places)} places; {len(corpus.dev) - len(dev.names)} dev people from elsewhere")
    rows = []
    for name, (model, vocabulary) in models.items():
        rows += _probed(name, model, vocabulary, places, train, dev, settings)
    if stopped := sum(not row["converged"] for row in rows):
        say(f"{stopped} of {len(rows)} fits had no minimum after {settings.iterations} iterations")
    content = {
        "command": command,
        "settings": asdict(settings),
        "data": fingerprint(corpus),
        "places": places,
        "left out": {
            "train": len(set(corpus.train)) - len(train.names),
            "dev": len(corpus.dev) - len(dev.names),
        },
        "rows": rows,
    }
    write_results(out, _FILE, content, markdown(rows))
    return rows


def places_told_apart(questions: Sequence[Question], least: int) -> list[str]:
    """The places of at least `least` different people, in alphabetical order."""
    people = {question.name: question.place for question in questions if question.place}
    counts = Counter(people.values())
    return sorted(place for place in counts if place and counts[place] >= least)


def _people(questions: Sequence[Question], places: list[str]) -> _People:
    index = {place: i for i, place in enumerate(places)}
    known = {q.name: index[q.place] for q in questions if q.place in index}
    return _People(list(known), torch.tensor(list(known.values()), dtype=torch.long))


def _probed(
    name: str,
    model: GPT,
    vocabulary: Vocabulary,
    places: list[str],
    train: _People,
    dev: _People,
    settings: Settings,
) -> list[Row]:
    rng = np.random.default_rng(settings.seed)
    order = torch.from_numpy(rng.permutation(len(train.names)))
    number = round(settings.held * len(order))
    held, used = order[:number], order[number:]
    dealt = train.classes[used][torch.from_numpy(rng.permutation(len(used)))]
    seen, unseen = (features_of(model, vocabulary, people.names) for people in (train, dev))
    rows = []
    bar = tqdm(total=2 * len(seen), desc=f"probing {name}", leave=False)
    for stage in range(len(seen)):
        for at, where in enumerate(PLACES):
            x, others, new = seen[stage, at][used], seen[stage, at][held], unseen[stage, at]
            fitted = fit(x, train.classes[used], len(places), settings)
            control = fit(x, dealt, len(places), settings)
            marks = {
                "dev": _marks(fitted, new, dev.classes),
                "train": _marks(fitted, others, train.classes[held]),
                "fitted": _marks(fitted, x, train.classes[used]),
                "control dev": _marks(control, new, dev.classes),
                "control fitted": _marks(control, x, dealt),
                "majority dev": bits_of((dev.classes == train.classes.mode().values).tolist()),
            }
            converged = fitted.converged and control.converged
            rows.append(
                {"model": name, "layer": stage, "where": where, **marks, "converged": converged}
            )
            bar.update()
    bar.close()
    return rows


def _marks(probe: Probe, features: Tensor, classes: Tensor) -> str:
    return bits_of((probe(features.double()) == classes).tolist())


def markdown(rows: Sequence[Row]) -> str:
    """A Markdown table: one row for each model, place and layer."""
    lines = [
        "| model | read at | after | people never asked about | share | 95% interval |"
        " training people held out | share | 95% interval | control, never asked about |"
        " control, fitted on | most frequent place |",
        f"|{'---|' * 12}",
    ]
    for row in rows:
        after = f"layer {row['layer']}" if row["layer"] else "embedding and memory"
        cells = [row["model"], row["where"], after]
        cells += [shown(share_of(row[key])) for key in ("dev", "train")]
        rest = ("control dev", "control fitted", "majority dev")
        cells += [f"{share_of(row[key]).value:.1%}" for key in rest]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


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
    """Fit a probe and its control at every stage, on training people, and test on dev people.

    As `run`, but fitted on all training people, and nothing is written. Raises UserError if no
    place has enough training people.
    """
    settings = settings or Settings()
    places = places_told_apart(corpus.train, settings.least)
    train, dev = ([q for q in part if q.place in places] for part in (corpus.train, corpus.dev))
    if len(places) < 2 or not dev:
        raise UserError(f"{corpus.folder}: too few people of one birthplace to fit a probe")
    index = {place: i for i, place in enumerate(places)}
    classes, true = (torch.tensor([index[q.place or ""] for q in part]) for part in (train, dev))
    dealt = classes[torch.from_numpy(np.random.default_rng(settings.seed).permutation(len(train)))]
    seen, new = (features_of(model, vocabulary, [q.name for q in part]) for part in (train, dev))

    def share(features: torch.Tensor, asked: torch.Tensor, labels: torch.Tensor) -> Share:
        fitted = fit(features, labels, len(places), settings)
        return Share(int((fitted(asked.double()) == true).sum()), len(true))

    stages = tuple(
        Stage(
            where,
            layer,
            share(seen[layer, at], new[layer, at], classes),
            share(seen[layer, at], new[layer, at], dealt),
        )
        for at, where in enumerate(PLACES)
        for layer in range(len(seen))
    )
    usual = Share(int((true == classes.mode().values).sum()), len(true))
    return Probed(stages, usual, len(places))
