"""Tests of `nlp4.pictures.pretraining`."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import samples
import torch
from explorers import at_the_ends, fits_a_phone

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.corruption import corrupt_span
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.ladder import Rung
from nlp4.maths.statistics import Share
from nlp4.models.asking import Answer, attention_weights, best_answers, gaze, greedy, memory_off
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.memory import MemoryConfig
from nlp4.pictures import pretraining
from nlp4.pictures.svg import PALE, SOFT, WARM, mixed
from nlp4.training.evaluation import System
from nlp4.training.presets import letters_of, vocabulary_of


@pytest.fixture
def corpus(tmp_path) -> Corpus:
    return load_corpus(samples.write_corpus(tmp_path / "corpus"))


@pytest.fixture
def asked(corpus) -> tuple[GPT, Vocabulary]:
    vocabulary = vocabulary_of(corpus)
    config = ModelConfig(len(vocabulary), layers=2, heads=2, width=16, dropout=0.0)
    return GPT(config, torch.Generator().manual_seed(0)).eval(), vocabulary


def test_the_corruption_explorer_says_what_the_function_does(corpus) -> None:
    explorer = pretraining.corruption_explorer(corpus)
    for control, value in zip(explorer.controls.values(), (3, 64, 40, 11), strict=True):
        control.value = value
    rng = np.random.default_rng(11)
    expected = corrupt_span(corpus.biographies[3], 64, rng, share=0.4)
    span = expected.text.split(MASK)[2]
    assert f"{span!r} ({len(span)} of them)" in explorer.caption
    assert f"{len(expected.answer)} characters are scored" in explorer.caption


def test_the_cloze_explorer_shows_the_name_alone_at_100_percent(corpus) -> None:
    explorer = pretraining.cloze_explorer(corpus)
    explorer.controls["name_only"].value = 100
    name = samples.people()[0].name
    assert f"{name}. {MASK}{MASK}"[: len(name) + 4] in explorer.caption


def test_the_ask_box_answers_as_the_search_does(asked) -> None:
    model, vocabulary = asked
    box = pretraining.ask_box(model, vocabulary, "Where was Ada born?")
    best = best_answers(model, vocabulary, "Where was Ada born?")[0]
    assert repr(best.place) in box.caption
    assert f"{best.probability:.1%}" in box.caption


def test_the_ask_box_answers_an_unseen_character_in_words(asked) -> None:
    model, vocabulary = asked
    box = pretraining.ask_box(model, vocabulary, "Where was Ada born?")
    box.controls["question"].value = "Where was Ѫ born?"
    assert "has never seen the character 'Ѫ'" in box.caption


@pytest.fixture
def remembering(corpus) -> tuple[GPT, Vocabulary]:
    """A model with a memory that is not empty."""
    vocabulary = vocabulary_of(corpus)
    memory = MemoryConfig(letters_of(vocabulary), rows=64)
    config = ModelConfig(len(vocabulary), layers=1, heads=2, width=16, dropout=0.0, memory=memory)
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    assert model.memory is not None
    torch.nn.init.normal_(model.memory.table.weight, generator=torch.Generator().manual_seed(1))
    return model, vocabulary


def test_the_ask_box_searches_as_it_is_set(remembering) -> None:
    model, vocabulary = remembering
    question = "Where was Ada born?"
    box = pretraining.ask_box(model, vocabulary, question)
    for name, value in {"temperature": 0.4, "beams": 32, "memory": False}.items():
        box.controls[name].value = value
    with memory_off(model):
        best = best_answers(model, vocabulary, question, beams=32, temperature=0.4)[0]
    assert f"{best.place!r} with probability {best.probability:.1%}" in box.caption
    assert "(32 beams, temperature 0.4, no rows of the memory)" in box.caption
    box.controls["memory"].value = True
    assert best != best_answers(model, vocabulary, question, beams=32, temperature=0.4)[0]
    assert "the memory's rows added" in box.caption


def test_a_model_without_a_memory_has_no_box_to_tick(asked) -> None:
    box = pretraining.ask_box(*asked, "Where was Ada born?")
    assert list(box.controls) == ["question", "temperature", "beams"]
    assert box.caption.endswith("(16 beams, temperature 1).")


def test_answers_that_do_not_end_are_told(asked) -> None:
    words = pretraining.ask_caption(pretraining.Asked((), 1.0, 1, None))
    assert words == "No answer has come to an end (1 beam, temperature 1): take more beams."


def test_attention_rows_sum_to_one_and_look_back_only(asked) -> None:
    model, vocabulary = asked
    weights = attention_weights(model, torch.tensor(vocabulary.encode("Ada Okafor")))
    assert len(weights) == 2
    for layer in weights:
        assert layer.shape == (2, 10, 10)
        assert torch.allclose(layer.sum(-1), torch.ones(2, 10), atol=1e-6)
        assert float(layer.triu(1).abs().max()) == 0.0


def test_gaze_rows_are_the_positions_that_predict_the_answer(asked) -> None:
    model, vocabulary = asked
    found = gaze(model, vocabulary, "Where was Ada born?")
    answer = greedy(model, vocabulary, ["Where was Ada born?"])[0] + MASK
    assert found.answer == answer
    ids = torch.tensor(vocabulary.encode(found.prompt + answer)[:-1])
    whole = attention_weights(model, ids)
    for place in range(len(answer)):
        row = whole[1][0, len(found.prompt) - 1 + place]
        assert torch.equal(found.weights[1][0, place], row)


def test_the_gaze_explorer_names_the_strongest_character(asked) -> None:
    model, vocabulary = asked
    explorer = pretraining.gaze_explorer(model, vocabulary, "Where was Ada born?")
    explorer.controls["layer"].value = 2
    found = gaze(model, vocabulary, "Where was Ada born?")
    row = found.weights[1][0, 0]
    strongest = (found.prompt + found.answer)[int(row.argmax())]
    assert f"looks most at {strongest!r} ({float(row.max()):.0%})" in explorer.caption


def test_pictures_are_well_formed_and_say_what_they_show() -> None:
    awkward = "A<&>'\" B⁇C⁇"
    for drawn in (
        pretraining.character_strip(awkward, 8),
        pretraining.answer_bars([Answer("<Leeds> & 'Bath'", 0.5), Answer("", 0.25)]),
    ):
        root = ET.fromstring(drawn)
        assert root.get("aria-label")
        assert root.get("role") == "img"


def shapes(group: ET.Element, kind: str) -> list[dict[str, str]]:
    """The attributes of all shapes of one kind."""
    return [each.attrib for each in group.iter(f"{{http://www.w3.org/2000/svg}}{kind}")]


def test_a_strip_draws_every_character_and_marks_the_scored_ones() -> None:
    text = "abc⁇de" * 10
    for layout in ET.fromstring(pretraining.character_strip(text, 57)).findall("{*}g"):
        boxes = [(box["fill"], "stroke" in box) for box in shapes(layout, "rect")]
        given, scored = [(PALE, False)] * 3 + [(WARM, False)] + [(PALE, False)] * 2, (SOFT, True)
        assert boxes == [*(given * 10)[:57], (WARM, True), scored, scored]
        assert "".join(each.text or "" for each in layout.findall("{*}text")) == text


def test_bars_are_as_long_as_the_probabilities() -> None:
    drawn = ET.fromstring(pretraining.answer_bars([Answer("A", 0.5), Answer("B", 0.25)]))
    bars = [shape for shape in shapes(drawn, "rect") if shape["fill"] in (PALE, WARM)]
    whole, half, _, quarter = (float(bar["width"]) for bar in bars)
    assert (half / whole, quarter / whole) == (0.5, 0.25)


def test_the_map_has_a_cell_for_each_character_that_could_be_looked_at(asked) -> None:
    model, vocabulary = asked
    found = gaze(model, vocabulary, "Where was Ada born?")
    drawn = pretraining.gaze_map(found, 0, 1, 2)
    darkest = float(found.weights[0][1].max())
    for layout in ET.fromstring(drawn).findall("{*}g"):
        cells = [shape for shape in shapes(layout, "rect") if shape["height"] == "17.0"]
        assert len(cells) == sum(len(found.prompt) + row for row in range(len(found.answer)))
        assert min(cell["fill"] for cell in cells) == mixed(WARM, 0.07 + 0.93 * darkest**0.5)
        frames = [shape for shape in shapes(layout, "rect") if shape["fill"] == "none"]
        framed = sum(float(frame["width"]) - 1 for frame in frames)
        assert framed == pretraining._CELL * (len(found.prompt) + 2)
        assert len({frame["y"] for frame in frames}) == len(frames)  # one below the other
        assert float(frames[0]["y"]) == 23 + 2 * 18


def test_texts_and_answers_fit_a_phone(corpus) -> None:
    for letters in ("a", "i", "⁇"):
        fits_a_phone(pretraining.character_strip(letters * 256, 100))
    for drawn in at_the_ends(pretraining.corruption_explorer(corpus)):
        fits_a_phone(drawn)
    fits_a_phone(pretraining.answer_bars([Answer("Newcastle upon Tyne, in the far North of", 1.0)]))


def test_the_map_and_the_model_fit_a_phone(remembering) -> None:
    model, vocabulary = remembering
    for drawn in at_the_ends(pretraining.gaze_explorer(model, vocabulary, "Where was Ada born?")):
        fits_a_phone(drawn)
    fits_a_phone(pretraining.model_picture(model).svg)


def test_scores_are_told_as_counts_and_as_shares() -> None:
    systems = [System("always London", Share(3, 400)), System("read", Share(297, 400))]
    drawn = pretraining.score_picture([*systems, System("ceiling", Share(400, 400))])
    texts = re.findall(r">([^<>]+)</text>", drawn.svg)
    assert {"3 of 400, 0.8%", "297 of 400, 74.2%", "400 of 400, 100.0%"} <= set(texts)
    assert drawn.words == (
        "share of right answers: always London 3 of 400, 0.8%; read 297 of 400, 74.2%; "
        "ceiling 400 of 400, 100.0%."
    )
    assert (
        re.findall(r"font-weight='bold'[^>]*>([^<]+)<", drawn.svg) == ["read"] * 2
    )  # wide, narrow


def rung(name: str, plain: int, reworded: int) -> Rung:
    shares = {"birthplace": Share(plain, 400), "reworded": Share(reworded, 2400)}
    return Rung(name, "", (0,), (plain,), shares, 1, 1, 0.0, 0.0, 1, 1.0)


def test_the_ladder_shows_both_shares_of_each_recipe_and_marks_ours() -> None:
    drawn = pretraining.ladder_picture([rung("course", 0, 1200), rung("laptop", 400, 600)])
    for layout in ET.fromstring(drawn.svg).findall("{*}g"):
        counts = {each.text: each for each in layout.findall("{*}text")}
        for text in ("0.0%; 50.0%", "100.0%; 25.0%"):  # of 11 pixels, a letter takes 7
            right = float(counts[text].attrib["x"])
            right += 7 * len(text) * (counts[text].get("text-anchor") == "start")
            assert right <= float(layout.attrib["data-width"])
        circles = layout.findall("{*}circle")
        hollow = [float(c.attrib["cx"]) for c in circles if c.get("fill") == "white"]
        low, high = (float(c.attrib["cx"]) for c in circles if c.get("fill") != "white")
        shares = [(x - low) / (high - low) for x in hollow]
        assert shares == pytest.approx([0.5, 0.25], abs=0.002)
    assert re.findall(r"font-weight='bold'[^>]*>([^<]+)<", drawn.svg) == ["laptop"] * 2
    assert "course 0.0%, 50.0% in other words; laptop 100.0%, 25.0%" in drawn.words
    fits_a_phone(drawn.svg)
