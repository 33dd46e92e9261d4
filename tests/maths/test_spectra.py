"""Spectra of attention: against definitions, plain sums and random trials."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projections import onto, relative_error

from nlp4.maths import spectra
from nlp4.support.errors import UserError


def weights(seed: int, n: int = 24) -> np.ndarray:
    return spectra.attention(np.random.default_rng(seed).normal(size=(n, n)), scale=2.0)


@given(seed=st.integers(0, 1000))
def test_singular_values_are_the_roots_of_the_grams_eigenvalues(seed: int) -> None:
    p = weights(seed)
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(p @ p.T)[::-1], 0))
    assert np.allclose(spectra.singular_values(p), roots, atol=1e-7)


@given(seed=st.integers(0, 1000), k=st.integers(1, 24))
def test_a_truncation_errs_by_what_it_leaves_out(seed: int, k: int) -> None:
    p = weights(seed)
    left, values, right = np.linalg.svd(p)
    nearest = sum(values[i] * np.outer(left[:, i], right[i]) for i in range(k))
    found = spectra.truncation_errors(values)[k - 1]
    assert math.isclose(found, relative_error(nearest, p), abs_tol=1e-7)


@given(seed=st.integers(0, 1000), k=st.integers(1, 23))
def test_no_projection_beats_the_truncation(seed: int, k: int) -> None:
    p = weights(seed)
    least = spectra.truncation_errors(spectra.singular_values(p))[k - 1]
    rng = np.random.default_rng(seed)
    directions = spectra.main_directions(np.stack([weights(seed + i) for i in (1, 2, 3)]))
    fitted = relative_error(p @ onto(directions, k), p)
    e, f = spectra.gaussian_projection(24, k, rng)
    drawn = relative_error(p @ e.T @ f, p)
    assert least <= fitted + 1e-9 and least <= drawn + 1e-9


def test_fitted_to_one_text_the_projection_is_the_best_for_it() -> None:
    p = weights(3)
    directions = spectra.main_directions(p[None])
    best = spectra.truncation_errors(spectra.singular_values(p))
    for k in (1, 5, 12):
        assert math.isclose(relative_error(p @ onto(directions, k), p), best[k - 1])


def test_shares_and_ranks_of_a_known_spectrum() -> None:
    values = np.array([6.0, 3.0, 1.0])
    assert np.allclose(spectra.cumulative_share(values), [0.6, 0.9, 1.0])
    assert np.allclose(spectra.cumulative_share(values, squared=True), [36 / 46, 45 / 46, 1])
    assert [spectra.rank_for(values, share) for share in (0.5, 0.6, 0.61, 0.9, 1.0)] == [
        1,
        1,
        2,
        2,
        3,
    ]
    assert spectra.rank_for(values, 0.8, squared=True) == 2


@given(seed=st.integers(0, 1000), n=st.integers(1, 12), scale=st.floats(0, 4), causal=st.booleans())
def test_attention_is_the_softmax_of_what_each_row_may_see(
    seed: int, n: int, scale: float, causal: bool
) -> None:
    logits = np.random.default_rng(seed).normal(size=(2, n, n))
    found = spectra.attention(logits, scale=scale, causal=causal)
    for one, weights in zip(logits.tolist(), found.tolist(), strict=True):
        for i, row in enumerate(one):
            powers = [math.exp(scale * z) for z in (row[: i + 1] if causal else row)]
            powers += [0.0] * (n - len(powers))
            assert np.allclose(weights[i], [power / sum(powers) for power in powers])


def test_logits_are_scaled_dot_products() -> None:
    q, k = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    found = spectra.logits(q, k)
    for text, i, j in np.ndindex(3, 5, 5):
        dot = sum(a * b for a, b in zip(q[text, i], k[text, j], strict=True))
        assert math.isclose(found[text, i, j], dot / 2)


def test_a_previous_token_head_is_not_low_rank() -> None:
    p = spectra.attention(spectra.previous_token_logits(50))
    before = np.eye(50, k=-1)
    before[0, 0] = 1
    assert np.allclose(p, before, atol=1e-6)
    values = spectra.singular_values(p)
    assert np.allclose(values[1:49], 1, atol=1e-6)
    assert spectra.rank_for(values, 0.9) >= 44
    both_ways = spectra.attention(spectra.previous_token_logits(50), causal=False)
    assert np.allclose(both_ways, before, atol=1e-6)


def test_at_scale_zero_a_row_is_the_mean_of_what_came_before() -> None:
    rng = np.random.default_rng(0)
    p, v = spectra.attention(rng.normal(size=(128, 128)), scale=0.0), rng.normal(size=(128, 3))
    assert all(np.allclose(p[i] @ v, v[: i + 1].mean(0)) for i in range(128))
    values = spectra.singular_values(p)
    assert spectra.rank_for(values, 0.9) == 47
    assert (spectra.truncation_errors(values) <= 0.1).argmax() + 1 == 22


def test_a_gaussian_projection_is_the_identity_on_average_and_two_are_nothing() -> None:
    rng = np.random.default_rng(0)
    for shared, expected in ((True, np.eye(6)), (False, np.zeros((6, 6)))):
        drawn = [spectra.gaussian_projection(6, 3, rng, shared=shared) for _ in range(20_000)]
        mean = np.mean([e.T @ f for e, f in drawn], axis=0)
        # An entry's standard deviation is at most sqrt(2 / 3): five standard errors.
        assert np.abs(mean - expected).max() < 5 * math.sqrt(2 / 3 / 20_000)


@pytest.mark.parametrize(("eps", "k"), [(0.5, 250), (0.1, 3466)])
def test_the_theorems_k_is_loose(eps: float, k: int) -> None:
    assert spectra.theorem_rank(512, eps) == k


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("k", [32, 195])
def test_a_gaussian_projection_errs_by_its_formula(k: int, shared: bool) -> None:
    """E |P (R^T R - I)|^2 = |P|^2 (n + 1) / k for every P: 100% or more for every k <= n."""
    n, rng = 128, np.random.default_rng(k)
    p = weights(k, n)
    drawn = [spectra.gaussian_projection(n, k, rng, shared=shared) for _ in range(40)]
    errors = [relative_error(p @ e.T @ f, p) for e, f in drawn]
    expected = spectra.gaussian_error(n, k, shared=shared)
    assert math.isclose(np.mean(errors), expected, rel_tol=0.02)


@given(seed=st.integers(0, 1000), k=st.integers(1, 12))
def test_the_errors_are_those_of_the_products_written_out(seed: int, k: int) -> None:
    rng, p = np.random.default_rng(seed), weights(seed, 12)
    v, (e, f) = rng.normal(size=(12, 3)), rng.normal(size=(2, k, 12))
    of_weights, of_output = spectra.projection_errors(p, v, e, f)
    assert math.isclose(of_weights, relative_error((p @ e.T) @ f, p))
    assert math.isclose(of_output, relative_error((p @ e.T) @ (f @ v), p @ v))


@given(seed=st.integers(0, 200), k=st.integers(1, 12))
def test_no_pair_of_matrices_beats_one_fitted_matrix(seed: int, k: int) -> None:
    """The best E^T F of rank k for some texts has E = F."""
    p = np.concatenate([weights(seed + i, 12) for i in range(3)])
    left, values, right = np.linalg.svd(p, full_matrices=False)
    least = np.linalg.norm(p - (left[:, :k] * values[:k]) @ right[:k])
    fitted = np.linalg.norm(p - p @ onto(spectra.main_directions(p), k))
    assert math.isclose(fitted, least, rel_tol=1e-6, abs_tol=1e-6)


@given(seed=st.integers(0, 200), n=st.integers(2, 16), share=st.floats(0.01, 1))
def test_readers_after_a_block_get_nothing_of_what_comes_after_them(
    seed: int, n: int, share: float
) -> None:
    """Each reader attends to the rows of the blocks that have ended: later places move nothing."""
    k, rng = max(1, int(share * n)), np.random.default_rng(seed)
    e = spectra.block_directions(np.stack([weights(seed + i, n) for i in range(3)]), k)
    blocks = np.array_split(np.arange(n), k)
    for row, block in zip(e, blocks, strict=True):
        assert set(np.flatnonzero(np.abs(row) > 1e-12).tolist()) <= set(block.tolist())
        assert math.isclose((row**2).sum(), 1) and row.sum() > 0
    ended = np.array([[block[-1] <= i for block in blocks] for i in range(n)])

    def read(x: np.ndarray) -> np.ndarray:
        powers = np.where(ended, np.exp(x @ (e @ x).T), 0.0)
        return powers / np.maximum(powers.sum(1, keepdims=True), 1e-9) @ (e @ x)

    x = rng.normal(size=(n, 4))
    for t in range(1, n):
        changed = x.copy()
        changed[t:] += rng.normal(size=(n - t, 4))
        assert np.allclose(read(changed)[:t], read(x)[:t])


def test_a_blocks_row_holds_most_of_what_its_readers_take() -> None:
    examples = np.stack([weights(i, 12) for i in range(5)])
    rows = spectra.block_directions(examples, 3)
    taken = examples[:, 7:, 4:8].reshape(-1, 4)  # readers of block 1, at place 7 and after
    left = np.linalg.norm(taken - np.outer(taken @ rows[1, 4:8], rows[1, 4:8]))
    assert math.isclose(left, np.sqrt((np.linalg.svd(taken)[1][1:] ** 2).sum()))
    assert np.allclose(spectra.block_directions(examples, 12), np.eye(12))


@given(seed=st.integers(0, 200), k=st.integers(0, 12))
def test_what_rows_hold_is_what_least_squares_leaves(seed: int, k: int) -> None:
    p, rows = weights(seed, 12), np.random.default_rng(seed).normal(size=(k, 12))
    fit = np.linalg.lstsq(rows.T, p.T, rcond=None)[0] if k else np.zeros((0, 12))
    expected = 1 - ((p - fit.T @ rows) ** 2).sum() / (p**2).sum()
    assert math.isclose(spectra.held_share(p, rows), expected, abs_tol=1e-9)


@pytest.mark.parametrize(("n", "eps"), [(1, 0.5), (512, 0.0), (512, 1.0)])
def test_the_theorem_refuses_what_it_does_not_cover(n: int, eps: float) -> None:
    with pytest.raises(UserError, match="0 < eps < 1"):
        spectra.theorem_rank(n, eps)
