"""The explorers of notebook 01: each wires sliders to a scene, a picture and a caption."""

from __future__ import annotations

from typing import Any

from nlp4 import svg_attention as svg
from nlp4.attention_scenes import (
    HEAD_KEYS,
    WANTED,
    AverageScene,
    CopyScene,
    CrosstalkScene,
    HeadsScene,
    NoisyScene,
    PlaneScene,
    average_scene,
    copy_scene,
    crosstalk_scene,
    heads_scene,
    noisy_scene,
    plane_scene,
)
from nlp4.controls import choice, count, number, tick
from nlp4.explorer import Explorer


def copy_explorer() -> Explorer[CopyScene]:
    """Copying one value: logits, the threshold, and the weights (exercise 2a)."""

    def compute(n: int, which: int, scale: float, others: Any) -> CopyScene:
        return copy_scene(n, which - 1, scale, others)

    def caption(scene: CopyScene) -> str:
        logit, weight = scene.logits[scene.which], scene.weights[scene.which]
        short = scene.needed - logit
        verdict = f"it is {short:.2f} short" if short > 0 else f"it has {-short:.2f} to spare"
        return (
            f"Key {scene.which + 1} of {len(scene.logits)} has the logit {logit:.2f} and gets "
            f"{weight:.1%} of the weight. For {WANTED:.0%} it needs a logit of "
            f"{scene.needed:.2f} with the others as they are: {verdict}."
        )

    controls = {
        "n": count("keys", 8, 2, 32),
        "which": count("key to copy", 3, 1, 32),
        "scale": number("its logit", 4.0, -2.0, 25.0, 0.1),
        "others": choice("the other logits", ["all equal", "spread out", "one rival"], "all equal"),
    }
    return Explorer(controls, compute, svg.copy_picture, caption, name="copy")


def plane_explorer() -> Explorer[PlaneScene]:
    """A query turns and grows among keys in the plane (exercise 2a)."""

    def caption(scene: PlaneScene) -> str:
        if not scene.query.any():
            return f"Every key gets {scene.weights[0]:.1%}: the output is the mean of the values."
        best = scene.winner
        never = set(range(len(scene.keys))) - {sector.winner for sector in scene.sectors}
        distance = float(((scene.output - scene.values[best]) ** 2).sum() ** 0.5)
        told = f"Key {best + 1} wins with {scene.weights[best]:.1%} of the weight. "
        told += f"The output is {distance:.2f} away from its value"
        if never:
            told += f"; key {min(never) + 1} wins nowhere, since it lies between the others"
        return told + "."

    controls = {
        "number": count("keys", 5, 2, 8),
        "angle": number("query's angle (°)", 30, 0, 360, 5),
        "length": number("query's length", 4.0, 0.0, 20.0, 0.5),
    }
    return Explorer(controls, plane_scene, svg.plane_picture, caption, name="plane")


def average_explorer() -> Explorer[AverageScene]:
    """Averaging two values with the report's query (exercise 2b)."""

    def caption(scene: AverageScene) -> str:
        two, rest = scene.exact
        return (
            f"c1 - c2 = {scene.gap:.1f}: each of the two gets {two:.2%}, each other key "
            f"{rest:.3%}. The output is {scene.error:.4f} away from the true average of v_a "
            "and v_b."
        )

    controls = {
        "n": count("keys", 8, 3, 16),
        "c1": number("c1, on k_a and k_b", 3.0, -2.0, 12.0, 0.1),
        "c2": number("c2, on the others", 0.0, -5.0, 5.0, 0.1),
        "x": number("length of x", 0.0, 0.0, 10.0, 0.5),
    }
    return Explorer(controls, average_scene, svg.average_picture, caption, name="average")


def noisy_keys_explorer() -> Explorer[NoisyScene]:
    """The weight on v_a when keys are drawn with noise (exercise 2c)."""

    def caption(scene: NoisyScene) -> str:
        low, high = scene.quartiles
        told = (
            f"Half of all draws put between {low:.1%} and {high:.1%} on v_a "
            f"(standard deviation {scene.deviation:.3f}). "
        )
        if scene.split == float("inf"):
            return told + "Without noise nothing varies, whatever the scale."
        state = "has split into two humps" if scene.beta > scene.split else "has one hump"
        return (
            f"{told}Between the two keys alone, the deviation reaches 0.05 at scale "
            f"{scene.vanishing:.2f}, and the density splits in two at scale {scene.split:.2f}: "
            f"at {scene.beta:.1f} it {state}."
        )

    controls = {
        "n": count("keys", 2, 2, 8),
        "alpha": choice("alpha", [0.0, 0.0001, 0.001, 0.01, 0.1, 0.3], 0.001),
        "long": tick("one long key", False),
        "beta": number("scale", 8.0, 0.0, 40.0, 0.5),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(controls, noisy_scene, svg.noisy_picture, caption, name="noisy-keys")


def heads_explorer() -> Explorer[HeadsScene]:
    """One head against several when one key is long (exercise 2d)."""

    def caption(scene: HeadsScene) -> str:
        told = (
            f"Over the draws, the weight on v_a (mean of {scene.heads} "
            f"head{'s' * (scene.heads > 1)}) has the standard deviation "
            f"{scene.mean_weight.std():.3f}"
        )
        if scene.exact_deviation is not None:
            told += f" (exact: {scene.exact_deviation:.3f})"
        if scene.heads == 1:
            return told + ". One head has to hold the balance between the two keys by itself."
        told += f". Head 1 gives v_a less than half in {scene.away:.1%} of draws"
        if not scene.long:
            return told + "."
        if not scene.normalise:
            told += f" (exact: {scene.exact_away:.1%})"
        return f"{told}; a long key turns away from its own query in {scene.limit:.1%}."

    controls = {
        "heads": count(f"heads, on {HEAD_KEYS} keys", 2, 1, 8),
        "beta": number("scale", 10.0, 0.5, 40.0, 0.5),
        "alpha": choice("alpha", [0.0, 0.001, 0.01, 0.1], 0.0),
        "long": tick("one long key", True),
        "normalise": tick("keys normalised to length 1", False),
        "own": tick("every head draws noise of its own", False),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(controls, heads_scene, svg.heads_picture, caption, name="heads")


def crosstalk_explorer() -> Explorer[CrosstalkScene]:
    """How well one of many random keys can be picked out ("from two keys to many")."""

    def caption(scene: CrosstalkScene) -> str:
        return (
            f"{scene.n:,} keys in {scene.d} dimensions: the nearest rival overlaps "
            f"{scene.overlaps.max():.2f} with the key asked for, which gets {scene.weight:.1%} of "
            f"the weight at scale {scene.scale:.1f}; on average over keys it gets at least "
            f"{scene.bound:.1%}."
        )

    controls = {
        "n": choice("keys", [4, 8, 16, 32, 64, 128, 256, 512, 1024], 64),
        "d": choice("dimensions", [2, 4, 8, 16, 32, 64, 128], 16),
        "scale": number("scale", 10.0, 0.0, 40.0, 0.5),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(controls, crosstalk_scene, svg.crosstalk_picture, caption, name="crosstalk")
