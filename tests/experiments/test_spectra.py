"""Tests of `nlp4.experiments.spectra`."""

from __future__ import annotations

import numpy as np
import torch

from nlp4.data.corpus import load_corpus
from nlp4.experiments.spectra import LENGTH, QueriesAndKeys, heads_of, sharing
from nlp4.maths.spectra import attention, logits, rank_for, singular_values
from nlp4.models.attention import dense_reference
from nlp4.training import shipped


def test_heads_are_attention_of_the_model_on_the_texts() -> None:
    model, vocabulary = shipped.load("people")
    found = heads_of(model, vocabulary, load_corpus(), texts=3)
    assert (found.texts, found.layers, found.heads) == (3, 2, 4)
    assert found.untrained.multiples.shape == found.trained.multiples.shape
    text = " ".join(load_corpus().biographies)[:LENGTH]
    x, turns = model.embed(torch.tensor([vocabulary.encode(text)]))
    layer = model.layers[0]
    q, k, v = layer.attention.queries_keys_values(layer.norm_1(x), turns)
    for causal in (True, False):
        expected = dense_reference(q, k, v, causal=causal)[1][0]
        for head, exact in enumerate(expected.detach().numpy()):
            shown = attention(found.trained.logits(0, head)[0], causal=causal)
            assert np.allclose(shown, exact, rtol=0.1, atol=0.002)  # eight bits
            ranks = [rank_for(singular_values(each), 0.9) for each in (shown, exact)]
            assert abs(ranks[0] - ranks[1]) <= 1
    assert np.allclose(found.values[0], v[0].detach().numpy(), atol=2e-3)


def test_queries_and_keys_are_kept_within_half_a_step() -> None:
    exact = np.random.default_rng(0).normal(size=(2, 3, 1, 2, 5, 4)).astype(np.float32)
    kept = QueriesAndKeys.of(exact)
    largest = np.abs(exact).max(axis=(1, 4), keepdims=True)
    assert (np.abs(kept.multiples * kept.steps - exact) <= largest / 254 + 1e-6).all()
    assert kept.multiples.dtype == np.int8
    assert np.allclose(kept.logits(0, 1), logits(*exact[:, :, 0, 1]), atol=0.1)


def test_sharing_is_as_many_matrices_as_the_paper_counts() -> None:
    """Section 4: 12 layers of 12 heads have 24, 12 and 1 matrices; unshared 2 for each head."""
    found = sharing(12, 12, 4, 16)
    matrices = {"none": 288, "headwise": 24, "key-value": 12, "layerwise": 1}
    assert found == {share: (count, count * 4 * 16) for share, count in matrices.items()}
