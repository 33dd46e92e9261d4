"""Right and wrong answers to the exercises of `nlp4.exercises.pattern`, as learners write them."""

from __future__ import annotations

import itertools
import math
from collections import deque
from typing import Any

import numpy as np
import torch
from answers import Answers
from scipy.linalg import toeplitz
from scipy.optimize import approx_fprime
from scipy.sparse.csgraph import connected_components, shortest_path

from nlp4.exercises.given import CAUSAL, LEAKY
from nlp4.maths import block_pattern

KINDS = ("mixed", "attending", "waved", "slight", "single", "paired", "turning", "listed")


def a_layer(rng: np.random.Generator) -> tuple[Any, ...]:
    """A layer that leaks or not, as it is drawn: through weights, attention, waves, or one number.

    A leak goes from one row to another, or from all; it moves something by 1e-4 or more.
    """
    n, d = int(rng.integers(2, 9)), int(rng.integers(4, 7))
    t = int(rng.integers(1, n))
    x = np.round(64 * rng.normal(size=(n, d))) / 64
    x[t:] *= rng.random() > 0.15
    kind = str(rng.choice(KINDS))
    if kind == "listed":
        known = (*CAUSAL, *LEAKY)
        return known[int(rng.integers(len(known)))], x, t
    return drawn_layer(kind, n, d, t, rng), x, t


def drawn_layer(kind: str, n: int, d: int, t: int, rng: np.random.Generator) -> Any:
    weights, mix = np.tril(rng.normal(size=(n, n))), rng.normal(size=(d, d))
    leaking = rng.random() < 0.6
    i, j = int(rng.integers(t)), int(rng.integers(t, n))
    seen = np.ones((n, n), dtype=bool) if leaking else np.tri(n, dtype=bool)

    def layer(x):
        if kind == "attending":
            rows = x - x.mean(1, keepdims=True)
            rows = rows / np.sqrt((rows * rows).mean(1, keepdims=True) + 1e-5) @ mix
            raised = np.where(seen, np.exp(np.tanh(rows @ rows.T)), 0)
            return x + raised / raised.sum(1, keepdims=True) @ rows
        out = weights @ x @ mix
        if leaking and kind == "slight":
            out[:t] += 2e-4 * x[j]
        elif leaking and kind == "paired":
            out[:t] += (x[-1] - x[t]) @ mix
        elif leaking and kind == "turning":
            c, s = np.cos(x[j].sum()), np.sin(x[j].sum())
            out[:t, :2] = out[:t, :2] @ [[c, -s], [s, c]]
        elif leaking and kind == "single":
            out[i, (i + 1) % d] += x[j, j % d]
        elif leaking:
            out[i] += x[j] @ mix
        return np.sin(out) + out if kind == "waved" else out

    return layer


def leaks(layer, x, t):
    rng = np.random.default_rng(0)
    before = layer(x)[:t]
    for row in range(t, len(x)):
        changed = x.copy()
        changed[row] += rng.normal(size=x.shape[1])
        if not np.allclose(layer(changed)[:t], before):
            return True
    return False


def leaks_at_once(layer, x, t):
    other = x.copy()
    other[t:] += np.random.default_rng(3).uniform(-2, 2, size=other[t:].shape)
    return not np.allclose(layer(x)[:t], layer(other)[:t], rtol=1e-7)


def leaks_with_another_future(layer, x, t):
    rng = np.random.default_rng(1)
    tries = [np.vstack([x[:t], rng.normal(size=(len(x) - t, x.shape[1]))]) for _ in range(4)]
    first, *others = [layer(each)[:t] for each in tries]
    return any(abs(first - other).max() > 1e-8 for other in others)


def leaks_number_by_number(layer, x, t):
    wanted = layer(x)
    for i, j in itertools.product(range(t, x.shape[0]), range(x.shape[1])):
        other = np.array(x)
        other[i, j] += 1
        if (abs(layer(other) - wanted)[:t] > 1e-10).any():
            return True
    return False


