"""Asking a trained model: its answers, how sure it is of them, and where it looks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from nlp4.data.vocabulary import MASK, PAD, Vocabulary
from nlp4.models import bigbird
from nlp4.models.attention import dense_reference
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError, quoted

LONGEST = 40  # characters in an answer; the course's longest place has 31


@dataclass(frozen=True)
class Answer:
    """A place, and the probability of exactly that text, closing mask included."""

    place: str
    probability: float


@contextmanager
def asking(model: nn.Module) -> Iterator[None]:
    """No gradients and no dropout inside; the model's mode is as before afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def greedy(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    *,
    batch: int = 128,
    on_batch: Callable[[int], None] = lambda done: None,
) -> list[str]:
    """Answer each question by its most likely next character, again and again (exercise 3d).

    Questions of one length are decoded together, so that no row needs padding. `on_batch` is
    told how many questions each batch answered.
    Raises UserError for a question that `mistake` finds one in: empty, too long, in characters
    that the vocabulary lacks.
    """
    prompts = [_prompt(model, vocabulary, question) for question in questions]
    by_length: dict[int, list[int]] = defaultdict(list)
    for i, prompt in enumerate(prompts):
        by_length[len(prompt)].append(i)
    answers = [""] * len(prompts)
    for members in by_length.values():
        for first in range(0, len(members), batch):
            chosen = members[first : first + batch]
            with asking(model):
                decoded = _continue(model, torch.tensor([prompts[i] for i in chosen]))
            for i, ids in zip(chosen, decoded.tolist(), strict=True):
                answers[i] = vocabulary.decode(ids).partition(MASK)[0]
            on_batch(len(chosen))
    return answers


def mistake(model: GPT, vocabulary: Vocabulary, question: str) -> str:
    """Why a question cannot be asked and how to mend it, in one line; nothing if it can."""
    if symbol := next((each for each in (PAD, MASK) if each in question), ""):
        return f"{quoted(question)} holds {symbol!r}, a sign of the model's own: leave it out"
    return _unreadable(model, vocabulary, question)


def _unreadable(model: GPT, vocabulary: Vocabulary, question: str) -> str:
    """The same of a prompt, which may be a cloze and hold a mask of its own."""
    if not question.strip():
        return "the question is empty: write one, such as 'Where was X born?'"
    if len(question) + 2 > model.config.block:  # a mask that asks, and a character of answer
        return (
            f"a question of {len(question):,} characters leaves no room for an answer in the "
            f"model's {model.config.block}: ask a shorter one"
        )
    try:
        vocabulary.encode(question)
    except UserError as error:
        return str(error)
    return ""


def _prompt(model: GPT, vocabulary: Vocabulary, question: str) -> list[int]:
    if wrong := _unreadable(model, vocabulary, question):
        raise UserError(wrong)
    return vocabulary.encode(question + MASK)


def _continue(model: GPT, ids: Tensor) -> Tensor:
    """Characters `(B, m)` after prompts `(B, n)`; rows that have closed their answer wait."""
    device, start = next(model.parameters()).device, ids.shape[1]
    ids = ids.to(device)
    size = len(ids), min(LONGEST, model.config.block - start)
    given = torch.full(size, _MASK_ID, device=device)
    going = torch.arange(len(ids), device=device)  # numbers of the rows that are still open
    named = _named(model, ids)
    for step in range(size[1]):
        following = model.head(_last_state(model, ids, named)).argmax(-1)  # (open,)
        given[going, step] = following
        still = following != _MASK_ID
        going, ids = going[still], torch.cat((ids, following[:, None]), dim=1)[still]
        named = _longer(named, still)
        if not len(going):
            break
    return given


def _last_state(model: GPT, ids: Tensor, named: Tensor | None) -> Tensor:
    """The last position's state `(B, width)`; nothing else need leave the last layer."""
    if not model.selective:
        return model.hidden(ids, named=named)[:, -1]
    last = torch.full((len(ids), 1), ids.shape[1] - 1, device=ids.device)
    return model.hidden(ids, last, named)[:, 0]


def _named(model: GPT, prompts: Tensor) -> Tensor | None:
    """Whom each place of prompts `(B, n)` is about, where the model has rows of people."""
    return None if model.recall is None else model.recall.named(prompts)


