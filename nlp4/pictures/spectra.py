"""Pictures of attention matrices taken apart, and of what a Linformer's projection keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths import spectra
from nlp4.models.asking import attention_weights
from nlp4.models.gpt import GPT
from nlp4.models.linformer import Linformer, LinformerConfig, ProjectionKind, Share, linformers
from nlp4.pictures import svg
from nlp4.pictures.widgets import Explorer, choice, count

Array = NDArray[np.float64]
LENGTH = 128  # of the texts whose attention is taken apart
Source = Literal["trained", "untrained", "random logits", "previous token"]


@dataclass(frozen=True)
class SpectrumScene:
    """One attention matrix taken apart: its singular values, and what their first ones hold."""

    source: Source
    weights: Array  # (LENGTH, LENGTH)
    values: Array
    cumulative: Array
    ninety: int  # how many singular values hold 90% of their sum
    tenth: int  # the least rank whose best approximation errs by at most a tenth


@dataclass(frozen=True)
class Heads:
    """Attention of a trained and an untrained model on the same texts, `(texts, L, H, n, n)`."""

    trained: Array
    untrained: Array

    @property
    def layers(self) -> int:
        """How many layers the models have."""
        return self.trained.shape[1]

    @property
    def heads(self) -> int:
        """How many heads a layer has."""
        return self.trained.shape[2]


def heads_of(model: GPT, vocabulary: Vocabulary, corpus: Corpus, texts: int = 16) -> Heads:
    """Attention on texts of `LENGTH` characters, packed from biographies.

    The untrained model has the same shape, with weights drawn from seed 0.
    """
    packed = " ".join(corpus.biographies[: 4 * texts])
    ids = [
        torch.tensor(vocabulary.encode(packed[i * LENGTH : (i + 1) * LENGTH])) for i in range(texts)
    ]
    fresh = GPT(model.config, torch.Generator().manual_seed(0)).eval()

    def of(one: GPT) -> Array:
        found = [torch.stack(attention_weights(one, text)).double() for text in ids]
        return torch.stack(found).numpy()

    return Heads(of(model), of(fresh))


def spectrum_scene(heads: Heads, source: Source, layer: int, head: int, text: int) -> SpectrumScene:
    """Take apart the attention of one head (from 0) on one text, or of a stand-in for a head."""
    if source == "random logits":
        weights = spectra.random_attention(LENGTH, np.random.default_rng(text))
    elif source == "previous token":
        weights = spectra.previous_token(LENGTH)
    else:
        weights = (heads.trained if source == "trained" else heads.untrained)[text, layer, head]
    values = spectra.singular_values(weights)
    return SpectrumScene(
        source,
        weights,
        values,
        spectra.cumulative_share(values),
        spectra.rank_for(values, 0.9),
        int((spectra.truncation_errors(values) <= 0.1 + 1e-9).argmax()) + 1,
    )


@dataclass(frozen=True)
class ErrorScene:
    """The relative error of one head's weights on a text, by the rank kept."""

    ranks: tuple[int, ...]
    best: Array  # the text's own best approximation
    fitted: Array  # the best projection for other texts
    gaussian: Array  # a random projection, mean over draws


RANKS = (1, 2, 4, 8, 16, 32, 64, 96, 128)


@lru_cache(maxsize=1)
def _gaussian_misses(draws: int = 5) -> Array:
    """(R^T R - I)(R^T R - I)^T for some draws of each rank, `(ranks, draws, LENGTH, LENGTH)`."""
    found = []
    for k in RANKS:
        rng = np.random.default_rng(k)
        misses = [
            spectra.gaussian_projection(LENGTH, k, rng) - np.eye(LENGTH) for _ in range(draws)
        ]
        found.append([miss @ miss.T for miss in misses])
    return np.array(found)


