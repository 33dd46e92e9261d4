"""The explorers of notebook 03: each wires sliders to a scene, a picture and a caption."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from nlp4 import svg_efficient as svg
from nlp4.controls import choice, count, tick
from nlp4.efficient_scenes import (
    LAYERS,
    LENGTHS,
    CostScene,
    ErrorScene,
    Heads,
    PatternScene,
    SpectrumScene,
    cost_scene,
    error_scene,
    pattern_scene,
    spectrum_scene,
)
from nlp4.explorer import Explorer
from nlp4.projection_scene import (
    PLACES,
    Kind,
    ProjectionScene,
    fitted_directions,
    projection_scene,
)
from nlp4.svg_projection import projection_picture


def pattern_explorer() -> Explorer[PatternScene]:
    """BigBird's pattern: its mask, its graph, and how far news gets layer by layer."""

    def caption(scene: PatternScene) -> str:
        blocks = len(scene.parts)
        told = (
            f"{blocks} blocks of {scene.pattern.block} tokens: {scene.density:.1%} of the pairs "
            f"are computed. After {scene.layers} layers block {scene.middle + 1} holds something "
            f"of {int(scene.reached.sum())} blocks; "
        )
        if scene.reach_all is None:
            return told + "some blocks never hear of each other, however many layers there are."
        return told + (
            f"from one block to another it takes {scene.path:.2f} layers on average, and "
            f"{scene.reach_all} at most. Spectral gap: {scene.gap:.2f}."
        )

    controls = {
        "block": choice("tokens in a block", [16, 32, 64, 128], 16),
        "window": choice("window, blocks", [0, 1, 3, 5, 7], 3),
        "global_": count("global blocks", 2, 0, 4),
        "random": count("random blocks a row", 3, 0, 5),
        "seed": count("draw again", 0, 0, 20),
        "causal": tick("causal: nobody sees what comes later", False),
        "layers": count("layers", 1, 0, LAYERS),
    }
    return Explorer(controls, pattern_scene, svg.pattern_picture, caption, name="pattern")


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
    return Explorer(controls, compute, svg.spectrum_picture, caption, name="spectrum")


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
    return Explorer(controls, compute, svg.error_picture, caption, name="error")


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


def cost_explorer() -> Explorer[CostScene]:
    """Counted cost of a layer against the length of the text."""

    def caption(scene: CostScene) -> str:
        at = scene.lengths.index(scene.n)
        full = scene.full[at].multiply_adds
        return (
            f"At n = {scene.n:,}, full attention takes {full / 1e9:.2f} billion multiply-adds, "
            f"{full / scene.linformer[at].multiply_adds:.1f} times Linformer's and "
            f"{full / scene.bigbird[at].multiply_adds:.1f} times BigBird's. Linformer with "
            f"k = {scene.k} is cheaper than full attention from n = {scene.break_even:,} on."
        )

    controls = {
        "n": choice("n, length of the text", list(LENGTHS), 4096),
        "k": choice("k of Linformer", [32, 64, 128, 256, 512, 1024], 256),
        "random": count("random blocks a row", 3, 0, 8),
        "global_": count("global blocks", 2, 0, 4),
    }
    return Explorer(controls, cost_scene, svg.cost_picture, caption, name="cost")