def leaks_by_slopes(layer, x, t):
    def outputs(later):
        return layer(np.concatenate([x[:t].ravel(), later]).reshape(x.shape))[:t].ravel()

    return np.abs(approx_fprime(x[t:].ravel(), outputs)).max() > 1e-5


def leaks_by_torch(layer, x, t):
    generator = torch.Generator().manual_seed(5)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    noise[:t] = 0
    moved = layer((torch.from_numpy(x) + noise).numpy()) - layer(x)
    return torch.from_numpy(moved)[:t].abs().max() > 1e-6


def leaks_to_the_last_bit(layer, x, t):
    other = np.where(np.arange(len(x))[:, None] < t, x, np.random.default_rng(9).random(x.shape))
    return int(layer(other)[:t].tobytes() != layer(x)[:t].tobytes())


def leaks_asserted(layer, x, t):
    other = x + np.random.default_rng(2).normal(size=x.shape) * (np.arange(len(x)) >= t)[:, None]
    try:
        np.testing.assert_allclose(layer(other)[:t], layer(x)[:t])
    except AssertionError:
        return True
    return False


def leaks_by_recursion(layer, x, t):
    def found(last):
        if last < t:
            return False
        other = x.copy()
        other[last] = np.random.default_rng(last).normal(size=x.shape[1])
        return not np.array_equal(layer(other)[:t], layer(x)[:t]) or found(last - 1)

    return found(len(x) - 1)


def leaks_by_lists(layer, x, t):
    rng = np.random.default_rng(4)
    other = [list(row) for row in x]
    for i in range(t, len(other)):
        other[i] = [value + rng.normal() for value in other[i]]
    old, new = layer(x).tolist(), layer(np.array(other)).tolist()
    pairs = zip(itertools.chain(*old[:t]), itertools.chain(*new[:t]), strict=True)
    return any(not math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9) for a, b in pairs)


def leaks_by_primes(layer, x, t):
    other = x.copy()
    steps = np.sqrt(np.arange(2, 2 + other[t:].size)).reshape(other[t:].shape)
    other[t:] += steps - steps.round(1) + np.sin(7 * steps)
    return bool(np.abs(layer(other)[:t] - layer(x)[:t]).max() >= 1e-7)


def noise(x):
    return np.random.default_rng(11).normal(size=x.shape)


def shaken(x, t):
    other = x.copy()
    other[t:] += noise(x)[t:]
    return other


def leaks_when_raised(layer, x, t):
    changed = x.copy()
    changed[t:] += 1.0
    return not np.allclose(layer(x)[:t], layer(changed)[:t])


def leaks_from_the_past(layer, x, t):
    other = np.array(x)
    other[:t] += 1
    return bool(abs(layer(other)[t:] - layer(x)[t:]).max() > 1e-9)


def leaks_from_a_shaken_past(layer, x, t):
    other = np.array(x)
    other[:t] += noise(x)[:t]
    return bool(abs(layer(other)[t:] - layer(x)[t:]).max() > 1e-9)


def leaks_everywhere(layer, x, t):
    return bool(abs(layer(shaken(x, t)) - layer(x)).max() > 1e-9)


def leaks_from_one(layer, x, t):
    other = np.array(x)
    other[t] += noise(x)[0]
    return bool(abs(layer(other) - layer(x))[:t].max() > 1e-9)


def leaks_from_one_raised(layer, x, t):
    other = np.array(x)
    other[t] += 1
    return bool(abs(layer(other) - layer(x))[:t].max() > 1e-9)


def leaks_from_the_last(layer, x, t):
    other = np.array(x)
    other[-1] = noise(x)[-1]
    return bool(abs(layer(other) - layer(x))[:t].max() > 1e-9)


def leaks_one_too_far(layer, x, t):
    return bool(abs(layer(shaken(x, t)) - layer(x))[: t + 1].max() > 1e-9)


