"""The ladder: from the course's recipe to ours, one idea a rung, every rung for equal time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from nlp4.data.corpus import Corpus
from nlp4.maths.statistics import Share
from nlp4.support.files import write_text
from nlp4.support.records import Say, provenance, read_results, table
from nlp4.training.evaluation import score
from nlp4.training.presets import LADDER, Preset
from nlp4.training.runs import Run, make_plan, plan_or_none, read_histories


@dataclass(frozen=True)
class Rung:
    """What one recipe reached: its score on the dev questions, and what it cost."""

    name: str
    summary: str
    score: Share
    seconds: float  # of training, finetuning included
    characters: int


def climb(
    corpus: Corpus,
    out: Path,
    *,
    minutes: float,
    seed: int = 0,
    dev_from_train: int | None = None,
    split_seed: int = 0,
    say: Say = print,
) -> list[Rung]:
    """Train every rung for `minutes`, each in a folder of its own; write `ladder.md` and `.json`.

    A second call goes on where the first one stopped. Raises UserError as `Run` does.
    """
    asked = {
        "seed": seed,
        "minutes": minutes,
        "dev_from_train": dev_from_train,
        "split_seed": split_seed,
    }
    rungs = []
    for name in LADDER:
        folder = out / name
        settled = {"preset": name, "data": corpus.checksum(), **asked}
        plan = plan_or_none(folder, settled) or make_plan(
            corpus, name, seed, minutes, dev_from_train, split_seed
        )
        rungs.append(_train_and_score(name, Run(corpus, plan, folder, say=say), corpus))
        say(markdown([rungs[-1]]).splitlines()[-1])
    rows = [asdict(rung) for rung in rungs]
    content = {
        "command": "python -m nlp4 ladder",
        "data": corpus.checksum(),
        **asked,
        "rungs": rows,
        **provenance(),
    }
    write_text(out / "ladder.json", json.dumps(content, indent=2) + "\n")
    write_text(out / "ladder.md", markdown(rungs))
    return rungs


def read_rungs(path: Path | None = None) -> list[Rung]:
    """The rungs that an earlier climb wrote; without a path, those that come with the workbook.

    Raises UserError for a file that is missing or damaged.
    """
    return read_results(
        "ladder.json",
        "python -m nlp4 ladder --out DIR",
        lambda content: [Rung(**r | {"score": Share(**r["score"])}) for r in content["rungs"]],
        path,
    )


def changes(name: str) -> dict[str, tuple[object, object]]:
    """What a rung changes in the recipe of the rung below it: field to (before, after)."""
    names = list(LADDER)
    if names.index(name) == 0:
        return {}
    before, after = (_fields(LADDER[n]) for n in (names[names.index(name) - 1], name))
    return {key: (before[key], after[key]) for key in after if before[key] != after[key]}


def switches(names: Iterable[str] = LADDER) -> str:
    """Each rung and the fields of the recipe that it sets, as a Markdown table."""
    rows = []
    for name in names:
        fields = [f"`{key}={after!r}`" for key, (_, after) in changes(name).items()]
        shown = ", ".join(fields) if len(fields) <= 3 else f"{len(fields)} fields"
        rows.append([f"`{name}`", LADDER[name].summary, shown or "-"])
    return table(["rung", "what it changes", "in the recipe"], rows)


def _fields(recipe: Preset) -> dict[str, object]:
    model, training = vars(recipe.model), vars(recipe.pretrain.training)
    return {**model, **training, "shares": recipe.pretrain.shares}


def markdown(rungs: list[Rung]) -> str:
    """The rungs as a Markdown table; each row adds its idea to the rows above it."""
    heads = ["rung", "what it changes", "right", "share", "95% interval", "M characters", "seconds"]
    rows = [
        [
            rung.name,
            rung.summary,
            *rung.score.cells,
            f"{rung.characters / 1e6:.2f}",
            f"{rung.seconds:.0f}",
        ]
        for rung in rungs
    ]
    return table(heads, rows)


def _train_and_score(name: str, run: Run, corpus: Corpus) -> Rung:
    model = run.pretrained_and_finetuned()
    found = score(run.answers(model, corpus.dev, "dev"), corpus.dev)
    histories = read_histories(run.out).values()
    seconds = sum(history.seconds for history in histories)
    characters = sum(history.characters for history in histories)
    return Rung(name, LADDER[name].summary, found, seconds, characters)
