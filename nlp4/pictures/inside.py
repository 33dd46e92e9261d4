"""Pictures of reaching into a model: whose row is read, where heads look, patches, and edits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nlp4.experiments.copying_heads import View, told
from nlp4.experiments.editing import Strengths
from nlp4.experiments.patching import Map
from nlp4.experiments.swapping import Grid
from nlp4.maths.copying import gap, margin, softmax
from nlp4.pictures import svg
from nlp4.pictures.controls import choice, count, number
from nlp4.pictures.explorer import Explorer, Handle, Prepared, Values


def _plainly(relation: str) -> str:
    return relation.replace("_", " ")


# Whose row is read


@dataclass(frozen=True)
class SwapScene:
    """What is said of each person with each one's row, of one relation; one cell is looked at."""

    grid: Grid
    relation: str
    asked: int  # who is asked about, from 0
    row: int  # whose row is read


_CELL = (79.0, 44.0)  # width and height of an answer's cell
_MOST = 12  # characters of an answer in it


def swap_picture(scene: SwapScene) -> str:
    """A row for each person asked about, a column for each row that is read; and who they are."""
    alt = f"{_plainly(scene.relation)} of each person with each person's row"
    return svg.panels([_swap_cells(scene), _swap_names(scene)], alt)


def _swap_cells(scene: SwapScene) -> svg.Panel:
    cells, (width, height) = scene.grid.answers[scene.relation], _CELL
    left, top = 24.0, 42.0
    body = [svg.text(left, 14, "columns: whose row is read; rows: who is asked about", svg.SMALL)]
    for i, row in enumerate(cells):
        for j, said in enumerate(row):
            x, y = left + j * width, top + i * height
            same = said.answer == cells[j][j].answer
            fill = svg.mixed(svg.COOL, 0.28) if same else svg.PALE
            here = (i, j) == (scene.asked, scene.row)
            edge = f"stroke='{svg.WARM}' stroke-width='3'" if here else "stroke='white'"
            body.append(svg.rectangle(x + 1, y + 1, width - 3, height - 3, fill, edge))
            shown, sure = svg.shortened(said.answer, _MOST), f"{said.probability:.0%}"
            body.append(svg.text(x + width / 2, y + 19, shown, svg.SMALL, svg.INK, "middle"))
            body.append(svg.text(x + width / 2, y + 34, sure, svg.SMALL, svg.INK, "middle"))
    for i in range(len(cells)):
        over, beside = (svg.BOLD if i == at else svg.SMALL for at in (scene.row, scene.asked))
        x, y = left + (i + 0.5) * width, top + (i + 0.5) * height + 4
        body.append(svg.text(x, 34, _letter(i), over, svg.INK, "middle"))
        body.append(svg.text(14, y, _letter(i), beside, svg.INK, "middle"))
    return svg.Panel("".join(body), height=top + len(cells) * height + 6)


def _swap_names(scene: SwapScene) -> svg.Panel:
    """The people, and what the colour says."""
    body = []
    for i, name in enumerate(scene.grid.names):
        own = scene.grid.answers[scene.relation][i][i].answer
        told = svg.shortened(f"{_letter(i)}: {name} ({own})", 48)
        body.append(svg.text(10, 34 + 20 * i, told, svg.SMALL))
    y = 44 + 20 * len(scene.grid.names)
    body.append(svg.rectangle(10, y, 14, 14, svg.mixed(svg.COOL, 0.28)))
    body.append(svg.text(30, y + 11, "the answer of the one whose row it is", svg.SMALL))
    return svg.Panel("".join(body), height=y + 24)


def _letter(i: int) -> str:
    return "ABCDEFGHIJ"[i]


def swap_caption(scene: SwapScene) -> str:
    """Who is asked about, whose row is read, and what is said."""
    names, cells = scene.grid.names, scene.grid.answers[scene.relation]
    said = cells[scene.asked][scene.row]
    rows = range(len(names))
    along = sum(cells[i][j].answer == cells[j][j].answer for i in rows for j in rows if i != j)
    whose = "own row" if scene.asked == scene.row else f"row of {names[scene.row]}"
    return (
        f"{_letter(scene.asked)}, {names[scene.asked]}, asked about ({_plainly(scene.relation)}) "
        f"with the {whose}: the model says {said.answer!r} ({said.probability:.0%}). With somebody "
        f"else's row, {along} of {len(names) * (len(names) - 1)} answers are the row's."
    )