def leaks_turned(layer, x, t):
    return not leaks(layer, x, t)


def leaks_never(layer, x, t):
    return bool(math.isnan(layer(x).sum()))


def leaks_in_place(layer, x, t):
    before = layer(x)
    x[t:] += noise(x)[t:]
    return bool(abs(layer(x) - before)[:t].max() > 1e-9)


def leaks_in_one_row(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[t - 1], layer(x)[t - 1])


def leaks_in_the_first_row(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[0], layer(x)[0])


def leaks_in_two_rows(layer, x, t):
    old, new = layer(x), layer(shaken(x, t))
    return not (np.allclose(old[0], new[0]) and np.allclose(old[t - 1], new[t - 1]))


def leaks_in_the_sum(layer, x, t):
    return not np.isclose(layer(shaken(x, t))[:t].sum(), layer(x)[:t].sum())


def leaks_in_the_mean(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[:t].mean(axis=0), layer(x)[:t].mean(axis=0))


def leaks_in_the_means_of_rows(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[:t].mean(axis=1), layer(x)[:t].mean(axis=1))


def leaks_in_the_length(layer, x, t):
    old, new = layer(x)[:t], layer(shaken(x, t))[:t]
    return not np.allclose(np.linalg.norm(old, axis=1), np.linalg.norm(new, axis=1))


def leaks_in_one_feature(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[:t, 0], layer(x)[:t, 0])


def leaks_from_one_feature(layer, x, t):
    other = x.copy()
    other[t:, 0] += noise(x)[t:, 0]
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_from_two_positions(layer, x, t):
    for row in (t, len(x) - 1):
        other = x.copy()
        other[row] += noise(x)[row]
        if not np.allclose(layer(other)[:t], layer(x)[:t]):
            return True
    return False


def leaks_from_next_two(layer, x, t):
    other = x.copy()
    other[t : t + 2] += noise(x)[t : t + 2]
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_above_a_thousandth(layer, x, t):
    return bool((abs(layer(shaken(x, t)) - layer(x))[:t] > 1e-3).any())


def leaks_nearly(layer, x, t):
    return not np.allclose(layer(shaken(x, t))[:t], layer(x)[:t], atol=1e-2)


def leaks_when_zeroed(layer, x, t):
    other = x.copy()
    other[t:] = 0
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_when_scaled(layer, x, t):
    other = np.array(x)
    other[t:] *= -3
    return bool(abs(layer(other)[:t] - layer(x)[:t]).max() > 1e-9)


def leaks_when_shuffled(layer, x, t):
    other = np.concatenate([x[:t], x[t:][::-1]])
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_when_all_alike(layer, x, t):
    other = x.copy()
    other[t:] += noise(x)[0]
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_when_rows_are_raised(layer, x, t):
    other = x.copy()
    other[t:] += np.arange(1, len(x) - t + 1)[:, None]
    return not np.allclose(layer(other)[:t], layer(x)[:t])


def leaks_as_nan(layer, x, t):
    other = x.copy()
    other[t:] = np.nan
    return bool(np.isnan(layer(other)[:t]).any())


def leaks_when_cut(layer, x, t):
    return not np.allclose(layer(x[:t]), layer(x)[:t])


def leaks_in_each_number(layer, x, t):
    return not np.isclose(layer(shaken(x, t))[:t], layer(x)[:t]).any()


def leaks_counted(layer, x, t):
    return int((abs(layer(shaken(x, t)) - layer(x))[:t] > 1e-9).sum()) + 2


def a_window(rng: np.random.Generator) -> tuple[Any, ...]:
    """Any length, and any odd width, also far wider than the text."""
    n = int(rng.integers(1, rng.choice([3, 15])))
    return n, 2 * int(rng.integers(0, rng.choice([3, n + 4]))) + 1


