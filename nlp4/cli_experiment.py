"""The command `python -m nlp4 experiment NAME`: what trained models are asked, one name each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nlp4.support.errors import UserError
from nlp4.support.options import DATA, data_words, option, split_words

if TYPE_CHECKING:
    from nlp4.data.corpus import Corpus
    from nlp4.data.vocabulary import Vocabulary
    from nlp4.experiments.probe import Asked
    from nlp4.models.gpt import GPT

# Each experiment imports what it needs when it runs, as the other commands do.

Options = argparse.Namespace
_GIVEN: dict[str, Callable[[Options], object]] = {  # by the words that a message names it with
    "--run": lambda options: options.run,
    "--seeds and --steps": lambda options: options.seeds or options.steps,
    "--data, --dev-from-train and --split-seed": lambda options: data_words(options),
}
_RUN, _TRAINING, _PEOPLE = _GIVEN


@dataclass(frozen=True)
class Experiment:
    """One question that is asked of a model.

    `module` is the module of `nlp4.experiments` that asks it: its `markdown` makes tables of what
    `run` found. Its `as_json` makes the content of `NAME.json`; an experiment that trains keeps
    its runs itself, as each is finished. `without` are the options that it cannot take, and `kind`
    says why not.
    """

    summary: str
    module: str
    run: Callable[[Any, Options], Any]  # from the module and the options
    kind: str
    without: tuple[str, ...]

    def tables(self, name: str, options: Options) -> str:
        """Do it, keep what was found, and return its tables in Markdown."""
        from nlp4.support.files import require_writable
        from nlp4.support.records import write_results

        for words in self.without:
            if _GIVEN[words](options):
                raise UserError(f"{name} {self.kind}: leave {words} out")
        require_writable(*(options.out / f"{name}{suffix}" for suffix in (".json", ".md")))
        module = import_module(f"nlp4.experiments.{self.module}")
        found = self.run(module, options)
        tables: str = module.markdown(found)
        if _TRAINING in self.without:
            content = {"command": _command(options), **module.as_json(found)}
            write_results(options.out, name, content, tables)
        return tables


def run(options: Options) -> str:
    """Do one experiment; return its tables. Raises UserError that lists the names."""
    if options.name not in EXPERIMENTS:
        raise UserError(f"no experiment {options.name!r}: choose from {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[options.name].tables(options.name, options)


def _facts(module: Any, options: Options) -> Any:
    from nlp4.data.corpus import corpus_of

    settings = module.Settings(**_one_length(options))
    return module.run(corpus_of(options), options.out, settings, data_options=data_words(options))


def _readings(module: Any, options: Options) -> Any:
    return module.run(options.out, module.Settings(**_given(options)))


def _of_one_length(module: Any, options: Options) -> Any:
    """What trains every model for the same time, on people of its own."""
    return module.run(options.out, module.Settings(**_one_length(options)))


def _one_length(options: Options) -> dict[str, Any]:
    """What was given, with one number of steps for every training."""
    given = _given(options)
    if len(options.steps or ()) > 1:
        raise UserError(
            f"{options.name} trains every model for the same time: give --steps one number"
        )
    return given | {"steps": options.steps[0]} if options.steps else given


def _given(options: Options) -> dict[str, Any]:
    named = {"seeds": options.seeds, "steps": options.steps}
    return {name: tuple(values) for name, values in named.items() if values}


def _probe(module: Any, options: Options) -> Any:
    corpus, models = _asked(options)
    return module.run(corpus, models)


def _of_one(module: Any, options: Options) -> Any:
    """What the model that read the biographies is asked."""
    corpus, models = _asked(options)
    return module.experiment(*models["people"], corpus)


def _relations(module: Any, options: Options) -> Any:
    return module.relations(*_in_any_words(options))


def _wordings(module: Any, options: Options) -> Any:
    return module.wordings(*_in_any_words(options))


def _anywise(module: Any, options: Options) -> Any:
    """What a model is asked that answers about every relation."""
    return module.experiment(*_in_any_words(options))


def _swap(module: Any, options: Options) -> Any:
    corpus, models = _asked(options)
    read = {name: models[name] for name in ("people", "people_asked") if name in models}
    return module.experiment(read, corpus)


def _in_any_words(options: Options) -> tuple[GPT, Vocabulary, Corpus]:
    """The run's model, or the one that comes along for it, and whom to ask about."""
    corpus, models = _asked(options)
    return *models.get("people_asked", models["people"]), corpus


def _bias(module: Any, options: Options) -> Any:
    from nlp4.data.people.background import background_of

    corpus, models = _asked(options)
    return module.experiment(*models["people"], corpus, background=background_of(corpus))


