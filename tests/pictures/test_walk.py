"""The walk through a model: the model's own numbers at every depth, and a picture of each place."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from explorers import at_the_ends, fits_a_phone

from nlp4.data.vocabulary import MASK
from nlp4.models import asking, pieces
from nlp4.pictures.explorer import Explorer
from nlp4.pictures.walk import WalkScene, depths_of, walk_explorer
from nlp4.support.errors import UserError
from nlp4.training import shipped

QUESTION = "Where was Julian Noble born?"


@pytest.fixture(scope="module")
def explorer() -> Explorer[Any]:
    return walk_explorer(*shipped.load("people_plain"), QUESTION)


def test_the_last_depth_is_what_the_model_says_and_the_weights_are_its_own() -> None:
    model, vocabulary = shipped.load("people_plain")
    found = pieces.walk(model, vocabulary, QUESTION)
    answer = asking.greedy(model, vocabulary, [QUESTION])[0]
    assert found.text == QUESTION + MASK + answer and found.text[found.asked :] == answer
    ids = torch.tensor(vocabulary.encode(found.text))
    with torch.no_grad():
        torch.testing.assert_close(found.following[-1], model(ids[None])[0].softmax(-1))
        x, turns = model.embed(ids[None])
        torch.testing.assert_close(found.streams[0], x[0])
        for layer, after in zip(model.layers, (2, 4), strict=True):
            x = layer(x, turns)
            torch.testing.assert_close(found.streams[after], x[0])
    torch.testing.assert_close(found.weights, torch.stack(asking.attention_weights(model, ids)))


def test_each_step_adds_to_the_stream() -> None:
    model, vocabulary = shipped.load("people_plain")
    found = pieces.walk(model, vocabulary, QUESTION)
    depths = depths_of(2)
    assert len(depths) == len(found.streams) == 5
    scenes = [WalkScene(found, depths, vocabulary.characters, 7, i, 0) for i in range(5)]
    total = sum((scene.added for scene in scenes), torch.zeros(128))
    torch.testing.assert_close(total, found.streams[-1, 7])
    assert [scene.layer for scene in scenes] == [0, 0, 0, 1, 1]


def test_every_position_draws_a_picture(explorer: Explorer[Any]) -> None:
    for name, control in explorer.controls.items():
        if name == "question":
            continue
        first = control.value
        for value in getattr(control, "options", None) or range(control.min, control.max + 1):
            control.value = value
            assert explorer.svg.startswith("<svg") and "nan" not in explorer.caption
        control.value = first


@pytest.mark.parametrize("question", [QUESTION, "x", f"Where was {'Wolf' * 20} born?"])
def test_every_picture_fits_a_phone(explorer: Explorer[Any], question: str) -> None:
    explorer.controls["question"].value = question
    for drawn in at_the_ends(explorer):
        fits_a_phone(drawn)
    explorer.reset()


def test_another_question_is_followed_and_what_cannot_be_read_is_told(
    explorer: Explorer[Any],
) -> None:
    explorer.controls["question"].value = "Where was Nobody Atall born?"
    assert "of" in explorer.caption and explorer.svg
    explorer.controls["question"].value = "Where was \u4e00 born?"
    assert not explorer.svg and "\u4e00" in explorer.caption
    explorer.reset()
    assert "The whole answer is 'Brighton'." in explorer.caption


def test_a_model_with_a_memory_is_refused() -> None:
    with pytest.raises(UserError, match="without a memory"):
        pieces.walk(*shipped.load("people"), QUESTION)
    assert "without a memory" in walk_explorer(*shipped.load("people"), QUESTION).caption
