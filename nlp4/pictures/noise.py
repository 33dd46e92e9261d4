"""Pictures of noisy keys: one head that wobbles, several heads, many keys (exercise 2c, 2d)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from nlp4.maths import copying, crosstalk, noisy_keys
from nlp4.maths.heads import (
    TwoQueries,
    head_queries,
    heads_weights,
    looks_away,
    looks_away_quiet,
    output_variance,
)
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, number, tick
from nlp4.pictures.copying import Array
from nlp4.pictures.explorer import Explorer, Prepared

DRAWS = 4_000
ALPHAS = [0.0, 0.0001, 0.001, 0.01, 0.1, 0.3]
STRETCHES = [0.0, 0.125, 0.25, 0.5, 1.0, 2.0]  # variances of the long key; without one it is 0


@dataclass(frozen=True)
class NoisyScene:
    """Draws of the weight on v_a `(DRAWS,)`, and its exact distribution, if the query is given."""

    n: int
    beta: float
    draws: Array
    grid: Array
    density: Array | None  # None for a noisy query: a product of two noises is not normal
    quartiles: tuple[float, float]  # exact where the density is, else those of the draws
    deviation: float  # likewise
    logit_deviation: float  # exact: that of the difference of the two keys' logits
    split: float  # scale above which two keys alone give two humps
    vanishing: float  # scale at which the deviation of two keys alone reaches 0.05


def noisy_scene(
    n: int, alpha: float, stretch: float, query_alpha: float, beta: float, seed: int
) -> NoisyScene:
    """Noisy keys, and the query `beta (mu_a + mu_b)` with its own noise. Exercise 2c."""
    rng = np.random.default_rng(seed)
    keys = noisy_keys.draw_keys(n, n, alpha, rng, DRAWS, long=True, stretch=stretch)
    queries = noisy_keys.draw_queries(n, n, beta, query_alpha, rng, DRAWS)
    draws = copying.attention_weights(keys, queries)[:, 0]
    exact = noisy_keys.WeightOnA(n, beta, alpha, True, stretch)
    grid, quarters, given = (
        np.linspace(0.0025, 0.9975, 200),
        np.array([0.25, 0.75]),
        not query_alpha,
    )
    low, high = exact.quantile(quarters) if given else np.quantile(draws, quarters)
    varies = exact.mixture[2] > 0  # a fixed weight's computed deviation may not be exactly 0
    density = exact.density(grid) if varies else np.zeros_like(grid)
    return NoisyScene(
        n=n,
        beta=beta,
        draws=draws,
        grid=grid,
        density=density if given else None,
        quartiles=(float(low), float(high)),
        deviation=exact.deviation if given else float(draws.std()),
        logit_deviation=noisy_keys.logit_deviation(n, beta, alpha, query_alpha, stretch),
        split=noisy_keys.two_hump_scale(alpha, True, stretch),
        vanishing=noisy_keys.vanishing_scale(alpha, 0.05, True, stretch),
    )


Weighing = Literal["k·q", "k·q, keys of length 1", "|k·q|", "|k·q|, keys of length 1"]
WEIGHINGS: list[Weighing] = ["k·q", "k·q, keys of length 1", "|k·q|", "|k·q|, keys of length 1"]


@dataclass(frozen=True)
class HeadsScene:
    """The heads' average weight on v_a over draws, and how often head 1 looks away."""

    heads: int
    beta: float
    mean_weight: Array  # (draws,), the average over heads of the weight on v_a
    away: float | None  # share of draws in which head 1 gives v_a less than half; None for one head
    curve: Array | None  # (2, points): scale, and the exact probability for vanishing alpha
    exact_away: float | None  # the same at this scale and alpha, where it is known
    exact_deviation: float | None  # of mean_weight, where it is known
    limit: float | None  # of the probability, as the scale grows; None without a long key


HEAD_DRAWS = 2_000  # more would be felt at the slider


