"""Pictures of what attention costs: counted, measured earlier, and measured now."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial

from nlp4.experiments.speed import (
    COMMAND,
    FORWARD_TIME,
    OURS,
    TITLES,
    WHAT,
    Cell,
    Line,
    Quantity,
    Speed,
    crossing,
    read_speed,
    three_digits,
)
from nlp4.maths import cost
from nlp4.maths.block_pattern import BlockPattern
from nlp4.maths.cost import Cost
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, tick
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values
from nlp4.support.errors import UserError


@dataclass(frozen=True)
class CostScene:
    """Counted costs of one layer against the length of the text."""

    n: int
    k: int
    shared: bool  # E = F
    mixed_first: bool  # (E X) W instead of E (X W)
    lengths: tuple[int, ...]
    full: tuple[Cost, ...]
    linformer: tuple[Cost, ...]
    as_written: tuple[Cost, ...]  # Linformer with E and F, keys and values made before mixing
    bigbird: tuple[Cost, ...]
    learned: int  # numbers in E and F
    break_even: int


LENGTHS = tuple(2**i for i in range(8, 16))
WIDTH = 256


@lru_cache(maxsize=256)
def _bigbird_cost(n: int, random: int, global_: int) -> Cost:
    return cost.bigbird(n, WIDTH, BlockPattern(64, 3, global_, random))


def cost_scene(
    n: int, k: int, shared: bool, mixed_first: bool, random: int, global_: int
) -> CostScene:
    """Multiply-adds of a layer of width `WIDTH` for each length, and where Linformer pays."""
    linformer = partial(cost.linformer, width=WIDTH, k=k)
    return CostScene(
        n,
        k,
        shared,
        mixed_first,
        LENGTHS,
        tuple(cost.full(m, WIDTH) for m in LENGTHS),
        tuple(linformer(m, shared=shared, mixed_first=mixed_first) for m in LENGTHS),
        tuple(linformer(m, shared=False, mixed_first=False) for m in LENGTHS),
        tuple(_bigbird_cost(m, random, global_) for m in LENGTHS),
        cost.projection_numbers(n, k, shared=shared),
        cost.break_even(WIDTH, k, shared=shared, mixed_first=mixed_first),
    )


COLOURS = {
    "full": svg.INK,
    "bigbird": svg.COOL,
    "hugging face": svg.COOL,
    "linformer": svg.WARM,
    "package": svg.WARM,
}
_LINE, _DASHED = "stroke-width='2'", "stroke-dasharray='6 4'"
DASHES = {"hugging face": _DASHED, "package": _DASHED}


def _mark(name: str, x: float, y: float, size: float) -> str:
    """A shape for each contender, hollow for other people's code; `size` is half its width."""
    fill = "white" if name in DASHES else COLOURS[name]
    extra = f"stroke='{COLOURS[name]}' stroke-width='1.5'"
    if name == "full":
        return svg.dot(x, y, size, fill, extra)
    if name in ("bigbird", "hugging face"):
        return svg.rectangle(x - size, y - size, 2 * size, 2 * size, fill, extra)
    return svg.polygon([(x, y - size), (x + size, y + size), (x - size, y + size)], fill, extra)


def _marked(frame: svg.Frame, name: str, points: Line, n: int, dashes: str = "") -> str:
    """A contender's line with its mark at every length, and a larger one at the n looked at."""
    seen = [(m, (math.log2(m), math.log10(value))) for m, value in points if value > 0]
    at = [where for _, where in seen]
    xs, ys = [x for x, _ in at], [y for _, y in at]
    shapes = [frame.curve(xs, ys, COLOURS[name], f"{_LINE} {dashes}")]
    shapes += [_mark(name, *frame.at(*where), 5 if m == n else 2.5) for m, where in seen]
    return "".join(shapes)


def _lengths(frame: svg.Frame, lengths: Sequence[int]) -> str:
    """The lengths below the axis; every other one where the words of all would touch."""
    bottom, shapes = frame.top + frame.height, []
    for i, n in enumerate(reversed(lengths)):
        x, _ = frame.at(math.log2(n), 0)
        shapes.append(svg.line([(x, bottom), (x, bottom + 4)], svg.GREY))
        if len(lengths) < 7 or i % 2 == 0:
            shapes.append(svg.text(x, bottom + 16, f"{n:,}", svg.SMALL, svg.GREY, "middle"))
    return "".join(shapes)


def _length_handle(frame: svg.Frame, n: int, lengths: Sequence[int]) -> list[Handle]:
    """The length that is looked at, below the axis."""

    def move(x: float, y: float) -> Values:
        across, _ = frame.under(x, y)
        return {"n": min(lengths, key=lambda n: abs(math.log2(n) - across))}

    label = "n, the length looked at: left and right take the next one"
    x, bottom = frame.at(math.log2(n), frame.y[0])
    return [Handle("n", label, f"n = {n:,}", (x, bottom + 5), move, ("n", ""))]


