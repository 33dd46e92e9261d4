"""Pictures of BigBird's pattern: its mask, its graph, and how far news gets layer by layer.

Below them: how far before a question a fact may stand, and what accuracy that allows.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp4.data.long_tasks import ceiling
from nlp4.maths import block_pattern
from nlp4.maths.block_pattern import GLOBAL, NOTHING, RANDOM, WINDOW, BlockPattern
from nlp4.pictures import svg
from nlp4.pictures.controls import Cells, Place, choice, count, tick
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values
from nlp4.pictures.spectra import Array

TOKENS = 1_024  # of the pattern's sequence
LAYERS = 8  # that the pattern's curve shows
ANSWERS = 4  # to the question whose fact stands far off


OWN = 4  # what a learner has added, beside the parts of a `BlockPattern`
Cell = tuple[int, int]  # a row and a column, from 0


@dataclass(frozen=True)
class Measures:
    """What a pattern costs, and how well it joins its blocks."""

    pairs: int  # of blocks that are computed
    density: float  # their share of all that are allowed
    path: float
    reach_all: int | None
    gap: float
    growth: Array  # (LAYERS + 1,): mean share of the blocks within reach


@dataclass(frozen=True)
class PatternScene:
    """A pattern over blocks, and how news travels over it."""

    pattern: BlockPattern
    causal: bool
    parts: NDArray[np.int8]  # (blocks, blocks), with OWN
    row: int  # the block, from 0, whose receptive field is shown
    column: int  # another; where the two cross an edge may be added
    reached: NDArray[np.bool_]  # (blocks,): what that block holds after `layers` layers
    layers: int
    measures: Measures
    without: Measures  # the same for the pattern alone

    @property
    def own(self) -> int:
        """How many pairs of blocks the learner has added."""
        return self.measures.pairs - self.without.pairs


def pattern_scene(
    block: int,
    window: int,
    global_: int,
    random: int,
    seed: int,
    causal: bool,
    layers: int,
    row: int | None = None,
    column: int = 0,
    own: Collection[Cell] = (),
) -> PatternScene:
    """BigBird's pattern over `TOKENS` tokens, and the reach of a block (from 0) after some layers.

    The block is the middle one if none is named; one beyond the last means the last. `own` are
    edges as `with_own` takes them. The causal form can reach only what comes before, so
    "everything" means that there. Raises UserError as `BlockPattern` does.
    """
    pattern = BlockPattern(block, window, global_, random, seed)
    alone = pattern.parts(pattern.blocks(TOKENS), causal=causal)
    parts = with_own(alone, own, causal=causal)
    last = len(parts) - 1
    row = len(parts) // 2 if row is None else min(row, last)
    hops = block_pattern.hops(parts != NOTHING)
    return PatternScene(
        pattern,
        causal,
        parts,
        row,
        min(column, last),
        hops[row] <= layers,
        layers,
        _measures(parts, causal),
        _measures(alone, causal),
    )


def with_own(
    parts: NDArray[np.int8], own: Collection[Cell], *, causal: bool = False
) -> NDArray[np.int8]:
    """A pattern's parts, and OWN where a learner adds something to them.

    (i, j) lets block i see block j; (i, i), which alone would add nothing, makes block i global.
    What lies beyond the last block, and with `causal` what comes later, is left out.
    """
    added = np.zeros(parts.shape, dtype=bool)
    for row, column in own:
        if max(row, column) < len(parts):
            added[row, column] = True
            if row == column:
                added[row] = added[:, row] = True
    allowed = np.tril(added) if causal else added
    return np.where(allowed & (parts == NOTHING), np.int8(OWN), parts)


def _measures(parts: NDArray[np.int8], causal: bool) -> Measures:
    adjacency, n = parts != NOTHING, len(parts)
    hops, pairs = block_pattern.hops(adjacency), int(adjacency.sum())
    return Measures(
        pairs,
        pairs / (n * (n + 1) // 2 if causal else n**2),
        block_pattern.average_path_length(hops, causal=causal),
        block_pattern.layers_to_reach_all(hops, causal=causal),
        block_pattern.spectral_gap(adjacency),
        block_pattern.receptive_field_growth(hops, LAYERS, causal=causal),
    )


OLIVE, PURPLE = "#7a7a1e", "#8a2be2"
PARTS = {
    WINDOW: (svg.COOL, "window"),
    GLOBAL: (svg.WARM, "global"),
    RANDOM: (OLIVE, "random"),
    OWN: (PURPLE, "yours"),
}
_DASHES = {WINDOW: "", GLOBAL: "stroke-dasharray='6 3'", RANDOM: "stroke-dasharray='2 2'", OWN: ""}


def _path(commands: list[str], extra: str) -> str:
    """Many shapes in one element: hundreds of elements would be slow to redraw."""
    return f"<path d='{''.join(commands)}' {extra}/>" if commands else ""


def _cell(part: int, size: float) -> str:
    """The outline of a part's cells: a square, a triangle, a diamond; one's own is a square too."""
    if part in (WINDOW, OWN):
        return f"h{size:.2f}v{size:.2f}h-{size:.2f}z"
    if part == GLOBAL:
        return f"h{size:.2f}l-{size:.2f} {size:.2f}z"
    side = size / 2
    return f"m{side:.2f} 0l{side:.2f} {side:.2f}l-{side:.2f} {side:.2f}l-{side:.2f} -{side:.2f}z"


def pattern_picture(scene: PatternScene) -> str:
    """The mask, the same as a graph on a circle, and how far news gets layer by layer."""
    alt = f"a pattern of attention over {len(scene.parts)} blocks, as a mask and as a graph"
    return svg.panels([_mask(scene), _graph(scene), _growth(scene)], alt)


_MASK = svg.Frame(10, 34, 236, 236, (0, 1), (1, 0))  # shares of the blocks, the first on top


def _mask(scene: PatternScene) -> svg.Panel:
    left, top = _MASK.left, _MASK.top
    size = _MASK.width / len(scene.parts)
    shapes = [
        svg.text(left, 22, "a row sees its coloured columns", svg.TITLE),
        svg.rectangle(left, top, 236, 236, svg.PALE),
    ]
    shapes += [_cells(scene, part, size) for part in PARTS if part != OWN]
    x, y = left + scene.column * size, top + scene.row * size
    shapes.append(svg.rectangle(x, top, size, 236, "none", f"stroke='{svg.GREY}'"))
    chosen = f"stroke='{svg.INK}' stroke-width='1.2'"
    shapes.append(svg.rectangle(left, y, 236, size, "none", chosen))
    shapes.append(_cells(scene, OWN, max(size, _SEEN)))
    body = f"<g style='cursor:pointer'>{''.join(shapes)}</g>"
    grips = svg.grip(left + 237, y + size / 2, -1, 0) + svg.grip(x + size / 2, top + 237)
    return svg.Panel(body + grips + _parts_legend(left), 256, 326)


_SEEN = 6  # the least size of a cell of one's own: a single one must not be overlooked


def _cells(scene: PatternScene, part: int, drawn: float) -> str:
    """A part's cells in the mask, drawn in that size around their middles."""
    size = _MASK.width / len(scene.parts)
    aside = (size - drawn) / 2
    commands = [
        f"M{_MASK.left + j * size + aside:.1f} {_MASK.top + i * size + aside:.1f}"
        f"{_cell(part, drawn)}"
        for i, j in np.argwhere(scene.parts == part).tolist()
    ]
    return _path(commands, f"fill='{PARTS[part][0]}'")


