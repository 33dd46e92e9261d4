"""Pictures of noisy keys: one head that wobbles, several heads, many keys (exercise 2c, 2d)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nlp4.maths import copying, crosstalk, noisy_keys
from nlp4.maths.heads import head_queries, heads_weights, looks_away, output_variance
from nlp4.pictures import svg
from nlp4.pictures.copying import Array
from nlp4.pictures.widgets import Explorer, choice, count, number, tick

DRAWS = 4_000


@dataclass(frozen=True)
class NoisyScene:
    """Draws of the weight on v_a `(DRAWS,)`, its exact distribution, and where it splits."""

    n: int
    alpha: float
    long: bool
    beta: float
    draws: Array
    grid: Array
    density: Array
    quartiles: tuple[float, float]
    deviation: float
    split: float  # scale above which two keys alone give two humps
    vanishing: float  # scale at which the deviation of two keys alone reaches 0.05


def noisy_scene(n: int, alpha: float, long: bool, beta: float, seed: int) -> NoisyScene:
    """Noisy keys and the query `beta (mu_a + mu_b)`. Exercise 2c."""
    rng = np.random.default_rng(seed)
    keys = noisy_keys.draw_keys(n, n, alpha, rng, DRAWS, long=long)
    query = beta * (np.eye(n)[0] + np.eye(n)[1])
    exact = noisy_keys.WeightOnA(n, beta, alpha, long)
    varies = exact.mixture[2] > 0  # a fixed weight's computed deviation may not be exactly 0
    grid = np.linspace(0.0025, 0.9975, 200)
    low, high = exact.quantile(np.array([0.25, 0.75]))
    return NoisyScene(
        n=n,
        alpha=alpha,
        long=long,
        beta=beta,
        draws=copying.attention_weights(keys, query)[:, 0],
        grid=grid,
        density=exact.density(grid) if varies else np.zeros_like(grid),
        quartiles=(float(low), float(high)),
        deviation=exact.deviation,
        split=noisy_keys.two_hump_scale(alpha, long),
        vanishing=noisy_keys.vanishing_scale(alpha, 0.05, long),
    )


@dataclass(frozen=True)
class HeadsScene:
    """The heads' average weight on v_a over draws, and how often head 1 looks away."""

    heads: int
    beta: float
    long: bool
    normalise: bool
    mean_weight: Array  # (draws,), the average over heads of the weight on v_a
    away: float | None  # share of draws in which head 1 gives v_a less than half; None for one head
    curve: Array  # (2, points): scale, and the exact probability for vanishing alpha
    exact_away: float  # the same at this scale and alpha, for the long key
    exact_deviation: float | None  # of mean_weight, where it is known: the long key alone
    limit: float  # of the probability, as the scale grows


HEAD_KEYS = 8  # keys in the heads' scene
HEAD_DRAWS = 2_000  # with eight keys each; more would be felt at the slider


def heads_scene(
    heads: int, beta: float, alpha: float, long: bool, normalise: bool, own: bool, seed: int
) -> HeadsScene:
    """Heads in pairs, one on each key; `own`: every head draws its own noise. Exercise 2d."""
    n, rng = HEAD_KEYS, np.random.default_rng(seed)
    draws = HEAD_DRAWS if not own else HEAD_DRAWS // heads
    keys = noisy_keys.draw_keys(n, n, alpha, rng, draws * (heads if own else 1), long=long)
    keys = keys.reshape(draws, heads, n, n) if own else keys
    if normalise:
        keys = noisy_keys.normalised(keys)
    weights = heads_weights(keys, head_queries(heads, n, n, beta))  # (draws, heads, n)
    known = long and alpha == 0 and not normalise
    return HeadsScene(
        heads=heads,
        beta=beta,
        long=long,
        normalise=normalise,
        mean_weight=weights[:, :, 0].mean(1),
        away=float((weights[:, 0, 0] < 0.5).mean()) if heads > 1 else None,
        curve=_looks_away_curve(n),
        exact_away=looks_away(n, beta, alpha),
        exact_deviation=output_variance(heads, n, beta, shared=not own) ** 0.5 if known else None,
        limit=looks_away(n, np.inf),
    )