Row = tuple[str, str, str]  # of a legend: a sample drawn about (26, 0), words, their colour


def _sample(colour: str, style: str, name: str = "") -> str:
    """A piece of a line, with a contender's mark on it."""
    return svg.line([(10, 0), (42, 0)], colour, style) + (_mark(name, 26, 0, 3.5) if name else "")


def _legend(rows: Sequence[Row]) -> svg.Panel:
    """What each line means; a row without a sample goes on with the words above it."""
    shapes, y = [], 12
    for sample, words, colour in rows:
        y += 20 if sample else 15
        shapes.append(f"<g transform='translate(0 {y - 4})'>{sample}</g>" if sample else "")
        shapes.append(svg.text(50, y, words, svg.SMALL, colour))
    return svg.Panel("".join(shapes), 250, y + 12)


_COST_FRAME = svg.Frame(46, 34, 280, 216, (8, 15), (7, 12))


def cost_picture(scene: CostScene) -> str:
    """Multiply-adds of one layer against the length, both axes logarithmic."""
    frame = _COST_FRAME
    y_label = "multiply-adds of a layer, log10"
    body = [frame.axes("n, length of the text", y_label, (), (7, 8, 9, 10, 11, 12))]
    body += [_lengths(frame, scene.lengths), svg.grip(*frame.at(math.log2(scene.n), 7))]
    as_written = [math.log10(cost.multiply_adds) for cost in scene.as_written]
    places = [math.log2(n) for n in scene.lengths]
    body.append(frame.curve(places, as_written, svg.WARM, f"{_LINE} {_DASHED}"))
    for name, costs in (
        ("full", scene.full),
        ("linformer", scene.linformer),
        ("bigbird", scene.bigbird),
    ):
        at_length = zip(scene.lengths, costs, strict=True)
        points = tuple((n, float(cost.multiply_adds)) for n, cost in at_length)
        body.append(_marked(frame, name, points, scene.n))
    alt = "counted cost of full, Linformer and BigBird attention against the length of the text"
    return svg.panels([svg.Panel("".join(body)), _cost_legend(scene)], alt)


def _cost_legend(scene: CostScene) -> svg.Panel:
    return _legend(
        [
            (_sample(svg.INK, _LINE, "full"), "full", svg.INK),
            (_sample(svg.WARM, f"{_LINE} {_DASHED}"), "Linformer as written", svg.WARM),
            (_sample(svg.WARM, _LINE, "linformer"), "Linformer as ticked:", svg.WARM),
            ("", f"keys {_products(scene)[0]}", svg.WARM),
            (_sample(svg.COOL, _LINE, "bigbird"), "BigBird", svg.COOL),
        ]
    )


def _products(scene: CostScene) -> tuple[str, str]:
    """How the mixed keys and values are made of the input X, in the order of the products."""
    second = "E" if scene.shared else "F"
    if scene.mixed_first:
        return "(E X) W_K", f"({second} X) W_V"
    return "E (X W_K)", f"{second} (X W_V)"


def cost_explorer() -> Explorer[CostScene]:
    """Counted cost of a layer against the length of the text."""
    controls = {
        "n": choice("n, length of the text", list(LENGTHS), 4096),
        "k": choice("k of Linformer", [32, 64, 128, 256, 512, 1024], 256),
        "shared": tick("one projection, E = F", False),
        "mixed_first": tick("the input is mixed first, (E X) W for E (X W)", False),
        "random": count("random blocks a row", 3, 0, 8),
        "global_": count("global blocks", 2, 0, 4),
    }
    return Explorer(
        controls,
        cost_scene,
        cost_picture,
        cost_caption,
        name="cost",
        handles=lambda scene: _length_handle(_COST_FRAME, scene.n, LENGTHS),
        lecture=_COST_LECTURE,
    )


_COST_LECTURE = (
    Prepared("at 4,096 both cost less than a quarter of full attention", {}),
    Prepared("a text no longer than k: Linformer costs more than full attention", {"n": 256}),
    Prepared("the longer the text, the wider the gap", {"n": 32_768}),
    Prepared(
        "one projection, and the input mixed first: cheaper again",
        {"n": 32_768, "shared": True, "mixed_first": True},
    ),
    Prepared("four times the k: now BigBird is the cheapest", {"n": 32_768, "k": 1_024}),
)


