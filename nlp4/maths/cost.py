"""What a self-attention layer costs, counted: multiply-adds forward, and numbers kept.

One layer of width w on n positions: projections to queries, keys and values and back (4 n w^2
with full attention), and the attention itself, two products of (queries x keys) with width w.
"""

from __future__ import annotations

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


def linformer(n: int, width: int, k: int, *, shared: bool = True, mixed_first: bool = True) -> Cost:
    """softmax(q (E K)^T) (F V), by the order of its products.

    As written, all n keys and values are made of the input X and then mixed: E (X W). If the
    input is mixed first, (E X) W, k rows of keys and values are made instead of n; that is the
    same where the heads share E and keys and values have no bias, as in the workbook's own
    layer. One matrix E = F, `shared`, then mixes the input once, where E and F mix it twice. In
    the order as written K and V are mixed apart, so that there it saves nothing.
    """
    k = min(k, n)
    mixings = 1 if shared and mixed_first else 2
    rows = k if mixed_first else n  # of keys and of values
    projections = 2 * n * width**2 + 2 * rows * width**2
    return Cost(projections + mixings * n * k * width + 2 * n * k * width, n * k)


def projection_numbers(n: int, k: int, *, shared: bool) -> int:
    """How many numbers E and F hold, each `(k, n)`, or one matrix in the place of both."""
    return (1 if shared else 2) * min(k, n) * n


def bigbird(n: int, width: int, pattern: BlockPattern) -> Cost:
    """The pairs of blocks that the pattern lists."""
    pairs = len(pattern.edges(pattern.blocks(n))) * pattern.block**2
    return Cost(4 * n * width**2 + 2 * pairs * width, pairs)


def break_even(
    width: int, k: int, *, shared: bool = False, mixed_first: bool = False, longest: int = 2**20
) -> int:
    """The shortest n from which Linformer does fewer multiply-adds than full attention.

    As the formula is written it is 2 k + 1 for every width.
    """

    def pays(n: int) -> bool:
        ours = linformer(n, width, k, shared=shared, mixed_first=mixed_first)
        return ours.multiply_adds < full(n, width).multiply_adds

    return next((n for n in range(1, longest) if pays(n)), longest)
