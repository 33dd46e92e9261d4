"""Pictures of a transformer's pieces: scores over sqrt(d), the mask, positions, sampling.

Mask and sampling look at a model, and load torch when they do; a web page shows the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.maths import products
from nlp4.maths.copying import softmax
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, entry, number, tick
from nlp4.pictures.explorer import Explorer, Prepared
from nlp4.support.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from nlp4.models.gpt import GPT

Array = NDArray[np.float64]
WIDTHS = tuple(2**i for i in range(10))  # of a head, 1 to 512
DRAWS = 400
_SPAN = 60.0  # of the scores' axis, which stands still: else nothing would be seen to spread


@dataclass(frozen=True)
class ProductsScene:
    """Scores of random queries and keys, and what the softmax makes of them.

    `scores` `(DRAWS, n)`; `largest` and `gradient` `(2, widths)`: means over the draws of the
    largest weight and of the softmax's derivative, not divided (0) and divided by sqrt(d) (1).
    """

    n: int
    d: int
    divided: bool
    scores: Array
    grid: Array
    density: Array
    largest: Array
    gradient: Array

    @property
    def deviation(self) -> float:
        """Of a score, exactly: the variances of d products of variance 1 add up."""
        return 1.0 if self.divided else self.d**0.5


def products_scene(d: int, n: int, divided: bool, seed: int) -> ProductsScene:
    """Random queries and keys with coordinates of variance 1, in d dimensions."""
    scale = d**-0.5 if divided else 1.0
    scores = products.draw_scores(n, d, DRAWS, np.random.default_rng(seed)) * scale
    grid = np.linspace(-_SPAN, _SPAN, 601)
    density = products.score_density(grid / scale, d) / scale
    return ProductsScene(n, d, divided, scores, grid, density, *_saturation(n, seed))


@lru_cache(maxsize=32)
def _saturation(n: int, seed: int) -> tuple[Array, Array]:
    largest, gradient = np.zeros((2, len(WIDTHS))), np.zeros((2, len(WIDTHS)))
    for i, d in enumerate(WIDTHS):
        scores = products.draw_scores(n, d, DRAWS, np.random.default_rng(seed))
        for j, scale in enumerate((1.0, d**-0.5)):
            weights = softmax(scores * scale)
            largest[j, i] = weights.max(-1).mean()
            gradient[j, i] = products.jacobian_size(weights).mean()
    return largest, gradient


def products_picture(scene: ProductsScene) -> str:
    """Left the scores under their exact density, right how much gradient the softmax lets back."""
    edges = np.linspace(-_SPAN, _SPAN, 121)
    heights = np.histogram(scene.scores, edges, density=True)[0]
    top = max(float(heights.max()), 0.02) * 1.1
    frame, ticks = svg.panel_frame((-_SPAN, _SPAN), (0, top)), svg.round_ticks(0, top, 4)
    body = [
        frame.axes("score of a query and a key", "density", (-60, -30, 0, 30, 60), ticks),
        frame.bars(edges.tolist(), heights.tolist(), svg.SOFT),
        frame.curve(scene.grid.tolist(), scene.density.tolist(), svg.WARM, "stroke-width='2'"),
    ]
    alt = f"scores of random vectors in {scene.d} dimensions, and the softmax's derivative"
    return svg.panels([svg.Panel("".join(body)), svg.Panel(_gradients(scene))], alt)


def _gradients(scene: ProductsScene) -> str:
    frame, at, own = svg.panel_frame((0, 9), (0, 0.7)), WIDTHS.index(scene.d), int(scene.divided)
    title = "size of the softmax's derivative"
    body = [frame.axes("d = 2 to the power", title, range(10), (0, 0.25, 0.5))]
    colours, dashes = (svg.WARM, svg.COOL), ("", "stroke-dasharray='6 3'")
    for i, name in enumerate(("scores as they are", "dashes: scores over √d")):
        drawn = f"stroke-width='2' {dashes[i]}"
        body.append(frame.curve(range(10), scene.gradient[i].tolist(), colours[i], drawn))
        place = frame.at(9, 0.62 - 0.06 * i)
        body.append(svg.text(*place, name, svg.SMALL, colours[i], "end"))
    here = frame.at(at, float(scene.gradient[own, at]))
    return "".join(body) + svg.dot(*here, 5, colours[own])


def products_explorer() -> Explorer[ProductsScene]:
    """Why scores are divided by sqrt(d)."""

    def caption(scene: ProductsScene) -> str:
        at, own = WIDTHS.index(scene.d), int(scene.divided)
        told = (
            f"In d = {scene.d} dimensions a score has the standard deviation "
            f"{scene.deviation:.1f} (these draws: {scene.scores.std():.1f}). The largest of the "
            f"{scene.n} weights is {scene.largest[own, at]:.0%} on average"
        )
        ratio = scene.gradient[own, at] / scene.gradient[1, at]
        if scene.divided:
            return told + "."
        return f"{told}, and the softmax's derivative {ratio:.2f} times as large as over √d."

    controls = {
        "d": choice("d, width of a head", list(WIDTHS), 64),
        "n": choice("keys", [2, 4, 8, 16, 32, 64, 128, 256], 16),
        "divided": tick("divide by √d", False),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(
        controls,
        products_scene,
        products_picture,
        caption,
        name="products",
        lecture=_PRODUCTS_LECTURE,
    )


_PRODUCTS_LECTURE = (
    Prepared("64 dimensions: scores spread by 8, and one key takes most of the weight", {}),
    Prepared("divided by √d: they spread by 1, and the weight is shared", {"divided": True}),
    Prepared("4 dimensions: there is less to divide by", {"d": 4}),
    Prepared("512, divided: a spread of 1 again", {"d": 512, "divided": True}),
)


@dataclass(frozen=True)
class MaskScene:
    """One head's weights `(n, n)` over the letters of a text, and the row that is looked at."""

    text: str
    weights: Array
    masked: bool
    row: int

    @property
    def ahead(self) -> float:
        """The share of the row's weight on later letters."""
        return float(self.weights[self.row, self.row + 1 :].sum())


