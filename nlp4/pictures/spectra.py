"""Pictures of attention matrices taken apart, and of what a Linformer's projection keeps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp4.data.corpus import Corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths import spectra
from nlp4.models.attention import dense_reference
from nlp4.models.gpt import GPT
from nlp4.models.linformer import Linformer, LinformerConfig, ProjectionKind, Share, linformers
from nlp4.pictures import svg
from nlp4.pictures.widgets import Explorer, choice, count

Array = NDArray[np.float64]
LENGTH = 128  # of the texts whose attention is taken apart
Source = Literal[
    "trained",
    "untrained",
    "plain causal mean",
    "untrained, no mask",
    "random logits",
    "previous token",
]


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
    unmasked: Array  # the untrained model's, without the causal mask
    values: Array  # that the trained model's heads mix, `(texts, L, H, n, d)`

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
    trained, untrained = (
        [_queries_keys_values(one, text) for text in ids] for one in (model, fresh)
    )
    return Heads(
        _of_each(trained, lambda q, k, v: dense_reference(q, k, v, causal=True)[1]),
        _of_each(untrained, lambda q, k, v: dense_reference(q, k, v, causal=True)[1]),
        _of_each(untrained, lambda q, k, v: dense_reference(q, k, v)[1]),
        _of_each(trained, lambda q, k, v: v),
    )


Parts = tuple[Tensor, Tensor, Tensor]  # queries, keys and values, `(1, H, n, d)`


@torch.no_grad()
def _queries_keys_values(model: GPT, ids: Tensor) -> list[Parts]:
    """What each layer of the model attends with, on one text of ids `(n,)`."""
    found = []
    x, turns = model.embed(ids[None])
    for block in model.layers:
        found.append(block.attention.queries_keys_values(block.norm_1(x), turns))
        x = block(x, turns)
    return found


def _of_each(texts: list[list[Parts]], look: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Array:
    """Something of every text's every layer, in one array `(texts, L, H, ...)`."""
    found = [torch.cat([look(*parts) for parts in layers]) for layers in texts]
    return torch.stack(found).double().numpy()


def spectrum_scene(heads: Heads, source: Source, layer: int, head: int, text: int) -> SpectrumScene:
    """Take apart the attention of one head (from 0) on one text, or of a stand-in for a head."""
    return _taken_apart(source, _weights(heads, source, layer, head, text))


def _taken_apart(source: Source, weights: Array) -> SpectrumScene:
    values = spectra.singular_values(weights)
    return SpectrumScene(
        source,
        weights,
        values,
        spectra.cumulative_share(values),
        spectra.rank_for(values, 0.9),
        int((spectra.truncation_errors(values) <= 0.1 + 1e-9).argmax()) + 1,
    )


def _weights(heads: Heads, source: Source, layer: int, head: int, text: int) -> Array:
    if source == "random logits":
        return spectra.random_attention(LENGTH, np.random.default_rng(text))
    if source == "previous token":
        return spectra.previous_token(LENGTH)
    if source == "plain causal mean":
        return spectra.causal_mean(LENGTH)
    models = {
        "trained": heads.trained,
        "untrained": heads.untrained,
        "untrained, no mask": heads.unmasked,
    }
    return models[source][text, layer, head]


@lru_cache(maxsize=1)
def _causal_mean_scene() -> SpectrumScene:
    """What every causal head can be held against: it is the same for all heads and texts."""
    return _taken_apart("plain causal mean", spectra.causal_mean(LENGTH))


@dataclass(frozen=True)
class ErrorScene:
    """The relative error of one head's weights P on a text, by the rank kept."""

    ranks: tuple[int, ...]
    best: Array  # the text's own best approximation
    fitted: Array  # the best projection for other texts
    gaussian: Array  # a random projection, mean over draws
    output: Array  # the same projection's error of the head's output P V


RANKS = (1, 2, 4, 8, 16, 32, 64, 96, 128)


