"""The exercises of notebook 02, last part: writing with a model, and one step of its training."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import SGD, Optimizer

from nlp4.data.vocabulary import IGNORED
from nlp4.exercises.blocks import tiny_gpt
from nlp4.exercises.judging import Case, Exercise, Mistake
from nlp4.exercises.layers import drawn
from nlp4.models import pieces
from nlp4.models.gpt import GPT

NOTEBOOK = "02_build_the_transformer"


def _logit_cases(rng: np.random.Generator) -> list[Case]:
    plain = torch.tensor([0.1, 0.5, 0.15, 0.25]).log()
    found: list[Case] = [
        (plain, 1.0, 1.0),
        (plain, 1.0, 0.6),
        (plain, 0.5, 0.7),
        (plain, 1.0, 0.3),
        (plain * 2 + 5, 2.0, 0.95),  # a number that all logits share changes nothing
        (torch.tensor([3.0, 3.0, -1.0]), 1.0, 1.0),
        (torch.tensor([800.0, 0.0, -800.0]), 0.25, 0.9),
        (torch.tensor([7.0]), 3.0, 0.5),
    ]
    drawn_ones = [(drawn(rng, 9, scale=2), t, p) for t, p in ((0.3, 0.9), (1.5, 0.8), (3.0, 0.4))]
    return [*found, *drawn_ones, (plain.double(), 0.7, 0.6)]


def _kept(
    logits: Tensor,
    temperature: float,
    top_p: float,
    *,
    crossing: bool = True,
    again: bool = True,
    back: bool = True,
    one_more: bool = False,
) -> Tensor:
    """Top-p with one part done otherwise."""
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    before = sure.cumsum(-1) - sure
    keep = before < top_p if crossing else sure.cumsum(-1) <= top_p
    if one_more:
        keep = torch.cat((torch.ones(1, dtype=torch.bool), keep[:-1]))
    kept = sure * keep
    kept = kept / kept.sum() if again else kept
    return torch.zeros_like(kept).scatter(-1, order, kept) if back else kept


def _cooled_late(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    kept = pieces.next_probabilities(logits, 1.0, top_p) / temperature
    return kept / kept.sum() if temperature < 0 else kept


def _above(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    sure = (logits / temperature).softmax(-1)
    kept = sure * (sure >= 1 - top_p)
    return kept / kept.sum()


NEXT_PROBABILITIES = Exercise(
    name="next_probabilities",
    title="Temperature and top-p",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_logit_cases,
    reference=pieces.next_probabilities,
    mistakes=(
        Mistake(
            "you multiplied by the temperature: divide the logits by it",
            lambda logits, temperature, top_p: pieces.next_probabilities(
                logits, 1 / temperature, top_p
            ),
        ),
        Mistake(
            "the temperature divides the logits, before the softmax, not the probabilities",
            _cooled_late,
        ),
        Mistake(
            "the temperature is not used",
            lambda logits, temperature, top_p: pieces.next_probabilities(logits, 1.0, top_p),
        ),
        Mistake(
            "top_p is not used: drop the least probable characters",
            lambda logits, temperature, top_p: (logits / temperature).softmax(-1),
        ),
        Mistake(
            "what is kept must sum to one again: divide by its sum", partial(_kept, again=False)
        ),
        Mistake(
            "the character that crosses top_p is kept too: together they must have top_p",
            partial(_kept, crossing=False),
        ),
        Mistake(
            "one character too many is kept: stop at the first sum that reaches top_p",
            partial(_kept, one_more=True),
        ),
        Mistake(
            "this is sorted: each probability belongs to the place of its character",
            partial(_kept, back=False),
        ),
        Mistake("top_p is a share of all probability, not a bar for each character", _above),
        Mistake(
            "the least probable characters were kept: sort in descending order",
            lambda logits, temperature, top_p: pieces.next_probabilities(
                -logits, temperature, top_p
            ),
        ),
    ),
)


def _table(rng: np.random.Generator, size: int) -> Callable[[Tensor], Tensor]:
    """A model that looks at the last two characters: a table of logits, always the same."""
    rows = drawn(rng, size, size, size)

    def logits_of(ids: Tensor) -> Tensor:
        before = torch.cat((ids[:, :1], ids[:, :-1]), dim=1)
        return rows[before, ids]

    return logits_of


def best(logits: Tensor) -> int:
    """The most probable character: greedy."""
    return int(logits.argmax())


def second(logits: Tensor) -> int:
    """The second most probable character, to see that `choose` is asked."""
    return int(logits.topk(2).indices[1])


def _generate_cases(rng: np.random.Generator) -> list[Case]:
    found: list[Case] = []
    for choose in (best, second):
        for _ in range(6):
            ids = rng.integers(5, size=int(rng.integers(1, 6))).tolist()
            found.append((_table(rng, 5), ids, choose, int(rng.integers(5)), 7))
    return [*found, (_table(rng, 5), [1, 2], best, 9, 6), (_table(rng, 5), [0], best, 9, 0)]


Logits = Callable[[Tensor], Tensor]


def _writing(
    logits_of: Logits,
    ids: Sequence[int],
    choose: pieces.Choose,
    stop: int,
    most: int,
    *,
    place: int = -1,
    with_stop: bool = False,
    with_prompt: bool = False,
    more: int = 0,
    appended: bool = True,
) -> list[int]:
    """Writing with one part done otherwise."""
    read, found = list(ids), list[int]()
    while len(found) < most + more:
        following = choose(logits_of(torch.tensor([read]))[0, place])
        if following == stop and not with_stop:
            break
        found.append(following)
        if following == stop:
            break
        if appended:
            read.append(following)
    return [*ids, *found] if with_prompt else found


def _last_alone(
    logits_of: Logits, ids: Sequence[int], choose: pieces.Choose, stop: int, most: int
) -> list[int]:
    def short(read: Tensor) -> Tensor:
        return logits_of(read[:, -1:])

    return pieces.generate(short, ids, choose, stop, most)


GENERATE = Exercise(
    name="generate",
    title="Write an answer",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_generate_cases,
    reference=pieces.generate,
    mistakes=(
        Mistake("`stop` ends the answer and is no part of it", partial(_writing, with_stop=True)),
        Mistake(
            "return what was written, without the ids that were given",
            partial(_writing, with_prompt=True),
        ),
        Mistake(
            "what was written must be read too: append it before you ask again",
            partial(_writing, appended=False),
        ),
        Mistake("the next character is told at the last place", partial(_writing, place=0)),
        Mistake(
            "always the most probable one: let `choose` decide",
            lambda logits_of, ids, choose, stop, most: pieces.generate(
                logits_of, ids, best, stop, most
            ),
        ),
        Mistake("the model reads the whole text, not its last character alone", _last_alone),
        Mistake("one character too many: `most` is the limit", partial(_writing, more=1)),
        Mistake("one character too few: `most` may be written", partial(_writing, more=-1)),
        Mistake(
            "this does not stop at `stop`",
            lambda logits_of, ids, choose, stop, most: pieces.generate(
                logits_of, ids, choose, -1, most
            ),
        ),
        Mistake(
            "`choose` gets logits, not probabilities",
            lambda logits_of, ids, choose, stop, most: [
                choose(logits_of(torch.tensor([ids]))[0, -1])
            ][:most],
        ),
    ),
)


def _loss_cases(rng: np.random.Generator) -> list[Case]:
    found: list[Case] = []
    for batch, n, size in ((2, 5, 4), (1, 1, 3), (3, 4, 6)):
        targets = torch.from_numpy(rng.integers(size, size=(batch, n)))
        targets[0, 1:] = IGNORED  # rows with different numbers of scored places
        found.append((drawn(rng, batch, n, size, scale=2), targets))
    whole = torch.from_numpy(rng.integers(4, size=(2, 3)))
    huge = (drawn(rng, 2, 3, 4, scale=500), whole)
    return [*found, (drawn(rng, 2, 3, 4), whole), huge, (found[0][0].double(), found[0][1])]


def _entropies(logits: Tensor, targets: Tensor) -> Tensor:
    """The cross-entropy at every place, 0 where it is ignored."""
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=IGNORED, reduction="none")


def _zero_for_ignored(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.clamp(min=0).flatten())


def _from_the_end(logits: Tensor, targets: Tensor) -> Tensor:
    """IGNORED taken as an index: the last character's."""
    return -logits.log_softmax(-1).gather(-1, (targets % logits.shape[-1])[..., None]).mean()


