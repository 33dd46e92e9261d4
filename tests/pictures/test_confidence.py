"""Tests of `nlp4.pictures.confidence`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorers import at_the_ends, fits_a_phone
from stored_beliefs import JUDGED, SURE, WON

from nlp4.data.corpus import Corpus, Question
from nlp4.data.people.background import Background
from nlp4.experiments import verdicts
from nlp4.experiments.confidence import Judged
from nlp4.maths.statistics import Share
from nlp4.pictures.confidence import (
    Abstaining,
    GuessingGame,
    abstain_explorer,
    confidence_arrays,
    game_picture,
    new_game,
    reliability_caption,
    reliability_explorer,
    reliability_scene,
)
from nlp4.pictures.explorer import Explorer
from nlp4.support.errors import UserError


@pytest.mark.parametrize("number", [1, 4, 30])
def test_a_reliability_scene_counts_every_answer(number: int) -> None:
    scene = reliability_scene(SURE, WON, number, "width")
    assert sum(b.right.n for b in scene.bins) == len(SURE)
    gaps = [b.right.n * abs(b.right.value - b.sure) for b in scene.bins]
    assert scene.error == pytest.approx(sum(gaps) / len(SURE))
    assert 0 < scene.by_chance[0] < scene.by_chance[1]
    assert scene == reliability_scene(SURE, WON, number, "width")  # chance is seeded


def test_every_threshold_answers_what_reaches_it() -> None:
    answers = Abstaining.of(*confidence_arrays(JUDGED))
    for percent in range(0, 101):
        scene = answers.at(percent / 100)
        kept = [row for row in JUDGED if row.probability >= percent / 100]
        assert scene.answered == Share(sum(row.right for row in kept), len(kept))
        assert scene.lost == sum(row.right for row in JUDGED) - scene.answered.right
        assert len(scene.right) + len(scene.wrong) == len(JUDGED)
    assert answers.at(0.0).answered == answers.at(0.0).everything


def test_a_game_has_as_many_right_as_wrong_answers_and_no_answer_twice() -> None:
    for seed in range(5):
        game = new_game(JUDGED, np.random.default_rng(seed), 20)
        assert game.truth.sum() == 10 and len({row.name for row in game.questions}) == 20
    assert game.questions != new_game(JUDGED, np.random.default_rng(0), 20).questions
    first = [new_game(JUDGED, np.random.default_rng(s), 20).questions[0] for s in range(40)]
    assert 8 < sum(row.right for row in first) < 32  # the right ones do not come first


def test_a_perfect_learner_a_coin_and_a_liar() -> None:
    game = new_game(JUDGED, np.random.default_rng(1), 10)
    assert game.learner is None
    by_strategy = {}
    for name in ("perfect", "always", "liar"):
        played = game
        while played.next is not None:
            told = {"perfect": played.next.right, "always": True, "liar": not played.next.right}
            played = played.say(told[name])
        assert played.learner is not None
        by_strategy[name] = played.learner.value
        with pytest.raises(UserError, match="every question"):
            played.say(True)
    assert by_strategy == {"perfect": 1.0, "always": 0.5, "liar": 0.0}


def test_the_models_area_in_a_game_is_a_share_of_pairs() -> None:
    game = new_game(JUDGED, np.random.default_rng(2), 12)
    good = [row.probability for row in game.questions if row.right]
    poor = [row.probability for row in game.questions if not row.right]
    won = [(a > b) + (a == b) / 2 for a in good for b in poor]
    assert game.model is not None and game.model.value == pytest.approx(np.mean(won))


def test_a_game_needs_answers_of_both_kinds() -> None:
    right = [replace(row, right=True) for row in JUDGED]
    with pytest.raises(UserError, match="needs 2 answers of each kind: there are 0"):
        new_game(right, np.random.default_rng(0), 4)


def test_a_temperature_moves_the_bins_and_leaves_the_order() -> None:
    scenes = {t: reliability_scene(SURE, WON, 10, "width", t) for t in (0.5, 1.0, 4.0)}
    spread = {t: scene.bins[-1].sure - scene.bins[0].sure for t, scene in scenes.items()}
    assert spread[0.5] > spread[1.0] > spread[4.0]
    assert len({scene.order for scene in scenes.values()}) == 1
    assert len({scene.repair for scene in scenes.values()}) == 1  # the slider does not move it
    explorer = reliability_explorer(JUDGED)
    explorer.controls["temperature"].value = 4.0
    pairs = [(row.probability, row.right) for row in JUDGED]
    odds = [(s / (1 - s)) ** 0.25 if s < 1 else np.inf for s, _ in pairs]
    now = [1 / (1 + 1 / each) if each else 0.0 for each in odds]
    given = [s if r else 1 - s for s, (_, r) in zip(now, pairs, strict=True)]
    assert f"At temperature 4 the log loss is {-np.log(given).mean():.3f} nats" in explorer.caption
    assert "confidence at temperature 4</text>" in explorer.svg


def test_answers_that_are_all_right_have_no_order() -> None:
    scene = reliability_scene(SURE, np.ones(len(SURE), bool), 10, "width")
    assert "AUROC" not in reliability_caption(scene)


def test_reliability_in_words() -> None:
    explorer = reliability_explorer(JUDGED)
    explorer.controls["number"].value = 1
    right = sum(row.right for row in JUDGED) / len(JUDGED)
    sure = sum(row.probability for row in JUDGED) / len(JUDGED)
    assert f"error {abs(right - sure):.3f} with 1 bin." in explorer.caption
    assert f"of 60 answers given with {sure:.0%}, {right:.0%} are right." in explorer.caption
    # The answers of the test are drawn from a calibrated model.
    assert "no more than luck allows" in explorer.caption


@pytest.mark.parametrize(("error", "told"), [(0.05, "is no more than"), (0.07, "is more than")])
def test_an_error_is_held_against_what_luck_allows(error: float, told: str) -> None:
    scene = reliability_scene(*confidence_arrays(JUDGED), 1, "width")
    scene = replace(scene, error=error, by_chance=(0.04, 0.06))
    assert f"0.040 on average, and 0.060 or less 95 times in 100: this {told} luck" in (
        reliability_caption(scene)
    )


def test_abstaining_in_words() -> None:
    explorer = abstain_explorer(JUDGED)
    explorer.controls["threshold"].value = 0
    right = sum(row.right for row in JUDGED)
    assert "With 0% or more it answers 60 of 60 questions (100.0%)." in explorer.caption
    assert f"Right are {right}/60 (" in explorer.caption
    assert "It keeps back 0 answers, 0 of them right." in explorer.caption
    explorer.controls["threshold"].value = 100
    if all(row.probability < 1 for row in JUDGED):
        assert "the model abstains 60 times." in explorer.caption


def test_the_threshold_follows_the_hand_along_the_confidences() -> None:
    explorer = abstain_explorer(JUDGED)
    for percent in (0, 37, 100):
        kept = sum(row.probability >= percent / 100 for row in JUDGED)
        explorer.drag("threshold", 46 + (percent + 0.4) / 100 * 290, 0)
        assert explorer.controls["threshold"].value == percent
        assert explorer.handles["threshold"].told == f"{percent}%, {kept} answered"
        assert explorer.handles["threshold"].at[0] == pytest.approx(46 + percent / 100 * 290)
    explorer.nudge("threshold", -4, 1)
    assert explorer.controls["threshold"].value == 96
    explorer.drag("threshold", -10_000, 0)
    assert explorer.controls["threshold"].value == 0


@pytest.mark.parametrize("price", [0, 1, 9])
def test_a_bargain_is_judged_on_the_half_that_did_not_choose(price: int) -> None:
    scene = Abstaining.of(*confidence_arrays(JUDGED)).at(0.4, price)
    chosen, judging = JUDGED[::2], JUDGED[1::2]

    def points(rows: list[Judged], threshold: float) -> int:
        return sum(1 if r.right else -price for r in rows if r.probability >= threshold)

    bargain = scene.bargain
    thresholds = [*(row.probability for row in chosen), np.inf]
    assert points(chosen, bargain.best) == max(points(chosen, t) for t in thresholds)
    assert bargain.calibrated == price / (1 + price)
    assert (bargain.points, bargain.n) == (points(JUDGED, 0.4), 30)
    assert bargain.by_hand_points == points(judging, 0.4)
    assert bargain.best_points == points(judging, bargain.best)
    assert bargain.calibrated_points == points(judging, bargain.calibrated)
    assert bargain.curve == tuple(
        (t, points(JUDGED, t)) for t in sorted({row.probability for row in JUDGED})
    )


def test_a_price_in_words() -> None:
    explorer = abstain_explorer([replace(row, right=False) for row in JUDGED])
    explorer.controls["price"].value = 3
    explorer.controls["threshold"].value = 0
    assert "At a price of 3 for a wrong answer, that is -180 points." in explorer.caption
    assert "For every other question it is best to say nothing. On the other 30" in explorer.caption
    assert "brings 0 points, your threshold -90, and that of a calibrated model, 75.0%, -" in (
        explorer.caption
    )
    explorer = abstain_explorer([replace(row, right=True) for row in JUDGED])
    lowest = min(row.probability for row in JUDGED[::2])
    assert f"it is best to answer from {lowest:.1%} on" in explorer.caption


@pytest.mark.parametrize("rows", [JUDGED, [replace(row, right=False) for row in JUDGED]])
@pytest.mark.parametrize("made", [reliability_explorer, abstain_explorer])
def test_every_picture_fits_a_phone(
    made: Callable[[list[Judged]], Explorer[Any]], rows: list[Judged]
) -> None:
    for drawn in at_the_ends(made(rows)):
        fits_a_phone(drawn)


def test_a_played_game_fits_a_phone() -> None:
    game = new_game(JUDGED, np.random.default_rng(0), 20)
    while game.next:
        game = game.say(True)
    fits_a_phone(game_picture(game))


def test_a_game_played_to_its_end() -> None:
    game = GuessingGame(JUDGED, seed=3, number=6)
    first = game.game.questions[0]
    assert game.words == f"1 of 6. Where was {first.name} born? The model says: {first.answer}."
    assert game._repr_mimebundle_()[0]["text/plain"] == game.words
    right, wrong = game._buttons["right"], game._buttons["wrong"]
    for row in game.game.questions:
        assert not right.disabled and not game._picture.value
        (right if row.right else wrong).click()
    assert "You judged 6 of 6 answers rightly. Your AUROC is 1.00" in game.words
    assert right.disabled and wrong.disabled
    layouts = ET.fromstring(game._picture.value).findall("{*}g")
    assert [len(layout.findall("{*}circle")) for layout in layouts] == [6, 6]  # wide and narrow
    game.restart()
    assert game.words.startswith("1 of 6.") and not right.disabled and not game._picture.value


@pytest.mark.usefixtures("files")
def test_tables_of_stored_trainings() -> None:
    table = verdicts.facts_table().splitlines()
    assert len(table) == 2 + 6
    # `right` has the first 12 right, `others` the first one: 11 differ, all to one side.
    assert table[2] == f"| `others` | 0 | 1 of 20 | 11 | 0 | {2 / 2**11:.1g} |"
    words = verdicts.readings_words().splitlines()
    assert len(words) == 6
    assert words[0].startswith("- 1,800 steps without questions, 1 wording: 12/40 (30.0%")
    assert words[-1].endswith("of the stored ones, 83% can be asked for.")


def test_answers_that_are_no_place_are_counted_among_the_wrong() -> None:
    corpus = Corpus(Path("nowhere"), (), (Question("Where was A B born?", "Bath"),), (), ())
    origin = {row.name: "xx" for row in JUDGED} | {"A B": "xx"}
    known = Background(origin, {"Bath": "Here"}, {}, 0.0)
    wrong = sum(not row.right for row in JUDGED)
    told = verdicts.by_looks(JUDGED, corpus, known)
    assert told.startswith(f"0 of the {wrong} wrong answers are no place that the corpus knows. ")
    assert "AUROC of 0.50 on all 60 answers" in told  # every answer looks alike
    odd = [replace(row, answer="Bath" if row.right else "Ada") for row in JUDGED]
    told = verdicts.by_looks(odd, corpus, known)
    assert told.startswith(f"{wrong} of the {wrong} wrong answers") and "such as Ada, Ada" in told
    assert "AUROC of 1.00" in told
    assert "not known" in verdicts.by_looks(JUDGED, corpus, None)
