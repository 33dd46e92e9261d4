"""The furthest vector: one full layer finds it, a layer that does not see it cannot."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp4.block_pattern import BlockPattern
from nlp4.furthest_vector import furthest, pointed_at, unit_vectors


@given(seed=st.integers(0, 500), n=st.integers(2, 60), d=st.integers(2, 8))
def test_full_attention_points_at_the_furthest(seed: int, n: int, d: int) -> None:
    vectors = unit_vectors(n, d, np.random.default_rng(seed))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    found = pointed_at(vectors, np.ones((n, n), dtype=bool))
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=-1)
    rows = np.arange(n)
    assert np.allclose(distances[rows, found], distances.max(1))
    assert np.allclose(distances[rows, furthest(vectors)], distances.max(1))


def test_a_sparse_layer_finds_it_only_where_it_looks() -> None:
    vectors = unit_vectors(256, 16, np.random.default_rng(0))
    mask = BlockPattern(16, 3, 1, 1).mask(256)
    truth, found = furthest(vectors), pointed_at(vectors, mask)
    visible = mask[np.arange(256), truth]
    assert (found[visible] == truth[visible]).all()
    assert (found[~visible] != truth[~visible]).all()
    assert 0.1 < visible.mean() < 0.6