@lru_cache(maxsize=4)
def _looks_away_curve(n: int) -> Array:
    scales = np.linspace(0.5, 40, 159)
    return np.array([scales, [looks_away(n, scale) for scale in scales]])


@dataclass(frozen=True)
class CrosstalkScene:
    """Random unit keys, one of them asked for: overlaps `(n - 1,)`, and the weight that it gets."""

    n: int
    d: int
    scale: float
    overlaps: Array
    grid: Array
    density: Array
    weight: float
    bound: float  # what the mean of that weight is at least
    curve: Array  # (3, points): scale, weight measured, bound


def crosstalk_scene(n: int, d: int, scale: float, seed: int) -> CrosstalkScene:
    """Ask for one of n random keys in d dimensions, with the query `scale` times that key."""
    keys = crosstalk.random_keys(n, d, np.random.default_rng(seed))
    overlaps = keys[1:] @ keys[0]
    scales = np.linspace(0, 40, 81)
    logits = scales[:, None] * np.concatenate([[1.0], overlaps])
    grid = np.linspace(-0.995, 0.995, 200)  # in the plane the density has poles at the ends
    bounds = np.array([crosstalk.copy_weight(n, d, s) for s in scales])
    return CrosstalkScene(
        n,
        d,
        scale,
        overlaps,
        grid,
        crosstalk.overlap_density(grid, d),
        float(copying.softmax(scale * np.concatenate([[1.0], overlaps]))[0]),
        float(crosstalk.copy_weight(n, d, scale)),
        np.stack([scales, copying.softmax(logits)[:, 0], bounds]),
    )


def _histogram(frame: svg.Frame, draws: Array, edges: Array) -> str:
    heights, _ = np.histogram(draws, edges, density=True)
    return frame.bars(edges.tolist(), heights.tolist(), svg.SOFT)


def noisy_picture(scene: NoisyScene) -> str:
    """The draws' histogram under the exact density, with the middle half of the draws marked."""
    edges = np.linspace(0, 1, 51)
    tallest = float(np.histogram(scene.draws, edges, density=True)[0].max())
    # A hump at the very edge is taller than any page: the top follows the middle of the picture.
    top = min(max(tallest, float(scene.density[8:-8].max()), 1.0), 14.0) * 1.15
    frame = svg.Frame(46, 34, 650, 216, (0, 1), (0, top))
    low, high = scene.quartiles
    base = frame.top + frame.height
    body = [
        frame.axes("weight on v_a", "density", svg.HALVES, svg.round_ticks(0, top, 4)),
        _histogram(frame, scene.draws, edges),
        frame.curve(scene.grid.tolist(), scene.density.tolist(), svg.WARM, "stroke-width='2'"),
        frame.up(0.5, "average of the two", svg.COOL),
        svg.line(
            [(frame.at(low, 0)[0], base), (frame.at(high, 0)[0], base)], svg.INK, "stroke-width='5'"
        ),
    ]
    alt = "histogram of the weight on v_a over draws of the keys, under its exact density"
    return svg.picture(svg.WIDTH, svg.HEIGHT, "".join(body), alt)


def heads_picture(scene: HeadsScene) -> str:
    """Left the spread of the heads' average, right how often a head looks away, by scale."""
    edges = np.linspace(0, 1, 41)
    heights = np.histogram(scene.mean_weight, edges, density=True)[0]
    top = min(max(float(heights.max()), 1.0), 20.0) * 1.1
    left, right = svg.left_frame((0, 1), (0, top)), svg.right_frame((0, 40), (0, 1))
    body = [
        left.axes(
            "weight on v_a, mean of heads", "density", svg.HALVES, svg.round_ticks(0, top, 4)
        ),
        _histogram(left, scene.mean_weight, edges),
        left.up(0.5, "average of the two", svg.COOL),
        right.axes(
            "scale", "share of draws in which head 1 looks away", (0, 10, 20, 30, 40), svg.HALVES
        ),
        _looks_away(right, scene) if scene.long else "",
    ]
    if scene.away is not None:
        body.append(svg.dot(*right.at(scene.beta, scene.away), 5, svg.COOL))
        body.append(
            svg.text(right.left + 100, right.top + 36, "dot: these draws", svg.SMALL, svg.COOL)
        )
    alt = f"spread of the output of {scene.heads} heads, and the chance that a head looks away"
    return svg.picture(svg.WIDTH, svg.HEIGHT, "".join(body), alt)


