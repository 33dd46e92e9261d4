"""Confidence, stored trainings and the game as numbers: by definition and by counting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import stored_beliefs

from nlp4 import belief_scenes as scenes
from nlp4.confidence import Judged
from nlp4.errors import UserError
from nlp4.results_beliefs import read_facts, read_readings
from nlp4.statistics import Share

RNG = np.random.default_rng(4)
SURE = RNG.random(60).round(2)
RIGHT = RNG.random(60) < SURE
JUDGED = [
    Judged(f"Person {i}", "Bath", "Bath", bool(right), float(sure), float(sure))
    for i, (sure, right) in enumerate(zip(SURE, RIGHT, strict=True))
]


def test_facts_with_one_text_marked(tmp_path: Path) -> None:
    stored = read_facts(stored_beliefs.write_facts(tmp_path / "facts.json"))
    scene = scenes.facts_scene(stored, "misinformed")
    assert [name for name, _ in scene.rows] == list(stored.texts)
    assert [run.share.right for run in scene.runs] == [2, 3]
    assert scene.believed == Share(9, 20)
    with pytest.raises(UserError, match="words_shuffled"):
        scenes.facts_scene(stored, "words_shuffled")


def test_seeds_of_a_reading_are_counted_together(tmp_path: Path) -> None:
    stored = read_readings(stored_beliefs.write_readings(tmp_path / "readings.json"))
    scene = scenes.readings_scene(stored, 600, mixed=True)
    assert [(row.wordings, row.steps) for row in scene.rows] == [
        (w, s) for w in stored_beliefs.WORDINGS for s in stored_beliefs.STEPS
    ]
    one, two, five = scene.chosen
    assert (one.stored, one.asked, one.both) == (Share(8, 40), Share(2, 40), Share(2, 8))
    assert (five.asked, five.both, two.seen) == (Share(10, 40), Share(8, 8), 6.0)
    assert [row.stored.right for row in scene.of(1)] == [4, 8, 12]


@pytest.mark.parametrize("number", [1, 4, 30])
def test_a_reliability_scene_counts_every_answer(number: int) -> None:
    scene = scenes.reliability_scene(SURE, RIGHT, number, "width")
    assert sum(b.right.n for b in scene.bins) == len(SURE)
    gaps = [b.right.n * abs(b.right.value - b.sure) for b in scene.bins]
    assert scene.error == pytest.approx(sum(gaps) / len(SURE))
    assert 0 < scene.by_chance[0] < scene.by_chance[1]
    assert scene == scenes.reliability_scene(SURE, RIGHT, number, "width")  # chance is seeded


def test_every_threshold_answers_what_reaches_it() -> None:
    answers = scenes.Abstaining.of(*scenes.confidence_arrays(JUDGED))
    for percent in range(0, 101):
        scene = answers.at(percent / 100)
        kept = [row for row in JUDGED if row.probability >= percent / 100]
        assert scene.answered == Share(sum(row.right for row in kept), len(kept))
        assert scene.lost == sum(row.right for row in JUDGED) - scene.answered.right
        assert len(scene.right) + len(scene.wrong) == len(JUDGED)
    assert answers.at(0.0).answered == answers.at(0.0).everything


def test_a_game_has_as_many_right_as_wrong_answers_and_no_answer_twice() -> None:
    for seed in range(5):
        game = scenes.new_game(JUDGED, np.random.default_rng(seed), 20)
        assert game.truth.sum() == 10 and len({row.name for row in game.questions}) == 20
    assert game.questions != scenes.new_game(JUDGED, np.random.default_rng(0), 20).questions
    first = [scenes.new_game(JUDGED, np.random.default_rng(s), 20).questions[0] for s in range(40)]
    assert 8 < sum(row.right for row in first) < 32  # the right ones do not come first


def test_a_perfect_learner_a_coin_and_a_liar() -> None:
    game = scenes.new_game(JUDGED, np.random.default_rng(1), 10)
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
    game = scenes.new_game(JUDGED, np.random.default_rng(2), 12)
    good = [row.probability for row in game.questions if row.right]
    poor = [row.probability for row in game.questions if not row.right]
    won = [(a > b) + (a == b) / 2 for a in good for b in poor]
    assert game.model is not None and game.model.value == pytest.approx(np.mean(won))


def test_a_game_needs_answers_of_both_kinds() -> None:
    right = [replace(row, right=True) for row in JUDGED]
    with pytest.raises(UserError, match="needs 2 answers of each kind: there are 0"):
        scenes.new_game(right, np.random.default_rng(0), 4)