@lru_cache(maxsize=1)
def _gaussian_misses(draws: int = 5) -> Array:
    """R^T R - I for some draws of each rank, `(ranks, draws, LENGTH, LENGTH)`."""
    found = []
    for k in RANKS:
        rng = np.random.default_rng(k)
        drawn = [spectra.gaussian_projection(LENGTH, k, rng) for _ in range(draws)]
        found.append(np.array(drawn) - np.eye(LENGTH))
    return np.array(found)


def error_scene(heads: Heads, layer: int, head: int) -> ErrorScene:
    """Approximate a trained head's weights on the first text by three kinds of projection.

    The fitted one has seen the other texts alone.
    """
    weights, values = heads.trained[0, layer, head], heads.values[0, layer, head]
    best = spectra.truncation_errors(spectra.singular_values(weights))
    directions = spectra.main_directions(heads.trained[1:, layer, head])
    ranks = np.array(RANKS)
    # |P - P D| for orthonormal directions: what the directions that are left out hold of P.
    held = ((weights @ directions.T) ** 2).sum(0) / (weights**2).sum()
    fitted = np.sqrt(np.append(held[::-1].cumsum()[::-1], 0.0)[ranks])
    missed = weights @ _gaussian_misses()  # (ranks, draws, n, n)
    return ErrorScene(
        RANKS,
        best[ranks - 1],
        fitted,
        _mean_size(missed) / np.linalg.norm(weights),
        _mean_size(missed @ values) / np.linalg.norm(weights @ values),
    )


def _mean_size(matrices: Array) -> Array:
    """The Frobenius norms of `(ranks, draws, m, n)`, their mean over the draws."""
    sizes: Array = np.linalg.norm(matrices, axis=(2, 3)).mean(1)
    return sizes


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
    later: Array  # (k,): share of each row's absolute weight on places after the reader

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


_DASHED = "stroke-dasharray='6 4'"


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
        shares.curve(order, _causal_mean_scene().cumulative.tolist(), svg.GREY, _DASHED),
        shares.curve(order, scene.cumulative.tolist(), svg.COOL, "stroke-width='2'"),
        shares.up(scene.ninety, f"{scene.ninety} hold 90%", svg.WARM),
    ]
    body.append(svg.text(800, 298, "dashed: the plain causal mean", svg.SMALL, svg.GREY, "end"))
    alt = f"attention weights ({scene.source}), their singular values and the cumulative share"
    return svg.picture(830, 308, "".join(body), alt)


