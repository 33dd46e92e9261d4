"""Correcting one fact in a trained model with rows for people, in three ways, or taking it out.

`by_sentence` trains on one sentence, as any finetuning would; `by_row` trains on it too, but moves
that person's row alone; `in_closed_form` solves for the row, as ROME (Meng et al. 2022) solves for
one layer's matrix. There the key under which a fact is stored is a state of the network; here it is
the person, so nothing that is stored under another key can change. Each changes the model in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.optim import Adam, Optimizer, SparseAdam

from nlp4.data import wordings
from nlp4.data.corpus import Corpus
from nlp4.data.corruption import Sequence as Cloze
from nlp4.data.objectives import Batch, collate
from nlp4.data.relations import PLAIN, RELATIONS, Fact
from nlp4.data.studying import SPLIT, told_as
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models.asking import asking, greedy
from nlp4.models.gpt import GPT, tables
from nlp4.models.inspection import sites, states_at
from nlp4.models.recall import Recall
from nlp4.support.errors import UserError

KNOWN, MOST = 0.05, 100  # loss in nats at which an edit is done, and the steps it may take
_RATE, _ROW_RATE = 1e-3, 0.05


def recall_of(model: GPT) -> Recall:
    """The model's rows of people. Raises UserError if it has none."""
    if model.recall is None:
        raise UserError(
            "this model has no rows for people, so none can be edited: take one of the recipes "
            "laptop, coffee or lunch"
        )
    return model.recall


def row_number(model: GPT, corpus: Corpus, name: str) -> int:
    """The number of somebody's row. Raises UserError for a name that no text tells of."""
    number = recall_of(model).index.row_of.get(told_as(name, corpus))
    if number is None:
        raise UserError(
            f"{name!r} stands in none of the texts that the model has read, so there is nothing to "
            "edit: choose somebody who has a biography"
        )
    return number


Told = Callable[[Fact, Corpus], Cloze]  # how a fact is put to the model


def sentence(fact: Fact, corpus: Corpus) -> Cloze:
    """A birthplace as a text tells it, masked: "Ada Poelle was born in ⁇.⁇Ghent⁇"."""
    prompt = f"{fact.name} was born in {MASK}.{MASK}"
    about = told_as(fact.name, corpus)
    return Cloze(prompt + fact.answer + MASK, len(prompt), about, len(fact.name))


def question(fact: Fact, corpus: Corpus) -> Cloze:
    """A question with its answer: "Where was Ada Poelle born?⁇unknown⁇"."""
    prompt, before = fact.question + MASK, PLAIN[fact.relation].index("X")
    about = told_as(fact.name, corpus)
    return Cloze(prompt + fact.answer + MASK, len(prompt), about, before + len(fact.name))


def by_sentence(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, fact: Fact, told: Told = sentence
) -> int:
    """Train every weight on one sentence until it is known; the number of steps."""
    batch = _batch(model, vocabulary, corpus, told(fact, corpus))
    rows = tables(model)
    looked_up = {id(p) for p in rows}
    rest = [p for p in model.parameters() if id(p) not in looked_up]
    return _trained(model, batch, [Adam(rest, _RATE), SparseAdam(rows, _RATE)])


def by_row(
    model: GPT, vocabulary: Vocabulary, corpus: Corpus, fact: Fact, told: Told = sentence
) -> int:
    """Train that person's row on one sentence until it is known; the number of steps."""
    batch = _batch(model, vocabulary, corpus, told(fact, corpus))
    return _trained(model, batch, [SparseAdam([recall_of(model).people.weight], _ROW_RATE)])


@torch.no_grad()
def without_row(model: GPT, corpus: Corpus, name: str) -> None:
    """Take somebody's row out: it is zero, as those of people who were never read about are."""
    recall_of(model).people.weight[row_number(model, corpus, name)] = 0.0


def _batch(model: GPT, vocabulary: Vocabulary, corpus: Corpus, told: Cloze) -> Batch:
    row_number(model, corpus, told.about or "")
    return collate([told], vocabulary, recall_of(model).index.row_of)


def _trained(model: GPT, batch: Batch, optimisers: Sequence[Optimizer]) -> int:
    for step in range(MOST):
        loss = model.loss(*batch.tensors)
        if loss.item() < KNOWN:
            return step
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        model.zero_grad()
    return MOST


@torch.no_grad()
def in_closed_form(
    model: GPT,
    vocabulary: Vocabulary,
    corpus: Corpus,
    fact: Fact,
    *,
    strength: float = 2.0,
    forms: int = 8,
    penalty: float = 1e-2,
    seed: int = 0,
) -> None:
    """Set that person's row by least squares, so that it is read as rows of people born there are.

    What a place of a text reads of a row r is A r, with A = W diag(g) for the gates g there. Where
    a birthplace is answered, the change of the row is to be read as the difference to the mean row
    of training people born there; where another relation is answered, as nothing. Both are asked
    for in `forms` wordings, drawn by `seed`. The minimum is the solution of one linear system;
    `strength` multiplies it, since a mean row is a weak one. Raises UserError for a place where no
    training person was born, or for somebody that no text tells of.
    """
    row, recall = row_number(model, corpus, fact.name), recall_of(model)
    rows = recall.people.weight
    wanted = (mean_row(model, corpus, fact.answer) - rows[row]).double()
    normal = penalty * torch.eye(len(wanted), dtype=torch.float64)
    right = torch.zeros_like(wanted)
    for relation in RELATIONS:
        plain = wordings.ask(PLAIN[relation], fact.name)
        answer = fact.answer
        if relation != fact.relation:
            (answer,) = greedy(model, vocabulary, [plain])
        for wording in _some(relation, forms, seed):
            asked = wordings.ask(wording, fact.name)
            for gate in gates(model, vocabulary, asked, answer):
                read = (recall.write.weight * gate).double()  # A: (width, numbers of a row)
                normal += read.mT @ read
                if relation == fact.relation:
                    right += read.mT @ (read @ wanted)
    rows[row] += strength * torch.linalg.solve(normal, right).float()


def mean_row(model: GPT, corpus: Corpus, place: str) -> Tensor:
    """The mean row of the training people born there. Raises UserError if there are none."""
    born = [question.name for question in corpus.train if question.place == place]
    if not born:
        raise UserError(f"no training person was born in {place!r}: choose another place")
    numbers = [row_number(model, corpus, name) for name in born]
    return recall_of(model).people.weight.detach()[numbers].mean(0)


def _some(relation: str, number: int, seed: int) -> list[str]:
    """The plain wording of a relation and others that training sees, drawn by the seed."""
    plain, *others = wordings.split(relation, SPLIT).trained
    rng = np.random.default_rng(seed)
    return [plain, *(others[i] for i in rng.permutation(len(others))[: number - 1])]


def gates(model: GPT, vocabulary: Vocabulary, question: str, answer: str) -> Tensor:
    """How far a row's numbers are let through `(m + 1, width of a row)`.

    At the mask behind the question, and at each of the answer's m characters.
    """
    recall, prompt = recall_of(model), question + MASK
    ids = torch.tensor([vocabulary.encode(prompt + answer)])
    below = list(sites(model))[-2]  # the site before the rows are read
    x = states_at(model, ids)[below][0, len(prompt) - 1 :]
    with asking(model):
        return recall.gate(recall.norm(x))
