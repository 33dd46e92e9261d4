"""Names, places and probes as numbers: neighbours by brute force, the probe against the command."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from nlp4 import name_scenes, probe, probe_scene
from nlp4.confidence import Judged
from nlp4.corpus import Corpus, Question
from nlp4.decoding import greedy
from nlp4.errors import UserError
from nlp4.exercises_names import edit_distance
from nlp4.experiment_runs import share_of
from nlp4.model import GPT
from nlp4.name_guesses import ALL, NameGuesses, Row
from nlp4.name_origins import Background
from nlp4.name_scenes import COUNTRY, ORIGIN, PLACE, bias_lines, with_mark
from nlp4.nearest_names import MEASURES, WHOLE
from nlp4.paired_ratio import Ratio
from nlp4.permutations import Agreement
from nlp4.place_bias import UNKNOWN, Groups, Never, PlaceBias
from nlp4.rewordings import Rewordings
from nlp4.rewordings import Row as Reworded
from nlp4.statistics import Share
from nlp4.vocabulary import Vocabulary


def bias(**changes: object) -> PlaceBias:
    """Three countries, two places, two origins."""
    made = PlaceBias(
        right=Share(6, 10),
        places=(Ratio("London", 4, 2, 1, 10), Ratio("Oslo", 0, 1, 0, 10)),
        countries=(
            Ratio("Here", 6, 5, 4, 10),
            Ratio(UNKNOWN, 2, 0, 0, 10),
            Ratio("There", 0, 4, 0, 10),
        ),
        london=Ratio("London", 4, 2, 1, 10),
        never=Never((("Oslo", 1),), 5, Share(1, 10), (2.0, 1.0, 3.0)),
        unheard=(),
        unheard_right=Share(0, 0),
        strangers=0,
        entropy_predicted=1.0,
        entropy_true=1.0,
        entropy_p=1.0,
        groups=(Groups(ORIGIN, (("xx", Share(5, 6)), ("yy", Share(1, 4))), 0.5),),
        fewest=2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_rows_of_a_place_that_is_true_often_enough() -> None:
    lines = bias_lines(bias(), COUNTRY)
    assert [(row.label, row.value, row.counts) for row in lines.rows] == [
        ("Here", 1.2, "6 for 5"),
        ("There", 0.0, "0 for 4"),
    ]
    assert (lines.logarithmic, lines.reference, lines.marked) == (True, 1.0, None)
    assert [row.label for row in bias_lines(bias(), PLACE).rows] == ["London"]
    assert len(bias_lines(bias(countries=bias().countries * 9), COUNTRY).rows) == 15


def test_rows_of_an_origin_are_shares() -> None:
    lines = bias_lines(bias(), ORIGIN)
    assert [(row.label, row.counts) for row in lines.rows] == [("xx", "5/6"), ("yy", "1/4")]
    assert lines.rows[0].interval == Share(5, 6).interval
    assert (lines.reference, lines.logarithmic) == (0.6, False)
    with pytest.raises(UserError, match="origin of the name: not known"):
        bias_lines(bias(groups=()), ORIGIN)


def test_a_mark_is_on_a_row_that_exists() -> None:
    lines = bias_lines(bias(), COUNTRY)
    assert with_mark(lines, 2).marked == 1
    for rank in (0, 3):
        with pytest.raises(UserError, match=f"no row {rank} here: the last one is row 2"):
            with_mark(lines, rank)


def test_agreement_stands_beside_the_chance_within_the_origin_if_it_is_known() -> None:
    plain = Agreement(0.31, (0.2, 0.4), 0.1, (0.0, 0.2), 0.01)
    within = replace(plain, chance_range=(0.05, 0.25))
    rows = (
        Row(ALL, "by a", 10, 1.0, plain, None, None),
        Row(ALL, "by b", 10, 1.0, plain, within, None),
        Row("some", "by a", 5, 1.0, plain, None, None),
    )
    lines = name_scenes.agreement_lines(NameGuesses("dev", rows, (), ()))
    assert [(row.label, row.chance) for row in lines.rows] == [
        ("by a", (0.0, 0.2)),
        ("by b", (0.05, 0.25)),
    ]
    assert lines.span == (0.0, 0.4)
    with pytest.raises(UserError, match="nobody is in the group 'none'"):
        name_scenes.agreement_lines(NameGuesses("dev", rows, (), ()), "none")


def test_rewordings_are_shares_of_those_who_were_right() -> None:
    row = Reworded("upside down", Share(3, 4), Share(0, 1), Share(0, 1), 0.5, 0.5, 0)
    (line,) = name_scenes.rewording_lines(Rewordings(Share(4, 5), Share(0, 0), (row,))).rows
    assert (line.label, line.value, line.counts) == ("upside down", 0.75, "3/4")


def test_neighbours_by_brute_force(corpus: Corpus, model: tuple[GPT, Vocabulary]) -> None:
    found = name_scenes.neighbours(*model, corpus, corpus.dev)
    train = {question.name: question.place for question in corpus.train}
    guesses = greedy(*model, [question.text for question in corpus.dev])
    for person, question, guess in zip(found, corpus.dev, guesses, strict=True):
        assert (person.name, person.guess, person.true) == (question.name, guess, question.place)
        assert [near.measure for near in person.near] == list(MEASURES)
        near = person.near[MEASURES.index(WHOLE)]
        distances = {name: edit_distance(question.name, name) for name in train}
        nearest = {n for n, far in distances.items() if far == min(distances.values())}
        assert near.distance == min(distances.values()) and near.number == len(nearest)
        assert {name for name, _ in near.people} <= nearest
        assert len(near.people) == min(4, len(nearest))
        assert all(train[name] == place for name, place in near.people)
        assert near.agree == sum(train[name] == guess for name in nearest)


def test_those_who_agree_with_the_guess_come_first(
    corpus: Corpus, model: tuple[GPT, Vocabulary], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = corpus.train[-1].place or ""
    monkeypatch.setattr(name_scenes, "greedy", lambda *args: [place] * 3)
    # Every training name is as near as any other.
    everybody = dict.fromkeys(MEASURES, torch.full((3, 7), 1 / 7).numpy())
    monkeypatch.setattr(name_scenes, "nearest", lambda *args: everybody)
    agree = sum(question.place == place for question in corpus.train)
    for person in name_scenes.neighbours(*model, corpus, corpus.dev):
        for near in person.near:
            assert (near.number, near.agree, len(near.people)) == (7, agree, 4)
            assert [p == place for _, p in near.people] == [i < agree for i in range(4)]


def test_the_live_probe_reads_what_the_experiment_reads(
    corpus: Corpus, model: tuple[GPT, Vocabulary], tmp_path: Path
) -> None:
    words = [name.split() for name in tiny.PEOPLE]
    rng = np.random.default_rng(0)
    people = [
        Question(f"Where was {first} {last} born?", f"Place {rng.integers(3)}")
        for (first, _), (_, last) in product(words, words)
    ]
    many = replace(corpus, train=tuple(people[::2]), dev=tuple(people[1::2]))
    settings = probe.Settings(least=1, held=0.0, iterations=50)
    rows = probe.run(many, tmp_path, {"a": model}, settings, say=lambda words: None)
    found = probe_scene.probed(*model, many, settings)
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
    with pytest.raises(UserError, match="too few people"):
        probe_scene.probed(*model, corpus, probe.Settings(least=99))


def test_looks_by_hand() -> None:
    places = {"Bath": "Here", "York": "Here", "Oslo": "There"}
    names = [f"T{i} Q" for i in range(4)]
    corpus = Corpus(
        Path("nowhere"),
        (),
        tuple(
            Question(f"Where was {name} born?", place)
            for name, place in zip(names, ("Bath", "York", "Oslo", "Oslo"), strict=True)
        ),
        (),
        (),
    )
    origin = dict(zip(names, ("xx", "xx", "xx", "yy"), strict=True))
    background = Background(origin | {"Ada": "xx", "Bo": "yy", "Cy": "zz"}, places, {}, 0.0)
    asked = [("Ada", "York"), ("Ada", "Oslo"), ("Ada", "Bo"), ("Bo", "Oslo"), ("Cy", "Bath")]
    judged = [Judged(name, answer, None, False, 0.5, 0.5) for name, answer in asked]
    found = name_scenes.looks(judged, corpus, background)
    assert found.tolist() == [1, 0.5, 0, 1, 0.5]
