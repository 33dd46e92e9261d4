"""The mathematics: numbers in, numbers out. It knows nothing of models, pictures or files."""

from nlp4.maths import (
    block_pattern,
    calibration,
    copying,
    cost,
    crosstalk,
    geometry,
    heads,
    logit_normal,
    noisy_keys,
    spectra,
    statistics,
)

__all__ = [
    "block_pattern",
    "calibration",
    "copying",
    "cost",
    "crosstalk",
    "geometry",
    "heads",
    "logit_normal",
    "noisy_keys",
    "spectra",
    "statistics",
]
