"""Pictures of confidence: reliability, abstaining, and a game against the model (exercise 4b)."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from nlp4.experiments.confidence import Judged
from nlp4.maths import calibration
from nlp4.maths.calibration import Area, Bin, Repair, RiskCoverage, Spacing, risk_coverage
from nlp4.maths.statistics import Share
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values
from nlp4.pictures.widgets import Told
from nlp4.support.errors import UserError

Array = np.ndarray


def confidence_arrays(judged: Sequence[Judged]) -> tuple[Array, Array]:
    """How sure the model was of each answer, and which ones are right: two arrays `(n,)`."""
    return (
        np.array([row.probability for row in judged]),
        np.array([row.right for row in judged], dtype=bool),
    )


@dataclass(frozen=True)
class ReliabilityScene:
    """A reliability diagram, its error, and what a calibrated model's error would be."""

    number: int  # of bins asked for
    spacing: Spacing
    temperature: float
    bins: tuple[Bin, ...]
    error: float
    by_chance: tuple[float, float]  # of a calibrated model: mean, 95% point
    loss: float  # in nats
    order: Area | None  # the AUROC, which no temperature changes
    repair: Repair  # by the temperature that is best for one half of the questions


def reliability_scene(
    sure: Array, right: Array, number: int, spacing: Spacing, temperature: float = 1.0
) -> ReliabilityScene:
    """Cut `n` answers into bins, their log-odds divided by the temperature.

    Raises ValueError as `calibration.repair` does.
    """
    rng = np.random.default_rng(0)
    now = calibration.tempered(sure, temperature)
    return ReliabilityScene(
        number,
        spacing,
        temperature,
        tuple(calibration.bins(now, right, number, spacing)),
        calibration.expected_calibration_error(now, right, number, spacing),
        calibration.error_by_chance(now, rng, number, spacing),
        calibration.log_loss(now, right),
        calibration.auroc(now, right),
        calibration.repair(sure, right, number, spacing),
    )


@dataclass(frozen=True)
class AbstainScene:
    """A threshold: what is answered at or above it, and the curve over all thresholds."""

    threshold: float
    answered: Share
    everything: Share
    curve: RiskCoverage
    right: Array  # confidences of the right answers
    wrong: Array
    bargain: Bargain

    @property
    def lost(self) -> int:
        """Right answers that are kept back."""
        return self.everything.right - self.answered.right


@dataclass(frozen=True)
class Bargain:
    """What answering brings where a wrong answer costs `price` right ones, and a refusal nothing.

    Three thresholds are judged on the half of the questions that chose none of them: by hand, the
    best one on the other half, and that of a calibrated model.
    """

    price: float
    points: float  # of all questions, with the threshold by hand
    n: int  # questions in the half that judges
    best: float  # infinity: it does not pay to answer
    calibrated: float
    by_hand_points: float
    best_points: float
    calibrated_points: float
    curve: tuple[tuple[float, float], ...]  # threshold and points of all questions, rising


@dataclass(frozen=True)
class Abstaining:
    """The answers with their curve, computed once for all thresholds."""

    sure: Array
    right: Array
    curve: RiskCoverage

    @classmethod
    def of(cls, sure: Array, right: Array) -> Abstaining:
        """Of `n` answers. Raises ValueError as `risk_coverage` does."""
        return cls(sure, right, risk_coverage(sure, right))

    def at(self, threshold: float, price: float = 1.0) -> AbstainScene:
        """Answer what reaches the threshold, 0 to 1; a wrong answer costs `price` right ones."""
        answered = self.sure >= threshold
        return AbstainScene(
            threshold,
            Share(int(self.right[answered].sum()), int(answered.sum())),
            Share(int(self.right.sum()), len(self.right)),
            self.curve,
            self.sure[self.right],
            self.sure[~self.right],
            self.bargain(threshold, price),
        )

    def bargain(self, threshold: float, price: float) -> Bargain:
        """What this threshold, the best one and a calibrated model's bring at a price."""
        chosen, judging = calibration.HALVES
        best = calibration.best_threshold(self.sure[chosen], self.right[chosen], price)
        calibrated = calibration.calibrated_threshold(price)
        half = partial(calibration.points_won, self.sure[judging], self.right[judging], price=price)
        return Bargain(
            price,
            calibration.points_won(self.sure, self.right, threshold, price),
            len(self.sure[judging]),
            best,
            calibrated,
            half(threshold),
            half(best),
            half(calibrated),
            tuple(
                (point.threshold, point.right.right - price * (point.right.n - point.right.right))
                for point in reversed(self.curve.points)
            ),
        )


