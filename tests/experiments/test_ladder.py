"""The ladder and the ablations: each recipe is trained, asked, counted and kept."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import tiny
import torch

from nlp4.cli import read_options
from nlp4.data.corpus import UNKNOWN, Corpus, load_corpus
from nlp4.data.relations import PLAIN, Fact, Split
from nlp4.experiments import ladder
from nlp4.experiments.readings import exposures
from nlp4.maths.statistics import Share
from nlp4.models.asking import LONGEST, greedy
from nlp4.support.errors import UserError
from nlp4.support.files import data_folder
from nlp4.training.runs import trained
from nlp4.training.trainer import Trainer

QUICK = ladder.Settings(minutes=0.01, seeds=(0, 1), strangers=3)  # 0.6 s each
ASKED = (*ladder.RELATIONS, "reworded", "made up")


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """The tiny people, and a ladder of two recipes for them."""
    torch.set_num_threads(1)
    recipes = {"low": tiny.preset(memory=False), "high": tiny.preset()}
    monkeypatch.setattr(ladder, "exposures", partial(exposures, draws=50))
    monkeypatch.setattr(ladder, "COURSES", {"ladder": recipes, "ablations": recipes})
    return load_corpus(tiny.write_corpus(tmp_path / "people"))


def quiet(text: str) -> None:
    """Say nothing."""


def test_climbing_trains_and_asks_every_recipe_with_each_seed_and_resumes(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = ladder.climb(corpus, out, settings=QUICK, say=quiet)

    assert [(rung.name, rung.seeds) for rung in first] == [("low", (0, 1)), ("high", (0, 1))]
    assert all(rung.score.n == len(corpus.dev) for rung in first)
    assert {rung.reworded.n for rung in first} == {6 * len(corpus.dev)}
    assert {rung.shares["made up"].n for rung in first} == {3}
    assert first[0].tables == 0 < first[1].tables
    kept = json.loads((out / "ladder.json").read_text("utf-8"))
    assert [(row["name"], row["seed"]) for row in kept["rows"]] == [
        ("low", 0), ("low", 1), ("high", 0), ("high", 1)
    ]  # fmt: skip
    assert all(row["seconds"] >= 0.6 for row in kept["rows"])
    assert (out / "ladder.md").read_text("utf-8").splitlines()[2].startswith("| `low` |")

    monkeypatch.setattr(ladder, "trained", lambda *_: pytest.fail("trained again"))
    assert ladder.climb(corpus, out, settings=QUICK, say=quiet) == first
    assert ladder.read_rungs(path=out / "ladder.json") == first


def test_what_is_finished_is_kept_when_a_climb_is_interrupted(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = ladder.trained

    def stopped(*given: object) -> object:
        if str(given[-2]).startswith("2/"):
            raise KeyboardInterrupt
        return train(*given)

    with monkeypatch.context() as patch:
        patch.setattr(ladder, "trained", stopped)
        with pytest.raises(KeyboardInterrupt, match="1 of 4 runs are kept"):
            ladder.climb(corpus, tmp_path, settings=QUICK, say=quiet)
    kept = json.loads((tmp_path / "ladder.json").read_text("utf-8"))["rows"]
    assert [row["name"] for row in kept] == ["low"]
    assert len(ladder.climb(corpus, tmp_path, settings=QUICK, say=quiet)) == 2


def interrupted(*given: object) -> dict[str, float]:
    """What was asked for is stopped."""
    raise KeyboardInterrupt


def test_a_training_that_is_stopped_goes_on_where_it_was(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after its pretraining, it is not pretrained again: the rows are the same."""
    settings = ladder.Settings(minutes=None, seeds=(0,), strangers=3)
    whole = ladder.climb(corpus, tmp_path / "whole", settings=settings, say=quiet)
    train = ladder.trained

    def stopped(*given: object) -> object:
        if "finetuned" in str(given[-2]):
            raise KeyboardInterrupt
        return train(*given)

    with monkeypatch.context() as patch:
        patch.setattr(ladder, "trained", stopped)
        with pytest.raises(KeyboardInterrupt, match="0 of 2"):
            ladder.climb(corpus, tmp_path / "stopped", settings=settings, say=quiet)
    with monkeypatch.context() as patch:  # all is trained, and asked, when it is stopped
        patch.setattr(ladder, "exposures", interrupted)
        with pytest.raises(KeyboardInterrupt, match="0 of 2"):
            ladder.climb(corpus, tmp_path / "stopped", settings=settings, say=quiet)
    steps = list[int]()
    step = Trainer.step
    monkeypatch.setattr(Trainer, "step", lambda trainer: steps.append(step(trainer) or 1))
    again = ladder.climb(corpus, tmp_path / "stopped", settings=settings, say=quiet)
    assert [rung.shares for rung in again] == [rung.shares for rung in whole]
    low, high = ladder.COURSES["ladder"].values()
    assert len(steps) == high.pretrain.training.steps + high.finetune.training.steps
    assert low != high
    assert not list((tmp_path / "stopped" / "runs").glob("*ed"))