def _heat(weights: np.ndarray, left: float, top: float, size: float, cells: int = 64) -> str:
    """Weights `(n, n)` as a grid of at most `cells` x `cells`, the larger the darker."""
    pooled = weights.reshape(cells, len(weights) // cells, cells, -1).max(axis=(1, 3))
    shades = np.minimum(5, np.ceil(5 * pooled**0.5)).astype(np.uint8)
    colours = [svg.PALE, *(svg.mixed(svg.WARM, level / 5) for level in range(1, 6))]
    return svg.grid(left, top, size, size, shades, colours)


def error_picture(scene: ErrorScene) -> str:
    """Relative error against the rank kept, one line for each kind of projection."""
    frame = svg.Frame(60, 34, 520, 216, (0, math.log2(scene.ranks[-1])), (0, _MOST))
    bottom = frame.top + frame.height
    label = "k, the rank that is kept (of 128)"
    body = [
        frame.axes("", "relative error", (), range(_MOST + 1)),
        svg.text(320, bottom + 34, label, svg.SMALL, svg.INK, "middle"),
        frame.across(1.0, "", svg.GREY),
        svg.text(66, frame.at(0, 1)[1] - 5, "as wrong as saying nothing", svg.SMALL, svg.GREY),
        _error_lines(frame, scene),
    ]
    for k in scene.ranks:
        x, _ = frame.at(math.log2(k), 0)
        body.append(svg.text(x, bottom + 16, str(k), svg.SMALL, svg.GREY, "middle"))
    alt = "relative error of a head's weights P, and of its output, against the rank that is kept"
    return svg.picture(790, 300, "".join(body), alt)


_MOST = 3  # the largest relative error that is drawn


def _error_lines(frame: svg.Frame, scene: ErrorScene) -> str:
    """The lines as far as they lie within the frame, and their names."""
    lines = (
        (scene.best, svg.COOL, "", "P, the text's own best"),
        (scene.fitted, svg.INK, "", "P, fitted to other texts"),
        (scene.gaussian, svg.WARM, "", "P, random (Gaussian)"),
        (scene.output, svg.WARM, _DASHED, "output P V, random"),
    )
    shapes = [svg.text(596, 146, f"errors above {_MOST} are left out", svg.SMALL, svg.GREY)]
    for i, (errors, colour, dashes, name) in enumerate(lines):
        y, extra = 60 + 20 * i, f"stroke-width='2' {dashes}"
        pairs = zip(scene.ranks, errors.tolist(), strict=True)
        seen = [(math.log2(k), error) for k, error in pairs if error <= _MOST]
        shapes.append(frame.curve([x for x, _ in seen], [e for _, e in seen], colour, extra))
        shapes.append(svg.line([(596, y - 4), (620, y - 4)], colour, extra))
        shapes.append(svg.text(626, y, name, svg.SMALL, colour))
    return "".join(shapes)


_LEVELS = 5  # of each sign
_COLOURS = [
    *(svg.mixed(svg.COOL, level / _LEVELS) for level in range(_LEVELS, 0, -1)),
    "#ffffff",
    *(svg.mixed(svg.WARM, level / _LEVELS) for level in range(1, _LEVELS + 1)),
]


def projection_picture(scene: ProjectionScene) -> str:
    """The k rows over the places, a line after the reader, and a bar for what comes later."""
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
    """One bar for each row: the share of its weight that stands after the reader."""
    each = height / len(scene.rows)
    shapes = [svg.text(572, 24, "of it, after the reader", svg.TITLE)]
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
        n, mean = len(scene.values), _causal_mean_scene()
        return (
            f"Of {n} singular values the first {scene.ninety} hold 90% of the sum. To err by at "
            f"most a tenth, an approximation needs rank {scene.tenth}. The plain mean of all that "
            f"came before: {mean.ninety}, and rank {mean.tenth}."
        )

    controls = {
        "source": choice("attention of", list(get_args(Source)), "trained"),
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
            f"{scene.best[at]:.0%} of the weights P, the best projection fitted to other texts by "
            f"{scene.fitted[at]:.0%}, and a random one by {scene.gaussian[at]:.0%}; the random one "
            f"errs by {scene.output[at]:.0%} of the head's output P V."
        )

    controls = {
        "layer": count("layer", 1, 1, heads.layers),
        "head": count("head", 1, 1, heads.heads),
    }
    return Explorer(controls, compute, error_picture, caption, name="error")


def projection_explorer(heads: Heads) -> Explorer[ProjectionScene]:
    """What the k rows of a projection mix, and how much of them comes after a causal reader."""
    directions = fitted_directions(heads)

    def compute(kind: Any, k: int, reader: int) -> ProjectionScene:
        return projection_scene(directions, kind, k, reader - 1)

    def caption(scene: ProjectionScene) -> str:
        k, later = len(scene.rows), PLACES - 1 - scene.reader
        return (
            f"{PLACES} places become {k} rows, {k / PLACES:.0%} of the keys. A reader at place "
            f"{scene.reader + 1} may not see the {later} places after it; {scene.leaking} of the "
            f"{k} rows hold something of them, {scene.later.mean():.0%} of a row on average."
        )

    controls = {
        "kind": choice("projection", list(get_args(Kind)), "means of runs"),
        "k": choice("k, rows", [1, 2, 4, 8, 16, 32, 64], 16),
        "reader": count("place of the reader", 24, 1, PLACES),
    }
    return Explorer(controls, compute, projection_picture, caption, name="projection")