def error_scene(heads: Heads, layer: int, head: int) -> ErrorScene:
    """Approximate a trained head's weights on the first text by three kinds of projection.

    The fitted one has seen the other texts alone.
    """
    weights = heads.trained[0, layer, head]
    best = spectra.truncation_errors(spectra.singular_values(weights))
    directions = spectra.main_directions(heads.trained[1:, layer, head])
    size = np.linalg.norm(weights)
    ranks = np.array(RANKS)
    # |P - P D| for orthonormal directions: what the directions that are left out hold of P.
    held = ((weights @ directions.T) ** 2).sum(0) / size**2
    fitted = np.sqrt(np.append(held[::-1].cumsum()[::-1], 0.0)[ranks])
    # |P M|^2 is the sum of P^T P times M M^T, entry by entry: no product for each draw.
    squares = np.tensordot(_gaussian_misses(), weights.T @ weights, axes=2)
    return ErrorScene(RANKS, best[ranks - 1], fitted, np.sqrt(squares).mean(1) / size)


def sharing(layers: int, heads: int, k: int, n: int) -> dict[str, tuple[int, int]]:
    """Projection matrices in a model, and the numbers in them, for each way to share.

    Counted on the modules themselves. Raises UserError if k is larger than n.
    """
    found = {}
    for share in get_args(Share):
        made = linformers(LinformerConfig(n, k, share), layers=layers, heads=heads)
        numbers = sum({id(p): p.numel() for layer in made for p in layer.parameters()}.values())
        found[share] = (numbers // (k * n), numbers)
    return found


PLACES = 64  # that the projection mixes
Kind = Literal["means of runs", "random (Gaussian)", "fitted to trained heads"]
_MADE: dict[str, ProjectionKind] = {"means of runs": "mean", "random (Gaussian)": "gaussian"}


@dataclass(frozen=True)
class ProjectionScene:
    """A projection E `(k, PLACES)`, a reader's place, and how much of each row comes after it."""

    kind: Kind
    rows: Array
    reader: int  # counted from 0
    later: Array  # (k,): share of each row's absolute weight on places behind the reader

    @property
    def leaking(self) -> int:
        """How many rows hold anything of what comes after the reader."""
        return int((self.later > 1e-9).sum())


def fitted_directions(heads: Heads) -> Array:
    """Orthonormal rows `(PLACES, PLACES)`, the best that one matrix can keep of all trained heads.

    This is layerwise sharing: one projection for every head of every layer. The first `PLACES`
    rows and columns of causal weights are the weights of the texts' first `PLACES` characters.
    """
    weights = heads.trained[..., :PLACES, :PLACES]
    return spectra.main_directions(weights.reshape(-1, PLACES, PLACES))


def projection_scene(directions: Array, kind: Kind, k: int, reader: int) -> ProjectionScene:
    """The projection to k rows, seen by a reader at a place (from 0).

    `directions` are those of `fitted_directions`. Raises UserError if k is larger than `PLACES`.
    """
    config = LinformerConfig(PLACES, k, projection=_MADE.get(kind, "mean"))
    if kind in _MADE:
        rows = Linformer(config, heads=1).matrices(PLACES)[0][0].double().numpy()
    else:
        rows = directions[:k]
    sizes = np.abs(rows)
    return ProjectionScene(kind, rows, reader, sizes[:, reader + 1 :].sum(1) / sizes.sum(1))


def spectrum_picture(scene: SpectrumScene) -> str:
    """The weights themselves, their singular values, and the share that the first ones hold."""
    n = len(scene.values)
    values = svg.Frame(290, 34, 220, 216, (0, n), (-8, 0.5))
    shares = svg.Frame(580, 34, 220, 216, (0, n), (0, 1.05))
    order = list(range(1, n + 1))
    logs = np.log10(np.maximum(scene.values / scene.values[0], 1e-8)).tolist()
    body = [
        svg.text(20, 22, "the weights, rows look at columns", svg.TITLE),
        _heat(scene.weights, 20, 34, 216),
        values.axes(
            "singular value, from the largest",
            "log10, the largest is 0",
            (0, n // 2, n),
            (-8, -6, -4, -2, 0),
        ),
        values.curve(order, logs, svg.COOL, "stroke-width='2'"),
        shares.axes("how many are summed", "share of their sum", (0, n // 2, n), svg.HALVES),
        shares.curve(order, scene.cumulative.tolist(), svg.COOL, "stroke-width='2'"),
        shares.up(scene.ninety, f"{scene.ninety} hold 90%", svg.WARM),
    ]
    alt = f"attention weights ({scene.source}), their singular values and the cumulative share"
    return svg.picture(830, 300, "".join(body), alt)


def _heat(weights: np.ndarray, left: float, top: float, size: float, cells: int = 64) -> str:
    """Weights `(n, n)` as a grid of at most `cells` x `cells`, the larger the darker."""
    pooled = weights.reshape(cells, len(weights) // cells, cells, -1).max(axis=(1, 3))
    shades = np.minimum(5, np.ceil(5 * pooled**0.5)).astype(np.uint8)
    colours = [svg.PALE, *(svg.mixed(svg.WARM, level / 5) for level in range(1, 6))]
    return svg.grid(left, top, size, size, shades, colours)


def error_picture(scene: ErrorScene) -> str:
    """Relative error against the rank kept, one line for each kind of projection."""
    frame = svg.Frame(60, 34, 520, 216, (0, math.log2(scene.ranks[-1])), (0, 2))
    places = [math.log2(k) for k in scene.ranks]
    lines = (
        (scene.best, svg.COOL, "the text's own best"),
        (scene.fitted, svg.INK, "fitted to other texts"),
        (scene.gaussian, svg.WARM, "random (Gaussian)"),
    )
    bottom = frame.top + frame.height
    body = [frame.axes("", "relative error of the weights", (), (0, 0.5, 1, 1.5, 2))]
    for k, x in zip(scene.ranks, places, strict=True):
        body.append(svg.text(frame.at(x, 0)[0], bottom + 16, str(k), svg.SMALL, svg.GREY, "middle"))
    body.append(
        svg.text(
            320, bottom + 34, "k, the rank that is kept (of 128)", svg.SMALL, svg.INK, "middle"
        )
    )
    body.append(frame.across(1.0, "as wrong as saying nothing", svg.GREY))
    for i, (errors, colour, name) in enumerate(lines):
        body.append(frame.curve(places, errors.tolist(), colour, "stroke-width='2'"))
        body.append(svg.text(600, 60 + 20 * i, name, svg.SMALL, colour))
    alt = "relative error of approximated attention weights against the rank, for three projections"
    return svg.picture(760, 300, "".join(body), alt)


_LEVELS = 5  # of each sign
_COLOURS = [
    *(svg.mixed(svg.COOL, level / _LEVELS) for level in range(_LEVELS, 0, -1)),
    "#ffffff",
    *(svg.mixed(svg.WARM, level / _LEVELS) for level in range(1, _LEVELS + 1)),
]


def projection_picture(scene: ProjectionScene) -> str:
    """The k rows over the places, a line behind the reader, and a bar for what is behind it."""
    left, top, width, height = 24, 40, 512, 224
    strongest = np.abs(scene.rows).max()
    shades = np.rint(_LEVELS * (1 + scene.rows / strongest)).astype(np.uint8)
    edge = left + width * (scene.reader + 1) / PLACES
    body = [
        svg.text(
            left, 24, "what each of the k rows mixes: a column is a place of the text", svg.TITLE
        ),
        svg.rectangle(left - 1, top - 1, width + 2, height + 2, "none", f"stroke='{svg.GREY}'"),
        svg.grid(left, top, width, height, shades, _COLOURS),
        svg.line([(edge, top - 6), (edge, top + height + 6)], svg.INK, "stroke-width='2'"),
        svg.text(
            edge,
            top + height + 20,
            "the reader may see up to here",
            svg.SMALL,
            svg.INK,
            _side(scene),
        ),
        _bars(scene, top, height),
        _legend(),
    ]
    alt = f"a projection of {PLACES} places to {len(scene.rows)} rows ({scene.kind})"
    return svg.picture(800, 312, "".join(body), alt)


def _side(scene: ProjectionScene) -> str:
    """Which end of the words stands at the line, so that they stay within the picture."""
    if scene.reader < PLACES // 4:
        return "start"
    return "end" if scene.reader > 3 * PLACES // 4 else "middle"


def _bars(scene: ProjectionScene, top: float, height: float) -> str:
    """One bar for each row: the share of its weight that stands behind the reader."""
    each = height / len(scene.rows)
    shapes = [svg.text(572, 24, "of it, behind the reader", svg.TITLE)]
    for i, share in enumerate(scene.later.tolist()):
        y = top + i * each
        shapes.append(svg.rectangle(572, y + 0.5, 180, each - 1, svg.PALE))
        shapes.append(svg.rectangle(572, y + 0.5, 180 * share, each - 1, svg.WARM))
    for share in (0, 0.5, 1):
        shapes.append(
            svg.text(
                572 + 180 * share, top + height + 20, f"{share:.0%}", svg.SMALL, svg.GREY, "middle"
            )
        )
    return "".join(shapes)


def _legend() -> str:
    words = (("below 0", svg.COOL), ("0", "#ffffff"), ("above 0", svg.WARM))
    shapes = []
    for i, (name, colour) in enumerate(words):
        shapes.append(svg.rectangle(24 + 90 * i, 292, 10, 10, colour, f"stroke='{svg.GREY}'"))
        shapes.append(svg.text(38 + 90 * i, 301, name, svg.SMALL))
    return "".join(shapes)


def spectrum_explorer(heads: Heads) -> Explorer[SpectrumScene]:
    """Singular values of one head's attention, beside stand-ins for a trained head."""

    @cache
    def compute(source: Any, layer: int, head: int, text: int) -> SpectrumScene:
        return spectrum_scene(heads, source, layer - 1, head - 1, text)

    def caption(scene: SpectrumScene) -> str:
        n = len(scene.values)
        return (
            f"Of {n} singular values the first {scene.ninety} hold 90% of the sum. To err by at "
            f"most a tenth, an approximation needs rank {scene.tenth}."
        )

    sources = ["trained", "untrained", "random logits", "previous token"]
    controls = {
        "source": choice("attention of", sources, "trained"),
        "layer": count("layer", 1, 1, heads.layers),
        "head": count("head", 1, 1, heads.heads),
        "text": count("text", 0, 0, len(heads.trained) - 1),
    }
    return Explorer(controls, compute, spectrum_picture, caption, name="spectrum")


def error_explorer(heads: Heads) -> Explorer[ErrorScene]:
    """How many rows a projection has to keep, for one trained head."""

    @cache
    def compute(layer: int, head: int) -> ErrorScene:
        return error_scene(heads, layer - 1, head - 1)

    def caption(scene: ErrorScene) -> str:
        at = scene.ranks.index(32)
        return (
            f"With k = 32 of {scene.ranks[-1]}, the text's own best approximation errs by "
            f"{scene.best[at]:.0%}, the best projection fitted to other texts by "
            f"{scene.fitted[at]:.0%}, and a random one by {scene.gaussian[at]:.0%}."
        )

    controls = {
        "layer": count("layer", 1, 1, heads.layers),
        "head": count("head", 1, 1, heads.heads),
    }
    return Explorer(controls, compute, error_picture, caption, name="error")


def projection_explorer(heads: Heads) -> Explorer[ProjectionScene]:
    """What the k rows of a projection mix, and how much of them stands behind a causal reader."""
    directions = fitted_directions(heads)

    def compute(kind: Any, k: int, reader: int) -> ProjectionScene:
        return projection_scene(directions, kind, k, reader - 1)

    def caption(scene: ProjectionScene) -> str:
        k, behind = len(scene.rows), PLACES - 1 - scene.reader
        return (
            f"{PLACES} places become {k} rows, {k / PLACES:.0%} of the keys. A reader at place "
            f"{scene.reader + 1} may not see the {behind} places behind it; {scene.leaking} of the "
            f"{k} rows hold something of them, {scene.later.mean():.0%} of a row on average."
        )

    controls = {
        "kind": choice("projection", list(get_args(Kind)), "means of runs"),
        "k": choice("k, rows", [1, 2, 4, 8, 16, 32, 64], 16),
        "reader": count("place of the reader", 24, 1, PLACES),
    }
    return Explorer(controls, compute, projection_picture, caption, name="projection")