def mask_scene(scores: Tensor, text: str, masked: bool, scale: float, row: int) -> MaskScene:
    """Weights from scores `(n, n)` times `scale`, with later letters hidden or not."""
    from nlp4.models import pieces

    scaled = scores * scale
    weights = pieces.causal_weights(scaled) if masked else scaled.softmax(-1)
    return MaskScene(text, weights.double().numpy(), masked, min(row, len(text)) - 1)


_FAINT = 1e-3  # weights below this are left white


_EDGE, _LINE = 24, 40  # pixels left of a mask's cells and above them
_TIGHT = 12  # px, the least height of a row: its letter is no smaller


def mask_picture(scene: MaskScene) -> str:
    """A row for each letter that looks, a column for each that is looked at."""
    n = len(scene.text)
    wide = min(20.0, (svg.HALF - 2 - _EDGE) / n)
    high = max(wide, _TIGHT)
    shapes = [svg.text(_EDGE, 14, "looked at", svg.SMALL, svg.GREY)]
    for i, letter in enumerate(scene.text):
        x, y = _EDGE + wide * (i + 0.5), _LINE + high * (i + 0.5)
        style = svg.MONO + " font-weight='bold'" * (i == scene.row)
        shapes.append(svg.text(x, 32, letter, svg.MONO, svg.INK, "middle"))
        shapes.append(svg.text(12, y + 4, letter, style, svg.INK, "middle"))
        for j, weight in enumerate(scene.weights[i].tolist()):
            if weight >= _FAINT:
                fill = svg.WARM if j > i else svg.COOL
                place = (_EDGE + wide * j, _LINE + high * i, wide - 1, high - 1)
                shade = f"fill-opacity='{weight**0.5:.2f}'"
                shapes.append(svg.rectangle(*place, fill, shade))
    corner = (_EDGE - 1, _LINE - 1 + high * scene.row, wide * n + 1, high + 1)
    shapes.append(svg.rectangle(*corner, "none", f"stroke='{svg.INK}' stroke-width='2'"))
    cells = svg.Panel("".join(shapes) + _steps(n, wide, high), height=_LINE + 10 + high * n)
    alt = f"weights of one head over {scene.text!r}, {'with' if scene.masked else 'without'} a mask"
    return svg.panels([cells, _mask_words(scene)], alt)


def _steps(n: int, wide: float, high: float) -> str:
    """The line between earlier letters and later ones."""
    corners = [(i + right, i + below) for i in range(n) for right, below in ((1, 0), (1, 1))]
    places = [(_EDGE - 0.5 + wide * x, _LINE - 0.5 + high * y) for x, y in corners]
    return svg.line(places, svg.GREY)


def _mask_words(scene: MaskScene) -> svg.Panel:
    later = "hidden by the mask" if scene.masked else "later letters, orange"
    lines = (
        "a row: one letter that looks",
        "left of the steps: earlier letters, and itself",
        f"right of the steps: {later}",
    )
    shapes = [svg.text(10, 32 + 20 * i, line, svg.SMALL) for i, line in enumerate(lines)]
    return svg.Panel("".join(shapes), height=90)


