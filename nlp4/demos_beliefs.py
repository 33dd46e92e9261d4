"""The explorers and pictures of notebook 04: what a model believes, and how to tell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from nlp4 import svg_beliefs, svg_confidence
from nlp4.belief_scenes import (
    Abstaining,
    AbstainScene,
    FactsScene,
    ReadingsScene,
    ReliabilityScene,
    confidence_arrays,
    facts_scene,
    readings_scene,
    reliability_scene,
)
from nlp4.calibration import Spacing
from nlp4.confidence import Judged
from nlp4.controls import choice, count
from nlp4.explorer import Drawing, Explorer
from nlp4.facts_or_language import NAMES
from nlp4.name_scenes import (
    COUNTRY,
    ORIGIN,
    PLACE,
    Lines,
    Neighbours,
    bias_lines,
    with_mark,
)
from nlp4.nearest_names import WHOLE
from nlp4.place_bias import PlaceBias
from nlp4.probe_scene import Probed
from nlp4.readings import Settings
from nlp4.results_beliefs import read_facts, read_readings

SPACINGS: dict[str, Spacing] = {"equal width": "width", "equal mass": "mass"}
_MIXED = {"none": False, "mixed in": True}


def facts_explorer() -> Explorer[FactsScene]:
    """The score after each text that was read first, and what one of them lacks."""
    stored = cache(read_facts)
    controls = {"text": choice("read first", list(NAMES), "right")}
    return Explorer(
        controls,
        lambda text: facts_scene(stored(), text),
        svg_beliefs.facts_picture,
        facts_caption,
        name="facts",
    )


def facts_caption(scene: FactsScene) -> str:
    """The chosen text, its score, what luck gives, and the place that it moved."""
    runs = scene.runs
    asked = sum(run.share.n for run in runs)
    mean = sum(run.share.right for run in runs) / asked
    luck = sum(run.luck for run in runs) / asked
    told = ", ".join(f"{run.share.right} of {run.share.n}" for run in runs)
    words = (
        f"After {scene.text} ({scene.summary}): {told} right, {mean:.1%} on average; answers "
        f"dealt out at random would be right {luck:.1%} of the time."
    )
    if scene.believed:
        words += (
            f" Where another place stood under the name, {scene.believed.right} of "
            f"{scene.believed.n} answers are that place ({scene.believed.value:.1%})."
        )
    return words


def readings_explorer() -> Explorer[ReadingsScene]:
    """Stored against asked, by the number of steps and of wordings, with or without questions."""
    stored = cache(read_readings)
    steps = list(Settings().steps)
    controls = {
        "mixed": choice("questions", list(_MIXED), "none"),
        "steps": choice("steps of reading", steps, steps[-1]),
    }
    return Explorer(
        controls,
        lambda mixed, steps: readings_scene(stored(), steps, _MIXED[mixed]),
        svg_beliefs.readings_picture,
        readings_caption,
        name="readings",
    )


def readings_caption(scene: ReadingsScene) -> str:
    """For each number of wordings at the chosen steps: stored, asked, and asked of the stored."""
    told = "; ".join(
        f"{row.wordings} wording{'s' * (row.wordings > 1)}, each birthplace asked for "
        f"{row.seen:.1f} times: {row.stored.value:.0%} stored, {row.asked.value:.0%} asked, "
        f"{row.both.right} of the {row.both.n} stored ones"
        for row in scene.chosen
    )
    how = "with questions mixed in" if scene.mixed else "without questions"
    return f"After {scene.steps:,} steps {how}: {told}."


def reliability_explorer(judged: Sequence[Judged]) -> Explorer[ReliabilityScene]:
    """A reliability diagram whose bins can be cut in other ways."""
    sure, right = confidence_arrays(judged)
    controls = {
        "number": count("bins", 10, 1, 30),
        "spacing": choice("bins of", list(SPACINGS), "equal width"),
    }
    return Explorer(
        controls,
        lambda number, spacing: reliability_scene(sure, right, number, SPACINGS[spacing]),
        svg_confidence.reliability_picture,
        reliability_caption,
        name="reliability",
    )


def reliability_caption(scene: ReliabilityScene) -> str:
    """The error, what a calibrated model's would be, and the largest gap."""
    worst = max(scene.bins, key=lambda b: abs(b.right.value - b.sure))
    mean, most = scene.by_chance
    kind = "more" if scene.error > most else "no more"
    return (
        f"Expected calibration error {scene.error:.3f} with {len(scene.bins)} "
        f"bin{'s' * (len(scene.bins) > 1)}. A calibrated model with these confidences would have "
        f"{mean:.3f} on average, and {most:.3f} or less 95 times in 100: this is {kind} than luck "
        f"allows. The largest gap: of {worst.right.n} answers given with {worst.sure:.0%}, "
        f"{worst.right.value:.0%} are right."
    )