def _row_means(logits: Tensor, targets: Tensor) -> Tensor:
    return (_entropies(logits, targets).sum(1) / (targets != IGNORED).sum(1)).mean()


def _naive(logits: Tensor, targets: Tensor) -> Tensor:
    scored = targets != IGNORED
    odds = logits[scored].exp() / logits[scored].exp().sum(-1, keepdim=True)
    return -odds.gather(1, targets[scored][:, None]).log().mean()


def _twice(logits: Tensor, targets: Tensor) -> Tensor:
    return pieces.scored_loss(logits.softmax(-1), targets)


SCORED_LOSS = Exercise(
    name="scored_loss",
    title="The loss on scored places",
    notebook=NOTEBOOK,
    points=2,
    minutes=5,
    cases=_loss_cases,
    reference=pieces.scored_loss,
    mistakes=(
        Mistake(
            "the places that are not scored count as zeros: divide by the scored ones alone",
            lambda logits, targets: _entropies(logits, targets).mean(),
        ),
        Mistake(
            "IGNORED is no character: leave its places out, do not score character 0",
            _zero_for_ignored,
        ),
        Mistake(
            "IGNORED is -1, which picks the last character: leave its places out", _from_the_end
        ),
        Mistake(
            "this is the sum: take the mean over the scored places",
            lambda logits, targets: _entropies(logits, targets).sum(),
        ),
        Mistake("this is a mean of the rows' means: each scored place counts the same", _row_means),
        Mistake("the softmax is taken twice: cross-entropy takes logits", _twice),
        Mistake(
            "this is the mean probability: take the mean of -ln p",
            lambda logits, targets: (
                logits[targets != IGNORED]
                .softmax(-1)
                .gather(1, targets[targets != IGNORED][:, None])
                .mean()
            ),
        ),
        Mistake(
            "the sign is turned round: the loss is the mean of -ln p",
            lambda logits, targets: -pieces.scored_loss(logits, targets),
        ),
        Mistake(
            "this is in bits: take the natural logarithm",
            lambda logits, targets: pieces.scored_loss(logits, targets) / math.log(2),
        ),
        Mistake("e to the power of a large logit overflows: use `log_softmax`", _naive),
        Mistake(
            "this is the -ln of the mean probability: take the mean of -ln p",
            lambda logits, targets: (
                -logits[targets != IGNORED]
                .softmax(-1)
                .gather(1, targets[targets != IGNORED][:, None])
                .mean()
                .log()
            ),
        ),
    ),
)


