"""Recipes by name: a model, what it reads first, and how it then learns to answer.

Each recipe is plain data. To try an idea, `dataclasses.replace` one field and run it.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from nlp4.data.corpus import Corpus
from nlp4.data.objectives import Shares
from nlp4.data.studying import Study, names_and_words
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.memory import Letters, MemoryConfig
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.training.trainer import TrainingConfig

QUESTIONS_ALONE: Shares = (("questions", 1.0),)
BY_HEART = 600  # steps after which a model knows the 2,000 training answers


@dataclass(frozen=True)
class Stage:
    """One training: what it draws from, and how it learns."""

    shares: Shares
    training: TrainingConfig
    study: Study = field(default_factory=Study)

    def seeded(self, seed: int) -> Stage:
        """The same stage with another seed."""
        return replace(self, training=replace(self.training, seed=seed))

    def lasting(self, steps: int) -> Stage:
        """The same stage with another number of steps."""
        return replace(self, training=replace(self.training, steps=max(1, steps)))


@dataclass(frozen=True)
class Preset:
    """A recipe; exercise 3d is `scratch` and `finetune`, exercise 3e `pretrain` and `finetune`."""

    summary: str
    model: ModelConfig  # its vocabulary size, and the memory's letters, come from the corpus
    pretrain: Stage
    finetune: Stage
    scratch: Stage  # the questions alone, for a model that reads nothing else before `finetune`

    def vocabulary(self, corpus: Corpus) -> Vocabulary:
        """The model's alphabet: the corpus's, and all that is typed where any words are read."""
        read = dict(self.pretrain.shares) | dict(self.finetune.shares)
        return wide_vocabulary(corpus) if "any_questions" in read else vocabulary_of(corpus)

    def new_model(self, vocabulary: Vocabulary, seed: int, corpus: Corpus | None = None) -> GPT:
        """A fresh model for that alphabet, its weights drawn from `seed`.

        One that recalls people has a row for each that `corpus` tells of. Raises UserError if it
        is not told whom.
        """
        memory, recall = self.model.memory, self.model.recall
        if memory is not None:
            memory = replace(memory, letters=letters_of(vocabulary))
        if recall is not None:
            if corpus is None:
                raise UserError("this recipe's model has rows for people: hand new_model a corpus")
            characters = vocabulary.characters
            names, words = names_and_words(corpus)
            recall = replace(recall, names=names, words=words, characters=characters)
        config = replace(self.model, vocabulary_size=len(vocabulary), memory=memory, recall=recall)
        return GPT(config, torch.Generator().manual_seed(seed))


def letters_of(vocabulary: Vocabulary) -> Letters:
    """Sort an alphabet for the memory; hyphens, apostrophes and periods belong to names."""
    numbered = list(enumerate(vocabulary.characters))
    return Letters(
        spaces=tuple(i for i, c in numbered if c.isspace()),
        separators=tuple(i for i, c in numbered if not (c.isalpha() or c.isspace() or c in "'’-.")),
        capitals=tuple(i for i, c in numbered if c.isupper()),
        masks=tuple(i for i, c in numbered if c == MASK),
    )


def vocabulary_of(corpus: Corpus) -> Vocabulary:
    """The alphabet of the biographies and the training questions."""
    questions = (f"{q.text}{q.place or ''}" for q in corpus.train)
    return Vocabulary.of((*corpus.biographies, *questions))


def wide_vocabulary(corpus: Corpus) -> Vocabulary:
    """What a keyboard types, and each letter of the corpus, large and small."""
    letters = "".join(vocabulary_of(corpus).characters[2:])  # without the padding and the mask
    return Vocabulary.of((string.printable.strip(), " ", letters, letters.upper(), letters.lower()))


def preset(name: str) -> Preset:
    """Look a recipe up, a rung of the ladder too. Raises UserError that lists the names."""
    recipes = PRESETS | LADDER | PRESETS  # a rung called like a preset is that preset
    if name not in recipes:
        raise UserError(f"there is no preset {name!r}: choose one of {', '.join(recipes)}")
    return recipes[name]


def recipe(name: str, seed: int, steps: int) -> Preset:
    """A preset by name, every stage seeded from `seed`, its pretraining `steps` long.

    Raises UserError as `preset` does.
    """
    found = preset(name)
    return replace(
        found,
        pretrain=found.pretrain.seeded(seed).lasting(steps),
        finetune=found.finetune.seeded(seed + 1),  # not the questions' order again
        scratch=found.scratch.seeded(seed),
    )


def _course() -> Preset:
    """650 and 10 epochs of the course's 2,937 texts and 2,000 questions, counted in steps.

    Without pretraining it is 75 epochs of the questions, the last 10 of them the finetuning. One
    thing differs: learning rates fall linearly here, and along a cosine in the course.
    """
    return Preset(
        summary="the course's recipe: span corruption, learned positions, 3.3 M parameters",
        model=ModelConfig(0),
        pretrain=Stage(
            (("span_corruption", 1.0),),
            TrainingConfig(14_900, batch=128, learning_rate=6e-3, weight_decay=0.1, warmup=200),
        ),
        finetune=Stage(
            QUESTIONS_ALONE,
            TrainingConfig(80, batch=256, learning_rate=6e-4, weight_decay=0.1, warmup=8),
        ),
        scratch=Stage(
            QUESTIONS_ALONE,
            TrainingConfig(510, batch=256, learning_rate=6e-4, weight_decay=0.1, warmup=8),
        ),
    )


def _names(steps: int, summary: str) -> Preset:
    """Salient spans, a few questions among them, and a memory: made for two CPU cores."""
    return Preset(
        summary=summary,
        model=ModelConfig(
            0,
            block=256,
            layers=2,
            heads=4,
            width=128,
            positions="rotary",
            dropout=0.0,
            memory=MemoryConfig(),
        ),
        pretrain=Stage((("salient_cloze", 0.97), ("questions", 0.03)), _muon(steps)),
        finetune=Stage(
            QUESTIONS_ALONE,
            TrainingConfig(100, batch=64, learning_rate=3e-4, memory_rate=3e-4, warmup=10),
        ),
        scratch=Stage(QUESTIONS_ALONE, _muon(min(steps, BY_HEART))),
    )


def _isolated(steps: int, summary: str) -> Preset:
    """The same, where a cloze leads to its facts by no cue that a question lacks."""
    recipe = _names(steps, summary)
    shares: Shares = (("varied_cloze", 0.97), ("questions", 0.03))
    return replace(
        recipe,
        model=replace(recipe.model, memory=MemoryConfig(isolated=True)),
        pretrain=replace(recipe.pretrain, shares=shares),
    )


def _people(steps: int, summary: str, dropout: float = 0.0) -> Preset:
    """A row for each person, found by an index; clozes of facts; a memory that helps to spell."""
    recipe = _isolated(steps, summary)
    spelling = MemoryConfig(ngrams=(3, 5), names=False, isolated=True, answers=True, rows=4_096)
    return replace(
        recipe,
        model=replace(recipe.model, memory=spelling, recall=RecallConfig(dropout=dropout)),
        pretrain=Stage(
            (("fact_clozes", 0.7), ("questions", 0.3)),
            replace(_muon(steps), memory_rate=0.06, memory_betas=(0.5, 0.95)),
        ),
    )


def _laptop(steps: int, summary: str, dropout: float = 0.0) -> Preset:
    """The same, asked about every relation in many words; asking does not write rows."""
    recipe = _people(steps, summary, dropout)
    return replace(
        recipe,
        pretrain=replace(recipe.pretrain, shares=(("fact_clozes", 0.7), ("any_questions", 0.3))),
        finetune=replace(recipe.finetune, shares=(("any_questions", 1.0),)),
    )


def _pocket() -> Preset:
    """A quarter of the memory's rows, for a model file that is sent along."""
    recipe = _names(1_800, "the rung `names` with a quarter of the memory's rows: for small files")
    memory = MemoryConfig(rows=MemoryConfig().rows // 4)
    return replace(recipe, model=replace(recipe.model, memory=memory))


def _plain() -> Preset:
    """Without the memory: facts are where they are in any transformer, in the matrices."""
    recipe = _names(3_600, "the rung `questions`, which has no memory, for six minutes")
    return replace(recipe, model=replace(recipe.model, memory=None))


def _muon(steps: int) -> TrainingConfig:
    return TrainingConfig(
        steps, batch=64, optimiser="muon", learning_rate=3e-3, matrix_rate=0.01, memory_rate=0.02
    )


PRESETS: dict[str, Preset] = {
    "course": _course(),
    "laptop": _laptop(1_200, "two layers, and a row for each person"),
    "coffee": _laptop(1_800, "the laptop's recipe, half as long again"),
    "pocket": _pocket(),
    "plain": _plain(),
    "lunch": _laptop(9_000, "the laptop's recipe, five times as long as coffee", dropout=0.3),
}


def _ladder() -> dict[str, Preset]:
    """From the course's recipe to the laptop's, one idea a rung, in the order of the trials."""
    course, names, isolated = PRESETS["course"], _names(1_200, ""), _isolated(1_200, "")
    rungs = {"course": course}

    def add(name: str, summary: str, model: ModelConfig, pretrain: Stage) -> None:
        rungs[name] = Preset(summary, model, pretrain, names.finetune, names.scratch)

    small = replace(names.model, positions="learned", memory=None)
    rotary = replace(small, positions="rotary")
    ngrams = replace(rotary, memory=MemoryConfig(ngrams=(3, 5, 8), names=False))
    adamw = Stage(course.pretrain.shares, replace(_muon(1_200), optimiser="adamw"))
    muon = replace(adamw, training=_muon(1_200))
    salient = replace(muon, shares=(("salient_cloze", 1.0),))
    add("small", "two layers of width 128 instead of four of 256", small, adamw)
    add("rotary", "positions told by turning queries and keys", rotary, adamw)
    add("muon", "matrices moved by Muon", rotary, muon)
    add("salient", "capitalised phrases masked instead of random spans", rotary, salient)
    add("questions", "three question pairs in a hundred mixed in", rotary, names.pretrain)
    add("ngrams", "a memory of characters and words", ngrams, names.pretrain)
    add("names", "rows for names, fewer for characters", names.model, names.pretrain)
    add("varied", "half of the names without their period", names.model, isolated.pretrain)
    add("isolated", "names and answers looked up by themselves", isolated.model, isolated.pretrain)
    rungs["people"] = _people(1_200, "a row for each person, and clozes of facts")
    told = "questions about every relation, in any words, which read rows and do not write them"
    rungs["laptop"] = replace(PRESETS["laptop"], summary=told)
    return rungs


def _ablations() -> dict[str, Preset]:
    """The laptop's recipe, and the same with one of its ideas taken away at a time."""
    laptop = PRESETS["laptop"]
    found, whole, stage = {"laptop": laptop}, laptop.model, laptop.pretrain
    study, (clozes, asked) = stage.study, stage.shares

    def add(name: str, summary: str, model: ModelConfig = whole, **changes: Any) -> None:
        pretrain = replace(stage, **changes)
        finetune = replace(laptop.finetune, study=pretrain.study)
        found[name] = replace(
            laptop, summary=summary, model=model, pretrain=pretrain, finetune=finetune
        )

    spelt = replace(whole, recall=None, memory=MemoryConfig(isolated=True))
    named = replace(study, named=1.0, false_letters=0.0)
    dense = replace(spelt, memory=None)
    wide = replace(dense, layers=4, heads=8, width=256)
    add("no-rows", "people known by the letters of their names, in a memory", spelt, study=named)
    add("dense", "neither rows nor a memory: layers alone", dense, study=named)
    add("wide", "layers alone, and as many parameters", wide, study=named)
    add("no-spelling", "no memory for how answers are spelt", replace(whole, memory=None))
    add("no-rotary", "learned positions", replace(whole, positions="learned"))
    add("no-muon", "AdamW for every matrix", training=replace(stage.training, optimiser="adamw"))
    add("no-facts", "any capitals masked, not facts", shares=(("varied_cloze", clozes[1]), asked))
    add("no-questions", "no questions before the finetuning", shares=(clozes,))
    true, few = replace(study, false_letters=0.0), replace(study, wordings=12)
    add("true-letters", "every name shown with its own letters", study=true)
    add("few-wordings", "twelve wordings of each relation", study=few)
    add("questions-write", "questions write rows as well", study=replace(study, written=True))
    return found


LADDER = _ladder()
ABLATIONS = _ablations()
MEASURED = {name: PRESETS[name] for name in ("laptop", "coffee")}  # with several seeds
