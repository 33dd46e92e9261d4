"""The benchmark of attention, but for its times: who is measured, the bounds, the tables."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nlp4.experiments.speed import SIZES, layers_for
from nlp4.models.attention import dense_reference
from nlp4.models.bigbird import BigBird
from nlp4.models.block_sparse import PublicKernel

ROOT = Path(__file__).resolve().parents[1]


def loaded() -> ModuleType:
    """benchmarks/attention.py, which is no part of the package."""
    name = "benchmarks_attention"
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / "attention.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


bench = loaded()
Cell, FORWARD, BOTH = bench.Cell, bench.FORWARD, bench.BOTH
NAMES = list(bench.CONTENDERS)


def contender(name: str) -> bench.Contender:
    found = bench.CONTENDERS[name]
    if not found.is_installed():
        pytest.skip(f"{found.package} is not installed: {bench.INSTALL}")
    return found


# Who is measured


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [128, 1024])  # Hugging Face attends fully below 705 tokens
def test_each_contender_keeps_the_shape_of_its_input(name: str, n: int) -> None:
    layer = contender(name).make(n).eval()
    x = torch.randn(1, n, bench.WIDTH, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        out = layer(x)
    assert out.shape == x.shape
    assert out.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_backward_call_reaches_input_and_parameters(name: str) -> None:
    parameters = list(contender(name).make(128).parameters())
    gradients = bench.make_call(name, 128, BOTH)()
    assert [g.shape for g in gradients] == [(1, 128, bench.WIDTH), *(p.shape for p in parameters)]
    assert all(g.abs().sum() > 0 for g in gradients if g.ndim > 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_forward_call_keeps_no_graph(name: str) -> None:
    contender(name)
    assert not bench.make_call(name, 128, FORWARD)().requires_grad


def test_hugging_face_is_measured_with_its_sparse_attention_where_it_has_one() -> None:
    make = contender("hugging face").make
    assert type(make(704).attention).__name__ == "BigBirdSelfAttention"
    assert type(make(768).attention).__name__ == "BigBirdBlockSparseAttention"


@pytest.mark.parametrize("name", ["full", "bigbird", "linformer"])
def test_our_layers_are_those_that_the_notebook_times(name: str) -> None:
    ours, timed = bench.CONTENDERS[name].make(320), layers_for(320)[name]
    assert type(ours) is type(timed)
    x = torch.randn(1, 320, bench.WIDTH, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        torch.testing.assert_close(ours(x), timed(x), rtol=0, atol=0)
    assert bench.as_json({}, [], 1.0)["settings"].items() >= SIZES.items()


def test_full_is_softmax_attention_of_all_heads() -> None:
    layer = bench.CONTENDERS["full"].make(50)
    x = torch.randn(1, 50, bench.WIDTH, generator=torch.Generator().manual_seed(2))
    q, k, v = (
        part.reshape(1, 50, bench.HEADS, -1).transpose(1, 2)
        for part in (layer.q(x), *layer.kv(x).split(256, 2))
    )
    mixed, _ = dense_reference(q.double(), k.double(), v.double())
    expected = layer.out(mixed.transpose(1, 2).reshape(1, 50, -1).float())
    torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_our_linformer_with_e_and_f_apart_is_what_the_package_computes() -> None:
    n = 320
    theirs, ours = contender("package").make(n), contender("linformer apart").make(n)
    ours.q.weight.copy_(theirs.to_q.weight)
    ours.kv.weight.copy_(torch.cat([theirs.to_k.weight, theirs.to_v.weight]))
    ours.attention.e.copy_(theirs.proj_k.T[None])
    ours.attention.f.copy_(theirs.proj_v.T[None])
    ours.out.load_state_dict(theirs.to_out.state_dict())
    x = torch.randn(1, n, bench.WIDTH, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


def counted_flops(layer: torch.nn.Module, n: int) -> int:
    """What torch counts where attention is made of plain matrix products."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        layer(torch.zeros(1, n, bench.WIDTH))
    return counter.get_total_flops()


@pytest.mark.parametrize("n", [128, 1024])
@pytest.mark.parametrize("name", ["full", "bigbird", "linformer"])
def test_arithmetic_is_what_torch_counts(name: str, n: int) -> None:
    layer = bench.CONTENDERS[name].make(n)
    if name == "bigbird":
        layer.attention = BigBird(bench.PATTERN, PublicKernel())  # the counter knows this one
    flops = counted_flops(layer, n)  # two for each multiply and add
    assert 2 * bench.arithmetic(name, n).multiply_adds == flops