def _step_cases(rng: np.random.Generator) -> list[Case]:
    found: list[Case] = []
    for batch, n in ((2, 5), (3, 4), (1, 6)):
        model = tiny_gpt(rng, layers=1)
        ids = torch.from_numpy(rng.integers(11, size=(batch, n)))
        targets = torch.from_numpy(rng.integers(11, size=(batch, n)))
        targets[:, :2] = IGNORED
        found.append((model, SGD(model.parameters(), 0.3), ids, targets))
    return found


def _after_steps(
    step: Callable[..., Any], model: GPT, optimiser: Optimizer, ids: Tensor, targets: Tensor
) -> tuple[list[Any], list[np.ndarray]]:
    """The losses of three steps, two of them on the same batch, and the weights that are left.

    Gradients that an earlier loss has left behind are to be cleared as well.
    """
    pieces.scored_loss(pieces.gpt(ids.flip(1), model), targets).backward()
    losses = [step(model, optimiser, each, targets) for each in (ids, ids, ids.flip(0))]
    return losses, [parameter.detach().numpy() for parameter in model.parameters()]


def _stepping(
    model: GPT,
    optimiser: Optimizer,
    ids: Tensor,
    targets: Tensor,
    *,
    order: str = "zero backward step",
    sign: float = 1.0,
    scored: bool = True,
) -> float:
    """A step with its parts in another order, or without some of them."""
    parts = order.split()
    if parts[0] == "zero":
        optimiser.zero_grad()
    logits = pieces.gpt(ids, model)
    loss = pieces.scored_loss(logits, targets) if scored else _zero_for_ignored(logits, targets)
    for part in parts[parts[0] == "zero" :]:
        if part == "backward":
            (sign * loss).backward()
        else:
            optimiser.step()
    return loss.item()


def _loss_after(model: GPT, optimiser: Optimizer, ids: Tensor, targets: Tensor) -> float:
    pieces.training_step(model, optimiser, ids, targets)
    return pieces.scored_loss(pieces.gpt(ids, model), targets).item()


TRAINING_STEP = Exercise(
    name="training_step",
    title="One step of training",
    notebook=NOTEBOOK,
    points=2,
    minutes=4,
    cases=_step_cases,
    reference=pieces.training_step,
    tolerance=1e-4,
    watched=_after_steps,
    mistakes=(
        Mistake(
            "old gradients are added to the new ones: begin with `optimiser.zero_grad()`",
            partial(_stepping, order="backward step"),
        ),
        Mistake(
            "nothing moves: `zero_grad`, then `backward`, then `step`, in this order",
            partial(_stepping, order="zero"),
        ),
        Mistake(
            "the weights move up the gradient, and the loss grows: leave the sign to the optimiser",
            partial(_stepping, sign=-1.0),
        ),
        Mistake(
            "places that are not scored move the weights too: use your `scored_loss`",
            partial(_stepping, scored=False),
        ),
        Mistake("return the loss from before the step, which you have already", _loss_after),
        Mistake(
            "return the loss, a number",
            lambda model, optimiser, ids, targets: (
                pieces.training_step(model, optimiser, ids, targets) and None
            ),
        ),
    ),
)
