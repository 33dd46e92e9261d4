"""Right and wrong answers to the exercises of `nlp4.exercises.decoding`, as learners write them."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers
from torch.distributions import Categorical

from nlp4.data.vocabulary import IGNORED
from nlp4.exercises.blocks import tiny_gpt
from nlp4.models import pieces


def logits_and_settings(rng: np.random.Generator) -> tuple[Any, ...]:
    """Logits of any size; no sum of probabilities within rounding of top_p, and no ties."""
    while True:
        size = int(rng.integers(1, 12))
        scale = rng.choice([rng.uniform(0.2, 5), 500])
        logits = torch.from_numpy(rng.normal(scale=scale, size=size) + rng.normal())
        temperature = float(np.exp(rng.uniform(-1.5, 1.5)))
        top_p = 1.0 if rng.random() < 0.2 else float(rng.uniform(0.02, 0.98))
        sure = (logits / temperature).softmax(-1).sort(descending=True).values
        apart = (sure.cumsum(-1) - top_p).abs().min() > 1e-3 or top_p == 1.0
        if apart and (size == 1 or float(-sure.diff().max()) > 1e-4 or size < 3):
            kind = torch.float64 if rng.random() < 0.5 else torch.float32
            return logits.to(kind), temperature, top_p


def probabilities(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())


def probabilities_in_a_loop(logits, temperature, top_p):
    sure = torch.softmax(logits / temperature, 0)
    out, held = torch.zeros_like(sure), 0.0
    for i in sure.argsort(descending=True):
        if held >= top_p:
            break
        out[i] = sure[i]
        held += float(sure[i])
    return out / out.sum()


def probabilities_by_masked_logits(logits, temperature, top_p):
    scaled = logits / temperature
    order = scaled.argsort(descending=True)
    sure = scaled[order].softmax(-1)
    drop = torch.cat((torch.zeros(1, dtype=torch.bool), sure.cumsum(-1)[:-1] >= top_p))
    scaled = scaled.clone()
    scaled[order[drop]] = -math.inf
    return scaled.softmax(-1)


def probabilities_by_number(logits, temperature, top_p):
    sure = F.softmax(logits / temperature, dim=-1)
    sums = sure.sort(descending=True).values.cumsum(0)
    number = int((sums < top_p).sum()) + 1
    kept = sure.topk(min(number, len(sure)))
    out = torch.zeros_like(sure)
    out[kept.indices] = kept.values / kept.values.sum()
    return out


def probabilities_by_threshold(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1)
    down = sure.sort(descending=True).values
    last = down[int((down.cumsum(-1) - down < top_p).sum()) - 1]
    kept = torch.where(sure >= last, sure, 0)
    return kept / kept.sum()


def probabilities_by_rank(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1)
    more = (sure[None] * (sure[None] > sure[:, None])).sum(-1)  # of all that are likelier
    kept = sure * (more < top_p)
    return kept / kept.sum()


def probabilities_by_categorical(logits, temperature, top_p):
    sure = Categorical(logits=logits / temperature).probs
    order = sure.argsort(descending=True)
    before = sure[order].cumsum(0) - sure[order]
    return Categorical(probs=sure * (before < top_p)[order.argsort()]).probs


def probabilities_by_exp(logits, temperature, top_p):
    raised = torch.exp((logits - logits.max()) / temperature)
    sure = raised / raised.sum()
    down, order = torch.sort(sure, descending=True)
    keep = torch.cat((torch.ones(1, dtype=torch.bool), down.cumsum(0)[:-1] < top_p))
    out = torch.zeros_like(sure)
    out[order[keep]] = down[keep]
    return out.div(out.sum())


def probabilities_times(logits, temperature, top_p):
    return probabilities(logits, 1 / temperature, top_p)


def probabilities_unscaled(logits, temperature, top_p):
    return probabilities(logits, 1.0, top_p)


def probabilities_of_all(logits, temperature, top_p):
    return (logits / temperature).softmax(-1)


def probabilities_not_summed(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept)


def probabilities_without_the_last(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    kept = sure * (sure.cumsum(-1) <= top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())


def probabilities_sorted(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1).sort(descending=True).values
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return kept / kept.sum()


def probabilities_put_back_wrongly(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return (kept / kept.sum())[order]


def probabilities_above(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1)
    kept = sure * (sure >= 1 - top_p)
    return kept / kept.sum()


def probabilities_of_the_tail(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort()
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())


def probabilities_unsorted(logits, temperature, top_p):
    sure = F.softmax(logits / temperature, 0)
    keep = torch.cat((torch.ones(1), (sure.cumsum(0) < top_p)[:-1].float()))
    return sure * keep / (sure * keep).sum()


def probabilities_cut_first(logits, temperature, top_p):
    cold = probabilities(logits, 1.0, top_p)
    return torch.where(cold > 0, logits / temperature, -math.inf).softmax(-1)


def probabilities_one_more(logits, temperature, top_p):
    sure, order = (logits / temperature).softmax(-1).sort(descending=True)
    kept = sure[: int((sure.cumsum(-1) < top_p).sum()) + 2]
    return torch.zeros_like(sure).scatter(-1, order[: len(kept)], kept / kept.sum())


def probabilities_at_least(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1)
    return torch.where(sure >= top_p, sure, 0) / sure[sure >= top_p].sum()


def probabilities_beside_the_best(logits, temperature, top_p):
    sure = (logits / temperature).softmax(-1)
    kept = sure.where(sure / sure.max() >= top_p, 0)
    return kept / kept.sum()


def probabilities_top_k(logits, temperature, top_p):
    scaled = logits / temperature
    number = math.ceil(len(logits) * top_p)
    return scaled.masked_fill(scaled < scaled.topk(number).values[-1], -math.inf).softmax(-1)


def probabilities_overflowing(logits, temperature, top_p):
    raised = np.e ** (logits / temperature) * 1.0
    sure, order = (raised / raised.sum()).sort(descending=True)
    kept = sure * (sure.cumsum(-1) - sure < top_p)
    return torch.zeros_like(kept).scatter(-1, order, kept / kept.sum())


def probabilities_of_zeros(logits, temperature, top_p):
    return (logits / temperature * (probabilities(logits, temperature, top_p) > 0)).softmax(-1)


def probabilities_cooled_late(logits, temperature, top_p):
    return probabilities(logits, 1.0, top_p) / temperature


def probabilities_of_one(logits, temperature, top_p):
    return F.one_hot(logits.argmax(), len(logits)).to(logits.dtype)


def probabilities_in_float32(logits, temperature, top_p):
    return probabilities(logits.float(), temperature, top_p)


def probabilities_as_array(logits, temperature, top_p):
    return probabilities(logits, temperature, top_p).numpy()


def model_and_prompt(rng: np.random.Generator) -> tuple[Any, ...]:
    """A table as a model, a prompt, a way to choose, and where to stop."""
    size = int(rng.integers(2, 9))
    rows = torch.from_numpy(rng.normal(size=(size, size, size)))
    rank, lot = int(rng.integers(min(3, size))), float(rng.uniform(0.2, 0.8))
    drawn = rng.random() < 0.5

    def logits_of(ids):
        return rows[torch.cat((ids[:, :1], ids[:, :-1]), dim=1), ids]

    def choose(logits):
        if drawn:
            return int((logits.softmax(-1).cumsum(-1) < lot).sum())
        return int(logits.argsort(descending=True)[rank])

    prompt = rng.integers(size, size=int(rng.integers(1, 7))).tolist()
    stop = int(rng.integers(size)) if rng.random() < 0.8 else size
    return logits_of, prompt, choose, stop, int(rng.integers(0, 12))


def written(logits_of, ids, choose, stop, most):
    found = []
    while len(found) < most:
        following = choose(logits_of(torch.tensor([[*ids, *found]]))[0, -1])
        if following == stop:
            break
        found.append(following)
    return found


def written_with_for(logits_of, ids, choose, stop, most):
    text = list(ids)
    for _ in range(most):
        following = choose(logits_of(torch.tensor(text)[None])[0][-1])
        if following == stop:
            return text[len(ids) :]
        text.append(following)
    return text[len(ids) :]


def written_by_cat(logits_of, ids, choose, stop, most):
    text = torch.tensor([ids])
    while text.shape[1] < len(ids) + most:
        following = torch.tensor([[choose(logits_of(text)[0, -1])]])
        if following.item() == stop:
            break
        text = torch.cat((text, following), dim=1)
    return text[0, len(ids) :].tolist()


def written_by_recursion(logits_of, ids, choose, stop, most):
    if most == 0:
        return []
    first = choose(logits_of(torch.tensor([ids]))[0, -1])
    if first == stop:
        return []
    return [first, *written_by_recursion(logits_of, [*ids, first], choose, stop, most - 1)]


def written_by_a_generator(logits_of, ids, choose, stop, most):
    def letters():
        text = [*ids]
        for _ in range(most):
            text.append(choose(logits_of(torch.tensor([text])).squeeze(0)[-1]))
            if text[-1] == stop:
                return
            yield text[-1]

    return list(letters())


def written_without_grad(logits_of, ids, choose, stop, most):
    with torch.no_grad():
        return written(logits_of, ids, choose, stop, most)


def written_in_place(logits_of, ids, choose, stop, most):
    buffer = torch.zeros(1, len(ids) + most, dtype=torch.long)
    buffer[0, : len(ids)] = torch.as_tensor(ids)
    end = len(ids)
    while end < buffer.shape[1]:
        chosen = choose(logits_of(buffer[:, :end])[:, -1][0])
        if chosen == stop:
            break
        buffer[0, end] = chosen
        end += 1
    return buffer[0, len(ids) : end].tolist()


def written_by_iter(logits_of, ids, choose, stop, most):
    text = copy.copy(ids)

    def ask():
        text.append(choose(logits_of(torch.tensor([text]))[0, -1]))
        return text[-1]

    return [letter for _, letter in zip(range(most), iter(ask, stop), strict=False)]


def written_with_stop(logits_of, ids, choose, stop, most):
    found = []
    while len(found) < most and stop not in found:
        found.append(choose(logits_of(torch.tensor([[*ids, *found]]))[0, -1]))
    return found


def written_with_prompt(logits_of, ids, choose, stop, most):
    return [*ids, *written(logits_of, ids, choose, stop, most)]


def written_from_the_prompt_alone(logits_of, ids, choose, stop, most):
    found = []
    while len(found) < most:
        following = choose(logits_of(torch.tensor([ids]))[0, -1])
        if following == stop:
            break
        found.append(following)
    return found


def written_at_the_first_place(logits_of, ids, choose, stop, most):
    return written(lambda x: logits_of(x).flip(1), ids, choose, stop, most)


def written_greedily(logits_of, ids, choose, stop, most):
    return written(logits_of, ids, lambda logits: int(logits.argmax()), stop, most)


def written_from_the_last_letter(logits_of, ids, choose, stop, most):
    return written(lambda x: logits_of(x[:, -1:]), ids, choose, stop, most)


def written_one_more(logits_of, ids, choose, stop, most):
    return written(logits_of, ids, choose, stop, most + 1)


def written_one_less(logits_of, ids, choose, stop, most):
    return written(logits_of, ids, choose, stop, most - 1)


def written_past_stop(logits_of, ids, choose, stop, most):
    return written(logits_of, ids, choose, -1, most)


def written_only_once(logits_of, ids, choose, stop, most):
    return written(logits_of, ids, choose, stop, min(most, 1))


def written_into_ids(logits_of, ids, choose, stop, most):
    start = len(ids)
    while len(ids) < start + most:
        following = choose(logits_of(torch.tensor([ids]))[0, -1])
        if following == stop:
            break
        ids.append(following)
    return ids[start:]


def written_without_stop_letters(logits_of, ids, choose, stop, most):
    return [x for x in written(logits_of, ids, choose, -1, most) if x != stop]


def written_from_probabilities(logits_of, ids, choose, stop, most):
    return written(lambda x: F.softmax(logits_of(x), dim=-1), ids, choose, stop, most)


def written_unless_stopped(logits_of, ids, choose, stop, most):
    text = list(ids)
    while text[-1] != stop and len(text) < len(ids) + most:
        text.append(choose(logits_of(torch.tensor([text]))[0, -1]))
    return text[len(ids) : -1 if text[-1] == stop and len(text) > len(ids) else None]


def written_without_stop_before(logits_of, ids, choose, stop, most):
    text = list(ids)
    while stop not in text and len(text) < len(ids) + most:
        text.append(choose(logits_of(torch.tensor([text]))[0, -1]))
    return [letter for letter in text[len(ids) :] if letter != stop]


def written_up_to_most_in_all(logits_of, ids, choose, stop, most):
    text = list(ids)
    while len(text) < most:
        following = choose(logits_of(torch.tensor([text]))[0, -1])
        if following == stop:
            break
        text.append(following)
    return text[len(ids) :]


def logits_and_targets(rng: np.random.Generator) -> tuple[Any, ...]:
    """At least one scored place in each batch; none, one or all of a row."""
    batch, n, size = (int(x) for x in rng.integers(1, 7, size=3))
    size += 1
    logits = torch.from_numpy(rng.normal(scale=10 ** rng.uniform(-1, 2), size=(batch, n, size)))
    targets = torch.from_numpy(rng.integers(size, size=(batch, n)))
    targets[torch.from_numpy(rng.random((batch, n)) < rng.uniform(0, 0.9))] = IGNORED
    targets[0, 0] = int(rng.integers(size))
    kind = torch.float64 if rng.random() < 0.5 else torch.float32
    return logits.to(kind).requires_grad_(rng.random() < 0.5), targets


def loss(logits, targets):
    scored = targets != IGNORED
    return F.cross_entropy(logits[scored], targets[scored])


def loss_by_ignore_index(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def loss_by_channels(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-1)


def loss_by_gather(logits, targets):
    scored = targets >= 0
    logs = logits.log_softmax(-1)[scored]
    return -logs.gather(1, targets[scored].unsqueeze(1)).mean()


def loss_by_nll(logits, targets):
    return F.nll_loss(logits.log_softmax(-1).flatten(0, 1), targets.flatten(), ignore_index=-1)


def loss_by_logsumexp(logits, targets):
    z, t = logits[targets != -1], targets[targets != -1]
    return (z.logsumexp(-1) - z[torch.arange(len(t)), t]).mean()


def loss_by_weights(logits, targets):
    scored = (targets != IGNORED).to(logits.dtype)
    logs = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(logs * scored).sum() / scored.sum()


def loss_in_a_loop(logits, targets):
    terms = [
        -logits[b, i].log_softmax(0)[targets[b, i]]
        for b in range(logits.shape[0])
        for i in range(logits.shape[1])
        if targets[b, i] != IGNORED
    ]
    return torch.stack(terms).mean()


def loss_by_module(logits, targets):
    measure = torch.nn.CrossEntropyLoss(ignore_index=IGNORED, reduction="sum")
    return measure(logits.permute(0, 2, 1), targets) / (targets != IGNORED).sum()


def loss_over_all_places(logits, targets):
    kept = F.cross_entropy(logits.mT, targets, ignore_index=-1, reduction="none")
    return kept.mean()


def loss_of_class_zero(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.clamp(min=0).flatten())


def loss_of_the_last_class(logits, targets):
    return -logits.log_softmax(-1).gather(-1, (targets % logits.shape[-1])[..., None]).mean()


def loss_summed(logits, targets):
    return loss(logits, targets) * (targets != IGNORED).sum()


def loss_of_rows(logits, targets):
    rows = [loss(z[None], t[None]) for z, t in zip(logits, targets, strict=True) if (t >= 0).any()]
    return torch.stack(rows).mean() * 1.0 if len(rows) else loss(logits, targets)


def loss_twice(logits, targets):
    return loss(logits.softmax(-1), targets)


def loss_with_the_other_sign(logits, targets):
    return -loss(logits, targets)


def loss_in_bits(logits, targets):
    return loss(logits, targets) / math.log(2)


def loss_as_mean_probability(logits, targets):
    z, t = logits[targets >= 0], targets[targets >= 0]
    return z.softmax(-1).gather(1, t[:, None]).mean()


def loss_of_mean_probability(logits, targets):
    return -loss_as_mean_probability(logits, targets).log()


def loss_naive(logits, targets):
    z, t = logits[targets >= 0] * 1.0, targets[targets >= 0]
    raised = z.exp()
    return -(raised / raised.sum(-1, keepdim=True)).gather(1, t[:, None]).log().mean()


def loss_as_number(logits, targets):
    return loss(logits, targets).item()


def loss_detached(logits, targets):
    return loss(logits.detach(), targets).numpy()


def loss_without_gradient(logits, targets):
    return loss(logits.detach(), targets)


def loss_made_anew(logits, targets):
    return torch.tensor(loss(logits, targets).item(), dtype=logits.dtype)


def loss_of_rounded(logits, targets):
    z, t = logits[targets >= 0], targets[targets >= 0]
    return -z.softmax(-1)[range(len(t)), t].log().mean()


def loss_of_probabilities(logits, targets):
    return F.nll_loss(logits.softmax(-1).transpose(1, 2), targets, ignore_index=IGNORED)


def loss_without_class_zero(logits, targets):
    return F.cross_entropy(logits[targets > 0], targets[targets > 0])


def loss_by_texts(logits, targets):
    each = F.cross_entropy(logits.mT, targets, ignore_index=IGNORED, reduction="sum")
    return each / logits.shape[0]


def loss_along_places(logits, targets):
    z = logits - logits.logsumexp(1, keepdim=True)
    return -z[targets >= 0].gather(1, targets[targets >= 0][:, None]).mean()


def loss_of_the_first_text(logits, targets):
    return loss(logits[:1], targets[:1])


def model_and_batch(rng: np.random.Generator) -> tuple[Any, ...]:
    """A tiny model, an optimiser of its weights, and a batch with some places not scored."""
    heads = int(rng.choice([1, 2]))
    model = tiny_gpt(rng, heads=heads, width=4, layers=1)
    rate = float(rng.uniform(0.05, 0.3))
    optimiser = torch.optim.SGD(model.parameters(), rate)
    size = int(rng.integers(2, 4)), int(rng.integers(3, 6))
    ids, targets = torch.from_numpy(rng.integers(11, size=(2, *size)))
    targets[:, int(rng.integers(2))] = IGNORED
    return model, optimiser, ids, targets


def step(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def step_with_the_models_loss(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = model.loss(ids, targets)
    loss.backward()
    optimiser.step()
    return float(loss)


def step_clearing_the_model(model, optimiser, ids, targets):
    model.zero_grad()
    loss = loss_by_gather(model(ids), targets)
    loss.backward()
    optimiser.step()
    return loss.detach().numpy()


def step_clearing_at_zero(model, optimiser, ids, targets):
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    optimiser.zero_grad(set_to_none=False)
    loss.backward()
    optimiser.step()
    return loss.tolist()


def step_with_grad(model, optimiser, ids, targets):
    parameters = list(model.parameters())
    loss = loss_by_nll(model(ids), targets)
    for parameter, grad in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = grad
    optimiser.step()
    return loss.item()


def step_clearing_each(model, optimiser, ids, targets):
    for parameter in model.parameters():
        parameter.grad = None
    loss = loss_in_a_loop(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def step_that_clears_twice(model, optimiser, ids, targets):
    found = step(model, optimiser, ids, targets)
    optimiser.zero_grad()
    return found


def step_as_tensor(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = loss_by_logsumexp(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.detach()


def step_without_clearing(model, optimiser, ids, targets):
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def step_without_a_step(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    loss.backward()
    return loss.item()


def step_without_gradients(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    optimiser.step()
    return loss.item()


def step_before_the_gradients(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    optimiser.step()
    loss.backward()
    return loss.item()


def step_cleared_too_late(model, optimiser, ids, targets):
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.zero_grad()
    optimiser.step()
    return loss.item()


def step_cleared_at_the_end(model, optimiser, ids, targets):
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    optimiser.zero_grad()
    return loss.item()


def step_moved_twice(model, optimiser, ids, targets):
    loss = step(model, optimiser, ids, targets)
    optimiser.step()
    return loss


def step_up(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = pieces.scored_loss(pieces.gpt(ids, model), targets)
    (-loss).backward()
    optimiser.step()
    return loss.item()


def step_on_all_places(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = loss_of_class_zero(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def step_with_the_loss_after(model, optimiser, ids, targets):
    step(model, optimiser, ids, targets)
    return pieces.scored_loss(pieces.gpt(ids, model), targets).item()


def step_without_return(model, optimiser, ids, targets):
    step(model, optimiser, ids, targets)


def step_twice(model, optimiser, ids, targets):
    found = step(model, optimiser, ids, targets)
    step(model, optimiser, ids, targets)
    return found


def step_on_a_copy(model, optimiser, ids, targets):
    return step(copy.deepcopy(model), optimiser, ids, targets)


def step_summed(model, optimiser, ids, targets):
    optimiser.zero_grad()
    loss = loss_summed(pieces.gpt(ids, model), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


ANSWERS: dict[str, Answers] = {
    "next_probabilities": Answers(
        right=(
            probabilities,
            probabilities_in_a_loop,
            probabilities_by_masked_logits,
            probabilities_by_number,
            probabilities_by_threshold,
            probabilities_by_rank,
            probabilities_by_categorical,
            probabilities_by_exp,
        ),
        wrong=(
            (probabilities_times, "you multiplied by the temperature"),
            (probabilities_unscaled, "the temperature is not used"),
            (probabilities_of_all, "top_p is not used"),
            (probabilities_not_summed, "must sum to one again"),
            (probabilities_without_the_last, "the character that crosses top_p is kept too"),
            (probabilities_sorted, "this is sorted"),
            (probabilities_put_back_wrongly, ""),
            (probabilities_above, "not a bar for each character"),
            (probabilities_of_the_tail, "the least probable characters were kept"),
            (probabilities_cooled_late, "not the probabilities"),
            (probabilities_unsorted, "sort them first"),
            (probabilities_cut_first, "divide by the temperature first"),
            (probabilities_one_more, "one character too many is kept"),
            (probabilities_at_least, "not a bar for each character"),
            (probabilities_beside_the_best, "not a bar for each character"),
            (probabilities_top_k, "not of the characters"),
            (probabilities_overflowing, "overflows"),
            (probabilities_of_zeros, ""),
            (probabilities_of_one, ""),
            (probabilities_in_float32, "you return float32 where float64 is expected"),
            (probabilities_as_array, "where a torch tensor is expected"),
        ),
        inputs=logits_and_settings,
    ),
    "generate": Answers(
        right=(
            written,
            written_with_for,
            written_by_cat,
            written_by_recursion,
            written_by_a_generator,
            written_without_grad,
            written_in_place,
            written_by_iter,
        ),
        wrong=(
            (written_with_stop, "`stop` ends the answer"),
            (written_with_prompt, "without the ids that were given"),
            (written_from_the_prompt_alone, "append it before you ask again"),
            (written_at_the_first_place, "told at the last place"),
            (written_greedily, "let `choose` decide"),
            (written_from_the_last_letter, "not its last character alone"),
            (written_one_more, "one character too many"),
            (written_one_less, "one character too few"),
            (written_past_stop, "does not stop"),
            (written_only_once, "only one character is written"),
            (written_from_probabilities, "`choose` gets logits, not probabilities"),
            (written_unless_stopped, "in what is chosen alone"),
            (written_without_stop_before, "in what is chosen alone"),
            (written_up_to_most_in_all, "not what was given"),
            (written_into_ids, "you change `ids` in place"),
            (written_without_stop_letters, ""),
        ),
        inputs=model_and_prompt,
    ),
    "scored_loss": Answers(
        right=(
            loss,
            loss_by_ignore_index,
            loss_by_channels,
            loss_by_gather,
            loss_by_nll,
            loss_by_logsumexp,
            loss_by_weights,
            loss_in_a_loop,
            loss_by_module,
        ),
        wrong=(
            (loss_over_all_places, "count as zeros"),
            (loss_of_class_zero, "do not score character 0"),
            (loss_of_the_last_class, "picks the last character"),
            (loss_summed, "this is the sum"),
            (loss_of_rows, "a mean of the rows' means"),
            (loss_twice, "the softmax is taken twice"),
            (loss_with_the_other_sign, "the sign is turned round"),
            (loss_in_bits, "this is in bits"),
            (loss_as_mean_probability, "this is the mean probability"),
            (loss_of_mean_probability, "the -ln of the mean probability"),
            (loss_naive, "overflows"),
            (loss_as_number, "where a torch tensor is expected"),
            (loss_detached, "where a torch tensor is expected"),
            (loss_without_gradient, "has lost its gradient"),
            (loss_made_anew, "has lost its gradient"),
            (loss_of_rounded, "rounds to 0"),
            (loss_of_probabilities, "`nll_loss` takes logarithms"),
            (loss_without_class_zero, "character 0 is a character"),
            (loss_by_texts, "not of texts"),
            (loss_along_places, "over the characters, the last axis"),
            (loss_of_the_first_text, ""),
        ),
        inputs=logits_and_targets,
    ),
    "training_step": Answers(
        right=(
            step,
            step_with_the_models_loss,
            step_clearing_the_model,
            step_clearing_at_zero,
            step_with_grad,
            step_clearing_each,
            step_that_clears_twice,
            step_as_tensor,
        ),
        wrong=(
            (step_without_clearing, "old gradients are added"),
            (step_without_a_step, "nothing moves"),
            (step_without_gradients, "nothing moves"),
            (step_before_the_gradients, "nothing moves"),
            (step_cleared_too_late, "nothing moves"),
            (step_cleared_at_the_end, "clear them first, not at the end"),
            (step_moved_twice, "moves the weights: once"),
            (step_up, "the weights move up the gradient"),
            (step_on_all_places, "places that are not scored move the weights too"),
            (step_with_the_loss_after, "from before the step"),
            (step_without_return, "return the loss, a number"),
            (step_twice, ""),
            (step_on_a_copy, "nothing moves"),
            (step_summed, ""),
        ),
        inputs=model_and_batch,
    ),
}
