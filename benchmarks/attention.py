"""How fast and how large one layer of self-attention is: full, ours, and two public packages.

    python -m nlp4 bench attention [--long] [--seconds 3] [--json FILE]

Prints Markdown: the time of a forward pass, of a forward and backward pass, and of a forward pass
under bfloat16 autocast with its error, for n = 512 to 16,384 (65,536 with `--long`); the memory
each takes; and the ratios beside the bars set for them. The times of a forward pass stand beside
what its arithmetic would take at the rate at which this machine multiplies large matrices.

Everybody computes a whole layer, batch 1: input (1, n, 256) to output, the projections of queries,
keys, values and output included. Calls are interleaved (A B C A B C ...), so a slow minute of the
machine falls on all. A time is the minimum over repeats: what else runs can only add to it.

Memory is measured in a fresh process each: the process's high-water mark after one call, less the
mark before it. The mark before it comes after the imports, a call at n = 128 that starts the
threads, and the making of layer and input; so the result is what the call itself takes:
activations, output, gradients.

With default settings it takes about a quarter of an hour, and Hugging Face up to 10 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nlp4.experiments.speed import (
    BOTH,
    FORWARD,
    HEADS,
    ONCE,
    PATTERN,
    WIDTH,
    Call,
    K,
    call_of,
    interleaved,
    layer_for,
)
from nlp4.maths import cost
from nlp4.maths.cost import Cost
from nlp4.support.errors import UserError
from nlp4.support.files import write_text
from nlp4.support.records import provenance

LENGTHS = (512, 1024, 2048, 4096, 8192, 16384)
LONG = (32768, 65536)
HALF = "forward, bfloat16"
MODES = (FORWARD, BOTH, HALF)
PADDED = 0.1  # share of the places, at the end, that are padding where some are
WARM_UP = 128  # tokens of the call before the memory of a process is read
LIMIT = 60.0  # seconds: a call that might take longer is not made
SHARE_OF_MEMORY = 0.75  # of the machine's: a call that might take more is not made
INSTALL = 'pip install -e ".[bench]"'


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return 0."""
    options = _parser().parse_args(arguments)
    if options.peak:
        name, n, mode = options.peak
        print(peak_megabytes(name, int(n), mode))
        return 0
    lengths = (*LENGTHS, *LONG) if options.long else LENGTHS
    missing = [name for name, each in CONTENDERS.items() if not each.is_installed()]
    names = [name for name in CONTENDERS if name not in missing]
    rate = multiply_adds_a_second(options.seconds)
    cells = measure(names, lengths, options.seconds)
    print(report(cells, lengths, rate, missing))
    if options.json:
        write_text(options.json, json.dumps(as_json(cells, lengths, rate), indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nlp4 bench attention", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--long", action="store_true", help="measure n = 32,768 and 65,536, too")
    parser.add_argument(
        "--seconds", type=_positive, default=3.0, metavar="S", help="repeats a cell (default: 3 s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measurements here")
    parser.add_argument("--peak", nargs=3, help=argparse.SUPPRESS)  # what a fresh process is asked
    return parser


def _positive(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text}: give seconds, more than 0")


# Who is measured


class HuggingFaceBigBird(nn.Module):
    """The attention of `transformers`, with a projection of the output behind it.

    Up to 5 + 2 * random blocks its model switches to full attention, and so does this. It draws no
    random blocks outside training, but computes as if there were some: measured so, it is spared
    the drawing. Its masks are made beforehand, since all layers of a model share them.
    """

    def __init__(self, n: int) -> None:
        super().__init__()
        from transformers import BigBirdConfig
        from transformers.models.big_bird import modeling_big_bird as bigbird

        config = BigBirdConfig(
            hidden_size=WIDTH,
            num_attention_heads=HEADS,
            max_position_embeddings=max(4096, n),
            block_size=PATTERN.block,
            num_random_blocks=PATTERN.random,
            attention_probs_dropout_prob=0.0,
        )
        self.masks: dict[str, Tensor] = {}
        if n <= (5 + 2 * PATTERN.random) * PATTERN.block:
            self.attention = bigbird.BigBirdSelfAttention(config)
        else:
            self.attention = bigbird.BigBirdBlockSparseAttention(config, seed=0)
            make_masks = bigbird.BigBirdModel.create_masks_for_block_sparse_attn
            blocked, band, rows, columns = make_masks(torch.ones(1, n), PATTERN.block)
            self.masks = dict(band_mask=band, from_mask=rows, to_mask=columns)
            self.masks |= dict(from_blocked_mask=blocked, to_blocked_mask=blocked)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.attention(x, **self.masks)[0])


