"""Asking a model: greedy against a naive loop, beam search against every answer there is."""

from __future__ import annotations

import copy
import itertools
import math

import pytest
import torch
from samples import random_gpt
from sharp import QUESTIONS, SEEDS, VOCABULARY, sharp_model

from nlp4.data.vocabulary import MASK, PAD, Vocabulary
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import asking as decoding
from nlp4.models.asking import (
    Answer,
    asking,
    attention_weights,
    best_answers,
    greedy,
    memory_off,
    mistake,
    probabilities_of,
    says,
)
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError


def naive(model: GPT, question: str, longest: int) -> str:
    """One question, one character at a time, from the model's logits alone."""
    text = question + MASK
    for _ in range(longest):
        logits = model(torch.tensor([VOCABULARY.encode(text)]))[0, -1].tolist()
        text += VOCABULARY.characters[logits.index(max(logits))]
        if text.endswith(MASK):
            break
    return text.removeprefix(question + MASK).removesuffix(MASK)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("batch", [1, 2, 128])
def test_greedy_equals_a_naive_loop(seed: int, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 7)
    model = sharp_model(seed)
    expected = [naive(model, question, 7) for question in QUESTIONS]
    assert greedy(model, VOCABULARY, QUESTIONS, batch=batch) == expected


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("batch", [1, 3, 128])
def test_a_model_says_what_greedy_decoding_ends_with_and_nothing_else(
    seed: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 7)
    model = sharp_model(seed)
    places = ["", "a", "b", "ab", "ba", "aab", "abab"]
    pairs = [(question, place) for question in QUESTIONS for place in places]
    pairs += zip(QUESTIONS, greedy(model, VOCABULARY, QUESTIONS), strict=True)
    pairs = [(question, place) for question, place in pairs if len(place) < 7]
    found = says(model, VOCABULARY, *zip(*pairs, strict=True), batch=batch)
    assert found == [naive(model, question, 8) == place for question, place in pairs]
    assert True in found and False in found


def test_the_models_above_close_some_answers_and_not_others() -> None:
    lengths = {
        len(answer) for seed in SEEDS for answer in greedy(sharp_model(seed), VOCABULARY, QUESTIONS)
    }
    assert 0 in lengths
    assert lengths & set(range(1, 7))
    assert max(lengths) >= 7


def test_an_answer_ends_where_the_block_does() -> None:
    model = sharp_model(0, block=8)
    answers = greedy(model, VOCABULARY, ["aaa?", "a?"])
    assert len(answers[0]) <= 8 - 5
    assert len(answers[1]) <= 8 - 3


def test_answers_do_not_depend_on_the_other_questions() -> None:
    model = sharp_model(1)
    together = greedy(model, VOCABULARY, QUESTIONS)
    assert greedy(model, VOCABULARY, QUESTIONS[::-1]) == together[::-1]
    assert [greedy(model, VOCABULARY, [q])[0] for q in QUESTIONS] == together
    assert greedy(model, VOCABULARY, []) == []


@pytest.mark.parametrize("batch", [1, 3, 128])
def test_progress_adds_up(batch: int) -> None:
    done: list[int] = []
    greedy(sharp_model(0), VOCABULARY, QUESTIONS, batch=batch, on_batch=done.append)
    assert sum(done) == len(QUESTIONS)
    assert max(done) <= batch