def _longer(named: Tensor | None, chosen: Tensor, by: int = 1) -> Tensor | None:
    """The chosen rows, `by` places longer: an answer is about whom the question is about."""
    if named is None:
        return None
    return torch.cat((named, named[:, -1:].expand(-1, by)), dim=1)[chosen]


_MASK_ID = 1  # MASK is the second symbol of every vocabulary


@contextmanager
def memory_off(model: GPT) -> Iterator[None]:
    """Inside, the memory adds nothing and nobody is recalled, as if all those rows were zero."""
    hooks = []
    if model.memory is not None:
        hooks.append(
            model.memory.register_forward_hook(lambda _, given, read: torch.zeros_like(read))
        )
    if model.recall is not None:
        hooks.append(model.recall.register_forward_hook(lambda _, given, read: given[0]))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def best_answers(
    model: GPT,
    vocabulary: Vocabulary,
    question: str,
    *,
    number: int = 5,
    beams: int = 16,
    temperature: float = 1.0,
) -> list[Answer]:
    """The `number` most probable answers that a beam search of width `beams` finds, best first.

    Each probability is that of the whole answer, the product over its characters; the sum over
    all answers is one, so what is missing is spread over answers not shown. The logits of each
    character are divided by `temperature` first. A single beam is greedy. The list is empty if no
    beam has closed its answer after `LONGEST` characters. Raises UserError as `greedy` does.
    """
    with asking(model):
        return _beam_search(model, vocabulary, question, number, beams, temperature)


def _beam_search(
    model: GPT, vocabulary: Vocabulary, question: str, number: int, beams: int, temperature: float
) -> list[Answer]:
    device = next(model.parameters()).device
    prompt = _prompt(model, vocabulary, question)
    open_ids = torch.tensor([prompt], device=device)  # (beams, n)
    named = _named(model, open_ids)
    scores = torch.zeros(1, device=device)  # log-probabilities, (beams,)
    found: list[Answer] = []
    for _ in range(min(LONGEST, model.config.block - len(prompt))):
        logits = model.head(_last_state(model, open_ids, named)) / temperature  # (beams, V)
        totals = (scores[:, None] + logits.log_softmax(-1)).flatten()  # (beams * V,)
        top, flat = totals.topk(min(beams, len(totals)))
        parents, characters = flat // logits.shape[1], flat % logits.shape[1]
        ends = characters == _MASK_ID
        for parent, score in zip(parents[ends].tolist(), top[ends].tolist(), strict=True):
            place = vocabulary.decode(open_ids[parent, len(prompt) :].tolist())
            found.append(Answer(place, math.exp(score)))
        found = sorted(found, key=lambda answer: -answer.probability)[:number]
        going = ~ends
        if len(found) == number:  # an unfinished answer that is below the last one stays below
            going &= top.double().exp() > found[-1].probability
        if not going.any():
            break
        open_ids = torch.cat((open_ids[parents[going]], characters[going][:, None]), dim=1)
        named, scores = _longer(named, parents[going]), top[going]
    return found


@dataclass(frozen=True)
class ScoredAnswer:
    """An answer, its probability, and that of its least sure character, both at most 1."""

    place: str
    probability: float  # of exactly this text, closing mask included
    least: float


def answers_with_probability(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    *,
    batch: int = 128,
    on_batch: Callable[[int], None] = lambda done: None,
) -> list[ScoredAnswer]:
    """Answer greedily, and say how probable each answer was.

    Raises UserError as `nlp4.models.asking.greedy` does, and tells `on_batch` as it does.
    """
    answers = greedy(model, vocabulary, questions, batch=batch, on_batch=on_batch)
    return probabilities_of(model, vocabulary, questions, answers, batch=batch)


def probabilities_of(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    answers: Sequence[str],
    *,
    batch: int = 128,
) -> list[ScoredAnswer]:
    """The probability that the model gives to each of these answers, the true places for instance.

    The whole answer is handed in, and each of its characters and the closing mask is scored
    where the model has read all before it: one pass. Raises UserError for a character that the
    vocabulary lacks, or a question and answer too long together; ValueError for lists of two
    lengths.
    """
    found: dict[int, ScoredAnswer] = {}
    for chosen, asked, given in _together(vocabulary, questions, answers, batch):
        logs = _after(model, asked, given).double().log_softmax(-1)  # (B, m, V)
        logs = logs.gather(2, given[..., None].to(logs.device))[..., 0]
        for i, whole, least in zip(
            chosen, logs.sum(1).exp().tolist(), logs.amin(1).exp().tolist(), strict=True
        ):
            found[i] = ScoredAnswer(answers[i], whole, least)
    return [found[i] for i in range(len(questions))]