def heads_scene(
    heads: int, n: int, beta: float, alpha: float, stretch: float, how: Weighing, own: bool
) -> HeadsScene:
    """Heads in pairs, one on each key; `own`: every head draws its own noise. Exercise 2d."""
    normalise, blind, rng = "length 1" in how, "|" in how, np.random.default_rng(0)
    draws = HEAD_DRAWS if not own else HEAD_DRAWS // heads
    keys = noisy_keys.draw_keys(n, n, alpha, rng, draws * (heads if own else 1), True, stretch)
    keys = keys.reshape(draws, heads, n, n) if own else keys
    if normalise:
        keys = noisy_keys.normalised(keys)
    queries = head_queries(heads, n, n, beta)
    on_a = heads_weights(keys, queries, sign_blind=blind)[:, :, 0]  # (draws, heads)
    plain, long = not (normalise or blind), stretch > 0
    exact = None
    if long and alpha == 0:
        exact = looks_away_quiet(n, beta, stretch, normalise=normalise, sign_blind=blind)
    elif long and plain:
        exact = looks_away(n, beta, alpha, stretch)
    spread = output_variance(heads, n, beta, not own, stretch) if plain and alpha == 0 else None
    return HeadsScene(
        heads=heads,
        beta=beta,
        mean_weight=on_a.mean(1),
        away=float((on_a[:, 0] < 0.5).mean()) if heads > 1 else None,
        curve=_looks_away_curve(n, stretch, normalise, blind) if long else None,
        exact_away=exact,
        exact_deviation=None if spread is None else spread**0.5,
        limit=looks_away_quiet(n, np.inf, stretch, sign_blind=blind) if long else None,
    )


@lru_cache(maxsize=64)
def _looks_away_curve(n: int, stretch: float, normalise: bool, blind: bool) -> Array:
    scales = np.linspace(0.5, 40, 159)
    chances = [
        looks_away_quiet(n, scale, stretch, normalise=normalise, sign_blind=blind)
        for scale in scales
    ]
    return np.array([scales, chances])


@dataclass(frozen=True)
class QueriesScene:
    """Two heads with a query each: the weight on v_a by the long key's s, and over its draws."""

    s: Array  # (points,)
    weights: Array  # (3, points): of head 1, of head 2, and the mean of both
    bell: Array  # (points,): how probable each s is, 1 at the most probable
    at_mean: Array  # (2, n): the weights of each head at s = 1
    edges: Array  # (bins + 1,) of the mean weight
    shares: Array  # (bins,) of draws, exact
    quartiles: tuple[float, float]
    held: float  # share of draws that put between 40% and 60% on v_a, exact


def queries_scene(n: int, first: float, second: float, turn: float, stretch: float) -> QueriesScene:
    """Head 2's query is turned from mu_b towards mu_a; no noise but the long key's. After 2d."""
    law = TwoQueries(n, first, second, turn, stretch)
    s, edges = np.linspace(-3, 5, 321), np.linspace(0, 1, 42)  # one half is amid a bin
    weights = law.weights(s)
    low, high = law.quantile(np.array([0.25, 0.75]))
    below = law.cdf(np.array([0.4, 0.6]))
    return QueriesScene(
        s=s,
        weights=np.stack([*weights, weights.mean(0)]),
        bell=np.exp(-np.square(s - 1) / (2 * stretch)),
        at_mean=heads_weights(np.eye(n)[None], law.queries)[0],
        edges=edges,
        shares=np.diff(law.cdf(edges)),
        quartiles=(float(low), float(high)),
        held=float(below[1] - below[0]),
    )


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
    alt = "histogram of the weight on v_a over draws of the keys, under its exact density"
    if scene.density is None:
        alt = "histogram of the weight on v_a over draws of the keys and the query"
    return svg.either(_noisy_panel(scene, svg.WIDTH), _noisy_panel(scene, svg.HALF), alt)


def _noisy_panel(scene: NoisyScene, width: float) -> svg.Panel:
    edges = np.linspace(0, 1, 51)
    tallest = float(np.histogram(scene.draws, edges, density=True)[0].max())
    # A hump at the very edge is taller than any page: the top follows the middle of the picture.
    middle = 0.0 if scene.density is None else float(scene.density[8:-8].max())
    top = min(max(tallest, middle, 1.0), 14.0) * 1.15
    frame = svg.Frame(46, 34, width - 70, 216, (0, 1), (0, top))
    half = [frame.at(quartile, 0) for quartile in scene.quartiles]
    body = [
        frame.axes("weight on v_a", "density", svg.HALVES, svg.round_ticks(0, top, 4)),
        _histogram(frame, scene.draws, edges),
        _density(frame, scene),
        frame.up(0.5, "average of the two", svg.COOL),
        svg.line(half, svg.INK, "stroke-width='5'"),
    ]
    return svg.Panel("".join(body), width)


