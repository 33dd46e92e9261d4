"""Every explorer of the notebooks by its name, made as the notebook makes it.

Tests drive them, and a website shows them. One that is `live` moves without torch, so it can run
in a web page: what it is given (some answers of a model, say) is worked out beforehand, with torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nlp4.support.errors import UserError

if TYPE_CHECKING:  # everything else is imported when it is asked for: some of it needs torch
    from nlp4.data.corpus import Corpus
    from nlp4.experiments.confidence import Judged
    from nlp4.models.gpt import GPT
    from nlp4.pictures.explorer import Explorer


@dataclass(frozen=True)
class Shown:
    """How an explorer is made: by which function of which topic, and of what."""

    make: str  # TOPIC.FUNCTION
    given: Callable[[], tuple[Any, ...]] = tuple
    live: bool = True  # without torch
    packages: tuple[str, ...] = ()  # what it needs beyond numpy


_QUESTION = "Where was Julian Noble born?"


def _corpus() -> Corpus:
    """All of the embedded people."""
    from nlp4.data.corpus import load_corpus

    return load_corpus()


@cache
def _part() -> tuple[Corpus]:
    """Notebook 03's people."""
    return (_corpus().part(people=1_000, dev=400, seed=0),)


def _model(name: str, *more: Any) -> tuple[Any, ...]:
    """A shipped model with its vocabulary, and what else the explorer is given."""
    from nlp4.training import shipped

    return (*shipped.load(name), *more)


def _ask() -> tuple[Any, ...]:
    return _model("people", _part()[0].dev[0].text)


@cache
def _gaze() -> tuple[Any, ...]:
    """The first question that the model answers rightly."""
    from nlp4.models.asking import greedy
    from nlp4.training.evaluation import marks

    dev = _part()[0].dev
    model: GPT
    model, vocabulary = _model("people")
    right = marks(greedy(model, vocabulary, [question.text for question in dev]), dev)
    return model, vocabulary, dev[right.index(True)].text


@cache
def _heads() -> tuple[Any, ...]:
    from nlp4.experiments.spectra import heads_of

    return (heads_of(*_model("people", _corpus())),)


@cache
def _judged() -> tuple[tuple[Judged, ...]]:
    from nlp4.experiments import confidence

    return (confidence.experiment(*_model("people", _corpus())).judged,)


@cache
def _bias() -> tuple[Any, ...]:
    from nlp4.data.people.background import background_of
    from nlp4.experiments import place_bias

    (judged,), corpus = _judged(), _corpus()
    answers, background = [row.answer for row in judged], background_of(corpus)
    return (place_bias.judge(answers, corpus, place_bias.Settings(), background),)


@cache
def _neighbours() -> tuple[Any, ...]:
    from nlp4.pictures.names import neighbours

    corpus = _corpus()
    return (neighbours(*_model("people_alone", corpus, corpus.dev[:60])),)


@cache
def _slips() -> tuple[Any, ...]:
    from nlp4.experiments import rewordings

    models = {"with memory": _model("people"), "without": _model("people_plain")}
    return (rewordings.slips(models, _corpus().dev[:150], np.random.default_rng(0)),)


@cache
def _swap() -> tuple[Any, ...]:
    from nlp4.experiments import swapping

    return (swapping.grid(*_model("people_asked", _corpus())),)


@cache
def _views() -> tuple[Any, ...]:
    from nlp4.data.relations import PLAIN
    from nlp4.experiments import copying_heads
    from nlp4.experiments.swapping import Settings

    questions = [PLAIN[relation].replace("X", "Julian Noble") for relation in Settings.relations]
    return (copying_heads.views(*_model("people_asked", questions)),)


@cache
def _maps() -> tuple[Any, ...]:
    from nlp4.experiments import patching

    return (patching.maps(*_model("people_asked", _corpus())),)


@cache
def _edits() -> tuple[Any, ...]:
    from nlp4.experiments import editing

    return (editing.strengths_of(*_model("people_asked", _corpus())),)


