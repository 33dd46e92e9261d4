"""Tests of `nlp4.training.presets`."""

from __future__ import annotations

import string
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
import tiny
import torch

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.objectives import mixture
from nlp4.data.studying import names_and_words
from nlp4.data.vocabulary import MASK, PAD, Vocabulary
from nlp4.models.gpt import GPT, parameters_of
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.training.presets import (
    ABLATIONS,
    LADDER,
    PRESETS,
    Preset,
    Stage,
    letters_of,
    preset,
    recipe,
    vocabulary_of,
    wide_vocabulary,
)

RECIPES = LADDER | PRESETS

# Looking up


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_found_by_its_name(name: str) -> None:
    assert preset(name) is RECIPES[name]
    assert preset(name).summary


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError, match="'big'") as refused:
        preset("big")
    assert all(name in str(refused.value) for name in RECIPES)
    with pytest.raises(UserError, match="'big'"):
        recipe("big", 0, 1)


# Changing a stage


STAGES = [
    pytest.param(getattr(each, stage), id=f"{name}-{stage}")
    for name, each in PRESETS.items()
    for stage in ("pretrain", "finetune", "scratch")
]


@pytest.mark.parametrize("stage", STAGES)
def test_a_seed_or_a_number_of_steps_changes_nothing_else(stage: Stage) -> None:
    before = asdict(stage)
    for found, field, value in (
        (stage.seeded(91), "seed", 91),
        (stage.lasting(7), "steps", 7),
        (stage.lasting(0), "steps", 1),
    ):
        after = asdict(found)
        assert after["training"].pop(field) == value
        assert after == {
            **before,
            "training": {k: v for k, v in before["training"].items() if k != field},
        }
    assert asdict(stage) == before


@pytest.mark.parametrize("name", PRESETS)
def test_a_recipe_sets_the_seeds_and_the_pretraining_s_steps_alone(name: str) -> None:
    found, kept = recipe(name, 5, 12), preset(name)
    steps = [stage.training.steps for stage in (found.pretrain, found.finetune, found.scratch)]
    assert steps == [12, kept.finetune.training.steps, kept.scratch.training.steps]
    seeds = [stage.training.seed for stage in (found.pretrain, found.finetune, found.scratch)]
    assert seeds[0] == seeds[2] == 5 and seeds[1] != 5
    assert (found.summary, found.model) == (kept.summary, kept.model)


# The ladder


def flat(recipe: Preset) -> dict[str, object]:
    """A recipe's model and pretraining as one level of names and values."""
    return {
        **asdict(recipe.model),
        **asdict(recipe.pretrain.training),
        **asdict(recipe.pretrain.study),
        "objectives": recipe.pretrain.shares,
    }


def test_the_ladder_leads_from_the_courses_recipe_to_the_laptops() -> None:
    first, *_, last = LADDER.values()
    assert first == PRESETS["course"]
    assert replace(last, summary="") == replace(PRESETS["laptop"], summary="")


@pytest.mark.parametrize(
    ("lower", "upper", "changed"),
    [
        ("small", "rotary", {"positions"}),
        ("rotary", "muon", {"optimiser"}),
        ("muon", "salient", {"objectives"}),
        ("salient", "questions", {"objectives"}),
        ("questions", "ngrams", {"memory"}),
        ("ngrams", "names", {"memory"}),
        ("names", "varied", {"objectives"}),
        ("varied", "isolated", {"memory"}),
        ("isolated", "people", {"memory", "recall", "objectives", "memory_rate", "memory_betas"}),
        ("people", "laptop", {"objectives"}),
    ],
)
def test_each_rung_changes_one_thing(lower: str, upper: str, changed: set[str]) -> None:
    below, above = flat(LADDER[lower]), flat(LADDER[upper])
    assert {key for key in below if below[key] != above[key]} == changed


CHANGED = {
    "no-rows": {"recall", "memory", "named", "false_letters"},
    "dense": {"recall", "memory", "named", "false_letters"},
    "wide": {"recall", "memory", "named", "false_letters", "layers", "heads", "width"},
    "no-spelling": {"memory"},
    "no-rotary": {"positions"},
    "no-muon": {"optimiser"},
    "no-facts": {"objectives"},
    "no-questions": {"objectives"},
    "true-letters": {"false_letters"},
    "few-wordings": {"wordings"},
    "questions-write": {"written"},
}


def test_each_ablation_takes_one_idea_away() -> None:
    (base, *names), whole = ABLATIONS, flat(ABLATIONS["laptop"])
    assert base == "laptop"
    found = {name: {k for k, v in flat(ABLATIONS[name]).items() if v != whole[k]} for name in names}
    assert found == CHANGED
    for name in names:
        each, finetune = ABLATIONS[name], ABLATIONS[base].finetune
        assert each.finetune == replace(finetune, study=each.pretrain.study)
        assert each.scratch == ABLATIONS[base].scratch


