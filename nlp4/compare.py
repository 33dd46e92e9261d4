"""The experiment of notebook 03: one encoder, many attentions, two tasks, equal steps, equal time.

A run is one task, one attention, one seed and one budget; each is kept as soon as it is finished,
and never repeated. Runs of one task and seed see the same batches in the same order and start
from the same weights. The learning rate rises, then falls to zero where the budget ends, so a
budget is a training of its own: reading an equal time off a longer training would be unfair to
whoever had not got to the small rates yet.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm.auto import tqdm

from nlp4.attention import Attend, attend
from nlp4.bigbird import BigBird
from nlp4.block_pattern import NOTHING, BlockPattern
from nlp4.corpus import Corpus, embedded_folder
from nlp4.encoder import Encoder, EncoderConfig
from nlp4.errors import UserError
from nlp4.files import write_text
from nlp4.interrupts import Stop, polite_interrupts
from nlp4.linformer import LinformerConfig, linformers
from nlp4.long_tasks import PackedBiographies, Recall, Task, packed_biographies
from nlp4.model import parameters_of
from nlp4.pattern_graph import hops
from nlp4.results import provenance
from nlp4.vocabulary import IGNORED

Say = Callable[[str], None]
Budget = Literal["steps", "time"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
PARTS = 32  # of a sequence, whose accuracy is kept apart
_EVALUATED = 8  # sequences at a time
_TRIALS = 3  # steps that tell the pace; the first one is not counted


@dataclass(frozen=True)
class Variant:
    """One attention: a Linformer's `k`, or a pattern's (window, global, random), or full."""

    summary: str
    k: int | None = None
    pattern: tuple[int, int, int] | None = None


VARIANTS: dict[str, Variant] = {
    "full": Variant("every place sees every place"),
    "linformer-16": Variant("16 mixtures of the keys", k=16),
    "linformer-64": Variant("64 mixtures of the keys", k=64),
    "linformer-256": Variant("256 mixtures of the keys", k=256),
    "window": Variant("a block and its two neighbours", pattern=(3, 0, 0)),
    "global": Variant("one global block", pattern=(0, 1, 0)),
    "random": Variant("three random blocks", pattern=(0, 0, 3)),
    "window+random": Variant("window and random blocks", pattern=(3, 0, 3)),
    "bigbird": Variant("window, global and random blocks", pattern=(3, 1, 3)),
}
TASKS = {
    "recall": "facts early in a sequence, questions late",
    "characters": "masked characters of packed biographies",
}


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run's figures beside its task, variant, seed and budget.

    Raises UserError for a number that is not positive.
    """

    steps: int = 600
    minutes: float = 2.0
    n: int = 1024
    block: int = 32
    layers: int = 2
    heads: int = 2
    width: int = 64
    batch: int = 8
    learning_rate: float = 4e-3
    warmup: float = 0.08  # share of the budget in which the rate rises
    clip: float = 1.0
    sequences: int = 64  # held out

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 < value < math.inf:
                raise UserError(f"{name} = {value:g}: choose more than 0")


@dataclass(frozen=True)
class Run:
    """One training."""

    task: str
    variant: str
    seed: int
    budget: Budget

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.task}.{self.variant}.{self.seed}.{self.budget}"


def runs_of(
    tasks: Iterable[str] = TASKS,
    variants: Iterable[str] = VARIANTS,
    seeds: Iterable[int] = range(3),
    budgets: Iterable[Budget] = BUDGETS,
) -> list[Run]:
    """Every combination, seed by seed. Raises UserError for an unknown word, with the known ones.

    A Linformer larger than the sequences is refused when it is made.
    """
    tasks, variants, budgets = list(tasks), list(variants), list(budgets)
    for kind, asked, known in (
        ("task", tasks, TASKS),
        ("variant", variants, VARIANTS),
        ("budget", budgets, BUDGETS),
    ):
        for word in asked:
            if word not in known:
                raise UserError(f"no {kind} {word!r}: choose from {', '.join(known)}")
    every = product(seeds, budgets, tasks, variants)
    return [Run(task, variant, seed, budget) for seed, budget, task, variant in every]


def attentions_of(variant: str, settings: Settings, seed: int) -> list[Attend]:
    """One attention for each layer. The seed also draws the projections and the random blocks."""
    found = VARIANTS[variant]
    if found.k is not None:
        config = LinformerConfig(settings.n, found.k, seed=seed)
        return list(linformers(config, layers=settings.layers, heads=settings.heads))
    pattern = pattern_of(variant, settings, seed)
    return [attend if pattern is None else BigBird(pattern)] * settings.layers