def swap_explorer(grid: Grid) -> Explorer[SwapScene]:
    """Some people's rows, read in each other's questions."""
    last = len(grid.names)

    def compute(relation: str, asked: int, row: int) -> SwapScene:
        return SwapScene(grid, relation, asked - 1, row - 1)

    controls: dict[str, Any] = {
        "relation": choice("what is asked", list(grid.answers), next(iter(grid.answers))),
        "asked": count("who is asked about (row)", 1, 1, last),
        "row": count("whose row is read (column)", 1, 1, last),
    }
    return Explorer(
        controls, compute, swap_picture, swap_caption, name="swap", lecture=_SWAP_LECTURE
    )


_SWAP_LECTURE = (
    Prepared("everybody's own row", {}),
    Prepared("the second person's row in the first one's question", {"row": 2}),
    Prepared("the same of another relation", {"row": 2, "relation": "birth_year"}),
)


# Where heads look


@dataclass(frozen=True)
class HeadScene:
    """One head's logits where an answer starts, and what a copy would need."""

    view: View
    layer: int
    head: int
    eps: float

    @property
    def logits(self) -> np.ndarray:
        """The head's logits `(places,)`."""
        found: np.ndarray = self.view.logits[self.layer, self.head]
        return found

    @property
    def rest(self) -> float:
        """The others' logit, as if they were all equal."""
        return float(self.logits.max() - gap(self.logits))

    @property
    def needed(self) -> float:
        """What the largest logit must reach to have all but eps of the weight."""
        return self.rest + float(margin(len(self.logits), self.eps))


def head_picture(scene: HeadScene) -> str:
    """A bar for each place's logit, and two lines: the others' level, and what a copy needs."""
    logits, n = scene.logits, len(scene.logits)
    low = math.floor(min(float(logits.min()), scene.rest)) - 1
    high = math.ceil(max(float(logits.max()), scene.needed)) + 1
    wide, narrow = (_logits(scene, n, (low, high), width) for width in (svg.WIDTH, svg.HALF))
    return svg.either(wide, narrow, "a head's logit with each place of the question")


def _logits(scene: HeadScene, n: int, span: tuple[float, float], width: float) -> svg.Panel:
    frame = svg.Frame(34, 34, width - 44, 200, (0, n), span)
    best, ticks = int(scene.logits.argmax()), svg.round_ticks(*span)
    body = [frame.axes("", "logit with each place (nats)", (), ticks)]
    for i, logit in enumerate(scene.logits.tolist()):
        (x0, y), (x1, base) = frame.at(i, logit), frame.at(i + 1, span[0])
        colour = svg.WARM if i == best else svg.COOL
        body.append(svg.rectangle(x0 + 0.5, y, max(1.0, x1 - x0 - 1), base - y, colour))
        character = scene.view.question[i]
        body.append(svg.text((x0 + x1) / 2, base + 14, character, svg.MONO, svg.INK, "middle"))
    body.append(frame.across(scene.needed, f"a copy: all but {scene.eps:g}", svg.INK))
    body.append(frame.across(scene.rest, "", svg.GREY))
    note = "grey line: the others, as if they were all equal"
    body.append(svg.text(34, 272, note, svg.SMALL, svg.GREY))
    return svg.Panel("".join(body), width, 284)


def head_caption(scene: HeadScene) -> str:
    """Where the head looks, its gap, and whether that is a copy."""
    best = int(scene.logits.argmax())
    weight, above = float(softmax(scene.logits).max()), float(gap(scene.logits))
    needed = float(margin(len(scene.logits), scene.eps))
    verdict = "it copies" if above >= needed else "it does not copy"
    where = scene.view.question[best]
    shown = (
        f"the space behind {scene.view.question[:best].split(' ')[-1]!r}"
        if where == " "
        else repr(where)
    )
    return (
        f"Head {told((scene.layer, scene.head))} gives {weight:.1%} of its weight to {shown} "
        f"(place {best + 1} of {len(scene.logits)}). Its gap is {above:.2f} nats; all but "
        f"{scene.eps:g} takes {needed:.2f}, so {verdict}."
    )


