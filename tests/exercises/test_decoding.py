"""The exercises on writing and learning: their references against torch's own and plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from nlp4.data.vocabulary import IGNORED
from nlp4.exercises.checks import EXERCISES
from nlp4.models import pieces
from nlp4.models.asking import LONGEST, greedy
from nlp4.training import shipped


def cases(name: str) -> list[tuple]:
    return list(EXERCISES[name].cases(np.random.default_rng(5)))


@pytest.mark.parametrize("case", cases("next_probabilities"))
def test_the_fewest_characters_with_top_p_are_kept(case: tuple) -> None:
    logits, temperature, top_p = case
    found = pieces.next_probabilities(*case).double().numpy()
    raised = [math.exp((z - max(logits.tolist())) / temperature) for z in logits.tolist()]
    whole = [value / math.fsum(raised) for value in raised]
    kept, sum_ = set(), 0.0
    for i in sorted(range(len(whole)), key=whole.__getitem__, reverse=True):
        if sum_ < top_p - 1e-7:
            kept.add(i)
            sum_ += whole[i]
    wanted = [value / sum_ if i in kept else 0 for i, value in enumerate(whole)]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_model_writes_greedily_what_the_package_writes() -> None:
    model, vocabulary = shipped.load("people_plain")
    question = "Where was Julian Noble born?"
    prompt = vocabulary.encode(question + "⁇")
    with torch.no_grad():
        ids = pieces.generate(model, prompt, lambda z: int(z.argmax()), 1, LONGEST)
    assert vocabulary.decode(ids) == greedy(model, vocabulary, [question])[0]
    assert len(pieces.generate(model, prompt, lambda z: 7, 1, 3)) == 3


@pytest.mark.parametrize("case", cases("scored_loss"))
def test_the_loss_is_a_mean_over_scored_places(case: tuple) -> None:
    logits, targets = case
    terms = []
    for row, wanted in zip(logits.double().tolist(), targets.tolist(), strict=True):
        for z, target in zip(row, wanted, strict=True):
            if target != IGNORED:
                top = max(z)
                terms.append(top + math.log(math.fsum(math.exp(x - top) for x in z)) - z[target])
    wanted_mean = math.fsum(terms) / len(terms)
    assert pieces.scored_loss(logits, targets).item() == pytest.approx(wanted_mean, rel=1e-5)


def test_the_loss_pulls_at_scored_places_alone() -> None:
    logits, targets = cases("scored_loss")[-1]
    pieces.scored_loss(logits, targets).backward()
    wanted = logits.detach().softmax(-1)  # p - 1 for the right character, p for the others
    wanted -= torch.nn.functional.one_hot(targets.clamp(min=0), 4)
    wanted[targets == IGNORED] = 0
    torch.testing.assert_close(logits.grad, wanted / (targets != IGNORED).sum())


def test_what_is_watched_of_a_step_tells_steps_apart() -> None:
    exercise = EXERCISES["training_step"]
    assert exercise.watched is not None
    for case in cases("training_step"):
        model, optimiser, ids, targets = case
        before = [parameter.detach().clone().numpy() for parameter in model.parameters()]
        losses, after = exercise.watched(pieces.training_step, model, optimiser, ids, targets)
        assert len(set(losses)) == 3 and losses[1] < losses[0]
        assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
