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
from nlp4.pictures.explorer import Explorer, Prepared


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


_OTHERWISE, _LAYER = "#d8dee4", "fill-opacity='.8'"
_THIN, _DASHES, _DOTS = "stroke-width='2'", "stroke-dasharray='5 4'", "stroke-dasharray='2 3'"


def facts_picture(scene: FactsScene) -> str:
    """A row for each text: a dot and an interval for each seed, a ring for what it now believes."""
    alt = "share of right answers for each text that was read first, seed by seed"
    wide, narrow = (_texts(scene, width) for width in (svg.WIDTH, svg.HALF))
    return svg.either(wide, narrow, alt)


def _texts(scene: FactsScene, width: float) -> svg.Panel:
    height = 36 * len(scene.rows)
    runs = [run for _, runs in scene.rows for run in runs]
    shares = [share for run in runs for share in (run.share, run.believed) if share]
    top = max(0.1, *(svg.ends_of(share)[1] for share in shares))
    span = (0.0, math.ceil(10 * top) / 10)
    frame = svg.Frame(118, 34, width - 136, height, span, (len(scene.rows), 0))
    ticks = svg.round_ticks(*span)
    body = [frame.axes("share of the dev questions", "right after reading ...", ticks)]
    for i, (name, seeds) in enumerate(scene.rows):
        marked = name == scene.text
        style = svg.BOLD if marked else svg.SMALL
        body.append(svg.text(108, 34 + 36 * (i + 0.5) + 4, name, style, svg.INK, "end"))
        for j, run in enumerate(seeds):
            body.append(_seed(frame, i + (j + 1) / (len(seeds) + 1), run, marked))
    body += [
        svg.text(10, height + 88, "dot: a seed, with its 95% interval", svg.SMALL, svg.GREY),
        svg.text(
            10, height + 104, "ring: the place that stood under the name", svg.SMALL, svg.GREY
        ),
    ]
    return svg.Panel("".join(body), width, height + 114)


def _seed(frame: svg.Frame, y: float, run: FactsRun, marked: bool) -> str:
    colour = svg.WARM if marked else svg.COOL
    shapes = [_interval(frame, y, run.share, colour), _dot(frame, run.share.value, y, colour)]
    if run.believed:
        shapes.append(_interval(frame, y, run.believed, colour))
        shapes.append(_dot(frame, run.believed.value, y, colour, ring=True))
    return "".join(shapes)


def _interval(frame: svg.Frame, y: float, share: Share, colour: str) -> str:
    return frame.curve(svg.ends_of(share), (y, y), colour, svg.BAND)


def _dot(frame: svg.Frame, x: float, y: float, colour: str, *, ring: bool = False) -> str:
    hollow = f"stroke='{colour}' stroke-width='2'"
    return svg.dot(*frame.at(x, y), 4, "white" if ring else colour, hollow if ring else "")


def misinformed_picture(scene: MisinformedScene) -> str:
    """Right answers, repeated ones and other wrong ones, stacked, by the share told wrongly."""
    alt = "answers that are right, repeated and wrong otherwise, by how many are told wrongly"
    return svg.panels([svg.Panel(_layers(scene)), svg.Panel(_counted(scene), height=106)], alt)


def _layers(scene: MisinformedScene) -> str:
    n = scene.chosen.n
    frame = svg.panel_frame((0, n), (0, n))
    ticks = [round(n * part) for part in svg.HALVES]
    told = [mix.told for mix in scene.mixtures]
    right = [mix.right for mix in scene.mixtures]
    stacked = [mix.right + mix.repeated for mix in scene.mixtures]
    nothing, everybody = [0.0] * len(told), [float(n)] * len(told)
    body = [frame.axes("people told wrongly", "answers", ticks, ticks)]
    for low, high, colour in (
        (nothing, right, svg.COOL),
        (right, stacked, svg.WARM),
        (stacked, everybody, _OTHERWISE),
    ):
        edge = [*zip(told, high, strict=True), *reversed(list(zip(told, low, strict=True)))]
        body.append(svg.polygon((frame.at(x, y) for x, y in edge), colour, _LAYER))
    return "".join([*body, frame.up(scene.chosen.told, "", svg.INK)])


def _counted(scene: MisinformedScene) -> str:
    """What the layers are, from the top, and how many answers each has at the chosen share."""
    chosen = scene.chosen
    shown = (
        ("top: wrong otherwise", chosen.wrong - chosen.repeated, _OTHERWISE),
        ("middle: wrong, the place that was told", chosen.repeated, svg.WARM),
        ("bottom: right", chosen.right, svg.COOL),
    )
    return "".join(
        svg.rectangle(10, y - 11, 14, 14, colour, _LAYER)
        + svg.text(32, y, f"{words}: {number:.0f}", svg.SMALL)
        for y, (words, number, colour) in zip((42, 64, 86), shown, strict=True)
    )


def readings_picture(scene: ReadingsScene) -> str:
    """A panel for each number of wordings: stored and asked over the steps."""
    wordings = list(dict.fromkeys(row.wordings for row in scene.rows))
    width = svg.HALF if len(wordings) < 3 else 230  # three fit a page beside each other
    first, *others = (_wordings(scene, number, width) for number in wordings)
    first += _key(10, 288, "stored: completes the sentence", svg.COOL)
    first += _key(10, 308, "asked: answers the question", svg.WARM, ring=True)
    alt = "share of birthplaces stored and asked for, over the steps, by the number of wordings"
    parts = [svg.Panel(first, width, 320), *(svg.Panel(each, width, 278) for each in others)]
    return svg.panels(parts, alt)


