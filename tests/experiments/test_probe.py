"""The probe: the classifier against scipy, the states against the model's own, and the table."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from scipy.optimize import minimize
from scipy.special import logsumexp
from torch import Tensor

from nlp4.data.corpus import Corpus, Question
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments.probe import (
    PLACES,
    Settings,
    as_json,
    features_of,
    fit,
    markdown,
    places_told_apart,
    probed,
    run,
)
from nlp4.maths.statistics import share_of
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.training import presets

SETTINGS = Settings(least=1)


def cloud(seed: int, number: int = 90, width: int = 5) -> tuple[Tensor, Tensor]:
    """Features of three overlapping classes, at unequal scales."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(3, size=number)
    centres = np.random.default_rng(9).normal(size=(3, width))
    features = (centres[classes] + rng.normal(size=(number, width))) * 10.0 ** np.arange(width) + 7
    return torch.from_numpy(features), torch.from_numpy(classes)


@pytest.mark.parametrize("penalty", [0.01, 0.3])
def test_the_fit_is_the_minimum_that_scipy_finds(penalty: float) -> None:
    features, classes = cloud(0)
    found = fit(features, classes, 3, Settings(penalty=penalty, iterations=500))
    x = features.numpy()
    x, y = (x - x.mean(0)) / x.std(0, ddof=1), classes.numpy()

    def loss(flat: np.ndarray) -> float:
        weight, bias = flat[:15].reshape(5, 3), flat[15:]
        scores = x @ weight + bias
        nll = (logsumexp(scores, axis=1) - scores[np.arange(len(y)), y]).mean()
        return float(nll + penalty / 2 * (weight**2).sum())

    assert found.converged
    best = minimize(loss, np.zeros(18), method="BFGS", options={"gtol": 1e-7})
    ours = loss(np.concatenate([found.weight.numpy().ravel(), found.bias.numpy()]))
    assert ours == pytest.approx(best.fun, abs=1e-6)
    np.testing.assert_allclose(found.weight.numpy(), best.x[:15].reshape(5, 3), atol=2e-3)


def test_a_fit_that_is_cut_short_says_so() -> None:
    assert not fit(*cloud(0), 3, replace(SETTINGS, iterations=3)).converged


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_left_in_its_mode(model: tuple[GPT, Vocabulary], training: bool) -> None:
    gpt, vocabulary = model
    expected = features_of(gpt.eval(), vocabulary, ["Ida Moor"])
    try:
        found = features_of(gpt.train(training), vocabulary, ["Ida Moor"])
        with pytest.raises(UserError):
            features_of(gpt, vocabulary, ["¿"])
        assert gpt.training is training
    finally:
        gpt.eval()
    assert torch.equal(found, expected)


def test_a_probe_reads_new_points() -> None:
    found = fit(*cloud(0), 3, SETTINGS)
    features, classes = cloud(1, number=600)
    rights = float((found(features) == classes).double().mean())
    centres = np.random.default_rng(9).normal(size=(3, 5))
    points = (features.numpy() - 7) / 10.0 ** np.arange(5)
    nearest = ((points[:, None] - centres) ** 2).sum(-1).argmin(1)  # the best that anyone can do
    assert rights > float((nearest == classes.numpy()).mean()) - 0.06


def test_a_feature_that_never_varies_does_no_harm() -> None:
    features, classes = cloud(0)
    constant = torch.cat((features, torch.full((90, 1), 3.0)), dim=1)
    first, second = fit(features, classes, 3, SETTINGS), fit(constant, classes, 3, SETTINGS)
    assert torch.equal(first(features), second(constant.double()))


def test_states_are_those_of_each_question_alone(model: tuple[GPT, Vocabulary]) -> None:
    """Padding changes nothing; the last stage leads to the model's own logits."""
    gpt, vocabulary = model
    names = ["Ada Quill", "Bram Otter", "Lea Brook", "Ida Moor"]
    found = features_of(gpt, vocabulary, names)
    assert found.shape == (4, 2, 4, 16)
    for i, name in enumerate(names):
        ids = torch.tensor([vocabulary.encode(f"Where was {name} born?{MASK}")])
        logits = gpt(ids)[0]
        torch.testing.assert_close(gpt.head(gpt.norm(found[3, 1, i])), logits[-1])
        end = f"Where was {name}"
        assert vocabulary.decode(ids[0, : len(end)].tolist()) == end
        torch.testing.assert_close(gpt.head(gpt.norm(found[3, 0, i])), logits[len(end) - 1])
        torch.testing.assert_close(found[0, :, i], gpt.embed(ids)[0][0][[len(end) - 1, -1]])


def test_at_the_names_end_the_rest_of_the_question_is_not_read_yet(
    model: tuple[GPT, Vocabulary],
) -> None:
    gpt, vocabulary = model
    (alone,) = features_of(gpt, vocabulary, ["Ida Moor"])[2, 0]
    x, turns = gpt.embed(torch.tensor([vocabulary.encode("Where was Ida Moor")]))
    for block in gpt.layers[:2]:
        x = block(x, turns)
    torch.testing.assert_close(alone, x[0, -1])


def test_many_people_are_read_in_parts(model: tuple[GPT, Vocabulary]) -> None:
    gpt, vocabulary = model
    names = list(tiny.PEOPLE) * 12
    found = features_of(gpt, vocabulary, names)
    torch.testing.assert_close(found[:, :, :12], found[:, :, 132:])


