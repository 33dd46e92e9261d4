"""Which training names are nearest to a name: by its letters, and by what the model makes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch

from nlp4.corpus import FORM
from nlp4.model import GPT
from nlp4.names import edit_distances, first_name, surname
from nlp4.vocabulary import MASK, Vocabulary

WHOLE, FIRST, LAST = "whole name", "first name", "surname"
AT_NAME, AT_END = "state at the name's last letter", "state at the question's end"
MEASURES = (WHOLE, FIRST, LAST, AT_NAME, AT_END)


def nearest(
    model: GPT, vocabulary: Vocabulary, names: Sequence[str], train: Sequence[str]
) -> dict[str, np.ndarray]:
    """For each measure, whom of `train` each name is nearest to: weights `(names, train)`.

    Each row sums to 1; those who are equally near share it. Three measures are edit distances,
    of the whole name or of one part; two are cosines of the model's states (see `states`).
    Raises UserError for a character that the vocabulary lacks.
    """
    found = {WHOLE: _shared(-edit_distances(names, train))}
    for measure, part in ((FIRST, first_name), (LAST, surname)):
        distances = edit_distances([part(name) for name in names], [part(name) for name in train])
        found[measure] = _shared(-distances)
    ours, theirs = states(model, vocabulary, names), states(model, vocabulary, train)
    for measure in (AT_NAME, AT_END):
        found[measure] = _shared(_cosines(ours[measure], theirs[measure]))
    return found


@torch.no_grad()
def states(
    model: GPT, vocabulary: Vocabulary, names: Sequence[str], *, batch: int = 128
) -> dict[str, np.ndarray]:
    """The last layer's states `(names, width)` at two places of each name's question.

    At the name's last letter, and at the closing mask, from which the answer's first letter is
    read. People of one guess are near in the second almost by construction.
    """
    start = FORM.index("X")
    by_length: dict[int, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        by_length[len(name)].append(i)
    found = {m: np.zeros((len(names), model.config.width)) for m in (AT_NAME, AT_END)}
    was_training = model.training
    model.eval()
    for length, members in by_length.items():
        for first in range(0, len(members), batch):
            chosen = members[first : first + batch]
            asked = [vocabulary.encode(FORM.replace("X", names[i]) + MASK) for i in chosen]
            hidden = model.hidden(torch.tensor(asked, device=next(model.parameters()).device))
            found[AT_NAME][chosen] = hidden[:, start + length - 1].double().cpu().numpy()
            found[AT_END][chosen] = hidden[:, -1].double().cpu().numpy()
    model.train(was_training)
    return found


def _cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Between each pair, once the training people's mean is taken off.

    All states share a large part, and would all look alike with it (Ethayarajh 2019).
    """
    mean = theirs.mean(axis=0)
    first, second = (
        (x - mean) / np.maximum(np.linalg.norm(x - mean, axis=1, keepdims=True), 1e-12)
        for x in (ours, theirs)
    )
    return first @ second.T


def _shared(nearness: np.ndarray) -> np.ndarray:
    best = nearness == nearness.max(axis=1, keepdims=True)
    return best / best.sum(axis=1, keepdims=True)
