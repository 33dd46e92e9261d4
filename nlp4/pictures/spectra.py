"""Pictures of attention matrices taken apart, and of what a Linformer's projection keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nlp4.experiments.spectra import LENGTH, Heads
from nlp4.maths import spectra
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, number, tick
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values

Array = NDArray[np.float64]
Source = Literal["trained", "untrained", "random logits", "previous token"]


@dataclass(frozen=True)
class SpectrumScene:
    """One attention matrix taken apart: its singular values, and what their first ones hold."""

    source: Source
    causal: bool
    weights: Array  # (LENGTH, LENGTH)
    values: Array
    cumulative: Array
    ninety: int  # how many singular values hold 90% of their sum
    tenth: int  # the least rank whose best approximation errs by at most a tenth
    kept: int = 32  # the first singular values, looked at together

    @property
    def share(self) -> float:
        """What those that are kept hold of the sum."""
        return float(self.cumulative[self.kept - 1])

    @property
    def error(self) -> float:
        """How much the best approximation of that rank errs, relative."""
        return float(spectra.truncation_errors(self.values)[self.kept - 1])


def spectrum_scene(
    heads: Heads, source: Source, layer: int, head: int, text: int, causal: bool, scale: float
) -> SpectrumScene:
    """Take apart the attention of one head (from 0) on one text, or of a stand-in for a head.

    `scale` multiplies the logits; without `causal` the mask is off.
    """
    logits = _logits(heads, source, layer, head, text)
    return _taken_apart(source, causal, spectra.attention(logits, scale=scale, causal=causal))


def _taken_apart(source: Source, causal: bool, weights: Array) -> SpectrumScene:
    values = spectra.singular_values(weights)
    return SpectrumScene(
        source,
        causal,
        weights,
        values,
        spectra.cumulative_share(values),
        spectra.rank_for(values, 0.9),
        int((spectra.truncation_errors(values) <= 0.1 + 1e-9).argmax()) + 1,
    )


def _logits(heads: Heads, source: Source, layer: int, head: int, text: int) -> Array:
    if source == "random logits":
        return np.random.default_rng(text).normal(size=(LENGTH, LENGTH))
    if source == "previous token":
        return spectra.previous_token_logits(LENGTH)
    model = heads.trained if source == "trained" else heads.untrained
    return model.logits(layer, head)[text]


@cache
def _plain_mean_scene(causal: bool) -> SpectrumScene:
    """What every head can be held against: one with the same mask that prefers nothing."""
    weights = spectra.attention(np.zeros((LENGTH, LENGTH)), causal=causal)
    return _taken_apart("untrained", causal, weights)


@dataclass(frozen=True)
class Errors:
    """Relative errors of one kind of projection, for each rank."""

    weights: Array  # of P
    output: Array  # of P V, what the head hands on


@dataclass(frozen=True)
class ErrorScene:
    """The errors of one head's weights P on a text, and of its output P V, by the rank kept."""

    ranks: tuple[int, ...]
    k: int  # the rank looked at
    shared: bool  # whether the random projection has E = F
    best: Errors  # the best approximation of the text's own P
    fitted: Errors  # the best projection for other texts
    gaussian: Errors  # a random projection, mean over draws
    expected: float  # root mean square of the random projection's error of P, by its formula


RANKS = (1, 2, 4, 8, 16, 32, 64, 96, 128)


_DRAWS = 5  # of the random projection at each rank


@cache
def _gaussians(shared: bool) -> list[list[tuple[Array, Array]]]:
    """Random E and F for each rank: several draws of each."""
    found = []
    for k in RANKS:
        rng = np.random.default_rng(k)
        draw = partial(spectra.gaussian_projection, LENGTH, k, rng, shared=shared)
        found.append([draw() for _ in range(_DRAWS)])
    return found