def _density(frame: svg.Frame, scene: NoisyScene) -> str:
    if scene.density is None:
        return svg.text(frame.left + 20, frame.top + 11, "draws alone", svg.SMALL, svg.GREY)
    return frame.curve(scene.grid.tolist(), scene.density.tolist(), svg.WARM, "stroke-width='2'")


def heads_picture(scene: HeadsScene) -> str:
    """Left the spread of the heads' average, right how often a head looks away, by scale."""
    edges = np.linspace(0, 1, 41)
    heights = np.histogram(scene.mean_weight, edges, density=True)[0]
    top = min(max(float(heights.max()), 1.0), 20.0) * 1.1
    frame, ticks = svg.panel_frame((0, 1), (0, top)), svg.round_ticks(0, top, 4)
    spread = [
        frame.axes("weight on v_a, mean of heads", "density", svg.HALVES, ticks),
        _histogram(frame, scene.mean_weight, edges),
        frame.up(0.5, "average of the two", svg.COOL),
    ]
    alt = f"spread of the output of {scene.heads} heads, and the chance that a head looks away"
    return svg.panels([svg.Panel("".join(spread)), svg.Panel(_looks_away(scene))], alt)


def _looks_away(scene: HeadsScene) -> str:
    frame = svg.panel_frame((0, 40), (0, 1))
    title = "share of draws in which head 1 looks away"
    at, body = frame.left + 80, frame.axes("scale", title, (0, 10, 20, 30, 40), svg.HALVES)
    if scene.curve is not None and scene.limit is not None:
        scales, exact = scene.curve.tolist()
        words = f"dashes: its limit, {scene.limit:.1%}"
        body += (
            frame.curve(scales, exact, svg.WARM, "stroke-width='2'")
            + frame.across(scene.limit, "", svg.GREY)
            + svg.text(at, frame.top + 52, words, svg.SMALL, svg.GREY)
            + svg.text(at, frame.top + 20, "curve: exact, vanishing alpha", svg.SMALL, svg.WARM)
        )
    if scene.away is not None:
        body += svg.dot(*frame.at(scene.beta, scene.away), 5, svg.COOL)
        body += svg.text(at, frame.top + 36, "dot: these draws", svg.SMALL, svg.COOL)
    return body


def queries_picture(scene: QueriesScene) -> str:
    """Left the weight on v_a by the long key's s, right how often each mean weight is drawn."""
    frame = svg.panel_frame((0, 1), (0, 1))
    body = [
        frame.axes(
            "weight on v_a, mean of both heads", "share of draws, exact", svg.HALVES, svg.HALVES
        ),
        frame.bars(scene.edges.tolist(), scene.shares.tolist(), svg.WARM),
        frame.up(0.5, "average of the two", svg.COOL),
    ]
    alt = "weight on v_a of two heads by the long key's length, and its spread over draws"
    return svg.panels([svg.Panel(_by_length(scene)), svg.Panel("".join(body))], alt)


def _by_length(scene: QueriesScene) -> str:
    s = scene.s.tolist()
    frame = svg.panel_frame((s[0], s[-1]), (0, 1.05))
    title = "s, for the long key s μ_a (shaded: how often)"
    bell = [frame.at(x, 0.3 * y) for x, y in zip(s, scene.bell, strict=True)]
    body = [
        frame.axes(title, "weight on v_a", range(-3, 6), svg.HALVES),
        svg.polygon(bell, svg.SOFT),
    ]
    styles = {
        "head 1": (svg.WARM, "stroke-width='2'"),
        "head 2": (svg.COOL, "stroke-width='2' stroke-dasharray='6 3'"),
        "mean of both": (svg.INK, "stroke-width='3'"),
    }
    for i, (name, (colour, drawn)) in enumerate(styles.items()):
        y = frame.top + 16 + 16 * i
        body.append(frame.curve(s, scene.weights[i].tolist(), colour, drawn))
        body.append(svg.line([(frame.left + 8, y), (frame.left + 26, y)], colour, drawn))
        body.append(svg.text(frame.left + 30, y + 4, name, svg.SMALL, colour))
    return "".join(body)


