"""Pictures of stored facts: after other texts, more readings, inside the model (exercise 4a)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from nlp4.experiments.facts import NAMES, SUMMARIES, Facts, FactsRun, Mixture, mixture, read_facts
from nlp4.experiments.probe import Probed
from nlp4.experiments.readings import Readings, Settings, Wording, read_readings
from nlp4.maths.statistics import Share
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count
from nlp4.pictures.explorer import Explorer


@dataclass(frozen=True)
class FactsScene:
    """Every seed of every text that was read first; one text is looked at."""

    text: str
    summary: str
    rows: tuple[tuple[str, tuple[FactsRun, ...]], ...]
    believed: Share | None  # of the text that is looked at

    @property
    def runs(self) -> tuple[FactsRun, ...]:
        """The seeds of the text that is looked at."""
        return dict(self.rows)[self.text]


def facts_scene(stored: Facts, text: str) -> FactsScene:
    """All texts, `text` marked. Raises UserError if no model read it."""
    stored.of(text)
    rows = tuple((name, stored.of(name)) for name in stored.texts)
    return FactsScene(text, SUMMARIES[text], rows, stored.believed(text))


@dataclass(frozen=True)
class MisinformedScene:
    """What is answered, by the share of people told wrongly; one share is looked at."""

    mixtures: tuple[Mixture, ...]  # by share, from none to all
    chosen: Mixture


_SHARES = tuple(range(0, 101, 5))  # percent


def misinformed_scene(stored: Facts, share: int, people: int) -> MisinformedScene:
    """`share` percent told wrongly; `people` is the seed that draws who.

    Raises UserError as `nlp4.experiments.facts.mixture` does.
    """
    found = {
        each: mixture(stored, each / 100, np.random.default_rng(people))
        for each in sorted({*_SHARES, share})
    }
    return MisinformedScene(tuple(found.values()), found[share])


@dataclass(frozen=True)
class ReadingsScene:
    """Stored and asked over the steps, for each number of wordings; one number of steps chosen."""

    mixed: bool
    steps: int
    rows: tuple[Wording, ...]  # all steps

    @property
    def chosen(self) -> tuple[Wording, ...]:
        """Each number of wordings, after the chosen steps."""
        return tuple(row for row in self.rows if row.steps == self.steps)

    def of(self, wordings: int) -> tuple[Wording, ...]:
        """One number of wordings, by steps."""
        return tuple(row for row in self.rows if row.wordings == wordings)


def readings_scene(stored: Readings, steps: int, mixed: bool) -> ReadingsScene:
    """All trainings with or without questions mixed in; raises UserError if there is none."""
    stored.of(steps, mixed)
    return ReadingsScene(mixed, steps, stored.together(mixed))


_DASHED = "stroke-dasharray='5 4'"


def facts_picture(scene: FactsScene) -> str:
    """A row for each text: a dot and an interval for each seed, a ring for what it now believes."""
    height = 36 * len(scene.rows)
    top = max(svg.ends_of(run.share)[1] for _, runs in scene.rows for run in runs)
    believed = [
        svg.ends_of(run.believed)[1] for _, runs in scene.rows for run in runs if run.believed
    ]
    span = (0.0, math.ceil(10 * max(top, *believed, 0.1)) / 10)
    frame = svg.Frame(150, 34, 610, height, span, (len(scene.rows), 0))
    ticks = [i / 10 for i in range(round(10 * span[1]) + 1)]
    body = [frame.axes("share of the dev questions", "right after reading ...", ticks)]
    for i, (name, runs) in enumerate(scene.rows):
        marked = name == scene.text
        style = svg.BOLD if marked else svg.SMALL
        body.append(svg.text(140, 34 + 36 * (i + 0.5) + 4, name, style, svg.INK, "end"))
        for j, run in enumerate(runs):
            body.append(_facts_dot(frame, i + (j + 1) / (len(runs) + 1), run, marked))
    words = "a dot is a seed, with its 95% interval; a ring: the place that stood under that name"
    body.append(svg.text(150, height + 84, words, svg.SMALL, svg.GREY))
    alt = "share of right answers for each text that was read first, seed by seed"
    return svg.picture(800, height + 96, "".join(body), alt)


def _facts_dot(frame: svg.Frame, y: float, run: FactsRun, marked: bool) -> str:
    colour = svg.WARM if marked else svg.COOL
    shapes = [
        _interval(frame, y, run.share, colour),
        svg.dot(*frame.at(run.share.value, y), 4, colour),
    ]
    if run.believed:
        shapes.append(_interval(frame, y, run.believed, colour))
        ring = f"stroke='{colour}' stroke-width='2'"
        shapes.append(svg.dot(*frame.at(run.believed.value, y), 4, "white", ring))
    return "".join(shapes)


def _interval(frame: svg.Frame, y: float, share: Share, colour: str) -> str:
    low, high = svg.ends_of(share)
    return svg.line([frame.at(low, y), frame.at(high, y)], colour, svg.BAND)


def misinformed_picture(scene: MisinformedScene) -> str:
    """Right answers, repeated ones and other wrong ones, stacked, by the share told wrongly."""
    n = scene.chosen.n
    frame = svg.Frame(60, 34, 420, 220, (0, n), (0, n))
    ticks = [round(n * part) for part in svg.HALVES]
    told = [mix.told for mix in scene.mixtures]
    right = [mix.right for mix in scene.mixtures]
    stacked = [mix.right + mix.repeated for mix in scene.mixtures]
    nothing, everybody = [0.0] * len(told), [float(n)] * len(told)
    body = [frame.axes("people told wrongly", "answers", ticks, ticks)]
    for low, high, colour in (
        (nothing, right, svg.COOL),
        (right, stacked, svg.WARM),
        (stacked, everybody, "#d8dee4"),
    ):
        edge = [*zip(told, high, strict=True), *reversed(list(zip(told, low, strict=True)))]
        body.append(svg.polygon((frame.at(x, y) for x, y in edge), colour, "fill-opacity='.8'"))
    body.append(frame.up(scene.chosen.told, "", svg.INK))
    shown = (
        ("wrong otherwise", scene.chosen.wrong - scene.chosen.repeated, svg.INK),
        ("wrong: the place that was told", scene.chosen.repeated, svg.WARM),
        ("right", scene.chosen.right, svg.COOL),
    )
    for i, (words, number, colour) in enumerate(shown):
        body.append(svg.text(500, 70 + 22 * i, f"{words}: {number:.0f}", svg.SMALL, colour))
    alt = "answers that are right, repeated and wrong otherwise, by how many are told wrongly"
    return svg.picture(780, 302, "".join(body), alt)


def readings_picture(scene: ReadingsScene) -> str:
    """A frame for each number of wordings: stored and asked over the steps."""
    wordings = list(dict.fromkeys(row.wordings for row in scene.rows))
    steps = [math.log10(row.steps) for row in scene.rows]
    span = (min(steps) - 0.05, max(max(steps), min(steps) + 0.1) + 0.05)
    body = []
    for i, number in enumerate(wordings):
        frame = svg.Frame(50 + 250 * i, 40, 200, 190, span, (0, 1))
        title = f"{number} wording{'s' * (number > 1)}"
        body.append(frame.axes("steps of reading", title, (), svg.HALVES if i == 0 else ()))
        body.append(_steps(frame, scene.of(number)))
        body.append(_stored_and_asked(frame, scene.of(number)))
        body.append(frame.up(math.log10(scene.steps), "", svg.GREY))
    body.append(
        svg.text(50, 292, "stored: completes the sentence that it has read", svg.SMALL, svg.COOL)
    )
    body.append(svg.text(350, 292, "asked: answers the question", svg.SMALL, svg.WARM))
    alt = "share of birthplaces stored and asked for, over the steps, by the number of wordings"
    return svg.picture(max(560, 60 + 250 * len(wordings)), 304, "".join(body), alt)


def _steps(frame: svg.Frame, rows: Sequence[Wording]) -> str:
    bottom = frame.top + frame.height
    places = [(frame.at(math.log10(row.steps), 0)[0], row.steps) for row in rows]
    return "".join(
        svg.text(x, bottom + 16, f"{n:,}", svg.SMALL, svg.GREY, "middle") for x, n in places
    )


def _stored_and_asked(frame: svg.Frame, rows: Sequence[Wording]) -> str:
    shapes = []
    for colour, key in ((svg.COOL, "stored"), (svg.WARM, "asked")):
        xs, shares = [math.log10(row.steps) for row in rows], [getattr(row, key) for row in rows]
        shapes.append(frame.curve(xs, [s.value for s in shares], colour, "stroke-width='2'"))
        shapes += [_upright(frame, x, s, colour) for x, s in zip(xs, shares, strict=True)]
    return "".join(shapes)


def _upright(frame: svg.Frame, x: float, share: Share, colour: str) -> str:
    ends = [frame.at(x, end) for end in svg.ends_of(share)]
    return svg.line(ends, colour, svg.BAND) + svg.dot(*frame.at(x, share.value), 4, colour)


def probe_picture(found: Probed) -> str:
    """A line for each place of the question: what the probe reads off each layer."""
    wheres = list(dict.fromkeys(stage.where for stage in found.stages))
    layers = max(stage.layer for stage in found.stages)
    frame = svg.Frame(60, 34, 420, 220, (-0.2, layers + 0.2), (0, 0.6))
    body = [frame.axes("after layer (0: what enters the first)", "read rightly", range(layers + 1))]
    body += [frame.across(tick, f"{tick:.0%}", "#c9d1d9") for tick in (0.2, 0.4, 0.6)]
    body.append(frame.across(found.usual.value, "", svg.GREY))
    for i, (where, colour) in enumerate(zip(wheres, (svg.COOL, svg.WARM), strict=True)):
        stages = [stage for stage in found.stages if stage.where == where]
        xs = [float(stage.layer) for stage in stages]
        body.append(frame.curve(xs, [s.dev.value for s in stages], colour, "stroke-width='2'"))
        body.append(frame.curve(xs, [s.control.value for s in stages], colour, _DASHED))
        body += [_upright(frame, x, s.dev, colour) for x, s in zip(xs, stages, strict=True)]
        body.append(svg.text(500, 60 + 20 * i, f"at {where}", svg.SMALL, colour))
    body.append(svg.text(500, 104, "dashes: places dealt out at random", svg.SMALL))
    body.append(svg.text(500, 124, "grey: always the most frequent place", svg.SMALL, svg.GREY))
    alt = "share of birthplaces that a linear probe reads, by layer and place of the question"
    return svg.picture(780, 302, "".join(body), alt)


_MIXED = {"none": False, "mixed in": True}


def facts_explorer() -> Explorer[FactsScene]:
    """The score after each text that was read first, and what one of them lacks."""
    stored = cache(read_facts)
    controls = {"text": choice("read first", list(NAMES), "right")}
    return Explorer(
        controls,
        lambda text: facts_scene(stored(), text),
        facts_picture,
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


def misinformed_explorer() -> Explorer[MisinformedScene]:
    """How many wrong answers are repeated, if a share of the people is told wrongly."""
    stored = cache(read_facts)
    controls = {
        "share": count("told wrongly (%)", 20, 0, 100),
        "people": count("who: another draw", 0, 0, 20),
    }
    return Explorer(
        controls,
        lambda share, people: misinformed_scene(stored(), share, people),
        misinformed_picture,
        misinformed_caption,
        name="misinformed",
    )


def misinformed_caption(scene: MisinformedScene) -> str:
    """How many answers are right, repeated, and wrong otherwise, and what the sum rests on."""
    mix = scene.chosen
    share = f" ({mix.repeated / mix.wrong:.0%} of the wrong ones)" if mix.wrong else ""
    return (
        f"If {mix.told} of {mix.n} people are told wrongly, {mix.right:.1f} answers are right on "
        f"average of the trainings, and about {mix.repeated:.0f} repeat the wrong place that was "
        f"told{share}. Put together person by person from models that were told all rightly and "
        f"models that were told all wrongly: exact if what a model says of a person depends on "
        f"nothing that it was told of others."
    )


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
        readings_picture,
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


def probe_drawing(found: Probed) -> svg.Drawing:
    """What a probe reads at each stage as a still picture."""
    told = "; ".join(
        f"{stage.where}, layer {stage.layer}: {stage.dev.value:.1%} (control "
        f"{stage.control.value:.1%})"
        for stage in found.stages
    )
    return svg.Drawing(
        probe_picture(found), f"Of {found.usual.n} dev people, read rightly: {told}."
    )