class Padded(nn.Module):
    """A layer whose sequences end in padding."""

    def __init__(self, layer: nn.Module, n: int) -> None:
        super().__init__()
        self.layer = layer
        self.padding = torch.arange(n)[None] >= n - int(PADDED * n)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x, key_padding_mask=self.padding)


def _bigbird_padded(n: int) -> nn.Module:
    return Padded(layer_for("bigbird", n), n)


def _linformer_apart(n: int) -> nn.Module:
    return layer_for("linformer", n, share="headwise")


def _linformer_package(n: int) -> nn.Module:
    from linformer import LinformerSelfAttention as Package

    return Package(WIDTH, n, k=min(K, n), heads=HEADS)


@dataclass(frozen=True)
class Contender:
    """A layer to measure: what tables call it, how to make it for n tokens, what it needs."""

    title: str
    make: Callable[[int], nn.Module]
    package: str = "torch"

    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None


CONTENDERS = {
    "full": Contender("full", partial(layer_for, "full")),
    "bigbird": Contender("our BigBird", partial(layer_for, "bigbird")),
    "bigbird padded": Contender("our BigBird, a tenth padding", _bigbird_padded),
    "hugging face": Contender("Hugging Face BigBird", HuggingFaceBigBird, "transformers"),
    "linformer": Contender("our Linformer", partial(layer_for, "linformer")),
    "linformer apart": Contender("our Linformer, E and F apart", _linformer_apart),
    "package": Contender("`linformer` package", _linformer_package, "linformer"),
}


def arithmetic(name: str, n: int) -> Cost:
    """What a forward pass costs by arithmetic; `name` is "full", "bigbird" or "linformer"."""
    if name == "linformer":
        return cost.linformer(n, WIDTH, K)
    if name == "bigbird":
        return cost.bigbird(n, WIDTH, PATTERN)
    return cost.full(n, WIDTH)


def bound(name: str, n: int) -> float:
    """How many times full attention's forward speed `name` would have by arithmetic alone."""
    return arithmetic("full", n).multiply_adds / arithmetic(name, n).multiply_adds


# Measuring


def multiply_adds_a_second(seconds: float, size: int = 1024) -> float:
    """The rate at which this machine multiplies two square matrices: what can be had."""
    a, b = torch.randn(2, size, size, generator=torch.Generator().manual_seed(0)).unbind()
    times = interleaved({"product": lambda: a @ b}, seconds)["product"]
    return size**3 / min(times)


@dataclass(frozen=True)
class Cell:
    """One layer at one length in one mode: seconds of each repeat and MB (10^6 bytes) of a call.

    `error` is that of bfloat16, as a share of the output. `skipped` says why there are none.
    """

    seconds: tuple[float, ...] = ()
    megabytes: float | None = None
    error: float | None = None
    skipped: str = ""


Cells = dict[tuple[str, int, str], Cell]  # by name, length and mode


def make_call(name: str, n: int, mode: str) -> Call:
    """A call of a fresh layer on a fresh input; backward, it takes the gradients of all of it."""
    layer = CONTENDERS[name].make(n).eval()
    generator = torch.Generator().manual_seed(0)
    x, gradient = torch.randn(2, 1, n, WIDTH, generator=generator).unbind()
    if mode == HALF:
        return torch.autocast("cpu", torch.bfloat16)(call_of(layer, x, gradient, FORWARD))
    return call_of(layer, x, gradient, mode)


def error_of_half(name: str, n: int) -> float:
    """How far bfloat16's output is off, in root mean squares of the output itself."""
    exact, rounded = (make_call(name, n, mode)() for mode in (FORWARD, HALF))
    return float((rounded.float() - exact).norm() / exact.norm())