@pytest.mark.parametrize("changed", ["course", "minutes", "strangers", "split", "recipe"])
def test_a_folder_of_another_climb_is_refused(
    changed: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of other people, or of what a recipe was before, would be averaged with today's."""
    monkeypatch.setattr(ladder, "train", lambda *_: {**row("low", 0, 1), "told": ""})
    ladder.climb(corpus, tmp_path, settings=QUICK, say=quiet)
    course, settings = "ladder", QUICK
    if changed == "course":
        course = "ablations"
    elif changed == "split":
        (first, *train), (other, *dev) = corpus.train, corpus.dev
        corpus = replace(corpus, train=(other, *train), dev=(first, *dev))
    elif changed == "recipe":
        monkeypatch.setattr(ladder, "COURSES", {"ladder": {"low": tiny.preset(dropout=0.2)}})
    else:
        settings = replace(settings, **{changed: 2})
    with pytest.raises(UserError, match="other options"):
        ladder.climb(corpus, tmp_path, course, settings, say=quiet)  # type: ignore[arg-type]


def test_a_corpus_without_dev_questions_is_refused_before_the_hours_of_work(
    corpus: Corpus, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="no dev questions, where 1 or more"):
        ladder.climb(replace(corpus, dev=()), tmp_path, settings=QUICK, say=quiet)


def test_a_climb_that_is_refused_leaves_no_folder(corpus: Corpus, tmp_path: Path) -> None:
    many = ladder.Settings(minutes=0.01, seeds=(0,), strangers=10_000)
    with pytest.raises(UserError, match="names could be invented"):
        ladder.climb(corpus, tmp_path / "out", settings=many, say=quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "changes",
    [{"name": "middle"}, {"seed": "0"}, {"right": {}}, {"bits": math.nan}, {"asked": None}],
    ids=str,
)
def test_a_row_that_is_no_result_is_named_before_any_training(
    changes: dict[str, object], corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladder, "train", lambda *_: pytest.fail("a training"))
    (tmp_path / "runs").mkdir()
    kept = {**row("low", 0, 1), **changes}
    (tmp_path / "runs" / "low-0.json").write_text(json.dumps(kept), "utf-8")
    with pytest.raises(UserError, match=r"low-0\.json is damaged: delete it"):
        ladder.climb(corpus, tmp_path, settings=QUICK, say=quiet)


def test_the_command_that_is_kept_makes_the_rows() -> None:
    rows = [row("low", seed, 1) for seed in (0, 1)]
    told = ladder.command_of("ablations", rows, QUICK, ["--dev-from-train 4"])
    words = "--dev-from-train 4 --course ablations --seeds 0 1 --minutes 0.01"
    assert told == f"python -m nlp4 ladder --out DIR {words}"
    options = read_options(told.removeprefix("python -m nlp4 ").split())
    assert (options.course, options.seeds, options.minutes) == ("ablations", [0, 1], 0.01)
    usual = [row("low", seed, 1) for seed in (0, 1, 2)]
    assert ladder.command_of("ladder", usual, ladder.Settings(), []) == told.split(" --dev")[0]


def test_the_right_answers_are_those_that_greedy_decoding_gives(corpus: Corpus) -> None:
    recipe = tiny.preset()
    vocabulary = recipe.vocabulary(corpus)
    model = recipe.new_model(vocabulary, 0)
    trained(model, vocabulary, corpus, recipe.finetune, "")
    texts = [question.text for question in corpus.dev]
    said = greedy(model, vocabulary, texts)
    assert all(0 < len(place) < LONGEST for place in said)
    wrong = [place[:-1] + "?" for place in said]
    asked = list(zip(texts, said, strict=True))
    assert ladder.answered(model, vocabulary, asked) == len(asked)
    assert ladder.answered(model, vocabulary, list(zip(texts, wrong, strict=True))) == 0
    unwritable = [(texts[0], "日"), ("日" + texts[0], said[0]), (texts[0] * 9, said[0])]
    assert ladder.answered(model, vocabulary, [*asked, *unwritable]) == len(asked)


def test_whom_and_what_a_model_is_asked(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    name, place = corpus.dev[0].name, corpus.dev[0].place or ""
    told = {
        "birthplace": Split((), (Fact(name, "birthplace", place),), (), ()),
        "birth_year": Split((), (Fact(name, "birth_year", "1901"),), (), ()),
        "occupation": Split((), (), (), ()),
        "nationality": Split((), (), (), ()),
        "death_place": Split((), (), (), ()),
    }
    monkeypatch.setattr(ladder.relations, "facts", lambda _: told)
    asked = ladder.questions(corpus, 3)
    assert list(asked) == list(ASKED)
    assert asked["birthplace"] == [(f"Where was {name} born?", place)]
    assert asked["birth_year"] == [(PLAIN["birth_year"].replace("X", name), "1901")]
    assert not asked["occupation"]
    assert len(asked["reworded"]) == 6
    assert all(name in text and answer == place for text, answer in asked["reworded"])
    assert asked["birthplace"][0] not in asked["reworded"]
    everyone = "\n".join(corpus.biographies)
    for text, answer in asked["made up"]:
        assert answer == UNKNOWN
        assert text.removeprefix("Where was ").removesuffix(" born?") not in everyone


def test_each_seed_seeds_both_stages_and_no_two_alike() -> None:
    stages = [ladder.Training("low", tiny.preset(), seed, 2.0).stages for seed in (0, 5)]
    seeds = [stage.training.seed for each in stages for stage in each.values()]
    assert seeds == [0, 1, 5, 6]
    assert [each["pretrained"].training.seconds for each in stages] == [120.0, 120.0]
    assert stages[0]["finetuned"].training.seconds is None


def row(name: str, seed: int, right: int) -> dict[str, object]:
    """A finished training of four people."""
    return {
        "name": name,
        "summary": "",
        "seed": seed,
        "right": dict.fromkeys(ASKED, right),
        "asked": dict.fromkeys(ASKED, 4),
        "layers": 10,
        "tables": 0,
        "exposures": 2.0,
        "bits": 5 * right,
        "characters": 100 * right,
        "seconds": 1.0,
    }


def test_a_rung_is_the_mean_of_its_seeds() -> None:
    low, high = ladder.rungs_of([row("low", 0, 1), row("low", 1, 3), row("high", 0, 4)])
    assert (low.score, low.each, low.characters) == (Share(2, 4), (1, 3), 200)
    assert (high.seeds, high.shares["made up"]) == ((0,), Share(4, 4))
    right, context = (part.splitlines()[-1] for part in ladder.markdown([low]).split("\n\n"))
    assert "| 1, 3 of 4 | 50.0% |" in right
    assert "| 2.0 | 0 | 1.0000 |" in context  # 10 bits in 10 parameters


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(minutes: float) -> None:
    with pytest.raises(UserError, match="minutes"):
        ladder.Settings(minutes=minutes)


@pytest.mark.parametrize("course", ["ladder", "ablations"])
def test_the_stored_rungs_are_todays_recipes(course: ladder.Course) -> None:
    rungs = ladder.read_rungs(course)
    recipes = ladder.COURSES[course]
    assert [(r.name, r.summary) for r in rungs] == [(n, p.summary) for n, p in recipes.items()]
    assert all(len(rung.each) == len(set(rung.seeds)) for rung in rungs)
    stored = json.loads((data_folder() / "results" / f"{course}.json").read_text("utf-8"))
    assert {"command", "data", "course", "minutes", "strangers", "torch", "cores"} <= stored.keys()
    assert read_options(stored["command"].removeprefix("python -m nlp4 ").split()).course == course


def test_the_ladder_leads_up_and_rows_are_what_holds_it() -> None:
    (first, *_, last), (whole, without, *_) = map(ladder.read_rungs, ("ladder", "ablations"))
    assert last.score.right > first.score.right
    assert without.name == "no-rows"
    assert whole.score.right > without.score.right


@pytest.mark.parametrize("text", [None, "{", "{}", '{"rows": [{"name": "low"}]}'])
def test_a_damaged_climb_is_refused_with_the_mend(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ladder.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(UserError, match="python -m nlp4 ladder"):
        ladder.read_rungs(path=path)


def test_switches_say_what_each_rung_sets() -> None:
    lines = {line.split("|")[1].strip(): line for line in ladder.switches().splitlines()}
    assert "`positions='rotary'`" in lines["`rotary`"]
    assert "`optimiser='muon'`" in lines["`muon`"]
    assert "salient_cloze" in lines["`salient`"]
    assert ladder.changes("course") == {}
    assert ladder.changes("rotary") == {"positions": ("learned", "rotary")}
