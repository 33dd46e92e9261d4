"""The command `python -m nlp4 experiment NAME`: the experiments of notebook 04, one name each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4.data.corpus import corpus_of
from nlp4.support.errors import UserError
from nlp4.support.options import add_data_options, data_words, split_words

if TYPE_CHECKING:
    from nlp4.data.corpus import Corpus
    from nlp4.experiments.probe import Asked

# Each experiment imports what it needs when it runs, as the other commands do.

Options = argparse.Namespace
Experiment = Callable[[Options], str]  # to its tables, in Markdown


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The experiment's name and options."""
    listed = "; ".join(f"{name}: {summary}" for name, (summary, _) in EXPERIMENTS.items())
    command.add_argument("name", metavar="NAME", help=listed)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    command.add_argument(
        "--run", type=Path, metavar="RUN", dest="folder", help="ask this run's model instead"
    )
    command.add_argument("--seeds", nargs="+", type=int, metavar="S", help="of facts and readings")
    command.add_argument("--steps", nargs="+", type=int, metavar="N", help="of facts and readings")
    add_data_options(command)


def run(options: Options) -> str:
    """Do one experiment; return its tables. Raises UserError that lists the names."""
    if options.name not in EXPERIMENTS:
        raise UserError(f"no experiment {options.name!r}: choose from {', '.join(EXPERIMENTS)}")
    if options.name not in TRAINING and (options.seeds or options.steps):
        raise UserError(f"{options.name} trains nothing: leave --seeds and --steps out")
    if options.name in TRAINING and options.folder:
        raise UserError(f"{options.name} trains its own models: leave --run out")
    return EXPERIMENTS[options.name][1](options)


def _facts(options: Options) -> str:
    from nlp4.experiments import facts as experiment

    given = _given(options)
    if options.steps:
        if len(options.steps) > 1:
            raise UserError("facts trains every model for the same time: give --steps one number")
        given["steps"] = options.steps[0]
    settings = experiment.Settings(**given)
    rows = experiment.run(
        corpus_of(options), options.out, settings, data_options=data_words(options)
    )
    return experiment.markdown(rows)


def _readings(options: Options) -> str:
    from nlp4.experiments import readings as experiment

    if data_words(options):
        raise UserError(
            "readings makes its own people, in several wordings: leave --data, --dev-from-train "
            "and --split-seed out"
        )
    return experiment.markdown(experiment.run(options.out, experiment.Settings(**_given(options))))


def _given(options: Options) -> dict[str, Any]:
    named = {"seeds": options.seeds, "steps": options.steps}
    return {name: tuple(values) for name, values in named.items() if values}


def _asked(options: Options) -> tuple[Corpus, Mapping[str, Asked]]:
    """Whom to ask about, and the models to ask: those that come along, or those of a run.

    Raises UserError where a dev question may have been trained on: for another split than the
    models'.
    """
    from nlp4.models.checkpoint import load_model
    from nlp4.training import shipped

    if options.folder is None:
        if data_words(options):
            raise UserError(
                "--data, --dev-from-train, --split-seed: the models that come along know the "
                "embedded split: add --run"
            )
        return corpus_of(options), {name: shipped.load(name) for name in shipped.MODELS}
    models = {name: load_model(options.folder / made.file) for name, made in shipped.MODELS.items()}
    corpus = corpus_of(options)
    _require_same_split(options, corpus)
    return corpus, models


def _require_same_split(options: Options, corpus: Corpus) -> None:
    from nlp4.training.runs import read_plan

    plan = read_plan(options.folder)
    trained = (plan.data, plan.dev_from_train, plan.split_seed)
    if trained != (corpus.checksum(), options.dev_from_train, options.split_seed):
        split = " ".join(split_words(plan.dev_from_train, plan.split_seed))
        raise UserError(
            f"{options.folder} was trained with {split or 'the split of its files'}, on other data "
            "or another split: give the same, and the same --data"
        )


def _probe(options: Options) -> str:
    from nlp4.experiments import probe

    corpus, models = _asked(options)
    return probe.markdown(probe.run(corpus, options.out, models, command=_command(options)))


def _confidence(options: Options) -> str:
    from nlp4.experiments import confidence

    corpus, models = _asked(options)
    found = confidence.experiment(*models["people"], corpus)
    return _kept(options, confidence.as_json(found), confidence.markdown(found))


def _bias(options: Options) -> str:
    from nlp4.data.people.background import background_of
    from nlp4.experiments import place_bias

    corpus, models = _asked(options)
    found = place_bias.experiment(*models["people"], corpus, background=background_of(corpus))
    return _kept(options, place_bias.as_json(found), place_bias.markdown(found))


def _names(options: Options) -> str:
    """People whom a model never read about: all dev people, or invented ones."""
    from nlp4.data.people.background import background_of
    from nlp4.experiments import names

    corpus, models = _asked(options)
    background, found = background_of(corpus), {}
    if corpus.dev:
        found["dev"] = names.experiment(*models["people_alone"], corpus, background=background)
    found["invented"] = names.experiment(
        *models["people"], corpus, background=background, asked="invented"
    )
    titles = {"dev": "Finetuned alone, dev people", "invented": "Pretrained, invented names"}
    tables = [f"{titles[who]}:\n\n{names.markdown(each)}" for who, each in found.items()]
    told = {who: names.as_json(each) for who, each in found.items()}
    return _kept(options, told, "\n".join(tables))


def _rewordings(options: Options) -> str:
    from nlp4.experiments import rewordings

    corpus, models = _asked(options)
    found = rewordings.experiment(*models["people"], corpus)
    return _kept(options, rewordings.as_json(found), rewordings.markdown(found))


def _kept(options: Options, content: dict[str, Any], table: str) -> str:
    """Write `NAME.json` and `NAME.md`; return the tables."""
    from nlp4.support.files import write_text
    from nlp4.support.records import provenance

    whole = {"command": _command(options), **content, **provenance()}
    write_text(
        options.out / f"{options.name}.json", json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    )
    write_text(options.out / f"{options.name}.md", table)
    return table


def _command(options: Options) -> str:
    """The command as anybody may repeat it: folders of this machine are not named."""
    words = [f"python -m nlp4 experiment {options.name} --out DIR", *data_words(options)]
    return " ".join(words + ["--run RUN"] * bool(options.folder))


EXPERIMENTS: dict[str, tuple[str, Experiment]] = {
    "facts": ("accuracy after reading six kinds of text (trains)", _facts),
    "readings": ("stored and asked, by readings and wordings (trains)", _readings),
    "probe": ("where in the network a birthplace can be read", _probe),
    "confidence": ("calibration, ranking and abstention", _confidence),
    "bias": ("predicted places against true ones", _bias),
    "names": ("guesses about strangers against similar names", _names),
    "rewordings": ("other words, slips and single names", _rewordings),
}
TRAINING = ("facts", "readings")