def measure(names: Sequence[str], lengths: Sequence[int], seconds: float) -> Cells:
    """All cells; tells on stderr how far it has come."""
    cells: Cells = {}
    for n in lengths:
        for mode in MODES:
            began = time.perf_counter()
            cells |= measure_row(names, n, mode, seconds, cells)
            spent = time.perf_counter() - began
            print(f"n = {n:,}, {mode}: measured in {spent:.0f} s", file=sys.stderr, flush=True)
    return cells


def measure_row(names: Sequence[str], n: int, mode: str, seconds: float, before: Cells) -> Cells:
    """The cells of one length and mode; `before` holds those of shorter lengths."""
    reasons = {
        name: reason_to_skip(before.get((name, n // 2, mode)), memory_limit()) for name in names
    }
    memory: dict[str, float | None] = {}
    for name in names:
        if not reasons[name]:
            try:
                memory[name] = memory_of_fresh_process(name, n, mode)
            except MemoryError as error:
                reasons[name] = str(error)
    calls = {name: make_call(name, n, mode) for name in memory}
    times = interleaved(calls, seconds)
    return {
        (name, n, mode): Cell(skipped=reasons[name])
        if name not in memory
        else Cell(times[name], memory[name], error_of_half(name, n) if mode == HALF else None)
        for name in names
    }


def reason_to_skip(half: Cell | None, megabytes: float) -> str:
    """Why not to measure at n, from the cell at n / 2; "" if there is nothing against it.

    Time and memory grow at most four times: Hugging Face's memory does, as it always makes the
    n x n weights of every head. `megabytes` is how much may be taken.
    """
    if half is None:
        return ""
    if half.skipped:
        return "so was half the length"
    if 4 * min(half.seconds) > LIMIT:
        return f"up to {4 * min(half.seconds):.0f} s expected; the limit is {LIMIT:.0f} s"
    if half.megabytes is not None and 4 * half.megabytes > megabytes:
        return f"up to {4 * half.megabytes:,.0f} MB expected; the limit is {megabytes:,.0f} MB"
    return ""


def memory_limit() -> float:
    """`SHARE_OF_MEMORY` in MB; no limit where the system does not tell its memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):  # Windows
        return float("inf")
    return SHARE_OF_MEMORY * memory / 1e6


def memory_of_fresh_process(name: str, n: int, mode: str) -> float | None:
    """`peak_megabytes` in a process of its own; None on Windows, which keeps no such mark.

    Raises MemoryError if the process dies of want of memory.
    """
    if sys.platform == "win32":
        return None
    command = [sys.executable, "-m", "nlp4", "bench", "attention", "--peak", name, str(n), mode]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0 or "can't allocate memory" in done.stderr:
        raise MemoryError("there was not enough memory")
    if done.returncode:
        raise UserError(f"{name} at n = {n} failed:\n{done.stderr.strip()}")
    return float(done.stdout.split()[-1])


def peak_megabytes(name: str, n: int, mode: str) -> float:
    """By how many MB (10^6 bytes) one call raises this process's high-water mark of memory."""
    make_call(name, WARM_UP, mode)()
    call = make_call(name, n, mode)
    lower_high_water()
    before = high_water()
    call()
    return (high_water() - before) / 1e6


def lower_high_water() -> None:
    """Set the mark to what is in use now, where the system can: imports may have needed more."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def high_water() -> int:
    """The most bytes of memory that this process has held at once.

    Linux: not getrusage's `ru_maxrss`, since a new process inherits that from the one it is
    started by, which has held all the layers.
    """
    with contextlib.suppress(OSError):
        found = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.M)
        if found:
            return int(found[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


# Telling


def report(cells: Cells, lengths: Sequence[int], rate: float, missing: Sequence[str] = ()) -> str:
    """Everything as Markdown; `rate` is that of `multiply_adds_a_second`."""
    counts = [len(cell.seconds) for cell in cells.values() if len(cell.seconds) > 1]
    parts = [_setting(), *(_how_to_install(CONTENDERS[name]) for name in missing)]
    for mode in MODES:
        parts += [
            f"Milliseconds, {mode}: the minimum over at least {min(counts, default=1)} "
            f"interleaved repeats (*: one call, of more than {ONCE:.0f} s).",
            table(cells, lengths, mode, shown_time, bounds=mode == FORWARD),
        ]
    parts += [arithmetic_told(rate), arithmetic_table(cells, lengths, rate)]
    parts += ["Error of bfloat16, in % of the output.", table(cells, lengths, HALF, shown_error)]
    for mode in MODES:
        parts += [
            f"Peak memory of a call in MB, {mode}.",
            table(cells, lengths, mode, shown_memory),
        ]
    parts += [skipped_lines(cells), "What was to be reached.", claims_table(claims(cells, lengths))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _setting() -> str:
    return (
        f"{provenance()['cores']} cores, {torch.get_num_threads()} threads, torch "
        f"{torch.__version__}, float32. One layer, batch 1, width {WIDTH}, {HEADS} heads; blocks "
        f"of {PATTERN.block}, window {PATTERN.window}, {PATTERN.global_} global and "
        f"{PATTERN.random} random ones; k = {K}."
    )


def _how_to_install(peer: Contender) -> str:
    return f"{peer.title} is not measured: {peer.package} is not installed; {INSTALL}"


def table(
    cells: Cells,
    lengths: Sequence[int],
    mode: str,
    shown: Callable[[Cell], str],
    *,
    bounds: bool = False,
) -> str:
    """A row a length, a column a contender; `bounds`: and full's arithmetic over ours."""
    heads = ["n", *(each.title for each in CONTENDERS.values())]
    if bounds:
        heads += ["bound by arithmetic: full / BigBird", "full / Linformer"]
    rows = [heads, ["---:"] * len(heads)]
    for n in lengths:
        found = [cells.get((name, n, mode)) for name in CONTENDERS]
        row = [f"{n:,}", *("" if cell is None else shown(cell) for cell in found)]
        if bounds:
            row += [f"{bound(name, n):.1f}" for name in ("bigbird", "linformer")]
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shown_time(cell: Cell) -> str:
    """The minimum in milliseconds, with a star if there was one call alone."""
    if cell.skipped:
        return "skipped"
    return _three_digits(min(cell.seconds) * 1e3) + "*" * (len(cell.seconds) == 1)


def arithmetic_told(rate: float) -> str:
    """What the table of `arithmetic_table` says."""
    return (
        f"Milliseconds that the multiply-adds of a forward pass take at {rate / 1e9:.0f} billion a "
        "second, the rate of a product of two matrices of 1,024 x 1,024, and the share of the "
        "measured time that they are."
    )


def arithmetic_table(cells: Cells, lengths: Sequence[int], rate: float) -> str:
    """A row a length: the time by arithmetic alone of full attention and of ours."""
    names = ("full", "bigbird", "linformer")
    rows = [["n", *(CONTENDERS[name].title for name in names)], ["---:"] * 4]
    for n in lengths:
        row = [f"{n:,}"]
        for name in names:
            least, cell = arithmetic(name, n).multiply_adds / rate, cells.get((name, n, FORWARD))
            spent = min(cell.seconds) if cell is not None and cell.seconds else None
            share = "" if spent is None else f" ({least / spent:.0%})"
            row.append(f"{_three_digits(least * 1e3)}{share}")
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shown_error(cell: Cell) -> str:
    """Percent; empty where there is none."""
    if cell.skipped:
        return "skipped"
    return "" if cell.error is None else f"{100 * cell.error:.2f}"


def shown_memory(cell: Cell) -> str:
    """Megabytes; empty where they cannot be measured."""
    if cell.skipped:
        return "skipped"
    return "" if cell.megabytes is None else _three_digits(cell.megabytes)


def _three_digits(value: float) -> str:
    return f"{value:,.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f}"


def skipped_lines(cells: Cells) -> str:
    """A line for each cell that was left out, with the reason."""
    return "\n".join(
        f"- skipped: {CONTENDERS[name].title}, n = {n:,}, {mode}: {cell.skipped}"
        for (name, n, mode), cell in cells.items()
        if cell.skipped
    )


@dataclass(frozen=True)
class Claim:
    """A ratio that was to be reached; `found` is None if something it needs was not measured."""

    what: str
    bar: float
    found: float | None
    at: str = ""  # where the worst of several ratios was found
    at_most: bool = False

    @property
    def holds(self) -> bool | None:
        if self.found is None:
            return None
        return self.found <= self.bar if self.at_most else self.found >= self.bar


def claims(cells: Cells, lengths: Sequence[int]) -> list[Claim]:
    """Every bar with the ratio that was measured."""
    found = [
        _speed(cells, "bigbird", "hugging face", FORWARD, [4096], 10),
        _speed(cells, "bigbird", "hugging face", BOTH, [4096], 6),
        _speed(cells, "bigbird", "full", FORWARD, [16384], 9),
    ]
    for mode in (FORWARD, BOTH):
        found += [
            _speed(cells, "bigbird", "full", mode, lengths, 1),
            _speed(cells, "bigbird padded", "bigbird", mode, lengths, 1 / 1.1),
            _speed(cells, "linformer", "package", mode, lengths, 1.7),
            _speed(cells, "linformer apart", "package", mode, lengths, 1.7),
        ]
        for ours in ("bigbird", "linformer", "linformer apart"):
            found.append(_growth(cells, ours, mode, lengths, 2.2))
    return found


def _speed(
    cells: Cells, ours: str, theirs: str, mode: str, lengths: Sequence[int], bar: float
) -> Claim:
    """Their time over ours, the lowest over the lengths at which both were measured."""
    ratios = {}
    for n in lengths:
        mine, other = cells.get((ours, n, mode)), cells.get((theirs, n, mode))
        if mine and other and mine.seconds and other.seconds:
            ratios[n] = min(other.seconds) / min(mine.seconds)
    where = f"n = {lengths[0]:,}" if len(lengths) == 1 else "wherever both ran"
    what = f"{CONTENDERS[ours].title}, times as fast as {CONTENDERS[theirs].title}, {mode}, {where}"
    if not ratios:
        return Claim(what, bar, None)
    worst = min(ratios, key=lambda n: ratios[n])
    return Claim(what, bar, ratios[worst], f"n = {worst:,}" if len(lengths) > 1 else "")


def _growth(cells: Cells, name: str, mode: str, lengths: Sequence[int], bar: float) -> Claim:
    """Memory at 2n over memory at n, the highest over the lengths."""
    what = f"{CONTENDERS[name].title}, memory for each doubling of n, {mode}"
    sizes = {n: cell.megabytes for n in lengths if (cell := cells.get((name, n, mode)))}
    ratios = {2 * n: sizes[2 * n] / low for n, low in sizes.items() if low and sizes.get(2 * n)}
    if not ratios:
        return Claim(what, bar, None, at_most=True)
    worst = max(ratios, key=lambda n: ratios[n])
    return Claim(what, bar, ratios[worst], f"{worst // 2:,} to {worst:,}", at_most=True)


def claims_table(found: Sequence[Claim]) -> str:
    """A row a claim: the bar, what was measured, and whether it holds."""
    lines = ["| what | bar | measured | reached |", "|---|---|---|---|"]
    for claim in found:
        bar = f"at {'most' if claim.at_most else 'least'} {claim.bar:.3g}"
        measured = "not measured" if claim.found is None else f"{claim.found:.2f}"
        at = f" ({claim.at})" if claim.at else ""
        holds = {True: "yes", False: "no", None: ""}[claim.holds]
        lines.append(f"| {claim.what} | {bar} | {measured}{at} | {holds} |")
    return "\n".join(lines)


def as_json(cells: Cells, lengths: Sequence[int], rate: float) -> dict[str, Any]:
    """All measurements with what they depend on."""
    return {
        "provenance": provenance(),
        "settings": {
            "batch": 1,
            "width": WIDTH,
            "heads": HEADS,
            "k": K,
            "pattern": asdict(PATTERN),
            "dtype": "float32",
        },
        "multiply_adds_a_second": rate,
        "cells": [
            {"name": name, "n": n, "mode": mode, **asdict(cell)}
            for (name, n, mode), cell in cells.items()
        ],
        "bounds": {name: {n: bound(name, n) for n in lengths} for name in ("bigbird", "linformer")},
        "claims": [{**asdict(claim), "holds": claim.holds} for claim in claims(cells, lengths)],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
