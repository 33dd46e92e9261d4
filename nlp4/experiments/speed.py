"""What a layer of attention takes in time and memory: measured here, and read from the stored file.

`python -m nlp4 bench attention --json data/results/attention.json` writes that file. It measures
more than `time_layers`: other packages, memory, and longer texts. Calls are timed in turn
(A B C A B C ...): a slow moment falls on all of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.attention import SelfAttention, attend
from nlp4.models.bigbird import BigBird
from nlp4.models.linformer import Linformer, LinformerConfig, LinformerSelfAttention, Share
from nlp4.support.errors import UserError
from nlp4.support.records import read_results

Call = Callable[[], object]
FEWEST, MOST = 3, 300  # repeats
ONCE = 10.0  # seconds: a call that takes longer is made once


def interleaved(
    calls: Mapping[str, Call], seconds: float, *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, tuple[float, ...]]:
    """Seconds of each call's repeats, about `seconds` of repeats a call, in turn.

    A first round warms up, and settles the numbers of repeats; it counts for calls over `ONCE`.
    Take the minimum: what else runs on the machine can only add to a time. Raises UserError if
    `seconds` is not positive.
    """
    if not seconds > 0:
        raise UserError(f"seconds = {seconds}: choose more than 0")

    def spent_by(call: Call) -> float:
        started = clock()
        call()
        return clock() - started

    first = {name: spent_by(call) for name, call in calls.items()}
    repeats = {name: repeats_of(spent, seconds) for name, spent in first.items()}
    found: dict[str, list[float]] = {name: [first[name]] * (not repeats[name]) for name in calls}
    rounds = max(repeats.values(), default=0)
    for i in range(rounds):
        for name, call in calls.items():
            # The fewer repeats are spread evenly over the rounds of the more.
            if (i + 1) * repeats[name] // rounds > i * repeats[name] // rounds:
                found[name].append(spent_by(call))
    return {name: tuple(times) for name, times in found.items()}


def repeats_of(first: float, seconds: float) -> int:
    """How often to repeat a call whose first run took `first` seconds; 0 if that one is enough."""
    return 0 if first > ONCE else min(max(int(seconds / max(first, 1e-9)), FEWEST), MOST)


FILE = "data/results/attention.json"
COMMAND = f"python -m nlp4 bench attention --json {FILE}"
TITLES = {
    "full": "full attention",
    "bigbird": "our BigBird",
    "hugging face": "Hugging Face BigBird",
    "linformer": "our Linformer",
    "package": "`linformer` package",
}
OURS = ("bigbird", "linformer")
FORWARD, BOTH = "forward", "forward and backward"
FORWARD_TIME = "time, forward"
Quantity = Literal["ms", "MB"]
Line = tuple[tuple[int, float], ...]  # (n, milliseconds or megabytes), the shortest n first
WHAT: dict[str, tuple[str, Quantity]] = {
    FORWARD_TIME: (FORWARD, "ms"),
    "time, forward and backward": (BOTH, "ms"),
    "memory, forward": (FORWARD, "MB"),
    "memory, forward and backward": (BOTH, "MB"),
}


@dataclass(frozen=True)
class Cell:
    """One layer at one length in one mode: the least of its times, and its peak memory.

    None where it was not measured; `skipped` then says why.
    """

    name: str
    n: int
    mode: str
    milliseconds: float | None
    megabytes: float | None = None
    skipped: str = ""


@dataclass(frozen=True)
class Speed:
    """All cells of one measuring, what was measured and on what."""

    cells: tuple[Cell, ...]
    settings: Mapping[str, Any]
    cores: int
    threads: int
    bounds: Mapping[str, Mapping[int, float]]  # full's forward arithmetic over each of `OURS`

    @property
    def lengths(self) -> tuple[int, ...]:
        """Every n, the shortest first."""
        return tuple(sorted({cell.n for cell in self.cells}))

    def line(self, name: str, what: str) -> Line:
        """A contender's values over n, for a key of `WHAT`; lengths without a value are left out.

        Raises UserError for an unknown key.
        """
        if what not in WHAT:
            raise UserError(f"no quantity {what!r}: choose from {', '.join(WHAT)}")
        mode, unit = WHAT[what]
        found = {
            cell.n: cell.milliseconds if unit == "ms" else cell.megabytes
            for cell in self.cells
            if (cell.name, cell.mode) == (name, mode)
        }
        return tuple((n, value) for n, value in sorted(found.items()) if value is not None)

    def bound(self, name: str) -> Line:
        """Forward milliseconds if time went with arithmetic: full's, over the ratio of both."""
        ratios = self.bounds.get(name, {})
        return tuple(
            (n, ms / ratios[n]) for n, ms in self.line("full", FORWARD_TIME) if n in ratios
        )