@pytest.mark.parametrize(("n", "times"), [(4096, 4.0), (16384, 14.7)])
def test_bound_of_bigbird_by_hand(n: int, times: float) -> None:
    """Blocks of 64; two rows see all, the others at most eight: full over that, per token."""
    blocks = n // 64
    scores = 4 * (2 * blocks + 8 * (blocks - 2)) / blocks * 64 * 256
    by_hand = (8 * 256**2 + 4 * n * 256) / (8 * 256**2 + scores)
    assert bench.bound("bigbird", n) == pytest.approx(by_hand, rel=0.01)
    assert bench.bound("bigbird", n) == pytest.approx(times, abs=0.1)


def test_bounds_grow_with_the_length() -> None:
    for name in ("bigbird", "linformer"):
        bounds = [bench.bound(name, n) for n in (*bench.LENGTHS, *bench.LONG)]
        assert bounds == sorted(bounds)
        assert bounds[0] >= 1


# Measuring


@pytest.mark.parametrize(
    ("half", "reason"),
    [
        (None, ""),
        (Cell((15.0, 16.0), 2499.0), ""),
        (Cell((1.0,), None), ""),
        (Cell((15.1,), 10.0), "up to 60 s expected; the limit is 60 s"),
        (Cell((1.0,), 2501.0), "up to 10,004 MB expected; the limit is 10,000 MB"),
        (Cell(skipped="up to 75 s"), "so was half the length"),
    ],
)
def test_what_would_take_too_long_or_too_much_is_skipped(
    half: bench.Cell | None, reason: str
) -> None:
    assert bench.reason_to_skip(half, 10_000) == reason


def test_a_skipped_cell_is_neither_called_nor_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    def weighed(name: str, n: int, mode: str) -> float:
        if name == "linformer":
            raise MemoryError("there was not enough memory")
        return 7.0

    monkeypatch.setattr(bench, "memory_of_fresh_process", weighed)
    before = {("full", 64, FORWARD): Cell((100.0,), 1.0)}
    cells = bench.measure_row(["full", "bigbird", "linformer"], 128, FORWARD, 1e-9, before)
    assert cells["full", 128, FORWARD].skipped.startswith("up to 400 s")
    assert cells["linformer", 128, FORWARD] == Cell(skipped="there was not enough memory")
    assert len(cells["bigbird", 128, FORWARD].seconds) == 3
    assert cells["bigbird", 128, FORWARD].megabytes == 7.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no high-water mark")