def head_explorer(views: Sequence[View]) -> Explorer[HeadScene]:
    """Any head's logits where the answers to some questions start."""
    layers, heads, _ = views[0].logits.shape
    by_question = {view.question.removesuffix("⁇"): view for view in views}

    def compute(question: str, layer: int, head: int, eps: float) -> HeadScene:
        return HeadScene(by_question[question], layer - 1, head - 1, eps)

    controls: dict[str, Any] = {
        "question": choice("question", list(by_question), next(iter(by_question))),
        "layer": count("layer", 1, 1, layers),
        "head": count("head", 1, 1, heads),
        "eps": number("weight that may go elsewhere", 0.1, 0.01, 0.5, 0.01),
    }
    return Explorer(
        controls, compute, head_picture, head_caption, name="head-logits", lecture=_HEAD_LECTURE
    )


_HEAD_LECTURE = (
    Prepared("a head of the first layer that spreads its weight", {}),
    Prepared("one that copies", {"head": 3}),
    Prepared("a head of the second layer", {"layer": 2, "head": 2}),
)


# Patches


@dataclass(frozen=True)
class PatchScene:
    """One person's map, and the cell that is looked at."""

    map: Map
    site: int
    place: int

    @property
    def given(self) -> np.ndarray:
        """The probabilities of the donor's answer and of the own one in this cell `(2,)`."""
        found: np.ndarray = self.map.given[self.site, self.place]
        return found


_PATCH = svg.Frame(10, 58, 330, 108, (0, 1), (1, 0))  # the map, as shares of places and of sites
_SEEN = 0.06  # below that, a cell is as pale as the map


def patch_picture(scene: PatchScene) -> str:
    """The map: sites from the input up, a column a character; and both answers' bars."""
    alt = "the probability of the donor's answer after a patch of each place at each site"
    return svg.panels([_patch_map(scene), _patch_bars(scene)], alt)


def _patch_map(scene: PatchScene) -> svg.Panel:
    found = scene.map
    sites, places, _ = found.given.shape
    cell, height = _PATCH.width / places, _PATCH.height / sites
    x, y = _PATCH.left + scene.place * cell, _PATCH.top + (sites - 1 - scene.site) * height
    frame = f"stroke='{svg.INK}' stroke-width='2'"
    body = [
        svg.text(10, 16, f"how far the answer becomes {found.other!r}", svg.TITLE),
        svg.text(10, 34, "up: deeper in the model", svg.SMALL, svg.GREY),
        svg.rectangle(
            _PATCH.left, _PATCH.top, _PATCH.width, _PATCH.height, svg.mixed(svg.WARM, 0.06)
        ),
        *_changed(found, cell, height),
        svg.rectangle(x, y, cell, height, "none", frame),
        svg.grip(x + cell / 2, _PATCH.top - 4, 0, 1),
    ]
    for i, site in enumerate(found.sites):
        middle = _PATCH.top + (sites - 1 - i + 0.5) * height + 4
        style = svg.BOLD if i == scene.site else svg.SMALL
        body.append(svg.text(_PATCH.left + 6, middle, f"after: {site}", style + svg.HALO))
    shown = svg.shortened(found.question, 44)
    body.append(svg.text(10, 186, shown, svg.MONO))
    here = found.question[scene.place]
    body.append(svg.text(10, 206, f"looked at: place {scene.place + 1}, {here!r}", svg.SMALL))
    return svg.Panel("".join(body), svg.HALF, 216)


