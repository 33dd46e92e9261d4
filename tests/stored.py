"""Hand-made result files, of the formats that the benchmark and the comparison write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

LENGTHS = (512, 1024, 2048)
# Powers of n, so that lines on logarithmic axes are straight and cross where algebra says.
MILLISECONDS: dict[str, Callable[[int], float]] = {
    "full": lambda n: 1e-5 * n**2,
    "bigbird": lambda n: 0.016 * n,  # meets full attention at n = 1,600
    "hugging face": lambda n: 1.0 * n,
    "linformer": lambda n: 0.002 * n,  # below it everywhere
    "package": lambda n: 0.004 * n,
}
SKIPPED = ("hugging face", 2048)
ACCURACY = {"full": 1.0, "linformer-16": 0.5, "window": 0.25, "random": 0.4, "bigbird": 0.9}
REACH = {"window": 0.0, "random": 0.2, "bigbird": 1.0}
COMMAND = "python -m nlp4 compare --tasks recall-64 --steps 10"
SIZES = {
    "recall-64": {"steps": 10, "minutes": 0.25, "n": 64, "pairs": 4},
    "characters": {"steps": 20, "minutes": 0.5, "n": 2048},
}


def write_speed(path: Path) -> Path:
    """Write times and memory; forward and backward take three times as long as forward."""
    cells = []
    for name, milliseconds in MILLISECONDS.items():
        for n in LENGTHS:
            for mode, factor in (("forward", 1), ("forward and backward", 3)):
                skip = "too long" if (name, n) == SKIPPED else ""
                least = factor * milliseconds(n) / 1e3
                cells.append(
                    {
                        "name": name,
                        "n": n,
                        "mode": mode,
                        "seconds": [] if skip else [2 * least, least, 1.5 * least],
                        "megabytes": None if skip else factor * n / 8,
                        "skipped": skip,
                    }
                )
    content = {
        "provenance": {"cores": 2, "threads": 1},
        "settings": {"width": 256},
        "cells": cells,
        "bounds": {
            "bigbird": {n: n / 400 for n in LENGTHS},
            "linformer": dict.fromkeys(LENGTHS, 4),
        },
        "claims": [],
    }
    path.write_text(json.dumps(content), "utf-8")
    return path


DENSITY = {"linformer-16": 0.25, "window": 0.375, "random": 0.375, "bigbird": 0.75}


def run(task: str, variant: str, seed: int, budget: str, rate: float = 1.0) -> dict[str, Any]:
    """One training; its seeds lie 0.02 apart around `ACCURACY`, and nothing is asked early on.

    At another rate than 1 it learns half as much.
    """
    accuracy = ACCURACY[variant] + 0.02 * (seed - 1) * (variant != "full")
    accuracy *= 1 if rate == 1 else 0.5
    recall = task != "characters"
    return {
        "task": task,
        "variant": variant,
        "seed": seed,
        "budget": budget,
        "rate": rate,
        "steps": SIZES[task]["steps"],
        "seconds": 3.5,
        "characters": 1,
        "parameters": 1234,
        "density": DENSITY.get(variant, 1.0),
        "multiply_adds": 10**6,
        "measure": "accuracy" if recall else "bits",
        "dev_bits": 3 - 2 * accuracy,
        "dev_accuracy": accuracy,
        "bits": 3 - 2 * accuracy,
        "accuracy": accuracy,
        "judged": 99,
        "by part": [accuracy, *[None] * 7, *[accuracy] * 24],
        "reach": REACH.get(variant) if recall else None,
        "guess": 0.25 if recall else None,
        "constant": 0.1,
        "curve": [[SIZES[task]["steps"] // 2, 2.5], [SIZES[task]["steps"], 2.5 - accuracy]],
    }


def write_accuracy(path: Path) -> Path:
    """Write trainings of both tasks: five attentions, three seeds, both budgets, two rates."""
    runs = [
        run(task, variant, seed, budget)
        for task in SIZES
        for budget in ("steps", "time")
        for variant in ACCURACY
        for seed in range(3)
    ]
    runs += [run(task, v, 0, "steps", 3.0) for task in SIZES for v in ACCURACY]  # worse on dev
    content = {"command": COMMAND, "settings": SIZES, "minutes": 3.5, "cores": 2, "runs": runs}
    path.write_text(json.dumps(content), "utf-8")
    return path