def test_memory_is_that_of_the_call_alone() -> None:
    """At least what the layer must hold, and not what this process has held before."""
    ballast = np.ones(400 * 10**6 // 8)
    del ballast
    n = 4096
    must = 5 * n * bench.WIDTH * 4 / 1e6  # queries, keys, values, mixed values, output: 21 MB
    found = bench.memory_of_fresh_process("full", n, FORWARD)
    assert must * 0.9 < found < must * 2


# Telling


def made_up() -> Iterator[tuple[tuple[str, int, str], bench.Cell]]:
    """Milliseconds and MB such that every bar is reached but the ones that a test changes."""
    for n in (1024, 4096, 16384):
        for mode in (FORWARD, BOTH):
            size = n / 1024
            for name, each in {
                "full": Cell((0.020 * size**2, 0.021 * size**2), 5 * size),
                "bigbird": Cell((0.021 * size, 0.020 * size), 2 * size),
                "bigbird padded": Cell((0.021 * size,), 2 * size),
                "hugging face": Cell((0.240 * size,), 40 * size),
                "linformer": Cell((0.010 * size, 0.012 * size), 1.5 * size),
                "linformer apart": Cell((0.010 * size, 0.010 * size), 1.5 * size),
                "package": Cell((0.020 * size, 0.018 * size), 4 * size),
            }.items():
                yield (name, n, mode), each


LENGTHS = (1024, 4096, 16384)


def verdicts(cells: bench.Cells, lengths: tuple[int, ...] = LENGTHS) -> dict[str, str]:
    """What each row says, by its first column."""
    lines = bench.claims_table(bench.claims(cells, lengths)).splitlines()[2:]
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    return {what: f"{bar}: {measured}, {reached}" for what, bar, measured, reached in rows}


def test_table_shows_the_minimum_and_marks_single_calls() -> None:
    cells = dict(made_up())
    cells["full", 16384, FORWARD] = Cell(skipped="up to 75 s expected; the limit is 60 s")
    del cells["package", 4096, FORWARD]
    table = bench.table(cells, LENGTHS, FORWARD, bench.shown_time).splitlines()
    assert table[0] == (
        "| n | full | our BigBird | our BigBird, a tenth padding | Hugging Face BigBird "
        "| our Linformer | our Linformer, E and F apart | `linformer` package |"
    )
    assert table[2] == "| 1,024 | 20.0 | 20.0 | 21.0* | 240* | 10.0 | 10.0 | 18.0 |"
    assert table[3] == "| 4,096 | 320 | 80.0 | 84.0* | 960* | 40.0 | 40.0 |  |"
    assert table[4] == "| 16,384 | skipped | 320 | 336* | 3,840* | 160 | 160 | 288 |"
    assert bench.skipped_lines(cells) == (
        "- skipped: full, n = 16,384, forward: up to 75 s expected; the limit is 60 s"
    )


def test_table_of_memory_and_of_bounds() -> None:
    cells = dict(made_up())
    cells["full", 4096, BOTH] = Cell((1.0,), None)
    table = bench.table(cells, LENGTHS, BOTH, bench.shown_memory, bounds=True).splitlines()
    assert table[2].startswith("| 1,024 | 5.00 | 2.00 | 2.00 | 40.0 | 1.50 | 1.50 | 4.00 | ")
    assert table[3].startswith("| 4,096 |  | 8.00 | 8.00 | 160 |")
    assert table[4].endswith(f"| 14.7 | {bench.bound('linformer', 16384):.1f} |")
    assert len({line.count("|") for line in table}) == 1


def test_claims_of_made_up_measurements_hold() -> None:
    found = verdicts(dict(made_up()))
    our = "our BigBird, times as fast as"
    assert found[f"{our} Hugging Face BigBird, forward, n = 4,096"] == "at least 10: 12.00, yes"
    both = "forward and backward"
    assert found[f"{our} Hugging Face BigBird, {both}, n = 4,096"] == "at least 6: 12.00, yes"
    assert found[f"{our} full, forward, n = 16,384"] == "at least 9: 16.00, yes"
    everywhere = "wherever both ran"
    assert found[f"{our} full, {both}, {everywhere}"] == "at least 1: 1.00 (n = 1,024), yes"
    padded = "our BigBird, a tenth padding, times as fast as our BigBird, forward"
    assert found[f"{padded}, {everywhere}"] == "at least 0.909: 0.95 (n = 1,024), yes"
    package = "our Linformer, times as fast as `linformer` package, forward, wherever both ran"
    assert found[package] == "at least 1.7: 1.80 (n = 1,024), yes"


def test_each_claim_can_fail() -> None:
    cells = dict(made_up())
    for n, seconds in ((1024, 0.0223), (4096, 0.15), (16384, 1.0)):
        for mode in (FORWARD, BOTH):
            cells["bigbird", n, mode] = Cell((seconds * (1 if mode == FORWARD else 1.1),), 2.0)
    cells["bigbird padded", 1024, FORWARD] = Cell((0.0268,), 2.0)
    cells["package", 4096, BOTH] = Cell((0.05,), 1.0)
    found = verdicts(cells)
    our = "our BigBird, times as fast as"
    assert found[f"{our} Hugging Face BigBird, forward, n = 4,096"] == "at least 10: 6.40, no"
    both = "forward and backward"
    assert found[f"{our} Hugging Face BigBird, {both}, n = 4,096"] == "at least 6: 5.82, no"
    assert found[f"{our} full, forward, n = 16,384"] == "at least 9: 5.12, no"
    everywhere = "wherever both ran"
    assert found[f"{our} full, forward, {everywhere}"] == "at least 1: 0.90 (n = 1,024), no"
    padded = "our BigBird, a tenth padding, times as fast as our BigBird, forward"
    assert found[f"{padded}, {everywhere}"] == "at least 0.909: 0.83 (n = 1,024), no"
    package = f"our Linformer, times as fast as `linformer` package, {both}, wherever both ran"
    assert found[package] == "at least 1.7: 1.25 (n = 4,096), no"


def test_memory_claim_takes_the_worst_doubling() -> None:
    sizes = {512: 1.0, 1024: 2.0, 2048: 4.5, 4096: 9.0}
    cells = {("bigbird", n, FORWARD): Cell((1.0,), size) for n, size in sizes.items()}
    found = verdicts(cells, tuple(sizes))
    what = "our BigBird, memory for each doubling of n, forward"
    assert found[what] == "at most 2.2: 2.25 (1,024 to 2,048), no"
    cells["bigbird", 2048, FORWARD] = Cell((1.0,), 4.3)
    assert verdicts(cells, tuple(sizes))[what] == "at most 2.2: 2.15 (1,024 to 2,048), yes"


LAST = ("least 0.909", "least 1.7", "most 2.2")


def test_a_claim_says_no_more_than_was_measured() -> None:
    assert set(verdicts({}).values()) == {
        f"at {bar}: not measured," + " "
        for bar in (*("least 10", "least 6", "least 9", "least 1"), *LAST)
    }
    cells = dict(made_up())
    cells["full", 16384, FORWARD] = Cell(skipped="too long")
    what = "our BigBird, times as fast as full, forward, n = 16,384"
    assert verdicts(cells)[what] == "at least 9: not measured, "


def saved_rate(path: Path) -> float:
    return float(json.loads(path.read_text("utf-8"))["multiply_adds_a_second"])


def test_time_by_arithmetic_is_a_share_of_the_measured_time() -> None:
    cells = {("full", 1024, FORWARD): Cell((0.020, 0.030))}
    adds = bench.arithmetic("full", 1024).multiply_adds
    table = bench.arithmetic_table(cells, [1024], rate=100 * adds).splitlines()
    assert table[-1].startswith("| 1,024 | 10.0 (50%) | ")
    assert table[-1].count("%") == 1  # nothing else was measured


@pytest.mark.parametrize("name", ["full", "bigbird", "bigbird padded", "linformer"])
def test_bfloat16_is_off_by_its_rounding(name: str) -> None:
    error = bench.error_of_half(name, 320)
    assert 2**-9 / 4 < error < 16 * 2**-9
    assert bench.make_call(name, 320, bench.HALF)().dtype == torch.bfloat16


@torch.no_grad()
def test_padding_is_a_tenth_at_the_end_and_changes_no_other_place() -> None:
    plain, padded = (bench.CONTENDERS[name].make(640) for name in ("bigbird", "bigbird padded"))
    assert padded.padding.sum() == 64 and padded.padding[0, 576:].all()
    x = torch.randn(1, 640, bench.WIDTH, generator=torch.Generator().manual_seed(5))
    expected = plain(x, key_padding_mask=torch.arange(640)[None] >= 576)
    torch.testing.assert_close(padded(x), expected, rtol=0, atol=0)
    assert not torch.allclose(padded(x), plain(x), atol=1e-3)


def test_a_missing_peer_leaves_one_line_and_an_empty_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    package = bench.Contender("`linformer` package", bench._linformer_package, "not_installed_here")
    monkeypatch.setitem(bench.CONTENDERS, "package", package)
    monkeypatch.setattr(bench, "LENGTHS", (64, 128))
    monkeypatch.setattr(bench, "memory_of_fresh_process", lambda name, n, mode: n / 64)
    assert bench.main(["--seconds", "0.001", "--json", str(tmp_path / "out.json")]) == 0
    out = capsys.readouterr().out
    assert out.count('pip install -e ".[bench]"') == 1
    rows = [line for line in out.splitlines() if line.startswith("| 128 |")]
    arithmetic = [row for row in rows if row.count("|") == 5]
    assert len(arithmetic) == 1 and arithmetic[0].count("%)") == 3
    rows.remove(arithmetic[0])
    assert len(rows) == 7  # three tables of times, one of errors, three of memory
    assert all(row.split("|")[8] == "  " and row.split("|")[7].strip() for row in rows)
    assert saved_rate(tmp_path / "out.json") > 1e6
    saved = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert saved["provenance"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert {cell["name"] for cell in saved["cells"]} == set(bench.CONTENDERS) - {"package"}
    assert all(len(cell["seconds"]) >= 3 for cell in saved["cells"])
    assert saved["settings"]["pattern"]["block"] == 64


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_seconds_must_be_a_positive_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["--seconds", text])
    assert "give seconds, more than 0" in capsys.readouterr().err
