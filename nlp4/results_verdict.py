"""The verdict of notebook 03 as a table: what is known beforehand, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from nlp4.results_accuracy import STEPS, Accuracy
from nlp4.results_speed import BOTH, FORWARD_TIME, Speed, crossing, three_digits

AT = 4096  # the length at which the table compares
COLUMNS = ("full", "linformer", "bigbird")
KNOWN = (
    ("cost of a layer", "$n^2$", "$n k$", "$n \\times$ (blocks a row) $\\times$ block"),
    ("bets on", "nothing", "a few directions suffice", "few neighbours and short paths suffice"),
    ("causal", "yes", "no", "yes"),
    ("any length", "yes", "up to a maximum", "yes"),
    (
        "what is proved",
        "",
        "some $k = O(\\log n)$ exists for random projections; the constant is large",
        "universal, if the pattern holds a star; Turing-complete with arbitrary precision",
    ),
    (
        "wins where",
        "texts are short; heads look sharply; one layer has to compare all with all",
        "long texts are read whole, and no head needs to look sharply",
        "texts are long and what matters is near, or passes through few places",
    ),
    (
        "loses where",
        "texts are long",
        "a model writes; heads look sharply; texts are short",
        "one layer has to compare all with all; all must pass through the global blocks",
    ),
)
Cells = tuple[str, str, str, str]


def verdict(speed: Speed | None, accuracy: Accuracy | None) -> str:
    """The table in Markdown; rows that need a file which is missing are left out."""
    rows = [*KNOWN]
    if speed is not None:
        rows += speed_rows(speed)
    if accuracy is not None:
        rows += accuracy_rows(accuracy)
    lines = [("", "full", "Linformer", "BigBird"), ("---",) * 4, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def speed_rows(speed: Speed) -> list[Cells]:
    """Times, memory and break-even, as they were measured."""
    rows = []
    for n in dict.fromkeys((AT, speed.lengths[-1])):
        for what in (FORWARD_TIME, f"time, {BOTH}", f"memory, {BOTH}"):
            cells = [_measured(speed, name, what, n) for name in COLUMNS]
            rows.append((f"{what}, n = {n:,}", cells[0], cells[1], cells[2]))
    full = speed.line("full", FORWARD_TIME)
    since = [from_where(crossing(speed.line(n, FORWARD_TIME), full), speed) for n in COLUMNS[1:]]
    return [*rows, ("faster than full, forward", "", since[0], since[1])]


def _measured(speed: Speed, name: str, what: str, n: int) -> str:
    value, full = (dict(speed.line(each, what)).get(n) for each in (name, "full"))
    if value is None:
        return "not measured"
    unit = "MB" if what.startswith("memory") else "ms"
    shown = f"{three_digits(value)} {unit}"
    if name == "full" or full is None or not value:
        return shown
    return f"{shown} ({full / value:.1f} times less)" if full > value else f"{shown} (more)"


def from_where(n: float | None, speed: Speed) -> str:
    """In words, from which length on; `n` as `crossing` returns it."""
    if n is None:
        return f"not up to n = {speed.lengths[-1]:,}"
    if n <= speed.lengths[0]:
        return f"from n = {speed.lengths[0]:,}, the shortest measured, on"
    return f"from about n = {n:,.0f} on"


def accuracy_rows(accuracy: Accuracy) -> list[Cells]:
    """What the trained encoders came to, with equal steps: mean, and range over the seeds.

    Tasks without trainings are left out.
    """
    rows: list[Cells] = []
    for task, sizes in accuracy.sizes.items():
        variants = accuracy.variants(task)
        columns = [["full"], [v for v in variants if v.startswith("linformer")], ["bigbird"]]
        cells = [_learnt(accuracy, task, each) for each in columns]
        heads = {"recall": "accuracy of recall", "characters": "bits a masked character"}
        what = f"{heads[task]}, n = {sizes.n:,}, {sizes.budget(STEPS)}"
        rows.append((what, cells[0], cells[1], cells[2]))
    return rows


def _learnt(accuracy: Accuracy, task: str, variants: Sequence[str]) -> str:
    told = []
    for variant in variants:
        if accuracy.of(task, variant, STEPS):
            found = accuracy.spread(task, variant, STEPS)
            form = "{:.1%}" if task == "recall" else "{:.3f}"
            mean, low, high = (form.format(x) for x in (found.mean, found.low, found.high))
            k, n = variant.partition("-")[2], str(accuracy.sizes[task].n)
            name = f"k = {'n = ' * (k == n)}{k}: " if len(variants) > 1 else ""
            told.append(f"{name}{mean} ({low} to {high})")
    return "; ".join(told) or "not trained"
