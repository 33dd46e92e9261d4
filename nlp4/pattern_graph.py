"""How far news travels over a pattern of attention, seen as a graph of blocks.

An adjacency matrix is boolean `(blocks, blocks)`; row `i` is True at the blocks that block `i`
sees, as in `BlockPattern.parts(n_blocks) != NOTHING`. Zaheer et al. (2020), section 2, argue for
BigBird with these measures: random edges give short paths and a spectral gap (Erdos-Renyi), a
window gives clustering (Watts and Strogatz 1998).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Adjacency = NDArray[np.bool_]


def hops(adjacency: Adjacency) -> NDArray[np.float64]:
    """Fewest layers after which block `i` can hold something of block `j`; inf for never.

    Directed, as attention is. 0 on the diagonal: the residual stream keeps what a block had.
    """
    n = len(adjacency)
    found = np.full((n, n), np.inf)
    np.fill_diagonal(found, 0.0)
    step = adjacency.astype(np.float32)
    reached = np.eye(n, dtype=np.float32)
    for layer in range(1, n):
        reached = ((reached @ step + reached) > 0).astype(np.float32)  # boolean matrix product
        new = (reached > 0) & np.isinf(found)
        if not new.any():
            break
        found[new] = layer
    return found


def layers_to_reach_all(adjacency: Adjacency) -> int | None:
    """Layers until every block holds something of every other one; None if that never happens."""
    most = hops(adjacency).max()
    return int(most) if np.isfinite(most) else None


def receptive_field_growth(adjacency: Adjacency, layers: int) -> NDArray[np.float64]:
    """Mean share of the blocks that reach a block after 0, 1, ..., `layers` layers."""
    distance = hops(adjacency)
    return np.array([(distance <= layer).mean() for layer in range(layers + 1)])


def average_path_length(adjacency: Adjacency) -> float:
    """Mean of `hops` over all ordered pairs of two blocks; inf if one cannot reach another."""
    n = len(adjacency)
    return float(hops(adjacency).sum() / (n * (n - 1))) if n > 1 else 0.0


def undirected(adjacency: Adjacency) -> Adjacency:
    """An edge wherever one of two blocks sees the other; no block is its own neighbour."""
    either: Adjacency = adjacency | adjacency.T
    return either & ~np.eye(len(adjacency), dtype=bool)


def spectral_gap(adjacency: Adjacency) -> float:
    """Second-smallest eigenvalue of the normalised Laplacian I - D^-1/2 A D^-1/2, undirected.

    0 where the graph falls apart; the larger, the faster a random walk mixes. A path has about
    0, a star 1, n blocks that all see each other n / (n - 1). Needs two blocks or more.
    """
    edges = undirected(adjacency).astype(np.float64)
    degree = edges.sum(axis=1)
    if not degree.all():
        return 0.0
    scale = degree**-0.5
    laplacian = np.eye(len(edges)) - scale[:, None] * edges * scale
    return max(0.0, float(np.linalg.eigvalsh(laplacian)[1]))


def clustering(adjacency: Adjacency) -> float:
    """Mean over the blocks of the share of their pairs of neighbours that are neighbours too.

    Undirected; a block with fewer than two neighbours counts 0 (Watts and Strogatz 1998).
    """
    edges = undirected(adjacency).astype(np.float64)
    degree = edges.sum(axis=1)
    closed = np.diagonal(edges @ edges @ edges)  # twice the triangles at each block
    pairs = degree * (degree - 1)
    return float(np.divide(closed, pairs, out=np.zeros_like(closed), where=pairs > 0).mean())
