"""Which block of keys each block of queries sees in BigBird, and how far news travels over it.

Zaheer et al. (2020), section 2. A sequence is cut into blocks. A row is one block of queries; its
list names the key blocks that it sees. Three parts make the list: a window around the row, the
first blocks of all (global), and a few blocks drawn at random.

Seen as a graph, an adjacency matrix is boolean `(blocks, blocks)`; row `i` is True at the blocks
that block `i` sees, as in `BlockPattern.parts(n_blocks) != NOTHING`. The paper argues for BigBird
with these measures: random edges give short paths (Watts and Strogatz 1998) and a spectral gap
(Erdos-Renyi).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp4.support.errors import UserError

NOTHING, WINDOW, GLOBAL, RANDOM = range(4)  # what `BlockPattern.parts` holds
LETTERS = "·wgr"
DRAWN_BLOCKS = 16  # the size of the drawing that `print` shows

Blocks = NDArray[np.int64]


@dataclass(frozen=True)
class BlockPattern:
    """A sparse pattern of attention between blocks of `block` tokens.

    `window` counts blocks: the row itself and `window // 2` to each side. The first `global_`
    blocks see all blocks and are seen by all. Each further row sees `random` blocks more, drawn
    without repetition from those that it does not see yet, or all of them if there are fewer. A
    part of 0 is left out. `per_head` draws anew for each head.

    A draw depends on `seed`, the head and the row alone, never on training or evaluation. In the
    causal form a row sees only itself and what is before it, and its draw does not depend on the
    length either: a longer text keeps the rows of a shorter one.

    Raises UserError for a negative number, an even window, or a pattern that sees nothing.
    """

    block: int = 64
    window: int = 3
    global_: int = 2
    random: int = 3
    seed: int = 0
    per_head: bool = False

    def __post_init__(self) -> None:
        if self.block < 1:
            raise UserError(f"a block of {self.block} tokens is empty: choose 1 or more")
        for name in ("window", "global_", "random", "seed"):
            if getattr(self, name) < 0:
                raise UserError(f"{name} = {getattr(self, name)} is negative: choose 0 or more")
        if self.window and self.window % 2 == 0:
            raise UserError(
                f"a window of {self.window} blocks has no middle: choose an odd number, or 0"
            )
        if not (self.window or self.global_ or self.random):
            raise UserError("this pattern sees nothing: give it a window, global or random blocks")

    def blocks(self, n: int) -> int:
        """How many blocks hold `n` tokens; the last one may be partly filled."""
        return -(-n // self.block)

    def rows(self, n_blocks: int, *, causal: bool = False, head: int = 0) -> tuple[Blocks, ...]:
        """For each row, the blocks that it sees: sorted, each once, never none."""
        return tuple(
            np.sort(np.concatenate(self._row(row, n_blocks, causal, head)))
            for row in range(n_blocks)
        )

    def _row(
        self, row: int, n_blocks: int, causal: bool, head: int
    ) -> tuple[Blocks, Blocks, Blocks]:
        """The row's window, global and random blocks; none of them stands in two parts."""
        limit = row + 1 if causal else n_blocks
        none = np.arange(0)
        if row < self.global_:
            return none, np.arange(limit), none
        near = np.arange(max(row - self.window // 2, 0), min(row + self.window // 2 + 1, limit))
        window = near[near >= self.global_] if self.window else none
        first = np.arange(min(self.global_, limit))
        seen = np.concatenate([first, window])  # sorted: the window starts after the global blocks
        free = limit - len(seen)
        rng = np.random.default_rng((self.seed, head if self.per_head else 0, row))
        drawn = rng.choice(free, min(self.random, free), replace=False) if free else none
        for block in seen:  # from a place among the unseen blocks to the block's number
            drawn[drawn >= block] += 1
        return window, first, drawn

    def parts(self, n_blocks: int, *, causal: bool = False, head: int = 0) -> NDArray[np.int8]:
        """Matrix `(n_blocks, n_blocks)` of NOTHING, WINDOW, GLOBAL or RANDOM, for drawing."""
        matrix = np.full((n_blocks, n_blocks), NOTHING, dtype=np.int8)
        for row in range(n_blocks):
            found = self._row(row, n_blocks, causal, head)
            for part, blocks in zip((WINDOW, GLOBAL, RANDOM), found, strict=True):
                matrix[row, blocks] = part
        return matrix

    def mask(self, n: int, *, causal: bool = False, head: int = 0) -> NDArray[np.bool_]:
        """Which token `j` each token `i` sees: boolean `(n, n)`, for drawing and for testing.

        The causal form also hides the later half of each block from its own tokens.
        """
        seen = self.parts(self.blocks(n), causal=causal, head=head) != NOTHING
        tokens = seen.repeat(self.block, axis=0).repeat(self.block, axis=1)[:n, :n]
        return np.tril(tokens) if causal else tokens

    def edges(self, n_blocks: int, *, causal: bool = False, head: int = 0) -> Blocks:
        """Pairs (row, block that it sees), shape `(edges, 2)`, in the order of the rows."""
        rows = self.rows(n_blocks, causal=causal, head=head)
        counts = [len(blocks) for blocks in rows]
        return np.stack([np.repeat(np.arange(n_blocks), counts), np.concatenate(rows)], axis=1)

    def density(self, n_blocks: int, *, causal: bool = False, head: int = 0) -> float:
        """The share of block pairs that is computed; 1 means full (or full causal) attention."""
        pairs = n_blocks * (n_blocks + 1) // 2 if causal else n_blocks**2
        return len(self.edges(n_blocks, causal=causal, head=head)) / pairs

    def draw(self, n_blocks: int, *, causal: bool = False, head: int = 0) -> str:
        """One line of letters for each row: w window, g global, r random, a dot for unseen."""
        matrix = self.parts(n_blocks, causal=causal, head=head)
        return "\n".join(" ".join(LETTERS[part] for part in row) for row in matrix)

    def __str__(self) -> str:
        share = self.density(DRAWN_BLOCKS)
        return (
            f"blocks of {self.block} tokens: window {self.window}, global {self.global_}, "
            f"random {self.random} (seed {self.seed}{', per head' if self.per_head else ''}); "
            f"{share:.0%} of the pairs of {DRAWN_BLOCKS} blocks\n{self.draw(DRAWN_BLOCKS)}"
        )


Adjacency = NDArray[np.bool_]
Hops = NDArray[np.float64]  # (blocks, blocks)


def hops(adjacency: Adjacency) -> Hops:
    """Fewest layers after which block `i` can hold something of block `j`; inf for never.

    Directed, as attention is. 0 on the diagonal: the residual stream keeps what a block had.
    """
    reached = np.eye(len(adjacency), dtype=bool)
    found: Hops = np.where(reached, 0.0, np.inf)
    layers = 0
    while reached.any():  # those that the last layer reached first
        layers += 1
        reached = (reached.astype(float) @ adjacency > 0) & np.isinf(found)
        found[reached] = layers
    return found


def layers_to_reach_all(distance: Hops, *, causal: bool = False) -> int | None:
    """Layers until every block holds something of every one that it may see; None if never.

    `distance` is that of `hops`. In the causal form a block may see itself and what is before it.
    """
    most = distance[_pairs(len(distance), causal)].max()
    return int(most) if np.isfinite(most) else None


def receptive_field_growth(
    distance: Hops, layers: int, *, causal: bool = False
) -> NDArray[np.float64]:
    """Mean share of the blocks within reach after 0, 1, ..., `layers` layers, of those allowed."""
    asked = distance[_pairs(len(distance), causal)]
    return np.array([(asked <= layer).mean() for layer in range(layers + 1)])


def reach_by_distance(distance: Hops, layers: int) -> NDArray[np.float64]:
    """The share of blocks that hold something of the block 0, 1, ... before them, `(blocks,)`.

    After that many layers; counted over all blocks that have one so far before them.
    """
    n = len(distance)
    return np.array([(np.diagonal(distance, -back) <= layers).mean() for back in range(n)])


def average_path_length(distance: Hops, *, causal: bool = False) -> float:
    """Mean over all pairs of two blocks, as they are allowed; inf if one is never reached."""
    n = len(distance)
    asked = distance[_pairs(n, causal) & ~np.eye(n, dtype=bool)]
    return float(asked.mean()) if asked.size else 0.0


def _pairs(n: int, causal: bool) -> Adjacency:
    ones = np.ones((n, n), dtype=bool)
    return np.tril(ones) if causal else ones


def undirected(adjacency: Adjacency) -> Adjacency:
    """An edge wherever one of two blocks sees the other; no block is its own neighbour."""
    either: Adjacency = adjacency | adjacency.T
    return either & ~np.eye(len(adjacency), dtype=bool)


def spectral_gap(adjacency: Adjacency) -> float:
    """Second-smallest eigenvalue of the normalised Laplacian I - D^-1/2 A D^-1/2, undirected.

    0 where the graph falls apart; the larger, the faster a random walk that may also rest mixes.
    It does not count ways: a star, with one way between any two leaves, has 1, a path about 0, n
    blocks that all see each other n / (n - 1). Needs two blocks or more.
    """
    edges = undirected(adjacency).astype(np.float64)
    degree = edges.sum(axis=1)
    if not degree.all():
        return 0.0
    scale = degree**-0.5
    laplacian = np.eye(len(edges)) - scale[:, None] * edges * scale
    return max(0.0, float(np.linalg.eigvalsh(laplacian)[1]))