def window_mask(n, width):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, max(0, i - width // 2) : i + width // 2 + 1] = True
    return mask


def window_by_indices(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) <= width // 2


def window_in_lists(n, width):
    return [[abs(i - j) <= (width - 1) / 2 for j in range(n)] for i in range(n)]


def window_of_numbers(n, width):
    return window_mask(n, width).astype(float)


def window_of_ones(n, width):
    side = width // 2
    return [[1 if -side <= j - i <= side else 0 for j in range(n)] for i in range(n)]


def window_by_bands(n, width):
    half = width // 2
    return np.tril(np.ones((n, n)), half) * np.triu(np.ones((n, n)), -half) > 0


def window_by_torch(n, width):
    ones = torch.ones(n, n, dtype=torch.bool)
    return ones.tril(width // 2) & ones.triu(-(width // 2))


def window_by_diagonals(n, width):
    mask = np.eye(n, dtype=int)
    for k in range(1, min(n, width // 2 + 1)):
        mask += np.eye(n, k=k, dtype=int) + np.eye(n, k=-k, dtype=int)
    return mask


def window_by_toeplitz(n, width):
    return toeplitz(np.arange(n) <= width // 2)


def window_by_broadcasting(n, width):
    at = torch.arange(n)
    return (2 * (at[:, None] - at[None, :]).abs() < width).float()


def window_as_tuples(n, width):
    rows = []
    for i in range(n):
        seen = set(range(i - width // 2, i + width // 2 + 1))
        rows.append(tuple(j in seen for j in range(n)))
    return tuple(rows)


def window_too_wide(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) <= width


def window_open(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) < width // 2


def window_back(n, width):
    i, j = np.indices((n, n))
    return (i >= j) & (i - j <= width // 2)


def window_ahead(n, width):
    i, j = np.indices((n, n))
    return (i <= j) & (j - i <= width // 2)


def window_hidden(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) > width // 2


def window_of_scores(n, width):
    return np.where(window_mask(n, width), 0.0, -np.inf)


def window_of_shares(n, width):
    mask = window_mask(n, width)
    return mask / mask.sum(axis=1, keepdims=True)


def window_in_ring(n, width):
    i, j = np.indices((n, n))
    return ((i - j) % n <= width // 2) | ((j - i) % n <= width // 2)


def window_shifted(n, width):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        start = max(0, min(i - width // 2, n - width))
        mask[i, start : start + width] = True
    return mask


def window_wrapping(n, width):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, i - width // 2 : i + width // 2 + 1] = True
    return mask


def window_short_on_the_right(n, width):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, max(0, i - width // 2) : i + width // 2] = True
    return mask


def window_signed(n, width):
    i, j = np.indices((n, n))
    return i - j <= width // 2


def window_of_blocks(n, width):
    i, j = np.indices((n, n))
    return i // width == j // width


def window_of_edges(n, width):
    i, j = np.indices((n, n))
    return abs(i - j) == width // 2


def window_flat(n, width):
    return window_mask(n, width).ravel()


def window_without_itself(n, width):
    return window_mask(n, width) & ~np.eye(n, dtype=bool)


def a_pattern(rng: np.random.Generator) -> tuple[Any, ...]:
    """Any number of blocks, and any odd window, also far wider than the text."""
    blocks = int(rng.integers(1, rng.choice([4, 12, 100])))
    return blocks, 2 * int(rng.integers(0, rng.choice([3, blocks + 4]))) + 1


def window_edges(blocks, window):
    return int(window_mask(blocks, window).sum())


def edges_row_by_row(blocks, window):
    side = window // 2
    return sum(min(i, side) + 1 + min(blocks - 1 - i, side) for i in range(blocks))


def edges_by_ends(blocks, window):
    total = 0
    for i in range(blocks):
        first, last = max(0, i - window // 2), min(blocks - 1, i + window // 2)
        total += last - first + 1
    return total


def edges_in_a_double_loop(blocks, window):
    count = 0
    for i in range(blocks):
        for j in range(blocks):
            if abs(i - j) <= window // 2:
                count += 1
    return count


def edges_closed(blocks, window):
    side = min(window // 2, blocks - 1)
    return blocks * (2 * side + 1) - side * (side + 1)


def edges_by_diagonals(blocks, window):
    return blocks + 2 * sum(max(blocks - k, 0) for k in range(1, window // 2 + 1))


def edges_by_pairs(blocks, window):
    pairs = itertools.product(range(blocks), repeat=2)
    return len([1 for i, j in pairs if -window < 2 * (i - j) < window])


def edges_by_arrays(blocks, window):
    i = np.arange(blocks)
    return (np.minimum(i + window // 2, blocks - 1) - np.maximum(i - window // 2, 0) + 1).sum()


def edges_by_clipping(blocks, window):
    i, side = torch.arange(blocks), window // 2
    return (i.clamp(max=side) + i.flip(0).clamp(max=side) + 1).sum()


def edges_by_recursion(blocks, window):
    if blocks == 1:
        return 1
    return edges_by_recursion(blocks - 1, window) + 1 + 2 * min(window // 2, blocks - 1)


def edges_by_convolution(blocks, window):
    return float(np.convolve(np.ones(blocks), np.ones(window))[window // 2 :][:blocks].sum())


def edges_without_ends(blocks, window):
    return window * blocks


def edges_without_self(blocks, window):
    return window_edges(blocks, window) - blocks


def edges_once(blocks, window):
    return int(np.triu(window_mask(blocks, window)).sum())


def edges_one_row(blocks, window):
    return blocks * window - (window // 2) * 2


def edges_one_end(blocks, window):
    return sum(len(range(max(0, i - window // 2), i + window // 2 + 1)) for i in range(blocks))


def edges_if_it_fits(blocks, window):
    side = window // 2
    return blocks * window - side * (side + 1)


def edges_capped(blocks, window):
    return blocks * min(blocks, window)


def edges_too_wide(blocks, window):
    i, j = np.indices((blocks, blocks))
    return int((abs(i - j) <= window).sum())


def edges_or_all(blocks, window):
    side = window // 2
    return blocks**2 if window >= blocks else blocks * window - side * (side + 1)


def edges_never_negative(blocks, window):
    return max(edges_if_it_fits(blocks, window), blocks)


def edges_open(blocks, window):
    i, j = np.indices((blocks, blocks))
    return int((abs(i - j) < window // 2).sum())


def edges_in_ring(blocks, window):
    return int(window_in_ring(blocks, window).sum())


def edges_of_a_row(blocks, window):
    return window_mask(blocks, window).sum(axis=1)


def edges_as_share(blocks, window):
    return window_mask(blocks, window).mean()


def edges_of_nodes(blocks, window):
    return window * (window + 1) // 2


def edges_by_pieces(blocks, window):
    side = window // 2
    return (blocks - 2 * side) * window + 2 * sum(range(side, window))


def a_graph(rng: np.random.Generator) -> tuple[Any, ...]:
    """Any graph of 1 to 10 blocks: with loops or not, one-way or not, whole or in parts."""
    n = int(rng.integers(1, rng.choice([3, 11])))
    adjacency = rng.random((n, n)) < rng.choice([0.0, 0.1, 0.3, 0.6])
    shape = rng.integers(5)
    if shape == 1:
        adjacency |= np.eye(n, k=1, dtype=bool) | np.eye(n, k=-1, dtype=bool)
    elif shape == 2:
        adjacency |= np.eye(n, k=1, dtype=bool) | np.eye(n, k=1 - n, dtype=bool)
    elif shape == 3:
        adjacency |= np.eye(n, k=1, dtype=bool)
    if rng.random() < 0.4:
        adjacency |= np.eye(n, dtype=bool)
    elif rng.random() < 0.5:
        adjacency &= ~np.eye(n, dtype=bool)
    order = rng.permutation(n)
    return (adjacency[np.ix_(order, order)],)


def layers_to_reach(adjacency):
    found = block_pattern.layers_to_reach_all(block_pattern.hops(adjacency))
    return -1 if found is None else found


def reach_step_by_step(adjacency):
    held, layers = np.eye(len(adjacency), dtype=bool), 0
    while not held.all():
        more = held | (adjacency @ held)
        if (more == held).all():
            return -1
        held, layers = more, layers + 1
    return layers


def reach_by_breadth_first(adjacency):
    n, longest = len(adjacency), 0
    for start in range(n):
        away, waiting = {start: 0}, deque([start])
        while waiting:
            i = waiting.popleft()
            for j in range(n):
                if adjacency[i, j] and j not in away:
                    away[j] = away[i] + 1
                    waiting.append(j)
        if len(away) < n:
            return -1
        longest = max(longest, *away.values())
    return longest


def reach_by_floyd_warshall(adjacency):
    n = len(adjacency)
    away = [
        [0 if i == j else 1 if adjacency[i][j] else math.inf for j in range(n)] for i in range(n)
    ]
    for k, i, j in itertools.product(range(n), repeat=3):
        away[i][j] = min(away[i][j], away[i][k] + away[k][j])
    longest = max(map(max, away))
    return longest if longest < math.inf else -1


def reach_by_scipy(adjacency):
    longest = shortest_path(adjacency.astype(float), unweighted=True).max()
    return -1 if np.isinf(longest) else longest


def reach_by_powers_with_stream(adjacency):
    step = adjacency.astype(int) + np.eye(len(adjacency), dtype=int)
    for layers in range(len(adjacency)):
        if (np.linalg.matrix_power(step, layers) > 0).all():
            return layers
    return -1


def reach_by_torch(adjacency):
    step = (torch.as_tensor(adjacency) | torch.eye(len(adjacency), dtype=torch.bool)).float()
    held = torch.eye(len(adjacency))
    for layers in range(len(adjacency) + 1):
        if bool((held > 0).all()):
            return torch.tensor(layers)
        held = ((step @ held) > 0).float()
    return -1


def reach_by_sets(adjacency):
    sees = [set(np.flatnonzero(row).tolist()) for row in adjacency]
    held = [{i} for i in range(len(sees))]
    for layers in range(len(sees) + 5):
        if all(len(each) == len(sees) for each in held):
            return layers
        held = [held[i].union(*(held[j] for j in sees[i])) for i in range(len(sees))]
    return -1


def reach_by_recursion(adjacency):
    def more(held, layers):
        if np.all(held):
            return layers
        after = np.logical_or(held, np.einsum("ij,jk->ik", adjacency * 1.0, held) > 0)
        return -1 if np.array_equal(held, after) else more(after, layers + 1)

    return more(np.eye(len(adjacency)) > 0, 0)


def reach_from_the_other_side(adjacency):
    return reach_step_by_step(adjacency.T)


def reach_if_connected(adjacency):
    parts, _ = connected_components(adjacency, connection="strong")
    if parts > 1:
        return -1
    return int(shortest_path(adjacency * 1.0, method="D", unweighted=True).max())


def reach_by_powers(adjacency):
    n = len(adjacency)
    for layers in range(4 * n):
        if (np.linalg.matrix_power(adjacency.astype(float), layers) > 0).all():
            return layers
    return -1


def reach_both_ways(adjacency):
    return layers_to_reach(adjacency | adjacency.T)


def reach_one_more(adjacency):
    held = np.eye(len(adjacency), dtype=bool)
    for layers in range(len(adjacency)):
        if held.all():
            return layers + 1
        held = held | (adjacency @ held)
    return -1


def reach_one_less(adjacency):
    found = layers_to_reach(adjacency)
    return found - 1 if found >= 1 else found


def reach_from_first(adjacency):
    most = block_pattern.hops(adjacency)[0].max()
    return int(most) if np.isfinite(most) else -1


def reach_of_first(adjacency):
    return reach_from_first(adjacency.T.copy())


def reach_none(adjacency):
    return block_pattern.layers_to_reach_all(block_pattern.hops(adjacency))


def reach_endless(adjacency):
    return shortest_path(adjacency.astype(float), unweighted=True).max()


def reach_or_all(adjacency):
    found = layers_to_reach(adjacency)
    return len(adjacency) if found < 0 else found


def reach_stopping_early(adjacency):
    held = np.eye(len(adjacency), dtype=bool)
    for layers in range(len(adjacency) - 1):
        if held.all():
            return layers
        held |= adjacency @ held
    return -1


def reach_from_the_first_layer(adjacency):
    held = adjacency | np.eye(len(adjacency), dtype=bool)
    for layers in range(1, len(adjacency) + 1):
        if held.all():
            return layers
        held = held | (adjacency @ held)
    return -1


def reach_by_adjacency(adjacency):
    held = adjacency.copy()
    for layers in range(1, len(adjacency) + 1):
        if held.all():
            return layers
        held = held | (adjacency @ held)
    return -1


def reach_anything(adjacency):
    held = np.eye(len(adjacency), dtype=bool)
    for layers in range(len(adjacency)):
        if held.any(axis=0).all() and held.all(axis=1).any():
            return layers
        held = held | (adjacency @ held)
    return -1


def reach_by_squaring(adjacency):
    held, layers = adjacency | np.eye(len(adjacency), dtype=bool), 1
    for _ in range(len(adjacency)):
        if held.all():
            return layers if len(adjacency) > 1 else 0
        held, layers = held @ held, 2 * layers
    return -1


def reach_unless_a_row_is_empty(adjacency):
    if not (adjacency.any(axis=1).all() and adjacency.any(axis=0).all()):
        return -1
    return len(adjacency) - 1


def reach_halved(adjacency):
    held = np.eye(len(adjacency), dtype=bool)
    for layers in range(len(adjacency) // 2 + 1):
        if held.all():
            return layers
        held = held | (adjacency @ held)
    return -1


def reach_on_average(adjacency):
    away = shortest_path(adjacency.astype(float), unweighted=True)
    return -1 if np.isinf(away).any() else float(away.mean())


ANSWERS = {
    "leaks": Answers(
        right=(
            leaks,
            leaks_at_once,
            leaks_with_another_future,
            leaks_number_by_number,
            leaks_by_slopes,
            leaks_by_torch,
            leaks_to_the_last_bit,
            leaks_asserted,
            leaks_by_recursion,
            leaks_by_lists,
            leaks_by_primes,
        ),
        wrong=(
            (leaks_when_raised, "which a LayerNorm takes off again"),
            (leaks_from_the_past, "you changed the past"),
            (leaks_from_a_shaken_past, "you changed the past"),
            (leaks_everywhere, "you compared all outputs"),
            (leaks_from_one, "you changed one position alone"),
            (leaks_from_one_raised, "you changed one position alone"),
            (leaks_from_the_last, "you changed one position alone"),
            (leaks_one_too_far, "output t may depend on input t"),
            (leaks_turned, "return True where something leaks"),
            (leaks_never, "a leak has to be looked for"),
            (leaks_in_place, "you change `x` in place"),
            (leaks_in_one_row, "you compared one row alone"),
            (leaks_in_the_first_row, "you compared one row alone"),
            (leaks_in_two_rows, ""),
            (leaks_in_the_sum, "a sum or a mean hides what cancels"),
            (leaks_in_the_mean, "a sum or a mean hides what cancels"),
            (leaks_in_the_means_of_rows, "a sum or a mean hides what cancels"),
            (leaks_in_the_length, ""),
            (leaks_in_one_feature, "you compared one feature alone"),
            (leaks_from_one_feature, ""),
            (leaks_from_two_positions, ""),
            (leaks_from_next_two, ""),
            (leaks_above_a_thousandth, "your tolerance is too wide"),
            (leaks_nearly, ""),
            (leaks_when_zeroed, "zeros and multiples change nothing"),
            (leaks_when_scaled, "zeros and multiples change nothing"),
            (leaks_when_shuffled, ""),
            (leaks_when_all_alike, "you changed all later rows alike"),
            (leaks_when_rows_are_raised, ""),
            (leaks_as_nan, "0 times NaN is NaN"),
            (leaks_when_cut, "a shorter x is another question"),
            (leaks_in_each_number, ""),
            (leaks_counted, "you return a number"),
        ),
        inputs=a_layer,
    ),
    "window_mask": Answers(
        right=(
            window_mask,
            window_by_indices,
            window_in_lists,
            window_of_numbers,
            window_of_ones,
            window_by_bands,
            window_by_torch,
            window_by_diagonals,
            window_by_toeplitz,
            window_by_broadcasting,
            window_as_tuples,
        ),
        wrong=(
            (window_too_wide, "not width"),
            (window_open, "use <=, not <"),
            (window_back, "this window looks back only"),
            (window_ahead, "this window looks ahead only"),
            (window_hidden, "the other way round"),
            (window_in_ring, "the last position is no neighbour of the first"),
            (window_shifted, "nothing is shifted there"),
            (window_of_scores, "where True and False are expected"),
            (window_of_shares, ""),
            (window_wrapping, ""),
            (window_short_on_the_right, ""),
            (window_signed, ""),
            (window_of_blocks, ""),
            (window_of_edges, ""),
            (window_flat, "you return shape"),
            (window_without_itself, ""),
        ),
        inputs=a_window,
    ),
    "window_edges": Answers(
        right=(
            window_edges,
            edges_row_by_row,
            edges_by_ends,
            edges_in_a_double_loop,
            edges_closed,
            edges_by_diagonals,
            edges_by_pairs,
            edges_by_arrays,
            edges_by_clipping,
            edges_by_recursion,
            edges_by_convolution,
        ),
        wrong=(
            (edges_without_ends, "the first and the last rows see fewer blocks"),
            (edges_without_self, "its own block too"),
            (edges_once, "you counted each pair once"),
            (edges_one_row, "more than one row at each end"),
            (edges_one_end, "you took away one end only"),
            (edges_if_it_fits, "you took away more than there was"),
            (edges_capped, "cut short even if the window is no wider"),
            (edges_too_wide, "not window"),
            (edges_or_all, ""),
            (edges_never_negative, ""),
            (edges_open, ""),
            (edges_in_ring, ""),
            (edges_of_a_row, "where a number is expected"),
            (edges_as_share, ""),
            (edges_of_nodes, ""),
            (edges_by_pieces, ""),
        ),
        inputs=a_pattern,
    ),
    "layers_to_reach": Answers(
        right=(
            layers_to_reach,
            reach_step_by_step,
            reach_by_breadth_first,
            reach_by_floyd_warshall,
            reach_by_scipy,
            reach_by_powers_with_stream,
            reach_by_torch,
            reach_by_sets,
            reach_by_recursion,
            reach_from_the_other_side,
            reach_if_connected,
        ),
        wrong=(
            (reach_by_powers, "what was reached stays reached"),
            (reach_both_ways, "attention is directed"),
            (reach_one_more, "one layer too many"),
            (reach_one_less, "one layer too few"),
            (reach_from_first, "how far the first block reaches"),
            (reach_of_first, "how far the news of the first block gets"),
            (reach_none, "you return None"),
            (reach_endless, ""),
            (reach_or_all, "where something is never reached, return -1"),
            (reach_stopping_early, "you stopped one layer too early"),
            (reach_from_the_first_layer, ""),
            (reach_by_adjacency, ""),
            (reach_anything, ""),
            (reach_by_squaring, ""),
            (reach_unless_a_row_is_empty, ""),
            (reach_halved, ""),
            (reach_on_average, ""),
        ),
        inputs=a_graph,
    ),
}