def crosstalk_picture(scene: CrosstalkScene) -> str:
    """Left the overlaps with the key asked for, right its weight against the scale."""
    edges = np.linspace(-1, 1, 41)
    heights = np.histogram(scene.overlaps, edges, density=True)[0]
    top = max(float(heights.max()), float(scene.density.max())) * 1.1
    frame, ticks = svg.panel_frame((-1, 1), (0, top)), svg.round_ticks(0, top, 4)
    body = [
        frame.axes("overlap with the key asked for", "density", (-1, -0.5, 0, 0.5, 1), ticks),
        _histogram(frame, scene.overlaps, edges),
        frame.curve(scene.grid.tolist(), scene.density.tolist(), svg.WARM, "stroke-width='2'"),
        frame.up(float(scene.overlaps.max()), "nearest rival", svg.COOL),
    ]
    alt = f"overlaps among {scene.n} random keys in {scene.d} dimensions, and the weight copied"
    return svg.panels([svg.Panel("".join(body)), svg.Panel(_copied(scene))], alt)


def _copied(scene: CrosstalkScene) -> str:
    frame = svg.panel_frame((0, 40), (0, 1.08))
    x, y = frame.left + 150, frame.top + 180
    scales, measured, bound = scene.curve.tolist()
    return (
        frame.axes("scale", "weight on the key asked for", (0, 10, 20, 30, 40), svg.HALVES)
        + frame.curve(scales, bound, svg.WARM, "stroke-width='2' stroke-dasharray='6 3'")
        + frame.curve(scales, measured, svg.COOL, "stroke-width='2'")
        + svg.dot(*frame.at(scene.scale, scene.weight), 5, svg.COOL)
        + svg.text(x, y, "line: these keys", svg.SMALL, svg.COOL)
        + svg.text(x, y + 16, "dashes: mean is at least", svg.SMALL, svg.WARM)
    )


def noisy_caption(scene: NoisyScene) -> str:
    """Where half of the draws lie, and from which scale on the average is lost."""
    low, high = scene.quartiles
    told = (
        f"Half of all draws put between {low:.1%} and {high:.1%} on v_a "
        f"(standard deviation {scene.deviation:.3f}). "
    )
    if scene.density is None:
        return (
            f"{told}These are figures of the draws alone: noise in the query times noise in the "
            "keys is not normal, so there is no exact curve. The difference of the two keys' "
            f"logits has the exact standard deviation {scene.logit_deviation:.3f}."
        )
    if scene.split == float("inf"):
        return told + "Without noise nothing varies, whatever the scale."
    state = "has split into two humps" if scene.beta > scene.split else "has one hump"
    return (
        f"{told}Between the two keys alone, the deviation reaches 0.05 at scale "
        f"{scene.vanishing:.2f}, and the density splits in two at scale {scene.split:.2f}: "
        f"at {scene.beta:.1f} it {state}."
    )


def noisy_keys_explorer() -> Explorer[NoisyScene]:
    """The weight on v_a when keys are drawn with noise; a long key varies in length (2c)."""
    controls = {
        "n": count("keys", 2, 2, 8),
        "alpha": choice("alpha", ALPHAS, 0.001),
        "stretch": choice("long key's variance", STRETCHES, 0.0),
        "query_alpha": choice("the query's alpha", ALPHAS, 0.0),
        "beta": number("scale", 8.0, 0.0, 40.0, 0.5),
        "seed": count("draw again", 0, 0, 50),
    }
    return Explorer(
        controls,
        noisy_scene,
        noisy_picture,
        noisy_caption,
        name="noisy-keys",
        lecture=_NOISY_KEYS_LECTURE,
    )