def _changed(found: Map, cell: float, height: float) -> Iterator[str]:
    """The cells in which the donor's answer is likely; the input is at the bottom."""
    sites = len(found.sites)
    for site, place in np.argwhere(np.nan_to_num(found.given[:, :, 0]) > _SEEN).tolist():
        x, y = _PATCH.left + place * cell, _PATCH.top + (sites - 1 - site) * height
        colour = svg.mixed(svg.WARM, float(found.given[site, place, 0]))
        yield svg.rectangle(x, y, cell, height, colour)


def _patch_bars(scene: PatchScene) -> svg.Panel:
    found = scene.map
    rows = (
        (f"{found.other!r}, without a patch", found.before[0], svg.WARM, True),
        (f"{found.other!r}, with it", float(scene.given[0]), svg.WARM, False),
        (f"{found.own!r}, without a patch", found.before[1], svg.COOL, True),
        (f"{found.own!r}, with it", float(scene.given[1]), svg.COOL, False),
    )
    body = [svg.text(10, 16, "probability of two answers", svg.TITLE)]
    for i, (label, share, colour, pale) in enumerate(rows):
        body.append(
            _bar(10, 30 + 44 * i, label, share, svg.mixed(colour, 0.45) if pale else colour)
        )
    return svg.Panel("".join(body), svg.HALF, 216)


def _bar(x: float, y: float, label: str, share: float, colour: str) -> str:
    """A labelled bar; NaN is no bar, and says so."""
    told = "nothing to patch with" if math.isnan(share) else f"{share:.1%}"
    share = 0.0 if math.isnan(share) else share
    return (
        svg.text(x, y + 10, f"{svg.shortened(label, 36)}: {told}", svg.SMALL)
        + svg.rectangle(x, y + 15, 330, 12, svg.PALE)
        + svg.rectangle(x, y + 15, 330 * share, 12, colour)
    )


def patch_caption(scene: PatchScene) -> str:
    """What the model says once this place is patched."""
    found = scene.map
    other, own = scene.given.tolist()
    at = f"place {scene.place + 1} of {found.given.shape[1]}, {found.question[scene.place]!r}"
    if math.isnan(other):
        return f"The donor {found.donor!r} has no place beside {at}: nothing is patched."
    return (
        f"Patched after {found.sites[scene.site]} at {at}: {found.other!r}, which "
        f"{found.donor!r} asks for, has {other:.1%}, where it had {found.before[0]:.1%}; "
        f"{found.own!r} has {own:.1%}, where it had {found.before[1]:.1%}."
    )


def patch_handles(scene: PatchScene, controls: Mapping[str, Any]) -> list[Handle]:
    """The cell that is looked at."""
    sites, places, _ = scene.map.given.shape
    names = scene.map.sites

    def moves(x: float, y: float) -> Values:
        across, down = _PATCH.under(x, y)
        site = min(max(math.floor((1 - down) * sites), 0), sites - 1)
        place = min(max(math.floor(across * places), 0), places - 1) + 1
        return {"site": names[site], "place": controls["place"].on_grid(place)}

    at = _PATCH.at((scene.place + 0.5) / places, (sites - 1 - scene.site + 0.5) / sites)
    told = f"place {scene.place + 1}, after {names[scene.site]}"
    label = "cell: left and right take the next place, up and down the next depth"
    return [Handle("cell", label, told, at, moves, ("place", "site"))]


def patch_explorer(maps: Sequence[Map]) -> Explorer[PatchScene]:
    """Activation patching, from one question into another, cell by cell."""
    longest = max(found.given.shape[1] for found in maps)
    sites, mask = maps[0].sites, maps[0].given.shape[1]
    controls: dict[str, Any] = {
        "person": count("person", 1, 1, len(maps)),
        "site": choice("patched after", list(sites), sites[0]),
        "place": count("place", 6, 1, longest),
    }

    def compute(person: int, site: str, place: int) -> PatchScene:
        found = maps[person - 1]
        return PatchScene(found, sites.index(site), min(place, found.given.shape[1]) - 1)

    return Explorer(
        controls,
        compute,
        patch_picture,
        patch_caption,
        name="patch",
        handles=partial(patch_handles, controls=controls),
        lecture=(
            Prepared("the space behind the first word, before the first layer", {}),
            Prepared("the same place, one layer later", {"site": sites[1]}),
            Prepared("the mask, after layer 1", {"site": sites[1], "place": mask}),
        ),
    )