def _parts_legend(left: float) -> str:
    """What the colours mean, in the mask and in the graph, and what a click does."""
    shapes = []
    for i, (part, (colour, name)) in enumerate(PARTS.items()):
        x, y = left + 82 * (i % 3), 292 + 17 * (i // 3)
        shapes.append(_path([f"M{x:g} {y - 9:g}{_cell(part, 10)}"], f"fill='{colour}'"))
        dashes = f"stroke-width='2' {_DASHES[part]}"
        shapes.append(svg.line([(x + 14, y - 4), (x + 30, y - 4)], colour, dashes))
        shapes.append(svg.text(x + 34, y, name, svg.SMALL))
    shapes.append(svg.text(left + 82, 309, "a click adds one and takes", svg.SMALL, svg.GREY))
    shapes.append(svg.text(left + 82, 322, "it away; diagonal: global", svg.SMALL, svg.GREY))
    return "".join(shapes)


_FEW = 20  # edges of one's own that are drawn strongly
_CENTRE, _RADIUS = (129, 148), 108  # of the circle of blocks, the first on top


def _on_circle(block: float, blocks: int) -> tuple[float, float]:
    turn = 2 * math.pi * block / blocks - math.pi / 2
    return _CENTRE[0] + _RADIUS * math.cos(turn), _CENTRE[1] + _RADIUS * math.sin(turn)


def _graph(scene: PatternScene) -> svg.Panel:
    at = [_on_circle(i, len(scene.parts)) for i in range(len(scene.parts))]
    shapes = [svg.text(10, 22, "the same as a graph of blocks", svg.TITLE)]
    for part, (colour, _) in PARTS.items():
        commands = [
            f"M{at[i][0]:.0f} {at[i][1]:.0f}L{at[j][0]:.0f} {at[j][1]:.0f}"
            for i, j in np.argwhere(scene.parts == part).tolist()
            if i != j
        ]
        width = 2 if part == OWN and scene.own < _FEW else 1  # a few must not be overlooked
        extra = (
            f"stroke='{colour}' stroke-opacity='{0.45 * width:g}' stroke-width='{width}' "
            f"fill='none' {_DASHES[part]}"
        )
        shapes.append(_path(commands, extra))
    for i, (x, y) in enumerate(at):
        here = i == scene.row
        fill = svg.INK if scene.reached[i] else "white"
        shapes.append(
            svg.dot(x, y, 6 if here else 3.2, fill, f"stroke='{svg.WARM if here else svg.INK}'")
        )
    told = f"black: within reach of block {scene.row + 1},", f"after {_layers(scene)}"
    for i, words in enumerate(told):
        shapes.append(svg.text(129, 280 + 15 * i, words, svg.SMALL, svg.INK, "middle"))
    return svg.Panel("".join(shapes), 258, 304)


_GROWTH = svg.Frame(34, 34, 200, 216, (0, LAYERS), (0, 1.05))


def _layers(scene: PatternScene) -> str:
    return _counted(scene.layers, "layer")


def _counted(number: float, noun: str) -> str:
    return f"{number:.0f} {noun}{'s' * (number != 1)}"


def _growth(scene: PatternScene) -> svg.Panel:
    frame = _GROWTH
    layers, shares = list(range(LAYERS + 1)), scene.measures.growth.tolist()
    body = [frame.axes("layers", "share of blocks within reach", (0, 2, 4, 6, 8), svg.HALVES)]
    if scene.own:
        before = scene.without.growth.tolist()
        body.append(frame.curve(layers, before, svg.GREY, "stroke-dasharray='6 4'"))
        body.append(svg.text(134, 299, "dashed: without yours", svg.SMALL, svg.GREY, "middle"))
    body += [
        frame.curve(layers, shares, svg.COOL, "stroke-width='2'"),
        *(svg.dot(*frame.at(x, y), 3, svg.COOL) for x, y in zip(layers, shares, strict=True)),
        svg.dot(*frame.at(scene.layers, shares[scene.layers]), 6, svg.WARM),
    ]
    return svg.Panel("".join(body), 250, 304)


def pattern_handles(scene: PatternScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The block that is looked at, as a row and in the graph, a column, and the layers."""
    blocks, told = len(scene.parts), f"block {scene.row + 1} of {len(scene.parts)}"
    label = "that is looked at: right and left take the next one and the one before"
    hold = {"row": scene.row + 1}

    def row(x: float, y: float) -> Values:
        _, down = _MASK.under(x, y)
        return {"row": controls["row"].on_grid(down * blocks + 0.5)}

    def column(x: float, y: float) -> Values:
        across, _ = _MASK.under(x, y)
        return {"column": controls["column"].on_grid(across * blocks + 0.5)}

    def turn(x: float, y: float) -> Values:
        angle = math.atan2(x - _CENTRE[0], _CENTRE[1] - y) % (2 * math.pi)  # from the top
        return {"row": round(angle / (2 * math.pi) * blocks) % blocks + 1}

    def layer(x: float, y: float) -> Values:
        return {"layers": controls["layers"].on_grid(_GROWTH.under(x, y)[0])}

    beside = _MASK.left + 241, _MASK.at(0, (scene.row + 0.5) / blocks)[1]
    below = _MASK.at((scene.column + 0.5) / blocks, 0)[0], _MASK.top + 241
    seen = PARTS.get(int(scene.parts[scene.row, scene.column]), ("", "not seen"))[1]
    crossing = f"column {scene.column + 1} of {blocks}, in row {scene.row + 1}: {seen}"
    columns = "column of the cell that is chosen: right and left take the next one and the last one"
    curve = _GROWTH.at(scene.layers, scene.measures.growth[scene.layers])
    layers = "layers: left and right take one away and add one"
    return [
        Handle("row", f"row {label}", told, beside, row, ("row", ""), hold),
        Handle(
            "block",
            f"block {label}",
            told,
            _on_circle(scene.row, blocks),
            turn,
            ("row", ""),
            hold,
            1,
        ),
        Handle("column", columns, crossing, below, column, ("column", "")),
        Handle("layers", layers, f"{scene.layers}", curve, layer, ("layers", ""), panel=2),
    ]


def pattern_taps(
    scene: PatternScene, panel: int, x: float, y: float, controls: Mapping[str, Any]
) -> Values:
    """A click on a cell chooses it; there an edge comes or goes, unless the pattern has one."""
    blocks = len(scene.parts)
    across, down = (math.floor(share * blocks) for share in _MASK.under(x, y))
    if panel != 0 or not (0 <= across < blocks and 0 <= down < blocks):
        return {}
    cell, own = (down + 1, across + 1), controls["own"]
    more = with_own(scene.parts, [(down, across)], causal=scene.causal) != scene.parts
    changes = more.any() or cell in own.value
    return {"row": cell[0], "column": cell[1], "own": own.turned(cell) if changes else own.value}


def _settle_pattern(values: Values, moved: str, controls: Mapping[str, Any]) -> Values:
    """Blocks of another size are looked at from the middle again, without edges of one's own.

    The box to tick says whether one stands where row and column cross.
    """
    if moved == "block":
        blocks = TOKENS // values["block"]
        return {"row": blocks // 2 + 1, "column": blocks // 4 + 1, "own": (), "edge": False}
    cell = values["row"], values["column"]
    if moved == "edge" and values["edge"] != (cell in values["own"]):
        return {"own": controls["own"].turned(cell)}
    return {"edge": cell in values["own"]}


def pattern_caption(scene: PatternScene) -> str:
    """How dense the pattern is, what the block has heard, and how far news has to go."""
    blocks, now, before = len(scene.parts), scene.measures, scene.without
    told = (
        f"{blocks} blocks of {scene.pattern.block} tokens: {now.density:.1%} of the pairs "
        f"are computed. After {_layers(scene)} block {scene.row + 1} holds something "
        f"of {int(scene.reached.sum())} blocks; {_news(now)}"
    )
    if not scene.own:
        return told
    return (
        f"{told} Without yours, {_counted(scene.own, 'pair')} of blocks: {before.density:.1%}, "
        + (
            "and some never hear of each other."
            if before.reach_all is None
            else f"{before.path:.2f} layers on average, {before.reach_all} at most, "
            f"gap {before.gap:.3f}."
        )
    )


def _news(measures: Measures) -> str:
    """How far news has to go, in words."""
    if measures.reach_all is None:
        return "some blocks never hear of each other, however many layers there are."
    return (
        f"from one block to another it takes {measures.path:.2f} layers on average, and "
        f"{measures.reach_all} at most. Spectral gap of the undirected graph: {measures.gap:.3f}."
    )


def pattern_explorer() -> Explorer[PatternScene]:
    """BigBird's pattern: its mask, its graph, and how far news gets layer by layer."""
    controls: dict[str, Any] = {
        "block": choice("tokens in a block", [16, 32, 64, 128], 16),
        "window": choice("window, blocks", [0, 1, 3, 5, 7], 3),
        "global_": count("global blocks", 2, 0, 4),
        "random": count("random blocks a row", 3, 0, 5),
        "seed": count("draw again", 0, 0, 20),
        "causal": tick("causal: nobody sees what comes later", False),
        "layers": count("layers", 1, 0, LAYERS),
        "row": Place("block looked at", TOKENS // 16 // 2 + 1, 1, TOKENS // 16, 1),
        "column": Place("column chosen", TOKENS // 16 // 4 + 1, 1, TOKENS // 16, 1),
        "own": Cells("edges of your own", ()),
        "edge": tick("yours: an edge where row and column cross", False),
    }

    def compute(
        row: int, column: int, own: Collection[Cell], edge: bool, **pattern: Any
    ) -> PatternScene:
        cells = [(i - 1, j - 1) for i, j in own]
        return pattern_scene(**pattern, row=row - 1, column=column - 1, own=cells)

    return Explorer(
        controls,
        compute,
        pattern_picture,
        pattern_caption,
        name="pattern",
        handles=partial(pattern_handles, controls=controls),
        taps=partial(pattern_taps, controls=controls),
        settle=partial(_settle_pattern, controls=controls),
        lecture=_PATTERN_LECTURE,
    )


_WINDOW_ALONE = {"global_": 0, "random": 0}
_PATTERN_LECTURE = (
    Prepared("15% of the pairs, and any two blocks meet within two layers", {}),
    Prepared("a window alone: news walks, through 63 layers at most", _WINDOW_ALONE),
    Prepared("one global block: two layers", {"global_": 1, "random": 0, "layers": 2}),
    Prepared("random blocks instead: five layers at most", {"global_": 0, "layers": 3}),
    Prepared("causal: no short way back from a global block, twelve layers", {"causal": True}),
)


BLOCK = 16  # tokens in a block, where a fact stands far before its question
BLOCKS = TOKENS // BLOCK


@dataclass(frozen=True)
class DistanceScene:
    """How long news takes from a fact to a question in the last block, by their distance."""

    distance: int  # in blocks
    layers: int
    hops: Array  # (BLOCKS,): layers from the block 0, 1, ... before the last one; inf for never
    ceilings: Array  # (BLOCKS,): accuracy that the graph allows, over questions in all blocks

    @property
    def arrived(self) -> float:
        """The layers after which the last block has heard of the fact; inf for never."""
        return float(self.hops[self.distance])

    @property
    def within(self) -> int:
        """How many of the blocks before the last one it has heard of after `layers` layers."""
        return int((self.hops[1:] <= self.layers).sum())


def distance_scene(
    window: int, global_: int, random: int, seed: int, causal: bool, distance: int, layers: int
) -> DistanceScene:
    """A fact `distance` blocks before a question in the last of `BLOCKS` blocks.

    The ceiling is that of a question with `ANSWERS` answers. Raises UserError as `BlockPattern`
    does.
    """
    pattern = BlockPattern(BLOCK, window, global_, random, seed)
    hops = block_pattern.hops(pattern.parts(BLOCKS, causal=causal) != NOTHING)
    reached = block_pattern.reach_by_distance(hops, layers)
    ceilings = np.array([ceiling(share, 1 / ANSWERS) for share in reached.tolist()])
    return DistanceScene(distance, layers, hops[-1, ::-1], ceilings)


_NEWS = svg.panel_frame((0, BLOCKS - 1), (0, LAYERS + 2))


def distance_picture(scene: DistanceScene) -> str:
    """Layers that the news takes, and the accuracy that a graph allows, against the distance."""
    news, allowed = _NEWS, svg.panel_frame(_NEWS.x, (0, 1.05))
    ticks, label = (0, 16, 32, 48, 63), "distance of fact and question, blocks"
    chance = allowed.at(BLOCKS - 1, 1 / ANSWERS)
    left = [
        news.axes(label, "layers until the last block has heard of it", ticks, range(0, 9, 2)),
        news.across(scene.layers, "", svg.WARM),
        svg.grip(*news.at(BLOCKS - 1, scene.layers), -1, 0),
        _arrivals(news, scene),
    ]
    right = [
        allowed.axes(label, "accuracy that the graph allows", ticks, svg.HALVES),
        allowed.across(1 / ANSWERS, "", svg.GREY),
        svg.text(chance[0] - 4, chance[1] + 14, "chance", svg.SMALL, svg.GREY, "end"),
        allowed.curve(range(BLOCKS), scene.ceilings.tolist(), svg.COOL, "stroke-width='2'"),
        svg.dot(*allowed.at(scene.distance, scene.ceilings[scene.distance]), 6, svg.WARM),
    ]
    alt = "layers that news takes, and the accuracy that the graph allows, against the distance"
    return svg.panels([svg.Panel("".join(left)), svg.Panel("".join(right))], alt)


def _arrivals(frame: svg.Frame, scene: DistanceScene) -> str:
    """A dot for each distance, hollow if the news comes after the layers looked at.

    Above the layers that are drawn it stands at "more" or "never".
    """
    shapes = []
    for level, words in ((LAYERS + 1, "more"), (LAYERS + 2, "never")):
        x, at = frame.at(0, level)
        shapes.append(svg.text(x - 7, at + 4, words, svg.SMALL, svg.GREY, "end"))
    for back, y in enumerate(_heights(scene)):
        within = scene.hops[back] <= scene.layers
        fill, edge = (svg.COOL, svg.COOL) if within else ("white", svg.GREY)
        shapes.append(svg.dot(*frame.at(back, y), 2, fill, f"stroke='{edge}'"))
    shapes.append(svg.dot(*frame.at(scene.distance, _heights(scene)[scene.distance]), 6, svg.WARM))
    return "".join(shapes)


def _heights(scene: DistanceScene) -> list[float]:
    """How high the dot of each distance stands, in layers."""
    shown = np.where(np.isinf(scene.hops), LAYERS + 2, np.minimum(scene.hops, LAYERS + 1))
    return shown.tolist()


def distance_handles(scene: DistanceScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The fact's dot, and the line of the layers."""

    def fact(x: float, y: float) -> Values:
        return {"distance": controls["distance"].on_grid(_NEWS.under(x, y)[0])}

    def layer(x: float, y: float) -> Values:
        return {"layers": controls["layers"].on_grid(_NEWS.under(x, y)[1])}

    dot = _NEWS.at(scene.distance, _heights(scene)[scene.distance])
    x, y = _NEWS.at(BLOCKS - 1, scene.layers)
    label = "the fact: right and left put it a block further from the question, or nearer"
    layers = "layers: up and down add one and take one away"
    return [
        Handle(
            "fact",
            label,
            f"{_counted(scene.distance, 'block')} before",
            dot,
            fact,
            ("distance", ""),
        ),
        Handle("layers", layers, f"{scene.layers}", (x + 4, y), layer, ("", "layers")),
    ]


def distance_caption(scene: DistanceScene) -> str:
    """When the fact's news arrives, how far the news comes from, and the ceiling."""
    never = int(np.isinf(scene.hops).sum())
    if scene.arrived == math.inf:
        arrives = "never arrives"
    else:
        arrives = f"arrives after {_counted(scene.arrived, 'layer')}"
    furthest = f"of {never} it never hears" if never else f"of all after {scene.hops.max():.0f}"
    return (
        f"The news of a fact {_counted(scene.distance, 'block')} before a question in the last one "
        f"{arrives}. After {_counted(scene.layers, 'layer')} the last block has heard of "
        f"{scene.within} of the {BLOCKS - 1} blocks before it; {furthest}. Over questions in all "
        "blocks, the graph "
        f"allows {scene.ceilings[scene.distance]:.0%} at this distance, but for luck."
    )


def distance_explorer() -> Explorer[DistanceScene]:
    """How far before a question a fact may stand for a pattern to join them in so many layers."""
    controls: dict[str, Any] = {
        "window": choice("window, blocks", [1, 3, 5, 7], 3),
        "global_": count("global blocks", 0, 0, 4),
        "random": count("random blocks a row", 0, 0, 5),
        "seed": count("draw again", 0, 0, 20),
        "causal": tick("causal: nobody sees what comes later", False),
        "distance": count("fact earlier, blocks", 16, 1, BLOCKS - 1),
        "layers": count("layers", 2, 1, LAYERS),
    }
    return Explorer(
        controls,
        distance_scene,
        distance_picture,
        distance_caption,
        name="distance",
        handles=partial(distance_handles, controls=controls),
        lecture=_DISTANCE_LECTURE,
    )


_DISTANCE_LECTURE = (
    Prepared("a window alone: a fact 16 blocks earlier arrives after 16 layers", {}),
    Prepared("a wider window: three blocks a layer", {"window": 7, "layers": 6}),
    Prepared("one global block: every fact arrives within two layers", {"global_": 1}),
    Prepared("causal: a global block hears of nothing later", {"global_": 1, "causal": True}),
    Prepared("random blocks: all is heard of within four layers", {"random": 3, "layers": 4}),
)