_NOISY_KEYS_LECTURE = (
    Prepared("little noise: the weight on v_a stays near one half", {}),
    Prepared("none: it is one half", {"alpha": 0.0}),
    Prepared("a larger scale: the density splits in two", {"beta": 40.0}),
    Prepared(
        "one key varies in length: half of all draws give nearly all or nothing", {"stretch": 0.5}
    ),
)


def heads_caption(scene: HeadsScene) -> str:
    """How far the heads' mean spreads, and how often head 1 looks away."""
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
    if scene.limit is None:
        return told + "."
    exact = scene.exact_away
    told += " (no exact figure with this alpha)" if exact is None else f" (exact: {exact:.1%})"
    return told + f"; with vanishing alpha and a large scale, in {scene.limit:.1%}."


def heads_explorer() -> Explorer[HeadsScene]:
    """One head against several when one key is long (exercise 2d)."""
    controls = {
        "heads": count("heads", 2, 1, 8),
        "n": count("keys", 8, 2, 16),
        "beta": number("scale", 10.0, 0.5, 40.0, 0.5),
        "alpha": choice("alpha", [0.0, 0.001, 0.01, 0.1], 0.0),
        "stretch": choice("long key's variance", STRETCHES, 0.5),
        "how": choice("weights from", WEIGHINGS, WEIGHINGS[0]),
        "own": tick("every head draws noise of its own", False),
    }
    return Explorer(
        controls, heads_scene, heads_picture, heads_caption, name="heads", lecture=_HEADS_LECTURE
    )


_HEADS_LECTURE = (
    Prepared("one head holds the balance alone: nearly all or nothing", {"heads": 1}),
    Prepared("a head for each key: the mean spreads less", {}),
    Prepared("eight heads with the same noise are no better than two", {"heads": 8}),
    Prepared("each with noise of its own: they are", {"heads": 8, "own": True}),
    Prepared("neither length nor sign counts: nothing varies", {"how": WEIGHINGS[-1]}),
)


def queries_explorer() -> Explorer[QueriesScene]:
    """A query for each of two heads: its scale, and where head 2's looks (after exercise 2d)."""

    def caption(scene: QueriesScene) -> str:
        (first, _), (astray, second) = scene.at_mean[:, :2].tolist()
        on_a, on_b = scene.at_mean.mean(0)[:2].tolist()
        low, high = scene.quartiles
        return (
            f"At s = 1, head 1 gives v_a {first:.1%} of its weight; head 2 gives v_b {second:.1%} "
            f"and v_a {astray:.1%}. The mean of both is {on_a:.1%} on v_a and {on_b:.1%} on v_b. "
            f"Half of all draws put between {low:.1%} and {high:.1%} on v_a, and {scene.held:.1%} "
            "of draws put between 40% and 60% on it."
        )

    controls = {
        "n": count("keys", 8, 2, 16),
        "first": number("scale of head 1", 10.0, 0.5, 40.0, 0.5),
        "second": number("scale of head 2", 10.0, 0.5, 40.0, 0.5),
        "turn": number("turn head 2 by (°)", 0, 0, 90, 5),
        "stretch": choice("long key's variance", STRETCHES[1:], 0.5),
    }
    return Explorer(
        controls, queries_scene, queries_picture, caption, name="queries", lecture=_QUERIES_LECTURE
    )


_QUERIES_LECTURE = (
    Prepared("a query for each head: v_a and v_b get one half each", {}),
    Prepared("a longer query for v_a: more draws come near one half", {"first": 40.0}),
    Prepared("a short query for v_b: v_b loses its weight", {"second": 0.5}),
    Prepared("head 2 turned to v_a: v_a gets all", {"turn": 90}),
)


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
    return Explorer(
        controls,
        crosstalk_scene,
        crosstalk_picture,
        caption,
        name="crosstalk",
        lecture=_CROSSTALK_LECTURE,
    )


_CROSSTALK_LECTURE = (
    Prepared("64 keys in 16 dimensions: one can be picked out", {}),
    Prepared("in 4 dimensions rivals are nearer", {"d": 4}),
    Prepared("a larger scale picks it out again", {"d": 4, "scale": 40.0}),
    Prepared("1,024 keys: a rival is nearer, too", {"n": 1024}),
    Prepared("in 128 dimensions there is room for them", {"n": 1024, "d": 128}),
)