def test_places_need_different_people() -> None:
    def asked(name: str, place: str | None) -> Question:
        return Question(f"Where was {name} born?", place)

    questions = [
        asked("A", "Rome"),
        asked("A", "Rome"),
        asked("B", "Oslo"),
        asked("C", "Oslo"),
        asked("D", None),
        asked("E", "Bath"),
        asked("F", "Bath"),
    ]
    assert places_told_apart(questions, 2) == ["Bath", "Oslo"]
    assert places_told_apart(questions, 3) == []


@pytest.fixture(scope="module")
def crowd() -> Corpus:
    """Three places, each known by the first letter of the name, and one rare place."""
    rng = np.random.default_rng(3)
    places = {"A": "Rome", "B": "Oslo", "C": "Bath"}

    def people(number: int, tag: str) -> tuple[Question, ...]:
        letters = rng.choice(list("ABC"), size=number)
        return tuple(
            Question(f"Where was {tag}x{i % 7}{i // 7 % 7}{i // 49}{letter} born?", places[letter])
            for i, letter in enumerate(letters)
        )

    rare = Question("Where was rare born?", "Hull")
    train, dev = (*people(120, "t"), rare), (*people(60, "d"), rare)
    texts = tuple(f"{question.name}. Text {question.place} ." for question in (*train, *dev))
    return Corpus(Path("here"), texts, train, dev, ())


def test_the_place_is_read_where_it_stands_and_not_by_the_control(crowd: Corpus) -> None:
    """The name's last letter gives the place away; at the question's end it is not there yet."""
    vocabulary = presets.vocabulary_of(crowd)
    gpt = tiny.preset(memory=False).new_model(vocabulary, seed=0)
    settings = Settings(least=5)
    found = run(crowd, {"fresh": (gpt, vocabulary)}, settings, say=lambda _: None)
    rows = found.rows
    assert [(row["layer"], row["where"]) for row in rows] == [
        (layer, where) for layer in (0, 1) for where in PLACES
    ]
    share = {
        (row["layer"], row["where"], key): row[key].count("1") / len(row[key])
        for row in rows
        for key in ("dev", "train", "control dev", "majority dev")
    }
    assert share[0, PLACES[0], "dev"] == share[0, PLACES[0], "train"] == 1.0
    assert share[0, PLACES[0], "control dev"] < 0.7
    assert share[0, PLACES[1], "dev"] == share[0, PLACES[1], "majority dev"] < 0.6
    assert all(row["converged"] for row in rows)
    assert {len(row["dev"]) for row in rows} == {60}
    assert {len(row["train"]) for row in rows} == {24}
    assert {len(row["fitted"]) for row in rows} == {96}
    assert json.loads(json.dumps(as_json(found)))["rows"] == rows
    table = markdown(found)
    assert "| fresh | the name's last character | embedding and memory | 60/60 | 100.0% |" in table
    again = run(crowd, {"fresh": (gpt, vocabulary)}, settings, say=lambda _: None)
    assert again.rows == rows


def test_who_is_left_out_is_counted(crowd: Corpus) -> None:
    said: list[str] = []
    vocabulary = presets.vocabulary_of(crowd)
    gpt = tiny.preset(memory=False).new_model(vocabulary, seed=0)
    few = Settings(iterations=2)
    found = run(crowd, {"fresh": (gpt, vocabulary)}, few, say=said.append)
    assert said == [
        "3 places; 1 dev people from elsewhere",
        "4 of 4 fits had no minimum after 2 iterations",
    ]
    assert as_json(found)["left out"] == {"train": 1, "dev": 1}


def test_one_models_shares_are_those_of_its_rows(crowd: Corpus) -> None:
    """What notebook 05 tells is what the command tells: the same people, the same fits."""
    vocabulary = presets.vocabulary_of(crowd)
    gpt = tiny.preset(memory=False).new_model(vocabulary, seed=0)
    rows = run(crowd, {"fresh": (gpt, vocabulary)}, Settings(), say=lambda _: None).rows
    shares = {(s.layer, s.where): (s.dev, s.control) for s in probed(gpt, vocabulary, crowd).stages}
    assert shares == {
        (row["layer"], row["where"]): (share_of(row["dev"]), share_of(row["control dev"]))
        for row in rows
    }


def test_too_few_people_are_refused(corpus: Corpus, model: tuple[GPT, Vocabulary]) -> None:
    with pytest.raises(UserError, match="0 places have 5 training people"):
        run(corpus, {"tiny": model}, Settings(), say=lambda _: None)


def test_the_live_probe_reads_what_the_experiment_reads(
    corpus: Corpus, model: tuple[GPT, Vocabulary]
) -> None:
    words = [name.split() for name in tiny.PEOPLE]
    rng = np.random.default_rng(0)
    people = [
        Question(f"Where was {first} {last} born?", f"Place {rng.integers(3)}")
        for (first, _), (_, last) in product(words, words)
    ]
    many = replace(corpus, train=tuple(people[::2]), dev=tuple(people[1::2]))
    settings = Settings(least=1, held=0.0, iterations=50)
    rows = run(many, {"a": model}, settings, say=lambda _: None).rows
    found = probed(*model, many, settings)
    assert {(s.where, s.layer): s.dev for s in found.stages} == {
        (row["where"], row["layer"]): share_of(row["dev"]) for row in rows
    }
    assert len({stage.dev for stage in found.stages}) > 2  # or the test would see nothing
    assert found.usual == share_of(rows[0]["majority dev"])
    assert found.places == 3
    assert all(0 < stage.control.value < 1 for stage in found.stages)


def test_a_probe_needs_people_of_one_birthplace(
    corpus: Corpus, model: tuple[GPT, Vocabulary]
) -> None:
    with pytest.raises(UserError, match="the probe needs 2 and 1"):
        probed(*model, corpus, Settings(least=99))
