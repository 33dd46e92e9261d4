"""The ladder: from the course's recipe to ours, one idea a rung, every rung for equal time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nlp4.corpus import Corpus
from nlp4.evaluation import score
from nlp4.files import write_text
from nlp4.presets import LADDER
from nlp4.results import provenance
from nlp4.runs import Run, Say, make_plan, plan_or_none, read_histories
from nlp4.statistics import Share


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
        rungs.append(_climbed(name, Run(corpus, plan, folder, say=say), corpus))
        say(markdown([rungs[-1]]).splitlines()[-1])
    rows = [asdict(rung) for rung in rungs]
    content = {"minutes": minutes, "seed": seed, "rungs": rows, **provenance()}
    write_text(out / "ladder.json", json.dumps(content, indent=2) + "\n")
    write_text(out / "ladder.md", markdown(rungs))
    return rungs


def markdown(rungs: list[Rung]) -> str:
    """The rungs as a Markdown table; each row adds its idea to the rows above it."""
    lines = [
        "| rung | what it changes | right | share | 95% interval | M characters | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for rung in rungs:
        low, high = rung.score.interval
        share = f"{rung.score.right}/{rung.score.n} | {rung.score.value:.1%}"
        cost = f"{rung.characters / 1e6:.2f} | {rung.seconds:.0f}"
        lines.append(
            f"| {rung.name} | {rung.summary} | {share} | {low:.1%} to {high:.1%} | {cost} |"
        )
    return "\n".join(lines) + "\n"


def _climbed(name: str, run: Run, corpus: Corpus) -> Rung:
    model = run.pretrained_and_finetuned()
    found = score(run.answers(model, corpus.dev, "dev"), corpus.dev)
    histories = read_histories(run.out).values()
    seconds = sum(history.seconds for history in histories)
    characters = sum(history.characters for history in histories)
    return Rung(name, LADDER[name].summary, found, seconds, characters)