def error_scene(
    heads: Heads, layer: int, head: int, k: int, shared: bool, causal: bool, scale: float
) -> ErrorScene:
    """Approximate a trained head's weights on the first text by three kinds of projection.

    The fitted one has seen the other texts alone. `scale` multiplies the logits; without `causal`
    the mask is off.
    """
    logits = heads.trained.logits(layer, head)
    weights, *others = spectra.attention(logits, scale=scale, causal=causal)
    values = heads.values[layer, head]

    def errors(projections: list[list[tuple[Array, Array]]]) -> Errors:
        found = [
            [spectra.projection_errors(weights, values, e, f) for e, f in draws]
            for draws in projections
        ]
        of_weights, of_output = np.mean(found, axis=1).T
        return Errors(of_weights, of_output)

    return ErrorScene(
        RANKS,
        k,
        shared,
        errors(_first_of(spectra.main_directions(weights))),
        errors(_first_of(spectra.main_directions(others))),
        errors(_gaussians(shared)),
        spectra.gaussian_error(LENGTH, k, shared=shared),
    )


def _first_of(directions: Array) -> list[list[tuple[Array, Array]]]:
    """The projection onto the first k directions, for each rank: E and F are the same."""
    return [[(directions[:k], directions[:k])] for k in RANKS]


PLACES = 64  # that the projection mixes
Kind = Literal["means of runs", "random (Gaussian)", "fitted to trained heads", "block by block"]


@dataclass(frozen=True)
class ProjectionScene:
    """A projection E `(k, PLACES)`, a reader's place, and what of it this reader may use."""

    kind: Kind
    rows: Array
    reader: int  # counted from 0
    later: Array  # (k,): share of each row's absolute weight on places after the reader
    readable: NDArray[np.bool_]  # (k,): the rows that hold nothing of what comes after the reader
    lost: NDArray[np.bool_]  # (PLACES,): places up to the reader that no readable row holds
    lost_weight: float  # what trained heads put on those places, share of the weight
    held: float  # what the readable rows can hold of the trained heads' weights, squared size

    @property
    def leaking(self) -> int:
        """How many rows hold anything of what comes after the reader."""
        return int((~self.readable).sum())


def first_places(heads: Heads) -> Array:
    """The weights of all trained heads on the texts' first `PLACES` places, `(m, PLACES, PLACES)`.

    The first rows and columns of causal logits are those of the texts' beginnings.
    """
    each = np.ndindex(heads.layers, heads.heads)
    logits = [heads.trained.logits(*head)[:, :PLACES, :PLACES] for head in each]
    return spectra.attention(np.concatenate(logits))


def projection_rows(weights: Array, kind: Kind, k: int) -> Array:
    """A projection `(k, PLACES)`, one for all the heads with these weights: layerwise sharing.

    `weights` are those of `first_places`.
    """
    if kind == "means of runs":
        return spectra.run_means(PLACES, k)
    if kind == "random (Gaussian)":
        return spectra.gaussian_projection(PLACES, k, np.random.default_rng(0))[0]
    if kind == "block by block":
        return spectra.block_directions(weights, k)
    return spectra.main_directions(weights)[:k]


def projection_scene(weights: Array, kind: Kind, rows: Array, reader: int) -> ProjectionScene:
    """The projection's `rows`, seen by a reader at a place (from 0).

    `weights` are those of `first_places`, `rows` of `projection_rows`.
    """
    looks, sizes = weights[:, reader], np.abs(rows)
    later = sizes[:, reader + 1 :].sum(1) / sizes.sum(1)
    readable = later <= 1e-9
    lost = ~sizes[readable].any(0) & (np.arange(PLACES) <= reader)
    return ProjectionScene(
        kind,
        rows,
        reader,
        later,
        readable,
        lost,
        float(looks[:, lost].sum(1).mean()),
        spectra.held_share(looks, rows[readable]),
    )


_DASHED = "stroke-dasharray='6 4'"


