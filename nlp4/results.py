"""Rows of results: each system's score beside the baselines, with its interval and a test."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch

from nlp4.corpus import Corpus
from nlp4.evaluation import against, baselines, ceiling, score
from nlp4.statistics import Share

# The report's own counts, on the course's dev questions and with the course's model.
REPORT = {
    "always London": "25/500 (5.0%)",
    "finetuned alone": "2/500 (0.4%)",
    "pretrained, then finetuned": "60/500 (12.0%)",
}


@dataclass(frozen=True)
class System:
    """One row of the results: who answered, how, and how many were right."""

    name: str
    score: Share
    p_value: float | None = None  # McNemar, against the pretrained and finetuned model


def compare_systems(corpus: Corpus, answers: dict[str, list[str]]) -> list[System]:
    """Score each system beside the baselines; test each against the last one by McNemar."""
    dev = corpus.dev
    best = list(answers.values())[-1]
    rows = [
        System(
            name, score(given, dev), against(best, given, dev).p_value if given != best else None
        )
        for name, given in (baselines(corpus) | answers).items()
    ]
    return [*rows, System("ceiling: the answer stands in the biography", ceiling(corpus))]


def markdown_table(systems: list[System], *, report: bool = False) -> str:
    """The rows as a Markdown table, with intervals and p-values; beside the report's, if asked.

    The report's column is about other people and another model: its order is comparable.
    """
    heads = ["system", "right", "share", "95% interval", "p against the last model"]
    rows = [_cells(row) + [REPORT.get(row.name, "")] * report for row in systems]
    lines = [heads + ["the report, on other people"] * report, ["---"] * (len(heads) + report)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines + rows)


def _cells(row: System) -> list[str]:
    low, high = row.score.interval
    right, p = f"{row.score.right}/{row.score.n}", row.p_value
    shown = "" if p is None else f"{p:.1g}"
    return [row.name, right, f"{row.score.value:.1%}", f"{low:.1%} to {high:.1%}", shown]


def provenance() -> dict[str, Any]:
    """Versions and cores: what else a figure depends on."""
    packages = {name: version(name) for name in ("nlp4", "torch", "numpy")}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "python": platform.python_version(),
        **packages,
        "cores": cores,
        "threads": torch.get_num_threads(),
    }


def one_row_a_line(content: Mapping[str, Any], key: str) -> str:
    """`content` as JSON, with each row of `content[key]` on a line of its own.

    Indented to the last number, the file would be four times as long.
    """
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in content[key])
    told = [
        f"{json.dumps(name)}: "
        + (f"[\n{rows}\n]" if name == key else json.dumps(value, ensure_ascii=False))
        for name, value in content.items()
    ]
    return f"{{{', '.join(told)}}}\n"
