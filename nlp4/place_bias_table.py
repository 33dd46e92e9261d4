"""The tables of the experiment on biased places, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from nlp4.paired_ratio import Ratio
from nlp4.place_bias import Groups, PlaceBias
from nlp4.statistics import Share


def markdown(found: PlaceBias) -> str:
    """Markdown tables: the whole, countries, frequent places, accuracy by kind of name."""
    parts = [_whole(found), *(_group(groups) for groups in found.groups)]
    for head, rows in (("country", found.countries), ("place", found.places)):
        if rows:
            parts.insert(-len(found.groups), _ratios(head, rows, found.fewest))
    return "\n".join(parts)


def _whole(found: PlaceBias) -> str:
    london, never = found.london, found.never
    shares = [Share(count, london.n) for count in (london.predicted, london.true)]
    mean, low, high = never.by_luck
    rows = [
        ("right", str(found.right)),
        ("London predicted", str(shares[0])),
        ("London true", f"{shares[1]}; McNemar p = {london.p_value:.2g}"),
        (
            "entropy of places, predicted and true",
            f"{found.entropy_predicted:.2f} and {found.entropy_true:.2f} bits, "
            f"p = {found.entropy_p:.2g}",
        ),
        (
            "true places that are never answered",
            f"{len(never.places)} of {never.true_places}; answers drawn from the training "
            f"answers: {mean:.0f} ({low:.0f} to {high:.0f})",
        ),
        ("questions about those", str(never.questions)),
        (
            "answers that no training question has",
            f"{found.unheard_right.n}, {found.unheard_right.right} of them right, "
            f"{found.strangers} nowhere in the corpus",
        ),
    ]
    return "".join(f"| {a} | {b} |\n" for a, b in [("measure", "found"), ("---", "---"), *rows])


def _ratios(head: str, rows: Sequence[Ratio], fewest: int) -> str:
    lines = [f"| {head} | predicted | true | ratio | 95% interval |", "|---|---|---|---|---|"]
    for row in rows:
        if max(row.predicted, row.true) >= fewest:
            low, high = row.interval
            cells = f"{row.predicted} | {row.true} | {row.value:.2f} | {low:.2f} to {high:.2f}"
            lines.append(f"| {row.place} | {cells} |")
    return "\n".join(lines) + "\n"


def _group(groups: Groups) -> str:
    lines = [f"| {groups.by} | right | share | 95% interval |", "|---|---|---|---|"]
    for label, share in groups.rows:
        low, high = share.interval
        counts = f"{share.right}/{share.n} | {share.value:.1%}"
        lines.append(f"| {label} | {counts} | {low:.1%} to {high:.1%} |")
    lines.append(f"| no difference between kinds | | | p = {groups.p_value:.2g} |")
    return "\n".join(lines) + "\n"
