"""Guessing from names: distances by the textbook, shuffles that are fair, and planted guessers."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from samples import quick, random_gpt, write_corpus

from nlp4 import name_guesses
from nlp4.corpus import Corpus, Question, load_corpus
from nlp4.errors import UserError
from nlp4.model import GPT, ModelConfig
from nlp4.name_guesses import ALL, LITTLE, MUCH, Settings, experiment
from nlp4.name_origins import Background
from nlp4.names import edit_distances, first_name, invented_names, misspelt, surname
from nlp4.nearest_names import AT_END, AT_NAME, FIRST, LAST, MEASURES, WHOLE, nearest, states
from nlp4.permutations import agreement, shuffles
from nlp4.vocabulary import MASK, Vocabulary

FIRSTS = ("Ada", "Bruno", "Chloé", "Dmitri", "Élise", "Farid", "Greta", "Hugo")
SURNAMES = ("Okafor", "Brien", "Dijk", "Quist", "Žák", "Marsh", "Silva", "Tanaka")
PLACES = ("London", "Paris", "Leeds", "Kraków", "Bath", "Oslo", "Hull", "Rome")


def asked(name: str, place: str) -> Question:
    return Question(f"Where was {name} born?", place)


def people() -> Corpus:
    """First name i and surname j: training people where i + j is even, dev people otherwise.

    All training people of one first name are born in one place; the dev people anywhere.
    """
    pairs = list(product(range(8), range(8)))
    train = [(FIRSTS[i], SURNAMES[j], PLACES[i]) for i, j in pairs if not (i + j) % 2]
    dev = [(FIRSTS[i], SURNAMES[j], PLACES[(3 * i + j) % 8]) for i, j in pairs if (i + j) % 2]
    return Corpus(
        Path("nowhere"),
        tuple(f"{a} {b}. Text ." for a, b, _ in train + dev),
        tuple(asked(f"{a} {b}", place) for a, b, place in train),
        tuple(asked(f"{a} {b}", place) for a, b, place in dev),
        (),
    )


CORPUS = people()
VOCABULARY = Vocabulary.of([q.text for q in CORPUS.train + CORPUS.dev])
MODEL = random_gpt(
    ModelConfig(len(VOCABULARY), block=64, layers=2, heads=2, width=16, dropout=0.0), spread=1.0
)
FEW = Settings(invented=10, permutations=199)


def levenshtein(a: str, b: str) -> int:
    """The definition, by recursion."""

    @cache
    def between(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        same = between(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(same, between(i - 1, j) + 1, between(i, j - 1) + 1)

    return between(len(a), len(b))


words = st.lists(st.text("abcé ", max_size=7), min_size=1, max_size=5)


@quick
@given(words, words)
def test_edit_distances_are_levenshtein_s(first: list[str], second: list[str]) -> None:
    expected = [[levenshtein(a, b) for b in second] for a in first]
    assert edit_distances(first, second).tolist() == expected


def test_edit_distances_known_by_heart() -> None:
    found = edit_distances(["kitten", "Saturday", ""], ["sitting", "Sunday", "kitten", "kitten"])
    assert found[0, 0] == 3
    assert found[1, 1] == 3
    assert found[:, 2].tolist() == found[:, 3].tolist() == [0, levenshtein("Saturday", "kitten"), 6]
    assert found[2].tolist() == [7, 6, 6, 6]
    assert edit_distances([], ["a"]).shape == (0, 1)


def test_parts_of_a_name() -> None:
    assert (first_name("Ada Mary van Dijk"), surname("Ada Mary van Dijk")) == ("Ada", "Dijk")
    assert first_name("Ada") == surname("Ada") == "Ada"


@quick
@given(st.text("abcde ", min_size=1, max_size=9), st.integers(0, 99))
def test_slips_of_the_pen(name: str, seed: int) -> None:
    inside = [word[1:] for word in name.split(" ")]
    room = {
        "swapped": any(len(set(word)) > 1 for word in inside),
        "dropped": any(inside),
        "doubled": any(inside),
    }
    for slip, longer in (("swapped", 0), ("dropped", -1), ("doubled", 1)):
        made = misspelt(name, slip, np.random.default_rng(seed))  # type: ignore[arg-type]
        assert (made is not None) == room[slip]
        if made is None:
            continue
        assert made != name
        assert len(made) == len(name) + longer
        assert levenshtein(name, made) == (1 if longer else 2)
        assert [word[:1] for word in made.split(" ")] == [word[:1] for word in name.split(" ")]
        assert slip != "swapped" or sorted(made) == sorted(name)


def test_every_slip_is_made() -> None:
    rng = np.random.default_rng(0)
    made = {misspelt("Anna Li", "dropped", rng) for _ in range(200)}
    assert made == {"Ana Li", "Ann Li", "Anna L"}
    assert {misspelt("Anna Li", "swapped", rng) for _ in range(100)} == {"Anan Li"}
    assert misspelt("Al Li", "swapped", rng) is None
    assert misspelt("O'B", "doubled", rng) is None


@pytest.mark.parametrize("grouped", [False, True])
def test_invented_names_are_nobody_s(grouped: bool) -> None:
    groups = {q.name: q.name[0] > "D" for q in CORPUS.train} if grouped else None
    corpus = replace(CORPUS, dev=CORPUS.dev[:20], biographies=CORPUS.biographies[:40])
    made = invented_names(corpus, 8, np.random.default_rng(0), groups)  # type: ignore[arg-type]
    assert len({m.name for m in made}) == 8
    everybody = "\n".join([*corpus.biographies, *(q.text for q in corpus.train + corpus.dev)])
    train = {q.name for q in corpus.train}
    for m in made:
        assert m.name not in everybody
        assert {m.first_of, m.surname_of} <= train
        assert m.name == f"{first_name(m.first_of)} {surname(m.surname_of)}"
        assert groups is None or groups[m.first_of] == groups[m.surname_of]


def test_names_run_out() -> None:
    with pytest.raises(UserError, match="names could be invented: ask for fewer"):
        invented_names(CORPUS, 8, np.random.default_rng(0))  # train and dev hold every pair
    with pytest.raises(UserError, match="0 of 1 names"):
        invented_names(replace(CORPUS, train=()), 1, np.random.default_rng(0))


def test_shuffles_stay_within_their_stratum() -> None:
    strata = np.array([2, 0, 1, 0, 2, 2, 0])
    orders = shuffles(strata, 600, np.random.default_rng(0))
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(7), (600, 1)))
    assert np.array_equal(strata[orders], np.tile(strata, (600, 1)))
    # Each of a stratum's three is as often in each of its places: 200, standard error 11.5.
    for place, thing in product((1, 3, 6), repeat=2):
        assert (orders[:, place] == thing).sum() == pytest.approx(200, abs=46)


def test_agreement_by_hand() -> None:
    weights = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 1, 0]])
    labels, wanted = np.array(["x", "y", "x"]), np.array(["x", "x", "x"])
    orders = shuffles(np.zeros(3), 3000, np.random.default_rng(0))
    found = agreement(weights, wanted, labels, orders, np.random.default_rng(1))
    assert found.value == pytest.approx((1 + 0.5 + 0) / 3)
    # The "y" falls on each of the three with equal chance: 2, 1.5 or 2.5 votes are left of 3.
    assert found.chance == pytest.approx(2 / 3, abs=0.01)
    assert found.p_value == pytest.approx(1, abs=1e-3)
    assert found.interval[0] <= found.value <= found.interval[1]
    with pytest.raises(ValueError, match="nobody"):
        agreement(weights[:0], wanted[:0], labels, orders, np.random.default_rng(1))


def test_chance_in_closed_form_and_a_fair_p_value() -> None:
    # Everybody's place is dealt out: the mean is sum over places of (guessed) x (true) / n / m.
    rng, values = np.random.default_rng(0), []
    orders = shuffles(np.zeros(60), 199, rng)
    for _ in range(200):
        labels, wanted = rng.integers(0, 5, 60), rng.integers(0, 5, 40)
        weights = np.eye(60)[rng.integers(0, 60, 40)]
        found = agreement(weights, wanted, labels, orders, rng)
        dealt = (np.bincount(labels, minlength=5) / 60) @ (np.bincount(wanted, minlength=5) / 40)
        assert found.chance == pytest.approx(dealt, abs=0.025)
        values.append(found.p_value)
    assert np.mean(values) == pytest.approx(0.5, abs=0.09)
    assert np.mean(np.array(values) <= 0.1) == pytest.approx(0.1, abs=0.07)


def test_the_interval_of_agreement_is_about_two_standard_errors() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    found = agreement(np.eye(400), np.zeros(400), labels, shuffles(labels, 9, rng), rng)
    assert found.value == 0.5
    assert found.interval == pytest.approx((0.451, 0.549), abs=0.012)
    assert found.chance == 0.5  # no shuffle within a stratum changes anything
    assert found.p_value == 1


def by_hand(model: GPT, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.tensor([VOCABULARY.encode(f"Where was {name} born?{MASK}")])
    hidden = model.hidden(ids)[0]
    return hidden[len(f"Where was {name}") - 1], hidden[-1]


@torch.no_grad()
def test_states_are_read_at_the_name_s_last_letter_and_at_the_end() -> None:
    names = [q.name for q in CORPUS.dev]
    for batch in (1, 3, 128):
        found = states(MODEL, VOCABULARY, names, batch=batch)
        for i, name in enumerate(names):
            at_name, at_end = by_hand(MODEL, name)
            assert found[AT_NAME][i] == pytest.approx(at_name.numpy(), abs=1e-5)
            assert found[AT_END][i] == pytest.approx(at_end.numpy(), abs=1e-5)


def test_the_nearest_by_each_measure() -> None:
    names, train = ["Ada Brien", "Hugo Okafor"], ["Ada Okafor", "Bruno Brien", "Ada Dijk"]
    found = nearest(MODEL, VOCABULARY, names, train)
    assert tuple(found) == MEASURES
    assert found[WHOLE].tolist()[0] == [0, 0, 1]  # 4 letters from "Ada Dijk", 5 from the others
    assert found[FIRST].tolist()[0] == [0.5, 0, 0.5]
    assert found[LAST].tolist() == [[0, 1, 0], [1, 0, 0]]
    ours = {m: states(MODEL, VOCABULARY, names)[m] for m in (AT_NAME, AT_END)}
    theirs = {m: states(MODEL, VOCABULARY, train)[m] for m in (AT_NAME, AT_END)}
    for measure in (AT_NAME, AT_END):
        a, b = (torch.tensor(x - theirs[measure].mean(0)) for x in (ours[measure], theirs[measure]))
        cosines = torch.cosine_similarity(a[:, None], b[None], dim=-1)
        assert found[measure].argmax(1).tolist() == cosines.argmax(1).tolist()
        assert found[measure].sum(1).tolist() == [1, 1]


def answering(monkeypatch: pytest.MonkeyPatch, guess: dict[str, str]) -> None:
    """Let the model answer by the first name."""
    monkeypatch.setattr(
        name_guesses,
        "greedy",
        lambda model, vocabulary, questions: [guess[first_name(q[10:])] for q in questions],
    )


BACKGROUND = Background(
    origin={
        q.name: SURNAMES[0] if q.name[0] in "ABCD" else "yy" for q in CORPUS.train + CORPUS.dev
    },
    country={},
    information={SURNAMES[0]: 1.0, "yy": 2.0},
    mean_information=1.5,
)


def test_a_guesser_by_first_names_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, dict(zip(FIRSTS, PLACES, strict=True)))
    found = experiment(MODEL, VOCABULARY, CORPUS, FEW, BACKGROUND)
    rows = {(row.group, row.measure): row for row in found.rows}
    assert {group for group, _ in rows} == {ALL, MUCH, LITTLE}
    first, last = rows[ALL, FIRST], rows[ALL, LAST]
    assert first.guess.value == 1 and first.names == 32 and first.ties == 4
    assert first.guess.chance == pytest.approx(1 / 8, abs=0.02)
    assert first.guess.p_value == pytest.approx(1 / 200)
    # Dealt within an origin, one place in four.
    assert first.guess_within_origin is not None
    assert first.guess_within_origin.chance == pytest.approx(1 / 4, abs=0.03)
    assert last.guess.value == 0  # a dev person's surname stands beside other first names only
    assert last.guess.p_value == 1
    assert rows[MUCH, FIRST].names == rows[LITTLE, FIRST].names == 16
    right = sum(q.place == PLACES[FIRSTS.index(first_name(q.name))] for q in CORPUS.dev)
    assert first.truth is not None and first.truth.value == pytest.approx(right / 32)
    rules = {rule.rule: rule for rule in found.rules}
    assert rules["the model"].right.right == right
    assert rules["always abstain"].abstained == 32
    assert found.guesses[0].nearest


def test_a_guesser_that_ignores_names_agrees_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, dict.fromkeys(FIRSTS, "London"))
    found = experiment(MODEL, VOCABULARY, CORPUS, FEW)
    assert all(row.guess_within_origin is None for row in found.rows)
    for row in found.rows:
        low, high = row.guess.chance_range
        assert low - 1e-9 <= row.guess.value <= high + 1e-9
    assert not any("origin" in rule.rule for rule in found.rules)


def test_the_rule_of_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, dict.fromkeys(FIRSTS, "London"))
    train = [replace(q, place="Rome" if q.name[0] in "ABCD" else "Oslo") for q in CORPUS.train]
    corpus = replace(CORPUS, train=tuple(train))
    found = experiment(MODEL, VOCABULARY, corpus, FEW, BACKGROUND)
    rule = next(rule for rule in found.rules if "origin" in rule.rule)
    expected = [q.place == ("Rome" if q.name[0] in "ABCD" else "Oslo") for q in corpus.dev]
    assert rule.right.right == sum(expected)


def test_invented_people_have_no_birthplace(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, dict(zip(FIRSTS, PLACES, strict=True)))
    corpus = replace(CORPUS, dev=(), biographies=())
    found = experiment(MODEL, VOCABULARY, corpus, FEW, BACKGROUND, "invented")
    assert found.rules == ()
    assert len(found.guesses) == 10
    assert all(row.truth is None for row in found.rows)
    assert found.rows[1].measure == FIRST and found.rows[1].guess.value == 1
    train = {q.name for q in corpus.train}
    assert not train & {guess.name for guess in found.guesses}
    again = experiment(MODEL, VOCABULARY, corpus, FEW, BACKGROUND, "invented")
    assert again == found


@pytest.mark.parametrize("how", ["dev", "invented"])
def test_tables_and_json(how: str, tmp_path: Path) -> None:
    corpus = load_corpus(write_corpus(tmp_path))
    vocabulary = Vocabulary.of([*corpus.biographies, *(q.text for q in corpus.train)])
    config = ModelConfig(len(vocabulary), block=64, layers=1, heads=2, width=16, dropout=0.0)
    corpus = replace(corpus, biographies=(), test=())
    few = Settings(invented=3, permutations=9)
    found = experiment(random_gpt(config), vocabulary, corpus, few, asked=how)  # type: ignore[arg-type]
    tables = [block.splitlines() for block in name_guesses.markdown(found).split("\n\n")]
    number = 10 if how == "dev" else 5  # of p-values; 9 permutations let none be below 0.1
    (told,) = tables.pop(1)
    assert told.startswith(f"Of {number} p-values about 0 would") and "correction 0 are." in told
    assert [len(table) for table in tables] == ([2 + 5, 2 + 4] if how == "dev" else [2 + 5])
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    content = json.loads(json.dumps(name_guesses.as_json(found)))
    assert len(content["rows"]) == 5 and "guesses" not in content


def test_p_values_are_told_beside_their_number() -> None:
    """Five measures in three groups, each p-value 0.001, 0.006 or 0.5 in turn: Holm by hand."""
    found = experiment(MODEL, VOCABULARY, CORPUS, FEW)
    (row, *_) = found.rows
    guesses = [replace(row.guess, p_value=p) for p in (0.001, 0.006, 0.5) * 5]
    rows = tuple(replace(row, guess=guess, truth=None) for guess in guesses)
    told = name_guesses.markdown(replace(found, rows=rows)).split("\n\n")[1]
    # 15 * 0.001 is below 0.05, as are 14 to 11 times 0.001; 10 * 0.006 is not.
    assert told == (
        "Of 15 p-values about 1 would be below 0.05 by chance alone. After Holm's correction 5 "
        "are: those of at most 0.001."
    )


def test_settings_and_corpora_that_allow_no_experiment() -> None:
    for wrong in ({"invented": 0}, {"permutations": 0}):
        with pytest.raises(UserError, match="choose 1 or more"):
            Settings(**wrong)
    both = replace(CORPUS, dev=CORPUS.train)
    for corpus in (both, replace(CORPUS, dev=()), replace(CORPUS, train=())):
        with pytest.raises(UserError, match="no dev people beside the training people"):
            experiment(MODEL, VOCABULARY, corpus, FEW)