def spectrum_picture(scene: SpectrumScene) -> str:
    """The weights themselves, their singular values, and the share that the first ones hold."""
    n = len(scene.values)
    weights = svg.text(10, 22, "the weights, rows look at columns", svg.TITLE)
    weights += _heat(scene.weights, 10, 34, 216)
    values = svg.Frame(34, 34, 216, 216, (0, n), (-8, 0.5))
    logs = np.log10(np.maximum(scene.values / scene.values[0], 1e-8)).tolist()
    sizes = [
        values.axes(
            "singular value, from the largest",
            "log10, the largest is 0",
            (0, n // 2, n),
            (-8, -6, -4, -2, 0),
        ),
        values.curve(range(1, n + 1), logs, svg.COOL, "stroke-width='2'"),
        svg.dot(*values.at(scene.kept, logs[scene.kept - 1]), 4.5, svg.INK),
    ]
    parts = [svg.Panel(weights, 240, 260), svg.Panel("".join(sizes), 264), _shares(scene)]
    alt = f"attention weights ({scene.source}), their singular values and the cumulative share"
    return svg.panels(parts, alt)


_SHARES = svg.Frame(38, 34, 216, 216, (0, LENGTH), (0, 1.15))


def _shares(scene: SpectrumScene) -> svg.Panel:
    """The share that the first singular values hold, beside that of the plain mean."""
    n, frame = len(scene.values), _SHARES
    mean = _plain_mean_scene(scene.causal).cumulative.tolist()
    order, dashed = range(1, n + 1), "the causal mean" if scene.causal else "a plain mean"
    body = [
        frame.axes("how many are summed", "share of their sum", (0, n // 2, n), svg.HALVES),
        frame.curve(order, mean, svg.GREY, _DASHED),
        frame.curve(order, scene.cumulative.tolist(), svg.COOL, "stroke-width='2'"),
        frame.up(scene.ninety, f"{scene.ninety} hold 90%", svg.WARM),
        svg.dot(*frame.at(scene.kept, scene.share), 4.5, svg.INK),
        svg.text(146, 299, f"dashed: {dashed}", svg.SMALL, svg.GREY, "middle"),
    ]
    return svg.Panel("".join(body), 268, 308)


def _heat(weights: np.ndarray, left: float, top: float, size: float, cells: int = 64) -> str:
    """Weights `(n, n)` as a grid of at most `cells` x `cells`, the larger the darker."""
    pooled = weights.reshape(cells, len(weights) // cells, cells, -1).max(axis=(1, 3))
    shades = np.minimum(5, np.ceil(5 * pooled**0.5)).astype(np.uint8)
    colours = [svg.PALE, *(svg.mixed(svg.WARM, level / 5) for level in range(1, 6))]
    return svg.grid(left, top, size, size, shades, colours)


_MOST = 3  # the largest relative error that is drawn
_ERRORS = svg.Frame(34, 34, 240, 216, (0, math.log2(RANKS[-1])), (0, _MOST))


def error_picture(scene: ErrorScene) -> str:
    """Relative error against the rank kept: of the weights P, and of the output P V beside it."""
    lines = (
        (scene.best, svg.COOL, "", "the text's own best"),
        (scene.fitted, svg.INK, "stroke-dasharray='8 3'", "fitted to other texts"),
        (
            scene.gaussian,
            svg.WARM,
            "stroke-dasharray='2 3'",
            f"random, {'E = F' if scene.shared else 'E and F apart'}",
        ),
    )
    frame = _ERRORS
    weights = [_error_axes(frame, scene, "relative error of P")]
    weights.append(svg.grip(*frame.at(math.log2(scene.k), 0)))
    output = [_error_axes(frame, scene, "of P V, what the head hands on")]
    legend = [svg.text(10, 98, f"errors above {_MOST} are left out", svg.SMALL, svg.GREY)]
    for i, (errors, colour, dashes, name) in enumerate(lines):
        y, style = 34 + 20 * i, f"stroke-width='2' {dashes}"
        weights.append(_error_line(frame, scene, errors.weights, colour, style))
        output.append(_error_line(frame, scene, errors.output, colour, style))
        legend.append(svg.line([(10, y - 4), (36, y - 4)], colour, style))
        legend.append(svg.text(42, y, name, svg.SMALL, colour))
    parts = [svg.Panel("".join(body), 290) for body in (weights, output)]
    alt = "relative error of a head's weights P, and of its output, against the rank that is kept"
    return svg.panels([*parts, svg.Panel("".join(legend), 190, 110)], alt)


def _error_axes(frame: svg.Frame, scene: ErrorScene, title: str) -> str:
    """The axes, the ranks below, a line at the rank looked at, and one at an error of 1."""
    bottom, middle = frame.top + frame.height, frame.left + frame.width / 2
    words = f"k, the rank that is kept (of {scene.ranks[-1]})"
    shapes = [
        frame.axes("", title, (), range(_MOST + 1)),
        svg.text(middle, bottom + 34, words, svg.SMALL, svg.INK, "middle"),
        frame.across(1.0, "", svg.GREY),
        svg.text(
            frame.left + 6, frame.at(0, 1)[1] - 5, "as wrong as saying nothing", svg.SMALL, svg.GREY
        ),
        frame.up(math.log2(scene.k), "", svg.GREY),
    ]
    for k in scene.ranks:
        x, _ = frame.at(math.log2(k), 0)
        if k != 96:  # its words would touch those of its neighbours
            shapes.append(svg.text(x, bottom + 16, str(k), svg.SMALL, svg.GREY, "middle"))
    return "".join(shapes)


def _error_line(frame: svg.Frame, scene: ErrorScene, errors: Array, colour: str, style: str) -> str:
    """A line as far as it lies within the frame, and a dot at the rank looked at."""
    pairs = zip(scene.ranks, errors.tolist(), strict=True)
    seen = {k: (math.log2(k), error) for k, error in pairs if error <= _MOST}
    places = [x for x, _ in seen.values()]
    drawn = frame.curve(places, [e for _, e in seen.values()], colour, style)
    return drawn + (svg.dot(*frame.at(*seen[scene.k]), 4.5, colour) if scene.k in seen else "")


_LEVELS = 5  # of each sign
_COLOURS = [
    *(svg.mixed(svg.COOL, level / _LEVELS) for level in range(_LEVELS, 0, -1)),
    "#ffffff",
    *(svg.mixed(svg.WARM, level / _LEVELS) for level in range(1, _LEVELS + 1)),
]


def projection_picture(scene: ProjectionScene) -> str:
    """The k rows over the places, which of both the reader can use, and what comes later."""
    alt = f"a projection of {PLACES} places to {len(scene.rows)} rows ({scene.kind})"
    return svg.panels([_mixed(scene), _later(scene), _legend()], alt)


_LEFT, _TOP, _ROWS, _STEP = 24, 40, 224, 5  # of the rows: their corner, height, a place's width


def _mixed(scene: ProjectionScene) -> svg.Panel:
    """The rows themselves, and the place up to which the reader may see."""
    left, width, bottom = _LEFT, _STEP * PLACES, _TOP + _ROWS
    strongest = np.abs(scene.rows).max()
    shades = np.rint(_LEVELS * (1 + scene.rows / strongest)).astype(np.uint8)
    cells = np.repeat(shades, _STEP, axis=1)
    cells.reshape(len(shades), PLACES, _STEP)[shades < _LEVELS, 3:] = _LEVELS  # narrow below 0
    edge = left + _STEP * (scene.reader + 1)
    words = "the reader may see up to here"
    body = [
        svg.text(left, 24, "what the k rows mix; a column is a place", svg.TITLE),
        svg.rectangle(left - 1, _TOP - 1, width + 2, _ROWS + 2, "none", f"stroke='{svg.GREY}'"),
        svg.grid(left, _TOP, width, _ROWS, cells, _COLOURS),
        svg.line([(edge, _TOP - 2), (edge, bottom + 16)], svg.INK, "stroke-width='2'"),
        svg.grip(edge, _TOP - 1, 0, -1),
        svg.text(edge, bottom + 30, words, svg.SMALL, svg.INK, _side(scene)),
        _used(scene, left, bottom),
    ]
    return svg.Panel("".join(body), height=310)


def _side(scene: ProjectionScene) -> str:
    """Which end of the words stands at the line, so that they stay within the picture."""
    if scene.reader < PLACES // 3:
        return "start"
    return "end" if scene.reader > 2 * PLACES // 3 else "middle"


_LOST = f"stroke='{svg.WARM}'"


def _used(scene: ProjectionScene, left: float, bottom: float) -> str:
    """Marks beside the rows that the reader may use, and below the places it gets or loses."""
    each, shapes = _ROWS / len(scene.rows), []
    for i in np.flatnonzero(scene.readable).tolist():
        shapes.append(svg.rectangle(left - 12, _TOP + i * each + 0.5, 7, each - 1, svg.INK))
    for place in range(scene.reader + 1):
        x, y = left + place * _STEP, bottom + 6
        shapes.append(
            svg.rectangle(x + 1, y + 0.5, _STEP - 2, 6, "white", _LOST)
            if scene.lost[place]
            else svg.rectangle(x + 0.5, y, _STEP - 1, 7, svg.INK)
        )
    return "".join(shapes)


def _later(scene: ProjectionScene) -> svg.Panel:
    """One bar for each row: the share of its weight that stands after the reader."""
    left, width, each = 28, 150, _ROWS / len(scene.rows)
    shapes = [svg.text(10, 24, "of each row, after the reader", svg.TITLE)]
    for i, share in enumerate(scene.later.tolist()):
        y = _TOP + i * each
        shapes.append(svg.rectangle(left, y + 0.5, width, each - 1, svg.PALE))
        shapes.append(svg.rectangle(left, y + 0.5, width * share, each - 1, svg.WARM))
    for row in sorted({1, len(scene.rows)}):
        y = _TOP + (row - 0.5) * each + 4
        shapes.append(svg.text(left - 5, y, str(row), svg.SMALL, svg.GREY, "end"))
    for share in (0, 0.5, 1):
        at = left + width * share, _TOP + _ROWS + 20
        shapes.append(svg.text(*at, f"{share:.0%}", svg.SMALL, svg.GREY, "middle"))
    return svg.Panel("".join(shapes), 210, 294)


def _legend() -> svg.Panel:
    edge = f"stroke='{svg.GREY}'"
    rows = (
        (svg.rectangle(13, 0, 4, 10, svg.COOL), "below 0: narrow"),
        (svg.rectangle(10, 0, 10, 10, "white", edge), "0"),
        (svg.rectangle(10, 0, 10, 10, svg.WARM), "above 0: wide"),
        (svg.rectangle(10, 0, 10, 10, svg.INK), "rows and places that"),
        ("", "the reader can use"),
        (svg.rectangle(13, 0, 4, 10, "white", _LOST), "places that it loses"),
    )
    shapes, y = [], 12
    for sample, words in rows:
        y += 20 if sample else 15
        shapes.append(f"<g transform='translate(0 {y - 9})'>{sample}</g>" if sample else "")
        shapes.append(svg.text(28, y, words, svg.SMALL))
    return svg.Panel("".join(shapes), 180, y + 12)


def spectrum_explorer(heads: Heads) -> Explorer[SpectrumScene]:
    """Singular values of one head's attention, beside stand-ins for a trained head."""

    @lru_cache(maxsize=512)
    def taken_apart(
        source: Any, layer: int, head: int, text: int, causal: bool, scale: float
    ) -> SpectrumScene:
        return spectrum_scene(heads, source, layer - 1, head - 1, text, causal, scale)

    def compute(kept: int, **head: Any) -> SpectrumScene:
        return replace(taken_apart(**head), kept=kept)

    def caption(scene: SpectrumScene) -> str:
        n, mean = len(scene.values), _plain_mean_scene(scene.causal)
        told = "all that came before" if scene.causal else "everything"
        return (
            f"Of {n} singular values the first {scene.ninety} hold 90% of the sum. To err by at "
            f"most a tenth, an approximation needs rank {scene.tenth}. The plain mean of "
            f"{told}: {mean.ninety}, and rank {mean.tenth}. The first {scene.kept} hold "
            f"{scene.share:.1%} of the sum; an approximation of that rank errs by "
            f"{scene.error:.1%}."
        )

    controls = {
        "source": choice("attention of", list(get_args(Source)), "trained"),
        "layer": count("layer", 1, 1, heads.layers),
        "head": count("head", 1, 1, heads.heads),
        "text": count("text", 0, 0, heads.texts - 1),
        **_of_the_logits(),
        "kept": count("singular values kept", 32, 1, LENGTH),
    }
    return Explorer(
        controls,
        compute,
        spectrum_picture,
        caption,
        name="spectrum",
        handles=partial(_spectrum_handles, controls=controls),
        lecture=_SPECTRUM_LECTURE,
    )


def _spectrum_handles(scene: SpectrumScene, controls: Mapping[str, Any]) -> list[Handle]:
    """How many singular values are kept, on the curve of their share."""

    def move(x: float, y: float) -> Values:
        return {"kept": controls["kept"].on_grid(_SHARES.under(x, y)[0])}

    label = "singular values kept: left and right take one away and add one"
    told = f"{scene.kept} hold {scene.share:.1%}"
    at = _SHARES.at(scene.kept, scene.share)
    return [Handle("kept", label, told, at, move, ("kept", ""), panel=2)]


_SPECTRUM_LECTURE = (
    Prepared("a trained head needs a higher rank than a plain mean", {}),
    Prepared("an untrained head is little else than the plain mean", {"source": "untrained"}),
    Prepared("without the mask, rank 1 is enough for it", {"source": "untrained", "causal": False}),
    Prepared(
        "looking at the previous letter: hardly any rank can be spared",
        {"source": "previous token"},
    ),
)


def _of_the_logits() -> dict[str, Any]:
    """The controls of what happens between logits and weights."""
    return {
        "causal": tick("causal mask", True),
        "scale": number("logits times", 1.0, 0.0, 4.0, 0.25),
    }


def error_explorer(heads: Heads) -> Explorer[ErrorScene]:
    """How many rows a projection has to keep, for one trained head."""

    @lru_cache(maxsize=512)
    def compute(
        layer: int, head: int, k: int, shared: bool, causal: bool, scale: float
    ) -> ErrorScene:
        return error_scene(heads, layer - 1, head - 1, k, shared, causal, scale)

    controls = {
        "layer": count("layer", 1, 1, heads.layers),
        "head": count("head", 1, 1, heads.heads),
        "k": choice("k, the rank kept", list(RANKS), 32),
        "shared": tick("E = F in the random one", True),
        **_of_the_logits(),
    }
    return Explorer(
        controls,
        compute,
        error_picture,
        error_caption,
        name="error",
        handles=_error_handles,
        lecture=_ERROR_LECTURE,
    )


def _error_handles(scene: ErrorScene) -> list[Handle]:
    """The rank that is kept, below the axis."""

    def move(x: float, y: float) -> Values:
        across, _ = _ERRORS.under(x, y)
        return {"k": min(scene.ranks, key=lambda k: abs(math.log2(k) - across))}

    label = "k, the rank that is kept: left and right take the next one"
    x, bottom = _ERRORS.at(math.log2(scene.k), 0)
    return [Handle("k", label, f"k = {scene.k}", (x, bottom + 5), move, ("k", ""))]


_ERROR_LECTURE = (
    Prepared("a random projection errs by more than saying nothing", {}),
    Prepared(
        "with k = n the others err no more, the random one by as much as P itself", {"k": 128}
    ),
    Prepared("a head that prefers nothing: fitted to other texts is as good", {"scale": 0.0}),
    Prepared(
        "without the mask, one row holds the plain mean", {"scale": 0.0, "causal": False, "k": 1}
    ),
)


def error_caption(scene: ErrorScene) -> str:
    """The errors at the rank looked at, of the weights and of the output."""
    at = scene.ranks.index(scene.k)

    def both(errors: Errors) -> str:
        return f"{errors.weights[at]:.0%} of the weights P and {errors.output[at]:.0%} of P V"

    return (
        f"With k = {scene.k} of {scene.ranks[-1]}, the text's own best approximation errs by "
        f"{both(scene.best)}, the best projection fitted to other texts by {both(scene.fitted)}, "
        f"and a random one by {both(scene.gaussian)}. By its formula a random one with "
        f"{'E = F' if scene.shared else 'E and F apart'} errs by {scene.expected:.0%} of P."
    )


def projection_explorer(heads: Heads) -> Explorer[ProjectionScene]:
    """What the k rows of a projection mix, and how much of them comes after a causal reader."""
    weights = first_places(heads)
    rows = cache(partial(projection_rows, weights))

    def compute(kind: Any, k: int, reader: int) -> ProjectionScene:
        return projection_scene(weights, kind, rows(kind, k), reader - 1)

    controls = {
        "kind": choice("projection", list(get_args(Kind)), "means of runs"),
        "k": choice("k, rows", [1, 2, 4, 8, 16, 32, 64], 16),
        "reader": count("place of the reader", 24, 1, PLACES),
    }
    return Explorer(
        controls,
        compute,
        projection_picture,
        projection_caption,
        name="projection",
        handles=partial(_projection_handles, controls=controls),
        lecture=_PROJECTION_LECTURE,
    )


def _projection_handles(scene: ProjectionScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The place up to which the reader may see, above the rows."""

    def move(x: float, y: float) -> Values:
        return {"reader": controls["reader"].on_grid((x - _LEFT) / _STEP)}

    label = "the reader: left and right go to the place before and to the next one"
    place = scene.reader + 1
    at = _LEFT + _STEP * place, _TOP - 5
    return [Handle("reader", label, f"place {place} of {PLACES}", at, move, ("reader", ""))]


_PROJECTION_LECTURE = (
    Prepared("ten of the sixteen rows hold something that the reader may not see", {}),
    Prepared("the last place may see everything, and use every row", {"reader": PLACES}),
    Prepared("random rows: this reader can use none", {"kind": "random (Gaussian)"}),
    Prepared("fitted block by block: six to use", {"kind": "block by block"}),
    Prepared("as many rows as places: nothing is lost, and nothing saved", {"k": PLACES}),
)


def projection_caption(scene: ProjectionScene) -> str:
    """What leaks, what is left to read, and what is lost."""
    k, reader, lost = len(scene.rows), scene.reader + 1, int(scene.lost.sum())
    return (
        f"{PLACES} places become {k} rows, {k / PLACES:.0%} of the keys. A reader at place "
        f"{reader} may not see the {PLACES - reader} places after it; {scene.leaking} of the "
        f"{k} rows hold something of them, {scene.later.mean():.0%} of a row on average. It can "
        f"use the other {k - scene.leaking}. Of the {reader} places up to its own, {lost} stand in "
        f"none of those: the trained heads look at these with {scene.lost_weight:.0%} of their "
        f"weight. The rows that it can use hold at most {scene.held:.0%} of what the heads look at."
    )
