"""The checks in the notebooks: `check("margin", margin)` prints one line of words."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

from nlp4.exercises import confidence, copying, names, noise, pattern, pretraining, spectra
from nlp4.exercises.judging import Exercise, Verdict, judge
from nlp4.support.errors import UserError

STRICT = "NLP4_STRICT"  # the environment variable that makes anything but right an error
_TOPICS = (copying, noise, pretraining, spectra, pattern, confidence, names)
EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {
        found.name: found
        for topic in _TOPICS
        for found in vars(topic).values()
        if isinstance(found, Exercise)
    }
)


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
    if name not in EXERCISES:
        close = difflib.get_close_matches(str(name), EXERCISES, n=3, cutoff=0.4) or EXERCISES
        raise UserError(f"no exercise is called {name!r}: choose from {', '.join(close)}")
    return judge(EXERCISES[name], answer)


def exercises_of(notebook: str) -> list[Exercise]:
    """The exercises of one notebook, in their order; `notebook` is its name without `.ipynb`."""
    return [exercise for exercise in EXERCISES.values() if exercise.notebook == notebook]


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