@dataclass(frozen=True)
class Game:
    """Questions with the model's answers, and what a learner said of the first few of them."""

    questions: tuple[Judged, ...]
    said: tuple[bool, ...] = ()  # True: "right"

    @property
    def next(self) -> Judged | None:
        """The question to judge now; None after the last one."""
        return self.questions[len(self.said)] if len(self.said) < len(self.questions) else None

    def say(self, right: bool) -> Game:
        """The game after one more judgement. Raises UserError if all are judged."""
        if self.next is None:
            raise UserError("every question of the game is judged: begin a new one")
        return replace(self, said=(*self.said, right))

    @property
    def truth(self) -> Array:
        """Which answers are right, `(n,)`."""
        return np.array([row.right for row in self.questions], dtype=bool)

    @property
    def learner(self) -> Area | None:
        """The AUROC of what was said; None before the last question is judged."""
        said = np.array(self.said, dtype=float)
        return None if self.next else calibration.auroc(said, self.truth)

    @property
    def model(self) -> Area | None:
        """The AUROC of the model's confidence on the same questions."""
        return calibration.auroc(*confidence_arrays(self.questions))


def new_game(judged: Sequence[Judged], rng: np.random.Generator, number: int = 20) -> Game:
    """Draw `number` answers, half of them right, in random order.

    Raises UserError if there are not that many of each kind.
    """
    kinds = [[row for row in judged if row.right is right] for right in (True, False)]
    half = number // 2
    if half < 1 or min(map(len, kinds)) < half:
        fewest = min(map(len, kinds))
        raise UserError(f"a game of {number} needs {half} answers of each kind: there are {fewest}")
    drawn = [kind[i] for kind in kinds for i in rng.permutation(len(kind))[:half]]
    return Game(tuple(drawn[i] for i in rng.permutation(len(drawn))))


def reliability_picture(scene: ReliabilityScene) -> str:
    """The share of right answers against the confidence, and how many answers each bin has."""
    alt = f"reliability diagram with {len(scene.bins)} bins, and the number of answers in each"
    return svg.panels([svg.Panel(_gaps(scene)), svg.Panel(_sizes(scene))], alt)


def _gaps(scene: ReliabilityScene) -> str:
    frame = svg.panel_frame((0, 1), (0, 1))
    body = [
        frame.axes(_sure(scene), "share of right answers", svg.HALVES, svg.HALVES),
        frame.curve((0, 1), (0, 1), svg.GREY, "stroke-dasharray='5 4'"),
        svg.text(56, 50, "dashes: calibrated", svg.SMALL, svg.GREY),
        svg.text(56, 66, "orange: the gap of a bin", svg.SMALL, svg.WARM),
    ]
    for b in scene.bins:
        ends = [frame.at(b.sure, end) for end in svg.ends_of(b.right)]
        gap = [frame.at(b.sure, b.sure), frame.at(b.sure, b.right.value)]
        body += [svg.line(ends, svg.COOL, svg.BAND), svg.line(gap, svg.WARM, "stroke-width='2'")]
        body.append(svg.dot(*frame.at(b.sure, b.right.value), 4, svg.COOL))
    return "".join(body)


def _sizes(scene: ReliabilityScene) -> str:
    most = max(b.right.n for b in scene.bins)
    frame = svg.panel_frame((0, 1), (0, most * 1.1))
    body = [frame.axes(_sure(scene), "answers in the bin", svg.HALVES, (0, most))]
    for b in scene.bins:
        (x0, y0), (x1, base) = frame.at(b.low, b.right.n), frame.at(b.high, 0)
        body.append(svg.rectangle(x0, y0, max(1.0, x1 - x0 - 1), base - y0, svg.SOFT))
    return "".join(body)


def _sure(scene: ReliabilityScene) -> str:
    return f"confidence at temperature {scene.temperature:g}"


def abstain_picture(scene: AbstainScene) -> str:
    """Accuracy against the share answered; the confidences above the points, on one axis."""
    alt = (
        "accuracy against the share of questions answered, how sure the answers are, and the "
        "points that each threshold wins"
    )
    left = svg.Panel(_risk(scene) + _meant(scene), height=460)
    return svg.panels([left, svg.Panel(_confidences(scene) + _points(scene), height=500)], alt)


