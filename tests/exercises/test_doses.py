"""Tests of `nlp4.exercises.doses`: the reference another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import cases

from nlp4.exercises.doses import HALF_DOSE


def test_half_is_where_a_fine_grid_first_reaches_it() -> None:
    for doses, shares in cases("half_dose"):
        grid = np.unique(np.concatenate((doses, np.linspace(doses[0], doses[-1], 200_001))))
        above = np.flatnonzero(np.interp(grid, doses, shares) >= 0.5 - 1e-12)
        found = HALF_DOSE.reference(doses, shares)
        if not len(above):
            assert math.isnan(found)
        else:
            assert found == pytest.approx(grid[above[0]], abs=(doses[-1] - doses[0]) / 1e5)


def test_the_cases_have_every_kind_of_curve() -> None:
    """Never there, there from the beginning, exactly there, and there more than once."""
    kinds = set()
    for _, shares in cases("half_dose"):
        above = shares >= 0.5
        kinds.add("never" if not above.any() else "first" if above[0] else "between")
        kinds |= {"exactly"} if 0.5 in shares else set()
        kinds |= {"again"} if (np.diff(above.astype(int)) < 0).any() else set()
    assert kinds == {"never", "first", "between", "exactly", "again"}
