"""What a Linformer's projection mixes, and what of it a causal reader must not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlp4 import spectra
from nlp4.efficient_scenes import Heads
from nlp4.linformer import Linformer, LinformerConfig, ProjectionKind

Array = NDArray[np.float64]
PLACES = 64  # that the projection mixes
Kind = Literal["means of runs", "random (Gaussian)", "fitted to trained heads"]
_MADE: dict[str, ProjectionKind] = {"means of runs": "mean", "random (Gaussian)": "gaussian"}


@dataclass(frozen=True)
class ProjectionScene:
    """A projection E `(k, PLACES)`, a reader's place, and how much of each row comes after it."""

    kind: Kind
    rows: Array
    reader: int  # counted from 0
    later: Array  # (k,): share of each row's absolute weight on places behind the reader

    @property
    def leaking(self) -> int:
        """How many rows hold anything of what comes after the reader."""
        return int((self.later > 1e-9).sum())


def fitted_directions(heads: Heads) -> Array:
    """Orthonormal rows `(PLACES, PLACES)`, the best that one matrix can keep of all trained heads.

    This is layerwise sharing: one projection for every head of every layer. The first `PLACES`
    rows and columns of causal weights are the weights of the texts' first `PLACES` characters.
    """
    weights = heads.trained[..., :PLACES, :PLACES]
    return spectra.main_directions(weights.reshape(-1, PLACES, PLACES))


def projection_scene(directions: Array, kind: Kind, k: int, reader: int) -> ProjectionScene:
    """The projection to k rows, seen by a reader at a place (from 0).

    `directions` are those of `fitted_directions`. Raises UserError if k is larger than `PLACES`.
    """
    config = LinformerConfig(PLACES, k, projection=_MADE.get(kind, "mean"))
    if kind in _MADE:
        rows = Linformer(config, heads=1).matrices(PLACES)[0][0].double().numpy()
    else:
        rows = directions[:k]
    sizes = np.abs(rows)
    return ProjectionScene(kind, rows, reader, sizes[:, reader + 1 :].sum(1) / sizes.sum(1))