def cost_caption(scene: CostScene) -> str:
    """What full attention costs at the chosen length, and how many times that of the others."""
    at = scene.lengths.index(scene.n)
    full, as_written = (costs[at].multiply_adds for costs in (scene.full, scene.as_written))
    keys, values = _products(scene)
    return (
        f"At n = {scene.n:,}, full attention takes {full / 1e9:.2f} billion multiply-adds, "
        f"{full / scene.linformer[at].multiply_adds:.1f} times those of Linformer with keys "
        f"{keys} and values {values} ({full / as_written:.1f} times as its formula is written) "
        f"and {full / scene.bigbird[at].multiply_adds:.1f} times BigBird's. "
        f"{'E' if scene.shared else 'E and F'} hold{'s' * scene.shared} {scene.learned:,} "
        f"numbers. Linformer with k = {scene.k} is cheaper than full attention from "
        f"n = {scene.break_even:,} on."
    )


@dataclass(frozen=True)
class SpeedScene:
    """The lines of one quantity, the bounds, where ours begin to win, and the n looked at."""

    what: str
    unit: Quantity
    n: int
    lengths: tuple[int, ...]
    lines: Mapping[str, Line]
    bounds: Mapping[str, Line]  # empty but for forward times
    break_even: Mapping[str, float | None]
    live: Mapping[str, Line]


def speed_scene(
    speed: Speed, what: str, n: int, live: Sequence[Cell] = (), names: Sequence[str] = tuple(TITLES)
) -> SpeedScene:
    """One quantity of a measuring against n; `live` cells are drawn over it.

    Raises UserError for an unknown quantity.
    """
    lines = {name: speed.line(name, what) for name in names}
    now = Speed(tuple(live), {}, 0, 0, {})
    return SpeedScene(
        what,
        WHAT[what][1],
        n,
        tuple(sorted({*speed.lengths, *now.lengths})),
        {name: line for name, line in lines.items() if line},
        {name: bound for name in OURS if what == FORWARD_TIME and (bound := speed.bound(name))},
        {name: crossing(lines.get(name, ()), lines.get("full", ())) for name in OURS},
        {name: line for name in names if (line := now.line(name, what))},
    )


UNITS = {"ms": "milliseconds", "MB": "megabytes"}
_BOUND = "stroke-width='1' stroke-dasharray='1 3'"


def speed_picture(scene: SpeedScene) -> str:
    """A line for each contender, thin lines for what arithmetic allows, marks at the break-even.

    Empty circles are what this machine measured now.
    """
    frame = _frame(scene)
    body = [_axes(frame, scene)]
    if scene.n in scene.lengths:
        body.append(svg.grip(*frame.at(math.log2(scene.n), frame.y[0])))
    for name, points in scene.bounds.items():
        body.append(_bound(frame, name, points))
    for name, points in scene.lines.items():
        body.append(_marked(frame, name, points, scene.n, DASHES.get(name, "")))
    for name, points in scene.live.items():
        body += [_circle(frame, name, n, value) for n, value in points]
    body.append(_break_evens(frame, scene))
    alt = f"{scene.what} of attention layers against the length of the text"
    return svg.panels([svg.Panel("".join(body)), _legend(_rows(scene))], alt)


def _frame(scene: SpeedScene) -> svg.Frame:
    every = [
        math.log10(value)
        for lines in (scene.lines, scene.bounds, scene.live)
        for points in lines.values()
        for _, value in points
        if value > 0
    ]
    low, high = (math.floor(min(every)), math.ceil(max(every))) if every else (0, 1)
    first, last = math.log2(scene.lengths[0]), math.log2(scene.lengths[-1])
    return svg.Frame(56, 34, 270, 216, (first, max(last, first + 1)), (low, max(high, low + 1)))


def _axes(frame: svg.Frame, scene: SpeedScene) -> str:
    shapes = [frame.axes("n, length of the text", f"{UNITS[scene.unit]}, {scene.what}", ())]
    shapes.append(_lengths(frame, scene.lengths))
    for power in range(round(frame.y[0]), round(frame.y[1]) + 1):
        y = frame.at(0, power)[1]
        shapes.append(svg.line([(frame.left, y), (frame.left + frame.width, y)], svg.PALE))
        shapes.append(
            svg.text(frame.left - 7, y + 4, f"{10.0**power:,g}", svg.SMALL, svg.GREY, "end")
        )
    return "".join(shapes)


def _bound(frame: svg.Frame, name: str, points: Line) -> str:
    """The least that arithmetic allows one of ours, and its mark at the right end."""
    seen = [(math.log2(n), math.log10(value)) for n, value in points if value > 0]
    drawn = frame.curve([x for x, _ in seen], [y for _, y in seen], COLOURS[name], _BOUND)
    return drawn + (_mark(name, *frame.at(*seen[-1]), 2) if seen else "")


def _circle(frame: svg.Frame, name: str, n: float, value: float) -> str:
    """What this machine measured: a circle around the contender's mark."""
    x, y = frame.at(math.log2(n), math.log10(value))
    around = svg.dot(x, y, 6.5, "white", f"stroke='{COLOURS[name]}' stroke-width='2'")
    return around + _mark(name, x, y, 2)


