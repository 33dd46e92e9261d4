"""Tests of `nlp4.exercises.given`: it goes where learners' code runs, and says there what it is."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import torch
from answers import cases

from nlp4.exercises import given
from nlp4.exercises.checks import EXERCISES, NOTEBOOKS


def test_every_task_can_be_sent_where_no_exercise_can_be_imported() -> None:
    """The way there is a pickle; its parts must be found without the modules of the exercises."""
    code = "import pickle, sys\n"
    for topics in NOTEBOOKS.values():
        code += "".join(f"sys.modules['nlp4.exercises.{topic}'] = None\n" for topic in topics)
    code += "for task in pickle.load(sys.stdin.buffer): print(task.name, len(task.cases))"
    tasks = [EXERCISES[name].task() for name in EXERCISES]
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, input=pickle.dumps(tasks), capture_output=True, check=False)
    lines = done.stdout.decode().splitlines()
    assert lines == [f"{task.name} {len(task.cases)}" for task in tasks]


def test_a_table_looks_at_the_last_two_characters() -> None:
    rows = torch.arange(27.0).reshape(3, 3, 3)
    ids = torch.tensor([[2, 0, 1]])
    found = given.Table(rows)(ids)
    assert torch.equal(found[0], torch.stack([rows[2, 2], rows[2, 0], rows[0, 1]]))
    assert torch.equal(ids, torch.tensor([[2, 0, 1]]))


def test_what_chooses_a_character() -> None:
    logits = torch.tensor([0.1, 0.5, 0.15, 0.25]).log()
    assert (given.best(logits), given.second(logits), given.middle(logits)) == (1, 3, 1)


def test_a_watched_step_starts_with_old_gradients() -> None:
    model, optimiser, ids, targets = cases("training_step")[0]
    seen = []

    def step(model, optimiser, ids, targets):
        seen.append(all(each.grad is not None for each in model.parameters()))
        return 0.0

    losses, weights = given.after_steps(step, model, optimiser, ids, targets)
    assert seen == [True] * 3 and losses == [0.0] * 3
    before = [each.detach().numpy() for each in model.parameters()]
    assert all(np.array_equal(a, b) for a, b in zip(weights, before, strict=True))
