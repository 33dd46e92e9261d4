"""Tests of `nlp4.experiments.names`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from grid import CORPUS, FIRSTS, PLACES, SURNAMES
from samples import random_gpt, write_corpus

from nlp4.data.corpus import load_corpus
from nlp4.data.names import first_name
from nlp4.data.people.background import Background
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments import names
from nlp4.experiments import names as name_guesses
from nlp4.experiments.names import (
    ALL,
    AT_END,
    AT_NAME,
    FIRST,
    LAST,
    LITTLE,
    MEASURES,
    MUCH,
    WHOLE,
    Settings,
    chance_anyhow,
    experiment,
    nearest,
    states,
    usual_countries,
)
from nlp4.maths.statistics import Share
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.support.errors import UserError

VOCABULARY = Vocabulary.of([q.text for q in CORPUS.train + CORPUS.dev])
MODEL = random_gpt(
    ModelConfig(len(VOCABULARY), block=64, layers=2, heads=2, width=16, dropout=0.0), spread=1.0
)
FEW = Settings(invented=10, permutations=199)


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


def test_a_guesser_by_origins_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the names are of either origin; its people are born in Rome or Oslo, all but one."""
    train = [replace(q, place="Rome" if q.name[0] in "ABCD" else "Oslo") for q in CORPUS.train]
    corpus = replace(CORPUS, train=(replace(train[0], place="Oslo"), *train[1:]))
    known = replace(BACKGROUND, country={"Rome": "Italy", "Oslo": "Norway", "Bari": "Italy"})
    assert usual_countries(corpus, known) == {SURNAMES[0]: "Italy", "yy": "Norway"}
    answering(monkeypatch, {f: "Bari" if f[0] in "ABCD" else "Oslo" for f in FIRSTS})
    use = experiment(MODEL, VOCABULARY, corpus, FEW, known).origin_use
    assert use is not None
    assert (use.guess, use.chance, use.p_value) == (Share(32, 32), 0.5, 1 / 200)
    born = [known.country.get(q.place or "") for q in corpus.dev]
    usual = ["Italy" if q.name[0] in "ABCD" else "Norway" for q in corpus.dev]
    assert use.truth == Share(sum(a == b for a, b in zip(born, usual, strict=True)), 32)

    answering(monkeypatch, dict.fromkeys(FIRSTS, "Oslo"))
    use = experiment(MODEL, VOCABULARY, corpus, FEW, known).origin_use
    assert use is not None
    assert (use.guess, use.chance, use.p_value) == (Share(16, 32), 0.5, 1.0)
    nobody = replace(corpus, dev=(), biographies=())
    use = experiment(MODEL, VOCABULARY, nobody, FEW, known, "invented").origin_use
    assert use is not None and use.truth is None
    assert experiment(MODEL, VOCABULARY, corpus, FEW).origin_use is None


def test_chance_among_all_names_in_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, dict(zip(FIRSTS, PLACES, strict=True)))
    found = experiment(MODEL, VOCABULARY, CORPUS, replace(FEW, permutations=1000))
    places = [q.place for q in CORPUS.train]
    pairs = [place == each.guess for each in found.guesses for place in places]
    assert chance_anyhow(found, CORPUS) == pytest.approx(sum(pairs) / len(pairs))
    for row in found.rows:  # whatever the measure, and however many are equally near
        assert row.guess.chance == pytest.approx(chance_anyhow(found, CORPUS), abs=0.01)


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
    tables = [block.splitlines() for block in names.tables(found).split("\n\n")]
    number = 10 if how == "dev" else 5  # of p-values; 9 permutations let none be below 0.1
    (told,) = tables.pop(1)
    assert told.startswith(f"Of {number} p-values about 0 would") and "correction 0 are." in told
    assert [len(table) for table in tables] == ([2 + 5, 2 + 4] if how == "dev" else [2 + 5])
    for table in tables:
        assert len({line.count("|") for line in table}) == 1
    content = json.loads(json.dumps(names.as_json({how: found})))[how]
    assert content["asked"] == how
    assert len(content["rows"]) == 5 and "guesses" not in content
    assert content["origin use"] is None
    title = {"dev": "Finetuned alone, dev people", "invented": "Pretrained, invented names"}[how]
    assert names.markdown({how: found}) == f"{title}:\n\n{names.tables(found)}"


def test_p_values_are_told_beside_their_number() -> None:
    """Five measures in three groups, each p-value 0.001, 0.006 or 0.5 in turn: Holm by hand."""
    found = experiment(MODEL, VOCABULARY, CORPUS, FEW)
    (row, *_) = found.rows
    guesses = [replace(row.guess, p_value=p) for p in (0.001, 0.006, 0.5) * 5]
    rows = tuple(replace(row, guess=guess, truth=None) for guess in guesses)
    told = names.tables(replace(found, rows=rows)).split("\n\n")[1].rstrip()
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
