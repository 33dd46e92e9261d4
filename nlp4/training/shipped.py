"""The small trained models that come with the workbook, and how each was made.

They stand in `data/checkpoints`, a JSON file beside each: notebooks, grading and browser tests
load them where training would take too long. `python -m nlp4 checkpoints` makes them anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.statistics import Share
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import load_model, save_model
from nlp4.models.gpt import GPT, parameters_of
from nlp4.support.errors import UserError
from nlp4.support.files import data_folder, require_writable, sha256, write_text
from nlp4.support.records import Say, provenance
from nlp4.training.evaluation import score
from nlp4.training.runs import Plan, make_plan, read_histories, reproduce

SEED = 0


@dataclass(frozen=True)
class Shipped:
    """One model that comes along: its recipe, its file in the run, the stages that made it."""

    preset: str
    file: str
    stages: tuple[str, ...]
    what: str


MODELS = {
    "people": Shipped(
        "pocket",
        "model.pt",
        ("pretrained", "model"),
        "pretrained on the embedded biographies, then finetuned on the training questions",
    ),
    "people_alone": Shipped(
        "pocket",
        "scratch.pt",
        ("questions", "scratch"),
        "trained and finetuned on the training questions alone (exercise 3d)",
    ),
    "people_asked": Shipped(
        "coffee",
        "model.pt",
        ("pretrained", "model"),
        "a row for each person, written by reading, asked in any words about seven relations",
    ),
    "people_plain": Shipped(
        "plain",
        "model.pt",
        ("pretrained", "model"),
        "pretrained and finetuned as `people`, without the memory that is looked up",
    ),
}


def folder() -> Path:
    """Where the models stand."""
    return data_folder() / "checkpoints"


def path(name: str) -> Path:
    """The file of one model. Raises UserError that lists the names."""
    if name not in MODELS:
        raise UserError(f"no model {name!r} comes along: choose one of {', '.join(MODELS)}")
    return folder() / f"{name}.pt"


def load(name: str) -> tuple[GPT, Vocabulary]:
    """Read a model, ready to be asked. Raises UserError for an unknown or damaged one."""
    return load_model(path(name))


def facts(name: str) -> dict[str, Any]:
    """How a model was made, and what it scores: the JSON beside it."""
    beside = path(name).with_suffix(".json")
    try:
        found: dict[str, Any] = json.loads(beside.read_text("utf-8"))
    except (OSError, ValueError):
        raise UserError(
            f"{beside} is missing or damaged: make it with python -m nlp4 checkpoints"
        ) from None
    return found


def rebuild(corpus: Corpus, run: Path, out: Path, *, say: Say = print) -> list[dict[str, Any]]:
    """Train in folders in `run`, which resume, and write every model to `out`, small.

    Returns what was written beside each. Raises UserError and KeyboardInterrupt as `reproduce`.
    """
    require_writable(*(out / f"{name}.pt" for name in MODELS))
    plans = {made.preset: make_plan(corpus, made.preset, SEED) for made in MODELS.values()}
    for preset, plan in plans.items():
        reproduce(corpus, plan, run / preset, say=say)
    found = [(name, plans[made.preset]) for name, made in MODELS.items()]
    return [_write_model(name, corpus, plan, run / plan.preset, out) for name, plan in found]


def _write_model(name: str, corpus: Corpus, plan: Plan, run: Path, out: Path) -> dict[str, Any]:
    made = MODELS[name]
    full, vocabulary = load_model(run / made.file)
    target = out / f"{name}.pt"
    save_model(target, full, vocabulary, compact=True)
    small, _ = load_model(target)
    asked = [question.text for question in corpus.dev]
    histories = read_histories(run)
    written = {
        "name": name,
        "what": made.what,
        "command": "python -m nlp4 checkpoints",
        "preset": plan.preset,
        "seed": plan.seed,
        "data": corpus.checksum(),
        "minutes": round(sum(histories[stage].seconds for stage in made.stages) / 60, 2),
        "parameters": parameters_of(small),
        "bytes": target.stat().st_size,
        "sha256": sha256(target),
        "dev": _told(score(greedy(small, vocabulary, asked), corpus.dev)),
        "dev before rounding": _told(score(greedy(full, vocabulary, asked), corpus.dev)),
        **provenance(),
    }
    write_text(target.with_suffix(".json"), json.dumps(written, indent=2) + "\n")
    return written


def _told(found: Share) -> dict[str, Any]:
    low, high = found.interval
    return {"right": found.right, "n": found.n, "interval": [round(low, 4), round(high, 4)]}
