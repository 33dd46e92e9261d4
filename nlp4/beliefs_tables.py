"""The tables of notebook 04 in Markdown; the last one is the verdict on the report's opinions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlp4.belief_scenes import readings_scene
from nlp4.calibration import auroc
from nlp4.confidence import WHOLE, Confidence, Judged
from nlp4.corpus import Corpus
from nlp4.errors import UserError
from nlp4.name_guesses import ALL, NameGuesses
from nlp4.name_origins import Background
from nlp4.name_scenes import looks
from nlp4.nearest_names import AT_END
from nlp4.nearest_names import WHOLE as BY_LETTERS
from nlp4.permutations import Agreement
from nlp4.place_bias import UNKNOWN, PlaceBias
from nlp4.probe_scene import Probed
from nlp4.results_beliefs import Facts, Readings, read_facts, read_readings
from nlp4.rewordings import LAST, Rewordings
from nlp4.statistics import compare

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
    lines = [
        "| read first | seed | right | only after `right` | only after this | p |",
        "|---|---|---|---|---|---|",
    ]
    best = {run.seed: run for run in stored.of("right")}
    for run in (run for run in stored.runs if run.text != "right" and run.seed in best):
        pair = compare(best[run.seed].marks, run.marks)
        cells = [f"`{run.text}`", str(run.seed), f"{run.share.right} of {run.share.n}"]
        cells += [str(pair.only_first), str(pair.only_second), f"{pair.p_value:.1g}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


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
        for row in readings_scene(stored, most, mixed).chosen:
            how = "with" if mixed else "without"
            told.append(
                f"- {most:,} steps {how} questions, {row.wordings} "
                f"wording{'s' * (row.wordings > 1)}: {row.stored} stored, {row.asked} answered; "
                f"of the stored ones, {row.both.value:.0%} can be asked for."
            )
    return "\n".join(told)


def ranking_table(found: Confidence) -> str:
    """What each number is worth for telling right from wrong, in Markdown."""
    lines = [
        "| answers ranked by | AUROC | 95% interval | threshold set for 80% right, used on new "
        "questions |",
        "|---|---|---|---|",
    ]
    for row in found.rankings:
        low, high = row.auroc.interval if row.auroc else (0.0, 1.0)
        area, held = f"{row.auroc.value:.3f}" if row.auroc else "-", row.held_out[0.8]
        told = f"{held.coverage:.1%} answered, {held.accuracy:.1%} of them right"
        lines.append(f"| {row.score} | {area} | {low:.3f} to {high:.3f} | {told} |")
    return "\n".join(lines) + "\n"


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


def verdict(
    confidence: Confidence,
    bias: PlaceBias,
    guesses: NameGuesses,
    rewordings: Rewordings,
    probed: Probed,
) -> str:
    """A Markdown table with a row for each opinion; a missing file is named in its place."""
    told = {
        "4a": f"{_facts()} {_probe(probed)} {_reworded(rewordings)}",
        "4b": f"{_looks(bias)} {_confidence(confidence)} {_bias(bias)}",
        "4c": _names(guesses),
    }
    lines = ["| | the report says | the experiments say |", "|---|---|---|"]
    lines += [f"| {key} | {_TOLD[key]} | {words} |" for key, words in told.items()]
    return "\n".join(lines) + "\n"


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


def _reworded(found: Rewordings) -> str:
    rows = {row.asked: row.still_right for row in found.rows}
    other = found.rows[1]
    return (
        f"It is stored under the whole name: with the surname alone {rows[LAST].value:.0%} of the "
        f"right answers stay right; asked “{other.asked}”, {other.still_right.value:.0%}."
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
    truth = next(row.truth for row in everybody if row.measure == BY_LETTERS)
    model, *others = found.rules
    best = max(others, key=lambda rule: rule.right.value)
    return (
        f"A little: the guess is the birthplace of the nearest name in {letters.value:.1%} of the "
        f"cases, chance gives {letters.chance:.1%} (p = {letters.p_value:.2g}). By the state at "
        f"the question's end it is {state.value:.1%}, but that state is what the guess is read "
        f"from.{_truth(truth)} It is right in {model.right.right} of {model.right.n} cases; the "
        f"rule “{best.rule}” is right in {best.right.right}."
    )


def _truth(found: Agreement | None) -> str:
    if found is None:
        return ""
    return (
        f" The true place is that of the nearest name in {found.value:.1%} (chance: "
        f"{found.chance:.1%})."
    )