# Edits


@dataclass(frozen=True)
class EditScene:
    """One person's edit, and the strength that is looked at."""

    edit: Strengths
    at: int  # of the strengths


def edit_picture(scene: EditScene) -> str:
    """Old and new place by strength, and what is left of the other answers."""
    alt = "probabilities of the old and the new birthplace, and of other answers, by strength"
    return svg.panels([_places(scene), _others(scene)], alt)


def _places(scene: EditScene) -> svg.Panel:
    edit = scene.edit
    body = [
        _edit_frame(edit).axes("strength", "probability of the answer", _ticks(edit), svg.HALVES)
    ]
    for column, colour in ((0, svg.COOL), (1, svg.WARM)):
        body.append(_line(edit, edit.given[:, column], colour))
    body.append(_edit_frame(edit).up(edit.strengths[scene.at], "", svg.INK))
    body.append(svg.text(46, 296, f"blue: {edit.old!r}, as it was", svg.SMALL, svg.COOL))
    body.append(svg.text(46, 314, f"orange: {edit.new!r}, as edited", svg.SMALL, svg.WARM))
    return svg.Panel("".join(body), svg.HALF, 324)


def _others(scene: EditScene) -> svg.Panel:
    edit = scene.edit
    title = "the same person's other answers"
    body = [_edit_frame(edit).axes("strength", title, _ticks(edit), svg.HALVES)]
    for i, (relation, (answer, given)) in enumerate(edit.others.items()):
        body.append(_line(edit, given, svg.COOL, _OTHER_DASHES[i]))
        words = f"{_OTHER_NAMES[i]}: {_plainly(relation)}, {svg.shortened(repr(answer), 18)}"
        body.append(svg.text(46, 296 + 18 * i, words, svg.SMALL))
    body.append(_edit_frame(edit).up(edit.strengths[scene.at], "", svg.INK))
    return svg.Panel("".join(body), svg.HALF, 342)


_OTHER_DASHES = ("", "stroke-dasharray='6 3'", "stroke-dasharray='2 3'")
_OTHER_NAMES = ("line", "dashes", "dots")


def _edit_frame(edit: Strengths) -> svg.Frame:
    return svg.panel_frame((0, edit.strengths[-1]), (0, 1))


def _ticks(edit: Strengths) -> list[float]:
    return [strength for strength in edit.strengths if strength == int(strength)]


def _line(edit: Strengths, given: np.ndarray, colour: str, dashes: str = "") -> str:
    width = f"stroke-width='2' {dashes}"
    return _edit_frame(edit).curve(edit.strengths, given.tolist(), colour, width)


def edit_caption(scene: EditScene) -> str:
    """Both places' probabilities, and how many other answers are still likely."""
    edit = scene.edit
    old, new = edit.given[scene.at].tolist()
    kept = sum(given[scene.at] >= given[0] / 2 for _, given in edit.others.values())
    return (
        f"{edit.name}, strength {edit.strengths[scene.at]:g}: {edit.new!r} has {new:.1%} and "
        f"{edit.old!r} {old:.1%}. Of {len(edit.others)} other answers, {kept} have at least half "
        "of the probability that they had."
    )


def edit_explorer(edits: Sequence[Strengths]) -> Explorer[EditScene]:
    """A birthplace edited in closed form, by strength."""
    strengths = edits[0].strengths
    controls: dict[str, Any] = {
        "person": count("person", 1, 1, len(edits)),
        "strength": choice("strength", list(strengths), 2.5),
    }

    def compute(person: int, strength: float) -> EditScene:
        return EditScene(edits[person - 1], strengths.index(strength))

    return Explorer(
        controls, compute, edit_picture, edit_caption, name="edit", lecture=_EDIT_LECTURE
    )


_EDIT_LECTURE = (
    Prepared("strong enough", {}),
    Prepared("too weak", {"strength": 1.0}),
    Prepared("so strong that other answers fall", {"strength": 4.0}),
)