def _wordings(scene: ReadingsScene, number: int, width: float) -> str:
    steps = [math.log10(row.steps) for row in scene.rows]
    span = (min(steps) - 0.05, max(max(steps), min(steps) + 0.1) + 0.05)
    frame = svg.Frame(40, 34, width - 54, 190, span, (0, 1))
    rows = scene.of(number)
    title = f"{number} wording{'s' * (number > 1)}"
    return "".join(
        (
            frame.axes("steps of reading", title, (), svg.HALVES),
            _steps(frame, rows),
            frame.up(math.log10(scene.steps), "", svg.GREY),
            _shares(frame, [(math.log10(row.steps), row.stored) for row in rows], svg.COOL),
            _shares(frame, [(math.log10(row.steps), row.asked) for row in rows], svg.WARM, True),
        )
    )


def _steps(frame: svg.Frame, rows: Sequence[Wording]) -> str:
    bottom = frame.top + frame.height
    places = [(frame.at(math.log10(row.steps), 0)[0], row.steps) for row in rows]
    return "".join(
        svg.text(x, bottom + 16, f"{n:,}", svg.SMALL, svg.GREY, "middle") for x, n in places
    )


def _shares(
    frame: svg.Frame, places: Sequence[tuple[float, Share]], colour: str, ring: bool = False
) -> str:
    """A line through shares with their intervals, its points dots or rings."""
    xs, values = [x for x, _ in places], [share.value for _, share in places]
    shapes = [frame.curve(xs, values, colour, _THIN)]
    for x, share in places:
        shapes.append(frame.curve((x, x), svg.ends_of(share), colour, svg.BAND))
        shapes.append(_dot(frame, x, share.value, colour, ring=ring))
    return "".join(shapes)


def _key(x: float, y: float, words: str, colour: str, *, ring: bool = False) -> str:
    """What a line with dots or rings stands for."""
    here = svg.Frame(x, y - 4, 28, 0, (0, 1), (0, 1))
    sample = here.curve((0, 1), (0, 0), colour, _THIN) + _dot(here, 0.5, 0, colour, ring=ring)
    return sample + svg.text(x + 36, y, words, svg.SMALL)


def probe_picture(found: Probed) -> str:
    """A line for each place of the question: what the probe reads off each layer."""
    wheres = list(dict.fromkeys(stage.where for stage in found.stages))
    layers = max(stage.layer for stage in found.stages)
    frame = svg.panel_frame((-0.2, layers + 0.2), (0, 0.6))
    ticks = (0, 0.2, 0.4, 0.6)
    x_label = "after layer (0: what enters the first)"
    body = [frame.axes(x_label, "read rightly", range(layers + 1), ticks)]
    body += [frame.across(tick, "", "#d8dee4") for tick in ticks[1:]]
    body.append(frame.across(found.usual.value, "", svg.GREY))
    keys = [_stroke(122, "always the most frequent place", svg.GREY, _DASHES)]
    looks = ((svg.COOL, False, _DASHES), (svg.WARM, True, _DOTS))
    for i, (where, (colour, ring, stroke)) in enumerate(zip(wheres, looks, strict=True)):
        stages = [stage for stage in found.stages if stage.where == where]
        xs = [float(stage.layer) for stage in stages]
        body.append(frame.curve(xs, [s.control.value for s in stages], colour, stroke))
        body.append(_shares(frame, [(float(s.layer), s.dev) for s in stages], colour, ring))
        keys.append(_key(10, 42 + 40 * i, f"at {where}", colour, ring=ring))
        keys.append(_stroke(62 + 40 * i, "the same, places dealt out at random", colour, stroke))
    alt = "share of birthplaces that a linear probe reads, by layer and place of the question"
    return svg.panels([svg.Panel("".join(body)), svg.Panel("".join(keys), height=140)], alt)


def _stroke(y: float, words: str, colour: str, extra: str) -> str:
    """What a line without dots stands for."""
    return svg.line([(10, y - 4), (38, y - 4)], colour, extra) + svg.text(46, y, words, svg.SMALL)


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
        lecture=_FACTS_LECTURE,
    )


_FACTS_LECTURE = (
    Prepared("the biographies as they are: 44% are right", {}),
    Prepared("without those asked about: hardly more than luck", {"text": "others"}),
    Prepared("told wrongly: nearly half repeat what was told", {"text": "misinformed"}),
    Prepared("words in random order: three in ten are still right", {"text": "words_shuffled"}),
    Prepared("questions alone: hardly more than luck", {"text": "questions"}),
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
        lecture=_MISINFORMED_LECTURE,
    )


_MISINFORMED_LECTURE = (
    Prepared("nobody is told wrongly: 44% are right", {"share": 0}),
    Prepared("a fifth: one wrong answer in seven repeats it", {}),
    Prepared("half: half as many are right", {"share": 50}),
    Prepared("all: hardly one is right, and nearly half repeat it", {"share": 100}),
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
        lecture=_READINGS_LECTURE,
    )


_READINGS_LECTURE = (
    Prepared("after 200 steps little is stored", {"steps": 200}),
    Prepared("after 600: of five wordings more can be asked for than of one", {"steps": 600}),
    Prepared("after 1,800 nearly all is stored, and less can be asked for", {}),
    Prepared("questions mixed in: more of it can", {"mixed": "mixed in"}),
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