def _risk(scene: AbstainScene) -> str:
    frame = svg.Frame(46, 34, 290, 290, (0, 1), (0, 1))
    answered, everything, points = scene.answered, scene.everything, scene.curve.points
    coverage, right = [p.coverage for p in points], [p.right.value for p in points]
    title = "share of those that are right"
    named = frame.at(0, everything.value)[1] + (14 if everything.value > 0.1 else -6)
    body = [
        frame.axes("share of questions answered", title, svg.HALVES, svg.HALVES),
        frame.across(everything.value, "", svg.GREY),
        svg.text(56, named, "answering everything", svg.SMALL, svg.GREY),
        frame.curve(coverage, right, svg.COOL, "stroke-width='2'"),
    ]
    if answered.n:
        x = answered.n / everything.n
        ends = [frame.at(x, end) for end in svg.ends_of(answered)]
        body.append(svg.line(ends, svg.WARM, svg.BAND))
        body.append(svg.dot(*frame.at(x, answered.value), 5, svg.WARM))
    return "".join(body)


_YOURS, _BEST, _CALIBRATED = (  # colours and dashes of the three thresholds
    (svg.WARM, "stroke-width='2'"),
    (svg.COOL, "stroke-width='1.5' stroke-dasharray='8 4'"),
    (svg.INK, "stroke-width='1.5' stroke-dasharray='2 3'"),
)


def _meant(scene: AbstainScene) -> str:
    """What the three lines over the thresholds are."""
    best = f"{scene.bargain.best:.1%}" if scene.bargain.best <= 1 else "to say nothing"
    shown = (
        (_YOURS, f"your threshold: {scene.threshold:.0%}, answered from there on"),
        (_BEST, f"best on one half: {best}"),
        (_CALIBRATED, f"a calibrated model's: {scene.bargain.calibrated:.1%}"),
    )
    return "".join(
        svg.line([(46, y - 4), (80, y - 4)], *style) + svg.text(88, y, words, svg.SMALL)
        for y, (style, words) in zip((396, 416, 436), shown, strict=True)
    )


_CONFIDENCES = svg.Frame(46, 34, 290, 180, (0, 1), (-1, 1))


def _confidences(scene: AbstainScene) -> str:
    edges = np.linspace(0, 1, 21)
    counts = [np.histogram(values, edges)[0] for values in (scene.right, scene.wrong)]
    most = max(int(each.max()) for each in counts)
    frame = replace(_CONFIDENCES, y=(-most * 1.1, most * 1.1))
    return "".join(
        (
            frame.axes("confidence", "answers: right ones above, wrong ones below", svg.HALVES),
            frame.bars(edges.tolist(), counts[0].tolist(), svg.COOL),
            _hanging(frame, edges.tolist(), counts[1].tolist()),
            frame.curve((0, 1), (0, 0), svg.GREY),
            _upright(frame, scene.threshold, *_YOURS),
            svg.grip(*_CONFIDENCES.at(scene.threshold, -1)),
        )
    )


def _points(scene: AbstainScene) -> str:
    """The points of all questions against the threshold; what is far below 0 lies at the edge."""
    bargain = scene.bargain
    top = 1.25 * max(20.0, *(each for _, each in bargain.curve))
    frame = svg.Frame(46, 302, 290, 150, (0, 1), (-top, top))
    thresholds, points = zip(*bargain.curve, strict=True)
    title = f"points: right 1, wrong {-bargain.price:g}, no answer 0"
    body = [
        frame.axes("threshold", title, svg.HALVES, svg.round_ticks(-top, top, 4)),
        frame.curve((0, 1), (0, 0), "#c9d1d9", "stroke-dasharray='5 4'"),
        frame.curve(thresholds, points, svg.COOL, "stroke-width='2'"),
        _upright(frame, bargain.calibrated, *_CALIBRATED),
        _upright(frame, scene.threshold, *_YOURS),
        svg.dot(*frame.at(scene.threshold, bargain.points), 5, svg.WARM),
    ]
    if bargain.best <= 1:
        body.append(_upright(frame, bargain.best, *_BEST))
    return "".join(body)


def _upright(frame: svg.Frame, x: float, colour: str, extra: str) -> str:
    return frame.curve((x, x), frame.y, colour, extra)


_HANGING = svg.mixed(svg.GREY, 0.7)


def _hanging(frame: svg.Frame, edges: Sequence[float], counts: Sequence[int]) -> str:
    shapes = []
    for low, high, depth in zip(edges[:-1], edges[1:], counts, strict=True):
        (x0, base), (x1, bottom) = frame.at(low, 0), frame.at(high, -depth)
        shapes.append(svg.rectangle(x0, base, x1 - x0 - 1, bottom - base, _HANGING))
    return "".join(shapes)