def head_scores(model: GPT, vocabulary: Vocabulary, text: str) -> Tensor:
    """The scores `(layers, H, n, n)` of each head over one text, before any mask.

    The streams that the heads read are those of the model as it was trained, with the mask.
    Raises UserError for a character that the vocabulary lacks, and for a text too short or long.
    """
    import torch

    from nlp4.models import pieces
    from nlp4.models.asking import asking

    if not 2 <= len(text) <= 40:
        raise UserError(f"this text has {len(text)} characters: take 2 to 40")
    found = []
    with asking(model):
        x, turns = model.embed(torch.tensor([vocabulary.encode(text)]))
        for layer in model.layers:
            q, k, _ = layer.attention.queries_keys_values(layer.norm_1(x), turns)
            found.append(pieces.scaled_scores(q, k)[0])
            x = layer(x, turns)
    return torch.stack(found)


def mask_explorer(model: GPT, vocabulary: Vocabulary, text: str) -> Explorer[MaskScene]:
    """One head of a trained model over a text, with the causal mask and without it."""
    scores_of = lru_cache(maxsize=8)(lambda text: head_scores(model, vocabulary, text))

    def compute(
        text: str, masked: bool, scale: float, layer: int, head: int, row: int
    ) -> MaskScene:
        return mask_scene(scores_of(text)[layer - 1, head - 1], text, masked, scale, row)

    def caption(scene: MaskScene) -> str:
        row = scene.weights[scene.row]
        best = int(row.argmax())
        told = (
            f"From {scene.text[scene.row]!r}, letter {scene.row + 1}, this head looks most at "
            f"{scene.text[best]!r}, letter {best + 1} ({row[best]:.0%}). "
        )
        if scene.masked:
            return told + "Later letters get nothing."
        if scene.row == len(scene.text) - 1:
            return told + "Later letters get 0%: there are none."
        return (
            f"{told}Later letters get {scene.ahead:.0%}: what it is to predict would lie before "
            "it. The model was trained with the mask, so these weights are nothing it has learnt."
        )

    controls = {
        "text": entry("text", text),
        "masked": tick("causal mask", True),
        "scale": number("scores times", 1.0, 0.0, 4.0, 0.25),
        "layer": count("layer", 1, 1, model.config.layers),
        "head": count("head", 1, 1, model.config.heads),
        "row": count("letter that looks", 10, 1, 40),
    }
    return Explorer(controls, compute, mask_picture, caption, name="mask", lecture=_MASK_LECTURE)


_MASK_LECTURE = (
    Prepared("nobody sees later letters", {}),
    Prepared("without the mask they get weight", {"masked": False}),
    Prepared("scores times 0: all earlier letters count the same", {"scale": 0.0}),
    Prepared("scores times 4: the weight gathers", {"scale": 4.0}),
    Prepared("the first letter has only itself", {"row": 1}),
)


PLACES = 128
_OTHERS = (40, 60, 80, 100, 120)  # other places of the query, drawn in grey
_STEP = 10  # places by which the query moves in the caption


@dataclass(frozen=True)
class PositionsScene:
    """Scores by distance for a query at `place`, and for the same query elsewhere.

    `curves` maps a query's place to its scores with the keys at distances -place to 0.
    """

    rotary: bool
    place: int
    curves: dict[int, Array]

    @property
    def here(self) -> Array:
        """The scores of the chosen place."""
        return self.curves[self.place]

    @property
    def moved(self) -> float:
        """The largest change at any distance if the query moves by `_STEP` places."""
        other = self.curves[self.place + (_STEP if self.place < PLACES - _STEP else -_STEP)]
        shared = min(len(other), len(self.here))
        return float(np.abs(other[-shared:] - self.here[-shared:]).max())


def positions_scene(kind: str, place: int, d: int, base: int, seed: int) -> PositionsScene:
    """The same content at every place: its score with itself, by how far back the key stands."""
    rng = np.random.default_rng(seed)
    content, table = rng.standard_normal(d), rng.standard_normal((PLACES, d))
    near = place + (_STEP if place < PLACES - _STEP else -_STEP)
    curves = {}
    for at in (place, near, *_OTHERS):
        if kind == "rotary":
            scores = products.rotary_scores(content, content, np.arange(-at, 1), base=base)
        else:
            scores = (content + table[: at + 1]) @ (content + table[at])
        curves[at] = scores / d**0.5
    return PositionsScene(kind == "rotary", place, curves)


