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
from nlp4.exercises.given import Table, after_steps, best, middle, second
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.layers import drawn, learnt
from nlp4.exercises.trying import Case
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
    descending: bool | None = True,
) -> Tensor:
    """Top-p with one part done otherwise."""
    sure, order = (logits / temperature).softmax(-1), torch.arange(len(logits))
    if descending is not None:
        sure, order = sure.sort(descending=descending)
    before = sure.cumsum(-1) - sure
    keep = before < top_p if crossing else sure.cumsum(-1) <= top_p
    if one_more:
        keep = torch.cat((torch.ones(1, dtype=torch.bool), keep[:-1]))
    kept = sure * keep
    kept = kept / kept.sum() if again else kept
    return torch.zeros_like(kept).scatter(-1, order, kept) if back else kept


def _cooled_late(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    return pieces.next_probabilities(logits, 1.0, top_p) / temperature


def _cut_first(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    kept = pieces.next_probabilities(logits, 1.0, top_p) > 0
    return (logits / temperature).masked_fill(~kept, -math.inf).softmax(-1)


def _above(bar: Callable[[Tensor, float], Any]) -> Callable[..., Tensor]:
    """Each character is kept whose own probability reaches a bar."""

    def kept_above(logits: Tensor, temperature: float, top_p: float) -> Tensor:
        sure = (logits / temperature).softmax(-1)
        kept = sure * (sure >= bar(sure, top_p))
        return kept / kept.sum()

    return kept_above


_BARS: tuple[Callable[[Tensor, float], Any], ...] = (
    lambda sure, top_p: 1 - top_p,
    lambda sure, top_p: top_p,
    lambda sure, top_p: top_p * sure.max(),
)


def _top_k(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    sure = (logits / temperature).softmax(-1)
    kept = sure.topk(math.ceil(top_p * len(sure)))
    return torch.zeros_like(sure).scatter(-1, kept.indices, kept.values / kept.values.sum())


def _overflowing(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    raised = (logits / temperature).exp()
    return pieces.next_probabilities((raised / raised.sum()).log(), 1.0, top_p)


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
            "divide by the temperature first: top_p is a share of what comes of that", _cut_first
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
        Mistake(
            "the least probable characters were kept: sort in descending order",
            partial(_kept, descending=False),
        ),
        Mistake(
            "the sums are over characters in the vocabulary's order: sort them first",
            partial(_kept, descending=None),
        ),
        *(
            Mistake(
                "top_p is a share of all probability, not a bar for each character", _above(bar)
            )
            for bar in _BARS
        ),
        Mistake("top_p is a share of the probability, not of the characters", _top_k),
        Mistake("e to the power of a large logit overflows: use `softmax`", _overflowing),
    ),
)


def _generate_cases(rng: np.random.Generator) -> list[Case]:
    """Half of the prompts end in `stop`, as a question ends in the mask that ends the answer."""
    found: list[Case] = []
    for choose in (best, second, middle):
        for which in range(6):
            ids = rng.integers(5, size=int(rng.integers(1, 6))).tolist()
            stop = ids[-1] if which % 2 else int(rng.integers(5))
            found.append((Table(drawn(rng, 5, 5, 5)), ids, choose, stop, 7))
    return [
        *found,
        (Table(drawn(rng, 5, 5, 5)), [1, 2], best, 9, 6),
        (Table(drawn(rng, 5, 5, 5)), [0], best, 9, 0),
    ]


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


def _stopped_before(
    logits_of: Logits,
    ids: Sequence[int],
    choose: pieces.Choose,
    stop: int,
    most: int,
    *,
    given: slice,
) -> list[int]:
    """Nothing is written where `stop` stands in that part of what was given."""
    return [] if stop in ids[given] else pieces.generate(logits_of, ids, choose, stop, most)


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
            "only one character is written: ask again until `stop` or `most`",
            lambda logits_of, ids, choose, stop, most: pieces.generate(
                logits_of, ids, choose, stop, min(most, 1)
            ),
        ),
        Mistake(
            "`choose` gets logits, not probabilities",
            lambda logits_of, ids, choose, stop, most: pieces.generate(
                lambda read: logits_of(read).softmax(-1), ids, choose, stop, most
            ),
        ),
        *(
            Mistake(
                "what was given may hold `stop` too: look for it in what is chosen alone",
                partial(_stopped_before, given=given),
            )
            for given in (slice(-1, None), slice(None))
        ),
        Mistake(
            "`most` counts what is written, not what was given",
            lambda logits_of, ids, choose, stop, most: pieces.generate(
                logits_of, ids, choose, stop, most - len(ids)
            ),
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
    return [*found, (drawn(rng, 2, 3, 4), whole), huge, (*learnt(found[0][0]), found[0][1])]


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


def _right_ones(shares: Tensor, targets: Tensor) -> Tensor:
    """What `(B, n, V)` holds for each scored target, in one row."""
    scored = targets != IGNORED
    return shares[scored].gather(1, targets[scored][:, None])


def _naive(logits: Tensor, targets: Tensor) -> Tensor:
    raised = logits.exp()
    return -_right_ones(raised / raised.sum(-1, keepdim=True), targets).log().mean()


def _rounded_to_zero(logits: Tensor, targets: Tensor) -> Tensor:
    return -_right_ones(logits.softmax(-1), targets).log().mean()


def _without_the_first(logits: Tensor, targets: Tensor) -> Tensor:
    return pieces.scored_loss(logits, targets.where(targets > 0, IGNORED))


def _over_texts(logits: Tensor, targets: Tensor) -> Tensor:
    return _entropies(logits, targets).sum() / len(targets)


def _along_places(logits: Tensor, targets: Tensor) -> Tensor:
    return -_right_ones(logits.log_softmax(1), targets).mean()


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
            lambda logits, targets: _right_ones(logits.softmax(-1), targets).mean(),
        ),
        Mistake(
            "`nll_loss` takes logarithms of probabilities: `log_softmax`",
            lambda logits, targets: -_right_ones(logits.softmax(-1), targets).mean(),
        ),
        Mistake(
            "character 0 is a character: only IGNORED, which is -1, is not scored",
            _without_the_first,
        ),
        Mistake("divide by the number of scored places, not of texts", _over_texts),
        Mistake("the softmax goes over the characters, the last axis", _along_places),
        Mistake(
            "the sign is turned round: the loss is the mean of -ln p",
            lambda logits, targets: -pieces.scored_loss(logits, targets),
        ),
        Mistake(
            "this is in bits: take the natural logarithm",
            lambda logits, targets: pieces.scored_loss(logits, targets) / math.log(2),
        ),
        Mistake("e to the power of a large logit overflows: use `log_softmax`", _naive),
        Mistake("a small probability rounds to 0: use `log_softmax`", _rounded_to_zero),
        Mistake(
            "this is the -ln of the mean probability: take the mean of -ln p",
            lambda logits, targets: -_right_ones(logits.softmax(-1), targets).mean().log(),
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
    logits = pieces.gpt(ids, model)
    loss = pieces.scored_loss(logits, targets) if scored else _zero_for_ignored(logits, targets)
    parts: dict[str, Callable[[], Any]] = {
        "zero": optimiser.zero_grad,
        "backward": (sign * loss).backward,
        "step": optimiser.step,
    }
    for part in order.split():
        parts[part]()
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
    watched=after_steps,
    mistakes=(
        Mistake(
            "old gradients are added to the new ones: begin with `optimiser.zero_grad()`",
            partial(_stepping, order="backward step"),
        ),
        Mistake(
            "gradients are left from before the first step: clear them first, not at the end",
            partial(_stepping, order="backward step zero"),
        ),
        Mistake(
            "`step` moves the weights: once", partial(_stepping, order="zero backward step step")
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