def abstain_explorer(judged: Sequence[Judged]) -> Explorer[AbstainScene]:
    """Answer only what reaches a threshold of confidence."""
    answers = Abstaining.of(*confidence_arrays(judged))
    controls = {"threshold": count("threshold (%)", 50, 0, 100)}
    return Explorer(
        controls,
        lambda threshold: answers.at(threshold / 100),
        svg_confidence.abstain_picture,
        abstain_caption,
        name="abstain",
    )


def abstain_caption(scene: AbstainScene) -> str:
    """How many are answered, how many of those rightly, and what is kept back."""
    answered, n = scene.answered, scene.everything.n
    if not answered.n:
        return (
            f"No answer is given with {scene.threshold:.0%} or more: the model abstains {n} times."
        )
    return (
        f"With {scene.threshold:.0%} or more it answers {answered.n} of {n} questions "
        f"({answered.n / n:.1%}). Right are {answered}. It keeps back "
        f"{n - answered.n} answers, {scene.lost} of them right."
    )


def bias_explorer(found: PlaceBias) -> Explorer[Lines]:
    """Predicted against true by country and place, and accuracy by the origin of the name."""
    controls = {
        "by": choice("by", [COUNTRY, PLACE, ORIGIN], COUNTRY),
        "rank": count("row", 1, 1, 15),
    }
    lines = cache(lambda by: bias_lines(found, by))

    def caption(scene: Lines) -> str:
        row = scene.rows[scene.marked or 0]
        low, high = row.interval
        if scene.logarithmic:
            first, second = row.counts.split(" for ")
            inside = "contains 1" if low <= 1 <= high else "does not contain 1"
            return (
                f"{row.label} is answered {first} times and true {second} times: a ratio of "
                f"{row.value:.2f}. Its 95% interval, {low:.2f} to {high:.2f}, {inside}."
            )
        inside = "contains" if low <= (scene.reference or 0) <= high else "does not contain"
        return (
            f"Names of {row.label}: {row.counts} right ({row.value:.1%}). The 95% interval, "
            f"{low:.1%} to {high:.1%}, {inside} the share of all names, {scene.reference:.1%}."
        )

    return Explorer(
        controls,
        lambda by, rank: with_mark(lines(by), rank),
        svg_beliefs.lines_picture,
        caption,
        name="bias",
    )


def names_explorer(found: Sequence[Neighbours]) -> Explorer[Neighbours]:
    """Go through people whom the model has not read about: its guess, and the nearest names."""
    controls = {"person": count("person", 1, 1, len(found))}
    return Explorer(
        controls,
        lambda person: found[person - 1],
        svg_beliefs.neighbours_picture,
        names_caption,
        name="names",
    )


def names_caption(person: Neighbours) -> str:
    """The guess, the nearest name by letters, and by which measures the guess agrees."""
    near = {each.measure: each for each in person.near}[WHOLE]
    name, place = near.people[0]
    letters = f"{near.distance} letter{'s' * (near.distance != 1)}"
    several = f", one of {near.number} equally near" if near.number > 1 else ""
    agree = [each.measure for each in person.near if each.agree]
    told = f"by {', by '.join(agree)}" if agree else "by no measure"
    true = "" if person.true is None else f" (the truth: {person.true})"
    return (
        f"{person.name}: the model guesses {person.guess}{true}. Nearest by letters is {name}, "
        f"{letters} away{several}, born in {place}. A nearest name has the guessed place {told}."
    )


def lines_drawing(scene: Lines) -> Drawing:
    """Rows of values with their intervals as a still picture."""
    told = "; ".join(f"{row.label} {row.value:.1%} ({row.counts})" for row in scene.rows)
    return Drawing(svg_beliefs.lines_picture(scene), f"{scene.title}: {told}.")


def probe_drawing(found: Probed) -> Drawing:
    """What a probe reads at each stage as a still picture."""
    told = "; ".join(
        f"{stage.where}, layer {stage.layer}: {stage.dev.value:.1%} (control "
        f"{stage.control.value:.1%})"
        for stage in found.stages
    )
    return Drawing(
        svg_beliefs.probe_picture(found), f"Of {found.usual.n} dev people, read rightly: {told}."
    )