def positions_picture(scene: PositionsScene) -> str:
    """Scores against the distance: the chosen query's, over those of other places in grey."""
    alt = f"scores by distance, {'rotary' if scene.rotary else 'learned'} positions"
    return svg.either(_by_distance(scene, svg.WIDTH), _by_distance(scene, svg.HALF), alt)


def _by_distance(scene: PositionsScene, width: float) -> svg.Panel:
    every = np.concatenate(list(scene.curves.values()))
    low, high = min(0.0, float(every.min())), float(every.max())
    span = (low - 0.05 * (high - low), high * 1.05)
    frame = svg.Frame(46, 34, width - 70, 216, (1 - PLACES, 0), span)
    ticks = (-120, -100, -80, -60, -40, -20, 0)
    body = [frame.axes("key's place minus query's", "score", ticks, svg.round_ticks(low, high))]
    for at in _OTHERS:
        curve = scene.curves[at].tolist()
        body.append(frame.curve(range(-at, 1), curve, svg.GREY, "stroke-opacity='.55'"))
    curve = scene.here.tolist()
    body.append(frame.curve(range(-scene.place, 1), curve, svg.WARM, "stroke-width='3'"))
    if scene.place == 0:  # a line through one point is not seen
        body.append(svg.dot(*frame.at(0, curve[0]), 4, svg.WARM))
    told = (f"thick: query at place {scene.place}", f"thin: at {', '.join(map(str, _OTHERS))}")
    for y, name in zip((12, 26), told, strict=True):
        body.append(svg.text(width - 24, y, name, svg.SMALL, svg.INK, "end"))
    return svg.Panel("".join(body), width)


