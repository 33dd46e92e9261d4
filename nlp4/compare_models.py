"""What one run of the comparison trains: its task, its attentions, its encoder, its ceiling."""

from __future__ import annotations

import numpy as np
import torch

from nlp4.attention import Attend, attend
from nlp4.bigbird import BigBird
from nlp4.block_pattern import NOTHING, BlockPattern
from nlp4.compare_settings import VARIANTS, Run, Settings
from nlp4.corpus import Corpus
from nlp4.encoder import Encoder, EncoderConfig
from nlp4.linformer import LinformerConfig, linformers
from nlp4.long_tasks import PackedBiographies, Recall, Task, packed_biographies
from nlp4.pattern_graph import hops


def task_of(name: str, settings: Settings, corpus: Corpus) -> Recall | PackedBiographies:
    """The task in the settings' size. Raises UserError if it does not fit."""
    if name == "recall":
        return recall_of(settings)
    return packed_biographies(corpus, settings.n, settings.sequences)


def recall_of(settings: Settings) -> Recall:
    """The recall task in the settings' size. Raises UserError if it does not fit."""
    asked = settings.n * 3 // 16  # one place in four behind the facts
    return Recall(settings.n, questions=asked, sequences=settings.sequences)


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
    a convolution. Accuracy cannot pass `nlp4.long_tasks.ceiling` of it but by luck. Heads must
    agree.
    """
    joined = hops(pattern.parts(pattern.blocks(task.n)) != NOTHING) <= layers
    block = np.arange(task.n) // pattern.block
    questions, facts = block[task.judged_from :], block[task.facts.start : task.facts.stop]
    return float(joined[np.ix_(questions, facts)].mean())


def reach_of(run: Run, settings: Settings, task: Task) -> float | None:
    """The run's `reach`; None for a task without facts, and for an attention without a pattern."""
    pattern = pattern_of(run.variant, settings, run.seed)
    if pattern is None or not isinstance(task, Recall):
        return None
    return round(reach(task, pattern, settings.layers), 4)
