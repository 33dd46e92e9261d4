"""What the report claims, beside what the numbers say: the tables that end the notebooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from nlp4.data.corpus import Corpus
from nlp4.data.people.background import Background
from nlp4.experiments.comparison import STEPS, Accuracy, read_accuracy
from nlp4.experiments.confidence import WHOLE, Confidence, Judged, looks
from nlp4.experiments.facts import Facts, read_facts
from nlp4.experiments.names import ALL, AT_END, NameGuesses, chance_anyhow
from nlp4.experiments.names import WHOLE as BY_LETTERS
from nlp4.experiments.place_bias import UNKNOWN, PlaceBias
from nlp4.experiments.probe import Probed
from nlp4.experiments.readings import Readings, read_readings
from nlp4.experiments.rewordings import LAST, SLIP, Rewordings
from nlp4.experiments.speed import (
    BOTH,
    COMMAND,
    FORWARD_TIME,
    Speed,
    crossing,
    read_speed,
    three_digits,
)
from nlp4.maths.calibration import auroc
from nlp4.maths.statistics import Agreement, compare
from nlp4.support.errors import UserError
from nlp4.support.records import table

AT = 4096  # the length at which the table compares
COLUMNS = ("full", "linformer", "bigbird")
KNOWN = (
    ("cost of a layer", "$n^2$", "$n k$", "$n \\times$ (blocks a row) $\\times$ block"),
    ("bets on", "nothing", "a few directions suffice", "few neighbours and short paths suffice"),
    ("causal", "yes", "not with a learned dense $E$; block-wise forms can be", "yes"),
    ("any length", "yes", "up to a maximum", "yes"),
    (
        "what is proved",
        "",
        "for random projections, $k = O(\\log n)$, or $O(d \\log d)$ for every n; the constants "
        "are large",
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
        "a model writes (with a dense $E$); heads look sharply; texts are short",
        "one layer has to compare all with all; all must pass through the global blocks",
    ),
)
Cells = tuple[str, str, str, str]


def efficient_verdict(speed: Speed | None, accuracy: Accuracy | None) -> str:
    """The table in Markdown; rows that need a file which is missing are left out."""
    rows = [*KNOWN]
    if speed is not None:
        rows += speed_rows(speed)
    if accuracy is not None:
        rows += accuracy_rows(accuracy)
    return table(["", "full", "Linformer", "BigBird"], rows)


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
        measure = "accuracy of" if sizes.pairs else "bits a masked character,"
        what = f"{measure} {task}, {sizes.budget(STEPS)}"
        rows.append((what, cells[0], cells[1], cells[2]))
    return rows


def _learnt(accuracy: Accuracy, task: str, variants: Sequence[str]) -> str:
    told = []
    for variant in variants:
        if accuracy.of(task, variant, STEPS):
            found = accuracy.spread(task, variant, STEPS)
            form = "{:.1%}" if accuracy.sizes[task].pairs else "{:.3f}"
            mean, low, high = (form.format(x) for x in (found.mean, found.low, found.high))
            name = f"k = {variant.partition('-')[2]}: " if len(variants) > 1 else ""
            told.append(f"{name}{mean} ({low} to {high})")
    return "; ".join(told) or "not trained"


Result = TypeVar("Result")


def or_none(read: Callable[[], Result]) -> Result | None:
    """What was read, or None if the file is missing."""
    try:
        return read()
    except UserError:
        return None


def how_to_repeat() -> str:
    """How the stored files were made, in Markdown; or what is missing."""
    lines = []
    for read in (read_speed, read_accuracy):
        try:
            lines.append(_made(read()))
        except UserError as missing:
            lines.append(f"- {missing}")
    return "\n".join(lines)


def _made(results: Speed | Accuracy) -> str:
    if isinstance(results, Speed):
        return f"- speed: `{COMMAND}`, on {results.cores} cores with {results.threads} threads"
    seeds = len({row.seed for row in results.rows})
    return (
        f"- accuracy: `{results.command}`, {len(results.rows)} trainings with {seeds} seeds, "
        f"{results.minutes:.0f} minutes of training on {results.cores} cores"
    )


def verdict_table() -> str:
    """The verdict in Markdown, with what is measured; a missing file is named below it."""
    missing = []
    for read in (read_speed, read_accuracy):
        try:
            read()
        except UserError as error:
            missing.append(f"\n{error}\n")
    return efficient_verdict(or_none(read_speed), or_none(read_accuracy)) + "".join(missing)


_TOLD = {
    "4a": "pretraining taught it general language structure, and facts about the people",
    "4b": "users are misled, since wrong answers sound like right ones; a hidden bias",
    "4c": "for a name that it has not seen it guesses by similar names, which say little",
}


def facts_table() -> str:
    """Each text against the right one, seed by seed, in Markdown; or what is missing."""
    try:
        return _facts_table(read_facts())
    except UserError as missing:
        return str(missing)


def _facts_table(stored: Facts) -> str:
    heads = ["read first", "seed", "right", "only after `right`", "only after this", "p"]
    best = {run.seed: run for run in stored.of("right")}
    rows = []
    for run in (run for run in stored.runs if run.text != "right" and run.seed in best):
        pair = compare(best[run.seed].marks, run.marks)
        cells = [f"`{run.text}`", str(run.seed), f"{run.share.right} of {run.share.n}"]
        rows.append([*cells, str(pair.only_first), str(pair.only_second), f"{pair.p_value:.1g}"])
    return table(heads, rows)


def readings_words() -> str:
    """What the longest reading came to, with and without questions; or what is missing."""
    try:
        return _readings_words(read_readings())
    except UserError as missing:
        return str(missing)


def _readings_words(stored: Readings) -> str:
    told = []
    for mixed in sorted({run.mixed for run in stored.runs}):
        most = max(run.steps for run in stored.runs if run.mixed == mixed)
        for row in (row for row in stored.together(mixed) if row.steps == most):
            how = "with" if mixed else "without"
            told.append(
                f"- {most:,} steps {how} questions, {row.wordings} "
                f"wording{'s' * (row.wordings > 1)}: {row.stored} stored, {row.asked} answered; "
                f"of the stored ones, {row.both.value:.0%} can be asked for."
            )
    return "\n".join(told)


def ranking_table(found: Confidence) -> str:
    """What each number is worth for telling right from wrong, in Markdown."""
    heads = ["answers ranked by", "AUROC", "95% interval"]
    rows = []
    for row in found.rankings:
        low, high = row.auroc.interval if row.auroc else (0.0, 1.0)
        area, held = f"{row.auroc.value:.3f}" if row.auroc else "-", row.held_out[0.8]
        told = f"{held.coverage:.1%} answered, {held.accuracy:.1%} of them right"
        rows.append([row.score, area, f"{low:.3f} to {high:.3f}", told])
    return table([*heads, "threshold set for 80% right, used on new questions"], rows)


def by_looks(judged: Sequence[Judged], corpus: Corpus, background: Background | None) -> str:
    """What the text of an answer gives away: answers that are no place, and a rule; in words."""
    if background is None:
        return "Which answers are places is not known for this corpus."
    wrong = [row.answer for row in judged if not row.right]
    odd = [answer for answer in wrong if answer not in background.country]
    such = f", such as {', '.join(odd[:5])}" if odd else ""
    told = f"{len(odd)} of the {len(wrong)} wrong answers are no place that the corpus knows{such}."
    area = auroc(looks(judged, corpus, background), np.array([row.right for row in judged]))
    if area:
        low, high = area.interval
        told += (
            f" A rule that goes by looks alone has an AUROC of {area.value:.2f} on all "
            f"{len(judged)} answers (95% interval {low:.2f} to {high:.2f})."
        )
    return told


def nearest_words(found: NameGuesses, corpus: Corpus) -> str:
    """The agreement with the nearest name by letters, and each of the chances beside it."""
    letters = found.rows[0]
    guess, within, truth = letters.guess, letters.guess_within_origin, letters.truth
    told = [
        f"- The guess is the birthplace of the nearest name, by letters, in {guess.value:.1%} of "
        f"{letters.names} cases.",
        "- Chance, with the training people's birthplaces dealt out among all their names: "
        f"{chance_anyhow(found, corpus):.1%} in closed form, {guess.chance:.1%} as drawn "
        f"(p = {guess.p_value:.2g}).",
    ]
    if within:
        told.append(
            "- Chance, with the birthplaces dealt out among names of one origin only: "
            f"{within.chance:.1%} (p = {within.p_value:.2g})."
        )
    if truth:
        told.append(
            f"- The true birthplace is that of the nearest name in {truth.value:.1%}; by chance, "
            f"dealt out among all names, in {truth.chance:.1%} (p = {truth.p_value:.2g})."
        )
    return "\n".join(told)


def origin_words(found: NameGuesses) -> str:
    """Whether the guesses follow the origin of the names, in words."""
    use = found.origin_use
    if use is None:
        return "The origins of the names are not known for this corpus."
    truth = (
        "" if use.truth is None else f" The true birthplace lies there in {use.truth.value:.1%}."
    )
    return (
        "Each origin has a country in which most training people with such names were born. The "
        f"guess lies there in {use.guess.value:.1%} of {use.guess.n} cases, and in "
        f"{use.chance:.1%} if the same guesses are dealt out among the names "
        f"(p = {use.p_value:.2g}).{truth}"
    )


def beliefs_verdict(
    confidence: Confidence,
    bias: PlaceBias,
    guesses: NameGuesses,
    rewordings: Rewordings,
    probed: Probed,
    plain: Rewordings | None = None,
) -> str:
    """A Markdown table with a row for each opinion; a missing file is named in its place.

    `plain` are the rewordings of a model without a memory.
    """
    told = {
        "4a": f"{_facts()} {_probe(probed)} {_reworded(rewordings, plain)}",
        "4b": f"{_looks(bias)} {_confidence(confidence)} {_bias(bias)}",
        "4c": _names(guesses),
    }
    rows = [[key, _TOLD[key], words] for key, words in told.items()]
    return table(["", "the report says", "the experiments say"], rows)


def _facts() -> str:
    try:
        stored = read_facts()
        return _of_texts(stored)
    except UserError as missing:
        return f"{missing}."


def _of_texts(stored: Facts) -> str:
    means = {text: stored.mean(text) for text in stored.texts}
    right, rest = means.pop("right"), "; ".join(f"`{t}` {m:.1%}" for t, m in means.items())
    words = f"Facts: {right:.1%} of the dev questions right after the right biographies; {rest}."
    moved = stored.believed("misinformed") if "misinformed" in means else None
    if moved:
        words += f" Misinformed, it repeats the wrong place in {moved.value:.1%} of the cases."
    return words


def _probe(found: Probed) -> str:
    best = max(found.stages, key=lambda stage: stage.dev.value)
    return (
        f"A linear probe reads {best.dev.value:.1%} of the places at {best.where} after layer "
        f"{best.layer} (places at random: {best.control.value:.1%})."
    )


def _reworded(found: Rewordings, plain: Rewordings | None) -> str:
    """What of the right answers is left: with the table of names, and without one."""
    told = f"Of the right answers {_left(found)}"
    if plain is None:
        return f"{told}."
    return f"{told}; of those of the model without a memory, {_left(plain)}."


def _left(found: Rewordings) -> str:
    rows = {row.asked: f"{row.still_right.value:.0%}" for row in found.rows}
    other = found.rows[1].asked
    return (
        f"{rows[other]} stay right asked “{other}”, {rows[SLIP]} with {SLIP}, {rows[LAST]} with "
        "the surname alone"
    )


def _looks(found: PlaceBias) -> str:
    strange = sum(row.predicted for row in found.countries if row.place == UNKNOWN)
    wrong = found.right.n - found.right.right
    if not found.countries:
        return ""
    return (
        f"Of {wrong} wrong answers {strange} are no place that the corpus knows; the others name "
        "places, as right ones do."
    )


def _confidence(found: Confidence) -> str:
    ranking = next(row for row in found.rankings if row.score == WHOLE)
    calibrated = next(row for row in found.calibrations if row.score == WHOLE)
    words = "The confidence tells something: its calibration error is "
    words += f"{calibrated.error['width']:.3f}"
    if ranking.auroc:
        low, high = ranking.auroc.interval
        words += f", AUROC {ranking.auroc.value:.3f} ({low:.3f} to {high:.3f})"
    held = ranking.held_out[0.8]
    return (
        f"{words}. A threshold meant for 80% lets {held.coverage:.0%} of new questions through, "
        f"{held.accuracy:.0%} of them right."
    )


def _bias(found: PlaceBias) -> str:
    rows = [row for row in found.countries if row.true >= found.fewest]
    off = [row.place for row in rows if not row.interval[0] <= 1 <= row.interval[1]]
    told = f"London is answered {found.london.predicted} times and true {found.london.true} times"
    if rows:
        named = f" ({', '.join(off)})" if off else ""
        told += (
            f"; of {len(rows)} countries, {len(off)}{named} "
            f"ha{'s' if len(off) == 1 else 've'} an interval without 1, and one in twenty would by "
            "chance"
        )
    places = f"{len(found.never.places)} of {found.never.true_places}"
    mean = found.never.by_luck[0]
    return f"{told}. {places} true places are never answered; luck leaves out {mean:.0f}."


def _names(found: NameGuesses) -> str:
    everybody = [row for row in found.rows if row.group == ALL]
    rows = {row.measure: row.guess_within_origin or row.guess for row in everybody}
    letters, state = rows[BY_LETTERS], rows[AT_END]
    known = any(row.guess_within_origin for row in everybody)
    within = "within each origin of names" if known else "among all names"
    truth = next(row.truth for row in everybody if row.measure == BY_LETTERS)
    model, *others = found.rules
    best = max(others, key=lambda rule: rule.right.value)
    return (
        f"A little: the guess is the birthplace of the nearest name in {letters.value:.1%} of the "
        f"cases; chance, with birthplaces dealt out {within}, gives {letters.chance:.1%} "
        f"(p = {letters.p_value:.2g}). By the state at the question's end it is "
        f"{state.value:.1%}, but that state is what the guess is read from.{_truth(truth)} It is "
        f"right in {model.right.right} of {model.right.n} cases; the rule “{best.rule}” is right "
        f"in {best.right.right}."
    )


def _truth(found: Agreement | None) -> str:
    if found is None:
        return ""
    return (
        f" The true place is that of the nearest name in {found.value:.1%} (chance, dealt out "
        f"among all names: {found.chance:.1%})."
    )
