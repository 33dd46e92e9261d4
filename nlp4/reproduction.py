"""Exercise 3 from end to end: finetune alone, pretrain, finetune, and score it all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlp4.corpus import Corpus
from nlp4.files import write_text
from nlp4.results import System, compare_systems, markdown_table, provenance
from nlp4.runs import Plan, Run, Say, read_histories
from nlp4.training import History, OnStep


def reproduce(
    corpus: Corpus,
    plan: Plan,
    out: Path,
    *,
    device: str = "cpu",
    say: Say = print,
    on_steps: tuple[OnStep, ...] = (),
) -> dict[str, Any]:
    """Run exercise 3 in the folder `out`; return what `results.json` then holds.

    Writes the models, the predictions and the results. Raises UserError if `out` holds a run
    with another plan, and KeyboardInterrupt once an interrupted stage has been saved.
    """
    run = Run(corpus, plan, out, device=device, say=say, on_steps=on_steps)
    for note in corpus.notes:
        say(f"note: {note}")
    scratch, finetuned = run.scratch(), run.pretrained_and_finetuned()
    answers = {
        "finetuned alone": run.answers(scratch, corpus.dev, "scratch"),
        "pretrained, then finetuned": run.answers(finetuned, corpus.dev, "dev"),
    }
    if corpus.test:
        run.answers(finetuned, corpus.test, "test")
    systems = compare_systems(corpus, answers)
    results = _results(plan, corpus, read_histories(out), systems, device)
    write_text(out / "results.json", json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    write_text(out / "table.md", markdown_table(systems))
    return results


def _results(
    plan: Plan,
    corpus: Corpus,
    histories: dict[str, History],
    systems: list[System],
    device: str,
) -> dict[str, Any]:
    stages = {
        name: {
            "steps": history.steps,
            "characters": history.characters,
            "seconds": round(history.seconds, 1),
            "loss": round(history.recent_loss(), 4),
        }
        for name, history in histories.items()
    }
    scores = [
        {
            "system": row.name,
            "right": row.score.right,
            "n": row.score.n,
            "interval": [round(end, 4) for end in row.score.interval],
            "p_value": row.p_value,
        }
        for row in systems
    ]
    return {
        "plan": asdict(plan),
        "notes": list(corpus.notes),
        "stages": stages,
        "scores": scores,
        "device": device,
        **provenance(),
    }