def _break_evens(frame: svg.Frame, scene: SpeedScene) -> str:
    """An upright line where one of ours begins to stay below full attention."""
    shapes = []
    for i, (name, n) in enumerate(scene.break_even.items()):
        if n is not None:
            (x, bottom), (_, top) = (frame.at(math.log2(n), edge) for edge in frame.y)
            shapes.append(
                svg.line([(x, top), (x, bottom)], COLOURS[name], "stroke-dasharray='4 4'")
            )
            words = f"{TITLES[name]} below full from here"
            anchor, gap = ("end", -5) if x > frame.left + frame.width / 2 else ("start", 5)
            at = x + gap, top + 12 + 15 * i
            shapes.append(svg.text(*at, words, svg.SMALL + svg.HALO, COLOURS[name], anchor))
    return "".join(shapes)


def _rows(scene: SpeedScene) -> list[Row]:
    """The legend of what is drawn."""
    drawn = [name for name in TITLES if name in scene.lines or name in scene.live]
    rows = []
    for name in drawn:
        style = f"{_LINE} {DASHES.get(name, '')}"
        rows.append((_sample(COLOURS[name], style, name), TITLES[name], COLOURS[name]))
    for name in scene.bounds:
        sample = _sample(COLOURS[name], _BOUND, name)
        rows.append((sample, f"{TITLES[name]}, by arithmetic", COLOURS[name]))
    if scene.live:
        circle = svg.dot(26, 0, 6.5, "white", f"stroke='{svg.INK}' stroke-width='2'")
        rows.append((circle, "this machine, now", svg.INK))
    return rows


MEASURED = [512, 1024, 2048, 4096, 8192, 16384]


def speed_explorer() -> Explorer[SpeedScene]:
    """Measured time and memory against n, with what arithmetic allows and the break-even."""
    stored = cache(read_speed)
    controls = {
        "what": choice("measured", list(WHAT), FORWARD_TIME),
        "n": choice("n, length of the text", MEASURED, 4096),
    }
    return Explorer(
        controls,
        lambda what, n: speed_scene(stored(), what, n),
        speed_picture,
        speed_caption,
        name="speed",
        handles=lambda scene: _length_handle(_frame(scene), scene.n, MEASURED),
        lecture=_SPEED_LECTURE,
    )


_SPEED_LECTURE = (
    Prepared("at 4,096 both of ours are faster than full attention", {}),
    Prepared("a short text: our BigBird is slower", {"n": 512}),
    Prepared("a long one: full attention takes ten times as long as our BigBird", {"n": 16_384}),
    Prepared(
        "memory: our BigBird needs more than full attention",
        {"what": "memory, forward", "n": 16_384},
    ),
)


def speed_caption(scene: SpeedScene) -> str:
    """The values at the chosen length, how they compare, and from where on ours are below."""
    at = {
        name: dict(points)[scene.n]
        for name, points in scene.lines.items()
        if scene.n in dict(points)
    }
    full = at.get("full")
    told = []
    for name, value in at.items():
        words = f"{TITLES[name].replace('`', '')} {three_digits(value)} {scene.unit}"
        if full is not None and name != "full" and value > 0:
            words += f" (full takes {full / value:.2f} times as much)"
        told.append(words)
    missing = [TITLES[name].replace("`", "") for name in scene.lines if name not in at]
    if missing:
        told.append(f"not measured: {', '.join(missing)}")
    since = "; ".join(_since(scene, name) for name in scene.break_even)
    return f"At n = {scene.n:,}, {scene.what}: {', '.join(told)}. {since[:1].upper()}{since[1:]}."


def _since(scene: SpeedScene, name: str) -> str:
    n, first = scene.break_even[name], scene.lengths[0]
    if n is None:
        return f"{TITLES[name]} does not stay below full attention"
    where = f"n = {first:,}, the shortest measured," if n <= first else f"about n = {n:,.0f}"
    return f"{TITLES[name]} stays below full attention from {where} on"


def live_picture(cells: Sequence[Cell], what: str = FORWARD_TIME) -> svg.Drawing:
    """This machine's times as circles over the stored lines, or alone if there are none."""
    try:
        stored = read_speed()
    except UserError:
        stored = Speed((), {}, 0, 0, {})
    n = max(cell.n for cell in cells)
    scene = speed_scene(stored, what, 0, cells)
    at = {name: dict(points)[n] for name, points in scene.live.items()}
    told = ", ".join(
        f"{TITLES[name]} {three_digits(value)} {scene.unit}" for name, value in at.items()
    )
    words = f"On this machine now, {what}, n = {n:,}: {told}."
    if not stored.cells:
        words += f" There is nothing stored to compare with: make it with {COMMAND}."
    return svg.Drawing(speed_picture(scene), words)