def _names(module: Any, options: Options) -> Any:
    """People whom a model never read about: all dev people, or invented ones."""
    from nlp4.data.people.background import background_of

    corpus, models = _asked(options, held_back=False)
    background, found = background_of(corpus), {}
    if corpus.dev:
        found["dev"] = module.experiment(*models["people_alone"], corpus, background=background)
    found["invented"] = module.experiment(
        *models["people"], corpus, background=background, asked="invented"
    )
    return found


def _asked(options: Options, *, held_back: bool = True) -> tuple[Corpus, Mapping[str, Asked]]:
    """Whom to ask about, and the models to ask: those that come along, or those of a run.

    Raises UserError where a dev question may have been trained on: for another split than the
    models'; and where nobody is `held_back`, if that is needed.
    """
    from nlp4.data.corpus import corpus_of, require_dev
    from nlp4.models.checkpoint import load_model
    from nlp4.training import shipped

    if options.run is None:
        if data_words(options):
            raise UserError(
                "--data, --dev-from-train, --split-seed: the models that come along know the "
                "embedded split: add --run"
            )
        return corpus_of(options), {name: shipped.load(name) for name in shipped.MODELS}
    files = {name: shipped.MODELS[name].file for name in ("people", "people_alone")}
    models = {name: load_model(options.run / file) for name, file in files.items()}
    corpus = corpus_of(options)
    require_same_split(options, corpus)
    if held_back:
        require_dev(corpus)
    return corpus, models


def require_same_split(options: Options, corpus: Corpus) -> None:
    """Raise UserError if the run was trained on other people, or with another split of them."""
    from nlp4.training.runs import read_plan

    plan = read_plan(options.run)
    trained = (plan.data, plan.dev_from_train, plan.split_seed)
    if trained != (corpus.checksum(), options.dev_from_train, options.split_seed):
        split = " ".join(split_words(plan.dev_from_train, plan.split_seed))
        raise UserError(
            f"{options.run} was trained with {split or 'the split of its files'}, on other data "
            "or another split: give the same, and the same --data"
        )


def _command(options: Options) -> str:
    """The command as anybody may repeat it: folders of this machine are not named."""
    words = [f"python -m nlp4 experiment {options.name} --out DIR", *data_words(options)]
    return " ".join(words + ["--run RUN"] * bool(options.run))


_TRAINS = ("trains its own models", (_RUN,))
_ALONE = ("makes its own people, in several wordings, and trains its own models", (_RUN, _PEOPLE))
_ASKS = ("trains nothing", (_TRAINING,))
EXPERIMENTS: dict[str, Experiment] = {
    "facts": Experiment(
        "accuracy after reading six kinds of text (trains)", "facts", _facts, *_TRAINS
    ),
    "readings": Experiment(
        "stored and asked, by readings and wordings (trains)", "readings", _readings, *_ALONE
    ),
    "probe": Experiment("where in the network a birthplace can be read", "probe", _probe, *_ASKS),
    "confidence": Experiment("calibration, ranking and abstention", "confidence", _of_one, *_ASKS),
    "bias": Experiment("predicted places against true ones", "place_bias", _bias, *_ASKS),
    "names": Experiment("guesses about strangers against similar names", "names", _names, *_ASKS),
    "rewordings": Experiment("other words, slips and single names", "rewordings", _of_one, *_ASKS),
    "relations": Experiment("what is known of seven relations", "knowledge", _relations, *_ASKS),
    "wordings": Experiment(
        "each relation in unseen words and as hands spoil it", "knowledge", _wordings, *_ASKS
    ),
    "unknown": Experiment("made-up names, and what texts do not tell", "unknown", _anywise, *_ASKS),
    "swap": Experiment("answers read from somebody else's rows", "swapping", _swap, *_ASKS),
    "heads": Experiment(
        "which heads copy, and answers without them", "copying_heads", _anywise, *_ASKS
    ),
    "edit": Experiment(
        "facts corrected in three ways, and what else moves", "editing", _anywise, *_ASKS
    ),
    "forget": Experiment(
        "people taken out, and what is left of them", "forgetting", _anywise, *_ASKS
    ),
    "doses": Experiment(
        "answers against the share of texts that are false (trains)",
        "doses",
        _of_one_length,
        *_ALONE,
    ),
    "reversal": Experiment(
        "who was born there, of people told one way or both (trains)",
        "reversal",
        _of_one_length,
        *_ALONE,
    ),
    "capacity": Experiment(
        "bits known against people, rows and layers (trains)", "capacity", _of_one_length, *_ALONE
    ),
    "patch": Experiment("where in a question the relation is read", "patching", _anywise, *_ASKS),
}
OPTIONS = (
    option("name", help="; ".join(f"{name}: {each.summary}" for name, each in EXPERIMENTS.items())),
    "out",
    option(
        "run",
        help="ask this run's model instead",
        required=False,
        otherwise="the models that come along",
    ),
    option("seeds", help="of experiments that train: one for each training"),
    option("steps", help="of experiments that train: steps of a training", many=True),
    *DATA,
)