def game_picture(game: Game) -> str:
    """The judged answers by the model's confidence: right ones above, wrong ones below."""
    wide, narrow = (
        svg.Panel(_judgements(game, width), width, 224) for width in (svg.WIDTH, svg.HALF)
    )
    alt = "your judgements by the model's confidence, right and wrong answers apart"
    return svg.either(wide, narrow, alt)


def _judgements(game: Game, width: float) -> str:
    frame = svg.Frame(104, 30, width - 120, 120, (0, 1), (0, 2))
    body = [frame.axes("the model's confidence", "", svg.HALVES)]
    for words, y in (("right answers", 1.5), ("wrong answers", 0.5)):
        body.append(svg.text(94, frame.at(0, y)[1] + 4, words, svg.SMALL, svg.INK, "end"))
    for row, said in zip(game.questions, game.said, strict=False):
        at = frame.at(row.probability, 1.5 if row.right else 0.5)
        colour = svg.COOL if said == row.right else svg.WARM
        fill = colour if said else "white"
        body.append(svg.dot(*at, 6, fill, f"stroke='{colour}' stroke-width='2' fill-opacity='.7'"))
    for i, words in enumerate(
        (
            "filled: you said right; ring: you said wrong",
            "orange, a ring above or a filled one below: mistaken",
        )
    ):
        body.append(svg.text(10, 202 + 15 * i, words, svg.SMALL, svg.GREY))
    return "".join(body)


SPACINGS: dict[str, Spacing] = {"equal width": "width", "equal mass": "mass"}


def reliability_explorer(judged: Sequence[Judged]) -> Explorer[ReliabilityScene]:
    """A reliability diagram whose bins can be cut in other ways, at any temperature."""
    sure, right = confidence_arrays(judged)
    controls = {
        "number": count("bins", 10, 1, 30),
        "spacing": choice("bins of", list(SPACINGS), "equal width"),
        "temperature": choice("temperature", [i / 10 for i in range(5, 41)], 1.0),
    }
    return Explorer(
        controls,
        lambda number, spacing, temperature: reliability_scene(
            sure, right, number, SPACINGS[spacing], temperature
        ),
        reliability_picture,
        reliability_caption,
        name="reliability",
        lecture=_RELIABILITY_LECTURE,
    )


_RELIABILITY_LECTURE = (
    Prepared("the gaps are larger than luck allows", {}),
    Prepared("at a higher temperature they are not", {"temperature": 1.7}),
    Prepared("at a lower one the model is far too sure", {"temperature": 0.5}),
    Prepared("more bins: larger gaps, and luck allows larger ones too", {"number": 30}),
)


def reliability_caption(scene: ReliabilityScene) -> str:
    """The error, what a calibrated model's would be, the largest gap, and what can be mended."""
    worst = max(scene.bins, key=lambda b: abs(b.right.value - b.sure))
    mean, most = scene.by_chance
    kind = "more" if scene.error > most else "no more"
    return (
        f"Expected calibration error {scene.error:.3f} with {len(scene.bins)} "
        f"bin{'s' * (len(scene.bins) > 1)}. A calibrated model with these confidences would have "
        f"{mean:.3f} on average, and {most:.3f} or less 95 times in 100: this is {kind} than luck "
        f"allows. The largest gap: of {worst.right.n} answers given with {worst.sure:.0%}, "
        f"{worst.right.value:.0%} are right. At temperature {scene.temperature:g} the log loss is "
        f"{scene.loss:.3f} nats{_order(scene)}. {_repaired(scene.repair)}"
    )


def _order(scene: ReliabilityScene) -> str:
    return f"; the AUROC is {scene.order.value:.3f} at any" if scene.order else ""


def _repaired(repair: Repair) -> str:
    (loss, less), (error, now) = repair.loss, repair.error
    return (
        f"The best temperature for every other question, {repair.temperature:.2f}, takes the log "
        f"loss of the rest from {loss:.3f} to {less:.3f}, and their calibration error from "
        f"{error:.3f} to {now:.3f}."
    )


def abstain_explorer(judged: Sequence[Judged]) -> Explorer[AbstainScene]:
    """Answer only what reaches a threshold of confidence; a wrong answer has its price."""
    answers = Abstaining.of(*confidence_arrays(judged))
    controls: dict[str, Any] = {
        "threshold": count("threshold (%)", 50, 0, 100),
        "price": count("a wrong answer costs", 1, 0, 9),
    }
    return Explorer(
        controls,
        lambda threshold, price: answers.at(threshold / 100, price),
        abstain_picture,
        abstain_caption,
        name="abstain",
        handles=partial(_abstain_handles, controls=controls),
        lecture=_ABSTAIN_LECTURE,
    )