def _doses() -> tuple[Any, ...]:
    from nlp4.experiments import doses

    return (doses.read_doses(),)


def _plain(*more: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: _model("people_plain", *more)


_SCIPY = ("scipy",)
EXPLORERS: Mapping[str, Shown] = {
    "copy": Shown("copying.copy_explorer"),
    "plane": Shown("plane.plane_explorer"),
    "pair": Shown("plane.pair_explorer"),
    "average": Shown("copying.average_explorer"),
    "noisy-keys": Shown("noise.noisy_keys_explorer", packages=_SCIPY),
    "heads": Shown("noise.heads_explorer", packages=_SCIPY),
    "queries": Shown("noise.queries_explorer", packages=_SCIPY),
    "crosstalk": Shown("noise.crosstalk_explorer", packages=_SCIPY),
    "products": Shown("transformer.products_explorer"),
    "mask": Shown("transformer.mask_explorer", _plain(f"{_QUESTION}⁇Brighton"), live=False),
    "positions": Shown("transformer.positions_explorer"),
    "sampling": Shown("transformer.sampling_explorer", _plain(_QUESTION), live=False),
    "walk": Shown("walk.walk_explorer", _plain(_QUESTION), live=False),
    "corruption": Shown("pretraining.corruption_explorer", _part),
    "cloze": Shown("pretraining.cloze_explorer", _part),
    "ask": Shown("pretraining.ask_box", _ask, live=False),
    "gaze": Shown("pretraining.gaze_explorer", _gaze, live=False),
    "cost": Shown("speed.cost_explorer"),
    "spectrum": Shown("spectra.spectrum_explorer", _heads),
    "error": Shown("spectra.error_explorer", _heads),
    "projection": Shown("spectra.projection_explorer", _heads),
    "pattern": Shown("pattern.pattern_explorer"),
    "distance": Shown("pattern.distance_explorer"),
    "speed": Shown("speed.speed_explorer"),
    "accuracy": Shown("comparison.accuracy_explorer"),
    "parts": Shown("comparison.parts_explorer"),
    "learning": Shown("comparison.learning_explorer"),
    "facts": Shown("facts.facts_explorer", packages=_SCIPY),
    "misinformed": Shown("facts.misinformed_explorer"),
    "readings": Shown("facts.readings_explorer", packages=_SCIPY),
    "reliability": Shown("confidence.reliability_explorer", _judged, packages=_SCIPY),
    "abstain": Shown("confidence.abstain_explorer", _judged, packages=_SCIPY),
    "bias": Shown("names.bias_explorer", _bias, packages=_SCIPY),
    "names": Shown("names.names_explorer", _neighbours),
    "slips": Shown("names.slips_explorer", _slips, packages=_SCIPY),
    "swap": Shown("inside.swap_explorer", _swap),
    "head-logits": Shown("inside.head_explorer", _views),
    "patch": Shown("inside.patch_explorer", _maps),
    "edit": Shown("inside.edit_explorer", _edits),
    "dose": Shown("doses.dose_explorer", _doses, packages=_SCIPY),
}


def explorer(name: str, given: tuple[Any, ...] | None = None) -> Explorer[Any]:
    """The explorer of that name, of what it is given, or else of what the notebook gives it.

    Raises KeyError for a name that is not in `EXPLORERS`.
    """
    topic, function = EXPLORERS[name].make.split(".")
    module = importlib.import_module(f"nlp4.pictures.{topic}")
    made: Explorer[Any] = getattr(module, function)(
        *(EXPLORERS[name].given() if given is None else given)
    )
    return made


def stills(name: str) -> list[tuple[str, str]]:
    """Further states of an explorer, each as SVG and what it shows: two of those for a lecture.

    Nothing for a name that is not here, and where torch is missing.
    """
    if name not in EXPLORERS:
        return []
    try:
        made = explorer(name)
    except (ImportError, UserError):
        return []
    found = []
    for prepared in made.lecture[1:3]:
        made.reset()
        made.at(**prepared.values)
        found.append((made.svg, f"{prepared.title}. {made.caption}"))
    return found