def pattern_of(variant: str, settings: Settings, seed: int) -> BlockPattern | None:
    """The variant's pattern; None if it has none."""
    parts = VARIANTS[variant].pattern
    return None if parts is None else BlockPattern(settings.block, *parts, seed=seed)


def task_of(name: str, settings: Settings, corpus: Corpus) -> Recall | PackedBiographies:
    """The task in the settings' size. Raises UserError if it does not fit."""
    if name == "recall":
        asked = settings.n * 3 // 16  # one place in four behind the facts
        return Recall(settings.n, questions=asked, sequences=settings.sequences)
    return packed_biographies(corpus, settings.n, settings.sequences)


def encoder_of(task: Task, variant: str, settings: Settings, seed: int) -> Encoder:
    """A fresh encoder for `task`. Neighbours mean something in text, and nothing in recall."""
    config = EncoderConfig(
        task.symbols,
        task.classes,
        task.n,
        settings.layers,
        settings.heads,
        settings.width,
        local=not isinstance(task, Recall),
    )
    generator = torch.Generator().manual_seed(seed)
    return Encoder(config, attentions_of(variant, settings, seed), generator)


def reach(task: Recall, pattern: BlockPattern, layers: int) -> float:
    """The share of pairs of a fact's place and a judged question's that `layers` layers join.

    Counted on the graph of blocks, and exact, since `encoder_of` gives this task an encoder without
    a convolution. Whoever gets nothing of the fact is right one time in `values`, so accuracy
    cannot pass `reach + (1 - reach) / values` but by luck. Heads must agree.
    """
    joined = hops(pattern.parts(pattern.blocks(task.n)) != NOTHING) <= layers
    block = np.arange(task.n) // pattern.block
    questions, facts = block[task.judged_from :], block[task.facts.start : task.facts.stop]
    return float(joined[np.ix_(questions, facts)].mean())


