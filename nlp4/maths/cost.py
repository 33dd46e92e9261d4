"""What a self-attention layer costs, counted: multiply-adds forward, and numbers kept.

One layer of width w on n positions: projections to queries, keys and values and back (4 n w^2
with full attention), and the attention itself, two products of (queries x keys) with width w.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nlp4.maths.block_pattern import BlockPattern


@dataclass(frozen=True)
class Cost:
    """Multiply-adds of one forward pass, and how many attention weights there are a head."""

    multiply_adds: int
    weights: int


def full(n: int, width: int) -> Cost:
    """Every query against every key."""
    return Cost(4 * n * width**2 + 2 * n * n * width, n * n)


def linformer_as_written(n: int, width: int, k: int) -> Cost:
    """All n keys and values made, then mixed: E K and F V of softmax(q (E K)^T) (F V)."""
    k = min(k, n)
    mixing = 2 * n * k * width
    return Cost(4 * n * width**2 + mixing + 2 * n * k * width, n * k)


def linformer(n: int, width: int, k: int) -> Cost:
    """The input mixed down to k rows, keys and values made of those: E (X W) = (E X) W.

    Exact where all heads share one matrix E = F and keys and values have no bias, as in the
    workbook's own layer; it makes 2 k rows of keys and values instead of 2 n, and mixes once.
    """
    k = min(k, n)
    mixing = k * n * width
    projections = 2 * n * width**2 + 2 * k * width**2
    return Cost(mixing + projections + 2 * n * k * width, n * k)


def bigbird(n: int, width: int, pattern: BlockPattern) -> Cost:
    """The pairs of blocks that the pattern lists."""
    pairs = len(pattern.edges(pattern.blocks(n))) * pattern.block**2
    return Cost(4 * n * width**2 + 2 * pairs * width, pairs)


def break_even(
    width: int,
    k: int,
    count: Callable[[int, int, int], Cost] = linformer_as_written,
    *,
    longest: int = 2**20,
) -> int:
    """The shortest n from which Linformer does fewer multiply-adds than full attention.

    As the formula is written it is 2 k + 1 for every width.
    """
    n = 1
    while n < longest and count(n, width, k).multiply_adds >= full(n, width).multiply_adds:
        n += 1
    return n