def read_speed(path: Path | None = None) -> Speed:
    """What was measured earlier; without a path, the file that comes along.

    Raises UserError, with the command that makes it, for a file that is missing or damaged.
    """
    return read_results("attention.json", COMMAND, _speed, path)


def _speed(content: dict[str, Any]) -> Speed:
    made = content["provenance"]
    return Speed(
        tuple(_cell(row) for row in content["cells"]),
        dict(content["settings"]),
        int(made["cores"]),
        int(made["threads"]),
        {
            name: {int(n): float(ratio) for n, ratio in ratios.items()}
            for name, ratios in content["bounds"].items()
        },
    )


def _cell(row: Mapping[str, Any]) -> Cell:
    seconds = row["seconds"]
    milliseconds = 1e3 * min(seconds) if seconds else None
    return Cell(
        row["name"], row["n"], row["mode"], milliseconds, row["megabytes"], row.get("skipped", "")
    )


def crossing(line: Line, other: Line) -> float | None:
    """The n from which `line` stays below `other`, over the lengths that both have.

    Between two measured lengths both are taken as powers of n. Returns the shortest length if
    `line` is below all along, and None if it is not below at the longest.
    """
    theirs = dict(other)
    gaps = [(n, math.log(value / theirs[n])) for n, value in line if n in theirs]
    if not gaps or gaps[-1][1] >= 0:
        return None
    for (n, gap), (after, lower) in reversed(list(pairwise(gaps))):
        if gap >= 0:
            share = gap / (gap - lower)
            return float(n * (after / n) ** share)
    return float(gaps[0][0])


def three_digits(value: float) -> str:
    """A time or a size as people write it: 1,230, 45.6 or 0.78."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


WIDTH, HEADS, K = 256, 8, 256
PATTERN = BlockPattern(block=64, window=3, global_=2, random=3)
SIZES: Mapping[str, Any] = {"width": WIDTH, "heads": HEADS, "k": K, "pattern": asdict(PATTERN)}


def layer_for(
    name: str, n: int, sizes: Mapping[str, Any] = SIZES, share: Share = "layerwise"
) -> nn.Module:
    """A fresh layer for `n` positions: `name` is "full", "bigbird" or "linformer".

    `sizes` has width, heads, k and pattern, as `SIZES`; `share` is the Linformer's. Raises
    UserError for what does not fit.
    """
    width, heads = sizes["width"], sizes["heads"]
    generator = torch.Generator().manual_seed(0)
    if name == "linformer":
        mixing = Linformer(LinformerConfig(n, min(sizes["k"], n), share), heads)
        return LinformerSelfAttention(width, mixing, generator)
    if name == "bigbird":
        pattern = BlockPattern(**sizes["pattern"])
        return SelfAttention(width, heads, BigBird(pattern), generator)
    return SelfAttention(width, heads, attend, generator, key_bias=False)


def layers_for(n: int, sizes: Mapping[str, Any] = SIZES) -> dict[str, nn.Module]:
    """A fresh layer of each kind. Raises UserError as `layer_for` does."""
    return {name: layer_for(name, n, sizes) for name in ("full", "bigbird", "linformer")}


def time_layers(
    lengths: Sequence[int], seconds: float, sizes: Mapping[str, Any] = SIZES
) -> list[Cell]:
    """Forward, and forward and backward, at each length, batch 1: about `seconds` in all.

    A time is the minimum over interleaved repeats. Raises UserError as `interleaved` does.
    """
    found = []
    for n in lengths:
        layers = layers_for(n, sizes)
        x, gradient = torch.randn(
            2, 1, n, sizes["width"], generator=torch.Generator().manual_seed(0)
        ).unbind()
        for mode in (FORWARD, BOTH):
            calls = {name: call_of(layer, x, gradient, mode) for name, layer in layers.items()}
            times = interleaved(calls, seconds / (2 * len(lengths) * len(calls)))
            found += [Cell(name, n, mode, 1e3 * min(each)) for name, each in times.items()]
    return found


def call_of(layer: nn.Module, x: torch.Tensor, gradient: torch.Tensor, mode: str) -> Call:
    """A call of the layer on `x`; in mode `BOTH`, it takes the gradients of `x` and the layer's."""
    if mode == FORWARD:
        return torch.no_grad()(lambda: layer(x))
    asked = x.clone().requires_grad_()
    wanted = [asked, *layer.parameters()]
    return lambda: torch.autograd.grad(layer(asked), wanted, gradient)