def says(
    model: GPT,
    vocabulary: Vocabulary,
    questions: Sequence[str],
    answers: Sequence[str],
    *,
    batch: int = 128,
) -> list[bool]:
    """Whether `greedy` would give exactly each of these answers, shorter than `LONGEST`.

    It would if each character, the closing mask included, is the most likely one after the question
    and the characters before it: one pass, where `greedy` takes one for each character. Raises as
    `probabilities_of` does.
    """
    found: dict[int, bool] = {}
    for chosen, asked, given in _together(vocabulary, questions, answers, batch):
        likeliest = _after(model, asked, given).argmax(-1).cpu()
        found |= zip(chosen, (likeliest == given).all(1).tolist(), strict=True)
    return [found[i] for i in range(len(questions))]


def _together(
    vocabulary: Vocabulary, questions: Sequence[str], answers: Sequence[str], batch: int
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Pairs of one shape: their numbers, and the ids of questions `(B, n)` and answers `(B, m)`."""
    rows = [
        (vocabulary.encode(question + MASK), vocabulary.encode(answer + MASK))
        for question, answer in zip(questions, answers, strict=True)
    ]
    by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (asked, given) in enumerate(rows):
        by_shape[len(asked), len(given)].append(i)
    for members in by_shape.values():
        for first in range(0, len(members), batch):
            chosen = members[first : first + batch]
            asked_ids, given_ids = (torch.tensor([rows[i][k] for i in chosen]) for k in (0, 1))
            yield chosen, asked_ids, given_ids


def _after(model: GPT, asked: Tensor, given: Tensor) -> Tensor:
    """Logits `(B, m, V)` for each character of `given` `(B, m)` after `asked` `(B, n)`."""
    ids = torch.cat((asked, given), dim=1).to(next(model.parameters()).device)
    every = torch.arange(len(ids))
    with asking(model):
        named = _longer(_named(model, asked), every, given.shape[1] - 1)
        states = model.hidden(ids[:, :-1], named=named)[:, asked.shape[1] - 1 :]  # (B, m, width)
        return model.head(states)


@torch.no_grad()
def attention_weights(model: GPT, ids: Tensor) -> list[Tensor]:
    """The weights `(H, n, n)` of each layer for one sequence of ids `(n,)`.

    Row i says how much of each character j <= i reaches position i. The weights come from
    `dense_reference`, since the fast path never holds them.
    """
    found, pattern = [], model.config.attention
    look = dense_reference if pattern is None else partial(bigbird.dense_reference, pattern=pattern)
    _, turns = model.embed(ids[None])
    for block, x in zip(model.layers, model.stream(ids[None]), strict=False):  # all but the end
        q, k, v = block.attention.queries_keys_values(block.norm_1(x), turns)
        found.append(look(q, k, v, causal=True)[1][0])
    return found


@dataclass(frozen=True)
class Gaze:
    """For each character of an answer, how much each head looked at each character before it."""

    prompt: str
    answer: str
    weights: tuple[Tensor, ...]  # a layer: (heads, len(answer), len(prompt) + len(answer))

    def strongest(self, layer: int, head: int, place: int) -> str:
        """The character that answer character `place` was read from most, with its weight."""
        row = self.weights[layer][head, place]
        best = int(row.argmax())
        return f"{(self.prompt + self.answer)[best]!r} ({float(row[best]):.0%})"


def gaze(model: GPT, vocabulary: Vocabulary, question: str) -> Gaze:
    """Answer a question greedily, and keep where every head looked for each character of it."""
    prompt = question + MASK
    answer = greedy(model, vocabulary, [question])[0] + MASK
    ids = torch.tensor(vocabulary.encode(prompt + answer)[:-1])
    rows = slice(len(prompt) - 1, None)  # the position that predicts a character stands before it
    weights = tuple(layer[:, rows, :] for layer in attention_weights(model, ids))
    return Gaze(prompt, answer, weights)