def exhaustive(
    model: GPT, question: str, longest: int, temperature: float = 1.0
) -> dict[str, float]:
    """The probability of every answer of fewer than `longest` characters, one by one."""
    found = {}
    others = [c for c in VOCABULARY.characters if c != MASK]
    for size in range(longest):
        for characters in itertools.product(others, repeat=size):
            answer = "".join(characters)
            ids = VOCABULARY.encode(f"{question}{MASK}{answer}{MASK}")
            logits = model(torch.tensor([ids]))[0].tolist()[len(question) : -1]
            rows = [[each / temperature for each in row] for row in logits]
            logs = [
                row[following] - math.log(math.fsum(map(math.exp, row)))
                for row, following in zip(rows, ids[len(question) + 1 :], strict=True)
            ]
            found[answer] = math.exp(math.fsum(logs))
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", [1, 5, 30])
def test_a_wide_beam_finds_the_best_answers_of_all(
    seed: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 3)
    model = sharp_model(seed)
    every = exhaustive(model, "ab?", 3)
    assert len(every) == 1 + 4 + 16
    expected = sorted(every.items(), key=lambda item: -item[1])[:number]
    found = best_answers(model, VOCABULARY, "ab?", number=number, beams=200)
    assert [answer.place for answer in found] == [place for place, _ in expected]
    assert [a.probability for a in found] == pytest.approx([p for _, p in expected], rel=1e-5)
    assert math.fsum(a.probability for a in found) <= 1 + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_a_temperature_divides_the_logits_of_every_character(
    seed: int, temperature: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 3)
    model = sharp_model(seed)
    every = exhaustive(model, "ab?", 3, temperature)
    expected = sorted(every.items(), key=lambda item: -item[1])[:6]
    found = best_answers(model, VOCABULARY, "ab?", number=6, beams=200, temperature=temperature)
    assert [answer.place for answer in found] == [place for place, _ in expected]
    assert [a.probability for a in found] == pytest.approx([p for _, p in expected], rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_at_temperature_1_the_probabilities_are_the_models(seed: int) -> None:
    model = sharp_model(seed)
    found = best_answers(model, VOCABULARY, "ba?", temperature=1.0)
    assert found == best_answers(model, VOCABULARY, "ba?")
    places = [answer.place for answer in found]
    told = probabilities_of(model, VOCABULARY, ["ba?"] * len(places), places)
    assert [a.probability for a in found] == pytest.approx([t.probability for t in told], rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_one_beam_is_greedy(seed: int, temperature: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 7)
    model = sharp_model(seed)
    for question, answer in zip(QUESTIONS, greedy(model, VOCABULARY, QUESTIONS), strict=True):
        found = best_answers(model, VOCABULARY, question, beams=1, temperature=temperature)
        # Seven characters and no mask: the answer has not come to an end.
        assert [each.place for each in found] == ([answer] if len(answer) < 7 else [])


def test_a_memory_that_is_off_is_a_table_of_zeros(model: tuple[GPT, Vocabulary]) -> None:
    made, vocabulary = copy.deepcopy(model[0]).eval(), model[1]
    empty = copy.deepcopy(made)
    assert made.memory is not None and empty.memory is not None
    torch.nn.init.zeros_(empty.memory.table.weight)
    question = "Where was Ada Quill born?"
    ids = torch.tensor([vocabulary.encode(question + MASK)])
    before = made(ids)
    with memory_off(made):
        assert torch.equal(made(ids), empty(ids))
        assert best_answers(made, vocabulary, question) == best_answers(empty, vocabulary, question)
    assert torch.equal(made(ids), before) and not torch.equal(before, empty(ids))
    with pytest.raises(KeyboardInterrupt), memory_off(made):
        raise KeyboardInterrupt
    assert torch.equal(made(ids), before)


def test_a_model_without_a_memory_has_none_to_switch_off() -> None:
    model = sharp_model(1)
    with memory_off(model):
        off = best_answers(model, VOCABULARY, "a?")
    assert off == best_answers(model, VOCABULARY, "a?")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("beams", [1, 2, 4])
def test_a_narrow_beam_is_right_about_what_it_finds(
    seed: int, beams: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 4)
    model = sharp_model(seed)
    every = exhaustive(model, "ba?", 4)
    found = best_answers(model, VOCABULARY, "ba?", number=5, beams=beams)
    assert len({answer.place for answer in found}) == len(found) <= 5
    for answer in found:
        assert answer.probability == pytest.approx(every[answer.place], rel=1e-5)
    assert found == sorted(found, key=lambda answer: -answer.probability)


def test_probabilities_of_long_answers_sum_to_at_most_one() -> None:
    for seed in SEEDS:
        found = best_answers(sharp_model(seed), VOCABULARY, "a?", number=20, beams=32)
        assert 0 < math.fsum(answer.probability for answer in found) <= 1 + 1e-6


class Fixed(torch.nn.Module):
    """A stand-in for a model: logits that depend on the last character alone."""

    selective, recall = True, None

    def __init__(self, following: dict[str, dict[str, float]]) -> None:
        super().__init__()
        self.config = ModelConfig(len(VOCABULARY))
        table = torch.full((len(VOCABULARY), len(VOCABULARY)), -30.0)
        for character, shares in following.items():
            for successor, share in shares.items():
                row, column = VOCABULARY.encode(character + successor)
                table[row, column] = math.log(share)
        self.table = torch.nn.Parameter(table)
        self.head = torch.nn.Identity()

    def hidden(
        self, ids: torch.Tensor, positions: torch.Tensor | None = None, named: None = None
    ) -> torch.Tensor:
        return self.table[ids if positions is None else ids.gather(1, positions)]


def test_the_best_answer_need_not_be_the_greedy_one() -> None:
    # "a" looks better at first (0.6), but its ends share that; "b" closes for certain.
    model = Fixed(
        {
            MASK: {"a": 0.6, "b": 0.4},
            "a": {MASK: 0.5, PAD: 0.25, "?": 0.25},
            "b": {MASK: 1.0},
            PAD: {MASK: 1.0},
            "?": {MASK: 1.0},
        }
    )
    assert greedy(model, VOCABULARY, ["?"]) == ["a"]  # type: ignore[arg-type]
    found = best_answers(model, VOCABULARY, "?", number=4)  # type: ignore[arg-type]
    assert [answer.place for answer in found[:2]] == ["b", "a"]
    assert {answer.place for answer in found[2:]} == {f"a{PAD}", "a?"}
    assert [a.probability for a in found] == pytest.approx([0.4, 0.3, 0.15, 0.15], abs=1e-5)
    assert best_answers(model, VOCABULARY, "?", number=1) == [  # type: ignore[arg-type]
        Answer("b", pytest.approx(0.4, abs=1e-5))
    ]


@pytest.mark.parametrize("ask", [lambda m, q: greedy(m, VOCABULARY, [q]), best_answers])
def test_an_unknown_character_is_named(ask) -> None:
    arguments = (
        (sharp_model(0), VOCABULARY, "x?") if ask is best_answers else (sharp_model(0), "x?")
    )
    with pytest.raises(UserError, match="never seen the character 'x'"):
        ask(*arguments)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("ab?", ""),
        ("a" * 22, ""),  # a mask that asks, and one character of answer
        ("a" * 23, "a question of 23 characters leaves no room for an answer in the model's 24"),
        ("x" * 10_000, "a question of 10,000 characters leaves no room"),
        ("", "the question is empty: write one"),
        (" ", "the question is empty"),
        (f"a{MASK}b", f"'a{MASK}b' holds '{MASK}', a sign of the model's own: leave it out"),
        (PAD, f"holds '{PAD}'"),
        ("где?", "'где?': the model has never seen the character 'г' (CYRILLIC SMALL LETTER GHE)"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_short_line(question: str, told: str) -> None:
    model = sharp_model(0, block=24)
    wrong = mistake(model, VOCABULARY, question)
    assert told in wrong and bool(told) == bool(wrong)
    assert "\n" not in wrong and len(wrong) < 200
    if not wrong or "a sign of the model's own" in wrong:  # which a cloze may hold
        assert isinstance(greedy(model, VOCABULARY, [question])[0], str)
        return
    with pytest.raises(UserError) as caught:
        greedy(model, VOCABULARY, [question])
    assert str(caught.value) == wrong
    with pytest.raises(UserError) as caught:
        best_answers(model, VOCABULARY, question)
    assert str(caught.value) == wrong


def test_asking_leaves_no_gradients() -> None:
    model = sharp_model(0)
    greedy(model, VOCABULARY, QUESTIONS)
    best_answers(model, VOCABULARY, "a?")
    assert all(p.grad is None for p in model.parameters())


def test_asking_in_the_middle_of_a_training_neither_drops_out_nor_ends_it() -> None:
    config = ModelConfig(len(VOCABULARY), block=24, layers=1, heads=1, width=8, dropout=0.9)
    model = GPT(config, torch.Generator().manual_seed(0))
    calm = (greedy(model.eval(), VOCABULARY, ["ab"]), best_answers(model, VOCABULARY, "ab"))
    model.train()
    assert (greedy(model, VOCABULARY, ["ab"]), best_answers(model, VOCABULARY, "ab")) == calm
    assert model.training


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_as_before_whatever_happens_while_asking(training: bool) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout(0.5)).train(training)
    with pytest.raises(KeyboardInterrupt), asking(model):
        assert not model.training and not model[1].training
        assert not model(torch.ones(1, 2)).requires_grad
        raise KeyboardInterrupt
    assert model.training == model[1].training == training
    assert model(torch.ones(1, 2)).requires_grad


def test_a_pattern_hides_in_the_weights_what_it_hides_from_the_model() -> None:
    pattern = BlockPattern(2, window=1, global_=1, random=0)
    config = ModelConfig(len(VOCABULARY), 24, 2, 2, 16, dropout=0.0, attention=pattern)
    ids = torch.tensor(VOCABULARY.encode("ab?ab?aab"))
    for layer in attention_weights(random_gpt(config), ids):
        seen = torch.from_numpy(pattern.mask(9, causal=True))
        assert torch.equal(layer > 0, seen.expand(2, 9, 9))
        assert torch.allclose(layer.sum(-1), torch.ones(2, 9))


@pytest.mark.parametrize(
    "ask", [lambda m, q: greedy(m, VOCABULARY, [q]), lambda m, q: best_answers(m, VOCABULARY, q)]
)
def test_a_question_that_leaves_no_room_is_refused(ask) -> None:
    model = sharp_model(0, block=8)
    assert ask(model, "a" * 6) is not None
    with pytest.raises(UserError, match="ask a shorter one"):
        ask(model, "a" * 7)