def _looks_away(frame: svg.Frame, scene: HeadsScene) -> str:
    scales, exact = scene.curve.tolist()
    _, y = frame.at(0, scene.limit)
    words = f"{scene.limit:.1%}: however large the scale"
    return (
        frame.curve(scales, exact, svg.WARM, "stroke-width='2'")
        + frame.across(scene.limit, "", svg.GREY)
        + svg.text(frame.left + frame.width - 4, y + 13, words, svg.SMALL, svg.GREY, "end")
        + svg.text(
            frame.left + 100, frame.top + 20, "curve: exact, vanishing alpha", svg.SMALL, svg.WARM
        )
    )


def crosstalk_picture(scene: CrosstalkScene) -> str:
    """Left the overlaps with the key asked for, right its weight against the scale."""
    edges = np.linspace(-1, 1, 41)
    heights = np.histogram(scene.overlaps, edges, density=True)[0]
    top = max(float(heights.max()), float(scene.density.max())) * 1.1
    left, right = svg.left_frame((-1, 1), (0, top)), svg.right_frame((0, 40), (0, 1.08))
    scales, measured, bound = scene.curve.tolist()
    body = [
        left.axes(
            "overlap with the key asked for",
            "density",
            (-1, -0.5, 0, 0.5, 1),
            svg.round_ticks(0, top, 4),
        ),
        _histogram(left, scene.overlaps, edges),
        left.curve(scene.grid.tolist(), scene.density.tolist(), svg.WARM, "stroke-width='2'"),
        left.up(float(scene.overlaps.max()), "nearest rival", svg.COOL),
        right.axes("scale", "weight on the key asked for", (0, 10, 20, 30, 40), svg.HALVES),
        right.curve(scales, bound, svg.WARM, "stroke-width='2' stroke-dasharray='6 3'"),
        right.curve(scales, measured, svg.COOL, "stroke-width='2'"),
        svg.dot(*right.at(scene.scale, scene.weight), 5, svg.COOL),
        svg.text(right.left + 150, right.top + 180, "line: these keys", svg.SMALL, svg.COOL),
        svg.text(
            right.left + 150, right.top + 196, "dashes: mean is at least", svg.SMALL, svg.WARM
        ),
    ]
    alt = f"overlaps among {scene.n} random keys in {scene.d} dimensions, and the weight copied"
    return svg.picture(svg.WIDTH, svg.HEIGHT, "".join(body), alt)


def noisy_keys_explorer() -> Explorer[NoisyScene]:
    """The weight on v_a when keys are drawn with noise; a long key varies in length (2c)."""

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
    return Explorer(controls, noisy_scene, noisy_picture, caption, name="noisy-keys")


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
        told += (
            f"; with vanishing alpha, a long key turns away from its own query in {scene.limit:.1%}"
        )
        return told + "."

    controls = {
        "heads": count(f"heads, on {HEAD_KEYS} keys", 2, 1, 8),
        "beta": number("scale", 10.0, 0.5, 40.0, 0.5),
        "alpha": choice("alpha", [0.0, 0.001, 0.01, 0.1], 0.0),
        "long": tick("one long key", True),
        "normalise": tick("keys normalised to length 1", False),
        "own": tick("every head draws noise of its own", False),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(controls, heads_scene, heads_picture, caption, name="heads")


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
    return Explorer(controls, crosstalk_scene, crosstalk_picture, caption, name="crosstalk")