def test_the_wide_control_has_as_many_parameters_as_the_laptops_recipe(corpus: Corpus) -> None:
    """Of the course's size: 330 characters, 2,730 people, 2,500 words."""
    models = [ABLATIONS["wide"].model, ABLATIONS["laptop"].model]
    letters, words = (
        tuple(map(chr, range(first, first + n))) for first, n in ((32, 330), (20_000, 2_500))
    )
    names = tuple(f"{word}{words[0]}" for word in (*words, *letters[100:]))
    known = RecallConfig(names, words, letters)
    sizes = [
        parameters_of(GPT(replace(each, vocabulary_size=330), torch.Generator()))
        for each in (models[0], replace(models[1], recall=known))
    ]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_no_two_neighbours_on_the_ladder_are_the_same() -> None:
    for (_, lower), (name, upper) in pairwise(LADDER.items()):
        without_words = replace(upper, summary=lower.summary)
        assert without_words != lower, name


# Alphabets and models


def test_an_alphabet_is_sorted_into_spaces_separators_capitals_and_masks() -> None:
    vocabulary = Vocabulary.of(["Éa-’'. b\u00a0,1(ß)Z日"])
    letters = letters_of(vocabulary)
    assert set(vocabulary.decode(letters.spaces)) == {" ", "\u00a0"}
    assert set(vocabulary.decode(letters.separators)) == {PAD, MASK, *",1()"}
    assert set(vocabulary.decode(letters.capitals)) == {*"ÉZ"}
    assert vocabulary.decode(letters.masks) == MASK


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people")))


def test_the_alphabet_spells_all_that_is_trained_on(corpus: Corpus) -> None:
    train = (*corpus.train, Question("Where was Ġorġ born?", "Ħamrun"))
    corpus = replace(corpus, train=train)
    vocabulary = vocabulary_of(corpus)
    texts = (*corpus.biographies, *(f"{q.text}{q.place}" for q in corpus.train))
    spelt = {character for text in texts for character in text}
    assert set(vocabulary.characters) == spelt | {PAD, MASK}


@pytest.mark.parametrize("memory", [False, True])
def test_a_new_model_fits_the_alphabet_and_follows_its_seed(memory: bool, corpus: Corpus) -> None:
    vocabulary, small = vocabulary_of(corpus), tiny.preset(memory=memory)
    first, same, other = (small.new_model(vocabulary, seed) for seed in (1, 1, 2))
    assert first.config.vocabulary_size == len(vocabulary)
    assert (first.config.memory is not None) is memory
    if first.config.memory is not None:
        assert first.config.memory.letters == letters_of(vocabulary)
    weights = [torch.cat([p.flatten() for p in each.parameters()]) for each in (first, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


# Rows of people


@pytest.fixture(scope="module")
def accented(corpus: Corpus) -> Corpus:
    """With letters that capitals write otherwise, and one that no keyboard has."""
    train = (*corpus.train, Question("Where was İda Weiß-ĳ born?", "Ħamrun"))
    text = "İda Weiß-ĳ. İda Weiß-ĳ was born in Ħamrun ."
    return replace(corpus, train=train, biographies=(*corpus.biographies, text))


def test_a_wide_alphabet_spells_all_that_is_typed(accented: Corpus) -> None:
    wide = set(wide_vocabulary(accented).characters)
    own = set(vocabulary_of(accented).characters)
    assert own < wide
    assert set(string.ascii_letters + string.digits + string.punctuation + " ") < wide
    assert {c for letter in own - {PAD, MASK} for c in letter.upper() + letter.lower()} < wide
    assert not {"\n", "\t", "\r"} & wide


def test_the_alphabet_is_wide_where_people_are_recalled(accented: Corpus) -> None:
    assert tiny.preset().vocabulary(accented) == vocabulary_of(accented)
    vocabulary = tiny.recalling().vocabulary(accented)
    assert vocabulary == wide_vocabulary(accented)
    draw, rng = mixture(accented, 96, tiny.recalling().pretrain.shares), np.random.default_rng(0)
    texts = [draw(rng).text for _ in range(1_500)]
    assert any("WEISS" in text for text in texts)
    for text in texts:
        vocabulary.encode(text)  # refuses what it cannot spell


def test_a_new_model_has_a_row_for_everybody_who_is_told_of(corpus: Corpus) -> None:
    recipe, (names, words) = tiny.recalling(), names_and_words(corpus)
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, 0, corpus)
    assert model.recall is not None and model.config.recall is not None
    assert model.recall.index.row_of.keys() == set(names) == tiny.PEOPLE.keys()
    assert model.config.recall.words == words
    assert model.config.recall.characters == vocabulary.characters
    ids = torch.tensor([vocabulary.encode("Where was LEA BROOK born?")])
    assert int(model.recall.named(ids)[0, -1]) == model.recall.index.row_of["Lea Brook"]


def test_rows_for_nobody_are_refused(corpus: Corpus) -> None:
    recipe = tiny.recalling()
    with pytest.raises(UserError, match=r"has rows for people: hand new_model a corpus$"):
        recipe.new_model(recipe.vocabulary(corpus), seed=0)


RECALLING = [name for name, each in PRESETS.items() if each.model.recall is not None]


def test_the_longer_presets_differ_in_their_time_and_what_it_asks_for() -> None:
    assert RECALLING == ["laptop", "coffee", "lunch"]
    steps = [PRESETS[name].pretrain.training.steps for name in RECALLING]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("name", RECALLING)
def test_no_question_writes_what_it_asks_for(name: str) -> None:
    """Rows of those who are asked about would hold answers that others' rows do not."""
    found = PRESETS[name]
    assert {objective for objective, _ in found.pretrain.shares} == {"fact_clozes", "any_questions"}
    assert found.finetune.shares == (("any_questions", 1.0),)
