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
    return spectra.random_attention(n, np.random.default_rng(seed), scale=2.0)


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
    drawn = relative_error(p @ spectra.gaussian_projection(24, k, rng), p)
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


@given(seed=st.integers(0, 1000), n=st.integers(1, 30))
def test_random_attention_is_causal_and_sums_to_one(seed: int, n: int) -> None:
    p = spectra.random_attention(n, np.random.default_rng(seed))
    assert np.allclose(p.sum(1), 1) and (p >= 0).all() and np.allclose(p, np.tril(p))


def test_a_previous_token_head_is_not_low_rank() -> None:
    p = spectra.previous_token(50)
    assert (p.sum(1) == 1).all() and p[7, 6] == 1 and p[0, 0] == 1
    values = spectra.singular_values(p)
    assert np.allclose(values[1:49], 1)
    assert spectra.rank_for(values, 0.9) >= 44


def test_the_causal_mean_is_the_mean_of_what_came_before() -> None:
    p, v = spectra.causal_mean(128), np.random.default_rng(0).normal(size=(128, 3))
    assert all(np.allclose(p[i] @ v, v[: i + 1].mean(0)) for i in range(128))
    values = spectra.singular_values(p)
    assert spectra.rank_for(values, 0.9) == 47
    assert (spectra.truncation_errors(values) <= 0.1).argmax() + 1 == 22


def test_a_gaussian_projection_is_the_identity_on_average() -> None:
    rng = np.random.default_rng(0)
    mean = np.mean([spectra.gaussian_projection(6, 3, rng) for _ in range(20_000)], axis=0)
    # An entry's standard deviation is at most sqrt(2 / 3): five standard errors.
    assert np.abs(mean - np.eye(6)).max() < 5 * math.sqrt(2 / 3 / 20_000)


@pytest.mark.parametrize(("eps", "k"), [(0.5, 250), (0.1, 3466)])
def test_the_theorems_k_is_loose(eps: float, k: int) -> None:
    assert spectra.theorem_rank(512, eps) == k


@pytest.mark.parametrize("k", [32, 195])
def test_a_gaussian_projection_errs_by_the_root_of_n_plus_one_over_k(k: int) -> None:
    """E |P (R^T R - I)|^2 = |P|^2 (n + 1) / k for every P: 100% or more for every k <= n."""
    n, rng = 128, np.random.default_rng(k)
    p = spectra.random_attention(n, rng, scale=2.0)
    drawn = [relative_error(p @ spectra.gaussian_projection(n, k, rng), p) for _ in range(40)]
    assert math.isclose(np.mean(drawn), math.sqrt((n + 1) / k), rel_tol=0.02)


@pytest.mark.parametrize(("n", "eps"), [(1, 0.5), (512, 0.0), (512, 1.0)])
def test_the_theorem_refuses_what_it_does_not_cover(n: int, eps: float) -> None:
    with pytest.raises(UserError, match="0 < eps < 1"):
        spectra.theorem_rank(n, eps)
