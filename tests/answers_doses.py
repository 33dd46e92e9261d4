"""Right and wrong answers to the exercise of `nlp4.exercises.doses`, as learners write them."""

from __future__ import annotations

import bisect
import itertools
import math
from fractions import Fraction
from functools import reduce

import numpy as np
import torch
from answers import Answers
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq
from scipy.special import logit


def half(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)
    if not len(reached):
        return np.nan
    i = reached[0]
    if i == 0:
        return doses[0]
    return doses[i - 1] + (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1]) * (
        doses[i] - doses[i - 1]
    )


def half_by_loop(doses, shares):
    for i in range(len(doses)):
        if shares[i] >= 0.5:
            if i == 0:
                return doses[0]
            slope = (shares[i] - shares[i - 1]) / (doses[i] - doses[i - 1])
            return doses[i - 1] + (0.5 - shares[i - 1]) / slope
    return float("nan")


def half_by_interp(doses, shares):
    if not (shares >= 0.5).any():
        return np.nan
    i = np.argmax(shares >= 0.5)
    here = [max(i - 1, 0), i]
    return np.interp(0.5, shares[here], doses[here])


def half_by_recursion(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    if len(doses) == 1:
        return np.nan
    if shares[1] >= 0.5:
        return np.interp(0.5, shares[:2], doses[:2])
    return half_by_recursion(doses[1:], shares[1:])


def half_in_fractions(doses, shares):
    doses, shares = ([Fraction(each) for each in given.tolist()] for given in (doses, shares))
    at = next((i for i, share in enumerate(shares) if share >= Fraction(1, 2)), None)
    if at is None:
        return math.nan
    if at == 0:
        return float(doses[0])
    below, above = shares[at - 1], shares[at]
    left, right = above - Fraction(1, 2), Fraction(1, 2) - below
    return (left * doses[at - 1] + right * doses[at]) / (above - below)


def half_by_pairs(doses, shares):
    points = list(zip(doses.tolist(), shares.tolist(), strict=True))
    if points[0][1] >= 0.5:
        return points[0][0]
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        if y < 0.5 <= next_y:
            return next_x - (next_y - 0.5) / (next_y - y) * (next_x - x)
    return math.nan


def half_by_torch(doses, shares):
    x, y = torch.tensor(doses), torch.tensor(shares)
    reached = (y >= 0.5).nonzero().flatten()
    if reached.numel() == 0:
        return torch.tensor(math.nan)
    i = int(reached.min())
    if i == 0:
        return x[0]
    return torch.lerp(x[i - 1], x[i], (0.5 - y[i - 1]) / (y[i] - y[i - 1]))


def half_in_single_precision(doses, shares):
    return np.float32(half(doses.astype(np.float32), shares.astype(np.float32)))


def half_by_root(doses, shares):
    if shares.max() < 0.5:
        return np.nan
    i = min(np.where(shares >= 0.5)[0])
    if i == 0:
        return doses[0]
    return brentq(lambda dose: np.interp(dose, doses, shares) - 0.5, doses[i - 1], doses[i])


def half_by_halving(doses, shares):
    above = [i for i, share in enumerate(shares) if not share < 0.5]
    if above == []:
        return np.inf - np.inf
    if above[0] == 0:
        return doses[0]
    low, high = doses[above[0] - 1], doses[above[0]]
    for _ in range(60):
        middle = (low + high) / 2
        if np.interp(middle, doses, shares) >= 0.5:
            high = middle
        else:
            low = middle
    return high


def half_of_all_lines(doses, shares):
    rises = (shares[:-1] < 0.5) & (shares[1:] >= 0.5)
    part = (0.5 - shares[:-1]) / np.where(rises, np.diff(shares), 1)
    found = [*doses[:1][shares[:1] >= 0.5], *(doses[:-1] + part * np.diff(doses))[rises]]
    return min(found, default=np.nan)


def half_by_fitting_two(doses, shares):
    for i, (dose, share) in enumerate(zip(doses, shares, strict=True)):
        if share == 0.5 or (share > 0.5 and i == 0):
            return dose
        if share > 0.5:
            slope, height = np.polyfit(doses[i - 1 : i + 1], shares[i - 1 : i + 1], 1)
            return (0.5 - height) / slope
    return np.nan


def half_by_solving(doses, shares):
    above = shares >= 0.5
    if not above.any():
        return np.array(np.nan)
    at = above.tolist().index(True)
    if at == 0:
        return np.array(doses[0])
    line = np.array([[1.0, doses[at - 1]], [1.0, doses[at]]])
    height, slope = np.linalg.solve(line, shares[at - 1 : at + 1])
    return np.array((0.5 - height) / slope)


def half_folded(doses, shares):
    def step(so_far, point):
        (x, y), found = so_far
        if math.isnan(found) and point[1] >= 0.5:
            part = 1 if y is None else (0.5 - y) / (point[1] - y)
            found = x + part * (point[0] - x)
        return point, found

    return reduce(step, zip(doses, shares, strict=True), ((0.0, None), math.nan))[1]


def half_by_searching_the_highest_so_far(doses, shares):
    i = np.searchsorted(np.maximum.accumulate(shares), 0.5)
    if i == len(doses):
        return np.nan
    return np.interp(0.5, shares[max(0, i - 1) : i + 1], doses[max(0, i - 1) : i + 1])


def half_measured(doses, shares):
    reached = doses[shares >= 0.5]
    return reached[0] if len(reached) else np.nan


def half_measured_or_stop(doses, shares):
    return doses[shares >= 0.5][0]


def half_measured_by_argmax(doses, shares):
    return doses[np.argmax(shares >= 0.5)]


def half_before(doses, shares):
    last = doses[0]
    for dose, share in zip(doses, shares, strict=True):
        if share >= 0.5:
            return last
        last = dose
    return np.nan


def half_last_below(doses, shares):
    return doses[shares < 0.5].max()


def half_last_below_in_a_list(doses, shares):
    return [dose for dose, share in zip(doses, shares, strict=True) if share < 0.5][-1]


def half_nearest(doses, shares):
    return doses[np.argmin(abs(shares - 0.5))]


def half_nearest_if_reached(doses, shares):
    if max(shares) < 0.5:
        return math.nan
    return min(zip(doses, shares, strict=True), key=lambda point: abs(point[1] - 0.5))[0]


def half_middle(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)
    if len(reached) == 0:
        return np.nan
    i = reached[0]
    return doses[0] if i == 0 else doses[i - 1 : i + 1].mean()


def half_of_the_whole_curve(doses, shares):
    return np.interp(0.5, shares, doses)


def half_of_the_whole_curve_or_nan(doses, shares):
    return np.interp(0.5, shares, doses, right=np.nan)


def half_of_the_whole_curve_if_reached(doses, shares):
    if (shares < 0.5).all():
        return np.nan
    return float(np.interp(0.5, shares, doses))


def half_of_the_whole_curve_but_its_start(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    return np.interp(0.5, shares, doses) if np.any(shares >= 0.5) else np.nan


def half_by_searchsorted(doses, shares):
    i = np.searchsorted(shares, 0.5)
    if i == 0:
        return doses[0]
    if i == len(shares):
        return np.nan
    return doses[i - 1] + (0.5 - shares[i - 1]) * (doses[i] - doses[i - 1]) / (
        shares[i] - shares[i - 1]
    )


def half_by_bisect(doses, shares):
    i = bisect.bisect_left(shares, 0.5)
    if i in (0, len(shares)):
        return np.nan if i else doses[0]
    return np.interp(0.5, shares[i - 1 : i + 1], doses[i - 1 : i + 1])


def half_sorted(doses, shares):
    order = shares.argsort()
    return np.interp(0.5, shares[order], doses[order])


def half_sorted_if_reached(doses, shares):
    if shares.max() < 0.5:
        return np.nan
    return np.interp(0.5, sorted(shares), doses)


def half_at_last(doses, shares):
    found = doses[0] if shares[0] >= 0.5 else np.nan
    for i in range(1, len(doses)):
        if shares[i - 1] < 0.5 <= shares[i]:
            found = np.interp(0.5, shares[i - 1 : i + 1], doses[i - 1 : i + 1])
    return found


def half_at_the_last_reached(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)
    if not len(reached):
        return np.nan
    i = reached[-1]
    if i == 0:
        return doses[0]
    part = (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])
    return doses[i - 1] + part * (doses[i] - doses[i - 1])


def half_from_the_last_below(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    if shares.max() < 0.5:
        return np.nan
    i = np.where(shares < 0.5)[0][-1]
    part = (0.5 - shares[i]) / (shares[i + 1] - shares[i])
    return doses[i] + part * (doses[i + 1] - doses[i])


def part_and_place(shares):
    """A right beginning: what many wrong answers go on from."""
    i = int(np.argmax(shares >= 0.5))
    return i, (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])


def half_exchanged(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return part * doses[i - 1] + (1 - part) * doses[i] if i else doses[0]


def half_from_the_upper(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return doses[i] + part * (doses[i] - doses[i - 1]) if i else doses[0]


def half_in_the_index(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return i - 1 + part if i else doses[0]


def half_by_index(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    return part_and_place(shares)[0] or doses[0]


def half_one_apart(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return doses[i - 1] + part if i else doses[0]


def half_equally_spaced(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    even = np.linspace(doses[0], doses[-1], len(doses))
    return even[i - 1] + part * (even[1] - even[0]) if i else doses[0]


def half_by_the_first_step(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return doses[i - 1] + part * (doses[1] - doses[0]) if i else doses[0]


def half_beyond(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return part * (doses[i] - doses[i - 1]) if i else doses[0]


def half_without_the_rise(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i = part_and_place(shares)[0]
    return doses[i - 1] + (0.5 - shares[i - 1]) * (doses[i] - doses[i - 1]) if i else doses[0]


def half_by_the_upper_share(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i = part_and_place(shares)[0]
    part = (0.5 - shares[i - 1]) / shares[i]
    return doses[i - 1] + part * (doses[i] - doses[i - 1]) if i else doses[0]


def half_upside_down(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i = part_and_place(shares)[0]
    part = (shares[i] - shares[i - 1]) / (0.5 - shares[i - 1])
    return doses[i - 1] + part * (doses[i] - doses[i - 1]) if i else doses[0]


def half_in_proportion(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i = part_and_place(shares)[0]
    return doses[i] * 0.5 / shares[i] if i else doses[0]


def half_of_the_part(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return part if i else doses[0]


def half_in_logarithms(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i, part = part_and_place(shares)
    return doses[i - 1] * (doses[i] / doses[i - 1]) ** part if i else doses[0]


def half_in_logarithms_plus_one(doses, shares):
    return np.exp(half(np.log(doses + 1), shares)) - 1


def half_fitted(doses, shares):
    slope, height = np.polyfit(doses, shares, 1)
    return (0.5 - height) / slope


def half_fitted_if_reached(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    if shares.max() < 0.5:
        return np.nan
    return np.poly1d(np.polyfit(shares, doses, deg=1))(0.5)


def half_as_a_share(doses, shares):
    if not any(shares >= 0.5):
        return np.nan
    i = part_and_place(shares)[0]
    return shares[i] if i else doses[0]


def half_at_half_a_dose(doses, shares):
    return np.interp(0.5, doses, shares)


def half_of_the_highest(doses, shares):
    level = 0.5 * shares.max()
    i = np.argmax(shares >= level)
    return np.interp(level, shares[max(i - 1, 0) : i + 1], doses[max(i - 1, 0) : i + 1])


def half_between_the_extremes(doses, shares):
    return half(doses, shares - (shares.min() + shares.max()) / 2 + 0.5)


def half_in_hundreds(doses, shares):
    for i in range(len(doses)):
        if shares[i] >= 50:
            return doses[i]
    return np.nan


def half_of_the_highest_so_far(doses, shares):
    return half(doses, np.maximum.accumulate(shares))


def half_or_the_last(doses, shares):
    found = half(doses, shares)
    return doses[-1] if np.isnan(found) else found


def half_or_zero(doses, shares):
    return np.nan_to_num(half(doses, shares))


def half_or_none(doses, shares):
    for i in range(len(doses)):
        if shares[i] >= 0.5:
            return half(doses[: i + 1], shares[: i + 1])


def half_or_infinity(doses, shares):
    return half(doses, shares) if shares.max() >= 0.5 else float("inf")


def half_or_minus_one(doses, shares):
    return half(doses, shares) if shares.max() >= 0.5 else -1


def half_or_twenty(doses, shares):
    return half(doses, shares) if shares.max() >= 0.5 else 20


def half_or_the_peak(doses, shares):
    return half(doses, shares) if shares.max() >= 0.5 else doses[np.argmax(shares)]


def half_by_argmax(doses, shares):
    i, part = part_and_place(shares)
    return doses[i - 1] + part * (doses[i] - doses[i - 1]) if i > 0 else doses[0]


def half_or_index_error(doses, shares):
    i = np.where(shares >= 0.5)[0][0]
    return doses[0] if i == 0 else half(doses[i - 1 : i + 1], shares[i - 1 : i + 1])


def half_or_stop_iteration(doses, shares):
    i = next(i for i, share in enumerate(shares) if share >= 0.5)
    return doses[0] if i == 0 else half(doses[i - 1 : i + 1], shares[i - 1 : i + 1])


def half_or_value_error(doses, shares):
    i = (shares >= 0.5).tolist().index(True)
    return doses[0] if i == 0 else half(doses[i - 1 : i + 1], shares[i - 1 : i + 1])


def half_or_beyond(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    i = 1
    while i < len(doses) - 1 and shares[i] < 0.5:
        i += 1
    return doses[i - 1] + (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1]) * (
        doses[i] - doses[i - 1]
    )


def half_wrapped(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)
    if not len(reached):
        return np.nan
    i, part = part_and_place(shares)
    return doses[i - 1] + part * (doses[i] - doses[i - 1])


def half_from_before_the_start(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)
    if not len(reached):
        return np.nan
    i = max(reached[0], 1)
    part = (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])
    return doses[i - 1] + part * (doses[i] - doses[i - 1])


def half_zero_at_the_start(doses, shares):
    return 0 if shares[0] >= 0.5 else half(doses, shares)


def half_nan_at_the_start(doses, shares):
    return np.nan if shares[0] >= 0.5 else half(doses, shares)


def half_none_at_the_start(doses, shares):
    for i in range(len(doses)):
        if shares[i] >= 0.5:
            return half(doses[i - 1 : i + 1], shares[i - 1 : i + 1]) if i else None
    return np.nan


def half_of_rises_alone(doses, shares):
    for i in range(1, len(doses)):
        if shares[i - 1] < 0.5 and shares[i] >= 0.5:
            return half(doses[i - 1 : i + 1], shares[i - 1 : i + 1])
    return np.nan


def half_of_changes(doses, shares):
    for i in range(len(doses) - 1):
        low, high = sorted(shares[i : i + 2])
        if low <= 0.5 <= high and low < high:
            part = (0.5 - shares[i]) / (shares[i + 1] - shares[i])
            return doses[i] + part * (doses[i + 1] - doses[i])
    return np.nan


def half_above(doses, shares):
    above = np.flatnonzero(shares > 0.5)
    if not len(above):
        return np.nan
    i = above[0]
    if i == 0:
        return doses[0]
    part = (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])
    return doses[i - 1] + part * (doses[i] - doses[i - 1])


def half_through(doses, shares):
    if shares[0] >= 0.5:
        return doses[0]
    for i in range(1, len(doses)):
        if shares[i - 1] < 0.5 < shares[i]:
            return half(doses[i - 1 : i + 1], shares[i - 1 : i + 1])
    return np.nan


def half_at_most(doses, shares):
    below = np.flatnonzero(shares <= 0.5)
    if not len(below):
        return np.nan
    i = below[0]
    if i == 0:
        return doses[0]
    part = (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])
    return doses[i - 1] + part * (doses[i] - doses[i - 1])


def half_of_our_doses(doses, shares):
    doses = [0, 1, 2, 5, 10, 15]
    for i in range(len(shares)):
        if shares[i] >= 0.5:
            if i == 0:
                return doses[0]
            part = (0.5 - shares[i - 1]) / (shares[i] - shares[i - 1])
            return doses[i - 1] + part * (doses[i] - doses[i - 1])
    return np.nan


def half_of_our_six_doses(doses, shares):
    points = list(zip([0, 1, 2, 5, 10, 15], shares, strict=False))
    if points[0][1] >= 0.5:
        return points[0][0]
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        if next_y >= 0.5:
            return x + (0.5 - y) / (next_y - y) * (next_x - x)
    return np.nan


def half_of_twenty(doses, shares):
    return half(doses / 20, shares)


def half_of_the_true_texts(doses, shares):
    return 20 - half(doses, shares)


def half_of_the_most(doses, shares):
    return half(doses / doses.max(), shares)


def half_rounded(doses, shares):
    found = half(doses, shares)
    return found if math.isnan(found) else round(found)


def half_in_whole_texts(doses, shares):
    return np.ceil(half(doses, shares))


def half_cut(doses, shares):
    return half(doses, shares) // 1


def half_as_a_list(doses, shares):
    return [half(doses, shares)]


def half_as_an_array(doses, shares):
    reached = np.flatnonzero(shares >= 0.5)[:1]
    before = np.maximum(reached - 1, 0)
    part = (0.5 - shares[before]) / np.where(reached > 0, shares[reached] - shares[before], 1)
    return doses[before] + part * (doses[reached] - doses[before])


def half_with_its_place(doses, shares):
    return half(doses, shares), int(np.argmax(shares >= 0.5))


def half_in_words(doses, shares):
    return f"{half(doses, shares):.2f}"


def half_by_shifting(doses, shares):
    shares -= 0.5
    return half(doses, shares + 0.5)


def half_by_filling(doses, shares):
    found = half(doses.copy(), shares)
    doses[shares < 0.5] = np.nan
    return found


def half_and_forget(doses, shares):
    half(doses, shares)


def half_on_a_grid(doses, shares):
    fine = np.linspace(doses[0], doses[-1], 1001)
    above = np.interp(fine, doses, shares) >= 0.5
    return fine[above.argmax()] if above.any() else np.nan


def half_on_a_smooth_curve(doses, shares):
    fine = np.linspace(doses[0], doses[-1], 20001)
    above = PchipInterpolator(doses, shares)(fine) >= 0.5
    return fine[above.argmax()] if above.any() else np.nan


def half_in_logits(doses, shares):
    return half(doses, logit(shares.clip(0.01, 0.99)) + 0.5)


def half_of_any_root(doses, shares):
    return brentq(lambda dose: np.interp(dose, doses, shares) - 0.5, doses[0], doses[-1])


def half_on_average(doses, shares):
    return (doses * shares).sum() / shares.sum()


def half_of_the_first_rise_below(doses, shares):
    i = int(np.argmax(np.diff(shares)))
    return half(doses[i : i + 2], shares[i : i + 2])


def half_within_a_tenth(doses, shares):
    close = np.flatnonzero(np.isclose(shares, 0.5, atol=0.06))
    return doses[close[0]] if len(close) else half(doses, shares)


def dosed(rng):
    n, people = int(rng.integers(2, rng.choice([4, 8, 22]))), int(rng.choice([8, 10, 24, 40]))
    doses = np.sort(rng.choice(21, n, replace=False)).astype(float)
    shares = np.linspace(rng.uniform(0, 0.7), rng.uniform(0.2, 1), n)
    shares = (shares + rng.normal(0, rng.choice([0.03, 0.1, 0.3]), n)).clip(0, 1)
    if rng.random() < 0.15:
        shares = shares * 0.49
    if rng.random() < 0.3:
        shares[int(rng.integers(n))] = 0.5
    return doses, np.where(shares == 0.5, 0.5, (shares * people).round() / people)


ANSWERS = {
    "half_dose": Answers(
        right=(
            half,
            half_by_loop,
            half_by_interp,
            half_by_recursion,
            half_in_fractions,
            half_by_pairs,
            half_by_torch,
            half_in_single_precision,
            half_by_root,
            half_by_halving,
            half_of_all_lines,
            half_by_fitting_two,
            half_by_solving,
            half_folded,
            half_by_searching_the_highest_so_far,
        ),
        wrong=(
            (half_measured, "this is the first measured dose"),
            (half_measured_or_stop, "this is the first measured dose"),
            (half_measured_by_argmax, "this is the first measured dose"),
            (half_before, "this is the last dose before one half"),
            (half_last_below, "this is the last dose before one half"),
            (half_last_below_in_a_list, "this is the last dose before one half"),
            (half_nearest, "this is the measured dose nearest to one half"),
            (half_nearest_if_reached, "this is the measured dose nearest to one half"),
            (half_middle, "this is the middle of two doses"),
            (half_of_the_whole_curve, "this search is made for shares that always rise"),
            (half_of_the_whole_curve_or_nan, "this search is made for shares that always rise"),
            (half_of_the_whole_curve_if_reached, "this search is made for shares that always rise"),
            (
                half_of_the_whole_curve_but_its_start,
                "this search is made for shares that always rise",
            ),
            (half_by_searchsorted, "this search is made for shares that always rise"),
            (half_by_bisect, "this search is made for shares that always rise"),
            (half_sorted, "you sorted the shares"),
            (half_sorted_if_reached, "you sorted the shares"),
            (half_at_last, "this is where the curve last reaches one half"),
            (half_at_the_last_reached, "this is where the curve last reaches one half"),
            (half_from_the_last_below, "you began at the last share below one half"),
            (half_exchanged, "you exchanged the two ends"),
            (half_from_the_upper, "you began at the upper dose"),
            (half_in_the_index, "this is a place in the array"),
            (half_by_index, "this is a place in the array"),
            (half_one_apart, "you took the doses for equally spaced"),
            (half_equally_spaced, "you took the doses for equally spaced"),
            (half_by_the_first_step, "you took the doses for equally spaced"),
            (half_beyond, "this is how far beyond the lower dose"),
            (half_without_the_rise, "you did not divide by the rise"),
            (half_by_the_upper_share, "you did not divide by the rise"),
            (half_upside_down, "the part of the way is turned upside down"),
            (half_in_proportion, "you drew the line from zero"),
            (half_of_the_part, "this is the part of the way between two doses"),
            (half_in_logarithms, "you took the logarithm of the dose"),
            (half_in_logarithms_plus_one, "you took the logarithm of the dose"),
            (half_fitted, "you fitted one line to all points"),
            (half_fitted_if_reached, "you fitted one line to all points"),
            (half_as_a_share, "this is a share: return the dose"),
            (half_at_half_a_dose, "this is the share at a dose of one half"),
            (half_of_the_highest, "half of the highest share"),
            (half_between_the_extremes, "half of the highest share"),
            (half_in_hundreds, "one half is 0.5, not 50"),
            (half_of_the_highest_so_far, "you put the highest share so far for each"),
            (half_or_the_last, "return np.nan, not the last dose"),
            (half_or_zero, "return np.nan, not 0"),
            (half_or_none, "return np.nan, not None"),
            (half_or_infinity, "return np.nan, not infinity"),
            (half_or_minus_one, "return np.nan, not -1"),
            (half_or_twenty, "return np.nan, not the number of all texts"),
            (half_or_the_peak, "return np.nan, not the dose of the highest share"),
            (half_by_argmax, "return np.nan, not the first dose"),
            (half_or_index_error, "your function stops where no share is one half or more"),
            (half_or_stop_iteration, "your function stops where no share is one half or more"),
            (half_or_value_error, "your function stops where no share is one half or more"),
            (half_or_beyond, "return np.nan, not a line that goes on"),
            (half_wrapped, "return the first dose, not what index -1 gives"),
            (half_from_before_the_start, "return the first dose, not a line from before it"),
            (half_zero_at_the_start, "return the first dose, not 0"),
            (half_nan_at_the_start, "return the first dose, not np.nan"),
            (half_none_at_the_start, "return the first dose, not None"),
            (half_of_rises_alone, "you left out the start"),
            (half_of_changes, "you left out the start"),
            (half_above, "a share of exactly one half has reached it"),
            (half_through, "a share of exactly one half has reached it"),
            (half_at_most, "the wrong way round"),
            (half_of_our_doses, "you use doses of your own"),
            (half_of_our_six_doses, "you use doses of your own"),
            (half_of_twenty, "you set the dose against all texts"),
            (half_of_the_true_texts, "you set the dose against all texts"),
            (half_of_the_most, "you set the dose against all texts"),
            (half_rounded, "you rounded"),
            (half_in_whole_texts, "you rounded"),
            (half_cut, "you rounded"),
            (half_as_a_list, "you return a list where a number is expected"),
            (half_as_an_array, "you return an array of shape (1,) where a number is expected"),
            (half_with_its_place, "you return a tuple where a number is expected"),
            (half_in_words, "you return a string where a number is expected"),
            (half_by_shifting, "you change `shares` in place"),
            (half_by_filling, "you change `doses` in place"),
            (half_and_forget, "did you forget `return`?"),
            (half_on_a_grid, ""),
            (half_on_a_smooth_curve, ""),
            (half_in_logits, ""),
            (half_of_any_root, ""),
            (half_on_average, ""),
            (half_of_the_first_rise_below, ""),
            (half_within_a_tenth, ""),
        ),
        inputs=dosed,
    )
}