def positions_explorer() -> Explorer[PositionsScene]:
    """Rotary positions against a learned table as it is drawn: the score by distance."""

    def caption(scene: PositionsScene) -> str:
        kind = "turned" if scene.rotary else "with a row of the table added"
        told = f"The same vector as query and key, {kind}: {scene.here[-1]:.2f} at distance 0"
        if scene.place:
            told += f", {scene.here[-2]:.2f} one place back"
        return (
            f"{told}. If the query moves by {_STEP} places, the score at some distance changes by "
            f"up to {scene.moved:.2f}."
        )

    controls = {
        "kind": choice("positions", ["rotary", "learned, as drawn"], "rotary"),
        "place": count("query's place", 100, 0, PLACES - 1),
        "d": choice("d, width of a head", [4, 8, 16, 32, 64], 32),
        "base": choice("base", [10, 100, 1_000, 10_000], 10_000),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(
        controls,
        positions_scene,
        positions_picture,
        caption,
        name="positions",
        lecture=_POSITIONS_LECTURE,
    )


_POSITIONS_LECTURE = (
    Prepared("turned: the score depends on the distance alone", {}),
    Prepared("near the beginning: the same curve, cut short", {"place": 20}),
    Prepared("a smaller base: it falls sooner", {"base": 10}),
    Prepared("a table as drawn: it depends on the place too", {"kind": "learned, as drawn"}),
)


_SHOWN, _DRAWN = 8, 6  # letters with a bar, answers that are drawn
_BAR = 180  # pixels of a bar for certainty
_LONG = 24  # characters after which a drawn answer is broken off: a hot one may never end


@dataclass(frozen=True)
class SamplingScene:
    """The next letter's distribution before and after, and answers drawn with the settings."""

    written: str
    letters: tuple[str, ...]  # the most probable ones, best first
    before: Array
    after: Array
    left: int  # characters with 0.1% or more, after
    greedy: str
    drawn: tuple[str, ...]


def sampling_picture(scene: SamplingScene) -> str:
    """Left a grey bar before and an orange one after for each letter, right the answers."""
    last = scene.written[-_LONG:]
    cut = "…" * (last != scene.written)
    written = f"after {cut}{last!r}" if last else "for the first letter"
    letters = svg.Panel(_next_letters(scene, written), height=60 + 26 * len(scene.letters))
    shapes = [svg.text(10, 20, "answers drawn; the greedy one is bold", svg.SMALL)]
    for i, answer in enumerate(scene.drawn):
        style = svg.BOLD if answer == scene.greedy else svg.SMALL
        shapes.append(svg.text(10, 46 + 20 * i, answer or "(nothing)", style))
    y = 60 + 20 * len(scene.drawn)
    shapes.append(svg.text(10, y, f"greedy: {scene.greedy}", svg.SMALL, svg.COOL))
    alt = f"the next letter's probabilities {written}, and {len(scene.drawn)} answers drawn"
    return svg.panels([letters, svg.Panel("".join(shapes), height=y + 16)], alt)


def _next_letters(scene: SamplingScene, written: str) -> str:
    shapes = [
        svg.text(10, 20, f"probabilities {written}", svg.SMALL),
        svg.text(10, 36, "upper bar: before; lower bar: after", svg.SMALL),
    ]
    rows = zip(scene.letters, scene.before.tolist(), scene.after.tolist(), strict=True)
    for i, (letter, before, after) in enumerate(rows):
        y = 46 + 26 * i
        shapes.append(svg.text(20, y + 15, letter, svg.MONO, svg.INK, "middle"))
        shapes.append(svg.rectangle(36, y, max(1.0, _BAR * before), 9, svg.GREY))
        if after:
            shapes.append(svg.rectangle(36, y + 10, max(1.0, _BAR * after), 9, svg.WARM))
        told = f"{before:.1%} → {after:.1%}" if after else f"{before:.1%} → cut away"
        shapes.append(svg.text(44 + _BAR * max(before, after), y + 14, told, svg.SMALL))
    return "".join(shapes)


def draw_answers(
    logits_of: Callable[[Tensor], Tensor],
    prompt: Sequence[int],
    stop: int,
    temperature: float,
    top_p: float,
    seed: int,
) -> list[list[int]]:
    """What follows the prompt in `_DRAWN` draws, each broken off after `_LONG` characters."""
    import torch

    from nlp4.models import pieces

    generator = torch.Generator().manual_seed(seed)

    def choose(logits: Tensor) -> int:
        probabilities = pieces.next_probabilities(logits, temperature, top_p)
        return int(torch.multinomial(probabilities, 1, generator=generator))

    return [pieces.generate(logits_of, prompt, choose, stop, _LONG) for _ in range(_DRAWN)]


def sampling_explorer(model: GPT, vocabulary: Vocabulary, question: str) -> Explorer[SamplingScene]:
    """Temperature and top-p at work on one question."""
    import torch

    from nlp4.models import pieces
    from nlp4.models.asking import asking, greedy

    prompt = vocabulary.encode(question + MASK)
    stop = prompt[-1]  # the mask
    best = greedy(model, vocabulary, [question])[0]

    @lru_cache(maxsize=4_096)
    def known(ids: tuple[int, ...]) -> Tensor:
        with asking(model):
            return model(torch.tensor([ids]))

    def logits_of(ids: Tensor) -> Tensor:
        return known(tuple(ids[0].tolist()))

    def compute(letter: int, temperature: float, top_p: float, seed: int) -> SamplingScene:
        written, settings = best[: letter - 1], (temperature, top_p)
        before = logits_of(torch.tensor([[*prompt, *vocabulary.encode(written)]]))[0, -1]
        after = pieces.next_probabilities(before, *settings)
        order = before.argsort(descending=True)[:_SHOWN]
        drawn = draw_answers(logits_of, prompt, stop, *settings, seed)
        return SamplingScene(
            written,
            tuple(vocabulary.characters[i] for i in order.tolist()),
            before.softmax(-1)[order].double().numpy(),
            after[order].double().numpy(),
            int((after >= 1e-3).sum()),
            best,
            tuple(vocabulary.decode(ids) for ids in drawn),
        )

    controls: dict[str, Any] = {
        "letter": count("letter of the answer", 1, 1, len(best) + 1),
        "temperature": number("temperature", 1.0, 0.1, 3.0, 0.1),
        "top_p": number("top-p", 1.0, 0.05, 1.0, 0.05),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(
        controls,
        compute,
        sampling_picture,
        _sampling_caption,
        name="sampling",
        lecture=_SAMPLING_LECTURE,
    )


_SAMPLING_LECTURE = (
    Prepared("temperature 1: letters are drawn as probable as the model says", {}),
    Prepared("low: the most probable letter nearly always", {"temperature": 0.1}),
    Prepared("high: many letters come into question", {"temperature": 3.0}),
    Prepared("top-p: the least probable letters are left out", {"top_p": 0.5}),
    Prepared("once the first letter stands, the second", {"letter": 2}),
)


def _sampling_caption(scene: SamplingScene) -> str:
    same = sum(answer == scene.greedy for answer in scene.drawn)
    left = "1 character has" if scene.left == 1 else f"{scene.left} characters have"
    return (
        f"The most probable next letter, {scene.letters[0]!r}, goes from {scene.before[0]:.1%} to "
        f"{scene.after[0]:.1%}; {left} 0.1% or more. Of {_DRAWN} answers "
        f"drawn, {same} {'is' if same == 1 else 'are'} the greedy one, {scene.greedy!r}."
    )