class _Training:
    """One run's model and how far it has come; a step is a function of the seed and its number."""

    def __init__(self, run: Run, settings: Settings, task: Task) -> None:
        self.run, self.settings, self.task = run, settings, task
        self.model = encoder_of(task, run.variant, settings, run.seed)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), settings.learning_rate, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.seconds = 0.0
        self.losses: list[float] = []  # bits

    @property
    def progress(self) -> float:
        """The share of the budget that is used up."""
        if self.run.budget == "steps":
            return len(self.losses) / self.settings.steps
        return self.seconds / (60 * self.settings.minutes)

    def step(self) -> None:
        """Draw a batch and learn from it."""
        started, done = time.perf_counter(), self.progress
        rising = min(1.0, (done + 1 / self.settings.steps) / self.settings.warmup)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * rising * max(0.0, 1 - done)
        rng = np.random.default_rng((self.run.seed, len(self.losses)))
        batch = self.task.batch(self.settings.batch, rng)
        loss = self.model.loss(batch.ids, batch.targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.losses.append(loss.item() / math.log(2))
        self.seconds += time.perf_counter() - started

    def curve(self, points: int = 20) -> list[tuple[int, float]]:
        """The mean loss in bits of each of `points` stretches, with the step at which it ends."""
        ends = np.linspace(0, len(self.losses), min(points, len(self.losses)) + 1).astype(int)
        return [
            (int(end), round(float(np.mean(self.losses[start:end])), 4))
            for start, end in pairwise(ends)
        ]


def train(run: Run, settings: Settings, task: Task, *, label: str = "") -> dict[str, Any]:
    """Train and judge one run: its row, ready for JSON.

    Raises KeyboardInterrupt if it was interrupted; what it had learnt is then lost.
    """
    training = _Training(run, settings, task)
    bar = tqdm(total=100, desc=label or run.name, leave=False, unit="%")
    with polite_interrupts() as stop, bar:
        _to_the_end(training, bar, stop)
    if stop:
        raise KeyboardInterrupt
    return {
        **asdict(run),
        "steps": len(training.losses),
        "seconds": round(training.seconds, 2),
        "characters": len(training.losses) * settings.batch * task.n,
        "parameters": parameters_of(training.model),
        "measure": task.measure,
        **judge(training.model, task),
        "reach": _reach(run, settings, task),
        "curve": training.curve(),
    }


def _reach(run: Run, settings: Settings, task: Task) -> float | None:
    pattern = pattern_of(run.variant, settings, run.seed)
    if pattern is None or not isinstance(task, Recall):
        return None
    return round(reach(task, pattern, settings.layers), 4)


def _to_the_end(training: _Training, bar: tqdm, stop: Stop) -> None:
    while training.progress < 1 and not stop:
        training.step()
        bar.update(min(100, round(100 * training.progress, 1)) - bar.n)
        bar.set_postfix_str(f"{np.mean(training.losses[-20:]):.3f} bits", refresh=False)


@torch.no_grad()
def judge(model: Encoder, task: Task) -> dict[str, Any]:
    """Mean bits and accuracy of the judged answers, and the accuracy of all by their place.

    Bits are the negative log2 of the probability of the right class. "by part" cuts the sequence
    into `PARTS` equal parts; None where nothing is asked. Parts before the judged ones count too.
    """
    held = task.held_out()
    parts = zip(held.ids.split(_EVALUATED), held.targets.split(_EVALUATED), strict=True)
    bits, right = [], []
    for ids, targets in parts:
        logits = model(ids)
        losses = F.cross_entropy(logits.mT, targets, ignore_index=IGNORED, reduction="none")
        bits.append(losses / math.log(2))
        right.append(logits.argmax(-1) == targets)
    asked, correct = held.targets != IGNORED, torch.cat(right)
    judged = asked.clone()
    judged[:, : task.judged_from] = False
    shares = [
        round(float(c[a].float().mean()), 4) if a.any() else None
        for a, c in zip(asked.chunk(PARTS, 1), correct.chunk(PARTS, 1), strict=True)
    ]
    return {
        "bits": round(float(torch.cat(bits)[judged].mean()), 4),
        "accuracy": round(float(correct[judged].float().mean()), 4),
        "judged": int(judged.sum()),
        "by part": shares,
    }


def compare(
    corpus: Corpus,
    out: Path,
    runs: Sequence[Run],
    settings: Settings | None = None,
    *,
    command: str = "python -m nlp4 compare",
    say: Say = print,
) -> list[dict[str, Any]]:
    """Do the runs that `out` does not hold yet; write `compare.json` and `compare.md` after each.

    Returns the rows of all finished runs in `out`, those of earlier calls too: other tasks,
    variants or seeds may be added later, or by another process at the same time. Raises UserError
    if `out` was made with other settings or data, KeyboardInterrupt after an interruption.
    """
    settings = settings or Settings()
    _claim(out, settings, corpus)
    tasks = {name: task_of(name, settings, corpus) for name in dict.fromkeys(r.task for r in runs)}
    left = [run for run in runs if not _path(out, run).exists()]
    if left:
        say(_expected(left, settings, tasks, len(runs)))
    for number, run in enumerate(left, 1):
        label = f"{number}/{len(left)} {run.name}"
        try:
            row = train(run, settings, tasks[run.task], label=label)
        except KeyboardInterrupt:
            kept = len(runs) - len(left) + number - 1
            raise KeyboardInterrupt(
                f"stopped; {kept} of {len(runs)} runs are kept, the same command does the rest"
            ) from None
        write_text(_path(out, run), json.dumps(row) + "\n")
        say(f"{label}: {row[row['measure']]:.3f} {row['measure']}, {row['seconds']:.0f} s")
        _gather(out, settings, corpus, command)
    return _gather(out, settings, corpus, command)


def _path(out: Path, run: Run) -> Path:
    return out / "runs" / f"{run.name}.json"


def _claim(out: Path, settings: Settings, corpus: Corpus) -> None:
    path, asked = out / "settings.json", {**asdict(settings), "data": _data(corpus)}
    if not path.exists():
        write_text(path, json.dumps(asked, indent=2) + "\n")
        return
    try:
        before = dict(json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError):
        raise UserError(f"{path} is damaged: choose another --out folder") from None
    changed = [
        f"{key} {before.get(key)!r}, now {value!r}"
        for key, value in asked.items()
        if before.get(key) != value
    ]
    if changed:
        raise UserError(
            f"{out} holds runs with other options ({'; '.join(changed)}): repeat its options to "
            "go on, or choose another --out folder"
        )


def _data(corpus: Corpus) -> str:
    """A checksum of the texts and of who is held out."""
    held = [question.name for question in corpus.dev]
    return sha256(json.dumps([corpus.biographies, held]).encode()).hexdigest()[:16]


def _expected(left: list[Run], settings: Settings, tasks: dict[str, Any], every: int) -> str:
    """How long the runs will take, by a few steps of each attention that has steps to take."""
    kinds = {(run.task, run.variant) for run in left if run.budget == "steps"}
    pace = {kind: _pace(kind, settings, tasks[kind[0]]) for kind in kinds}
    seconds = sum(
        settings.steps * pace[run.task, run.variant]
        if run.budget == "steps"
        else 60 * settings.minutes
        for run in left
    )
    done = every - len(left)
    return f"{len(left)} runs, about {seconds / 60:.0f} minutes; {done} are finished already"


def _pace(kind: tuple[str, str], settings: Settings, task: Task) -> float:
    training = _Training(Run(*kind, seed=0, budget="steps"), settings, task)
    seconds = []
    for _ in range(_TRIALS):
        training.step()
        seconds.append(training.seconds)
    return (seconds[-1] - seconds[0]) / (_TRIALS - 1)


def _gather(out: Path, settings: Settings, corpus: Corpus, command: str) -> list[dict[str, Any]]:
    """Read every finished run of `out`, sort them, and write the whole."""
    rows = [json.loads(path.read_text("utf-8")) for path in (out / "runs").glob("*.json")]
    rows.sort(key=_place)
    content = {
        "command": command,
        "settings": asdict(settings),
        "data": _data(corpus),
        "seeds": sorted({row["seed"] for row in rows}),
        "minutes": round(sum(row["seconds"] for row in rows) / 60, 1),
        "runs": rows,
        **provenance(),
    }
    # One run a line: indented to the last number, the file would be four times as long.
    text = re.sub(r'(\{"task")', r"\n\1", json.dumps(content))
    write_text(out / "compare.json", text + "\n")
    write_text(out / "compare.md", markdown(rows, settings))
    return rows


def _place(row: dict[str, Any]) -> tuple[int, ...]:
    known: dict[str, list[str]] = {
        "task": list(TASKS),
        "budget": list(BUDGETS),
        "variant": list(VARIANTS),
    }
    return (*(words.index(row[key]) for key, words in known.items()), row["seed"])


def read_comparison(path: Path | None = None) -> tuple[Settings, list[dict[str, Any]]]:
    """The settings and rows of an earlier comparison; by default those that come along.

    Raises UserError for a file that is missing or damaged.
    """
    path = path or embedded_folder().parent / "results" / "compare.json"
    try:
        content = json.loads(path.read_text("utf-8"))
        return Settings(**content["settings"]), list(content["runs"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{path} is missing or damaged: make it with python -m nlp4 compare --out DIR"
        ) from None


def markdown(rows: Sequence[dict[str, Any]], settings: Settings) -> str:
    """One Markdown table for each task: mean and range over the seeds, for either budget."""
    tables = [_table(task, rows, settings) for task in TASKS if _of(rows, task=task)]
    return "\n".join(tables)


def _of(rows: Sequence[dict[str, Any]], **wanted: object) -> list[dict[str, Any]]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _table(task: str, rows: Sequence[dict[str, Any]], settings: Settings) -> str:
    measure = _of(rows, task=task)[0]["measure"]
    heads = ["attention", "what it sees", "parameters"] + ["ceiling"] * (task == "recall")
    heads += [f"{measure}, {settings.steps} steps", "seconds"]
    heads += [f"{measure}, {settings.minutes:g} minutes", "steps"]
    lines = [f"{task}: {TASKS[task]}; n = {settings.n}; mean (lowest to highest)", ""]
    lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for variant, made in VARIANTS.items():
        found = _of(rows, task=task, variant=variant)
        if found:
            cells = [variant, made.summary, f"{found[0]['parameters']:,}"]
            if task == "recall":
                cells.append(_shown([_ceiling(row) for row in found], "accuracy"))
            for budget, cost in (("steps", "seconds"), ("time", "steps")):
                part = _of(found, budget=budget)
                cells.append(_shown([row[measure] for row in part], measure, seeds=True))
                cells.append(f"{np.mean([row[cost] for row in part]):.0f}" if part else "-")
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _ceiling(row: dict[str, Any]) -> float:
    """The accuracy that the graph allows; 1 for what is no graph."""
    reached = 1.0 if row["reach"] is None else row["reach"]
    return float(reached + (1 - reached) / Recall.values)


def _shown(values: list[float], measure: str, *, seeds: bool = False) -> str:
    if not values:
        return "-"
    form = "{:.1%}" if measure == "accuracy" else "{:.3f}"
    mean, low, high = (form.format(f(values)) for f in (np.mean, min, max))
    if not seeds:
        return mean if low == high else f"{mean} ({low} to {high})"
    number = f"{len(values)} seed{'s' * (len(values) > 1)}"
    return f"{mean} ({low} to {high}; {number})"