def _abstain_handles(scene: AbstainScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The threshold, below the confidences."""

    def move(x: float, y: float) -> Values:
        return {"threshold": controls["threshold"].on_grid(100 * _CONFIDENCES.under(x, y)[0])}

    label = "threshold: left and right lower and raise it by one per cent"
    told = f"{scene.threshold:.0%}, {scene.answered.n} answered"
    x, bottom = _CONFIDENCES.at(scene.threshold, -1)
    at = x, bottom + 5
    return [Handle("threshold", label, told, at, move, ("threshold", ""), panel=1)]


_ABSTAIN_LECTURE = (
    Prepared("from 50% on: two thirds of the questions are answered", {}),
    Prepared("everything is answered: little more than half is right", {"threshold": 0}),
    Prepared(
        "from 90% on: four of five are right, and most right answers are kept back",
        {"threshold": 90},
    ),
    Prepared(
        "where a wrong answer costs nine right ones, even that loses points",
        {"threshold": 90, "price": 9},
    ),
)


def abstain_caption(scene: AbstainScene) -> str:
    """How many are answered, how many of those rightly, what is kept back, and what it pays."""
    return f"{_kept(scene)} {_paid(scene.bargain)}"


def _kept(scene: AbstainScene) -> str:
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


def _paid(bargain: Bargain) -> str:
    best = "to say nothing" if bargain.best > 1 else f"to answer from {bargain.best:.1%} on"
    return (
        f"At a price of {bargain.price:g} for a wrong answer, that is {bargain.points:g} points. "
        f"For every other question it is best {best}. On the other {bargain.n}, that brings "
        f"{bargain.best_points:g} points, your threshold {bargain.by_hand_points:g}, and that of "
        f"a calibrated model, {bargain.calibrated:.1%}, {bargain.calibrated_points:g}."
    )


class GuessingGame(Told):
    """Two buttons below a question and the model's answer; at the end, the learner's score.

    In the page its parts carry the CSS classes `nlp4-game`, `nlp4-game-right`,
    `nlp4-game-wrong` and `nlp4-game-words`. Raises UserError as `new_game` does.
    """

    def __init__(self, judged: Sequence[Judged], seed: int = 0, number: int = 20) -> None:
        self._judged, self._seed, self._number = judged, seed, number
        self._words, self._picture = widgets.HTML(), widgets.HTML()
        self._buttons = {
            "right": widgets.Button(description="it is right"),
            "wrong": widgets.Button(description="it is wrong"),
        }
        again = widgets.Button(description="new game")
        for name, button in self._buttons.items():
            button.add_class(f"nlp4-game-{name}")
            button.on_click(self._pressed)
        again.on_click(lambda _: self.restart())
        self.game = new_game(judged, np.random.default_rng(seed), number)
        row = widgets.HBox([*self._buttons.values(), again])
        super().__init__([self._words, row, self._picture])
        self.add_class("nlp4-game")
        self._words.add_class("nlp4-game-words")
        self._show()

    def say(self, right: bool) -> None:
        """Judge the question that is shown. Raises UserError if all are judged."""
        self.game = self.game.say(right)
        self._show()

    def restart(self) -> None:
        """Draw other questions and begin again."""
        self._seed += 1
        self.game = new_game(self._judged, np.random.default_rng(self._seed), self._number)
        self._show()

    @property
    def words(self) -> str:
        """The question that is shown, or at the end both scores."""
        return game_words(self.game)

    def _pressed(self, button: Any) -> None:
        self.say(button is self._buttons["right"])

    def _show(self) -> None:
        over = self.game.next is None
        for button in self._buttons.values():
            button.disabled = over
        self._words.value = f'<p style="max-width:46em">{html.escape(self.words)}</p>'
        self._picture.value = game_picture(self.game) if over else ""


def game_words(game: Game) -> str:
    """What the game says now."""
    n = len(game.questions)
    if game.next is not None:
        return (
            f"{len(game.said) + 1} of {n}. Where was {game.next.name} born? "
            f"The model says: {game.next.answer}."
        )
    hits = sum(said == row.right for said, row in zip(game.said, game.questions, strict=True))
    learner, model = game.learner, game.model
    assert learner and model  # half of the answers are right
    low, high = learner.interval
    return (
        f"You judged {hits} of {n} answers rightly. Your AUROC is {learner.value:.2f} (95% "
        f"interval {low:.2f} to {high:.2f}); that of the model's confidence, on the same "
        f"questions, is {model.value:.2f}. A coin has 0.5."
    )
