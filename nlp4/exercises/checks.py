"""The checks in the notebooks: `check("margin", margin)` prints one line of words."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from nlp4.exercises.judging import Exercise, Verdict, fits, judge
from nlp4.support.errors import UserError, telling_what_to_install

STRICT = "NLP4_STRICT"  # the environment variable that makes anything but right an error
NOTEBOOKS: Mapping[str, tuple[str, ...]] = MappingProxyType(  # the topics of each, in their order
    {
        "01_attention_copying_and_averaging": ("copying", "noise"),
        "02_build_the_transformer": ("layers", "blocks", "decoding"),
        "03_pretraining_and_knowledge": ("pretraining",),
        "04_linformer_and_bigbird": ("spectra", "pattern"),
        "05_what_the_model_believes": ("confidence", "names"),
        "06_inside_the_model": ("inside", "doses"),
    }
)


@cache
def exercises_of(notebook: str) -> tuple[Exercise, ...]:
    """The exercises of one notebook, in their order; `notebook` is its name without `.ipynb`."""
    topics = (import_module(f"nlp4.exercises.{t}") for t in NOTEBOOKS.get(notebook, ()))
    return tuple(e for topic in topics for e in vars(topic).values() if isinstance(e, Exercise))


class _Registry(Mapping[str, Exercise]):
    """Every exercise by its name; notebooks are loaded in order, as far as the name is looked for.

    Those of notebook 01 need no torch, which takes seconds to load.
    """

    def __getitem__(self, name: str) -> Exercise:
        missing: ModuleNotFoundError | None = None
        for notebook in NOTEBOOKS:
            try:
                exercises = exercises_of(notebook)
            except ModuleNotFoundError as error:  # a later notebook may do without that package
                missing = error
                continue
            for exercise in exercises:
                if exercise.name == name:
                    return exercise
        with telling_what_to_install():
            raise missing or KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (exercise.name for notebook in NOTEBOOKS for exercise in exercises_of(notebook))

    def __len__(self) -> int:
        return sum(len(exercises_of(notebook)) for notebook in NOTEBOOKS)


EXERCISES: Mapping[str, Exercise] = _Registry()


def check(name: str, answer: object) -> None:
    """Print what is to be said of the learner's function for the exercise `name`.

    Raises UserError for an unknown name and, where the environment variable NLP4_STRICT is 1,
    for every answer that is not right.
    """
    found = verdict(name, answer)
    if os.environ.get(STRICT) == "1" and found.status != "right":
        raise UserError(found.line())
    print(found.line())


def verdict(name: str, answer: object) -> Verdict:
    """Judge the learner's function for the exercise `name`.

    Raises UserError for an unknown name.
    """
    return judge(_exercise(name), answer)


def yours_or_ours(*functions: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """The learner's functions, each named as its exercise; ours in place of those that do not work.

    A function that runs and returns what the next piece can take is kept, even if it is wrong: then
    what is built of it shows it. Raises UserError for a function that no exercise asks for.
    """
    found: dict[str, Callable[..., Any]] = {}
    for function in functions:
        exercise = _exercise(function.__name__)
        found[exercise.name] = function if fits(exercise, function) else exercise.reference
    ours = [name for name, function in found.items() if function is EXERCISES[name].reference]
    yours = [name for name in found if name not in ours]
    print("; ".join(f"{w}: {', '.join(n)}" for w, n in (("yours", yours), ("ours", ours)) if n))
    return tuple(found.values())


def _exercise(name: object) -> Exercise:
    if name not in EXERCISES:
        close = difflib.get_close_matches(str(name), EXERCISES, n=3, cutoff=0.4) or EXERCISES
        raise UserError(f"no exercise is called {name!r}: choose from {', '.join(close)}")
    return EXERCISES[str(name)]


def publish(name: str, kind: str) -> None:
    """Judge what the running notebook defines, and send the verdict as an output of type `kind`.

    For the grader, which makes up a new `kind` each time: no print can pass for a verdict. The
    function is looked up in the kernel, since a learner may have given `globals` another meaning.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    shell = get_ipython()
    defined = {} if shell is None else shell.user_ns
    found = verdict(name, defined.get(name))
    display({kind: asdict(found)}, raw=True)
