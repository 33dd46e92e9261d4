"""The command `python -m nlp4 experiment NAME`: the experiments of notebook 04, one name each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp4.errors import UserError

if TYPE_CHECKING:
    from nlp4.corpus import Corpus
    from nlp4.probe import Asked

# Each experiment imports what it needs when it runs, as the other commands do.

Options = argparse.Namespace
Experiment = Callable[[Options, "Corpus"], str]  # to its tables, in Markdown


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The options that experiments have beside those of the corpus."""
    listed = "; ".join(f"{name}: {summary}" for name, (summary, _) in EXPERIMENTS.items())
    command.add_argument("name", metavar="NAME", help=listed)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    command.add_argument(
        "--run", type=Path, metavar="RUN", dest="folder", help="ask this run's model instead"
    )
    command.add_argument("--seeds", nargs="+", type=int, metavar="S", help="of facts and readings")
    command.add_argument("--steps", nargs="+", type=int, metavar="N", help="of facts and readings")


def run(options: Options, corpus: Corpus) -> str:
    """Do one experiment; return its tables. Raises UserError that lists the names."""
    if options.name not in EXPERIMENTS:
        raise UserError(f"no experiment {options.name!r}: choose from {', '.join(EXPERIMENTS)}")
    if options.name not in TRAINING and (options.seeds or options.steps):
        raise UserError(f"{options.name} trains nothing: leave --seeds and --steps out")
    if options.name in TRAINING and options.folder:
        raise UserError(f"{options.name} trains its own models: leave --run out")
    return EXPERIMENTS[options.name][1](options, corpus)


def _facts(options: Options, corpus: Corpus) -> str:
    from nlp4 import facts_or_language as experiment

    given = _given(options)
    if options.steps:
        if len(options.steps) > 1:
            raise UserError("facts trains every model for the same time: give --steps one number")
        given["steps"] = options.steps[0]
    rows = experiment.run(
        corpus, options.out, experiment.Settings(**given), command=_command(options)
    )
    return experiment.markdown(rows)


def _readings(options: Options, corpus: Corpus) -> str:
    from nlp4 import readings as experiment

    if options.data:
        raise UserError("readings makes its own people, in several wordings: leave --data out")
    settings = experiment.Settings(**_given(options))
    return experiment.markdown(experiment.run(options.out, settings, command=_command(options)))


def _given(options: Options) -> dict[str, Any]:
    named = {"seeds": options.seeds, "steps": options.steps}
    return {name: tuple(values) for name, values in named.items() if values}


def _probe(options: Options, corpus: Corpus) -> str:
    from nlp4 import probe

    return probe.markdown(
        probe.run(corpus, options.out, _models(options), command=_command(options))
    )


def _models(options: Options) -> Mapping[str, Asked]:
    """The models to ask: those that come along, or those of a run."""
    from nlp4 import shipped
    from nlp4.checkpoint import load_model

    if options.folder is None:
        return {name: shipped.load(name) for name in shipped.MODELS}
    return {name: load_model(options.folder / made.file) for name, made in shipped.MODELS.items()}


def _confidence(options: Options, corpus: Corpus) -> str:
    from nlp4 import confidence

    found = confidence.experiment(*_models(options)["people"], corpus)
    return _kept(options, confidence.as_json(found), confidence.markdown(found))


def _bias(options: Options, corpus: Corpus) -> str:
    from nlp4 import place_bias
    from nlp4.name_origins import background_of

    model, vocabulary = _models(options)["people"]
    found = place_bias.experiment(model, vocabulary, corpus, background=background_of(corpus))
    return _kept(options, place_bias.as_json(found), place_bias.markdown(found))


def _names(options: Options, corpus: Corpus) -> str:
    """People whom a model never read about: all dev people, or invented ones."""
    from nlp4 import name_guesses
    from nlp4.name_origins import background_of

    models, background = _models(options), background_of(corpus)
    dev = name_guesses.experiment(*models["people_alone"], corpus, background=background)
    invented = name_guesses.experiment(
        *models["people"], corpus, background=background, asked="invented"
    )
    told = {"dev": name_guesses.as_json(dev), "invented": name_guesses.as_json(invented)}
    tables = (
        "Finetuned alone, dev people:\n\n"
        f"{name_guesses.markdown(dev)}\nPretrained, invented names:\n\n"
        f"{name_guesses.markdown(invented)}"
    )
    return _kept(options, told, tables)


def _rewordings(options: Options, corpus: Corpus) -> str:
    from nlp4 import rewordings

    found = rewordings.experiment(*_models(options)["people"], corpus)
    return _kept(options, rewordings.as_json(found), rewordings.markdown(found))


def _kept(options: Options, content: dict[str, Any], table: str) -> str:
    """Write `NAME.json` and `NAME.md`; return the tables."""
    from nlp4.files import write_text
    from nlp4.results import provenance

    whole = {"command": _command(options), **content, **provenance()}
    write_text(
        options.out / f"{options.name}.json", json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    )
    write_text(options.out / f"{options.name}.md", table)
    return table


def _command(options: Options) -> str:
    """The command as anybody may repeat it: folders of this machine are not named."""
    words = [f"python -m nlp4 experiment {options.name} --out DIR"]
    words += ["--data FOLDER"] * bool(options.data)
    if options.dev_from_train is not None:
        words.append(f"--dev-from-train {options.dev_from_train}")
    words += [f"--split-seed {options.split_seed}"] * (options.split_seed != 0)
    words += ["--run RUN"] * bool(options.folder)
    for name in ("seeds", "steps"):
        if values := getattr(options, name):
            words.append(f"--{name} {' '.join(map(str, values))}")
    return " ".join(words)


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
